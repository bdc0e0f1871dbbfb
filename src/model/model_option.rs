//! Options that users set on models. Each model accepts those that it supports.

use crate::model::deepar::settings::Distribution;
use crate::model::nn::training::Clip;
use crate::model::rnn::settings::Head;

/// A value for one setting of a model. [`Model::set_option`](crate::model::Model::set_option) accepts or rejects it.
///
/// ```
/// use forecast::model::{self, ModelOption};
///
/// let mut lstm = model::named("lstm").expect("a model of the registry");
/// assert!(lstm.set_option(ModelOption::Hidden(16)).is_ok());
/// let rejected = lstm.set_option(ModelOption::Members(5)).unwrap_err();
/// assert_eq!(rejected.to_string(), "it is a single network");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ModelOption {
    /// The size of the hidden state.
    Hidden(usize),
    /// The number of recurrent layers.
    Layers(usize),
    /// The share of values that is dropped between layers in training, in [0, 1).
    Dropout(f64),
    /// The length of the chunks of truncated backpropagation, in steps.
    ChunkLength(usize),
    /// The number of steps through which gradients flow back.
    Reach(usize),
    /// How the outputs form a forecast of several steps.
    Head(Head),
    /// The factor on the initial recurrent weights.
    InitialScale(f64),
    /// How gradients are clipped.
    Clip(Clip),
    /// The number of passes over the data.
    Epochs(usize),
    /// The highest learning rate of the schedule.
    LearningRate(f64),
    /// The number of networks that are averaged.
    Members(usize),
    /// The family of distributions of the values.
    Distribution(Distribution),
}

/// The reason why an option has no effect on a model, as a clause about the model: `it is not trained`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnsupportedOption(pub &'static str);
