//! Years of eras and of Taiwan, which are written as years of the common era, and the era that years below it have, too.

use crate::read::notice::Notice;
use crate::read::parse::east_asian::{era_of, narrow, split_era, year_of_era, year_of_taiwan};
use crate::read::table::{Cells, Table};
use crate::read::written_once::cells::{Texts, has_time_in_each_row, is_text, texts};

/// The longest era has so many years.
const LONGEST_ERA: i32 = 64;
/// Names of a column of eras, whose cells may be initials.
const ERA_NAMES: [&str; 5] = ["元号", "年号", "和暦", "era", "gengo"];

/// Names of a column of years of eras, in lower case.
const YEAR_NAMES: [&str; 7] = ["年", "年度", "年次", "年数", "年份", "year", "yr"];

/// Writes the years of a column of eras and the column of years after it as years of the common era. The column of years has
/// a usual name, or the word for a year in each cell. The column of eras is removed.
pub(super) fn join_eras(table: &mut Table) {
    let is_era = |name: &str, cell: &str| {
        let cell = cell.trim();
        let is_named = ERA_NAMES.contains(&name.to_lowercase().as_str());
        era_of(cell).is_some_and(|_| is_named || split_era(cell).is_some())
    };
    let are_eras = |at: &usize| {
        let column = &table.columns[*at];
        let first = if is_text(table, *at) { column.cells.text(0) } else { None };
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
pub(super) fn add_years_of_taiwan(table: &mut Table) {
    const NAMES: [&str; 5] = ["民國年", "民国年", "年", "年度", "年份"];
    let common = |cell: Option<&str>| Some((year_of_taiwan(cell?.trim())?).to_string());
    let is_named = |at: &usize| NAMES.contains(&table.columns[*at].name.as_str());
    let Some(at) = (0..table.columns.len()).find(is_named) else { return };
    let cells = &table.columns[at].cells;
    if !is_text(table, at) || common(cells.text(0).as_deref()).is_none() {
        return;
    }
    let years: Option<Texts> = texts(cells).iter().map(|cell| common(cell.as_deref()).map(Some)).collect();
    let Some(years) = years else { return };
    let (column, first, value) = (table.columns[at].name.clone(), table.location(0), years[0].clone());
    table.notices.push(Notice::YearsOfTaiwan { column, first, value: value.unwrap_or_default() });
    table.columns[at].cells = Cells::Text(years.into_iter().collect());
}

/// Names of a column of months of eras, in lower case, beyond those with a word of Japanese.
const MONTH_NAMES: [&str; 10] =
    ["date", "month", "period", "time", "year", "yearmonth", "year_month", "year month", "ym", "ds"];

/// A month of an era of Japan by its initial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MonthOfEra {
    /// The months from the start of the common era to it.
    number: i32,
}

impl MonthOfEra {
    /// The month of a cell such as `R2.1` or `H25/01`. `None` if the era does not have it.
    fn parse(cell: &str) -> Option<Self> {
        let cell = narrow(cell);
        let cell = cell.trim();
        let era = cell.get(..1).filter(|initial| ["R", "H", "S"].contains(initial))?;
        let (year, month) = cell[1..].split_once(['.', '/'])?;
        let is_short = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_short(year) || !is_short(month) {
            return None;
        }
        let number = |part: &str| part.parse::<i32>().ok().filter(|number| *number > 0);
        let (before, month) = (era_of(era)?, number(month).filter(|month| *month <= 12)?);
        let own = Self { number: (before + number(year)?) * 12 + month - 1 };
        let (first, last) = MONTHS_OF_ERAS.iter().find(|(initial, ..)| *initial == era).map(|(_, of)| *of)?;
        (first..=last).contains(&own.number).then_some(own)
    }

    fn common(self) -> String {
        format!("{}-{:02}", self.number.div_euclid(12), self.number.rem_euclid(12) + 1)
    }
}

/// The first and the last month of each era by its initial.
const MONTHS_OF_ERAS: [(&str, (i32, i32)); 3] =
    [("S", (1926 * 12 + 11, 1989 * 12)), ("H", (1989 * 12, 2019 * 12 + 3)), ("R", (2019 * 12 + 4, 2082 * 12 + 11))];

/// Writes months of eras of Japan such as `R2.1` as months of the common era. Codes may look the same, so the months of the
/// rows have to follow one another, no other column has times, and the column has no name or one of a time.
pub(super) fn write_months_of_eras(table: &mut Table) {
    const MIN_MONTHS: usize = 6;
    let first = |at: &usize| table.columns[*at].cells.text(0).and_then(|cell| MonthOfEra::parse(&cell));
    let are_months = |at: &usize| is_text(table, *at) && first(at).is_some();
    let is_named = |at: &usize| {
        let name = table.columns[*at].name.trim().to_lowercase();
        name.is_empty() || MONTH_NAMES.contains(&name.as_str()) || name.contains(['年', '月', '期', '時'])
    };
    let Some(at) = (0..table.columns.len()).filter(is_named).find(are_months) else { return };
    let cells = texts(&table.columns[at].cells);
    let months: Option<Vec<Option<MonthOfEra>>> =
        cells.iter().map(|cell| cell.as_deref().map_or(Some(None), |cell| MonthOfEra::parse(cell).map(Some))).collect();
    let Some(months) = months else { return };
    let mut distinct: Vec<i32> = months.iter().flatten().map(|month| month.number).collect();
    let is_start = |number: i32| number == distinct[0];
    // the rows of a series may follow those of another
    let follows = |pair: &[i32], step: i32| pair[1] == pair[0] || pair[1] == pair[0] + step || is_start(pair[1]);
    let are_in_order = [1, -1].into_iter().any(|step| distinct.windows(2).all(|pair| follows(pair, step)));
    distinct.sort_unstable();
    distinct.dedup();
    let others = (0..table.columns.len()).filter(|other| *other != at && is_text(table, *other));
    if !are_in_order
        || distinct.len() < MIN_MONTHS
        || others.into_iter().any(|other| has_time_in_each_row(table, other))
    {
        return;
    }
    let cells: Texts = months.into_iter().map(|month| month.map(MonthOfEra::common)).collect();
    let (column, first) = (table.columns[at].name.clone(), table.location(0));
    let value = cells[0].clone().unwrap_or_default();
    table.notices.push(Notice::MonthsOfEras { column, first, value });
    table.columns[at].cells = Cells::Text(cells.into_iter().collect());
}

/// The cells with the era of each year, where eras are written at their first years only: `令和2年`, `3年`. `None` if they
/// are not.
pub(super) fn with_eras(cells: &Texts) -> Option<Texts> {
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
