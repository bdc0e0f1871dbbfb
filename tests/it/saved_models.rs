//! Every later version loads a model of a released version, and the forecast remains the same.
//!
//! `tests/fixtures/models/v1` holds one small model of each family in format 1, each with the forecast that it made.
//! To add a model, name it in `MODELS` and run
//! `cargo nextest run --release --run-ignored only -E 'test(record_the_models_that_are_missing)'`.

use std::fs;
use std::path::{Path, PathBuf};

use forecast::forecast::Forecast;
use forecast::model::auto::Auto;
use forecast::model::deepar::DeepAr;
use forecast::model::global::Global;
use forecast::model::rnn::Rnn;
use forecast::model::stat::Baseline;
use forecast::model::{self, Model, ModelFiles, SilentObserver, Task};
use forecast::panel::Panel;

use crate::fixtures::panel;

const HORIZON: usize = 3;
const SEASON: usize = 4;

/// Differences of 32-bit arithmetic between machines, relative to the size of the values.
const TOLERANCE: f64 = 1e-4;

type MakeModel = fn() -> Box<dyn Model>;

/// A folder of fixtures, and the model that was saved there.
const MODELS: [(&str, MakeModel); 8] = [
    ("naive", || Box::new(Baseline::Naive)),
    ("ets", || Box::new(Baseline::Ets)),
    ("lstm", || Box::new(Rnn { hidden: 4, epochs: Some(2), ..Rnn::default() })),
    ("seq2seq", || Box::new(Rnn { hidden: 4, epochs: Some(2), ..Rnn::seq2seq() })),
    ("auto", || Box::new(Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() })),
    ("auto-pooled", || Box::new(Auto { max_network_series: 0, min_pooled_series: SERIES, ..Auto::default() })),
    ("global", || Box::new(Global { members: 2, hidden: 4, epochs: Some(2), ..Global::default() })),
    ("deepar", || Box::new(DeepAr { hidden: 4, epochs: Some(1), ..DeepAr::default() })),
];

/// The series of the history.
const SERIES: usize = 8;

/// The history that every fixture was fitted to and forecasts: a trend, a season and a repeatable disturbance.
fn history() -> Panel {
    let value = |series: usize, t: usize| {
        let disturbance = ((t * 7919 + series * 104_729) % 101) as f64 / 25.0;
        let season = [4.0, -1.0, -5.0, 2.0][(t + series) % SEASON];
        60.0 + 3.0 * series as f64 + 0.2 * t as f64 + season + disturbance
    };
    let values = (0..SERIES).map(|series| (0..40).map(|t| value(series, t)).collect());
    panel(values.collect(), SEASON)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models/v1").join(name)
}

/// The values of all series, levels and steps in one row.
fn numbers(forecasts: &[Forecast]) -> Vec<f64> {
    forecasts.iter().flat_map(forecast::Forecast::quantiles).flat_map(|quantile| quantile.values.clone()).collect()
}

fn assert_close(name: &str, forecasts: &[Forecast], recorded: &[f64]) {
    let numbers = numbers(forecasts);
    assert_eq!(numbers.len(), recorded.len(), "{name}");
    for (number, recorded) in numbers.iter().zip(recorded) {
        assert!((number - recorded).abs() <= TOLERANCE * recorded.abs(), "{name}: {number}, recorded {recorded}");
    }
}

#[test]
fn a_model_saved_in_format_1_is_loaded_with_the_same_forecast() {
    for (name, _) in MODELS {
        let folder = folder(name);
        let recorded: Vec<f64> = serde_json::from_slice(&fs::read(folder.join("forecast.json")).unwrap()).unwrap();
        let fitted = model::load(&folder).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_close(name, &fitted.predict(&history()).unwrap(), &recorded);
    }
}

#[test]
fn a_model_is_loaded_from_memory_as_from_its_folder() {
    for (name, _) in MODELS {
        let file = |file: &str| fs::read(folder(name).join(file));
        let (settings, weights) = (file("settings.json").unwrap(), file("weights.safetensors").unwrap_or_default());
        let files = ModelFiles { origin: name.into(), settings, weights };
        let in_memory = model::load_files(&files).unwrap();
        let from_folder = model::load(&folder(name)).unwrap();
        assert_eq!(in_memory.predict(&history()).unwrap(), from_folder.predict(&history()).unwrap(), "{name}");
        let again = in_memory.to_files();
        assert!((again.settings, again.weights) == (files.settings, files.weights), "{name} is saved again as it was");
    }
}

#[test]
fn the_error_for_a_model_of_version_0_1_0_states_the_remedy() {
    let old = br#"{"model": "naive", "version": 1, "season": 1, "horizon": 3, "levels": [0.5]}"#;
    let files = ModelFiles { origin: "july/model".into(), settings: old.to_vec(), weights: Vec::new() };
    let error = model::load_files(&files).unwrap_err();
    assert_eq!(
        error.to_string(),
        "july/model: no usable model: it was saved by version 0.1.0; train the model again with this \
         version"
    );
}

#[test]
fn the_error_for_weights_of_another_model_names_the_weight() {
    let [naive, lstm, seq2seq] = ["naive", "lstm", "seq2seq"].map(|name| ModelFiles::read(&folder(name)).unwrap());
    let mut not_finite = lstm.weights.clone();
    let end = not_finite.len();
    not_finite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    for (settings, weights, reason) in [
        (&naive, &lstm.weights, "the weight `head.b_y` belongs to no part of the model"),
        (&lstm, &naive.weights, "the weight `head.b_y` is missing"),
        (&seq2seq, &lstm.weights, "the weight `decoder.b_bridge` is missing"),
        (&lstm, &not_finite, "is not finite"),
    ] {
        let error = model::load_files(&ModelFiles { weights: weights.clone(), ..settings.clone() }).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
#[ignore = "records fixtures; run it by hand after a model was added to the list"]
fn record_the_models_that_are_missing() {
    for (name, model) in MODELS {
        let folder = folder(name);
        if folder.exists() {
            continue;
        }
        fs::create_dir_all(&folder).unwrap();
        let task = Task { seed: 1, ..Task::new(HORIZON) };
        let fitted = model().fit(&history(), &task, &mut SilentObserver).unwrap();
        fitted.forecaster.save(&folder).unwrap();
        let forecast = model::load(&folder).unwrap().predict(&history()).unwrap();
        fs::write(folder.join("forecast.json"), serde_json::to_string(&numbers(&forecast)).unwrap() + "\n").unwrap();
    }
}
