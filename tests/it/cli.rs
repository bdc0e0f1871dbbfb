//! The commands end to end: what they print, what they write, and what they leave alone.

use std::process::Stdio;

use forecast::nn::LIBTORCH_VERSION;
use insta_cmd::assert_cmd_snapshot;

use crate::desk::{Desk, daily_csv, stdout};

#[test]
fn a_forecast_is_a_line_a_table_the_files_and_a_verdict() {
    let desk = Desk::with_daily();
    assert_cmd_snapshot!(desk.forecast("--csv daily.csv --horizon 3 --model seasonal-naive"));
    insta::assert_snapshot!("forecast_csv_of_seasonal_naive", desk.read("daily-forecast/forecast.csv"));
    assert_eq!(desk.names("daily-forecast"), ["forecast.csv", "forecast.png", "model", "run.json"]);
}

#[test]
fn a_network_also_leaves_its_loss_and_its_weights() {
    let desk = Desk::with_daily();
    let said = stdout(&desk.run("--csv daily.csv --horizon 7 --model lstm --out july"));
    assert_eq!(desk.names("july"), ["forecast.csv", "forecast.png", "loss.png", "model", "run.json"]);
    assert_eq!(desk.names("july/model"), ["settings.json", "weights.safetensors"]);
    let verdict = said.lines().last().unwrap();
    assert!(
        verdict.starts_with("lstm ") && verdict.contains(" fold") && verdict.contains("80% band covered "),
        "{verdict}"
    );
    assert_eq!(desk.names("."), ["daily.csv", "july"], "nothing but the folder is left");
}

#[test]
fn a_rerun_gives_the_same_bytes() {
    let desk = Desk::new();
    let rows =
        |name: &str| daily_csv(40).lines().skip(1).map(|row| format!("{name},{row}\n")).collect::<Vec<_>>().concat();
    desk.write("stores.csv", &format!("store,date,sales\n{}{}", rows("north"), rows("south")));
    for out in ["one", "two"] {
        desk.run(&format!("--csv stores.csv --horizon 5 --model lstm --epochs 3 --out {out} -q"));
    }
    for file in ["forecast.csv", "forecast.png", "model/weights.safetensors"] {
        assert!(desk.bytes(&format!("one/{file}")) == desk.bytes(&format!("two/{file}")), "{file} differs");
    }
    desk.run("--csv stores.csv --horizon 5 --model lstm --epochs 3 --out three --seed 1 -q");
    let weights = |run: &str| desk.bytes(&format!("{run}/model/weights.safetensors"));
    assert!(weights("one") != weights("three"), "the seed is used");
}

#[test]
fn every_name_of_the_horizon_means_the_same() {
    let desk = Desk::with_daily();
    let forecast = |horizon: &str| stdout(&desk.run(&format!("--csv daily.csv {horizon} --model drift --out - -q")));
    let usual = forecast("--horizon 14");
    for horizon in ["-n 14", "--steps 14", "--periods 14", "--h 14", "--horizon 2w", "--horizon=14days"] {
        assert_eq!(forecast(horizon), usual, "{horizon}");
    }
    assert_eq!(usual.lines().count(), 15);
}

#[test]
fn out_to_stdout_is_the_csv_and_nothing_else() {
    let desk = Desk::with_daily();
    let said = stdout(&desk.run("--csv daily.csv --horizon 3 --model naive --out -"));
    assert_eq!(desk.names("."), ["daily.csv"]);
    desk.run("--csv daily.csv --horizon 3 --model naive -q");
    assert_eq!(said, desk.read("daily-forecast/forecast.csv"));
}

#[test]
fn stdin_is_read_and_names_its_folder() {
    let desk = Desk::with_daily();
    let mut command = desk.forecast("--csv - --horizon 3 --model naive -q");
    command.stdin(Stdio::from(std::fs::File::open(desk.path("daily.csv")).unwrap()));
    assert!(command.status().unwrap().success());
    desk.run("--csv daily.csv --horizon 3 --model naive -q");
    assert_eq!(desk.read("stdin-forecast/forecast.csv"), desk.read("daily-forecast/forecast.csv"));
}

