//! The combination of the networks with simpler forecasts, and the widths of their intervals. Both are chosen on a
//! holdout.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::forecast::quantile_forecast::Forecast;
use crate::model::ensemble::conformal::{covering_factor, median_index, width_factors};
use crate::model::ensemble::holdout::{HoldoutCase, HoldoutErrors, estimate_weight, grid_minimum, shrunk};
use crate::model::fit::{Hindcast, Task};
use crate::model::global::covariate_effects::CovariateEffects;
use crate::model::global::network::{Member, SERIES_PER_PASS, predict};
use crate::model::global::scaled_panel::{ScaledPanel, ScaledSeries, SeriesScale};
use crate::model::global::windows::Prediction;
use crate::model::stat::ets;
use crate::panel::Panel;

/// The minimum share by which the loss of chosen weights is below that of the prior weights.
const MIN_IMPROVEMENT: f64 = 5e-3;
/// Weight of the prior, in series of the holdout.
const SHRINKAGE_PRIOR_SERIES: f64 = 500.0;
/// The maximum weight of the chosen weights against the prior, because each series has a single holdout.
const MAX_ESTIMATE_WEIGHT: f64 = 0.5;
/// The skill of the networks over the seasonal naive forecast above which the latter has no prior weight.
const FULL_SKILL: f64 = 0.05;
/// The minimum prior weight of the networks with the smoothing bank.
const MIN_NETWORK_WEIGHT: f64 = 0.4;
/// The prior weight of the smoothing bank, as a share of that of the networks.
const SMOOTHING_SHARE: f64 = 0.2;
/// The smallest number of holdouts of a series for a choice between settings.
const MIN_HOLDOUT_CASES: usize = 8;
/// Weight of a given combination, in holdouts, when it is adapted to others.
const ADAPTATION_PRIOR_CASES: f64 = 200.0;
/// The smallest and the largest width factor.
const WIDTH_FACTOR_RANGE: std::ops::RangeInclusive<f64> = 0.4..=4.0;

/// Weights of the networks, the smoothing bank, the seasonal naive forecast and the comb.
type Weights = [f64; 4];

const NETWORK_ALONE: Weights = [1.0, 0.0, 0.0, 0.0];
const NAIVE_ALONE: Weights = [0.0, 0.0, 1.0, 0.0];
/// The index of the comb among the weights.
const COMB: usize = 3;

/// The weights and width factors that turn the prediction of a series into its forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Combination {
    pub(crate) weights: Weights,
    /// Factors on the distance of each level from the median, [horizon * levels].
    pub(crate) width_factors: Vec<f64>,
}

