//! Tables in text that is not plain CSV: drawn with bars, with qualified headers, and with separators inside cells.

use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251};
use forecast::read::{Dataset, ReadOptions};

use crate::files::{date, lines, notices, options, read, read_default};

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

/// Checks the summary, and that the values of the first series count up from 0.
fn check(read: &Dataset, summary: &str) {
    assert_eq!(read.summary(), summary);
    let series = read.panel.iter().next().unwrap();
    assert_eq!(series.values[..], (0..series.len()).map(|value| value as f64).collect::<Vec<_>>()[..], "{summary}");
}

#[test]
fn a_drawn_table_is_read_without_its_lines() {
    let rule = "-".repeat(30);
    let list = |total: &str| {
        let rows = lines("", 24, |at| format!("| {:02}.{}   |  {at},00 | EUR |", at % 12 + 1, 2022 + at / 12));
        format!("12.01.2024   List\n\n{rule}\n| Month | Amount | Curr |\n{rule}{rows}{rule}\n{total}")
    };
    let summary = "monthly, 1 series, 2022-01-01 to 2023-12-01, target Amount";
    let plain = read_default("a.txt", list(""));
    check(&plain, summary);
    let with_total = read_default("a.txt", list(&format!("| *  |  276,00 | EUR |\n{rule}\n")));
    check(&with_total, summary);
    assert!(notices(&with_total).contains(&"1 row of totals left out, the first is line 31: *".into()));
    let of_database = lines("+------------+----+\n| day        | v  |\n+------------+----+", 20, |at| {
        format!("| {} | {at:2} |", date(at))
    });
    check(
        &read_default("a.txt", of_database + "+------------+----+\n"),
        "daily, 1 series, 2024-01-01 to 2024-01-20, target v",
    );
    let markdown = lines("| day | v |\n|:---|---:|", 20, |at| format!("| {} | {at} |", date(at)));
    check(&read_default("a.md", markdown), "daily, 1 series, 2024-01-01 to 2024-01-20, target v");
}

#[test]
fn the_lower_line_of_a_header_qualifies_the_upper_one() {
    let text = |place: &str| {
        let header = format!(",{place},{place},{place}\n年月日,気温,気温,気温\n,,品質情報,均質番号");
        lines(&header, 30, |at| format!("{},{at},8,1", date(at)))
    };
    for place in ["東京", "札幌"] {
        let read = read_default("a.csv", encoded(SHIFT_JIS, &text(place)));
        check(&read, "daily, 1 series, 2024-01-01 to 2024-01-30, target 気温");
        assert!(notices(&read).iter().any(|notice| notice.contains("Shift_JIS")));
    }
    // The first of the columns is named like the upper line.
    let rain = lines("day,rain,rain,rain\n,,quality flag,count", 30, |at| format!("{},{at},8,{}", date(at), at % 5));
    let named = read("a.csv", rain, &forecast::read::ReadOptions { target: Some("rain".into()), ..options() }).unwrap();
    check(&named, "daily, 1 series, 2024-01-01 to 2024-01-30, target rain");
}

#[test]
fn a_grand_total_above_the_rows_is_skipped() {
    for total in [",139388,Grand total", ",139388,,Total"] {
        let text = lines(&format!("Date,users\n{total}"), 30, |at| format!("{},{at}", date(at).format("%Y%m%d")));
        let read = read_default("a.csv", text);
        check(&read, "daily, 1 series, 2024-01-01 to 2024-01-30, target users");
        assert!(notices(&read).iter().any(|notice| notice.starts_with("1 line below the header skipped")));
    }
}

#[test]
fn a_word_of_a_total_in_every_row_marks_no_total() {
    let text = lines("Country,Indicator,2019,2020,2021,2022", 3, |row| {
        format!("{},\"Population, total\",{},1,2,3", ["AT", "BE", "XK"][row as usize], ["0", "0", ""][row as usize])
    });
    assert!(read_default("a.csv", text).summary().starts_with("yearly, 3 series"));
    let tabs = lines("Country\tIndicator\t2019\t2020\t2021\t2022", 3, |row| {
        format!("{}\tTotal exports\t{}\t1\t2\t3", ["AT", "BE", "XK"][row as usize], ["0", "0", ""][row as usize])
    });
    assert!(read_default("a.csv", tabs).summary().starts_with("yearly, 3 series"));
}

