//! Many-to-one: reads a wave and predicts, at its end, which of four waveforms it has.
//!
//! ```sh
//! cargo run --release --example many_to_one
//! ```

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use forecast::model::SilentObserver;
use forecast::nn::{CellKind, Examples, Kind, Loss, Mapping, Network, Tensor, TrainingSettings, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const WAVEFORMS: i64 = 4;
const STEPS: i64 = 32;

/// A sine, square, triangle or sawtooth wave at a phase in periods.
fn wave(waveform: i64, phase: f64) -> f64 {
    let phase = phase.rem_euclid(1.0);
    match waveform {
        0 => (std::f64::consts::TAU * phase).sin(),
        1 => 1.0 - 2.0 * (2.0 * phase).floor(),
        2 => 1.0 - 4.0 * (phase - 0.5).abs(),
        _ => 2.0 * phase - 1.0,
    }
}

/// Noisy waves of random period, phase and amplitude, and their waveforms.
fn examples(count: usize, rng: &mut ChaCha8Rng) -> Examples {
    let (mut values, mut waveforms) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let waveform = rng.random_range(0..WAVEFORMS as usize) as i64;
        let (period, phase, amplitude) = (rng.random_range(8.0..16.0), rng.random::<f64>(), rng.random_range(0.8..1.2));
        for t in 0..STEPS {
            let value = amplitude * wave(waveform, phase + t as f64 / period);
            values.push((value + rng.random_range(-0.1..0.1)) as f32);
        }
        waveforms.push(waveform);
    }
    let values = Tensor::from_slice(&values).view([-1, STEPS, 1]); // [count, STEPS, 1]
    let waveforms = Tensor::from_slice(&waveforms).one_hot(WAVEFORMS).to_kind(Kind::Float); // [count, WAVEFORMS]
    Examples::new(Mapping::ManyToOne, Loss::CrossEntropy, values, waveforms.unsqueeze(1)) // [count, 1, WAVEFORMS]
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (training, test) = (examples(800, &mut rng), examples(200, &mut rng));
    let mut network = Network::new(training.shape(CellKind::Gru, 24), &mut rng);
    println!("accuracy before training {:3.0} %", 100.0 * test.accuracy(&network));
    train(&mut network, &training, &TrainingSettings::full_bptt(30, 0.01), &mut SilentObserver)?;
    let accuracy = test.accuracy(&network);
    println!("accuracy after training  {:3.0} % on 200 new waves", 100.0 * accuracy);
    assert!(accuracy >= 0.9, "the network recognizes waveforms");
    Ok(())
}
