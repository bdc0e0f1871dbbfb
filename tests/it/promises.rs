//! What reading anything at all must come to: a data set that keeps its promises, or an error that gives the way out.

use forecast::error::Kind;
use forecast::panel::{BadRowPolicy, DuplicatePolicy, RepairPolicy};
use forecast::read;
use forecast::read::{Dataset, ReadOptions, Source};
use forecast::time::{DateOrder, NamedFrequency};

/// Options by a number, so that all of them are tried.
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

/// Reads, and checks what comes of it.
///
/// # Panics
/// If a promise is broken, or the reader panics.
pub(crate) fn kept(bytes: Vec<u8>, options: &ReadOptions) -> bool {
    match read::read(&Source::Bytes(bytes), options) {
        Ok(read) => {
            check(&read);
            true
        }
        Err(error) => {
            assert!(error.kind() == Kind::Data || !options.wide.is_empty(), "{error}");
            assert!(!error.to_string().is_empty());
            assert!(
                error.hint().is_some()
                    || matches!(error, forecast::Error::Io { .. } | forecast::Error::Malformed { .. }),
                "{error} has no hint"
            );
            false
        }
    }
}

fn check(read: &Dataset) {
    let panel = &read.panel;
    assert!(!read.summary().is_empty() && panel.count() > 0 && panel.season() > 0);
    for (which, series) in panel.iter().enumerate() {
        assert!(series.observed[0] && series.observed[series.len() - 1], "starts and ends with what was observed");
        assert!(series.values.iter().all(|value| value.is_finite()), "finite");
        assert!((0..series.len()).all(|at| panel.actual(which, at).is_finite()));
        let (end, next) = (series.end(), series.time_at(series.len()));
        assert!(next > end || next == series.time_at(series.len() + 1), "time goes on, unless the calendar ends");
        assert!(!panel.format(next).is_empty());
    }
    for repair in &read.repairs {
        assert!(repair.from.into_iter().chain(repair.to).all(f64::is_finite));
        assert!(!repair.to_string().is_empty() && !panel.format(repair.time).is_empty());
    }
}
