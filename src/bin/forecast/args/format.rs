//! `--format`: the tables of a run as CSV files, or as the sheets of one workbook.

use clap::Args;
use forecast::write::Workbook;

use crate::args::value::one_of;
use crate::exit_status::CliError;
use crate::report::output_dir::OutputDir;
use crate::report::table_files::TableFormat;

#[derive(Debug, Args)]
pub(crate) struct FormatArg {
    /// Format of the tables in the folder [default: csv]
    #[arg(long, value_name = "FORMAT", value_parser = one_of(&FORMATS), help_heading = "Forecast")]
    format: Option<TableFormat>,
}

const FORMATS: [(&str, &str, TableFormat); 2] = [
    ("csv", "A CSV file for each table", TableFormat::Csv),
    ("xlsx", "One workbook of Excel, with a sheet for each table", TableFormat::Xlsx),
];

impl FormatArg {
    pub(crate) fn resolve(&self) -> TableFormat {
        self.format.unwrap_or_default()
    }

    /// Rejects a workbook on stdout, and one whose longest table has too many `rows` for a sheet. `folder` is `None` if
    /// the output goes to stdout.
    pub(crate) fn check(&self, folder: Option<&OutputDir>, rows: usize) -> anyhow::Result<()> {
        if self.resolve() == TableFormat::Csv {
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
}
