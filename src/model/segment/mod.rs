//! A network over segments: each of its steps takes a piece of a season, so that a few steps see several seasons.
//!
//! After Lin, Lin, Wu, Zhao, Mo & Zhang (2023), *`SegRNN`: Segment recurrent neural network for long-term time series
//! forecasting*, with a loss at every segment (Wen, Torkkola, Narayanaswamy & Madeka 2017, *A multi-horizon quantile
//! recurrent forecaster*, "forking sequences") and a head that starts at zero on top of a base forecast.

use std::f64::consts::TAU;
use std::ops::Range;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::error::Result;
use crate::model::nn::batch::{Batch, Input, Sequences, Targets, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::network::{Network, Readout, Shape};
use crate::model::nn::train::{Recurrent, Training, train};
use crate::model::nn::weights;
use crate::model::observer::Observer;
use crate::model::regression::direct::DirectRidge;
use crate::model::regression::features::exact_period;
use crate::model::regression::series_view::SeriesView;
use crate::model::rnn::batches::doubles;
use crate::model::rnn::settings::Clip;
use crate::model::weights::Weights;

/// What is refined: the path of the horizon that a position starts with.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// The level of the last season.
    Level,
    /// A direct autoregression.
    Direct(DirectRidge),
}

impl Base {
    fn first(&self) -> usize {
        match self {
            Self::Level => 0,
            Self::Direct(direct) => direct.first_position(),
        }
    }

    fn path(&self, values: &[f64], t: usize, layout: &Layout) -> Vec<f64> {
        match self {
            Self::Level => vec![layout.level_at(values, t); layout.horizon],
            Self::Direct(direct) => direct.predict(values, t),
        }
    }
}

/// How such a network is made and trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SegmentSettings {
    pub(crate) hidden: usize,
    pub(crate) updates: usize,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    pub(crate) seed: u64,
}

/// A trained network over segments.
#[derive(Debug)]
pub(crate) struct SegmentNetwork {
    network: Network,
    layout: Layout,
}

/// What a step of the network sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layout {
    horizon: usize,
    /// Values in a segment.
    segment: usize,
    /// Segments in a stream.
    crop: usize,
    /// Values whose mean is the level.
    level: usize,
    seasons: Vec<usize>,
    ordinal: i64,
    /// Size of the values around their level.
    unit: f64,
    /// Steps of the horizon that are shown as one number.
    pool: usize,
}

impl Layout {
    const MOST_SHOWN: usize = 24;
    const WARM_UP: usize = 3;

    fn new(view: &SeriesView<'_>, known: usize, horizon: usize) -> Self {
        let season = view.seasons.first().copied().unwrap_or(1);
        let longest = view.seasons.iter().copied().filter(|m| 6 * m <= known).max().unwrap_or(season);
        let segment = match season {
            1 => 4,
            2..=8 => season,
            9..=13 => season.div_ceil(2),
            14..=30 => season / 2,
            31..=60 => season / 4 + usize::from(season % 4 > 0),
            _ => season / 8,
        };
        let reach = (2 * longest).clamp(4 * season, (24 * segment).max(4 * season)).max(2 * horizon.min(4 * season));
        let crop = (reach / segment).clamp(8, 32).min((known / segment / 2).max(2));
        let level = season.max(4).min(known / 3).max(1);
        let around: Vec<f64> = (level..known)
            .map(|t| view.values[t] - view.values[t - level..t].iter().sum::<f64>() / level as f64)
            .collect();
        let unit = (around.iter().map(|v| v * v).sum::<f64>() / around.len().max(1) as f64).sqrt().max(1e-12);
        Self {
            horizon,
            segment,
            crop,
            level,
            seasons: view.seasons.to_vec(),
            ordinal: view.ordinal,
            unit,
            pool: horizon.div_ceil(Self::MOST_SHOWN),
        }
    }

    /// Whether what was read from a file fits together.
    pub(crate) fn is_sound(&self, horizon: usize) -> bool {
        let sizes = [self.segment, self.crop, self.level, self.pool];
        self.horizon == horizon
            && sizes.iter().all(|size| (1..=1 << 20).contains(size))
            && self.seasons.len() <= 8
            && self.inputs() <= 1 << 14
            && self.seasons.iter().all(|m| *m > 1)
            && self.unit.is_finite()
            && self.unit > 0.0
    }

    fn shown(&self) -> usize {
        self.horizon.div_ceil(self.pool)
    }

    fn inputs(&self) -> usize {
        self.segment + 2 + self.shown() * (1 + self.seasons.len()) + 6 * self.seasons.len()
    }

