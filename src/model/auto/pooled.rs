//! A global model of all series combined with local models, one for each series.
//!
//! A global model is trained on all series, a local model on one. Their errors differ, so their mean is often more
//! accurate than either (Bates & Granger 1969, *The combination of forecasts*, Operational Research Quarterly 20(4)).
//! The local models of a sample of series show whether this holds for a panel. If it does not, or if the budget is too
//! short, the global model alone makes the forecast.

use std::ops::RangeInclusive;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::budget::shares;
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::candidate::CandidateKind;
use crate::model::auto::local::{FittedLocal, LocalFit};
use crate::model::auto::series_model::SeriesModel;
use crate::model::auto::settings::Auto;
use crate::model::ensemble::conformal::{self, covering_factor};
use crate::model::ensemble::holdout::{HoldoutCase, HoldoutErrors, estimate_weight, grid_minimum, mase_scale, shrunk};
use crate::model::fit::{Component, EnsembleWeights, FitNotice, FitReport, Forecaster, Hindcast, Task};
use crate::model::global::fitted::FittedGlobal;
use crate::model::global::settings::Global;
use crate::model::observer::Observer;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Approximate number of series in the sample.
const SAMPLE_SERIES: usize = 600;
/// The minimum weight of local models that justifies their time.
const MIN_LOCAL_WEIGHT: f64 = 0.2;

/// The maximum number of series whose weights are reported separately.
const MAX_REPORTED_SERIES: usize = 400;
/// The weight of the global model without a holdout.
const PRIOR_GLOBAL_WEIGHT: f64 = 0.7;
/// Weight of the prior, in holdouts of a series.
const SHRINKAGE_PRIOR_HOLDOUTS: f64 = 60.0;
/// Number of steps between weight 0 and weight 1 in the grid of weights.
const GRID_STEPS: usize = 20;
/// The minimum number of holdouts that change the prior weight.
const MIN_SERIES: usize = 8;
const WIDTH_FACTOR_RANGE: RangeInclusive<f64> = 0.5..=3.0;

/// The fitted global model, the local models and their combination.
#[derive(Debug)]
pub(crate) struct FittedPooled {
    pub(crate) global: FittedGlobal,
    /// `None` if they do not make the forecast more accurate.
    pub(crate) local: Option<FittedLocal>,
    pub(crate) mixture: PooledMixture,
}

impl FittedPooled {
    /// Fits the global model, then local models. Fails if no series is long enough for the global model.
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
            PooledMixture::fit(&hindcast_pairs(panel, &global_hindcasts, &local.hindcasts), panel.season(), task)
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
        let hindcasts = if use_local {
            notices.extend(local.notice());
            mixture.hindcasts(&hindcast_pairs(panel, &global_hindcasts, &local.hindcasts), &task.levels)
        } else {
            notices.extend(is_accurate.then_some(FitNotice::NoTimeForLocalModels { series: count }));
            mixture.global_weight = 1.0;
            global_hindcasts
        };
        let mut ensemble_weights = vec![mixture.ensemble_weights()];
        if use_local && count <= MAX_REPORTED_SERIES {
            let of_series = local.models.series.iter().map(SeriesModel::ensemble_weights);
            ensemble_weights = of_series.map(|weights| mixture.with_local_weights(weights)).collect();
        }
        let report = FitReport { hindcasts, ensemble_weights, notices };
        Ok((Self { global, local: use_local.then_some(local.models), mixture }, report))
    }

    /// As [`Forecaster::predict`].
    pub(crate) fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let mut forecasts = self.global.predict(history)?;
        if let Some(local) = &self.local {
            for ((series, forecast), local_forecast) in history.iter().zip(&mut forecasts).zip(local.predict(history)?)
            {
                if local.find(series.key).is_some_and(SeriesModel::is_of_counts) {
                    // the networks forecast means of counts, not their quantiles
                    *forecast = local_forecast;
                    continue;
                }
                *forecast = self.mixture.combine(&series, [forecast, &local_forecast], &self.global.state.levels);
            }
        }
        Ok(forecasts)
    }
}

/// The weights of a global model and of local models, and the factors on the width of their mean intervals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PooledMixture {
    /// In [0, 1]; the rest is the weight of the local models.
    global_weight: f64,
    /// Factors on the distance of each level from the median, [horizon * levels].
    width_factors: Vec<f64>,
    /// Mean absolute scaled errors of the global model and of the local models on the holdout; `None` without a holdout.
    holdout_errors: Option<[f64; 2]>,
}

