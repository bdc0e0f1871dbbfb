//! How a text is written: its separator, its header and what stands above it.

use crate::error::{Error, Result};
use crate::read::format::delimited::{Record, Records};
use crate::read::parse::number::Decimal;
use crate::read::parse::time_index;
use crate::read::table::is_missing;

/// How a text is written.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) separator: u8,
    pub(crate) header: Vec<String>,
    /// The byte that the rows begin at.
    pub(crate) body: usize,
    /// Whether lines that start with `#` are comments.
    pub(crate) comments: bool,
    pub(crate) notices: Vec<String>,
}

/// Records looked at.
const SNIFFED: usize = 50;

/// Separators, the surest first: of those that fit equally well, a comma may be decimal.
const SEPARATORS: [u8; 4] = *b"\t;|,";

impl Dialect {
    pub(crate) fn sniff(name: &str, text: &str) -> Result<Self> {
        let bytes = text.as_bytes();
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (said, start) = said_separator(bytes, start);
        let comments = comments(bytes, start);
        let sample = |separator: u8| -> Vec<Record<'_>> {
            let all = Records::new(bytes, start, separator);
            all.filter(|r| !r.is_blank() && (!comments || r.bytes[0] != b'#')).take(SNIFFED).collect()
        };
        let separator = said.unwrap_or_else(|| separator(sample));
        let records = sample(separator);
        if records.is_empty() {
            return Err(Error::Empty { name: name.into() });
        }
        let above = above_header(&records);
        let (header, rows) = records[above..].split_first().expect("the header is one of the records");
        let mut notices = Vec::new();
        if above > 0 {
            let lines = if above == 1 { "line" } else { "lines" };
            notices.push(format!("{above} {lines} above the header left out, the first: {}", first_words(records[0])));
        }
        let mut dialect = Self { separator, header: Vec::new(), body: 0, comments, notices };
        let cells = header.cells();
        if is_headless(&cells, rows) {
            dialect.header = (1..=cells.len()).map(|position| format!("column {position}")).collect();
            dialect.body = header.start;
            let last = dialect.header.last().map_or("", String::as_str);
            dialect.notices.push(format!("no header, so the columns are called \"column 1\" to \"{last}\""));
            return Ok(dialect);
        }
        let Some(row) = rows.first() else { return Err(Error::NoRows { name: name.into() }) };
        dialect.header = names(&cells);
        dialect.body = row.start;
        if let Some(shifted) = row_names(&dialect.header, rows) {
            dialect.header = shifted;
        }
        Ok(dialect)
    }
}

/// `sep=;` in the first line, as Excel has it.
fn said_separator(bytes: &[u8], start: usize) -> (Option<u8>, usize) {
    let line = bytes[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    match line.trim_ascii_end() {
        [b's', b'e', b'p', b'=', separator] => (Some(*separator), (start + line.len() + 1).min(bytes.len())),
        b"sep=" if line.starts_with(b"sep=\t") => (Some(b'\t'), (start + line.len() + 1).min(bytes.len())),
        _ => (None, start),
    }
}

/// Whether lines that start with `#` are comments: not if most do, nor if the first is a header with such a mark.
fn comments(bytes: &[u8], start: usize) -> bool {
    let lines: Vec<&[u8]> = bytes[start..]
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .take(SNIFFED)
        .collect();
    let marked = lines.iter().filter(|line| line[0] == b'#').count();
    let header = lines.iter().position(|line| line[0] != b'#').is_some_and(|first| {
        let count = |line: &[u8]| SEPARATORS.map(|separator| memchr::memchr_iter(separator, line).count());
        let (last, row) = (first.checked_sub(1).map(|last| lines[last]), lines[first]);
        let numbers = row.iter().any(u8::is_ascii_digit);
        numbers && last.is_some_and(|last| count(last) == count(row) && count(row) != [0; 4] && !has_digit_cell(last))
    });
    marked * 2 <= lines.len() && !header
}

fn has_digit_cell(line: &[u8]) -> bool {
    line.split(|byte| SEPARATORS.contains(byte)).any(|cell| cell.trim_ascii().iter().all(u8::is_ascii_digit))
}

/// The separator by which the most records have the same number of fields.
fn separator<'a>(sample: impl Fn(u8) -> Vec<Record<'a>>) -> u8 {
    let score = |separator: u8| {
        let (fields, agreeing) = usual_fields(&sample(separator));
        (if fields > 1 { agreeing } else { 0 }, fields)
    };
    let mut best = (b',', score(b','));
    for separator in SEPARATORS {
        let score = score(separator);
        // a comma wins where another mark fits only as well and gives fewer fields
        if score.0 > best.1.0 || (score.0 == best.1.0 && score.0 > 0 && score.1 >= best.1.1) {
            best = (separator, score);
        }
    }
    best.0
}

