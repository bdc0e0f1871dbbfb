//! Pictures and sections of residuals, backtests and training: their contents, and any data has them.

use forecast::backtest::{Folds, ModelBacktest, Residuals, run};
use forecast::model::stat::Baseline;
use forecast::model::{Epoch, Hindcast, SilentObserver, Task};
use forecast::report::{Report, Training};
use forecast::{Forecast, Model, Panel, plot, read_csv};

use crate::picture::{BLUE, HISTORY, INNER, ORANGE, OUTER, Picture, assert_repeatable};

const HORIZON: usize = 7;

/// What a run knows of one model.
struct Trust {
    panel: Panel,
    forecasts: Vec<Forecast>,
    hindcasts: Vec<Hindcast>,
    residuals: Residuals,
}

impl Trust {
    fn of(baseline: Baseline, panel: Panel) -> Self {
        let task = Task::new(HORIZON);
        let fit = baseline.fit(&panel, &task, &mut SilentObserver).unwrap();
        let folds = Folds::default_for(&panel, HORIZON, HORIZON, true);
        let hindcasts = folds
            .map_or_else(Vec::new, |folds| run(&baseline, &panel, &task, &folds, true, &mut SilentObserver).unwrap());
        let residuals =
            Residuals::new(&baseline, fit.forecaster.as_ref(), &panel, &task, &hindcasts, &mut SilentObserver).unwrap();
        Self { forecasts: fit.predict(&panel).unwrap(), panel, hindcasts, residuals }
    }

    fn residuals(&self, residuals: &Residuals) -> Picture {
        Picture::of(|path| {
            plot::residuals(path, &self.panel, residuals, &self.forecasts, &self.hindcasts).expect("a picture");
        })
    }

    fn backtests(&self) -> Vec<ModelBacktest> {
        let task = Task::new(HORIZON);
        let folds = Folds::default_for(&self.panel, HORIZON, HORIZON, true).unwrap();
        let of = |baseline: Baseline| {
            let hindcasts = run(&baseline, &self.panel, &task, &folds, true, &mut SilentObserver).unwrap();
            ModelBacktest::new(baseline.name(), &self.panel, hindcasts)
        };
        vec![ModelBacktest::new("theta", &self.panel, self.hindcasts.clone()), of(Baseline::SeasonalNaive)]
    }
}

fn weekly(count: usize) -> Panel {
    let value = |t: usize| 100.0 + 20.0 * (t as f64 * std::f64::consts::TAU / 7.0).sin() + (t * t * 37 % 11) as f64;
    Panel::from_values(&(0..count).map(value).collect::<Vec<f64>>(), 7)
}

#[test]
fn residuals_are_drawn_over_time_by_size_and_by_lag() {
    let trust = Trust::of(Baseline::Theta, weekly(120));
    let picture = trust.residuals(&trust.residuals);
    assert_eq!((picture.width, picture.height), (1600, 1250));
    assert!(picture.count(HISTORY) > 5_000, "points and bars: {}", picture.count(HISTORY));
    assert!(picture.count(ORANGE) > 300, "residuals of the last step: {}", picture.count(ORANGE));
    assert!(picture.count(BLUE) > 500, "autocorrelations: {}", picture.count(BLUE));
    assert!(picture.count(INNER) > 5_000 && picture.count(OUTER) > 5_000, "intervals");
    let of_hindcasts = Residuals::of_hindcasts(&trust.panel, &trust.hindcasts);
    let without_one_step = trust.residuals(&of_hindcasts);
    assert!(without_one_step.count_between(OUTER, (0.0, 0.5)) > 5_000, "intervals of all steps");
    assert_repeatable(|path| {
        plot::residuals(path, &trust.panel, &trust.residuals, &trust.forecasts, &trust.hindcasts).unwrap();
    });
}

#[test]
fn any_residuals_have_a_picture() {
    let constant = Panel::from_values(&[3.0; 40], 1);
    let huge = Panel::from_values(&(0..40).map(|t| 1e200 * f64::from(t % 5)).collect::<Vec<f64>>(), 1);
    for panel in [constant, huge, Panel::from_values(&[1.0, 2.0, 4.0], 1), weekly(24)] {
        let trust = Trust::of(Baseline::Naive, panel);
        trust.residuals(&trust.residuals);
        let none = Residuals::of_hindcasts(&trust.panel, &[]);
        plot::residuals(
            &tempfile::tempdir().unwrap().path().join("none.png"),
            &trust.panel,
            &none,
            &trust.forecasts,
            &[],
        )
        .expect("a picture without residuals");
    }
}

#[test]
fn a_backtest_shows_folds_errors_and_calibration() {
    let trust = Trust::of(Baseline::Theta, weekly(120));
    let backtests = trust.backtests();
    let picture = Picture::of(|path| plot::backtest(path, &trust.panel, &backtests).expect("a picture"));
    assert!(picture.count(INNER) > 5_000 && picture.count(HISTORY) > 500);
    let lower = |from, to| {
        Picture { width: picture.width, height: 500, pixels: picture.pixels[750 * 1600..].to_vec() }
            .count_between(BLUE, (from, to))
    };
    assert!(lower(0.0, 0.55) > 300, "errors of theta: {}", lower(0.0, 0.55));
    assert!(lower(0.58, 1.0) > 300, "empirical shares: {}", lower(0.58, 1.0));
    assert!(picture.count_between(ORANGE, (0.0, 0.55)) > 300, "errors of seasonal naive");
    assert_repeatable(|path| plot::backtest(path, &trust.panel, &backtests).unwrap());
}

#[test]
fn the_page_has_sections_on_calibration_residuals_and_training() {
    let data = read_csv("datasets/demand.csv").unwrap();
    let trust = Trust::of(Baseline::SeasonalNaive, data.panel.clone());
    let backtests = trust.backtests();
    let epoch = |number: usize| Epoch {
        number,
        member: 0,
        of: 9,
        training_loss: 1.0 / number as f64,
        validation_loss: Some(1.2 / number as f64),
        gradient_norm: 0.5,
        clipped: 0.1,
        learning_rate: 0.01,
    };
    let epochs: Vec<Epoch> = (1..=9).map(epoch).collect();
    let page_of = |residuals, training| {
        let mut page = Vec::new();
        let report = Report {
            forecasts: &trust.forecasts,
            backtests: &backtests,
            residuals,
            training,
            ..Report::new(&data, &trust.panel)
        };
        report.write(&mut page).unwrap();
        String::from_utf8(page).unwrap()
    };
    let training = Training { epochs: &epochs, best: Some(9), sentence: "the loss <fell> to the end" };
    let page = page_of(Some(&trust.residuals), Some(training));
    for heading in ["Nominal and empirical coverage", "Residuals", "Training"] {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
    for sentence in trust.residuals.sentences(&trust.panel, 0) {
        assert!(page.contains(&sentence.replace('<', "&lt;")), "{sentence}");
    }
    assert!(page.contains("the loss &lt;fell&gt; to the end"), "a sentence is text");
    let without = page_of(None, None);
    assert!(!without.contains("<h2>Residuals</h2>") && !without.contains("<h2>Training</h2>"));
}
