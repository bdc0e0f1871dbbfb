//! Expresses the times of a file in one time zone. It is inferred from offsets from UTC and from repeated hours.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{FixedOffset, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::error::{DataProblem, Result};
use crate::panel::{Panel, Repair, RepairKind};
use crate::read::parse::time_index::{ColumnOffsets, NO_TIME, present};
use crate::read::schema::{roles::Schema, series_groups::Groups};
use crate::read::{notice::Notice, options::ReadOptions, table::Table};
use crate::time::timestamp::{DAY, HOUR, datetime_at, ticks_of};
use crate::time::zone_info::{
    LIKELY_ZONES, ZoneInfo, ZoneKind, local_ticks, offset_at_local, offset_at_local_ticks, offset_at_utc, offset_ticks,
};
use crate::time::{Frequency, Timestamp};

/// Expresses the times in one zone, in place, and adds a notice if the zone is inferred. Steps shorter than a day become
/// elapsed time. Days and longer steps are in local time.
pub(crate) fn unify_zone(table: &Table, schema: &mut Schema, options: &ReadOptions) -> Result<ZoneInfo> {
    if !schema.times.is_calendar {
        return Ok(ZoneInfo::default());
    }
    let (ticks, requested) = (&mut schema.times.ticks, options.zone.map(|zone| zone.0));
    Ok(match std::mem::take(&mut schema.times.offsets) {
        ColumnOffsets::Unspecified => match requested {
            Some(zone) if !have_one_time_of_day(present(ticks)) => {
                to_utc(ticks, &schema.groups, zone);
                from_utc(ticks, zone, false)
            }
            _ => ZoneInfo::default(),
        },
        ColumnOffsets::Constant(offset) => {
            let of_midnights = if requested.is_none() { zone_of_midnights(ticks, offset) } else { None };
            let Some(zone) = requested.or(of_midnights) else { return Ok(ZoneInfo(ZoneKind::Fixed { offset })) };
            schema.notices.extend(of_midnights.map(|zone| Notice::MidnightsOfZone { zone: zone.to_string() }));
            shift(ticks, |_, _| -offset);
            from_utc(ticks, zone, true)
        }
        ColumnOffsets::NamedZone(name) => {
            if let Some(zone) = requested.or_else(|| name.parse().ok()) {
                return Ok(from_utc(ticks, zone, true));
            }
            // a name may also be an offset, such as +01:00
            let offset = name.parse::<FixedOffset>().map_or(0, |offset| offset.local_minus_utc());
            shift(ticks, |_, _| offset);
            ZoneInfo(ZoneKind::Fixed { offset })
        }
        ColumnOffsets::PerRow(offsets) => {
            let first = (0..offsets.len()).find(|row| ticks[*row] != NO_TIME).unwrap_or(0);
            let changed = (first..offsets.len()).find(|row| offsets[*row] != offsets[first]).unwrap_or(0);
            // A time without an offset is in the requested zone.
            let in_requested = |time: i64| requested.map_or(0, |zone| offset_at_local_ticks(zone, time));
            let offset = |(time, offset): (&i64, Option<i32>)| offset.unwrap_or_else(|| in_requested(*time));
            let offsets: Vec<i32> = ticks.iter().zip(offsets).map(offset).collect();
            shift(ticks, |row, _| -offsets[row]);
            // the rows of a table are repeated for each of several series
            let is_of_history = |row: usize| table.first_future_row.is_none_or(|future| row % table.rows < future);
            let of_all = || zone_of_offsets(ticks, &offsets, |_| true);
            let inferred = || of_all().or_else(|| zone_of_offsets(ticks, &offsets, is_of_history));
            let zone = requested.map(ZoneOfOffsets::Named).or_else(inferred);
            let has_one_offset = matches!(zone, Some(ZoneOfOffsets::Constant(_)));
            match zone.map(|zone| zone.with_midnights(ticks)) {
                Some(ZoneOfOffsets::Named(zone)) => {
                    let notice = || {
                        let zone = zone.to_string();
                        if has_one_offset { Notice::MidnightsOfZone { zone } } else { Notice::OffsetsOfZone { zone } }
                    };
                    schema.notices.extend(requested.is_none().then(notice));
                    from_utc(ticks, zone, true)
                }
                Some(ZoneOfOffsets::Constant(offset)) => {
                    shift(ticks, |_, _| offset);
                    ZoneInfo(ZoneKind::Fixed { offset })
                }
                None => {
                    let column = schema.columns.time.clone().unwrap_or_default();
                    return Err(table.error(DataProblem::UnknownTimeZone { column, location: table.location(changed) }));
                }
            }
        }
    })
}

