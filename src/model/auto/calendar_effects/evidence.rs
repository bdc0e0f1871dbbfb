//! The evidence for effects of rare days, and which of them are selected.

use crate::model::auto::calendar_effects::day_kinds::{DayKind, DayKinds};

/// The maximum number of effects of a series.
const MAX_EFFECTS: usize = 60;
/// The minimum effect, as a multiple of the noise of a day.
const MIN_NOISE_MULTIPLE: f64 = 1.0;
/// The minimum noise. With less, effects of under one percent would be found, which do not matter.
const MIN_NOISE: f64 = 0.01;
/// Weight of the noise of ordinary days, in occurrences, in the variance of an effect between its occurrences.
const NOISE_PRIOR_OCCURRENCES: f64 = 4.0;
/// Weight of the prior, in occurrences, when a mean over occurrences is shrunk to 0.
const SHRINKAGE_PRIOR_OCCURRENCES: f64 = 0.5;
/// The quantiles of the absolute deviations from which the noise is estimated, and those of a standard normal variable.
const NOISE_QUANTILES: [(f64, f64); 2] = [(0.5, 0.674), (0.85, 1.44)];
/// An effect with few occurrences must exceed this quantile of the absolute deviations by this factor. Large deviations
/// are often unexplained, and some fall on the same date by chance.
const RARE_LEVEL: f64 = 0.97;
const RARE_EXCESS: f64 = 1.1;
const FEW_OCCURRENCES: usize = 3;
/// If its days also belong to a kind with an effect, it must exceed the largest rest on the other days of that kind by
/// this factor.
const EXCEPTION_EXCESS: f64 = 1.5;
/// The maximum expected number of kinds that are closed by chance.
const MAX_CHANCE_CLOSED: f64 = 0.01;

/// The effect of a rare day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct DayEffect {
    /// The logarithm of a factor, or an amount.
    pub(crate) amount: f64,
    /// The variance of the effect from day to day and of its estimate, in squares of the unit of `amount`. That of an
    /// ordinary day is not part of it.
    pub(crate) variance: f64,
    /// Whether all such days were 0.
    pub(crate) is_closed: bool,
}

/// A day whose value is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownDay {
    /// Its distance from an ordinary day.
    pub(crate) deviation: f64,
    /// Whether it was 0, unlike an ordinary day.
    pub(crate) is_zero: bool,
}

/// How much evidence an effect of a kind of days needs.
struct Threshold {
    occurrences: usize,
    /// The minimum ratio of the mean deviation to its standard error.
    score: f64,
    /// Whether hundreds of such kinds are tested. Two frequent events are on the same of many dates by chance.
    is_one_of_many: bool,
}

impl Threshold {
    /// More kinds of days are tested where less is known about them, so that chance needs a higher threshold.
    fn of(kind: DayKind) -> Self {
        let (occurrences, score) = match kind {
            // a single turn of the year counts only if it is larger than nearly all days
            DayKind::YearEnd { .. } => (1, 3.5),
            DayKind::AnyHoliday { offset: 0 } | DayKind::Holiday { offset: 0, .. } => (2, 3.0),
            DayKind::Indicator { .. } => (4, 3.5),
            DayKind::AnyHoliday { .. } => (4, 4.0),
            DayKind::Holiday { .. } => (2, 4.0),
            DayKind::MonthDay { .. }
            | DayKind::MonthEnd { .. }
            | DayKind::QuarterEnd { .. }
            | DayKind::WorkingDay { .. } => (4, 5.0),
            DayKind::Date { .. } => (2, 5.5),
            DayKind::WeekdayOfMonth { .. } => (3, 5.5),
        };
        let is_one_of_many = matches!(kind, DayKind::Date { .. } | DayKind::WeekdayOfMonth { .. });
        Self { occurrences, score, is_one_of_many }
    }
}

/// The size of the deviations of ordinary days.
struct Noise {
    /// Their standard deviation.
    size: f64,
    /// Their absolute value that few exceed.
    rare: f64,
}

/// Sums over the occurrences of one kind of days.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

/// The days of a series that can be compared with ordinary days.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownDays {
    /// `None` for days without an ordinary day to compare with.
    days: Vec<Option<KnownDay>>,
    /// The known days of each kind, ascending.
    of_kind: Vec<Vec<usize>>,
}

