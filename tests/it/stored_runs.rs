//! Folders of runs: what a run writes is read back exactly, and damaged folders are refused.

use std::fs::{self, File};
use std::path::Path;

use forecast::backtest::{self, Folds, ModelBacktest};
use forecast::model::Hindcast;
use forecast::panel::Columns;
use forecast::read::{Dataset, ReadOptions, Source, read};
use forecast::run::{RunRecord, StoredRun};
use forecast::write::{Table, Workbook, forecasts_as_written, hindcasts_as_written};
use forecast::{Baseline, Forecast, Frequency, Model, Panel, Series, SilentObserver, Task, Timestamp};
use proptest::prelude::*;

use crate::sandbox::{Sandbox, stderr};

/// What is written into the folder of a run.
struct Written {
    dataset: Dataset,
    forecasts: Vec<Forecast>,
    hindcasts: Vec<Hindcast>,
}

/// Writes a run of seasonal naive on a dataset, as the command line does.
fn write_run(folder: &Path, dataset: Dataset, is_workbook: bool) -> Written {
    let (panel, task) = (&dataset.panel, Task::new(3));
    let fit = Baseline::SeasonalNaive.fit(panel, &task, &mut SilentObserver).unwrap();
    let forecasts = forecasts_as_written(panel, fit.predict(panel).unwrap());
    let folds = Folds { count: 2, step: 3, horizon: 3, min_history: 1 }.limited_to(panel);
    let run = |folds: &Folds| {
        backtest::run(&Baseline::SeasonalNaive, panel, &task, folds, true, &mut SilentObserver).unwrap()
    };
    let hindcasts = hindcasts_as_written(panel, &folds.as_ref().map(run).unwrap_or_default());
    let mut record = RunRecord::new("forecast", vec!["forecast".into()], "data.csv", &dataset);
    record.model(&Baseline::SeasonalNaive, &task);
    fs::write(folder.join("run.json"), serde_json::to_string_pretty(&record).unwrap()).unwrap();
    let csv = |table: &Table<'_>| {
        table.write_csv(File::create(folder.join(format!("{}.csv", table.name()))).unwrap(), panel).unwrap();
    };
    csv(&Table::History);
    let backtests = [ModelBacktest::new("seasonal-naive", panel, hindcasts.clone())];
    if let Some(folds) = folds {
        csv(&Table::Backtest(&folds, &backtests));
    }
    let mut tables = vec![Table::Forecast(&forecasts)];
    tables.extend((!dataset.repairs.is_empty()).then_some(Table::Repairs(&dataset.repairs)));
    tables.extend((!dataset.failed.is_empty()).then_some(Table::Failed(&dataset.failed)));
    if is_workbook {
        let mut workbook = Workbook::new();
        tables.iter().for_each(|table| workbook.add(panel, table).unwrap());
        fs::write(folder.join("forecast.xlsx"), workbook.into_bytes().unwrap()).unwrap();
    } else {
        tables.iter().for_each(csv);
    }
    Written { dataset, forecasts, hindcasts }
}

fn assert_same(written: &Written, folder: &Path) {
    let run = StoredRun::read(folder).unwrap();
    assert_eq!(run.panel, written.dataset.panel);
    assert_eq!(run.dataset.panel, written.dataset.panel);
    assert_eq!(run.forecasts, written.forecasts);
    let hindcasts = run.backtests.first().map_or(&[][..], |own| own.hindcasts.as_slice());
    assert_eq!(hindcasts, written.hindcasts);
    assert_eq!(run.dataset.failed, written.dataset.failed);
    let repairs = |dataset: &Dataset| -> Vec<_> {
        dataset.repairs.iter().map(|own| (own.series.clone(), own.time, own.kind)).collect()
    };
    assert_eq!(repairs(&run.dataset), repairs(&written.dataset));
    assert_eq!(run.dataset.summary(), written.dataset.summary());
}

fn dataset_of(panel: Panel) -> Dataset {
    let step = panel.frequency().name();
    let mut dataset =
        read(&Source::Bytes("day,y\n2024-01-01,1\n2024-01-02,2\n".into()), &ReadOptions::default()).unwrap();
    dataset.panel = panel;
    dataset.step = step;
    dataset
}

