//! The last value: best for a random walk.

use super::{Outlook, errors, spread};
use crate::data::TimeSeries;

pub(super) fn outlook(history: &TimeSeries<'_>, horizon: usize) -> Outlook {
    let (sigma, freedom) = spread(&errors(history, 1, 0.0), 0);
    let last = history.values[history.len() - 1];
    let error = (1..=horizon).map(|h| sigma * (h as f64).sqrt()).collect();
    Outlook { median: vec![last; horizon], error, freedom }
}
