//! The climatology, alone and as a member of the automatic model.

use std::f64::consts::TAU;

use chrono::{NaiveDate, NaiveTime};
use forecast::forecast::Forecast;
use forecast::model::auto::Auto;
use forecast::model::stat::Baseline;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::normal;

/// A daily series from 1 January 2015 on.
fn daily(values: &[f64]) -> Panel {
    let start = NaiveDate::from_ymd_opt(2015, 1, 1).unwrap().and_time(NaiveTime::MIN);
    let observed = vec![true; values.len()];
    let series = Series { key: Vec::new(), start: Timestamp::Time(start), values: values.to_vec(), observed };
    let columns = Columns { time: None, target: "value".into(), ids: Vec::new() };
    Panel::new(columns, Frequency::DAILY, 7, vec![series]).unwrap()
}

fn predict(model: &dyn Model, panel: &Panel, horizon: usize) -> Forecast {
    let fit = model.fit(panel, &Task::new(horizon), &mut SilentObserver).unwrap();
    fit.predict(panel).unwrap().remove(0)
}

/// The automatic model without networks, which need most of the time.
fn quick_auto() -> Auto {
    Auto { max_network_series: 0, ..Auto::default() }
}

fn year(t: usize) -> f64 {
    15.0 - 10.0 * (TAU * t as f64 / 365.25).cos()
}

/// The year of temperatures, and days that are alike in a row.
fn temperatures(days: usize, seed: u64) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let mut anomaly = 0.0;
    let value = |t: usize| {
        anomaly = 0.7 * anomaly + 2.0 * normal(rng);
        year(t) + anomaly
    };
    (0..days).map(value).collect()
}

