//! Forecasts time series: statistical methods, regressions, recurrent networks, and ensembles of them.
//!
//! A forecast has a median and prediction intervals. A backtest compares models at the same cutoffs. Forecasts are
//! reproducible: the same data, settings and seed give the same numbers.
//!
//! # From a CSV file to a forecast
//!
//! ```
//! use forecast::{Baseline, Model, SilentObserver, Task, read_csv};
//!
//! let demand = read_csv("datasets/demand.csv")?;
//! assert!(demand.summary().starts_with("daily, 1 series, 2012-01-01 to 2014-12-31, target demand"));
//!
//! let forecaster = Baseline::SeasonalNaive.fit(&demand.panel, &Task::new(7), &mut SilentObserver)?;
//! let forecast = forecaster.predict(&demand.panel)?.remove(0);
//! let (lower, upper) = forecast.interval(80.0).expect("a task has an 80 % interval");
//! assert_eq!(forecast.times()[0].to_string(), "2015-01-01");
//! assert!(lower[0] < forecast.median()[0] && forecast.median()[0] < upper[0]);
//! # Ok::<(), forecast::Error>(())
//! ```
//!
//! Every model is fitted in this way. [`Auto`] combines several models, and the command line uses it by default.
//! [`Baseline`] has the statistical models. [`Rnn`] is a recurrent network. [`Global`] and [`DeepAr`] are networks for
//! panels of many series.
//!
//! # From numbers to a backtest
//!
//! ```
//! use forecast::backtest::{self, Folds, Scorecard, Steps};
//! use forecast::{Baseline, Panel, SilentObserver, Task};
//!
//! // a weekly pattern with a trend
//! let values: Vec<f64> = (0..70).map(|t| f64::from(t + 10 * (t % 7))).collect();
//! let panel = Panel::from_values(&values, 7);
//! let folds = Folds::default_for(&panel, 7, 7, true).expect("the series is long enough");
//! let hindcasts =
//!     backtest::run(&Baseline::SeasonalNaive, &panel, &Task::new(7), &folds, true, &mut SilentObserver)?;
//! let scores = Scorecard::new(&panel, &hindcasts).overall(Steps::All);
//! assert_eq!(scores.mae, Ok(7.0));
//! # Ok::<(), forecast::Error>(())
//! ```
//!
//! # Modules
//!
//! | module | contents |
//! |---|---|
//! | [`read`] | reads CSV, JSON, Parquet and Arrow files into a panel, and repairs them |
//! | [`panel`] | many regular series of one frequency, with covariates |
//! | [`time`] | timestamps, frequencies, calendars and time zones |
//! | [`model`] | the models, and the traits [`Model`] and [`Forecaster`] |
//! | [`forecast`](mod@forecast) | quantile forecasts, sample paths and totals |
//! | [`metric`] | measures of accuracy, from MAE to CRPS |
//! | [`backtest`] | rolling origins, scores and comparisons |
//! | [`hierarchy`] | forecasts of sums and of their parts that add up |
//! | [`components`] | the parts that add up to a forecast |
//! | [`sensitivity`] | the effect of repairs on a forecast |
//! | [`write`](mod@write) | forecasts, backtests and repairs as CSV |
//! | [`run`](mod@run) | the record of a run: command, data, settings and results |
//! | [`budget`] | time limits of training |
//! | [`error`] | one error type, with a variant for each problem that a user can solve |
//! | `plot` | charts of forecasts, backtests, training and networks, with the feature `plot` |
//! | `report` | one page in HTML with the results of a run, with the feature `report` |
//!
//! # Features
//!
//! - `cli` (default): the binary `forecast`. It includes `report`.
//! - `plot` (default): the module `plot`, which draws PNG files.
//! - `report` (default): the module `report`, which writes a page in HTML. It includes `plot`.
//!
//! Without default features the library builds neither clap nor plotters. libtorch is always needed. The environment
//! variable `LIBTORCH` names its folder, and `scripts/libtorch` in the repository fetches it.
//!
//! # What it does not do
//!
//! - It does not forecast irregular times. Series are put on a regular grid when they are read.
//! - It does not forecast covariates. The file has their future values, or only their past is used.
//! - It does not update a fitted model. [`Forecaster::predict`] takes a longer history, and a new fit learns from it.
//! - It does not train on a GPU.
//! - It never prints and never ends the process. An [`Observer`](model::Observer) sees the progress of training.

pub mod backtest;
pub mod budget;
pub mod components;
pub mod error;
pub mod forecast;
pub mod hierarchy;
pub mod metric;
pub mod model;
pub mod panel;
#[cfg(feature = "plot")]
pub mod plot;
pub mod read;
#[cfg(feature = "report")]
pub mod report;
pub mod run;
pub mod sensitivity;
pub mod time;
pub mod write;

pub use crate::budget::Budget;
pub use crate::error::{Error, Result};
pub use crate::forecast::{Forecast, SamplePaths};
pub use crate::hierarchy::Hierarchy;
pub use crate::model::auto::Auto;
pub use crate::model::deepar::DeepAr;
pub use crate::model::global::Global;
pub use crate::model::rnn::Rnn;
pub use crate::model::stat::Baseline;
pub use crate::model::{Fit, FitReport, Forecaster, Model, SilentObserver, Task, nn, rnn};
pub use crate::panel::{Panel, Series, TimeSeries};
pub use crate::read::{ReadOptions, read_csv};
pub use crate::time::{Frequency, Timestamp};

/// The examples in the README, which are tested with the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
