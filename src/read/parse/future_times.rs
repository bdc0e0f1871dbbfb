//! A time column whose last rows are those of a file of the future, which may write its times in another form.

use crate::read::notice::Notice;
use crate::read::parse::format_search::DateRules;
use crate::read::parse::time_index::{ColumnOffsets, TimeError, TimeIndex, parse_times, present};
use crate::read::table::{Cells, RejectedRows};
use crate::time::{DateOrder, frequency_inference::is_regular};

/// Parses a column whose rows from `first` on are those of the future. If no format fits both parts, or the rows of the
/// future would change how the history is read, each part has its own format.
pub(crate) fn parse_with_future(
    cells: &Cells,
    first: usize,
    rules: DateRules,
    skip: bool,
) -> Result<TimeIndex, TimeError> {
    let joint = parse_times(cells, rules, skip);
    let history = match (&joint, parse_times(&cells.part(0..first), rules, skip)) {
        // dates of the future may decide the order of day and month
        (Ok(_), Err(_)) => return joint,
        (Err(_), Err(error)) => return Err(error),
        (_, Ok(history)) => history,
    };
    let is_same = |joint: &TimeIndex| {
        joint.ticks[..first] == history.ticks
            && joint.is_calendar == history.is_calendar
            && joint.skipped.count == history.skipped.count
    };
    if joint.as_ref().is_ok_and(is_same) {
        return joint;
    }
    let rules = DateRules { earlier: history.order.or(rules.earlier), ..rules };
    let cells = cells.part(first..cells.len());
    match parse_times(&cells, rules, skip) {
        Ok(future) if future.is_calendar == history.is_calendar => Ok(joined(history, future)),
        Ok(future) => Err(TimeError::OtherKind { row: first, is_date: future.is_calendar }),
        Err(TimeError::Cells(rejected)) => Err(TimeError::Cells(shifted(rejected, first))),
        Err(TimeError::AmbiguousOrder(row)) => match continued(&history, &cells, rules, skip) {
            Some(future) => Ok(joined(history, future)),
            None => Err(TimeError::AmbiguousOrder(first + row)),
        },
        Err(TimeError::FiscalPeriod(row)) => Err(TimeError::FiscalPeriod(first + row)),
        Err(other @ TimeError::OtherKind { .. }) => Err(other),
    }
}

/// The times of the future in the one order of day and month in which they continue those of the history. `None` if they do
/// so in both orders or in none.
fn continued(history: &TimeIndex, cells: &Cells, rules: DateRules, skip: bool) -> Option<TimeIndex> {
    let last = present(&history.ticks).max()?;
    let continues = |future: &TimeIndex| {
        let all = present(&history.ticks).chain(present(&future.ticks)).collect();
        present(&future.ticks).all(|time| time > last) && is_regular(all)
    };
    let orders = [DateOrder::DayFirst, DateOrder::MonthFirst];
    let readings = orders.map(|order| parse_times(cells, DateRules { given: Some(order), ..rules }, skip));
    let mut readings = readings.into_iter().filter_map(Result::ok).filter(continues);
    readings.next().filter(|_| readings.next().is_none())
}

fn shifted(rejected: RejectedRows, by: usize) -> RejectedRows {
    RejectedRows { first: rejected.first.into_iter().map(|row| by + row).collect(), ..rejected }
}

/// The times of the history, and after them those of the future.
fn joined(mut history: TimeIndex, future: TimeIndex) -> TimeIndex {
    let first = history.ticks.len();
    history.offsets = match (history.offsets, future.offsets) {
        (one, other) if one == other && !matches!(one, ColumnOffsets::PerRow(_)) => one,
        (one, other) => ColumnOffsets::PerRow([by_row(one, first), by_row(other, future.ticks.len())].concat()),
    };
    history.ticks.extend(future.ticks);
    history.is_rounded |= future.is_rounded;
    history.order = history.order.or(future.order);
    let skipped = shifted(future.skipped, first);
    history.skipped.append(skipped);
    history.left_out.extend(future.left_out.into_iter().map(|row| first + row));
    history.totals = history.totals.or(future.totals.map(|own| own.shifted(first)));
    history.hours.exist |= future.hours.exist;
    history.hours.late_rows.extend(future.hours.late_rows.into_iter().map(|row| first + row));
    history.first_fiscal = history.first_fiscal.or(future.first_fiscal.map(|row| first + row));
    history.notices.extend(future.notices);
    history.notices.push(Notice::FutureDates);
    history
}

/// The offset of each of `rows` rows.
fn by_row(offsets: ColumnOffsets, rows: usize) -> Vec<Option<i32>> {
    match offsets {
        ColumnOffsets::PerRow(offsets) => offsets,
        ColumnOffsets::Constant(seconds) => vec![Some(seconds); rows],
        ColumnOffsets::Unspecified | ColumnOffsets::NamedZone(_) => vec![None; rows],
    }
}
