//! The combination of the networks with simpler forecasts, and the widths of their intervals. Both are chosen on a
//! holdout.

use serde::{Deserialize, Serialize};

use crate::model::ensemble::combine::{estimate_weight, grid_minimum, shrunk};
use crate::model::ensemble::conformal::{Bound, median_index, width_factors};
use crate::model::ensemble::holdout::{HoldoutCase, HoldoutErrors};
use crate::model::global::members::{Prediction, add_comb_forecasts};
use crate::model::global::scaled_panel::{ScaledPanel, SeriesScale};
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// The number of combined forecasts.
const COMPONENTS: usize = 4;
/// The number of steps of the grid of weights from 0 to 1.
const WEIGHT_STEPS: usize = 10;
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
/// The smallest number of series with a holdout for a choice between settings.
const MIN_HOLDOUT_SERIES: usize = 8;
/// The smallest and the largest width factor.
const WIDTH_FACTOR_RANGE: std::ops::RangeInclusive<f64> = 0.4..=4.0;
/// The minimum divisor of relative errors.
const MIN_BASELINE_ERROR: f64 = 1e-12;

/// Weights of the networks, the smoothing bank, the seasonal naive forecast and the comb.
type Weights = [f64; COMPONENTS];

const NETWORK_ALONE: Weights = [1.0, 0.0, 0.0, 0.0];
const NAIVE_ALONE: Weights = [0.0, 0.0, 1.0, 0.0];

/// The weights and width factors that turn the prediction of a series into its forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Combination {
    /// Weights of the networks, the smoothing bank, the last value with the season, and the comb.
    pub(crate) weights: Weights,
    /// Factors on the distance of each level from the median, [horizon * levels].
    pub(crate) width_factors: Vec<f64>,
}

/// A holdout case, and the scale of its series.
type Case<'a> = HoldoutCase<'a, (&'a Prediction, SeriesScale)>;

impl Combination {
    /// The prior weights and the intervals of the networks, for a panel with too few holdouts.
    fn prior(horizon: usize, levels: usize) -> Self {
        Self { weights: prior_weights(1.0, false), width_factors: vec![1.0; horizon * levels] }
    }

    /// Chooses weights and width factors by the last `horizon` values of each series, which are not in `training`.
    ///
    /// The weights minimise the sum of sMAPE and MASE, both relative to the seasonal naive forecast. If the networks
    /// have little skill, comb forecasts are added to the predictions.
    pub(crate) fn fit(
        panel: &Panel,
        training: &ScaledPanel,
        predictions: &mut [Prediction],
        horizon: usize,
        levels: &[f64],
    ) -> Self {
        let skill = network_skill(&holdout_cases(panel, training, predictions, horizon), levels);
        if skill < FULL_SKILL {
            add_comb_forecasts(predictions, training, horizon);
        }
        let cases = holdout_cases(panel, training, predictions, horizon);
        if cases.len() < MIN_HOLDOUT_SERIES {
            return Self::prior(horizon, levels.len());
        }
        let weights = best_weights(&cases, levels, skill);
        Self { weights, width_factors: fit_widths(&cases, horizon, levels, &weights) }
    }

    /// Whether the comb forecast has a weight.
    pub(crate) fn needs_comb(&self) -> bool {
        self.weights[COMPONENTS - 1] > 0.0
    }

    /// Quantiles on the scale of the scaled panel, [levels][horizon].
    pub(crate) fn quantiles(&self, prediction: &Prediction, levels: &[f64]) -> Vec<Vec<f64>> {
        let (count, median) = (levels.len(), median_index(levels));
        let point = |k: usize| combined(&self.weights, prediction, k, k * count + median);
        let quantile = |q: usize| {
            // the quantiles of a mean of networks may cross where intervals are narrow; the median does not change
            let side = (levels[q] - 0.5).signum();
            let distance = |k: usize| {
                let distance = f64::from(prediction.network[k * count + q] - prediction.network[k * count + median]);
                if q == median { 0.0 } else { side * (side * distance).max(0.0) }
            };
            (0..prediction.smoothing.len())
                .map(|k| point(k) + self.width_factors[k * count + q] * distance(k))
                .collect()
        };
        (0..count).map(quantile).collect()
    }
}

fn holdout_cases<'a>(
    panel: &'a Panel,
    training: &ScaledPanel,
    predictions: &'a [Prediction],
    horizon: usize,
) -> Vec<Case<'a>> {
    let case = |(i, whole): (usize, TimeSeries<'a>)| {
        let cutoff = whole.len().checked_sub(horizon).filter(|cutoff| *cutoff > 0)?;
        let series = training.series(i);
        Some(HoldoutCase {
            predicted: (&predictions[i], series.scale),
            actual: &whole.values[cutoff..],
            observed: &whole.observed[cutoff..],
            mase_scale: series.mase_scale,
        })
    };
    panel.iter().enumerate().filter_map(case).collect()
}

