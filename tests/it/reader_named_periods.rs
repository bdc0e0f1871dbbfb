//! Periods in the names of columns with the same words before or after them, and tables without a header.

use forecast::read::ReadOptions;
use forecast::time::NamedFrequency;

use crate::files::{describe_error, lines, notices, options, read, read_default};

/// The names of 24 months from 2019 on.
fn months(name: impl Fn(u32, u32) -> String) -> Vec<String> {
    (0..24).map(|at| name(2019 + at / 12, at % 12 + 1)).collect()
}

/// A row for each of three shops, with a value for each name.
fn shops(names: &[String]) -> String {
    let row =
        |row: u32| (0..names.len() as u32).map(|at| (row * 31 + at * 17 % 23 + 4).to_string()).collect::<Vec<_>>();
    lines(&format!("shop,{}", names.join(",")), 3, |at| format!("s{at},{}", row(at).join(",")))
}

#[test]
fn one_text_before_or_after_all_periods_leaves_them_times() {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let monthly: [&dyn Fn(u32, u32) -> String; 14] = [
        &|year, month| format!("Antal {year}M{month:02}"),
        &|year, month| format!("Sales {year}-{month:02}"),
        &|year, month| format!("sales_{year}_{month:02}"),
        &|year, month| format!("sales_{year}{month:02}"),
        &|year, month| format!("X{year}.{month:02}"),
        &|year, month| format!("X{year}.{month:02}.01"),
        &|year, month| format!("y{year}_m{month}"),
        &|year, month| format!("Umsatz {month:02}.{year}"),
        &|year, month| format!("Sales {} {year}", NAMES[month as usize - 1]),
        &|year, month| format!("{year}-{month:02} kWh"),
        &|year, month| format!("{year}M{month:02} Index"),
        &|year, month| format!("{year}.{month:02} 월"),
        &|year, month| format!("MO{month:02}{year}"),
        &|year, month| format!("Store 7: {year}/{month:02} (total units)"),
    ];
    for name in monthly {
        let names = months(name);
        let dataset = read_default("a.csv", shops(&names));
        let expected = "monthly, 3 series (shop), 2019-01-01 to 2020-12-01, target value";
        assert_eq!(dataset.summary(), expected, "{}", names[0]);
        // the newest first, with a total
        let newest_first: Vec<String> = names.iter().rev().cloned().chain(["Total".to_owned()]).collect();
        assert_eq!(read_default("a.csv", shops(&newest_first)).summary(), expected, "{}", names[0]);
    }
    let quarters: Vec<String> = (0..8).map(|at| format!("Umsatz {}Q{}", 2019 + at / 4, at % 4 + 1)).collect();
    let quarterly = read_default("a.csv", shops(&quarters));
    assert_eq!(quarterly.summary(), "quarterly, 3 series (shop), 2019-01-01 to 2020-10-01, target value");
    let weeks: Vec<String> = (1..30).map(|week| format!("Sales W{week:02} 2019")).collect();
    assert!(read_default("a.csv", shops(&weeks)).summary().starts_with("weekly, 3 series (shop)"));
    let days: Vec<String> = (1..30).map(|day| format!("sales_201901{day:02}")).collect();
    assert!(read_default("a.csv", shops(&days)).summary().starts_with("daily, 3 series (shop)"));
}

#[test]
fn several_words_next_to_the_same_periods_are_several_quantities() {
    let of = |word: &str| months(|year, month| format!("{word} {year}M{month:02}"));
    let error = describe_error(&read("a.csv", shops(&[of("Antal"), of("Andel")].concat()), &options()).unwrap_err());
    assert!(error.contains("write the columns of Antal, Andel to separate files"), "{error}");
}

