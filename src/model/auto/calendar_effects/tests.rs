//! Tests of the effects of rare days on generated series.

use chrono::{Datelike, Days, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::*;
use crate::panel::covariates::{Covariate, CovariateKind};
use crate::time::Frequency;

const WEEK: [f64; 7] = [100.0, 104.0, 98.0, 102.0, 120.0, 150.0, 60.0];

fn date(t: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + Days::new(t as u64)
}

/// Daily values with a weekly pattern, noise of 5 % and a factor on some dates.
fn daily(count: usize, seed: u64, factor: impl Fn(NaiveDate) -> f64) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let value = |t: usize| WEEK[t % 7] * (0.05 * rng.sample::<f64, _>(StandardNormal)).exp() * factor(date(t));
    (0..count).map(value).collect()
}

fn effects(values: &[f64], exogenous: Option<ExogenousData<'_>>, horizon: usize) -> Option<CalendarEffects> {
    let observed = vec![true; values.len()];
    CalendarEffects::estimate(&series(values, &observed), exogenous, horizon)
}

fn series<'a>(values: &'a [f64], observed: &'a [bool]) -> TimeSeries<'a> {
    let start = Timestamp::date(2019, 1, 1).unwrap();
    TimeSeries { key: &[], start, frequency: Frequency::DAILY, values, observed }
}

/// The factors after the end of a series, by date.
fn factors(values: &[f64], horizon: usize) -> Vec<(NaiveDate, f64)> {
    let after = effects(values, None, horizon).map_or_else(Vec::new, |effects| effects.after(values.len()));
    let factor = |effect: &DayEffect| if effect.is_closed { 0.0 } else { effect.amount.exp() };
    after.iter().enumerate().map(|(k, effect)| (date(values.len() + k), factor(effect))).collect()
}

fn assert_factors(values: &[f64], horizon: usize, expected: impl Fn(NaiveDate) -> f64) {
    let factors = factors(values, horizon);
    assert_eq!(factors.len(), horizon);
    for (date, factor) in factors {
        assert!((factor / expected(date) - 1.0).abs() < 0.15, "{date}: {factor} for {}", expected(date));
    }
}

#[test]
fn days_of_the_month_are_found_whatever_the_length_of_the_month() {
    let month_end = |date: NaiveDate| if date.day() == u32::from(date.num_days_in_month()) { 3.0 } else { 1.0 };
    assert_factors(&daily(3 * 365, 1, month_end), 70, month_end);
    let payday = |date: NaiveDate| if date.day() == 15 { 0.5 } else { 1.0 };
    assert_factors(&daily(500, 2, payday), 40, payday);
    let last_working_day = |date: NaiveDate| {
        let later = (1..=3).map(|days| date + Days::new(days)).take_while(|later| later.month() == date.month());
        let is_last = later.clone().all(|later| matches!(later.weekday().num_days_from_monday(), 5 | 6));
        if is_last && date.weekday().num_days_from_monday() < 5 { 2.0 } else { 1.0 }
    };
    assert_factors(&daily(3 * 365, 3, last_working_day), 70, last_working_day);
}

#[test]
fn a_day_that_recurs_once_a_year_is_found_after_two_years() {
    let special = |date: NaiveDate| if (date.month(), date.day()) == (11, 11) { 4.0 } else { 1.0 };
    let known = 3 * 365 - 60;
    let factors = factors(&daily(known, 4, special), 60);
    for (date, factor) in factors {
        let is_special = special(date) > 1.0;
        assert!(if is_special { factor > 2.5 } else { (factor - 1.0).abs() < 0.1 }, "{date}: {factor}");
    }
}

#[test]
fn a_day_that_was_always_closed_is_closed_again_and_its_value_becomes_ordinary() {
    let closed = |date: NaiveDate| if (date.month(), date.day()) == (12, 25) { 0.0 } else { 1.0 };
    let values = daily(4 * 365 - 20, 5, closed);
    let closed_dates: Vec<NaiveDate> =
        factors(&values, 30).into_iter().filter(|(_, factor)| *factor == 0.0).map(|(date, _)| date).collect();
    assert_eq!(closed_dates, [NaiveDate::from_ymd_opt(2022, 12, 25).unwrap()]);
    let observed = vec![true; values.len()];
    let removed = effects(&values, None, 30).unwrap().removed(&series(&values, &observed));
    let last = removed.last().expect("Christmas of the last year is replaced");
    assert_eq!(date(last.0), NaiveDate::from_ymd_opt(2021, 12, 25).unwrap());
    assert!((last.1 / WEEK[last.0 % 7] - 1.0).abs() < 0.3, "{last:?}");
}

#[test]
fn series_without_rare_days_have_no_effects() {
    // an effect on one of the next 30 days
    let has_effect = |values: &[f64]| factors(values, 30).iter().any(|(_, factor)| (factor - 1.0).abs() > 1e-9);
    let count = |generate: &dyn Fn(u64) -> Vec<f64>| (0..40).filter(|seed| has_effect(&generate(*seed))).count();
    let noise = |seed: u64| daily(900, seed, |_| 1.0);
    let walk = |seed: u64| {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let steps = (0..900).scan(5.0, |level, _| {
            *level += 0.03 * rng.sample::<f64, _>(StandardNormal);
            Some(f64::exp(*level))
        });
        steps.collect()
    };
    // every twelfth day is a promotion, at any date
    let promotions = |seed: u64| {
        let rng = &mut ChaCha8Rng::seed_from_u64(100 + seed);
        daily(730, seed, |_| 1.0).into_iter().map(|v| if rng.random_bool(0.08) { 2.6 * v } else { v }).collect()
    };
    let counts = |seed: u64| {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        (0..900).map(|_| if rng.random_bool(0.2) { f64::from(rng.random_range(1..9)) } else { 0.0 }).collect()
    };
    let found = [count(&noise), count(&walk), count(&promotions), count(&counts)];
    assert!(found.iter().all(|found| *found <= 2), "{found:?} of 40");
}

