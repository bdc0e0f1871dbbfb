//! Times in the shapes that exports of agencies, power exchanges and spreadsheets have.

use forecast::read::{Dataset, ReadOptions};

use crate::files::{date, describe_error, first_values, lines, notices, options, read, read_default, time_after_end};

/// The time of each value of the first series: the first, the second and the last.
fn times(read: &Dataset) -> [String; 3] {
    let series = read.panel.iter().next().unwrap();
    [0, 1, series.len() - 1].map(|at| read.panel.format(series.time_at(at)))
}

fn error_of(text: &str) -> String {
    describe_error(&read("a.csv", text, &options()).unwrap_err())
}

/// Checks that a column of times is read without a repair, and its first, second and last time.
fn check(header: &str, count: u32, cell: impl Fn(u32) -> String, expected: [&str; 3]) {
    let read = read_default("a.csv", lines(&format!("{header},v"), count, |at| format!("{},{at}", cell(at))));
    assert_eq!(times(&read), expected, "{header}: {}", cell(0));
    let series = read.panel.iter().next().unwrap();
    assert_eq!(series.values[..], (0..count).map(f64::from).collect::<Vec<_>>()[..], "{header}: {}", cell(0));
}

#[test]
fn dates_and_hours_in_one_number() {
    let hours = ["2024-01-01T00:00:00", "2024-01-01T01:00:00", "2024-01-04T23:00:00"];
    let compact = |at: u32| date(at / 24).format("%Y%m%d").to_string();
    check("MESS_DATUM", 96, |at| format!("{}{:02}", compact(at), at % 24), hours);
    check("time", 96, |at| format!("{}{:02}00", compact(at), at % 24), hours);
    check("time", 96, |at| format!("{}:{:02}00", compact(at), at % 24), hours);
    check("time", 96, |at| format!("{}{:02}", compact(at), at % 24 + 1), hours);
    check(
        "time",
        96,
        |at| format!("{} {:02}:00", date((at + 1) / 24), (at + 1) % 24),
        ["2024-01-01T01:00:00", "2024-01-01T02:00:00", "2024-01-05T00:00:00"],
    );
    let until_24 = |at: u32| format!("{} {:02}:00", date(at / 24), at % 24 + 1);
    check("time", 96, until_24, ["2024-01-01T01:00:00", "2024-01-01T02:00:00", "2024-01-05T00:00:00"]);
    check(
        "MESS_DATUM",
        96,
        |at| format!("{}{:02}{}0", compact(at / 6), at / 6 % 24, at % 6),
        ["2024-01-01T00:00:00", "2024-01-01T00:10:00", "2024-01-01T15:50:00"],
    );
}

/// Rows of consecutive days from 20 October 2023. `hours` gives the hours of a day.
fn autumn(row: impl Fn(chrono::NaiveDate, u32, u32) -> String, hours: impl Fn(u32) -> u32) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2023, 10, 20).unwrap();
    let mut number = 0;
    let mut text = String::new();
    for day in 0..15 {
        for hour in 0..hours(day) {
            text += &row(first + chrono::Days::new(day.into()), hour, number);
            number += 1;
        }
    }
    text
}

