//! `--reconcile`: the sums beside the series, their forecasts made to agree, and what that did to the errors.

use std::collections::BTreeSet;

use clap::ValueEnum;
use comfy_table::{Cell, Table, presets};
use forecast::backtest::{Scorecard, Steps};
use forecast::forecast::Forecast;
use forecast::hierarchy::{ALL, Hierarchy, ReconcileMethod};
use forecast::model::Hindcast;
use forecast::panel::Panel;
use serde::Serialize;

use crate::report::forecast_table::{grouped, number_cell};
use crate::report::verdict::Missing;

/// How forecasts are made to add up, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reconcile {
    /// Each moved the more the more it usually errs (minimum trace, with shrinkage)
    Mint,
    /// The single series' forecasts added up
    BottomUp,
}

/// The series, their sums, and how they are to agree.
#[derive(Debug)]
pub(crate) struct Sums {
    method: ReconcileMethod,
    hierarchy: Hierarchy,
}

/// What adding up did to the errors on the past, level by level.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Levels {
    method: String,
    /// The origins that the errors of the forecast's own covariance come from.
    origins: usize,
    shrinkage: Option<f64>,
    /// The most origins that both were judged at; 0 where they could not be.
    folds: usize,
    #[serde(rename = "levels")]
    each: Vec<LevelRecord>,
}

#[derive(Debug, PartialEq, Serialize)]
struct LevelRecord {
    level: String,
    series: usize,
    /// Mean MASE of the model's own forecasts, and of those that add up.
    mase_before: Option<f64>,
    mase: Option<f64>,
    coverage_80_before: Option<f64>,
    coverage_80: Option<f64>,
}

impl Sums {
    /// The sums that the id columns make.
    pub(crate) fn of(how: Reconcile, panel: &Panel) -> forecast::Result<Self> {
        let method = match how {
            Reconcile::Mint => ReconcileMethod::Mint,
            Reconcile::BottomUp => ReconcileMethod::BottomUp,
        };
        let hierarchy = Hierarchy::new(panel)?;
        hierarchy.check(method)?;
        Ok(Self { method, hierarchy })
    }

    /// The series and their sums.
    pub(crate) fn panel(&self) -> &Panel {
        self.hierarchy.panel()
    }

    /// `121 sums beside the series, (all) in their ids: total, 4 purpose, 8 state, ...`
    pub(crate) fn understood(&self) -> String {
        let levels = self.hierarchy.levels();
        let level = |level: &_| {
            let name = self.hierarchy.name(level);
            if level.count == 1 { name } else { format!("{} {name}", grouped(&level.count.to_string())) }
        };
        let named: Vec<String> = levels[..levels.len() - 1].iter().map(level).collect();
        let count: usize = levels[..levels.len() - 1].iter().map(|level| level.count).sum();
        let late = match self.hierarchy.shortened() {
            0 => String::new(),
            some => format!("; {some} of them begin when the last of their parts does"),
        };
        let (count, s) = (grouped(&count.to_string()), if count == 1 { "" } else { "s" });
        format!("{count} sum{s} beside the series, {ALL} in their ids: {}{late}", named.join(", "))
    }

    /// Forecasts that add up, the same of what was said of the past, and the errors before and after.
    pub(crate) fn reconcile(
        &self,
        base: &[Forecast],
        said: Result<Vec<Hindcast>, Missing>,
    ) -> (Vec<Forecast>, Result<Vec<Hindcast>, Missing>, Levels) {
        let record = said.as_deref().unwrap_or_default();
        let agreed = self.hierarchy.reconcile(self.method, base, record);
        // both are judged at the same origins
        let past = agreed.past;
        let judged: BTreeSet<(usize, usize)> = past.iter().map(|said| (said.series, said.cutoff)).collect();
        let before: Vec<Hindcast> =
            record.iter().filter(|said| judged.contains(&(said.series, said.cutoff))).cloned().collect();
        let cards = [before.as_slice(), past.as_slice()].map(|said| Scorecard::new(self.panel(), said));
        let levels = Levels {
            method: self.method.to_string(),
            origins: agreed.origins,
            shrinkage: agreed.shrinkage,
            folds: cards[1].folds(),
            each: self.level_records(&cards),
        };
        let said = if past.is_empty() { said } else { said.map(|_| past) };
        (agreed.forecasts, said, levels)
    }

