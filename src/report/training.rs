//! The course of a training on the page.

use crate::model::Epoch;
use crate::plot::ticks;
use crate::report::content::Training;
use crate::report::drawing::{Drawing, Layer, Point};
use crate::report::figure::{Column, Figure, LegendEntry};

/// The significant digits of losses and norms.
const DIGITS: usize = 4;

/// A line of a figure: its class, its name, and its value at an epoch.
type Line = (&'static str, &'static str, fn(&Epoch) -> Option<f64>);

/// The losses, the learning rate, and the norm of the gradient by epoch.
pub(super) fn figures(training: &Training<'_>) -> Vec<Figure> {
    let losses: [Line; 2] = [
        ("past", "training loss", |epoch| Some(epoch.training_loss)),
        ("median", "validation loss", |epoch| epoch.validation_loss),
    ];
    let rate: [Line; 1] = [("past", "learning rate", |epoch| Some(epoch.learning_rate))];
    let norm: [Line; 1] = [("second", "gradient norm before clipping", |epoch| Some(epoch.gradient_norm))];
    let clipped: [Line; 1] = [("third", "clipped updates, %", |epoch| Some(100.0 * epoch.clipped))];
    let has_clipped = training.epochs.iter().any(|epoch| epoch.clipped > 0.0);
    let all: [(&str, &[Line]); 4] =
        [("loss", &losses), ("learning rate", &rate), ("gradient norm", &norm), ("clipped updates", &clipped)];
    all.into_iter()
        .take(if has_clipped { 4 } else { 3 })
        .filter_map(|(title, lines)| figure(training, title, lines))
        .collect()
}

/// A figure of the lines that have values, with a mark at the best epoch.
fn figure(training: &Training<'_>, title: &str, lines: &[Line]) -> Option<Figure> {
    let epochs = training.epochs;
    let (first, last) = (epochs.first()?.number, epochs.last()?.number);
    let finite = |line: &Line| -> Vec<Option<f64>> {
        epochs.iter().map(|epoch| line.2(epoch).filter(|value| value.is_finite())).collect()
    };
    let with_values = lines.iter().map(|line| (line, finite(line)));
    let drawn: Vec<(&Line, Vec<Option<f64>>)> =
        with_values.filter(|(_, values)| values.iter().any(Option::is_some)).collect();
    let best = epochs.iter().position(|epoch| training.best == Some(epoch.number));
    let mut layers: Vec<Layer> = best.map(|at| Layer::Cutoff(at as f64)).into_iter().collect();
    layers.extend(drawn.iter().map(|(line, values)| {
        let point = |(at, value): (usize, &Option<f64>)| -> Option<Point> { Some((at as f64, (*value)?)) };
        Layer::Line { class: line.0, points: values.iter().enumerate().filter_map(point).collect() }
    }));
    let drawing = Drawing {
        positions: epochs.len(),
        layers,
        ticks: Box::new(|axis| ticks::integers(first as i64, last as i64, axis)),
        label: format!("{title} by epoch"),
    };
    let entry = |class, name: &str| LegendEntry { class, name: name.to_owned() };
    let mut legend: Vec<LegendEntry> = drawn.iter().map(|(line, _)| entry(line.0, line.1)).collect();
    legend.extend(best.map(|at| entry("cutoff", &format!("best epoch, {}", epochs[at].number))));
    let columns = drawn.iter().map(|(line, values)| Column::new(line.1, values, DIGITS)).collect();
    let numbers = epochs.iter().map(|epoch| epoch.number.to_string()).collect();
    (!drawn.is_empty()).then(|| Figure::new(title.to_owned(), &drawing, legend, ("epoch", numbers), columns))
}
