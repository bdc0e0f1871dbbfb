//! The answer to a request: the object of `--json`, of a saved model or of a model that is fitted to the data.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use forecast::model::Task;
use forecast::read::{self, ArrowStream, Dataset, ReadOptions};
#[cfg(feature = "serve")]
use forecast::report::Report;
use forecast::run::RunRecord;
use forecast::write::{ArrowTable, Table, forecasts_as_written};
use forecast::{Budget, Forecast, Panel};
use serde_json::{Map, Value};

use crate::args::horizon::{self, Horizon};
use crate::args::pooled_model::{self, GivenModel};
use crate::args::reading::{InheritArg, ReadArgs};
use crate::args::{
    levels::LevelArgs,
    model::{DEFAULT_MODEL, ModelArgs},
};
use crate::exit_status::CliError;
use crate::outcome::{self, Outcome};
#[cfg(feature = "serve")]
use crate::report::html_report::{self, RunTexts};
use crate::report::json_output::{self, JsonTables};
use crate::report::table_files::TableSink;
use crate::report::{forecast_table, output_dir, run_json, terminal::Terminal, verdict_line};
use crate::saved_model::{self, LoadedModel};
use crate::service::models::ServedModels;
use crate::service::request::{self, Request};
use crate::service::wording;
use crate::totals::TotalsArgs;

/// The file of a record whose data came with a request.
const NO_FILE: &str = "-";

/// What answers requests.
pub(crate) struct Service {
    /// The saved models; without any, a model is fitted to the data of each request.
    pub(crate) models: ServedModels,
    /// The pooled model of all requests. Without one, a model learns from the data of its request only.
    pub(crate) pooled: Option<GivenModel>,
    /// The horizon of requests that have none.
    pub(crate) horizon: Option<Horizon>,
    /// The levels of requests that have none.
    pub(crate) levels: LevelArgs,
}

/// The results of a request.
pub(crate) struct Answer {
    pub(crate) record: RunRecord,
    pub(crate) dataset: Dataset,
    pub(crate) forecasts: Vec<Forecast>,
    /// The fit; `None` if a saved model forecasts.
    pub(crate) outcome: Option<Outcome>,
}

impl Answer {
    /// The object of `--json` in one line, with the `id` of the request.
    pub(crate) fn line(&self, id: Option<&Value>) -> anyhow::Result<String> {
        let mut tables = JsonTables::default();
        tables.add(&self.dataset.panel, &Table::Forecast(&self.forecasts))?;
        if let Some(outcome) = self.outcome.as_ref().filter(|outcome| outcome.has_scores_by_series) {
            tables.add(&self.dataset.panel, &Table::Metrics(&outcome.backtests))?;
        }
        output_dir::add_repairs(&mut tables, &self.dataset)?;
        json_output::answer_line(id, &self.record, &tables)
    }

    /// The rows of the forecast as a table of Arrow, and the rest of the object of `--json`. Scores by series are left out,
    /// because they would be most of its bytes.
    pub(crate) fn stream(&self) -> anyhow::Result<(ArrowTable, String)> {
        let panel = &self.dataset.panel;
        let mut tables = JsonTables::default();
        output_dir::add_repairs(&mut tables, &self.dataset)?;
        let rows = ArrowTable::new(panel, &Table::Forecast(&self.forecasts)).context("making the stream failed")?;
        Ok((rows, json_output::answer_line(None, &self.record, &tables)?))
    }

    /// report.html of a run with these results. It has no command, since a request is none.
    #[cfg(feature = "serve")]
    pub(crate) fn page(&self) -> anyhow::Result<String> {
        let panel = &self.dataset.panel;
        let verdict = self.record.verdict.as_ref().map_or("", |verdict| &verdict.sentence);
        let mut report = match &self.outcome {
            Some(outcome) => html_report::forecast_report(panel, &self.dataset, outcome, verdict),
            None => Report::new(&self.dataset, panel),
        };
        report.forecasts = &self.forecasts;
        RunTexts::of(&self.record, panel).fill(&mut report);
        report.command.clear();
        let mut page = Vec::new();
        report.write(&mut page).context("writing the page failed")?;
        Ok(String::from_utf8(page)?)
    }
}

impl Service {
    /// The `id` of a request and the request, or why it cannot be answered.
    pub(crate) fn parse(&self, text: &[u8]) -> (Value, anyhow::Result<Request>) {
        request::parse(text, !self.models.is_empty())
    }

    /// A request for a forecast of the rows of a stream, with its options by name.
    pub(crate) fn request_of_stream(
        &self,
        stream: ArrowStream,
        options: Map<String, Value>,
    ) -> anyhow::Result<Request> {
        Request::of_bytes(stream.into_bytes(), options, !self.models.is_empty())
    }

    /// A request for a forecast of the text of a CSV file, with its options by name.
    #[cfg(feature = "serve")]
    pub(crate) fn request(&self, data: Vec<u8>, options: Map<String, Value>) -> anyhow::Result<Request> {
        Request::new(data, options, !self.models.is_empty())
    }

    /// Reads the data of a request and forecasts. A fit ends soon after `stop` was stopped, with any result.
    pub(crate) fn answer(&self, request: &Request, stop: &Budget) -> anyhow::Result<Answer> {
        if self.models.is_empty() {
            return self.fit_and_forecast(request, stop);
        }
        let model = self.models.find(request.model.as_deref())?;
        self.predict(&model.borrow(), model.flags.as_ref(), request)
    }