#[test]
fn the_inputs_own_words_and_integers_come_back() {
    let desk = Desk::new();
    let rows = |id: &str| (1..=12).map(|t| format!("\"{id}\",{t},{}\n", t * t % 7)).collect::<Vec<_>>().concat();
    desk.write("shops.csv", &format!("Shop Name,Week,Units Sold\n{}{}", rows("Mill, Leeds"), rows("Pier")));
    let said = stdout(&desk.run("--csv shops.csv -n 2 --model naive --out -"));
    insta::assert_snapshot!(said);
}

/// The data sets that are shipped are read as they are, and each is forecast with its own columns and calendar.
#[test]
fn the_shipped_data_sets_are_forecast() {
    let desk = Desk::new();
    let sets = [
        ("demand.csv", "", "date,forecast,", "2015-01-01,"),
        ("prices.csv", "", "date,forecast,", "2020-02-14,"),
        ("weather.csv", "--target temp_max", "date,forecast,", "2016-01-01,"),
        ("tourism.csv", "", "region,state,purpose,quarter,forecast,", "Adelaide,South Australia,Business,2018-01-01,"),
    ];
    for (set, flags, head, first) in sets {
        desk.take(set);
        let csv = stdout(&desk.run(&format!("--csv {set} -n 4 --model seasonal-naive --out - -q {flags}")));
        let mut lines = csv.lines();
        assert!(lines.next().unwrap().starts_with(head), "{set}");
        assert!(lines.next().unwrap().starts_with(first), "{set}");
    }
}

#[test]
fn several_series_show_the_first_few() {
    let desk = Desk::new();
    let rows = |id: u32| daily_csv(30).lines().skip(1).map(|row| format!("s{id},{row}\n")).collect::<Vec<_>>().concat();
    desk.write("many.csv", &format!("id,date,sales\n{}", (1..=5).map(rows).collect::<Vec<_>>().concat()));
    assert_cmd_snapshot!(desk.forecast("--csv many.csv -n 6 --model drift"));
}

