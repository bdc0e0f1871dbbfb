//! Public holidays by country.

use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};
use holidays_rs::{Calendar, Country};

use crate::error::Error;
use crate::time::frequency::Frequency;
use crate::time::timestamp::{SECONDS_PER_DAY, Timestamp, month_day, month_number};
use crate::time::zone_info::ZoneInfo;

/// The national public holidays of a country, by its code in ISO 3166-1. Holidays of regions are not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holidays(&'static str);

impl Holidays {
    /// The country's code, two letters.
    pub fn code(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Holidays {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = COUNTRIES.iter().find(|(code, _)| code.eq_ignore_ascii_case(text));
        let unknown = || Error::unknown_name("country", text, COUNTRIES.iter().map(|(code, _)| *code));
        known.map(|(code, _)| Self(code)).ok_or_else(unknown)
    }
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
    let country = COUNTRIES.iter().find(|(own, _)| *own == code).map(|(_, country)| *country);
    let step =
        if matches!(frequency, Frequency::BusinessDays { .. }) { frequency } else { Frequency::Days { every: 1 } };
    let next = |day: NaiveDate| match step.after(Timestamp::Time(day.into()), 1) {
        Timestamp::Time(next) => next.date(),
        Timestamp::Index(_) => day,
    };
    let mut holidays = HolidayCache { country, year: i32::MIN, days: Vec::new() };
    let mut is_special = |day: NaiveDate| holidays.contains(if eves { next(day) } else { day });
    steps
        .map(|at| {
            let days = days(frequency, zone, frequency.after(start, at));
            days.into_iter().filter(|day| is_special(*day)).count() as f64
        })
        .collect()
}

/// The days of a step; for a step shorter than a day, its day.
fn days(frequency: Frequency, zone: ZoneInfo, time: Timestamp) -> Vec<NaiveDate> {
    let Timestamp::Time(time) = time else { return Vec::new() };
    let day = zone.to_local(time).date();
    let following = |count: i64| {
        let count = u64::try_from(count).unwrap_or(0);
        (0..count).filter_map(|n| day.checked_add_days(Days::new(n))).collect()
    };
    match frequency {
        Frequency::Index { .. } => Vec::new(),
        Frequency::Seconds { every } => following((every / SECONDS_PER_DAY).max(1)),
        Frequency::BusinessDays { .. } => following(1),
        Frequency::Days { every } => following(every),
        Frequency::Months { every, day: anchor } => {
            // an anchor near the end of a month stands for the months before it
            let first = month_number(time) - if anchor > 27 { every - 1 } else { 0 };
            let (from, to) = (month_day(first, 1), month_day(first + every, 1));
            let from_to = from.zip(to);
            from_to.map_or_else(Vec::new, |(from, to)| from.iter_days().take_while(|day| *day < to).collect())
        }
    }
}

/// A notice if times are outside of the verified years, or are no dates.
pub(crate) fn notice(holidays: Holidays, times: impl Iterator<Item = Timestamp>) -> Option<String> {
    let mut years = Vec::new();
    for time in times {
        match time {
            Timestamp::Time(time) => years.push(time.year()),
            Timestamp::Index(_) => {
                return Some(format!("the rows have no dates, so no holidays of {holidays} are used"));
            }
        }
    }
    let beyond = years.into_iter().find(|year| !VERIFIED_YEARS.contains(year))?;
    let (from, to) = (VERIFIED_YEARS.start(), VERIFIED_YEARS.end());
    Some(format!("the holidays of {holidays} are verified from {from} to {to}, those of {beyond} may be wrong"))
}

/// The holidays of one country, with the most recent year cached.
struct HolidayCache {
    country: Option<Country>,
    year: i32,
    days: Vec<(u8, u8)>,
}

impl HolidayCache {
    fn contains(&mut self, day: NaiveDate) -> bool {
        if self.year != day.year() {
            let dates = self.country.map(|country| Calendar::new(country).holidays_in(day.year())).unwrap_or_default();
            self.year = day.year();
            self.days = dates.into_iter().map(|(date, _)| (date.month, date.day)).collect();
        }
        self.days.contains(&(day.month() as u8, day.day() as u8))
    }
}

/// All countries with rules, by code.
const COUNTRIES: [(&str, Country); 92] = [
    ("AD", Country::Andorra),
    ("AS", Country::AmericanSamoa),
    ("AT", Country::Austria),
    ("AU", Country::Australia),
    ("AW", Country::Aruba),
    ("AX", Country::AlandIslands),
    ("BE", Country::Belgium),
    ("BL", Country::SaintBarthelemy),
    ("BQ", Country::CaribbeanNetherlands),
    ("BR", Country::Brazil),
    ("BW", Country::Botswana),
    ("CA", Country::Canada),
    ("CD", Country::DrCongo),
    ("CG", Country::Congo),
    ("CH", Country::Switzerland),
    ("CV", Country::CaboVerde),
    ("CW", Country::Curacao),
    ("CY", Country::Cyprus),
    ("CZ", Country::Czechia),
    ("DE", Country::Germany),
    ("DK", Country::Denmark),
    ("EE", Country::Estonia),
    ("ES", Country::Spain),
    ("FI", Country::Finland),
    ("FK", Country::FalklandIslands),
    ("FM", Country::Micronesia),
    ("FO", Country::FaroeIslands),
    ("FR", Country::France),
    ("GB", Country::UnitedKingdom),
    ("GF", Country::FrenchGuiana),
    ("GL", Country::Greenland),
    ("GP", Country::Guadeloupe),
    ("GQ", Country::EquatorialGuinea),
    ("GR", Country::Greece),
    ("GU", Country::Guam),
    ("HR", Country::Croatia),
    ("HT", Country::Haiti),
    ("ID", Country::Indonesia),
    ("IE", Country::Ireland),
    ("IS", Country::Iceland),
    ("IT", Country::Italy),
    ("JM", Country::Jamaica),
    ("LC", Country::SaintLucia),
    ("LI", Country::Liechtenstein),
    ("LR", Country::Liberia),
    ("LS", Country::Lesotho),
    ("LT", Country::Lithuania),
    ("LU", Country::Luxembourg),
    ("LV", Country::Latvia),
    ("MC", Country::Monaco),
    ("MF", Country::SaintMartin),
    ("MP", Country::NorthernMarianaIslands),
    ("MQ", Country::Martinique),
    ("MT", Country::Malta),
    ("MW", Country::Malawi),
    ("MX", Country::Mexico),
    ("MZ", Country::Mozambique),
    ("NA", Country::Namibia),
    ("NC", Country::NewCaledonia),
    ("NF", Country::NorfolkIsland),
    ("NI", Country::Nicaragua),
    ("NL", Country::Netherlands),
    ("NO", Country::Norway),
    ("NR", Country::Nauru),
    ("NU", Country::Niue),
    ("NZ", Country::NewZealand),
    ("PA", Country::Panama),
    ("PE", Country::Peru),
    ("PF", Country::FrenchPolynesia),
    ("PL", Country::Poland),
    ("PM", Country::SaintPierreAndMiquelon),
    ("PN", Country::PitcairnIslands),
    ("PT", Country::Portugal),
    ("PW", Country::Palau),
    ("RE", Country::Reunion),
    ("RO", Country::Romania),
    ("SE", Country::Sweden),
    ("SI", Country::Slovenia),
    ("SJ", Country::SvalbardAndJanMayen),
    ("SK", Country::Slovakia),
    ("ST", Country::SaoTomeAndPrincipe),
    ("SV", Country::ElSalvador),
    ("SX", Country::SintMaarten),
    ("TF", Country::FrenchSouthernTerritories),
    ("TK", Country::Tokelau),
    ("UM", Country::UnitedStatesMinorOutlyingIslands),
    ("US", Country::UnitedStates),
    ("UY", Country::Uruguay),
    ("VI", Country::UnitedStatesVirginIslands),
    ("WF", Country::WallisAndFutuna),
    ("WS", Country::Samoa),
    ("YT", Country::Mayotte),
];

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "days are counted")]
mod tests {
    use super::*;

