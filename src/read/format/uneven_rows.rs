//! Tables with single spaces between the cells of a row, whose rows have more or fewer words than the header has names: a
//! date and a time of day are one cell, a name has several words, or the last cells are left out.

use crate::read::format::aligned_table::has_separator;
use crate::read::format::row_pattern::CellKind;
use crate::read::parse::date_format::parse_time_of_day;

/// The number of lines by which such a table is recognised.
const SAMPLE_LINES: usize = 200;
/// The minimum number of rows.
const MIN_ROWS: usize = 3;
/// One row of so many may be unlike the others.
const ROWS_PER_EXCEPTION: usize = 20;
/// The number of lines in which the header is searched.
const MAX_LINES_ABOVE: usize = 20;

/// The text with a tab between the cells of the rows. Every line keeps its number. `None` if the text has no such table.
pub(crate) fn with_tabs(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let header = lines.iter().take(MAX_LINES_ABOVE).position(|line| is_header(line))?;
    let first = header + 1;
    let columns = words(lines[header]).len();
    let rows = || lines[first..].iter().filter(|line| !line.is_empty());
    let sample: Vec<&str> = rows().take(SAMPLE_LINES).copied().collect();
    if sample.len() < MIN_ROWS || sample.iter().any(|line| !is_plain(line)) {
        return None;
    }
    // A time of day may have a name of its own.
    let layout_of = |words_of: fn(&str) -> Vec<String>| {
        let rows: Vec<Vec<String>> = sample.iter().map(|line| words_of(line)).collect();
        Layout::of(&rows, columns)
    };
    let of_words = layout_of(words).map(|layout| (words as fn(&str) -> Vec<String>, layout));
    let of_times = || layout_of(joined_times).map(|layout| (joined_times as fn(&str) -> Vec<String>, layout));
    let (words_of, layout) = of_words.or_else(of_times)?;
    let mut split = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        let cells = if at == header {
            Some(words(line))
        } else if at >= first && !line.is_empty() {
            layout.cells(words_of(line))
        } else {
            None
        };
        split.push_str(&cells.map_or_else(|| (*line).to_owned(), |cells: Vec<String>| cells.join("\t")));
        split.push('\n');
    }
    Some(split)
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a line has single spaces only, and neither quotes nor another separator.
fn is_plain(line: &str) -> bool {
    !line.contains("  ") && !line.starts_with([' ', '#']) && !line.contains('"') && !has_separator(line)
}

/// Whether a line has several different names and no value.
fn is_header(line: &str) -> bool {
    let mut names = words(line);
    let are_names = names.len() > 1 && names.iter().all(|name| CellKind::of(name) == CellKind::Text);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    is_plain(line) && are_names && names.len() == count
}

/// The words of a row. A date and the time of day after it are one.
fn joined_times(line: &str) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words(line) {
        match joined.last_mut() {
            Some(date) if is_time_of_day(&word) && !date.contains(' ') && CellKind::of(date) == CellKind::Date => {
                date.push(' ');
                date.push_str(&word);
            }
            _ => joined.push(word),
        }
    }
    joined
}

/// The kind of a cell without the marks of a footnote after it. A time of day is a date.
fn kind_of(cell: &str) -> CellKind {
    if is_time_of_day(cell) { CellKind::Date } else { CellKind::of(cell.trim_end_matches(['*', '#'])) }
}

fn is_time_of_day(word: &str) -> bool {
    word.contains(':') && parse_time_of_day(word).is_some()
}

/// How the words of a row make its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Each word is a cell. The last cells may be left out.
    Words { least: usize, columns: usize },
    /// One cell has all words but so many before and after it.
    LongCell { before: usize, after: usize },
}

