//! The scores of several models as a table, the best model first.

use forecast::backtest::{IntervalScores, ModelBacktest, Score, Scores, is_verdict_baseline};

use crate::report::forecast_table::MAX_INTERVALS;
use crate::report::text_table::{self, UNDEFINED, decimals_of_smallest, fixed, widest_that_fits};

/// A heading, the text of a value, and the score. A text may have the decimals that show four digits of the smallest
/// value of the column.
struct Column {
    heading: String,
    text: fn(f64, usize) -> String,
    score: Box<dyn Fn(&Scores) -> Score>,
}

/// All columns: those of the forecast, and the coverage of each interval.
fn columns(intervals: &[IntervalScores]) -> Vec<Column> {
    let column = |heading: &str, text, score: fn(&Scores) -> Score| Column {
        heading: heading.into(),
        text,
        score: Box::new(score),
    };
    let mut columns = vec![
        column("MASE", |value, _| fixed(value, 3), |scores| scores.mase),
        column("sMAPE", |value, _| fixed(value, 1), |scores| scores.smape),
        column("WAPE", |value, _| percent(value, 1), |scores| scores.wape),
        column("RMSE", fixed, |scores| scores.rmse),
        column("MAE", fixed, |scores| scores.mae),
        column("CRPS", fixed, |scores| scores.crps),
    ];
    let shown = shown_intervals(intervals);
    columns.extend(intervals.iter().enumerate().filter(|(at, _)| shown.contains(at)).map(|(at, interval)| Column {
        heading: coverage_heading(interval),
        text: |value, _| percent(value, 0),
        score: Box::new(move |scores| scores.intervals[at].coverage),
    }));
    columns
}

/// The indices of the intervals that are shown: all of a few, evenly spaced ones of many.
fn shown_intervals(intervals: &[IntervalScores]) -> Vec<usize> {
    let count = intervals.len().min(MAX_INTERVALS);
    (0..count).map(|i| i * (intervals.len() - 1) / (count - 1).max(1)).collect()
}

fn coverage_heading(interval: &IntervalScores) -> String {
    format!("{}% coverage", interval.percent)
}

fn percent(share: f64, decimals: usize) -> String {
    format!("{}%", fixed(100.0 * share, decimals))
}

/// The headings in the order in which their columns are left out on a narrow terminal. The coverage of the usual interval
/// is left out last, that of the others after two scores.
fn dropped_first(scores: &Scores) -> Vec<String> {
    let usual = scores.usual_interval().map(coverage_heading);
    let others = scores.intervals.iter().rev().map(coverage_heading).filter(|heading| Some(heading) != usual.as_ref());
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let all = named(&["MAE", "WAPE"]).into_iter().chain(others).chain(named(&["CRPS", "sMAPE", "RMSE"]));
    all.chain(usual.clone()).collect()
}

/// Draws the scores over all series and steps, with one row for each model. Below is the reason of undefined scores.
pub(crate) fn draw(backtests: &[ModelBacktest], width: Option<usize>) -> String {
    let overall: Vec<Scores> = backtests.iter().map(ModelBacktest::overall).collect();
    let (columns, dropped) = (columns(&overall[0].intervals), dropped_first(&overall[0]));
    let models: Vec<&str> = backtests.iter().map(|backtest| backtest.model).collect();
    let tables = (0..=dropped.len()).map(|count| {
        let kept: Vec<&Column> = columns.iter().filter(|column| !dropped[..count].contains(&column.heading)).collect();
        draw_columns(&models, &overall, &kept)
    });
    let table = widest_that_fits(tables, width);
    // all models are scored on the same values, so that a score is undefined for all models or for none
    match overall.iter().find_map(|scores| undefined(&columns, scores)) {
        Some((names, reason)) => format!("{table}\nno {names}: {reason}"),
        None => table,
    }
}

/// The headings of the scores that are undefined for the first reason, and the reason.
fn undefined(columns: &[Column], scores: &Scores) -> Option<(String, String)> {
    let undefined = columns.iter().filter_map(|column| Some((&*column.heading, (column.score)(scores).err()?)));
    let undefined: Vec<_> = undefined.collect();
    let (_, reason) = *undefined.first()?;
    let names: Vec<&str> = undefined.iter().filter(|(_, why)| *why == reason).map(|(name, _)| *name).collect();
    Some((names.join(", "), reason.to_string()))
}

fn draw_columns(models: &[&str], overall: &[Scores], columns: &[&Column]) -> String {
    let texts = columns.iter().map(|column| {
        let scores: Vec<Score> = overall.iter().map(&column.score).collect();
        let decimals = decimals_of_smallest(scores.iter().flatten().copied());
        let text = |score: Score| score.map_or(UNDEFINED.into(), |value| (column.text)(value, decimals));
        scores.into_iter().map(text).collect()
    });
    let texts: Vec<Vec<String>> = texts.collect();
    let rows = models.iter().enumerate().map(|(row, model)| {
        let mark = if is_verdict_baseline(model) { " (baseline)" } else { "" };
        std::iter::once(format!("{model}{mark}")).chain(texts.iter().map(move |column| column[row].clone()))
    });
    text_table::draw(1, std::iter::once("model").chain(columns.iter().map(|column| &*column.heading)), rows)
}

#[cfg(test)]
mod tests {
    use forecast::backtest::{Folds, run, sort_by_accuracy};
    use forecast::{Baseline, Model, Panel, SilentObserver, Task};

    use super::*;

    #[test]
    fn a_narrow_terminal_keeps_the_most_important_columns() {
        let wave: Vec<f64> = (0..70).map(|t| f64::from(1_000_000 + 1_000 * (t % 7) + t * 37 % 11)).collect();
        let panel = Panel::from_values(&wave, 7);
        let folds = Folds::default_for(&panel, 7, 7, true).expect("room for a fold");
        let mut backtests =
            [Baseline::Naive, Baseline::SeasonalNaive, Baseline::Drift, Baseline::Mean].map(|baseline| {
                let hindcasts = run(&baseline, &panel, &Task::new(7), &folds, true, &mut SilentObserver);
                ModelBacktest::new(baseline.name(), &panel, hindcasts.expect("a baseline fits any series"))
            });
        sort_by_accuracy(&mut backtests);
        let drawn = [None, Some(80), Some(60), Some(40), Some(10)].map(|width| draw(&backtests, width));
        for (text, width) in drawn.iter().zip([200, 80, 60, 40, 40]) {
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
        }
        insta::assert_snapshot!(drawn.join("\n\n"));
    }
}
