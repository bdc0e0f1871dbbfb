//! A column of times. Its format is inferred from the whole column, and cells that do not fit are rejected.

use std::cmp::Ordering;

use crate::read::notice::Notice;
use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::flag::without_flag;
use crate::read::parse::format_search::{DateRules, Search, formats_by_count, is_allowed, likely_format};
use crate::read::parse::fraction_of_year::parse_fractions_of_years;
use crate::read::parse::month_days::are_days_without_year;
use crate::read::parse::scanner::ParsedTime;
use crate::read::parse::time_spans;
use crate::read::parse::total_words::{is_mark_of_total, is_month_13, is_total};
use crate::read::parse::written_years::WrittenYears;
use crate::read::table::{Cells, RejectedRows, is_missing, too_many_to_skip};
use crate::time::{DateOrder, frequency_inference::is_regular};

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TimeIndex {
    /// Whether the times are ticks of the calendar; otherwise they are an integer index.
    pub(crate) is_calendar: bool,
    /// Whether the integer index is of years.
    pub(crate) is_year: bool,
    /// The time of each row as it is written, [`NO_TIME`] if its cell is empty.
    pub(crate) ticks: Vec<i64>,
    pub(crate) offsets: ColumnOffsets,
    /// The format of all times, if it alone decides how each of them is read. Years with two digits depend on all rows.
    pub(crate) format: Option<DateFormat>,
    /// Whether fractions of a millisecond were rounded.
    pub(crate) is_rounded: bool,
    /// The order of day and month, if a date depends on it.
    pub(crate) order: Option<DateOrder>,
    /// The rows whose cells are not times and were skipped.
    pub(crate) skipped: RejectedRows,
    /// The rows of totals, in ascending order. They have no time, and their values are not used.
    pub(crate) left_out: Vec<usize>,
    /// The first of the rows of totals.
    pub(crate) totals: Option<Totals>,
    pub(crate) hours: HourNumbers,
    /// The first row with a period of a fiscal year.
    pub(crate) first_fiscal: Option<usize>,
    /// The number of rows that differ from the row before by less than a millisecond, and the first of them.
    pub(crate) within_a_millisecond: (usize, usize),
    pub(crate) notices: Vec<Notice>,
}

/// The hours of times such as `2019102724`, which are numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HourNumbers {
    /// Whether there are any.
    pub(crate) exist: bool,
    /// The rows whose hour is 24 or 25.
    pub(crate) late_rows: Vec<usize>,
}

/// The first row of totals, and its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) first: usize,
    pub(crate) text: String,
}

impl Totals {
    /// The same rows, so many rows later.
    pub(crate) fn shifted(self, rows: usize) -> Self {
        Self { first: self.first + rows, ..self }
    }
}

/// The offsets of the times of a column from UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ColumnOffsets {
    /// No cell has an offset.
    #[default]
    Unspecified,
    /// Every cell has the same offset in seconds.
    Constant(i32),
    /// The offset of each row in seconds; `None` if its cell has no offset or is empty.
    PerRow(Vec<Option<i32>>),
    /// A typed column in UTC with the name of its zone.
    NamedZone(String),
}

/// The time of a row whose cell is empty.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// The times of the rows that have one.
pub(crate) fn present(ticks: &[i64]) -> impl Iterator<Item = i64> {
    ticks.iter().copied().filter(|time| *time != NO_TIME)
}

impl TimeIndex {
    pub(crate) fn of_integers(ticks: Vec<i64>) -> Self {
        Self { ticks, ..Self::default() }
    }

    pub(crate) fn is_left_out(&self, row: usize) -> bool {
        self.left_out.binary_search(&row).is_ok()
    }

