//! Time zones by their names in the IANA database.

use std::fmt;
use std::str::FromStr;

use chrono_tz::{TZ_VARIANTS, Tz};

use crate::error::Error;
use crate::name_suggestion::closest_name;

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
            // people may write the city alone
            let city = |tz: &&Tz| tz.name().rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
            let city = TZ_VARIANTS.iter().find(city).map(|zone| zone.name());
            let choices = city.or(similar).map_or_else(
                || vec!["Europe/Berlin".into(), "America/New_York".into(), "and others of the IANA database".into()],
                |name| vec![name.to_owned(), "and others of the IANA database".into()],
            );
            Error::UnknownName { what: "time zone", given: text.into(), choices }
        })
    }
}
