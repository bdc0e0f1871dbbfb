//! The decoder of an encoder-decoder network: it predicts step by step, from the encoder's hidden state and its own
//! previous output.
//!
//! Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for statistical machine translation";
//! Sutskever, Vinyals, Le 2014, "Sequence to sequence learning with neural networks". It starts from every output step
//! of the encoder: the forking sequences of Wen et al. 2017, "A multi-horizon quantile recurrent forecaster".

use serde::{Deserialize, Serialize};
use tch::nn::Path;
use tch::{Kind, Tensor};

use crate::model::nn::batch::FutureInputs;
use crate::model::nn::cell::{Cell, CellKind, State};
use crate::model::nn::tensor::{InitialWeights, zeros};

/// The part of a decoder's previous output that it reads at the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// The output of this number.
    Output(usize),
    /// The number of the largest output, one-hot.
    LargestOutput,
}

/// The sizes of a decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoderShape {
    /// Number of decoder steps.
    pub steps: usize,
    /// Number of known future inputs at each step.
    pub known: usize,
    /// The part of the previous output that it reads.
    pub feedback: Feedback,
}

/// A recurrent layer that starts from the encoder's hidden state. The head of the network turns its states into outputs:
/// `W_hy` [outputs, hidden], and `b_y` [steps, outputs] with a bias for each step.
#[derive(Debug)]
pub(crate) struct Decoder {
    shape: DecoderShape,
    outputs: i64,
    /// The size of the feedback.
    fed_back: usize,
    /// `V` [hidden, hidden] and `b` [hidden], from the encoder's hidden state to the decoder's initial state.
    bridge: [Tensor; 2],
    cell: Cell,
}

impl Decoder {
    pub(crate) fn new(
        path: &Path<'_>,
        kind: CellKind,
        shape: DecoderShape,
        (hidden, outputs): (usize, usize),
        initial: &mut InitialWeights<'_>,
    ) -> Self {
        let h = hidden as i64;
        let bridge = initial.variable(path, "w_bridge", &[h, h], 1.0 / (hidden as f32).sqrt());
        let fed_back = if shape.feedback == Feedback::LargestOutput { outputs } else { 1 };
        let cell = Cell::with_initial(&(path / "layer"), kind, (shape.known + fed_back, hidden), initial);
        Self { shape, outputs: outputs as i64, fed_back, bridge: [bridge, zeros(path, "b_bridge", &[h])], cell }
    }

    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }

    /// From the encoder's hidden states [output steps, batch, hidden] to outputs [output steps, batch, steps, outputs].
    pub(crate) fn forward(&self, states: &Tensor, head: &[Tensor; 2], future: &FutureInputs, training: bool) -> Tensor {
        let (size, steps) = (states.size(), self.shape.steps as i64);
        let (sequences, hidden) = (size[0] * size[1], size[2]); // one sequence from each output step, in parallel
        let shape = [size[0], size[1], steps, self.outputs];
        if sequences == 0 {
            return states.new_zeros(shape, (states.kind(), states.device())); // [0, batch, steps, outputs]
        }
        // c_0 = V h + b, h_0 = tanh(c_0)
        let bridged = states.view([sequences, hidden]).linear(&self.bridge[0], Some(&self.bridge[1])); // [sequences, hidden]
        let cell = (self.cell.kind == CellKind::Lstm).then(|| bridged.shallow_clone()); // [sequences, hidden]
        let start = State { hidden: bridged.tanh(), cell };
        let known = future.known.reshape([sequences, steps, self.shape.known as i64]).transpose(0, 1); // [steps, sequences, known]
        let outputs = match &future.teacher {
            Some(teacher) if training => {
                self.teacher_forced(&known, &teacher.reshape([sequences, steps, -1]), &start, head)
            }
            _ => self.autoregressive(&known, start, head),
        }; // [steps, sequences, outputs]
        outputs.transpose(0, 1).reshape(shape) // [output steps, batch, steps, outputs]
    }

    /// Teacher forcing: all steps at once, since the true previous outputs are known. `known` [steps, sequences,
    /// known], `teacher` [sequences, steps, feedback].
    fn teacher_forced(&self, known: &Tensor, teacher: &Tensor, start: &State, [w_hy, b_y]: &[Tensor; 2]) -> Tensor {
        let teacher = teacher.transpose(0, 1); // [steps, sequences, feedback]
        let first = teacher.narrow(0, 0, 1).zeros_like(); // [1, sequences, feedback]
        let previous = Tensor::cat(&[first, teacher.narrow(0, 0, teacher.size()[0] - 1)], 0); // [steps, sequences, feedback]
        let (states, _) = self.cell.run(&Tensor::cat(&[known, &previous], 2), start); // [steps, sequences, hidden]
        states.linear(w_hy, None::<&Tensor>) + b_y.unsqueeze(1) // [steps, sequences, outputs]
    }

    /// Step by step, each from the decoder's own previous output. `known` [steps, sequences, known].
    fn autoregressive(&self, known: &Tensor, mut state: State, [w_hy, b_y]: &[Tensor; 2]) -> Tensor {
        let (steps, sequences) = (known.size()[0], known.size()[1]);
        let mut previous = Tensor::zeros([1, sequences, self.fed_back as i64], (known.kind(), known.device())); // [1, sequences, feedback]
        let mut outputs = Vec::new();
        for k in 0..steps {
            let inputs = Tensor::cat(&[&known.narrow(0, k, 1), &previous], 2); // [1, sequences, known + feedback]
            let (states, next) = self.cell.run(&inputs, &state); // [1, sequences, hidden]
            let output = states.linear(w_hy, Some(&b_y.get(k))); // [1, sequences, outputs]
            previous = match self.shape.feedback {
                Feedback::Output(number) => output.narrow(2, number as i64, 1), // [1, sequences, 1]
                Feedback::LargestOutput => output.argmax(2, false).one_hot(self.outputs).to_kind(Kind::Float), // [1, sequences, outputs]
            };
            outputs.push(output);
            state = next;
        }
        Tensor::cat(&outputs, 0) // [steps, sequences, outputs]
    }
}