/// Numbers at the end of names are steps only if all columns with such names have them.
#[test]
fn a_part_of_the_numbered_columns_is_no_series_of_steps() {
    let steps: Vec<String> = (1..=24).map(|step| format!("d_{step}")).collect();
    assert_eq!(read_default("a.csv", shops(&steps)).summary(), "index, 3 series (shop), 1 to 24, target value");
    let names: [&dyn Fn(u32, u32) -> String; 4] = [
        &|year, month| format!("version 3.{year}.{month}"),
        &|year, month| format!("well_{}_{month}", year - 2018),
        &|year, month| format!("part{}-{month:02}", year - 1900),
        &|year, month| format!("x{}_y{month}", year % 7),
    ];
    for name in names {
        let error = read("a.csv", shops(&months(name)), &options()).unwrap_err();
        assert!(error.to_string().contains("several columns could be the target"), "{error}");
    }
    let with_gap: Vec<String> = (1..=24).filter(|step| *step != 3).map(|step| format!("d_{step}")).collect();
    read("a.csv", shops(&with_gap), &options()).unwrap_err();
    // years next to a word may be anything
    let years: Vec<String> = (2010..2022).map(|year| format!("pop {year}")).collect();
    assert_eq!(read_default("a.csv", shops(&years)).summary(), "index, 3 series (shop), 2010 to 2021, target value");
    // a column of dates is the time, and the products are no months
    let products: Vec<String> = months(|year, month| format!("SKU-{year}{month:02}"));
    let text = shops(&products).replace("shop,", "date,").replace('s', "2024-01-0");
    let text = text.replace("2024-01-00,", "2024-01-03,");
    assert!(read_default("a.csv", text).summary().starts_with("daily, 24 series (series)"));
}

#[test]
fn columns_without_a_header_are_no_steps() {
    let numbers =
        |row: u32| (0..10).map(|at| format!("{}.5", 90 + (row * 7 + at * 5) % 13)).collect::<Vec<_>>().join(",");
    let epochs = lines("", 40, |row| format!("{},{}", 1_735_689_600_000 + u64::from(row) * 3_600_000, numbers(row)));
    let hourly = read_default("a.csv", epochs.trim_start());
    assert!(hourly.summary().starts_with("hourly, 10 series (series), 2025-01-01T00:00:00"), "{}", hourly.summary());
    assert!(notices(&hourly)[0].contains("no header"));
    let parts = lines("", 40, |row| format!("2024,1,{},{},{}", row / 24 + 1, row % 24, numbers(row)));
    let of_parts = read_default("a.csv", parts.trim_start());
    assert!(
        of_parts.summary().starts_with("hourly, 10 series (series), 2024-01-01T00:00:00"),
        "{}",
        of_parts.summary()
    );
    let days = lines("", 40, |row| format!("2024,{},{},7{row}", row / 31 + 1, row % 31 + 1));
    assert_eq!(
        read_default("a.csv", days.trim_start()).summary(),
        "daily, 1 series, 2024-01-01 to 2024-02-09, target column 4"
    );
    // the third number does not follow the calendar, so that the columns are named by hand
    let others = lines("", 40, |row| format!("2024,{},{},{}", row * 5 % 12 + 1, row * 3 % 7, numbers(row)));
    let error = read("a.csv", others.trim_start(), &options()).unwrap_err().to_string();
    assert!(error.contains("several columns could be the target: column"), "{error}");
    let chosen = ReadOptions { target: Some("column 5".into()), ..options() };
    let of_rows = read("a.csv", others.trim_start(), &chosen).unwrap();
    assert_eq!(of_rows.summary(), "index, 1 series, 1 to 40, target column 5");
}

