//! The tables of a run as CSV, sheets of a workbook, JSON or an Arrow IPC stream: see [`Table`].
//!
//! All files share one format. The id and time columns keep the names of the input, so that any two files can be joined.
//! Fields are quoted as in RFC 4180. A missing number is an empty field.
//! The columns of the quantiles are those of [`ForecastColumns`](crate::forecast::ForecastColumns). Forecasts in one file
//! have the same levels; the writers panic if they differ.
//!
//! ```
//! use forecast::write::Table;
//! use forecast::{Baseline, Model, Panel, SilentObserver, Task};
//!
//! let panel = Panel::from_values(&[1.0, 2.0, 3.0, 4.0], 1);
//! let forecasts = Baseline::Naive.fit(&panel, &Task::new(2), &mut SilentObserver)?.predict(&panel)?;
//! let mut csv = Vec::new();
//! Table::Forecast(&forecasts).write_csv(&mut csv, &panel)?;
//! let text = String::from_utf8(csv)?;
//! assert!(text.starts_with("time,forecast,lo_80,hi_80,lo_95,hi_95\n5,4,"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod anomalies_csv;
pub(crate) mod arrow_table;
pub(crate) mod backtest_csv;
pub(crate) mod components_csv;
pub(crate) mod csv_writer;
pub(crate) mod forecast_csv;
pub(crate) mod history_csv;
pub(crate) mod json_rows;
pub(crate) mod repairs_csv;
pub(crate) mod residuals_csv;
pub(crate) mod series_csv;
pub(crate) mod table;
pub(crate) mod table_writer;
pub(crate) mod training_csv;
#[cfg(feature = "excel")]
pub(crate) mod workbook;

pub use crate::write::arrow_table::{ArrowTable, distinct_names};
pub use crate::write::backtest_csv::{named_scores, undefined_reasons};
pub use crate::write::components_csv::components_as_written;
pub use crate::write::csv_writer::{
    MAX_SIGNIFICANT_DIGITS, decimals, forecasts_as_written, hindcasts_as_written, round_to_digits, significant_digits,
};
pub use crate::write::residuals_csv::residuals_as_written;
pub use crate::write::table::Table;
#[cfg(feature = "excel")]
pub use crate::write::workbook::Workbook;
