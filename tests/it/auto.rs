//! The default model: the laws that it keeps, whatever the series.

use forecast::forecast::Forecast;
use forecast::model;
use forecast::model::auto::Auto;
use forecast::model::stat::Baseline;
use forecast::model::{Forecaster, Hindcast, Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Without networks, which take most of the time.
fn quick() -> Auto {
    Auto { max_network_series: 0, ..Auto::default() }
}

fn fit(auto: &Auto, panel: &Panel, horizon: usize) -> Box<dyn Forecaster> {
    auto.fit(panel, &Task::new(horizon), &mut SilentObserver).unwrap()
}

fn forecast(auto: &Auto, panel: &Panel, horizon: usize) -> Forecast {
    fit(auto, panel, horizon).predict(panel).unwrap().remove(0)
}

fn all_values(forecast: &Forecast) -> impl Iterator<Item = f64> + '_ {
    forecast.quantiles().iter().flat_map(|quantile| quantile.values.iter().copied())
}

fn is_sound(forecast: &Forecast, horizon: usize) -> bool {
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
    (0..count).map(|t| 100.0 + pattern[t % 7] + 3.0 * rng.sample::<f64, _>(StandardNormal)).collect()
}

fn series(key: &[&str], start: Timestamp, values: Vec<f64>) -> Series {
    let key = key.iter().map(|id| (*id).to_owned()).collect();
    Series { key, start, observed: vec![true; values.len()], values }
}

/// Many series by their names.
fn named(all: Vec<(&str, Vec<f64>)>, season: usize) -> Panel {
    let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
    let all = all.into_iter().map(|(name, values)| series(&[name], Timestamp::Index(1), values));
    Panel::new(columns, Frequency::INDEX, season, all.collect()).unwrap()
}

/// Days from a date on.
fn days(year: i32, month: u32, day: u32, values: Vec<f64>) -> Panel {
    let start = chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap().and_time(chrono::NaiveTime::MIN);
    let columns = Columns { time: None, target: "y".into(), ids: Vec::new() };
    let series = series(&[], Timestamp::Time(start), values);
    Panel::new(columns, Frequency::DAILY, 7, vec![series]).unwrap()
}

fn mean_absolute_error(said: &[f64], was: &[f64]) -> f64 {
    said.iter().zip(was).map(|(said, was)| (said - was).abs()).sum::<f64>() / was.len() as f64
}

#[test]
fn a_constant_stays_what_it_is_and_its_bands_are_lines() {
    for (level, count) in [(5.0, 1), (0.1, 2), (-3.0, 9), (0.0, 30), (1e300, 60)] {
        let panel = Panel::from_values(&vec![level; count], 7);
        let forecast = forecast(&Auto::default(), &panel, 10);
        assert!(all_values(&forecast).all(|v| v == level), "{level}: {forecast:?}");
    }
}

