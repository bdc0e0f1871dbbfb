//! Eleven files with imperfections. Each is forecast correctly, and the first line of the output lists the repairs.

use std::fmt::Write;

use crate::sandbox::{Sandbox, stdout};

const DAYS: u32 = 200;

fn date(day: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(day.into())
}

/// A weekly pattern around 50.
fn pattern(day: u32) -> f64 {
    50.0 + 10.0 * (f64::from(day % 7) / 7.0 * std::f64::consts::TAU).sin()
}

/// Noise with a standard deviation of about 2, the same in every run.
fn noise(day: u32) -> f64 {
    let uniform = |salt: u32| f64::from((day * 7_919 + salt).wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
    2.0 * ((0..12).map(uniform).sum::<f64>() - 6.0)
}

fn observed(day: u32) -> f64 {
    pattern(day) + noise(day)
}

fn csv(header: &str, count: u32, row: impl Fn(u32) -> Option<String>) -> String {
    let mut text = format!("{header}\n");
    (0..count).filter_map(row).for_each(|row| writeln!(text, "{row}").unwrap());
    text
}

fn plain(day: u32) -> String {
    format!("{},{:.3}", date(day), observed(day))
}

/// The first line of the output, and each row of the forecast: the cells before the forecast, and the forecast.
fn forecast(text: &str) -> (String, Vec<(String, f64)>) {
    forecast_by("seasonal-naive", text)
}

fn forecast_by(model: &str, text: &str) -> (String, Vec<(String, f64)>) {
    let sandbox = Sandbox::new();
    sandbox.write("sales.csv", text);
    let output = sandbox.run(&format!("--csv sales.csv --horizon 7 --model {model} --out -"));
    let first_line = String::from_utf8(output.stderr.clone()).unwrap().lines().next().unwrap_or_default().to_owned();
    let csv = stdout(&output);
    let before = csv.lines().next().unwrap().split(',').position(|name| name == "forecast").unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers: Vec<f64> = cells[before..].iter().map(|cell| cell.parse().unwrap()).collect();
        // No file here has a negative value.
        assert!(
            0.0 <= numbers[3]
                && numbers[3] <= numbers[1]
                && numbers[1] <= numbers[0]
                && numbers[0] <= numbers[2]
                && numbers[2] <= numbers[4]
        );
        (cells[..before].join(","), numbers[0])
    };
    (first_line, csv.lines().skip(1).map(row).collect())
}

/// Checks that the forecast of seven days is close to the pattern plus a level.
fn check_pattern(rows: &[(String, f64)], level: f64) {
    assert_eq!(rows.len(), 7);
    let error = (0..7).map(|step| (rows[step as usize].1 - pattern(DAYS + step) - level).abs()).sum::<f64>() / 7.0;
    assert!(error < 3.0, "{error}: {rows:?}");
}

/// The other tests use a fast model, because files are read in the same way for every model.
#[test]
fn the_default_model_forecasts_imperfect_files() {
    let with_gaps = |day: u32| Some(if day % 30 == 17 { format!("{},NaN", date(day)) } else { plain(day) });
    let rows = [
        csv("date,sales", DAYS, |day| Some(plain(day))),
        csv("date,sales", DAYS, |day| (![60, 61, 150].contains(&day)).then(|| plain(day))),
        csv("date,sales", DAYS, with_gaps),
    ];
    for text in rows {
        check_pattern(&forecast_by("auto", &text).1, 0.0);
    }
    let zeros = csv("date,sales", DAYS, |day| Some(format!("{},0", date(day))));
    assert!(forecast_by("auto", &zeros).1.iter().all(|(_, forecast)| *forecast == 0.0));
    assert_eq!(forecast_by("auto", &csv("date,sales", 9, |day| Some(plain(day)))).1.len(), 7);
}

#[test]
fn clean() {
    let (first_line, rows) = forecast(&csv("date,sales", DAYS, |day| Some(plain(day))));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target sales");
    assert_eq!(rows[0].0, "2025-07-20");
    check_pattern(&rows, 0.0);
}

#[test]
fn three_days_missing() {
    let (first_line, rows) =
        forecast(&csv("date,sales", DAYS, |day| (![60, 61, 150].contains(&day)).then(|| plain(day))));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target sales; 3 missing days filled");
    check_pattern(&rows, 0.0);
}

#[test]
fn two_duplicate_rows() {
    let repeated = |day: u32| Some(if [70, 140].contains(&day) { format!("{0}\n{0}", plain(day)) } else { plain(day) });
    let (first_line, rows) = forecast(&csv("date,sales", DAYS, repeated));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target sales; 2 duplicate rows merged");
    check_pattern(&rows, 0.0);
}

#[test]
fn six_values_missing() {
    let with_gaps =
        |day: u32| Some(if day % 30 == 17 && day < 180 { format!("{},NaN", date(day)) } else { plain(day) });
    let (first_line, rows) = forecast(&csv("date,sales", DAYS, with_gaps));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target sales; 6 empty values filled");
    check_pattern(&rows, 0.0);
}

