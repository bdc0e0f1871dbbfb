//! Hints for cells that are not numbers.

use forecast::error::Rejected;

use super::quoting::quoted;

/// Why cells may not be numbers.
enum NotNumbers<'a> {
    /// The columns of a spreadsheet were too narrow for its numbers.
    NarrowColumns,
    /// One word stands in several cells, and probably for a missing value.
    Word(&'a str),
    /// Any other reason.
    Other,
}

impl<'a> NotNumbers<'a> {
    fn of(cells: &'a Rejected) -> Self {
        let mut words: Vec<&str> = cells.first.iter().map(|(_, cell)| cell.as_str()).collect();
        words.dedup();
        match words.as_slice() {
            [word, ..] if word.len() > 2 && word.bytes().all(|byte| byte == b'#') => Self::NarrowColumns,
            [word] if cells.count > 1 => Self::Word(word),
            _ => Self::Other,
        }
    }
}

const NARROW_COLUMNS: &str =
    "the columns of the spreadsheet were too narrow for these numbers: make them wider and save the file again";

/// The hint for words in a covariate of numbers. A missing value is none in the future, which has to be known. `categories`
/// is the name of the column, if it may be one of words.
pub(crate) fn word_hint(cells: &Rejected, can_be_skipped: bool, in_future: bool, categories: Option<&str>) -> String {
    let skip = (can_be_skipped && !in_future).then(|| "read them as missing with `--bad-rows skip`".to_owned());
    let as_words =
        || categories.map(|column| format!("read the column as words with `--categories {}`", quoted(column)));
    let (first, missing, as_words) = match NotNumbers::of(cells) {
        NotNumbers::NarrowColumns => (NARROW_COLUMNS, skip, None),
        NotNumbers::Word(word) if !in_future => {
            let named = format!("name a word that stands for a missing value with `--missing {}`", quoted(word));
            ("correct these cells", Some(named), as_words())
        }
        _ => ("correct these cells", skip, as_words()),
    };
    let mut alternatives: Vec<String> = [Some(first.to_owned()), missing, as_words].into_iter().flatten().collect();
    let last = alternatives.pop().unwrap_or_default();
    if alternatives.is_empty() { last } else { format!("{}, or {last}", alternatives.join(", ")) }
}

/// The hint for cells of the target that are not numbers.
pub(super) fn number_hint(cells: &Rejected, can_be_skipped: bool) -> String {
    match NotNumbers::of(cells) {
        NotNumbers::NarrowColumns => format!("{NARROW_COLUMNS}, or read the cells as missing with `--bad-rows skip`"),
        NotNumbers::Word(word) => {
            let named = format!("name it with `--missing {}`", quoted(word));
            format!("if {word} stands for a missing value, {named}; if not, correct these cells")
        }
        NotNumbers::Other if can_be_skipped => {
            "correct these cells, or read them as missing with `--bad-rows skip`; a missing value may be left empty or \
             written NA"
                .into()
        }
        NotNumbers::Other => {
            "these are too many to be read as missing: correct them, or name another column with `--target NAME`".into()
        }
    }
}
