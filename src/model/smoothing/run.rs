//! One pass of exponential smoothing over a series: its parameters, its initial state, and the state at each position.

/// The smoothing rates of the level in the grid.
const ALPHAS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0];
/// The pairs of `beta` and `phi` in the grid.
const TRENDS: [(f64, f64); 4] = [(0.0, 1.0), (0.05, 0.98), (0.2, 0.95), (0.2, 1.0)];
/// The smoothing rates of the season in the grid.
const GAMMAS: [f64; 5] = [0.02, 0.05, 0.15, 0.3, 0.6];
/// The number of positions on which the initial state is estimated without a season.
const POSITIONS_WITHOUT_SEASON: usize = 6;
/// The maximum number of seasons on which the initial state is estimated.
const MAX_SEASONS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SmoothingParameters {
    /// Of the level, in (0, 1].
    pub(crate) alpha: f64,
    /// Of the trend, as a share of `alpha`; 0 for no trend.
    pub(crate) beta: f64,
    /// Damping of the trend at each step, in (0, 1].
    pub(crate) phi: f64,
    /// Of the season, as a share of `1 - alpha`.
    pub(crate) gamma: f64,
    /// Season length in steps, 1 for no season.
    pub(crate) season: usize,
}

impl SmoothingParameters {
    /// All points of the grid for a season length.
    pub(crate) fn grid(season: usize) -> Vec<Self> {
        let gammas = if season > 1 { &GAMMAS[..] } else { &[0.0] };
        let mut grid = Vec::new();
        for alpha in ALPHAS {
            for (beta, phi) in TRENDS {
                grid.extend(gammas.iter().map(|&gamma| Self { alpha, beta, phi, gamma, season }));
            }
        }
        grid
    }
}

/// The sum `phi + phi² + … + phiᵏ`, which is the change over `k` steps of a damped trend of 1.
pub(crate) fn damping_sum(phi: f64, k: usize) -> f64 {
    if phi < 1.0 { phi * (1.0 - phi.powi(k as i32)) / (1.0 - phi) } else { k as f64 }
}

/// Level, trend and season before the first value, estimated on the first seasons of a series.
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
        let mut sums = vec![(0.0, 0.0_f64); season];
        for t in (0..length).filter(|t| observed[*t]) {
            let (sum, count) = &mut sums[t % season];
            *sum += values[t] - intercept - trend * t as f64;
            *count += 1.0;
        }
        let mut seasonal: Vec<f64> = sums.iter().map(|(sum, count)| sum / count.max(1.0)).collect();
        let mean = seasonal.iter().sum::<f64>() / season as f64;
        seasonal.iter_mut().for_each(|s| *s -= mean);
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

/// The states of a series for one set of parameters. Index 0 is before the first position, `t + 1` after position `t`.
#[derive(Debug, Clone)]
pub(crate) struct SmoothingRun {
    parameters: SmoothingParameters,
    level: Vec<f64>,
    trend: Vec<f64>,
    /// The season at each position. The season after position `t` starts at `t + 1`.
    seasonal: Vec<f64>,
}

impl SmoothingRun {
    pub(crate) fn new(
        values: &[f64],
        observed: &[bool],
        parameters: SmoothingParameters,
        initial: &InitialState,
    ) -> Self {
        let trend = vec![if parameters.beta > 0.0 { initial.trend } else { 0.0 }];
        let mut run = Self { parameters, level: vec![initial.level], trend, seasonal: initial.seasonal.clone() };
        for (value, observed) in values.iter().zip(observed) {
            run.append(observed.then_some(*value));
        }
        run
    }

    /// Continues the run by one position. Without an observed value the error is 0.
    pub(crate) fn append(&mut self, value: Option<f64>) {
        let SmoothingParameters { alpha, beta, phi, gamma, .. } = self.parameters;
        let t = self.level.len() - 1;
        let (trend, season) = (phi * self.trend[t], self.seasonal[t]);
        let expected = self.level[t] + trend;
        let error = value.map_or(0.0, |value| value - expected - season);
        self.level.push(expected + alpha * error);
        self.trend.push(trend + alpha * beta * error);
        self.seasonal.push(season + gamma * (1.0 - alpha) * error);
    }

    /// The forecast made at position `t` for `k` steps later, `k` at least 1.
    pub(crate) fn forecast(&self, t: usize, k: usize) -> f64 {
        let SmoothingParameters { phi, season, .. } = self.parameters;
        self.level[t + 1] + damping_sum(phi, k) * self.trend[t + 1] + self.seasonal[t + 1 + (k - 1) % season]
    }

    /// The level at position `t`: the series without its season.
    pub(crate) fn level(&self, t: usize) -> f64 {
        self.level[t + 1]
    }

    /// The run up to position `t`.
    pub(crate) fn truncated(&self, t: usize) -> Self {
        Self {
            parameters: self.parameters,
            level: self.level[..=t + 1].to_vec(),
            trend: self.trend[..=t + 1].to_vec(),
            seasonal: self.seasonal[..=t + self.parameters.season].to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_after_a_position_change_no_forecast_made_at_it() {
        let values: Vec<f64> = (0..80).map(|t| f64::from(t * t % 17)).collect();
        let mut changed = values.clone();
        changed[50..].iter_mut().for_each(|v| *v += 100.0);
        let parameters = SmoothingParameters { alpha: 0.3, beta: 0.2, phi: 0.95, gamma: 0.3, season: 7 };
        let run = |v: &[f64]| SmoothingRun::new(v, &[true; 80], parameters, &InitialState::estimate(v, &[true; 80], 7));
        let (a, b) = (run(&values), run(&changed));
        for k in 1..=10 {
            assert!((a.forecast(49, k) - b.forecast(49, k)).abs() < 1e-12);
            assert!((a.forecast(50, k) - b.forecast(50, k)).abs() > 1.0);
        }
    }
}
