//! The naive forecast: the last value. It is optimal for a random walk.

use crate::model::stat::point_with_std_err::{PointWithStdErr, lag_errors, standard_deviation};
use crate::panel::series::TimeSeries;

pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (sigma, degrees_of_freedom) = standard_deviation(&lag_errors(history, 1, 0.0), 0);
    let last = history.values[history.len() - 1];
    let std_error = (1..=horizon).map(|h| sigma * (h as f64).sqrt()).collect();
    PointWithStdErr { median: vec![last; horizon], std_error, degrees_of_freedom }
}
