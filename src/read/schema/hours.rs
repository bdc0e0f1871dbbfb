//! Hours 24 and 25 of a time column or a column of hours, and days of 25 hours.

use std::collections::HashSet;

use chrono_tz::Tz;

use crate::error::Result;
use crate::read::notice::Notice;
use crate::read::parse::clock_change::{DayHour, NumberedHours};
use crate::read::parse::time_index::{ColumnOffsets, NO_TIME, TimeIndex};
use crate::read::schema::column_inference::ColumnInference;
use crate::time::Timestamp;
use crate::time::timestamp::{DAY, HOUR};

impl ColumnInference<'_> {
    /// Reads the hours of times such as `2019102724`. If hours are numbered from 1, each begins one before its number.
    pub(crate) fn number_hours(&self, times: &mut TimeIndex, at: usize) -> Result<()> {
        if times.hours.late_rows.is_empty() {
            return Ok(());
        }
        let late: HashSet<usize> = times.hours.late_rows.iter().copied().collect();
        let rows = (0..times.ticks.len()).filter(|row| times.ticks[*row] != NO_TIME);
        let hour = |row: usize| {
            let (time, is_late) = (times.ticks[row], late.contains(&row));
            let midnight = (time.div_euclid(DAY) - i64::from(is_late)) * DAY;
            (row, DayHour { midnight, time_of_day: time - midnight, is_empty: false })
        };
        let mut hours: Vec<(usize, DayHour)> = rows.map(hour).collect();
        let counts_from_one = times.hours.exist && hours.iter().all(|(_, hour)| hour.time_of_day >= HOUR);
        if counts_from_one {
            hours.iter_mut().for_each(|(_, hour)| hour.time_of_day -= HOUR);
            times.notices.push(Notice::HoursCountedFromOne);
        }
        self.place_hours(times, at, &hours, (false, None))
    }

    /// Sets the times of rows to these hours. A 25th hour is one of a day on which clocks are set back, and the times get
    /// the offsets of that zone. So do hours that `are_numbered`, if a day of 23 hours ends an hour early. These may have a
    /// likely zone. `at` is the column of the hours, for errors.
    pub(crate) fn place_hours(
        &self,
        times: &mut TimeIndex,
        at: usize,
        hours: &[(usize, DayHour)],
        (are_numbered, likely): (bool, Option<Tz>),
    ) -> Result<()> {
        let midnights: HashSet<i64> =
            hours.iter().filter(|(_, hour)| hour.time_of_day == 0).map(|(_, hour)| hour.midnight).collect();
        // 24:00 is the next midnight, unless that has a row of its own.
        let is_extra = |hour: &DayHour| {
            hour.time_of_day > DAY || (hour.time_of_day == DAY && midnights.contains(&(hour.midnight + DAY)))
        };
        let extra: Vec<usize> = hours.iter().filter(|(_, hour)| is_extra(hour)).map(|(row, _)| *row).collect();
        let next_midnight = |hour: &DayHour| DayHour { midnight: hour.midnight + DAY, time_of_day: 0, ..*hour };
        let is_midnight = |hour: &DayHour| hour.time_of_day == DAY && !is_extra(hour);
        let placed = hours.iter().map(|(_, hour)| if is_midnight(hour) { next_midnight(hour) } else { *hour });
        let placed: Vec<DayHour> = placed.collect();
        let numbered = if extra.is_empty() && !are_numbered {
            None
        } else {
            NumberedHours::infer(&placed, (self.options.zone, likely), are_numbered)
        };
        let Some(numbered) = numbered else {
            hours.iter().for_each(|(row, hour)| times.ticks[*row] = hour.midnight + hour.time_of_day);
            return self.skip_or_refuse(times, at, &extra);
        };
        let mut offsets = vec![None; times.ticks.len()];
        for ((row, _), hour) in hours.iter().zip(placed) {
            let local = numbered.local(hour);
            times.ticks[*row] = local.map_or(NO_TIME, |(time, _)| time);
            offsets[*row] = local.map(|(_, offset)| offset);
        }
        times.offsets = ColumnOffsets::PerRow(offsets);
        let (day, zone) = (Timestamp::from_ticks(true, numbered.first_day).to_string(), numbered.zone.to_string());
        times.notices.push(if numbered.has_25_hours {
            Notice::DaysOf25Hours { day, zone }
        } else {
            Notice::DaysOf23Hours { day, zone }
        });
        Ok(())
    }
}
