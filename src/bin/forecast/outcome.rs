//! The fit, the forecasts and the verdict of the command `forecast`.

use std::time::{Duration, Instant};

use forecast::backtest::{self, Anomalies, Folds, ModelBacktest, NoVerdict, ReconciliationReport, Residuals};
use forecast::backtest::{VERDICT_BASELINE, Verdict, baseline_at_cutoffs, is_verdict_baseline};
use forecast::budget::shares::{FIT_WITH_HINDCASTS, FIT_WITHOUT_HINDCASTS};
use forecast::error::ErrorKind;
use forecast::forecast::quantile_levels;
use forecast::hierarchy::ReconcileMethod;
use forecast::model::{FitNotice, Hindcast, Observer};
use forecast::panel::SeasonSource;
use forecast::report::Training;
use forecast::sensitivity::RepairEffect;
use forecast::write::{forecasts_as_written, hindcasts_as_written, residuals_as_written};
use forecast::{Budget, Forecast, Hierarchy, Model, Panel, Task};

use crate::fit::{self, Fitted};
use crate::interrupt;
use crate::report::{explanation::Explanation, terminal::Terminal};
use crate::totals::{PathStatistics, TotalsArgs};

/// What is forecast, by which model, and how.
pub(crate) struct Request<'a> {
    pub(crate) model: &'a dyn Model,
    pub(crate) task: &'a Task,
    /// The series, with their sums if forecasts are reconciled.
    pub(crate) panel: &'a Panel,
    pub(crate) reconciliation: Option<(ReconcileMethod, &'a Hierarchy)>,
    pub(crate) budget: &'a Budget,
    pub(crate) terminal: &'a Terminal,
}

/// The forecasts and their evaluation.
pub(crate) struct Outcome {
    pub(crate) fitted: Fitted,
    pub(crate) forecasts: Vec<Forecast>,
    /// The backtests of the model and of seasonal naive on the same folds, from which the verdict follows; empty without
    /// hindcasts.
    pub(crate) backtests: Vec<ModelBacktest>,
    pub(crate) verdict: Verdict,
    /// Whether the scores of each series are written, from which a verdict on several parts of a file follows.
    pub(crate) has_scores_by_series: bool,
    pub(crate) reconciliation: Option<ReconciliationReport>,
    pub(crate) statistics: PathStatistics,
    /// The effect of each kind of repair, with `--sensitivity`.
    pub(crate) sensitivity: Option<Vec<RepairEffect>>,
    /// Past values outside their intervals, with `--anomalies`.
    pub(crate) anomalies: Option<Anomalies>,
    /// The reasons for each forecast, with `--explain`.
    pub(crate) explanation: Option<Explanation>,
    /// The residuals, with `--explain`.
    pub(crate) residuals: Option<Residuals>,
    /// What the course of the training shows; empty without one.
    pub(crate) training_line: String,
}

/// Hindcasts, or the reason why there are none.
type Hindcasts = Result<Vec<Hindcast>, NoVerdict>;
/// Reconciled forecasts and hindcasts, and the effect of the reconciliation, if there was one.
type Reconciled = (Vec<Forecast>, Hindcasts, Option<ReconciliationReport>);

impl Outcome {
    /// The forecasts of the past by the model; empty if there are none.
    pub(crate) fn hindcasts(&self) -> &[Hindcast] {
        self.backtests.first().map_or(&[], |own| own.hindcasts.as_slice())
    }

    /// The course of the training, if a network was trained.
    pub(crate) fn training(&self) -> Option<Training<'_>> {
        let log = &self.fitted.log;
        let training = || Training { epochs: &log.epochs, best: log.best_epoch(), sentence: &self.training_line };
        (!log.epochs.is_empty()).then(training)
    }
}

/// A backtest, and that of seasonal naive on the same folds.
pub(crate) fn with_baseline(panel: &Panel, task: &Task, own: ModelBacktest) -> forecast::Result<Vec<ModelBacktest>> {
    if is_verdict_baseline(own.model) {
        return Ok(vec![own]);
    }
    let hindcasts = baseline_at_cutoffs(&VERDICT_BASELINE, panel, task, &own.hindcasts)?;
    let baseline = ModelBacktest::new(VERDICT_BASELINE.name(), panel, hindcasts);
    Ok(vec![own, baseline])
}

