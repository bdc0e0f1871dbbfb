//! Two records side by side.

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::metric::Undefined;

/// A model's record beside that of a baseline, over the series where both have a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The model's mean MASE.
    pub model: f64,
    /// The baseline's mean MASE.
    pub baseline: f64,
    /// Number of series compared.
    pub series: usize,
    /// Number of series where the model's MASE is the lower one.
    pub won: usize,
}

impl Comparison {
    /// The MASE of two models' forecasts from the same origins of the same panel.
    ///
    /// # Errors
    /// If no series has a score: why the first that was forecast has none.
    pub fn of(model: &Scorecard, baseline: &Scorecard) -> Result<Self, Undefined> {
        let scores = |card: &Scorecard, series: usize| card.series(series, Steps::All).map(|scores| scores.mase);
        let pairs =
            (0..model.series_count()).filter_map(|series| Some((scores(model, series)?, scores(baseline, series)?)));
        let (model, baseline): (Vec<_>, Vec<_>) = pairs.unzip();
        if model.is_empty() { Err(Undefined::NoActual) } else { Self::new(&model, &baseline) }
    }

    /// Sets the scores of the same series side by side.
    ///
    /// # Errors
    /// If no series has a score: why the first has none.
    ///
    /// # Panics
    /// If the two are not of the same length, or empty.
    pub fn new(model: &[Result<f64, Undefined>], baseline: &[Result<f64, Undefined>]) -> Result<Self, Undefined> {
        assert!(!model.is_empty() && model.len() == baseline.len(), "two scores for each series, at least one series");
        let pairs: Vec<(f64, f64)> =
            model.iter().zip(baseline).filter_map(|(m, b)| Some(((*m).ok()?, (*b).ok()?))).collect();
        if pairs.is_empty() {
            return Err(model.iter().chain(baseline).find_map(|score| score.err()).expect("some score is undefined"));
        }
        let count = pairs.len() as f64;
        Ok(Self {
            model: pairs.iter().map(|(m, _)| m).sum::<f64>() / count,
            baseline: pairs.iter().map(|(_, b)| b).sum::<f64>() / count,
            series: pairs.len(),
            won: pairs.iter().filter(|(m, b)| m < b).count(),
        })
    }

    /// The share by which the model's mean MASE is below the baseline's: 0.23 for 23 % better, negative where worse;
    /// 0 where neither made an error, `None` where the baseline alone made none.
    pub fn skill(&self) -> Option<f64> {
        if self.baseline > 0.0 {
            return Some(1.0 - self.model / self.baseline);
        }
        (self.model == 0.0).then_some(0.0)
    }
}
