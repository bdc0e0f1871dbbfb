//! Smoothing parameters of ETS(A,Ad,A) in error-correction form, and the grid from which they are chosen.

/// The smoothing rates of the level in the grid.
const ALPHAS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0];
/// The pairs of `beta` and `phi` in the grid.
const TRENDS: [(f64, f64); 4] = [(0.0, 1.0), (0.05, 0.98), (0.2, 0.95), (0.2, 1.0)];
/// The smoothing rates of the season in the grid.
const GAMMAS: [f64; 5] = [0.02, 0.05, 0.15, 0.3, 0.6];

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
        let all = ALPHAS.into_iter().flat_map(move |alpha| {
            TRENDS
                .into_iter()
                .flat_map(move |(beta, phi)| gammas.iter().map(move |&gamma| Self { alpha, beta, phi, gamma, season }))
        });
        all.collect()
    }

    /// Level, trend and season at the next position, from the current level and trend and the expected season. Without
    /// an observed value the error is 0.
    pub(crate) fn update(&self, (level, trend): (f64, f64), season: f64, value: Option<f64>) -> (f64, f64, f64) {
        let Self { alpha, beta, phi, gamma, .. } = *self;
        let expected = level + phi * trend;
        let error = value.map_or(0.0, |value| value - expected - season);
        (expected + alpha * error, phi * trend + alpha * beta * error, season + gamma * (1.0 - alpha) * error)
    }
}

/// The sum `phi + phi² + … + phiᵏ`, which is the change over `k` steps of a damped trend of 1.
pub(crate) fn damping_sum(phi: f64, k: usize) -> f64 {
    if phi < 1.0 { phi * (1.0 - phi.powi(k as i32)) / (1.0 - phi) } else { k as f64 }
}
