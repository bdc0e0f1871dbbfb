//! Covariates of series that are forecast in parts of a file.

use forecast::model::auto::WithPooledModel;
use forecast::model::{self, Model};
use forecast::panel::{CovariateKind, RepairPolicy};
use forecast::read::{ReadOptions, Source, read};
use forecast::{Error, Forecast, Panel};
use insta_cmd::assert_cmd_snapshot;
use serde_json::{Value, json};

use crate::json_schema::checked;
use crate::sandbox::{Sandbox, stderr, stdout};
use crate::separate_series::{answers, results, sorted_rows, trained};

const SERIES: usize = 8;
const HORIZON: usize = 6;
const HEADER: &str = "id,month,y,price,flag,promo,size,wind\n";
const FUTURE_HEADER: &str = "month,id,price,flag,promo,size\n";

/// The cells of a month: a price, a flag that is 1 or empty, words, words of which some are numbers, and the wind, which is
/// not known in the future. Each series has words of its own. One has a single word, one has none, and one has a new word
/// each month. One series is never promoted.
fn cells(which: usize, t: usize) -> [String; 5] {
    let price = 10.0 + ((which + 3 * t) % 7) as f64 / 4.0;
    let is_promoted = (t * (which + 2)).is_multiple_of(5) || t % 11 == 3;
    let word = match (which, is_promoted) {
        (1, _) | (2, true) => "yes".to_owned(),
        (2, false) => "no".to_owned(),
        (4, _) => String::new(),
        (5, _) => format!("note {t}"),
        (_, true) => ["leaflet", "display", "b", "a"][(which + t) % 4].to_owned(),
        (_, false) => "regular".to_owned(),
    };
    let size = match which {
        3 => format!("{}", 1 + t % 2),
        5 => String::new(),
        _ => ["small", "large"][t % 2].to_owned(),
    };
    let flag = if is_promoted && which != 1 { "1" } else { "" };
    [format!("{price:.2}"), flag.into(), word, size, format!("{}", (which * 7 + t * t) % 13)]
}

/// The months of a series, and those of its future.
fn months(which: usize) -> [std::ops::Range<usize>; 2] {
    let (start, length) = ([0, 5, 2, 30, 0, 12, 60, 8][which], [130, 50, 40, 45, 48, 36, 7, 40][which]);
    [start..start + length, start + length..start + length + HORIZON]
}

fn month(t: usize) -> String {
    format!("{}-{:02}-01", 2000 + t / 12, t % 12 + 1)
}

fn history(which: &[usize]) -> String {
    let row = |which: usize, t: usize| {
        let cells = cells(which, t);
        let price: f64 = cells[0].parse().unwrap();
        let effect = if cells[1] == "1" { 20.0 } else { 0.0 };
        let season = [0.0, 5.0, 9.0, 4.0, -2.0, -6.0, -8.0, -3.0, 0.0, 3.0, 2.0, -4.0][t % 12];
        let noise = ((which * 31 + t * 17) % 19) as f64 / 9.0;
        let value = match which {
            7 => {
                if t.is_multiple_of(3) {
                    2.0 + effect / 10.0
                } else {
                    0.0
                }
            }
            _ => 150.0 + 10.0 * which as f64 + season + effect - 4.0 * price + noise,
        };
        format!("s{which},{},{value:.2},{}\n", month(t), cells.join(","))
    };
    let rows = which.iter().flat_map(|which| months(*which)[0].clone().map(move |t| row(*which, t)));
    std::iter::once(HEADER.to_owned()).chain(rows).collect()
}

/// The future of all series, in another order of columns. A part is read with the same file.
fn future(change: fn(usize, usize) -> Option<&'static str>) -> String {
    let row = |which: usize, t: usize| {
        let [price, flag, promo, size, _] = cells(which, t);
        let flag = change(which, t).map_or(flag, str::to_owned);
        format!("{},s{which},{price},{flag},{promo},{size}\n", month(t))
    };
    let rows = (0..SERIES).flat_map(|which| months(which)[1].clone().map(move |t| row(which, t)));
    std::iter::once(FUTURE_HEADER.to_owned()).chain(rows).collect()
}

