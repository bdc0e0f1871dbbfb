//! Notices of a fit: fall-backs of which a user should know.

use std::fmt;

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
