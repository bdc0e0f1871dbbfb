//! `run.json`: the command, the data and the results of a run. The file also marks a folder as written by `forecast`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use forecast::backtest::{Claim, Coverage, ModelBacktest, ReconciliationReport, Verdict};
use forecast::model::{EnsembleWeights, Model, Task};
use forecast::nn::LIBTORCH_VERSION;
use forecast::panel::{Columns, Covariate, Seasons};
use forecast::read::Dataset;
use forecast::sensitivity::RepairEffect;
use forecast::write::{named_scores, undefined_reasons};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::fit::Fitted;
use crate::interrupt;
use crate::report::hints::{notice_line, quoted};

const FILE: &str = "run.json";
/// The value of `maker` in every run.json.
const MAKER: &str = "forecast";

#[derive(Debug, Serialize)]
pub(crate) struct RunRecord {
    maker: &'static str,
    command: Vec<String>,
    finished: String,
    /// Whether Ctrl-C stopped a part of the work, so that the output is of the results so far.
    interrupted: bool,
    versions: BTreeMap<&'static str, &'static str>,
    input: InputRecord,
    data: DataRecord,
    /// The settings as they were resolved.
    settings: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<TrainingRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ensemble_weights: Vec<EnsembleWeights>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scores: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reconciliation: Option<ReconciliationReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sensitivity: Option<Vec<RepairEffect>>,
    seconds: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct InputRecord {
    file: String,
    sha256: String,
    rows: usize,
}

#[derive(Debug, Serialize)]
struct DataRecord {
    summary: String,
    columns: Columns,
    frequency: String,
    season: usize,
    /// All season lengths, and where they are from.
    seasons: Seasons,
    series: usize,
    failed_series: usize,
    notices: Vec<String>,
    /// The number of each kind; repairs.csv lists them.
    repairs: BTreeMap<&'static str, usize>,
    time_zone: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    covariates: Vec<Covariate>,
}

#[derive(Debug, Serialize)]
struct TrainingRecord {
    epochs: usize,
    best_epoch: Option<usize>,
    interrupted: bool,
    undone_steps: usize,
}

/// The comparison of the model with seasonal naive. Without a comparison, only the sentence states the reason.
#[derive(Debug, Default, Serialize)]
struct VerdictRecord {
    sentence: String,
    /// Whether the model is more accurate, and this is unlikely to be chance.
    beats_seasonal_naive: bool,
    /// `better`, `worse`, `equal` or `not sure`.
    claim: Option<&'static str>,
    /// `1 - mase / seasonal_naive_mase`.
    skill: Option<f64>,
    /// The skill to expect of later forecasts, if the model had any.
    expected_skill: Option<f64>,
    /// The 95 % confidence interval of the skill.
    skill_interval_95: Option<[f64; 2]>,
    /// The probability of such a difference between models that are equally accurate.
    p_value: Option<f64>,
    /// The number of independent periods that the test counts.
    independent_periods: usize,
    mase: Option<f64>,
    seasonal_naive_mase: Option<f64>,
    series: usize,
    series_won: usize,
    folds: usize,
    points: usize,
    series_left_out: usize,
    /// The share of values inside an interval, as in `coverage_80`.
    #[serde(flatten)]
    coverage: BTreeMap<String, Option<f64>>,
}

impl RunRecord {
    /// Starts with the data. `file` is the input as typed.
    pub(crate) fn new(file: &Path, dataset: &Dataset) -> Self {
        Self {
            maker: MAKER,
            command: std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
            finished: String::new(),
            interrupted: false,
            versions: [("forecast", env!("CARGO_PKG_VERSION")), ("libtorch", LIBTORCH_VERSION)].into(),
            input: InputRecord { file: file.display().to_string(), sha256: dataset.sha256.clone(), rows: dataset.rows },
            data: data_record(dataset),
            settings: Map::new(),
            training: None,
            ensemble_weights: Vec::new(),
            verdict: None,
            scores: Vec::new(),
            reconciliation: None,
            sensitivity: None,
            seconds: Map::new(),
        }
    }

    /// Adds a setting, unless it is null.
    pub(crate) fn setting(&mut self, name: &str, value: impl Serialize) {
        let value = json!(value);
        if !value.is_null() {
            self.settings.insert(name.to_owned(), value);
        }
    }

    pub(crate) fn settings_in_words(&self) -> String {
        format!("settings: {}", json!(self.settings))
    }

    /// The names and the values of the settings and the versions. Objects are flat.
    pub(crate) fn settings_and_versions(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut rows = Vec::new();
        for (name, value) in &self.settings {
            match value {
                Value::Object(inner) => {
                    rows.extend(inner.iter().map(|(name, value)| (name.replace('_', " "), text(value))));
                }
                value => rows.push((name.replace('_', " "), text(value))),
            }
        }
        rows.extend(self.versions.iter().map(|(name, version)| (format!("version of {name}"), (*version).to_owned())));
        rows
    }

