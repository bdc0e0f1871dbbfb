//! The commands end to end: their output, their files, and the files that they leave unchanged.

use std::process::Stdio;

use forecast::nn::LIBTORCH_VERSION;
use insta_cmd::assert_cmd_snapshot;

use crate::completions::COMMANDS;
use crate::sandbox::{FILES_OF_TRAINED_RUN, Sandbox, daily_csv, stdout};

#[test]
fn a_forecast_prints_a_summary_a_table_the_files_and_a_verdict() {
    let sandbox = Sandbox::with_daily();
    assert_cmd_snapshot!(sandbox.forecast("--csv daily.csv --horizon 3 --model seasonal-naive"));
    insta::assert_snapshot!("forecast_csv_of_seasonal_naive", sandbox.read("daily-forecast/forecast.csv"));
    assert_eq!(
        sandbox.names("daily-forecast"),
        ["backtest.csv", "forecast.csv", "forecast.png", "history.csv", "model", "report.html", "run.json"]
    );
}

#[test]
fn a_network_also_writes_its_loss_and_its_weights() {
    let sandbox = Sandbox::with_daily();
    let printed = stdout(&sandbox.run("--csv daily.csv --horizon 7 --model lstm --out july"));
    assert_eq!(sandbox.names("july"), FILES_OF_TRAINED_RUN);
    assert_eq!(sandbox.names("july/model"), ["settings.json", "trained-on.json", "weights.safetensors"]);
    let verdict = printed.lines().last().unwrap();
    assert!(
        verdict.contains("lstm") && verdict.contains(" fold") && verdict.contains("80% interval covers "),
        "{verdict}"
    );
    assert_eq!(sandbox.names("."), ["daily.csv", "july"], "no temporary folder is left");
}

#[test]
fn a_rerun_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    let rows =
        |name: &str| daily_csv(40).lines().skip(1).map(|row| format!("{name},{row}\n")).collect::<Vec<_>>().concat();
    sandbox.write("stores.csv", &format!("store,date,sales\n{}{}", rows("north"), rows("south")));
    for out in ["one", "two"] {
        sandbox.run(&format!("--csv stores.csv --horizon 5 --model lstm --epochs 3 --out {out} -q"));
    }
    for file in ["forecast.csv", "forecast.png", "model/weights.safetensors"] {
        assert!(sandbox.bytes(&format!("one/{file}")) == sandbox.bytes(&format!("two/{file}")), "{file} differs");
    }
    sandbox.run("--csv stores.csv --horizon 5 --model lstm --epochs 3 --out three --seed 1 -q");
    let weights = |run: &str| sandbox.bytes(&format!("{run}/model/weights.safetensors"));
    assert!(weights("one") != weights("three"), "another seed gives other weights");
}

#[test]
fn every_alias_of_the_horizon_gives_the_same_forecast() {
    let sandbox = Sandbox::with_daily();
    let forecast = |horizon: &str| stdout(&sandbox.run(&format!("--csv daily.csv {horizon} --model drift --out - -q")));
    let usual = forecast("--horizon 14");
    for horizon in ["-n 14", "--steps 14", "--periods 14", "--h 14", "--horizon 2w", "--horizon=14days"] {
        assert_eq!(forecast(horizon), usual, "{horizon}");
    }
    assert_eq!(usual.lines().count(), 15);
}

#[test]
fn stdout_gets_the_csv_and_nothing_else() {
    let sandbox = Sandbox::with_daily();
    let printed = stdout(&sandbox.run("--csv daily.csv --horizon 3 --model naive --out -"));
    assert_eq!(sandbox.names("."), ["daily.csv"]);
    sandbox.run("--csv daily.csv --horizon 3 --model naive -q");
    assert_eq!(printed, sandbox.read("daily-forecast/forecast.csv"));
}

#[test]
fn stdin_is_read_and_its_folder_is_named_stdin() {
    let sandbox = Sandbox::with_daily();
    let mut command = sandbox.forecast("--csv - --horizon 3 --model naive -q");
    command.stdin(Stdio::from(std::fs::File::open(sandbox.path("daily.csv")).unwrap()));
    assert!(command.status().unwrap().success());
    sandbox.run("--csv daily.csv --horizon 3 --model naive -q");
    assert_eq!(sandbox.read("stdin-forecast/forecast.csv"), sandbox.read("daily-forecast/forecast.csv"));
}

