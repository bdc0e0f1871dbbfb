//! Anomalies: past values outside the intervals that were forecast for them.

use forecast::backtest::{Anomalies, Folds, run};
use forecast::{Baseline, Panel, SilentObserver, Task};
use rand::SeedableRng;
use rand_distr::{Distribution, Normal};

use crate::sandbox::{Sandbox, stdout};

const PLANTED: [usize; 5] = [233, 246, 262, 275, 289];

/// A weekly pattern with noise, and values 8 standard deviations off at some positions.
fn values(seed: u64, planted: &[usize]) -> Vec<f64> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let noise = Normal::new(0.0, 4.0).unwrap();
    let pattern = [0.0, 5.0, 8.0, 6.0, 12.0, 40.0, 25.0];
    let value = |t: usize| 200.0 + pattern[t % 7] + noise.sample(&mut random);
    let mut values: Vec<f64> = (0..300).map(value).collect();
    for (i, at) in planted.iter().enumerate() {
        values[*at] += if i % 2 == 0 { 32.0 } else { -32.0 };
    }
    values
}

fn find(values: &[f64]) -> Anomalies {
    let (panel, task) = (Panel::from_values(values, 7), Task::new(7));
    let folds = Folds { count: 10, ..Folds::default_for(&panel, 7, 7, true).unwrap() };
    let hindcasts = run(&Baseline::Ets, &panel, &task, &folds, true, &mut SilentObserver).unwrap();
    Anomalies::find(&panel, &hindcasts)
}

#[test]
fn five_planted_anomalies_are_found_and_few_others() {
    for seed in 1..=4 {
        let anomalies = find(&values(seed, &PLANTED));
        assert_eq!(anomalies.checked, 70);
        let found: Vec<usize> = anomalies.found.iter().map(|own| own.position).collect();
        assert!(PLANTED.iter().all(|at| found.contains(at)), "seed {seed}: {found:?}");
        let others = found.len() - PLANTED.len();
        assert!(others as f64 <= 0.05 * 65.0, "seed {seed}: {others} others, {found:?}");
        assert!(found.windows(2).all(|pair| pair[0] > pair[1]), "the newest is first");
        for own in &anomalies.found {
            assert!(own.value < own.lower || own.value > own.upper);
            let deviations = own.deviations.unwrap();
            assert!(deviations.abs() > 1.959 && (deviations > 0.0) == (own.value > own.expected), "{own:?}");
        }
    }
}

#[test]
fn the_file_names_repairs_and_the_line_the_newest() {
    let sandbox = Sandbox::new();
    let mut all = values(7, &[]);
    all[295] = 2000.0;
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let rows = all.iter().enumerate().map(|(t, v)| format!("{},{v:.1}\n", first + chrono::Days::new(t as u64)));
    sandbox.write("sales.csv", &("date,sales\n".to_owned() + &rows.collect::<String>()));
    let output = sandbox.run("--csv sales.csv -n 7 --model ets --anomalies --out sales");
    let csv = sandbox.read("sales/anomalies.csv");
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("date,value,expected,lower,upper,deviations,repair"));
    let spike = lines.find(|line| line.starts_with("2024-10-22,")).expect("the spike");
    assert!(spike.starts_with("2024-10-22,2000,") && spike.ends_with(",spike clipped"), "{spike}");
    let times: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a > b), "{times:?}");
    let text = stdout(&output);
    assert!(text.contains(&format!("anomalies: {} of 35 past values ", times.len())), "{text}");
    assert!(text.contains(&format!("the newest on {} (", times[0])), "{text}");
    let page = sandbox.read("sales/report.html");
    assert!(page.contains("class=\"anomaly\" d=\"M") && page.contains("<td>spike clipped</td>"));
}
