//! Rejected command lines: the message, the hint and the exit code, and that nothing was written.

use insta_cmd::assert_cmd_snapshot;

use crate::sandbox::{Sandbox, daily_csv};

/// Runs a command line, compares its output with a snapshot, and checks that it wrote nothing.
macro_rules! assert_rejected {
    ($sandbox:expr, $line:expr) => {{
        let sandbox: &Sandbox = &$sandbox;
        let before = sandbox.names(".");
        assert_cmd_snapshot!(sandbox.forecast($line));
        assert_eq!(sandbox.names("."), before, "a rejected run writes nothing");
    }};
}

fn with_file(name: &str, text: &str) -> Sandbox {
    let sandbox = Sandbox::with_daily();
    sandbox.write(name, text);
    sandbox
}

#[test]
fn no_such_file() {
    assert_rejected!(Sandbox::with_daily(), "--csv dayly.csv --horizon 7");
}

#[test]
fn an_empty_file() {
    assert_rejected!(with_file("empty.csv", ""), "--csv empty.csv --horizon 7");
}

#[test]
fn a_header_only() {
    assert_rejected!(with_file("header.csv", "date,sales\n"), "--csv header.csv --horizon 7");
}

#[test]
fn no_numeric_column() {
    let text = "date,weather\n2024-01-01,sun\n2024-01-02,rain\n2024-01-03,sun\n";
    assert_rejected!(with_file("words.csv", text), "--csv words.csv --horizon 7");
}

#[test]
fn two_candidates_for_the_target() {
    let text = "date,price,volume\n2024-01-01,1.5,20\n2024-01-02,1.25,22\n2024-01-03,1.75,21\n";
    assert_rejected!(with_file("two.csv", text), "--csv two.csv --horizon 7");
}

#[test]
fn an_unknown_target() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --target sale");
}

#[test]
fn a_date_that_does_not_exist() {
    let text = daily_csv(20).replace("2024-01-07", "2024-01-77");
    assert_rejected!(with_file("typo.csv", &text), "--csv typo.csv --horizon 7");
}

#[test]
fn a_series_too_short_for_a_network() {
    let text = "date,sales\n2024-01-01,3\n2024-01-02,5\n";
    assert_rejected!(with_file("short.csv", text), "--csv short.csv --horizon 7 --model lstm");
}

#[test]
fn a_horizon_of_zero() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 0");
}

#[test]
fn a_horizon_that_is_no_number() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon soon");
}

#[test]
fn a_horizon_that_is_no_whole_number_of_steps() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 36h");
}

#[test]
fn a_negative_horizon() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon -3");
}

#[test]
fn a_folder_that_cannot_be_written() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --out daily.csv/out");
}

#[test]
fn a_file_as_output_folder() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --out daily.csv");
}

#[test]
fn the_current_folder_as_output() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --out .");
}

#[test]
fn an_output_folder_with_other_files() {
    let sandbox = Sandbox::with_daily();
    std::fs::create_dir(sandbox.path("report")).unwrap();
    sandbox.write("report/thesis.txt", "three years of work");
    assert_rejected!(sandbox, "--csv daily.csv --horizon 7 --out report");
    assert_eq!(sandbox.read("report/thesis.txt"), "three years of work");
}

#[test]
fn an_output_folder_of_another_tool() {
    let sandbox = Sandbox::with_daily();
    std::fs::create_dir(sandbox.path("other")).unwrap();
    sandbox.write("other/run.json", r#"{"maker": "another tool"}"#);
    assert_rejected!(sandbox, "--csv daily.csv --horizon 7 --out other");
}

/// The output folder is checked before training: this training would never end.
#[test]
fn an_unwritable_folder_before_training() {
    let endless = "--model lstm --epochs 1000000000 --learning-rate 1e-9 --hidden 512";
    assert_rejected!(Sandbox::with_daily(), &format!("--csv daily.csv --horizon 7 --out daily.csv/out {endless}"));
}

#[test]
fn an_unknown_model() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model lstn");
}

