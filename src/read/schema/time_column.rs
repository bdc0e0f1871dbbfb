//! Parses the time column, and completes its times by columns with their parts.

use std::collections::HashSet;

use crate::error::{DataProblem, Error, Result};
use crate::read::parse::date_format::{DateFormat, parse_month, parse_time_of_day};
use crate::read::parse::time_index::{NO_TIME, TimeError, TimeIndex, parse_times, present};
use crate::read::table::RejectedRows;
use crate::read::{parse::scanner::CenturyWindow, schema::column_inference::ColumnInference};
use crate::time::timestamp::{SECONDS_PER_DAY, datetime_at, month_day, month_number};

/// What another column adds to a time.
#[derive(Clone, Copy)]
enum TimePart {
    /// The number of a month or a quarter, and the number of months in it. The time is a year.
    Months(i64),
    /// The day of the month. The time is the first day of a month.
    Day,
    TimeOfDay,
}

impl TimePart {
    /// The time with the part in a cell; `None` if the cell is no such part.
    fn add_to(self, time: i64, cell: &str) -> Option<i64> {
        match self {
            Self::Months(length) => {
                let number =
                    parse_month(cell.trim_start_matches(['Q', 'q'])).filter(|number| *number <= 12 / length)?;
                let first = month_day(time * 12 + (number - 1) * length, 1)?;
                Some(i64::from(first.to_epoch_days()) * SECONDS_PER_DAY)
            }
            Self::Day => {
                let day: i64 = cell.trim().parse().ok().filter(|day| (1..=31).contains(day))?;
                let date = time + (day - 1) * SECONDS_PER_DAY;
                (month_number(datetime_at(date)?) == month_number(datetime_at(time)?)).then_some(date)
            }
            Self::TimeOfDay => Some(time + parse_time_of_day(cell)?),
        }
    }
}

impl ColumnInference<'_> {
    pub(crate) fn times(&self, time: usize) -> Result<TimeIndex> {
        let cells = &self.table.columns[time].cells;
        let times = parse_times(cells, self.options.dates, self.skips_bad_rows()).map_err(|error| match error {
            TimeError::Cells(rejected) => self.invalid_times(time, &rejected),
            TimeError::AmbiguousOrder(row) => self.ambiguous_order(time, row),
        })?;
        let mixed = times.first_mixed_offset().filter(|_| self.options.zone.is_none());
        let Some((row, has_offset)) = mixed else { return Ok(times) };
        let (location, value) = self.cell(time, row);
        Err(self.table.error(DataProblem::MixedOffsets { column: self.name(time), location, value, has_offset }))
    }

    fn ambiguous_order(&self, time: usize, row: usize) -> Error {
        let (location, value) = self.cell(time, row);
        let date = |format: DateFormat| {
            let ticks = format.parse(&value, CenturyWindow::DEFAULT).map_or(0, |time| time.ticks);
            datetime_at(ticks).unwrap_or_default().date()
        };
        let (day_first, month_first) = (date(DateFormat::DayFirst), date(DateFormat::MonthFirst));
        let column = self.name(time);
        self.table.error(DataProblem::AmbiguousDateOrder { column, location, value, day_first, month_first })
    }

    /// If many rows share a time: the columns with further parts of the times, such as months, and the completed times.
    pub(crate) fn complete_times(&self, times: &TimeIndex, free: &[usize]) -> Result<(Vec<usize>, Option<TimeIndex>)> {
        let parts = self.time_parts(times, free);
        // At least half of the rows must share their time with another row.
        let distinct = || present(&times.ticks).collect::<HashSet<i64>>().len();
        if parts.is_empty() || distinct() * 2 > present(&times.ticks).count() {
            return Ok((Vec::new(), None));
        }
        let mut completed = TimeIndex { is_calendar: true, is_year: false, ..times.clone() };
        for (at, part) in &parts {
            let mut rejected = RejectedRows::default();
            self.table.columns[*at].cells.for_each(|row, cell| {
                let time = completed.ticks[row];
                if time == NO_TIME {
                    return;
                }
                match cell.and_then(|cell| part.add_to(time, cell)) {
                    Some(complete) => completed.ticks[row] = complete,
                    None => rejected.push(row),
                }
            });
            if rejected.count > 0 {
                return Err(self.invalid_times(*at, &rejected));
            }
        }
        Ok((parts.into_iter().map(|(at, _)| at).collect(), Some(completed)))
    }

    /// The columns that complete years or dates by their usual names, in the order of their addition.
    fn time_parts(&self, times: &TimeIndex, free: &[usize]) -> Vec<(usize, TimePart)> {
        let find = |names: &[&str]| free.iter().copied().find(|at| names.contains(&self.profiles[*at].name.as_str()));
        if times.is_year {
            let month = find(&["month", "mon", "mm"]).map(|at| (at, TimePart::Months(1)));
            let quarter = || find(&["quarter", "qtr", "q"]).map(|at| (at, TimePart::Months(3)));
            let day = month.and_then(|_| find(&["day", "dd", "dayofmonth"])).map(|at| (at, TimePart::Day));
            return month.or_else(quarter).into_iter().chain(day).collect();
        }
        let are_dates = times.is_calendar && present(&times.ticks).all(|time| time % SECONDS_PER_DAY == 0);
        let time_of_day = || find(&["time", "hour", "hr", "clock", "timeofday"]).map(|at| (at, TimePart::TimeOfDay));
        if are_dates { time_of_day().into_iter().collect() } else { Vec::new() }
    }

    /// Refuses rows with a value and without a time. A row without both is ignored.
    pub(crate) fn check_values_have_times(&self, time: usize, times: &TimeIndex, values: &[Vec<f64>]) -> Result<()> {
        if self.skips_bad_rows() {
            return Ok(());
        }
        let has_value = |row: &usize| values.iter().any(|column| !column[*row].is_nan());
        let without_time = (0..times.ticks.len()).filter(|row| times.ticks[*row] == NO_TIME);
        let rejected: RejectedRows = without_time.filter(has_value).collect();
        if rejected.count > 0 { Err(self.invalid_times(time, &rejected)) } else { Ok(()) }
    }
}
