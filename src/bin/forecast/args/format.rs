//! `--format` and the options of pictures: what kind of files a run writes.
//!
//! One flag names the formats of tables and of pictures, since no name stands for both.

use std::io::{self, IsTerminal};

use clap::Args;
use forecast::plot::{PictureStyle, Theme};
use forecast::write::Workbook;

use crate::args::value::one_of;
use crate::exit_status::CliError;
use crate::report::output_dir::OutputDir;
use crate::report::picture_files::{PictureFiles, PictureFormat};
use crate::report::table_files::{FileFormats, TableFormat};

/// The range of the width and of the height of pictures, in pixels.
const PIXELS: std::ops::RangeInclusive<u32> = 300..=4000;

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct FormatArg {
    /// Format of the tables and of the pictures in the folder, one of each at most; arrow is for stdout [default: csv,png]
    #[arg(long, value_name = "FORMATS", value_parser = one_of(&FORMATS), value_delimiter = ',')]
    format: Vec<FileFormat>,
    #[command(flatten)]
    style: StyleArgs,
}

/// The options of pictures in any format.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct StyleArgs {
    /// Width of pictures in pixels; text and lines are scaled [default: 1600]
    #[arg(long, value_name = "PIXELS", value_parser = pixels)]
    width: Option<u32>,
    /// Height of pictures in pixels [default: as much as is drawn]
    #[arg(long, value_name = "PIXELS", value_parser = pixels)]
    height: Option<u32>,
    /// Colours of pictures [default: light]
    #[arg(long, value_name = "NAME", value_parser = one_of(&THEMES))]
    theme: Option<Theme>,
    /// Title of pictures, instead of what they show
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

/// A format of one kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileFormat {
    Table(TableFormat),
    Picture(PictureFormat),
}

const FORMATS: [(&str, &str, FileFormat); 5] = [
    ("csv", "A CSV file for each table", FileFormat::Table(TableFormat::Csv)),
    ("xlsx", "One workbook of Excel, with a sheet for each table", FileFormat::Table(TableFormat::Xlsx)),
    (
        "arrow",
        "With `--out -`, an Arrow IPC stream with the forecasts on stdout",
        FileFormat::Table(TableFormat::Arrow),
    ),
    ("png", PNG, FileFormat::Picture(PictureFormat::Png)),
    ("svg", SVG, FileFormat::Picture(PictureFormat::Svg)),
];

const PICTURE_FORMATS: [(&str, &str, PictureFormat); 2] =
    [("png", PNG, PictureFormat::Png), ("svg", SVG, PictureFormat::Svg)];

const PNG: &str = "Pictures as PNG";
const SVG: &str = "Pictures as SVG, which can be enlarged and edited";

const THEMES: [(&str, &str, Theme); 2] =
    [("light", "Dark text on white", Theme::Light), ("dark", "Light text on a dark ground", Theme::Dark)];

/// The options of pictures of a command that writes no tables. Without them, pictures look as those of an earlier run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct PictureArgs {
    /// Format of the pictures [default: that of the run]
    #[arg(long, value_name = "FORMAT", value_parser = one_of(&PICTURE_FORMATS))]
    format: Option<PictureFormat>,
    #[command(flatten)]
    style: StyleArgs,
}

impl PictureArgs {
    /// The pictures of an earlier run, changed by what was typed.
    pub(crate) fn resolve_or(&self, earlier: PictureFiles) -> PictureFiles {
        let format = self.format.unwrap_or(earlier.format);
        PictureFiles { format, style: self.style.resolve_or(earlier.style) }
    }
}

impl StyleArgs {
    /// A style, changed by what was typed.
    fn resolve_or(&self, style: PictureStyle) -> PictureStyle {
        PictureStyle {
            width: self.width.or(style.width),
            height: self.height.or(style.height),
            theme: self.theme.unwrap_or(style.theme),
            title: self.title.clone().or(style.title),
        }
    }
}

impl FormatArg {
    pub(crate) fn resolve(&self) -> FileFormats {
        let style = self.style.resolve_or(PictureStyle::default());
        let pictures = PictureFiles { format: self.pictures().unwrap_or_default(), style };
        FileFormats { tables: self.tables().unwrap_or_default(), pictures }
    }

