//! The effect of reconciliation on the errors of each level.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::backtest::scores::{Score, Scores};
use crate::forecast::quantile_forecast::Forecast;
use crate::hierarchy::aggregation::Hierarchy;
use crate::hierarchy::nesting::Level;
use crate::hierarchy::reconcile::ReconcileMethod;
use crate::model::fit_report::Hindcast;

/// Errors that differ by a smaller share count as equal.
const EQUAL_ERROR_SHARE: f64 = 0.005;

/// Reconciled forecasts, and the change of errors at past origins.
#[derive(Debug, Clone)]
pub struct EvaluatedReconciliation {
    /// The forecasts of all nodes, which add up.
    pub forecasts: Vec<Forecast>,
    /// The reconciled hindcasts; empty if the history is too short for them.
    pub hindcasts: Vec<Hindcast>,
    /// The errors before and after reconciliation.
    pub report: ReconciliationReport,
}

/// The errors of each level before and after reconciliation, at the same origins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReconciliationReport {
    /// The name of the method.
    pub method: String,
    /// The number of origins that the covariance of the errors is estimated from.
    pub origins: usize,
    /// The weight of the diagonal in the shrunk covariance, in \[0, 1\].
    pub shrinkage: Option<f64>,
    /// The largest number of origins of a series at which both were scored; 0 if there are none.
    pub folds: usize,
    /// The levels, from the total to the bottom series.
    pub levels: Vec<LevelAccuracy>,
}

/// The mean scores over the nodes of a level.
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

impl EvaluatedReconciliation {
    /// Reconciles forecasts of all nodes of a hierarchy, and hindcasts of the same model.
    pub fn new(hierarchy: &Hierarchy, method: ReconcileMethod, forecasts: &[Forecast], hindcasts: &[Hindcast]) -> Self {
        let reconciled = hierarchy.reconcile(method, forecasts, hindcasts);
        let after = reconciled.hindcasts;
        // both are scored at the same origins
        let origins: BTreeSet<(usize, usize)> =
            after.iter().map(|hindcast| (hindcast.series, hindcast.cutoff)).collect();
        let is_scored = |hindcast: &&Hindcast| origins.contains(&(hindcast.series, hindcast.cutoff));
        let before: Vec<Hindcast> = hindcasts.iter().filter(is_scored).cloned().collect();
        let scorecards =
            [before.as_slice(), after.as_slice()].map(|hindcasts| Scorecard::new(hierarchy.panel(), hindcasts));
        let levels = hierarchy.levels().iter().enumerate();
        let report = ReconciliationReport {
            method: method.to_string(),
            origins: reconciled.origins,
            shrinkage: reconciled.shrinkage,
            folds: scorecards[1].folds(),
            levels: levels.map(|(number, level)| LevelAccuracy::of(hierarchy, number, level, &scorecards)).collect(),
        };
        Self { forecasts: reconciled.forecasts, hindcasts: after, report }
    }
}

impl LevelAccuracy {
    fn of(hierarchy: &Hierarchy, number: usize, level: &Level, [before, after]: &[Scorecard; 2]) -> Self {
        let count = hierarchy.panel().count();
        let nodes: Vec<usize> = (0..count).filter(|node| hierarchy.level_of(*node) == number).collect();
        let mean = |scorecard: &Scorecard, score: fn(&Scores) -> Score| {
            let scores = nodes.iter().filter_map(|node| score(&scorecard.series(*node, Steps::All)?).ok());
            let scores: Vec<f64> = scores.collect();
            (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
        };
        Self {
            level: hierarchy.level_name(level),
            series: level.count,
            mase_before: mean(before, |scores| scores.mase),
            mase: mean(after, |scores| scores.mase),
            coverage_80_before: mean(before, |scores| scores.intervals[0].coverage),
            coverage_80: mean(after, |scores| scores.intervals[0].coverage),
        }
    }
}

impl ReconciliationReport {
    /// The change of the errors; `None` if no level has both errors.
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
    /// The change of the mean error in percent, negative for a lower error. `None` if it is about the same.
    pub fn percent(&self) -> Option<f64> {
        let change = self.mean_ratio - 1.0;
        (change.abs() > EQUAL_ERROR_SHARE).then_some(100.0 * change)
    }
}
