//! Years, months, days and times of day in the first columns of a table without a header.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::read::parse::scanner::plausible_year;

/// The names of the first columns if these are the parts of a time: a year, a month and a day, possibly an hour and a minute.
/// Then they have no empty cell, each row is later than the one before, and the last part does not stay the same. Months
/// without a day are consecutive. Days have no long gap and reach the end of a month, and hours begin with 0. The numbers of
/// shops do not.
pub(crate) fn parts_of_times_without_header(samples: &[Vec<String>]) -> &'static [&'static str] {
    const RANGES: [RangeInclusive<i64>; 5] = [0..=9_999, 1..=12, 1..=31, 0..=24, 0..=59];
    const NAMES: [&str; 5] = ["year", "month", "day", "hour", "minute"];
    const MIN_ROWS: usize = 5;
    /// The longest gap in days.
    const MAX_GAP: i64 = 10;
    let rows = samples.first().map_or(0, Vec::len);
    let numbers = |(sample, range): (&Vec<String>, &RangeInclusive<i64>)| -> Option<Vec<i64>> {
        let number = |cell: &String| cell.trim().parse().ok().filter(|number| range.contains(number));
        Some(sample.iter().map(number).collect::<Option<Vec<i64>>>()?).filter(|numbers| numbers.len() == rows)
    };
    let parts: Vec<Vec<i64>> = samples.iter().zip(&RANGES).map_while(numbers).collect();
    let are_years =
        |years: &Vec<i64>| years.iter().all(|year| i32::try_from(*year).ok().and_then(plausible_year).is_some());
    if rows < MIN_ROWS || !parts.first().is_some_and(are_years) {
        return &[];
    }
    let time = |row: usize, count: usize| parts[..count].iter().map(|part| part[row]).collect::<Vec<i64>>();
    let ascend = |count: &usize| (1..rows).all(|row| time(row - 1, *count) < time(row, *count));
    let is_next_month =
        |row: usize| parts[0][row] * 12 + parts[1][row] == parts[0][row - 1] * 12 + parts[1][row - 1] + 1;
    // in months of 31 days
    let day = |row: usize| (parts[0][row] * 12 + parts[1][row]) * 31 + parts[2][row];
    let is_near = |row: usize| day(row) - day(row - 1) <= MAX_GAP;
    let months: BTreeSet<(i64, i64)> = parts
        .get(1)
        .map_or_else(BTreeSet::new, |months| parts[0].iter().copied().zip(months.iter().copied()).collect());
    let reach_ends_of_months = months.len() < 3 || parts.get(2).is_some_and(|days| days.iter().any(|day| *day > 28));
    match (2..=parts.len()).find(ascend) {
        Some(2) if !(1..rows).all(is_next_month) => &[],
        Some(3..) if !(1..rows).all(is_near) || !reach_ends_of_months => &[],
        Some(4..) if !parts[3].contains(&0) => &[],
        Some(count) => &NAMES[..count],
        None => &[],
    }
}
