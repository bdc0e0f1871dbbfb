//! Lines about a file that was read.

use forecast::panel::Panel;
use forecast::read::Dataset;

use crate::report::hints::notice_line;
use crate::report::terminal::Terminal;

/// Prints the summary, the notices, the repairs and the covariates of a dataset. `panel` has the series to forecast.
pub(crate) fn print(terminal: &Terminal, dataset: &Dataset, panel: &Panel) {
    terminal.note(&dataset.summary());
    for notice in &dataset.notices {
        terminal.note(&format!("note: {}", notice_line(notice)));
    }
    for repair in &dataset.repairs {
        terminal.detail(&format!("repaired: {repair}"));
    }
    if let Some(line) = covariates_line(panel) {
        terminal.note(&line);
    }
}

/// `covariates: temperature, holiday known in the future; wind past only (no value after the last of the target)`
fn covariates_line(panel: &Panel) -> Option<String> {
    let covariates = panel.covariates();
    let past = covariates.columns().iter().any(|column| !column.known_future);
    let why = if past { " (no value after the last of the target)" } else { "" };
    (!covariates.is_empty()).then(|| format!("covariates: {}{why}", covariates.in_words()))
}
