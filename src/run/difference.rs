//! The difference between the forecasts of two runs, and what it is due to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::forecast::Forecast;
use crate::model::Forecaster;
use crate::panel::{Panel, TimeSeries};
use crate::run::record::RunRecord;
use crate::run::stored_run::StoredRun;
use crate::time::Timestamp;
use crate::write::forecasts_as_written;

/// What changed between two runs, and between their forecasts of the same periods.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RunDifference {
    /// The settings, versions and properties of the data that differ.
    pub changes: Vec<Change>,
    /// The ids of series that only the later run has.
    pub appeared: Vec<Vec<String>>,
    /// The ids of series that only the earlier run has.
    pub vanished: Vec<Vec<String>>,
    /// The values that differ.
    pub values: ChangedValues,
    /// The steps that both runs forecast, by series and time.
    pub steps: Vec<StepDifference>,
    /// Why the differences are not split, if they are not.
    pub unsplit: Option<Unsplit>,
}

/// A setting or a property that differs. `None` stands for one that a run does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whether it is a setting. Otherwise it is a version, or a property of the data.
    pub is_setting: bool,
    /// Its name; that of a setting is the one in run.json.
    pub name: String,
    /// Its value in the earlier run.
    pub before: Option<String>,
    /// Its value in the later run.
    pub after: Option<String>,
}

/// The values of the series of both runs that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangedValues {
    /// The number of values after the end of the earlier history.
    pub new: usize,
    /// The number of values that both histories have, and that differ.
    pub revised: usize,
    /// The number of values that only the earlier history has, or only the later one before the end of the earlier.
    pub added_or_removed: usize,
}

/// The forecasts of one step by both runs.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDifference {
    /// The position of the series in the panel of the later run.
    pub series: usize,
    /// The time.
    pub time: Timestamp,
    /// The median of the earlier run.
    pub before: f64,
    /// The median of the later run.
    pub after: f64,
    /// The parts of the difference; `None` if it is not split.
    pub parts: Option<Parts>,
}

impl StepDifference {
    /// The later forecast minus the earlier one.
    pub fn whole(&self) -> f64 {
        self.after - self.before
    }
}

/// The parts of a difference, which add up to it.
///
/// The earlier model forecasts from three histories, each of which differs from the one before in one respect.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Parts {
    /// The earlier model: the later history, cut where the earlier one ends, against the earlier history.
    pub revised_history: f64,
    /// The earlier model: the whole later history against its cut.
    pub new_data: f64,
    /// The later forecast against that of the earlier model from the same history. Where this version does not repeat the
    /// earlier forecast from its own history, that difference is included.
    pub model: f64,
}

/// Why differences are not split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsplit {
    /// The earlier run has no saved model, or one that cannot be loaded.
    #[error("the model of the earlier run is missing: {0}")]
    NoModel(String),
    /// The earlier forecasts were reconciled, which a saved model does not do.
    #[error("the earlier forecasts were reconciled, and its model alone cannot repeat that")]
    Reconciled,
    /// The earlier model cannot forecast from the later history.
    #[error("the earlier model cannot forecast from the later history: {0}")]
    Unusable(String),
}

