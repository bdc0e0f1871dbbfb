//! What quantiles of each step cannot say: totals over several steps and the chance of an excess, from joint paths.

use forecast::model::schaake_shuffle;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use clap::{Args, ValueEnum};
use comfy_table::{Cell, Table, presets};
use forecast::forecast::{Exceedance, Forecast, LEVELS, SamplePaths, Total, TotalPeriod, totals};
use forecast::model::Forecaster;
use forecast::panel::Panel;
use forecast::time::{CalendarPeriod, Frequency};

use crate::cli_error::CliError;
use crate::horizon::in_words;
use crate::report::forecast_csv::{TIME, number, precision, quoted};
use crate::report::forecast_table::{fixed, grouped, number_cell};
use crate::report::output_dir::Destination;

/// Paths that are drawn of each series, and numbers that are held at once: of very many series fewer paths.
const PATHS: usize = 1000;
const FEWEST_PATHS: usize = 200;
const HELD: usize = 20_000_000;
/// Series shown of several, and rows of each.
const SERIES: usize = 3;
const ROWS: usize = 14;

/// What is asked of the steps together.
#[derive(Debug, Args)]
pub(crate) struct TotalsArgs {
    #[arg(
        long,
        value_name = "PERIOD",
        value_enum,
        help_heading = "Forecast",
        help = "Also add up the steps of each day, week or month, or of all the horizon, with bands of the sums"
    )]
    total: Option<PeriodName>,

    #[arg(
        long,
        value_name = "VALUE",
        allow_negative_numbers = true,
        value_parser = finite,
        help_heading = "Forecast",
        help = "Also say how likely values above this are, at each step and at all"
    )]
    threshold: Option<f64>,
}

/// What sums are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PeriodName {
    /// Calendar days
    Day,
    /// Weeks, from Monday
    Week,
    /// Calendar months
    Month,
    /// All steps
    Horizon,
}

impl From<PeriodName> for TotalPeriod {
    fn from(name: PeriodName) -> Self {
        match name {
            PeriodName::Day => Self::Calendar(CalendarPeriod::Day),
            PeriodName::Week => Self::Calendar(CalendarPeriod::Week),
            PeriodName::Month => Self::Calendar(CalendarPeriod::Month),
            PeriodName::Horizon => Self::Horizon,
        }
    }
}

/// What the paths say.
#[derive(Debug)]
pub(crate) struct Joint {
    totals: Option<(TotalPeriod, Vec<Vec<Total>>)>,
    excess: Option<(f64, Vec<Exceedance>)>,
}

impl TotalsArgs {
    /// Refuses, before anything long is run, what cannot be answered.
    pub(crate) fn check(&self, frequency: Frequency, destination: &Destination) -> anyhow::Result<()> {
        let flag = match (self.total, self.threshold) {
            (Some(_), _) => "--total",
            (None, Some(_)) => "--threshold",
            (None, None) => return Ok(()),
        };
        if matches!(destination, Destination::Stdout) {
            return Err(CliError::usage(
                format!("{flag} writes a file of its own, stdout has room for the forecast alone"),
                format!("choose a folder with `--out DIR`, or leave {flag} out"),
            ));
        }
        let period = self.total.map(TotalPeriod::from);
        match period {
            Some(period) if !period.spans_several(frequency) => {
                let name = period.name();
                let steps = match frequency {
                    Frequency::Index { .. } => format!("an index has no {name}s to add up to"),
                    _ => format!("a {name} is no sum of several steps: the series are {}", frequency.name()),
                };
                Err(CliError::usage(steps, "add up the whole forecast with `--total horizon`"))
            }
            _ => Ok(()),
        }
    }

