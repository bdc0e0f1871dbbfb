//! A column of times. Its format is inferred from the whole column, and cells that do not fit are rejected.

use crate::read::parse::column_offsets::{ColumnOffsets, OffsetsBuilder};
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::parsed_time::CenturyWindow;
use crate::read::table::{Cells, RejectedRows, is_missing};
use crate::time::date_order::DateOrder;
use crate::time::frequency_inference;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimeIndex {
    /// Whether the times are dates in seconds since 1970; otherwise they are an integer index.
    pub(crate) is_calendar: bool,
    /// Whether the integer index is of years.
    pub(crate) is_year: bool,
    /// The time of each row as it is written, [`NO_TIME`] if its cell is empty.
    pub(crate) ticks: Vec<i64>,
    pub(crate) offsets: ColumnOffsets,
    /// Whether fractions of a second were rounded.
    pub(crate) has_subseconds: bool,
    /// The rows whose cells are not times and were skipped.
    pub(crate) skipped: RejectedRows,
}

impl TimeIndex {
    pub(crate) fn of_integers(ticks: Vec<i64>) -> Self {
        Self {
            is_calendar: false,
            is_year: false,
            ticks,
            offsets: ColumnOffsets::Unspecified,
            has_subseconds: false,
            skipped: RejectedRows::default(),
        }
    }

    /// The first row with an offset if the first time has none, or the first without one otherwise.
    pub(crate) fn first_mixed_offset(&self) -> Option<usize> {
        let ColumnOffsets::PerRow(offsets) = &self.offsets else { return None };
        let mut present = (0..offsets.len()).filter(|row| self.ticks[*row] != NO_TIME);
        let first = offsets[present.next()?].is_some();
        present.find(|row| offsets[*row].is_some() != first)
    }
}

/// The time of a row whose cell is empty.
pub(crate) const NO_TIME: i64 = i64::MIN;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TimeError {
    Cells(RejectedRows),
    /// The day or the month may be first. The row is the first whose date depends on it.
    AmbiguousOrder(usize),
}

/// The format that parses the most cells of a sample, and the share of cells that it parses.
pub(crate) fn likely_format(sample: &[String]) -> Option<(DateFormat, f64)> {
    let (count, format) = formats_by_count(sample, None).into_iter().next()?;
    Some((format, count as f64 / sample.len() as f64))
}

/// Parses a whole column. With `skip`, cells that are not times are empty.
pub(crate) fn parse_times(cells: &Cells, order: Option<DateOrder>, skip: bool) -> Result<TimeIndex, TimeError> {
    match parse_strictly(cells, order) {
        Err(TimeError::Cells(rejected)) if skip => match formats_by_count(&cells.sample(), order).first() {
            Some((_, DateFormat::DayFirst | DateFormat::MonthFirst)) if order.is_none() => {
                parse_either_order(cells, true)
            }
            Some((_, format)) => parse_column(cells, *format, true),
            None => Err(TimeError::Cells(rejected)),
        },
        parsed => parsed,
    }
}

/// Parses a column by the first format that fits every cell.
fn parse_strictly(cells: &Cells, order: Option<DateOrder>) -> Result<TimeIndex, TimeError> {
    if let Cells::Times { ticks, zone, has_subseconds } = cells {
        return Ok(TimeIndex {
            is_calendar: true,
            is_year: false,
            ticks: ticks.iter().map(|time| time.unwrap_or(NO_TIME)).collect(),
            offsets: zone.clone().map_or(ColumnOffsets::Unspecified, ColumnOffsets::NamedZone),
            has_subseconds: *has_subseconds,
            skipped: RejectedRows::default(),
        });
    }
    let sample = cells.sample();
    let mut smallest = None;
    for (_, format) in formats_by_count(&sample, order) {
        let is_either_order = matches!(format, DateFormat::DayFirst | DateFormat::MonthFirst) && order.is_none();
        let parsed =
            if is_either_order { parse_either_order(cells, false) } else { parse_column(cells, format, false) };
        match parsed {
            Err(TimeError::Cells(rejected)) => {
                if smallest.as_ref().is_none_or(|smallest: &RejectedRows| rejected.count < smallest.count) {
                    smallest = Some(rejected);
                }
            }
            decided => return decided,
        }
    }
    Err(TimeError::Cells(smallest.unwrap_or_else(|| present_rows(cells))))
}

