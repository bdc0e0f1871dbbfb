//! The pictures of a run in the output folder.

use std::path::Path;

use anyhow::Result;
use forecast::plot::{Picture, PictureStyle};

/// The format of the pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    #[default]
    Png,
    Svg,
}

/// How the pictures of a run are written.
#[derive(Debug, Clone, Default)]
pub(crate) struct PictureFiles {
    pub(crate) format: PictureFormat,
    pub(crate) style: PictureStyle,
}

impl PictureFiles {
    /// Calls `draw` with the picture of a name without ending in a folder.
    pub(crate) fn draw(
        &self,
        folder: &Path,
        name: &str,
        draw: impl FnOnce(Picture<'_>) -> forecast::Result<()>,
    ) -> Result<()> {
        let ending = match self.format {
            PictureFormat::Png => "png",
            PictureFormat::Svg => "svg",
        };
        let path = folder.join(format!("{name}.{ending}"));
        Ok(draw(Picture::styled(&path, &self.style))?)
    }
}
