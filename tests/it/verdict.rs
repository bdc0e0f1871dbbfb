//! The verdict: when it is sure, and which series it is about.

use forecast::backtest::{Claim, Folds, Verdict, run};
use forecast::model::stat::Baseline;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::{EarlyEnd, Panel, Series};
use forecast::time::Timestamp;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::{normal, numbered, panel_of};
use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// The verdict on a baseline, over the default folds.
fn verdict(model: Baseline, panel: &Panel, horizon: usize) -> Verdict {
    let folds = Folds::default_for(panel, horizon, horizon, true).unwrap();
    let task = Task::new(horizon);
    let hindcasts = run(&model, panel, &task, &folds, true, &mut SilentObserver).unwrap();
    Verdict::judge(model.name(), panel, &task, &hindcasts).unwrap()
}

fn walk(rng: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    let mut level = 0.0;
    let mut step = || {
        level += normal(rng);
        level
    };
    (0..count).map(|_| step()).collect()
}

/// A level with a weekly pattern and noise.
fn weekly(rng: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    (0..count).map(|t| 50.0 + [0.0, 1.0, 2.0, 3.0, 4.0, 20.0, 15.0][t % 7] + normal(rng)).collect()
}

/// Nothing is more accurate than naive on a random walk. The limit is that of a two-sided test, of which one side claims
/// that the model is better.
#[test]
fn on_random_walks_hardly_any_model_is_said_to_beat_naive() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let lengths = [30, 60, 120].into_iter().cycle().take(400);
    let walks: Vec<Panel> = lengths.map(|length| Panel::from_values(&walk(rng, length), 1)).collect();
    for model in [Baseline::Drift, Baseline::Theta, Baseline::Ets] {
        for horizon in [1, 6] {
            let claims = |claim: Claim| {
                walks.iter().filter(|walk| verdict(model, walk, horizon).claim() == Some(claim)).count() as f64
                    / walks.len() as f64
            };
            let better = claims(Claim::Better);
            assert!(better < 0.035, "{}, horizon {horizon}: {better}", model.name());
        }
    }
}

#[test]
fn a_large_and_steady_gain_is_sure_and_a_single_fold_is_not() {
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let trend: Vec<f64> = (0..80).map(|t| f64::from(t) + 0.1 * normal(rng)).collect();
    assert_eq!(verdict(Baseline::Drift, &Panel::from_values(&trend, 7), 7).claim(), Some(Claim::Better));
    let pattern = Panel::from_values(&weekly(rng, 80), 7);
    assert_eq!(verdict(Baseline::Naive, &pattern, 7).claim(), Some(Claim::Worse));
    assert_eq!(verdict(Baseline::SeasonalNaive, &pattern, 7).claim(), Some(Claim::Equal));
    let short = Panel::from_values(&weekly(rng, 16), 7);
    let verdict = verdict(Baseline::Mean, &short, 7);
    assert_eq!((verdict.claim(), verdict.evidence().unwrap().folds), (Some(Claim::NotSure), 1));
    assert!(!verdict.beats_baseline());
}

/// Walks that ended early, and then series with a weekly pattern, each with the steps to its end.
fn with_early_ends(ended: usize, current: usize) -> Panel {
    let rng = &mut ChaCha8Rng::seed_from_u64(3);
    let walks: Vec<Vec<f64>> = (0..ended).map(|_| walk(rng, 90)).collect();
    let patterns: Vec<Vec<f64>> = (0..current).map(|_| weekly(rng, 90)).collect();
    let mut series = numbered([walks, patterns].concat());
    series[ended..].iter_mut().for_each(|series: &mut Series| series.start = Timestamp::Index(200));
    panel_of(series, 7)
}

#[test]
fn series_that_ended_early_do_not_decide_the_verdict() {
    let panel = with_early_ends(1, 2);
    assert_eq!(panel.early_ends(7), [EarlyEnd { series: 0, steps: 199 }]);
    let with = verdict(Baseline::Naive, &panel, 7);
    let evidence = with.evidence().unwrap();
    assert_eq!((evidence.comparison.series, evidence.series_left_out), (2, 1));
    assert_eq!(evidence.comparison.wins, 0, "naive is better on the walk only");
    // where at least half of the series ended early, they are no exception
    let evidence = *verdict(Baseline::Naive, &with_early_ends(2, 2), 7).evidence().unwrap();
    assert_eq!((evidence.comparison.series, evidence.series_left_out), (4, 0));
}

#[test]
fn a_series_that_hardly_changed_before_does_not_decide_the_verdict() {
    let rng = &mut ChaCha8Rng::seed_from_u64(4);
    let mut series: Vec<Vec<f64>> = (0..9).map(|_| weekly(rng, 80)).collect();
    let without = verdict(Baseline::Mean, &panel_of(numbered(series.clone()), 7), 7);
    // a level with hardly any noise, and at its end a walk: errors are a million times the scale
    let flat = (0..45).map(|_| 50.0 + 1e-6 * normal(rng));
    series.push(flat.chain(walk(&mut ChaCha8Rng::seed_from_u64(5), 35).into_iter().map(|v| 50.0 + v)).collect());
    let with = verdict(Baseline::Mean, &panel_of(numbered(series), 7), 7);
    let [without, with] = [without, with].map(|verdict| verdict.evidence().unwrap().comparison);
    assert_eq!((without.series, with.series), (9, 10));
    // in a plain mean, both errors would be above 10,000, and the skill that of this series
    assert!(with.model < 2.0 * without.model && with.baseline < 5.0 * without.baseline, "{without:?} {with:?}");
    assert!(without.skill().unwrap() < -1.0 && with.skill().unwrap() < -1.0, "{without:?} {with:?}");
}

/// Two shops, one that closed in March and one that opened twelve days ago.
#[test]
fn uneven_series_are_named_and_the_verdict_leaves_out_those_that_ended() {
    let sandbox = Sandbox::new();
    let rows: Vec<String> = daily_csv(366).lines().skip(1).map(str::to_owned).collect();
    let shop =
        |name: &str, rows: &[String]| rows.iter().map(|row| format!("{name},{row}\n")).collect::<Vec<_>>().concat();
    let all = [
        shop("harbour", &rows),
        shop("market", &rows),
        shop("closed", &rows[..80]),
        shop("new", &rows[rows.len() - 12..]),
    ];
    sandbox.write("shops.csv", &format!("shop,date,sales\n{}", all.concat()));
    let output = sandbox.run("--csv shops.csv -n 7 --model mean");
    let notices = stderr(&output);
    for note in [
        "notice: 1 of 4 series ended long before the others, and is forecast from its own end: closed on 2024-03-20, 286 \
         days before",
        "notice: 1 of 4 series has fewer than 15 values, too few to check a forecast on the past: new with 12 days",
    ] {
        assert!(notices.contains(note), "{notices}");
    }
    assert!(
        stdout(&output).contains("better in 0 of 2 compared series, of 4 in all, 1 series that ended early left out"),
        "{output:?}"
    );
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("shops-forecast/run.json")).unwrap();
    assert_eq!(run["data"]["notices"].as_array().unwrap().len(), 2);
    assert_eq!((&run["verdict"]["series"], &run["verdict"]["series_left_out"]), (&2.into(), &1.into()));
    // one series alone has nothing that it is uneven with
    sandbox.write("new.csv", &format!("shop,date,sales\n{}", all[3]));
    assert!(!stderr(&sandbox.run("--csv new.csv -n 7 --model mean")).contains("fewer than"));
}
