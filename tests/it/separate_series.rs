//! Forecasts of a series that do not depend on the other series of a file.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;

use forecast::backtest;
use forecast::model::auto::{PooledModel, PooledTraining, WithPooledModel};
use forecast::model::{self, Fit, Hindcast, Model, SilentObserver, Task};
use forecast::panel::RepairPolicy;
use forecast::read::{ReadOptions, Source, read};
use forecast::{Baseline, Forecast, Panel};
use insta_cmd::assert_cmd_snapshot;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::fixtures::normal;
use crate::json_schema::checked;
use crate::sandbox::{Sandbox, stderr, stdout};

const SERIES: usize = 12;
const HORIZON: usize = 6;
/// The sample of three series.
const SAMPLE: [&str; 3] = ["s07", "s08", "s11"];
/// An ordinary series, a short one, one with few values, and counts.
const SINGLES: [usize; 4] = [0, 4, 5, 7];

/// The rows of monthly series of different kinds: a trend with seven values, three values, a constant, intermittent
/// counts, large values with many digits, small ones, values of at least 0, gaps, and a spike. Starts and ends differ.
fn rows(which: usize) -> Vec<String> {
    let mut rng = ChaCha8Rng::seed_from_u64(which as u64);
    let start = [0, 5, 24, 2, 80, 85, 30, 0, 4, 55, 20, 8][which];
    let length = [60, 75, 48, 90, 7, 3, 61, 66, 80, 25, 55, 72][which];
    let mut row = |t: usize| {
        let month = start + t;
        let season = [0.0, 5.0, 9.0, 4.0, -2.0, -6.0, -8.0, -3.0, 0.0, 3.0, 2.0, -4.0][month % 12];
        let noise = normal(&mut rng);
        let value = match which {
            4 => format!("{}", 50.0 + 1.5 * t as f64),
            6 => "7".to_owned(),
            7 => format!("{}", [0, 0, 0, 0, 1, 2, 0, 3][rng.random_range(0..8)]),
            8 => format!("{:.6}", 1e6 + 1_234.567_891 * t as f64 + 1e3 * season + 300.0 * noise),
            9 => format!("{:.4}", 0.01 * (5.0 + noise.abs())),
            10 => format!("{:.1}", (10.0 + season / 3.0 + 0.3 * t as f64 + noise).max(0.0)),
            1 if t == 33 => "5000".to_owned(),
            _ => format!("{:.2}", 100.0 + 10.0 * which as f64 + season + 2.0 * noise),
        };
        format!("s{which:02},{}-{:02}-01,{value}\n", 2000 + month / 12, month % 12 + 1)
    };
    let is_missing = |t: usize| [3, 11].contains(&which) && [20, 21, 40].contains(&t);
    let rows: Vec<(usize, String)> = (0..length).map(|t| (t, row(t))).collect();
    rows.into_iter().filter(|(t, _)| !is_missing(*t)).map(|(_, row)| row).collect()
}

fn csv(which: &[usize]) -> String {
    std::iter::once("id,month,y\n".to_owned()).chain(which.iter().flat_map(|which| rows(*which))).collect()
}

/// All series in parts, in an order other than that of their ids: 2 and 7 parts. Before them, some series by themselves.
fn parts() -> Vec<Vec<usize>> {
    let shuffled: Vec<usize> = (0..SERIES).map(|i| i * 5 % SERIES).collect();
    let in_parts = |count: usize| (0..count).map(move |part| (part..SERIES).step_by(count));
    let of_several = [2, 7].into_iter().flat_map(in_parts).map(|part| part.map(|i| shuffled[i]).collect());
    SINGLES.map(|which| vec![which]).into_iter().chain(of_several).collect()
}

fn panel(which: &[usize]) -> Panel {
    let options = ReadOptions { unfinished: RepairPolicy::Keep, missing: Some(Vec::new()), ..ReadOptions::default() };
    let options = ReadOptions { frequency: Some("monthly".parse().unwrap()), ids: vec!["id".into()], ..options };
    read(&Source::Bytes(csv(which).into()), &options).unwrap().panel
}

/// The key of a series, its forecast, and its hindcasts with their cutoffs.
pub(crate) type SeriesResult = (Vec<String>, Forecast, Vec<(usize, Forecast)>);

