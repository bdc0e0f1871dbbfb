//! `forecast doctor`: its lines, its exit code, and that following a hint resolves it.

use std::process::Output;

use forecast::nn::LIBTORCH_VERSION;

use crate::sandbox::{Sandbox, stderr, stdout};

/// Runs the command with an empty environment, but for the locale.
fn doctor(sandbox: &Sandbox, arguments: &str, locale: &str) -> Output {
    sandbox.forecast(&format!("doctor {arguments}")).env_clear().env("LC_ALL", locale).output().unwrap()
}

#[test]
fn a_good_computer_has_one_line_for_each_check() {
    let sandbox = Sandbox::new();
    let output = doctor(&sandbox, "", "C.UTF-8");
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    let subjects = printed.lines().filter_map(|line| line.strip_prefix("ok ")?.split_whitespace().next());
    assert_eq!(
        subjects.collect::<Vec<_>>(),
        ["program", "processor", "threads", "memory", "training", "folder", "locale", "terminal"]
    );
    let versions = format!("forecast {} with libtorch {LIBTORCH_VERSION}", env!("CARGO_PKG_VERSION"));
    let http = if cfg!(feature = "serve") { ", with HTTP\n" } else { ", without HTTP\n" };
    assert!(printed.contains(http), "{printed}");
    assert!(printed.contains(&versions) && printed.ends_with("all is well\n"), "{printed}");
    assert!(sandbox.names(".").is_empty() && output.stderr.is_empty());
}

#[test]
fn the_threads_are_those_of_the_flag() {
    let sandbox = Sandbox::new();
    let printed = stdout(&doctor(&sandbox, "--threads 3", "C.UTF-8"));
    assert!(printed.contains("threads    3 for "), "{printed}");
}

#[test]
fn a_folder_that_cannot_be_written_is_a_problem() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("notes.txt", "not of forecast");
    for folder in ["daily.csv/below", "notes.txt", "."] {
        let output = doctor(&sandbox, &format!("--out {folder}"), "C.UTF-8");
        let printed = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{folder}: {printed}");
        assert!(printed.contains("problem  folder     ") && printed.ends_with("1 problem\n"), "{folder}: {printed}");
        assert!(printed.contains("--out "), "{folder}: {printed}");
    }
    let output = doctor(&sandbox, "--out results/today", "C.UTF-8");
    assert_eq!(output.status.code(), Some(0), "the hint is to choose another folder: {}", stdout(&output));
    assert_eq!(sandbox.names("."), ["daily.csv", "notes.txt"]);
}

#[test]
fn a_locale_without_utf_8_is_a_problem() {
    let sandbox = Sandbox::new();
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1", "ja_JP.eucJP"] {
        let output = doctor(&sandbox, "", locale);
        let printed = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{printed}");
        assert!(printed.contains(&format!("problem  locale     LC_ALL={locale} is not UTF-8")), "{printed}");
        let hint = printed.split("`export LC_ALL=").nth(1).unwrap();
        let output = doctor(&sandbox, "", hint.split('`').next().unwrap());
        assert_eq!(output.status.code(), Some(0), "the hint resolves it: {}", stdout(&output));
    }
}

#[test]
fn a_locale_that_is_not_installed_is_a_problem() {
    let sandbox = Sandbox::new();
    let printed = stdout(&doctor(&sandbox, "", "xx_YY.UTF-8"));
    assert!(printed.contains("problem  locale     LC_ALL=xx_YY.UTF-8 is not installed"), "{printed}");
}

#[test]
fn a_name_that_is_no_folder_is_refused() {
    let sandbox = Sandbox::with_daily();
    let output = doctor(&sandbox, "--out -", "C.UTF-8");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("hint: leave --out out"), "{}", stderr(&output));
    for (folder, hint) in [("~/results", "`--out \"$HOME/results\"`"), ("~", "`--out \"$HOME/\"`")] {
        let printed = stdout(&doctor(&sandbox, &format!("--out {folder}"), "C.UTF-8"));
        assert!(printed.contains("no shell has replaced the ~ of ") && printed.contains(hint), "{printed}");
        let refused = sandbox.forecast(&format!("--csv daily.csv -n 3 --model mean --out {folder}")).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    }
    let meant = doctor(&sandbox, "--out ./~/results", "C.UTF-8");
    assert_eq!(meant.status.code(), Some(0), "{}", stdout(&meant));
    assert_eq!(sandbox.names("."), ["daily.csv"]);
}

#[test]
fn several_problems_are_counted() {
    let sandbox = Sandbox::with_daily();
    let output = doctor(&sandbox, "--out daily.csv", "C");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).ends_with("2 problems\n"), "{}", stdout(&output));
}
