//! Forecasts from rolling origins.

use crate::backtest::folds::Folds;
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit::Model;
use crate::model::forecaster::Forecaster;
use crate::model::hindcast::Hindcast;
use crate::model::observer::{Control, Observer, SilentObserver};
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::series::{Series, TimeSeries};

/// What a model says at the origin of every fold, series by series and from the earliest origin to the latest.
///
/// With `refit` it is fitted anew at each origin. Without, it is fitted once on what was known at the earliest, and goes
/// on to forecast from the longer histories: a series too short for the first fold is then one it has not learned from.
/// A budget is for all fits together. If the observer says stop before a fit, that fold and all later ones are left out.
///
/// # Errors
/// If the model cannot be fitted or used.
///
/// # Panics
/// If the folds have another horizon than the task.
pub fn run(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    folds: &Folds,
    refit: bool,
    observer: &mut dyn Observer,
) -> Result<Vec<Hindcast>> {
    assert_eq!(folds.horizon, task.horizon, "folds are as long as what is forecast");
    let mut fits_to_come = if refit { folds.count } else { 1 };
    let mut fitted: Option<Box<dyn Forecaster>> = None;
    let mut hindcasts = Vec::new();
    for number in 1..=folds.count {
        let Some(known) = folds.known(panel, number) else { continue };
        let control = observer.fold(number, folds.count);
        if refit || fitted.is_none() {
            if control == Control::Stop {
                break;
            }
            let budget = task.budget.split(1.0 / fits_to_come.max(1) as f64);
            fits_to_come = fits_to_come.saturating_sub(1);
            fitted = Some(model.fit(&known, &Task { budget, ..task.clone() }, observer)?.forecaster);
        }
        let forecasts = fitted.as_ref().expect("fitted right above").predict(&known)?;
        hindcasts.extend(placed(panel, &known, forecasts));
    }
    hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
    Ok(hindcasts)
}

/// What a model that is cheap to fit says at the same origins as `hindcasts`, of the same steps: fitted at each on that
/// one series alone.
///
/// # Errors
/// If the model cannot be fitted or used.
///
/// # Panics
/// If a hindcast is of a series that the panel has not.
pub fn baseline_at_cutoffs(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    hindcasts: &[Hindcast],
) -> Result<Vec<Hindcast>> {
    let mut said = Vec::with_capacity(hindcasts.len());
    let wholes: Vec<TimeSeries<'_>> = panel.iter().collect();
    for hindcast in hindcasts {
        let whole = wholes[hindcast.series];
        let series = Series {
            key: whole.key.to_vec(),
            start: whole.start,
            values: whole.values.to_vec(),
            observed: whole.observed.to_vec(),
        };
        let alone = Panel::new(panel.columns().clone(), panel.frequency(), panel.season(), vec![series])
            .expect("one series of a panel");
        let Some(known) = alone.without_last(whole.len() - hindcast.cutoff, 1) else { continue };
        // an unobserved stretch before the origin is not known, so it must be forecast too
        let gap = hindcast.cutoff - known.iter().map(|series| series.len()).sum::<usize>();
        let task = Task { horizon: gap + hindcast.forecast.times().len(), ..task.clone() };
        let forecast = model.fit(&known, &task, &mut SilentObserver)?.predict(&known)?.remove(0);
        let at_origin = TimeSeries {
            values: &whole.values[..hindcast.cutoff],
            observed: &whole.observed[..hindcast.cutoff],
            ..whole
        };
        let rows = forecast.quantiles().iter().map(|quantile| quantile.values[gap..].to_vec()).collect();
        let forecast = Forecast::after(&at_origin, &task.levels, rows);
        said.push(Hindcast { forecast, ..*hindcast });
    }
    Ok(said)
}

/// Forecasts of the series of `known` by their positions in the whole panel.
fn placed<'a>(panel: &'a Panel, known: &'a Panel, forecasts: Vec<Forecast>) -> impl Iterator<Item = Hindcast> + 'a {
    let mut wholes = panel.iter().enumerate();
    known.iter().zip(forecasts).map(move |(series, forecast)| {
        let (at, _) = wholes.find(|(_, whole)| whole.key == series.key).expect("what is known is a part of the panel");
        Hindcast { series: at, cutoff: series.len(), forecast }
    })
}
