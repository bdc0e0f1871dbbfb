//! Point forecasts with standard errors, which are estimated from past errors.

use crate::panel::series::TimeSeries;

/// The forecast of one series by a statistical method.
#[derive(Debug)]
pub(crate) struct PointWithStdErr {
    /// The median of each step of the horizon.
    pub(crate) median: Vec<f64>,
    /// The standard error of each step; 0 if the history has no errors from which it can be estimated.
    pub(crate) std_error: Vec<f64>,
    /// The degrees of freedom of the standard error.
    pub(crate) degrees_of_freedom: usize,
}

/// The values that were observed, in order.
pub(crate) fn observed_values(history: &TimeSeries<'_>) -> Vec<f64> {
    let all = history.values.iter().zip(history.observed);
    all.filter(|(_, observed)| **observed).map(|(value, _)| *value).collect()
}

/// The errors of a forecast of each value by the value `lag` steps earlier plus `slope`, if both were observed.
pub(crate) fn lag_errors(history: &TimeSeries<'_>, lag: usize, slope: f64) -> Vec<f64> {
    (lag..history.len())
        .filter(|&t| history.observed[t] && history.observed[t - lag])
        .map(|t| history.values[t] - history.values[t - lag] - slope)
        .collect()
}

/// The standard deviation of errors around 0, and its degrees of freedom after `parameters` were estimated.
pub(crate) fn standard_deviation(errors: &[f64], parameters: usize) -> (f64, usize) {
    let degrees_of_freedom = errors.len().saturating_sub(parameters);
    if degrees_of_freedom == 0 {
        return (0.0, 1);
    }
    ((errors.iter().map(|e| e * e).sum::<f64>() / degrees_of_freedom as f64).sqrt(), degrees_of_freedom)
}
