//! Hierarchical and grouped series: sums over the id columns, and reconciled forecasts that add up.
//!
//! ```
//! use forecast::hierarchy::ReconcileMethod;
//! use forecast::panel::Columns;
//! use forecast::{Baseline, Frequency, Hierarchy, Model, Panel, Series, SilentObserver, Task, Timestamp};
//!
//! let series = |shop: &str, values: &[f64]| Series {
//!     key: vec![shop.into()],
//!     start: Timestamp::Index(1),
//!     values: values.to_vec(),
//!     observed: vec![true; values.len()],
//! };
//! let columns = Columns { time: None, target: "sales".into(), ids: vec!["shop".into()] };
//! let shops = vec![series("pier", &[1.0, 3.0, 2.0, 5.0]), series("mill", &[4.0, 4.0, 6.0, 5.0])];
//! let hierarchy = Hierarchy::new(&Panel::new(columns, Frequency::INDEX, 1, shops)?)?;
//! let drift = Baseline::Drift.fit(hierarchy.panel(), &Task::new(2), &mut SilentObserver)?;
//! let base = drift.predict(hierarchy.panel())?;
//! let reconciled = hierarchy.reconcile(ReconcileMethod::Mint, &base, &[]).forecasts;
//! assert_eq!(reconciled[0].key(), ["(all)"]);
//! let [total, mill, pier] = [0, 1, 2].map(|node| reconciled[node].median()[1]);
//! assert!((total - mill - pier).abs() < 1e-9);
//! # Ok::<(), forecast::Error>(())
//! ```

pub(crate) mod aggregation;
pub(crate) mod covariance;
pub(crate) mod nesting;
pub(crate) mod projection;
pub(crate) mod reconcile;

pub use crate::hierarchy::aggregation::Hierarchy;
pub use crate::hierarchy::nesting::{ALL, Level};
pub use crate::hierarchy::reconcile::{ReconcileMethod, Reconciled};
