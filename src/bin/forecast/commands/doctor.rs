//! `forecast doctor`: prints whether this computer can run forecasts, and what to do if not.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::doctor::{self, check::Check};
use crate::exit_status::{self, CliError};
use crate::report::{check_list, terminal::Terminal};

const AFTER_HELP: &str = "\
Examples:
  forecast doctor
  forecast doctor --out /srv/forecasts

The exit code is 0 if all is well, and 1 if a line has a hint. It trains a small
network for at most two seconds, and leaves no file.
";

/// Check this computer: versions, processor, memory, libtorch, output folder, locale, terminal
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct DoctorArgs {
    /// Folder in which output is to be written [default: the current folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    if args.out.as_deref() == Some(Path::new("-")) {
        return Err(CliError::usage(
            "`--out -` names no folder that can be checked, as `-` stands for stdout",
            "leave --out out, or name a folder: `forecast doctor --out DIR`",
        ));
    }
    let checks = doctor::checks(args.out.as_deref());
    Terminal::default().print(&check_list::draw(&checks))?;
    Ok(exit_status::of_checks(checks.iter().all(Check::is_good)))
}
