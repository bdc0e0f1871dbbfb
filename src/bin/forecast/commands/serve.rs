//! `forecast serve`: answers requests of programs, on stdin until it ends, or over HTTP until it is stopped.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use forecast::Budget;
use forecast::read::ArrowStream;
use serde_json::Value;

use crate::args::pooled_model::{GivenModel, PooledModelArg};
use crate::args::reading::{EarlierFlags, InheritArg};
use crate::args::{horizon::Horizon, levels::LevelArgs, listen::ListenArgs};
use crate::exit_status::{self, CliError};
use crate::interrupt;
use crate::report::terminal::Terminal;
#[cfg(feature = "serve")]
use crate::service::http;
use crate::service::{answer::Service, arrow, models::ServedModels, wording};

const AFTER_HELP: &str = "\
A request is one line with a JSON object:
  {\"id\": 1, \"data\": [{\"date\": \"2024-01-01\", \"sales\": 5}], \"options\": {\"horizon\": 7}}
`data` has the rows, or the text of a CSV file. `options` has flags of `forecast` that
concern the reading, the horizon, the levels and the model, without their dashes. `id`
is a text or a number, and is in the answer.

An answer is one line with the object of `--json`, which docs/json.md describes. A
request that fails has an answer with `error`, and the service goes on.

A request may also be an Arrow IPC stream, whose answer is one, too. docs/arrow.md
describes both. Requests of both kinds may alternate.

With --model, the saved model forecasts without training. Of several, the option `model`
names one by the name of its folder. Without --model, a model is fitted to the data of
each request. With --pooled-model, that is auto with a pooled model, as for `forecast`.

With --listen, requests come over HTTP, as docs/serve.md describes:
  POST /v1/forecast  the same object as JSON, or CSV with the options in the address
  GET /v1/models, /healthz, /metrics, /openapi.json
  /v2/models/NAME/infer as KServe has it, /invocations as MLflow has it
  /                  a page that forecasts a file
SIGTERM and Ctrl-C stop the service when its requests are answered.

Examples:
  forecast serve --stdin --model demand-model < requests.jsonl > answers.jsonl
  forecast serve --stdin --horizon 7
  forecast serve --listen 127.0.0.1:8000 --model demand-model
  forecast serve --listen 0.0.0.0:8000 --token-file token --model models/*
";

/// Answer requests of programs, on stdin or over HTTP
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct ServeArgs {
    /// Read requests from stdin and write answers to stdout
    #[arg(long, conflicts_with = "listen")]
    stdin: bool,
    /// Folders of saved models, or of the runs that saved them [default: a model is fitted to each request]
    #[arg(long, value_name = "DIR", num_args = 1..)]
    model: Vec<PathBuf>,
    /// Forecast each request by auto with a pooled model: the folder of `train --sample`, or `pretrained`
    #[arg(long, value_name = "DIR", conflicts_with_all = ["model", "listen"])]
    pooled_model: Option<PathBuf>,
    /// Steps to forecast, where a request does not say it [default: those of the saved model]
    #[arg(short = 'n', long, value_name = "STEPS", help_heading = "Forecast")]
    horizon: Option<Horizon>,
    #[command(flatten)]
    levels: LevelArgs,
    #[command(flatten)]
    listen: ListenArgs,
}

/// The longest request in bytes.
const MAX_REQUEST: u64 = 1 << 30;
const STDIN_FAILED: &str = "reading stdin failed";

pub(super) fn run(args: ServeArgs, earlier_flags: EarlierFlags) -> anyhow::Result<ExitCode> {
    args.levels.typed()?;
    if args.listen.listen.is_some() {
        return listen(args, earlier_flags);
    }
    if !args.stdin {
        return Err(CliError::usage(
            "neither --stdin nor --listen says where requests come from",
            "`forecast serve --stdin` reads them from stdin, `forecast serve --listen 127.0.0.1:8000` answers HTTP",
        ));
    }
    if let Some(flag) = args.listen.other_flag() {
        let hint = format!("leave {flag} out, or answer HTTP: `forecast serve --listen 127.0.0.1:8000`");
        return Err(CliError::usage(format!("{flag} has no effect on requests from stdin"), hint));
    }
    answer_stdin(&service(args, 1, earlier_flags)?)
}

/// The service with its models, which answers so many requests at once.
fn service(args: ServeArgs, concurrency: usize, earlier_flags: EarlierFlags) -> anyhow::Result<Service> {
    let models = ServedModels::load(&args.model, concurrency, earlier_flags)?;
    models.notices().iter().for_each(|notice| Terminal::default().notice(notice));
    let pooled = PooledModelArg::of(args.pooled_model).resolve(&[], InheritArg::default(), earlier_flags)?;
    let pooled = pooled.map(GivenModel::for_requests);
    let notice = pooled.as_ref().and_then(GivenModel::requests_notice);
    notice.iter().for_each(|notice| Terminal::default().notice(notice));
    Ok(Service { models, pooled, horizon: args.horizon, levels: args.levels })
}

#[cfg(feature = "serve")]
fn listen(args: ServeArgs, earlier_flags: EarlierFlags) -> anyhow::Result<ExitCode> {
    let settings = http::settings::Settings::check(&args.listen)?;
    let service = service(args, settings.concurrency, earlier_flags)?;
    http::server::run(settings, service)
}

#[cfg(not(feature = "serve"))]
fn listen(_: ServeArgs, _: EarlierFlags) -> anyhow::Result<ExitCode> {
    Err(CliError::usage(
        "this build of forecast has no HTTP",
        "build it with HTTP: `cargo install --path . --features serve`, or answer a pipe: `forecast serve --stdin`",
    ))
}

/// Answers requests until stdin ends.
fn answer_stdin(service: &Service) -> anyhow::Result<ExitCode> {
    let (mut input, mut line) = (io::stdin().lock(), Vec::new());
    while let Some(first) = input.fill_buf().context(STDIN_FAILED)?.first().copied() {
        if first == ArrowStream::MARKER[0] {
            answer_stream(service, &mut input)?;
        } else {
            answer_line(service, &mut input, &mut line)?;
        }
        if interrupt::requested() {
            return Ok(interrupt::EXIT_CODE.into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers a request that is a stream with a stream. If its end cannot be found, neither can the start of the next request.
fn answer_stream(service: &Service, input: &mut impl Read) -> anyhow::Result<()> {
    match ArrowStream::read(input, MAX_REQUEST as usize) {
        Ok(stream) => arrow::answer(service, stream).print(),
        Err(error) => {
            let error = error.into();
            arrow::failure(&error).print()?;
            Err(error)
        }
    }
}

/// Answers a request that is a line with a line. A line without text is no request.
fn answer_line(service: &Service, input: &mut impl BufRead, line: &mut Vec<u8>) -> anyhow::Result<()> {
    line.clear();
    let length = input.take(MAX_REQUEST).read_until(b'\n', line).context(STDIN_FAILED)?;
    if length as u64 == MAX_REQUEST && !line.ends_with(b"\n") {
        let hint = "send fewer rows in a request, or read them as a file: `forecast --csv FILE --horizon N`";
        return Err(CliError::data(format!("a request is longer than {MAX_REQUEST} bytes"), hint));
    }
    if line.trim_ascii().is_empty() { Ok(()) } else { Terminal::print_answer(&line_of_answer(service, line)?) }
}

/// The answer to a request in one line.
fn line_of_answer(service: &Service, text: &[u8]) -> anyhow::Result<String> {
    let (id, request) = service.parse(text);
    let id = Some(id).filter(|id| *id != Value::Null);
    match request.and_then(|request| service.answer(&request, &Budget::unlimited())) {
        Ok(answer) => answer.line(id.as_ref()),
        Err(error) => Ok(wording::failure(id.as_ref(), &error).to_string()),
    }
}
