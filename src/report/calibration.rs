//! Calibration on the page: the share of past values below each quantile against its level.

use crate::backtest::{CalibrationPoint, ModelBacktest, calibration};
use crate::panel::Panel;
use crate::plot::backtest::coverage_sentences;
use crate::plot::ticks::{HorizontalAxis, Tick};
use crate::report::drawing::{Drawing, Layer, Point};
use crate::report::figure::{Column, Figure, LegendEntry};

/// The significant digits of shares in percent.
const DIGITS: usize = 3;

/// Sentences on the coverage of the first model, and a figure; `None` without hindcasts.
pub(super) fn section(panel: &Panel, backtests: &[ModelBacktest]) -> Option<(Vec<String>, Figure)> {
    let best = backtests.first()?;
    let points = calibration(panel, &best.hindcasts);
    if points.is_empty() {
        return None;
    }
    let line = |value: &dyn Fn(&CalibrationPoint) -> f64| -> Vec<Point> {
        points.iter().enumerate().map(|(at, point)| (at as f64, 100.0 * value(point))).collect()
    };
    let (low, high) = (line(&|point| point.range[0]), line(&|point| point.range[1]));
    let layers = vec![
        Layer::Area { class: "outer", lower: low, upper: high },
        Layer::Line { class: "nominal", points: line(&|point| point.level) },
        Layer::Line { class: "median", points: line(&|point| point.share) },
        Layer::Discs { class: "empirical", points: line(&|point| point.share) },
    ];
    let names: Vec<String> = points.iter().map(|point| point.level.to_string()).collect();
    let title = format!("values below each quantile of {}, in %", best.model);
    let drawing = Drawing {
        positions: points.len(),
        layers,
        ticks: Box::new(|axis| level_ticks(&names, axis)),
        label: format!("{title}: nominal and empirical"),
    };
    let entry = |class, name: &str| LegendEntry { class, name: name.to_owned() };
    let legend =
        vec![entry("nominal", "nominal"), entry("median", "empirical"), entry("outer", "95 % range of the empirical")];
    let column = |name: &str, value: &dyn Fn(&CalibrationPoint) -> f64| {
        Column::new(name, &points.iter().map(|point| Some(100.0 * value(point))).collect::<Vec<_>>(), DIGITS)
    };
    let columns = vec![
        column("nominal", &|point| point.level),
        column("empirical", &|point| point.share),
        column("range from", &|point| point.range[0]),
        column("range to", &|point| point.range[1]),
    ];
    let figure = Figure::new(title, &drawing, legend, ("quantile", names.clone()), columns);
    Some((coverage_sentences(panel, best), figure))
}

/// A tick at each level whose label has room after the one before.
fn level_ticks(names: &[String], axis: HorizontalAxis) -> Vec<Tick> {
    let distance = (axis.last - axis.first) / names.len().saturating_sub(1).max(1) as f64;
    let mut end = f64::NEG_INFINITY;
    let place = |(at, name): (usize, &String)| {
        let (x, half) = (axis.first + distance * at as f64, axis.font.width(name) / 2.0);
        if x - half < end {
            return None;
        }
        end = x + half + axis.font.size;
        let middle = x.min(axis.label_limits.1 - half - 1.0);
        Some(Tick { x, middle, label: name.clone(), context: None })
    };
    names.iter().enumerate().filter_map(place).collect()
}
