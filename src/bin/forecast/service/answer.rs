//! The answer to a request: the object of `--json`, of a saved model or of a model that is fitted to the data.

use std::path::Path;
use std::time::Instant;

use clap::Args;
use forecast::model::Task;
use forecast::read::{self, Dataset};
use forecast::run::RunRecord;
use forecast::write::{Table, forecasts_as_written};
use forecast::{Forecast, Panel};

use crate::args::horizon::{self, Horizon};
use crate::args::{levels::LevelArgs, model::DEFAULT_MODEL};
use crate::exit_status::CliError;
use crate::outcome;
use crate::report::json_output::JsonTables;
use crate::report::table_files::TableSink;
use crate::report::{forecast_table, output_dir, run_json, terminal::Terminal, verdict_line};
use crate::saved_model::{self, LoadedModel};
use crate::service::request::{FitArgs, Request};
use crate::totals::TotalsArgs;

/// The file of a record whose data came with a request.
const NO_FILE: &str = "-";

/// What answers requests.
pub(crate) struct Service {
    /// The saved model; `None` if a model is fitted to the data of each request.
    pub(crate) model: Option<LoadedModel>,
    /// The horizon of requests that have none.
    pub(crate) horizon: Option<Horizon>,
    /// The levels of requests that have none.
    pub(crate) levels: LevelArgs,
}

/// The record of an answer, with its tables.
pub(crate) struct Answer {
    pub(crate) record: RunRecord,
    pub(crate) tables: JsonTables,
}

impl Service {
    /// Reads the data of a request and forecasts.
    pub(crate) fn answer(&self, request: &Request) -> anyhow::Result<Answer> {
        match &self.model {
            Some(model) => self.predict(model, request),
            None => self.fit_and_forecast(request),
        }
    }

    fn levels<'a>(&'a self, request: &'a Request) -> &'a LevelArgs {
        if request.args.levels.is_typed() { &request.args.levels } else { &self.levels }
    }

    fn steps(&self, request: &Request, panel: &Panel) -> anyhow::Result<Option<usize>> {
        let default = if request.args.until.is_typed() { None } else { self.horizon };
        horizon::steps(request.args.horizon.or(default), &request.args.until, panel)
    }

    fn predict(&self, model: &LoadedModel, request: &Request) -> anyhow::Result<Answer> {
        let (start, args) = (Instant::now(), &request.args);
        if let Some(name) = request.names.iter().find(|name| is_of_fit(name)) {
            return Err(CliError::usage(
                format!("the option `{name}` has no effect on a saved model"),
                "leave it out, or start the service without `--model`, so that a model is fitted to each request",
            ));
        }
        model.check_covariates(&args.read)?;
        let options = model.options(&args.read);
        let mut dataset = saved_model::read_for(&args.read, request.data.clone(), options, model.trained_on.as_ref())?;
        dataset.panel = model.with_seasons(dataset.panel, &args.read)?;
        let differences = model.differences(&args.read, &dataset.panel)?;
        let (levels, steps) = (model.levels(self.levels(request))?, self.steps(request, &dataset.panel)?);
        let forecasts = forecasts_as_written(&dataset.panel, model.forecast(&dataset.panel, &levels, steps)?);
        let mut record = run_json::start_record("predict", Path::new(NO_FILE), &dataset);
        model.record_forecasts(&mut record, &differences, &forecasts);
        finished(record, start, &dataset, &forecasts)
    }

    fn fit_and_forecast(&self, request: &Request) -> anyhow::Result<Answer> {
        let (start, args, terminal) = (Instant::now(), &request.args, Terminal::silent());
        let fitting = &args.fit.model.fitting;
        let budget = fitting.start_budget();
        let model = args.fit.model.resolve_or(DEFAULT_MODEL)?;
        args.read.check_covariates(std::slice::from_ref(&model))?;
        let mut dataset = read::read(&request.data, &args.read.options())?;
        let horizon = self.steps(request, &dataset.panel)?.ok_or_else(|| {
            CliError::usage("the request has no horizon", r#"give it in the options, as in "options": {"horizon": 7}"#)
        })?;
        dataset.notices.extend(dataset.uneven_series_notices(horizon));
        let panel = &dataset.panel;
        panel.for_horizon(horizon)?;
        let model = model.resolved_for(panel);
        let task = Task { levels: self.levels(request).resolve()?, seed: fitting.seed(), ..Task::new(horizon) };
        let run = outcome::Request {
            model: model.as_ref(),
            task: &task,
            panel,
            reconciliation: None,
            budget: &budget,
            terminal: &terminal,
        };
        let outcome = run.run(&TotalsArgs::default())?;
        let mut record = run_json::start_record("forecast", Path::new(NO_FILE), &dataset);
        record.model(model.as_ref(), &task);
        run_json::record_fit(&mut record, &outcome.fitted);
        record.verdict(&outcome.verdict, &verdict_line::verdict_line(&outcome.verdict, panel, &task));
        record.notices.extend(forecast_table::width_notice(&outcome.forecasts));
        finished(record, start, &dataset, &outcome.forecasts)
    }
}

/// Whether an option is one of a fit.
fn is_of_fit(name: &str) -> bool {
    let command = FitArgs::augment_args(clap::Command::new("fit"));
    command.get_arguments().any(|arg| arg.get_long() == Some(name))
}

fn finished(
    mut record: RunRecord,
    start: Instant,
    dataset: &Dataset,
    forecasts: &[Forecast],
) -> anyhow::Result<Answer> {
    record.duration("total", start.elapsed());
    run_json::finish_record(&mut record);
    let mut tables = JsonTables::default();
    tables.add(&dataset.panel, &Table::Forecast(forecasts))?;
    output_dir::add_repairs(&mut tables, dataset)?;
    Ok(Answer { record, tables })
}
