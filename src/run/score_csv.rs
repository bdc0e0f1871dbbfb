//! `score.csv`: earlier forecasts against what happened since.

use std::io::{self, Write};

use crate::backtest::Steps;
use crate::panel::Panel;
use crate::run::score::{ForecastScores, RunScore};
use crate::write::csv_writer::{CsvWriter, MIN_SIGNIFICANT_DIGITS};
use crate::write::table_writer::TableWriter;

/// Stands in a row for all series or all steps.
const ALL: &str = "all";

/// Writes the scores of several runs, each with a name: first over all series, then of each series; over all steps, then
/// of each step. The step is the age of the forecast.
///
/// Columns: `run`; the id columns; `step`; `points`; `mae`; `mase`; `bias`, the mean of forecast minus actual value;
/// `wql`; `crps`; the coverage of each interval, as in `coverage_80`; `seasonal_naive_mae` and `seasonal_naive_mase` at the
/// same cutoff; `skill`, the share of the error of seasonal naive that the forecast avoids. `all` in an id column stands for
/// all series, in `step` for all steps. An undefined score is an empty field.
///
/// # Panics
/// If there is no run, or the runs have other numbers of id columns or other intervals.
pub fn score_csv(to: impl Write, runs: &[(String, RunScore)]) -> io::Result<()> {
    CsvWriter::file(to, |csv| {
        let first = runs.first().expect("at least one run");
        let panel = first.1.panel();
        csv.with_digits(MIN_SIGNIFICANT_DIGITS).text("run").texts(&panel.columns().ids).texts(&["step", "points"]);
        csv.texts(&["mae", "mase", "bias", "wql", "crps"]);
        for interval in &first.1.overall(Steps::All).forecast.intervals {
            csv.text(&format!("coverage_{}", interval.percent));
        }
        csv.texts(&["seasonal_naive_mae", "seasonal_naive_mase", "skill"]).end_row()?;
        for (name, run) in runs {
            run_rows(csv, name, run)?;
        }
        Ok(())
    })
}

fn run_rows(csv: &mut impl TableWriter, name: &str, run: &RunScore) -> io::Result<()> {
    let panel: &Panel = run.panel();
    let all = (panel.count() > 1).then(|| (vec![ALL.to_owned(); panel.columns().ids.len()], None));
    let single = panel.iter().enumerate().map(|(position, series)| (series.key.to_vec(), Some(position)));
    for (key, position) in all.into_iter().chain(single) {
        for steps in std::iter::once(Steps::All).chain((1..=run.horizon()).map(Steps::One)) {
            let scores = match position {
                None => Some(run.overall(steps)),
                Some(position) => run.series(position, steps),
            };
            let Some(scores) = scores else { continue };
            csv.text(name).texts(&key);
            match steps {
                Steps::All => csv.text(ALL),
                Steps::One(step) => csv.count(step),
            };
            scores_cells(csv, &scores).end_row()?;
        }
    }
    Ok(())
}

fn scores_cells<'a, T: TableWriter>(csv: &'a mut T, scores: &ForecastScores) -> &'a mut T {
    let ForecastScores { forecast, seasonal_naive, bias, wql } = scores;
    csv.count(forecast.points);
    csv.numbers([forecast.mae, forecast.mase, *bias, *wql, forecast.crps].map(Result::ok));
    csv.numbers(forecast.intervals.iter().map(|interval| interval.coverage.ok()));
    csv.numbers([seasonal_naive.mae.ok(), seasonal_naive.mase.ok(), scores.skill()])
}
