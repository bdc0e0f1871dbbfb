//! The models of a comparison: as typed, and resolved to models with all their settings.

use clap::Args;
use forecast::backtest::{VERDICT_BASELINE, is_verdict_baseline};
use forecast::model::{self, Model};

use crate::args::model::{DEFAULT_MODEL, FittingArgs, model_names, model_of, with_settings};
use crate::args::network::NetworkArgs;
use crate::args::value::help_with_default;

/// Which models are compared, and how they are trained.
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
    /// The models with their settings, the baseline of the verdict always among them. Flags are for the models that are
    /// trained; those without effect are rejected.
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

/// Whether a model was added to those that were named.
fn is_added(name: &str, named: &[String]) -> bool {
    !named.is_empty() && !named.iter().any(|other| other == name)
}

/// The models that are compared if none is named: the default one, and every model that is not trained.
fn default_models() -> Vec<&'static str> {
    let untrained = model::names().filter(|name| !model_of(name).is_trained());
    std::iter::once(DEFAULT_MODEL).chain(untrained).collect()
}

fn models_help() -> String {
    help_with_default("Models to compare, separated by commas; seasonal-naive always is", default_models().join(","))
}
