//! Selection among the forms of exponential smoothing.
//!
//! Hyndman, Koehler, Ord, Snyder (2008), *Forecasting with Exponential Smoothing*, chapters 2, 5 and 6. The candidates
//! have additive or multiplicative errors, no, additive or damped trend, and no, additive or multiplicative season.
//! `AICc` selects among them. Additive errors with a multiplicative season are left out.
//!
//! Initial states, bounds and search are those of `StatsForecast`'s `AutoETS`, so that the numbers agree. As there, a
//! tighter bound on the smoothing of the trend also applies to all later candidates. One difference is intended: a
//! damped trend continues by `φ + φ² + φ³ + …`, as in the book. `StatsForecast` 2.1.1 uses `φ + φ + φ² + …`.
//!
//! Long series: the last [`MAX_VALUES`] values are used. Above [`MAX_VALUES_FOR_STATE_SEARCH`] values, the initial states of
//! a seasonal model are heuristic, and only the smoothing parameters are searched. STL removes seasons longer than
//! [`MAX_SEASON_LENGTH`] first.
//!
//! The smoothing of [`crate::model::smoothing`] minimises the error over the horizon instead of a likelihood, so the two
//! share no code.

use crate::model::stat::ets::form::{ErrorType, EtsForm, SeasonType, TrendType};
use crate::model::stat::ets::state_space::{FittedEts, MAX_SMOOTHING};
use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::multi_seasonal;
use crate::model::stat::seasonal_adjustment;

/// The longest season that is a state of the model.
const MAX_SEASON_LENGTH: usize = 24;
/// The number of last values that are used.
const MAX_VALUES: usize = 1000;
/// The initial states of a seasonal model are searched up to this many values.
const MAX_VALUES_FOR_STATE_SEARCH: usize = 300;
/// The minimum number of values; a model has too many parameters for fewer.
const MIN_VALUES: usize = 7;

/// The fit of the form with the smallest `AICc`, with a finite forecast of the next `horizon` values.
pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    if season > MAX_SEASON_LENGTH {
        let has_season = seasonal_adjustment::is_seasonal(seasonal_adjustment::recent(values, season), season);
        let seasons: &[usize] = if has_season { &[season] } else { &[] };
        return multi_seasonal::with_seasons_removed(values, seasons, horizon, |adjusted| fit(adjusted, 1, horizon));
    }
    method_fit::fit_scaled(values, (MIN_VALUES, MAX_VALUES), horizon, |values| {
        let season = if season > 1 && values.len() > 2 * season { season } else { 1 };
        best(values, season).map(|fitted| fitted.fit(values, horizon))
    })
}

/// Simple, Holt's and damped smoothing with additive errors. `None` if one of them cannot be fitted.
pub(crate) fn simple_holt_damped(values: &[f64], horizon: usize) -> Option<Vec<MethodFit>> {
    let form = |trend| EtsForm { errors: ErrorType::Additive, trend, season: SeasonType::None };
    let fitted = |trend| Some(search(values, form(trend), &mut [MAX_SMOOTHING; 2])?.fit(values, horizon));
    [TrendType::None, TrendType::Additive, TrendType::Damped].into_iter().map(fitted).collect()
}

fn best(values: &[f64], season: usize) -> Option<FittedEts> {
    let positive = values.iter().all(|v| *v > 0.0);
    let mut bounds = [MAX_SMOOTHING; 2];
    let mut best: Option<FittedEts> = None;
    for form in forms(season, positive) {
        if let Some(fitted) = search(values, form, &mut bounds)
            && best.as_ref().is_none_or(|best| fitted.criterion < best.criterion)
        {
            best = Some(fitted);
        }
    }
    best
}

/// The candidate forms, in the order of `StatsForecast`.
fn forms(season: usize, positive: bool) -> impl Iterator<Item = EtsForm> {
    let all_errors =
        if positive { &[ErrorType::Additive, ErrorType::Multiplicative][..] } else { &[ErrorType::Additive][..] };
    all_errors.iter().flat_map(move |&errors| {
        let seasons: &[SeasonType] = match (season, errors) {
            (1, _) => &[SeasonType::None],
            (m, ErrorType::Additive) => &[SeasonType::None, SeasonType::Additive(m)],
            (m, ErrorType::Multiplicative) => {
                &[SeasonType::None, SeasonType::Additive(m), SeasonType::Multiplicative(m)]
            }
        };
        let seasons = seasons.to_vec();
        let plain = seasons.clone().into_iter().map(move |season| EtsForm { errors, trend: TrendType::None, season });
        let trended = seasons.into_iter().flat_map(move |season| {
            [TrendType::Damped, TrendType::Additive].map(|trend| EtsForm { errors, trend, season })
        });
        plain.chain(trended)
    })
}

fn search(values: &[f64], form: EtsForm, bounds: &mut [f64; 2]) -> Option<FittedEts> {
    FittedEts::search(values, form, bounds, form.season.length() == 1 || values.len() <= MAX_VALUES_FOR_STATE_SEARCH)
}
