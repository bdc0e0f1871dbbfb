//! Many-to-many: reads brackets one by one and says at each how deep they are nested, which takes a memory that counts.
//!
//! ```sh
//! cargo run --release --example many_to_many
//! ```

#![expect(clippy::print_stdout, reason = "an example says what it learned")]

use forecast::model::SilentObserver;
use forecast::model::rnn::{CellKind, Examples, Form, Loss, Network, Training, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

const STEPS: usize = 20;
const DEEPEST: i64 = 5;

/// Opening (+1) and closing (-1) brackets that never close what is not open and never nest deeper than `DEEPEST`.
fn brackets(rng: &mut ChaCha8Rng) -> Vec<i64> {
    let mut depth = 0;
    let mut next = || {
        let step = if depth == 0 || (depth < DEEPEST && rng.random()) { 1 } else { -1 };
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

/// Brackets [count, STEPS, 1] and depths as a one among zeros [count, STEPS, DEEPEST + 1].
fn examples(texts: &[Vec<i64>]) -> Examples {
    let steps: Vec<f32> = texts.iter().flatten().map(|step| *step as f32).collect();
    let depths: Vec<i64> = texts.iter().flat_map(|text| depths(text)).collect();
    let shape = [texts.len() as i64, STEPS as i64];
    let depths = Tensor::from_slice(&depths).view(shape).one_hot(DEEPEST + 1).to_kind(Kind::Float);
    let steps = Tensor::from_slice(&steps).view([shape[0], shape[1], 1]);
    Examples::new(Form::ManyToMany, Loss::CrossEntropy, steps, depths)
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let texts: Vec<Vec<i64>> = (0..700).map(|_| brackets(&mut rng)).collect();
    let (lesson, exam) = (examples(&texts[..500]), examples(&texts[500..]));
    let mut network = Network::new(lesson.shape(CellKind::Lstm, 24), &mut rng);
    train(&mut network, &lesson, &Training::full(30, 0.01), &mut SilentObserver)?;
    let said = exam.said_by(&network).argmax(2, false); // [200, STEPS]
    let text = &texts[500];
    let line = |marks: Vec<String>| marks.join(" ");
    println!("brackets  {}", line(text.iter().map(|step| if *step > 0 { "(" } else { ")" }.to_owned()).collect()));
    println!("depth     {}", line(depths(text).iter().map(i64::to_string).collect()));
    println!("said      {}", line((0..STEPS).map(|t| said.int64_value(&[0, t as i64]).to_string()).collect()));
    let right = exam.share_right(&network);
    println!("{:.1} % right on 200 texts that it has not seen", 100.0 * right);
    assert!(right >= 0.99, "brackets are counted");
    Ok(())
}
