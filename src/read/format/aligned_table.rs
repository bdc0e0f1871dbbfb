//! Tables whose columns are aligned by spaces, as weather services write them for people to read.

use std::ops::Range;

use crate::read::format::row_pattern::CellKind;
use crate::read::parse::number::Decimal;

/// The number of lines by which an aligned table is recognised.
const SAMPLE_LINES: usize = 200;
/// The maximum number of lines of the header.
const MAX_HEADER_LINES: usize = 4;
/// The separators of other texts.
pub(crate) const SEPARATORS: [char; 3] = ['\t', ';', '|'];

/// The text with a tab between the columns of an aligned table. Every line keeps its number. `None` if the text has no such
/// table.
pub(crate) fn with_tabs(text: &str) -> Option<String> {
    let sample = || text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES);
    let rows_of_sample = sample().filter(|line| is_row(line)).count();
    if rows_of_sample < 3 || rows_of_sample * 2 < sample().count() {
        return None;
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let first = lines.iter().position(|line| is_row(line))?;
    let has_ends = are_ends_of_years(&lines[first..]);
    let first = if has_ends { first + 1 } else { first };
    let rows: Vec<Vec<Word<'_>>> = lines[first..].iter().filter(|line| is_row(line)).map(|line| words(line)).collect();
    let header = if has_ends { first..first } else { header_lines(&lines, first) };
    // a comma between names separates the cells of the rows, too
    let has_comma = |at: usize| lines[at].contains(',');
    if has_comma(first) && first.checked_sub(1).is_some_and(has_comma) {
        return None;
    }
    let columns = without_groups_of_thousands(columns(&rows), &rows, &lines[header.clone()]);
    let are_dates = || rows.iter().all(|row| row.first().is_some_and(|word| CellKind::of(word.text) == CellKind::Date));
    let is_table = columns.len() > 2 || (columns.len() == 2 && (are_dates() || columns[1].start > columns[0].end + 1));
    let names = header.clone().map(|at| names(lines[at], &columns)).collect::<Option<Vec<_>>>();
    // a single word as long as several columns would join those of all other rows
    let is_split = |row: &&Vec<Word<'_>>| columns.iter().filter(|column| has_word_in(row, column)).count() > 1;
    let are_split = rows.iter().filter(is_split).count() * 2 > rows.len();
    let names = names.filter(|_| is_table && are_split)?;
    let mut split = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        let cells = if header.contains(&at) {
            Some(names[at - header.start].clone())
        } else if at >= first {
            cells(line, &columns)
        } else {
            None
        };
        split.push_str(&cells.map_or_else(|| (*line).to_owned(), |cells| cells.join("\t")));
        split.push('\n');
    }
    Some(split)
}

/// Whether the first line has nothing but the first and the last year of the rows below it, as in files of the NOAA.
fn are_ends_of_years(lines: &[&str]) -> bool {
    let [first, second, ..] = lines else { return false };
    let (ends, next) = (words(first), words(second));
    let is_year = |word: &Word<'_>| word.text.len() == 4 && word.text.bytes().all(|byte| byte.is_ascii_digit());
    let is_first = next.first().zip(ends.first()).is_some_and(|(next, end)| next.text == end.text);
    ends.len() == 2 && ends.iter().all(is_year) && next.len() > 2 && is_first
}

/// A word of a line, and its place in characters.
#[derive(Debug, Clone)]
struct Word<'a> {
    text: &'a str,
    place: Range<usize>,
}

