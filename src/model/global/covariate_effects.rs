//! The effect of covariates with a known future on each series. It is removed before the networks, and added after.
//!
//! Coefficients for all series come first, then an own effect of each series on what they leave. Each of both is
//! multiplied by a share in [0, 1]. Estimated on the first part of all series, these shares suit the rest best. So
//! covariates without an effect change nothing.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::regression::exogenous_effect::ExogenousEffect;
use crate::model::regression::ridge::NormalEquations;
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::model::transform::mean_and_deviation;
use crate::panel::covariates::{Covariate, CovariateKind};
use crate::panel::{Panel, TimeSeries};

/// Standardised covariates are clamped to this range.
const MAX_STANDARD_DEVIATIONS: f64 = 10.0;
/// The smallest standard deviation of a covariate that varies.
const MIN_DEVIATION: f64 = 1e-9;
/// The part of each series on which effects are estimated to choose the shares.
const ESTIMATION_PART: f64 = 2.0 / 3.0;

/// What all series of a training panel tell about the effect of covariates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CovariateEffects {
    /// Whether a column is relative to its mean in a series. So the prices of different products are comparable.
    is_relative: Vec<bool>,
    /// The standard deviation of each column within the series; the largest number for one that does not vary.
    deviations: Vec<f64>,
    /// Of each column at a step and one step before it, on the scale of the scaled panel.
    coefficients: Vec<f64>,
    /// Of the effect by these coefficients, and of the own effect of a series.
    shares: [f64; 2],
}

/// The known values of a series on the scale of the networks, and its covariates.
struct Sample<'a> {
    known: &'a TimeSeries<'a>,
    values: &'a [f64],
    exogenous: ExogenousData<'a>,
    /// Standardised covariates with a known future, [column][step].
    columns: Vec<Vec<f64>>,
}

