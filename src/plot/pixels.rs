//! Anti-aliased drawing into pixels. Plotters draws shapes at three times the size, and each block of pixels is averaged.
//! The bitmap backend of plotters alone leaves the edges of thick lines and polygons ragged.

use std::io;

use plotters::prelude::{BitMapBackend, DrawingBackend};
use plotters::style::Color;

use crate::plot::shapes::{Colour, Point};
use crate::plot::text::Font;

/// Drawn pixels along each side of a pixel of the picture.
const OVERSAMPLING: u32 = 3;

/// Twice the density of a common screen, so that pictures are sharp in viewers that use it.
const PIXELS_PER_METRE: u32 = 5669;

/// The pixels of a picture, each drawn several times.
pub(super) struct Pixels {
    size: (u32, u32),
    pixels: Vec<u8>,
}

impl Pixels {
    /// Pixels of one colour.
    pub(super) fn new(size: (u32, u32), Colour(red, green, blue, _): Colour) -> Self {
        let count = (size.0 * OVERSAMPLING) as usize * (size.1 * OVERSAMPLING) as usize;
        Self { size, pixels: [red, green, blue].repeat(count) }
    }

    /// Fills a polygon whose edges do not cross.
    pub(super) fn fill(&mut self, corners: &[Point], colour: Colour) {
        let corners: Vec<(i32, i32)> = corners.iter().map(|p| to_drawn_pixel(*p)).collect();
        self.backend(|b| b.fill_polygon(corners, &colour));
    }

    pub(super) fn rectangle(&mut self, from: Point, to: Point, colour: Colour) {
        self.backend(|b| b.draw_rect(to_drawn_pixel(from), to_drawn_pixel(to), &colour, true));
    }

    pub(super) fn path(&mut self, points: &[Point], width: f64, colour: Colour) {
        for pair in points.windows(2) {
            self.segment(pair[0], pair[1], width, colour);
        }
        for point in points {
            self.disc(*point, width / 2.0, colour);
        }
    }

    pub(super) fn dashes(&mut self, points: &[Point], width: f64, (dash, gap): (f64, f64), colour: Colour) {
        let mut before = 0.0;
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            let along = |d: f64| (from.0 + (to.0 - from.0) * d / length, from.1 + (to.1 - from.1) * d / length);
            let mut done = 0.0;
            while done < length {
                let phase = (before + done) % (dash + gap);
                let rest = if phase < dash { dash - phase } else { dash + gap - phase };
                // the minimum prevents endless steps of the size of a rounding error
                let next = (done + rest.max(0.01)).min(length);
                if phase < dash {
                    self.segment(along(done), along(next), width, colour);
                }
                done = next;
            }
            before += length;
        }
    }

    pub(super) fn disc(&mut self, centre: Point, radius: f64, colour: Colour) {
        let radius = (radius * f64::from(OVERSAMPLING) - 0.5).round().max(0.0) as u32;
        self.backend(|b| b.draw_circle(to_drawn_pixel(centre), radius, &colour, true));
    }

    /// One line of text that starts at `left` on its baseline.
    pub(super) fn text(&mut self, text: &str, left: Point, font: Font, colour: Colour) {
        self.backend(|b| {
            font.draw(text, left, f64::from(OVERSAMPLING), |x, y, covered| {
                let colour = colour.mix(covered).to_backend_color();
                b.draw_pixel((x, y), colour).expect("memory takes every pixel, and those outside are left out");
            });
            Ok::<(), std::convert::Infallible>(())
        });
    }

    /// The picture as a PNG.
    pub(super) fn encode(&self) -> io::Result<Vec<u8>> {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, self.size.0, self.size.1);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: PIXELS_PER_METRE,
            yppu: PIXELS_PER_METRE,
            unit: png::Unit::Meter,
        }));
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.averaged())?;
        writer.finish()?;
        Ok(png)
    }

    /// The mean of the drawn pixels of each pixel of the picture.
    fn averaged(&self) -> Vec<u8> {
        let (width, n) = (self.size.0 as usize, OVERSAMPLING as usize);
        let count = OVERSAMPLING * OVERSAMPLING;
        let of_row = |drawn: &[u8]| {
            let mut sums = vec![[0_u32; 3]; width];
            for (i, pixels) in drawn.chunks_exact(n * 3).enumerate() {
                for pixel in pixels.chunks_exact(3) {
                    sums[i % width].iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                }
            }
            sums.into_iter().flatten().map(move |sum| ((sum + count / 2) / count) as u8)
        };
        self.pixels.chunks_exact(width * n * 3 * n).flat_map(of_row).collect()
    }

    fn segment(&mut self, from: Point, to: Point, width: f64, colour: Colour) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        if length == 0.0 {
            return;
        }
        // plotters paints the pixels on both edges of a polygon, which is one drawn pixel more than the width
        let half = ((width - 1.0 / f64::from(OVERSAMPLING)) / 2.0).max(0.05) / length;
        let (x, y) = ((to.1 - from.1) * half, (from.0 - to.0) * half);
        self.fill(
            &[(from.0 + x, from.1 + y), (to.0 + x, to.1 + y), (to.0 - x, to.1 - y), (from.0 - x, from.1 - y)],
            colour,
        );
    }

    fn backend<E: std::fmt::Debug>(&mut self, draw: impl FnOnce(&mut BitMapBackend<'_>) -> Result<(), E>) {
        let size = (self.size.0 * OVERSAMPLING, self.size.1 * OVERSAMPLING);
        draw(&mut BitMapBackend::with_buffer(&mut self.pixels, size)).expect("drawing into memory does not fail");
    }
}

fn to_drawn_pixel((x, y): Point) -> (i32, i32) {
    ((x * f64::from(OVERSAMPLING)).round() as i32, (y * f64::from(OVERSAMPLING)).round() as i32)
}
