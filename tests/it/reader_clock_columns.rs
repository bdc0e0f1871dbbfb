//! Times of day and days of a year in columns and headers next to dates and years.

use crate::files::{describe_error, lines, notices, options, read, read_default};

/// Rows of so many days from 2024-01-01 on, each with these times of day and a value that counts the rows.
fn days(header: &str, count: u32, times_of_day: &[String]) -> String {
    let per_day = times_of_day.len() as u32;
    lines(header, count * per_day, |row| {
        format!("2024-01-{:02},{},{row}.5", row / per_day + 1, times_of_day[(row % per_day) as usize])
    })
}

fn texts(count: u32, text: impl Fn(u32) -> String) -> Vec<String> {
    (0..count).map(text).collect()
}

#[test]
fn times_of_day_in_many_forms_complete_a_date() {
    let half = |hour: u32| format!("{} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" });
    for (header, times_of_day, step) in [
        ("Date,Time,v", texts(24, |hour| format!("{hour:02}.00.00")), "hourly"),
        ("Date,Hours,v", texts(24, |hour| format!("{hour:02} - {:02}", (hour + 1) % 24)), "hourly"),
        ("Date,Time,v", texts(24, |hour| format!("{hour:02}0000")), "hourly"),
        ("Date,Time,v", texts(48, |half| (half / 2 * 10_000 + half % 2 * 3_000).to_string()), "half-hourly"),
        ("Date,HHMM,v", texts(48, |half| (half / 2 * 100 + half % 2 * 30).to_string()), "half-hourly"),
        ("Date,PTU,v", texts(96, |quarter| (quarter + 1).to_string()), "quarter-hourly"),
        ("Date,Ora /Hour,v", texts(24, |hour| (hour + 1).to_string()), "hourly"),
        ("Date,Period,v", texts(24, |hour| format!("H{}", hour + 1)), "hourly"),
        ("Date,Period,v", texts(24, |hour| format!("H{hour:02}")), "hourly"),
        ("Date,Hour,v", texts(24, half), "hourly"),
        ("Date,Block,v", texts(24, half), "hourly"),
    ] {
        let dataset = read_default("a.csv", days(header, 5, &times_of_day));
        let summary = dataset.summary();
        assert!(summary.starts_with(&format!("{step}, 1 series, 2024-01-01T00:00:00")), "{header}: {summary}");
        let values = &dataset.panel.iter().next().unwrap().values;
        let expected: Vec<f64> = (0..5 * times_of_day.len() as u32).map(|row| f64::from(row) + 0.5).collect();
        assert_eq!(values[..], expected, "{header}");
    }
}

#[test]
fn a_total_of_the_day_among_times_of_day_is_left_out() {
    let mut spans = texts(20, |half| {
        let clock = |half: u32| format!("{}:{:02}", 8 + half / 2, half % 2 * 30);
        format!("{} - {}", clock(half), clock(half + 1))
    });
    spans.push("Total".into());
    let dataset = read_default("a.csv", days("Date,Interval,Offered", 5, &spans));
    assert!(dataset.summary().starts_with("half-hourly, 1 series, 2024-01-01T08:00:00"), "{}", dataset.summary());
    assert!(notices(&dataset).iter().any(|notice| notice.contains("Total")), "{:?}", notices(&dataset));
}

#[test]
fn half_hours_and_hours_of_a_date_in_the_header_are_one_series() {
    let half = |hour: u32| format!("{} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" });
    for (names, step) in [(texts(48, |at| format!("SP{}", at + 1)), "half-hourly"), (texts(24, half), "hourly")] {
        let width = names.len() as u32;
        let text = lines(&format!("Date,{}", names.join(",")), 6, |row| {
            format!("2024-01-{:02},{}", row + 1, texts(width, |at| (row * width + at).to_string()).join(","))
        });
        let dataset = read_default("a.csv", text);
        assert!(
            dataset.summary().starts_with(&format!("{step}, 1 series, 2024-01-01T00:00:00")),
            "{}",
            dataset.summary()
        );
        let expected: Vec<f64> = (0..6 * width).map(f64::from).collect();
        assert_eq!(dataset.panel.iter().next().unwrap().values[..], expected);
    }
}

