//! Joint paths from a forecast that says quantiles of each step alone: what each step may be is the forecast's, how steps
//! go together is the series' own past.
//!
//! Exponential smoothing is walked over the history; at each position its path ahead errs in some way at all steps of the
//! horizon. Such stretches of errors are the template: at each step, a path gets the quantile of the rank that its stretch
//! has among all there (the Schaake shuffle: Clark, Gangopadhyay, Hay, Rajagopalan, Wilby 2004, "The Schaake shuffle: a
//! method for reconstructing space-time variability in forecasted precipitation and temperature fields", Journal of
//! Hydrometeorology 5(1); an empirical copula: Schefzik, Thorarinsdottir, Gneiting 2013). So each step's distribution is
//! exactly the forecast's. A history of fewer than eight such stretches cannot tell how errors go together: all steps then
//! err together, which makes the widest totals.

use crate::model::stat::student_t;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::SamplePaths;
use crate::model::smoothing::Smoothed;
use crate::model::transform::Transform;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Fewest past stretches that tell how the errors of steps go together.
const FEWEST: usize = 8;
/// Most that are looked at.
const MOST: usize = 1000;

/// `count` joint paths of each series from the quantiles of its forecast.
///
/// # Panics
/// If `count` is 0, or there is not one forecast a series of `history`, in its order.
pub fn paths(forecasts: &[Forecast], history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
    assert_eq!(forecasts.len(), history.count(), "a forecast a series");
    let seasons = history.seasons();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let one = |(forecast, series): (&Forecast, TimeSeries<'_>)| {
        assert_eq!(forecast.key(), series.key, "forecasts are in the panel's order");
        let horizon = forecast.times().len();
        let ranks = ranks(&stretches(&series, &seasons, horizon), count, horizon, &mut rng);
        let floor = series.floor();
        let mut values = vec![0.0; count * horizon];
        for k in 0..horizon {
            let knots: Vec<(f64, f64)> =
                forecast.quantiles().iter().map(|q| (student_t::normal(q.level), q.values[k])).collect();
            for (path, rank) in ranks[k].iter().enumerate() {
                let level = (*rank as f64 + 0.5) / count as f64;
                values[path * horizon + k] = between(&knots, student_t::normal(level)).clamp(floor, f64::MAX);
            }
        }
        SamplePaths::after(&series, count, values)
    };
    forecasts.iter().zip(history.iter()).map(one).collect()
}

/// The errors over a horizon of what smoothing said at each position of a series, [position][step].
fn stretches(series: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> Vec<Vec<f64>> {
    let transform = Transform::of(series.values, seasons.first().copied().unwrap_or(1));
    let z: Vec<f64> = series.values.iter().map(|v| transform.there(*v)).collect();
    if z.len() <= horizon + 1 {
        return Vec::new();
    }
    let base = Smoothed::best(&z, series.observed, seasons, horizon);
    let seen = |t: &usize| series.observed[t + 1..=t + horizon].iter().all(|observed| *observed);
    let positions: Vec<usize> = (base.first()..z.len() - horizon).filter(seen).collect();
    let pace = positions.len().div_ceil(MOST).max(1);
    let errors = |t: &usize| (1..=horizon).map(|k| z[t + k] - base.at(*t, k)).collect();
    positions.iter().rev().step_by(pace).map(errors).collect()
}

/// The rank of each path at each step, from 0: [step][path].
fn ranks(stretches: &[Vec<f64>], count: usize, horizon: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    if stretches.len() < FEWEST {
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(rng);
        return vec![order; horizon];
    }
    // each stretch as often as any other, whatever remains by chance
    let mut sources: Vec<usize> = (0..stretches.len()).collect();
    sources.shuffle(rng);
    let sources: Vec<usize> = (0..count).map(|path| sources[path % sources.len()]).collect();
    let step = |k: usize| {
        let mut order: Vec<(f64, f64, usize)> =
            sources.iter().enumerate().map(|(path, source)| (stretches[*source][k], rng.random(), path)).collect();
        // where several paths have one source, or errors are equal, chance decides
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut ranks = vec![0; count];
        order.iter().enumerate().for_each(|(rank, (_, _, path))| ranks[*path] = rank);
        ranks
    };
    (0..horizon).map(step).collect()
}

/// Straight lines through and beyond ascending knots.
fn between(knots: &[(f64, f64)], at: f64) -> f64 {
    let [(x, y), .., _] = knots else { return knots.first().map_or(0.0, |knot| knot.1) };
    let upper = knots.iter().position(|knot| at < knot.0).unwrap_or(knots.len() - 1).max(1);
    let ((x0, y0), (x1, y1)) = (knots[upper - 1], knots[upper]);
    let value = y0 + (y1 - y0) * ((at - x0) / (x1 - x0));
    if value.is_finite() {
        value
    } else if at < *x {
        *y
    } else {
        y0
    }
}
