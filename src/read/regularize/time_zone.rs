//! Expresses the times of a file in one time zone. It is inferred from offsets from UTC and from repeated hours.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::error::Result;
use crate::error::data_problem::DataProblem;
use crate::read::notice::Notice;
use crate::read::options::ReadOptions;
use crate::read::parse::column_offsets::ColumnOffsets;
use crate::read::parse::time_index::{NO_TIME, TimeIndex};
use crate::read::schema::roles::Schema;
use crate::read::schema::series_groups::Groups;
use crate::read::table::Table;
use crate::time::timestamp::{SECONDS_PER_DAY, SECONDS_PER_HOUR, datetime_at};
use crate::time::zone_info::{ZoneInfo, offset_at_local, offset_at_utc};

/// Zones that are tried first, because many other zones have the same offsets as one of them.
const LIKELY_ZONES: [Tz; 16] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::Europe__Helsinki,
    Tz::Europe__Lisbon,
    Tz::America__Toronto,
    Tz::America__Sao_Paulo,
    Tz::Australia__Sydney,
    Tz::Australia__Adelaide,
    Tz::Pacific__Auckland,
    Tz::America__Halifax,
    Tz::America__Anchorage,
    Tz::Asia__Jerusalem,
];

/// Expresses the times in one zone, in place, and adds a notice if the zone is inferred. Steps shorter than a day become
/// elapsed time. Days and longer steps are in local time.
pub(crate) fn unify_zone(table: &Table, schema: &mut Schema, options: &ReadOptions) -> Result<ZoneInfo> {
    let requested = options.zone.map(|zone| zone.0);
    match apply_offsets(&mut schema.times, &schema.groups, requested) {
        Ok((zone, notice)) => {
            schema.notices.extend(notice);
            Ok(zone)
        }
        Err(UnknownZone { row }) => {
            let column = schema.columns.time.clone().unwrap_or_default();
            let location = table.locations.of(row % table.rows);
            Err(table.error(DataProblem::UnknownTimeZone { column, location }))
        }
    }
}

/// No known zone has the offsets of the file. `row` is the first whose offset differs from the first offset.
struct UnknownZone {
    row: usize,
}

fn apply_offsets(
    times: &mut TimeIndex,
    groups: &Groups,
    requested: Option<Tz>,
) -> Result<(ZoneInfo, Option<Notice>), UnknownZone> {
    if !times.is_calendar {
        return Ok((ZoneInfo::default(), None));
    }
    let ticks = &mut times.ticks;
    match (std::mem::replace(&mut times.offsets, ColumnOffsets::Unspecified), requested) {
        (ColumnOffsets::Unspecified, _) => Ok((without_offsets(ticks, groups, requested), None)),
        (ColumnOffsets::Constant(offset), None) => match zone_of_midnights(ticks, offset) {
            Some(zone) => {
                shift(ticks, |_, _| -offset);
                let notice = Notice::MidnightsOfZone { zone: zone.to_string() };
                Ok((from_utc(ticks, zone, true), Some(notice)))
            }
            None => Ok((ZoneInfo::fixed(offset), None)),
        },
        (ColumnOffsets::Constant(offset), Some(zone)) => {
            shift(ticks, |_, _| -offset);
            Ok((from_utc(ticks, zone, true), None))
        }
        (ColumnOffsets::NamedZone(name), _) => {
            let zone = requested.or_else(|| name.parse().ok());
            Ok((zone.map_or_else(|| ZoneInfo::fixed(0), |zone| from_utc(ticks, zone, true)), None))
        }
        (ColumnOffsets::PerRow(offsets), _) => apply_row_offsets(ticks, offsets, requested),
    }
}

