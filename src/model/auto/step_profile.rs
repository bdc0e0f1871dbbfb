//! How the errors of a forecast grow with the step.

use crate::model::ensemble::holdout::{estimate_weight, shrunk};

/// The error of a forecast path at one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Residual {
    /// The step of the horizon, from 0.
    pub(crate) step: usize,
    /// The position of the step, counted from an absolute origin, so that it does not depend on the start of the
    /// series.
    pub(crate) position: i64,
    pub(crate) error: f64,
}

/// Residuals of complete paths from many cutoffs.
#[derive(Debug, Clone, Default)]
pub(crate) struct ManyResiduals {
    pub(crate) residuals: Vec<Residual>,
    /// The number of cutoffs.
    pub(crate) cutoffs: usize,
    /// The number of steps of each path.
    pub(crate) steps: usize,
}

/// Weight of the other estimates, in cutoffs, against the errors from many cutoffs.
const PRIOR_CUTOFFS: f64 = 10.0;
/// A squared error is clipped to this multiple of the mean square of its step, so that single errors do not decide.
const MAX_SQUARED_RATIO: f64 = 25.0;
/// The number of neighbours on each side in the smoothed profile.
const SMOOTHED_NEIGHBOURS: usize = 2;
/// The minimum square of a step, as a share of the mean square of all steps.
const MIN_SQUARE: f64 = 1e-3;
/// The minimum square of a step on a line through squares, as a share of their mean.
const MIN_SQUARE_OF_LINE: f64 = 0.1;

/// The size of the errors at each step of the horizon. It never falls, and its mean is 1.
///
/// Errors from `many` cutoffs have most weight. Beyond their steps, and if there are few cutoffs, the profile is the
/// geometric mean of that of `naive` errors and of a line through the squares of `own` errors.
pub(crate) fn step_profile(many: &ManyResiduals, own: &[Residual], naive: &[Residual], horizon: usize) -> Vec<f64> {
    let mut squares = normalised(line_through_squares(own, horizon), horizon);
    if let Some(of_naive) = mean_squares(naive, horizon) {
        let of_naive = normalised(of_naive, horizon);
        squares.iter_mut().zip(of_naive).for_each(|(square, naive)| *square = (*square * naive).sqrt());
    }
    let seen = many.steps.min(horizon);
    if let Some(mut of_many) = mean_squares(&many.residuals, seen).filter(|_| seen > 0) {
        let growth = |k: usize| squares[k] / squares[seen - 1];
        let last = of_many[seen - 1];
        of_many.extend((seen..horizon).map(|k| last * growth(k)));
        let weight = estimate_weight(many.cutoffs, PRIOR_CUTOFFS);
        squares = normalised(squares, seen);
        for (square, estimate) in squares.iter_mut().zip(normalised(of_many, seen)) {
            *square = shrunk(square.ln(), estimate.ln(), weight).exp();
        }
    }
    let least = MIN_SQUARE * squares.iter().sum::<f64>() / horizon as f64;
    let mut profile: Vec<f64> = squares.into_iter().map(|square| square.max(least).sqrt()).collect();
    let mean = profile.iter().sum::<f64>() / horizon as f64;
    profile.iter_mut().for_each(|size| *size /= mean);
    profile
}

/// Squares whose mean over the first `steps` is 1.
fn normalised(mut squares: Vec<f64>, steps: usize) -> Vec<f64> {
    let mean = squares[..steps].iter().sum::<f64>() / steps as f64;
    squares.iter_mut().for_each(|square| *square /= mean);
    squares
}

/// A non-decreasing line through the squares of residuals, at each step.
fn line_through_squares(residuals: &[Residual], horizon: usize) -> Vec<f64> {
    let n = residuals.len().max(1) as f64;
    let square = |r: &Residual| r.error * r.error;
    let mx = residuals.iter().map(|r| r.step as f64).sum::<f64>() / n;
    let my = residuals.iter().map(square).sum::<f64>() / n;
    if my == 0.0 {
        return vec![1.0; horizon];
    }
    let sxx: f64 = residuals.iter().map(|r| (r.step as f64 - mx).powi(2)).sum();
    let sxy: f64 = residuals.iter().map(|r| (r.step as f64 - mx) * (square(r) - my)).sum();
    let slope = if sxx > 0.0 { (sxy / sxx).max(0.0) } else { 0.0 };
    (0..horizon).map(|k| (my + slope * (k as f64 - mx)).max(MIN_SQUARE_OF_LINE * my)).collect()
}

