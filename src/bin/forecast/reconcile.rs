//! `--reconcile`: how forecasts of the series and their sums are made to add up.

use clap::ValueEnum;
use forecast::hierarchy::{Hierarchy, ReconcileMethod};
use forecast::panel::Panel;

/// The methods, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reconcile {
    /// Change forecasts with large errors more than those with small ones (minimum trace, with shrinkage)
    Mint,
    /// Sum the forecasts of the single series
    BottomUp,
}

impl From<Reconcile> for ReconcileMethod {
    fn from(reconcile: Reconcile) -> Self {
        match reconcile {
            Reconcile::Mint => Self::Mint,
            Reconcile::BottomUp => Self::BottomUp,
        }
    }
}

/// The hierarchy of the id columns of a panel.
///
/// # Errors
/// If there is none, or it is too large for the method.
pub(crate) fn hierarchy(panel: &Panel, method: ReconcileMethod) -> forecast::Result<Hierarchy> {
    let hierarchy = Hierarchy::new(panel)?;
    hierarchy.check(method)?;
    Ok(hierarchy)
}