fn apply_row_offsets(
    ticks: &mut [i64],
    offsets: Vec<Option<i32>>,
    requested: Option<Tz>,
) -> Result<(ZoneInfo, Option<Notice>), UnknownZone> {
    let first = (0..offsets.len()).find(|row| ticks[*row] != NO_TIME).unwrap_or(0);
    let row = (first..offsets.len()).find(|row| offsets[*row] != offsets[first]).unwrap_or(0);
    // A time without an offset is in the requested zone.
    let in_requested = |time: i64| requested.map_or(0, |zone| offset_at_local(zone, datetime(time)));
    let offsets: Vec<i32> =
        ticks.iter().zip(offsets).map(|(time, offset)| offset.unwrap_or_else(|| in_requested(*time))).collect();
    shift(ticks, |row, _| -offsets[row]);
    let (zone, notice) = if let Some(zone) = requested {
        (zone, None)
    } else {
        let zone = zone_of_offsets(ticks, &offsets).ok_or(UnknownZone { row })?;
        (zone, Some(Notice::OffsetsOfZone { zone: zone.to_string() }))
    };
    Ok((from_utc(ticks, zone, true), notice))
}

/// The zone in which all times are at the same time of day, if they have two times of day in UTC, one hour apart.
fn zone_of_midnights(ticks: &[i64], offset: i32) -> Option<Tz> {
    const MAX_TIMES: usize = 10_000;
    let times_of_day: BTreeSet<i64> = ticks
        .iter()
        .filter(|time| **time != NO_TIME)
        .map(|time| time.rem_euclid(SECONDS_PER_DAY))
        .take(MAX_TIMES)
        .collect();
    let times_of_day: Vec<i64> = times_of_day.into_iter().collect();
    let [one, other] = times_of_day.as_slice() else { return None };
    if offset != 0 || (other - one != SECONDS_PER_HOUR && other - one != SECONDS_PER_DAY - SECONDS_PER_HOUR) {
        return None;
    }
    let has_one_time_of_day = |zone: &Tz| {
        let mut local = ticks
            .iter()
            .filter(|time| **time != NO_TIME)
            .map(|time| (time + i64::from(offset_at_utc(*zone, datetime(*time)))).rem_euclid(SECONDS_PER_DAY));
        let first = local.next();
        local.all(|time| Some(time) == first)
    };
    LIKELY_ZONES.into_iter().find(has_one_time_of_day)
}

fn shift(ticks: &mut [i64], by: impl Fn(usize, i64) -> i32) {
    for (row, time) in ticks.iter_mut().enumerate().filter(|(_, time)| **time != NO_TIME) {
        *time += i64::from(by(row, *time));
    }
}

fn datetime(ticks: i64) -> NaiveDateTime {
    datetime_at(ticks).unwrap_or_default()
}

/// Turns times in UTC into times of a panel in `zone`: local times if all are at the same time of day, otherwise elapsed
/// time. `writes_offset` is whether elapsed times are written with their offset.
fn from_utc(ticks: &mut [i64], zone: Tz, writes_offset: bool) -> ZoneInfo {
    let present = || ticks.iter().copied().filter(|time| *time != NO_TIME);
    let local = |time: i64| time + i64::from(offset_at_utc(zone, datetime(time)));
    let mut times_of_day = present().map(|time| local(time).rem_euclid(SECONDS_PER_DAY));
    let first = times_of_day.next();
    if times_of_day.all(|time| Some(time) == first) {
        shift(ticks, |_, time| offset_at_utc(zone, datetime(time)));
        return ZoneInfo::local(zone);
    }
    let offset = present().max().map_or(0, |last| offset_at_utc(zone, datetime(last)));
    shift(ticks, |_, _| offset);
    ZoneInfo::elapsed(zone, offset, writes_offset)
}

fn zone_of_offsets(utc_ticks: &[i64], offsets: &[i32]) -> Option<Tz> {
    // One time of each day excludes nearly every wrong zone; all times are compared only then.
    let mut days: BTreeMap<i64, (i64, i32)> = BTreeMap::new();
    for (time, offset) in utc_ticks.iter().zip(offsets).filter(|(time, _)| **time != NO_TIME) {
        days.entry(time.div_euclid(SECONDS_PER_DAY)).or_insert((*time, *offset));
    }
    let agrees = |zone: &Tz, time: i64, offset: i32| offset_at_utc(*zone, datetime(time)) == offset;
    let fits = |zone: &Tz| {
        days.values().all(|(time, offset)| agrees(zone, *time, *offset))
            && utc_ticks.iter().zip(offsets).all(|(time, offset)| *time == NO_TIME || agrees(zone, *time, *offset))
    };
    LIKELY_ZONES.into_iter().chain(TZ_VARIANTS).find(fits)
}