    /// Positions of the history that a step at position `t` looks back to.
    fn first(&self) -> usize {
        (self.segment + self.level).max(2 * self.level)
    }

    fn level_at(&self, values: &[f64], t: usize) -> f64 {
        let width = self.level.min(t);
        values[t - width..t].iter().sum::<f64>() / width as f64
    }

    /// Appends what is seen at position `t`, of which `values[..t]` are known, given the base's path from there.
    fn push(&self, values: &[f64], t: usize, path: &[f32], into: &mut Vec<f32>) {
        let level = self.level_at(values, t);
        let mut show = |v: f64| into.push(((v - level) / self.unit).clamp(-8.0, 8.0) as f32);
        (t - self.segment..t).for_each(|i| show(values[i]));
        show(self.level_at(values, t - self.segment));
        show(self.level_at(values, t - self.level));
        path.chunks(self.pool)
            .for_each(|piece| show(piece.iter().map(|v| f64::from(*v)).sum::<f64>() / piece.len() as f64));
        for &m in &self.seasons {
            for from in (0..self.horizon).step_by(self.pool) {
                let piece = from..(from + self.pool).min(self.horizon);
                let before = |k: usize| values[(t + k % m).saturating_sub(m).min(t - 1)];
                show(piece.clone().map(before).sum::<f64>() / piece.len() as f64);
            }
        }
        for &m in &self.seasons {
            let angle = TAU * ((self.ordinal + t as i64) as f64 / exact_period(m)).fract();
            for k in 1..=3 {
                let (sin, cos) = (angle * f64::from(k)).sin_cos();
                into.extend([sin as f32, cos as f32]);
            }
        }
    }
}

/// A series in crops of segments.
#[derive(Debug)]
struct Crops<'a> {
    layout: &'a Layout,
    view: SeriesView<'a>,
    known: usize,
    /// The first position that a step may stand at.
    first: usize,
    /// The base's path from each position from the first one: [positions, horizon].
    paths: Vec<f32>,
    walks: usize,
}

impl Crops<'_> {
    const STREAMS: usize = 32;

    fn path(&self, t: usize) -> &[f32] {
        &self.paths[(t - self.first) * self.layout.horizon..][..self.layout.horizon]
    }

    /// The position at which a stream's step stands.
    fn position(&self, stream: &Window, step: usize) -> usize {
        stream.start + step * self.layout.segment
    }
}

impl Sequences for Crops<'_> {
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        let length = self.layout.crop;
        // the last step of a stream must leave something to be said
        let last = self.known - 1;
        let latest = last.saturating_sub((length - 1) * self.layout.segment).max(self.first);
        let mut stream = || {
            let start = rng.random_range(self.first..=latest);
            let length = length.min((last - start) / self.layout.segment + 1);
            Window { sequence: 0, start, length, warm_up: Layout::WARM_UP.min(length / 3) }
        };
        (0..self.walks).map(|_| (0..Self::STREAMS).map(|_| stream()).collect()).collect()
    }

    fn validation(&self) -> Vec<Batch> {
        Vec::new()
    }

    fn inputs(&self, walk: &Batch, steps: Range<usize>) -> Input {
        let count = self.layout.inputs();
        let mut numbers = Vec::with_capacity(steps.len() * walk.len() * count);
        for step in steps.clone() {
            for stream in walk {
                if step < stream.length {
                    let t = self.position(stream, step);
                    self.layout.push(self.view.values, t, self.path(t), &mut numbers);
                } else {
                    numbers.resize(numbers.len() + count, 0.0);
                }
            }
        }
        Tensor::from_slice(&numbers).view([steps.len() as i64, walk.len() as i64, count as i64]).into()
    }

    fn targets(&self, walk: &Batch, steps: Range<usize>, _: bool) -> Targets {
        let horizon = self.layout.horizon;
        let size = steps.len() * walk.len() * horizon;
        let (mut values, mut mask) = (vec![0.0f32; size], vec![0.0f32; size]);
        for (i, step) in steps.clone().enumerate() {
            for (j, stream) in walk.iter().enumerate() {
                if step < stream.warm_up || step >= stream.length {
                    continue;
                }
                let t = self.position(stream, step);
                let path = self.path(t);
                let place = (i * walk.len() + j) * horizon;
                for k in 0..horizon.min(self.known - t) {
                    if self.view.observed[t + k] {
                        let far = (self.view.values[t + k] - f64::from(path[k])) / self.layout.unit;
                        values[place + k] = far.clamp(-10.0, 10.0) as f32;
                        mask[place + k] = 1.0;
                    }
                }
            }
        }
        let shape = [steps.len() as i64, walk.len() as i64, horizon as i64];
        Targets { values: Tensor::from_slice(&values).view(shape), mask: Tensor::from_slice(&mask).view(shape) }
    }

    /// Absolute error.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        ((outputs - &targets.values).abs() * &targets.mask).sum(Kind::Float)
    }
}

