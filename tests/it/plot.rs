//! Pictures of forecasts, backtests and training: their contents, their robustness, and the same bytes on every run.

use std::path::Path;

use chrono::{NaiveDate, NaiveTime};
use forecast::backtest::{Folds, run};
use forecast::forecast::{Forecast, LEVELS};
use forecast::model::stat::Baseline;
use forecast::model::{Epoch, Hindcast, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::plot;
use forecast::time::{Frequency, Timestamp};

use crate::picture::{BLUE, FILLED, HISTORY, INNER, ORANGE, OUTER, Picture, assert_repeatable};

impl Picture {
    fn of_forecast(panel: &Panel, horizon: usize) -> Self {
        let forecasts = fan(panel, horizon);
        Self::of(|path| plot::forecast(path, panel, &forecasts).expect("a picture"))
    }

    fn of_training(epochs: &[Epoch], best: Option<usize>) -> Self {
        Self::of(|path| plot::training(path, epochs, best, "the validation loss still fell").expect("a picture"))
    }
}

/// Forecasts whose median is the last value, with intervals that widen from step to step.
fn fan(panel: &Panel, horizon: usize) -> Vec<Forecast> {
    let forecast = |series: forecast::panel::TimeSeries<'_>| {
        let last = series.values[series.len() - 1];
        let width = last.abs().max(f64::MIN_POSITIVE) * 0.1;
        let row = |z: f64| (1..=horizon).map(|k| last + z * width * (k as f64).sqrt()).collect();
        Forecast::after(&series, &LEVELS, [-2.0, -1.3, 0.0, 1.3, 2.0].map(row).to_vec())
    };
    panel.iter().map(forecast).collect()
}

fn midnight(year: i32, month: u32, day: u32) -> Timestamp {
    Timestamp::Time(NaiveDate::from_ymd_opt(year, month, day).expect("a date").and_time(NaiveTime::MIN))
}

fn wave(count: usize, level: f64, height: f64) -> Vec<f64> {
    (0..count).map(|i| level + height * (i as f64 * 0.9).sin()).collect()
}

fn panel(frequency: Frequency, start: Timestamp, series: Vec<Vec<f64>>) -> Panel {
    let columns = Columns { time: Some("when".into()), target: "demand".into(), ids: vec!["shop".into()] };
    let shop = |(i, values): (usize, Vec<f64>)| Series {
        key: vec![format!("shop {i:03}")],
        start,
        observed: vec![true; values.len()],
        values,
    };
    Panel::new(columns, frequency, 7, series.into_iter().enumerate().map(shop).collect()).unwrap()
}

fn daily(values: Vec<f64>) -> Panel {
    panel(Frequency::DAILY, midnight(2014, 1, 1), vec![values])
}

#[test]
fn a_forecast_shows_the_history_the_median_and_both_intervals() {
    let picture = Picture::of_forecast(&daily(wave(200, 250_000.0, 30_000.0)), 7);
    assert_eq!((picture.width, picture.height), (1600, 900));
    assert!(picture.count(HISTORY) > 500, "{}", picture.count(HISTORY));
    assert!(picture.count(BLUE) > 300, "{}", picture.count(BLUE));
    assert!(picture.count(INNER) > 5_000 && picture.count(OUTER) > 5_000);
    assert_eq!(picture.count(FILLED), 0, "no value is filled");
    // the forecast takes the last fifth of the chart, below the legend in the header
    let chart = Picture { pixels: picture.pixels[130 * 1600..].to_vec(), height: 770, ..picture };
    assert_eq!(chart.count_between(INNER, (0.0, 0.75)), 0, "no interval over the history");
    assert_eq!(chart.count_between(HISTORY, (0.82, 1.0)), 0, "no history in the future");
}

#[test]
fn a_rerun_gives_the_same_bytes() {
    let series = (0..9).map(|i| wave(60, 100.0 * f64::from(i), 20.0)).collect();
    let panel = panel(Frequency::BUSINESS_DAILY, midnight(2021, 1, 4), series);
    let forecasts = fan(&panel, 5);
    assert_repeatable(|path| plot::forecast(path, &panel, &forecasts).unwrap());
    assert_repeatable(|path| plot::training(path, &falling(30), Some(20), "").unwrap());
}

#[test]
fn filled_values_are_drawn_differently_from_observed_values() {
    let whole = daily(wave(30, 250.0, 30.0));
    let mut series = Series {
        key: vec!["a".into()],
        start: midnight(2014, 1, 1),
        values: wave(30, 250.0, 30.0),
        observed: vec![true; 30],
    };
    series.observed[12..20].fill(false);
    let with_gap = Panel::new(whole.columns().clone(), whole.frequency(), 7, vec![series]).unwrap();
    let (whole, with_gap) = (Picture::of_forecast(&whole, 7), Picture::of_forecast(&with_gap, 7));
    assert!(with_gap.count(FILLED) > 50, "{}", with_gap.count(FILLED));
    assert!(with_gap.count(HISTORY) + 300 < whole.count(HISTORY));
}

