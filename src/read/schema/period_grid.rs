//! Files whose rows and columns together are the times: years by months, months by years, days by hours.

use std::collections::HashSet;

use chrono_tz::Tz;

use crate::error::{DataProblem, Rejected, Result, Setting, location::MAX_LISTED};
use crate::panel::{Columns, series::TIME_NAME};
use crate::read::notice::Notice;
use crate::read::parse::clock_change::{DayHour, NumberedHours};
use crate::read::parse::format_search::likely_format;
use crate::read::parse::period_part::{PartKind, PartStyle, PeriodPart, hour_starts};
use crate::read::parse::time_index::{ColumnOffsets, NO_TIME, TimeIndex, Totals, present};
use crate::read::parse::total_words::is_total;
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat};
use crate::read::schema::fiscal_years::YearsOfGrid;
use crate::read::schema::roles::{Schema, VALUE_NAME};
use crate::read::schema::{column_inference::ColumnInference, series_groups::Groups};
use crate::time::timestamp::{DAY, HOUR, datetime_at, midnight, month_day, month_number};
use crate::time::{Frequency, Timestamp};

/// The periods that have parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Year,
    Month,
    Date,
}

impl Whole {
    /// The periods of times; `None` if the times have a time of day or are an index.
    fn of(times: &TimeIndex) -> Option<Self> {
        if times.is_year {
            return Some(Self::Year);
        }
        let are_dates = times.is_calendar && present(&times.ticks).all(|time| time % DAY == 0);
        let starts_month = |time: i64| {
            let first = datetime_at(time).and_then(|time| month_day(month_number(time), 1));
            first.is_some_and(|first| midnight(first) == time)
        };
        match are_dates {
            true if present(&times.ticks).all(starts_month) => Some(Self::Month),
            true => Some(Self::Date),
            false => None,
        }
    }

    fn has(self, kind: PartKind) -> bool {
        match kind {
            PartKind::Month | PartKind::Quarter | PartKind::Week | PartKind::MonthAndDay | PartKind::DayAndMonth => {
                self == Self::Year
            }
            PartKind::Day => self == Self::Month,
            // The only date of a file may be the first of a month.
            PartKind::Hour => matches!(self, Self::Date | Self::Month),
            PartKind::HalfHour | PartKind::QuarterHour => self == Self::Date,
        }
    }

    fn plural(self, kind: PartKind) -> &'static str {
        match self {
            Self::Year => "years",
            _ if kind.length_in_day().is_some() => "days",
            Self::Month => "months",
            Self::Date => "days",
        }
    }
}

/// Periods in the rows and their parts in the columns, or the reverse.
pub(crate) struct PeriodGrid {
    /// The column of the periods or the parts in the rows.
    time: usize,
    /// Further columns with parts of the periods in the rows.
    used: Vec<usize>,
    /// The columns of the values.
    columns: Vec<usize>,
    kind: PartKind,
    whole: Whole,
    are_parts_in_columns: bool,
    /// The periods or parts of the rows.
    rows: TimeIndex,
    /// The periods or parts of the columns.
    across: Vec<i64>,
    /// Whether hours begin one hour before their number.
    counts_from_one: bool,
    /// The first month of a year that spans two calendar years.
    first_month: i64,
}

/// The layout of the file, if rows and columns together are its times.
pub(crate) fn find(inference: &ColumnInference<'_>) -> Result<Option<PeriodGrid>> {
    let options = inference.options;
    if options.target.is_some() || !options.wide.is_empty() {
        return Ok(None);
    }
    let ids = inference.find_all(&options.ids, Setting::Ids)?;
    let may_hold_values =
        |at: &usize| !ids.contains(at) && (inference.profiles[*at].is_number() || inference.samples[*at].is_empty());
    let columns: Vec<usize> = inference.columns().filter(may_hold_values).collect();
    match parts_in_columns(inference, &columns, &ids)? {
        None if options.time.is_none() => parts_in_rows(inference, &columns, &ids),
        found => Ok(found),
    }
}

