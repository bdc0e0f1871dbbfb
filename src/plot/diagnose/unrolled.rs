//! A diagram of a recurrent network that is unrolled over time, with its sizes.

use crate::error::Result;
use crate::plot::axis::{counted, number};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH, rgb};
use crate::plot::frame::{
    self, BLUE, LABEL_GREY, MARGIN, ORANGE, OUTER_INTERVAL, RULE, TITLE_BLACK, TITLE_FONT, WHITE,
};
use crate::plot::picture::Picture;
use crate::plot::text::Font;
use std::f64::consts::FRAC_PI_2;

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

const COLUMN_WIDTH: f64 = (WIDTH - 2.0 * MARGIN - NAME_WIDTH - 70.0) / TIMES.len() as f64;
const SIZE: Font = Font::regular(20.0);
const DASHES: (f64, f64) = (8.0, 6.0);
const INPUT: Colour = rgb(0xf0, 0xf2, 0xf4);

/// Draws a diagram of the network, unrolled over time, into a PNG or SVG. Boxes are inputs, hidden states and outputs; arrows
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
pub fn unrolled<'a>(to: impl Into<Picture<'a>>, network: &Diagram) -> Result<()> {
    let rows = rows(network);
    let height = 300.0 + ROW_HEIGHT * (rows.len() - 1) as f64 + BOX.1;
    let mut canvas = Canvas::new(to.into(), height, height);
    let top = frame::header(&mut canvas, "The network, unrolled over time", &subtitle(network), &[]);
    let y = |row: usize| (top + 40.0 + BOX.1 / 2.0 + ROW_HEIGHT * row as f64).round();
    let bottom = y(rows.len() - 1) + BOX.1 / 2.0;
    legend(&mut canvas, network, bottom + 86.0);
    if network.bptt > 0 {
        let layers: Vec<f64> = (0..rows.len()).filter(|row| rows[*row].is_layer()).map(y).collect();
        chunk_boundary(&mut canvas, network.bptt, (y(0) - BOX.1 / 2.0, bottom), &layers);
    }
    for (i, row) in rows.iter().enumerate() {
        canvas.text(&row.name, (MARGIN, y(i) - 4.0), Align::Left, TITLE_FONT, TITLE_BLACK);
        canvas.text(&SIZE.fit(&row.detail, NAME_WIDTH), (MARGIN, y(i) + 26.0), Align::Left, SIZE, LABEL_GREY);
        if row.is_layer() {
            recurrent_arrows(&mut canvas, network, y(i));
        }
        for (column, time) in TIMES.iter().enumerate() {
            let x = x(column);
            if let Some(below) = rows.get(i + 1) {
                let (start, end) = (y(i) + ROW_HEIGHT - below.half_height() - 4.0, y(i) + row.half_height() + 4.0);
                arrow(&mut canvas, (x, start), (x, end), BLUE, false);
                let size = if column == 0 { row.weights.1.as_str() } else { "" };
                let label = format!("{} {size}", row.weights.0);
                text_with_indices(&mut canvas, &label, (x + 16.0, y(i) + ROW_HEIGHT / 2.0 + 7.0), Align::Left, SIZE);
            }
            row.draw_box(&mut canvas, (x, y(i)), time);
        }
    }
    canvas.save()
}

/// `lstm, 2 layers of 64 units; 53,000 weights, the same at every step`
fn subtitle(network: &Diagram) -> String {
    let (layers, units) = (counted(network.layers, "layer"), number(network.hidden as f64, 0));
    let weights = number(network.parameters as f64, 0);
    format!("{}, {layers} of {units} units; {weights} weights, the same at every step", network.cell)
}

