//! Speed of the steps that a user waits for. `make bench` runs them, and docs/performance.md lists them.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

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

/// A request of 1,000 days to `forecast serve --stdin`, with a saved model.
#[divan::bench(args = ["theta", "auto"], sample_count = 10, sample_size = 10)]
fn one_request_to_a_service(bencher: Bencher<'_, '_>, model: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (file, saved) = (folder.path().join("daily.csv"), folder.path().join("model"));
    let start = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).expect("a date");
    let row = |day: u64| format!("{},{}\n", start + chrono::Days::new(day), 100 + 10 * (day % 7) + day * 7919 % 13);
    let csv = "date,sales\n".to_owned() + &(0..1000).map(row).collect::<String>();
    fs::write(&file, &csv).expect("the temporary folder can be written");
    let forecast = || Command::new(env!("CARGO_BIN_EXE_forecast"));
    let mut train = forecast();
    train.arg("train").args(["--model", model, "-n", "7", "-q", "--csv"]).arg(&file).arg("--out").arg(&saved);
    assert!(train.status().expect("the program starts").success());
    let mut serve = forecast();
    serve.args(["serve", "--stdin", "--threads", "1", "--model"]).arg(&saved);
    let mut service = serve.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut requests = service.stdin.take().expect("stdin is a pipe");
    let mut answers = BufReader::new(service.stdout.take().expect("stdout is a pipe"));
    let request = serde_json::json!({ "data": csv }).to_string();
    bencher.bench_local(|| {
        let mut answer = String::new();
        writeln!(requests, "{request}").expect("the service reads");
        answers.read_line(&mut answer).expect("the service answers");
        assert!(answer.contains("\"tables\""), "{answer}");
    });
    drop(requests);
    service.wait().expect("the service ends with its input");
}

#[divan::bench(sample_count = 10)]
fn auto_without_networks_on_1096_days(bencher: Bencher<'_, '_>) {
    let demand = read_file(DEMAND);
    let auto = Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() };
    bencher.bench_local(|| auto.fit(&demand, &Task::new(7), &mut SilentObserver));
}
