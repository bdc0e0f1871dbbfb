//! Classical seasonal decomposition and the test whether there is a season at all.
//!
//! Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), section 3.4; the test is that of the M4
//! competition (Makridakis, Spiliotis, Assimakopoulos 2020, *The M4 Competition*, International Journal of Forecasting
//! 36(1), appendix A).

use crate::model::stat::fit::Fit;

/// The least factor of a season that is worth dividing by.
const LEAST_FACTOR: f64 = 0.01;

/// How a season meets the rest of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Added to it.
    Additive,
    /// Multiplied with it; for values above 0 alone.
    Multiplicative,
}

impl Manner {
    pub(crate) fn apply(self, value: f64, season: f64) -> f64 {
        if self == Self::Additive { value + season } else { value * season }
    }

    pub(crate) fn remove(self, value: f64, season: f64) -> f64 {
        if self == Self::Additive { value - season } else { value / season }
    }

    /// The error of a value whose season was taken out, with the season in it.
    fn of_error(self, error: f64, season: f64) -> f64 {
        if self == Self::Additive { error } else { error * season }
    }
}

/// Whether the autocorrelation at the season's lag is above what noise would have in one case of twenty.
///
/// `season`: at least 4, and `values` hold it twice; otherwise there is none.
pub(crate) fn is_seasonal(values: &[f64], season: usize) -> bool {
    let n = values.len();
    if season < 4 || n < 2 * season {
        return false;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let centred: Vec<f64> = values.iter().map(|v| v - mean).collect();
    let product = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let variance = product(0);
    let before: f64 = (1..season).map(|lag| (product(lag) / variance).powi(2)).sum();
    let limit = 1.644_853_626_951 * ((1.0 + 2.0 * before) / n as f64).sqrt();
    (product(season) / variance).abs() > limit
}

/// The last values, enough of them to tell whether there is a long season.
pub(crate) fn recent(values: &[f64], season: usize) -> &[f64] {
    &values[values.len().saturating_sub(season.saturating_mul(8))..]
}

/// A method on what is left without the season, where the test finds one, and the season put back.
///
/// `method`: gets values of the same length.
pub(crate) fn around(values: &[f64], season: usize, method: impl FnOnce(&[f64]) -> Option<Fit>) -> Option<Fit> {
    if !is_seasonal(values, season) {
        return method(values);
    }
    let (manner, profile) = factors(values, season);
    let at = |t: usize| profile[t % season];
    let adjusted: Vec<f64> = values.iter().enumerate().map(|(t, v)| manner.remove(*v, at(t))).collect();
    let mut fit = method(&adjusted)?;
    for (k, median) in fit.median.iter_mut().enumerate() {
        *median = manner.apply(*median, at(values.len() + k));
    }
    // errors are those of the last positions
    let start = values.len() - fit.errors.len();
    for (t, error) in fit.errors.iter_mut().enumerate() {
        *error = manner.of_error(*error, at(start + t));
    }
    Some(fit)
}

/// The season's profile, multiplicative where every value is above 0 and no factor is next to nothing.
///
/// `values`: at least two seasons of them.
fn factors(values: &[f64], season: usize) -> (Manner, Vec<f64>) {
    if values.iter().all(|v| *v > 0.0) {
        let factors = profile(values, season, Manner::Multiplicative);
        if factors.iter().all(|factor| *factor >= LEAST_FACTOR) {
            return (Manner::Multiplicative, factors);
        }
    }
    (Manner::Additive, profile(values, season, Manner::Additive))
}

/// One value a position of the season, from position 0 of `values` on; of mean 0, or 1 where multiplicative.
///
/// `values`: at least two seasons of them.
pub(crate) fn profile(values: &[f64], season: usize, manner: Manner) -> Vec<f64> {
    let (trend, half) = (moving_average(values, season), season / 2);
    let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
    for (t, trend) in trend.iter().enumerate() {
        sums[(t + half) % season] += manner.remove(values[t + half], *trend);
        counts[(t + half) % season] += 1.0;
    }
    let means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count): (&f64, &f64)| sum / count.max(1.0)).collect();
    let centre = means.iter().sum::<f64>() / season as f64;
    means.into_iter().map(|mean| manner.remove(mean, centre)).collect()
}

/// The mean over a season around each position, from `season / 2` on, of those that have a whole one around them; over an
/// even season the two ends count half.
fn moving_average(values: &[f64], season: usize) -> Vec<f64> {
    let means = |values: &[f64], width: usize| -> Vec<f64> {
        let mut sum: f64 = values[..width].iter().sum();
        let rest = values.iter().zip(&values[width..]).map(|(leaves, enters)| {
            sum += enters - leaves;
            sum / width as f64
        });
        std::iter::once(values[..width].iter().sum::<f64>() / width as f64).chain(rest).collect()
    };
    let once = means(values, season);
    if season.is_multiple_of(2) { means(&once, 2) } else { once }
}

#[cfg(test)]
mod tests {
    use crate::model::stat::seasonal_adjustment::{Manner, is_seasonal, profile};

    #[test]
    fn a_season_on_a_line_is_found_as_it_is() {
        let pattern = [3.0, -1.0, -4.0, 2.0];
        let values: Vec<f64> = (0..24).map(|t| 50.0 + 0.5 * t as f64 + pattern[t % 4]).collect();
        let found = profile(&values, 4, Manner::Additive);
        assert!(found.iter().zip(pattern).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        assert!(is_seasonal(&values, 4) && !is_seasonal(&values, 5));
        let times: Vec<f64> = (0..24).map(|t| 50.0 * (1.0 + pattern[t % 4] / 10.0)).collect();
        let found = profile(&times, 4, Manner::Multiplicative);
        assert!(found.iter().zip(pattern).all(|(a, b)| (a - 1.0 - b / 10.0).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn odd_and_even_seasons_of_two_rounds_have_a_profile() {
        for season in 2..9 {
            let values: Vec<f64> = (0..2 * season).map(|t| (t % season) as f64).collect();
            let found = profile(&values, season, Manner::Additive);
            assert!(found.len() == season && found.iter().all(|v| v.is_finite()));
        }
    }
}