    fn levels<'a>(&'a self, request: &'a Request) -> &'a LevelArgs {
        if request.args.levels.is_typed() { &request.args.levels } else { &self.levels }
    }

    fn steps(&self, request: &Request, panel: &Panel) -> anyhow::Result<Option<usize>> {
        let default = if request.args.until.is_typed() { None } else { self.horizon };
        horizon::steps(request.args.horizon.or(default), &request.args.until, panel)
    }

    fn predict(&self, model: &LoadedModel, flags: Option<&ReadArgs>, request: &Request) -> anyhow::Result<Answer> {
        let (start, args) = (Instant::now(), &request.args);
        if let Some(name) = request.names.iter().find(|name| is_of_fit(name)) {
            return Err(CliError::usage(
                format!("the option `{name}` has no effect on a saved model"),
                "leave it out, or start the service without `--model`, so that a model is fitted to each request",
            ));
        }
        model.check_covariates(&args.read)?;
        let options = model.options(&args.read.clone().or(flags), InheritArg::default())?;
        let mut dataset =
            saved_model::read_for(&args.read, request.data.clone(), options, model.saved.trained_on.as_ref())?;
        dataset.panel = model.with_seasons(dataset.panel, &args.read)?;
        model.leave_out_incomplete_futures(&mut dataset);
        let differences = model.differences(&args.read, &dataset.panel)?;
        let (levels, steps) = (model.levels(self.levels(request))?, self.steps(request, &dataset.panel)?);
        let exact = model.forecast((&dataset.panel, &args.read), &levels, steps)?;
        let forecasts = forecasts_as_written(&dataset.panel, exact);
        let mut record = run_json::start_record("predict", Path::new(NO_FILE), &dataset);
        model.record_forecasts(&mut record, &differences, &forecasts);
        Ok(finished(Answer { record, dataset, forecasts, outcome: None }, start))
    }

    fn fit_and_forecast(&self, request: &Request, stop: &Budget) -> anyhow::Result<Answer> {
        let (start, args, terminal) = (Instant::now(), &request.args, Terminal::silent());
        let fitting = &args.model.fitting;
        let budget = fitting.start_part_of(stop);
        let model = args.model.resolve_or(DEFAULT_MODEL)?;
        args.read.check_covariates(std::slice::from_ref(&model))?;
        let pooled = self.pooled.as_ref();
        let mut dataset = read_for_fit(request, pooled)?;
        let horizon = self.steps(request, &dataset.panel)?.ok_or_else(|| {
            CliError::usage("the request has no horizon", r#"give it in the options, as in "options": {"horizon": 7}"#)
        })?;
        pooled.into_iter().try_for_each(|pooled| pooled.check_horizon(horizon))?;
        pooled_model::check_future(pooled, &mut dataset, &args.read, horizon)?;
        dataset.notices.extend(dataset.uneven_series_notices(horizon));
        let panel = &dataset.panel;
        let differences = pooled.map(|pooled| pooled.differences(&args.read, panel)).transpose()?;
        let model = pooled.map_or(model, GivenModel::model).resolved_for(panel);
        let task = Task { levels: self.levels(request).resolve()?, seed: fitting.seed(), ..Task::new(horizon) };
        let run = outcome::Request {
            model: model.as_ref(),
            task: &task,
            panel,
            reconciliation: None,
            budget: &budget,
            terminal: &terminal,
        };
        let mut outcome = run.run(&TotalsArgs::default())?;
        let mut record = run_json::start_record("forecast", Path::new(NO_FILE), &dataset);
        record.model(model.as_ref(), &task);
        record.setting("differences_from_training", differences.filter(|all| !all.is_empty()));
        run_json::record_fit(&mut record, &outcome.fitted);
        record.verdict(&outcome.verdict, &verdict_line::verdict_line(&outcome.verdict, panel, &task));
        record.notices.extend(forecast_table::width_notice(&outcome.forecasts));
        let forecasts = std::mem::take(&mut outcome.forecasts);
        Ok(finished(Answer { record, dataset, forecasts, outcome: Some(outcome) }, start))
    }
}

/// Reads the data of a request for a fit. With a pooled model, they are read as in its training.
fn read_for_fit(request: &Request, pooled: Option<&GivenModel>) -> anyhow::Result<Dataset> {
    let (args, model) = (&request.args, &request.args.model);
    pooled.into_iter().try_for_each(|pooled| pooled.check(&args.read, &args.until))?;
    if pooled.is_some() && model.typed().iter().any(|name| *name != DEFAULT_MODEL) {
        return Err(CliError::usage(
            format!("the pooled model of the service has no effect on {}", model.typed().join(", ")),
            r#"leave `model` out, or ask for `"model": "auto"`"#,
        ));
    }
    match pooled {
        Some(_) => pooled_model::read_for(pooled, &args.read, &request.data),
        // the requests of a service may be the series of one collection
        None => Ok(read::read(&request.data, &ReadOptions { accepts_long_seasons: true, ..args.read.options() })?),
    }
}

/// Whether an option is one of a fit.
fn is_of_fit(name: &str) -> bool {
    let command = ModelArgs::augment_args(clap::Command::new("fit"));
    command.get_arguments().any(|arg| arg.get_long() == Some(name))
}

/// The answer with the date and the duration of its record.
fn finished(mut answer: Answer, start: Instant) -> Answer {
    answer.record.duration("total", start.elapsed());
    run_json::finish_record(&mut answer.record);
    wording::reword_notices(&mut answer.record);
    answer
}
