//! The effect of reconciliation on the errors of each level of a hierarchy.

use std::collections::BTreeSet;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::backtest::scores::{Scores, mean_over};
use crate::hierarchy::{Hierarchy, Level, ReconcileMethod, Reconciled};
use crate::metric::Undefined;
use crate::model::fit::Hindcast;

/// Errors that differ by a smaller share count as equal.
const EQUAL_ERROR_SHARE: f64 = 0.005;

/// The errors of each level of a hierarchy before and after reconciliation, at the same origins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReconciliationReport {
    /// The name of the method.
    pub method: String,
    /// The number of origins from which the covariance of the errors is estimated.
    pub origins: usize,
    /// The weight of the diagonal in the shrunk covariance, in \[0, 1\]; `None` if no covariance is estimated.
    pub shrinkage: Option<f64>,
    /// The largest number of origins of a series that were scored before and after; 0 without any.
    pub folds: usize,
    /// The levels, from the total to the bottom series.
    pub levels: Vec<LevelAccuracy>,
}

/// The mean scores over the nodes of a level, before and after reconciliation.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelAccuracy {
    /// The name of the level.
    pub level: String,
    /// The number of its nodes.
    pub series: usize,
    /// Mean MASE before.
    pub mase_before: Option<f64>,
    /// Mean MASE after.
    pub mase: Option<f64>,
    /// The interval in percent whose coverage is measured: the one nearest to 80 %. `None` without an interval.
    pub interval: Option<f64>,
    /// Mean coverage of this interval before, in \[0, 1\].
    pub coverage_before: Option<f64>,
    /// Mean coverage of this interval after, in \[0, 1\].
    pub coverage: Option<f64>,
}

impl Serialize for LevelAccuracy {
    /// The names of the coverage have the interval, as in `coverage_80`.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("level", &self.level)?;
        map.serialize_entry("series", &self.series)?;
        map.serialize_entry("mase_before", &self.mase_before)?;
        map.serialize_entry("mase", &self.mase)?;
        if let Some(percent) = self.interval {
            map.serialize_entry(&format!("coverage_{percent}_before"), &self.coverage_before)?;
            map.serialize_entry(&format!("coverage_{percent}"), &self.coverage)?;
        }
        map.end()
    }
}

/// The change of the errors by reconciliation, over all levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorChange {
    /// The ratio of the error after to the error before, the mean over the levels.
    pub mean_ratio: f64,
    /// The number of levels that have both errors.
    pub levels: usize,
    /// The number of levels whose error is lower afterwards.
    pub lower: usize,
    /// The number of levels whose error is higher afterwards.
    pub higher: usize,
}

impl ReconciliationReport {
    /// Scores hindcasts of the nodes of a hierarchy before and after their reconciliation.
    pub fn new(
        hierarchy: &Hierarchy,
        method: ReconcileMethod,
        hindcasts: &[Hindcast],
        reconciled: &Reconciled,
    ) -> Self {
        let origin = |hindcast: &Hindcast| (hindcast.series, hindcast.cutoff);
        let origins: BTreeSet<(usize, usize)> = reconciled.hindcasts.iter().map(origin).collect();
        let before: Vec<Hindcast> =
            hindcasts.iter().filter(|hindcast| origins.contains(&origin(hindcast))).cloned().collect();
        let [before, after] = [&before, &reconciled.hindcasts].map(|all| Scorecard::new(hierarchy.panel(), all));
        let interval = after.overall(Steps::All).usual_interval().map(|interval| interval.percent);
        let accuracy = |(depth, level): (usize, &Level)| {
            let nodes = || (0..hierarchy.panel().count()).filter(|node| hierarchy.level_of(*node) == depth);
            let [before, after]: [Vec<Scores>; 2] = [&before, &after]
                .map(|scorecard| nodes().filter_map(|node| scorecard.series(node, Steps::All)).collect());
            let mase = |scores: &[Scores]| mean_over(scores, |scores| scores.mase).ok();
            let score = |scores: &Scores| {
                scores.usual_interval().map_or(Err(Undefined::NoInterval), |interval| interval.coverage)
            };
            let coverage = |scores: &[Scores]| mean_over(scores, score).ok();
            LevelAccuracy {
                level: level.name.clone(),
                series: level.count,
                mase_before: mase(&before),
                mase: mase(&after),
                interval,
                coverage_before: coverage(&before),
                coverage: coverage(&after),
            }
        };
        Self {
            method: method.to_string(),
            origins: reconciled.origins,
            shrinkage: reconciled.shrinkage,
            folds: after.folds(),
            levels: hierarchy.levels().iter().enumerate().map(accuracy).collect(),
        }
    }

    /// The change of the errors; `None` if no level has an error above 0 before and an error after.
    pub fn error_change(&self) -> Option<ErrorChange> {
        let errors = self.levels.iter().filter_map(|level| Some((level.mase_before?, level.mase?)));
        let ratios: Vec<f64> =
            errors.filter(|(before, _)| *before > 0.0).map(|(before, after)| after / before).collect();
        (!ratios.is_empty()).then(|| ErrorChange {
            mean_ratio: ratios.iter().sum::<f64>() / ratios.len() as f64,
            levels: ratios.len(),
            lower: ratios.iter().filter(|ratio| **ratio < 1.0 - EQUAL_ERROR_SHARE).count(),
            higher: ratios.iter().filter(|ratio| **ratio > 1.0 + EQUAL_ERROR_SHARE).count(),
        })
    }
}

impl ErrorChange {
    /// The change of the mean error in percent, negative for a lower error. `None` if both errors count as equal.
    pub fn percent(&self) -> Option<f64> {
        let change = self.mean_ratio - 1.0;
        (change.abs() > EQUAL_ERROR_SHARE).then_some(100.0 * change)
    }
}
