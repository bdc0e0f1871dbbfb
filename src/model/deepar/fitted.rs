//! The fitted network, its sample paths and its forecasts.

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::SamplePaths;
use crate::model::deepar::inputs::InputConfig;
use crate::model::deepar::network::DeepArNetwork;
use crate::model::deepar::sampling::{CodedSeries, sample_paths};
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::static_features::{StaticFeature, category_codes};
use crate::model::deepar::width_factors::{HoldoutPaths, WidthFactors};
use crate::model::fit_report::Hindcast;
use crate::model::forecaster::Forecaster;
use crate::model::model_files::ModelFiles;
use crate::model::persist::Persist;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// A fitted network. It forecasts any panel with the frequency of the training panel.
#[derive(Debug)]
pub(crate) struct FittedDeepAr {
    pub(crate) settings: DeepAr,
    pub(crate) network: DeepArNetwork,
    pub(crate) input_config: InputConfig,
    pub(crate) static_features: Vec<StaticFeature>,
    pub(crate) width_factors: WidthFactors,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    pub(crate) seed: u64,
}

/// Sample paths that were drawn at a cutoff of a series.
struct CutoffPaths {
    series: usize,
    cutoff: usize,
    paths: SamplePaths,
}

impl Forecaster for FittedDeepAr {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let count = self.settings.path_count(history.count(), self.horizon);
        let paths = self.sample(history, count, self.seed);
        Ok(history.iter().zip(paths).map(|(series, paths)| paths.forecast(&series, &self.levels)).collect())
    }

    fn sample_paths(
        &self,
        history: &Panel,
        forecasts: &[Forecast],
        count: usize,
        seed: u64,
    ) -> Result<Vec<SamplePaths>> {
        let horizon = forecasts.first().map_or(self.horizon, |forecast| forecast.times().len());
        Ok(self.sample(history, count, seed).into_iter().map(|paths| paths.first(horizon)).collect())
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

impl FittedDeepAr {
    /// Sample paths of each series over the steps after its end.
    fn sample(&self, history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
        let paths = self.sample_unscaled(history, count, seed);
        history.iter().zip(paths).map(|(series, paths)| self.with_width_factors(&paths, &series)).collect()
    }

    /// Fits the width factors on the last `folds` horizons, on which the network was not trained. Returns the forecasts
    /// of these.
    pub(crate) fn calibrate(&mut self, panel: &Panel, folds: usize) -> Vec<Hindcast> {
        let holdout = self.holdout_paths(panel, folds);
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let actual = |at: &CutoffPaths| {
            let value = |t: usize| series[at.series].observed[t].then(|| panel.actual(at.series, t));
            (at.cutoff..at.cutoff + at.paths.horizon()).map(value).collect()
        };
        if !self.input_config.is_count() {
            let cases: Vec<HoldoutPaths<'_>> = holdout.iter().map(|at| (&at.paths, actual(at))).collect();
            self.width_factors = WidthFactors::fit(&cases);
        }
        let hindcast = |CutoffPaths { series: number, cutoff, paths }: &CutoffPaths| {
            let known = series[*number].first(*cutoff);
            let forecast = self.with_width_factors(paths, &known).forecast(&known, &self.levels);
            Hindcast { series: *number, cutoff: *cutoff, forecast }
        };
        holdout.iter().map(hindcast).collect()
    }

    fn holdout_paths(&self, panel: &Panel, folds: usize) -> Vec<CutoffPaths> {
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut holdout = Vec::new();
        for fold in (1..=folds).rev() {
            let Some(known) = panel.without_last(fold * self.horizon, 1) else { continue };
            let count = self.settings.path_count(known.count(), self.horizon);
            for (history, paths) in known.iter().zip(self.sample_unscaled(&known, count, self.seed)) {
                let Ok(number) = series.binary_search_by(|s| s.key.cmp(history.key)) else { continue };
                // a series with a gap at the cutoff ends before the gap, and its paths begin too early
                if history.len() + fold * self.horizon == series[number].len() {
                    holdout.push(CutoffPaths { series: number, cutoff: history.len(), paths });
                }
            }
        }
        holdout
    }

    /// The paths of the network, without width factors.
    fn sample_unscaled(&self, history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
        let codes = category_codes(&self.static_features, history);
        let series: Vec<CodedSeries<'_>> = history.iter().zip(&codes).map(|(s, codes)| (s, codes.as_slice())).collect();
        sample_paths((&self.network, &self.input_config), &series, self.horizon, count, seed)
    }

    /// Applies the width factors, except to counts, which must stay integers.
    fn with_width_factors(&self, paths: &SamplePaths, history: &TimeSeries<'_>) -> SamplePaths {
        if self.input_config.is_count() { paths.clone() } else { self.width_factors.apply(paths, history) }
    }
}
