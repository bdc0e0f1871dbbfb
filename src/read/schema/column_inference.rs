//! The table, the options and the column profiles from which the roles of columns are inferred.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{DataProblem, Error, Location, Rejected, Result, Setting, closest_name};
use crate::panel::BadRowPolicy;
use crate::read::parse::missing_codes::MissingCode;
use crate::read::parse::number::{Decimal, InferredDecimal};
use crate::read::parse::number_column::{NumberColumn, NumberError, NumberParser, NumberRules, parse_numbers};
use crate::read::schema::parts_without_header::parts_of_times_without_header;
use crate::read::schema::profile::ColumnProfile;
use crate::read::table::{Column, RejectedRows, Table, is_missing, too_many_to_skip};
use crate::read::{format::delimited::DelimitedText, notice::Notice, options::ReadOptions};

/// The first rows, by which a column with few times is found.
const FIRST_ROWS: usize = 100;

/// A table with a profile of each column.
pub(crate) struct ColumnInference<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a ReadOptions,
    /// That of columns of text.
    decimal: Decimal,
    /// The decimal mark, if a number has one.
    pub(crate) shown_decimal: Option<Decimal>,
    pub(crate) samples: Vec<Vec<String>>,
    pub(crate) profiles: Vec<ColumnProfile>,
}

/// Several parsed columns of numbers.
pub(crate) struct NumberColumns {
    /// The values of each column, NaN where one is missing.
    pub(crate) values: Vec<Vec<f64>>,
    pub(crate) notices: Vec<Notice>,
}

impl<'a> ColumnInference<'a> {
    /// The profiles of the columns of a table, and a notice if the decimal mark is not certain.
    pub(crate) fn new(table: &'a Table, options: &'a ReadOptions) -> (Self, Option<Notice>) {
        let mut samples = table.samples();
        let is_word_for_missing = |cell: &String| {
            let is_number = |cell: &str| Decimal::Point.parse(cell).is_some() || Decimal::Comma.parse(cell).is_some();
            options.missing.iter().flatten().any(|given| given == cell.trim() && !is_number(given))
        };
        if options.missing.as_ref().is_some_and(|given| !given.is_empty()) {
            samples.iter_mut().for_each(|sample| sample.retain(|cell| !is_word_for_missing(cell)));
        }
        let with_future =
            |(own, future): (&Vec<String>, Vec<String>)| -> Vec<String> { [own.as_slice(), &future].concat() };
        let of_both = match table.first_future_row {
            Some(_) => Cow::Owned(samples.iter().zip(table.future_samples()).map(with_future).collect()),
            None => Cow::Borrowed(samples.as_slice()),
        };
        let InferredDecimal { decimal: inferred, has_mark, notice, .. } =
            InferredDecimal::new(table, &of_both, options.conventions.decimal);
        let decimal = options.decimal.unwrap_or(inferred);
        let shown_decimal = has_mark.then_some(decimal);
        let columns = table.columns.iter().zip(&samples);
        let mut profiles: Vec<ColumnProfile> =
            columns.map(|(column, sample)| ColumnProfile::new(column, sample, decimal_of(column, decimal))).collect();
        let is_without_header = table.notices.iter().any(|notice| matches!(notice, Notice::NoHeader { .. }));
        if is_without_header {
            let parts = parts_of_times_without_header(&samples);
            profiles.iter_mut().zip(parts).for_each(|(profile, name)| (*name).clone_into(&mut profile.name));
        }
        (
            Self { table, options, decimal, shown_decimal, samples, profiles },
            notice.filter(|_| options.decimal.is_none()),
        )
    }

    pub(crate) fn columns(&self) -> Range<usize> {
        0..self.profiles.len()
    }

    pub(crate) fn name(&self, at: usize) -> String {
        self.table.columns[at].name.clone()
    }

    pub(crate) fn names(&self, columns: &[usize]) -> Vec<String> {
        columns.iter().map(|at| self.name(*at)).collect()
    }

    pub(crate) fn skips_bad_rows(&self) -> bool {
        self.options.bad_rows == BadRowPolicy::Skip
    }