#[test]
fn every_length_is_forecast_from_one_value_on() {
    for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 20, 26] {
        for horizon in [1, 7, 30] {
            for season in [1, 7] {
                let panel = Panel::from_values(&weekly(count, 1), season);
                let fitted = fit(&Auto::default(), &panel, horizon);
                let said = fitted.predict(&panel).unwrap().remove(0);
                assert!(is_sound(&said, horizon), "{count} values, {horizon} steps, season {season}");
                assert!(all_values(&said).all(|v| (0.0..1000.0).contains(&v)), "{count}, {horizon}: {said:?}");
                for Hindcast { forecast, cutoff, .. } in fitted.hindcasts() {
                    assert!(is_sound(forecast, horizon) && *cutoff < count, "{count} values, {horizon} steps");
                }
                let weights: f64 = fitted.weighing()[0].parts.iter().map(|part| part.weight).sum();
                assert!((weights - 1.0).abs() < 1e-9, "{count}, {horizon}: {weights}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bands_never_cross_and_are_never_negative_where_the_history_never_was(
        values in prop::collection::vec(prop_oneof![3 => 0.0..1e4_f64, 1 => Just(0.0)], 1..70),
        season in 1..9_usize,
        horizon in 1..15_usize,
    ) {
        let forecast = forecast(&quick(), &Panel::from_values(&values, season), horizon);
        prop_assert!(is_sound(&forecast, horizon));
        prop_assert!(all_values(&forecast).all(|v| v >= 0.0));
    }
}

#[test]
fn what_lies_further_ahead_of_a_random_walk_is_less_sure() {
    let walk = |rng: &mut ChaCha8Rng| -> Vec<f64> {
        let step = |at: &mut f64, _| {
            *at += rng.sample::<f64, _>(StandardNormal);
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
fn a_second_fit_says_the_same_and_so_does_one_among_others() {
    let (one, other) = (weekly(120, 1), weekly(130, 2));
    let alone = named(vec![("a", one.clone())], 7);
    let said = |panel: &Panel| {
        let fitted = fit(&Auto::default(), panel, 7);
        let of_first = fitted.hindcasts().iter().filter(|hindcast| hindcast.series == 0).cloned();
        (fitted.predict(panel).unwrap().remove(0), of_first.collect::<Vec<_>>(), fitted.weighing().remove(0))
    };
    let first = said(&alone);
    assert_eq!(first, said(&alone));
    // members of a single series are tried in threads side by side, those of several one after another
    assert_eq!(first, said(&named(vec![("a", one), ("b", other)], 7)));
    let parts = &first.2.parts;
    assert!(parts.iter().any(|part| part.name.starts_with("network") && part.error.is_some()), "{parts:?}");
}

#[test]
fn what_happens_after_a_cutoff_changes_no_hindcast_made_at_it() {
    let horizon = 7;
    let changes: [fn(f64) -> f64; 5] = [|_| 0.0, |v| -v, |v| 3.0 * v, |_| 107.0, |v| v * 1e9];
    for auto in [quick(), Auto::default()] {
        let values = weekly(120, 3);
        let before = fit(&auto, &Panel::from_values(&values, 7), horizon);
        let before = before.hindcasts();
        assert_eq!(before.len(), 5);
        // the networks take their time: one change is enough for them
        for change in changes.iter().take(if auto == quick() { 5 } else { 1 }) {
            let mut changed = values.clone();
            let from = changed.len() - horizon;
            changed[from..].iter_mut().for_each(|v| *v = change(*v));
            let after = fit(&auto, &Panel::from_values(&changed, 7), horizon);
            assert_eq!(before.last().unwrap().cutoff, from);
            assert_eq!(before, after.hindcasts());
        }
    }
}

#[test]
fn a_change_after_the_turn_of_the_year_changes_no_hindcast_before_it() {
    let values = with_turns_of_the_year(4 * 365);
    let hindcasts = |change: f64| {
        let mut changed = values.clone();
        let from = changed.len() - 14;
        changed[from..].iter_mut().for_each(|v| *v = change - *v);
        fit(&quick(), &days(2018, 1, 10, changed), 14).hindcasts().to_vec()
    };
    assert_eq!(hindcasts(500.0), hindcasts(50.0));
}

#[test]
fn a_saved_model_says_the_same_networks_and_all() {
    let history = Panel::from_values(&weekly(120, 5), 7);
    let fitted = fit(&Auto::default(), &history, 5);
    let folder = tempfile::tempdir().unwrap();
    fitted.save(folder.path()).unwrap();
    let loaded = model::load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&history).unwrap(), fitted.predict(&history).unwrap());
    assert_eq!(loaded.weighing(), fitted.weighing());
    assert_eq!(model::saved_name(folder.path()).unwrap(), "auto");
    // later, with what has come since
    let longer = Panel::from_values(&weekly(127, 5), 7);
    let said = loaded.predict(&longer).unwrap().remove(0);
    assert_eq!(said, fitted.predict(&longer).unwrap().remove(0));
    assert_eq!(said.times()[0], Timestamp::Index(128));
    assert!(mean_absolute_error(said.median(), &weekly(132, 5)[127..]) < 8.0, "{said:?}");
}

#[test]
fn a_series_that_was_not_there_is_forecast_too() {
    let fitted = fit(&quick(), &named(vec![("a", weekly(60, 1)), ("b", weekly(60, 2))], 7), 7);
    let later = named(vec![("b", weekly(63, 2)), ("new", weekly(66, 9))], 7);
    let said = fitted.predict(&later).unwrap();
    assert_eq!(said.iter().map(Forecast::key).collect::<Vec<_>>(), [["b"], ["new"]]);
    let truth = weekly(73, 9);
    assert!(is_sound(&said[1], 7) && mean_absolute_error(said[1].median(), &truth[66..]) < 8.0, "{:?}", said[1]);
}

#[test]
fn a_folder_that_is_not_as_it_was_saved_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    fit(&Auto::default(), &Panel::from_values(&weekly(120, 5), 7), 5).save(folder.path()).unwrap();
    let settings = folder.path().join("settings.json");
    let good = std::fs::read_to_string(&settings).unwrap();
    let refusal = |text: &str| {
        assert_ne!(text, good, "it was changed");
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
        let said = refusal(&changed(path, value));
        assert!(said.contains("do not fit together"), "{path:?}: {said}");
    }

    std::fs::write(&settings, &good).unwrap();
    model::load(folder.path()).unwrap();
    let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let weights = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "safetensors")).unwrap();
    let whole = std::fs::read(&weights).unwrap();
    std::fs::write(&weights, &whole[..whole.len() / 2]).unwrap();
    let said = model::load(folder.path()).unwrap_err().to_string();
    assert!(said.contains(weights.file_name().unwrap().to_str().unwrap()), "{said}");
    std::fs::remove_file(&weights).unwrap();
    assert!(model::load(folder.path()).is_err());
}

