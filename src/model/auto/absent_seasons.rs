//! Seasons of the calendar that a series does not have.
//!
//! Series with dates have the seasons of the calendar. Daily temperatures have no week, but the members of the ensemble
//! estimate one from noise. So the pattern of such a season is taken out of the path.

use crate::model::regression::series_view::SeriesView;
use crate::model::stat::method_fit::is_constant;
use crate::model::stat::seasonal_adjustment::{Component, seasonal_indices, shrunk_indices};
use crate::panel::season_detection::of_length::seasons_of_lengths;

/// The minimum number of known cycles. With fewer, the test may miss a season.
const MIN_KNOWN_CYCLES: usize = 30;
/// The minimum number of cycles in a path that show its pattern.
const MIN_PATH_CYCLES: usize = 2;
/// The maximum number of last values that are tested.
const MAX_TESTED_VALUES: usize = 6_000;

/// The seasons that the first `known` values do not show, of those with at least two cycles in `horizon` steps. The
/// result is empty for a series with covariates, which may explain a pattern, and for a constant one.
pub(crate) fn absent_seasons(view: &SeriesView<'_>, known: usize, horizon: usize) -> Vec<usize> {
    let is_tested = |m: &usize| MIN_PATH_CYCLES * m <= horizon && MIN_KNOWN_CYCLES * m <= known;
    let mut tested: Vec<usize> = view.seasons.iter().copied().filter(is_tested).collect();
    if tested.is_empty() || view.exogenous.is_some() || is_constant(&view.values[..known]) {
        return Vec::new();
    }
    let steps = known.saturating_sub(MAX_TESTED_VALUES)..known;
    let values: Vec<f64> = steps.map(|t| if view.observed[t] { view.values[t] } else { f64::NAN }).collect();
    let found = seasons_of_lengths(&values, &tested);
    // the test may miss a weak season whose pattern is still larger than chance
    let is_chance = |m: usize| shrunk_indices(&view.values[..known], m).iter().all(|index| *index == 0.0);
    tested.retain(|m| !found.contains(m) && is_chance(*m));
    tested
}

/// Takes the patterns of seasons out of a path. A shorter path stays as it is.
pub(crate) fn remove_seasons(path: &mut [f64], seasons: &[usize]) {
    let steps = path.len();
    for &m in seasons.iter().filter(|m| MIN_PATH_CYCLES * **m <= steps) {
        let pattern = seasonal_indices(path, m, Component::Additive);
        path.iter_mut().zip(pattern.iter().cycle()).for_each(|(value, index)| *value -= index);
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn absent(values: &[f64], seasons: &[usize], horizon: usize) -> Vec<usize> {
        let observed = vec![true; values.len()];
        let view = SeriesView { values, observed: &observed, seasons, ordinal: 0, exogenous: None };
        absent_seasons(&view, values.len(), horizon)
    }

    #[test]
    fn noise_has_no_week_and_a_series_with_a_weekday_effect_has_one() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let noise: Vec<f64> = (0..800).map(|_| rng.sample(StandardNormal)).collect();
        let weekly: Vec<f64> = (0..800).map(|t| noise[t] + 2.0 * f64::from(t % 7 == 2)).collect();
        assert_eq!(absent(&noise, &[7, 365], 14), [7]);
        assert!(absent(&weekly, &[7, 365], 14).is_empty());
        // a short path does not show a pattern, and few values do not show a season
        assert!(absent(&noise, &[7, 365], 13).is_empty() && absent(&noise[..200], &[7], 14).is_empty());
    }

    #[test]
    fn the_pattern_is_taken_out_of_a_path_and_its_level_stays() {
        let pattern = [3.0, -1.0, 0.0, 1.0, -1.0, -3.0, 1.0];
        let line = |k: usize| 50.0 + 0.5 * k as f64;
        let mut path: Vec<f64> = (0..30).map(|k| line(k) + pattern[k % 7]).collect();
        let short = path[..13].to_vec();
        remove_seasons(&mut path, &[7]);
        assert!(path.iter().enumerate().all(|(k, value)| (value - line(k)).abs() < 1e-9), "{path:?}");
        let mut unchanged = short.clone();
        remove_seasons(&mut unchanged, &[7]);
        assert_eq!(unchanged, short);
    }
}
