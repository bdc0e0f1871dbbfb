//! `anomalies.csv`: past values outside the intervals that were forecast for them.

use std::io::{self, Write};

use crate::backtest::anomalies::Anomaly;
use crate::panel::{Panel, Repair};
use crate::time::Timestamp;
use crate::write::csv_writer::{CsvWriter, MIN_SIGNIFICANT_DIGITS, digits_by_series};
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

/// Writes all anomalies, one row each, in their order. `repairs` are those of the dataset, sorted by series and time.
///
/// Columns: the id columns and the time column; `value`, that of the file; `expected`, the median of its forecast;
/// `lower` and `upper`, the 95 % interval; `deviations`, the distance from the median in standard deviations; `repair`,
/// the name of the repair of this value. A number or repair that does not exist is an empty field.
///
/// ```
/// use forecast::backtest::Anomaly;
/// use forecast::{Panel, Timestamp};
///
/// let panel = Panel::from_values(&[1.0, 2.0, 90.0], 1);
/// let anomaly = Anomaly {
///     series: 0,
///     position: 2,
///     time: Timestamp::Index(3),
///     value: 90.0,
///     expected: 3.0,
///     lower: 1.0,
///     upper: 5.0,
///     deviations: Some(85.25),
/// };
/// let mut csv = Vec::new();
/// forecast::write::anomalies_csv(&mut csv, &panel, &[anomaly], &[])?;
/// let text = String::from_utf8(csv)?;
/// assert_eq!(text, "time,value,expected,lower,upper,deviations,repair\n3,90,3,1,5,85.25,\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// If an anomaly is of none of the series of the panel.
pub fn anomalies_csv(to: impl Write, panel: &Panel, anomalies: &[Anomaly], repairs: &[Repair]) -> io::Result<()> {
    CsvWriter::file(to, |csv| anomalies_rows(csv, panel, anomalies, repairs))
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
