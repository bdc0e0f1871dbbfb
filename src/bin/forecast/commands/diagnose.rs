//! `forecast diagnose`: the reach of gradients in a network, its hidden states, and the share of clipped gradients.

use std::any::Any;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use forecast::model::Epoch;
use forecast::model::rnn::{CellKind, Diagnosis};
use forecast::nn::Readout;
use forecast::plot::diagnose::Diagram;
use forecast::{Model, Panel, Rnn, Task, TimeSeries, plot};
use serde::Serialize;

use crate::args::{format::FormatArg, horizon::Horizon, model::ModelArgs};
use crate::args::{reading::ReadArgs, value::help_with_default};
use crate::exit_status::CliError;
use crate::report::{inspection, output_dir::OutputDir, run_json, table_files::TableFiles, terminal::Terminal};
use crate::{exit_status, fit};

const AFTER_HELP: &str = "\
Trains the network, and the same network with another cell: an LSTM, or for an
LSTM the plain cell.

Files in DIR:
  gradient-norm.png  norm of the loss's gradient by the number of steps back: it
                     vanishes, explodes or persists
  hidden-states.png  the series, and the state of each hidden unit
  clipping.png       gradient norm and share of clipped steps by epoch
  unrolled.png       the network over time, with its sizes
  diagnose.json      all numbers, and the largest singular values of W_hh
  run.json           command, settings, versions, hash of the input, timings

Examples:
  forecast diagnose --csv demand.csv
  forecast diagnose --csv demand.csv --model rnn --initial-scale 5
  forecast diagnose --csv demand.csv --model rnn --initial-scale 0.3
";

/// Diagnose a network: the reach of its gradients, its hidden states, and gradient clipping
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_FIT)))]
pub(crate) struct DiagnoseArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// Steps that the network learns to forecast, or a span of time [default: a season, if the series is long enough]
    #[arg(short = 'n', long, value_name = "STEPS", help_heading = "Forecast")]
    horizon: Option<Horizon>,
    /// Folder to write [default: <name of the file>-diagnose]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    terminal: Terminal,
}

/// The content of diagnose.json.
#[derive(Debug, Serialize)]
struct DiagnosisReport {
    /// The series whose states are shown.
    series: String,
    values: usize,
    networks: Vec<NetworkDiagnosis>,
}

/// One network, before the first update and after the last.
#[derive(Debug, Serialize)]
struct NetworkDiagnosis {
    name: &'static str,
    settings: Rnn,
    start: Diagnosis,
    trained: Diagnosis,
    /// The epoch whose weights are kept, 0 for the initial weights.
    best_epoch: usize,
    /// Share of all steps whose gradient was clipped.
    clipped: f64,
    epochs: Vec<Epoch>,
}

const DEFAULT_NETWORK: &str = "lstm";

/// The help of `--model`, whose default differs from that of the other commands.
pub(super) fn model_help() -> String {
    help_with_default("The network to diagnose", DEFAULT_NETWORK)
}

pub(super) fn run(args: &DiagnoseArgs) -> anyhow::Result<ExitCode> {
    let (start, budget, terminal) = (Instant::now(), args.model.fitting.start_budget(), &args.terminal);
    let model = args.model.resolve_or(DEFAULT_NETWORK)?;
    let settings = network_settings(model.as_ref())?;
    args.read.check_covariates(std::slice::from_ref(&model))?;
    args.format.check_pictures_only()?;
    let dataset = args.read.read()?;
    let panel = &dataset.panel;
    let horizon = args.horizon.map(|horizon| horizon.steps(panel.frequency())).transpose()?;
    let horizon = horizon.unwrap_or_else(|| default_horizon(panel));
    let task = Task { seed: args.model.fitting.seed(), ..Task::new(horizon) };
    let folder = OutputDir::check(&args.read.out_or_default(args.out.as_deref(), "diagnose"))?;
    let mut record = run_json::start_record("diagnose", &args.read.csv, &dataset);
    record.model(model.as_ref(), &task);
    inspection::print_notices(terminal, &dataset, panel);
    terminal.detail(&run_json::settings_in_words(&record));

    let other = if settings.cell == CellKind::Lstm { CellKind::Rnn } else { CellKind::Lstm };
    let both = [(settings.clone(), 0.5), (Rnn { cell: other, ..settings.clone() }, 1.0)].into_iter();
    let networks = both.map(|(network, share_of_budget_left)| {
        let task = Task { budget: budget.split(share_of_budget_left), ..task.clone() };
        diagnose(network, panel, &task, terminal)
    });
    let networks = networks.collect::<anyhow::Result<Vec<_>>>()?;
    let series = panel.iter().nth(networks[0].trained.series).context("the diagnosed series is one of the panel")?;
    if panel.count() > 1 {
        let name = if series.name().is_empty() { "a series".to_owned() } else { series.name() };
        let of = format!("the first of the longest of {} series", panel.count());
        terminal.message(&format!("states of {name}, {of}; trained on all"));
    }
    let report = DiagnosisReport { series: series.name(), values: series.len(), networks };
    record.duration("total", start.elapsed());
    folder.replace(&mut record, &args.format.resolve(), |files| {
        draw(files, &series, &report.networks, &task)?;
        let text = serde_json::to_string(&report)? + "\n";
        fs::write(files.folder.join("diagnose.json"), text).context("writing diagnose.json failed")
    })?;
    report.networks.iter().try_for_each(|network| terminal.print(&in_words(network)))?;
    terminal.print(&folder.contents_line()?)?;
    Ok(exit_status::done(&dataset, false))
}

