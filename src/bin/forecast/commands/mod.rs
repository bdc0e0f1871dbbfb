//! The commands: one file for each, with its arguments and its `run`.

mod backtest;
mod diagnose;
mod forecast;
mod inspect;
mod predict;
mod train;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, FromArgMatches, Subcommand};

use crate::args::threads::ThreadsArgs;
use crate::args::usage;
use crate::report::terminal;

const ABOUT: &str = "Forecasts time series and compares the forecast with seasonal naive";

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ", libtorch ", env!("FORECAST_LIBTORCH"));

/// The names of the commands, as typed.
const NAMES: [&str; 5] = ["train", "predict", "inspect", "backtest", "diagnose"];

/// The command line as typed.
#[derive(Debug)]
pub(crate) enum Cli {
    /// The command if none is named.
    Forecast(forecast::ForecastArgs),
    /// One of the named commands.
    Named(Command),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Train(train::TrainArgs),
    Predict(predict::PredictArgs),
    Inspect(inspect::InspectArgs),
    Backtest(backtest::BacktestArgs),
    Diagnose(diagnose::DiagnoseArgs),
}

impl Cli {
    /// Parses the arguments of this process: the command, and the threads that it may use.
    pub(crate) fn parse() -> Result<(Self, ThreadsArgs), clap::Error> {
        let command = clap::Command::new("forecast")
            .version(VERSION)
            .args_conflicts_with_subcommands(true)
            .subcommand_negates_reqs(true)
            .disable_help_subcommand(true);
        let command = Command::augment_subcommands(command)
            .mut_subcommand("diagnose", |of| of.mut_arg("model", |arg| arg.help(diagnose::model_help())));
        let command = ThreadsArgs::augment_args(forecast::ForecastArgs::augment_args(command).about(ABOUT));
        let matches = command.try_get_matches()?;
        if let Some((_, of_command)) = matches.subcommand() {
            let threads = ThreadsArgs::from_arg_matches(of_command)?;
            return Ok((Self::Named(Command::from_arg_matches(&matches)?), threads));
        }
        let args = forecast::ForecastArgs::from_arg_matches(&matches)?;
        Ok((Self::Forecast(args), ThreadsArgs::from_arg_matches(&matches)?))
    }

    /// Runs the command.
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Forecast(args) => forecast::run(args),
            Self::Named(Command::Train(args)) => train::run(args),
            Self::Named(Command::Predict(args)) => predict::run(args),
            Self::Named(Command::Inspect(args)) => inspect::run(args),
            Self::Named(Command::Backtest(args)) => backtest::run(args),
            Self::Named(Command::Diagnose(args)) => diagnose::run(args),
        }
    }
}

/// Prints the text of `--help` or `--version`. Every other parse error is a failure.
pub(crate) fn help_or_error(error: &clap::Error) -> anyhow::Result<ExitCode> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        terminal::print_help(&error.render())?;
        return Ok(ExitCode::SUCCESS);
    }
    Err(usage::usage_error(error, &NAMES).into())
}
