//! The weighted mean of a global model and local models, and its shrinkage.
//!
//! On random walks nothing is certainly better than naive. The mixture is shrunk to a simple forecast that was as
//! accurate on all series.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::candidate::CandidateKind;
use crate::model::auto::hindcast_pair::HindcastPair;
use crate::model::auto::simple_forecast::SimpleForecast;
use crate::model::ensemble::conformal::{self, covering_factor};
use crate::model::ensemble::holdout::{HoldoutCase, HoldoutErrors, estimate_weight, grid_minimum, shrunk};
use crate::model::fit::{Hindcast, Task};
use crate::model::member_weights::{EnsembleWeights, Member};
use crate::panel::series::TimeSeries;

/// The weight of the global model without a holdout.
const PRIOR_GLOBAL_WEIGHT: f64 = 0.6;
/// Weight of the prior, in holdouts of a series.
const SHRINKAGE_PRIOR_HOLDOUTS: f64 = 60.0;
/// Number of steps between weight 0 and weight 1 in the grid of weights.
const GRID_STEPS: usize = 20;
/// The minimum number of holdouts that change the prior weight.
pub(crate) const MIN_HOLDOUTS: usize = 8;
/// The error of the mixture relative to that of a simple forecast. Up to the lower end of this range, the simple
/// forecast has no weight. From the upper end on, it has the whole weight.
const SHRINKAGE_RATIOS: RangeInclusive<f64> = 0.9..=1.05;
/// The prior of this relative error, and the weight of the prior in holdouts of a series.
const PRIOR_RATIO: f64 = 0.9;
const RATIO_PRIOR_HOLDOUTS: f64 = 16.0;
/// The minimum number of origins at which the mean of the last season is a simple forecast.
const MIN_ORIGINS_OF_MEAN: usize = 3;
/// The limits of the width factors of the panel, because few holdouts give extreme ones.
const WIDTH_FACTOR_RANGE: RangeInclusive<f64> = 0.5..=3.0;

/// Weight of the panel, in holdouts of a series, when the width factor of a series is shrunk to it: of an ordinary
/// series, and of one whose errors do not count for the panel.
const SERIES_WIDTH_PRIOR_HOLDOUTS: f64 = 16.0;
const OUTLIER_WIDTH_PRIOR_HOLDOUTS: f64 = 2.0;
/// The limit of the logarithm of the error of a series relative to the median series.
const MAX_LOG_ERROR_RATIO: f64 = 2.0;
/// The error of a series relative to the median series, from which on it does not count for the width factors of all
/// series. If more than this share of the series is like that, all count.
const MAX_COMMON_ERROR_RATIO: f64 = 3.0;
const MAX_OUTLIER_SHARE: f64 = 0.25;

/// The weights of a global model and of local models, and the factors on the width of their mean intervals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PooledMixture {
    /// In [0, 1]; the rest is the weight of the local models.
    pub(crate) global_weight: f64,
    /// A simple forecast that also has a weight. The global model and the local models share the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) simple: Option<SimpleForecast>,
    /// Factors on the distance of each level from the median, [horizon * levels].
    width_factors: Vec<f64>,
    /// Further factors on all distances of a series, by its key, ascending. Other series have 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) series_width_factors: Vec<(Vec<String>, f64)>,
    /// Mean absolute scaled errors of the global model and of the local models on the holdout; `None` without a
    /// holdout.
    holdout_errors: Option<[f64; 2]>,
}