/// Why two runs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say what the fields are")]
pub enum DifferenceProblem {
    /// A run has no forecast.
    #[error("the {which} run has no forecast")]
    NoForecast { which: &'static str },
    /// The steps of the forecasts differ.
    #[error("the earlier forecast is {before}, and the later one is {after}")]
    OtherSteps { before: String, after: String },
    /// The target or the id columns differ.
    #[error("the earlier forecast is of {before}, and the later one is of {after}")]
    OtherColumns { before: String, after: String },
    /// No step of a series is in both.
    #[error("the forecasts have no step of a series in common: {before} and {after}")]
    NoCommonStep { before: String, after: String },
}

impl RunDifference {
    /// Compares two runs. `model` is the saved model of the earlier run, or why there is none.
    ///
    /// # Errors
    /// If the forecasts have no step in common.
    pub fn new(
        before: &StoredRun,
        after: &StoredRun,
        model: Result<&dyn Forecaster, String>,
    ) -> Result<Self, DifferenceProblem> {
        check(before, after)?;
        let mut steps = common_steps(before, after);
        if steps.is_empty() {
            let extent = |run: &StoredRun| run.record.data.summary.clone();
            return Err(DifferenceProblem::NoCommonStep { before: extent(before), after: extent(after) });
        }
        let split = model.map_err(Unsplit::NoModel).and_then(|model| EarlierModel::forecast(before, after, model));
        let unsplit = match split {
            Ok(earlier) => {
                for step in &mut steps {
                    step.parts = earlier.parts(&after.panel, step);
                }
                None
            }
            Err(reason) => Some(reason),
        };
        let keys = |panel: &Panel, other: &Panel| {
            let missing = panel.iter().filter(|series| other.position(series.key).is_none());
            missing.map(|series| series.key.to_vec()).collect()
        };
        Ok(Self {
            changes: changes(&before.record, &after.record),
            appeared: keys(&after.panel, &before.panel),
            vanished: keys(&before.panel, &after.panel),
            values: ChangedValues::of(&before.panel, &after.panel),
            steps,
            unsplit,
        })
    }
}

fn check(before: &StoredRun, after: &StoredRun) -> Result<(), DifferenceProblem> {
    for (run, which) in [(before, "earlier"), (after, "later")] {
        if run.forecasts.is_empty() {
            return Err(DifferenceProblem::NoForecast { which });
        }
    }
    let steps = |run: &StoredRun| (run.panel.frequency(), run.panel.zone());
    if steps(before) != steps(after) {
        let name = |run: &StoredRun| format!("{} {}", run.panel.frequency().name(), run.panel.zone());
        let [before, after] = [before, after].map(|run| name(run).trim_end().to_owned());
        return Err(DifferenceProblem::OtherSteps { before, after });
    }
    let columns = |run: &StoredRun| (run.panel.columns().target.clone(), run.panel.columns().ids.clone());
    if columns(before) != columns(after) {
        let name = |(target, ids): (String, Vec<String>)| {
            if ids.is_empty() { target } else { format!("{target} by {}", ids.join(", ")) }
        };
        let [before, after] = [before, after].map(|run| name(columns(run)));
        return Err(DifferenceProblem::OtherColumns { before, after });
    }
    Ok(())
}

/// The steps that both runs forecast, in the order of the later one.
fn common_steps(before: &StoredRun, after: &StoredRun) -> Vec<StepDifference> {
    let of_series = |(series, forecast): (usize, &Forecast)| -> Vec<StepDifference> {
        let Some(position) = before.panel.position(forecast.key()) else { return Vec::new() };
        let earlier = &before.forecasts[position];
        let step = |(time, after): (&Timestamp, &f64)| {
            let before = median_at(earlier, *time)?;
            Some(StepDifference { series, time: *time, before, after: *after, parts: None })
        };
        forecast.times().iter().zip(forecast.median()).filter_map(step).collect()
    };
    after.forecasts.iter().enumerate().flat_map(of_series).collect()
}

fn median_at(forecast: &Forecast, time: Timestamp) -> Option<f64> {
    let step = forecast.times().binary_search(&time).ok()?;
    Some(forecast.median()[step])
}

/// The forecasts of the earlier model from each history, by the ids of the series.
struct EarlierModel {
    earlier: BTreeMap<Vec<String>, Forecast>,
    cut: BTreeMap<Vec<String>, Forecast>,
    later: BTreeMap<Vec<String>, Forecast>,
}

impl EarlierModel {
    /// Forecasts from the earlier history, from the later one cut where the earlier ends, and from the whole later one.
    fn forecast(before: &StoredRun, after: &StoredRun, model: &dyn Forecaster) -> Result<Self, Unsplit> {
        if before.record.reconciliation.is_some() {
            return Err(Unsplit::Reconciled);
        }
        let unusable = |error: Error| Unsplit::Unusable(error.to_string());
        let levels = before.task().levels;
        let predict = |panel: &Panel| -> Result<BTreeMap<Vec<String>, Forecast>, Unsplit> {
            // the model was fitted with these seasons
            let panel = panel.clone().with_any_seasons(before.panel.seasons().clone());
            let forecasts = model.predict_at(&panel, &levels).map_err(unusable)?;
            let forecasts = forecasts_as_written(&panel, forecasts);
            Ok(forecasts.into_iter().map(|forecast| (forecast.key().to_vec(), forecast)).collect())
        };
        let later = &after.dataset.panel;
        let end = |series: TimeSeries<'_>| {
            let position = before.panel.position(series.key);
            let end = position.map_or_else(
                || before.panel.iter().map(|own| own.end()).max(),
                |position| Some(before.panel.series(position).end()),
            );
            let is_known = |at: &usize| Some(series.time_at(*at)) > end;
            (0..series.len()).find(is_known).unwrap_or(series.len())
        };
        let ends: Vec<usize> = later.iter().map(end).collect();
        let cut = later.before(&ends).map_or(Ok(BTreeMap::new()), |cut| predict(&cut))?;
        Ok(Self { earlier: predict(&before.panel)?, cut, later: predict(later)? })
    }

