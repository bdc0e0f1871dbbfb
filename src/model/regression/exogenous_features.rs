//! Covariates in a linear model: standardised amounts with hinge features, and one column for each category.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::model::regression::series_view::ExogenousData;
use crate::model::transform::mean_and_deviation;
use crate::panel::covariates::CovariateKind;

/// Quantiles of an amount at which its hinge features begin.
const HINGE_QUANTILES: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];
/// The maximum number of distinct values of an amount without hinge features.
const MAX_VALUES_WITHOUT_HINGES: usize = 4;
/// Standardised values are clamped to this range, because the model cannot extrapolate far beyond its training values.
const MAX_STANDARD_DEVIATIONS: f64 = 30.0;
/// The range of the number of lags of a covariate without a known future. It may lead the series by several steps.
const PAST_LAG_RANGE: (usize, usize) = (3, 14);

/// The covariates of a row: an ARX model (Ljung 1999, *System Identification*, section 4.2).
#[derive(Debug, Clone)]
pub(crate) struct ExogenousFeatures {
    /// Columns of mean 0 and standard deviation 1.
    pub(crate) columns: Vec<Vec<f64>>,
    /// The position of the covariate of each column.
    sources: Vec<usize>,
    /// Cumulative sums of each column, from 0 on. They give the mean over any range of steps.
    cumulative_sums: Vec<Vec<f64>>,
    /// Steps for which all columns are known.
    pub(crate) steps: usize,
    /// Steps before the target, ascending; 0 is the target's own step.
    pub(crate) lags: Vec<usize>,
    /// Otherwise a row also has the mean over the reference window, less the mean of the whole past.
    pub(crate) known_future: bool,
}

impl ExogenousFeatures {
    /// Covariates with a known future: at the step of the target, one step before it, and `season_lag` before it. They
    /// have hinge features. `None` if none varies. Location, scale and hinges are estimated on the first `known` values.
    pub(crate) fn known_future(data: ExogenousData<'_>, known: usize, season_lag: Option<usize>) -> Option<Self> {
        Self::new(data, true, known, [0, 1].into_iter().chain(season_lag).collect())
    }

    /// The past of covariates without a known future. They have many lags instead of hinge features. `None` if none
    /// varies.
    pub(crate) fn past_only(data: ExogenousData<'_>, known: usize, season: usize) -> Option<Self> {
        Self::new(data, false, known, (1..=season.clamp(PAST_LAG_RANGE.0, PAST_LAG_RANGE.1)).collect())
    }

    fn new(data: ExogenousData<'_>, known_future: bool, known: usize, lags: Vec<usize>) -> Option<Self> {
        let (mut columns, mut sources) = (Vec::new(), Vec::new());
        let mut steps = usize::MAX;
        let all = data.columns.iter().zip(data.values).enumerate();
        for (source, (column, values)) in all.filter(|(_, (column, _))| column.known_future == known_future) {
            steps = steps.min(values.len());
            match &column.kind {
                CovariateKind::Category(labels) => {
                    let indicator = |label: usize| {
                        let is_label = move |value: &f64| f64::from(*value >= 0.0 && *value as usize == label);
                        values.iter().map(is_label).collect::<Vec<f64>>()
                    };
                    let of_series: BTreeSet<usize> =
                        values.iter().filter(|value| **value >= 0.0).map(|value| *value as usize).collect();
                    let of_series = of_series.into_iter().filter(|label| *label < labels.len());
                    columns.extend(of_series.filter_map(|label| standardised(indicator(label), known)));
                }
                _ if known_future => columns.extend(with_hinges(values, known)),
                _ => columns.extend(standardised(values.clone(), known)),
            }
            sources.resize(columns.len(), source);
        }
        let from_zero = |column: &Vec<f64>| {
            let sums = column.iter().scan(0.0, |sum, value| {
                *sum += value;
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        let cumulative_sums = columns.iter().map(from_zero).collect();
        (!columns.is_empty()).then_some(Self { columns, sources, cumulative_sums, steps, lags, known_future })
    }

    pub(crate) fn count(&self) -> usize {
        self.columns.len() * (self.lags.len() + usize::from(!self.known_future))
    }

    /// The columns of a covariate, by its position.
    pub(crate) fn columns_of(&self, source: usize) -> impl Iterator<Item = usize> {
        self.sources.iter().enumerate().filter(move |(_, own)| **own == source).map(|(column, _)| column)
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
    let mut distinct = sorted.clone();
    distinct.dedup();
    if distinct.len() > MAX_VALUES_WITHOUT_HINGES {
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
