//! Many-to-many: reads brackets one by one and predicts the nesting depth after each.
//!
//! ```sh
//! cargo run --release --example many_to_many
//! ```

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use forecast::model::SilentObserver;
use forecast::nn::{CellKind, Examples, Kind, Loss, Mapping, Network, Tensor, TrainingSettings, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const STEPS: usize = 20;
const MAX_DEPTH: i64 = 5;

/// Opening (+1) and closing (-1) brackets. A closing bracket always has an opening one, and no depth exceeds
/// `MAX_DEPTH`.
fn brackets(rng: &mut ChaCha8Rng) -> Vec<i64> {
    let mut depth = 0;
    let mut next = || {
        let step = if depth == 0 || (depth < MAX_DEPTH && rng.random()) { 1 } else { -1 };
        depth += step;
        step
    };
    (0..STEPS).map(|_| next()).collect()
}

/// The depth after each bracket.
fn depths(brackets: &[i64]) -> Vec<i64> {
    brackets
        .iter()
        .scan(0, |depth, step| {
            *depth += step;
            Some(*depth)
        })
        .collect()
}

fn examples(texts: &[Vec<i64>]) -> Examples {
    let steps: Vec<f32> = texts.iter().flatten().map(|step| *step as f32).collect();
    let depths: Vec<i64> = texts.iter().flat_map(|text| depths(text)).collect();
    let (count, length) = (texts.len() as i64, STEPS as i64);
    let steps = Tensor::from_slice(&steps).view([count, length, 1]); // [count, STEPS, 1]
    let depths = Tensor::from_slice(&depths).view([count, length]); // [count, STEPS]
    let depths = depths.one_hot(MAX_DEPTH + 1).to_kind(Kind::Float); // [count, STEPS, MAX_DEPTH + 1]
    Examples::new(Mapping::ManyToMany, Loss::CrossEntropy, steps, depths)
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let texts: Vec<Vec<i64>> = (0..700).map(|_| brackets(&mut rng)).collect();
    let (training, test) = (examples(&texts[..500]), examples(&texts[500..]));
    let mut network = Network::new(training.shape(CellKind::Lstm, 24), &mut rng);
    train(&mut network, &training, &TrainingSettings::full_bptt(30, 0.01), &mut SilentObserver)?;
    let predicted = test.predictions(&network).argmax(2, false); // [200, STEPS]
    let text = &texts[500];
    let line = |marks: Vec<String>| marks.join(" ");
    println!("brackets   {}", line(text.iter().map(|step| if *step > 0 { "(" } else { ")" }.to_owned()).collect()));
    println!("depth      {}", line(depths(text).iter().map(i64::to_string).collect()));
    println!("predicted  {}", line((0..STEPS).map(|t| predicted.int64_value(&[0, t as i64]).to_string()).collect()));
    let accuracy = test.accuracy(&network);
    println!("accuracy {:.1} % on 200 new texts", 100.0 * accuracy);
    assert!(accuracy >= 0.99, "the network counts brackets");
    Ok(())
}
