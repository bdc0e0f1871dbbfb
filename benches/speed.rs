//! Speed of the steps that a user waits for. `make bench` runs them, and docs/performance.md lists them.

use std::fmt::Write;

use divan::Bencher;
use forecast::model::auto::Auto;
use forecast::model::global::Global;
use forecast::model::{self, Model, ModelOption, SilentObserver, Task};
use forecast::panel::Panel;
use forecast::read::{self, ReadOptions, Source};

const DEMAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/demand.csv");
const TOURISM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/tourism.csv");

fn read_file(path: &str) -> Panel {
    let options =
        ReadOptions { target: path.ends_with("demand.csv").then(|| "demand".to_owned()), ..Default::default() };
    read::read(&Source::parse(path), &options).expect("the data sets of the project can be read").panel
}

/// A file of 100,000 rows: 100 daily series.
fn large_csv(folder: &std::path::Path) -> std::path::PathBuf {
    let mut text = String::from("store,date,sales\n");
    let start = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).expect("a date");
    for store in 0..100 {
        for day in 0..1000_u64 {
            let date = start + chrono::Days::new(day);
            writeln!(text, "store {store},{date},{}", 100 + (day * 7 + store) % 31).expect("a string grows");
        }
    }
    let path = folder.join("large.csv");
    std::fs::write(&path, text).expect("the temporary folder can be written");
    path
}

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn read_100_000_rows(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = large_csv(folder.path());
    let path = path.to_str().expect("a path in UTF-8");
    bencher.bench_local(|| read_file(path));
}

#[divan::bench(sample_count = 10)]
fn one_epoch_of_an_lstm_on_1096_days(bencher: Bencher<'_, '_>) {
    let demand = read_file(DEMAND);
    let mut lstm = model::named("lstm").expect("a model of the registry");
    lstm.set_option(ModelOption::Epochs(1)).expect("a network has epochs");
    bencher.bench_local(|| lstm.fit(&demand, &Task::new(7), &mut SilentObserver));
}

#[divan::bench(sample_count = 10)]
fn one_epoch_of_global_on_304_series(bencher: Bencher<'_, '_>) {
    let tourism = read_file(TOURISM);
    let global = Global { members: 1, epochs: Some(1), ..Global::default() };
    bencher.bench_local(|| global.fit(&tourism, &Task::new(8), &mut SilentObserver));
}

#[divan::bench(sample_count = 10)]
fn predict_with_a_fitted_auto(bencher: Bencher<'_, '_>) {
    let demand = read_file(DEMAND);
    let fit = Auto::default().fit(&demand, &Task::new(7), &mut SilentObserver).expect("auto can be fitted");
    bencher.bench_local(|| fit.predict(&demand));
}

#[divan::bench(sample_count = 10)]
fn auto_without_networks_on_1096_days(bencher: Bencher<'_, '_>) {
    let demand = read_file(DEMAND);
    let auto = Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() };
    bencher.bench_local(|| auto.fit(&demand, &Task::new(7), &mut SilentObserver));
}
