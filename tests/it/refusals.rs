//! What is refused, word for word: the message, the way out, the exit code, and that nothing was left behind.

use insta_cmd::assert_cmd_snapshot;

use crate::desk::{Desk, daily_csv};

/// Snapshots what a command line answers on a desk with `daily.csv`, and checks that it wrote nothing.
macro_rules! refused {
    ($desk:expr, $line:expr) => {{
        let desk: &Desk = &$desk;
        let before = desk.names(".");
        assert_cmd_snapshot!(desk.forecast($line));
        assert_eq!(desk.names("."), before, "a refused run leaves nothing behind");
    }};
}

fn with_file(name: &str, text: &str) -> Desk {
    let desk = Desk::with_daily();
    desk.write(name, text);
    desk
}

#[test]
fn no_such_file() {
    refused!(Desk::with_daily(), "--csv dayly.csv --horizon 7");
}

#[test]
fn an_empty_file() {
    refused!(with_file("empty.csv", ""), "--csv empty.csv --horizon 7");
}

#[test]
fn a_header_only() {
    refused!(with_file("header.csv", "date,sales\n"), "--csv header.csv --horizon 7");
}

#[test]
fn no_numeric_column() {
    let text = "date,weather\n2024-01-01,sun\n2024-01-02,rain\n2024-01-03,sun\n";
    refused!(with_file("words.csv", text), "--csv words.csv --horizon 7");
}

#[test]
fn two_candidates_for_the_target() {
    let text = "date,price,volume\n2024-01-01,1.5,20\n2024-01-02,1.25,22\n2024-01-03,1.75,21\n";
    refused!(with_file("two.csv", text), "--csv two.csv --horizon 7");
}

#[test]
fn a_target_that_is_not_there() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --target sale");
}

#[test]
fn dates_that_do_not_parse() {
    let text = daily_csv(20).replace("2024-01-07", "2024-01-77");
    refused!(with_file("typo.csv", &text), "--csv typo.csv --horizon 7");
}

#[test]
fn a_series_too_short_for_a_network() {
    let text = "date,sales\n2024-01-01,3\n2024-01-02,5\n";
    refused!(with_file("short.csv", text), "--csv short.csv --horizon 7 --model lstm");
}

#[test]
fn a_horizon_of_nothing() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 0");
}

#[test]
fn a_horizon_that_is_no_number() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon soon");
}

#[test]
fn a_horizon_that_is_no_whole_number_of_steps() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 36h");
}

#[test]
fn a_negative_horizon() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon -3");
}

#[test]
fn a_folder_that_cannot_be_written() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --out daily.csv/out");
}

#[test]
fn a_file_where_the_folder_should_be() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --out daily.csv");
}

#[test]
fn the_folder_one_is_in() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --out .");
}

#[test]
fn a_folder_that_is_not_ours() {
    let desk = Desk::with_daily();
    std::fs::create_dir(desk.path("report")).unwrap();
    desk.write("report/thesis.txt", "three years of work");
    refused!(desk, "--csv daily.csv --horizon 7 --out report");
    assert_eq!(desk.read("report/thesis.txt"), "three years of work");
}

#[test]
fn a_folder_with_someone_elses_run() {
    let desk = Desk::with_daily();
    std::fs::create_dir(desk.path("other")).unwrap();
    desk.write("other/run.json", r#"{"maker": "another tool"}"#);
    refused!(desk, "--csv daily.csv --horizon 7 --out other");
}

/// A folder that cannot be written is found before anything is trained: this training would never end.
#[test]
fn the_folder_is_looked_at_before_training() {
    let endless = "--model lstm --epochs 1000000000 --learning-rate 1e-9 --hidden 512";
    refused!(Desk::with_daily(), &format!("--csv daily.csv --horizon 7 --out daily.csv/out {endless}"));
}

#[test]
fn an_unknown_model() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model lstn");
}

#[test]
fn an_unknown_flag() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --epoch 3");
}

#[test]
fn a_missing_horizon() {
    refused!(Desk::with_daily(), "--csv daily.csv");
}

#[test]
fn nothing_at_all() {
    refused!(Desk::with_daily(), "");
}

#[test]
fn a_file_without_its_flag() {
    refused!(Desk::with_daily(), "daily.csv");
}

#[test]
fn sizes_that_make_no_sense() {
    for flags in ["--hidden 0", "--layers two", "--dropout 1", "--bptt 0", "--clip -1", "--learning-rate inf"] {
        refused!(Desk::with_daily(), &format!("--csv daily.csv --horizon 7 {flags}"));
    }
}

#[test]
fn an_unknown_frequency() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --frequency dayly");
}

#[test]
fn two_ways_to_clip() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --clip 1 --clip-value 0.5");
}

#[test]
fn a_network_flag_for_a_baseline() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model naive --hidden 8");
}

#[test]
fn a_network_flag_for_the_model_that_weighs_others() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --hidden 8");
}

#[test]
fn a_head_for_a_decoder() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model seq2seq --head recursive");
}

#[test]
fn a_diagnosis_of_a_baseline() {
    refused!(Desk::with_daily(), "diagnose --csv daily.csv --model naive");
}

#[test]
fn a_seed_for_a_baseline() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model drift --seed 3");
}

#[test]
fn a_layer_for_the_ensemble() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model global --layers 2");
}

#[test]
fn members_for_a_single_network() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model lstm --members 3");
}

#[test]
fn dropout_with_one_layer() {
    refused!(Desk::with_daily(), "--csv daily.csv --horizon 7 --model lstm --dropout 0.2");
}

#[test]
fn a_folder_without_a_model() {
    refused!(Desk::with_daily(), "predict --model . --csv daily.csv");
}

#[test]
fn a_horizon_beyond_the_models() {
    let desk = Desk::with_daily();
    desk.run("train --csv daily.csv --horizon 7 --model drift -q");
    refused!(desk, "predict --model daily-model --csv daily.csv --horizon 8");
}

#[test]
fn a_prediction_over_its_own_model() {
    let desk = Desk::with_daily();
    desk.run("train --csv daily.csv --horizon 7 --model drift -q");
    refused!(desk, "predict --model daily-model --csv daily.csv --out daily-model");
}
