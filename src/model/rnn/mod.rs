//! Recurrent networks as forecasters: Elman, LSTM, GRU and encoder-decoder networks over [`nn`](crate::nn).

pub(crate) mod dataset;
pub(crate) mod diagnose;
pub(crate) mod features;
pub(crate) mod forecaster;
pub(crate) mod network;
pub(crate) mod settings;

pub use crate::model::nn::cell::CellKind;
pub use crate::model::nn::training::Clip;
pub use crate::model::rnn::diagnose::Diagnosis;
pub use crate::model::rnn::forecaster::FittedRnn;
pub use crate::model::rnn::settings::{Head, Rnn};
