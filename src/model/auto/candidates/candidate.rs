//! A candidate: a method of forecasting and the transform on which it works.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::regression::series_view::SeriesView;
use crate::model::transform::Transform;

/// The number of seasons of a seasonal mean, and the maximum of a seasonal difference.
pub(crate) const SEASONS_OF_MEAN: usize = 4;

/// A method of forecasting one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CandidateKind {
    /// The last value.
    Naive,
    /// The value one season ago. The number is the season length in steps.
    SeasonalNaive(usize),
    /// The mean of the same step in the last [`SEASONS_OF_MEAN`] seasons.
    SeasonalMean(usize),
    /// The mean of all values.
    Mean,
    /// The rate of intermittent counts.
    Croston,
    /// Exponential smoothing with a damped trend and seasons; its parameters minimise the error over the whole horizon.
    Smoothing,
    /// The optimised Theta method.
    Theta,
    /// Exponential smoothing of the form with the smallest `AICc`.
    Ets,
    /// Ridge autoregression, recursive.
    RecursiveRidge,
    /// Recursive ridge autoregression of the distances from the mean of the last `seasons` seasons of `lag` steps.
    DifferencedRidge { lag: usize, seasons: usize },
    /// Ridge autoregression of all steps at once.
    DirectRidge,
    /// Ridge autoregression of all steps at once, with smaller weights of older rows.
    DiscountedRidge,
    /// A recurrent network over segments of a season. The number distinguishes networks of one series.
    Network(u64),
    /// A recurrent network that forecasts the residuals of the direct ridge autoregression.
    ResidualNetwork(u64),
}

/// A method of forecasting, the transform of its input values, and whether it uses covariates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) kind: CandidateKind,
    pub(crate) transform: Transform,
    pub(crate) with_covariates: bool,
}

impl Candidate {
    /// A candidate on untransformed values and without covariates.
    pub(crate) fn plain(kind: CandidateKind) -> Self {
        Self { kind, transform: Transform::Identity, with_covariates: false }
    }

    /// Whether its season lengths are in the range of `1..=max_season`.
    pub(crate) fn is_valid(self, max_season: usize) -> bool {
        match self.kind {
            CandidateKind::SeasonalNaive(m) | CandidateKind::SeasonalMean(m) => (1..=max_season).contains(&m),
            CandidateKind::DifferencedRidge { lag, seasons } => {
                (1..=max_season).contains(&lag) && (1..=SEASONS_OF_MEAN).contains(&seasons)
            }
            _ => true,
        }
    }

    /// Whether it is fast enough to be fitted even after the budget is over.
    pub(crate) fn is_fast(self) -> bool {
        matches!(
            self.kind,
            CandidateKind::Naive
                | CandidateKind::SeasonalNaive(_)
                | CandidateKind::SeasonalMean(_)
                | CandidateKind::Mean
                | CandidateKind::Theta
        )
    }

    pub(crate) fn is_network(self) -> bool {
        matches!(self.kind, CandidateKind::Network(_) | CandidateKind::ResidualNetwork(_))
    }

    /// Whether the method can use the covariates of a series.
    pub(crate) fn can_use_covariates(self, view: &SeriesView<'_>) -> bool {
        let Some(exogenous) = view.exogenous else { return false };
        match self.kind {
            CandidateKind::RecursiveRidge | CandidateKind::DifferencedRidge { .. } | CandidateKind::Smoothing => {
                exogenous.has_known_future()
            }
            CandidateKind::DirectRidge | CandidateKind::DiscountedRidge => true,
            _ => false,
        }
    }

    /// Whether it forecasts the series without the effect of the covariates, because the method has no features for
    /// their known future.
    pub(crate) fn needs_effect_removed(self, view: &SeriesView<'_>) -> bool {
        let has_features = matches!(self.kind, CandidateKind::RecursiveRidge | CandidateKind::DifferencedRidge { .. });
        !has_features && view.exogenous.is_some_and(|exogenous| exogenous.has_known_future())
    }
}

/// The name that is shown to users.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            CandidateKind::Naive => f.write_str("naive"),
            CandidateKind::SeasonalNaive(m) => write!(f, "seasonal naive {m}"),
            CandidateKind::SeasonalMean(m) => write!(f, "seasonal mean {m}"),
            CandidateKind::Mean => f.write_str("mean"),
            CandidateKind::Croston => f.write_str("croston"),
            CandidateKind::Smoothing => f.write_str("smoothing"),
            CandidateKind::Theta => f.write_str("theta"),
            CandidateKind::Ets => f.write_str("ets"),
            CandidateKind::RecursiveRidge => f.write_str("recursive ridge"),
            CandidateKind::DifferencedRidge { lag, seasons: 1 } => write!(f, "differenced ridge {lag}"),
            CandidateKind::DifferencedRidge { lag, seasons } => write!(f, "differenced ridge {seasons}x{lag}"),
            CandidateKind::DirectRidge => f.write_str("direct ridge"),
            CandidateKind::DiscountedRidge => f.write_str("discounted ridge"),
            CandidateKind::Network(number) => write!(f, "network {number}"),
            CandidateKind::ResidualNetwork(number) => write!(f, "network {number} on ridge"),
        }?;
        if self.with_covariates {
            f.write_str(" with covariates")?;
        }
        match self.transform {
            Transform::Identity => Ok(()),
            Transform::Log => f.write_str(" (log)"),
        }
    }
}
