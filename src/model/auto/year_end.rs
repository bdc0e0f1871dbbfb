//! The year-end effect: dates from 24 December to 2 January differ from other days of their weekday.
//!
//! Many series of human activity leave their weekly pattern on these dates. No list of holidays is needed to detect
//! this. A date that differed much in earlier years is expected to differ again. The effect is removed from the history
//! before a candidate is fitted, and added to the forecast. Without evidence of an effect the series stays unchanged.

use chrono::{Datelike, NaiveDate, Timelike};

use crate::model::regression::series_view::ExogenousData;
use crate::panel::covariates::{Covariate, CovariateKind};
use crate::panel::series::TimeSeries;
use crate::time::timestamp::Timestamp;

/// Days from 24 December on.
const YEAR_END_DAYS: usize = 10;
/// The shortest history in which an effect is estimated, in days.
const MIN_DAYS: usize = 40;
/// An ordinary value is the mean of a few weeks. These are their maximum and minimum number, and the maximum distance.
const MAX_WEEKS_OF_MEAN: usize = 3;
const MIN_WEEKS_OF_MEAN: f64 = 2.0;
const MAX_WEEKS_BACK: usize = 5;
/// The minimum ratio of a day to an ordinary day. It keeps the logarithm finite for a day of zeros.
const MIN_RATIO: f64 = 0.05;
/// The minimum effect, as a multiple of the noise of a day. An effect of a single year is more often chance and must be
/// larger.
const MIN_NOISE_MULTIPLE: f64 = 2.5;
const SINGLE_YEAR_EXTRA: f64 = 1.0;
/// Weight of the prior, in years, when a mean over years is shrunk to 0.
const SHRINKAGE_PRIOR_YEARS: f64 = 0.5;
/// The median of the absolute value of a standard normal variable.
const MEDIAN_ABSOLUTE_NORMAL: f64 = 0.674;

/// The effect at each step of a series and of the horizon after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct YearEndEffect {
    /// Empty for a series without any effect.
    effects: Vec<DayEffect>,
}

/// The effect of a date on an ordinary value: relative for series that are never negative, absolute for others.
#[derive(Debug, Clone, Copy, PartialEq)]
enum DayEffect {
    None,
    /// A factor.
    Relative(f64),
    /// An amount that is added.
    Absolute(f64),
}

impl YearEndEffect {
    /// Estimates the effects in a series of daily or shorter steps.
    ///
    /// Each effect is estimated from the years before its own, and each ordinary value from the weeks before it. So the
    /// effect at a position does not depend on later values.
    pub(crate) fn estimate(series: &TimeSeries<'_>, horizon: usize) -> Self {
        let Some(steps_per_day) = series.frequency.steps_per_day() else { return Self::default() };
        let total = series.len() + horizon;
        // at least one year end, and the weeks before it
        if series.len() < MIN_DAYS * steps_per_day || !matches!(series.start, Timestamp::Time(_)) {
            return Self::default();
        }
        let dates: Vec<Option<YearEndDate>> = (0..total).map(|t| YearEndDate::of(series.time_at(t))).collect();
        if !dates[..series.len()].iter().any(Option::is_some) {
            return Self::default();
        }
        let is_relative = series.values[..MIN_DAYS * steps_per_day].iter().all(|v| *v >= 0.0);
        let history = DailyHistory { series: *series, dates: &dates, steps_per_day, is_relative };
        let ordinary = history.ordinary_deviations();
        // for each date, its deviation in each year
        let mut deviations: Vec<Vec<(i32, f64)>> = vec![Vec::new(); YEAR_END_DAYS];
        let mut estimated = Self { effects: vec![DayEffect::None; total] };
        for begin in history.year_end_days() {
            let Some(date) = dates[begin] else { continue };
            let effect = history.effect(&deviations[date.index], date.year, || noise(&ordinary, begin));
            estimated.effects[begin..(begin + steps_per_day).min(total)].fill(effect);
            deviations[date.index].extend(history.deviation(begin).map(|deviation| (date.year, deviation)));
        }
        let has_effect = estimated.effects.iter().any(|effect| *effect != DayEffect::None);
        if has_effect { estimated } else { Self::default() }
    }

    /// The values without the effects.
    pub(crate) fn remove(&self, values: &[f64]) -> Vec<f64> {
        let mut plain = values.to_vec();
        for (value, effect) in plain.iter_mut().zip(&self.effects) {
            match effect {
                DayEffect::Relative(factor) => *value /= factor,
                DayEffect::Absolute(amount) => *value -= amount,
                DayEffect::None => {}
            }
        }
        plain
    }

    /// Adds the effects to a path that begins at `cutoff`.
    pub(crate) fn restore(&self, path: &mut [f64], cutoff: usize) {
        for (value, effect) in path.iter_mut().zip(self.effects.get(cutoff..).unwrap_or_default()) {
            match effect {
                DayEffect::Relative(factor) => *value *= factor,
                DayEffect::Absolute(amount) => *value += amount,
                DayEffect::None => {}
            }
        }
    }

