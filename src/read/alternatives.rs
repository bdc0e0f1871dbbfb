//! Alternative repairs of a file. A comparison of their forecasts shows the effect of the repairs.

use crate::panel::repair_log::{DuplicatePolicy, GapFill, RepairKind, RepairPolicy};
use crate::read::dataset::Dataset;
use crate::read::options::ReadOptions;

/// An alternative to one kind of repair.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// The repair that was made: `gaps filled`.
    pub repair: &'static str,
    /// The number of repairs.
    pub count: usize,
    /// The alternative repair: `the last value carried on`.
    pub instead: &'static str,
    /// The options of the alternative. They differ from those of the file in this repair only.
    pub options: ReadOptions,
}

impl Dataset {
    /// The alternatives to the repairs of this file, which was read with `options`. Blanks after the last value have no
    /// alternative, because a forecast starts after the last value.
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
        let unfinished = ReadOptions { unfinished: RepairPolicy::Keep, ..same() };
        add("unfinished period left out", &[RepairKind::Unfinished], "kept as it is", unfinished);
        alternatives
    }
}
