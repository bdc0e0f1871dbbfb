//! The comparison of two models by MASE.

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::metric::Undefined;

/// The MASE of a model and of a baseline, over the series for which both are defined.
///
/// ```
/// use forecast::backtest::Comparison;
///
/// let comparison = Comparison::new(&[Ok(0.6), Ok(1.0)], &[Ok(1.0), Ok(1.0)]).expect("both have scores");
/// assert_eq!((comparison.series, comparison.wins), (2, 1));
/// assert!((comparison.skill().expect("the baseline has errors") - 0.2).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The mean MASE of the model.
    pub model: f64,
    /// The mean MASE of the baseline.
    pub baseline: f64,
    /// The number of series.
    pub series: usize,
    /// The number of series for which the model has the lower MASE.
    pub wins: usize,
}

impl Comparison {
    /// Compares the scorecards of two models at the same origins of the same panel.
    ///
    /// # Errors
    /// If no series has both scores: the reason for the first series that was forecast.
    pub fn of(model: &Scorecard, baseline: &Scorecard) -> Result<Self, Undefined> {
        let scores = |card: &Scorecard, series: usize| card.series(series, Steps::All).map(|scores| scores.mase);
        let pairs =
            (0..model.series_count()).filter_map(|series| Some((scores(model, series)?, scores(baseline, series)?)));
        let (model, baseline): (Vec<_>, Vec<_>) = pairs.unzip();
        if model.is_empty() { Err(Undefined::NoActual) } else { Self::new(&model, &baseline) }
    }

    /// Compares the scores of the same series.
    ///
    /// # Errors
    /// If no series has both scores: the reason for the first one.
    ///
    /// # Panics
    /// If the slices differ in length, or are empty.
    pub fn new(model: &[Result<f64, Undefined>], baseline: &[Result<f64, Undefined>]) -> Result<Self, Undefined> {
        assert!(
            !model.is_empty() && model.len() == baseline.len(),
            "one score of each model per series, and at least one series"
        );
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
            wins: pairs.iter().filter(|(m, b)| m < b).count(),
        })
    }

    /// The skill score `1 - model / baseline`: 0.23 is 23 % better, and a negative value is worse. It is 0 if neither has an
    /// error, and `None` if only the baseline has none.
    pub fn skill(&self) -> Option<f64> {
        if self.baseline > 0.0 {
            return Some(1.0 - self.model / self.baseline);
        }
        (self.model == 0.0).then_some(0.0)
    }
}
