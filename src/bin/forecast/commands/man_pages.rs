//! `forecast man-pages`: writes the manual pages that a release ships. It is no command for users: neither help nor
//! completions name it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// Write the manual pages of all commands
#[derive(Debug, Args)]
pub(crate) struct ManPagesArgs {
    /// Folder to write
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Its name, as typed.
pub(super) const NAME: &str = "man-pages";

pub(super) fn command() -> clap::Command {
    ManPagesArgs::augment_args(clap::Command::new(NAME).hide(true))
}

/// Writes the pages of `command` and its subcommands.
pub(super) fn run(args: &ManPagesArgs, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    fs::create_dir_all(&args.folder).with_context(|| format!("{} cannot be written", args.folder.display()))?;
    command.build();
    for of_command in command.get_subcommands() {
        write_page(of_command, &args.folder)?;
    }
    write_page(&command, &args.folder)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of a command. The text after its options keeps its lines, as it is made of lists and examples.
fn write_page(command: &clap::Command, folder: &Path) -> anyhow::Result<()> {
    let after_help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let page =
        Man::new(command.clone().after_help(None::<&str>)).source(concat!("forecast ", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    page.render(&mut text)?;
    if !after_help.is_empty() {
        let mut notes = Roff::new();
        notes.control("SH", ["NOTES"]).control("nf", []);
        for line in after_help.lines() {
            notes.text([roman(line)]);
        }
        notes.control("fi", []).to_writer(&mut text)?;
    }
    let path = folder.join(page.get_filename());
    fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
}