#[test]
fn a_25th_hour_is_that_of_a_change_of_the_clocks() {
    // The clocks of Europe are set back on 29 October 2023, those of America on 5 November.
    let europe = |day: u32| if day == 9 { 25 } else { 24 };
    let from_zero = |day: chrono::NaiveDate, hour: u32, at: u32| format!("{}{hour:02},{at}\n", day.format("%Y%m%d"));
    let from_one = |day: chrono::NaiveDate, hour: u32, at: u32| format!("{day},{},{at}\n", hour + 1);
    let texts =
        ["time,v\n".to_owned() + &autumn(from_zero, europe), "date,hour,v\n".to_owned() + &autumn(from_one, europe)];
    for text in texts {
        let read = read_default("a.csv", text);
        let series = read.panel.iter().next().unwrap();
        assert_eq!(series.values[..], (0..361).map(f64::from).collect::<Vec<_>>()[..]);
        assert_eq!(read.panel.format(series.time_at(9 * 24 + 2)), "2023-10-29T02:00:00+02:00");
        assert_eq!(read.panel.format(series.time_at(9 * 24 + 3)), "2023-10-29T02:00:00+01:00");
        assert_eq!(time_after_end(&read, 1), "2023-11-04T00:00:00+01:00");
        assert!(notices(&read).iter().any(|notice| notice.starts_with("2023-10-29 has 25 hours, as in Europe/Berlin")));
    }
    let wrong = "time,v\n".to_owned() + &autumn(from_zero, |day| if day == 4 { 25 } else { 24 });
    let error = error_of(&wrong);
    assert!(error.contains("2023102424") && error.contains("line 122"), "{error}");
    let text = "time,v\n".to_owned() + &autumn(from_zero, europe);
    let zone = |name: &str| ReadOptions { zone: Some(name.parse().unwrap()), ..options() };
    let london = read("a.csv", &text, &zone("Europe/London")).unwrap();
    assert_eq!(times(&london)[2], "2023-11-03T23:00:00Z");
    assert!(read("a.csv", &text, &zone("America/New_York")).is_err());
}

#[test]
fn parts_of_a_time_in_several_columns() {
    let hours = ["2024-01-01T00:00:00", "2024-01-01T01:00:00", "2024-01-04T23:00:00"];
    check("date,hour", 96, |at| format!("{},{}", date(at / 24), at % 24), hours);
    check("date,Hour Ending", 96, |at| format!("{},{}", date(at / 24), at % 24 + 1), hours);
    check("Datum,Uhrzeit", 96, |at| format!("{},{:02}:00", date(at / 24).format("%d.%m.%Y"), at % 24), hours);
    check("date,time", 96, |at| format!("{},{:02}:00-{:02}:00", date(at / 24), at % 24, (at + 1) % 24), hours);
    check(
        "Year,Month,Day,Hour,Minute",
        96,
        |at| format!("{},{},30", date(at / 24).format("%Y,%-m,%-d"), at % 24),
        ["2024-01-01T00:30:00", "2024-01-01T01:30:00", "2024-01-04T23:30:00"],
    );
    check(
        "settlement_date,settlement_period",
        96,
        |at| format!("{},{}", date(at / 48), at % 48 + 1),
        ["2024-01-01T00:00:00", "2024-01-01T00:30:00", "2024-01-02T23:30:00"],
    );
    let months = ["2020-01-01", "2020-02-01", "2022-12-01"];
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    check("Year,Month", 36, |at| format!("{},{}", 2020 + at / 12, names[at as usize % 12]), months);
    check("Jahr,Monat", 36, |at| format!("{},{}", 2020 + at / 12, at % 12 + 1), months);
    check("month,year", 36, |at| format!("{},{}", at % 12 + 1, 2020 + at / 12), months);
    check("year,periodName", 36, |at| format!("{},M{:02}", 2020 + at / 12, at % 12 + 1), months);
    check(
        "Year,Qtr",
        12,
        |at| format!("{},Q{}", 2020 + at / 4, at % 4 + 1),
        ["2020-01-01", "2020-04-01", "2022-10-01"],
    );
    check(
        "Year,Week",
        104,
        |at| format!("{},{}", 2021 + at / 52, at % 52 + 1),
        ["2021-01-04", "2021-01-11", "2022-12-26"],
    );
    check("year,doy", 300, |at| format!("2024,{}", at + 1), ["2024-01-01", "2024-01-02", "2024-10-26"]);
}

