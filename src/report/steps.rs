//! Error and coverage by step of the horizon, from hindcasts.

use crate::backtest::{ModelBacktest, Scores, Steps};
use crate::plot::backtest::{StepErrors, drawn_models};
use crate::plot::{axis::counted, ticks};
use crate::report::drawing::{Drawing, Layer, Point};
use crate::report::figure::{Column, Figure, LegendEntry};
use crate::report::table::{Table, TableColumn};

/// The classes of the lines of models, the best first.
const MODEL_CLASSES: [&str; 4] = ["median", "second", "third", "fourth"];
/// The classes of the lines of intervals, the narrowest first.
const INTERVAL_CLASSES: [&str; 3] = ["median", "second", "third"];
/// The significant digits of errors and shares.
const DIGITS: usize = 4;

/// The figures and the table of a backtest.
#[derive(Debug)]
pub(super) struct StepSection {
    pub(super) figures: Vec<Figure>,
    pub(super) table: Table,
    /// How many values were forecast.
    pub(super) note: String,
}

/// The scores of the best model and of the baseline at each step; `None` without a backtest.
pub(super) fn section(backtests: &[ModelBacktest]) -> Option<StepSection> {
    let best = backtests.first()?;
    let horizon = best.scorecard.horizon();
    let drawn = drawn_models(backtests, MODEL_CLASSES.len());
    let StepErrors { metric, models } = StepErrors::new(&drawn);
    let errors: Vec<(String, Vec<Option<f64>>)> =
        models.into_iter().map(|(model, errors)| (format!("{metric} of {model}"), errors)).collect();
    let scores: Vec<Scores> = (1..=horizon).map(|step| best.scorecard.overall(Steps::One(step))).collect();
    let intervals = &scores.first()?.intervals;
    let coverage: Vec<(String, Vec<Option<f64>>)> = intervals
        .iter()
        .enumerate()
        .take(INTERVAL_CLASSES.len())
        .map(|(at, interval)| {
            let shares = scores.iter().map(|own| own.intervals[at].coverage.ok()).collect();
            (format!("coverage of {} %", interval.percent), shares)
        })
        .collect();
    let points = scores.iter().map(|own| Some(own.points as f64)).collect();
    let mut columns = vec![
        TableColumn::Numbers("step".into(), (1..=horizon).map(|step| Some(step as f64)).collect()),
        TableColumn::Numbers("values".into(), points),
    ];
    columns.extend(errors.iter().map(|(name, values)| TableColumn::Numbers(name.clone(), values.clone())));
    columns.extend(coverage.iter().map(|(name, values)| TableColumn::Percent(name.clone(), values.clone(), 0)));
    let table = Table::new("error and coverage by step of the horizon", columns).limited(None);
    let nominal: Vec<f64> = intervals.iter().map(|interval| interval.percent).collect();
    let mut figures = Vec::new();
    if horizon > 1 {
        figures.push(lines(&format!("{metric} by step"), &errors, &MODEL_CLASSES, &[]));
        if !coverage.is_empty() {
            let title = format!("coverage in % by step, of {}", best.model);
            let percent = |share: &Option<f64>| share.map(|share| 100.0 * share);
            let named = coverage.into_iter().map(|(name, shares)| (name, shares.iter().map(percent).collect()));
            let named: Vec<(String, Vec<Option<f64>>)> = named.collect();
            figures.push(lines(&title, &named, &INTERVAL_CLASSES, &nominal[..named.len()]));
        }
    }
    let (points, folds) = (counted(best.overall().points, "past value"), counted(best.scorecard.folds(), "fold"));
    let note = format!("from {points} of {folds}");
    Some(StepSection { figures, table, note })
}

/// A figure of lines over the steps of the horizon, and of the values that they should have.
fn lines(title: &str, named: &[(String, Vec<Option<f64>>)], classes: &[&'static str], nominal: &[f64]) -> Figure {
    let horizon = named[0].1.len();
    let is_share = !nominal.is_empty();
    let point = |(k, value): (usize, &Option<f64>)| -> Option<Point> { Some((k as f64, (*value)?)) };
    let mut layers: Vec<Layer> = nominal
        .iter()
        .map(|share| Layer::Line { class: "nominal", points: vec![(0.0, *share), ((horizon - 1) as f64, *share)] })
        .collect();
    for ((_, values), class) in named.iter().zip(classes) {
        let points = values.iter().enumerate().filter_map(point).collect();
        layers.push(Layer::Line { class, points });
    }
    let mut legend: Vec<LegendEntry> =
        named.iter().zip(classes).map(|((name, _), class)| LegendEntry { class, name: name.clone() }).collect();
    legend.extend(is_share.then(|| LegendEntry { class: "nominal", name: "nominal".into() }));
    let drawing = Drawing {
        positions: horizon,
        layers,
        ticks: Box::new(|axis| ticks::integers(1, horizon as i64, axis)),
        label: title.to_owned(),
    };
    let steps = (1..=horizon).map(|step| step.to_string()).collect();
    let columns = named.iter().map(|(name, values)| Column::new(name, values, DIGITS)).collect();
    Figure::new(title.to_owned(), &drawing, legend, ("step", steps), columns)
}
