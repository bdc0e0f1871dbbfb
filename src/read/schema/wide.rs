//! Files with many series side by side: a column for each, or a row for each with the times in the header.

use crate::error::Result;
use crate::panel::repair_log::BadRowPolicy;
use crate::panel::series::Columns;
use crate::read::parse::datetime::Reading;
use crate::read::parse::number;
use crate::read::parse::number::{Reader, Unread};
use crate::read::parse::time_index;
use crate::read::parse::time_index::TimeIndex;
use crate::read::schema::ids;
use crate::read::schema::ids::Groups;
use crate::read::schema::infer::{ColumnInference, Schema};
use crate::read::table::{Bad, Cells};

/// What the target and the column of names are called where the file has a column for each series.
const VALUE: &str = "value";
const SERIES: &str = "series";

/// The values of several columns.
#[derive(Debug)]
pub(crate) struct Wide {
    pub(crate) values: Vec<Vec<f64>>,
    pub(crate) notices: Vec<String>,
}

/// Reads columns of numbers, all in one pass over the file.
///
/// # Errors
/// The first column that cannot be read, and why.
pub(crate) fn read_columns(chooser: &ColumnInference<'_>, columns: &[usize]) -> Result<Wide, (usize, Unread)> {
    let (table, decimal) = (chooser.table, chooser.decimal);
    let skip = chooser.options.bad_rows == BadRowPolicy::Skip;
    let mut read = Vec::with_capacity(columns.len());
    match table.text() {
        Some(text) if columns.len() > 1 => {
            let mut readers: Vec<Reader> = columns.iter().map(|_| Reader::new(decimal, table.rows)).collect();
            let mut order: Vec<(usize, usize)> = columns.iter().copied().enumerate().map(|(at, c)| (c, at)).collect();
            order.sort_unstable();
            for row in 0..table.rows {
                let mut cells = text.cells(row).enumerate();
                for (column, reader) in &order {
                    let cell = cells.find(|(at, _)| at == column).map(|(_, cell)| cell);
                    readers[*reader].push(row, cell.as_deref());
                }
            }
            for (column, reader) in columns.iter().zip(readers) {
                read.push(reader.finish(skip).map_err(|unread| (*column, unread))?);
            }
        }
        _ => {
            for column in columns {
                let cells = &table.columns[*column].cells;
                read.push(number::read(cells, decimal, skip).map_err(|unread| (*column, unread))?);
            }
        }
    }
    let mut notices = Vec::new();
    if let Some(at) = read.iter().position(|(numbers, _)| numbers.percent) {
        let name = chooser.name(columns[at]);
        notices.push(format!("column {name} is in percent: 12% is read as 12"));
    }
    let bad: Vec<&Bad> = read.iter().map(|(_, bad)| bad).filter(|bad| bad.count > 0).collect();
    if let Some(first) = bad.first() {
        let (count, place) = (bad.iter().map(|bad| bad.count).sum::<usize>(), table.places.of(first.rows[0]));
        let cells = if count == 1 { "cell that is no number" } else { "cells that are no numbers" };
        notices.push(format!("{count} {cells} read as missing, the first on {place}"));
    }
    Ok(Wide { values: read.into_iter().map(|(numbers, _)| numbers.values).collect(), notices })
}

impl Wide {
    /// The roles with these values: as they are where it is one column, and otherwise once for each column.
    pub(crate) fn spread(mut self, mut roles: Schema, names: &[String]) -> Schema {
        let width = self.values.len();
        if width == 1 {
            roles.values = self.values.pop().unwrap_or_default();
            return roles;
        }
        let rows = roles.axis.ticks.len();
        let count = roles.groups.count;
        let (mut values, mut ticks, mut codes) =
            (Vec::with_capacity(rows * width), Vec::with_capacity(rows * width), Vec::with_capacity(rows * width));
        let mut keys = Vec::with_capacity(count * width);
        for (at, (column, name)) in self.values.into_iter().zip(names).enumerate() {
            values.extend(column);
            ticks.extend_from_slice(&roles.axis.ticks);
            codes.extend(roles.groups.codes.iter().map(|code| code + (at * count) as u32));
            keys.extend(roles.keys.iter().map(|key| key.iter().cloned().chain([name.clone()]).collect::<Vec<_>>()));
        }
        roles.notices.push(format!("a series for each of {width} columns: {}", listed(names)));
        roles.columns.ids.push(free_name(SERIES, &roles.columns));
        roles.columns.target = VALUE.into();
        let zoned = match roles.axis.zoned {
            time_index::Zoned::Each(each) => time_index::Zoned::Each(each.repeat(width)),
            other => other,
        };
        roles.axis = TimeIndex { ticks, zoned, ..roles.axis };
        roles.groups = Groups { codes, count: count * width };
        Schema { values, keys, ..roles }
    }
}

