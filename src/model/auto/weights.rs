//! The weights of the members of an ensemble, from their errors at rolling origins.
//!
//! Bates & Granger (1969), *The combination of forecasts*, Operational Research Quarterly 20(4): more accurate forecasts get
//! more weight.

const MAX_COMPONENTS: usize = 20;
/// The largest excess over the smallest error, as a share, with which a candidate has a weight. It applies where the
/// origins cover many horizons.
const MAX_EXCESS_ERROR: f64 = 0.25;
/// Number of covered horizons at which twice that share is allowed.
const HORIZONS_OF_DOUBLE_EXCESS: f64 = 8.0;
/// The weight falls with this power of the error, if the origins cover many horizons.
const WEIGHT_POWER: f64 = 12.0;
/// Number of covered horizons at which half that power is used.
const HORIZONS_OF_HALF_POWER: f64 = 6.0;

/// The distance of a plausible path from the values of the history, in ranges of these. It doubles over a horizon as long as
/// the history.
const MAX_DISTANCE: f64 = 2.0;

/// The smallest error of an origin in the mean over origins, as a share of the arithmetic mean.
const MIN_ORIGIN_SHARE: f64 = 0.25;

/// The geometric mean of the mean absolute error and the root mean squared error. The former is the basis of most scores,
/// and the latter is sensitive to large errors. `None` without errors.
pub(crate) fn mean_error(errors: &[f64]) -> Option<f64> {
    let mean = |of: fn(f64) -> f64| errors.iter().map(|error| of(*error)).sum::<f64>() / errors.len() as f64;
    (!errors.is_empty()).then(|| (mean(f64::abs) * mean(|error| error * error).sqrt()).sqrt())
}

/// The mean of the errors at several origins, in which a single large error counts less: the square of the mean square
/// root. An origin counts at least a share of the arithmetic mean. So quiet nights, which some candidates forecast without
/// any error, do not decide. `None` without errors.
pub(crate) fn mean_over_origins(errors: &[f64]) -> Option<f64> {
    let count = errors.len() as f64;
    let least = MIN_ORIGIN_SHARE * errors.iter().sum::<f64>() / count;
    let sum: f64 = errors.iter().map(|error| error.max(least).sqrt()).sum();
    (!errors.is_empty()).then(|| (sum / count).powi(2))
}

/// The weights of candidates with these errors at origins that cover `horizons` horizons. They sum to 1, or are all 0
/// if no candidate has an error. Fewer horizons make the weights more equal.
pub(crate) fn ensemble_weights(errors: &[Option<f64>], horizons: f64) -> Vec<f64> {
    let mut weights = vec![0.0; errors.len()];
    let existing = errors.iter().enumerate().filter_map(|(i, error)| Some((i, (*error)?)));
    let mut order: Vec<(usize, f64)> = existing.filter(|(_, error)| error.is_finite()).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some(&(_, best)) = order.first() else { return weights };
    let best = best.max(f64::MIN_POSITIVE);
    let max_ratio = 1.0 + MAX_EXCESS_ERROR * (1.0 + HORIZONS_OF_DOUBLE_EXCESS / horizons);
    let power = WEIGHT_POWER * horizons / (horizons + HORIZONS_OF_HALF_POWER);
    for &(i, error) in order.iter().take(MAX_COMPONENTS).filter(|(_, error)| *error <= max_ratio * best) {
        weights[i] = (error.max(best) / best).powf(-power);
    }
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// The mean of the paths that exist, each with its weight; `None` if no path with a weight exists.
pub(crate) fn weighted_mean<'a>(paths: impl Iterator<Item = (f64, Option<&'a Vec<f64>>)>) -> Option<Vec<f64>> {
    let existing = paths.filter_map(|(weight, path)| Some((weight, path?))).filter(|(weight, _)| *weight > 0.0);
    let existing: Vec<(f64, &Vec<f64>)> = existing.collect();
    let sum: f64 = existing.iter().map(|(weight, _)| weight).sum();
    let steps = existing.iter().map(|(_, path)| path.len()).min()?;
    let mut mean = vec![0.0; steps];
    for (weight, path) in existing {
        mean.iter_mut().zip(path).for_each(|(m, v)| *m += weight / sum * v);
    }
    Some(mean)
}

/// As [`weighted_mean`], without paths that go far beyond the values of the history, unless they have most of the weight. Such
/// a path is mostly that of a regression of logarithms after an unusual stretch of values, and grows without limit.
pub(crate) fn ensemble_mean<'a>(
    paths: impl Iterator<Item = (f64, Option<&'a Vec<f64>>)>,
    history: &[f64],
) -> Option<Vec<f64>> {
    let low = history.iter().copied().fold(f64::INFINITY, f64::min);
    let high = history.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_plausible = |path: &Vec<f64>| {
        let distance = |k: usize| MAX_DISTANCE * (high - low) * (1.0 + (k + 1) as f64 / history.len() as f64);
        path.iter().enumerate().all(|(k, v)| (low - distance(k)..=high + distance(k)).contains(v))
    };
    let (plausible, others): (Vec<_>, Vec<_>) =
        paths.filter_map(|(weight, path)| Some((weight, path?))).partition(|(_, path)| is_plausible(path));
    let weight = |paths: &[(f64, &Vec<f64>)]| paths.iter().map(|(weight, _)| weight).sum::<f64>();
    let others = if weight(&plausible) < weight(&others) { others } else { Vec::new() };
    weighted_mean(plausible.into_iter().chain(others).map(|(weight, path)| (weight, Some(path))))
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
            let existing = errors.iter().zip(&weights).filter_map(|(error, weight)| Some(((*error)?, *weight)));
            if let Some((_, largest)) = existing.min_by(|a, b| a.0.total_cmp(&b.0)) {
                prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9 && weights.iter().all(|w| *w <= largest));
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
        // candidates without error share all weight
        assert_eq!(ensemble_weights(&[Some(0.0), Some(1.0), Some(0.0)], 8.0), [0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_path_far_beyond_the_history_has_no_part_in_the_mean_unless_most_are() {
        let mean = |paths: &[(f64, Vec<f64>)]| {
            ensemble_mean(paths.iter().map(|(weight, path)| (*weight, Some(path))), &[8.0, 14.0, 9.0])
        };
        let (near, far) = (vec![10.0, 12.0], vec![11.0, 5_000.0]);
        assert_eq!(mean(&[(0.5, near.clone()), (0.25, far.clone()), (0.25, vec![-900.0, 0.0])]), Some(near.clone()));
        assert_eq!(mean(&[(0.25, near), (0.75, far)]), Some(vec![10.75, 3_753.0]));
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn the_weighted_mean_skips_missing_paths() {
        let (a, b) = (vec![1.0, 2.0], vec![3.0, 6.0]);
        let mean = |weight: f64, b: Option<&Vec<f64>>| weighted_mean([(weight, Some(&a)), (0.75, b)].into_iter());
        assert_eq!(
            [mean(0.25, Some(&b)), mean(0.25, None), mean(0.0, None)],
            [Some(vec![2.5, 5.0]), Some(a.clone()), None]
        );
    }
}
