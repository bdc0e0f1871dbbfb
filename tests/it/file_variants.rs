//! Every variant of a file that the reader supports.

use std::io::Write as _;

use forecast::Error;
use forecast::panel::{BadRowPolicy, RepairKind};
use forecast::read::{Decimal, Notice, ReadOptions};

use crate::files::{
    date, describe_error, first_values, hint, lines, notices, options, read, read_default, time_after_end,
};

#[test]
fn compressed_files_are_read_like_plain_ones() {
    let text = lines("date,sales", 30, |day| format!("{},{day}", date(day)));
    let plain = read_default("sales.csv", &text);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for (name, bytes) in [("sales.csv.gz", &gz), ("sales.csv.zst", &zst), ("sales", &gz)] {
        let read = read_default(name, bytes);
        assert_eq!(read.panel, plain.panel, "{name}");
        assert_ne!(read.sha256, plain.sha256, "the hash is of the compressed file");
    }
    let cut = read("sales.csv.gz", &gz[..gz.len() / 2], &options()).unwrap_err();
    assert!(matches!(cut, Error::Read { .. }), "{cut}");
}

#[test]
fn json_is_read_like_csv() {
    let csv = read_default(
        "a.csv",
        lines("day,shop,value", 40, |at| format!("{},{},{at}", date(at / 2), ["a", "b"][at as usize % 2])),
    );
    let object = |at: u32| {
        format!(
            r#"{{"day": "{}", "shop": "{}", "value": {at}, "tags": ["x"]}}"#,
            date(at / 2),
            ["a", "b"][at as usize % 2]
        )
    };
    let by_line = (0..40).map(object).collect::<Vec<_>>().join("\n");
    let list = format!("[{}]", (0..40).map(object).collect::<Vec<_>>().join(",\n"));
    for text in [&by_line, &list] {
        assert_eq!(read_default("a.json", text).panel, csv.panel);
    }
    let daily = ReadOptions { frequency: Some("daily".parse().unwrap()), ..options() };
    let row = read("row.jsonl", object(7), &daily).unwrap();
    assert_eq!(first_values(&row), [7.0], "a row may have a list");
    let broken = by_line.replacen("\"value\": 3,", "\"value\": ,", 1);
    let error = read("a.jsonl", &broken, &options()).unwrap_err();
    assert!(describe_error(&error).starts_with("error: a.jsonl: line 4: not a JSON object: expected value"), "{error}");
    let rest = read("a.jsonl", &broken, &ReadOptions { bad_rows: BadRowPolicy::Skip, ..options() }).unwrap();
    assert_eq!(rest.rows, 39);
}

