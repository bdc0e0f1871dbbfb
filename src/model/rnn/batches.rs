//! Prepared series as parallel streams of tensors.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::model::nn::batch::{Ahead, Batch, Input, Sequences, Targets, Window};
use crate::model::nn::network::Network;
use crate::model::nn::train::Recurrent;
use crate::model::rnn::features::{Inputs, Prepared};
use crate::model::rnn::settings::{Head, Rnn};

/// A panel made ready for a network.
#[derive(Debug)]
pub(crate) struct Batches<'a> {
    pub(crate) series: &'a [Prepared],
    pub(crate) inputs: &'a Inputs,
    pub(crate) head: Head,
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
    /// The network speaks at every so many steps: a decoder walks a whole horizon from each, too much for all.
    pub(crate) stride: usize,
    /// Values at each series' end that only validation is scored on.
    pub(crate) held_back: usize,
    pub(crate) warm_up: usize,
}

impl Batches<'_> {
    /// Steps that the network says at each position.
    pub(crate) fn said(&self) -> usize {
        if self.head == Head::Recursive { 1 } else { self.horizon }
    }

    /// Positions from which training has something to learn: up to the last whose next value may be seen.
    fn positions(&self, series: &Prepared) -> Range<usize> {
        series.first()..series.len().saturating_sub(self.held_back + 1)
    }

    /// Steps of a stream: the walks should be parallel without becoming short.
    fn stream_length(&self) -> usize {
        let longest = self.series.iter().map(|s| self.positions(s).len()).max().unwrap_or(1);
        let most = self.series.iter().map(|s| self.positions(s).len()).sum::<usize>() / Rnn::STREAMS;
        most.clamp(Rnn::STREAM_LENGTH, longest.max(Rnn::STREAM_LENGTH))
    }

    /// Bias of the head with which, its weights being zero, each quantile starts where the base's own errors have it:
    /// [said * levels].
    pub(crate) fn starting_bias(&self) -> Vec<f32> {
        let mut bias = Vec::with_capacity(self.said() * self.levels.len());
        let total: usize = self.series.iter().map(|s| self.positions(s).len()).sum();
        let stride = (total / 4000).max(1);
        for k in 1..=self.said() {
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

    /// What a direct head says at the last position: [levels][horizon], in units of the base's error there.
    pub(crate) fn say(&self, network: &Network, sequence: usize) -> Vec<Vec<f64>> {
        let last = self.series[sequence].len() - 1;
        let walk = self.history(sequence, last, last);
        let length = walk[0].length;
        let mut input = self.inputs(&walk, 0..length);
        input.speaks = Some(vec![length as i64 - 1]);
        let (outputs, _) = tch::no_grad(|| network.forward(&input, &network.start(1), None)); // [1, 1, outputs]
        let said = doubles(&outputs);
        (0..self.levels.len()).map(|q| (0..self.horizon).map(|k| said[k * self.levels.len() + q]).collect()).collect()
    }

    /// A single stream over the history of a position `from`, up to a position `to`.
    pub(crate) fn history(&self, sequence: usize, from: usize, to: usize) -> Batch {
        let start = self.series[sequence].first().max((from + 1).saturating_sub(Rnn::CONTEXT)).min(from);
        vec![Window { sequence, start, length: to + 1 - start, warm_up: 0 }]
    }

    /// The steps of `steps` at which the network speaks.
    fn speaking(&self, steps: &Range<usize>) -> Vec<usize> {
        steps.clone().filter(|step| (step + 1) % self.stride == 0).collect()
    }

    /// What is known of the steps that a decoder walks from position `t` of a series.
    pub(crate) fn push_known(&self, series: &Prepared, t: usize, into: &mut Vec<f32>) {
        for k in 1..=self.horizon {
            self.inputs.push_ahead(series, t, k, self.horizon, into);
        }
    }

    fn ahead(&self, walk: &Batch, steps: &Range<usize>, spoken: &[usize]) -> Ahead {
        let mut numbers = Vec::new();
        for step in spoken {
            for stream in walk {
                // beyond a stream's end nothing bears loss
                let t = stream.start + (*step).min(stream.length - 1);
                self.push_known(&self.series[stream.sequence], t, &mut numbers);
            }
        }
        let shape = [spoken.len(), walk.len(), self.horizon, self.inputs.count_ahead()].map(|n| n as i64);
        let teacher = self.targets(walk, steps.clone(), false).values;
        Ahead { known: Tensor::from_slice(&numbers).view(shape), teacher: Some(teacher) }
    }
}

impl Sequences for Batches<'_> {
    /// Each series is cut into streams of equal length, the first cut at random, so that no position is always at a
    /// stream's beginning; streams of like length are walked together.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch> {
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
                streams.push(Window { sequence, start, length: next - start, warm_up: from - start });
                (from, next) = (next, next + length);
            }
        }
        streams.sort_by_key(|s| s.length);
        streams.chunks(Rnn::STREAMS).map(<[Window]>::to_vec).collect()
    }

    fn validation(&self) -> Vec<Batch> {
        if self.held_back == 0 {
            return Vec::new();
        }
        let stream = |(sequence, series): (usize, &Prepared)| {
            let from = series.len().saturating_sub(self.held_back + 1).max(series.first());
            let start = from.saturating_sub(4 * self.warm_up).max(series.first());
            Window { sequence, start, length: series.len() - 1 - start, warm_up: from - start }
        };
        let mut streams: Vec<Window> = self.series.iter().enumerate().map(stream).filter(|s| s.length > 0).collect();
        streams.sort_by_key(|s| s.length);
        streams.chunks(Rnn::STREAMS).map(<[Window]>::to_vec).collect()
    }

    fn inputs(&self, walk: &Batch, steps: Range<usize>) -> Input {
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
        let seen = Tensor::from_slice(&numbers).view([steps.len() as i64, walk.len() as i64, count as i64]);
        if self.head != Head::Decoder {
            return seen.into();
        }
        let spoken = self.speaking(&steps);
        let speaks = spoken.iter().map(|step| (step - steps.start) as i64).collect();
        Input { seen, speaks: Some(speaks), ahead: Some(self.ahead(walk, &steps, &spoken)) }
    }

    /// Values and mask: [spoken, batch, said, 1]. Training sees no target that validation is scored on.
    fn targets(&self, walk: &Batch, steps: Range<usize>, validation: bool) -> Targets {
        let spoken = self.speaking(&steps);
        let size = spoken.len() * walk.len() * self.said();
        let (mut values, mut mask) = (vec![0.0f32; size], vec![0.0f32; size]);
        let mut place = 0;
        for step in &spoken {
            for stream in walk {
                let (series, t) = (&self.series[stream.sequence], stream.start + step);
                let seen = series.len().saturating_sub(self.held_back);
                let counted = if validation { seen..series.len() } else { 0..seen };
                for k in 1..=self.said() {
                    let bears_loss = *step >= stream.warm_up && *step < stream.length;
                    if bears_loss && counted.contains(&(t + k)) && series.observed[t + k] {
                        // a spike must not outweigh everything else
                        values[place] = series.target(t, k).clamp(-50.0, 50.0) as f32;
                        mask[place] = 1.0;
                    }
                    place += 1;
                }
            }
        }
        let shape = [spoken.len() as i64, walk.len() as i64, self.said() as i64, 1];
        Targets { values: Tensor::from_slice(&values).view(shape), mask: Tensor::from_slice(&mask).view(shape) }
    }

    /// Pinball loss (Koenker, Bassett 1978), the mean over the quantile levels.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        let size = targets.values.size();
        let said = outputs.view([size[0], size[1], size[2], self.levels.len() as i64]); // [spoken, batch, said, levels]
        let levels: Vec<f32> = self.levels.iter().map(|l| *l as f32).collect();
        let levels = Tensor::from_slice(&levels); // [levels]
        let short = &targets.values - said; // [spoken, batch, said, levels]
        let loss = (&short * &levels).maximum(&(&short * (&levels - 1.0)));
        (loss * &targets.mask).sum(Kind::Float) / self.levels.len() as f64
    }
}

/// All numbers of a tensor.
pub(crate) fn doubles(of: &Tensor) -> Vec<f64> {
    let flat = of.detach().reshape([-1]).to_kind(Kind::Double);
    let mut numbers = vec![0.0; flat.numel()];
    flat.copy_data(&mut numbers, flat.numel());
    numbers
}

/// The quantile of sorted numbers, linearly between neighbours; 0 where there are none.
pub(crate) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = level * last as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    sorted[low] + share * (sorted[(low + 1).min(last)] - sorted[low])
}
