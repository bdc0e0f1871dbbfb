//! `run.json`: the record of a run in its folder. The file also marks a folder as written by `forecast`.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;
use forecast::read::Dataset;
use forecast::run::{RunRecord, TrainingRecord};
use serde_json::{Value, json};

use crate::fit::Fitted;
use crate::report::hints::notices::notice_line;
use crate::{arguments, interrupt};

/// The record of this run, with its data. `kind` is the name of the command, and `file` the input as typed.
pub(crate) fn start_record(kind: &str, file: &Path, dataset: &Dataset) -> RunRecord {
    let mut record = RunRecord::new(kind, arguments::typed(), &file.display().to_string(), dataset);
    record.data.notices = dataset.notices.iter().map(notice_line).collect();
    record
}

pub(crate) fn settings_in_words(record: &RunRecord) -> String {
    format!("settings: {}", json!(record.settings))
}

/// Adds the course of training, and the weights of an ensemble. A model without epochs was not trained.
pub(crate) fn record_fit(record: &mut RunRecord, Fitted { fit, log }: &Fitted) {
    record.duration("fit", log.duration);
    record.training = (!log.epochs.is_empty()).then(|| TrainingRecord {
        epochs: log.epochs.len(),
        best_epoch: log.best_epoch(),
        interrupted: interrupt::requested(),
        undone_steps: log.undone_updates(),
        sentence: String::new(),
    });
    record.ensemble_weights.clone_from(&fit.report.ensemble_weights);
    record.notices.extend(fit.report.notices.iter().map(ToString::to_string));
}

/// Dates the record now.
pub(crate) fn finish_record(record: &mut RunRecord) {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let now = chrono::DateTime::from_timestamp(since.as_secs() as i64, 0);
    record.interrupted = interrupt::requested();
    record.finished = now.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
}

/// Writes run.json into a folder, dated now.
pub(crate) fn write_record(record: &mut RunRecord, folder: &Path) -> anyhow::Result<()> {
    finish_record(record);
    let text = serde_json::to_string_pretty(record)? + "\n";
    fs::write(folder.join(RunRecord::FILE), text).with_context(|| format!("writing {} failed", RunRecord::FILE))
}

/// Whether a folder has a run.json of `forecast`.
pub(crate) fn has_run_record(folder: &Path) -> bool {
    let text = fs::read(folder.join(RunRecord::FILE)).unwrap_or_default();
    serde_json::from_slice(&text).is_ok_and(|record: Value| record["maker"] == RunRecord::MAKER)
}