struct Row {
    name: String,
    detail: String,
    /// The letter of a variable, its size, and the colours of the border and of the box. `None` for layers that are
    /// not drawn.
    content: Option<(char, String, Colour, Colour)>,
    /// The name and the size of the weights of the arrow from the row below.
    weights: (&'static str, String),
}

/// The rows from top to bottom. If there are more than three layers, only the first and the last are drawn.
fn rows(network: &Diagram) -> Vec<Row> {
    let Diagram { cell, inputs, hidden, layers, outputs, .. } = network;
    let (head, into_output) = match network.decoder {
        // the weights of the initial state of the decoder
        Some(steps) => (format!("a decoder, {}", counted(steps, "step")), ("V", format!("[{hidden} × {hidden}]"))),
        None => ("linear head".to_owned(), ("W_{hy}", format!("[{} × {hidden}]", outputs.replace(" × ", "·")))),
    };
    let row = |name: &str, detail, content, weights| Row { name: name.into(), detail, content, weights };
    let layer = |layer: usize| {
        let name = if *layers <= 1 { "hidden state".to_owned() } else { format!("layer {layer}") };
        let weights = ("W_{xh}", weight_size(network, if layer == 1 { *inputs } else { *hidden }));
        let detail = format!("{cell}, {} units", number(*hidden as f64, 0));
        row(&name, detail, Some(('h', hidden.to_string(), BLUE, OUTER_INTERVAL)), weights)
    };
    let none = || ("", String::new());
    let mut rows = vec![row("output", head, Some(('y', outputs.clone(), BLUE, WHITE)), into_output)];
    if *layers <= 3 {
        rows.extend((1..=(*layers).max(1)).rev().map(layer));
    } else {
        let omitted = row("", format!("{} more layers", layers - 2), None, none());
        rows.extend([Row { weights: none(), ..layer(*layers) }, omitted, layer(1)]);
    }
    rows.push(row("input", format!("{inputs} features"), Some(('x', inputs.to_string(), RULE, INPUT)), none()));
    rows
}

/// The size of the weights from an input or a state to a state, such as `[4·64 × 12]`.
fn weight_size(network: &Diagram, from: usize) -> String {
    // the gates of the cell, with its candidate
    let gates = match network.cell.as_str() {
        "lstm" => "4·",
        "gru" => "3·",
        _ => "",
    };
    format!("[{gates}{} × {from}]", network.hidden)
}

impl Row {
    fn is_layer(&self) -> bool {
        self.content.as_ref().is_some_and(|(letter, ..)| *letter == 'h')
    }

    fn half_height(&self) -> f64 {
        if self.content.is_some() { BOX.1 / 2.0 } else { 26.0 }
    }

