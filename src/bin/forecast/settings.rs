//! Flags as typed, and what they resolve to: every default is looked up here once, and every contradiction refused.

use forecast::model::deepar;
use forecast::model::global;
use forecast::model::rnn;
use std::time::Duration;

use clap::{Args, ValueEnum};
use forecast::budget::Budget;
use forecast::model::auto::Auto;
use forecast::model::rnn::CellKind;
use forecast::model::stat::Baseline;
use forecast::model::{Model, Task};
use forecast::panel::Panel;
use serde_json::{Value, json};

use crate::budget;
use crate::networks::{NetworkArgs, default};
use crate::report::run_json::RunRecord;

/// Which model, and how it is trained.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    #[arg(long, value_name = "NAME", value_enum, help = model_help())]
    model: Option<ModelName>,

    #[command(flatten)]
    pub(crate) fitting: FittingArgs,

    #[command(flatten)]
    network: NetworkArgs,
}

/// What fitting is given, whichever the model.
#[derive(Debug, Args)]
pub(crate) struct FittingArgs {
    #[arg(long, value_name = "SEED", help = "Seed of every random number [default: 0]")]
    seed: Option<u64>,

    #[arg(long, value_name = "TIME", value_parser = budget::parse, help = budget::HELP)]
    budget: Option<Duration>,
}

impl FittingArgs {
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    /// The seed as typed: where there is one, a model must have a use for it.
    pub(crate) fn typed_seed(&self) -> Option<u64> {
        self.seed
    }

    /// The budget of the command, which runs from now on.
    pub(crate) fn start_budget(&self) -> Budget {
        budget::start(self.budget)
    }
}

/// The models by the names they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelName {
    Auto,
    Rnn,
    Lstm,
    Gru,
    Seq2seq,
    Global,
    Deepar,
    Naive,
    SeasonalNaive,
    Drift,
    Mean,
    Comb,
    Ets,
    Theta,
    Arima,
    Mstl,
    Ridge,
    Croston,
}

/// A model with all its settings.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    Auto(Auto),
    Network(rnn::Rnn),
    Global(global::Global),
    Deepar(deepar::DeepAr),
    Baseline(Baseline),
}

impl Chosen {
    pub(crate) fn model(&self) -> &dyn Model {
        match self {
            Self::Auto(auto) => auto,
            Self::Network(settings) => settings,
            Self::Global(settings) => settings,
            Self::Deepar(settings) => settings,
            Self::Baseline(baseline) => baseline,
        }
    }

    /// Whether it is trained, which takes time; the others are fitted anew wherever they are used.
    pub(crate) fn is_trained(&self) -> bool {
        !matches!(self, Self::Baseline(_))
    }

    /// Its settings; `None` where it has none.
    pub(crate) fn settings(&self) -> Option<Value> {
        match self {
            Self::Auto(settings) => Some(json!(settings)),
            Self::Network(settings) => Some(json!(settings)),
            Self::Global(settings) => Some(json!(settings)),
            Self::Deepar(settings) => Some(json!(settings)),
            Self::Baseline(_) => None,
        }
    }

    /// Adds the model, its settings and the task to the record of a run.
    pub(crate) fn record(&self, record: &mut RunRecord, task: &Task) {
        record.setting("model", self.model().name());
        record.setting("horizon", task.horizon);
        record.setting("levels", &task.levels);
        if self.is_trained() {
            record.setting("seed", task.seed);
        }
        if let Some(settings) = self.settings() {
            record.setting("model_settings", settings);
        }
    }

    /// Whether its fitted model keeps forecasts of the past, so that no further fit is needed for a verdict.
    pub(crate) fn keeps_hindcasts(&self) -> bool {
        matches!(self, Self::Auto(_) | Self::Deepar(_) | Self::Global(_))
    }

    /// The same with what it takes from the data settled.
    pub(crate) fn settled(self, panel: &Panel, reconciled: bool) -> Self {
        match self {
            // how forecasts err together is told by several origins of the past, of which one for all series has one
            Self::Auto(auto) if reconciled => Self::Auto(Auto { min_pooled_series: usize::MAX, ..auto }),
            Self::Deepar(settings) => Self::Deepar(settings.with_distribution_of(panel)),
            other => other,
        }
    }
}

impl Default for Chosen {
    /// What forecasts where no model is named.
    fn default() -> Self {
        Self::Auto(Auto::default())
    }
}

impl ModelName {
    /// The model of this name, with its defaults.
    pub(crate) fn usual(self) -> Chosen {
        match self {
            Self::Auto => Chosen::Auto(Auto::default()),
            Self::Rnn => Chosen::Network(rnn::Rnn::with_cell(CellKind::Rnn)),
            Self::Lstm => Chosen::Network(rnn::Rnn::with_cell(CellKind::Lstm)),
            Self::Gru => Chosen::Network(rnn::Rnn::with_cell(CellKind::Gru)),
            Self::Seq2seq => Chosen::Network(rnn::Rnn::seq2seq()),
            Self::Global => Chosen::Global(global::Global::default()),
            Self::Deepar => Chosen::Deepar(deepar::DeepAr::default()),
            Self::Naive => Chosen::Baseline(Baseline::Naive),
            Self::SeasonalNaive => Chosen::Baseline(Baseline::SeasonalNaive),
            Self::Drift => Chosen::Baseline(Baseline::Drift),
            Self::Mean => Chosen::Baseline(Baseline::Mean),
            Self::Comb => Chosen::Baseline(Baseline::Comb),
            Self::Ets => Chosen::Baseline(Baseline::Ets),
            Self::Theta => Chosen::Baseline(Baseline::Theta),
            Self::Arima => Chosen::Baseline(Baseline::Arima),
            Self::Mstl => Chosen::Baseline(Baseline::Mstl),
            Self::Ridge => Chosen::Baseline(Baseline::Ridge),
            Self::Croston => Chosen::Baseline(Baseline::Croston),
        }
    }
}

impl ModelArgs {
    /// The model asked for; flags that would do nothing are refused.
    pub(crate) fn resolve(&self) -> anyhow::Result<Chosen> {
        self.resolve_or(Chosen::default())
    }

    /// The same, of a command that takes another one where none is asked for.
    pub(crate) fn resolve_or(&self, usual: Chosen) -> anyhow::Result<Chosen> {
        let usual = self.model.map_or(usual, ModelName::usual);
        self.network.chosen(usual, self.fitting.typed_seed())
    }
}

fn model_help() -> String {
    default(
        "What forecasts: auto weighs statistical methods, regressions and small networks by how well each forecast the past of \
         this very series; any other is one alone",
        Chosen::default().model().name(),
    )
}
