//! `--sensitivity`: the effect of each kind of repair on the forecast, compared with two separate runs.

use serde_json::Value;

use crate::sandbox::{Sandbox, stdout};

/// 90 days: two are missing, one is empty, one is doubled, one is a spike.
fn damaged(item: &str, level: u32) -> String {
    let row = |day: u32| {
        let date = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(day.into());
        let value = level + day % 7 * 3 + day * 7_919 % 5;
        match day {
            20 | 21 => String::new(),
            30 => format!("{item},{date},\n"),
            40 => format!("{item},{date},{value}\n{item},{date},{value}\n"),
            50 => format!("{item},{date},{}\n", 1_000 * level),
            _ => format!("{item},{date},{value}\n"),
        }
    };
    (0..90).map(row).collect()
}

fn medians(csv: &str) -> Vec<f64> {
    let column = csv.lines().next().unwrap().split(',').position(|name| name == "forecast").unwrap();
    csv.lines().skip(1).map(|line| line.split(',').nth(column).unwrap().parse().unwrap()).collect()
}

#[test]
fn sensitivity_is_the_difference_of_two_runs() {
    let sandbox = Sandbox::new();
    sandbox.write("sales.csv", &format!("item,date,sales\n{}{}", damaged("desk", 40), damaged("lamp", 60)));
    let printed = stdout(&sandbox.run("--csv sales.csv -n 5 --model mean --sensitivity"));
    for part in ["gaps filled", "rows of one time merged", "spikes clipped", "the last value carried on", "lamp: "] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let run: Value = serde_json::from_str(&sandbox.read("sales-forecast/run.json")).unwrap();
    let repairs = run["sensitivity"].as_array().unwrap();
    let counts: Vec<u64> = repairs.iter().map(|repair| repair["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [6, 2, 2]);
    let usual = medians(&sandbox.read("sales-forecast/forecast.csv"));
    for (at, flag) in [(2, "--spikes keep"), (1, "--duplicates sum")] {
        sandbox.run(&format!("--csv sales.csv -n 5 --model mean --out other -q {flag}"));
        let other = medians(&sandbox.read("other/forecast.csv"));
        let change = usual.iter().zip(&other).map(|(a, b)| (a - b).abs()).sum::<f64>() / usual.len() as f64;
        let reported = repairs[at]["change"]["mean_absolute"].as_f64().unwrap();
        assert!(change > 0.0 && (reported - change).abs() < 1e-3 * change, "{flag}: {reported} {change}");
        let percent = 100.0 * change / (usual.iter().sum::<f64>() / usual.len() as f64);
        assert!((repairs[at]["change"]["percent"].as_f64().unwrap() - percent).abs() < 1e-2);
    }
    let rows = sandbox.read("sales-forecast/sensitivity.csv");
    assert_eq!(rows.lines().count(), 1 + 3 * 2, "{rows}");
    assert!(rows.starts_with("item,repair,instead,mean_absolute_change,percent\ndesk,gaps filled,"), "{rows}");
    let out = sandbox.run("--csv sales.csv -n 5 --model mean --sensitivity --out -");
    assert_eq!(stdout(&out), sandbox.read("sales-forecast/forecast.csv"), "stdout is the forecast alone");
}

/// The value of an unfinished month that is kept changes the forecast of the months after it.
#[test]
fn an_unfinished_period_is_compared_by_time() {
    let sandbox = Sandbox::new();
    let row = |month: u32| format!("{}-{:02}-01,{}\n", 2020 + month / 12, month % 12 + 1, 100 + month % 12);
    let rows: String = (0..48).map(row).collect();
    sandbox.write("sales.csv", &format!("month,sales\n{rows}2024-01-01,20\n"));
    let printed = stdout(&sandbox.run("--csv sales.csv -n 3 --model naive --sensitivity"));
    // without the last month the forecast is 111 three times, with it 20
    assert!(printed.contains("unfinished period left out") && printed.contains("91 (82.0%)"), "{printed}");
}

#[test]
fn a_file_without_repairs_has_no_sensitivity() {
    let sandbox = Sandbox::with_daily();
    let printed = stdout(&sandbox.run("--csv daily.csv -n 3 --model naive --sensitivity"));
    assert!(printed.contains("sensitivity: no repair has an alternative"), "{printed}");
    let mut command = sandbox.forecast("--csv - -n 3 --model naive --sensitivity");
    command.stdin(std::process::Stdio::from(std::fs::File::open(sandbox.path("daily.csv")).unwrap()));
    assert!(command.output().unwrap().status.success(), "standard input is read once and kept");
    let rejected = sandbox.forecast("--csv daily.csv -n 3 --sensitivity --budget 5s").output().unwrap();
    assert_eq!(rejected.status.code(), Some(2));
}
