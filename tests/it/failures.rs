//! Runs that fail, in whole or in part: their exit codes, their messages, and the files that they write.

use std::ffi::OsStr;

use crate::sandbox::{Sandbox, stderr};

/// Three series of 28 days: one of them has no value, another has a missing day.
fn with_failed_series() -> Sandbox {
    let sandbox = Sandbox::new();
    let row = |day: u32| {
        let value = day % 7 + day;
        let complete = format!("mill,tea,2024-01-{day:02},{value}\n");
        let gap = if day == 9 { String::new() } else { format!("\"pier, east\",tea,2024-01-{day:02},{value}\n") };
        complete + &gap + &format!("pier,\"coffee \"\"dark\"\"\",2024-01-{day:02},\n")
    };
    sandbox.write("shops.csv", &("shop,item,date,sales\n".to_owned() + &(1..=28).map(row).collect::<String>()));
    sandbox
}

#[test]
fn a_failed_series_is_listed_and_ends_the_run_with_exit_code_4() {
    let sandbox = with_failed_series();
    let output = sandbox.forecast("--csv shops.csv -n 3 --id shop,item --model naive").output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let files = [
        "backtest.csv",
        "failed.csv",
        "forecast.csv",
        "forecast.png",
        "history.csv",
        "model",
        "repairs.csv",
        "report.html",
        "run.json",
    ];
    assert_eq!(sandbox.names("shops-forecast"), files);
    assert_eq!(
        sandbox.read("shops-forecast/failed.csv"),
        "shop,item,reason\npier,\"coffee \"\"dark\"\"\",it has no value\n"
    );
    assert_eq!(sandbox.read("shops-forecast/forecast.csv").lines().count(), 1 + 2 * 3, "the other series are forecast");
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("shops-forecast/run.json")).unwrap();
    assert_eq!(run["data"]["failed_series"], 1);
}

#[test]
fn repairs_have_the_id_and_time_columns_of_the_forecast() {
    let sandbox = with_failed_series();
    sandbox.forecast("--csv shops.csv -n 3 --id shop,item --model naive -q").output().unwrap();
    let header = |file: &str| sandbox.read(&format!("shops-forecast/{file}")).lines().next().unwrap().to_owned();
    assert!(header("forecast.csv").starts_with("shop,item,date,forecast,"));
    assert_eq!(
        sandbox.read("shops-forecast/repairs.csv"),
        "shop,item,date,repair,from,to\n\"pier, east\",tea,2024-01-09,missing row filled,,11\n"
    );
}

#[test]
fn every_command_that_writes_a_forecast_or_a_model_reports_failed_series() {
    let sandbox = with_failed_series();
    let flags = "--csv shops.csv --id shop,item -q";
    for (line, folder) in [
        ("train -n 3 --model mean --out model", Some("model")),
        ("predict --model model --out next", Some("next")),
        ("backtest -n 3 --model mean --out past", Some("past")),
        ("-n 3 --model mean --out -", None),
    ] {
        let code = sandbox.forecast(&format!("{line} {flags}")).status().unwrap().code();
        assert_eq!(code, Some(4), "{line}");
        assert!(folder.is_none_or(|folder| sandbox.names(folder).contains(&"failed.csv".to_owned())), "{line}");
    }
    assert_eq!(sandbox.forecast("inspect --csv shops.csv --id shop,item").output().unwrap().status.code(), Some(0));
}

#[test]
fn missing_skill_counts_more_than_failed_series() {
    let sandbox = with_failed_series();
    let line = "--csv shops.csv -n 3 --id shop,item --model croston --require-skill -q";
    assert_eq!(sandbox.forecast(line).status().unwrap().code(), Some(5));
}

#[test]
fn a_folder_as_input_is_a_clear_error() {
    let sandbox = Sandbox::with_daily();
    let output = sandbox.forecast("--csv . -n 3").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stderr(&output), "error: .: is a folder, not a file\nhint: give a file in it, such as ./daily.csv\n");
    assert_eq!(sandbox.names("."), ["daily.csv"]);
}

/// A user without rights; the superuser can read every file.
#[cfg(unix)]
#[test]
fn a_file_without_read_permission_is_a_clear_error() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let sandbox = Sandbox::with_daily();
    fs::set_permissions(sandbox.path("daily.csv"), Permissions::from_mode(0o000)).unwrap();
    if fs::read(sandbox.path("daily.csv")).is_ok() {
        return;
    }
    let output = sandbox.forecast("--csv daily.csv -n 3").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = stderr(&output);
    assert!(text.starts_with("error: daily.csv") && text.matches("ermission denied").count() == 1, "{text}");
}

