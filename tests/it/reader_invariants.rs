//! The invariants of the reader: any bytes give a valid dataset, or an error with a hint. What follows a hint is valid, too,
//! and has no times that are far from those of the file.

use chrono::Datelike;
use forecast::error::{DataProblem, ErrorKind};
use forecast::panel::{BadRowPolicy, DuplicatePolicy, RepairPolicy};
use forecast::read::{Dataset, ReadOptions, Source};
use forecast::time::{DateOrder, NamedFrequency, Timestamp};
use forecast::{Error, read};

use crate::follow_hint::{changed_options, changes};
use crate::hints::{error_hint, notices::notice_line};

/// The combination of options with a number. Consecutive numbers give all combinations.
pub(crate) fn options(number: u64) -> ReadOptions {
    let duplicates = [
        DuplicatePolicy::Equal,
        DuplicatePolicy::Equal,
        DuplicatePolicy::Sum,
        DuplicatePolicy::Mean,
        DuplicatePolicy::Last,
        DuplicatePolicy::Error,
    ];
    let frequency = [
        None,
        None,
        Some(NamedFrequency::BusinessDaily("mon-sat".parse().expect("days of the week"))),
        Some(NamedFrequency::Daily),
        Some(NamedFrequency::Monthly),
        Some(NamedFrequency::Weekly),
        Some(NamedFrequency::Hourly),
    ];
    ReadOptions {
        duplicates: duplicates[(number % 6) as usize],
        bad_rows: if (number / 6).is_multiple_of(2) { BadRowPolicy::Error } else { BadRowPolicy::Skip },
        frequency: frequency[(number / 12 % 7) as usize],
        dates: [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)][(number / 84 % 3) as usize],
        wide: if (number / 252).is_multiple_of(4) { vec!["all".into()] } else { Vec::new() },
        zone: (number / 1_008).is_multiple_of(5).then(|| "Europe/Berlin".parse().expect("a zone that is known")),
        spikes: if number.is_multiple_of(2) { RepairPolicy::Repair } else { RepairPolicy::Keep },
        unfinished: if number.is_multiple_of(3) { RepairPolicy::Keep } else { RepairPolicy::Repair },
        ..ReadOptions::default()
    }
}

/// Reads bytes, checks the result, and follows up to `hints` hints one after another, those of an error or of notices.
/// True if there is a dataset without following a hint.
///
/// # Panics
/// If an invariant is violated, or the reader panics.
pub(crate) fn read_and_check(bytes: Vec<u8>, options: &ReadOptions, hints: usize) -> bool {
    let text = String::from_utf8_lossy(&bytes).replace('\0', "");
    let is_dated = lines_have_years(&text);
    read_and_follow(&Source::Bytes(bytes), options, is_dated.then_some(text.as_str()), hints)
}

/// Reads a source and follows up to `hints` hints. With the `text` of a file whose lines have years, times are checked.
fn read_and_follow(source: &Source, options: &ReadOptions, text: Option<&str>, hints: usize) -> bool {
    let (is_dataset, texts): (bool, Vec<String>) = match read::read(source, options) {
        Ok(dataset) => {
            check(&dataset);
            if let Some(text) = text {
                check_times(&dataset, text);
            }
            (true, dataset.notices.iter().map(notice_line).collect())
        }
        Err(error) => {
            assert!(error.kind() == ErrorKind::Data || !options.wide.is_empty(), "{error}");
            assert!(!error.to_string().is_empty());
            let is_malformed =
                matches!(&error, Error::Data { problem, .. } if matches!(**problem, DataProblem::Malformed { .. }));
            let needs_no_hint = is_malformed || matches!(error, Error::Read { .. });
            let hint = error_hint(&error, |_, _| false);
            assert!(needs_no_hint || hint.is_some(), "{error} has no hint");
            (false, hint.into_iter().collect())
        }
    };
    if hints > 0 {
        let all_changes = texts.iter().flat_map(|text| changes(text));
        for changed in all_changes.filter_map(|change| changed_options(options, &change)) {
            if changed != *options {
                read_and_follow(source, &changed, text, hints - 1);
            }
        }
    }
    is_dataset
}

/// Whether most lines have a year of four digits, which does not follow or precede another digit, or starts eight digits.
fn lines_have_years(text: &str) -> bool {
    let is_year = |run: &str| {
        let year = run.get(..4).and_then(|year| year.parse::<i32>().ok());
        matches!(run.len(), 4 | 8) && year.is_some_and(|year| (1900..=2100).contains(&year))
    };
    let has_year = |line: &&str| line.split(|c: char| !c.is_ascii_digit()).any(is_year);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.clone().filter(has_year).count() * 2 > lines.count()
}

/// The first and the last time are of a year that the file has, or of the year before or after it. The year of a date may
/// have two digits.
fn check_times(dataset: &Dataset, text: &str) {
    let panel = &dataset.panel;
    for time in panel.iter().flat_map(|series| [series.start, series.end()]) {
        let Timestamp::Time(time) = time else { continue };
        let has_year = |year: i32| text.contains(&format!("{year:04}")) || has_short_year(text, year % 100);
        let year = time.year();
        assert!((year - 1..=year + 1).any(has_year), "{time} is far from the times of the file");
    }
}

/// Whether a cell is a date or a period whose year has two digits, these ones, as in `1/31/24`, `Jan-24`,
/// `W05.24` or `FY24`.
fn has_short_year(text: &str, year: i32) -> bool {
    let is_short = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = |part: &str| part.len() >= 3 && part.chars().all(char::is_alphabetic);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_numbered =
        |part: &str| part.starts_with(char::is_alphabetic) && is_number(part.trim_start_matches(char::is_alphabetic));
    let is_period = |part: &str| is_month(part) || is_numbered(part);
    let is_dated = |cell: &str| {
        let parts: Vec<&str> = cell.trim().split(['/', '-', '.', ' ']).collect();
        let is_year = |part: &str| part.len() == 2 && part.parse() == Ok(year);
        let is_date = matches!(parts.as_slice(), [_, _, last] if parts.iter().all(is_short) && is_year(last));
        let is_fiscal_year = parts.iter().any(|part| part.strip_prefix("FY").is_some_and(is_year));
        // a space may also separate the cell from the one before
        is_date
            || is_fiscal_year
            || parts
                .windows(2)
                .any(|pair| is_period(pair[0]) && is_year(pair[1]) || is_year(pair[0]) && is_period(pair[1]))
    };
    text.split(|c: char| c.is_whitespace() && c != ' ' || ",;|\"".contains(c)).any(is_dated)
}

fn check(read: &Dataset) {
    let panel = &read.panel;
    assert!(!read.summary().is_empty() && panel.count() > 0 && panel.season() > 0);
    for (index, series) in panel.iter().enumerate() {
        assert!(series.observed[0] && series.observed[series.len() - 1], "starts and ends with an observed value");
        assert!(series.values.iter().all(|value| value.is_finite()), "finite");
        assert!((0..series.len()).all(|at| panel.actual(index, at).is_finite()));
        let (end, next) = (series.end(), series.time_at(series.len()));
        assert!(next > end || next == series.time_at(series.len() + 1), "times ascend, unless the calendar ends");
        assert!(!panel.format(next).is_empty());
    }
    assert!(read.notices.iter().all(|notice| !notice_line(notice).is_empty()));
    for repair in &read.repairs {
        assert!(repair.from.into_iter().chain(repair.to).all(f64::is_finite));
        assert!(!repair.to_string().is_empty() && !panel.format(repair.time).is_empty());
    }
}