    /// The column with a name that a setting gives. If no name is equal, letter case does not matter.
    pub(crate) fn find(&self, name: &str, setting: Setting) -> Result<usize> {
        let columns = &self.table.columns;
        let exact = columns.iter().position(|column| column.name == name);
        let found = exact.or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)));
        found.ok_or_else(|| {
            if let Some(error) = self.table.unreadable_column(Some(name)) {
                return error;
            }
            let similar = closest_name(name, columns.iter().map(|column| column.name.as_str())).map(str::to_owned);
            let (column, columns) = (name.into(), self.table.column_names());
            self.table.error(DataProblem::ColumnNotFound { column, setting, similar, columns })
        })
    }

    pub(crate) fn find_all(&self, names: &[String], setting: Setting) -> Result<Vec<usize>> {
        names.iter().map(|name| self.find(name, setting)).collect()
    }

    /// Whether a setting names all columns by the word `all`. A column may have this name.
    pub(crate) fn means_all(&self, names: &[String]) -> bool {
        names == ["all"] && !self.table.has_column("all")
    }

    /// The column that is most likely the time, without those in `taken`. A date that is the same on every line, such as
    /// that of the last update, is not the time if other dates are. Neither is one that most rows lack, such as the day on
    /// which a ticket was closed.
    pub(crate) fn likely_time(&self, taken: &[usize]) -> Option<usize> {
        let free = self.columns().filter(|at| !taken.contains(at));
        let mut scored: Vec<(usize, usize)> =
            free.filter_map(|at| Some((self.profiles[at].time_score()?, at))).collect();
        let varies = |at: usize| self.samples[at].iter().any(|cell| *cell != self.samples[at][0]);
        if scored.iter().any(|(_, at)| self.profiles[*at].has_dates() && varies(*at)) {
            scored.retain(|(_, at)| varies(*at));
        }
        let is_rare = |at: usize| {
            let rows = self.table.rows.min(FIRST_ROWS);
            let cells = &self.table.columns[at].cells;
            (0..rows).filter(|row| cells.text(*row).is_none_or(|cell| is_missing(&cell))).count() * 2 > rows
        };
        if scored.iter().any(|(_, at)| self.profiles[*at].has_dates() && !is_rare(*at)) {
            scored.retain(|(_, at)| !is_rare(*at));
        }
        let scored = scored.into_iter();
        let best = scored.rev().max_by_key(|(score, _)| *score).map(|(_, at)| at);
        best.or_else(|| self.years_next_to_months(taken))
    }

    /// Whether a column has only 0 and 1.
    pub(crate) fn is_flag(&self, at: usize) -> bool {
        let is_flag =
            |cell: &String| self.decimal_of(at).parse(cell).is_some_and(|number| [0.0, 1.0].contains(&number));
        self.samples[at].iter().all(is_flag)
    }

    /// Parses several columns of numbers. An error comes with its column.
    pub(crate) fn numbers(&self, columns: &[usize]) -> Result<NumberColumns, (usize, NumberError)> {
        let table = self.table;
        let parsed = match table.text() {
            Some(text) if columns.len() > 1 => self.numbers_of_text(text, columns),
            _ => columns.iter().map(|at| parse_numbers(&table.columns[*at].cells, self.number_rules(*at))).collect(),
        };
        let parsed = columns.iter().zip(parsed).map(|(at, parsed)| parsed.map_err(|error| (*at, error)));
        let parsed: Vec<NumberColumn> = parsed.collect::<Result<_, _>>()?;
        let flagged: usize = parsed.iter().map(|column| column.flagged.count).sum();
        let first_flagged = parsed.iter().position(|column| column.flagged.count > 0);
        if let Some(at) = first_flagged
            && parsed.iter().map(|column| column.numbers).sum::<usize>() == flagged
        {
            // Where every number has a letter, the letter may be a unit.
            return Err((columns[at], NumberError::Cells(parsed[at].flagged.clone(), flagged)));
        }
        let mut notices = Vec::new();
        if let Some(at) = first_flagged {
            let first = parsed[at].flagged.first[0];
            let (location, text) = self.cell(columns[at], first);
            notices.push(Notice::FlagsIgnored { cells: flagged, first: location, text });
        }
        if let Some(at) = parsed.iter().position(|numbers| numbers.is_percent) {
            notices.push(Notice::PercentColumn { column: self.name(columns[at]) });
        }
        for (at, numbers) in columns.iter().zip(&parsed) {
            notices.extend(self.notices_on_numbers(*at, numbers));
        }
        if let Some(first) = parsed.iter().find_map(|numbers| numbers.skipped.first.first()) {
            let cells = parsed.iter().map(|numbers| numbers.skipped.count).sum();
            notices.push(Notice::CellsSkipped { cells, first: table.locations.of(*first) });
        }
        Ok(NumberColumns { values: parsed.into_iter().map(|numbers| numbers.values).collect(), notices })
    }

    fn decimal_of(&self, at: usize) -> Decimal {
        decimal_of(&self.table.columns[at], self.decimal)
    }

    /// Whether a cell of a column is a number.
    pub(crate) fn is_number_text(&self, at: usize, cell: &str) -> bool {
        self.decimal_of(at).parse(cell).is_some()
    }

    fn number_rules(&self, at: usize) -> NumberRules<'_> {
        let (form, missing) = (&self.profiles[at].form, self.options.missing.as_deref());
        let known_codes = self.options.conventions.missing.get(&self.table.columns[at].name);
        let known_codes = known_codes.map_or(&[][..], Vec::as_slice);
        NumberRules { decimal: self.decimal_of(at), form, missing, known_codes, skip: self.skips_bad_rows() }
    }

    /// Notices on numbers that stand for a missing value, and on numbers that are not plain.
    fn notices_on_numbers(&self, at: usize, numbers: &NumberColumn) -> Vec<Notice> {
        let column = || self.name(at);
        let code = |found: &MissingCode| {
            let (code, cells, first) = (found.code, found.cells, self.table.location(found.first));
            Notice::MissingCode { column: column(), code, cells, first }
        };
        let special = numbers.first_special.map(|row| {
            let (value, form) = (numbers.values[row], &self.profiles[at].form);
            Notice::NumberForm { column: column(), example: self.cell(at, row).1, value, meaning: form.meaning() }
        });
        let suspected = numbers.suspected_code.map(|found| {
            let (code, cells, first) = (found.code, found.cells, self.table.location(found.first));
            let of = numbers.values.iter().filter(|value| !value.is_nan()).count();
            Notice::MissingCodeKept { column: column(), code, cells, of, first }
        });
        numbers.missing_codes.iter().map(code).chain(suspected).chain(special).collect()
    }

    /// Parses columns of a delimited text row by row, so that each row is split once.
    fn numbers_of_text(&self, text: &DelimitedText, columns: &[usize]) -> Vec<Result<NumberColumn, NumberError>> {
        let rows = self.table.rows;
        let mut parsers: Vec<NumberParser<'_>> =
            columns.iter().map(|at| NumberParser::new(self.number_rules(*at), rows)).collect();
        let mut by_column: Vec<(usize, usize)> = columns.iter().copied().zip(0..).collect();
        by_column.sort_unstable();
        for row in 0..rows {
            let mut cells = text.cells(row).enumerate();
            for (column, parser) in &by_column {
                let cell = cells.find(|(at, _)| at == column).map(|(_, cell)| cell);
                parsers[*parser].push(row, cell.as_deref());
            }
        }
        parsers.into_iter().map(NumberParser::finish).collect()
    }

    /// The location and the text of a cell.
    pub(crate) fn cell(&self, column: usize, row: usize) -> (Location, String) {
        let text = self.table.columns[column].cells.text(row).unwrap_or_default();
        (self.table.locations.of(row), text.into_owned())
    }

    pub(crate) fn rejected_cells(&self, column: usize, rejected: &RejectedRows) -> Rejected {
        let first = rejected.first.iter().map(|row| self.cell(column, *row)).collect();
        Rejected { first, count: rejected.count }
    }

    pub(crate) fn number_error(&self, (at, error): (usize, NumberError)) -> Error {
        let column = self.name(at);
        if let Some(error) = self.ambiguous_duration(at) {
            return error;
        }
        self.table.error(match error {
            NumberError::Cells(rejected, present) => {
                let cells = self.rejected_cells(at, &rejected);
                DataProblem::InvalidNumbers {
                    column,
                    cells,
                    present,
                    can_be_skipped: !too_many_to_skip(rejected.count, present),
                }
            }
            NumberError::Units(one, other) => {
                DataProblem::MixedUnits { column, one: self.cell(at, one), other: self.cell(at, other) }
            }
        })
    }

    /// A notice on columns of numbers without a role, such as totals of the other columns.
    pub(crate) fn numbers_left_out(&self, has_role: impl Fn(&usize) -> bool) -> Option<Notice> {
        let is_left_out = |at: &usize| {
            let profile = &self.profiles[*at];
            !has_role(at) && profile.is_number() && !self.samples[*at].is_empty() && !profile.is_row_number()
        };
        let columns: Vec<String> = self.columns().filter(is_left_out).map(|at| self.name(at)).collect();
        (!columns.is_empty()).then_some(Notice::ColumnsLeftOut { columns })
    }

    pub(crate) fn invalid_times(&self, at: usize, rejected: &RejectedRows) -> Error {
        let cells = self.rejected_cells(at, rejected);
        let (rows, in_future) = self.rows_of_file(rejected);
        let can_be_skipped = !too_many_to_skip(rejected.count, rows);
        self.table.error(DataProblem::InvalidTimes { column: self.name(at), cells, can_be_skipped, in_future })
    }

    /// The error about cells of a layout that are no times, whose rows cannot be skipped.
    pub(crate) fn invalid_times_of_grid(&self, at: usize, cells: Rejected) -> Error {
        let (column, can_be_skipped, in_future) = (self.name(at), false, false);
        self.table.error(DataProblem::InvalidTimes { column, cells, can_be_skipped, in_future })
    }

    /// The error about rows with a value and without a time.
    pub(crate) fn times_missing(&self, at: usize, rejected: &RejectedRows) -> Error {
        let (rows, in_future) = self.rows_of_file(rejected);
        let (first, count) = (rejected.first.iter().map(|row| self.table.location(*row)).collect(), rejected.count);
        let can_be_skipped = !too_many_to_skip(count, rows);
        self.table.error(DataProblem::TimesMissing { column: self.name(at), first, count, can_be_skipped, in_future })
    }

    /// The number of rows of the file with these rows, and whether it is that of future rows.
    fn rows_of_file(&self, rejected: &RejectedRows) -> (usize, bool) {
        let future = self.table.first_future_row.unwrap_or(self.table.rows);
        match rejected.first.first() {
            Some(row) if *row >= future => (self.table.rows - future, true),
            _ => (future, false),
        }
    }
}

/// The decimal mark of a column in a file whose texts have this one.
fn decimal_of(column: &Column, of_texts: Decimal) -> Decimal {
    if column.has_decimal_point() { Decimal::Point } else { of_texts }
}
