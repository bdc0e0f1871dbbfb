//! Statistical forecasting methods: naive forecasts, exponential smoothing, Theta, ARIMA, MSTL, a climatology,
//! Croston and ridge.
//!
//! Each method is a function from values to a `MethodFit` or to a `PointWithStdErr`. [`Baseline`] makes them models.
//! `arima` and `mstl` are for comparison in backtests; no other model uses them.

pub(crate) mod arima;
pub(crate) mod baseline;
pub(crate) mod climatology;
pub(crate) mod count_distribution;
pub(crate) mod croston;
pub(crate) mod ets;
pub(crate) mod method_fit;
pub(crate) mod mstl;
pub(crate) mod nelder_mead;
pub(crate) mod ridge;
pub(crate) mod seasonal_adjustment;
pub(crate) mod stl;
pub(crate) mod student_t;
pub(crate) mod theta;

pub use baseline::Baseline;
