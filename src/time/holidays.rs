//! Public holidays by country.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use holidays_rs::{Calendar, Country};

use crate::error::Error;
use crate::time::timestamp::{DAY, Timestamp, month_day, month_number};
use crate::time::{frequency::Frequency, zone_info::ZoneInfo};

/// The national public holidays of a country, by its code in ISO 3166-1. Holidays of regions are not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holidays(&'static str);

impl Holidays {
    /// The country that a text probably means: by another code such as `UK`, or by a name or the start of it.
    pub fn similar(text: &str) -> Option<Self> {
        /// The minimum number of letters of the start of a name.
        const MIN_START: usize = 3;
        let text = text.trim().to_uppercase();
        let code = OTHER_CODES.iter().find(|(other, _)| *other == text).map(|(_, code)| *code);
        let rows = || COUNTRIES.split(", ").filter_map(|row| row.split_once(' '));
        let mut named = rows().filter(|(_, name)| name.to_uppercase().starts_with(&text)).map(|(code, _)| code);
        let of_name = || match (named.next(), named.next()) {
            (Some(only), None) if text.chars().count() >= MIN_START => Some(only),
            _ => None,
        };
        code.or_else(of_name).filter(|code| country(code).is_some()).map(Holidays)
    }

    /// The country's code, two letters.
    pub fn code(self) -> &'static str {
        self.0
    }
}

impl FromStr for Holidays {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = codes().find(|code| code.eq_ignore_ascii_case(text) && country(code).is_some());
        known.map(Self).ok_or_else(|| Error::unknown_name("country", text, codes()))
    }
}

/// Codes of countries that are not those of ISO 3166-1, and other names, in capitals.
const OTHER_CODES: [(&str, &str); 10] = [
    ("UK", "GB"),
    ("EN", "GB"),
    ("ENGLAND", "GB"),
    ("BRITAIN", "GB"),
    ("GREAT BRITAIN", "GB"),
    ("USA", "US"),
    ("AMERICA", "US"),
    ("EL", "GR"),
    ("HOLLAND", "NL"),
    ("CZECH REPUBLIC", "CZ"),
];

fn codes() -> impl Iterator<Item = &'static str> {
    COUNTRIES.split(", ").filter_map(|row| row.split(' ').next())
}

fn country(code: &str) -> Option<Country> {
    let (_, name) = COUNTRIES.split(", ").filter_map(|row| row.split_once(' ')).find(|(own, _)| *own == code)?;
    Country::ALL.iter().copied().find(|country| country.name() == name)
}

/// The years for which the rules agree with another source.
const VERIFIED_YEARS: RangeInclusive<i32> = 2000..=2050;

/// Whether a step is a day or shorter.
pub(crate) fn is_within_a_day(frequency: Frequency) -> bool {
    frequency.steps_per_day().is_some() || matches!(frequency, Frequency::BusinessDays { .. })
}

/// The number of holidays in each of some steps of a series, or of days before holidays if `eves`.
pub(crate) fn count_by_step(
    code: &str,
    eves: bool,
    frequency: Frequency,
    zone: ZoneInfo,
    (start, steps): (Timestamp, Range<usize>),
) -> Vec<f64> {
    let country = country(code);
    let step = if matches!(frequency, Frequency::BusinessDays { .. }) { frequency } else { Frequency::DAILY };
    let next = |day: NaiveDate| match step.after(Timestamp::Time(day.into()), 1) {
        Timestamp::Time(next) => next.date(),
        Timestamp::Index(_) => day,
    };
    let (mut year, mut holidays) = (i32::MIN, Vec::new());
    let mut is_special = |day: &NaiveDate| {
        let day = if eves { next(*day) } else { *day };
        if year != day.year() {
            year = day.year();
            holidays = country.map(|country| Calendar::new(country).holidays_in(year)).unwrap_or_default();
        }
        holidays.iter().any(|(date, _)| (u32::from(date.month), u32::from(date.day)) == (day.month(), day.day()))
    };
    let days = steps.map(|at| days(frequency, zone, frequency.after(start, at)));
    days.map(|days| days.iter().filter(|day| is_special(day)).count() as f64).collect()
}

/// The names of the holidays of a country from one day to another, by date.
pub(crate) fn names(code: &str, first: NaiveDate, last: NaiveDate) -> BTreeMap<NaiveDate, &'static str> {
    let Some(country) = country(code) else { return BTreeMap::new() };
    let in_year = |year: i32| Calendar::new(country).holidays_in(year).into_iter();
    let all = (first.year()..=last.year()).flat_map(in_year);
    all.filter_map(|(date, name)| Some((NaiveDate::from_ymd_opt(date.year, date.month.into(), date.day.into())?, name)))
        .collect()
}

