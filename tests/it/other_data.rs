//! A saved model on data that are not those it was trained on: refused or a notice, each with a hint.

use forecast::model::stat::Baseline;
use forecast::model::{DataMismatch, TrainedOn};
use forecast::panel::Panel;
use insta_cmd::assert_cmd_snapshot;

use crate::fixtures::panel;
use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// A sandbox with `daily.csv`, and a model that was trained on it.
fn with_model() -> Sandbox {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 3 --model seasonal-naive --out kept -q");
    sandbox
}

/// Rows with every `step`-th day, and the values of a function.
fn days(count: u32, step: u32, value: impl Fn(u32) -> f64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let row = |t: u32| format!("{},{:.2}\n", first + chrono::Days::new((t * step).into()), value(t));
    (0..count).map(row).collect()
}

fn week(t: u32) -> f64 {
    100.0 + [0.0, 4.0, 6.0, 5.0, 9.0, 30.0, 20.0][t as usize % 7] + f64::from(t * 7919 % 13) / 10.0
}

/// Two shops with 56 days each.
fn shops(names: [&str; 2]) -> String {
    let rows =
        |name: &str| daily_csv(56).lines().skip(1).map(|row| format!("{name},{row}\n")).collect::<Vec<_>>().concat();
    format!("shop,date,sales\n{}", names.map(rows).concat())
}

#[test]
fn the_training_data_and_newer_ones_of_the_same_kind_are_forecast_without_a_notice() {
    let sandbox = with_model();
    sandbox.write("newer.csv", &daily_csv(80));
    for name in ["daily.csv", "newer.csv"] {
        let output = sandbox.run(&format!("predict --model kept --csv {name} --out next"));
        assert!(!stderr(&output).contains("notice: "), "{}", stderr(&output));
    }
}

#[test]
fn another_frequency_is_refused() {
    let sandbox = with_model();
    sandbox.write("weekly.csv", &format!("date,sales\n{}", days(30, 7, week)));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv weekly.csv --out next"));
    let hours = (0..24 * 60)
        .map(|t| format!("2024-{:02}-{:02}T{:02}:00,{}\n", 1 + t / 720, 1 + t / 24 % 30, t % 24, 4 + t % 5));
    let hours: String = hours.filter(|row| !row.starts_with("2024-02-30")).collect();
    sandbox.write("hourly.csv", &format!("date,sales\n{hours}"));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv hourly.csv --out next"));
    // the hint settles it
    sandbox.run("predict --model kept --csv hourly.csv --frequency daily --duplicates sum --out next");
    let numbers: String = (0..60).map(|t| format!("{}\n", week(t))).collect::<Vec<_>>().concat();
    sandbox.write("numbers.csv", &format!("sales\n{numbers}"));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv numbers.csv --out next"));
}

#[test]
fn the_target_is_that_of_the_model_and_another_one_must_be_named() {
    let sandbox = with_model();
    let rows = days(56, 1, week);
    let with_visits = |(at, row): (usize, &str)| format!("{row},{}\n", 70 + at * 7 % 13);
    let both: String = rows.lines().enumerate().map(with_visits).collect();
    sandbox.write("both.csv", &format!("date,sales,visits\n{both}"));
    sandbox.run("predict --model kept --csv both.csv --out one");
    sandbox.run("predict --model kept --csv daily.csv --out two");
    assert_eq!(sandbox.read("one/forecast.csv"), sandbox.read("two/forecast.csv"));
    sandbox.write("price.csv", &format!("date,price\n{}", days(56, 1, week)));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv price.csv --out three"));
    let output = sandbox.run("predict --model kept --csv price.csv --target price --out three");
    let printed = stderr(&output);
    assert!(printed.contains("notice: the model was trained on the column sales, and this is price\n"), "{printed}");
    sandbox.write("neither.csv", &format!("date,price,visits\n{both}"));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv neither.csv --out four"));
    // the case of letters does not matter
    sandbox.write("upper.csv", &format!("Date,Sales\n{}", days(56, 1, week)));
    sandbox.run("predict --model kept --csv upper.csv --out five");
}

#[test]
fn too_few_rows_are_refused_and_some_short_series_are_a_notice() {
    let sandbox = with_model();
    sandbox.write("three.csv", &format!("date,sales\n{}", days(3, 1, week)));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv three.csv --out next"));
    // a model that repeats the last value needs one only
    sandbox.run("train --csv daily.csv -n 3 --model naive --out last -q");
    sandbox.run("predict --model last --csv three.csv --out next");
    sandbox.write("shops.csv", &shops(["a", "b"]));
    sandbox.run("train --csv shops.csv -n 3 --model seasonal-naive --out both -q");
    let rows: String = shops(["a", "b"]).lines().take(61).map(|row| format!("{row}\n")).collect::<Vec<_>>().concat();
    sandbox.write("short.csv", &rows);
    let printed = stderr(&sandbox.run("predict --model both --csv short.csv --out next"));
    assert!(printed.contains("notice: 1 of 2 series have fewer than 8 values, which the model needs"), "{printed}");
}

