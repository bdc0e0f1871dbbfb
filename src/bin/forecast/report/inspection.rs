//! How a file was read: notes at the start of a run, and the output of `forecast inspect`.

use forecast::panel::{Panel, TimeSeries};
use forecast::read::Dataset;
use forecast::time::ZoneInfo;

use crate::report::hints::notice_line;
use crate::report::terminal::Terminal;
use crate::report::text_table;

/// The maximum number of series, and of repairs, without `--verbose`.
const MAX_LISTED: usize = 10;
/// The headings after the id columns; all but the first two are of numbers.
const HEADINGS: [&str; 6] = ["from", "to", "steps", "not observed", "lowest", "highest"];

/// Prints the summary, the notices, the repairs and the covariates of a dataset. `panel` has the series to forecast.
pub(crate) fn print_notes(terminal: &Terminal, dataset: &Dataset, panel: &Panel) {
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

/// Draws the lines and the table. With `all`, every series and repair is listed.
pub(crate) fn draw(dataset: &Dataset, all: bool) -> String {
    let listed = if all { usize::MAX } else { MAX_LISTED };
    let mut lines = roles(dataset);
    lines.push(String::new());
    lines.push(series_table(dataset, listed));
    lines.extend(more(dataset.panel.count(), listed, "series"));
    lines.extend(dataset.notices.iter().map(|notice| format!("note: {}", notice_line(notice))));
    lines.extend(dataset.repairs.iter().take(listed).map(|repair| format!("repaired: {repair}")));
    lines.extend(more(dataset.repairs.len(), listed, "repairs"));
    lines.join("\n")
}

/// A line for each role of a column, and for each property of the file.
fn roles(dataset: &Dataset) -> Vec<String> {
    let panel = &dataset.panel;
    let columns = panel.columns();
    let mut lines = vec![dataset.summary()];
    lines.push(format!("time       {}", columns.time.as_deref().unwrap_or("none, rows are numbered")));
    lines.push(format!("target     {}", columns.target));
    if !columns.ids.is_empty() {
        lines.push(format!("ids        {}", columns.ids.join(", ")));
    }
    let season = match panel.season() {
        1 => "none".into(),
        season => format!("{season} steps"),
    };
    lines.push(format!("frequency  {}, season {season}", panel.frequency().name()));
    if panel.zone() != ZoneInfo::default() {
        lines.push(format!("time zone  {}", panel.zone()));
    }
    if !panel.covariates().is_empty() {
        lines.push(format!("covariates {}", panel.covariates().in_words()));
    }
    lines.push(format!("rows       {}", dataset.rows));
    lines
}

fn more(count: usize, listed: usize, of: &str) -> Option<String> {
    (count > listed).then(|| format!("and {} more {of} (--verbose lists all)", count - listed))
}

fn series_table(dataset: &Dataset, listed: usize) -> String {
    let ids = &dataset.panel.columns().ids;
    let series = dataset.panel.iter().take(listed);
    let rows = series.map(|series| series.key.iter().cloned().chain(range(dataset, &series)));
    text_table::draw(ids.len() + 2, ids.iter().map(String::as_str).chain(HEADINGS), rows)
}

/// The cells under [`HEADINGS`].
fn range(dataset: &Dataset, series: &TimeSeries<'_>) -> [String; 6] {
    let observed =
        || series.values.iter().zip(series.observed).filter(|(_, observed)| **observed).map(|(value, _)| *value);
    [
        dataset.panel.format(series.start),
        dataset.panel.format(series.end()),
        series.len().to_string(),
        series.observed.iter().filter(|observed| !**observed).count().to_string(),
        observed().fold(f64::INFINITY, f64::min).to_string(),
        observed().fold(f64::NEG_INFINITY, f64::max).to_string(),
    ]
}
