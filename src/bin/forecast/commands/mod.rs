//! One file a command: its arguments and its `run`.

mod backtest;
mod diagnose;
mod forecast;
mod inspect;
mod predict;
mod train;

use ::forecast::plot;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, FromArgMatches, Subcommand};

use crate::cli_error::INTERRUPTED;
use crate::horizon::Horizon;
use crate::interrupt;
use crate::learn::Fitted;

const ABOUT: &str = "Forecasts time series, and says honestly whether that beats the naive guess";

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ", libtorch ", env!("FORECAST_LIBTORCH"));

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed
  2    the command does not make sense
  3    the data cannot be read or understood
  5    done, but with --require-skill the model does not beat seasonal naive
  130  interrupted; the best so far is kept and forecast with";

/// The command line as typed.
#[derive(Debug)]
pub(crate) enum Cli {
    /// What is done where no command is named.
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
    /// Parses this process's arguments.
    pub(crate) fn parse() -> Result<Self, clap::Error> {
        let command = clap::Command::new("forecast")
            .version(VERSION)
            .args_conflicts_with_subcommands(true)
            .subcommand_negates_reqs(true)
            .disable_help_subcommand(true);
        let command = Command::augment_subcommands(command)
            .mut_subcommand("diagnose", |of| of.mut_arg("model", |arg| arg.help(diagnose::model_help())));
        let command = forecast::ForecastArgs::augment_args(command).about(ABOUT);
        let matches = command.try_get_matches()?;
        match matches.subcommand_name() {
            Some(_) => Command::from_arg_matches(&matches).map(Self::Named),
            None => forecast::ForecastArgs::from_arg_matches(&matches).map(Self::Forecast),
        }
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

/// The commands' names, as typed.
pub(crate) const NAMES: [&str; 5] = ["train", "predict", "inspect", "backtest", "diagnose"];

/// How far to forecast.
#[derive(Debug, Args)]
pub(crate) struct HorizonArg {
    /// Steps to forecast, or a span of time such as 2w, 12h or 3m (months)
    #[arg(
        short = 'n',
        long,
        value_name = "STEPS",
        help_heading = "Forecast",
        visible_aliases = ["steps", "periods", "h"],
        allow_negative_numbers = true
    )]
    pub(crate) horizon: Horizon,
}

/// Writes model/, and loss.png where there were epochs to draw.
fn save_training(folder: &Path, fitted: &Fitted) -> anyhow::Result<()> {
    let model = folder.join("model");
    fs::create_dir(&model).context("writing model/ failed")?;
    fitted.forecaster.save(&model)?;
    if !fitted.epochs.is_empty() {
        plot::training(&folder.join("loss.png"), &fitted.epochs, fitted.best())?;
    }
    Ok(())
}

/// Everything is written; an interrupted run still says that it was one.
fn finished() -> ExitCode {
    if interrupt::requested() { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS }
}
