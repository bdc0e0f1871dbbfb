//! The scores of some forecast values.

use crate::metric::Undefined;

/// A number, or why there is none.
pub type Score = Result<f64, Undefined>;

/// Everything that is measured of some forecasts; the metrics are those of [`metric`](crate::metric).
///
/// Of one series, each is over all its forecast values that were observed, whichever fold they belong to; what is scaled
/// is divided by the seasonal changes of what was known at that fold's origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Series judged.
    pub series: usize,
    /// Forecast values that were compared with what happened.
    pub points: usize,
    /// Mean absolute scaled error.
    pub mase: Score,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: Score,
    /// Root mean squared error, in the values' unit.
    pub rmse: Score,
    /// Mean absolute error, in the values' unit.
    pub mae: Score,
    /// Weighted absolute percentage error, as a share.
    pub wape: Score,
    /// Pinball loss, the mean over all quantile levels.
    pub pinball: Score,
    /// Continuous ranked probability score of the quantiles, see [`crps`](crate::metric::crps).
    pub crps: Score,
    /// The 80 % band, then the 95 % band.
    pub intervals: [IntervalScores; 2],
}

/// How good a band was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalScores {
    /// The share that it should hold, in percent.
    pub percent: f64,
    /// The share that it held, in [0, 1].
    pub coverage: Score,
    /// Mean width, in the values' unit.
    pub width: Score,
    /// Mean scaled interval score.
    pub msis: Score,
}
