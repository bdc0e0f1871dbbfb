//! `forecast mcp`: tools for agents.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::agent_session::Session;
use crate::json_schema::checked;
use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// Waits until a condition holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A computation that takes long: networks that are trained on twenty years, again for each fold.
fn endless() -> Value {
    json!({"file": "long.csv", "horizon": 7, "model": ["deepar"], "refit": true, "folds": 20})
}

#[test]
fn the_tools_have_the_flags_of_the_commands_as_arguments() {
    let sandbox = Sandbox::with_daily();
    let mut session = Session::start(&sandbox, ".");
    let answer = session.request("tools/list", &json!({}));
    let mut lines = Vec::new();
    for tool in answer["result"]["tools"].as_array().unwrap() {
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert!(tool["description"].as_str().unwrap().len() > 50);
        let schema = &tool["inputSchema"];
        let properties = schema["properties"].as_object().unwrap();
        for (name, property) in properties {
            assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        lines.push(format!("{} needs {}: {}", tool["name"], schema["required"], names.join(", ")));
    }
    insta::assert_snapshot!(lines.join("\n"));
    session.end();
}

#[test]
fn answers_are_the_objects_of_the_command_line() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 7 --model theta --out monday");
    sandbox.write("later.csv", &daily_csv(60));
    sandbox.run("--csv later.csv -n 7 --model theta --out tuesday");
    let before = files(&sandbox);
    let mut session = Session::start(&sandbox, ".");
    let absolute = sandbox.path("daily.csv").canonicalize().unwrap();
    let calls = [
        ("inspect", json!({"file": absolute, "target": "sales"}), "inspect --csv daily.csv --target sales"),
        (
            "forecast",
            json!({"file": "daily.csv", "horizon": 3, "model": "theta", "level": [80], "bad_rows": "skip", "total": "horizon"}),
            "--csv daily.csv -n 3 --model theta --level 80 --bad-rows skip --total horizon --out -",
        ),
        (
            "backtest",
            json!({"file": "./daily.csv", "steps": "1w", "model": ["theta", "drift"], "folds": 2}),
            "backtest --csv daily.csv -n 7 --model theta,drift --folds 2 --out -",
        ),
        (
            "explain",
            json!({"file": "daily.csv", "until": "2024-03-01", "model": "theta"}),
            "--csv daily.csv --until 2024-03-01 --model theta --explain --out -",
        ),
        ("compare", json!({"run": "monday", "other_run": "tuesday"}), "diff monday tuesday"),
        ("compare", json!({"run": "monday", "file": "later.csv"}), "score monday --csv later.csv"),
    ];
    for (tool, arguments, line) in calls {
        let mut expected = checked(&stdout(&sandbox.run(&format!("{line} --json"))));
        let mut object = session.object(tool, &arguments);
        assert!(object["command"].as_array().is_some_and(|words| words[0] == "forecast"), "{object}");
        assert!(!object.to_string().contains("/proc/"), "{object}");
        let file = arguments["file"].as_str();
        assert_eq!(object["input"]["file"].as_str(), file.filter(|_| tool != "compare"), "{object}");
        for other in ["command", "finished", "seconds", "input"] {
            expected.as_object_mut().unwrap().remove(other);
            object.as_object_mut().unwrap().remove(other);
        }
        assert_eq!(object, expected, "{tool}");
    }
    let log = session.end();
    assert!(log.contains("forecast daily.csv: done in "), "{log}");
    assert_eq!(files(&sandbox), before, "nothing is written");
}

/// The paths of all files, with their sizes.
fn files(sandbox: &Sandbox) -> Vec<(String, u64)> {
    fn add(folder: &std::path::Path, to: &mut Vec<(String, u64)>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let metadata = entry.metadata().unwrap();
            to.push((entry.path().display().to_string(), metadata.len()));
            if metadata.is_dir() {
                add(&entry.path(), to);
            }
        }
    }
    let mut all = Vec::new();
    add(&sandbox.path("."), &mut all);
    all.sort();
    all
}

#[test]
fn an_answer_has_the_wanted_tables_and_no_more_rows() {
    let sandbox = Sandbox::with_daily();
    let mut session = Session::start(&sandbox, ".");
    let common = json!({"file": "daily.csv", "horizon": 3, "model": "drift"});
    let with = |name: &str, value: Value| {
        let mut arguments = common.clone();
        arguments[name] = value;
        arguments
    };
    let cut = session.object("backtest", &with("max_rows", json!(2)));
    assert_eq!(cut["tables"]["metrics"].as_array().unwrap().len(), 2);
    assert!(cut["rows_left_out"]["metrics"].as_u64().unwrap() > 0, "{cut}");
    let metrics = session.object("backtest", &with("tables", json!(["metrics"])));
    assert_eq!(metrics["tables"].as_object().unwrap().keys().collect::<Vec<_>>(), ["metrics"]);
    assert!(metrics.get("rows_left_out").is_none());
    let (message, hint) = session.error("backtest", &with("tables", json!(["metrics", "nope"])));
    assert_eq!(message, "the tool `backtest` has no table `nope`");
    assert_eq!(hint, "its tables are metrics, backtest, repairs, failed");
    let explained = session.object("explain", &with("max_rows", json!(3)));
    let components = explained["tables"]["components"].as_array().unwrap();
    assert!(components.len() == 3 && components.iter().all(|row| row["part"] == "forecast"), "{explained}");
    let none = session.object("forecast", &with("tables", json!([])));
    assert_eq!(none["tables"], json!({}));
    session.end();
}

