//! Files of future rows whose times have another form or zone than those of a typed history.

use forecast::panel::BadRowPolicy;
use forecast::read::{self, ReadOptions, Source};
use polars_arrow::array::PrimitiveArray;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};

use crate::arrow::stream_of;
use crate::sandbox::{Sandbox, stderr, stdout};

/// Times of text take the zone of a typed history, whatever their own offset is.
#[test]
fn future_rows_of_text_keep_the_zone_of_a_typed_history() {
    const HISTORY: i64 = 240;
    let hour = |at: i64| 1_711_756_800_000 + at * 3_600_000; // 30 March 2024, a day before clocks are set forward in Berlin
    let sandbox = Sandbox::new();
    let options = |future: &str| ReadOptions {
        target: Some("sales".into()),
        covariates: vec!["price".into()],
        future: Some(Source::Path(sandbox.path(future))),
        ..ReadOptions::default()
    };
    for name in ["UTC", "Europe/Berlin", "+05:30"] {
        let of_zone = |from: i64, to: i64| {
            let times = PrimitiveArray::from_vec((from..to).map(hour).collect::<Vec<i64>>());
            times.to(ArrowDataType::Timestamp(TimeUnit::Millisecond, Some(name.into()))).boxed()
        };
        let numbers = |from: i64, to: i64, of: fn(i64) -> i64| {
            PrimitiveArray::from_vec((from..to).map(|at| of(at) as f64).collect::<Vec<f64>>()).boxed()
        };
        let (sales, price) = (|at: i64| 50 + at % 24, |at: i64| 5 + at % 7);
        let history = stream_of(
            &[
                ("time", of_zone(0, HISTORY)),
                ("sales", numbers(0, HISTORY, sales)),
                ("price", numbers(0, HISTORY, price)),
            ],
            None,
            &[],
        );
        let later = (HISTORY, HISTORY + 24);
        let typed =
            stream_of(&[("time", of_zone(later.0, later.1)), ("price", numbers(later.0, later.1, price))], None, &[]);
        std::fs::write(sandbox.path("typed.arrows"), typed).unwrap();
        let zone: chrono::FixedOffset = match name {
            "UTC" => "+00:00",
            // summer time
            "Europe/Berlin" => "+02:00",
            fixed => fixed,
        }
        .parse()
        .unwrap();
        let text = |form: &str, zone: chrono::FixedOffset| {
            let row = |at: i64| {
                let time = chrono::DateTime::from_timestamp_millis(hour(at)).unwrap().with_timezone(&zone);
                format!("{},{}\n", time.format(form), price(at))
            };
            "time,price\n".to_owned() + &(later.0..later.1).map(row).collect::<String>()
        };
        let utc = "+00:00".parse().unwrap();
        sandbox.write("utc.csv", &text("%Y-%m-%dT%H:%M:%SZ", utc));
        sandbox.write("offset.csv", &text("%Y-%m-%d %H:%M%:z", zone));
        sandbox.write("local.csv", &text("%d.%m.%Y %H:%M", zone));
        let read = |future: &str| read::read(&Source::Bytes(history.clone()), &options(future)).unwrap().panel;
        let whole = read("typed.arrows");
        assert_eq!(whole.for_horizon(24).unwrap().covariates().in_words(), "price known in the future");
        for future in ["utc.csv", "offset.csv", "local.csv"] {
            assert_eq!(read(future), whole, "{name} {future}");
        }
        // a time that is none is refused, or skipped as requested
        let local = text("%d.%m.%Y %H:%M", zone);
        let second = local.lines().nth(2).and_then(|row| row.split(',').next()).unwrap();
        sandbox.write("word.csv", &local.replace(second, "soon"));
        let source = || Source::Bytes(history.clone());
        let refused = read::read(&source(), &options("word.csv")).unwrap_err().to_string();
        assert!(refused.ends_with("word.csv: line 3, column time: \"soon\" is not a date"), "{name}: {refused}");
        let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..options("word.csv") };
        let skipped = read::read(&source(), &skip).unwrap();
        let notice = skipped.notices[0].to_string();
        assert!(notice.ends_with("1 row without a readable time skipped, the first is line 3"), "{name}: {notice}");
        let unknown = skipped.panel.for_horizon(24).unwrap_err().to_string();
        assert!(unknown.contains("has no value at 1 of the 24 steps"), "{name}: {unknown}");
    }
}

