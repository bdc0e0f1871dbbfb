//! The model of a command: as typed, and resolved to a model with all its settings.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use forecast::budget::Budget;
use forecast::model::{self, Model};

use crate::args::budget;
use crate::args::network::NetworkArgs;
use crate::args::value::help_with_default;
use crate::cli_error::CliError;

/// The model that forecasts if none is named.
pub(crate) const DEFAULT_MODEL: &str = "auto";

/// Which model, and how it is trained.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    #[arg(long, value_name = "NAME", value_parser = model_names(), help = model_help())]
    model: Option<String>,

    #[command(flatten)]
    pub(crate) fitting: FittingArgs,

    #[command(flatten)]
    network: NetworkArgs,
}

/// How any model is fitted.
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

    /// The budget of the command, which runs from now on.
    pub(crate) fn start_budget(&self) -> Budget {
        budget::start(self.budget)
    }
}

impl ModelArgs {
    /// The model with its settings. Flags that have no effect on it are rejected.
    pub(crate) fn resolve(&self) -> anyhow::Result<Box<dyn Model>> {
        self.resolve_or(DEFAULT_MODEL)
    }

    /// As [`ModelArgs::resolve`], with another default.
    pub(crate) fn resolve_or(&self, default: &'static str) -> anyhow::Result<Box<dyn Model>> {
        with_settings(self.model.as_deref().unwrap_or(default), &self.fitting, &self.network)
    }
}

/// The parser of the names of the registry.
pub(crate) fn model_names() -> PossibleValuesParser {
    PossibleValuesParser::new(model::names())
}

/// The model of this name with its default settings.
pub(crate) fn model_of(name: &str) -> Box<dyn Model> {
    model::named(name).expect("clap accepts the names of the registry alone")
}

/// The model of this name with the settings that were typed.
pub(crate) fn with_settings(
    name: &str,
    fitting: &FittingArgs,
    network: &NetworkArgs,
) -> anyhow::Result<Box<dyn Model>> {
    let mut model = model_of(name);
    if fitting.seed.is_some() && !model.is_trained() {
        return Err(CliError::usage(
            format!("--seed has no effect on {name}: it is not trained"),
            "leave --seed out, or choose a model that is trained: `--model lstm`",
        ));
    }
    network.apply(&mut model)?;
    Ok(model)
}

fn model_help() -> String {
    help_with_default(
        "Model that forecasts: auto combines statistical methods, regressions and small networks, weighted by their accuracy on \
         the past of the series; any other is a single model",
        DEFAULT_MODEL,
    )
}
