//! What a user should know of a fit that went another way than usual.

use std::fmt;

/// Something that a user should know of a fit, such as a fall-back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
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
    /// Some networks of an ensemble were not trained, because their training diverged or there was no time for it.
    FewerNetworks {
        /// The networks that were trained.
        trained: usize,
        /// The networks that were planned.
        planned: usize,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CovariatesPreventPooling { series } => write!(
                f,
                "each of the {series} series has a model of its own: the model for many series does not use covariates"
            ),
            Self::TooShortForPooling { series } => write!(
                f,
                "each of the {series} series has a model of its own: they are too short for the model for many series"
            ),
            Self::FewerNetworks { trained, planned } => {
                write!(
                    f,
                    "the ensemble has {trained} of {planned} networks: there was no time for the others, or they diverged"
                )
            }
        }
    }
}
