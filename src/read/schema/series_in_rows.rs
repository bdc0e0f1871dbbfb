//! Files with one row for each series and the times in the header.

use std::collections::HashSet;

use crate::error::{Result, Setting};
use crate::panel::{Columns, series::TIME_NAME};
use crate::read::parse::format_search::likely_format;
use crate::read::parse::time_index::{ColumnOffsets, TimeError, TimeIndex, parse_times};
use crate::read::parse::total_words::is_total;
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat};
use crate::read::schema::roles::{Schema, VALUE_NAME};
use crate::read::table::Cells;
use crate::read::{notice::Notice, schema::column_inference::ColumnInference, schema::series_groups::Groups};

/// The columns whose names are times, and these times.
pub(crate) type HeaderTimes = (Vec<usize>, TimeIndex);

/// With fewer dates in the header, the rows are series only if all other columns may name them.
pub(crate) const MIN_DATES: usize = 4;
/// With fewer step numbers in the header, the rows are not series.
const MIN_STEPS: usize = 10;

pub(crate) fn header_times(inference: &ColumnInference<'_>) -> Result<Option<HeaderTimes>> {
    let (options, profiles) = (inference.options, &inference.profiles);
    let is_time = |time: usize| profiles[time].is_surely_time() && !inference.is_date_of_update(time);
    if options.time.is_some() || options.target.is_some() || inference.likely_time(&[]).is_some_and(is_time) {
        return Ok(None);
    }
    let ids = inference.find_all(&options.ids, Setting::Ids)?;
    let may_hold_values =
        |at: &usize| !ids.contains(at) && (profiles[*at].is_number() || inference.samples[*at].is_empty());
    let columns: Vec<usize> = inference.columns().filter(may_hold_values).collect();
    let of_named_rows = inference.times_of_named_rows(&columns, &ids)?;
    if !options.wide.is_empty() {
        // The series of the rows are named, so that columns of times are no further series.
        let is_time = |(times, _): &HeaderTimes| {
            inference.means_all(&options.wide)
                || options.wide.iter().all(|name| times.iter().any(|at| inference.name(*at) == *name))
        };
        return Ok(of_named_rows.filter(is_time));
    }
    let names = inference.names(&columns);
    if let Some(of_step) = inference.times_of_shortest_step(&columns)? {
        return Ok(Some(of_step));
    }
    if let Some((format, share)) = likely_format(&names).filter(|(format, _)| *format != DateFormat::Index) {
        let is_date = |(_, name): &(&usize, &String)| format.parse_flagged(name, CenturyWindow::DEFAULT).is_some();
        let dates: Vec<usize> = columns.iter().zip(&names).filter(is_date).map(|(at, _)| *at).collect();
        if dates.len() >= MIN_DATES && share >= 0.5 {
            return Ok(inference.times_of_names(&dates)?.map(|times| (dates, times)));
        }
    }
    if let Some(found) = inference.periods_among_words(&columns)? {
        return Ok(Some(found));
    }
    if let Some(few) = inference.few_dates(&columns)? {
        return Ok(Some(few));
    }
    let years = inference.regular_years(&columns).or(of_named_rows);
    let may_be_steps = !inference.table.notices.iter().any(|notice| matches!(notice, Notice::NoHeader { .. }));
    Ok(years.or_else(|| step_numbers(&columns, &names).filter(|_| may_be_steps)))
}

/// The step numbers at the end of names, if they are consecutive, as in `d_1` to `d_1941`. In `x1_1` to `x5_12`, the last
/// twelve are a part of the columns only.
fn step_numbers(columns: &[usize], names: &[String]) -> Option<HeaderTimes> {
    let stem = names.last()?.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = |name: &String| name.strip_prefix(stem).and_then(|rest| rest.parse::<i64>().ok());
    let numbers: Vec<Option<i64>> = names.iter().map(number).collect();
    let is_break = |pair: &[Option<i64>]| !matches!(pair, [Some(a), Some(b)] if a.checked_add(1) == Some(*b));
    let start = numbers.windows(2).rposition(is_break).map_or(0, |at| at + 1);
    let before_digits = &stem[..stem.find(|c: char| c.is_ascii_digit()).unwrap_or(stem.len())];
    let is_alike = |name: &String| {
        let rest = name.strip_prefix(before_digits).unwrap_or_default();
        let is_digit = |c: char| c.is_ascii_digit();
        rest.starts_with(is_digit) && rest.ends_with(is_digit)
    };
    if names[..start].iter().any(is_alike) {
        return None;
    }
    let steps: Vec<i64> = numbers[start..].iter().copied().flatten().collect();
    (steps.len() >= MIN_STEPS && !stem.is_empty()).then(|| (columns[start..].to_vec(), TimeIndex::of_integers(steps)))
}

