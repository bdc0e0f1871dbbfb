//! `forecast`: reads a file, fits a model, forecasts, compares the model with seasonal naive, and writes files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::backtest::is_verdict_baseline;
use forecast::budget::Budget;
use forecast::forecast::Forecast;
use forecast::model::{Model, Task};
use forecast::panel::Panel;
use forecast::read::{self, Dataset, Source};
use forecast::sensitivity::RepairEffect;
use forecast::write;

use crate::args::horizon::HorizonArg;
use crate::args::model::ModelArgs;
use crate::args::reading::ReadArgs;
use crate::args::resume::{CheckpointFolder, ResumeArg};
use crate::args::verbosity::VerbosityArgs;
use crate::cli_error::CliError;
use crate::outcome::{Outcome, Request};
use crate::reconcile::{Reconcile, Reconciler};
use crate::report::output_dir::{Destination, OutputDir};
use crate::report::output_files::{self, write_file};
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::report::{dataset_notes, ensemble_summary, forecast_table, reconciliation_table, sensitivity_table};
use crate::totals::TotalsArgs;
use crate::{exit_status, fit, interrupt};

const AFTER: &str = "\
Files in DIR:
  forecast.csv     the forecast: id and time columns as in the input, then
                   forecast, lo_80, hi_80, lo_95, hi_95
  forecast.png     the end of the history, the forecast and its intervals
  totals.csv       with --total: the sum of each period and its intervals; `of` is
                   how many steps the period has, `steps` how many are forecast
  threshold.csv    with --threshold: the probability of a higher value at each
                   step and up to it, and the expected number of such steps
  sensitivity.csv  with --sensitivity: the effect of each kind of repair on the
                   forecast of each series
  repairs.csv      the values that were filled, merged, clipped or left out, if any
  failed.csv       the series that cannot be forecast and why, if any
  loss.png         loss and gradient norm by epoch, if a network was trained; with
                   auto, of its best network
  model/           the fitted model, for `forecast predict`
  run.json         command, settings, versions, hash of the input, timings, scores,
                   and the weights and errors of auto's candidates

The default model, auto, is an ensemble. It forecasts up to eight origins in the
past with every candidate model. Candidates are weighted by their errors there.
The errors of the ensemble set the intervals. The line `auto: ...` names the
largest weights, --verbose prints all of them. With 400 series or more, one network that
learns from all of them (--model global) is a candidate too. Its weight depends
on its error on a holdout, the last horizon.

Totals and probabilities come from 1,000 sample paths. The model deepar draws its
own. For any other model the paths keep the distribution of each step, and take
the dependence between steps from past forecast errors of the same series.

The last line compares the model with seasonal naive, which repeats the value of
one season ago. Both forecast up to five folds of the past, each from the data
before it. The same command on the same file writes the same forecast.csv and
forecast.png, byte for byte, unless there is a --budget.

Examples:
  forecast --csv demand.csv --horizon 7
  forecast --csv demand.csv --horizon 2w --target demand --out july
  forecast --csv sales.csv --id store,item -n 8 --model gru
  forecast --csv tourism.csv -n 8 --reconcile
  forecast --csv demand.csv -n 7 --budget 20s --require-skill
  forecast --csv demand.csv -n 14 --total week --threshold 250000
  forecast --csv sales.csv -n 28 --model deepar --total month
  forecast --csv demand.csv -n 7 --covariates temperature --future weather.csv --holidays AU
  cat demand.csv | forecast --csv - --target demand -n 7 --out - > next.csv
";

const RECONCILE: &str = "\
Also forecast the sums of the series by every id column, and make all forecasts add up. mint [the default of \
--reconcile] changes forecasts with large errors more than those with small ones. bottom-up sums the forecasts of the \
single series. In forecast.csv, `(all)` stands for all values of an id column. For amounts that can be summed, not for \
means, prices or shares";

#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", exit_status::HELP))]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    horizon: HorizonArg,

    /// Folder to write, `-` for forecast.csv alone on stdout [default: <name of the file>-forecast]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    totals: TotalsArgs,

    /// End with exit code 5 if the model does not beat seasonal naive, or cannot be compared with it
    #[arg(long, help_heading = "Forecast")]
    require_skill: bool,

    /// Also forecast the sums by every id column, and make all add up; for amounts, not for means or shares
    #[arg(
        long,
        value_name = "HOW",
        help_heading = "Forecast",
        value_enum,
        conflicts_with_all = ["covariates", "holidays", "future"],
        num_args = 0..=1,
        default_missing_value = "mint",
        long_help = RECONCILE
    )]
    reconcile: Option<Reconcile>,

    /// Forecast again with an alternative to each kind of repair, and print the change of the forecast
    #[arg(long, help_heading = "Forecast", conflicts_with_all = ["reconcile", "budget"])]
    sensitivity: bool,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    resume: ResumeArg,

    #[command(flatten)]
    verbosity: VerbosityArgs,
}

