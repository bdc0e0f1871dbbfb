//! `forecast`: reads a file, fits a model, forecasts, compares the model with seasonal naive, and writes files.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::backtest::{ANOMALY_INTERVAL, Anomalies, is_verdict_baseline};
use forecast::forecast::ForecastColumns;
use forecast::hierarchy::ReconcileMethod;
use forecast::model::{Observer, TrainedOn};
use forecast::read::{Dataset, Source};
use forecast::sensitivity::RepairEffect;
use forecast::write::Table;
use forecast::{Forecast, Hierarchy, Model, Panel, Task};

use crate::args::model::{DEFAULT_MODEL, ModelArgs};
use crate::args::pooled_model::{self, GivenModel, PooledModelArg};
use crate::args::reading::{EarlierFlags, InheritArg, ReadArgs};
use crate::args::resume::{ResumeArg, finish_checkpoints};
use crate::args::{format::FormatArg, horizon::HorizonArg, levels::LevelArgs, value::one_of};
use crate::exit_status::CliError;
use crate::outcome::{Outcome, Request};
use crate::report::explanation::{ExplainArg, Explanation};
use crate::report::json_output::{JsonArg, JsonTables};
use crate::report::output_dir::{self, OutputDir, check_has_folder};
use crate::report::table_files::{TableFiles, TableSink};
use crate::report::{ensemble_summary, forecast_table, html_report::ReportArg, inspection};
use crate::report::{reconciliation_table, run_json, trust_files};
use crate::report::{terminal::Terminal, training_line::training_line, verdict_line::verdict_line};
use crate::totals::TotalsArgs;
use crate::{exit_status, fit, interrupt};

const AFTER_HELP: &str = "\
Files in DIR:
  forecast.csv     the forecast: id and time columns as in the input, then
                   forecast, lo_80, hi_80, lo_95, hi_95, or those of --level
  forecast.png     the end of the history, the forecast and its intervals
  history.csv      the series as the models see them, and their values in the file
  backtest.csv     the forecasts of the past behind the verdict, and the actual values
  totals.csv       with --total: the sum of each period and its intervals; `of` is
                   how many steps the period has, `steps` how many are forecast;
                   `year_before` sums the same steps a year before
  threshold.csv    with --threshold: the probability of a higher value at each
                   step and up to it, and the expected number of such steps
  metrics.csv      with --pooled-model: the scores of each series, and those of seasonal
                   naive for the same steps of the past
  sensitivity.csv  with --sensitivity: the effect of each kind of repair on the
                   forecast of each series
  anomalies.csv    with --anomalies: past values outside the 95 % intervals that were
                   forecast for them, the newest first; `deviations` is their
                   distance from the forecast in standard deviations
  components.csv   with --explain: the parts that add up to each forecast, such as level,
                   seasons and holidays, in the unit of the target
  components.png   with --explain: a panel for each of these parts
  report.html      the forecast, its record and its reasons on one page, which loads
                   nothing
  residuals.csv    with --explain: actual minus forecast, of forecasts at past cutoffs
  residuals.png    with --explain: the residuals over time, their sizes against the
                   intervals, their autocorrelation, and what they say
  backtest.png     with --explain: forecasts over what happened, errors by step, and
                   the nominal against the empirical share below each quantile
  repairs.csv      the values that were filled, merged, clipped or left out, if any
  failed.csv       the series that cannot be forecast and why, if any
  loss.png         loss, learning rate and gradient norm by epoch, if a network was
                   trained; with auto, of its best network
  training.csv     the numbers of loss.png, a row for each epoch
  model/           the fitted model, for `forecast predict`
  forecast.xlsx    with --format xlsx: the tables above as sheets, instead of .csv
  run.json         command, settings, versions, hash of the input, timings, scores,
                   and the weights and errors of auto's candidates

The default model, auto, is an ensemble. It forecasts at several origins in the
past with every candidate model. Candidates are weighted by their errors there.
The errors of the ensemble set the intervals. The line `auto: ...` names the
largest weights, --verbose prints all of them. With two series or more, networks
that learn from all of them (--model global) are a candidate too. Their weight
depends on their errors on holdouts, the last horizons.

