//! Whether the errors of two models differ by more than chance.
//!
//! The test is that of Diebold & Mariano (1995), *Comparing predictive accuracy*, J. Business & Economic Statistics
//! 13(3), on the differences between the errors of a baseline and of a model at the same origins. Harvey, Leybourne &
//! Newbold (1997), *Testing the equality of prediction mean squared errors*, Int. J. Forecasting 13(2), compare it with
//! Student's t distribution if origins are few. Two things differ here:
//!
//! - The errors of all series and all steps in one period of a horizon share the events of that period. So they are one
//!   observation: a period.
//! - A verdict has one to five periods, whose variance says little. It is shrunk to the usual variance of such
//!   differences, which counts as a number of periods (Smyth 2004, *Linear models and empirical Bayes methods*, Statistical
//!   Applications in Genetics and Molecular Biology 3(1), section 4).

use std::collections::BTreeMap;

use crate::model::ensemble::holdout::shrunk;
use crate::model::stat::student_t::{two_sided_probability, two_sided_quantile};

/// The usual variance of the relative difference between two models in one period.
#[derive(Debug, Clone, Copy)]
struct UsualVariance {
    /// Of a single series.
    of_series: f64,
    /// The part of it that all series of a panel share.
    shared: f64,
    /// Its weight against the variance of the compared errors, in degrees of freedom. That of the shared part is twice
    /// as large, since it differs less from panel to panel than the rest from series to series.
    freedom: f64,
}

/// The values were chosen on 1,100 verdicts on single series and on seven panels. docs/experiments.md has the figures.
const USUAL_VARIANCE: UsualVariance = UsualVariance { of_series: 0.13, shared: 0.004, freedom: 2.0 };
/// The mean skill of the default model over many series, and the variance of the skill between series.
const USUAL_SKILL: f64 = 0.15;
const SKILL_VARIANCE: f64 = 0.04;
/// The largest number of spans whose differences are compared with that over all. Single periods of a panel whose series
/// end at different times have few series, whose mean says little.
const MAX_SPANS: usize = 10;
/// The confidence level of the interval of the skill.
const CONFIDENCE: f64 = 0.95;

/// The errors of a model and of the baseline for one series at one origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PairedError {
    /// The position of the series in its panel.
    pub(crate) series: usize,
    /// The time of the first forecast step, in steps from a time that all series share.
    pub(crate) time: i64,
    /// The mean absolute scaled error of the model.
    pub(crate) model: f64,
    /// That of the baseline.
    pub(crate) baseline: f64,
}

/// The mean errors of a model and of the baseline over all series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MeanErrors {
    pub(crate) model: f64,
    pub(crate) baseline: f64,
}

/// How sure a difference between two models is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkillTest {
    /// The probability of a difference at least this large if both models were equally accurate.
    pub p_value: f64,
    /// The 95 % confidence interval of the skill score. Bounds below -1, which is twice the error of the baseline, are
    /// -1.
    pub interval: [f64; 2],
    /// The skill to expect of later forecasts, if the model had any: the skill of the past, shrunk to the usual one by
    /// its standard error, and never more than it. A model that is chosen for its past errors was partly lucky.
    pub expected_skill: Option<f64>,
    /// The share of the periods in which the same model was more accurate as over all, in [0, 1]. More than ten periods
    /// are grouped into ten spans of time with about equal numbers of errors.
    pub agreement: f64,
    /// The number of periods of one horizon that the origins span. Errors within one period count as one observation.
    pub periods: usize,
}

impl SkillTest {
    /// Tests the difference between the mean errors of a model and of the baseline, from those at all origins of all
    /// series. If the model is the best of several `candidates`, the probability and the interval are those of
    /// all of them together (Bonferroni). `None` without a pair of errors, or if the baseline has no error.
    pub(crate) fn new(pairs: &[PairedError], means: MeanErrors, horizon: usize, candidates: usize) -> Option<Self> {
        Self::with_usual(USUAL_VARIANCE, pairs, means, horizon, candidates)
    }