#[test]
fn intermittent_counts_go_to_methods_for_counts() {
    let rng = &mut ChaCha8Rng::seed_from_u64(8);
    let counts: Vec<f64> =
        (0..120).map(|_| if rng.random_bool(0.7) { 0.0 } else { f64::from(rng.random_range(1..6)) }).collect();
    let panel = Panel::from_values(&counts, 7);
    let fitted = fit(&Auto::default(), &panel, 7);
    let parts = fitted.weighing().remove(0).parts;
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert!(names.contains(&"croston") && names.contains(&"mean"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("ridge") || name.contains("network")), "{names:?}");
    let said = fitted.predict(&panel).unwrap().remove(0);
    let mean = counts.iter().sum::<f64>() / 120.0;
    assert!(said.median().iter().all(|v| (0.4 * mean..2.0 * mean).contains(v)), "{mean}: {:?}", said.median());
}

#[test]
fn many_series_are_each_forecast_by_themselves() {
    let names: Vec<String> = (0..12).map(|i| format!("s{i:02}")).collect();
    let made =
        |i: usize| -> Vec<f64> { weekly(10 + 4 * i, i as u64).iter().map(|v| v * 10_f64.powi(i as i32 - 5)).collect() };
    let panel = named(names.iter().enumerate().map(|(i, name)| (name.as_str(), made(i))).collect(), 7);
    let fitted = fit(&Auto::default(), &panel, 6);
    let said = fitted.predict(&panel).unwrap();
    assert_eq!(said.iter().map(|forecast| forecast.key()[0].clone()).collect::<Vec<_>>(), names);
    for (i, forecast) in said.iter().enumerate() {
        let size = 10_f64.powi(i as i32 - 5);
        assert!(is_sound(forecast, 6), "{i}");
        assert!(forecast.median().iter().all(|v| (50.0 * size..200.0 * size).contains(v)), "{i}: {forecast:?}");
    }
    assert_eq!(fitted.weighing().len(), 12);
    assert!(
        fitted.hindcasts().windows(2).all(|pair| (pair[0].series, pair[0].cutoff) < (pair[1].series, pair[1].cutoff))
    );
}

#[test]
fn numbers_at_the_end_of_their_range_are_forecast_all_the_same() {
    let wave = weekly(60, 6);
    let made = |change: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        wave.iter().enumerate().map(|(t, v)| change(t, *v)).collect()
    };
    let cases: Vec<(&str, Vec<f64>)> = vec![
        ("huge", made(&|_, v| v * 1e305)),
        ("huge both ways", made(&|t, _| if t % 2 == 0 { f64::MAX } else { f64::MIN })),
        ("tiny", made(&|_, v| v * 1e-310)),
        ("small", made(&|_, v| v * 1e-15)),
        ("tiny and huge", made(&|t, v| if t % 9 == 0 { v * 1e300 } else { v * 1e-300 })),
        ("negative", made(&|_, v| -v)),
        ("around zero", made(&|_, v| v - 110.0)),
        ("zeros at the end", made(&|t, v| if t < 45 { v } else { 0.0 })),
        ("zeros at the beginning", made(&|t, v| if t < 45 { 0.0 } else { v })),
        ("one spike", made(&|t, _| if t == 40 { 1e12 } else { 0.0 })),
        ("spike at the end", made(&|t, v| if t == 59 { 1e200 } else { v })),
        ("growth", made(&|t, _| 1.9_f64.powi(t as i32))),
        ("fall", made(&|t, _| 0.3_f64.powi(t as i32))),
        ("no noise", made(&|t, _| (t % 7) as f64)),
        ("a line", made(&|t, _| t as f64)),
        ("a step", made(&|t, _| if t < 30 { 1.0 } else { 1e9 })),
    ];
    for (name, values) in cases {
        let panel = Panel::from_values(&values, 7);
        let fitted = fit(&quick(), &panel, 9);
        let said = fitted.predict(&panel).unwrap().remove(0);
        assert!(is_sound(&said, 9), "{name}: {said:?}");
        assert!(fitted.hindcasts().iter().all(|hindcast| is_sound(&hindcast.forecast, 9)), "{name}");
        let folder = tempfile::tempdir().unwrap();
        fitted.save(folder.path()).unwrap();
        let loaded = model::load(folder.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(loaded.predict(&panel).unwrap().remove(0), said, "{name}");
    }
}

