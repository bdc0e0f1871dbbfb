//! Pictures of what goes on inside a recurrent network: for a lesson, and for whoever asks why it does not learn.

mod credit;
mod hidden_states;
mod unrolled;

pub use credit::credit;
pub use hidden_states::hidden_states;
pub use unrolled::{Diagram, unrolled};

pub use super::training::clipping;