fn options() -> ReadOptions {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    ReadOptions {
        unfinished: RepairPolicy::Keep,
        missing: Some(Vec::new()),
        frequency: Some("monthly".parse().unwrap()),
        time: Some("month".into()),
        target: Some("y".into()),
        ids: names(&["id"]),
        covariates: names(&["price", "flag", "wind"]),
        categories: names(&["promo", "size"]),
        separate_covariates: true,
        ..ReadOptions::default()
    }
}

fn panel_with(which: &[usize], change: fn(usize, usize) -> Option<&'static str>) -> Panel {
    let options = ReadOptions { future: Some(Source::Bytes(future(change).into())), ..options() };
    let dataset = read(&Source::Bytes(history(which).into()), &options).unwrap();
    assert!(dataset.failed.is_empty(), "series of the future alone are no series");
    dataset.panel
}

fn panel(which: &[usize]) -> Panel {
    panel_with(which, |_, _| None)
}

/// All series in 2 and 7 parts, in an order other than that of their ids. Most of the 7 are alone.
fn parts() -> Vec<Vec<usize>> {
    let shuffled: Vec<usize> = (0..SERIES).map(|i| i * 5 % SERIES).collect();
    let in_parts = |count: usize| (0..count).map(move |part| (part..SERIES).step_by(count));
    [2, 7].into_iter().flat_map(in_parts).map(|part| part.map(|i| shuffled[i]).collect()).collect()
}

fn assert_alike_in_all_parts(model: &dyn Model) {
    let whole = results(model, &panel(&(0..SERIES).collect::<Vec<_>>()));
    assert!(whole.iter().any(|(_, _, hindcasts)| !hindcasts.is_empty()));
    for part in parts() {
        for own in results(model, &panel(&part)) {
            let other = whole.iter().find(|(key, ..)| *key == own.0).unwrap();
            assert!(own == *other, "{} in the part {part:?}: {own:?}, and in all: {other:?}", model.name());
        }
    }
}

/// The forecasts of two series, where the flag of one of them is changed in the future.
fn with_changed_flag(model: &dyn Model) -> [Vec<Forecast>; 2] {
    let changed = |which: usize, _| (which == 0).then_some("1");
    [panel(&[0, 1]), panel_with(&[0, 1], changed)]
        .map(|panel| results(model, &panel).into_iter().map(|(_, forecast, _)| forecast).collect())
}

#[test]
fn a_series_with_covariates_has_the_same_forecast_in_every_part_of_a_file() {
    let model = WithPooledModel::pretrained();
    assert_alike_in_all_parts(&model);
    let [before, after] = with_changed_flag(&model);
    assert_ne!(before[0], after[0], "the future of a covariate counts");
    assert_eq!(before[1], after[1], "that of another series does not");
}

#[test]
fn a_series_with_covariates_has_the_same_forecast_by_a_model_of_a_sample_in_every_part() {
    let (fit, pooled, folder) = trained(&panel(&[0, 1, 2, 3, 4, 5, 7]));
    assert!(!fit.report.hindcasts.is_empty());
    let names: Vec<&str> = pooled.covariates().iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names, ["price", "flag", "wind", "promo", "size"]);
    let known: Vec<bool> = pooled.covariates().iter().map(|own| own.known_future).collect();
    assert_eq!(known, [true, true, false, true, true]);
    let model = WithPooledModel::of(pooled);
    assert_alike_in_all_parts(&model);
    let [before, after] = with_changed_flag(&model);
    assert_ne!(before[0], after[0]);
    assert_eq!(before[1], after[1]);
    // the saved model forecasts alike, also a series with words that the sample does not have
    let all = panel(&(0..SERIES).collect::<Vec<_>>());
    let of_model: Vec<Forecast> = results(&model, &all).into_iter().map(|(_, forecast, _)| forecast).collect();
    assert_eq!(model::load(folder.path()).unwrap().predict(&all).unwrap(), of_model);
}

