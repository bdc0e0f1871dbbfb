//! Times of which a part is written once and holds for the rows below, too: the era of years, the year of months and
//! quarters, and the date of hours or of several series.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::read::notice::Notice;
use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::east_asian::{self, era_of, narrow, split_era, year_of_era, year_of_taiwan};
use crate::read::parse::period_part::{PartKind, PartStyle};
use crate::read::parse::scanner::plausible_year;
use crate::read::parse::total_words::is_total;
use crate::read::table::{Cells, Table, is_missing};

/// The rows at the start of a column by which most columns are ruled out.
const FIRST_ROWS: usize = 40;
/// The longest era has so many years.
const LONGEST_ERA: i32 = 64;
/// Names of a column of eras, whose cells may be initials.
const ERA_NAMES: [&str; 5] = ["元号", "年号", "和暦", "era", "gengo"];

/// Names of a column of years of eras, in lower case.
const YEAR_NAMES: [&str; 6] = ["年", "年度", "年次", "年数", "year", "yr"];

/// The cells of a column; `None` where one is null or missing.
type Texts = Vec<Option<String>>;

/// Completes the cells of the columns of times.
pub(crate) fn complete(table: &mut Table) {
    join_eras(table);
    add_years_of_taiwan(table);
    for at in 0..table.columns.len() {
        if !matches!(table.columns[at].cells, Cells::Field { .. } | Cells::Text(_)) || !starts_with_time(table, at) {
            continue;
        }
        let before = texts(&table.columns[at].cells);
        let with_eras = with_eras(&before).unwrap_or_else(|| before.clone());
        let cells = with_years(table, at, &with_eras).unwrap_or(with_eras);
        let cells = filled_down(table, at, &cells).unwrap_or(cells);
        let is_carried = |row: &usize| cells[*row] != before[*row] && !is_whole(before[*row].as_deref());
        let Some(row) = (0..cells.len()).find(is_carried) else { continue };
        let (column, first) = (table.columns[at].name.clone(), table.location(row));
        let value = cells[row].clone().unwrap_or_default();
        table.notices.push(Notice::TimesWrittenOnce { column, first, value });
        table.columns[at].cells = Cells::Text(cells.into_iter().collect());
    }
}

/// Whether the first rows of a column have a time in the first cell, and one that is not whole below it.
fn starts_with_time(table: &Table, at: usize) -> bool {
    let cells = &table.columns[at].cells;
    let mut first = (0..table.rows.min(FIRST_ROWS)).map(|row| cells.text(row));
    let is_time = |cell: Cow<'_, str>| {
        let narrow = narrow(&cell);
        whole(&narrow).is_some() || is_date(&narrow) || split_era(narrow.trim()).is_some()
    };
    let mut is_partly_written = false;
    first.next().flatten().is_some_and(is_time)
        && first.all(|cell| {
            let is_whole = is_whole(cell.as_deref());
            is_partly_written |= !is_whole;
            is_whole || cell.is_none_or(|cell| is_missing(&cell) || may_be_part(&narrow(&cell)))
        })
        && is_partly_written
}

/// Whether a narrow cell may be a part of a time or name a total, and is not a number such as a price.
fn may_be_part(cell: &str) -> bool {
    let is_short = cell.trim().len() <= 2 && cell.trim().bytes().all(|byte| byte.is_ascii_digit());
    is_short || cell.contains('年') || part(cell).is_some() || is_total(cell)
}

/// Whether a cell has all parts of a time.
fn is_whole(cell: Option<&str>) -> bool {
    let cell = narrow(cell.unwrap_or_default());
    whole(&cell).is_some()
        || split_era(cell.trim()).is_some()
        || cell.trim().starts_with(|c: char| c.is_alphabetic()) && part(&cell).is_none()
        || is_date(&cell)
}

fn texts(cells: &Cells) -> Texts {
    let mut texts = Vec::with_capacity(cells.len());
    cells.for_each(|_, cell| texts.push(cell.filter(|cell| !is_missing(cell)).map(str::to_owned)));
    texts
}

/// Whether a narrow cell is a year or a date, and no plain number otherwise.
fn is_date(cell: &str) -> bool {
    [DateFormat::Year, DateFormat::YearFirst, DateFormat::DayFirst, DateFormat::MonthFirst, DateFormat::MonthName]
        .into_iter()
        .any(|format| format.parse(cell, CenturyWindow::DEFAULT).is_some())
}

