//! The weights of the members of an ensemble, in one series and as a mean over several.

use serde::{Deserialize, Serialize};

/// The members of the ensemble that forecasts a series, with their weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnsembleWeights {
    /// The values of the id columns of the series; empty if the weights are those of all series.
    pub key: Vec<String>,
    /// The number of rolling origins at which the members were evaluated.
    pub origins: usize,
    /// All members, in descending order of their weights. Files of version 0.2.0 and earlier call them `components`.
    #[serde(alias = "components")]
    pub members: Vec<Member>,
}

/// A member of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// A short name, such as `theta` or `direct (log)`.
    pub name: String,
    /// The weight, in [0, 1]. The weights of an ensemble sum to 1.
    pub weight: f64,
    /// The error at the rolling origins, in the unit of the values. It is the geometric mean of the mean absolute error
    /// and the root mean squared error. `None` if the member was not evaluated.
    pub error: Option<f64>,
}

/// The mean weight of a member over several ensembles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanWeight<'a> {
    /// The name of the member.
    pub name: &'a str,
    /// The mean weight, in [0, 1]. An ensemble without the member counts as a weight of 0.
    pub weight: f64,
    /// The number of ensembles in which the weight is above 0.
    pub series: usize,
}

impl<'a> MeanWeight<'a> {
    /// That of every member over the ensembles, the largest first.
    pub fn of(all: &'a [EnsembleWeights]) -> Vec<Self> {
        let mut means: Vec<Self> = Vec::new();
        for Member { name, weight, .. } in all.iter().flat_map(|own| &own.members) {
            let position = means.iter().position(|mean| mean.name == name).unwrap_or_else(|| {
                means.push(Self { name, weight: 0.0, series: 0 });
                means.len() - 1
            });
            means[position].weight += weight / all.len() as f64;
            means[position].series += usize::from(*weight > 0.0);
        }
        means.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        means
    }
}
