//! One-to-many: sees one number, the damping, and draws the whole swing of a pendulum from it.
//!
//! ```sh
//! cargo run --release --example one_to_many
//! ```

#![expect(clippy::print_stdout, reason = "an example says what it learned")]

use forecast::model::SilentObserver;
use forecast::model::rnn::{CellKind, Examples, Form, Loss, Network, Training, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

const STEPS: usize = 24;

fn swing(damping: f64) -> Vec<f64> {
    (1..=STEPS).map(|t| (-damping * t as f64).exp() * (0.6 * t as f64).cos()).collect()
}

/// One number each, [count, 1, 1], and the curve that belongs to it, [count, STEPS, 1].
fn swings(dampings: &[f64]) -> Examples {
    let curves: Vec<f32> = dampings.iter().flat_map(|d| swing(*d)).map(|y| y as f32).collect();
    let numbers: Vec<f32> = dampings.iter().map(|d| (10.0 * d) as f32).collect();
    let inputs = Tensor::from_slice(&numbers).view([-1, 1, 1]);
    Examples::new(Form::OneToMany, Loss::Squares, inputs, Tensor::from_slice(&curves).view([-1, STEPS as i64, 1]))
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let dampings: Vec<f64> = (0..256).map(|_| rng.random_range(0.02..0.2)).collect();
    let (lesson, exam) = (swings(&dampings), swings(&[0.05, 0.1, 0.15]));
    let mut network = Network::new(lesson.shape(CellKind::Lstm, 32), &mut rng);
    train(&mut network, &lesson, &Training::full(150, 0.01), &mut SilentObserver)?;
    let drawn = exam.said_by(&network); // [3, STEPS, 1]
    for (row, damping) in [0.05, 0.1, 0.15].into_iter().enumerate() {
        println!("damping {damping}: step, the curve, what was drawn from the one number");
        for (t, y) in swing(damping).into_iter().enumerate().step_by(6) {
            println!("  {:2}  {y:6.3}  {:6.3}", t + 1, drawn.double_value(&[row as i64, t as i64, 0]));
        }
    }
    let error = exam.mean_square(&network).sqrt();
    println!("root mean square error {error:.4}");
    assert!(error < 0.05, "a curve is drawn from one number");
    Ok(())
}