fn parts_in_columns(inference: &ColumnInference<'_>, columns: &[usize], ids: &[usize]) -> Result<Option<PeriodGrid>> {
    // Numbers that are not all parts of a kind are parts of another.
    let has_months = has_unnamed_months(inference);
    let name = |at: usize| if has_months { at.to_string() } else { inference.name(at) };
    let is_number = |at: &&usize| name(**at).bytes().all(|byte| byte.is_ascii_digit());
    let numbered = columns.iter().filter(|at| !(has_months && **at == 0)).filter(is_number).count();
    // A 13th month is the total of a year.
    let has_13 = columns.iter().any(|at| inference.table.columns[*at].name == "13");
    let extra = |kind: PartKind| usize::from(kind == PartKind::Month && has_13 && numbered == 13);
    for kind in PartKind::ALL {
        let part = |at: &usize| kind.parse(&name(*at)).map(|part| (*at, part));
        let (columns, parts): (Vec<usize>, Vec<PeriodPart>) = columns.iter().filter_map(part).unzip();
        let is_bare = |part: &PeriodPart| part.style == PartStyle::Bare;
        if !kind.is_whole(&parts) || (parts.iter().any(is_bare) && parts.len() + extra(kind) < numbered) {
            continue;
        }
        let taken = [columns.as_slice(), ids].concat();
        let named = inference.options.time.as_ref().map(|name| inference.find(name, Setting::Time)).transpose()?;
        let is_named = parts.iter().all(|part| part.style == PartStyle::Named);
        let Some(time) = named.or_else(|| inference.likely_time(&taken)) else {
            if kind == PartKind::Month && is_named {
                let name = |at: Option<&usize>| at.map_or_else(String::new, |at| inference.name(*at));
                let (first, last) = (name(columns.first()), name(columns.last()));
                let (parts, whole) = (kind.plural(), "year");
                return Err(inference.table.error(DataProblem::PartsWithoutPeriod { first, last, parts, whole }));
            }
            continue;
        };
        let format = inference.profiles[time].date_format();
        let may_be_whole = format.is_some_and(|format| format.is_year() || !format.is_index());
        if !may_be_whole || taken.contains(&time) {
            continue;
        }
        let times = inference.times(time)?;
        let free: Vec<usize> = inference.columns().filter(|at| !taken.contains(at) && *at != time).collect();
        let (used, completed) = inference.complete_times(&times, None, &free)?;
        let rows = completed.unwrap_or(times);
        let Some(whole) = Whole::of(&rows).filter(|whole| whole.has(kind)) else { continue };
        let first_month = inference.first_month(kind, &parts, YearsOfGrid::InColumn(time))?;
        let across = part_values(kind, &parts);
        let counts_from_one = counts_from_one(kind, &parts);
        let (used, are_parts_in_columns) = (used.into_iter().chain([time]).collect(), true);
        let grid = PeriodGrid {
            time,
            used,
            columns,
            kind,
            whole,
            are_parts_in_columns,
            rows,
            across,
            counts_from_one,
            first_month,
        };
        return Ok(Some(grid));
    }
    Ok(None)
}

/// Whether a table without a header has 13 columns of numbers, of which the first has consecutive years. The others are
/// then the months.
fn has_unnamed_months(inference: &ColumnInference<'_>) -> bool {
    const COLUMNS: usize = 13;
    let profiles = &inference.profiles;
    let is_unnamed = |at: usize| inference.name(at) == format!("column {}", at + 1);
    let is_number = |at: usize| profiles[at].is_number() || inference.samples[at].is_empty();
    profiles.len() == COLUMNS
        && inference.columns().all(|at| is_unnamed(at) && is_number(at))
        && inference.likely_time(&[]) == Some(0)
        && profiles[0].date_format().is_some_and(DateFormat::is_year)
}

/// The parts as numbers; for hours these are the times of day at which they begin, in ticks.
fn part_values(kind: PartKind, parts: &[PeriodPart]) -> Vec<i64> {
    match (kind, kind.length_in_day()) {
        (PartKind::Hour, _) => hour_starts(parts),
        (_, Some(length)) => parts.iter().map(|part| (part.number - 1) * length).collect(),
        (_, None) => parts.iter().map(|part| part.number).collect(),
    }
}

fn counts_from_one(kind: PartKind, parts: &[PeriodPart]) -> bool {
    kind == PartKind::Hour && parts.iter().all(|part| part.number >= 1 && part.style != PartStyle::Clock)
}

