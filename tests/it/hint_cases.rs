//! A file for each hint of the reader, and what following the hint has to lead to.

use crate::arrow;
use crate::hint_future_cases::of_future;
use crate::hint_notice_cases::{of_notices, of_totals};
use crate::hint_time_cases::{of_single_times, of_steps, of_times};

/// A file, and the command that prints a hint about it.
pub(crate) struct Case {
    /// The arm of the source that chooses the hint.
    pub(crate) arm: &'static str,
    pub(crate) name: &'static str,
    pub(crate) content: Vec<u8>,
    /// Further files, by name.
    pub(crate) others: &'static [(&'static str, &'static str)],
    pub(crate) flags: &'static str,
    /// A part of the hint.
    pub(crate) hint: &'static str,
    /// The names for the placeholders of flags.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// What the output of a command that follows the hint has to hold: one of these.
    pub(crate) summaries: &'static [&'static str],
    /// The file as the hint asks to correct it.
    pub(crate) corrected: Option<String>,
    /// Whether the corrected file is read without the flags.
    pub(crate) corrected_without_flags: bool,
}

/// Hints without a file, each with the reason.
pub(crate) const WITHOUT_A_FILE: [(&str, &str); 2] = [
    ("DataProblem::TooManyRows{..}", "the file would have four billion rows"),
    ("Error::Read{source,..}ifsource.kind()==std::io::ErrorKind::PermissionDenied", "a superuser can read every file"),
];

/// Hints about models and folders.
pub(crate) const NOT_OF_THE_READER: [(&str, &str); 16] = [
    ("DataProblem::MixedKinds{column,..}", "followed in separate_covariates"),
    ("DataProblem::StreamTooLong{..}", "serve"),
    ("Error::UnusableRun{problem,..}", "followed in stored_runs"),
    ("Error::FileNotFound{similar:Some(similar),..}", "followed by the_path_of_a_hint_is_that_of_a_file"),
    ("Error::IsFolder{table:Some(table),..}", "followed by the_path_of_a_hint_is_that_of_a_file"),
    ("Error::FileNotFound{..}", "no file to propose"),
    ("Error::IsFolder{..}", "no file to propose"),
    ("Error::Data{problem,..}", "its problems have their own hints"),
    ("Error::NotReconcilable(problem)", "hierarchy"),
    ("Error::CovariateTooShort{reach:0,column,..}", "horizon"),
    ("Error::CovariateTooShort{reach,column,..}", "horizon"),
    ("Error::UnknownName{what:\"covariate\",given,choices}", "backtest"),
    ("Error::TooShort{..}", "model"),
    ("Error::NoPretrainedNetworks{..}", "model"),
    ("Error::Diverged{..}", "model"),
    ("Error::UnusableModel{..}", "model"),
];

/// A case of a CSV file without flags.
pub(crate) fn csv(
    arm: &'static str,
    content: impl Into<Vec<u8>>,
    hint: &'static str,
    summaries: &'static [&'static str],
) -> Case {
    Case {
        arm,
        name: "sales.csv",
        content: content.into(),
        others: &[],
        flags: "",
        hint,
        names: &[],
        summaries,
        corrected: None,
        corrected_without_flags: false,
    }
}

/// A file that is no table, and a table in its place.
fn other_format(arm: &'static str, start: &[u8], hint: &'static str) -> Case {
    Case { name: "sales.bin", corrected: Some(days(20)), ..csv(arm, start, hint, DAYS) }
}

pub(crate) const TARGET: &str = "daily, 1 series, 2024-01-01 to 2024-01-20, target ";
pub(crate) const DAILY: &str = "daily, 1 series, 2024-01-01 to 2024-01-";
pub(crate) const DAYS: &[&str] = &["daily, 1 series, 2024-01-01 to 2024-01-20, target sales"];

pub(crate) fn days(count: u32) -> String {
    rows("date,sales", count, |day| format!("2024-01-{:02},{}", day + 1, 10 + day % 7))
}

pub(crate) fn hours(count: u32, value: impl Fn(u32) -> String) -> String {
    rows("time,sales", count, |hour| format!("2024-01-{:02} {:02}:00,{}", 1 + hour / 24, hour % 24, value(hour)))
}

pub(crate) fn rows(header: &str, count: u32, row: impl Fn(u32) -> String) -> String {
    format!("{header}\n") + &(0..count).map(|at| row(at) + "\n").collect::<String>()
}

fn corpus(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)).unwrap()
}

