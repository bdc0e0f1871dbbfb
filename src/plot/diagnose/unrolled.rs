//! A diagram of a recurrent network that is unrolled over time, with its sizes.

use std::f64::consts::FRAC_PI_2;
use std::path::Path;

use crate::error::Result;
use crate::plot::axis::number;
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH, rgb};
use crate::plot::frame::{
    self, BLUE, LABEL_GREY, MARGIN, ORANGE, OUTER_INTERVAL, RULE, TITLE_BLACK, TITLE_FONT, WHITE,
};
use crate::plot::text::Font;

/// The sizes of a recurrent network for its diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagram {
    /// The kind of cell: `rnn`, `lstm` or `gru`.
    pub cell: String,
    /// Number of features at each step.
    pub inputs: usize,
    /// Number of units of each layer.
    pub hidden: usize,
    /// Number of layers, at least 1.
    pub layers: usize,
    /// The size of an output as a text, for example `7 × 5`.
    pub outputs: String,
    /// Number of steps of the decoder. `None` for a linear head.
    pub decoder: Option<usize>,
    /// Steps of a chunk of truncated BPTT. 0 means no truncation.
    pub bptt: usize,
    /// Number of weights.
    pub parameters: usize,
}

/// The distance from one row of boxes to the next.
const ROW_HEIGHT: f64 = 184.0;
const BOX: (f64, f64) = (124.0, 84.0);
/// The width of the names of rows.
const NAME_WIDTH: f64 = 216.0;
/// The times of the columns. A chunk ends after the second column.
const TIMES: [&str; 4] = ["t−1", "t", "t+1", "t+2"];

const SIZE: Font = Font::regular(20.0);
const DASHES: (f64, f64) = (8.0, 6.0);
const INPUT: Colour = rgb(0xf0, 0xf2, 0xf4);

/// Draws a diagram of the network, unrolled over time, into a PNG. Boxes are inputs, hidden states and outputs; arrows
/// have the names and sizes of the weights. At the end of a chunk of truncated BPTT the state is carried and the
/// gradient is cut.
///
/// ```no_run
/// use std::path::Path;
///
/// use forecast::plot::diagnose::Diagram;
///
/// let network = Diagram {
///     cell: "lstm".into(),
///     inputs: 12,
///     hidden: 64,
///     layers: 2,
///     outputs: "7 × 5".into(),
///     decoder: None,
///     bptt: 32,
///     parameters: 54_563,
/// };
/// forecast::plot::diagnose::unrolled(Path::new("unrolled.png"), &network)?;
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be written.
pub fn unrolled(path: &Path, network: &Diagram) -> Result<()> {
    let rows = rows(network.layers);
    let height = 300.0 + ROW_HEIGHT * (rows.len() - 1) as f64 + BOX.1;
    let mut canvas = Canvas::new(height);
    let top = frame::header(&mut canvas, "The network, unrolled over time", &subtitle(network), &[]);
    let drawing = Drawing { network, top: top + 40.0 + BOX.1 / 2.0, rows };
    drawing.chunk_boundary(&mut canvas);
    for row in 0..drawing.rows.len() {
        drawing.name(&mut canvas, row);
        if let Row::Hidden(_) = drawing.rows[row] {
            drawing.recurrent_arrows(&mut canvas, row);
        }
        for column in 0..TIMES.len() {
            drawing.upward_arrow(&mut canvas, row, column);
            drawing.node(&mut canvas, row, column);
        }
    }
    canvas.save(path)
}

/// `lstm, 2 layers of 64 units; 53,000 weights, the same at every step`
fn subtitle(network: &Diagram) -> String {
    let integer = |n: usize| number(n as f64, 0);
    let layers = if network.layers == 1 { "1 layer".to_owned() } else { format!("{} layers", integer(network.layers)) };
    let (hidden, weights) = (integer(network.hidden), integer(network.parameters));
    format!("{}, {layers} of {hidden} units; {weights} weights, the same at every step", network.cell)
}

/// A row of boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Output,
    /// A layer, from 1.
    Hidden(usize),
    /// A number of layers that are not drawn.
    Omitted(usize),
    Input,
}