    /// Draws joint paths, where they are needed, and reads the answers off them. A model that says quantiles of each step
    /// alone is given paths by the series' own past, and so is `None`: forecasts that are no longer a model's own.
    pub(crate) fn answer(
        &self,
        forecaster: Option<&dyn Forecaster>,
        panel: &Panel,
        forecasts: &[Forecast],
        seed: u64,
    ) -> anyhow::Result<Option<Joint>> {
        if self.total.is_none() && self.threshold.is_none() {
            return Ok(None);
        }
        let horizon = forecasts.first().map_or(1, |forecast| forecast.times().len());
        let count = (HELD / (panel.count() * horizon)).clamp(FEWEST_PATHS, PATHS);
        let paths: Vec<SamplePaths> =
            match forecaster.map_or(Ok(None), |forecaster| forecaster.paths(panel, count, seed))? {
                Some(paths) => paths.into_iter().map(|paths| paths.first(horizon)).collect(),
                None => schaake_shuffle::sample_paths(forecasts, panel, count, seed),
            };
        let totals = self
            .total
            .map(TotalPeriod::from)
            .map(|period| (period, paths.iter().map(|paths| totals(paths, period, panel, &LEVELS)).collect()));
        let excess = self
            .threshold
            .map(|threshold| (threshold, paths.iter().map(|paths| paths.exceedance(threshold)).collect()));
        Ok(Some(Joint { totals, excess }))
    }
}

impl Joint {
    /// Writes totals.csv and threshold.csv, whichever was asked for.
    pub(crate) fn write(&self, folder: &Path, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
        let file = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
        if let Some((_, totals)) = &self.totals {
            let written = file("totals.csv").and_then(|to| write_totals(to, panel, forecasts, totals));
            written.context("writing totals.csv failed")?;
        }
        if let Some((_, excess)) = &self.excess {
            let written = file("threshold.csv").and_then(|to| write_excess(to, panel, forecasts, excess));
            written.context("writing threshold.csv failed")?;
        }
        Ok(())
    }

    /// The totals as a table, then a line a series on the threshold.
    pub(crate) fn draw(&self, panel: &Panel, forecasts: &[Forecast], width: Option<usize>) -> String {
        let mut parts = Vec::new();
        if let Some((period, totals)) = &self.totals {
            let fits = |text: &String| width.is_none_or(|width| text.lines().all(|l| l.chars().count() <= width));
            let mut drawn =
                [5, 3, 1].map(|numbers| draw_totals(panel, forecasts, *period, totals, numbers)).into_iter();
            let widest = drawn.next().unwrap_or_default();
            parts.push(if fits(&widest) { widest } else { drawn.find(fits).unwrap_or(widest) });
        }
        if let Some((threshold, excess)) = &self.excess {
            let lines = forecasts.iter().zip(excess).take(SERIES);
            parts.extend(lines.map(|(forecast, excess)| in_a_line(panel, forecast, *threshold, excess)));
        }
        if let Some(more) = forecasts.len().checked_sub(SERIES).filter(|more| *more > 0) {
            parts.push(format!("and {} more series", grouped(&more.to_string())));
        }
        parts.join("\n")
    }
}

