//! Sample paths, totals and exceedance probabilities, and the flags `--total` and `--threshold`.

use forecast::forecast::{Forecast, LEVELS, SamplePaths, TotalPeriod, totals};
use forecast::model::schaake_shuffle;
use forecast::panel::{Columns, Panel, Series};
use forecast::read::ReadOptions;
use forecast::time::{Frequency, Timestamp};
use insta_cmd::assert_cmd_snapshot;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::files::{lines, read};
use crate::sandbox::{Sandbox, stdout};

const HORIZON: usize = 7;
/// The standard normal quantiles of `LEVELS`.
const NORMAL_QUANTILES: [f64; 5] = [-1.959_964, -1.281_552, 0.0, 1.281_552, 1.959_964];

/// An AR(1) process around 100 with standard normal innovations.
fn process(phi: f64, length: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut x = 0.0;
    let step = |_| {
        x = phi * x + rng.sample::<f64, _>(StandardNormal);
        100.0 + x
    };
    (0..length).map(step).collect()
}

/// The true distribution of each step after the end, and the variance of their sum.
fn truth(panel: &Panel, phi: f64) -> (Forecast, f64) {
    let series = panel.iter().next().unwrap();
    let last = series.values[series.len() - 1] - 100.0;
    let weight = |j: i32| (0..j).map(|i| phi.powi(i)).sum::<f64>();
    let variance = |k: i32| (0..k).map(|i| phi.powi(2 * i)).sum::<f64>();
    let value = |score: f64, k: i32| 100.0 + phi.powi(k) * last + score * variance(k).sqrt();
    let rows = NORMAL_QUANTILES.map(|score| (1..=HORIZON as i32).map(|k| value(score, k)).collect());
    let total = (1..=HORIZON as i32).map(|j| weight(j).powi(2)).sum();
    (Forecast::after(&series, &LEVELS, rows.into()), total)
}

/// For no, medium and strong autocorrelation. The quantiles of each step must not change.
#[test]
fn the_interval_of_a_total_has_the_width_of_the_true_dependence() {
    const SEEDS: u64 = 6;
    for phi in [0.0, 0.5, 0.8] {
        let mut ratio = 0.0;
        for seed in 0..SEEDS {
            let panel = Panel::from_values(&process(phi, 1000, seed), 1);
            let (forecast, variance) = truth(&panel, phi);
            let paths = schaake_shuffle::sample_paths(std::slice::from_ref(&forecast), &panel, 1000, 1).remove(0);
            let total = paths.total(0..HORIZON, &LEVELS);
            ratio += (total[3] - total[1]) / (2.0 * NORMAL_QUANTILES[3] * variance.sqrt()) / SEEDS as f64;
            assert!((total[2] - forecast.median().iter().sum::<f64>()).abs() < 0.2 * variance.sqrt());
            for (sampled, given) in paths.quantiles(&LEVELS).iter().zip(forecast.quantiles()) {
                let near = sampled.iter().zip(&given.values).all(|(a, b)| (a - b).abs() < 0.05);
                assert!(near, "each step keeps its distribution: {sampled:?} is {given:?}");
            }
        }
        assert!((0.9..1.1).contains(&ratio), "φ {phi}: {ratio} of the true width");
    }
}

#[test]
fn a_short_history_gives_the_widest_totals() {
    let panel = Panel::from_values(&process(0.5, 12, 2), 1);
    let (forecast, _) = truth(&panel, 0.5);
    let paths = schaake_shuffle::sample_paths(std::slice::from_ref(&forecast), &panel, 1000, 1).remove(0);
    let (total, steps) = (paths.total(0..HORIZON, &[0.1, 0.9]), paths.quantiles(&[0.1, 0.9]));
    let sum = |q: usize| steps[q].iter().sum::<f64>();
    assert!((total[0] - sum(0)).abs() < 1e-6 && (total[1] - sum(1)).abs() < 1e-6);
}

#[test]
fn paths_are_reproducible_and_never_negative_for_a_nonnegative_series() {
    let values: Vec<f64> = process(0.5, 200, 3).iter().map(|v| (v - 100.0).abs()).collect();
    let panel = Panel::from_values(&values, 1);
    let series = panel.iter().next().unwrap();
    let rows = NORMAL_QUANTILES.map(|score| vec![0.5 + 0.4 * score; HORIZON]).into();
    let forecast = [Forecast::after(&series, &LEVELS, rows)];
    let [one, two] = [1, 1].map(|seed| schaake_shuffle::sample_paths(&forecast, &panel, 300, seed));
    assert_eq!(one, two);
    assert!(one[0].iter().flatten().all(|v| *v >= 0.0));
    assert_ne!(one, schaake_shuffle::sample_paths(&forecast, &panel, 300, 2));
}

