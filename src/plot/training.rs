//! Charts of training: losses, the norm of the gradient, and the share of clipped updates.

use crate::error::Result;
use crate::model::Epoch;
use crate::plot::axis::{Axis, counted, number, three_digits};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH};
use crate::plot::frame::{
    self, BLUE, HISTORY, INNER_INTERVAL, LABEL_FONT, MARGIN, ORANGE, RULE, SENTENCE_HEIGHT, Swatch, TITLE_BLACK, WHITE,
};
use crate::plot::picture::Picture;
use crate::plot::ticks::{self, HorizontalAxis};

/// The space between two charts, with the title of the lower one.
const TITLE_SPACE: f64 = 82.0;
/// The smallest distance between epochs with markers, in pixels.
const MIN_MARKER_DISTANCE: f64 = 40.0;

/// Draws the course of a training into a PNG or SVG. It shows both losses, the learning rate, the norm of the gradient before
/// clipping, and the share of clipped updates. `best` is the number of the epoch whose weights were kept. `sentence` says
/// what the course shows, and may be empty.
///
/// ```no_run
/// use std::path::Path;
///
/// use forecast::model::Epoch;
///
/// fn draw(epochs: &[Epoch]) -> Result<(), forecast::Error> {
///     forecast::plot::training(Path::new("training.png"), epochs, Some(3), "the loss fell to the end")
/// }
/// ```
///
/// # Errors
/// If the file cannot be written.
pub fn training<'a>(to: impl Into<Picture<'a>>, epochs: &[Epoch], best: Option<usize>, sentence: &str) -> Result<()> {
    let mut canvas = Canvas::new(to.into(), 1380.0, 900.0);
    let mut legend = vec![(Swatch::Line(HISTORY), "training loss")];
    if epochs.iter().any(|e| e.validation_loss.is_some()) {
        legend.push((Swatch::Line(BLUE), "validation loss"));
    }
    let best = best.and_then(|best| epochs.iter().find(|e| e.number == best));
    let top = frame::header(&mut canvas, "Training", &subtitle(epochs, best), &legend);
    let sentences: Vec<String> = Some(sentence.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
    let sentences = frame::lines(&sentences);
    let bottom = canvas.height() - MARGIN - SENTENCE_HEIGHT * sentences.len() as f64;
    frame::sentences(&mut canvas, bottom, &sentences);

    let losses: Vec<f64> = epochs.iter().flat_map(|e| [Some(e.training_loss), e.validation_loss]).flatten().collect();
    let rates: Vec<f64> = epochs.iter().map(|e| e.learning_rate).collect();
    let (loss, rate) = (Axis::for_values(&losses, 5), Axis::linear(rates.into_iter(), 3));
    let charts = Charts::new(epochs, best, 3, &[&loss, &rate]);
    // the space for the labels of the lowest chart, and of the titles of three
    let share = |share: f64| share * (bottom - 40.0 - top - 40.0 - 3.0 * TITLE_SPACE - 28.0);
    let loss_bottom = top + 40.0 + share(0.46);
    let area = charts.frame(&mut canvas, (top + 40.0, loss_bottom), &loss);
    charts.curve(&mut canvas, area, &loss, HISTORY, |e| Some(e.training_loss));
    charts.curve(&mut canvas, area, &loss, BLUE, |e| e.validation_loss);
    charts.mark_best(&mut canvas, area, &loss);
    let rate_top = loss_bottom + TITLE_SPACE;
    let area = charts.frame(&mut canvas, (rate_top, rate_top + share(0.18)), &rate);
    frame::title_above(&mut canvas, area, "learning rate at the end of each epoch");
    charts.curve(&mut canvas, area, &rate, HISTORY, |e| Some(e.learning_rate));
    let norm_top = area.bottom + TITLE_SPACE;
    let clipped_top = norm_top + share(0.24) + TITLE_SPACE;
    charts.gradient(&mut canvas, [norm_top, norm_top + share(0.24), clipped_top, clipped_top + share(0.12)]);
    canvas.save()
}

/// Draws the norm of the gradient before clipping and the share of clipped updates, by epoch, into a PNG or SVG.
///
/// # Errors
/// If the file cannot be written.
pub fn clipping<'a>(to: impl Into<Picture<'a>>, epochs: &[Epoch]) -> Result<()> {
    let mut canvas = Canvas::new(to.into(), 900.0, 900.0);
    let percent = |e: &Epoch| number(e.clipped * 100.0, 0);
    let subtitle = match epochs {
        [] => "no epochs".to_owned(),
        [only] => format!("1 epoch; {} % of its updates clipped", percent(only)),
        [first, .., last] => {
            let (count, first, last) = (counted(epochs.len(), "epoch"), percent(first), percent(last));
            format!("{count}; {first} % of updates clipped in the first, {last} % in the last")
        }
    };
    let top = frame::header(&mut canvas, "Gradient clipping", &subtitle, &[]);
    let charts = Charts::new(epochs, None, 5, &[]);
    charts.gradient(&mut canvas, [top + 54.0, top + 400.0, top + 485.0, top + 690.0]);
    canvas.save()
}

/// `50 epochs; best after 32, validation loss 0.123`
fn subtitle(epochs: &[Epoch], best: Option<&Epoch>) -> String {
    let count = counted(epochs.len(), "epoch");
    let Some(best) = best else { return count };
    let (name, loss) = match best.validation_loss {
        Some(loss) => ("validation", loss),
        None => ("training", best.training_loss),
    };
    format!("{count}; best after {}, {name} loss {}", number(best.number as f64, 0), three_digits(loss))
}

