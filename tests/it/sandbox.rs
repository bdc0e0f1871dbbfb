//! A temporary folder for each test, in which the built binary runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::json_schema::checked;

/// The names in the folder of a forecast by a model with a trained network.
pub(crate) const FILES_OF_TRAINED_RUN: [&str; 9] = [
    "backtest.csv",
    "forecast.csv",
    "forecast.png",
    "history.csv",
    "loss.png",
    "model",
    "report.html",
    "run.json",
    "training.csv",
];

/// A temporary folder, which is empty at first and removed at the end of the test.
pub(crate) struct Sandbox(tempfile::TempDir);

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A sandbox with one daily series of eight weeks, `daily.csv`: a weekly pattern on a level, and a little noise.
    pub(crate) fn with_daily() -> Self {
        let sandbox = Self::new();
        sandbox.write("daily.csv", &daily_csv(56));
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Copies one of the data sets that are shipped.
    pub(crate) fn copy_dataset(&self, dataset: &str) {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(dataset);
        fs::copy(shipped, self.path(dataset)).unwrap();
    }

    /// The names in a folder of the sandbox, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The command that runs the binary in this folder, with the words of `line` as arguments.
    pub(crate) fn forecast(&self, line: &str) -> Command {
        let mut command = Command::new(insta_cmd::get_cargo_bin("forecast"));
        command.args(line.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// Runs the binary and asserts that it succeeds.
    pub(crate) fn run(&self, line: &str) -> Output {
        let output = self.forecast(line).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

/// Every record of a run that a test leaves is as docs/run.schema.json describes it.
impl Drop for Sandbox {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        for entry in fs::read_dir(self.0.path()).into_iter().flatten().flatten() {
            let text = fs::read_to_string(entry.path().join("run.json")).unwrap_or_default();
            let is_of_forecast =
                serde_json::from_str(&text).is_ok_and(|own: serde_json::Value| own["maker"] == "forecast");
            if is_of_forecast {
                checked(&text);
            }
        }
    }
}

/// A CSV of consecutive days from 1 January 2024.
pub(crate) fn daily_csv(days: u32) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let row = |t: u32| {
        let noise = f64::from(t * 7919 % 13) / 10.0;
        let value = 100.0 + [0.0, 4.0, 6.0, 5.0, 9.0, 30.0, 20.0][t as usize % 7] + noise;
        format!("{},{value:.1}\n", first + chrono::Days::new(t.into()))
    };
    "date,sales\n".to_owned() + &(0..days).map(row).collect::<Vec<_>>().concat()
}

/// The text of a command on stdout.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The text of a command on stderr.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
