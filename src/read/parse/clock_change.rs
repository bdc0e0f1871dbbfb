//! Hours of a day by their number, on days of 25 and 23 hours. Power exchanges number the hours of such a day on.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The first day with a 25th hour, or else the first with 23 hours.
    pub(crate) first_day: i64,
    /// Whether that day has 25 hours.
    pub(crate) has_25_hours: bool,
    /// Days with a value in their 24th hour.
    days_with_24_hours: BTreeSet<i64>,
}

impl NumberedHours {
    /// The zone in which all days with a value in a 25th hour have 25 hours: that which is requested, or a likely one. A
    /// likely zone that is given is the first to be tried.
    /// Without such a value, `may_be_short` is whether days of 23 hours determine the zone. `None` if there is no such zone.
    pub(crate) fn infer(
        hours: &[DayHour],
        (requested, likely): (Option<TimeZone>, Option<Tz>),
        may_be_short: bool,
    ) -> Option<Self> {
        let days_from = |time_of_day: i64| -> BTreeSet<i64> {
            let late = hours.iter().filter(|hour| hour.time_of_day >= time_of_day && !hour.is_empty);
            late.map(|hour| hour.midnight).collect()
        };
        let (long_days, days_with_24_hours) = (days_from(DAY), days_from(DAY - HOUR));
        let short_days = if long_days.is_empty() && may_be_short { days_of_23_hours(hours) } else { Vec::new() };
        let length_in = |zone: &Tz, day: &i64| hours_of(*zone, *day);
        let has_them = |zone: &Tz| {
            let is_short = |day: &&i64| length_in(zone, day) == 23;
            if long_days.is_empty() {
                short_days.iter().any(|day| is_short(&day))
            } else {
                long_days.iter().all(|day| length_in(zone, day) == 25)
            }
        };
        let zone = match requested {
            Some(TimeZone(zone)) => Some(zone).filter(has_them),
            None => likely.into_iter().chain(LIKELY_ZONES).find(has_them),
        }?;
        let first_short_day = short_days.iter().copied().find(|day| length_in(&zone, day) == 23);
        let first_day = long_days.first().copied().or(first_short_day)?;
        Some(Self { zone, first_day, has_25_hours: !long_days.is_empty(), days_with_24_hours })
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

/// The days whose hours are all there but the last.
fn days_of_23_hours(hours: &[DayHour]) -> Vec<i64> {
    let times: BTreeSet<i64> = hours.iter().map(|hour| hour.time_of_day).collect();
    let step = times.iter().zip(times.iter().skip(1)).map(|(one, other)| other - one).min().unwrap_or(HOUR);
    let mut by_day: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for hour in hours.iter().filter(|hour| !hour.is_empty) {
        by_day.entry(hour.midnight).or_default().insert(hour.time_of_day);
    }
    let is_short = |times: &BTreeSet<i64>| {
        let ends = times.last().is_some_and(|last| last + step == DAY - HOUR);
        ends && times.len() as i64 * step == DAY - HOUR
    };
    by_day.into_iter().filter(|(_, times)| is_short(times)).map(|(day, _)| day).collect()
}

/// The number of hours of a day in a zone.
fn hours_of(zone: Tz, midnight: i64) -> i64 {
    let utc = |local: i64| datetime_at(local).map(|time| local - offset_ticks(offset_at_local(zone, time)));
    let length = utc(midnight + DAY).zip(utc(midnight)).map(|(end, start)| end - start);
    length.map_or(24, |length| length / HOUR)
}
