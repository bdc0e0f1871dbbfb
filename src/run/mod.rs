//! Runs in their folders: what run.json records, and the data, forecasts and hindcasts that their tables hold.
//!
//! A run that is read back is the run that was written. Its forecasts have the digits of their file, and pictures are
//! drawn from these. So they can be drawn again without training.

pub(crate) mod difference;
mod difference_csv;
pub(crate) mod history_update;
mod model_history;
pub(crate) mod record;
mod recording;
pub(crate) mod score;
mod score_csv;
pub(crate) mod stored_explanation;
pub(crate) mod stored_forecasts;
pub(crate) mod stored_history;
pub(crate) mod stored_run;
pub(crate) mod stored_table;

pub use crate::run::difference::{
    Change, ChangedValues, DifferenceProblem, Parts, RunDifference, StepDifference, Unsplit,
};
pub use crate::run::difference_csv::{difference_csv, difference_json};
pub use crate::run::history_update::{HistoryUpdate, UpdateProblem};
pub use crate::run::record::{
    DataRecord, InputRecord, ReasonRecord, RunRecord, TimeGrid, TrainingRecord, VerdictRecord,
};
pub use crate::run::score::{ForecastScores, RunScore, ScoreProblem};
pub use crate::run::score_csv::{score_csv, score_json};
pub use crate::run::stored_run::StoredRun;
