//! The mean of the observed values. It is optimal for noise around a level.

use crate::model::stat::point_with_std_err::{PointWithStdErr, observed_values, standard_deviation};
use crate::panel::series::TimeSeries;

pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let observed = observed_values(history);
    let count = observed.len() as f64;
    // subtracting the first value makes the mean of a constant series exact
    let mean = observed[0] + observed.iter().map(|value| value - observed[0]).sum::<f64>() / count;
    let errors: Vec<f64> = observed.iter().map(|value| value - mean).collect();
    let (sigma, degrees_of_freedom) = standard_deviation(&errors, 1);
    PointWithStdErr {
        median: vec![mean; horizon],
        std_error: vec![sigma * (1.0 + 1.0 / count).sqrt(); horizon],
        degrees_of_freedom,
    }
}