#[test]
fn a_constant_series_is_said_to_be_one() {
    let desk = Desk::new();
    let rows = (1..=30)
        .map(|day| {
            format!(
                "2024-01-{day:02},5
"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    desk.write(
        "flat.csv",
        &format!(
            "date,sales
{rows}"
        ),
    );
    assert_cmd_snapshot!(desk.forecast("--csv flat.csv -n 2 --model naive"));
}

#[test]
fn quiet_prints_nothing() {
    let desk = Desk::with_daily();
    let output = desk.run("--csv daily.csv --horizon 3 --model mean --quiet");
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn verbose_tells_the_settings_and_how_training_went() {
    let desk = Desk::with_daily();
    let output = desk.run("train --csv daily.csv --horizon 3 --model lstm --epochs 2 --hidden 8 --verbose");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(r#""hidden":8"#) && told.contains("trained 2 of 2 epochs"), "{told}");
}

#[test]
fn a_trained_model_forecasts_as_the_run_that_saved_it() {
    let desk = Desk::with_daily();
    desk.run("--csv daily.csv --horizon 7 --model gru --epochs 2 -q");
    desk.run("predict --model daily-forecast --csv daily.csv -q");
    assert_eq!(desk.read("daily-prediction/forecast.csv"), desk.read("daily-forecast/forecast.csv"));
    assert_eq!(desk.names("daily-prediction"), ["forecast.csv", "forecast.png", "run.json"]);

    let shorter = stdout(&desk.run("predict --model daily-forecast/model --csv daily.csv -n 2 --out - -q"));
    let whole = desk.read("daily-forecast/forecast.csv");
    assert_eq!(shorter.lines().collect::<Vec<_>>(), whole.lines().take(3).collect::<Vec<_>>());
}

/// The networks that forecast step by step, by their flags, saved and used again.
#[test]
fn networks_that_hear_themselves_forecast_and_come_back() {
    for flags in ["--model seq2seq", "--model lstm --head recursive"] {
        let desk = Desk::with_daily();
        desk.run(&format!("--csv daily.csv --horizon 7 {flags} --epochs 2 -q"));
        desk.run("predict --model daily-forecast --csv daily.csv -q");
        assert_eq!(desk.read("daily-prediction/forecast.csv"), desk.read("daily-forecast/forecast.csv"), "{flags}");
    }
}

#[test]
fn diagnose_draws_and_counts_on_every_shipped_data_set() {
    let desk = Desk::new();
    let sets = [("demand.csv", ""), ("prices.csv", ""), ("weather.csv", "--target temp_max"), ("tourism.csv", "")];
    for (set, flags) in sets {
        desk.take(set);
        desk.run(&format!("diagnose --csv {set} --model rnn --epochs 1 --out out -q {flags}"));
        let files = ["clipping.png", "credit.png", "diagnose.json", "hidden-states.png", "run.json", "unrolled.png"];
        assert_eq!(desk.names("out"), files, "{set}");
        let report: serde_json::Value = serde_json::from_str(&desk.read("out/diagnose.json")).unwrap();
        for (network, name) in report["networks"].as_array().unwrap().iter().zip(["rnn", "lstm"]) {
            assert_eq!(network["name"], name);
            for when in ["start", "trained"] {
                let credit = network[when]["credit"].as_array().unwrap();
                assert!(credit.len() > 20 && credit[0] == 1.0, "{set}, {name}, {when}");
                assert!(network[when]["recurrence"][0]["largest_singular_value"].as_f64().unwrap() > 0.5);
            }
        }
    }
}

/// The lesson: one plain network, its recurrent weights large or small, and an LSTM beside it.
#[test]
fn diagnose_shows_what_the_recurrent_weights_do_to_credit() {
    let desk = Desk::new();
    desk.take("demand.csv");
    let credit = |scale: &str| -> Vec<f64> {
        desk.run(&format!("diagnose --csv demand.csv --model rnn --initial-scale {scale} --epochs 1 --out out -q"));
        let report: serde_json::Value = serde_json::from_str(&desk.read("out/diagnose.json")).unwrap();
        let at = |network: usize| report["networks"][network]["start"]["credit"][50].as_f64().unwrap();
        vec![at(0), at(1)]
    };
    let (large, usual, small) = (credit("5"), credit("1"), credit("0.3"));
    assert!(large[0] > 1e3, "explodes: {large:?}");
    assert!(small[0] < 1e-20, "vanishes: {small:?}");
    assert!(usual[1] > 1e5 * usual[0], "gates hold it: {usual:?}");
}

#[test]
fn diagnose_says_which_of_many_series_it_looked_at() {
    let desk = Desk::new();
    desk.take("tourism.csv");
    let output = desk.run("diagnose --csv tourism.csv --epochs 1");
    let told = String::from_utf8(output.stderr).unwrap();
    let line =
        "looked at Adelaide / South Australia / Business, the first of the longest of 304 series; trained on all";
    assert!(told.contains(line), "{told}");
}

#[test]
fn a_model_is_used_on_newer_data() {
    let desk = Desk::with_daily();
    desk.run("train --csv daily.csv --horizon 3 --model seasonal-naive --out kept -q");
    desk.write("newer.csv", &daily_csv(60));
    let said = stdout(&desk.run("predict --model kept --csv newer.csv --out - -q"));
    assert!(said.lines().nth(1).unwrap().starts_with("2024-03-01,"), "{said}");
}

#[test]
fn train_leaves_a_model_and_says_how_to_use_it() {
    let desk = Desk::with_daily();
    assert_cmd_snapshot!(desk.forecast("train --csv daily.csv --horizon 3 --model mean"));
    assert_eq!(desk.names("daily-model"), ["model", "run.json"]);
}

#[test]
fn inspect_says_what_it_understood_and_writes_nothing() {
    let desk = Desk::with_daily();
    assert_cmd_snapshot!(desk.forecast("inspect --csv daily.csv"));
    assert_eq!(desk.names("."), ["daily.csv"]);
}

#[test]
fn a_failed_run_leaves_the_last_good_one() {
    let desk = Desk::with_daily();
    desk.run("--csv daily.csv --horizon 3 --model mean -q");
    let good = desk.read("daily-forecast/run.json");
    desk.write("daily.csv", "date,sales\n");
    assert_eq!(desk.forecast("--csv daily.csv --horizon 3 --model mean -q").status().unwrap().code(), Some(3));
    assert_eq!(desk.read("daily-forecast/run.json"), good);
}

#[test]
fn a_second_run_replaces_the_first_as_a_whole() {
    let desk = Desk::with_daily();
    desk.run("--csv daily.csv --horizon 3 --model lstm --epochs 1 -q");
    desk.run("--csv daily.csv --horizon 3 --model mean -q");
    assert_eq!(desk.names("daily-forecast"), ["forecast.csv", "forecast.png", "model", "run.json"]);
    assert_eq!(desk.names("."), ["daily-forecast", "daily.csv"]);
}

#[test]
fn run_json_records_what_was_asked_and_what_came_of_it() {
    let desk = Desk::with_daily();
    desk.run("--csv daily.csv --horizon 1w --model lstm --hidden 8 --epochs 2 --clip none --seed 5 -q");
    let run: serde_json::Value = serde_json::from_str(&desk.read("daily-forecast/run.json")).unwrap();
    assert_eq!(run["maker"], "forecast");
    assert_eq!(run["command"][1], "--csv");
    assert_eq!(run["versions"]["libtorch"], LIBTORCH_VERSION);
    assert_eq!((&run["settings"]["horizon"], &run["settings"]["seed"]), (&7.into(), &5.into()));
    assert_eq!(run["settings"]["network"]["hidden"], 8);
    assert_eq!(run["settings"]["network"]["clip"], "off");
    assert_eq!(run["input"]["rows"], 56);
    assert_eq!(run["input"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(run["training"]["epochs"], 2);
    assert!(run["verdict"]["mase"].is_f64() && run["verdict"]["seasonal_naive_mase"].is_f64());
    assert_eq!(run["verdict"]["points"], 7 * run["verdict"]["folds"].as_u64().unwrap());
    assert!(run["seconds"]["total"].is_f64());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::with_daily();
    let mut command = desk.forecast("--csv daily.csv --horizon 3 --model mean --out -");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let desk = Desk::new();
    let error = |variables: &[(&str, &str)]| {
        let output = desk.forecast("").env_remove("NO_COLOR").envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error(&[("CLICOLOR_FORCE", "1")]).contains("\x1b[1;31merror:"));
    assert!(!error(&[]).contains('\x1b'));
    assert!(!error(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).contains('\x1b'));
}

#[test]
fn version_names_libtorch() {
    let desk = Desk::new();
    let expected = format!("forecast {}, libtorch {LIBTORCH_VERSION}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stdout(&desk.run("--version")), expected);
    assert_eq!(LIBTORCH_VERSION, "2.13.0", "the version that the bindings want");
}

#[test]
fn help_is_worth_reading() {
    let desk = Desk::new();
    for command in ["--help", "train --help", "predict --help", "inspect --help", "backtest --help", "diagnose --help"]
    {
        let help = stdout(&desk.run(command));
        assert!(help.contains("Examples:\n  forecast ") && help.contains("Exit codes:\n  0 "), "{command}");
        let width = help.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(width <= 100, "{command}: a line of {width}");
    }
    let help = stdout(&desk.run("--help"));
    assert!(help.contains("truncated backpropagation through time: the series is walked in chunks"));
    assert!(help.contains("[aliases: --steps, --periods, --h]"));
}

/// Ctrl-C while a network is trained that would take for ever: it stops, keeps the best so far and forecasts with it.
#[cfg(unix)]
#[test]
fn an_interrupted_training_still_forecasts() {
    use std::io::{BufRead, BufReader};
    use std::process::Command;

    let desk = Desk::with_daily();
    let endless = "--csv daily.csv --horizon 3 --model lstm --epochs 1000000 --learning-rate 1e-9 --verbose";
    let mut child = desk.forecast(endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().starts_with("fitting lstm")), "training has begun");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let told: Vec<String> = told.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{told:?}");
    assert_eq!(desk.names("daily-forecast"), ["forecast.csv", "forecast.png", "loss.png", "model", "run.json"]);
    let run: serde_json::Value = serde_json::from_str(&desk.read("daily-forecast/run.json")).unwrap();
    assert_eq!(run["training"]["interrupted"], true);
    assert_eq!(run["verdict"]["verdict"], "not compared with seasonal naive: it was interrupted");
}