    /// Whether the forecast is an Arrow stream.
    pub(crate) fn is_stream(&self) -> bool {
        self.tables() == Some(TableFormat::Arrow)
    }

    fn tables(&self) -> Option<TableFormat> {
        self.format.iter().find_map(|format| if let FileFormat::Table(own) = format { Some(*own) } else { None })
    }

    fn pictures(&self) -> Option<PictureFormat> {
        self.format.iter().find_map(|format| if let FileFormat::Picture(own) = format { Some(*own) } else { None })
    }

    /// Rejects a workbook or pictures on stdout, and a workbook whose longest table has too many `rows` for a sheet.
    /// `folder` is `None` if the output goes to stdout.
    pub(crate) fn check(&self, folder: Option<&OutputDir>, rows: usize) -> anyhow::Result<()> {
        self.check_kinds()?;
        if folder.is_none() {
            self.check_no_pictures("stdout is for the forecast alone")?;
        }
        if self.is_stream() {
            return check_stream(folder);
        }
        if self.tables() != Some(TableFormat::Xlsx) {
            return Ok(());
        }
        if folder.is_none() {
            return Err(CliError::usage(
                "--format xlsx writes a workbook, but stdout is for the forecast as CSV",
                "choose a folder with `--out DIR`, or leave --format out",
            ));
        }
        if rows >= Workbook::MAX_ROWS {
            return Err(CliError::usage(
                format!("{rows} rows are too many for a sheet, which has at most {}", Workbook::MAX_ROWS),
                "leave --format out: CSV files have any number of rows",
            ));
        }
        Ok(())
    }

    /// Rejects two formats of tables, or of pictures.
    fn check_kinds(&self) -> anyhow::Result<()> {
        let tables = self.format.iter().filter(|format| matches!(format, FileFormat::Table(_))).count();
        if tables > 1 || self.format.len() - tables > 1 {
            return Err(CliError::usage(
                "--format names two formats of the same files",
                "name one for tables and one for pictures, as in `--format xlsx,svg`",
            ));
        }
        Ok(())
    }

    /// Rejects a workbook from a command whose results are no tables.
    pub(crate) fn check_pictures_only(&self) -> anyhow::Result<()> {
        self.check_kinds()?;
        let of_tables = [("xlsx", TableFormat::Xlsx), ("arrow", TableFormat::Arrow)];
        if let Some((name, _)) = of_tables.into_iter().find(|(_, format)| self.tables() == Some(*format)) {
            return Err(CliError::usage(
                format!("--format {name} has no effect here, since no table has results"),
                format!("leave {name} out of --format"),
            ));
        }
        Ok(())
    }

    /// Rejects the options of pictures of a run that writes none. `reason` says why.
    pub(crate) fn check_no_pictures(&self, reason: &str) -> anyhow::Result<()> {
        let typed = [
            ("--format", self.pictures().is_some()),
            ("--width", self.style.width.is_some()),
            ("--height", self.style.height.is_some()),
            ("--theme", self.style.theme.is_some()),
            ("--title", self.style.title.is_some()),
        ];
        match typed.into_iter().find(|(_, is_typed)| *is_typed) {
            None => Ok(()),
            Some((flag, _)) => Err(CliError::usage(
                format!("{flag} is for pictures, but this run writes none: {reason}"),
                format!("leave {flag} out, or let the run write a folder with pictures"),
            )),
        }
    }
}

/// Refuses an Arrow stream in a folder, or on a terminal.
fn check_stream(folder: Option<&OutputDir>) -> anyhow::Result<()> {
    if folder.is_some() {
        return Err(CliError::usage(
            "--format arrow writes a stream to stdout, and no folder",
            "add `--out -`, as in `--out - --format arrow > forecast.arrows`",
        ));
    }
    if io::stdout().is_terminal() {
        return Err(CliError::usage(
            "--format arrow writes bytes that a terminal cannot show",
            "send them to a file or a program, as in `> forecast.arrows`",
        ));
    }
    Ok(())
}

fn pixels(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| PIXELS.contains(number));
    number.ok_or_else(|| format!("a whole number of pixels from {} to {} is needed", PIXELS.start(), PIXELS.end()))
}