#[test]
fn json_keeps_the_order_of_its_columns_and_rows() {
    // neither the names nor the ids are in alphabetical order, and a later row has its members in another order
    let rows = |at: u32| (date(at / 2), ["west", "east"][at as usize % 2], at % 4);
    let csv = read_default(
        "a.csv",
        lines("shop,region,day,value", 40, |at| {
            let (day, region, value) = rows(at);
            format!("s{},{region},{day},{value}", at % 2)
        }),
    );
    let object = |at: u32| {
        let (day, region, value) = rows(at);
        let shop = at % 2;
        match at {
            7 => format!(r#"{{"value": {value}, "day": "{day}", "region": "{region}", "shop": "s{shop}"}}"#),
            _ => format!(r#"{{"shop": "s{shop}", "region": "{region}", "day": "{day}", "value": {value}}}"#),
        }
    };
    let objects: Vec<String> = (0..40).map(object).collect();
    let list = |cell: &dyn Fn(u32) -> String| (0..40).map(cell).collect::<Vec<_>>().join(", ");
    let columns = format!(
        r#"{{"shop": [{}], "region": [{}], "day": [{}], "value": [{}]}}"#,
        list(&|at| format!("\"s{}\"", at % 2)),
        list(&|at| format!("\"{}\"", rows(at).1)),
        list(&|at| format!("\"{}\"", rows(at).0)),
        list(&|at| rows(at).2.to_string()),
    );
    for text in [objects.join("\n"), format!("[{}]", objects.join(",")), columns] {
        let json = read_default("a.json", &text);
        assert_eq!(json.panel, csv.panel, "{text}");
        assert_eq!(json.panel.columns().ids, ["shop", "region"], "{text}");
    }
}

#[test]
fn lists_and_objects_in_json_are_no_columns_and_errors_say_so() {
    let objects = |sales: fn(u32) -> String| {
        (0..20).map(move |at| format!(r#"{{"day": "{}", "sales": {}, "value": {at}}}"#, date(at), sales(at)))
    };
    let nested = |at: u32| format!(r#"{{"amount": {at}}}"#);
    let lines = objects(nested).collect::<Vec<_>>().join("\n");
    let dataset = read_default("a.json", &lines);
    assert_eq!(dataset.panel.columns().target, "value");
    assert!(dataset.notices.iter().any(|n| n.to_string() == "column sales is not used, its type is object"));
    let some_lists = |at: u32| if at == 11 { "[1]".to_owned() } else { at.to_string() };
    let list = format!("[{}]", objects(some_lists).collect::<Vec<_>>().join(","));
    for (text, data_type) in [(lines, "object"), (list, "list")] {
        let named = ReadOptions { target: Some("sales".into()), ..options() };
        let error = read("a.json", &text, &named).unwrap_err();
        let message = format!("error: a.json: column sales has the type {data_type}, which cannot be read");
        assert!(describe_error(&error).starts_with(&message), "{error}");
    }
    let only_nested = format!("[{}]", (0..9).map(|at| format!(r#"{{"sales": [{at}]}}"#)).collect::<Vec<_>>().join(","));
    let error = read("a.json", &only_nested, &options()).unwrap_err();
    assert!(error.to_string().ends_with("a.json: column sales has the type list, which cannot be read"), "{error}");
}

#[test]
fn a_member_of_json_is_given_once() {
    let twice = |text: &str| describe_error(&read("a.json", text, &options()).unwrap_err());
    let row = r#"{"day": "2024-01-01", "value": 1}"#;
    let list = twice(&format!(r#"[{row}, {{"day": "2024-01-02", "value": 1, "value": 2}}]"#));
    assert!(list.starts_with("error: a.json: row 2: two members of the object have the name value"), "{list}");
    let lines = twice(&format!("{row}\n{{\"note\": 1, \"note\": 2}}\n{row}"));
    assert!(lines.starts_with("error: a.json: line 2: two members of the object have the name note"), "{lines}");
    let columns = twice(r#"{"day": ["2024-01-01"], "value": [1], "value": [2]}"#);
    assert!(columns.starts_with("error: a.json: two columns have the name value"), "{columns}");
}

#[test]
fn numbers_of_json_have_a_point_whatever_an_earlier_file_has() {
    let earlier = read_default("a.csv", "day;price\n2024-01-01;1,25\n2024-01-02;1,5\n");
    assert_eq!(earlier.conventions.decimal, Some(Decimal::Comma));
    let with = |price: &str| {
        format!("{{\"day\": \"2024-01-03\", \"price\": {price}}}\n{{\"day\": \"2024-01-04\", \"price\": {price}}}")
    };
    let columns = r#"{"day": ["2024-01-03", "2024-01-04"], "price": [1.206, 1.206]}"#.to_owned();
    for (text, value) in [(with("1.206"), 1.206), (columns, 1.206), (with("\"1.206\""), 1206.0)] {
        for decimal in [None, Some(Decimal::Comma)] {
            let options = ReadOptions { conventions: earlier.conventions.clone(), decimal, ..options() };
            assert_eq!(first_values(&read("a.json", &text, &options).unwrap()), [value; 2], "{text}");
        }
    }
}

#[test]
fn arrow_is_read_like_csv() {
    use polars::prelude::*;
    let days: Vec<i32> = (19_723..19_753).collect();
    let values: Vec<f64> = (0..30).map(f64::from).collect();
    let dates = Series::new("date".into(), &days).cast(&DataType::Date).unwrap();
    let mut frame = DataFrame::new(30, vec![dates.into(), Column::new("sales".into(), values)]).unwrap();
    let mut bytes = Vec::new();
    IpcWriter::new(&mut bytes).finish(&mut frame).unwrap();
    let csv = read_default("a.csv", lines("date,sales", 30, |day| format!("{},{day}", date(day))));
    assert_eq!(read_default("a.arrow", &bytes).panel, csv.panel);
    for cut in [10, bytes.len() / 2, bytes.len() - 1] {
        let error = read("a.arrow", &bytes[..cut], &options()).unwrap_err();
        assert!(error.to_string().len() > 20, "{error}");
    }
}

#[test]
fn a_file_without_a_header_is_read() {
    let two = read_default("a.csv", lines("2023-12-31,7", 30, |day| format!("{},{day}", date(day))));
    assert_eq!(two.summary(), "daily, 1 series, 2023-12-31 to 2024-01-30, target column 2");
    assert_eq!(two.notices, [Notice::NoHeader { columns: 2 }]);
    let three = read_default(
        "a.csv",
        lines("31.12.2023;A;7,5", 30, |day| format!("{};A;{day},5", date(day).format("%d.%m.%Y"))),
    );
    assert_eq!((first_values(&three), three.rows), (vec![7.5, 0.5, 1.5], 31));
    let years = read_default("a.csv", lines("1960,3", 30, |at| format!("{},{}", 1961 + at, at * 7 % 11)));
    assert_eq!(years.summary(), "yearly, 1 series, 1960 to 1990, target column 2");
}

#[test]
fn titles_comments_and_blank_lines_are_not_rows() {
    let body = lines("date,shop,sales", 30, |day| format!("{},A,{day}\n# checked\n", date(day)));
    let read = read_default("a.csv", format!("Sales report,,\n,,\n\n{body}"));
    assert_eq!((read.rows, read.panel.columns().target.as_str()), (30, "sales"));
    assert_eq!(
        notices(&read),
        [
            "2 lines above the header skipped, the first is: Sales report",
            "30 lines starting with # skipped as comments"
        ]
    );
    let marked = read_default("a.csv", lines("# from the lab\n# date,sales", 30, |day| format!("{},{day}", date(day))));
    assert_eq!(marked.panel.columns().time.as_deref(), Some("date"));
    let excel = read_default("a.csv", lines("sep=;\ndate;sales", 30, |day| format!("{};{day},5", date(day))));
    assert_eq!(first_values(&excel), [0.5, 1.5, 2.5]);
    let from_r = read_default(
        "a.csv",
        lines("\"date\" , \"sales\"", 30, |day| format!("\"{}\",\"{}\",{day}", day + 1, date(day))),
    );
    assert_eq!(from_r.panel.columns().target, "sales");
}

#[test]
fn units_of_numbers_are_removed() {
    for (cell, first) in [
        ("\"$1,00{}.50\"", 1_000.5),
        ("100{}.50 USD", 1_000.5),
        ("\"€1.00{},50\"", 1_000.5),
        ("\"1 00{},5\"", 1_000.5),
        ("1'00{}.5", 1_000.5),
        ("\"(1,00{})\"", -1_000.0),
        ("−{}.5", -0.5),
        ("{}.5 %", 0.5),
    ] {
        let read = read_default(
            "a.csv",
            lines("date,v", 9, |day| format!("{},{}", date(day), cell.replace("{}", &day.to_string()))),
        );
        assert_eq!(first_values(&read)[0], first, "{cell}");
        assert_eq!(read.notices.len(), usize::from(cell.contains('%')), "{cell}: {:?}", read.notices);
    }
}

#[test]
fn the_decimal_mark_can_be_requested() {
    let text = lines("date\tv", 9, |day| format!("{}\t{},125", date(day), day + 1));
    let read_with = |decimal| read("a.tsv", &text, &ReadOptions { decimal, ..options() }).unwrap();
    assert_eq!(first_values(&read_with(None))[0], 1_125.0);
    assert_eq!(read_with(None).notices, [Notice::AssumedThousandsComma { cell: "1,125".into() }]);
    assert_eq!(
        (first_values(&read_with(Some(Decimal::Comma)))[0], read_with(Some(Decimal::Comma)).notices.len()),
        (1.125, 0)
    );
}

#[test]
fn every_spelling_of_a_missing_value_is_recognised() {
    for word in [
        "", "NA", "n/a", "NaN", "null", "None", "-", "--", ".", "..", "?", "#N/A", "#DIV/0!", "<NA>", "NaT", "\\N",
        "nil", "n.a.",
    ] {
        let read = read_default(
            "a.csv",
            lines("date,v", 20, |day| {
                if day == 7 { format!("{},{word}", date(day)) } else { format!("{},{day}", date(day)) }
            }),
        );
        assert_eq!((read.repairs.len(), read.repairs[0].kind), (1, RepairKind::Empty), "{word}");
    }
}

/// The text of a time by its number.
type FormatTime = Box<dyn Fn(u32) -> String>;

#[test]
fn every_date_format_continues_in_the_calendar() {
    let month = |at: u32| {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][at as usize % 12]
    };
    let formats: Vec<(&str, FormatTime, &str)> = vec![
        ("daily", Box::new(|t| date(t).format("%Y/%m/%d").to_string()), "2024-03-01"),
        ("daily", Box::new(|t| date(t).format("%d.%m.%Y").to_string()), "2024-03-01"),
        ("daily", Box::new(|t| date(t).format("%-m/%-d/%y").to_string()), "2024-03-01"),
        ("daily", Box::new(|t| date(t).format("%d/%m/%Y").to_string()), "2024-03-01"),
        ("daily", Box::new(|t| date(t).format("%a, %d %b %Y").to_string()), "2024-03-01"),
        ("daily", Box::new(|t| date(t).format("%Y%m%d").to_string()), "2024-03-01"),
        ("daily", Box::new(|t| format!("{}", 1_704_067_200 + u64::from(t) * 86_400)), "2024-03-01"),
        ("hourly", Box::new(|t| format!("{}", 1_704_067_200_000 + u64::from(t) * 3_600_000)), "2024-01-03T12:00:00"),
        (
            "secondly",
            Box::new(|t| format!("{}", 1_704_067_200_000_000 + u64::from(t) * 1_000_000)),
            "2024-01-01T00:01:00",
        ),
        (
            "minutely",
            Box::new(|t| format!("{}", 1_704_067_200_000_000_000 + u64::from(t) * 60_000_000_000)),
            "2024-01-01T01:00:00",
        ),
        ("quarterly", Box::new(|t| format!("{} Q{}", 1998 + t / 4, t % 4 + 1)), "2013-01-01"),
        (
            "weekly",
            Box::new(|t| {
                (chrono::NaiveDate::from_ymd_opt(1991, 2, 4).unwrap() + chrono::Days::new(7 * u64::from(t)))
                    .format("%G W%V")
                    .to_string()
            }),
            "1992-03-30",
        ),
        ("monthly", Box::new(move |t| format!("{} {}", 1960 + t / 12, month(t))), "1965-01-01"),
        ("monthly", Box::new(move |t| format!("{}-{}", month(t), 60 + t / 12)), "1965-01-01"),
        ("monthly", Box::new(|t| format!("{}{:02}", 2024 + t / 12, t % 12 + 1)), "2029-01-01"),
        ("monthly", Box::new(|t| format!("{}-{:02}", 2024 + t / 12, t % 12 + 1)), "2029-01-01"),
        ("yearly", Box::new(|t| format!("{}", 1900 + t)), "1960"),
        ("yearly", Box::new(|t| format!("{}/{:02}", 1950 + t, (1951 + t) % 100)), "2010"),
        ("yearly", Box::new(|t| format!("FY{}", 1950 + t)), "2010"),
        ("yearly", Box::new(|t| format!("{}-06-30", 1950 + t)), "2010-06-30"),
        ("index", Box::new(|t| format!("{}", t + 1)), "61"),
        (
            "quarter-hourly",
            Box::new(|t| format!("2024-01-{:02} {:02}:{:02}", 1 + t / 96, t / 4 % 24, t % 4 * 15)),
            "2024-01-01T15:00:00",
        ),
        ("hourly", Box::new(|t| format!("2024-01-{:02}T{:02}:00:00Z", 1 + t / 24, t % 24)), "2024-01-03T12:00:00Z"),
        (
            "hourly",
            Box::new(|t| format!("2024-01-{:02} {:02}:00:00+05:30", 1 + t / 24, t % 24)),
            "2024-01-03T12:00:00+05:30",
        ),
        ("every 6 months", Box::new(|t| format!("{}-S{}", 1990 + t / 2, t % 2 + 1)), "2020-01-01"),
    ];
    for (step, format_time, expected) in formats {
        let read = read_default("a.csv", lines("time;value", 60, |t| format!("{};{}", format_time(t), t % 7)));
        assert_eq!((read.step.as_str(), time_after_end(&read, 1).as_str()), (step, expected), "{}", format_time(0));
        assert!(read.repairs.is_empty(), "{}", format_time(0));
    }
}

/// One line for each hour in Berlin from a start in UTC.
fn berlin(start: &str, hours: u32, line: impl Fn(chrono::DateTime<chrono_tz::Tz>, u32) -> String) -> String {
    let start: chrono::DateTime<chrono::Utc> = start.parse().unwrap();
    lines("time,load", hours, |hour| {
        let time = start + chrono::TimeDelta::hours(hour.into());
        line(time.with_timezone(&chrono_tz::Europe::Berlin), hour)
    })
}

#[test]
fn a_change_of_the_clocks_is_neither_a_gap_nor_a_duplicate() {
    let offsets =
        |start: &str| berlin(start, 100, |time, hour| format!("{},{}", time.format("%Y-%m-%dT%H:%M:%S%:z"), hour % 24));
    for (start, following) in
        [("2024-03-29T23:00:00Z", "2024-04-03T05:00:00+02:00"), ("2024-10-25T22:00:00Z", "2024-10-30T03:00:00+01:00")]
    {
        let read = read_default("berlin.csv", offsets(start));
        assert_eq!(
            (read.step.as_str(), read.panel.iter().next().unwrap().len(), read.repairs.len()),
            ("hourly", 100, 0)
        );
        assert_eq!(notices(&read), ["the offsets from UTC are those of Europe/Berlin"]);
        assert_eq!(time_after_end(&read, 1), following);
    }
    // Without offsets one hour occurs twice, another never.
    let bare =
        |start: &str, hours| berlin(start, hours, |time, hour| format!("{},{hour}", time.format("%Y-%m-%d %H:%M")));
    let autumn = read_default("berlin.csv", bare("2024-10-25T22:00:00Z", 100));
    assert_eq!((autumn.panel.iter().next().unwrap().len(), autumn.repairs.len()), (100, 0));
    let set_back = Notice::ClocksSetBack { time: "2024-10-27 02:00:00".into(), zone: "Europe/Berlin".into() };
    assert_eq!(autumn.notices, [set_back]);
    assert_eq!(time_after_end(&autumn, 1), "2024-10-30T03:00:00");
    let zone = ReadOptions { zone: Some("Europe/Berlin".parse().unwrap()), ..options() };
    let spring = read("berlin.csv", bare("2024-03-29T23:00:00Z", 100), &zone).unwrap();
    assert_eq!((spring.panel.iter().next().unwrap().len(), spring.repairs.len()), (100, 0));
    // Days of a zone whose offset from UTC changes.
    let days = |line: &dyn Fn(chrono::DateTime<chrono_tz::Tz>) -> String| {
        berlin("2024-03-01T23:00:00Z", 60 * 24, |time, hour| {
            if time.format("%H").to_string() == "00" { format!("{},{hour}", line(time)) } else { String::new() }
        })
    };
    let daily = read_default("berlin.csv", days(&|time| time.format("%Y-%m-%dT%H:%M:%S%:z").to_string()));
    assert_eq!((daily.step.as_str(), time_after_end(&daily, 1).as_str()), ("daily", "2024-05-02T00:00:00+02:00"));
    let utc = read_default(
        "berlin.csv",
        days(&|time| time.with_timezone(&chrono::Utc).format("%Y-%m-%dT%H:%M:%SZ").to_string()),
    );
    assert_eq!(
        (utc.step.as_str(), time_after_end(&utc, 1).as_str(), utc.repairs.len()),
        ("daily", "2024-05-02T00:00:00+02:00", 0)
    );
}

#[test]
fn numbered_columns_are_a_series_each() {
    let text =
        lines("date,store_1,store_2,store_10", 30, |day| format!("{},{day},{},{}", date(day), day + 100, day + 200));
    let read_wide = read_default("a.csv", &text);
    assert_eq!(read_wide.summary(), "daily, 3 series (series), 2024-01-01 to 2024-01-30, target value");
    assert_eq!(notices(&read_wide), ["each of 3 columns is a series: store_1, store_2, store_10"]);
    let keys: Vec<String> = read_wide.panel.iter().map(|series| series.name()).collect();
    assert_eq!(keys, ["store_1", "store_10", "store_2"]);
    let others = lines("date,temp,rain,wind", 30, |day| format!("{},{day},1.5,{}", date(day), day % 5));
    assert!(read("a.csv", &others, &options()).is_err(), "columns with different names are not series of one kind");
    let requested = |wide: &[&str]| {
        read("a.csv", &others, &ReadOptions { wide: wide.iter().map(|w| (*w).into()).collect(), ..options() })
    };
    assert_eq!(
        (requested(&["all"]).unwrap().panel.count(), requested(&["temp", "wind"]).unwrap().panel.count()),
        (3, 2)
    );
    let bad = text.replace(",105,", ",soon,");
    assert!(
        describe_error(&read("a.csv", bad, &options()).unwrap_err())
            .contains("line 7, column store_2: \"soon\" is not a number")
    );
}

#[test]
fn rows_may_be_series_and_columns_times() {
    let years = lines(
        &format!("Country,Code,{}", (1990..2010).map(|y| y.to_string()).collect::<Vec<_>>().join(",")),
        4,
        |row| {
            format!(
                "Country {row},C{row},{}",
                (0..20).map(|at| (row * 10 + at).to_string()).collect::<Vec<_>>().join(",")
            )
        },
    );
    let read = read_default("a.csv", years);
    assert_eq!(read.summary(), "yearly, 4 series (Country, Code), 1990 to 2009, target value");
    assert_eq!(read.panel.iter().nth(2).unwrap().values[..3], [20.0, 21.0, 22.0]);
    let months =
        lines(&format!("id,{}", (1..13).map(|m| format!("2024-{m:02}")).collect::<Vec<_>>().join(",")), 3, |row| {
            format!("s{row},{}", (0..12).map(|at| (row + at).to_string()).collect::<Vec<_>>().join(","))
        });
    assert_eq!(
        read_default("a.csv", months).summary(),
        "monthly, 3 series (id), 2024-01-01 to 2024-12-01, target value"
    );
    let steps =
        lines(&format!("item_id,dept,{}", (1..30).map(|d| format!("d_{d}")).collect::<Vec<_>>().join(",")), 3, |row| {
            format!("i{row},d,{}", (0..29).map(|at| (row + at % 7).to_string()).collect::<Vec<_>>().join(","))
        });
    assert_eq!(read_default("a.csv", steps).summary(), "index, 3 series (item_id, dept), 1 to 29, target value");
}

#[test]
fn cells_with_another_unit_can_be_read_as_missing() {
    let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..ReadOptions::default() };
    let text = lines("date,v", 30, |day| match day {
        4 | 9 => format!("{},€{day}", date(day)),
        _ => format!("{},${day}", date(day)),
    });
    let error = read("a.csv", &text, &ReadOptions::default()).unwrap_err();
    assert!(hint(&error).contains("`--bad-rows skip`"), "{error}");
    let dollars = read("a.csv", &text, &skip).unwrap();
    assert_eq!(dollars.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target v; 2 empty values filled");
    let text = lines("date,v", 30, |day| format!("{},{day}{}", date(day), if day == 7 { "" } else { "%" }));
    let percent = read("a.csv", &text, &skip).unwrap();
    assert_eq!(percent.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target v; 1 empty value filled");
}

#[test]
fn times_without_an_offset_are_in_the_requested_zone() {
    let text = lines("time,v", 96, |hour| {
        let local = format!("2024-01-{:02}T{:02}:00:00", 1 + hour / 24, hour % 24);
        format!("{local}{},{hour}", if hour % 5 == 3 { "" } else { "+01:00" })
    });
    let error = read("a.csv", &text, &ReadOptions::default()).unwrap_err();
    assert!(hint(&error).contains("`--zone Europe/Berlin`"), "{error}");
    let read =
        read("a.csv", &text, &ReadOptions { zone: Some("Europe/Berlin".parse().unwrap()), ..ReadOptions::default() });
    assert!(
        read.unwrap().summary().starts_with("hourly, 1 series, 2024-01-01T00:00:00+01:00 to 2024-01-04T23:00:00+01:00")
    );
}
