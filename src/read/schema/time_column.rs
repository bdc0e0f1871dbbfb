//! Parses the time column, and completes its times by columns with their parts.

use crate::error::Result;
use crate::error::data_problem::DataProblem;
use crate::panel::repair_log::BadRowPolicy;
use crate::read::parse::column_offsets::ColumnOffsets;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::parsed_time::CenturyWindow;
use crate::read::parse::time_index::{NO_TIME, TimeError, TimeIndex, parse_times};
use crate::read::parse::time_parts::{TimeParts, has_shared_times};
use crate::read::schema::column_inference::ColumnInference;
use crate::read::table::RejectedRows;
use crate::time::timestamp::datetime_at;

impl ColumnInference<'_> {
    pub(crate) fn times(&self, time: usize) -> Result<TimeIndex> {
        let cells = &self.table.columns[time].cells;
        let skip = self.options.bad_rows == BadRowPolicy::Skip;
        let times = parse_times(cells, self.options.dates, skip).map_err(|error| match error {
            TimeError::Cells(rejected) => self.invalid_times(time, &rejected),
            TimeError::AmbiguousOrder(row) => self.table.error(self.ambiguous_order(time, row)),
        })?;
        match times.first_mixed_offset().filter(|_| self.options.zone.is_none()) {
            Some(row) => {
                let value = cells.text(row).unwrap_or_default();
                let has_offset = matches!(&times.offsets, ColumnOffsets::PerRow(offsets) if offsets[row].is_some());
                let (column, location) = (self.name(time), self.table.locations.of(row));
                Err(self.table.error(DataProblem::MixedOffsets { column, location, value, has_offset }))
            }
            None => Ok(times),
        }
    }

    fn ambiguous_order(&self, time: usize, row: usize) -> DataProblem {
        let value = self.table.columns[time].cells.text(row).unwrap_or_default();
        let date = |format: DateFormat| {
            let ticks = format.parse(&value, CenturyWindow::DEFAULT).map_or(0, |time| time.ticks);
            datetime_at(ticks).unwrap_or_default().date()
        };
        let (day_first, month_first) = (date(DateFormat::DayFirst), date(DateFormat::MonthFirst));
        let location = self.table.locations.of(row);
        DataProblem::AmbiguousDateOrder { column: self.name(time), location, value, day_first, month_first }
    }

    /// If many rows share a time: the columns with further parts of the times, such as months, and the completed times.
    pub(crate) fn complete_times(&self, times: &TimeIndex, free: &[usize]) -> Result<(Vec<usize>, Option<TimeIndex>)> {
        let find = |names: &[&str]| free.iter().copied().find(|at| names.contains(&self.profiles[*at].name.as_str()));
        let parts = TimeParts::find(times, find);
        if parts.is_empty() || !has_shared_times(times) {
            return Ok((Vec::new(), None));
        }
        let cells = |at: usize| &self.table.columns[at].cells;
        let completed = parts.complete(times, cells).map_err(|(at, rejected)| self.invalid_times(at, &rejected))?;
        Ok((parts.columns(), Some(completed)))
    }

    /// Refuses rows with a value and without a time. A row without both is ignored.
    pub(crate) fn check_values_have_times(&self, time: usize, times: &TimeIndex, values: &[Vec<f64>]) -> Result<()> {
        if self.options.bad_rows == BadRowPolicy::Skip || !times.ticks.contains(&NO_TIME) {
            return Ok(());
        }
        let has_value = |row: &usize| values.iter().any(|column| !column[*row].is_nan());
        let without_time = (0..times.ticks.len()).filter(|row| times.ticks[*row] == NO_TIME).filter(has_value);
        let rejected: RejectedRows = without_time.collect();
        rejected.none_or(()).map_err(|rejected| self.invalid_times(time, &rejected))
    }
}
