//! What must not fool a forecast: rare days, a dip of two years, a wild last value, a cumulative count.

use chrono::{Datelike, Days, NaiveDate};
use forecast::model::auto::Auto;
use forecast::model::{Fit, FitNotice, Model, SilentObserver, Task};
use forecast::panel::{Columns, Panel, RepairKind, RepairPolicy, Series};
use forecast::read::{Notice, ReadOptions, Source, read};
use forecast::time::{Frequency, Timestamp};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::normal;

fn fit(panel: &Panel, horizon: usize) -> Fit {
    let auto = Auto { max_network_series: 0, ..Auto::default() };
    auto.fit(panel, &Task::new(horizon), &mut SilentObserver).unwrap()
}

fn panel(frequency: Frequency, start: Timestamp, values: Vec<Vec<f64>>) -> Panel {
    let columns = Columns { time: Some("time".into()), target: "y".into(), ids: vec!["id".into()] };
    let series = values.into_iter().enumerate().map(|(i, values)| Series {
        key: vec![format!("s{i}")],
        start,
        observed: vec![true; values.len()],
        values,
    });
    Panel::new(columns, frequency, frequency.season(), series.collect()).unwrap()
}

/// Daily values from 2020 on with a weekly pattern and a factor on the last day of each month.
fn with_month_ends(count: usize, factor: f64, seed: u64) -> Vec<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let value = |t: usize| {
        let date = start + Days::new(t as u64);
        let is_last = (date + Days::new(1)).day() == 1;
        let usual = 200.0 + [0.0, 9.0, 4.0, 12.0, 30.0, -40.0, -60.0][t % 7] + 5.0 * normal(rng);
        if is_last { factor * usual } else { usual }
    };
    (0..count).map(value).collect()
}

#[test]
fn a_few_unusual_last_days_do_not_make_the_forecast_grow_beyond_all_values() {
    let start = Timestamp::date(2023, 1, 9).unwrap();
    for (days, factor) in [(3, 0.05), (2, 5.0), (3, 8.0)] {
        for seed in 1..=3 {
            let mut values = with_month_ends(365, 1.0, seed);
            values[365 - days..].iter_mut().for_each(|value| *value *= factor);
            let largest = values.iter().copied().fold(0.0, f64::max);
            let history = panel(Frequency::DAILY, start, vec![values]);
            let forecast = fit(&history, 28).predict(&history).unwrap().remove(0);
            let highest = forecast.median().iter().copied().fold(0.0, f64::max);
            assert!(highest < 1.5 * largest, "{days} days of {factor}, seed {seed}: {highest} after {largest}");
        }
    }
}

#[test]
fn month_ends_are_forecast_for_one_series_and_for_several_and_change_no_earlier_hindcast() {
    let start = Timestamp::date(2020, 1, 1).unwrap();
    let (known, horizon) = (780, 21);
    let expected = |values: &[f64], median: &[f64]| {
        for (k, median) in median.iter().enumerate() {
            let actual = values[known + k];
            assert!((median / actual - 1.0).abs() < 0.25, "{k}: {median} for {actual}");
        }
    };
    let all: Vec<Vec<f64>> =
        [(2.5, 1), (0.0, 2), (1.8, 3)].map(|(factor, seed)| with_month_ends(known + horizon, factor, seed)).to_vec();
    let history = |series: &[Vec<f64>]| {
        panel(Frequency::DAILY, start, series.iter().map(|values| values[..known].to_vec()).collect())
    };
    let alone = history(&all[..1]);
    let fitted = fit(&alone, horizon);
    expected(&all[0], fitted.predict(&alone).unwrap()[0].median());
    let mut changed = all[0].clone();
    let from = known - horizon;
    changed[from..].iter_mut().for_each(|value| *value = 500.0 - *value);
    assert_eq!(fitted.report.hindcasts.last().unwrap().cutoff, from);
    assert_eq!(fit(&history(&[changed]), horizon).report.hindcasts, fitted.report.hindcasts);
    let together = history(&all);
    let forecasts = fit(&together, horizon).predict(&together).unwrap();
    let month_end = (known..known + horizon).position(|t| all[1][t] == 0.0).unwrap();
    for (values, forecast) in all.iter().zip(&forecasts) {
        if values[known + month_end] > 0.0 {
            expected(values, forecast.median());
        } else {
            assert!(forecast.quantiles().iter().all(|quantile| quantile.values[month_end] == 0.0));
            assert!(forecast.quantiles().iter().all(|quantile| quantile.values[month_end - 1] > 50.0));
        }
    }
}

