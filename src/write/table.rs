//! The tables of a run, each of which is a file or a sheet.

use std::io::{self, Write};

use crate::backtest::{anomalies::Anomaly, folds::Folds, residuals::Residuals, scorecard::ModelBacktest};
use crate::components::Components;
use crate::forecast::{quantile_forecast::Forecast, sample_paths::Exceedance, totals::Total};
use crate::model::Epoch;
use crate::panel::{Panel, repair_log::Repair};
use crate::read::FailedSeries;
use crate::sensitivity::RepairEffect;
use crate::write::anomalies_csv::anomalies_rows;
use crate::write::backtest_csv::{backtest_rows, metrics_rows};
use crate::write::components_csv::components_rows;
use crate::write::csv_writer::CsvWriter;
use crate::write::forecast_csv::{forecast_rows, threshold_rows, totals_rows};
use crate::write::history_csv::history_rows;
use crate::write::json_rows::JsonWriter;
use crate::write::repairs_csv::{failed_rows, repairs_rows, sensitivity_rows};
use crate::write::residuals_csv::residuals_rows;
use crate::write::series_csv::series_rows;
use crate::write::table_writer::TableWriter;
use crate::write::training_csv::training_rows;

/// A table of a run. The function of its name, such as [`forecast_csv`](crate::write::forecast_csv), describes its columns.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Table<'a> {
    /// The forecasts, one row for each series and step.
    Forecast(&'a [Forecast]),
    /// The totals of each forecast, one row for each series and period.
    Totals(&'a [Forecast], &'a [Vec<Total>]),
    /// The exceedance probabilities of each forecast, one row for each series and step.
    Threshold(&'a [Forecast], &'a [Exceedance]),
    /// The anomalies, one row each, and the repairs of the dataset, sorted by series and time.
    Anomalies(&'a [Anomaly], &'a [Repair]),
    /// The components of each series, one row for each step.
    Components(&'a [Components]),
    /// The effect of each kind of repair on each series.
    Sensitivity(&'a [RepairEffect]),
    /// The repairs, one row each.
    Repairs(&'a [Repair]),
    /// The values of the id columns of the series without a forecast, one row each.
    Failed(&'a [FailedSeries]),
    /// The scores of each model by series and step.
    Metrics(&'a [ModelBacktest]),
    /// The series as models see them, one row for each step.
    History,
    /// The hindcasts of each model, one row for each series, fold and step.
    Backtest(&'a Folds, &'a [ModelBacktest]),
    /// The series of the panel, one row each: first and last time, steps, and the range of the observed values.
    Series,
    /// The epochs of a training, one row each, and the number of the one whose weights were kept.
    Training(&'a [Epoch], Option<usize>),
    /// The residuals of a model, one row each.
    Residuals(&'a Residuals),
}

impl Table<'_> {
    /// The name of the sheet, and of the file without its ending: `forecast`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Forecast(_) => "forecast",
            Self::Totals(..) => "totals",
            Self::Threshold(..) => "threshold",
            Self::Anomalies(..) => "anomalies",
            Self::Components(_) => "components",
            Self::Sensitivity(_) => "sensitivity",
            Self::Repairs(_) => "repairs",
            Self::Failed(_) => "failed",
            Self::History => "history",
            Self::Metrics(_) => "metrics",
            Self::Backtest(..) => "backtest",
            Self::Series => "series",
            Self::Training(..) => "training",
            Self::Residuals(_) => "residuals",
        }
    }

    /// Writes the table of a panel as CSV.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, to: impl Write, panel: &Panel) -> io::Result<()> {
        CsvWriter::file(to, |csv| self.write(csv, panel))
    }

    /// Writes the rows of a panel as a JSON array of objects, with the names and the numbers of the CSV file.
    ///
    /// The member `ids` is an object of the id columns, and the time column is called `time`. A missing number is `null`.
    ///
    /// ```
    /// use forecast::write::Table;
    /// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
    ///
    /// let panel = Panel::from_values(&[1.0, 2.5], 1);
    /// let task = Task { levels: vec![0.5], ..Task::new(1) };
    /// let forecasts = Baseline::Naive.fit(&panel, &task, &mut SilentObserver)?.predict(&panel)?;
    /// let mut json = Vec::new();
    /// Table::Forecast(&forecasts).write_json(&mut json, &panel)?;
    /// assert_eq!(String::from_utf8(json)?, "[\n  {\"ids\":{},\"time\":\"3\",\"forecast\":2.5}\n]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, to: impl Write, panel: &Panel) -> io::Result<()> {
        JsonWriter::array(to, |array| self.write(array, panel))
    }

    /// Writes the header and the rows.
    pub(crate) fn write(&self, to: &mut impl TableWriter, panel: &Panel) -> io::Result<()> {
        match *self {
            Self::History => history_rows(to, panel),
            Self::Forecast(forecasts) => forecast_rows(to, panel, forecasts),
            Self::Totals(forecasts, totals) => totals_rows(to, panel, forecasts, totals),
            Self::Threshold(forecasts, exceedances) => threshold_rows(to, panel, forecasts, exceedances),
            Self::Anomalies(anomalies, repairs) => anomalies_rows(to, panel, anomalies, repairs),
            Self::Components(all) => components_rows(to, panel, all),
            Self::Sensitivity(effects) => sensitivity_rows(to, panel, effects),
            Self::Repairs(repairs) => repairs_rows(to, panel, repairs),
            Self::Failed(failed) => failed_rows(to, panel, failed),
            Self::Metrics(backtests) => metrics_rows(to, panel, backtests),
            Self::Backtest(folds, backtests) => backtest_rows(to, panel, folds, backtests),
            Self::Series => series_rows(to, panel),
            Self::Training(epochs, best) => training_rows(to, epochs, best),
            Self::Residuals(residuals) => residuals_rows(to, panel, residuals),
        }
    }
}