impl PooledMixture {
    /// The weight minimises the sum of sMAPE and MASE on the holdout, and is shrunk to the prior. If the mixture is
    /// hardly more accurate than the best simple forecast, the latter has a weight. With the width factors, each level
    /// has its nominal coverage on the holdout.
    pub(crate) fn fit(pairs: &[HindcastPair<'_>], season: usize, task: &Task) -> Self {
        let (horizon, levels) = (task.horizon, task.levels.as_slice());
        let cases: Vec<HoldoutCase<'_, &HindcastPair<'_>>> = pairs.iter().map(|pair| pair.case(season)).collect();
        let mut mixture = Self {
            global_weight: PRIOR_GLOBAL_WEIGHT,
            simple: None,
            width_factors: vec![1.0; horizon * levels.len()],
            series_width_factors: Vec::new(),
            holdout_errors: None,
        };
        if cases.len() < MIN_HOLDOUTS {
            return mixture;
        }
        let errors = |global_weight: f64| {
            HoldoutErrors::of(&cases, |case, k| {
                let [global, local] = case.predicted.forecasts;
                global_weight * global.median()[k] + (1.0 - global_weight) * local.median()[k]
            })
        };
        let baseline = errors(0.5);
        let loss = |weight: &f64| errors(*weight).relative_to(baseline, f64::MIN_POSITIVE);
        let grid = (0..=GRID_STEPS).map(|i| i as f64 / GRID_STEPS as f64);
        let best = grid_minimum(grid, f64::INFINITY, loss).unwrap_or(PRIOR_GLOBAL_WEIGHT);
        mixture.global_weight =
            shrunk(PRIOR_GLOBAL_WEIGHT, best, estimate_weight(cases.len(), SHRINKAGE_PRIOR_HOLDOUTS));
        let steps: usize = cases.iter().map(|case| case.observed_steps().count()).sum();
        mixture.holdout_errors = Some([1.0, 0.0].map(|weight| errors(weight).scaled / steps.max(1) as f64));
        mixture.shrink_to_simple(&cases, season);
        mixture.fit_widths(&cases, task);
        mixture
    }

    /// Sets the width factors. Counts have quantiles of their own. A few series whose errors are large for their
    /// distances have only factors of their own, so that they do not widen the intervals of all others.
    fn fit_widths(&mut self, cases: &[HoldoutCase<'_, &HindcastPair<'_>>], Task { horizon, levels, .. }: &Task) {
        let mut cases: Vec<_> = cases.iter().filter(|case| !case.predicted.is_of_counts).copied().collect();
        if cases.len() < MIN_HOLDOUTS {
            return;
        }
        let mut errors = self.errors_by_series(&cases, levels.len());
        let usual = usual_log_ratio(&errors);
        errors.values_mut().for_each(|error| *error = error.relative_to(usual));
        self.series_width_factors = errors.iter().map(|(key, error)| (key.to_vec(), error.width_factor())).collect();
        let outliers = errors.values().filter(|error| error.is_outlier()).count();
        if outliers as f64 <= MAX_OUTLIER_SHARE * errors.len() as f64 {
            cases.retain(|case| !errors.get(case.predicted.whole.key).is_some_and(SeriesError::is_outlier));
        }
        self.width_factors = conformal::width_factors(&cases, *horizon, levels, &WIDTH_FACTOR_RANGE, |case, q, k| {
            let HindcastPair { forecasts, whole, .. } = case.predicted;
            let (median, distance) = self.median_and_distance(case.predicted.known(), *forecasts, q, k);
            let distance = self.series_width_factor(whole.key) * distance;
            covering_factor(levels[q], case.actual[k] - median, distance, 1e-9 * median.abs().max(1e-9))
        });
    }

    /// The mean error of each series relative to its distances.
    pub(crate) fn errors_by_series<'a>(
        &self,
        cases: &[HoldoutCase<'_, &HindcastPair<'a>>],
        levels: usize,
    ) -> BTreeMap<&'a [String], SeriesError> {
        let mut ratios: BTreeMap<&[String], (Vec<f64>, usize)> = BTreeMap::new();
        for case in cases {
            let HindcastPair { forecasts, whole, .. } = case.predicted;
            let (of_series, holdouts) = ratios.entry(whole.key).or_default();
            *holdouts += 1;
            for (k, actual) in case.observed_steps() {
                let at = |q: usize| self.median_and_distance(case.predicted.known(), *forecasts, q, k);
                let distance = (0..levels).map(|q| at(q).1.abs()).sum::<f64>() / levels as f64;
                let ratio = (actual - at(0).0).abs() / distance;
                of_series.extend(ratio.is_finite().then_some(ratio));
            }
        }
        let mean = |(ratios, holdouts): &(Vec<f64>, usize)| {
            let log_ratio = (ratios.iter().sum::<f64>() / ratios.len() as f64).ln();
            SeriesError { log_ratio, holdouts: *holdouts }
        };
        let means = ratios.iter().map(|(key, ratios)| (*key, mean(ratios)));
        means.filter(|(_, error)| error.log_ratio.is_finite()).collect()
    }

    /// The factor on all distances of a series.
    fn series_width_factor(&self, key: &[String]) -> f64 {
        let at = self.series_width_factors.binary_search_by(|(other, _)| other.as_slice().cmp(key));
        at.map_or(1.0, |at| self.series_width_factors[at].1)
    }

    /// Sets the simple forecast and its weight, by its errors and those of the mixture. Counts have other forecasts.
    fn shrink_to_simple(&mut self, cases: &[HoldoutCase<'_, &HindcastPair<'_>>], season: usize) {
        let cases: Vec<_> = cases.iter().filter(|case| !case.predicted.is_of_counts).copied().collect();
        let origins: BTreeSet<usize> = cases.iter().map(|case| case.predicted.origin()).collect();
        // the level of all series may change together, so that one origin says little about a mean
        let has_mean = origins.len() >= MIN_ORIGINS_OF_MEAN;
        let options = [(1, false), (season, false), (season, true)].into_iter().take(if has_mean { 3 } else { 2 });
        let with_errors = options.map(|(season, is_mean)| {
            let simple = SimpleForecast { season, is_mean, weight: 1.0 };
            (HoldoutErrors::of(&cases, |case, k| simple.value(case.predicted.known(), k)), simple)
        });
        let best = with_errors.min_by(|a, b| a.0.scaled.total_cmp(&b.0.scaled));
        let Some((simple_errors, simple)) = best.filter(|_| cases.len() >= MIN_HOLDOUTS) else { return };
        let errors = HoldoutErrors::of(&cases, |case, k| {
            self.median_and_distance(case.predicted.known(), case.predicted.forecasts, 0, k).0
        });
        // without sMAPE, whose errors at zeros are the largest possible
        let ratio = errors.scaled / simple_errors.scaled.max(f64::MIN_POSITIVE);
        let ratio = shrunk(PRIOR_RATIO, ratio, estimate_weight(cases.len(), RATIO_PRIOR_HOLDOUTS));
        let (low, high) = SHRINKAGE_RATIOS.into_inner();
        let weight = ((ratio - low) / (high - low)).min(1.0);
        self.simple = (weight > 0.0).then_some(SimpleForecast { weight, ..simple });
    }

    pub(crate) fn is_valid(&self, width_factors: usize) -> bool {
        self.width_factors.len() == width_factors
            && self.width_factors.iter().all(|factor| factor.is_finite() && *factor >= 0.0)
            && self.series_width_factors.iter().all(|(_, factor)| factor.is_finite() && *factor >= 0.0)
            && self.series_width_factors.is_sorted_by(|a, b| a.0 < b.0)
            && [self.global_weight, self.simple_weight()].iter().all(|weight| (0.0..=1.0).contains(weight))
            && self.simple.is_none_or(|simple| simple.season > 0)
    }

    /// The weights of all series together. The errors are mean absolute scaled errors.
    pub(crate) fn ensemble_weights(&self) -> EnsembleWeights {
        let member = |name: &str, weight: f64, index: usize| Member {
            name: name.to_owned(),
            weight,
            error: self.holdout_errors.map(|errors| errors[index]),
        };
        let rest = 1.0 - self.simple_weight();
        let (global, local) = (rest * self.global_weight, rest * (1.0 - self.global_weight));
        let mut members = vec![member("global model", global, 0), member("local models", local, 1)];
        members.extend(self.simple_member());
        members.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        EnsembleWeights { key: Vec::new(), origins: usize::from(self.holdout_errors.is_some()), members }
    }

    /// The weights of one series: the global model, and the candidates of its local model.
    pub(crate) fn with_local_weights(&self, mut local: EnsembleWeights) -> EnsembleWeights {
        if let [only] = local.members.as_slice()
            && only.name == CandidateKind::COUNTS
        {
            return local;
        }
        let rest = 1.0 - self.simple_weight();
        local.members.iter_mut().for_each(|member| member.weight *= rest * (1.0 - self.global_weight));
        let global = Member { name: "global model".into(), weight: rest * self.global_weight, error: None };
        for member in [global].into_iter().chain(self.simple_member()) {
            let at = local.members.partition_point(|other| other.weight > member.weight);
            local.members.insert(at, member);
        }
        local
    }

    /// The simple forecast, if it has a weight.
    fn simple_member(&self) -> Option<Member> {
        let simple = self.simple?;
        Some(Member { name: simple.name().to_owned(), weight: simple.weight, error: None })
    }

    pub(crate) fn simple_weight(&self) -> f64 {
        self.simple.map_or(0.0, |simple| simple.weight)
    }

    /// The median at step `k` without the global model.
    pub(crate) fn without_global(&self, known: &[f64], local: f64, k: usize) -> f64 {
        let simple = self.simple.map(|simple| (simple.value(known, k), simple.weight));
        let weight = 1.0 - self.global_weight * (1.0 - self.simple_weight());
        let local = local * (1.0 - self.global_weight) * (1.0 - self.simple_weight());
        (local + simple.map_or(0.0, |(value, weight)| value * weight)) / weight
    }

    /// The weighted mean of two forecasts after `history`.
    pub(crate) fn combine(&self, history: &TimeSeries<'_>, pair: [&Forecast; 2], levels: &[f64]) -> Forecast {
        let (bounds, [_, local]) = (history.bounds(), pair);
        let series_factor = self.series_width_factor(history.key);
        let row = |q: usize| {
            let value_at = |k: usize| {
                // the local model knows that the value is 0
                if local.quantiles().iter().all(|quantile| quantile.values[k] == 0.0) {
                    return 0.0;
                }
                let (median, distance) = self.median_and_distance(history.values, pair, q, k);
                bounds.clamp(median + self.width_factors[k * levels.len() + q] * series_factor * distance)
            };
            (0..pair[0].median().len()).map(value_at).collect()
        };
        Forecast::after(history, levels, (0..levels.len()).map(row).collect())
    }

    /// The mean median at step `k`, and the mean distance from it to the quantile with index `q`. The width factor is
    /// not applied.
    fn median_and_distance(&self, known: &[f64], pair: [&Forecast; 2], q: usize, k: usize) -> (f64, f64) {
        let [global, local] = pair;
        let mean = |global: f64, local: f64| self.global_weight * global + (1.0 - self.global_weight) * local;
        let (g, l) = (global.median()[k], local.median()[k]);
        let mixture = mean(g, l);
        let simple = self.simple.map(|simple| (simple.value(known, k), simple.weight));
        let median = simple.map_or(mixture, |(value, weight)| shrunk(mixture, value, weight));
        (median, mean(global.quantiles()[q].values[k] - g, local.quantiles()[q].values[k] - l))
    }
}

