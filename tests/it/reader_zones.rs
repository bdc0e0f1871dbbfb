//! Days and longer periods that are made of finer rows, in zones whose clocks change.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use forecast::panel::DuplicatePolicy;
use forecast::read::{Dataset, ReadOptions};
use forecast::time::NamedFrequency;

use crate::files::{hint, hinted_flags, inspect, lines, notices, options, read, read_default};

fn midnight(year: i32, month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().into()
}

/// 230 days of sales in Berlin from 21 March 2024, in local time with their amounts. Each day has 1 at 00:20, 10 at 13:05
/// and 100 at 23:40. The clocks change on 31 March and on 27 October.
fn sales_in_berlin() -> Vec<(NaiveDateTime, i64)> {
    let of_day = |day: i64| [(20, 1), (785, 10), (1_420, 100)].map(|(minutes, amount)| (day * 1_440 + minutes, amount));
    let first = midnight(2024, 3, 21);
    (0..230).flat_map(of_day).map(|(minutes, amount)| (first + Duration::minutes(minutes), amount)).collect()
}

/// Hours east of UTC. The clocks do not change between midnight and the first sale of a day.
fn offset_of_berlin(time: NaiveDateTime) -> i64 {
    let is_summer =
        (midnight(2024, 3, 31) + Duration::hours(3)..midnight(2024, 10, 27) + Duration::hours(3)).contains(&time);
    if is_summer { 2 } else { 1 }
}

