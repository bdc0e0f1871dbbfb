//! Encoder-decoder: reads a word of digits to its end, then says it backwards.
//!
//! ```sh
//! cargo run --release --example encoder_decoder
//! ```

#![expect(clippy::print_stdout, reason = "an example says what it learned")]

use forecast::model::SilentObserver;
use forecast::model::rnn::{CellKind, Examples, Form, Loss, Network, Training, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

const LENGTH: i64 = 5;
const DIGITS: i64 = 6;

/// Words of random digits and the same backwards, a one among zeros each: [count, LENGTH, DIGITS].
fn words(count: i64, rng: &mut ChaCha8Rng) -> (Tensor, Examples) {
    let digits: Vec<i64> = (0..count * LENGTH).map(|_| rng.random_range(0..DIGITS)).collect();
    let words = Tensor::from_slice(&digits).view([count, LENGTH]);
    let inputs = words.one_hot(DIGITS).to_kind(Kind::Float);
    let targets = inputs.flip([1]);
    (words, Examples::new(Form::EncoderDecoder, Loss::CrossEntropy, inputs, targets))
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let ((_, lesson), (asked, exam)) = (words(2000, &mut rng), words(300, &mut rng));
    let mut network = Network::new(lesson.shape(CellKind::Gru, 64), &mut rng);
    train(&mut network, &lesson, &Training::full(30, 0.01), &mut SilentObserver)?;
    let said = exam.said_by(&network).argmax(2, false); // [300, LENGTH]
    let word = |of: &Tensor, row: i64| (0..LENGTH).map(|t| of.int64_value(&[row, t]).to_string()).collect::<String>();
    for row in 0..5 {
        println!("{} -> {}", word(&asked, row), word(&said, row));
    }
    let right = exam.share_right(&network);
    println!("{:.1} % of the digits right in 300 new words", 100.0 * right);
    assert!(right >= 0.95, "words are said backwards");
    Ok(())
}
