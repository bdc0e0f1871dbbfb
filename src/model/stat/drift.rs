//! The line through the first and the last value, continued.

use crate::model::stat::naive;
use crate::model::stat::{PointWithStdErr, errors, spread};
use crate::panel::series::TimeSeries;

pub(crate) fn outlook(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (first, last, steps) = (history.values[0], history.values[history.len() - 1], history.len() - 1);
    if steps == 0 {
        return naive::outlook(history, horizon);
    }
    let slope = (last - first) / steps as f64;
    let (sigma, freedom) = spread(&errors(history, 1, slope), 1);
    let median = (1..=horizon).map(|h| last + slope * h as f64).collect();
    let error = (1..=horizon).map(|h| sigma * (h as f64 * (1.0 + h as f64 / steps as f64)).sqrt()).collect();
    PointWithStdErr { median, error, freedom }
}
