//! The output on a terminal of a certain width: a chart, tables that fit, and colours where the terminal has them.

#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::process::Command;

use crate::json_schema::checked;
use crate::sandbox::{Sandbox, daily_csv};

/// What a command prints on a terminal with so many columns. `script` is that of util-linux.
fn on_terminal(sandbox: &Sandbox, columns: usize, variables: &[(&str, &str)], line: &str) -> String {
    let program = sandbox.forecast("").get_program().to_str().unwrap().to_owned();
    let inner = format!("stty cols {columns} rows 40; '{program}' {line} 2>stderr.txt");
    let mut command = Command::new("script");
    command.args(["-qec", &inner, "/dev/null"]).current_dir(sandbox.path("."));
    // on a build server (CI), anstream paints also on a terminal that is dumb
    for name in ["LC_ALL", "LC_CTYPE", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "COLUMNS"] {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8").env("TERM", "xterm-256color").envs(variables.iter().copied());
    let output = command.output().expect("script of util-linux");
    assert!(output.status.success(), "{line}: {}", sandbox.read("stderr.txt"));
    String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n")
}

/// A text without the codes of colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or("", |(_, rest)| rest))
}

fn is_braille(c: char) -> bool {
    ('\u{2800}'..='\u{28ff}').contains(&c)
}

/// The lines of a chart: up to the empty line before the table.
fn chart_of(text: &str) -> Vec<String> {
    let (chart, _) = text.split_once("\n\n").unwrap_or_else(|| panic!("no chart: {text}"));
    chart.lines().map(str::to_owned).collect()
}

fn shops(sandbox: &Sandbox) {
    let mut text = String::from("region,shop,date,sales\n");
    for (shop, factor) in [("a small one", 1.0), ("the largest of all shops in town", 50.0), ("another", 2.0)] {
        for row in daily_csv(40).lines().skip(1) {
            let (date, value) = row.split_once(',').unwrap();
            writeln!(text, "north,{shop},{date},{:.1}", factor * value.parse::<f64>().unwrap()).unwrap();
        }
    }
    sandbox.write("shops.csv", &text);
}

#[test]
fn a_chart_fits_the_width_and_shows_the_past_the_median_and_two_intervals() {
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("demand.csv");
    for columns in [40, 80, 120] {
        let printed = on_terminal(&sandbox, columns, &[], "--csv demand.csv -n 14 --model seasonal-naive");
        let chart = chart_of(&plain(&printed));
        assert!(chart.len() <= 15, "{} lines", chart.len());
        for line in &chart {
            assert!(line.chars().count() <= columns && !line.ends_with(' '), "{columns}: {line}");
        }
        let all = chart.join("\n");
        assert!(all.chars().filter(|c| is_braille(*c)).count() > columns / 2, "{all}");
        assert!(all.contains("░░") && all.contains("▒▒") && all.contains('┊'), "{all}");
        assert!(all.contains("80 %") && all.contains("95 %") && all.contains("2015-01-14"), "{all}");
    }
    let printed = on_terminal(&sandbox, 80, &[("NO_COLOR", "1")], "--csv demand.csv -n 14 --model seasonal-naive");
    insta::assert_snapshot!(chart_of(&printed).join("\n"));
}

#[test]
fn a_terminal_without_unicode_gets_ascii() {
    let sandbox = Sandbox::with_daily();
    for variables in [&[("LANG", "C")][..], &[("TERM", "dumb")], &[("LC_ALL", "POSIX")]] {
        let line = "--csv daily.csv -n 14 --model seasonal-naive --spikes keep";
        let printed = on_terminal(&sandbox, 60, variables, line);
        let chart = chart_of(&plain(&printed)).join("\n");
        assert!(chart.is_ascii() && chart.contains('*') && chart.contains("oo") && chart.contains("::"), "{chart}");
    }
    let printed = on_terminal(&sandbox, 60, &[("LANG", "C"), ("NO_COLOR", "1")], "--csv daily.csv -n 14 --model drift");
    insta::assert_snapshot!(chart_of(&printed).join("\n"));
}

