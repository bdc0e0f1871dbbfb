//! Speed of the steps that a user waits for. `make bench` runs them; docs/performance.md has figures.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
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

fn reading(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = large_csv(folder.path());
    let path = path.to_str().expect("a path in UTF-8");
    c.bench_function("read 100,000 rows", |b| b.iter(|| black_box(read_file(path))));
}

fn training(c: &mut Criterion) {
    let demand = read_file(DEMAND);
    let mut lstm = model::named("lstm").expect("a model of the registry");
    lstm.set_option(ModelOption::Epochs(1)).expect("a network has epochs");
    c.bench_function("one epoch of an LSTM on 1,096 days", |b| {
        b.iter(|| lstm.fit(&demand, &Task::new(7), &mut SilentObserver));
    });
    let tourism = read_file(TOURISM);
    let global = Global { members: 1, epochs: Some(1), ..Global::default() };
    c.bench_function("one epoch of global on 304 series", |b| {
        b.iter(|| global.fit(&tourism, &Task::new(8), &mut SilentObserver));
    });
}

fn forecasting(c: &mut Criterion) {
    let demand = read_file(DEMAND);
    let fit = Auto::default().fit(&demand, &Task::new(7), &mut SilentObserver).expect("auto can be fitted");
    c.bench_function("predict with a fitted auto", |b| b.iter(|| fit.predict(&demand)));
    let auto = Auto { max_network_series: 0, ..Auto::default() };
    c.bench_function("auto without networks on 1,096 days", |b| {
        b.iter(|| auto.fit(&demand, &Task::new(7), &mut SilentObserver));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = reading, training, forecasting
}
criterion_main!(benches);