/// A history without a zone next to future rows in UTC needs the zone of the history, which the hint asks for.
#[test]
fn a_history_of_text_needs_a_zone_if_future_rows_are_in_utc() {
    const HISTORY: i64 = 240;
    let hour = |at: i64| 1_711_756_800_000 + at * 3_600_000; // 30 March 2024, a day before clocks are set forward in Berlin
    let sandbox = Sandbox::new();
    let times = PrimitiveArray::from_vec((HISTORY..HISTORY + 24).map(hour).collect::<Vec<i64>>());
    let times = times.to(ArrowDataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))).boxed();
    let price = PrimitiveArray::from_vec((0..24).map(|at| f64::from(at % 7)).collect::<Vec<f64>>()).boxed();
    let future = stream_of(&[("time", times), ("price", price)], None, &[]);
    std::fs::write(sandbox.path("future.arrows"), future).unwrap();
    for (zone, summary) in [
        ("UTC", "hourly, 1 series, 2024-03-30T00:00:00Z to 2024-04-08T23:00:00Z, target sales\n"),
        ("Europe/Berlin", "hourly, 1 series, 2024-03-30T01:00:00+01:00 to 2024-04-09T01:00:00+02:00, target sales\n"),
    ] {
        let tz: chrono_tz::Tz = zone.parse().unwrap();
        let row = |at: i64| {
            let time = chrono::DateTime::from_timestamp_millis(hour(at)).unwrap().with_timezone(&tz);
            format!("{},{},{}\n", time.format("%Y-%m-%d %H:%M"), 50 + at % 24, 5 + at % 7)
        };
        sandbox.write("past.csv", &("time,sales,price\n".to_owned() + &(0..HISTORY).map(row).collect::<String>()));
        let line = "inspect --csv past.csv --future future.arrows --covariates price --target sales";
        let refused = sandbox.forecast(line).output().unwrap();
        let printed = stderr(&refused);
        assert_eq!(refused.status.code(), Some(3));
        assert!(printed.contains("\"2024-04-09T00:00:00Z\" has an offset from UTC"), "{printed}");
        assert!(printed.contains(&format!("`--zone {zone}`")), "{printed}");
        let read = stdout(&sandbox.run(&format!("{line} --zone {zone}")));
        assert!(read.starts_with(summary) && read.contains("covariates price known in the future"), "{read}");
    }
}

/// The rows of a CSV file, with local times of a zone in a form.
fn csv_of(header: &str, hours: std::ops::Range<i64>, zone: &str, form: &str, values: &str) -> String {
    let tz: chrono_tz::Tz = zone.parse().unwrap();
    let row = |at: i64| {
        let time = chrono::DateTime::from_timestamp_millis(1_711_756_800_000 + at * 3_600_000).unwrap();
        format!("{},{values}{}\n", time.with_timezone(&tz).format(form), 5 + at % 7)
    };
    format!("{header}\n") + &hours.map(row).collect::<String>()
}

/// The offsets of the history tell its zone, and those of future rows need not be of it.
#[test]
fn a_history_with_offsets_is_continued_in_utc() {
    const HISTORY: i64 = 240;
    let sandbox = Sandbox::new();
    let form = "%Y-%m-%dT%H:%M:%S%:z";
    let times =
        PrimitiveArray::from_vec((HISTORY..HISTORY + 24).map(|at| 1_711_756_800_000 + at * 3_600_000).collect());
    let times = times.to(ArrowDataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))).boxed();
    let price = PrimitiveArray::from_vec((HISTORY..HISTORY + 24).map(|at| (5 + at % 7) as f64).collect::<Vec<f64>>());
    let typed = stream_of(&[("time", times), ("price", price.boxed())], None, &[]);
    std::fs::write(sandbox.path("typed.arrows"), typed).unwrap();
    for zone in ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"] {
        let later = |zone: &str| csv_of("time,price", HISTORY..HISTORY + 24, zone, form, "");
        sandbox.write("past.csv", &csv_of("time,sales,price", 0..HISTORY, zone, form, "7,"));
        sandbox.write("own.csv", &later(zone));
        sandbox.write("utc.csv", &later("UTC"));
        sandbox.write("tokyo.csv", &later("Asia/Tokyo"));
        let options = |future: &str| ReadOptions {
            target: Some("sales".into()),
            covariates: vec!["price".into()],
            future: Some(Source::Path(sandbox.path(future))),
            ..ReadOptions::default()
        };
        let read = |future: &str| read::read(&Source::Path(sandbox.path("past.csv")), &options(future)).unwrap().panel;
        let whole = read("own.csv");
        assert_eq!(whole.for_horizon(24).unwrap().covariates().in_words(), "price known in the future");
        for future in ["utc.csv", "tokyo.csv", "typed.arrows"] {
            assert_eq!(read(future), whole, "{zone} {future}");
        }
    }
}