    /// Draws the box at a time, or dots for layers that are not drawn.
    fn draw_box(&self, canvas: &mut Canvas<'_>, (x, y): Point, time: &str) {
        let Some((letter, size, border, fill)) = &self.content else {
            for dy in [-14.0, 0.0, 14.0] {
                canvas.disc((x, y + dy), 3.0, LABEL_GREY);
            }
            return;
        };
        fill_rounded_box(canvas, (x, y), BOX, *border);
        fill_rounded_box(canvas, (x, y), (BOX.0 - 4.0, BOX.1 - 4.0), *fill);
        text_with_indices(canvas, &format!("{letter}_{{{time}}}"), (x, y - 4.0), Align::Centre, Font::bold(26.0));
        let size = SIZE.fit(&format!("[{size}]"), BOX.0 - 12.0);
        canvas.text(&size, (x, y + 26.0), Align::Centre, SIZE, LABEL_GREY);
    }
}

/// The middle of a column, on a whole pixel, so that the borders on both sides are equally sharp.
fn x(column: usize) -> f64 {
    (MARGIN + NAME_WIDTH + 20.0 + COLUMN_WIDTH * (column as f64 + 0.5)).round()
}

/// Draws the arrows of a layer over time: the state forward and the gradient backward.
fn recurrent_arrows(canvas: &mut Canvas<'_>, network: &Diagram, y: f64) {
    // the arrows of the ends go on behind the outer boxes
    let outside = COLUMN_WIDTH / 2.0 + 14.0;
    for gap in 0..=TIMES.len() {
        let left = if gap == 0 { x(0) - outside } else { x(gap - 1) + BOX.0 / 2.0 } + 5.0;
        let right = if gap == TIMES.len() { x(gap - 1) + outside } else { x(gap) - BOX.0 / 2.0 } - 5.0;
        let middle = f64::midpoint(left, right);
        arrow(canvas, (left, y - 14.0), (right, y - 14.0), BLUE, false);
        if gap == 2 && network.bptt > 0 {
            // the gradient ends at the boundary of the chunk
            canvas.dashes(&[(right, y + 16.0), (middle + 4.0, y + 16.0)], 2.6, DASHES, ORANGE);
            canvas.path(&[(middle, y + 6.0), (middle, y + 26.0)], 4.0, ORANGE);
            continue;
        }
        arrow(canvas, (right, y + 16.0), (left, y + 16.0), ORANGE, true);
        if gap == 1 || gap == 3 {
            let size = weight_size(network, network.hidden);
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

/// Draws the legend of the arrows.
fn legend(canvas: &mut Canvas<'_>, network: &Diagram, y: f64) {
    let state = if network.cell == "lstm" { "the state, h and c, forward" } else { "the state, forward" };
    let mut left = MARGIN + NAME_WIDTH + 20.0;
    for (name, colour, dashed) in [(state, BLUE, false), ("the gradient, backward", ORANGE, true)] {
        let ends = [(left, y - 7.0), (left + 60.0, y - 7.0)];
        arrow(canvas, ends[usize::from(dashed)], ends[usize::from(!dashed)], colour, dashed);
        canvas.text(name, (left + 74.0, y), Align::Left, SIZE, LABEL_GREY);
        left += 74.0 + SIZE.width(name) + 40.0;
    }
}

/// Draws the boundary between two chunks, from top to bottom. `layers` are the vertical positions of the layers.
fn chunk_boundary(canvas: &mut Canvas<'_>, bptt: usize, (top, bottom): (f64, f64), layers: &[f64]) {
    let x = f64::midpoint(x(1), x(2));
    canvas.dashes(&[(x, top), (x, bottom + 16.0)], 2.0, (9.0, 7.0), ORANGE);
    for y in layers {
        text_on_white(canvas, "state carried", (x, y - 28.0), BLUE);
        text_on_white(canvas, "gradient cut", (x, y + 52.0), ORANGE);
    }
    let chunk = format!("← a chunk of {}", counted(bptt, "step"));
    canvas.text(&chunk, (x - 16.0, bottom + 40.0), Align::Right, SIZE, LABEL_GREY);
    canvas.text("the next chunk →", (x + 16.0, bottom + 40.0), Align::Left, SIZE, LABEL_GREY);
}

/// Draws a filled box with round corners.
fn fill_rounded_box(canvas: &mut Canvas<'_>, (x, y): Point, (width, height): (f64, f64), colour: Colour) {
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
fn text_on_white(canvas: &mut Canvas<'_>, text: &str, (x, y): Point, colour: Colour) {
    let half = SIZE.width(text) / 2.0 + 6.0;
    canvas.rectangle(Area { left: x - half, top: y - SIZE.size, right: x + half, bottom: y + 8.0 }, WHITE);
    canvas.text(text, (x, y), Align::Centre, SIZE, colour);
}

fn arrow(canvas: &mut Canvas<'_>, from: Point, to: Point, colour: Colour, dashed: bool) {
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

/// The parts of a text such as `W_{hh} [4 × 4]`, with their fonts and distances below the baseline.
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
fn text_with_indices(canvas: &mut Canvas<'_>, text: &str, (x, y): Point, align: Align, font: Font) {
    let mut pen = align.left_end(x, width_with_indices(text, font));
    for (part, font, below) in parts(text, font) {
        canvas.text(part, (pen, y + below), Align::Left, font, TITLE_BLACK);
        pen += font.width(part);
    }
}
