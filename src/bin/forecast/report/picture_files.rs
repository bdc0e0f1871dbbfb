//! The pictures of a run in the output folder, and how run.json records their looks.

use std::path::Path;

use anyhow::Result;
use forecast::plot::{Picture, PictureStyle, Theme};
use forecast::run::RunRecord;

use crate::exit_status::CliError;

/// The format of the pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    #[default]
    Png,
    Svg,
}

impl PictureFormat {
    /// The name of the format, which is also the ending of its files.
    fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// The settings of run.json that record how pictures look.
const FORMAT: &str = "picture_format";
const WIDTH: &str = "picture_width";
const HEIGHT: &str = "picture_height";
const THEME: &str = "picture_theme";
const TITLE: &str = "picture_title";
/// The theme that is recorded. The light one is the default.
const DARK: &str = "dark";

/// How the pictures of a run are written.
#[derive(Debug, Clone, Default)]
pub(crate) struct PictureFiles {
    pub(crate) format: PictureFormat,
    pub(crate) style: PictureStyle,
}

impl PictureFiles {
    /// Adds what differs from the default to the settings of a run.
    pub(crate) fn record(&self, record: &mut RunRecord) {
        let Self { format, style } = self;
        record.setting(FORMAT, Some(format.name()).filter(|_| *format != PictureFormat::default()));
        record.setting(WIDTH, style.width);
        record.setting(HEIGHT, style.height);
        record.setting(THEME, (style.theme == Theme::Dark).then_some(DARK));
        record.setting(TITLE, style.title.as_ref());
    }

    /// How the pictures of a run looked, by its settings.
    pub(crate) fn recorded(record: &RunRecord) -> Result<Self> {
        let pixels = |name| setting(record, name, |value| value.as_u64()?.try_into().ok());
        let format =
            setting(record, FORMAT, |value| (value == PictureFormat::Svg.name()).then_some(PictureFormat::Svg))?;
        let theme = setting(record, THEME, |value| (value == DARK).then_some(Theme::Dark))?;
        let style = PictureStyle {
            width: pixels(WIDTH)?,
            height: pixels(HEIGHT)?,
            theme: theme.unwrap_or_default(),
            title: setting(record, TITLE, |value| Some(value.as_str()?.to_owned()))?,
        };
        Ok(Self { format: format.unwrap_or_default(), style })
    }

    /// The name of the file of a picture.
    pub(crate) fn file_name(&self, name: &str) -> String {
        format!("{name}.{}", self.format.name())
    }

    /// Calls `draw` with the picture of a name without ending in a folder.
    pub(crate) fn draw(
        &self,
        folder: &Path,
        name: &str,
        draw: impl FnOnce(Picture<'_>) -> forecast::Result<()>,
    ) -> Result<()> {
        let path = folder.join(self.file_name(name));
        Ok(draw(Picture::styled(&path, &self.style))?)
    }
}

/// A setting of a run, unless it has none of this name.
fn setting<T>(
    record: &RunRecord,
    name: &str,
    parse: impl FnOnce(&serde_json::Value) -> Option<T>,
) -> Result<Option<T>> {
    let Some(value) = record.settings.get(name) else { return Ok(None) };
    let parsed = parse(value).ok_or_else(|| {
        CliError::data(
            format!("{}: the setting {name} cannot be {value}", RunRecord::FILE),
            format!("make the run again: `{}`", crate::report::hints::quoting::shell_line(&record.command)),
        )
    })?;
    Ok(Some(parsed))
}