#[test]
fn the_categories_of_a_model_of_a_sample_are_those_of_the_sample() {
    let kinds = |panel: &Panel| trained(panel).1.covariates().iter().map(|own| own.kind.clone()).collect::<Vec<_>>();
    // a file with more series, and a file of the sample alone
    let of_more = kinds(&panel(&[0, 2, 3, 4]).only(&[0, 1, 3]));
    assert_eq!(of_more, kinds(&panel(&[0, 2, 4])));
    let CovariateKind::Category(sizes) = &of_more[4] else { panic!("{of_more:?}") };
    assert_eq!(sizes, &["large", "small"], "not the numbers of the third series");
}

#[test]
fn a_column_whose_kind_depends_on_the_series_is_refused() {
    let covariates = vec!["size".to_owned()];
    let options = ReadOptions { covariates, categories: Vec::new(), ..options() };
    let message = |which: &[usize]| match read(&Source::Bytes(history(which).into()), &options) {
        Ok(dataset) => format!("{:?}", dataset.panel.covariates().columns()[0].kind),
        Err(Error::Data { problem, .. }) => problem.to_string(),
        Err(error) => panic!("{error}"),
    };
    let mixed = "covariate \"size\" has numbers, such as line 172 \"1\", and words, such as line 2 \"small\"";
    assert_eq!(message(&[0, 2, 3]), mixed);
    assert_eq!(message(&[5]), "Number", "it has no value");
    assert_eq!(message(&[3]), "Number");
    assert_eq!(message(&[0, 5]), "Category([\"large\", \"small\"])");
}

#[test]
fn a_covariate_without_a_value_in_a_series_has_no_effect_there() {
    let read_part = |which: &[usize]| {
        let covariates = ["price", "flag", "promo", "size"].map(str::to_owned).to_vec();
        let options = ReadOptions {
            covariates,
            categories: Vec::new(),
            future: Some(Source::Bytes(future(|_, _| None).into())),
            ..options()
        };
        read(&Source::Bytes(history(which).into()), &options).unwrap()
    };
    // words of the first series, none of the fifth; the flag of the second is always empty
    let whole = read_part(&[0, 1, 4]);
    let notices: Vec<String> = whole.notices.iter().map(ToString::to_string).collect();
    assert!(
        notices.contains(&"covariate flag has no effect in 1 series: it has no value in the past there".to_owned()),
        "{notices:?}"
    );
    assert!(notices.iter().all(|notice| !notice.contains("never occurs")), "{notices:?}");
    let model = WithPooledModel::pretrained();
    let of_whole = results(&model, &whole.panel);
    for which in [0, 1, 4] {
        let alone = results(&model, &read_part(&[which]).panel);
        assert!(of_whole.contains(&alone[0]), "s{which}");
    }
    let notices = read_part(&[5]).notices.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let unique = "covariate promo has no effect in 1 series: most of its values occur once only";
    assert!(notices.contains(unique), "{notices}");
}

/// The flags that a caller gives.
const READING: &str = "-n 6 --id id --time month --target y --frequency monthly";
const COVARIATES: &str = "--covariates price,flag,wind --categories promo,size --holidays US";

#[test]
fn files_in_parts_with_covariates_have_the_rows_of_the_file_of_the_whole() {
    let sandbox = Sandbox::new();
    sandbox.write("future.csv", &future(|_, _| None));
    for (name, which) in [("all", vec![2, 3, 4, 6]), ("one", vec![4, 2]), ("other", vec![6, 3])] {
        sandbox.write(&format!("{name}.csv"), &history(&which));
        let threads = if name == "all" { 1 } else { 3 };
        let flags = format!("{READING} {COVARIATES} --pooled-model pretrained --no-report --threads {threads}");
        sandbox.run(&format!("--csv {name}.csv --future future.csv {flags} --out {name}-run"));
        sandbox.run(&format!("backtest --csv {name}.csv --folds 2 --known price,flag {flags} --out {name}-backtest"));
    }
    for table in ["run/forecast.csv", "run/backtest.csv", "run/metrics.csv", "backtest/backtest.csv"] {
        let read = |name: &str| sandbox.read(&format!("{name}-{table}"));
        assert_eq!(sorted_rows(&[read("one"), read("other")]), sorted_rows(&[read("all")]), "{table}");
    }
}

