//! What else could be done about what was found in a file, to see how much it matters.

use crate::panel::repair_log::{DuplicatePolicy, GapFill, RepairKind, RepairPolicy};
use crate::read::{Dataset, ReadOptions};

/// A kind of repair done in another sensible way, or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// What was done: `gaps filled`.
    pub repair: &'static str,
    /// How many times.
    pub count: usize,
    /// What is done instead: `the last value carried on`.
    pub instead: &'static str,
    /// The options to read the file by, all else being the same.
    pub options: ReadOptions,
}

impl Dataset {
    /// For each kind of repair that this file needed when it was read with `options`: the same file read otherwise. Blanks
    /// after the last value have no other way: a forecast begins where values end.
    pub fn alternatives(&self, options: &ReadOptions) -> Vec<Alternative> {
        let mut found = Vec::new();
        let mut add = |repair, kinds: &[RepairKind], instead, options| {
            let count = self.repairs.iter().filter(|repair| kinds.contains(&repair.kind)).count();
            if count > 0 {
                found.push(Alternative { repair, count, instead, options });
            }
        };
        let same = || options.clone();
        let gaps = ReadOptions { gaps: GapFill::LastValue, ..same() };
        add("gaps filled", &[RepairKind::Missing, RepairKind::Empty], "the last value carried on", gaps);
        let (way, instead) = match options.duplicates {
            DuplicatePolicy::Equal | DuplicatePolicy::Mean => (DuplicatePolicy::Sum, "added up"),
            DuplicatePolicy::Sum | DuplicatePolicy::Last => (DuplicatePolicy::Mean, "their mean"),
            // with this nothing is merged
            DuplicatePolicy::Error => (DuplicatePolicy::Error, "nothing"),
        };
        let duplicates = ReadOptions { duplicates: way, ..same() };
        add("rows of one time merged", &[RepairKind::Duplicate, RepairKind::Merged], instead, duplicates);
        let spikes = ReadOptions { spikes: RepairPolicy::Keep, ..same() };
        add("spikes clipped", &[RepairKind::Spike], "kept as they are", spikes);
        let blanks = ReadOptions { leading_blanks: RepairPolicy::Keep, ..same() };
        add("leading blanks left out", &[RepairKind::LeadingBlank], "read as 0", blanks);
        let unfinished = ReadOptions { unfinished: RepairPolicy::Keep, ..same() };
        add("unfinished period left out", &[RepairKind::Unfinished], "kept as it is", unfinished);
        found
    }
}
