//! The scores of some forecast values.

use crate::metric::Undefined;

/// The value of a metric, or the reason why it has none.
pub type Score = Result<f64, Undefined>;

/// The scores of some forecasts, by the metrics of [`metric`](crate::metric).
///
/// The scores of a series are over its observed values in all folds. Scaled errors are divided by the seasonal scale of the
/// history before each origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The number of series.
    pub series: usize,
    /// The number of forecast values with an observed actual value.
    pub points: usize,
    /// Mean absolute scaled error.
    pub mase: Score,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: Score,
    /// Root mean squared error, in the unit of the values.
    pub rmse: Score,
    /// Mean absolute error, in the unit of the values.
    pub mae: Score,
    /// Weighted absolute percentage error, as a share.
    pub wape: Score,
    /// Pinball loss, the mean over all quantile levels.
    pub pinball: Score,
    /// Continuous ranked probability score of the quantiles, see [`crps`](crate::metric::crps).
    pub crps: Score,
    /// The scores of the 80 % and of the 95 % interval.
    pub intervals: [IntervalScores; 2],
}

/// The scores of a prediction interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalScores {
    /// The nominal coverage in percent.
    pub percent: f64,
    /// The share of actual values inside, in [0, 1].
    pub coverage: Score,
    /// The mean width, in the unit of the values.
    pub width: Score,
    /// Mean scaled interval score.
    pub msis: Score,
}