    /// The parts of a difference; `None` if the earlier model does not forecast the step from each history.
    fn parts(&self, panel: &Panel, step: &StepDifference) -> Option<Parts> {
        let key = panel.series(step.series).key;
        let at = |forecasts: &BTreeMap<Vec<String>, Forecast>| median_at(forecasts.get(key)?, step.time);
        let (earlier, cut, later) = (at(&self.earlier)?, at(&self.cut)?, at(&self.later)?);
        let repeated = earlier - step.before;
        Some(Parts { revised_history: cut - earlier, new_data: later - cut, model: step.after - later + repeated })
    }
}

impl ChangedValues {
    fn of(before: &Panel, after: &Panel) -> Self {
        let mut changed = Self::default();
        for (which, series) in after.iter().enumerate() {
            let Some(position) = before.position(series.key) else { continue };
            let earlier = before.series(position);
            let value = |panel: &Panel, which: usize, series: &TimeSeries<'_>, at: usize| {
                (series.observed.get(at) == Some(&true)).then(|| panel.actual(which, at))
            };
            let mut matched = 0;
            for at in 0..series.len() {
                let time = series.time_at(at);
                let now = value(after, which, &series, at);
                let then = earlier.frequency.position(earlier.start.ticks(), time.ticks());
                let then = then.and_then(|at| value(before, position, &earlier, at));
                matched += usize::from(then.is_some());
                match (then, now) {
                    (None, Some(_)) if time > earlier.end() => changed.new += 1,
                    (None, Some(_)) | (Some(_), None) => changed.added_or_removed += 1,
                    (Some(then), Some(now)) if then.to_bits() != now.to_bits() => changed.revised += 1,
                    _ => {}
                }
            }
            changed.added_or_removed += earlier.observed.iter().filter(|observed| **observed).count() - matched;
        }
        changed
    }
}

/// The settings, versions and properties of the data that differ. Two commands, such as a fit and a forecast with a saved
/// model, do not have the same settings, so that only those of both are compared.
fn changes(before: &RunRecord, after: &RunRecord) -> Vec<Change> {
    let is_one_command = before.kind == after.kind;
    let changes = |is_setting: bool, before: BTreeMap<String, String>, after: BTreeMap<String, String>| {
        let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let change = move |name: String| {
            let (before, after) = (before.get(&name).cloned(), after.get(&name).cloned());
            let is_comparable = is_one_command || !is_setting || (before.is_some() && after.is_some());
            (before != after && is_comparable).then_some(Change { is_setting, name, before, after })
        };
        names.into_iter().filter_map(change)
    };
    let settings = |record: &RunRecord| record.settings_in_text().into_iter().collect();
    let of_settings = changes(true, settings(before), settings(after));
    of_settings.chain(changes(false, properties(before), properties(after))).collect()
}

/// The command, the versions, and the properties of the data that do not follow from new values.
fn properties(record: &RunRecord) -> BTreeMap<String, String> {
    let data = &record.data;
    let mut all: BTreeMap<String, String> = record.versions_in_text().into_iter().collect();
    let covariates = data.covariates.iter().map(|covariate| covariate.name.as_str()).collect::<Vec<_>>().join(", ");
    all.extend(
        [
            ("command", record.kind.clone()),
            ("file", record.input.file.clone()),
            ("SHA-256 of the file", record.input.sha256.clone()),
            ("time column", data.columns.time.clone().unwrap_or_default()),
            ("season", data.seasons.to_string()),
            ("covariates", covariates),
            ("reconciliation", record.reconciliation.as_ref().map(method).unwrap_or_default()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    all.retain(|_, value| !value.is_empty());
    all
}

fn method(reconciliation: &Value) -> String {
    reconciliation["method"].as_str().unwrap_or_default().to_owned()
}
