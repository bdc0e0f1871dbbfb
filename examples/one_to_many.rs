//! One-to-many: reads one number, the damping of a pendulum, and predicts its whole swing.
//!
//! ```sh
//! cargo run --release --example one_to_many
//! ```

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use forecast::model::SilentObserver;
use forecast::nn::{CellKind, Examples, Loss, Mapping, Network, Tensor, TrainingSettings, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const STEPS: usize = 24;

fn swing(damping: f64) -> Vec<f64> {
    (1..=STEPS).map(|t| (-damping * t as f64).exp() * (0.6 * t as f64).cos()).collect()
}

fn examples(dampings: &[f64]) -> Examples {
    let swings: Vec<f32> = dampings.iter().flat_map(|d| swing(*d)).map(|y| y as f32).collect();
    let numbers: Vec<f32> = dampings.iter().map(|d| (10.0 * d) as f32).collect();
    let inputs = Tensor::from_slice(&numbers).view([-1, 1, 1]); // [count, 1, 1]
    let targets = Tensor::from_slice(&swings).view([-1, STEPS as i64, 1]); // [count, STEPS, 1]
    Examples::new(Mapping::OneToMany, Loss::SquaredError, inputs, targets)
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let dampings: Vec<f64> = (0..256).map(|_| rng.random_range(0.02..0.2)).collect();
    let (training, test) = (examples(&dampings), examples(&[0.05, 0.1, 0.15]));
    let mut network = Network::new(training.shape(CellKind::Lstm, 32), &mut rng);
    train(&mut network, &training, &TrainingSettings::full_bptt(150, 0.01), &mut SilentObserver)?;
    let predicted = test.predictions(&network); // [3, STEPS, 1]
    for (row, damping) in [0.05, 0.1, 0.15].into_iter().enumerate() {
        println!("damping {damping}: step, true position, predicted position");
        for (t, y) in swing(damping).into_iter().enumerate().step_by(6) {
            println!("  {:2}  {y:6.3}  {:6.3}", t + 1, predicted.double_value(&[row as i64, t as i64, 0]));
        }
    }
    let error = test.mean_squared_error(&network).sqrt();
    println!("root mean squared error {error:.4}");
    assert!(error < 0.05, "the network predicts the swing");
    Ok(())
}