/// Ages, codes and counts next to dates are no times of day.
#[test]
fn ages_codes_and_other_numbers_are_no_times_of_day() {
    let ages = ["0-4", "5-9", "10-14", "15-19", "20-24"].map(str::to_owned);
    let products = texts(24, |at| format!("P{}", at + 1));
    let plants = texts(12, |at| format!("H{}", at + 1));
    let versions = ["1.0.0", "1.2.0", "2.0.1"].map(str::to_owned);
    for (header, values) in [
        ("date,age,v", &ages[..]),
        ("date,product,v", &products),
        ("date,plant,v", &plants),
        ("date,version,v", &versions),
    ] {
        let dataset = read_default("a.csv", days(header, 6, values));
        let expected = format!("daily, {} series", values.len());
        assert!(dataset.summary().starts_with(&expected), "{header}: {}", dataset.summary());
    }
    // stores, and 96 columns of a file of years
    let row = |first: String, width: u32| format!("{first},{}", texts(width, |at| (at * 7 % 11).to_string()).join(","));
    for count in [47, 48, 96] {
        let stores = texts(count, |at| (at + 1).to_string());
        let text = lines(&format!("date,{}", stores.join(",")), 6, |at| row(format!("2024-01-{:02}", at + 1), count));
        let summary = read_default("a.csv", text).summary();
        assert!(summary.starts_with(&format!("daily, {count} series (series)")), "{summary}");
    }
    let plots = texts(96, |at| (at + 1).to_string());
    let text = lines(&format!("year,{}", plots.join(",")), 6, |at| row((2015 + at).to_string(), 96));
    assert!(read_default("a.csv", text).summary().starts_with("yearly, 96 series (series)"));
}

#[test]
fn days_by_years_are_one_daily_series() {
    let is_leap = |year: u32| year.is_multiple_of(4);
    for (is_day_first, separator) in [(false, '/'), (true, '.'), (true, '/')] {
        let length = |month: u32| match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let days: Vec<(u32, u32)> =
            (1..=12).flat_map(|month| (1..=length(month)).map(move |day| (month, day))).collect();
        let text = lines("Date,2021,2020", days.len() as u32, |row| {
            let (month, day) = days[row as usize];
            let (one, other) = if is_day_first { (day, month) } else { (month, day) };
            let value =
                |year: u32| if day == 29 && month == 2 && !is_leap(year) { String::new() } else { row.to_string() };
            format!("{one}{separator}{other},{},{}", value(2021), value(2020))
        });
        let dataset = read_default("a.csv", text);
        assert!(
            dataset.summary().starts_with("daily, 1 series, 2020-01-01 to 2021-12-31, target value"),
            "{}",
            dataset.summary()
        );
    }
    // fractions and scores are names of rows
    let text = lines("score,2019,2020,2021,2022", 6, |row| format!("{}/{},1,2,3,4", row + 1, row * 3 % 7 + 1));
    assert_eq!(read_default("a.csv", text).summary(), "yearly, 6 series (score), 2019 to 2022, target value");
    let month_13 = lines("Date,2020,2021,2022,2023", 40, |row| format!("{}/{},1,2,3,4", row / 20 + 13, row % 20 + 1));
    let error =
        read("a.csv", month_13, &options()).map(|found| found.summary()).map_err(|error| describe_error(&error));
    assert!(error.is_ok_and(|summary| summary.starts_with("yearly")));
}

#[test]
fn periods_of_fiscal_years_are_refused_by_the_name_of_either_column() {
    for header in ["Posting Period,Fiscal Year,Amount", "Posting Period,Year,Amount"] {
        let text = lines(header, 36, |row| format!("{},{},{}", row % 12 + 1, 2021 + row / 12, row * 7 % 19 + 100));
        let error = read("a.csv", text, &options()).unwrap_err().to_string();
        assert!(error.contains("is a fiscal period"), "{error}");
    }
    let of_calendar = lines("Month,Year,Amount", 36, |row| format!("{},{},{row}", row % 12 + 1, 2021 + row / 12));
    assert!(read_default("a.csv", of_calendar).summary().starts_with("monthly, 1 series"));
}