    fn daily(code: &str, from: &str, days: usize, eves: bool) -> Vec<f64> {
        let start = Timestamp::Time(from.parse::<NaiveDate>().unwrap().into());
        count_by_step(code, eves, Frequency::Days { every: 1 }, ZoneInfo::default(), (start, 0..days))
    }

    #[test]
    fn holidays_and_eves_of_australia_are_counted() {
        // Christmas Day and Boxing Day
        assert_eq!(daily("AU", "2014-12-23", 6, false), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(daily("AU", "2014-12-23", 6, true), [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        // New Year's Eve is in the year before the holiday
        assert_eq!(daily("AU", "2014-12-31", 2, true)[0], 1.0);
    }

    #[test]
    fn a_month_counts_its_holidays_and_every_hour_of_a_holiday_counts_one() {
        let start = Timestamp::Time(NaiveDate::from_ymd_opt(2013, 12, 1).unwrap().into());
        let monthly = Frequency::Months { every: 1, day: 1 };
        assert_eq!(count_by_step("AU", false, monthly, ZoneInfo::default(), (start, 0..3)), [2.0, 2.0, 0.0]);
        let hourly = Frequency::Seconds { every: 3_600 };
        let christmas = Timestamp::Time(NaiveDate::from_ymd_opt(2013, 12, 24).unwrap().into());
        let hours = count_by_step("AU", false, hourly, ZoneInfo::default(), (christmas, 0..48));
        assert_eq!(hours.iter().sum::<f64>(), 24.0);
        assert!(hours[..24].iter().all(|hour| *hour == 0.0));
    }

    #[test]
    fn countries_and_codes_match_one_to_one() {
        assert_eq!(COUNTRIES.len(), Country::ALL.len());
        assert!(COUNTRIES.is_sorted_by(|one, other| one.0 < other.0));
        assert!("au".parse::<Holidays>().is_ok_and(|holidays| holidays.code() == "AU"));
        assert!("AU-VIC".parse::<Holidays>().is_err());
    }
}
