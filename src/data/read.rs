//! Bytes to a table: CSV in its many dialects, and Parquet.

use std::io::Cursor;
use std::sync::Arc;

use polars::prelude::{
    CsvReadOptions, DataFrame, DataType, Field, ParquetReader, PolarsError, Schema, SerReader, TimeUnit,
};

use super::dates;
use super::frequency::moment;
use super::input::Input;
use super::numbers::Decimal;
use super::table::{Cells, Column, Places, Record, Records, Table};
use crate::error::{Error, Place, Result};

/// Reads what the bytes hold: Parquet by its magic number, otherwise CSV.
pub(super) fn table(input: &Input, bytes: Vec<u8>) -> Result<Table> {
    let name = input.to_string();
    let (columns, rows, places, separator) = if bytes.starts_with(b"PAR1") {
        let (columns, rows) = parquet(&name, &bytes)?;
        (columns, rows, Places::Rows, None)
    } else {
        let text = decoded(bytes);
        let dialect = Dialect::sniff(&name, &text)?;
        let (columns, rows) = csv(&name, &text, &dialect)?;
        let places = Places::Lines { text, body: dialect.body, first: dialect.first };
        (columns, rows, places, Some(dialect.separator))
    };
    if rows == 0 {
        return Err(Error::NoRows { name });
    }
    Ok(Table { name, stem: input.stem(), columns, rows, places, separator })
}

/// The text as UTF-8 without a byte order mark, lines ending in a line feed.
fn decoded(bytes: Vec<u8>) -> Vec<u8> {
    let wide = |pair: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|unit| pair([unit[0], unit[1]]));
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
            .into_bytes()
    };
    let mut text = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest.to_vec(),
        _ if std::str::from_utf8(&bytes).is_ok() => bytes,
        // Latin-1 is the first 256 characters of Unicode
        _ => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
    };
    if !text.contains(&b'\n') {
        text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    text
}

/// How a CSV is written.
#[derive(Debug)]
struct Dialect {
    separator: u8,
    header: Vec<String>,
    /// Where the rows begin, and on which line, counted from 1.
    body: usize,
    first: usize,
}

/// Records looked at to find the separator.
const SNIFFED: usize = 50;

impl Dialect {
    fn sniff(name: &str, text: &[u8]) -> Result<Self> {
        let named = || name.to_owned();
        let records: Vec<Record> = Records::new(text).filter(|record| !record.is_blank()).take(SNIFFED).collect();
        let Some((header, rows)) = records.split_first() else { return Err(Error::Empty { name: named() }) };
        let Some(row) = rows.first() else { return Err(Error::NoRows { name: named() }) };
        let separator = separator(&records);
        let header: Vec<String> = names(header.fields(separator));
        if headless(&header) {
            return Err(Error::NoHeader { name: named(), line: records[0].line + 1 });
        }
        let body = row.bytes.as_ptr().addr() - text.as_ptr().addr();
        Ok(Self { separator, header, body, first: row.line + 1 })
    }
}

/// The separator that gives the most records as many fields as the header has.
fn separator(records: &[Record<'_>]) -> u8 {
    let score = |separator: u8| {
        let fields = records[0].fields(separator).count();
        let agreeing = records.iter().filter(|record| record.fields(separator).count() == fields).count();
        (if fields > 1 { agreeing } else { 0 }, fields)
    };
    // the first of equals is kept: a comma is the most likely
    b",;\t|".iter().copied().reduce(|best, next| if score(next) > score(best) { next } else { best }).unwrap_or(b',')
}

/// The column names, each once, none empty.
fn names<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (position, field) in fields.enumerate() {
        let field = String::from_utf8_lossy(field);
        let field = field.trim();
        let bare = field.strip_prefix('"').and_then(|f| f.strip_suffix('"')).map(|f| f.replace("\"\"", "\""));
        let name = match bare.as_deref().unwrap_or(field).trim() {
            "" => format!("column {}", position + 1),
            name => name.to_owned(),
        };
        let unique = if names.contains(&name) { format!("{name} ({})", position + 1) } else { name };
        names.push(unique);
    }
    names
}