#[test]
fn a_comma_in_a_name_does_not_separate() {
    let month = |at: u32| format!("01.{:02}.{}", at % 12 + 1, 2022 + at / 12);
    let text = lines("Дата;Выручка, тыс. руб.", 24, |at| format!("{};{at},0", month(at)));
    let read = read_default("a.csv", encoded(WINDOWS_1251, &text));
    check(&read, "monthly, 1 series, 2022-01-01 to 2023-12-01, target Выручка, тыс. руб.");
    assert!(notices(&read).iter().any(|notice| notice.contains("windows-1251")));
    let tabs = lines("Monat\tUmsatz, netto", 24, |at| format!("{}\t{at},25", month(at)));
    assert_eq!(
        read_default("a.csv", tabs).summary(),
        "monthly, 1 series, 2022-01-01 to 2023-12-01, target Umsatz, netto"
    );
    // Commas separate, although each cell has a semicolon.
    let codes = lines("day,v;w", 24, |at| format!("{},{at};0", date(at)));
    assert!(crate::files::read("a.csv", codes, &options()).is_err());
}

#[test]
fn czech_dates_have_spaces_and_the_currency_names_the_encoding() {
    let text = lines("Datum;Tržby (Kč)", 30, |at| format!("{};{at} Kč", date(at).format("%-d. %-m. %Y")));
    let read = read_default("a.csv", encoded(WINDOWS_1250, &text));
    check(&read, "daily, 1 series, 2024-01-01 to 2024-01-30, target Tržby (Kč)");
    assert!(notices(&read).iter().any(|notice| notice.contains("windows-1250")));
    let with_hours = lines("čas;v", 30, |at| format!("13. 12. 2023 {}:{:02};{at}", at / 4, at % 4 * 15));
    assert!(
        read_default("a.csv", with_hours).summary().contains("1 series, 2023-12-13T00:00:00 to 2023-12-13T07:15:00")
    );
}

#[test]
fn decimal_commas_do_not_separate_aligned_columns() {
    let mut prices = format!("{:<12}{:>12}{:>9}\n", "Datum", "Umsatz", "Preis");
    for at in 0..40 {
        let (sales, price) = (format!("{},{:02}", 351 + at * 7, at), format!("{},5", at % 9));
        prices += format!("{:<12}{sales:>12}{price:>9}\n", date(at).to_string()).as_str();
    }
    let read_prices = read("a.txt", &prices, &ReadOptions { target: Some("Umsatz".into()), ..options() }).unwrap();
    assert_eq!(read_prices.summary(), "daily, 1 series, 2024-01-01 to 2024-02-09, target Umsatz");
    assert_eq!(read_prices.panel.iter().next().unwrap().values[3], 372.03);
    let mut thousands = format!("{:<12}{:>14}\n", "Datum", "Umsatz");
    for at in 0..40 {
        let amount = format!("{}.0{at:02},50", 1 + at % 9);
        thousands += format!("{:<12}{amount:>14}\n", date(at).format("%d.%m.%Y")).as_str();
    }
    let read_thousands = read_default("a.txt", &thousands);
    assert_eq!(read_thousands.summary(), "daily, 1 series, 2024-01-01 to 2024-02-09, target Umsatz");
    assert_eq!(read_thousands.panel.iter().next().unwrap().values[3], 4_003.5);
    // A comma between two columns separates them, also beside spaces.
    let text = lines("date, sales", 20, |at| format!("{}, {}", date(at), 10 + at));
    assert_eq!(read_default("a.csv", &text).summary(), "daily, 1 series, 2024-01-01 to 2024-01-20, target sales");
}

#[test]
fn single_spaces_separate_the_cells_of_ragged_rows() {
    let mut text = lines("year month day value", 60, |at| format!("{} {}", date(at).format("%Y %-m %-d"), at * 7));
    let summary = "daily, 1 series, 2024-01-01 to 2024-02-29, target value";
    assert_eq!(read_default("a.txt", &text).summary(), summary);
    // R writes row numbers and quotes, and no name for the row numbers
    let quoted = lines("\"date\" \"value\"", 60, |at| format!("\"{}\" \"{}\" {}", at + 1, date(at), at * 7));
    assert_eq!(read_default("a.txt", &quoted).summary(), summary);
    // a cell as long as a row does not hide the columns of the other rows
    text = text.replacen("2024 1 9 ", "9223372036854775807 1 9 ", 1);
    let error = read("a.txt", &text, &options()).unwrap_err().to_string();
    assert!(error.contains("line 10, column year: \"9223372036854775807\""), "{error}");
}

