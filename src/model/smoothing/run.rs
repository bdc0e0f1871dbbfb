//! One pass of exponential smoothing over a series.

use crate::model::smoothing::initial_state::InitialState;
use crate::model::smoothing::parameters::{SmoothingParameters, damping_sum};

/// The state at each position of a series, for one set of parameters.
#[derive(Debug, Clone)]
pub(crate) struct SmoothingRun {
    parameters: SmoothingParameters,
    level: Vec<f64>,
    trend: Vec<f64>,
    /// Longer than the series by one season. The season after position `t` starts at `t + 1`.
    seasonal: Vec<f64>,
}

impl SmoothingRun {
    pub(crate) fn new(
        values: &[f64],
        observed: &[bool],
        parameters: SmoothingParameters,
        initial: &InitialState,
    ) -> Self {
        let SmoothingParameters { beta, season, .. } = parameters;
        let n = values.len();
        let mut seasonal = Vec::with_capacity(n + season);
        seasonal.extend_from_slice(&initial.seasonal);
        let (mut levels, mut trends) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut state = (initial.level, if beta > 0.0 { initial.trend } else { 0.0 });
        for t in 0..n {
            let (level, trend, season) = parameters.update(state, seasonal[t], observed[t].then_some(values[t]));
            state = (level, trend);
            seasonal.push(season);
            levels.push(level);
            trends.push(trend);
        }
        Self { parameters, level: levels, trend: trends, seasonal }
    }

    /// The forecast made at position `t` for `k` steps later, `k` at least 1.
    pub(crate) fn forecast(&self, t: usize, k: usize) -> f64 {
        let SmoothingParameters { phi, season, .. } = self.parameters;
        self.level[t] + damping_sum(phi, k) * self.trend[t] + self.seasonal[t + 1 + (k - 1) % season]
    }

    /// The level at position `t`: the series without its season.
    pub(crate) fn level(&self, t: usize) -> f64 {
        self.level[t]
    }

    /// The run up to position `t`.
    pub(crate) fn truncated(&self, t: usize) -> Self {
        Self {
            parameters: self.parameters,
            level: self.level[..=t].to_vec(),
            trend: self.trend[..=t].to_vec(),
            seasonal: self.seasonal[..=t + self.parameters.season].to_vec(),
        }
    }

    /// Continues the run with the value at position `t`, the next one.
    pub(crate) fn append(&mut self, t: usize, value: f64) {
        let state = (self.level[t - 1], self.trend[t - 1]);
        let (level, trend, season) = self.parameters.update(state, self.seasonal[t], Some(value));
        self.level.push(level);
        self.trend.push(trend);
        self.seasonal.push(season);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_after_a_position_change_no_forecast_made_at_it() {
        let values: Vec<f64> = (0..80).map(|t| f64::from(t * t % 17)).collect();
        let parameters = SmoothingParameters { alpha: 0.3, beta: 0.2, phi: 0.95, gamma: 0.3, season: 7 };
        let run = |v: &[f64]| SmoothingRun::new(v, &[true; 80], parameters, &InitialState::estimate(v, &[true; 80], 7));
        let mut changed = values.clone();
        changed[50..].iter_mut().for_each(|v| *v += 100.0);
        let (a, b) = (run(&values), run(&changed));
        for k in 1..=10 {
            assert!((a.forecast(49, k) - b.forecast(49, k)).abs() < 1e-12);
            assert!((a.forecast(50, k) - b.forecast(50, k)).abs() > 1.0);
        }
    }
}
