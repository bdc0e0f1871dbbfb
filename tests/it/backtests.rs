//! `forecast backtest` and the verdict end to end: their output, their files and their errors.

use insta_cmd::assert_cmd_snapshot;

use crate::sandbox::{Sandbox, daily_csv, stdout};

fn lines(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The column of this name.
fn column<'a>(table: &'a [Vec<String>], name: &str) -> Vec<&'a str> {
    let at = table[0].iter().position(|heading| heading == name).unwrap_or_else(|| panic!("no column {name}"));
    table[1..].iter().map(|row| row[at].as_str()).collect()
}

/// Two shops with eight weeks of a daily pattern each.
fn shops() -> String {
    let rows =
        |name: &str| daily_csv(56).lines().skip(1).map(|row| format!("{name},{row}\n")).collect::<Vec<_>>().concat();
    format!("shop,date,sales\n{}{}", rows("north"), rows("south"))
}

#[test]
fn a_backtest_prints_a_table_the_files_and_a_verdict() {
    let sandbox = Sandbox::with_daily();
    assert_cmd_snapshot!(sandbox.forecast("backtest --csv daily.csv --horizon 3 --folds 2 --model drift,naive"));
    assert_eq!(
        sandbox.names("daily-backtest"),
        ["backtest.csv", "folds.png", "history.csv", "metrics.csv", "report.html", "run.json"]
    );
    insta::assert_snapshot!("backtest_csv", sandbox.read("daily-backtest/backtest.csv"));
    insta::assert_snapshot!("metrics_csv", sandbox.read("daily-backtest/metrics.csv"));
}

#[test]
fn the_default_model_is_compared_with_every_baseline() {
    let sandbox = Sandbox::with_daily();
    let printed = stdout(&sandbox.run("backtest --csv daily.csv --horizon 7"));
    for name in [
        "auto",
        "naive",
        "seasonal-naive (baseline)",
        "drift",
        "mean",
        "comb",
        "ets",
        "theta",
        "arima",
        "mstl",
        "climatology",
        "ridge",
        "croston",
    ] {
        assert!(printed.lines().any(|line| line.trim_start().starts_with(name)), "{name}: {printed}");
    }
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("daily-backtest/run.json")).unwrap();
    let mases: Vec<f64> = run["scores"].as_array().unwrap().iter().map(|s| s["mase"].as_f64().unwrap()).collect();
    assert!(mases.len() == 13 && mases.is_sorted(), "the best first: {mases:?}");
    assert!(run["settings"]["auto"].is_object());
}

#[test]
fn every_model_is_scored_on_the_same_values() {
    let sandbox = Sandbox::new();
    sandbox.write("shops.csv", &shops());
    sandbox.run("backtest --csv shops.csv -n 4 --folds 3 --step 2 --model gru,mean --epochs 1 -q");
    let table = lines(&sandbox.read("shops-backtest/backtest.csv"));
    assert_eq!(table.len(), 1 + 3 * 2 * 3 * 4, "models, shops, folds, steps");
    let (models, actual) = (column(&table, "model"), column(&table, "actual"));
    let of = |model: &str| -> Vec<&str> {
        models.iter().zip(&actual).filter(|(name, _)| **name == model).map(|(_, actual)| *actual).collect()
    };
    assert_eq!(of("gru"), of("mean"));
    assert_eq!(of("gru"), of("seasonal-naive"));
    let metrics = lines(&sandbox.read("shops-backtest/metrics.csv"));
    assert_eq!(metrics.len(), 1 + 3 * 3 * (1 + 4), "all and two shops, models, all and four steps");
    assert_eq!(column(&metrics, "shop")[0], "all");
    assert_eq!((column(&metrics, "series_count")[0], column(&metrics, "points")[0]), ("2", "24"));
}

#[test]
fn a_rerun_of_a_backtest_gives_the_same_bytes() {
    let sandbox = Sandbox::with_daily();
    for out in ["one", "two"] {
        sandbox.run(&format!(
            "backtest --csv daily.csv -n 7 --model lstm,ets --epochs 2 --refit --folds 3 --out {out} -q"
        ));
    }
    for file in ["backtest.csv", "metrics.csv", "folds.png"] {
        assert!(sandbox.bytes(&format!("one/{file}")) == sandbox.bytes(&format!("two/{file}")), "{file} differs");
    }
}

