//! The long part of `forecast`: fits, forecasts, and compares with seasonal naive.

use std::time::Instant;

use forecast::backtest::{NoVerdict, ReconciliationReport, Verdict};
use forecast::budget::{Budget, shares};
use forecast::forecast::Forecast;
use forecast::model::{Hindcast, Model, Task};
use forecast::panel::Panel;
use forecast::sensitivity::RepairEffect;

use crate::fit::{self, Fitted};
use crate::interrupt;
use crate::past_forecasts::{TimeLeft, past_forecasts};
use crate::reconcile::Reconciler;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::report::verdict_line::verdict_line;
use crate::totals::{PathStatistics, TotalsArgs};

/// What is forecast, and how.
pub(crate) struct Request<'a> {
    pub(crate) model: &'a dyn Model,
    pub(crate) task: &'a Task,
    /// The series, with their sums where there is a reconciler.
    pub(crate) panel: &'a Panel,
    pub(crate) reconciler: Option<&'a Reconciler>,
    pub(crate) budget: &'a Budget,
    pub(crate) terminal: &'a Terminal,
}

/// The forecasts and how good they are.
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

/// Forecasts of the past, or why there are none.
type Past = Result<Vec<Hindcast>, NoVerdict>;

impl Request<'_> {
    /// Fits on the whole history, forecasts, then compares with the baseline. An interrupted fit gives its best so far.
    pub(crate) fn run(&self, totals: &TotalsArgs) -> anyhow::Result<Outcome> {
        let fitted = self.fit()?;
        let start = Instant::now();
        let forecasts = fitted.fit.predict(self.panel)?;
        let time = TimeLeft { budget: self.budget.clone(), prediction: start.elapsed() };
        let past = past_forecasts(self.model, &fitted, self.panel, self.task, &time, self.terminal)?;
        let (forecasts, past, reconciliation) = self.reconcile(forecasts, past);
        let verdict = self.judge(past)?;
        fitted.print(self.terminal);
        // reconciled forecasts are no longer the model's own, and neither are its sample paths
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

    /// Leaves a share of the budget for the verdict, a larger one if that takes another fit.
    fn fit(&self) -> forecast::Result<Fitted> {
        let share =
            if self.model.records_hindcasts() { shares::FIT_WITH_HINDCASTS } else { shares::FIT_WITHOUT_HINDCASTS };
        let (model, task) = (self.model, Task { budget: self.budget.split(share), ..self.task.clone() });
        fit::fit(model, self.panel, &task, self.terminal, &format!("fitting {}", model.name()))
    }

    fn reconcile(&self, forecasts: Vec<Forecast>, past: Past) -> (Vec<Forecast>, Past, Option<ReconciliationReport>) {
        let Some(reconciler) = self.reconciler else { return (forecasts, past, None) };
        let result = reconciler.evaluate(&forecasts, past.as_deref().unwrap_or_default());
        let past = if result.hindcasts.is_empty() { past } else { Ok(result.hindcasts) };
        (result.forecasts, past, Some(result.report))
    }

    fn judge(&self, past: Past) -> forecast::Result<Verdict> {
        let name = self.model.name();
        match past {
            Ok(hindcasts) => Verdict::judge(name, self.panel, self.task, &hindcasts),
            Err(reason) => Ok(Verdict::missing(name, reason)),
        }
    }
}

impl Outcome {
    /// Adds the outcome to the record of the run.
    pub(crate) fn record(&self, record: &mut RunRecord, sensitivity: Option<&[RepairEffect]>) {
        record.took("fit", self.fitted.log.took);
        record.training(&self.fitted.log, interrupt::requested());
        record.ensemble_weights(self.fitted.fit.report.ensemble_weights.clone());
        record.verdict(&self.verdict, &self.verdict_line);
        record.reconciliation(self.reconciliation.clone());
        record.sensitivity(sensitivity);
    }
}
