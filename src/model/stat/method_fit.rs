//! The result of a method, with standard errors that are estimated from past errors, and the simplest methods: the naive,
//! the seasonal naive and the drift forecast, and the mean.

use crate::model::transform::power_of_two_scale;
use crate::panel::series::TimeSeries;

/// The forecast of one series by a statistical method.
#[derive(Debug)]
pub(crate) struct PointWithStdErr {
    /// The median of each step of the horizon.
    pub(crate) median: Vec<f64>,
    /// The standard error of each step; 0 if the history has no errors from which it can be estimated.
    pub(crate) std_error: Vec<f64>,
    pub(crate) degrees_of_freedom: usize,
}

impl PointWithStdErr {
    /// A forecast after `parameters` were estimated. Its standard errors are the standard deviation of `errors` around 0,
    /// times the `growth` at each step.
    pub(crate) fn new(
        median: Vec<f64>,
        errors: &[f64],
        parameters: usize,
        growth: impl IntoIterator<Item = f64>,
    ) -> Self {
        let freedom = errors.len().saturating_sub(parameters);
        let squares = errors.iter().map(|e| e * e).sum::<f64>();
        let sigma = if freedom == 0 { 0.0 } else { (squares / freedom as f64).sqrt() };
        let std_error = growth.into_iter().map(|g| sigma * g).collect();
        Self { median, std_error, degrees_of_freedom: freedom.max(1) }
    }
}

/// The values that were observed, in order.
pub(crate) fn observed_values(history: &TimeSeries<'_>) -> Vec<f64> {
    let all = history.values.iter().zip(history.observed);
    all.filter(|(_, observed)| **observed).map(|(value, _)| *value).collect()
}

/// A fitted method: its forecast and its one-step errors.
#[derive(Debug, Clone)]
pub(crate) struct MethodFit {
    pub(crate) median: Vec<f64>,
    /// One-step errors at the last positions of the history, in order.
    pub(crate) errors: Vec<f64>,
    /// The standard error of each step, relative to the standard deviation of the one-step errors.
    pub(crate) std_error_growth: Vec<f64>,
    /// The number of parameters that were estimated.
    pub(crate) parameters: usize,
}

impl MethodFit {
    fn naive(values: &[f64], horizon: usize) -> Self {
        let last = values.last().copied().unwrap_or(0.0);
        Self {
            median: vec![last; horizon],
            errors: values.windows(2).map(|w| w[1] - w[0]).collect(),
            std_error_growth: (1..=horizon).map(|h| (h as f64).sqrt()).collect(),
            parameters: 0,
        }
    }

    /// Medians and standard errors. Errors at unobserved positions are ignored.
    pub(crate) fn point_with_std_err(self, observed: &[bool]) -> PointWithStdErr {
        let observed = &observed[observed.len().saturating_sub(self.errors.len())..];
        let errors: Vec<f64> = self.errors.iter().zip(observed).filter(|(_, seen)| **seen).map(|(e, _)| *e).collect();
        let parameters = self.parameters.min(errors.len().saturating_sub(1));
        PointWithStdErr::new(self.median, &errors, parameters, self.std_error_growth)
    }
}

/// The growth of the standard error, from the effects of one error on its own step and on later steps.
pub(crate) fn std_error_growth(effects: &[f64]) -> Vec<f64> {
    let mut squares = 0.0;
    let root = |effect: &f64| {
        squares += effect * effect;
        f64::sqrt(squares)
    };
    effects.iter().map(root).collect()
}

pub(crate) fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
}

/// Fits a method to at most `max_values` last values, after scaling.
///
/// The values are divided by a power of two, so that the largest lies in [512, 1024). Nothing overflows and nothing is
/// rounded. Constant series, fewer than `min_values` values and failed fits give the naive forecast.
pub(crate) fn fit_scaled(
    values: &[f64],
    (min_values, max_values): (usize, usize),
    horizon: usize,
    method: impl FnOnce(&[f64]) -> Option<MethodFit>,
) -> MethodFit {
    let kept = &values[values.len().saturating_sub(max_values)..];
    let scale = power_of_two_scale(kept);
    let scaled: Vec<f64> = kept.iter().map(|v| v / scale).collect();
    let found = if is_constant(&scaled) || scaled.len() < min_values { None } else { method(&scaled) };
    let is_valid = |fit: &MethodFit| {
        let mut all = fit.median.iter().chain(&fit.errors).chain(&fit.std_error_growth);
        fit.median.len() == horizon && all.all(|v| v.is_finite())
    };
    let mut fit = found.filter(is_valid).unwrap_or_else(|| MethodFit::naive(&scaled, horizon));
    for v in fit.median.iter_mut().chain(&mut fit.errors) {
        *v = (*v * scale).clamp(f64::MIN, f64::MAX);
    }
    fit
}

/// The last value, which is the optimal forecast of a random walk.
pub(crate) fn naive(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let last = history.values[history.len() - 1];
    let growth = (1..=horizon).map(|h| (h as f64).sqrt());
    PointWithStdErr::new(vec![last; horizon], &lag_errors(history, 1, 0.0), 0, growth)
}

/// The value one season earlier. It is the baseline with which every model is compared.
pub(crate) fn seasonal_naive(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    if history.len() <= season {
        return naive(history, horizon);
    }
    let last = &history.values[history.len() - season..];
    let median = (0..horizon).map(|k| last[k % season]).collect();
    let growth = (0..horizon).map(|k| ((k / season + 1) as f64).sqrt());
    PointWithStdErr::new(median, &lag_errors(history, season, 0.0), 0, growth)
}

/// The line through the first and the last value.
pub(crate) fn drift(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (first, last, steps) = (history.values[0], history.values[history.len() - 1], history.len() - 1);
    if steps == 0 {
        return naive(history, horizon);
    }
    let slope = (last - first) / steps as f64;
    let median = (1..=horizon).map(|h| last + slope * h as f64).collect();
    let growth = (1..=horizon).map(|h| (h as f64 * (1.0 + h as f64 / steps as f64)).sqrt());
    PointWithStdErr::new(median, &lag_errors(history, 1, slope), 1, growth)
}

/// The mean of the observed values, which is the optimal forecast of noise around a level.
pub(crate) fn mean(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let observed = observed_values(history);
    let count = observed.len() as f64;
    // subtracting the first value makes the mean of a constant series exact
    let mean = observed[0] + observed.iter().map(|value| value - observed[0]).sum::<f64>() / count;
    let errors: Vec<f64> = observed.iter().map(|value| value - mean).collect();
    PointWithStdErr::new(vec![mean; horizon], &errors, 1, vec![(1.0 + 1.0 / count).sqrt(); horizon])
}

/// The errors of a forecast of each value by the value `lag` steps earlier plus `slope`, if both were observed.
fn lag_errors(history: &TimeSeries<'_>, lag: usize, slope: f64) -> Vec<f64> {
    (lag..history.len())
        .filter(|&t| history.observed[t] && history.observed[t - lag])
        .map(|t| history.values[t] - history.values[t - lag] - slope)
        .collect()
}
