//! The default model: an ensemble of statistical baselines, autoregressions and recurrent networks, selected and weighted
//! at rolling origins.
//!
//! For each series, every candidate that suits it forecasts at up to eight rolling origins. Candidates that are nearly
//! as accurate as the best are averaged, weighted by accuracy (Bates & Granger 1969, *The combination of forecasts*,
//! Operational Research Quarterly 20(4)), and shrunk toward seasonal naive if that was more accurate. The errors of the
//! ensemble at the origins set the intervals.
//!
//! A history of fewer than eight values has no origins; its forecast is the mean of Theta and a naive forecast. A
//! constant stays constant, and intermittent counts are forecast by methods for counts. A large panel is also forecast
//! by one [global](crate::model::global) model, because it is more accurate than local models alone.
//!
//! ```
//! use forecast::model::auto::Auto;
//! use forecast::model::{self, Model, SilentObserver, Task};
//! use forecast::panel::Panel;
//!
//! // intermittent counts: two are sold on every fifth day
//! let history = Panel::from_values(&[0.0, 0.0, 2.0, 0.0, 0.0].repeat(8), 1);
//! let fitted = Auto::default().fit(&history, &Task::new(3), &mut SilentObserver)?;
//! let forecast = fitted.predict(&history)?.remove(0);
//! let (low, high) = forecast.interval(80.0).expect("a level of every task");
//! assert!((0..3).all(|k| 0.0 <= low[k] && low[k] <= high[k]));
//! let weights = &fitted.report.ensemble_weights[0];
//! assert!(weights.components.iter().any(|component| component.name == "croston"));
//! # Ok::<(), forecast::Error>(())
//! ```

pub(crate) mod candidates;
pub(crate) mod intervals;
pub(crate) mod local;
pub(crate) mod model;
pub(crate) mod origins;
pub(crate) mod persist;
pub(crate) mod pooled;
pub(crate) mod pooled_mixture;
pub(crate) mod search;
pub(crate) mod series_backtest;
pub(crate) mod series_fit;
pub(crate) mod series_model;
pub(crate) mod settings;
pub(crate) mod weights;
pub(crate) mod year_end;

pub use crate::model::auto::settings::Auto;
