//! Resuming an interrupted training.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::sandbox::{Sandbox, stderr};

/// Monthly series of five years.
fn with_panel() -> Sandbox {
    let sandbox = Sandbox::new();
    let row = |shop: u32, t: u32| {
        let noise = f64::from((t * 7919 + shop * 104_729) % 101) / 20.0;
        let value = 50.0 + f64::from(shop) + [0.0, 8.0, -5.0, 3.0, -6.0, 2.0][t as usize % 6] + noise;
        format!("{shop},{}-{:02},{value:.2}\n", 2019 + t / 12, 1 + t % 12)
    };
    let rows = (0..40).flat_map(|shop| (0..60).map(move |t| row(shop, t)));
    let text = "shop,month,sales\n".to_owned() + &rows.collect::<String>();
    sandbox.write("shops.csv", &text);
    sandbox
}

const GLOBAL: &str =
    "--csv shops.csv -n 6 --id shop --target sales --model global --members 5 --epochs 12 --quiet --out";

/// The checkpoint of the first member after the first training phase.
const FIRST_CHECKPOINT: &str = "cut.unfinished/1_00.safetensors";

/// Runs a training into `cut` and kills it after its first checkpoint.
fn kill_after_first_checkpoint(sandbox: &Sandbox) {
    let mut training = sandbox.forecast(&format!("{GLOBAL} cut")).spawn().unwrap();
    while !sandbox.path(FIRST_CHECKPOINT).exists() {
        assert!(training.try_wait().unwrap().is_none(), "the training ended without a checkpoint");
        thread::sleep(Duration::from_millis(1));
    }
    training.kill().unwrap();
    training.wait().unwrap();
    assert!(!sandbox.path("cut").exists(), "the training was killed before its end");
}

#[test]
fn a_killed_run_resumes_to_the_same_bytes() {
    let sandbox = with_panel();
    kill_after_first_checkpoint(&sandbox);
    sandbox.run(&format!("{GLOBAL} cut --resume"));
    sandbox.run(&format!("{GLOBAL} whole"));
    assert_eq!(sandbox.bytes("cut/forecast.csv"), sandbox.bytes("whole/forecast.csv"));
    assert_eq!(sandbox.names("."), ["cut", "shops.csv", "whole"], "the checkpoints are removed in the end");
}

/// A change of the checkpoint changes the forecast, which it would not if the member were trained again.
#[test]
fn a_finished_member_is_not_trained_again() {
    let sandbox = with_panel();
    kill_after_first_checkpoint(&sandbox);
    let mut checkpoint = sandbox.bytes(FIRST_CHECKPOINT);
    // the sign of the last weight
    *checkpoint.last_mut().unwrap() ^= 0x80;
    fs::write(sandbox.path(FIRST_CHECKPOINT), checkpoint).unwrap();
    sandbox.run(&format!("{GLOBAL} cut --resume"));
    sandbox.run(&format!("{GLOBAL} whole"));
    assert_ne!(sandbox.bytes("cut/forecast.csv"), sandbox.bytes("whole/forecast.csv"));
}

#[test]
fn resume_is_refused_for_a_model_without_checkpoints() {
    let sandbox = Sandbox::with_daily();
    let refused = sandbox.forecast("--csv daily.csv -n 7 --resume").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        stderr(&refused),
        "error: --resume has no effect on auto of 1 series: it keeps no checkpoints\nhint: leave --resume out\n"
    );
}

#[test]
fn a_folder_with_other_files_in_place_of_checkpoints_is_left_alone() {
    let sandbox = with_panel();
    fs::create_dir(sandbox.path("out.unfinished")).unwrap();
    sandbox.write("out.unfinished/notes.txt", "mine");
    let refused = sandbox.forecast(&format!("{GLOBAL} out")).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let message = stderr(&refused);
    assert!(message.contains("out.unfinished exists already") && message.contains("--out DIR"), "{message}");
    assert_eq!(sandbox.read("out.unfinished/notes.txt"), "mine");
}
