//! `forecast diff`: the difference of two forecasts and its parts.

use std::fs;

use forecast::model;
use forecast::run::{RunDifference, StoredRun};
use proptest::prelude::*;

use crate::sandbox::{Sandbox, daily_csv, stderr, stdout};

/// The series of eight weeks with some values replaced.
fn revised(days: u32, revisions: &[(usize, f64)]) -> String {
    let daily = daily_csv(days);
    let line = |(at, line): (usize, &str)| match revisions.iter().find(|(own, _)| own + 1 == at) {
        Some((_, value)) => format!("{},{value}\n", line.split_once(',').unwrap().0),
        None => format!("{line}\n"),
    };
    daily.lines().enumerate().map(line).collect()
}

fn difference(sandbox: &Sandbox) -> RunDifference {
    let run = |name: &str| StoredRun::read(&sandbox.path(name)).unwrap();
    let model = model::load(&sandbox.path("one/model")).unwrap();
    RunDifference::new(&run("one"), &run("two"), Ok(model.as_ref())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_parts_add_up_to_the_whole(
        days in 56_u32..62,
        revisions in prop::collection::vec((20_usize..55, 80.0..160.0), 0..4),
        models in prop::sample::subsequence(vec!["theta", "ets", "drift", "seasonal-naive"], 2),
        swapped: bool,
    ) {
        let sandbox = Sandbox::with_daily();
        sandbox.write("later.csv", &revised(days, &revisions));
        let (first, second) = if swapped { (models[1], models[0]) } else { (models[0], models[1]) };
        sandbox.run(&format!("--csv daily.csv -n 10 --model {first} --out one"));
        sandbox.run(&format!("--csv later.csv -n 10 --model {second} --out two"));
        let difference = difference(&sandbox);
        prop_assert_eq!(difference.steps.len(), 10 - (days as usize - 56));
        prop_assert!(difference.unsplit.is_none());
        for step in &difference.steps {
            let parts = step.parts.unwrap();
            let sum = parts.revised_history + parts.new_data + parts.model;
            prop_assert!((sum - step.whole()).abs() <= 1e-9 * step.after.abs().max(1.0), "{step:?}");
        }
    }
}

#[test]
fn each_part_is_zero_if_nothing_of_its_kind_changed() {
    let parts = |later: &str, model: &str| {
        let sandbox = Sandbox::with_daily();
        sandbox.write("later.csv", later);
        sandbox.run("--csv daily.csv -n 10 --model drift --out one");
        sandbox.run(&format!("--csv later.csv -n 10 --model {model} --out two"));
        let difference = difference(&sandbox);
        let size = |part: fn(&forecast::run::Parts) -> f64| {
            difference.steps.iter().map(|step| part(step.parts.as_ref().unwrap()).abs()).sum::<f64>()
        };
        [size(|own| own.revised_history), size(|own| own.new_data), size(|own| own.model)].map(|size| size > 1e-3)
    };
    assert_eq!(parts(&daily_csv(56), "drift"), [false, false, false]);
    assert_eq!(parts(&daily_csv(56), "theta"), [false, false, true]);
    assert_eq!(parts(&daily_csv(59), "drift"), [false, true, false]);
    assert_eq!(parts(&revised(56, &[(55, 140.0)]), "drift"), [true, false, false]);
    assert_eq!(parts(&revised(59, &[(55, 140.0)]), "drift"), [true, true, false]);
}

#[test]
fn settings_are_named_as_their_options_and_others_are_left_out() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 10 --budget 2s --level 80,95 --out one");
    sandbox.run("predict --model one --csv daily.csv -n 4 --level 50 --out two");
    let printed = stdout(&sandbox.run("diff one two"));
    assert!(printed.contains("--horizon: 10, now 4\n") && printed.contains("--level, --quantiles: "), "{printed}");
    assert!(printed.contains("command: forecast, now predict\n"), "{printed}");
    for internal in ["ets", "pooled", "network", "seed", "no more", "model folder"] {
        assert!(!printed.contains(internal), "{internal} in {printed}");
    }
}

#[test]
fn the_terminal_and_the_file_show_what_changed() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("later.csv", &revised(58, &[(50, 140.0), (55, 20.0)]));
    sandbox.run("--csv daily.csv -n 5 --model drift --out one");
    sandbox.run("--csv later.csv -n 7 --model theta --level 50 --out two");
    let text = stdout(&sandbox.run("diff one two --out changes"));
    for line in [
        "--horizon: 5, now 7\n",
        "--model: drift, now theta\n",
        "--level, --quantiles: [0.025,0.1,0.5,0.9,0.975], now [0.25,0.5,0.75]\n",
        "data: 2 new values, 2 revised, 0 added or removed\n",
        "before  after  change  revised history  new data  model or version\n",
        "wrote changes/diff.csv\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let file = sandbox.read("changes/diff.csv");
    assert!(file.starts_with("date,before,after,change,revised_history,new_data,model_or_version\n2024-02-28,"));
    assert_eq!(file.lines().count(), 4);
    fs::remove_dir_all(sandbox.path("one/model")).unwrap();
    let whole = sandbox.run("diff one two --out changes");
    assert!(
        stderr(&whole).contains("notice: the differences are not split: the model of the earlier run is missing: ")
    );
    assert!(!stdout(&whole).contains("revised history") && sandbox.read("changes/diff.csv").contains(",,,\n"));
    sandbox.run("backtest --csv daily.csv -n 3 --model drift --out past");
    let refused = sandbox.forecast("diff one past").output().unwrap();
    let hint = "hint: compare runs of `forecast` or `forecast predict` on the same series\n";
    assert_eq!(refused.status.code(), Some(3));
    assert_eq!(stderr(&refused), format!("error: the later run has no forecast\n{hint}"));
}