fn parts_in_rows(inference: &ColumnInference<'_>, columns: &[usize], ids: &[usize]) -> Result<Option<PeriodGrid>> {
    const MIN_PERIODS: usize = 2;
    let free = inference.columns().filter(|at| !ids.contains(at));
    for (at, kind) in free.flat_map(|at| PartKind::ALL.map(|kind| (at, kind))) {
        if !is_column_of_parts(inference, at, kind) {
            continue;
        }
        let columns: Vec<usize> = columns.iter().copied().filter(|column| *column != at).collect();
        let Some((columns, wholes)) = periods_in_names(inference, &columns)? else { continue };
        let Some(whole) = Whole::of(&wholes).filter(|whole| whole.has(kind)) else { continue };
        if columns.len() < MIN_PERIODS {
            continue;
        }
        let mut parts: Vec<Option<PeriodPart>> = Vec::with_capacity(inference.table.rows);
        let mut left_out = Vec::new();
        inference.table.columns[at].cells.for_each(|row, cell| {
            left_out.extend(cell.filter(|cell| is_total(cell)).map(|_| row));
            parts.push(cell.and_then(|cell| kind.parse(cell)));
        });
        let present: Vec<PeriodPart> = parts.iter().flatten().copied().collect();
        let mut values = part_values(kind, &present).into_iter();
        let ticks = parts.iter().map(|part| part.and_then(|_| values.next()).unwrap_or(NO_TIME)).collect();
        let totals = left_out.first().map(|first| Totals { first: *first, text: inference.cell(at, *first).1 });
        let rows = TimeIndex { ticks, left_out, totals, ..TimeIndex::default() };
        let first_month = inference.first_month(kind, &present, YearsOfGrid::InHeader(&columns))?;
        let counts_from_one = counts_from_one(kind, &present);
        return Ok(Some(PeriodGrid {
            time: at,
            used: vec![at],
            columns,
            kind,
            whole,
            are_parts_in_columns: false,
            rows,
            across: wholes.ticks,
            counts_from_one,
            first_month,
        }));
    }
    Ok(None)
}

/// Whether a column has all parts of a kind, and no other cells.
fn is_column_of_parts(inference: &ColumnInference<'_>, at: usize, kind: PartKind) -> bool {
    let cells = inference.samples[at].iter().filter(|cell| !is_total(cell));
    let parts: Option<Vec<PeriodPart>> = cells.map(|cell| kind.parse(cell)).collect();
    let Some(mut parts) = parts else { return false };
    let mut known = HashSet::new();
    parts.retain(|part| known.insert(part.number));
    kind.is_whole(&parts) && (kind != PartKind::Month || parts.len() == 12)
}

/// The columns whose names are periods, and these periods.
fn periods_in_names(inference: &ColumnInference<'_>, columns: &[usize]) -> Result<Option<(Vec<usize>, TimeIndex)>> {
    let names = inference.names(columns);
    let likely = likely_format(&names).filter(|(format, share)| *format != DateFormat::Index && *share >= 0.5);
    let Some((format, _)) = likely else { return Ok(None) };
    let is_period = |name: &String| format.parse_flagged(name, CenturyWindow::DEFAULT).is_some();
    let dated: Vec<usize> = columns.iter().zip(&names).filter(|(_, name)| is_period(name)).map(|(at, _)| *at).collect();
    Ok(inference.times_of_names(&dated)?.map(|times| (dated, times)))
}

impl PeriodGrid {
    /// The time of a part of a period; `None` if the calendar does not have it.
    fn time_of(&self, whole: i64, part: i64) -> Option<i64> {
        let is_of_next_year = self.kind == PartKind::Month && part < self.first_month;
        self.kind.time_in(whole + i64::from(is_of_next_year), part)
    }

    /// The period and the part of a cell; `None` if its row has none.
    fn parts_of(&self, row: usize, column: usize) -> Option<(i64, i64)> {
        let (in_row, in_column) = (self.rows.ticks[row], self.across[column]);
        let pair = if self.are_parts_in_columns { (in_row, in_column) } else { (in_column, in_row) };
        (in_row != NO_TIME).then_some(pair)
    }

