//! The mean of all that was observed: best for noise around a level.

use crate::model::stat::{PointWithStdErr, spread};
use crate::panel::series::TimeSeries;

pub(crate) fn outlook(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let observed: Vec<f64> = history
        .values
        .iter()
        .zip(history.observed)
        .filter(|(_, observed)| **observed)
        .map(|(value, _)| *value)
        .collect();
    let count = observed.len() as f64;
    // the level is taken out first, so that a constant series has a mean of exactly that constant
    let mean = observed[0] + observed.iter().map(|value| value - observed[0]).sum::<f64>() / count;
    let errors: Vec<f64> = observed.iter().map(|value| value - mean).collect();
    let (sigma, freedom) = spread(&errors, 1);
    PointWithStdErr { median: vec![mean; horizon], error: vec![sigma * (1.0 + 1.0 / count).sqrt(); horizon], freedom }
}
