//! The default model: an ensemble of statistical methods, autoregressions and recurrent networks. They are selected and
//! weighted at rolling origins.
//!
//! For each series, every candidate that suits it forecasts at up to eight rolling origins. Candidates that are nearly
//! as accurate as the best are averaged, weighted by accuracy (Bates & Granger 1969, *The combination of forecasts*,
//! Operational Research Quarterly 20(4)), and shrunk toward seasonal naive if that was more accurate. The errors of the
//! ensemble at the origins set the size of the intervals. Errors of closed-form candidates at many cutoffs set how they
//! grow with the step and differ by season. Forecasts keep to 0 and to the limit of percentages, and steps of a kind that
//! was always 0 are forecast as exactly 0.
//!
//! Before all this, the effects of rare days and a dip of the level are removed, and the former are added to the forecasts.
//!
//! A history of fewer than eight values has no origins. Its forecast is the mean of Theta and a naive forecast. A
//! constant series has a constant forecast, and intermittent counts are forecast by methods for counts. A large panel is
//! also forecast by one [global](crate::model::global) model. Both together are more accurate than local models alone.

pub(crate) mod absent_seasons;
pub(crate) mod adjustment;
pub(crate) mod calendar_effects;
pub(crate) mod candidates;
pub(crate) mod closed_form_errors;
pub(crate) mod cumulative;
pub(crate) mod effects;
pub(crate) mod general_mixture;
pub(crate) mod hindcast_pair;
pub(crate) mod intervals;
pub(crate) mod known_zeros;
pub(crate) mod level_dip;
pub(crate) mod local;
pub(crate) mod median;
pub(crate) mod mixture;
pub(crate) mod model;
pub(crate) mod new_level;
pub(crate) mod one_step;
pub(crate) mod origins;
pub(crate) mod panel_prior;
pub(crate) mod pooled;
pub(crate) mod pooled_model;
pub(crate) mod series_fit;
pub(crate) mod series_model;
pub(crate) mod settings;
pub(crate) mod simple_forecast;
pub(crate) mod step_profile;
pub(crate) mod weights;
pub(crate) mod with_pooled_model;

pub use crate::model::auto::pooled_model::PooledModel;
pub use crate::model::auto::settings::Auto;
pub use crate::model::auto::with_pooled_model::{PooledTraining, WithPooledModel};