#[test]
fn colours_need_a_terminal_that_has_them() {
    let sandbox = Sandbox::with_daily();
    let line = "--csv daily.csv -n 7 --model drift";
    assert!(on_terminal(&sandbox, 80, &[], line).contains("\x1b[1;34m"));
    for variables in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert!(!on_terminal(&sandbox, 80, &[variables], line).contains('\x1b'), "{variables:?}");
    }
    assert!(!crate::sandbox::stdout(&sandbox.run(line)).contains(['\x1b', '▒']), "a pipe has no chart");
}

#[test]
fn quiet_and_json_leave_the_chart_out() {
    let sandbox = Sandbox::with_daily();
    assert_eq!(on_terminal(&sandbox, 80, &[], "--csv daily.csv -n 7 --model drift -q"), "");
    assert_eq!(sandbox.read("stderr.txt"), "");
    checked(&on_terminal(&sandbox, 80, &[], "--csv daily.csv -n 7 --model drift --json"));
    let csv = on_terminal(&sandbox, 80, &[], "--csv daily.csv -n 7 --model drift --out -");
    assert!(csv.starts_with("date,forecast,"), "{csv}");
}

#[test]
fn of_several_series_the_largest_is_drawn_also_by_predict() {
    let sandbox = Sandbox::new();
    shops(&sandbox);
    for line in ["--csv shops.csv -n 7 --model drift --out kept", "predict --model kept --csv shops.csv --out next"] {
        let printed = plain(&on_terminal(&sandbox, 100, &[], line));
        assert!(printed.starts_with("sales · the largest of all shops in town  "), "{printed}");
    }
    let narrow = plain(&on_terminal(&sandbox, 40, &[], "--csv shops.csv -n 7 --model drift --out kept"));
    assert!(narrow.lines().next().unwrap().contains('…'), "{narrow}");
}

/// Rows of tables have several spaces in a row. Sentences may continue on the next line.
#[test]
fn tables_of_every_command_fit_a_narrow_terminal() {
    let sandbox = Sandbox::new();
    shops(&sandbox);
    sandbox.write("daily.csv", &daily_csv(56).replace("2024-01-20,", "2024-01-20,NA "));
    let commands = [
        "--csv shops.csv -n 7 --model drift --total week --threshold 3000 --out kept -v",
        "--csv shops.csv -n 7 --model drift --reconcile --out sums",
        "--csv shops.csv -n 7 --model drift --sensitivity --anomalies --out effects",
        "predict --model kept --csv shops.csv --out next",
        "backtest --csv shops.csv -n 7 --model theta,drift --out past",
        "inspect --csv shops.csv",
        "inspect --csv shops.csv --verbose",
        "train --csv shops.csv -n 7 --model drift --out model",
    ];
    for line in commands {
        for columns in [40, 80] {
            let printed = plain(&on_terminal(&sandbox, columns, &[], line));
            for row in printed.lines().filter(|row| row.trim().contains("  ") && !row.starts_with("frequency ")) {
                assert!(row.chars().count() <= columns, "{columns} columns, {line}: {row}\n{printed}");
            }
        }
    }
}

#[test]
fn doctor_names_the_width_of_the_terminal_and_marks_each_line() {
    let sandbox = Sandbox::new();
    for columns in [60, 100] {
        let printed = on_terminal(&sandbox, columns, &[], "doctor");
        assert_eq!(printed.matches("\x1b[32mok\x1b[0m").count(), 8, "{printed}");
        assert!(plain(&printed).contains(&format!("terminal   {columns} columns")), "{printed}");
    }
}

/// A terminal such as that of `docker exec` may say that it has no column at all.
#[test]
fn a_terminal_without_columns_is_a_problem_of_the_doctor_and_of_no_table() {
    let sandbox = Sandbox::with_daily();
    let printed = plain(&on_terminal(&sandbox, 0, &[], "--csv daily.csv -n 3 --model mean"));
    assert!(printed.contains("2024-02-26") && printed.contains("forecast"), "{printed}");
    let printed = plain(&on_terminal(&sandbox, 0, &[], "doctor || true"));
    assert!(printed.contains("problem  terminal   it does not say how many columns it has"), "{printed}");
}
