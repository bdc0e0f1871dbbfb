//! The tests of residuals against statsmodels, and residuals as forecasts at past cutoffs leave them.

use forecast::backtest::{Folds, OneStepForecasts, ResidualTests, Residuals, TestResult, run};
use forecast::model::stat::Baseline;
use forecast::model::{self, SilentObserver, Task};
use forecast::{Model, Panel};
use serde_json::Value;

/// `scripts/residual-oracle` makes the file.
const EXPECTED: &str = include_str!("../fixtures/residual_tests.json");

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

#[track_caller]
fn assert_close(name: &str, got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-6 * expected.abs().max(1e-3), "{name}: {got} is not {expected}");
}

#[test]
fn the_tests_agree_with_statsmodels_on_five_series() {
    let all: serde_json::Map<String, Value> = serde_json::from_str(EXPECTED).expect("a table of series");
    assert_eq!(all.len(), 5);
    for (name, expected) in &all {
        let (season, values) = (expected["season"].as_u64().unwrap() as usize, numbers(&expected["values"]));
        let residuals: Vec<f64> = values[season..].iter().zip(&values).map(|(y, before)| y - before).collect();
        let tests = ResidualTests::new(&residuals, &values[..residuals.len()], season).unwrap();
        assert_close(name, tests.mean, expected["mean"].as_f64().unwrap());
        assert_close(name, tests.standard_deviation, expected["standard_deviation"].as_f64().unwrap());
        let autocorrelations = numbers(&expected["autocorrelations"]);
        assert_eq!(tests.autocorrelations.len(), autocorrelations.len(), "{name}");
        tests.autocorrelations.iter().zip(autocorrelations).for_each(|(got, wanted)| assert_close(name, *got, wanted));
        let assert_same = |got: TestResult, wanted: &Value| {
            let wanted = numbers(wanted);
            assert_close(name, got.statistic, wanted[0]);
            assert_close(name, got.p_value, wanted[1]);
        };
        assert_same(tests.bias, &expected["bias"]);
        assert_same(tests.ljung_box.unwrap(), &expected["ljung_box"]);
        assert_same(tests.growing_variance.unwrap(), &expected["growing_variance"]);
    }
}

/// A weekly season, a trend and errors without a pattern.
fn values(count: usize) -> Vec<f64> {
    (0..count).map(|t| (100 + 10 * (t % 7) + t / 4) as f64 + (t * t * 31 % 17) as f64).collect()
}

#[test]
fn residuals_of_a_statistical_model_are_those_of_its_own_forecasts() {
    let (panel, task) = (Panel::from_values(&values(90), 7), Task::new(7));
    let fit = Baseline::SeasonalNaive.fit(&panel, &task, &mut SilentObserver).unwrap();
    let folds = Folds::default_for(&panel, 7, 7, true).unwrap();
    let hindcasts = run(&Baseline::SeasonalNaive, &panel, &task, &folds, true, &mut SilentObserver).unwrap();
    let residuals = Residuals::new(
        &Baseline::SeasonalNaive,
        fit.forecaster.as_ref(),
        &panel,
        &task,
        &hindcasts,
        &mut SilentObserver,
    )
    .unwrap();
    assert_eq!(residuals.forecasts, OneStepForecasts::OfModel);
    for residual in &residuals.one_step {
        let position = residual.position();
        assert_eq!(residual.value(), values(90)[position] - values(90)[position - 7]);
    }
    assert_eq!((residuals.one_step.len(), residuals.hindcasts.len()), (60, 35));
    assert!(residuals.tests(&panel, 0).unwrap().bias.is_significant(), "seasonal naive lags behind a trend");
}

#[test]
fn auto_has_residuals_of_candidates_and_a_network_has_none() {
    let (panel, task) = (Panel::from_values(&values(120), 7), Task::new(7));
    let auto = forecast::model::auto::Auto { max_network_series: 0, ..Default::default() };
    let fit = auto.fit(&panel, &task, &mut SilentObserver).unwrap();
    let residuals =
        Residuals::new(&auto, fit.forecaster.as_ref(), &panel, &task, &fit.report.hindcasts, &mut SilentObserver)
            .unwrap();
    let OneStepForecasts::OfCandidates(names) = &residuals.forecasts else { panic!("{:?}", residuals.forecasts) };
    assert!((1..=3).contains(&names.len()), "{names:?}");
    assert!(residuals.one_step.windows(2).all(|pair| pair[1].cutoff == pair[0].cutoff + 1));
    assert_eq!(residuals.one_step.last().unwrap().cutoff, 119);
    assert!(!residuals.tests(&panel, 0).unwrap().bias.is_significant());

    let mut network = model::named("lstm").expect("a model of the registry");
    network.set_option(model::ModelOption::Epochs(1)).unwrap();
    let fit = network.fit(&panel, &task, &mut SilentObserver).unwrap();
    let residuals =
        Residuals::new(network.as_ref(), fit.forecaster.as_ref(), &panel, &task, &[], &mut SilentObserver).unwrap();
    assert_eq!((residuals.forecasts, residuals.one_step.len()), (OneStepForecasts::Trained, 0));
}

#[test]
fn filled_values_have_no_residual_and_split_the_tested_run() {
    let mut columns = Panel::from_values(&[1.0], 1).columns().clone();
    columns.target = "value".into();
    let start = Panel::from_values(&[1.0], 1).iter().next().unwrap().start;
    let mut observed = vec![true; 80];
    observed[70] = false;
    let series = forecast::panel::Series { key: Vec::new(), start, values: values(80), observed };
    let panel = Panel::new(columns, forecast::time::Frequency::INDEX, 1, vec![series]).unwrap();
    let (naive, task) = (Baseline::Naive, Task::new(2));
    let fit = naive.fit(&panel, &task, &mut SilentObserver).unwrap();
    let residuals = Residuals::new(&naive, fit.forecaster.as_ref(), &panel, &task, &[], &mut SilentObserver).unwrap();
    assert!(residuals.one_step.iter().all(|residual| residual.position() != 70));
    assert!(residuals.tests(&panel, 0).unwrap().count < residuals.one_step.len());
}
