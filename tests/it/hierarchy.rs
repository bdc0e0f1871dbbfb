//! Hierarchies: their levels, their sums, and reconciled forecasts against the theory.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use forecast::forecast::{Forecast, LEVELS};
use forecast::hierarchy::{ALL, Hierarchy, ReconcileMethod};
use forecast::model::stat::Baseline;
use forecast::model::{Hindcast, Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use crate::sandbox::{Sandbox, stderr, stdout};

const METHODS: [ReconcileMethod; 2] = [ReconcileMethod::BottomUp, ReconcileMethod::Mint];

fn series(key: &[&str], values: &[f64]) -> Series {
    let key = key.iter().map(|id| (*id).to_owned()).collect();
    Series { key, start: Timestamp::Index(1), values: values.to_vec(), observed: vec![true; values.len()] }
}

fn panel(ids: &[&str], series: Vec<Series>) -> Panel {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    let columns = Columns { time: None, target: "trips".into(), ids };
    Panel::new(columns, Frequency::INDEX, 4, series).unwrap()
}

/// Two regions in one state and one in another, each with two purposes, over 40 steps.
fn travel() -> Panel {
    let places = [("north", "hill"), ("north", "lake"), ("south", "port")];
    let all = places.iter().flat_map(|place| ["work", "fun"].map(|purpose| (place, purpose))).enumerate();
    let series_of = |(number, ((state, region), purpose)): (usize, (&(&str, &str), &str))| {
        let value = |t: usize| {
            let noise = ((t * 7919 + number * 104_729) % 101) as f64 / 10.0;
            50.0 + 10.0 * number as f64 + [0.0, 6.0, 3.0, -4.0][t % 4] + noise + 0.2 * t as f64
        };
        series(&[region, state, purpose], &(0..40).map(value).collect::<Vec<f64>>())
    };
    panel(&["region", "state", "purpose"], all.map(series_of).collect())
}

fn forecasts(panel: &Panel, horizon: usize) -> Vec<Forecast> {
    Baseline::Ets.fit(panel, &Task::new(horizon), &mut SilentObserver).unwrap().predict(panel).unwrap()
}

/// Hindcasts of ETS at a few origins.
fn ets_hindcasts(panel: &Panel, horizon: usize, origins: usize) -> Vec<Hindcast> {
    let mut hindcasts = Vec::new();
    for origin in 1..=origins {
        let history = panel.without_last(origin * horizon, 1).unwrap();
        let cutoffs: Vec<usize> = history.iter().map(|series| series.len()).collect();
        let forecasts = forecasts(&history, horizon).into_iter().zip(cutoffs).enumerate();
        hindcasts.extend(forecasts.map(|(series, (forecast, cutoff))| Hindcast { series, cutoff, forecast }));
    }
    hindcasts
}

fn assert_adds_up(hierarchy: &Hierarchy, forecasts: &[Forecast]) {
    for (node, forecast) in forecasts.iter().enumerate() {
        for (k, value) in forecast.median().iter().enumerate() {
            let parts: f64 = hierarchy.bottom_series(node).iter().map(|part| forecasts[*part].median()[k]).sum();
            assert!((value - parts).abs() <= 1e-9 * value.abs().max(1.0), "{:?}: {value} {parts}", forecast.key());
        }
        for pair in forecast.quantiles().windows(2) {
            assert!(pair[0].values.iter().zip(&pair[1].values).all(|(low, high)| low <= high && high.is_finite()));
        }
    }
}

#[test]
fn a_column_that_another_one_determines_adds_no_level_to_it() {
    let hierarchy = Hierarchy::new(&travel()).unwrap();
    let levels: Vec<(String, usize)> =
        hierarchy.levels().iter().map(|level| (level.name.clone(), level.count)).collect();
    let expected =
        [("total", 1), ("state", 2), ("purpose", 2), ("region", 3), ("state × purpose", 4), ("region × purpose", 6)];
    assert_eq!(levels, expected.map(|(name, count)| (name.to_owned(), count)));
    let keys: Vec<String> = hierarchy.panel().iter().map(|series| series.name()).collect();
    assert_eq!(keys.len(), 18);
    assert_eq!(
        keys[..4],
        ["(all) / (all) / (all)", "(all) / (all) / fun", "(all) / (all) / work", "(all) / north / (all)"]
    );
    assert!(keys.contains(&"hill / north / (all)".to_owned()), "a region determines its state");
    for (node, sum) in hierarchy.panel().iter().enumerate() {
        let all: Vec<_> = hierarchy.panel().iter().collect();
        let parts = hierarchy.bottom_series(node);
        for (at, value) in sum.values.iter().enumerate() {
            assert!((value - parts.iter().map(|part| all[*part].values[at]).sum::<f64>()).abs() < 1e-9);
        }
    }
}

#[test]
fn names_of_ids_and_constant_columns_add_no_level() {
    let shops = ["a", "b", "c"].map(|id| series(&[id, &format!("shop {id}"), "2024"], &[1.0, 2.0, 4.0]));
    let hierarchy = Hierarchy::new(&panel(&["id", "name", "year"], shops.into())).unwrap();
    let names: Vec<&str> = hierarchy.levels().iter().map(|level| level.name.as_str()).collect();
    assert_eq!(names, ["total", "id"]);
    assert_eq!(hierarchy.panel().iter().next().unwrap().key, [ALL, ALL, "2024"]);
}

/// A sum starts at the latest start of its series.
#[test]
fn a_sum_is_observed_where_all_its_series_are() {
    let mut early = series(&["early"], &[1.0, 2.0, 3.0, 4.0, 5.0]);
    early.observed[3] = false;
    let mut late = series(&["late"], &[10.0, 20.0, 30.0, 40.0]);
    late.start = Timestamp::Index(2);
    late.observed[1] = false;
    let hierarchy = Hierarchy::new(&panel(&["id"], vec![early, late])).unwrap();
    let total = hierarchy.panel().iter().next().unwrap();
    assert_eq!((total.start, total.values), (Timestamp::Index(2), [12.0, 23.0, 34.0, 45.0].as_slice()));
    assert_eq!(total.observed, [true, false, false, true]);
    assert_eq!(hierarchy.shortened_sums(), 1);
}

#[test]
fn reconciled_forecasts_add_up_and_reconciling_twice_changes_nothing() {
    let hierarchy = Hierarchy::new(&travel()).unwrap();
    let base = forecasts(hierarchy.panel(), 6);
    let hindcasts = ets_hindcasts(hierarchy.panel(), 6, 4);
    for method in METHODS {
        let reconciled = hierarchy.reconcile(method, &base, &hindcasts);
        assert_eq!(reconciled.origins, 4);
        assert_adds_up(&hierarchy, &reconciled.forecasts);
        assert!(reconciled.shrinkage.is_none_or(|share| (0.0..=1.0).contains(&share)));
        assert_eq!(reconciled.shrinkage.is_some(), method == ReconcileMethod::Mint);
        let again = hierarchy.reconcile(method, &reconciled.forecasts, &hindcasts).forecasts;
        for (once, twice) in reconciled.forecasts.iter().zip(&again) {
            assert!(once.median().iter().zip(twice.median()).all(|(a, b)| (a - b).abs() < 1e-7));
        }
        for origin in reconciled.hindcasts.chunks(4) {
            assert!(origin.iter().all(|hindcast| hindcast.series == origin[0].series), "four origins of each series");
        }
    }
    let bottom_up = hierarchy.reconcile(ReconcileMethod::BottomUp, &base, &hindcasts).forecasts;
    for node in (0..base.len()).filter(|node| hierarchy.bottom_series(*node) == [*node]) {
        assert_eq!(bottom_up[node].median(), base[node].median(), "bottom-up keeps the bottom series");
    }
}

/// Medians equal `S (S' W⁻¹ S)⁻¹ S' W⁻¹ y` of Wickramasuriya, Athanasopoulos & Hyndman (2019), with the covariance `W` of
/// the errors, whose correlations are shrunk.
#[test]
fn minimum_trace_equals_the_formula_with_the_inverse() {
    let hierarchy = Hierarchy::new(&travel()).unwrap();
    let (base, hindcasts) = (forecasts(hierarchy.panel(), 6), ets_hindcasts(hierarchy.panel(), 6, 4));
    let reconciled = hierarchy.reconcile(ReconcileMethod::Mint, &base, &hindcasts);
    // nodes with the same bottom series have the same forecasts, and count once
    let nodes: BTreeMap<Vec<usize>, usize> =
        (0..base.len()).rev().map(|node| (hierarchy.bottom_series(node), node)).collect();
    let bottom: Vec<usize> = nodes.keys().filter(|parts| parts.len() == 1).map(|parts| parts[0]).collect();
    let count = nodes.len();
    assert_eq!((count, bottom.len()), (15, 6));
    let s = DMatrix::from_fn(count, 6, |node, part| {
        f64::from(u8::from(nodes.keys().nth(node).unwrap().contains(&bottom[part])))
    });
    let all_series: Vec<_> = hierarchy.panel().iter().collect();
    let errors = nodes.values().flat_map(|node| {
        let own = hindcasts.iter().filter(|hindcast| hindcast.series == *node);
        own.flat_map(|h| {
            h.forecast.median().iter().enumerate().map(|(k, f)| all_series[*node].values[h.cutoff + k] - f)
        })
    });
    let errors = DMatrix::from_row_iterator(count, 24, errors);
    let sample = &errors * errors.transpose() / 24.0;
    let shrinkage = reconciled.shrinkage.unwrap();
    assert!(shrinkage > 0.0 && shrinkage < 1.0);
    let w = &sample * (1.0 - shrinkage) + DMatrix::from_diagonal(&sample.diagonal()) * shrinkage;
    let inverse = w.try_inverse().expect("positive definite");
    let projection = (s.transpose() * &inverse * &s).try_inverse().expect("full rank") * s.transpose() * &inverse;
    // unbiased: coherent forecasts do not change
    assert!((&s * &projection * &s - &s).abs().max() < 1e-9);
    for k in 0..6 {
        let medians = DVector::from_iterator(count, nodes.values().map(|node| base[*node].median()[k]));
        let expected = &projection * medians;
        for (part, value) in bottom.iter().zip(&expected) {
            let median = reconciled.forecasts[*part].median()[k];
            assert!((median - value).abs() < 1e-6, "{median} {value}");
        }
    }
}

/// An origin is reconciled by errors that are known at that origin.
#[test]
fn a_past_origin_is_reconciled_without_later_values() {
    let hierarchy = Hierarchy::new(&travel()).unwrap();
    let hindcasts = ets_hindcasts(hierarchy.panel(), 6, 4);
    let at =
        |cutoff: usize, all: Vec<Hindcast>| all.into_iter().filter(move |h| h.cutoff == cutoff).collect::<Vec<_>>();
    let base = forecasts(hierarchy.panel(), 6);
    let whole = at(28, hierarchy.reconcile(ReconcileMethod::Mint, &base, &hindcasts).hindcasts);
    let until: Vec<Hindcast> = hindcasts.iter().filter(|hindcast| hindcast.cutoff <= 28).cloned().collect();
    assert_eq!(whole, at(28, hierarchy.reconcile(ReconcileMethod::Mint, &base, &until).hindcasts));
    assert_eq!(whole.len(), 18);
}

/// One total over two series, with uncorrelated errors of 1, 2 and 3 units: the incoherence is split 1 : 4 : 9.
#[test]
fn an_incoherence_is_split_by_the_squared_errors_of_hindcasts() {
    let flat = |level: f64| (0..40).map(|t| level + f64::from(t % 2)).collect::<Vec<f64>>();
    let hierarchy =
        Hierarchy::new(&panel(&["id"], vec![series(&["a"], &flat(50.0)), series(&["b"], &flat(70.0))])).unwrap();
    let wholes: Vec<_> = hierarchy.panel().iter().collect();
    // signs over eight samples that are orthogonal to each other
    let signs = [[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]];
    let (mut hindcasts, mut base) = (Vec::new(), Vec::new());
    for (node, whole) in wholes.iter().enumerate() {
        let size = [3.0, 1.0, 2.0][node];
        for (origin, cutoff) in [32_usize, 36].into_iter().enumerate() {
            let turn = if origin == 1 && node == 1 { -1.0 } else { 1.0 };
            let median: Vec<f64> = (0..4).map(|k| whole.values[cutoff + k] - turn * size * signs[node][k]).collect();
            let forecast = Forecast::after(&whole.first(cutoff), &LEVELS, vec![median; LEVELS.len()]);
            hindcasts.push(Hindcast { series: node, cutoff, forecast });
        }
        let median = [134.0, 50.0, 70.0][node];
        let rows = LEVELS.map(|level| vec![median + size * (level - 0.5)]).to_vec();
        base.push(Forecast::after(whole, &LEVELS, rows));
    }
    let reconciled = hierarchy.reconcile(ReconcileMethod::Mint, &base, &hindcasts);
    let medians: Vec<f64> = reconciled.forecasts.iter().map(|forecast| forecast.median()[0]).collect();
    let expected = [134.0 - 9.0, 50.0 + 1.0, 70.0 + 4.0];
    assert!(medians.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{medians:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn reconciled_forecasts_of_any_panel_add_up_and_are_not_negative(
        rows in prop::collection::vec((0_u8..3, 0_u8..3, prop::collection::vec(0.0..1e4_f64, 1..30), 0_i32..3), 2..8),
        horizon in 1_usize..5,
        method in 0_usize..2,
        size in -200_i32..200,
    ) {
        let unit = 10.0_f64.powi(size);
        let mut seen = std::collections::BTreeSet::new();
        let mut all = Vec::new();
        for (a, b, values, zeros) in &rows {
            if !seen.insert((a, b)) { continue }
            let values: Vec<f64> =
                values.iter().enumerate().map(|(t, v)| if t as i32 % 3 < *zeros { 0.0 } else { v * unit }).collect();
            let mut one = series(&[&format!("{a}"), &format!("{}", a * 10 + b)], &values);
            one.start = Timestamp::Index(100 - values.len() as i64);
            all.push(one);
        }
        prop_assume!(all.len() > 1);
        let hierarchy = Hierarchy::new(&panel(&["one", "two"], all)).unwrap();
        let base = forecasts(hierarchy.panel(), horizon);
        let longest = hierarchy.panel().iter().map(|s| s.len()).max().unwrap();
        let hindcasts = if longest > 3 * horizon { ets_hindcasts(hierarchy.panel(), horizon, 2) } else { Vec::new() };
        // a series that is too short at an origin changes the positions there
        let hindcasts: Vec<Hindcast> = hindcasts.into_iter().filter(|_| hierarchy.panel().iter().all(|s| s.len() > 2 * horizon)).collect();
        let reconciled = hierarchy.reconcile(METHODS[method], &base, &hindcasts).forecasts;
        for (node, forecast) in reconciled.iter().enumerate() {
            for k in 0..horizon {
                let value = forecast.median()[k];
                let parts: f64 = hierarchy.bottom_series(node).iter().map(|part| reconciled[*part].median()[k]).sum();
                prop_assert!((value - parts).abs() <= 1e-9 * value.abs(), "{} {}", value, parts);
            }
            prop_assert!(forecast.quantiles().iter().flat_map(|q| &q.values).all(|v| v.is_finite() && *v >= 0.0));
        }
    }
}

/// The tourism data set has six levels, and the written sums are the sums of written values.
#[test]
fn written_forecasts_of_tourism_add_up() {
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("tourism.csv");
    for method in ["bottom-up", "mint"] {
        let printed = stdout(
            &sandbox.run(&format!("--csv tourism.csv -n 4 --model seasonal-naive --reconcile {method} --out {method}")),
        );
        assert!(printed.contains(&format!("\n{method}: reconciliation ")), "{printed}");
        assert!(printed.contains("region × purpose"), "{printed}");
        // the only name with a comma
        let csv = sandbox
            .read(&format!("{method}/forecast.csv"))
            .replace("\"Launceston, Tamar and the North\"", "Launceston");
        let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 425 * 4);
        assert_eq!(rows[0][..4], ["(all)", "(all)", "(all)", "2018-01-01"]);
        let number = |row: &[&str]| row[4].parse::<f64>().unwrap();
        for sum in &rows {
            let fits = |row: &&Vec<&str>| {
                row[3] == sum[3] && (0..3).all(|id| row[id] != ALL && (sum[id] == ALL || sum[id] == row[id]))
            };
            let parts: Vec<f64> = rows.iter().filter(fits).map(|row| number(row)).collect();
            let total: f64 = parts.iter().sum();
            assert!((number(sum) - total).abs() < 1e-4 * parts.len() as f64, "{sum:?} {total}");
        }
        let run: serde_json::Value = serde_json::from_str(&sandbox.read(&format!("{method}/run.json"))).unwrap();
        assert_eq!(run["reconciliation"]["levels"].as_array().unwrap().len(), 6);
    }
}

#[test]
fn panels_that_cannot_be_summed_are_refused() {
    let sandbox = Sandbox::new();
    let row = |id: &str, day: u32| format!("{id},2024-01-{day:02},{}\n", day % 5);
    let rows = |id: &str, days: u32| (1..=days).map(|day| row(id, day)).collect::<Vec<_>>().concat();
    sandbox.write("one.csv", &format!("id,day,sales\n{}", rows("a", 20)));
    sandbox.write("ends.csv", &format!("id,day,sales\n{}{}", rows("a", 20), rows("b", 15)));
    sandbox.write("mark.csv", &format!("id,day,sales\n{}{}", rows("(all)", 20), rows("b", 20)));
    let mut texts = Vec::new();
    for file in ["one", "ends", "mark"] {
        let output = sandbox.forecast(&format!("--csv {file}.csv -n 2 --reconcile --model naive")).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        texts.push(String::from_utf8(output.stderr).unwrap());
    }
    insta::assert_snapshot!(texts.concat());
}

#[test]
fn series_of_other_weeks_are_refused_with_both_names_and_a_way_out() {
    let sandbox = Sandbox::new();
    let rows = |id: &str, start: (i32, u32, u32), step: &dyn Fn(NaiveDate, u32) -> NaiveDate| -> String {
        let start = NaiveDate::from_ymd_opt(start.0, start.1, start.2).unwrap();
        (0..60).map(|t| format!("{id},{},{}\n", step(start, t), 100 + t % 5)).collect::<Vec<_>>().concat()
    };
    let weeks = |start: NaiveDate, t: u32| start + Days::new(u64::from(7 * t));
    let quarters = |start: NaiveDate, t: u32| start + Months::new(3 * t);
    let header = "id,day,sales\n";
    let file = |one: String, other: String| format!("{header}{one}{other}");
    // weeks from Sunday and from Monday on, and quarters from January and from March on
    sandbox.write("weeks.csv", &file(rows("a", (2023, 1, 1), &weeks), rows("b", (2023, 1, 2), &weeks)));
    sandbox.write("quarters.csv", &file(rows("a", (2005, 1, 1), &quarters), rows("b", (2005, 3, 1), &quarters)));
    let mut texts = String::new();
    for (name, longer) in [("weeks", "monthly"), ("quarters", "yearly")] {
        let line = format!("--csv {name}.csv --id id -n 2 --reconcile --model naive --no-report --out {name}");
        let output = sandbox.forecast(&line).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        texts += &stderr(&output);
        sandbox.run(&format!("{line} --frequency {longer} --duplicates sum"));
    }
    insta::assert_snapshot!(texts);
}
