//! Errors and hints for files that cannot be read, or can be read in more than one way.

use std::fmt::Write;

use forecast::Error;
use forecast::error::{DataProblem, ErrorKind};
use forecast::read::{self, ReadOptions, Source, read_csv};
use forecast::time::{NamedFrequency, Weekdays};

use crate::files::{describe_error, hint, read, read_dataset};
use crate::sandbox::Sandbox;

fn error_of(name: &str, text: &str, options: &ReadOptions) -> String {
    match read(name, text, options) {
        Err(error) => describe_error(&error),
        Ok(read) => panic!("{name} was read: {}", read.summary()),
    }
}

fn default_error(text: &str) -> String {
    error_of("sales.csv", text, &ReadOptions::default())
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("demand.csv"), "date,v\n").unwrap();
    let missing = read::read(&Source::Path(folder.path().join("demnad.csv")), &ReadOptions::default()).unwrap_err();
    let missing = describe_error(&missing).replace(&format!("{}/", folder.path().display()), "");
    let all = [
        missing,
        default_error(""),
        default_error("\n \n"),
        default_error("date,sales\n"),
        default_error("PK\u{3}\u{4}and more"),
        default_error("<!DOCTYPE html><html>"),
        default_error("date,sales\n2024-01-01,1\n2024-01-02,1,5\n"),
        default_error("date,sales\n2024-01-01,1\n2024-01-02,\"1\n2024-01-03,5\n"),
        default_error(
            &(1..=14).fold("date,sales\n".to_owned(), |text, day| text + &format!("2024-01-{day:02},1,{day}\n")),
        ),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn columns_without_a_certain_role() {
    let named = |options| error_of("sales.csv", "date,sales,price\n2024-01-01,1,2\n2024-01-02,2,2\n", &options);
    let all = [
        default_error("date,name\n2024-01-01,a\n2024-01-02,b\n"),
        describe_error(&read_dataset("weather.csv", &ReadOptions::default()).unwrap_err()),
        named(ReadOptions { target: Some("slaes".into()), ..ReadOptions::default() }),
        named(ReadOptions { time: Some("when".into()), ..ReadOptions::default() }),
        named(ReadOptions { ids: vec!["date".into()], time: Some("date".into()), ..ReadOptions::default() }),
        default_error("name,sales\nanna,1\nbert,2\n"),
        default_error("date,unit sales,unit price\n2024-01-01,1,2\n2024-01-02,2,2\n"),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn cells_that_cannot_be_used() {
    let many = (0..25).fold(String::from("date,sales\n"), |mut text, day| {
        writeln!(text, "day {day},{day}").unwrap();
        text
    });
    let all = [
        default_error("date,note,sales\n2024-01-01,\"two\nlines\",1\n2024-02-01,,2\n2024-13-01,,3\n"),
        default_error(&many),
        default_error("date,sales\n2024-01-01,1\n,2\n2024-01-03,3\n"),
        default_error("date,sales\n03/04/2024,1\n04/04/2024,2\n05/04/2024,3\n"),
        default_error(
            "date,sales\n2024-01-30T00:00:00+01:00,1\n2024-01-31T00:00:00+01:00,1\n2024-02-01T00:00:00+07:00,2\n",
        ),
        default_error("date,sales\n2024-01-30T00:00:00+01:00,1\n2024-01-31T00:00:00,1\n2024-02-01T00:00:00+01:00,2\n"),
        default_error("date,sales\n2024-01-01,1\n2024-01-02,two\n2024-01-03,3\n"),
        default_error("date,sales\n2024-01-01,1\nsoon,2\n2024-01-03,three\n2024-01-04,4\n"),
        default_error("date,share\n2024-01-01,1%\n2024-01-02,2%\n2024-01-03,0.03\n"),
        default_error("date,price\n2024-01-01,$1\n2024-01-02,€2\n2024-01-03,$3\n"),
        default_error("date,sales\n2024-01-01,1\n2024-01-02,inf\n2024-01-03,3\n"),
        error_of(
            "sales.csv",
            "date,sales\n2024-01-01,\n2024-01-02,NA\n",
            &ReadOptions { target: Some("sales".into()), ..ReadOptions::default() },
        ),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn irregular_times() {
    let days = |count: i32| {
        (1..=count).fold(String::from("date,sales\n"), |mut text, day| {
            writeln!(text, "2024-01-{day:02},{day}").unwrap();
            text
        })
    };
    let with_frequency = |text: &str, frequency| {
        error_of("sales.csv", text, &ReadOptions { frequency: Some(frequency), ..ReadOptions::default() })
    };
    let hours = (0..12).fold(String::from("time,sales\n"), |mut text, hour| {
        writeln!(text, "2024-01-01 {hour:02}:{},{hour}", if hour == 5 { "07" } else { "00" }).unwrap();
        text
    });
    let all = [
        default_error(&hours),
        default_error("date,sales\n2024-01-01,1\n"),
        default_error(&format!("{}2204-01-01,5\n", days(28))),
        default_error(&format!("{}2024-01-05,99\n", days(28))),
        default_error(&(days(9) + &days(9)["date,sales\n".len()..].replace(",1", ",7"))),
        error_of(
            "sales.csv",
            "date,sales,code\n2024-01-01,1,8\n2024-01-01,2,8\n2024-01-02,1,9\n2024-01-02,2,9\n",
            &ReadOptions { target: Some("sales".into()), ..ReadOptions::default() },
        ),
        with_frequency(&days(20), NamedFrequency::Monthly),
        with_frequency(&days(20), NamedFrequency::Hourly),
        with_frequency(&days(20), NamedFrequency::BusinessDaily(Weekdays::BUSINESS)),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_folder_is_not_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = read_csv(folder.path()).unwrap_err();
    assert!(matches!(error, Error::IsFolder { table: None, .. }), "{error}");
    for name in ["notes.txt", "sales.csv.gz"] {
        std::fs::write(folder.path().join(name), "date,v\n").unwrap();
    }
    let error = read_csv(folder.path()).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: is a folder, not a file", folder.path().display()));
    assert_eq!(hint(&error), format!("give a file in it, such as {}", folder.path().join("sales.csv.gz").display()));
    assert_eq!(error.kind(), ErrorKind::Data);
}

#[test]
fn seasons_that_cannot_be_are_refused() {
    let text = "date,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-04,1\n2024-01-05,2\n";
    for (lengths, reason) in [
        (vec![0], "a season has at least 2 steps"),
        (vec![1, 2], "no season, which is also a length of 1, excludes other seasons"),
        (vec![200_000], "200000 steps are more than 100000"),
        (vec![2, 3], "3 steps are more than half of the longest series, which has 5 values"),
    ] {
        let options = ReadOptions { seasons: Some(lengths), ..ReadOptions::default() };
        let error = read("sales.csv", text, &options).unwrap_err();
        assert_eq!(error.to_string(), format!("the season cannot be used: {reason}"));
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(hint(&error).contains("--season none"));
    }
    let none = ReadOptions { seasons: Some(vec![1]), ..ReadOptions::default() };
    assert_eq!(read("sales.csv", text, &none).unwrap().panel.season(), 1);
}

/// The cause is only in the chain of sources, so that a report of the whole chain has it once.
#[test]
fn no_message_repeats_its_cause() {
    let compressed = Source::Bytes(vec![0x1F, 0x8B, 8, 0]);
    let error = read::read(&compressed, &ReadOptions::default()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(matches!(error, Error::Read { .. }) && !error.to_string().contains(&cause), "{error}: {cause}");
}

/// Polars panics on some of these files.
#[test]
fn a_damaged_typed_file_is_an_error_without_a_panic_message() {
    let sandbox = Sandbox::new();
    for (name, whole) in typed_files() {
        for damage in 0..12 {
            let mut bytes = whole.clone();
            let at = bytes.len() * (damage + 1) / 13;
            if damage % 2 == 0 {
                bytes.truncate(at);
            } else {
                bytes[at..].iter_mut().for_each(|byte| *byte ^= 0x5A);
            }
            std::fs::write(sandbox.path(name), &bytes).unwrap();
            let output = sandbox.forecast(&format!("inspect --csv {name}")).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(!stderr.contains("panicked"), "{name}, damage {damage}: {stderr}");
            assert!(output.status.success() || output.status.code() == Some(3), "{name}, damage {damage}: {stderr}");
        }
    }
}

/// A Parquet and an Arrow file with 30 days: their names and bytes.
fn typed_files() -> [(&'static str, Vec<u8>); 2] {
    use polars::prelude::*;
    let days: Vec<i32> = (19_723..19_753).collect();
    let values: Vec<f64> = (0..30).map(f64::from).collect();
    let dates = Series::new("date".into(), &days).cast(&DataType::Date).unwrap();
    let mut frame = DataFrame::new(30, vec![dates.into(), Column::new("sales".into(), values)]).unwrap();
    let (mut parquet, mut arrow) = (Vec::new(), Vec::new());
    ParquetWriter::new(&mut parquet).finish(&mut frame).unwrap();
    IpcWriter::new(&mut arrow).finish(&mut frame).unwrap();
    [("a.parquet", parquet), ("a.arrow", arrow)]
}

#[test]
fn unknown_names() {
    let calendar = "fortnightly".parse::<NamedFrequency>().unwrap_err();
    insta::assert_snapshot!(describe_error(&calendar));
}

#[test]
fn a_mistyped_name_finds_the_intended_column() {
    for (target, intended) in [("demnad", Some("demand")), ("Dat", Some("date")), ("sales", None)] {
        let options = ReadOptions { target: Some(target.into()), ..ReadOptions::default() };
        let text = "date,demand,temperature\n2024-01-01,1,20.5\n2024-01-02,2,21.5\n";
        let error = read("a.csv", text, &options).unwrap_err();
        let Error::Data { problem, .. } = &error else { panic!("{error}") };
        let DataProblem::ColumnNotFound { similar, .. } = &**problem else { panic!("{error}") };
        assert_eq!(similar.as_deref(), intended);
    }
}
