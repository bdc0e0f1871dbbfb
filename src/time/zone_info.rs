//! The time zone of a panel, and how its times are written.

use std::fmt;

use chrono::{FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The relation of the times of a panel to UTC, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ZoneInfo(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    /// The file has no offsets and names no zone.
    #[default]
    Unspecified,
    /// A constant offset from UTC, in seconds.
    Fixed { offset: i32 },
    /// A zone with daylight saving, for steps of the calendar: times are in local time.
    Local { zone: Tz },
    /// A zone with daylight saving, for steps of elapsed time: times are UTC plus a constant `offset`. So a day of 23 or 25
    /// hours has as many hourly steps.
    Elapsed { zone: Tz, offset: i32, writes_offset: bool },
}

impl ZoneInfo {
    /// Times with a constant offset from UTC, in seconds.
    pub(crate) fn fixed(offset: i32) -> Self {
        Self(Kind::Fixed { offset })
    }

    pub(crate) fn local(zone: Tz) -> Self {
        Self(Kind::Local { zone })
    }

    /// Times that are UTC plus a constant `offset` in seconds. They are written in local time of `zone`, with their offset
    /// from UTC if `writes_offset`.
    pub(crate) fn elapsed(zone: Tz, offset: i32, writes_offset: bool) -> Self {
        Self(Kind::Elapsed { zone, offset, writes_offset })
    }

    /// The local time of a time of the panel. Only times in elapsed steps differ from it.
    pub(crate) fn to_local(self, time: NaiveDateTime) -> NaiveDateTime {
        let Kind::Elapsed { zone, offset, .. } = self.0 else { return time };
        let utc = add_seconds(time, -offset);
        add_seconds(utc, offset_at_utc(zone, utc))
    }

    /// The inverse of [`Self::to_local`].
    pub(crate) fn panel_time(self, local: NaiveDateTime) -> NaiveDateTime {
        let Kind::Elapsed { zone, offset, .. } = self.0 else { return local };
        add_seconds(local, offset - offset_at_local(zone, local))
    }

    /// Writes a time as the file does: ISO 8601 in the zone of the file, with the offset from UTC if the file has one.
    pub fn format(&self, frequency: Frequency, time: Timestamp) -> String {
        let plain = frequency.format(time);
        let (Timestamp::Time(time), false) = (time, self.0 == Kind::Unspecified) else { return plain };
        match self.0 {
            Kind::Unspecified => plain,
            Kind::Fixed { offset } => with_offset(time, offset),
            Kind::Local { zone } => with_offset(time, offset_at_local(zone, time)),
            Kind::Elapsed { zone, offset, writes_offset } => {
                let Some(utc) = time.checked_sub_signed(TimeDelta::seconds(offset.into())) else { return plain };
                let offset = offset_at_utc(zone, utc);
                let Some(local) = utc.checked_add_signed(TimeDelta::seconds(offset.into())) else { return plain };
                if writes_offset { with_offset(local, offset) } else { frequency.format(Timestamp::Time(local)) }
            }
        }
    }
}

impl fmt::Display for ZoneInfo {
    /// Writes the name or the offset of the zone, and nothing if it is unspecified.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Unspecified => Ok(()),
            Kind::Fixed { offset: 0 } => f.write_str("UTC"),
            Kind::Fixed { offset } => write!(f, "UTC{}", offset_text(offset)),
            Kind::Local { zone } | Kind::Elapsed { zone, .. } => f.write_str(zone.name()),
        }
    }
}

/// The offset of a zone from UTC at a time in UTC, in seconds.
pub(crate) fn offset_at_utc(zone: Tz, utc: NaiveDateTime) -> i32 {
    zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
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

fn with_offset(local: NaiveDateTime, offset: i32) -> String {
    format!("{}{}", local.format("%Y-%m-%dT%H:%M:%S"), offset_text(offset))
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