fn time_of_day(time: i64) -> i64 {
    time.rem_euclid(DAY)
}

fn have_one_time_of_day(times: impl Iterator<Item = i64>) -> bool {
    let mut times_of_day = times.map(time_of_day);
    let first = times_of_day.next();
    times_of_day.all(|time| Some(time) == first)
}

fn datetime(ticks: i64) -> NaiveDateTime {
    datetime_at(ticks).unwrap_or_default()
}

/// The zone in which all times have the same time of day. In UTC they have two, one hour apart.
fn zone_of_midnights(ticks: &[i64], offset: i32) -> Option<Tz> {
    const MAX_TIMES: usize = 10_000;
    let times_of_day: BTreeSet<i64> = present(ticks).map(time_of_day).take(MAX_TIMES).collect();
    let times_of_day: Vec<i64> = times_of_day.into_iter().collect();
    let [one, other] = times_of_day.as_slice() else { return None };
    if offset != 0 || (other - one != HOUR && other - one != DAY - HOUR) {
        return None;
    }
    LIKELY_ZONES.into_iter().find(|zone| have_one_time_of_day(present(ticks).map(|time| local_ticks(*zone, time))))
}

/// Adds an offset in seconds to each time.
fn shift(ticks: &mut [i64], by: impl Fn(usize, i64) -> i32) {
    for (row, time) in ticks.iter_mut().enumerate().filter(|(_, time)| **time != NO_TIME) {
        *time += offset_ticks(by(row, *time));
    }
}

/// Turns times in UTC into times of a panel in `zone`: local times if all are at the same time of day, otherwise elapsed
/// time. `writes_offset` is whether elapsed times are written with their offset.
fn from_utc(ticks: &mut [i64], zone: Tz, writes_offset: bool) -> ZoneInfo {
    if have_one_time_of_day(present(ticks).map(|time| local_ticks(zone, time))) {
        shift(ticks, |_, time| offset_at_utc(zone, datetime(time)));
        return ZoneInfo(ZoneKind::Local { zone });
    }
    let offset = present(ticks).max().map_or(0, |last| offset_at_utc(zone, datetime(last)));
    shift(ticks, |_, _| offset);
    ZoneInfo(ZoneKind::Elapsed { zone, offset, writes_offset })
}

/// Turns elapsed times of a panel into the local times of their zone. Other times are local already.
pub(crate) fn elapsed_to_local(ticks: &mut [i64], elapsed: ZoneInfo) {
    for time in ticks.iter_mut().filter(|time| **time != NO_TIME) {
        *time = ticks_of(elapsed.to_local(datetime(*time)));
    }
}

/// The zone whose offsets from UTC those of some rows are.
enum ZoneOfOffsets {
    Named(Tz),
    /// The rows have one offset in seconds.
    Constant(i32),
}