/// A holdout case, and the scale of its series.
type Case<'a> = HoldoutCase<'a, (&'a Prediction, SeriesScale)>;

/// Adds the [`comb`] forecast of each series to its prediction.
pub(crate) fn add_comb_forecasts(predictions: &mut [Prediction], panel: &ScaledPanel<'_>, horizon: usize) {
    let season = panel.periods.first().copied().unwrap_or(1);
    predictions.par_iter_mut().zip(&panel.series).for_each(|(prediction, series)| {
        let values: Vec<f64> = series.values.iter().map(|x| series.scale.unscaled(f64::from(*x))).collect();
        let path = ets::fit_comb(&values, season, horizon).median;
        prediction.comb = path.into_iter().map(|value| series.scale.scaled(value) as f32).collect();
        series.add_effect(&mut prediction.comb, 1);
    });
}

impl Combination {
    /// Chooses weights and width factors by holdouts of one horizon.
    ///
    /// The weights minimise the sum of sMAPE and MASE, both relative to the seasonal naive forecast. If the networks
    /// have little skill, comb forecasts are added to the predictions.
    pub(crate) fn fit(holdouts: &mut [Holdout<'_>], task: &Task) -> Self {
        let (horizon, levels) = (task.horizon, task.levels.as_slice());
        let skill = network_skill(&holdout_cases(holdouts), levels);
        if skill < FULL_SKILL {
            for Holdout { known, predictions, .. } in &mut *holdouts {
                add_comb_forecasts(predictions, known, horizon);
            }
        }
        let cases = holdout_cases(holdouts);
        if cases.len() < MIN_HOLDOUT_CASES {
            return Self { weights: prior_weights(1.0, false), width_factors: vec![1.0; horizon * levels.len()] };
        }
        let weights = best_weights(&cases, levels, skill);
        let unscaled = Self { weights, width_factors: vec![1.0; horizon * levels.len()] };
        Self { width_factors: unscaled.fit_widths(&cases, task), ..unscaled }
    }

    /// The factors on the intervals of this combination with which they have their nominal coverage, [horizon * levels].
    fn fit_widths(&self, cases: &[Case<'_>], Task { horizon, levels, .. }: &Task) -> Vec<f64> {
        let (count, median) = (levels.len(), median_index(levels));
        width_factors(cases, *horizon, levels, &WIDTH_FACTOR_RANGE, |case, q, k| {
            let (prediction, scale) = case.predicted;
            let (at, at_median) = (k * count + q, k * count + median);
            let error = scale.scaled(case.actual[k]) - combined(&self.weights, prediction, k, at_median);
            let distance = f64::from(prediction.network[at] - prediction.network[at_median]);
            covering_factor(levels[q], error, self.width_factors[at] * distance, 1e-6)
        })
    }

    /// The combination, moved toward the one that suits holdouts best. `task` has the horizon and the levels of the
    /// predictions; the holdouts may have fewer steps.
    pub(crate) fn adapted(&self, holdouts: &[Holdout<'_>], task: &Task) -> Self {
        let cases = &holdout_cases(holdouts);
        if cases.len() < MIN_HOLDOUT_CASES {
            return self.clone();
        }
        let loss = relative_loss(cases, &task.levels);
        let max_loss = loss(&self.weights) * (1.0 - MIN_IMPROVEMENT);
        let best = grid_minimum(weight_grid(false), max_loss, loss).unwrap_or(self.weights);
        let share = estimate_weight(cases.len(), ADAPTATION_PRIOR_CASES);
        let weights = std::array::from_fn(|i| shrunk(self.weights[i], best[i], share));
        let moved = Self { weights, width_factors: self.width_factors.clone() };
        let corrections = moved.fit_widths(cases, task);
        let factor = |(own, correction): (&f64, f64)| own * shrunk(1.0, correction, share);
        Self { width_factors: self.width_factors.iter().zip(corrections).map(factor).collect(), ..moved }
    }

    /// Whether the comb forecast has a weight.
    pub(crate) fn needs_comb(&self) -> bool {
        self.weights[COMB] > 0.0
    }

    /// The forecasts of holdouts of a panel, from predictions made without them.
    pub(crate) fn hindcasts(&self, holdouts: &[Holdout<'_>], panel: &Panel, levels: &[f64]) -> Vec<Hindcast> {
        let mut hindcasts = Vec::new();
        for holdout in holdouts {
            for (whole, forecast) in
                holdout.panel.iter().zip(self.forecasts(&holdout.known, &holdout.predictions, levels))
            {
                if whole.len() > holdout.steps {
                    let series = panel.position(whole.key).expect("a shorter panel has no other series");
                    hindcasts.push(Hindcast { series, cutoff: whole.len() - holdout.steps, forecast });
                }
            }
        }
        hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
        hindcasts
    }

    /// The forecasts after the end of each series, from their predictions.
    pub(crate) fn forecasts(
        &self,
        panel: &ScaledPanel<'_>,
        predictions: &[Prediction],
        levels: &[f64],
    ) -> Vec<Forecast> {
        let forecast = |(series, prediction): (&ScaledSeries<'_>, &Prediction)| {
            let (low, high) = plausible_range(&series.values);
            let bounds = series.known.bounds();
            let value = |x: f64| bounds.clamp(series.scale.unscaled(x.clamp(low, high)));
            let rows = self.quantiles(prediction, levels).into_iter();
            Forecast::after(&series.known, levels, rows.map(|row| row.into_iter().map(value).collect()).collect())
        };
        panel.series.iter().zip(predictions).map(forecast).collect()
    }

    /// Quantiles on the scale of the scaled panel, [levels][horizon].
    fn quantiles(&self, prediction: &Prediction, levels: &[f64]) -> Vec<Vec<f64>> {
        let (count, median) = (levels.len(), median_index(levels));
        let point = |k: usize| combined(&self.weights, prediction, k, k * count + median);
        let quantile = |q: usize| {
            // the quantiles of a mean of networks may cross where intervals are narrow; the median does not change
            let side = (levels[q] - 0.5).signum();
            let distance = |k: usize| {
                let distance = f64::from(prediction.network[k * count + q] - prediction.network[k * count + median]);
                if q == median { 0.0 } else { side * (side * distance).max(0.0) }
            };
            let value = |k: usize| point(k) + self.width_factors[k * count + q] * distance(k);
            (0..prediction.smoothing.len()).map(value).collect()
        };
        (0..count).map(quantile).collect()
    }
}

/// The range to which forecasts are clamped: that of the series, extended on each side by about twice its width.
fn plausible_range(scaled: &[f32]) -> (f64, f64) {
    let low = scaled.iter().copied().fold(f32::INFINITY, f32::min);
    let high = scaled.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let margin = 2.0 * f64::from(high - low) + 1.0;
    (f64::from(low) - margin, f64::from(high) + margin)
}

/// The last values of each series of a panel, and the predictions of them from all earlier values.
#[derive(Debug)]
pub(crate) struct Holdout<'a> {
    panel: &'a Panel,
    known: ScaledPanel<'a>,
    /// The number of values of the holdout. Predictions may have more steps.
    steps: usize,
    predictions: Vec<Prediction>,
}

impl<'a> Holdout<'a> {
    /// Holds out the last `steps` values of each series, and predicts them by `members`. `task` is that of the members,
    /// and `effects` are those of covariates.
    pub(crate) fn new(
        panel: &'a Panel,
        periods: &'a [usize],
        steps: usize,
        effects: Option<&CovariateEffects>,
        members: &[Member],
        task: &Task,
    ) -> Self {
        let known = ScaledPanel::new(panel, periods, steps, effects);
        let predictions = predict(members, &known, task, SERIES_PER_PASS);
        Self { panel, known, steps, predictions }
    }

    /// The holdout of panels that were scaled and predicted already: `known` has the series of `panel` without their last
    /// `steps` values.
    pub(crate) fn of(panel: &'a Panel, known: ScaledPanel<'a>, steps: usize, predictions: Vec<Prediction>) -> Self {
        Self { panel, known, steps, predictions }
    }
}

/// A panel, and the same without its last horizons: a panel for each of its holdouts.
pub(crate) fn holdout_panels(panel: &Panel, origins: usize, horizon: usize) -> Vec<Cow<'_, Panel>> {
    let earlier = (1..origins).filter_map(|origin| panel.without_last(origin * horizon, horizon + 1));
    [Cow::Borrowed(panel)].into_iter().chain(earlier.map(Cow::Owned)).collect()
}

/// The cases of all series that are longer than their holdout.
fn holdout_cases<'a>(holdouts: &'a [Holdout<'_>]) -> Vec<Case<'a>> {
    let cases = |holdout: &'a Holdout<'_>| {
        let series = holdout.known.series.iter().zip(&holdout.predictions);
        holdout.panel.iter().zip(series).filter_map(|(whole, (series, prediction))| {
            let cutoff = whole.len().checked_sub(holdout.steps).filter(|cutoff| *cutoff > 0)?;
            Some(HoldoutCase {
                predicted: (prediction, series.scale),
                actual: &whole.values[cutoff..],
                observed: &whole.observed[cutoff..],
                mase_scale: series.mase_scale,
            })
        })
    };
    holdouts.iter().flat_map(cases).collect()
}

/// The point forecast of step `k` on the scale of the scaled panel. `at` is the index of its median in the output of
/// the networks.
fn combined(weights: &Weights, prediction: &Prediction, k: usize, at: usize) -> f64 {
    let naive = prediction.naive[k];
    let components =
        [prediction.network[at], prediction.smoothing[k], naive, prediction.comb.get(k).copied().unwrap_or(naive)];
    weights.iter().zip(components).map(|(weight, component)| weight * f64::from(component)).sum()
}

/// The loss of weights: the sum of sMAPE and MASE, both relative to the seasonal naive forecast.
fn relative_loss<'a>(cases: &'a [Case<'_>], levels: &[f64]) -> impl Fn(&Weights) -> f64 + use<'a> {
    let (count, median) = (levels.len(), median_index(levels));
    let errors = move |weights: &Weights| {
        HoldoutErrors::of(cases, |case, k| {
            let (prediction, scale) = case.predicted;
            scale.unscaled(combined(weights, prediction, k, k * count + median))
        })
    };
    let baseline = errors(&NAIVE_ALONE);
    move |weights| errors(weights).relative_to(baseline, 1e-12)
}

/// The share by which the networks are better than the seasonal naive forecast.
fn network_skill(cases: &[Case<'_>], levels: &[f64]) -> f64 {
    let loss = relative_loss(cases, levels);
    1.0 - loss(&NETWORK_ALONE) / loss(&NAIVE_ALONE).max(1e-12)
}

/// The weights without a holdout. `network` is the weight of the networks with the smoothing bank.
fn prior_weights(network: f64, has_comb: bool) -> Weights {
    let comb = if has_comb { (1.0 - network) / 2.0 } else { 0.0 };
    [network * (1.0 - SMOOTHING_SHARE), network * SMOOTHING_SHARE, 1.0 - network - comb, comb]
}

fn best_weights(cases: &[Case<'_>], levels: &[f64], skill: f64) -> Weights {
    let loss = relative_loss(cases, levels);
    let has_comb = cases.iter().all(|case| !case.predicted.0.comb.is_empty());
    let prior = prior_weights((skill / FULL_SKILL).clamp(MIN_NETWORK_WEIGHT, 1.0), has_comb);
    let best = grid_minimum(weight_grid(has_comb), loss(&prior) * (1.0 - MIN_IMPROVEMENT), loss).unwrap_or(prior);
    let estimate_weight = MAX_ESTIMATE_WEIGHT * estimate_weight(cases.len(), SHRINKAGE_PRIOR_SERIES);
    std::array::from_fn(|i| shrunk(prior[i], best[i], estimate_weight))
}

/// All weights in steps of 1 / `N`.
fn weight_grid(has_comb: bool) -> impl Iterator<Item = Weights> {
    const N: usize = 10;
    let last_two = (0..=N).flat_map(|c| (0..=N - c).map(move |b| (b, c)));
    let counts = last_two.flat_map(|(b, c)| (0..=N - b - c).map(move |a| [a, b, c, N - a - b - c]));
    counts.filter(move |counts| has_comb || counts[COMB] == 0).map(|counts| counts.map(|n| n as f64 / N as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::{Columns, Series};
    use crate::time::{Frequency, Timestamp};

    fn task() -> Task {
        Task { levels: vec![0.1, 0.5, 0.9], ..Task::new(2) }
    }

    /// Many series, and predictions of their last two values. The networks have the error 0.15, and the smoothing is
    /// exact.
    fn holdout() -> (Panel, Vec<Prediction>) {
        let log = |i: usize, t: usize| 1.0 + 0.1 * (t % 7) as f64 + 0.01 * i as f64;
        let series = |i: usize| Series {
            key: vec![format!("{i:03}")],
            start: Timestamp::Index(1),
            values: (0..20).map(|t| log(i, t).exp()).collect(),
            observed: vec![true; 20],
        };
        let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let panel = Panel::new(columns, Frequency::INDEX, 1, (0..600).map(series).collect()).unwrap();
        let prediction = |i: usize| {
            let smoothing = vec![log(i, 18) as f32, log(i, 19) as f32];
            let network = smoothing.iter().flat_map(|y| [0.05, 0.15, 0.25].map(|error| y + error)).collect();
            Prediction { network, smoothing, naive: vec![log(i, 17) as f32; 2], comb: Vec::new() }
        };
        (panel, (0..600).map(prediction).collect())
    }

    #[test]
    fn an_exact_component_has_weight() {
        let (panel, predictions) = holdout();
        let holdout = Holdout { panel: &panel, known: ScaledPanel::new(&panel, &[], 2, None), steps: 2, predictions };
        let weights = Combination::fit(&mut [holdout], &task()).weights;
        assert!(weights[1] > 0.2, "{weights:?}");
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn intervals_are_widened_until_they_cover_the_holdout() {
        let (panel, predictions) = holdout();
        let holdouts =
            [Holdout { panel: &panel, known: ScaledPanel::new(&panel, &[], 2, None), steps: 2, predictions }];
        let cases = holdout_cases(&holdouts);
        let alone = Combination { weights: NETWORK_ALONE, width_factors: vec![1.0; 6] };
        let factors = alone.fit_widths(&cases, &task());
        // the networks are 0.15 too high, and their lower bound is 0.1 below the median, so that its factor is 1.5
        assert!((factors[0] - 1.5).abs() < 0.01 && (factors[3] - 1.5).abs() < 0.01, "{factors:?}");
        assert!((factors[2] - WIDTH_FACTOR_RANGE.start()).abs() < 1e-9, "{factors:?}");
    }

    #[test]
    fn crossing_quantiles_of_networks_collapse_to_the_combined_median() {
        let prediction =
            Prediction { network: vec![2.0, 1.0, 0.5], smoothing: vec![3.0], naive: vec![0.0], comb: Vec::new() };
        let combination = Combination { weights: [0.5, 0.5, 0.0, 0.0], width_factors: vec![1.0; 3] };
        assert_eq!(combination.quantiles(&prediction, &task().levels), [[2.0], [2.0], [2.0]]);
    }
}