/// The results of each series of a panel.
pub(crate) fn results(model: &dyn Model, panel: &Panel) -> Vec<SeriesResult> {
    let fit = model.fit(panel, &Task::new(HORIZON), &mut SilentObserver).unwrap();
    let hindcasts = |which: usize| {
        let own = fit.report.hindcasts.iter().filter(|own| own.series == which);
        own.map(|Hindcast { cutoff, forecast, .. }| (*cutoff, forecast.clone())).collect()
    };
    let all = panel.iter().zip(fit.predict(panel).unwrap()).enumerate();
    all.map(|(which, (series, forecast))| (series.key.to_vec(), forecast, hindcasts(which))).collect()
}

fn assert_alike_in_all_parts(model: &dyn Model, parts: &[Vec<usize>]) {
    let all: Vec<usize> = (0..SERIES).collect();
    let whole = results(model, &panel(&all));
    for part in parts {
        for own in results(model, &panel(part)) {
            let other = whole.iter().find(|(key, ..)| *key == own.0).unwrap();
            assert!(own == *other, "{} in the part {part:?}: {own:?}, and in all: {other:?}", model.name());
        }
    }
}

#[test]
fn a_series_has_the_same_forecast_in_every_part_of_a_file() {
    let model = WithPooledModel::pretrained();
    assert!(model.fits_series_separately() && !model.is_trained());
    assert_alike_in_all_parts(&model, &parts());
}

#[test]
fn a_series_has_the_same_forecast_by_a_model_of_one_series_in_every_part_of_a_file() {
    for baseline in Baseline::ALL {
        assert!(baseline.fits_series_separately());
        assert_alike_in_all_parts(&baseline, &parts()[SINGLES.len() + 2..]);
    }
}

/// The rows of a table without the number of the fold, which counts from the first fold of all series.
pub(crate) fn sorted_rows(tables: &[String]) -> Vec<String> {
    let all = tables.iter().flat_map(|table| table.lines().skip(1));
    // scores of all series are those of a part
    let mut rows: Vec<String> = all.filter(|row| !row.starts_with("all,")).map(str::to_owned).collect();
    for row in &mut rows {
        let fields: Vec<&str> = row.split(',').collect();
        if ["auto", "theta"].contains(&fields[1]) {
            *row = [&fields[..2], &fields[3..]].concat().join(",");
        }
    }
    rows.sort();
    rows
}

#[test]
fn the_files_of_parts_have_the_rows_of_the_file_of_the_whole() {
    let (short, others): (Vec<usize>, Vec<usize>) = (0..SERIES).partition(|which| [2, 4, 5, 9].contains(which));
    for model in ["--pooled-model pretrained", "--model theta"] {
        let sandbox = Sandbox::new();
        for (name, which) in [("all", (0..SERIES).collect()), ("short", short.clone()), ("others", others.clone())] {
            sandbox.write(&format!("{name}.csv"), &csv(&which));
            let out = format!("--no-report --out {name}-run");
            sandbox.run(&format!("--csv {name}.csv -n 6 --frequency monthly {model} {out}"));
        }
        let of_pooled = model.starts_with("--pooled").then_some("metrics.csv");
        for table in ["forecast.csv", "backtest.csv"].into_iter().chain(of_pooled) {
            let read = |name: &str| sandbox.read(&format!("{name}-run/{table}"));
            assert_eq!(sorted_rows(&[read("short"), read("others")]), sorted_rows(&[read("all")]), "{model} {table}");
        }
    }
}

#[test]
fn the_folds_of_a_short_series_are_those_that_it_has_alone() {
    let all = panel(&(0..SERIES).collect::<Vec<_>>());
    let folds = backtest::Folds::default_by_series(&all, HORIZON);
    let (many, one) = (&folds[0], &folds[1]);
    assert_eq!((many.0.count, many.0.min_history, one.0.count, one.0.min_history), (5, 24, 1, 13));
    // those with 3 and 7 values have none
    assert_eq!((many.1.as_slice(), one.1.as_slice()), (&[0, 1, 2, 3, 6, 7, 8, 10, 11][..], &[9][..]));
}