#[test]
fn an_undefined_score_is_empty_and_has_a_reason() {
    let sandbox = Sandbox::new();
    let rows = (1..=30).map(|t| format!("{t},0\n")).collect::<Vec<_>>().concat();
    sandbox.write("flat.csv", &format!("t,y\n{rows}"));
    assert_cmd_snapshot!(sandbox.forecast("backtest --csv flat.csv -n 2 --folds 2 --model naive --season 7"));
    let metrics = sandbox.read("flat-backtest/metrics.csv");
    assert!(!metrics.contains("NaN") && !metrics.contains("inf"), "{metrics}");
    let table = lines(&metrics.replace("mase, msis_80, msis_95", "mase msis_80 msis_95"));
    assert!(column(&table, "mase").iter().all(|mase| mase.is_empty()));
    let why = "\"mase msis_80 msis_95: the training part repeats itself exactly; wape: every actual value is 0\"";
    assert!(column(&table, "why").iter().all(|reason| *reason == why), "{metrics}");
}

/// A value that was not observed has no actual value and no score.
#[test]
fn a_filled_value_is_not_scored() {
    let sandbox = Sandbox::new();
    let kept = daily_csv(56).lines().filter(|line| !line.starts_with("2024-02-22")).collect::<Vec<_>>().join("\n");
    let holed = kept + "\n";
    sandbox.write("holed.csv", &holed);
    sandbox.run("backtest --csv holed.csv -n 7 --folds 1 --model naive -q");
    let table = lines(&sandbox.read("holed-backtest/backtest.csv"));
    let empty =
        column(&table, "date").into_iter().zip(column(&table, "actual")).filter(|(_, actual)| actual.is_empty());
    assert_eq!(empty.map(|(date, _)| date).collect::<Vec<_>>(), ["2024-02-22"; 2]);
    let metrics = lines(&sandbox.read("holed-backtest/metrics.csv"));
    assert_eq!(column(&metrics, "points")[..8], ["6", "1", "1", "1", "0", "1", "1", "1"]);
    assert_eq!(column(&metrics, "why")[4], "\"mase, smape".split(',').next().unwrap());
}

