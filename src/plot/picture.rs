//! Where a picture is written, and how it looks.

use std::path::Path;

/// The light or dark colours of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on white.
    #[default]
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// The size, the colours and the title of pictures. The default is what each picture suits best.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PictureStyle {
    /// The width in pixels; 1600 by default. Text and lines have a size relative to the width.
    pub width: Option<u32>,
    /// The height in pixels; by default it follows from the width and from what is drawn.
    pub height: Option<u32>,
    /// The colours.
    pub theme: Theme,
    /// The title, instead of what is drawn.
    pub title: Option<String>,
}

impl PictureStyle {
    /// The default.
    pub(crate) const DEFAULT: Self = Self { width: None, height: None, theme: Theme::Light, title: None };
}

/// A file for a picture. A path that ends in `.svg` becomes an SVG with real coordinates and text, any other a PNG.
///
/// ```
/// use std::path::Path;
///
/// use forecast::plot::{Picture, PictureStyle, Theme};
///
/// let style = PictureStyle { width: Some(1200), theme: Theme::Dark, ..PictureStyle::default() };
/// let slide = Picture::styled(Path::new("slide.svg"), &style);
/// // a path alone has the default style
/// let plain: Picture<'_> = Path::new("forecast.png").into();
/// assert!(slide.is_svg() && !plain.is_svg());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    pub(crate) path: &'a Path,
    pub(crate) style: &'a PictureStyle,
}

impl<'a> Picture<'a> {
    /// A file with a style.
    pub fn styled(path: &'a Path, style: &'a PictureStyle) -> Self {
        Self { path, style }
    }

    /// Whether it becomes an SVG.
    pub fn is_svg(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"))
    }
}

impl<'a> From<&'a Path> for Picture<'a> {
    fn from(path: &'a Path) -> Self {
        Self { path, style: &PictureStyle::DEFAULT }
    }
}

impl<'a> From<&'a std::path::PathBuf> for Picture<'a> {
    fn from(path: &'a std::path::PathBuf) -> Self {
        path.as_path().into()
    }
}
