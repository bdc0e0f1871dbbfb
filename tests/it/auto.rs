//! The automatic model: properties that hold for every series.

use std::time::Duration;

use forecast::budget::Budget;
use forecast::forecast::Forecast;
use forecast::model::auto::Auto;
use forecast::model::stat::Baseline;
use forecast::model::{self, Fit, FitNotice, Hindcast, Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::fixtures::{normal, panel_of};

/// The automatic model without networks, which need most of the time.
fn quick() -> Auto {
    Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() }
}

fn fit(auto: &Auto, panel: &Panel, horizon: usize) -> Fit {
    auto.fit(panel, &Task::new(horizon), &mut SilentObserver).unwrap()
}

fn forecast(auto: &Auto, panel: &Panel, horizon: usize) -> Forecast {
    fit(auto, panel, horizon).predict(panel).unwrap().remove(0)
}

fn all_values(forecast: &Forecast) -> impl Iterator<Item = f64> + '_ {
    forecast.quantiles().iter().flat_map(|quantile| quantile.values.iter().copied())
}

fn is_ordered_and_finite(forecast: &Forecast, horizon: usize) -> bool {
    let rows = forecast.quantiles();
    let ordered = |k: usize| rows.windows(2).all(|pair| pair[0].values[k] <= pair[1].values[k]);
    rows.iter().all(|row| row.values.len() == horizon)
        && all_values(forecast).all(f64::is_finite)
        && (0..horizon).all(ordered)
}

/// A level, a weekly pattern and noise, all above 0.
fn weekly(count: usize, seed: u64) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let pattern = [0.0, 4.0, 6.0, 5.0, 9.0, 30.0, 20.0];
    (0..count).map(|t| 100.0 + pattern[t % 7] + 3.0 * normal(rng)).collect()
}

fn series(key: &[&str], start: Timestamp, values: Vec<f64>) -> Series {
    let key = key.iter().map(|id| (*id).to_owned()).collect();
    Series { key, start, observed: vec![true; values.len()], values }
}

/// A panel of series with these ids.
fn panel_of_named(all: Vec<(&str, Vec<f64>)>, season: usize) -> Panel {
    panel_of(all.into_iter().map(|(id, values)| series(&[id], Timestamp::Index(1), values)).collect(), season)
}

/// A panel of one daily series from a date on.
fn daily_panel(year: i32, month: u32, day: u32, values: Vec<f64>) -> Panel {
    let start = chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap().and_time(chrono::NaiveTime::MIN);
    let columns = Columns { time: None, target: "y".into(), ids: Vec::new() };
    let series = series(&[], Timestamp::Time(start), values);
    Panel::new(columns, Frequency::DAILY, 7, vec![series]).unwrap()
}

fn mean_absolute_error(predicted: &[f64], actual: &[f64]) -> f64 {
    predicted.iter().zip(actual).map(|(f, y)| (f - y).abs()).sum::<f64>() / actual.len() as f64
}

#[test]
fn a_constant_series_is_forecast_as_that_constant_without_intervals() {
    for (level, count) in [(5.0, 1), (0.1, 2), (-3.0, 9), (0.0, 30), (1e300, 60)] {
        let panel = Panel::from_values(&vec![level; count], 7);
        let forecast = forecast(&Auto::default(), &panel, 10);
        assert!(all_values(&forecast).all(|v| v == level), "{level}: {forecast:?}");
    }
}