    /// The first row that differs from the first time in having an offset, and whether it has one.
    pub(crate) fn first_mixed_offset(&self) -> Option<(usize, bool)> {
        let ColumnOffsets::PerRow(offsets) = &self.offsets else { return None };
        let rows = (0..offsets.len()).filter(|row| self.ticks[*row] != NO_TIME);
        let mut present = rows.map(|row| (row, offsets[row].is_some()));
        let (_, first) = present.next()?;
        present.find(|(_, has_offset)| *has_offset != first)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TimeError {
    Cells(RejectedRows),
    /// The day or the month may be first. The row is the first whose date depends on it.
    AmbiguousOrder(usize),
    /// The row is the first with a period of a fiscal year, whose first day is not known.
    FiscalPeriod(usize),
}

/// Parses a whole column by the first format that fits every cell. With `skip`, cells that are not times are empty if no
/// format fits all.
pub(crate) fn parse_times(cells: &Cells, rules: DateRules, skip: bool) -> Result<TimeIndex, TimeError> {
    if let Cells::Times { ticks, zone, is_rounded } = cells {
        let ticks = ticks.iter().map(|time| time.unwrap_or(NO_TIME)).collect();
        let offsets = zone.clone().map_or(ColumnOffsets::Unspecified, ColumnOffsets::NamedZone);
        let is_rounded = *is_rounded;
        return Ok(TimeIndex { is_calendar: true, ticks, offsets, is_rounded, ..TimeIndex::default() });
    }
    let sample = cells.sample();
    // a format of all cells is not that of the starts of spans
    let fits_all =
        formats_by_count(&sample, DateRules { given: None, ..rules }, Search::UntilOneFitsAll).first().copied();
    let fits_all = fits_all.filter(|(count, _)| *count == sample.len()).map(|(_, format)| format);
    if let Some(format) = fits_all.or_else(|| likely_format(&sample).map(|(format, _)| format))
        && time_spans::are_spans(&sample, format)
    {
        return parse_span_starts(cells, rules, skip);
    }
    let parse = |format: DateFormat, skip: bool| match format {
        DateFormat::DayFirst | DateFormat::MonthFirst if rules.given.is_none() => {
            parse_either_order(cells, skip, rules.earlier)
        }
        DateFormat::YearFirst => parse_year_first(cells, rules, skip),
        _ => match parse_column(cells, format, skip) {
            Ok(TimeIndex { first_fiscal: Some(row), .. }) => Err(TimeError::FiscalPeriod(row)),
            parsed => parsed.map_err(TimeError::Cells),
        },
    };
    if let Some(format) = fits_all.filter(|format| is_allowed(*format, rules.given) && format.suits(cells, rules))
        && !(format == DateFormat::MonthName && are_days_without_year(&sample))
    {
        match parse(format, false) {
            Err(TimeError::Cells(_)) => {}
            decided => return decided,
        }
    }
    if fits_all.is_none()
        && let Some((ticks, notice)) = parse_fractions_of_years(cells)
    {
        let ticks = ticks.into_iter().map(|time| time.unwrap_or(NO_TIME)).collect();
        return Ok(TimeIndex { is_calendar: true, ticks, notices: vec![notice], ..TimeIndex::default() });
    }
    let mut formats = formats_by_count(&sample, rules, Search::All);
    if formats.is_empty() {
        let without_flags: Vec<String> =
            sample.iter().filter_map(|cell| without_flag(cell).map(str::to_owned)).collect();
        formats = formats_by_count(&without_flags, rules, Search::All);
    }
    formats.retain(|(_, format)| format.suits(cells, rules));
    if are_days_without_year(&sample) {
        formats.retain(|(_, format)| *format != DateFormat::MonthName);
    }
    let mut failures: Vec<RejectedRows> = Vec::new();
    for (_, format) in &formats {
        match parse(*format, false) {
            Err(TimeError::Cells(rejected)) => failures.push(rejected),
            decided => return decided,
        }
    }
    let Some((_, format)) = formats.first() else {
        let mut all = RejectedRows::default();
        cells.for_each(|row, cell| {
            if cell.is_some_and(|cell| !is_missing(cell)) {
                all.push(row);
            }
        });
        return Err(TimeError::Cells(all));
    };
    let most = parse(*format, true)?;
    let (rows, rejected) = (present(&most.ticks).count(), most.skipped.count);
    if let Some(without_totals) = leave_out_totals(cells, most.clone()) {
        return Ok(without_totals);
    }
    match skip {
        true if too_many_to_skip(rejected, rows + rejected) => Err(TimeError::Cells(most.skipped)),
        true => Ok(most),
        false => {
            let least_rejected = failures.into_iter().min_by_key(|rejected| rejected.count);
            Err(TimeError::Cells(least_rejected.unwrap_or(most.skipped)))
        }
    }
}

/// Parses dates whose year is first. Years of two digits may be days: then the order with regular times is taken, and of two
/// such orders the one with the shorter span.
fn parse_year_first(cells: &Cells, rules: DateRules, skip: bool) -> Result<TimeIndex, TimeError> {
    let times = parse_column(cells, DateFormat::YearFirst, skip).map_err(TimeError::Cells)?;
    if times.format.is_some() {
        return Ok(times);
    }
    let other = match rules.given {
        Some(DateOrder::DayFirst) => parse_column(cells, DateFormat::DayFirst, skip).ok(),
        Some(DateOrder::MonthFirst) => parse_column(cells, DateFormat::MonthFirst, skip).ok(),
        None => parse_either_order(cells, skip, rules.earlier).ok(),
    };
    let span = |times: &TimeIndex| {
        let (first, last) = (present(&times.ticks).min(), present(&times.ticks).max());
        first.zip(last).map_or(0, |(first, last)| last - first)
    };
    let is_regular = |times: &TimeIndex| is_regular(present(&times.ticks).collect());
    let is_better = |other: &TimeIndex| {
        other.skipped.count <= times.skipped.count
            && is_regular(other)
            && (!is_regular(&times) || span(other) < span(&times))
    };
    Ok(other.filter(is_better).unwrap_or(times))
}

/// Parses the starts of spans.
fn parse_span_starts(cells: &Cells, rules: DateRules, skip: bool) -> Result<TimeIndex, TimeError> {
    let mut starts: Vec<Option<String>> = Vec::with_capacity(cells.len());
    cells.for_each(|_, cell| starts.push(cell.map(|cell| time_spans::start(cell).into_owned())));
    let mut times = parse_times(&Cells::Text(starts.into_iter().collect()), rules, skip)?;
    times.notices.push(Notice::SpansReadByStart);
    Ok(times)
}

/// The times without the rows of totals, if all rows that are not times are such. `None` otherwise.
fn leave_out_totals(cells: &Cells, mut times: TimeIndex) -> Option<TimeIndex> {
    let mut left_out = Vec::new();
    let (mut are_totals, mut months_13) = (true, 0);
    let mut first_text = None;
    cells.for_each(|row, cell| {
        let is_named = cell.is_some_and(|cell| is_total(cell) || is_mark_of_total(cell));
        let is_left_out = |cell: &&str| times.ticks[row] == NO_TIME && (is_named || !is_missing(cell));
        let Some(cell) = cell.filter(is_left_out) else { return };
        months_13 += usize::from(!is_named);
        are_totals &= is_named || is_month_13(cell);
        first_text.get_or_insert_with(|| cell.to_owned());
        left_out.push(row);
    });
    let rows = present(&times.ticks).count();
    let is_small = left_out.len() <= rows && !too_many_to_skip(months_13, rows);
    let text = first_text.filter(|_| are_totals && is_small)?;
    times.skipped = RejectedRows::default();
    times.totals = Some(Totals { text, first: left_out[0] });
    times.left_out = left_out;
    Some(times)
}

/// Parses the whole column by one format.
fn parse_column(cells: &Cells, format: DateFormat, skip: bool) -> Result<TimeIndex, RejectedRows> {
    let (mut times, years) = parse_in_century(cells, format, CenturyWindow::DEFAULT, None);
    if times.skipped.count > 0 && !skip {
        return Err(times.skipped);
    }
    if years.are_some_short() {
        times = parse_in_century(cells, format, years.window(), Some(&years)).0;
    }
    if times.skipped.count > 0 && !skip { Err(times.skipped) } else { Ok(times) }
}

/// Parses the column with a century window, without times that the `known` years exclude. Also returns its years.
fn parse_in_century(
    cells: &Cells,
    format: DateFormat,
    century: CenturyWindow,
    known: Option<&WrittenYears>,
) -> (TimeIndex, WrittenYears) {
    let order = match format {
        DateFormat::DayFirst => Some(DateOrder::DayFirst),
        DateFormat::MonthFirst => Some(DateOrder::MonthFirst),
        _ => None,
    };
    let (is_calendar, is_year) = (!format.is_index(), format.is_year());
    let mut times = TimeIndex { is_calendar, is_year, order, ..TimeIndex::default() };
    times.ticks.reserve_exact(cells.len());
    let mut years = WrittenYears::new(is_calendar);
    let may_be = |time: &ParsedTime| known.is_none_or(|known| known.may_have(*time));
    // An offset is stored for each row only if two differ.
    let (mut first_offset, mut offsets) = (None, Vec::new());
    // Consecutive rows often have the same time, so the last one is remembered.
    let (mut last_cell, mut last_time): (String, Option<ParsedTime>) = (String::new(), None);
    cells.for_each(|row, cell| {
        let time = match cell.filter(|cell| !is_missing(cell) || is_mark_of_total(cell)) {
            Some(cell) if last_time.is_some() && last_cell == cell => last_time,
            Some(cell) => {
                let time = format.parse_flagged(cell, century).filter(may_be);
                if let (Some(one), Some(other)) = (time, last_time)
                    && one.is_rounded
                    && one.ticks == other.ticks
                {
                    let (count, first) = times.within_a_millisecond;
                    times.within_a_millisecond = (count + 1, if count == 0 { row } else { first });
                }
                if time.is_some() {
                    cell.clone_into(&mut last_cell);
                    last_time = time;
                } else {
                    times.skipped.push(row);
                }
                time
            }
            None => None,
        };
        times.ticks.push(time.map_or(NO_TIME, |time| time.ticks));
        if let Some(time) = time {
            let first = *first_offset.get_or_insert(time.offset);
            if time.offset != first && offsets.is_empty() {
                offsets = vec![first; row];
            }
            times.is_rounded |= time.is_rounded;
            times.hours.exist |= time.is_hour_number;
            if time.is_fiscal {
                times.first_fiscal.get_or_insert(row);
            }
            if time.is_late {
                times.hours.late_rows.push(row);
            }
            years.push(time);
        }
        if !offsets.is_empty() {
            offsets.push(time.and_then(|time| time.offset));
        }
    });
    times.offsets = match first_offset.flatten() {
        _ if !offsets.is_empty() => ColumnOffsets::PerRow(offsets),
        Some(seconds) => ColumnOffsets::Constant(seconds),
        None => ColumnOffsets::Unspecified,
    };
    times.format = Some(format).filter(|_| !years.are_some_short());
    (times, years)
}

/// Whether a date has a point after its first and its second number. No country writes month.day.year.
fn has_points(cell: &str) -> bool {
    let mut parts = cell.trim().splitn(3, '.');
    let mut is_number = || {
        let part = parts.next().unwrap_or_default();
        matches!(part.trim().len(), 1 | 2) && part.trim().bytes().all(|byte| byte.is_ascii_digit())
    };
    is_number() && is_number() && parts.next().is_some()
}

/// Whether most dates of a column have points.
fn have_points(cells: &Cells) -> bool {
    let (mut with_points, mut count) = (0, 0);
    cells.for_each(|_, cell| {
        let cell = cell.filter(|cell| !is_missing(cell));
        count += usize::from(cell.is_some());
        with_points += usize::from(cell.is_some_and(has_points));
    });
    2 * with_points > count
}

/// Parses dates with the day or the month first. The whole column decides between the two, or else the earlier order.
fn parse_either_order(cells: &Cells, skip: bool, earlier: Option<DateOrder>) -> Result<TimeIndex, TimeError> {
    let parse = |format: DateFormat| parse_column(cells, format, skip);
    let (day_first, month_first) = match (parse(DateFormat::DayFirst), parse(DateFormat::MonthFirst)) {
        (Ok(day_first), Ok(month_first)) => (day_first, month_first),
        (Err(error), Ok(_)) if have_points(cells) => return Err(TimeError::Cells(error)),
        (Ok(times), Err(_)) | (Err(_), Ok(times)) => return Ok(times),
        (Err(one), Err(other)) => return Err(TimeError::Cells(if one.count <= other.count { one } else { other })),
    };
    match day_first.skipped.count.cmp(&month_first.skipped.count) {
        Ordering::Less => return Ok(day_first),
        Ordering::Greater if have_points(cells) => return Ok(day_first),
        Ordering::Greater => return Ok(month_first),
        Ordering::Equal => {}
    }
    let differs = day_first.ticks.iter().zip(&month_first.ticks).position(|(d, m)| d != m);
    let Some(row) = differs else { return Ok(TimeIndex { order: None, ..day_first }) };
    if cells.text(row).is_some_and(|cell| has_points(&cell)) {
        return Ok(day_first);
    }
    match earlier {
        Some(DateOrder::DayFirst) => return Ok(day_first),
        Some(DateOrder::MonthFirst) => return Ok(month_first),
        None => {}
    }
    let is_regular = |index: &TimeIndex| is_regular(present(&index.ticks).collect());
    match (is_regular(&day_first), is_regular(&month_first)) {
        (true, false) => Ok(day_first),
        (false, true) => Ok(month_first),
        _ => Err(TimeError::AmbiguousOrder(row)),
    }
}
