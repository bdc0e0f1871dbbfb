//! FittedPooled series: one global model that learns from all of them, and each series by itself, mixed by how well either
//! forecast the last horizon when it was held out.
//!
//! What a network learns across series and what a series tells of itself go wrong in different places, so that their
//! mean is often better than either (Bates & Granger 1969). Where learning each series by itself did not help on a
//! sample of them, or would take longer than there is time, the others are not tried.

use crate::model::global;
use std::time::Instant;

use crate::budget::shares;
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::{Auto, FittedSeries as Each};
use crate::model::ensemble::combine::{grid_minimum, shrunk, trust};
use crate::model::ensemble::conformal::{Bound, width_factors};
use crate::model::ensemble::holdout::{HoldoutCase, HoldoutErrors, mase_scale};
use crate::model::ensemble_weights::{Component, EnsembleWeights};
use crate::model::forecaster::Forecaster;
use crate::model::hindcast::Hindcast;
use crate::model::model_files::ModelFiles;
use crate::model::observer::Observer;
use crate::model::persist::Persist;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Series that are learned each by itself to see whether that helps.
const SAMPLE: usize = 600;
/// The share of the global model before anything was held out.
const PRIOR: f64 = 0.7;
/// Series at which the held-out horizon and the prior count alike.
const DOUBT: f64 = 300.0;
/// Steps of the shares that are tried.
const GRID: usize = 20;
/// A share of each series by itself below this is not worth the time.
const WORTH: f64 = 0.2;
/// Fewest held-out ends that say anything.
const FEWEST: usize = 8;
/// Least and most that a band is narrowed and widened.
const FACTORS: std::ops::RangeInclusive<f64> = 0.5..=3.0;

/// Both, and what was learned of them.
#[derive(Debug)]
pub(crate) struct FittedPooled {
    pub(crate) global: global::fitted::FittedGlobal,
    /// `None` where it did not help.
    pub(crate) each: Option<Each>,
    pub(crate) mix: Mix,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    pub(crate) hindcasts: Vec<Hindcast>,
}

/// How two forecasts become one.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mix {
    /// The share of the global model, in [0, 1].
    pub(crate) share: f64,
    /// Factors on how far each level is from the median, [horizon * levels].
    pub(crate) widths: Vec<f64>,
    /// Mean absolute scaled error of the two over the held-out horizon; `None` where nothing was held out.
    pub(crate) errors: Option<[f64; 2]>,
}

/// The forecasts of one series by the global model and by its own model.
#[derive(Debug, Clone, Copy)]
struct PooledPrediction<'a> {
    global: &'a Forecast,
    each: &'a Forecast,
}

pub(crate) fn fit(auto: &Auto, panel: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<FittedPooled> {
    let limit = task.budget.left();
    let part = |share: f64| Task { budget: task.budget.part(limit.map(|limit| limit.mul_f64(share))), ..task.clone() };
    let mut global = global::Global::default().fit_ensemble(panel, &part(shares::POOLED_GLOBAL), observer)?;
    let said = global.take_hindcasts();
    let mut by_series: Vec<Option<&Hindcast>> = vec![None; panel.count()];
    for hindcast in &said {
        by_series[hindcast.series] = Some(hindcast);
    }
    let sample = panel.count().div_ceil(SAMPLE);
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..panel.count()).partition(|i| i.is_multiple_of(sample));
    let began = Instant::now();
    let share = shares::POOLED_EACH_SERIES * first.len() as f64 / panel.count() as f64;
    let mut each = auto.fit_each(panel, &first, &part(share), observer)?;
    // cut short, the others would not be what these are
    let all = began.elapsed().mul_f64(panel.count() as f64 / first.len() as f64);
    let in_time = limit.is_none_or(|limit| all <= limit.mul_f64(shares::POOLED_EACH_SERIES));
    let mut mix = Mix::learned(panel, &by_series, &each.hindcasts, task);
    let worth = mix.share < 1.0 - WORTH && in_time;
    if worth && !rest.is_empty() {
        each.add(auto.fit_each(panel, &rest, &part(shares::POOLED_EACH_SERIES), observer)?);
        mix = Mix::learned(panel, &by_series, &each.hindcasts, task);
    }
    let mut hindcasts = Vec::with_capacity(said.len());
    if worth {
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let pairs = pairs(&by_series, &each.hindcasts);
        let mixed = |(number, global, each): (usize, &Hindcast, &Hindcast)| {
            let history = series[number].first(global.cutoff);
            let forecast = mix.mixed(&history, &global.forecast, &each.forecast, &task.levels);
            Hindcast { series: number, cutoff: global.cutoff, forecast }
        };
        hindcasts.extend(pairs.into_iter().map(mixed));
        each.hindcasts = Vec::new();
    } else {
        mix = Mix { share: 1.0, ..mix };
        hindcasts = said;
    }
    let (horizon, levels) = (task.horizon, task.levels.clone());
    Ok(FittedPooled { global, each: worth.then_some(each), mix, horizon, levels, hindcasts })
}

/// What both said at the same cutoff of the same series, by series.
fn pairs<'a>(global: &[Option<&'a Hindcast>], each: &'a [Hindcast]) -> Vec<(usize, &'a Hindcast, &'a Hindcast)> {
    let mut pairs: Vec<_> = each
        .iter()
        .filter_map(|each| {
            let global = global[each.series].filter(|global| global.cutoff == each.cutoff)?;
            Some((each.series, global, each))
        })
        .collect();
    pairs.sort_by_key(|(series, ..)| *series);
    pairs
}

