//! The seasonal naive forecast: the value one season earlier. It is the baseline with which every model is compared.

use crate::model::stat::naive;
use crate::model::stat::point_with_std_err::{PointWithStdErr, lag_errors, standard_deviation};
use crate::panel::series::TimeSeries;

pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    if history.len() <= season {
        return naive::point_with_std_err(history, horizon);
    }
    let (sigma, degrees_of_freedom) = standard_deviation(&lag_errors(history, season, 0.0), 0);
    let last = &history.values[history.len() - season..];
    let median = (0..horizon).map(|k| last[k % season]).collect();
    let std_error = (0..horizon).map(|k| sigma * ((k / season + 1) as f64).sqrt()).collect();
    PointWithStdErr { median, std_error, degrees_of_freedom }
}
