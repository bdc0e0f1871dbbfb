//! run.json: what was asked, what was understood, what came of it; and the mark by which a folder is known to be ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use forecast::model::{EnsembleWeights, Event, Task};
use forecast::nn::LIBTORCH_VERSION;
use forecast::panel::{Columns, Covariate};
use forecast::read::Dataset;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::covariates;
use crate::learn::Fitted;
use crate::reconcile::Levels;
use crate::report::verdict::Verdict;
use crate::sensitivity::Sensitivity;
use crate::settings::Chosen;

const FILE: &str = "run.json";
const MAKER: &str = "forecast";

/// Everything about a run that is worth keeping.
#[derive(Debug, Serialize)]
pub(crate) struct RunRecord {
    maker: &'static str,
    command: Vec<String>,
    finished: String,
    versions: Versions,
    input: InputRecord,
    understood: Understood,
    settings: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<Training>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weights: Vec<EnsembleWeights>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconciled: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitivity: Option<Value>,
    seconds: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Versions {
    forecast: &'static str,
    libtorch: &'static str,
}

#[derive(Debug, Serialize)]
struct InputRecord {
    file: String,
    sha256: String,
    rows: usize,
}

#[derive(Debug, Serialize)]
struct Understood {
    summary: String,
    columns: Columns,
    frequency: String,
    season: usize,
    series: usize,
    notices: Vec<String>,
    /// How many of each kind; repairs.csv lists them.
    repairs: BTreeMap<&'static str, usize>,
    zone: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    covariates: Vec<Covariate>,
}

#[derive(Debug, Serialize)]
struct Training {
    epochs: usize,
    best_epoch: Option<usize>,
    interrupted: bool,
    steps_undone: usize,
}

/// How the model did beside seasonal naive; nothing but the sentence where they could not be compared.
#[derive(Debug, Serialize)]
struct VerdictRecord {
    verdict: String,
    beats_seasonal_naive: bool,
    mase: Option<f64>,
    seasonal_naive_mase: Option<f64>,
    series: usize,
    series_won: usize,
    folds: usize,
    points: usize,
    coverage_80: Option<f64>,
}

impl RunRecord {
    /// Starts with what was read.
    pub(crate) fn new(file: &str, dataset: &Dataset) -> Self {
        let panel = &dataset.panel;
        Self {
            maker: MAKER,
            command: std::env::args().collect(),
            finished: String::new(),
            versions: Versions { forecast: env!("CARGO_PKG_VERSION"), libtorch: LIBTORCH_VERSION },
            input: InputRecord { file: file.to_owned(), sha256: dataset.sha256.clone(), rows: dataset.rows },
            understood: Understood {
                summary: dataset.summary(),
                columns: panel.columns().clone(),
                frequency: panel.frequency().name(),
                season: panel.season(),
                series: panel.count(),
                notices: dataset.notices.clone(),
                repairs: dataset.repairs.iter().fold(BTreeMap::new(), |mut counts, repair| {
                    *counts.entry(repair.kind.name()).or_default() += 1;
                    counts
                }),
                zone: Some(panel.zone().to_string()).filter(|zone| !zone.is_empty()),
                covariates: covariates::columns(panel),
            },
            settings: Map::new(),
            training: None,
            weights: Vec::new(),
            verdict: None,
            scores: None,
            reconciled: None,
            sensitivity: None,
            seconds: Map::new(),
        }
    }

    /// Notes a setting as it was resolved.
    pub(crate) fn setting(&mut self, name: &str, value: impl Serialize) {
        self.settings.insert(name.to_owned(), json!(value));
    }

    /// Notes what was asked of which model.
    pub(crate) fn settings(&mut self, task: &Task, chosen: &Chosen) {
        self.setting("model", chosen.model().name());
        self.setting("horizon", task.horizon);
        self.setting("levels", &task.levels);
        if chosen.is_trained() {
            self.setting("seed", task.seed);
        }
        match chosen {
            Chosen::Auto(auto) => self.setting("auto", auto),
            Chosen::Network(settings) => self.setting("network", settings),
            Chosen::Global(settings) => self.setting("ensemble", settings),
            Chosen::Deepar(settings) => self.setting("network", settings),
            Chosen::Baseline(_) => {}
        }
    }

    /// The settings in one line.
    pub(crate) fn settings_in_words(&self) -> String {
        format!("settings: {}", json!(self.settings))
    }

    /// Notes how training went; a model without epochs was not trained.
    pub(crate) fn training(&mut self, fitted: &Fitted, interrupted: bool) {
        let undone = fitted.events.iter().filter(|event| matches!(event, Event::StepUndone { .. })).count();
        self.training = (!fitted.epochs.is_empty()).then(|| Training {
            epochs: fitted.epochs.len(),
            best_epoch: fitted.best(),
            interrupted,
            steps_undone: undone,
        });
    }

    /// Notes what the model made of others that it weighs.
    pub(crate) fn weights(&mut self, weighings: Vec<EnsembleWeights>) {
        self.weights = weighings;
    }

    /// Notes how the model did beside seasonal naive.
    pub(crate) fn verdict(&mut self, verdict: &Verdict) {
        let outcome = verdict.outcome();
        let comparison = outcome.map(|outcome| outcome.comparison);
        self.verdict = Some(VerdictRecord {
            verdict: verdict.to_string(),
            beats_seasonal_naive: verdict.is_win(),
            mase: comparison.map(|c| c.model),
            seasonal_naive_mase: comparison.map(|c| c.baseline),
            series: comparison.map_or(0, |c| c.series),
            series_won: comparison.map_or(0, |c| c.won),
            folds: outcome.map_or(0, |outcome| outcome.folds),
            points: outcome.map_or(0, |outcome| outcome.points),
            coverage_80: outcome.and_then(|outcome| outcome.coverage),
        });
    }

    /// Notes the scores of several models.
    pub(crate) fn scores(&mut self, scores: impl Serialize) {
        self.scores = Some(json!(scores));
    }

    /// Notes what adding up did to the errors, where it was asked for.
    pub(crate) fn levels(&mut self, levels: Option<&Levels>) {
        self.reconciled = levels.map(|levels| json!(levels));
    }

    /// Notes how much repairs moved the forecast, where that was asked for.
    pub(crate) fn sensitivity(&mut self, sensitivity: Option<&Sensitivity>) {
        self.sensitivity = sensitivity.map(|sensitivity| json!(sensitivity));
    }

    /// Notes how long a part of the run took.
    pub(crate) fn took(&mut self, part: &str, time: Duration) {
        let milliseconds = (time.as_secs_f64() * 1000.0).round();
        self.seconds.insert(part.to_owned(), json!(milliseconds / 1000.0));
    }

    /// Writes it into a folder, dated now.
    pub(crate) fn write(&mut self, folder: &Path) -> anyhow::Result<()> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.finished = chrono::DateTime::from_timestamp(since.as_secs() as i64, 0)
            .map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
            .unwrap_or_default();
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(folder.join(FILE), text).with_context(|| format!("writing {FILE} failed"))
    }
}

/// Whether a folder was written by an earlier run.
pub(crate) fn is_ours(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Mark {
        maker: String,
    }
    fs::read(folder.join(FILE))
        .ok()
        .and_then(|text| serde_json::from_slice::<Mark>(&text).ok())
        .is_some_and(|mark| mark.maker == MAKER)
}
