//! Hints for cells that are not numbers.

use forecast::error::Rejected;

use super::quoting::quoted;

/// Why cells may not be numbers.
enum NotNumbers<'a> {
    /// The columns of a spreadsheet were too narrow for its numbers.
    NarrowColumns,
    /// Few words stand in several cells, and probably for missing values.
    Words(Vec<&'a str>),
    /// A triangle is in place of a sign.
    Triangle,
    /// Any other reason.
    Other,
}

impl<'a> NotNumbers<'a> {
    fn of(cells: &'a Rejected) -> Self {
        const MAX_WORDS: usize = 3;
        let all: Vec<&str> = cells.first.iter().map(|(_, cell)| cell.as_str()).collect();
        let mut words: Vec<&str> = Vec::new();
        for word in &all {
            if !words.contains(word) {
                words.push(word);
            }
        }
        let has_letters_only = |word: &&str| word.chars().all(|c| c.is_alphabetic() || c == ' ');
        let are_repeated = words.len() < all.len() && words.iter().all(has_letters_only);
        match words.as_slice() {
            [word, ..] if word.len() > 2 && word.bytes().all(|byte| byte == b'#') => Self::NarrowColumns,
            [_, ..] if all.iter().any(|cell| has_triangle(cell)) => Self::Triangle,
            [word] if (cells.count > 1 || is_triangle(word)) && !word.contains(',') => Self::Words(words),
            [_, ..] if words.iter().all(|word| is_triangle(word)) => Self::Words(words),
            [_, ..] if words.len() <= MAX_WORDS && are_repeated => Self::Words(words),
            _ => Self::Other,
        }
    }
}

/// Triangles in place of signs.
const TRIANGLES: [char; 4] = ['▲', '△', '▼', '▽'];

/// Whether a triangle is before a number.
fn has_triangle(cell: &str) -> bool {
    cell.trim_start().starts_with(TRIANGLES) && cell.contains(|c: char| c.is_ascii_digit())
}

/// Whether a triangle is without a number.
fn is_triangle(cell: &str) -> bool {
    cell.trim().trim_matches(TRIANGLES).is_empty()
}

const NARROW_COLUMNS: &str =
    "the columns of the spreadsheet were too narrow for these numbers: make them wider and save the file again";

const TRIANGLE: &str =
    "write a minus sign in place of the triangle of a negative number, and no sign in place of others";

/// Words as the value of one flag.
fn listed(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(",")
}

/// Words as a list in a sentence.
fn in_words(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        words => words.join(", "),
    }
}

/// The hint for words in a covariate of numbers. A missing value is none in the future, which has to be known. `categories`
/// is the name of the column, if it may be one of words.
pub(crate) fn word_hint(cells: &Rejected, can_be_skipped: bool, in_future: bool, categories: Option<&str>) -> String {
    let skip = (can_be_skipped && !in_future).then(|| "read them as missing with `--bad-rows skip`".to_owned());
    let as_words =
        || categories.map(|column| format!("read the column as words with `--categories {}`", quoted(column)));
    let (first, missing, as_words) = match NotNumbers::of(cells) {
        NotNumbers::NarrowColumns => (NARROW_COLUMNS, skip, None),
        NotNumbers::Words(words) if !in_future && (words.len() == 1 || can_be_skipped) => {
            let named = format!("name a word that stands for a missing value with `--missing {}`", listed(&words));
            ("correct these cells", Some(named), as_words())
        }
        NotNumbers::Triangle => (TRIANGLE, skip, None),
        _ => ("correct these cells", skip, as_words()),
    };
    let mut alternatives: Vec<String> = [Some(first.to_owned()), missing, as_words].into_iter().flatten().collect();
    let last = alternatives.pop().unwrap_or_default();
    if alternatives.is_empty() { last } else { format!("{}, or {last}", alternatives.join(", ")) }
}

/// The hint for cells of the target that are not numbers, of `present` ones.
pub(super) fn number_hint(cells: &Rejected, present: usize, can_be_skipped: bool) -> String {
    let has_numbers = cells.count < present;
    match NotNumbers::of(cells) {
        NotNumbers::NarrowColumns => format!("{NARROW_COLUMNS}, or read the cells as missing with `--bad-rows skip`"),
        // several words in all cells are probably those of a column of words
        NotNumbers::Words(words) if words.len() == 1 || can_be_skipped || has_numbers => {
            let (stand, them) = if words.len() == 1 {
                ("stands for a missing value", "it")
            } else {
                ("stand for missing values", "them")
            };
            let flag = listed(&words);
            let other =
                if can_be_skipped || words.len() == 1 { "" } else { ", or name another column with `--target NAME`" };
            let words = in_words(&words);
            format!("if {words} {stand}, name {them} with `--missing {flag}`; if not, correct these cells{other}")
        }
        NotNumbers::Triangle => TRIANGLE.into(),
        _ if can_be_skipped => {
            "correct these cells, or read them as missing with `--bad-rows skip`; a missing value may be left empty or \
             written NA"
                .into()
        }
        _ => {
            "these are too many to be read as missing: correct them, or name another column with `--target NAME`".into()
        }
    }
}