/// The most frequent number of fields, and how many records have it.
fn usual_fields(records: &[Record<'_>]) -> (usize, usize) {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for fields in records.iter().map(|record| record.fields().count()) {
        match counts.iter_mut().find(|(known, _)| *known == fields) {
            Some((_, count)) => *count += 1,
            None => counts.push((fields, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).unwrap_or((1, 0))
}

/// How many records are titles above the header: one cell where the rows have several.
fn above_header(records: &[Record<'_>]) -> usize {
    let (fields, _) = usual_fields(records);
    let filled = |record: &Record<'_>| record.cells().iter().filter(|cell| !cell.is_empty()).count();
    let is_title = |record: &&Record<'_>| {
        let cells = record.cells();
        let count = cells.len();
        (count == 1 && fields > 1)
            || (fields > 2 && filled(record) <= 1 && !cells[0].is_empty())
            || (fields > 2 && count == fields && filled(record) == 0)
    };
    let titles = records.iter().take_while(is_title).count();
    if titles < records.len() { titles } else { 0 }
}

fn first_words(record: Record<'_>) -> String {
    const SHOWN: usize = 40;
    let text = record.cells().join(" ");
    let text = text.trim();
    if text.chars().count() > SHOWN {
        format!("{}…", text.chars().take(SHOWN).collect::<String>())
    } else {
        text.into()
    }
}

/// The column names, each once, none empty.
fn names(cells: &[String]) -> Vec<String> {
    let mut known: std::collections::HashSet<String> = std::collections::HashSet::new();
    let mut names = Vec::with_capacity(cells.len());
    for (position, cell) in cells.iter().enumerate() {
        let bare = if position == 0 { cell.trim_start_matches('#') } else { cell };
        let name = match (bare.trim(), cell.trim()) {
            ("", "") => format!("column {}", position + 1),
            ("", marked) => marked.to_owned(),
            // a comment's mark before the header; `#Passengers` in another place is a name
            (bare, _) => bare.to_owned(),
        };
        let unique = if known.contains(&name) { format!("{name} ({})", position + 1) } else { name };
        known.insert(unique.clone());
        names.push(unique);
    }
    names
}

/// The header with a name for the row numbers in front, which R leaves out.
fn row_names(header: &[String], rows: &[Record<'_>]) -> Option<Vec<String>> {
    let numbers = |(row, record): (usize, &Record<'_>)| {
        let cells = record.cells();
        cells.len() == header.len() + 1
            && cells[0].parse() == Ok(row + 1)
            && cells.last().is_some_and(|last| !last.is_empty())
    };
    (rows.len() > 1 && rows.iter().enumerate().all(numbers))
        .then(|| std::iter::once("column 0".to_owned()).chain(header.iter().cloned()).collect())
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nothing,
    Date,
    Number,
    Word,
}

impl Kind {
    fn of(cell: &str) -> Self {
        if is_missing(cell) {
            return Self::Nothing;
        }
        let date = || time_index::likely(&[cell.to_owned()]).is_some_and(|(reading, _)| !reading.is_number());
        match () {
            () if Decimal::Point.read(cell).is_some() || Decimal::Comma.read(cell).is_some() => Self::Number,
            () if date() => Self::Date,
            () => Self::Word,
        }
    }
}

/// Whether the first record holds values rather than names: nothing but values, or a date above dates.
fn is_headless(header: &[String], rows: &[Record<'_>]) -> bool {
    let kinds: Vec<Kind> = header.iter().map(|cell| Kind::of(cell)).collect();
    if kinds.iter().all(|kind| *kind == Kind::Nothing) {
        return false;
    }
    if !kinds.contains(&Kind::Word) && kinds[0] != Kind::Nothing {
        return true;
    }
    let dates_below = |at: usize| {
        let below = rows.iter().take(10).map(|row| row.cells().get(at).map_or(Kind::Nothing, |cell| Kind::of(cell)));
        let dates = below.clone().filter(|kind| *kind == Kind::Date).count();
        dates > 0 && dates * 2 > below.filter(|kind| *kind != Kind::Nothing).count()
    };
    (0..kinds.len()).any(|at| kinds[at] == Kind::Date && dates_below(at))
}
