//! `score.csv`: earlier forecasts against what happened since.

use std::io::{self, Write};

use crate::backtest::Steps;
use crate::panel::Panel;
use crate::run::score::{ForecastScores, RunScore};
use crate::write::csv_writer::{CsvWriter, MIN_SIGNIFICANT_DIGITS};
use crate::write::json_rows::JsonWriter;
use crate::write::table_writer::{TableWriter, all_and_each};

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
        csv.with_digits(MIN_SIGNIFICANT_DIGITS).text("run").texts(&first_run(runs).panel().columns().ids);
        headings(csv, runs)?;
        let labels = |csv: &mut CsvWriter<_>, name: &str, key: &[String]| {
            csv.text(name).texts(key);
        };
        runs.iter().try_for_each(|(name, run)| run_rows(csv, name, run, labels))
    })
}

/// Writes the same rows as a JSON array of objects.
///
/// # Panics
/// As [`score_csv`].
pub fn score_json(to: impl Write, runs: &[(String, RunScore)]) -> io::Result<()> {
    JsonWriter::array(to, |json| {
        json.start(first_run(runs).panel(), MIN_SIGNIFICANT_DIGITS).text("run");
        headings(json, runs)?;
        let labels = |json: &mut JsonWriter<_>, name: &str, key: &[String]| {
            json.texts(key).text(name);
        };
        runs.iter().try_for_each(|(name, run)| run_rows(json, name, run, labels))
    })
}

fn first_run(runs: &[(String, RunScore)]) -> &RunScore {
    &runs.first().expect("at least one run").1
}

/// Adds the headings after those of the run and the ids.
fn headings(to: &mut impl TableWriter, runs: &[(String, RunScore)]) -> io::Result<()> {
    to.texts(&["step", "points", "mae", "mase", "bias", "wql", "crps"]);
    for interval in &first_run(runs).overall(Steps::All).forecast.intervals {
        to.text(&format!("coverage_{}", interval.percent));
    }
    to.texts(&["seasonal_naive_mae", "seasonal_naive_mase", "skill"]).end_row()
}

/// Adds the rows of a run, each of which starts with what `labels` writes of the name of the run and the ids.
fn run_rows<T: TableWriter>(
    csv: &mut T,
    name: &str,
    run: &RunScore,
    labels: impl Fn(&mut T, &str, &[String]),
) -> io::Result<()> {
    let panel: &Panel = run.panel();
    for (key, position) in all_and_each(panel) {
        for steps in std::iter::once(Steps::All).chain((1..=run.horizon()).map(Steps::One)) {
            let scores = match position {
                None => Some(run.overall(steps)),
                Some(position) => run.series(position, steps),
            };
            let Some(scores) = scores else { continue };
            labels(csv, name, &key);
            scores_cells(csv.steps(steps), &scores).end_row()?;
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
