//! `forecast serve`: answers requests of programs until its input ends.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use crate::args::{horizon::Horizon, levels::LevelArgs};
use crate::exit_status::{self, CliError};
use crate::interrupt;
use crate::report::json_output;
use crate::report::terminal::Terminal;
use crate::saved_model::LoadedModel;
use crate::service::{answer::Service, request};

const AFTER_HELP: &str = "\
A request is one line with a JSON object:
  {\"id\": 1, \"data\": [{\"date\": \"2024-01-01\", \"sales\": 5}], \"options\": {\"horizon\": 7}}
`data` has the rows, or the text of a CSV file. `options` has flags of `forecast` that
concern the reading, the horizon, the levels and the model, without their dashes. `id`
is any value but null, and is in the answer.

An answer is one line with the object of `--json`, which docs/json.md describes. A
request that fails has an answer with `error`, and the service goes on.

With --model, the saved model forecasts without training. Without it, a model is
fitted to the data of each request.

Examples:
  forecast serve --stdin --model demand-model < requests.jsonl > answers.jsonl
  forecast serve --stdin --horizon 7
";

/// Answer requests on stdin, one JSON object a line, with forecasts on stdout
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct ServeArgs {
    /// Read requests from stdin and write answers to stdout
    #[arg(long, required = true)]
    stdin: bool,
    /// Folder of a saved model, or of the run that saved it [default: a model is fitted to each request]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Steps to forecast, where a request does not say it [default: those of the saved model]
    #[arg(short = 'n', long, value_name = "STEPS", help_heading = "Forecast")]
    horizon: Option<Horizon>,
    #[command(flatten)]
    levels: LevelArgs,
}

/// The longest request in bytes.
const MAX_REQUEST: u64 = 1 << 30;

pub(super) fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    debug_assert!(args.stdin, "clap requires the flag");
    args.levels.typed()?;
    let model = args.model.as_deref().map(LoadedModel::load).transpose()?;
    let service = Service { model, horizon: args.horizon, levels: args.levels };
    let (mut input, mut line) = (io::stdin().lock(), Vec::new());
    loop {
        line.clear();
        let length = (&mut input).take(MAX_REQUEST).read_until(b'\n', &mut line).context("reading stdin failed")?;
        if length == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        if length as u64 == MAX_REQUEST && !line.ends_with(b"\n") {
            let hint = "send fewer rows in a request, or read them as a file: `forecast --csv FILE`";
            return Err(CliError::data(format!("a request is longer than {MAX_REQUEST} bytes"), hint));
        }
        if !line.trim_ascii().is_empty() {
            Terminal::print_answer(&answer_line(&service, &line)?)?;
        }
        if interrupt::requested() {
            return Ok(interrupt::EXIT_CODE.into());
        }
    }
}

/// The answer to a request in one line.
fn answer_line(service: &Service, text: &[u8]) -> anyhow::Result<String> {
    let (id, request) = request::parse(text);
    let id = Some(id).filter(|id| *id != Value::Null);
    match request.and_then(|request| service.answer(&request)) {
        Ok(answer) => json_output::answer_line(id.as_ref(), &answer.record, &answer.tables),
        Err(error) => Ok(json_output::failure(id.as_ref(), &error).to_string()),
    }
}
