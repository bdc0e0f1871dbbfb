//! How base forecasts err together: Schäfer & Strimmer's shrunk covariance, as a diagonal and a few outer products.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::hindcast::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// The errors of a record of hindcasts: one sample for each origin and step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Errors {
    /// A row a node, a value a sample; NaN where nothing can be said.
    nodes: Vec<Vec<f64>>,
    /// The samples of each origin.
    origins: Vec<Range<usize>>,
}

/// A covariance matrix: a diagonal plus the sum of the outer products of some columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Covariance {
    /// One a node.
    pub(crate) own: Vec<f64>,
    /// A row a node, all of one length.
    pub(crate) common: Vec<Vec<f64>>,
    /// The weight of the diagonal against the correlations seen, in [0, 1].
    pub(crate) shrinkage: f64,
}

/// What was said at one origin, by the steps from it to the end of the panel.
pub(crate) fn by_origin(panel: &Panel, record: &[Hindcast]) -> BTreeMap<usize, Vec<Hindcast>> {
    let lengths: Vec<usize> = panel.iter().map(|series| series.len()).collect();
    let mut origins: BTreeMap<usize, Vec<Hindcast>> = BTreeMap::new();
    for hindcast in record {
        origins.entry(lengths[hindcast.series] - hindcast.cutoff).or_default().push(hindcast.clone());
    }
    origins
}

impl Errors {
    /// The errors at origins that lie at least so many steps before the panel's end, in units of `unit`; what happened in
    /// the last `unknown` steps is not looked at.
    pub(crate) fn of(
        panel: &Panel,
        origins: &BTreeMap<usize, Vec<Hindcast>>,
        (nodes, unit): (&[usize], f64),
        unknown: usize,
    ) -> Self {
        let wholes: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut place = vec![None; wholes.len()];
        nodes.iter().enumerate().for_each(|(at, node)| place[*node] = Some(at));
        let mut errors = Self { nodes: vec![Vec::new(); nodes.len()], origins: Vec::new() };
        for (before_end, said) in origins {
            let steps = said.iter().map(|hindcast| hindcast.forecast.times().len()).max().unwrap_or(0).min(*before_end);
            // an origin is over once its last step has happened
            if steps == 0 || before_end - steps < unknown {
                continue;
            }
            let from = errors.origins.last().map_or(0, |range| range.end);
            errors.origins.push(from..from + steps);
            errors.nodes.iter_mut().for_each(|row| row.resize(from + steps, f64::NAN));
            for hindcast in said {
                let Some(at) = place[hindcast.series] else { continue };
                for (k, median) in hindcast.forecast.median().iter().enumerate().take(steps) {
                    let position = hindcast.cutoff + k;
                    if wholes[hindcast.series].observed[position] {
                        errors.nodes[at][from + k] = (panel.actual(hindcast.series, position) - median) / unit;
                    }
                }
            }
        }
        errors
    }

    /// Origins that anything is known of.
    pub(crate) fn count(&self) -> usize {
        self.origins.len()
    }

    /// Samples of every node.
    fn samples(&self) -> usize {
        self.origins.last().map_or(0, |range| range.end)
    }

    /// The covariance around 0 with its correlations shrunk towards none (Schäfer & Strimmer 2005, *A shrinkage approach
    /// to large-scale covariance matrix estimation*, Stat. Appl. Genet. Mol. Biol. 4(1), target D; as minimum trace uses it:
    /// Wickramasuriya, Athanasopoulos & Hyndman 2019, JASA 114(526), section 2.4). How far a correlation may be off is
    /// judged from origin to origin, as the errors of one origin's steps go together; of a single one, from step to step.
    ///
    /// `usual`: the size of errors to expect of each node, for those without any.
    pub(crate) fn covariance(&self, usual: &[f64]) -> Covariance {
        let samples = self.samples();
        let sizes: Vec<Option<f64>> = self.nodes.iter().map(|row| size(row)).collect();
        let known = sizes.iter().zip(usual).filter_map(|(size, usual)| size.map(|size| (size, usual)));
        let (seen, expected) = known.fold((0.0, 0.0), |(a, b), (size, usual)| (a + size, b + usual));
        let ratio = if expected > 0.0 { seen / expected } else { 1.0 };
        let sizes: Vec<f64> = sizes.iter().zip(usual).map(|(size, usual)| size.unwrap_or(ratio * usual)).collect();
        let scaled: Vec<Vec<f64>> = self.nodes.iter().zip(&sizes).map(|(row, size)| standardised(row, *size)).collect();
        let shrinkage = self.shrinkage(&scaled);
        let share = ((1.0 - shrinkage) / samples.max(1) as f64).sqrt();
        let (mut own, mut common) = (Vec::new(), Vec::new());
        for (row, size) in scaled.iter().zip(&sizes) {
            let row: Vec<f64> = row.iter().map(|z| z * size * share).collect();
            // the diagonal is the errors' own size, whatever part of it the samples in common make
            own.push((size * size - row.iter().map(|v| v * v).sum::<f64>()).max(0.0));
            common.push(row);
        }
        Covariance { own, common, shrinkage }
    }

    fn shrinkage(&self, scaled: &[Vec<f64>]) -> f64 {
        let single: Vec<Range<usize>> = (0..self.samples()).map(|at| at..at + 1).collect();
        let blocks = if self.origins.len() < 2 { &single } else { &self.origins };
        if blocks.len() < 2 {
            return 1.0;
        }
        let (samples, count) = (self.samples() as f64, blocks.len() as f64);
        let (mut variances, mut squares) = (0.0, 0.0);
        for (i, one) in scaled.iter().enumerate() {
            for other in &scaled[..i] {
                let (mut sum, mut square) = (0.0, 0.0);
                for block in blocks {
                    let pairs = one[block.clone()].iter().zip(&other[block.clone()]);
                    let part = pairs.map(|(a, b)| a * b).sum::<f64>() / samples;
                    sum += part;
                    square += part * part;
                }
                variances += (square - sum * sum / count) * count / (count - 1.0);
                squares += sum * sum;
            }
        }
        if squares > 0.0 { (variances / squares).clamp(0.0, 1.0) } else { 1.0 }
    }
}

impl Covariance {
    /// Of errors of these sizes that have nothing to do with each other.
    pub(crate) fn diagonal(sizes: &[f64]) -> Self {
        let own = sizes.iter().map(|size| size * size).collect();
        Self { own, common: vec![Vec::new(); sizes.len()], shrinkage: 1.0 }
    }
}

fn size(errors: &[f64]) -> Option<f64> {
    let seen = || errors.iter().filter(|error| !error.is_nan());
    let count = seen().count();
    (count > 0).then(|| (seen().map(|error| error * error).sum::<f64>() / count as f64).sqrt())
}

/// In units of their size; 0 where nothing is known.
fn standardised(errors: &[f64], size: f64) -> Vec<f64> {
    errors.iter().map(|error| if error.is_nan() || size == 0.0 { 0.0 } else { error / size }).collect()
}
