//! A global model of all series combined with local models, one for each series.
//!
//! A global model is trained on all series, a local model on one. Their errors differ, so their mean is often more
//! accurate than either (Bates & Granger 1969, *The combination of forecasts*, Operational Research Quarterly 20(4)).
//! The local models of a sample of series show whether this holds for a panel. If it does not, or if the budget is too
//! short, the global model alone makes the forecast.

use std::time::Instant;

use crate::budget::shares;
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::local::{FittedLocal, LocalFit};
use crate::model::auto::pooled_mixture::{PooledMixture, hindcast_pairs};
use crate::model::auto::settings::Auto;
use crate::model::fit_report::{Component, EnsembleWeights, FitNotice, FitReport, Hindcast};
use crate::model::forecaster::Forecaster;
use crate::model::global::fitted::FittedGlobal;
use crate::model::global::settings::Global;
use crate::model::observer::Observer;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Approximate number of series in the sample.
const SAMPLE_SERIES: usize = 600;
/// The minimum weight of local models that justifies their time.
const MIN_LOCAL_WEIGHT: f64 = 0.2;

/// The fitted global model, the local models and their combination.
#[derive(Debug)]
pub(crate) struct FittedPooled {
    pub(crate) global: FittedGlobal,
    /// `None` if they do not make the forecast more accurate.
    pub(crate) local: Option<FittedLocal>,
    pub(crate) mixture: PooledMixture,
}

impl FittedPooled {
    /// Fits the global model, then local models.
    ///
    /// # Errors
    /// If no series is long enough for the global model.
    pub(crate) fn fit(
        auto: &Auto,
        panel: &Panel,
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<(Self, FitReport)> {
        let limit = task.budget.left();
        let with_budget_share =
            |share: f64| Task { budget: task.budget.part(limit.map(|limit| limit.mul_f64(share))), ..task.clone() };
        let count = panel.count();
        let (global, global_hindcasts) =
            Global::default().fit_ensemble(panel, &with_budget_share(shares::POOLED_GLOBAL), observer)?;
        let fit_mixture = |local: &LocalFit| {
            let pairs = hindcast_pairs(count, &global_hindcasts, &local.hindcasts);
            PooledMixture::fit(panel, &pairs, task.horizon, &task.levels)
        };
        let stride = count.div_ceil(SAMPLE_SERIES);
        let (sample, others): (Vec<usize>, Vec<usize>) = (0..count).partition(|i| i.is_multiple_of(stride));
        let began = Instant::now();
        let share = shares::POOLED_LOCAL * sample.len() as f64 / count as f64;
        let mut local = LocalFit::new(auto, panel, &sample, &with_budget_share(share), observer)?;
        // all series or none: with too little time, local models would be less accurate than those of the sample
        let time_of_all = began.elapsed().mul_f64(count as f64 / sample.len() as f64);
        let is_in_time = limit.is_none_or(|limit| time_of_all <= limit.mul_f64(shares::POOLED_LOCAL));
        let mut mixture = fit_mixture(&local);
        let is_accurate = mixture.global_weight < 1.0 - MIN_LOCAL_WEIGHT;
        let use_local = is_accurate && is_in_time;
        if use_local && !others.is_empty() {
            local.add(LocalFit::new(auto, panel, &others, &with_budget_share(shares::POOLED_LOCAL), observer)?);
            mixture = fit_mixture(&local);
        }
        let mut notices = global.notices();
        let hindcasts = if use_local {
            notices.extend(local.notice());
            combined_hindcasts(panel, &mixture, &global_hindcasts, &local.hindcasts, &task.levels)
        } else {
            notices.extend(is_accurate.then_some(FitNotice::NoTimeForLocalModels { series: count }));
            mixture = mixture.global_only();
            global_hindcasts
        };
        let report = FitReport { hindcasts, ensemble_weights: vec![ensemble_weights(&mixture)], notices };
        Ok((Self { global, local: use_local.then_some(local.models), mixture }, report))
    }

    /// As [`Forecaster::predict`].
    ///
    /// # Errors
    /// As the global model and the local models.
    pub(crate) fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let mut forecasts = self.global.predict(history)?;
        if let Some(local) = &self.local {
            for ((series, forecast), local) in history.iter().zip(&mut forecasts).zip(local.predict(history)?) {
                *forecast = self.mixture.combine(&series, [forecast, &local], &self.global.state.levels);
            }
        }
        Ok(forecasts)
    }
}

fn combined_hindcasts(
    panel: &Panel,
    mixture: &PooledMixture,
    global: &[Hindcast],
    local: &[Hindcast],
    levels: &[f64],
) -> Vec<Hindcast> {
    let series: Vec<TimeSeries<'_>> = panel.iter().collect();
    let combined = |pair: [&Hindcast; 2]| {
        let Hindcast { series: index, cutoff, .. } = *pair[0];
        let forecast = mixture.combine(&series[index].first(cutoff), pair.map(|one| &one.forecast), levels);
        Hindcast { series: index, cutoff, forecast }
    };
    hindcast_pairs(panel.count(), global, local).into_iter().map(combined).collect()
}

/// The weights of all series together. The errors are mean absolute scaled errors.
fn ensemble_weights(mixture: &PooledMixture) -> EnsembleWeights {
    let component = |name: &str, weight: f64, index: usize| Component {
        name: name.to_owned(),
        weight,
        error: mixture.holdout_errors.map(|errors| errors[index]),
    };
    let weight = mixture.global_weight;
    let mut components = vec![component("global model", weight, 0), component("local models", 1.0 - weight, 1)];
    components.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    EnsembleWeights { key: Vec::new(), origins: usize::from(mixture.holdout_errors.is_some()), components }
}
