//! Bytes to a table: by what they begin with, whatever the file is called.

use crate::read::format::json;
use crate::read::format::typed;
use std::sync::Arc;

use crate::error::place::{Lines, Place};
use crate::error::{Error, Result};
use crate::panel::repair_log::BadRowPolicy;
use crate::read::decode::decoded;
use crate::read::format::delimited::{BadLine, Fault, Leftover, Text};
use crate::read::format::dialect::Dialect;
use crate::read::source::Source;
use crate::read::table::{Cells, Column, Places, Table};

/// Reads what the bytes hold.
pub(crate) fn table(input: &Source, bytes: Vec<u8>, bad_rows: BadRowPolicy) -> Result<Table> {
    let name = input.to_string();
    if let Some((what, way_out)) = foreign(&bytes) {
        return Err(Error::Foreign { name, what, way_out });
    }
    let mut table = match bytes.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => typed::parquet(&name, bytes)?,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => typed::arrow(&name, bytes)?,
        _ => text_table(&name, bytes, bad_rows)?,
    };
    table.stem = input.stem();
    if table.rows == 0 {
        return Err(Error::NoRows { name });
    }
    Ok(table)
}

/// Files that are no tables of ours, by their first bytes: what they are, and what to do about it.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let sheet = "save the sheet as CSV and give that file";
    let known: [(&[u8], &str, &str); 7] = [
        (
            b"PK\x03\x04",
            "an Excel workbook or a zip archive",
            "save the sheet as CSV, or unpack the archive, and give that file",
        ),
        (b"\xD0\xCF\x11\xE0", "an Excel workbook", sheet),
        (b"%PDF", "a PDF", "save the table as CSV and give that file"),
        (b"SQLite format 3", "an SQLite database", "export the table as CSV and give that file"),
        (b"BZh", "packed with bzip2", "unpack it, and pipe it in: `bzcat FILE | forecast --csv -`"),
        (b"\xFD7zXZ", "packed with xz", "unpack it, and pipe it in: `xzcat FILE | forecast --csv -`"),
        (b"\x89HDF", "an HDF5 file", "save the table as CSV or Parquet and give that file"),
    ];
    let page = || {
        let start = bytes[..bytes.len().min(256)].trim_ascii_start().to_ascii_lowercase();
        let starts = start.starts_with(b"<!doctype html") || start.starts_with(b"<html") || start.starts_with(b"<?xml");
        starts.then_some(("a web page or XML", "download the file itself, or save the table as CSV and give that file"))
    };
    known.into_iter().find(|(magic, ..)| bytes.starts_with(magic)).map(|(_, what, hint)| (what, hint)).or_else(page)
}

fn text_table(name: &str, bytes: Vec<u8>, bad_rows: BadRowPolicy) -> Result<Table> {
    let (text, guessed) = decoded(bytes);
    let mut table = if json::begins(&text) { json::table(name, &text, bad_rows)? } else { csv(name, text, bad_rows)? };
    table.notices.splice(0..0, guessed);
    Ok(table)
}

/// Every cell as text where it stands: types are decided by us, on whole columns.
fn csv(name: &str, text: String, bad_rows: BadRowPolicy) -> Result<Table> {
    let dialect = Dialect::sniff(name, &text)?;
    let (text, lines, left) =
        Text::index(text, dialect.body, dialect.separator, dialect.header.len(), dialect.comments);
    let mut notices = dialect.notices;
    if left.count > 0 && bad_rows == BadRowPolicy::Error {
        return Err(ragged(name, &left, dialect.header.len()));
    }
    notices.extend(described(&left));
    let (text, rows) = (Arc::new(text), 0);
    let column = |(at, name): (usize, String)| Column { name, cells: Cells::Field { text: Arc::clone(&text), at } };
    let columns = dialect.header.into_iter().enumerate().map(column).collect();
    let table = Table {
        name: name.into(),
        stem: None,
        columns,
        rows,
        separator: Some(text.separator()),
        places: Places::Lines(lines),
        notices,
    };
    Ok(Table { rows: text.rows(), ..table })
}

fn ragged(name: &str, left: &Leftover, need: usize) -> Error {
    let said = |bad: &BadLine| {
        let reason = match bad.fault {
            Fault::Fields(got) => format!("{got} fields where the header has {need}"),
            Fault::Open => "a quote is opened and not closed".into(),
            Fault::AfterQuote => "a quote is closed before the cell ends".into(),
        };
        (Place::Line(bad.line), reason)
    };
    Error::BadLines {
        name: name.into(),
        lines: Lines { first: left.bad.iter().map(said).collect(), count: left.count },
    }
}

/// What was left out of the table, a sentence each.
fn described(left: &Leftover) -> Vec<String> {
    let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let mut said = Vec::new();
    if left.comments > 0 {
        said.push(format!("{} starting with # left out as comments", lines(left.comments)));
    }
    if left.short > 0 {
        let verb = if left.short == 1 { "has" } else { "have" };
        said.push(format!("{} {verb} fewer cells than the header, which count as empty", lines(left.short)));
    }
    if let (Some(first), count) = (left.bad.first(), left.count) {
        let verb = if count == 1 { "does" } else { "do" };
        said.push(format!("{} that {verb} not fit the header left out, the first: line {}", lines(count), first.line));
    }
    said
}