/// Writes the years of a column of eras and the column of years after it as years of the common era. The column of years has
/// a usual name, or the word for a year in each cell. The column of eras is removed.
fn join_eras(table: &mut Table) {
    let is_era = |name: &str, cell: &str| {
        let cell = cell.trim();
        let is_named = ERA_NAMES.contains(&name.to_lowercase().as_str());
        era_of(cell).is_some_and(|_| is_named || split_era(cell).is_some())
    };
    let are_eras = |at: &usize| {
        let column = &table.columns[*at];
        let is_text = matches!(column.cells, Cells::Field { .. } | Cells::Text(_));
        let first = if is_text { column.cells.text(0) } else { None };
        first.is_some_and(|cell| is_era(&column.name, &cell))
            && texts(&column.cells).iter().flatten().all(|cell| is_era(&column.name, cell))
    };
    let Some(at) = (0..table.columns.len().saturating_sub(1)).find(are_eras) else { return };
    let (eras, years) = (texts(&table.columns[at].cells), texts(&table.columns[at + 1].cells));
    let is_named = YEAR_NAMES.contains(&table.columns[at + 1].name.trim().to_lowercase().as_str());
    if !is_named && !years.iter().flatten().all(|year| year.contains('年')) {
        return;
    }
    let mut before = 0;
    let common = |(era, year): (&Option<String>, &Option<String>)| {
        before = era.as_ref().and_then(|era| era_of(era.trim())).unwrap_or(before);
        let Some(year) = year else { return Some(None) };
        let year = narrow(year);
        let (number, rest) = year.trim().split_once('年').unwrap_or((year.trim(), ""));
        let number = year_of_era(number).filter(|number| *number <= LONGEST_ERA)?;
        let mark = if rest.is_empty() { "" } else { "年" };
        Some(Some(format!("{}{mark}{rest}", before + number)))
    };
    let Some(cells) = eras.iter().zip(&years).map(common).collect::<Option<Texts>>() else { return };
    let Some(row) = cells.iter().position(Option::is_some) else { return };
    let (eras, column) = (table.columns.remove(at).name, table.columns[at].name.clone());
    let (first, value) = (table.location(row), cells[row].clone().unwrap_or_default());
    table.notices.push(Notice::ErasOfYears { eras, column, first, value });
    table.columns[at].cells = Cells::Text(cells.into_iter().collect());
}

/// Writes the years of a column of years of Taiwan, which have three digits, as years of the common era.
fn add_years_of_taiwan(table: &mut Table) {
    const NAMES: [&str; 5] = ["民國年", "民国年", "年", "年度", "年份"];
    let common = |cell: Option<&str>| Some((year_of_taiwan(cell?.trim())?).to_string());
    let is_named = |at: &usize| NAMES.contains(&table.columns[*at].name.as_str());
    let Some(at) = (0..table.columns.len()).find(is_named) else { return };
    let cells = &table.columns[at].cells;
    let is_text = matches!(cells, Cells::Field { .. } | Cells::Text(_));
    if !is_text || common(cells.text(0).as_deref()).is_none() {
        return;
    }
    let years: Option<Texts> = texts(cells).iter().map(|cell| common(cell.as_deref()).map(Some)).collect();
    let Some(years) = years else { return };
    let (column, first, value) = (table.columns[at].name.clone(), table.location(0), years[0].clone());
    table.notices.push(Notice::YearsOfTaiwan { column, first, value: value.unwrap_or_default() });
    table.columns[at].cells = Cells::Text(years.into_iter().collect());
}

