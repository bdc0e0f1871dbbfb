//! The components of forecasts: they add up, and on generated series they are those that the series was made of.

use chrono::{Datelike, Days, NaiveDate};
use forecast::components::{ComponentKind, Components, reasons};
use forecast::model::stat::Baseline;
use forecast::model::{EffectKind, Forecaster, Model, SilentObserver, Task};
use forecast::panel::{Columns, Covariate, CovariateKind, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use forecast::{Auto, Forecast};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::normal;
use crate::sandbox::Sandbox;

const WEEK: [f64; 7] = [0.0, 9.0, 4.0, 12.0, 30.0, -25.0, -30.0];

/// The automatic model without networks, which need most of the time.
fn quick() -> Auto {
    Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() }
}

fn daily(values: Vec<f64>) -> Panel {
    let columns = Columns { time: Some("day".into()), target: "sales".into(), ids: Vec::new() };
    let (start, observed) = (Timestamp::date(2020, 1, 6).unwrap(), vec![true; values.len()]);
    let series = Series { key: Vec::new(), start, values, observed };
    Panel::new(columns, Frequency::DAILY, 7, vec![series]).unwrap()
}

/// `value` plus noise with a standard deviation of `size`.
fn with_noise(count: usize, size: f64, seed: u64, value: impl Fn(usize) -> f64) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|t| value(t) + size * normal(rng)).collect()
}

fn explain(forecaster: &dyn Forecaster, panel: &Panel) -> (Vec<Forecast>, Vec<Components>) {
    let (forecasts, effects) = (forecaster.predict(panel).unwrap(), forecaster.effects(panel).unwrap());
    let components = Components::of_panel(panel, &forecasts, &effects);
    (forecasts, components)
}

fn components(model: &dyn Model, panel: &Panel, horizon: usize) -> Components {
    let fit = model.fit(panel, &Task::new(horizon), &mut SilentObserver).unwrap();
    let (forecasts, mut all) = explain(fit.forecaster.as_ref(), panel);
    let own = all.remove(0);
    assert_adds_up(panel, &forecasts[0], &own);
    own
}

/// The components add up to the history and the median, whatever they are.
fn assert_adds_up(panel: &Panel, forecast: &Forecast, own: &Components) {
    let series = panel.iter().next().unwrap();
    let expected = [&series.values[own.first..], forecast.median()].concat();
    assert_eq!(own.totals, expected);
    let size = expected.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    for (at, total) in own.totals.iter().enumerate() {
        let sum: f64 = own.parts.iter().map(|part| part.values[at]).sum();
        assert!((sum - total).abs() <= 1e-8 * size, "{at}: {sum} for {total}");
    }
}

fn part<'a>(own: &'a Components, kind: &ComponentKind) -> &'a [f64] {
    &own.parts.iter().find(|part| part.kind == *kind).unwrap_or_else(|| panic!("no {kind:?} in {:?}", own.parts)).values
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

