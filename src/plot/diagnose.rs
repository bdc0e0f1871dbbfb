//! Pictures of what goes on inside a recurrent network: for a lesson, and for whoever asks why it does not learn.

pub(crate) mod credit;
pub(crate) mod hidden_states;
pub(crate) mod unrolled;

pub use crate::plot::diagnose::credit::credit;
pub use crate::plot::diagnose::hidden_states::hidden_states;
pub use crate::plot::diagnose::unrolled::{Diagram, unrolled};

pub use crate::plot::training::clipping;
