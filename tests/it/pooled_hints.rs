//! What is wrong with covariates for a pooled model, and the hints that settle it.

use std::process::Command;

use insta_cmd::assert_cmd_snapshot;

use crate::sandbox::{Sandbox, stderr, stdout};

const SERIES: usize = 4;
const MONTHS: usize = 40;
const HORIZON: usize = 6;
const READING: &str = "--id store --time month --target sales --frequency monthly";
const COVARIATES: &str = "--covariates price --categories promotion";

fn month(t: usize) -> String {
    format!("{}-{:02}-01", 2020 + t / 12, t % 12 + 1)
}

/// A price and a promotion, for which `none` is one of the answers.
fn cells(which: usize, t: usize) -> [String; 2] {
    let promotion = ["none", "none", "leaflet", "none", "display"][(t * (which + 2)) % 5];
    [format!("{:.2}", 10.0 + ((which + 3 * t) % 7) as f64 / 4.0), promotion.to_owned()]
}

/// The past of all series, with changed cells.
fn history(change: impl Fn(usize, usize, [String; 2]) -> [String; 2]) -> String {
    let row = |which: usize, t: usize| {
        let effect = match cells(which, t)[1].as_str() {
            "leaflet" => 12.0,
            "display" => 20.0,
            _ => 0.0,
        };
        let value = 100.0 + 10.0 * which as f64 + effect + (t % 12) as f64 + ((which * 31 + t * 17) % 19) as f64 / 9.0;
        let [price, promotion] = change(which, t, cells(which, t));
        format!("s{which},{},{value:.2},{price},{promotion}\n", month(t))
    };
    let rows = (0..SERIES).flat_map(|which| (0..MONTHS).map(move |t| (which, t)));
    "store,month,sales,price,promotion\n".to_owned() + &rows.map(|(which, t)| row(which, t)).collect::<String>()
}

/// The future rows that are kept, with changed cells.
fn future(change: impl Fn(usize, usize, [String; 2]) -> Option<[String; 2]>) -> String {
    let row = |which: usize, t: usize| {
        let [price, promotion] = change(which, t, cells(which, t))?;
        Some(format!("s{which},{},{price},{promotion}\n", month(t)))
    };
    let rows = (0..SERIES).flat_map(|which| (MONTHS..MONTHS + HORIZON).map(move |t| (which, t)));
    "store,month,price,promotion\n".to_owned() + &rows.filter_map(|(which, t)| row(which, t)).collect::<String>()
}

fn cheap_at(at: usize) -> impl Fn(usize, usize, [String; 2]) -> [String; 2] {
    move |which, t, [price, promotion]| [if (which, t) == (1, at) { "cheap".to_owned() } else { price }, promotion]
}

fn failure(sandbox: &Sandbox, line: &str) -> String {
    let output = sandbox.forecast(line).output().unwrap();
    assert!(!output.status.success(), "{line}");
    stderr(&output)
}

/// A sandbox with a model of a sample that was trained with a price and a promotion.
fn with_model() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("all.csv", &history(|_, _, cells| cells));
    sandbox.write("future.csv", &future(|_, _, cells| Some(cells)));
    sandbox.run(&format!("train --csv all.csv --future future.csv -n 6 --sample 3 {READING} {COVARIATES} --out model"));
    sandbox
}

#[test]
fn messages_on_covariates_of_a_model_name_the_place_and_what_settles_it() {
    let sandbox = with_model();
    sandbox.write("short.csv", &future(|_, t, cells| (t < MONTHS + 3).then_some(cells)));
    sandbox.write("word.csv", &history(cheap_at(18)));
    sandbox.write("word-in-future.csv", &future(|which, t, cells| Some(cheap_at(MONTHS + 3)(which, t, cells))));
    sandbox.write("number.csv", &history(|_, _, [price, _]| [price, "7".to_owned()]));
    let forecast = |line: &str| -> Command { sandbox.forecast(&format!("{line} --no-report --out out")) };
    let given = "-n 6 --pooled-model model --future";
    for line in [
        // all steps of the model are needed, and the time of the last is given
        format!("--csv all.csv {given} short.csv"),
        "predict --csv all.csv --model model --future short.csv".to_owned(),
        "predict --csv all.csv --model model --horizon 3".to_owned(),
        // cells are named with their file
        format!("--csv word.csv {given} future.csv"),
        format!("--csv all.csv {given} word-in-future.csv"),
        "predict --csv all.csv --model model --future word-in-future.csv".to_owned(),
        format!("--csv all.csv -n 6 {READING} --pooled-model pretrained {COVARIATES} --future word-in-future.csv"),
        format!("--csv word.csv -n 6 {READING} --pooled-model pretrained {COVARIATES} --future future.csv"),
        // flags that contradict the training
        format!("--csv all.csv {given} future.csv --categories price,promotion"),
        format!("--csv all.csv {given} future.csv --covariates price"),
        format!("--csv all.csv {given} future.csv --holidays US"),
        "predict --csv all.csv --model model --future future.csv --holidays US".to_owned(),
        "update --csv all.csv --model model --future future.csv --holidays US".to_owned(),
    ] {
        assert_cmd_snapshot!(forecast(&line));
    }
}

