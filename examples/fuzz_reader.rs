//! Reads damaged files for a given time, and saves those that break an invariant of the reader:
//! `cargo run --release --example fuzz_reader -- SECONDS [FIRST_SEED] [FOLDER_OF_MORE_FILES]`.

#![expect(clippy::print_stdout, reason = "a program prints its result")]

#[path = "../tests/it/follow_hint.rs"]
mod follow_hint;
#[path = "../src/bin/forecast/report/hints.rs"]
mod hints;
#[path = "../tests/it/mutate.rs"]
mod mutate;
#[path = "../tests/it/reader_invariants.rs"]
mod reader_invariants;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The number of hints that are followed one after another.
const MAX_HINTS: usize = 2;
/// One file in so many is a workbook.
const FILES_PER_WORKBOOK: u64 = 32;
/// The seeds of files that take longer than this are printed.
const MAX_DURATION: Duration = Duration::from_secs(30);

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(10);
    let first_seed: u64 = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = first_lines(&root.join("datasets"))?;
    files.extend(first_lines(&root.join("tests/corpus"))?);
    if let Some(folder) = arguments.get(2) {
        files.extend(first_lines(Path::new(folder))?);
    }
    let message: Arc<Mutex<String>> = Arc::default();
    let hook = Arc::clone(&message);
    std::panic::set_hook(Box::new(move |panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload().downcast_ref::<String>().map(String::as_str);
        let reason = text.or(panic.payload().downcast_ref::<&str>().copied()).unwrap_or_default();
        *hook.lock().expect("no thread panics with the lock") = format!("{location}: {reason}");
    }));
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    let (began, mut read, mut failed, mut seed) = (Instant::now(), 0_u64, 0_u64, first_seed);
    while began.elapsed() < Duration::from_secs(seconds) {
        for _ in 0..1_000 {
            let file = |salt: u64| {
                &files[(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17) ^ salt) as usize % files.len()]
            };
            let text = mutate::damaged(file(0), file(seed / 7), seed);
            let is_workbook = seed.is_multiple_of(FILES_PER_WORKBOOK);
            let workbook = is_workbook.then(|| as_workbook(&text, seed / FILES_PER_WORKBOOK)).flatten();
            let bytes = workbook.unwrap_or(text);
            let (copy, start) = (bytes.clone(), Instant::now());
            let outcome = std::panic::catch_unwind(move || {
                reader_invariants::read_and_check(copy, &reader_invariants::options(seed), MAX_HINTS)
            });
            if let Ok(is_dataset) = outcome {
                read += u64::from(is_dataset);
            } else {
                failed += 1;
                let message = message.lock().expect("no thread panics with the lock").clone();
                let location = message.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
                let count = known.entry(location).or_default();
                *count += 1;
                // One file for each location is enough to find the fault.
                if *count == 1 {
                    let kept = root.join(format!("tests/corpus/seed-{seed}.csv"));
                    std::fs::write(&kept, &bytes)?;
                    println!("seed {seed}: {message}");
                }
            }
            if start.elapsed() > MAX_DURATION {
                println!("seed {seed} took {:.1} s", start.elapsed().as_secs_f64());
            }
            seed += 1;
        }
    }
    let (runs, took) = (seed - first_seed, began.elapsed().as_secs_f64());
    println!(
        "{runs} files in {took:.0} s from seed {first_seed}: {read} read, {} refused, {failed} broke an invariant",
        runs - read - failed
    );
    Ok(())
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
