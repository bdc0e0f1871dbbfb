//! Times whose parts stand in columns of their own: a year and its month, a date and its hour.

use crate::read::parse::datetime;
use std::collections::HashSet;

use crate::read::parse::time_index::{NO_TIME, TimeIndex};
use crate::read::table::{Bad, Cells};
use crate::time::timestamp::{SECONDS_PER_DAY, datetime_at, month_day, month_number};

/// The columns that complete a time.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The month or quarter of a year, and how many months one of them lasts.
    month: Option<(usize, i64)>,
    day: Option<usize>,
    clock: Option<usize>,
}

/// Whether many rows share a time.
pub(crate) fn is_crowded(axis: &TimeIndex) -> bool {
    let present = axis.ticks.iter().filter(|time| **time != NO_TIME);
    let (mut rows, mut times) = (0, HashSet::new());
    for time in present {
        rows += 1;
        times.insert(*time);
    }
    times.len() * 2 <= rows
}

impl Parts {
    /// The columns beside an axis that may complete its times, by their names.
    pub(crate) fn beside(axis: &TimeIndex, named: impl Fn(&[&str]) -> Option<usize>) -> Self {
        if axis.years {
            let month = named(&["month", "mon", "mm"]);
            let quarter = named(&["quarter", "qtr", "q"]);
            let day = month.and_then(|_| named(&["day", "dd", "dayofmonth"]));
            return Self { month: month.map(|at| (at, 1)).or(quarter.map(|at| (at, 3))), day, clock: None };
        }
        let dates_alone = axis.clock && axis.ticks.iter().all(|time| *time == NO_TIME || time % SECONDS_PER_DAY == 0);
        let clock = if dates_alone { named(&["time", "hour", "hr", "clock", "timeofday"]) } else { None };
        Self { clock, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns().is_empty()
    }

    pub(crate) fn columns(&self) -> Vec<usize> {
        self.month.map(|(at, _)| at).into_iter().chain(self.day).chain(self.clock).collect()
    }

    /// The completed times.
    ///
    /// # Errors
    /// The column whose cells are no such parts.
    pub(crate) fn compose<'a>(
        &self,
        axis: &TimeIndex,
        cells: impl Fn(usize) -> &'a Cells,
    ) -> Result<TimeIndex, (usize, Bad)> {
        let mut ticks = axis.ticks.clone();
        if let Some((at, months)) = self.month {
            let read =
                |cell: &str| datetime::month(cell.trim_start_matches(['Q', 'q'])).filter(|month| *month <= 12 / months);
            complete(&mut ticks, at, cells(at), read, |year, number| {
                let first = month_day(year * 12 + (number - 1) * months, 1)?;
                Some(i64::from(first.to_epoch_days()) * SECONDS_PER_DAY)
            })?;
        }
        if let Some(at) = self.day {
            let read = |cell: &str| cell.trim().parse().ok().filter(|day| (1..=31).contains(day));
            complete(&mut ticks, at, cells(at), read, |first, day: i64| {
                let time = first + (day - 1) * SECONDS_PER_DAY;
                (month_number(datetime_at(time)?) == month_number(datetime_at(first)?)).then_some(time)
            })?;
        }
        if let Some(at) = self.clock {
            complete(&mut ticks, at, cells(at), datetime::time_of_day, |date, seconds| Some(date + seconds))?;
        }
        Ok(TimeIndex { clock: true, years: false, ticks, ..axis.clone() })
    }
}

/// Adds a part to every time that is there.
fn complete(
    ticks: &mut [i64],
    column: usize,
    cells: &Cells,
    read: impl Fn(&str) -> Option<i64>,
    add: impl Fn(i64, i64) -> Option<i64>,
) -> Result<(), (usize, Bad)> {
    let mut bad = Bad::default();
    cells.for_each(|row, cell| {
        if ticks[row] == NO_TIME {
            return;
        }
        let Some(time) = cell.and_then(&read).and_then(|part| add(ticks[row], part)) else { return bad.note(row) };
        ticks[row] = time;
    });
    bad.unless(()).map_err(|bad| (column, bad))
}