#[test]
fn another_unit_gives_the_same_forecast_in_that_unit() {
    let values = weekly(70, 7);
    let usual = forecast(&quick(), &Panel::from_values(&values, 7), 7);
    for factor in [2.0_f64.powi(-60), 2.0_f64.powi(80), -1.0] {
        let moved: Vec<f64> = values.iter().map(|v| v * factor).collect();
        let said = forecast(&quick(), &Panel::from_values(&moved, 7), 7);
        let largest = 200.0 * factor.abs();
        let near = said.median().iter().zip(usual.median()).all(|(a, b)| (a - b * factor).abs() < 0.02 * largest);
        assert!(near, "{factor}: {:?} {:?}", said.median(), usual.median());
    }
}

/// A season of 288 steps that is dark for half of it: no division by what is nothing at night.
#[test]
fn nights_of_zeros_do_no_harm() {
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let mut cloud = 1.0_f64;
    let values: Vec<f64> = (0..288 * 8)
        .map(|t| {
            let sun = (std::f64::consts::TAU * f64::from(t % 288) / 288.0).sin().max(0.0);
            cloud = (1.0 + 0.97 * (cloud - 1.0) + 0.08 * rng.sample::<f64, _>(StandardNormal)).clamp(0.1, 1.5);
            800.0 * sun * cloud
        })
        .collect();
    let known = 288 * 7;
    let horizon = 144;
    let panel = Panel::from_values(&values[..known], 288);
    let said = forecast(&quick(), &panel, horizon);
    let naive = Baseline::SeasonalNaive.fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
    let naive = naive.predict(&panel).unwrap().remove(0);
    let was = &values[known..known + horizon];
    let (own, bar) = (mean_absolute_error(said.median(), was), mean_absolute_error(naive.median(), was));
    assert!(own < bar, "{own} against {bar}");
    assert!(is_sound(&said, horizon) && all_values(&said).all(|v| (0.0..4000.0).contains(&v)));
}

/// Days of a weekly pattern from 10 January 2018 on, with three quarters less from 24 to 26 December.
fn with_turns_of_the_year(count: usize) -> Vec<f64> {
    use chrono::Datelike;
    let start = chrono::NaiveDate::from_ymd_opt(2018, 1, 10).unwrap();
    let date = |t: usize| start + chrono::Days::new(t as u64);
    let special = |t: usize| date(t).month() == 12 && (24..=26).contains(&date(t).day());
    weekly(count, 11).into_iter().enumerate().map(|(t, v)| if special(t) { v / 4.0 } else { v }).collect()
}

#[test]
fn the_turn_of_the_year_is_forecast_as_it_was_in_the_years_before() {
    let start = chrono::NaiveDate::from_ymd_opt(2018, 1, 10).unwrap();
    let end = chrono::NaiveDate::from_ymd_opt(2021, 12, 20).unwrap();
    let known = usize::try_from((end - start).num_days()).unwrap() + 1;
    let values = with_turns_of_the_year(known + 10);
    let said = forecast(&quick(), &days(2018, 1, 10, values[..known].to_vec()), 10);
    assert_eq!(said.times()[0].to_string(), "2021-12-21");
    for k in 0..10 {
        let (said, was) = (said.median()[k], values[known + k]);
        assert!((said - was).abs() < 12.0, "{k} days on: {said} for {was}");
    }
}
