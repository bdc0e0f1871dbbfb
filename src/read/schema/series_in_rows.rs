//! Files with one row for each series and the times in the header.

use polars::prelude::StringChunked;

use crate::error::Result;
use crate::error::data_problem::Setting;
use crate::panel::series::Columns;
use crate::read::notice::Notice;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::parsed_time::CenturyWindow;
use crate::read::parse::time_index::{TimeIndex, likely_format, parse_times};
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::number_columns::NumberColumns;
use crate::read::schema::roles::Schema;
use crate::read::schema::series_groups::Groups;
use crate::read::schema::series_in_columns::VALUE_NAME;
use crate::read::table::Cells;

#[derive(Debug)]
pub(crate) struct HeaderTimes {
    /// The columns whose names are times.
    columns: Vec<usize>,
    times: TimeIndex,
}

/// With fewer dates in the header, the rows are not series.
const MIN_DATES: usize = 4;
/// With fewer step numbers in the header, the rows are not series.
const MIN_STEPS: usize = 10;

pub(crate) fn header_times(inference: &ColumnInference<'_>) -> Option<HeaderTimes> {
    let (options, profiles) = (inference.options, &inference.profiles);
    if options.time.is_some() || options.target.is_some() || !options.wide.is_empty() {
        return None;
    }
    let may_hold_values = |at: &usize| profiles[*at].is_number() || inference.samples[*at].is_empty();
    let columns: Vec<usize> = inference.columns().filter(may_hold_values).collect();
    let names: Vec<String> = columns.iter().map(|at| inference.name(*at)).collect();
    let has_time = inference.likely_time(&[]).is_some_and(|time| profiles[time].is_surely_time());
    if has_time {
        return None;
    }
    if let Some((format, share)) = likely_format(&names).filter(|(format, _)| *format != DateFormat::Index) {
        let is_date = |name: &String| format.parse(name, CenturyWindow::DEFAULT).is_some();
        let dates: Vec<usize> =
            columns.iter().copied().zip(&names).filter(|(_, name)| is_date(name)).map(|(at, _)| at).collect();
        if dates.len() >= MIN_DATES && share >= 0.5 {
            let cells: StringChunked = dates.iter().map(|at| Some(inference.name(*at))).collect();
            let times = parse_times(&Cells::Text(cells), options.dates, false).ok();
            return times.map(|times| HeaderTimes { columns: dates, times });
        }
    }
    step_numbers(&columns, &names)
}

/// The step numbers at the end of names, if they are consecutive, as in `d_1` to `d_1941`.
fn step_numbers(columns: &[usize], names: &[String]) -> Option<HeaderTimes> {
    let last = names.last()?;
    let stem = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = |name: &String| name.strip_prefix(stem).and_then(|rest| rest.parse::<i64>().ok());
    let numbers: Vec<Option<i64>> = names.iter().map(number).collect();
    let is_break = |pair: &[Option<i64>]| !matches!(pair, [Some(a), Some(b)] if a.checked_add(1) == Some(*b));
    let start = numbers.windows(2).rposition(is_break).map_or(0, |at| at + 1);
    let steps: Vec<i64> = numbers[start..].iter().copied().flatten().collect();
    (steps.len() >= MIN_STEPS && !stem.is_empty())
        .then(|| HeaderTimes { columns: columns[start..].to_vec(), times: TimeIndex::of_integers(steps) })
}

pub(crate) fn schema(inference: &ColumnInference<'_>, header: HeaderTimes, mut notices: Vec<Notice>) -> Result<Schema> {
    let table = inference.table;
    let (rows, width) = (table.rows, header.columns.len());
    table.check_rows(width)?;
    let numbers =
        NumberColumns::parse(inference, &header.columns).map_err(|(at, error)| inference.number_error(at, error))?;
    let (ids, groups, keys) = series_of_rows(inference, &header)?;
    notices.push(Notice::SeriesInRows { columns: header.columns.iter().map(|at| inference.name(*at)).collect() });
    notices.extend(numbers.notices);
    let ticks = header.times.ticks.iter().flat_map(|time| std::iter::repeat_n(*time, rows)).collect();
    let time = match (header.times.is_calendar, header.times.is_year) {
        (true, _) => "time",
        (false, true) => "year",
        (false, false) => "step",
    };
    Ok(Schema {
        columns: Columns { time: Some(time.into()), target: VALUE_NAME.into(), ids },
        times: TimeIndex { ticks, ..header.times },
        values: numbers.values.concat(),
        groups: Groups { codes: groups.codes.repeat(width), count: groups.count },
        keys,
        id_candidates: Vec::new(),
        covariates: Vec::new(),
        notices,
    })
}

/// The names of the id columns, the series of each row, and the id values of each series. Without id columns each row is a
/// series with its number as the id.
fn series_of_rows(
    inference: &ColumnInference<'_>,
    header: &HeaderTimes,
) -> Result<(Vec<String>, Groups, Vec<Vec<String>>)> {
    let table = inference.table;
    let requested = inference.find_all(&inference.options.ids, Setting::Ids)?;
    let others = inference.columns().filter(|at| !header.columns.contains(at));
    let named = others.filter(|at| inference.profiles[*at].is_text() || inference.profiles[*at].is_entity_number());
    let ids: Vec<usize> = if requested.is_empty() { named.collect() } else { requested };
    if ids.is_empty() && table.rows > 1 {
        let keys = (1..=table.rows).map(|row| vec![row.to_string()]).collect();
        return Ok((vec!["row".into()], Groups::one_per_row(table.rows), keys));
    }
    let group = |at: &usize| Groups::of_column(&table.columns[*at].cells);
    let groups = Groups::of_columns(&ids.iter().map(group).collect::<Vec<_>>(), table.rows);
    let keys = groups.keys(table, &ids);
    Ok((ids.iter().map(|id| inference.name(*id)).collect(), groups, keys))
}
