//! `forecast score`: earlier forecasts against what happened since.

use std::collections::HashMap;

use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// The cells of a line by their columns.
type Row = HashMap<String, String>;

/// The rows of a CSV file without quotes.
fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<String>>());
    let header = lines.next().unwrap();
    lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

/// Two shops, of which one has a gap in the days that were forecast.
fn shops(days: usize) -> String {
    let daily = daily_csv(70);
    let mut text = "date,shop,sales\n".to_owned();
    for (at, line) in daily.lines().skip(1).take(days).enumerate() {
        let (date, value) = line.split_once(',').unwrap();
        let value: f64 = value.parse().unwrap();
        let of_mill = if at == 58 { String::new() } else { format!("{:.1}", 3.0 * value) };
        let of_pier = value + (at * 31 % 17) as f64;
        text += format!("{date},mill,{of_mill}\n{date},pier,{of_pier:.1}\n").as_str();
    }
    text
}

#[test]
fn scores_equal_a_computation_from_the_two_files() {
    let sandbox = Sandbox::new();
    sandbox.write("then.csv", &shops(56));
    sandbox.write("now.csv", &shops(70));
    sandbox.run("--csv then.csv -n 7 --model theta --out run");
    sandbox.run("score run --csv now.csv --out scores");
    let (forecasts, actual) = (rows(&sandbox.read("run/forecast.csv")), rows(&shops(70)));
    let scores = rows(&sandbox.read("scores/score.csv"));
    for shop in ["mill", "pier"] {
        let values: Vec<Option<f64>> =
            actual.iter().filter(|row| row["shop"] == shop).map(|row| row["sales"].parse().ok()).collect();
        let history: Vec<f64> = values[..56].iter().map(|value| value.unwrap()).collect();
        let scale = (7..56).map(|at| (history[at] - history[at - 7]).abs()).sum::<f64>() / 49.0;
        let own: Vec<&Row> = forecasts.iter().filter(|row| row["shop"] == shop).collect();
        let pairs: Vec<(usize, &Row, f64)> =
            own.iter().enumerate().filter_map(|(k, row)| Some((k, *row, values[56 + k]?))).collect();
        let count = pairs.len() as f64;
        assert_eq!(pairs.len(), if shop == "mill" { 6 } else { 7 }, "the gap is not scored");
        let mean = |value: &dyn Fn(usize, &Row, f64) -> f64| {
            pairs.iter().map(|(k, row, actual)| value(*k, row, *actual)).sum::<f64>() / count
        };
        let mae = mean(&|_, row, actual| (number(row, "forecast") - actual).abs());
        let levels = [("lo_95", 0.025), ("lo_80", 0.1), ("forecast", 0.5), ("hi_80", 0.9), ("hi_95", 0.975)];
        let loss = |row: &Row, actual: f64| {
            let one = |(column, level): &(&str, f64)| {
                let over = actual - number(row, column);
                if over > 0.0 { level * over } else { (level - 1.0) * over }
            };
            levels.iter().map(one).sum::<f64>() / 5.0
        };
        let size = mean(&|_, _, actual| actual.abs());
        let expected = [
            ("mae", mae),
            ("mase", mae / scale),
            ("bias", mean(&|_, row, actual| number(row, "forecast") - actual)),
            ("wql", 2.0 * mean(&|_, row, actual| loss(row, actual)) / size),
            (
                "coverage_80",
                mean(&|_, row, actual| {
                    f64::from(u8::from(number(row, "lo_80") <= actual && actual <= number(row, "hi_80")))
                }),
            ),
            ("seasonal_naive_mae", mean(&|k, _, actual| (history[49 + k] - actual).abs())),
        ];
        let all = scores.iter().find(|row| row["shop"] == shop && row["step"] == "all").unwrap();
        for (column, value) in expected {
            assert!(
                (number(all, column) - value).abs() < 1e-6 * value.abs().max(1.0),
                "{shop} {column} {value} {all:?}"
            );
        }
        let skill = 1.0 - mae / expected[5].1;
        assert!((number(all, "skill") - skill).abs() < 1e-6);
        let (_, row, actual) = pairs[2];
        let third =
            scores.iter().find(|own| own["shop"] == shop && own["step"] == (pairs[2].0 + 1).to_string()).unwrap();
        assert!((number(third, "bias") - (number(row, "forecast") - actual)).abs() < 1e-6 * actual, "{third:?}");
    }
    let all = scores.iter().find(|row| row["shop"] == "all" && row["step"] == "all").unwrap();
    assert_eq!(all["points"], "13");
}