#[test]
fn flags_that_need_all_series_are_refused_with_a_pooled_model() {
    let sandbox = Sandbox::new();
    sandbox.write("sales.csv", &csv(&[0, 1]));
    let index = (0..40).fold(String::new(), |rows, t| rows + &format!("{t},{}\n", 5 + t % 4));
    sandbox.write("index.csv", &format!("t,y\n{index}"));
    for line in [
        "--csv sales.csv -n 6 --model theta",
        "--csv sales.csv -n 6 --reconcile",
        "--csv sales.csv -n 6 --unfinished drop",
        "--csv index.csv -n 6",
    ] {
        assert_cmd_snapshot!(sandbox.forecast(&format!("{line} --pooled-model pretrained")));
    }
}

/// A pooled model of a panel, which is saved and loaded.
pub(crate) fn trained(panel: &Panel) -> (Fit, Arc<PooledModel>, tempfile::TempDir) {
    let fit = PooledTraining.fit(panel, &Task::new(HORIZON), &mut SilentObserver).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fit.forecaster.save(folder.path()).unwrap();
    let pooled = PooledModel::load(folder.path()).unwrap().unwrap();
    (fit, pooled, folder)
}

#[test]
fn a_series_has_the_same_forecast_by_a_pooled_model_in_every_part_of_a_file() {
    let sample = panel(&[0, 1, 3, 6, 7, 8, 10, 11]);
    let (fit, pooled, folder) = trained(&sample);
    assert_eq!((pooled.horizon(), pooled.series()), (HORIZON, 8));
    assert!(!fit.report.hindcasts.is_empty());
    let model = WithPooledModel::of(pooled);
    assert_alike_in_all_parts(&model, &parts());
    // the saved model forecasts alike
    let all = panel(&(0..SERIES).collect::<Vec<_>>());
    let of_model: Vec<Forecast> = results(&model, &all).into_iter().map(|(_, forecast, _)| forecast).collect();
    assert_eq!(model::load(folder.path()).unwrap().predict(&all).unwrap(), of_model);
}

