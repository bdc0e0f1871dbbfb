//! Invariants of every model and every file. Numbers are finite, quantiles do not cross, and times follow the history. A
//! series without negative values has no negative forecast. A second run writes the same bytes, and nothing panics.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use forecast::error::ErrorKind;
use forecast::model::{self, Model, ModelOption, SilentObserver, Task};
use forecast::read::{ReadOptions, Source, read};
use forecast::write;

use crate::hints::error_hint;

const HORIZON: usize = 3;

/// Every model by its name; networks are trained for two epochs, which are enough to check that they can be trained.
fn models() -> Vec<Box<dyn Model>> {
    let mut models: Vec<Box<dyn Model>> = model::names().map(|name| model::named(name).unwrap()).collect();
    for model in &mut models {
        // a statistical model has no epochs, `auto` sets those of its networks, and pretrained ones are not trained
        let is_network = model.is_trained() && !["auto", "pretrained"].contains(&model.name());
        assert_eq!(model.set_option(ModelOption::Epochs(2)).is_ok(), is_network, "{}", model.name());
    }
    assert!(models.len() >= 16 && models.iter().any(|model| model.name() == "auto"), "all models");
    models
}

/// The forecast of a file as CSV. `None` if the data do not allow it, for which the error must have a hint.
fn forecast_csv(model: &dyn Model, text: &str) -> Option<String> {
    forecast_csv_with(model, text, &ReadOptions { target: Some("sales".into()), ..ReadOptions::default() })
}

fn forecast_csv_with(model: &dyn Model, text: &str, options: &ReadOptions) -> Option<String> {
    let forecast = || {
        let panel = read(&Source::Bytes(text.into()), options)?.panel;
        let forecasts = model.fit(&panel, &Task::new(HORIZON), &mut SilentObserver)?.predict(&panel)?;
        let mut csv = Vec::new();
        write::Table::Forecast(&forecasts).write_csv(&mut csv, &panel).unwrap();
        Ok(String::from_utf8(csv).unwrap())
    };
    let result: forecast::Result<String> = forecast();
    if let Err(error) = &result {
        assert!(
            error.kind() == ErrorKind::Data && error_hint(error, |_, _| false).is_some(),
            "{}: {error}",
            model.name()
        );
    }
    result.ok()
}

