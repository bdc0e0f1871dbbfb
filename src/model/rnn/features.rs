//! A series as the network sees it: each position scaled by what was known there.

use std::f64::consts::TAU;

use crate::model::smoothing::smoothed_series::SmoothedSeries;
use crate::model::transform::Transform;
use crate::panel::series::TimeSeries;

/// A prepared series: its values, the base forecast and the scales, at every position.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) transform: Transform,
    /// Transformed values.
    z: Vec<f64>,
    pub(crate) observed: Vec<bool>,
    pub(crate) base: SmoothedSeries,
    /// Spread of the series around its level at each position: the unit of the inputs.
    spread: Vec<f64>,
    /// Size of the base's errors up to each position: the unit of the outputs.
    error: Vec<f64>,
    /// Steps since an absolute origin, so that series of one panel share their phase.
    ordinal: i64,
    /// The lag of the seasonal inputs.
    season: usize,
    /// Least and greatest transformed value a forecast may take.
    bounds: (f64, f64),
    pub(crate) non_negative: bool,
}

impl Prepared {
    pub(crate) fn new(series: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> Self {
        let season = seasons.first().copied().unwrap_or(1);
        let transform = Transform::select(series.values, season);
        let z: Vec<f64> = series.values.iter().map(|v| transform.apply(*v)).collect();
        let base = SmoothedSeries::fit(&z, series.observed, seasons, horizon);
        let (least, greatest) = z.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        let range = greatest - least;
        let (mut spread, mut error) = (Vec::with_capacity(z.len()), Vec::with_capacity(z.len()));
        let (mut s, mut e) = (0.0, 0.0);
        let memory = 1.0 / (2.0 * season.max(8) as f64);
        for (t, value) in z.iter().enumerate() {
            // plain means at first, exponential ones later
            let weight = memory.max(1.0 / (t as f64 + 1.0));
            s += weight * ((value - base.level(t)).abs() - s);
            e += weight * (base.one_step_error(t).abs() - e);
            let floor = f64::max(1e-6 * value.abs(), 1e-9);
            let swing = f64::max(s, e).max(floor);
            spread.push(swing);
            error.push(e.max(0.02 * swing));
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

    /// The first position that learns or is learned from.
    pub(crate) fn first(&self) -> usize {
        self.base.first_position().min(self.z.len() - 1)
    }

    /// The value `k` steps after `t` in units of the base's error there: what the network is to say.
    pub(crate) fn target(&self, t: usize, k: usize) -> f64 {
        self.units(t, k, self)
    }

    /// The series as it was known at position `t`.
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

    /// Goes on by one step with what the network said at the last position, as if that had been observed. The scales
    /// stay as they are: a forecast is no news of them.
    pub(crate) fn push(&mut self, said: f64) {
        let last = self.len() - 1;
        let z = (self.base.forecast(last, 1) + self.error[last] * said).clamp(self.bounds.0, self.bounds.1);
        self.base.append(z);
        self.z.push(z);
        self.observed.push(true);
        self.spread.push(self.spread[last]);
        self.error.push(self.error[last]);
    }

    /// As [`Prepared::target`], of the value that `other` has `k` steps after `t`.
    pub(crate) fn units(&self, t: usize, k: usize, other: &Self) -> f64 {
        (other.z[t + k] - self.base.forecast(t, k)) / self.error[t]
    }

    /// The other way round: from what the network said at `t` for `k` steps later to a value.
    pub(crate) fn value(&self, t: usize, k: usize, said: f64) -> f64 {
        let z = self.base.forecast(t, k) + self.error[t] * said;
        let value = self.transform.invert(z.clamp(self.bounds.0, self.bounds.1));
        if self.non_negative { value.max(0.0) } else { value }
    }

    /// The value one season before the one `k` steps after `t`, as far as it is known at `t`.
    fn before(&self, t: usize, k: usize) -> f64 {
        self.z[(t + k).saturating_sub(self.season.max(k)).min(t)]
    }

    fn scaled(&self, t: usize, value: f64) -> f64 {
        ((value - self.base.level(t)) / self.spread[t]).clamp(-6.0, 6.0)
    }
}

/// Which numbers the network sees at each position.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Inputs {
    /// Latest values, this one included.
    recent: usize,
    /// Steps ahead at which the season before and the base's path are shown.
    ahead: Vec<usize>,
    /// Periods whose phase is shown, in steps.
    periods: Vec<f64>,
}

impl Inputs {
    const MOST_RECENT: usize = 12;
    const MOST_AHEAD: usize = 12;

    pub(crate) fn new(seasons: &[usize], horizon: usize) -> Self {
        let season = seasons.first().copied().unwrap_or(1);
        let ahead = if season > 1 { horizon.min(season) } else { horizon };
        let pace = ahead.div_ceil(Self::MOST_AHEAD).max(1);
        let periods = seasons.iter().map(|m| match m {
            365 => 365.25,
            52 => 365.25 / 7.0,
            m => *m as f64,
        });
        Self {
            recent: season.clamp(4, Self::MOST_RECENT),
            ahead: (1..=ahead).step_by(pace).collect(),
            periods: periods.filter(|p| *p > 1.0).collect(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        2 + self.recent + 2 * self.ahead.len() + 4 * self.periods.len()
    }

    /// Appends the inputs of position `t`.
    pub(crate) fn push(&self, s: &Prepared, t: usize, into: &mut Vec<f32>) {
        into.push((s.base.one_step_error(t) / s.error[t]).clamp(-6.0, 6.0) as f32);
        into.push((s.error[t] / s.spread[t]).ln() as f32);
        into.extend((0..self.recent).map(|i| s.scaled(t, s.z[t.saturating_sub(i)]) as f32));
        into.extend(self.ahead.iter().map(|k| s.scaled(t, s.base.forecast(t, *k)) as f32));
        into.extend(self.ahead.iter().map(|k| s.scaled(t, s.before(t, *k)) as f32));
        self.push_phases(s, t, into);
    }

    /// Numbers that [`Inputs::push_ahead`] appends.
    pub(crate) fn count_ahead(&self) -> usize {
        3 + 4 * self.periods.len()
    }

    /// Appends what is known at position `t` of the step `k` of `horizon` after it.
    pub(crate) fn push_ahead(&self, s: &Prepared, t: usize, k: usize, horizon: usize, into: &mut Vec<f32>) {
        into.push(s.scaled(t, s.base.forecast(t, k)) as f32);
        into.push(s.scaled(t, s.before(t, k)) as f32);
        into.push(k as f32 / horizon as f32);
        self.push_phases(s, t + k, into);
    }

    fn push_phases(&self, s: &Prepared, t: usize, into: &mut Vec<f32>) {
        for period in &self.periods {
            let phase = TAU * (s.ordinal + t as i64) as f64 / period;
            into.extend([phase.sin(), phase.cos(), (2.0 * phase).sin(), (2.0 * phase).cos()].map(|v| v as f32));
        }
    }
}
