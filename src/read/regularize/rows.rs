//! Rows sorted by series and time, and the rows of one time merged.

use std::mem::take;
use std::ops::Range;

use crate::error::{DataProblem, Error, Location, Result, closest_name, location::MAX_LISTED};
use crate::panel::{Columns, DuplicatePolicy, Repair, RepairKind};
use crate::read::parse::time_index::NO_TIME;
use crate::read::{notice::Notice, options::ReadOptions, schema::roles::Schema, table::Table};
use crate::time::{Frequency, Timestamp, ZoneInfo};

/// Rows sorted by series and time.
pub(crate) struct SortedRows<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a ReadOptions,
    pub(crate) columns: Columns,
    pub(crate) is_calendar: bool,
    /// The relation of the times to UTC.
    pub(crate) zone: ZoneInfo,
    /// Whether a time of a series has several rows.
    pub(crate) has_repeated_times: bool,
    /// Columns that may be ids, for errors.
    pub(crate) id_candidates: Vec<String>,
    /// The id values of each series code.
    keys: Vec<Vec<String>>,
    pub(crate) times: Vec<i64>,
    /// NaN where a value is missing.
    pub(crate) values: Vec<f64>,
    /// The row of the schema from which each row comes.
    pub(crate) source_rows: Vec<u32>,
    /// The code of each series in the groups of the schema, and its rows.
    pub(crate) series: Vec<(u32, Range<usize>)>,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) notices: Vec<Notice>,
    /// The id values of the series without a value.
    pub(crate) failed: Vec<Vec<String>>,
    /// The number of times without a row that are 0.
    pub(crate) zeros: usize,
}

impl<'a> SortedRows<'a> {
    /// Sorts the rows. Rows of one time remain rows of their own, in the order of the file.
    pub(crate) fn sort(table: &'a Table, schema: &Schema, zone: ZoneInfo, options: &'a ReadOptions) -> Self {
        let key = |row: u32| (schema.groups.codes[row as usize], schema.times.ticks[row as usize]);
        let rows = schema.times.ticks.len() as u32;
        let mut is_kept: Vec<bool> = schema.keys.iter().map(|key| !is_left_out(key, options)).collect();
        schema.without_history.iter().for_each(|code| is_kept[*code as usize] = false);
        let has_role = |row: &u32| key(*row).1 != NO_TIME && is_kept[key(*row).0 as usize];
        let mut order: Vec<u32> = (0..rows).filter(has_role).collect();
        order.sort_unstable_by_key(|row| (key(*row), *row));
        let mut sorted = Self {
            table,
            options,
            columns: schema.columns.clone(),
            is_calendar: schema.times.is_calendar,
            zone,
            has_repeated_times: false,
            id_candidates: schema.id_candidates.clone(),
            keys: schema.keys.clone(),
            times: Vec::with_capacity(order.len()),
            values: Vec::with_capacity(order.len()),
            source_rows: Vec::with_capacity(order.len()),
            series: Vec::new(),
            repairs: Vec::new(),
            notices: Vec::new(),
            failed: Vec::new(),
            zeros: 0,
        };
        for row in order {
            let ((code, time), at) = (key(row), sorted.times.len());
            match sorted.series.last_mut() {
                Some((last, range)) if *last == code => {
                    range.end = at + 1;
                    sorted.has_repeated_times |= sorted.times[at - 1] == time;
                }
                _ => sorted.series.push((code, at..at + 1)),
            }
            sorted.times.push(time);
            sorted.values.push(schema.values[row as usize]);
            sorted.source_rows.push(row);
        }
        sorted
    }

    /// Refuses rows that all have one time, as merging them leaves nothing to forecast.
    pub(crate) fn check_times_differ(&self) -> Result<()> {
        let Some(time) = self.times.first().filter(|_| self.has_repeated_times) else { return Ok(()) };
        if self.times.iter().any(|other| other != time) {
            return Ok(());
        }
        let (column, rows, time) =
            (self.columns.time.clone().unwrap_or_default(), self.times.len(), self.written(*time));
        Err(self.table.error(DataProblem::ConstantTime { column, rows, time }))
    }

    /// Merges the rows of one time by the policy of the options.
    pub(crate) fn merge_repeated_times(&mut self) -> Result<()> {
        if !self.has_repeated_times {
            return Ok(());
        }
        self.check_repeated_times()?;
        let (series, mut end) = (take(&mut self.series), 0);
        let (mut merged, of) = (0, self.times.len());
        for (code, range) in series {
            let (mut next, start) = (range.start, end);
            while next < range.end {
                let rows = self.rows_of_one_time(next..range.end);
                merged += if rows.len() > 1 { rows.len() } else { 0 };
                let (time, source_row) = (self.times[next], self.source_rows[next]);
                next = rows.end;
                self.values[end] = if rows.len() == 1 { self.values[rows.start] } else { self.merge(rows, code) };
                (self.times[end], self.source_rows[end]) = (time, source_row);
                end += 1;
            }
            self.series.push((code, start..end));
        }
        self.times.truncate(end);
        self.values.truncate(end);
        self.source_rows.truncate(end);
        self.has_repeated_times = false;
        if merged > 0 && self.options.duplicates != DuplicatePolicy::Equal {
            self.notices.push(Notice::RowsMerged { rows: merged, of });
        }
        Ok(())
    }