fn frequency_and_start() -> impl Strategy<Value = (Frequency, Timestamp)> {
    let day = |year, month, day| Timestamp::date(year, month, day).unwrap();
    prop::sample::select(vec![
        (Frequency::INDEX, Timestamp::Index(-4)),
        (Frequency::index(5).unwrap(), Timestamp::Index(1990)),
        (Frequency::SECONDLY, day(2024, 2, 28)),
        (Frequency::MINUTELY, day(1999, 12, 31)),
        (Frequency::seconds(5_400).unwrap(), day(2024, 2, 28)),
        (Frequency::HOURLY, day(2024, 3, 30)),
        (Frequency::DAILY, day(1969, 12, 30)),
        (Frequency::days(3).unwrap(), day(2024, 2, 27)),
        (Frequency::WEEKLY, day(2023, 12, 31)),
        (Frequency::BUSINESS_DAILY, day(2024, 5, 3)),
        (Frequency::MONTHLY, day(1850, 11, 1)),
        (Frequency::MONTH_END, day(2024, 1, 31)),
        (Frequency::QUARTERLY, day(2024, 10, 1)),
        (Frequency::YEARLY, day(9_990, 1, 1)),
    ])
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    let id = prop_oneof![
        "[a-c]{1,3}",
        Just(" padded ".to_owned()),
        Just("two\nlines".to_owned()),
        Just("a \"quoted\", one".to_owned()),
        Just("\u{a0}=1+1\t".to_owned()),
        Just("00123".to_owned()),
        "\\PC{1,6}",
    ];
    prop::collection::vec(id, 2)
}

