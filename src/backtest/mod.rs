//! Backtests: forecasts from rolling origins in the past, scored against the actual values.
//!
//! ```
//! use forecast::backtest::{Folds, Verdict, run};
//! use forecast::{Baseline, Panel, SilentObserver, Task};
//!
//! let values: Vec<f64> = (0..60).map(|t| f64::from(100 + 2 * t)).collect();
//! let (panel, task) = (Panel::from_values(&values, 7), Task::new(7));
//! let folds = Folds::default_for(&panel, 7, 7, true).expect("the series has room for a fold");
//! let hindcasts = run(&Baseline::Drift, &panel, &task, &folds, true, &mut SilentObserver)?;
//! let verdict = Verdict::judge("drift", &panel, &task, &hindcasts)?;
//! assert!(verdict.beats_baseline());
//! assert_eq!(verdict.gain_percent(), Some(100.0), "drift continues a line without an error");
//! # Ok::<(), forecast::Error>(())
//! ```

pub(crate) mod anomalies;
pub(crate) mod calibration;
pub(crate) mod drift;
pub(crate) mod folds;
pub(crate) mod observed_steps;
pub(crate) mod reconciliation;
pub(crate) mod residual_tests;
pub(crate) mod residuals;
pub(crate) mod run;
pub(crate) mod scorecard;
pub(crate) mod scores;
pub(crate) mod skill_test;
pub(crate) mod verdict;

pub use crate::backtest::anomalies::{ANOMALY_INTERVAL, Anomalies, Anomaly};
pub use crate::backtest::calibration::{CalibrationPoint, calibration};
pub use crate::backtest::drift::{Drift, TrainingBacktest};
pub use crate::backtest::folds::Folds;
pub use crate::backtest::reconciliation::{ErrorChange, LevelAccuracy, ReconciliationReport};
pub use crate::backtest::residual_tests::{MIN_TESTED, ResidualTests, SIGNIFICANCE, TestResult};
pub use crate::backtest::residuals::{OneStepForecasts, Residual, Residuals};
pub use crate::backtest::run::{baseline_at_cutoffs, run};
pub use crate::backtest::scorecard::{ModelBacktest, Scorecard, Steps, sort_by_accuracy};
pub use crate::backtest::scores::{IntervalScores, Score, Scores};
pub use crate::backtest::skill_test::SkillTest;
pub use crate::backtest::verdict::{
    Claim, Comparison, Coverage, Evidence, NoVerdict, VERDICT_BASELINE, Verdict, is_verdict_baseline,
};
