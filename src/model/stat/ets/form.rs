//! The forms of exponential smoothing: types of error, trend and season.

/// How an error enters the observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    /// Added to the expected value.
    Additive,
    /// Relative to the expected value.
    Multiplicative,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrendType {
    None,
    Additive,
    /// Additive, and smaller at every step.
    Damped,
}

/// The type of the season, with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeasonType {
    None,
    Additive(usize),
    Multiplicative(usize),
}

impl SeasonType {
    pub(crate) fn length(self) -> usize {
        match self {
            Self::None => 1,
            Self::Additive(m) | Self::Multiplicative(m) => m,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EtsForm {
    pub(crate) errors: ErrorType,
    pub(crate) trend: TrendType,
    pub(crate) season: SeasonType,
}