impl Request<'_> {
    /// The residuals of the forecasts. Those of reconciled forecasts are of the hindcasts only. Ctrl-C and the end of the
    /// budget leave out one-step residuals.
    pub(crate) fn residuals(&self, outcome: &Outcome) -> forecast::Result<Residuals> {
        let Self { model, panel, terminal, budget, .. } = *self;
        let (forecaster, hindcasts) = (outcome.fitted.fit.forecaster.as_ref(), outcome.hindcasts());
        let residuals = if self.reconciliation.is_some() {
            Residuals::of_hindcasts(panel, hindcasts)
        } else {
            let task = Task { budget: budget.clone(), ..self.task.clone() };
            let fit =
                |observer: &mut dyn Observer| Residuals::new(model, forecaster, panel, &task, hindcasts, observer);
            fit::observed(&format!("residuals of {}", model.name()), terminal, budget, true, fit)?.fit
        };
        Ok(residuals_as_written(panel, residuals))
    }

    /// Fits on the whole history, forecasts, then compares with the baseline. An interrupted fit keeps its best model
    /// so far.
    pub(crate) fn run(&self, totals: &TotalsArgs) -> anyhow::Result<Outcome> {
        let fitted = self.fit()?;
        let start = Instant::now();
        let levels = &self.task.levels;
        // sample paths need a whole distribution, even if only a few levels are written
        let all_levels = quantile_levels(&[80.0, 95.0], levels)?;
        let forecasts = fitted.fit.forecaster.predict_at(self.panel, &all_levels)?;
        let hindcasts = self.hindcasts(&fitted, start.elapsed())?;
        let (forecasts, hindcasts, reconciliation) = self.reconcile(forecasts, hindcasts);
        fitted.print(self.terminal);
        // the sample paths of the model are not those of the reconciled forecasts
        let forecaster = self.reconciliation.is_none().then_some(fitted.fit.forecaster.as_ref());
        let statistics = totals.compute(forecaster, self.panel, &forecasts, levels, self.task.seed)?;
        let forecasts = forecasts.into_iter().map(|forecast| forecast.at(levels)).collect();
        // pictures are of the numbers in the files, so that they can be drawn again from these
        let forecasts = forecasts_as_written(self.panel, forecasts);
        let (backtests, verdict) = self.judge(hindcasts)?;
        Ok(Outcome {
            fitted,
            forecasts,
            has_scores_by_series: self.model.fits_series_separately()
                && self.model.records_hindcasts()
                && !backtests.is_empty(),
            backtests,
            verdict,
            reconciliation,
            statistics,
            sensitivity: None,
            anomalies: None,
            explanation: None,
            residuals: None,
            training_line: String::new(),
        })
    }

    /// The backtests of the model and of seasonal naive, with the values that are written, and the verdict on them.
    fn judge(&self, hindcasts: Hindcasts) -> forecast::Result<(Vec<ModelBacktest>, Verdict)> {
        let (model, panel) = (self.model.name(), self.panel);
        let hindcasts = match hindcasts {
            Ok(hindcasts) => hindcasts_as_written(panel, &hindcasts),
            Err(reason) => return Ok((Vec::new(), Verdict::missing(model, reason))),
        };
        let backtests = with_baseline(panel, self.task, ModelBacktest::new(model, panel, hindcasts))?;
        // the baseline itself is compared with itself
        let (own, baseline) = (&backtests[0], &backtests[backtests.len() - 1]);
        let verdict = Verdict::new(model, 1, &own.scorecard, &baseline.scorecard);
        Ok((backtests, verdict))
    }

    /// Fits within a share of the budget. The rest is for the verdict, and is larger if that needs another fit.
    fn fit(&self) -> forecast::Result<Fitted> {
        let share = if self.model.records_hindcasts() { FIT_WITH_HINDCASTS } else { FIT_WITHOUT_HINDCASTS };
        let task = Task { budget: self.budget.split(share), ..self.task.clone() };
        let label = format!("fitting {}", self.model.name());
        fit::observed(&label, self.terminal, &task.budget, true, |observer| self.model.fit(self.panel, &task, observer))
    }

    /// The hindcasts of the fit, or else those of the same model fitted again on a shorter history. There are as many
    /// folds as the history and the budget allow, if each prediction takes `prediction_time`.
    fn hindcasts(&self, fitted: &Fitted, prediction_time: Duration) -> forecast::Result<Hindcasts> {
        let own = &fitted.fit.report.hindcasts;
        if !own.is_empty() {
            return Ok(Ok(own.clone()));
        }
        // sums of series, and seasons that all have in their values, are of the panel as a whole
        let is_of_panel = self.reconciliation.is_some() || self.panel.seasons().source() == SeasonSource::Values;
        if self.model.fits_series_separately() && !is_of_panel {
            let seen = fitted.fit.report.notices.iter().find_map(|notice| match *notice {
                FitNotice::SeenInTraining { series, of } => Some(NoVerdict::SeenInTraining { series, of }),
                _ => None,
            });
            if let Some(reason) = seen {
                return Ok(Err(reason));
            }
            return self.hindcasts_by_series(prediction_time);
        }
        let (horizon, refit) = (self.task.horizon, !self.model.is_trained());
        let most_folds = Folds::default_for(self.panel, horizon, horizon, refit);
        most_folds.map_or(Ok(Err(NoVerdict::TooShort)), |folds| self.backtest_most(self.panel, folds, prediction_time))
    }

    /// The hindcasts of as many of the last `folds` as the data and the budget allow.
    fn backtest_most(&self, panel: &Panel, folds: Folds, prediction_time: Duration) -> forecast::Result<Hindcasts> {
        let mut hindcasts = Err(NoVerdict::TooShort);
        for count in (1..=folds.count).rev() {
            hindcasts = self.backtest(panel, &Folds { count, ..folds }, prediction_time)?;
            if matches!(hindcasts, Ok(_) | Err(NoVerdict::Interrupted)) {
                break;
            }
        }
        Ok(hindcasts)
    }

    /// The hindcasts of a model whose forecasts of a series do not depend on the others: the folds of each series are those
    /// that it has alone.
    fn hindcasts_by_series(&self, prediction_time: Duration) -> forecast::Result<Hindcasts> {
        if self.model.records_hindcasts() {
            // it has those of every series that is long enough
            return Ok(Err(NoVerdict::TooShort));
        }
        let (mut all, mut missing) = (Vec::new(), NoVerdict::TooShort);
        for (folds, positions) in Folds::default_by_series(self.panel, self.task.horizon) {
            let some = (positions.len() < self.panel.count()).then(|| self.panel.only(&positions));
            let panel = some.as_ref().unwrap_or(self.panel);
            match self.backtest_most(panel, folds, prediction_time)? {
                Ok(own) => {
                    all.extend(own.into_iter().map(|own| Hindcast { series: positions[own.series], ..own }));
                }
                Err(NoVerdict::Interrupted) => return Ok(Err(NoVerdict::Interrupted)),
                Err(reason) => missing = reason,
            }
        }
        all.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
        Ok(if all.is_empty() { Err(missing) } else { Ok(all) })
    }

    /// The hindcasts of a model that is fitted again before `folds`. With fewer folds it may have enough data and time.
    fn backtest(&self, panel: &Panel, folds: &Folds, prediction_time: Duration) -> forecast::Result<Hindcasts> {
        let Self { model, terminal, .. } = *self;
        let trained = model.is_trained();
        if interrupt::requested() || self.budget.is_stopped() {
            return Ok(Err(NoVerdict::Interrupted));
        }
        let budget = self.budget.reserving(prediction_time.saturating_mul(folds.count as u32));
        if trained && budget.left().is_some_and(|left| left < prediction_time) {
            return Ok(Err(NoVerdict::OutOfTime));
        }
        let task = Task { budget, checkpoints: None, ..self.task.clone() };
        let label = format!("checking {}", model.name());
        let backtest = fit::observed(&label, terminal, &task.budget, true, |observer| {
            backtest::run(model, panel, &task, folds, !trained, observer)
        });
        match backtest {
            Ok(_) if interrupt::requested() => Ok(Err(NoVerdict::Interrupted)),
            Ok(backtest) => Ok(Ok(backtest.fit)),
            Err(error) if error.kind() == ErrorKind::Data => Ok(Err(NoVerdict::TooShort)),
            Err(error) => Err(error),
        }
    }

    /// Reconciles the forecasts and the hindcasts with `--reconcile`, and reports the effect.
    fn reconcile(&self, forecasts: Vec<Forecast>, hindcasts: Hindcasts) -> Reconciled {
        let Some((method, hierarchy)) = self.reconciliation else { return (forecasts, hindcasts, None) };
        let unreconciled = hindcasts.as_deref().unwrap_or_default();
        let reconciled = hierarchy.reconcile(method, &forecasts, unreconciled);
        let report = ReconciliationReport::new(hierarchy, method, unreconciled, &reconciled);
        let hindcasts = if reconciled.hindcasts.is_empty() { hindcasts } else { Ok(reconciled.hindcasts) };
        (reconciled.forecasts, hindcasts, Some(report))
    }
}