#[test]
fn folds_are_fewer_if_a_network_needs_the_history() {
    let sandbox = Sandbox::new();
    sandbox.write("short.csv", &daily_csv(31));
    let folds = |model: &str| {
        let printed = sandbox.run(&format!("backtest --csv short.csv -n 5 --model {model}")).stderr;
        String::from_utf8(printed).unwrap().lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(folds("drift"), "3 folds of 5 days, 2024-01-17 to 2024-01-31");
    assert_eq!(folds("drift,lstm --epochs 1"), "1 fold of 5 days, 2024-01-27 to 2024-01-31");
}

#[test]
fn the_verdict_agrees_with_the_backtest() {
    let sandbox = Sandbox::with_daily();
    let last = |line: &str| stdout(&sandbox.run(line)).lines().last().unwrap().to_owned();
    for model in ["drift", "lstm --epochs 3"] {
        let verdict = last(&format!("--csv daily.csv -n 7 --model {model}"));
        let backtest = last(&format!("backtest --csv daily.csv -n 7 --model {model}"));
        let numbers = |line: &str| line[line.find("MASE").unwrap()..].to_owned();
        assert_eq!(numbers(&verdict), numbers(&backtest), "{verdict}, {backtest}");
    }
}

#[test]
fn required_skill_changes_the_exit_code_and_nothing_else() {
    let sandbox = Sandbox::with_daily();
    assert_cmd_snapshot!(sandbox.forecast("--csv daily.csv -n 7 --model mean --require-skill"));
    let files = sandbox.names("daily-forecast");
    assert_eq!(
        files,
        ["backtest.csv", "forecast.csv", "forecast.png", "history.csv", "model", "report.html", "run.json"],
        "the forecast is written nevertheless"
    );
    // drift continues a line
    let line: Vec<String> = (0..60).map(|t: u32| format!("{t},{}\n", 10 * t + t * 7919 % 11)).collect();
    sandbox.write("line.csv", &format!("t,y\n{}", line.concat()));
    sandbox.run("--csv line.csv -n 2 --season 7 --model drift --require-skill -q");
    // a gain over a single fold may be chance
    sandbox.write("head.csv", &format!("t,y\n{}", line[..14].concat()));
    let output = sandbox.forecast("--csv head.csv -n 4 --season 7 --model drift --require-skill").output().unwrap();
    let verdict = stdout(&output).lines().last().unwrap().to_owned();
    assert!(verdict.starts_with("the record is too short to tell whether drift beats seasonal naive"), "{verdict}");
    assert_eq!(output.status.code(), Some(5), "a gain that is not sure does not count");
    sandbox.write("short.csv", "t,y\n1,2\n2,3\n");
    let output = sandbox.forecast("--csv short.csv -n 4 --model naive --require-skill").output().unwrap();
    assert_eq!(output.status.code(), Some(5), "a model that cannot be compared does not beat the baseline");
}

#[test]
fn a_history_too_short_for_a_fold_gives_no_verdict() {
    let sandbox = Sandbox::new();
    let one = daily_csv(7);
    let both: Vec<String> = one.lines().skip(1).map(|row| format!("north,{row}\nsouth,{row}\n")).collect();
    let both = both.concat();
    for (text, subject) in [(one, "the series is"), (format!("shop,date,sales\n{both}"), "every series is")] {
        sandbox.write("short.csv", &text);
        let printed = stdout(&sandbox.run("--csv short.csv -n 7 --model naive"));
        let verdict = format!("not compared with seasonal naive: {subject} too short to hold out the last 7 days");
        assert_eq!(printed.lines().last(), Some(verdict.as_str()));
    }
}

#[test]
fn impossible_requests_are_rejected_with_a_hint() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("short.csv", "t,y\n1,2\n2,3\n3,1\n");
    for line in [
        "backtest --csv daily.csv -n 7 --folds 9",
        "backtest --csv daily.csv -n 7 --folds 30 --step 2",
        "backtest --csv daily.csv -n 7 --folds 5 --model lstm",
        "backtest --csv daily.csv -n 7 --folds 0",
        "backtest --csv daily.csv -n 7 --step 0",
        "backtest --csv daily.csv -n 70",
        "backtest --csv daily.csv -n 20 --model lstm",
        "backtest --csv daily.csv -n 7 --refit --model drift",
        "backtest --csv daily.csv -n 7 --hidden 8 --model drift,mean",
        "backtest --csv daily.csv -n 7 --model drift,lstn",
        "backtest --csv daily.csv -n 7 --model drift --budget 10",
        "backtest --csv short.csv -n 7 --model naive",
        "--csv daily.csv -n 7 --model seasonal-naive --require-skill",
        "--csv daily.csv -n 7 --budget 0s",
    ] {
        let before = sandbox.names(".");
        assert_cmd_snapshot!(sandbox.forecast(line));
        assert_eq!(sandbox.names("."), before, "a rejected run writes nothing");
    }
}

/// Ctrl-C during a backtest: the scores of the models that are done are written, and that the run was interrupted.
#[cfg(unix)]
#[test]
fn an_interrupted_backtest_writes_the_models_that_are_done() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let sandbox = Sandbox::with_daily();
    let endless =
        "backtest --csv daily.csv -n 3 --model drift,lstm,gru --refit --epochs 100000000 --learning-rate 1e-9 -v";
    let mut child = sandbox.forecast(endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut printed = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(printed.any(|line| line.unwrap() == "lstm"), "training has started");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let printed: Vec<String> = printed.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{printed:?}");
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("daily-backtest/run.json")).unwrap();
    let models: Vec<&str> =
        run["scores"].as_array().unwrap().iter().map(|scores| scores["model"].as_str().unwrap()).collect();
    assert_eq!(run["interrupted"], true);
    assert!(printed.iter().any(|line| line.starts_with("interrupted: stopping")), "{printed:?}");
    assert!(printed.iter().any(|line| line.contains("before these models were done: ")), "{printed:?}");
    assert!(models.contains(&"drift") && models.contains(&"seasonal-naive") && !models.contains(&"gru"), "{models:?}");
}
