//! The capabilities of models: their options, their reports and their notices.

use std::time::Duration;

use forecast::budget::Budget;
use forecast::model::auto::Auto;
use forecast::model::deepar::Distribution;
use forecast::model::global::Global;
use forecast::model::{self, FitNotice, Model, ModelOption, SilentObserver, Task};
use forecast::nn::Clip;
use forecast::panel::{Covariate, CovariateKind, Panel};
use forecast::rnn::Head;

use crate::fixtures::{growing_series, panel};
use crate::sandbox::{Sandbox, daily_csv};

/// One value of each option, none of them a default.
const OPTIONS: [ModelOption; 12] = [
    ModelOption::Hidden(3),
    ModelOption::Layers(2),
    ModelOption::Dropout(0.25),
    ModelOption::ChunkLength(5),
    ModelOption::Reach(9),
    ModelOption::Head(Head::Recursive),
    ModelOption::InitialScale(1.5),
    ModelOption::Clip(Clip::Value(0.5)),
    ModelOption::Epochs(4),
    ModelOption::LearningRate(0.125),
    ModelOption::Members(7),
    ModelOption::Distribution(Distribution::NegativeBinomial),
];

#[test]
fn an_option_changes_the_settings_or_is_rejected_with_a_reason() {
    for name in model::names() {
        let mut model = model::named(name).unwrap();
        for option in OPTIONS {
            let before = model.settings();
            match model.set_option(option) {
                Ok(()) => assert_ne!(model.settings(), before, "{name}: {option:?}"),
                Err(reason) => {
                    assert_eq!(model.settings(), before, "{name}: {option:?}");
                    let reason = reason.to_string();
                    assert!(reason.starts_with(char::is_lowercase) && !reason.ends_with('.'), "{name}: {reason}");
                }
            }
        }
    }
}

#[test]
fn every_option_is_accepted_by_some_model() {
    for option in OPTIONS {
        let accepts = |name: &str| {
            let mut model = model::named(name).unwrap();
            // dropout needs a second layer
            let _ = model.set_option(ModelOption::Layers(2));
            model.set_option(option).is_ok()
        };
        assert!(model::names().any(accepts), "{option:?}");
    }
}

#[test]
fn a_model_that_records_hindcasts_reports_them() {
    let panel = panel(growing_series(3, 1), 4);
    for name in model::names().filter(|name| model::named(name).is_some_and(|model| !model.is_trained())) {
        let model = model::named(name).unwrap();
        let fit = model.fit(&panel, &Task::new(3), &mut SilentObserver).unwrap();
        assert_eq!(model.records_hindcasts(), !fit.report.hindcasts.is_empty(), "{name}");
    }
    let auto = Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() };
    let report = auto.fit(&panel, &Task::new(3), &mut SilentObserver).unwrap().report;
    assert!(auto.records_hindcasts() && !report.hindcasts.is_empty());
    assert_eq!((report.ensemble_weights.len(), report.notices), (3, Vec::new()));
}

#[test]
fn fallbacks_of_the_automatic_model_are_notices() {
    let auto = Auto { max_network_series: 0, min_pooled_series: 3, ..Auto::default() };
    let notices = |panel: &Panel| auto.fit(panel, &Task::new(3), &mut SilentObserver).unwrap().report.notices;
    let short = panel(vec![vec![1.0, 3.0, 2.0]; 3], 1);
    assert_eq!(notices(&short), [FitNotice::TooShortForPooling { series: 3 }]);
    let series = growing_series(3, 2);
    let lengths: Vec<usize> = series.iter().map(Vec::len).collect();
    let price = Covariate { name: "price".into(), kind: CovariateKind::Number, known_future: false };
    let values = lengths.iter().map(|length| vec![(0..*length).map(|t| (t % 5) as f64).collect()]).collect();
    let with_price = panel(series, 4).with_covariates(vec![price], values);
    // covariates are left to the models of each series
    assert_eq!(notices(&with_price), []);
}

#[test]
fn networks_without_time_for_training_are_a_notice() {
    let settings = Global { members: 5, hidden: 4, epochs: Some(1), ..Global::default() };
    let task = Task { budget: Budget::new(Some(Duration::ZERO)), ..Task::new(3) };
    let fit = settings.fit(&panel(growing_series(3, 3), 4), &task, &mut SilentObserver).unwrap();
    let [FitNotice::FewerNetworks { trained, planned: 5 }] = fit.report.notices[..] else {
        panic!("{:?}", fit.report.notices)
    };
    assert!((1..5).contains(&trained), "{trained}");
}

/// Forecasts `csv` with each number of threads, and then by the saved model. All runs must write the same bytes.
fn assert_threads_change_nothing(sandbox: &Sandbox, csv: &str, threads: &[usize]) {
    for count in threads {
        sandbox.run(&format!("--csv {csv} -n 3 --threads {count} --out fit-{count} -q"));
        let model = format!("--model fit-{count}/model --out loaded-{count}");
        let mut predict = sandbox.forecast(&format!("predict --csv {csv} {model} -q"));
        assert!(predict.env("RAYON_NUM_THREADS", count.to_string()).status().unwrap().success());
    }
    let files = ["forecast.csv", "forecast.png", "loss.png", "model/settings.json", "model/weights.safetensors"];
    let files = files.map(|file| format!("fit-{{}}/{file}")).into_iter();
    for file in files.chain(["forecast.csv", "forecast.png"].map(|file| format!("loaded-{{}}/{file}"))) {
        let bytes = |count: &usize| sandbox.bytes(&file.replace("{}", &count.to_string()));
        assert!(threads.iter().all(|count| bytes(count) == bytes(&threads[0])), "{csv}: {file} differs");
    }
}

#[test]
fn the_number_of_threads_changes_no_file() {
    let sandbox = Sandbox::new();
    // long enough for networks
    sandbox.write("daily.csv", &daily_csv(100));
    assert_threads_change_nothing(&sandbox, "daily.csv", &[1, 2, 3, 8]);
    let rejected = sandbox.forecast("inspect --csv daily.csv --threads 0").output().unwrap();
    assert_eq!(rejected.status.code(), Some(2));
}

#[test]
fn the_number_of_threads_changes_no_file_of_a_panel() {
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("tourism.csv");
    // the header and three series of 80 quarters
    let rows: Vec<String> =
        sandbox.read("tourism.csv").lines().take(1 + 3 * 80).map(|row| format!("{row}\n")).collect();
    sandbox.write("three.csv", &rows.concat());
    assert_threads_change_nothing(&sandbox, "three.csv", &[1, 3]);
}