#[test]
fn years_with_a_fraction() {
    let months = ["1999-04-01", "1999-05-01", "2004-03-01"];
    let month = |at: u32| (1999 + (at + 3) / 12, (at + 3) % 12 + 1);
    // A spreadsheet takes 1999.10 for a number and writes 1999.1.
    let eaten = |at: u32| match month(at) {
        (year, 10) => format!("{year}.1"),
        (year, month) => format!("{year}.{month:02}"),
    };
    check("Period", 60, eaten, months);
    check("Period", 60, |at| format!("{}.{:02}", month(at).0, month(at).1), months);
    check("Period", 60, |at| format!("{}.{}", month(at).0, month(at).1), months);
    let middle = |at: u32| format!("{:.3}", f64::from(1999 * 12 + at + 3) / 12.0 + 1.0 / 24.0);
    check("year", 60, middle, months);
    check("date", 60, |at| format!("{:.4}", f64::from(1999 * 12 + at + 3) / 12.0), months);
    check("Time", 16, |at| (1990.0 + f64::from(at) / 4.0).to_string(), ["1990-01-01", "1990-04-01", "1993-10-01"]);
    let weeks = ["1999-01-04", "1999-01-11", "1999-12-27"];
    check("year", 52, |at| format!("{:.3}", 1999.0 + f64::from(at) / 52.0), weeks);
    let half_months = lines("year,v", 48, |at| format!("{:.3},{at}", 1999.0 + f64::from(at) / 24.0));
    assert!(error_of(&half_months).contains("are not dates"), "{}", error_of(&half_months));
}

#[test]
fn numbers_of_days_and_weeks() {
    check("Date", 40, |at| (45_292 + at).to_string(), ["2024-01-01", "2024-01-02", "2024-02-09"]);
    let hours = ["2024-01-01T00:00:00", "2024-01-01T01:00:00", "2024-01-04T23:00:00"];
    check("Date", 96, |at| format!("{:.6}", 45_292.0 + f64::from(at) / 24.0), hours);
    check(
        "month",
        12,
        |at| {
            ["45292", "45323", "45352", "45383", "45413", "45444", "45474", "45505", "45536", "45566", "45597", "45627"]
                [at as usize]
                .into()
        },
        ["2024-01-01", "2024-02-01", "2024-12-01"],
    );
    let weeks = ["2021-01-04", "2021-01-11", "2022-12-26"];
    let week = |at: u32| (2021 + at / 52, at % 52 + 1);
    check("week", 104, |at| format!("{}{:02}", week(at).0, week(at).1), weeks);
    check("week", 104, |at| format!("{} Week {}", week(at).0, week(at).1), weeks);
    check("week", 104, |at| format!("KW {:02}/{}", week(at).1, week(at).0), weeks);
    check("week", 104, |at| format!("{}-W{:02}", week(at).0, week(at).1), weeks);
    let fiscal = error_of(&lines("week,v", 60, |at| format!("FY24 W{:02},{at}", at % 52 + 1)));
    assert!(fiscal.contains("\"FY24 W01\" is a fiscal week"), "{fiscal}");
}

#[test]
fn spans_and_dates_of_east_asia() {
    let days = ["2024-01-01", "2024-01-02", "2024-02-09"];
    check("日付", 40, |at| date(at).format("%Y年%-m月%-d日").to_string(), days);
    check("날짜", 40, |at| date(at).format("%Y년 %-m월 %-d일").to_string(), days);
    check("月", 36, |at| format!("{}年{}月", 2020 + at / 12, at % 12 + 1), ["2020-01-01", "2020-02-01", "2022-12-01"]);
    check("日付", 40, |at| date(at).format("%Y年%m月%d日(月)").to_string(), days);
    let weeks = ["2024-01-01", "2024-01-08", "2024-09-30"];
    let span = |at: u32, format: &str, separator: &str| {
        let (from, to) = (date(at * 7), date(at * 7 + 6));
        format!("{}{separator}{}", from.format(format), to.format(format))
    };
    check("Week", 40, |at| span(at, "%Y-%m-%d", " - "), weeks);
    check("Week", 40, |at| span(at, "%Y-%m-%d", "/"), weeks);
    check("Week", 40, |at| span(at, "%d.%m.%Y", " bis "), weeks);
    check("Week", 40, |at| span(at, "%d.%m.%Y", "-"), weeks);
    let hours = ["2024-01-01T00:00:00", "2024-01-01T01:00:00", "2024-01-04T23:00:00"];
    let hour = |at: u32| format!("{} {:02}:00", date(at / 24).format("%d.%m.%Y"), at % 24);
    check("MTU (CET/CEST)", 96, |at| format!("{} - {}", hour(at), hour(at + 1)), hours);
}