    /// The values of the covariates, with holidays and other indicators set to 0 on days with an effect. The effect of such
    /// a day includes that of the indicator.
    pub(crate) fn without_indicators(&self, exogenous: ExogenousData<'_>) -> Vec<Vec<f64>> {
        let has_effect = |t: usize| self.effects.get(t).is_some_and(|effect| *effect != DayEffect::None);
        let column = |(column, values): (&Covariate, &Vec<f64>)| {
            let is_indicator = match &column.kind {
                CovariateKind::Holidays(_) | CovariateKind::Eves(_) => true,
                CovariateKind::Number => values.iter().all(|value| [0.0, 1.0].contains(value)),
                CovariateKind::Category(_) => false,
            };
            let value_at = |(t, value): (usize, &f64)| if is_indicator && has_effect(t) { 0.0 } else { *value };
            values.iter().enumerate().map(value_at).collect()
        };
        exogenous.columns.iter().zip(exogenous.values).map(column).collect()
    }
}

/// A date from 24 December to 2 January.
#[derive(Debug, Clone, Copy)]
struct YearEndDate {
    /// From 0 for 24 December.
    index: usize,
    /// The year of its December.
    year: i32,
    is_midnight: bool,
}

impl YearEndDate {
    fn of(time: Timestamp) -> Option<Self> {
        let Timestamp::Time(time) = time else { return None };
        let year = if time.month() == 1 { time.year() - 1 } else { time.year() };
        let days = (time.date() - NaiveDate::from_ymd_opt(year, 12, 24)?).num_days();
        let index = usize::try_from(days).ok().filter(|index| *index < YEAR_END_DAYS)?;
        Some(Self { index, year, is_midnight: time.num_seconds_from_midnight() == 0 })
    }
}

/// A series and which of its steps lie at the year end.
struct DailyHistory<'a> {
    series: TimeSeries<'a>,
    dates: &'a [Option<YearEndDate>],
    steps_per_day: usize,
    /// Whether days are compared by their ratio; otherwise they are compared by their difference.
    is_relative: bool,
}

impl DailyHistory<'_> {
    /// The positions at which the days of the year end begin.
    fn year_end_days(&self) -> impl Iterator<Item = usize> + '_ {
        let begins = |t: &usize| self.dates[*t].is_some_and(|date| date.is_midnight || self.steps_per_day == 1);
        (0..self.dates.len()).filter(begins)
    }

    /// The mean at the same weekday and time over the last weeks outside the year end; `None` in the first weeks.
    fn ordinary_value(&self, t: usize) -> Option<f64> {
        let week = 7 * self.steps_per_day;
        let weeks = (1..=MAX_WEEKS_BACK).filter_map(|i| t.checked_sub(i * week)).filter(|s| self.dates[*s].is_none());
        let add = |(sum, count), s: usize| (sum + self.series.values[s], count + 1.0);
        let (sum, count) = weeks.take(MAX_WEEKS_OF_MEAN).fold((0.0, 0.0), add);
        (count >= MIN_WEEKS_OF_MEAN).then(|| sum / count)
    }

    /// The deviation of the day that begins at `begin` from an ordinary day: the logarithm of their ratio, or the mean
    /// difference. `None` if a step was not observed.
    fn deviation(&self, begin: usize) -> Option<f64> {
        let steps = begin..begin + self.steps_per_day;
        if steps.end > self.series.len() || !self.series.observed[steps.clone()].iter().all(|observed| *observed) {
            return None;
        }
        let actual = self.series.values[steps.clone()].iter().sum::<f64>();
        let ordinary: f64 = steps.map(|t| self.ordinary_value(t)).sum::<Option<f64>>()?;
        if self.is_relative {
            (ordinary > 0.0).then(|| (actual / ordinary).max(MIN_RATIO).ln())
        } else {
            Some((actual - ordinary) / self.steps_per_day as f64)
        }
    }

    /// The end position of each day outside the year end, and the absolute value of its deviation.
    fn ordinary_deviations(&self) -> Vec<(usize, f64)> {
        let is_ordinary = |begin: &usize| self.dates[*begin].is_none();
        let days = (0..self.series.len()).step_by(self.steps_per_day).filter(is_ordinary);
        days.filter_map(|begin| Some((begin + self.steps_per_day, self.deviation(begin)?.abs()))).collect()
    }

    /// The effect of a date in `year`: its mean deviation in the years before, shrunk to 0. There is no effect if the
    /// mean is small relative to the noise.
    fn effect(&self, deviations: &[(i32, f64)], year: i32, noise: impl Fn() -> f64) -> DayEffect {
        let before: Vec<f64> = deviations.iter().filter(|(of, _)| *of < year).map(|(_, value)| *value).collect();
        let years = before.len() as f64;
        let mean = before.iter().sum::<f64>() / years.max(1.0);
        let is_noise = || mean.abs() * years.sqrt() < (MIN_NOISE_MULTIPLE + SINGLE_YEAR_EXTRA / years) * noise();
        if before.is_empty() || is_noise() {
            return DayEffect::None;
        }
        let shrunk = mean * years / (years + SHRINKAGE_PRIOR_YEARS);
        if self.is_relative { DayEffect::Relative(shrunk.exp()) } else { DayEffect::Absolute(shrunk) }
    }
}

/// The standard deviation of the days outside the year end that ended before a position, from their median deviation.
fn noise(ordinary: &[(usize, f64)], before: usize) -> f64 {
    let completed = ordinary.iter().take_while(|(end, _)| *end <= before);
    let mut deviations: Vec<f64> = completed.map(|(_, deviation)| *deviation).collect();
    deviations.sort_by(f64::total_cmp);
    deviations.get(deviations.len() / 2).map_or(f64::INFINITY, |median| median / MEDIAN_ABSOLUTE_NORMAL)
}
