//! The reader panics neither on damaged files nor on the files of `tests/corpus`, on which it once did.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::{mutate, reader_invariants};

/// The first 91 lines of each example dataset and of each file in the corpus.
fn files() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = ["datasets", "tests/corpus"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "md"))
        .collect();
    paths.sort();
    let first_lines = |bytes: Vec<u8>| {
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').take(91).collect();
        lines.join(&b'\n')
    };
    paths.iter().map(|path| first_lines(fs::read(path).unwrap())).collect()
}

/// Reads every file with every seventh combination of options.
#[test]
fn the_corpus_breaks_no_invariant() {
    let mut readable = 0;
    for file in files() {
        for number in (0..2_016).step_by(7) {
            let (options, hints) = (reader_invariants::options(number), usize::from(number == 0));
            readable += usize::from(reader_invariants::read_and_check(file.clone(), &options, hints));
        }
    }
    assert!(readable > 500, "most of the files can be read: {readable}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn damaged_files_break_no_invariant(seed in any::<u64>(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let files = files();
        let bytes = mutate::damaged(&files[one.index(files.len())], &files[other.index(files.len())], seed);
        reader_invariants::read_and_check(bytes, &reader_invariants::options(seed >> 8), 1);
    }
}
