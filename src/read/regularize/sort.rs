//! Sorts rows by series and time, and merges the rows of one time.

use crate::error::data_problem::DataProblem;
use crate::error::location::MAX_LISTED;
use crate::error::{Error, Result};
use crate::panel::repair_log::{DuplicatePolicy, Repair, RepairKind};
use crate::read::options::ReadOptions;
use crate::read::parse::time_index::NO_TIME;
use crate::read::regularize::rows::SortedRows;
use crate::read::schema::roles::Schema;
use crate::read::table::Table;

impl<'a> SortedRows<'a> {
    /// Sorts the rows and merges those of one time.
    pub(crate) fn sort(
        table: &'a Table,
        schema: Schema,
        options: &'a ReadOptions,
    ) -> Result<Self, Box<(Error, Schema)>> {
        let order = order(&schema);
        let notices = schema.notices.clone();
        let mut sorted = Self {
            table,
            schema,
            options,
            times: Vec::with_capacity(order.len()),
            values: Vec::with_capacity(order.len()),
            source_rows: Vec::with_capacity(order.len()),
            series: Vec::new(),
            repairs: Vec::new(),
            notices,
            failed: Vec::new(),
        };
        let mut rest = order.as_slice();
        while let Some(first) = rest.first() {
            let key = |row: &u32| {
                let row = *row as usize;
                (sorted.schema.groups.codes[row], sorted.schema.times.ticks[row])
            };
            let count = rest.iter().take_while(|row| key(row) == key(first)).count();
            let (same_time, after) = rest.split_at(count);
            if let Err(error) = sorted.push(same_time) {
                return Err(Box::new((error, sorted.schema)));
            }
            rest = after;
        }
        // The sorted rows replace them.
        sorted.schema.times.ticks = Vec::new();
        sorted.schema.values = Vec::new();
        sorted.schema.groups.codes = Vec::new();
        Ok(sorted)
    }

    fn push(&mut self, same_time: &[u32]) -> Result<()> {
        let row = same_time[0] as usize;
        let (code, time) = (self.schema.groups.codes[row], self.schema.times.ticks[row]);
        let value = if same_time.len() == 1 { self.schema.values[row] } else { self.merge(same_time)? };
        let at = self.times.len();
        match self.series.last_mut() {
            Some((last, range)) if *last == code => range.end = at + 1,
            _ => self.series.push((code, at..at + 1)),
        }
        self.times.push(time);
        self.values.push(value);
        self.source_rows.push(same_time[0]);
        Ok(())
    }

    fn merge(&mut self, same_time: &[u32]) -> Result<f64> {
        let values = same_time.iter().map(|row| self.schema.values[*row as usize]);
        let present: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        let first = present.first().copied().unwrap_or(f64::NAN);
        let differ = present.iter().any(|other| (other - first).abs() > 0.0);
        let value = match self.options.duplicates {
            DuplicatePolicy::Equal if differ => return Err(self.repeated_time(same_time)),
            DuplicatePolicy::Error => return Err(self.repeated_time(same_time)),
            DuplicatePolicy::Equal => first,
            policy => combine(policy, &present),
        };
        let row = same_time[0] as usize;
        let (code, time) = (self.schema.groups.codes[row], self.schema.times.ticks[row]);
        let kind = if differ { RepairKind::Merged } else { RepairKind::Duplicate };
        let present = |value: f64| (!value.is_nan()).then_some(value);
        let (from, to) = (present(first), present(value));
        self.repairs.push(Repair { series: self.key(code), time: self.timestamp(time), kind, from, to });
        Ok(value)
    }

    fn repeated_time(&self, same_time: &[u32]) -> Error {
        let row = same_time[0] as usize;
        let series = self.key(self.schema.groups.codes[row]).join(" / ");
        self.table.error(DataProblem::RepeatedTime {
            time: self.timestamp(self.schema.times.ticks[row]).to_string(),
            series: (!series.is_empty()).then_some(series),
            locations: same_time.iter().take(MAX_LISTED).map(|row| self.location(*row)).collect(),
            candidates: self.schema.id_candidates.clone(),
        })
    }
}

pub(crate) fn combine(policy: DuplicatePolicy, present: &[f64]) -> f64 {
    let sum: f64 = present.iter().sum();
    match (policy, present.last()) {
        (_, None) => f64::NAN,
        (DuplicatePolicy::Sum, _) => sum,
        (DuplicatePolicy::Mean, _) => sum / present.len() as f64,
        (_, Some(last)) => *last,
    }
}

/// The rows with a time, by series and time, and then by their position in the file.
fn order(schema: &Schema) -> Vec<u32> {
    let (ticks, codes) = (&schema.times.ticks, &schema.groups.codes);
    let mut order: Vec<u32> = (0..ticks.len() as u32).filter(|row| ticks[*row as usize] != NO_TIME).collect();
    let key = |row: &u32| (codes[*row as usize], ticks[*row as usize], *row);
    if !order.is_sorted_by_key(key) {
        order.sort_unstable_by_key(key);
    }
    order
}