#[test]
fn hints_on_covariates_of_a_model_settle_it() {
    let sandbox = with_model();
    sandbox.write("word.csv", &history(cheap_at(18)));
    let given = "-n 6 --pooled-model model --future future.csv --no-report --out out";
    let hint = |line: &str| failure(&sandbox, line).split_once("hint: ").unwrap().1.to_owned();
    assert!(hint(&format!("--csv word.csv {given}")).contains("`--bad-rows skip`"));
    sandbox.run(&format!("--csv word.csv {given} --bad-rows skip"));
    assert!(hint(&format!("--csv all.csv {given} --holidays US")).contains("leave --holidays out"));
    let plain = sandbox.run(&format!("--csv all.csv {given}"));
    let written = sandbox.read("out/forecast.csv");
    // the flags that a hint names are those that were typed, and without them the file is read
    for typed in [
        "--covariates price",
        "--categories price,promotion",
        "--categories price",
        "--categories promotion,price --covariates promotion",
    ] {
        let hint = hint(&format!("--csv all.csv {given} {typed}"));
        let left_out: Vec<&str> = hint.split('`').filter(|part| part.starts_with("--")).collect();
        let words: Vec<&str> = typed.split(' ').collect();
        let kept: Vec<&str> = words.chunks(2).filter(|pair| !left_out.contains(&pair[0])).flatten().copied().collect();
        assert!(hint.starts_with("leave out `--") && kept.len() + 2 * left_out.len() == words.len(), "{typed}: {hint}");
        sandbox.run(&format!("--csv all.csv {given} {}", kept.join(" ")));
        assert_eq!(sandbox.read("out/forecast.csv"), written, "{typed}: {hint}");
    }
    // flags that name what the training had change nothing
    sandbox.run(&format!("--csv all.csv {given} {COVARIATES}"));
    assert_eq!(sandbox.read("out/forecast.csv"), written);
    sandbox.run(&format!("--csv all.csv {given} --covariates price,promotion"));
    assert_eq!(sandbox.read("out/forecast.csv"), written);
    assert!(!stderr(&plain).contains("categor"), "`none` is a category of the sample: {}", stderr(&plain));

    // other columns as words, without a model of a sample
    let pretrained = format!("-n 6 {READING} --pooled-model pretrained --future future.csv --no-report --out out");
    let followed = hint(&format!("--csv word.csv {pretrained} {COVARIATES}"));
    assert!(followed.contains("`--categories price`"), "{followed}");
    sandbox.run(&format!("--csv word.csv {pretrained} --categories price,promotion"));
}

#[test]
fn a_file_without_the_covariates_of_a_model_says_what_to_give() {
    let sandbox = with_model();
    let price_left_out =
        |text: &str| text.lines().map(|row| row.rsplitn(3, ',').nth(2).unwrap().to_owned() + "\n").collect();
    let without: String = price_left_out(&history(|_, _, cells| cells));
    sandbox.write("without.csv", &without);
    let narrow =
        |which, t, [price, word]: [String; 2]| [if t == 5 && which < 2 { "####".to_owned() } else { price }, word];
    sandbox.write("narrow.csv", &history(narrow));
    let hint = |line: &str| {
        failure(&sandbox, &format!("{line} --no-report --out out")).split_once("hint: ").unwrap().1.to_owned()
    };
    let given = "-n 6 --pooled-model model";
    let missing = hint(&format!("--csv without.csv {given}"));
    assert!(missing.starts_with("give a file with this column, or train a model without it"), "{missing}");
    for flags in [given.to_owned(), format!("-n 6 {READING} --pooled-model pretrained {COVARIATES}")] {
        let narrow = hint(&format!("--csv narrow.csv --future future.csv {flags}"));
        assert!(
            narrow.contains("were too narrow for these numbers") && narrow.contains("`--bad-rows skip`"),
            "{narrow}"
        );
        assert!(!narrow.contains("--missing") && !narrow.contains("--categories"), "{narrow}");
    }

    // holidays that were typed are no columns
    let train = "train --csv all.csv --future future.csv -n 6 --sample 3 --holidays US";
    sandbox.run(&format!("{train} {READING} {COVARIATES} --out with-holidays"));
    let missing = hint("--csv without.csv -n 6 --pooled-model with-holidays --holidays US");
    assert!(missing.starts_with("give a file with this column, or train a model without it"), "{missing}");
}

