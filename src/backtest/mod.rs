//! Backtests: forecasts from rolling origins in the past, scored against the actual values.
//!
//! ```
//! use forecast::backtest::{Comparison, Folds, Scorecard, baseline_at_cutoffs, run};
//! use forecast::{Baseline, Panel, SilentObserver, Task};
//!
//! let values: Vec<f64> = (0..60).map(|t| f64::from(t + 10 * (t % 7))).collect();
//! let (panel, task) = (Panel::from_values(&values, 7), Task::new(7));
//! let folds = Folds::default_for(&panel, 7, 7, true).expect("the series has room for a fold");
//! let drift = run(&Baseline::Drift, &panel, &task, &folds, true, &mut SilentObserver)?;
//! let baseline = baseline_at_cutoffs(&Baseline::SeasonalNaive, &panel, &task, &drift)?;
//! let (drift, baseline) = (Scorecard::new(&panel, &drift), Scorecard::new(&panel, &baseline));
//! let comparison = Comparison::of(&drift, &baseline).expect("the series changes from season to season");
//! assert!(comparison.model > comparison.baseline, "drift has no weekly pattern");
//! # Ok::<(), forecast::Error>(())
//! ```

pub(crate) mod comparison;
pub(crate) mod folds;
pub(crate) mod model_backtest;
pub(crate) mod reconciliation;
pub(crate) mod run;
pub(crate) mod score_sums;
pub(crate) mod scorecard;
pub(crate) mod scores;
pub(crate) mod verdict;

pub use crate::backtest::comparison::Comparison;
pub use crate::backtest::folds::Folds;
pub use crate::backtest::model_backtest::{ModelBacktest, sort_by_accuracy};
pub use crate::backtest::reconciliation::{ErrorChange, EvaluatedReconciliation, LevelAccuracy, ReconciliationReport};
pub use crate::backtest::run::{baseline_at_cutoffs, run};
pub use crate::backtest::scorecard::{Scorecard, Steps};
pub use crate::backtest::scores::{IntervalScores, Score, Scores};
pub use crate::backtest::verdict::{Evidence, NoVerdict, VERDICT_BASELINE, Verdict, is_verdict_baseline};
