//! The features of the network: a series, scaled at each position by its values up to there.

use std::f64::consts::TAU;

use crate::model::{smoothing::SmoothedSeries, transform::Transform};
use crate::panel::TimeSeries;
use crate::time::frequency::exact_period;

/// The least unit of the outputs, as a share of the unit of the features.
const MIN_ERROR_SHARE: f64 = 0.02;
/// Features are clamped to ± this value.
const MAX_FEATURE: f64 = 6.0;

/// A series with its base forecast and its scales at every position.
#[derive(Debug, Clone)]
pub(crate) struct PreparedSeries {
    pub(crate) transform: Transform,
    /// The transformed values.
    z: Vec<f64>,
    pub(crate) observed: Vec<bool>,
    pub(crate) base: SmoothedSeries,
    /// The spread of the series around its level, which is the unit of the features at each position.
    spread: Vec<f64>,
    /// The mean absolute error of the base forecast so far, which is the unit of the outputs at each position.
    error: Vec<f64>,
    /// Steps from a fixed time to the first value, by which the series of a panel share their seasonal phase.
    ordinal: i64,
    /// The lag of the seasonal inputs.
    season: usize,
    /// The least and the greatest transformed value of a forecast.
    bounds: (f64, f64),
    pub(crate) non_negative: bool,
}

impl PreparedSeries {
    pub(crate) fn new(series: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> Self {
        let season = seasons.first().copied().unwrap_or(1);
        let transform = Transform::select(series.values, season);
        let z: Vec<f64> = series.values.iter().map(|v| transform.apply(*v)).collect();
        let base = SmoothedSeries::fit(&z, series.observed, seasons, horizon);
        let (least, greatest) = z.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        let range = greatest - least;
        let (mut spread, mut error) = (Vec::with_capacity(z.len()), Vec::with_capacity(z.len()));
        let (mut mean_deviation, mut mean_error) = (0.0, 0.0);
        let min_weight = 1.0 / (2.0 * season.max(8) as f64);
        for (t, value) in z.iter().enumerate() {
            // plain means at first, exponential means later
            let weight = min_weight.max(1.0 / (t as f64 + 1.0));
            mean_deviation += weight * ((value - base.level(t)).abs() - mean_deviation);
            mean_error += weight * (base.one_step_error[t].abs() - mean_error);
            let floor = f64::max(1e-6 * value.abs(), 1e-9);
            let size = f64::max(mean_deviation, mean_error).max(floor);
            spread.push(size);
            error.push(mean_error.max(MIN_ERROR_SHARE * size));
        }
        Self {
            transform,
            observed: series.observed.to_vec(),
            spread,
            error,
            ordinal: series.frequency.ordinal(series.start),
            season,
            bounds: (least - 2.0 * range, greatest + 2.0 * range),
            non_negative: series.values.iter().all(|v| *v >= 0.0),
            z,
            base,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.z.len()
    }

    /// The first position that is used in training.
    pub(crate) fn first(&self) -> usize {
        self.base.first_position.min(self.z.len() - 1)
    }

    /// The target of step `k` after position `t`: the error of the base forecast, in units of its error at `t`.
    pub(crate) fn target(&self, t: usize, k: usize) -> f64 {
        self.target_of(self, t, k)
    }

    /// The series up to position `t`.
    pub(crate) fn until(&self, t: usize) -> Self {
        let cut = |of: &[f64]| of[..=t].to_vec();
        Self {
            z: cut(&self.z),
            observed: self.observed[..=t].to_vec(),
            base: self.base.truncated(t),
            spread: cut(&self.spread),
            error: cut(&self.error),
            ..*self
        }
    }

    /// Appends the network's `output` at the last position, as if its value had been observed. The scales stay as they
    /// are, since a forecast holds no information about them.
    pub(crate) fn push(&mut self, output: f64) {
        let last = self.len() - 1;
        let z = (self.base.forecast(last, 1) + self.error[last] * output).clamp(self.bounds.0, self.bounds.1);
        self.base.append(z);
        self.z.push(z);
        self.observed.push(true);
        self.spread.push(self.spread[last]);
        self.error.push(self.error[last]);
    }

    /// As [`PreparedSeries::target`], for the value of `other` `k` steps after `t`.
    pub(crate) fn target_of(&self, other: &Self, t: usize, k: usize) -> f64 {
        (other.z[t + k] - self.base.forecast(t, k)) / self.error[t]
    }

    /// The forecast value of step `k` after position `t`, from the network's `output`.
    pub(crate) fn value(&self, t: usize, k: usize, output: f64) -> f64 {
        let z = self.base.forecast(t, k) + self.error[t] * output;
        let value = self.transform.invert(z.clamp(self.bounds.0, self.bounds.1));
        if self.non_negative { value.max(0.0) } else { value }
    }

    /// The value one season before step `k` after `t`, or the value at `t` if that one is later.
    fn season_before(&self, t: usize, k: usize) -> f64 {
        self.z[(t + k).saturating_sub(self.season.max(k)).min(t)]
    }

    fn scaled(&self, t: usize, value: f64) -> f64 {
        ((value - self.base.level(t)) / self.spread[t]).clamp(-MAX_FEATURE, MAX_FEATURE)
    }
}

/// The features of each position.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Features {
    /// Number of lags, the current value included.
    lags: usize,
    /// Steps ahead whose base forecast and value one season before are features.
    future_steps: Vec<usize>,
    /// Season lengths in steps, whose phase is a feature.
    periods: Vec<f64>,
}

impl Features {
    const MAX_LAGS: usize = 12;
    const MAX_FUTURE_STEPS: usize = 12;

