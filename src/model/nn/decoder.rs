//! The decoder of an encoder-decoder: walks on from what the encoder saw, step by step, hearing what was said before.
//!
//! Cho et al. 2014 and Sutskever, Vinyals, Le 2014, "Sequence to sequence learning with neural networks". It starts from
//! every step at which the network speaks, as the forking sequences of Wen et al. 2017, "A multi-horizon quantile
//! recurrent forecaster".

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{Init, Path};
use tch::{Kind, Tensor};

use crate::model::nn::batch::Ahead;
use crate::model::nn::cell::uniform;
use crate::model::nn::cell::{CellKind, State};
use crate::model::nn::layer::Layer;

/// What a decoder hears of what was said at the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// One of its outputs, as it is.
    Output(usize),
    /// Which of its outputs was the largest: a one among zeros.
    Likeliest,
}

/// Sizes of a decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoderShape {
    /// Steps that it walks.
    pub steps: usize,
    /// Numbers known beforehand of each step.
    pub known: usize,
    /// What it hears of the step before.
    pub feedback: Feedback,
}

impl DecoderShape {
    /// Numbers that it hears of the step before, out of `outputs`.
    pub fn heard(&self, outputs: usize) -> usize {
        match self.feedback {
            Feedback::Output(_) => 1,
            Feedback::Likeliest => outputs,
        }
    }
}

/// One recurrent layer that starts from the encoder's hidden state.
#[derive(Debug)]
pub(crate) struct Decoder {
    shape: DecoderShape,
    outputs: i64,
    /// From the encoder's hidden state to the first of its own: [hidden, hidden] and [hidden].
    bridge: [Tensor; 2],
    layer: Layer,
    /// `W_hy` [outputs, hidden], and a bias of its own for each step, `b_y` [steps, outputs].
    head: [Tensor; 2],
}

impl Decoder {
    pub(crate) fn new(
        path: &Path<'_>,
        kind: CellKind,
        shape: DecoderShape,
        (hidden, outputs): (usize, usize),
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let (h, steps) = (hidden as i64, shape.steps as i64);
        let bridge = uniform(path, "w_bridge", &[h, h], 1.0 / (hidden as f32).sqrt(), rng);
        let layer = Layer::new(&(path / "layer"), kind, shape.known + shape.heard(outputs), hidden, rng);
        let outputs = outputs as i64;
        Self {
            shape,
            outputs,
            bridge: [bridge, path.var("b_bridge", &[h], Init::Const(0.0))],
            layer,
            head: [
                path.var("w_hy", &[outputs, h], Init::Const(0.0)),
                path.var("b_y", &[steps, outputs], Init::Const(0.0)),
            ],
        }
    }

    pub(crate) fn head(&self) -> &[Tensor; 2] {
        &self.head
    }

    pub(crate) fn layer(&self) -> &Layer {
        &self.layer
    }

    /// From the encoder's states [spoken, batch, hidden] to outputs [spoken, batch, steps, outputs].
    pub(crate) fn forward(&self, spoken: &Tensor, ahead: &Ahead, training: bool) -> Tensor {
        let (size, steps) = (spoken.size(), self.shape.steps as i64);
        let (walks, hidden) = (size[0] * size[1], size[2]); // from every step that speaks, side by side
        let shape = [size[0], size[1], steps, self.outputs];
        if walks == 0 {
            return spoken.new_zeros(shape, (spoken.kind(), spoken.device()));
        }
        // c_0 = V h + b, h_0 = tanh(c_0)
        let bridged = spoken.view([walks, hidden]).linear(&self.bridge[0], Some(&self.bridge[1])); // [walks, hidden]
        let cell = (self.layer.kind() == CellKind::Lstm).then(|| bridged.shallow_clone());
        let start = State { hidden: bridged.tanh(), cell };
        let known = ahead.known.reshape([walks, steps, self.shape.known as i64]).transpose(0, 1); // [steps, walks, known]
        let said = match &ahead.teacher {
            Some(teacher) if training => self.follow(&known, &teacher.reshape([walks, steps, -1]), &start),
            _ => self.hear_itself(&known, start),
        }; // [steps, walks, outputs]
        said.transpose(0, 1).reshape(shape)
    }

    /// All steps at once: what was to be said before each is known.
    fn follow(&self, known: &Tensor, teacher: &Tensor, start: &State) -> Tensor {
        let teacher = teacher.transpose(0, 1); // [steps, walks, heard]
        let before =
            Tensor::cat(&[teacher.narrow(0, 0, 1).zeros_like(), teacher.narrow(0, 0, teacher.size()[0] - 1)], 0);
        let (states, _) = self.layer.forward(&Tensor::cat(&[known, &before], 2), start); // [steps, walks, hidden]
        states.linear(&self.head[0], None::<&Tensor>) + self.head[1].unsqueeze(1) // [steps, walks, outputs]
    }

    /// Step by step: what was said before each is its own.
    fn hear_itself(&self, known: &Tensor, mut state: State) -> Tensor {
        let (steps, walks) = (known.size()[0], known.size()[1]);
        let heard = self.shape.heard(self.outputs as usize) as i64;
        let mut before = Tensor::zeros([1, walks, heard], (known.kind(), known.device())); // [1, walks, heard]
        let mut said = Vec::new();
        for k in 0..steps {
            let (states, next) = self.layer.forward(&Tensor::cat(&[&known.narrow(0, k, 1), &before], 2), &state);
            let output = states.linear(&self.head[0], Some(&self.head[1].get(k))); // [1, walks, outputs]
            before = match self.shape.feedback {
                Feedback::Output(number) => output.narrow(2, number as i64, 1),
                Feedback::Likeliest => output.argmax(2, false).one_hot(self.outputs).to_kind(Kind::Float),
            };
            said.push(output);
            state = next;
        }
        Tensor::cat(&said, 0)
    }
}
