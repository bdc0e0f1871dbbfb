//! `backtest.csv` and `metrics.csv`: hindcasts and their scores.

use std::io::{self, Write};

use crate::backtest::folds::Folds;
use crate::backtest::scorecard::{ModelBacktest, Steps};
use crate::backtest::scores::{Score, Scores};
use crate::forecast::step_values::StepValues;
use crate::model::fit_report::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;
use crate::write::csv_writer::CsvWriter;
use crate::write::forecast_csv::FORECAST_COLUMNS;
use crate::write::number::{MIN_SIGNIFICANT_DIGITS, significant_digits};

/// Writes the hindcasts of every model, one row for each step.
///
/// Columns: the id columns, `model`, `fold`, `cutoff`, the time column, `step`, `actual`, then the columns of
/// `forecast.csv`. Folds and steps are counted from 1. The cutoff is the last known time. An actual value that was not
/// observed is empty.
///
/// # Errors
/// If `to` cannot be written.
///
/// # Panics
/// If a hindcast is of a series that the panel does not have, or a forecast lacks a level of
/// [`LEVELS`](crate::forecast::LEVELS).
pub fn backtest_csv(to: impl Write, panel: &Panel, folds: &Folds, backtests: &[ModelBacktest]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).texts(&["model", "fold", "cutoff"]).time_heading(panel);
    csv.texts(&["step", "actual"]).texts(&FORECAST_COLUMNS).end_row()?;
    let rows = Rows { panel, series: panel.iter().collect(), digits: significant_digits(panel) };
    for backtest in backtests {
        for hindcasts in backtest.hindcasts.chunk_by(|a, b| a.series == b.series) {
            // a series with fewer folds lacks the first ones
            let first_fold = folds.count + 1 - hindcasts.len();
            for (fold, hindcast) in (first_fold..).zip(hindcasts) {
                rows.write(&mut csv, backtest.model, fold, hindcast)?;
            }
        }
    }
    csv.finish()
}

/// The values that all rows need.
struct Rows<'a> {
    panel: &'a Panel,
    series: Vec<TimeSeries<'a>>,
    digits: usize,
}

impl Rows<'_> {
    fn write<W: Write>(&self, csv: &mut CsvWriter<W>, model: &str, fold: usize, hindcast: &Hindcast) -> io::Result<()> {
        let series = &self.series[hindcast.series];
        let cutoff = self.panel.format(series.time_at(hindcast.cutoff - 1));
        let values = StepValues::of(&hindcast.forecast);
        for (k, time) in hindcast.forecast.times().iter().enumerate() {
            let position = hindcast.cutoff + k;
            let observed = series.observed.get(position) == Some(&true);
            let actual = observed.then(|| self.panel.actual(hindcast.series, position));
            csv.texts(series.key).plain(model).plain(fold).text(&cutoff).text(&self.panel.format(*time));
            csv.plain(k + 1).number(actual, self.digits);
            for value in values.at(k) {
                csv.number(Some(value), self.digits);
            }
            csv.end_row()?;
        }
        Ok(())
    }
}

/// Stands in a row for all series or all steps.
const ALL: &str = "all";

/// All scores by their names in files.
pub fn named_scores(scores: &Scores) -> [(&'static str, Score); 13] {
    let [inner, outer] = scores.intervals;
    [
        ("mase", scores.mase),
        ("smape", scores.smape),
        ("rmse", scores.rmse),
        ("mae", scores.mae),
        ("wape", scores.wape),
        ("pinball", scores.pinball),
        ("crps", scores.crps),
        ("coverage_80", inner.coverage),
        ("width_80", inner.width),
        ("msis_80", inner.msis),
        ("coverage_95", outer.coverage),
        ("width_95", outer.width),
        ("msis_95", outer.msis),
    ]
}

/// Why scores are undefined, such as `mase, msis_80: the training part repeats itself exactly`. Reasons are separated by
/// `; `. The text is empty if all scores are defined.
pub fn undefined_reasons(scores: &Scores) -> String {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, score) in named_scores(scores) {
        let Err(reason) = score else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason.to_string()) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason.to_string(), vec![name])),
        }
    }
    let sentences = reasons.iter().map(|(reason, names)| format!("{}: {reason}", names.join(", ")));
    sentences.collect::<Vec<_>>().join("; ")
}

/// Writes the scores of every model for each step of the horizon. The scores over all series come before those of each
/// series.
///
/// Columns: the id columns, `series_count`, `model`, `step`, `points`, the names of [`named_scores`], then `why`, the
/// reasons of scores that are undefined. `all` in an id column stands for all series, in `step` for all steps.
///
/// # Errors
/// If `to` cannot be written.
///
/// # Panics
/// If there is no model.
pub fn metrics_csv(to: impl Write, panel: &Panel, backtests: &[ModelBacktest]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).texts(&["series_count", "model", "step", "points"]);
    csv.texts(&named_scores(&backtests[0].overall()).map(|(name, _)| name)).text("why").end_row()?;
    if panel.count() > 1 {
        let all = vec![ALL; panel.columns().ids.len()];
        write_steps(&mut csv, backtests, &all, |backtest, steps| Some(backtest.scorecard.overall(steps)))?;
    }
    for (position, series) in panel.iter().enumerate() {
        let scores = |backtest: &ModelBacktest, steps| backtest.scorecard.series(position, steps);
        write_steps(&mut csv, backtests, series.key, scores)?;
    }
    csv.finish()
}

fn write_steps<W: Write>(
    csv: &mut CsvWriter<W>,
    backtests: &[ModelBacktest],
    key: &[impl AsRef<str>],
    scores: impl Fn(&ModelBacktest, Steps) -> Option<Scores>,
) -> io::Result<()> {
    for backtest in backtests {
        let single = (1..=backtest.scorecard.horizon()).map(Steps::One);
        for steps in std::iter::once(Steps::All).chain(single) {
            let Some(scores) = scores(backtest, steps) else { continue };
            csv.texts(key).plain(scores.series).plain(backtest.model);
            match steps {
                Steps::All => csv.plain(ALL),
                Steps::One(step) => csv.plain(step),
            };
            csv.plain(scores.points);
            for (_, score) in named_scores(&scores) {
                csv.number(score.ok(), MIN_SIGNIFICANT_DIGITS);
            }
            csv.text(&undefined_reasons(&scores)).end_row()?;
        }
    }
    Ok(())
}