/// The same sales with offsets, in UTC, and in local time; each with the zone that has to be named.
fn three_files() -> [(String, Option<&'static str>); 3] {
    let text = |written: &dyn Fn(NaiveDateTime) -> String| {
        let lines = sales_in_berlin().into_iter().map(|(time, amount)| format!("{},{amount}\n", written(time)));
        format!("sold,amount\n{}", lines.collect::<String>())
    };
    let with_offset = |time: NaiveDateTime| format!("{time}+0{}:00", offset_of_berlin(time));
    let in_utc = |time: NaiveDateTime| format!("{}Z", (time - Duration::hours(offset_of_berlin(time))).format("%FT%T"));
    let in_local_time = |time: NaiveDateTime| time.format("%d.%m.%Y %H:%M").to_string();
    [(text(&with_offset), None), (text(&in_utc), Some("Europe/Berlin")), (text(&in_local_time), Some("Europe/Berlin"))]
}

fn sums(frequency: NamedFrequency, zone: Option<&str>) -> ReadOptions {
    let zone = zone.map(|name| name.parse().unwrap());
    ReadOptions { frequency: Some(frequency), duplicates: DuplicatePolicy::Sum, zone, ..options() }
}

/// The values of the only series, all of which have rows.
fn observed(dataset: &Dataset) -> Vec<f64> {
    let series = dataset.panel.iter().next().unwrap();
    assert!(series.observed.iter().all(|observed| *observed), "{:?}", dataset.repairs);
    series.values.to_vec()
}

#[test]
fn days_are_cut_at_local_midnight_whatever_the_times_are() {
    for (text, zone) in three_files() {
        let daily = read("a.csv", &text, &sums(NamedFrequency::Daily, zone)).unwrap();
        assert_eq!(observed(&daily), vec![111.0; 230], "{zone:?}");
        let series = daily.panel.iter().next().unwrap();
        assert_eq!(
            (series.start.to_string().as_str(), series.end().to_string().as_str()),
            ("2024-03-21", "2024-11-05")
        );
        assert!(notices(&daily).iter().any(|notice| notice.ends_with("daily, cut at midnight of Europe/Berlin")));
    }
}

#[test]
fn weeks_and_months_are_cut_at_local_midnight() {
    for (text, zone) in three_files() {
        let weekly = read("a.csv", &text, &sums(NamedFrequency::Weekly, zone)).unwrap();
        assert_eq!(observed(&weekly), vec![777.0; 32], "{zone:?}");
        let monthly = read("a.csv", &text, &sums(NamedFrequency::Monthly, zone)).unwrap();
        let days = [30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0];
        assert_eq!(observed(&monthly), days.map(|days| days * 111.0), "{zone:?}");
    }
}

/// Hours from `first` on, in UTC, each written by its local time in `zone`.
fn hours(zone: Tz, first: &str, count: u32, format: &str) -> String {
    let first: DateTime<Utc> = first.parse().unwrap();
    lines("time,load", count, |hour| {
        format!("{},1", (first + Duration::hours(hour.into())).with_timezone(&zone).format(format))
    })
}

#[test]
fn days_of_23_and_25_hours_have_so_many_rows() {
    // Clocks in Santiago go from 24:00 to 01:00, and back from 24:00 to 23:00, so that one midnight does not exist.
    for (zone, first, days, short, long) in [
        (Tz::Europe__Berlin, "2024-03-28T23:00:00Z", 8, Some(2), None),
        (Tz::Europe__Berlin, "2024-10-24T22:00:00Z", 8, None, Some(2)),
        (Tz::America__Santiago, "2023-09-01T04:00:00Z", 8, Some(2), None),
        (Tz::America__Santiago, "2024-04-04T03:00:00Z", 8, None, Some(2)),
    ] {
        let count = days * 24 + u32::from(long.is_some()) - u32::from(short.is_some());
        for format in ["%FT%T%:z", "%F %T"] {
            let text = hours(zone, first, count, format);
            let daily = read("a.csv", &text, &sums(NamedFrequency::Daily, Some(zone.name()))).unwrap();
            let mut expected = vec![24.0; days as usize];
            short.into_iter().for_each(|at: usize| expected[at] = 23.0);
            long.into_iter().for_each(|at: usize| expected[at] = 25.0);
            assert_eq!(observed(&daily), expected, "{zone} {first} {format}");
        }
    }
}

/// The mean of a day is that of its rows, also if rows of one time are of different numbers.
#[test]
fn a_mean_is_of_all_rows_of_a_period() {
    let text = lines("when,amount", 60, |at| {
        let (day, row) = (at / 6 + 1, at % 6);
        // three rows of 1 at one time, then 2, 3 and 10
        format!(
            "2024-05-{day:02} {},{}",
            ["09:13", "09:13", "09:13", "10:41", "15:02", "21:30"][row as usize],
            [1, 1, 1, 2, 3, 10][row as usize]
        )
    });
    let mean = ReadOptions { duplicates: DuplicatePolicy::Mean, ..sums(NamedFrequency::Daily, None) };
    assert_eq!(observed(&read("a.csv", &text, &mean).unwrap()), [3.0; 10]);
}

#[test]
fn covariates_of_finer_rows_are_those_of_the_local_day() {
    let text = hours(Tz::Europe__Berlin, "2024-10-20T22:00:00Z", 14 * 24 + 1, "%FT%T%:z").replace(",load", ",load,day");
    let with_day = |(at, line): (usize, &str)| match at {
        0 => line.to_owned(),
        _ => format!("{line},{}", line[8..10].parse::<u32>().unwrap()),
    };
    let text: String = text.lines().enumerate().map(with_day).map(|line| line + "\n").collect();
    let daily = ReadOptions {
        covariates: vec!["day".into()],
        target: Some("load".into()),
        ..sums(NamedFrequency::Daily, None)
    };
    let dataset = read("a.csv", &text, &daily).unwrap();
    let days: Vec<f64> = (21..32).chain(1..4).map(f64::from).collect();
    assert_eq!(dataset.panel.covariates().values(0)[0], days);
}

#[test]
fn messages_show_times_as_the_file_has_them() {
    let text = "time,v\n".to_owned()
        + &hours(Tz::America__New_York, "2024-10-30T04:00:00Z", 200, "%FT%T%:z")["time,load\n".len()..];
    let repeated =
        text.replace("2024-10-31T07:00:00-04:00,1\n", "2024-10-31T07:00:00-04:00,1\n2024-10-31T07:00:00-04:00,5\n");
    let error = read("a.csv", &repeated, &options()).unwrap_err();
    assert!(error.to_string().contains(": 2024-10-31T07:00:00-04:00 has several rows"), "{error}");
    let missing = text.replace("2024-10-31T07:00:00-04:00,1\n", "");
    assert!(inspect(&missing, "").contains("repaired: 2024-10-31T07:00:00-04:00: no row"));
}

/// Orders at any second, several lines each, of which only the first has the total.
fn orders(seconds: bool, offset: bool) -> String {
    let order = |number: u32| {
        let (day, minute) = (number / 6, (number * number * 37 + number * 7_919) % 1_440);
        let time = midnight(2024, 1, 1) + Duration::days(day.into()) + Duration::minutes(minute.into());
        let time = if seconds { time + Duration::seconds(i64::from(number * 13 % 60)) } else { time };
        let zone = if offset { " -0500" } else { "" };
        let first = format!("#{},{}{zone},{},mug\n", 1000 + number, time.format("%F %T"), 10 + number % 6);
        if number.is_multiple_of(3) {
            format!("{first}#{},{}{zone},,spoon\n", 1000 + number, time.format("%F %T"))
        } else {
            first
        }
    };
    "order,created,total,line\n".to_owned() + &(0..600).rev().map(order).collect::<String>()
}

#[test]
fn orders_at_any_time_are_refused_with_a_hint_that_makes_days() {
    for (seconds, offset) in [(true, true), (true, false), (false, false)] {
        let text = orders(seconds, offset);
        let error = read("orders.csv", &text, &ReadOptions { target: Some("total".into()), ..options() }).unwrap_err();
        assert!(error.to_string().contains(" rows at irregular times, such as line "), "{error}");
        assert_eq!(hinted_flags(&error), "--frequency daily --duplicates sum", "{}", hint(&error));
        let shown = inspect(&text, &format!("--target total {}", hinted_flags(&error)));
        assert!(shown.starts_with("daily, 1 series, 2024-01-01"), "{shown}");
        let daily = ReadOptions { target: Some("total".into()), ..sums(NamedFrequency::Daily, None) };
        let values = observed(&read("orders.csv", &text, &daily).unwrap());
        assert_eq!(values[1..99], [75.0; 98], "six orders a day of 10 to 15");
    }
}

#[test]
fn measurements_at_irregular_seconds_are_refused_with_a_hint_that_makes_hours() {
    let text = lines("time,level", 3_000, |at| {
        let time = midnight(2024, 3, 1) + Duration::seconds(i64::from(at * 431 + at * at * 7 % 389));
        format!("{},{}", time.format("%F %T"), 5 + at % 3)
    });
    let error = read("a.csv", &text, &options()).unwrap_err();
    assert_eq!(hinted_flags(&error), "--frequency hourly --duplicates sum", "{error}");
    let shown = inspect(&text, "--frequency hourly --duplicates mean");
    assert!(shown.starts_with("hourly, 1 series, 2024-03-01T00:00:00 to 2024-03-15"), "{shown}");
}

/// A frequency without a way to merge rows is refused with the way, which then works.
#[test]
fn a_longer_frequency_without_a_way_to_merge_is_refused_with_the_way() {
    let daily = ReadOptions { frequency: Some(NamedFrequency::Daily), target: Some("total".into()), ..options() };
    for text in [orders(true, true), orders(false, false)] {
        let error = read("a.csv", &text, &daily).unwrap_err();
        let shown = inspect(
            &text,
            &format!("--target total --frequency daily {}", hinted_flags(&error).replace("--frequency daily", "")),
        );
        assert!(shown.starts_with("daily, 1 series, 2024-01-01"), "{error}: {shown}");
    }
}

#[test]
fn a_day_of_46_half_hours_or_23_hours_is_that_of_a_clock_change() {
    let halves = crate::hint_files::days_of_23_hours();
    let hours = |day: u32| (1..=if day == 10 { 23 } else { 24 }).map(move |hour| (day, hour));
    let rows = (7..=13).flat_map(hours).map(|(day, hour)| format!("2024-03-{day:02},{hour},{}\n", day + hour));
    let hours = "date,hour,load\n".to_owned() + &rows.collect::<String>();
    for (text, zone, steps, expected) in [
        (&halves, "Europe/London", 334, "half-hourly, 1 series, 2024-03-28T00:00:00Z to 2024-04-03T23:30:00+01:00"),
        (&hours, "America/Chicago", 167, "hourly, 1 series, 2024-03-07T00:00:00-06:00 to 2024-03-13T23:00:00-05:00"),
    ] {
        let of_zone = ReadOptions { zone: Some(zone.parse().unwrap()), ..options() };
        for (name, options) in [("given", &of_zone), ("inferred", &options())] {
            let read = read("a.csv", text, options).unwrap();
            let series = read.panel.iter().next().unwrap();
            assert_eq!((series.len(), series.observed.contains(&false)), (steps, false), "{zone} {name}");
            assert!(notices(&read).iter().any(|notice| notice.contains("has 23 hours")), "{:?}", notices(&read));
            assert!(name == "inferred" || read.summary().starts_with(expected), "{}", read.summary());
        }
    }
}

/// The hours of a file in the order of its rows, without their minutes, and the values of the file numbered by the true time.
fn hours_around_a_clock_change(minutes: i64) -> Vec<(String, i64)> {
    let start = midnight(2024, 10, 25).and_utc();
    let times = (0..6 * 24 * 60 / minutes).map(|at| (start + Duration::minutes(at * minutes), at));
    let local =
        |time: DateTime<Utc>| time.with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m-%d %H:%M").to_string();
    times.map(|(time, at)| (local(time), at)).collect()
}

#[test]
fn rows_from_the_newest_to_the_oldest_keep_their_order_where_clocks_are_set_back() {
    for minutes in [60, 15] {
        for zone in [None, Some("Europe/Berlin".parse().unwrap())] {
            let rows = hours_around_a_clock_change(minutes);
            let of_two = |row: &(String, i64), shop: &str| format!("{},{shop},{}\n", row.0, row.1);
            let newest_first: String = rows.iter().rev().map(|row| of_two(row, "north")).collect();
            let oldest_first: String = rows.iter().map(|row| of_two(row, "south")).collect();
            let text = format!("time,shop,v\n{newest_first}{oldest_first}");
            let read = read("a.csv", &text, &ReadOptions { zone, ..options() }).unwrap();
            for series in read.panel.iter() {
                let expected: Vec<f64> = rows.iter().map(|(_, at)| *at as f64).collect();
                assert_eq!(series.values, expected, "{}, {minutes}, {zone:?}", series.name());
            }
        }
    }
}

#[test]
fn spans_may_have_the_letters_of_their_zone_in_brackets() {
    // clocks are set back at 01:00 UTC on 27 October
    let local = |hour: u32| {
        let is_summer = hour < 7 * 24 + 1;
        let shown = hour + if is_summer { 2 } else { 1 };
        (format!("{:02}/10/2024 {:02}:00:00", 20 + shown / 24, shown % 24), if is_summer { "CEST" } else { "CET" })
    };
    let all = lines("MTU (CET/CEST),price", 240, |hour| {
        let ((from, zone), (to, zone_of_end)) = (local(hour), local(hour + 1));
        format!("{from} ({zone}) - {to} ({zone_of_end}),{}", hour % 9)
    });
    let dataset = read_default("a.csv", &all);
    let summary = "hourly, 1 series, 2024-10-20T02:00:00+02:00 to 2024-10-30T00:00:00+01:00, target price";
    assert_eq!(dataset.summary(), summary);
    // the letters may be at the repeated hours alone
    let few = lines("MTU (CET/CEST),price", 240, |hour| {
        let ((from, zone), (to, zone_of_end)) = (local(hour), local(hour + 1));
        let is_repeated = from.starts_with("27/10/2024 02");
        if is_repeated {
            format!("{from} ({zone}) - {to} ({zone_of_end}),{}", hour % 9)
        } else {
            format!("{from} - {to},{}", hour % 9)
        }
    });
    let zoned = ReadOptions { zone: Some("Europe/Berlin".parse().unwrap()), ..options() };
    assert_eq!(read("a.csv", &few, &zoned).unwrap().summary(), summary);
}
