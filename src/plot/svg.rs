//! The shapes of a picture as elements of an SVG. Plotters' own writer of SVG rounds coordinates to whole pixels, which
//! bends lines; here they have hundredths.

use std::fmt::Write as _;

use crate::plot::shapes::{Align, Area, Colour, Point};
use crate::plot::text::Font;

/// The elements of a picture so far.
#[derive(Debug, Default)]
pub(super) struct SvgShapes {
    elements: String,
}

impl SvgShapes {
    pub(super) fn polygon(&mut self, corners: &[Point], colour: Colour) {
        self.add(&format!("<path d=\"{}Z\" {}/>", path_data(corners), paint("fill", colour)));
    }

    pub(super) fn rectangle(&mut self, area: Area, colour: Colour) {
        let [x, y, width, height] = [area.left, area.top, area.width(), area.height()].map(coordinate);
        self.add(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {}/>",
            paint("fill", colour)
        ));
    }

    /// A line with round ends, with these dashes and gaps or without any.
    pub(super) fn line(&mut self, points: &[Point], width: f64, dashes: Option<(f64, f64)>, colour: Colour) {
        let dashes = dashes.map_or_else(String::new, |(dash, gap)| format!(" stroke-dasharray=\"{dash} {gap}\""));
        // a dash with round ends would fill its gap
        let ends = if dashes.is_empty() { " stroke-linecap=\"round\" stroke-linejoin=\"round\"" } else { "" };
        let (data, width) = (path_data(points), coordinate(width));
        self.add(&format!(
            "<path d=\"{data}\" fill=\"none\" stroke-width=\"{width}\"{ends}{dashes} {}/>",
            paint("stroke", colour)
        ));
    }

    pub(super) fn disc(&mut self, (x, y): Point, radius: f64, colour: Colour) {
        let [x, y, radius] = [x, y, radius].map(coordinate);
        self.add(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {}/>", paint("fill", colour)));
    }

    /// A line of text. Its length is that of the library's font, whichever font shows it.
    pub(super) fn text(&mut self, text: &str, (x, y): Point, align: Align, font: Font, colour: Colour) {
        if text.is_empty() {
            return;
        }
        let anchor = match align {
            Align::Left => "start",
            Align::Centre => "middle",
            Align::Right => "end",
        };
        let length = if font.has_all(text) {
            format!(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", coordinate(font.width(text)))
        } else {
            String::new()
        };
        let weight = if font.is_bold() { " font-weight=\"600\"" } else { "" };
        let ([x, y, size], text) = ([x, y, font.size].map(coordinate), escaped(text));
        self.add(&format!(
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\"{weight}{length} {}>{text}</text>",
            paint("fill", colour)
        ));
    }

    /// The whole file. `size` is that of the picture in pixels, and `layout` that of the coordinates.
    pub(super) fn finish(&self, size: (u32, u32), view: [f64; 4], ground: Colour, title: &str) -> String {
        let ((width, height), [left, top, inner_width, inner_height]) = (size, view.map(coordinate));
        let rest = format!("<rect x=\"{left}\" y=\"{top}\" width=\"{inner_width}\" height=\"{inner_height}\"");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"{left} {top} {inner_width} {inner_height}\" role=\"img\" \
             font-family=\"Inter, system-ui, sans-serif\">\n<title>{}</title>\n{rest} {}/>\n{}</svg>\n",
            escaped(title),
            paint("fill", ground),
            self.elements
        )
    }

    fn add(&mut self, element: &str) {
        self.elements.push_str(element);
        self.elements.push('\n');
    }
}

fn path_data(points: &[Point]) -> String {
    let mut data = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let command = if at == 0 { 'M' } else { 'L' };
        write!(data, "{command}{} {}", coordinate(*x), coordinate(*y)).expect("a string takes any text");
    }
    data
}

/// A colour as an attribute, with its opacity if it is transparent.
fn paint(attribute: &str, Colour(red, green, blue, opacity): Colour) -> String {
    let opaque = format!("{attribute}=\"#{red:02x}{green:02x}{blue:02x}\"");
    if opacity < 1.0 { format!("{opaque} {attribute}-opacity=\"{opacity}\"") } else { opaque }
}

/// A coordinate with a hundredth of a pixel.
pub(crate) fn coordinate(value: f64) -> String {
    // a negative zero is written as 0
    format!("{}", (value * 100.0).round() / 100.0 + 0.0)
}

/// Text as content or as an attribute of an element. Control characters, which XML forbids, are left out.
pub(crate) fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
