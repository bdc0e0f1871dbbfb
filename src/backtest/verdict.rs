//! The comparison of a model with a baseline, and whether it beats seasonal naive.

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::backtest::{run::baseline_at_cutoffs, scores::Score};
use crate::error::Result;
use crate::metric::Undefined;
use crate::model::fit::{Hindcast, Model, Task};
use crate::model::stat::baseline::Baseline;
use crate::panel::Panel;

/// The MASE of a model and of a baseline, over the series for which both are defined.
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
    /// If no series has both scores: why the first series that was forecast lacks one.
    pub fn of(model: &Scorecard, baseline: &Scorecard) -> Result<Self, Undefined> {
        let mase = |card: &Scorecard, series: usize| card.series(series, Steps::All).map(|scores| scores.mase);
        let pairs = (0..model.series_count()).filter_map(|at| Some((mase(model, at)?, mase(baseline, at)?)));
        Self::new(&pairs.collect::<Vec<_>>())
    }

    /// Compares the scores of the model and of the baseline, one pair for each series.
    ///
    /// # Errors
    /// If no series has both scores: why the first series lacks one.
    pub fn new(scores: &[(Score, Score)]) -> Result<Self, Undefined> {
        let defined = scores.iter().filter_map(|&(model, baseline)| Some((model.ok()?, baseline.ok()?)));
        let pairs: Vec<(f64, f64)> = defined.collect();
        if pairs.is_empty() {
            let mut all = scores.iter().map(|pair| pair.0).chain(scores.iter().map(|pair| pair.1));
            return Err(all.find_map(Score::err).unwrap_or(Undefined::NoActual));
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
        if self.baseline > 0.0 { Some(1.0 - self.model / self.baseline) } else { (self.model == 0.0).then_some(0.0) }
    }
}

/// The baseline that every model is compared with.
pub const VERDICT_BASELINE: Baseline = Baseline::SeasonalNaive;

/// Whether a model of this name is the baseline.
pub fn is_verdict_baseline(model: &str) -> bool {
    model == VERDICT_BASELINE.name()
}

/// The smallest gain, in percent, with which a model beats the baseline.
const MIN_GAIN_PERCENT: f64 = 1.0;

/// A model compared with seasonal naive at the same origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The name of the model.
    pub model: &'static str,
    /// The number of compared models, at least 1. With several, this one is the best.
    pub candidates: usize,
    /// The evidence, or why there is none.
    pub outcome: Result<Evidence, NoVerdict>,
}

/// The evidence for a verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The errors of the model and of the baseline.
    pub comparison: Comparison,
    /// The largest number of origins of a series.
    pub folds: usize,
    /// The number of forecast values that were compared with an actual value.
    pub points: usize,
    /// The coverage of the 80 % interval or, if the forecasts have none, of the interval nearest to it.
    pub coverage: Option<Coverage>,
}

/// The coverage of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// The nominal coverage in percent.
    pub percent: f64,
    /// The share of actual values inside, in \[0, 1\].
    pub share: f64,
}

/// Why a model is not compared with the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoVerdict {
    /// No series is long enough to hold out a horizon.
    TooShort,
    /// The error of every series is undefined.
    Undefined(Undefined),
    /// The run was interrupted before the comparison.
    Interrupted,
    /// The time budget was used up before the comparison.
    OutOfTime,
}

impl Verdict {
    /// Compares the forecasts of a model with those of the baseline, which is fitted at the same origins.
    ///
    /// # Errors
    /// If the baseline cannot be fitted.
    pub fn judge(model: &'static str, panel: &Panel, task: &Task, hindcasts: &[Hindcast]) -> Result<Self> {
        let baseline = baseline_at_cutoffs(&VERDICT_BASELINE, panel, task, hindcasts)?;
        Ok(Self::new(model, 1, &Scorecard::new(panel, hindcasts), &Scorecard::new(panel, &baseline)))
    }

    /// Compares two scorecards of the same origins. The model is the best of `candidates` compared models.
    pub fn new(model: &'static str, candidates: usize, scores: &Scorecard, baseline: &Scorecard) -> Self {
        let outcome = Comparison::of(scores, baseline).map_err(NoVerdict::Undefined).map(|comparison| {
            let overall = scores.overall(Steps::All);
            let coverage = overall
                .usual_interval()
                .and_then(|interval| Some(Coverage { percent: interval.percent, share: interval.coverage.ok()? }));
            Evidence { comparison, folds: scores.folds(), points: overall.points, coverage }
        });
        Self { model, candidates, outcome }
    }

    /// The verdict on a model that could not be compared.
    pub fn missing(model: &'static str, reason: NoVerdict) -> Self {
        Self { model, candidates: 1, outcome: Err(reason) }
    }

    /// The evidence, if the model could be compared.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.outcome.as_ref().ok()
    }

    /// The reduction of the baseline's error in percent, rounded to a whole number. It is negative for a larger error, and
    /// minus infinity if only the baseline has no error.
    pub fn gain_percent(&self) -> Option<f64> {
        let evidence = self.evidence()?;
        Some(evidence.comparison.skill().map_or(f64::NEG_INFINITY, |skill| (100.0 * skill).round()))
    }

    /// Whether the two errors differ by less than one percent, after rounding.
    pub fn is_tie(&self) -> bool {
        self.gain_percent().is_some_and(|percent| percent.abs() < MIN_GAIN_PERCENT)
    }

    /// Whether the error of the model is lower by at least one percent, after rounding.
    pub fn beats_baseline(&self) -> bool {
        self.gain_percent().is_some_and(|percent| percent >= MIN_GAIN_PERCENT)
    }
}
