//! `--horizon` end to end: numbers of steps, and spans of time in steps of each frequency.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::sandbox::{Sandbox, stdout};

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
