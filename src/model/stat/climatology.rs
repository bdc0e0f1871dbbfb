//! A climatology: the mean of the same date in earlier years, and the last anomaly, which fades with the step.
//!
//! Murphy (1992), *Climatology, Persistence, and Their Linear Combination as Standards of Reference in Skill Scores*,
//! Weather and Forecasting 7(4). A year stands here for the longest season of any length. The normal of a date is the mean
//! over a window around it in earlier years, and an anomaly is a value less its normal. Anomalies have a level, since
//! most series are not weather: their mean over the last year. The pattern of a shorter season, such as the week, is the
//! mean anomaly of each weekday over the same year. It is shrunk to 0 if it may be chance.

use crate::model::regression::series_view::SeriesView;
use crate::model::stat::method_fit::{PointWithStdErr, seasonal_naive};
use crate::model::stat::seasonal_adjustment::shrunk_indices;
use crate::panel::TimeSeries;
use crate::time::frequency::exact_period;

/// The maximum number of earlier years in a normal.
const MAX_YEARS: usize = 8;
/// The width of the window around a date, as a fraction of the year: three weeks. It is rounded to whole shorter seasons,
/// so that their positions have equal weights.
const WINDOWS_IN_YEAR: f64 = 18.0;
/// The number of last anomalies whose mean fades with the step.
const LAST_ANOMALIES: usize = 2;
/// The maximum of the autocorrelation of anomalies.
const MAX_AUTOCORRELATION: f64 = 0.95;
/// The minimum number of anomalies, in windows.
const MIN_WINDOWS: usize = 2;
/// The minimum and the maximum number of errors from which the width of the intervals is estimated.
const MIN_ERRORS: usize = 4;
const MAX_ERRORS: usize = 200;

/// The year and the shorter season of a series, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Calendar {
    year: usize,
    /// 1 for none.
    short: usize,
    /// The width of the window of a normal: a number of whole shorter seasons.
    width: usize,
}

impl Calendar {
    /// The longest of `seasons`, and the longest other one that a window of the year can hold. `None` without a season.
    fn new(seasons: &[usize]) -> Option<Self> {
        let year = seasons.iter().copied().max().filter(|m| *m > 1)?;
        let windows = |short: usize| (year as f64 / WINDOWS_IN_YEAR / short as f64).round() as usize;
        let short = seasons.iter().copied().filter(|m| *m < year).max().unwrap_or(1);
        Some(match windows(short) {
            // all values of a window would be of the same few positions of the shorter season
            0 => Self { year, short: 1, width: 1 },
            count => Self { year, short, width: count * short },
        })
    }
}

/// The anomalies of a series, each from values before it.
struct Climatology<'a> {
    view: SeriesView<'a>,
    calendar: Calendar,
    /// Sums of all values before a position, each less the first value. So a constant series has normals without error.
    sums: Vec<f64>,
    /// The position of the first anomaly, and all anomalies.
    first: usize,
    anomalies: Vec<f64>,
}

/// What is estimated at one cutoff.
struct Estimate {
    level: f64,
    autocorrelation: f64,
    /// What each position of the shorter season adds. Position 0 is that of `start`.
    pattern: Vec<f64>,
    /// The last anomalies without the level and the pattern, at most a year.
    rest: Vec<f64>,
    /// The position of the first of them.
    start: usize,
}

impl<'a> Climatology<'a> {
    /// `None` without a season.
    fn new(view: SeriesView<'a>) -> Option<Self> {
        let calendar = Calendar::new(view.seasons)?;
        let origin = view.values.first().copied().unwrap_or(0.0);
        let mut sums = Vec::with_capacity(view.values.len() + 1);
        sums.push(0.0);
        sums.extend(view.values.iter().scan(0.0, |sum, value| {
            *sum += value - origin;
            Some(*sum)
        }));
        let first = calendar.year + calendar.width;
        let mut climatology = Self { view, calendar, sums, first, anomalies: Vec::new() };
        let anomaly = |t: usize| Some(view.values[t] - climatology.normal(t, t)?);
        climatology.anomalies = (first..view.values.len()).map(anomaly).collect::<Option<_>>()?;
        Some(climatology)
    }

    /// The mean over the windows around the same date in earlier years, of which the first `known` values are known. `None`
    /// if no window is known.
    fn normal(&self, date: usize, known: usize) -> Option<f64> {
        let Calendar { year, width, .. } = self.calendar;
        let (before, period) = (width / 2, exact_period(year));
        let window = |years: usize| {
            let start = date.checked_sub((period * years as f64).round() as usize + before)?;
            (start + width <= known).then(|| self.sums[start + width] - self.sums[start])
        };
        // the last years before a date far ahead are not known
        let nearest = 1 + (date + width).saturating_sub(known) / year;
        let (mut sum, mut count) = (0.0, 0.0);
        for of_year in (1..nearest + MAX_YEARS).filter_map(window).take(MAX_YEARS) {
            sum += of_year;
            count += width as f64;
        }
        (count > 0.0).then(|| self.view.values[0] + sum / count)
    }