#[test]
fn at_most_nine_series_are_drawn_and_a_note_states_it() {
    let picture_of = |count: usize| {
        let series = (0..count).map(|i| wave(40, 100.0 * (i + 1) as f64, 20.0)).collect();
        Picture::of_forecast(&panel(Frequency::QUARTERLY, midnight(1998, 1, 1), series), 8)
    };
    let (nine, many) = (picture_of(9), picture_of(304));
    let has_note =
        |picture: &Picture| picture.pixels[picture.width * (picture.height - 50)..].iter().any(|p| p[0] < 150);
    assert!(!has_note(&nine) && has_note(&many), "the note at the bottom");
    for count in 2..9 {
        assert!(picture_of(count).count(INNER) > 1_000, "{count} series");
    }
}

#[test]
fn of_ten_series_the_nine_largest_are_drawn() {
    let picture_of = |first: f64, last: f64| {
        let levels = [first, 900.0, 800.0, 700.0, 600.0, 500.0, 400.0, 300.0, 200.0, last];
        let series = levels.iter().map(|level| wave(40, *level, 20.0)).collect();
        Picture::of_forecast(&panel(Frequency::QUARTERLY, midnight(1998, 1, 1), series), 8)
    };
    let smallest_first = picture_of(50.0, 1000.0);
    assert_eq!(picture_of(60.0, 1000.0).pixels, smallest_first.pixels, "the first series is not drawn");
    assert_ne!(picture_of(50.0, 1100.0).pixels, smallest_first.pixels, "the last series is drawn");
}

#[test]
fn a_single_step_and_a_single_observation_are_visible() {
    for picture in [
        Picture::of_forecast(&daily(wave(100, 250.0, 30.0)), 1),
        Picture::of_forecast(&daily(vec![5.0]), 1),
        Picture::of_forecast(&daily(vec![5.0]), 3),
    ] {
        // the legend's line alone has about 100 pixels, on four rows
        assert!(picture.count(BLUE) > 180 && picture.count(INNER) > 1_000, "{}", picture.count(BLUE));
    }
}

#[test]
fn any_frequency_has_a_picture() {
    let frequencies = [
        (Frequency::INDEX, Timestamp::Index(1)),
        (Frequency::index(1000).unwrap(), Timestamp::Index(i64::MAX - 1_000_000)),
        (Frequency::SECONDLY, midnight(2014, 12, 31)),
        (Frequency::HOURLY, midnight(2014, 12, 31)),
        (Frequency::WEEKLY, midnight(2014, 12, 31)),
        (Frequency::BUSINESS_DAILY, midnight(2014, 12, 31)),
        (Frequency::MONTH_END, midnight(2014, 1, 31)),
        (Frequency::months(3, 31).unwrap(), midnight(2014, 3, 31)),
        (Frequency::YEARLY, midnight(1914, 1, 1)),
    ];
    for (frequency, start) in frequencies {
        for count in [1, 2, 60, 900] {
            let picture = Picture::of_forecast(&panel(frequency, start, vec![wave(count, 50.0, 9.0)]), 12);
            assert!(picture.count(INNER) > 1_000, "{frequency:?}, {count} values");
        }
    }
}

#[test]
fn any_finite_values_have_a_picture() {
    let cases = [
        vec![0.0; 50],
        vec![42.0; 50],
        vec![-42.0; 50],
        wave(50, 3e-6, 1e-6),
        wave(50, 0.0, 1e-300),
        wave(50, 2e12, 1e11),
        wave(50, -2e250, 1e249),
        vec![f64::MAX / 2.0, f64::MIN / 2.0, 0.0, f64::MAX / 2.0],
        vec![f64::MIN_POSITIVE, 0.0],
        vec![1e15, 1e15 + 1.0, 1e15],
    ];
    for values in cases {
        let name = format!("{values:?}");
        let picture = Picture::of_forecast(&daily(values), 7);
        assert!(picture.count(BLUE) > 180, "{name}");
        assert!(picture.count(HISTORY) > 150, "{name}");
    }
}

#[test]
fn long_names_and_names_in_any_script_have_a_picture() {
    for name in ["", "a name that goes on and on ".repeat(20).trim(), "需要量 по месяцам €", "line\nbreak\ttab"]
    {
        let columns = Columns { time: None, target: name.into(), ids: vec![name.into()] };
        let series = |i: usize| Series {
            key: vec![format!("{name}{i}")],
            start: Timestamp::Index(1),
            values: wave(20, 0.0, 1.0),
            observed: vec![true; 20],
        };
        for count in [1, 4] {
            let panel = Panel::new(columns.clone(), Frequency::INDEX, 1, (0..count).map(series).collect()).unwrap();
            assert!(Picture::of_forecast(&panel, 3).count(INNER) > 1_000, "{name}");
        }
    }
}

