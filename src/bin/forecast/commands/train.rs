//! Fit and keep what was learned, for forecasts later.

use forecast::read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use forecast::model::Task;

use super::forecast::write_repairs;
use super::{HorizonArg, finished, save_training};
use crate::budget::Budget;
use crate::covariates;
use crate::interrupt;
use crate::learn;
use crate::reading::ReadArgs;
use crate::report::ensemble_summary;
use crate::report::output_dir::OutputDir;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::resume::ResumeArg;
use crate::settings::{Loudness, ModelArgs};

const AFTER: &str = "\
Writes into DIR:
  model/       settings.json, and the weights of networks
  loss.png     loss and gradient norm in training, of auto's best network; only
               where one was trained
  repairs.csv  every value that was filled, merged, clipped or left out, if any
  run.json     command, settings, versions, hash of the input, timings

Examples:
  forecast train --csv demand.csv --horizon 14 --out demand-model
  forecast train --csv demand.csv --horizon 14 --model lstm --hidden 128 --epochs 500
  forecast predict --model demand-model --csv newer.csv

A network learns by truncated backpropagation through time: the series is
walked in chunks of --bptt steps, gradients reach back to the start of a chunk
and no further, while the hidden state is carried on into the next.
";

/// Fit a model on a whole file and keep it, for `forecast predict`
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    ahead: HorizonArg,

    /// OutputDir to write [default: <the file's stem>-model]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    resume: ResumeArg,

    #[command(flatten)]
    loudness: Loudness,
}

pub(super) fn run(args: &TrainArgs) -> anyhow::Result<ExitCode> {
    let chosen = args.model.resolve()?;
    covariates::check(&args.read, std::iter::once(chosen.model()))?;
    let screen = Terminal::new(args.loudness);
    let (began, budget) = (Instant::now(), Budget::of(args.model.fitting.budget()));
    let dataset = read::read(&args.read.input(), &args.read.options())?;
    let mut record = RunRecord::new(args.read.shown(), &dataset);
    record.took("read", began.elapsed());
    let panel = &dataset.panel;
    let task = Task { seed: args.model.fitting.seed(), ..Task::new(args.ahead.horizon.steps(panel.frequency())?) };
    panel.for_horizon(task.horizon)?;
    let folder = OutputDir::check(&args.out.clone().unwrap_or_else(|| args.read.default_folder("model")))?;
    let unfinished = args.resume.place(&chosen, panel, Some(&folder), &screen)?;
    let task = Task { checkpoints: unfinished.path(), ..task };
    let chosen = chosen.settled(panel, false);
    record.settings(&task, &chosen);
    screen.understood(&dataset);
    screen.beside(panel);
    screen.detail(&record.settings_in_words());

    let model = chosen.model();
    let task = Task { budget: budget.left(Duration::ZERO), ..task };
    let fitted = learn::fit(model, panel, &task, &screen, &format!("fitting {}", model.name()))?;
    screen.trained(&fitted);
    record.training(&fitted, interrupt::requested());
    let weighings = fitted.forecaster.weighing();
    screen.weights(&weighings);
    let weights = ensemble_summary::line(model.name(), &weighings);
    record.weights(weighings);
    record.took("fit", fitted.took);
    record.took("total", began.elapsed());
    folder.replace(|new| {
        save_training(new, &fitted)?;
        write_repairs(new, &dataset)?;
        record.write(new)
    })?;
    screen.wrote(&folder)?;
    weights.iter().try_for_each(|line| screen.say(line))?;
    unfinished.over(&screen)?;
    screen.say(&format!("next: forecast predict --model {} --csv FILE", folder.shown().display()))?;
    Ok(finished())
}
