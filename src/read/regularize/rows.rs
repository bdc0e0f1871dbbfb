//! Rows sorted by series and time, with the rows of one time merged.

use std::ops::Range;

use crate::error::{DataProblem, Location, Result, location::MAX_LISTED};
use crate::panel::{Columns, DuplicatePolicy, Repair, RepairKind};
use crate::read::parse::time_index::NO_TIME;
use crate::read::{notice::Notice, options::ReadOptions, schema::roles::Schema, table::Table};
use crate::time::Timestamp;

/// Rows sorted by series and time, with one row for each time.
pub(crate) struct SortedRows<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a ReadOptions,
    pub(crate) columns: Columns,
    pub(crate) is_calendar: bool,
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
}

impl<'a> SortedRows<'a> {
    /// Sorts the rows and merges those of one time.
    pub(crate) fn sort(table: &'a Table, schema: &Schema, options: &'a ReadOptions) -> Result<Self> {
        let key = |row: u32| (schema.groups.codes[row as usize], schema.times.ticks[row as usize]);
        let rows = schema.times.ticks.len() as u32;
        let mut order: Vec<u32> = (0..rows).filter(|row| key(*row).1 != NO_TIME).collect();
        order.sort_unstable_by_key(|row| (key(*row), *row));
        let mut sorted = Self {
            table,
            options,
            columns: schema.columns.clone(),
            is_calendar: schema.times.is_calendar,
            keys: schema.keys.clone(),
            times: Vec::with_capacity(order.len()),
            values: Vec::with_capacity(order.len()),
            source_rows: Vec::with_capacity(order.len()),
            series: Vec::new(),
            repairs: Vec::new(),
            notices: Vec::new(),
            failed: Vec::new(),
        };
        for same_time in order.chunk_by(|one, other| key(*one) == key(*other)) {
            let (code, time) = key(same_time[0]);
            let value = match same_time {
                [row] => schema.values[*row as usize],
                _ => sorted.merge(schema, same_time, code, time)?,
            };
            let at = sorted.times.len();
            match sorted.series.last_mut() {
                Some((last, range)) if *last == code => range.end = at + 1,
                _ => sorted.series.push((code, at..at + 1)),
            }
            sorted.times.push(time);
            sorted.values.push(value);
            sorted.source_rows.push(same_time[0]);
        }
        Ok(sorted)
    }

    /// The value of several rows of one time, by the policy of the options.
    fn merge(&mut self, schema: &Schema, same_time: &[u32], code: u32, time: i64) -> Result<f64> {
        let values = same_time.iter().map(|row| schema.values[*row as usize]);
        let present: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        let first = present.first().copied().unwrap_or(f64::NAN);
        let differ = present.iter().any(|other| (other - first).abs() > 0.0);
        let value = match self.options.duplicates {
            DuplicatePolicy::Equal if !differ => first,
            DuplicatePolicy::Equal | DuplicatePolicy::Error => {
                let (series, first_rows) = (self.key(code).join(" / "), same_time.iter().take(MAX_LISTED));
                return Err(self.table.error(DataProblem::RepeatedTime {
                    time: self.timestamp(time).to_string(),
                    series: (!series.is_empty()).then_some(series),
                    locations: first_rows.map(|row| self.table.location(*row as usize)).collect(),
                    candidates: schema.id_candidates.clone(),
                }));
            }
            policy => combine(policy, &present),
        };
        let kind = if differ { RepairKind::Merged } else { RepairKind::Duplicate };
        self.record(code, time, kind, first, value);
        Ok(value)
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

    pub(crate) fn times_by_series(&self) -> Vec<&[i64]> {
        self.series.iter().map(|(_, range)| &self.times[range.clone()]).collect()
    }

    /// The location of a row in the file.
    pub(crate) fn location(&self, at: usize) -> Location {
        self.table.location(self.source_rows[at] as usize)
    }
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
