//! Covariates as columns of a linear model: standardised amounts with hinge features, and one column for each category.

use std::ops::Range;

use crate::model::regression::series_view::ExogenousData;
use crate::panel::covariates::CovariateKind;

/// Quantiles of an amount at which its hinge features begin.
const HINGE_QUANTILES: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];
/// The maximum number of distinct values of an amount without hinge features.
const MAX_VALUES_WITHOUT_HINGES: usize = 4;
/// Standardised values are clamped to this range, because the model cannot extrapolate far beyond its training values.
const MAX_STANDARD_DEVIATIONS: f64 = 30.0;

/// Whether a covariate is known for the steps of the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Availability {
    KnownFuture,
    PastOnly,
}

/// Columns of a regression, each of mean 0 and standard deviation 1.
#[derive(Debug, Clone)]
pub(crate) struct ExogenousColumns {
    pub(crate) columns: Vec<Vec<f64>>,
    /// Cumulative sums of each column, from 0 on. They give the mean over any range of steps.
    cumulative_sums: Vec<Vec<f64>>,
    /// Steps for which all columns are known.
    pub(crate) steps: usize,
}

impl ExogenousColumns {
    /// The columns of the covariates of one `availability`; `None` if none varies.
    ///
    /// Location, scale and hinges are estimated on the first `known` values. Covariates with a known future get hinge
    /// features. The others have none, because the regression has many lags of them.
    pub(crate) fn new(data: ExogenousData<'_>, availability: Availability, known: usize) -> Option<Self> {
        let known_future = availability == Availability::KnownFuture;
        let mut columns = Vec::new();
        let mut steps = usize::MAX;
        for (column, values) in data.columns.iter().zip(data.values).filter(|(c, _)| c.known_future == known_future) {
            steps = steps.min(values.len());
            match &column.kind {
                CovariateKind::Category(labels) => {
                    let indicator = |label: usize| {
                        let is_label = move |value: &f64| f64::from(*value >= 0.0 && *value as usize == label);
                        values.iter().map(is_label).collect::<Vec<f64>>()
                    };
                    columns.extend((0..labels.len()).filter_map(|label| standardised(indicator(label), known)));
                }
                _ if known_future => columns.extend(with_hinges(values, known)),
                _ => columns.extend(standardised(values.clone(), known)),
            }
        }
        let from_zero = |column: &Vec<f64>| {
            let sums = column.iter().scan(0.0, |sum, value| {
                *sum += value;
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        let cumulative_sums = columns.iter().map(from_zero).collect();
        (!columns.is_empty()).then_some(Self { columns, cumulative_sums, steps })
    }

    /// The mean of a column over some steps.
    pub(crate) fn mean(&self, column: usize, steps: Range<usize>) -> f64 {
        let sums = &self.cumulative_sums[column];
        (sums[steps.end] - sums[steps.start]) / steps.len() as f64
    }
}

/// An amount and its hinge features `max(0, value - knot)`. Their linear combinations are the piecewise linear
/// functions of it (Friedman 1991, *Multivariate adaptive regression splines*, Annals of Statistics 19(1)).
fn with_hinges(values: &[f64], known: usize) -> Vec<Vec<f64>> {
    let mut sorted = values[..known.min(values.len())].to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut columns: Vec<Vec<f64>> = standardised(values.to_vec(), known).into_iter().collect();
    if sorted.chunk_by(|a, b| a == b).count() > MAX_VALUES_WITHOUT_HINGES {
        let quantile = |share: &f64| sorted[(share * (sorted.len() - 1) as f64).round() as usize];
        let mut knots: Vec<f64> = HINGE_QUANTILES.iter().map(quantile).collect();
        knots.dedup();
        let hinge = |knot: &f64| values.iter().map(|value| (value - knot).max(0.0)).collect::<Vec<f64>>();
        columns.extend(knots.iter().filter_map(|knot| standardised(hinge(knot), known)));
    }
    columns
}

/// The values, standardised by the mean and the standard deviation of the first `known`, and clamped; `None` if those
/// do not vary.
fn standardised(values: Vec<f64>, known: usize) -> Option<Vec<f64>> {
    let (mean, deviation) = mean_and_deviation(&values[..known.min(values.len())]);
    let varies = deviation > 1e-9 * mean.abs().max(1e-9);
    let standardise = |v: f64| ((v - mean) / deviation).clamp(-MAX_STANDARD_DEVIATIONS, MAX_STANDARD_DEVIATIONS);
    varies.then(|| values.into_iter().map(standardise).collect())
}

pub(crate) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}