/// The rows from top to bottom. If there are more than three layers, only the first and the last are drawn.
fn rows(layers: usize) -> Vec<Row> {
    let hidden: Vec<Row> = match layers {
        0..=3 => (1..=layers.max(1)).rev().map(Row::Hidden).collect(),
        _ => vec![Row::Hidden(layers), Row::Omitted(layers - 2), Row::Hidden(1)],
    };
    [vec![Row::Output], hidden, vec![Row::Input]].concat()
}

struct Drawing<'a> {
    network: &'a Diagram,
    /// The middle of the first row.
    top: f64,
    rows: Vec<Row>,
}

impl Drawing<'_> {
    fn column_distance() -> f64 {
        (WIDTH - 2.0 * MARGIN - NAME_WIDTH - 70.0) / TIMES.len() as f64
    }

    fn middle(&self, row: usize, column: usize) -> Point {
        let x = MARGIN + NAME_WIDTH + 20.0 + Self::column_distance() * (column as f64 + 0.5);
        // on whole pixels, so that the borders on both sides are equally sharp
        (x.round(), (self.top + ROW_HEIGHT * row as f64).round())
    }

    /// The number of gates of the cell, with its candidate.
    fn gates(&self) -> usize {
        match self.network.cell.as_str() {
            "lstm" => 4,
            "gru" => 3,
            _ => 1,
        }
    }

    /// The size of the weights from an input or a state to a state, such as `[4·64 × 12]`.
    fn weight_size(&self, from: usize) -> String {
        match self.gates() {
            1 => format!("[{} × {from}]", self.network.hidden),
            gates => format!("[{gates}·{} × {from}]", self.network.hidden),
        }
    }

    /// Draws the name of a row, on the left.
    fn name(&self, canvas: &mut Canvas, row: usize) {
        let cell = format!("{}, {} units", self.network.cell, number(self.network.hidden as f64, 0));
        let (name, detail) = match self.rows[row] {
            Row::Output => ("output".to_owned(), self.network.decoder.map_or("linear head".to_owned(), decoder)),
            Row::Hidden(_) if self.network.layers <= 1 => ("hidden state".to_owned(), cell),
            Row::Hidden(layer) => (format!("layer {layer}"), cell),
            Row::Omitted(count) => (String::new(), format!("{count} more layers")),
            Row::Input => ("input".to_owned(), format!("{} features", self.network.inputs)),
        };
        let y = self.middle(row, 0).1;
        canvas.text(&name, (MARGIN, y - 4.0), Align::Left, TITLE_FONT, TITLE_BLACK);
        canvas.text(&SIZE.fit(&detail, NAME_WIDTH), (MARGIN, y + 26.0), Align::Left, SIZE, LABEL_GREY);
    }

    fn node(&self, canvas: &mut Canvas, row: usize, column: usize) {
        let (x, y) = self.middle(row, column);
        let time = TIMES[column];
        let (border, fill, name, size) = match self.rows[row] {
            Row::Output => (BLUE, WHITE, format!("y_{{{time}}}"), format!("[{}]", self.network.outputs)),
            Row::Hidden(_) => (BLUE, OUTER_INTERVAL, format!("h_{{{time}}}"), format!("[{}]", self.network.hidden)),
            Row::Input => (RULE, INPUT, format!("x_{{{time}}}"), format!("[{}]", self.network.inputs)),
            Row::Omitted(_) => {
                for dy in [-14.0, 0.0, 14.0] {
                    canvas.disc((x, y + dy), 3.0, LABEL_GREY);
                }
                return;
            }
        };
        fill_rounded_box(canvas, (x, y), BOX, border);
        fill_rounded_box(canvas, (x, y), (BOX.0 - 4.0, BOX.1 - 4.0), fill);
        text_with_indices(canvas, &name, (x, y - 4.0), Align::Centre, Font::bold(26.0));
        canvas.text(&SIZE.fit(&size, BOX.0 - 12.0), (x, y + 26.0), Align::Centre, SIZE, LABEL_GREY);
    }

    /// Draws the arrow into a box from the box below, with its weights.
    fn upward_arrow(&self, canvas: &mut Canvas, row: usize, column: usize) {
        if self.rows[row] == Row::Input {
            return;
        }
        let (x, y) = self.middle(row, column);
        let below = if let Row::Omitted(_) = self.rows[row + 1] { 26.0 } else { BOX.1 / 2.0 };
        let end = if let Row::Omitted(_) = self.rows[row] { 26.0 } else { BOX.1 / 2.0 };
        arrow(canvas, (x, y + ROW_HEIGHT - below - 4.0), (x, y + end + 4.0), BLUE, false);
        let hidden = self.network.hidden;
        let (name, size) = match (self.rows[row], self.rows[row + 1]) {
            // the weights of the initial state of the decoder
            (Row::Output, _) if self.network.decoder.is_some() => ("V", format!("[{hidden} × {hidden}]")),
            (Row::Output, _) => ("W_{hy}", format!("[{} × {hidden}]", self.network.outputs.replace(" × ", "·"))),
            (Row::Hidden(_), Row::Input) => ("W_{xh}", self.weight_size(self.network.inputs)),
            (Row::Hidden(_), Row::Hidden(_)) => ("W_{xh}", self.weight_size(hidden)),
            _ => return,
        };
        let label = if column == 0 { format!("{name} {size}") } else { name.to_owned() };
        text_with_indices(canvas, &label, (x + 16.0, y + ROW_HEIGHT / 2.0 + 7.0), Align::Left, SIZE);
    }

    /// Draws the arrows of a layer over time: the state forward and the gradient backward.
    fn recurrent_arrows(&self, canvas: &mut Canvas, row: usize) {
        let (y, last) = (self.middle(row, 0).1, TIMES.len() - 1);
        // half the distance between columns, and what a line goes on after it
        let reach = Self::column_distance() / 2.0 + 14.0;
        for gap in 0..=TIMES.len() {
            let before =
                gap.checked_sub(1).map_or(self.middle(row, 0).0 - reach, |c| self.middle(row, c).0 + BOX.0 / 2.0);
            let after =
                if gap <= last { self.middle(row, gap).0 - BOX.0 / 2.0 } else { self.middle(row, last).0 + reach };
            let (left, right) = (before + 5.0, after - 5.0);
            let middle = f64::midpoint(left, right);
            arrow(canvas, (left, y - 14.0), (right, y - 14.0), BLUE, false);
            if gap == 2 && self.network.bptt > 0 {
                // the gradient ends at the boundary of the chunk
                canvas.dashes(&[(right, y + 16.0), (middle + 4.0, y + 16.0)], 2.6, DASHES, ORANGE);
                canvas.path(&[(middle, y + 6.0), (middle, y + 26.0)], 4.0, ORANGE);
                continue;
            }
            arrow(canvas, (right, y + 16.0), (left, y + 16.0), ORANGE, true);
            if gap == 1 || gap == 3 {
                let size = self.weight_size(self.network.hidden);
                let label = format!("W_{{hh}} {size}");
                if width_with_indices(&label, SIZE) < right - left {
                    text_with_indices(canvas, &label, (middle, y - 28.0), Align::Centre, SIZE);
                } else {
                    text_with_indices(canvas, "W_{hh}", (middle, y - 54.0), Align::Centre, SIZE);
                    canvas.text(&SIZE.fit(&size, right - left), (middle, y - 28.0), Align::Centre, SIZE, TITLE_BLACK);
                }
            }
        }
    }

    /// Draws the boundary between two chunks and the legend of the arrows.
    fn chunk_boundary(&self, canvas: &mut Canvas) {
        let last = self.rows.len() - 1;
        let (first, bottom) = (self.middle(0, 0), self.middle(last, 0).1 + BOX.1 / 2.0);
        let x = f64::midpoint(self.middle(0, 1).0, self.middle(0, 2).0);
        let legend = bottom + 86.0;
        let state = if self.network.cell == "lstm" { "the state, h and c, forward" } else { "the state, forward" };
        let names = [(state, BLUE, false), ("the gradient, backward", ORANGE, true)];
        let mut left = MARGIN + NAME_WIDTH + 20.0;
        for (name, colour, dashed) in names {
            let ends = [(left, legend - 7.0), (left + 60.0, legend - 7.0)];
            arrow(canvas, ends[usize::from(dashed)], ends[usize::from(!dashed)], colour, dashed);
            canvas.text(name, (left + 74.0, legend), Align::Left, SIZE, LABEL_GREY);
            left += 74.0 + SIZE.width(name) + 40.0;
        }
        if self.network.bptt == 0 {
            return;
        }
        canvas.dashes(&[(x, first.1 - BOX.1 / 2.0), (x, bottom + 16.0)], 2.0, (9.0, 7.0), ORANGE);
        for (row, kind) in self.rows.iter().enumerate() {
            if let Row::Hidden(_) = kind {
                let y = self.middle(row, 0).1;
                text_on_white(canvas, "state carried", (x, y - 28.0), BLUE);
                text_on_white(canvas, "gradient cut", (x, y + 52.0), ORANGE);
            }
        }
        let steps = number(self.network.bptt as f64, 0);
        let unit = if self.network.bptt == 1 { "step" } else { "steps" };
        canvas.text(&format!("← a chunk of {steps} {unit}"), (x - 16.0, bottom + 40.0), Align::Right, SIZE, LABEL_GREY);
        canvas.text("the next chunk →", (x + 16.0, bottom + 40.0), Align::Left, SIZE, LABEL_GREY);
    }
}