/// Every write to this device fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_with_its_cause_once() {
    let sandbox = Sandbox::with_daily();
    for line in ["--csv daily.csv -n 3 --model mean --out -", "inspect --csv daily.csv", "--help"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sandbox.forecast(line).stdout(full).output().unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{line}: {text}");
        assert!(text.contains("error: writing to stdout failed: "), "{line}: {text}");
        assert_eq!(text.matches("No space left on device").count(), 1, "{line}: {text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_csv_writers_return_the_error_of_a_full_disk() {
    use forecast::panel::Panel;

    let panel = Panel::from_values(&[1.0, 2.0], 1);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = forecast::write::Table::Repairs(&[]).write_csv(std::io::BufWriter::new(full), &panel).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}

/// Names of files are bytes; only names of columns have to be UTF-8.
#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_utf_8_is_read() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::with_daily();
    let name = OsStr::from_bytes(b"daily-\xff.csv");
    std::fs::copy(sandbox.path("daily.csv"), sandbox.path("daily.csv").with_file_name(name)).unwrap();
    let output = sandbox.forecast("-n 3 --model mean --out named -q --csv").arg(name).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    sandbox.run("--csv daily.csv -n 3 --model mean --out usual -q");
    assert_eq!(sandbox.read("named/forecast.csv"), sandbox.read("usual/forecast.csv"));
    let output =
        sandbox.forecast("--csv daily.csv -n 3 --target").arg(OsStr::from_bytes(b"sal\xffes")).output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.starts_with("error: ") && text.contains("UTF-8") && text.contains("\nhint: "), "{text}");
}

/// A disk that is full after the work is done: a limit of the size of files lets the first small file through.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_named_after_the_tables() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 3 --model mean --out kept -q");
    let before = sandbox.bytes("kept/run.json");
    for (line, table) in [
        ("--csv daily.csv -n 3 --model naive --out kept", "forecast"),
        ("--csv daily.csv -n 3 --model naive --out kept --format xlsx --total week", "forecast"),
        ("predict --model kept --csv daily.csv --out next", "forecast"),
        ("backtest --csv daily.csv -n 3 --model naive --out past", "MASE"),
    ] {
        let run = sandbox.forecast(line);
        let mut limited = std::process::Command::new("sh");
        limited
            .args(["-c", "trap '' XFSZ; ulimit -f 6; exec \"$0\" \"$@\""])
            .arg(run.get_program())
            .args(run.get_args());
        let output = limited.current_dir(sandbox.path(".")).output().unwrap();
        let (shown, text) = (crate::sandbox::stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(1), "{line}: {text}");
        assert!(shown.contains(table) && shown.lines().count() > 3, "{line}: {shown}");
        assert!(!shown.contains("wrote"), "{line}: {shown}");
        assert!(
            text.contains(" could not be written, and is as before: ") && text.contains("File too large"),
            "{text}"
        );
        assert!(text.contains("\nhint: ") && !text.contains(".forecast-"), "{line}: {text}");
    }
    assert_eq!(sandbox.bytes("kept/run.json"), before);
    assert_eq!(sandbox.names("."), ["daily.csv", "kept"], "nothing is left behind");
}

#[test]
fn a_model_that_is_not_saved_or_lacks_its_columns_is_named_with_a_hint() {
    let sandbox = Sandbox::with_daily();
    let error = |line: &str| stderr(&sandbox.forecast(line).output().unwrap());
    let text = error("predict --model nothing --csv daily.csv");
    assert!(text.starts_with("error: nothing does not exist\nhint: give the folder that `forecast train"), "{text}");
    let text = error("predict --model ets --csv daily.csv");
    assert!(text.contains("hint: `forecast --csv FILE --horizon N --model ets`"), "{text}");
    let daily = sandbox.read("daily.csv");
    let with_price: Vec<String> = daily.lines().enumerate().map(|(t, line)| format!("{line},{}\n", t % 4)).collect();
    sandbox.write("prices.csv", &with_price.concat().replacen("sales,0", "sales,price", 1));
    sandbox.run("train --csv prices.csv --target sales -n 2 --covariates price --budget 1s --out priced -q");
    let text = error("predict --model priced --csv daily.csv");
    assert!(text.contains("no column \"price\"") && text.contains("hint: give a file with this column"), "{text}");
}
