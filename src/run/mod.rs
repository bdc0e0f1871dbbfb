//! The record of a run: its command, data, settings and results, as run.json holds them.

pub(crate) mod record;
mod recording;

pub use crate::run::record::{
    DataRecord, InputRecord, ReasonRecord, RunRecord, TimeGrid, TrainingRecord, VerdictRecord,
};
