//! Look into a network: how far back credit reaches, what its states do, how often its gradient is clipped.

use forecast::plot;
use forecast::read;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use forecast::model::Model;
use forecast::model::rnn::{CellKind, Diagnosis, Rnn};
use forecast::model::{Epoch, Task};
use forecast::nn::Readout;
use forecast::panel::Panel;
use forecast::plot::diagnose::Diagram;
use serde::Serialize;

use super::finished;
use crate::budget::Budget;
use crate::cli_error::CliError;
use crate::covariates;
use crate::horizon::Horizon;
use crate::learn;
use crate::networks::default;
use crate::reading::ReadArgs;
use crate::report::output_dir::OutputDir;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::settings::{Chosen, Loudness, ModelArgs};

const AFTER: &str = "\
Trains the network and, beside it, the same with another cell: an LSTM, or beside
an LSTM the plain one. Writes into DIR:
  credit.png         norm of the loss's gradient by how many steps back it was
                     followed: it vanishes, explodes or lasts
  hidden-states.png  the series, and below it what each hidden unit does
  clipping.png       gradient norm and share of clipped steps, by epoch
  unrolled.png       the network over time, with its real sizes
  diagnose.json      all the numbers, and the largest singular values of W_hh
  run.json           command, settings, versions, hash of the input, timings

Examples:
  forecast diagnose --csv demand.csv
  forecast diagnose --csv demand.csv --model rnn --initial-scale 5
  forecast diagnose --csv demand.csv --model rnn --initial-scale 0.3
";

/// Look into a network: how far back credit reaches, what its hidden states do
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct DiagnoseArgs {
    #[command(flatten)]
    read: ReadArgs,

    /// Steps it learns to forecast, or a span of time [default: a season, where the series is long enough]
    #[arg(short = 'n', long, value_name = "STEPS", help_heading = "Forecast", allow_negative_numbers = true)]
    horizon: Option<Horizon>,

    /// OutputDir to write [default: <the file's stem>-diagnose]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    loudness: Loudness,
}

/// diagnose.json: the series looked at, and the networks.
#[derive(Debug, Serialize)]
struct Report {
    series: String,
    values: usize,
    networks: Vec<Network>,
}

/// One network, before the first update and after the last.
#[derive(Debug, Serialize)]
struct Network {
    name: &'static str,
    settings: Rnn,
    start: Diagnosis,
    trained: Diagnosis,
    /// The epoch whose weights were kept, 0 for those it started with.
    best_epoch: usize,
    /// Share of all steps whose gradient was clipped.
    clipped: f64,
    epochs: Vec<Epoch>,
}

/// Here another model is usual than elsewhere.
pub(super) fn model_help() -> String {
    default("The network that is looked into", Rnn::default().name())
}

pub(super) fn run(args: &DiagnoseArgs) -> anyhow::Result<ExitCode> {
    let chosen = args.model.resolve_or(Chosen::Network(Rnn::default()))?;
    let Chosen::Network(settings) = &chosen else {
        let lacks = match chosen {
            Chosen::Baseline(_) => "has no hidden state",
            Chosen::Deepar(_) => "is trained in a way of its own, which is not drawn",
            _ => "is many networks, not one",
        };
        return Err(CliError::usage(
            format!("{} {lacks} to look into", chosen.model().name()),
            "choose a network: `--model rnn`",
        ));
    };
    covariates::check(&args.read, std::iter::once(chosen.model()))?;
    let screen = Terminal::new(args.loudness);
    let (began, budget) = (Instant::now(), Budget::of(args.model.fitting.budget()));
    let dataset = read::read(&args.read.input(), &args.read.options())?;
    let mut record = RunRecord::new(args.read.shown(), &dataset);
    let panel = &dataset.panel;
    let horizon = match args.horizon {
        Some(horizon) => horizon.steps(panel.frequency())?,
        None => usual_horizon(panel),
    };
    let task = Task { seed: args.model.fitting.seed(), ..Task::new(horizon) };
    let folder = OutputDir::check(&args.out.clone().unwrap_or_else(|| args.read.default_folder("diagnose")))?;
    record.settings(&task, &chosen);
    screen.understood(&dataset);
    screen.detail(&record.settings_in_words());

    let beside = if settings.cell == CellKind::Lstm { CellKind::Rnn } else { CellKind::Lstm };
    let networks = [settings.clone(), Rnn { cell: beside, ..settings.clone() }];
    let networks = networks.iter().zip([2, 1]).map(|(settings, to_train)| {
        let share = budget.left(Duration::ZERO).map(|left| left / to_train);
        look(settings, panel, &Task { budget: share, ..task.clone() }, &screen)
    });
    let networks = networks.collect::<anyhow::Result<Vec<Network>>>()?;
    let series = panel.iter().nth(networks[0].trained.series).context("the series looked at is one of the panel")?;
    if panel.count() > 1 {
        let which = if series.name().is_empty() { "a series".to_owned() } else { series.name() };
        screen
            .note(&format!("looked at {which}, the first of the longest of {} series; trained on all", panel.count()));
    }
    let report = Report { series: series.name(), values: series.len(), networks };
    record.took("total", began.elapsed());
    folder.replace(|new| {
        draw(new, panel, &report, &task)?;
        fs::write(new.join("diagnose.json"), serde_json::to_string(&report)? + "\n")
            .context("writing diagnose.json failed")?;
        record.write(new)
    })?;
    for network in &report.networks {
        screen.say(&in_words(network))?;
    }
    screen.wrote(&folder)?;
    Ok(finished())
}

