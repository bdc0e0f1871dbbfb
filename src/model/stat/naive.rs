//! The last value: best for a random walk.

use crate::model::stat::{PointWithStdErr, errors, spread};
use crate::panel::series::TimeSeries;

pub(crate) fn outlook(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (sigma, freedom) = spread(&errors(history, 1, 0.0), 0);
    let last = history.values[history.len() - 1];
    let error = (1..=horizon).map(|h| sigma * (h as f64).sqrt()).collect();
    PointWithStdErr { median: vec![last; horizon], error, freedom }
}
