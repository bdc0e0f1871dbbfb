//! The forecasts of a candidate, at rolling origins and after a whole history.

use crate::model::auto::candidates::candidate::{Candidate, CandidateKind, SEASONS_OF_MEAN};
use crate::model::auto::candidates::network::CandidateNetwork;
use crate::model::auto::search::SearchLimits;
use crate::model::regression::exogenous_effect::ExogenousEffect;
use crate::model::regression::features::SeasonalDifference;
use crate::model::regression::series_view::SeriesView;
use crate::model::regression::{direct_forecast, recursive_forecast};
use crate::model::smoothing::SmoothedSeries;
use crate::model::stat::ets::selection as ets;
use crate::model::stat::{croston, theta};

/// The maximum number of last values that are smoothed.
const MAX_SMOOTHED_VALUES: usize = 5_000;
/// The half-life of discounted rows is the length of the history divided by this, with a minimum in seasons and in
/// rows.
const HALF_LIFE_DIVISOR: f64 = 6.0;
const MIN_HALF_LIFE_SEASONS: f64 = 30.0;
const MIN_HALF_LIFE: f64 = 60.0;
/// The maximum distance of a forecast from the range of the known values, as a multiple of the width of that range.
const MAX_RANGES_OUTSIDE: f64 = 2.0;

/// A path at each cutoff, `None` if too few values are known, and the trained network of a network candidate.
pub(crate) type CutoffForecasts = (Vec<Option<Vec<f64>>>, Option<CandidateNetwork>);