/// `a decoder, 7 steps`.
fn decoder(steps: usize) -> String {
    format!("a decoder, {} step{}", number(steps as f64, 0), if steps == 1 { "" } else { "s" })
}

/// Draws a filled box with round corners.
fn fill_rounded_box(canvas: &mut Canvas, (x, y): Point, (width, height): (f64, f64), colour: Colour) {
    const RADIUS: f64 = 10.0;
    const POINTS: u32 = 8;
    let corner = |(quarter, (right, down)): (u32, (f64, f64))| {
        let centre = (x + right * (width / 2.0 - RADIUS), y + down * (height / 2.0 - RADIUS));
        (0..=POINTS).map(move |i| {
            let angle = (f64::from(quarter) + f64::from(i) / f64::from(POINTS)) * FRAC_PI_2;
            (centre.0 + RADIUS * angle.cos(), centre.1 + RADIUS * angle.sin())
        })
    };
    let corners = (0..).zip([(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]);
    canvas.fill(&corners.flat_map(corner).collect::<Vec<Point>>(), colour);
}

/// Draws text on white, which hides a line behind it.
fn text_on_white(canvas: &mut Canvas, text: &str, (x, y): Point, colour: Colour) {
    let half = SIZE.width(text) / 2.0 + 6.0;
    canvas.rectangle(Area { left: x - half, top: y - SIZE.size, right: x + half, bottom: y + 8.0 }, WHITE);
    canvas.text(text, (x, y), Align::Centre, SIZE, colour);
}

fn arrow(canvas: &mut Canvas, from: Point, to: Point, colour: Colour, dashed: bool) {
    const HEAD: (f64, f64) = (16.0, 6.5);
    let length = (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
    let (dx, dy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
    let neck = (to.0 - dx * HEAD.0, to.1 - dy * HEAD.0);
    if dashed {
        canvas.dashes(&[from, neck], 2.6, DASHES, colour);
    } else {
        canvas.path(&[from, neck], 2.6, colour);
    }
    let side = (-dy * HEAD.1, dx * HEAD.1);
    canvas.fill(&[to, (neck.0 + side.0, neck.1 + side.1), (neck.0 - side.0, neck.1 - side.1)], colour);
}

/// The parts of a text such as `W_{hh} [4 × 4]`: each with its font, and its distance below the baseline.
fn parts(text: &str, font: Font) -> impl Iterator<Item = (&str, Font, f64)> {
    let subscript = (font.scaled(0.72), font.size * 0.2);
    text.split('}').flat_map(move |part| {
        let (before, index) = part.split_once("_{").unwrap_or((part, ""));
        [(before, font, 0.0), (index, subscript.0, subscript.1)]
    })
}

fn width_with_indices(text: &str, font: Font) -> f64 {
    parts(text, font).map(|(part, font, _)| font.width(part)).sum()
}

/// Draws a line of text with subscripts, such as `W_{hh}`.
fn text_with_indices(canvas: &mut Canvas, text: &str, (x, y): Point, align: Align, font: Font) {
    let mut pen = align.left_end(x, width_with_indices(text, font));
    for (part, font, below) in parts(text, font) {
        canvas.text(part, (pen, y + below), Align::Left, font, TITLE_BLACK);
        pen += font.width(part);
    }
}
