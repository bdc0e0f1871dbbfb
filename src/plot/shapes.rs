//! Points, areas and colours of a picture.

pub(super) use plotters::style::RGBAColor as Colour;

/// A point in pixels, from the upper left corner.
pub(super) type Point = (f64, f64);

/// An opaque colour.
pub(super) const fn rgb(red: u8, green: u8, blue: u8) -> Colour {
    Colour(red, green, blue, 1.0)
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// The horizontal alignment of a text at a point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

impl Align {
    /// The left end of a text of some width at a point.
    pub(super) fn left_end(self, x: f64, width: f64) -> f64 {
        match self {
            Self::Left => x,
            Self::Centre => x - width / 2.0,
            Self::Right => x - width,
        }
    }
}
