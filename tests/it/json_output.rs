//! `--json`: one object on stdout, as docs/run.schema.json describes it, and nothing else.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::json_schema::{checked, problems};
use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// The object that a command prints.
fn object_of(sandbox: &Sandbox, line: &str) -> Value {
    checked(&stdout(&sandbox.run(line)))
}

/// The rows of a CSV file without quotes as objects of texts.
fn csv_rows(text: &str) -> Vec<Vec<(String, String)>> {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

/// Asserts that the rows of a table are those of a CSV file whose id column is `shop` and whose time column is `date`.
fn assert_same_rows(rows: &Value, csv: &str) {
    let (rows, expected) = (rows.as_array().unwrap(), csv_rows(csv));
    assert_eq!(rows.len(), expected.len());
    for (row, cells) in rows.iter().zip(expected) {
        assert_eq!(row.as_object().unwrap().len(), cells.len() + usize::from(row["ids"].get("shop").is_none()));
        for (name, cell) in cells {
            let value = match name.as_str() {
                "shop" => &row["ids"]["shop"],
                "date" => &row["time"],
                other => &row[other],
            };
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let is_same = text == cell || text.parse::<f64>().is_ok_and(|number| Ok(number) == cell.parse());
            assert!(is_same, "{name}: {text} is not {cell}");
        }
    }
}

fn shops(sandbox: &Sandbox) {
    let rows = |shop: &str| daily_csv(56).lines().skip(1).map(|row| format!("{shop},{row}\n")).collect::<Vec<_>>();
    let mut text = format!("shop,date,sales\n{}{}", rows("north").concat(), rows("south").concat());
    let missing = text.lines().find(|row| row.starts_with("north,2024-01-09,")).unwrap().to_owned();
    text = text.replace(&missing, "north,2024-01-09,");
    sandbox.write("shops.csv", &text);
}

#[test]
fn the_object_of_a_forecast_has_the_rows_of_its_files() {
    let sandbox = Sandbox::new();
    shops(&sandbox);
    let line =
        "--csv shops.csv -n 5 --model theta --total week --threshold 120 --anomalies --level 80,95 --quantiles 0.9";
    let object = object_of(&sandbox, &format!("{line} --json --out kept"));
    let tables = object["tables"].as_object().unwrap();
    for (name, rows) in tables {
        assert_same_rows(rows, &sandbox.read(&format!("kept/{name}.csv")));
    }
    assert_eq!(object["tables"]["forecast"][0]["ids"], json!({"shop": "north"}));
    for name in ["forecast", "totals", "threshold", "anomalies", "repairs"] {
        assert!(tables.contains_key(name), "{name}");
    }
    assert_eq!((&object["kind"], &object["folder"]), (&json!("forecast"), &json!("kept")));
    let mut files: Vec<String> = serde_json::from_value(object["files"].clone()).unwrap();
    files.iter_mut().for_each(|name| *name = name.trim_end_matches('/').to_owned());
    assert_eq!(files, sandbox.names("kept"));
    assert!(object["verdict"]["skill"].is_f64() && object["verdict"]["coverage_80"].is_f64());
}

#[test]
fn run_json_is_the_object_without_its_tables() {
    let sandbox = Sandbox::new();
    shops(&sandbox);
    for line in [
        "--csv shops.csv -n 5 --model drift --json --out kept",
        "backtest --csv shops.csv -n 5 --model drift --json --out kept",
        "train --csv shops.csv -n 5 --model drift --json --out kept",
        "predict --model kept --csv shops.csv --json --out next",
    ] {
        let mut object = object_of(&sandbox, line);
        let folder = object["folder"].as_str().unwrap().to_owned();
        object.as_object_mut().unwrap().remove("tables").unwrap();
        assert_eq!(object, checked(&sandbox.read(&format!("{folder}/run.json"))), "{line}");
    }
}

#[test]
fn without_a_folder_the_object_is_all_that_remains() {
    let sandbox = Sandbox::with_daily();
    let object =
        object_of(&sandbox, "--csv daily.csv -n 3 --model naive --total horizon --anomalies --explain --json --out -");
    assert_eq!((&object["folder"], &object["files"]), (&Value::Null, &json!([])));
    assert_eq!(object["tables"]["forecast"].as_array().unwrap().len(), 3);
    assert!(object["tables"]["components"].as_array().unwrap().len() > 3);
    assert_eq!(object["tables"]["totals"].as_array().unwrap().len(), 1);
    assert_eq!(sandbox.names("."), ["daily.csv"]);
}

#[test]
fn a_backtest_has_its_scores_and_inspect_its_series() {
    let sandbox = Sandbox::new();
    shops(&sandbox);
    let object = object_of(&sandbox, "backtest --csv shops.csv -n 4 --model theta --json --out past");
    assert_same_rows(&object["tables"]["backtest"], &sandbox.read("past/backtest.csv"));
    let is_overall = |row: &&Value| row["ids"]["shop"] == "all" && row["step"] == "all" && row["model"] == "theta";
    let overall = object["tables"]["metrics"].as_array().unwrap().iter().find(is_overall).unwrap();
    let of_model = object["scores"].as_array().unwrap().iter().find(|scores| scores["model"] == "theta").unwrap();
    assert!((overall["mase"].as_f64().unwrap() - of_model["mase"].as_f64().unwrap()).abs() < 1e-6);

    let object = object_of(&sandbox, "inspect --csv shops.csv --json");
    assert_eq!(object["data"]["columns"], json!({"time": "date", "target": "sales", "ids": ["shop"]}));
    let series = object["tables"]["series"].as_array().unwrap();
    assert_eq!(
        (&series[0]["steps"], &series[0]["not_observed"], &series[1]["not_observed"]),
        (&json!(56), &json!(1), &json!(0))
    );
    assert_eq!(object["tables"]["repairs"][0]["time"], "2024-01-09");
}

#[test]
fn names_from_the_data_are_escaped_and_never_clash_with_members() {
    let sandbox = Sandbox::new();
    let id = "tab\\t \"quotes\" \\ \u{7} é";
    let quoted = format!("\"{}\"", id.replace('"', "\"\""));
    let rows = daily_csv(30).lines().skip(1).map(|row| format!("{quoted},{row}\n")).collect::<Vec<_>>().concat();
    let others = rows.replace(&quoted, "plain");
    sandbox.write("odd.csv", &format!("forecast,ids,lo_80\n{rows}{others}"));
    let object = object_of(&sandbox, "--csv odd.csv -n 2 --model naive --json --out odd --id forecast");
    let rows = object["tables"]["forecast"].as_array().unwrap();
    let first = rows.iter().find(|row| row["ids"] == json!({"forecast": id})).expect("the id as it is in the file");
    assert!(first["forecast"].is_number() && first["time"] == "2024-01-31");
    assert_eq!(object["data"]["columns"], json!({"time": "ids", "target": "lo_80", "ids": ["forecast"]}));
}

#[test]
fn a_failure_is_an_object_too() {
    let sandbox = Sandbox::with_daily();
    fs::create_dir(sandbox.path("taken")).unwrap();
    sandbox.write("taken/letter.txt", "not of forecast");
    sandbox.write("text.csv", "date,sales\n2024-01-01,three\n2024-01-02,four\n");
    for (line, code, kind) in [
        ("--csv daily.csv --json", 2, "usage"),
        ("--csv daily.csv -n 3 --jsn --json", 2, "usage"),
        ("--csv absent.csv -n 3 --json", 3, "data"),
        ("--csv daily.csv -n 3 --model naive --out taken --json", 1, "failure"),
        ("--csv text.csv -n 3 --json", 3, "data"),
        ("inspect --csv text.csv --json", 3, "data"),
        ("predict --model absent --csv daily.csv --json", 2, "usage"),
        ("backtest --csv daily.csv -n 500 --json", 3, "data"),
        ("inspect --csv daily.csv --json --verbose", 2, "usage"),
    ] {
        let output = sandbox.forecast(line).output().unwrap();
        let object = checked(&stdout(&output));
        let error = &object["error"];
        assert_eq!(
            (output.status.code(), &error["exit_code"], &error["kind"]),
            (Some(code), &json!(code), &json!(kind)),
            "{line}"
        );
        let printed = stderr(&output);
        let message = format!("error: {}", error["message"].as_str().unwrap());
        assert!(printed.contains(&message), "{line}: {printed}");
        if let Some(hint) = error["hint"].as_str() {
            assert!(printed.contains(&format!("hint: {hint}")), "{line}: {printed}");
        }
    }
    let output = sandbox.forecast("--csv absent.csv -n 3").output().unwrap();
    assert!(output.stdout.is_empty(), "without the flag, stdout has no object");
}

#[cfg(target_os = "linux")]
#[test]
fn results_are_printed_with_the_error_if_the_files_cannot_be_written() {
    let sandbox = Sandbox::with_daily();
    let program = sandbox.forecast("--csv daily.csv -n 3 --model naive --json --out kept");
    // a limit on the size of files makes every larger file fail
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args());
    let output = limited.current_dir(sandbox.path(".")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let object = checked(&stdout(&output));
    assert_eq!(object["tables"]["forecast"].as_array().unwrap().len(), 3);
    assert_eq!((&object["folder"], &object["files"]), (&Value::Null, &json!([])));
    assert_eq!(object["error"]["exit_code"], 1);
    assert!(stderr(&output).contains(object["error"]["message"].as_str().unwrap()));
}

#[test]
fn quiet_leaves_the_object_and_the_rest_goes_to_stderr() {
    let sandbox = Sandbox::with_daily();
    let output = sandbox.run("--csv daily.csv -n 3 --model naive --json -q");
    assert!(output.stderr.is_empty());
    checked(&stdout(&output));
    let output = sandbox.run("--csv daily.csv -n 3 --model naive --json -v");
    assert!(stderr(&output).contains("daily, 1 series") && stderr(&output).contains("settings: "));
    checked(&stdout(&output));
}

#[test]
fn commands_on_earlier_runs_print_an_object_with_the_rows_of_their_files() {
    let sandbox = Sandbox::new();
    shops(&sandbox);
    sandbox.run("--csv shops.csv -n 5 --model theta --out one");
    sandbox.run("--csv shops.csv -n 5 --model drift --out two");
    let diff = object_of(&sandbox, "diff one two --json --out kept");
    assert_same_rows(&diff["tables"]["diff"], &sandbox.read("kept/diff.csv"));
    assert_eq!(
        (&diff["kind"], &diff["folder"], &diff["files"]),
        (&json!("diff"), &json!("kept"), &json!(["diff.csv"]))
    );
    assert!(
        diff["changes"].as_array().unwrap().contains(&json!({"name": "--model", "before": "theta", "after": "drift"}))
    );
    let later = sandbox.read("shops.csv") + "north,2024-02-26,120\nsouth,2024-02-26,130\nsouth,2024-02-27,110\n";
    sandbox.write("later.csv", &later);
    let score = object_of(&sandbox, "score one --csv later.csv --json --out scored");
    assert_same_rows(&score["tables"]["score"], &sandbox.read("scored/score.csv"));
    let plot = object_of(&sandbox, "plot one --json --out pictures");
    assert_eq!((&plot["kind"], &plot["folder"]), (&json!("plot"), &json!("pictures")));
    assert_eq!(plot["files"].as_array().unwrap().len(), sandbox.names("pictures").len());
    // a failure is an object, too
    let output = sandbox.forecast("diff one nowhere --json").output().unwrap();
    assert_eq!(checked(&stdout(&output))["error"]["kind"], json!("data"));
}

#[test]
fn the_schema_refuses_what_it_does_not_describe() {
    let sandbox = Sandbox::with_daily();
    let good = object_of(&sandbox, "--csv daily.csv -n 3 --model theta --json");
    let is_refused = |change: &dyn Fn(&mut Value)| {
        let mut other = good.clone();
        change(&mut other);
        assert_ne!(other, good);
        !problems(&other.to_string()).is_empty()
    };
    for name in good.as_object().unwrap().keys().filter(|name| !["verdict", "tables"].contains(&name.as_str())) {
        assert!(is_refused(&|own| drop(own.as_object_mut().unwrap().remove(name))), "without {name}");
        assert!(is_refused(&|own| own[name] = json!(-1.5)), "{name} of another type");
    }
    assert!(is_refused(&|own| own["surprise"] = json!(1)));
    assert!(is_refused(&|own| own["verdict"]["surprise"] = json!(1)));
    assert!(is_refused(&|own| own["tables"]["forecast"][1]["surprise"] = json!(1)));
    assert!(is_refused(&|own| own["tables"]["forecast"][1]["forecast"] = Value::Null));
    assert!(is_refused(&|own| own["tables"]["forecast"][1]["lo_80"] = json!("12")));
    assert!(is_refused(&|own| own["finished"] = json!("yesterday")));
    assert!(is_refused(&|own| own["schema"] = json!(2)));
    assert!(!problems("{}").is_empty() && !problems("").is_empty());
}

/// The page shows an object that a command printed, with three dots in place of what differs between runs.
#[test]
fn the_page_shows_what_the_command_prints() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")).unwrap();
    let (_, rest) = page.split_once("```console\n$ ").expect("a command");
    let (command, rest) = rest.split_once('\n').unwrap();
    let (shown, _) = rest.split_once("\n```").unwrap();
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("demand.csv");
    let line = command.strip_prefix("forecast ").unwrap();
    let mut object = object_of(&sandbox, line);
    object["command"][0] = json!("forecast");
    let mut expected: Value = serde_json::from_str(shown).expect("the example is JSON");
    for name in ["finished", "seconds", "versions"] {
        assert!(problems(&expected.to_string()).is_empty(), "{:?}", problems(&expected.to_string()));
        expected[name] = object[name].clone();
    }
    assert_eq!(object, expected, "{}", serde_json::to_string_pretty(&object).unwrap());
}
