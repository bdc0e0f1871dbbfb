//! The examples, each of which asserts what it learned.

use std::path::Path;
use std::process::Command;

/// Runs an example that cargo built beside the tests.
fn runs(name: &str) {
    let built = Path::new(env!("CARGO_BIN_EXE_forecast")).with_file_name("examples").join(name);
    assert!(built.exists(), "`cargo build --release --examples` builds {}", built.display());
    let output = Command::new(built).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
    assert!(!output.stdout.is_empty(), "{name} says what it learned");
}

#[test]
fn many_to_one_tells_waves_apart() {
    runs("many_to_one");
}

#[test]
fn one_to_many_draws_a_curve_from_one_number() {
    runs("one_to_many");
}

#[test]
fn many_to_many_counts_brackets() {
    runs("many_to_many");
}

#[test]
fn encoder_decoder_says_words_backwards() {
    runs("encoder_decoder");
}

#[test]
fn char_rnn_learns_hello_world_and_writes_words() {
    runs("char_rnn");
}