Totals and probabilities come from 1,000 sample paths. The model deepar draws its
own. For any other model the paths keep the distribution of each step, and take
the dependence between steps from past forecast errors of the same series.

The last line compares the model with seasonal naive, which repeats the value of
one season ago. Both forecast up to five folds of the past, each from the data
before it. A difference is claimed only if chance is unlikely: p is below 0.05, and
the difference has the same sign in at least nine of ten folds, or spans of time if
folds are more. The expected gain is the gain of the past, shrunk toward a usual one,
since part of it was luck.

The same command on the same file writes the same forecast.csv and forecast.png,
byte for byte, unless there is a --budget.

Examples:
  forecast --csv demand.csv --horizon 7
  forecast --csv demand.csv --horizon 2w --target demand --out july
  forecast --csv sales.csv --id store,item -n 8 --model gru
  forecast --csv tourism.csv -n 8 --reconcile
  forecast --csv demand.csv -n 7 --level 50,99 --quantiles 0.9
  forecast --csv demand.csv -n 7 --budget 20s --require-skill
  forecast --csv demand.csv -n 14 --total week --threshold 250000
  forecast --csv sales.csv -n 28 --model deepar --total month
  forecast --csv sales.xlsx --sheet Data --until 2025-12 --total quarter --format xlsx
  forecast --csv demand.csv -n 7 --covariates temperature --future weather.csv --holidays AU
  forecast --csv demand.csv -n 7 --json --out - | jq .tables.forecast
  cat demand.csv | forecast --csv - --target demand -n 7 --out - > next.csv
  forecast --csv - -n 7 --out - --format arrow < demand.arrows > next.arrows
";

const RECONCILE: &str = "\
Also forecast the sums of the series by every id column, and make all forecasts add up. mint [the default of \
--reconcile] changes forecasts with large errors more than those with small ones. bottom-up sums the forecasts of the \
single series. In forecast.csv, `(all)` stands for all values of an id column. For amounts that can be summed, not for \
means, prices or shares";

#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_FORECAST)))]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    horizon: HorizonArg,
    /// Folder to write, `-` for none: forecast.csv, the object of --json, or --format arrow, on stdout [default: <name of the file>-forecast]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    levels: LevelArgs,
    #[command(flatten)]
    totals: TotalsArgs,
    #[command(flatten)]
    page: ReportArg,
    /// Also list past values outside the 95 % intervals that were forecast for them, and mark them
    #[arg(long, help_heading = "Forecast")]
    anomalies: bool,
    #[command(flatten)]
    explain: ExplainArg,
    /// End with exit code 5 if the model does not beat seasonal naive, or the record is too short to tell
    #[arg(long, help_heading = "Forecast")]
    require_skill: bool,
    /// Also forecast the sums by every id column, and make all add up; for amounts, not for means or shares
    #[arg(long, value_name = "HOW", help_heading = "Forecast", long_help = RECONCILE)]
    #[arg(value_parser = one_of(&METHODS), num_args = 0..=1, default_missing_value = "mint")]
    #[arg(conflicts_with_all = ["covariates", "categories", "holidays", "future"])]
    reconcile: Option<ReconcileMethod>,
    /// Forecast again with an alternative to each kind of repair, and print the change of the forecast
    #[arg(long, help_heading = "Forecast", conflicts_with_all = ["reconcile", "budget"])]
    sensitivity: bool,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    pooled: PooledModelArg,
    #[command(flatten)]
    inherit: InheritArg,
    #[command(flatten)]
    resume: ResumeArg,
    #[command(flatten)]
    terminal: Terminal,
    #[command(flatten)]
    json: JsonArg,
}

const METHODS: [(&str, &str, ReconcileMethod); 2] = [
    (
        "mint",
        "Change forecasts with large errors more than those with small ones (minimum trace, with shrinkage)",
        ReconcileMethod::Mint,
    ),
    ("bottom-up", "Sum the forecasts of the single series", ReconcileMethod::BottomUp),
];

