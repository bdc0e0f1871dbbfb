//! `repairs.csv`, `failed.csv` and `sensitivity.csv`: repairs, series without a forecast, and the effect of repairs.

use std::io;

use crate::panel::{Panel, repair_log::Repair};
use crate::read::FailedSeries;
use crate::sensitivity::{MedianChange, RepairEffect};
use crate::write::csv_writer::MAX_SIGNIFICANT_DIGITS;
use crate::write::table_writer::TableWriter;

pub(crate) fn repairs_rows(table: &mut impl TableWriter, panel: &Panel, repairs: &[Repair]) -> io::Result<()> {
    table.start(panel, MAX_SIGNIFICANT_DIGITS).time_heading(panel).texts(&["repair", "from", "to"]).end_row()?;
    for repair in repairs {
        table.texts(&repair.series).time(panel, repair.time).text(repair.kind.name());
        table.number(repair.from).number(repair.to).end_row()?;
    }
    Ok(())
}

pub(crate) fn failed_rows(table: &mut impl TableWriter, panel: &Panel, failed: &[FailedSeries]) -> io::Result<()> {
    table.start(panel, MAX_SIGNIFICANT_DIGITS).text("reason").end_row()?;
    for FailedSeries { key, reason } in failed {
        table.texts(key).text(reason).end_row()?;
    }
    Ok(())
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
