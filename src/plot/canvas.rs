//! Drawing in memory, in coordinates of a layout that is 1600 wide, into the pixels of a PNG or the elements of an SVG.

use std::fs;
use std::io;

use crate::error::{Error, Result};
use crate::plot::picture::Picture;
use crate::plot::pixels::Pixels;
pub(super) use crate::plot::shapes::{Align, Area, Colour, Point, rgb};
use crate::plot::svg::SvgShapes;
use crate::plot::text::Font;
use crate::plot::theme::themed;

/// The width of the layout of every picture.
pub(super) const WIDTH: f64 = 1600.0;

/// What is drawn on.
enum Sheet {
    Pixels(Pixels),
    Svg(SvgShapes),
}

pub(super) struct Canvas<'a> {
    picture: Picture<'a>,
    /// The height of the layout.
    height: f64,
    /// The size of the picture in pixels.
    size: (u32, u32),
    /// Pixels of the picture for a unit of the layout.
    scale: f64,
    /// The space left of the layout and above it, in its units.
    offset: (f64, f64),
    /// The title that was drawn.
    title: String,
    sheet: Sheet,
}

impl<'a> Canvas<'a> {
    /// An empty canvas. The layout has `height`, unless the style of the picture has another, and at least `least`.
    pub(super) fn new(picture: Picture<'a>, height: f64, least: f64) -> Self {
        let width = f64::from(picture.style.width.unwrap_or(WIDTH as u32));
        let pixels = picture.style.height.map_or_else(|| (height * width / WIDTH).round(), f64::from);
        let size = (width as u32, pixels.max(1.0) as u32);
        // a picture that is too flat for its layout has space to its left and right
        let scale = (width / WIDTH).min(pixels / least);
        let wanted = if picture.style.height.is_some() { pixels / scale } else { height };
        let layout_height = if least >= height { height } else { wanted.max(least) };
        let offset = ((width / scale - WIDTH) / 2.0, (pixels / scale - layout_height).max(0.0) / 2.0);
        let ground = themed(rgb(255, 255, 255), picture.style.theme);
        let sheet =
            if picture.is_svg() { Sheet::Svg(SvgShapes::default()) } else { Sheet::Pixels(Pixels::new(size, ground)) };
        Self { picture, height: layout_height, size, scale, offset, title: String::new(), sheet }
    }

    /// The height of the layout.
    pub(super) fn height(&self) -> f64 {
        self.height
    }

    /// The title in the style, or else this one.
    pub(super) fn titled(&mut self, title: &str) -> String {
        self.title = self.picture.style.title.clone().unwrap_or_else(|| title.to_owned());
        self.title.clone()
    }

    /// Fills a polygon whose edges do not cross.
    pub(super) fn fill(&mut self, corners: &[Point], colour: Colour) {
        let (colour, place) = (self.themed(colour), self.place());
        match &mut self.sheet {
            Sheet::Svg(shapes) => shapes.polygon(corners, colour),
            Sheet::Pixels(pixels) => pixels.fill(&corners.iter().map(|p| place.point(*p)).collect::<Vec<_>>(), colour),
        }
    }

    /// Fills the area between two lines with the same horizontal positions.
    pub(super) fn band(&mut self, lower: &[Point], upper: &[Point], colour: Colour) {
        if let Sheet::Svg(_) = self.sheet {
            // one shape, since neighbours would leave a seam
            let corners: Vec<Point> = lower.iter().chain(upper.iter().rev()).copied().collect();
            return self.fill(&corners, colour);
        }
        for (low, high) in lower.windows(2).zip(upper.windows(2)) {
            self.fill(&[low[0], low[1], high[1], high[0]], colour);
        }
    }

    pub(super) fn rectangle(&mut self, area: Area, colour: Colour) {
        let (colour, place) = (self.themed(colour), self.place());
        match &mut self.sheet {
            Sheet::Svg(shapes) => shapes.rectangle(area, colour),
            Sheet::Pixels(pixels) => {
                pixels.rectangle(place.point((area.left, area.top)), place.point((area.right, area.bottom)), colour);
            }
        }
    }

    /// A horizontal line of one unit, on whole units.
    pub(super) fn horizontal_line(&mut self, left: f64, right: f64, y: f64, colour: Colour) {
        let y = y.round();
        self.rectangle(Area { left: left.round(), top: y, right: right.round(), bottom: y + 1.0 }, colour);
    }

