//! `forecast predict`: forecasts with a saved model, without training.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::Forecast;
use forecast::read::Dataset;
use forecast::report::Report;
use forecast::run::RunRecord;
use forecast::write::{Table, forecasts_as_written};

use crate::args::horizon::{self, Horizon, UntilArg};
use crate::args::reading::{EarlierFlags, InheritArg, ReadArgs};
use crate::args::{format::FormatArg, levels::LevelArgs};
use crate::exit_status::{self, CliError};
use crate::report::explanation::{ExplainArg, Explanation};
use crate::report::json_output::{JsonArg, JsonTables};
use crate::report::output_dir::{self, OutputDir};
use crate::report::{forecast_table, html_report::ReportArg, inspection, run_json};
use crate::report::{table_files::TableSink, terminal::Terminal};
use crate::saved_model::{self, LoadedModel};
use crate::totals::{PathStatistics, TotalsArgs};

const AFTER_HELP: &str = "\
Files in DIR, as `forecast` writes them:
  forecast.csv, forecast.png, history.csv, repairs.csv, failed.csv, totals.csv,
  threshold.csv, report.html, run.json, with --explain components.csv and .png;
  with --format xlsx, forecast.xlsx instead of .csv files

A file is read with the flags of the run that saved the model, unless others are
typed. --only-typed reads it without them.

Examples:
  forecast predict --model demand-model --csv newer.csv
  forecast predict --model demand-forecast --csv newer.csv --horizon 3 --out - > next_days.csv
  forecast predict --model demand-model --csv newer.csv --level 50,99 --explain
";

/// Forecast with a saved model, on the same data or newer
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_PREDICTION)))]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    pub(super) of: SavedModelArgs,
}

/// The arguments of the commands that forecast with a saved model.
#[derive(Debug, Args)]
pub(crate) struct SavedModelArgs {
    /// Folder of a saved model, or of the run that saved it
    #[arg(long, value_name = "DIR")]
    pub(super) model: PathBuf,
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    pub(super) inherit: InheritArg,
    /// Steps to forecast, or a span of time such as 2w; at most the horizon of the model [default: that horizon]
    #[arg(short = 'n', long, value_name = "STEPS", help_heading = "Forecast")]
    #[arg(visible_aliases = ["steps", "periods", "h"])]
    horizon: Option<Horizon>,
    #[command(flatten)]
    until: UntilArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    levels: LevelArgs,
    #[command(flatten)]
    totals: TotalsArgs,
    #[command(flatten)]
    page: ReportArg,
    #[command(flatten)]
    explain: ExplainArg,
    /// Folder to write, `-` for none: forecast.csv, the object of --json, or --format arrow, on stdout [default: <name of the file>-prediction]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) terminal: Terminal,
    #[command(flatten)]
    pub(super) json: JsonArg,
}

pub(super) fn run(args: &PredictArgs, earlier_flags: EarlierFlags) -> anyhow::Result<ExitCode> {
    let (start, args) = (Instant::now(), &args.of);
    let model = LoadedModel::load(&args.model)?;
    model.check_covariates(&args.read)?;
    let earlier = model.saved.flags_of_run(args.inherit, earlier_flags)?.map(ReadArgs::without_covariates);
    let options = model.options(&args.read.clone().or(earlier.as_ref()), args.inherit)?;
    let mut dataset = saved_model::read_for(&args.read, args.read.input(), options, model.saved.trained_on.as_ref())?;
    dataset.panel = model.with_seasons(dataset.panel, &args.read)?;
    model.leave_out_incomplete_futures(&mut dataset);
    let notices = saved_model::flags_notices(&args.read, earlier.as_ref());
    let record = run_json::start_record("predict", &args.read.csv, &dataset);
    Prediction { args, model: &model, dataset: &dataset, record, notices, start }.make()?;
    Ok(exit_status::done(&dataset, false))
}

/// A forecast with a saved model.
pub(super) struct Prediction<'a> {
    pub(super) args: &'a SavedModelArgs,
    pub(super) model: &'a LoadedModel,
    /// The data to forecast from.
    pub(super) dataset: &'a Dataset,
    pub(super) record: RunRecord,
    /// What is to be printed before the forecast.
    pub(super) notices: Vec<String>,
    pub(super) start: Instant,
}