impl ZoneOfOffsets {
    /// The first likely zone in which all times have the same time of day, in place of an offset with which they have not.
    fn with_midnights(self, utc_ticks: &[i64]) -> Self {
        let Self::Constant(offset) = self else { return self };
        let fixed = || present(utc_ticks).map(|time| time + offset_ticks(offset));
        let first = present(utc_ticks).min();
        // a zone with this offset at the first time; that of later ones may be another
        let fits = |zone: &Tz| {
            first.is_some_and(|first| offset_at_utc(*zone, datetime(first)) == offset)
                && have_one_time_of_day(present(utc_ticks).map(|time| local_ticks(*zone, time)))
        };
        let zone = if have_one_time_of_day(fixed()) { None } else { LIKELY_ZONES.into_iter().find(fits) };
        zone.map_or(self, Self::Named)
    }
}

/// The zone of the rows that `is_counted`. Future rows may have other offsets than the history, whose zone is that of all then.
fn zone_of_offsets(utc_ticks: &[i64], offsets: &[i32], is_counted: impl Fn(usize) -> bool) -> Option<ZoneOfOffsets> {
    let is_one = |row: &usize| utc_ticks[*row] != NO_TIME && is_counted(*row);
    let times = || (0..utc_ticks.len()).filter(is_one).map(|row| (utc_ticks[row], offsets[row]));
    let (_, first) = times().next()?;
    if times().all(|(_, offset)| offset == first) {
        return Some(ZoneOfOffsets::Constant(first));
    }
    // One time of each day excludes nearly every wrong zone; all times are compared only then.
    let mut days: BTreeMap<i64, (i64, i32)> = BTreeMap::new();
    for (time, offset) in times() {
        days.entry(time.div_euclid(DAY)).or_insert((time, offset));
    }
    let agrees = |zone: Tz, (time, offset): (i64, i32)| offset_at_utc(zone, datetime(time)) == offset;
    let fits = |zone: &Tz| days.values().all(|time| agrees(*zone, *time)) && times().all(|time| agrees(*zone, time));
    LIKELY_ZONES.into_iter().chain(TZ_VARIANTS).find(fits).map(ZoneOfOffsets::Named)
}

/// Turns local times into UTC. If a time occurs twice in a series, the clocks are set back before the later one, which is the
/// second in the file unless the series is listed from its last time to its first.
fn to_utc(ticks: &mut [i64], groups: &Groups, zone: Tz) {
    let is_newest_first = newest_first(ticks, groups);
    let is_reversed = |row: &usize| is_newest_first[groups.codes[*row] as usize];
    let forward = (0..ticks.len()).filter(|row| !is_reversed(row));
    let backward = (0..ticks.len()).rev().filter(is_reversed);
    let mut seen: BTreeSet<(u32, i64)> = BTreeSet::new();
    for row in forward.chain(backward) {
        let time = &mut ticks[row];
        if *time == NO_TIME {
            continue;
        }
        let local = datetime(*time);
        let mut offset = offset_at_local(zone, local);
        if let LocalResult::Ambiguous(_, second) = zone.offset_from_local_datetime(&local)
            && !seen.insert((groups.codes[row], *time))
        {
            offset = second.fix().local_minus_utc();
        }
        *time -= offset_ticks(offset);
    }
}

/// Whether each series is listed from its last time to its first.
fn newest_first(ticks: &[i64], groups: &Groups) -> Vec<bool> {
    let mut ends: Vec<Option<(i64, i64)>> = vec![None; groups.count];
    for (code, time) in groups.codes.iter().zip(ticks).filter(|(_, time)| **time != NO_TIME) {
        let ends = &mut ends[*code as usize];
        *ends = Some((ends.map_or(*time, |(first, _)| first), *time));
    }
    ends.into_iter().map(|ends| ends.is_some_and(|(first, last)| first > last)).collect()
}

