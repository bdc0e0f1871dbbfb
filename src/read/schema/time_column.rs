//! Parses the time column.

use std::borrow::Cow;
use std::ops::Range;

use chrono_tz::Tz;

use crate::error::{DataProblem, Error, Location, Result};
use crate::panel::DuplicatePolicy;
use crate::read::notice::Notice;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::future_times::{FutureTimesError, parse_with_future};
use crate::read::parse::future_zone::{MismatchKind, zone_in_which_future_follows, zone_mismatch};
use crate::read::parse::mixed_steps::{RowsOfStep, rows_by_step};
use crate::read::parse::time_index::{NO_TIME, TimeError, TimeIndex, Totals, parse_times, present};
use crate::read::table::{Cells, RejectedRows, is_missing, too_many_to_skip};
use crate::read::{parse::century::CenturyWindow, schema::column_inference::ColumnInference};
use crate::time::TimeZone;
use crate::time::timestamp::datetime_at;

impl ColumnInference<'_> {
    pub(crate) fn times(&self, time: usize) -> Result<TimeIndex> {
        let cells = &self.table.columns[time].cells;
        let (mut rules, skip) = (self.options.date_rules(), self.skips_bad_rows());
        if self.profiles[time].is_quarter() {
            rules.are_quarters = rules.are_quarters.or(Some(true));
        }
        let parsed = match self.table.first_future_row.map(|first| parse_with_future(cells, first, rules, skip)) {
            Some(Err(FutureTimesError::OtherKind { row, is_date })) => {
                let ((location, value), column) = (self.cell(time, row), self.name(time));
                return Err(self.table.error(DataProblem::OtherFutureTimes { column, location, value, is_date }));
            }
            Some(Err(FutureTimesError::Unreadable(error))) => Err(error),
            Some(Ok(times)) => Ok(times),
            None => parse_times(cells, rules, skip),
        };
        let mut times = match parsed {
            Ok(times) => times,
            Err(TimeError::AmbiguousOrder(row)) => return Err(self.ambiguous_order(time, row)),
            Err(TimeError::FiscalPeriod(row)) => {
                let (location, value) = self.cell(time, row);
                return Err(self.fiscal_period(self.name(time), location, value));
            }
            Err(TimeError::Cells(rejected)) => match rows_by_step(cells) {
                Some(steps) => self.times_of_one_step(time, &steps)?,
                None => return Err(self.invalid_times(time, &rejected)),
            },
        };
        self.check_calendar_periods(&times, time)?;
        self.check_steps_of_a_millisecond(&times, time)?;
        self.number_hours(&mut times, time)?;
        match (times.first_mixed_offset(), self.options.zone) {
            (None, _) => Ok(times),
            (Some((row, has_offset)), None) => {
                let ((location, value), column) = (self.cell(time, row), self.name(time));
                let first = self.table.first_future_row;
                let follows_in = first.and_then(|first| zone_in_which_future_follows(&times, first)).map(Tz::name);
                Err(self.table.error(DataProblem::MixedOffsets { column, location, value, has_offset, follows_in }))
            }
            (Some(_), Some(zone)) => {
                times.notices.extend(self.check_future_follows(&times, time, zone)?);
                Ok(times)
            }
        }
    }

    /// Refuses future rows that do not follow the history in the zone of the options, if only one of both has offsets from UTC.
    /// If they are only later, and may be so on purpose, the result is a notice.
    fn check_future_follows(&self, times: &TimeIndex, time: usize, zone: TimeZone) -> Result<Option<Notice>> {
        let first = self.table.first_future_row;
        let Some(mismatch) = first.and_then(|first| zone_mismatch(times, first, zone.0)) else { return Ok(None) };
        let ((location, value), (_, last)) = (self.cell(time, mismatch.next), self.cell(time, mismatch.last));
        let (column, zone) = (self.name(time), zone.0.name());
        Err(self.table.error(match mismatch.kind {
            MismatchKind::Gap { steps, follows_in } => {
                return Ok(Some(Notice::FutureGap { steps, zone: zone.into(), follows_in: follows_in.name().into() }));
            }
            MismatchKind::Overlap { follows_in } => {
                let follows_in = follows_in.map(Tz::name);
                DataProblem::FutureNotAfterHistory { column, location, value, last, zone, follows_in }
            }
            MismatchKind::OffSteps { local, follows_in } => {
                let (local, follows_in) = (datetime_at(local).unwrap_or_default().to_string(), follows_in.name());
                DataProblem::FutureOffSteps { column, location, value, local, last, zone, follows_in }
            }
        }))
    }

    /// The times of a column that mixes several steps: those of the requested step. The other rows are left out.
    fn times_of_one_step(&self, time: usize, steps: &[RowsOfStep]) -> Result<TimeIndex> {
        let cells = &self.table.columns[time].cells;
        let Some(wanted) = steps.iter().find(|rows| Some(rows.step) == self.options.frequency) else {
            let example = |RowsOfStep { step, rows }: &RowsOfStep| {
                let (location, value) = self.cell(time, rows[0]);
                (step.frequency(1).steps_in_words(rows.len()), location, value)
            };
            let (column, examples) = (self.name(time), steps.iter().map(example).collect());
            let steps = steps.iter().map(|rows| rows.step.to_string()).collect();
            return Err(self.table.error(DataProblem::MixedSteps { column, steps, examples }));
        };
        let mut kept: Vec<Option<String>> = vec![None; cells.len()];
        for row in &wanted.rows {
            kept[*row] = cells.text(*row).map(Cow::into_owned);
        }
        let parsed = parse_times(&Cells::Text(kept.into_iter().collect()), self.options.date_rules(), false);
        let mut times = parsed.map_err(|error| match error {
            TimeError::Cells(rejected) => self.invalid_times(time, &rejected),
            TimeError::AmbiguousOrder(row) => self.ambiguous_order(time, row),
            TimeError::FiscalPeriod(row) => {
                let (location, value) = self.cell(time, row);
                self.fiscal_period(self.name(time), location, value)
            }
        })?;
        let others = steps.iter().filter(|rows| rows.step != wanted.step);
        times.left_out = others.flat_map(|rows| rows.rows.iter().copied()).collect();
        times.left_out.sort_unstable();
        let (first, text) = self.cell(time, times.left_out[0]);
        let (rows, step) = (times.left_out.len(), wanted.step.to_string());
        times.notices.push(Notice::OtherStepsLeftOut { rows, step, first, text });
        Ok(times)
    }

    /// Refuses numbered weeks, quarters or months in a column whose name says that they are those of a fiscal year.
    fn check_calendar_periods(&self, times: &TimeIndex, time: usize) -> Result<()> {
        const WORDS: [&str; 4] = ["fiscal", "financial", "fy", "exercice"];
        let name = self.name(time).to_lowercase();
        let has_word = name.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
        let is_fiscal = has_word || self.profiles[time].fiscal_part().is_some();
        let are_numbered = matches!(self.profiles[time].date_format(), Some(DateFormat::Period | DateFormat::YearWeek));
        match (0..times.ticks.len()).find(|row| times.ticks[*row] != NO_TIME) {
            Some(row) if is_fiscal && are_numbered => {
                let (location, value) = self.cell(time, row);
                Err(self.fiscal_period(self.name(time), location, value))
            }
            _ => Ok(()),
        }
    }

    /// The error about a period of a fiscal year.
    pub(crate) fn fiscal_period(&self, column: String, location: Location, value: String) -> Error {
        let (letters, name) = (value.to_lowercase(), column.to_lowercase());
        let is_of = |letters_of: &[char]| letters.contains(letters_of);
        let is_named = |word: &str| name.contains(word);
        let period = match () {
            () if is_named("quarter") || is_named("qtr") => "quarter",
            () if is_named("month") => "month",
            () if is_named("period") => "period",
            () if is_of(&['q']) => "quarter",
            () if is_of(&['w', 'k']) => "week",
            () if is_of(&['m']) => "month",
            () if is_of(&['h', 's']) => "half-year",
            () => "week",
        };
        self.table.error(DataProblem::FiscalPeriod { column, location, value, period })
    }

    /// The error about a column of numbered periods of fiscal years, such as 2022-35, which is no date. `None` without one.
    pub(crate) fn numbered_fiscal_periods(&self) -> Option<Error> {
        let is_numbered = |cell: &String| {
            let (year, number) = cell.trim().split_at_checked(4).unwrap_or_default();
            let number = number.trim_start_matches([' ', '-', '/', '.', 'P', 'W', 'p', 'w']);
            let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            are_digits(year) && are_digits(number) && number.len() <= 2
        };
        let is_one = |at: &usize| {
            let sample = &self.samples[*at];
            self.profiles[*at].fiscal_part().is_some() && !sample.is_empty() && sample.iter().all(is_numbered)
        };
        let at = self.columns().find(is_one)?;
        let row = (0..self.table.rows).find(|row| self.cell(at, *row).1 == self.samples[at][0])?;
        let (location, value) = self.cell(at, row);
        Some(self.fiscal_period(self.name(at), location, value))
    }

    /// Refuses steps of less than a millisecond, unless the options aggregate the rows.
    fn check_steps_of_a_millisecond(&self, times: &TimeIndex, at: usize) -> Result<()> {
        let (count, row) = times.within_a_millisecond;
        let merges = !matches!(self.options.duplicates, DuplicatePolicy::Equal | DuplicatePolicy::Error);
        if merges || count * 2 <= present(&times.ticks).count() {
            return Ok(());
        }
        let (one, other) = (self.cell(at, row.saturating_sub(1)), self.cell(at, row));
        Err(self.table.error(DataProblem::StepsBelowAMillisecond { column: self.name(at), one, other }))
    }

    fn ambiguous_order(&self, time: usize, row: usize) -> Error {
        let (location, value) = self.cell(time, row);
        self.ambiguous_dates(&self.name(time), location, value)
    }

    /// The error about a date whose day or month may be first.
    pub(crate) fn ambiguous_dates(&self, column: &str, location: Location, value: String) -> Error {
        let date = |format: DateFormat| {
            let ticks = format.parse(&value, CenturyWindow::DEFAULT).map_or(0, |time| time.ticks);
            datetime_at(ticks).unwrap_or_default().date()
        };
        let (day_first, month_first) = (date(DateFormat::DayFirst), date(DateFormat::MonthFirst));
        let column = column.to_owned();
        self.table.error(DataProblem::AmbiguousDateOrder { column, location, value, day_first, month_first })
    }

    /// Notices on rows without a time, and on how times are read.
    pub(crate) fn time_notices(&self, times: &TimeIndex) -> Vec<Notice> {
        let (mut notices, locations) = (times.notices.clone(), &self.table.locations);
        if let Some(first) = times.skipped.first.first() {
            notices.push(Notice::RowsWithoutTime { rows: times.skipped.count, first: locations.of(*first) });
        }
        if let Some(Totals { first, text }) = &times.totals {
            let (rows, first, text) = (times.left_out.len(), locations.of(*first), text.clone());
            notices.push(Notice::TotalsLeftOut { rows, first, text });
        }
        if times.is_rounded {
            notices.push(Notice::TimesRounded);
        }
        notices
    }

    /// Refuses rows with a value and without a time, or adds them to those that are skipped. A row without both is ignored.
    pub(crate) fn check_values_have_times(
        &self,
        time: usize,
        times: &mut TimeIndex,
        values: &[Vec<f64>],
    ) -> Result<()> {
        let has_value = |row: &usize| values.iter().any(|column| !column[*row].is_nan());
        let without_time = |rows: Range<usize>| {
            rows.filter(|row| times.ticks[*row] == NO_TIME && !times.is_left_out(*row)).collect::<Vec<usize>>()
        };
        // future rows are checked separately, as they have no value of the target
        let rows_of_history = self.table.first_future_row.unwrap_or(times.ticks.len());
        let cells = &self.table.columns[time].cells;
        let is_empty = |row: &usize| cells.text(*row).is_none_or(|cell| is_missing(&cell));
        let empty = without_time(0..rows_of_history).into_iter().filter(|row| !self.skips_bad_rows() || is_empty(row));
        let empty: RejectedRows = empty.filter(has_value).collect();
        if !self.skips_bad_rows() {
            return if empty.count > 0 { Err(self.times_missing(time, &empty)) } else { Ok(()) };
        }
        // cells that are no times are counted already
        let of_future = without_time(rows_of_history..times.ticks.len()).iter().filter(|row| !is_empty(row)).count();
        times.skipped.count -= of_future.min(times.skipped.count);
        times.skipped.first.retain(|row| *row < rows_of_history);
        let are_all_empty = times.skipped.count == 0;
        times.skipped.append(empty);
        times.skipped.first.sort_unstable();
        match too_many_to_skip(times.skipped.count, rows_of_history) {
            true if are_all_empty => Err(self.times_missing(time, &times.skipped)),
            true => Err(self.invalid_times(time, &times.skipped)),
            false => Ok(()),
        }
    }
}