#[test]
fn a_folder_of_runs_has_a_row_for_each_run_and_for_each_age() {
    let sandbox = Sandbox::new();
    for (name, days) in [("third", 56), ("first", 42), ("second", 49), ("too_late", 70)] {
        sandbox.write("data.csv", &daily_csv(days));
        sandbox.run(&format!("--csv data.csv -n 7 --model drift --out runs/{name}"));
    }
    sandbox.write("data.csv", &daily_csv(70));
    let output = sandbox.run("score runs --csv data.csv --out record");
    let text = stdout(&output);
    let firsts: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(firsts[..5], ["run", "first", "second", "third", "step"]);
    assert_eq!(firsts[5..13], ["1", "2", "3", "4", "5", "6", "7", "all"]);
    let left_out = "notice: too_late is left out: data.csv: there is no new value at the times of the forecast, ";
    assert!(stderr(&output).contains(left_out), "{}", stderr(&output));
    let scores = rows(&sandbox.read("record/score.csv"));
    assert_eq!(scores.len(), 3 * 8);
    let mean: f64 = scores.iter().filter(|row| row["step"] == "2").map(|row| number(row, "mae")).sum::<f64>() / 3.0;
    let shown = text.lines().find(|line| line.trim_start().starts_with("2 ")).unwrap();
    let cell: f64 = shown.split_whitespace().nth(2).unwrap().parse().unwrap();
    assert!((cell - mean).abs() < 0.01, "{shown} {mean}");
}

#[test]
fn new_values_are_read_as_the_file_of_the_run() {
    let sandbox = Sandbox::new();
    let german = |days: u32| {
        let lines: Vec<String> = daily_csv(days)
            .lines()
            .skip(1)
            .map(|line| {
                let (date, value) = line.split_once(',').unwrap();
                let parts: Vec<&str> = date.split('-').collect();
                format!("{}/{}/{};{};1\n", parts[2], parts[1], parts[0], value.replace('.', ","))
            })
            .collect();
        format!("day;units;note\n{}", lines.concat())
    };
    sandbox.write("then.csv", &german(56));
    sandbox.run("--csv then.csv -n 7 --target units --dates dmy --decimal comma --model drift --out run");
    let all = german(70);
    let mut newer: Vec<&str> = all.lines().skip(57).take(3).collect();
    newer.insert(0, "day;units;note");
    sandbox.write("three.csv", &newer.join("\n"));
    let three = stdout(&sandbox.run("score run --csv three.csv"));
    assert!(three.contains("on 3 values"), "{three}");
    sandbox.write("one.csv", &newer[..2].join("\n"));
    assert!(stdout(&sandbox.run("score run --csv one.csv")).contains("on 1 value\n"));
}

#[test]
fn values_that_do_not_match_the_forecast_are_refused_or_noted() {
    let sandbox = Sandbox::new();
    sandbox.write("then.csv", &shops(56));
    sandbox.run("--csv then.csv -n 7 --model drift --out run");
    let refusal = |name: &str, text: &str| {
        sandbox.write(name, text);
        let output = sandbox.forecast(&format!("score run --csv {name}")).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        let text = stderr(&output);
        text[text.find("error:").unwrap()..].to_owned()
    };
    let now = shops(70);
    assert_eq!(
        refusal("then.csv", &shops(56)),
        "error: then.csv: there is no new value at the times of the forecast, 2024-02-26 to 2024-03-03\n\
         hint: give a file with values from 2024-02-26 on\n"
    );
    let others = refusal("others.csv", &now.replace("mill", "barn").replace("pier", "dock"));
    assert!(
        others.starts_with("error: others.csv: none of the series is one of the run: the first is barn, "),
        "{others}"
    );
    let no_ids = refusal("daily.csv", &daily_csv(70));
    assert!(no_ids.contains("hint: "), "{no_ids}");
    let hour = |hour: usize| format!("2024-02-{} {:02}:00,pier,5\n", 27 + hour / 24, hour % 24);
    let hours: Vec<String> = (0..48).map(hour).collect();
    let hourly = refusal("hours.csv", &("date,shop,sales\n".to_owned() + &hours.concat()));
    assert!(hourly.contains("hint: "), "{hourly}");
    sandbox.write("new.csv", &now.replace(",mill,", ",barn,"));
    let notices = stderr(&sandbox.run("score run --csv new.csv"));
    assert!(notices.contains("notice: 1 of 2 series of the run have no new value\n"), "{notices}");
    assert!(notices.contains("notice: the run has no forecast of 1 of the series in the file\n"), "{notices}");
    let thousands =
        now.lines().map(|line| if line.starts_with("date") { format!("{line}\n") } else { format!("{line}000\n") });
    sandbox.write("units.csv", &thousands.collect::<String>().replace('.', ""));
    let notices = stderr(&sandbox.run("score run --csv units.csv"));
    assert!(notices.contains("times as large as their forecasts, so their unit may be another"), "{notices}");
    let flags = sandbox.forecast("score run --csv new.csv --covariates all").output().unwrap();
    assert_eq!(flags.status.code(), Some(2));
    assert!(stderr(&flags).ends_with("hint: leave --covariates out\n"));
}
