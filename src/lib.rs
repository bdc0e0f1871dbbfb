//! Forecasts time series with recurrent networks, and says honestly whether they beat the naive guess.
//!
//! From a file to a forecast in four steps, each a type of its own:
//!
//! ```
//! use forecast::panel::Panel;
//! use forecast::model::stat::Baseline;
//! use forecast::model::{Model, SilentObserver, Task};
//!
//! // read::read takes a panel from a file
//! let history = Panel::from_values(&[1.0, 5.0, 2.0, 5.5, 3.0, 6.0], 2);
//! // any model does: model::rnn::Rnn is a network
//! let forecaster = Baseline::SeasonalNaive.fit(&history, &Task::new(3), &mut SilentObserver)?;
//! let forecasts = forecaster.predict(&history)?;
//! assert_eq!(forecasts[0].median(), [3.0, 6.0, 3.0]);
//! let (low, high) = forecasts[0].interval(80.0).expect("a task asks for the 80 % band");
//! assert!(low[0] < 3.0 && 3.0 < high[0]);
//! # Ok::<(), forecast::Error>(())
//! ```
//!
//! [`read`] reads, [`model`] fits and predicts, [`metric`] and [`backtest`] judge, [`plot`] draws, [`hierarchy`]
//! makes forecasts of sums and their parts agree. Nothing here prints
//! or exits: progress goes to a [`model::Observer`], failures into an [`Error`] that says the way out.

pub mod backtest;
pub mod budget;
pub mod error;
pub mod forecast;
pub mod hierarchy;
pub mod metric;
pub mod model;
mod name_suggestion;
pub mod panel;
#[cfg(feature = "plot")]
pub mod plot;
pub mod read;
pub mod sensitivity;
pub mod time;
pub mod write;

pub use error::{Error, Result};
pub use forecast::{Forecast, SamplePaths};
pub use model::{nn, rnn};
pub use panel::{Panel, Series, TimeSeries};
pub use time::{Frequency, Timestamp};

/// The examples of the README, compiled and run with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
