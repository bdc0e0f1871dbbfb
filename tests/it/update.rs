//! `forecast update`: new rows for a saved model, without training.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use forecast::panel::{GapFill, RepairPolicy};
use forecast::read::{ReadOptions, Source, read};
use forecast::run::{HistoryUpdate, StoredRun};
use proptest::prelude::*;

use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// The header and the rows of a file, of which `rows` are kept.
fn part(text: &str, rows: std::ops::Range<usize>) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let kept: Vec<&str> = lines.skip(rows.start).take(rows.len()).collect();
    format!("{header}\n{}\n", kept.join("\n"))
}

/// Asserts that an update with the last rows of a file gives the bytes of a prediction from the whole file.
fn assert_equals_prediction(sandbox: &Sandbox, text: &str, trained: usize, flags: &str) {
    let rows = text.lines().count() - 1;
    sandbox.write("all.csv", text);
    sandbox.write("old.csv", &part(text, 0..trained));
    sandbox.write("new.csv", &part(text, trained..rows));
    sandbox.run(&format!("train --csv old.csv -n 7 {flags} --out trained"));
    sandbox.run("update --model trained --csv new.csv --out updated");
    sandbox.run("predict --model trained --csv all.csv --out predicted");
    for file in ["forecast.csv", "history.csv"] {
        let [updated, predicted] = ["updated", "predicted"].map(|folder| sandbox.read(&format!("{folder}/{file}")));
        assert_eq!(updated, predicted, "{file} with {flags}");
    }
}

#[test]
fn every_kind_of_model_forecasts_from_new_rows_as_from_a_whole_file() {
    let sandbox = Sandbox::new();
    let daily = daily_csv(70);
    for model in
        ["naive", "seasonal-naive", "drift", "mean", "comb", "ets", "theta", "arima", "mstl", "ridge", "croston"]
    {
        assert_equals_prediction(&sandbox, &daily, 56, &format!("--model {model}"));
    }
    for network in ["rnn", "lstm", "gru", "seq2seq", "deepar", "global"] {
        assert_equals_prediction(&sandbox, &daily, 56, &format!("--model {network} --hidden 4 --epochs 2"));
    }
}

#[test]
fn auto_is_updated_with_its_covariates_and_holidays() {
    let sandbox = Sandbox::new();
    let with_price = |(at, line): (usize, &str)| match at {
        0 => format!("{line},price\n"),
        _ => format!("{line},{}\n", 5 + at * 7 % 4),
    };
    let text: String = daily_csv(120).lines().enumerate().map(with_price).collect();
    assert_equals_prediction(&sandbox, &text, 110, "--target sales --covariates price --holidays US --budget 5s");
}

#[test]
fn a_saved_update_is_where_the_next_one_starts() {
    let sandbox = Sandbox::new();
    let daily = daily_csv(70);
    sandbox.write("old.csv", &part(&daily, 0..56));
    sandbox.write("june.csv", &part(&daily, 56..60));
    // one row alone, which shows no frequency
    sandbox.write("july.csv", &part(&daily, 60..61));
    sandbox.write("all.csv", &part(&daily, 0..61));
    sandbox.run("train --csv old.csv -n 7 --model theta --out trained");
    let before = sandbox.read("trained/history.csv");
    let first = sandbox.run("update --model trained --csv june.csv --out updated --save");
    assert!(stderr(&first).contains("notice: 4 new values after 2024-02-25\n"), "{}", stderr(&first));
    assert!(stdout(&first).contains("2024-03-01"), "the forecast starts after the new rows");
    assert_eq!(sandbox.read("trained/history.csv"), before, "the run itself is as it was");
    // a job that runs again forecasts again
    let forecast = sandbox.read("updated/forecast.csv");
    let again = sandbox.run("update --model trained --csv june.csv --out updated --save");
    assert!(stderr(&again).contains("notice: 0 new values after 2024-02-29\n"), "{}", stderr(&again));
    assert_eq!(sandbox.read("updated/forecast.csv"), forecast);
    let older = sandbox.forecast("update --model trained --csv old.csv --out updated").output().unwrap();
    assert_eq!(older.status.code(), Some(3));
    let message = stderr(&older);
    assert!(message.contains("there is no new value: the history of the model ends at 2024-02-29"), "{message}");
    sandbox.run("update --model trained --csv july.csv --out updated");
    sandbox.run("predict --model trained --csv all.csv --out predicted");
    assert_eq!(sandbox.read("updated/forecast.csv"), sandbox.read("predicted/forecast.csv"));
}

