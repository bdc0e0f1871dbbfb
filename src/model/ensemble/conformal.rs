//! Split conformal prediction: factors on the distance of each quantile from the median. With them the quantile covers
//! its nominal share of a holdout.
//!
//! Vovk, Gammerman, Shafer 2005, "Algorithmic Learning in a Random World"; on quantiles: Romano, Patterson, Candès
//! 2019, "Conformalized quantile regression".

use std::ops::{Range, RangeInclusive};

use crate::model::ensemble::holdout::HoldoutCase;

/// The minimum number of holdout cases for separate width factors of each step.
const MIN_CASES_PER_STEP: usize = 400;

/// The factor on the distance of a quantile from the median with which the quantile equals the actual value. `error` is
/// the distance of the actual value, on the same scale. Shorter distances of the quantile count as `min_distance`.
pub(crate) fn covering_factor(level: f64, error: f64, distance: f64, min_distance: f64) -> f64 {
    error / if level < 0.5 { distance.min(-min_distance) } else { distance.max(min_distance) }
}

/// The factors with which each level covers its share of the holdout, [horizon * levels]; 1 for the median.
///
/// With enough cases each step has separate factors, otherwise all steps have the same. `factor` returns the
/// [`covering_factor`] of a case for the index of a level and of a step. The results are clamped to `range`.
pub(crate) fn width_factors<P>(
    cases: &[HoldoutCase<'_, P>],
    horizon: usize,
    levels: &[f64],
    range: &RangeInclusive<f64>,
    factor: impl Fn(&HoldoutCase<'_, P>, usize, usize) -> f64,
) -> Vec<f64> {
    let common_factor = |q: usize, steps: Range<usize>| {
        let mut factors = Vec::with_capacity(cases.len() * steps.len());
        for case in cases {
            let observed = steps.clone().filter(|k| case.observed.get(*k) == Some(&true));
            factors.extend(observed.map(|k| factor(case, q, k)));
        }
        conformal_quantile(factors, levels[q]).map_or(1.0, |factor| factor.clamp(*range.start(), *range.end()))
    };
    let (count, separate_steps) = (levels.len(), cases.len() >= MIN_CASES_PER_STEP);
    let mut factors = vec![1.0; horizon * count];
    for q in (0..count).filter(|q| *q != median_index(levels)) {
        let of_all_steps = (!separate_steps).then(|| common_factor(q, 0..horizon));
        for k in 0..horizon {
            factors[k * count + q] = of_all_steps.unwrap_or_else(|| common_factor(q, k..k + 1));
        }
    }
    factors
}

/// The factor with which a quantile of `level` covers its share of the values. `covering_factors` has one factor for
/// each value; `None` if there are none.
pub(crate) fn conformal_quantile(mut covering_factors: Vec<f64>, level: f64) -> Option<f64> {
    covering_factors.sort_unstable_by(f64::total_cmp);
    let rank = (level.max(1.0 - level) * covering_factors.len() as f64).ceil() as usize;
    covering_factors.get(rank.saturating_sub(1)).copied()
}

/// The index of the median among the levels.
pub(crate) fn median_index(levels: &[f64]) -> usize {
    levels.iter().position(|level| *level >= 0.5).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_covers_the_nominal_share_of_its_level() {
        let factors: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let quantiles = [0.9, 0.1, 0.975, 0.025].map(|level| conformal_quantile(factors.clone(), level));
        assert_eq!(quantiles, [90.0, 90.0, 98.0, 98.0].map(Some));
        assert_eq!(conformal_quantile(Vec::new(), 0.9), None);
    }

    #[test]
    fn factors_are_clamped_and_the_steps_of_many_cases_have_separate_ones() {
        let levels = [0.1, 0.5, 0.9];
        let factor = |case: &HoldoutCase<'_, ()>, q: usize, k: usize| {
            covering_factor(levels[q], case.actual[k], [-0.5, 0.0, 0.5][q], 1e-6)
        };
        let factors = |count: usize, observed: &[bool]| {
            let case = HoldoutCase { predicted: (), actual: &[1.0, 1.5], observed, mase_scale: 1.0 };
            width_factors(&vec![case; count], 2, &levels, &(0.4..=4.0), factor)
        };
        // the factor of the median is 1
        assert_eq!(factors(10, &[true, true]), [0.4, 1.0, 3.0, 0.4, 1.0, 3.0]);
        assert_eq!(factors(MIN_CASES_PER_STEP, &[true, true]), [0.4, 1.0, 2.0, 0.4, 1.0, 3.0]);
        // an unobserved step is ignored
        assert_eq!(factors(10, &[true, false]), [0.4, 1.0, 2.0, 0.4, 1.0, 2.0]);
    }
}