/// The days of a step; for a step shorter than a day, its day.
fn days(frequency: Frequency, zone: ZoneInfo, time: Timestamp) -> Vec<NaiveDate> {
    let Timestamp::Time(time) = time else { return Vec::new() };
    let day = zone.to_local(time).date();
    let (first, count) = match frequency {
        Frequency::Index { .. } | Frequency::BusinessDays { .. } => (day, 1),
        Frequency::Elapsed { millis } => (day, millis / DAY),
        Frequency::Days { every } => (day, every),
        Frequency::Months { every, day: anchor } => {
            // an anchor near the end of a month stands for the months before it
            let first = month_number(time) - if anchor > 27 { every - 1 } else { 0 };
            let Some((from, to)) = month_day(first, 1).zip(month_day(first + every, 1)) else { return Vec::new() };
            (from, (to - from).num_days())
        }
    };
    first.iter_days().take(count.max(1) as usize).collect()
}

/// A notice if times are outside of the verified years, or are no dates.
pub(crate) fn notice(holidays: Holidays, mut times: impl Iterator<Item = Timestamp>) -> Option<String> {
    let (code, from, to) = (holidays.code(), VERIFIED_YEARS.start(), VERIFIED_YEARS.end());
    times.find_map(|time| match time {
        Timestamp::Index(_) => Some(format!("the rows have no dates, so no holidays of {code} are used")),
        Timestamp::Time(time) if VERIFIED_YEARS.contains(&time.year()) => None,
        Timestamp::Time(time) => {
            let year = time.year();
            Some(format!("the holidays of {code} are verified from {from} to {to}, those of {year} may be wrong"))
        }
    })
}

/// The code of each country with rules, and its name in `holidays_rs`.
const COUNTRIES: &str = "\
    AD Andorra, AS American Samoa, AT Austria, AU Australia, AW Aruba, AX Åland Islands, BE Belgium, \
    BL Saint Barthelemy, BQ Caribbean Netherlands, BR Brazil, BW Botswana, CA Canada, CD DR Congo, \
    CG Republic of the Congo, CH Switzerland, CV Cabo Verde, CW Curaçao, CY Cyprus, CZ Czechia, DE Germany, \
    DK Denmark, EE Estonia, ES Spain, FI Finland, FK Falkland Islands, FM Micronesia, FO Faroe Islands, FR France, \
    GB United Kingdom, GF French Guiana, GL Greenland, GP Guadeloupe, GQ Equatorial Guinea, GR Greece, GU Guam, \
    HR Croatia, HT Haiti, ID Indonesia, IE Ireland, IS Iceland, IT Italy, JM Jamaica, LC Saint Lucia, \
    LI Liechtenstein, LR Liberia, LS Lesotho, LT Lithuania, LU Luxembourg, LV Latvia, MC Monaco, MF Saint Martin, \
    MP Northern Mariana Islands, MQ Martinique, MT Malta, MW Malawi, MX Mexico, MZ Mozambique, NA Namibia, \
    NC New Caledonia, NF Norfolk Island, NI Nicaragua, NL Netherlands, NO Norway, NR Nauru, NU Niue, \
    NZ New Zealand, PA Panama, PE Peru, PF French Polynesia, PL Poland, PM Saint Pierre and Miquelon, \
    PN Pitcairn Islands, PT Portugal, PW Palau, RE Reunion, RO Romania, SE Sweden, SI Slovenia, \
    SJ Svalbard and Jan Mayen, SK Slovakia, ST Sao Tome and Principe, SV El Salvador, SX Sint Maarten, \
    TF French Southern Territories, TK Tokelau, UM United States Minor Outlying Islands, US United States, \
    UY Uruguay, VI United States Virgin Islands, WF Wallis and Futuna, WS Samoa, YT Mayotte";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_and_codes_match_one_to_one() {
        assert!(codes().is_sorted_by(|one, other| one < other));
        assert_eq!(codes().count(), Country::ALL.len());
        let countries: Vec<Country> = codes().map(|code| country(code).unwrap()).collect();
        assert!(Country::ALL.iter().all(|country| countries.contains(country)));
        assert!("au".parse::<Holidays>().is_ok_and(|holidays| holidays.code() == "AU"));
        assert!("AU-VIC".parse::<Holidays>().is_err());
    }
}