fn panel_of(frequency: Frequency, start: &str, length: usize) -> Panel {
    let start = chrono::NaiveDateTime::parse_from_str(start, "%Y-%m-%d %H:%M").unwrap();
    let columns = Columns { time: Some("date".into()), target: "y".into(), ids: Vec::new() };
    let (values, observed) = (vec![1.0; length], vec![true; length]);
    let series = Series { key: Vec::new(), start: Timestamp::Time(start), values, observed };
    Panel::new(columns, frequency, 7, vec![series]).unwrap()
}

fn daily(start: &str, days: usize) -> Panel {
    panel_of(Frequency::DAILY, &format!("{start} 00:00"), days)
}

#[test]
fn every_step_of_a_period_gives_the_same_count() {
    let every_five_hours = Frequency::seconds(18_000).unwrap();
    // the forecast starts one step after the only value
    for (period, frequency, start, steps) in [
        (TotalPeriod::Week, Frequency::DAILY, "2024-02-28 00:00", 7),
        (TotalPeriod::Month, Frequency::DAILY, "2024-02-28 00:00", 29),
        (TotalPeriod::Month, Frequency::WEEKLY, "2024-01-24 00:00", 5),
        (TotalPeriod::Month, Frequency::WEEKLY, "2024-01-21 00:00", 4),
        (TotalPeriod::Week, Frequency::BUSINESS_DAILY, "2024-02-28 00:00", 5),
        (TotalPeriod::Month, Frequency::BUSINESS_DAILY, "2024-06-11 00:00", 20),
        (TotalPeriod::Day, Frequency::HOURLY, "2024-02-29 22:00", 24),
        (TotalPeriod::Day, every_five_hours, "2024-02-28 23:00", 4),
        (TotalPeriod::Day, every_five_hours, "2024-02-29 18:00", 5),
    ] {
        let panel = panel_of(frequency, start, 1);
        let paths = SamplePaths::after(&panel.iter().next().unwrap(), 1, vec![1.0]);
        let totals = totals(&paths, period, &panel, &[0.5]);
        assert_eq!(totals[0].period_steps, steps, "{period:?} of {frequency:?} after {start}");
    }
}

#[test]
fn a_day_has_23_or_25_hours_when_the_clocks_change() {
    // midnight in Berlin is the hour after these
    for (end, hours) in [("2024-03-29T22:00:00Z", 24), ("2024-03-30T22:00:00Z", 23), ("2024-10-26T21:00:00Z", 25)] {
        let end: chrono::DateTime<chrono::Utc> = end.parse().unwrap();
        let time = |hour: u32| end - chrono::TimeDelta::hours(i64::from(47 - hour));
        let text = lines("time,v", 48, |hour| format!("{},1", time(hour).format("%Y-%m-%dT%H:%M:%SZ")));
        let options = ReadOptions { zone: Some("Europe/Berlin".parse().unwrap()), ..ReadOptions::default() };
        let panel = read("a.csv", text, &options).unwrap().panel;
        let paths = SamplePaths::after(&panel.iter().next().unwrap(), 1, vec![1.0]);
        assert_eq!(totals(&paths, TotalPeriod::Day, &panel, &[0.5])[0].period_steps, hours, "after {end}");
    }
}

#[test]
fn totals_are_over_calendar_periods_with_their_numbers_of_steps() {
    // the series ends on Wednesday 2024-02-14, so the forecast starts on Thursday
    let panel = daily("2024-01-01", 45);
    let series = panel.iter().next().unwrap();
    let values = (0..20).map(f64::from).collect();
    let paths = SamplePaths::after(&series, 1, values);
    let summed = |period| {
        let all = totals(&paths, period, &panel, &[0.5]);
        all.into_iter().map(|t| (t.steps, t.period_steps, t.quantiles[0])).collect::<Vec<_>>()
    };
    assert_eq!(summed(TotalPeriod::Week), [(4, 7, 6.0), (7, 7, 49.0), (7, 7, 98.0), (2, 7, 37.0)]);
    assert_eq!(summed(TotalPeriod::Month), [(15, 29, 105.0), (5, 31, 85.0)]);
    assert_eq!(summed(TotalPeriod::Horizon), [(20, 20, 190.0)]);
    let spans_several = |period: TotalPeriod| period.spans_several(panel.frequency());
    assert!(!spans_several(TotalPeriod::Day) && spans_several(TotalPeriod::Week));
}