fn mean_error(forecast: &Forecast, actual: impl Iterator<Item = f64>) -> f64 {
    let errors: Vec<f64> = forecast.median().iter().zip(actual).map(|(p, v)| (p - v).abs()).collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

/// Three years of four quarters, whose level rises. The normals of the last year are the means of the years before.
#[test]
fn a_short_history_agrees_with_a_computation_by_hand() {
    let values = [1.0, 5.0, 3.0, 7.0, 3.0, 7.0, 5.0, 9.0, 8.0, 12.0, 10.0, 14.0];
    let forecast = predict(&Baseline::Climatology, &Panel::from_values(&values, 4), 4);
    // the anomalies of the last year are 6 each, and the normals of the next one are (1 + 3 + 8) / 3 = 4 and so on
    let expected = [10.0, 14.0, 12.0, 16.0];
    assert!(forecast.median().iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{:?}", forecast.median());
}

#[test]
fn the_last_anomalies_fade_by_their_autocorrelation() {
    // without a year, since its amplitude is 0: anomalies of a first order autoregression around 20
    let rng = &mut ChaCha8Rng::seed_from_u64(5);
    let mut anomaly = 0.0;
    let mut values: Vec<f64> = Vec::new();
    for _ in 0..3650 {
        anomaly = 0.8 * anomaly + normal(rng);
        values.push(20.0 + anomaly);
    }
    values.extend([28.0, 28.0]);
    let median = predict(&Baseline::Climatology, &daily(&values), 60).median().to_vec();
    let level = median[59];
    assert!((level - 20.0).abs() < 2.0, "{level}");
    let ratio = (median[3] - level) / (median[0] - level);
    assert!((ratio.cbrt() - 0.8).abs() < 0.06, "{ratio}");
    assert!((median[0] - level) / (28.0 - level) > 0.7, "{median:?}");
}

#[test]
fn a_year_with_noise_is_forecast_better_than_by_seasonal_naive_and_by_one_year_before() {
    let mut errors = [0.0; 3];
    for seed in 0..8 {
        let days = 365 * 5 + 60 * seed as usize;
        let values = temperatures(days, seed);
        let panel = daily(&values[..days - 28]);
        let error =
            |baseline: Baseline| mean_error(&predict(&baseline, &panel, 28), values[days - 28..].iter().copied());
        errors[0] += error(Baseline::Climatology);
        errors[1] += error(Baseline::SeasonalNaive);
        errors[2] += (days - 28..days).map(|t| (values[t] - values[t - 365]).abs()).sum::<f64>() / 28.0;
    }
    let [own, seasonal_naive, year_before] = errors;
    assert!(own < 0.85 * seasonal_naive && own < 0.85 * year_before, "{errors:?}");
}

#[test]
fn dates_agree_over_many_years_with_leap_days() {
    let values: Vec<f64> = (0..365 * 12).map(year).collect();
    for cut in [365 * 9, 365 * 9 + 100, 365 * 11 + 200] {
        let forecast = predict(&Baseline::Climatology, &daily(&values[..cut]), 90);
        let worst = forecast.median().iter().zip(&values[cut..]).map(|(p, v)| (p - v).abs()).fold(0.0, f64::max);
        // a window of three weeks takes 0.5 % off an amplitude of 10
        assert!(worst < 0.2, "{cut}: {worst}");
    }
}

#[test]
fn a_horizon_of_several_years_repeats_the_year() {
    let values: Vec<f64> = (0..1461).map(year).collect();
    let forecast = predict(&Baseline::Climatology, &daily(&values), 1200);
    let worst = forecast.median().iter().enumerate().map(|(k, p)| (p - year(1461 + k)).abs()).fold(0.0, f64::max);
    assert!(worst < 0.3, "{worst}");
}

#[test]
fn a_week_is_forecast_beside_the_year_only_if_there_is_one() {
    let week = [0.0, 1.0, 0.0, -1.0, 0.0, 9.0, 5.0];
    let noisy = temperatures(365 * 4, 3);
    let with_week: Vec<f64> = noisy.iter().enumerate().map(|(t, v)| v + week[t % 7]).collect();
    let [plain, weekly] = [&noisy, &with_week].map(|values| {
        let median = predict(&Baseline::Climatology, &daily(values), 14).median().to_vec();
        // Saturday less Tuesday, in the first and the second week
        let first = (5 + 7 * 209 - values.len()) % 7;
        median[first + 7] - median[(first + 3) % 7 + 7 * usize::from(first + 3 < 7)]
    });
    assert!(weekly - plain > 5.0, "{weekly}, {plain}");
    assert!(plain.abs() < 1.5, "{plain}");
}

#[test]
fn a_level_that_rises_each_year_is_forecast_to_rise() {
    let value = |t: usize| year(t) + 20.0 * t as f64 / 365.25;
    let values: Vec<f64> = (0..365 * 12).map(value).collect();
    let error = mean_error(&predict(&Baseline::Climatology, &daily(&values), 60), (0..60).map(|k| value(365 * 12 + k)));
    assert!(error < 0.3, "{error}");
}

#[test]
fn too_short_a_history_has_the_forecast_of_seasonal_naive() {
    let values = temperatures(300, 1);
    let [own, naive] =
        [Baseline::Climatology, Baseline::SeasonalNaive].map(|model| predict(&model, &daily(&values[..10]), 5));
    assert_eq!(own, naive);
    // ten months have a week, and no year
    assert!(predict(&Baseline::Climatology, &daily(&values), 5).median().iter().all(|v| v.is_finite()));
}

#[test]
fn the_climatology_is_a_member_of_the_automatic_model_where_there_is_a_long_season() {
    let values = temperatures(365 * 5, 2);
    let fit = |panel: &Panel| quick_auto().fit(panel, &Task::new(14), &mut SilentObserver).unwrap();
    let panel = daily(&values);
    let fitted = fit(&panel);
    let members = &fitted.report.ensemble_weights[0].members;
    let own = members.iter().find(|member| member.name == "climatology").expect("a member");
    assert!(own.weight > 0.02 && own.error.is_some(), "{members:?}");
    let forecast = fitted.predict(&panel).unwrap().remove(0);
    let folder = tempfile::tempdir().unwrap();
    fitted.forecaster.save(folder.path()).unwrap();
    let loaded = forecast::model::load(folder.path()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap().remove(0), forecast);
    // months have no long season, and 700 days have not two years
    for panel in [Panel::from_values(&values[..200], 12), daily(&values[..700])] {
        let members = fit(&panel).report.ensemble_weights.remove(0).members;
        assert!(members.iter().all(|member| member.name != "climatology"), "{members:?}");
    }
}

#[test]
fn daily_values_without_a_week_are_forecast_without_one() {
    let values = temperatures(365 * 3, 4);
    let median = predict(&quick_auto(), &daily(&values), 28).median().to_vec();
    // the mean of each weekday, less the line through the forecast
    let slope = (median[27] - median[0]) / 27.0;
    let mean_of = |day: usize| (0..4).map(|w| median[7 * w + day] - slope * (7 * w + day) as f64).sum::<f64>() / 4.0;
    let means: Vec<f64> = (0..7).map(mean_of).collect();
    let range = means.iter().copied().fold(f64::MIN, f64::max) - means.iter().copied().fold(f64::MAX, f64::min);
    assert!(range < 0.3, "{means:?}");
}
