//! Training examples in memory, for each of the four mappings that a recurrent network can learn.
//!
//! The mappings differ only in the steps that have inputs and the steps that have outputs. The layers and the training
//! loop are the same (Karpathy 2015, "The unreasonable effectiveness of recurrent neural networks").

use std::ops::Range;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::model::nn::batch::{Batch, FutureInputs, Inputs, Recurrent, Split, TrainingData, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::decoder::{DecoderShape, Feedback};
use crate::model::nn::network::{NetworkShape, Readout};

/// The steps that have inputs and the steps that have outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mapping {
    /// One input step to a sequence of outputs: a decoder from the first hidden state.
    OneToMany,
    /// A sequence of inputs to one output at its end.
    ManyToOne,
    /// A sequence of inputs to an output at each of its steps.
    ManyToMany,
    /// A sequence of inputs to a sequence of outputs of any length: a decoder from the last hidden state.
    EncoderDecoder,
}

/// The kind of loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// Squared errors of numbers.
    SquaredError,
    /// Cross-entropy of classes. Targets are one-hot.
    CrossEntropy,
}

/// Training examples of equal length.
#[derive(Debug)]
pub struct Examples {
    mapping: Mapping,
    loss: Loss,
    /// [count, input steps, inputs].
    inputs: Tensor,
    /// [count, target steps, outputs].
    targets: Tensor,
}

impl Examples {
    const BATCH_SIZE: usize = 32;

    /// Examples from `inputs` [count, input steps, inputs] and `targets` [count, target steps, outputs].
    ///
    /// # Panics
    /// If the numbers of steps do not fit the mapping.
    pub fn new(mapping: Mapping, loss: Loss, inputs: Tensor, targets: Tensor) -> Self {
        let (input_size, target_size) = (inputs.size(), targets.size());
        assert_eq!(input_size[0], target_size[0], "inputs and targets must have the same count");
        match mapping {
            Mapping::OneToMany => assert_eq!(input_size[1], 1, "one-to-many has one input step"),
            Mapping::ManyToOne => assert_eq!(target_size[1], 1, "many-to-one has one target step"),
            Mapping::ManyToMany => assert_eq!(input_size[1], target_size[1], "many-to-many has a target at each step"),
            Mapping::EncoderDecoder => {}
        }
        Self { mapping, loss, inputs, targets }
    }

    /// The sizes of a network of one layer for these examples.
    pub fn shape(&self, cell: CellKind, hidden: usize) -> NetworkShape {
        let (input_size, target_size) = (self.inputs.size(), self.targets.size());
        let (inputs, outputs) = (input_size[2] as usize, target_size[2] as usize);
        let feedback = if self.loss == Loss::SquaredError { Feedback::Output(0) } else { Feedback::LargestOutput };
        let readout = if self.has_decoder() {
            Readout::Decoder(DecoderShape { steps: target_size[1] as usize, known: 0, feedback })
        } else {
            Readout::Linear
        };
        NetworkShape { cell, inputs, hidden, layers: 1, outputs, dropout: 0.0, readout }
    }

    /// The predictions of a network: [count, target steps, outputs]. A decoder reads its own outputs.
    pub fn predictions<N: Recurrent>(&self, network: &N) -> Tensor {
        let windows = self.windows(0..self.count());
        let inputs = self.batch(&windows, 0..self.inputs.size()[1] as usize, Split::Validation).inputs;
        let start = network.start(windows.len() as i64);
        let (outputs, _) = tch::no_grad(|| network.forward(&inputs, &start, None)); // [output steps, count, …]
        if self.has_decoder() { outputs.squeeze_dim(0) } else { outputs.transpose(0, 1) } // [count, target steps, outputs]
    }

    /// The share of the targets whose class has the largest output of `network`.
    pub fn accuracy<N: Recurrent>(&self, network: &N) -> f64 {
        let classes = self.predictions(network).argmax(2, false); // [count, target steps]
        let correct = classes.eq_tensor(&self.targets.argmax(2, false)); // [count, target steps]
        correct.to_kind(Kind::Double).mean(Kind::Double).double_value(&[])
    }

    /// The mean squared error of the predictions of `network`.
    pub fn mean_squared_error<N: Recurrent>(&self, network: &N) -> f64 {
        (self.predictions(network) - &self.targets).square().mean(Kind::Double).double_value(&[])
    }

    fn has_decoder(&self) -> bool {
        matches!(self.mapping, Mapping::OneToMany | Mapping::EncoderDecoder)
    }

    fn count(&self) -> usize {
        self.inputs.size()[0] as usize
    }

    fn windows(&self, examples: impl IntoIterator<Item = usize>) -> Vec<Window> {
        let length = self.inputs.size()[1] as usize;
        examples.into_iter().map(|sequence| Window { sequence, start: 0, length, warm_up: 0 }).collect()
    }

    /// The inputs of the decoder: the true previous outputs, and no known future inputs. `targets` [output steps,
    /// batch, target steps, outputs].
    fn future(&self, targets: &Tensor) -> FutureInputs {
        let size = targets.size();
        let feedback = if self.loss == Loss::SquaredError { 1 } else { size[3] };
        let known = Tensor::zeros([size[0], size[1], size[2], 0], (Kind::Float, targets.device()));
        FutureInputs { known, teacher: Some(targets.narrow(3, 0, feedback)) } // [output steps, batch, target steps, feedback]
    }
}

impl TrainingData for Examples {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let mut order: Vec<usize> = (0..self.count()).collect();
        order.shuffle(rng);
        order.chunks(Self::BATCH_SIZE).map(|examples| self.windows(examples.iter().copied())).collect()
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let (start, length) = (steps.start as i64, steps.len() as i64);
        let last = self.inputs.size()[1] - 1 - start; // the only output step of most mappings
        let output_steps =
            (self.mapping != Mapping::ManyToMany).then(|| (0..length).filter(|step| *step == last).collect::<Vec<_>>());
        let numbers: Vec<i64> = windows.iter().map(|window| window.sequence as i64).collect();
        let numbers = Tensor::from_slice(&numbers); // [batch]
        let features = self.inputs.index_select(0, &numbers).narrow(1, start, length).transpose(0, 1); // [time, batch, inputs]
        let rows = self.targets.index_select(0, &numbers); // [batch, target steps, outputs]
        let targets = match &output_steps {
            None => rows.narrow(1, start, length).transpose(0, 1), // [time, batch, outputs]
            Some(steps) if self.has_decoder() => rows.unsqueeze(0).narrow(0, 0, steps.len() as i64), // [output steps, batch, target steps, outputs]
            Some(steps) => rows.transpose(0, 1).narrow(0, 0, steps.len() as i64), // [output steps, batch, outputs]
        };
        let future = self.has_decoder().then(|| self.future(&targets));
        let weights = targets.narrow(-1, 0, 1).ones_like(); // [output steps, batch, …, 1]
        let inputs = Inputs { features, output_steps, future };
        Batch { inputs, targets, weights, context: None }
    }

    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let losses = match self.loss {
            Loss::SquaredError => (outputs - &batch.targets).square(), // [output steps, batch, …, outputs]
            Loss::CrossEntropy => -outputs.log_softmax(-1, None::<Kind>) * &batch.targets, // [output steps, batch, …, outputs]
        };
        (losses * &batch.weights).sum(None::<Kind>) // []
    }
}
