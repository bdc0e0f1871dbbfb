//! How `forecast update` and `forecast predict` read a file: as that of the training.

use std::fs;

use serde_json::Value;

use crate::sandbox::{Sandbox, daily_csv, stderr};

/// The first day is 1 January 2024. `row` makes a row of the number of a day and its value.
fn days(range: std::ops::Range<usize>, row: impl Fn(chrono::NaiveDate, f64) -> String) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let day = |t: usize| first + chrono::Days::new(t as u64);
    range.map(|t| row(day(t), 1_200.0 + [0.5, 4.0, 6.25, 5.0, 9.5, 30.0, 20.0][t % 7] + (t % 5) as f64)).collect()
}

/// The German form of a number, such as 1.206,5.
fn german(value: f64) -> String {
    let text = value.to_string().replace('.', ",");
    format!("{}.{}", &text[..1], &text[1..])
}

/// Asserts that an update with new rows is a prediction from all rows, and returns what it prints.
fn updated(sandbox: &Sandbox, (header, old, new): (&str, &str, &str), flags: &str) -> String {
    sandbox.write("old.csv", &format!("{header}{old}"));
    sandbox.write("new.csv", &format!("{header}{new}"));
    sandbox.write("all.csv", &format!("{header}{old}{new}"));
    sandbox.run(&format!("train --csv old.csv -n 7 --model theta {flags} --out trained"));
    let output = sandbox.run("update --model trained --csv new.csv --out updated");
    sandbox.run("predict --model trained --csv all.csv --out predicted");
    let [updated, predicted] = ["updated", "predicted"].map(|run| sandbox.read(&format!("{run}/history.csv")));
    assert_eq!(updated, predicted, "{}", stderr(&output));
    stderr(&output)
}

fn conventions(sandbox: &Sandbox, run: &str) -> Value {
    let record: Value = serde_json::from_str(&sandbox.read(&format!("{run}/run.json"))).unwrap();
    record["data"]["conventions"].clone()
}

#[test]
fn new_rows_have_the_decimal_mark_of_the_training() {
    let sandbox = Sandbox::new();
    let row = |day: chrono::NaiveDate, value: f64| format!("{day};{}\n", german(value));
    let (old, new) = (days(0..56, row), "2024-02-26;1.206\n2024-02-27;1.310\n");
    let printed = updated(&sandbox, ("day;sales\n", &old, new), "");
    assert_eq!(conventions(&sandbox, "trained"), serde_json::json!({"decimal": "comma"}));
    assert!(sandbox.read("updated/history.csv").contains("2024-02-26,1206,"), "{printed}");
    assert!(!printed.contains("decimal"), "{printed}");
    // a mark that is certainly another is read as it is, with a notice
    sandbox.write("other.csv", "day;sales\n2024-02-26;1206.5\n2024-02-27;1206.25\n");
    let other = sandbox.run("update --model trained --csv other.csv --out updated");
    assert!(sandbox.read("updated/history.csv").contains("2024-02-26,1206.5,"));
    assert!(
        stderr(&other).contains("notice: numbers have a decimal point, unlike the earlier file"),
        "{}",
        stderr(&other)
    );
    // a typed mark has priority
    let typed = sandbox.run("update --model trained --csv new.csv --decimal point --out updated");
    assert!(sandbox.read("updated/history.csv").contains("2024-02-26,1.206,"), "{}", stderr(&typed));
    // a prediction from a saved model reads few rows in the same way
    sandbox.write("few.csv", &format!("day;sales\n{}", days(46..56, |day, _| format!("{day};1.206\n"))));
    sandbox.run("predict --model trained/model --csv few.csv --out predicted");
    assert!(sandbox.read("predicted/history.csv").contains("2024-02-25,1206,"));
}

#[test]
fn new_rows_have_the_date_order_of_the_training() {
    let sandbox = Sandbox::new();
    for (form, order) in [("%m/%d/%Y", "mdy"), ("%d/%m/%Y", "dmy")] {
        let row = |day: chrono::NaiveDate, value: f64| format!("{},{value}\n", day.format(form));
        // up to 4 March, so that each new date may be of another month
        let (old, new) = (days(0..64, row), days(64..67, row));
        let printed = updated(&sandbox, ("day,sales\n", &old, &new), "");
        assert_eq!(conventions(&sandbox, "trained")["dates"], order);
        assert!(printed.contains("3 new values after 2024-03-04"), "{printed}");
    }
    // a date that excludes the order is read as it is, with a notice
    sandbox.write("other.csv", "day,sales\n03/05/2024,1206\n03/06/2024,1207\n03/14/2024,1206\n");
    let other = sandbox.run("update --model trained --csv other.csv --out updated");
    assert!(
        stderr(&other).contains("notice: dates have the month first, unlike the earlier file"),
        "{}",
        stderr(&other)
    );
}

#[test]
fn numbers_that_stood_for_a_missing_value_in_the_training_do_in_new_rows() {
    let sandbox = Sandbox::new();
    let value = |t: usize, value: f64| if t % 20 == 7 { "-999".to_owned() } else { value.to_string() };
    let row = |day: chrono::NaiveDate, own: f64| {
        let t = (day - chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap()).num_days() as usize;
        format!("{day},{}\n", value(t, own))
    };
    let (old, new) = (days(0..56, row), "2024-02-26,1207\n2024-02-27,-999\n2024-02-28,1208\n");
    let printed = updated(&sandbox, ("day,sales\n", &old, new), "");
    assert_eq!(
        conventions(&sandbox, "trained"),
        serde_json::json!({"decimal": "point", "missing": {"sales": ["-999"]}})
    );
    assert!(printed.contains("1 cell of -999 is read as missing"), "{printed}");
    let as_typed = sandbox.run("update --model trained --csv new.csv --only-typed --spikes keep --out updated");
    assert!(sandbox.read("updated/history.csv").contains("2024-02-27,-999,"), "{}", stderr(&as_typed));
}

