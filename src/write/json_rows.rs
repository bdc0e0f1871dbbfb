//! The rows of a table as a JSON array: one object for each row, with the names and the numbers of the CSV file.

use std::io::{self, Write};

use serde_json::Value;

use crate::panel::Panel;
use crate::time::Timestamp;
use crate::write::csv_writer::{MAX_SIGNIFICANT_DIGITS, round_to_digits};
use crate::write::table_writer::TableWriter;

/// The name of the times of the rows, whatever the input calls its time column.
const TIME: &str = "time";

/// Writes one object after the other. The first row has the names of the columns.
///
/// An object starts with `ids`, an object of the id columns. The name of a time column is `time`, so that no name of the
/// input can be that of another member.
#[derive(Debug)]
pub(crate) struct JsonWriter<W> {
    to: W,
    digits: usize,
    id_count: usize,
    names: Vec<String>,
    /// The cells of the row so far, as JSON.
    cells: Vec<String>,
    is_header: bool,
    is_first: bool,
}

impl<W: Write> JsonWriter<W> {
    /// Writes a whole array: `fill` adds the header and the rows.
    pub(crate) fn array(to: W, fill: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let mut array = Self {
            to,
            digits: MAX_SIGNIFICANT_DIGITS,
            id_count: 0,
            names: Vec::new(),
            cells: Vec::new(),
            is_header: true,
            is_first: true,
        };
        array.to.write_all(b"[")?;
        fill(&mut array)?;
        let end: &[u8] = if array.is_first { b"]" } else { b"\n]" };
        array.to.write_all(end)?;
        array.to.flush()
    }

    fn cell(&mut self, json: String) -> &mut Self {
        self.cells.push(json);
        self
    }

    /// `{"ids":{"shop":"north"},"time":"2024-01-31","forecast":12}`
    fn object(&self) -> String {
        let member = |(name, cell): (&String, &String)| format!("{}:{cell}", quoted(name));
        let mut members = self.names.iter().zip(&self.cells).map(member);
        let ids: Vec<String> = members.by_ref().take(self.id_count).collect();
        let all: Vec<String> = std::iter::once(format!("\"ids\":{{{}}}", ids.join(","))).chain(members).collect();
        format!("{{{}}}", all.join(","))
    }
}

impl<W: Write> TableWriter for JsonWriter<W> {
    fn start(&mut self, panel: &Panel, digits: usize) -> &mut Self {
        self.digits = digits;
        self.names.clone_from(&panel.columns().ids);
        self.id_count = self.names.len();
        self
    }

    fn digits(&mut self) -> &mut usize {
        &mut self.digits
    }

    /// Adds a text. Apart from the ids, an empty one is `null`.
    fn text(&mut self, text: &str) -> &mut Self {
        if self.is_header {
            self.names.push(text.to_owned());
            return self;
        }
        let is_missing = text.is_empty() && self.cells.len() >= self.id_count;
        self.cell(if is_missing { "null".into() } else { quoted(text) })
    }

    fn count(&mut self, count: usize) -> &mut Self {
        self.cell(count.to_string())
    }

    fn number(&mut self, value: Option<f64>) -> &mut Self {
        let finite = value.filter(|value| value.is_finite());
        self.cell(finite.map_or_else(|| "null".into(), |value| round_to_digits(value, self.digits)))
    }

    fn time(&mut self, panel: &Panel, time: Timestamp) -> &mut Self {
        self.text(&panel.format(time))
    }

    fn time_heading(&mut self, _: &Panel) -> &mut Self {
        self.text(TIME)
    }

    fn end_row(&mut self) -> io::Result<()> {
        if self.is_header {
            self.is_header = false;
            return Ok(());
        }
        let before = if self.is_first { "\n  " } else { ",\n  " };
        write!(self.to, "{before}{}", self.object())?;
        self.is_first = false;
        self.cells.clear();
        Ok(())
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
