//! Detects the format of a file by its bytes, and reads it into a table.

use std::sync::Arc;

use crate::error::{DataProblem, Error, Rejected, Result, UnsupportedFormat};
use crate::panel::BadRowPolicy;
use crate::read::format::delimited::{DelimitedText, RowSyntax};
use crate::read::format::encoding::decode;
#[cfg(feature = "excel")]
use crate::read::format::joined_sheets::{self, JoinedSheets};
use crate::read::format::{
    aligned_table, dialect::Dialect, drawn_table, ghcn_daily, json, marked_totals, quoting, space_separated, table_end,
    typed, uneven_rows,
};
#[cfg(feature = "excel")]
use crate::read::format::{remarks, workbook};
use crate::read::table::{Cells, Column, Table, too_many_to_skip};
use crate::read::{
    notice::Notice,
    options::ReadOptions,
    source::{Source, is_compressed},
    written_once,
};

/// Reads a file into a table. Only a workbook has a `sheet` to name.
pub(crate) fn read_table(source: &Source, bytes: Vec<u8>, options: &ReadOptions, sheet: Option<&str>) -> Result<Table> {
    let file = source.to_string();
    let mut table = match read_workbook(&file, &bytes, sheet, options)? {
        Some(table) => table,
        None if sheet.is_some() => return Err(Error::data(file, DataProblem::NoSheets)),
        None => read_other(&file, bytes, options)?,
    };
    table.stem = source.stem();
    table.check_rows(1)?;
    written_once::complete(&mut table);
    Ok(table)
}

fn read_other(file: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Table> {
    if let Some(format) = unsupported(&bytes) {
        return Err(Error::data(file, DataProblem::UnsupportedFormat(format)));
    }
    if typed::is_typed(&bytes) { typed::read_typed(file, bytes) } else { read_text(file, bytes, options) }
}

/// The table of a workbook; `None` if the file is not one. Sheets with the same columns and other times are one table.
#[cfg(feature = "excel")]
fn read_workbook(file: &str, bytes: &[u8], wanted: Option<&str>, options: &ReadOptions) -> Result<Option<Table>> {
    let Some(workbook) = workbook::sheet_texts(file, bytes, wanted, options.bad_rows)? else { return Ok(None) };
    let (mut tables, mut chosen) = (Vec::new(), 0);
    let with_cells = workbook.sheets.len();
    let largest = workbook.sheets[workbook.largest].name.clone();
    for sheet in workbook.sheets {
        let name = sheet.name.clone();
        let number = workbook.names.iter().position(|other| *other == name).map_or(1, |at| at + 1);
        // With several sheets, errors name the one that is read.
        let is_named = with_cells > 1;
        let file = if is_named { format!("{file}, sheet {name}") } else { file.to_owned() };
        match read_sheet(&file, sheet, options) {
            Err(error) if name == largest => return Err(error),
            // A sheet that cannot be read is no part of the table.
            Err(_) => {}
            Ok(table) => {
                chosen = if name == largest { tables.len() } else { chosen };
                tables.push((name, number, table));
            }
        }
    }
    let JoinedSheets { mut table, names: sheets, apart } = joined_sheets::join(tables, chosen);
    if sheets.len() > 1 {
        file.clone_into(&mut table.file);
    }
    let others: Vec<String> = workbook.names.into_iter().filter(|name| !sheets.contains(name)).collect();
    let notice = match wanted {
        Some(_) => Some(Notice::SheetNamed { sheet: largest }),
        None if sheets.len() > 1 => Some(Notice::SheetsJoined { sheets, others }),
        None => (with_cells > 1).then_some(Notice::SheetChosen { sheet: largest, others, apart }),
    };
    table.notices.splice(0..0, notice);
    Ok(Some(table))
}

/// The table of a sheet, whose rows are located by their number.
#[cfg(feature = "excel")]
fn read_sheet(file: &str, sheet: workbook::SheetText, options: &ReadOptions) -> Result<Table> {
    if let Some(problem) = sheet.problem {
        return Err(Error::data(file, problem));
    }
    let (mut table, rejected) = read_delimited(file, sheet.text, Some(remarks::SEPARATOR))?;
    let of_sheet = std::mem::take(&mut table.notices).into_iter().map(Notice::of_sheet);
    table.notices = sheet.notices.into_iter().chain(of_sheet).collect();
    table.locations = table.locations.of_sheet();
    settle_rejected(&mut table, rejected.of_sheet(), options)?;
    Ok(table)
}

#[cfg(not(feature = "excel"))]
#[expect(clippy::unnecessary_wraps, reason = "the function with the feature can fail")]
fn read_workbook(_: &str, _: &[u8], _: Option<&str>, _: &ReadOptions) -> Result<Option<Table>> {
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
        let is_markup = [&b"<!doctype html"[..], b"<html", b"<?xml", b"<table", b"<head", b"<meta"]
            .iter()
            .any(|tag| start.starts_with(tag));
        is_markup.then_some(UnsupportedFormat::Markup)
    })
}

