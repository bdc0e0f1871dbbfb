//! A file as it was understood: its panel, and what was repaired.

use crate::panel::Panel;
use crate::panel::repair_log::{Repair, RepairKind};
use crate::time::timestamp::Timestamp;

/// A file as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The series.
    pub panel: Panel,
    /// What was filled, merged, clipped or left out, value by value, by series and time.
    pub repairs: Vec<Repair>,
    /// Series that are not in the panel, because nothing can be said of them.
    pub failed: Vec<FailedSeries>,
    /// What a person should know about how the file was read, a sentence each.
    pub notices: Vec<String>,
    /// The hash of the file's bytes.
    pub sha256: String,
    /// Rows that have a time.
    pub rows: usize,
    /// The step between rows in a word, which for an index may be one of the calendar.
    pub step: String,
}

/// A series that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedSeries {
    /// The values of its id columns.
    pub key: Vec<String>,
    /// Why not.
    pub reason: &'static str,
}

impl Dataset {
    /// What was understood, in one line: `daily, 1 series, 2012-01-01 to 2014-12-31, target demand`.
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
        let repaired: Vec<String> = RepairKind::ALL.into_iter().filter_map(|kind| self.repaired(kind)).collect();
        if !repaired.is_empty() {
            line.push_str("; ");
            line.push_str(&repaired.join(", "));
        }
        line
    }

    /// `3 missing days filled`, `None` if there is nothing of the kind.
    fn repaired(&self, kind: RepairKind) -> Option<String> {
        let count = self.repairs.iter().filter(|repair| repair.kind == kind).count();
        (count > 0).then(|| kind.counted(count, &self.panel.frequency().unit(count)))
    }
}