    fn with_usual(
        usual: UsualVariance,
        pairs: &[PairedError],
        means: MeanErrors,
        horizon: usize,
        candidates: usize,
    ) -> Option<Self> {
        if means.baseline <= 0.0 {
            return None;
        }
        // relative to the larger error, so that a difference is as sure in either direction
        let larger = means.model.max(means.baseline);
        let difference = (means.baseline - means.model) / larger;
        let periods = Periods::new(usual, pairs, larger, horizon)?;
        let freedom = periods.usual_freedom() + periods.effective_count() - 1.0;
        let variance = periods.variance() / periods.effective_count();
        let standard_error = variance.sqrt();
        let candidates = candidates.max(1) as f64;
        let margin = two_sided_quantile((1.0 - CONFIDENCE) / candidates, freedom) * standard_error;
        let of_one = two_sided_probability(difference / standard_error, freedom);
        let expected = shrunk(USUAL_SKILL, difference, SKILL_VARIANCE / (SKILL_VARIANCE + variance));
        Some(Self {
            p_value: (candidates * of_one).min(1.0),
            interval: [difference - margin, difference + margin].map(skill_of),
            expected_skill: (difference > 0.0).then_some(expected.min(difference)),
            agreement: periods.agreement(difference),
            periods: periods.differences.len(),
        })
    }
}

/// The skill score of a difference relative to the larger of two errors, at least -1 and at most 1.
fn skill_of(difference: f64) -> f64 {
    if difference >= 0.0 { difference.min(1.0) } else { difference.max(-0.5) / (1.0 + difference.max(-0.5)) }
}

/// The relative differences between two models in each period.
struct Periods {
    /// For each period, those of the series, each the mean over its origins in the period.
    differences: Vec<Vec<f64>>,
    /// The number of all differences.
    count: f64,
    usual: UsualVariance,
}

impl Periods {
    /// Differences in a unit. Periods are counted back from the last origin. `None` without a pair.
    fn new(usual: UsualVariance, pairs: &[PairedError], unit: f64, horizon: usize) -> Option<Self> {
        let last = pairs.iter().map(|pair| pair.time).max()?;
        let mut of_series: BTreeMap<(i64, usize), Vec<f64>> = BTreeMap::new();
        for pair in pairs {
            let period = (last - pair.time) / horizon.max(1) as i64;
            of_series.entry((period, pair.series)).or_default().push((pair.baseline - pair.model) / unit);
        }
        let count = of_series.len() as f64;
        let mut differences: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for ((period, _), of_origins) in of_series {
            differences.entry(period).or_default().push(mean(&of_origins));
        }
        Some(Self { differences: differences.into_values().collect(), count, usual })
    }

    /// The share of all differences in each period, and their mean.
    fn shares_and_means(&self) -> impl Iterator<Item = (f64, f64)> {
        self.differences.iter().map(|period| (period.len() as f64 / self.count, mean(period)))
    }

    /// The share of the periods, or of their spans, whose mean difference has the sign of the difference over all.
    fn agreement(&self, difference: f64) -> f64 {
        let count = self.differences.len();
        // a span is empty where one period has more than a tenth of the differences
        let mut sums: Vec<Option<f64>> = vec![None; count.min(MAX_SPANS)];
        let mut before = 0.0;
        for (at, (share, mean)) in self.shares_and_means().enumerate() {
            let span = if count > MAX_SPANS { ((before + share / 2.0) * MAX_SPANS as f64) as usize } else { at };
            *sums[span.min(MAX_SPANS - 1)].get_or_insert(0.0) += share * mean;
            before += share;
        }
        let filled: Vec<f64> = sums.into_iter().flatten().collect();
        let agree = filled.iter().filter(|sum| **sum * difference > 0.0).count();
        agree as f64 / filled.len() as f64
    }

    /// The degrees of freedom of the differences within periods.
    fn freedom_within(&self) -> f64 {
        self.count - self.differences.len() as f64
    }

    /// The weight of the usual variance, in degrees of freedom: that of a single series, and twice as much for a panel.
    fn usual_freedom(&self) -> f64 {
        (self.usual.freedom + self.freedom_within()).min(2.0 * self.usual.freedom)
    }

