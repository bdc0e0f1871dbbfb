//! The state with which exponential smoothing starts, estimated on the first seasons of a series.

/// The number of positions on which the state is estimated without a season.
const POSITIONS_WITHOUT_SEASON: usize = 6;
/// The maximum number of seasons on which the state is estimated.
const MAX_SEASONS: usize = 3;

/// Level, trend and season before the first value.
pub(crate) struct InitialState {
    /// The number of positions used for the estimate.
    pub(crate) length: usize,
    pub(crate) level: f64,
    /// Change in one step.
    pub(crate) trend: f64,
    /// One value for each position of the season, of mean 0.
    pub(crate) seasonal: Vec<f64>,
}

impl InitialState {
    pub(crate) fn estimate(values: &[f64], observed: &[bool], season: usize) -> Self {
        if season == 1 {
            return Self::without_season(values);
        }
        // at least two seasons should remain for learning
        let seasons = (values.len() / season).saturating_sub(2).clamp(1, MAX_SEASONS);
        let length = seasons * season;
        let mean = |from: usize| values[from..from + season].iter().sum::<f64>() / season as f64;
        let trend = if seasons > 1 { (mean(length - season) - mean(0)) / (length - season) as f64 } else { 0.0 };
        let intercept = mean(0) - trend * (season as f64 - 1.0) / 2.0; // of the trend line, at position 0
        let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
        for t in 0..length {
            if observed[t] {
                sums[t % season] += values[t] - intercept - trend * t as f64;
                counts[t % season] += 1.0;
            }
        }
        let mut seasonal: Vec<f64> = sums.iter().zip(&counts).map(|(s, c): (&f64, &f64)| s / c.max(1.0)).collect();
        let mean = seasonal.iter().sum::<f64>() / season as f64;
        for s in &mut seasonal {
            *s -= mean;
        }
        Self { length, level: intercept + mean - trend, trend, seasonal }
    }

    /// The trend is the median step.
    fn without_season(values: &[f64]) -> Self {
        let length = values.len().min(POSITIONS_WITHOUT_SEASON);
        let mut steps: Vec<f64> = values[..length].windows(2).map(|w| w[1] - w[0]).collect();
        steps.sort_by(f64::total_cmp);
        let trend = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
        Self { length, level: values[0] - trend, trend, seasonal: vec![0.0] }
    }
}
