//! The baselines against numbers that were computed by hand from the formulas of the textbook, and their laws.

use std::f64::consts::PI;

use forecast::forecast::Forecast;
use forecast::model::stat::Baseline;
use forecast::model::{self, Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

fn predict(baseline: Baseline, values: &[f64], season: usize, horizon: usize) -> Forecast {
    let panel = Panel::from_values(values, season);
    let fitted = baseline.fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
    fitted.predict(&panel).unwrap().remove(0)
}

fn assert_near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "{got:?} is not {expected:?}");
}

/// Student's t at 97.5 %, for 2, 3 and 4 degrees of freedom.
const T2: f64 = 4.302_653;
const T3: f64 = 3.182_446;
const T4: f64 = 2.776_445;

#[test]
fn naive_repeats_the_last_value_and_widens_with_the_root_of_the_steps() {
    let forecast = predict(Baseline::Naive, &[11.0, 13.0, 12.0, 15.0], 1, 2);
    let sigma = (14.0_f64 / 3.0).sqrt();
    assert_near(forecast.median(), &[15.0, 15.0]);
    assert_near(forecast.interval(95.0).unwrap().1, &[15.0 + T3 * sigma, 15.0 + T3 * sigma * 2.0_f64.sqrt()]);
}

/// Fisher & Yates (1963), *Statistical Tables for Biological, Agricultural and Medical Research*, table III; Cauchy's
/// distribution in closed form.
#[test]
fn the_quantiles_of_naive_are_those_of_students_t() {
    let table = [
        (1, 0.975, 12.706),
        (2, 0.975, 4.303),
        (3, 0.975, 3.182),
        (4, 0.9, 1.533),
        (5, 0.995, 4.032),
        (10, 0.975, 2.228),
        (10, 0.9, 1.372),
        (30, 0.9, 1.310),
        (30, 0.975, 2.042),
        (120, 0.975, 1.980),
    ];
    let published = table.map(|(freedom, level, t)| (freedom, level, t, 6e-4));
    // with many degrees of freedom it is the normal distribution
    let normal = [(0.9, 1.281_551_6), (0.975, 1.959_964), (0.999, 3.090_232_3), (1.0 - 1e-6, 4.753_424)];
    let normal = normal.map(|(level, z)| (1_000_000, level, z, 4e-5));
    let exact = (1, 0.9, (PI * 0.4).tan(), 1e-9);
    for (freedom, level, t, tolerance) in published.into_iter().chain(normal).chain([exact]) {
        // each error is 1 or -1
        let values: Vec<f64> = (0..=freedom).map(|step| -f64::from(step % 2)).collect();
        let panel = Panel::from_values(&values, 1);
        let task = Task { levels: vec![1.0 - level, 0.5, level], ..Task::new(1) };
        let fitted = Baseline::Naive.fit(&panel, &task, &mut SilentObserver).unwrap();
        let forecast = fitted.predict(&panel).unwrap().remove(0);
        let [low, middle, high] = [0, 1, 2].map(|i| forecast.quantiles()[i].values[0] - values[values.len() - 1]);
        assert!((high - t).abs() < tolerance && (low + high).abs() < 1e-9, "t({freedom}, {level}): {low}, {high}");
        assert!(middle == 0.0, "t({freedom}, 0.5): {middle}");
    }
}

#[test]
fn seasonal_naive_repeats_the_season_and_widens_once_a_season() {
    let forecast = predict(Baseline::SeasonalNaive, &[20.0, 30.0, 22.0, 29.0, 25.0, 33.0], 2, 3);
    let sigma = ((4.0 + 1.0 + 9.0 + 16.0) / 4.0_f64).sqrt();
    assert_near(forecast.median(), &[25.0, 33.0, 25.0]);
    let widths = [T4 * sigma, T4 * sigma, T4 * sigma * 2.0_f64.sqrt()];
    assert_near(forecast.interval(95.0).unwrap().0, &[25.0 - widths[0], 33.0 - widths[1], 25.0 - widths[2]]);
}

#[test]
fn drift_continues_the_line_through_the_ends() {
    let forecast = predict(Baseline::Drift, &[101.0, 103.0, 102.0, 107.0], 1, 2);
    // slope 2; errors 0, -3, 3 with one parameter estimated
    let sigma = 3.0;
    assert_near(forecast.median(), &[109.0, 111.0]);
    let width = |h: f64| T2 * sigma * (h * (1.0 + h / 3.0)).sqrt();
    assert_near(forecast.interval(95.0).unwrap().1, &[109.0 + width(1.0), 111.0 + width(2.0)]);
}

