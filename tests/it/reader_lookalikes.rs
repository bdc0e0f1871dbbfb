//! Ordinary files that resemble other layouts.

use crate::files::{date, lines, options, read, read_default};

fn summary(text: impl AsRef<[u8]>) -> String {
    read_default("a.csv", text).summary()
}

#[test]
fn hotels_and_shops_with_numbers_are_no_times_of_day() {
    let hotels = lines("date,hotel,v", 240, |at| format!("{},H{},{at}", date(at / 24), at % 24 + 1));
    assert!(summary(&hotels).starts_with("daily, 24 series (hotel)"), "{}", summary(&hotels));
    let hours = lines("date,period,v", 240, |at| format!("{},H{},{at}", date(at / 24), at % 24 + 1));
    assert!(summary(&hours).starts_with("hourly, 1 series"), "{}", summary(&hours));
    for stores in [48, 50, 96, 100] {
        let in_rows = format!("store,{}", (0..6).map(|day| date(day).to_string()).collect::<Vec<_>>().join(","));
        let in_rows = lines(&in_rows, stores, |at| format!("{},1,2,3,4,5,{at}", at + 1));
        assert!(summary(&in_rows).starts_with(&format!("daily, {stores} series (store)")), "{}", summary(&in_rows));
    }
    let names: Vec<String> = (1..=50).map(|item| item.to_string()).collect();
    let items = lines(&format!("date,{}", names.join(",")), 20, |at| {
        format!("{},{}", date(at), (0..50).map(|item| (item * 3 + at).to_string()).collect::<Vec<_>>().join(","))
    });
    let options = forecast::read::ReadOptions { wide: vec!["all".into()], ..options() };
    assert!(read("a.csv", &items, &options).unwrap().summary().starts_with("daily, 50 series"));
}

#[test]
fn spans_of_hours_are_no_times_with_an_offset() {
    let day = |at: u32| date(at).format("%d.%m.%Y").to_string();
    let hours = lines("time,v", 72, |at| format!("{} {:02}:00-{:02}:00,{at}", day(at / 24), at % 24, (at + 1) % 24));
    assert_eq!(summary(&hours), "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-03T23:00:00, target v");
    let shifts = lines("time,v", 60, |at| format!("{} 08:00-14:00,{at}", day(at)));
    assert!(summary(&shifts).starts_with("daily, 1 series, 2024-01-01"), "{}", summary(&shifts));
}

#[test]
fn codes_and_shops_are_no_months_or_days() {
    let codes = lines("name,SKU-012001,SKU-012002,SKU-012003,SKU-012004", 6, |at| format!("s{at},1,2,3,{at}"));
    assert!(read("a.csv", &codes, &options()).is_err());
    // year, month, shop and sales
    let row = |at: u32| format!("2020,{},{},{}", at / 3 + 1, at % 3 + 1, 50 + at);
    let shops = lines(&row(0), 35, |at| row(at + 1));
    let read = read("a.csv", &shops, &options());
    assert!(read.is_err() || !read.as_ref().unwrap().summary().starts_with("daily"), "{read:?}");
}

#[test]
fn numbers_of_words_before_years_are_no_months() {
    for word in ["q", "store", "prod", "item", "day", "task_", "route "] {
        let names: Vec<String> =
            (2019..2022).flat_map(|year| (1..=12).map(move |number| format!("{word}{number}_{year}"))).collect();
        let text = lines(&format!("region,{}", names.join(",")), 5, |row| {
            format!("r{row},{}", (0..36).map(|at| (at * 7 % 11).to_string()).collect::<Vec<_>>().join(","))
        });
        assert!(read("a.csv", &text, &options()).is_err(), "{word}");
    }
    let gases = lines("city,co2_2015,co2_2016,co2_2017,co2_2018,co2_2019", 5, |at| format!("c{at},1,2,3,4,{at}"));
    let read = read("a.csv", &gases, &options());
    assert!(read.as_ref().map_or(true, |read| !read.summary().contains("2015-02")), "{read:?}");
}

#[test]
fn prices_next_to_months_with_points_keep_their_decimals() {
    let text = lines("month;price", 24, |at| format!("{:02}.{};1.{}", at % 12 + 1, 2020 + at / 12, 301 + at * 7));
    let highest = read_default("a.csv", text).panel.iter().next().unwrap().values.iter().copied().fold(0.0, f64::max);
    assert!(highest < 2.0, "{highest}");
}

#[test]
fn months_of_many_series_are_read_in_a_column_with_a_name_in_another_language() {
    let text = lines("Monat;Filiale;Umsatz", 24 * 120, |at| {
        format!("{}.{:02};f{};{}", 2020 + at / 120 / 12, at / 120 % 12 + 1, at % 120, 10 + at % 17)
    });
    assert!(
        summary(&text).starts_with("monthly, 120 series (Filiale), 2020-01-01 to 2021-12-01"),
        "{}",
        summary(&text)
    );
}