#[test]
fn a_dip_of_two_years_does_not_come_back_and_is_reported() {
    let rng = &mut ChaCha8Rng::seed_from_u64(5);
    let whole: Vec<f64> = (0..144)
        .map(|t| {
            900.0 + 250.0 * (f64::from(t) * std::f64::consts::FRAC_PI_6).sin() + 2.0 * f64::from(t) + 15.0 * normal(rng)
        })
        .collect();
    let dipped = |steps: std::ops::Range<usize>| {
        let mut values = whole[..132].to_vec();
        values[steps].iter_mut().for_each(|value| *value *= 0.25);
        panel(Frequency::MONTHLY, Timestamp::date(2012, 1, 1).unwrap(), vec![values])
    };
    let panel = dipped(90..110);
    let fitted = fit(&panel, 12);
    let notice = FitNotice::DipTreatedAsMissing { series: 1, from: "2019-07-01".into(), to: "2021-02-01".into() };
    assert!(fitted.report.notices.contains(&notice), "{:?}", fitted.report.notices);
    for (k, median) in fitted.predict(&panel).unwrap()[0].median().iter().enumerate() {
        let actual = whole[132 + k];
        assert!((median / actual - 1.0).abs() < 0.15, "{k}: {median} for {actual}");
    }
    // a fall without a recovery is followed
    let panel = dipped(110..132);
    let fitted = fit(&panel, 12);
    assert_eq!(fitted.report.notices, []);
    assert!(fitted.predict(&panel).unwrap()[0].median().iter().all(|median| *median < 600.0));
}

#[test]
fn a_wild_last_value_is_replaced_with_a_notice_unless_spikes_are_kept() {
    let text = |last: &[f64]| {
        let value = |t: usize| [310.0, 325.0, 318.0][t % 3];
        let values = (0..50).map(value).chain(last.iter().copied());
        let rows = values.enumerate().map(|(t, value)| {
            format!("{},{value}\n", NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(t as u64))
        });
        format!("day,visits\n{}", rows.collect::<String>())
    };
    let dataset = |last: &[f64], spikes: RepairPolicy| {
        let options = ReadOptions { spikes, ..ReadOptions::default() };
        read(&Source::Bytes(text(last).into_bytes()), &options).unwrap()
    };
    let repaired = dataset(&[4000.0], RepairPolicy::Repair);
    let notice = Notice::LastOutlierReplaced { time: "2024-02-20".into(), series: 1, value: 4000.0 };
    assert!(repaired.notices.contains(&notice), "{:?}", repaired.notices);
    assert_eq!(repaired.repairs.iter().map(|repair| repair.kind).collect::<Vec<_>>(), [RepairKind::LastOutlier]);
    assert_eq!(repaired.panel.actual(0, 50), 4000.0);
    let forecast = fit(&repaired.panel, 5).predict(&repaired.panel).unwrap().remove(0);
    assert!(forecast.median().iter().all(|median| (290.0..350.0).contains(median)), "{:?}", forecast.median());
    assert_eq!(dataset(&[4000.0], RepairPolicy::Keep).repairs, []);
    // several such values are a new level
    assert_eq!(dataset(&[4000.0, 4010.0, 3990.0], RepairPolicy::Repair).repairs, []);
}

#[test]
fn no_quantile_of_a_cumulative_count_falls() {
    let counts = |seed: u64, count: usize| {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let steps = (0..count).scan(0.0, |total, _| {
            *total += (3.0 * normal(rng)).max(0.0).round();
            Some(*total)
        });
        steps.collect::<Vec<f64>>()
    };
    let start = Timestamp::date(2022, 3, 1).unwrap();
    for series in [vec![counts(1, 60)], vec![counts(2, 25)], (3..15).map(|seed| counts(seed, 70)).collect()] {
        let panel = panel(Frequency::DAILY, start, series);
        let fitted = fit(&panel, 10);
        let hindcasts = fitted.report.hindcasts.iter().map(|one| (one.series, one.cutoff, &one.forecast));
        let forecasts = fitted.predict(&panel).unwrap();
        let lengths: Vec<usize> = panel.iter().map(|series| series.len()).collect();
        let ends = forecasts.iter().enumerate().map(|(i, forecast)| (i, lengths[i], forecast));
        for (series, cutoff, forecast) in hindcasts.chain(ends).filter(|(_, cutoff, _)| *cutoff >= 20) {
            let last = panel.iter().nth(series).unwrap().values[cutoff - 1];
            for quantile in forecast.quantiles() {
                assert!(quantile.values[0] >= last && quantile.values.is_sorted(), "{last}: {quantile:?}");
            }
        }
    }
}
