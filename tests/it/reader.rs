//! Roles, formats and frequencies that the reader infers, and gaps that it fills.

use std::fmt::Write;

use forecast::panel::{Panel, RepairKind};
use forecast::read::{Dataset, Notice, ReadOptions, Source};
use forecast::time::{DateOrder, Frequency, NamedFrequency, Timestamp};
use proptest::prelude::*;

use crate::files::{date, notices, options, read, read_dataset, read_default};

/// A CSV with a row for each day from 1 January 2024 on, which is a Monday.
fn days(header: &str, count: u32, row: impl Fn(u32, &str) -> String) -> String {
    let mut text = format!("{header}\n");
    for day in 0..count {
        writeln!(text, "{}", row(day, &date(day).to_string())).unwrap();
    }
    text
}

fn lines(range: std::ops::Range<u32>, line: impl Fn(u32) -> String) -> String {
    range.map(line).collect::<Vec<_>>().join("\n")
}

fn values(dataset: &Dataset) -> Vec<f64> {
    dataset.panel.iter().next().unwrap().values.to_vec()
}

#[test]
fn the_example_datasets_are_read_without_repairs() {
    let demand = read_dataset("demand.csv", &options()).unwrap();
    assert_eq!(demand.summary(), "daily, 1 series, 2012-01-01 to 2014-12-31, target demand");
    assert_eq!((demand.rows, demand.panel.season(), values(&demand)[0]), (1096, 7, 222_437.9));
    assert_eq!(demand.sha256.len(), 64);

    let tourism = read_dataset("tourism.csv", &options()).unwrap();
    assert_eq!(
        tourism.summary(),
        "quarterly, 304 series (region, state, purpose), 1998-01-01 to 2017-10-01, target trips"
    );
    assert_eq!(tourism.panel.frequency(), Frequency::QUARTERLY);
    let first = tourism.panel.iter().next().unwrap();
    assert_eq!(
        (first.name().as_str(), first.values[0], first.len()),
        ("Adelaide / South Australia / Business", 135.077_690_3, 80)
    );

    let prices = read_dataset("prices.csv", &options()).unwrap();
    assert_eq!(prices.summary(), "weekly, 1 series, 2000-06-02 to 2020-02-07, target price");

    let weather = read_dataset("weather.csv", &ReadOptions { target: Some("temp_max".into()), ..options() }).unwrap();
    assert_eq!(weather.summary(), "daily, 1 series, 2012-01-01 to 2015-12-31, target temp_max");
    assert!([demand, tourism, prices, weather].iter().all(|read| read.repairs.is_empty() && read.notices.is_empty()));
}

