//! `backtest.csv` and `metrics.csv`: hindcasts and their scores.

use std::io;

use crate::backtest::folds::Folds;
use crate::backtest::scorecard::{ModelBacktest, Steps};
use crate::backtest::scores::{IntervalScores, Score, Scores};
use crate::forecast::levels::ForecastColumns;
use crate::metric::Undefined;
use crate::model::Hindcast;
use crate::panel::{Panel, TimeSeries};
use crate::write::csv_writer::{MIN_SIGNIFICANT_DIGITS, digits_by_series};
use crate::write::table_writer::{TableWriter, all_and_each};

pub(crate) fn backtest_rows(
    table: &mut impl TableWriter,
    panel: &Panel,
    folds: &Folds,
    backtests: &[ModelBacktest],
) -> io::Result<()> {
    table.start(panel, MIN_SIGNIFICANT_DIGITS).texts(&["model", "fold", "cutoff"]).time_heading(panel);
    let hindcasts = backtests.iter().flat_map(|backtest| &backtest.hindcasts);
    let columns = ForecastColumns::of_forecasts(hindcasts.map(|hindcast| &hindcast.forecast));
    table.texts(&["step", "actual"]).texts(columns.names()).end_row()?;
    let (all_series, digits): (Vec<TimeSeries<'_>>, _) = (panel.iter().collect(), digits_by_series(panel));
    for backtest in backtests {
        for hindcasts in backtest.hindcasts.chunk_by(|a, b| a.series == b.series) {
            table.with_digits(digits[hindcasts[0].series]);
            // a series with fewer folds lacks the first ones
            let first_fold = folds.count + 1 - hindcasts.len();
            for (fold, Hindcast { series: which, cutoff, forecast }) in (first_fold..).zip(hindcasts) {
                let series = &all_series[*which];
                let last_known = series.time_at(cutoff - 1);
                for (k, time) in forecast.times().iter().enumerate() {
                    let position = cutoff + k;
                    let is_observed = series.observed.get(position) == Some(&true);
                    let actual = is_observed.then(|| panel.actual(*which, position));
                    table.texts(series.key).text(backtest.model).count(fold).time(panel, last_known);
                    table.time(panel, *time).count(k + 1).number(actual);
                    table.numbers(columns.step_values(forecast, k)).end_row()?;
                }
            }
        }
    }
    Ok(())
}

/// All scores by their names in files. Those of an interval have its percentage, as in `coverage_80`.
pub fn named_scores(scores: &Scores) -> Vec<(String, Score)> {
    let of_forecast = [
        ("mase", scores.mase),
        ("smape", scores.smape),
        ("rmse", scores.rmse),
        ("mae", scores.mae),
        ("wape", scores.wape),
        ("pinball", scores.pinball),
        ("crps", scores.crps),
    ];
    let of_interval = |interval: &IntervalScores| {
        let named = [("coverage", interval.coverage), ("width", interval.width), ("msis", interval.msis)];
        named.map(|(name, score)| (format!("{name}_{}", interval.percent), score))
    };
    let of_forecast = of_forecast.into_iter().map(|(name, score)| (name.to_owned(), score));
    of_forecast.chain(scores.intervals.iter().flat_map(of_interval)).collect()
}

/// Why scores are undefined, such as `mase, msis_80: the training part repeats itself exactly`. Reasons are separated by
/// `; `. The text is empty if all scores are defined.
pub fn undefined_reasons(scores: &Scores) -> String {
    let mut reasons: Vec<(Undefined, Vec<String>)> = Vec::new();
    for (name, score) in named_scores(scores) {
        let Err(reason) = score else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let sentences = reasons.iter().map(|(reason, names)| format!("{}: {reason}", names.join(", ")));
    sentences.collect::<Vec<_>>().join("; ")
}

pub(crate) fn metrics_rows(table: &mut impl TableWriter, panel: &Panel, backtests: &[ModelBacktest]) -> io::Result<()> {
    table.start(panel, MIN_SIGNIFICANT_DIGITS).texts(&["series_count", "model", "step", "points"]);
    let names: Vec<String> = named_scores(&backtests[0].overall()).into_iter().map(|(name, _)| name).collect();
    table.texts(&names).text("why").end_row()?;
    for (key, position) in all_and_each(panel) {
        for ModelBacktest { model, scorecard, .. } in backtests {
            for steps in std::iter::once(Steps::All).chain((1..=scorecard.horizon()).map(Steps::One)) {
                let scores = match position {
                    None => Some(scorecard.overall(steps)),
                    Some(position) => scorecard.series(position, steps),
                };
                let Some(scores) = scores else { continue };
                table.texts(&key).count(scores.series).text(model).steps(steps).count(scores.points);
                table.numbers(named_scores(&scores).into_iter().map(|(_, score)| score.ok()));
                table.text(&undefined_reasons(&scores)).end_row()?;
            }
        }
    }
    Ok(())
}