/// The error of a series relative to its distances.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeriesError {
    /// The logarithm of the ratio, or of the ratio to that of the median series.
    pub(crate) log_ratio: f64,
    holdouts: usize,
}

impl SeriesError {
    /// The same error compared with the median series.
    pub(crate) fn relative_to(self, usual: f64) -> Self {
        Self { log_ratio: (self.log_ratio - usual).clamp(-MAX_LOG_ERROR_RATIO, MAX_LOG_ERROR_RATIO), ..self }
    }

    fn is_outlier(&self) -> bool {
        self.log_ratio > MAX_COMMON_ERROR_RATIO.ln()
    }

    /// The factor on all distances of the series, if the error is compared with the median series.
    pub(crate) fn width_factor(&self) -> f64 {
        let prior = if self.is_outlier() { OUTLIER_WIDTH_PRIOR_HOLDOUTS } else { SERIES_WIDTH_PRIOR_HOLDOUTS };
        (estimate_weight(self.holdouts, prior) * self.log_ratio).exp()
    }
}

/// The logarithm of the error of the median series; 0 without a series.
pub(crate) fn usual_log_ratio(errors: &BTreeMap<&[String], SeriesError>) -> f64 {
    let mut sorted: Vec<f64> = errors.values().map(|error| error.log_ratio).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The hindcast of a mixture. Counts have that of their local model.
pub(crate) fn hindcast(pair: &HindcastPair<'_>, mixture: &PooledMixture, levels: &[f64]) -> Hindcast {
    let HindcastPair { series, whole, cutoff, is_of_counts, forecasts } = pair;
    let forecast =
        if *is_of_counts { forecasts[1].clone() } else { mixture.combine(&whole.first(*cutoff), *forecasts, levels) };
    Hindcast { series: *series, cutoff: *cutoff, forecast }
}

/// The hindcasts of the mixture. The weights and the widths at each origin come from earlier origins.
pub(crate) fn hindcasts(pairs: &[HindcastPair<'_>], season: usize, task: &Task) -> Vec<Hindcast> {
    let mut hindcasts = Vec::with_capacity(pairs.len());
    let origins: BTreeSet<usize> = pairs.iter().map(HindcastPair::origin).collect();
    for origin in origins {
        let earlier: Vec<HindcastPair<'_>> = pairs.iter().filter(|pair| pair.origin() > origin).cloned().collect();
        let mixture = PooledMixture::fit(&earlier, season, task);
        let of_origin = pairs.iter().filter(|pair| pair.origin() == origin);
        hindcasts.extend(of_origin.map(|pair| hindcast(pair, &mixture, &task.levels)));
    }
    hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
    hindcasts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::{Columns, Panel, Series};
    use crate::time::{Frequency, Timestamp};

    #[test]
    fn a_series_with_large_errors_widens_its_own_intervals_and_not_those_of_others() {
        let (count, cutoffs) = (9, [48, 51, 54, 57]);
        let task = Task { levels: vec![0.1, 0.5, 0.9], ..Task::new(3) };
        let series = |i: usize| Series {
            key: vec![format!("{i}")],
            start: Timestamp::Index(1),
            values: (0..60).map(|t| 50.0 + (t * (i + 3) % 7) as f64).collect(),
            observed: vec![true; 60],
        };
        let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let panel = Panel::new(columns, Frequency::INDEX, 1, (0..count).map(series).collect()).unwrap();
        let all: Vec<TimeSeries<'_>> = panel.iter().collect();
        // the errors of the last series are ten times as large
        let width = |of: usize, largest_error: f64| {
            let forecast = |series: usize, cutoff: usize| {
                let size = if series == count - 1 { largest_error } else { 1.0 };
                let path = |k: usize| all[series].values[cutoff + k] - size * (1.0 + k as f64 / 3.0);
                let row = |level: &f64| (0..3).map(|k| path(k) + 4.0 * (level - 0.5)).collect();
                let known = all[series].first(cutoff);
                Forecast::after(&known, &task.levels, task.levels.iter().map(row).collect())
            };
            let places = (0..count).flat_map(|series| cutoffs.map(|cutoff| (series, cutoff)));
            let forecasts: Vec<_> = places.map(|(series, cutoff)| (series, cutoff, forecast(series, cutoff))).collect();
            let pairs: Vec<HindcastPair<'_>> = forecasts
                .iter()
                .map(|(series, cutoff, forecast)| HindcastPair {
                    series: *series,
                    whole: all[*series],
                    cutoff: *cutoff,
                    is_of_counts: false,
                    forecasts: [forecast; 2],
                })
                .collect();
            let mixture = PooledMixture::fit(&pairs, 1, &task);
            let after = mixture.combine(&all[of], [&forecasts[4 * of].2; 2], &task.levels);
            let (low, high) = after.interval(80.0).unwrap();
            high[0] - low[0]
        };
        assert!((width(0, 10.0) / width(0, 1.0) - 1.0).abs() < 0.05, "{} {}", width(0, 10.0), width(0, 1.0));
        assert!(width(count - 1, 10.0) > 2.0 * width(0, 10.0));
    }

    #[test]
    fn a_mixture_is_shrunk_to_a_simple_forecast_that_was_more_accurate_at_earlier_origins() {
        let (season, cutoffs) = (4, [48, 51, 54, 57]);
        let task = Task { levels: vec![0.1, 0.5, 0.9], ..Task::new(3) };
        // seasonal naive has no error at the origins, and some before, which scale the others
        let values: Vec<f64> = (0..60).map(|t| if t % 2 == 0 || t < 9 { 9.0 } else { 11.0 }).collect();
        let panel = Panel::from_values(&values, season);
        let whole = panel.iter().next().unwrap();
        let fit = |error: f64, series: usize| {
            let forecast = |cutoff: usize| {
                let row = |level: &f64| (0..3).map(|k| values[cutoff + k] + error + 4.0 * (level - 0.5)).collect();
                Forecast::after(&whole.first(cutoff), &task.levels, task.levels.iter().map(row).collect())
            };
            let forecasts = cutoffs.map(forecast);
            let pair = |series: usize, i: usize| HindcastPair {
                series,
                whole,
                cutoff: cutoffs[i],
                is_of_counts: false,
                forecasts: [&forecasts[i]; 2],
            };
            let pairs: Vec<_> = (0..series).flat_map(|series| (0..4).map(move |i| (series, i))).collect();
            let pairs: Vec<HindcastPair<'_>> = pairs.into_iter().map(|(series, i)| pair(series, i)).collect();
            let of_first_series = hindcasts(&pairs, season, &task).into_iter().take(4);
            let errors = of_first_series.map(|one| one.forecast.median()[0] - values[one.cutoff]);
            (PooledMixture::fit(&pairs, season, &task), errors.collect::<Vec<_>>())
        };
        let (mixture, errors) = fit(5.0, 12);
        assert_eq!(mixture.simple, Some(SimpleForecast { season, is_mean: false, weight: 1.0 }));
        // nothing is known before the first origin
        assert_eq!(errors, [5.0, 0.0, 0.0, 0.0]);
        let of_exact_forecasts = fit(0.0, 12).0;
        let of_one_series = fit(5.0, 1).0;
        assert_eq!([of_exact_forecasts, of_one_series].map(|mixture| mixture.simple), [None; 2]);
    }
}
