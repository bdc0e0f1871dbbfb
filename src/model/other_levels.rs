//! Forecasts at other quantile levels than those that a network has learned.
//!
//! Networks learn the five levels of [`LEVELS`], whatever levels a task has. So their median does
//! not depend on the levels of the task, and a saved model forecasts any level. A further quantile is linear in the
//! quantile of the normal distribution between the two nearest levels. Beyond the outermost levels the tail is that of
//! a normal distribution through the two outermost quantiles of the side.

use crate::forecast::levels::LEVELS;
use crate::forecast::quantile_forecast::{Forecast, Quantile};
use crate::model::fit::Hindcast;
use crate::model::stat::student_t::normal_quantile;
use crate::panel::series::Bounds;
use crate::panel::{Panel, TimeSeries};

/// A forecast after a history, at other levels. It has no negative value if the history has none.
pub(crate) fn at_levels(history: &TimeSeries<'_>, forecast: Forecast, levels: &[f64]) -> Forecast {
    if forecast.quantiles().iter().map(|quantile| &quantile.level).eq(levels) {
        return forecast;
    }
    let bounds = history.bounds();
    let row = |level: &f64| match forecast.quantile(*level) {
        Some(values) => values.to_vec(),
        None => at_level(forecast.quantiles(), *level, bounds),
    };
    Forecast::after(history, levels, levels.iter().map(row).collect())
}

/// The levels of forecasts as they are saved: none if they are those that networks learn.
pub(crate) fn if_other(levels: &[f64]) -> Option<Vec<f64>> {
    (levels != LEVELS).then(|| levels.to_vec())
}

/// Hindcasts of the series of a panel, at other levels.
pub(crate) fn hindcasts_at_levels(panel: &Panel, hindcasts: Vec<Hindcast>, levels: &[f64]) -> Vec<Hindcast> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let at = |Hindcast { series, cutoff, forecast }| {
        let forecast = at_levels(&all[series].first(cutoff), forecast, levels);
        Hindcast { series, cutoff, forecast }
    };
    hindcasts.into_iter().map(at).collect()
}

/// The quantile of a level at each step, from those of other levels. The median alone has no spread.
fn at_level(quantiles: &[Quantile], level: f64, bounds: Bounds) -> Vec<f64> {
    if let [only] = quantiles {
        return only.values.clone();
    }
    let above = quantiles.iter().position(|quantile| quantile.level >= level).unwrap_or(quantiles.len());
    let above = above.clamp(1, quantiles.len() - 1);
    let (low, high) = (&quantiles[above - 1], &quantiles[above]);
    let (below, between) = (normal_quantile(low.level), normal_quantile(level));
    let share = (between - below) / (normal_quantile(high.level) - below);
    let value = |(low, high): (&f64, &f64)| {
        let value = low + share * (high - low);
        // the difference of huge values overflows
        let value = if value.is_finite() { value } else { *if share < 0.5 { low } else { high } };
        bounds.clamp(value)
    };
    low.values.iter().zip(&high.values).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forecast of one step with these quantiles, at other levels.
    fn at(values: &[f64], quantiles: [f64; 5], levels: &[f64]) -> Vec<f64> {
        let panel = Panel::from_values(values, 1);
        let history = panel.iter().next().unwrap();
        let forecast = Forecast::after(&history, &LEVELS, quantiles.map(|value| vec![value]).to_vec());
        at_levels(&history, forecast, levels).quantiles().iter().map(|quantile| quantile.values[0]).collect()
    }

    #[test]
    fn normal_quantiles_give_further_normal_quantiles() {
        let levels = [0.0005, 0.005, 0.1, 0.25, 0.495, 0.5, 0.505, 0.75, 0.995];
        let normal = |level: &f64| 10.0 + 2.0 * normal_quantile(*level);
        let found = at(&[9.0, -3.0], LEVELS.map(|level| normal(&level)), &levels);
        for (found, level) in found.iter().zip(&levels) {
            assert!((found - normal(level)).abs() < 1e-5, "{level}: {found}");
        }
    }

    #[test]
    fn a_known_level_is_exact_and_a_tail_stays_above_the_floor_and_finite() {
        let quantiles = [0.5, 1.0, 3.0, 4.0, 8.0];
        assert_eq!(at(&[1.0, 2.0], quantiles, &[0.1, 0.5, 0.975]), [1.0, 3.0, 8.0]);
        let low = at(&[1.0, 2.0], [0.1, 2.0, 3.0, 4.0, 5.0], &[0.001, 0.5]);
        assert_eq!(low, [0.0, 3.0]);
        let huge = at(&[-1.0, 2.0], [f64::MIN, -1e308, 0.0, 1e308, f64::MAX], &[0.001, 0.3, 0.5, 0.7, 0.999]);
        assert!(huge.iter().all(|value| value.is_finite()) && huge.is_sorted(), "{huge:?}");
    }
}