#[test]
fn an_unknown_flag() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --epoch 3");
}

#[test]
fn a_file_without_its_flag() {
    assert_rejected!(Sandbox::with_daily(), "inspect daily.csv --sheet 1");
    assert_rejected!(Sandbox::with_daily(), "inspect --csv daily.csv other.csv");
    assert!(Sandbox::with_daily().forecast("inspect --csv daily.csv").status().expect("it starts").success());
}

#[test]
fn a_missing_horizon() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv");
}

#[test]
fn no_arguments() {
    assert_rejected!(Sandbox::with_daily(), "");
}

#[test]
fn a_file_without_the_csv_flag() {
    assert_rejected!(Sandbox::with_daily(), "daily.csv");
}

#[test]
fn settings_out_of_range() {
    for flags in ["--hidden 0", "--layers two", "--dropout 1", "--bptt 0", "--clip -1", "--learning-rate inf"] {
        assert_rejected!(Sandbox::with_daily(), &format!("--csv daily.csv --horizon 7 {flags}"));
    }
}

#[test]
fn an_unknown_frequency() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --frequency dayly");
}

#[test]
fn two_clipping_flags() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --clip 1 --clip-value 0.5");
}

#[test]
fn a_network_flag_for_a_baseline() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model naive --hidden 8");
}

#[test]
fn a_network_flag_for_auto() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --hidden 8");
}

#[test]
fn a_head_for_a_decoder() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model seq2seq --head recursive");
}

#[test]
fn a_diagnosis_of_a_baseline() {
    assert_rejected!(Sandbox::with_daily(), "diagnose --csv daily.csv --model naive");
}

#[test]
fn a_seed_for_a_baseline() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model drift --seed 3");
}

#[test]
fn a_layer_for_the_ensemble() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model global --layers 2");
}

#[test]
fn members_for_a_single_network() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model lstm --members 3");
}

#[test]
fn dropout_with_one_layer() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --model lstm --dropout 0.2");
}

#[test]
fn a_folder_without_a_model() {
    assert_rejected!(Sandbox::with_daily(), "predict --model . --csv daily.csv");
}

#[test]
fn a_horizon_longer_than_that_of_the_model() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv --horizon 7 --model drift -q");
    assert_rejected!(sandbox, "predict --model daily-model --csv daily.csv --horizon 8");
}

#[test]
fn an_output_folder_that_holds_the_model() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv --horizon 7 --model drift -q");
    assert_rejected!(sandbox, "predict --model daily-model --csv daily.csv --out daily-model");
}

/// The name of a column must be UTF-8.
#[cfg(unix)]
#[test]
fn a_column_name_that_is_not_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::with_daily();
    let mut command = sandbox.forecast("--csv daily.csv --horizon 7 --target");
    let output = command.arg(OsStr::from_bytes(b"sales\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: an argument is not UTF-8 text; only file and folder names may be other bytes\n\
         hint: `forecast --help` describes each flag, with examples\n"
    );
}

#[test]
fn the_name_of_the_program_as_a_command() {
    assert_rejected!(Sandbox::with_daily(), "forecast --csv daily.csv --horizon 7");
}

#[test]
fn levels_separated_by_a_space() {
    assert_rejected!(Sandbox::with_daily(), "--csv daily.csv --horizon 7 --level 80 95");
    assert_rejected!(Sandbox::with_daily(), "backtest --csv daily.csv --horizon 7 --level 80 95");
}

#[test]
fn a_known_column_that_is_no_covariate() {
    let text = daily_csv(40).lines().map(|row| format!("{row},{0},{0}\n", row.len())).collect::<Vec<_>>().concat();
    let text = text.replacen(",10,10", ",price,weather", 1);
    let line = "backtest --csv shop.csv --horizon 3 --target sales --covariates price --known weather --model auto";
    assert_rejected!(with_file("shop.csv", &text), line);
}

#[test]
fn help_as_a_command() {
    assert_rejected!(Sandbox::with_daily(), "help backtest");
}
