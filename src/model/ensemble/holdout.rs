//! Holdouts: the last values of each series, predicted by models that were trained without them.

use crate::metric::seasonal_scale;

/// The predictions of the holdout of one series, and its actual values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HoldoutCase<'a, P> {
    /// The predictions, in the form of the ensemble.
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
                errors.add(point(case, k), actual, case.mase_scale);
            }
        }
        errors
    }

    fn add(&mut self, predicted: f64, actual: f64, mase_scale: f64) {
        let error = (predicted - actual).abs();
        self.relative += error / (predicted.abs() + actual.abs()).max(f64::MIN_POSITIVE);
        if mase_scale > 0.0 {
            self.scaled += error / mase_scale;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unobserved_steps_are_ignored() {
        let case =
            HoldoutCase { predicted: (), actual: &[4.0, 100.0, 8.0], observed: &[true, false, true], mase_scale: 2.0 };
        let errors = HoldoutErrors::of(&[case], |_, _| 4.0);
        assert!((errors.scaled - 2.0).abs() < 1e-12);
        assert!((errors.relative - 4.0 / 12.0).abs() < 1e-12);
        assert!((errors.relative_to(errors, 1e-12) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_series_that_is_no_longer_than_a_season_is_scaled_by_its_steps() {
        assert!((mase_scale(&[1.0, 3.0, 2.0, 4.0], 2) - 1.0).abs() < 1e-12);
        assert!((mase_scale(&[1.0, 3.0], 7) - 2.0).abs() < 1e-12);
        assert!(mase_scale(&[5.0], 1).abs() < 1e-12 && mase_scale(&[5.0, 5.0], 1).abs() < 1e-12);
    }
}
