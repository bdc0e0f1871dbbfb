//! Encoder-decoder: reads a word of digits to its end, then predicts it in reverse order.
//!
//! ```sh
//! cargo run --release --example encoder_decoder
//! ```

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use forecast::model::SilentObserver;
use forecast::nn::{CellKind, Examples, Kind, Loss, Mapping, Network, Tensor, TrainingSettings, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LENGTH: i64 = 5;
const DIGITS: i64 = 6;

/// Words of random digits [count, LENGTH], and examples of the words with their digits in reverse order.
fn words(count: i64, rng: &mut ChaCha8Rng) -> (Tensor, Examples) {
    let digits: Vec<i64> = (0..count * LENGTH).map(|_| rng.random_range(0..DIGITS)).collect();
    let words = Tensor::from_slice(&digits).view([count, LENGTH]); // [count, LENGTH]
    let inputs = words.one_hot(DIGITS).to_kind(Kind::Float); // [count, LENGTH, DIGITS]
    let targets = inputs.flip([1]); // [count, LENGTH, DIGITS]
    (words, Examples::new(Mapping::EncoderDecoder, Loss::CrossEntropy, inputs, targets))
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let ((_, training), (test_words, test)) = (words(2000, &mut rng), words(300, &mut rng));
    let mut network = Network::new(training.shape(CellKind::Gru, 64), &mut rng);
    train(&mut network, &training, &TrainingSettings::full_bptt(30, 0.01), &mut SilentObserver)?;
    let predicted = test.predictions(&network).argmax(2, false); // [300, LENGTH]
    let word = |of: &Tensor, row: i64| (0..LENGTH).map(|t| of.int64_value(&[row, t]).to_string()).collect::<String>();
    for row in 0..5 {
        println!("{} -> {}", word(&test_words, row), word(&predicted, row));
    }
    let accuracy = test.accuracy(&network);
    println!("accuracy {:.1} % of the digits of 300 new words", 100.0 * accuracy);
    assert!(accuracy >= 0.95, "the network reverses words");
    Ok(())
}