#[test]
fn histories_of_every_length_are_forecast_from_one_value_on() {
    for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 20, 26] {
        for horizon in [1, 7, 30] {
            for season in [1, 7] {
                let panel = Panel::from_values(&weekly(count, 1), season);
                let fitted = fit(&Auto::default(), &panel, horizon);
                let predicted = fitted.predict(&panel).unwrap().remove(0);
                assert!(is_ordered_and_finite(&predicted, horizon), "{count} values, {horizon} steps, season {season}");
                assert!(
                    all_values(&predicted).all(|v| (0.0..1000.0).contains(&v)),
                    "{count}, {horizon}: {predicted:?}"
                );
                for Hindcast { forecast, cutoff, .. } in &fitted.report.hindcasts {
                    assert!(
                        is_ordered_and_finite(forecast, horizon) && *cutoff < count,
                        "{count} values, {horizon} steps"
                    );
                }
                let weights: f64 = fitted.report.ensemble_weights[0].members.iter().map(|part| part.weight).sum();
                assert!((weights - 1.0).abs() < 1e-9, "{count}, {horizon}: {weights}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn quantiles_do_not_cross_and_are_not_negative_for_a_history_without_negative_values(
        values in prop::collection::vec(prop_oneof![3 => 0.0..1e4_f64, 1 => Just(0.0)], 1..70),
        season in 1..9_usize,
        horizon in 1..15_usize,
    ) {
        let forecast = forecast(&quick(), &Panel::from_values(&values, season), horizon);
        prop_assert!(is_ordered_and_finite(&forecast, horizon));
        prop_assert!(all_values(&forecast).all(|v| v >= 0.0));
    }
}

#[test]
fn intervals_of_a_random_walk_widen_with_the_step() {
    let walk = |rng: &mut ChaCha8Rng| -> Vec<f64> {
        let step = |at: &mut f64, _| {
            *at += normal(rng);
            Some(*at)
        };
        (0..300).scan(0.0, step).collect()
    };
    let (mut nearest, mut farthest) = (0.0, 0.0);
    for seed in 0..8 {
        let walk = walk(&mut ChaCha8Rng::seed_from_u64(seed));
        let forecast = forecast(&quick(), &Panel::from_values(&walk, 1), 20);
        let (low, high) = forecast.interval(80.0).unwrap();
        let widths: Vec<f64> = low.iter().zip(high).map(|(low, high)| high - low).collect();
        assert!(widths.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{widths:?}");
        assert!(widths[0] > 0.5, "{widths:?}");
        nearest += widths[0];
        farthest += widths[19];
    }
    assert!(farthest > 1.5 * nearest, "{farthest} after 20 steps, {nearest} after one");
}

#[test]
fn a_second_fit_gives_the_same_forecast() {
    let (one, other) = (weekly(120, 1), weekly(130, 2));
    let alone = panel_of_named(vec![("a", one.clone())], 7);
    let results = |panel: &Panel| {
        let fitted = fit(&Auto::default(), panel, 7);
        let of_first = fitted.report.hindcasts.iter().filter(|hindcast| hindcast.series == 0).cloned();
        (
            fitted.predict(panel).unwrap().remove(0),
            of_first.collect::<Vec<_>>(),
            fitted.report.ensemble_weights[0].clone(),
        )
    };
    let first = results(&alone);
    assert_eq!(first, results(&alone));
    // the candidates of a single series run in parallel, those of several series one after another
    let among_others = panel_of_named(vec![("a", one), ("b", other)], 7);
    assert_eq!(results(&among_others), results(&among_others));
    let parts = &first.2.members;
    assert!(parts.iter().any(|part| part.name.starts_with("network") && part.error.is_some()), "{parts:?}");
}

#[test]
fn values_after_a_cutoff_change_no_hindcast_made_at_it() {
    let horizon = 7;
    let changes: [fn(f64) -> f64; 5] = [|_| 0.0, |v| -v, |v| 3.0 * v, |_| 107.0, |v| v * 1e9];
    for auto in [quick(), Auto::default()] {
        let values = weekly(120, 3);
        let before = fit(&auto, &Panel::from_values(&values, 7), horizon);
        let before = before.report.hindcasts;
        assert_eq!(before.len(), 5);
        // networks take long: one change is enough for them
        for change in changes.iter().take(if auto == quick() { 5 } else { 1 }) {
            let mut changed = values.clone();
            let from = changed.len() - horizon;
            changed[from..].iter_mut().for_each(|v| *v = change(*v));
            let after = fit(&auto, &Panel::from_values(&changed, 7), horizon);
            assert_eq!(before.last().unwrap().cutoff, from);
            assert_eq!(before, after.report.hindcasts);
        }
    }
}

#[test]
fn values_after_the_year_end_change_no_hindcast_before_it() {
    let values = with_year_end_effect(4 * 365);
    let hindcasts = |change: f64| {
        let mut changed = values.clone();
        let from = changed.len() - 14;
        changed[from..].iter_mut().for_each(|v| *v = change - *v);
        fit(&quick(), &daily_panel(2018, 1, 10, changed), 14).report.hindcasts
    };
    assert_eq!(hindcasts(500.0), hindcasts(50.0));
}

#[test]
fn a_loaded_model_with_networks_gives_the_same_forecast() {
    let history = Panel::from_values(&weekly(120, 5), 7);
    let fitted = fit(&Auto::default(), &history, 5);
    let folder = tempfile::tempdir().unwrap();
    fitted.forecaster.save(folder.path()).unwrap();
    let loaded = model::load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&history).unwrap(), fitted.predict(&history).unwrap());
    assert_eq!(loaded.to_files().settings, fitted.forecaster.to_files().settings, "the weights of the ensemble too");
    assert_eq!(model::saved_name(folder.path()).unwrap(), "auto");
    // with values that were observed later
    let longer = Panel::from_values(&weekly(127, 5), 7);
    let predicted = loaded.predict(&longer).unwrap().remove(0);
    assert_eq!(predicted, fitted.predict(&longer).unwrap().remove(0));
    assert_eq!(predicted.times()[0], Timestamp::Index(128));
    assert!(mean_absolute_error(predicted.median(), &weekly(132, 5)[127..]) < 8.0, "{predicted:?}");
}

#[test]
fn a_series_that_was_not_in_the_training_panel_is_forecast() {
    let fitted = fit(&quick(), &panel_of_named(vec![("a", weekly(60, 1)), ("b", weekly(60, 2))], 7), 7);
    let later = panel_of_named(vec![("b", weekly(63, 2)), ("new", weekly(66, 9))], 7);
    let predicted = fitted.predict(&later).unwrap();
    assert_eq!(predicted.iter().map(Forecast::key).collect::<Vec<_>>(), [["b"], ["new"]]);
    let truth = weekly(73, 9);
    assert!(
        is_ordered_and_finite(&predicted[1], 7) && mean_absolute_error(predicted[1].median(), &truth[66..]) < 8.0,
        "{:?}",
        predicted[1]
    );
}

#[test]
fn a_changed_model_folder_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    fit(&Auto::default(), &Panel::from_values(&weekly(120, 5), 7), 5).forecaster.save(folder.path()).unwrap();
    let settings = folder.path().join("settings.json");
    let good = std::fs::read_to_string(&settings).unwrap();
    let refusal = |text: &str| {
        assert_ne!(text, good, "the settings are changed");
        std::fs::write(&settings, text).unwrap();
        model::load(folder.path()).unwrap_err().to_string()
    };
    assert!(refusal(&good[..good.len() / 2]).contains("settings.json"));
    assert!(refusal(&good.replacen("\"format_version\": 1", "\"format_version\": 99", 1)).contains("format 99"));
    let changed = |path: &[&str], value: serde_json::Value| {
        let mut all: serde_json::Value = serde_json::from_str(&good).unwrap();
        let fitted = &mut all["fitted"]["local"];
        let place = path.iter().fold(fitted, |place, step| match step.parse::<usize>() {
            Ok(number) => &mut place[number],
            Err(_) => &mut place[*step],
        });
        *place = value;
        all.to_string()
    };
    for (path, value) in [
        (&["horizon"][..], 0.into()),
        (&["horizon"], 6.into()),
        (&["levels"], vec![0.1, 0.9].into()),
        (&["levels"], vec![-1.0, 0.5, 2.0].into()),
        (&["series", "0", "seasons"], vec![0].into()),
        (&["series", "0", "seasons"], vec![u64::MAX].into()),
        (&["series", "0", "intervals", "step_scale"], vec![1.0].into()),
        (&["series", "0", "intervals", "season_factor"], Vec::<f64>::new().into()),
        (&["series", "0", "intervals", "scaled_residuals"], vec![3.0, 1.0].into()),
        (&["series", "0", "candidates", "0", "weight"], (-1.0).into()),
        (&["series", "0", "candidates", "0", "weight"], 1e300.into()),
        (&["series", "0", "scale"], 0.into()),
    ] {
        let message = refusal(&changed(path, value));
        assert!(message.contains("inconsistent"), "{path:?}: {message}");
    }

    std::fs::write(&settings, &good).unwrap();
    model::load(folder.path()).unwrap();
    let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let weights = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "safetensors")).unwrap();
    let whole = std::fs::read(&weights).unwrap();
    std::fs::write(&weights, &whole[..whole.len() / 2]).unwrap();
    let message = model::load(folder.path()).unwrap_err().to_string();
    assert!(message.contains(weights.file_name().unwrap().to_str().unwrap()), "{message}");
    std::fs::remove_file(&weights).unwrap();
    assert!(model::load(folder.path()).is_err());
}