#[test]
fn impossible_times_are_named_and_lead_to_a_better_file() {
    let days = |at: u32| date(at).to_string();
    let with = |cell: &str| lines("date,v", 40, |at| format!("{},{at}", if at == 20 { cell.into() } else { days(at) }));
    for cell in ["9999-12-31", "2024-13-01", "2024-02-30", "0001-01-01"] {
        let error = error_of(&with(cell));
        assert!(error.contains(&format!("line 22, column date: \"{cell}\" is not a date")), "{error}");
        let skip = ReadOptions { bad_rows: forecast::panel::BadRowPolicy::Skip, ..options() };
        let skipped = read("a.csv", with(cell), &skip).unwrap();
        assert_eq!(times(&skipped), ["2024-01-01", "2024-01-02", "2024-02-09"], "{cell}");
    }
    assert_eq!(
        notices(&read_default("a.csv", with("Total"))),
        ["1 row of totals left out, the first is line 22: Total"]
    );
    let months = |bad: &str| {
        lines("month,v", 40, |at| match at {
            7 => format!("{bad},7"),
            _ => format!("{}{:02},{at}", 2020 + at / 12, at % 12 + 1),
        })
    };
    assert!(error_of(&months("202017")).contains("line 9, column month: \"202017\" is not a date"));
    // Skipping more than a small share of the rows would invent a series.
    let mixed = lines("date,v", 40, |at| format!("{},{at}", if at % 2 == 0 { days(at) } else { format!("day {at}") }));
    let skip = ReadOptions { bad_rows: forecast::panel::BadRowPolicy::Skip, ..options() };
    let error = describe_error(&read("a.csv", mixed, &skip).unwrap_err());
    assert!(error.contains("too many to skip") && !error.contains("--bad-rows"), "{error}");
    assert!(
        error_of(&lines("date,v", 9, |at| format!("{}{at},{at}", if at > 3 { "2024-01-0" } else { "day " })))
            .contains("too many to skip")
    );
}

#[test]
fn fractions_of_a_second_are_kept() {
    let tenths = ["2024-01-01T12:00:00.0", "2024-01-01T12:00:00.1", "2024-01-01T12:00:29.9"];
    check("time", 300, |at| format!("2024-01-01 12:00:{:02}.{}", at / 10, at % 10), tenths);
    check("ts", 300, |at| (1_704_110_400_000 + u64::from(at) * 100).to_string(), tenths);
    check("ts", 300, |at| format!("{}.{}", 1_704_110_400 + at / 10, at % 10), tenths);
    let quarters = ["2024-01-01T00:00:00.125Z", "2024-01-01T00:00:00.375Z", "2024-01-01T00:00:14.875Z"];
    check("t", 60, |at| format!("2024-01-01T00:00:{:02}.{:03}000Z", at / 4, at % 4 * 250 + 125), quarters);
    let tenths = lines("time,v", 300, |at| format!("2024-01-01 12:00:{:02}.{},{at}", at / 10, at % 10));
    let read_tenths = read_default("a.csv", &tenths);
    assert_eq!((read_tenths.step.as_str(), read_tenths.panel.season()), ("every 100 ms", 1));
    assert_eq!(time_after_end(&read_tenths, 1), "2024-01-01T12:00:30.0");
    assert!(notices(&read_tenths).is_empty(), "{:?}", notices(&read_tenths));
    // One time a second may be at any tenth.
    check(
        "time",
        60,
        |at| format!("2024-01-01 00:00:{at:02}.3"),
        ["2024-01-01T00:00:00.3", "2024-01-01T00:00:01.3", "2024-01-01T00:00:59.3"],
    );
    for (name, values, last) in [("secondly", 30, 294.5), ("500ms", 60, 297.0), ("2s", 15, 289.5)] {
        let frequency = Some(name.parse().unwrap());
        let aggregated = ReadOptions { frequency, duplicates: forecast::panel::DuplicatePolicy::Mean, ..options() };
        let read = read("a.csv", &tenths, &aggregated).unwrap();
        let series = read.panel.iter().next().unwrap();
        assert_eq!((series.len(), *series.values.last().unwrap()), (values, last), "{name}");
    }
}

