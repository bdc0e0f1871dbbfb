//! Reads damaged files, and saves those that break an invariant of the reader in the folder for temporary files:
//! `cargo run --release --example fuzz_reader -- [FILES] [FIRST_SEED] [FOLDER_OF_MORE_FILES]`. The same arguments give the
//! same files. The exit code is 1 if an invariant was broken.

#![expect(clippy::print_stdout, reason = "a program prints its result")]

#[path = "../tests/it/follow_hint.rs"]
mod follow_hint;
#[path = "../src/bin/forecast/report/hints/mod.rs"]
mod hints;
#[path = "../tests/it/mutate.rs"]
mod mutate;
#[path = "../tests/it/reader_invariants.rs"]
mod reader_invariants;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The number of files without an argument.
const DEFAULT_FILES: u64 = 3_000;
/// The number of hints that are followed one after another.
const MAX_HINTS: usize = 2;
/// One file in so many is a workbook.
const FILES_PER_WORKBOOK: u64 = 32;
/// The seeds of files that take longer than this are printed.
const MAX_DURATION: Duration = Duration::from_secs(30);
/// The number of files that are saved for each invariant, as one may have several causes.
const MAX_SAVED: u64 = 5;

/// The text of the last panic.
type LastPanic = Arc<Mutex<String>>;

fn main() -> std::io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let (count, first_seed) = (number(0).unwrap_or(DEFAULT_FILES), number(1).unwrap_or(0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = first_lines(&root.join("datasets"))?;
    files.extend(first_lines(&root.join("tests/corpus"))?);
    if let Some(folder) = arguments.get(2) {
        files.extend(first_lines(Path::new(folder))?);
    }
    let last_panic = record_panics();
    let mut broken: BTreeMap<String, u64> = BTreeMap::new();
    let (began, mut read) = (Instant::now(), 0_u64);
    for seed in first_seed..first_seed + count {
        let bytes = damaged(&files, seed);
        let (copy, start) = (bytes.clone(), Instant::now());
        let outcome = std::panic::catch_unwind(move || {
            reader_invariants::read_and_check(copy, &reader_invariants::options(seed), MAX_HINTS)
        });
        if let Ok(is_dataset) = outcome {
            read += u64::from(is_dataset);
        } else {
            let message = last_panic.lock().expect("no thread panics with the lock").clone();
            let location = message.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
            let times = broken.entry(location).or_default();
            *times += 1;
            if *times <= MAX_SAVED {
                let saved = std::env::temp_dir().join(format!("fuzz_reader-{seed}.csv"));
                std::fs::write(&saved, &bytes)?;
                println!("seed {seed}: {message}; the file is {}", saved.display());
            }
        }
        if start.elapsed() > MAX_DURATION {
            println!("seed {seed} took {:.1} s", start.elapsed().as_secs_f64());
        }
    }
    let (failed, took) = (broken.values().sum::<u64>(), began.elapsed().as_secs_f64());
    println!(
        "{count} files in {took:.0} s from seed {first_seed}: {read} read, {} refused, {failed} broke an invariant",
        count - read - failed
    );
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Keeps the text of a panic instead of printing it.
fn record_panics() -> LastPanic {
    let last_panic = LastPanic::default();
    let recorded = Arc::clone(&last_panic);
    std::panic::set_hook(Box::new(move |panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload().downcast_ref::<String>().map(String::as_str);
        let reason = text.or(panic.payload().downcast_ref::<&str>().copied()).unwrap_or_default();
        *recorded.lock().expect("no thread panics with the lock") = format!("{location}: {reason}");
    }));
    last_panic
}

/// The damaged file of a seed.
fn damaged(files: &[Vec<u8>], seed: u64) -> Vec<u8> {
    let file =
        |salt: u64| &files[(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17) ^ salt) as usize % files.len()];
    let text = mutate::damaged(file(0), file(seed / 7), seed);
    let is_workbook = seed.is_multiple_of(FILES_PER_WORKBOOK);
    let workbook = is_workbook.then(|| as_workbook(&text, seed / FILES_PER_WORKBOOK)).flatten();
    workbook.unwrap_or(text)
}

/// The first lines of each file in a folder.
fn first_lines(folder: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    const LINES: usize = 90;
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths.iter().filter(|path| path.is_file() && path.extension().is_none_or(|ending| ending != "md")) {
        let bytes = std::fs::read(path)?;
        let end =
            bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(LINES).map_or(bytes.len(), |(at, _)| at);
        files.push(bytes[..end].to_vec());
    }
    Ok(files)
}

/// The cells of a text as the sheet of a workbook, one in 16 of them damaged: numbers are numbers, and other cells text.
fn as_workbook(text: &[u8], seed: u64) -> Option<Vec<u8>> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(String::from_utf8_lossy(text).lines()) {
        for (column, cell) in (0..).zip(line.split([',', ';', '\t', '|'])) {
            let written = match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => sheet.write_number(row, column, number),
                _ => sheet.write_string(row, column, cell.chars().take(100).collect::<String>()),
            };
            written.ok()?;
        }
    }
    let mut bytes = workbook.save_to_buffer().ok()?;
    if seed.is_multiple_of(16) {
        let at = seed as usize % bytes.len();
        bytes[at] ^= 1 << (seed / 16 % 8);
    }
    Some(bytes)
}
