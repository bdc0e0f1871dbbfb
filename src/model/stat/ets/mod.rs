//! Exponential smoothing in state space form, selected by information criterion.
//!
//! Hyndman, Koehler, Ord, Snyder (2008), *Forecasting with Exponential Smoothing*, chapters 2, 5 and 6. The candidates
//! have additive or multiplicative errors, no, additive or damped trend, and no, additive or multiplicative season.
//! `AICc` selects among them. Additive errors with a multiplicative season are left out.
//!
//! Initial states, bounds and search are those of `StatsForecast`'s `AutoETS`, so that the numbers agree. As there, a
//! tighter bound on the smoothing of the trend also applies to all later candidates. One difference is intended: a
//! damped trend continues by `φ + φ² + φ³ + …`, as in the book. `StatsForecast` 2.1.1 uses `φ + φ + φ² + …`.
//!
//! The last [`MAX_VALUES`] values are used. STL removes seasons longer than [`MAX_SEASON_LENGTH`] first.
//!
//! The smoothing of [`crate::model::smoothing`] minimises the error over the horizon instead of a likelihood, so the two
//! share no code.

pub(crate) mod state_space;

use crate::model::stat::ets::state_space::{EtsForm, FittedEts, MAX_SMOOTHING, TrendType};
use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::mstl;
use crate::model::stat::seasonal_adjustment::{Component, fit_adjusted};

const MAX_SEASON_LENGTH: usize = 24;
const MAX_VALUES: usize = 1000;
const MAX_VALUES_OF_COMB: usize = 500;
/// A model has too many parameters for fewer values.
const MIN_VALUES: usize = 7;

/// The fit of the form with the smallest `AICc`, with a finite forecast of the next `horizon` values.
pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    fit_form(values, season, horizon, &mut None)
}

/// As [`fit`], with the given form if it suits the values. `form` becomes the one that was fitted.
pub(crate) fn fit_form(values: &[f64], season: usize, horizon: usize, form: &mut Option<EtsForm>) -> MethodFit {
    if season > MAX_SEASON_LENGTH {
        return mstl::fit_long_season(values, season, horizon, fit);
    }
    method_fit::fit_scaled(values, (MIN_VALUES, MAX_VALUES), horizon, |values| {
        let season = if season > 1 && values.len() > 2 * season { season } else { 1 };
        let mut bounds = [MAX_SMOOTHING; 2];
        let forms = forms(season, values.iter().all(|v| *v > 0.0));
        let given: Vec<EtsForm> = form.filter(|form| forms.contains(form)).into_iter().collect();
        let forms = if given.is_empty() { forms } else { given };
        let fitted = forms.into_iter().filter_map(|form| FittedEts::search(values, form, &mut bounds));
        let best = fitted.min_by(|a, b| a.criterion.total_cmp(&b.criterion))?;
        *form = Some(best.form);
        Some(best.fit(values, horizon))
    })
}

/// Comb: the mean of simple, Holt's and damped smoothing of seasonally adjusted values, with additive errors. A test
/// decides whether there is a season.
///
/// It is the "Comb" benchmark of the M3 and M4 competitions (Makridakis, Hibon 2000, *The M3-Competition*, International
/// Journal of Forecasting 16(4)). The three methods follow a trend to different degrees, so their mean follows part of
/// it.
pub(crate) fn fit_comb(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    fit_adjusted(values, season, (MIN_VALUES, MAX_VALUES_OF_COMB), horizon, |values| {
        let fitted = |trend| {
            let form = EtsForm { errors: Component::Additive, trend, season: None, season_length: 1 };
            Some(FittedEts::search(values, form, &mut [MAX_SMOOTHING; 2])?.fit(values, horizon))
        };
        let trends = [TrendType::None, TrendType::Additive, TrendType::Damped];
        let fits: Vec<MethodFit> = trends.into_iter().map(fitted).collect::<Option<_>>()?;
        let mean = |of: fn(&MethodFit) -> &Vec<f64>| -> Vec<f64> {
            let at = |i: usize| fits.iter().map(|fit| of(fit)[i]).sum::<f64>() / fits.len() as f64;
            (0..of(&fits[0]).len()).map(at).collect()
        };
        Some(MethodFit {
            median: mean(|fit| &fit.median),
            errors: mean(|fit| &fit.errors),
            std_error_growth: mean(|fit| &fit.std_error_growth),
            parameters: fits.iter().map(|fit| fit.parameters).max().unwrap_or(0),
        })
    })
}

/// The candidate forms, in the order of `StatsForecast`.
fn forms(season_length: usize, positive: bool) -> Vec<EtsForm> {
    use Component::{Additive, Multiplicative};
    let mut forms = Vec::new();
    for errors in [Additive, Multiplicative].into_iter().filter(|errors| positive || *errors == Additive) {
        let seasons: &[Option<Component>] = match errors {
            _ if season_length == 1 => &[None],
            Additive => &[None, Some(Additive)],
            Multiplicative => &[None, Some(Additive), Some(Multiplicative)],
        };
        for trends in [&[TrendType::None][..], &[TrendType::Damped, TrendType::Additive]] {
            for &season in seasons {
                let season_length = if season.is_some() { season_length } else { 1 };
                forms.extend(trends.iter().map(|&trend| EtsForm { errors, trend, season, season_length }));
            }
        }
    }
    forms
}
