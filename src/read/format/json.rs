//! JSON: one object on each line, one list of objects, one object with a list for each column, or an answer of Prometheus.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::error::{DataProblem, Error, Location, Rejected, Result};
use crate::read::format::json_row::{Cell, Nested, Row, RowSeed};
use crate::read::format::json_table::{ColumnBuilder, TableBuilder};
use crate::read::format::prometheus;
use crate::read::notice::Notice;
use crate::read::row_locations::RowLocations;
use crate::read::table::Table;

/// The text without a byte order mark and white space before it.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_start()
}

/// Whether a text is JSON and not delimited.
pub(crate) fn is_json(text: &str) -> bool {
    let text = trimmed(text);
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    let is_empty_list = text.starts_with('[') && inner.starts_with(']');
    let has_lists = text.starts_with('[') && inner.starts_with('[');
    is_empty_list || has_lists || inner.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// The table, and the lines that are not JSON objects.
pub(crate) fn read_json(file: &str, text: &str) -> Result<(Table, Rejected)> {
    let text = trimmed(text);
    if text.starts_with('[') {
        return Ok((read_list(file, text)?, Rejected::default()));
    }
    if let Some(table) = prometheus::read_answer(file, text) {
        return Ok((table, Rejected::default()));
    }
    if let Some((member, inner)) = member_with_table(text) {
        let table = if inner.trim_start().starts_with('[') {
            Some(read_list(file, &inner)?)
        } else {
            read_columns(file, &inner)?
        };
        if let Some(mut table) = table {
            table.notices.push(Notice::TableOfMember { member });
            return Ok((table, Rejected::default()));
        }
    }
    match read_columns(file, text)? {
        Some(table) => Ok((table, Rejected::default())),
        None => read_lines(file, text),
    }
}

fn read_list(file: &str, text: &str) -> Result<Table> {
    let (mut builder, mut problem) = (TableBuilder::default(), None);
    let mut from = Deserializer::from_str(text);
    let rows = RowsVisitor { builder: &mut builder, problem: &mut problem };
    let parsed = from.deserialize_seq(rows).and_then(|()| from.end());
    let place = |line: usize| {
        let has_lines = text.contains('\n');
        Some(if has_lines { Location::Line(line) } else { Location::Row(builder.rows + 1) })
    };
    match (problem, parsed) {
        (Some(DataProblem::RepeatedColumn { column }), Err(error)) => {
            let (location, reason) = (place(error.line()), two_members(&column));
            Err(Error::data(file, DataProblem::Malformed { location, reason }))
        }
        (Some(problem), _) => Err(Error::data(file, problem)),
        (None, Err(error)) => {
            let location = place(error.line());
            let reason = format!("not a list of JSON objects: {}", error_text(&error, text));
            Err(Error::data(file, DataProblem::Malformed { location, reason }))
        }
        (None, Ok(())) if builder.rows == 0 => Err(Error::data(file, DataProblem::Empty)),
        (None, Ok(())) => Ok(builder.build(file, RowLocations::numbered())),
    }
}

/// The only member of an object that is a table, such as the data of an answer that a service gave, and its name. Its text
/// has the lines of the file. `None` if the text is anything else, or has several tables.
fn member_with_table(text: &str) -> Option<(String, String)> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let is_table = |member: &&RawValue| match member.get().split_at_checked(1) {
        Some(("[", rest)) => rest.trim_start().starts_with('{'),
        Some(("{", _)) => has_columns(member.get()),
        _ => false,
    };
    let mut tables = members.iter().filter(|(_, member)| is_table(member));
    let (name, member) = tables.next().filter(|_| !has_columns(text))?;
    if tables.next().is_some() {
        return None;
    }
    let before = text.find(member.get())?;
    let lines = text[..before].matches('\n').count();
    Some((name.clone(), "\n".repeat(lines) + member.get()))
}

/// Whether an object has a list for each column, and several rows.
fn has_columns(text: &str) -> bool {
    let (mut from, mut members) = (Deserializer::from_str(text), Row::new());
    let parsed = RowSeed { row: &mut members, has_lists: true }.deserialize(&mut from);
    let length = |cell: &Cell<'_>| if let Cell::List(cells) = cell { Some(cells.len()) } else { None };
    let first = members.first().and_then(|(_, cell)| length(cell));
    parsed.is_ok() && first.is_some_and(|rows| rows > 1) && members.iter().all(|(_, cell)| length(cell) == first)
}

fn two_members(name: &str) -> String {
    format!("two members of the object have the name {name}")
}

/// Adds the objects of a list to a table, one after the other.
struct RowsVisitor<'a> {
    builder: &'a mut TableBuilder,
    /// Why a row was refused.
    problem: &'a mut Option<DataProblem>,
}

impl<'de> Visitor<'de> for RowsVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<(), A::Error> {
        let mut row = Row::new();
        while items.next_element_seed(RowSeed { row: &mut row, has_lists: false })?.is_some() {
            if let Err(problem) = self.builder.push(&row) {
                *self.problem = Some(problem);
                return Err(A::Error::custom("a row was refused"));
            }
        }
        Ok(())
    }
}