/// Quantities such as 1504.9 in columns of few rows are no months.
#[test]
fn decimals_in_few_rows_are_no_months() {
    let names: Vec<String> = (1..=12).map(|step| format!("P{step}")).collect();
    let rows =
        |row: u32| (0..12).map(|at| format!("{}.{}", 1504 + at * 9 + row, (at + row * 3) % 9 + 1)).collect::<Vec<_>>();
    for count in 1..5 {
        let text =
            lines(&format!("country,{}", names.join(",")), count, |row| format!("C{row},{}", rows(row).join(",")));
        let expected = format!("index, {count} series (country), 1 to 12, target value");
        assert_eq!(read_default("a.csv", text).summary(), expected);
    }
    let months = lines("period,v", 4, |row| format!("2023.0{},{}", row + 1, row * 3 % 5));
    assert_eq!(read_default("a.csv", months).summary(), "monthly, 1 series, 2023-01-01 to 2023-04-01, target v");
}

#[test]
fn of_years_quarters_and_months_in_the_header_one_step_is_read() {
    let years: Vec<String> = (2019..2021).map(|year| year.to_string()).collect();
    let quarters: Vec<String> = (0..8).map(|at| format!("{}Q{}", 2019 + at / 4, at % 4 + 1)).collect();
    let of_months = months(|year, month| format!("{year}M{month}"));
    let text = shops(&[years.clone(), quarters, of_months].concat());
    let monthly = read_default("a.csv", &text);
    assert_eq!(monthly.summary(), "monthly, 3 series (shop), 2019-01-01 to 2020-12-01, target value");
    assert!(notices(&monthly).iter().any(|notice| notice.contains("left out: 2019, 2020, 2019Q1")));
    let asked = ReadOptions { frequency: Some(NamedFrequency::Quarterly), ..options() };
    let quarterly = read("a.csv", &text, &asked).unwrap();
    assert_eq!(quarterly.summary(), "quarterly, 3 series (shop), 2019-01-01 to 2020-10-01, target value");
    // years alone, next to a name that is no period
    let alone = [vec!["2017".into(), "2018".into()], years, vec!["change".into()]].concat();
    assert_eq!(read_default("a.csv", shops(&alone)).summary(), "yearly, 3 series (shop), 2017 to 2020, target value");
}

#[test]
fn a_date_of_the_last_update_is_not_the_time_next_to_dates_in_the_header() {
    let names = months(|year, month| format!("{year}-{month:02}"));
    let with_dates = |header: &str, date: &dyn Fn(u32) -> String| {
        let text = shops(&names).replacen("shop", &format!("shop,{header}"), 1);
        (0..3).fold(text, |text, row| text.replace(&format!("s{row},"), &format!("s{row},{},", date(row))))
    };
    let same = |_: u32| "14/06/2024 12:00".to_owned();
    let several = |row: u32| format!("{}/06/2024 12:00", 14 + row);
    for text in [
        with_dates("Dernière mise à jour", &same),
        with_dates("Dernière mise à jour", &several),
        with_dates("last_update", &several),
        with_dates("as of", &same),
    ] {
        let dataset = read_default("a.csv", text);
        let expected = "monthly, 3 series (shop), 2019-01-01 to 2020-12-01, target value";
        assert_eq!(dataset.summary(), expected);
    }
    // the dates of cohorts may be the time
    let cohorts = with_dates("cohort", &several);
    let error = read("a.csv", cohorts, &options()).unwrap_err().to_string();
    assert!(error.contains("several columns could be the target"), "{error}");
}

#[test]
fn months_below_the_total_of_their_year_have_that_year() {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let row = |at: u32| match at % 13 {
        0 => format!("{},9999", 2021 + at / 13),
        month => format!("{},{}", NAMES[month as usize - 1], at * 7 % 19 + 100),
    };
    let text = lines("Row Labels,Sum of Sales", 39, row) + "Grand Total,29997\n";
    let dataset = read_default("a.csv", &text);
    assert_eq!(dataset.summary(), "monthly, 1 series, 2021-01-01 to 2023-12-01, target Sum of Sales");
    assert!(dataset.panel.iter().all(|series| series.values.iter().all(|value| *value < 200.0)));
    // months that go back within a year may be those of the next one
    read("a.csv", text.replace("\nMar,", "\nJan,"), &options()).unwrap_err();
}