#[test]
fn mean_has_an_interval_of_constant_width() {
    let forecast = predict(Baseline::Mean, &[41.0, 44.0, 47.0], 1, 2);
    assert_near(forecast.median(), &[44.0, 44.0]);
    assert_near(forecast.interval(95.0).unwrap().1, &[44.0 + T2 * 3.0 * (4.0_f64 / 3.0).sqrt(); 2]);
}

fn panel_with_gaps(values: Vec<f64>, observed: Vec<bool>) -> Panel {
    let columns = Columns { time: None, target: "value".into(), ids: Vec::new() };
    let series = Series { key: Vec::new(), start: Timestamp::Index(1), values, observed };
    Panel::new(columns, Frequency::INDEX, 1, vec![series]).unwrap()
}

#[test]
fn filled_values_have_no_residual() {
    let panel = panel_with_gaps(vec![10.0, 10.0, 500.0, 10.0, 10.0], vec![true, true, false, true, true]);
    for baseline in [Baseline::Naive, Baseline::Mean] {
        let fitted = baseline.fit(&panel, &Task::new(1), &mut SilentObserver).unwrap();
        let forecast = &fitted.predict(&panel).unwrap()[0];
        assert_eq!(forecast.interval(95.0).unwrap(), (&[10.0][..], &[10.0][..]), "{}", baseline.name());
    }
}

#[test]
fn filled_values_are_not_training_targets_of_ridge() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let mut values = vec![55.0, 47.0];
    for n in 2..300 {
        values.push(0.4 * values[n - 1] + 0.6 * values[n - 2] + rng.sample::<f64, _>(StandardNormal));
    }
    let path = |values: &[f64], observed: Vec<bool>| {
        let panel = panel_with_gaps(values.to_vec(), observed);
        let fitted = Baseline::Ridge.fit(&panel, &Task::new(5), &mut SilentObserver).unwrap();
        fitted.predict(&panel).unwrap()[0].median().to_vec()
    };
    let gapless = path(&values, vec![true; 300]);
    // a filled value is a lag, but not a target
    let last = values[119];
    values[120..125].fill(last);
    let gap = path(&values, (0..300).map(|t| !(120..125).contains(&t)).collect());
    let far = gapless.iter().zip(&gap).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far > 0.0 && far < 0.5, "{far}");
}

