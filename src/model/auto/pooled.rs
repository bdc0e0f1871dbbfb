//! A global model of all series combined with local models, one for each series.
//!
//! A global model is trained on all series, a local model on one. Their errors differ, so their mean is often more
//! accurate than either (Bates & Granger 1969, *The combination of forecasts*, Operational Research Quarterly 20(4)).
//! The local models of a sample of series show whether this holds for a panel. If it does not, or if the budget is too
//! short, the global model alone makes the forecast.

use std::sync::Arc;
use std::time::Instant;

use crate::budget::shares;
use crate::error::Result;
use crate::forecast::levels::{LEVELS, union};
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::effects::MIN_OTHER_WEIGHT;
use crate::model::auto::hindcast_pair::hindcast_pairs;
use crate::model::auto::local::{FittedLocal, LocalFit};
use crate::model::auto::mixture::{PooledMixture, hindcasts};
use crate::model::auto::series_model::SeriesModel;
use crate::model::auto::settings::Auto;
use crate::model::effect::{Effect, EffectKind};
use crate::model::fit::{FitNotice, FitReport, Forecaster, Task};
use crate::model::global::fitted::FittedGlobal;
use crate::model::global::model::Phases;
use crate::model::global::settings::Global;
use crate::model::many_series::with_covariates_of;
use crate::model::member_weights::EnsembleWeights;
use crate::model::observer::Observer;
use crate::model::other_levels::{at_levels, hindcasts_at_levels, if_other};
use crate::model::stat::method_fit::is_constant;
use crate::model::usual_covariates::covariate_effects;
use crate::panel::covariates::Covariate;
use crate::panel::{Panel, TimeSeries};

/// Approximate number of series in the sample.
const SAMPLE_SERIES: usize = 600;
/// The minimum weight of local models that justifies their time.
pub(crate) const MIN_LOCAL_WEIGHT: f64 = 0.2;

/// The maximum number of series whose weights are reported separately.
const MAX_REPORTED_SERIES: usize = 400;
/// The fitted global model, the local models and their combination.
#[derive(Debug)]
pub(crate) struct FittedPooled {
    pub(crate) global: Arc<FittedGlobal>,
    /// `None` if they do not make the forecast more accurate.
    pub(crate) local: Option<FittedLocal>,
    pub(crate) mixture: PooledMixture,
    /// The levels of forecasts, if they are others than those of the parts.
    pub(crate) forecast_levels: Option<Vec<f64>>,
}

