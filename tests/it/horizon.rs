//! `--horizon` and `--until` end to end: numbers of steps, spans of time, and the last time of the forecast.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::sandbox::{Sandbox, stderr, stdout};

/// A file with a value at each of the first 1,200 days since 2021 that are chosen.
fn dated(is_chosen: impl Fn(NaiveDate) -> bool) -> String {
    let days = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap().iter_days().take(1200).filter(|day| is_chosen(*day));
    let rows = days.enumerate().map(|(t, day)| format!("{day},{}\n", t % 7));
    "date,y\n".to_owned() + &rows.collect::<String>()
}

fn ends_month(day: NaiveDate) -> bool {
    day.succ_opt().unwrap().day() == 1
}

#[test]
fn a_span_of_whole_steps_is_a_horizon() {
    let sandbox = Sandbox::new();
    let rows = |row: fn(u32) -> String| (0..100).map(row).collect::<String>();
    for (name, text) in [
        ("daily", dated(|day| day.year() == 2021)),
        ("weekly", dated(|day| day.weekday() == Weekday::Fri)),
        ("hourly", rows(|t| format!("2024-01-{:02} {:02}:00,{}\n", 1 + t / 24, t % 24, t % 5))),
        ("monthly", dated(ends_month)),
        ("quarterly", dated(|day| ends_month(day) && day.month() % 3 == 0)),
        ("mon-fri", dated(|day| day.weekday().number_from_monday() < 6)),
        ("tue-sun", dated(|day| day.weekday() != Weekday::Mon)),
        ("index", rows(|t| format!("{t},{}\n", t % 5))),
    ] {
        let header = if text.starts_with("date") { "" } else { "t,y\n" };
        sandbox.write(&format!("{name}.csv"), &format!("{header}{text}"));
    }
    for (name, horizon, steps) in [
        ("daily", "2w", Some(14)),
        ("daily", "48h", Some(2)),
        ("daily", "1m", None),
        ("weekly", "10 days", None),
        ("hourly", "2d", Some(48)),
        ("monthly", "1y", Some(12)),
        ("monthly", "2q", Some(6)),
        ("quarterly", "6m", Some(2)),
        ("quarterly", "1m", None),
        ("mon-fri", "2w", Some(10)),
        ("tue-sun", "2w", Some(12)),
        ("index", "2w", None),
        ("index", "12", Some(12)),
        // no horizons at all
        ("daily", "", None),
        ("daily", "0w", None),
        ("daily", "2.5", None),
        ("daily", "w", None),
        ("daily", "7 fortnights", None),
        ("daily", "99999999999999999999", None),
        ("daily", "100001", None),
    ] {
        let mut command = sandbox.forecast(&format!("--csv {name}.csv --model naive --out - -q --horizon"));
        let output = command.arg(horizon).output().unwrap();
        let lines = stdout(&output).lines().count();
        match steps {
            Some(steps) => assert_eq!(lines, 1 + steps, "{name}, {horizon}"),
            None => assert_eq!(output.status.code(), Some(2), "{name}, {horizon}"),
        }
    }
}

