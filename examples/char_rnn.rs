//! Characters: learns to say the next one, then writes text by hearing itself.
//!
//! The same network and the same training loop as the forecaster's; only what goes in and what is to come out differ.
//!
//! ```sh
//! cargo run --release --example char_rnn
//! ```

#![expect(clippy::print_stdout, reason = "an example says what it learned")]

use std::collections::HashSet;

use forecast::model::SilentObserver;
use forecast::model::rnn::{CellKind, Examples, Form, Loss, Network, Recurrent, Training, train};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

/// The characters of a text, each with its number.
struct Alphabet(Vec<char>);

impl Alphabet {
    fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Self(characters)
    }

    /// A one among zeros for each character: [length, characters].
    fn one_hot(&self, text: &str) -> Tensor {
        let number = |c: char| self.0.iter().position(|a| *a == c).expect("a character of the alphabet") as i64;
        let numbers: Vec<i64> = text.chars().map(number).collect();
        Tensor::from_slice(&numbers).one_hot(self.0.len() as i64).to_kind(Kind::Float)
    }

    /// The text cut into parallel streams; at each character the next one is to be said.
    fn lesson(&self, text: &str, streams: i64) -> Examples {
        let characters = self.one_hot(text);
        let length = (characters.size()[0] - 1) / streams;
        let from = |start: i64| characters.narrow(0, start, streams * length).view([streams, length, -1]);
        Examples::new(Form::ManyToMany, Loss::CrossEntropy, from(0), from(1))
    }

    /// Goes on after `begin`: each character is drawn with probabilities softmax(output / temperature), then heard. A low
    /// temperature keeps to the likeliest, a high one dares.
    fn write(&self, network: &Network, begin: &str, length: usize, temperature: f64, rng: &mut ChaCha8Rng) -> String {
        let mut written = begin.to_owned();
        let begin = self.one_hot(begin).unsqueeze(1); // [length, 1, characters]
        network.generate(&begin, &network.start(1), length, |output| {
            let shares = (output / temperature).softmax(-1, Kind::Double); // [1, characters]
            let mut left: f64 = rng.random();
            let drawn = |number: &usize| {
                left -= shares.double_value(&[0, *number as i64]);
                left < 0.0
            };
            let number = (0..self.0.len()).find(drawn).unwrap_or(self.0.len() - 1);
            written.push(self.0[number]);
            self.one_hot(&self.0[number].to_string())
        });
        written
    }
}

fn main() -> forecast::Result<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);

    // after "l" comes "l", "o" or "d": only the hidden state can tell which
    let text = "hello world";
    let alphabet = Alphabet::of(text);
    let lesson = alphabet.lesson(text, 1);
    let mut network = Network::new(lesson.shape(CellKind::Rnn, 16), &mut rng);
    train(&mut network, &lesson, &Training::full(200, 0.02), &mut SilentObserver)?;
    let said = alphabet.write(&network, "h", text.len() - 1, 0.01, &mut rng);
    println!("from \"h\": \"{said}\"");
    assert_eq!(said, text, "learned exactly");

    let text = include_str!("char_rnn.txt");
    let alphabet = Alphabet::of(text);
    let lesson = alphabet.lesson(text, 8);
    let mut network = Network::new(lesson.shape(CellKind::Lstm, 128), &mut rng);
    // truncated BPTT: chunks of 30 characters, the state carried from chunk to chunk
    let training = Training { chunk: 30, reach: 30, ..Training::full(300, 0.01) };
    train(&mut network, &lesson, &training, &mut SilentObserver)?;
    let right = lesson.share_right(&network);
    println!("{:.1} % of the next characters right", 100.0 * right);
    for temperature in [0.3, 0.7, 1.2] {
        println!("temperature {temperature}: {}", alphabet.write(&network, "The river ", 200, temperature, &mut rng));
    }
    let words = |text: &str| -> Vec<String> { text.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect() };
    let known: HashSet<String> = words(text).into_iter().collect();
    let written = words(&alphabet.write(&network, "The river ", 400, 0.3, &mut rng));
    let real = written[..written.len() - 1].iter().filter(|word| known.contains(*word)).count();
    println!("{real} of {} words written are words of the text", written.len() - 1);
    assert!(10 * real >= 9 * (written.len() - 1), "what is written are words");
    Ok(())
}