/// Infers the zone of local times from times that occur twice, as they do when clocks are set back. The times become
/// elapsed time. `None` if no zone explains them.
pub(crate) fn infer_from_repeated_times(schema: &mut Schema) -> Option<ZoneInfo> {
    if !schema.times.is_calendar {
        return None;
    }
    let ticks = &mut schema.times.ticks;
    // Times that are the ends of their steps occur twice one step later.
    let (zone, first, step) = [0, shortest_step(ticks)].into_iter().find_map(|step| {
        let starts: Vec<i64> = ticks.iter().map(|time| if *time == NO_TIME { NO_TIME } else { time - step }).collect();
        zone_of_repeated_times(&starts, &schema.groups).map(|(zone, first)| (zone, first, step))
    })?;
    let time = datetime(ticks_of(first) + step).to_string();
    schema.notices.push(Notice::ClocksSetBack { time, zone: zone.to_string() });
    add(ticks, -step);
    to_utc(ticks, &schema.groups, zone);
    add(ticks, step);
    Some(from_utc(ticks, zone, false))
}

fn add(ticks: &mut [i64], step: i64) {
    ticks.iter_mut().filter(|time| **time != NO_TIME).for_each(|time| *time += step);
}

/// The shortest distance of two different times; a day if there is none.
fn shortest_step(ticks: &[i64]) -> i64 {
    let times: BTreeSet<i64> = present(ticks).collect();
    times.iter().zip(times.iter().skip(1)).map(|(one, next)| next - one).min().unwrap_or(DAY)
}

/// A notice on the first filled time that clocks skip in a likely zone, if the times have no zone and rows are around it.
pub(crate) fn skipped_hour_notice(repairs: &[Repair], panel: &Panel) -> Option<Notice> {
    if panel.zone() != ZoneInfo::default() || !matches!(panel.frequency(), Frequency::Elapsed { .. }) {
        return None;
    }
    let filled = || repairs.iter().filter(|repair| repair.kind == RepairKind::Missing);
    let moment = |repair: &Repair| match repair.time {
        Timestamp::Time(time) => Some(time),
        Timestamp::Index(_) => None,
    };
    let all: BTreeSet<NaiveDateTime> = filled().filter_map(moment).collect();
    let is_skipped =
        |zone: &Tz, time: &NaiveDateTime| matches!(zone.offset_from_local_datetime(time), LocalResult::None);
    let is_alone = |time: &NaiveDateTime| {
        let hour = chrono::TimeDelta::hours(1);
        [*time - hour, *time + hour].iter().all(|other| !all.contains(other))
    };
    let zone_of = |time: &NaiveDateTime| LIKELY_ZONES.into_iter().find(|zone| is_skipped(zone, time));
    let (time, zone) = all.iter().filter(|time| is_alone(time)).find_map(|time| Some((*time, zone_of(time)?)))?;
    Some(Notice::SkippedHourFilled { time: panel.format(Timestamp::Time(time)), zone: zone.to_string() })
}

/// The zone in which clocks are set back at all times that occur twice, and the first of these times. Every series must
/// have them twice, and none may have a time that the clocks skip.
fn zone_of_repeated_times(ticks: &[i64], groups: &Groups) -> Option<(Tz, NaiveDateTime)> {
    let mut times: Vec<(u32, i64)> = groups.codes.iter().copied().zip(ticks.iter().copied()).collect();
    times.retain(|(_, time)| *time != NO_TIME);
    times.sort_unstable();
    let (mut twice, mut once) = (BTreeSet::new(), BTreeSet::new());
    for same_time in times.chunk_by(|one, other| one == other) {
        match same_time {
            [(_, time)] => once.insert(*time),
            [(_, time), _] => twice.insert(*time),
            _ => return None,
        };
    }
    let first = datetime(*twice.first()?);
    let fits = |zone: &Tz| {
        let found = |time: &i64| zone.offset_from_local_datetime(&datetime(*time));
        let occurs_twice = |time: &i64| matches!(found(time), LocalResult::Ambiguous(..));
        let is_skipped = |time: &i64| matches!(found(time), LocalResult::None);
        twice.iter().all(occurs_twice)
            && !once.iter().any(|time| is_skipped(time) || (occurs_twice(time) && !twice.contains(time)))
    };
    LIKELY_ZONES.into_iter().find(fits).map(|zone| (zone, first))
}
