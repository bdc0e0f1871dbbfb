//! Several models to compare, as typed and resolved.

use clap::Args;
use forecast::backtest::{VERDICT_BASELINE, is_verdict_baseline};
use forecast::model::stat::Baseline;

use crate::networks::{NetworkArgs, default};
use crate::settings::{Chosen, FittingArgs, ModelName};

/// Which models are compared, and how they are trained.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelsArgs {
    #[arg(long = "model", value_name = "NAMES", value_enum, value_delimiter = ',', help = models_help())]
    models: Vec<ModelName>,

    #[command(flatten)]
    pub(crate) fitting: FittingArgs,

    #[command(flatten)]
    network: NetworkArgs,
}

impl ModelsArgs {
    /// The models asked for, seasonal naive always among them; flags that would do nothing for any are refused.
    pub(crate) fn resolve(&self) -> anyhow::Result<Vec<Chosen>> {
        let named = self.models.iter().map(|name| name.usual());
        let mut asked: Vec<Chosen> = if self.models.is_empty() { everyone() } else { named.collect() };
        let trained = asked.iter().any(Chosen::is_trained);
        for chosen in &mut asked {
            if chosen.is_trained() || !trained {
                *chosen = self.network.chosen(chosen.clone(), self.fitting.typed_seed())?;
            }
        }
        if !asked.iter().any(|chosen| is_verdict_baseline(chosen.model().name())) {
            asked.push(Chosen::Baseline(VERDICT_BASELINE));
        }
        let mut seen = Vec::new();
        asked.retain(|chosen| {
            let new = !seen.contains(&chosen.model().name());
            seen.push(chosen.model().name());
            new
        });
        Ok(asked)
    }
}

/// What is compared where no model is named: the one that forecasts then, and every baseline.
fn everyone() -> Vec<Chosen> {
    std::iter::once(Chosen::default()).chain(Baseline::ALL.map(Chosen::Baseline)).collect()
}

fn models_help() -> String {
    let usual: Vec<&str> = everyone().iter().map(|chosen| chosen.model().name()).collect();
    default("What is compared, separated by commas; seasonal-naive always is", usual.join(","))
}