#[test]
fn other_series_are_a_notice_and_other_id_columns_are_refused() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("shops.csv", &shops(["a", "b"]));
    sandbox.run("train --csv shops.csv -n 3 --model seasonal-naive --out both -q");
    sandbox.write("others.csv", &shops(["b", "c"]));
    let printed = stderr(&sandbox.run("predict --model both --csv others.csv --out next"));
    assert!(printed.contains("notice: the model was not trained on 1 of the 2 series, the first is c"), "{printed}");
    assert_cmd_snapshot!(sandbox.forecast("predict --model both --csv daily.csv --out next"));
    sandbox.write("stores.csv", &shops(["a", "b"]).replace("shop,", "store,"));
    assert_cmd_snapshot!(sandbox.forecast("predict --model both --csv stores.csv --out next"));
    let printed = stderr(&sandbox.run("predict --model both --csv stores.csv --id store --out next"));
    assert!(printed.contains("notice: the series of the model have the ids shop, and these have store"), "{printed}");
}

#[test]
fn another_scale_is_a_notice() {
    let sandbox = with_model();
    sandbox.write("cents.csv", &format!("date,sales\n{}", days(70, 1, |t| 100.0 * week(t))));
    let printed = stderr(&sandbox.run("predict --model kept --csv cents.csv --out next"));
    assert!(printed.contains("notice: the values of the series are 100 times as large as those that"), "{printed}");
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("next/run.json")).unwrap();
    assert_eq!(run["settings"]["differences_from_training"].as_array().unwrap().len(), 1);
    sandbox.write("double.csv", &format!("date,sales\n{}", days(70, 1, |t| 2.0 * week(t))));
    assert!(!stderr(&sandbox.run("predict --model kept --csv double.csv --out next")).contains("notice: "));
}

#[test]
fn rows_that_end_before_the_training_are_a_notice() {
    let sandbox = with_model();
    sandbox.write("older.csv", &daily_csv(40));
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv older.csv --out next"));
}

#[test]
fn the_season_is_that_of_the_model() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 6 --season 5 --model theta --out kept -q");
    let predict =
        |flags: &str| stdout(&sandbox.run(&format!("predict --model kept --csv daily.csv --out - -q {flags}")));
    assert_eq!(predict(""), predict("--season 5"));
    // a network has learned the season
    sandbox.run("train --csv daily.csv -n 3 --season 5 --model gru --epochs 1 --out network -q");
    assert_cmd_snapshot!(sandbox.forecast("predict --model network --csv daily.csv --season 4 --out next"));
}

#[test]
fn a_wide_file_is_read_as_it_was_for_the_training() {
    let sandbox = Sandbox::new();
    let rows: String =
        days(40, 1, week).lines().map(|row| format!("{row},{}\n", row.len())).collect::<Vec<_>>().concat();
    sandbox.write("wide.csv", &format!("date,north,south\n{rows}"));
    sandbox.run("train --csv wide.csv --wide all -n 3 --model seasonal-naive --out kept -q");
    let output = sandbox.run("predict --model kept --csv wide.csv --wide all --out next");
    assert!(!stderr(&output).contains("the model"), "{}", stderr(&output));
}

#[test]
fn a_model_of_an_earlier_version_is_not_compared_and_a_damaged_record_is_an_error() {
    let sandbox = with_model();
    sandbox.write("weekly.csv", &format!("date,sales\n{}", days(30, 7, week)));
    sandbox.write("kept/model/trained-on.json", "{}");
    assert_cmd_snapshot!(sandbox.forecast("predict --model kept --csv daily.csv --out next"));
    std::fs::remove_file(sandbox.path("kept/model/trained-on.json")).unwrap();
    sandbox.run("predict --model kept --csv weekly.csv --out next");
}

#[test]
fn a_summary_is_saved_and_compares_panels() {
    let history = panel(vec![(0..30).map(week).collect(), (0..30).map(|t| 1000.0 * week(t)).collect()], 7);
    let trained_on = TrainedOn::of(&history, &Baseline::SeasonalNaive);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(TrainedOn::load(folder.path()).unwrap(), None);
    trained_on.save(folder.path()).unwrap();
    let loaded = TrainedOn::load(folder.path()).unwrap().unwrap();
    assert_eq!(loaded, trained_on);
    assert_eq!(loaded.mismatches(&history), []);
    // a new series may have the size of any series, and a series of zeros has none
    let sized = |factor: f64| {
        panel(
            vec![(0..30).map(week).collect(); 2]
                .into_iter()
                .chain([(0..30).map(|t| factor * week(t)).collect()])
                .collect(),
            7,
        )
    };
    let is_scale = |found: &DataMismatch| matches!(found, DataMismatch::Scale { .. });
    let of_new = |factor: f64| {
        loaded.mismatches(&sized(factor)).iter().filter(|found| is_scale(found)).cloned().collect::<Vec<_>>()
    };
    // the second series is a thousandth of what it was
    assert!(of_new(30.0)[0].to_string().contains("1.0e-3 times"), "{:?}", of_new(30.0));
    let other_steps = Panel::from_values(&[1.0, 2.0], 1);
    let fatal = loaded.mismatches(&other_steps).into_iter().filter(DataMismatch::is_fatal).count();
    assert!(fatal >= 2, "ids and too few values");
}
