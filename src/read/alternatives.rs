//! Other ways to repair a file, by which one can see how much the repairs matter.

use crate::panel::repair_log::{DuplicatePolicy, GapFill, RepairKind, RepairPolicy};
use crate::read::dataset::Dataset;
use crate::read::options::ReadOptions;

/// Another way to do one kind of repair.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// The repair that was made: `gaps filled`.
    pub repair: &'static str,
    /// The number of repairs.
    pub count: usize,
    /// The repair instead: `the last value carried on`.
    pub instead: &'static str,
    /// The options that make the other repair. All other options are the same.
    pub options: ReadOptions,
}

impl Dataset {
    /// The other ways to repair this file, which was read with `options`. Blanks after the last value have none, because a
    /// forecast starts where the values end.
    pub fn alternatives(&self, options: &ReadOptions) -> Vec<Alternative> {
        let mut alternatives = Vec::new();
        let mut add = |repair, kinds: &[RepairKind], instead, options| {
            let count = self.repairs.iter().filter(|repair| kinds.contains(&repair.kind)).count();
            if count > 0 {
                alternatives.push(Alternative { repair, count, instead, options });
            }
        };
        let same = || options.clone();
        let gaps = ReadOptions { gaps: GapFill::LastValue, ..same() };
        add("gaps filled", &[RepairKind::Missing, RepairKind::Empty], "the last value carried on", gaps);
        let (policy, instead) = match options.duplicates {
            DuplicatePolicy::Equal | DuplicatePolicy::Mean => (DuplicatePolicy::Sum, "added up"),
            DuplicatePolicy::Sum | DuplicatePolicy::Last => (DuplicatePolicy::Mean, "their mean"),
            // This policy merges no rows.
            DuplicatePolicy::Error => (DuplicatePolicy::Error, "nothing"),
        };
        let duplicates = ReadOptions { duplicates: policy, ..same() };
        add("rows of one time merged", &[RepairKind::Duplicate, RepairKind::Merged], instead, duplicates);
        let spikes = ReadOptions { spikes: RepairPolicy::Keep, ..same() };
        add("spikes clipped", &[RepairKind::Spike], "kept as they are", spikes);
        let blanks = ReadOptions { leading_blanks: RepairPolicy::Keep, ..same() };
        add("leading blanks left out", &[RepairKind::LeadingBlank], "read as 0", blanks);
        let partial = ReadOptions { unfinished: RepairPolicy::Keep, ..same() };
        add("unfinished period left out", &[RepairKind::Unfinished], "kept as it is", partial);
        alternatives
    }
}
