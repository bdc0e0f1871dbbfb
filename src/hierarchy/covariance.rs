//! The shrunk covariance of the errors of base forecasts, as a diagonal plus a matrix of low rank.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};

/// The minimum number of origins from which correlations and width factors are estimated.
pub(crate) const MIN_ORIGINS: usize = 2;

/// The errors of hindcasts: one sample for each origin and step.
pub(crate) struct ErrorSamples {
    /// `[node][sample]`, NaN without an observed value.
    nodes: Vec<Vec<f64>>,
    /// The samples of each origin.
    pub(crate) origins: Vec<Range<usize>>,
}

/// A covariance matrix: a diagonal plus the sum of the outer products of some columns.
pub(crate) struct Covariance {
    /// One value per node.
    pub(crate) diagonal: Vec<f64>,
    /// `[node][column]`.
    pub(crate) factors: Vec<Vec<f64>>,
    /// The shrinkage intensity of the correlations, in [0, 1]; `None` if they were not estimated.
    pub(crate) shrinkage: Option<f64>,
}

/// Groups hindcasts by the number of steps from their origin to the end of the panel.
pub(crate) fn group_by_origin<'a>(panel: &Panel, hindcasts: &'a [Hindcast]) -> BTreeMap<usize, Vec<&'a Hindcast>> {
    let lengths: Vec<usize> = panel.iter().map(|series| series.len()).collect();
    let mut origins: BTreeMap<usize, Vec<&Hindcast>> = BTreeMap::new();
    for hindcast in hindcasts {
        origins.entry(lengths[hindcast.series] - hindcast.cutoff).or_default().push(hindcast);
    }
    origins
}

impl ErrorSamples {
    /// The errors of the medians of `nodes`, divided by `unit`. Only forecasts that end before the last `unknown` steps of
    /// the panel are used.
    pub(crate) fn of(
        panel: &Panel,
        origins: &BTreeMap<usize, Vec<&Hindcast>>,
        nodes: &[usize],
        unit: f64,
        unknown: usize,
    ) -> Self {
        let all_series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut row_of = vec![None; all_series.len()];
        nodes.iter().enumerate().for_each(|(row, node)| row_of[*node] = Some(row));
        let mut errors = Self { nodes: vec![Vec::new(); nodes.len()], origins: Vec::new() };
        for (before_end, hindcasts) in origins {
            let longest = hindcasts.iter().map(|hindcast| hindcast.forecast.times().len()).max().unwrap_or(0);
            let steps = longest.min(*before_end);
            if steps == 0 || before_end - steps < unknown {
                continue;
            }
            let from = errors.origins.last().map_or(0, |range| range.end);
            errors.origins.push(from..from + steps);
            errors.nodes.iter_mut().for_each(|row| row.resize(from + steps, f64::NAN));
            for hindcast in hindcasts {
                let Some(row) = row_of[hindcast.series] else { continue };
                for (k, median) in hindcast.forecast.median().iter().enumerate().take(steps) {
                    let position = hindcast.cutoff + k;
                    if all_series[hindcast.series].observed[position] {
                        errors.nodes[row][from + k] = (panel.actual(hindcast.series, position) - median) / unit;
                    }
                }
            }
        }
        errors
    }

    /// The covariance around 0, with correlations shrunk towards 0 (Schäfer & Strimmer 2005, *A shrinkage approach to
    /// large-scale covariance matrix estimation*, Stat. Appl. Genet. Mol. Biol. 4(1), target D). Minimum trace uses it in
    /// Wickramasuriya, Athanasopoulos & Hyndman (2019), JASA 114(526), section 2.4.
    ///
    /// The variance of a correlation is estimated over origins, because errors at one origin are correlated. With fewer
    /// than [`MIN_ORIGINS`] origins, errors are taken as uncorrelated, with the `expected_sizes` of the nodes.
    pub(crate) fn covariance(&self, expected_sizes: &[f64]) -> Covariance {
        if self.origins.len() < MIN_ORIGINS {
            let diagonal = expected_sizes.iter().map(|size| size * size).collect();
            return Covariance { diagonal, factors: vec![Vec::new(); expected_sizes.len()], shrinkage: None };
        }
        let sizes = self.sizes(expected_sizes);
        let scaled: Vec<Vec<f64>> = self.nodes.iter().zip(&sizes).map(|(row, size)| standardized(row, *size)).collect();
        let samples = scaled[0].len() as f64;
        let shrinkage = shrinkage(&scaled, &self.origins);
        let share = ((1.0 - shrinkage) / samples).sqrt();
        let (mut diagonal, mut factors) = (Vec::new(), Vec::new());
        for (row, size) in scaled.iter().zip(&sizes) {
            let row: Vec<f64> = row.iter().map(|z| z * size * share).collect();
            // the variance of a node does not change: the diagonal is the rest after its factors
            diagonal.push((size * size - row.iter().map(|v| v * v).sum::<f64>()).max(0.0));
            factors.push(row);
        }
        Covariance { diagonal, factors, shrinkage: Some(shrinkage) }
    }

    /// The root mean square error of each node. Without errors it is the expected size, times the ratio of actual to
    /// expected sizes of the other nodes.
    fn sizes(&self, expected_sizes: &[f64]) -> Vec<f64> {
        let sizes: Vec<Option<f64>> = self.nodes.iter().map(|row| root_mean_square(row)).collect();
        let known = sizes.iter().zip(expected_sizes).filter_map(|(size, expected)| Some(((*size)?, expected)));
        let (actual, expected) = known.fold((0.0, 0.0), |(a, b), (size, expected)| (a + size, b + expected));
        let ratio = if expected > 0.0 { actual / expected } else { 1.0 };
        sizes.iter().zip(expected_sizes).map(|(size, expected)| size.unwrap_or(ratio * expected)).collect()
    }
}

/// The shrinkage intensity for errors in units of their root mean square. It is the ratio of the estimated variances of
/// all correlations to their squares.
fn shrinkage(scaled: &[Vec<f64>], origins: &[Range<usize>]) -> f64 {
    let (samples, count) = (scaled[0].len() as f64, origins.len() as f64);
    let (mut variances, mut squares) = (0.0, 0.0);
    for (i, one) in scaled.iter().enumerate() {
        for other in &scaled[..i] {
            let (mut sum, mut square) = (0.0, 0.0);
            for origin in origins {
                let pairs = one[origin.clone()].iter().zip(&other[origin.clone()]);
                let product = pairs.map(|(a, b)| a * b).sum::<f64>() / samples;
                sum += product;
                square += product * product;
            }
            variances += (square - sum * sum / count) * count / (count - 1.0);
            squares += sum * sum;
        }
    }
    if squares > 0.0 { (variances / squares).clamp(0.0, 1.0) } else { 1.0 }
}

/// The root mean square of the errors; `None` if all are NaN.
fn root_mean_square(errors: &[f64]) -> Option<f64> {
    let known = || errors.iter().filter(|error| !error.is_nan());
    let count = known().count();
    (count > 0).then(|| (known().map(|error| error * error).sum::<f64>() / count as f64).sqrt())
}

/// Errors in units of their root mean square, with 0 for NaN.
fn standardized(errors: &[f64], size: f64) -> Vec<f64> {
    errors.iter().map(|error| if error.is_nan() || size == 0.0 { 0.0 } else { error / size }).collect()
}