pub(super) fn run(args: &ForecastArgs) -> anyhow::Result<ExitCode> {
    let clock = RunClock { start: Instant::now(), budget: args.model.fitting.start_budget() };
    let terminal = Terminal::new(args.verbosity.verbosity());
    let model = args.checked_model()?;
    let source = args.source()?;
    let dataset = read::read(&source, &args.read.options())?;
    let reconciler = args.reconciler(&dataset.panel)?;
    let panel = reconciler.as_ref().map_or(&dataset.panel, Reconciler::panel);
    let plan = Plan::new(args, model.as_ref(), panel, &terminal)?;
    let mut record = plan.record(args, &dataset, &clock);
    Plan::print(&terminal, &dataset, reconciler.as_ref(), &record);

    let outcome = plan.request(panel, reconciler.as_ref(), &clock, &terminal).run(&args.totals)?;
    let sensitivity = args.sensitivity(&plan, &source, &dataset, &outcome.forecasts, &terminal);
    outcome.record(&mut record, sensitivity.as_deref());
    record.duration("total", clock.start.elapsed());
    let report = Report { panel, dataset: &dataset, outcome: &outcome, sensitivity: sensitivity.as_deref() };
    match &plan.destination {
        Destination::Stdout => report.print_csv(&terminal)?,
        Destination::Folder(folder) => report.write_and_print(folder, &mut record, &terminal)?,
    }
    plan.checkpoints.finish(&terminal)?;
    Ok(exit_status::done(&dataset, args.require_skill && !outcome.verdict.beats_baseline()))
}

/// The start of the run, and its budget.
#[derive(Debug, Clone)]
struct RunClock {
    start: Instant,
    budget: Budget,
}

/// The parts of the run that are determined before the fit.
struct Plan {
    model: Box<dyn Model>,
    task: Task,
    destination: Destination,
    checkpoints: CheckpointFolder,
}

impl ForecastArgs {
    /// The model, checked against the other flags.
    fn checked_model(&self) -> anyhow::Result<Box<dyn Model>> {
        let model = self.model.resolve()?;
        if self.require_skill && is_verdict_baseline(model.name()) {
            return Err(CliError::usage(
                "--require-skill is never met by seasonal-naive, which is the baseline itself",
                "leave --require-skill out, or choose another model, such as `--model lstm`",
            ));
        }
        self.read.check_covariates([model.as_ref()])?;
        Ok(model)
    }

    /// The input, which is kept in memory if it has to be read several times.
    fn source(&self) -> anyhow::Result<Source> {
        let source = self.read.input();
        Ok(if self.sensitivity { source.into_rereadable()? } else { source })
    }

    /// The reconciler, with `--reconcile`.
    fn reconciler(&self, panel: &Panel) -> anyhow::Result<Option<Reconciler>> {
        let reconciler = self.reconcile.map(|method| Reconciler::new(method, panel));
        Ok(reconciler.transpose()?)
    }

    /// Forecasts once more for each kind of repair, with `--sensitivity`; stops at Ctrl-C.
    fn sensitivity(
        &self,
        plan: &Plan,
        source: &Source,
        dataset: &Dataset,
        forecasts: &[Forecast],
        terminal: &Terminal,
    ) -> Option<Vec<RepairEffect>> {
        let task = Task { checkpoints: None, ..plan.task.clone() };
        let effect = |alternative: &read::Alternative| {
            RepairEffect::measure(alternative, source, forecasts, |panel| {
                let label = format!("without: {}", alternative.repair);
                fit::fit(plan.model.as_ref(), panel, &task, terminal, &label)?.fit.predict(panel)
            })
        };
        self.sensitivity.then(|| {
            let alternatives = dataset.alternatives(&self.read.options());
            alternatives.iter().take_while(|_| !interrupt::requested()).map(effect).collect()
        })
    }
}

