//! Damages the bytes of a file at random, by a seed.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Cells that are hard to read.
const CELLS: [&str; 60] = [
    "",
    " ",
    "NA",
    "-",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "1e308",
    "-1e308",
    "9223372036854775807",
    "-9223372036854775808",
    "0",
    "-0",
    "1,5",
    "1.234",
    "1.234,56",
    "1,234.56",
    "$5",
    "5 €",
    "12%",
    "(3)",
    "1'234",
    "--1",
    "\"",
    "\"\"",
    "\"a\"b",
    "a,b;c\td|e",
    "#",
    "# x",
    "2024-01-01",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31",
    "262143-01-01",
    "1900-01-01",
    "01.02.2012",
    "1/2/25",
    "13/13/13",
    "1998 Q1",
    "1991 W53",
    "Jan-60",
    "Feb 30",
    "202413",
    "20240131",
    "1704067200",
    "1704067200000000000",
    "24:00",
    "2024-03-31T02:30",
    "2024-10-27T02:30+01:00",
    "2024-10-27T02:30Z",
    "2009/10",
    "FY99",
    "T",
    "Z",
    "\u{feff}",
    "é",
    "日本",
    "\u{0}",
    "x",
];

/// Bytes with a meaning for the reader.
const BYTES: &[u8] = b",;\t|\"'\n\r #-+./:0159eETZ%$()\x00\x80\xff\xfe\xef\xbb\xbf{}[]";

/// A damaged copy of a file. Lines of `other` may be inserted.
pub(crate) fn damaged(file: &[u8], other: &[u8], seed: u64) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bytes = file.to_vec();
    for _ in 0..random.random_range(1..=4) {
        if bytes.is_empty() {
            break;
        }
        damage(&mut bytes, other, &mut random);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) {
    let at = random.random_range(0..bytes.len());
    match random.random_range(0..16) {
        0 => bytes[at] ^= 1 << random.random_range(0..8),
        1 => bytes[at] = *BYTES.choose(random).expect("the list is not empty"),
        2 => bytes.insert(at, *BYTES.choose(random).expect("the list is not empty")),
        3 => bytes.truncate(at),
        4 => {
            bytes.drain(..at);
        }
        5 => {
            let end = (at + random.random_range(1..40)).min(bytes.len());
            bytes.drain(at..end);
        }
        6..=9 => replace_cell(bytes, at, CELLS.choose(random).expect("the list is not empty")),
        10 => *bytes = with_lines_changed(bytes, random),
        11 => *bytes = with_column_replaced(bytes, random),
        12 => {
            let (from, to) = (*b",;\t|".choose(random).expect("four"), *b",;\t|. ".choose(random).expect("six"));
            bytes.iter_mut().filter(|byte| **byte == from).for_each(|byte| *byte = to);
        }
        13 => {
            let lines: Vec<&[u8]> = other.split(|byte| *byte == b'\n').collect();
            let line = lines.choose(random).copied().unwrap_or_default().to_vec();
            let start = line_start(bytes, at);
            bytes.splice(start..start, line.into_iter().chain([b'\n']));
        }
        14 => {
            let prefix: &[u8] = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff", b"sep=;\n", b"# note\n", b"Title\n\n"]
                .choose(random)
                .expect("six");
            bytes.splice(0..0, prefix.iter().copied());
        }
        _ => {
            let units: Vec<u16> = String::from_utf8_lossy(bytes).encode_utf16().collect();
            *bytes = units.into_iter().flat_map(u16::to_le_bytes).collect();
        }
    }
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1)
}

fn replace_cell(bytes: &mut Vec<u8>, at: usize, cell: &str) {
    let is_separator = |byte: &u8| b",;\t|\n".contains(byte);
    let start = bytes[..at].iter().rposition(is_separator).map_or(0, |found| found + 1);
    let end = bytes[at..].iter().position(is_separator).map_or(bytes.len(), |found| at + found);
    bytes.splice(start..end, cell.bytes());
}

/// The bytes after some lines were removed, repeated or swapped.
fn with_lines_changed(bytes: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    for _ in 0..random.random_range(1..6) {
        let (from, to) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
        match random.random_range(0..3) {
            0 if lines.len() > 1 => drop(lines.remove(from)),
            1 => lines.insert(to, lines[from]),
            _ => lines.swap(from, to),
        }
    }
    lines.join(&b'\n')
}

/// The bytes with the same cell in every row of one column.
fn with_column_replaced(bytes: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let cell = CELLS.choose(random).expect("the list is not empty");
    let column = random.random_range(0..4);
    let changed = |line: &[u8]| -> Vec<u8> {
        let mut cells: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
        if let Some(old) = cells.get_mut(column) {
            *old = cell.as_bytes();
        }
        cells.join(&b',')
    };
    let lines: Vec<Vec<u8>> = bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(at, line)| if at == 0 || line.is_empty() { line.to_vec() } else { changed(line) })
        .collect();
    lines.join(&b'\n')
}
