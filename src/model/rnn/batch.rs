//! Prepared series as parallel streams of tensors.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::features::{Inputs, Prepared};
use super::train::{Sequences, Stream, Targets, Walk};
use super::{Network, Settings};

/// A panel made ready for a network.
#[derive(Debug)]
pub(super) struct Batches<'a> {
    pub(super) series: &'a [Prepared],
    pub(super) inputs: &'a Inputs,
    pub(super) horizon: usize,
    pub(super) levels: &'a [f64],
    /// Values at each series' end that only validation is scored on.
    pub(super) held_back: usize,
    pub(super) warm_up: usize,
}

impl Batches<'_> {
    /// Positions from which training has something to learn: up to the last whose next value may be seen.
    fn positions(&self, series: &Prepared) -> Range<usize> {
        series.first()..series.len().saturating_sub(self.held_back + 1)
    }

    /// Steps of a stream: the walks should be parallel without becoming short.
    fn stream_length(&self) -> usize {
        let longest = self.series.iter().map(|s| self.positions(s).len()).max().unwrap_or(1);
        let most = self.series.iter().map(|s| self.positions(s).len()).sum::<usize>() / Settings::STREAMS;
        most.clamp(Settings::STREAM_LENGTH, longest.max(Settings::STREAM_LENGTH))
    }

    /// Bias of the head with which, its weights being zero, each quantile starts where the base's own errors have it:
    /// [horizon * levels].
    pub(super) fn starting_bias(&self) -> Vec<f32> {
        let mut bias = Vec::with_capacity(self.horizon * self.levels.len());
        let total: usize = self.series.iter().map(|s| self.positions(s).len()).sum();
        let stride = (total / 4000).max(1);
        for k in 1..=self.horizon {
            let mut errors: Vec<f64> = Vec::new();
            for s in self.series {
                let end = s.len().saturating_sub(self.held_back + k);
                let seen = (s.first()..end).step_by(stride).filter(|t| s.observed[t + k]);
                errors.extend(seen.map(|t| s.target(t, k)));
            }
            errors.sort_by(f64::total_cmp);
            bias.extend(self.levels.iter().map(|level| quantile(&errors, *level) as f32));
        }
        bias
    }

    /// What the network says at `t`, the last of the positions it is walked over: [levels][horizon].
    pub(super) fn say(&self, network: &Network, sequence: usize) -> Vec<Vec<f64>> {
        let series = &self.series[sequence];
        let last = series.len() - 1;
        let start = series.first().max(series.len().saturating_sub(Settings::CONTEXT)).min(last);
        let walk = vec![Stream { sequence, start, length: last + 1 - start, warm_up: 0 }];
        let inputs = self.inputs(&walk, 0..last + 1 - start);
        let (outputs, _) = tch::no_grad(|| network.forward(&inputs, &network.start(1), None)); // [time, 1, outputs]
        let said = outputs.select(0, (last - start) as i64).view([-1]).to_kind(Kind::Double);
        let said: Vec<f64> = (0..said.size()[0]).map(|i| said.double_value(&[i])).collect();
        let at = |q: usize, k: usize| series.value(last, k + 1, said[k * self.levels.len() + q]);
        (0..self.levels.len()).map(|q| (0..self.horizon).map(|k| at(q, k)).collect()).collect()
    }
}

impl Sequences for Batches<'_> {
    /// Each series is cut into streams of equal length, the first cut at random, so that no position is always at a
    /// stream's beginning; streams of like length are walked together.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Walk> {
        let length = self.stream_length();
        let mut streams = Vec::new();
        for (sequence, series) in self.series.iter().enumerate() {
            let positions = self.positions(series);
            let mut from = positions.start;
            let mut next =
                if positions.len() > length { from + rng.random_range(length / 2..=length) } else { positions.end };
            while from < positions.end {
                // no crumbs: a short rest goes with the stream before it
                if next + length / 4 >= positions.end {
                    next = positions.end;
                }
                let start = from.saturating_sub(self.warm_up).max(positions.start);
                streams.push(Stream { sequence, start, length: next - start, warm_up: from - start });
                (from, next) = (next, next + length);
            }
        }
        streams.sort_by_key(|s| s.length);
        streams.chunks(Settings::STREAMS).map(<[Stream]>::to_vec).collect()
    }

    fn validation(&self) -> Vec<Walk> {
        if self.held_back == 0 {
            return Vec::new();
        }
        let stream = |(sequence, series): (usize, &Prepared)| {
            let from = series.len().saturating_sub(self.held_back + 1).max(series.first());
            let start = from.saturating_sub(4 * self.warm_up).max(series.first());
            Stream { sequence, start, length: series.len() - 1 - start, warm_up: from - start }
        };
        let mut streams: Vec<Stream> = self.series.iter().enumerate().map(stream).filter(|s| s.length > 0).collect();
        streams.sort_by_key(|s| s.length);
        streams.chunks(Settings::STREAMS).map(<[Stream]>::to_vec).collect()
    }

    fn inputs(&self, walk: &Walk, steps: Range<usize>) -> Tensor {
        let count = self.inputs.count();
        let mut numbers = Vec::with_capacity(steps.len() * walk.len() * count);
        for step in steps.clone() {
            for stream in walk {
                if step < stream.length {
                    self.inputs.push(&self.series[stream.sequence], stream.start + step, &mut numbers);
                } else {
                    numbers.resize(numbers.len() + count, 0.0);
                }
            }
        }
        Tensor::from_slice(&numbers).view([steps.len() as i64, walk.len() as i64, count as i64])
    }

    /// Values and mask: [time, batch, horizon, 1]. Training sees no target that validation is scored on.
    fn targets(&self, walk: &Walk, steps: Range<usize>, validation: bool) -> Targets {
        let size = steps.len() * walk.len() * self.horizon;
        let (mut values, mut mask) = (vec![0.0f32; size], vec![0.0f32; size]);
        let mut place = 0;
        for step in steps.clone() {
            for stream in walk {
                let (series, t) = (&self.series[stream.sequence], stream.start + step);
                let seen = series.len().saturating_sub(self.held_back);
                let counted = if validation { seen..series.len() } else { 0..seen };
                for k in 1..=self.horizon {
                    let bears_loss = step >= stream.warm_up && step < stream.length;
                    if bears_loss && counted.contains(&(t + k)) && series.observed[t + k] {
                        // a spike must not outweigh everything else
                        values[place] = series.target(t, k).clamp(-50.0, 50.0) as f32;
                        mask[place] = 1.0;
                    }
                    place += 1;
                }
            }
        }
        let shape = [steps.len() as i64, walk.len() as i64, self.horizon as i64, 1];
        Targets { values: Tensor::from_slice(&values).view(shape), mask: Tensor::from_slice(&mask).view(shape) }
    }

    /// Pinball loss (Koenker, Bassett 1978), the mean over the quantile levels.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        let size = targets.values.size();
        let said = outputs.view([size[0], size[1], size[2], self.levels.len() as i64]); // [time, batch, horizon, levels]
        let levels: Vec<f32> = self.levels.iter().map(|l| *l as f32).collect();
        let levels = Tensor::from_slice(&levels); // [levels]
        let short = &targets.values - said; // [time, batch, horizon, levels]
        let loss = (&short * &levels).maximum(&(&short * (&levels - 1.0)));
        (loss * &targets.mask).sum(Kind::Float) / self.levels.len() as f64
    }
}

/// The quantile of sorted numbers, linearly between neighbours; 0 where there are none.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = level * last as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    sorted[low] + share * (sorted[(low + 1).min(last)] - sorted[low])
}