impl SegmentNetwork {
    fn new(layout: Layout, hidden: usize, seed: u64) -> Self {
        let shape = Shape {
            cell: CellKind::Lstm,
            inputs: layout.inputs(),
            hidden,
            layers: 1,
            outputs: layout.horizon,
            dropout: 0.0,
            readout: Readout::Linear,
        };
        Self { network: Network::new(shape, &mut ChaCha8Rng::seed_from_u64(seed)), layout }
    }

    /// Size of the hidden state.
    pub(crate) fn hidden(&self) -> usize {
        self.network.shape().hidden
    }

    /// What a step sees.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A copy of its weights.
    pub(crate) fn weights(&self) -> Weights {
        weights::copy_out(self.network.store())
    }

    /// A network of this layout with these weights.
    ///
    /// # Errors
    /// If they do not fit the network, in words.
    pub(crate) fn with_weights(layout: Layout, hidden: usize, weights: Weights) -> std::result::Result<Self, String> {
        let network = Self::new(layout, hidden, 0);
        weights::copy_in(network.network.store(), weights)?;
        Ok(network)
    }

    /// Trains a network on the first `known` values. `None` where they are too few.
    ///
    /// # Errors
    /// If training diverges.
    pub(crate) fn train(
        view: SeriesView<'_>,
        base: &Base,
        known: usize,
        horizon: usize,
        settings: &SegmentSettings,
        observer: &mut dyn Observer,
    ) -> Result<Option<Self>> {
        let layout = Layout::new(&view, known, horizon);
        if known < layout.first().max(base.first()) + 3 * layout.segment + horizon.min(layout.segment) {
            return Ok(None);
        }
        let mut segmented = Self::new(layout, settings.hidden, settings.seed);
        segmented.go_on(view, base, known, settings, observer)?;
        Ok(Some(segmented))
    }

    /// Trains on, with the first `known` values of what may now be a longer history.
    ///
    /// # Errors
    /// If training diverges.
    pub(crate) fn go_on(
        &mut self,
        view: SeriesView<'_>,
        base: &Base,
        known: usize,
        settings: &SegmentSettings,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        const EPOCHS: usize = 10;
        let first = self.layout.first().max(base.first());
        let walks = settings.updates.div_ceil(EPOCHS);
        let paths = (first..known).flat_map(|t| base.path(view.values, t, &self.layout)).map(|v| v as f32).collect();
        let data = Crops { layout: &self.layout, view, known, first, paths, walks };
        let training = Training {
            chunk: usize::MAX,
            reach: usize::MAX,
            carry: true,
            clip: Clip::Norm(1.0),
            epochs: EPOCHS,
            learning_rate: settings.learning_rate,
            weight_decay: settings.weight_decay,
            patience: usize::MAX,
            seed: settings.seed.wrapping_add(1),
            budget: None,
            average: None,
        };
        train(&mut self.network, &data, &training, observer)?;
        Ok(())
    }

    /// The path after `values[..cutoff]`.
    pub(crate) fn path(&self, view: SeriesView<'_>, base: &Base, cutoff: usize) -> Option<Vec<f64>> {
        let layout = &self.layout;
        let first = layout.first().max(base.first());
        let steps = (cutoff.checked_sub(first)? / layout.segment + 1).min(layout.crop);
        let start = cutoff - (steps - 1) * layout.segment;
        let paths = (start..=cutoff).flat_map(|t| base.path(view.values, t, layout)).map(|v| v as f32).collect();
        let data = Crops { layout, view, known: cutoff, first: start, paths, walks: 0 };
        let stream = Window { sequence: 0, start, length: steps, warm_up: 0 };
        let mut input = data.inputs(&vec![stream], 0..steps);
        input.speaks = Some(vec![steps as i64 - 1]);
        let (said, _) = tch::no_grad(|| self.network.forward(&input, &self.network.start(1), None)); // [1, 1, horizon]
        let path = base.path(view.values, cutoff, layout);
        Some(path.into_iter().zip(doubles(&said)).map(|(p, s)| p + layout.unit * s).collect())
    }
}

#[cfg(test)]
mod tests;
