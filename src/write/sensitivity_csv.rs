//! `sensitivity.csv`: how far each kind of repair changes the forecast of each series.

use std::io::{self, Write};

use crate::panel::Panel;
use crate::sensitivity::{MedianChange, RepairEffect};
use crate::write::csv_writer::CsvWriter;

/// Writes all changes, one row for each kind of repair and series.
///
/// Columns: the id columns; `repair`, what was done; `instead`, what is done instead; `mean_absolute_change`, the mean
/// absolute change of the median in the unit of the target; `percent`, the same in percent of the mean absolute median.
///
/// # Errors
/// If `to` cannot be written.
pub fn sensitivity_csv(to: impl Write, panel: &Panel, effects: &[RepairEffect]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).texts(&["repair", "instead", "mean_absolute_change", "percent"]).end_row()?;
    for effect in effects {
        for series in &effect.by_series {
            csv.texts(&series.ids).text(effect.repair).text(effect.instead);
            csv.number(Some(series.change.mean_absolute), MedianChange::DIGITS);
            csv.number(series.change.percent, MedianChange::DIGITS).end_row()?;
        }
    }
    csv.finish()
}
