//! Runs a backtest: forecasts of one model from rolling origins.

use std::collections::BTreeMap;

use crate::backtest::folds::Folds;
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit::{Forecaster, Hindcast, Model, Task};
use crate::model::observer::{Control, Observer, SilentObserver};
use crate::panel::{Panel, Series, TimeSeries};

/// Forecasts from the origin of every fold, sorted by series and then by origin.
///
/// With `refit` the model is fitted again at each origin. Otherwise it is fitted once, before the first fold, and forecasts
/// from longer histories afterwards. A series that is too short for the first fold is then not in its training data.
///
/// The budget of the task is for all fits together. If the observer stops before a fit, that fold and all later ones are
/// left out.
///
/// ```
/// use forecast::backtest::{Folds, run};
/// use forecast::{Baseline, Panel, SilentObserver, Task};
///
/// let panel = Panel::from_values(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1);
/// let folds = Folds { count: 2, step: 1, horizon: 1, min_history: 2 };
/// let hindcasts = run(&Baseline::Naive, &panel, &Task::new(1), &folds, true, &mut SilentObserver)?;
/// let forecasts: Vec<(usize, f64)> = hindcasts.iter().map(|h| (h.cutoff, h.forecast.median()[0])).collect();
/// assert_eq!(forecasts, [(4, 4.0), (5, 5.0)]);
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the model cannot be fitted or used.
///
/// # Panics
/// If the horizons of the folds and of the task differ.
pub fn run(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    folds: &Folds,
    refit: bool,
    observer: &mut dyn Observer,
) -> Result<Vec<Hindcast>> {
    assert_eq!(folds.horizon, task.horizon, "the horizon of the folds is that of the task");
    let mut remaining_fits = if refit { folds.count } else { 1 };
    let mut fitted: Option<Box<dyn Forecaster>> = None;
    let mut hindcasts = Vec::new();
    for number in 1..=folds.count {
        let Some(history) = folds.history(panel, number) else { continue };
        let control = observer.fold(number, folds.count);
        if refit || fitted.is_none() {
            if control == Control::Stop {
                break;
            }
            let budget = task.budget.split(1.0 / remaining_fits.max(1) as f64);
            remaining_fits = remaining_fits.saturating_sub(1);
            fitted = Some(model.fit(&history, &Task { budget, ..task.clone() }, observer)?.forecaster);
        }
        let forecasts = fitted.as_ref().expect("fitted right above").predict(&history)?;
        hindcasts.extend(history.iter().zip(forecasts).map(|(series, forecast)| {
            let at = panel.position(series.key).expect("a history has series of its panel");
            Hindcast { series: at, cutoff: series.len(), forecast }
        }));
    }
    hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
    Ok(hindcasts)
}

/// Forecasts of a baseline at the cutoffs of `hindcasts`, for the same steps. The baseline is fitted on one series at a time,
/// so it should be cheap to fit. Its season is that of the values before the cutoff, as for the model.
///
/// # Errors
/// If the baseline cannot be fitted or used.
pub fn baseline_at_cutoffs(
    baseline: &dyn Model,
    panel: &Panel,
    task: &Task,
    hindcasts: &[Hindcast],
) -> Result<Vec<Hindcast>> {
    let mut results = Vec::with_capacity(hindcasts.len());
    let all_series: Vec<TimeSeries<'_>> = panel.iter().collect();
    // of each number of left-out steps after which the values may show another season
    let mut earlier_seasons: BTreeMap<usize, usize> = BTreeMap::new();
    for hindcast in hindcasts {
        let full = all_series[hindcast.series];
        let left_out = full.len() - hindcast.cutoff;
        let season = if left_out <= panel.steps_with_known_seasons() {
            panel.season()
        } else {
            let search = || panel.without_last(left_out, 1).map_or(1, |history| history.season());
            *earlier_seasons.entry(left_out).or_insert_with(search)
        };
        let (key, values, observed) = (full.key.to_vec(), full.values.to_vec(), full.observed.to_vec());
        let series = vec![Series { key, start: full.start, values, observed }];
        let single = Panel::new(panel.columns().clone(), panel.frequency(), season, series);
        let single = single.expect("one series of a panel");
        let Some(history) = single.without_last(left_out, 1) else { continue };
        // unobserved values right before the cutoff are not in the history, so they are forecast, too
        let gap = hindcast.cutoff - history.iter().map(|series| series.len()).sum::<usize>();
        let task = Task { horizon: gap + hindcast.forecast.times().len(), ..task.clone() };
        let forecast = baseline.fit(&history, &task, &mut SilentObserver)?.predict(&history)?.remove(0);
        let rows = forecast.quantiles().iter().map(|quantile| quantile.values[gap..].to_vec()).collect();
        let forecast = Forecast::after(&full.first(hindcast.cutoff), &task.levels, rows);
        results.push(Hindcast { forecast, ..*hindcast });
    }
    Ok(results)
}
