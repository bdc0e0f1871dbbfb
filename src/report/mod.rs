//! `report.html`: one page with the results of a run and the reasons to trust them.
//!
//! The page is one file: its style, its script and its drawings are inside, and it loads nothing. A policy in the page
//! allows this one script only. Names from the data are text, whatever they contain. The same results give the same
//! bytes.
//!
//! The page is above the pictures: it shares their axes, ticks and limits, and draws them as SVG, with text that can be
//! selected and read aloud.

pub(crate) mod calibration;
pub(crate) mod content;
pub(crate) mod data;
pub(crate) mod drawing;
pub(crate) mod figure;
pub(crate) mod overview;
pub(crate) mod page;
pub(crate) mod reasons;
pub(crate) mod residuals;
pub(crate) mod series_figure;
pub(crate) mod steps;
pub(crate) mod table;
pub(crate) mod training;

pub use crate::report::content::{Report, Training};
