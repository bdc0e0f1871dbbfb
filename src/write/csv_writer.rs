//! Rows of a CSV file.
//!
//! The writer of the `csv` crate does not quote a field with a space at an end. Spreadsheets and many readers drop that
//! space, so that the id no longer joins with the input.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use crate::panel::Panel;
use crate::write::number::round_to_digits;

/// The name of the time column if the input has none.
const TIME: &str = "time";

/// Writes one field after the other, and a line break at the end of a row.
#[derive(Debug)]
pub(crate) struct CsvWriter<W> {
    to: W,
    row: String,
}

impl<W: Write> CsvWriter<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, row: String::new() }
    }

    /// Adds any text, with quotes if it needs them.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.separate();
        push_quoted(&mut self.row, text);
        self
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, texts: &[T]) -> &mut Self {
        for text in texts {
            self.text(text.as_ref());
        }
        self
    }

    /// Adds a count or a name that needs no quotes.
    pub(crate) fn plain(&mut self, value: impl Display) -> &mut Self {
        self.separate();
        write!(self.row, "{value}").expect("a string takes any text");
        self
    }

    /// Adds a number with `digits` significant digits; an empty field for `None`.
    pub(crate) fn number(&mut self, value: Option<f64>, digits: usize) -> &mut Self {
        self.separate();
        if let Some(value) = value {
            self.row.push_str(&round_to_digits(value, digits));
        }
        self
    }

    /// Adds the name of the panel's time column.
    pub(crate) fn time_heading(&mut self, panel: &Panel) -> &mut Self {
        self.text(panel.columns().time.as_deref().unwrap_or(TIME))
    }

    pub(crate) fn end_row(&mut self) -> io::Result<()> {
        // every field starts with a comma, and the first comma is not written
        self.row.push('\n');
        self.to.write_all(&self.row.as_bytes()[1..])?;
        self.row.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.to.flush()
    }

    fn separate(&mut self) {
        self.row.push(',');
    }
}

/// Appends a field with the quotes of RFC 4180. A space at an end is quoted too, so that no reader drops it.
fn push_quoted(row: &mut String, text: &str) {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        row.push('"');
        row.push_str(&text.replace('"', "\"\""));
        row.push('"');
    } else {
        row.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names with characters that have a meaning in CSV files.
    const ODD_NAMES: [&str; 11] =
        ["plain", "", "a,b", "say \"hi\"", "\"", "two\nlines", "cr\rlf\r\n", " before", "after ", "ünï", "tab\there"];

    #[test]
    fn only_names_with_special_characters_are_quoted() {
        let quoted = ODD_NAMES.map(|name| {
            let mut row = String::new();
            push_quoted(&mut row, name);
            row
        });
        let expected = [
            "plain",
            "",
            "\"a,b\"",
            "\"say \"\"hi\"\"\"",
            "\"\"\"\"",
            "\"two\nlines\"",
            "\"cr\rlf\r\n\"",
            "\" before\"",
            "\"after \"",
            "ünï",
            "tab\there",
        ];
        assert_eq!(quoted, expected);
    }

    /// The fields of the first record of a file, by the grammar of RFC 4180.
    fn first_record(file: &str) -> Vec<String> {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut characters = file.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                '\n' if !quoted => break,
                _ => field.push(c),
            }
        }
        fields.push(field);
        fields
    }

    #[test]
    fn a_reader_of_rfc_4180_reads_the_same_names() {
        let mut file = Vec::new();
        let mut csv = CsvWriter::new(&mut file);
        csv.texts(&ODD_NAMES).number(None, 7).plain(3).end_row().expect("memory takes any row");
        csv.finish().expect("memory needs no flush");
        let fields = first_record(std::str::from_utf8(&file).expect("the writer writes UTF-8"));
        assert_eq!(&fields[..ODD_NAMES.len()], ODD_NAMES);
        assert_eq!(&fields[ODD_NAMES.len()..], ["", "3"]);
    }
}