#[test]
fn a_folder_without_a_usable_model_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let message = |text: &str| {
        std::fs::write(folder.path().join("settings.json"), text).unwrap();
        model::load(folder.path()).unwrap_err().to_string()
    };
    assert!(message("{").contains("settings.json"));
    assert!(message(r#"{"model": "oracle", "format_version": 1}"#).contains("`oracle`"));
    let newer = r#"{"model": "naive", "format_version": 99, "wings": 2}"#;
    assert!(message(newer).contains("format 99"));
    let older = r#"{"model": "naive", "version": 1, "season": 1, "horizon": 1, "levels": [0.5]}"#;
    assert!(message(older).contains("saved by version 0.1.0; train the model again with this version"));
    let fitted = r#"{"baseline": "naive", "season": 0, "horizon": 1, "levels": [0.5]}"#;
    let unsound = format!(r#"{{"model": "naive", "format_version": 1, "fitted": {fitted}}}"#);
    assert!(message(&unsound).contains("inconsistent"));
}

#[test]
fn the_smallest_and_the_largest_numbers_are_forecast() {
    for size in [1e-310, 1e300, f64::MAX / 8.0] {
        let values: Vec<f64> = (0..40).map(|t| size * [1.0, -3.0, 5.0, 2.0, 7.0][t % 5]).collect();
        for baseline in Baseline::ALL {
            assert!(is_finite(&predict(baseline, &values, 5, 7)), "{}", baseline.name());
        }
    }
}

fn is_finite(forecast: &Forecast) -> bool {
    forecast.quantiles().iter().flat_map(|q| &q.values).all(|v| v.is_finite())
}

#[test]
fn forecasts_of_extreme_values_are_finite_and_as_long_as_the_horizon() {
    let wave = |t: usize, size: f64| size * (3.0 + (2.0 * PI * t as f64 / 7.0).sin() + (t % 5) as f64 / 7.0);
    let extremes: [(&str, &dyn Fn(usize) -> f64); 16] = [
        ("constant", &|_| 0.1),
        ("zeros", &|_| 0.0),
        ("negative zeros", &|t| if t % 2 == 0 { 0.0 } else { -0.0 }),
        ("huge", &|t| wave(t, 1e307)),
        ("huge both ways", &|t| if t % 2 == 0 { f64::MAX } else { f64::MIN }),
        ("tiny", &|t| wave(t, 1e-310)),
        ("tiny and huge", &|t| wave(t, if t % 9 == 0 { 1e300 } else { 1e-300 })),
        ("negative", &|t| -wave(t, 40.0)),
        ("a step", &|t| if t < 45 { 1.0 } else { 1e9 }),
        ("one spike", &|t| if t == 60 { 1e12 } else { 0.0 }),
        ("spike at the end", &|t| if t == 89 { 1e200 } else { 1.0 }),
        ("growth", &|t| 1.9_f64.powi(t as i32)),
        ("fall", &|t| 0.3_f64.powi(t as i32)),
        ("season without noise", &|t| (t % 7) as f64),
        ("a line", &|t| t as f64),
        ("a season with noise", &|t| wave(t, 2.0)),
    ];
    for (name, value) in extremes {
        for season in [1, 2, 3, 7, 12, 24, 25, 48, 1000] {
            for length in [1, 2, 10, 13, (2 * season).min(90), 90] {
                let values: Vec<f64> = (0..length).map(value).collect();
                for baseline in Baseline::ALL {
                    let forecast = predict(baseline, &values, season, 9);
                    let is_sound = forecast.median().len() == 9 && is_finite(&forecast);
                    assert!(is_sound, "{}, {name}, season {season}, {length} values", baseline.name());
                }
            }
        }
    }
}

#[test]
fn a_power_of_two_as_unit_scales_the_forecast() {
    let values: Vec<f64> = (0..80).map(|t| f64::from(50 + t * 7919 % 13 + t % 12)).collect();
    let scaled: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
    for baseline in Baseline::ALL {
        let (before, after) = (predict(baseline, &values, 12, 5), predict(baseline, &scaled, 12, 5));
        for (a, b) in before.median().iter().zip(after.median()) {
            assert!((a * 1024.0 / b - 1.0).abs() < 1e-9, "{}: {a} {b}", baseline.name());
        }
    }
}

fn noise(t: usize) -> f64 {
    (t * 7919 % 101) as f64 / 500.0 - 0.1
}

#[test]
fn comb_follows_part_of_a_trend() {
    let values: Vec<f64> = (0..80).map(|t| 50.0 + 0.5 * t as f64 + noise(t)).collect();
    let forecast = predict(Baseline::Comb, &values, 1, 10);
    let (path, flat, line) = (forecast.median(), 50.0 + 0.5 * 79.0, 50.0 + 0.5 * 89.0);
    // one of its methods follows the whole trend, another follows none of it
    let third = (line - flat) / 3.0;
    assert!(path[9] > flat + 0.8 * third && path[9] < line - 0.8 * third && path.is_sorted(), "{path:?}");
}

#[test]
fn comb_contains_the_season() {
    let wave = |t: usize| 200.0 + [30.0, -10.0, -30.0, 10.0][t % 4];
    let values: Vec<f64> = (0..60).map(|t| wave(t) + noise(t)).collect();
    for (k, predicted) in predict(Baseline::Comb, &values, 4, 8).median().iter().enumerate() {
        assert!((predicted - wave(k)).abs() < 1.5, "step {k}: {predicted}");
    }
}

/// Monthly demand of a spare part. `CrostonSBA` of `StatsForecast` 2.1.1 forecasts 0.935 366 695 289 9 after it, and
/// `TSB(0.1, 0.1)` 0.804 065 102 259 0.
const DEMAND: [f64; 36] = [
    0.0, 2.0, 0.0, 1.0, 0.0, 11.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 6.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 3.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0,
];

#[test]
fn croston_corrects_the_bias_of_continuing_demand_and_forecasts_little_after_demand_has_ended() {
    let rate = |zeros: usize| predict(Baseline::Croston, &[&DEMAND[..], &vec![0.0; zeros]].concat(), 1, 1).median()[0];
    assert!((rate(0) - 0.935_366_695_289_9).abs() < 1e-12, "{}", rate(0));
    for zeros in [24, 60] {
        // the probability of a demand falls by a tenth at each step
        let expected = 0.804_065_102_259_0 * 0.9_f64.powi(zeros as i32);
        assert!((rate(zeros) / expected - 1.0).abs() < 1e-11, "{zeros} zeros: {}", rate(zeros));
    }
}

#[test]
fn croston_smooths_demand_without_zeros_and_corrects_no_bias() {
    let forecast = predict(Baseline::Croston, &[4.0, 6.0, 4.0, 6.0, 5.0, 5.0], 1, 2);
    assert_near(forecast.median(), &[4.483_22, 4.483_22]);
}

#[test]
fn a_line_with_an_exact_season_is_continued_exactly() {
    for season in 2..9 {
        let index = |t: usize| 2.0 * (t % season) as f64 - (season - 1) as f64;
        let additive = |t: usize| 50.0 + 0.1 * t as f64 + index(t);
        let multiplicative = |t: usize| 50.0 + 5.0 * index(t);
        let error = |baseline: Baseline, value: &dyn Fn(usize) -> f64| {
            let values: Vec<f64> = (0..6 * season).map(value).collect();
            let forecast = predict(baseline, &values, season, season);
            (6 * season..).zip(forecast.median()).map(|(t, v)| (v - value(t)).abs()).fold(0.0, f64::max)
        };
        assert!(error(Baseline::Ets, &additive) < 1e-9 && error(Baseline::Ets, &multiplicative) < 1e-9, "{season}");
        // the test for a season needs four steps
        assert_eq!(error(Baseline::Theta, &multiplicative) < 1e-9, season >= 4, "{season}");
    }
}

#[test]
fn hours_have_a_weekly_season_in_addition_to_the_daily_one() {
    let start = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN);
    let at = |t: usize| [10.0, 30.0][usize::from(t / 24 % 7 < 5)] + [0.0, 5.0, 9.0][t % 24 / 8];
    let values: Vec<f64> = (0..24 * 7 * 4).map(at).collect();
    let observed = vec![true; values.len()];
    let series = Series { key: Vec::new(), start: Timestamp::Time(start), values, observed };
    let columns = Columns { time: None, target: "value".into(), ids: Vec::new() };
    let panel = Panel::new(columns, Frequency::HOURLY, 24, vec![series]).unwrap();
    let fitted = Baseline::Mstl.fit(&panel, &Task::new(24 * 7), &mut SilentObserver).unwrap();
    let forecast = fitted.predict(&panel).unwrap().remove(0);
    let worst = forecast.median().iter().enumerate().map(|(k, v)| (v - at(k)).abs()).fold(0.0, f64::max);
    assert!(worst < 1.0, "off by {worst}");
}

fn any_baseline() -> impl Strategy<Value = Baseline> {
    prop::sample::select(Baseline::ALL.to_vec())
}

/// The baselines whose forecast shifts with the values. The others use factors or treat 0 in a special way.
fn any_shift_equivariant_baseline() -> impl Strategy<Value = Baseline> {
    prop::sample::select(vec![
        Baseline::Naive,
        Baseline::SeasonalNaive,
        Baseline::Drift,
        Baseline::Mean,
        Baseline::Climatology,
    ])
}

fn values(low: f64) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(low..1e6, 1..40)
}

