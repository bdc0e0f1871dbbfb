//! Rows sorted by series and time.

use std::ops::Range;

use crate::error::location::Location;
use crate::panel::repair_log::{Repair, RepairKind};
use crate::read::dataset::FailedSeries;
use crate::read::notice::Notice;
use crate::read::options::ReadOptions;
use crate::read::schema::roles::Schema;
use crate::read::table::Table;
use crate::time::timestamp::Timestamp;

/// Rows sorted by series and time, with one row for each time.
pub(crate) struct SortedRows<'a> {
    pub(crate) table: &'a Table,
    pub(crate) schema: Schema,
    pub(crate) options: &'a ReadOptions,
    pub(crate) times: Vec<i64>,
    /// NaN where a value is missing.
    pub(crate) values: Vec<f64>,
    /// The row of the schema from which each row comes.
    pub(crate) source_rows: Vec<u32>,
    /// The code of each series in the groups of the schema, and its rows.
    pub(crate) series: Vec<(u32, Range<usize>)>,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) failed: Vec<FailedSeries>,
}

impl SortedRows<'_> {
    pub(crate) fn is_calendar(&self) -> bool {
        self.schema.times.is_calendar
    }

    pub(crate) fn key(&self, code: u32) -> Vec<String> {
        self.schema.keys[code as usize].clone()
    }

    pub(crate) fn timestamp(&self, ticks: i64) -> Timestamp {
        Timestamp::from_ticks(self.is_calendar(), ticks)
    }

    pub(crate) fn times_by_series(&self) -> Vec<&[i64]> {
        self.series.iter().map(|(_, range)| &self.times[range.clone()]).collect()
    }

    /// The location of a row of the schema in the file. The schema may repeat the rows of the file for several series.
    pub(crate) fn location(&self, source_row: u32) -> Location {
        self.table.locations.of(source_row as usize % self.table.rows)
    }

    pub(crate) fn record_unfinished_period(&mut self, code: u32, time: i64, value: f64) {
        let (series, time, from) = (self.key(code), self.timestamp(time), (!value.is_nan()).then_some(value));
        self.repairs.push(Repair { series, time, kind: RepairKind::Unfinished, from, to: None });
    }
}