#[test]
fn intermittent_counts_get_methods_for_counts() {
    let rng = &mut ChaCha8Rng::seed_from_u64(8);
    let counts: Vec<f64> =
        (0..120).map(|_| if rng.random_bool(0.7) { 0.0 } else { f64::from(rng.random_range(1..6)) }).collect();
    let panel = Panel::from_values(&counts, 7);
    let fitted = fit(&Auto::default(), &panel, 7);
    let parts = fitted.report.ensemble_weights[0].clone().members;
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["counts"]);
    // most values are 0, so the median is, but not the upper bound
    let predicted = fitted.predict(&panel).unwrap().remove(0);
    let (low, high) = predicted.interval(80.0).unwrap();
    assert!(low.iter().chain(predicted.median()).all(|v| *v == 0.0), "{predicted:?}");
    assert!(high.iter().all(|v| (1.0..=5.0).contains(v)), "{predicted:?}");
}

/// The quantiles are those of `scipy.stats.nbinom` and `scipy.stats.poisson`, with moments and discount computed in Python.
#[test]
fn quantiles_of_intermittent_counts_agree_with_scipy_and_follow_recent_demand() {
    let rare: Vec<f64> = (0..60).map(|t| if t % 5 == 0 { 3.0 } else { 0.0 }).collect();
    let mixed = (0..130).map(|t| [0.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 4.0, 0.0, 0.0, 0.0, 7.0, 0.0][t * 7 % 13]);
    let grown = [&rare[..], &[7.0, 0.0, 6.0, 0.0, 8.0, 0.0, 7.0, 5.0].repeat(6)].concat();
    for (counts, expected) in [
        (rare, [0.0, 0.0, 0.0, 2.0, 4.0]),
        (mixed.collect(), [0.0, 0.0, 0.0, 4.0, 7.0]),
        (grown, [0.0, 0.0, 5.0, 9.0, 11.0]),
    ] {
        let predicted = forecast(&quick(), &Panel::from_values(&counts, 7), 1);
        assert_eq!(all_values(&predicted).collect::<Vec<f64>>(), expected);
    }
}

