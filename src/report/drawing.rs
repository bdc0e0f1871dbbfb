//! Line drawings as SVG with real coordinates and text, once for a wide page and once for a telephone.

use std::fmt::Write as _;

use crate::plot::axis::Axis;
use crate::plot::svg::{coordinate, escaped};
use crate::plot::text::Font;
use crate::plot::ticks::{HorizontalAxis, Tick};

/// The size of a drawing in pixels, and the class of its element, which the style shows or hides.
#[derive(Debug, Clone, Copy)]
struct Size {
    class: &'static str,
    width: f64,
    height: f64,
    font: f64,
}

const SIZES: [Size; 2] = [
    Size { class: "wide", width: 920.0, height: 330.0, font: 13.0 },
    Size { class: "narrow", width: 360.0, height: 270.0, font: 12.0 },
];
/// The space between the vertical axis and its labels, and right of the last position.
const GAP: f64 = 8.0;
/// The font of a reader may be wider than the one whose widths are known, by this factor.
const WIDER_FONT: f64 = 1.15;
/// The space left of the first position and right of the last, so that lines are not cut off.
const INSET: f64 = 6.0;
/// The height of two lines of labels below the horizontal axis, in ems.
const LABEL_HEIGHT: f64 = 3.1;
/// The distance between ticks of the vertical axis, in ems.
const TICK_DISTANCE: f64 = 4.4;

/// A point: a position on the horizontal axis, and a value.
pub(super) type Point = (f64, f64);

/// What is drawn, each with the class of its colour.
#[derive(Debug)]
pub(super) enum Layer {
    /// The area between two lines with the same positions.
    Area { class: &'static str, lower: Vec<Point>, upper: Vec<Point> },
    /// A line through points.
    Line { class: &'static str, points: Vec<Point> },
    /// A disc at each point.
    Discs { class: &'static str, points: Vec<Point> },
    /// A vertical line at a position.
    Cutoff(f64),
}

impl Layer {
    fn points(&self) -> impl Iterator<Item = &Point> {
        let (first, second) = match self {
            Self::Area { lower, upper, .. } => (lower.as_slice(), upper.as_slice()),
            Self::Line { points, .. } | Self::Discs { points, .. } => (points.as_slice(), [].as_slice()),
            Self::Cutoff(_) => ([].as_slice(), [].as_slice()),
        };
        first.iter().chain(second)
    }
}

/// A drawing over equally spaced positions from 0.
pub(super) struct Drawing<'a> {
    /// The number of positions.
    pub(super) positions: usize,
    /// The layers from the back to the front.
    pub(super) layers: Vec<Layer>,
    /// The ticks along a horizontal axis.
    pub(super) ticks: Box<dyn Fn(HorizontalAxis) -> Vec<Tick> + 'a>,
    /// What it shows, for readers who do not see it.
    pub(super) label: String,
}

impl Drawing<'_> {
    /// The elements `svg`, one for each size.
    pub(super) fn svg(&self) -> String {
        SIZES.map(|size| Sheet::new(self, size).draw(self)).concat()
    }
}

/// The places of positions and values in a drawing of one size.
struct Sheet {
    size: Size,
    axis: Axis,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    step: f64,
}

impl Sheet {
    fn new(drawing: &Drawing<'_>, size: Size) -> Self {
        let (top, bottom) = (size.font, size.height - LABEL_HEIGHT * size.font);
        let wanted = ((bottom - top) / (size.font * TICK_DISTANCE)).round().max(3.0) as usize;
        let values = drawing.layers.iter().flat_map(Layer::points).map(|(_, value)| *value);
        let axis = Axis::linear(values, wanted);
        let font = Font::regular(size.font);
        let labels = axis.ticks.iter().map(|(_, label)| font.width(label)).fold(0.0, f64::max);
        let (left, right) = (WIDER_FONT * labels + GAP + INSET, size.width - GAP - INSET);
        let step = (right - left) / (drawing.positions.max(2) - 1) as f64;
        Self { size, axis, left, right, top, bottom, step }
    }

    fn x(&self, position: f64) -> f64 {
        self.left + position * self.step
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - self.axis.position(value) * (self.bottom - self.top)
    }

