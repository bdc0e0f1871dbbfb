//! How far each kind of repair moves the forecast: by the same numbers as two runs side by side.

use serde_json::Value;

use crate::desk::{Desk, stdout};

/// 90 days with two missing, one empty, one twice, one far out.
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
fn it_is_the_difference_of_two_runs() {
    let desk = Desk::new();
    desk.write("sales.csv", &format!("item,date,sales\n{}{}", damaged("desk", 40), damaged("lamp", 60)));
    let said = stdout(&desk.run("--csv sales.csv -n 5 --model mean --sensitivity"));
    for part in ["gaps filled", "rows of one time merged", "spikes clipped", "the last value carried on", "lamp: "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let run: Value = serde_json::from_str(&desk.read("sales-forecast/run.json")).unwrap();
    let repairs = run["sensitivity"].as_array().unwrap();
    let counts: Vec<u64> = repairs.iter().map(|repair| repair["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [6, 2, 2]);
    let usual = medians(&desk.read("sales-forecast/forecast.csv"));
    for (at, flag) in [(2, "--spikes keep"), (1, "--duplicates sum")] {
        desk.run(&format!("--csv sales.csv -n 5 --model mean --out other -q {flag}"));
        let other = medians(&desk.read("other/forecast.csv"));
        let moved = usual.iter().zip(&other).map(|(a, b)| (a - b).abs()).sum::<f64>() / usual.len() as f64;
        let reported = repairs[at]["change"]["mean_absolute"].as_f64().unwrap();
        assert!(moved > 0.0 && (reported - moved).abs() < 1e-3 * moved, "{flag}: {reported} {moved}");
        let percent = 100.0 * moved / (usual.iter().sum::<f64>() / usual.len() as f64);
        assert!((repairs[at]["change"]["percent"].as_f64().unwrap() - percent).abs() < 1e-2);
    }
    let rows = desk.read("sales-forecast/sensitivity.csv");
    assert_eq!(rows.lines().count(), 1 + 3 * 2, "{rows}");
    assert!(rows.starts_with("item,repair,instead,mean_absolute_change,percent\ndesk,gaps filled,"), "{rows}");
    let out = desk.run("--csv sales.csv -n 5 --model mean --sensitivity --out -");
    assert_eq!(stdout(&out), desk.read("sales-forecast/forecast.csv"), "stdout is the forecast alone");
}

/// A last month that is kept is its own value where it was forecast, and moves what comes after.
#[test]
fn an_unfinished_period_is_compared_time_by_time() {
    let desk = Desk::new();
    let row = |month: u32| format!("{}-{:02}-01,{}\n", 2020 + month / 12, month % 12 + 1, 100 + month % 12);
    let rows: String = (0..48).map(row).collect();
    desk.write("sales.csv", &format!("month,sales\n{rows}2024-01-01,20\n"));
    let said = stdout(&desk.run("--csv sales.csv -n 3 --model naive --sensitivity"));
    // 111 is forecast three times; kept, the month is 20, and so are all that follow
    assert!(said.contains("unfinished period left out") && said.contains("91 (82.0%)"), "{said}");
}

#[test]
fn a_clean_file_has_nothing_to_tell() {
    let desk = Desk::with_daily();
    let said = stdout(&desk.run("--csv daily.csv -n 3 --model naive --sensitivity"));
    assert!(said.contains("sensitivity: nothing was repaired that could be done otherwise"), "{said}");
    let mut command = desk.forecast("--csv - -n 3 --model naive --sensitivity");
    command.stdin(std::process::Stdio::from(std::fs::File::open(desk.path("daily.csv")).unwrap()));
    assert!(command.output().unwrap().status.success(), "standard input is read once and kept");
    let refused = desk.forecast("--csv daily.csv -n 3 --sensitivity --budget 5s").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
