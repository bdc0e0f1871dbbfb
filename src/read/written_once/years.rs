//! Months and quarters whose year is written once, at the first of them.

use crate::read::parse::east_asian::{self, narrow};
use crate::read::parse::period_part::{PartKind, PartStyle};
use crate::read::parse::scanner::plausible_year;
use crate::read::parse::total_words::is_total;
use crate::read::table::{Cells, Table};
use crate::read::written_once::cells::{Texts, texts};

/// The number of a month or a quarter, and which of both it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    is_quarter: bool,
    number: i64,
}

impl Part {
    fn of_year(self, year: i32) -> String {
        if self.is_quarter { format!("{year}-Q{}", self.number) } else { format!("{year}-{:02}", self.number) }
    }

    fn is_last(self) -> bool {
        self.number == if self.is_quarter { 4 } else { 12 }
    }
}

/// The month or quarter in a narrow cell, with its name or word. `1- 3.` is a quarter of the Cabinet Office of Japan.
pub(super) fn part(cell: &str) -> Option<Part> {
    const SEPARATORS: [char; 8] = [' ', '/', '-', '.', ',', ':', '\'', '\u{a0}'];
    let cell = cell.trim_matches(SEPARATORS);
    let named = |kind: PartKind| kind.parse(cell).filter(|part| part.style == PartStyle::Named);
    if let Some(month) = named(PartKind::Month) {
        return Some(Part { is_quarter: false, number: month.number });
    }
    let of_months = || east_asian::quarter(&format!("{cell}月"));
    let number = named(PartKind::Quarter).map(|quarter| quarter.number).or_else(of_months)?;
    Some(Part { is_quarter: true, number })
}

/// The year and its month or quarter in a narrow cell.
pub(super) fn whole(cell: &str) -> Option<(i32, Part)> {
    let cell = cell.trim();
    let date = east_asian::with_common_year(cell)?;
    if let Some((year, rest)) = date.split_once('年') {
        return Some((plausible_year(year.trim().parse().ok()?)?, part(rest)?));
    }
    let year_of = |digits: &str| {
        let is_year = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_year).and_then(plausible_year)
    };
    let first = cell.get(..4).and_then(year_of).and_then(|year| Some((year, part(&cell[4..])?)));
    let last = || {
        let at = cell.len().checked_sub(4)?;
        Some((year_of(cell.get(at..)?)?, part(&cell[..at])?))
    };
    first.or_else(last)
}

/// The cells with the year of each month or quarter, where years are written at their first rows only: `2019 Jan`, `Feb`.
/// `None` if they are not, if the months go back within a year, or if another series may begin where a year ends.
pub(super) fn with_years(table: &Table, at: usize, cells: &Texts) -> Option<Texts> {
    let (mut last, mut carried): (Option<(i32, Part)>, bool) = (None, false);
    let complete = |(row, cell): (usize, &Option<String>)| {
        let Some(cell) = cell else { return Some(None) };
        let text = narrow(cell);
        if is_total(&text) {
            return Some(Some(cell.clone()));
        }
        let (year, own) = match (whole(&text), last) {
            (Some(whole), _) => whole,
            (None, Some((year, before))) => {
                let own = part(&text)?;
                carried = true;
                match own.number >= before.number {
                    true => (year, own),
                    false if before.is_last() && own.number == 1 && !changes_word(table, at, row) => (year + 1, own),
                    false => return None,
                }
            }
            (None, None) => return None,
        };
        let is_same_kind = last.is_none_or(|(_, before)| before.is_quarter == own.is_quarter);
        last = Some((year, own));
        is_same_kind.then(|| Some(own.of_year(year)))
    };
    let completed = cells.iter().enumerate().map(complete).collect::<Option<Texts>>()?;
    carried.then_some(completed)
}

/// The cells where each year has a row of its own, a total, above the names of its months or quarters, as pivot tables have
/// them. `None` unless years and the months of each ascend, and all other cells name totals.
pub(super) fn months_below_years(cells: &Cells) -> Option<Texts> {
    let year_of = |cell: &str| {
        let is_year = cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit());
        cell.parse().ok().filter(|_| is_year).and_then(plausible_year)
    };
    let has_second = cells.len() > 1;
    year_of(cells.text(0).filter(|_| has_second)?.trim())?;
    part(&narrow(&cells.text(1)?))?;
    let (mut year, mut before): (Option<i32>, Option<Part>) = (None, None);
    let (mut has_parts, mut is_quarter) = (false, None);
    let complete = |cell: Option<String>| {
        let cell = cell?;
        let text = narrow(&cell);
        let text = text.trim();
        if let Some(next) = year_of(text) {
            let follows = year.is_none_or(|year| next > year && before.is_some());
            (year, before) = (Some(next), None);
            return follows.then(|| Some(format!("{next} total")));
        }
        if is_total(text) {
            return Some(Some(cell));
        }
        let own = part(text)?;
        let follows = before.is_none_or(|before| own.number > before.number);
        let is_same_kind = *is_quarter.get_or_insert(own.is_quarter) == own.is_quarter;
        before = Some(own);
        has_parts = true;
        let year = year.filter(|_| follows && is_same_kind)?;
        Some(Some(own.of_year(year)))
    };
    let completed: Option<Texts> = texts(cells).into_iter().map(complete).collect();
    completed.filter(|_| has_parts)
}

/// Whether a word of a row, such as the name of a series, differs from that of the row before. `times` is no such column.
fn changes_word(table: &Table, times: usize, row: usize) -> bool {
    let is_word = |cell: &str| cell.contains(char::is_alphabetic);
    let others = table.columns.iter().enumerate().filter(|(at, _)| *at != times);
    others
        .map(|(_, column)| [row - 1, row].map(|row| column.cells.text(row).unwrap_or_default().into_owned()))
        .any(|[before, own]| before != own && (is_word(&before) || is_word(&own)))
}