impl Candidate {
    /// The forecasts at `cutoffs`, ascending; the last is the end of the history.
    pub(crate) fn forecast_at_cutoffs(
        self,
        view: SeriesView<'_>,
        horizon: usize,
        cutoffs: &[usize],
        limits: &SearchLimits,
    ) -> CutoffForecasts {
        let transformed: Vec<f64> = view.values.iter().map(|v| self.transform.apply(*v)).collect();
        let exogenous = view.exogenous.filter(|_| self.with_covariates);
        let view = SeriesView { values: &transformed, exogenous, ..view };
        let network = |view: SeriesView<'_>, on_ridge, number: u64, cutoffs: &[usize]| {
            let seed = limits.seed.wrapping_mul(1000).wrapping_add(10 * number + u64::from(on_ridge));
            CandidateNetwork::backtest(view, on_ridge, horizon, cutoffs, seed, &limits.budget)
        };
        let mut forecast = |view: SeriesView<'_>, cutoffs: &[usize]| match self.kind {
            CandidateKind::Network(number) => network(view, false, number, cutoffs),
            CandidateKind::ResidualNetwork(number) => network(view, true, number, cutoffs),
            _ => (self.forecast_without_network(view, horizon, cutoffs), None),
        };
        let (paths, network) = if self.needs_effect_removed(&view) {
            self.forecast_without_effect(&view, cutoffs, &mut forecast)
        } else {
            forecast(view, cutoffs)
        };
        let invert = |(path, &cutoff): (Option<Vec<f64>>, &usize)| self.inverted(path?, &transformed[..cutoff]);
        (paths.into_iter().zip(cutoffs).map(invert).collect(), network)
    }

    /// The forecast after a whole history. `first_cutoff` is the number of values that were known at the first origin when
    /// the candidate was fitted.
    pub(crate) fn forecast(
        self,
        view: SeriesView<'_>,
        horizon: usize,
        first_cutoff: usize,
        network: Option<&CandidateNetwork>,
    ) -> Option<Vec<f64>> {
        let transformed: Vec<f64> = view.values.iter().map(|v| self.transform.apply(*v)).collect();
        if transformed.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let exogenous = view.exogenous.filter(|_| self.with_covariates);
        let view = SeriesView { values: &transformed, exogenous, ..view };
        let length = transformed.len();
        let forecast = |view: SeriesView<'_>| match network {
            Some(network) => network.predict(view, horizon, first_cutoff),
            None => self.forecast_without_network(view, horizon, &[first_cutoff, length]).pop().flatten(),
        };
        let path = if self.needs_effect_removed(&view) {
            let known = if self.is_network() { first_cutoff } else { length };
            let effect = ExogenousEffect::estimate(&view, first_cutoff, known)?;
            effect.restore(forecast(SeriesView { values: &effect.remove(&transformed), ..view })?, length)
        } else {
            forecast(view)
        };
        self.inverted(path?, &transformed)
    }

    /// Forecasts the series without the effect of the covariates, and adds the effect to the forecasts.
    ///
    /// The effect is estimated on the values known at the first of `cutoffs`. At the last cutoff, the effect of a
    /// candidate without a network is estimated on all values.
    fn forecast_without_effect(
        self,
        view: &SeriesView<'_>,
        cutoffs: &[usize],
        forecast: &mut dyn FnMut(SeriesView<'_>, &[usize]) -> CutoffForecasts,
    ) -> CutoffForecasts {
        let nothing = || (vec![None; cutoffs.len()], None);
        let [first, .., last] = *cutoffs else { return nothing() };
        let effect_known_at = |known: usize| ExogenousEffect::estimate(view, first, known);
        let mut forecast_with = |effect: &ExogenousEffect, cutoffs: &[usize]| -> CutoffForecasts {
            let (paths, network) = forecast(SeriesView { values: &effect.remove(view.values), ..*view }, cutoffs);
            let restore = |(path, cutoff): (Option<Vec<f64>>, &usize)| effect.restore(path?, *cutoff);
            (paths.into_iter().zip(cutoffs).map(restore).collect(), network)
        };
        let Some(first_effect) = effect_known_at(first) else { return nothing() };
        if self.is_network() {
            return forecast_with(&first_effect, cutoffs);
        }
        let Some(last_effect) = effect_known_at(last) else { return nothing() };
        let (mut paths, _) = forecast_with(&first_effect, &cutoffs[..cutoffs.len() - 1]);
        paths.extend(forecast_with(&last_effect, &[first, last]).0.pop());
        (paths, None)
    }

    /// Clamps a path and inverts the transform; `None` if a value is not finite.
    fn inverted(self, path: Vec<f64>, known: &[f64]) -> Option<Vec<f64>> {
        let (lowest, highest) = plausible_range(known);
        let path: Vec<f64> = path.into_iter().map(|v| self.transform.invert(v.clamp(lowest, highest))).collect();
        path.iter().all(|v| v.is_finite()).then_some(path)
    }

    fn forecast_without_network(
        self,
        view: SeriesView<'_>,
        horizon: usize,
        cutoffs: &[usize],
    ) -> Vec<Option<Vec<f64>>> {
        let recursive = |difference| recursive_forecast(view, difference, horizon, cutoffs);
        match self.kind {
            CandidateKind::RecursiveRidge => recursive(None),
            CandidateKind::DifferencedRidge { lag, seasons } => recursive(Some(SeasonalDifference { lag, seasons })),
            CandidateKind::DirectRidge => direct_forecast(view, None, horizon, cutoffs),
            CandidateKind::DiscountedRidge => {
                direct_forecast(view, Some(half_life(&view, cutoffs[0])), horizon, cutoffs)
            }
            _ => cutoffs.iter().map(|&cutoff| self.forecast_at(&view, cutoff, horizon)).collect(),
        }
    }

    /// The forecast at one cutoff, for a method that is fitted separately at each cutoff.
    fn forecast_at(self, view: &SeriesView<'_>, cutoff: usize, horizon: usize) -> Option<Vec<f64>> {
        let known = &view.values[..cutoff];
        match self.kind {
            CandidateKind::Naive => Some(vec![*known.last()?; horizon]),
            CandidateKind::SeasonalNaive(m) => {
                let last = known.get(cutoff.checked_sub(m)?..)?;
                Some((0..horizon).map(|k| last[k % m]).collect())
            }
            CandidateKind::SeasonalMean(m) => {
                let from = cutoff.checked_sub(m * SEASONS_OF_MEAN)?;
                let sum = |k: usize| (0..SEASONS_OF_MEAN).map(|i| known[from + i * m + k % m]).sum::<f64>();
                Some((0..horizon).map(|k| sum(k) / SEASONS_OF_MEAN as f64).collect())
            }
            CandidateKind::Mean => Some(vec![known.iter().sum::<f64>() / cutoff.max(1) as f64; horizon]),
            CandidateKind::Croston => Some(croston::fit(known, horizon).median),
            CandidateKind::Theta => Some(theta::fit(known, view.season(), horizon).median),
            CandidateKind::Ets => Some(ets::fit(known, view.season(), horizon).median),
            CandidateKind::Smoothing => {
                let from = cutoff.saturating_sub(MAX_SMOOTHED_VALUES);
                let observed = &view.observed[from..cutoff];
                let smoothed = SmoothedSeries::fit(&known[from..], observed, view.seasons, horizon);
                Some((1..=horizon).map(|k| smoothed.forecast(cutoff - from - 1, k)).collect())
            }
            CandidateKind::RecursiveRidge
            | CandidateKind::DifferencedRidge { .. }
            | CandidateKind::DirectRidge
            | CandidateKind::DiscountedRidge
            | CandidateKind::Network(_)
            | CandidateKind::ResidualNetwork(_) => None,
        }
    }
}

/// The number of rows after which the weight of a row is halved.
fn half_life(view: &SeriesView<'_>, known: usize) -> f64 {
    (known as f64 / HALF_LIFE_DIVISOR).max(MIN_HALF_LIFE_SEASONS * view.season() as f64).max(MIN_HALF_LIFE)
}

/// The lowest and the highest value that a forecast may have.
fn plausible_range(known: &[f64]) -> (f64, f64) {
    let (lowest, highest) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let width = highest - lowest;
    (lowest - MAX_RANGES_OUTSIDE * width, highest + MAX_RANGES_OUTSIDE * width)
}
