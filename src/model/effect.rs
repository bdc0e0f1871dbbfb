//! Effects: parts of a forecast that the model estimates, as of a holiday.

use crate::panel::Covariate;
use crate::panel::covariates::CovariateKind;

/// What an effect is an effect of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EffectKind {
    /// Holidays and other rare days of the calendar.
    Calendar,
    /// A covariate, by its name.
    Covariate(String),
    /// The networks of an ensemble, compared with its other members.
    Networks,
}

/// What a model adds to the values of one series for one reason, in the unit of the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The reason.
    pub kind: EffectKind,
    /// A part of the last values of the history. It ends with the history, and may begin later.
    pub past: Vec<f64>,
    /// A part of the median of each step.
    pub future: Vec<f64>,
}

impl Effect {
    /// The effect, unless it is 0 at each step.
    pub(crate) fn if_any(kind: EffectKind, past: Vec<f64>, future: Vec<f64>) -> Option<Self> {
        let is_any = past.iter().chain(&future).any(|value| *value != 0.0);
        is_any.then_some(Self { kind, past, future })
    }
}

/// Whether a covariate is an amount: a number other than 0 and 1.
pub(crate) fn is_amount(covariate: &Covariate, known: &[f64]) -> bool {
    let mut known = known.iter().filter(|value| value.is_finite());
    covariate.kind == CovariateKind::Number && known.any(|value| ![0.0, 1.0].contains(value))
}

/// The usual value of a covariate: the mean of its known values if it is an amount, or else the most frequent one.
pub(crate) fn usual_value(covariate: &Covariate, known: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = known.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    if is_amount(covariate, known) {
        return sorted.iter().sum::<f64>() / sorted.len() as f64;
    }
    let most_frequent = sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()).max_by_key(|same| same.len());
    most_frequent.map_or(0.0, |same| same[0])
}

/// The values of a covariate with a known future, with its usual value at each step after the first `known`.
pub(crate) fn with_usual_future(covariate: &Covariate, values: &[f64], known: usize) -> Vec<f64> {
    let usual = usual_value(covariate, &values[..known]);
    let mut changed = values.to_vec();
    changed[known..].fill(usual);
    changed
}