#[test]
fn components_add_up_for_every_baseline_and_any_series() {
    let series: [(&str, Vec<f64>); 8] = [
        ("season", with_noise(120, 3.0, 1, |t| 100.0 + t as f64 + WEEK[t % 7])),
        ("relative season", with_noise(120, 0.0, 2, |t| (3.0 + 0.02 * t as f64 + WEEK[t % 7] / 100.0).exp())),
        ("negative values", with_noise(90, 5.0, 3, |t| WEEK[t % 7])),
        ("zeros", (0..90).map(|t| if t % 7 > 4 { 0.0 } else { 20.0 + f64::from(t % 5) }).collect()),
        ("counts", (0..90).map(|t| f64::from(t * t % 13 / 12)).collect()),
        ("constant", vec![5.0; 40]),
        ("huge", with_noise(60, 1e305, 4, |t| 1e306 * (t % 7) as f64)),
        ("one value", vec![3.0]),
    ];
    for (name, values) in series {
        for length in [values.len(), values.len().min(2)] {
            let panel = daily(values[..length].to_vec());
            for baseline in Baseline::ALL {
                for horizon in [1, 10] {
                    let own = components(&baseline, &panel, horizon);
                    assert!(
                        own.parts.iter().flat_map(|part| &part.values).all(|v| v.is_finite()),
                        "{name} {baseline:?}"
                    );
                    let sentences = reasons(&panel, &[own]);
                    assert!(!sentences[0].contains("NaN") && !sentences[0].contains("inf"), "{name}: {sentences:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Shares have bounds at 0 and 100, counts one at 0. The levels are others than those of the fit.
    #[test]
    fn components_of_an_ensemble_add_up_within_bounds_and_at_new_levels(
        seed in 0..1_000_u64, length in 20..80_usize, horizon in 1..10_usize, is_share: bool, level in 0.01..0.99_f64,
    ) {
        let noisy = with_noise(length, 20.0, seed, |t| 60.0 + WEEK[t % 7]);
        let value = |value: f64| if is_share { value.clamp(0.0, 100.0) } else { (value - 70.0).max(0.0).round() };
        let panel = daily(noisy.into_iter().map(value).collect());
        let fit = quick().fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
        let mut levels = vec![level, 0.5];
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let forecasts = fit.forecaster.predict_at(&panel, &levels).unwrap();
        let effects = fit.forecaster.effects(&panel).unwrap();
        let all = Components::of_panel(&panel, &forecasts, &effects);
        assert_adds_up(&panel, &forecasts[0], &all[0]);
        prop_assert!(forecasts[0].median().iter().all(|value| *value >= 0.0 && (!is_share || *value <= 100.0)));
    }
}

#[test]
fn a_season_and_a_trend_are_found_as_they_are_and_the_rest_is_small() {
    let (level, season) = (|t: usize| 200.0 + 0.3 * t as f64, |t: usize| WEEK[t % 7]);
    for (seed, horizon) in [(1, 14), (2, 7), (3, 2), (4, 1)] {
        let panel = daily(with_noise(280, 2.0, seed, |t| level(t) + season(t)));
        for baseline in [Baseline::Ets, Baseline::Theta, Baseline::Arima, Baseline::Mstl, Baseline::Ridge] {
            let own = components(&baseline, &panel, horizon);
            for at in own.past()..own.totals.len() {
                let t = own.first + at;
                let [found, of_season, rest] = [ComponentKind::Level, ComponentKind::Season(7), ComponentKind::Other]
                    .map(|kind| part(&own, &kind)[at]);
                assert!((found - level(t)).abs() < 7.0, "{baseline:?} {seed} {at}: level {found}, not {}", level(t));
                assert!(
                    (of_season - season(t)).abs() < 8.0,
                    "{baseline:?} {seed} {at}: {of_season}, not {}",
                    season(t)
                );
                assert!(rest.abs() < 6.0, "{baseline:?} {seed} {at}: the rest is {rest}");
            }
            assert_eq!(largest(part(&own, &ComponentKind::Season(365))), 0.0, "there is no year");
        }
        // a model without a season has none in its forecast
        let naive = components(&Baseline::Drift, &panel, 14);
        assert!(largest(&part(&naive, &ComponentKind::Season(7))[naive.past()..]) < 1.0);
    }
}

/// The forecasts of these models start where the last value was, far from the level.
#[test]
fn the_level_has_no_jump_at_the_cutoff_wherever_the_forecast_starts() {
    let noisy = with_noise(150, 2.0, 8, |t| 200.0 + WEEK[t % 7]);
    for (last, horizon) in [(80.0, 1), (80.0, 3), (-60.0, 14), (80.0, 60)] {
        let values = noisy.iter().enumerate().map(|(t, value)| if t == 149 { value + last } else { *value });
        let (with_week, without) =
            (daily(values.clone().collect()), Panel::from_values(&values.collect::<Vec<_>>(), 1));
        for (panel, baseline) in
            [(&with_week, Baseline::Drift), (&with_week, Baseline::SeasonalNaive), (&without, Baseline::Naive)]
        {
            let own = components(&baseline, panel, horizon);
            let level = part(&own, &ComponentKind::Level);
            let jump = (level[own.past()] - level[own.past() - 1]).abs();
            assert!(jump < 0.5 * last.abs(), "{baseline:?} {horizon}: the level jumps by {jump}");
        }
    }
}

#[test]
fn a_season_that_grows_with_the_level_is_split_without_a_rest() {
    let season = |t: usize| 1.0 + WEEK[t % 7] / 100.0;
    let level = |t: usize| 100.0 * (0.006 * t as f64).exp();
    let panel = daily(with_noise(350, 0.5, 9, |t| level(t) * season(t)));
    let own = components(&Baseline::Ets, &panel, 14);
    for at in own.past()..own.totals.len() {
        let (t, size) = (own.first + at, own.totals[at]);
        let expected = level(t) * (season(t) - 1.0);
        let of_season = part(&own, &ComponentKind::Season(7))[at];
        assert!((of_season - expected).abs() < 0.05 * size, "{at}: {of_season}, not {expected}");
        assert!(part(&own, &ComponentKind::Other)[at].abs() < 0.03 * size);
    }
}

#[test]
fn noise_has_no_season() {
    let with_season = (0..20).filter(|seed| {
        let own = components(&Baseline::SeasonalNaive, &daily(with_noise(150, 5.0, *seed, |_| 50.0)), 14);
        largest(part(&own, &ComponentKind::Season(7))) > 0.0
    });
    assert!(with_season.count() <= 1);
}

#[test]
fn the_effect_of_a_covariate_is_its_distance_from_its_usual_value() {
    let (known, horizon) = (210, 7);
    let amount: Vec<f64> = (0..known + horizon).map(|t| ((t * 37) % 11) as f64).collect();
    let flag: Vec<f64> = (0..known + horizon).map(|t| f64::from(t * 7919 % 9 == 0)).collect();
    let values = with_noise(known, 1.0, 5, |t| 120.0 + WEEK[t % 7] + 6.0 * amount[t] - 35.0 * flag[t]);
    let column = |name: &str| Covariate { name: name.into(), kind: CovariateKind::Number, known_future: true };
    let columns = vec![column("price"), column("season_7")];
    let panel = daily(values).with_covariates(columns, vec![vec![amount.clone(), flag.clone()]]);
    let own = components(&quick(), &panel, horizon);
    let usual = amount[..known].iter().sum::<f64>() / known as f64;
    // of two components with similar names, one is the covariate
    let covariate = |name: &str| part(&own, &ComponentKind::Effect(EffectKind::Covariate(name.into())));
    assert_eq!(part(&own, &ComponentKind::Season(7)).len(), own.totals.len());
    // the covariates before the first step, which have an effect on it, are unknown
    for at in 1..own.totals.len() {
        let t = own.first + at;
        for (found, expected) in
            [(covariate("price")[at], 6.0 * (amount[t] - usual)), (covariate("season_7")[at], -35.0 * flag[t])]
        {
            let tolerance = if at < own.past() { 6.0 } else { 9.0 };
            assert!((found - expected).abs() < tolerance, "{t}: {found}, not {expected}");
        }
    }
}

#[test]
fn the_effect_of_a_rare_day_is_that_of_the_calendar() {
    let start = NaiveDate::from_ymd_opt(2020, 1, 6).unwrap();
    let is_last = |t: usize| (start + Days::new(t as u64 + 1)).day() == 1;
    // the forecast ends after the end of January 2022
    let (known, horizon) = (745, 14);
    let values = with_noise(known, 4.0, 6, |t| (200.0 + WEEK[t % 7]) * if is_last(t) { 1.8 } else { 1.0 });
    let panel = daily(values);
    let fit = quick().fit(&panel, &Task::new(horizon), &mut SilentObserver).unwrap();
    let (forecasts, all) = explain(fit.forecaster.as_ref(), &panel);
    assert_adds_up(&panel, &forecasts[0], &all[0]);
    let own = &all[0];
    let calendar = part(own, &ComponentKind::Effect(EffectKind::Calendar));
    let mut days = 0;
    for (at, effect) in calendar.iter().enumerate() {
        let t = own.first + at;
        let expected = if is_last(t) { 0.8 * (200.0 + WEEK[t % 7]) } else { 0.0 };
        assert!((effect - expected).abs() < 45.0, "{t}: {effect}, not {expected}");
        days += usize::from(is_last(t) && at >= own.past());
    }
    assert_eq!(days, 1);
    let sentence = reasons(&panel, &all).remove(0);
    assert!(sentence.contains("rise of") && sentence.contains("holidays and rare days (+"), "{sentence}");
}

#[test]
fn the_run_writes_components_that_add_up_a_picture_sentences_and_a_section() {
    let sandbox = Sandbox::with_daily();
    let output = sandbox.run("--csv daily.csv -n 7 --model ets --explain --out out");
    let text = sandbox.read("out/components.csv");
    assert!(text.starts_with("date,part,value,level,season_7,season_365,other\n"), "{text}");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let number = |field: &str| field.parse::<f64>().unwrap();
    for row in &rows {
        let sum: f64 = row[3..].iter().map(|field| number(field)).sum();
        assert!((sum - number(row[2])).abs() <= 1e-9 * number(row[2]).abs(), "{row:?}");
    }
    let forecast = sandbox.read("out/forecast.csv");
    let after: Vec<&Vec<&str>> = rows.iter().filter(|row| row[1] == "forecast").collect();
    assert_eq!(after.len(), 7);
    for (row, line) in after.iter().zip(forecast.lines().skip(1)) {
        let mut fields = line.split(',');
        assert_eq!(fields.next(), Some(row[0]));
        assert!((number(row[2]) - number(fields.next().unwrap())).abs() <= 1e-6 * number(row[2]).abs());
    }
    assert!(sandbox.bytes("out/components.png").starts_with(b"\x89PNG"));
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("out/run.json")).unwrap();
    let sentence = run["reasons"][0]["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("The largest change of the forecast") && sentence.contains("weekly season"),
        "{sentence}"
    );
    assert!(crate::sandbox::stdout(&output).contains(sentence));
    let page = sandbox.read("out/report.html");
    assert!(page.contains("<h2>Reasons</h2>") && page.contains("components of the forecast, which add up to it"));
    let before = ["components.csv", "components.png", "report.html"].map(|name| sandbox.bytes(&format!("out/{name}")));
    sandbox.run("--csv daily.csv -n 7 --model ets --explain --out out");
    assert_eq!(
        before,
        ["components.csv", "components.png", "report.html"].map(|name| sandbox.bytes(&format!("out/{name}")))
    );
}

#[test]
fn the_terminal_explains_the_largest_series_as_the_picture_does() {
    let sandbox = Sandbox::new();
    let shops = ["a", "b", "c", "d", "e"];
    let row =
        |day: usize, at: usize| format!("2024-01-{:02},{},{}\n", day + 1, shops[at], (day % 7 + 3) * (at + 1) * 10);
    let rows: String = (0..28).flat_map(|day| (0..5).map(move |at| row(day, at))).collect();
    sandbox.write("shops.csv", &format!("day,shop,sales\n{rows}"));
    let printed = crate::sandbox::stdout(&sandbox.run("--csv shops.csv -n 3 --model drift --explain --out out"));
    let at = |shop: &str| printed.find(&format!("{shop}: The ")).unwrap_or(usize::MAX);
    assert!(at("e") < at("d") && at("d") < at("c") && at("c") < usize::MAX, "{printed}");
    assert!(at("b") == usize::MAX && printed.contains("run.json has the sentences on 2 smaller series"), "{printed}");
}

#[test]
fn residuals_of_too_few_values_are_not_written_and_a_notice_says_why() {
    let sandbox = Sandbox::new();
    sandbox.write("three.csv", "day,sales\n2024-01-01,3\n2024-01-02,5\n2024-01-03,4\n");
    let output = sandbox.run("--csv three.csv -n 2 --explain --out out");
    let note = "residuals are not written: there is no forecast at a past cutoff, and there are no one-step forecasts";
    assert!(crate::sandbox::stderr(&output).contains(note), "{}", crate::sandbox::stderr(&output));
    assert!(sandbox.names("out").iter().all(|name| !name.starts_with("residuals")));
    assert!(sandbox.read("out/run.json").contains(note));
    let page = sandbox.bytes("out/report.html");
    sandbox.run("plot out");
    assert!(sandbox.bytes("out/report.html") == page);
}

#[test]
fn a_saved_model_explains_its_forecasts_as_the_run_that_fitted_it() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 7 --model ets --explain --out fitted");
    let output = sandbox.run("predict --model fitted --csv daily.csv --explain --out later");
    assert_eq!(sandbox.read("later/components.csv"), sandbox.read("fitted/components.csv"));
    assert!(sandbox.bytes("later/components.png") == sandbox.bytes("fitted/components.png"));
    assert!(sandbox.read("later/report.html").contains("<h2>Reasons</h2>"));
    assert!(crate::sandbox::stdout(&output).contains("The largest change of the forecast"));
    sandbox.run("predict --model fitted --csv daily.csv -n 3 --explain --out start");
    let (start, whole) = (sandbox.read("start/components.csv"), sandbox.read("fitted/components.csv"));
    let rows = |text: &str| text.lines().filter(|line| line.contains(",forecast,")).count();
    assert_eq!((rows(&start), rows(&whole)), (3, 7));
}

#[test]
fn a_saved_ensemble_explains_the_start_of_its_horizon() {
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("demand.csv");
    sandbox.run("train --csv demand.csv -n 14 --budget 2s --holidays AU --out kept");
    sandbox.run("predict --model kept --csv demand.csv -n 5 --explain --out start");
    let text = sandbox.read("start/components.csv");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.iter().filter(|row| row[1] == "forecast").count(), 5);
    for row in rows {
        let numbers: Vec<f64> = row[2..].iter().map(|field| field.parse().unwrap()).collect();
        let sum: f64 = numbers[1..].iter().sum();
        assert!((sum - numbers[0]).abs() <= 1e-9 * numbers[0].abs(), "{row:?}");
    }
}
