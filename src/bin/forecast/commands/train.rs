//! `forecast train`: fits a model and saves it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::backtest::ModelBacktest;
use forecast::model::{Task, TrainedOn};
use forecast::write::hindcasts_as_written;

use crate::args::model::{DEFAULT_MODEL, ModelArgs};
use crate::args::pooled_model::SampleArg;
use crate::args::resume::{ResumeArg, finish_checkpoints};
use crate::args::{format::FormatArg, horizon::HorizonArg, levels::LevelArgs, reading::ReadArgs};
use crate::report::json_output::JsonArg;
use crate::report::output_dir::{self, OutputDir};
use crate::report::training_line::training_line;
use crate::report::{ensemble_summary, inspection, result_folder, run_json, terminal::Terminal};
use crate::{exit_status, fit};

const AFTER_HELP: &str = "\
Files in DIR:
  model/       the fitted model, for `forecast predict` and `forecast update`
  history.csv  the series as the model sees them
  backtest.csv the forecasts of the past by which auto and global were checked
  loss.png     loss, learning rate and gradient norm by epoch, if a network was
               trained; with auto, of its best network
  training.csv the numbers of loss.png, a row for each epoch
  repairs.csv  the values that were filled, merged, clipped or left out, if any
  failed.csv   the series that cannot be forecast and why, if any
  run.json     command, settings, versions, hash of the input, timings

Examples:
  forecast train --csv demand.csv --horizon 14 --out demand-model
  forecast train --csv demand.csv --horizon 14 --model lstm --hidden 128 --epochs 500
  forecast predict --model demand-model --csv newer.csv
  forecast train --csv sales.csv --horizon 12 --sample 1000 --out sales-model
  forecast --pooled-model sales-model --csv part.csv --horizon 12

A network is trained by truncated backpropagation through time: the series is
read in chunks of --bptt steps. Gradients go back to the start of a chunk. The
hidden state is kept from one chunk to the next.
";

/// Fit a model to a whole file and save it, for `forecast predict`
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_FIT)))]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    horizon: HorizonArg,
    #[command(flatten)]
    levels: LevelArgs,
    /// Folder to write [default: <name of the file>-model]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    sample: SampleArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    resume: ResumeArg,
    #[command(flatten)]
    terminal: Terminal,
    #[command(flatten)]
    json: JsonArg,
}

pub(super) fn run(args: &TrainArgs) -> anyhow::Result<ExitCode> {
    let (start, budget, terminal) =
        (Instant::now(), args.model.fitting.start_budget(), &args.json.terminal(&args.terminal));
    let model = args.sample.model(&args.model.typed(), args.model.resolve_or(DEFAULT_MODEL)?)?;
    args.read.check_covariates(std::slice::from_ref(&model))?;
    args.format.check_pictures_only()?;
    if !model.is_trained() {
        args.format.check_no_pictures(&format!("{} is not trained", model.name()))?;
    }
    let levels = args.levels.resolve()?;
    let mut dataset = args.sample.read(&args.read)?;
    let horizon = args.horizon.steps(&dataset.panel)?;
    args.sample.leave_out_incomplete_futures(&mut dataset, horizon);
    dataset.notices.extend(dataset.uneven_series_notices(horizon));
    let mut record = run_json::start_record("train", &args.read.csv, &dataset);
    record.duration("read", start.elapsed());
    let panel = &dataset.panel;
    panel.for_horizon(horizon).inspect_err(|_| inspection::print_future_notices(terminal, &dataset))?;
    let out = args.read.out_or_default(args.out.as_deref(), "model");
    result_folder::check_is_folder(&out)?;
    let folder = OutputDir::check(&out)?;
    let checkpoints = args.resume.checkpoints(model.as_ref(), panel, Some(&folder), terminal)?;
    let task = Task { levels, seed: args.model.fitting.seed(), checkpoints, budget, ..Task::new(horizon) };
    let model = model.resolved_for(panel);
    record.model(model.as_ref(), &task);
    inspection::print_notices(terminal, &dataset, panel);
    terminal.detail(&run_json::settings_in_words(&record));

    let label = format!("fitting {}", model.name());
    let fitted = fit::observed(&label, terminal, &task.budget, true, |observer| model.fit(panel, &task, observer))?;
    args.sample.check_complete()?;
    fitted.print(terminal);
    run_json::record_fit(&mut record, &fitted);
    record.duration("total", start.elapsed());
    let hindcasts = hindcasts_as_written(panel, &fitted.fit.report.hindcasts);
    let backtest = (!hindcasts.is_empty()).then(|| ModelBacktest::new(model.name(), panel, hindcasts));
    let formats = args.format.resolve();
    formats.pictures.record(&mut record);
    let written = folder.replace(&mut record, &formats, |files| {
        let trained_on = TrainedOn::of(panel, model.as_ref());
        let sentence = training_line(model.as_ref(), &fitted.log.epochs, args.model.fitting.budget());
        let log = (&fitted.log, sentence.as_str());
        output_dir::write_model(files, panel, fitted.fit.forecaster.as_ref(), &trained_on, log)?;
        output_dir::write_past(files, panel, backtest.as_ref())?;
        output_dir::add_repairs(files, &dataset)
    });
    let finished = written.and_then(|()| finish_checkpoints(&task, terminal));
    if finished.is_ok() {
        terminal.print(&folder.contents_line()?)?;
        let summary = ensemble_summary::line(model.name(), &fitted.fit.report.ensemble_weights);
        summary.iter().try_for_each(|line| terminal.print(line))?;
        let path = &folder.typed_path;
        let predict = || format!("forecast predict --model {} --csv FILE", path.display());
        terminal.print(&format!("next: {}", args.sample.next_command(path, horizon).unwrap_or_else(predict)))?;
    }
    args.json.print(&mut record, finished, |to| output_dir::add_repairs(to, &dataset))?;
    Ok(exit_status::done(&dataset, false))
}
