//! Times and their distance from UTC: which zone a file is in, and what its changes of the clock do to the grid.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::read::parse::time_index::{NO_TIME, TimeIndex, Zoned};
use crate::read::schema::ids::Groups;
use crate::read::schema::infer::Schema;
use crate::time::timestamp::{SECONDS_PER_DAY, datetime_at};
use crate::time::zone_info::{ZoneInfo, offset_at_local, offset_at_utc};

/// Zones that are tried before all others, as many zones agree with one of them.
const LIKELY: [Tz; 16] = [
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

/// No zone that is known has the offsets that the file gives; the first row whose offset differs from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoZone(pub(crate) usize);

/// Puts the times on one clock, in place: what is finer than days in steps of elapsed time, days and longer as the clocks
/// show them.
pub(crate) fn settle(
    axis: &mut TimeIndex,
    groups: &Groups,
    asked: Option<Tz>,
) -> Result<(ZoneInfo, Option<String>), NoZone> {
    if !axis.clock {
        return Ok((ZoneInfo::default(), None));
    }
    match std::mem::replace(&mut axis.zoned, Zoned::Unsaid) {
        Zoned::Unsaid => Ok((unsaid(&mut axis.ticks, groups, asked), None)),
        Zoned::Ahead(ahead) => match asked {
            None => match midnights(&axis.ticks, ahead) {
                Some(zone) => {
                    shift(&mut axis.ticks, |_, _| -ahead);
                    Ok((in_zone(&mut axis.ticks, zone, true), Some(format!("the times are days in {zone}"))))
                }
                None => Ok((ZoneInfo::fixed(ahead), None)),
            },
            Some(zone) => {
                shift(&mut axis.ticks, |_, _| -ahead);
                Ok((in_zone(&mut axis.ticks, zone, true), None))
            }
        },
        Zoned::Named(name) => {
            let zone = asked.or_else(|| name.parse().ok());
            Ok((zone.map_or_else(|| ZoneInfo::fixed(0), |zone| in_zone(&mut axis.ticks, zone, true)), None))
        }
        Zoned::Each(ahead) => {
            let first = (0..ahead.len()).find(|row| axis.ticks[*row] != NO_TIME).unwrap_or(0);
            let changed = (first..ahead.len()).find(|row| ahead[*row] != ahead[first]).unwrap_or(0);
            // what says no offset is in the zone that was asked for
            let of_zone = |time: i64| asked.map_or(0, |zone| offset_at_local(zone, utc(time)));
            let ahead: Vec<i32> =
                axis.ticks.iter().zip(ahead).map(|(time, ahead)| ahead.unwrap_or_else(|| of_zone(*time))).collect();
            shift(&mut axis.ticks, |row, _| -ahead[row]);
            let found = || found_by_offsets(&axis.ticks, &ahead).ok_or(NoZone(changed));
            let (zone, notice) = match asked {
                Some(zone) => (zone, None),
                None => found().map(|zone| (zone, Some(format!("the offsets from UTC are those of {zone}"))))?,
            };
            Ok((in_zone(&mut axis.ticks, zone, true), notice))
        }
    }
}

/// The zone in which times in UTC, now one hour and now the next, are the same hour of each day.
fn midnights(ticks: &[i64], ahead: i32) -> Option<Tz> {
    let clocks: BTreeSet<i64> = ticks
        .iter()
        .filter(|time| **time != NO_TIME)
        .map(|time| time.rem_euclid(SECONDS_PER_DAY))
        .take(10_000)
        .collect();
    let hours: Vec<i64> = clocks.into_iter().collect();
    let [one, other] = hours.as_slice() else { return None };
    if ahead != 0 || (other - one != 3_600 && other - one != SECONDS_PER_DAY - 3_600) {
        return None;
    }
    let same = |zone: &Tz| {
        let mut local = ticks
            .iter()
            .filter(|time| **time != NO_TIME)
            .map(|time| (time + i64::from(offset_at_utc(*zone, utc(*time)))).rem_euclid(SECONDS_PER_DAY));
        let first = local.next();
        local.all(|clock| Some(clock) == first)
    };
    LIKELY.into_iter().find(same)
}

/// Adds to every time that is there.
fn shift(ticks: &mut [i64], by: impl Fn(usize, i64) -> i32) {
    for (row, time) in ticks.iter_mut().enumerate().filter(|(_, time)| **time != NO_TIME) {
        *time += i64::from(by(row, *time));
    }
}

fn utc(ticks: i64) -> NaiveDateTime {
    datetime_at(ticks).unwrap_or_default()
}

/// From UTC to the zone's clock.
fn in_zone(ticks: &mut [i64], zone: Tz, shown: bool) -> ZoneInfo {
    let present = || ticks.iter().copied().filter(|time| *time != NO_TIME);
    let local = |time: i64| time + i64::from(offset_at_utc(zone, utc(time)));
    let mut clocks = present().map(|time| local(time).rem_euclid(SECONDS_PER_DAY));
    let first = clocks.next();
    if clocks.all(|clock| Some(clock) == first) {
        shift(ticks, |_, time| offset_at_utc(zone, utc(time)));
        return ZoneInfo::local(zone);
    }
    let ahead = present().max().map_or(0, |last| offset_at_utc(zone, utc(last)));
    shift(ticks, |_, _| ahead);
    ZoneInfo::elapsed(zone, ahead, shown)
}

/// The zone whose clocks are as far ahead as each row says.
fn found_by_offsets(utc_ticks: &[i64], ahead: &[i32]) -> Option<Tz> {
    // one moment of each day tells nearly as much as all of them, and all are checked once a zone is found
    let mut days: BTreeMap<i64, (i64, i32)> = BTreeMap::new();
    for (time, ahead) in utc_ticks.iter().zip(ahead).filter(|(time, _)| **time != NO_TIME) {
        days.entry(time.div_euclid(SECONDS_PER_DAY)).or_insert((*time, *ahead));
    }
    let agrees = |zone: &Tz, time: i64, ahead: i32| offset_at_utc(*zone, utc(time)) == ahead;
    let fits = |zone: &Tz| {
        days.values().all(|(time, ahead)| agrees(zone, *time, *ahead))
            && utc_ticks.iter().zip(ahead).all(|(time, ahead)| *time == NO_TIME || agrees(zone, *time, *ahead))
    };
    LIKELY.into_iter().chain(TZ_VARIANTS).find(fits)
}

/// Times without an offset, of the zone that was asked for.
fn unsaid(ticks: &mut [i64], groups: &Groups, asked: Option<Tz>) -> ZoneInfo {
    let first = ticks.iter().find(|time| **time != NO_TIME).map(|time| time.rem_euclid(SECONDS_PER_DAY));
    match asked {
        Some(zone) if ticks.iter().any(|time| *time != NO_TIME && Some(time.rem_euclid(SECONDS_PER_DAY)) != first) => {
            to_utc(ticks, groups, zone);
            in_zone(ticks, zone, false)
        }
        _ => ZoneInfo::default(),
    }
}

/// From what a zone's clocks show to UTC: of a time that comes twice in a series, the second is after the change.
fn to_utc(ticks: &mut [i64], groups: &Groups, zone: Tz) {
    let mut seen: BTreeSet<(u32, i64)> = BTreeSet::new();
    for (row, time) in ticks.iter_mut().enumerate().filter(|(_, time)| **time != NO_TIME) {
        let local = utc(*time);
        let mut ahead = offset_at_local(zone, local);
        if let LocalResult::Ambiguous(_, second) = zone.offset_from_local_datetime(&local)
            && !seen.insert((groups.codes[row], *time))
        {
            ahead = second.fix().local_minus_utc();
        }
        *time -= i64::from(ahead);
    }
}

/// Reads times that come twice as those of a zone whose clocks show them twice, if there is one.
pub(crate) fn by_changes(roles: &mut Schema) -> Option<(ZoneInfo, String)> {
    if !roles.axis.clock {
        return None;
    }
    let ticks = &mut roles.axis.ticks;
    let (zone, twice) = found_by_changes(ticks, &roles.groups)?;
    let notice = format!(
        "{twice} comes twice, when clocks are put back: the times are read as those of {zone}, the first of two as \
         summer time (`--zone NAME` says another)"
    );
    to_utc(ticks, &roles.groups, zone);
    Some((in_zone(ticks, zone, false), notice))
}

/// A zone by its changes of the clock: every time that comes twice is one that its clocks show twice, every series has
/// all of them, and none has a time that its clocks skip. With it the first time that comes twice.
fn found_by_changes(ticks: &[i64], groups: &Groups) -> Option<(Tz, NaiveDateTime)> {
    let mut order: Vec<u32> = (0..ticks.len() as u32).filter(|row| ticks[*row as usize] != NO_TIME).collect();
    let key = |row: &u32| (groups.codes[*row as usize], ticks[*row as usize]);
    order.sort_by_key(key);
    let (mut twice, mut once) = (BTreeMap::<i64, usize>::new(), BTreeSet::new());
    for same in order.chunk_by(|one, other| key(one) == key(other)) {
        let time = ticks[same[0] as usize];
        match same.len() {
            1 => once.insert(time),
            2 => {
                *twice.entry(time).or_default() += 1;
                true
            }
            _ => return None,
        };
    }
    let first = utc(*twice.keys().next()?);
    let shown_twice =
        |zone: &Tz, time: i64| matches!(zone.offset_from_local_datetime(&utc(time)), LocalResult::Ambiguous(..));
    let skipped = |zone: &Tz, time: i64| matches!(zone.offset_from_local_datetime(&utc(time)), LocalResult::None);
    let fits = |zone: &Tz| {
        twice.keys().all(|time| shown_twice(zone, *time))
            && !once.iter().any(|time| skipped(zone, *time) || (shown_twice(zone, *time) && !twice.contains_key(time)))
    };
    LIKELY.into_iter().find(fits).map(|zone| (zone, first))
}