/// The settings of a single recurrent network; other models are rejected.
fn network_settings(model: &dyn Model) -> anyhow::Result<&Rnn> {
    let any: &dyn Any = model;
    any.downcast_ref().ok_or_else(|| {
        let reason = if model.is_trained() { "is not a single recurrent network" } else { "has no hidden state" };
        CliError::usage(format!("{} {reason}", model.name()), "choose a network: `--model rnn`")
    })
}

/// A season, or seven steps without one. Fewer steps if the longest series is too short to learn them.
fn default_horizon(panel: &Panel) -> usize {
    let longest = panel.iter().map(|s| s.len()).max().unwrap_or(1);
    let wanted = if panel.season() > 1 { panel.season() } else { 7 };
    (1..=wanted).rev().find(|horizon| Rnn::min_values(*horizon) <= longest).unwrap_or(1)
}

fn diagnose(settings: Rnn, panel: &Panel, task: &Task, terminal: &Terminal) -> anyhow::Result<NetworkDiagnosis> {
    let start = settings.untrained(panel, task)?.diagnose(panel);
    let label = format!("fitting {}", settings.name());
    let fitted = fit::observed(&label, terminal, &task.budget, true, |observer| {
        settings.fit_network(panel, task, None, observer)
    })?;
    fitted.print_log(terminal);
    Ok(NetworkDiagnosis {
        name: settings.cell.name(),
        settings,
        start,
        trained: fitted.fit.diagnose(panel),
        best_epoch: fitted.fit.best_epoch(),
        clipped: fitted.log.clipped_share(),
        epochs: fitted.log.epochs,
    })
}

/// Draws the gradients of both networks, and all other pictures of the requested network only.
fn draw(files: &TableFiles<'_>, series: &TimeSeries, networks: &[NetworkDiagnosis], task: &Task) -> anyhow::Result<()> {
    let curves = networks.iter().flat_map(|NetworkDiagnosis { name, start, trained, .. }| {
        let curve = |when: &str, of: &Diagnosis| (format!("{name}, {when}"), of.gradient_norm_by_lag.clone());
        [curve("before training", start), curve("after training", trained)]
    });
    let NetworkDiagnosis { name, settings, trained, epochs, .. } = &networks[0];
    let scale = settings.initial_scale;
    let is_scaled = (scale - 1.0).abs() > 0.0;
    let scaled = if is_scaled { format!("; initial W_hh at {scale} times the usual size") } else { String::new() };
    let note = format!("gradient of the loss with respect to the state k steps before, relative to k = 0{scaled}");
    let curves: Vec<_> = curves.collect();
    files.draw("gradient-norm", |picture| plot::diagnose::gradient_norms(picture, &curves, &note))?;
    files.draw("clipping", |picture| plot::diagnose::clipping(picture, epochs))?;
    let shape = trained.shape;
    let (decoder, outputs) = match shape.readout {
        Readout::Linear => (None, format!("{} × {}", shape.outputs / task.levels.len(), task.levels.len())),
        Readout::Decoder(decoder) => (Some(decoder.steps), format!("{} × {}", decoder.steps, shape.outputs)),
    };
    let diagram = Diagram {
        cell: (*name).into(),
        inputs: shape.inputs,
        hidden: shape.hidden,
        layers: shape.layers,
        outputs,
        decoder,
        bptt: settings.bptt,
        parameters: trained.weight_count,
    };
    files.draw("unrolled", |picture| plot::diagnose::unrolled(picture, &diagram))?;
    let times: Vec<_> = (trained.first_position..series.len()).map(|t| series.time_at(t)).collect();
    let values = &series.values[trained.first_position..];
    let states = trained.hidden_states.iter().map(|unit| unit.iter().map(|state| f64::from(*state)).collect());
    let states: Vec<Vec<f64>> = states.collect();
    files.draw("hidden-states", |picture| {
        plot::diagnose::hidden_states(picture, &times, series.frequency, values, &states)
    })
}

/// One line on the size of the gradient many steps back, the singular values and the clipping.
fn in_words(NetworkDiagnosis { name, start, trained, clipped, .. }: &NetworkDiagnosis) -> String {
    let last_norm = |diagnosis: &Diagnosis| match diagnosis.gradient_norm_by_lag.last() {
        Some(last) if *last > 0.0 => format!("times {last:.1e}"),
        Some(_) => "zero".to_owned(),
        None => "unknown, the series is too short".to_owned(),
    };
    let largest = |diagnosis: &Diagnosis| diagnosis.spectral_norms.iter().map(|norm| norm.value).fold(0.0, f64::max);
    let steps = start.gradient_norm_by_lag.len().saturating_sub(1);
    let (before, after) = (last_norm(start), last_norm(trained));
    let (largest_before, largest_after) = (largest(start), largest(trained));
    format!(
        "{name}: the gradient {steps} steps back is {before} before training, {after} after; largest singular value of \
         W_hh {largest_before:.2} before, {largest_after:.2} after; {:.0} % of updates clipped",
        100.0 * clipped
    )
}