    /// The numbers after `data-` are for the script: the positions of the first and the last point.
    fn draw(&self, drawing: &Drawing<'_>) -> String {
        let Size { class, width, height, .. } = self.size;
        let (left, right, label) = (coordinate(self.left), coordinate(self.right), escaped(&drawing.label));
        let mut svg = format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\" \
             data-left=\"{left}\" data-right=\"{right}\">"
        );
        self.draw_vertical_axis(&mut svg);
        self.draw_horizontal_axis(&mut svg, drawing);
        let (x, y, inner, tall) = (
            coordinate(self.left - INSET),
            coordinate(self.top - INSET),
            coordinate(self.right - self.left + 2.0 * INSET),
            coordinate(self.bottom - self.top + INSET),
        );
        // the inner element cuts off what a zoom moves out
        add(&mut svg, &format!("<svg x=\"{x}\" y=\"{y}\" width=\"{inner}\" height=\"{tall}\""));
        add(&mut svg, &format!(" viewBox=\"{x} {y} {inner} {tall}\"><g class=\"data\">"));
        drawing.layers.iter().for_each(|layer| self.draw_layer(&mut svg, layer));
        let (top, bottom) = (coordinate(self.top), coordinate(self.bottom));
        add(&mut svg, "</g></svg>");
        add(&mut svg, &format!("<path class=\"cursor\" d=\"M0 {top}V{bottom}\" transform=\"translate(-9)\"/></svg>\n"));
        svg
    }

    fn draw_vertical_axis(&self, svg: &mut String) {
        let (from, to) = (coordinate(self.left - INSET), coordinate(self.right + INSET));
        let lines = self.axis.ticks.iter().map(|(value, _)| format!("M{from} {}H{to}", coordinate(self.y(*value))));
        add(svg, &format!("<path class=\"grid\" d=\"{}\"/><g class=\"values\">", lines.collect::<String>()));
        let x = coordinate(self.left - INSET - GAP);
        for (value, label) in &self.axis.ticks {
            let y = coordinate(self.y(*value) + self.size.font * 0.36);
            add(svg, &format!("<text x=\"{x}\" y=\"{y}\">{}</text>", escaped(label)));
        }
        add(svg, "</g>");
    }

    fn draw_horizontal_axis(&self, svg: &mut String, drawing: &Drawing<'_>) {
        let label_limits = (0.0, self.size.width);
        let font = Font::regular(self.size.font);
        let axis = HorizontalAxis { first: self.left, last: self.right, label_limits, font };
        let (y, first) = (coordinate(self.bottom), coordinate(self.bottom + 1.5 * self.size.font));
        let second = coordinate(self.bottom + 2.8 * self.size.font);
        for tick in (drawing.ticks)(axis) {
            let (x, shift) = (coordinate(tick.x), coordinate(tick.middle - tick.x));
            add(
                svg,
                &format!("<g class=\"tick\" data-x=\"{x}\" transform=\"translate({x} 0)\"><path d=\"M0 {y}v5\"/>"),
            );
            add(svg, &format!("<text x=\"{shift}\" y=\"{first}\">{}</text>", escaped(&tick.label)));
            if let Some(context) = tick.context {
                add(svg, &format!("<text x=\"{shift}\" y=\"{second}\">{}</text>", escaped(&context)));
            }
            add(svg, "</g>");
        }
    }

    fn draw_layer(&self, svg: &mut String, layer: &Layer) {
        match layer {
            Layer::Area { class, lower, upper } => {
                let back: Vec<Point> = upper.iter().rev().copied().collect();
                let edge = self.path(&[lower.as_slice(), &back].concat());
                add(svg, &format!("<path class=\"{class}\" d=\"{edge}Z\"/>"));
            }
            Layer::Line { class, points } => {
                add(svg, &format!("<path class=\"{class}\" d=\"{}\"/>", self.path(points)));
            }
            Layer::Discs { class, points } => {
                // a line without length has round ends, which a zoom does not widen
                let disc =
                    |point: &Point| format!("M{} {}h0", coordinate(self.x(point.0)), coordinate(self.y(point.1)));
                let discs: String = points.iter().map(disc).collect();
                add(svg, &format!("<path class=\"{class}\" d=\"{discs}\"/>"));
            }
            Layer::Cutoff(position) => {
                let (x, top, bottom) = (coordinate(self.x(*position)), coordinate(self.top), coordinate(self.bottom));
                add(svg, &format!("<path class=\"cutoff\" d=\"M{x} {top}V{bottom}\"/>"));
            }
        }
    }

    fn path(&self, points: &[Point]) -> String {
        let point = |(i, (position, value)): (usize, &Point)| {
            let command = if i == 0 { 'M' } else { 'L' };
            format!("{command}{} {}", coordinate(self.x(*position)), coordinate(self.y(*value)))
        };
        points.iter().enumerate().map(point).collect()
    }
}

fn add(to: &mut String, text: &str) {
    to.write_str(text).expect("a string takes any text");
}
