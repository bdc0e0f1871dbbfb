//! `--report`: what the page of the library gets from a run.

use std::path::Path;

use clap::Args;
use forecast::Model;
use forecast::backtest::{ModelBacktest, VERDICT_BASELINE, baseline_at_cutoffs, is_verdict_baseline};
use forecast::read::Dataset;
use forecast::report::Report;
use forecast::run::RunRecord;

use crate::outcome::{Outcome, Request};
use crate::report::hints::notice_line;
use crate::report::output_dir::{OutputDir, check_has_folder};
use crate::report::{run_json, table_files::write_file};

#[derive(Debug, Args)]
pub(crate) struct ReportArg {
    /// Also write report.html, one page to read and to send; it loads nothing
    #[arg(long, help_heading = "Forecast")]
    report: bool,
}

impl ReportArg {
    /// Refuses the flag if the output goes to stdout.
    pub(crate) fn check(&self, folder: Option<&OutputDir>) -> anyhow::Result<()> {
        if self.report { check_has_folder("--report", folder) } else { Ok(()) }
    }

    /// The texts of the page that are known before its results, if it was requested.
    pub(crate) fn of_run(&self, record: &RunRecord, dataset: &Dataset) -> RequestedPage {
        RequestedPage(self.report.then(|| RunTexts {
            notices: dataset.notices.iter().map(notice_line).collect(),
            settings: record.settings_and_versions(),
            command: run_json::command_line(record),
        }))
    }
}

/// The page, if it was requested.
pub(crate) struct RequestedPage(Option<RunTexts>);

#[derive(Clone)]
struct RunTexts {
    notices: Vec<String>,
    settings: Vec<(String, String)>,
    command: String,
}

impl RequestedPage {
    /// Writes report.html if it was requested. `report` has everything but the texts of the run.
    pub(crate) fn write<'a>(&self, folder: &Path, report: impl FnOnce() -> Report<'a>) -> anyhow::Result<()> {
        let Some(RunTexts { mut notices, settings, command }) = self.0.clone() else { return Ok(()) };
        let report = report();
        notices.extend(report.notices.iter().cloned());
        let report = Report { notices, settings, command, ..report };
        write_file(folder, "report.html", |to| report.write(to))
    }

    /// Writes report.html of a forecast, with the backtests of the model and of the baseline.
    pub(crate) fn write_forecast(
        &self,
        folder: &Path,
        request: &Request,
        dataset: &Dataset,
        outcome: &Outcome,
        verdict: &str,
    ) -> anyhow::Result<()> {
        if self.0.is_none() {
            return Ok(());
        }
        let backtests = backtests(request, outcome)?;
        let fit = &outcome.fitted.fit.report;
        self.write(folder, || Report {
            verdict,
            forecasts: &outcome.forecasts,
            backtests: &backtests,
            ensemble_weights: &fit.ensemble_weights,
            anomalies: outcome.anomalies.as_ref(),
            notices: fit.notices.iter().map(ToString::to_string).collect(),
            ..Report::new(dataset, request.panel)
        })
    }
}

/// The backtests of the model and of seasonal naive on the same folds; empty without hindcasts.
fn backtests(request: &Request, outcome: &Outcome) -> anyhow::Result<Vec<ModelBacktest>> {
    let Request { panel, task, model, .. } = *request;
    if outcome.hindcasts.is_empty() {
        return Ok(Vec::new());
    }
    let mut backtests = vec![ModelBacktest::new(model.name(), panel, outcome.hindcasts.clone())];
    if !is_verdict_baseline(model.name()) {
        let hindcasts = baseline_at_cutoffs(&VERDICT_BASELINE, panel, task, &outcome.hindcasts)?;
        backtests.push(ModelBacktest::new(VERDICT_BASELINE.name(), panel, hindcasts));
    }
    Ok(backtests)
}
