//! Pictures of forecasts: those of the future, and those of a backtest.

use crate::backtest::Anomalies;
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::Hindcast;
use crate::panel::{Panel, TimeSeries};
use crate::plot::chart::{self, Chart, MAX_CHARTS};
use crate::plot::picture::Picture;
use crate::plot::{axis::number, calendar::time_label};
use crate::time::Frequency;

/// The largest number of past points in a chart, unless a forecast is longer.
const MAX_HISTORY: usize = 400;

/// Draws forecasts into a PNG or SVG: the end of each history, the median, and at most three intervals and two single
/// quantiles. At most nine series are drawn, the largest ones. `forecasts` has one forecast for each series of the panel,
/// in its order.
///
/// ```no_run
/// use std::path::Path;
///
/// use forecast::model::stat::Baseline;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let panel = Panel::from_values(&[1.0, 5.0, 2.0, 5.5, 3.0, 6.0], 2);
/// let fitted = Baseline::SeasonalNaive.fit(&panel, &Task::new(3), &mut SilentObserver)?;
/// forecast::plot::forecast(Path::new("forecast.png"), &panel, &fitted.predict(&panel)?)?;
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be written.
pub fn forecast<'a>(to: impl Into<Picture<'a>>, panel: &Panel, forecasts: &[Forecast]) -> Result<()> {
    forecast_with_anomalies(to, panel, forecasts, &Anomalies::default())
}

/// As [`forecast`], with a mark on each anomaly. The history reaches back to the oldest, but not beyond the usual
/// limit of 400 values.
///
/// # Errors
/// If the file cannot be written.
pub fn forecast_with_anomalies<'a>(
    to: impl Into<Picture<'a>>,
    panel: &Panel,
    forecasts: &[Forecast],
    anomalies: &Anomalies,
) -> Result<()> {
    let horizon = forecasts.first().map_or(1, |forecast| forecast.times().len());
    let all = drawn(panel, horizon, panel.iter().zip(forecasts).enumerate().collect());
    let chart = |(at, (series, forecast))| of_future(series, forecast, panel.season(), anomalies.positions(at));
    let charts: Vec<Chart<'_>> = all.into_iter().map(chart).collect();
    chart::draw(to.into(), panel, &charts, panel.count(), "history", &extent(panel.frequency(), forecasts))
}

/// The chart of a forecast after the end of a series, with marks at the positions of anomalies.
pub(crate) fn of_future<'a>(
    series: TimeSeries<'a>,
    forecast: &'a Forecast,
    season: usize,
    anomalies: Vec<usize>,
) -> Chart<'a> {
    let (length, horizon) = (series.len(), forecast.times().len());
    // four horizons leave a fifth of the width to the forecast, three seasons show the seasonal pattern
    let wanted = (4 * horizon).max(3 * season.min(MAX_HISTORY)).max(16).min(MAX_HISTORY.max(2 * horizon));
    let first = length.saturating_sub(wanted);
    // some values before an anomaly show what was usual
    let oldest = anomalies.first().map_or(first, |oldest| oldest.saturating_sub(horizon));
    let first = first.min(oldest.max(length.saturating_sub(MAX_HISTORY)));
    Chart { series, positions: first..length + horizon, forecasts: vec![(length, forecast)], anomalies }
}

/// The positions of the series, the largest first: by the mean absolute value of the last season or horizon.
///
/// ```
/// use forecast::Panel;
///
/// assert_eq!(forecast::plot::largest_first(&Panel::from_values(&[1.0, 2.0], 1), 1), [0]);
/// ```
pub fn largest_first(panel: &Panel, horizon: usize) -> Vec<usize> {
    let size = |series: TimeSeries<'_>| {
        let count = horizon.max(panel.season()).min(series.len());
        series.values[series.len() - count..].iter().map(|value| value.abs()).sum::<f64>() / count.max(1) as f64
    };
    let sizes: Vec<f64> = panel.iter().map(size).collect();
    let mut positions: Vec<usize> = (0..panel.count()).collect();
    positions.sort_by(|a, b| sizes[*b].total_cmp(&sizes[*a]));
    positions
}

/// The series with a chart, by their position in the panel: all in their order, or the largest first if there are too many.
fn drawn<T>(panel: &Panel, horizon: usize, mut all: Vec<(usize, T)>) -> Vec<(usize, T)> {
    if all.len() > MAX_CHARTS {
        let mut ranks = vec![0; panel.count()];
        largest_first(panel, horizon).into_iter().enumerate().for_each(|(rank, at)| ranks[at] = rank);
        all.sort_by_key(|(at, _)| ranks[*at]);
        all.truncate(MAX_CHARTS);
    }
    all
}

