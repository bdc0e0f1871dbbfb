//! The networks that ship with the crate.

use forecast::model::global::{Global, Pretrained};
use forecast::model::{self, Model, SilentObserver, Task};
use forecast::panel::Panel;

use crate::fixtures::{EpochCounter, panel};

/// Years of months that grow, with a season.
fn monthly(years: usize) -> Panel {
    let value = |t: usize| 100.0 + t as f64 + 15.0 * [0.0, 2.0, 1.0, -1.0, -2.0, 0.5][t % 12 / 2];
    Panel::from_values(&(0..12 * years).map(value).collect::<Vec<_>>(), 12)
}

fn medians(panel: &Panel, task: &Task) -> Vec<f64> {
    Pretrained.fit(panel, task, &mut SilentObserver).unwrap().predict(panel).unwrap()[0].median().to_vec()
}

#[test]
fn a_season_and_a_trend_are_continued_without_training() {
    let whole = monthly(9);
    let series = whole.iter().next().unwrap();
    let known = Panel::from_values(&series.values[..96], 12);
    let predicted = medians(&known, &Task::new(12));
    let error = |(predicted, actual): (&f64, &f64)| (predicted - actual).abs() / actual;
    let mean = predicted.iter().zip(&series.values[96..]).map(error).sum::<f64>() / 12.0;
    assert!(mean < 0.03, "{mean}: {predicted:?}");
}

#[test]
fn a_horizon_beyond_that_of_the_networks_continues_the_shorter_one() {
    let panel = monthly(8);
    let [short, long] = [12, 60].map(|horizon| medians(&panel, &Task::new(horizon)));
    assert_eq!(short, long[..12]);
    let fit = Pretrained.fit(&panel, &Task::new(60), &mut SilentObserver).unwrap();
    let forecast = fit.predict(&panel).unwrap().remove(0);
    let (low, high) = forecast.interval(80.0).unwrap();
    let width = |k: usize| high[k] - low[k];
    assert!(width(59) > width(11) && low.iter().zip(high).all(|(low, high)| low < high));
}

#[test]
fn levels_between_those_of_the_networks_are_interpolated() {
    let panel = monthly(8);
    let task = Task { levels: vec![0.1, 0.3, 0.5, 0.9], ..Task::new(6) };
    let forecast = Pretrained.fit(&panel, &task, &mut SilentObserver).unwrap().predict(&panel).unwrap().remove(0);
    let at = |level: f64| forecast.quantile(level).unwrap()[3];
    assert!(at(0.1) < at(0.3) && at(0.3) < at(0.5) && at(0.5) < at(0.9));
}

#[test]
fn very_short_series_have_a_forecast() {
    for season in [1, 4, 12, 52] {
        let panel = Panel::from_values(&[5.0, 7.0], season);
        let forecast = medians(&panel, &Task::new(4));
        assert!(forecast.iter().all(|v| (2.0..20.0).contains(v)), "season {season}: {forecast:?}");
    }
}

#[test]
fn a_frequency_without_networks_is_refused() {
    let panel = Panel::from_values(&(0..60).map(f64::from).collect::<Vec<_>>(), 7);
    let error = Pretrained.fit(&panel, &Task::new(4), &mut SilentObserver).unwrap_err().to_string();
    assert_eq!(error, "there are no pretrained networks for index series with a season of 7 steps");
}

#[test]
fn the_global_model_starts_from_them_where_they_fit_and_then_needs_fewer_epochs() {
    let epochs = |epochs: Option<usize>, season: usize, horizon: usize| {
        let value = |series: usize, t: usize| 100.0 + (t + series) as f64 + 9.0 * (t % season) as f64;
        let panel = panel((0..4).map(|i| (0..4 * season + 30).map(|t| value(i, t)).collect()).collect(), season);
        let mut observer = EpochCounter::new();
        Global { members: 1, epochs, ..Global::default() }.fit(&panel, &Task::new(horizon), &mut observer).unwrap();
        observer.count()
    };
    // 5 + 2 instead of 15 + 4
    assert_eq!(epochs(None, 12, 8), 7);
    // networks of a given length of training start at random, and so do those with other outputs
    assert_eq!(epochs(Some(15), 12, 8), 19);
    assert_eq!(epochs(None, 12, 30), 19);
    assert_eq!(epochs(None, 7, 8), 19);
}

#[test]
fn a_saved_model_holds_its_networks() {
    let panel = monthly(6);
    let fit = Pretrained.fit(&panel, &Task::new(12), &mut SilentObserver).unwrap();
    let loaded = model::load_files(&fit.forecaster.to_files()).unwrap();
    assert_eq!(loaded.predict(&panel).unwrap(), fit.predict(&panel).unwrap());
}

#[test]
fn from_65_series_on_they_are_further_members_of_the_global_model() {
    let value = |series: usize, t: usize| 100.0 + (t + series) as f64 + 9.0 * ((t + series) % 4) as f64;
    let fitted = |count: usize, epochs: Option<usize>| {
        let panel = panel((0..count).map(|i| (0..30).map(|t| value(i, t)).collect()).collect(), 4);
        let global = Global { members: 1, hidden: 4, epochs, ..Global::default() };
        let fit = global.fit(&panel, &Task::new(4), &mut SilentObserver).unwrap();
        let files = fit.forecaster.to_files();
        let loaded = model::load_files(&files).unwrap();
        assert_eq!(loaded.predict(&panel).unwrap(), fit.predict(&panel).unwrap());
        assert_eq!(fit.report.notices, []);
        let settings: serde_json::Value = serde_json::from_slice(&files.settings).unwrap();
        let state = &settings["fitted"];
        (state["member_configs"].as_array().unwrap().len(), state["pretrained_members"].as_u64())
    };
    assert_eq!(fitted(65, None), (7, Some(6)));
    // with a given length of training all networks start at random
    assert_eq!(fitted(65, Some(2)), (1, None));
    assert_eq!(fitted(64, None), (1, None));
}
