//! What stands beside a series, as a linear model sees it: amounts, bent at a few places, and categories one by one.
//!
//! A series is explained by what stands beside it in two ways. An autoregression sees it beside the lags of the values
//! (an ARX model; Ljung 1999, *System Identification*, section 4.2). Anything else is given a series from which the effect
//! was taken: a regression of the distances from the level of the last season on those of the covariates from theirs.

use std::sync::Arc;

use crate::model::regression::Signal;
use crate::model::regression::features::Features;
use crate::model::regression::ridge::Gram;
use crate::panel::covariates::{Covariate, CovariateKind};

/// The covariates of one series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExogenousData<'a> {
    pub(crate) columns: &'a [Covariate],
    /// By column and step: as long as the series, and on after it where it is known ahead.
    pub(crate) values: &'a [Vec<f64>],
}

impl ExogenousData<'_> {
    /// Whether any is known ahead.
    pub(crate) fn is_known_ahead(&self) -> bool {
        self.columns.iter().any(|column| column.ahead)
    }
}

/// Columns of a regression: each about 0 on average and about 1 in size.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    columns: Vec<Vec<f64>>,
    /// Sums up to each step: what means over many steps are made of.
    sums: Vec<Vec<f64>>,
    /// Steps for which all are known.
    reach: usize,
}

impl Design {
    /// Shares of the values below the bends of an amount.
    const BENDS: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

    /// Of the columns that are known ahead, bent, or of the others, straight: those are seen at many lags. Where they bend is by the first `known` values. `None` where
    /// there is nothing that varies.
    pub(crate) fn of(beside: ExogenousData<'_>, ahead: bool, known: usize) -> Option<Self> {
        let mut columns = Vec::new();
        let mut reach = usize::MAX;
        for (column, values) in beside.columns.iter().zip(beside.values).filter(|(column, _)| column.ahead == ahead) {
            reach = reach.min(values.len());
            match &column.kind {
                CovariateKind::Category(labels) => {
                    let is = |label: usize| {
                        let is = move |value: &f64| f64::from(*value >= 0.0 && *value as usize == label);
                        values.iter().map(is).collect::<Vec<f64>>()
                    };
                    columns.extend((0..labels.len()).filter_map(|label| scaled(is(label), known)));
                }
                _ if ahead => columns.extend(bent(values, known)),
                _ => columns.extend(scaled(values.clone(), known)),
            }
        }
        let sums = columns.iter().map(|column| running(column)).collect();
        (!columns.is_empty()).then_some(Self { columns, sums, reach })
    }

    fn mean(&self, column: usize, from: usize, to: usize) -> f64 {
        (self.sums[column][to] - self.sums[column][from]) / (to - from) as f64
    }
}

/// Sums up to each step, from 0 on.
fn running(values: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums = vec![0.0];
    sums.extend(values.iter().map(|value| {
        sum += value;
        sum
    }));
    sums
}

/// An amount, and what of it lies above each of a few values: together any bent line. Yes and no need no bends.
fn bent(values: &[f64], known: usize) -> Vec<Vec<f64>> {
    let mut sorted = values[..known.min(values.len())].to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup();
    let mut columns: Vec<Vec<f64>> = scaled(values.to_vec(), known).into_iter().collect();
    if distinct.len() > 4 {
        let mut bends: Vec<f64> =
            Design::BENDS.iter().map(|share| sorted[(share * (sorted.len() - 1) as f64).round() as usize]).collect();
        bends.dedup();
        let above = |bend: &f64| values.iter().map(|value| (value - bend).max(0.0)).collect::<Vec<f64>>();
        columns.extend(bends.iter().filter_map(|bend| scaled(above(bend), known)));
    }
    columns
}

