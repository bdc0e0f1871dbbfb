//! Columns of numbers: every cell must be a number in the same unit.

use crate::read::parse::flag::{is_flag_of_missing, without_flag};
use crate::read::parse::number::{Decimal, Unit, is_usable};
use crate::read::table::{Cells, RejectedRows, is_missing};

pub(crate) enum NumberError {
    Cells(RejectedRows),
    /// Two rows whose cells have different units.
    Units(usize, usize),
}

#[derive(Default)]
pub(crate) struct NumberColumn {
    /// NaN where a value is missing.
    pub(crate) values: Vec<f64>,
    pub(crate) is_percent: bool,
    pub(crate) skipped: RejectedRows,
    /// The rows whose numbers have a flag, and the number of all cells with a number.
    pub(crate) flagged: RejectedRows,
    pub(crate) numbers: usize,
}

/// Parses the cells of a column of numbers, from the first to the last.
pub(crate) struct NumberParser {
    decimal: Decimal,
    values: Vec<f64>,
    rejected: RejectedRows,
    /// The units in the order of their first rows, each with all its rows.
    units: Vec<(Unit, Vec<usize>)>,
    unitless_rows: usize,
    first_unitless_row: Option<usize>,
    flagged: RejectedRows,
    numbers: usize,
}

impl NumberParser {
    pub(crate) fn new(decimal: Decimal, rows: usize) -> Self {
        let (values, rejected, flagged) = (Vec::with_capacity(rows), RejectedRows::default(), RejectedRows::default());
        let (units, unitless_rows, first_unitless_row, numbers) = (Vec::new(), 0, None, 0);
        Self { decimal, values, rejected, units, unitless_rows, first_unitless_row, flagged, numbers }
    }

    pub(crate) fn push(&mut self, row: usize, cell: Option<&str>) {
        let Some(cell) = cell else { return self.values.push(f64::NAN) };
        let parsed = self.decimal.parse_with_unit(cell).or_else(|| {
            let flagged = without_flag(cell).and_then(|number| self.decimal.parse_with_unit(number));
            if flagged.is_some() {
                self.flagged.push(row);
            }
            flagged
        });
        let Some((number, unit)) = parsed else {
            if !is_missing(cell) && !is_flag_of_missing(cell) {
                self.rejected.push(row);
            }
            return self.values.push(f64::NAN);
        };
        self.numbers += 1;
        self.values.push(number);
        match self.units.iter_mut().find(|(known, _)| *known == unit) {
            _ if unit == Unit::None => {
                self.unitless_rows += 1;
                self.first_unitless_row.get_or_insert(row);
            }
            Some((_, rows)) => rows.push(row),
            None => self.units.push((unit, vec![row])),
        }
    }

    /// Two rows with different units. A number without a unit differs from a percentage, but not from a currency.
    fn mixed_units(&self) -> Option<(usize, usize)> {
        let [(unit, rows), others @ ..] = self.units.as_slice() else { return None };
        let unitless = self.first_unitless_row.filter(|_| *unit == Unit::Percent);
        let other = others.first().map(|(_, rows)| rows[0]);
        Some((rows[0], other.or(unitless)?))
    }

    /// Rejects the cells that do not have the most frequent unit. Numbers without a unit count as the currency.
    fn reject_other_units(&mut self) {
        let count = |(unit, rows): &(Unit, Vec<usize>)| {
            rows.len() + if *unit == Unit::Percent { 0 } else { self.unitless_rows }
        };
        let largest = self.units.iter().map(count).max().unwrap_or(0).max(self.unitless_rows);
        let kept = self.units.iter().position(|unit| count(unit) == largest);
        let is_percent = kept.is_some_and(|kept| self.units[kept].0 == Unit::Percent);
        let mut keep = vec![!is_percent; self.values.len()];
        for (at, (_, rows)) in self.units.iter().enumerate() {
            rows.iter().for_each(|row| keep[*row] = Some(at) == kept);
        }
        for (row, value) in self.values.iter_mut().enumerate().filter(|(row, value)| !keep[*row] && !value.is_nan()) {
            *value = f64::NAN;
            self.rejected.push(row);
        }
    }

    /// The column. With `skip`, cells that cannot be used are missing values.
    pub(crate) fn finish(mut self, skip: bool) -> Result<NumberColumn, NumberError> {
        match self.mixed_units() {
            _ if self.rejected.count > 0 && !skip => return Err(NumberError::Cells(self.rejected)),
            Some((one, other)) if !skip => return Err(NumberError::Units(one, other)),
            Some(_) => self.reject_other_units(),
            None => {}
        }
        let is_percent = self.units.iter().any(|(unit, rows)| *unit == Unit::Percent && !self.values[rows[0]].is_nan());
        let (values, skipped, flagged, numbers) = (self.values, self.rejected, self.flagged, self.numbers);
        Ok(NumberColumn { values, is_percent, skipped, flagged, numbers })
    }
}

pub(crate) fn parse_numbers(cells: &Cells, decimal: Decimal, skip: bool) -> Result<NumberColumn, NumberError> {
    match cells {
        Cells::Numbers(numbers) => {
            // A typed column may hold infinity, which is not a value.
            let unusable = numbers.iter().enumerate().filter(|(_, number)| !number.is_nan() && !is_usable(**number));
            let skipped: RejectedRows = unusable.map(|(row, _)| row).collect();
            if skipped.count > 0 && !skip {
                return Err(NumberError::Cells(skipped));
            }
            let values = numbers.iter().map(|number| if is_usable(*number) { *number } else { f64::NAN }).collect();
            Ok(NumberColumn { values, skipped, ..NumberColumn::default() })
        }
        Cells::Field { .. } | Cells::Text(_) | Cells::Times { .. } => {
            let mut parser = NumberParser::new(decimal, cells.len());
            cells.for_each(|row, cell| parser.push(row, cell));
            parser.finish(skip)
        }
    }
}