    /// Whether the parts are hours of which some days have more than 24. Without a first hour at midnight, 24:00 is the
    /// next midnight.
    fn has_extra_hours(&self) -> bool {
        let parts = if self.are_parts_in_columns { &self.across } else { &self.rows.ticks };
        self.kind.length_in_day().is_some() && parts.contains(&0) && parts.iter().any(|part| *part >= DAY)
    }

    fn step(&self) -> String {
        match self.kind {
            PartKind::Month => "monthly".into(),
            PartKind::Quarter => "quarterly".into(),
            PartKind::Week => "weekly".into(),
            PartKind::Day | PartKind::MonthAndDay | PartKind::DayAndMonth => "daily".into(),
            PartKind::Hour | PartKind::HalfHour | PartKind::QuarterHour => {
                let mut starts = if self.are_parts_in_columns { self.across.clone() } else { self.rows.ticks.clone() };
                starts.retain(|start| *start != NO_TIME);
                starts.sort_unstable();
                starts.dedup();
                let step = starts.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(1);
                Frequency::Elapsed { millis: step }.name()
            }
        }
    }

    fn notices(&self, series: usize) -> Vec<Notice> {
        let (wholes, parts) = (self.whole.plural(self.kind), self.kind.plural());
        let (rows, columns) = if self.are_parts_in_columns { (wholes, parts) } else { (parts, wholes) };
        let layout = Notice::PeriodGrid { series, step: self.step(), rows, columns };
        let from_one = self.counts_from_one.then_some(Notice::HoursCountedFromOne);
        std::iter::once(layout).chain(from_one).collect()
    }
}

