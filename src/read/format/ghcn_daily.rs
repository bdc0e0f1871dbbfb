//! Files of the Global Historical Climatology Network, `.dly`: a line has a station, a month, an element and 31 days, in columns
//! of a fixed width (Menne et al. 2012, "An overview of the Global Historical Climatology Network-Daily database").

use chrono::NaiveDate;
use polars::prelude::{NewChunkedArray, StringChunked};

use crate::read::notice::Notice;
use crate::read::row_locations::RowLocations;
use crate::read::table::{Cells, Column, Table};

const STATION_WIDTH: usize = 11;
const YEAR_WIDTH: usize = 4;
const MONTH_WIDTH: usize = 2;
const ELEMENT_WIDTH: usize = 4;
const HEAD_WIDTH: usize = STATION_WIDTH + YEAR_WIDTH + MONTH_WIDTH + ELEMENT_WIDTH;
/// The widths of a value and of the flags after it: on its measurement, its quality and its source.
const VALUE_WIDTH: usize = 5;
const FLAGS_WIDTH: usize = 3;
const DAYS: usize = 31;
const MISSING: &str = "-9999";

/// A line in parts.
struct MonthLine<'a> {
    station: &'a str,
    element: &'a str,
    year: i32,
    month: u32,
    /// The value of each day with its flags.
    days: &'a str,
}

/// The table of such a file, with a row for each value; `None` if the text is anything else.
pub(crate) fn read_months(file: &str, text: &str) -> Option<Table> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    lines.peek()?;
    let months = lines.map(|(at, line)| parts(line).map(|month| (at + 1, month)));
    let months: Vec<(usize, MonthLine<'_>)> = months.collect::<Option<_>>()?;
    let (mut stations, mut elements, mut dates, mut values) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut locations, mut failed) = (RowLocations::default(), 0);
    for (line, month) in &months {
        for (date, value, failed_check) in month.values()? {
            failed += usize::from(failed_check);
            locations.push(values.len(), *line);
            stations.push(month.station);
            elements.push(month.element);
            dates.push(date.to_string());
            values.push(value);
        }
    }
    let words =
        |name: &str, cells: &[&str]| Column::new(name, Cells::Text(StringChunked::from_slice(name.into(), cells)));
    let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
    let rows = values.len();
    let columns = vec![
        words("station", &stations),
        words("element", &elements),
        words("date", &dates),
        Column::new("value", Cells::Numbers(values)),
    ];
    let notices = vec![Notice::GhcnDaily { failed }];
    Some(Table { file: file.into(), columns, rows, locations, notices, ..Table::default() })
}

fn parts(line: &str) -> Option<MonthLine<'_>> {
    let line = line.trim_end_matches('\r');
    let (head, days) = line.split_at_checked(HEAD_WIDTH)?;
    let (station, rest) = head.split_at_checked(STATION_WIDTH)?;
    let (year, rest) = rest.split_at_checked(YEAR_WIDTH)?;
    let (month, element) = rest.split_at_checked(MONTH_WIDTH)?;
    let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_station = station.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let has_days = days.len() > (DAYS - 1) * (VALUE_WIDTH + FLAGS_WIDTH) && days.is_ascii();
    if !is_station || !is_code(element) || !has_days {
        return None;
    }
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    let month = digits(month).filter(|month| (1..=12).contains(month))?;
    Some(MonthLine { station, element, year: digits(year)?.into(), month: month.into(), days })
}

impl MonthLine<'_> {
    /// The date and the value of each day that has one, NaN where it failed a check, and whether it did. `None` if a value
    /// is no whole number.
    fn values(&self) -> Option<Vec<(NaiveDate, f64, bool)>> {
        let mut values = Vec::with_capacity(DAYS);
        for day in 0..DAYS {
            let start = day * (VALUE_WIDTH + FLAGS_WIDTH);
            let value = self.days.get(start..start + VALUE_WIDTH)?.trim();
            let failed = self.days.as_bytes().get(start + VALUE_WIDTH + 1).is_some_and(|flag| *flag != b' ');
            let number: i32 = value.parse().ok()?;
            if value == MISSING {
                continue;
            }
            let date = NaiveDate::from_ymd_opt(self.year, self.month, day as u32 + 1)?;
            values.push((date, if failed { f64::NAN } else { f64::from(number) }, failed));
        }
        Some(values)
    }
}
