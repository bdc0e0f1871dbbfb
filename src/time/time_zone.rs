//! Time zones by their names in the IANA database.

use std::fmt;
use std::str::FromStr;

use chrono_tz::{TZ_VARIANTS, Tz};

use crate::error::{Error, closest_name};

/// A time zone by its name in the IANA database, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(pub(crate) Tz);

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

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