#[test]
fn revised_values_are_those_of_the_file_and_gaps_before_it_are_filled() {
    let sandbox = Sandbox::new();
    let daily = daily_csv(70);
    sandbox.write("old.csv", &part(&daily, 0..56));
    let newer = part(&daily, 54..55) + "2024-02-25,999\n2024-03-01,105\n";
    sandbox.write("new.csv", &newer);
    sandbox.run("train --csv old.csv -n 7 --model theta --out trained");
    let output = sandbox.run("update --model trained --csv new.csv --out updated --spikes keep");
    assert!(stderr(&output).contains("notice: 1 new value after 2024-02-25\n"), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("notice: revised in the file: 1 earlier value of the history"),
        "{}",
        stderr(&output)
    );
    let history = sandbox.read("updated/history.csv");
    assert!(history.contains("2024-02-25,999,observed,\n"), "{history}");
    assert_eq!(history.matches(",filled,").count(), 4, "{history}");
    let repairs = sandbox.read("updated/repairs.csv");
    assert_eq!(repairs.matches("missing").count(), 4, "{repairs}");
}

#[test]
fn series_without_new_values_and_new_series_are_named() {
    let sandbox = Sandbox::new();
    let rows = |names: &[&str], days: std::ops::Range<usize>| -> String {
        let daily = daily_csv(70);
        let lines: Vec<&str> = daily.lines().skip(1).collect();
        let of = |name: &&str| days.clone().map(|at| lines[at].replace(',', &format!(",{name},")) + "\n").collect();
        "date,shop,sales\n".to_owned() + &names.iter().map(of).collect::<Vec<String>>().concat()
    };
    sandbox.write("old.csv", &rows(&["mill", "pier"], 0..56));
    sandbox.write("new.csv", &rows(&["gate", "pier"], 56..60));
    sandbox.run("train --csv old.csv -n 7 --model seasonal-naive --out trained");
    let notices = stderr(&sandbox.run("update --model trained --csv new.csv --out updated"));
    assert!(
        notices.contains("1 of 2 series have no new value, and are forecast from their own end: mill\n"),
        "{notices}"
    );
    assert!(notices.contains("notice: 4 new values after 2024-02-25\n"), "only those of pier: {notices}");
    assert!(notices.contains("notice: 1 series new to the history, with 4 values: gate\n"), "{notices}");
    assert!(notices.contains("the model was not trained on 1 of the 3 series, the first is gate"), "{notices}");
    let history = sandbox.read("updated/history.csv");
    assert!(history.contains("gate,2024-02-26,") && history.contains("mill,2024-02-25,"), "{history}");
}

#[test]
fn errors_that_have_grown_are_a_reason_to_train_again() {
    let sandbox = Sandbox::new();
    let value = |t: u32| f64::from(t * 7919 % 13) + [0.0, 4.0, 6.0, 5.0, 9.0, 30.0, 20.0][t as usize % 7];
    let rows = |days: std::ops::Range<u32>, unit: f64| -> String {
        let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let row = |t| format!("{},{:.1}\n", first + chrono::Days::new(u64::from(t)), 100.0 + unit * value(t));
        "date,sales\n".to_owned() + &days.map(row).collect::<String>()
    };
    sandbox.write("old.csv", &rows(0..140, 1.0));
    sandbox.write("same.csv", &rows(140..161, 1.0));
    sandbox.write("other.csv", &rows(140..161, -3.0));
    sandbox.run("--csv old.csv -n 7 --model theta --out run");
    let notices = stderr(&sandbox.run("update --model run --csv same.csv --out updated"));
    assert!(notices.contains(": no sign of a drift\n"), "{notices}");
    let notices = stderr(&sandbox.run("update --model run --csv other.csv --out updated"));
    assert!(notices.contains("which is unlikely to be chance: train the model again\n"), "{notices}");
    let record: serde_json::Value = serde_json::from_str(&sandbox.read("updated/run.json")).unwrap();
    assert!(record["drift"]["error"].as_f64().unwrap() > 2.0 * record["drift"]["backtest_error"].as_f64().unwrap());
}

