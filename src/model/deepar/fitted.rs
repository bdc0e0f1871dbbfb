//! The fitted network: its sample paths, its forecasts, and how it is saved.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::{Forecast, SamplePaths};
use crate::model::deepar::inputs::{InputConfig, StaticFeature};
use crate::model::deepar::network::DeepArNetwork;
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::width_factors::{HoldoutPaths, WidthFactors};
use crate::model::fit::{Forecaster, Hindcast};
use crate::model::many_series::MAX_SEASONS;
use crate::model::nn::{Recurrent, tensor};
use crate::model::persist::{Persist, Weights, levels_are_valid};
use crate::panel::{Panel, TimeSeries};

/// A fitted network. It forecasts any panel with the frequency of the training panel.
#[derive(Debug)]
pub(crate) struct FittedDeepAr {
    pub(crate) state: DeepArState,
    pub(crate) network: DeepArNetwork,
}

/// Everything that is saved, except the weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeepArState {
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    pub(crate) seed: u64,
    pub(crate) input_config: InputConfig,
    pub(crate) static_features: Vec<StaticFeature>,
    pub(crate) width_factors: WidthFactors,
    pub(crate) settings: DeepAr,
}

impl Forecaster for FittedDeepAr {
    fn seasons(&self) -> Option<Vec<usize>> {
        Some(self.state.input_config.seasons.clone())
    }

    fn levels(&self) -> &[f64] {
        &self.state.levels
    }

    fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        let count = self.state.settings.path_count(history.count(), self.state.horizon);
        let paths = self.sample(history, count, self.state.seed);
        Ok(history.iter().zip(paths).map(|(series, paths)| paths.forecast(&series, levels)).collect())
    }

    fn sample_paths(
        &self,
        history: &Panel,
        forecasts: &[Forecast],
        count: usize,
        seed: u64,
    ) -> Result<Vec<SamplePaths>> {
        let horizon = forecasts.first().map_or(self.state.horizon, |forecast| forecast.times().len());
        Ok(self.sample(history, count, seed).into_iter().map(|paths| paths.first(horizon)).collect())
    }
}

impl FittedDeepAr {
    /// A network before training.
    pub(crate) fn untrained(state: DeepArState) -> Self {
        let DeepArState { settings, input_config, static_features, seed, .. } = &state;
        let mut rng = ChaCha8Rng::seed_from_u64(*seed);
        Self { network: DeepArNetwork::new(settings, input_config, static_features, &mut rng), state }
    }

    /// Sample paths of each series over the steps after its end.
    fn sample(&self, history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
        let paths = history.iter().zip(self.sample_unscaled(history, count, seed));
        paths.map(|(series, paths)| self.with_width_factors(paths, &series)).collect()
    }

    /// Fits the width factors on the last `folds` horizons, on which the network was not trained. Returns its forecasts
    /// of these horizons.
    pub(crate) fn calibrate(&mut self, panel: &Panel, folds: usize) -> Vec<Hindcast> {
        let DeepArState { horizon, seed, ref settings, .. } = self.state;
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut holdout = Vec::new();
        for fold in (1..=folds).rev() {
            let Some(known) = panel.without_last(fold * horizon, 1) else { continue };
            let count = settings.path_count(known.count(), horizon);
            for (history, paths) in known.iter().zip(self.sample_unscaled(&known, count, seed)) {
                let Some(number) = panel.position(history.key) else { continue };
                let (whole, cutoff) = (series[number], history.len());
                // a series with a gap at the cutoff ends before the gap, and its paths begin too early
                if cutoff + fold * horizon == whole.len() {
                    let actual = |t: usize| whole.observed[t].then(|| panel.actual(number, t));
                    let actual = (cutoff..cutoff + horizon).map(actual).collect();
                    holdout.push(HoldoutPaths { series: number, cutoff, paths, actual });
                }
            }
        }
        if !self.state.input_config.is_count() {
            self.state.width_factors = WidthFactors::fit(&holdout);
        }
        let hindcast = |HoldoutPaths { series: number, cutoff, paths, .. }: HoldoutPaths| {
            let known = series[number].first(cutoff);
            let forecast = self.with_width_factors(paths, &known).forecast(&known, &self.state.levels);
            Hindcast { series: number, cutoff, forecast }
        };
        holdout.into_iter().map(hindcast).collect()
    }

    /// Applies the width factors, except to counts, which must stay integers.
    fn with_width_factors(&self, paths: SamplePaths, history: &TimeSeries<'_>) -> SamplePaths {
        if self.state.input_config.is_count() { paths } else { self.state.width_factors.apply(&paths, history) }
    }
}

impl Persist for FittedDeepAr {
    type State = DeepArState;

    fn name(_: &DeepArState) -> &'static str {
        DeepAr::NAME
    }

    fn state(&self) -> DeepArState {
        self.state.clone()
    }

    fn weights(&self) -> Weights {
        tensor::weights_of(self.network.store())
    }

    fn is_valid(state: &DeepArState) -> bool {
        let DeepArState { horizon, levels, input_config, static_features, width_factors, settings, .. } = state;
        let WidthFactors { below, above } = *width_factors;
        let positive = [below, above, input_config.typical_step, input_config.log_size_deviation];
        (1..=1 << 16).contains(horizon)
            && levels_are_valid(levels)
            && input_config.seasons.len() <= MAX_SEASONS
            && input_config.seasons.iter().all(|m| (2..=1 << 12).contains(m))
            && (1..=1 << 16).contains(&input_config.context)
            && positive.iter().all(|x| x.is_finite() && *x > 0.0)
            && input_config.log_size_mean.is_finite()
            && static_features.iter().all(|f| (1..=1 << 12).contains(&f.values.len()) && f.values.is_sorted())
            && (1..=1 << 12).contains(&settings.hidden)
            && (1..=64).contains(&settings.layers)
            && (1..=1 << 16).contains(&settings.paths)
    }

    fn restore(state: DeepArState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let fitted = Self::untrained(state);
        tensor::set_weights(fitted.network.store(), std::mem::take(weights))?;
        Ok(fitted)
    }
}