/// The point forecast of step `k` on the scale of the scaled panel. `at` is the index of its median in the output of
/// the networks.
fn combined(weights: &Weights, prediction: &Prediction, k: usize, at: usize) -> f64 {
    let naive = prediction.naive[k];
    let components =
        [prediction.network[at], prediction.smoothing[k], naive, prediction.comb.get(k).copied().unwrap_or(naive)];
    weights.iter().zip(components).map(|(weight, component)| weight * f64::from(component)).sum()
}

fn errors(cases: &[Case<'_>], levels: &[f64], weights: &Weights) -> HoldoutErrors {
    let (count, median) = (levels.len(), median_index(levels));
    HoldoutErrors::of(cases, |case, k| {
        let (prediction, scale) = case.predicted;
        scale.unscaled(combined(weights, prediction, k, k * count + median))
    })
}

/// The share by which the networks are better than the seasonal naive forecast.
fn network_skill(cases: &[Case<'_>], levels: &[f64]) -> f64 {
    let baseline = errors(cases, levels, &NAIVE_ALONE);
    let loss = |weights| errors(cases, levels, weights).relative_to(baseline, MIN_BASELINE_ERROR);
    1.0 - loss(&NETWORK_ALONE) / loss(&NAIVE_ALONE).max(1e-12)
}

/// The weights without a holdout. `network` is the weight of the networks with the smoothing bank.
fn prior_weights(network: f64, has_comb: bool) -> Weights {
    let comb = if has_comb { (1.0 - network) / 2.0 } else { 0.0 };
    [network * (1.0 - SMOOTHING_SHARE), network * SMOOTHING_SHARE, 1.0 - network - comb, comb]
}

fn best_weights(cases: &[Case<'_>], levels: &[f64], skill: f64) -> Weights {
    let baseline = errors(cases, levels, &NAIVE_ALONE);
    let loss = |weights: &Weights| errors(cases, levels, weights).relative_to(baseline, MIN_BASELINE_ERROR);
    let has_comb = cases.iter().all(|case| !case.predicted.0.comb.is_empty());
    let prior = prior_weights((skill / FULL_SKILL).clamp(MIN_NETWORK_WEIGHT, 1.0), has_comb);
    let grid = weight_grid(if has_comb { COMPONENTS } else { COMPONENTS - 1 });
    let best = grid_minimum(grid, loss(&prior) * (1.0 - MIN_IMPROVEMENT), loss).unwrap_or(prior);
    let estimate_weight = MAX_ESTIMATE_WEIGHT * estimate_weight(cases.len(), SHRINKAGE_PRIOR_SERIES);
    std::array::from_fn(|i| shrunk(prior[i], best[i], estimate_weight))
}

/// All weights of the first `components` in steps of 1 / [`WEIGHT_STEPS`].
fn weight_grid(components: usize) -> impl Iterator<Item = Weights> {
    let counts = (0..(WEIGHT_STEPS + 1).pow(COMPONENTS as u32 - 1)).map(|code| {
        let digit = |place: u32| code / (WEIGHT_STEPS + 1).pow(place) % (WEIGHT_STEPS + 1);
        [digit(0), digit(1), digit(2)]
    });
    let within = counts.filter(|counts| counts.iter().sum::<usize>() <= WEIGHT_STEPS);
    let all = within.map(|[a, b, c]| [a, b, c, WEIGHT_STEPS - a - b - c]);
    all.filter(move |counts| components == COMPONENTS || counts[COMPONENTS - 1] == 0)
        .map(|counts| counts.map(|n| n as f64 / WEIGHT_STEPS as f64))
}

fn fit_widths(cases: &[Case<'_>], horizon: usize, levels: &[f64], weights: &Weights) -> Vec<f64> {
    let (count, median) = (levels.len(), median_index(levels));
    width_factors(cases, horizon, levels, &WIDTH_FACTOR_RANGE, |case, q, k| {
        let (prediction, scale) = case.predicted;
        let at = k * count;
        Bound {
            actual: scale.scaled(case.actual[k]),
            median: combined(weights, prediction, k, at + median),
            distance: f64::from(prediction.network[at + q] - prediction.network[at + median]),
            min_distance: 1e-6,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

    /// Many series, and predictions of their last two values. The networks have the error `bias`, and the smoothing is
    /// exact.
    fn holdout(bias: f32) -> (Panel, ScaledPanel, Vec<Prediction>) {
        let columns = crate::panel::Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let series = |i: usize| crate::panel::Series {
            key: vec![format!("{i:03}")],
            start: crate::time::timestamp::Timestamp::Index(1),
            values: (0..20).map(|t| (1.0 + 0.1 * f64::from(t % 7) + 0.01 * i as f64).exp()).collect(),
            observed: vec![true; 20],
        };
        let frequency = crate::time::frequency::Frequency::INDEX;
        let panel = Panel::new(columns, frequency, 1, (0..600).map(series).collect()).unwrap();
        let training = ScaledPanel::new(&panel, &[], 2);
        let prediction = |whole: TimeSeries<'_>| {
            let truth = [18, 19].map(|t: usize| whole.values[t].ln() as f32);
            Prediction {
                network: truth.iter().flat_map(|y| [y + bias - 0.1, y + bias, y + bias + 0.1]).collect(),
                smoothing: truth.to_vec(),
                naive: vec![whole.values[17].ln() as f32; 2],
                comb: Vec::new(),
            }
        };
        let predictions = panel.iter().map(prediction).collect();
        (panel, training, predictions)
    }

    #[test]
    fn an_exact_component_has_weight() {
        let (panel, training, mut predictions) = holdout(0.15);
        let weights = Combination::fit(&panel, &training, &mut predictions, 2, &LEVELS).weights;
        assert!(weights[1] > 0.2, "{weights:?}");
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn intervals_are_widened_until_they_cover_the_holdout() {
        let (panel, training, predictions) = holdout(0.15);
        let cases = holdout_cases(&panel, &training, &predictions, 2);
        let factors = fit_widths(&cases, 2, &LEVELS, &NETWORK_ALONE);
        // the networks are 0.15 too high, and their lower bound is 0.1 below the median, so that its factor is 1.5
        assert!((factors[0] - 1.5).abs() < 0.01 && (factors[3] - 1.5).abs() < 0.01, "{factors:?}");
        assert!((factors[2] - WIDTH_FACTOR_RANGE.start()).abs() < 1e-9, "{factors:?}");
    }

    #[test]
    fn crossing_quantiles_of_networks_collapse_to_the_combined_median() {
        let prediction =
            Prediction { network: vec![2.0, 1.0, 0.5], smoothing: vec![3.0], naive: vec![0.0], comb: Vec::new() };
        let combination = Combination { weights: [0.5, 0.5, 0.0, 0.0], width_factors: vec![1.0; 3] };
        assert_eq!(combination.quantiles(&prediction, &LEVELS), [[2.0], [2.0], [2.0]]);
    }
}