#[test]
fn files_that_cannot_be_added_are_refused_with_a_way_out() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out trained");
    let refused = |line: &str| {
        let output = sandbox.forecast(line).output().unwrap();
        assert!(!output.status.success(), "{line}");
        stderr(&output)
    };
    sandbox.write("weekly.csv", "date,sales\n2024-02-26,700\n2024-03-04,710\n2024-03-11,705\n");
    let other = refused("update --model trained --csv weekly.csv --frequency weekly");
    assert!(other.contains("the history of the model is daily, and these values are weekly"), "{other}");
    sandbox.write("shops.csv", "date,shop,sales\n2024-02-26,a,7\n2024-02-27,a,8\n2024-02-26,b,7\n2024-02-27,b,9\n");
    let ids = refused("update --model trained --csv shops.csv --id shop");
    assert!(ids.contains("the series of the model have the ids none, and these values have shop"), "{ids}");
    sandbox.write("costs.csv", "date,costs\n2024-02-26,7\n2024-02-27,8\n");
    let target = refused("update --model trained --csv costs.csv");
    assert!(target.contains("costs.csv: the model was trained on the column sales, and this is costs"), "{target}");
    sandbox.run("update --model trained --csv costs.csv --target costs --out -");
    sandbox.write("typo.csv", "date,sales\n2204-02-26,7\n");
    let typo = refused("update --model trained --csv typo.csv");
    assert!(typo.contains("steps are missing between 2024-02-25 and 2204-02-26"), "{typo}");
    let bare = refused("update --model trained/model --csv daily.csv");
    assert!(bare.contains("has no history"), "{bare}");
    let hinted = bare.split('`').nth(1).unwrap();
    sandbox.run(&hinted.replacen("forecast ", "", 1).replace("FILE", "daily.csv"));
}

#[test]
fn rows_without_times_and_of_another_zone_are_refused() {
    let sandbox = Sandbox::new();
    let values = |count: usize| (0..count).map(|t| format!("{}\n", 5 + t * 7 % 11)).collect::<Vec<_>>().concat();
    sandbox.write("old.csv", &format!("sales\n{}", values(40)));
    sandbox.write("new.csv", &format!("sales\n{}", values(3)));
    sandbox.run("train --csv old.csv -n 3 --model theta --out trained");
    let refused = sandbox.forecast("update --model trained --csv new.csv --out -").output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("the rows have no times"), "{}", stderr(&refused));

    // the clocks of the new file are set back, which the history does not know
    let start = chrono::NaiveDate::from_ymd_opt(2024, 10, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let row = |hour: i64| {
        // after 2024-10-27 03:00 the hour from 02:00 comes again
        let shown = start + chrono::Duration::hours(hour - i64::from(hour >= 627));
        format!("{},{}\n", shown.format("%Y-%m-%d %H:%M"), 50 + hour * 7 % 24)
    };
    let file = |hours: std::ops::Range<i64>| "time,load\n".to_owned() + &hours.map(row).collect::<Vec<_>>().concat();
    sandbox.write("old.csv", &file(0..600));
    sandbox.write("new.csv", &file(600..700));
    sandbox.run("train --csv old.csv -n 3 --model theta --out hourly");
    let refused = sandbox.forecast("update --model hourly --csv new.csv --out -").output().unwrap();
    assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
    sandbox.run("train --csv old.csv -n 3 --model theta --zone Europe/Berlin --out hourly");
    sandbox.run("update --model hourly --csv new.csv --out updated");
    sandbox.write("all.csv", &file(0..700));
    sandbox.run("predict --model hourly --csv all.csv --zone Europe/Berlin --out predicted");
    assert_eq!(sandbox.read("updated/forecast.csv"), sandbox.read("predicted/forecast.csv"));
}

