//! Which column is the time, the target, an id or a covariate.

pub(crate) mod ids;
pub(crate) mod infer;
pub(crate) mod profile;
pub(crate) mod wide;