#[test]
fn columns_aligned_by_spaces_are_read_by_their_places() {
    let mut station = String::from(
        "Oxford\nLocation 450900E 207200N, Lat 51.761 Lon -1.262, 63 metres amsl\nEstimated data is marked with a *.\n   yyyy  mm   tmax    \
         tmin      af    rain     sun\n              degC    degC    days      mm   hours\n",
    );
    for at in 0..60 {
        let sun = if at % 7 == 3 {
            "   ---".into()
        } else {
            format!("{:6.1}{}", 60.0 + f64::from(at), if at > 30 { "#" } else { "" })
        };
        let end = if at > 55 { "  Provisional" } else { "" };
        let max = format!("{:6.1}{}", f64::from(at % 12) + 5.5, if at % 9 == 0 { "*" } else { " " });
        let line = format!(
            "   {}  {:2} {max}  {:6.1}  {:6}  {:6.1}  {sun}{end}\n",
            2019 + at / 12,
            at % 12 + 1,
            0.4,
            at % 5,
            30.0
        );
        station.push_str(&line);
    }
    let tmax = ReadOptions { target: Some("tmax".into()), ..options() };
    let read_station = read("a.txt", &station, &tmax).unwrap();
    assert_eq!(read_station.summary(), "monthly, 1 series, 2019-01-01 to 2023-12-01, target tmax");
    let values = read_station.panel.iter().next().unwrap().values.to_vec();
    assert_eq!(values[..13], (0..13).map(|at| f64::from(at % 12) + 5.5).collect::<Vec<_>>()[..]);
    // Flags are blank in most lines, two columns have one name, and there is no day.
    let mut monthly = String::from("# adjusted by neighbours\n YYYY  MM  DD   P(0.1mm)   QCdP flg    HomoP flg\n");
    for at in 0..48 {
        let flag = if at % 11 == 5 { "AE" } else { "" };
        let (year, month, amount) = (2020 + at / 12, at % 12 + 1, 400 + at * 17);
        monthly += format!(" {year}  {month:2}   0    -9999  {amount:7}  {flag:2}  {at:7}   H\n").as_str();
    }
    let qcdp = ReadOptions { target: Some("QCdP".into()), ..options() };
    let read_monthly = read("a.txt", &monthly, &qcdp).unwrap();
    assert_eq!(read_monthly.summary(), "monthly, 1 series, 2020-01-01 to 2023-12-01, target QCdP");
    assert_eq!(read_monthly.panel.iter().next().unwrap().values[47], 400.0 + 47.0 * 17.0);
    // Names with a space, and a name of two columns in two lines.
    let mut daily = String::from("Date        Mean temp  Rain\n                 (C)  (mm)\n");
    for day in 1..=30 {
        let (temperature, rain) = (f64::from(day) / 2.0, f64::from(day % 4));
        daily += format!("{day:02}.04.2024  {temperature:9.1} {rain:5.1}\n").as_str();
    }
    let mean = ReadOptions { target: Some("Mean temp".into()), ..options() };
    assert_eq!(
        read("a.txt", &daily, &mean).unwrap().summary(),
        "daily, 1 series, 2024-04-01 to 2024-04-30, target Mean temp"
    );
}

#[test]
fn rows_of_totals_with_a_mark_or_word_and_no_time_are_left_out() {
    let month = |at: u32| format!("{}-{:02}", 2019 + at / 12, at % 12 + 1);
    // two plants with their totals, and that of both
    let report = |row: &dyn Fn(&str, u32) -> String, total: &dyn Fn(&str) -> String| {
        let plant = |name: &str| (0..36).map(|at| row(name, at) + "\n").collect::<String>() + &total(name) + "\n";
        plant("1000") + &plant("1100")
    };
    let first = "monthly, 2 series (Plant), 2019-01-01 to 2021-12-01, target Qty";
    let own_column =
        report(&|plant, at| format!(";{plant};{};{}", month(at), at % 7), &|plant| format!("*;{plant};;108"));
    let in_ids = report(&|plant, at| format!("{plant};{};{}", month(at), at % 7), &|_| "*;;108".into());
    let with_text =
        report(&|plant, at| format!("{plant};{};{}", month(at), at % 7), &|plant| format!("* {plant};;108"));
    let words = report(&|plant, at| format!("Plant {plant};{};{}", month(at), at % 7), &|_| "Result;;108".into());
    for (text, mark) in [
        (format!(";Plant;Month;Qty\n{own_column}**;;;216\n"), "*"),
        (format!("Plant;Month;Qty\n{in_ids}**;;216\n"), "*"),
        (format!("Plant;Month;Qty\n{with_text}** all;;216\n"), "* 1000"),
        (format!("Plant;Month;Qty\n{words}Overall Result;;216\n"), "Result"),
    ] {
        let dataset = read_default("a.csv", &text);
        assert_eq!(dataset.summary(), first, "{text}");
        let left_out = format!("rows of totals left out, the first is line 38: {mark}");
        assert!(notices(&dataset).iter().any(|notice| notice.ends_with(&left_out)), "{:?}", notices(&dataset));
        assert!(dataset.panel.iter().all(|series| series.values.iter().all(|value| *value < 7.0)));
    }
    let years = lines("Month;Qty", 39, |at| match at % 13 {
        12 => format!("* {};36", 2019 + at / 13),
        month => format!("{}-{:02};{}", 2019 + at / 13, month + 1, at % 7),
    });
    assert_eq!(read_default("a.csv", &years).summary(), "monthly, 1 series, 2019-01-01 to 2021-12-01, target Qty");
    // a row with a time is none of totals, and neither is a row of a table without times
    let series = lines("date,shop,v", 40, |at| format!("{},{},{at}", date(at / 2), ["A", "Total"][at as usize % 2]));
    assert!(read_default("a.csv", &series).summary().contains("2 series"), "{series}");
    let shops = "shop,2019,2020,2021,2022,2023\nA,1,2,3,4,5\n* B,2,3,,4,5\nTotal,3,5,3,8,10\n";
    assert!(read_default("a.csv", shops).summary().contains("3 series"), "{}", read_default("a.csv", shops).summary());
}

