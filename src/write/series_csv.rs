//! The series of a panel as a table: their extents, and the range of their values.

use std::io;

use crate::panel::Panel;
use crate::write::csv_writer::MAX_SIGNIFICANT_DIGITS;
use crate::write::table_writer::TableWriter;

pub(crate) fn series_rows(table: &mut impl TableWriter, panel: &Panel) -> io::Result<()> {
    table.start(panel, MAX_SIGNIFICANT_DIGITS);
    table.texts(&["from", "to", "steps", "not_observed", "lowest", "highest"]).end_row()?;
    for series in panel.iter() {
        let observed: Vec<f64> = series.observed_values().collect();
        let lowest = observed.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = observed.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        table.texts(series.key).time(panel, series.start).time(panel, series.end());
        table.count(series.len()).count(series.len() - observed.len()).numbers([lowest, highest]).end_row()?;
    }
    Ok(())
}
