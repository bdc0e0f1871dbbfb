//! The value of a season ago: the honest guess for anything with a calendar.

use crate::model::stat::naive;
use crate::model::stat::{PointWithStdErr, errors, spread};
use crate::panel::series::TimeSeries;

pub(crate) fn outlook(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    if history.len() <= season {
        return naive::outlook(history, horizon);
    }
    let (sigma, freedom) = spread(&errors(history, season, 0.0), 0);
    let last = &history.values[history.len() - season..];
    let median = (0..horizon).map(|k| last[k % season]).collect();
    let error = (0..horizon).map(|k| sigma * ((k / season + 1) as f64).sqrt()).collect();
    PointWithStdErr { median, error, freedom }
}