#[test]
fn all_dialects_give_the_same_panel() {
    let plain = read_default("sales.csv", days("date,sales", 30, |day, date| format!("{date},{}.5", 1_000 + day)));
    let english = days("date,sales", 30, |day, date| format!("{date},\"1,0{day:02}.5\""));
    let german =
        days("date;sales", 30, |day, date| format!("{}.{}.{};1.0{day:02},5", &date[8..], &date[5..7], &date[..4]));
    let tabs = days("date\tsales", 30, |day, date| format!("{date}\t{}.5", 1_000 + day));
    let bars = days("date|sales", 30, |day, date| format!("{date}|{}.5", 1_000 + day));
    let quoted = days("\"date\",\"sales\"", 30, |day, date| format!("\"{date}\",\"{}.5\"\r", 1_000 + day));
    let blank = days("\n\ndate,sales\n", 30, |day, date| format!("{date},{}.5\n", 1_000 + day));
    let trailing = days("date,sales", 30, |day, date| format!("{date},{}.5,", 1_000 + day));
    let marked = format!("\u{feff}{tabs}");
    let old_mac = tabs.replace('\n', "\r");
    for text in [&english, &german, &tabs, &bars, &quoted, &blank, &trailing, &marked, &old_mac] {
        assert_eq!(read_default("sales.csv", text).panel, plain.panel, "{text}");
    }
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(tabs.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(read_default("sales.csv", wide).panel, plain.panel);
}

#[test]
fn latin_1_letters_are_decoded() {
    let text: Vec<u8> =
        days("date;St\u{fc}ck", 10, |day, date| format!("{date};{day}")).chars().map(|c| c as u8).collect();
    assert_eq!(read_default("a.csv", text).panel.columns().target, "Stück");
}

#[test]
fn points_are_decimal_or_separate_thousands_by_evidence() {
    let german = days("Datum;Menge", 12, |day, date| {
        format!("{date};{}", if day == 0 { "1".into() } else { format!("{day}.001") })
    });
    assert_eq!(values(&read_default("a.csv", german))[..3], [1.0, 1_001.0, 2_001.0]);
    let unsure = read_default("a.csv", days("date;v", 12, |day, date| format!("{date};{}.125", day + 1)));
    assert_eq!(values(&unsure)[..2], [1.125, 2.125]);
    assert_eq!(unsure.notices, [Notice::AssumedDecimalPoint { cell: "1.125".into() }]);
    assert!(read_default("a.csv", days("date,v", 12, |day, date| format!("{date},{day}.125"))).notices.is_empty());
}

#[test]
fn columns_are_recognised_by_their_usual_names() {
    let table = [
        ("unique_id,ds,y,x", "7,{},1,2", "daily, 1 series (unique_id), 2024-01-01 to 2024-01-30, target y"),
        (
            "item_id,timestamp,target,price",
            "A,{} 00:00:00,1,2",
            "daily, 1 series (item_id), 2024-01-01 to 2024-01-30, target target",
        ),
        ("Date_Time,Count", "{} 00:00,1", "daily, 1 series, 2024-01-01 to 2024-01-30, target Count"),
        (",date,value", "5,{},1", "daily, 1 series, 2024-01-01 to 2024-01-30, target value"),
        ("year,month,date,sales,promo", "2024,1,{},3,0", "daily, 1 series, 2024-01-01 to 2024-01-30, target sales"),
        ("note,Bestelldatum,sales", "fine,{},3", "daily, 1 series, 2024-01-01 to 2024-01-30, target sales"),
    ];
    for (header, row, summary) in table {
        let text = days(header, 30, |_, date| row.replace("{}", date));
        assert_eq!(read_default("a.csv", text).summary(), summary);
    }
    let by_stem = days("date,price,demand", 30, |_, date| format!("{date},1,2"));
    assert_eq!(read_default("demand.csv", &by_stem).panel.columns().target, "demand");
    let flags = ReadOptions { time: Some("DATE".into()), target: Some("price".into()), ..options() };
    assert_eq!(read("demand.csv", &by_stem, &flags).unwrap().panel.columns().target, "price");
}

/// Rows of two shops and two goods on each day.
fn shops(header: &str, row: impl Fn(&str, u32, u32, u32) -> String) -> String {
    let of_day = |day: u32, date: &str| {
        let rows =
            [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(shop, good)| row(date, shop, good, day * 10 + shop * 3 + good));
        rows.join("\n")
    };
    days(header, 20, of_day)
}

#[test]
fn ids_are_the_columns_that_make_times_unique() {
    let words =
        shops("shop,date,good,city,sales", |date, shop, good, sales| format!("S{shop},{date},G{good},C{shop},{sales}"));
    let read = read_default("a.csv", words);
    assert_eq!(read.summary(), "daily, 4 series (shop, good, city), 2024-01-01 to 2024-01-20, target sales");
    let keys: Vec<String> = read.panel.iter().map(|series| series.name()).collect();
    assert_eq!(keys, ["S1 / G1 / C1", "S1 / G2 / C1", "S2 / G1 / C2", "S2 / G2 / C2"]);
    assert_eq!(read.panel.iter().nth(2).unwrap().values[..2], [7.0, 17.0]);

    let numbers = shops("store,item,date,sales", |date, shop, good, sales| format!("{shop},{good},{date},{sales}"));
    assert_eq!(read_default("a.csv", numbers).panel.columns().ids, ["store", "item"]);

    // The weather of a shop changes from day to day, so it is not an id.
    let noise = shops("shop,good,date,weather,sales", |date, shop, good, sales| {
        format!("S{shop},G{good},{date},{},{sales}", if sales % 3 == 0 { "sun" } else { "rain" })
    });
    assert_eq!(read_default("a.csv", noise).panel.columns().ids, ["shop", "good"]);

    let numbered = shops("id,date,store_nbr,family,paid,sales", |date, shop, good, sales| {
        format!("{sales},{date},{shop},F{good},{},{sales}.5", sales + 1)
    });
    let sales = ReadOptions { target: Some("sales".into()), ..options() };
    assert_eq!(read_ids(&numbered, &sales), ["store_nbr", "family"]);

    let requested = shops("a,b,date,sales", |date, shop, good, sales| format!("{shop},{good},{date},{sales}"));
    let ids = ReadOptions { ids: vec!["a".into(), "b".into()], target: Some("sales".into()), ..options() };
    assert_eq!(read_ids(&requested, &ids), ["a", "b"]);
}

fn read_ids(text: &str, options: &ReadOptions) -> Vec<String> {
    read("a.csv", text, options).unwrap().panel.columns().ids.clone()
}

#[test]
fn extreme_numbers_never_overflow() {
    let extremes =
        ["9223372036854775807", "-9223372036854775808", "-9223372036854775807", "1e308", "-1e308", "9999-12-31"];
    for one in extremes {
        for other in extremes {
            let rows = format!("{one},1\n{other},2\n3,{one}\n4,{other}\n5,1e308\n7,-1e308\n");
            for header in ["t,y", "date,y", "unique_id,y", "year,month", "a,b"] {
                if let Ok(read) = read("a.csv", format!("{header}\n{rows}"), &options()) {
                    assert!(read.panel.iter().all(|series| series.values.iter().all(|value| value.is_finite())));
                }
            }
        }
    }
}

#[test]
fn a_dash_means_standard_input() {
    assert_eq!((Source::parse("-"), Source::parse("-").to_string().as_str()), (Source::Stdin, "standard input"));
    assert_eq!(Source::parse("a/b.csv").to_string(), "a/b.csv");
}

#[test]
fn times_in_several_columns_are_completed() {
    let hours = days("date,time,v", 3, |day, date| {
        (0..24).map(|hour| format!("{date},{hour:02}:00,{}", day + hour)).collect::<Vec<_>>().join("\n")
    });
    assert_eq!(
        read_default("a.csv", hours).summary(),
        "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-03T23:00:00, target v"
    );
    let months: String = lines(0..30, |m| format!("{},{},{m}", 2000 + m / 12, m % 12 + 1));
    let read = read_default("a.csv", format!("year,month,sales\n{months}"));
    assert_eq!(read.summary(), "monthly, 1 series, 2000-01-01 to 2002-06-01, target sales");
}

#[test]
fn an_index_stays_an_index() {
    let rows: String = lines(1..40, |t| format!("{t},{}", t % 7));
    let text = format!("t,y\n{rows}");
    let plain = read_default("a.csv", &text);
    assert_eq!((plain.summary().as_str(), plain.panel.season()), ("index, 1 series, 1 to 39, target y", 7));
    let monthly = read("a.csv", &text, &ReadOptions { frequency: Some(NamedFrequency::Monthly), ..options() }).unwrap();
    assert_eq!((monthly.summary().as_str(), monthly.panel.season()), ("monthly, 1 series, 1 to 39, target y", 12));
    let seven = ReadOptions { frequency: Some(NamedFrequency::Monthly), seasons: Some(vec![7]), ..options() };
    assert_eq!(read("a.csv", &text, &seven).unwrap().panel.season(), 7);
    let end = monthly.panel.iter().next().unwrap().time_at(40);
    assert_eq!(monthly.panel.frequency().format(end), "41");

    let years: String = lines(1960..2000, |year| format!("{year},{}", year % 7));
    let years = read_default("a.csv", format!("Year,Value\n{years}"));
    assert_eq!((years.summary().as_str(), years.panel.season()), ("yearly, 1 series, 1960 to 1999, target Value", 1));

    let bare = read_default("a.csv", "sales\n3\n1\n4\n1\n5\n");
    assert_eq!(bare.summary(), "index, 1 series, 1 to 5, target sales");
    assert_eq!((bare.panel.columns().time.as_deref(), bare.notices.len()), (None, 1));
}

#[test]
fn a_requested_frequency_is_used() {
    let sparse = days("date,v", 40, |day, date| if day % 4 == 1 { "2024-01-01,5".into() } else { format!("{date},5") });
    assert!(read_default("a.csv", &sparse).summary().starts_with("daily"));
    let text = days("date,v", 2, |_, date| format!("{date},1"));
    let one = &text[..text.len() - "2024-01-02,1\n".len()];
    let weekly = read("a.csv", one, &ReadOptions { frequency: Some(NamedFrequency::Weekly), ..options() }).unwrap();
    assert_eq!(weekly.summary(), "weekly, 1 series, 2024-01-01 to 2024-01-01, target v");
    let month_end = "date,v\n2024-04-30,1\n";
    let monthly =
        read("a.csv", month_end, &ReadOptions { frequency: Some(NamedFrequency::Monthly), ..options() }).unwrap();
    assert_eq!(monthly.panel.frequency(), Frequency::MONTH_END);
}

#[test]
fn the_anchor_of_a_frequency_is_inferred_and_stray_dates_are_moved() {
    let month_ends = "date,v\n2023-01-31,1\n2023-02-28,2\n2023-03-31,3\n2023-04-30,4\n";
    assert_eq!(read_default("a.csv", month_ends).summary(), "month end, 1 series, 2023-01-31 to 2023-04-30, target v");
    let fiscal = "date,v\n2021-06-30,1\n2022-06-30,2\n2023-06-30,3\n";
    assert_eq!(read_default("a.csv", fiscal).summary(), "yearly, 1 series, 2021-06-30 to 2023-06-30, target v");
    let shifted = "date,v\n2024-01-01,1\n2024-01-08,2\n2024-01-16,3\n2024-01-22,4\n2024-01-29,5\n2024-02-05,6\n";
    let weekly = read_default("a.csv", shifted);
    assert_eq!(weekly.summary(), "weekly, 1 series, 2024-01-01 to 2024-02-05, target v");
    assert_eq!(
        notices(&weekly),
        ["1 date moved to the regular step (weekly), the first on line 4: from 2024-01-16 to 2024-01-15"]
    );
}

#[test]
fn business_days_have_no_weekends_and_holidays_are_filled() {
    let text = days("date,v", 40, |day, date| match (day % 7, day) {
        (5 | 6, _) | (_, 17) => String::new(),
        _ => format!("{date},{}", day % 7),
    });
    let read = read_default("a.csv", text);
    assert_eq!(
        read.summary(),
        "business days, 1 series, 2024-01-01 to 2024-02-09, target v; 1 missing business day filled"
    );
    assert_eq!((read.panel.season(), values(&read)[13]), (5, 3.0));
}

#[test]
fn gaps_are_filled_and_recorded() {
    let text = days("date,v", 42, |day, date| match day {
        0 | 41 => format!("{date},NA"),
        10 => String::new(),
        11 => format!("{date},-"),
        20 => format!("{date},{0}\n{date},{0}", day % 7),
        _ => format!("{date},{}", day % 7),
    });
    let read = read_default("a.csv", text);
    let series = read.panel.iter().next().unwrap();
    assert_eq!(
        read.summary(),
        "daily, 1 series, 2024-01-02 to 2024-02-10, target v; 1 missing day filled, 1 empty value filled, 1 duplicate row merged, 1 leading blank left out, 1 trailing blank left out"
    );
    assert_eq!(series.observed.iter().filter(|seen| !**seen).count(), 2);
    assert_eq!((series.values[9], series.values[10]), (3.0, 4.0));
    let kinds: Vec<RepairKind> = read.repairs.iter().map(|repair| repair.kind).collect();
    let expected = [
        RepairKind::LeadingBlank,
        RepairKind::Missing,
        RepairKind::Empty,
        RepairKind::Duplicate,
        RepairKind::TrailingBlank,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(read.repairs[1].to_string(), "2024-01-11: no row, filled with 3");
}

#[test]
fn a_series_without_values_is_left_out() {
    let text = shops("shop,good,date,sales", |date, shop, good, sales| {
        let sales = if (shop, good) == (1, 2) { "null".into() } else { sales.to_string() };
        format!("S{shop},G{good},{date},{sales}")
    });
    let read = read_default("a.csv", text);
    assert_eq!(
        (read.panel.count(), notices(&read)),
        (3, vec!["1 series without any value left out: S1 / G2".to_owned()])
    );
    assert_eq!(read.failed.len(), 1);
    assert_eq!((read.failed[0].key.join(",").as_str(), read.failed[0].reason.as_str()), ("S1,G2", "it has no value"));
}

#[test]
fn the_order_of_ambiguous_dates_can_be_requested() {
    let text = "date,v\n1/4/24,1\n2/4/24,2\n3/4/24,3\n";
    let start = |order| {
        let read = read("a.csv", text, &ReadOptions { dates: Some(order), ..options() }).unwrap();
        (read.panel.iter().next().unwrap().start.to_string(), read.panel.frequency())
    };
    assert_eq!(start(DateOrder::DayFirst), ("2024-04-01".into(), Frequency::DAILY));
    assert_eq!(start(DateOrder::MonthFirst), ("2024-01-04".into(), Frequency::months(1, 4).unwrap()));
}

#[test]
fn parquet_is_read_like_csv() {
    use polars::prelude::*;
    let days: Vec<i32> = (19_723..19_753).collect();
    let names: Vec<String> = days.iter().map(|day| format!("S{}", day / 1_000_000)).collect();
    let values: Vec<f64> = days.iter().map(|day| f64::from(*day) / 4.0).collect();
    let dates = Series::new("date".into(), &days).cast(&DataType::Date).unwrap();
    let columns = vec![Column::new("series".into(), names), dates.into(), Column::new("y".into(), values)];
    let mut frame = DataFrame::new(30, columns).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    let read = read_default("a.parquet", bytes);
    assert_eq!(read.summary(), "daily, 1 series (series), 2024-01-01 to 2024-01-30, target y");
    assert_eq!(self::values(&read)[0], 4_930.75);
}

#[test]
fn ids_beyond_signed_64_bits_stay_distinct() {
    use polars::prelude::*;
    let ids: Vec<u64> = (0..60).map(|row| u64::MAX - row % 2).collect();
    let days: Vec<i32> = (0..60).map(|row| 19_723 + row / 2).collect();
    let dates = Series::new("date".into(), &days).cast(&DataType::Date).unwrap();
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    let columns = vec![Column::new("item_id".into(), ids), dates.into(), Column::new("y".into(), values)];
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut DataFrame::new(60, columns).unwrap()).unwrap();
    let keys: Vec<String> = read_default("a.parquet", bytes).panel.iter().map(|series| series.name()).collect();
    assert_eq!(keys, ["18446744073709551614", "18446744073709551615"]);
}

fn panel_of(lines: &[String], header: &str) -> Panel {
    read_default("a.csv", format!("{header}\n{}", lines.join("\n"))).panel
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_rows_does_not_matter(lines in Just((0..160_u32).collect::<Vec<_>>()).prop_shuffle()) {
        let row = |at: &u32| format!("{},S{},{}", Frequency::DAILY.format(day(at / 2)), at % 2, at * 7 % 13);
        let ordered: Vec<String> = (0..160).map(|at| row(&at)).collect();
        let shuffled: Vec<String> = lines.iter().map(row).collect();
        prop_assert_eq!(panel_of(&ordered, "date,shop,sales"), panel_of(&shuffled, "date,shop,sales"));
    }

    #[test]
    fn damaged_bytes_never_cause_a_panic(
        cuts in prop::collection::vec((0..600_usize, prop::sample::select(b",;\"\n\r\t |-.0/9aT:Z\xff\x00".to_vec())), 1..12),
    ) {
        let text = days("date,shop,sales", 30, |day, date| format!("{date},\"a\",{day}"));
        let mut bytes = text.into_bytes();
        for (at, byte) in cuts {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(read) = read("a.csv", bytes, &options()) {
            prop_assert!(read.panel.iter().all(|series| series.values.iter().all(|value| value.is_finite())));
        }
    }
}

fn day(steps: u32) -> Timestamp {
    let start = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    Frequency::DAILY.after(Timestamp::Time(start.into()), steps as usize)
}
