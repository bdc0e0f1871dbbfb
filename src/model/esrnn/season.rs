//! The seasons of a series before anything was learned of them.

/// Most whole seasons that factors are estimated on.
pub(super) const SEASONS: usize = 3;

/// The seasons that a series is long enough for: two of each and a value more.
pub(super) fn fitting(periods: &[usize], length: usize) -> usize {
    periods.iter().take_while(|period| length > 2 * **period).count()
}

/// Positions that the first factors are estimated on.
pub(super) fn estimated_on(periods: &[usize], length: usize) -> usize {
    periods.last().map_or(0, |period| (length / period).min(SEASONS) * period)
}

/// The first factors of each period, the shortest first, each from what the ones before leave of `values`.
pub(super) fn first_factors(values: &[f32], periods: &[usize]) -> Vec<Vec<f64>> {
    let longest = estimated_on(periods, values.len());
    let mut rest: Vec<f64> = values[..longest].iter().map(|v| f64::from(*v)).collect();
    let mut all = Vec::with_capacity(periods.len());
    for period in periods {
        // of a short period more seasons fit, but the first ones are what is asked for
        let factors = of_one(&rest[..rest.len().min(estimated_on(&[*period], values.len()))], *period);
        rest.iter_mut().enumerate().for_each(|(t, v)| *v -= factors[t % period]);
        all.push(factors);
    }
    all
}

/// Factors of mean 0 around a line, as far as they are more than noise: shrunk by the share of their variance that the
/// noise around them explains (James, Stein 1961, "Estimation with quadratic loss", positive part).
fn of_one(values: &[f64], period: usize) -> Vec<f64> {
    let count = values.len() / period;
    let means: Vec<f64> =
        values.chunks_exact(period).map(|season| season.iter().sum::<f64>() / period as f64).collect();
    let slope = (means[count - 1] - means[0]) / ((count.max(2) - 1) * period) as f64;
    let centre = (count * period - 1) as f64 / 2.0;
    let middle = means.iter().sum::<f64>() / count as f64;
    let apart = |t: usize| values[t] - middle - slope * (t as f64 - centre);
    let factors: Vec<f64> =
        (0..period).map(|j| (0..count).map(|k| apart(k * period + j)).sum::<f64>() / count as f64).collect();
    let noise = (0..count * period).map(|t| (apart(t) - factors[t % period]).powi(2)).sum::<f64>()
        / ((count - 1) * period).max(1) as f64;
    let between = factors.iter().map(|f| f * f).sum::<f64>() / period as f64;
    let kept = if between > 0.0 { (1.0 - noise / count as f64 / between).max(0.0) } else { 0.0 };
    factors.into_iter().map(|factor| kept * factor).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn factors_on_a_line_are_found() {
        let season = [0.5, -0.2, -0.4, 0.1];
        let values: Vec<f32> = (0..13).map(|t| 0.1 * t as f32 + season[t % 4]).collect();
        let factors = first_factors(&values, &[4]).remove(0);
        assert!(factors.iter().zip(season).all(|(a, b)| (a - f64::from(b)).abs() < 1e-4), "{factors:?}");
    }

    #[test]
    fn two_seasons_are_told_apart() {
        let (day, week) = ([0.5, -0.3, -0.2], [1.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
        let values: Vec<f32> = (0..40).map(|t| day[t % 3] + week[t % 6]).collect();
        let factors = first_factors(&values, &[3, 6]);
        for t in 0..6 {
            let sum = factors[0][t % 3] + factors[1][t];
            assert!((sum - f64::from(day[t % 3] + week[t])).abs() < 1e-5);
        }
    }

    #[test]
    fn noise_is_no_season() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let values: Vec<f32> = (0..40).map(|_| rng.random_range(-1.0f32..1.0)).collect();
        let size = |factors: &[f64]| factors.iter().map(|f| f * f).sum::<f64>();
        let of_noise = first_factors(&values, &[12]).remove(0);
        let seasonal: Vec<f32> = values.iter().enumerate().map(|(t, v)| v + 3.0 * ((t % 12) as f32 - 5.5)).collect();
        assert!(size(&of_noise) < 0.01 * size(&first_factors(&seasonal, &[12])[0]), "{of_noise:?}");
    }
}
