//! What can be set of the model. Every default lives here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::panel::Panel;

/// The family of distributions that values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Student's t, with more than two degrees of freedom.
    StudentT,
    /// The negative binomial: counts.
    NegativeBinomial,
}

impl Distribution {
    /// Mean above which a count is as good as a number.
    const SMALL: f64 = 100.0;

    /// Share of a Poisson count's variance below which values vary too little to be counts.
    const LIVELY: f64 = 0.5;
    /// Fewest values of a series that tell how much it varies.
    const TELLING: usize = 12;

    /// What the values of a panel look like: counts, if they are whole, never negative, in at least half of the series
    /// below 100 on average, and in at least half of them change from step to step or season to season at least half as
    /// much as Poisson counts do, whose variance is their mean.
    pub fn of(panel: &Panel) -> Self {
        let whole = panel.iter().all(|s| {
            let mut seen = s.values.iter().zip(s.observed).filter(|(_, seen)| **seen);
            seen.all(|(value, _)| *value >= 0.0 && value.fract() == 0.0)
        });
        let mean = |values: &[f64]| values.iter().map(|v| v / values.len() as f64).sum::<f64>();
        let small = || panel.iter().filter(|s| mean(s.values) < Self::SMALL).count();
        let lively = || {
            let telling = panel.iter().filter(|s| s.len() >= Self::TELLING && mean(s.values) > 0.0);
            let ratios: Vec<f64> = telling.map(|s| variance(s.values, panel.season()) / mean(s.values)).collect();
            2 * ratios.iter().filter(|ratio| **ratio >= Self::LIVELY).count() >= ratios.len()
        };
        if whole && 2 * small() >= panel.count() && lively() { Self::NegativeBinomial } else { Self::StudentT }
    }
}

/// The variance that a step or a season changes by, whichever is less: half the mean squared difference.
fn variance(values: &[f64], season: usize) -> f64 {
    let by = |lag: usize| {
        let pairs = values.iter().skip(lag).zip(values);
        pairs.map(|(now, then)| (now - then).powi(2)).sum::<f64>() / (2 * (values.len() - lag)) as f64
    };
    if season < values.len() { by(1).min(by(season)) } else { by(1) }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StudentT => "student-t",
            Self::NegativeBinomial => "negative-binomial",
        })
    }
}

/// The settings of the model. As a [`Model`](crate::model::Model) it is one that has seen nothing yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeepAr {
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// LSTM layers on top of each other, at least 1.
    pub layers: usize,
    /// Share of a layer's outputs that is dropped on the way to the next layer, in [0, 1).
    pub dropout: f64,
    /// Rounds of training, of [`DeepAr::BATCHES`] updates each; `None`: the more, the more series there are.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// The family of distributions; `None`: what the values look like.
    pub distribution: Option<Distribution>,
    /// Windows of a series are drawn for training in proportion to this power of its size: 1 in the paper, 0 for all alike.
    pub by_size: f64,
    /// Sample paths that quantiles are taken from; fewer where there are very many series.
    pub paths: usize,
}

impl Default for DeepAr {
    fn default() -> Self {
        Self {
            hidden: 40,
            layers: 1,
            dropout: 0.0,
            epochs: None,
            learning_rate: 5e-3,
            distribution: None,
            by_size: 0.25,
            paths: 200,
        }
    }
}

impl DeepAr {
    /// The name it is asked for by.
    pub const NAME: &str = "deepar";
    /// Updates in a round of training.
    pub const BATCHES: usize = 50;
    /// Values that are drawn for a forecast of all series, unless that left fewer paths than these.
    const DRAWS: usize = 20_000_000;
    const FEWEST_PATHS: usize = 50;
    /// Windows that share an update.
    pub(crate) const BATCH: usize = 32;
    /// Rounds of few series and of many, where their number is not set, and the least where there are few values.
    const EPOCHS: (usize, usize) = (20, 40);
    const LEAST: usize = 8;

    /// The same with nothing left open: the distribution is the one that suits the panel.
    #[must_use]
    pub fn settled(&self, panel: &Panel) -> Self {
        Self { distribution: Some(self.distribution.unwrap_or_else(|| Distribution::of(panel))), ..self.clone() }
    }

    /// The fewest values that at least one series must have.
    pub fn fewest_values(horizon: usize) -> usize {
        horizon + 8
    }

    /// Sample paths of each of so many series: as many as are set, unless all together took minutes.
    pub(crate) fn paths_of(&self, series: usize, horizon: usize) -> usize {
        (Self::DRAWS / (series * horizon).max(1)).max(Self::FEWEST_PATHS).min(self.paths)
    }

    /// Rounds of training for so many series, if their values are enough for so many.
    pub(crate) fn rounds(&self, series: usize, enough: usize) -> usize {
        let usual = ((series as f64).sqrt() as usize + Self::EPOCHS.0).min(Self::EPOCHS.1);
        self.epochs.unwrap_or_else(|| usual.min(enough.max(Self::LEAST)))
    }
}
