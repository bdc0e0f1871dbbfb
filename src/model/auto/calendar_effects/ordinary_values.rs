//! What a series is like on an ordinary day, with which rare days are compared.

use std::ops::Range;

use chrono::Timelike;

use crate::model::auto::median::median;
use crate::panel::TimeSeries;
use crate::time::{Frequency, Timestamp};

/// An ordinary value is the median of this number of weeks at most, and of `MIN_WEEKS` at least.
const MAX_WEEKS: usize = 4;
const MIN_WEEKS: usize = 2;
/// Ordinary values are searched in at most this number of past weeks, of which those with special days are skipped.
const MAX_WEEKS_BACK: usize = 7;
/// The minimum ratio of a day to an ordinary day. It keeps the logarithm finite for a day of zeros.
pub(crate) const MIN_RATIO: f64 = 0.05;

/// The numbers of steps in a day and in a week.
pub(crate) struct Steps {
    pub(crate) per_day: usize,
    pub(crate) per_week: usize,
}

impl Steps {
    /// `None` for steps that are longer than a day, or do not divide it.
    pub(crate) fn of(frequency: Frequency) -> Option<Self> {
        if let Frequency::BusinessDays { open } = frequency {
            return Some(Self { per_day: 1, per_week: open.count() });
        }
        frequency.steps_per_day().map(|per_day| Self { per_day, per_week: 7 * per_day })
    }
}

/// Whether a day begins at a time. An index has no days.
pub(crate) fn is_midnight(time: Timestamp) -> bool {
    matches!(time, Timestamp::Time(time) if time.num_seconds_from_midnight() == 0)
}

/// What a series is like on ordinary days of the weeks before.
pub(crate) struct OrdinaryValues<'a> {
    pub(crate) series: &'a TimeSeries<'a>,
    /// The number of steps in a week.
    pub(crate) per_week: usize,
    /// For each step, whether its day is known to be special.
    pub(crate) is_special: &'a [bool],
}

impl OrdinaryValues<'_> {
    /// The median at the same weekday and time over the last weeks without special days. `None` if there are too few.
    pub(crate) fn at(&self, t: usize) -> Option<f64> {
        let weeks = (1..=MAX_WEEKS_BACK).filter_map(|i| t.checked_sub(i * self.per_week));
        let is_ordinary = |s: &usize| !self.is_special[*s] && self.series.observed[*s];
        let values: Vec<f64> = weeks.filter(is_ordinary).take(MAX_WEEKS).map(|s| self.series.values[s]).collect();
        if values.len() < MIN_WEEKS { None } else { median(values) }
    }

    /// The deviation of a day from an ordinary day: the logarithm of their ratio, or the mean difference. `None` if a
    /// step was not observed.
    pub(crate) fn deviation(&self, steps: Range<usize>, is_relative: bool) -> Option<f64> {
        if !self.series.observed.get(steps.clone())?.iter().all(|observed| *observed) {
            return None;
        }
        let count = steps.len() as f64;
        let actual = self.series.values[steps.clone()].iter().sum::<f64>();
        let ordinary: f64 = steps.map(|t| self.at(t)).sum::<Option<f64>>()?;
        if is_relative {
            (ordinary > 0.0 && actual >= 0.0).then(|| (actual / ordinary).max(MIN_RATIO).ln())
        } else {
            Some((actual - ordinary) / count)
        }
    }
}