/// The table of one object whose members are lists, one for each column; `None` if the text is anything else.
fn read_columns(file: &str, text: &str) -> Result<Option<Table>> {
    let (mut from, mut members) = (Deserializer::from_str(text), Row::new());
    let parsed = RowSeed { row: &mut members, has_lists: true }.deserialize(&mut from).and_then(|()| from.end());
    // several lines with an object each fail after the first
    if parsed.is_err() {
        return Ok(None);
    }
    let malformed = |reason: String| Error::data(file, DataProblem::NotATable { reason });
    let is_object = |cell: &Cell<'_>| matches!(cell, Cell::Nested(Nested::Object));
    let is_list = |cell: &Cell<'_>| matches!(cell, Cell::List(_));
    // a row may have lists, which are no cells
    let is_row = members.iter().any(|(_, cell)| !is_list(cell) && !is_object(cell));
    if is_row || !members.iter().any(|(_, cell)| is_list(cell)) {
        // an object of objects, as pandas writes by default, has the numbers of rows as names
        let is_nested = members.iter().all(|(_, cell)| is_object(cell)) && !members.is_empty();
        return if is_nested { Err(malformed("its columns are objects, not lists".to_owned())) } else { Ok(None) };
    }
    let mut columns: Vec<(String, Vec<Cell<'_>>)> = Vec::new();
    let mut names = HashSet::new();
    for (name, cell) in members {
        let name = name.into_owned();
        let Cell::List(cells) = cell else { return Err(malformed(format!("the column {name} is not a list"))) };
        if let Some((first, of_first)) = columns.first().filter(|(_, of_first)| of_first.len() != cells.len()) {
            let (own, others) = (cells.len(), of_first.len());
            return Err(malformed(format!("the column {name} has {own} values, and {first} has {others}")));
        }
        if !names.insert(name.clone()) {
            return Err(Error::data(file, DataProblem::RepeatedColumn { column: name }));
        }
        columns.push((name, cells));
    }
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    let mut buffer = String::new();
    let columns = columns.into_iter().map(|(name, cells)| {
        let mut column = ColumnBuilder::new(name);
        cells.iter().enumerate().for_each(|(row, cell)| column.push(row, cell, &mut buffer));
        column
    });
    let columns = columns.collect();
    Ok(Some(TableBuilder::of_columns(columns, rows).build(file, RowLocations::numbered())))
}

/// The number at the start of a text that JSON does not have, such as `NaN`, as many programs write it.
///
/// ```
/// use forecast::read::number_unknown_to_json;
///
/// assert_eq!(number_unknown_to_json(b"-Infinity, 5]"), Some("-Infinity"));
/// assert_eq!(number_unknown_to_json(b"5]"), None);
/// ```
pub fn number_unknown_to_json(text: &[u8]) -> Option<&'static str> {
    let names = ["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"];
    names.into_iter().find(|name| text.starts_with(name.as_bytes()))
}

/// The words of an error of `serde_json`, without its place and without the terms of its parser.
///
/// ```
/// use forecast::read::json_error_in_words;
///
/// let error = serde_json::from_str::<serde_json::Value>("[5, tru").unwrap_err();
/// assert_eq!(json_error_in_words(&error), "the text ends within a value");
/// ```
pub fn json_error_in_words(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let reason = message.split(" at line").next().unwrap_or_default();
    match (reason, reason.strip_prefix("EOF while parsing ")) {
        ("expected ident", _) => "a word is neither true, false nor null".to_owned(),
        (_, Some(part)) => format!("the text ends within {part}"),
        _ => reason.to_owned(),
    }
}

/// What is wrong, without the place. A number that JSON does not have, one that is too large and a character that is none
/// are named.
fn error_text(error: &serde_json::Error, text: &str) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = error.column().saturating_sub(1);
    let rest = line.get(at..).unwrap_or_default();
    if let Some(name) = number_unknown_to_json(rest.as_bytes()) {
        return format!("{name} is no number of JSON, and a missing value is null");
    }
    let reason = json_error_in_words(error);
    let named = match reason.as_str() {
        "number out of range" => number_around(line, at).map(|number| format!("{number} is too large for a number")),
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => half_of_a_pair(line, at)
            .map(|escape| format!("{escape} is half of a character, and the other half does not follow")),
        _ => None,
    };
    named.unwrap_or(reason)
}

/// The number that a byte of a line is in, or that ends before it.
fn number_around(line: &str, at: usize) -> Option<&str> {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let bytes = line.as_bytes();
    let at = at.min(bytes.len());
    let before = bytes[..at].iter().rev().take_while(|byte| is_of_number(byte)).count();
    let after = bytes[at..].iter().take_while(|byte| is_of_number(byte)).count();
    line.get(at - before..at + after).filter(|number| !number.is_empty())
}

/// The last escape of a line up to a byte that is half of a pair of them, such as `\ud83d`.
fn half_of_a_pair(line: &str, at: usize) -> Option<&str> {
    const LENGTH: usize = 6;
    let is_half = |start: &usize| {
        let escape = line.get(*start..start + LENGTH).map(|escape| escape[2..].to_ascii_lowercase());
        escape.is_some_and(|digits| ("d800"..="dfff").contains(&digits.as_str()))
    };
    let starts = line.match_indices("\\u").map(|(start, _)| start).take_while(|start| *start <= at);
    let last = starts.filter(is_half).last()?;
    line.get(last..last + LENGTH)
}

fn read_lines(file: &str, text: &str) -> Result<(Table, Rejected)> {
    let (mut builder, mut locations, mut rejected) =
        (TableBuilder::default(), RowLocations::default(), Rejected::default());
    let mut row = Row::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut from = Deserializer::from_str(line);
        let parsed = RowSeed { row: &mut row, has_lists: false }.deserialize(&mut from).and_then(|()| from.end());
        if let Err(error) = parsed {
            rejected.push_line(at + 1, format!("not a JSON object: {}", error_text(&error, line)));
            continue;
        }
        match builder.push(&row) {
            Ok(()) => locations.push(builder.rows - 1, at + 1),
            Err(DataProblem::RepeatedColumn { column }) => rejected.push_line(at + 1, two_members(&column)),
            Err(problem) => return Err(Error::data(file, problem)),
        }
    }
    Ok((builder.build(file, locations), rejected))
}
