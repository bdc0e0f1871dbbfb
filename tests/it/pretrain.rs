//! `make pretrain`, which trains the networks that ship: on generated series, and on those of M4 where they are present.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use forecast::metric;
use forecast::model::{self, ModelFiles};
use forecast::panel::Panel;
use polars::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::{normal, panel};
use crate::sandbox::Sandbox;

#[path = "../../examples/pretrain/main.rs"]
#[expect(dead_code, reason = "the tests call what `main` calls")]
mod example;

/// The tests train on every so many of the series that ship the weights.
const EVERY: usize = 10;
/// The largest error of networks trained on a tenth of the series, relative to that of the networks that ship.
const MAX_RATIO: f64 = 1.1;

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("m4_{name}_train.parquet"))
}

/// Writes series with a season, a trend and noise as M4's files have them, four for each frequency to train on. Other
/// values follow in the last horizon if `continues` is false.
fn write_series(folder: &Path, continues: bool) {
    for (name, season, left_out, horizon, distance) in example::FREQUENCIES {
        let length = 4 * season + 2 * horizon + left_out;
        let mut rng = ChaCha8Rng::seed_from_u64(season as u64);
        let (mut ids, mut positions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..4 * distance * EVERY {
            let (level, slope) = (500.0 + 100.0 * normal(&mut rng).abs(), 3.0 * normal(&mut rng));
            for t in 0..length {
                let wave = (std::f64::consts::TAU * t as f64 / season as f64).sin();
                let value = level + slope * t as f64 + 50.0 * wave + 10.0 * normal(&mut rng);
                let is_left_out = t >= length - left_out;
                ids.push(format!("{}{}", &name[..1].to_uppercase(), number + 1));
                positions.push(t as i32 + 1);
                values.push(if is_left_out && !continues { 9.0 * value + 1e4 } else { value });
            }
        }
        let columns = vec![
            Column::new("unique_id".into(), ids),
            Column::new("ds".into(), positions),
            Column::new("y".into(), values),
        ];
        let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
        ParquetWriter::new(File::create(file(folder, name)).unwrap()).finish(&mut frame).unwrap();
    }
}

/// The files that training on generated series writes: name and content.
fn trained_on_generated_series(continues: bool, threads: usize) -> Vec<(PathBuf, Vec<u8>)> {
    let (data, out) = (Sandbox::new(), Sandbox::new());
    write_series(&data.path(""), continues);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| example::pretrain(&data.path(""), &out.path(""), EVERY).unwrap());
    let mut files = Vec::new();
    for (name, season, _, horizon, _) in example::FREQUENCIES {
        let shipped = ModelFiles::read(&shipped().join(name)).unwrap();
        let written = ModelFiles::read(&out.path(name)).unwrap();
        assert_eq!(written.weights.len(), shipped.weights.len(), "{name}: the shapes are those that ship");
        let history = panel(vec![(0..3 * season + 8).map(|t| 50.0 + (t % season.max(3)) as f64).collect()], season);
        let forecast = model::load_files(&written).unwrap().predict(&history).unwrap().remove(0);
        assert_eq!(forecast.median().len(), horizon);
        assert!(forecast.median().iter().all(|value| (20.0..200.0).contains(value)), "{name}: {:?}", forecast.median());
        for file in ["settings.json", "weights.safetensors"] {
            let path = Path::new(name).join(file);
            let bytes = fs::read(out.path("").join(&path)).unwrap();
            files.push((path, bytes));
        }
    }
    files
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/global/weights")
}

#[test]
fn training_gives_the_same_bytes_again_whatever_follows_in_the_last_horizon() {
    let first = trained_on_generated_series(true, 2);
    for (continues, threads) in [(true, 1), (false, 2)] {
        for ((name, expected), (_, bytes)) in first.iter().zip(trained_on_generated_series(continues, threads)) {
            assert!(*expected == bytes, "{}: continues {continues}, {threads} threads", name.display());
        }
    }
}

#[test]
fn variants_of_series_are_shorter_or_counts_with_the_same_shape() {
    let values = |number: usize| (0..90).map(|t| 1000.0 + number as f64 + 0.5 * f64::from(t * t % 97)).collect();
    let original = panel((0..200).map(values).collect(), 12);
    let variants = example::variants::with_variants(&original).unwrap();
    let of = |ending: &str| -> Vec<_> { variants.iter().filter(|series| series.key[0].ends_with(ending)).collect() };
    let (shorter, counts) = (of(" shorter"), of(" counts"));
    assert!(shorter.len() > 40 && counts.len() > 40, "{} and {}", shorter.len(), counts.len());
    assert_eq!(variants.count(), original.count() + shorter.len() + counts.len(), "every series is kept");
    for series in &shorter {
        assert!((30..=90).contains(&series.len()));
        let source = original.iter().find(|source| series.key[0] == format!("{} shorter", source.key[0])).unwrap();
        assert_eq!(*series.values, source.values[..series.len()], "its first values");
    }
    let dispersions = counts.iter().map(|series| {
        assert!((30..=90).contains(&series.len()));
        assert!(series.values.iter().all(|value| *value >= 0.0 && value.fract() == 0.0), "{:?}", series.values);
        let mean = series.values.iter().sum::<f64>() / series.len() as f64;
        assert!((3.0..600.0).contains(&mean), "{mean}");
        series.values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (series.len() as f64 * mean)
    });
    let dispersion = dispersions.sum::<f64>() / counts.len() as f64;
    assert!((1.5..2.6).contains(&dispersion), "a mean of 2, and the small changes of the values: {dispersion}");
}

/// The mean absolute scaled error of a saved model at the last `steps` values of each series.
fn error_at_end(folder: &Path, whole: &Panel, steps: usize) -> f64 {
    let season = whole.season();
    let known = whole.without_last(steps, 1).unwrap();
    let forecasts = model::load(folder).unwrap().predict(&known).unwrap();
    let errors = whole.iter().zip(known.iter()).zip(&forecasts).filter_map(|((whole, known), forecast)| {
        assert_eq!(known.key, whole.key, "every series has values before the last horizon");
        let (actual, predicted) = (&whole.values[known.len()..], &forecast.median()[..steps]);
        metric::mase(actual, predicted, known.values, season).ok()
    });
    let errors: Vec<f64> = errors.collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

#[test]
#[ignore = "trains on the series of M4, which do not ship: make pretrain-check DATA=DIR"]
fn a_tenth_of_the_series_of_m4_gives_networks_nearly_as_accurate_as_those_that_ship() {
    let data = std::env::var("FORECAST_M4").expect("FORECAST_M4 is the folder of the M4 series");
    let out = Sandbox::new();
    example::pretrain(Path::new(&data), &out.path(""), EVERY).unwrap();
    for (name, season, left_out, _, distance) in example::FREQUENCIES {
        let sample = example::training_panel(file(Path::new(&data), name), season, 0, 3 * distance).unwrap();
        let [trained, shipped] = [out.path(name), shipped().join(name)].map(|f| error_at_end(&f, &sample, left_out));
        eprintln!("{name}: MASE {trained:.3} of a tenth, {shipped:.3} as shipped, {} series", sample.count());
        assert!(trained < MAX_RATIO * shipped, "{name}: {trained} against {shipped}");
    }
}
