//! What run.json holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::backtest::{Drift, OneStepForecasts};
use crate::model::EnsembleWeights;
use crate::panel::{Columns, Covariate, Seasons};
use crate::read::Conventions;
use crate::time::{Frequency, ZoneInfo};

/// The command, the data and the results of a run. As JSON it is the file run.json, which docs/run.schema.json describes.
///
/// ```
/// use forecast::read::{ReadOptions, Source, read};
/// use forecast::run::RunRecord;
///
/// let sales = Source::Bytes("day,sales\n2024-01-01,3\n2024-01-02,4\n".into());
/// let record = RunRecord::new("inspect", vec!["forecast".into()], "sales.csv", &read(&sales, &ReadOptions::default())?);
/// let json = serde_json::to_string(&record)?;
/// assert_eq!(serde_json::from_str::<RunRecord>(&json)?, record);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunRecord {
    /// The version of the JSON schema, [`RunRecord::SCHEMA`]; 0 in files of version 0.2.0 and earlier.
    #[serde(default)]
    pub schema: u32,
    /// The program that wrote the file, [`RunRecord::MAKER`].
    pub maker: String,
    /// The command that ran, such as `forecast` or `backtest`; empty in files of version 0.2.0 and earlier.
    #[serde(default)]
    pub kind: String,
    /// The arguments of the command, the program first.
    pub command: Vec<String>,
    /// When the run ended, in UTC.
    pub finished: String,
    /// Whether a part of the work was stopped, so that the output is of the results so far.
    pub interrupted: bool,
    /// The versions of the program and of libtorch.
    pub versions: BTreeMap<String, String>,
    /// The file that was read.
    pub input: InputRecord,
    /// The data as they were understood.
    pub data: DataRecord,
    /// The settings as they were resolved.
    pub settings: Map<String, Value>,
    /// The course of the training; `None` if no network was trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRecord>,
    /// The weights of an ensemble, for each series or for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ensemble_weights: Vec<EnsembleWeights>,
    /// The comparison with seasonal naive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<VerdictRecord>,
    /// The scores of each model of a backtest, over all series and steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Value>,
    /// The errors of each level of a hierarchy before and after reconciliation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconciliation: Option<Value>,
    /// The effect of each kind of repair on the forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Value>,
    /// The errors of a saved model since its training against those of its backtest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// What a user should know about the fit and the forecast.
    #[serde(default)]
    pub notices: Vec<String>,
    /// A sentence on what the largest change of each forecast consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonRecord>,
    /// Whose one-step residuals residuals.csv has, or why it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residuals: Option<OneStepForecasts>,
    /// The folder that was written, as typed.
    #[serde(default)]
    pub folder: Option<String>,
    /// The files in the folder, sorted. A name with a slash at its end is a folder.
    #[serde(default)]
    pub files: Vec<String>,
    /// The durations of the parts of the work.
    pub seconds: BTreeMap<String, f64>,
}

/// A sentence on the forecast of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// The values of the id columns of the series.
    pub key: Vec<String>,
    /// What its largest change consists of.
    pub sentence: String,
}

/// The file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputRecord {
    /// Its path as typed.
    pub file: String,
    /// Its SHA-256 hash, in hexadecimal digits.
    pub sha256: String,
    /// The number of rows with a time.
    pub rows: usize,
}

/// The data as they were understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DataRecord {
    /// One line on the series.
    pub summary: String,
    /// The names of the columns.
    pub columns: Columns,
    /// The name of the frequency.
    pub frequency: String,
    /// The name of the step between rows. It differs from the frequency for an index of years, for example.
    #[serde(default)]
    pub row_step: String,
    /// The grid of the times; missing in files of version 0.2.0 and earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<TimeGrid>,
    /// The season length in steps, 1 for no season.
    pub season: usize,
    /// All season lengths, and where they are from.
    pub seasons: Seasons,
    /// The number of series.
    pub series: usize,
    /// The number of series without a value.
    pub failed_series: usize,
    /// Decisions of the reader that a user should know.
    pub notices: Vec<String>,
    /// The number of repairs of each kind.
    pub repairs: BTreeMap<String, usize>,
    /// How numbers and dates are written, as far as the file shows it.
    #[serde(default, skip_serializing_if = "Conventions::is_empty")]
    pub conventions: Conventions,
    /// The name of the time zone.
    pub time_zone: Option<String>,
    /// The covariates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covariates: Vec<Covariate>,
}

/// The times that a panel can have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimeGrid {
    /// The step between values.
    pub step: Frequency,
    /// The relation of the times to UTC.
    pub zone: ZoneInfo,
}

/// The course of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "the caller that trains fills all fields")]
pub struct TrainingRecord {
    /// The number of epochs.
    pub epochs: usize,
    /// The number of the epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Whether the training was stopped.
    pub interrupted: bool,
    /// The number of updates that were undone.
    pub undone_steps: usize,
    /// What its course shows.
    #[serde(default)]
    pub sentence: String,
}

/// The comparison of the model with seasonal naive. Without a comparison, only the sentence states the reason.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerdictRecord {
    /// The verdict in a sentence.
    pub sentence: String,
    /// Whether the model is more accurate, and this is unlikely to be chance.
    pub beats_seasonal_naive: bool,
    /// `better`, `worse`, `equal` or `not sure`.
    pub claim: Option<String>,
    /// `1 - mase / seasonal_naive_mase`.
    pub skill: Option<f64>,
    /// The skill to expect of later forecasts, if the model had any.
    pub expected_skill: Option<f64>,
    /// The 95 % confidence interval of the skill.
    pub skill_interval_95: Option<[f64; 2]>,
    /// The probability of such a difference between models that are equally accurate.
    pub p_value: Option<f64>,
    /// The number of independent periods that the test counts.
    pub independent_periods: usize,
    /// The mean MASE of the model.
    pub mase: Option<f64>,
    /// The mean MASE of seasonal naive.
    pub seasonal_naive_mase: Option<f64>,
    /// The number of compared series.
    pub series: usize,
    /// The number of series for which the model has the lower MASE.
    pub series_won: usize,
    /// The largest number of origins of a series.
    pub folds: usize,
    /// The number of forecast values that were compared with an actual value.
    pub points: usize,
    /// The number of series that do not count, because they ended long before the others.
    pub series_left_out: usize,
    /// The share of values inside an interval, as in `coverage_80`.
    #[serde(flatten)]
    pub coverage: BTreeMap<String, Option<f64>>,
}
