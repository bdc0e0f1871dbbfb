//! The report of a fit: hindcasts, ensemble weights and notices.

use serde::Serialize;

use crate::forecast::quantile_forecast::Forecast;

/// Hindcasts, ensemble weights and notices of a fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitReport {
    /// Forecasts of past steps of the panel, each made without knowledge of their values.
    pub hindcasts: Vec<Hindcast>,
    /// The weights of the components of an ensemble. There is one item for each series, in the order of the panel, or
    /// one for all series.
    pub ensemble_weights: Vec<EnsembleWeights>,
    /// What a user should know about the fit, such as fall-backs.
    pub notices: Vec<FitNotice>,
}

/// A forecast of past steps, made from the values before them.
#[derive(Debug, Clone, PartialEq)]
pub struct Hindcast {
    /// The index of the series in its panel.
    pub series: usize,
    /// The number of values before the forecast. The first step of the forecast is the value at this index.
    pub cutoff: usize,
    /// The forecast.
    pub forecast: Forecast,
}

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
    /// The error at the rolling origins, in the unit of the values. It is the geometric mean of the mean absolute error
    /// and the root mean squared error. `None` if the component was not evaluated.
    pub error: Option<f64>,
}

/// A fall-back of a model, chosen for the panel or for the budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say what the numbers are")]
pub enum FitNotice {
    /// There are too many series for the automatic model to train networks.
    #[error(
        "no networks among the candidates: they are trained for at most {max_series} series, and there are {series}"
    )]
    TooManySeriesForNetworks { series: usize, max_series: usize },
    /// There are enough series for one pooled model, but it uses no covariates. Each series has a separate model.
    #[error("each of the {series} series is forecast separately: the model for many series does not use covariates")]
    CovariatesPreventPooling { series: usize },
    /// There are enough series for one pooled model, but none is long enough. Each series has a separate model.
    #[error("each of the {series} series is forecast separately: all are too short for the model for many series")]
    TooShortForPooling { series: usize },
    /// The budget is too short for a model of each series in addition to the global model.
    #[error("the global model alone forecasts the {series} series: the budget is too short for models of each series")]
    NoTimeForLocalModels { series: usize },
    /// The budget ended before all candidates were compared.
    #[error("the budget ended before all candidates were compared for {series} of {of} series")]
    CandidatesLeftOut { series: usize, of: usize },
    /// Some networks of an ensemble are missing. Their training diverged, or there was no time for it.
    #[error("the ensemble has {trained} of {planned} networks: there was no time for the others, or they diverged")]
    FewerNetworks { trained: usize, planned: usize },
}
