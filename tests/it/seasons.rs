//! Seasons that are found in values, given, or those of the calendar.

use forecast::Baseline;
use forecast::backtest::Folds;
use forecast::model::{self, Model, SilentObserver, Task};
use forecast::panel::{Panel, SeasonSource, Seasons};
use forecast::read::{ReadOptions, Source, read};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::fixtures::{normal, panel};
use crate::sandbox::{Sandbox, stderr, stdout};

/// A pattern of `length` steps with mean 0 and variance 1: a wave, three waves, or any values.
fn pattern(rng: &mut ChaCha8Rng, length: usize, kind: usize) -> Vec<f64> {
    let waves = [1, 3, 0][kind % 3];
    let sizes: Vec<[f64; 2]> =
        (1..=waves).map(|wave| [normal(rng) / f64::from(wave), normal(rng) / f64::from(wave)]).collect();
    let value = |phase: usize, rng: &mut ChaCha8Rng| {
        if waves == 0 {
            return normal(rng);
        }
        let angle = |wave: usize| std::f64::consts::TAU * ((wave + 1) * phase) as f64 / length as f64;
        sizes.iter().enumerate().map(|(wave, [a, b])| a * angle(wave).sin() + b * angle(wave).cos()).sum()
    };
    let raw: Vec<f64> = (0..length).map(|phase| value(phase, rng)).collect();
    let mean = raw.iter().sum::<f64>() / length as f64;
    let spread = (raw.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / length as f64).sqrt();
    raw.into_iter().map(|value| (value - mean) / spread).collect()
}

/// Noise with variance 1: independent, or an autoregression.
fn noise(rng: &mut ChaCha8Rng, count: usize, memory: f64) -> Vec<f64> {
    let mut last = 0.0;
    let mut next = || {
        last = memory * last + (1.0 - memory * memory).sqrt() * normal(rng);
        last
    };
    (0..count + 50).map(|_| next()).skip(50).collect()
}

/// Adds a trend, outliers of eight deviations, and gaps, each to some of the series.
fn disturb(rng: &mut ChaCha8Rng, values: &mut [f64], number: usize) {
    let count = values.len() as f64;
    for (t, value) in values.iter_mut().enumerate() {
        let share = t as f64 / count;
        *value += 100.0 + [0.0, 6.0 * share, 8.0 * share * share][number % 3];
        if number % 2 == 1 && rng.random_bool(0.02) {
            *value += 8.0 * normal(rng).signum();
        }
        if number % 4 == 2 && t > 0 && rng.random_bool(0.1) {
            *value = f64::NAN;
        }
    }
}

/// A series whose seasons are known, with noise whose variance is at most that of a season.
fn with_seasons(seed: u64, seasons: &[usize], count: usize) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let number = seed as usize;
    let mut values = noise(rng, count, [0.0, 0.5][number / 2 % 2]);
    for length in seasons {
        let (pattern, size) = (pattern(rng, *length, number), rng.random_range(1.0..2.5));
        values.iter_mut().enumerate().for_each(|(t, value)| *value += size * pattern[t % length]);
    }
    disturb(rng, &mut values, number);
    values
}

/// A series without a season: noise, a random walk with or without drift, a cycle that loses its phase, counts with
/// many zeros, or a shift of the level.
fn without_season(seed: u64, count: usize) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(1_000 + seed);
    let number = seed as usize;
    let steps = noise(rng, count, 0.0);
    let sums = |drift: f64| {
        let sum = |total: &mut f64, step: &f64| {
            *total += step + drift;
            Some(*total)
        };
        steps.iter().scan(0.0, sum).collect::<Vec<f64>>()
    };
    let mut values = match number % 8 {
        0 => steps,
        1 => noise(rng, count, 0.6),
        2 => noise(rng, count, 0.9),
        3 => sums(0.0),
        4 => sums(0.3),
        5 => (2..count + 2).fold(vec![0.0, 0.0], |mut cycle, t| {
            let next = 1.4 * cycle[t - 1] - 0.8 * cycle[t - 2] + steps[t - 2];
            cycle.push(next);
            cycle
        }),
        6 => {
            return (0..count)
                .map(|_| if rng.random_bool(0.3) { f64::from(rng.random_range(1..6)) } else { 0.0 })
                .collect();
        }
        _ => steps.iter().enumerate().map(|(t, step)| if 2 * t < count { *step } else { step + 5.0 }).collect(),
    };
    disturb(rng, &mut values, number / 8);
    values
}

