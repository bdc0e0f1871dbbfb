//! The mean of simple, Holt's and damped exponential smoothing, after the season is taken out.
//!
//! The "Comb" benchmark of the M3 and M4 competitions (Makridakis, Hibon 2000, *The M3-Competition*, International Journal
//! of Forecasting 16(4)). The three differ in how far they follow a trend, and their mean follows it in part.

use crate::model::stat::PointWithStdErr;
use crate::model::stat::ets;
use crate::model::stat::fit;
use crate::model::stat::fit::Fit;
use crate::model::stat::seasonal_adjustment;
use crate::panel::series::TimeSeries;

/// Last values that are used, or as many as make [`SEASONS`], if those are more.
const MOST: usize = 500;
const SEASONS: usize = 6;
/// Fewest values: below, Holt's smoothing has more parameters than it can learn.
const LEAST: usize = 7;

pub(crate) fn outlook(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    fit(history.values, season, horizon).outlook(history.observed)
}

/// The forecast of the next `horizon` values; finite whatever the values are.
///
/// `season`: steps after which the pattern may repeat; a test decides whether it does.
pub(crate) fn forecast(values: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    fit(values, season, horizon).median
}

fn fit(values: &[f64], season: usize, horizon: usize) -> Fit {
    let most = MOST.max(SEASONS.saturating_mul(season));
    fit::fit(values, (LEAST, most), horizon, |values| {
        seasonal_adjustment::around(values, season, |adjusted| mean_of_three(adjusted, horizon))
    })
}

fn mean_of_three(values: &[f64], horizon: usize) -> Option<Fit> {
    let fits = ets::plain(values, horizon)?;
    let mean = |of: fn(&Fit) -> &Vec<f64>| -> Vec<f64> {
        let length = fits.iter().map(|fit| of(fit).len()).min().unwrap_or(0);
        let back = |fit: &Fit, i: usize| of(fit)[of(fit).len() - length + i];
        (0..length).map(|i| fits.iter().map(|fit| back(fit, i)).sum::<f64>() / fits.len() as f64).collect()
    };
    let parameters = fits.iter().map(|fit| fit.parameters).max().unwrap_or(0);
    Some(Fit { median: mean(|f| &f.median), errors: mean(|f| &f.errors), growth: mean(|f| &f.growth), parameters })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn noisy(value: impl Fn(usize) -> f64, count: usize) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..count).map(|t| value(t) + 0.1 * rng.sample::<f64, _>(StandardNormal)).collect()
    }

    #[test]
    fn a_trend_is_followed_in_part() {
        let values = noisy(|t| 50.0 + 0.5 * t as f64, 80);
        let path = forecast(&values, 1, 10);
        let (flat, line) = (50.0 + 0.5 * 79.0, 50.0 + 0.5 * 89.0);
        // one of the three follows it wholly, one not at all
        let third = (line - flat) / 3.0;
        assert!(path[9] > flat + 0.8 * third && path[9] < line - 0.8 * third, "{path:?}");
        assert!(path.is_sorted(), "{path:?}");
    }

    #[test]
    fn a_season_is_put_back() {
        let wave = [30.0, -10.0, -30.0, 10.0];
        let path = forecast(&noisy(|t| 200.0 + wave[t % 4], 60), 4, 8);
        for (k, said) in path.iter().enumerate() {
            assert!((said - 200.0 - wave[k % 4]).abs() < 1.5, "step {k}: {said}");
        }
    }

    #[test]
    fn it_is_the_mean_of_the_three() {
        let values = noisy(|t| (t as f64 * 0.3).sin(), 50);
        let three = ets::plain(&values, 5).expect("long enough");
        for (k, said) in forecast(&values, 1, 5).iter().enumerate() {
            let mean = three.iter().map(|fit| fit.median[k]).sum::<f64>() / 3.0;
            assert!((said - mean).abs() < 1e-3, "step {k}: {said}, the three: {mean}");
        }
    }
}