    /// The command of this run as one line for a shell.
    pub(crate) fn command_line(&self) -> String {
        let program = self.command.first().map(Path::new).and_then(Path::file_name);
        let program = program.map(|name| name.to_string_lossy().into_owned());
        let words = program.iter().chain(self.command.iter().skip(1));
        words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Adds the model, its settings and the task.
    pub(crate) fn model(&mut self, model: &dyn Model, task: &Task) {
        self.setting("model", model.name());
        self.setting("horizon", task.horizon);
        self.setting("levels", &task.levels);
        if model.is_trained() {
            self.setting("seed", task.seed);
        }
        self.setting("model_settings", model.settings());
    }

    /// Adds the course of training, and the weights of an ensemble. A model without epochs was not trained.
    pub(crate) fn fit(&mut self, Fitted { fit, log }: &Fitted) {
        self.duration("fit", log.duration);
        self.training = (!log.epochs.is_empty()).then(|| TrainingRecord {
            epochs: log.epochs.len(),
            best_epoch: log.best_epoch(),
            interrupted: interrupt::requested(),
            undone_steps: log.undone_updates(),
        });
        self.ensemble_weights.clone_from(&fit.report.ensemble_weights);
    }

    pub(crate) fn verdict(&mut self, verdict: &Verdict, sentence: &str) {
        let (sentence, beats_seasonal_naive) = (sentence.to_owned(), verdict.beats_baseline());
        let coverage = verdict.evidence().and_then(|evidence| evidence.coverage);
        let coverage = BTreeMap::from([match coverage {
            Some(Coverage { percent, share }) => (format!("coverage_{percent}"), Some(share)),
            None => ("coverage_80".to_owned(), None),
        }]);
        self.verdict = Some(match verdict.evidence() {
            None => VerdictRecord { sentence, beats_seasonal_naive, coverage, ..VerdictRecord::default() },
            Some(evidence) => VerdictRecord {
                sentence,
                beats_seasonal_naive,
                claim: verdict.claim().map(Claim::name),
                skill: evidence.comparison.skill(),
                expected_skill: evidence.test.and_then(|test| test.expected_skill),
                skill_interval_95: evidence.test.map(|test| test.interval),
                p_value: evidence.test.map(|test| test.p_value),
                independent_periods: evidence.test.map_or(0, |test| test.periods),
                mase: Some(evidence.comparison.model),
                seasonal_naive_mase: Some(evidence.comparison.baseline),
                series: evidence.comparison.series,
                series_won: evidence.comparison.wins,
                folds: evidence.folds,
                points: evidence.points,
                series_left_out: evidence.series_left_out,
                coverage,
            },
        });
    }

    /// Adds the scores of several models over all series and steps.
    pub(crate) fn scores(&mut self, backtests: &[ModelBacktest]) {
        self.scores = backtests.iter().map(scores_in_json).collect();
    }

    pub(crate) fn duration(&mut self, part: &str, time: Duration) {
        let milliseconds = (time.as_secs_f64() * 1000.0).round();
        self.seconds.insert(part.to_owned(), json!(milliseconds / 1000.0));
    }

    /// Writes run.json into a folder, dated now.
    pub(crate) fn write(&mut self, folder: &Path) -> anyhow::Result<()> {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let now = chrono::DateTime::from_timestamp(since.as_secs() as i64, 0);
        self.interrupted = interrupt::requested();
        self.finished = now.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(folder.join(FILE), text).with_context(|| format!("writing {FILE} failed"))
    }
}

fn data_record(dataset: &Dataset) -> DataRecord {
    let panel = &dataset.panel;
    let mut repairs = BTreeMap::new();
    for repair in &dataset.repairs {
        *repairs.entry(repair.kind.name()).or_default() += 1;
    }
    DataRecord {
        summary: dataset.summary(),
        columns: panel.columns().clone(),
        frequency: panel.frequency().name(),
        season: panel.season(),
        seasons: panel.seasons().clone(),
        series: panel.count(),
        failed_series: dataset.failed.len(),
        notices: dataset.notices.iter().map(notice_line).collect(),
        repairs,
        time_zone: Some(panel.zone().to_string()).filter(|zone| !zone.is_empty()),
        covariates: panel.covariates().columns().to_vec(),
    }
}

fn scores_in_json(backtest: &ModelBacktest) -> Value {
    let overall = backtest.overall();
    let scores = named_scores(&overall).into_iter().map(|(name, score)| (name, json!(score.ok())));
    let model = ("model", json!(backtest.model));
    let extent = [model, ("points", json!(overall.points)), ("series", json!(overall.series))];
    let why = undefined_reasons(&overall);
    let why = (!why.is_empty()).then(|| ("why", json!(why)));
    scores.chain(extent.into_iter().chain(why).map(|(name, value)| (name.to_owned(), value))).collect()
}

/// Whether a folder has a run.json of `forecast`.
pub(crate) fn has_run_record(folder: &Path) -> bool {
    let text = fs::read(folder.join(FILE)).unwrap_or_default();
    serde_json::from_slice(&text).is_ok_and(|record: Value| record["maker"] == MAKER)
}