#[test]
fn times_that_jitter_by_milliseconds_are_moved_to_the_grid() {
    let text =
        lines("time,v", 200, |at| format!("2024-01-01 12:{:02}:{:02}.{:03},{at}", at / 60, at % 60, at * 37 % 90));
    let read = read_default("a.csv", text);
    assert_eq!(times(&read), ["2024-01-01T12:00:00", "2024-01-01T12:00:01", "2024-01-01T12:03:19"]);
    assert!(notices(&read).iter().any(|notice| notice.contains("2024-01-01T12:00:01.037")), "{:?}", notices(&read));
}

#[test]
fn steps_below_a_millisecond_are_aggregated_on_request() {
    let text = lines("time,v", 300, |at| format!("2024-01-01 00:00:00.{:03}{},{at}", at / 10, at % 10));
    let error = error_of(&text);
    assert!(error.contains("line 2 \"2024-01-01 00:00:00.0000\" and line 3 \"2024-01-01 00:00:00.0001\""), "{error}");
    assert!(error.contains("`--frequency 1ms --duplicates mean`"), "{error}");
    let frequency = Some("1ms".parse().unwrap());
    let aggregated = ReadOptions { frequency, duplicates: forecast::panel::DuplicatePolicy::Mean, ..options() };
    let read = read("a.csv", text, &aggregated).unwrap();
    let series = read.panel.iter().next().unwrap();
    assert_eq!((read.step.as_str(), series.len(), series.values[10]), ("every 1 ms", 31, 99.5));
    assert!(notices(&read).contains(&"the times are rounded to the millisecond".into()), "{:?}", notices(&read));
}

#[test]
fn months_with_flags_words_and_rolling_quarters() {
    let months = ["2010-01-01", "2010-02-01", "2014-12-01"];
    let month = |at: u32| (2010 + at / 12, at % 12 + 1);
    check("Monat", 60, |at| format!("{:02}.{}", month(at).1, month(at).0), months);
    check("month", 60, |at| format!("{}/{}", month(at).1, month(at).0), months);
    check("month", 60, |at| format!("{}-{:02}{}", month(at).0, month(at).1, if at > 50 { " p" } else { "" }), months);
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let rolling = |at: u32| {
        let (first, last) = (at % 12, (at + 2) % 12);
        format!("{}-{} {}", names[first as usize], names[last as usize], 2010 + (at + 2) / 12)
    };
    check("period", 60, rolling, months);
    let quarters = ["2010-01-01", "2010-04-01", "2019-10-01"];
    let ordinal = |at: u32| ["1st", "2nd", "3rd", "4th"][at as usize % 4];
    check("period", 40, |at| format!("{} quarter {}", ordinal(at), 2010 + at / 4), quarters);
    check("period", 40, |at| format!("{}Q{}", at % 4 + 1, 2010 + at / 4), quarters);
    check(
        "period",
        40,
        |at| format!("{} Q{}{}", 2010 + at / 4, at % 4 + 1, if at > 35 { " (e)" } else { "" }),
        quarters,
    );
}

#[test]
fn years_quarters_and_months_in_one_column_are_refused() {
    let years = |at: u32| (2005 + at).to_string();
    let quarters = |at: u32| format!("{} Q{}", 2005 + at / 4, at % 4 + 1);
    let names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let months = |at: u32| format!("{} {}", 2005 + at / 12, names[at as usize % 12]);
    let rows =
        |count: u32, cell: &dyn Fn(u32) -> String| lines("", count, |at| format!("{},{at}", cell(at)))[1..].to_owned();
    let (years, quarters, months) = (rows(10, &years), rows(40, &quarters), rows(120, &months));
    let error = error_of(&format!("period,v\n{years}{quarters}{months}"));
    assert!(error.contains("line 2 \"2005\"") && error.contains("`--frequency monthly`"), "{error}");
    let read = read_default("a.csv", format!("period,v\n{months}"));
    assert_eq!(read.summary(), "monthly, 1 series, 2005-01-01 to 2014-12-01, target v");
}