/// A season, if the longest series is long enough to learn that, and a week's worth of steps where there is none.
fn usual_horizon(panel: &Panel) -> usize {
    let longest = panel.iter().map(|s| s.len()).max().unwrap_or(1);
    let wanted = if panel.season() > 1 { panel.season() } else { 7 };
    (1..=wanted).rev().find(|horizon| Rnn::min_values(*horizon) <= longest).unwrap_or(1)
}

fn look(settings: &Rnn, panel: &Panel, task: &Task, screen: &Terminal) -> anyhow::Result<Network> {
    let start = settings.untrained(panel, task)?.diagnose(panel);
    let fitted = learn::fit_network(settings, panel, task, screen)?;
    screen.trained(&fitted);
    let clipped = fitted.epochs.iter().map(|epoch| epoch.clipped).sum::<f64>() / fitted.epochs.len().max(1) as f64;
    Ok(Network {
        name: settings.cell.name(),
        settings: settings.clone(),
        start,
        trained: fitted.forecaster.diagnose(panel),
        best_epoch: fitted.forecaster.best_epoch(),
        clipped,
        epochs: fitted.epochs,
    })
}

/// The pictures: credit of both networks, all else of the one that was asked for.
fn draw(folder: &Path, panel: &Panel, report: &Report, task: &Task) -> anyhow::Result<()> {
    let curves = report.networks.iter().flat_map(|network| {
        let curve = |when: &str, of: &Diagnosis| (format!("{}, {when}", network.name), of.gradient_norm_by_lag.clone());
        [curve("at the start", &network.start), curve("trained", &network.trained)]
    });
    let scale = report.networks[0].settings.initial_scale;
    let scaled = if (scale - 1.0).abs() > 0.0 {
        format!("; W_hh started {scale} times as large as usual")
    } else {
        String::new()
    };
    let note =
        format!("gradient of the loss with respect to the state k steps before, as a share of that at k = 0{scaled}");
    plot::diagnose::credit(&folder.join("credit.png"), &curves.collect::<Vec<_>>(), &note)?;

    let network = &report.networks[0];
    plot::diagnose::clipping(&folder.join("clipping.png"), &network.epochs)?;
    let (trained, shape) = (&network.trained, network.trained.shape);
    let (decoder, outputs) = match shape.readout {
        Readout::Linear => (None, format!("{} × {}", shape.outputs / task.levels.len(), task.levels.len())),
        Readout::Decoder(decoder) => (Some(decoder.steps), format!("{} × {}", decoder.steps, shape.outputs)),
    };
    let diagram = Diagram {
        cell: network.name.into(),
        inputs: shape.inputs,
        hidden: shape.hidden,
        layers: shape.layers,
        outputs,
        decoder,
        bptt: network.settings.bptt,
        parameters: trained.weight_count,
    };
    plot::diagnose::unrolled(&folder.join("unrolled.png"), &diagram)?;
    let series = panel.iter().nth(trained.series).context("the series looked at is one of the panel")?;
    let times: Vec<_> = (trained.first_position..series.len()).map(|t| series.time_at(t)).collect();
    let values = &series.values[trained.first_position..];
    let states: Vec<Vec<f64>> =
        trained.hidden_states.iter().map(|unit| unit.iter().map(|s| f64::from(*s)).collect()).collect();
    plot::diagnose::hidden_states(&folder.join("hidden-states.png"), &times, panel.frequency(), values, &states)?;
    Ok(())
}

/// What became of a gradient, in a line.
fn in_words(network: &Network) -> String {
    let credit = |diagnosis: &Diagnosis| match diagnosis.gradient_norm_by_lag.last() {
        Some(last) if *last > 0.0 => format!("times {last:.1e}"),
        Some(_) => "zero".to_owned(),
        None => "unknown, the series is too short".to_owned(),
    };
    let largest = |diagnosis: &Diagnosis| diagnosis.spectral_norms.iter().map(|norm| norm.value).fold(0.0, f64::max);
    format!(
        "{}: the gradient {} steps back is {} at the start, {} once trained; largest singular value of W_hh {:.2}, then \
         {:.2}; {:.0} % of steps clipped",
        network.name,
        network.start.gradient_norm_by_lag.len().saturating_sub(1),
        credit(&network.start),
        credit(&network.trained),
        largest(&network.start),
        largest(&network.trained),
        100.0 * network.clipped
    )
}
