//! `anomalies.csv`: past values outside the intervals that were forecast for them.

use std::io;

use crate::backtest::anomalies::Anomaly;
use crate::panel::{Panel, Repair};
use crate::time::Timestamp;
use crate::write::csv_writer::{MIN_SIGNIFICANT_DIGITS, digits_by_series};
use crate::write::table_writer::TableWriter;

/// The names of the repairs by series and time.
#[derive(Debug)]
pub(crate) struct RepairNames<'a>(&'a [Repair]);

impl<'a> RepairNames<'a> {
    /// The repairs, which are sorted by series and time.
    pub(crate) fn new(repairs: &'a [Repair]) -> Self {
        Self(repairs)
    }

    /// The name of the repair of a value, as in repairs.csv.
    pub(crate) fn of(&self, key: &[String], time: Timestamp) -> Option<&'static str> {
        let at = self.0.partition_point(|repair| (&repair.series[..], repair.time) < (key, time));
        let repair = self.0.get(at).filter(|repair| repair.series == key && repair.time == time)?;
        Some(repair.kind.name())
    }
}

pub(crate) fn anomalies_rows(
    table: &mut impl TableWriter,
    panel: &Panel,
    anomalies: &[Anomaly],
    repairs: &[Repair],
) -> io::Result<()> {
    table.start(panel, MIN_SIGNIFICANT_DIGITS).time_heading(panel);
    let digits = digits_by_series(panel);
    table.texts(&["value", "expected", "lower", "upper", "deviations", "repair"]).end_row()?;
    let keys: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
    let repairs = RepairNames::new(repairs);
    for anomaly in anomalies {
        let Anomaly { series, time, value, expected, lower, upper, deviations, .. } = *anomaly;
        table.with_digits(digits[series]);
        table.texts(keys[series]).time(panel, time).numbers([value, expected, lower, upper]).number(deviations);
        table.text(repairs.of(keys[series], time).unwrap_or_default()).end_row()?;
    }
    Ok(())
}