impl Prediction<'_> {
    /// Forecasts, prints the results and writes the folder of the run.
    pub(super) fn make(self) -> anyhow::Result<()> {
        let Self { args, model, dataset, mut record, notices, start } = self;
        let json = args.json.or_stream(args.format.is_stream())?;
        let (panel, terminal, forecaster) = (&dataset.panel, &json.terminal(&args.terminal), model.forecaster.as_ref());
        let levels = model.levels(&args.levels)?;
        let steps = horizon::steps(args.horizon, &args.until, panel)?;
        let folder = OutputDir::check_unless_stdout(&args.read.out_or_default(args.out.as_deref(), "prediction"))?;
        args.totals.check(panel.frequency(), folder.as_ref(), &json)?;
        let page = args.page.check(folder.as_ref(), panel)?;
        args.explain.check(folder.as_ref(), &json)?;
        if let Some(folder) = folder.as_ref().filter(|folder| folder.contains(&model.saved.folder)) {
            return Err(CliError::usage(
                format!("{} holds the model, so it is not replaced", folder.typed_path.display()),
                "choose another folder with `--out DIR`",
            ));
        }
        let differences = model.differences(&args.read, panel)?;
        let exact = model.forecast((panel, &args.read), &levels, steps);
        let exact = exact.inspect_err(|_| inspection::print_future_notices(terminal, dataset))?;
        args.format.check(folder.as_ref(), exact.iter().map(|forecast| forecast.times().len()).sum())?;
        inspection::print_notices(terminal, dataset, panel);
        notices.iter().for_each(|notice| terminal.notice(notice));
        differences.iter().for_each(|difference| terminal.notice(difference));

        let statistics = args.totals.compute(Some(forecaster), panel, &exact, &levels, 0)?;
        let forecasts = forecasts_as_written(panel, exact);
        let explanation = args.explain.explanation(forecaster, panel, &forecasts)?;
        model.record_forecasts(&mut record, &differences, &forecasts);
        record.setting("model_folder", args.model.to_string_lossy());
        record.setting("explain", args.explain.is_requested().then_some(true));
        record.notices.extend(notices);
        explanation.iter().for_each(|explanation| record.reasons(panel, &explanation.reasons));
        record.duration("total", start.elapsed());
        let formats = args.format.resolve();
        formats.pictures.record(&mut record);
        let page = page.of_run(&mut record, panel);
        let results = Results { forecasts: &forecasts, statistics: &statistics, explanation: explanation.as_ref() };
        let tables = |to: &mut JsonTables| results.add_to(to, dataset);
        match folder {
            None if json.has_object() => {
                json.print(&mut record, Ok(()), tables)?;
            }
            None => Terminal::print_csv(panel, &forecasts)?,
            Some(folder) => {
                let written = folder.replace(&mut record, &formats, |files| {
                    results.add_to(files, dataset)?;
                    output_dir::write_past(files, panel, None)?;
                    output_dir::draw_forecast(files, panel, &forecasts, None)?;
                    explanation.iter().try_for_each(|explanation| explanation.draw(files, panel))?;
                    page.write(files.folder, || results.report(dataset))
                });
                forecast_table::print(terminal, panel, &forecasts)?;
                statistics.print(terminal, panel, &forecasts)?;
                if written.is_ok() {
                    terminal.print(&folder.contents_line()?)?;
                }
                explanation.iter().try_for_each(|explanation| terminal.print(&explanation.lines(panel)))?;
                json.print(&mut record, written, tables)?;
            }
        }
        Ok(())
    }
}

/// What a saved model says of new data.
struct Results<'a> {
    forecasts: &'a [Forecast],
    statistics: &'a PathStatistics,
    explanation: Option<&'a Explanation>,
}

impl Results<'_> {
    /// Adds the tables that are files of the folder and members of the object of `--json`.
    fn add_to(&self, to: &mut impl TableSink, dataset: &Dataset) -> anyhow::Result<()> {
        let panel = &dataset.panel;
        to.add(panel, &Table::Forecast(self.forecasts))?;
        self.statistics.add_to(to, panel, self.forecasts)?;
        if let Some(Explanation { components, .. }) = self.explanation {
            to.add(panel, &Table::Components(components))?;
        }
        output_dir::add_repairs(to, dataset)
    }

    fn report<'a>(&'a self, dataset: &'a Dataset) -> Report<'a> {
        Report {
            forecasts: self.forecasts,
            components: self.explanation.map_or(&[], |explanation| &explanation.components),
            reasons: self.explanation.map_or(&[], |explanation| &explanation.reasons),
            ..Report::new(dataset, &dataset.panel)
        }
    }
}
