//! The drift forecast: the line through the first and the last value.

use crate::model::stat::naive;
use crate::model::stat::point_with_std_err::{PointWithStdErr, lag_errors, standard_deviation};
use crate::panel::series::TimeSeries;

pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (first, last, steps) = (history.values[0], history.values[history.len() - 1], history.len() - 1);
    if steps == 0 {
        return naive::point_with_std_err(history, horizon);
    }
    let slope = (last - first) / steps as f64;
    let (sigma, degrees_of_freedom) = standard_deviation(&lag_errors(history, 1, slope), 1);
    let median = (1..=horizon).map(|h| last + slope * h as f64).collect();
    let std_error = (1..=horizon).map(|h| sigma * (h as f64 * (1.0 + h as f64 / steps as f64)).sqrt()).collect();
    PointWithStdErr { median, std_error, degrees_of_freedom }
}