    fn level_records(&self, cards: &[Scorecard; 2]) -> Vec<LevelRecord> {
        let record = |(number, level): (usize, &forecast::hierarchy::Level)| {
            let nodes: Vec<usize> =
                (0..self.panel().count()).filter(|node| self.hierarchy.level_of(*node) == number).collect();
            let mean = |card: &Scorecard, score: fn(&forecast::backtest::Scores) -> forecast::backtest::Score| {
                let scores = nodes.iter().filter_map(|node| score(&card.series(*node, Steps::All)?).ok());
                let scores: Vec<f64> = scores.collect();
                (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
            };
            LevelRecord {
                level: self.hierarchy.name(level),
                series: level.count,
                mase_before: mean(&cards[0], |scores| scores.mase),
                mase: mean(&cards[1], |scores| scores.mase),
                coverage_80_before: mean(&cards[0], |scores| scores.intervals[0].coverage),
                coverage_80: mean(&cards[1], |scores| scores.intervals[0].coverage),
            }
        };
        self.hierarchy.levels().iter().enumerate().map(record).collect()
    }
}

/// Errors closer than this are called level.
const LEVEL: f64 = 0.005;

impl Levels {
    /// The errors of each level before and after.
    pub(crate) fn draw(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let numbers = ["series", "MASE alone", "adding up", "80% held alone", "adding up"];
        let headings = numbers.iter().map(|name| number_cell((*name).into()));
        table.set_header(std::iter::once(Cell::new("level")).chain(headings));
        let text =
            |value: Option<f64>, decimals: usize| value.map_or_else(|| "–".into(), |v| format!("{v:.decimals$}"));
        let percent = |value: Option<f64>| text(value.map(|share| 100.0 * share), 0);
        for level in &self.each {
            let cells = [
                grouped(&level.series.to_string()),
                text(level.mase_before, 3),
                text(level.mase, 3),
                percent(level.coverage_80_before),
                percent(level.coverage_80),
            ];
            table.add_row(std::iter::once(Cell::new(&level.level)).chain(cells.map(number_cell)));
        }
        let lines = table.lines().map(|line| line.trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// `mint: adding up lowered the error in 5 of 6 levels, by 4% on average (5 folds)`
    pub(crate) fn line(&self) -> String {
        let pairs = self.each.iter().filter_map(|level| Some((level.mase_before?, level.mase?)));
        let ratios: Vec<f64> =
            pairs.filter(|(before, _)| *before > 0.0).map(|(before, after)| after / before).collect();
        let Self { method, folds, .. } = self;
        if ratios.is_empty() {
            return format!("{method}: the forecasts add up; what that does to the error could not be judged");
        }
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        let (lower, higher) = (
            ratios.iter().filter(|ratio| **ratio < 1.0 - LEVEL).count(),
            ratios.iter().filter(|ratio| **ratio > 1.0 + LEVEL).count(),
        );
        let what = if mean < 1.0 - LEVEL {
            format!("lowered the error by {:.0}%", (100.0 * (1.0 - mean)).max(1.0))
        } else if mean > 1.0 + LEVEL {
            format!("raised the error by {:.0}%", (100.0 * (mean - 1.0)).max(1.0))
        } else {
            "left the error as it was".into()
        };
        let levels = ratios.len();
        let s = if *folds == 1 { "" } else { "s" };
        format!(
            "{method}: adding up {what} on average over {levels} levels, lower in {lower}, higher in {higher} ({folds} fold{s})"
        )
    }
}