impl ColumnInference<'_> {
    /// The times in the names of columns. `None` if some are not times.
    pub(crate) fn times_of_names(&self, columns: &[usize]) -> Result<Option<TimeIndex>> {
        self.times_of_texts(&self.names(columns))
    }

    /// The times in the header. `None` if some of these texts are not times.
    pub(crate) fn times_of_texts(&self, names: &[String]) -> Result<Option<TimeIndex>> {
        let cells = Cells::Text(names.iter().cloned().map(Some).collect());
        match parse_times(&cells, self.options.date_rules(), false) {
            Ok(times) => Ok(Some(times)),
            Err(TimeError::AmbiguousOrder(at)) => {
                Err(self.ambiguous_dates(&names[at], self.table.locations.of(0), names[at].clone()))
            }
            Err(TimeError::FiscalPeriod(at)) => {
                Err(self.fiscal_period(names[at].clone(), self.table.locations.of(0), names[at].clone()))
            }
            Err(TimeError::Cells(_)) => Ok(None),
        }
    }

    /// Whether a column of numbers before the times names the series: whole numbers, each in one row.
    pub(crate) fn is_code_of_series(&self, at: usize, time_columns: &[usize]) -> bool {
        let profile = &self.profiles[at];
        let may_name = at == 0 || profile.is_named_code();
        time_columns.first().is_some_and(|first| at < *first)
            && may_name
            && profile.is_whole
            && !profile.is_row_number()
            && !is_total(&profile.name)
            && self.are_rows_distinct(&[at])
    }

    /// The schema of a file with one row for each series and one column for each time.
    pub(crate) fn series_in_rows(&self, (columns, times): HeaderTimes, mut notices: Vec<Notice>) -> Result<Schema> {
        let (rows, width) = (self.table.rows, columns.len());
        self.table.check_rows(width)?;
        let numbers = self.numbers(&columns).map_err(|error| self.number_error(error))?;
        let (ids, groups, keys) = self.series_of_rows(&columns)?;
        notices.push(Notice::SeriesInRows { columns: self.names(&columns) });
        let has_role = |at: &usize| columns.contains(at) || ids.contains(&self.name(*at));
        notices.extend(self.numbers_left_out(has_role));
        notices.extend(numbers.notices);
        let time = match (times.is_calendar, times.is_year) {
            (true, _) => TIME_NAME,
            (false, true) => "year",
            (false, false) => "step",
        };
        let ticks = times.ticks.iter().flat_map(|time| std::iter::repeat_n(*time, rows)).collect();
        let offsets = match times.offsets {
            ColumnOffsets::PerRow(offsets) => {
                let of_rows = offsets.into_iter().flat_map(|offset| std::iter::repeat_n(offset, rows));
                ColumnOffsets::PerRow(of_rows.collect())
            }
            of_all => of_all,
        };
        Ok(Schema {
            columns: Columns { time: Some(time.into()), target: VALUE_NAME.into(), ids },
            times: TimeIndex { ticks, offsets, ..times },
            values: numbers.values.concat(),
            groups: Groups { codes: groups.codes.repeat(width), count: groups.count },
            keys,
            id_candidates: Vec::new(),
            covariates: Vec::new(),
            without_history: HashSet::new(),
            notices,
            decimal: self.shown_decimal,
        })
    }

    /// Whether a column has the flags of the time before it: it is right of the first time and named so, or mostly empty.
    pub(crate) fn is_flag_of_times(&self, at: usize, time_columns: &[usize]) -> bool {
        const NAMES: [&str; 7] = ["flag", "note", "footnote", "status", "symbol", "remark", "column"];
        let is_named = NAMES.iter().any(|name| self.profiles[at].name.contains(name));
        let is_sparse = self.samples[at].len() * 2 < self.table.rows;
        time_columns.first().is_some_and(|first| at > *first) && (is_named || is_sparse)
    }

    /// The names of the id columns, the series of each row, and the id values of each series. Without id columns each row
    /// is a series with its number as the id.
    fn series_of_rows(&self, time_columns: &[usize]) -> Result<(Vec<String>, Groups, Vec<Vec<String>>)> {
        let (table, profiles) = (self.table, &self.profiles);
        let mut ids = self.find_all(&self.options.ids, Setting::Ids)?;
        if ids.is_empty() {
            let may_be_id = |at: &usize| profiles[*at].may_be_id();
            let is_id = |at: &usize| may_be_id(at) && !self.is_flag_of_times(*at, time_columns);
            ids = self.columns().filter(|at| !time_columns.contains(at)).filter(is_id).collect();
        }
        if ids.is_empty() {
            let mut others = self.columns().filter(|at| !time_columns.contains(at));
            ids.extend(others.find(|at| self.is_code_of_series(*at, time_columns)));
        }
        if ids.is_empty() && table.rows > 1 {
            let keys = (1..=table.rows).map(|row| vec![row.to_string()]).collect();
            let groups = Groups { codes: (0..table.rows as u32).collect(), count: table.rows };
            return Ok((vec!["row".into()], groups, keys));
        }
        let groups = Groups::of_columns(table, &ids);
        let keys = groups.keys(table, &ids);
        Ok((self.names(&ids), groups, keys))
    }
}