#[test]
fn the_last_time_of_the_forecast_is_a_day_a_month_a_year_a_minute_or_an_index() {
    let sandbox = Sandbox::new();
    let rows = |row: fn(u32) -> String| (0..100).map(row).collect::<String>();
    for (name, text) in [
        ("daily", dated(|day| day.year() == 2021)),
        ("weekly", dated(|day| day.weekday() == Weekday::Fri && day.year() == 2021)),
        ("hourly", "t,y\n".to_owned() + &rows(|t| format!("2024-01-{:02} {:02}:00,{}\n", 1 + t / 24, t % 24, t % 5))),
        ("monthly", dated(|day| ends_month(day) && day.year() < 2024)),
        ("mon-fri", dated(|day| day.weekday().number_from_monday() < 6 && day.year() == 2021)),
        ("index", "t,y\n".to_owned() + &rows(|t| format!("{t},{}\n", t % 5))),
    ] {
        sandbox.write(&format!("{name}.csv"), &text);
    }
    let until = |name: &str, time: &str| {
        let mut command = sandbox.forecast(&format!("--csv {name}.csv --model naive --out - -q --until"));
        command.arg(time).output().unwrap()
    };
    for (name, time, steps, last) in [
        ("daily", "2022-01-31", 31, "2022-01-31"),
        ("daily", "2022-02", 59, "2022-02-28"),
        ("daily", "2022", 365, "2022-12-31"),
        ("weekly", "2022-01-20", 2, "2022-01-14"),
        ("hourly", "2024-01-05", 20, "2024-01-05T23:00:00"),
        ("hourly", "2024-01-05T06:30", 3, "2024-01-05T06:00:00"),
        ("hourly", "2024-01-05 06:00", 3, "2024-01-05T06:00:00"),
        ("monthly", "2024-06-30", 6, "2024-06-30"),
        ("monthly", "2024-06-29", 5, "2024-05-31"),
        ("mon-fri", "2022-01-09", 5, "2022-01-07"),
        ("index", "105", 6, "105"),
    ] {
        let printed = stdout(&until(name, time));
        assert_eq!(printed.lines().count(), 1 + steps, "{name}, {time}");
        assert!(printed.lines().last().unwrap().starts_with(&format!("{last},")), "{name}, {time}: {printed}");
    }
    for (name, time) in [
        ("daily", "2021-12-31"),
        ("daily", "2020"),
        ("daily", "9999-12-31"),
        ("daily", "2022-13"),
        ("daily", "soon"),
        ("hourly", "2024-01-01"),
        ("index", "2024-06-30"),
        ("index", "99"),
    ] {
        let output = until(name, time);
        assert_eq!(output.status.code(), Some(2), "{name}, {time}");
        let text = stderr(&output);
        let (_, hint) = text.split_once("\nhint: ").unwrap();
        let command = hint.split('`').nth(1).unwrap();
        if command.starts_with("--until") && time != "soon" && !time.contains("-13") {
            let followed = until(name, command.trim_start_matches("--until "));
            assert_eq!(followed.status.code(), Some(0), "{name}, {time}: {command}: {}", stderr(&followed));
            assert_eq!(stdout(&followed).lines().count(), 2, "the hint names the next step");
        }
    }
    let both = sandbox.forecast("--csv daily.csv --model naive --until 2022 -n 3").output().unwrap();
    assert_eq!(both.status.code(), Some(2), "{}", stderr(&both));
    sandbox.run("train --csv daily.csv --model naive --until 2022-01-10 --out kept -q");
    let printed = stdout(&sandbox.run("predict --model kept --csv daily.csv --until 2022-01-05 --out -"));
    assert_eq!(printed.lines().count(), 1 + 5);
}

#[test]
fn totals_of_quarters_and_years_grow_against_the_same_period_a_year_before() {
    let sandbox = Sandbox::new();
    let months: Vec<String> = (0..36).map(|t| format!("{}-{:02},{}\n", 2021 + t / 12, t % 12 + 1, 100 + t)).collect();
    sandbox.write("monthly.csv", &("month,sales\n".to_owned() + &months.concat()));
    let totals = |line: &str| -> Vec<Vec<String>> {
        sandbox.run(&format!("--csv {line} --model naive --out totals -q"));
        let text = sandbox.read("totals/totals.csv");
        text.lines().skip(1).map(|row| row.split(',').map(str::to_owned).collect()).collect()
    };
    let cell = |row: &[String], at: usize| row[row.len() - at].parse::<f64>().ok();
    let quarters = totals("monthly.csv --until 2024-05 --total quarter");
    assert_eq!(quarters[0][..4], ["2024-01-01", "2024-03-01", "3", "3"]);
    assert_eq!(quarters[1][..4], ["2024-04-01", "2024-05-01", "2", "3"]);
    // the same months of 2023 have 124 + 125 + 126, and 127 + 128
    assert_eq!((cell(&quarters[0], 2), cell(&quarters[1], 2)), (Some(375.0), Some(255.0)));
    let growth = 100.0 * (quarters[0][4].parse::<f64>().unwrap() / 375.0 - 1.0);
    assert!((cell(&quarters[0], 1).unwrap() - growth).abs() < 1e-3);
    let years = totals("monthly.csv -n 18 --total year");
    assert_eq!((years[0][2..4].join(","), cell(&years[0], 2)), ("12,12".into(), Some(1_554.0)));
    assert_eq!((years[1][2..4].join(","), cell(&years[1], 2)), ("6,12".into(), None), "2024 is not in the history");
    sandbox.write("daily.csv", &dated(|day| day < NaiveDate::from_ymd_opt(2024, 2, 1).unwrap()));
    let daily = totals("daily.csv -n 29 --total month");
    // February 2023 has the steps 760 to 787
    let february = NaiveDate::from_ymd_opt(2021, 1, 1).unwrap().iter_days().take(1200).enumerate();
    let sum: usize = february.filter(|(_, day)| day.year() == 2023 && day.month() == 2).map(|(t, _)| t % 7).sum();
    assert_eq!(cell(&daily[0], 2), Some(sum as f64));
    sandbox.write("weekly.csv", &dated(|day| day.weekday() == Weekday::Fri));
    assert_eq!(cell(&totals("weekly.csv -n 13 --total horizon")[0], 2).map(|sum| sum > 0.0), Some(true));
    let output = sandbox.forecast("--csv monthly.csv -n 3 --model naive --total month").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "a month is one step");
}
