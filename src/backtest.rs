//! What a model would have said of the past: the last horizon is held out, forecast, and scored.

use crate::data::{Panel, TimeSeries};
use crate::forecast::Forecast;
use crate::metric::{self, Undefined};

/// A panel with the last horizon of each series held out. Series that are too short for that are left out.
#[derive(Debug)]
pub struct Holdout<'a> {
    whole: &'a Panel,
    train: Panel,
    horizon: usize,
}

impl<'a> Holdout<'a> {
    /// Holds out the last `horizon` steps of each series that then still has a season and one value more; `None` if
    /// none has.
    pub fn last(whole: &'a Panel, horizon: usize) -> Option<Self> {
        let train = whole.before_last(horizon, whole.season() + 1)?;
        Some(Self { whole, train, horizon })
    }

    /// What may be learned from.
    pub fn train(&self) -> &Panel {
        &self.train
    }

    /// The MASE of each series of [`Holdout::train`], given a forecast of each: over the held-out steps that were
    /// observed and that the forecast reaches.
    ///
    /// # Panics
    /// If there are not as many forecasts as series.
    pub fn scores(&self, forecasts: &[Forecast]) -> Vec<Result<f64, Undefined>> {
        assert_eq!(forecasts.len(), self.train.count(), "a forecast for each series");
        let mut wholes = self.whole.iter();
        let mut scores = Vec::with_capacity(forecasts.len());
        for (train, forecast) in self.train.iter().zip(forecasts) {
            let whole = wholes.find(|whole| whole.key == train.key).expect("training series are some of the whole");
            scores.push(self.score(&whole, &train, forecast));
        }
        scores
    }

    fn score(&self, whole: &TimeSeries<'_>, train: &TimeSeries<'_>, forecast: &Forecast) -> Result<f64, Undefined> {
        // an unobserved stretch before the cutoff ends the training part early; the forecast starts where that ended
        let first = whole.len() - self.horizon;
        let (actual, forecast): (Vec<f64>, Vec<f64>) = (first..whole.len())
            .filter(|&t| whole.observed[t])
            .filter_map(|t| Some((whole.values[t], *forecast.median().get(t - train.len())?)))
            .unzip();
        if actual.is_empty() {
            return Err(Undefined::Unobserved);
        }
        metric::mase(&actual, &forecast, train.values, self.whole.season())
    }
}

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
    /// `None` where the baseline made no error at all.
    pub fn skill(&self) -> Option<f64> {
        (self.baseline > 0.0).then(|| 1.0 - self.model / self.baseline)
    }
}
