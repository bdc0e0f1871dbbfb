//! `forecast serve --stdin`: answers to requests, which are lines or streams.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use forecast::read::ArrowStream;
use serde_json::{Value, json};

use crate::arrow::{self, Stream, read_stream, stream_of};
use crate::json_schema::checked;
use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

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

    /// Sends a stream, and reads one.
    fn ask_stream(&mut self, request: &[u8]) -> Stream {
        self.0.stdin.as_ref().unwrap().write_all(request).unwrap();
        read_stream(&ArrowStream::read(&mut self.1, 1 << 20).unwrap().into_bytes())
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
            // numbers of JSON show no decimal mark of texts
            if member == "data" && data.is_array() {
                expected.as_object_mut().and_then(|members| members.remove("conventions"));
            }
            assert_eq!(answer[member], expected, "{member}");
        }
    }
    service.end();
}

#[test]
fn forecasts_of_rows_columns_and_text_are_equal_and_in_one_order() {
    let sandbox = Sandbox::new();
    let day = |at: usize| format!("2024-01-{:02}", 1 + at / 2);
    let (shop, region) = (|at: usize| ["s2", "s1"][at % 2], |at: usize| ["west", "east"][at % 2]);
    let value = |at: usize| (at * 7 + at % 5) % 23;
    let range = 0..56;
    let line = |at: usize| format!("{},{},{},{}", shop(at), region(at), day(at), value(at));
    let lines: Vec<String> = range.clone().map(line).collect();
    let csv = format!("shop,region,day,value\n{}\n", lines.join("\n"));
    // text, since a map of serde_json sorts its members
    let row = |at| {
        let (shop, region, day) = (shop(at), region(at), day(at));
        format!(r#"{{"shop": "{shop}", "region": "{region}", "day": "{day}", "value": {}}}"#, value(at))
    };
    let rows: Vec<String> = range.clone().map(row).collect();
    let list = |cell: &dyn Fn(usize) -> String| range.clone().map(cell).collect::<Vec<_>>().join(",");
    let columns = format!(
        r#"{{"shop": [{}], "region": [{}], "day": [{}], "value": [{}]}}"#,
        list(&|at| format!("\"{}\"", shop(at))),
        list(&|at| format!("\"{}\"", region(at))),
        list(&|at| format!("\"{}\"", day(at))),
        list(&|at| value(at).to_string()),
    );
    sandbox.write("sales.csv", &csv);
    let expected = checked(&stdout(&sandbox.run("--csv sales.csv -n 3 --model theta --json --out -")));
    assert_eq!(expected["tables"]["forecast"][0]["ids"], json!({"shop": "s1", "region": "east"}));
    for (name, text) in [("lines.jsonl", rows.join("\n")), ("rows.json", format!("[{}]", rows.join(",\n")))] {
        sandbox.write(name, &text);
        let run = checked(&stdout(&sandbox.run(&format!("--csv {name} -n 3 --model theta --json --out -"))));
        assert_eq!(run["tables"], expected["tables"], "{name}");
    }
    let mut service = Service::start(&sandbox, "serve --stdin --horizon 3");
    let data = [format!("[{}]", rows.join(",")), columns, json!(csv).to_string(), json!(rows.join("\n")).to_string()];
    for data in data {
        let answer = service.send(&format!(r#"{{"options": {{"model": "theta"}}, "data": {data}}}"#));
        assert_eq!(answer["tables"], expected["tables"], "{data}");
        assert_eq!(answer["data"]["columns"], expected["data"]["columns"], "{data}");
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
        ("{\"data\": ".to_owned(), "the request cannot be read: the text ends within a value"),
        ("{\"data\": tru}".to_owned(), "the request cannot be read: a word is neither true, false nor null at byte"),
        ("[1, 2]".to_owned(), "the request cannot be read: it is not an object"),
        (json!({"options": {}}).to_string(), "the request has no data"),
        (json!({"data": [], "horizon": 7}).to_string(), "a request has no member \"horizon\""),
        (json!({"data": []}).to_string(), "`data` has no rows"),
        (json!({"data": {"date": [], "sales": []}}).to_string(), "`data` has no rows"),
        (
            json!({"data": {"date": ["2024-01-01"], "sales": []}}).to_string(),
            "the data: the JSON is no table: the column sales has 0 values, and date has 1",
        ),
        (
            json!({"data": {"date": {"0": "2024-01-01"}}}).to_string(),
            "the data: the JSON is no table: its columns are objects",
        ),
        (
            r#"{"data": [{"date": "2024-01-01", "sales": NaN}]}"#.to_owned(),
            "the request cannot be read: NaN at byte 43 is no number of JSON",
        ),
        (
            r#"{"data": [{"date": "2024-01-01", "sales": -Infinity}]}"#.to_owned(),
            "the request cannot be read: Infinity at byte 44",
        ),
        (json!({"data": [[1, 2]]}).to_string(), "the rows of `data` are not objects"),
        (
            r#"{"data": [{"date": "2024-01-01", "sales": 5}, 7]}"#.to_owned(),
            "the data: row 2: not a list of JSON objects: invalid type: integer `7`, expected an object",
        ),
        (
            json!({"data": [{"date": "2024-01-01", "sales": [5]}]}).to_string(),
            "the data: column sales has the type list, which cannot be read",
        ),
        (r#"{"id": 1e999, "data": "a"}"#.to_owned(), "the request cannot be read: `id`: number out of range"),
        (r#"{"id": 12345678901234567890123, "data": "a"}"#.to_owned(), "the answer cannot repeat the number of `id`"),
        (json!({"id": [7], "data": "a"}).to_string(), "`id` is neither a text nor a number"),
        (r#"{"data": "a", "data": "b"}"#.to_owned(), "the request has the member \"data\" twice"),
        (
            r#"{"data": "a", "options": {"horizon": 3, "horizon": 4}}"#.to_owned(),
            "`options` has the option `horizon` twice",
        ),
        (
            r#"{"data": "a", "options": {"horizon": 1e999}}"#.to_owned(),
            "`options`: `horizon` cannot be read: number out of range",
        ),
        (json!({"data": "a", "options": [3]}).to_string(), "`options` is not an object"),
        (json!({"data": "a,b\nx,y\n"}).to_string(), "the model forecasts the column sales"),
        (with(json!({"horizn": 3})), "a request has no option `horizn`"),
        (with(json!({"horizon": 3, "steps": 4})), "`horizon` and `steps` are names of one option, and both are given"),
        (
            "{\"data\": \"a\\u001b[31mb,c\\n1,2\\n\", \"id\":7}".to_owned(),
            "the model was trained on daily data, and these are index",
        ),
        (with(json!({"csv": "secret.csv"})), "the option `csv` names a file, and a request opens none"),
        (with(json!({"future": "secret.csv"})), "the option `future` names a file, and a request opens none"),
        (with(json!({"horizon": 8})), "the model was trained to forecast 7 steps, 8 were requested"),
        (with(json!({"horizon": true})), "the option `horizon` is neither a text, nor a number, nor a list of these"),
        (with(json!({"level": "wide"})), "`\"level\": \"wide\"`: not a number"),
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
fn a_misspelt_option_has_a_suggestion() {
    let sandbox = Sandbox::new();
    let mut service = Service::start(&sandbox, "serve --stdin");
    let error = &service.ask(&json!({"data": daily_csv(56), "options": {"horizn": 3}}))["error"];
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.starts_with("did you mean `horizon`? the options are bad-rows, "), "{hint}");
    let error = &service.ask(&json!({"data": daily_csv(56), "options": {"horizon": 3, "qqq": 3}}))["error"];
    assert!(error["hint"].as_str().unwrap().starts_with("the options are "), "{error}");
    service.end();
}

#[test]
fn control_characters_of_a_name_are_escaped_in_messages() {
    let sandbox = Sandbox::new();
    let csv = "date,a\u{1b}[31mb,c\n2024-01-01,1,2\n2024-01-02,2,3\n";
    sandbox.write("a.csv", csv);
    let expected = r"several columns could be the target: a\u{1b}[31mb, c";
    let printed = stderr(&sandbox.forecast("--csv a.csv -n 1").output().unwrap());
    assert!(printed.contains(expected) && !printed.contains('\u{1b}'), "{printed}");
    let mut service = Service::start(&sandbox, "serve --stdin --horizon 1");
    let answer = service.ask(&json!({"data": csv}));
    assert_eq!(answer["error"]["message"], format!("the data: {expected}"));
    service.end();
}

/// A request is read as `predict` reads a file, and the service says so once.
#[test]
fn requests_inherit_the_flags_of_the_training() {
    let sandbox = Sandbox::new();
    let all = daily_csv(56);
    let lines: Vec<&str> = all.lines().filter(|line| !line.starts_with("2024-02-1")).collect();
    let csv = lines.join("\n") + "\n";
    sandbox.write("daily.csv", &csv);
    sandbox.run("train --csv daily.csv -n 7 --model theta --gaps zero --spikes keep --out trained");
    let predicted = checked(&stdout(&sandbox.run("predict --model trained --csv daily.csv --json --out -")));
    let mut command = sandbox.forecast("serve --stdin --model trained");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let request = json!({"data": csv});
    let typed = json!({"data": csv, "options": {"gaps": "last"}});
    write!(child.stdin.take().unwrap(), "{request}\n{typed}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let answers: Vec<Value> = stdout(&output).lines().map(checked).collect();
    assert_eq!(answers[0]["tables"], predicted["tables"]);
    assert_ne!(answers[1]["tables"]["forecast"], predicted["tables"]["forecast"]);
    let note = "notice: requests to the model trained are read as in its training, with --gaps, --spikes; an option of a \
                request replaces its flag\n";
    assert_eq!(stderr(&output), note);
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

/// A file with a longer series has the same forecast of the shorter one.
#[test]
fn a_season_may_be_longer_than_the_series_of_a_request() {
    let sandbox = Sandbox::new();
    let value = |at: usize| (at * at * 7 + at % 12 * 30) % 101;
    let row = |name: &str, at: usize| format!("{name},{at},{}\n", value(at));
    let rows = |name: &str, count: usize| (0..count).fold(String::new(), |rows, at| rows + &row(name, at));
    let alone = format!("id,t,y\n{}", rows("short", 15));
    sandbox.write("alone.csv", &alone);
    sandbox.write("both.csv", &format!("{alone}{}", rows("long", 72)));
    let flags = "--time t --target y --id id -n 3 --season 12 --model theta --json --out -";
    let refused = sandbox.forecast(&format!("--csv alone.csv {flags}")).output().unwrap();
    assert!(stderr(&refused).contains("12 steps are more than half of the longest series"), "{}", stderr(&refused));
    // a run of which the season is that of longer series can be drawn again
    let month = |at: usize| format!("2023-{:02}-01,{}\n", at + 1, 50 + at % 5);
    sandbox.write("months.csv", &(0..12).fold("date,sales\n".to_owned(), |rows, at| rows + &month(at)));
    sandbox.run("--csv months.csv -n 3 --season 12 --pooled-model pretrained --out run");
    sandbox.run("plot run --out again");
    let both = checked(&stdout(&sandbox.run(&format!("--csv both.csv {flags}"))));
    let mut service = Service::start(&sandbox, "serve --stdin");
    let roles = json!({"time": "t", "target": "y", "id": "id"});
    let mut options = json!({"horizon": 3, "season": 12, "model": "theta"});
    options.as_object_mut().unwrap().extend(roles.as_object().unwrap().clone());
    let answer = service.ask(&json!({"data": alone, "options": options}));
    let of_short = |answer: &Value| {
        let rows = answer["tables"]["forecast"].as_array().unwrap().clone();
        rows.into_iter().filter(|row| row["ids"]["id"] == "short").collect::<Vec<Value>>()
    };
    assert_eq!(of_short(&answer), of_short(&both));
    assert_eq!(of_short(&answer).len(), 3);
    let notice = "a season of 12 steps is more than half of the longest series, which has 15 values: its pattern cannot be \
                  estimated";
    assert!(answer["data"]["notices"].as_array().unwrap().contains(&json!(notice)), "{}", answer["data"]["notices"]);
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

/// Columns are rows in another form, and a mark before the first line is no part of it.
#[test]
fn data_may_be_columns_after_a_byte_order_mark() {
    let sandbox = Sandbox::new();
    let mut service = Service::start(&sandbox, "serve --stdin --horizon 2");
    let rows = rows(&daily_csv(56));
    let column = |name: &str| -> Value { rows.as_array().unwrap().iter().map(|row| row[name].clone()).collect() };
    let columns = json!({"date": column("date"), "sales": column("sales")});
    let request = |data: &Value| json!({"data": data, "options": {"model": "drift"}}).to_string();
    let expected = service.send(&request(&rows));
    let answer = service.send(&format!("\u{feff}{}", request(&columns)));
    assert_eq!(answer["tables"], expected["tables"]);
    assert!(answer["tables"]["forecast"].is_array());
    service.end();
}

/// A float would make one id of both.
#[test]
fn whole_numbers_keep_every_digit() {
    let sandbox = Sandbox::new();
    let mut service = Service::start(&sandbox, "serve --stdin --horizon 1");
    let ids = [9_007_199_254_740_993_u64, 9_007_199_254_740_992, u64::MAX];
    let row = |at: usize| json!({"shop": ids[at % 3], "date": format!("2024-01-{:02}", at / 3 + 1), "sales": at});
    let data: Value = (0..60).map(row).collect();
    let answer = service.ask(&json!({"id": ids[0], "data": data, "options": {"model": "naive", "id": "shop"}}));
    let rows = answer["tables"]["forecast"].as_array().unwrap();
    let found: Vec<&str> = rows.iter().map(|row| row["ids"]["shop"].as_str().unwrap()).collect();
    assert_eq!(found, ["18446744073709551615", "9007199254740992", "9007199254740993"]);
    assert_eq!(answer["id"], ids[0]);
    service.end();
}

/// A hint names what a program can send.
#[test]
fn hints_name_options_and_not_flags() {
    let sandbox = Sandbox::new();
    let mut service = Service::start(&sandbox, "serve --stdin --horizon 1");
    let two = "date,north,south\n2024-01-01,1,2\n2024-01-02,2,3\n2024-01-03,3,1\n";
    let error = service.ask(&json!({"data": two}))["error"].clone();
    assert_eq!(
        error["hint"],
        "name one with `\"target\": \"north\"`, or forecast each as a series with `\"wide\": [\"north\", \"south\"]`"
    );
    let answer = service.ask(&json!({"data": two, "options": {"wide": ["north", "south"], "model": "naive"}}));
    assert_eq!(answer["tables"]["forecast"].as_array().unwrap().len(), 2, "{answer}");
    // a value that cannot be read is that of an option, and no help of the command line describes it
    let hint_on = |service: &mut Service, options: Value| {
        service.ask(&json!({"data": daily_csv(56), "options": options}))["error"]["hint"].clone()
    };
    assert_eq!(
        hint_on(&mut service, json!({"season": 0})),
        "correct `season` of the options: steps after which the pattern repeats, such as 12 or 24,168, or none"
    );
    assert_eq!(
        hint_on(&mut service, json!({"horizon": "soon"})),
        "give a number of steps, as in `\"horizon\": 7`, or a span of time, as in `\"horizon\": \"2w\"`"
    );
    assert_eq!(hint_on(&mut service, json!({"model": "thta"})), "did you mean `\"model\": \"theta\"`?");
    service.end();
}

#[test]
fn streams_and_lines_are_answered_in_turn() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out trained");
    let mut service = Service::start(&sandbox, "serve --stdin --model trained");
    let of_line = service.ask(&json!({"data": daily_csv(56), "options": {"horizon": 3}}));
    let options = ("forecast.options", r#"{"horizon": 3}"#);
    for id in ["first", "17"] {
        let stream = stream_of(&arrow::daily(), None, &[("forecast.id", id), options]);
        let answer = service.ask_stream(&stream);
        assert_eq!(answer.metadata["forecast.id"], id);
        let run: Value = serde_json::from_str(&answer.metadata["forecast.run"]).unwrap();
        assert_eq!(run["data"]["summary"], of_line["data"]["summary"]);
        let medians: Vec<f64> = answer.rows.iter().map(|row| row[1].parse().unwrap()).collect();
        let expected = of_line["tables"]["forecast"].as_array().unwrap().iter();
        assert_eq!(medians, expected.map(|row| row["forecast"].as_f64().unwrap()).collect::<Vec<_>>());
        assert_eq!(
            service.ask(&json!({"data": daily_csv(56), "options": {"horizon": 3}}))["tables"],
            of_line["tables"]
        );
    }
    // an error of a whole stream is answered, and the next request is found
    for (metadata, message) in [
        (("forecast.options", r#"{"horizon": 8}"#), "the model was trained to forecast 7 steps, 8 were requested"),
        (("forecast.options", "[]"), "`forecast.options` of the metadata is not an object"),
        (("forecast.options", "{"), "`forecast.options` of the metadata is no JSON"),
    ] {
        let answer = service.ask_stream(&stream_of(&arrow::daily(), None, &[("forecast.id", "x"), metadata]));
        let error: Value = serde_json::from_str(&answer.metadata["forecast.error"]).unwrap();
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
        assert_eq!((answer.metadata["forecast.id"].as_str(), answer.types.len()), ("x", 0));
    }
    let unreadable = stream_of(&[arrow::daily().remove(0), ("sales", arrow::blobs())], None, &[]);
    let error = &service.ask_stream(&unreadable).metadata["forecast.error"];
    assert!(error.contains("sales has the type Binary"), "{error}");
    assert_eq!(service.ask(&json!({"data": daily_csv(56), "options": {"horizon": 3}}))["tables"], of_line["tables"]);
    service.end();
}

/// After a stream whose end cannot be found, no request can be found: the service answers and ends.
#[test]
fn a_stream_without_an_end_is_answered_and_ends_the_service() {
    let sandbox = Sandbox::new();
    let bytes = stream_of(&arrow::daily(), None, &[]);
    let mut damaged = bytes.clone();
    damaged[1] = 0;
    for (request, message) in [
        (&bytes[..bytes.len() - 3], "is cut at byte"),
        (&[&damaged[..], b"\n{}\n"].concat()[..], "no message starts here"),
    ] {
        let mut service = Service::start(&sandbox, "serve --stdin --horizon 2");
        service.0.stdin.as_ref().unwrap().write_all(request).unwrap();
        drop(service.0.stdin.take());
        let mut answer = Vec::new();
        service.1.read_to_end(&mut answer).unwrap();
        let error = &read_stream(&answer).metadata["forecast.error"];
        assert!(error.contains(message), "{error}");
        assert_eq!(service.0.wait().unwrap().code(), Some(3));
    }
}