/// Whether data are text, and no file that is compressed or has compressed parts. A small one of these may become larger
/// than the memory.
///
/// ```
/// use forecast::read::is_plain_text;
///
/// assert!(is_plain_text(b"date,sales\n2024-01-01,5\n"));
/// assert!(!is_plain_text(b"\x1F\x8B\x08"));
/// ```
pub fn is_plain_text(bytes: &[u8]) -> bool {
    !is_compressed(bytes)
        && !typed::is_typed(bytes)
        && matches!(unsupported(bytes), None | Some(UnsupportedFormat::Markup))
}

fn read_text(file: &str, bytes: Vec<u8>, options: &ReadOptions) -> Result<Table> {
    let (text, notice) = decode(bytes, options.encoding);
    let (mut table, rejected) = if json::is_json(&text) {
        json::read_json(file, &text)?
    } else if let Some(table) = ghcn_daily::read_months(file, &text) {
        (table, Rejected::default())
    } else {
        read_delimited(file, text, None)?
    };
    table.notices.splice(0..0, notice);
    settle_rejected(&mut table, rejected, options)?;
    Ok(table)
}

/// Refuses lines that cannot be read, or notes that they are skipped.
fn settle_rejected(table: &mut Table, rejected: Rejected, options: &ReadOptions) -> Result<()> {
    let Some((first, _)) = rejected.first.first() else { return Ok(()) };
    let are_too_many = too_many_to_skip(rejected.count, table.rows + rejected.count);
    if options.bad_rows == BadRowPolicy::Error || are_too_many {
        return Err(table.error(DataProblem::RejectedLines(rejected)));
    }
    table.notices.push(Notice::LinesSkipped { lines: rejected.count, first: *first });
    Ok(())
}

/// Reads delimited text, with a `separator` that is known or inferred. Every cell remains text, because types are inferred
/// from whole columns.
fn read_delimited(file: &str, mut text: String, separator: Option<u8>) -> Result<(Table, Rejected)> {
    if separator.is_none() {
        text = quoting::with_usual_quotes(&text).unwrap_or(text);
        text = drawn_table::without_lines(&text).unwrap_or(text);
    }
    let uneven = if separator.is_none() { uneven_rows::with_tabs(&text) } else { None };
    let separator = separator.or_else(|| if uneven.is_some() { None } else { space_separated::separator(&text) });
    let split = uneven.or_else(|| if separator.is_none() { aligned_table::with_tabs(&text) } else { None });
    let (mut text, separator) = split.map_or((text, separator), |text| (text, Some(b'\t')));
    let dialect = Dialect::sniff(file, &text, separator)?;
    let Dialect { separator, header, first_row, has_comments, header_line, pattern, mut notices } = dialect;
    let end = pattern.as_ref().and_then(|pattern| table_end::find(&text, first_row, separator, has_comments, pattern));
    if let Some((end, notice)) = end {
        text.truncate(end);
        notices.push(notice);
    }
    let totals =
        pattern.map(|pattern| marked_totals::starts(&text, first_row, separator, &pattern)).unwrap_or_default();
    // No row is an empty line.
    let header_line = header_line.unwrap_or_default();
    let syntax = RowSyntax { separator, columns: header.len(), has_comments, header: &header_line, totals: &totals };
    let (text, locations, rejected) = DelimitedText::index(text, first_row, syntax, &mut notices);
    let (rows, text) = (text.rows(), Arc::new(text));
    let cells = |at: usize| Cells::Field { text: Arc::clone(&text), at };
    let column = |(at, name): (usize, String)| Column::new(name, cells(at));
    let (columns, separator) = (header.into_iter().enumerate().map(column).collect(), Some(separator));
    let table = Table { file: file.into(), columns, rows, locations, separator, notices, ..Table::default() };
    Ok((table, rejected))
}
