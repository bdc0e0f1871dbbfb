//! Cells that look like other times than they are.

use forecast::panel::BadRowPolicy;
use forecast::read::ReadOptions;
use forecast::time::{DateOrder, NamedFrequency};

use crate::files::{describe_error, lines, options, read, read_default};

/// A colon between a date and an hour alone is a damaged year; one before a whole time of day is not.
#[test]
fn an_hour_alone_after_a_colon_is_no_time() {
    for (good, bad) in [("25.01.2024", "25.01.20:4"), ("2024-01-25", "2024-01-2:5"), ("25/Jan/2024", "25/Jan/20:24")] {
        let text = lines("date,v", 30, |day| format!("{},{day}", good.replace("25", &format!("{:02}", day % 30 + 1))));
        let wrong = text.replace(&good.replace("25", "12"), bad);
        assert!(read("a.csv", &text, &options()).is_ok(), "{good}");
        let error = read("a.csv", &wrong, &options()).unwrap_err().to_string();
        assert!(error.contains(&format!("line 13, column date: \"{bad}\"")), "{error}");
    }
    let times = lines("time,v", 24, |hour| format!("25/Jan/2024:{hour:02}:00:00,{hour}"));
    assert!(read("a.csv", &times, &options()).is_ok());
}

/// Hours of a day, the first as `first` and the others with a year of four digits.
fn hours_of_a_day(first: &str) -> String {
    let hour = |at: u32| format!("2024-03-31T{:02}:00:00+02:00", at + 5);
    lines("time,v", 18, |at| format!("{},{at}", if at == 0 { first.to_owned() } else { hour(at) }))
}

/// With a `T` before the time of day, the year is first by ISO 8601, also with two digits.
#[test]
fn a_date_before_a_t_has_its_year_first() {
    let whole = hours_of_a_day("2024-03-31T05:00:00+02:00");
    let expected = "hourly, 1 series, 2024-03-31T05:00:00+02:00 to 2024-03-31T22:00:00+02:00, target v".to_owned();
    for text in [
        whole.clone(),
        hours_of_a_day(" 24-03-31T05:00:00+02:00"),
        hours_of_a_day("  24-03-31T05:00:00+02:00"),
        whole.replace("2024-", "24-"),
    ] {
        assert_eq!(read_default("a.csv", &text).summary(), expected, "{text}");
        let day_first = ReadOptions { dates: Some(DateOrder::DayFirst), ..options() };
        assert_eq!(read("a.csv", &text, &day_first).unwrap().summary(), expected, "{text}");
    }
    let one = "24-03-31T05:00:00+02:00,5\n";
    let daily = ReadOptions { frequency: Some(NamedFrequency::Daily), ..options() };
    assert!(read("a.csv", one, &daily).unwrap().summary().contains("2024-03-31"));
    // the day is first where the times are then closer to one another
    let days = lines("time,v", 30, |day| format!("{:02}-03-24T00:00:00,{day}", day + 1));
    assert_eq!(read_default("a.csv", &days).summary(), "daily, 1 series, 2024-03-01 to 2024-03-30, target v");
    let over_a_year = lines("time,v", 20, |day| {
        let date = chrono::NaiveDate::from_ymd_opt(2023, 12, 25).unwrap() + chrono::Days::new(day.into());
        format!("{},{day}", date.format("%y-%m-%dT00:00:00"))
    });
    assert_eq!(read_default("a.csv", &over_a_year).summary(), "daily, 1 series, 2023-12-25 to 2024-01-13, target v");
    // with another separator the day may be first
    let days = lines("time,v", 20, |day| format!("{:02}/03/24T05:00,{day}", day + 1));
    assert!(read_default("a.csv", &days).summary().starts_with("daily, 1 series, 2024-03-01T05:00:00 to 2024-03-20"));
}

/// Among years of four digits, a damaged one with two digits is near to the others, or no date.
#[test]
fn a_year_of_two_digits_among_others_is_not_far_from_them() {
    for (form, good, bad) in [
        ("%d/%m/%Y", "20/01/12", "20/01/20"),
        ("%b %d, %Y", "Jan 20, 12", "Jan 20, 20"),
        ("%d-%b-%Y", "20-Jan-12", "20-Jan-99"),
    ] {
        let day = |at: u32| chrono::NaiveDate::from_ymd_opt(2012, 1, at + 1).unwrap();
        let text = |other: &str| {
            let cell = |at: u32| if at == 19 { other.to_owned() } else { day(at).format(form).to_string() };
            lines("date;v", 30, |at| format!("{};{at}", cell(at)))
        };
        let read_with = |other: &str| read("a.csv", text(other), &options());
        assert_eq!(read_with(good).unwrap().summary(), "daily, 1 series, 2012-01-01 to 2012-01-30, target v");
        let error = describe_error(&read_with(bad).unwrap_err());
        assert!(error.contains(&format!("line 21, column date: \"{bad}\" is not a date")), "{error}");
        let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..options() };
        let skipped = read("a.csv", text(bad), &skip).unwrap();
        assert!(skipped.summary().starts_with("daily, 1 series, 2012-01-01 to 2012-01-30, target v"));
    }
}

