//! Numbers of a file of future rows with another decimal mark than those of the history.

use crate::read::notice::Notice;
use crate::read::options::ReadOptions;
use crate::read::parse::number::{Decimal, InferredDecimal};
use crate::read::parse::number_form::NumberForm;
use crate::read::table::{Cells, Column, Table};

/// The decimal marks of two files.
pub(crate) struct DecimalMarks {
    history: Decimal,
    future: Decimal,
}

impl DecimalMarks {
    /// The mark of each file. The future has another mark than the history only if its numbers fit no other. If the numbers
    /// of the history fit both marks, the history has the mark of the future.
    pub(crate) fn of(history: &Table, future: &Table, options: &ReadOptions) -> Self {
        let infer = |table: &Table, earlier| InferredDecimal::new(table, &table.samples(), earlier);
        let own = infer(history, options.conventions.decimal);
        let is_certain = options.decimal.is_some() || own.is_certain;
        let decimal = options.decimal.unwrap_or(own.decimal);
        let other = infer(future, Some(decimal));
        let history = if is_certain || !other.is_certain { decimal } else { other.decimal };
        Self { history, future: other.decimal }
    }

    /// The mark of a column of the history, if that of a column of the future is another one.
    fn differing(&self, history: &Column, future: &Column) -> Option<Decimal> {
        let of = |column: &Column, of_texts| if column.has_decimal_point() { Decimal::Point } else { of_texts };
        let (own, other) = (of(history, self.history), of(future, self.future));
        (own != other).then_some(other)
    }

    /// The cells of a column of the future with the mark of that of the history; `None` if they have it.
    pub(crate) fn with_mark_of_history(&self, history: &Column, future: &Column) -> Option<Cells> {
        let decimal = self.differing(history, future)?;
        let (form, _) = NumberForm::infer(&future.cells.sample(), decimal);
        let mut cells: Vec<Option<String>> = Vec::with_capacity(future.cells.len());
        future.cells.for_each(|_, cell| {
            let is_number = |cell: &str| form.parse(cell, decimal).is_some();
            cells.push(cell.map(|cell| if is_number(cell) { swap_marks(cell) } else { cell.to_owned() }));
        });
        Some(Cells::Text(cells.into_iter().collect()))
    }

    /// Whether a column certainly has decimal points in both files, as typed ones and those of JSON have.
    pub(crate) fn are_certain_points(&self, history: &Column, future: Option<&Column>) -> bool {
        let has_points = |column: &Column| column.has_decimal_point();
        has_points(history) || self.history == Decimal::Point && future.is_some_and(has_points)
    }

    /// The notice that the marks differ.
    pub(crate) fn notice(&self) -> Notice {
        Notice::FutureDecimal { mark: self.future.name() }
    }
}

/// A number with a comma for each point, and a point for each comma. A mark that no digit follows is not one of the number.
fn swap_marks(cell: &str) -> String {
    let mut next = cell.chars().skip(1);
    let swapped = cell.chars().map(|c| {
        let is_mark = next.next().is_some_and(|next| next.is_ascii_digit());
        match c {
            '.' if is_mark => ',',
            ',' if is_mark => '.',
            c => c,
        }
    });
    swapped.collect()
}