pub(super) fn run(args: &ForecastArgs, earlier_flags: EarlierFlags) -> anyhow::Result<ExitCode> {
    let (start, budget) = (Instant::now(), args.model.fitting.start_budget());
    let json = args.json.or_stream(args.format.is_stream())?;
    let terminal = &json.terminal(&args.terminal);
    let model = args.checked_model()?;
    let given = args.given_model(earlier_flags)?;
    let levels = args.levels.resolve()?;
    let source = if args.sensitivity { args.read.input().into_rereadable()? } else { args.read.input() };
    let mut dataset = pooled_model::read_for(given.as_ref(), &args.read, &source)?;
    let horizon = args.horizon.steps(&dataset.panel)?;
    given.iter().try_for_each(|given| given.check_horizon(horizon))?;
    pooled_model::check_future(given.as_ref(), &mut dataset, &args.read, horizon)
        .inspect_err(|_| inspection::print_future_notices(terminal, &dataset))?;
    let differences = given.as_ref().map(|given| given.differences(&args.read, &dataset.panel)).transpose()?;
    let differences = differences.unwrap_or_default();
    let flags_notices = given.as_ref().map_or_else(Vec::new, |given| given.flags_notices(&args.read));
    let model = given.as_ref().map_or(model, GivenModel::model);
    dataset.notices.extend(dataset.uneven_series_notices(horizon));
    let mut record = run_json::start_record("forecast", &args.read.csv, &dataset);
    record.setting("differences_from_training", Some(&differences).filter(|all| !all.is_empty()));
    record.notices.extend(flags_notices.iter().cloned());
    record.duration("read", start.elapsed());
    let hierarchy = args.hierarchy(&dataset.panel)?;
    let panel = hierarchy.as_ref().map_or(&dataset.panel, Hierarchy::panel);
    let out = args.read.out_or_default(args.out.as_deref(), "forecast");
    given.iter().try_for_each(|given| given.check_output(&out))?;
    let folder = OutputDir::check_unless_stdout(&out)?;
    args.totals.check(panel.frequency(), folder.as_ref(), &json)?;
    args.format.check(folder.as_ref(), panel.count() * horizon)?;
    let page = args.page.check(folder.as_ref(), panel)?;
    args.check_anomalies(&levels, folder.as_ref(), &json)?;
    args.explain.check(folder.as_ref(), &json)?;
    let model = model.resolved_for(panel);
    let model = if hierarchy.is_some() { model.with_hindcasts_of_several_origins() } else { model };
    let checkpoints = args.resume.checkpoints(model.as_ref(), panel, folder.as_ref(), terminal)?;
    let task = Task { levels, seed: args.model.fitting.seed(), checkpoints, ..Task::new(horizon) };
    record.model(model.as_ref(), &task);
    record.setting("anomalies", args.anomalies.then_some(true));
    record.setting("explain", args.explain.is_requested().then_some(true));
    inspection::print_notices(terminal, &dataset, panel);
    flags_notices.iter().chain(&differences).for_each(|notice| terminal.notice(notice));
    hierarchy.iter().for_each(|hierarchy| terminal.message(&reconciliation_table::levels_line(hierarchy)));
    terminal.detail(&run_json::settings_in_words(&record));

    let reconciliation = args.reconcile.zip(hierarchy.as_ref());
    let request = Request { model: model.as_ref(), task: &task, panel, reconciliation, budget: &budget, terminal };
    let mut outcome = request.run(&args.totals)?;
    let sensitivity = || args.sensitivity(&request, &source, &dataset, &outcome.forecasts);
    outcome.sensitivity = args.sensitivity.then(sensitivity);
    outcome.anomalies = args.anomalies.then(|| Anomalies::find(panel, outcome.hindcasts()));
    outcome.residuals = args.explain.is_requested().then(|| request.residuals(&outcome)).transpose()?;
    outcome.training_line = training_line(model.as_ref(), &outcome.fitted.log.epochs, args.model.fitting.budget());
    let forecaster = outcome.fitted.fit.forecaster.as_ref();
    outcome.explanation = args.explain.explanation(forecaster, panel, &outcome.forecasts)?;
    let sentence = verdict_line(&outcome.verdict, panel, &task);
    run_json::record_fit(&mut record, &outcome.fitted);
    record.training.iter_mut().for_each(|training| training.sentence.clone_from(&outcome.training_line));
    record.notices.extend(forecast_table::width_notice(&outcome.forecasts));
    record.verdict(&outcome.verdict, &sentence);
    outcome.reconciliation.iter().for_each(|report| record.reconciliation(report));
    outcome.sensitivity.iter().for_each(|effects| record.sensitivity(effects));
    outcome.explanation.iter().for_each(|explanation| record.reasons(panel, &explanation.reasons));
    let no_residuals = trust_files::notice(&outcome);
    no_residuals.iter().for_each(|notice| terminal.notice(notice));
    record.notices.extend(no_residuals);
    record.residuals = outcome.residuals.as_ref().map(|residuals| residuals.forecasts.clone());
    record.duration("total", start.elapsed());
    let lines = closing_lines(panel, model.name(), &outcome, sentence.clone());
    let formats = args.format.resolve();
    formats.pictures.record(&mut record);
    let page = page.of_run(&mut record, panel);
    let tables = |to: &mut JsonTables| add_tables(to, &dataset, panel, &outcome);
    match &folder {
        None => {
            if !json.has_object() {
                Terminal::print_csv(panel, &outcome.forecasts)?;
            }
            lines.iter().for_each(|line| terminal.message(line));
            json.print(&mut record, finish_checkpoints(&task, terminal), tables)?;
        }
        Some(folder) => {
            let trained_on = TrainedOn::of(panel, model.as_ref());
            let fill = |files: &mut TableFiles<'_>| {
                write(files, &request, &dataset, &trained_on, &outcome)?;
                trust_files::write(files, &request, &outcome)?;
                page.write_forecast(files.folder, &request, &dataset, &outcome, &sentence)
            };
            let written = folder.replace(&mut record, &formats, fill);
            print(&request, &outcome, written.is_ok().then_some(folder), &lines)?;
            let finished = written.and_then(|()| finish_checkpoints(&task, terminal));
            json.print(&mut record, finished, tables)?;
        }
    }
    Ok(exit_status::done(&dataset, args.require_skill && !outcome.verdict.beats_baseline()))
}