/// Charts below each other, over the same epochs.
struct Charts<'a> {
    epochs: &'a [Epoch],
    best: Option<&'a Epoch>,
    /// The axis of the norm of the gradient.
    norm: Axis,
    /// The axis of the share of clipped updates.
    clipped: Axis,
    /// The left and the right limit of the charts.
    sides: (f64, f64),
    /// The positions of the first and the last epoch.
    ends: (f64, f64),
}

impl<'a> Charts<'a> {
    /// The charts below each other, with about `ticks` ticks on the axis of the norm. `others` are further axes.
    fn new(epochs: &'a [Epoch], best: Option<&'a Epoch>, ticks: usize, others: &[&Axis]) -> Self {
        let norms: Vec<f64> = epochs.iter().map(|e| e.gradient_norm).collect();
        let (norm, clipped) = (Axis::for_values(&norms, ticks), Axis::with_limits(0.0, 100.0, 2));
        let label_widths = [&norm, &clipped]
            .into_iter()
            .chain(others.iter().copied())
            .map(|axis| frame::label_width(axis, LABEL_FONT));
        // the word "epoch" is below the labels of the vertical axes
        let (left, right) = (MARGIN + label_widths.fold(LABEL_FONT.width("epoch"), f64::max), WIDTH - MARGIN);
        let ends = if epochs.len() > 1 { (left + 20.0, right - 20.0) } else { (f64::midpoint(left, right), right) };
        Self { epochs, best, norm, clipped, sides: (left, right), ends }
    }

    /// Draws the norm and the share of clipped updates between these vertical positions: top and bottom of the first
    /// chart, then of the second.
    fn gradient(&self, canvas: &mut Canvas<'_>, [top, bottom, lower_top, lower_bottom]: [f64; 4]) {
        let area = self.frame(canvas, (top, bottom), &self.norm);
        frame::title_above(canvas, area, "gradient norm before clipping");
        self.curve(canvas, area, &self.norm, ORANGE, |e| Some(e.gradient_norm));
        let area = self.frame(canvas, (lower_top, lower_bottom), &self.clipped);
        frame::title_above(canvas, area, "clipped updates, %");
        let half = (self.epoch_distance() * 0.36).clamp(0.5, 18.0);
        for epoch in self.epochs {
            let (x, top) = (self.x(epoch), frame::y(area, &self.clipped, epoch.clipped * 100.0));
            canvas.rectangle(Area { left: x - half, top, right: x + half, bottom: area.bottom }, INNER_INTERVAL);
        }
        if let (Some(first), Some(last)) = (self.epochs.first(), self.epochs.last()) {
            let label_limits = (MARGIN, self.sides.1 + 20.0);
            let line = HorizontalAxis { first: self.ends.0, last: self.ends.1, label_limits, font: LABEL_FONT };
            let ticks = ticks::integers(first.number as i64, last.number as i64, line);
            frame::horizontal_axis(canvas, area, &ticks, LABEL_FONT);
        }
        frame::horizontal_name(canvas, area, "epoch");
    }

    fn x(&self, epoch: &Epoch) -> f64 {
        let (first, last) = (self.epochs[0].number, self.epochs[self.epochs.len() - 1].number);
        let steps = last.saturating_sub(first).max(1) as f64;
        self.ends.0 + (self.ends.1 - self.ends.0) * epoch.number.saturating_sub(first) as f64 / steps
    }

    /// The distance between neighbouring epochs.
    fn epoch_distance(&self) -> f64 {
        (self.ends.1 - self.ends.0) / self.epochs.len().saturating_sub(1).max(1) as f64
    }

    /// Draws the axes of a chart, and a rule at the best epoch. Returns the area of the chart.
    fn frame(&self, canvas: &mut Canvas<'_>, (top, bottom): (f64, f64), axis: &Axis) -> Area {
        let area = Area { left: self.sides.0, top, right: self.sides.1, bottom };
        frame::vertical_axis(canvas, area, axis, LABEL_FONT);
        frame::horizontal_axis(canvas, area, &[], LABEL_FONT);
        if let Some(best) = self.best {
            canvas.vertical_line(self.x(best), area.top, area.bottom, RULE);
        }
        area
    }

    fn curve(
        &self,
        canvas: &mut Canvas<'_>,
        area: Area,
        axis: &Axis,
        colour: Colour,
        value: impl Fn(&Epoch) -> Option<f64>,
    ) {
        let drawn = |e: &Epoch| value(e).filter(|v| v.is_finite()).map(|v| (self.x(e), frame::y(area, axis, v)));
        let points: Vec<Option<Point>> = self.epochs.iter().map(drawn).collect();
        frame::curve(canvas, &points, 3.2, colour, self.epoch_distance() >= MIN_MARKER_DISTANCE);
    }

    /// Draws a ring around the loss of the best epoch, and a label above it.
    fn mark_best(&self, canvas: &mut Canvas<'_>, area: Area, axis: &Axis) {
        let Some(best) = self.best else { return };
        let (loss, colour) = best.validation_loss.map_or((best.training_loss, HISTORY), |loss| (loss, BLUE));
        if loss.is_finite() {
            let at = (self.x(best), frame::y(area, axis, loss));
            canvas.disc(at, 10.0, colour);
            canvas.disc(at, 6.0, WHITE);
        }
        canvas.text("best", (self.x(best), area.top - 10.0), Align::Centre, LABEL_FONT, TITLE_BLACK);
    }
}