/// The cells with the era of each year, where eras are written at their first years only: `令和2年`, `3年`. `None` if they
/// are not.
fn with_eras(cells: &Texts) -> Option<Texts> {
    let (mut era, mut last, mut carried) = (String::new(), 0, false);
    let complete = |cell: &Option<String>| {
        let Some(cell) = cell else { return Some(None) };
        let text = narrow(cell).trim().to_owned();
        let (of_era, rest) = match split_era(&text) {
            Some((_, rest)) => {
                let own = text[..text.len() - rest.len()].to_owned();
                last = if own == era { last } else { 0 };
                era = own;
                (true, rest.to_owned())
            }
            None => (false, text.clone()),
        };
        let is_bare = rest.bytes().all(|byte| byte.is_ascii_digit());
        let Some((number, _)) = rest.split_once('年').or(is_bare.then_some((rest.as_str(), ""))) else {
            // a month alone, or a total
            return Some(Some(text));
        };
        let number = year_of_era(number).filter(|number| *number <= LONGEST_ERA && !era.is_empty())?;
        (of_era || number >= last).then_some(())?;
        last = number;
        carried |= !of_era;
        Some(Some(format!("{era}{rest}")))
    };
    let completed = cells.iter().map(complete).collect::<Option<Texts>>()?;
    carried.then_some(completed)
}

/// The number of a month or a quarter, and which of both it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
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
fn part(cell: &str) -> Option<Part> {
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
fn whole(cell: &str) -> Option<(i32, Part)> {
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
fn with_years(table: &Table, at: usize, cells: &Texts) -> Option<Texts> {
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

/// Whether a word of a row, such as the name of a series, differs from that of the row before. `times` is no such column.
fn changes_word(table: &Table, times: usize, row: usize) -> bool {
    let is_word = |cell: &str| cell.contains(char::is_alphabetic);
    let others = table.columns.iter().enumerate().filter(|(at, _)| *at != times);
    others
        .map(|(_, column)| [row - 1, row].map(|row| column.cells.text(row).unwrap_or_default().into_owned()))
        .any(|[before, own]| before != own && (is_word(&before) || is_word(&own)))
}

/// The cells with the time above in place of each empty one. The next column without an empty cell must tell the rows below
/// a time apart. It has months, quarters or hours that ascend, or names that repeat below other times. `None` otherwise, or
/// if another column has a time in each row.
fn filled_down(table: &Table, at: usize, cells: &Texts) -> Option<Texts> {
    let empty = cells.iter().filter(|cell| cell.is_none()).count();
    let times = cells.len() - empty;
    if times == 0 || empty < times || cells.iter().flatten().any(|cell| !is_date(&narrow(cell))) {
        return None;
    }
    let is_text = |column: &usize| matches!(table.columns[*column].cells, Cells::Field { .. } | Cells::Text(_));
    if (0..table.columns.len()).filter(is_text).any(|other| other != at && has_time_in_each_row(table, other)) {
        return None;
    }
    let labels = (at + 1..table.columns.len()).filter(is_text);
    let labels = labels.map(|column| texts(&table.columns[column].cells)).find(|cells| !cells.contains(&None))?;
    let are_years = DateFormat::Year.parse(&narrow(cells.iter().flatten().next()?), CenturyWindow::DEFAULT).is_some();
    let kinds: &[PartKind] = if are_years { &[PartKind::Month, PartKind::Quarter] } else { &[PartKind::Hour] };
    let ascends = |kind: PartKind| {
        let parts: Option<Vec<i64>> = labels.iter().flatten().map(|cell| Some(kind.parse(cell)?.number)).collect();
        parts.is_some_and(|parts| (1..parts.len()).all(|row| cells[row].is_some() || parts[row] > parts[row - 1]))
    };
    let are_words = || {
        let distinct = labels.iter().flatten().collect::<HashSet<_>>().len();
        if distinct * 2 > labels.len() {
            return false;
        }
        let mut known: HashSet<&str> = HashSet::new();
        labels.iter().flatten().zip(cells).all(|(label, time)| {
            if time.is_some() {
                known.clear();
            }
            known.insert(label) && !label.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    if !(kinds.iter().any(|kind| ascends(*kind)) || are_words()) {
        return None;
    }
    let mut last = None;
    let fill = |cell: &Option<String>| {
        last = cell.clone().or_else(|| last.take());
        last.clone()
    };
    Some(cells.iter().map(fill).collect())
}

/// Whether each of the first cells of a column is a year or a date.
fn has_time_in_each_row(table: &Table, at: usize) -> bool {
    let cells = &table.columns[at].cells;
    (0..table.rows.min(FIRST_ROWS)).all(|row| cells.text(row).is_some_and(|cell| is_date(&narrow(&cell))))
}
