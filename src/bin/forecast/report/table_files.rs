//! The tables of a run in the output folder: CSV files, or the sheets of one workbook.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use forecast::Panel;
use forecast::plot::Picture;
use forecast::write::{Table, Workbook};

use crate::report::picture_files::PictureFiles;

/// The format of the tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TableFormat {
    /// A CSV file for each table.
    #[default]
    Csv,
    /// A sheet of one workbook for each table.
    Xlsx,
    /// The forecast as an Arrow stream on stdout.
    Arrow,
}

/// The formats of all files of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileFormats {
    pub(crate) tables: TableFormat,
    pub(crate) pictures: PictureFiles,
}

/// Takes the tables of a run one by one.
pub(crate) trait TableSink {
    /// Adds a table of a panel.
    fn add(&mut self, panel: &Panel, table: &Table<'_>) -> Result<()>;
}

/// Writes the tables of a run into a folder.
pub(crate) struct TableFiles<'a> {
    pub(crate) folder: &'a Path,
    pictures: &'a PictureFiles,
    /// The workbook, and the name of its first sheet, which is also that of the file.
    workbook: Option<(Workbook, Option<&'static str>)>,
}

impl<'a> TableFiles<'a> {
    pub(crate) fn new(folder: &'a Path, formats: &'a FileFormats) -> Self {
        let pictures = &formats.pictures;
        Self { folder, pictures, workbook: (formats.tables == TableFormat::Xlsx).then(|| (Workbook::new(), None)) }
    }

    /// Calls `draw` with the picture of a name without ending.
    pub(crate) fn draw(&self, name: &str, draw: impl FnOnce(Picture<'_>) -> forecast::Result<()>) -> Result<()> {
        self.pictures.draw(self.folder, name, draw)
    }

    /// Adds a table that is a CSV file in any format: it may have more rows than a sheet.
    pub(crate) fn add_as_csv(&self, panel: &Panel, table: &Table<'_>) -> Result<()> {
        write_file(self.folder, &format!("{}.csv", table.name()), |to| table.write_csv(to, panel))
    }

    /// Writes the workbook, if there is one with sheets.
    pub(crate) fn finish(self) -> Result<()> {
        let Some((workbook, Some(first))) = self.workbook else { return Ok(()) };
        let bytes = workbook.into_bytes().context("making the workbook failed")?;
        write_file(self.folder, &format!("{first}.xlsx"), |mut to| to.write_all(&bytes).and_then(|()| to.flush()))
    }
}

impl TableSink for TableFiles<'_> {
    /// Adds a table of a panel. A CSV file is written at once, also of a table with more rows than a sheet can have.
    fn add(&mut self, panel: &Panel, table: &Table<'_>) -> Result<()> {
        let Some((workbook, first)) = &mut self.workbook else { return self.add_as_csv(panel, table) };
        match workbook.add(panel, table) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => self.add_as_csv(panel, table),
            added => {
                first.get_or_insert(table.name());
                added.with_context(|| format!("making the sheet {} failed", table.name()))
            }
        }
    }
}

/// Creates a file in a folder and calls `fill` with its writer.
pub(crate) fn write_file(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let written = File::create(folder.join(name)).map(BufWriter::new).and_then(fill);
    written.with_context(|| format!("writing {name} failed"))
}
