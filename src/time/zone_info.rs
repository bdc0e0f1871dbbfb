//! Time zones, and how the times of a panel are written.

use std::fmt;
use std::str::FromStr;

use chrono::{FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Serialize};

use crate::error::{Error, closest_name};
use crate::time::{
    frequency::Frequency,
    timestamp::{SECOND, Timestamp, datetime_at, iso_text},
};

/// A time zone by its name in the IANA database, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(pub(crate) Tz);

impl FromStr for TimeZone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let has_name = |tz: &&Tz| tz.name().eq_ignore_ascii_case(text);
        TZ_VARIANTS.iter().find(has_name).map(|zone| Self(*zone)).ok_or_else(|| {
            let similar = closest_name(text, TZ_VARIANTS.iter().map(|zone| zone.name()));
            // the city alone is a common mistake
            let city = |tz: &&Tz| tz.name().rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
            let city = TZ_VARIANTS.iter().find(city).map(|zone| zone.name());
            let examples =
                city.or(similar).map_or_else(|| vec!["Europe/Berlin", "America/New_York"], |name| vec![name]);
            let choices = examples.into_iter().chain(["and others of the IANA database"]);
            Error::unknown_name("time zone", text, choices)
        })
    }
}

/// The relation of the times of a panel to UTC, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ZoneInfo(pub(crate) ZoneKind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "StoredZone", into = "StoredZone")]
pub(crate) enum ZoneKind {
    /// The file has no offsets and names no zone.
    #[default]
    Unspecified,
    /// A constant offset from UTC, in seconds.
    Fixed { offset: i32 },
    /// A zone with daylight saving, for steps of the calendar: times are in local time.
    Local { zone: Tz },
    /// A zone with daylight saving, for steps of elapsed time: times are UTC plus a constant `offset` in seconds. So a day
    /// of 23 or 25 hours has as many hourly steps. Times are written in local time, with their offset from UTC if
    /// `writes_offset`.
    Elapsed { zone: Tz, offset: i32, writes_offset: bool },
}

/// A [`ZoneKind`] with the name of its zone, as files have it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredZone {
    Unspecified,
    Fixed { offset: i32 },
    Local { zone: String },
    Elapsed { zone: String, offset: i32, writes_offset: bool },
}

impl From<ZoneKind> for StoredZone {
    fn from(kind: ZoneKind) -> Self {
        match kind {
            ZoneKind::Unspecified => Self::Unspecified,
            ZoneKind::Fixed { offset } => Self::Fixed { offset },
            ZoneKind::Local { zone } => Self::Local { zone: zone.name().to_owned() },
            ZoneKind::Elapsed { zone, offset, writes_offset } => {
                Self::Elapsed { zone: zone.name().to_owned(), offset, writes_offset }
            }
        }
    }
}

impl TryFrom<StoredZone> for ZoneKind {
    type Error = Error;

    fn try_from(stored: StoredZone) -> Result<Self, Error> {
        let named = |name: &str| TimeZone::from_str(name).map(|zone| zone.0);
        Ok(match stored {
            StoredZone::Unspecified => Self::Unspecified,
            StoredZone::Fixed { offset } => Self::Fixed { offset },
            StoredZone::Local { zone } => Self::Local { zone: named(&zone)? },
            StoredZone::Elapsed { zone, offset, writes_offset } => {
                Self::Elapsed { zone: named(&zone)?, offset, writes_offset }
            }
        })
    }
}

impl ZoneInfo {
    /// The local time of a time of the panel. Only times in elapsed steps differ from it.
    pub(crate) fn to_local(self, time: NaiveDateTime) -> NaiveDateTime {
        let ZoneKind::Elapsed { zone, offset, .. } = self.0 else { return time };
        let utc = add_seconds(time, -offset);
        add_seconds(utc, offset_at_utc(zone, utc))
    }

    /// The name of the zone of times in UTC, as typed files have it; `None` if the file has no offsets.
    pub(crate) fn name_in_utc(self) -> Option<String> {
        match self.0 {
            ZoneKind::Unspecified | ZoneKind::Elapsed { writes_offset: false, .. } => None,
            ZoneKind::Fixed { offset: 0 } => Some("UTC".to_owned()),
            ZoneKind::Fixed { offset } => Some(offset_text(offset)),
            ZoneKind::Local { zone } | ZoneKind::Elapsed { zone, .. } => Some(zone.name().to_owned()),
        }
    }

    /// A time of the panel in UTC if the zone has a [`Self::name_in_utc`], and in local time otherwise.
    pub(crate) fn in_utc(self, time: NaiveDateTime) -> NaiveDateTime {
        match self.0 {
            ZoneKind::Unspecified => time,
            ZoneKind::Elapsed { writes_offset: false, .. } => self.to_local(time),
            ZoneKind::Fixed { offset } | ZoneKind::Elapsed { offset, .. } => add_seconds(time, -offset),
            ZoneKind::Local { zone } => add_seconds(time, -offset_at_local(zone, time)),
        }
    }

    /// The inverse of [`Self::to_local`].
    pub(crate) fn panel_time(self, local: NaiveDateTime) -> NaiveDateTime {
        let ZoneKind::Elapsed { zone, offset, .. } = self.0 else { return local };
        add_seconds(local, offset - offset_at_local(zone, local))
    }

    /// The relation to UTC of periods of days or longer that are made of times with this relation. They are in local time.
    pub(crate) fn of_days(self) -> Self {
        match self.0 {
            ZoneKind::Elapsed { zone, writes_offset: true, .. } => Self(ZoneKind::Local { zone }),
            ZoneKind::Elapsed { .. } => Self::default(),
            _ => self,
        }
    }

