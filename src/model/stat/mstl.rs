//! MSTL: several seasons are removed by loess, and exponential smoothing forecasts the remainder.
//!
//! Bandara, Hyndman, Bergmeir (2025), *MSTL: a seasonal-trend decomposition algorithm for time series with multiple
//! seasonal patterns*, International Journal of Operational Research 52(1). See [`multi_seasonal`](super::multi_seasonal).

use crate::model::stat::ets::selection as ets;
use crate::model::stat::method_fit::MethodFit;
use crate::model::stat::multi_seasonal;

pub(crate) fn fit(values: &[f64], seasons: &[usize], horizon: usize) -> MethodFit {
    multi_seasonal::with_seasons_removed(values, seasons, horizon, |adjusted| ets::fit(adjusted, 1, horizon))
}
