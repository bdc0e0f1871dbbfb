//! The model of a command, or the models of a comparison: as typed, and resolved to models with all their settings.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use forecast::backtest::{VERDICT_BASELINE, is_verdict_baseline};
use forecast::{Budget, Model, model};

use crate::args::{network::NetworkArgs, value::help_with_default};
use crate::exit_status::CliError;

pub(crate) const DEFAULT_MODEL: &str = "auto";
/// The part of a budget for the start, the files and the pictures, at most a third of the budget.
const OVERHEAD: Duration = Duration::from_millis(900);

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(model::names()))]
    #[arg(help = help_with_default(
        "Model that forecasts: auto is an ensemble of statistical methods, regressions and small networks, weighted by their \
         errors on the past of the series; any other is a single model",
        DEFAULT_MODEL,
    ))]
    #[arg(long_help = help_with_default(
        "Model that forecasts: auto is an ensemble of statistical methods, regressions and small networks, weighted by their \
         errors on the past of the series; any other is a single model. Of a file of several series, rnn, lstm, gru, \
         seq2seq, global, pretrained and deepar are one model for all; the others are fitted series by series; auto combines both",
        DEFAULT_MODEL,
    ))]
    model: Option<String>,
    #[command(flatten)]
    pub(crate) fitting: FittingArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelsArgs {
    #[arg(long = "model", value_name = "NAMES", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(model::names()))]
    #[arg(help = help_with_default(
        "Models to compare, separated by commas; seasonal-naive is always compared",
        default_models().join(","),
    ))]
    models: Vec<String>,
    #[command(flatten)]
    pub(crate) fitting: FittingArgs,
}

/// The flags of the fit of any model.
#[derive(Debug, Args)]
pub(crate) struct FittingArgs {
    /// Seed of every random number [default: 0]
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Time for the whole command, as in 10s, 2m or 1h: auto then evaluates fewer candidates, and networks are trained
    /// for a shorter time, so that two runs may differ
    #[arg(long, value_name = "TIME", value_parser = parse_budget)]
    budget: Option<Duration>,
    #[command(flatten)]
    network: NetworkArgs,
}

impl ModelArgs {
    /// The name as typed; empty for the default model.
    pub(crate) fn typed(&self) -> Vec<&str> {
        self.model.as_deref().into_iter().collect()
    }

    /// The model with its settings, by default the one named `default`. Flags without effect on it are rejected.
    pub(crate) fn resolve_or(&self, default: &str) -> anyhow::Result<Box<dyn Model>> {
        self.fitting.model(self.model.as_deref().unwrap_or(default))
    }
}

impl ModelsArgs {
    /// The names as typed; empty for the default models.
    pub(crate) fn typed(&self) -> Vec<&str> {
        self.models.iter().map(String::as_str).collect()
    }

    /// The models with their settings, each once, including the baseline of the verdict. If some are trained, flags apply
    /// to these only. Flags without effect are rejected.
    pub(crate) fn resolve(&self) -> anyhow::Result<Vec<Box<dyn Model>>> {
        let typed = self.typed();
        let names = if typed.is_empty() { default_models() } else { typed };
        let any_trained = names.iter().any(|name| default_of(name).is_trained());
        let mut models: Vec<Box<dyn Model>> = Vec::new();
        for name in names {
            if models.iter().any(|model| model.name() == name) {
                continue;
            }
            let model = default_of(name);
            models.push(if any_trained && !model.is_trained() { model } else { self.fitting.model(name)? });
        }
        if !models.iter().any(|model| is_verdict_baseline(model.name())) {
            models.push(Box::new(VERDICT_BASELINE));
        }
        Ok(models)
    }
}

impl FittingArgs {
    /// The time for the whole command, as typed.
    pub(crate) fn budget(&self) -> Option<Duration> {
        self.budget
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    /// The budget of fits and forecasts, which starts now.
    pub(crate) fn start_budget(&self) -> Budget {
        self.start_part_of(&Budget::unlimited())
    }

    /// The same as a part of another budget, which may be stopped.
    pub(crate) fn start_part_of(&self, outer: &Budget) -> Budget {
        outer.part(self.budget.map(without_overhead))
    }

    /// The model of this name with the settings from the flags.
    fn model(&self, name: &str) -> anyhow::Result<Box<dyn Model>> {
        let mut model = default_of(name);
        if self.seed.is_some() && !model.is_trained() {
            return Err(CliError::usage(
                format!("--seed has no effect on {name}: it is not trained"),
                "leave --seed out, or choose a model that is trained: `--model lstm`",
            ));
        }
        self.network.apply(&mut model)?;
        Ok(model)
    }
}

fn default_of(name: &str) -> Box<dyn Model> {
    model::named(name).expect("clap accepts only the names of the registry")
}

/// The models that are compared if none is named: the default model, and every model that is not trained.
fn default_models() -> Vec<&'static str> {
    let untrained = model::names().filter(|name| !default_of(name).is_trained());
    std::iter::once(DEFAULT_MODEL).chain(untrained).collect()
}

/// Parses a duration, such as `10s`, `2 min` or `1h 30m`.
fn parse_budget(text: &str) -> Result<Duration, String> {
    let limit = humantime::parse_duration(&text.to_lowercase())
        .map_err(|_| "a number with the unit s, m (minutes) or h is needed".to_owned())?;
    if limit.is_zero() { Err("a budget must be longer than 0 s".into()) } else { Ok(limit) }
}

fn without_overhead(limit: Duration) -> Duration {
    limit.saturating_sub(OVERHEAD.min(limit / 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_numbers_with_units_and_leaves_time_for_files_and_pictures() {
        for (text, seconds, left) in [
            ("10s", 10.0, 9.1),
            ("1.5s", 1.5, 1.0),
            ("0.9s", 0.9, 0.6),
            ("0.03s", 0.03, 0.02),
            ("2m", 120.0, 119.1),
            ("2 min", 120.0, 119.1),
            ("2 Minutes", 120.0, 119.1),
            ("1h", 3600.0, 3599.1),
            ("1h 30m", 5400.0, 5399.1),
        ] {
            let budget = parse_budget(text).expect("a span of time");
            assert_eq!([budget, without_overhead(budget)], [seconds, left].map(Duration::from_secs_f64), "{text}");
        }
        for text in ["10", "0s", "s", "", "-3s", "1e400s", "7 fortnights", "1.2.3s"] {
            assert!(parse_budget(text).is_err(), "{text}");
        }
    }
}