#[test]
fn a_call_that_fails_says_why_and_the_next_one_is_answered() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("packed.bz2", "BZh91AY");
    sandbox.write("broken.csv", "date,sales\n2024-01-01,5\n2024-01-02,often\n2024-01-03,6\n");
    let mut session = Session::start(&sandbox, ".");
    let failures = [
        ("inspect", json!({})),
        ("inspect", json!({"file": 7})),
        ("inspect", json!({"file": "dayly.csv"})),
        ("inspect", json!({"file": "."})),
        ("inspect", json!({"file": "daily.csv", "colour": "red"})),
        ("inspect", json!({"file": "daily.csv", "out": "here"})),
        ("inspect", json!({"file": "daily.csv", "target": "temperature"})),
        ("inspect", json!({"file": "daily.csv", "target": {"name": "sales"}})),
        ("inspect", json!({"file": "daily.csv", "max_rows": "all"})),
        ("forecast", json!({"file": "daily.csv"})),
        ("forecast", json!({"file": "daily.csv", "horizon": 0})),
        ("forecast", json!({"file": "daily.csv", "horizon": 3, "model": "magic"})),
        ("forecast", json!({"file": "daily.csv", "horizon": 3, "anomalies": "yes"})),
        ("forecast", json!({"file": "broken.csv", "horizon": 3})),
        ("forecast", json!({"file": "packed.bz2", "horizon": 3})),
        ("backtest", json!({"file": "daily.csv", "horizon": 3, "folds": "few"})),
        ("compare", json!({"run": "."})),
        ("compare", json!({"run": "monday", "other_run": "tuesday"})),
    ];
    let mut texts = Vec::new();
    for (tool, arguments) in failures {
        let (message, hint) = session.error(tool, &arguments);
        texts.push(format!("{tool} {arguments}\n  {message}\n  {hint}"));
    }
    insta::assert_snapshot!(texts.join("\n"));
    let unknown = session.request("tools/call", &json!({"name": "delete", "arguments": {}}));
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    assert_eq!(session.object("inspect", &json!({"file": "daily.csv"}))["data"]["series"], 1);
    session.end();
}

#[test]
fn lines_that_are_no_requests_do_not_end_the_session() {
    let sandbox = Sandbox::with_daily();
    let mut session = Session::start(&sandbox, ".");
    for line in ["garbage", "", "{", "\u{0}\u{1}", "[1, 2]", "{\"jsonrpc\": \"2.0\"}", "7", "\"text\"", "null"] {
        session.send(line);
    }
    session.ask("ping", &json!({}));
    // a message that is JSON may have an answer, which is an error without an id
    let answer = loop {
        let answer = session.receive();
        if answer["id"] == json!(session.last_id) {
            break answer;
        }
        assert!(answer["error"]["code"].is_number() && answer["id"].is_null(), "{answer}");
    };
    assert_eq!(answer["result"], json!({}), "{answer}");
    assert_eq!(session.object("inspect", &json!({"file": "daily.csv"}))["data"]["series"], 1);
    session.end();
}

#[test]
fn a_cancelled_call_ends_its_computation() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("long.csv", &daily_csv(7_000));
    let mut session = Session::start(&sandbox, ".");
    let id = session.ask("tools/call", &json!({"name": "backtest", "arguments": endless()}));
    until("the computation starts", || !session.computing().is_empty());
    let process = session.computing()[0].clone();
    let cancel = json!({"requestId": id, "reason": "no longer needed"});
    session.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel}).to_string());
    until("the computation ends", || !fs::exists(format!("/proc/{process}")).unwrap());
    assert_eq!(session.object("inspect", &json!({"file": "daily.csv"}))["data"]["series"], 1);
    assert!(session.end().contains("backtest: cancelled"));
}

#[test]
fn ctrl_c_and_sigterm_end_the_session_and_its_computations() {
    for signal in ["-INT", "-TERM"] {
        let sandbox = Sandbox::new();
        sandbox.write("long.csv", &daily_csv(7_000));
        let mut session = Session::start(&sandbox, ".");
        session.ask("tools/call", &json!({"name": "backtest", "arguments": endless()}));
        until("the computation starts", || !session.computing().is_empty());
        let process = session.computing()[0].clone();
        let server = session.child.id().to_string();
        assert!(Command::new("kill").args([signal, &server]).status().unwrap().success());
        session.ended();
        assert!(!fs::exists(format!("/proc/{process}")).unwrap(), "{signal}");
    }
}

#[test]
fn a_session_without_a_request_ends_well_and_one_with_a_wrong_start_does_not() {
    let sandbox = Sandbox::new();
    let output = sandbox.forecast("mcp --folder .").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{}", stderr(&output));
    let output = sandbox.forecast("mcp --folder nowhere").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(stderr(&output).contains("hint:"), "{}", stderr(&output));
    let mut command = sandbox.forecast("mcp --folder .");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let early = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
    writeln!(child.stdin.take().unwrap(), "{early}").unwrap();
    let output = child.wait_with_output().unwrap();
    for line in stdout(&output).lines() {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["jsonrpc"], "2.0", "{line}");
    }
}
