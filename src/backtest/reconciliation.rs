//! The effect of reconciliation on the errors of each level of a hierarchy.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::backtest::scores::{Scores, mean_over};
use crate::hierarchy::{Hierarchy, Level, ReconcileMethod, Reconciled};
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelAccuracy {
    /// The name of the level.
    pub level: String,
    /// The number of its nodes.
    pub series: usize,
    /// Mean MASE before.
    pub mase_before: Option<f64>,
    /// Mean MASE after.
    pub mase: Option<f64>,
    /// Mean coverage of the 80 % interval before, in \[0, 1\].
    pub coverage_80_before: Option<f64>,
    /// Mean coverage of the 80 % interval after, in \[0, 1\].
    pub coverage_80: Option<f64>,
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
        let accuracy = |(depth, level): (usize, &Level)| {
            let nodes = || (0..hierarchy.panel().count()).filter(|node| hierarchy.level_of(*node) == depth);
            let [before, after]: [Vec<Scores>; 2] = [&before, &after]
                .map(|scorecard| nodes().filter_map(|node| scorecard.series(node, Steps::All)).collect());
            let mase = |scores: &[Scores]| mean_over(scores, |scores| scores.mase).ok();
            let coverage = |scores: &[Scores]| mean_over(scores, |scores| scores.intervals[0].coverage).ok();
            LevelAccuracy {
                level: level.name.clone(),
                series: level.count,
                mase_before: mase(&before),
                mase: mase(&after),
                coverage_80_before: coverage(&before),
                coverage_80: coverage(&after),
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
