//! Detects the format of a file by its first bytes and reads it into a table.

use std::sync::Arc;

use crate::error::data_problem::{DataProblem, UnsupportedFormat};
use crate::error::location::{Location, Rejected};
use crate::error::{Error, Result};
use crate::panel::repair_log::BadRowPolicy;
use crate::read::decode::decode;
use crate::read::format::delimited::{DelimitedText, LineCounts, LineFault, RejectedLine};
use crate::read::format::dialect::Dialect;
use crate::read::format::{json, typed};
use crate::read::notice::Notice;
use crate::read::row_locations::RowLocations;
use crate::read::source::Source;
use crate::read::table::{Cells, Column, Table};

pub(crate) fn read_table(source: &Source, bytes: Vec<u8>, bad_rows: BadRowPolicy) -> Result<Table> {
    let file = source.to_string();
    if let Some(format) = unsupported(&bytes) {
        return Err(Error::data(file, DataProblem::UnsupportedFormat(format)));
    }
    let mut table = match bytes.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => typed::read_parquet(&file, bytes)?,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => typed::read_arrow(&file, bytes)?,
        _ => read_text(&file, bytes, bad_rows)?,
    };
    table.stem = source.stem();
    table.check_rows(1)?;
    Ok(table)
}

/// The format of a file that the reader recognises, but does not read.
fn unsupported(bytes: &[u8]) -> Option<UnsupportedFormat> {
    let signatures: [(&[u8], UnsupportedFormat); 7] = [
        (b"PK\x03\x04", UnsupportedFormat::Zip),
        (b"\xD0\xCF\x11\xE0", UnsupportedFormat::Excel),
        (b"%PDF", UnsupportedFormat::Pdf),
        (b"SQLite format 3", UnsupportedFormat::Sqlite),
        (b"BZh", UnsupportedFormat::Bzip2),
        (b"\xFD7zXZ", UnsupportedFormat::Xz),
        (b"\x89HDF", UnsupportedFormat::Hdf5),
    ];
    let markup = || {
        let start = bytes[..bytes.len().min(256)].trim_ascii_start().to_ascii_lowercase();
        let is_markup = [&b"<!doctype html"[..], b"<html", b"<?xml"].iter().any(|tag| start.starts_with(tag));
        is_markup.then_some(UnsupportedFormat::Markup)
    };
    let found = signatures.into_iter().find(|(signature, _)| bytes.starts_with(signature));
    found.map(|(_, format)| format).or_else(markup)
}

fn read_text(file: &str, bytes: Vec<u8>, bad_rows: BadRowPolicy) -> Result<Table> {
    let (text, notice) = decode(bytes);
    let mut table = if json::is_json(&text) {
        json::read_json(file, &text, bad_rows)?
    } else {
        read_delimited(file, text, bad_rows)?
    };
    table.notices.splice(0..0, notice);
    Ok(table)
}

/// Reads delimited text. Every cell remains text, because types are inferred from whole columns.
fn read_delimited(file: &str, text: String, bad_rows: BadRowPolicy) -> Result<Table> {
    let dialect = Dialect::sniff(file, &text)?;
    let (text, lines, counts) =
        DelimitedText::index(text, dialect.first_row, dialect.separator, dialect.header.len(), dialect.has_comments);
    if counts.rejected > 0 && bad_rows == BadRowPolicy::Error {
        let rejected = rejected_lines(&counts, dialect.header.len());
        return Err(Error::data(file, DataProblem::RejectedLines(rejected)));
    }
    let mut notices = dialect.notices;
    notices.extend(line_notices(&counts));
    let text = Arc::new(text);
    let column = |(at, name): (usize, String)| Column { name, cells: Cells::Field { text: Arc::clone(&text), at } };
    Ok(Table {
        file: file.into(),
        stem: None,
        columns: dialect.header.into_iter().enumerate().map(column).collect(),
        rows: text.rows(),
        separator: Some(text.separator()),
        locations: RowLocations::Lines(lines),
        notices,
    })
}

fn rejected_lines(counts: &LineCounts, columns: usize) -> Rejected {
    let described = |rejected: &RejectedLine| {
        let reason = match rejected.fault {
            LineFault::TooManyCells(cells) => format!("{cells} cells, but the header has {columns}"),
            LineFault::UnclosedQuote => "a quote is opened and not closed".into(),
            LineFault::TextAfterQuote => "a quote is closed before the cell ends".into(),
        };
        (Location::Line(rejected.line), reason)
    };
    Rejected { first: counts.first_rejected.iter().map(described).collect(), count: counts.rejected }
}

/// The notices on lines that are not complete rows.
fn line_notices(counts: &LineCounts) -> Vec<Notice> {
    let mut notices = Vec::new();
    if counts.comments > 0 {
        notices.push(Notice::CommentsSkipped { lines: counts.comments });
    }
    if counts.short > 0 {
        notices.push(Notice::ShortLines { lines: counts.short });
    }
    if let Some(first) = counts.first_rejected.first() {
        notices.push(Notice::LinesSkipped { lines: counts.rejected, first: Location::Line(first.line) });
    }
    notices
}
