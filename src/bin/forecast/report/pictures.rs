//! The pictures and the page of a run that was read from its folder, as the run itself draws them.

use std::path::Path;

use forecast::backtest::{Anomalies, ModelBacktest, is_verdict_baseline};
use forecast::plot;
use forecast::report::{Report, Training};
use forecast::run::StoredRun;

use crate::outcome::with_baseline;
use crate::report::html_report::RunTexts;

/// The backtest that is drawn: that of the only model besides the baseline, or else of the most accurate model.
pub(crate) fn backtest_to_draw(backtests: &[ModelBacktest]) -> &ModelBacktest {
    let only = backtests.iter().find(|own| backtests.len() == 2 && !is_verdict_baseline(own.model));
    only.unwrap_or(&backtests[0])
}

/// Draws the pictures of a run and its page into a folder, and returns the names of the files. The page of a run that was
/// explained has residuals, and is left as it is.
pub(crate) fn draw(run: &StoredRun, to: &Path) -> anyhow::Result<Vec<&'static str>> {
    let StoredRun { record, dataset, panel, forecasts, .. } = run;
    let is_backtest = forecasts.is_empty();
    let has_anomalies = record.settings.contains_key("anomalies");
    let hindcasts = run.backtests.first().map_or(&[][..], |own| own.hindcasts.as_slice());
    let anomalies = has_anomalies.then(|| Anomalies::find(panel, hindcasts));
    let mut drawn = Vec::new();
    if is_backtest {
        let best = backtest_to_draw(&run.backtests);
        plot::folds(&to.join("folds.png"), panel, best.model, &best.hindcasts)?;
        drawn.push("folds.png");
    } else {
        let found = anomalies.clone().unwrap_or_default();
        plot::forecast_with_anomalies(&to.join("forecast.png"), panel, forecasts, &found)?;
        drawn.push("forecast.png");
    }
    let of_model = run.backtests.first().filter(|_| !is_backtest);
    let backtests = match of_model {
        Some(own) => with_baseline(panel, &run.task(), own.clone())?,
        None => run.backtests.clone(),
    };
    let training = record.training.as_ref().filter(|_| !run.epochs.is_empty());
    let training = training.map(|own| Training { epochs: &run.epochs, best: own.best_epoch, sentence: &own.sentence });
    if let Some(Training { epochs, best, sentence }) = &training {
        plot::training(&to.join("loss.png"), epochs, *best, sentence)?;
        drawn.push("loss.png");
    }
    // residuals of one step need the model, so that their sections are not drawn again
    if record.settings.contains_key("explain") {
        if !backtests.is_empty() {
            plot::backtest(&to.join("backtest.png"), panel, &backtests)?;
            drawn.push("backtest.png");
        }
        return Ok(drawn);
    }
    let page = Report {
        training,
        verdict: record.verdict.as_ref().map_or("", |verdict| &verdict.sentence),
        forecasts,
        backtests: &backtests,
        ensemble_weights: &record.ensemble_weights,
        anomalies: anomalies.as_ref(),
        ..Report::new(dataset, panel)
    };
    RunTexts::of(record, panel).write(to, page)?;
    drawn.push("report.html");
    Ok(drawn)
}
