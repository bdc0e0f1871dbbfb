//! Fits, forecasts, and compares with seasonal naive, for `forecast`.

use std::time::Instant;

use forecast::backtest::{NoVerdict, ReconciliationReport, Verdict};
use forecast::budget::{Budget, shares};
use forecast::forecast::Forecast;
use forecast::model::{Hindcast, Model, Task};
use forecast::panel::Panel;
use forecast::sensitivity::RepairEffect;

use crate::fit::{self, Fitted};
use crate::hindcasts::{TimeLeft, hindcasts};
use crate::interrupt;
use crate::reconcile::Reconciler;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::report::verdict_line::verdict_line;
use crate::totals::{PathStatistics, TotalsArgs};

/// The panel, the model and the task of a forecast.
pub(crate) struct Request<'a> {
    pub(crate) model: &'a dyn Model,
    pub(crate) task: &'a Task,
    /// The series, with their sums if there is a reconciler.
    pub(crate) panel: &'a Panel,
    pub(crate) reconciler: Option<&'a Reconciler>,
    pub(crate) budget: &'a Budget,
    pub(crate) terminal: &'a Terminal,
}

/// The forecasts and their evaluation.
pub(crate) struct Outcome {
    pub(crate) model: &'static str,
    pub(crate) fitted: Fitted,
    pub(crate) forecasts: Vec<Forecast>,
    pub(crate) verdict: Verdict,
    /// The verdict as a sentence.
    pub(crate) verdict_line: String,
    pub(crate) reconciliation: Option<ReconciliationReport>,
    pub(crate) statistics: PathStatistics,
}

/// Hindcasts, or the reason why there are none.
type Hindcasts = Result<Vec<Hindcast>, NoVerdict>;

impl Request<'_> {
    /// Fits on the whole history, forecasts, then compares with the baseline. An interrupted fit gives its best model so far.
    pub(crate) fn run(&self, totals: &TotalsArgs) -> anyhow::Result<Outcome> {
        let fitted = self.fit()?;
        let start = Instant::now();
        let forecasts = fitted.fit.predict(self.panel)?;
        let time = TimeLeft { budget: self.budget.clone(), prediction: start.elapsed() };
        let hindcasts = hindcasts(self.model, &fitted, self.panel, self.task, &time, self.terminal)?;
        let (forecasts, hindcasts, reconciliation) = self.reconcile(forecasts, hindcasts);
        let verdict = self.judge(hindcasts)?;
        fitted.print(self.terminal);
        // the sample paths of the model are not those of the reconciled forecasts
        let forecaster = self.reconciler.is_none().then_some(fitted.fit.forecaster.as_ref());
        let statistics = totals.compute(forecaster, self.panel, &forecasts, self.task.seed)?;
        Ok(Outcome {
            model: self.model.name(),
            verdict_line: verdict_line(&verdict, self.panel, self.task),
            fitted,
            forecasts,
            verdict,
            reconciliation,
            statistics,
        })
    }

    /// Leaves a share of the budget for the verdict, which is larger if the verdict needs another fit.
    fn fit(&self) -> forecast::Result<Fitted> {
        let share =
            if self.model.records_hindcasts() { shares::FIT_WITH_HINDCASTS } else { shares::FIT_WITHOUT_HINDCASTS };
        let (model, task) = (self.model, Task { budget: self.budget.split(share), ..self.task.clone() });
        fit::fit(model, self.panel, &task, self.terminal, &format!("fitting {}", model.name()))
    }

    fn reconcile(
        &self,
        forecasts: Vec<Forecast>,
        hindcasts: Hindcasts,
    ) -> (Vec<Forecast>, Hindcasts, Option<ReconciliationReport>) {
        let Some(reconciler) = self.reconciler else { return (forecasts, hindcasts, None) };
        let (reconciled, report) = reconciler.reconcile(&forecasts, hindcasts.as_deref().unwrap_or_default());
        let hindcasts = if reconciled.hindcasts.is_empty() { hindcasts } else { Ok(reconciled.hindcasts) };
        (reconciled.forecasts, hindcasts, Some(report))
    }

    fn judge(&self, hindcasts: Hindcasts) -> forecast::Result<Verdict> {
        let name = self.model.name();
        match hindcasts {
            Ok(hindcasts) => Verdict::judge(name, self.panel, self.task, &hindcasts),
            Err(reason) => Ok(Verdict::missing(name, reason)),
        }
    }
}

impl Outcome {
    /// Adds the outcome to the record of the run.
    pub(crate) fn record(&self, record: &mut RunRecord, sensitivity: Option<&[RepairEffect]>) {
        record.duration("fit", self.fitted.log.duration);
        record.training(&self.fitted.log, interrupt::requested());
        record.ensemble_weights(self.fitted.fit.report.ensemble_weights.clone());
        record.verdict(&self.verdict, &self.verdict_line);
        record.reconciliation(self.reconciliation.clone());
        record.sensitivity(sensitivity);
    }
}