/// Whether the first line holds values rather than names.
fn headless(header: &[String]) -> bool {
    let value = |name: &String| {
        Decimal::Point.read(name).is_some()
            || dates::likely(std::slice::from_ref(name)).is_some_and(|(reading, _)| !reading.is_number())
    };
    header.iter().all(value)
}

/// Every column as text: types are decided by us, on whole columns.
fn csv(name: &str, text: &[u8], dialect: &Dialect) -> Result<(Vec<Column>, usize)> {
    let body = &text[dialect.body..];
    let quote = body.contains(&b'"').then_some(b'"');
    let field = |at: usize| Field::new(at.to_string().into(), DataType::String);
    let schema: Arc<Schema> = Arc::new((0..dialect.header.len()).map(field).collect());
    let parse = |ragged: bool| -> Result<DataFrame, PolarsError> {
        CsvReadOptions::default()
            .with_has_header(false)
            .with_schema(Some(schema.clone()))
            .map_parse_options(|options| {
                options.with_separator(dialect.separator).with_quote_char(quote).with_truncate_ragged_lines(ragged)
            })
            .into_reader_with_file_handle(Cursor::new(body))
            .finish()
    };
    let frame = match parse(false) {
        Ok(frame) => frame,
        Err(error) => match irregular(body, dialect) {
            Some((line, reason)) => {
                return Err(Error::Malformed { name: name.into(), place: Some(Place::Line(line)), reason });
            }
            // what stands beyond the last column is empty
            None => parse(true).map_err(|_| Error::Malformed {
                name: name.into(),
                place: None,
                reason: error.to_string(),
            })?,
        },
    };
    let rows = frame.height();
    let column = |(name, column): (&String, polars::prelude::Column)| {
        let cells = column.str().expect("read as text").clone();
        Column { name: name.clone(), cells: Cells::Text(cells) }
    };
    Ok((dialect.header.iter().zip(frame.into_columns()).map(column).collect(), rows))
}

/// The first line that does not fit the header, and why.
fn irregular(body: &[u8], dialect: &Dialect) -> Option<(usize, String)> {
    let need = dialect.header.len();
    Records::new(body).find_map(|record| {
        let line = dialect.first + record.line;
        if !record.closed {
            return Some((line, "a quote is opened and not closed".into()));
        }
        let beyond = record.fields(dialect.separator).skip(need).any(|field| !field.trim_ascii().is_empty());
        let got = record.fields(dialect.separator).count();
        beyond.then(|| (line, format!("{got} fields where the header has {need}")))
    })
}

fn parquet(name: &str, bytes: &[u8]) -> Result<(Vec<Column>, usize)> {
    let malformed =
        |error: &PolarsError| Error::Malformed { name: name.into(), place: None, reason: error.to_string() };
    let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(|error| malformed(&error))?;
    let rows = frame.height();
    let mut columns = Vec::new();
    for column in frame.into_columns() {
        if let Some(cells) = typed(&column).map_err(|error| malformed(&error))? {
            columns.push(Column { name: column.name().to_string(), cells });
        }
    }
    Ok((columns, rows))
}

/// A typed column's cells; `None` for what holds neither text, numbers nor times.
fn typed(column: &polars::prelude::Column) -> Result<Option<Cells>, PolarsError> {
    let series = column.as_materialized_series();
    Ok(Some(match series.dtype() {
        DataType::String => Cells::Text(series.str()?.clone()),
        kind if kind.is_integer() => Cells::Integers(series.cast(&DataType::Int64)?.i64()?.iter().collect()),
        kind if kind.is_float() || kind.is_bool() || kind.is_decimal() => {
            let numbers = series.cast(&DataType::Float64)?;
            Cells::Numbers(numbers.f64()?.iter().map(|number| number.unwrap_or(f64::NAN)).collect())
        }
        DataType::Date | DataType::Datetime(..) => {
            let times = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
            let micros = times.datetime()?.phys.clone();
            let strange = |time: i64| time % 1_000_000 != 0 || moment(time / 1_000_000).is_none();
            if micros.iter().flatten().any(strange) {
                let what = format!("column {} holds times finer than a second or beyond the calendar", series.name());
                return Err(PolarsError::ComputeError(what.into()));
            }
            Cells::Times(micros.iter().map(|time| time.map(|time| time / 1_000_000)).collect())
        }
        _ => return Ok(None),
    }))
}