/// One case or more for each hint.
pub(crate) fn cases() -> Vec<Case> {
    [
        of_columns(),
        of_future(),
        of_cells(),
        of_times(),
        of_steps(),
        of_single_times(),
        of_files(),
        of_streams(),
        of_totals(),
        of_notices(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_columns() -> Vec<Case> {
    let two = || rows("date,sales,price", 20, |day| format!("2024-01-{:02},{},{}", day + 1, 10 + day % 7, 5 + day % 3));
    vec![
        Case {
            flags: "--target slaes",
            ..csv("DataProblem::ColumnNotFound{setting,similar:Some(similar),..}", two(), "did you mean", &[TARGET])
        },
        Case {
            flags: "--target zzz",
            names: &[("--target", "price")],
            ..csv("DataProblem::ColumnNotFound{setting,similar:None,..}", two(), "name one of", &[TARGET])
        },
        Case {
            flags: "--time date --id date --target sales",
            corrected: Some(two()),
            corrected_without_flags: true,
            names: &[],
            ..csv("DataProblem::ConflictingRoles{first,second,..}", two(), "different columns", &[TARGET])
        },
        csv(
            "DataProblem::AmbiguousTarget{candidates}",
            two().replace("sales", "north").replace("price", "south"),
            "--wide",
            &[TARGET, "daily, 2 series"],
        ),
        csv(
            "DataProblem::AmbiguousTarget{candidates}",
            two().replace("sales,price", "\"north, old\",\"south, new\""),
            "--wide all",
            &[TARGET, "daily, 2 series"],
        ),
        Case {
            flags: "--target sales",
            ..csv(
                "DataProblem::RepeatedTime{candidates,..}if!candidates.is_empty()&&are_listable(candidates)",
                rows("date,sales,code", 20, |at| format!("2024-01-{:02},{},{}", at / 2 + 1, at % 7 + 1, at % 5 + 1)),
                "--id",
                &["daily, 5 series (code)", "daily, 1 series, 2024-01-01 to 2024-01-10"],
            )
        },
        Case {
            flags: "--covariates note --target sales",
            corrected: Some(two()),
            corrected_without_flags: true,
            ..csv(
                "DataProblem::InvalidCovariate{column,..}",
                rows("date,sales,note", 20, |day| format!("2024-01-{:02},{},", day + 1, day % 7)),
                "--covariates",
                DAYS,
            )
        },
        Case {
            flags: "--covariates price --target sales --future future.csv",
            others: &[("future.csv", "price\n5\n")],
            corrected: Some(two()),
            corrected_without_flags: true,
            ..csv(
                "DataProblem::FutureColumnMissing{is_time:true,column,history,..}",
                two(),
                "name the column of times date",
                &[TARGET],
            )
        },
        Case {
            names: &[("--target", "name")],
            corrected: Some(days(20)),
            ..csv(
                "DataProblem::NoNumericColumn{..}",
                rows("date,name", 20, |day| format!("2024-01-{:02},n{day}", day + 1)),
                "--target",
                DAYS,
            )
        },
        Case {
            names: &[("--time", "name")],
            corrected: Some(days(20)),
            ..csv("DataProblem::NoTimeColumn{..}", "name,sales\nanna,1\nbert,2\n", "--time", DAYS)
        },
        Case {
            flags: "--target sales",
            names: &[("--target", "price")],
            ..csv(
                "DataProblem::NoValues{..}",
                rows("date,sales,price", 20, |day| format!("2024-01-{:02},NA,{}", day + 1, day % 7)),
                "--target",
                &[TARGET],
            )
        },
    ]
}

fn of_cells() -> Vec<Case> {
    let prices = |cell: &'static str| {
        let price = move |day: u32| if day == 8 { cell.to_owned() } else { (5 + day % 3).to_string() };
        rows("date,sales,price", 20, move |day| format!("2024-01-{:02},{},{}", day + 1, 10 + day % 7, price(day)))
    };
    let with = |line: &str| days(20).replace("2024-01-09,11", line);
    vec![
        csv("DataProblem::RejectedLines(Rejected{first,..})", with("2024-01-09,11,99"), "--bad-rows skip", DAYS),
        Case {
            corrected: Some(days(20)),
            ..csv(
                "DataProblem::InvalidNumbers{cells,present,can_be_skipped,..}",
                with("2024-01-09,many"),
                "--bad-rows skip",
                DAYS,
            )
        },
        Case {
            flags: "--target sales --covariates price",
            corrected: Some(prices("7")),
            ..csv(
                "DataProblem::WordsAmongNumbers{column,cells,can_be_skipped,in_future,..}",
                prices("cheap"),
                "--categories price",
                &["daily, 1 series, 2024-01-01 to 2024-01-20, target sales"],
            )
        },
        csv(
            "DataProblem::MixedUnits{..}",
            rows("date,price", 20, |day| {
                format!("2024-01-{:02},{}{}", day + 1, if day == 8 { "€" } else { "$" }, 10 + day)
            }),
            "--bad-rows skip",
            &["daily, 1 series, 2024-01-01 to 2024-01-20, target price"],
        ),
    ]
}

fn of_streams() -> Vec<Case> {
    let stream = |columns: &[arrow::Column]| arrow::stream_of(columns, None, &[]);
    let daily = stream(&arrow::daily());
    let blobs = stream(&[arrow::daily().remove(0), ("photo", arrow::blobs())]);
    let [date, sales] = arrow::daily().try_into().expect("two columns");
    let with_salez = stream(&[date, sales.clone(), ("salez", sales.1)]);
    // no writer of Polars can write a name twice
    let at = with_salez.windows(5).position(|bytes| bytes == b"salez").expect("the schema has the name");
    let twice = [&with_salez[..at], b"sales", &with_salez[at + 5..]].concat();
    vec![
        other_format("DataProblem::StreamCut{..}", &daily[..daily.len() - 1], "write it again"),
        other_format("DataProblem::BytesAfterStream{..}", &daily.repeat(2), "into one stream"),
        other_format("DataProblem::UnreadableColumn{..}", &blobs, "column.cast"),
        other_format("DataProblem::RepeatedColumn{..}", &twice, "rename one"),
    ]
}

fn of_files() -> Vec<Case> {
    let nested = r#"{"date": {"0": "2024-01-01"}, "sales": {"0": 1}}"#;
    let csv_of = |arm, content: &str, hint| Case { corrected: Some(days(20)), ..csv(arm, content, hint, DAYS) };
    let of_one_name_each = (0..1_100).map(|row| format!("{{\"a{row}\": 1}}\n")).collect::<Vec<_>>().concat();
    let json = rows("[", 2, |_| "{\"date\": \"2024-01-01\", \"sales\": 1},".to_owned());
    vec![
        csv_of("DataProblem::Empty", " \n", "give a file with a header"),
        csv_of("DataProblem::NoRows", "date,sales\n", "give a file with a header"),
        Case {
            corrected: Some(rows("", 20, |day| format!("{{\"date\": \"2024-01-{:02}\", \"sales\": {day}}}", day + 1))),
            ..csv("DataProblem::Malformed{location:Some(location),..}", json, "correct or remove line", DAYS)
        },
        csv_of("DataProblem::NotATable{..}", nested, "give rows"),
        csv_of("DataProblem::MostlyEmpty{..}", &of_one_name_each, "give each row the same names"),
        other_format("UnsupportedFormat::Zip", b"PK\x03\x04 an archive", "save the sheet as CSV"),
        other_format("UnsupportedFormat::Excel", b"\xD0\xCF\x11\xE0 a document", "save it as .xlsx"),
        other_format(
            "UnsupportedFormat::Protected",
            b"\xD0\xCF\x11\xE0E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
            "without a password",
        ),
        other_format("UnsupportedFormat::Sqlite", b"SQLite format 3\0", "export the table"),
        other_format("UnsupportedFormat::Bzip2", b"BZh91AY", "bzcat FILE"),
        other_format("UnsupportedFormat::Xz", b"\xFD7zXZ\0", "xzcat FILE"),
        other_format("UnsupportedFormat::Hdf5", b"\x89HDF\r\n", "save the table"),
        other_format("UnsupportedFormat::Markup", b"<!DOCTYPE html><html>", "download the file itself"),
        other_format("DataProblem::UnsupportedFormat(format)", b"%PDF-1.7", "save the table as CSV"),
        Case {
            name: "formulas.xlsx",
            corrected: Some(days(20)),
            ..csv("DataProblem::UncomputedFormulas{..}", corpus("formulas.xlsx"), "--bad-rows skip", DAYS)
        },
        Case { flags: "--sheet Data", ..csv("DataProblem::NoSheets", days(20), "leave out `--sheet`", DAYS) },
        Case {
            name: "days.ods",
            flags: "--sheet sheet",
            ..csv(
                "DataProblem::SheetNotFound{similar:Some(similar),..}",
                corpus("days.ods"),
                "did you mean",
                &["2024-01-01 to 2024-01-30, target v"],
            )
        },
        Case {
            name: "days.ods",
            flags: "--sheet data",
            ..csv(
                "DataProblem::SheetNotFound{sheets,..}",
                corpus("days.ods"),
                "name one of these sheets",
                &["2024-01-01 to 2024-01-30, target v"],
            )
        },
    ]
}
