//! The pictures and the page of a run that was read from its folder, as the run itself draws them.

use std::path::Path;

use forecast::backtest::{Anomalies, ModelBacktest, is_verdict_baseline};
use forecast::plot::{self, Picture};
use forecast::report::{Report, Training};
use forecast::run::StoredRun;

use crate::outcome::with_baseline;
use crate::report::html_report::RunTexts;
use crate::report::picture_files::PictureFiles;

/// The backtest that is drawn: that of the only model besides the baseline, or else of the most accurate model.
pub(crate) fn backtest_to_draw(backtests: &[ModelBacktest]) -> &ModelBacktest {
    let only = backtests.iter().find(|own| backtests.len() == 2 && !is_verdict_baseline(own.model));
    only.unwrap_or(&backtests[0])
}

/// Draws the pictures of a run and its page into a folder, and returns the names of the files.
pub(crate) fn draw(run: &StoredRun, to: &Path, files: &PictureFiles) -> anyhow::Result<Vec<String>> {
    let StoredRun { record, dataset, panel, forecasts, components, .. } = run;
    let is_backtest = forecasts.is_empty();
    let hindcasts = run.backtests.first().map_or(&[][..], |own| own.hindcasts.as_slice());
    let has_anomalies = record.settings.contains_key("anomalies");
    let anomalies = has_anomalies.then(|| Anomalies::find(panel, hindcasts));
    let of_model = run.backtests.first().filter(|_| !is_backtest);
    let backtests = match of_model {
        Some(own) => with_baseline(panel, &run.task(), own.clone())?,
        None => run.backtests.clone(),
    };
    let training = record.training.as_ref().filter(|_| !run.epochs.is_empty());
    let training = training.map(|own| Training { epochs: &run.epochs, best: own.best_epoch, sentence: &own.sentence });
    let mut drawn = DrawnFiles { folder: to, files, names: Vec::new() };
    if is_backtest {
        let best = backtest_to_draw(&run.backtests);
        drawn.draw("folds", |picture| plot::folds(picture, panel, best.model, &best.hindcasts))?;
    } else {
        let found = anomalies.clone().unwrap_or_default();
        drawn.draw("forecast", |picture| plot::forecast_with_anomalies(picture, panel, forecasts, &found))?;
    }
    if let Some(Training { epochs, best, sentence }) = &training {
        drawn.draw("loss", |picture| plot::training(picture, epochs, *best, sentence))?;
    }
    if !components.is_empty() {
        drawn.draw("components", |picture| plot::components(picture, panel, components))?;
    }
    if let Some(residuals) = &run.residuals {
        if !residuals.is_empty() {
            drawn.draw("residuals", |picture| plot::residuals(picture, panel, residuals, forecasts, hindcasts))?;
        }
        if !backtests.is_empty() {
            drawn.draw("backtest", |picture| plot::backtest(picture, panel, &backtests))?;
        }
    }
    let reasons: Vec<String> = record.reasons.iter().map(|reason| reason.sentence.clone()).collect();
    let page = Report {
        training,
        verdict: record.verdict.as_ref().map_or("", |verdict| &verdict.sentence),
        forecasts,
        backtests: &backtests,
        ensemble_weights: &record.ensemble_weights,
        anomalies: anomalies.as_ref(),
        residuals: run.residuals.as_ref(),
        components,
        reasons: &reasons,
        ..Report::new(dataset, panel)
    };
    RunTexts::of(record, panel).write(to, page)?;
    drawn.names.push("report.html".to_owned());
    Ok(drawn.names)
}

/// The pictures that were drawn into a folder.
struct DrawnFiles<'a> {
    folder: &'a Path,
    files: &'a PictureFiles,
    names: Vec<String>,
}

impl DrawnFiles<'_> {
    fn draw(&mut self, name: &str, draw: impl FnOnce(Picture<'_>) -> forecast::Result<()>) -> anyhow::Result<()> {
        self.files.draw(self.folder, name, draw)?;
        self.names.push(self.files.file_name(name));
        Ok(())
    }
}
