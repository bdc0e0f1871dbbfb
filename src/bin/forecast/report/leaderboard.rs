//! The scores of several models as a table, the best model first.

use forecast::backtest::{ModelBacktest, Score, Scores, is_verdict_baseline};

use crate::report::text_table::{self, UNDEFINED, decimals_of_smallest, fixed, widest_that_fits};

/// A heading, the text of a value, and the score. A text may have the decimals that show four digits of the smallest
/// value of the column.
type Column = (&'static str, fn(f64, usize) -> String, fn(&Scores) -> Score);

const COLUMNS: [Column; 8] = [
    ("MASE", |value, _| fixed(value, 3), |scores| scores.mase),
    ("sMAPE", |value, _| fixed(value, 1), |scores| scores.smape),
    ("WAPE", |value, _| percent(value, 1), |scores| scores.wape),
    ("RMSE", fixed, |scores| scores.rmse),
    ("MAE", fixed, |scores| scores.mae),
    ("CRPS", fixed, |scores| scores.crps),
    ("80% coverage", |value, _| percent(value, 0), |scores| scores.intervals[0].coverage),
    ("95% coverage", |value, _| percent(value, 0), |scores| scores.intervals[1].coverage),
];

fn percent(share: f64, decimals: usize) -> String {
    format!("{}%", fixed(100.0 * share, decimals))
}

/// The columns in the order in which they are left out on a narrow terminal.
const DROPPED_FIRST: [&str; 7] = ["MAE", "WAPE", "95% coverage", "CRPS", "sMAPE", "RMSE", "80% coverage"];

/// Draws the scores over all series and steps, with one row for each model. Below is the reason of undefined scores.
pub(crate) fn draw(backtests: &[ModelBacktest], width: Option<usize>) -> String {
    let tables = (0..=DROPPED_FIRST.len()).map(|dropped| draw_without(backtests, &DROPPED_FIRST[..dropped]));
    let table = widest_that_fits(tables, width);
    // all models are scored on the same values, so that a score is undefined for all models or for none
    match backtests.iter().find_map(|backtest| undefined(&backtest.overall())) {
        Some((names, reason)) => format!("{table}\nno {names}: {reason}"),
        None => table,
    }
}

/// The headings of the scores that are undefined for the first reason, and the reason.
fn undefined(scores: &Scores) -> Option<(String, String)> {
    let undefined = COLUMNS.iter().filter_map(|(heading, _, score)| Some((*heading, score(scores).err()?)));
    let undefined: Vec<_> = undefined.collect();
    let (_, reason) = *undefined.first()?;
    let names: Vec<&str> = undefined.iter().filter(|(_, why)| *why == reason).map(|(name, _)| *name).collect();
    Some((names.join(", "), reason.to_string()))
}

fn draw_without(backtests: &[ModelBacktest], dropped: &[&str]) -> String {
    let columns = || COLUMNS.into_iter().filter(|(heading, ..)| !dropped.contains(heading));
    let overall: Vec<Scores> = backtests.iter().map(ModelBacktest::overall).collect();
    let texts = columns().map(|(_, text, score)| {
        let scores: Vec<Score> = overall.iter().map(score).collect();
        let decimals = decimals_of_smallest(scores.iter().flatten().copied());
        scores.iter().map(|score| score.map_or(UNDEFINED.into(), |value| text(value, decimals))).collect()
    });
    let texts: Vec<Vec<String>> = texts.collect();
    let rows = backtests.iter().enumerate().map(|(row, backtest)| {
        let mark = if is_verdict_baseline(backtest.model) { " (baseline)" } else { "" };
        std::iter::once(format!("{}{mark}", backtest.model)).chain(texts.iter().map(move |column| column[row].clone()))
    });
    text_table::draw(1, std::iter::once("model").chain(columns().map(|(heading, ..)| heading)), rows)
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