impl ColumnInference<'_> {
    /// The schema of a file whose rows and columns together are the times.
    pub(crate) fn period_grid(&self, grid: &PeriodGrid, mut notices: Vec<Notice>) -> Result<Schema> {
        let width = grid.columns.len();
        self.table.check_rows(width)?;
        let mut numbers = self.numbers(&grid.columns).map_err(|error| self.number_error(error))?;
        let requested = self.find_all(&self.options.ids, Setting::Ids)?;
        // Rows of one period are different series, also where their values are equal.
        let positions: Vec<f64> = (0..self.table.rows).map(|row| row as f64).collect();
        let (mut ids, mut groups) = self.ids(&requested, &grid.used, &grid.columns, Some(&grid.rows), &positions);
        let rows = || grid.rows.ticks.iter().zip(&groups.codes).filter(|(time, _)| **time != NO_TIME);
        if requested.is_empty() && rows().collect::<HashSet<_>>().len() < rows().count() {
            // With one row for each series, a column of ids has no value twice.
            let has_role = |at: &usize| grid.used.contains(at) || grid.columns.contains(at);
            let may_be_id = |at: &usize| self.profiles[*at].is_text() || self.profiles[*at].is_entity_number();
            ids = self.columns().filter(|at| !has_role(at) && may_be_id(at)).collect();
            groups = Groups::of_columns(self.table, &ids);
        }
        notices.append(&mut numbers.notices);
        notices.extend(grid.notices(groups.count));
        notices.extend(self.left_out_columns(grid, &ids));
        notices.extend(self.time_notices(&grid.rows));
        let mut values = numbers.values.concat();
        let (ticks, offsets) = self.cell_times(grid, &mut values, &mut notices)?;
        let keys = groups.keys(self.table, &ids);
        let codes = groups.codes.repeat(width);
        Ok(Schema {
            columns: Columns { time: Some(TIME_NAME.into()), target: VALUE_NAME.into(), ids: self.names(&ids) },
            times: TimeIndex { is_calendar: true, ticks, offsets, ..TimeIndex::default() },
            values,
            groups: Groups { codes, count: groups.count },
            keys,
            id_candidates: Vec::new(),
            covariates: Vec::new(),
            without_history: HashSet::new(),
            notices,
            decimal: self.shown_decimal,
        })
    }

    /// The time of each cell, column by column. A cell of a period that the calendar lacks must be empty.
    fn cell_times(
        &self,
        grid: &PeriodGrid,
        values: &mut [f64],
        notices: &mut Vec<Notice>,
    ) -> Result<(Vec<i64>, ColumnOffsets)> {
        let rows = self.table.rows;
        let (mut ticks, mut rejected) = (vec![NO_TIME; values.len()], Rejected::default());
        let (mut positions, mut hours) = (Vec::new(), Vec::new());
        for (at, value) in values.iter_mut().enumerate() {
            let (column, row) = (at / rows, at % rows);
            let Some((whole, part)) = grid.parts_of(row, column) else {
                if grid.rows.is_left_out(row) {
                    *value = f64::NAN;
                } else if !value.is_nan() {
                    self.reject(&mut rejected, row, self.cell(grid.time, row).1);
                }
                continue;
            };
            match grid.time_of(whole, part) {
                Some(time) => ticks[at] = time,
                None if value.is_nan() => {}
                None => self.reject(&mut rejected, row, impossible_part(grid, whole, part)),
            }
            if grid.has_extra_hours() {
                positions.push(at);
                hours.push(DayHour { midnight: whole, time_of_day: part, is_empty: value.is_nan() });
            }
        }
        if rejected.count > 0 {
            return Err(self.invalid_times_of_grid(grid.time, rejected));
        }
        // The half hours of a settlement are those of Great Britain.
        let likely = (grid.kind == PartKind::HalfHour).then_some(Tz::Europe__London);
        let Some(numbered) = NumberedHours::infer(&hours, (self.options.zone, likely), false) else {
            return self.without_late_hours(grid, values, ticks);
        };
        let day = Timestamp::from_ticks(true, numbered.first_day).to_string();
        notices.push(Notice::DaysOf25Hours { day, zone: numbered.zone.to_string() });
        let mut offsets = vec![None; values.len()];
        for (at, hour) in positions.into_iter().zip(hours) {
            let local = numbered.local(hour);
            ticks[at] = local.map_or(NO_TIME, |(time, _)| time);
            offsets[at] = local.map(|(_, offset)| offset);
        }
        Ok((ticks, ColumnOffsets::PerRow(offsets)))
    }

    /// The times if no day has a value in a 25th hour. Otherwise no zone has these days, which are an error.
    fn without_late_hours(
        &self,
        grid: &PeriodGrid,
        values: &[f64],
        mut ticks: Vec<i64>,
    ) -> Result<(Vec<i64>, ColumnOffsets)> {
        let (rows, mut rejected) = (self.table.rows, Rejected::default());
        for (at, value) in values.iter().enumerate().filter(|_| grid.has_extra_hours()) {
            let Some((whole, part)) = grid.parts_of(at % rows, at / rows) else { continue };
            if part >= DAY {
                ticks[at] = NO_TIME;
                if !value.is_nan() {
                    self.reject(&mut rejected, at % rows, impossible_part(grid, whole, part));
                }
            }
        }
        if rejected.count > 0 {
            return Err(self.invalid_times_of_grid(grid.time, rejected));
        }
        Ok((ticks, ColumnOffsets::Unspecified))
    }

    fn reject(&self, rejected: &mut Rejected, row: usize, cell: String) {
        rejected.count += 1;
        if rejected.first.len() < MAX_LISTED {
            rejected.first.push((self.table.locations.of(row), cell));
        }
    }

    /// A notice on the columns of numbers that are no part of the layout, such as yearly totals.
    fn left_out_columns(&self, grid: &PeriodGrid, ids: &[usize]) -> Option<Notice> {
        self.numbers_left_out(|at| grid.columns.contains(at) || grid.used.contains(at) || ids.contains(at))
    }
}

/// A part that its period does not have, in words: `2024-02, day 30`.
fn impossible_part(grid: &PeriodGrid, whole: i64, part: i64) -> String {
    let (name, part) = match grid.kind {
        PartKind::Week => ("week", part),
        PartKind::Day => ("day", part),
        PartKind::Hour => ("hour", part / HOUR + i64::from(grid.counts_from_one)),
        PartKind::HalfHour => ("half hour", part * 2 / HOUR + 1),
        PartKind::QuarterHour => ("quarter hour", part * 4 / HOUR + 1),
        PartKind::MonthAndDay | PartKind::DayAndMonth => {
            return format!("{whole}-{:02}-{:02}", part / 100, part % 100);
        }
        PartKind::Month => ("month", part),
        PartKind::Quarter => ("quarter", part),
    };
    let whole =
        if grid.whole == Whole::Year { whole.to_string() } else { Timestamp::from_ticks(true, whole).to_string() };
    format!("{whole}, {name} {part}")
}
