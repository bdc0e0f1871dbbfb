//! Columns of numbers: every cell must be a number in the same unit.

use crate::read::parse::flag::{is_flag_of_missing, without_flag};
use crate::read::parse::missing_codes::{MissingCode, remove_code, remove_missing_codes, suspected_code};
use crate::read::parse::number::{Decimal, Unit, is_usable};
use crate::read::parse::number_form::NumberForm;
use crate::read::table::{Cells, RejectedRows, is_missing, too_many_to_skip};

/// How the cells of a column are read as numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberRules<'a> {
    pub(crate) decimal: Decimal,
    pub(crate) form: &'a NumberForm,
    /// Cells that stand for a missing value. `None` means those that are usual, which are found by their values.
    pub(crate) missing: Option<&'a [String]>,
    /// Numbers that stand for a missing value in an earlier file.
    pub(crate) known_codes: &'a [String],
    /// Whether cells that cannot be used are missing values.
    pub(crate) skip: bool,
}

pub(crate) enum NumberError {
    /// Cells that are not numbers, and the number of cells that are not missing.
    Cells(RejectedRows, usize),
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
    /// The numbers that stand for a missing value.
    pub(crate) missing_codes: Vec<MissingCode>,
    /// A number that may stand for a missing value, and is kept.
    pub(crate) suspected_code: Option<MissingCode>,
    /// The first row whose number has another form than a plain one.
    pub(crate) first_special: Option<usize>,
}

/// Parses the cells of a column of numbers, from the first to the last.
pub(crate) struct NumberParser<'a> {
    rules: NumberRules<'a>,
    values: Vec<f64>,
    rejected: RejectedRows,
    /// The units in the order of their first rows, each with all its rows.
    units: Vec<(Unit, Vec<usize>)>,
    unitless_rows: usize,
    first_unitless_row: Option<usize>,
    flagged: RejectedRows,
    numbers: usize,
    is_plain: bool,
    first_special: Option<usize>,
}

impl<'a> NumberParser<'a> {
    pub(crate) fn new(rules: NumberRules<'a>, rows: usize) -> Self {
        let (values, rejected, flagged) = (Vec::with_capacity(rows), RejectedRows::default(), RejectedRows::default());
        let (units, unitless_rows, first_unitless_row, numbers) = (Vec::new(), 0, None, 0);
        let (is_plain, first_special) = (*rules.form == NumberForm::Plain, None);
        Self {
            rules,
            values,
            rejected,
            units,
            unitless_rows,
            first_unitless_row,
            flagged,
            numbers,
            is_plain,
            first_special,
        }
    }

    pub(crate) fn push(&mut self, row: usize, cell: Option<&str>) {
        let Some(cell) = cell else { return self.values.push(f64::NAN) };
        let parsed = self.parse(row, cell).or_else(|| {
            let flagged = without_flag(cell).and_then(|number| self.rules.decimal.parse_with_unit(number));
            if flagged.is_some() {
                self.flagged.push(row);
            }
            flagged
        });
        let Some((number, unit)) = parsed else {
            if !is_missing(cell) && !is_flag_of_missing(cell) && !self.is_given_as_missing(cell) {
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

    fn parse(&mut self, row: usize, cell: &str) -> Option<(f64, Unit)> {
        let decimal = self.rules.decimal;
        if self.is_plain {
            return decimal.parse_with_unit(cell);
        }
        if self.first_special.is_none() && !is_missing(cell) && decimal.parse(cell).is_none() {
            self.first_special = Some(row);
        }
        self.rules.form.parse(cell, decimal)
    }

    /// Whether the options say that a cell stands for a missing value.
    fn is_given_as_missing(&self, cell: &str) -> bool {
        self.rules.missing.is_some_and(|given| given.iter().any(|text| text == cell.trim()))
    }

    /// Replaces numbers that stand for a missing value: those of the options, or else those of an earlier file and the
    /// usual ones.
    fn remove_missing_codes(&mut self) -> Vec<MissingCode> {
        let NumberRules { missing, known_codes, decimal, .. } = self.rules;
        let known = known_codes.iter().filter_map(|text| text.parse().ok());
        let codes: Vec<f64> = match missing {
            Some(given) => given.iter().filter_map(|text| decimal.parse(text)).collect(),
            None => known.collect(),
        };
        let mut found: Vec<MissingCode> =
            codes.into_iter().filter_map(|code| remove_code(&mut self.values, code)).collect();
        if missing.is_none() {
            found.extend(remove_missing_codes(&mut self.values));
        }
        found
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
    pub(crate) fn finish(mut self) -> Result<NumberColumn, NumberError> {
        let skip = self.rules.skip;
        let present = self.values.iter().filter(|value| !value.is_nan()).count() + self.rejected.count;
        match self.mixed_units() {
            _ if self.rejected.count > 0 && !skip => return Err(NumberError::Cells(self.rejected, present)),
            Some((one, other)) if !skip => return Err(NumberError::Units(one, other)),
            Some(_) => self.reject_other_units(),
            None => {}
        }
        if too_many_to_skip(self.rejected.count, present) {
            return Err(NumberError::Cells(self.rejected, present));
        }
        let missing_codes = self.remove_missing_codes();
        let suspected_code = if self.rules.missing.is_none() { suspected_code(&self.values) } else { None };
        let is_percent = self.units.iter().any(|(unit, rows)| *unit == Unit::Percent && !self.values[rows[0]].is_nan());
        let Self { values, rejected: skipped, flagged, numbers, first_special, .. } = self;
        Ok(NumberColumn { values, is_percent, skipped, flagged, numbers, missing_codes, suspected_code, first_special })
    }
}

pub(crate) fn parse_numbers(cells: &Cells, rules: NumberRules<'_>) -> Result<NumberColumn, NumberError> {
    match cells {
        Cells::Numbers(numbers) => {
            // A typed column may hold infinity, which is not a value.
            let unusable = numbers.iter().enumerate().filter(|(_, number)| !number.is_nan() && !is_usable(**number));
            let skipped: RejectedRows = unusable.map(|(row, _)| row).collect();
            let present = numbers.iter().filter(|number| !number.is_nan()).count();
            if skipped.count > 0 && (!rules.skip || too_many_to_skip(skipped.count, present)) {
                return Err(NumberError::Cells(skipped, present));
            }
            let usable = |number: &f64| if is_usable(*number) { *number } else { f64::NAN };
            let mut parser = NumberParser::new(rules, 0);
            parser.values = numbers.iter().map(usable).collect();
            parser.rejected = skipped;
            parser.finish()
        }
        Cells::Field { .. } | Cells::Text(_) | Cells::Times { .. } => {
            let mut parser = NumberParser::new(rules, cells.len());
            cells.for_each(|row, cell| parser.push(row, cell));
            parser.finish()
        }
    }
}
