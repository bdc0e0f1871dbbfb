//! `repairs.csv`, `failed.csv` and `sensitivity.csv`: repairs, series without a forecast, and the effect of repairs.

use std::io::{self, Write};

use crate::panel::{Panel, repair_log::Repair};
use crate::read::FailedSeries;
use crate::sensitivity::{MedianChange, RepairEffect};
use crate::write::csv_writer::{CsvWriter, MAX_SIGNIFICANT_DIGITS};
use crate::write::table_writer::TableWriter;

/// Writes all repairs, one row each.
///
/// Columns: the id columns and the time column, as in `forecast.csv`; `repair`, its name; `from`, the value in the file;
/// `to`, the value in the panel. A value that does not exist is an empty field.
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
    CsvWriter::file(to, |csv| repairs_rows(csv, panel, repairs))
}

pub(crate) fn repairs_rows(table: &mut impl TableWriter, panel: &Panel, repairs: &[Repair]) -> io::Result<()> {
    table.start(panel, MAX_SIGNIFICANT_DIGITS).time_heading(panel).texts(&["repair", "from", "to"]).end_row()?;
    for repair in repairs {
        table.texts(&repair.series).time(panel, repair.time).text(repair.kind.name());
        table.number(repair.from).number(repair.to).end_row()?;
    }
    Ok(())
}

/// Writes all series that are not forecast, one row each.
///
/// Columns: the id columns of the panel, then `reason`.
pub fn failed_csv(to: impl Write, panel: &Panel, failed: &[FailedSeries]) -> io::Result<()> {
    CsvWriter::file(to, |csv| failed_rows(csv, panel, failed))
}

pub(crate) fn failed_rows(table: &mut impl TableWriter, panel: &Panel, failed: &[FailedSeries]) -> io::Result<()> {
    table.start(panel, MAX_SIGNIFICANT_DIGITS).text("reason").end_row()?;
    for FailedSeries { key, reason } in failed {
        table.texts(key).text(reason).end_row()?;
    }
    Ok(())
}

/// Writes all changes, one row for each kind of repair and series.
///
/// Columns: the id columns; `repair`; `instead`, the alternative to it; `mean_absolute_change` of the median in the unit
/// of the target; `percent`, the same in percent of the mean absolute median.
pub fn sensitivity_csv(to: impl Write, panel: &Panel, effects: &[RepairEffect]) -> io::Result<()> {
    CsvWriter::file(to, |csv| sensitivity_rows(csv, panel, effects))
}

pub(crate) fn sensitivity_rows(
    table: &mut impl TableWriter,
    panel: &Panel,
    effects: &[RepairEffect],
) -> io::Result<()> {
    table.start(panel, MedianChange::DIGITS);
    table.texts(&["repair", "instead", "mean_absolute_change", "percent"]).end_row()?;
    for effect in effects {
        for series in &effect.by_series {
            table.texts(&series.ids).text(effect.repair).text(effect.instead);
            table.number(Some(series.change.mean_absolute)).number(series.change.percent).end_row()?;
        }
    }
    Ok(())
}