fn words(line: &str) -> Vec<Word<'_>> {
    let (mut words, mut start): (Vec<Word<'_>>, Option<(usize, usize)>) = (Vec::new(), None);
    let end = (line.len(), ' ');
    for (place, (at, c)) in line.char_indices().chain([end]).enumerate() {
        match start {
            None if !c.is_whitespace() => start = Some((place, at)),
            Some((first, from)) if c.is_whitespace() => {
                words.push(Word { text: &line[from..at], place: first..place });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Whether a line is a row of numbers, dates and missing values with few words between them, and has no separator.
fn is_row(line: &str) -> bool {
    let is_comment = line.trim_start().starts_with('#');
    if is_comment || has_separator(line) || !line.trim().contains(' ') || line.contains('"') {
        return false;
    }
    let words = words(line);
    let is_value = |word: &&Word<'_>| CellKind::of(word.text.trim_end_matches(['*', '#'])) != CellKind::Text;
    let values = words.iter().filter(is_value).count();
    let has_digit = words.iter().take(2).any(|word| word.text.bytes().any(|byte| byte.is_ascii_digit()));
    values >= 2 && values * 2 >= words.len() && has_digit
}

/// Whether a line has a separator other than spaces.
pub(crate) fn has_separator(line: &str) -> bool {
    line.contains(SEPARATORS) || line.split_whitespace().any(has_separating_comma)
}

/// Whether a word has a comma that is no part of a number, such as 1.234,50.
fn has_separating_comma(word: &str) -> bool {
    let is_number = || {
        let number = word.trim_end_matches(['*', '#']);
        number.ends_with(|c: char| c.is_ascii_digit()) && Decimal::Comma.parse(number).is_some()
    };
    word.contains(',') && !is_number()
}

/// The columns: ranges of characters between which nearly all rows have spaces.
fn columns(rows: &[Vec<Word<'_>>]) -> Vec<Range<usize>> {
    /// One row of so many may have a character between two columns.
    const ROWS_PER_EXCEPTION: usize = 200;
    let width = rows.iter().filter_map(|row| row.last()).map(|word| word.place.end).max().unwrap_or(0);
    let mut filled = vec![0; width];
    for place in rows.iter().flatten().flat_map(|word| word.place.clone()) {
        filled[place] += 1;
    }
    let exceptions = rows.len() / ROWS_PER_EXCEPTION;
    let is_between = |at: usize| filled[at] <= exceptions && filled[at] * 2 < neighbours(&filled, at);
    let mut columns: Vec<Range<usize>> = Vec::new();
    for at in (0..width).filter(|at| filled[*at] > 0 && !is_between(*at)) {
        match columns.last_mut() {
            Some(column) if column.end == at => column.end = at + 1,
            _ => columns.push(at..at + 1),
        }
    }
    columns
}

/// The larger number of rows with a character at the places around another.
fn neighbours(filled: &[usize], at: usize) -> usize {
    let before = filled[..at].iter().rev().take(2).max().copied().unwrap_or(0);
    filled[at + 1..].iter().take(2).max().copied().unwrap_or(0).min(before)
}

/// The columns with those joined that are one number with a space between its groups of thousands.
fn without_groups_of_thousands(
    columns: Vec<Range<usize>>,
    rows: &[Vec<Word<'_>>],
    header: &[&str],
) -> Vec<Range<usize>> {
    let has_name = |column: &Range<usize>| {
        header.is_empty() || header.iter().any(|line| words(line).iter().any(|word| overlap(&word.place, column) > 0))
    };
    let are_groups = |column: &Range<usize>| {
        let mut cells = rows.iter().flatten().filter(|word| overlap(&word.place, column) > 0);
        cells.all(|word| word.text.len() == 3 && word.text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // R prints years without a name before the months.
    let is_named_across = |line: &&str| {
        let names = words(line);
        names.len() > 2
            && names.len() + 1 == columns.len()
            && names.iter().all(|word| overlap(&word.place, &columns[0]) == 0)
    };
    if header.iter().any(is_named_across) {
        return columns;
    }
    let mut joined: Vec<Range<usize>> = Vec::new();
    for column in columns {
        match joined.last_mut() {
            Some(last)
                if column.start == last.end + 1 && are_groups(&column) && !(has_name(last) && has_name(&column)) =>
            {
                last.end = column.end;
            }
            _ => joined.push(column),
        }
    }
    joined
}

/// The lines of the header above the first row: those without a blank line between that are no sentences.
fn header_lines(lines: &[&str], first: usize) -> Range<usize> {
    let is_name = |line: &str| {
        let phrases = phrases(line).len();
        phrases > 1 || words(line).len() == 2
    };
    let may_be_header = |at: &usize| !lines[*at].trim().is_empty() && is_name(lines[*at]);
    let count = (0..first).rev().take(MAX_HEADER_LINES).take_while(may_be_header).count();
    first - count..first
}

/// The words of a line, grouped where single spaces are between them.
fn phrases(line: &str) -> Vec<Vec<Word<'_>>> {
    let mut phrases: Vec<Vec<Word<'_>>> = Vec::new();
    // The mark of a comment is no name.
    for word in words(line).into_iter().filter(|word| word.text != "#") {
        match phrases.last_mut() {
            Some(phrase) if phrase.last().is_some_and(|last| last.place.end + 1 == word.place.start) => {
                phrase.push(word);
            }
            _ => phrases.push(vec![word]),
        }
    }
    phrases
}

/// The number of characters that two ranges share.
fn overlap(one: &Range<usize>, other: &Range<usize>) -> usize {
    one.end.min(other.end).saturating_sub(one.start.max(other.start))
}

/// The names of the columns in a line of the header. A phrase above several columns names each of them by a word.
fn names(line: &str, columns: &[Range<usize>]) -> Option<Vec<String>> {
    let mut names = vec![String::new(); columns.len()];
    let mut add = |column: usize, word: &str| {
        let separator = if names[column].is_empty() { "" } else { " " };
        names[column].push_str(separator);
        names[column].push_str(word);
    };
    let phrases = phrases(line);
    let words_in_order = || phrases.iter().flatten().map(|word| vec![word.clone()]).collect::<Vec<_>>();
    // Names that are as many as the columns have their order.
    let in_order = match phrases.len() {
        count if count == columns.len() => Some(phrases.clone()),
        1 => Some(words_in_order()).filter(|words| words.len() == columns.len()),
        _ => None,
    };
    if let Some(in_order) = in_order {
        in_order.iter().enumerate().for_each(|(at, phrase)| phrase.iter().for_each(|word| add(at, word.text)));
    } else {
        for phrase in &phrases {
            let place = phrase.first()?.place.start..phrase.last()?.place.end;
            let above = columns.iter().filter(|column| overlap(column, &place) > 0).count();
            for word in phrase {
                add(nearest(columns, if above > 1 { &word.place } else { &place })?, word.text);
            }
        }
    }
    if line.trim_start().starts_with("# ") {
        names[0].insert(0, '#');
    }
    Some(names)
}

/// The column with the most characters below a name, or else the one whose end is nearest to that of the name.
fn nearest(columns: &[Range<usize>], place: &Range<usize>) -> Option<usize> {
    let distance = |column: &Range<usize>| {
        (
            std::cmp::Reverse(overlap(column, place)),
            column.end.abs_diff(place.end).min(column.start.abs_diff(place.start)),
        )
    };
    (0..columns.len()).min_by_key(|at| distance(&columns[*at]))
}

/// Whether a word of a row has a character in a column.
fn has_word_in(row: &[Word<'_>], column: &Range<usize>) -> bool {
    row.iter().any(|word| overlap(&word.place, column) > 0)
}

/// The cells of a line by the places of its words. `None` if a word is in two columns, unless the line has a word for each
/// column.
fn cells(line: &str, columns: &[Range<usize>]) -> Option<Vec<String>> {
    let words = words(line);
    let mut cells = vec![String::new(); columns.len()];
    for word in &words {
        let mut of_word = (0..columns.len()).filter(|at| overlap(&columns[*at], &word.place) > 0);
        match (of_word.next(), of_word.next()) {
            (Some(at), None) if cells[at].is_empty() => word.text.clone_into(&mut cells[at]),
            (Some(at), None) => cells[at] = format!("{} {}", cells[at], word.text),
            _ if words.len() == columns.len() => return Some(words.iter().map(|word| word.text.to_owned()).collect()),
            _ => return None,
        }
    }
    // A single word below many columns is a code or a note.
    let is_note = words.len() == 1 && columns.len() > 3;
    (!words.is_empty() && !is_note).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_the_places_of_their_cells() {
        let text = "\
Station 12, lat 51.5 lon -0.4
 yyyy  mm  max temp  rain flg
             degC     mm
 2010   1    8.0    54.8   A
 2010   2   ---    151.7#
 2010   3   10.1*    5.9

 2010  10   12.1   112.9   B  Provisional
";
        let expected = "\
Station 12, lat 51.5 lon -0.4
yyyy\tmm\tmax temp\train\tflg\t
\t\tdegC\tmm\t\t
2010\t1\t8.0\t54.8\tA\t
2010\t2\t---\t151.7#\t\t
2010\t3\t10.1*\t5.9\t\t

2010\t10\t12.1\t112.9\tB\tProvisional
";
        assert_eq!(with_tabs(text).unwrap(), expected);
    }

    #[test]
    fn other_texts_are_left_as_they_are() {
        for text in [
            "date,sales\n2024-01-01 00:00,5\n2024-01-02 00:00,6\n2024-01-03 00:00,7\n",
            "id,  time\n1,  20240101\n2,  20240102\n3,  20240103\n",
            "date;sales\n2024-01-01 00:00;5 1\n2024-01-02 00:00;6 1\n2024-01-03 00:00;7 1\n",
            "value\n1 234\n2 345\n3 456\n4 567\n",
            "time\n2024-01-01\n2024-01-02\n2024-01-03\n",
            "10:00 INFO user 5 logged in\n10:01 INFO user 6 logged in\n10:02 WARN user 7 left\n",
        ] {
            assert_eq!(with_tabs(text), None, "{text}");
        }
    }
}