fn draw_totals(
    panel: &Panel,
    forecasts: &[Forecast],
    period: TotalPeriod,
    all: &[Vec<Total>],
    numbers: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let headings = ["total", "80% low", "80% high", "95% low", "95% high"];
    let ids = panel.columns().ids.iter().map(Cell::new);
    let first = [Cell::new(period.name()), Cell::new("steps")];
    table.set_header(ids.chain(first).chain(headings[..numbers].iter().map(|h| number_cell((*h).into()))));
    for (forecast, totals) in forecasts.iter().zip(all).take(SERIES) {
        let largest = totals.iter().flat_map(|total| &total.quantiles).fold(0.0_f64, |a, b| a.max(b.abs()));
        let decimals = if largest > 0.0 { (4.0 - largest.log10().floor()).clamp(0.0, 9.0) as usize } else { 0 };
        for total in totals.iter().take(ROWS) {
            let (from, to) = (panel.format(total.from), panel.format(total.to));
            let times = if from == to { from } else { format!("{from} to {to}") };
            let steps = if total.period_steps > total.steps {
                format!("{} of {}", total.steps, total.period_steps)
            } else {
                total.steps.to_string()
            };
            let values = row(total).into_iter().take(numbers).map(|value| number_cell(fixed(value, decimals)));
            table.add_row(
                forecast.key().iter().map(Cell::new).chain([Cell::new(times), Cell::new(steps)]).chain(values),
            );
        }
        if let Some(more) = totals.len().checked_sub(ROWS).filter(|more| *more > 0) {
            table.add_row(forecast.key().iter().map(Cell::new).chain([Cell::new(format!("and {more} more"))]));
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// `above 400: 83% likely at least once in 7 days, 2.1 expected; most likely on 2015-01-03 (45%)`
fn in_a_line(panel: &Panel, forecast: &Forecast, threshold: f64, excess: &Exceedance) -> String {
    let who = if forecast.key().is_empty() { String::new() } else { format!("{}: ", forecast.key().join(" / ")) };
    let span = in_words(forecast.times().len(), panel.frequency());
    let percent = |share: f64| format!("{:.0}%", 100.0 * share);
    let start =
        format!("{who}above {}: {} likely at least once in {span}", number(threshold, 15), percent(excess.ever));
    let peak = excess.at_step.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    match peak {
        Some((k, share)) if excess.ever > 0.0 => {
            let when = panel.format(forecast.times()[k]);
            format!("{start}, {:.1} steps expected, {when} the likeliest ({})", excess.expected_steps, percent(*share))
        }
        _ => start,
    }
}

/// The sum, then the low and high end of the 80 % band, then of the 95 % band.
fn row(total: &Total) -> [f64; 5] {
    [2, 1, 3, 0, 4].map(|at| total.quantiles[at])
}

fn header(to: &mut impl Write, panel: &Panel, rest: &str) -> io::Result<()> {
    panel.columns().ids.iter().try_for_each(|id| write!(to, "{},", quoted(id)))?;
    writeln!(to, "{rest}")
}

fn write_totals(mut to: impl Write, panel: &Panel, forecasts: &[Forecast], all: &[Vec<Total>]) -> io::Result<()> {
    header(&mut to, panel, "from,to,steps,of,total,lo_80,hi_80,lo_95,hi_95")?;
    let digits = precision(panel);
    for (forecast, totals) in forecasts.iter().zip(all) {
        let key: String = forecast.key().iter().map(|id| quoted(id) + ",").collect();
        for total in totals {
            let (from, end) = (quoted(&panel.format(total.from)), quoted(&panel.format(total.to)));
            write!(to, "{key}{from},{end},{},{}", total.steps, total.period_steps)?;
            row(total).iter().try_for_each(|value| write!(to, ",{}", number(*value, digits)))?;
            writeln!(to)?;
        }
    }
    to.flush()
}

fn write_excess(mut to: impl Write, panel: &Panel, forecasts: &[Forecast], all: &[Exceedance]) -> io::Result<()> {
    let time = quoted(panel.columns().time.as_deref().unwrap_or(TIME));
    header(&mut to, panel, &format!("{time},probability,at_least_once_by_then,expected_by_then"))?;
    for (forecast, excess) in forecasts.iter().zip(all) {
        let key: String = forecast.key().iter().map(|id| quoted(id) + ",").collect();
        let mut expected = 0.0;
        for (k, time) in forecast.times().iter().enumerate() {
            expected += excess.at_step[k];
            let numbers = [excess.at_step[k], excess.by_step[k], expected].map(|value| number(value, 7));
            writeln!(to, "{key}{},{}", quoted(&panel.format(*time)), numbers.join(","))?;
        }
    }
    to.flush()
}

fn finite(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) => Ok(number),
        _ => Err("a number is needed".into()),
    }
}
