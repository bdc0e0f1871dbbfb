//! Timestamps, frequencies, calendars and time zones.

pub(crate) mod calendar;
pub(crate) mod frequency;
pub(crate) mod frequency_inference;
pub(crate) mod holidays;
pub(crate) mod span;
pub(crate) mod weekdays;
pub(crate) mod zone_info;

pub use calendar::{DateOrder, NamedFrequency, TimeZone};
pub use frequency::{Frequency, Timestamp};
pub use holidays::Holidays;
pub use weekdays::Weekdays;
pub use zone_info::ZoneInfo;