/// The mean squares of the residuals at each step, as a smooth curve that never falls. A few large errors count less.
/// `None` if all errors of a step are 0, or if a step before the last one with residuals has none.
fn mean_squares(residuals: &[Residual], horizon: usize) -> Option<Vec<f64>> {
    let means = |limits: Option<&[f64]>| {
        let (mut sums, mut counts) = (vec![0.0; horizon], vec![0.0; horizon]);
        for r in residuals.iter().filter(|r| r.step < horizon) {
            sums[r.step] += (r.error * r.error).min(limits.map_or(f64::INFINITY, |limits| limits[r.step]));
            counts[r.step] += 1.0;
        }
        let means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect();
        (means, counts)
    };
    let limits: Vec<f64> = means(None).0.into_iter().map(|mean| MAX_SQUARED_RATIO * mean).collect();
    let (mut means, counts) = means(Some(&limits));
    let known = counts.iter().take_while(|count| **count > 0.0).count();
    if known == 0 || means[..known].iter().any(|mean| !mean.is_normal()) {
        return None;
    }
    means.truncate(known);
    isotonic(&mut means, &counts[..known]);
    let smooth = |k: usize| {
        let reach = SMOOTHED_NEIGHBOURS.min(k).min(known - 1 - k);
        let neighbours = &means[k - reach..=k + reach];
        (neighbours.iter().map(|mean| mean.ln()).sum::<f64>() / neighbours.len() as f64).exp()
    };
    let smoothed = (0..horizon).map(|k| smooth(k.min(known - 1)));
    // neighbours are fewer at the ends
    let not_falling = |most: &mut f64, square: f64| {
        *most = most.max(square);
        Some(*most)
    };
    Some(smoothed.scan(0.0, not_falling).collect())
}

/// The closest sequence that never falls: isotonic regression by pooling adjacent violators (Barlow, Bartholomew,
/// Bremner & Brunk 1972, *Statistical inference under order restrictions*).
fn isotonic(values: &mut [f64], weights: &[f64]) {
    struct Block {
        mean: f64,
        weight: f64,
        length: usize,
    }
    let mut blocks: Vec<Block> = Vec::with_capacity(values.len());
    for (value, weight) in values.iter().zip(weights) {
        let mut block = Block { mean: *value, weight: *weight, length: 1 };
        while let Some(before) = blocks.pop_if(|before| before.mean > block.mean) {
            let weight = before.weight + block.weight;
            let mean = (before.mean * before.weight + block.mean * block.weight) / weight;
            block = Block { mean, weight, length: before.length + block.length };
        }
        blocks.push(block);
    }
    let means = blocks.into_iter().flat_map(|block| std::iter::repeat_n(block.mean, block.length));
    values.iter_mut().zip(means).for_each(|(value, mean)| *value = mean);
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// Errors of complete paths, with this size at each step.
    fn many(cutoffs: usize, steps: usize, size: impl Fn(usize) -> f64) -> ManyResiduals {
        let rng = &mut ChaCha8Rng::seed_from_u64(7);
        let places = (0..cutoffs as i64).flat_map(|cutoff| (0..steps).map(move |step| (cutoff, step)));
        let residuals = places.map(|(cutoff, step)| Residual {
            step,
            position: cutoff + step as i64,
            error: size(step) * rng.sample::<f64, _>(StandardNormal),
        });
        ManyResiduals { residuals: residuals.collect(), cutoffs, steps }
    }

    #[test]
    fn the_profile_of_many_cutoffs_has_the_true_shape_and_few_cutoffs_have_less_weight() {
        // the first day is much more certain than the rest
        let size = |k: usize| if k == 0 { 0.4 } else { 1.0 };
        let flat = many(8, 10, |_| 1.0).residuals;
        let ratio = |cutoffs: usize| {
            let profile = step_profile(&many(cutoffs, 10, size), &flat, &flat, 10);
            assert!(profile.is_sorted() && (profile.iter().sum::<f64>() - 10.0).abs() < 1e-9, "{profile:?}");
            profile[0] / profile[9]
        };
        assert!((ratio(400) - 0.4).abs() < 0.06, "{}", ratio(400));
        assert!(ratio(2) > ratio(400) + 0.05, "{}", ratio(2));
    }

    #[test]
    fn beyond_the_steps_that_were_seen_the_profile_grows_as_that_of_naive_errors() {
        let naive = many(300, 12, |k| (k as f64 + 1.0).sqrt()).residuals;
        let profile = step_profile(&many(300, 4, |_| 1.0), &[], &naive, 12);
        assert!((profile[3] / profile[0] - 1.0).abs() < 0.1, "{profile:?}");
        // the geometric mean of a flat line and of naive errors
        assert!((profile[11] / profile[3] - 3.0_f64.powf(0.25)).abs() < 0.15, "{profile:?}");
    }

    #[test]
    fn steps_without_errors_have_a_flat_profile() {
        let zero = many(30, 5, |_| 0.0);
        assert_eq!(step_profile(&zero, &zero.residuals, &zero.residuals, 5), [1.0; 5]);
        assert_eq!(step_profile(&ManyResiduals::default(), &[], &[], 3), [1.0; 3]);
    }

    #[test]
    fn isotonic_regression_pools_values_that_fall() {
        let mut values = vec![1.0, 4.0, 2.0, 6.0, 5.0, 1.0];
        isotonic(&mut values, &[1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
        assert_eq!(values, [1.0, 3.0, 3.0, 3.25, 3.25, 3.25]);
    }
}
