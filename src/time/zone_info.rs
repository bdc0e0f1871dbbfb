//! The clock that a panel's times are read off: the file's own, written the file's own way.

use std::fmt;

use chrono::{FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// How a panel's times stand to UTC, and how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ZoneInfo(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    /// The file does not say.
    #[default]
    Unsaid,
    /// So many seconds ahead of UTC, all year round.
    Fixed { ahead: i32 },
    /// A zone whose clocks change, in steps of the calendar: the times are those that its clocks show.
    Local { zone: Tz },
    /// A zone whose clocks change, in steps of elapsed time: the times are UTC and a constant, so that a day of 23 or 25
    /// hours has as many steps.
    Elapsed { zone: Tz, ahead: i32, shown: bool },
}

impl ZoneInfo {
    /// Times at a constant distance from UTC.
    pub(crate) fn fixed(ahead: i32) -> Self {
        Self(Kind::Fixed { ahead })
    }

    /// Times as a zone's clocks show them.
    pub(crate) fn local(zone: Tz) -> Self {
        Self(Kind::Local { zone })
    }

    /// Times so many seconds ahead of UTC, written as a zone's clocks show them, with the offset if `shown`.
    pub(crate) fn elapsed(zone: Tz, ahead: i32, shown: bool) -> Self {
        Self(Kind::Elapsed { zone, ahead, shown })
    }

    /// A time as its clocks show it, which differs from the panel's own time where that is of elapsed time.
    pub(crate) fn shown(self, time: NaiveDateTime) -> NaiveDateTime {
        let Kind::Elapsed { zone, ahead, .. } = self.0 else { return time };
        let utc = later(time, -ahead);
        later(utc, offset_of_utc(zone, utc))
    }

    /// The panel's own time for one that the clocks show.
    pub(crate) fn kept(self, shown: NaiveDateTime) -> NaiveDateTime {
        let Kind::Elapsed { zone, ahead, .. } = self.0 else { return shown };
        later(shown, ahead - offset_of_local(zone, shown))
    }

    /// A time as the file writes it: ISO 8601 in the file's zone, with its offset from UTC where the file has one.
    pub fn format(&self, frequency: Frequency, time: Timestamp) -> String {
        let plain = frequency.format(time);
        let (Timestamp::Time(time), false) = (time, self.0 == Kind::Unsaid) else { return plain };
        match self.0 {
            Kind::Unsaid => plain,
            Kind::Fixed { ahead } => with_offset(time, ahead),
            Kind::Local { zone } => with_offset(time, offset_of_local(zone, time)),
            Kind::Elapsed { zone, ahead, shown } => {
                let Some(utc) = time.checked_sub_signed(TimeDelta::seconds(ahead.into())) else { return plain };
                let offset = offset_of_utc(zone, utc);
                let Some(local) = utc.checked_add_signed(TimeDelta::seconds(offset.into())) else { return plain };
                if shown { with_offset(local, offset) } else { frequency.format(Timestamp::Time(local)) }
            }
        }
    }
}

impl fmt::Display for ZoneInfo {
    /// The zone's name or offset; nothing where the file does not say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Unsaid => Ok(()),
            Kind::Fixed { ahead: 0 } => f.write_str("UTC"),
            Kind::Fixed { ahead } => write!(f, "UTC{}", offset_text(ahead)),
            Kind::Local { zone } | Kind::Elapsed { zone, .. } => f.write_str(zone.name()),
        }
    }
}

/// Seconds that a zone's clocks are ahead at a moment of UTC.
pub(crate) fn offset_of_utc(zone: Tz, utc: NaiveDateTime) -> i32 {
    zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
}

/// Seconds that a zone's clocks are ahead when they show a time: the first of the two offsets where they show it twice,
/// the one before where they skip it.
pub(crate) fn offset_of_local(zone: Tz, local: NaiveDateTime) -> i32 {
    let found = zone.offset_from_local_datetime(&local).earliest();
    let before = || {
        let earlier = local.checked_sub_signed(TimeDelta::hours(3)).unwrap_or(local);
        zone.offset_from_local_datetime(&earlier).earliest()
    };
    found.or_else(before).map_or(0, |offset| offset.fix().local_minus_utc())
}

fn with_offset(local: NaiveDateTime, ahead: i32) -> String {
    format!("{}{}", local.format("%Y-%m-%dT%H:%M:%S"), offset_text(ahead))
}

fn offset_text(ahead: i32) -> String {
    match FixedOffset::east_opt(ahead) {
        Some(offset) if ahead != 0 => offset.to_string(),
        _ => "Z".into(),
    }
}

/// A time so many seconds later.
pub(crate) fn later(time: NaiveDateTime, seconds: i32) -> NaiveDateTime {
    time.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(time)
}