    pub(crate) fn new(seasons: &[usize], horizon: usize) -> Self {
        let season = seasons.first().copied().unwrap_or(1);
        let last_step = if season > 1 { horizon.min(season) } else { horizon };
        let stride = last_step.div_ceil(Self::MAX_FUTURE_STEPS).max(1);
        let periods = seasons.iter().map(|m| exact_period(*m));
        Self {
            lags: season.clamp(4, Self::MAX_LAGS),
            future_steps: (1..=last_step).step_by(stride).collect(),
            periods: periods.filter(|p| *p > 1.0).collect(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        2 + self.lags + 2 * self.future_steps.len() + 4 * self.periods.len()
    }

    pub(crate) fn push(&self, s: &PreparedSeries, t: usize, into: &mut Vec<f32>) {
        into.push((s.base.one_step_error[t] / s.error[t]).clamp(-MAX_FEATURE, MAX_FEATURE) as f32);
        into.push((s.error[t] / s.spread[t]).ln() as f32);
        into.extend((0..self.lags).map(|i| s.scaled(t, s.z[t.saturating_sub(i)]) as f32));
        into.extend(self.future_steps.iter().map(|k| s.scaled(t, s.base.forecast(t, *k)) as f32));
        into.extend(self.future_steps.iter().map(|k| s.scaled(t, s.season_before(t, *k)) as f32));
        self.push_phases(s, t, into);
    }

    /// The number of known future inputs of a step.
    pub(crate) fn known_count(&self) -> usize {
        3 + 4 * self.periods.len()
    }

    /// Appends the known future inputs of step `k` of `horizon` after position `t`.
    pub(crate) fn push_known(&self, s: &PreparedSeries, t: usize, k: usize, horizon: usize, into: &mut Vec<f32>) {
        into.push(s.scaled(t, s.base.forecast(t, k)) as f32);
        into.push(s.scaled(t, s.season_before(t, k)) as f32);
        into.push(k as f32 / horizon as f32);
        self.push_phases(s, t + k, into);
    }

    fn push_phases(&self, s: &PreparedSeries, t: usize, into: &mut Vec<f32>) {
        for period in &self.periods {
            let phase = TAU * (s.ordinal + t as i64) as f64 / period;
            into.extend([phase.sin(), phase.cos(), (2.0 * phase).sin(), (2.0 * phase).cos()].map(|v| v as f32));
        }
    }
}
