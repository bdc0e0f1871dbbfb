//! The arguments of the commands as typed, and their conversion to the types of the library.

pub(crate) mod format;
pub(crate) mod horizon;
pub(crate) mod levels;
pub(crate) mod listen;
pub(crate) mod model;
pub(crate) mod network;
pub(crate) mod pooled_model;
pub(crate) mod reading;
pub(crate) mod resume;
pub(crate) mod usage;
pub(crate) mod value;