#[test]
fn a_mark_that_also_has_times_is_the_name_of_a_series() {
    let text = lines("rating,date,reviews", 120, |row| {
        let (at, rating) = (row / 3, ["*", "***", "*****"][row as usize % 3]);
        let time = if rating == "*****" && at % 8 == 5 { String::new() } else { date(at).to_string() };
        format!("{rating},{time},{}", 10 + row % 7)
    });
    let error = read("a.csv", &text, &options()).unwrap_err().to_string();
    assert!(error.contains("column date"), "{error}");
}

#[test]
fn totals_of_plants_with_numbers_are_left_out() {
    let text = lines("Plant,Month,Qty", 60, |row| {
        let (plant, at) = (1000 + row / 30 * 100, row % 30);
        let total = if at == 29 { format!("\nResult,,{}", 900 + row) } else { String::new() };
        format!("{plant},{}-{:02},{}{total}", 2021 + at / 12, at % 12 + 1, 20 + row % 7)
    });
    let read = read_default("a.csv", &text);
    assert_eq!(read.summary(), "monthly, 2 series (Plant), 2021-01-01 to 2023-06-01, target Qty");
    assert!(read.panel.iter().all(|series| series.values.iter().all(|value| *value < 30.0)));
}

#[test]
fn a_mark_at_a_year_without_a_value_is_no_total() {
    let text = lines("flag,year,value", 39, |at| {
        format!(
            "{},{},{}",
            if at % 9 == 3 { "*" } else { "" },
            1980 + at,
            if at % 9 == 3 { String::new() } else { at.to_string() }
        )
    });
    let read = read_default("a.csv", &text);
    assert!(notices(&read).iter().all(|notice| !notice.contains("totals")), "{:?}", notices(&read));
    assert_eq!(read.panel.iter().next().unwrap().len(), 39);
}

#[test]
fn an_answer_of_prometheus_has_a_series_for_each_set_of_labels() {
    let series = |instance: &str, first: usize| {
        let value = |at: usize| format!("[{}.781,\"{}\"]", 1_704_067_200 + 60 * at, first + at % 5);
        let values: Vec<String> = (0..30).map(value).collect();
        format!(
            r#"{{"metric":{{"__name__":"requests","instance":"{instance}","job":"api"}},"values":[{}]}}"#,
            values.join(",")
        )
    };
    let answer =
        |result: &str| format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}}}}"#);
    let text = answer(&[series("a:9090", 10), series("b:9090", 50)].join(","));
    let dataset = read_default("range.json", &text);
    assert_eq!(
        dataset.summary(),
        "minutely, 2 series (instance), 2024-01-01T00:00:00.781Z to 2024-01-01T00:29:00.781Z, target value"
    );
    assert_eq!(notices(&dataset)[0], "the table is the member data.result of the JSON object");
    let last = dataset.panel.iter().last().unwrap();
    assert!(last.key.contains(&"b:9090".to_owned()) && last.values[..2] == [50.0, 51.0], "{:?}", last.key);
    // one series, and values that are not there
    let one = answer(&series("a:9090", 10)).replacen("\"12\"", "\"NaN\"", 1);
    let dataset = read_default("range.json", &one);
    assert_eq!(dataset.panel.count(), 1);
    assert!(!dataset.panel.iter().next().unwrap().observed[2]);
}
