//! Timestamps, frequencies, calendars and time zones.

pub(crate) mod calendar_period;
pub(crate) mod date_order;
pub(crate) mod frequency;
pub(crate) mod frequency_inference;
pub(crate) mod grid;
pub(crate) mod holidays;
pub(crate) mod named_frequency;
pub(crate) mod timestamp;
pub(crate) mod weekdays;
pub(crate) mod zone_info;

pub use date_order::DateOrder;
pub use frequency::Frequency;
pub use holidays::Holidays;
pub use named_frequency::NamedFrequency;
pub use timestamp::Timestamp;
pub use weekdays::Weekdays;
pub use zone_info::{TimeZone, ZoneInfo};