impl KnownDays {
    pub(crate) fn new(kinds: &DayKinds, days: Vec<Option<KnownDay>>) -> Self {
        let mut of_kind = vec![Vec::new(); kinds.count()];
        for day in (0..days.len()).filter(|day| days[*day].is_some()) {
            kinds.of_day(day).iter().for_each(|kind| of_kind[*kind].push(day));
        }
        Self { days, of_kind }
    }
}

/// The deviations of the known days from ordinary days.
pub(crate) struct Evidence<'a> {
    kinds: &'a DayKinds,
    /// `None` for days without an ordinary day to compare with.
    known: &'a [Option<KnownDay>],
    /// The known days of each kind.
    days: Vec<&'a [usize]>,
}

impl<'a> Evidence<'a> {
    /// The evidence of the first `count` days.
    pub(crate) fn of_first(kinds: &'a DayKinds, known: &'a KnownDays, count: usize) -> Self {
        let first = |days: &'a Vec<usize>| &days[..days.partition_point(|day| *day < count)];
        Self { kinds, known: &known.days[..count], days: known.of_kind.iter().map(first).collect() }
    }

    /// The effect of each kind, `None` without enough evidence. The kind that explains the largest part of the deviations
    /// is selected first, so that a month end is not explained as twelve dates. What its effect explains is no evidence
    /// for others.
    pub(crate) fn effects(self) -> Vec<Option<DayEffect>> {
        let mut effects = vec![None; self.kinds.count()];
        let Some(Noise { size: noise, rare }) = self.noise() else { return effects };
        let is_closed = self.closed_kinds();
        let mut rest: Vec<Option<f64>> = self.known.iter().map(|day| day.map(|day| day.deviation)).collect();
        let mut sums: Vec<Sums> = self.days.iter().map(|days| Sums::of(days, &rest)).collect();
        let mut selected = Vec::new();
        for _ in 0..MAX_EFFECTS {
            let explained = |kind: usize| {
                let count = sums[kind].count as usize;
                let threshold = Threshold::of(self.kinds.kind(kind));
                if effects[kind].is_some() || count < threshold.occurrences {
                    return None;
                }
                let is_extreme = count == 1 || count <= FEW_OCCURRENCES && threshold.is_one_of_many;
                let minimum = if is_extreme {
                    (RARE_EXCESS * rare).max(EXCEPTION_EXCESS * self.largest_on_other_days(kind, &selected, &rest))
                } else {
                    MIN_NOISE_MULTIPLE * noise
                };
                // a covariate explains a single occurrence at least as well
                let is_explained = count == 1 && self.kinds.has_indicator(self.days[kind][0]);
                let is_possible = !is_explained && sums[kind].mean().abs() >= minimum;
                let has_evidence = is_possible && sums[kind].score(noise) >= threshold.score;
                has_evidence.then(|| (kind, sums[kind].explained()))
            };
            let possible = (0..sums.len()).filter_map(explained);
            let Some((kind, _)) = possible.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { break };
            let amount = sums[kind].shrunk_mean(noise);
            effects[kind] = Some(DayEffect { amount, variance: sums[kind].effect_variance(noise), is_closed: false });
            selected.push(kind);
            for &day in self.days[kind] {
                let before = rest[day].unwrap_or(0.0);
                let after = before - amount;
                rest[day] = Some(after);
                self.kinds.of_day(day).iter().for_each(|other| sums[*other].replace(before, after));
            }
        }
        for kind in (0..effects.len()).filter(|kind| is_closed[*kind]) {
            effects[kind] = Some(DayEffect { is_closed: true, ..effects[kind].unwrap_or_default() });
        }
        effects
    }

    /// The largest deviation that is left on the other days of the selected kinds of which the days of `kind` are. An
    /// exception from these kinds must exceed it.
    fn largest_on_other_days(&self, kind: usize, selected: &[usize], rest: &[Option<f64>]) -> f64 {
        let own = self.days[kind];
        let includes = |other: &&usize| own.iter().all(|day| self.kinds.of_day(*day).contains(*other));
        let days = selected.iter().filter(includes).flat_map(|other| self.days[*other]);
        let left = days.filter(|day| !own.contains(*day)).filter_map(|day| rest[*day]);
        left.fold(0.0, |largest, left| largest.max(left.abs()))
    }

