//! The flags of the networks, as options that a model accepts or rejects.

use clap::Args;
use clap::builder::TypedValueParser;
use forecast::model::deepar::Distribution;
use forecast::model::global::Global;
use forecast::model::{self, Model, ModelOption};
use forecast::rnn::{Clip, Head, Rnn};

use crate::args::value::{above_zero, at_least_one, help_with_default, one_of, share_below_one};
use crate::exit_status::CliError;

/// The model that a hint suggests first if a flag has no effect on the chosen model.
const SUGGESTED: &str = "lstm";

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    #[arg(long, value_name = "SIZE", value_parser = at_least_one.map(ModelOption::Hidden))]
    #[arg(help = help_with_default("Size of the hidden state", Rnn::default().hidden))]
    hidden: Option<ModelOption>,
    #[arg(long, value_name = "N", value_parser = at_least_one.map(ModelOption::Layers))]
    #[arg(help = help_with_default("Recurrent layers", Rnn::default().layers))]
    layers: Option<ModelOption>,
    #[arg(long, value_name = "SHARE", value_parser = share_below_one.map(ModelOption::Dropout))]
    #[arg(help = help_with_default("Share of values dropped between layers in training", Rnn::default().dropout))]
    dropout: Option<ModelOption>,
    #[arg(long, value_name = "STEPS", value_parser = at_least_one.map(ModelOption::ChunkLength))]
    #[arg(help = help_with_default("Chunk length of truncated backpropagation", Rnn::default().bptt))]
    #[arg(long_help = help_with_default(
        "Chunk length of truncated backpropagation through time. A series is split into chunks of this many steps. \
         Gradients reach back to the start of a chunk; the hidden state is carried into the next chunk",
        Rnn::default().bptt,
    ))]
    bptt: Option<ModelOption>,
    /// How many steps back gradients reach [default: --bptt]
    #[arg(long, value_name = "STEPS", value_parser = at_least_one.map(ModelOption::Reach))]
    reach: Option<ModelOption>,
    /// How one network forecasts many steps [default: direct]
    #[arg(long, value_name = "NAME", value_parser = one_of(&HEADS).map(ModelOption::Head))]
    head: Option<ModelOption>,
    #[arg(long, value_name = "FACTOR", value_parser = above_zero.map(ModelOption::InitialScale))]
    #[arg(help = help_with_default("Factor on the initial recurrent weights", Rnn::default().initial_scale))]
    initial_scale: Option<ModelOption>,
    #[arg(long, value_name = "NORM", value_parser = norm, conflicts_with = "clip_value")]
    #[arg(help = help_with_default("Maximum norm of the gradient over all weights, or `none`", default_norm()))]
    clip: Option<ModelOption>,
    /// Maximum size of each gradient value, instead of the norm
    #[arg(long, value_name = "SIZE", value_parser = above_zero.map(|size| ModelOption::Clip(Clip::Value(size))))]
    clip_value: Option<ModelOption>,
    #[arg(long, value_name = "N", value_parser = at_least_one.map(ModelOption::Epochs))]
    #[arg(help = help_with_default(
        "Maximum number of passes over the data; training stops earlier if the loss no longer falls",
        default_epochs(),
    ))]
    epochs: Option<ModelOption>,
    #[arg(long, value_name = "RATE", value_parser = above_zero.map(ModelOption::LearningRate))]
    #[arg(help = help_with_default("Highest learning rate of the schedule", Rnn::default().learning_rate))]
    learning_rate: Option<ModelOption>,
    #[arg(long, value_name = "N", value_parser = at_least_one.map(ModelOption::Members))]
    #[arg(help = help_with_default("Networks that `--model global` averages", Global::default().members))]
    members: Option<ModelOption>,
    /// Distribution of the values in `--model deepar` [default: chosen from the values]
    #[arg(long, value_name = "NAME", value_parser = one_of(&DISTRIBUTIONS).map(ModelOption::Distribution))]
    distribution: Option<ModelOption>,
}

const HEADS: [(&str, &str, Head); 2] = [
    ("direct", "All steps at once", Head::Direct),
    ("recursive", "One step at a time, with the median of the previous step as input", Head::Recursive),
];

const DISTRIBUTIONS: [(&str, &str, Distribution); 2] = [
    ("student-t", "Student's t", Distribution::StudentT),
    ("negative-binomial", "Negative binomial, for counts", Distribution::NegativeBinomial),
];

impl NetworkArgs {
    /// Sets the options that were typed on a model. Layers come before dropout, which needs two of them.
    ///
    /// # Errors
    /// If one of them has no effect on it.
    pub(crate) fn apply(&self, model: &mut Box<dyn Model>) -> anyhow::Result<()> {
        let options = [
            ("--hidden", self.hidden),
            ("--layers", self.layers),
            ("--dropout", self.dropout),
            ("--bptt", self.bptt),
            ("--reach", self.reach),
            ("--head", self.head),
            ("--initial-scale", self.initial_scale),
            ("--clip", self.clip),
            ("--clip-value", self.clip_value),
            ("--epochs", self.epochs),
            ("--learning-rate", self.learning_rate),
            ("--members", self.members),
            ("--distribution", self.distribution),
        ];
        for (flag, option) in options.into_iter().filter_map(|(flag, option)| Some((flag, option?))) {
            model.set_option(option).map_err(|reason| {
                CliError::usage(
                    format!("{flag} has no effect on {}: {reason}", model.name()),
                    format!("leave {flag} out{}", alternative_hint(model.as_ref(), option)),
                )
            })?;
        }
        Ok(())
    }
}

/// The end of a hint: a second layer, or a model that accepts the option.
fn alternative_hint(model: &dyn Model, option: ModelOption) -> String {
    let accepts = |mut model: Box<dyn Model>| model.set_option(option).is_ok();
    let mut deeper = model.boxed();
    if deeper.set_option(ModelOption::Layers(2)).is_ok() && accepts(deeper) {
        return ", or add a layer with `--layers 2`".into();
    }
    let mut names = std::iter::once(SUGGESTED).chain(model::names());
    let other = names.find(|name| model::named(name).is_some_and(accepts));
    other.map_or(String::new(), |name| format!(", or choose a model that has it: `--model {name}`"))
}

/// `--clip`: a norm, or `none`.
fn norm(text: &str) -> Result<ModelOption, String> {
    if text == "none" {
        return Ok(ModelOption::Clip(Clip::Off));
    }
    let norm = above_zero(text).map_err(|_| "a number above 0 or `none` is needed")?;
    Ok(ModelOption::Clip(Clip::Norm(norm)))
}

fn default_norm() -> String {
    if let Clip::Norm(norm) = Rnn::default().clip { norm.to_string() } else { "none".into() }
}

fn default_epochs() -> String {
    let automatic = || format!("as many as make about {} updates", Rnn::UPDATES);
    Rnn::default().epochs.map_or_else(automatic, |epochs| epochs.to_string())
}
