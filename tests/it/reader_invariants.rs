//! The invariants of the reader: any bytes give a valid dataset, or an error with a hint.

use forecast::error::{DataProblem, ErrorKind};
use forecast::panel::{BadRowPolicy, DuplicatePolicy, RepairPolicy};
use forecast::read::{Dataset, ReadOptions, Source};
use forecast::time::{DateOrder, NamedFrequency};
use forecast::{Error, read};

use crate::hints::{error_hint, notice_line};

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

/// Reads bytes and checks the result. True if there is a dataset.
///
/// # Panics
/// If an invariant is violated, or the reader panics.
pub(crate) fn read_and_check(bytes: Vec<u8>, options: &ReadOptions) -> bool {
    match read::read(&Source::Bytes(bytes), options) {
        Ok(read) => {
            check(&read);
            true
        }
        Err(error) => {
            assert!(error.kind() == ErrorKind::Data || !options.wide.is_empty(), "{error}");
            assert!(!error.to_string().is_empty());
            let is_malformed =
                matches!(&error, Error::Data { problem, .. } if matches!(**problem, DataProblem::Malformed { .. }));
            let needs_no_hint = is_malformed || matches!(error, Error::Read { .. });
            assert!(needs_no_hint || error_hint(&error).is_some(), "{error} has no hint");
            false
        }
    }
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