#[test]
fn zones_in_letters_are_offsets() {
    let hour = |at: u32| {
        format!("Jan {}, 2024 {}:00:00 {} PST", at / 24 + 1, (at + 11) % 12 + 1, ["AM", "PM"][(at / 12 % 2) as usize])
    };
    let text = lines("date/time;total", 48, |at| format!("{};{at}", hour(at)));
    assert_eq!(
        times(&read_default("a.csv", text)),
        ["2024-01-01T00:00:00-08:00", "2024-01-01T01:00:00-08:00", "2024-01-02T23:00:00-08:00"]
    );
    for (letters, offset) in [("CEST", "+02:00"), ("GMT+1", "+01:00"), ("GMT+01:00", "+01:00"), ("UTC-0530", "-05:30")]
    {
        let text = lines("time,v", 30, |at| format!("2024-06-{:02} {:02}:00 {letters},{at}", at / 24 + 1, at % 24));
        assert_eq!(times(&read_default("a.csv", text))[0], format!("2024-06-01T00:00:00{offset}"));
    }
    // Letters with several meanings are refused, and so is a number after those of a country.
    for letters in ["IST", "PST+1", "BST"] {
        let error = error_of(&lines("time,v", 9, |at| format!("2024-06-01 {at:02}:00 {letters},{at}")));
        assert!(error.contains("are not dates"), "{error}");
    }
}

#[test]
fn payments_at_any_second_become_days_on_request() {
    // The clocks change on 10 March, when the letters change too.
    let row = |at: u32| {
        let (month, day) = if at / 5 < 31 { ("Mar", at / 5 + 1) } else { ("Apr", at / 5 - 30) };
        let zone = if at / 5 < 9 { "PST" } else { "PDT" };
        format!("\"{month} {day}, 2024 {}:{:02}:11 PM {zone}\",{}", at % 5 * 2 + 1, at * 37 % 60, at % 5)
    };
    let text = lines("date/time,total", 200, row);
    let error = error_of(&text);
    assert!(error.contains("`--frequency daily --duplicates sum`"), "{error}");
    let frequency = Some(forecast::time::NamedFrequency::Daily);
    let summed = ReadOptions { frequency, duplicates: forecast::panel::DuplicatePolicy::Sum, ..options() };
    let read = read("a.csv", text, &summed).unwrap();
    let series = read.panel.iter().next().unwrap();
    assert_eq!(read.summary(), "daily, 1 series, 2024-03-01T00:00:00-08:00 to 2024-04-09T00:00:00-07:00, target total");
    assert!(series.values.iter().all(|value| *value == 10.0), "{:?}", series.values);
}

#[test]
fn seconds_since_1970_may_have_a_fraction() {
    let expected = ["2024-01-01T00:00:00.281", "2024-01-01T00:00:15.281", "2024-01-01T00:07:15.281"];
    check("timestamp", 30, |at| format!("{}.281", 1_704_067_200 + at * 15), expected);
    let expected = ["2024-01-01T00:00:00", "2024-01-01T00:00:15", "2024-01-01T00:07:15"];
    check("ts", 30, |at| format!("{}.0", 1_704_067_200 + at * 15), expected);
    let text = lines("timestamp,instance,v", 60, |at| {
        format!("{}.781,10.0.0.{}:9100,{}", 1_704_067_200 + at / 2 * 15, at % 2 + 1, at / 2)
    });
    let read = read_default("a.csv", text);
    assert!(read.summary().starts_with("every 15 seconds, 2 series (instance)"), "{}", read.summary());
    assert_eq!(times(&read)[0], "2024-01-01T00:00:00.781");
}

#[test]
fn days_of_a_spreadsheet_may_have_a_decimal_comma() {
    for name in ["Timestamp", "Datum"] {
        let serial = |at: u32| format!("{:.10}", 45_292.0 + f64::from(at) / 24.0).replace('.', ",");
        let read = read_default("a.csv", lines(&format!("{name};kW"), 96, |at| format!("{};{at},0", serial(at))));
        assert_eq!(times(&read), ["2024-01-01T00:00:00", "2024-01-01T01:00:00", "2024-01-04T23:00:00"]);
    }
}

#[test]
fn numbers_of_a_year_and_a_week_are_weeks() {
    for name in ["Woche", "Semaine", "Periode"] {
        let week = |at: u32| (2022 + at / 52) * 100 + at % 52 + 1;
        let read = read_default("a.csv", lines(&format!("{name};Absatz"), 109, |at| format!("{};{at},5", week(at))));
        assert_eq!(read.summary(), "weekly, 1 series, 2022-01-03 to 2024-01-29, target Absatz", "{name}");
    }
}

