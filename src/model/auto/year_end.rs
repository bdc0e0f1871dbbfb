//! The year-end effect: dates from 24 December to 2 January differ from other days of their weekday.
//!
//! Many series of human activity leave their weekly pattern on these dates. No list of holidays is needed to detect
//! this. A date that differed much in earlier years is expected to differ again. The effect is removed from the history
//! before a candidate is fitted, and added to the forecast. Without evidence of an effect the series stays unchanged.

use std::ops::{Add, Div, Mul, Sub};

use chrono::{Datelike, NaiveDate, Timelike};

use crate::model::regression::series_view::ExogenousData;
use crate::panel::TimeSeries;
use crate::panel::covariates::{Covariate, CovariateKind};
use crate::time::Timestamp;

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

/// The effects at the steps of a series and of the horizon after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct YearEndEffect {
    /// Whether effects are factors, for series that are never negative. Otherwise they are amounts that are added.
    is_relative: bool,
    /// Empty for a series without any effect.
    effects: Vec<Option<f64>>,
}

impl YearEndEffect {
    /// Estimates the effects in a series of daily or shorter steps.
    ///
    /// Each effect is estimated from the years before its own, and each ordinary value from the weeks before it. So the
    /// effect at a position does not depend on later values.
    pub(crate) fn estimate(series: &TimeSeries<'_>, horizon: usize) -> Self {
        let Some(steps_per_day) = series.frequency.steps_per_day() else { return Self::default() };
        // at least one year end, and the weeks before it
        let min_steps = MIN_DAYS * steps_per_day;
        if series.len() < min_steps {
            return Self::default();
        }
        let dates: Vec<Option<usize>> = (0..series.len() + horizon).map(|t| year_end_date(series.time_at(t))).collect();
        if dates[..series.len()].iter().all(Option::is_none) {
            return Self::default();
        }
        let is_relative = series.values[..min_steps].iter().all(|v| *v >= 0.0);
        let history = DailyHistory { series: *series, dates: &dates, steps_per_day, is_relative };
        let ordinary = history.ordinary_deviations();
        // for each date, its deviation in each year
        let mut deviations: [Vec<f64>; YEAR_END_DAYS] = Default::default();
        let mut effects = vec![None; dates.len()];
        let begins_a_day = |t: usize| steps_per_day == 1 || is_midnight(series.time_at(t));
        for (begin, date) in dates.iter().enumerate() {
            let Some(date) = date.filter(|_| begins_a_day(begin)) else { continue };
            let effect = mean_deviation(&deviations[date], || noise(&ordinary, begin));
            let end = (begin + steps_per_day).min(effects.len());
            effects[begin..end].fill(effect.map(|effect| if is_relative { effect.exp() } else { effect }));
            deviations[date].extend(history.deviation(begin));
        }
        let has_effect = effects.iter().any(Option::is_some);
        if has_effect { Self { is_relative, effects } } else { Self::default() }
    }

    fn at(&self, t: usize) -> Option<f64> {
        self.effects.get(t).copied().flatten()
    }

    /// The values without the effects.
    pub(crate) fn remove(&self, values: &[f64]) -> Vec<f64> {
        self.apply(values, 0, if self.is_relative { f64::div } else { f64::sub })
    }

    /// A path that begins at `cutoff`, with the effects.
    pub(crate) fn restore(&self, path: &[f64], cutoff: usize) -> Vec<f64> {
        self.apply(path, cutoff, if self.is_relative { f64::mul } else { f64::add })
    }

    fn apply(&self, values: &[f64], begin: usize, operation: fn(f64, f64) -> f64) -> Vec<f64> {
        let value = |(k, v): (usize, &f64)| self.at(begin + k).map_or(*v, |effect| operation(*v, effect));
        values.iter().enumerate().map(value).collect()
    }

    /// The values of the covariates, with holidays and other indicators set to 0 on days with an effect. The effect of such
    /// a day includes that of the indicator.
    pub(crate) fn without_indicators(&self, exogenous: ExogenousData<'_>) -> Vec<Vec<f64>> {
        let column = |(column, values): (&Covariate, &Vec<f64>)| {
            let is_indicator = match &column.kind {
                CovariateKind::Holidays(_) | CovariateKind::Eves(_) => true,
                CovariateKind::Number => values.iter().all(|value| [0.0, 1.0].contains(value)),
                CovariateKind::Category(_) => false,
            };
            let is_replaced = |t: usize| is_indicator && self.at(t).is_some();
            values.iter().enumerate().map(|(t, value)| if is_replaced(t) { 0.0 } else { *value }).collect()
        };
        exogenous.columns.iter().zip(exogenous.values).map(column).collect()
    }
}

/// The number of a date from 24 December to 2 January, from 0; `None` for other dates.
fn year_end_date(time: Timestamp) -> Option<usize> {
    let Timestamp::Time(time) = time else { return None };
    let year = if time.month() == 1 { time.year() - 1 } else { time.year() };
    let days = (time.date() - NaiveDate::from_ymd_opt(year, 12, 24)?).num_days();
    usize::try_from(days).ok().filter(|days| *days < YEAR_END_DAYS)
}

fn is_midnight(time: Timestamp) -> bool {
    matches!(time, Timestamp::Time(time) if time.num_seconds_from_midnight() == 0)
}

/// A series and which of its steps lie at the year end.
struct DailyHistory<'a> {
    series: TimeSeries<'a>,
    dates: &'a [Option<usize>],
    steps_per_day: usize,
    /// Whether days are compared by their ratio; otherwise they are compared by their difference.
    is_relative: bool,
}

impl DailyHistory<'_> {
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
        if !self.series.observed.get(steps.clone())?.iter().all(|observed| *observed) {
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
        let days = (0..self.series.len()).step_by(self.steps_per_day).filter(|begin| self.dates[*begin].is_none());
        days.filter_map(|begin| Some((begin + self.steps_per_day, self.deviation(begin)?.abs()))).collect()
    }
}

/// The mean deviation of a date in earlier years, shrunk to 0; `None` if it is small relative to the noise.
fn mean_deviation(deviations: &[f64], noise: impl Fn() -> f64) -> Option<f64> {
    let years = deviations.len() as f64;
    let mean = deviations.iter().sum::<f64>() / years.max(1.0);
    let is_noise = || mean.abs() * years.sqrt() < (MIN_NOISE_MULTIPLE + SINGLE_YEAR_EXTRA / years) * noise();
    (!deviations.is_empty() && !is_noise()).then(|| mean * years / (years + SHRINKAGE_PRIOR_YEARS))
}

/// The standard deviation of the days outside the year end that ended before a position, from their median deviation.
fn noise(ordinary: &[(usize, f64)], before: usize) -> f64 {
    let completed = ordinary.iter().take_while(|(end, _)| *end <= before);
    let mut deviations: Vec<f64> = completed.map(|(_, deviation)| *deviation).collect();
    deviations.sort_by(f64::total_cmp);
    deviations.get(deviations.len() / 2).map_or(f64::INFINITY, |median| median / MEDIAN_ABSOLUTE_NORMAL)
}