#[test]
fn none_is_a_category_among_words() {
    let sandbox = with_model();
    // the past of one series has no `none`, its future has
    let always = |which: usize, word: String| if which == 2 && word == "none" { "display".to_owned() } else { word };
    sandbox.write("no-none.csv", &history(|which, _, [price, word]| [price, always(which, word)]));
    for flags in ["--pooled-model model".to_owned(), format!("{READING} --pooled-model pretrained {COVARIATES}")] {
        let line = format!("-n 6 {flags} --future future.csv --no-report --out");
        sandbox.run(&format!("--csv all.csv {line} out"));
        // the sample knows the word, and the past of a series alone does not
        let noted = stderr(&sandbox.run(&format!("--csv no-none.csv {line} other")));
        let unseen = "never occurs with a value of the target, such as \"none\"";
        assert_eq!(noted.contains(unseen), flags.contains("pretrained"), "{noted}");
        // words that stand for a missing value are those that are named
        let named = sandbox.forecast(&format!("--csv no-none.csv {line} named --missing None,none")).output().unwrap();
        assert!(
            stderr(&named).contains("left out, since covariates are not known at every step: s2: promotion"),
            "{}",
            stderr(&named)
        );
    }
    let record: serde_json::Value = serde_json::from_str(&sandbox.read("out/run.json")).unwrap();
    let kinds = record["data"]["covariates"].to_string();
    assert!(kinds.contains(r#"["display","leaflet","none"]"#), "{kinds}");
}

#[test]
fn a_series_with_an_incomplete_future_does_not_end_the_run() {
    let sandbox = with_model();
    sandbox
        .write("other.csv", &future(|which, t, cells| (which != 3 && (which, t) != (1, MONTHS + 4)).then_some(cells)));
    let pretrained = format!("{READING} --pooled-model pretrained {COVARIATES}");
    for flags in
        ["-n 6 --pooled-model model".to_owned(), format!("-n 6 {pretrained}"), "predict --model model".to_owned()]
    {
        let (command, flags) = flags.split_once(' ').map_or(("", ""), |(first, rest)| match first {
            "predict" => ("predict", rest),
            _ => ("", flags.as_str()),
        });
        let line =
            |future: &str| format!("{command} --csv all.csv {flags} --future {future} --no-report --out {future}-out");
        sandbox.run(&line("future.csv"));
        let output = sandbox.forecast(&line("other.csv")).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        let note = "2 of 4 series are left out, since covariates are not known at every step: s1: price has no value at 1 \
                    of the 6 steps to forecast, the first is 2023-09-01; s3: price has no value at 6 of the 6 steps to \
                    forecast, the first is 2023-05-01";
        assert!(stderr(&output).contains(note), "{}", stderr(&output));
        let rows = |folder: &str| -> Vec<String> {
            let all = sandbox.read(&format!("{folder}/forecast.csv"));
            all.lines().filter(|row| row.starts_with("s0,") || row.starts_with("s2,")).map(str::to_owned).collect()
        };
        assert_eq!(rows("other.csv-out"), rows("future.csv-out"));
        assert_eq!(sandbox.read("other.csv-out/forecast.csv").lines().count(), 1 + 2 * HORIZON);
        assert_eq!(
            sandbox.read("other.csv-out/failed.csv"),
            "store,reason\ns1,\"price has no value at 1 of the 6 steps to forecast, the first is 2023-09-01\"\n\
             s3,\"price has no value at 6 of the 6 steps to forecast, the first is 2023-05-01\"\n"
        );
    }
}

#[test]
fn a_series_of_the_sample_with_an_incomplete_future_does_not_end_the_training() {
    let sandbox = Sandbox::new();
    sandbox.write("all.csv", &history(|_, _, cells| cells));
    sandbox.write("future.csv", &future(|_, _, cells| Some(cells)));
    sandbox.write("short.csv", &future(|which, t, cells| ((which, t) != (1, MONTHS + 4)).then_some(cells)));
    let kept = |text: &str| -> String {
        text.lines().filter(|row| !row.starts_with("s1,")).map(|row| row.to_owned() + "\n").collect()
    };
    sandbox.write("kept.csv", &kept(&sandbox.read("all.csv")));
    let train = |csv: &str, future: &str| {
        let line =
            format!("train --csv {csv} --future {future} -n 6 --sample 4 {READING} {COVARIATES} --out {csv}-model");
        sandbox.forecast(&line).output().unwrap()
    };
    let output = train("all.csv", "short.csv");
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let note =
        "1 of 4 series is left out, since covariates are not known at every step: s1: price has no value at 1 of the 6";
    assert!(stderr(&output).contains(note), "{}", stderr(&output));
    assert!(sandbox.read("all.csv-model/failed.csv").starts_with("store,reason\ns1,\"price has no value at 1"));
    // the model is that of the other series
    assert_eq!(train("kept.csv", "future.csv").status.code(), Some(0));
    for file in sandbox.names("all.csv-model/model") {
        let of = |folder: &str| sandbox.bytes(&format!("{folder}-model/model/{file}"));
        assert_eq!(of("all.csv"), of("kept.csv"), "{file}");
    }
    // without any whole future there is nothing to train on
    sandbox.write("none.csv", &future(|_, t, cells| (t != MONTHS + 4).then_some(cells)));
    let output = train("all.csv", "none.csv");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[test]
fn words_for_yes_and_no_are_refused_where_a_model_has_numbers() {
    let sandbox = with_model();
    let answer = |t: usize| if t.is_multiple_of(3) { "yes" } else { "no" }.to_owned();
    sandbox.write("words.csv", &history(|_, t, [_, promotion]| [answer(t), promotion]));
    sandbox.write("words-future.csv", &future(|_, t, [_, promotion]| Some([answer(t), promotion])));
    let output = sandbox
        .forecast("--csv words.csv -n 6 --pooled-model model --future words-future.csv --no-report --out out")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!(stderr(&output));
}

#[test]
fn a_verdict_says_which_series_it_has_and_why_others_are_left_out() {
    let sandbox = Sandbox::new();
    let history = history(|_, _, cells| cells);
    sandbox.write("all.csv", &history);
    sandbox.run(&format!("train --csv all.csv -n 6 --sample 3 {READING} --out model"));
    let ends_early = |row: &&str, from: usize| !(from..MONTHS).any(|t| row.contains(&month(t)));
    let part = |names: &[&str], from: usize| -> String {
        let rows =
            history.lines().filter(|row| !names.iter().any(|name| row.starts_with(name)) || ends_early(row, from));
        rows.flat_map(|row| [row, "\n"]).collect()
    };
    let noted = |name: &str, text: &str| {
        sandbox.write(name, text);
        let output = sandbox.run(&format!("--csv {name} -n 6 --pooled-model model --no-report --out out"));
        stdout(&output) + &stderr(&output)
    };
    let some = noted("some.csv", &part(&["s2,"], MONTHS - 2));
    assert!(
        some.contains("1 of 4 series has no verdict: the pooled model may have been trained on its last values"),
        "{some}"
    );
    assert!(some.contains(" of 3 compared series, of 4 in all, "), "{some}");
    let none = noted("none.csv", &part(&["s0,", "s1,", "s2,", "s3,"], MONTHS - 2));
    let reason =
        "not compared with seasonal naive: the pooled model may have been trained on the last values of every series";
    assert!(none.contains(reason), "{none}");
    // one series ends before the sample did, and the others have few values
    let is_of_few = |row: &&str| !row.starts_with("s0,") && !row.starts_with("store") && ends_early(row, MONTHS - 5);
    let few: String =
        part(&["s0,"], MONTHS - 2).lines().filter(|row| !is_of_few(row)).flat_map(|row| [row, "\n"]).collect();
    let both = noted("both.csv", &few);
    let reason = "last values of 1 of 4 series, and the others are too short to hold out the last 6 months";
    assert!(both.contains(reason), "{both}");

    let most = noted("most.csv", &part(&["s0,", "s1,", "s3,"], MONTHS - 14));
    assert!(
        most.contains("3 of 4 series ended long before the other one, and are forecast from their own ends"),
        "{most}"
    );
    let half = noted("half.csv", &part(&["s0,", "s1,"], MONTHS - 14));
    assert!(half.contains("2 of 4 series ended long before the other 2, and are"), "{half}");
    let few = noted("few.csv", &part(&["s0,"], MONTHS - 14));
    assert!(few.contains("1 of 4 series ended long before the others, and is"), "{few}");
}

#[test]
fn new_rows_are_read_as_in_the_training_of_a_pooled_model() {
    let sandbox = Sandbox::new();
    // few new rows do not show the words of the future, and -99 is a price like others
    let with_codes = |which: usize, t: usize, [price, promotion]: [String; 2]| {
        [if (which + t).is_multiple_of(3) { "-99".to_owned() } else { price }, promotion]
    };
    let all = history(with_codes);
    let is_new = |row: &&str| (MONTHS - 12..MONTHS).any(|t| row.contains(&month(t)));
    let rows =
        |is_kept: &dyn Fn(&&str) -> bool| all.lines().filter(is_kept).flat_map(|row| [row, "\n"]).collect::<String>();
    sandbox.write("all.csv", &all);
    sandbox.write("old.csv", &rows(&|row| !is_new(row)));
    sandbox.write("new.csv", &rows(&|row| is_new(row) || row.starts_with("store")));
    sandbox.write("future.csv", &future(|which, t, cells| Some(with_codes(which, t, cells))));
    let old_future = all.lines().filter(|row| row.starts_with("store") || is_new(row)).map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        format!("{},{},{},{}\n", cells[0], cells[1], cells[3], cells[4])
    });
    sandbox.write("old-future.csv", &old_future.collect::<String>());
    sandbox.run(&format!(
        "train --csv old.csv --future old-future.csv -n 6 --sample 4 {READING} {COVARIATES} --out model"
    ));
    let flags = "--model model --future future.csv --no-report --out";
    let updated = sandbox.run(&format!("update --csv new.csv {flags} updated"));
    sandbox.run(&format!("predict --csv all.csv {flags} predicted"));
    assert_eq!(sandbox.read("updated/forecast.csv"), sandbox.read("predicted/forecast.csv"));
    assert!(
        !stderr(&updated).contains("read as missing") && !stderr(&updated).contains("categor"),
        "{}",
        stderr(&updated)
    );
}

#[test]
fn a_series_without_a_whole_future_keeps_its_saved_history() {
    let sandbox = Sandbox::new();
    let all = history(|_, _, cells| cells);
    let rows = |from: usize, to: usize| -> String {
        let is_kept = |row: &&str| row.starts_with("store") || (from..to).any(|t| row.contains(&month(t)));
        all.lines().filter(is_kept).flat_map(|row| [row, "\n"]).collect()
    };
    // the columns of the future, of which s1 may lack a step
    let future_rows = |from: usize, lacks_step: bool| -> String {
        let rows = rows(from, from + HORIZON);
        let is_kept = |row: &&str| !(lacks_step && row.starts_with("s1,") && row.contains(&month(from + 2)));
        let cells = rows.lines().filter(is_kept).map(|row| row.split(',').collect::<Vec<&str>>());
        let lines = cells.map(|cells| format!("{},{},{},{}\n", cells[0], cells[1], cells[3], cells[4]));
        lines.collect()
    };
    let (trained, first) = (MONTHS - 2 * HORIZON, MONTHS - HORIZON);
    sandbox.write("all.csv", &all);
    sandbox.write("old.csv", &rows(0, trained));
    sandbox.write("old-future.csv", &future_rows(trained, false));
    sandbox.write("first.csv", &rows(trained, first));
    sandbox.write("first-future.csv", &future_rows(first, true));
    sandbox.write("second.csv", &rows(first, MONTHS));
    sandbox.write("future.csv", &future(|_, _, cells| Some(cells)));
    sandbox.run(&format!(
        "train --csv old.csv --future old-future.csv -n 6 --sample 4 {READING} {COVARIATES} --out model"
    ));
    let flags = "--model model --no-report";
    let line = format!("update --csv first.csv --future first-future.csv {flags} --save --out first");
    let output = sandbox.forecast(&line).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(!sandbox.read("first/forecast.csv").contains("s1,"), "s1 has no whole future");
    let saved = sandbox.read("model/model/history.csv");
    let is_value = |row: &&str| row.starts_with("s1,") && row.contains(",observed,");
    assert_eq!(saved.lines().filter(is_value).count(), first, "{saved}");

    sandbox.run(&format!("update --csv second.csv --future future.csv {flags} --save --out second"));
    sandbox.run(&format!("predict --csv all.csv --future future.csv {flags} --out predicted"));
    assert_eq!(sandbox.read("second/forecast.csv"), sandbox.read("predicted/forecast.csv"));
}