#[test]
fn a_cumulative_count_is_not_intermittent() {
    let total = |t: i32| f64::from((t - 60).max(0) * 3 / 2);
    let panel = Panel::from_values(&(0..120).map(total).collect::<Vec<_>>(), 7);
    let predicted = forecast(&quick(), &panel, 10);
    let expected = total(129);
    assert!((predicted.median()[9] - expected).abs() < 0.05 * expected, "{:?}", predicted.median());
}

#[test]
fn each_of_several_series_has_its_own_model() {
    let names: Vec<String> = (0..12).map(|i| format!("s{i:02}")).collect();
    let values =
        |i: usize| -> Vec<f64> { weekly(10 + 4 * i, i as u64).iter().map(|v| v * 10_f64.powi(i as i32 - 5)).collect() };
    let panel = panel_of_named(names.iter().enumerate().map(|(i, name)| (name.as_str(), values(i))).collect(), 7);
    let fitted = fit(&Auto::default(), &panel, 6);
    let predicted = fitted.predict(&panel).unwrap();
    assert_eq!(predicted.iter().map(|forecast| forecast.key()[0].clone()).collect::<Vec<_>>(), names);
    for (i, forecast) in predicted.iter().enumerate() {
        let size = 10_f64.powi(i as i32 - 5);
        assert!(is_ordered_and_finite(forecast, 6), "{i}");
        assert!(forecast.median().iter().all(|v| (50.0 * size..200.0 * size).contains(v)), "{i}: {forecast:?}");
    }
    assert_eq!(fitted.report.ensemble_weights.len(), 12);
    assert!(
        fitted
            .report
            .hindcasts
            .windows(2)
            .all(|pair| (pair[0].series, pair[0].cutoff) < (pair[1].series, pair[1].cutoff))
    );
}

