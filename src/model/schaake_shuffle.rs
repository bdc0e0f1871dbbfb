//! The Schaake shuffle: sample paths from a forecast of quantiles.
//!
//! The quantiles give the distribution of each step. The past of the series gives the dependence between steps.
//! Exponential smoothing forecasts the horizon at each position of the history, and the errors of each forecast are a
//! template. Each sample path follows a template. At each step the path gets the quantile of the rank that its template
//! has there. So each step keeps the distribution of the forecast. Clark, Gangopadhyay, Hay, Rajagopalan & Wilby
//! (2004), *The Schaake shuffle: a method for reconstructing space-time variability in forecasted precipitation and
//! temperature fields*, Journal of Hydrometeorology 5(1); as an empirical copula: Schefzik, Thorarinsdottir & Gneiting
//! (2013), *Uncertainty quantification in complex simulation models using ensemble copula coupling*, Statistical
//! Science 28(4).
//!
//! Too few templates do not show the dependence. All steps then have the same rank, which makes the widest totals.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::forecast::{Forecast, SamplePaths};
use crate::model::smoothing::SmoothedSeries;
use crate::model::stat::student_t;
use crate::model::transform::Transform;
use crate::panel::{Panel, TimeSeries};

/// The minimum number of templates from which the dependence between steps is estimated.
const MIN_TEMPLATES: usize = 8;
const MAX_TEMPLATES: usize = 1000;

/// Draws `count` sample paths of each series from the quantiles of its forecast.
///
/// ```
/// use forecast::model::schaake_shuffle;
/// use forecast::model::stat::Baseline;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let values: Vec<f64> = (0..60).map(|t| f64::from(10 + t % 7)).collect();
/// let panel = Panel::from_values(&values, 7);
/// let fitted = Baseline::SeasonalNaive.fit(&panel, &Task::new(14), &mut SilentObserver)?;
/// let forecasts = fitted.predict(&panel)?;
/// let paths = schaake_shuffle::sample_paths(&forecasts, &panel, 200, 1);
/// assert_eq!(paths[0].count(), 200);
/// // the median of the total of the first week
/// let total = paths[0].total(0..7, &[0.5])[0];
/// assert!((total - 91.0).abs() < 1e-6);
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Panics
/// If `count` is 0, or there is not one forecast for each series of `history`, in its order.
pub fn sample_paths(forecasts: &[Forecast], history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
    assert_eq!(forecasts.len(), history.count(), "one forecast for each series");
    let seasons = history.seasons().lengths();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let paths_of_series = |(forecast, series): (&Forecast, TimeSeries<'_>)| {
        assert_eq!(forecast.key(), series.key, "forecasts are in the panel's order");
        let horizon = forecast.times().len();
        let ranks = ranks(&templates(&series, seasons, horizon), count, horizon, &mut rng);
        let bounds = series.bounds();
        let mut values = vec![0.0; count * horizon];
        for k in 0..horizon {
            let knots: Vec<(f64, f64)> =
                forecast.quantiles().iter().map(|q| (student_t::normal(q.level), q.values[k])).collect();
            for (path, rank) in ranks[k].iter().enumerate() {
                let level = (*rank as f64 + 0.5) / count as f64;
                values[path * horizon + k] = bounds.clamp(interpolate(&knots, student_t::normal(level)));
            }
        }
        SamplePaths::after(&series, count, values)
    };
    forecasts.iter().zip(history.iter()).map(paths_of_series).collect()
}

/// The errors of exponential smoothing over the horizon, at positions of the series: [position][step].
fn templates(series: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> Vec<Vec<f64>> {
    let transform = Transform::select(series.values, seasons.first().copied().unwrap_or(1));
    let z: Vec<f64> = series.values.iter().map(|v| transform.apply(*v)).collect();
    if z.len() <= horizon + 1 {
        return Vec::new();
    }
    let smoothed = SmoothedSeries::fit(&z, series.observed, seasons, horizon);
    let is_observed = |t: &usize| series.observed[t + 1..=t + horizon].iter().all(|observed| *observed);
    let positions: Vec<usize> = (smoothed.first_position..z.len() - horizon).filter(is_observed).collect();
    let stride = positions.len().div_ceil(MAX_TEMPLATES).max(1);
    let errors = |t: &usize| (1..=horizon).map(|k| z[t + k] - smoothed.forecast(*t, k)).collect();
    positions.iter().rev().step_by(stride).map(errors).collect()
}

/// The rank of each path at each step, from 0: [step][path].
fn ranks(templates: &[Vec<f64>], count: usize, horizon: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    if templates.len() < MIN_TEMPLATES {
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(rng);
        return vec![order; horizon];
    }
    // every template is used equally often, and the remainder is drawn at random
    let mut sources: Vec<usize> = (0..templates.len()).collect();
    sources.shuffle(rng);
    let sources: Vec<usize> = (0..count).map(|path| sources[path % sources.len()]).collect();
    let ranks_of_step = |k: usize| {
        let mut order: Vec<(f64, f64, usize)> =
            sources.iter().enumerate().map(|(path, source)| (templates[*source][k], rng.random(), path)).collect();
        // ties, as between paths of one template, are broken at random
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut ranks = vec![0; count];
        order.iter().enumerate().for_each(|(rank, (_, _, path))| ranks[*path] = rank);
        ranks
    };
    (0..horizon).map(ranks_of_step).collect()
}

/// Linear interpolation between ascending knots, and extrapolation beyond them.
fn interpolate(knots: &[(f64, f64)], at: f64) -> f64 {
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
