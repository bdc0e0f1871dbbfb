//! The comparison of a model with a baseline, and whether it beats seasonal naive.

use std::collections::HashMap;

use crate::backtest::scorecard::{OriginError, Scorecard, Steps};
use crate::backtest::skill_test::{MeanErrors, PairedError, SkillTest};
use crate::backtest::{run::baseline_at_cutoffs, scores::Score};
use crate::error::Result;
use crate::metric::Undefined;
use crate::model::fit::{Hindcast, Model, Task};
use crate::model::stat::baseline::Baseline;
use crate::panel::Panel;

/// The largest error of a series in the mean over all, as a multiple of the median over the series.
const MAX_ERROR_IN_MEDIANS: f64 = 5.0;

/// The MASE of a model and of a baseline, over the series for which both are defined.
///
/// A series whose history hardly changes has a large MASE. So that it does not decide by itself, its two errors are
/// scaled down together, until the larger is at most five times the median of the larger errors of all series.
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
    /// Compares the scorecards of two models at the same origins of the same panel. Series that ended long before the
    /// others do not count, unless no other series has both scores.
    ///
    /// # Errors
    /// If no series has both scores: why the first series that was forecast lacks one.
    pub fn of(model: &Scorecard, baseline: &Scorecard) -> Result<Self, Undefined> {
        Self::new(&series_scores(model, baseline).into_iter().map(|(_, scores)| scores).collect::<Vec<_>>())
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
        let (count, limit) = (pairs.len() as f64, max_error(&pairs));
        let bounded_sum = |error: fn(&(f64, f64)) -> f64| -> f64 {
            pairs.iter().map(|pair| influence(*pair, limit) * error(pair)).sum()
        };
        Ok(Self {
            model: bounded_sum(|pair| pair.0) / count,
            baseline: bounded_sum(|pair| pair.1) / count,
            series: pairs.len(),
            wins: pairs.iter().filter(|(m, b)| m < b).count(),
        })
    }

    /// The skill score `1 - model / baseline`: 0.23 is 23 % better, and a negative value is worse. It is 0 if neither
    /// has an error, and `None` if only the baseline has none.
    pub fn skill(&self) -> Option<f64> {
        if self.baseline > 0.0 { Some(1.0 - self.model / self.baseline) } else { (self.model == 0.0).then_some(0.0) }
    }
}

/// The positions of the series that count, with the scores of the model and of the baseline.
fn series_scores(model: &Scorecard, baseline: &Scorecard) -> Vec<(usize, (Score, Score))> {
    let mase = |card: &Scorecard, series: usize| card.series(series, Steps::All).map(|scores| scores.mase);
    let all = (0..model.series_count()).filter_map(|at| Some((at, (mase(model, at)?, mase(baseline, at)?))));
    let (counted, others): (Vec<_>, Vec<_>) = all.partition(|(at, _)| model.counts_in_verdict(*at));
    let any_is_defined = counted.iter().any(|(_, (model, baseline))| model.is_ok() && baseline.is_ok());
    if any_is_defined { counted } else { [counted, others].concat() }
}

/// The errors of both models at each origin of the compared series, which have the influence of their series.
fn paired_errors(model: &Scorecard, baseline: &Scorecard, compared: &[(usize, (f64, f64))]) -> Vec<PairedError> {
    let limit = max_error(&compared.iter().map(|(_, errors)| *errors).collect::<Vec<_>>());
    let factors: HashMap<usize, f64> = compared.iter().map(|(at, errors)| (*at, influence(*errors, limit))).collect();
    let key = |error: &OriginError| (error.series, error.time);
    let pair = |error: &OriginError| {
        let other = baseline.origin_errors();
        let other = other[other.binary_search_by_key(&key(error), key).ok()?];
        let factor = factors.get(&error.series)?;
        Some(PairedError {
            series: error.series,
            time: error.time,
            model: factor * error.scaled,
            baseline: factor * other.scaled,
        })
    };
    model.origin_errors().iter().filter_map(pair).collect()
}

/// The largest error of a series in a mean, from the errors of the model and of the baseline for each series.
fn max_error(pairs: &[(f64, f64)]) -> f64 {
    let mut larger: Vec<f64> = pairs.iter().map(|(model, baseline)| model.max(*baseline)).collect();
    larger.sort_by(f64::total_cmp);
    let median = larger.get(larger.len() / 2).copied().unwrap_or(0.0);
    if median > 0.0 { MAX_ERROR_IN_MEDIANS * median } else { f64::INFINITY }
}

/// The factor on both errors of a series, in (0, 1], with which none is above `limit`.
fn influence((model, baseline): (f64, f64), limit: f64) -> f64 {
    (limit / model.max(baseline)).min(1.0)
}

/// The baseline that every model is compared with.
pub const VERDICT_BASELINE: Baseline = Baseline::SeasonalNaive;