#[test]
fn fallbacks_are_reported_as_notices() {
    let panel_of_length = |length: usize| {
        let ids = ["a", "b", "c", "d", "e", "f"];
        panel_of_named(ids.into_iter().zip(1..).map(|(id, seed)| (id, weekly(length, seed))).collect(), 7)
    };
    let notices = |auto: &Auto, length: usize, task: &Task| {
        auto.fit(&panel_of_length(length), task, &mut SilentObserver).unwrap().report.notices
    };
    let task = Task::new(5);
    let without_pooling = Auto { min_pooled_series: usize::MAX, ..Auto::default() };
    let no_networks = FitNotice::TooManySeriesForNetworks { series: 6, max_series: 4 };
    assert_eq!(notices(&without_pooling, 30, &task), [no_networks]);
    // without networks by choice
    assert_eq!(notices(&quick(), 30, &task), []);
    // the global model needs more values than the horizon
    let pooled = Auto { min_pooled_series: 6, ..quick() };
    assert_eq!(notices(&pooled, 6, &task), [FitNotice::TooShortForPooling { series: 6 }]);
    let hurried = Task { budget: Budget::new(Some(Duration::ZERO)), ..task };
    assert_eq!(notices(&quick(), 30, &hurried), [FitNotice::CandidatesLeftOut { series: 6, of: 6 }]);
}

#[test]
fn extreme_values_are_forecast_without_overflow() {
    let wave = weekly(60, 6);
    let changed = |change: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        wave.iter().enumerate().map(|(t, v)| change(t, *v)).collect()
    };
    let cases: Vec<(&str, Vec<f64>)> = vec![
        ("huge", changed(&|_, v| v * 1e305)),
        ("huge of both signs", changed(&|t, _| if t % 2 == 0 { f64::MAX } else { f64::MIN })),
        ("tiny", changed(&|_, v| v * 1e-310)),
        ("small", changed(&|_, v| v * 1e-15)),
        ("tiny and huge", changed(&|t, v| if t % 9 == 0 { v * 1e300 } else { v * 1e-300 })),
        ("negative", changed(&|_, v| -v)),
        ("around zero", changed(&|_, v| v - 110.0)),
        ("zeros at the end", changed(&|t, v| if t < 45 { v } else { 0.0 })),
        ("zeros at the beginning", changed(&|t, v| if t < 45 { 0.0 } else { v })),
        ("one spike", changed(&|t, _| if t == 40 { 1e12 } else { 0.0 })),
        ("spike at the end", changed(&|t, v| if t == 59 { 1e200 } else { v })),
        ("growth", changed(&|t, _| 1.9_f64.powi(t as i32))),
        ("fall", changed(&|t, _| 0.3_f64.powi(t as i32))),
        ("no noise", changed(&|t, _| (t % 7) as f64)),
        ("a line", changed(&|t, _| t as f64)),
        ("a step", changed(&|t, _| if t < 30 { 1.0 } else { 1e9 })),
        ("rare huge counts", changed(&|t, _| if t % 4 == 0 { 5e8 + t as f64 } else { 0.0 })),
    ];
    for (name, values) in cases {
        let panel = Panel::from_values(&values, 7);
        let fitted = fit(&quick(), &panel, 9);
        let predicted = fitted.predict(&panel).unwrap().remove(0);
        assert!(is_ordered_and_finite(&predicted, 9), "{name}: {predicted:?}");
        assert!(fitted.report.hindcasts.iter().all(|hindcast| is_ordered_and_finite(&hindcast.forecast, 9)), "{name}");
        let folder = tempfile::tempdir().unwrap();
        fitted.forecaster.save(folder.path()).unwrap();
        let loaded = model::load(folder.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(loaded.predict(&panel).unwrap().remove(0), predicted, "{name}");
    }
}

