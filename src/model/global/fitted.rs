//! The fitted ensemble and its forecasts.

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit_report::{FitNotice, Hindcast};
use crate::model::forecaster::Forecaster;
use crate::model::global::combination::Combination;
use crate::model::global::members::{EnsembleTask, Member, Prediction, add_comb_forecasts, predict};
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::settings::Global;
use crate::model::model_files::ModelFiles;
use crate::model::persist::Persist;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// A fitted ensemble. It forecasts any panel with the frequency of the training panel.
#[derive(Debug)]
pub(crate) struct FittedGlobal {
    pub(crate) settings: Global,
    pub(crate) members: Vec<Member>,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    /// Season lengths that a series can have, the shortest first.
    pub(crate) periods: Vec<usize>,
    /// The season length of the training panel.
    pub(crate) season: usize,
    pub(crate) combination: Combination,
}

impl Forecaster for FittedGlobal {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let panel = ScaledPanel::new(history, &self.periods, 0);
        let task = EnsembleTask { horizon: self.horizon, levels: &self.levels, seed: 0 };
        let mut predictions = predict(&self.members, &panel, &task);
        if self.combination.needs_comb() {
            add_comb_forecasts(&mut predictions, &panel, self.horizon);
        }
        Ok(self.combined(history.iter(), &panel, &predictions))
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

impl FittedGlobal {
    /// A notice if members of the ensemble are missing.
    pub(crate) fn notices(&self) -> Vec<FitNotice> {
        let planned = self.settings.member_configs.as_ref().map_or(self.settings.members, Vec::len);
        let trained = self.members.len();
        if trained < planned { vec![FitNotice::FewerNetworks { trained, planned }] } else { Vec::new() }
    }

    /// The forecasts of the holdout of each series, from predictions made without it.
    pub(crate) fn holdout_hindcasts(
        &self,
        panel: &Panel,
        training: &ScaledPanel,
        predictions: &[Prediction],
    ) -> Vec<Hindcast> {
        let cutoff = |whole: &TimeSeries<'_>| whole.len().saturating_sub(self.horizon).max(1);
        let histories = panel.iter().map(|whole| whole.first(cutoff(&whole)));
        let forecasts = self.combined(histories, training, predictions);
        let all = panel.iter().zip(forecasts).enumerate();
        all.filter(|(_, (whole, _))| whole.len() > self.horizon)
            .map(|(series, (whole, forecast))| Hindcast { series, cutoff: cutoff(&whole), forecast })
            .collect()
    }

    fn combined<'a>(
        &self,
        histories: impl Iterator<Item = TimeSeries<'a>>,
        panel: &ScaledPanel,
        predictions: &[Prediction],
    ) -> Vec<Forecast> {
        let forecast = |(i, history): (usize, TimeSeries<'_>)| {
            let scale = panel.series(i).scale;
            let quantiles = self.combination.quantiles(&predictions[i], &self.levels);
            let (low, high) = plausible_range(panel.values(i));
            let floor = history.floor();
            let value = |x: f64| scale.unscaled(x.clamp(low, high)).clamp(floor, f64::MAX);
            let rows = quantiles.into_iter().map(|row| row.into_iter().map(value).collect()).collect();
            Forecast::after(&history, &self.levels, rows)
        };
        histories.enumerate().map(forecast).collect()
    }
}

/// The range to which forecasts are clamped: that of the series, extended on each side by about twice its width.
fn plausible_range(scaled: &[f32]) -> (f64, f64) {
    let low = scaled.iter().copied().fold(f32::INFINITY, f32::min);
    let high = scaled.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let margin = 2.0 * f64::from(high - low) + 1.0;
    (f64::from(low) - margin, f64::from(high) + margin)
}
