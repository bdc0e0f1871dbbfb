//! Files of future rows whose times have another form or zone than those of a typed history.

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