/// The weights of the networks after the first phase.
fn first_phase(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = std::fs::read(folder.join("weights.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let all = tensors.tensors().into_iter().filter(|(name, _)| name.starts_with("first_phase."));
    let mut all: Vec<(String, Vec<u8>)> = all.map(|(name, view)| (name, view.data().to_vec())).collect();
    all.sort();
    all
}

#[test]
fn networks_for_hindcasts_have_not_seen_the_last_horizon() {
    let options = |text: String| {
        let options = ReadOptions { frequency: Some("monthly".parse().unwrap()), ..ReadOptions::default() };
        read(&Source::Bytes(text.into()), &options).unwrap().panel
    };
    // two series of six years that end together
    let text = |last: i64| {
        let row = |shop: &str, t: i64| {
            let value = if t >= 72 - HORIZON as i64 { last + t } else { 100 + t % 12 + t * t % 7 };
            format!("{shop},{}-{:02}-01,{value}\n", 2015 + t / 12, t % 12 + 1)
        };
        let rows: String = ["a", "b"].iter().flat_map(|shop| (0..72).map(move |t| row(shop, t))).collect();
        format!("shop,month,y\n{rows}")
    };
    let [one, other] = [50, 70].map(|last| trained(&options(text(last))).2);
    let weights = first_phase(one.path());
    assert!(weights.len() > 6 && weights == first_phase(other.path()));
    let files = [&one, &other].map(|folder| std::fs::read(folder.path().join("weights.safetensors")).unwrap());
    assert_ne!(files[0], files[1], "the networks for forecasts have seen it");
}

#[test]
fn hindcasts_of_values_that_the_sample_may_have_shown_are_left_out() {
    let whole = panel(&[0, 8, 10]);
    let model = WithPooledModel::of(trained(&whole).1);
    let hindcasts =
        |panel: &Panel| model.fit(panel, &Task::new(HORIZON), &mut SilentObserver).unwrap().report.hindcasts;
    let of_whole = hindcasts(&whole);
    assert!(!of_whole.is_empty());
    for steps in [1, 3, 40] {
        assert_eq!(hindcasts(&whole.without_last(steps, 1).unwrap()), []);
    }
    // the series of the sample show later values of others, too
    let [ends_with_it, ends_earlier] = [8, 9].map(|steps| panel(&[3]).without_last(steps, 1).unwrap());
    assert_eq!(ends_with_it.iter().next().unwrap().end(), whole.iter().map(|series| series.end()).max().unwrap());
    assert_ne!(hindcasts(&ends_with_it), []);
    assert_eq!(hindcasts(&ends_earlier), []);
}

#[test]
fn a_sample_depends_on_the_ids_alone() {
    let all = panel(&(0..SERIES).collect::<Vec<_>>());
    let keys = |panel: &Panel, count: usize| -> Vec<String> {
        panel.only(&panel.sample(count)).iter().map(|series| series.key[0].clone()).collect()
    };
    // the smallest hashes, as `printf s07 | sha256sum` prints them
    assert_eq!(keys(&all, 3), SAMPLE);
    assert_eq!(keys(&all, 100).len(), SERIES);
    // a part that has the sample has the same sample
    assert_eq!(keys(&all.only(&all.sample(5)), 3), SAMPLE);
}

#[test]
fn training_on_a_sample_depends_neither_on_the_order_of_the_rows_nor_on_other_series() {
    let sandbox = Sandbox::new();
    let all: Vec<usize> = (0..SERIES).collect();
    let shuffled: Vec<usize> = all.iter().map(|i| i * 5 % SERIES).collect();
    let ids = SAMPLE.map(|id| id[1..].parse().unwrap());
    for (name, which) in [("all", all), ("shuffled", shuffled), ("sample", ids.to_vec())] {
        sandbox.write(&format!("{name}.csv"), &csv(&which));
        let output = sandbox.run(&format!("train --csv {name}.csv -n 6 --frequency monthly --sample 3 --out {name}"));
        assert!(stdout(&output).contains("next: forecast --pooled-model"), "{}", stdout(&output));
    }
    for file in ["model/weights.safetensors", "model/settings.json", "model/trained-on.json", "history.csv"] {
        let [all, shuffled, sample] =
            ["all", "shuffled", "sample"].map(|name| sandbox.bytes(&format!("{name}/{file}")));
        assert!(all == shuffled && all == sample, "{file}");
    }
    let flags = "--csv all.csv -n 6 --pooled-model all --no-report";
    sandbox.run(&format!("{flags} --out run"));
    sandbox.run("predict --model all --csv all.csv --no-report --out prediction");
    assert_eq!(sandbox.read("run/forecast.csv"), sandbox.read("prediction/forecast.csv"));
    // a short series alone, whose step is that of the sample, and a series without ids
    sandbox.write("short.csv", "id,month,y\nnew,2020-01-01,50\nnew,2020-02-01,52\n");
    sandbox.write("no-ids.csv", &csv(&[3]).replace("id,month", "month").replace("s03,", ""));
    for name in ["short", "no-ids"] {
        sandbox.run(&format!("--csv {name}.csv -n 6 --pooled-model all --no-report --out run"));
        sandbox.run(&format!("predict --model all --csv {name}.csv --no-report --out prediction"));
        assert_eq!(sandbox.read("run/forecast.csv"), sandbox.read("prediction/forecast.csv"));
    }
    sandbox.write("quarters.csv", "id,month,y\na,2020-01-01,5\na,2020-04-01,6\na,2020-07-01,5\na,2020-10-01,7\n");
    sandbox.run("train --csv all.csv --id id -n 6 --model theta --out theta");
    for line in [
        "--csv all.csv -n 7 --pooled-model all",
        "--csv quarters.csv -n 6 --pooled-model all",
        "--csv all.csv -n 6 --pooled-model theta",
        "--csv all.csv -n 6 --pooled-model nothing",
        "--csv all.csv -n 6 --pooled-model all --sensitivity",
        "backtest --csv all.csv -n 6 --pooled-model all",
        "train --csv all.csv -n 6 --sample 3 --model theta",
    ] {
        assert_cmd_snapshot!(sandbox.forecast(line));
    }
}

/// A pooled model that was trained with `--gaps zero` on series with gaps, in the folder `zero`; and a file with gaps.
fn with_trained_gaps() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("all.csv", &csv(&[3, 7, 8, 11]));
    sandbox.write("part.csv", &csv(&[3, 11]));
    sandbox.run("train --csv all.csv -n 6 --id id --frequency monthly --gaps zero --sample 3 --out zero");
    sandbox
}

/// What a service prints that gets these requests on a pipe.
pub(crate) fn answers(sandbox: &Sandbox, line: &str, requests: &str) -> Output {
    let mut command = sandbox.forecast(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut service = command.spawn().unwrap();
    service.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    service.wait_with_output().unwrap()
}

#[test]
fn requests_and_files_are_read_as_in_the_training_of_a_pooled_model() {
    let sandbox = with_trained_gaps();
    let command = "--csv part.csv -n 6 --pooled-model zero --json --out -";
    let of_file = sandbox.run(command);
    let note =
        "notice: the file is read as in the training, with --frequency, --gaps (`--only-typed` reads it without)";
    assert!(stderr(&of_file).contains(note), "{}", stderr(&of_file));
    let expected = checked(&stdout(&of_file));
    assert_eq!(expected["notices"][0], note.trim_start_matches("notice: "));

    let request = json!({"data": csv(&[3, 11]), "options": {"horizon": 6}});
    let fill = json!({"data": csv(&[3, 11]), "options": {"horizon": 6, "gaps": "fill"}});
    let output = answers(&sandbox, "serve --stdin --pooled-model zero", &format!("{request}\n{fill}\n"));
    let note = "notice: requests are read as in the training of the pooled model, with --frequency, --gaps; an option of a \
                request replaces its flag\n";
    assert_eq!(stderr(&output), note);
    let answers: Vec<Value> = stdout(&output).lines().map(checked).collect();
    for member in ["data", "settings", "tables"] {
        assert_eq!(answers[0][member], expected[member], "{member}");
    }

    let typed = sandbox.run(&format!("{command} --frequency monthly --only-typed"));
    assert!(!stderr(&typed).contains("as in the training"), "{}", stderr(&typed));
    let typed = checked(&stdout(&typed));
    assert_ne!(typed["tables"]["repairs"], expected["tables"]["repairs"]);
    assert_eq!(answers[1]["tables"]["forecast"], typed["tables"]["forecast"]);
}

#[test]
fn differences_from_the_sample_are_noted_or_refused() {
    let sandbox = with_trained_gaps();
    let changed = |text: &str, to: &str| csv(&[3, 11]).replace(text, to);
    sandbox.write("column.csv", &changed("id,month,y", "id,month,z"));
    let line = "-n 6 --pooled-model zero --json --out -";
    let difference = "the model was trained on the column y, and this is z";
    let refused = sandbox.forecast(&format!("--csv column.csv {line}")).output().unwrap();
    assert!(!refused.status.success());
    assert_eq!(checked(&stdout(&refused))["error"]["message"], difference);
    let typed = checked(&stdout(&sandbox.run(&format!("--csv column.csv {line} --target z"))));
    assert_eq!(typed["settings"]["differences_from_training"], json!([difference]));
    let request = json!({"data": changed("id,month,y", "id,month,z"), "options": {"horizon": 6, "target": "z"}});
    let answer = checked(&stdout(&answers(&sandbox, "serve --stdin --pooled-model zero", &format!("{request}\n"))));
    assert_eq!(answer["settings"]["differences_from_training"], json!([difference]));
}

#[test]
fn a_command_and_a_request_with_a_pooled_model_refuse_the_same() {
    let sandbox = with_trained_gaps();
    let (of_sample, of_both) = (["zero"].as_slice(), ["zero", "pretrained"].as_slice());
    for (models, flags, options) in [
        (of_both, "--until 2020-01", json!({"until": "2020-01"})),
        (of_sample, "--season 12", json!({"horizon": 6, "season": 12})),
    ] {
        let horizon = if options["horizon"].is_null() { "" } else { "-n 6" };
        let flag = flags.split(' ').next().unwrap();
        for model in models {
            let message = |flag: &str| format!("{flag} does not work with the pooled model {model}");
            let line = format!("--csv part.csv {horizon} {flags} --pooled-model {model} --json --out -");
            let refused = sandbox.forecast(&line).output().unwrap();
            assert_eq!(refused.status.code(), Some(2));
            assert_eq!(checked(&stdout(&refused))["error"]["message"], message(flag));
            let request = json!({"data": csv(&[3]), "options": options});
            let answer = answers(&sandbox, &format!("serve --stdin --pooled-model {model}"), &format!("{request}\n"));
            let error = &checked(&stdout(&answer))["error"];
            assert_eq!(error["message"], message(&format!("`{}`", &flag[2..])));
            assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{error}");
        }
    }
    for line in ["--csv part.csv -n 6 --only-typed", "--csv part.csv -n 6 --only-typed --pooled-model pretrained"] {
        let refused = sandbox.forecast(line).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains("--only-typed has no effect"), "{}", stderr(&refused));
    }
}