impl Mix {
    /// The share with the least sum of sMAPE and MASE over the last horizon, as far as it can be trusted, and widths at
    /// which each level holds what it promises there.
    fn learned(panel: &Panel, global: &[Option<&Hindcast>], each: &[Hindcast], task: &Task) -> Self {
        let levels = &task.levels;
        let none = vec![1.0; task.horizon * levels.len()];
        let cases: Vec<HoldoutCase<'_, PooledPrediction<'_>>> = {
            let series: Vec<TimeSeries<'_>> = panel.iter().collect();
            let case =
                |(number, global, each): (usize, _, _)| holdout_case(series[number], panel.season(), global, each);
            pairs(global, each).into_iter().map(case).collect()
        };
        if cases.len() < FEWEST {
            return Self { share: PRIOR, widths: none, errors: None };
        }
        let baseline = errors(&cases, 0.5);
        let loss = |share: &f64| errors(&cases, *share).relative_to(baseline, f64::MIN_POSITIVE);
        let grid = (0..=GRID).map(|i| i as f64 / GRID as f64);
        let best = grid_minimum(grid, f64::INFINITY, loss).unwrap_or(PRIOR);
        let share = shrunk(PRIOR, best, trust(cases.len(), DOUBT));
        let points: usize = cases.iter().map(|case| case.observed_steps().count()).sum();
        let component_errors = [1.0, 0.0].map(|share| errors(&cases, share).scaled / points.max(1) as f64);
        let mix = Self { share, widths: none, errors: Some(component_errors) };
        Self { widths: mix.fitting_widths(&cases, levels), ..mix }
    }

    /// Split conformal factors, as the global model has them of its own intervals.
    fn fitting_widths(&self, cases: &[HoldoutCase<'_, PooledPrediction<'_>>], levels: &[f64]) -> Vec<f64> {
        let horizon = self.widths.len() / levels.len();
        width_factors(cases, horizon, levels, FACTORS, |case, q, k| {
            let (median, distance) = self.said(case.predicted.global, case.predicted.each, q, k);
            Bound { actual: case.actual[k], median, distance, min_distance: 1e-9 * median.abs().max(1e-9) }
        })
    }

    /// The median, and how far a level is from it before it is widened.
    fn said(&self, global: &Forecast, each: &Forecast, q: usize, k: usize) -> (f64, f64) {
        let mix = |global: f64, each: f64| self.share * global + (1.0 - self.share) * each;
        let (g, e) = (global.median()[k], each.median()[k]);
        (mix(g, e), mix(global.quantiles()[q].values[k] - g, each.quantiles()[q].values[k] - e))
    }

    fn mixed(&self, history: &TimeSeries<'_>, global: &Forecast, each: &Forecast, levels: &[f64]) -> Forecast {
        let floor = history.floor();
        let row = |q: usize| {
            let value = |k: usize| {
                let (median, apart) = self.said(global, each, q, k);
                (median + self.widths[k * levels.len() + q] * apart).clamp(floor, f64::MAX)
            };
            (0..global.median().len()).map(value).collect()
        };
        Forecast::after(history, levels, (0..levels.len()).map(row).collect())
    }
}

fn holdout_case<'a>(
    whole: TimeSeries<'a>,
    season: usize,
    global: &'a Hindcast,
    each: &'a Hindcast,
) -> HoldoutCase<'a, PooledPrediction<'a>> {
    let end = (global.cutoff + global.forecast.median().len()).min(whole.len());
    HoldoutCase {
        predicted: PooledPrediction { global: &global.forecast, each: &each.forecast },
        actual: &whole.values[global.cutoff..end],
        observed: &whole.observed[global.cutoff..end],
        mase_scale: mase_scale(&whole.values[..global.cutoff], season),
    }
}

/// The errors over the holdouts for a weight of the global model.
fn errors(cases: &[HoldoutCase<'_, PooledPrediction<'_>>], share: f64) -> HoldoutErrors {
    HoldoutErrors::of(cases, |case, k| {
        let PooledPrediction { global, each } = case.predicted;
        share * global.median()[k] + (1.0 - share) * each.median()[k]
    })
}

impl Forecaster for FittedPooled {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let mut forecasts = self.global.predict(history)?;
        if let Some(each) = &self.each {
            for ((series, global), each) in history.iter().zip(&mut forecasts).zip(each.predict(history)?) {
                *global = self.mix.mixed(&series, global, &each, &self.levels);
            }
        }
        Ok(forecasts)
    }

    fn hindcasts(&self) -> &[Hindcast] {
        &self.hindcasts
    }

    /// One for all series together: their errors are in units of a series' own seasonal steps.
    fn weighing(&self) -> Vec<EnsembleWeights> {
        let part = |name: &str, share: f64, at: usize| Component {
            name: name.to_owned(),
            weight: share,
            error: self.mix.errors.map(|errors| errors[at]),
        };
        let share = self.mix.share;
        let mut parts = vec![part("networks for all series", share, 0), part("each series by itself", 1.0 - share, 1)];
        parts.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        vec![EnsembleWeights { key: Vec::new(), origins: usize::from(self.mix.errors.is_some()), parts }]
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}
