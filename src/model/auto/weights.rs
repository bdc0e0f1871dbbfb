//! How much each member counts.

use crate::model::auto::candidates::CandidateKind;
use crate::model::auto::origins::{CandidateTrial, Origins};

/// Sums over the errors of some paths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Errors {
    squares: f64,
    sizes: f64,
    count: f64,
}

impl Errors {
    /// Of a trial at some of its origins, over the steps that were observed; `None` where it said nothing at one.
    pub(crate) fn over(
        trial: &CandidateTrial,
        values: &[f64],
        observed: &[bool],
        origins: &Origins,
        which: &[usize],
    ) -> Option<Self> {
        let mut errors = Self::default();
        for &origin in which {
            let (path, cutoff) = (trial.paths[origin].as_ref()?, origins.cutoffs[origin]);
            for (k, said) in path.iter().enumerate().take(origins.steps) {
                if observed.get(cutoff + k) == Some(&true) {
                    let error = values[cutoff + k] - said;
                    errors.squares += error * error;
                    errors.sizes += error.abs();
                    errors.count += 1.0;
                }
            }
        }
        (errors.count > 0.0).then_some(errors)
    }

    /// Between the mean absolute error, which scores are made of, and the root mean squared one, which sees how far off
    /// the worst was: their geometric mean.
    pub(crate) fn size(&self) -> f64 {
        ((self.sizes / self.count) * (self.squares / self.count).sqrt()).sqrt()
    }
}

/// The most members of a blend.
const MOST: usize = 20;
/// Members whose error is more than this share above that of the best are left out, if the origins span many horizons.
const WORSE: f64 = 0.25;
/// Horizons at whose span twice that share is allowed.
const PATIENCE: f64 = 8.0;
/// A member counts with its error to minus this power, if the origins span many horizons.
const POWER: f64 = 12.0;
/// Horizons at whose span half that power is used.
const DOUBT: f64 = 6.0;

/// The weights of the members, given their errors at origins that span so many horizons; they sum to 1, or are all 0
/// where no member has an error. The fewer horizons, the more alike the weights.
pub(crate) fn weights(errors: &[Option<f64>], span: f64) -> Vec<f64> {
    let mut weights = vec![0.0; errors.len()];
    let mut order: Vec<(usize, f64)> = errors.iter().enumerate().filter_map(|(i, e)| Some((i, (*e)?))).collect();
    order.retain(|(_, error)| error.is_finite());
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some(&(_, best)) = order.first() else { return weights };
    let best = best.max(f64::MIN_POSITIVE);
    let (worst, power) = (1.0 + WORSE * (1.0 + PATIENCE / span), POWER * span / (span + DOUBT));
    for &(i, error) in order.iter().take(MOST).filter(|(_, error)| *error <= worst * best) {
        weights[i] = (error.max(best) / best).powf(-power);
    }
    let sum: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= sum;
    }
    weights
}

/// The weights where nothing could be tried: Theta and the naive guess share, the seasonal one if there is a season.
pub(crate) fn untried(trials: &[CandidateTrial]) -> Vec<f64> {
    let usable = |kind: fn(&CandidateKind) -> bool| {
        trials.iter().position(|trial| trial.forecast.is_some() && kind(&trial.member.kind))
    };
    let naive = usable(|kind| matches!(kind, CandidateKind::SeasonalNaive(_)))
        .or_else(|| usable(|kind| *kind == CandidateKind::Naive));
    let chosen: Vec<usize> = naive.into_iter().chain(usable(|kind| *kind == CandidateKind::Theta)).collect();
    let mut weights = vec![0.0; trials.len()];
    for &i in &chosen {
        weights[i] = 1.0 / chosen.len() as f64;
    }
    weights
}

/// The weighted mean of the paths that are there; `None` where none of those that count is.
pub(crate) fn mean(weights: &[f64], paths: &[Option<&Vec<f64>>]) -> Option<Vec<f64>> {
    let there = || weights.iter().zip(paths).filter_map(|(w, path)| Some((*w, (*path)?))).filter(|(w, _)| *w > 0.0);
    let sum: f64 = there().map(|(weight, _)| weight).sum();
    let steps = there().map(|(_, path)| path.len()).min()?;
    let mut mean = vec![0.0; steps];
    for (weight, path) in there() {
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
        fn weights_sum_to_one_and_the_best_counts_most(
            errors in prop::collection::vec(prop::option::of(0.0..1e6_f64), 1..40), span in 1.0..12.0_f64,
        ) {
            let weights = weights(&errors, span);
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
    fn fewer_horizons_make_the_weights_more_alike() {
        let errors = [Some(1.0), Some(1.1), Some(1.2), Some(4.0), Some(f64::INFINITY), None];
        let shares = [1.0, 3.0, 8.0].map(|span| weights(&errors, span));
        assert!(shares.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][2] > pair[1][2]), "{shares:?}");
        // four times as bad is left out whatever the span
        assert!(shares.iter().all(|weights| weights[3..] == [0.0; 3]), "{shares:?}");
    }

    #[test]
    fn no_error_at_all_takes_everything_that_it_can() {
        let weights = weights(&[Some(0.0), Some(1.0), Some(0.0)], 8.0);
        assert_eq!(weights, [0.5, 0.0, 0.5]);
    }

    #[test]
    fn the_mean_is_over_the_paths_that_are_there() {
        let (a, b) = (vec![1.0, 2.0], vec![3.0, 6.0]);
        let mean = |weights: &[f64], paths: &[Option<&Vec<f64>>]| mean(weights, paths);
        assert_eq!(mean(&[0.25, 0.75], &[Some(&a), Some(&b)]), Some(vec![2.5, 5.0]));
        assert_eq!(mean(&[0.25, 0.75], &[Some(&a), None]), Some(a.clone()));
        assert_eq!(mean(&[0.0, 1.0], &[Some(&a), None]), None);
    }
}
