//! The weights of the components of an ensemble, from their errors at rolling origins.
//!
//! Bates & Granger (1969), *The combination of forecasts*, Operational Research Quarterly 20(4): more accurate forecasts get
//! more weight.

use crate::model::auto::candidates::backtest::CandidateBacktest;
use crate::model::auto::candidates::candidate::CandidateKind;
use crate::model::auto::origins::Origins;

const MAX_COMPONENTS: usize = 20;
/// A candidate has no weight if its error exceeds the smallest by more than this share and the origins cover many
/// horizons.
const MAX_EXCESS_ERROR: f64 = 0.25;
/// Number of covered horizons at which twice that share is allowed.
const HORIZONS_OF_DOUBLE_EXCESS: f64 = 8.0;
/// The weight falls with this power of the error, if the origins cover many horizons.
const WEIGHT_POWER: f64 = 12.0;
/// Number of covered horizons at which half that power is used.
const HORIZONS_OF_HALF_POWER: f64 = 6.0;

/// Sums over the errors of a candidate at some origins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OriginErrors {
    squared: f64,
    absolute: f64,
    count: f64,
}

impl OriginErrors {
    /// The errors at the origins `which`, at steps that were observed; `None` if a path is missing.
    pub(crate) fn of(
        backtest: &CandidateBacktest,
        values: &[f64],
        observed: &[bool],
        origins: &Origins,
        which: &[usize],
    ) -> Option<Self> {
        let mut errors = Self::default();
        for &origin in which {
            let (path, cutoff) = (backtest.paths[origin].as_ref()?, origins.cutoffs[origin]);
            for (k, predicted) in path.iter().enumerate().take(origins.steps) {
                if observed.get(cutoff + k) == Some(&true) {
                    let error = values[cutoff + k] - predicted;
                    errors.squared += error * error;
                    errors.absolute += error.abs();
                    errors.count += 1.0;
                }
            }
        }
        (errors.count > 0.0).then_some(errors)
    }

    /// The geometric mean of the mean absolute error and the root mean squared error. The former is the basis of most
    /// scores, and the latter is sensitive to large errors.
    pub(crate) fn mean(&self) -> f64 {
        ((self.absolute / self.count) * (self.squared / self.count).sqrt()).sqrt()
    }
}

/// The weights of candidates with these errors at origins that cover `horizons` horizons. They sum to 1, or are all 0
/// if no candidate has an error. Fewer horizons make the weights more equal.
pub(crate) fn ensemble_weights(errors: &[Option<f64>], horizons: f64) -> Vec<f64> {
    let mut weights = vec![0.0; errors.len()];
    let mut order: Vec<(usize, f64)> = errors.iter().enumerate().filter_map(|(i, e)| Some((i, (*e)?))).collect();
    order.retain(|(_, error)| error.is_finite());
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some(&(_, best)) = order.first() else { return weights };
    let best = best.max(f64::MIN_POSITIVE);
    let max_ratio = 1.0 + MAX_EXCESS_ERROR * (1.0 + HORIZONS_OF_DOUBLE_EXCESS / horizons);
    let power = WEIGHT_POWER * horizons / (horizons + HORIZONS_OF_HALF_POWER);
    for &(i, error) in order.iter().take(MAX_COMPONENTS).filter(|(_, error)| *error <= max_ratio * best) {
        weights[i] = (error.max(best) / best).powf(-power);
    }
    let sum: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= sum;
    }
    weights
}

/// The weights where no candidate has an error: seasonal naive, or naive without a season, and Theta have equal weights.
pub(crate) fn default_weights(backtests: &[CandidateBacktest]) -> Vec<f64> {
    let usable = |is_kind: fn(&CandidateKind) -> bool| {
        backtests.iter().position(|backtest| backtest.forecast.is_some() && is_kind(&backtest.candidate.kind))
    };
    let naive = usable(|kind| matches!(kind, CandidateKind::SeasonalNaive(_)))
        .or_else(|| usable(|kind| *kind == CandidateKind::Naive));
    let components: Vec<usize> = naive.into_iter().chain(usable(|kind| *kind == CandidateKind::Theta)).collect();
    let mut weights = vec![0.0; backtests.len()];
    for &i in &components {
        weights[i] = 1.0 / components.len() as f64;
    }
    weights
}

/// The weighted mean of the paths that exist; `None` if no path with a weight exists.
pub(crate) fn weighted_mean(weights: &[f64], paths: &[Option<&Vec<f64>>]) -> Option<Vec<f64>> {
    let existing = || weights.iter().zip(paths).filter_map(|(w, path)| Some((*w, (*path)?))).filter(|(w, _)| *w > 0.0);
    let sum: f64 = existing().map(|(weight, _)| weight).sum();
    let steps = existing().map(|(_, path)| path.len()).min()?;
    let mut mean = vec![0.0; steps];
    for (weight, path) in existing() {
        mean.iter_mut().zip(path).for_each(|(m, v)| *m += weight / sum * v);
    }
    Some(mean)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn weights_sum_to_one_and_the_smallest_error_gets_the_largest(
            errors in prop::collection::vec(prop::option::of(0.0..1e6_f64), 1..40), horizons in 1.0..12.0_f64,
        ) {
            let weights = ensemble_weights(&errors, horizons);
            prop_assert!(weights.iter().all(|w| (0.0..=1.0).contains(w)));
            prop_assert!(errors.iter().zip(&weights).all(|(error, w)| error.is_some() || *w == 0.0));
            let sum: f64 = weights.iter().sum();
            let best = (0..errors.len()).filter(|i| errors[*i].is_some()).min_by(|a, b| errors[*a].partial_cmp(&errors[*b]).expect("numbers"));
            match best {
                None => prop_assert!(sum == 0.0),
                Some(best) => {
                    prop_assert!((sum - 1.0).abs() < 1e-9);
                    prop_assert!(weights.iter().all(|w| *w <= weights[best]));
                }
            }
        }
    }

    #[test]
    fn fewer_horizons_make_the_weights_more_equal() {
        let errors = [Some(1.0), Some(1.1), Some(1.2), Some(4.0), Some(f64::INFINITY), None];
        let shares = [1.0, 3.0, 8.0].map(|horizons| ensemble_weights(&errors, horizons));
        assert!(shares.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][2] > pair[1][2]), "{shares:?}");
        // an error four times as large gets no weight for any number of horizons
        assert!(shares.iter().all(|weights| weights[3..] == [0.0; 3]), "{shares:?}");
    }

    #[test]
    fn candidates_without_error_share_all_weight() {
        let weights = ensemble_weights(&[Some(0.0), Some(1.0), Some(0.0)], 8.0);
        assert_eq!(weights, [0.5, 0.0, 0.5]);
    }

    #[test]
    fn the_weighted_mean_skips_missing_paths() {
        let (a, b) = (vec![1.0, 2.0], vec![3.0, 6.0]);
        let mean = |weights: &[f64], paths: &[Option<&Vec<f64>>]| weighted_mean(weights, paths);
        assert_eq!(mean(&[0.25, 0.75], &[Some(&a), Some(&b)]), Some(vec![2.5, 5.0]));
        assert_eq!(mean(&[0.25, 0.75], &[Some(&a), None]), Some(a.clone()));
        assert_eq!(mean(&[0.0, 1.0], &[Some(&a), None]), None);
    }
}
