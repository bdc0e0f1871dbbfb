//! Fills the record of a run, part by part.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::backtest::{Claim, Coverage, ModelBacktest, ReconciliationReport, Verdict};
use crate::model::nn::LIBTORCH_VERSION;
use crate::model::{Model, Task};
use crate::panel::{Panel, TimeSeries};
use crate::read::Dataset;
use crate::run::record::{DataRecord, InputRecord, ReasonRecord, RunRecord, TimeGrid, VerdictRecord};
use crate::sensitivity::RepairEffect;
use crate::write::{named_scores, undefined_reasons};

impl RunRecord {
    /// The value of [`RunRecord::maker`] in every run.json.
    pub const MAKER: &str = "forecast";
    /// The name of the file.
    pub const FILE: &str = "run.json";
    /// The version of the schema in docs/run.schema.json. It grows if a member is removed or changes its meaning.
    pub const SCHEMA: u32 = 1;

    /// Starts with the command and the data. `kind` is the name of the command, and `file` the input as typed.
    pub fn new(kind: &str, command: Vec<String>, file: &str, dataset: &Dataset) -> Self {
        let versions = [(Self::MAKER, env!("CARGO_PKG_VERSION")), ("libtorch", LIBTORCH_VERSION)];
        Self {
            schema: Self::SCHEMA,
            maker: Self::MAKER.to_owned(),
            kind: kind.to_owned(),
            command,
            finished: String::new(),
            interrupted: false,
            versions: versions.map(|(name, version)| (name.to_owned(), version.to_owned())).into(),
            input: InputRecord { file: file.to_owned(), sha256: dataset.sha256.clone(), rows: dataset.rows },
            data: DataRecord::new(dataset),
            settings: Map::new(),
            training: None,
            ensemble_weights: Vec::new(),
            verdict: None,
            scores: Vec::new(),
            reconciliation: None,
            sensitivity: None,
            drift: None,
            notices: Vec::new(),
            reasons: Vec::new(),
            residuals: None,
            folder: None,
            files: Vec::new(),
            seconds: BTreeMap::new(),
        }
    }

    /// Adds the sentences on the forecasts of a panel, one for each series.
    pub fn reasons(&mut self, panel: &Panel, sentences: &[String]) {
        let reason = |(series, sentence): (TimeSeries<'_>, &String)| ReasonRecord {
            key: series.key.to_vec(),
            sentence: sentence.clone(),
        };
        self.reasons = panel.iter().zip(sentences).map(reason).collect();
    }

    /// Adds a setting, unless it is null.
    pub fn setting(&mut self, name: &str, value: impl Serialize) {
        let value = json!(value);
        if !value.is_null() {
            self.settings.insert(name.to_owned(), value);
        }
    }

    /// Adds the model, its settings and the task.
    pub fn model(&mut self, model: &dyn Model, task: &Task) {
        self.setting("model", model.name());
        self.setting("horizon", task.horizon);
        self.setting("levels", &task.levels);
        if model.is_trained() {
            self.setting("seed", task.seed);
        }
        self.setting("model_settings", model.settings());
    }

    /// Adds the verdict and its sentence.
    pub fn verdict(&mut self, verdict: &Verdict, sentence: &str) {
        self.verdict = Some(VerdictRecord::new(verdict, sentence));
    }

    /// Adds the scores of several models over all series and steps.
    pub fn scores(&mut self, backtests: &[ModelBacktest]) {
        self.scores = backtests.iter().map(scores_in_json).collect();
    }

    /// Adds the effect of a reconciliation.
    pub fn reconciliation(&mut self, report: &ReconciliationReport) {
        self.reconciliation = Some(json!(report));
    }

    /// Adds the effects of repairs.
    pub fn sensitivity(&mut self, effects: &[RepairEffect]) {
        self.sensitivity = Some(json!(effects));
    }

    /// Adds the duration of a part of the work, in milliseconds.
    pub fn duration(&mut self, part: &str, time: Duration) {
        let milliseconds = (time.as_secs_f64() * 1000.0).round();
        self.seconds.insert(part.to_owned(), milliseconds / 1000.0);
    }

    /// The names and the values of the settings and the versions. Objects are flat.
    pub fn settings_and_versions(&self) -> Vec<(String, String)> {
        let settings = self.settings_in_text().into_iter().map(|(name, value)| (name.replace('_', " "), value));
        settings.chain(self.versions_in_text()).collect()
    }

    /// The names of the settings as in run.json, and their values. Objects are flat.
    pub(crate) fn settings_in_text(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut rows = Vec::new();
        for (name, value) in &self.settings {
            match value {
                Value::Object(inner) => rows.extend(inner.iter().map(|(name, value)| (name.clone(), text(value)))),
                value => rows.push((name.clone(), text(value))),
            }
        }
        rows
    }

    /// `version of forecast`, and the version.
    pub(crate) fn versions_in_text(&self) -> Vec<(String, String)> {
        self.versions.iter().map(|(name, version)| (format!("version of {name}"), version.clone())).collect()
    }
}

impl DataRecord {
    fn new(dataset: &Dataset) -> Self {
        let panel = &dataset.panel;
        let mut repairs = BTreeMap::new();
        for repair in &dataset.repairs {
            *repairs.entry(repair.kind.name().to_owned()).or_default() += 1;
        }
        Self {
            summary: dataset.summary(),
            columns: panel.columns().clone(),
            frequency: panel.frequency().name(),
            row_step: dataset.step.clone(),
            grid: Some(TimeGrid { step: panel.frequency(), zone: panel.zone() }),
            season: panel.season(),
            seasons: panel.seasons().clone(),
            series: panel.count(),
            failed_series: dataset.failed.len(),
            notices: Vec::new(),
            repairs,
            conventions: dataset.conventions.clone(),
            time_zone: Some(panel.zone().to_string()).filter(|zone| !zone.is_empty()),
            covariates: panel.covariates().columns().to_vec(),
        }
    }
}

impl VerdictRecord {
    fn new(verdict: &Verdict, sentence: &str) -> Self {
        let (sentence, beats_seasonal_naive) = (sentence.to_owned(), verdict.beats_baseline());
        let coverage = verdict.evidence().and_then(|evidence| evidence.coverage);
        let coverage = BTreeMap::from([match coverage {
            Some(Coverage { percent, share }) => (format!("coverage_{percent}"), Some(share)),
            None => ("coverage_80".to_owned(), None),
        }]);
        let Some(evidence) = verdict.evidence() else {
            return Self { sentence, beats_seasonal_naive, coverage, ..Self::default() };
        };
        Self {
            sentence,
            beats_seasonal_naive,
            claim: verdict.claim().map(Claim::name).map(str::to_owned),
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
        }
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
