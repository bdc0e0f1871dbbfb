//! Many-to-one: sees a wave, says at its end which of four it was.
//!
//! ```sh
//! cargo run --release --example many_to_one
//! ```

#![expect(clippy::print_stdout, reason = "an example says what it learned")]

use forecast::model::SilentObserver;
use forecast::model::rnn::{CellKind, Examples, Form, Loss, Network, Training, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

const NAMES: [&str; 4] = ["sine", "square", "triangle", "sawtooth"];
const STEPS: i64 = 32;

/// The wave at a phase in periods.
fn wave(which: usize, phase: f64) -> f64 {
    let place = phase.rem_euclid(1.0);
    match which {
        0 => (std::f64::consts::TAU * place).sin(),
        1 => 1.0 - 2.0 * (2.0 * place).floor(),
        2 => 1.0 - 4.0 * (place - 0.5).abs(),
        _ => 2.0 * place - 1.0,
    }
}

/// Waves of random period, phase and height, with noise: [count, STEPS, 1], and which they are: [count, 1, 4].
fn waves(count: usize, rng: &mut ChaCha8Rng) -> Examples {
    let (mut values, mut kinds) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let which = rng.random_range(0..NAMES.len());
        let (period, phase, height) = (rng.random_range(8.0..16.0), rng.random::<f64>(), rng.random_range(0.8..1.2));
        for t in 0..STEPS {
            let value = height * wave(which, phase + t as f64 / period);
            values.push((value + rng.random_range(-0.1..0.1)) as f32);
        }
        kinds.push(which as i64);
    }
    let values = Tensor::from_slice(&values).view([-1, STEPS, 1]);
    let kinds = Tensor::from_slice(&kinds).one_hot(NAMES.len() as i64).to_kind(Kind::Float).unsqueeze(1);
    Examples::new(Form::ManyToOne, Loss::CrossEntropy, values, kinds)
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (lesson, exam) = (waves(800, &mut rng), waves(200, &mut rng));
    let mut network = Network::new(lesson.shape(CellKind::Gru, 24), &mut rng);
    println!("before: {:3.0} % right", 100.0 * exam.share_right(&network));
    train(&mut network, &lesson, &Training::full(30, 0.01), &mut SilentObserver)?;
    let right = exam.share_right(&network);
    println!("after:  {:3.0} % right of 200 waves that it has not seen", 100.0 * right);
    assert!(right >= 0.9, "waves are told apart");
    Ok(())
}
