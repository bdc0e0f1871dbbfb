//! What never happens, whatever the model and the file: a number that is none, crossed bands, a negative value where there
//! never was one, times that are not the next ones, other bytes on a rerun, a stack trace.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Output;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

use crate::desk::{Desk, stdout};

const HORIZON: usize = 3;

/// A model by its name, and whether it is a network, whose two epochs are enough here.
struct Named {
    name: String,
    flags: &'static str,
}

/// Every name that `--model` takes, those of a release to come included.
fn models(desk: &Desk) -> Vec<Named> {
    let refused = desk.forecast("--csv none.csv -n 1 --model no-such-model").output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    let names = said.lines().next().unwrap().split_once("none of ").unwrap().1;
    let names: Vec<String> = names.split(", ").map(str::to_owned).collect();
    assert!(names.len() >= 16 && names.contains(&"auto".to_owned()), "{names:?}");
    // flags are judged before the file is looked for
    let takes_epochs = |name: &str| {
        let line = format!("--csv none.csv -n 1 --model {name} --epochs 2");
        desk.forecast(&line).output().unwrap().status.code() != Some(2)
    };
    let named = |name: String| Named { flags: if takes_epochs(&name) { "--epochs 2" } else { "" }, name };
    names.into_iter().map(named).collect()
}

/// Forecasts with a model.
fn run(desk: &Desk, file: &str, Named { name: model, flags }: &Named) -> Output {
    let line = format!("--csv {file} -n {HORIZON} --model {model} {flags} --out - -q");
    let output = desk.forecast(&line).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked") && !said.contains("backtrace"), "{model}, {file}: {said}");
    match output.status.code() {
        Some(0) => {}
        Some(3) => assert!(said.starts_with("error: ") && said.contains("\nhint: "), "{model}, {file}: {said}"),
        other => panic!("{model}, {file}: {other:?} {said}"),
    }
    output
}

/// Checks the forecast of a file whose first column is an id: its lowest value so far, and its next times.
fn check(who: &str, csv: &str, lowest: &BTreeMap<String, f64>, next: &[String]) {
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        rows.entry(cells[0]).or_default().push(cells[1]);
        let numbers: Vec<f64> = cells[2..].iter().map(|cell| cell.parse().unwrap()).collect();
        let [middle, low, high, lowest_end, highest_end] = numbers[..] else { panic!("{who}: {line}") };
        assert!(numbers.iter().all(|number| number.is_finite()), "{who}: {line}");
        let ordered = [lowest_end, low, middle, high, highest_end].windows(2).all(|pair| pair[0] <= pair[1]);
        assert!(ordered, "{who}: {line}");
        assert!(lowest_end >= 0.0 || lowest[cells[0]] < 0.0, "{who}: {line}");
    }
    assert!(rows.keys().copied().eq(lowest.keys().map(String::as_str)), "{who}: {rows:?}");
    for (series, times) in rows {
        assert_eq!(times, next, "{who}, {series}");
    }
}

fn date(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day)
}

fn noise(t: u32) -> f64 {
    f64::from(t * 7_919 % 101) / 101.0
}

fn week(t: u32) -> f64 {
    [0.0, 4.0, 6.0, 5.0, 9.0, 30.0, 20.0][t as usize % 7] + noise(t)
}

/// Seventy days of every oddity, in a file of many series.
fn odd() -> Vec<(&'static str, Vec<(u32, f64)>)> {
    const LAST: u32 = 69;
    let all = |value: &dyn Fn(u32) -> f64| (0..=LAST).map(|t| (t, value(t))).collect::<Vec<_>>();
    let from = |first: u32, value: &dyn Fn(u32) -> f64| (first..=LAST).map(|t| (t, value(t))).collect::<Vec<_>>();
    let mut gappy = all(&|t| 40.0 + week(t));
    gappy.retain(|(t, _)| ![5, 6, 7, 20, 33, 34, 50].contains(t));
    vec![
        ("constant", all(&|_| 0.1)),
        ("falling", all(&|t| 60.0 - f64::from(t.min(60)))),
        ("gappy", gappy),
        ("growth", all(&|t| 1.3_f64.powi(t as i32))),
        ("huge", all(&|t| (3.0 + noise(t)) * 1e149)),
        ("jump", all(&|t| if t < 40 { 1.0 } else { 1e9 })),
        ("late", from(30, &|t| 40.0 + week(t))),
        ("mixed", all(&|t| week(t) - 15.0)),
        ("negative", all(&|t| -50.0 - week(t))),
        ("one", from(LAST, &|_| 7.0)),
        ("rare", all(&|t| if t * 7_919 % 10 < 2 { f64::from(1 + t % 3) } else { 0.0 })),
        ("short", from(LAST - 4, &|t| f64::from(t))),
        ("tiny", all(&|t| (3.0 + noise(t)) * 1e-300)),
        ("two", from(LAST - 1, &|t| f64::from(t % 2))),
        ("usual", all(&|t| 100.0 + week(t))),
        ("zeros", all(&|_| 0.0)),
    ]
}