    /// `None` if too few values are known.
    fn estimate(&self, cutoff: usize) -> Option<Estimate> {
        let Calendar { year, short, width } = self.calendar;
        let known =
            cutoff.checked_sub(self.first).filter(|known| *known >= (MIN_WINDOWS * width).max(LAST_ANOMALIES))?;
        let from = known.saturating_sub(year);
        let (anomalies, start) = (&self.anomalies[from..known], self.first + from);
        // whole cycles, so that the level has nothing of the pattern
        let level = mean(&anomalies[anomalies.len() % short..]);
        let around_level: Vec<f64> = anomalies.iter().map(|anomaly| anomaly - level).collect();
        let pattern = shrunk_indices(&around_level, short);
        let rest: Vec<f64> = around_level.iter().zip(pattern.iter().cycle()).map(|(value, own)| value - own).collect();
        let autocorrelation = autocorrelation(&rest, &self.view.observed[start..cutoff]);
        Some(Estimate { level, autocorrelation, pattern, rest, start })
    }

    /// The errors of forecasts of the last observed values, each from the values before it.
    fn one_step_errors(&self) -> Vec<f64> {
        let SeriesView { values, observed, .. } = &self.view;
        let last = values.len().saturating_sub(MAX_ERRORS)..values.len();
        let error = |t: usize| Some(values[t] - self.path(t, 1)?[0]);
        last.filter(|t| observed[*t]).filter_map(error).collect()
    }

    fn path(&self, cutoff: usize, horizon: usize) -> Option<Vec<f64>> {
        let estimate = self.estimate(cutoff)?;
        let last = mean(&estimate.rest[estimate.rest.len() - LAST_ANOMALIES..]);
        let value = |step: usize| {
            let date = cutoff + step;
            let anomaly = last * estimate.autocorrelation.powf((step + 1) as f64);
            let pattern = estimate.pattern[(date - estimate.start) % estimate.pattern.len()];
            Some(self.normal(date, cutoff)? + estimate.level + pattern + anomaly)
        };
        (0..horizon).map(value).collect()
    }
}

/// The forecasts at cutoffs; `None` where fewer than a year and some more values are known.
pub(crate) fn paths(view: SeriesView<'_>, horizon: usize, cutoffs: &[usize]) -> Vec<Option<Vec<f64>>> {
    let Some(climatology) = Climatology::new(view) else { return vec![None; cutoffs.len()] };
    cutoffs.iter().map(|cutoff| climatology.path(*cutoff, horizon)).collect()
}

/// The forecast with standard errors. A series that is too short for it has that of seasonal naive.
pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> PointWithStdErr {
    let length = history.len();
    let long_enough: Vec<usize> = seasons.iter().copied().filter(|m| 2 * m <= length).collect();
    let view = SeriesView::without_covariates(history, &long_enough);
    let fitted = Climatology::new(view).and_then(|climatology| {
        let path = climatology.path(length, horizon).filter(|path| path.iter().all(|v| v.is_finite()))?;
        let errors = climatology.one_step_errors();
        (errors.len() >= MIN_ERRORS).then_some((path, climatology.estimate(length)?.autocorrelation, errors))
    });
    let Some((median, phi, errors)) = fitted else {
        return seasonal_naive(history, seasons.first().copied().unwrap_or(1), horizon);
    };
    let growth = (1..=horizon).scan(0.0, |variance, step| {
        *variance += phi.powf(2.0 * (step - 1) as f64);
        Some(f64::sqrt(*variance))
    });
    PointWithStdErr::new(median, &errors, 0, growth)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The autocorrelation at lag 1 of values with mean 0, between 0 and [`MAX_AUTOCORRELATION`]. Only observed values count.
fn autocorrelation(values: &[f64], observed: &[bool]) -> f64 {
    let (mut products, mut squares) = (0.0, 0.0);
    let pairs = values.windows(2).zip(observed.windows(2)).filter(|(_, observed)| observed[0] && observed[1]);
    for (pair, _) in pairs {
        products += pair[0] * pair[1];
        squares += f64::midpoint(pair[0] * pair[0], pair[1] * pair[1]);
    }
    if squares > 0.0 { (products / squares).clamp(0.0, MAX_AUTOCORRELATION) } else { 0.0 }
}