/// A zone in which future rows would begin some steps too late is noted, and one in which they have no step of the history is
/// refused. Rows that begin later in every zone, or early, are not.
#[test]
fn a_wrong_zone_before_future_rows_in_utc_is_found() {
    const HISTORY: i64 = 240;
    let sandbox = Sandbox::new();
    let form = "%Y-%m-%d %H:%M";
    let read = |past: &str, future: &str, zone: &str| {
        let line = format!("inspect --csv {past} --future {future} --covariates price --target sales --zone {zone}");
        let output = sandbox.forecast(&line).output().unwrap();
        (output.status.code() == Some(0), stdout(&output) + &stderr(&output))
    };
    sandbox.write("past.csv", &csv_of("time,sales,price", 0..HISTORY, "Europe/Berlin", form, "7,"));
    let later = |from: i64| csv_of("time,price", from..HISTORY + 24, "UTC", "%Y-%m-%dT%H:%M:%SZ", "");
    sandbox.write("next.csv", &later(HISTORY));
    sandbox.write("late.csv", &later(HISTORY + 18));
    for (zone, steps) in [("Asia/Tokyo", 7), ("Europe/Helsinki", 1)] {
        let (is_read, printed) = read("past.csv", "next.csv", zone);
        let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
        let expected = format!(
            "notice: next.csv: in {zone}, the rows begin {steps} late; in Europe/Berlin, they follow the history \
             (`--zone Europe/Berlin` chooses that zone)"
        );
        assert!(is_read && printed.contains(&expected), "{printed}");
    }
    for (future, zone) in [("next.csv", "Europe/Berlin"), ("late.csv", "Europe/Berlin"), ("late.csv", "Asia/Tokyo")] {
        let (is_read, printed) = read("past.csv", future, zone);
        assert!(is_read && !printed.contains("they follow the history"), "{printed}");
    }
    // the error about the steps without a value comes with the notice
    let line = "--csv past.csv --future next.csv --covariates price --target sales -n 12 --zone Asia/Tokyo --out -";
    let printed = stderr(&sandbox.forecast(line).output().unwrap());
    assert!(printed.starts_with("notice: next.csv: in Asia/Tokyo, the rows begin 7 steps late"), "{printed}");
    assert!(
        printed.contains("\nerror: covariate price is known in the future, but has no value at 7 of the 12"),
        "{printed}"
    );
    // half an hour is no step of hours
    let (is_read, printed) = read("past.csv", "next.csv", "Asia/Kolkata");
    let expected = "error: next.csv: line 2, column time: \"2024-04-09T00:00:00Z\" is 2024-04-09 05:30:00 in Asia/Kolkata, which \
                    is not a whole number of steps after the last time of the history, \"2024-04-09 01:00\"";
    assert!(!is_read && printed.contains(expected) && printed.contains("`--zone Europe/Berlin`"), "{printed}");
    // days begin at midnight
    let days = |from: u32, to: u32, form: &str| {
        (from..to).map(|day| form.replace("DD", &format!("{:02}", day + 1))).collect::<String>()
    };
    sandbox.write("days.csv", &("day,sales,price\n".to_owned() + &days(0, 20, "2024-01-DD,7,5\n")));
    sandbox.write("midnights.csv", &("day,price\n".to_owned() + &days(19, 26, "2024-01-DDT23:00:00Z,5\n")));
    let (is_read, printed) = read("days.csv", "midnights.csv", "America/New_York");
    assert!(!is_read && printed.contains("is 2024-01-20 18:00:00 in America/New_York"), "{printed}");
    let (is_read, printed) = read("days.csv", "midnights.csv", "Europe/Berlin");
    assert!(is_read && printed.contains("covariates price known in the future"), "{printed}");
    // so do those of a history with offsets, whose clocks change in the future
    sandbox.write("offsets.csv", &("day,sales,price\n".to_owned() + &days(0, 30, "2024-03-DDT00:00:00+01:00,7,5\n")));
    let spring = "day,price\n2024-03-30T23:00:00Z,5\n2024-03-31T22:00:00Z,5\n2024-04-01T22:00:00Z,5\n";
    sandbox.write("spring.csv", spring);
    let line = "inspect --csv offsets.csv --future spring.csv --covariates price --target sales";
    let printed = stdout(&sandbox.run(line));
    assert!(printed.starts_with("daily, 1 series, ") && printed.contains("Europe/Berlin"), "{printed}");
    assert!(printed.contains("covariates price known in the future"), "{printed}");
    // rows of the history at the start of the future rows are no overlap
    sandbox.write("early.csv", &later(HISTORY - 48));
    let (is_read, printed) = read("past.csv", "early.csv", "Europe/Berlin");
    assert!(is_read && printed.contains("48 duplicate rows merged"), "{printed}");
}