    /// The number of periods of equal size whose mean has the same variance.
    fn effective_count(&self) -> f64 {
        1.0 / self.shares_and_means().map(|(share, _)| share * share).sum::<f64>()
    }

    /// The variance of the mean difference of a period, shrunk to the usual one.
    fn variance(&self) -> f64 {
        let count = self.effective_count();
        let mean = self.shares_and_means().map(|(share, mean)| share * mean).sum::<f64>();
        let squares: f64 = self.shares_and_means().map(|(share, one)| share * (one - mean).powi(2)).sum();
        // the sum of squares times this factor has the expectation of count - 1 variances
        let squares = squares * count;
        (self.usual_freedom() * self.usual_variance() + squares) / (self.usual_freedom() + count - 1.0)
    }

    /// The usual variance of the mean difference of a period: a part that all series share, and a part of each, which
    /// is estimated within the periods.
    fn usual_variance(&self) -> f64 {
        let within = |period: &Vec<f64>| {
            let mean = mean(period);
            period.iter().map(|difference| (difference - mean).powi(2)).sum::<f64>()
        };
        let squares: f64 = self.differences.iter().map(within).sum();
        let UsualVariance { of_series, shared, freedom } = self.usual;
        let own = (freedom * (of_series - shared) + squares) / (freedom + self.freedom_within()).max(f64::MIN_POSITIVE);
        shared + own * self.differences.len() as f64 / self.count
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Pairs of one series at origins one horizon apart, and the mean errors.
    fn single(model: &[f64], baseline: &[f64], horizon: usize) -> (Vec<PairedError>, MeanErrors) {
        let pairs = model.iter().zip(baseline).enumerate();
        let pair = |(i, (&model, &baseline)): (usize, (&f64, &f64))| PairedError {
            series: 0,
            time: (i * horizon) as i64,
            model,
            baseline,
        };
        (pairs.map(pair).collect(), MeanErrors { model: mean(model), baseline: mean(baseline) })
    }

    /// The expected numbers follow from the formulas of Harvey, Leybourne and Newbold, computed outside of this crate.
    #[test]
    fn without_usual_variances_the_test_is_that_of_harvey_leybourne_and_newbold() {
        let model = [1.0, 0.8, 1.3, 0.7, 1.1, 0.9, 0.6, 1.2];
        let baseline = [1.4, 0.9, 1.2, 1.3, 1.5, 1.0, 0.9, 1.9];
        let (pairs, means) = single(&model, &baseline, 7);
        let none = UsualVariance { of_series: 0.0, shared: 0.0, freedom: 0.0 };
        let test = SkillTest::with_usual(none, &pairs, means, 7, 1).unwrap();
        assert_eq!(test.periods, 8);
        for (found, expected) in [
            (test.p_value, 0.013_512_634_109_533_904),
            (test.interval[0], 0.069_003_900_740_790_77),
            (test.interval[1], 0.426_045_604_209_704_5),
        ] {
            assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
        }
        assert!((test.agreement - 7.0 / 8.0).abs() < 1e-12);
        // the best of three models
        let best = SkillTest::with_usual(none, &pairs, means, 7, 3).unwrap();
        assert!((best.p_value - 3.0 * test.p_value).abs() < 1e-12);
    }

    #[test]
    fn origins_within_a_horizon_are_one_period_and_so_are_all_series_of_a_time() {
        let (pairs, means) = single(&[0.8; 5], &[1.0; 5], 1);
        let periods = |horizon| SkillTest::new(&pairs, means, horizon, 1).unwrap().periods;
        assert_eq!([1, 2, 5, 100].map(periods), [5, 3, 1, 1]);
        let p_value = |horizon| SkillTest::new(&pairs, means, horizon, 1).unwrap().p_value;
        assert!([1, 2, 5].map(p_value).is_sorted_by(|a, b| a < b), "fewer periods are less sure");
        let panel = |series: usize| {
            let pair = |series: usize| PairedError { series, time: 7, model: 0.8, baseline: 1.0 };
            let means = MeanErrors { model: 0.8, baseline: 1.0 };
            SkillTest::new(&(0..series).map(pair).collect::<Vec<_>>(), means, 7, 1).unwrap()
        };
        let p_values = [1, 10, 100, 100_000].map(|series| panel(series).p_value);
        assert!(p_values.is_sorted_by(|a, b| a > b), "{p_values:?}");
        assert!(p_values[0] > 0.3 && p_values[3] > 0.01, "one period is never certain: {p_values:?}");
    }

    #[test]
    fn a_loss_is_as_sure_as_a_gain_of_the_same_ratio() {
        let (small, large) = ([0.02, 0.03, 0.01], [1.0, 1.2, 0.9]);
        let test = |model: &[f64], baseline: &[f64]| {
            let (pairs, means) = single(model, baseline, 7);
            SkillTest::new(&pairs, means, 7, 1).unwrap()
        };
        let (gain, loss) = (test(&small, &large), test(&large, &small));
        assert!((gain.p_value - loss.p_value).abs() < 1e-12 && gain.p_value < 0.05, "{gain:?}, {loss:?}");
        assert!(gain.expected_skill.is_some_and(|skill| (0.5..0.98).contains(&skill)) && loss.expected_skill.is_none());
        assert!((loss.interval[0] + 1.0).abs() < 1e-12);
    }

    #[test]
    fn series_that_end_at_many_times_agree_by_spans_of_time() {
        // the model is better in four of five series, and each series is the only one of its period
        let pairs: Vec<PairedError> = (0..200)
            .map(|at| PairedError {
                series: at,
                time: 7 * at as i64,
                model: if at % 5 == 0 { 1.1 } else { 0.6 },
                baseline: 1.0,
            })
            .collect();
        let test = |pairs: &[PairedError]| {
            let mean = |error: fn(&PairedError) -> f64| pairs.iter().map(error).sum::<f64>() / pairs.len() as f64;
            let means = MeanErrors { model: mean(|pair| pair.model), baseline: mean(|pair| pair.baseline) };
            SkillTest::new(pairs, means, 7, 1).unwrap()
        };
        let all = test(&pairs);
        assert!(all.periods == 200 && all.agreement > 0.999, "{all:?}");
        assert!((test(&pairs[..10]).agreement - 0.8).abs() < 1e-12, "ten periods are not grouped");
        // a period with most series is one span
        let late = |pair: &PairedError| PairedError { time: 7 * 200, ..*pair };
        let uneven: Vec<PairedError> = pairs[..150].iter().map(late).chain(pairs[150..].to_vec()).collect();
        assert!(test(&uneven).agreement > 0.999);
    }

    #[test]
    fn nothing_is_tested_without_errors() {
        assert_eq!(SkillTest::new(&[], MeanErrors { model: 0.5, baseline: 1.0 }, 7, 1), None);
        let (pairs, means) = single(&[1.0, 2.0], &[0.0, 0.0], 7);
        assert_eq!(SkillTest::new(&pairs, means, 7, 1), None);
    }

    /// The share of sure claims where both models are equally accurate, by the number of periods.
    #[test]
    fn equally_accurate_models_are_seldom_told_apart() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut normal = |size: f64| -> f64 {
            let value: f64 = StandardNormal.sample(rng);
            size * value
        };
        let share = |periods: usize, size: f64, normal: &mut dyn FnMut(f64) -> f64| {
            let sure = (0..2_000).filter(|_| {
                let model: Vec<f64> = (0..periods).map(|_| 1.0 + normal(size)).collect();
                let (pairs, means) = single(&model, &vec![1.0; periods], 7);
                SkillTest::new(&pairs, means, 7, 1).unwrap().p_value < 0.05
            });
            sure.count() as f64 / 2_000.0
        };
        for periods in 1..=8 {
            let usual = USUAL_VARIANCE.of_series.sqrt();
            for size in [usual / 3.0, usual] {
                let found = share(periods, size, &mut normal);
                assert!(found < 0.07, "{periods} periods, standard deviation {size}: {found}");
            }
        }
    }
}
