//! Split conformal prediction: bands are widened by what it would have taken to hold what was held out.
//!
//! Vovk, Gammerman, Shafer 2005, "Algorithmic Learning in a Random World"; on quantiles: Romano, Patterson, Candès 2019,
//! "Conformalized quantile regression".

use std::ops::Range;

/// The factor at which a bound of `level` holds its share of held-out values, each of which needed one of `needed`; `None`
/// where there are none.
pub(crate) fn factor(mut needed: Vec<f64>, level: f64) -> Option<f64> {
    needed.sort_unstable_by(f64::total_cmp);
    let place = (level.max(1.0 - level) * needed.len() as f64).ceil() as usize;
    needed.get(place.saturating_sub(1)).copied()
}

/// The factor on how far a bound of `level` is from the point at which it would have held a value; it is taken to be at least
/// `least` to its side.
pub(crate) fn needed(actual: f64, point: f64, apart: f64, level: f64, least: f64) -> f64 {
    (actual - point) / if level < 0.5 { apart.min(-least) } else { apart.max(least) }
}

/// Factors on how far each level is from the median, [horizon * levels]: 1 for the median, `of` a level's number and a stretch
/// of steps for the others, a step at a time or all at once.
pub(crate) fn widths(
    horizon: usize,
    levels: &[f64],
    step_by_step: bool,
    of: impl Fn(usize, Range<usize>) -> f64,
) -> Vec<f64> {
    let count = levels.len();
    let mut widths = vec![1.0; horizon * count];
    for q in (0..count).filter(|q| *q != median_of(levels)) {
        let over_all = if step_by_step { None } else { Some(of(q, 0..horizon)) };
        for k in 0..horizon {
            widths[k * count + q] = over_all.unwrap_or_else(|| of(q, k..k + 1));
        }
    }
    widths
}

/// The place of the median among the levels.
pub(crate) fn median_of(levels: &[f64]) -> usize {
    levels.iter().position(|level| *level >= 0.5).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_that_a_level_promises_needs_no_more_than_the_factor() {
        let needed: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(
            [0.9, 0.1, 0.975, 0.025].map(|level| factor(needed.clone(), level)),
            [90.0, 90.0, 98.0, 98.0].map(Some)
        );
        assert_eq!(factor(Vec::new(), 0.9), None);
    }

    #[test]
    fn the_median_stays_and_steps_are_apart_or_together() {
        let of = |q: usize, steps: Range<usize>| (10 * q + steps.end) as f64;
        assert_eq!(widths(2, &[0.1, 0.5, 0.9], true, of), [1.0, 1.0, 21.0, 2.0, 1.0, 22.0]);
        assert_eq!(widths(2, &[0.1, 0.5, 0.9], false, of), [2.0, 1.0, 22.0, 2.0, 1.0, 22.0]);
    }
}
