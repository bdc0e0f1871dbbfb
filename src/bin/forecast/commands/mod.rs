//! The commands: one file for each, with its arguments and its `run`.

mod backtest;
mod completions;
mod diagnose;
mod diff;
mod doctor;
mod forecast;
mod inspect;
mod man_pages;
mod mcp;
mod plot;
mod predict;
mod score;
mod serve;
mod train;
mod update;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{Arg, Args, FromArgMatches, Subcommand};

use crate::args::{reading::ReadArgs, usage, value::at_least_one};
use crate::interrupt;
use crate::report::{json_output, terminal};

/// The names of the commands, as typed.
const NAMES: [&str; 13] = [
    "train",
    "predict",
    "update",
    "inspect",
    "backtest",
    "diagnose",
    "plot",
    "diff",
    "score",
    "serve",
    "mcp",
    "doctor",
    "completions",
];
/// The placeholders of numbers. Their flags accept negative ones, so that the parser of the number rejects them.
const NUMBERS: [&str; 8] = ["N", "STEPS", "SIZE", "SHARE", "FACTOR", "NORM", "RATE", "VALUE"];

/// The command line as typed. `Forecast` is the command if none is named, and `ManPages` is not for users.
#[derive(Debug, Subcommand)]
enum Command {
    #[command(skip)]
    Forecast(forecast::ForecastArgs),
    Train(train::TrainArgs),
    Predict(predict::PredictArgs),
    Update(update::UpdateArgs),
    Inspect(inspect::InspectArgs),
    Backtest(backtest::BacktestArgs),
    Diagnose(diagnose::DiagnoseArgs),
    Plot(plot::PlotArgs),
    Diff(diff::DiffArgs),
    Score(score::ScoreArgs),
    Serve(serve::ServeArgs),
    Mcp(mcp::McpArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    #[command(skip)]
    ManPages(man_pages::ManPagesArgs),
}

#[derive(Debug, Args)]
struct ThreadsArgs {
    /// Threads to compute on; the forecasts do not depend on it [default: one for each core]
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one, help_heading = "Speed")]
    threads: Option<usize>,
}

/// Runs the command that the arguments of this process name.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let (command, threads) = match parse(std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            terminal::print_help(&error.render())?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(usage::usage_error(&error, &command_line(), &NAMES)),
    };
    if let Some(threads) = threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("creating threads failed")?;
    }
    if let Command::Mcp(args) = &command {
        // its requests are other processes, so that Ctrl-C needs no orderly end of a fit
        return mcp::run(args, &command_line());
    }
    interrupt::listen(json_output::print_interruption)?;
    match command {
        Command::Forecast(args) => forecast::run(&args, read_args_of),
        Command::Train(args) => train::run(&args),
        Command::Predict(args) => predict::run(&args, read_args_of),
        Command::Update(args) => update::run(&args, read_args_of),
        Command::Inspect(args) => inspect::run(&args),
        Command::Backtest(args) => backtest::run(&args),
        Command::Diagnose(args) => diagnose::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Diff(args) => diff::run(&args, &option_names()),
        Command::Score(args) => score::run(&args, read_args_of),
        Command::Serve(args) => serve::run(args, read_args_of),
        Command::Mcp(args) => mcp::run(&args, &command_line()),
        Command::Doctor(args) => doctor::run(&args),
        Command::Completions(args) => completions::run(&args, &mut command_line()),
        Command::ManPages(args) => man_pages::run(&args, command_line()),
    }
}

/// All commands for users, with their arguments.
fn command_line() -> clap::Command {
    let command = clap::Command::new("forecast")
        .version(concat!(env!("CARGO_PKG_VERSION"), ", libtorch ", env!("FORECAST_LIBTORCH")))
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .disable_help_subcommand(true);
    let command =
        ThreadsArgs::augment_args(forecast::ForecastArgs::augment_args(Command::augment_subcommands(command)));
    command
        .about("Forecasts time series and compares the forecast with seasonal naive")
        .mut_subcommand("diagnose", |of| of.mut_arg("model", |arg| arg.help(diagnose::model_help())))
        .mut_args(allow_negative_numbers)
        .mut_subcommands(|of| of.mut_args(allow_negative_numbers))
}

/// Parses the command and its number of threads.
fn parse(args: impl IntoIterator<Item = OsString>) -> Result<(Command, Option<usize>), clap::Error> {
    let matches = command_line().subcommand(man_pages::command()).try_get_matches_from(args)?;
    let of_command = matches.subcommand().map_or(&matches, |(_, of_command)| of_command);
    let threads = ThreadsArgs::from_arg_matches(of_command)?.threads;
    let command = match matches.subcommand() {
        Some((man_pages::NAME, own)) => Command::ManPages(man_pages::ManPagesArgs::from_arg_matches(own)?),
        Some(_) => Command::from_arg_matches(&matches)?,
        None => Command::Forecast(forecast::ForecastArgs::from_arg_matches(&matches)?),
    };
    Ok((command, threads))
}

/// The flags of the file in the command of an earlier run; `None` if it is one that this version does not accept.
fn read_args_of(command: &[String]) -> Option<ReadArgs> {
    match parse(command.iter().map(OsString::from)).ok()?.0 {
        Command::Forecast(args) => Some(args.read),
        Command::Train(args) => Some(args.read),
        Command::Predict(args) => Some(args.of.read),
        Command::Update(args) => Some(args.of.read),
        _ => None,
    }
}

/// The options of all commands, such as `--horizon`.
fn option_names() -> Vec<String> {
    let all = command_line();
    let of_commands = all.get_subcommands().flat_map(clap::Command::get_arguments);
    let names = all.get_arguments().chain(of_commands).filter_map(Arg::get_long);
    names.map(|name| format!("--{name}")).collect()
}

fn allow_negative_numbers(arg: Arg) -> Arg {
    let names = arg.get_value_names().unwrap_or_default();
    let is_number = names.iter().any(|name| NUMBERS.contains(&name.as_str()));
    arg.allow_negative_numbers(is_number)
}
