//! What ensembles share: training of all members, checkpoints, holdout errors, combination weights, conformal widths.

pub(crate) mod checkpoints;
pub(crate) mod combine;
pub(crate) mod conformal;
pub(crate) mod holdout;
pub(crate) mod training;
