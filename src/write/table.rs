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

/// A table of a run, by the values that it shows.
///
/// Its columns begin with those of the ids and of the time, as in the input, unless stated otherwise. A number or name
/// that does not exist is an empty field.
///
/// ```
/// use forecast::panel::{Panel, Repair, RepairKind};
/// use forecast::time::Timestamp;
/// use forecast::write::Table;
///
/// let panel = Panel::from_values(&[1.0, 2.0, 3.0], 1);
/// let repair =
///     Repair { series: vec![], time: Timestamp::Index(2), kind: RepairKind::Missing, from: None, to: Some(2.0) };
/// let mut csv = Vec::new();
/// Table::Repairs(&[repair]).write_csv(&mut csv, &panel)?;
/// assert_eq!(csv, b"time,repair,from,to\n2,missing row filled,,2\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Table<'a> {
    /// The forecasts, one row for each series and step. There is one forecast for each series of the panel, in its order.
    ///
    /// Further columns: those of [`ForecastColumns`](crate::forecast::ForecastColumns) in the unit of the target. For the
    /// usual levels they are `forecast`, the median, and the ends of the central intervals: `lo_80`, `hi_80`, `lo_95` and
    /// `hi_95`.
    Forecast(&'a [Forecast]),
    /// The totals of each forecast, one row for each series and period. There is one item of totals for each forecast.
    ///
    /// Columns: the id columns; `from` and `to`, the first and the last time in the sum; `steps`, the number of steps in
    /// the sum; `of`, the number of steps in the whole period; `total`, its median; then the other columns of a forecast.
    /// The quantiles of the totals have the levels of the forecasts. The last columns are `year_before`, the sum of the
    /// same steps a year before, and `growth_percent` against it. Both are empty if not all of these steps are in the
    /// history.
    Totals(&'a [Forecast], &'a [Vec<Total>]),
    /// The exceedance probabilities of each forecast, one row for each series and step.
    ///
    /// Further columns: `probability` that the value at this step exceeds the threshold; `at_least_once_by_then`, the
    /// probability for any step so far; `expected_by_then`, the expected number of such steps.
    Threshold(&'a [Forecast], &'a [Exceedance]),
    /// The anomalies, one row each, in their order, and the repairs of the dataset, sorted by series and time.
    ///
    /// Further columns: `value`, that of the file; `expected`, the median of its forecast; `lower` and `upper`, the 95 %
    /// interval; `deviations`, the distance from the median in standard deviations; `repair`, the name of the repair of
    /// this value.
    Anomalies(&'a [Anomaly], &'a [Repair]),
    /// The components of each series of the panel, one row for each step.
    ///
    /// Further columns: `part`, which is `history` or `forecast`; `value`, the value of the series or its median forecast;
    /// then one column for each component. In each row, the components add up to `value`.
    Components(&'a [Components]),
    /// The effect of each kind of repair on each series.
    ///
    /// Columns: the id columns; `repair`; `instead`, the alternative to it; `mean_absolute_change` of the median in the
    /// unit of the target; `percent`, the same in percent of the mean absolute median.
    Sensitivity(&'a [RepairEffect]),
    /// The repairs, one row each.
    ///
    /// Further columns: `repair`, its name; `from`, the value in the file; `to`, the value in the panel.
    Repairs(&'a [Repair]),
    /// The series without a forecast, one row each. Columns: the id columns, then `reason`.
    Failed(&'a [FailedSeries]),
    /// The scores of each model for each step of the horizon, first over all series, then of each series. There is at
    /// least one model.
    ///
    /// Columns: the id columns, `series_count`, `model`, `step`, `points`, the names of
    /// [`named_scores`](crate::write::named_scores), then `why`, the reasons of scores that are undefined. `all` in an id
    /// column stands for all series, in `step` for all steps.
    Metrics(&'a [ModelBacktest]),
    /// The series as models see them, one row for each step, with all digits of the numbers.
    ///
    /// Further columns: `value`; `status`, which is `observed`, `filled`, `replaced` or `future`; `in_file`, the value in
    /// the file where it was replaced; then the covariates. A category is its position in the list of run.json, counted
    /// from 0. Future rows have the covariates that are known there.
    History,
    /// The hindcasts of each model, one row for each series, fold and step.
    ///
    /// Columns: the id columns, `model`, `fold`, `cutoff`, the time column, `step`, `actual`, then the columns of
    /// `forecast.csv`. Folds and steps are counted from 1. The cutoff is the last known time. An actual value that was not
    /// observed is empty.
    Backtest(&'a Folds, &'a [ModelBacktest]),
    /// The series of the panel, one row each.
    ///
    /// Columns: the id columns; `from` and `to`, the first and the last time; `steps`, their number; `not_observed`, how
    /// many of them have no value in the file; `lowest` and `highest`, the range of the observed values.
    Series,
    /// The epochs of a training, one row each, and the number of the one whose weights were kept.
    ///
    /// Columns: `epoch` and `member`, the network of an ensemble, both counted from 1; `training_loss`, `validation_loss`,
    /// empty without validation; `gradient_norm`, its mean before clipping; `clipped`, the share of clipped updates;
    /// `learning_rate`; `best`, 1 for the epoch whose weights were kept and else 0.
    Training(&'a [Epoch], Option<usize>),
    /// The one-step residuals of a model, then those of all steps of the hindcasts, one row each.
    ///
    /// Columns: the id columns, `forecasts`, `cutoff`, the time column, `step`, `actual`, `forecast` and `residual`. The
    /// column `forecasts` says whose they are: `model`; `candidates`, the closed-form candidates that stand for the
    /// ensemble at cutoffs in a row; or `hindcasts`. The cutoff is the last known time.
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
    ///
    /// # Panics
    /// If the values of the table are not those of the panel, such as another number of forecasts.
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