impl Layout {
    /// The layout of nearly all rows. `None` if they have none, or if each row has as many words as there are names.
    fn of(rows: &[Vec<String>], columns: usize) -> Option<Self> {
        let kinds: Vec<Vec<CellKind>> = rows.iter().map(|row| row.iter().map(|cell| kind_of(cell)).collect()).collect();
        let has_value = |row: &Vec<CellKind>| row.iter().any(|kind| matches!(kind, CellKind::Date | CellKind::Number));
        let is_value = |kind: &&CellKind| **kind != CellKind::Text;
        let are_nearly_all = |count: usize| (rows.len() - count) * ROWS_PER_EXCEPTION <= rows.len();
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        if longest <= columns {
            let least = rows.iter().map(Vec::len).min().filter(|least| *least > 1)?;
            let is_joined = rows.iter().flatten().any(|cell| cell.contains(' '));
            let fits = |row: &Vec<CellKind>| has_value(row) && Self::has_kinds(row, &kinds);
            let short = rows.iter().filter(|row| row.len() < columns).count();
            let is_table = longest == columns && (is_joined || short * ROWS_PER_EXCEPTION > rows.len());
            return (is_table && are_nearly_all(kinds.iter().filter(|row| fits(row)).count()))
                .then_some(Self::Words { least, columns });
        }
        let first = kinds.first()?;
        let (before, after) =
            (first.iter().take_while(is_value).count(), first.iter().rev().take_while(is_value).count());
        let layout = Self::LongCell { before, after };
        let fits = |row: &Vec<CellKind>| {
            let has_ends = row.iter().take_while(is_value).count() == before
                && row.iter().rev().take_while(is_value).count() == after;
            has_ends && has_value(row) && row.len() > before + after
        };
        let is_table = before + after + 1 == columns && after + before > 0;
        (is_table && are_nearly_all(kinds.iter().filter(|row| fits(row)).count())).then_some(layout)
    }

    /// Whether each cell of a row is of the kind that most rows have in its column, or missing.
    fn has_kinds(row: &[CellKind], rows: &[Vec<CellKind>]) -> bool {
        row.iter().enumerate().all(|(at, kind)| {
            let of_column = || rows.iter().filter_map(|row| row.get(at)).filter(|kind| **kind != CellKind::Missing);
            let same = of_column().filter(|other| *other == kind).count();
            *kind == CellKind::Missing || same * 2 > of_column().count()
        })
    }

    /// The cells of a row; `None` if its words do not fit.
    fn cells(self, words: Vec<String>) -> Option<Vec<String>> {
        match self {
            Self::Words { least, columns } => {
                let mut cells = words;
                (least..=columns).contains(&cells.len()).then(|| {
                    cells.resize(columns, String::new());
                    cells
                })
            }
            Self::LongCell { before, after } => {
                let end = words.len().checked_sub(after).filter(|end| *end > before)?;
                let long = words[before..end].join(" ");
                Some(words[..before].iter().cloned().chain([long]).chain(words[end..].iter().cloned()).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_a_cell_for_each_name() {
        for (text, expected) in [
            (
                "time value\n2024-01-01 00:00 5\n2024-01-01 01:00 16\n2024-01-01 02:00 7\n",
                "time\tvalue\n2024-01-01 00:00\t5\n2024-01-01 01:00\t16\n2024-01-01 02:00\t7\n",
            ),
            (
                "Report\n\nday rain flag note\n2024-01-01 5\n2024-01-02 16 A\n2024-01-03 7 A gauge\n",
                "Report\n\nday\train\tflag\tnote\n2024-01-01\t5\t\t\n2024-01-02\t16\tA\t\n2024-01-03\t7\tA\tgauge\n",
            ),
            (
                "city day n\nNew York 2024-01-01 5\nBern 2024-01-01 6\nRio de Janeiro 2024-01-01 7\n",
                "city\tday\tn\nNew York\t2024-01-01\t5\nBern\t2024-01-01\t6\nRio de Janeiro\t2024-01-01\t7\n",
            ),
            (
                "time n city\n1.1.2024 0:00 5 New York\n1.1.2024 1:00 5 New York\n1.1.2024 2:00 5 New York\n",
                "time\tn\tcity\n1.1.2024 0:00\t5\tNew York\n1.1.2024 1:00\t5\tNew York\n1.1.2024 2:00\t5\tNew York\n",
            ),
        ] {
            assert_eq!(with_tabs(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_left_as_they_are() {
        for text in [
            "The sales of\nthis shop are\nlarger than\nthose of others\n",
            "10:00 user 5\n10:01 user 6\n10:02 user 7\n10:03 user 8\n",
            "value\n1 234\n2 345\n3 456\n",
            "date time value\n2024-01-01,00:00,5\n2024-01-01,01:00,6\n2024-01-01,02:00,7\n",
            "one two\n1  2\n3  4\n5  6\n",
            "user words\n5 hello there 6 times\n6 hello\n7 no 8 yes 9\n8 a\n",
        ] {
            assert_eq!(with_tabs(text), None, "{text}");
        }
    }
}
