//! The weights of the components of an ensemble.

use serde::Serialize;

/// The components of the ensemble that forecasts a series, with their weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnsembleWeights {
    /// The values of the id columns of the series; empty if the weights are those of all series.
    pub key: Vec<String>,
    /// The number of rolling origins at which the components were evaluated.
    pub origins: usize,
    /// All components, in descending order of their weights.
    pub components: Vec<Component>,
}

/// A component of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Component {
    /// A short name, such as `theta` or `direct (log)`.
    pub name: String,
    /// The weight, in [0, 1]. The weights of an ensemble sum to 1.
    pub weight: f64,
    /// The geometric mean of the mean absolute and the root mean squared error at the rolling origins, in the unit of the
    /// values. `None` if the component was not evaluated.
    pub error: Option<f64>,
}