/// The formats that parse any cell of a sample, each with its number of cells, by descending number.
fn formats_by_count(sample: &[String], order: Option<DateOrder>) -> Vec<(usize, DateFormat)> {
    let excluded = order.map(|order| match order {
        DateOrder::DayFirst => DateFormat::MonthFirst,
        DateOrder::MonthFirst => DateFormat::DayFirst,
    });
    let count =
        |format: DateFormat| sample.iter().filter(|cell| format.parse(cell, CenturyWindow::DEFAULT).is_some()).count();
    let mut counted: Vec<(usize, DateFormat)> = DateFormat::ALL
        .into_iter()
        .filter(|format| Some(*format) != excluded)
        .map(|format| (count(format), format))
        .filter(|(cells, _)| *cells > 0)
        .collect();
    counted.sort_by_key(|(cells, _)| std::cmp::Reverse(*cells));
    counted
}

fn present_rows(cells: &Cells) -> RejectedRows {
    let mut present = RejectedRows::default();
    cells.for_each(|row, cell| {
        if cell.is_some_and(|cell| !is_missing(cell)) {
            present.push(row);
        }
    });
    present
}

/// Parses the whole column by one format.
fn parse_column(cells: &Cells, format: DateFormat, skip: bool) -> Result<TimeIndex, TimeError> {
    let (mut parsed, years) = parse_in_century(cells, format, CenturyWindow::DEFAULT, skip);
    if parsed.is_ok() && years.contains(&true) {
        parsed = parse_in_century(cells, format, CenturyWindow::of_years(&years), skip).0;
    }
    parsed
}

/// Parses the column with a century window, and records the years with two digits that occur.
fn parse_in_century(
    cells: &Cells,
    format: DateFormat,
    century: CenturyWindow,
    skip: bool,
) -> (Result<TimeIndex, TimeError>, [bool; 100]) {
    let mut ticks = Vec::with_capacity(cells.len());
    let mut offsets = OffsetsBuilder::default();
    let mut years = [false; 100];
    let mut rejected = RejectedRows::default();
    let mut has_subseconds = false;
    // Consecutive rows often have the same time, so the last one is remembered.
    let (mut last_cell, mut last_time) = (String::new(), None);
    cells.for_each(|row, cell| {
        let Some(cell) = cell.filter(|cell| !is_missing(cell)) else {
            offsets.push(None);
            return ticks.push(NO_TIME);
        };
        let time = match last_time {
            Some(time) if last_cell == cell => time,
            _ => {
                let Some(time) = format.parse(cell, century) else {
                    offsets.push(None);
                    ticks.push(NO_TIME);
                    return rejected.push(row);
                };
                cell.clone_into(&mut last_cell);
                last_time = Some(time);
                time
            }
        };
        ticks.push(time.ticks);
        offsets.push(Some(time.offset));
        has_subseconds |= time.has_subseconds;
        if let Some(year) = time.two_digit_year {
            years[usize::from(year)] = true;
        }
    });
    if rejected.count > 0 && !skip {
        return (Err(TimeError::Cells(rejected)), years);
    }
    let times = TimeIndex {
        is_calendar: !format.is_index(),
        is_year: format.is_year(),
        ticks,
        offsets: offsets.build(),
        has_subseconds,
        skipped: rejected,
    };
    (Ok(times), years)
}

