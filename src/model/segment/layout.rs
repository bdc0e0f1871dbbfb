//! The division of a series into segments, and the features of a segment.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::model::regression::series_view::SeriesView;
use crate::time::frequency::exact_period;

/// The maximum number of features from the base forecast. Steps of a longer horizon are pooled into means.
const MAX_POOLED_STEPS: usize = 24;
/// Features are clamped to ± this value.
const MAX_FEATURE: f64 = 8.0;
const HARMONICS: i32 = 3;

/// The lengths that divide a series into segments and windows, and what features are relative to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layout {
    pub(crate) horizon: usize,
    /// Values in a segment.
    pub(crate) segment: usize,
    /// Segments in a window.
    #[serde(rename = "crop")]
    pub(crate) window: usize,
    /// Values whose mean is the level: a season, where the history is long enough.
    level: usize,
    seasons: Vec<usize>,
    /// The root mean square of the values around their level: the unit of features and outputs.
    pub(crate) unit: f64,
    /// Steps of the horizon that are pooled into one feature.
    pool: usize,
}

impl Layout {
    /// The layout for the first `known` values of a series.
    pub(crate) fn new(view: &SeriesView<'_>, known: usize, horizon: usize) -> Self {
        let (season, segment) = (view.season(), segment_length(view.season()));
        let longest = view.seasons.iter().copied().filter(|m| 6 * m <= known).max().unwrap_or(season);
        // a window covers two of the longest season that the history has six times
        let covered = (2 * longest).clamp(4 * season, (24 * segment).max(4 * season)).max(2 * horizon.min(4 * season));
        let window = (covered / segment).clamp(8, 32).min((known / segment / 2).max(2));
        let level = season.max(4).min(known / 3).max(1);
        let distance = |t: usize| view.values[t] - mean(view.values[t - level..t].iter().copied());
        let squares = (level..known).map(|t| distance(t).powi(2)).sum::<f64>();
        let unit = (squares / known.saturating_sub(level).max(1) as f64).sqrt().max(1e-12);
        let (seasons, pool) = (view.seasons.to_vec(), horizon.div_ceil(MAX_POOLED_STEPS));
        Self { horizon, segment, window, level, seasons, unit, pool }
    }

    /// Whether a loaded layout is of this horizon and has lengths within limits.
    pub(crate) fn is_valid(&self, horizon: usize) -> bool {
        let sizes = [self.segment, self.window, self.level, self.pool];
        self.horizon == horizon
            && sizes.iter().all(|size| (1..=1 << 20).contains(size))
            && self.seasons.len() <= 8
            && self.features() <= 1 << 14
            && self.seasons.iter().all(|m| *m > 1)
            && self.unit.is_finite()
            && self.unit > 0.0
    }

    /// The number of features of a segment.
    pub(crate) fn features(&self) -> usize {
        let pooled_steps = self.horizon.div_ceil(self.pool);
        self.segment + 2 + pooled_steps * (1 + self.seasons.len()) + 2 * HARMONICS as usize * self.seasons.len()
    }

    /// The first position with enough values before it for all features.
    pub(crate) fn first_position(&self) -> usize {
        (self.segment + self.level).max(2 * self.level)
    }

    /// The level at position `t`: the mean of the last values before it.
    pub(crate) fn level_at(&self, values: &[f64], t: usize) -> f64 {
        mean(values[t - self.level.min(t)..t].iter().copied())
    }

    /// Appends the features of the segment before position `t`, from the values before `t` and the base forecast `path`
    /// [horizon] from `t`: values, levels, the pooled forecast, pooled values of one season before, and Fourier features.
    pub(crate) fn push_features(&self, view: &SeriesView<'_>, t: usize, path: &[f32], into: &mut Vec<f32>) {
        let SeriesView { values, ordinal, .. } = *view;
        let level = self.level_at(values, t);
        let mut push = |v: f64| into.push(((v - level) / self.unit).clamp(-MAX_FEATURE, MAX_FEATURE) as f32);
        (t - self.segment..t).for_each(|i| push(values[i]));
        push(self.level_at(values, t - self.segment));
        push(self.level_at(values, t - self.level));
        path.chunks(self.pool).for_each(|steps| push(mean(steps.iter().copied().map(f64::from))));
        for &m in &self.seasons {
            for from in (0..self.horizon).step_by(self.pool) {
                let steps = from..(from + self.pool).min(self.horizon);
                let season_before = |k: usize| values[(t + k % m).saturating_sub(m).min(t - 1)];
                push(mean(steps.map(season_before)));
            }
        }
        for &m in &self.seasons {
            let angle = TAU * ((ordinal + t as i64) as f64 / exact_period(m)).fract();
            for k in 1..=HARMONICS {
                let (sin, cos) = (angle * f64::from(k)).sin_cos();
                into.extend([sin as f32, cos as f32]);
            }
        }
    }
}

/// The length of a segment: a short season, or a half, a quarter or an eighth of a longer one.
fn segment_length(season: usize) -> usize {
    match season {
        1 => 4,
        2..=8 => season,
        9..=13 => season.div_ceil(2),
        14..=30 => season / 2,
        31..=60 => season.div_ceil(4),
        _ => season / 8,
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
