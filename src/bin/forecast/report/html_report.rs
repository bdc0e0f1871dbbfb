//! `--no-report` and `--report-series`: what the page of the library gets from a run.

use std::path::Path;

use clap::Args;
use forecast::Panel;
use forecast::read::Dataset;
use forecast::report::Report;
use forecast::run::RunRecord;

use crate::exit_status::CliError;
use crate::outcome::{Outcome, Request};
use crate::report::hints::quoting::{quoted, shell_line};
use crate::report::output_dir::OutputDir;
use crate::report::{table_files::write_file, text_table::count};

#[derive(Debug, Args)]
#[command(next_help_heading = "Forecast")]
pub(crate) struct ReportArg {
    /// Leave out report.html, the page to send
    #[arg(long)]
    no_report: bool,
    /// Series that report.html draws, by their ids, such as north or 'north / bread' [default: the dozen largest]
    #[arg(long, value_name = "IDS", conflicts_with = "no_report")]
    report_series: Vec<String>,
}

/// The setting with the ids of the series that were typed.
const DRAWN_SERIES: &str = "drawn_series";

/// The largest number of series on one page.
const MAX_DRAWN: usize = 60;

impl ReportArg {
    /// Finds the series to draw. Refuses the flags if the output goes to stdout.
    pub(crate) fn check(&self, folder: Option<&OutputDir>, panel: &Panel) -> anyhow::Result<PlannedPage> {
        let typed = [("--no-report", self.no_report), ("--report-series", !self.report_series.is_empty())];
        if let (None, Some((flag, _))) = (folder, typed.into_iter().find(|(_, is_typed)| *is_typed)) {
            return Err(CliError::usage(
                format!("{flag} has no effect without a folder, as stdout has no page"),
                format!("choose a folder with `--out DIR`, or leave {flag} out"),
            ));
        }
        let is_wanted = !self.no_report && folder.is_some();
        Ok(PlannedPage { is_wanted, drawn_series: self.drawn_series(panel)? })
    }

    /// The positions of the series that were typed, in their order, each once.
    fn drawn_series(&self, panel: &Panel) -> anyhow::Result<Vec<usize>> {
        let mut drawn = Vec::new();
        for typed in &self.report_series {
            let whole = panel.positions_of(typed);
            // a name with a comma stands for itself
            let names = if whole.is_empty() { typed.split(',').map(str::trim).collect() } else { vec![typed.as_str()] };
            for name in names {
                let found = panel.positions_of(name);
                if found.is_empty() {
                    return Err(unknown_series(panel, name));
                }
                drawn.extend(found);
            }
        }
        let mut is_known = vec![false; panel.count()];
        drawn.retain(|at| !std::mem::replace(&mut is_known[*at], true));
        if drawn.len() > MAX_DRAWN {
            return Err(CliError::usage(
                format!("--report-series names {} series, a page draws at most {MAX_DRAWN}", count(drawn.len())),
                "name fewer: the table of the page has the figures of every series",
            ));
        }
        Ok(drawn)
    }
}

fn unknown_series(panel: &Panel, name: &str) -> anyhow::Error {
    let message = format!("`--report-series`: there is no series {name}");
    if panel.columns().ids.is_empty() {
        return CliError::usage(message, "leave --report-series out: the file has a single series");
    }
    let hint = panel.similar_name(name).map_or_else(
        || "`forecast inspect --csv FILE --verbose` lists the series".to_owned(),
        |similar| format!("did you mean `--report-series {}`?", quoted(&similar)),
    );
    CliError::usage(message, hint)
}

/// Whether there is a page, and which series it draws.
pub(crate) struct PlannedPage {
    is_wanted: bool,
    drawn_series: Vec<usize>,
}

impl PlannedPage {
    /// The texts of the page that are known before its results, if there is a page. The record gets its series.
    pub(crate) fn of_run(&self, record: &mut RunRecord, panel: &Panel) -> RequestedPage {
        let keys: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
        let drawn: Vec<&[String]> = self.drawn_series.iter().map(|at| keys[*at]).collect();
        record.setting(DRAWN_SERIES, Some(drawn).filter(|drawn| !drawn.is_empty()));
        RequestedPage(self.is_wanted.then(|| RunTexts::of(record, panel)))
    }
}

/// The page, unless it was left out.
pub(crate) struct RequestedPage(Option<RunTexts>);

/// The texts of a page that run.json has.
#[derive(Clone)]
pub(crate) struct RunTexts {
    notices: Vec<String>,
    settings: Vec<(String, String)>,
    command: String,
    drawn_series: Vec<usize>,
}

impl RunTexts {
    pub(crate) fn of(record: &RunRecord, panel: &Panel) -> Self {
        let keys = record.settings.get(DRAWN_SERIES).cloned().unwrap_or_default();
        let keys: Vec<Vec<String>> = serde_json::from_value(keys).unwrap_or_default();
        let position = |key: &Vec<String>| panel.iter().position(|series| series.key == key);
        Self {
            notices: record.data.notices.iter().chain(&record.notices).cloned().collect(),
            settings: record.settings_and_versions(),
            command: shell_line(&record.command),
            drawn_series: keys.iter().filter_map(position).collect(),
        }
    }

    /// Adds these texts to a report that has everything else.
    pub(crate) fn fill(self, report: &mut Report<'_>) {
        let Self { notices, settings, command, drawn_series } = self;
        (report.notices, report.settings, report.command) = (notices, settings, command);
        report.drawn_series = drawn_series;
    }

    /// Writes report.html. `report` has everything but these texts.
    pub(crate) fn write(self, folder: &Path, mut report: Report<'_>) -> anyhow::Result<()> {
        self.fill(&mut report);
        write_file(folder, "report.html", |to| report.write(to))
    }
}

impl RequestedPage {
    /// Writes report.html unless it was left out. `report` has everything but the texts of the run.
    pub(crate) fn write<'a>(&self, folder: &Path, report: impl FnOnce() -> Report<'a>) -> anyhow::Result<()> {
        self.0.clone().map_or(Ok(()), |texts| texts.write(folder, report()))
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
        self.write(folder, || forecast_report(request.panel, dataset, outcome, verdict))
    }
}

/// The report of a forecast without the texts of its run.
pub(crate) fn forecast_report<'a>(
    panel: &'a Panel,
    dataset: &'a Dataset,
    outcome: &'a Outcome,
    verdict: &'a str,
) -> Report<'a> {
    Report {
        verdict,
        forecasts: &outcome.forecasts,
        backtests: &outcome.backtests,
        ensemble_weights: &outcome.fitted.fit.report.ensemble_weights,
        anomalies: outcome.anomalies.as_ref(),
        residuals: outcome.residuals.as_ref(),
        training: outcome.training(),
        components: outcome.explanation.as_ref().map_or(&[], |explanation| &explanation.components),
        reasons: outcome.explanation.as_ref().map_or(&[], |explanation| &explanation.reasons),
        ..Report::new(dataset, panel)
    }
}
