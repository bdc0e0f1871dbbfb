//! Times whose parts are in several columns: a year and its month, a date and its hour.

use std::collections::HashSet;

use crate::read::parse::date_format::{parse_month, parse_time_of_day};
use crate::read::parse::time_index::{NO_TIME, TimeIndex};
use crate::read::table::{Cells, RejectedRows};
use crate::time::timestamp::{SECONDS_PER_DAY, datetime_at, month_day, month_number};

/// The columns that complete a time.
#[derive(Debug, Default)]
pub(crate) struct TimeParts {
    /// The column of the month or quarter, and the number of months in its unit.
    month: Option<(usize, i64)>,
    day: Option<usize>,
    time_of_day: Option<usize>,
}

/// Whether at least half of the rows share their time with another row.
pub(crate) fn has_shared_times(times: &TimeIndex) -> bool {
    let present = times.ticks.iter().filter(|time| **time != NO_TIME);
    let (mut rows, mut distinct) = (0, HashSet::new());
    for time in present {
        rows += 1;
        distinct.insert(*time);
    }
    distinct.len() * 2 <= rows
}

impl TimeParts {
    /// The columns that may complete these times. `find` returns the first column with one of the given names.
    pub(crate) fn find(times: &TimeIndex, find: impl Fn(&[&str]) -> Option<usize>) -> Self {
        if times.is_year {
            let month = find(&["month", "mon", "mm"]);
            let quarter = find(&["quarter", "qtr", "q"]);
            let day = month.and_then(|_| find(&["day", "dd", "dayofmonth"]));
            return Self { month: month.map(|at| (at, 1)).or(quarter.map(|at| (at, 3))), day, time_of_day: None };
        }
        let are_dates =
            times.is_calendar && times.ticks.iter().all(|time| *time == NO_TIME || time % SECONDS_PER_DAY == 0);
        let time_of_day = if are_dates { find(&["time", "hour", "hr", "clock", "timeofday"]) } else { None };
        Self { time_of_day, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns().is_empty()
    }

    pub(crate) fn columns(&self) -> Vec<usize> {
        self.month.map(|(at, _)| at).into_iter().chain(self.day).chain(self.time_of_day).collect()
    }

    /// The completed times.
    pub(crate) fn complete<'a>(
        &self,
        times: &TimeIndex,
        cells: impl Fn(usize) -> &'a Cells,
    ) -> Result<TimeIndex, (usize, RejectedRows)> {
        let mut ticks = times.ticks.clone();
        if let Some((at, months)) = self.month {
            let parse =
                |cell: &str| parse_month(cell.trim_start_matches(['Q', 'q'])).filter(|month| *month <= 12 / months);
            add_part(&mut ticks, at, cells(at), parse, |year, number| {
                let first = month_day(year * 12 + (number - 1) * months, 1)?;
                Some(i64::from(first.to_epoch_days()) * SECONDS_PER_DAY)
            })?;
        }
        if let Some(at) = self.day {
            let parse = |cell: &str| cell.trim().parse().ok().filter(|day| (1..=31).contains(day));
            add_part(&mut ticks, at, cells(at), parse, |first, day: i64| {
                let time = first + (day - 1) * SECONDS_PER_DAY;
                (month_number(datetime_at(time)?) == month_number(datetime_at(first)?)).then_some(time)
            })?;
        }
        if let Some(at) = self.time_of_day {
            add_part(&mut ticks, at, cells(at), parse_time_of_day, |date, seconds| Some(date + seconds))?;
        }
        Ok(TimeIndex { is_calendar: true, is_year: false, ticks, ..times.clone() })
    }
}

/// Adds the part of one column to every time.
fn add_part(
    ticks: &mut [i64],
    column: usize,
    cells: &Cells,
    parse: impl Fn(&str) -> Option<i64>,
    add: impl Fn(i64, i64) -> Option<i64>,
) -> Result<(), (usize, RejectedRows)> {
    let mut rejected = RejectedRows::default();
    cells.for_each(|row, cell| {
        if ticks[row] == NO_TIME {
            return;
        }
        let time = cell.and_then(&parse).and_then(|part| add(ticks[row], part));
        match time {
            Some(time) => ticks[row] = time,
            None => rejected.push(row),
        }
    });
    rejected.none_or(()).map_err(|rejected| (column, rejected))
}