/// Values less their mean and by their spread, within reason; `None` where they do not vary in what is known.
fn scaled(values: Vec<f64>, known: usize) -> Option<Vec<f64>> {
    /// What has not been seen by far is taken for less far than it is.
    const FARTHEST: f64 = 30.0;
    let past = &values[..known.min(values.len())];
    let n = past.len() as f64;
    let mean = past.iter().sum::<f64>() / n;
    let spread = (past.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let varies = spread > 1e-9 * mean.abs().max(1e-9);
    varies.then(|| values.into_iter().map(|v| ((v - mean) / spread).clamp(-FARTHEST, FARTHEST)).collect())
}

/// What an autoregression sees of a design.
#[derive(Debug, Clone)]
pub(crate) struct Exogenous {
    design: Arc<Design>,
    /// Steps before the position that is said, 0 being its own.
    lags: Vec<usize>,
    /// What the values are multiplied by, so that a penalty treats all alike.
    unit: f64,
    /// Whether the last season's mean is seen too.
    level: bool,
}

impl Exogenous {
    /// Steps of the past that are seen of what is not known ahead.
    const FEWEST_LAGS: usize = 3;
    const MOST_LAGS: usize = 14;

    /// At the position that is said, right before it, and a season before it.
    pub(crate) fn at_target(design: Design, season: usize, unit: f64) -> Self {
        let mut lags = vec![0, 1];
        lags.extend((2..=Features::MOST_LAGS).contains(&season).then_some(season));
        Self { design: Arc::new(design), lags, unit, level: false }
    }

    /// At the last positions before one, when no more is known: what leads a series may do so by several steps.
    pub(crate) fn before(design: Design, season: usize, unit: f64) -> Self {
        let lags = (1..=season.clamp(Self::FEWEST_LAGS, Self::MOST_LAGS)).collect();
        Self { design: Arc::new(design), lags, unit, level: true }
    }

    pub(crate) fn count(&self) -> usize {
        self.design.columns.len() * (self.lags.len() + usize::from(self.level))
    }

    pub(crate) fn lags(&self) -> &[usize] {
        &self.lags
    }

    /// The furthest it looks back.
    pub(crate) fn deepest(&self) -> usize {
        self.lags.last().copied().unwrap_or(0)
    }

    /// Whether it says anything at a position.
    pub(crate) fn reaches(&self, t: usize) -> bool {
        t < self.design.reach || (!self.lags.contains(&0) && t <= self.design.reach)
    }

    /// Appends what is seen at `t`, each as the distance from its mean over the steps that `level` gives, from and to.
    pub(crate) fn push_level(&self, t: usize, (from, to): (usize, usize), into: &mut Vec<f64>) {
        for (which, column) in self.design.columns.iter().enumerate() {
            let level = self.design.mean(which, from, to);
            into.extend(self.lags.iter().map(|lag| self.unit * (column[t - lag] - level)));
            if self.level {
                into.push(self.unit * (level - self.design.mean(which, 0, to)));
            }
        }
    }

    /// The same, each as the distance from its mean `seasons` times `back` steps before.
    pub(crate) fn push_differenced(&self, t: usize, (back, seasons): (usize, usize), into: &mut Vec<f64>) {
        for column in &self.design.columns {
            let usual = |t: usize| (1..=seasons).map(|i| column[t - i * back]).sum::<f64>() / seasons as f64;
            into.extend(self.lags.iter().map(|lag| self.unit * (column[t - lag] - usual(t - lag))));
        }
    }
}

/// What covariates that are known ahead do to a series, step by step.
#[derive(Debug, Clone)]
pub(crate) struct Effect(Vec<f64>);

impl Effect {
    /// By the first `known` values, bends by the first `first`; `None` where that is too little.
    pub(crate) fn of(signal: &Signal<'_>, first: usize, known: usize) -> Option<Self> {
        let design = Design::of(signal.beside?, true, first)?;
        let reach = design.reach;
        let features = Features::of_effect(signal, known, design.clone());
        let mut gram = Gram::new(features.count(), 1, None);
        let mut row = Vec::new();
        for t in features.first()..known.min(reach) {
            if signal.observed[t] {
                row.clear();
                let base = features.push(signal.values, t, &mut row);
                row.push(signal.values[t] - base);
                gram.add(&row);
            }
        }
        if gram.rows() < 3 * features.count() {
            return None;
        }
        let beta = gram.solve(1.0)?;
        let (from, lags, unit) = features.exogenous_place()?;
        let of = |t: usize| {
            let terms = design.columns.iter().enumerate().flat_map(|(which, column)| {
                let beta = &beta;
                lags.iter().enumerate().map(move |(place, lag)| {
                    let at = from + which * lags.len() + place;
                    beta.of_one(at) * unit * t.checked_sub(*lag).map_or(0.0, |t| column[t])
                })
            });
            terms.sum::<f64>()
        };
        Some(Self((0..reach).map(of).collect()))
    }

    /// The values without it.
    pub(crate) fn without(&self, values: &[f64]) -> Vec<f64> {
        values.iter().zip(&self.0).map(|(value, effect)| value - effect).collect()
    }

    /// Gives it back to a path that begins at `cutoff`; `None` where it is not known as far.
    pub(crate) fn restored(&self, path: Vec<f64>, cutoff: usize) -> Option<Vec<f64>> {
        let effects = self.0.get(cutoff..cutoff + path.len())?;
        Some(path.into_iter().zip(effects).map(|(value, effect)| value + effect).collect())
    }
}