/// Whether a model of this name is the baseline.
pub fn is_verdict_baseline(model: &str) -> bool {
    model == VERDICT_BASELINE.name()
}

/// A verdict claims a difference only if its p value is below this level.
const MAX_P_VALUE: f64 = 0.05;
/// A verdict claims a difference only if it has the same sign in at least this share of the periods. On 70 verdicts of
/// single series with three or more later horizons, 93 % of the claims held there, and 89 % without this condition.
const MIN_AGREEMENT: f64 = 0.9;
/// The number of periods after which a record without a sure difference is not too short.
const MANY_PERIODS: usize = 20;
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
    /// The number of forecast values of the series that count and were compared with an actual value.
    pub points: usize,
    /// The coverage of the 80 % interval or, if the forecasts have none, of the interval nearest to it.
    pub coverage: Option<Coverage>,
    /// How sure the difference is; `None` if the baseline has no error.
    pub test: Option<SkillTest>,
    /// The number of series that were forecast but do not count, because they ended long before the others.
    pub series_left_out: usize,
}

/// The coverage of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// The nominal coverage in percent.
    pub percent: f64,
    /// The share of actual values inside, in \[0, 1\].
    pub share: f64,
}

/// What the errors of the past show about a model and the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The model is more accurate, and this is unlikely to be chance.
    Better,
    /// The model is less accurate, and this is unlikely to be chance.
    Worse,
    /// Both are equally accurate, within one percent.
    Equal,
    /// One is more accurate, but this may be chance.
    NotSure,
}

impl Claim {
    /// The name in run.json.
    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Equal => "equal",
            Self::NotSure => "not sure",
        }
    }
}

/// Why a model is not compared with the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoVerdict {
    /// No series is long enough to hold out a horizon.
    TooShort,
    /// The model may have been trained on the values of `series` of `of` series that a comparison would forecast. The others
    /// are too short.
    SeenInTraining {
        /// The number of these series.
        series: usize,
        /// The number of all series.
        of: usize,
    },
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
        let all = series_scores(scores, baseline);
        let comparison = Comparison::new(&all.iter().map(|(_, scores)| *scores).collect::<Vec<_>>());
        let outcome = comparison.map_err(NoVerdict::Undefined).map(|comparison| {
            let defined =
                |&(at, (model, baseline)): &(usize, (Score, Score))| Some((at, (model.ok()?, baseline.ok()?)));
            let pairs = paired_errors(scores, baseline, &all.iter().filter_map(defined).collect::<Vec<_>>());
            let means = MeanErrors { model: comparison.model, baseline: comparison.baseline };
            let test = SkillTest::new(&pairs, means, scores.horizon(), candidates);
            let overall = scores.overall_of(all.iter().map(|(at, _)| *at), Steps::All);
            let coverage = overall
                .usual_interval()
                .and_then(|interval| Some(Coverage { percent: interval.percent, share: interval.coverage.ok()? }));
            let series_left_out = scores.forecast_count() - all.len();
            Evidence { comparison, folds: scores.folds(), points: overall.points, coverage, test, series_left_out }
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

    /// The reduction of the baseline's error in percent, rounded to a whole number. It is negative for a larger error,
    /// and minus infinity if only the baseline has no error.
    pub fn gain_percent(&self) -> Option<f64> {
        let evidence = self.evidence()?;
        Some(evidence.comparison.skill().map_or(f64::NEG_INFINITY, |skill| (100.0 * skill).round()))
    }

    /// What the errors show; `None` without a comparison.
    pub fn claim(&self) -> Option<Claim> {
        let (evidence, gain) = (self.evidence()?, self.gain_percent()?);
        Some(match evidence.test {
            _ if evidence.comparison.skill() == Some(0.0) => Claim::Equal,
            // only the baseline has no error
            None => Claim::Worse,
            Some(test) if test.p_value >= MAX_P_VALUE || test.agreement < MIN_AGREEMENT => Claim::NotSure,
            Some(_) if gain >= MIN_GAIN_PERCENT => Claim::Better,
            Some(_) if gain <= -MIN_GAIN_PERCENT => Claim::Worse,
            Some(_) => Claim::Equal,
        })
    }

    /// Whether more forecasts of the past could show which of two models is more accurate. After many periods without a
    /// sure difference, there is little to find.
    pub fn is_too_short(&self) -> bool {
        let periods = self.evidence().and_then(|evidence| evidence.test).map_or(0, |test| test.periods);
        self.claim() == Some(Claim::NotSure) && periods < MANY_PERIODS
    }

    /// Whether the error of the model is lower by at least one percent, after rounding, and this is unlikely to be
    /// chance.
    pub fn beats_baseline(&self) -> bool {
        self.claim() == Some(Claim::Better)
    }
}
