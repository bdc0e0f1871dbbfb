//! `--total` and `--threshold`: statistics over several steps, from sample paths.

use clap::Args;
use forecast::forecast::{Exceedance, Total, TotalPeriod, totals};
use forecast::model::schaake_shuffle;
use forecast::write::Table;
use forecast::{Forecast, Forecaster, Frequency, Panel};

use crate::args::value::{finite, one_of};
use crate::exit_status::CliError;
use crate::report::forecast_table::{self, MAX_SERIES, more_series};
use crate::report::json_output::JsonArg;
use crate::report::output_dir::{OutputDir, check_has_folder};
use crate::report::table_files::TableSink;
use crate::report::terminal::Terminal;

/// The limits of the number of sample paths of each series, which is lower for very many series.
const MAX_PATHS: usize = 1000;
const MIN_PATHS: usize = 200;
/// The maximum number of values in all paths together, which need 160 MB.
const MAX_PATH_VALUES: usize = 20_000_000;

#[derive(Debug, Default, Args)]
pub(crate) struct TotalsArgs {
    /// Also forecast the sum of the steps in each period, or over the horizon, and its growth in a year
    #[arg(long, value_name = "PERIOD", value_parser = one_of(&PERIODS), help_heading = "Forecast")]
    total: Option<TotalPeriod>,
    /// Also forecast the probability that values exceed this number, at each step and at least once
    #[arg(long, value_name = "VALUE", value_parser = finite, help_heading = "Forecast")]
    threshold: Option<f64>,
}

const PERIODS: [(&str, &str, TotalPeriod); 6] = [
    ("day", "Calendar days", TotalPeriod::Day),
    ("week", "Weeks, from Monday", TotalPeriod::Week),
    ("month", "Calendar months", TotalPeriod::Month),
    ("quarter", "Quarters, from January", TotalPeriod::Quarter),
    ("year", "Calendar years", TotalPeriod::Year),
    ("horizon", "All steps", TotalPeriod::Horizon),
];

/// Statistics of the sample paths, with one item for each forecast.
#[derive(Debug, Default)]
pub(crate) struct PathStatistics {
    totals: Option<(TotalPeriod, Vec<Vec<Total>>)>,
    exceedances: Option<(f64, Vec<Exceedance>)>,
}

impl TotalsArgs {
    /// Rejects impossible requests before the fit. `folder` is `None` if the output goes to stdout.
    pub(crate) fn check(&self, frequency: Frequency, folder: Option<&OutputDir>, json: &JsonArg) -> anyhow::Result<()> {
        let flag = match (self.total, self.threshold) {
            (Some(_), _) => "--total",
            (None, Some(_)) => "--threshold",
            (None, None) => return Ok(()),
        };
        if !json.has_object() {
            check_has_folder(flag, folder)?;
        }
        let Some(period) = self.total.filter(|period| !period.spans_several(frequency)) else { return Ok(()) };
        let name = period.name();
        let reason = match frequency {
            Frequency::Index { .. } => format!("an index has no {name}s to sum over"),
            _ => format!("a {name} has no more than one step: the series are {}", frequency.name()),
        };
        Err(CliError::usage(reason, "sum over the whole forecast with `--total horizon`"))
    }

    /// Draws sample paths if the flags need them, and computes the statistics, with totals at `levels`. Without a
    /// forecaster, the paths follow from the quantiles of `forecasts` and the history.
    pub(crate) fn compute(
        &self,
        forecaster: Option<&dyn Forecaster>,
        panel: &Panel,
        forecasts: &[Forecast],
        levels: &[f64],
        seed: u64,
    ) -> anyhow::Result<PathStatistics> {
        if self.total.is_none() && self.threshold.is_none() {
            return Ok(PathStatistics::default());
        }
        let horizon = forecasts.first().map_or(1, |forecast| forecast.times().len());
        let count = (MAX_PATH_VALUES / (panel.count() * horizon)).clamp(MIN_PATHS, MAX_PATHS);
        let paths = match forecaster {
            Some(forecaster) => forecaster.sample_paths(panel, forecasts, count, seed)?,
            None => schaake_shuffle::sample_paths(forecasts, panel, count, seed),
        };
        let of_each = |period| paths.iter().map(|paths| totals(paths, period, panel, levels)).collect();
        let above = |threshold| paths.iter().map(|paths| paths.exceedance(threshold)).collect();
        Ok(PathStatistics {
            totals: self.total.map(|period| (period, of_each(period))),
            exceedances: self.threshold.map(|threshold| (threshold, above(threshold))),
        })
    }
}

impl PathStatistics {
    /// Adds the tables of totals and of the threshold, if they were requested.
    pub(crate) fn add_to(
        &self,
        tables: &mut impl TableSink,
        panel: &Panel,
        forecasts: &[Forecast],
    ) -> anyhow::Result<()> {
        if let Some((_, totals)) = &self.totals {
            tables.add(panel, &Table::Totals(forecasts, totals))?;
        }
        if let Some((_, exceedances)) = &self.exceedances {
            tables.add(panel, &Table::Threshold(forecasts, exceedances))?;
        }
        Ok(())
    }

    /// Prints the totals as a table, then a line on the threshold for each of the first series.
    pub(crate) fn print(&self, terminal: &Terminal, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
        let mut parts = Vec::new();
        if let Some((period, totals)) = &self.totals {
            parts.push(forecast_table::draw_totals(panel, forecasts, *period, totals));
        }
        if let Some((threshold, exceedances)) = &self.exceedances {
            let shown = forecasts.iter().zip(exceedances).take(MAX_SERIES);
            let line = |(forecast, exceedance)| forecast_table::threshold_line(panel, forecast, *threshold, exceedance);
            parts.extend(shown.map(line));
        }
        if parts.is_empty() {
            return Ok(());
        }
        parts.extend(more_series(forecasts.len()));
        terminal.print(&parts.join("\n"))
    }
}
