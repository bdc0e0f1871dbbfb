//! Detects the format and the encoding of a file by its bytes, and reads it into a table.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{DataProblem, Error, Rejected, Result, UnsupportedFormat};
use crate::panel::BadRowPolicy;
#[cfg(feature = "excel")]
use crate::read::format::workbook;
use crate::read::format::{delimited::DelimitedText, dialect::Dialect, json, table_end, typed};
use crate::read::table::{Cells, Column, Table};
use crate::read::{notice::Notice, source::Source};

/// Reads a file into a table. Only a workbook has a `sheet` to name.
pub(crate) fn read_table(
    source: &Source,
    bytes: Vec<u8>,
    bad_rows: BadRowPolicy,
    sheet: Option<&str>,
) -> Result<Table> {
    let file = source.to_string();
    let mut table = match read_workbook(&file, &bytes, sheet, bad_rows)? {
        Some(table) => table,
        None if sheet.is_some() => return Err(Error::data(file, DataProblem::NoSheets)),
        None => read_other(&file, bytes, bad_rows)?,
    };
    table.stem = source.stem();
    table.check_rows(1)?;
    Ok(table)
}

fn read_other(file: &str, bytes: Vec<u8>, bad_rows: BadRowPolicy) -> Result<Table> {
    if let Some(format) = unsupported(&bytes) {
        return Err(Error::data(file, DataProblem::UnsupportedFormat(format)));
    }
    let is_typed = bytes.starts_with(typed::PARQUET) || bytes.starts_with(typed::ARROW);
    if is_typed { typed::read_typed(file, bytes) } else { read_text(file, bytes, bad_rows) }
}

/// The table of a sheet, whose rows are located by their number; `None` if the file is not a workbook.
#[cfg(feature = "excel")]
fn read_workbook(file: &str, bytes: &[u8], sheet: Option<&str>, bad_rows: BadRowPolicy) -> Result<Option<Table>> {
    let Some((text, notices)) = workbook::sheet_text(file, bytes, sheet, bad_rows)? else { return Ok(None) };
    let (mut table, rejected) = read_delimited(file, text, Some(workbook::SEPARATOR))?;
    let of_sheet = std::mem::take(&mut table.notices).into_iter().map(Notice::of_sheet);
    table.notices = notices.into_iter().chain(of_sheet).collect();
    table.locations = table.locations.of_sheet();
    settle_rejected(&mut table, rejected.of_sheet(), bad_rows)?;
    Ok(Some(table))
}

#[cfg(not(feature = "excel"))]
fn read_workbook(_: &str, _: &[u8], _: Option<&str>, _: BadRowPolicy) -> Result<Option<Table>> {
    Ok(None)
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
    let found = signatures.into_iter().find(|(signature, _)| bytes.starts_with(signature));
    found.map(|(_, format)| format).or_else(|| {
        let start = bytes[..bytes.len().min(256)].trim_ascii_start().to_ascii_lowercase();
        let is_markup = [&b"<!doctype html"[..], b"<html", b"<?xml"].iter().any(|tag| start.starts_with(tag));
        is_markup.then_some(UnsupportedFormat::Markup)
    })
}

fn read_text(file: &str, bytes: Vec<u8>, bad_rows: BadRowPolicy) -> Result<Table> {
    let (text, notice) = decode(bytes);
    let (mut table, rejected) =
        if json::is_json(&text) { json::read_json(file, &text)? } else { read_delimited(file, text, None)? };
    table.notices.splice(0..0, notice);
    settle_rejected(&mut table, rejected, bad_rows)?;
    Ok(table)
}

/// Refuses lines that cannot be read, or notes that they are skipped.
fn settle_rejected(table: &mut Table, rejected: Rejected, bad_rows: BadRowPolicy) -> Result<()> {
    let Some((first, _)) = rejected.first.first() else { return Ok(()) };
    if bad_rows == BadRowPolicy::Error {
        return Err(table.error(DataProblem::RejectedLines(rejected)));
    }
    table.notices.push(Notice::LinesSkipped { lines: rejected.count, first: *first });
    Ok(())
}

/// The text with line feeds as line ends, and a notice if the encoding is not certain.
fn decode(bytes: Vec<u8>) -> (String, Option<Notice>) {
    let utf_16 = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        bytes => utf_16_without_mark(bytes),
    };
    let (text, notice) = match utf_16 {
        Some(encoding) => (encoding.decode_with_bom_removal(&bytes).0.into_owned(), None),
        None => decode_single_bytes(bytes),
    };
    // Files of the classic Mac OS end their lines in a carriage return.
    let is_classic_mac = text.contains('\r') && !text.contains('\n');
    (if is_classic_mac { text.replace('\r', "\n") } else { text }, notice)
}

/// Recognises UTF-16 without a byte order mark: every second byte of Western text is zero.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    const SAMPLE_BYTES: usize = 1_024;
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES) & !1];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let dominate = |zeros: usize, others: usize| zeros * 2 >= sample.len() * 4 / 5 && others * 20 < sample.len();
    match (sample.len(), dominate(odd, even), dominate(even, odd)) {
        (4.., true, _) => Some(UTF_16LE),
        (4.., _, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Decodes UTF-8, also with a few damaged bytes, or else Windows-1252.
fn decode_single_bytes(bytes: Vec<u8>) -> (String, Option<Notice>) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error,
    };
    let lossy = String::from_utf8_lossy(error.as_bytes());
    let invalid = lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let valid = lossy.chars().filter(|c| !c.is_ascii()).count() - invalid;
    if valid > 2 * invalid {
        return (lossy.into_owned(), Some(Notice::InvalidUtf8 { bytes: invalid }));
    }
    let text = WINDOWS_1252.decode_with_bom_removal(error.as_bytes()).0.into_owned();
    (text, Some(Notice::AssumedLatin1))
}

/// Reads delimited text, with a `separator` that is known or inferred. Every cell remains text, because types are inferred
/// from whole columns.
fn read_delimited(file: &str, mut text: String, separator: Option<u8>) -> Result<(Table, Rejected)> {
    let dialect = Dialect::sniff(file, &text, separator)?;
    let Dialect { separator, header, first_row, has_comments, pattern, mut notices } = dialect;
    let end = pattern.and_then(|pattern| table_end::find(&text, first_row, separator, has_comments, &pattern));
    if let Some((end, notice)) = end {
        text.truncate(end);
        notices.push(notice);
    }
    let (text, locations, rejected) =
        DelimitedText::index(text, first_row, separator, header.len(), has_comments, &mut notices);
    let (rows, text) = (text.rows(), Arc::new(text));
    let column = |(at, name): (usize, String)| Column { name, cells: Cells::Field { text: Arc::clone(&text), at } };
    let (columns, separator) = (header.into_iter().enumerate().map(column).collect(), Some(separator));
    let table = Table { file: file.into(), stem: None, columns, rows, locations, separator, notices };
    Ok((table, rejected))
}
