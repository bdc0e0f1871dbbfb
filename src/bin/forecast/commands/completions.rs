//! `forecast completions`: prints the script with which a shell completes commands and flags.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use crate::exit_status;
use crate::report::terminal;

const AFTER_HELP: &str = "\
Examples:
  forecast completions bash > ~/.local/share/bash-completion/completions/forecast
  forecast completions zsh > ~/.zfunc/_forecast
  forecast completions fish > ~/.config/fish/completions/forecast.fish
  forecast completions powershell >> $PROFILE

bash needs the package bash-completion. For zsh, ~/.zshrc needs the line
`fpath+=~/.zfunc` before compinit is called.
";

/// Print the script with which a shell completes commands and flags
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct CompletionsArgs {
    /// Shell that reads the script
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, command: &mut clap::Command) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "forecast", &mut script);
    terminal::print_script(&script)?;
    Ok(ExitCode::SUCCESS)
}
