//! The season of a series, estimated at every position from the values up to it.
//!
//! There is one seasonal exponential smoothing for each period and each smoothing rate, and one without a season. At
//! each position they are weighted by their discounted errors.

/// Additive seasonal factors at each position of a series (the seasonal equation of ETS(A,Ad,A)).
#[derive(Debug, Default)]
pub(crate) struct SeasonalState {
    smoothings: Vec<SeasonalSmoothing>,
    non_seasonal: TrendSmoothing,
}

/// Seasonal factors of one period, at one smoothing rate.
#[derive(Debug)]
struct SeasonalSmoothing {
    period: usize,
    rate: f64,
    trend: TrendSmoothing,
    /// The factor of position `t`, as known one period before; longer than the series by a period.
    factors: Vec<f32>,
    /// The weight at each position. The weight of the smoothing without a season makes the sum 1.
    weights: Vec<f32>,
}

/// Exponential smoothing with a damped trend, and its discounted absolute error.
#[derive(Debug, Clone, Copy, Default)]
struct TrendSmoothing {
    level: f64,
    trend: f64,
    discounted_error: f64,
}

impl TrendSmoothing {
    /// Updates the state with the value at position `t`; returns the error of the one-step forecast.
    fn update(&mut self, t: usize, value: f64, discount: f64) -> f64 {
        if t == 0 {
            self.level = value;
            return 0.0;
        }
        let running_mean_rate = 1.0 / (t as f64 + 1.0);
        let expected = self.level + PHI * self.trend;
        let error = value - expected;
        self.level = expected + ALPHA.max(running_mean_rate) * error;
        self.trend = PHI * self.trend + ALPHA * BETA.max(running_mean_rate) * error;
        self.discounted_error = discount * self.discounted_error + error.abs();
        error
    }
}

/// Smoothing rate of the level.
const ALPHA: f64 = 0.3;
/// Smoothing rate of the trend, as a share of [`ALPHA`].
const BETA: f64 = 0.1;
/// Damping of the trend at each step.
const PHI: f64 = 0.95;
/// A smoothing is weighted by its discounted error to minus this power.
const WEIGHT_POWER: i32 = 6;
/// Seasons after which an error has lost about two thirds of its influence.
const ERROR_MEMORY_SEASONS: f64 = 2.0;
/// Added to every error, so that smoothings without any error can be compared.
const MIN_ERROR: f64 = 1e-6;

/// Smoothing rates of the seasonal factors, ascending.
const SEASONAL_RATES: [f64; 3] = [0.05, 0.15, 0.4];
/// The number of seasons on which the initial factors are estimated.
const INITIAL_SEASONS: usize = 2;

impl SeasonalState {
    /// The number of positions on which the initial factors are estimated. The factors there depend on later values.
    pub(crate) fn warm_up(periods: &[usize]) -> usize {
        periods.iter().map(|period| INITIAL_SEASONS * period).max().unwrap_or(0)
    }

    /// Whether a series of `length` values has [`INITIAL_SEASONS`] cycles of a period.
    pub(crate) fn has_enough(length: usize, period: usize) -> bool {
        length >= INITIAL_SEASONS * period
    }

    /// Resets the state for `values`. A period of which they have fewer than [`INITIAL_SEASONS`] cycles is left out.
    pub(crate) fn start(&mut self, values: &[f32], periods: &[usize]) {
        self.smoothings.clear();
        self.non_seasonal = TrendSmoothing::default();
        let has_enough = |period: &usize| *period > 1 && Self::has_enough(values.len(), *period);
        for period in periods.iter().copied().filter(has_enough) {
            for rate in SEASONAL_RATES {
                let (trend, factors) = (TrendSmoothing::default(), initial_factors(values, period));
                self.smoothings.push(SeasonalSmoothing { period, rate, trend, factors, weights: Vec::new() });
            }
        }
    }

    /// The expected factor of position `t`, which is the next position.
    pub(crate) fn expected(&self, t: usize) -> f64 {
        if t == 0 {
            let n = self.smoothings.len() as f64;
            return self.smoothings.iter().map(|smoothing| f64::from(smoothing.factors[t]) / n).sum();
        }
        self.forecast(t - 1, 1)
    }

    /// Updates the state with the value at position `t`. Positions must be in order, from 0.
    pub(crate) fn update(&mut self, t: usize, value: f64) {
        if self.smoothings.is_empty() {
            return;
        }
        let longest = self.smoothings.iter().map(|s| s.period).max().unwrap_or(1);
        let discount = 1.0 - 1.0 / (ERROR_MEMORY_SEASONS * longest as f64);
        self.non_seasonal.update(t, value, discount);
        for smoothing in &mut self.smoothings {
            let factor = f64::from(smoothing.factors[t]);
            let error = smoothing.trend.update(t, value - factor, discount);
            let rate = smoothing.rate.max(1.0 / (INITIAL_SEASONS as f64 + 1.0 + (t / smoothing.period) as f64));
            smoothing.factors.push((factor + rate * (1.0 - ALPHA) * error) as f32);
        }
        let errors = self.smoothings.iter().map(|s| s.trend.discounted_error);
        let least = errors.fold(self.non_seasonal.discounted_error, f64::min) + MIN_ERROR;
        let weight = |state: &TrendSmoothing| (least / (state.discounted_error + MIN_ERROR)).powi(WEIGHT_POWER);
        let total = weight(&self.non_seasonal) + self.smoothings.iter().map(|s| weight(&s.trend)).sum::<f64>();
        for smoothing in &mut self.smoothings {
            smoothing.weights.push((weight(&smoothing.trend) / total) as f32);
        }
    }

    /// The `k`-step-ahead forecast of the factor, made at position `t`.
    pub(crate) fn forecast(&self, t: usize, k: usize) -> f64 {
        self.smoothings.iter().map(|s| f64::from(s.weights[t]) * s.forecast(t, k)).sum()
    }

    /// As [`SeasonalState::forecast`], of the slowest smoothing and of the fastest one.
    pub(crate) fn slowest_and_fastest(&self, t: usize, k: usize) -> (f64, f64) {
        let of = |smoothing: Option<&SeasonalSmoothing>| smoothing.map_or(0.0, |s| s.forecast(t, k));
        (of(self.smoothings.first()), of(self.smoothings.last()))
    }

    /// The factor at `lag` steps before position `t`, as known at `t`.
    pub(crate) fn lagged(&self, t: usize, lag: usize) -> f64 {
        let factor = |s: &SeasonalSmoothing| f64::from(s.factors[t + s.period - lag % s.period]);
        self.smoothings.iter().map(|s| f64::from(s.weights[t]) * factor(s)).sum()
    }
}

impl SeasonalSmoothing {
    fn forecast(&self, t: usize, k: usize) -> f64 {
        f64::from(self.factors[t + 1 + (k - 1) % self.period])
    }
}

/// Factors of mean 0 around a line through the first seasons.
fn initial_factors(values: &[f32], period: usize) -> Vec<f32> {
    let value = |t: usize| f64::from(values[t]);
    let mean = |from: usize| (from..from + period).map(value).sum::<f64>() / period as f64;
    let slope = (mean(period) - mean(0)) / period as f64;
    let intercept = mean(0) - slope * (period as f64 - 1.0) / 2.0; // the line at position 0
    let mut factors = vec![0.0f64; period];
    for t in 0..INITIAL_SEASONS * period {
        factors[t % period] += (value(t) - intercept - slope * t as f64) / INITIAL_SEASONS as f64;
    }
    let centre = factors.iter().sum::<f64>() / period as f64;
    factors.iter().map(|factor| (factor - centre) as f32).collect()
}
