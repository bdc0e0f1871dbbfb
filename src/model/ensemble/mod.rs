//! What ensembles share: parallel training, checkpoints, holdout errors and conformal widths.

pub(crate) mod checkpoints;
pub(crate) mod conformal;
pub(crate) mod holdout;
pub(crate) mod training;
