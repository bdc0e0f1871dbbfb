//! No input makes the reader panic: real files, damaged at random, and all that once did harm.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::{mutate, promises};

/// The shipped files and the corpus, each cut to its first lines.
fn files() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = ["datasets", "tests/corpus"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "md"))
        .collect();
    paths.sort();
    let cut = |bytes: Vec<u8>| {
        let end =
            bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(90).map_or(bytes.len(), |(at, _)| at);
        bytes[..end].to_vec()
    };
    paths.iter().map(|path| cut(fs::read(path).unwrap())).collect()
}

/// As they are, every one with some of all options: whatever once broke a promise is among them.
#[test]
fn the_corpus_keeps_every_promise() {
    let mut understood = 0;
    for file in files() {
        for number in (0..2_016).step_by(7) {
            understood += usize::from(promises::kept(file.clone(), &promises::options(number)));
        }
    }
    assert!(understood > 500, "most of the files can be read: {understood}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn damaged_files_keep_every_promise(seed in any::<u64>(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let files = files();
        let bytes = mutate::damaged(&files[one.index(files.len())], &files[other.index(files.len())], seed);
        promises::kept(bytes, &promises::options(seed >> 8));
    }
}