#[test]
fn parts_are_read_with_the_covariates_of_the_sample() {
    let sandbox = Sandbox::new();
    sandbox.write("future.csv", &future(|_, _| None));
    sandbox.write("all.csv", &history(&(0..SERIES).collect::<Vec<_>>()));
    sandbox.write("one.csv", &history(&[3]));
    let train = |name: &str, flags: &str| {
        sandbox.run(&format!("train --csv all.csv {READING} {flags} --sample 3 --out {name}"));
    };
    train("model", &format!("{COVARIATES} --future future.csv"));
    train("plain", "");
    // the columns and their kinds are those of the training
    let flags = "-n 6 --pooled-model model --future future.csv --no-report";
    for name in ["all", "one"] {
        sandbox.run(&format!("--csv {name}.csv {flags} --out {name}-run"));
    }
    let rows = |name: &str, table: &str| -> Vec<String> {
        let all = sandbox.read(&format!("{name}-run/{table}.csv"));
        all.lines().filter(|row| row.starts_with("s3,")).map(str::to_owned).collect()
    };
    assert_eq!(rows("one", "forecast").len(), HORIZON);
    assert_eq!(rows("one", "forecast"), rows("all", "forecast"));
    sandbox.run("predict --model model --csv one.csv --future future.csv --no-report --out prediction");
    assert_eq!(sandbox.read("prediction/forecast.csv"), sandbox.read("one-run/forecast.csv"));

    // a request has the future as rows without a value of the target
    let rows_of_future =
        future(|_, _| None).lines().filter(|row| row.contains(",s3,")).fold(String::new(), |rows, row| {
            let cells: Vec<&str> = row.split(',').collect();
            rows + &format!("s3,{},,{},{},{},{},\n", cells[0], cells[2], cells[3], cells[4], cells[5])
        });
    let request = json!({"data": history(&[3]) + &rows_of_future, "options": {"horizon": 6}});
    let without = json!({"data": history(&[3]), "options": {"horizon": 6}});
    let output = answers(&sandbox, "serve --stdin --pooled-model model", &format!("{request}\n{without}\n"));
    let answers = stdout(&output);
    let (answer, refused) = answers.split_once('\n').unwrap();
    assert!(refused.contains("known in the future"), "{refused}");
    let answer: Value = checked(answer);
    let forecast = answer["tables"]["forecast"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let medians: Vec<f64> = forecast.iter().map(|row| row["forecast"].as_f64().unwrap()).collect();
    let expected: Vec<f64> =
        rows("one", "forecast").iter().map(|row| row.split(',').nth(2).unwrap().parse().unwrap()).collect();
    assert_eq!(medians, expected);

    sandbox.write("no-price.csv", &history(&[3]).replace("price", "prize"));
    sandbox.write("no-future.csv", &future(|_, _| None).replace(",s3,", ",other,"));
    for line in [
        "--csv one.csv -n 6 --pooled-model model",
        "--csv one.csv -n 6 --pooled-model model --future no-future.csv",
        "--csv no-price.csv -n 6 --pooled-model model --future future.csv",
        "--csv one.csv -n 6 --pooled-model model --covariates price --future future.csv",
        "--csv one.csv -n 6 --pooled-model plain --covariates price",
        "--csv one.csv -n 6 --pooled-model plain --future future.csv",
        "--csv one.csv -n 6 --id id --frequency monthly --pooled-model pretrained --covariates price --future no-future.csv",
        "--csv all.csv -n 6 --pooled-model pretrained --covariates size",
    ] {
        assert_cmd_snapshot!(sandbox.forecast(line));
    }
    let noted = sandbox.run(&format!("--csv one.csv {flags} --out again"));
    assert!(
        stderr(&noted).contains("covariates: price, flag, promo, size, holidays US known in the future; wind"),
        "{}",
        stderr(&noted)
    );
}