fn epoch(number: usize, loss: f64) -> Epoch {
    Epoch {
        member: 0,
        number,
        of: 50,
        training_loss: loss,
        validation_loss: Some(loss * 1.2),
        gradient_norm: loss * 3.0,
        clipped: (loss / 4.0).min(1.0),
        learning_rate: 1e-3,
    }
}

fn falling(count: usize) -> Vec<Epoch> {
    (1..=count).map(|i| epoch(i, 2.0 / i as f64)).collect()
}

#[test]
fn training_shows_both_losses_the_gradient_and_clipped_updates() {
    let picture = Picture::of_training(&falling(50), Some(31));
    assert_eq!((picture.width, picture.height), (1600, 1380));
    for colour in [HISTORY, BLUE, ORANGE, INNER] {
        assert!(picture.count(colour) > 1_000, "{colour:?}: {}", picture.count(colour));
    }
    assert!(picture.rows_with(BLUE) > 300, "the validation loss falls through most of its chart");
    let without_best = Picture::of_training(&falling(50), None);
    assert!(picture.pixels != without_best.pixels, "the best epoch is marked");
}

#[test]
fn training_without_validation_has_one_curve() {
    let epochs: Vec<Epoch> = falling(20).into_iter().map(|e| Epoch { validation_loss: None, ..e }).collect();
    let picture = Picture::of_training(&epochs, None);
    assert!(picture.count(HISTORY) > 1_000 && picture.count(BLUE) == 0);
}

#[test]
fn any_training_has_a_picture() {
    let with_loss = |loss: f64| epoch(1, loss);
    let zero =
        Epoch { training_loss: 0.0, validation_loss: Some(0.0), gradient_norm: 0.0, clipped: 0.0, ..with_loss(1.0) };
    for (epochs, best) in [
        (vec![], None),
        (vec![], Some(3)),
        (falling(1), Some(1)),
        (falling(2), Some(7)),
        (vec![zero], None),
        (vec![with_loss(f64::NAN)], Some(1)),
        (vec![with_loss(f64::INFINITY), epoch(2, 1.0), epoch(3, f64::NAN), epoch(4, 1e-12)], Some(2)),
        (falling(2_000), Some(2_000)),
    ] {
        Picture::of_training(&epochs, best);
    }
}

#[test]
fn the_error_for_a_missing_folder_names_the_file() {
    let panel = daily(wave(20, 1.0, 1.0));
    let path = Path::new("no such folder/forecast.png");
    let error = plot::forecast(path, &panel, &fan(&panel, 2)).unwrap_err();
    assert_eq!(error.to_string(), "no such folder/forecast.png: cannot be written");
}

fn drift_hindcasts(panel: &Panel, count: usize, step: usize, horizon: usize) -> Vec<Hindcast> {
    let folds = Folds { count, step, horizon, min_history: 2 };
    run(&Baseline::Drift, panel, &Task::new(horizon), &folds, true, &mut SilentObserver).expect("hindcasts")
}

#[test]
fn folds_show_the_actual_values_and_every_forecast() {
    let panel = daily(wave(200, 250_000.0, 30_000.0));
    let picture = |count, step| {
        let hindcasts = drift_hindcasts(&panel, count, step, 7);
        Picture::of(|path| plot::folds(path, &panel, "drift", &hindcasts).expect("a picture"))
    };
    let (one, five, overlapping) = (picture(1, 7), picture(5, 7), picture(20, 1));
    for picture in [&one, &five, &overlapping] {
        assert!(picture.count(HISTORY) > 500 && picture.count(BLUE) > 180 && picture.count(INNER) > 5_000);
    }
    assert!(five.count_between(INNER, (0.3, 0.5)) > 1_000, "earlier folds have intervals too");
    assert!(overlapping.count(BLUE) > five.count(BLUE), "every median is drawn");
    assert_repeatable(|path| plot::folds(path, &panel, "drift", &drift_hindcasts(&panel, 3, 7, 7)).unwrap());
}

#[test]
fn any_folds_have_a_picture() {
    for (values, count, step, horizon) in [
        (wave(5, 1.0, 1.0), 1, 1, 1),
        (vec![0.0; 40], 3, 7, 7),
        (wave(3_000, 1e9, 1e8), 100, 24, 24),
        (wave(900, 0.0, 1e-9), 2, 400, 400),
    ] {
        let panel = daily(values);
        let hindcasts = drift_hindcasts(&panel, count, step, horizon);
        Picture::of(|path| plot::folds(path, &panel, "drift", &hindcasts).expect("a picture"));
    }
    let many = panel(Frequency::DAILY, midnight(2014, 1, 1), (0..20).map(|i| wave(40 + i, 9.0, 1.0)).collect());
    let hindcasts = drift_hindcasts(&many, 3, 4, 4);
    Picture::of(|path| plot::folds(path, &many, "drift", &hindcasts).expect("a picture"));
}