/// Checks a forecast whose first column is an id. `lowest` is the lowest value of each series, `next` are the next times.
fn check(label: &str, csv: &str, lowest: &BTreeMap<String, f64>, next: &[String]) {
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        rows.entry(cells[0]).or_default().push(cells[1]);
        let numbers: Vec<f64> = cells[2..].iter().map(|cell| cell.parse().unwrap()).collect();
        let [middle, low, high, lowest_end, highest_end] = numbers[..] else { panic!("{label}: {line}") };
        assert!(numbers.iter().all(|number| number.is_finite()), "{label}: {line}");
        let ordered = [lowest_end, low, middle, high, highest_end].windows(2).all(|pair| pair[0] <= pair[1]);
        assert!(ordered, "{label}: {line}");
        assert!(lowest_end >= 0.0 || lowest[cells[0]] < 0.0, "{label}: {line}");
    }
    assert!(rows.keys().copied().eq(lowest.keys().map(String::as_str)), "{label}: {rows:?}");
    for (series, times) in rows {
        assert_eq!(times, next, "{label}, {series}");
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

/// Seventy days of unusual series.
fn unusual_series() -> Vec<(&'static str, Vec<(u32, f64)>)> {
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
fn every_model_forecasts_unusual_series_repeatably() {
    let mut text = "item,day,sales\n".to_owned();
    let mut lowest = BTreeMap::new();
    for (name, values) in unusual_series() {
        for (t, value) in &values {
            writeln!(text, "{name},{},{value:e}", date((*t).into())).unwrap();
        }
        lowest.insert(name.to_owned(), values.iter().fold(f64::INFINITY, |low, (_, value)| low.min(*value)));
    }
    let next: Vec<String> = (70..73).map(|day| date(day).to_string()).collect();
    for model in models() {
        let Some(first) = forecast_csv(model.as_ref(), &text) else {
            assert_eq!(model.name(), "pretrained", "it has no networks for days");
            continue;
        };
        check(model.name(), &first, &lowest, &next);
        assert_eq!(Some(first), forecast_csv(model.as_ref(), &text), "{}: a second run", model.name());
    }
}

/// Two series of a calendar, one of amounts and one around 0; the lowest value of each, and the next times.
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
fn every_model_forecasts_every_calendar() {
    let weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let month_end = |month: u32| {
        let first = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + Months::new(month + 1);
        (first - Days::new(1)).to_string()
    };
    let start: NaiveDateTime = date(0).and_hms_opt(0, 0, 0).unwrap();
    let hour = |hour: i64| (start + TimeDelta::hours(hour)).format("%Y-%m-%dT%H:%M:%S").to_string();
    let quarter = |quarter: u32| (date(0) + Months::new(3 * quarter)).to_string();
    let files = [
        ("business", calendar((4..).map(date).filter(weekday).map(|day| day.to_string()))),
        ("hours", calendar((5..).map(hour))),
        ("index", calendar((10..).map(|index| (2 * index).to_string()))),
        ("months", calendar((0..).map(month_end))),
        ("quarters", calendar((0..).map(quarter))),
        ("weeks", calendar((2..).step_by(7).map(|day| date(day).to_string()))),
    ];
    // all models take their times from the panel: two files for each model are enough, and all files for some models
    let everywhere = ["auto", "lstm", "ets"];
    for (number, (file, (text, lowest, next))) in files.into_iter().enumerate() {
        let is_used = |at: usize, model: &dyn Model| at % 3 == number % 3 || everywhere.contains(&model.name());
        for (_, model) in models().iter().enumerate().filter(|(at, model)| is_used(*at, model.as_ref())) {
            let label = format!("{}, {file}", model.name());
            let Some(csv) = forecast_csv(model.as_ref(), &text) else {
                assert_eq!(model.name(), "pretrained", "it has no networks for this frequency: {label}");
                continue;
            };
            check(&label, &csv, &lowest, &next);
        }
    }
}

/// A model may reject such a series with a hint, but must not panic.
#[test]
fn every_model_forecasts_or_rejects_very_short_series() {
    for (file, values) in [("one", "7\n"), ("few", "0\n0\n4\n1\n5\n")] {
        for model in models() {
            let Some(csv) = forecast_csv(model.as_ref(), &format!("sales\n{values}")) else { continue };
            let name = model.name();
            assert_eq!(csv.lines().count(), 1 + HORIZON, "{name}, {file}");
            for line in csv.lines().skip(1) {
                let numbers: Vec<f64> = line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
                assert!(numbers.iter().all(|number| number.is_finite() && *number >= 0.0), "{name}, {file}: {line}");
            }
        }
    }
}

/// Other series of the same collection may be long enough for the season.
#[test]
fn a_given_season_may_be_longer_than_the_series() {
    let options = ReadOptions {
        ids: vec!["shop".into()],
        seasons: Some(vec![12]),
        accepts_long_seasons: true,
        ..ReadOptions::default()
    };
    let mut forecast = 0;
    for model in models() {
        for count in [9, 15] {
            let rows = (0..count).map(|t: u32| format!("a,{t},{}", 20 + t * 7 % 5)).collect::<Vec<_>>().join("\n");
            let text = format!("shop,t,sales\n{rows}\n");
            let Some(csv) = forecast_csv_with(model.as_ref(), &text, &options) else { continue };
            let next: Vec<String> = (count..count + HORIZON as u32).map(|t| t.to_string()).collect();
            check(&format!("{}, {count} values", model.name()), &csv, &BTreeMap::from([("a".to_owned(), 20.0)]), &next);
            forecast += 1;
        }
    }
    assert!(forecast >= 20, "{forecast} of {} forecasts", 2 * models().len());
}
