//! Exponential smoothing in state space form, chosen by information criterion.
//!
//! Hyndman, Koehler, Ord, Snyder (2008), *Forecasting with Exponential Smoothing*, chapters 2, 5 and 6: additive or
//! multiplicative errors, no, additive or damped trend, no, additive or multiplicative season; by `AICc`, without additive
//! errors around a multiplicative season. Start values, bounds and search are `StatsForecast`'s `AutoETS`, so that the
//! numbers agree; among them one of its peculiarities, that a bound on the trend's smoothing which one candidate needed
//! holds for the candidates after it. A damped trend goes on by `φ + φ² + φ³ + …`, as in the book, where `StatsForecast`
//! 2.1.1 takes `φ + φ + φ² + …`.
//!
//! Long series: the last [`MOST`] values are used, and above [`SHORT`] the states that a seasonal model starts with are
//! the heuristic ones, while the smoothing parameters are still searched. Seasons above [`LONGEST`] are no states: they
//! are taken out by [`super::mstl`] before.

pub(crate) mod model;
pub(crate) mod start;

use crate::model::stat::PointWithStdErr;
use crate::model::stat::ets::model::{Errors, Fitted, Form, Season, Trend};
use crate::model::stat::fit;
use crate::model::stat::fit::Fit;
use crate::model::stat::mstl;
use crate::model::stat::seasonal_adjustment;
use crate::panel::series::TimeSeries;

/// The longest season that is a state of the model.
const LONGEST: usize = 24;
/// Last values that are used.
const MOST: usize = 1000;
/// Up to this many values the states that a seasonal model starts with are searched too.
const SHORT: usize = 300;
/// The highest smoothing.
const HIGHEST: f64 = 0.9999;
/// Fewest values: below, a model has more parameters than it can learn.
const LEAST: usize = 7;

pub(crate) fn outlook(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    fit(history.values, season, horizon).outlook(history.observed)
}

/// The forecast of the next `horizon` values by the form that `AICc` prefers; finite whatever the values are.
pub(crate) fn auto(values: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    fit(values, season, horizon).median
}

pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> Fit {
    if season > LONGEST {
        let there = seasonal_adjustment::is_seasonal(seasonal_adjustment::recent(values, season), season);
        let seasons: &[usize] = if there { &[season] } else { &[] };
        return mstl::around(values, seasons, horizon, |adjusted| fit(adjusted, 1, horizon));
    }
    fit::fit(values, (LEAST, MOST), horizon, |values| {
        let season = if season > 1 && values.len() > 2 * season { season } else { 1 };
        best(values, season).map(|fitted| fitted.fit(values, horizon))
    })
}

/// Simple, Holt's and damped smoothing with additive errors; `None` where one cannot be fitted.
pub(crate) fn plain(values: &[f64], horizon: usize) -> Option<Vec<Fit>> {
    let form = |trend| Form { errors: Errors::Additive, trend, season: Season::None };
    let fitted = |trend| Some(search(values, form(trend), &mut [HIGHEST; 2])?.fit(values, horizon));
    [Trend::None, Trend::Additive, Trend::Damped].into_iter().map(fitted).collect()
}

fn best(values: &[f64], season: usize) -> Option<Fitted> {
    let positive = values.iter().all(|v| *v > 0.0);
    let mut bounds = [HIGHEST; 2];
    let mut best: Option<Fitted> = None;
    for form in forms(season, positive) {
        if let Some(fitted) = search(values, form, &mut bounds)
            && best.as_ref().is_none_or(|best| fitted.criterion < best.criterion)
        {
            best = Some(fitted);
        }
    }
    best
}

/// The forms to choose among, in the order of `StatsForecast`.
fn forms(season: usize, positive: bool) -> impl Iterator<Item = Form> {
    let all_errors = if positive { &[Errors::Additive, Errors::Multiplicative][..] } else { &[Errors::Additive][..] };
    all_errors.iter().flat_map(move |&errors| {
        let seasons: &[Season] = match (season, errors) {
            (1, _) => &[Season::None],
            (m, Errors::Additive) => &[Season::None, Season::Additive(m)],
            (m, Errors::Multiplicative) => &[Season::None, Season::Additive(m), Season::Multiplicative(m)],
        };
        let seasons = seasons.to_vec();
        let plain = seasons.clone().into_iter().map(move |season| Form { errors, trend: Trend::None, season });
        let trended = seasons
            .into_iter()
            .flat_map(move |season| [Trend::Damped, Trend::Additive].map(|trend| Form { errors, trend, season }));
        plain.chain(trended)
    })
}

fn search(values: &[f64], form: Form, bounds: &mut [f64; 2]) -> Option<Fitted> {
    Fitted::search(values, form, bounds, form.season.length() == 1 || values.len() <= SHORT)
}