/// 120 series have one season or two, 80 have none.
#[test]
fn known_seasons_are_found_and_chance_is_none() {
    let one = [(4, 80), (7, 90), (12, 96), (12, 144), (24, 240), (7, 200), (52, 300), (10, 120)];
    let two = [([24, 168], 1_200), ([7, 365], 1_500)];
    let (mut right, mut invented, mut wrong) = (0, 0, Vec::new());
    for seed in 0..200 {
        let number = seed as usize;
        let (expected, values) = match number {
            0..80 => {
                let (length, count) = one[number % one.len()];
                (vec![length], with_seasons(seed, &[length], count))
            }
            80..120 => {
                let (lengths, count) = two[number % two.len()];
                (lengths.to_vec(), with_seasons(seed, &lengths, count))
            }
            _ => (Vec::new(), without_season(seed, [48, 96, 150, 400][number / 8 % 4])),
        };
        let found = Seasons::of_values(&[values]);
        right += usize::from(found.lengths() == expected);
        invented += usize::from(found.lengths().iter().any(|length| !expected.contains(length)));
        if found.lengths() != expected {
            wrong.push((seed, expected, found.lengths().to_vec()));
        }
    }
    assert!(right >= 190 && invented <= 4, "{right} right, {invented} with a season that is none: {wrong:?}");
}

/// A plain pattern of twelve steps, and noise that repeats in no step.
fn monthly(count: usize) -> Vec<f64> {
    let pattern = [10.0, 12.0, 14.0, 19.0, 26.0, 40.0, 70.0, 99.0, 60.0, 33.0, 20.0, 13.0];
    (0..count).map(|t| pattern[t % 12] + (t * 7919 % 101) as f64 / 100.0).collect()
}

fn column(values: &[f64]) -> String {
    let lines: Vec<String> = values.iter().map(|value| format!("{value:.2}\n")).collect();
    format!("v\n{}", lines.concat())
}

#[test]
fn a_series_without_dates_repeats_its_season_and_the_output_names_it() {
    let sandbox = Sandbox::new();
    sandbox.write("v.csv", &column(&monthly(60)));
    let said = sandbox.run("--csv v.csv -n 12 --model seasonal-naive --out found");
    assert!(stderr(&said).contains("season: 12 steps, found in the values"), "{}", stderr(&said));
    let record: Value = serde_json::from_slice(&sandbox.bytes("found/run.json")).unwrap();
    assert_eq!(record["data"]["seasons"], json!({"lengths": [12], "source": "values"}));
    let medians = |folder: &str| -> Vec<f64> {
        let forecast = sandbox.read(&format!("{folder}/forecast.csv"));
        forecast.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect()
    };
    let of_last_year: Vec<f64> = monthly(60).into_iter().skip(48).collect();
    assert!(medians("found").iter().zip(&of_last_year).all(|(median, last)| (median - last).abs() < 0.01));

    let said = sandbox.run("--csv v.csv -n 12 --model seasonal-naive --season none --out none");
    assert!(stderr(&said).contains("season: none, from --season"), "{}", stderr(&said));
    assert!(medians("none").iter().all(|median| (median - of_last_year[11]).abs() < 0.01));
    let given = sandbox.run("inspect --csv v.csv --season 24,6");
    assert!(stdout(&given).contains("index, season 6 and 24 steps, from --season"), "{}", stdout(&given));
    let found = sandbox.run("inspect --csv v.csv");
    assert!(stdout(&found).contains("index, season 12 steps, found in the values"), "{}", stdout(&found));
}

#[test]
fn a_peak_at_the_end_does_not_hide_a_season() {
    let pattern = [10.0, 12.0, 13.0, 13.5, 80.0, 20.0, 17.0, 18.0, 62.0, 10.5, 12.0, 99.0];
    let values: Vec<f64> = (0..36).map(|t| pattern[t % 12] + (t * 7919 % 101) as f64 / 50.0).collect();
    assert_eq!(Seasons::of_values(&[values]).lengths(), [12]);
}

/// At the only fold, the season is not known yet. Neither seasonal naive as the model nor as the baseline knows it.
#[test]
fn the_baseline_knows_no_season_that_only_later_values_show() {
    let sandbox = Sandbox::new();
    sandbox.write("v.csv", &column(&monthly(48)));
    let output = sandbox.run("backtest --csv v.csv -n 26 --model seasonal-naive --out tested");
    assert!(stderr(&output).contains("season: 12 steps, found in the values"), "{}", stderr(&output));
    let record: Value = serde_json::from_slice(&sandbox.bytes("tested/run.json")).unwrap();
    assert_eq!(record["verdict"]["skill"], 0.0, "{}", record["verdict"]);
}

#[test]
fn seasons_that_cannot_be_are_refused_with_a_hint() {
    let sandbox = Sandbox::new();
    sandbox.write("v.csv", &column(&monthly(60)));
    for (season, code) in
        [("31", 2), ("12,40", 2), ("0", 2), ("1,12", 2), ("2.5", 2), ("-3", 2), ("200000", 2), ("weekly", 2)]
    {
        let output = sandbox.forecast(&format!("--csv v.csv -n 12 --season {season}")).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{season}: {said}");
        assert!(said.contains("season") && (said.contains("hint: ") || said.contains("none")), "{season}: {said}");
    }
}

#[test]
fn a_saved_model_keeps_its_season() {
    let sandbox = Sandbox::new();
    sandbox.write("v.csv", &column(&monthly(60)));
    sandbox.run("train --csv v.csv -n 12 --model seasonal-naive --out trained");
    // two years alone do not show the season
    sandbox.write("newer.csv", &column(&monthly(24)));
    assert!(stdout(&sandbox.run("inspect --csv newer.csv")).contains("season none found in the values"));
    let said = sandbox.run("predict --model trained --csv newer.csv --out predicted");
    assert!(stderr(&said).contains("season: 12 steps, as in the model"), "{}", stderr(&said));
    assert!(sandbox.read("predicted/forecast.csv").lines().nth(8).unwrap().contains("99"));
}

