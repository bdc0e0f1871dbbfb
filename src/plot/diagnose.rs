//! Pictures of the inside of a recurrent network, for lessons and to find out why a network does not learn.

pub(crate) mod gradient_norms;
pub(crate) mod hidden_states;
pub(crate) mod unrolled;

pub use crate::plot::diagnose::gradient_norms::gradient_norms;
pub use crate::plot::diagnose::hidden_states::hidden_states;
pub use crate::plot::diagnose::unrolled::{Diagram, unrolled};

pub use crate::plot::training::clipping;
