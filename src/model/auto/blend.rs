//! How much each member counts.

use super::origins::{Origins, Trial};
use crate::model::regression::Signal;

/// Sum and number of the errors at one origin.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Errors {
    pub(crate) squares: f64,
    pub(crate) sizes: f64,
    pub(crate) count: f64,
}

impl Errors {
    /// Of a path that begins at `cutoff`, over the first `steps` steps that were observed.
    pub(crate) fn of(path: &[f64], signal: &Signal<'_>, cutoff: usize, steps: usize) -> Self {
        let mut errors = Self::default();
        for (k, said) in path.iter().take(steps).enumerate() {
            if signal.observed.get(cutoff + k) == Some(&true) {
                let error = signal.values[cutoff + k] - said;
                errors.squares += error * error;
                errors.sizes += error.abs();
                errors.count += 1.0;
            }
        }
        errors
    }
}

/// The most members of a blend.
const MOST: usize = 6;
/// Members whose error is more than this many times that of the best are left out.
const WORST: f64 = 1.5;
/// A member counts with its error to this power.
const POWER: f64 = -4.0;

/// The weights of the members, given their errors at some origins; they sum to 1.
pub(crate) fn weights(errors: &[Option<f64>]) -> Vec<f64> {
    let mut weights = vec![0.0; errors.len()];
    let mut order: Vec<(usize, f64)> =
        errors.iter().enumerate().filter_map(|(i, e)| Some((i, (*e)?))).filter(|(_, e)| e.is_finite()).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some(&(_, best)) = order.first() else { return weights };
    let floor = f64::MIN_POSITIVE.max(best);
    for &(i, error) in order.iter().take(MOST).filter(|(_, error)| *error <= WORST * floor) {
        weights[i] = (error.max(floor) / floor).powf(POWER);
    }
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= sum);
    weights
}

/// Each member's error over the first `count` origins, `None` for one that is missing at one of them or at the end.
pub(crate) fn scores(trials: &[Trial], signal: &Signal<'_>, origins: &Origins, which: &[usize]) -> Vec<Option<f64>> {
    let score = |trial: &Trial| {
        let mut sum = Errors::default();
        for &o in which {
            let errors = Errors::of(trial.paths[o].as_ref()?, signal, origins.cutoffs[o], origins.steps);
            sum.squares += errors.squares;
            sum.sizes += errors.sizes;
            sum.count += errors.count;
        }
        trial.forecast.as_ref()?;
        (sum.count > 0.0).then(|| (sum.squares / sum.count).sqrt())
    };
    trials.iter().map(score).collect()
}

/// The weighted mean of paths.
pub(crate) fn mean<'a>(paths: impl IntoIterator<Item = (f64, &'a Vec<f64>)>, steps: usize) -> Vec<f64> {
    let mut mean = vec![0.0; steps];
    for (weight, path) in paths {
        for (m, v) in mean.iter_mut().zip(path) {
            *m += weight * v;
        }
    }
    mean
}