#[test]
fn a_run_that_trained_a_model_has_nothing_to_draw() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 3 --model theta --out trained");
    let refused = sandbox.forecast("plot trained").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("trained has no forecast to draw"), "{}", stderr(&refused));
    let dash = sandbox.forecast("diff trained trained --out -").output().unwrap();
    assert!(stderr(&dash).contains("`--out -` names no folder"), "{}", stderr(&dash));
}

/// A killed update leaves the history as it was or as it is after the update, and the model works.
#[test]
fn a_killed_update_loses_no_history() {
    let sandbox = Sandbox::new();
    let daily = daily_csv(70);
    sandbox.write("old.csv", &part(&daily, 0..56));
    sandbox.write("new.csv", &part(&daily, 56..60));
    sandbox.run("train --csv old.csv -n 7 --model theta --out trained");
    let line = "update --model trained --csv new.csv --out - --save";
    let start = std::time::Instant::now();
    sandbox.run(line);
    let (duration, saved) = (start.elapsed(), sandbox.read("trained/model/history.csv"));
    for number in 0..20 {
        fs::remove_file(sandbox.path("trained/model/history.csv")).unwrap_or_default();
        let mut child = sandbox.forecast(line).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(duration.mul_f64(f64::from(number) / 18.0).min(Duration::from_secs(5)));
        child.kill().unwrap();
        child.wait().unwrap();
        if let Ok(history) = fs::read_to_string(sandbox.path("trained/model/history.csv")) {
            assert_eq!(history, saved, "kill {number}");
        }
        let run = StoredRun::read(&sandbox.path("trained")).unwrap();
        run.model_history(&sandbox.path("trained")).unwrap();
        sandbox.run("predict --model trained --csv old.csv --out -");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// The history with new rows is the panel that a file of all rows gives: gaps, spikes and covariates included.
    #[test]
    fn an_update_gives_the_panel_of_the_whole_file(
        cells in proptest::collection::vec((0_u32..100, proptest::bool::weighted(0.9), 0_u32..5), 40..90),
        last in 1_usize..20,
        spike in 0_usize..200,
        gaps in prop_oneof![Just(GapFill::Seasonal), Just(GapFill::LastValue), Just(GapFill::Zero)],
    ) {
        let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let count = cells.len();
        let row = |(at, (value, present, price)): (usize, &(u32, bool, u32))| {
            let value = if at == spike { 100_000 } else { 100 + value };
            // two rows in a row, which show that the file is daily
            let is_end = at == 0 || at + 1 == count || at + 1 == count - last || (count - last..count - last + 2).contains(&at);
            let date = first + chrono::Days::new(at as u64);
            (*present || is_end).then(|| (at, format!("{date},{value},{price}\n")))
        };
        let rows: Vec<(usize, String)> = cells.iter().enumerate().filter_map(row).collect();
        let file = |is_kept: &dyn Fn(usize) -> bool| {
            let kept = rows.iter().filter(|(at, _)| is_kept(*at)).map(|(_, line)| line.as_str());
            "date,sales,price\n".to_owned() + &kept.collect::<String>()
        };
        let options = ReadOptions {
            target: Some("sales".into()),
            covariates: vec!["price".into()],
            frequency: Some("daily".parse().unwrap()),
            unfinished: RepairPolicy::Keep,
            gaps,
            ..ReadOptions::default()
        };
        let panel = |text: String, spikes| {
            read(&Source::Bytes(text.into()), &ReadOptions { spikes, ..options.clone() }).unwrap().panel
        };
        let history = panel(file(&|at| at < count - last), RepairPolicy::Repair);
        let newer = panel(file(&|at| at >= count - last), RepairPolicy::Keep);
        let whole = panel(file(&|_| true), RepairPolicy::Repair);
        let update = HistoryUpdate::new(&history, &newer, gaps, RepairPolicy::Repair).unwrap().unwrap();
        prop_assert_eq!(update.panel, whole);
        prop_assert_eq!(update.revised_values, 0);
    }
}
