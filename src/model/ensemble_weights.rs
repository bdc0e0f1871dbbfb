//! The weights of the components of an ensemble.

use serde::Serialize;

/// How the forecast of one series is made of others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnsembleWeights {
    /// The values of the series' id columns; none where it is of all series together.
    pub key: Vec<String>,
    /// The rolling origins at which all were tried.
    pub origins: usize,
    /// All that were tried, those that count most first.
    pub parts: Vec<Component>,
}

/// A forecast that takes part in another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Component {
    /// What it is, in a word or two: `theta`, `direct (log)`.
    pub name: String,
    /// How much it counts, in [0, 1]; the weights of a series sum to 1.
    pub weight: f64,
    /// The size of its errors at the rolling origins, in the unit of the values: the geometric mean of its mean absolute
    /// and its root mean squared error. `None` where it could not be tried.
    pub error: Option<f64>,
}