#[test]
fn column_names_ids_and_integer_times_are_those_of_the_input() {
    let sandbox = Sandbox::new();
    let rows = |id: &str| (1..=12).map(|t| format!("\"{id}\",{t},{}\n", t * t % 7)).collect::<Vec<_>>().concat();
    sandbox.write("shops.csv", &format!("Shop Name,Week,Units Sold\n{}{}", rows("Mill, Leeds"), rows("Pier")));
    let printed = stdout(&sandbox.run("--csv shops.csv -n 2 --model naive --out -"));
    insta::assert_snapshot!(printed);
}

/// The shipped data sets are read as they are. Their forecasts have their own columns and calendar.
#[test]
fn every_shipped_data_set_is_forecast() {
    let sandbox = Sandbox::new();
    let sets = [
        ("demand.csv", "", "date,forecast,", "2015-01-01,"),
        ("prices.csv", "", "date,forecast,", "2020-02-14,"),
        ("weather.csv", "--target temp_max", "date,forecast,", "2016-01-01,"),
        ("tourism.csv", "", "region,state,purpose,quarter,forecast,", "Adelaide,South Australia,Business,2018-01-01,"),
    ];
    for (set, flags, head, first) in sets {
        sandbox.copy_dataset(set);
        let csv = stdout(&sandbox.run(&format!("--csv {set} -n 4 --model seasonal-naive --out - -q {flags}")));
        let mut lines = csv.lines();
        assert!(lines.next().unwrap().starts_with(head), "{set}");
        assert!(lines.next().unwrap().starts_with(first), "{set}");
    }
}

#[test]
fn the_table_shows_the_first_of_several_series() {
    let sandbox = Sandbox::new();
    let rows = |id: u32| daily_csv(30).lines().skip(1).map(|row| format!("s{id},{row}\n")).collect::<Vec<_>>().concat();
    sandbox.write("many.csv", &format!("id,date,sales\n{}", (1..=5).map(rows).collect::<Vec<_>>().concat()));
    assert_cmd_snapshot!(sandbox.forecast("--csv many.csv -n 6 --model drift"));
}

#[test]
fn a_constant_series_gets_a_notice_on_its_intervals() {
    let sandbox = Sandbox::new();
    let rows = (1..=30).map(|day| format!("2024-01-{day:02},5\n")).collect::<Vec<_>>().concat();
    sandbox.write("flat.csv", &format!("date,sales\n{rows}"));
    assert_cmd_snapshot!(sandbox.forecast("--csv flat.csv -n 2 --model naive"));
}

#[test]
fn quiet_prints_nothing() {
    let sandbox = Sandbox::with_daily();
    let output = sandbox.run("--csv daily.csv --horizon 3 --model mean --quiet");
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn verbose_prints_the_settings_and_the_course_of_training() {
    let sandbox = Sandbox::with_daily();
    let output = sandbox.run("train --csv daily.csv --horizon 3 --model lstm --epochs 2 --hidden 8 --verbose");
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains(r#""hidden":8"#) && printed.contains("trained 2 of 2 epochs"), "{printed}");
    // without hindcasts of the fit, the verdict needs a second one
    let output = sandbox.run("--csv daily.csv --horizon 3 --model lstm --epochs 2 --verbose");
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains("fitting lstm\n") && printed.contains("checking lstm\n"), "{printed}");
}

#[test]
fn a_saved_model_gives_the_forecast_of_the_run_that_saved_it() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv --horizon 7 --model gru --epochs 2 -q");
    sandbox.run("predict --model daily-forecast --csv daily.csv -q");
    assert_eq!(sandbox.read("daily-prediction/forecast.csv"), sandbox.read("daily-forecast/forecast.csv"));
    assert_eq!(
        sandbox.names("daily-prediction"),
        ["forecast.csv", "forecast.png", "history.csv", "report.html", "run.json"]
    );

    let shorter = stdout(&sandbox.run("predict --model daily-forecast/model --csv daily.csv -n 2 --out - -q"));
    let whole = sandbox.read("daily-forecast/forecast.csv");
    assert_eq!(shorter.lines().collect::<Vec<_>>(), whole.lines().take(3).collect::<Vec<_>>());
}

/// Networks that forecast step by step, chosen by their flags, then saved and loaded.
#[test]
fn recursive_networks_are_saved_and_loaded() {
    for flags in ["--model seq2seq", "--model lstm --head recursive"] {
        let sandbox = Sandbox::with_daily();
        sandbox.run(&format!("--csv daily.csv --horizon 7 {flags} --epochs 2 -q"));
        sandbox.run("predict --model daily-forecast --csv daily.csv -q");
        assert_eq!(
            sandbox.read("daily-prediction/forecast.csv"),
            sandbox.read("daily-forecast/forecast.csv"),
            "{flags}"
        );
    }
}

