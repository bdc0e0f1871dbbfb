//! Laws of calendar arithmetic, and of the inference of frequencies from times.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use forecast::time::{Frequency, NamedFrequency, Timestamp, Weekdays};
use proptest::prelude::*;

use crate::files::read_default;

fn date(year: i32, month: u32, day: u32) -> Timestamp {
    Timestamp::Time(NaiveDate::from_ymd_opt(year, month, day).unwrap().into())
}

fn datetimes() -> impl Strategy<Value = NaiveDateTime> {
    (0..40_000_u64, 0..86_400_u32).prop_map(|(days, seconds)| {
        let day = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap() + Days::new(days);
        day.and_hms_opt(seconds / 3_600, seconds / 60 % 60, seconds % 60).unwrap()
    })
}

/// A frequency and a start on its grid.
fn grids() -> impl Strategy<Value = (Frequency, Timestamp)> {
    let seconds = (1..86_400_i64, datetimes())
        .prop_map(|(every, start)| (Frequency::seconds(every).unwrap(), Timestamp::Time(start)));
    let days =
        (1..400_i64, datetimes()).prop_map(|(every, start)| (Frequency::days(every).unwrap(), Timestamp::Time(start)));
    let weeks =
        any::<[bool; 7]>().prop_filter_map("two to six days", |open| Weekdays::new(open).map(|days| (open, days)));
    let business = (datetimes(), weeks).prop_map(|(start, (open, days))| {
        let is_open = |later: &u64| open[(start + Days::new(*later)).weekday().num_days_from_monday() as usize];
        let start = start + Days::new((0..7).find(is_open).unwrap());
        (Frequency::BusinessDays { open: days }, Timestamp::Time(start))
    });
    let months = (1..=24_i64, 1..=31_u32, datetimes()).prop_map(|(every, day, start)| {
        let last = u32::from(start.num_days_in_month());
        (Frequency::months(every, day).unwrap(), Timestamp::Time(start.with_day(day.min(last)).unwrap()))
    });
    let index = (1..50_i64, -1_000..1_000_i64)
        .prop_map(|(step, start)| (Frequency::index(step).unwrap(), Timestamp::Index(start)));
    prop_oneof![seconds, days, business, months, index]
}

fn open_days(days: &str) -> Frequency {
    Frequency::BusinessDays { open: days.parse().unwrap() }
}