#[test]
fn all_zeros() {
    let (first_line, rows) = forecast(&csv("date,sales", DAYS, |day| Some(format!("{},0", date(day)))));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target sales");
    assert!(rows.len() == 7 && rows.iter().all(|(_, forecast)| *forecast == 0.0), "{rows:?}");
}

#[test]
fn nine_rows() {
    let (first_line, rows) = forecast(&csv("date,sales", 9, |day| Some(plain(day))));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-01-09, target sales");
    assert_eq!((rows.len(), rows[0].0.as_str()), (7, "2025-01-10"));
}

#[test]
fn counts_that_are_mostly_zero() {
    let count = |day: u32| u32::from(day * 7_919 % 10 < 2) + u32::from(day * 104_729 % 10 < 1);
    let (first_line, rows) = forecast(&csv("date,sales", DAYS, |day| Some(format!("{},{}", date(day), count(day)))));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target sales", "no count is a spike");
    assert!(rows.iter().all(|(_, forecast)| *forecast >= 0.0), "{rows:?}");
}

#[test]
fn semicolons_decimal_commas_and_german_dates() {
    let row = |day: u32| {
        Some(format!("{};{}", date(day).format("%d.%m.%Y"), format!("{:.3}", observed(day)).replace('.', ",")))
    };
    let (first_line, rows) = forecast(&csv("Datum;Umsatz", DAYS, row));
    assert_eq!(first_line, "daily, 1 series, 2025-01-01 to 2025-07-19, target Umsatz");
    assert_eq!(rows[0].0, "2025-07-20");
    check_pattern(&rows, 0.0);
}

#[test]
fn hours_in_berlin_across_a_change_of_the_clocks() {
    let start: chrono::DateTime<chrono::Utc> = "2025-03-20T00:00:00Z".parse().unwrap();
    let row = |hour: u32| {
        let time = (start + chrono::TimeDelta::hours(hour.into())).with_timezone(&chrono_tz::Europe::Berlin);
        Some(format!("{},{:.3}", time.format("%Y-%m-%dT%H:%M:%S%:z"), 50.0 + f64::from(hour % 24)))
    };
    let (first_line, rows) = forecast(&csv("time,load", 24 * 20, row));
    assert_eq!(first_line, "hourly, 1 series, 2025-03-20T01:00:00+01:00 to 2025-04-09T01:00:00+02:00, target load");
    assert_eq!(rows[0], ("2025-04-09T02:00:00+02:00".into(), 50.0));
}

#[test]
fn months_without_a_day() {
    let row = |month: u32| Some(format!("{}-{:02},{}", 2015 + month / 12, month % 12 + 1, 100 + month % 12));
    let (first_line, rows) = forecast(&csv("month,sales", 120, row));
    assert_eq!(first_line, "monthly, 1 series, 2015-01-01 to 2024-12-01, target sales");
    assert_eq!((rows[0].clone(), rows[6].0.as_str()), (("2025-01-01".into(), 100.0), "2025-07-01"));
}

#[test]
fn two_series_without_a_requested_id_column() {
    let row = |at: u32| {
        let (day, item) = (at / 2, at % 2);
        Some(format!(
            "{},{},{:.3}",
            date(day),
            ["lamp", "desk"][item as usize],
            observed(day) + f64::from(item) * 100.0
        ))
    };
    let (first_line, rows) = forecast(&csv("date,item,sales", 2 * DAYS, row));
    assert_eq!(first_line, "daily, 2 series (item), 2025-01-01 to 2025-07-19, target sales");
    assert!(rows[0].0 == "desk,2025-07-20" && rows[7].0 == "lamp,2025-07-20", "{rows:?}");
    check_pattern(&rows[..7], 100.0);
    check_pattern(&rows[7..], 0.0);
}

/// The output folder has every repair, value by value.
#[test]
fn every_repair_is_recorded() {
    let sandbox = Sandbox::new();
    let row = |day: u32| match day {
        20 => None,
        30 => Some(format!("{},", date(day))),
        40 => Some(format!("{0},105\n{0},105", date(day))),
        50 => Some(format!("{},99999", date(day))),
        _ => Some(format!("{},{}", date(day), 50 + day % 7 * 3 + day)),
    };
    sandbox.write("sales.csv", &csv("date,sales", 70, row));
    let output = sandbox.run("--csv sales.csv --horizon 3 --model seasonal-naive");
    let first_line = String::from_utf8(output.stderr).unwrap();
    let summary = "target sales; 1 missing day filled, 1 empty value filled, 1 duplicate row merged, 1 spike clipped";
    assert!(first_line.lines().next().unwrap().ends_with(summary), "{first_line}");
    assert_eq!(
        sandbox.read("sales-forecast/repairs.csv"),
        "date,repair,from,to\n2025-01-21,missing row filled,,88\n2025-01-31,empty value filled,,86\n\
         2025-02-10,equal rows merged,105,105\n2025-02-20,spike clipped,99999,137\n"
    );
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("sales-forecast/run.json")).unwrap();
    assert_eq!(run["data"]["repairs"]["spike clipped"], 1);
    sandbox.run("--csv sales.csv --horizon 3 --model seasonal-naive --spikes keep --out kept -q");
    assert!(!sandbox.read("kept/repairs.csv").contains("spike"));
}