fn series_values() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    let value = prop_oneof![-1e3..1e3, 0.0..1e-6, 1e12..1e15, Just(0.1 + 0.2), Just(0.0)];
    prop::collection::vec((value, prop::bool::weighted(0.8)), 1..14).prop_map(|all| {
        let last = all.len() - 1;
        let mark = |(at, (value, observed)): (usize, (f64, bool))| (value, observed || at == 0 || at == last);
        all.into_iter().enumerate().map(mark).unzip()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_run_is_read_back_as_it_was_written(
        (frequency, start) in frequency_and_start(),
        all in prop::collection::btree_map(ids(), series_values(), 1..4),
        is_workbook: bool,
    ) {
        let columns = Columns { time: Some("when, \"exactly\"".into()), target: "y".into(), ids: vec!["a".into(), "b".into()] };
        let series = all.into_iter().map(|(key, (values, observed))| Series { key, start, values, observed });
        let panel = Panel::new(columns, frequency, frequency.season().max(1), series.collect()).unwrap();
        let sandbox = Sandbox::new();
        let written = write_run(&sandbox.path(""), dataset_of(panel), is_workbook);
        assert_same(&written, &sandbox.path(""));
    }
}

/// Files whose times, values or schemas are special.
const FILES: [(&str, &str); 8] = [
    ("no time column", "y\n3\n4\n5\n3\n4\n5\n3\n4\n"),
    ("offset", "t,y\n2024-01-01T00:00:00+05:30,1\n2024-01-01T01:00:00+05:30,2\n2024-01-01T02:00:00+05:30,3\n"),
    ("utc", "t,y\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,2\n2024-01-01T02:00:00Z,3\n"),
    ("years", "year,y\n2001,3\n2002,4\n2003,5\n2004,4\n2005,3\n2006,4\n"),
    (
        "gaps",
        "t,shop,y\n2024-01-01,a,1\n2024-01-02,a,\n2024-01-04,a,3\n2024-01-01,b,9\n2024-01-02,b,8\n2024-01-01,c,\n",
    ),
    ("months", "month,y\n2024-01,1\n2024-02,2\n2024-03,4\n2024-04,3\n"),
    ("zones", include_str!("../corpus/berlin.csv")),
    ("clocks", "t,y\n2024-10-27T02:00:00+02:00,1\n2024-10-27T02:00:00+01:00,2\n2024-10-27T03:00:00+01:00,3\n"),
];

#[test]
fn times_of_any_kind_are_read_back() {
    for (name, text) in FILES {
        for is_workbook in [false, true] {
            let sandbox = Sandbox::new();
            let dataset = read(&Source::Bytes(text.into()), &ReadOptions::default()).unwrap();
            let written = write_run(&sandbox.path(""), dataset, is_workbook);
            assert_same(&written, &sandbox.path(""));
            assert!(!written.forecasts.is_empty(), "{name}");
        }
    }
}

#[test]
fn local_times_that_occur_twice_are_read_back() {
    let hours = ["2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 02:00", "2024-10-27 03:00", "2024-10-27 04:00"];
    for skipped in 0..2 {
        let rows: Vec<String> =
            hours[skipped..].iter().enumerate().map(|(at, hour)| format!("{hour},{at}\n")).collect();
        let options = ReadOptions { zone: Some("Europe/Berlin".parse().unwrap()), ..ReadOptions::default() };
        let source = Source::Bytes(format!("t,y\n{}", rows.concat()).into());
        let dataset = read(&source, &options).unwrap();
        let sandbox = Sandbox::new();
        let written = write_run(&sandbox.path(""), dataset, false);
        assert_same(&written, &sandbox.path(""));
    }
}

#[test]
fn covariates_spikes_and_their_values_in_the_file_are_read_back() {
    let row = |t: u64| {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(t);
        let value = if t == 40 { 900 } else { 100 + t * 7 % 13 };
        let value = if t < 60 { value.to_string() } else { String::new() };
        format!("{day},{value},{},{}\n", t * t % 17, ["sun", "rain", "snow"][t as usize % 3])
    };
    let rows: String = (0..66).map(row).collect();
    let options =
        ReadOptions { covariates: vec!["all".into()], holidays: Some("DE".parse().unwrap()), ..ReadOptions::default() };
    let dataset = read(&Source::Bytes(format!("day,y,heat,sky\n{rows}").into()), &options).unwrap();
    assert!(dataset.panel.actual(0, 40) > 800.0 && dataset.panel.covariates().columns().len() > 2);
    let sandbox = Sandbox::new();
    let written = write_run(&sandbox.path(""), dataset, false);
    assert_same(&written, &sandbox.path(""));
    let history = sandbox.read("history.csv");
    assert!(history.starts_with("day,value,status,in_file,heat,sky,"), "{history}");
    assert!(history.contains(",replaced,900,") && history.contains("\n2024-03-01,,future,,"), "{history}");
}

#[test]
fn pictures_and_page_are_drawn_again_byte_for_byte() {
    let sandbox = Sandbox::with_daily();
    sandbox.copy_dataset("tourism.csv");
    let mut gaps = sandbox.read("daily.csv").replace("2024-01-17", "x").replace("2024-02-03,", "2024-02-03,9");
    gaps = gaps.lines().filter(|line| !line.starts_with('x')).collect::<Vec<_>>().join("\n");
    sandbox.write("gaps.csv", &gaps);
    let heat: Vec<String> = (0..90).map(|day| format!("{},{},{}", 1_000 + day, day % 7 * 3 + day, day % 11)).collect();
    sandbox.write("heat.csv", &format!("t,y,heat\n{}\n1090,,3\n1091,,4\n1092,,5\n", heat.join("\n")));
    sandbox.run("--csv daily.csv -n 7 --model theta --out kept");
    let runs = [
        "predict --model kept --csv gaps.csv -n 3 --explain",
        "--csv gaps.csv -n 7 --model theta --anomalies --level 50,95 --quantiles 0.7",
        "--csv gaps.csv -n 7 --model auto --budget 300ms",
        "--csv tourism.csv -n 4 --model drift --reconcile --report-series Sydney",
        "--csv daily.csv -n 3 --model drift --format xlsx",
        "backtest --csv gaps.csv -n 3 --model theta,drift",
        "backtest --csv gaps.csv -n 3 --model drift --format xlsx",
        "--csv gaps.csv -n 7 --model theta --explain",
        "--csv gaps.csv -n 7 --budget 300ms --explain --no-report --format svg --title Demand",
        "--csv tourism.csv -n 4 --model drift --reconcile --explain --theme dark",
        "--csv tourism.csv -n 4 --model ets --explain --format xlsx,svg --width 900 --height 1200",
        "--csv heat.csv -n 3 --budget 300ms --covariates heat --explain --anomalies",
        "--csv daily.csv -n 3 --model gru --explain --theme dark --epochs 2",
        "backtest --csv gaps.csv -n 3 --model theta,drift --theme dark --title Record --width 800",
        "backtest --csv gaps.csv -n 3 --model drift --format xlsx,svg",
    ];
    for line in runs {
        sandbox.run(&format!("{line} --out run"));
        let is_drawn = |name: &String| [".png", ".svg", ".html"].iter().any(|ending| name.ends_with(ending));
        let pictures: Vec<String> = sandbox.names("run").into_iter().filter(is_drawn).collect();
        sandbox.run("plot run --out again");
        let missing = usize::from(line.contains("--no-report"));
        assert_eq!(sandbox.names("again").len(), pictures.len() + missing, "{line}");
        for name in pictures {
            let of = |folder: &str| sandbox.bytes(&format!("{folder}/{name}"));
            assert!(of("run") == of("again"), "{line}: {name}");
        }
        fs::remove_dir_all(sandbox.path("again")).unwrap();
    }
}

#[test]
fn typed_options_change_the_pictures_of_an_earlier_run() {
    let sandbox = Sandbox::with_daily();
    let with = |options: &str, out: &str| format!("--csv daily.csv -n 3 --model drift {options} --out {out}");
    sandbox.run(&with("", "plain"));
    sandbox.run(&with("--format svg --theme dark --width 800 --title Demand", "styled"));
    let same = |one: &str, other: &str| assert!(sandbox.bytes(one) == sandbox.bytes(other), "{one}, {other}");
    sandbox.run("plot plain --format svg --theme dark --width 800 --title Demand --out restyled");
    same("restyled/forecast.svg", "styled/forecast.svg");
    same("restyled/report.html", "plain/report.html");
    // what is not typed is that of the run
    sandbox.run("plot styled --theme light --height 700 --out light");
    sandbox.run(&with("--format svg --width 800 --height 700 --title Demand", "expected"));
    same("light/forecast.svg", "expected/forecast.svg");
    for format in ["csv", "xlsx", "svg,png"] {
        let output = sandbox.forecast(&format!("plot plain --format {format}")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{format}");
    }
}

/// What `forecast plot` says of a folder whose data it refuses.
fn refusal_to_plot(sandbox: &Sandbox, folder: &str) -> String {
    let output = sandbox.forecast(&format!("plot {folder}")).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    stderr(&output)
}

#[test]
fn an_explained_run_with_a_damaged_table_is_refused_and_its_folder_is_left() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 3 --model drift --explain --title Demand --out run");
    let (drawn, changed) = ("run/forecast.png", "changed");
    sandbox.write(drawn, changed);
    let refusal = || {
        let text = refusal_to_plot(&sandbox, "run");
        let hint = "hint: make the run again: `forecast --csv daily.csv -n 3 --model drift --explain --title Demand --out run`\n";
        assert!(text.ends_with(hint), "{text}");
        assert_eq!(sandbox.read(drawn), changed);
        text
    };
    let last = |file: &str| sandbox.read(file).lines().last().unwrap().to_owned() + "\n";
    let (component, residual) = (last("run/components.csv"), last("run/residuals.csv"));
    for (file, from, to, message) in [
        ("components.csv", ",part,value,level", ",part,value,trend", "line 1: the header is not date,part,value"),
        (
            "components.csv",
            "\n2024-02-20,",
            "\n2024-02-21,",
            "\"2024-02-21\" with the part \"history\" is not the next time",
        ),
        ("components.csv", ",forecast,", ",history,", "\"2024-02-26\" with the part \"history\" is not the next time"),
        ("components.csv", component.as_str(), "", "the components of the series before do not end with its forecast"),
        ("residuals.csv", "\nmodel,", "\ncandidates,", "line 2: \"candidates\" are not the forecasts of this run"),
        ("residuals.csv", residual.as_str(), &residual.repeat(2), "or not after the row before"),
        ("residuals.csv", ",1,", ",1,9", "is not that of history.csv"),
        ("run.json", "\"residuals\": {", "\"residue\": {", "run.json: it does not say whose the residuals are"),
        ("run.json", "\"reasons\": [", "\"thoughts\": [", "run.json: the reasons are not those of the series"),
        (
            "run.json",
            "\"picture_title\": \"Demand\"",
            "\"picture_title\": 3",
            "run.json: the setting picture_title cannot be 3",
        ),
    ] {
        let path = format!("run/{file}");
        let whole = sandbox.read(&path);
        assert!(whole.contains(from), "{file}: {from}");
        sandbox.write(&path, &whole.replacen(from, to, 1));
        let text = refusal();
        assert!(text.contains(message), "{text}");
        sandbox.write(&path, &whole);
    }
    fs::remove_file(sandbox.path("run/components.csv")).unwrap();
    assert!(refusal().starts_with("error: run: components.csv is missing, which the run wrote"));
}

#[test]
fn damaged_foreign_and_old_folders_are_refused_with_the_place_and_a_hint() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 3 --model drift --out run");
    let refusal = |folder: &str| refusal_to_plot(&sandbox, folder);
    let again = "hint: make the run again: `forecast --csv daily.csv -n 3 --model drift --out run`\n";
    for (file, from, to, message) in [
        ("history.csv", "2024-01-03,", "2024-01-04,", "line 4: \"2024-01-04\" is not the next time"),
        (
            "history.csv",
            "observed,\n2024-01-05",
            "seen,\n2024-01-05",
            "line 5: the status \"seen\" does not suit its values",
        ),
        ("history.csv", "date,value", "date,amount", "line 1: the header is not date,value,status,in_file"),
        ("forecast.csv", "\n2024-02-27,", "\n2024-02-28,", "line 3: \"2024-02-28\" is not the next time"),
        ("forecast.csv", "\n2024-02-27,1", "\n2024-02-27,x", "line 3: \"x"),
        ("forecast.csv", "\n2024-02-27,", "\n\n2024-02-27,", "line 3: 1 cells, but the header has 6"),
        ("backtest.csv", "drift,1,", "drifting,1,", "line 2: there is no model \"drifting\""),
        ("backtest.csv", "drift,1,2024-", "drift,1,2023-", "is not the time before"),
    ] {
        let path = format!("run/{file}");
        let whole = sandbox.read(&path);
        sandbox.write(&path, &whole.replacen(from, to, 1));
        let text = refusal("run");
        assert!(text.starts_with(&format!("error: run: {file}, line ")), "{text}");
        assert!(text.contains(message) && text.ends_with(again), "{text}");
        sandbox.write(&path, &whole);
    }
    fs::remove_file(sandbox.path("run/history.csv")).unwrap();
    let text = refusal("run");
    assert_eq!(text, format!("error: run: history.csv is missing, which the run wrote\n{again}"));
    let record = sandbox.read("run/run.json");
    sandbox.write("run/run.json", &record.replacen("\"schema\": 1,", "", 1));
    let version = env!("CARGO_PKG_VERSION");
    let missing = format!("error: run: it has no history.csv, which version {version} did not write\n");
    assert_eq!(refusal("run"), missing + again);
    sandbox.write("run/run.json", &record);
    fs::create_dir(sandbox.path("empty")).unwrap();
    let hint = "hint: give the folder that `forecast --csv FILE --horizon N` wrote\n";
    let missing = "it has no run.json, so it is not the folder of a run";
    assert_eq!(refusal("empty"), format!("error: empty: {missing}\n{hint}"));
    assert_eq!(refusal("daily.csv"), format!("error: daily.csv: {missing}\n{hint}"));
    sandbox.write("empty/run.json", r#"{"maker": "another tool"}"#);
    assert!(refusal("empty").starts_with("error: empty: run.json is not the record of a run: "));
}
