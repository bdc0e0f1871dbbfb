//! Models that forecast the same past, best first, and the table of their scores.

use std::time::Duration;

use comfy_table::{Cell, Table, presets};
use forecast::backtest::{Score, Scorecard, Scores, Steps};
use forecast::model::Hindcast;

use crate::report::forecast_table::{fixed, number_cell};
use crate::report::verdict::is_bar;

/// A model and what it said of the past.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) hindcasts: Vec<Hindcast>,
    pub(crate) card: Scorecard,
    pub(crate) took: Duration,
}

impl Contender {
    fn overall(&self) -> Scores {
        self.card.overall(Steps::All)
    }
}

/// Puts the best first: by MASE, or by the mean absolute error where there is no MASE.
pub(crate) fn rank(contenders: &mut [Contender]) {
    let key = |contender: &Contender| {
        let overall = contender.overall();
        [overall.mase, overall.mae].map(|score| score.unwrap_or(f64::INFINITY))
    };
    contenders.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
    });
}

/// What stands in place of a score that is undefined.
const NONE: &str = "–";

/// How a column of scores is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Decimals(usize),
    Percent(usize),
    /// In the values' unit: as many decimals as show four digits of the least.
    Unit,
}

struct Column {
    heading: &'static str,
    form: Form,
    score: fn(&Scores) -> Score,
}

/// The columns of the table, from the left.
const COLUMNS: [Column; 8] = [
    Column { heading: "MASE", form: Form::Decimals(3), score: |s| s.mase },
    Column { heading: "sMAPE", form: Form::Decimals(1), score: |s| s.smape },
    Column { heading: "WAPE", form: Form::Percent(1), score: |s| s.wape },
    Column { heading: "RMSE", form: Form::Unit, score: |s| s.rmse },
    Column { heading: "MAE", form: Form::Unit, score: |s| s.mae },
    Column { heading: "CRPS", form: Form::Unit, score: |s| s.crps },
    Column { heading: "80% held", form: Form::Percent(0), score: |s| s.intervals[0].coverage },
    Column { heading: "95% held", form: Form::Percent(0), score: |s| s.intervals[1].coverage },
];

/// The columns in the order in which they give way where the terminal is narrow.
const DISPENSABLE: [&str; 7] = ["MAE", "WAPE", "95% held", "CRPS", "sMAPE", "RMSE", "80% held"];

/// Draws the scores over all, a line a model, as wide as the terminal allows; below it why a score is missing.
pub(crate) fn draw(contenders: &[Contender], width: Option<usize>) -> String {
    let fits = |text: &String| width.is_none_or(|width| text.lines().all(|line| line.chars().count() <= width));
    let narrower = (0..=DISPENSABLE.len()).map(|left_out| draw_without(contenders, &DISPENSABLE[..left_out]));
    let mut last = String::new();
    for text in narrower {
        let done = fits(&text);
        last = text;
        if done {
            break;
        }
    }
    // all were judged by the same values, so that what one has no score for none has
    match contenders.iter().find_map(|contender| missing(&contender.overall())) {
        Some((names, reason)) => format!("{last}\nno {names}: {reason}"),
        None => last,
    }
}

/// The headings of the scores that are undefined for the same reason, and the reason.
fn missing(scores: &Scores) -> Option<(String, String)> {
    let undefined = COLUMNS.iter().filter_map(|column| Some((column.heading, (column.score)(scores).err()?)));
    let undefined: Vec<_> = undefined.collect();
    let (_, reason) = *undefined.first()?;
    let names: Vec<&str> = undefined.iter().filter(|(_, why)| *why == reason).map(|(name, _)| *name).collect();
    Some((names.join(", "), reason.to_string()))
}

fn draw_without(contenders: &[Contender], left_out: &[&str]) -> String {
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| !left_out.contains(&column.heading)).collect();
    let overall: Vec<Scores> = contenders.iter().map(Contender::overall).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let headings = columns.iter().map(|column| number_cell(column.heading.into()));
    table.set_header(std::iter::once(Cell::new("model")).chain(headings));
    let texts: Vec<Vec<String>> = columns.iter().map(|column| column.texts(&overall)).collect();
    for (row, contender) in contenders.iter().enumerate() {
        let mark = if is_bar(contender.name) { " (the bar)" } else { "" };
        let cells = texts.iter().map(|column| number_cell(column[row].clone()));
        table.add_row(std::iter::once(Cell::new(format!("{}{mark}", contender.name))).chain(cells));
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

impl Column {
    fn texts(&self, overall: &[Scores]) -> Vec<String> {
        let scores: Vec<Score> = overall.iter().map(|scores| (self.score)(scores)).collect();
        let write = |value: f64| match self.form {
            Form::Decimals(decimals) => fixed(value, decimals),
            Form::Percent(decimals) => format!("{}%", fixed(100.0 * value, decimals)),
            Form::Unit => fixed(value, decimals(&scores)),
        };
        scores.iter().map(|score| score.map_or_else(|_| NONE.to_owned(), write)).collect()
    }
}

/// Decimals that show four digits of the least score above zero.
fn decimals(scores: &[Score]) -> usize {
    let least = scores.iter().flatten().copied().filter(|score| *score > 0.0).fold(f64::INFINITY, f64::min);
    if least.is_finite() { (3.0 - least.log10().floor()).clamp(0.0, 9.0) as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use forecast::backtest::{Folds, run};
    use forecast::model::stat::Baseline;
    use forecast::model::{Model, SilentObserver, Task};
    use forecast::panel::Panel;

    use super::*;

    fn contenders(values: &[f64]) -> Vec<Contender> {
        let panel = Panel::from_values(values, 7);
        let folds = Folds::default_for(&panel, 7, 7, true).expect("room for a fold");
        let one = |baseline: Baseline| {
            let said = run(&baseline, &panel, &Task::new(7), &folds, true, &mut SilentObserver)
                .expect("baselines need no luck");
            let card = Scorecard::new(&panel, &said);
            Contender { name: baseline.name(), hindcasts: said, card, took: Duration::ZERO }
        };
        let names = [Baseline::Naive, Baseline::SeasonalNaive, Baseline::Drift, Baseline::Mean];
        let mut ranked: Vec<Contender> = names.map(one).into();
        rank(&mut ranked);
        ranked
    }

    #[test]
    fn a_narrow_terminal_keeps_what_matters_most() {
        let wave: Vec<f64> = (0..70).map(|t| f64::from(1_000_000 + 1_000 * (t % 7) + t * 37 % 11)).collect();
        let ranked = contenders(&wave);
        let drawn = [None, Some(80), Some(60), Some(40), Some(10)].map(|width| draw(&ranked, width));
        for (text, width) in drawn.iter().zip([200, 80, 60, 40, 40]) {
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
        }
        insta::assert_snapshot!(drawn.join("\n\n"));
    }

    #[test]
    fn without_a_mase_the_absolute_error_ranks() {
        let mut flat = vec![5.0; 63];
        flat.extend([6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
        insta::assert_snapshot!(draw(&contenders(&flat), None));
    }
}