#[test]
fn a_number_that_stood_for_a_missing_value_in_one_column_is_a_value_in_others() {
    let sandbox = Sandbox::new();
    let row = |day: chrono::NaiveDate, value: f64| format!("{day},{value},{}\n", (value * 7.0) % 30.0);
    let old = days(0..60, row);
    let old: Vec<String> = old
        .lines()
        .enumerate()
        .map(|(t, line)| {
            let (start, _) = line.rsplit_once(',').unwrap();
            if t % 20 == 7 { format!("{start},9999\n") } else { format!("{line}\n") }
        })
        .collect();
    sandbox.write("old.csv", &format!("day,sales,temperature\n{}", old.concat()));
    sandbox.write("new.csv", "day,sales,temperature\n2024-03-01,9999,20\n2024-03-02,1208,9999\n");
    sandbox.run("train --csv old.csv -n 2 --target sales --covariates temperature --budget 5s --out trained");
    assert_eq!(conventions(&sandbox, "trained")["missing"], serde_json::json!({"temperature": ["9999"]}));
    let printed = stderr(&sandbox.run("update --model trained --csv new.csv --out updated"));
    assert!(!printed.contains("column sales: "), "{printed}");
    assert!(printed.contains("column temperature: 1 cell of 9999 is read as missing"), "{printed}");
}

#[test]
fn both_commands_read_with_the_flags_of_the_run_and_say_so() {
    let sandbox = Sandbox::new();
    let row = |day: chrono::NaiveDate, value: f64| format!("{day},north,{value}\n{day},Total,{value}\n");
    let (old, new) = (days(0..56, row), days(56..60, row));
    let printed = updated(&sandbox, ("day,region,sales\n", &old, &new), "--target sales --leave-out Total");
    let note = "notice: the file is read as in the training, with --leave-out (`--only-typed` reads it without)";
    assert!(printed.contains(note), "{printed}");
    let predicted = sandbox.run("predict --model trained --csv all.csv --out predicted");
    assert!(stderr(&predicted).contains(note), "{}", stderr(&predicted));
    for command in ["update --csv new.csv", "predict --csv all.csv"] {
        let own = sandbox.run(&format!("{command} --model trained --only-typed --out own"));
        assert!(sandbox.read("own/history.csv").contains("Total,2024"), "{}", stderr(&own));
        assert!(!stderr(&own).contains("as in the training"), "{}", stderr(&own));
    }
    // without the folder of its run, a model has no flags
    fs::rename(sandbox.path("trained/model"), sandbox.path("alone")).unwrap();
    sandbox.run("predict --model alone --csv all.csv --out own");
    let refused = sandbox.forecast("predict --model alone --csv all.csv --only-typed --out own").output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
}

#[test]
fn covariates_that_are_missing_between_history_and_file_are_noted() {
    let sandbox = Sandbox::new();
    let with_price = |text: &str, rows: std::ops::Range<usize>| -> String {
        let rows = text.lines().enumerate().skip(1).filter(|(at, _)| rows.contains(&(at - 1)));
        let row = |(at, line): (usize, &str)| format!("{line},{}\n", 5 + at * 7 % 4);
        rows.map(row).collect()
    };
    let daily = daily_csv(120);
    let header = "date,sales,price\n";
    sandbox.write("old.csv", &format!("{header}{}", with_price(&daily, 0..110)));
    sandbox.write("new.csv", &format!("{header}{}", with_price(&daily, 113..115)));
    sandbox.run("train --csv old.csv -n 3 --target sales --covariates price --budget 5s --out trained");
    let output = sandbox.run("update --model trained --csv new.csv --out updated");
    let note =
        "notice: covariates lack 3 values after the history, filled with the value before; the first is at 2024-04-20";
    assert!(stderr(&output).contains(note), "{}", stderr(&output));
    assert_eq!(sandbox.read("updated/repairs.csv").matches("covariate filled").count(), 3);
}

#[test]
fn a_refused_horizon_prints_nothing_but_the_refusal() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out trained");
    sandbox.write("new.csv", &daily_csv(60));
    for command in ["update", "predict"] {
        let line = format!("{command} --model trained --csv new.csv -n 20 --out refused");
        let refused = sandbox.forecast(&line).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert!(
            stderr(&refused).starts_with("error: the model was trained to forecast 7 steps"),
            "{}",
            stderr(&refused)
        );
    }
}

/// New rows that are too few to show the step are read at that of the training.
#[test]
fn rows_without_a_value_are_left_out_as_in_the_training() {
    let sandbox = Sandbox::new();
    let row = |day: chrono::NaiveDate, value: f64| {
        let is_closed = chrono::Datelike::weekday(&day).number_from_monday() > 5;
        format!("{day},{}\n", if is_closed { String::new() } else { value.to_string() })
    };
    let printed = updated(&sandbox, ("day,sales\n", &days(0..84, row), &days(84..91, row)), "");
    assert!(
        printed.contains("2 of 7 rows have no value and are left out, since the others are business days"),
        "{printed}"
    );
}

/// Four quarters of one year could be weeks.
#[test]
fn new_quarters_are_those_of_the_training() {
    let sandbox = Sandbox::new();
    let quarter = |at: usize| format!("{}KW{:02},{}\n", 2012 + at / 4, at % 4 + 1, 50 + at * 7 % 31);
    let rows = |quarters: std::ops::Range<usize>| quarters.map(quarter).collect::<Vec<_>>().concat();
    let printed = updated(&sandbox, ("period,v\n", &rows(0..48), &rows(48..50)), "");
    assert!(!printed.contains("week"), "{printed}");
}