    /// The times that [`Self::format`] writes as this text: none, one, or two where clocks are set back.
    pub(crate) fn times_written_as(self, frequency: Frequency, text: &str) -> Vec<Timestamp> {
        let all = match frequency {
            Frequency::Index { .. } => text.parse().map(Timestamp::Index).into_iter().collect(),
            _ => self.panel_times(text),
        };
        all.into_iter().filter(|time| self.format(frequency, *time) == text).collect()
    }

    /// The times of a panel that a date, with or without a time of day and an offset, can stand for.
    fn panel_times(self, text: &str) -> Vec<Timestamp> {
        let (date, time_of_day) = text.split_once('T').unwrap_or((text, "00:00:00"));
        let offset_at = time_of_day.find(['+', '-', 'Z']).unwrap_or(time_of_day.len());
        let (time_of_day, offset) = time_of_day.split_at(offset_at);
        let Ok(local) = format!("{date}T{time_of_day}").parse::<NaiveDateTime>() else { return Vec::new() };
        let ZoneKind::Elapsed { zone, offset: constant, .. } = self.0 else { return vec![Timestamp::Time(local)] };
        let offsets = match (offset, offset.parse::<FixedOffset>()) {
            ("Z", _) => vec![0],
            (_, Ok(offset)) => vec![offset.local_minus_utc()],
            _ => {
                let possible = zone.offset_from_local_datetime(&local);
                let possible = [possible.earliest(), possible.latest()].into_iter().flatten();
                let mut seconds: Vec<i32> = possible.map(|offset| offset.fix().local_minus_utc()).collect();
                seconds.dedup();
                seconds
            }
        };
        offsets.into_iter().map(|offset| Timestamp::Time(add_seconds(local, constant - offset))).collect()
    }

    /// Writes a time as the file does: ISO 8601 in the zone of the file, with the offset from UTC if the file has one.
    pub fn format(&self, frequency: Frequency, time: Timestamp) -> String {
        let Timestamp::Time(at) = time else { return frequency.format(time) };
        match self.0 {
            ZoneKind::Unspecified => frequency.format(time),
            ZoneKind::Fixed { offset } => with_offset(frequency, at, offset),
            ZoneKind::Local { zone } => with_offset(frequency, at, offset_at_local(zone, at)),
            ZoneKind::Elapsed { zone, offset, writes_offset: true } => {
                with_offset(frequency, self.to_local(at), offset_at_utc(zone, add_seconds(at, -offset)))
            }
            ZoneKind::Elapsed { .. } => frequency.format(Timestamp::Time(self.to_local(at))),
        }
    }
}

impl fmt::Display for ZoneInfo {
    /// Writes the name or the offset of the zone, and nothing if it is unspecified.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ZoneKind::Unspecified => Ok(()),
            ZoneKind::Fixed { offset: 0 } => f.write_str("UTC"),
            ZoneKind::Fixed { offset } => write!(f, "UTC{}", offset_text(offset)),
            ZoneKind::Local { zone } | ZoneKind::Elapsed { zone, .. } => f.write_str(zone.name()),
        }
    }
}

/// Zones that are tried first, because many other zones have the same offsets as one of them.
#[rustfmt::skip]
pub(crate) const LIKELY_ZONES: [Tz; 16] = [
    Tz::Europe__Berlin, Tz::Europe__London, Tz::America__New_York, Tz::America__Chicago, Tz::America__Denver,
    Tz::America__Los_Angeles, Tz::Europe__Helsinki, Tz::Europe__Lisbon, Tz::America__Toronto, Tz::America__Sao_Paulo,
    Tz::Australia__Sydney, Tz::Australia__Adelaide, Tz::Pacific__Auckland, Tz::America__Halifax, Tz::America__Anchorage,
    Tz::Asia__Jerusalem,
];

/// An offset in ticks, as times are.
pub(crate) fn offset_ticks(seconds: i32) -> i64 {
    i64::from(seconds) * SECOND
}

/// The offset of a zone from UTC at a time in UTC, in seconds.
pub(crate) fn offset_at_utc(zone: Tz, utc: NaiveDateTime) -> i32 {
    zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
}

/// The local time of a zone for a time in UTC, both in ticks.
pub(crate) fn local_ticks(zone: Tz, utc: i64) -> i64 {
    utc + offset_ticks(offset_at_utc(zone, datetime_at(utc).unwrap_or_default()))
}

/// The offset of a zone from UTC at a local time in ticks, in seconds.
pub(crate) fn offset_at_local_ticks(zone: Tz, local: i64) -> i32 {
    offset_at_local(zone, datetime_at(local).unwrap_or_default())
}

/// The offset of a zone from UTC at a local time, in seconds. A local time that occurs twice has its first offset, one that
/// is skipped has the offset before the change.
pub(crate) fn offset_at_local(zone: Tz, local: NaiveDateTime) -> i32 {
    let found = zone.offset_from_local_datetime(&local).earliest();
    let before = || {
        let earlier = local.checked_sub_signed(TimeDelta::hours(3)).unwrap_or(local);
        zone.offset_from_local_datetime(&earlier).earliest()
    };
    found.or_else(before).map_or(0, |offset| offset.fix().local_minus_utc())
}

fn with_offset(frequency: Frequency, local: NaiveDateTime, offset: i32) -> String {
    format!("{}{}", iso_text(local, frequency.decimals_at(local)), offset_text(offset))
}

fn offset_text(offset: i32) -> String {
    match FixedOffset::east_opt(offset) {
        Some(east) if offset != 0 => east.to_string(),
        _ => "Z".into(),
    }
}

/// A time plus a number of seconds; the time itself beyond the calendar.
fn add_seconds(time: NaiveDateTime, seconds: i32) -> NaiveDateTime {
    time.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(time)
}