/// `forecast of 7 days, 1 Jan 2015 – 7 Jan 2015`; without the times if series end at different times.
pub(crate) fn extent(frequency: Frequency, forecasts: &[Forecast]) -> String {
    let ends = |forecast: &Forecast| Some((*forecast.times().first()?, *forecast.times().last()?));
    let Some((first, last)) = forecasts.first().and_then(ends) else { return String::new() };
    let length = steps_in_words(forecasts[0].times().len(), frequency);
    match forecasts.iter().all(|forecast| ends(forecast) == Some((first, last))) {
        false => format!("forecast of {length}"),
        true if first == last => format!("forecast of {length}, {}", time_label(first, frequency)),
        true => format!("forecast of {length}, {} – {}", time_label(first, frequency), time_label(last, frequency)),
    }
}

/// Draws the forecasts of a backtest into a PNG or SVG. It shows the actual values at the end of each series, and the median
/// and the intervals of `model` for each fold. At most nine series are drawn, the largest ones, with their last folds.
/// Only folds that do not overlap have intervals. `hindcasts` are in the order of the series of the panel.
///
/// ```no_run
/// use std::path::Path;
///
/// use forecast::backtest::{Folds, run};
/// use forecast::model::stat::Baseline;
/// use forecast::model::{SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let values: Vec<f64> = (0..60).map(|t| f64::from(t + 10 * (t % 7))).collect();
/// let (panel, task) = (Panel::from_values(&values, 7), Task::new(7));
/// let folds = Folds::default_for(&panel, 7, 7, true).expect("the series is long enough");
/// let hindcasts = run(&Baseline::Drift, &panel, &task, &folds, true, &mut SilentObserver)?;
/// forecast::plot::folds(Path::new("folds.png"), &panel, "drift", &hindcasts)?;
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be written.
pub fn folds<'a>(to: impl Into<Picture<'a>>, panel: &Panel, model: &str, hindcasts: &[Hindcast]) -> Result<()> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let by_series = hindcasts.chunk_by(|a, b| a.series == b.series);
    let count = by_series.clone().count();
    let horizon = hindcasts.first().map_or(1, |fold| fold.forecast.times().len());
    let folds = drawn(panel, horizon, by_series.map(|folds| (folds[0].series, folds)).collect());
    let chart = |(at, folds): (usize, _)| of_folds(all[at], folds, panel.season());
    let charts: Vec<Chart<'_>> = folds.into_iter().map(chart).collect();
    chart::draw(to.into(), panel, &charts, count, "actual", &folds_in_words(model, panel, &charts))
}

/// `theta: 5 forecasts of 7 days, each from earlier values only`
pub(super) fn folds_in_words(model: &str, panel: &Panel, charts: &[Chart<'_>]) -> String {
    let steps = charts.iter().flat_map(|chart| &chart.forecasts).map(|(_, forecast)| forecast.times().len()).max();
    let folds = charts.iter().map(|chart| chart.forecasts.len()).max().unwrap_or(0);
    let with_intervals = charts.iter().map(|chart| chart.with_intervals().count()).max().unwrap_or(0);
    let note = match folds {
        1 => "from earlier values only".to_owned(),
        _ if with_intervals < folds => format!("{with_intervals} with intervals"),
        _ => "each from earlier values only".to_owned(),
    };
    let (plural, length) = (if folds == 1 { "" } else { "s" }, steps_in_words(steps.unwrap_or(0), panel.frequency()));
    format!("{model}: {folds} forecast{plural} of {length}, {note}")
}

/// The last folds of a series, with some history before the first cutoff.
pub(crate) fn of_folds<'a>(series: TimeSeries<'a>, folds: &'a [Hindcast], season: usize) -> Chart<'a> {
    let earliest = series.len().saturating_sub(MAX_HISTORY);
    let first_fold = folds.iter().position(|fold| fold.cutoff > earliest).unwrap_or(folds.len() - 1);
    let folds = &folds[first_fold..];
    let (cutoff, horizon) = (folds[0].cutoff, folds[0].forecast.times().len());
    let history = (2 * horizon).max(season.min(MAX_HISTORY / 4)).max(8);
    let first = cutoff.saturating_sub(history).max(earliest.min(cutoff - 1));
    let forecasts = folds.iter().map(|fold| (fold.cutoff, &fold.forecast)).collect();
    Chart { series, positions: first..series.len(), forecasts, anomalies: Vec::new() }
}

/// A number of steps in words, with thousands separators: `7 days`, `48 steps of 5 minutes`.
pub(crate) fn steps_in_words(steps: usize, frequency: Frequency) -> String {
    format!("{} {}", number(steps as f64, 0), frequency.step_name(steps))
}
