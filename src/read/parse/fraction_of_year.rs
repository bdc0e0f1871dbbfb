//! Columns of years with a fraction, whose steps are days or weeks: `1981.00273972603`, `1991.11916495551`.
//!
//! Series of R are written so. Their number of steps in a year is a frequency such as 52, 365 or 365.25 / 7.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::read::notice::Notice;
use crate::read::parse::scanner::plausible_year;
use crate::read::table::{Cells, is_missing};
use crate::time::timestamp::{date_of, midnight};

/// The smallest number of times from which the step is inferred.
const MIN_TIMES: usize = 12;
/// The maximum distance from a whole number of steps. Fractions are rounded to at least four digits.
const MAX_DISTANCE: f64 = 0.06;
/// The maximum distance from a whole number of weeks or days since the first time.
const MAX_DRIFT: f64 = 0.3;
const DAYS_OF_YEAR: f64 = 365.25;
const DAYS_OF_WEEK: f64 = 7.0;

/// What a step of the fractions is.
#[derive(Clone, Copy)]
enum Steps {
    /// A year has 52 weeks. The first one is week 1 of ISO 8601.
    NumberedWeeks,
    /// Days, of which a year has its number in the calendar.
    CalendarDays,
    /// Days, of which each year has 365. None is the 29 February.
    DaysWithoutLeapDay,
    /// A step of so many days since the first time, in years of 365.25 days.
    DaysSinceFirst(f64),
}

/// The time of each row in ticks, and the notice on how it was read. An empty cell has no time. `None` if a cell is no year
/// with a fraction, or if the steps are neither days nor weeks.
pub(crate) fn parse_fractions_of_years(cells: &Cells) -> Option<(Vec<Option<i64>>, Notice)> {
    let (mut years, mut are_all_years) = (Vec::with_capacity(cells.len()), true);
    cells.for_each(|_, cell| {
        let cell = cell.filter(|cell| !is_missing(cell));
        let year = cell.map(year_with_fraction);
        are_all_years &= year != Some(None);
        years.push(year.flatten());
    });
    let mut sorted: Vec<f64> = years.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    if !are_all_years || sorted.len() < MIN_TIMES {
        return None;
    }
    let per_year = 1.0 / usual_step(&sorted);
    let first = date_in_year(sorted[0], Steps::DaysSinceFirst(1.0))?;
    let (candidates, notice): (&[Steps], Notice) = match per_year {
        51.0..52.1 => (&[Steps::NumberedWeeks], Notice::FractionsAreNumberedWeeks),
        52.1..53.0 => (&[Steps::DaysSinceFirst(DAYS_OF_WEEK)], Notice::FractionsAreWeeks),
        360.0..370.0 => {
            (&[Steps::CalendarDays, Steps::DaysWithoutLeapDay, Steps::DaysSinceFirst(1.0)], Notice::FractionsAreDays)
        }
        _ => return None,
    };
    let ticks = |steps: Steps| -> Option<Vec<Option<i64>>> {
        let tick = |year: Option<f64>| match (year, steps) {
            (None, _) => Some(None),
            (Some(year), Steps::DaysSinceFirst(days)) => {
                let passed = (year - sorted[0]) * DAYS_OF_YEAR / days;
                let distance = (passed - passed.round()).abs();
                let day = i64::from(first.to_epoch_days()) + (passed.round() * days) as i64;
                (distance < MAX_DRIFT).then_some(date_of(day).map(midnight)?).map(Some)
            }
            (Some(year), _) => date_in_year(year, steps).map(midnight).map(Some),
        };
        years.iter().map(|year| tick(*year)).collect()
    };
    Some((candidates.iter().find_map(|steps| ticks(*steps))?, notice))
}

/// The mean step between ascending years, without gaps. The median step is less exact where the fractions are rounded.
fn usual_step(sorted: &[f64]) -> f64 {
    let mut steps: Vec<f64> = sorted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    let longest = 1.5 * steps[steps.len() / 2];
    let usual: Vec<f64> = steps.into_iter().take_while(|step| *step < longest).collect();
    usual.iter().sum::<f64>() / usual.len() as f64
}

/// A plausible year of four digits, possibly with a fraction.
fn year_with_fraction(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let is_plain = cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let year: f64 = if is_plain { cell.replace(',', ".").parse().ok()? } else { return None };
    plausible_year(year as i32)?;
    Some(year)
}