impl FittedPooled {
    /// Fits the global model, then local models. Fails if no series is long enough for the global model.
    pub(crate) fn fit(
        auto: &Auto,
        panel: &Panel,
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<(Self, FitReport)> {
        // networks learn these levels, and the mixture has a width factor for each
        let (forecast_levels, task) = (&task.levels, &Task { levels: LEVELS.to_vec(), ..task.clone() });
        let limit = task.budget.left();
        let with_budget_share =
            |share: f64| Task { budget: task.budget.part(limit.map(|limit| limit.mul_f64(share))), ..task.clone() };
        let count = panel.count();
        let phases = Global::default().fit_phases(panel, &with_budget_share(shares::POOLED_GLOBAL), observer)?;
        let Phases { second: global, hindcasts: global_hindcasts, .. } = phases;
        let fit_mixture = |local: &LocalFit| {
            let pairs = hindcast_pairs(panel, &global_hindcasts, &local.hindcasts, &local.models);
            PooledMixture::fit(&pairs, panel.season(), task)
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
            local.add(auto, panel, &others, &with_budget_share(shares::POOLED_LOCAL), observer)?;
            mixture = fit_mixture(&local);
        }
        let mut notices = global.notices();
        let pairs = if use_local {
            notices.extend(local.notice());
            hindcast_pairs(panel, &global_hindcasts, &local.hindcasts, &local.models)
        } else {
            notices.extend(is_accurate.then_some(FitNotice::NoTimeForLocalModels { series: count }));
            let alone = hindcast_pairs(panel, &global_hindcasts, &global_hindcasts, &local.models);
            mixture = PooledMixture::fit(&alone, panel.season(), task);
            mixture.global_weight = 1.0;
            alone
        };
        let is_mixed = use_local || mixture.simple.is_some();
        let hindcasts = if is_mixed { hindcasts(&pairs, panel.season(), task) } else { global_hindcasts };
        let hindcasts = hindcasts_at_levels(panel, hindcasts, forecast_levels);
        let (local, forecast_levels) = (use_local.then_some(local.models), if_other(forecast_levels));
        let fitted = Self { global: Arc::new(global), local, mixture, forecast_levels };
        let report = FitReport { hindcasts, ensemble_weights: fitted.ensemble_weights(count), notices };
        Ok((fitted, report))
    }

    /// The weights for a report on so many series: those of each series, or those of all if they are many or have no local
    /// models.
    pub(crate) fn ensemble_weights(&self, series: usize) -> Vec<EnsembleWeights> {
        match self.local.as_ref().filter(|_| series <= MAX_REPORTED_SERIES) {
            Some(local) => local.ensemble_weights().map(|own| self.mixture.with_local_weights(own)).collect(),
            None => vec![self.mixture.ensemble_weights()],
        }
    }

    /// As [`Forecaster::covariates`]. The global model of an earlier version has none.
    pub(crate) fn covariates(&self) -> &[Covariate] {
        self.local.as_ref().map_or(self.global.covariates(), |local| &local.covariates)
    }

    /// As [`Forecaster::levels`].
    pub(crate) fn levels(&self) -> &[f64] {
        self.forecast_levels.as_ref().unwrap_or(&self.global.state.levels)
    }

    /// Whether a series is forecast by its local model alone: networks forecast means of counts, not their quantiles,
    /// and constants not exactly.
    fn is_local_alone(&self, series: &TimeSeries<'_>) -> bool {
        let Some(local) = &self.local else { return false };
        is_constant(series.values) || local.find(series.key).is_some_and(SeriesModel::is_of_counts)
    }

    /// The effects of covariates and networks on each series of a history without the effects of rare days.
    pub(crate) fn effects(&self, history: &Panel) -> Result<Vec<Vec<Effect>>> {
        let history = with_covariates_of(history, self.covariates(), self.global.state.horizon)?;
        let mut effects = covariate_effects(&history, |panel| self.predict_at(panel, &[0.5]))?;
        for (own, network) in effects.iter_mut().zip(self.network_effects(&history)?) {
            own.extend(network);
        }
        Ok(effects)
    }

    /// What the global model and the networks of the local models add to the other members, for each series. `None` if
    /// the others have too little weight.
    fn network_effects(&self, history: &Panel) -> Result<Vec<Option<Effect>>> {
        let global_weight = (1.0 - self.mixture.simple_weight()) * self.mixture.global_weight;
        let Some(local) = self.local.as_ref().filter(|_| 1.0 - global_weight >= MIN_OTHER_WEIGHT) else {
            return Ok(vec![None; history.count()]);
        };
        let forecasts = self.predict_at(history, &[0.5])?;
        let (local_forecasts, local_effects) = (local.predict_at(history, &[0.5])?, local.effects(history)?);
        let effect = |(((series, forecast), own), effects): (((TimeSeries<'_>, &Forecast), &Forecast), Vec<Effect>)| {
            if self.is_local_alone(&series) {
                return None;
            }
            let network = effects.into_iter().find(|effect| effect.kind == EffectKind::Networks);
            let without = |k: usize| {
                let local = own.median()[k] - network.as_ref().map_or(0.0, |network| network.future[k]);
                self.mixture.without_global(series.values, local, k)
            };
            let all = forecast.median().iter().enumerate();
            Effect::if_any(EffectKind::Networks, Vec::new(), all.map(|(k, value)| value - without(k)).collect())
        };
        let all = history.iter().zip(&forecasts).zip(&local_forecasts).zip(local_effects);
        Ok(all.map(effect).collect())
    }

    /// As [`Forecaster::predict_at`].
    pub(crate) fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        let own_levels = &self.global.state.levels;
        if self.local.is_none() && self.mixture.simple.is_none() {
            return self.global.predict_at(history, levels);
        }
        let mut forecasts = self.global.predict_at(history, own_levels)?;
        let local_forecasts = match &self.local {
            Some(local) => local.predict_at(history, &union(levels, own_levels))?,
            None => forecasts.clone(),
        };
        for ((series, forecast), local_forecast) in history.iter().zip(&mut forecasts).zip(local_forecasts) {
            *forecast = if self.is_local_alone(&series) {
                local_forecast.at(levels)
            } else {
                let combined = self.mixture.combine(&series, [forecast, &local_forecast.at(own_levels)], own_levels);
                at_levels(&series, combined, levels)
            };
        }
        Ok(forecasts)
    }
}
