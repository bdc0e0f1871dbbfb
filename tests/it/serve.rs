//! `forecast serve --stdin`: answers to requests, one line each.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::json_schema::checked;
use crate::sandbox::{Sandbox, daily_csv, stdout};

/// The rows of a CSV file as objects.
fn rows(text: &str) -> Value {
    let row = |line: &str| {
        let (date, value) = line.split_once(',').unwrap();
        json!({"date": date, "sales": value.parse::<f64>().unwrap()})
    };
    text.lines().skip(1).map(row).collect()
}

/// A service that runs, and answers one request after the other.
struct Service(Child, BufReader<std::process::ChildStdout>);

impl Service {
    fn start(sandbox: &Sandbox, line: &str) -> Self {
        let mut command = sandbox.forecast(line);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self(child, stdout)
    }

    fn send(&mut self, line: &str) -> Value {
        let mut stdin = self.0.stdin.as_ref().unwrap();
        stdin.write_all(line.as_bytes()).unwrap();
        stdin.write_all(b"\n").unwrap();
        let mut answer = String::new();
        self.1.read_line(&mut answer).unwrap();
        checked(&answer)
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.send(&request.to_string())
    }

    /// Closes stdin, and asserts that the service ends well.
    fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

#[test]
fn answers_of_a_saved_model_are_the_objects_of_predict() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out trained");
    let predicted = sandbox.run("predict --model trained --csv daily.csv -n 3 --level 80 --json --out -");
    let predicted = checked(&stdout(&predicted));
    let mut service = Service::start(&sandbox, "serve --stdin --model trained");
    let options = json!({"horizon": 3, "level": [80]});
    for data in [rows(&daily_csv(56)), json!(daily_csv(56))] {
        let answer = service.ask(&json!({"id": "first", "data": data, "options": options}));
        assert_eq!(answer["id"], "first");
        for member in ["kind", "data", "settings", "notices", "tables"] {
            let mut expected = predicted[member].clone();
            // the folder is that of the command, and no part of a request
            expected.as_object_mut().and_then(|members| members.remove("model_folder"));
            assert_eq!(answer[member], expected, "{member}");
        }
    }
    service.end();
}

#[test]
fn a_request_that_fails_says_why_and_the_next_one_is_answered() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out trained");
    sandbox.write("secret.csv", &daily_csv(56));
    let mut service = Service::start(&sandbox, "serve --stdin --model trained");
    let daily = json!(daily_csv(56));
    let with = |options: Value| json!({"id": 7, "data": daily, "options": options}).to_string();
    let failures = [
        ("{\"data\": ".to_owned(), "the request cannot be read: EOF"),
        ("[1, 2]".to_owned(), "the request cannot be read: it is not an object"),
        (json!({"options": {}}).to_string(), "the request has no data"),
        (json!({"data": [], "horizon": 7}).to_string(), "a request has no member \"horizon\""),
        (json!({"data": "a,b\nx,y\n"}).to_string(), "the model forecasts the column sales"),
        (with(json!({"horizn": 3})), "a request has no option `horizn`"),
        (with(json!({"csv": "secret.csv"})), "the option `csv` names a file, and a request opens none"),
        (with(json!({"future": "secret.csv"})), "the option `future` names a file, and a request opens none"),
        (with(json!({"horizon": 8})), "the model was trained to forecast 7 steps, 8 were requested"),
        (with(json!({"horizon": true})), "the option `horizon` is neither a text, nor a number, nor a list of these"),
        (with(json!({"level": "wide"})), "`--level wide`: not a number"),
        (with(json!({"epochs": 3})), "the option `epochs` has no effect on a saved model"),
        (with(json!({"model": "gru"})), "the service has no model gru"),
    ];
    for (line, message) in failures {
        let answer = service.send(&line);
        assert!(answer["error"]["message"].as_str().unwrap().starts_with(message), "{line}: {answer}");
        assert!(!answer["error"]["hint"].as_str().unwrap().is_empty(), "{line}: {answer}");
        assert_eq!(answer["id"], if line.contains("\"id\":7") { json!(7) } else { Value::Null }, "{line}");
        let next = service.ask(&json!({"data": daily}));
        assert_eq!(next["tables"]["forecast"].as_array().unwrap().len(), 7, "after {line}");
    }
    service.end();
}

#[test]
fn without_a_saved_model_each_request_fits_its_own() {
    let sandbox = Sandbox::with_daily();
    let forecast = sandbox.run("--csv daily.csv -n 5 --model theta --json --out -");
    let forecast = checked(&stdout(&forecast));
    let mut service = Service::start(&sandbox, "serve --stdin --horizon 5");
    let answer = service.ask(&json!({"data": daily_csv(56), "options": {"model": "theta"}}));
    for member in ["kind", "verdict", "settings", "tables"] {
        assert_eq!(answer[member], forecast[member], "{member}");
    }
    let until = service.ask(&json!({"data": daily_csv(56), "options": {"model": "naive", "until": "2024-02-27"}}));
    assert_eq!(until["tables"]["forecast"].as_array().unwrap().len(), 2, "the last time replaces the usual horizon");
    service.end();
}

/// Blank lines are no requests, and the end of the input ends the service.
#[test]
fn no_request_is_no_answer() {
    let sandbox = Sandbox::new();
    let mut service = Service::start(&sandbox, "serve --stdin");
    service.0.stdin.as_ref().unwrap().write_all(b"\n  \n").unwrap();
    drop(service.0.stdin.take());
    let mut rest = String::new();
    service.1.read_line(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert!(service.0.wait().unwrap().success());
}

/// Without the protocol for agents, the error says how to get it.
#[cfg(not(feature = "serve"))]
#[test]
fn a_program_without_the_protocol_for_agents_says_how_to_get_it() {
    let output = Sandbox::new().forecast("mcp --folder .").output().unwrap();
    let printed = crate::sandbox::stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{printed}");
    assert!(printed.contains("--features serve"), "{printed}");
}