    /// The first rows of a range that have one time.
    fn rows_of_one_time(&self, range: Range<usize>) -> Range<usize> {
        let time = self.times[range.start];
        range.start..range.clone().find(|at| self.times[*at] != time).unwrap_or(range.end)
    }

    /// Refuses rows of one time that the policy of the options does not merge.
    fn check_repeated_times(&self) -> Result<()> {
        let policy = self.options.duplicates;
        if !matches!(policy, DuplicatePolicy::Equal | DuplicatePolicy::Error) {
            return Ok(());
        }
        for (code, range) in &self.series {
            let mut next = range.start;
            while next < range.end {
                let rows = self.rows_of_one_time(next..range.end);
                next = rows.end;
                let is_refused = policy == DuplicatePolicy::Error || differ(&self.present_values(rows.clone()));
                if rows.len() > 1 && is_refused {
                    return Err(self.irregular_times().unwrap_or_else(|| self.repeated_time(*code, rows)));
                }
            }
        }
        Ok(())
    }

    fn repeated_time(&self, code: u32, rows: Range<usize>) -> Error {
        let (time, series) = (self.written(self.times[rows.start]), self.key(code).join(" / "));
        self.table.error(DataProblem::RepeatedTime {
            time,
            series: (!series.is_empty()).then_some(series),
            locations: rows.take(MAX_LISTED).map(|at| self.location(at)).collect(),
            candidates: self.id_candidates.clone(),
        })
    }

    fn present_values(&self, rows: Range<usize>) -> Vec<f64> {
        self.values[rows].iter().copied().filter(|value| !value.is_nan()).collect()
    }

    /// The value of several rows of one time, by the policy of the options.
    fn merge(&mut self, rows: Range<usize>, code: u32) -> f64 {
        let (time, present) = (self.times[rows.start], self.present_values(rows));
        let first = present.first().copied().unwrap_or(f64::NAN);
        let (kind, value) = match self.options.duplicates {
            DuplicatePolicy::Equal | DuplicatePolicy::Error => (RepairKind::Duplicate, first),
            policy if differ(&present) => (RepairKind::Merged, combine(policy, &present)),
            policy => (RepairKind::Duplicate, combine(policy, &present)),
        };
        self.record(code, time, kind, first, value);
        value
    }

    /// Records a repair. NaN stands for no value.
    pub(crate) fn record(&mut self, code: u32, time: i64, kind: RepairKind, from: f64, to: f64) {
        let present = |value: f64| (!value.is_nan()).then_some(value);
        let (series, time, from, to) = (self.key(code), self.timestamp(time), present(from), present(to));
        self.repairs.push(Repair { series, time, kind, from, to });
    }

    pub(crate) fn key(&self, code: u32) -> Vec<String> {
        self.keys[code as usize].clone()
    }

    pub(crate) fn timestamp(&self, ticks: i64) -> Timestamp {
        Timestamp::from_ticks(self.is_calendar, ticks)
    }

    /// A time as the file has it: in its zone, and with the offset from UTC if it has one.
    pub(crate) fn written(&self, ticks: i64) -> String {
        let time = self.timestamp(ticks);
        if self.zone == ZoneInfo::default() { time.to_string() } else { self.zone.format(Frequency::SECONDLY, time) }
    }

    /// The times of each series without repetitions.
    pub(crate) fn distinct_times(&self) -> Vec<Vec<i64>> {
        let distinct = |times: &[i64]| {
            let mut times = times.to_vec();
            times.dedup();
            times
        };
        self.times_by_series().into_iter().map(distinct).collect()
    }

    pub(crate) fn times_by_series(&self) -> Vec<&[i64]> {
        self.series.iter().map(|(_, range)| &self.times[range.clone()]).collect()
    }

    /// The location of a row in the file.
    pub(crate) fn location(&self, at: usize) -> Location {
        self.table.location(self.source_rows[at] as usize)
    }
}

/// Whether the options leave out the series with these id values.
fn is_left_out(key: &[String], options: &ReadOptions) -> bool {
    !options.leave_out.is_empty() && key.iter().any(|id| options.leave_out.contains(id))
}

/// Refuses ids to be left out that no series has, and to leave out all series. Returns the keys of the series left out.
pub(crate) fn check_left_out(table: &Table, schema: &Schema, options: &ReadOptions) -> Result<Vec<String>> {
    let ids = || schema.keys.iter().flatten();
    if let Some(id) = options.leave_out.iter().find(|id| !ids().any(|known| known == *id)) {
        let similar = closest_name(id, ids().map(String::as_str)).map(str::to_owned);
        return Err(table.error(DataProblem::UnknownSeries { id: id.clone(), similar }));
    }
    let left_out: Vec<String> =
        schema.keys.iter().filter(|key| is_left_out(key, options)).map(|key| key.join(" / ")).collect();
    if left_out.len() == schema.keys.len() {
        return Err(table.error(DataProblem::NoValues { column: schema.columns.target.clone() }));
    }
    Ok(left_out)
}

fn differ(values: &[f64]) -> bool {
    values.iter().any(|other| (other - values[0]).abs() > 0.0)
}

/// The value of several rows by their values; NaN if there are none.
pub(crate) fn combine(policy: DuplicatePolicy, present: &[f64]) -> f64 {
    let sum: f64 = present.iter().sum();
    match (policy, present.last()) {
        (_, None) => f64::NAN,
        (DuplicatePolicy::Sum, _) => sum,
        (DuplicatePolicy::Mean, _) => sum / present.len() as f64,
        (_, Some(last)) => *last,
    }
}
