//! What the network sees before each value: lags, anchors, the calendar, age and size.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::model::deepar::network::{Family, StepInput};
use crate::model::deepar::settings::Distribution;
use crate::panel::series::TimeSeries;

/// Latest values that are always seen.
const RECENT: usize = 7;
/// Most steps that a recent mean is taken over.
const MEAN: usize = 30;
/// Scaled values beyond this are cut.
const FAR: f64 = 1e5;
/// Differences from which on a series' own steps tell its unit by themselves.
const ENOUGH: f64 = 8.0;

/// What is seen, fixed by what was learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    pub(crate) distribution: Distribution,
    /// Seasons in steps, the main one first; at most two.
    pub(crate) seasons: Vec<usize>,
    /// Steps of the conditioning range.
    pub(crate) context: usize,
    /// Mean and spread of the logarithm of a series' size.
    pub(crate) sizes: (f64, f64),
    /// A typical step as a share of a series' size.
    pub(crate) typical: f64,
}

/// How the values of a series are turned into numbers of like size, by a conditioning range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scaling {
    /// What is taken off.
    pub(crate) level: f64,
    /// What is divided by after that.
    pub(crate) unit: f64,
    /// Mean absolute value.
    size: f64,
    /// Logarithm of a typical step as a share of the size.
    roughness: f64,
}

/// The past of a path: what happened, then what was drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past<'a> {
    pub(crate) history: &'a [f64],
    pub(crate) drawn: &'a [f64],
}

impl Past<'_> {
    fn len(&self) -> usize {
        self.history.len() + self.drawn.len()
    }

    /// The value so many steps back, 1 for the latest; the latest where there is none.
    fn back(&self, lag: usize) -> f64 {
        let at = self.len().checked_sub(lag).unwrap_or_else(|| self.len() - 1);
        let drawn = at.checked_sub(self.history.len());
        drawn.map_or_else(|| self.history[at], |at| self.drawn[at])
    }
}

impl View {
    pub(crate) fn family(&self) -> Family {
        match self.distribution {
            Distribution::StudentT => Family::StudentT,
            Distribution::NegativeBinomial => Family::NegativeBinomial,
        }
    }

    pub(crate) fn counts(&self) -> bool {
        self.distribution == Distribution::NegativeBinomial
    }

    fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }

    /// Steps that a recent mean is taken over: a season, so that it has none.
    fn window(&self) -> usize {
        if (2..=MEAN).contains(&self.season()) { self.season() } else { RECENT }
    }

    /// Lags that are seen: the latest, and those around each season.
    fn lags(&self) -> Vec<usize> {
        let around = self.seasons.iter().flat_map(|m| [m - 1, *m, m + 1, 2 * m]);
        let mut lags: Vec<usize> = (1..=RECENT).chain(around).collect();
        lags.sort_unstable();
        lags.dedup();
        lags
    }

    pub(crate) fn anchors(&self) -> usize {
        [3, 6, 8][self.seasons.len().min(2)]
    }

    /// Numbers seen, without categories.
    pub(crate) fn inputs(&self) -> usize {
        self.lags().len() + self.anchors() - 1 + 4 + 6 * self.seasons.len()
    }

    /// How a conditioning range is scaled.
    pub(crate) fn scaling(&self, range: &[f64]) -> Scaling {
        let n = range.len() as f64;
        let size = range.iter().map(|v| v.abs() / n).sum::<f64>();
        let step = |lag: usize| {
            let count = range.len().saturating_sub(lag);
            let sum = (lag..range.len()).map(|t| (range[t] - range[t - lag]).abs() / count.max(1) as f64).sum::<f64>();
            (sum, count as f64)
        };
        let (mut own, count) = step(1);
        let (seasonal, seasons) = step(self.season());
        if seasons >= ENOUGH {
            own = own.min(seasonal);
        }
        // few steps tell little: the others' are the better guess
        let doubt = 2.0 * (1.0 - count / ENOUGH).max(0.0);
        let step = (own * count + self.typical * size * doubt) / (count + doubt).max(1.0);
        let step = step.max(1e-6 * size).max(1e-300);
        let roughness = (step / size.max(1e-300)).ln();
        if self.counts() {
            let size = (size * n + 1.0) / (n + 1.0);
            return Scaling { level: 0.0, unit: size, size, roughness };
        }
        Scaling { level: range.iter().map(|v| v / n).sum(), unit: step, size: size.max(1e-300), roughness }
    }

    /// The number that is learned, in place of a value.
    pub(crate) fn number(&self, scaling: &Scaling, value: f64) -> f32 {
        if self.counts() { value as f32 } else { ((value - scaling.level) / scaling.unit).clamp(-FAR, FAR) as f32 }
    }

    /// The value behind a number.
    pub(crate) fn value(&self, scaling: &Scaling, number: f64) -> f64 {
        if self.counts() { number } else { scaling.level + scaling.unit * number }
    }

    /// What is known before the value that follows `past`, which has one value at least. `into` keeps its memory.
    pub(crate) fn look(
        &self,
        series: &Seen<'_>,
        past: &Past<'_>,
        scaling: &Scaling,
        lags: &[usize],
        into: &mut StepInput,
    ) {
        let StepInput { seen, anchors, unit } = into;
        let values = self.past_values(past);
        let values = &values[..self.anchors()];
        let mean = values[1];
        // counts are seen as they are, anything else by how far it is from the recent mean
        let (centre, apart) = if self.counts() { (0.0, 0.0) } else { (mean, values[0]) };
        seen.clear();
        seen.extend(lags.iter().map(|lag| squash((past.back(*lag) - centre) / scaling.unit)));
        seen.extend(values[1..].iter().map(|value| squash((value - apart) / scaling.unit)));
        seen.push(squash((mean - scaling.level) / scaling.unit));
        seen.push(((scaling.size.ln() - self.sizes.0) / self.sizes.1).clamp(-5.0, 5.0) as f32);
        seen.push((0.5 * scaling.roughness).clamp(-5.0, 5.0) as f32);
        seen.push((past.len() as f64).ln_1p() as f32 / 6.0);
        let ordinal = (series.ordinal + past.len() as i64) as f64;
        for season in &self.seasons {
            let phase = TAU * ordinal / turn(*season);
            for harmonic in [1.0, 2.0, 3.0] {
                let (sin, cos) = (harmonic * phase).sin_cos();
                seen.extend([sin as f32, cos as f32]);
            }
        }
        seen.extend(series.codes.iter().map(|code| *code as f32));
        anchors.clear();
        anchors.extend(values.iter().map(|value| self.number(scaling, *value)));
        *unit = if self.counts() { scaling.unit as f32 } else { 1.0 };
    }

    /// The values that a location is a mixture of: the last one, the recent mean, the recent drift; the value a season
    /// ago, the same with the change since, the mean of three seasons ago; of the second season the first two of these.
    fn past_values(&self, past: &Past<'_>) -> [f64; 8] {
        let (last, window) = (past.back(1), self.window());
        let known = window.min(past.len());
        let mean = (1..=known).map(|lag| past.back(lag) / known as f64).sum();
        let drift = last + (last - past.back(1 + window)) / window as f64;
        let mut values = [last, mean, drift, 0.0, 0.0, 0.0, 0.0, 0.0];
        let changed = |m: usize| past.back(m) + last - past.back(m + 1);
        if let Some(m) = self.seasons.first() {
            let ago = |times: usize| past.back(if times * m <= past.len() { times * m } else { *m });
            values[3..6].copy_from_slice(&[past.back(*m), changed(*m), (ago(1) + ago(2) + ago(3)) / 3.0]);
        }
        if let Some(m) = self.seasons.get(1) {
            values[6..8].copy_from_slice(&[past.back(*m), changed(*m)]);
        }
        if self.counts() { values.map(|value| value.max(0.0)) } else { values.map(|v| v.clamp(f64::MIN, f64::MAX)) }
    }

    pub(crate) fn lags_seen(&self) -> Vec<usize> {
        self.lags()
    }
}

/// What is fixed of a series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// Steps from an absolute origin to its start.
    pub(crate) ordinal: i64,
    /// The numbers of its categories.
    pub(crate) codes: &'a [usize],
}

impl<'a> Seen<'a> {
    pub(crate) fn of(series: &TimeSeries<'_>, codes: &'a [usize]) -> Self {
        Self { ordinal: series.frequency.ordinal(series.start), codes }
    }
}

/// Steps of a turn of the calendar.
fn turn(season: usize) -> f64 {
    match season {
        365 => 365.25,
        52 => 365.25 / 7.0,
        m => m as f64,
    }
}

/// A number of moderate size in place of any.
fn squash(x: f64) -> f32 {
    if x.is_nan() { 0.0 } else { (x.abs().min(1e30).ln_1p() * x.signum()) as f32 }
}
