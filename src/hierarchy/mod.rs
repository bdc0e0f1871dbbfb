//! Series that add up: the sums by every id column, and forecasts of all of them that agree.
//!
//! ```
//! use forecast::panel::{Columns, Panel, Series};
//! use forecast::time::{Frequency, Timestamp};
//! use forecast::hierarchy::{Hierarchy, ReconcileMethod};
//! use forecast::model::stat::Baseline;
//! use forecast::model::{Model, SilentObserver, Task};
//!
//! let series = |shop: &str, values: &[f64]| Series {
//!     key: vec![shop.into()],
//!     start: Timestamp::Index(1),
//!     values: values.to_vec(),
//!     observed: vec![true; values.len()],
//! };
//! let columns = Columns { time: None, target: "sales".into(), ids: vec!["shop".into()] };
//! let shops = vec![series("pier", &[1.0, 3.0, 2.0, 5.0]), series("mill", &[4.0, 4.0, 6.0, 5.0])];
//! let shops = Panel::new(columns, Frequency::INDEX, 1, shops)?;
//! let hierarchy = Hierarchy::new(&shops)?;
//! let base = Baseline::Drift.fit(hierarchy.panel(), &Task::new(2), &mut SilentObserver)?.predict(hierarchy.panel())?;
//! let agreed = hierarchy.reconcile(ReconcileMethod::Mint, &base, &[]).forecasts;
//! assert_eq!(agreed[0].key(), ["(all)"]);
//! assert!((agreed[0].median()[1] - agreed[1].median()[1] - agreed[2].median()[1]).abs() < 1e-9);
//! # Ok::<(), forecast::Error>(())
//! ```

pub(crate) mod aggregation;
pub(crate) mod covariance;
pub(crate) mod nesting;
pub(crate) mod projection;
pub(crate) mod reconcile;
pub(crate) mod sums;
pub(crate) mod width_scaling;

pub use crate::hierarchy::aggregation::Hierarchy;
pub use crate::hierarchy::nesting::{ALL, Level};
pub use crate::hierarchy::reconcile::{ReconcileMethod, Reconciled};
