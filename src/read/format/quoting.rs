//! Texts with other quotes than those of RFC 4180, with the usual ones in their place. Every line keeps its number.

use crate::read::format::aligned_table::SEPARATORS;

/// The number of lines by which quotes are recognised.
const SAMPLE_LINES: usize = 200;
/// The minimum number of lines.
const MIN_LINES: usize = 3;
/// The quote of R inside a quoted cell.
const ESCAPED: &str = "\\\"";

/// The text with usual quotes; `None` if it has these already.
pub(crate) fn with_usual_quotes(text: &str) -> Option<String> {
    if has_escaped_quotes(text) {
        return Some(text.replace(ESCAPED, "\"\""));
    }
    if are_lines_quoted(text) {
        return Some(map_lines(text, |line| unquoted_line(line).map(|inner| inner.replace("\"\"", "\""))));
    }
    let separator = separator_of_single_quotes(text)?;
    Some(map_lines(text, |line| Some(with_double_quotes(line, separator))))
}

fn map_lines(text: &str, map: impl Fn(&str) -> Option<String>) -> String {
    let mut mapped = String::with_capacity(text.len());
    for line in text.lines() {
        mapped.push_str(&map(line).unwrap_or_else(|| line.to_owned()));
        mapped.push('\n');
    }
    mapped
}

fn sample(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(SAMPLE_LINES)
}

/// Whether quotes in quoted cells have a backslash before them, as `write.table` of R writes them, and are not doubled.
///
/// A backslash may also be the last character of a cell. So a line decides if its other quotes are even in number and all
/// of them are not, or if the cell goes on after the quote.
fn has_escaped_quotes(text: &str) -> bool {
    if memchr::memmem::find(text.as_bytes(), ESCAPED.as_bytes()).is_none() {
        return false;
    }
    let is_sign = |line: &str| {
        let (quotes, escaped) = (line.matches('"').count(), line.matches(ESCAPED).count());
        let mut after = line.match_indices(ESCAPED).map(|(at, _)| line[at + ESCAPED.len()..].chars().next());
        let goes_on = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '\\');
        let has_more = |next: Option<char>| goes_on(next) || next == Some(' ');
        escaped > 0 && (quotes - escaped).is_multiple_of(2) && (!quotes.is_multiple_of(2) || after.any(has_more))
    };
    text.lines().any(is_sign)
}

/// What is between the quotes around a line; `None` if there are none, or a cell ends within the line.
fn unquoted_line(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('"')?.strip_suffix('"')?;
    (!inner.replace("\"\"", "").contains('"')).then_some(inner)
}

/// Whether each line is one quoted cell with the same number of separators, as a spreadsheet writes a text that it has not
/// split.
fn are_lines_quoted(text: &str) -> bool {
    if !sample(text).next().is_some_and(|line| line.starts_with('"')) {
        return false;
    }
    let count = |line: &str, separator: char| unquoted_line(line).map(|inner| inner.matches(separator).count());
    let is_even = |separator: char| {
        let mut counts = sample(text).map(|line| count(line, separator));
        let first = counts.next().flatten().filter(|count| *count > 0);
        first.is_some() && counts.all(|count| count == first)
    };
    sample(text).count() >= MIN_LINES && [',', ';', '\t', '|'].into_iter().any(is_even)
}

/// The separator of a text whose lines all have a cell in single quotes, and no double quotes.
fn separator_of_single_quotes(text: &str) -> Option<char> {
    if !sample(text).next()?.contains('\'') || sample(text).count() < MIN_LINES {
        return None;
    }
    let is_quoted = |cell: &str| cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'');
    let fits = |line: &str, separator: char| {
        let is_usual = |cell: &str| is_quoted(cell) || !(cell.starts_with('\'') || cell.ends_with('\''));
        let cells = || line.split(separator).map(str::trim);
        !line.contains('"') && cells().count() > 1 && cells().any(is_quoted) && cells().all(is_usual)
    };
    let all_fit = |separator: &char| sample(text).all(|line| fits(line, *separator));
    SEPARATORS.into_iter().chain([',']).find(all_fit)
}

fn with_double_quotes(line: &str, separator: char) -> String {
    let cell = |cell: &str| {
        let trimmed = cell.trim();
        let inner = trimmed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        inner.map_or_else(|| cell.to_owned(), |inner| format!("\"{}\"", inner.replace("''", "'")))
    };
    line.split(separator).map(cell).collect::<Vec<_>>().join(&separator.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_quotes_are_replaced() {
        for (text, expected) in [
            ("\"item\",\"n\"\n\"5\\\" pipe\",1\n", "\"item\",\"n\"\n\"5\"\" pipe\",1\n"),
            ("\"item\",\"n\"\n\"pipe 5\\\"\",1\n", "\"item\",\"n\"\n\"pipe 5\"\"\",1\n"),
            ("\"say \\\"hi\\\"\",1\n", "\"say \"\"hi\"\"\",1\n"),
            ("\"day,n\"\n\"1,2\"\n\"2,3\"\n", "day,n\n1,2\n2,3\n"),
            ("\"day,n\"\n\"\"\"a\"\",2\"\n\"3,3\"\n", "day,n\n\"a\",2\n3,3\n"),
            ("'day','n'\n'1','2'\n'2',3\n", "\"day\",\"n\"\n\"1\",\"2\"\n\"2\",3\n"),
        ] {
            assert_eq!(with_usual_quotes(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn usual_quotes_are_left_as_they_are() {
        for text in [
            "\"folder\",\"n\"\n\"C:\\data\\\",1\n\"D:\\\",2\n",
            "\"n\"\n\"1,5\"\n\"2,5\"\n",
            "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"4\"\n",
            "item,n\nO'Neil,1\nO'Hara,2\n",
            "item,n\n'tis,1\n'twas,2\n",
        ] {
            assert_eq!(with_usual_quotes(text), None, "{text}");
        }
    }
}
