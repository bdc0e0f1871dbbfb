//! `--reconcile`: forecasts of the series and their sums that add up.

use clap::ValueEnum;
use forecast::backtest::ReconciliationReport;
use forecast::forecast::Forecast;
use forecast::hierarchy::{Hierarchy, ReconcileMethod, Reconciled};
use forecast::model::Hindcast;
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

/// The series and their sums, and the method that makes forecasts of them add up.
#[derive(Debug)]
pub(crate) struct Reconciler {
    method: ReconcileMethod,
    hierarchy: Hierarchy,
}

impl Reconciler {
    /// Creates the reconciler for the sums by every id column.
    ///
    /// # Errors
    /// If there are no sums, or too many for the method.
    pub(crate) fn new(method: Reconcile, panel: &Panel) -> forecast::Result<Self> {
        let (method, hierarchy) = (method.into(), Hierarchy::new(panel)?);
        hierarchy.check(method)?;
        Ok(Self { method, hierarchy })
    }

    pub(crate) fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// The series and their sums.
    pub(crate) fn panel(&self) -> &Panel {
        self.hierarchy.panel()
    }

    /// Reconciles the forecasts and those of the past, and reports the change of the errors.
    pub(crate) fn reconcile(
        &self,
        forecasts: &[Forecast],
        hindcasts: &[Hindcast],
    ) -> (Reconciled, ReconciliationReport) {
        let reconciled = self.hierarchy.reconcile(self.method, forecasts, hindcasts);
        let report = ReconciliationReport::new(&self.hierarchy, self.method, hindcasts, &reconciled);
        (reconciled, report)
    }
}