#[test]
fn a_file_may_be_joined_from_parts_with_years_of_two_and_of_four_digits() {
    let month = |at: u32| chrono::NaiveDate::from_ymd_opt(2010, 1, 1).unwrap() + chrono::Months::new(at);
    for short in [6, 18, 30] {
        let form = |at: u32| if at < short { "%b-%y" } else { "%b-%Y" };
        let text = lines("date,v", 48, |at| format!("{},{at}", month(at).format(form(at))));
        assert_eq!(read_default("a.csv", &text).summary(), "monthly, 1 series, 2010-01-01 to 2013-12-01, target v");
    }
}

/// The number of a day beside a month starts again with each month; that of a year goes on.
#[test]
fn days_without_a_year_are_no_months_of_years() {
    let day = |at: u32| chrono::NaiveDate::from_ymd_opt(2023, 1, 1).unwrap() + chrono::Days::new(at.into());
    for format in ["%b %d", "%d-%b", "%B %-d", "%d. %b"] {
        let text = lines("date,v", 91, |at| format!("{},{}", day(at).format(format), at % 7));
        let error = describe_error(&read("a.csv", &text, &options()).unwrap_err());
        assert!(error.contains("not dates") || error.contains("is not a date"), "{format}: {error}");
    }
    for format in ["%b %y", "%y-%b", "%b-%y"] {
        let month = |at: u32| chrono::NaiveDate::from_ymd_opt(1998, 1, 1).unwrap() + chrono::Months::new(at);
        let read = read_default("a.csv", lines("date,v", 91, |at| format!("{},{}", month(at).format(format), at % 7)));
        assert_eq!(read.summary(), "monthly, 1 series, 1998-01-01 to 2005-07-01, target v", "{format}");
        // One month of each year, one below the other.
        let year = |at: u32| month(at % 9 * 12 + at / 9).format(format).to_string();
        let read = read_default("a.csv", lines("date,v", 108, |at| format!("{},{}", year(at), at % 7)));
        assert_eq!(read.summary(), "monthly, 1 series, 1998-01-01 to 2006-12-01, target v", "{format}");
    }
}

/// A fiscal year begins on a day that the file does not say, so that its weeks are not those of the calendar.
#[test]
fn fiscal_periods_are_refused() {
    let refused = |text: &str, period: &str| {
        let error = describe_error(&read("a.csv", text, &options()).unwrap_err());
        assert!(error.contains(&format!("is a fiscal {period}")), "{error}");
    };
    let week = |at: u32| (2022 + at / 52, at % 52 + 1);
    let quarter = |at: u32| (2014 + at / 4, at % 4 + 1);
    refused(&lines("week,v", 60, |at| format!("FY{} W{:02},{at}", week(at).0 % 100, week(at).1)), "week");
    refused(&lines("week,v", 60, |at| format!("FY{}-W{:02},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("week,v", 60, |at| format!("W{} FY{},{at}", week(at).1, week(at).0)), "week");
    refused(&lines("fiscal week,v", 60, |at| format!("{}-W{:02},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("Fiscal Week,v", 60, |at| format!("{}{:02},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("quarter,v", 24, |at| format!("FY{}Q{},{at}", quarter(at).0, quarter(at).1)), "quarter");
    refused(&lines("quarter,v", 24, |at| format!("Q{} FY{},{at}", quarter(at).1, quarter(at).0 % 100)), "quarter");
    let names: Vec<String> = (0..12).map(|at| format!("FY{} Q{}", quarter(at).0, quarter(at).1)).collect();
    let row = |shop: u32| (0..12).map(|at| (at * shop).to_string()).collect::<Vec<_>>().join(",");
    refused(&format!("shop,{}\nnorth,{}\nsouth,{}\n", names.join(","), row(1), row(2)), "quarter");
    // The year and its period are in two columns, or the number of the week follows the year.
    refused(&lines("fiscal_year,week,v", 104, |at| format!("{},{},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("FiscalYear,Week,v", 104, |at| format!("{},{},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("year,fiscal_week,v", 104, |at| format!("{},{},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("fy,quarter,v", 24, |at| format!("FY{},Q{},{at}", quarter(at).0, quarter(at).1)), "quarter");
    refused(&lines("fy,period,v", 60, |at| format!("{},{},{at}", 2019 + at / 12, at % 12 + 1)), "period");
    let month = |at: u32| {
        ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"][at as usize % 12]
    };
    let two_years = |at: u32| format!("{}/{}", 2018 + at / 12, 19 + at / 12);
    refused(&lines("year,month,v", 48, |at| format!("{},{},{at}", two_years(at), month(at))), "month");
    refused(&lines("fiscal_week,v", 104, |at| format!("{}-{:02},{at}", week(at).0, week(at).1)), "week");
    refused(&lines("fiscal_period,v", 48, |at| format!("{} P{},{at}", 2019 + at / 12, at % 12 + 1)), "period");
    // Without the word they are those of the calendar.
    let read = read_default("a.csv", lines("year,week,v", 104, |at| format!("{},{},{at}", week(at).0, week(at).1)));
    assert_eq!(read.summary(), "weekly, 1 series, 2022-01-03 to 2023-12-25, target v");
    let read = read_default("a.csv", lines("week,v", 60, |at| format!("{}-W{:02},{at}", week(at).0, week(at).1)));
    assert_eq!(read.summary(), "weekly, 1 series, 2022-01-03 to 2023-02-20, target v");
}
