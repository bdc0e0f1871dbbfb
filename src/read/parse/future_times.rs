//! A time column whose last rows are those of a file of future rows, which may write its times in another form.

use chrono::FixedOffset;
use chrono_tz::Tz;

use crate::read::notice::Notice;
use crate::read::parse::format_search::DateRules;
use crate::read::parse::time_index::{ColumnOffsets, NO_TIME, TimeError, TimeIndex, parse_times, present};
use crate::read::table::{Cells, RejectedRows};
use crate::time::zone_info::{offset_at_local_ticks, offset_ticks};
use crate::time::{DateOrder, frequency_inference::is_regular};

/// Why a column with future rows cannot be parsed.
pub(crate) enum FutureTimesError {
    /// Cells are no times, or can be understood in more than one way.
    Unreadable(TimeError),
    /// The times of the future rows are dates and those of the history are not, or the reverse. The row is the first
    /// future row.
    OtherKind { row: usize, is_date: bool },
}

/// Parses a column whose rows from `first` on are future rows. If no format fits both parts, or the future rows would change
/// how the history is read, each part has its own format.
pub(crate) fn parse_with_future(
    cells: &Cells,
    first: usize,
    rules: DateRules,
    skip: bool,
) -> Result<TimeIndex, FutureTimesError> {
    if matches!(cells, Cells::Times { .. }) {
        return parse_times(cells, rules, skip).map_err(FutureTimesError::Unreadable);
    }
    let history = match parse_times(&cells.part(0..first), rules, skip) {
        Ok(history) => history,
        // dates of future rows may decide the order of day and month
        Err(error) => return parse_times(cells, rules, skip).map_err(|_| FutureTimesError::Unreadable(error)),
    };
    let of_future = DateRules { earlier: history.order.or(rules.earlier), ..rules };
    let future_cells = cells.part(first..cells.len());
    let future = match parse_times(&future_cells, of_future, skip) {
        Ok(future) if is_of_one_format(&history, &future) => return Ok(joined(history, future)),
        parsed => parsed,
    };
    let skipped = history.skipped.count + future.as_ref().map_or(0, |future| future.skipped.count);
    let is_same = |joint: &TimeIndex| {
        joint.ticks[..first] == history.ticks
            && joint.is_calendar == history.is_calendar
            && joint.skipped.count == skipped
    };
    if let Some(joint) = parse_times(cells, rules, skip).ok().filter(is_same) {
        return Ok(joint);
    }
    let unreadable = match future {
        Ok(future) if future.is_calendar == history.is_calendar => return Ok(in_two_forms(history, future)),
        Ok(future) => return Err(FutureTimesError::OtherKind { row: first, is_date: future.is_calendar }),
        Err(TimeError::Cells(rejected)) => TimeError::Cells(shifted(rejected, first)),
        Err(TimeError::AmbiguousOrder(row)) => match continued(&history, &future_cells, of_future, skip) {
            Some(future) => return Ok(in_two_forms(history, future)),
            None => TimeError::AmbiguousOrder(first + row),
        },
        Err(TimeError::FiscalPeriod(row)) => TimeError::FiscalPeriod(first + row),
    };
    Err(FutureTimesError::Unreadable(unreadable))
}

/// The cells of future rows as typed times in the zone of those of the history, if these have one. A time without an offset
/// from UTC is a local time of this zone. `None` if the history has no zone, or if cells are no times, unless these are
/// skipped.
pub(crate) fn in_zone_of_history(history: &Cells, future: &Cells, rules: DateRules, skip: bool) -> Option<Cells> {
    let Cells::Times { zone: Some(name), .. } = history else { return None };
    let past = parse_times(history, rules, false).ok()?;
    let times = match parse_times(future, rules, skip) {
        Err(TimeError::AmbiguousOrder(_)) => continued(&past, future, rules, skip)?,
        parsed => parsed.ok()?,
    };
    if !times.is_calendar || !times.left_out.is_empty() || times.hours.exist || times.first_fiscal.is_some() {
        return None;
    }
    let zone: Option<Tz> = name.parse().ok();
    let fixed = || name.parse::<FixedOffset>().map_or(0, |offset| offset.local_minus_utc());
    let of_zone = |local: i64| zone.map_or_else(fixed, |zone| offset_at_local_ticks(zone, local));
    let in_utc = |(row, time): (usize, &i64)| {
        let offset = match &times.offsets {
            ColumnOffsets::Unspecified => of_zone(*time),
            ColumnOffsets::Constant(offset) => *offset,
            ColumnOffsets::PerRow(offsets) => offsets[row].unwrap_or_else(|| of_zone(*time)),
            ColumnOffsets::NamedZone(_) => 0,
        };
        (*time != NO_TIME).then(|| time - offset_ticks(offset))
    };
    let ticks = times.ticks.iter().enumerate().map(in_utc).collect();
    Some(Cells::Times { ticks, zone: Some(name.clone()), is_rounded: times.is_rounded })
}

/// Whether one format reads all times of both parts, so that they need not be read together.
fn is_of_one_format(history: &TimeIndex, future: &TimeIndex) -> bool {
    let has_all_times = |times: &TimeIndex| times.skipped.count == 0 && times.left_out.is_empty();
    history.format.is_some()
        && history.format == future.format
        && history.order == future.order
        && has_all_times(history)
        && has_all_times(future)
}

/// The times of the future rows in the one order of day and month in which they continue those of the history. `None` if they do
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

/// The times of the history, and after them those of the future rows, which are written in another form.
fn in_two_forms(history: TimeIndex, future: TimeIndex) -> TimeIndex {
    let mut times = joined(history, future);
    times.notices.push(Notice::FutureDates);
    times
}

/// The times of the history, and after them those of the future rows.
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
    let is_new = |notice: &Notice| !history.notices.contains(notice);
    let new: Vec<Notice> = future.notices.into_iter().filter(is_new).collect();
    history.notices.extend(new);
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