    /// A vertical line of one unit, on whole units.
    pub(super) fn vertical_line(&mut self, x: f64, top: f64, bottom: f64, colour: Colour) {
        let x = x.round();
        self.rectangle(Area { left: x, top: top.round(), right: x + 1.0, bottom: bottom.round() }, colour);
    }

    /// A line through points, with round joints and ends. The colour must be opaque, because joints are painted twice.
    pub(super) fn path(&mut self, points: &[Point], width: f64, colour: Colour) {
        let (themed, place) = (self.themed(colour), self.place());
        match &mut self.sheet {
            // a point alone is a disc, as for pixels
            Sheet::Svg(shapes) if points.len() > 1 => shapes.line(points, width, None, themed),
            Sheet::Svg(_) => points.iter().for_each(|point| self.disc(*point, width / 2.0, colour)),
            Sheet::Pixels(pixels) => {
                let points: Vec<Point> = points.iter().map(|point| place.point(*point)).collect();
                pixels.path(&points, width * place.scale, themed);
            }
        }
    }

    /// A dashed line through points. A dash may go around a joint.
    pub(super) fn dashes(&mut self, points: &[Point], width: f64, (dash, gap): (f64, f64), colour: Colour) {
        let (colour, place) = (self.themed(colour), self.place());
        match &mut self.sheet {
            Sheet::Svg(shapes) => shapes.line(points, width, Some((dash, gap)), colour),
            Sheet::Pixels(pixels) => {
                let points: Vec<Point> = points.iter().map(|point| place.point(*point)).collect();
                let dashes = (dash * place.scale, gap * place.scale);
                pixels.dashes(&points, width * place.scale, dashes, colour);
            }
        }
    }

    pub(super) fn disc(&mut self, centre: Point, radius: f64, colour: Colour) {
        let (colour, place) = (self.themed(colour), self.place());
        match &mut self.sheet {
            Sheet::Svg(shapes) => shapes.disc(centre, radius, colour),
            Sheet::Pixels(pixels) => pixels.disc(place.point(centre), radius * place.scale, colour),
        }
    }

    /// One line of text with its baseline at `at`.
    pub(super) fn text(&mut self, text: &str, at: Point, align: Align, font: Font, colour: Colour) {
        let (colour, place) = (self.themed(colour), self.place());
        match &mut self.sheet {
            Sheet::Svg(shapes) => shapes.text(text, at, align, font, colour),
            Sheet::Pixels(pixels) => {
                let left = align.left_end(at.0, font.width(text));
                pixels.text(text, place.point((left, at.1)), font.scaled(place.scale), colour);
            }
        }
    }

    /// Writes the picture. It is written to another file and renamed, so that no reader finds a partial file.
    pub(super) fn save(&self) -> Result<()> {
        let path = self.picture.path;
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let name = path.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let mut partial = name.to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(partial);
        let bytes = match &self.sheet {
            Sheet::Pixels(pixels) => pixels.encode(),
            Sheet::Svg(shapes) => Ok(self.svg(shapes).into_bytes()),
        };
        let written = bytes.and_then(|bytes| fs::write(&partial, bytes)).and_then(|()| fs::rename(&partial, path));
        written.map_err(|source| {
            // the first error is reported, even if the partial file cannot be removed
            let _ = fs::remove_file(&partial);
            failed(source)
        })
    }

    fn svg(&self, shapes: &SvgShapes) -> String {
        let [width, height] = [self.size.0, self.size.1].map(|pixels| f64::from(pixels) / self.scale);
        let view = [-self.offset.0, -self.offset.1, width, height];
        shapes.finish(self.size, view, self.themed(rgb(255, 255, 255)), &self.title)
    }

    fn themed(&self, colour: Colour) -> Colour {
        themed(colour, self.picture.style.theme)
    }

    fn place(&self) -> Place {
        Place { scale: self.scale, offset: self.offset }
    }
}

/// Where a point of the layout is in the picture.
#[derive(Clone, Copy)]
struct Place {
    scale: f64,
    offset: (f64, f64),
}

impl Place {
    fn point(self, (x, y): Point) -> Point {
        ((x + self.offset.0) * self.scale, (y + self.offset.1) * self.scale)
    }
}