#[test]
fn with_any_model_on_odd_series_and_again() {
    let desk = Desk::new();
    let mut text = "item,day,sales\n".to_owned();
    let mut lowest = BTreeMap::new();
    for (name, values) in odd() {
        for (t, value) in &values {
            writeln!(text, "{name},{},{value:e}", date((*t).into())).unwrap();
        }
        lowest.insert(name.to_owned(), values.iter().fold(f64::INFINITY, |low, (_, value)| low.min(*value)));
    }
    desk.write("odd.csv", &text);
    let next: Vec<String> = (70..73).map(|day| date(day).to_string()).collect();
    for model in models(&desk) {
        let first = stdout(&run(&desk, "odd.csv", &model));
        check(&model.name, &first, &lowest, &next);
        assert_eq!(first, stdout(&run(&desk, "odd.csv", &model)), "{} says the same again", model.name);
    }
}

/// Two series of a calendar, one of amounts and one around 0, and what comes next.
fn calendar(times: impl Iterator<Item = String>) -> (String, BTreeMap<String, f64>, Vec<String>) {
    const COUNT: usize = 45;
    let times: Vec<String> = times.take(COUNT + HORIZON).collect();
    let mut text = "item,time,sales\n".to_owned();
    for (name, level) in [("amount", 20.0), ("balance", -10.0)] {
        for (t, time) in times[..COUNT].iter().enumerate() {
            writeln!(text, "{name},{time},{}", level + week(t as u32)).unwrap();
        }
    }
    let lowest = BTreeMap::from([("amount".to_owned(), 20.0), ("balance".to_owned(), -10.0)]);
    (text, lowest, times[COUNT..].to_vec())
}

#[test]
fn with_any_model_on_any_calendar() {
    let desk = Desk::new();
    let weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let month_end = |month: u32| {
        let first = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + Months::new(month + 1);
        (first - Days::new(1)).to_string()
    };
    let start: NaiveDateTime = date(0).and_hms_opt(0, 0, 0).unwrap();
    let hour = |hour: i64| (start + TimeDelta::hours(hour)).format("%Y-%m-%dT%H:%M:%S").to_string();
    let quarter = |quarter: u32| (date(0) + Months::new(3 * quarter)).to_string();
    let files = [
        ("business.csv", calendar((4..).map(date).filter(weekday).map(|day| day.to_string()))),
        ("hours.csv", calendar((5..).map(hour))),
        ("index.csv", calendar((10..).map(|index| (2 * index).to_string()))),
        ("months.csv", calendar((0..).map(month_end))),
        ("quarters.csv", calendar((0..).map(quarter))),
        ("weeks.csv", calendar((2..).step_by(7).map(|day| date(day).to_string()))),
    ];
    // the times are made in one place for all models: two files for each are enough, and all files for some
    let everywhere = ["auto", "lstm", "ets"];
    let models = models(&desk);
    for (number, (file, (text, lowest, next))) in files.into_iter().enumerate() {
        desk.write(file, &text);
        let here = |at: usize, model: &Named| at % 3 == number % 3 || everywhere.contains(&model.name.as_str());
        for (_, model) in models.iter().enumerate().filter(|(at, model)| here(*at, model)) {
            let csv = stdout(&run(&desk, file, model));
            check(&format!("{}, {file}", model.name), &csv, &lowest, &next);
        }
    }
}

/// A model may refuse it, with a hint; it does not fall over.
#[test]
fn with_any_model_on_almost_nothing() {
    let desk = Desk::new();
    let models = models(&desk);
    for (file, values) in [("one.csv", "7\n"), ("few.csv", "0\n0\n4\n1\n5\n")] {
        desk.write(file, &format!("sales\n{values}"));
        for model in &models {
            let (output, model) = (run(&desk, file, model), &model.name);
            for line in stdout(&output).lines().skip(1) {
                let numbers: Vec<f64> = line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
                assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0), "{model}, {file}: {line}");
            }
            let rows = stdout(&output).lines().count();
            assert_eq!(rows, if output.status.success() { 1 + HORIZON } else { 0 }, "{model}, {file}");
        }
    }
}