/// Parses dates with the day or the month first. The whole column decides between the two.
fn parse_either_order(cells: &Cells, skip: bool) -> Result<TimeIndex, TimeError> {
    match (parse_column(cells, DateFormat::DayFirst, skip), parse_column(cells, DateFormat::MonthFirst, skip)) {
        (Ok(one), Ok(other)) if one.skipped.count < other.skipped.count => Ok(one),
        (Ok(one), Ok(other)) if one.skipped.count > other.skipped.count => Ok(other),
        (Ok(day_first), Ok(month_first)) => {
            let differs = day_first.ticks.iter().zip(&month_first.ticks).position(|(d, m)| d != m);
            let Some(row) = differs else { return Ok(day_first) };
            // No country writes month.day.year.
            if cells.text(row).is_some_and(|cell| cell.contains('.')) {
                return Ok(day_first);
            }
            let is_regular = |index: &TimeIndex| {
                let times: Vec<i64> = index.ticks.iter().copied().filter(|time| *time != NO_TIME).collect();
                frequency_inference::is_regular(times)
            };
            match (is_regular(&day_first), is_regular(&month_first)) {
                (true, false) => Ok(day_first),
                (false, true) => Ok(month_first),
                _ => Err(TimeError::AmbiguousOrder(row)),
            }
        }
        (Ok(times), Err(_)) | (Err(_), Ok(times)) => Ok(times),
        (Err(TimeError::Cells(day_first)), Err(TimeError::Cells(month_first)))
            if day_first.count <= month_first.count =>
        {
            Err(TimeError::Cells(day_first))
        }
        (_, Err(month_first)) => Err(month_first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(first: &[usize], count: usize) -> TimeError {
        TimeError::Cells(RejectedRows { first: first.to_vec(), count })
    }

    fn dates(cells: &[&str]) -> Result<Vec<String>, TimeError> {
        dates_in_order(cells, None)
    }

    fn dates_in_order(cells: &[&str], order: Option<DateOrder>) -> Result<Vec<String>, TimeError> {
        let cells = Cells::of_text(cells);
        let times = parse_times(&cells, order, false)?;
        Ok(times
            .ticks
            .iter()
            .map(|t| crate::time::timestamp::Timestamp::from_ticks(times.is_calendar, *t).to_string())
            .collect())
    }

    #[test]
    fn every_date_format_is_parsed() {
        let table: [(&[&str], &[&str]); 40] = [
            (&["2012-01-31"], &["2012-01-31"]),
            (&["2012/1/5"], &["2012-01-05"]),
            (&["2012.01.05"], &["2012-01-05"]),
            (&["2012-01", "2012-02"], &["2012-01-01", "2012-02-01"]),
            (&["2012-01-31 13:30"], &["2012-01-31T13:30:00"]),
            (&["2012-01-31T13:30:05"], &["2012-01-31T13:30:05"]),
            (&["2012-01-31T13:30:05.000Z"], &["2012-01-31T13:30:05"]),
            (&["2012-01-31 13:30:05+02:00"], &["2012-01-31T13:30:05"]),
            (&["2012-01-31 24:00"], &["2012-02-01"]),
            (&["1/31/2012 1:05 PM"], &["2012-01-31T13:05:00"]),
            (&["01.02.2012", "02.02.2012"], &["2012-02-01", "2012-02-02"]),
            (&["01.02.2012 23:00"], &["2012-02-01T23:00:00"]),
            (&["13/01/2025", "1/2/25"], &["2025-01-13", "2025-02-01"]),
            (&["1/13/2025", "2/1/25"], &["2025-01-13", "2025-02-01"]),
            (&["1998 Q1", "1998 Q4"], &["1998-01-01", "1998-10-01"]),
            (&["1998Q2"], &["1998-04-01"]),
            (&["Q3-98", "Q1-02"], &["1998-07-01", "2002-01-01"]),
            (&["1991 W06"], &["1991-02-04"]),
            (&["2020-W53-7"], &["2021-01-03"]),
            (&["1960M02"], &["1960-02-01"]),
            (&["1960 Jan", "1960 Feb"], &["1960-01-01", "1960-02-01"]),
            (&["Jan-60", "Dec-75"], &["1960-01-01", "1975-12-01"]),
            (&["Dec-99", "Jan-00"], &["1999-12-01", "2000-01-01"]),
            (&["March 1960", "Sept. 1961"], &["1960-03-01", "1961-09-01"]),
            (&["31 January 2012"], &["2012-01-31"]),
            (&["Jan 05, 2012"], &["2012-01-05"]),
            (&["05Jan2012"], &["2012-01-05"]),
            (&["202401", "202412"], &["2024-01-01", "2024-12-01"]),
            (&["20240131", "20240201"], &["2024-01-31", "2024-02-01"]),
            (&["1960", "1961"], &["1960", "1961"]),
            (&["2009/10", "2010/11", "2011/12"], &["2009", "2010", "2011"]),
            (&["2009/10", "2009/11", "2009/12"], &["2009-10-01", "2009-11-01", "2009-12-01"]),
            (&["FY2019", "FY2020"], &["2019", "2020"]),
            (&["2024-S1", "2024-S2"], &["2024-01-01", "2024-07-01"]),
            (&["Mon, 1 Jan 2024", "Tuesday 2 January 2024"], &["2024-01-01", "2024-01-02"]),
            (&["Mär 2024", "Okt. 2024", "Dez 2024"], &["2024-03-01", "2024-10-01", "2024-12-01"]),
            (&["2 février 2024", "3 août 2024"], &["2024-02-02", "2024-08-03"]),
            (&["2024-01-01 00:00:00.5", "2024-01-01 00:00:01.499"], &["2024-01-01T00:00:01", "2024-01-01T00:00:01"]),
            (&["1704067200123", "1704067201501"], &["2024-01-01", "2024-01-01T00:00:02"]),
            (&["2024-01-01 9:30 am", "2024-01-01 12:00 PM"], &["2024-01-01T09:30:00", "2024-01-01T12:00:00"]),
        ];
        for (cells, expected) in table {
            assert_eq!(
                dates(cells).as_deref(),
                Ok(&expected.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()[..]),
                "{cells:?}"
            );
        }
    }

    #[test]
    fn an_integer_is_an_index_or_an_epoch() {
        assert_eq!(dates(&["1", "2", "3"]).unwrap(), ["1", "2", "3"]);
        for epoch in ["1325376000", "1325376000000", "1325376000000000", "1325376000000000000"] {
            assert_eq!(dates(&[epoch]).unwrap(), ["2012-01-01"], "{epoch}");
        }
    }

    #[test]
    fn cells_that_are_not_dates_are_rejected_by_row() {
        assert_eq!(dates(&["2024-01-01", "2024-13-01", "", "soon"]), Err(rejected(&[1, 3], 2)));
        assert_eq!(dates(&["2024-02-30"]), Err(rejected(&[0], 1)));
        assert_eq!(dates(&["2024-01-01 00:00:00.5x"]), Err(rejected(&[0], 1)));
        assert_eq!(dates(&["x"; 25]), Err(rejected(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 25)));
    }

    #[test]
    fn the_order_of_day_and_month_needs_evidence() {
        let first_of_months: Vec<String> = (0..18).map(|m| format!("01/{:02}/{}", m % 12 + 1, 2020 + m / 12)).collect();
        let cells: Vec<&str> = first_of_months.iter().map(String::as_str).collect();
        assert_eq!(dates(&cells).unwrap()[17], "2021-06-01");
        let ambiguous = ["01/02/2024", "02/02/2024", "03/02/2024"];
        assert_eq!(dates(&["03/04/2024", "04/04/2024"]), Err(TimeError::AmbiguousOrder(0)));
        assert_eq!(dates_in_order(&ambiguous, Some(DateOrder::DayFirst)).unwrap()[2], "2024-02-03");
        assert_eq!(dates_in_order(&ambiguous, Some(DateOrder::MonthFirst)).unwrap()[2], "2024-03-02");
    }

    #[test]
    fn changing_offsets_are_kept_for_each_row() {
        let offsets = |cells: &[&str]| parse_times(&Cells::of_text(cells), None, false).map(|times| times.offsets);
        assert_eq!(
            offsets(&["2012-01-31T00:00:00+01:00", "", "2012-03-31T00:00:00+02:00"]),
            Ok(ColumnOffsets::PerRow(vec![Some(3_600), Some(3_600), Some(7_200)]))
        );
        assert_eq!(offsets(&["2012-01-31T00:00Z", "2012-03-31T00:00Z"]), Ok(ColumnOffsets::Constant(0)));
        let some = parse_times(&Cells::of_text(&["2012-01-31T00:00Z", "", "2012-03-31T00:00"]), None, false).unwrap();
        assert_eq!(some.offsets, ColumnOffsets::PerRow(vec![Some(0), Some(0), None]));
        assert_eq!(some.first_mixed_offset(), Some(2));
        let none_first =
            parse_times(&Cells::of_text(&["", "2012-01-31T00:00", "2012-03-31T00:00Z"]), None, false).unwrap();
        assert_eq!(none_first.first_mixed_offset(), Some(2));
    }
}
