//! From a file to a [`Panel`]: many regular series, sorted, gap-free, with a mask of what was observed.

mod calendar;
mod columns;
mod dates;
mod fill;
mod frequency;
mod ids;
mod infer;
mod input;
mod look;
mod moment;
mod numbers;
mod panel;
mod parts;
mod read;
mod repair;
mod scan;
mod table;

use sha2::{Digest, Sha256};

pub use calendar::{Calendar, DateOrder};
pub use frequency::{Frequency, Timestamp};
pub use input::Input;
pub use panel::{Columns, Panel, Series, TimeSeries};
pub use repair::{Repair, RepairKind};

use crate::error::Result;

/// What a person says of a file; what is left out is found in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The time column.
    pub time: Option<String>,
    /// The column to forecast.
    pub target: Option<String>,
    /// The columns that tell series apart.
    pub ids: Vec<String>,
    /// The step between rows; it gives an integer index the season of the calendar.
    pub frequency: Option<Calendar>,
    /// Steps after which the pattern repeats, 1 for none.
    pub season: Option<usize>,
    /// What comes first in dates such as 03/04/2024.
    pub dates: Option<DateOrder>,
}

/// A file as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The series.
    pub panel: Panel,
    /// What was filled or merged, value by value.
    pub repairs: Vec<Repair>,
    /// What a person should know about how the file was read, a sentence each.
    pub notices: Vec<String>,
    /// The hash of the file's bytes.
    pub sha256: String,
    /// Rows that have a time.
    pub rows: usize,
    /// The step between rows in a word, which for an index may be one of the calendar.
    pub step: String,
}

/// Reads a file: finds its dialect, columns, dates and frequency, and repairs what can be repaired without guessing.
///
/// # Errors
/// If the file cannot be read, or not be understood in one way only.
pub fn read(input: &Input, options: &ReadOptions) -> Result<Dataset> {
    let bytes = input.bytes()?;
    let sha256 = format!("{:x}", Sha256::digest(&bytes));
    let mut table = read::table(input, bytes)?;
    let roles = columns::assign(&table, options)?;
    let count = roles.axis.ticks.iter().filter(|time| **time != dates::NO_TIME).count();
    // what was needed of the cells is in the roles
    table.columns = Vec::new();
    let mut rows = repair::Rows::sorted(&table, &roles)?;
    let frequency = rows.frequency(options.frequency)?;
    rows.snap(frequency, options.frequency.is_some())?;
    let calendar = options.frequency.map(|calendar| calendar.frequency(1));
    let season = options.season.unwrap_or_else(|| calendar.unwrap_or(frequency).season());
    let series = rows.series(frequency, season.max(1))?;
    let step = match (frequency, options.frequency) {
        (Frequency::Index { .. }, Some(calendar)) => calendar.to_string(),
        (Frequency::Index { step: 1 }, None) if roles.axis.years => "yearly".into(),
        _ => frequency.name(),
    };
    let (repairs, notices) = (rows.repairs, rows.notices);
    let panel = Panel::new(roles.columns, frequency, season.max(1), series);
    Ok(Dataset { panel, repairs, notices, sha256, rows: count, step })
}

impl Dataset {
    /// What was understood, in one line: `daily, 1 series, 2012-01-01 to 2014-12-31, target demand`.
    pub fn summary(&self) -> String {
        let (panel, frequency) = (&self.panel, self.panel.frequency());
        let ids = match panel.columns().ids.as_slice() {
            [] => String::new(),
            ids => format!(" ({})", ids.join(", ")),
        };
        let time = |time: Option<Timestamp>| time.map(|time| frequency.format(time)).unwrap_or_default();
        let (start, end) =
            (panel.iter().map(|series| series.start).min(), panel.iter().map(|series| series.end()).max());
        let mut line = format!(
            "{}, {} series{ids}, {} to {}, target {}",
            self.step,
            panel.count(),
            time(start),
            time(end),
            panel.columns().target
        );
        let repaired: Vec<String> = [RepairKind::Missing, RepairKind::Empty, RepairKind::Duplicate]
            .into_iter()
            .filter_map(|kind| self.repaired(kind))
            .collect();
        if !repaired.is_empty() {
            line.push_str("; ");
            line.push_str(&repaired.join(", "));
        }
        line
    }

    /// `3 missing days filled`, `None` if there is nothing of the kind.
    fn repaired(&self, kind: RepairKind) -> Option<String> {
        let count = self.repairs.iter().filter(|repair| repair.what == kind).count();
        let plural = if count == 1 { "" } else { "s" };
        let said = match kind {
            RepairKind::Missing => format!("{count} missing {} filled", self.panel.frequency().unit(count)),
            RepairKind::Empty => format!("{count} empty value{plural} filled"),
            RepairKind::Duplicate => format!("{count} duplicate row{plural} merged"),
        };
        (count > 0).then_some(said)
    }
}
