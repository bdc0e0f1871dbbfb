//! From a file to a [`Panel`]: many regular series, sorted, gap-free, with a mask of what was observed.

mod frequency;
mod panel;

pub use frequency::{Frequency, Timestamp};
pub use panel::{Columns, Panel, Series, TimeSeries};
