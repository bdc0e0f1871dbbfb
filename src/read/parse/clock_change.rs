//! Hours of a day by their number, on days of 25 and 23 hours. Power exchanges number the hours of such a day on.

use std::collections::BTreeSet;

use chrono::{LocalResult, TimeZone as _};
use chrono_tz::Tz;

use crate::time::TimeZone;
use crate::time::timestamp::{DAY, HOUR, datetime_at};
use crate::time::zone_info::{LIKELY_ZONES, offset_at_local, offset_at_utc, offset_ticks};

/// An hour of a day, by the ticks from the first hour of that day on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DayHour {
    /// The local midnight in ticks.
    pub(crate) midnight: i64,
    pub(crate) time_of_day: i64,
    /// Whether its cell has no value.
    pub(crate) is_empty: bool,
}

/// The zone of numbered hours, and the days on which hours are numbered on over a change of the clocks.
pub(crate) struct NumberedHours {
    pub(crate) zone: Tz,
    /// The first day with a 25th hour.
    pub(crate) first_long_day: i64,
    /// Days with a value in their 24th hour.
    days_with_24_hours: BTreeSet<i64>,
}

impl NumberedHours {
    /// The zone in which all days with a value in a 25th hour have 25 hours: that which is requested, or a likely one.
    /// `None` if no day has such a value, or if there is no such zone.
    pub(crate) fn infer(hours: &[DayHour], requested: Option<TimeZone>) -> Option<Self> {
        let days_from = |time_of_day: i64| -> BTreeSet<i64> {
            let late = hours.iter().filter(|hour| hour.time_of_day >= time_of_day && !hour.is_empty);
            late.map(|hour| hour.midnight).collect()
        };
        let long_days = days_from(DAY);
        let first_long_day = *long_days.first()?;
        let has_them = |zone: &Tz| long_days.iter().all(|day| hours_of(*zone, *day) == 25);
        let zone = match requested {
            Some(TimeZone(zone)) => Some(zone).filter(has_them),
            None => LIKELY_ZONES.into_iter().find(has_them),
        }?;
        let days_with_24_hours = days_from(DAY - HOUR);
        Some(Self { zone, first_long_day, days_with_24_hours })
    }

    /// The local time of an hour and its offset from UTC. `None` for an empty hour that its day does not have.
    pub(crate) fn local(&self, hour: DayHour) -> Option<(i64, i32)> {
        let (zone, start) = (self.zone, datetime_at(hour.midnight)?);
        let length = hours_of(zone, hour.midnight);
        let numbers_on = length == 25 || (length == 23 && !self.days_with_24_hours.contains(&hour.midnight));
        if numbers_on {
            if hour.is_empty && hour.time_of_day >= length * HOUR {
                return None;
            }
            let utc = hour.midnight - offset_ticks(offset_at_local(zone, start)) + hour.time_of_day;
            let offset = offset_at_utc(zone, datetime_at(utc)?);
            return Some((utc + offset_ticks(offset), offset));
        }
        let local = datetime_at(hour.midnight + hour.time_of_day)?;
        let is_skipped = matches!(zone.offset_from_local_datetime(&local), LocalResult::None);
        let is_absent = hour.is_empty && (is_skipped || hour.time_of_day >= DAY);
        (!is_absent).then(|| (hour.midnight + hour.time_of_day, offset_at_local(zone, local)))
    }
}

/// The number of hours of a day in a zone.
fn hours_of(zone: Tz, midnight: i64) -> i64 {
    let utc = |local: i64| datetime_at(local).map(|time| local - offset_ticks(offset_at_local(zone, time)));
    let length = utc(midnight + DAY).zip(utc(midnight)).map(|(end, start)| end - start);
    length.map_or(24, |length| length / HOUR)
}
