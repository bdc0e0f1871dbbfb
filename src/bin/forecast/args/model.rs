//! The model of a command, or the models of a comparison: as typed, and resolved to models with all their settings.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use forecast::backtest::{VERDICT_BASELINE, is_verdict_baseline};
use forecast::budget::Budget;
use forecast::model::{self, Model};

use crate::args::budget;
use crate::args::network::NetworkArgs;
use crate::args::value::help_with_default;
use crate::cli_error::CliError;

/// The default of `--model`.
const DEFAULT_MODEL: &str = "auto";

/// The flags of the model and its training.
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

/// The flags of the fit of any model.
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

    /// The budget of the command, which starts now.
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
fn model_names() -> PossibleValuesParser {
    PossibleValuesParser::new(model::names())
}

/// The model of this name with its default settings.
fn model_of(name: &str) -> Box<dyn Model> {
    model::named(name).expect("clap accepts only the names of the registry")
}

/// The model of this name with the settings that were typed.
fn with_settings(name: &str, fitting: &FittingArgs, network: &NetworkArgs) -> anyhow::Result<Box<dyn Model>> {
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
        "Model that forecasts: auto is an ensemble of statistical methods, regressions and small networks, weighted by their \
         errors on the past of the series; any other is a single model",
        DEFAULT_MODEL,
    )
}

/// The flags of the models of a comparison and their training.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelsArgs {
    #[arg(long = "model", value_name = "NAMES", value_parser = model_names(), value_delimiter = ',', help = models_help())]
    models: Vec<String>,

    #[command(flatten)]
    pub(crate) fitting: FittingArgs,

    #[command(flatten)]
    network: NetworkArgs,
}

impl ModelsArgs {
    /// The models with their settings, including the baseline of the verdict. Flags apply to the models that are trained.
    /// Flags without effect are rejected.
    pub(crate) fn resolve(&self) -> anyhow::Result<Vec<Box<dyn Model>>> {
        let mut names: Vec<&str> =
            if self.models.is_empty() { default_models() } else { self.models.iter().map(String::as_str).collect() };
        let any_trained = names.iter().any(|name| model_of(name).is_trained());
        if !names.iter().any(|name| is_verdict_baseline(name)) {
            names.push(VERDICT_BASELINE.name());
        }
        let mut models: Vec<Box<dyn Model>> = Vec::new();
        for name in names {
            if models.iter().any(|model| model.name() == name) {
                continue;
            }
            let takes_flags = model_of(name).is_trained() || (!any_trained && !is_added(name, &self.models));
            models.push(if takes_flags { with_settings(name, &self.fitting, &self.network)? } else { model_of(name) });
        }
        Ok(models)
    }
}

/// Whether a model is compared although the user did not name it.
fn is_added(name: &str, named: &[String]) -> bool {
    !named.is_empty() && !named.iter().any(|other| other == name)
}

/// The models that are compared if none is named: the default model, and every model that is not trained.
fn default_models() -> Vec<&'static str> {
    let untrained = model::names().filter(|name| !model_of(name).is_trained());
    std::iter::once(DEFAULT_MODEL).chain(untrained).collect()
}

fn models_help() -> String {
    help_with_default(
        "Models to compare, separated by commas; seasonal-naive is always compared",
        default_models().join(","),
    )
}