impl Plan {
    /// Determines the task and the destination. Fails before the fit if the run could not succeed.
    fn new(args: &ForecastArgs, model: &dyn Model, panel: &Panel, terminal: &Terminal) -> anyhow::Result<Self> {
        let horizon = args.horizon.steps(panel.frequency())?;
        panel.for_horizon(horizon)?;
        let out = args.out.clone().unwrap_or_else(|| args.read.default_folder("forecast"));
        let destination = Destination::check(&out)?;
        args.totals.check(panel.frequency(), &destination)?;
        let model = model.resolved_for(panel);
        let model = if args.reconcile.is_some() { model.with_hindcasts_of_several_origins() } else { model };
        let checkpoints = args.resume.checkpoints(model.as_ref(), panel, destination.folder(), terminal)?;
        let task = Task { seed: args.model.fitting.seed(), checkpoints: checkpoints.path(), ..Task::new(horizon) };
        Ok(Self { model, task, destination, checkpoints })
    }

    fn record(&self, args: &ForecastArgs, dataset: &Dataset, clock: &RunClock) -> RunRecord {
        let mut record = RunRecord::new(&args.read.typed_path(), dataset);
        record.duration("read", clock.start.elapsed());
        record.model(self.model.as_ref(), &self.task);
        record
    }

    fn print(terminal: &Terminal, dataset: &Dataset, reconciler: Option<&Reconciler>, record: &RunRecord) {
        dataset_notes::print(terminal, dataset, reconciler.map_or(&dataset.panel, Reconciler::panel));
        if let Some(reconciler) = reconciler {
            terminal.note(&reconciliation_table::levels_line(reconciler.hierarchy()));
        }
        terminal.detail(&record.settings_in_words());
    }

    fn request<'a>(
        &'a self,
        panel: &'a Panel,
        reconciler: Option<&'a Reconciler>,
        clock: &'a RunClock,
        terminal: &'a Terminal,
    ) -> Request<'a> {
        Request { model: self.model.as_ref(), task: &self.task, panel, reconciler, budget: &clock.budget, terminal }
    }
}

/// The results that are written and printed at the end.
struct Report<'a> {
    panel: &'a Panel,
    dataset: &'a Dataset,
    outcome: &'a Outcome,
    sensitivity: Option<&'a [RepairEffect]>,
}

impl Report<'_> {
    /// Prints the forecast as CSV to stdout, and all other lines to stderr.
    fn print_csv(&self, terminal: &Terminal) -> anyhow::Result<()> {
        Terminal::print_csv(self.panel, &self.outcome.forecasts)?;
        let reconciliation = self.outcome.reconciliation.as_ref().map(reconciliation_table::line);
        for line in reconciliation.into_iter().chain(self.closing_lines()) {
            terminal.note(&line);
        }
        Ok(())
    }

    fn write_and_print(&self, folder: &OutputDir, record: &mut RunRecord, terminal: &Terminal) -> anyhow::Result<()> {
        folder.replace(|new| {
            self.write(new)?;
            record.write(new)
        })?;
        let Outcome { forecasts, statistics, reconciliation, .. } = self.outcome;
        forecast_table::print(terminal, self.panel, forecasts)?;
        statistics.print(terminal, self.panel, forecasts)?;
        terminal.print(&folder.contents_line()?)?;
        if let Some(report) = reconciliation {
            terminal.print(&reconciliation_table::draw(report))?;
            terminal.print(&reconciliation_table::line(report))?;
        }
        self.closing_lines().try_for_each(|line| terminal.print(&line))?;
        Ok(())
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let Outcome { fitted, forecasts, statistics, .. } = self.outcome;
        output_files::write_forecast(folder, self.panel, forecasts)?;
        output_files::write_repairs(folder, self.dataset)?;
        statistics.write(folder, self.panel, forecasts)?;
        output_files::write_model(folder, fitted.fit.forecaster.as_ref(), &fitted.log)?;
        if let Some(effects) = self.sensitivity {
            write_file(folder, "sensitivity.csv", |to| write::sensitivity_csv(to, &self.dataset.panel, effects))?;
        }
        Ok(())
    }

    /// The sensitivity, the weights and the verdict.
    fn closing_lines(&self) -> impl Iterator<Item = String> {
        let sensitivity = self.sensitivity.map(sensitivity_table::draw);
        let weights = ensemble_summary::line(self.outcome.model, &self.outcome.fitted.fit.report.ensemble_weights);
        sensitivity.into_iter().chain(weights).chain([self.outcome.verdict_line.clone()])
    }
}