#[test]
fn promotions_at_the_turn_of_the_year_are_effects_of_the_covariate() {
    let count = 2 * 365;
    let is_promotion = |t: usize| t % 12 == 5 || (date(t).month() == 12 && date(t).day() >= 27 && t < 400);
    let values: Vec<f64> =
        daily(count, 6, |_| 1.0).iter().enumerate().map(|(t, v)| if is_promotion(t) { 2.6 * v } else { *v }).collect();
    let column: Vec<f64> = (0..count + 14).map(|t| f64::from(is_promotion(t))).collect();
    let columns = [Covariate { name: "promotion".into(), kind: CovariateKind::Number, known_future: true }];
    let exogenous = ExogenousData { columns: &columns, values: std::slice::from_ref(&column) };
    let after = effects(&values, Some(exogenous), 14).expect("an effect of promotions").after(count);
    for (k, effect) in after.iter().enumerate() {
        let expected = if is_promotion(count + k) { 2.6_f64.ln() } else { 0.0 };
        assert!((effect.amount - expected).abs() < 0.1, "{}: {effect:?}", date(count + k));
    }
}

#[test]
fn holidays_and_the_days_after_them_are_found_by_name() {
    let columns =
        [Covariate { name: "holidays".into(), kind: CovariateKind::Holidays("DE".into()), known_future: true }];
    let names = crate::time::holidays::names("DE", date(0), date(4 * 365));
    let factor = |date: NaiveDate| match (names.contains_key(&date), names.contains_key(&(date - Days::new(1)))) {
        (true, _) => 0.0,
        (false, true) => 1.5,
        (false, false) => 1.0,
    };
    let known = usize::try_from((NaiveDate::from_ymd_opt(2022, 4, 1).unwrap() - date(0)).num_days()).unwrap();
    let values = daily(known, 7, factor);
    let column = vec![0.0; known + 30];
    let exogenous = ExogenousData { columns: &columns, values: std::slice::from_ref(&column) };
    let after = effects(&values, Some(exogenous), 30).expect("effects of holidays").after(known);
    for (k, effect) in after.iter().enumerate() {
        let date = date(known + k);
        let found = if effect.is_closed { 0.0 } else { effect.amount.exp() };
        assert!((found - factor(date)).abs() < 0.15, "{date}: {found} for {}", factor(date));
    }
}

#[test]
fn a_noisy_month_end_is_one_effect_and_not_one_of_each_date() {
    for seed in 0..5 {
        let rng = &mut ChaCha8Rng::seed_from_u64(50 + seed);
        let values: Vec<f64> = (0..700)
            .map(|t| {
                let is_end = date(t).day() == u32::from(date(t).num_days_in_month());
                let (level, noise) = if is_end { (20.0, 0.2) } else { (100.0, 0.05) };
                level * f64::exp(noise * rng.sample::<f64, _>(StandardNormal))
            })
            .collect();
        for known in [300, 500, 700] {
            let factors = factors(&values[..known], 40);
            let ends = factors.iter().filter(|(date, _)| date.day() == u32::from(date.num_days_in_month()));
            for (date, factor) in ends {
                assert!((0.15..0.27).contains(factor), "seed {seed}, {known}, {date}: {factor}");
            }
            assert!(factors.iter().filter(|(_, factor)| (factor - 1.0).abs() > 0.02).count() <= 2, "{factors:?}");
        }
    }
}

#[test]
fn the_interval_of_a_rare_day_contains_the_variance_of_its_effect() {
    let rng = &mut ChaCha8Rng::seed_from_u64(9);
    let is_end = |t: usize| date(t).day() == u32::from(date(t).num_days_in_month());
    let noise: Vec<f64> = (0..1500).map(|_| rng.sample::<f64, _>(StandardNormal)).collect();
    let value = |t: usize| if is_end(t) { 20.0 * (0.3 * noise[t]).exp() } else { 100.0 * (0.03 * noise[t]).exp() };
    let values: Vec<f64> = (0..1500).map(value).collect();
    let effects = effects(&values, None, 40).expect("an effect of the month end");
    let after = effects.after(1500);
    let end = (0..40).find(|k| is_end(1500 + k)).unwrap();
    let deviation = after[end].variance.sqrt();
    assert!((0.2..0.45).contains(&deviation), "{deviation}");
    let restored = |level, value| effects.restored(after[end], 100.0, level, value);
    let [low, median, high] = [restored(0.025, 94.0), restored(0.5, 100.0), restored(0.975, 106.0)];
    let of_normal = 1.96 * deviation * median;
    assert!(high - median > of_normal && high - median < 1.1 * of_normal, "{low} {median} {high}");
    assert!((median - low - (high - median)).abs() < 1e-9);
    assert!((effects.restored(DayEffect::default(), 100.0, 0.9, 104.0) - 104.0).abs() < 1e-12);
}

#[test]
fn later_values_change_no_effect_known_before() {
    let month_end = |date: NaiveDate| if date.day() == u32::from(date.num_days_in_month()) { 3.0 } else { 1.0 };
    let values = daily(900, 8, month_end);
    let mut changed = values.clone();
    changed[800..].iter_mut().for_each(|value| *value = 7.0);
    let [one, other] = [values, changed].map(|values| {
        let observed = vec![true; values.len()];
        let effects = effects(&values, None, 60).expect("an effect of the month end");
        let mut removed = effects.removed(&series(&values, &observed));
        removed.retain(|(at, _)| *at < 800);
        (effects.after(800), effects.after(400), removed)
    });
    assert_eq!(one, other);
}