/// The date of a year with a fraction; `None` if the fraction is no whole number of steps.
fn date_in_year(year: f64, steps: Steps) -> Option<NaiveDate> {
    let (whole, fraction) = (year.floor() as i32, year.fract());
    let days_of_year = if NaiveDate::from_yo_opt(whole, 366).is_some() { 366.0 } else { 365.0 };
    let number_of = |per_year: f64| {
        let number = fraction * per_year;
        ((number - number.round()).abs() < MAX_DISTANCE).then_some(number.round() as u32)
    };
    match steps {
        // a fraction that is rounded up to the next year is its first week or day
        Steps::NumberedWeeks => match number_of(52.0)? {
            52 => NaiveDate::from_isoywd_opt(whole + 1, 1, Weekday::Mon),
            week => NaiveDate::from_isoywd_opt(whole, week + 1, Weekday::Mon),
        },
        Steps::CalendarDays => nth_day(whole, number_of(days_of_year)?),
        Steps::DaysWithoutLeapDay => {
            let day = nth_day(2001, number_of(365.0)?)?;
            day.with_year(whole + day.year() - 2001)
        }
        Steps::DaysSinceFirst(_) => nth_day(whole, (fraction * days_of_year).round() as u32),
    }
}

/// The day of a year after so many others. After the last day follows the first one of the next year.
fn nth_day(year: i32, number: u32) -> Option<NaiveDate> {
    NaiveDate::from_yo_opt(year, 1)?.checked_add_days(chrono::Days::new(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::timestamp::DAY;

    fn dates(years: impl Iterator<Item = f64>) -> Option<(Vec<NaiveDate>, Notice)> {
        let cells: Cells = Cells::Text(years.map(|year| Some(year.to_string())).collect());
        let (ticks, notice) = parse_fractions_of_years(&cells)?;
        let date = |ticks: &Option<i64>| date_of(ticks.unwrap().div_euclid(DAY)).unwrap();
        Some((ticks.iter().map(date).collect(), notice))
    }

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn each_frequency_of_days_and_weeks_has_its_calendar() {
        let of_frequency = |start: f64, frequency: f64, count: u32| {
            dates((0..count).map(|step| start + f64::from(step) / frequency)).unwrap()
        };
        let (days, notice) = of_frequency(1981.0, 365.0, 3650);
        assert_eq!((days[0], days[59], days[3649]), (date(1981, 1, 1), date(1981, 3, 1), date(1990, 12, 31)));
        assert!(!days.contains(&date(1984, 2, 29)) && matches!(notice, Notice::FractionsAreDays));
        let (days, _) = of_frequency(2019.0, 365.25, 1461);
        let first = days[0];
        assert!((0..1461).all(|step| days[step as usize] == first + chrono::Days::new(step)));
        let fraction = |day: NaiveDate| {
            let length = if day.leap_year() { 366.0 } else { 365.0 };
            f64::from(day.year()) + f64::from(day.ordinal0()) / length
        };
        let exact: Vec<NaiveDate> = date(2023, 11, 1).iter_days().take(500).collect();
        assert_eq!(dates(exact.iter().map(|day| fraction(*day))).unwrap().0, exact);
        let (weeks, notice) = of_frequency(1980.0, 52.0, 770);
        assert_eq!((weeks[0], weeks[51], weeks[52]), (date(1979, 12, 31), date(1980, 12, 22), date(1980, 12, 29)));
        assert!(matches!(notice, Notice::FractionsAreNumberedWeeks));
        let (weeks, notice) = of_frequency(1991.1, 365.25 / 7.0, 1355);
        assert_eq!((weeks[0], weeks[1354]), (date(1991, 2, 6), date(1991, 2, 6) + chrono::Days::new(7 * 1354)));
        assert!(matches!(notice, Notice::FractionsAreWeeks));
    }

    #[test]
    fn other_numbers_are_no_days_or_weeks() {
        let none = |years: &[f64]| dates(years.iter().copied()).is_none();
        let of_frequency =
            |frequency: f64| -> Vec<f64> { (0..100).map(|step| 1950.0 + f64::from(step) / frequency).collect() };
        assert!(none(&of_frequency(12.0)) && none(&of_frequency(4.0)) && none(&of_frequency(26.0)));
        assert!(none(&of_frequency(52.0)[..9]), "too few times for a step");
        let mut weeks = of_frequency(52.0);
        weeks[50] = 17.25;
        assert!(none(&weeks), "one cell is no year");
    }
}
