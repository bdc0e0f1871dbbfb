//! How wide the bands are: the networks' quantiles, stretched until they hold what they should of what was held out.

use std::ops::Range;

use crate::data::Panel;
use crate::model::conformal::{self, median_of};
use crate::model::global::Pool;

/// Series with a held-out part from which on each step of the horizon has a width of its own.
const ENOUGH: usize = 400;
/// Held-out values at which half of the trust in a width is there.
const DOUBT: f64 = 50.0;
/// Least and most that a band is narrowed and widened.
const FACTORS: (f64, f64) = (0.4, 4.0);

/// The factors on how far each level is from the median at which it holds its share of the last `horizon` values of the
/// series of `panel`, which `pool` ends before, [horizon * levels]. `said` is on the pool's scale, [series][horizon *
/// levels].
pub(super) fn widths(panel: &Panel, pool: &Pool, said: &[Vec<f32>], horizon: usize, levels: &[f64]) -> Vec<f64> {
    let (count, median) = (levels.len(), median_of(levels));
    let held_out = panel.iter().filter(|series| series.len() > horizon).count();
    let factor = |q: usize, steps: Range<usize>| {
        let mut needed = Vec::new();
        for (i, series) in panel.iter().enumerate() {
            let Some(start) = series.len().checked_sub(horizon).filter(|start| *start > 0) else { continue };
            for k in steps.clone().filter(|k| series.observed[start + k]) {
                let point = f64::from(said[i][k * count + median]);
                let apart = f64::from(said[i][k * count + q]) - point;
                let actual = pool.series(i).scale.number(series.values[start + k]);
                needed.push(conformal::needed(actual, point, apart, levels[q], 1e-6));
            }
        }
        let trust = needed.len() as f64 / (needed.len() as f64 + DOUBT);
        let factor = conformal::factor(needed, levels[q]);
        factor.map_or(1.0, |factor| 1.0 + trust * (factor.clamp(FACTORS.0, FACTORS.1) - 1.0))
    };
    conformal::widths(horizon, levels, held_out >= ENOUGH, factor)
}

/// Quantiles, [levels][horizon], from what was said of a series, [horizon * levels]. The median stays what it is.
pub(super) fn quantiles(said: &[f32], widths: &[f64], levels: &[f64]) -> Vec<Vec<f64>> {
    let (count, median) = (levels.len(), median_of(levels));
    let row = |q: usize| {
        let one = |(said, widths): (&[f32], &[f64])| {
            let (point, side) = (f64::from(said[median]), (levels[q] - 0.5).signum());
            // the mean of networks may cross where its bands are narrow
            let apart = if q == median { 0.0 } else { side * (side * (f64::from(said[q]) - point)).max(0.0) };
            point + widths[q] * apart
        };
        said.chunks(count).zip(widths.chunks(count)).map(one).collect()
    };
    (0..count).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

    #[test]
    fn bands_grow_until_they_hold_what_happened() {
        let values: Vec<f64> = (0..2000).map(|t| (1.0 + 0.1 * f64::from(t % 7)).exp()).collect();
        let panel = Panel::from_values(&values, 1);
        let horizon = 1000;
        let pool = Pool::new(&panel, &[], horizon);
        let truth = values[1000..].iter().map(|v| v.ln() as f32);
        let said = vec![truth.flat_map(|y| [y + 0.05, y + 0.15, y + 0.25]).collect::<Vec<f32>>()];
        let widths = widths(&panel, &pool, &said, horizon, &LEVELS);
        // .15 too high with bounds .1 to either side: the lower one has to come down by half as much again
        assert!((widths[0] - 1.5).abs() < 0.04, "{}", widths[0]);
        assert!((widths[1] - 1.0).abs() < 1e-12 && widths[2] < 0.45);
    }

    #[test]
    fn the_median_stays_whatever_crosses() {
        assert_eq!(quantiles(&[2.0, 1.0, 0.5], &[1.0; 3], &LEVELS), [[1.0], [1.0], [1.0]]);
        assert_eq!(quantiles(&[0.0, 1.0, 2.0], &[2.0, 1.0, 0.5], &LEVELS), [[-1.0], [1.0], [1.5]]);
    }
}