/// The zone of times without an offset. Times in a requested zone become elapsed time, unless all are at the same time of
/// day.
fn without_offsets(ticks: &mut [i64], groups: &Groups, requested: Option<Tz>) -> ZoneInfo {
    let first = ticks.iter().find(|time| **time != NO_TIME).map(|time| time.rem_euclid(SECONDS_PER_DAY));
    match requested {
        Some(zone) if ticks.iter().any(|time| *time != NO_TIME && Some(time.rem_euclid(SECONDS_PER_DAY)) != first) => {
            to_utc(ticks, groups, zone);
            from_utc(ticks, zone, false)
        }
        _ => ZoneInfo::default(),
    }
}

/// Turns local times of a zone into UTC. Of a local time that occurs twice in a series, the second is after the clocks are
/// set back.
fn to_utc(ticks: &mut [i64], groups: &Groups, zone: Tz) {
    let mut seen: BTreeSet<(u32, i64)> = BTreeSet::new();
    for (row, time) in ticks.iter_mut().enumerate().filter(|(_, time)| **time != NO_TIME) {
        let local = datetime(*time);
        let mut offset = offset_at_local(zone, local);
        if let LocalResult::Ambiguous(_, second) = zone.offset_from_local_datetime(&local)
            && !seen.insert((groups.codes[row], *time))
        {
            offset = second.fix().local_minus_utc();
        }
        *time -= i64::from(offset);
    }
}

/// Infers the zone of local times from times that occur twice, as they do when clocks are set back. The times become
/// elapsed time. `None` if no zone explains them.
pub(crate) fn infer_from_repeated_times(schema: &mut Schema) -> Option<ZoneInfo> {
    if !schema.times.is_calendar {
        return None;
    }
    let ticks = &mut schema.times.ticks;
    let (zone, first) = zone_of_repeated_times(ticks, &schema.groups)?;
    schema.notices.push(Notice::ClocksSetBack { time: first.to_string(), zone: zone.to_string() });
    to_utc(ticks, &schema.groups, zone);
    Some(from_utc(ticks, zone, false))
}

/// The zone in which clocks are set back at all times that occur twice, and the first of these times. Every series must
/// have them twice, and none may have a time that the clocks skip.
fn zone_of_repeated_times(ticks: &[i64], groups: &Groups) -> Option<(Tz, NaiveDateTime)> {
    let mut order: Vec<u32> = (0..ticks.len() as u32).filter(|row| ticks[*row as usize] != NO_TIME).collect();
    let key = |row: &u32| (groups.codes[*row as usize], ticks[*row as usize]);
    order.sort_by_key(key);
    let (mut twice, mut once) = (BTreeMap::<i64, usize>::new(), BTreeSet::new());
    for same_time in order.chunk_by(|one, other| key(one) == key(other)) {
        let time = ticks[same_time[0] as usize];
        match same_time.len() {
            1 => once.insert(time),
            2 => {
                *twice.entry(time).or_default() += 1;
                true
            }
            _ => return None,
        };
    }
    let first = datetime(*twice.keys().next()?);
    let occurs_twice =
        |zone: &Tz, time: i64| matches!(zone.offset_from_local_datetime(&datetime(time)), LocalResult::Ambiguous(..));
    let is_skipped =
        |zone: &Tz, time: i64| matches!(zone.offset_from_local_datetime(&datetime(time)), LocalResult::None);
    let fits = |zone: &Tz| {
        twice.keys().all(|time| occurs_twice(zone, *time))
            && !once
                .iter()
                .any(|time| is_skipped(zone, *time) || (occurs_twice(zone, *time) && !twice.contains_key(time)))
    };
    LIKELY_ZONES.into_iter().find(fits).map(|zone| (zone, first))
}