/// The first few of many names.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 3;
    match names {
        [first @ .., last] if names.len() > SHOWN + 1 => format!("{}, … {last}", first[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

fn free_name(wanted: &str, columns: &Columns) -> String {
    let taken = |name: &str| columns.time.as_deref() == Some(name) || columns.ids.iter().any(|id| id == name);
    let mut name = wanted.to_owned();
    while taken(&name) {
        name.insert(0, '_');
    }
    name
}

/// Whether columns are plainly one thing in several places: names that differ in a number or in what follows a mark.
pub(crate) fn are_alike(names: &[String]) -> bool {
    const FEWEST: usize = 3;
    if names.len() < FEWEST {
        return false;
    }
    let first = &names[0];
    let shared = |name: &String| first.chars().zip(name.chars()).take_while(|(one, other)| one == other).count();
    let common = names[1..].iter().map(shared).min().unwrap_or(0);
    let prefix: String = first.chars().take(common).collect();
    let stem = prefix.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = |name: &String| {
        let rest = name.strip_prefix(stem).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    names.iter().all(numbered)
}

/// A file that has a row for each series.
#[derive(Debug)]
pub(crate) struct Across {
    /// The columns that stand for a time each, and the times.
    columns: Vec<usize>,
    axis: TimeIndex,
}

/// Times in the header: at least so many.
const FEWEST_TIMES: usize = 4;

/// Whether the header holds times, and a row is a series.
pub(crate) fn across(chooser: &ColumnInference<'_>) -> Option<Across> {
    let (options, looks) = (chooser.options, &chooser.looks);
    if options.time.is_some() || options.target.is_some() || !options.wide.is_empty() {
        return None;
    }
    let columns: Vec<usize> =
        (0..looks.len()).filter(|at| looks[*at].is_number() || chooser.samples[*at].is_empty()).collect();
    let names: Vec<String> = columns.iter().map(|at| chooser.name(*at)).collect();
    let has_time = chooser.time(&[]).is_some_and(|time| looks[time].is_surely_time());
    if has_time {
        return None;
    }
    if let Some((reading, share)) = time_index::likely(&names).filter(|(reading, _)| *reading != Reading::Index) {
        let fits = |name: &String| reading.read(name, crate::read::parse::datetime::Century::DEFAULT).is_some();
        let of_times: Vec<usize> =
            columns.iter().copied().zip(&names).filter(|(_, name)| fits(name)).map(|(at, _)| at).collect();
        if of_times.len() >= FEWEST_TIMES && share >= 0.5 {
            let cells: polars::prelude::StringChunked = of_times.iter().map(|at| Some(chooser.name(*at))).collect();
            let axis = time_index::read(&Cells::Text(cells), options.dates, false).ok();
            return axis.map(|axis| Across { columns: of_times, axis });
        }
    }
    numbered_steps(&columns, &names)
}

/// Columns that count on, such as `d_1` to `d_1941` or `V2` to `V800`, are steps of an index.
fn numbered_steps(columns: &[usize], names: &[String]) -> Option<Across> {
    const FEWEST: usize = 10;
    let last = names.last()?;
    let stem = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = |name: &String| name.strip_prefix(stem).and_then(|rest| rest.parse::<i64>().ok());
    let numbers: Vec<Option<i64>> = names.iter().map(number).collect();
    let begin =
        numbers.windows(2).rposition(|pair| !matches!(pair, [Some(a), Some(b)] if a.checked_add(1) == Some(*b)));
    let begin = begin.map_or(0, |at| at + 1);
    let counted: Vec<i64> = numbers[begin..].iter().copied().flatten().collect();
    (counted.len() >= FEWEST && !stem.is_empty())
        .then(|| Across { columns: columns[begin..].to_vec(), axis: TimeIndex::index(counted) })
}

/// The roles of a file that has a row for each series.
pub(crate) fn rows_of_series(
    chooser: &ColumnInference<'_>,
    across: Across,
    mut notices: Vec<String>,
) -> Result<Schema> {
    let table = chooser.table;
    let wide = read_columns(chooser, &across.columns).map_err(|(at, unread)| chooser.unread(at, unread))?;
    let asked = chooser.options.ids.iter().map(|name| chooser.named(name, "--id")).collect::<Result<Vec<usize>>>()?;
    let others = (0..table.columns.len()).filter(|at| !across.columns.contains(at));
    let words = others.filter(|at| chooser.looks[*at].is_words() || chooser.looks[*at].is_numbered());
    let ids: Vec<usize> = if asked.is_empty() { words.collect() } else { asked };
    let group = |at: &usize| Groups::of(&table.columns[*at].cells);
    let groups = if ids.is_empty() && table.rows > 1 {
        Groups { codes: (0..table.rows as u32).collect(), count: table.rows }
    } else {
        Groups::all(&ids.iter().map(group).collect::<Vec<_>>(), table.rows)
    };
    let mut keys: Vec<Vec<String>> = vec![Vec::new(); groups.count];
    for (row, code) in groups.codes.iter().enumerate().filter(|_| !ids.is_empty()) {
        let key = &mut keys[*code as usize];
        if key.is_empty() {
            let cell = |id: &usize| ids::key(table.columns[*id].cells.text(row).as_deref()).to_owned();
            *key = ids.iter().map(cell).collect();
        }
    }
    let mut names: Vec<String> = ids.iter().map(|id| chooser.name(*id)).collect();
    if ids.is_empty() && table.rows > 1 {
        keys = (1..=table.rows).map(|row| vec![row.to_string()]).collect();
        names = vec!["row".into()];
    }
    let shown: Vec<String> = across.columns.iter().map(|at| chooser.name(*at)).collect();
    notices.push(format!("a row for each series, a column for each time: {}", listed(&shown)));
    notices.extend(wide.notices);
    let (rows, width) = (table.rows, across.columns.len());
    let ticks = across.axis.ticks.iter().flat_map(|time| std::iter::repeat_n(*time, rows)).collect();
    let time = if across.axis.clock {
        "time"
    } else if across.axis.years {
        "year"
    } else {
        "step"
    };
    let columns = Columns { time: Some(time.into()), target: VALUE.into(), ids: names };
    Ok(Schema {
        columns,
        axis: TimeIndex { ticks, ..across.axis },
        values: wide.values.concat(),
        groups: Groups { codes: groups.codes.repeat(width), count: groups.count },
        keys,
        candidates: Vec::new(),
        beside: Vec::new(),
        notices,
    })
}