impl CovariateEffects {
    /// Estimates effects on the known values of the series of a panel, which are given as they are and scaled. `None` if
    /// no covariate has a known future.
    pub(crate) fn estimate(
        panel: &Panel,
        periods: &[usize],
        known: &[TimeSeries<'_>],
        scaled: &[Vec<f64>],
    ) -> Option<Self> {
        let raw: Vec<Vec<Vec<f64>>> = (0..known.len()).map(|i| columns(&ExogenousData::of(panel, i))).collect();
        let units = (0..raw[0].len()).map(|column| unit_within_series(&raw, known, column));
        let (is_relative, deviations) = units.unzip();
        let effects = Self { is_relative, deviations, coefficients: Vec::new(), shares: [0.0; 2] };
        let sample = |(i, known): (usize, _)| Sample {
            known,
            values: &scaled[i],
            exogenous: ExogenousData::of(panel, i),
            columns: effects.standardised(&raw[i], known.len()),
        };
        let samples: Vec<Sample<'_>> = known.iter().enumerate().map(sample).collect();
        let lag = periods.first().copied().unwrap_or(1);
        let part = |length: usize| (ESTIMATION_PART * length as f64) as usize;
        let coefficients = shared_coefficients(&samples, lag, part)?;
        let shared: Vec<Vec<f64>> = samples.iter().map(|sample| sample.shared_effect(&coefficients)).collect();
        let own = samples.par_iter().zip(&shared);
        let own: Vec<Vec<f64>> =
            own.map(|(sample, shared)| sample.own_effect(periods, part(sample.known.len()), shared)).collect();
        let shared_share = share(&samples, lag, part, &shared, |_, _| 0.0);
        let own_share = share(&samples, lag, part, &own, |i, t| shared_share * (shared[i][t] - shared[i][t - lag]));
        let coefficients = shared_coefficients(&samples, lag, |length| length)?;
        Some(Self { coefficients, shares: [shared_share, own_share], ..effects })
    }

    /// The effect on a series of a panel at each step for which it is known. `values` are its known values, scaled.
    pub(crate) fn of_series(
        &self,
        panel: &Panel,
        which: usize,
        known: &TimeSeries<'_>,
        values: &[f64],
        periods: &[usize],
    ) -> Vec<f64> {
        let exogenous = ExogenousData::of(panel, which);
        let columns = self.standardised(&columns(&exogenous), known.len());
        let sample = Sample { known, values, exogenous, columns };
        let mut effect = sample.shared_effect(&self.coefficients);
        effect.iter_mut().for_each(|x| *x *= self.shares[0]);
        if self.shares[1] > 0.0 {
            let own = sample.own_effect(periods, known.len(), &effect);
            effect.iter_mut().zip(own).for_each(|(x, own)| *x += self.shares[1] * own);
        }
        effect
    }

    /// Whether the numbers of a loaded model suit its covariates.
    pub(crate) fn is_valid(&self, covariates: &[Covariate]) -> bool {
        let count = covariates.iter().filter(|column| column.known_future).map(column_count).sum::<usize>();
        self.is_relative.len() == count
            && self.deviations.len() == count
            && self.deviations.iter().all(|deviation| *deviation > 0.0)
            && self.coefficients.len() == 2 * count
            && self.coefficients.iter().all(|coefficient| coefficient.is_finite())
            && self.shares.iter().all(|share| (0.0..=1.0).contains(share))
    }

    /// The columns of a series as differences from their means in its first `known` values, in standard deviations.
    fn standardised(&self, columns: &[Vec<f64>], known: usize) -> Vec<Vec<f64>> {
        let units = self.is_relative.iter().zip(&self.deviations);
        let standardised = |(column, (is_relative, deviation)): (&Vec<f64>, (&bool, &f64))| {
            let (mean, _) = mean_and_deviation(&column[..known]);
            let unit = if *is_relative && mean > 0.0 { deviation * mean } else { *deviation };
            let limit = MAX_STANDARD_DEVIATIONS;
            let standardise = |x: &f64| ((x - mean) / unit).clamp(-limit, limit);
            // an unknown value has no effect
            column.iter().map(|x| if x.is_nan() { 0.0 } else { standardise(x) }).collect()
        };
        columns.iter().zip(units).map(standardised).collect()
    }
}

/// Whether a column is relative to its mean in a series, and its standard deviation within the series.
fn unit_within_series(raw: &[Vec<Vec<f64>>], known: &[TimeSeries<'_>], column: usize) -> (bool, f64) {
    let past: Vec<&[f64]> = raw.iter().zip(known).map(|(own, known)| &own[column][..known.len()]).collect();
    let is_relative = past.iter().all(|past| past.iter().all(|value| *value > 0.0));
    let variance = past.iter().map(|past| {
        let (mean, deviation) = mean_and_deviation(past);
        (deviation / if is_relative { mean } else { 1.0 }).powi(2)
    });
    let deviation = (variance.sum::<f64>() / known.len() as f64).sqrt();
    (is_relative, if deviation > MIN_DEVIATION { deviation } else { f64::MAX })
}

/// The number of columns of a covariate: one for each category, otherwise one.
fn column_count(covariate: &Covariate) -> usize {
    if let CovariateKind::Category(labels) = &covariate.kind { labels.len() } else { 1 }
}

/// The covariates of a series with a known future, [column][step].
fn columns(exogenous: &ExogenousData<'_>) -> Vec<Vec<f64>> {
    let known = exogenous.columns.iter().zip(exogenous.values).filter(|(covariate, _)| covariate.known_future);
    let columns = known.flat_map(|(covariate, values)| {
        let is_category = matches!(covariate.kind, CovariateKind::Category(_));
        let indicator =
            move |label: usize, x: f64| if is_category { f64::from(x >= 0.0 && x as usize == label) } else { x };
        (0..column_count(covariate)).map(move |label| values.iter().map(|x| indicator(label, *x)).collect())
    });
    columns.collect()
}

/// The coefficients of all series on the first `part` of each, by ridge regression of changes from one season to the
/// next. Changes are in units of their size in a series. `None` if there are no columns or too few rows.
fn shared_coefficients(samples: &[Sample<'_>], lag: usize, part: impl Fn(usize) -> usize) -> Option<Vec<f64>> {
    let features = 2 * samples[0].columns.len();
    if features == 0 {
        return None;
    }
    let mut equations = NormalEquations::new(features, 1, None);
    let mut row = Vec::with_capacity(features + 1);
    for sample in samples {
        let steps = || sample.steps_with_change(lag, 0..part(sample.values.len()));
        let unit = sample.mean_square(lag, steps()).sqrt();
        for t in steps().filter(|_| unit > 0.0) {
            row.clear();
            row.extend(sample.columns.iter().flat_map(|x| [t, t - 1].map(|t| (x[t] - x[t - lag]) / unit)));
            row.push((sample.values[t] - sample.values[t - lag]) / unit);
            equations.add(&row);
        }
    }
    Some(equations.solve()?.0.as_slice().to_vec())
}

/// The share in [0, 1] of effects with which they explain the changes after the first `part` of each series best.
/// `removed` is the change that another effect explains.
fn share(
    samples: &[Sample<'_>],
    lag: usize,
    part: impl Fn(usize) -> usize,
    effects: &[Vec<f64>],
    removed: impl Fn(usize, usize) -> f64,
) -> f64 {
    let (mut product, mut square) = (0.0, 0.0);
    for (i, (sample, effect)) in samples.iter().zip(effects).enumerate() {
        let length = sample.values.len().min(effect.len());
        let steps = || sample.steps_with_change(lag, (part(sample.values.len()) + lag).min(length)..length);
        let unit = sample.mean_square(lag, steps());
        for t in steps().filter(|_| unit > 0.0) {
            let change = effect[t] - effect[t - lag];
            product += change * (sample.values[t] - sample.values[t - lag] - removed(i, t)) / unit;
            square += change * change / unit;
        }
    }
    if square > 0.0 { (product / square).clamp(0.0, 1.0) } else { 0.0 }
}

impl Sample<'_> {
    /// The steps of a range that were observed, as was the step a season before.
    fn steps_with_change(&self, lag: usize, range: Range<usize>) -> impl Iterator<Item = usize> {
        let observed = self.known.observed;
        range.filter(move |t| *t > lag && observed[*t] && observed[*t - lag])
    }

    /// The mean square of the changes from one season to the next; 0 without steps.
    fn mean_square(&self, lag: usize, steps: impl Iterator<Item = usize>) -> f64 {
        let squares: Vec<f64> = steps.map(|t| (self.values[t] - self.values[t - lag]).powi(2)).collect();
        squares.iter().sum::<f64>() / squares.len().max(1) as f64
    }

    fn shared_effect(&self, coefficients: &[f64]) -> Vec<f64> {
        let steps = self.columns.iter().map(Vec::len).min().unwrap_or(0);
        let at = |t: usize| {
            let values = self.columns.iter().flat_map(|x| [x[t], if t > 0 { x[t - 1] } else { 0.0 }]);
            values.zip(coefficients).map(|(x, coefficient)| coefficient * x).sum()
        };
        (0..steps).map(at).collect()
    }

    /// The effect on the first `known` values after another effect is removed; empty if they are too few.
    fn own_effect(&self, periods: &[usize], known: usize, removed: &[f64]) -> Vec<f64> {
        let values: Vec<f64> = self.values.iter().zip(removed).map(|(value, removed)| value - removed).collect();
        let seasons: Vec<usize> = periods.iter().copied().filter(|m| known > 3 * m).collect();
        let view = SeriesView {
            values: &values,
            observed: self.known.observed,
            seasons: &seasons,
            ordinal: self.known.frequency.ordinal(self.known.start),
            exogenous: Some(self.exogenous),
        };
        let effect = ExogenousEffect::estimate(&view, known, known).map_or_else(Vec::new, ExogenousEffect::into_steps);
        effect.into_iter().map(|x| if x.is_finite() { x } else { 0.0 }).collect()
    }
}