#[test]
fn exceedance_probabilities_are_shares_of_paths() {
    let panel = daily("2024-01-01", 10);
    let series = panel.iter().next().unwrap();
    let paths = SamplePaths::after(&series, 4, vec![1., 5., 5., 1., 1., 1., 1., 1., 5., 5., 1., 5.]);
    let exceedance = paths.exceedance(4.0);
    assert_eq!(exceedance.at_step, [0.25, 0.25, 0.75]);
    assert_eq!(exceedance.by_step, [0.25, 0.5, 0.75]);
    assert_eq!((exceedance.ever, exceedance.expected_steps), (0.75, 1.25));
    assert_eq!(paths.exceedance(5.0).ever, 0.0, "equal is not above");
    assert_eq!(paths.first(2).exceedance(4.0).by_step, [0.25, 0.5]);
}

#[test]
fn totals_and_thresholds_are_printed_and_written() {
    let sandbox = Sandbox::with_daily();
    let line = "--csv daily.csv --horizon 14 --model seasonal-naive --total week --threshold 125 --out both";
    assert_cmd_snapshot!(sandbox.forecast(line));
    assert!(["totals.csv", "threshold.csv"].iter().all(|name| sandbox.names("both").contains(&(*name).to_owned())));
    insta::assert_snapshot!("totals_csv", sandbox.read("both/totals.csv"));
    insta::assert_snapshot!("threshold_csv", sandbox.read("both/threshold.csv"));
}

#[test]
fn a_saved_network_gives_totals_of_other_series() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv --horizon 7 --model deepar --epochs 2 -q");
    let first = chrono::NaiveDate::from_ymd_opt(2024, 4, 30).unwrap();
    let row = |shop: &str, day: u32| format!("{shop},{},{}\n", first + chrono::Days::new(day.into()), 80 + day);
    let rows = |shop: &str| (0..8).map(|day| row(shop, day)).collect::<String>();
    sandbox.write("short.csv", &format!("shop,date,sales\n{}{}", rows("a"), rows("b")));
    for out in ["one", "two"] {
        let flags = "--frequency daily --total horizon --threshold 100";
        let printed =
            stdout(&sandbox.run(&format!("predict --model daily-model --csv short.csv -n 5 --out {out} {flags}")));
        assert!(printed.contains("above 100: "), "{printed}");
    }
    let totals = sandbox.read("one/totals.csv");
    let rows: Vec<&str> = totals.lines().collect();
    assert_eq!(rows[0], "shop,from,to,steps,of,total,lo_80,hi_80,lo_95,hi_95,year_before,growth_percent");
    assert!(rows.len() == 3 && rows[1].starts_with("a,2024-05-08,2024-05-12,5,5,"), "{totals}");
    for name in ["totals.csv", "threshold.csv", "forecast.csv"] {
        assert_eq!(
            sandbox.bytes(&format!("one/{name}")),
            sandbox.bytes(&format!("two/{name}")),
            "{name} is reproducible"
        );
    }
}

#[test]
fn totals_that_do_not_exist_are_refused_with_a_hint() {
    let sandbox = Sandbox::with_daily();
    let rows = (0..20).map(|t| format!("{t},{}\n", t % 5)).collect::<Vec<_>>().concat();
    sandbox.write("index.csv", &format!("n,value\n{rows}"));
    for line in [
        "--csv daily.csv -n 7 --model drift --total week --out -",
        "--csv daily.csv -n 7 --model drift --threshold 3 --out -",
        "--csv daily.csv -n 7 --model drift --total day",
        "--csv index.csv -n 3 --model drift --total month",
        "--csv daily.csv -n 7 --model drift --threshold high",
        "--csv daily.csv -n 7 --model drift --total decade",
        "--csv daily.csv -n 7 --model deepar --bptt 8",
        "--csv daily.csv -n 7 --model deepar --dropout 0.1",
        "--csv daily.csv -n 7 --model lstm --distribution student-t",
        "--csv daily.csv -n 7 --distribution student-t",
    ] {
        assert_cmd_snapshot!(sandbox.forecast(line));
    }
}
