//! Feeds damaged files to the reader for as long as asked, and keeps what it does not survive:
//! `cargo run --release --example fuzz_reader -- SECONDS [FIRST_SEED] [FOLDER_OF_MORE_FILES]`.

#![expect(clippy::print_stdout, reason = "what it found is what it is run for")]

#[path = "../tests/it/mutate.rs"]
mod mutate;
#[path = "../tests/it/promises.rs"]
mod promises;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A file of 90 lines that takes longer is worth a look.
const SLOW: Duration = Duration::from_secs(30);

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(10);
    let first: u64 = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = seeds(&root.join("datasets"))?;
    files.extend(seeds(&root.join("tests/corpus"))?);
    if let Some(folder) = arguments.get(2) {
        files.extend(seeds(Path::new(folder))?);
    }
    let said: Arc<Mutex<String>> = Arc::default();
    let hook = Arc::clone(&said);
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload().downcast_ref::<String>().map(String::as_str);
        let what = text.or(panic.payload().downcast_ref::<&str>().copied()).unwrap_or_default();
        *hook.lock().expect("nobody else holds it") = format!("{place}: {what}");
    }));
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    let (began, mut read, mut failed, mut seed) = (Instant::now(), 0_u64, 0_u64, first);
    while began.elapsed() < Duration::from_secs(seconds) {
        for _ in 0..1_000 {
            let pick = |salt: u64| {
                &files[(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17) ^ salt) as usize % files.len()]
            };
            let bytes = mutate::damaged(pick(0), pick(seed / 7), seed);
            let (copy, start) = (bytes.clone(), Instant::now());
            let outcome = std::panic::catch_unwind(move || promises::kept(copy, &promises::options(seed)));
            if let Ok(understood) = outcome {
                read += u64::from(understood);
            } else {
                failed += 1;
                let said = said.lock().expect("nobody else holds it").clone();
                let place = said.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
                let count = known.entry(place).or_default();
                *count += 1;
                // one file for each place is enough to find the mistake
                if *count == 1 {
                    let kept = root.join(format!("tests/corpus/seed-{seed}.csv"));
                    std::fs::write(&kept, &bytes)?;
                    println!("seed {seed}: {said}");
                }
            }
            if start.elapsed() > SLOW {
                println!("seed {seed} took {:.1} s", start.elapsed().as_secs_f64());
            }
            seed += 1;
        }
    }
    let (runs, took) = (seed - first, began.elapsed().as_secs_f64());
    println!(
        "{runs} files in {took:.0} s from seed {first}: {read} understood, {} refused, {failed} broke a promise",
        runs - read - failed
    );
    Ok(())
}

/// The files of a folder, each cut to its first lines so that one run takes a moment.
fn seeds(folder: &Path) -> std::io::Result<Vec<Vec<u8>>> {
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
