//! Last values at a new level, of which nobody knows whether it stays.
//!
//! Forecasts then lie between the old and the new level, and intervals from earlier errors contain neither. So both
//! levels become scenarios, and the intervals are widened to those of their mixture.

use crate::model::auto::candidates::candidate::Candidate;
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::intervals::{Intervals, LevelScenario};
use crate::model::auto::median::median;
use crate::model::auto::weights::weighted_mean;

/// The maximum number of last values at a new level. With more of them, forecasts have mostly adapted.
const MAX_VALUES: usize = 7;
/// The minimum number of values of a series in which a new level is found.
const MIN_VALUES: usize = 30;
/// Each value at a new level is farther from its forecast than the bound of the 95 % interval, by this factor.
const MIN_EXCESS: f64 = 1.5;
/// The level of the upper bound of a 95 % interval.
const UPPER_LEVEL: f64 = 0.975;
/// The change of the last value is at least this multiple of the median change over as many steps.
const MIN_CHANGE_IN_MEDIANS: f64 = 4.0;
/// The number of last values of which that median is computed.
const VALUES_OF_MEDIAN: usize = 1_000;
/// Added to the weights of the candidates, so that those without a weight have a mean.
const MIN_WEIGHT: f64 = 1e-6;

/// The old and the new level, if the last values of a series are at a new one; otherwise empty. Each candidate has a
/// weight.
///
/// After `m` values at the new level, the old one returns with the probability 1 / (m + 1).
pub(crate) fn level_scenarios(
    series: ForecastSeries<'_>,
    candidates: impl FnOnce() -> Vec<(Candidate, f64)>,
    intervals: &Intervals,
) -> Vec<LevelScenario> {
    if !has_changed(series.view.values, series.view.season()) {
        return Vec::new();
    }
    let candidates = candidates();
    let change = |count: usize| {
        let old = path_before(series, &candidates, count)?;
        let shift = shift_from(&old[..count], series, intervals)?;
        Some((count, old, shift))
    };
    let Some((count, old, shift)) = (1..=MAX_VALUES).rev().find_map(change) else { return Vec::new() };
    let old = old[count..].to_vec();
    let new = old.iter().map(|value| value + shift).collect();
    let old_probability = 1.0 / (count as f64 + 1.0);
    vec![
        LevelScenario { path: old, probability: old_probability },
        LevelScenario { path: new, probability: 1.0 - old_probability },
    ]
}

/// Whether the last value differs from the value some seasons before by far more than usual. This rules out most series
/// in little time.
fn has_changed(values: &[f64], season: usize) -> bool {
    let lag = MAX_VALUES.next_multiple_of(season.max(1));
    if values.len() < MIN_VALUES.max(2 * lag) {
        return false;
    }
    let recent = &values[values.len().saturating_sub(VALUES_OF_MEDIAN)..];
    let changes = recent.windows(lag + 1).map(|pair| (pair[lag] - pair[0]).abs());
    let last = values[values.len() - 1] - values[values.len() - 1 - lag];
    median(changes).is_some_and(|usual| last.abs() > MIN_CHANGE_IN_MEDIANS * usual)
}

/// The mean forecast of the candidates without the last `count` values, to the end of the horizon.
fn path_before(series: ForecastSeries<'_>, candidates: &[(Candidate, f64)], count: usize) -> Option<Vec<f64>> {
    let cutoff = series.view.values.len() - count;
    let series = ForecastSeries { horizon: series.horizon + count, ..series };
    let paths = candidates.iter().map(|(candidate, weight)| {
        let path = candidate.paths_in_closed_form(series, &[cutoff]).and_then(|mut paths| paths.pop()?);
        (*weight + MIN_WEIGHT, path)
    });
    let paths: Vec<(f64, Option<Vec<f64>>)> = paths.collect();
    let mean = weighted_mean(paths.iter().map(|(weight, path)| (*weight, path.as_ref())))?;
    (mean.len() == series.horizon).then_some(mean)
}

/// The median distance of the last values from their forecast. `None` unless all are far from it, on the same side.
fn shift_from(forecast: &[f64], series: ForecastSeries<'_>, intervals: &Intervals) -> Option<f64> {
    let view = series.view;
    let first = view.values.len() - forecast.len();
    let distance = |(k, predicted): (usize, &f64)| {
        let bound = intervals.distance(UPPER_LEVEL, k, view.ordinal + (first + k) as i64);
        let distance = view.values[first + k] - predicted;
        (view.observed[first + k] && distance.abs() > MIN_EXCESS * bound).then_some(distance)
    };
    let distances: Vec<f64> = forecast.iter().enumerate().map(distance).collect::<Option<_>>()?;
    let is_one_side = distances.iter().all(|distance| distance.signum() == distances[0].signum());
    median(distances).filter(|_| is_one_side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::auto::candidates::candidate::CandidateKind;
    use crate::model::auto::intervals::IntervalErrors;
    use crate::model::auto::step_profile::{ManyResiduals, Residual};
    use crate::model::regression::series_view::SeriesView;

    const HORIZON: usize = 5;

    /// The scenarios of a series with a pattern of seven values whose last `count` values are moved by `shift`.
    fn scenarios(count: usize, shift: f64) -> Vec<LevelScenario> {
        let value = |t: usize| (100 + 10 * (t % 7) + t * t % 5) as f64 + if t + count >= 200 { shift } else { 0.0 };
        let values: Vec<f64> = (0..200).map(value).collect();
        let observed = vec![true; values.len()];
        let view = SeriesView { values: &values, observed: &observed, seasons: &[7], ordinal: 0, exogenous: None };
        let series = ForecastSeries { view, horizon: HORIZON, first_cutoff: 150 };
        let error = |i: usize| [2.0, -2.0, 1.0, -1.0, 0.5][i % 5];
        let own: Vec<Residual> =
            (0..80).map(|i| Residual { step: i % HORIZON, position: i as i64, error: error(i / HORIZON) }).collect();
        let many = ManyResiduals::default();
        let errors = IntervalErrors { own: &own, horizons: 8.0, many: &many, naive: &[] };
        let intervals = Intervals::fit(&errors, HORIZON, 7);
        level_scenarios(series, || vec![(Candidate::plain(CandidateKind::SeasonalNaive(7)), 1.0)], &intervals)
    }

    #[test]
    fn a_few_values_at_a_new_level_give_both_levels_as_scenarios() {
        for count in 1..=MAX_VALUES {
            let found = scenarios(count, 60.0);
            let [old, new] = found.as_slice() else { panic!("{count}: {found:?}") };
            assert!((old.probability + new.probability - 1.0).abs() < 1e-12);
            assert!((old.probability - 1.0 / (count as f64 + 1.0)).abs() < 1e-12);
            for k in 0..HORIZON {
                let usual = (100 + 10 * ((200 + k) % 7)) as f64;
                assert!((old.path[k] - usual).abs() < 8.0 && (new.path[k] - usual - 60.0).abs() < 8.0, "{found:?}");
            }
        }
    }

    #[test]
    fn small_changes_and_levels_that_stayed_are_no_scenarios() {
        assert_eq!(scenarios(0, 0.0), []);
        assert_eq!(scenarios(3, 1.5), []);
        assert_eq!(scenarios(30, 60.0), []);
    }
}
