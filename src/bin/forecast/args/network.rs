//! The flags of the networks, as options that a model accepts or rejects.

use clap::{Args, ValueEnum};
use forecast::model::deepar::Distribution;
use forecast::model::global::Global;
use forecast::model::{self, Model, ModelOption};
use forecast::rnn::{Clip, Head, Rnn};

use crate::args::value::{above_zero, at_least_one, help_with_default, share_below_one};
use crate::cli_error::CliError;

/// The model that a hint suggests first if a flag has no effect on the chosen model.
const SUGGESTED: &str = "lstm";

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    #[arg(
        long,
        value_name = "SIZE",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = help_with_default("Size of the hidden state", Rnn::default().hidden)
    )]
    hidden: Option<usize>,

    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = help_with_default("Recurrent layers", Rnn::default().layers)
    )]
    layers: Option<usize>,

    #[arg(
        long,
        value_name = "SHARE",
        allow_negative_numbers = true,
        value_parser = share_below_one,
        help = help_with_default("Share of values dropped between layers in training", Rnn::default().dropout)
    )]
    dropout: Option<f64>,

    #[arg(
        long,
        value_name = "STEPS",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = help_with_default("Chunk length of truncated backpropagation", Rnn::default().bptt),
        long_help = help_with_default(
            "Chunk length of truncated backpropagation through time. A series is split into chunks of this many steps. \
             Gradients reach back to the start of a chunk; the hidden state is carried into the next chunk",
            Rnn::default().bptt
        )
    )]
    bptt: Option<usize>,

    #[arg(
        long,
        value_name = "STEPS",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = help_with_default("How many steps back gradients reach", "--bptt"),
    )]
    reach: Option<usize>,

    #[arg(long, value_name = "NAME", value_enum, help = "How one network forecasts many steps [default: direct]")]
    head: Option<HeadName>,

    #[arg(
        long,
        value_name = "FACTOR",
        allow_negative_numbers = true,
        value_parser = above_zero,
        help = help_with_default("Factor on the initial recurrent weights", Rnn::default().initial_scale)
    )]
    initial_scale: Option<f64>,

    #[arg(
        long,
        value_name = "NORM",
        allow_negative_numbers = true,
        value_parser = norm,
        conflicts_with = "clip_value",
        help = clip_help()
    )]
    clip: Option<Norm>,

    /// Maximum size of each gradient value, instead of the norm
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, value_parser = above_zero)]
    clip_value: Option<f64>,

    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = epochs_help()
    )]
    epochs: Option<usize>,

    #[arg(
        long,
        value_name = "RATE",
        allow_negative_numbers = true,
        value_parser = above_zero,
        help = help_with_default("Highest learning rate of the schedule", Rnn::default().learning_rate)
    )]
    learning_rate: Option<f64>,

    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = help_with_default("Networks that `--model global` averages", Global::default().members)
    )]
    members: Option<usize>,

    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        help = "Distribution of the values in `--model deepar` [default: chosen from the values]"
    )]
    distribution: Option<DistributionName>,
}

/// The family of distributions of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DistributionName {
    /// Student's t
    StudentT,
    /// Negative binomial, for counts
    NegativeBinomial,
}

/// How one network forecasts many steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HeadName {
    /// All steps at once
    Direct,
    /// One step at a time, with the median of the previous step as input
    Recursive,
}

/// `--clip`: a norm, or `none`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Norm(Option<f64>);

impl NetworkArgs {
    /// Sets the options that were typed on a model.
    ///
    /// # Errors
    /// If one of them has no effect on it.
    pub(crate) fn apply(&self, model: &mut Box<dyn Model>) -> anyhow::Result<()> {
        for (flag, option) in self.options() {
            model.set_option(option).map_err(|reason| {
                CliError::usage(
                    format!("{flag} has no effect on {}: {reason}", model.name()),
                    format!("leave {flag} out{}", alternative_hint(model.as_ref(), option)),
                )
            })?;
        }
        Ok(())
    }

    /// The options that were typed, with their flags. Layers come before dropout, which needs two of them.
    fn options(&self) -> Vec<(&'static str, ModelOption)> {
        let head = self.head.map(|head| match head {
            HeadName::Direct => Head::Direct,
            HeadName::Recursive => Head::Recursive,
        });
        let distribution = self.distribution.map(|distribution| match distribution {
            DistributionName::StudentT => Distribution::StudentT,
            DistributionName::NegativeBinomial => Distribution::NegativeBinomial,
        });
        let clip = self.clip.map(|norm| norm.0.map_or(Clip::Off, Clip::Norm));
        let options = [
            ("--hidden", self.hidden.map(ModelOption::Hidden)),
            ("--layers", self.layers.map(ModelOption::Layers)),
            ("--dropout", self.dropout.map(ModelOption::Dropout)),
            ("--bptt", self.bptt.map(ModelOption::ChunkLength)),
            ("--reach", self.reach.map(ModelOption::Reach)),
            ("--head", head.map(ModelOption::Head)),
            ("--initial-scale", self.initial_scale.map(ModelOption::InitialScale)),
            ("--clip", clip.map(ModelOption::Clip)),
            ("--clip-value", self.clip_value.map(|size| ModelOption::Clip(Clip::Value(size)))),
            ("--epochs", self.epochs.map(ModelOption::Epochs)),
            ("--learning-rate", self.learning_rate.map(ModelOption::LearningRate)),
            ("--members", self.members.map(ModelOption::Members)),
            ("--distribution", distribution.map(ModelOption::Distribution)),
        ];
        options.into_iter().filter_map(|(flag, option)| Some((flag, option?))).collect()
    }
}

/// The end of a hint: a second layer, or a model that accepts the option.
fn alternative_hint(model: &dyn Model, option: ModelOption) -> String {
    let accepts = |mut model: Box<dyn Model>| model.set_option(option).is_ok();
    let mut deeper = model.boxed();
    if deeper.set_option(ModelOption::Layers(2)).is_ok() && accepts(deeper) {
        return ", or add a layer with `--layers 2`".into();
    }
    let names = std::iter::once(SUGGESTED).chain(model::names());
    let other = names.into_iter().find(|name| model::named(name).is_some_and(accepts));
    other.map_or(String::new(), |name| format!(", or choose a model that has it: `--model {name}`"))
}

fn norm(text: &str) -> Result<Norm, String> {
    if text == "none" {
        return Ok(Norm(None));
    }
    above_zero(text).map(|norm| Norm(Some(norm))).map_err(|_| "a number above 0 or `none` is needed".into())
}

fn epochs_help() -> String {
    let automatic = || format!("as many as make about {} updates", Rnn::UPDATES);
    let default = Rnn::default().epochs.map_or_else(automatic, |epochs| epochs.to_string());
    help_with_default(
        "Maximum number of passes over the data; training stops earlier if the loss no longer falls",
        default,
    )
}

fn clip_help() -> String {
    let default = match Rnn::default().clip {
        Clip::Norm(norm) => norm.to_string(),
        Clip::Value(_) | Clip::Off => "none".into(),
    };
    help_with_default("Maximum norm of the gradient over all weights, or `none`", default)
}
