//! Worked examples held in memory, in each of the four shapes that a recurrent network can learn in.
//!
//! The shapes differ in which steps see something and which say something, and in nothing else: the layers, the walk and
//! the training loop are the same (Karpathy 2015, "The unreasonable effectiveness of recurrent neural networks").

use std::ops::Range;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::model::nn::batch::{Ahead, Batch, Input, Sequences, Targets, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::decoder::{DecoderShape, Feedback};
use crate::model::nn::network::{Readout, Shape};
use crate::model::nn::train::Recurrent;

/// Which steps see something and which say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Sees one step, says a sequence: a decoder from the first hidden state.
    OneToMany,
    /// Sees a sequence, says one thing at its end.
    ManyToOne,
    /// Says something at each step that it sees.
    ManyToMany,
    /// Sees a sequence, then says another, which may be of another length: a decoder from the last hidden state.
    EncoderDecoder,
}

/// How far what is said is from what was to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// Squared differences of numbers.
    Squares,
    /// Cross-entropy of classes; targets are a one among zeros.
    CrossEntropy,
}

/// Worked examples of equal length.
#[derive(Debug)]
pub struct Examples {
    form: Form,
    loss: Loss,
    /// [count, time, inputs].
    inputs: Tensor,
    /// [count, said, outputs].
    targets: Tensor,
}

impl Examples {
    /// Examples that share an update.
    const BATCH: usize = 32;

    /// Examples: `inputs` [count, time, inputs], `targets` [count, said, outputs].
    ///
    /// # Panics
    /// If the lengths do not fit the form.
    pub fn new(form: Form, loss: Loss, inputs: Tensor, targets: Tensor) -> Self {
        let (seen, said) = (inputs.size(), targets.size());
        assert_eq!(seen[0], said[0], "as many inputs as targets");
        match form {
            Form::OneToMany => assert_eq!(seen[1], 1, "one step is seen"),
            Form::ManyToOne => assert_eq!(said[1], 1, "one thing is said"),
            Form::ManyToMany => assert_eq!(seen[1], said[1], "as much is said as seen"),
            Form::EncoderDecoder => {}
        }
        Self { form, loss, inputs, targets }
    }

    /// The sizes of a network of one layer for these examples.
    pub fn shape(&self, cell: CellKind, hidden: usize) -> Shape {
        let (seen, said) = (self.inputs.size(), self.targets.size());
        let feedback = if self.loss == Loss::Squares { Feedback::Output(0) } else { Feedback::Likeliest };
        let readout = if self.decodes() {
            Readout::Decoder(DecoderShape { steps: said[1] as usize, known: 0, feedback })
        } else {
            Readout::Linear
        };
        Shape { cell, inputs: seen[2] as usize, hidden, layers: 1, outputs: said[2] as usize, dropout: 0.0, readout }
    }

    /// What a network says of each example, a decoder hearing itself: [count, said, outputs].
    pub fn said_by<N: Recurrent>(&self, network: &N) -> Tensor {
        let walk = self.walk(0..self.count());
        let input = self.inputs(&walk, 0..self.inputs.size()[1] as usize);
        let (said, _) = tch::no_grad(|| network.forward(&input, &network.start(walk.len() as i64), None));
        if self.decodes() { said.squeeze_dim(0) } else { said.transpose(0, 1) }
    }

    /// The share of what was to be said whose class is the likeliest by what `network` says.
    pub fn share_right<N: Recurrent>(&self, network: &N) -> f64 {
        let right = self.said_by(network).argmax(2, false).eq_tensor(&self.targets.argmax(2, false)); // [count, said]
        right.to_kind(Kind::Double).mean(Kind::Double).double_value(&[])
    }

    /// The mean squared difference of what `network` says from what was to be said.
    pub fn mean_square<N: Recurrent>(&self, network: &N) -> f64 {
        (self.said_by(network) - &self.targets).square().mean(Kind::Double).double_value(&[])
    }

    fn decodes(&self) -> bool {
        matches!(self.form, Form::OneToMany | Form::EncoderDecoder)
    }

    fn count(&self) -> usize {
        self.inputs.size()[0] as usize
    }

    fn walk(&self, examples: impl IntoIterator<Item = usize>) -> Batch {
        let length = self.inputs.size()[1] as usize;
        examples.into_iter().map(|sequence| Window { sequence, start: 0, length, warm_up: 0 }).collect()
    }

    /// The examples of a walk: [batch, …].
    fn chosen(of: &Tensor, walk: &Batch) -> Tensor {
        let numbers: Vec<i64> = walk.iter().map(|stream| stream.sequence as i64).collect();
        of.index_select(0, &Tensor::from_slice(&numbers))
    }

    /// The steps of `steps` at which something is said, counted from its start; `None`: all.
    fn speaks(&self, steps: &Range<usize>) -> Option<Vec<i64>> {
        let last = self.inputs.size()[1] as usize - 1;
        match self.form {
            Form::ManyToMany => None,
            _ if steps.contains(&last) => Some(vec![(last - steps.start) as i64]),
            _ => Some(Vec::new()),
        }
    }

    /// What the decoder sees: nothing but its own last word, here the one that it should have said.
    fn ahead(&self, walk: &Batch, spoken: i64) -> Ahead {
        let targets = Self::chosen(&self.targets, walk).unsqueeze(0).narrow(0, 0, spoken); // [spoken, batch, said, outputs]
        let size = targets.size();
        let heard = if self.loss == Loss::Squares { 1 } else { size[3] };
        let known = Tensor::zeros([size[0], size[1], size[2], 0], (Kind::Float, targets.device()));
        Ahead { known, teacher: Some(targets.narrow(3, 0, heard)) }
    }
}

impl Sequences for Examples {
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        let mut order: Vec<usize> = (0..self.count()).collect();
        order.shuffle(rng);
        order.chunks(Self::BATCH).map(|examples| self.walk(examples.iter().copied())).collect()
    }

    fn validation(&self) -> Vec<Batch> {
        Vec::new()
    }

    fn inputs(&self, walk: &Batch, steps: Range<usize>) -> Input {
        let seen = Self::chosen(&self.inputs, walk).narrow(1, steps.start as i64, steps.len() as i64).transpose(0, 1);
        let speaks = self.speaks(&steps);
        let ahead = self.decodes().then(|| self.ahead(walk, speaks.as_ref().map_or(0, Vec::len) as i64));
        Input { seen, speaks, ahead }
    }

    fn targets(&self, walk: &Batch, steps: Range<usize>, _: bool) -> Targets {
        let targets = Self::chosen(&self.targets, walk); // [batch, said, outputs]
        let values = match self.speaks(&steps) {
            None => targets.narrow(1, steps.start as i64, steps.len() as i64).transpose(0, 1), // [time, batch, outputs]
            Some(spoken) if self.decodes() => targets.unsqueeze(0).narrow(0, 0, spoken.len() as i64), // [spoken, batch, said, outputs]
            Some(spoken) => targets.transpose(0, 1).narrow(0, 0, spoken.len() as i64), // [spoken, batch, outputs]
        };
        Targets { mask: values.narrow(-1, 0, 1).ones_like(), values }
    }

    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        let each = match self.loss {
            Loss::Squares => (outputs - &targets.values).square(),
            Loss::CrossEntropy => -outputs.log_softmax(-1, None::<Kind>) * &targets.values,
        };
        (each * &targets.mask).sum(None::<Kind>)
    }
}
