//! The forecasts of a candidate: at all rolling origins of a series, and later from the fitted candidate.

use crate::model::auto::candidates::candidate::{Candidate, Paths, Strategy};
use crate::model::auto::candidates::direct_fits::DirectFits;
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::origins::Origins;
use crate::model::fit::Task;
use crate::model::regression::DirectRidge;
use crate::model::regression::exogenous_effect::ExogenousEffect;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::network::SegmentNetwork;

/// The maximum distance of a forecast from the range of the known values, in widths of that range.
const MAX_RANGES_OUTSIDE: f64 = 2.0;

pub(crate) type CutoffForecasts = (Paths, Option<SegmentNetwork>);

#[derive(Debug, Clone)]
pub(crate) struct CandidateBacktest {
    pub(crate) candidate: Candidate,
    /// At each origin, and last after the whole history.
    pub(crate) paths: Paths,
    pub(crate) network: Option<SegmentNetwork>,
    /// Whether the budget was over before the candidate was fitted.
    pub(crate) is_left_out: bool,
}

impl CandidateBacktest {
    pub(crate) fn run(candidate: Candidate, series: ForecastSeries<'_>, origins: &Origins, task: &Task) -> Self {
        let cutoffs = [origins.cutoffs.as_slice(), &[series.view.values.len()]].concat();
        let is_left_out = task.budget.is_over() && !candidate.kind.method().is_fast;
        let forecasts = if is_left_out { None } else { candidate.backtest(series, &cutoffs, task) };
        let (paths, network) = forecasts.unwrap_or_else(|| (vec![None; cutoffs.len()], None));
        Self { candidate, paths, network, is_left_out }
    }

    /// The path after the whole history.
    pub(crate) fn forecast(&self) -> Option<&Vec<f64>> {
        self.paths.last()?.as_ref()
    }
}

impl Candidate {
    /// The forecasts at `cutoffs`, ascending; the last is the end of the history. `None` if there is none at all.
    fn backtest(self, series: ForecastSeries<'_>, cutoffs: &[usize], task: &Task) -> Option<CutoffForecasts> {
        let strategy = self.kind.method().strategy;
        let forecast = |view: SeriesView<'_>, cutoffs: &[usize]| match strategy {
            Strategy::Network { on_ridge, number } => {
                let seed = task.seed.wrapping_mul(1000).wrapping_add(10 * number + u64::from(on_ridge));
                SegmentNetwork::backtest(view, on_ridge, series.horizon, cutoffs, seed, &task.budget)
            }
            Strategy::Fit(ref fit) => Some((fit(ForecastSeries { view, ..series }, cutoffs), None)),
        };
        let first = series.first_cutoff;
        if matches!(strategy, Strategy::Network { .. }) || !self.needs_effect_removed(&series.view) {
            return self.forecast_around(series, first, cutoffs, forecast);
        }
        // the effect of covariates is estimated again for the last forecast, on all values
        let (&last, origins) = cutoffs.split_last()?;
        let (mut paths, _) = self.forecast_around(series, first, origins, forecast)?;
        paths.extend(self.forecast_around(series, last, &[last], forecast)?.0.pop());
        Some((paths, None))
    }

    /// The forecast after a whole history, which may be longer than that of the fit. The candidate takes a regression from
    /// `fits` if it is there.
    pub(crate) fn forecast(
        self,
        series: ForecastSeries<'_>,
        network: Option<&SegmentNetwork>,
        fits: &DirectFits,
    ) -> Option<Vec<f64>> {
        let (first, length) = (series.first_cutoff, series.view.values.len());
        if series.view.values.iter().any(|v| !self.transform.apply(*v).is_finite()) {
            return None;
        }
        let strategy = self.kind.method().strategy;
        let forecast = |view: SeriesView<'_>, cutoffs: &[usize]| {
            let path = match (strategy, fits.find(self)) {
                (Strategy::Network { .. }, direct) => {
                    let network = network?;
                    let fitted = || DirectRidge::fit(view, None, series.horizon, first, cutoffs).pop()?;
                    let base = if network.is_on_ridge() { direct.cloned().or_else(fitted) } else { None };
                    network.predict(view, base)
                }
                (Strategy::Fit(_), Some(direct)) => Some(direct.predict(view.values, length)),
                (Strategy::Fit(fit), None) => fit(ForecastSeries { view, ..series }, cutoffs).pop()?,
            };
            Some((vec![path], None))
        };
        let known = if network.is_some() { first } else { length };
        self.forecast_around(series, known, &[length], forecast)?.0.pop()?
    }

    /// Calls `forecast` with the transformed series, and inverts the transform of its paths.
    ///
    /// If need be, the effect of covariates is removed before and added after. It is estimated on the first `known`
    /// values; `None` if they are too few.
    pub(crate) fn forecast_around(
        self,
        ForecastSeries { view, first_cutoff, .. }: ForecastSeries<'_>,
        known: usize,
        cutoffs: &[usize],
        forecast: impl FnOnce(SeriesView<'_>, &[usize]) -> Option<CutoffForecasts>,
    ) -> Option<CutoffForecasts> {
        let transformed: Vec<f64> = view.values.iter().map(|v| self.transform.apply(*v)).collect();
        let exogenous = view.exogenous.filter(|_| self.with_covariates);
        let whole = SeriesView { values: &transformed, exogenous, ..view };
        let (paths, network) = if self.needs_effect_removed(&view) {
            let effect = ExogenousEffect::estimate(&whole, first_cutoff, known)?;
            let without_effect = SeriesView { values: &effect.remove(&transformed), ..whole };
            let (paths, network) = forecast(without_effect, cutoffs)?;
            let restored = paths.into_iter().zip(cutoffs).map(|(path, cutoff)| effect.restore(path?, *cutoff));
            (restored.collect(), network)
        } else {
            forecast(whole, cutoffs)?
        };
        let finished = |(path, &cutoff): (Option<Vec<f64>>, &usize)| self.inverted(path?, &transformed[..cutoff]);
        Some((paths.into_iter().zip(cutoffs).map(finished).collect(), network))
    }

    /// Clamps a path to the range of plausible values and inverts the transform; `None` if a value is not finite.
    fn inverted(self, path: Vec<f64>, known: &[f64]) -> Option<Vec<f64>> {
        let (low, high) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        let margin = MAX_RANGES_OUTSIDE * (high - low);
        let invert = |v: f64| self.transform.invert(v.clamp(low - margin, high + margin));
        let path: Vec<f64> = path.into_iter().map(invert).collect();
        path.iter().all(|v| v.is_finite()).then_some(path)
    }
}