#[test]
fn diagnose_draws_and_counts_on_every_shipped_data_set() {
    let sandbox = Sandbox::new();
    let sets = [("demand.csv", ""), ("prices.csv", ""), ("weather.csv", "--target temp_max"), ("tourism.csv", "")];
    for (set, flags) in sets {
        sandbox.copy_dataset(set);
        sandbox.run(&format!("diagnose --csv {set} --model rnn --epochs 1 --out out -q {flags}"));
        let files =
            ["clipping.png", "diagnose.json", "gradient-norm.png", "hidden-states.png", "run.json", "unrolled.png"];
        assert_eq!(sandbox.names("out"), files, "{set}");
        let report: serde_json::Value = serde_json::from_str(&sandbox.read("out/diagnose.json")).unwrap();
        for (network, name) in report["networks"].as_array().unwrap().iter().zip(["rnn", "lstm"]) {
            assert_eq!(network["name"], name);
            for when in ["start", "trained"] {
                let norms = network[when]["gradient_norm_by_lag"].as_array().unwrap();
                assert!(norms.len() > 20 && norms[0] == 1.0, "{set}, {name}, {when}");
                assert!(network[when]["spectral_norms"][0]["value"].as_f64().unwrap() > 0.5);
            }
        }
    }
}

/// One plain network with large, usual or small recurrent weights, and an LSTM for comparison.
#[test]
fn diagnose_shows_exploding_and_vanishing_gradients() {
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("demand.csv");
    let norms = |scale: &str| -> Vec<f64> {
        sandbox.run(&format!("diagnose --csv demand.csv --model rnn --initial-scale {scale} --epochs 1 --out out -q"));
        let report: serde_json::Value = serde_json::from_str(&sandbox.read("out/diagnose.json")).unwrap();
        let at = |network: usize| report["networks"][network]["start"]["gradient_norm_by_lag"][50].as_f64().unwrap();
        vec![at(0), at(1)]
    };
    let (large, usual, small) = (norms("5"), norms("1"), norms("0.3"));
    assert!(large[0] > 1e3, "the gradient explodes: {large:?}");
    assert!(small[0] < 1e-20, "the gradient vanishes: {small:?}");
    assert!(usual[1] > 1e5 * usual[0], "the gates of an LSTM preserve it: {usual:?}");
}

#[test]
fn diagnose_names_the_series_whose_states_are_drawn() {
    let sandbox = Sandbox::new();
    sandbox.copy_dataset("tourism.csv");
    let output = sandbox.run("diagnose --csv tourism.csv --epochs 1");
    let printed = String::from_utf8(output.stderr).unwrap();
    let line =
        "states of Adelaide / South Australia / Business, the first of the longest of 304 series; trained on all";
    assert!(printed.contains(line), "{printed}");
}

#[test]
fn a_saved_model_forecasts_newer_data() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv --horizon 3 --model seasonal-naive --out kept -q");
    sandbox.write("newer.csv", &daily_csv(60));
    let printed = stdout(&sandbox.run("predict --model kept --csv newer.csv --out - -q"));
    assert!(printed.lines().nth(1).unwrap().starts_with("2024-03-01,"), "{printed}");
}

#[test]
fn train_writes_a_model_and_prints_the_next_command() {
    let sandbox = Sandbox::with_daily();
    assert_cmd_snapshot!(sandbox.forecast("train --csv daily.csv --horizon 3 --model mean"));
    assert_eq!(sandbox.names("daily-model"), ["history.csv", "model", "run.json"]);
}

#[test]
fn inspect_prints_how_a_file_is_read_and_writes_nothing() {
    let sandbox = Sandbox::with_daily();
    assert_cmd_snapshot!(sandbox.forecast("inspect --csv daily.csv"));
    assert_eq!(sandbox.names("."), ["daily.csv"]);
}

#[test]
fn a_failed_run_leaves_the_folder_of_the_last_run_unchanged() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv --horizon 3 --model mean -q");
    let good = sandbox.read("daily-forecast/run.json");
    sandbox.write("daily.csv", "date,sales\n");
    assert_eq!(sandbox.forecast("--csv daily.csv --horizon 3 --model mean -q").status().unwrap().code(), Some(3));
    assert_eq!(sandbox.read("daily-forecast/run.json"), good);
}

#[test]
fn a_second_run_replaces_the_whole_folder_of_the_first() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv --horizon 3 --model lstm --epochs 1 -q");
    sandbox.run("--csv daily.csv --horizon 3 --model mean -q");
    assert_eq!(
        sandbox.names("daily-forecast"),
        ["backtest.csv", "forecast.csv", "forecast.png", "history.csv", "model", "report.html", "run.json"]
    );
    assert_eq!(sandbox.names("."), ["daily-forecast", "daily.csv"]);
}

