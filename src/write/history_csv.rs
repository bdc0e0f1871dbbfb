//! `history.csv`: the series as models see them.

use std::io;

use crate::panel::Panel;
use crate::write::csv_writer::EXACT_DIGITS;
use crate::write::table_writer::TableWriter;

/// A value of the file.
pub(crate) const OBSERVED: &str = "observed";
/// A value that the file lacks.
pub(crate) const FILLED: &str = "filled";
/// A value of the file that models get another one for.
pub(crate) const REPLACED: &str = "replaced";
/// A step after the end of a series, at which a covariate is known.
pub(crate) const FUTURE: &str = "future";

pub(crate) fn history_rows(table: &mut impl TableWriter, panel: &Panel) -> io::Result<()> {
    let covariates = panel.covariates();
    table.start(panel, EXACT_DIGITS).time_heading(panel).texts(&["value", "status", "in_file"]);
    for covariate in covariates.columns() {
        table.text(&covariate.name);
    }
    table.end_row()?;
    for (which, series) in panel.iter().enumerate() {
        let of_covariates = if covariates.is_empty() { &[][..] } else { covariates.values(which) };
        let length = of_covariates.iter().map(Vec::len).fold(series.len(), usize::max);
        let mut replaced = panel.replaced_values(which).peekable();
        for at in 0..length {
            let in_file = replaced.next_if(|(position, _)| *position == at).map(|(_, value)| value);
            let status = match (series.observed.get(at), in_file) {
                (None, _) => FUTURE,
                (Some(false), _) => FILLED,
                (Some(true), Some(_)) => REPLACED,
                (Some(true), None) => OBSERVED,
            };
            table.texts(series.key).time(panel, series.time_at(at)).number(series.values.get(at).copied());
            table.text(status).number(in_file);
            for values in of_covariates {
                table.number(values.get(at).copied().filter(|value| !value.is_nan()));
            }
            table.end_row()?;
        }
    }
    Ok(())
}