    /// The noise of days that are not known to be special; `None` without such days.
    fn noise(&self) -> Option<Noise> {
        let ordinary = (0..self.known.len()).filter(|day| !self.kinds.is_special(*day));
        let mut deviations: Vec<f64> = ordinary.filter_map(|day| Some(self.known[day]?.deviation.abs())).collect();
        let last = deviations.len().checked_sub(1)?;
        let mut at = |level: f64| *deviations.select_nth_unstable_by((level * last as f64) as usize, f64::total_cmp).1;
        let sizes = NOISE_QUANTILES.map(|(level, normal)| at(level) / normal);
        Some(Noise { size: sizes.into_iter().fold(MIN_NOISE, f64::max), rare: at(RARE_LEVEL) })
    }

    /// Whether all days of each kind were 0, although ordinary days are not, and more often than by chance.
    fn closed_kinds(&self) -> Vec<bool> {
        let is_zero = |day: usize| self.known[day].is_some_and(|day| day.is_zero);
        let kinds = (0..self.kinds.count()).map(|kind| {
            let days = self.days[kind];
            let minimum = Threshold::of(self.kinds.kind(kind)).occurrences;
            days.len() >= minimum.max(2) && days.iter().all(|day| is_zero(*day))
        });
        let mut is_closed: Vec<bool> = kinds.collect();
        if !is_closed.contains(&true) {
            return is_closed;
        }
        // of the days that no closed kind explains, the share of zeros; half a zero is added, so that it is never 0
        let known = (0..self.known.len()).filter(|day| self.known[*day].is_some());
        let unexplained = known.filter(|day| !self.kinds.of_day(*day).iter().any(|kind| is_closed[*kind]));
        let (zeros, count) = unexplained.fold((0.5, 1.0), |(z, n), day| (z + f64::from(is_zero(day)), n + 1.0));
        let tested = self.kinds.count() as f64;
        for (closed, days) in is_closed.iter_mut().zip(&self.days) {
            *closed &= tested * (zeros / count).powi(days.len().min(30) as i32) < MAX_CHANCE_CLOSED;
        }
        is_closed
    }
}

impl Sums {
    fn of(days: &[usize], deviations: &[Option<f64>]) -> Self {
        let mut sums = Self::default();
        for deviation in days.iter().filter_map(|day| deviations[*day]) {
            sums.count += 1.0;
            sums.sum += deviation;
            sums.squares += deviation * deviation;
        }
        sums
    }

    fn replace(&mut self, before: f64, after: f64) {
        self.sum += after - before;
        self.squares += after * after - before * before;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    /// The variance of one occurrence. That of an ordinary day counts as some occurrences.
    fn variance(&self, noise: f64) -> f64 {
        let around_mean = (self.squares - self.sum * self.mean()).max(0.0);
        let prior = NOISE_PRIOR_OCCURRENCES;
        (prior * noise * noise + around_mean) / (prior + (self.count - 1.0).max(0.0))
    }

    fn standard_error(&self, noise: f64) -> f64 {
        (self.variance(noise) / self.count.max(1.0)).sqrt()
    }

    /// The variance of the effect of a future occurrence, without that of an ordinary day.
    fn effect_variance(&self, noise: f64) -> f64 {
        let variance = self.variance(noise);
        (variance - noise * noise).max(0.0) + variance / self.count.max(1.0)
    }

    /// The ratio of the mean deviation to its standard error.
    fn score(&self, noise: f64) -> f64 {
        self.mean().abs() / self.standard_error(noise)
    }

    /// The part of the sum of squares that the mean explains.
    fn explained(&self) -> f64 {
        self.sum * self.mean()
    }

    /// The mean deviation, shrunk to 0 by its standard error and for few occurrences.
    fn shrunk_mean(&self, noise: f64) -> f64 {
        let reliability = 1.0 - self.score(noise).powi(-2);
        self.mean() * reliability.max(0.0) * self.count / (self.count + SHRINKAGE_PRIOR_OCCURRENCES)
    }
}