#[test]
fn a_step_below_one_is_refused_by_constructors_and_deserialization() {
    for step in [0, -1, i64::MIN] {
        assert!(Frequency::index(step).is_err() && Frequency::seconds(step).is_err());
        assert!(Frequency::days(step).is_err() && Frequency::months(step, 1).is_err());
    }
    assert!(Frequency::months(1, 0).is_err() && Frequency::months(1, 32).is_err());
    for (text, reason) in [
        (r#"{"Seconds":{"every":0}}"#, "a step of 0 is less than 1"),
        (r#"{"Milliseconds":{"every":0}}"#, "a step of 0 is less than 1"),
        (r#"{"Seconds":{"every":9223372036854775807}}"#, "is too long"),
        (r#"{"Days":{"every":0}}"#, "a step of 0 is less than 1"),
        (r#"{"Index":{"step":-1}}"#, "a step of -1 is less than 1"),
        (r#"{"Months":{"every":0,"day":1}}"#, "a step of 0 is less than 1"),
        (r#"{"Months":{"every":1,"day":0}}"#, "day 0 is not in 1 to 31"),
    ] {
        let error = serde_json::from_str::<Frequency>(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn a_frequency_is_stored_as_its_variant_and_numbers() {
    for (text, frequency) in [
        (r#"{"Months":{"every":3,"day":31}}"#, Frequency::months(3, 31)),
        (r#"{"Seconds":{"every":900}}"#, Frequency::seconds(900)),
        (r#"{"Milliseconds":{"every":1500}}"#, Frequency::millis(1_500)),
        (r#"{"BusinessDays":{"open":"mon-sat"}}"#, Ok(open_days("mon-sat"))),
    ] {
        let read: Frequency = serde_json::from_str(text).unwrap();
        assert_eq!(read, frequency.unwrap());
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}

#[test]
fn a_month_after_31_january_is_the_end_of_february() {
    let month_end = Frequency::MONTH_END;
    let steps: Vec<Timestamp> = (0..5).map(|steps| month_end.after(date(2023, 1, 31), steps)).collect();
    assert_eq!(steps, [date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31), date(2023, 4, 30), date(2023, 5, 31)]);
    assert_eq!(month_end.after(date(2023, 1, 31), 13), date(2024, 2, 29));
    assert_eq!(Frequency::months(1, 30).unwrap().after(date(2023, 1, 30), 2), date(2023, 3, 30));
    assert_eq!(Frequency::months(12, 29).unwrap().after(date(2024, 2, 29), 4), date(2028, 2, 29));
}

#[test]
fn a_date_is_one_of_the_calendar() {
    assert_eq!(Timestamp::date(2024, 2, 29).unwrap().to_string(), "2024-02-29");
    assert_eq!(Timestamp::date(2023, 2, 29), None);
}

#[test]
fn business_days_skip_weekends() {
    let friday = date(2024, 1, 5);
    let business = Frequency::BUSINESS_DAILY;
    assert_eq!(business.after(friday, 1), date(2024, 1, 8));
    assert_eq!(business.after(friday, 5), date(2024, 1, 12));
    assert_eq!(business.after(friday, 261), date(2025, 1, 6));
    let thursday = date(2024, 1, 4);
    assert_eq!(open_days("sun-thu").after(thursday, 1), date(2024, 1, 7));
    assert_eq!(open_days("tue,thu").after(thursday, 4), date(2024, 1, 18));
}

#[test]
fn every_frequency_has_a_name_and_its_seasons() {
    let seconds = |every| Frequency::seconds(every).unwrap();
    let months = |every, day| Frequency::months(every, day).unwrap();
    let table = [
        (Frequency::millis(100).unwrap(), "every 100 ms", vec![]),
        (Frequency::millis(1_500).unwrap(), "every 1500 ms", vec![40, 2_400]),
        (seconds(1), "secondly", vec![60, 3_600]),
        (seconds(60), "minutely", vec![60, 1_440]),
        (seconds(600), "every 10 minutes", vec![144, 1_008]),
        (seconds(900), "quarter-hourly", vec![96, 672]),
        (seconds(1_800), "half-hourly", vec![48, 336]),
        (seconds(3_600), "hourly", vec![24, 168]),
        (seconds(7_200), "every 2 hours", vec![12, 84]),
        (Frequency::DAILY, "daily", vec![7, 365]),
        (Frequency::days(2).unwrap(), "every 2 days", vec![]),
        (Frequency::WEEKLY, "weekly", vec![52]),
        (Frequency::days(14).unwrap(), "every 2 weeks", vec![26]),
        (open_days("mon-fri"), "business days", vec![5, 261]),
        (open_days("mon-sat"), "Monday to Saturday", vec![6, 313]),
        (open_days("mon,wed,fri"), "Monday, Wednesday and Friday", vec![3, 157]),
        (months(1, 1), "monthly", vec![12]),
        (months(1, 31), "month end", vec![12]),
        (months(3, 1), "quarterly", vec![4]),
        (months(3, 31), "quarter end", vec![4]),
        (months(6, 1), "every 6 months", vec![2]),
        (months(12, 1), "yearly", vec![]),
        (Frequency::INDEX, "index", vec![]),
    ];
    for (frequency, name, seasons) in table {
        assert_eq!((frequency.name().as_str(), frequency.seasons()), (name, seasons.clone()));
        assert_eq!(frequency.season(), seasons.first().copied().unwrap_or(1), "{name}");
    }
}

#[test]
fn weekdays_are_parsed_and_written() {
    for (text, written, words) in [
        ("mon-fri", "mon-fri", "Monday to Friday"),
        ("Monday-Saturday", "mon-sat", "Monday to Saturday"),
        ("sun-thu", "sun-thu", "Sunday to Thursday"),
        ("fri, wed,mon", "mon,wed,fri", "Monday, Wednesday and Friday"),
        ("tue,thu", "tue,thu", "Tuesday and Thursday"),
        ("sat-sun", "sat,sun", "Saturday and Sunday"),
    ] {
        let days: Weekdays = text.parse().unwrap();
        assert_eq!((days.to_string().as_str(), days.in_words().as_str()), (written, words));
    }
    for text in ["", "mon", "mon-sun", "mon-", "moonday-fri", "mon;tue"] {
        assert!(text.parse::<Weekdays>().is_err(), "{text}");
    }
}

#[test]
fn fewer_than_four_weeks_are_only_tested_for_business_days() {
    let monday = date(1970, 1, 5);
    let times = |days: usize, open: &str| -> Vec<Timestamp> {
        let end = Frequency::DAILY.after(monday, days);
        (0..1_000).map(|steps| open_days(open).after(monday, steps)).take_while(|time| *time < end).collect()
    };
    for (days, open, inferred) in [
        (7, "mon-fri", Frequency::DAILY),
        (9, "mon-fri", Frequency::BUSINESS_DAILY),
        (21, "mon-sat", Frequency::DAILY),
        (28, "mon-sat", open_days("mon-sat")),
        (21, "mon-thu", Frequency::BUSINESS_DAILY),
        (56, "mon,wed,fri", open_days("mon,wed,fri")),
    ] {
        assert_eq!(Frequency::infer(&times(days, open)), Some(inferred), "{days} days of {open}");
    }
    // times that are six days apart are not business days with gaps
    let thursday = date(1991, 10, 3);
    let sixth_days: Vec<Timestamp> = (0..3).map(|step| Frequency::DAILY.after(thursday, 6 * step)).collect();
    let inferred = Frequency::infer(&sixth_days).unwrap();
    assert_eq!([1, 2].map(|step| inferred.after(thursday, step)), sixth_days[1..]);
    // a single Saturday does not make Saturdays open days
    let mut rare = [times(56, "mon-fri"), vec![date(1970, 1, 10)]].concat();
    rare.sort();
    assert_eq!(Frequency::infer(&rare), Some(Frequency::DAILY));
}

#[test]
fn named_frequencies_are_parsed_and_written() {
    for name in NamedFrequency::names() {
        assert_eq!(name.parse::<NamedFrequency>().unwrap().to_string(), name);
        assert_eq!(name.to_uppercase().parse::<NamedFrequency>().unwrap().to_string(), name);
    }
    for (name, calendar) in [
        ("y", NamedFrequency::Yearly),
        ("annual", NamedFrequency::Yearly),
        ("30min", NamedFrequency::HalfHourly),
        ("b", NamedFrequency::BusinessDaily(Weekdays::BUSINESS)),
        ("mon-fri", NamedFrequency::BusinessDaily(Weekdays::BUSINESS)),
        ("sunday-thursday", NamedFrequency::BusinessDaily("sun-thu".parse().unwrap())),
    ] {
        assert_eq!(name.parse::<NamedFrequency>().unwrap(), calendar);
    }
    assert!("fortnightly".parse::<NamedFrequency>().is_err());
}

/// The smallest number of steps from which a frequency is inferred: open days of the week need four weeks.
fn min_steps(frequency: Frequency) -> usize {
    match frequency {
        Frequency::BusinessDays { open } => 5 * open.count(),
        _ => 0,
    }
}

fn weekdays() -> impl Strategy<Value = Weekdays> {
    any::<[bool; 7]>().prop_filter_map("two to six days", Weekdays::new)
}

proptest! {
    #[test]
    fn parsing_weekdays_inverts_writing(days in weekdays()) {
        prop_assert_eq!(days.to_string().parse::<Weekdays>().unwrap(), days);
    }

    #[test]
    fn every_open_day_is_a_step(open in any::<[bool; 7]>(), steps in 0..100_000_usize) {
        let Some(days) = Weekdays::new(open) else { return Ok(()) };
        let is_open = |day: &NaiveDate| open[day.weekday().num_days_from_monday() as usize];
        let start = NaiveDate::from_ymd_opt(1800, 1, 1).unwrap().iter_days().find(is_open).unwrap();
        let day = |steps| match (Frequency::BusinessDays { open: days }).after(Timestamp::Time(start.into()), steps) {
            Timestamp::Time(time) => time.date(),
            Timestamp::Index(_) => NaiveDate::MIN,
        };
        prop_assert!(is_open(&day(steps)));
        prop_assert_eq!(day(steps).iter_days().skip(1).find(is_open), Some(day(steps + 1)));
    }

    #[test]
    fn steps_are_additive((frequency, start) in grids(), one in 0..300_usize, other in 0..300_usize) {
        prop_assert_eq!(frequency.after(start, 0), start);
        prop_assert_eq!(frequency.after(frequency.after(start, one), other), frequency.after(start, one + other));
        prop_assert!(frequency.after(start, one) < frequency.after(start, one + 1));
    }

    #[test]
    fn a_frequency_is_inferred_from_its_times((frequency, start) in grids(), count in 3..60_usize) {
        let count = count.max(min_steps(frequency));
        let times: Vec<Timestamp> = (0..count).map(|steps| frequency.after(start, steps)).collect();
        let inferred = Frequency::infer(&times);
        prop_assert!(inferred.is_some(), "{frequency:?} from {start}");
        let again: Vec<Timestamp> = (0..count).map(|steps| inferred.unwrap().after(start, steps)).collect();
        prop_assert_eq!(again, times);
    }

    #[test]
    fn a_frequency_is_inferred_from_times_with_few_gaps((frequency, start) in grids(), gaps in prop::collection::btree_set(1..59_usize, 0..10)) {
        // an open day must be present in half of the weeks
        let max_gaps = if matches!(frequency, Frequency::BusinessDays { .. }) { 4 } else { 10 };
        let gaps: Vec<usize> = gaps.into_iter().take(max_gaps).collect();
        let kept = (0..60).filter(|steps| !gaps.contains(steps));
        let times: Vec<Timestamp> = kept.map(|steps| frequency.after(start, steps)).collect();
        let inferred = Frequency::infer(&times).unwrap();
        prop_assert_eq!(inferred.after(start, 59), frequency.after(start, 59));
    }

    #[test]
    fn written_times_are_read_back((frequency, start) in grids(), count in 8..30_usize) {
        let count = count.max(min_steps(frequency));
        let times: Vec<Timestamp> = (0..count).map(|steps| frequency.after(start, steps)).collect();
        let rows = times.iter().map(|time| format!("{},1.5\n", frequency.format(*time)));
        let read = read_default("times.csv", format!("time,value\n{}", rows.collect::<String>()));
        let series = read.panel.iter().next().unwrap();
        prop_assert_eq!((0..series.len()).map(|at| series.time_at(at)).collect::<Vec<_>>(), times);
    }
}