impl ForecastArgs {
    /// The model, checked against the other flags.
    fn checked_model(&self) -> anyhow::Result<Box<dyn Model>> {
        let model = self.model.resolve_or(DEFAULT_MODEL)?;
        if self.require_skill && is_verdict_baseline(model.name()) {
            return Err(CliError::usage(
                "--require-skill is never met by seasonal-naive, which is the baseline itself",
                "leave --require-skill out, or choose another model, such as `--model lstm`",
            ));
        }
        if !self.pooled.names_a_folder() {
            self.read.check_covariates(std::slice::from_ref(&model))?;
        }
        Ok(model)
    }

    /// The pooled model, if one is given. Sums of the series of a file would depend on all of them.
    fn given_model(&self, earlier_flags: EarlierFlags) -> anyhow::Result<Option<GivenModel>> {
        let given = self.pooled.resolve(&self.model.typed(), self.inherit, earlier_flags)?;
        given.iter().try_for_each(|given| given.check(&self.read, self.horizon.until()))?;
        let of_all_series = [("--reconcile", self.reconcile.is_some()), ("--sensitivity", self.sensitivity)];
        let typed = of_all_series.into_iter().find(|(_, is_typed)| *is_typed && given.is_some());
        if let Some((flag, _)) = typed {
            return Err(CliError::usage(
                format!(
                    "{flag} depends on all series of the file, and with --pooled-model none influences another one"
                ),
                "leave one of both out",
            ));
        }
        Ok(given)
    }

    /// Refuses `--anomalies` if the forecasts lack its interval, or the output goes to stdout.
    fn check_anomalies(&self, levels: &[f64], folder: Option<&OutputDir>, json: &JsonArg) -> anyhow::Result<()> {
        if !self.anomalies {
            return Ok(());
        }
        if !ForecastColumns::of(levels).intervals().contains(&ANOMALY_INTERVAL) {
            return Err(CliError::usage(
                format!("--anomalies needs the {ANOMALY_INTERVAL} % interval, which the forecasts lack"),
                format!("add it to the intervals, as in `--level 80,{ANOMALY_INTERVAL}`"),
            ));
        }
        if json.has_object() { Ok(()) } else { check_has_folder("--anomalies", folder) }
    }

    /// The series and their sums, with `--reconcile`.
    fn hierarchy(&self, panel: &Panel) -> forecast::Result<Option<Hierarchy>> {
        let Some(method) = self.reconcile else { return Ok(None) };
        let hierarchy = Hierarchy::new(panel)?;
        hierarchy.check(method)?;
        Ok(Some(hierarchy))
    }

