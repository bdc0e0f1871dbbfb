//! Numbers, counts and lists in the words of notices.

/// A share in whole percent.
pub(crate) fn percent(part: usize, of: usize) -> String {
    let share = 100.0 * part as f64 / of.max(1) as f64;
    if share < 1.0 { "less than 1".to_owned() } else { format!("{share:.0}") }
}

/// A number with its noun, and a verb where it has one.
pub(crate) fn counted(count: usize, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

/// The names, of many only the first and the last.
pub(crate) fn abridged(names: &[String]) -> String {
    const MAX_SHOWN: usize = 3;
    match names {
        [first @ .., last] if names.len() > MAX_SHOWN + 1 => format!("{}, … {last}", first[..MAX_SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

/// A number, with a power of ten if it has many digits.
pub(crate) fn short_number(number: f64) -> String {
    const LARGE: f64 = 1e15;
    if number.abs() >= LARGE { format!("{number:e}") } else { number.to_string() }
}
