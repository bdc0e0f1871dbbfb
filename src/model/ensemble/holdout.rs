//! Holdouts: the last values of each series, predicted by models that were trained without them. They give the weights
//! of a combination.
//!
//! Bates & Granger 1969, "The combination of forecasts", Operational Research Quarterly 20(4). A holdout of few series
//! says little about the best weights, so the estimate is shrunk to a prior.

use crate::metric::seasonal_scale;

/// The predictions of the holdout of one series, and its actual values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HoldoutCase<'a, P> {
    pub(crate) predicted: P,
    /// The actual values, from the first step after the cutoff.
    pub(crate) actual: &'a [f64],
    /// Which of `actual` were observed.
    pub(crate) observed: &'a [bool],
    /// The denominator of MASE: see [`mase_scale`].
    pub(crate) mase_scale: f64,
}

impl<P> HoldoutCase<'_, P> {
    /// The steps that were observed, from 0, with their actual values.
    pub(crate) fn observed_steps(&self) -> impl Iterator<Item = (usize, f64)> {
        self.actual.iter().copied().enumerate().filter(|(k, _)| self.observed[*k])
    }
}

/// Sums of the symmetric relative error and of the scaled absolute error over values. They are sMAPE and MASE up to a
/// factor.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HoldoutErrors {
    pub(crate) relative: f64,
    pub(crate) scaled: f64,
}

impl HoldoutErrors {
    /// The errors over all observed steps of all cases; `point` gives the forecast of a case for a step.
    pub(crate) fn of<P>(cases: &[HoldoutCase<'_, P>], point: impl Fn(&HoldoutCase<'_, P>, usize) -> f64) -> Self {
        let mut errors = Self::default();
        for case in cases {
            for (k, actual) in case.observed_steps() {
                let predicted = point(case, k);
                let error = (predicted - actual).abs();
                errors.relative += error / (predicted.abs() + actual.abs()).max(f64::MIN_POSITIVE);
                if case.mase_scale > 0.0 {
                    errors.scaled += error / case.mase_scale;
                }
            }
        }
        errors
    }

    /// The sum of both errors, each divided by that of a baseline or at least by `min_divisor`. The sum of the baseline
    /// is 2.
    pub(crate) fn relative_to(self, baseline: Self, min_divisor: f64) -> f64 {
        self.relative / baseline.relative.max(min_divisor) + self.scaled / baseline.scaled.max(min_divisor)
    }
}

/// The denominator of MASE: the mean absolute difference of values one season apart. Without a whole season, it is that
/// of neighbouring values. It is 0 for a single value or a constant series.
pub(crate) fn mase_scale(values: &[f64], season: usize) -> f64 {
    let lag = if values.len() > season { season } else { 1 };
    seasonal_scale(values, lag).unwrap_or(0.0)
}

/// The weights of a grid with the smallest loss, if it is below `max_loss`. Among equals, it is the first.
pub(crate) fn grid_minimum<W>(grid: impl IntoIterator<Item = W>, max_loss: f64, loss: impl Fn(&W) -> f64) -> Option<W> {
    let (mut best, mut least) = (None, max_loss);
    for weights in grid {
        let loss = loss(&weights);
        if loss < least {
            (best, least) = (Some(weights), loss);
        }
    }
    best
}

/// The weight of an estimate from `count` cases against a prior that is worth `prior_count` cases, in [0, 1).
pub(crate) fn estimate_weight(count: usize, prior_count: f64) -> f64 {
    count as f64 / (count as f64 + prior_count)
}

/// An estimate that is shrunk to a prior. The `estimate_weight` 0 gives the prior, and 1 the estimate.
pub(crate) fn shrunk(prior: f64, estimate: f64, estimate_weight: f64) -> f64 {
    prior + estimate_weight * (estimate - prior)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_ignore_unobserved_steps_and_estimates_approach_the_prior_with_few_cases() {
        let case =
            HoldoutCase { predicted: (), actual: &[4.0, 100.0, 8.0], observed: &[true, false, true], mase_scale: 2.0 };
        let errors = HoldoutErrors::of(&[case], |_, _| 4.0);
        let estimate = |count: usize| shrunk(0.5, 1.0, estimate_weight(count, 300.0));
        for (found, expected) in [
            (errors.scaled, 2.0),
            (errors.relative, 4.0 / 12.0),
            (errors.relative_to(errors, 1e-12), 2.0),
            (mase_scale(&[1.0, 3.0, 2.0, 4.0], 2), 1.0),
            // a series that is no longer than a season
            (mase_scale(&[1.0, 3.0], 7), 2.0),
            (mase_scale(&[5.0], 1), 0.0),
            (mase_scale(&[5.0, 5.0], 1), 0.0),
            (estimate(0), 0.5),
            (estimate(300), 0.75),
            (estimate(usize::MAX), 1.0),
        ] {
            assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
        }
    }

    #[test]
    fn the_first_minimum_is_returned_if_its_loss_is_below_the_limit() {
        let loss = |w: &f64| (w - 0.5).abs().max(0.1);
        assert_eq!(grid_minimum([0.0, 0.45, 0.5, 1.0], f64::INFINITY, loss), Some(0.45));
        assert_eq!(grid_minimum([0.0, 0.45, 0.5, 1.0], 0.1, loss), None);
        assert_eq!(grid_minimum([0.3, 0.4], 1.0, |_| f64::NAN), None);
    }
}
