//! How files write a missing value.

/// Spellings of a missing value in lower case.
const SPELLINGS: [&str; 22] = [
    "na", "n/a", "nan", "null", "none", "nil", "#n/a", "#na", "n.a.", "n.a", "<na>", "nat", "nd", "n/d", "n.d.",
    "missing", "(null)", "#value!", "#div/0!", "#ref!", "#null!", "#num!",
];

/// Whether a cell holds no value.
pub(crate) fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    match cell.len() {
        0 => true,
        1 => matches!(cell, "-" | "." | "?" | "*" | ":"),
        2 if matches!(cell, "--" | ".." | "\\N" | "-.") => true,
        3 if matches!(cell, "---" | "..." | "–" | "—" | "…") => true,
        // Nearly all cells start with a digit, so this test saves the comparison with every spelling.
        2..=8 if !cell.as_bytes()[0].is_ascii_digit() => {
            SPELLINGS.iter().any(|spelling| cell.eq_ignore_ascii_case(spelling))
        }
        _ => false,
    }
}
