//! The result of reading a file.

use std::collections::BTreeMap;

use crate::panel::Panel;
use crate::panel::repair_log::{Repair, RepairKind};
use crate::read::notice::Notice;
use crate::time::timestamp::Timestamp;

/// The series of a file, and the repairs that were made.
///
/// ```
/// use forecast::read::{ReadOptions, Source, read};
///
/// let sales = "day,shop,amount\n2024-01-01,a,3\n2024-01-02,a,4\n2024-01-04,a,6\n2024-01-01,b,9\n2024-01-02,b,8\n";
/// let dataset = read(&Source::Bytes(sales.into()), &ReadOptions::default())?;
/// assert_eq!(
///     dataset.summary(),
///     "daily, 2 series (shop), 2024-01-01 to 2024-01-04, target amount; 1 missing day filled",
/// );
/// assert_eq!(dataset.repairs[0].to_string(), "a, 2024-01-03: no row, filled with 5");
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The series: regular, sorted, without gaps.
    pub panel: Panel,
    /// The values that differ from the file, by series and time.
    pub repairs: Vec<Repair>,
    /// The series that are not in the panel, because they have no value.
    pub failed: Vec<FailedSeries>,
    /// Decisions of the reader that a user should know.
    pub notices: Vec<Notice>,
    /// The SHA-256 hash of the file, in hexadecimal digits.
    pub sha256: String,
    /// The number of rows with a time.
    pub rows: usize,
    /// The name of the step between rows: `daily`, `every 2 hours`, `yearly` for an index of years.
    pub step: String,
}

/// A series that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedSeries {
    /// The values of its id columns.
    pub key: Vec<String>,
    /// Why it cannot be used.
    pub reason: &'static str,
}

impl Dataset {
    /// One line on the series: `daily, 1 series, 2012-01-01 to 2014-12-31, target demand`, and the number of repairs.
    pub fn summary(&self) -> String {
        let panel = &self.panel;
        let ids = match panel.columns().ids.as_slice() {
            [] => String::new(),
            ids => format!(" ({})", ids.join(", ")),
        };
        let time = |time: Option<Timestamp>| time.map(|time| panel.format(time)).unwrap_or_default();
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
        let mut counts: BTreeMap<RepairKind, usize> = BTreeMap::new();
        self.repairs.iter().for_each(|repair| *counts.entry(repair.kind).or_default() += 1);
        let in_words =
            |(kind, count): (RepairKind, usize)| kind.count_in_words(count, &panel.frequency().step_name(count));
        let repaired: Vec<String> = counts.into_iter().map(in_words).collect();
        if !repaired.is_empty() {
            line.push_str("; ");
            line.push_str(&repaired.join(", "));
        }
        line
    }
}
