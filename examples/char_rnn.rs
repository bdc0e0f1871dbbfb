//! A character-level language model: learns to predict the next character, then generates text from its own
//! predictions.
//!
//! ```sh
//! cargo run --release --example char_rnn
//! ```

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use forecast::model::SilentObserver;
use forecast::nn::{CellKind, Examples, Kind, Loss, Mapping, Network, Recurrent, Tensor, TrainingSettings, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The characters of a text, each with its number.
struct Alphabet(Vec<char>);

impl Alphabet {
    fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Self(characters)
    }

    fn one_hot(&self, text: &str) -> Tensor {
        let number = |c: char| self.0.iter().position(|a| *a == c).expect("a character of the alphabet") as i64;
        let numbers: Vec<i64> = text.chars().map(number).collect();
        Tensor::from_slice(&numbers).one_hot(self.0.len() as i64).to_kind(Kind::Float) // [length, characters]
    }

    /// The text cut into sequences. The target at each character is the next one.
    fn examples(&self, text: &str, sequences: i64) -> Examples {
        let characters = self.one_hot(text);
        let length = (characters.size()[0] - 1) / sequences;
        let from = |start: i64| characters.narrow(0, start, sequences * length).view([sequences, length, -1]); // [sequences, length, characters]
        Examples::new(Mapping::ManyToMany, Loss::CrossEntropy, from(0), from(1))
    }

    /// Continues `begin`: each character is drawn with the probabilities softmax(outputs / temperature) and is the next
    /// input. A low temperature prefers likely characters.
    fn generate(
        &self,
        network: &Network,
        begin: &str,
        length: usize,
        temperature: f64,
        rng: &mut ChaCha8Rng,
    ) -> String {
        let mut text = begin.to_owned();
        let begin = self.one_hot(begin).unsqueeze(1); // [length, 1, characters]
        network.generate(&begin, &network.start(1), length, |outputs| {
            let probabilities = (outputs / temperature).softmax(-1, Kind::Double); // [1, characters]
            let mut rest: f64 = rng.random();
            let is_drawn = |number: &usize| {
                rest -= probabilities.double_value(&[0, *number as i64]);
                rest < 0.0
            };
            let number = (0..self.0.len()).find(is_drawn).unwrap_or(self.0.len() - 1);
            text.push(self.0[number]);
            self.one_hot(&self.0[number].to_string()) // [1, characters]
        });
        text
    }
}

fn main() -> forecast::Result<()> {
    let text = include_str!("char_rnn.txt");
    let (alphabet, mut rng) = (Alphabet::of(text), ChaCha8Rng::seed_from_u64(2));
    let examples = alphabet.examples(text, 8);
    let mut network = Network::new(examples.shape(CellKind::Lstm, 128), &mut rng);
    // truncated BPTT: chunks of 30 characters, with the state carried from chunk to chunk
    let settings = TrainingSettings { chunk: 30, reach: 30, ..TrainingSettings::full_bptt(300, 0.01) };
    train(&mut network, &examples, &settings, &mut SilentObserver)?;
    println!("accuracy {:.1} % of the next characters", 100.0 * examples.accuracy(&network));
    for temperature in [0.3, 0.7, 1.2] {
        println!(
            "temperature {temperature}: {}",
            alphabet.generate(&network, "The river ", 200, temperature, &mut rng)
        );
    }
    let words = |text: &str| -> Vec<String> { text.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect() };
    let known = words(text);
    let generated = words(&alphabet.generate(&network, "The river ", 400, 0.3, &mut rng));
    let whole = &generated[..generated.len() - 1]; // the last word may be cut off
    let count = whole.iter().filter(|word| known.contains(word)).count();
    println!("{count} of {} generated words are words of the text", whole.len());
    assert!(10 * count >= 9 * whole.len(), "the network generates words");
    Ok(())
}