impl PooledMixture {
    /// The weight minimises the sum of sMAPE and MASE on the holdout, and is shrunk to the prior. With the width
    /// factors, each level has its nominal coverage on the holdout.
    fn fit<'a>(pairs: &[HindcastPair<'a>], season: usize, task: &Task) -> Self {
        let (horizon, levels) = (task.horizon, task.levels.as_slice());
        let case = |HindcastPair { whole, cutoff, forecasts, .. }: &HindcastPair<'a>| {
            let end = (cutoff + forecasts[0].median().len()).min(whole.len());
            HoldoutCase {
                predicted: *forecasts,
                actual: &whole.values[*cutoff..end],
                observed: &whole.observed[*cutoff..end],
                mase_scale: mase_scale(&whole.values[..*cutoff], season),
            }
        };
        let cases: Vec<HoldoutCase<'_, [&Forecast; 2]>> = pairs.iter().map(case).collect();
        let width_factors = vec![1.0; horizon * levels.len()];
        let mut mixture = Self { global_weight: PRIOR_GLOBAL_WEIGHT, width_factors, holdout_errors: None };
        if cases.len() < MIN_SERIES {
            return mixture;
        }
        let errors = |global_weight: f64| {
            HoldoutErrors::of(&cases, |HoldoutCase { predicted: [global, local], .. }, k| {
                global_weight * global.median()[k] + (1.0 - global_weight) * local.median()[k]
            })
        };
        let baseline = errors(0.5);
        let loss = |weight: &f64| errors(*weight).relative_to(baseline, f64::MIN_POSITIVE);
        let grid = (0..=GRID_STEPS).map(|i| i as f64 / GRID_STEPS as f64);
        let best = grid_minimum(grid, f64::INFINITY, loss).unwrap_or(PRIOR_GLOBAL_WEIGHT);
        mixture.global_weight =
            shrunk(PRIOR_GLOBAL_WEIGHT, best, estimate_weight(cases.len(), SHRINKAGE_PRIOR_HOLDOUTS));
        let steps: usize = cases.iter().map(|case| case.observed_steps().count()).sum();
        mixture.holdout_errors = Some([1.0, 0.0].map(|weight| errors(weight).scaled / steps.max(1) as f64));
        mixture.width_factors = conformal::width_factors(&cases, horizon, levels, &WIDTH_FACTOR_RANGE, |case, q, k| {
            let (median, distance) = mixture.median_and_distance(case.predicted, q, k);
            covering_factor(levels[q], case.actual[k] - median, distance, 1e-9 * median.abs().max(1e-9))
        });
        mixture
    }

    pub(crate) fn is_valid(&self, width_factors: usize) -> bool {
        self.width_factors.len() == width_factors
            && self.width_factors.iter().all(|factor| factor.is_finite() && *factor >= 0.0)
            && (0.0..=1.0).contains(&self.global_weight)
    }

    fn hindcasts(&self, pairs: &[HindcastPair<'_>], levels: &[f64]) -> Vec<Hindcast> {
        let combined = |&HindcastPair { series, whole, cutoff, forecasts }: &HindcastPair<'_>| {
            let forecast = self.combine(&whole.first(cutoff), forecasts, levels);
            Hindcast { series, cutoff, forecast }
        };
        pairs.iter().map(combined).collect()
    }

    /// The weights of all series together. The errors are mean absolute scaled errors.
    fn ensemble_weights(&self) -> EnsembleWeights {
        let component = |name: &str, weight: f64, index: usize| Component {
            name: name.to_owned(),
            weight,
            error: self.holdout_errors.map(|errors| errors[index]),
        };
        let weight = self.global_weight;
        let mut components = vec![component("global model", weight, 0), component("local models", 1.0 - weight, 1)];
        components.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        EnsembleWeights { key: Vec::new(), origins: usize::from(self.holdout_errors.is_some()), components }
    }

    /// The weights of one series: the global model, and the candidates of its local model.
    fn with_local_weights(&self, mut local: EnsembleWeights) -> EnsembleWeights {
        if let [only] = local.components.as_slice()
            && only.name == CandidateKind::COUNTS
        {
            return local;
        }
        local.components.iter_mut().for_each(|component| component.weight *= 1.0 - self.global_weight);
        let global = Component { name: "global model".into(), weight: self.global_weight, error: None };
        let at = local.components.partition_point(|component| component.weight > global.weight);
        local.components.insert(at, global);
        local
    }

    /// The weighted mean of two forecasts after `history`.
    fn combine(&self, history: &TimeSeries<'_>, pair: [&Forecast; 2], levels: &[f64]) -> Forecast {
        let floor = history.floor();
        let row = |q: usize| {
            let value_at = |k: usize| {
                let (median, distance) = self.median_and_distance(pair, q, k);
                (median + self.width_factors[k * levels.len() + q] * distance).clamp(floor, f64::MAX)
            };
            (0..pair[0].median().len()).map(value_at).collect()
        };
        Forecast::after(history, levels, (0..levels.len()).map(row).collect())
    }

    /// The mean median at step `k`, and the mean distance from it to the quantile with index `q`. The width factor is not
    /// applied.
    fn median_and_distance(&self, [global, local]: [&Forecast; 2], q: usize, k: usize) -> (f64, f64) {
        let mean = |global: f64, local: f64| self.global_weight * global + (1.0 - self.global_weight) * local;
        let (g, l) = (global.median()[k], local.median()[k]);
        (mean(g, l), mean(global.quantiles()[q].values[k] - g, local.quantiles()[q].values[k] - l))
    }
}

/// The hindcasts of one series at one cutoff by the global model and by its local model.
struct HindcastPair<'a> {
    series: usize,
    whole: TimeSeries<'a>,
    cutoff: usize,
    forecasts: [&'a Forecast; 2],
}

/// All pairs of hindcasts, which are in the order of the series and of the cutoffs.
fn hindcast_pairs<'a>(panel: &'a Panel, global: &'a [Hindcast], local: &'a [Hindcast]) -> Vec<HindcastPair<'a>> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let pair = |&Hindcast { series, cutoff, ref forecast }: &'a Hindcast| {
        let at = global.binary_search_by_key(&(series, cutoff), |global| (global.series, global.cutoff)).ok()?;
        Some(HindcastPair { series, whole: all[series], cutoff, forecasts: [&global[at].forecast, forecast] })
    };
    local.iter().filter_map(pair).collect()
}