#[test]
fn a_change_of_unit_changes_the_forecast_by_the_same_factor() {
    let values = weekly(70, 7);
    let usual = forecast(&quick(), &Panel::from_values(&values, 7), 7);
    for factor in [2.0_f64.powi(-60), 2.0_f64.powi(80), -1.0] {
        let moved: Vec<f64> = values.iter().map(|v| v * factor).collect();
        let predicted = forecast(&quick(), &Panel::from_values(&moved, 7), 7);
        let largest = 200.0 * factor.abs();
        let near = predicted.median().iter().zip(usual.median()).all(|(a, b)| (a - b * factor).abs() < 0.02 * largest);
        assert!(near, "{factor}: {:?} {:?}", predicted.median(), usual.median());
    }
}

/// Half of the 288 steps of a season are zero, so that no model may divide by a value of the season.
#[test]
fn nights_of_zeros_are_forecast_better_than_by_seasonal_naive() {
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let mut cloud = 1.0_f64;
    let values: Vec<f64> = (0..288 * 8)
        .map(|t| {
            let sun = (std::f64::consts::TAU * f64::from(t % 288) / 288.0).sin().max(0.0);
            cloud = (1.0 + 0.97 * (cloud - 1.0) + 0.08 * normal(rng)).clamp(0.1, 1.5);
            800.0 * sun * cloud
        })
        .collect();
    let known = 288 * 7;
    let horizon = 144;
    let panel = Panel::from_values(&values[..known], 288);
    let predicted = forecast(&quick(), &panel, horizon);
    let naive = Baseline::SeasonalNaive.fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
    let naive = naive.predict(&panel).unwrap().remove(0);
    let actual = &values[known..known + horizon];
    let (error, naive_error) =
        (mean_absolute_error(predicted.median(), actual), mean_absolute_error(naive.median(), actual));
    assert!(error < naive_error, "{error} against {naive_error}");
    assert!(is_ordered_and_finite(&predicted, horizon) && all_values(&predicted).all(|v| (0.0..4000.0).contains(&v)));
}

/// A daily series with a weekly pattern from 10 January 2018 on. Its values from 24 to 26 December are divided by 4.
fn with_year_end_effect(count: usize) -> Vec<f64> {
    use chrono::Datelike;
    let start = chrono::NaiveDate::from_ymd_opt(2018, 1, 10).unwrap();
    let date = |t: usize| start + chrono::Days::new(t as u64);
    let special = |t: usize| date(t).month() == 12 && (24..=26).contains(&date(t).day());
    weekly(count, 11).into_iter().enumerate().map(|(t, v)| if special(t) { v / 4.0 } else { v }).collect()
}

#[test]
fn the_year_end_effect_of_past_years_is_forecast_again() {
    let start = chrono::NaiveDate::from_ymd_opt(2018, 1, 10).unwrap();
    let end = chrono::NaiveDate::from_ymd_opt(2021, 12, 20).unwrap();
    let known = usize::try_from((end - start).num_days()).unwrap() + 1;
    let values = with_year_end_effect(known + 10);
    let predicted = forecast(&quick(), &daily_panel(2018, 1, 10, values[..known].to_vec()), 10);
    assert_eq!(predicted.times()[0].to_string(), "2021-12-21");
    for k in 0..10 {
        let (predicted, actual) = (predicted.median()[k], values[known + k]);
        assert!((predicted - actual).abs() < 12.0, "{k} days later: {predicted} for {actual}");
    }
}