    /// Compares `base` with the forecasts after an alternative to each kind of repair; stops at Ctrl-C.
    fn sensitivity(
        &self,
        request: &Request,
        source: &Source,
        dataset: &Dataset,
        base: &[Forecast],
    ) -> Vec<RepairEffect> {
        let task = Task { checkpoints: None, ..request.task.clone() };
        let alternatives = dataset.alternatives(&self.read.options());
        let effects = alternatives.iter().take_while(|_| !interrupt::requested()).map(|alternative| {
            let label = format!("without: {}", alternative.repair);
            RepairEffect::measure(alternative, source, base, |panel| {
                let fit = |observer: &mut dyn Observer| request.model.fit(panel, &task, observer);
                fit::observed(&label, request.terminal, &task.budget, true, fit)?.fit.predict(panel)
            })
        });
        effects.collect()
    }
}

/// The lines after the tables, of which the verdict is the last.
fn closing_lines(panel: &Panel, model: &str, outcome: &Outcome, verdict: String) -> Vec<String> {
    let lines = [
        outcome.reconciliation.as_ref().map(reconciliation_table::line),
        outcome.sensitivity.as_deref().map(forecast_table::draw_sensitivity),
        outcome.anomalies.as_ref().map(|anomalies| forecast_table::anomalies_line(panel, anomalies)),
        outcome.explanation.as_ref().map(|explanation| explanation.lines(panel)),
        ensemble_summary::line(model, &outcome.fitted.fit.report.ensemble_weights),
        Some(verdict),
    ];
    lines.into_iter().flatten().collect()
}

/// Prints the tables, the files of the folder if they are written, and the lines after them.
fn print(
    request: &Request,
    outcome: &Outcome,
    written: Option<&OutputDir>,
    closing_lines: &[String],
) -> anyhow::Result<()> {
    let Request { terminal, panel, .. } = *request;
    forecast_table::print(terminal, panel, &outcome.forecasts)?;
    outcome.statistics.print(terminal, panel, &outcome.forecasts)?;
    if let Some(folder) = written {
        terminal.print(&folder.contents_line()?)?;
    }
    let table = outcome.reconciliation.as_ref().map(reconciliation_table::draw);
    table.iter().chain(closing_lines).try_for_each(|line| terminal.print(line))
}

/// Adds the tables that are files of the folder and members of the object of `--json`.
fn add_tables(to: &mut impl TableSink, dataset: &Dataset, panel: &Panel, outcome: &Outcome) -> anyhow::Result<()> {
    let Outcome { forecasts, statistics, sensitivity, anomalies, explanation, .. } = outcome;
    to.add(panel, &Table::Forecast(forecasts))?;
    statistics.add_to(to, panel, forecasts)?;
    if let Some(Anomalies { found, .. }) = anomalies {
        to.add(panel, &Table::Anomalies(found, &dataset.repairs))?;
    }
    if let Some(Explanation { components, .. }) = explanation {
        to.add(panel, &Table::Components(components))?;
    }
    if outcome.has_scores_by_series {
        to.add(panel, &Table::Metrics(&outcome.backtests))?;
    }
    if let Some(effects) = sensitivity {
        to.add(&dataset.panel, &Table::Sensitivity(effects))?;
    }
    output_dir::add_repairs(to, dataset)
}

fn write(
    files: &mut TableFiles<'_>,
    request: &Request,
    dataset: &Dataset,
    trained_on: &TrainedOn,
    outcome: &Outcome,
) -> anyhow::Result<()> {
    let panel = request.panel;
    let Outcome { fitted, forecasts, backtests, anomalies, explanation, .. } = outcome;
    add_tables(files, dataset, panel, outcome)?;
    output_dir::write_past(files, panel, backtests.first())?;
    output_dir::draw_forecast(files, panel, forecasts, anomalies.as_ref())?;
    if let Some(explanation) = explanation {
        explanation.draw(files, panel)?;
    }
    output_dir::write_model(
        files,
        panel,
        fitted.fit.forecaster.as_ref(),
        trained_on,
        (&fitted.log, &outcome.training_line),
    )
}
