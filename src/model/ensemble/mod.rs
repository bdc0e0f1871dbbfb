//! Functions for all ensembles: training of the members, checkpoints, holdout errors, combination weights and width
//! factors.

pub(crate) mod checkpoints;
pub(crate) mod conformal;
pub(crate) mod holdout;
pub(crate) mod training;
