//! Flags at numbers, as statistics offices write them: `12.3 p`, `(e) 12.3`, `: c`.

use crate::read::table::is_missing;

/// The letters of flags, such as provisional, estimated, break in series and confidential.
const LETTERS: &str = "bcdefnprsuxz";
/// The maximum number of letters of a flag.
const MAX_LETTERS: usize = 3;

/// The cell without its flag; `None` if it has none.
pub(crate) fn without_flag(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    let bracketed = |from: char, to: char| {
        let (rest, flag) = cell.strip_suffix(to)?.rsplit_once(from)?;
        is_bracketed_flag(flag, from).then_some(rest)
    };
    let before = |from: char, to: char| {
        let (flag, rest) = cell.strip_prefix(from)?.split_once(to)?;
        is_bracketed_flag(flag, from).then_some(rest)
    };
    let is_mark = |c: char| "*#†‡¹²³".contains(c);
    let letters = || {
        let number = cell.trim_end_matches(|c: char| LETTERS.contains(c) || c == ',');
        let flag = &cell[number.len()..];
        let is_apart = number.ends_with([' ', '\u{a0}', ':']) || matches!(flag, "p" | "r");
        let fits =
            !number.is_empty() && !flag.is_empty() && flag.len() <= MAX_LETTERS && is_apart && !flag.starts_with(',');
        fits.then_some(number)
    };
    let marks = || Some(cell.trim_end_matches(is_mark)).filter(|rest| rest.len() < cell.len());
    let found = bracketed('(', ')').or_else(|| bracketed('[', ']')).or_else(|| before('(', ')'));
    found.or_else(|| before('[', ']')).or_else(marks).or_else(letters).map(str::trim)
}

/// Whether a text in brackets is a flag: letters, or in square brackets a code or the number of a footnote.
fn is_bracketed_flag(flag: &str, bracket: char) -> bool {
    const MAX_LENGTH: usize = 6;
    let is_word = flag.chars().all(|c| c.is_ascii_alphabetic() || c == ',');
    let is_code = bracket == '[' && flag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    !flag.is_empty() && flag.len() <= MAX_LENGTH && (is_word || is_code)
}

/// Whether a cell has a flag and no value.
pub(crate) fn is_flag_of_missing(cell: &str) -> bool {
    !is_too_narrow(cell) && without_flag(cell).is_some_and(is_missing)
}

/// Whether a cell has number signs in place of a value, as a spreadsheet shows it in a column that is too narrow.
fn is_too_narrow(cell: &str) -> bool {
    const MIN_SIGNS: usize = 3;
    let cell = cell.trim();
    cell.len() >= MIN_SIGNS && cell.bytes().all(|byte| byte == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_split_off() {
        let cases = [
            ("12.3 p", Some("12.3")),
            ("12.3 bp", Some("12.3")),
            ("12.3p", Some("12.3")),
            ("1,234 (e)", Some("1,234")),
            ("[r] 5", Some("5")),
            ("5[1]", Some("5")),
            ("5*", Some("5")),
            ("72.1#", Some("72.1")),
            (": c", Some(":")),
            (":c", Some(":")),
            ("(c)", Some("")),
            ("12.3", None),
            ("(1,234)", None),
            ("12 h", None),
            ("12e", None),
            ("closed", None),
            ("p", None),
        ];
        for (cell, rest) in cases {
            assert_eq!(without_flag(cell), rest, "{cell}");
        }
    }
}
