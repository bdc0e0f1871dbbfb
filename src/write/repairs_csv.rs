//! `repairs.csv`: every value that is not as the file has it.

use std::io::{self, Write};

use crate::panel::Panel;
use crate::panel::repair_log::Repair;
use crate::write::csv_writer::CsvWriter;
use crate::write::number::MAX_SIGNIFICANT_DIGITS;

/// Writes all repairs, one row each.
///
/// Columns: the id columns and the time column, as in `forecast.csv`; `repair`, what was done; `from`, the value of the
/// file; `to`, the value that is used. A value that does not exist is an empty field.
///
/// # Errors
/// If `to` cannot be written.
///
/// ```
/// use forecast::panel::{Panel, Repair, RepairKind};
/// use forecast::time::Timestamp;
///
/// let panel = Panel::from_values(&[1.0, 2.0, 3.0], 1);
/// let repair =
///     Repair { series: vec![], time: Timestamp::Index(2), kind: RepairKind::Missing, from: None, to: Some(2.0) };
/// let mut csv = Vec::new();
/// forecast::write::repairs_csv(&mut csv, &panel, &[repair])?;
/// assert_eq!(csv, b"time,repair,from,to\n2,missing row filled,,2\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn repairs_csv(to: impl Write, panel: &Panel, repairs: &[Repair]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).time_heading(panel).texts(&["repair", "from", "to"]).end_row()?;
    for repair in repairs {
        csv.texts(&repair.series).text(&panel.format(repair.time)).text(repair.kind.name());
        csv.number(repair.from, MAX_SIGNIFICANT_DIGITS).number(repair.to, MAX_SIGNIFICANT_DIGITS).end_row()?;
    }
    csv.finish()
}