#[test]
fn dates_with_points_have_the_day_first_whatever_single_cells_say() {
    let text = lines("date,sales", 24, |at| {
        let date = if at == 7 { "1/31/24".to_owned() } else { format!("{:02}.02.2012", at + 1) };
        format!("{date},{}", 100 + at % 7)
    });
    let error = error_of(&text);
    assert!(error.contains("line 9") && error.contains("1/31/24"), "{error}");
    let dates: String = lines("date,sales", 12, |at| format!("{:02}.02.2012,{at}", at + 1));
    let one_wrong = dates.replace("12.02.2012", "1/31/24");
    assert!(error_of(&one_wrong).contains("1/31/24"));
}

#[test]
fn of_mixed_steps_the_requested_one_is_read() {
    let mixed = crate::hint_files::years_quarters_and_months();
    let error = error_of(&mixed);
    let listed =
        "mixes 4 years (line 2 \"2020\"), 16 quarters (line 6 \"2020 Q1\") and 48 months (line 22 \"2020 JAN\")";
    assert!(error.contains(listed), "{error}");
    // Told apart by a column, as in files of international organisations.
    let coded = |years: &str| {
        let of_years = (2016..2024).map(|year| format!("A,{year}{years},100.{year}\n"));
        let of_months = (0..96).map(|at| format!("M,{}-{:02},{}\n", 2016 + at / 12, at % 12 + 1, 100 + at));
        std::iter::once("FREQ,TIME,value\n".to_owned()).chain(of_years).chain(of_months).collect::<String>()
    };
    for (text, name, rows, summary) in [
        (mixed.clone(), "monthly", 20, "monthly, 1 series, 2020-01-01 to 2023-12-01, target index"),
        (mixed.clone(), "quarterly", 52, "quarterly, 1 series, 2020-01-01 to 2023-10-01, target index"),
        (coded(""), "monthly", 8, "monthly, 1 series, 2016-01-01 to 2023-12-01, target value"),
        (coded("-Q1"), "monthly", 8, "monthly, 1 series, 2016-01-01 to 2023-12-01, target value"),
    ] {
        let monthly = ReadOptions { frequency: Some(name.parse().unwrap()), ..options() };
        let read = read("a.csv", &text, &monthly).unwrap();
        assert_eq!(read.summary(), summary);
        let left_out = format!("{rows} rows are not {name} and left out, the first is line 2");
        assert!(notices(&read).iter().any(|notice| notice.starts_with(&left_out)), "{:?}", notices(&read));
    }
}

#[test]
fn a_year_may_have_a_fraction_after_a_decimal_comma() {
    let summary = |count: u32, time: &dyn Fn(u32) -> String| {
        read_default("a.csv", lines("Jahr;Wert", count, |at| format!("{};{},5", time(at), 100 + at % 7))).summary()
    };
    let with_comma = |number: f64| format!("{number:.4}").replace('.', ",");
    for (count, per_year, expected) in [
        (40, 2.0, "every 6 months, 1 series, 2000-01-01 to 2019-07-01, target Wert"),
        (40, 4.0, "quarterly, 1 series, 2000-01-01 to 2009-10-01, target Wert"),
        (60, 12.0, "monthly, 1 series, 2000-01-01 to 2004-12-01, target Wert"),
    ] {
        let number = |at: u32| 2000.0 + f64::from(at) / per_year;
        assert_eq!(summary(count, &|at| with_comma(number(at))), expected);
        let trimmed = |at: u32| with_comma(number(at)).trim_end_matches('0').trim_end_matches(',').to_owned();
        assert_eq!(summary(count, &trimmed), expected);
    }
    let weeks = summary(200, &|at| with_comma(1991.1 + f64::from(at) * 7.0 / 365.25));
    assert!(weeks.starts_with("weekly, 1 series, 1991-02-06"), "{weeks}");
    // amounts that could be years
    let amounts = lines("Tag;Wert", 40, |at| format!("{};{},25", date(at), 2000 + at));
    assert_eq!(first_values(&read_default("a.csv", &amounts)), [2000.25, 2001.25, 2002.25]);
}
