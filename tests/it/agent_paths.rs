//! The paths that `forecast mcp` refuses, and what it does not tell of them.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use crate::agent_session::Session;
use crate::sandbox::{Sandbox, daily_csv};

/// A text that only a file outside of the folder has.
const SECRET: &str = "0-very-secret";

#[test]
fn a_path_outside_of_the_folder_is_refused_and_nothing_of_it_is_told() {
    let sandbox = Sandbox::new();
    for folder in ["inside", "inside/deep", "outside"] {
        fs::create_dir(sandbox.path(folder)).unwrap();
    }
    sandbox.write("outside/secret.csv", &format!("{SECRET}\n{SECRET}-value\n"));
    sandbox.write("inside/daily.csv", &daily_csv(56));
    sandbox.write("inside/deep/daily.csv", &daily_csv(56));
    sandbox.run("--csv inside/daily.csv -n 7 --model theta --out inside/run");
    sandbox.run("--csv inside/daily.csv -n 7 --model theta --out outside/run");
    let outside = sandbox.path("outside").canonicalize().unwrap();
    symlink(outside.join("secret.csv"), sandbox.path("inside/link.csv")).unwrap();
    symlink("../outside/secret.csv", sandbox.path("inside/near.csv")).unwrap();
    symlink(&outside, sandbox.path("inside/away")).unwrap();
    symlink("deep/daily.csv", sandbox.path("inside/same.csv")).unwrap();
    symlink("loop.csv", sandbox.path("inside/loop.csv")).unwrap();
    let pipe = sandbox.path("inside/pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // runs with a link among their files, and with a command that names a file elsewhere
    sandbox.run("--csv inside/daily.csv -n 7 --model theta --out inside/linked");
    fs::remove_file(sandbox.path("inside/linked/history.csv")).unwrap();
    symlink(outside.join("secret.csv"), sandbox.path("inside/linked/history.csv")).unwrap();
    let record = sandbox.read("inside/run/run.json");
    let future = format!("\"--future\", \"{}/secret.csv\", \"--model\"", outside.display());
    let tricky = record.replace("\"--model\"", &future);
    assert_ne!(tricky, record);
    sandbox.write("inside/run/run.json", &tricky);

    let mut session = Session::start(&sandbox, "inside");
    let secret = outside.join("secret.csv").display().to_string();
    let proc_path = format!("/proc/self/cwd/{secret}");
    let files = [
        secret.as_str(),
        "../outside/secret.csv",
        "deep/../../outside/secret.csv",
        "away/secret.csv",
        "link.csv",
        "near.csv",
        "loop.csv",
        "pipe.csv",
        "/dev/stdin",
        "/dev/zero",
        "/etc/passwd",
        proc_path.as_str(),
        "-",
        "",
        "daily.csv\0/../../outside/secret.csv",
    ];
    for file in files {
        for (tool, arguments) in [
            ("inspect", json!({"file": file})),
            ("forecast", json!({"file": "daily.csv", "horizon": 2, "covariates": ["x"], "future": file})),
            ("compare", json!({"run": "run", "file": file})),
        ] {
            let (message, hint) = session.error(tool, &arguments);
            assert!(!format!("{message}{hint}").contains(SECRET), "{file}: {message}");
        }
    }
    for run in ["../outside/run", "away/run", "linked", outside.join("run").to_str().unwrap()] {
        let (message, _) = session.error("compare", &json!({"run": run, "other_run": "run"}));
        assert!(!message.contains(SECRET) && !message.contains("/proc/"), "{message}");
    }
    for arguments in [json!({"file": "daily.csv", "csv": secret}), json!({"file": "daily.csv", "out": "here"})] {
        session.error("inspect", &arguments);
    }
    // a flag in a value stays a value
    let (message, _) = session.error("inspect", &json!({"file": "daily.csv", "target": "x --future=/etc/passwd"}));
    assert!(message.contains("x --future=/etc/passwd"), "{message}");
    // a link to a file in the folder is none outside, and the command of a run opens nothing
    session.object("inspect", &json!({"file": "same.csv"}));
    sandbox.write("inside/later.csv", &daily_csv(60));
    let score = session.object("compare", &json!({"run": "run", "file": "later.csv"}));
    assert_eq!(score["tables"]["score"][0]["run"], "run");
    assert!(!session.end().contains(SECRET));
}

/// A file that is exchanged for a link again and again: whatever is read is the file in the folder.
#[test]
fn a_file_that_becomes_a_link_is_not_followed() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("inside")).unwrap();
    sandbox.write("secret.csv", &daily_csv(56).replace("sales", SECRET));
    sandbox.write("inside/good.csv", &daily_csv(56));
    let (inside, secret) = (sandbox.path("inside"), sandbox.path("secret.csv").canonicalize().unwrap());
    let ends = AtomicBool::new(false);
    let mut session = Session::start(&sandbox, "inside");
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ends.load(Ordering::SeqCst) {
                // each is there for as long as a copy takes
                fs::copy(inside.join("good.csv"), inside.join("spare")).unwrap();
                symlink(&secret, inside.join("new")).unwrap();
                fs::rename(inside.join("new"), inside.join("data.csv")).unwrap();
                fs::copy(inside.join("good.csv"), inside.join("new")).unwrap();
                fs::rename(inside.join("new"), inside.join("data.csv")).unwrap();
            }
        });
        let (mut calls, mut read) = (0, 0);
        // a busy computer may exchange the file before each of many calls
        while calls < 20 || (read == 0 && calls < 500) {
            calls += 1;
            let result = session.call("inspect", &json!({"file": "data.csv"}));
            assert!(!result.to_string().contains(SECRET), "{result}");
            read += usize::from(result["isError"] == false);
        }
        ends.store(true, Ordering::SeqCst);
        assert!(read > 0, "no call read the file in the folder");
    });
    session.end();
}