#[test]
fn run_json_has_the_settings_and_the_results() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv --horizon 1w --model lstm --hidden 8 --epochs 2 --clip none --seed 5 -q");
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("daily-forecast/run.json")).unwrap();
    assert_eq!(run["maker"], "forecast");
    assert_eq!(run["command"][1], "--csv");
    assert_eq!(run["versions"]["libtorch"], LIBTORCH_VERSION);
    assert_eq!((&run["settings"]["horizon"], &run["settings"]["seed"]), (&7.into(), &5.into()));
    assert_eq!(run["settings"]["model_settings"]["hidden"], 8);
    assert_eq!(run["settings"]["model_settings"]["clip"], "off");
    assert_eq!(run["input"]["rows"], 56);
    assert_eq!(run["input"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(run["training"]["epochs"], 2);
    assert!(run["verdict"]["mase"].is_f64() && run["verdict"]["seasonal_naive_mase"].is_f64());
    assert_eq!(run["verdict"]["points"], 7 * run["verdict"]["folds"].as_u64().unwrap());
    assert!(run["seconds"]["total"].is_f64());
}

#[test]
fn a_closed_pipe_on_stdout_is_no_failure() {
    let sandbox = Sandbox::with_daily();
    let mut command = sandbox.forecast("--csv daily.csv --horizon 3 --model mean --out -");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn colours_follow_the_environment_variables() {
    let sandbox = Sandbox::new();
    let error = |variables: &[(&str, &str)]| {
        let output = sandbox.forecast("").env_remove("NO_COLOR").envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error(&[("CLICOLOR_FORCE", "1")]).contains("\x1b[1;31merror:"));
    assert!(!error(&[]).contains('\x1b'));
    assert!(!error(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).contains('\x1b'));
}

#[test]
fn version_names_libtorch() {
    let sandbox = Sandbox::new();
    let expected = format!("forecast {}, libtorch {LIBTORCH_VERSION}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stdout(&sandbox.run("--version")), expected);
    assert_eq!(LIBTORCH_VERSION, "2.13.0", "the version that the bindings need");
}

#[test]
fn help_has_examples_exit_codes_and_short_lines() {
    let sandbox = Sandbox::new();
    let commands = std::iter::once("").chain(COMMANDS);
    for command in commands {
        let help = stdout(&sandbox.run(&format!("{command} --help")));
        assert!(help.contains("Examples:\n  forecast ") && help.contains("Exit codes:\n  0 "), "{command}");
        let width = help.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(width <= 100, "{command}: a line of {width}");
    }
    let help = stdout(&sandbox.run("--help"));
    assert!(help.contains("Chunk length of truncated backpropagation through time. A series is split"));
    assert!(help.contains("[aliases: --steps, --periods, --h]"));
}

/// Ctrl-C during a training that would never end: the training stops, and the best model so far forecasts.
#[cfg(unix)]
#[test]
fn an_interrupted_training_still_forecasts() {
    use std::io::{BufRead, BufReader};
    use std::process::Command;

    let sandbox = Sandbox::with_daily();
    let endless = "--csv daily.csv --horizon 3 --model lstm --epochs 1000000 --learning-rate 1e-9 --require-skill -v";
    let mut child = sandbox.forecast(endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut printed = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(printed.any(|line| line.unwrap().starts_with("fitting lstm")), "training has started");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let printed: Vec<String> = printed.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{printed:?}");
    assert_eq!(
        sandbox.names("daily-forecast"),
        ["forecast.csv", "forecast.png", "history.csv", "loss.png", "model", "report.html", "run.json", "training.csv"]
    );
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("daily-forecast/run.json")).unwrap();
    assert_eq!(run["training"]["interrupted"], true);
    assert_eq!(run["verdict"]["sentence"], "not compared with seasonal naive: the run was interrupted");
}

/// A second Ctrl-C during a training ends the program at once, wherever the training is.
#[cfg(unix)]
#[test]
fn a_second_interruption_ends_the_program_without_a_crash() {
    use std::io::{BufRead, BufReader};
    use std::process::Command;

    let sandbox = Sandbox::with_daily();
    let endless = "--csv daily.csv --horizon 3 --model lstm --hidden 256 --epochs 1000000 --learning-rate 1e-9 -v";
    for _ in 0..5 {
        let mut child = sandbox.forecast(endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut printed = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(printed.any(|line| line.unwrap().starts_with("fitting lstm")), "training has started");
        let kill = format!("kill -INT {0}; kill -INT {0}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let printed: Vec<String> = printed.map(Result::unwrap).collect();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{printed:?}");
    }
}
