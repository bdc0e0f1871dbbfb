//! What a page shows.

use crate::backtest::{Anomalies, ModelBacktest, Residuals};
use crate::components::Components;
use crate::forecast::Forecast;
use crate::model::{EnsembleWeights, Epoch};
use crate::panel::Panel;
use crate::read::Dataset;

/// What a page shows. Lists and texts that are empty, and what is `None`, have no section.
///
/// ```
/// use forecast::report::Report;
/// use forecast::{Baseline, Model, SilentObserver, Task, read_csv};
///
/// let data = read_csv("datasets/demand.csv")?;
/// let forecasts = Baseline::Drift.fit(&data.panel, &Task::new(7), &mut SilentObserver)?.predict(&data.panel)?;
/// let mut page = Vec::new();
/// Report { forecasts: &forecasts, ..Report::new(&data, &data.panel) }.write(&mut page)?;
/// assert!(String::from_utf8(page)?.starts_with("<!DOCTYPE html>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// How the file was read, and its repairs.
    pub dataset: &'a Dataset,
    /// The series that were forecast: those of the dataset, with their sums if forecasts were reconciled.
    pub panel: &'a Panel,
    /// The comparison with seasonal naive, in a sentence.
    pub verdict: &'a str,
    /// The forecasts, one for each series of the panel; empty for a backtest.
    pub forecasts: &'a [Forecast],
    /// The positions of the series that are drawn; the largest dozen if it is empty.
    pub drawn_series: Vec<usize>,
    /// The backtests of models on the same folds, the most accurate first. Without forecasts, the folds of the first are
    /// drawn.
    pub backtests: &'a [ModelBacktest],
    /// The members of an ensemble, for each series or for all.
    pub ensemble_weights: &'a [EnsembleWeights],
    /// The anomalies, if they were searched for.
    pub anomalies: Option<&'a Anomalies>,
    /// The residuals of the model, if they were computed.
    pub residuals: Option<&'a Residuals>,
    /// The course of the training, if a network was trained.
    pub training: Option<Training<'a>>,
    /// The components of each forecast, and a sentence on each; empty if they were not requested.
    pub components: &'a [Components],
    /// The sentences, one for each series of the panel.
    pub reasons: &'a [String],
    /// What a user should know about the data and the fit, a sentence each.
    pub notices: Vec<String>,
    /// The names and the values of settings.
    pub settings: Vec<(String, String)>,
    /// The command that repeats the run.
    pub command: String,
}

/// The course of a training.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The epochs in order, those of each network in a row.
    pub epochs: &'a [Epoch],
    /// The number of the epoch whose weights were kept.
    pub best: Option<usize>,
    /// What the course shows; may be empty.
    pub sentence: &'a str,
}

impl<'a> Report<'a> {
    /// A report on the data alone.
    pub fn new(dataset: &'a Dataset, panel: &'a Panel) -> Self {
        Self {
            dataset,
            panel,
            verdict: "",
            forecasts: &[],
            drawn_series: Vec::new(),
            backtests: &[],
            ensemble_weights: &[],
            anomalies: None,
            residuals: None,
            training: None,
            components: &[],
            reasons: &[],
            notices: Vec::new(),
            settings: Vec::new(),
            command: String::new(),
        }
    }

    /// The number of steps of the forecasts, or else of the backtests; 1 without both.
    pub(super) fn horizon(&self) -> usize {
        let of_backtests = || self.backtests.first().map_or(1, |backtest| backtest.scorecard.horizon());
        self.forecasts.first().map_or_else(of_backtests, |forecast| forecast.times().len())
    }
}