proptest! {
    #[test]
    fn intervals_are_nested_around_the_median(b in any_baseline(), y in values(-1e6), season in 1..9_usize, horizon in 1..20_usize) {
        let forecast = predict(b, &y, season, horizon);
        let (low_80, high_80) = forecast.interval(80.0).unwrap();
        let (low_95, high_95) = forecast.interval(95.0).unwrap();
        for k in 0..horizon {
            let row = [low_95[k], low_80[k], forecast.median()[k], high_80[k], high_95[k]];
            prop_assert!(row.windows(2).all(|w| w[0] <= w[1]), "{row:?}");
        }
    }

    #[test]
    fn a_forecast_is_not_negative_if_the_history_is_not(b in any_baseline(), y in values(0.0), season in 1..9_usize) {
        let forecast = predict(b, &y, season, 12);
        prop_assert!(forecast.quantiles().iter().flat_map(|q| &q.values).all(|v| *v >= 0.0));
    }

    #[test]
    fn a_constant_series_is_forecast_as_that_constant(b in any_baseline(), level in -1e6..1e6_f64, count in 1..40_usize, season in 1..9_usize) {
        let forecast = predict(b, &vec![level; count], season, 9);
        prop_assert!(forecast.quantiles().iter().flat_map(|q| &q.values).all(|v| *v == level));
    }

    #[test]
    fn a_linear_change_of_unit_changes_the_forecast_alike(b in any_shift_equivariant_baseline(), mut y in values(-1e6), season in 1..9_usize) {
        // a forecast of a history without negative values is limited to 0, but one of the shifted history is not
        y.push(-1.0);
        let moved: Vec<f64> = y.iter().map(|v| 4.0 * v - 2e6).collect();
        let (before, after) = (predict(b, &y, season, 5), predict(b, &moved, season, 5));
        for (q, moved) in before.quantiles().iter().zip(after.quantiles()) {
            for (v, m) in q.values.iter().zip(&moved.values) {
                prop_assert!((4.0 * v - 2e6 - m).abs() <= 1e-6 * m.abs().max(2e6), "{v} {m}");
            }
        }
    }

    #[test]
    fn a_loaded_model_gives_the_same_forecast(b in any_baseline(), y in values(-1e6), season in 1..9_usize, horizon in 1..9_usize) {
        let panel = Panel::from_values(&y, season);
        let fitted = b.fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fitted.forecaster.save(folder.path()).unwrap();
        let loaded = model::load(folder.path()).unwrap();
        prop_assert_eq!(loaded.predict(&panel).unwrap(), fitted.predict(&panel).unwrap());
        prop_assert_eq!(model::saved_name(folder.path()).unwrap(), b.name());
    }
}
