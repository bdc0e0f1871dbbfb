//! What a fit reports besides the fitted model.

use std::fmt;

use serde::Serialize;

use crate::forecast::quantile_forecast::Forecast;

/// What a fit found out besides the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FitReport {
    /// Forecasts of stretches of the panel, each made without knowledge of its values.
    pub hindcasts: Vec<Hindcast>,
    /// The weights of the components of an ensemble: one item a series in the order of the panel, or one for all series.
    pub ensemble_weights: Vec<EnsembleWeights>,
    /// What a user should know of the fit, such as fall-backs.
    pub notices: Vec<FitNotice>,
}

/// A forecast of a stretch of the past, made from the values before it.
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
    /// The geometric mean of the mean absolute and the root mean squared error at the rolling origins, in the unit of the
    /// values. `None` if the component was not evaluated.
    pub error: Option<f64>,
}

/// A fall-back of a model, chosen for the panel or for the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FitNotice {
    /// There are more series than those for which the automatic model trains networks.
    TooManySeriesForNetworks {
        /// The number of series.
        series: usize,
        /// The most series for which networks are trained.
        max_series: usize,
    },
    /// There are enough series for one pooled model, which uses no covariates. Each series has a model of its own.
    CovariatesPreventPooling {
        /// The number of series.
        series: usize,
    },
    /// There are enough series for one pooled model, but none is long enough. Each series has a model of its own.
    TooShortForPooling {
        /// The number of series.
        series: usize,
    },
    /// The budget is too short for a model of each series beside the global model.
    NoTimeForLocalModels {
        /// The number of series.
        series: usize,
    },
    /// The budget ended before all candidates were compared.
    CandidatesLeftOut {
        /// The number of series for which candidates were left out.
        series: usize,
        /// The number of all series.
        of: usize,
    },
    /// Some networks of an ensemble are missing. Their training diverged, or there was no time for it.
    FewerNetworks {
        /// The number of trained networks.
        trained: usize,
        /// The number of planned networks.
        planned: usize,
    },
}

impl fmt::Display for FitNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySeriesForNetworks { series, max_series } => write!(
                f,
                "no networks among the candidates: they are trained for at most {max_series} series, and there are {series}"
            ),
            Self::CovariatesPreventPooling { series } => write!(
                f,
                "each of the {series} series has a model of its own: the model for many series does not use covariates"
            ),
            Self::TooShortForPooling { series } => write!(
                f,
                "each of the {series} series has a model of its own: they are too short for the model for many series"
            ),
            Self::NoTimeForLocalModels { series } => write!(
                f,
                "the global model alone forecasts the {series} series: the budget is too short for models of each series"
            ),
            Self::CandidatesLeftOut { series, of } => {
                write!(f, "the budget ended before all candidates were compared for {series} of {of} series")
            }
            Self::FewerNetworks { trained, planned } => {
                write!(
                    f,
                    "the ensemble has {trained} of {planned} networks: there was no time for the others, or they diverged"
                )
            }
        }
    }
}
