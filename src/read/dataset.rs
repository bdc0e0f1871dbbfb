//! The result of reading a file, and the alternatives to its repairs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use crate::panel::{
    DuplicatePolicy, EarlyEnd, GapFill, IncompleteFuture, Panel, Repair, RepairKind, RepairPolicy, TimeSeries,
};
use crate::read::{conventions::Conventions, notice::Notice, options::ReadOptions};
use crate::time::Timestamp;

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
    /// The series that are not in the panel, because they cannot be forecast.
    pub failed: Vec<FailedSeries>,
    /// Decisions of the reader that a user should know.
    pub notices: Vec<Notice>,
    /// The SHA-256 hash of the file, in hexadecimal digits.
    pub sha256: String,
    /// The number of rows with a time.
    pub rows: usize,
    /// The name of the step between rows: `daily`, `every 2 hours`, `yearly` for an index of years.
    pub step: String,
    /// How numbers and dates are written.
    pub conventions: Conventions,
}

/// A series of a file that cannot be forecast.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a series and a reason are all there is")]
pub struct FailedSeries {
    /// The values of its id columns.
    pub key: Vec<String>,
    /// Why it cannot be forecast.
    pub reason: String,
}

impl FailedSeries {
    /// A series without any value of the target.
    pub(crate) fn without_value(key: Vec<String>) -> Self {
        Self { key, reason: "it has no value".to_owned() }
    }
}

/// An alternative to one kind of repair. A comparison of both forecasts shows the effect of the repairs.
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
    /// One line on the series: `daily, 1 series, 2012-01-01 to 2014-12-31, target demand`, and the number of repairs.
    pub fn summary(&self) -> String {
        let (panel, step) = (&self.panel, &self.step);
        let columns = panel.columns();
        let ids = if columns.ids.is_empty() { String::new() } else { format!(" ({})", columns.ids.join(", ")) };
        let time = |time: Option<Timestamp>| time.map(|time| panel.format(time)).unwrap_or_default();
        let start = time(panel.iter().map(|series| series.start).min());
        let end = time(panel.iter().map(|series| series.end()).max());
        let line = format!("{step}, {} series{ids}, {start} to {end}, target {}", panel.count(), columns.target);
        let mut counts: BTreeMap<RepairKind, usize> = BTreeMap::new();
        self.repairs.iter().for_each(|repair| *counts.entry(repair.kind).or_default() += 1);
        let in_words = |(kind, count): (RepairKind, _)| kind.count_in_words(count, &panel.frequency().step_name(count));
        let repaired: Vec<String> = counts.into_iter().map(in_words).collect();
        if repaired.is_empty() { line } else { format!("{line}; {}", repaired.join(", ")) }
    }

    /// Leaves out the series whose covariates are not known at every one of the next `horizon` steps. They have failed, and
    /// a notice says so. If no series would remain, all are kept.
    pub fn leave_out_incomplete_futures(&mut self, horizon: usize) {
        const MAX_NAMED: usize = 5;
        let incomplete = self.panel.incomplete_futures(horizon);
        let of = self.panel.count();
        if incomplete.is_empty() || incomplete.len() == of {
            return;
        }
        let panel = &self.panel;
        let all: Vec<TimeSeries<'_>> = panel.iter().collect();
        let reason = |own: &IncompleteFuture| {
            let (column, missing, first) = (&own.column, own.missing_steps, panel.format(own.first));
            format!("{column} has no value at {missing} of the {horizon} steps to forecast, the first is {first}")
        };
        let named = |own: &IncompleteFuture| format!("{}: {}", all[own.series].name(), reason(own));
        let first = incomplete.iter().take(MAX_NAMED).map(named).collect();
        let failed = |own: &IncompleteFuture| FailedSeries { key: all[own.series].key.to_vec(), reason: reason(own) };
        self.failed.extend(incomplete.iter().map(failed));
        self.failed.sort_by(|one, other| one.key.cmp(&other.key));
        let left_out: HashSet<usize> = incomplete.iter().map(|own| own.series).collect();
        self.repairs.retain(|repair| panel.position(&repair.series).is_none_or(|at| !left_out.contains(&at)));
        let kept: Vec<usize> = (0..of).filter(|at| !left_out.contains(at)).collect();
        self.panel = panel.only(&kept);
        self.notices.push(Notice::IncompleteFutures { series: left_out.len(), of, first });
    }

    /// Notices on the series that ended long before the others, and on those that are too short to check a forecast of
    /// `horizon` steps on their past. A single series has none.
    pub fn uneven_series_notices(&self, horizon: usize) -> Vec<Notice> {
        /// The maximum number of series that are named.
        const MAX_NAMED: usize = 5;
        let panel = &self.panel;
        if panel.count() == 1 {
            return Vec::new();
        }
        let (all, frequency): (Vec<TimeSeries<'_>>, _) = (panel.iter().collect(), panel.frequency());
        let mut early = panel.early_ends(horizon);
        early.sort_by_key(|end| Reverse(end.steps));
        let ended = |end: &EarlyEnd| {
            let (series, before) = (&all[end.series], frequency.steps_in_words(end.steps));
            format!("{} on {}, {before} before", series.name(), panel.format(series.end()))
        };
        let short = panel.too_short_to_hold_out(horizon);
        let length = |position: &usize| {
            let series = &all[*position];
            format!("{} with {}", series.name(), frequency.steps_in_words(series.len()))
        };
        let (count, of) = (early.len(), panel.count());
        let first = early.iter().take(MAX_NAMED).map(ended).collect();
        let early = (count > 0).then_some(Notice::SeriesEndedEarly { count, of, first });
        let (count, need) = (short.len(), horizon + panel.season() + 1);
        let first = short.iter().take(MAX_NAMED).map(length).collect();
        let short = (count > 0).then_some(Notice::SeriesTooShortToCheck { count, of, need, first });
        early.into_iter().chain(short).collect()
    }

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
        let (gaps, instead) = match options.gaps {
            GapFill::LastValue => (GapFill::Seasonal, "the season and the neighbours"),
            GapFill::Seasonal | GapFill::Zero => (GapFill::LastValue, "the last value carried on"),
        };
        let gaps = ReadOptions { gaps, ..same() };
        add("gaps filled", &[RepairKind::Missing, RepairKind::Empty], instead, gaps);
        let (policy, instead) = match options.duplicates {
            DuplicatePolicy::Equal | DuplicatePolicy::Mean => (DuplicatePolicy::Sum, "added up"),
            DuplicatePolicy::Sum | DuplicatePolicy::Last => (DuplicatePolicy::Mean, "their mean"),
            // This policy merges no rows.
            DuplicatePolicy::Error => (DuplicatePolicy::Error, "nothing"),
        };
        let duplicates = ReadOptions { duplicates: policy, ..same() };
        add("rows of one time merged", &[RepairKind::Duplicate, RepairKind::Merged], instead, duplicates);
        let spikes = ReadOptions { spikes: RepairPolicy::Keep, ..same() };
        add("spikes clipped", &[RepairKind::Spike, RepairKind::LastOutlier], "kept as they are", spikes);
        let blanks = ReadOptions { leading_blanks: RepairPolicy::Keep, ..same() };
        add("leading blanks left out", &[RepairKind::LeadingBlank], "read as 0", blanks);
        let unfinished = ReadOptions { unfinished: RepairPolicy::Keep, ..same() };
        add("unfinished period left out", &[RepairKind::Unfinished], "kept as it is", unfinished);
        alternatives
    }
}