/// The first values are noise, so that only later values show the season.
#[test]
fn later_values_do_not_choose_the_season_of_an_earlier_cutoff() {
    let rng = &mut ChaCha8Rng::seed_from_u64(5);
    let mut values: Vec<f64> = (0..36).map(|_| 30.0 + normal(rng)).collect();
    values.extend(monthly(108));
    let whole = panel(vec![values.clone()], 1).with_seasons_of_values();
    assert_eq!((whole.season(), whole.seasons().source()), (12, SeasonSource::Values));
    let known = whole.without_last(108, 1).unwrap();
    assert_eq!((known.season(), known.seasons().source()), (1, SeasonSource::Values));
    // the default folds have the same season
    let folds = Folds::default_for(&whole, 24, 24, true).unwrap();
    let seasons: Vec<usize> = (1..=folds.count).map(|number| folds.history(&whole, number).unwrap().season()).collect();
    assert!(!seasons.is_empty() && seasons.iter().all(|season| *season == 12), "{seasons:?}");
    assert!(folds.count < Folds::DEFAULT_COUNT);

    // other values after a cutoff change nothing before it
    let changed = values.iter().enumerate().map(|(t, v)| if t < 100 { *v } else { 30.0 + *v % 1.0 });
    let before = |values: Vec<f64>| panel(vec![values], 1).with_seasons_of_values().without_last(44, 1).unwrap();
    assert_eq!(before(changed.collect()), before(values));
}

/// Given seasons and those of the calendar are not searched for.
#[test]
fn only_an_index_is_searched_for_seasons() {
    let rows = |time: &dyn Fn(usize) -> String, name: &str| -> String {
        let values = monthly(60);
        let rows: Vec<String> = (0..60).map(|t| format!("{},{}\n", time(t), values[t])).collect();
        format!("{name},v\n{}", rows.concat())
    };
    let day =
        |t: usize| (chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(t as u64)).to_string();
    let seasons = |text: String, options: ReadOptions| {
        read(&Source::Bytes(text.into()), &options).unwrap().panel.seasons().clone()
    };
    let found = seasons(rows(&|t| t.to_string(), "t"), ReadOptions::default());
    assert_eq!(found.to_string(), "12 steps, found in the values");
    let days = seasons(rows(&day, "day"), ReadOptions::default());
    assert_eq!(days.to_string(), "7 and 365 steps, from the calendar");
    let years = seasons(rows(&|t| (1950 + t).to_string(), "year"), ReadOptions::default());
    assert_eq!(years.to_string(), "none");
    let given = seasons(rows(&day, "day"), ReadOptions { seasons: Some(vec![12]), ..ReadOptions::default() });
    assert_eq!(given.to_string(), "12 steps, as requested");
    assert_eq!(Panel::from_values(&monthly(60), 6).seasons().lengths(), [6]);
}

/// Short series alone do not show their season; together they do.
#[test]
fn series_share_the_evidence_for_their_season() {
    let series = |seed: u64| {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let pattern = pattern(rng, 12, 2);
        (0..50).map(|t| 0.8 * pattern[t % 12] + normal(rng)).collect::<Vec<f64>>()
    };
    let all: Vec<Vec<f64>> = (0..40).map(series).collect();
    let alone = all.iter().filter(|one| Seasons::of_values(&[(*one).clone()]).lengths() == [12]).count();
    assert!(alone < 20, "{alone}");
    assert_eq!(Seasons::of_values(&all).lengths(), [12]);
    // the same noise in all of them is no evidence
    let rng = &mut ChaCha8Rng::seed_from_u64(77);
    let shared = noise(rng, 80, 0.3);
    let alike: Vec<Vec<f64>> =
        (0..40).map(|_| shared.iter().map(|value| value + 0.1 * normal(rng)).collect()).collect();
    assert_eq!(Seasons::of_values(&alike).lengths(), [0; 0]);
}

/// A backtest of a network of all series, whose holdouts know no later season either.
#[test]
fn models_of_a_panel_use_the_season_that_was_found() {
    let all = (0..3).map(|series| monthly(72).iter().map(|value| value * (1.0 + f64::from(series))).collect());
    let found = panel(all.collect(), 1).with_seasons_of_values();
    assert_eq!(found.season(), 12);
    let naive = Baseline::SeasonalNaive.fit(&found, &Task::new(3), &mut SilentObserver).unwrap();
    assert_eq!(naive.forecaster.seasons(), Some(vec![12]));
    let ridge = model::named("ridge").unwrap().fit(&found, &Task::new(12), &mut SilentObserver).unwrap();
    let forecast = ridge.predict(&found).unwrap().remove(0);
    assert!((forecast.median()[7] - 99.0).abs() < 8.0, "{:?}", forecast.median());
}
