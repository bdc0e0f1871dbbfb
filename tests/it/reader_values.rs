//! Numbers in the forms that exports have: magnitudes, units, bounds, durations, words, and codes of missing values.

use forecast::panel::{BadRowPolicy, RepairKind};
use forecast::read::{Dataset, ReadOptions};

use crate::files::{date, first_values, hint, hinted_flags, inspect, lines, notices, options, read, read_default};

/// Daily values from a list of cells, which is repeated.
fn daily(separator: char, target: &str, cells: &[&str]) -> String {
    lines(&format!("date{separator}{target}"), 40, |day| {
        format!("{}{separator}{}", date(day), cells[day as usize % cells.len()])
    })
}

fn with_target(target: &str) -> ReadOptions {
    ReadOptions { target: Some(target.into()), ..options() }
}

/// The first values, and the notices.
fn understood(text: &str) -> (Vec<f64>, Vec<String>) {
    let dataset = read_default("a.csv", text);
    (first_values(&dataset), notices(&dataset))
}

#[test]
fn magnitudes_are_factors() {
    for (separator, cells, values) in [
        (',', ["950.20K", "1.23M", "987"], [950_200.0, 1_230_000.0, 987.0]),
        (',', ["$1.2M", "$0.35B", "$900K"], [1.2e6, 3.5e8, 9e5]),
        (';', ["1,5 Mio. €", "980 Tsd. €", "2,25 Mrd. €"], [1.5e6, 9.8e5, 2.25e9]),
        (',', ["1.2万", "3.4億", "560"], [12_000.0, 3.4e8, 560.0]),
        (',', ["(3.1K)", "-2.5M", "4k"], [-3_100.0, -2.5e6, 4_000.0]),
    ] {
        let (read, notes) = understood(&daily(separator, "volume", &cells));
        assert_eq!(read, values, "{cells:?}");
        let note = format!("column volume: {} is read as {}", cells[0], values[0]);
        assert_eq!(notes, [note]);
    }
}

#[test]
fn numbers_of_accountants_have_their_sign() {
    for (separator, cells, values) in [
        (',', ["\"(1,234.56)\"", "\"2,000.10\"", "0.5"], [-1_234.56, 2_000.1, 0.5]),
        (';', ["1.234,56-", "2.000,10", "0,5"], [-1_234.56, 2_000.1, 0.5]),
        (';', ["(€ 1.234,56)", "€ 2.000,10", "€ 0,50"], [-1_234.56, 2_000.1, 0.5]),
        (',', ["\"$(1,234.56)\"", "\"$2,000.10\"", "$0.50"], [-1_234.56, 2_000.1, 0.5]),
    ] {
        assert_eq!(understood(&daily(separator, "result", &cells)).0, values, "{cells:?}");
    }
}

#[test]
fn units_after_numbers_are_left_out_with_a_notice() {
    for (separator, cells, values) in [
        (',', ["20.5 kWh", "21 kWh", "19.25 kWh"], [20.5, 21.0, 19.25]),
        (';', ["20,5°C", "-1,5°C", "19,25°C"], [20.5, -1.5, 19.25]),
        (',', ["3 Stück", "4 Stück", "5 Stück"], [3.0, 4.0, 5.0]),
    ] {
        let (read, notes) = understood(&daily(separator, "load", &cells));
        assert_eq!(read, values, "{cells:?}");
        assert!(notes[0].starts_with(&format!("column load: {} is read as {}", cells[0], values[0])), "{notes:?}");
    }
    // Two units are not one quantity.
    let two = read("a.csv", daily(',', "weight", &["2 kg", "3 kg", "500 g", "4 kg"]), &with_target("weight"));
    let error = two.unwrap_err();
    assert!(error.to_string().contains("line 4 \"500 g\""), "{error}");
}

#[test]
fn percent_and_currencies_are_understood() {
    let (read, notes) = understood(&daily(',', "share", &["12.5%", "13 %", "7%"]));
    assert_eq!((read, notes[0].as_str()), (vec![12.5, 13.0, 7.0], "column share is in percent: 12% is read as 12"));
    assert_eq!(understood(&daily(',', "price", &["USD 5.10", "USD 6", "USD 7.25"])).0, [5.1, 6.0, 7.25]);
}

#[test]
fn durations_are_read_in_seconds() {
    for (cells, values) in [
        (["00:04:35", "01:00:00", "-00:00:05"], [275.0, 3_600.0, -5.0]),
        (["1 days 02:03:04", "0 days 00:00:01", "0 days 10:00:00"], [93_784.0, 1.0, 36_000.0]),
        (["120:00:00", "99:59:59.5", "0:00:10"], [432_000.0, 359_999.5, 10.0]),
        (["3h 32m", "45m", "2h"], [12_720.0, 2_700.0, 7_200.0]),
        (["1h05m09s", "0h59m00s", "2h00m01s"], [3_909.0, 3_540.0, 7_201.0]),
        (["1 day 2 hours", "3 hours 5 min", "59 minutes"], [93_600.0, 11_100.0, 3_540.0]),
    ] {
        let (read, notes) = understood(&daily(',', "call", &cells));
        assert_eq!(read, values, "{cells:?}");
        assert_eq!(notes, [format!("column call: {} is read as {} seconds", cells[0], values[0])]);
    }
}

/// A letter alone is a unit of something else, such as metres.
#[test]
fn a_unit_after_one_number_is_no_duration() {
    for (cells, values) in [(["5 m", "12 m", "7 m"], [5.0, 12.0, 7.0]), (["5 h", "12 h", "7 h"], [5.0, 12.0, 7.0])] {
        assert_eq!(understood(&daily(',', "depth", &cells)).0, values, "{cells:?}");
    }
}

#[test]
fn words_for_yes_and_no_are_a_target_of_1_and_0() {
    for words in [["true", "FALSE", "true"], ["yes", "no", "yes"], ["ja", "nein", "ja"], ["oui", "non", "oui"]] {
        let (read, notes) = understood(&daily(',', "open", &words));
        assert_eq!(read, [1.0, 0.0, 1.0], "{words:?}");
        assert_eq!(notes, [format!("column open: {} is read as 1 (the word for no as 0)", words[0])]);
    }
    // Beside a column of numbers they are no candidate.
    let text = lines("date,open,sales", 20, |day| format!("{},{},{day}", date(day), day % 7 > 4));
    assert_eq!(read_default("a.csv", text).panel.columns().target, "sales");
}

#[test]
fn bounds_are_read_with_a_notice() {
    for (cells, values) in [
        (["<1", "2.5", "3"], [0.5, 2.5, 3.0]),
        (["7", "< 4", ">250"], [7.0, 2.0, 250.0]),
        (["≤10", "12", "15"], [5.0, 12.0, 15.0]),
    ] {
        let (read, notes) = understood(&daily(',', "no2", &cells));
        assert_eq!(read, values, "{cells:?}");
        assert!(notes[0].ends_with(" (half of an upper bound, or a lower bound itself)"), "{notes:?}");
    }
}

fn empty_values(dataset: &Dataset) -> usize {
    dataset.repairs.iter().filter(|repair| repair.kind == RepairKind::Empty).count()
}

#[test]
fn codes_far_outside_that_repeat_are_missing_values() {
    for (usual, code) in [
        (&["-3.5", "12", "20.1", "7"][..], "-999"),
        (&["-3.5", "12", "20.1", "7"], "99.9"),
        (&["0", "1150", "12", "480"], "-9999"),
        (&["1013.2", "1009", "1021.7"], "9999"),
        (&["0.5", "0.75", "1"], "-99"),
        (&["-3.5", "12", "20.1", "7"], "-6999"),
        (&["-3.5", "12", "20.1", "7"], "8888"),
        (&["0", "1150", "12", "480"], "65535"),
        (&["-3.5", "12", "20.1", "7"], "1e20"),
        (&["-3.5", "12", "20.1", "7"], "9.96921e36"),
        (&["-3.5", "12", "20.1", "7"], "-3.4028235e38"),
    ] {
        let text = lines("date,value", 60, |day| {
            format!(
                "{},{}",
                date(day),
                if [9, 10, 31].contains(&day) { code } else { usual[day as usize % usual.len()] }
            )
        });
        let dataset = read_default("a.csv", &text);
        assert_eq!(empty_values(&dataset), 3, "{code}");
        let series = dataset.panel.iter().next().unwrap();
        let highest = series.values.iter().copied().fold(0.0, f64::max);
        assert!(highest < 1_200.0 && series.values.iter().all(|value| *value > -4.0), "{code}: {:?}", series.values);
        let note = format!(
            "column value: 3 cells of {code} are read as missing, the first on line 11 (`--missing none` keeps them as numbers)"
        );
        assert_eq!(notices(&dataset), [note]);
        let kept = read("a.csv", &text, &ReadOptions { missing: Some(Vec::new()), ..options() }).unwrap();
        assert_eq!(empty_values(&kept), 0);
    }
}

#[test]
fn values_like_such_codes_among_the_others_are_kept() {
    for usual in [
        &["99.9", "80", "120", "100.5"][..],
        &["999", "1003", "1010", "996"],
        &["-99", "-150", "30", "12"],
        &["0", "999", "5000", "20"],
        &["8888", "450", "1200", "600"],
        &["65535", "48000", "3500", "900"],
        &["-6999", "500", "1200", "400"],
        &["1e20", "2e20", "3e19", "5e20"],
    ] {
        let dataset = read_default("a.csv", daily(',', "value", usual));
        assert_eq!((empty_values(&dataset), notices(&dataset).len()), (0, 0), "{usual:?}");
    }
    // One high value is a spike.
    let text = lines("date,value", 60, |day| format!("{},{}", date(day), if day == 30 { 999 } else { 10 + day % 7 }));
    assert_eq!(empty_values(&read_default("a.csv", text)), 0);
}

#[test]
fn a_word_for_missing_values_is_named_by_the_hint() {
    for (word, typed) in [("M", "M"), ("x", "x"), ("Tr.", "Tr.")] {
        let text = lines("date,rain", 60, |day| {
            format!("{},{}", date(day), if day % 20 == 7 { word.into() } else { format!("{}.5", day % 7) })
        });
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert_eq!(hinted_flags(&error), format!("--missing {typed}"), "{error}");
        assert!(inspect(&text, &hinted_flags(&error)).contains("; 3 empty values filled"));
    }
    // Numbers can be named, too.
    let text = daily(',', "level", &["5", "6", "-1", "7", "5", "4", "6", "8"]);
    let named = read("a.csv", &text, &ReadOptions { missing: Some(vec!["-1".into()]), ..options() }).unwrap();
    assert_eq!(empty_values(&named), 5);
    // A code on each Wednesday says that the days are closed.
    let text = daily(',', "level", &["5", "6", "-1", "7", "5", "4", "6"]);
    let named = read("a.csv", &text, &ReadOptions { missing: Some(vec!["-1".into()]), ..options() }).unwrap();
    let notice = "6 of 40 rows have no value and are left out, since the others are Thursday to Tuesday";
    assert!(notices(&named).contains(&notice.to_owned()), "{:?}", notices(&named));
}

#[test]
fn a_column_of_words_is_not_skipped_whole() {
    let words = lines("date,state,level", 60, |day| {
        format!("{},{},{}", date(day), ["good", "bad", "12"][day as usize % 3], day % 7)
    });
    let notes = lines("date,level", 60, |day| {
        let note = format!("note {day}");
        format!("{},{}", date(day), if day % 3 == 0 { note } else { (day % 7).to_string() })
    });
    let of_words = "if good and bad stand for missing values, name them with `--missing good,bad`; if not, correct these \
                    cells, or name another column with `--target NAME`";
    for (text, target, hinted) in
        [(&words, "state", of_words), (&notes, "level", "these are too many to be read as missing")]
    {
        let error = read("a.csv", text, &with_target(target)).unwrap_err();
        assert!(error.to_string().ends_with("(of 60 cells)"), "{error}");
        assert!(hint(&error).starts_with(hinted), "{}", hint(&error));
        let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..with_target(target) };
        assert_eq!(hint(&read("a.csv", text, &skip).unwrap_err()), hint(&error));
    }
    assert!(inspect(&words, "--target level").contains("target level"));
}

#[test]
fn a_number_for_missing_values_may_fill_most_cells() {
    for code in ["-999", "-9999", "-99.9"] {
        let text = daily(',', "level", &[code, "5", code, code, "7"]);
        let dataset = read_default("a.csv", &text);
        let of_reader = notices(&dataset);
        assert!(of_reader[0].contains(&format!("cells of {code} are read as missing")), "{of_reader:?}");
        assert!(dataset.panel.iter().next().unwrap().values.iter().all(|value| (5.0..=7.0).contains(value)));
    }
    // too few other values, or values that are as large, do not tell, and a usual price may be 9999
    let few = lines("date,level", 40, |day| format!("{},{}", date(day), if day % 8 == 3 { "5" } else { "-999" }));
    let large = daily(',', "level", &["999", "800", "999", "999", "-700", "12"]);
    let price = daily(',', "level", &["9999", "5", "9999", "9999", "7"]);
    for (text, code, cells) in [(few, "-999", 35), (large, "999", 21), (price, "9999", 24)] {
        let dataset = read_default("a.csv", &text);
        let notice = format!(
            "column level: {cells} of 40 numbers are {code}, which often stands for a missing value, and are read as they are, \
             the first on line 2"
        );
        assert!(notices(&dataset)[0].starts_with(&notice), "{:?}", notices(&dataset));
        assert!(inspect(&text, &format!("--missing {code}")).contains("filled"));
        assert!(!inspect(&text, "--missing none").contains("often stands"));
    }
}

#[test]
fn no_number_stands_for_a_missing_value_if_none_is_asked_for() {
    let text = daily(',', "level", &["5", "-999", "7", "NA", "8"]);
    let none = read("a.csv", &text, &ReadOptions { missing: Some(vec![]), ..options() }).unwrap();
    assert_eq!(none.panel.iter().next().unwrap().values.iter().filter(|value| **value == -999.0).count(), 8);
    // empty cells and the usual words are missing all the same
    assert_eq!(empty_values(&none), 8);
    assert!(inspect(&text, "--missing none").contains("-999"));
}

#[test]
fn usual_prices_and_levels_that_change_once_are_no_missing_values() {
    for (text, lowest) in [
        // a price of every day but those of promotions
        (
            lines("date,price", 200, |day| format!("{},{}", date(day), if day % 10 == 4 { "39.99" } else { "99.99" })),
            39.99,
        ),
        (lines("date,uptime", 200, |day| format!("{},{}", date(day), if day % 9 == 4 { "3.5" } else { "99.9" })), 3.5),
        // a balance that was settled once
        (lines("date,balance", 90, |day| format!("{},{}", date(day), if day < 60 { "-99" } else { "40" })), -99.0),
    ] {
        let dataset = read_default("a.csv", &text);
        let values = &dataset.panel.iter().next().unwrap().values;
        assert_eq!(
            (empty_values(&dataset), values.iter().copied().fold(f64::INFINITY, f64::min)),
            (0, lowest),
            "{text}"
        );
    }
}

#[test]
fn a_triangle_before_a_number_is_a_minus_sign_where_others_have_no_sign() {
    for (cells, values) in [
        (["▲10", "1,250,000", "0"], [-10.0, 1_250_000.0, 0.0]),
        (["12.5", "△1.5", "▲ 1,020.5"], [12.5, -1.5, -1020.5]),
        (["▲¥300", "¥200", "－"], [-300.0, 200.0, f64::NAN]),
    ] {
        let text = daily('\t', "利益", &cells);
        let (read, of_reader) = understood(&text);
        let are_equal = |(one, other): (&f64, &f64)| (one - other).abs() < 1e-12 || other.is_nan();
        assert!(read.iter().zip(&values).all(are_equal), "{cells:?}: {read:?}");
        let [notice] = of_reader.as_slice() else { panic!("{of_reader:?}") };
        let end =
            format!("is read as {} (a triangle is a minus sign)", values.iter().find(|value| **value < 0.0).unwrap());
        assert!(notice.ends_with(&end), "{notice}");
    }
    // a number with a triangle may be in the first row of years
    let years = lines("年,利益", 30, |at| format!("{},{}{}", 1990 + at, if at % 3 == 0 { "▲" } else { "" }, at + 5));
    let dataset = read_default("a.csv", &years);
    assert_eq!(dataset.summary(), "yearly, 1 series, 1990 to 2019, target 利益");
    assert_eq!(first_values(&dataset), [-5.0, 6.0, 7.0]);
    // all numbers are negative
    for cells in [["▲10", "▲5", "▲3"], ["△10", "▲5", "△3"]] {
        let dataset = read_default("a.csv", daily(',', "損失", &cells));
        assert_eq!(first_values(&dataset), [-10.0, -5.0, -3.0], "{cells:?}");
        assert!(notices(&dataset)[0].ends_with("10 is read as -10 (a triangle is a minus sign)"));
    }
    // two columns may be the target
    let text = lines("日,p,q", 9, |at| format!("{},{},▲{at}", crate::files::date(at), at + 1));
    let error = read("a.csv", text, &crate::files::options()).unwrap_err();
    assert!(error.to_string().contains("several columns could be the target: p, q"), "{error}");
    // prices that rise and fall, and minus signs next to triangles
    for cells in [["▲10", "▼5", "3"], ["▲10", "-5", "3"], ["▲10", "▼5", "▲3"], ["▲10", "(5)", "3"], ["▲+2", "▲+3", "5"]]
    {
        let text = daily('\t', "change", &cells);
        let error = read("a.csv", &text, &with_target("change")).unwrap_err();
        assert!(error.to_string().contains("values are not numbers"), "{cells:?}: {error}");
        assert!(hint(&error).starts_with("write a minus sign in place of the triangle"), "{}", hint(&error));
    }
}

#[test]
fn words_for_missing_values_are_named_together_by_the_hint() {
    let states = lines("entity_id,state,last_changed", 240, |at| {
        let state = match at {
            5 | 17 => "unavailable".to_owned(),
            30 => "unknown".to_owned(),
            at => format!("{}.5", 20 + at % 24),
        };
        format!("sensor.outside,{state},2024-01-{:02}T{:02}:00:00.000Z", at / 24 + 1, at % 24)
    });
    let error = read("a.csv", &states, &options()).unwrap_err();
    assert_eq!(
        hint(&error),
        "if unavailable and unknown stand for missing values, name them with `--missing unavailable,unknown`; if not, \
         correct these cells"
    );
    let named = ReadOptions { missing: Some(vec!["unavailable".into(), "unknown".into()]), ..options() };
    let dataset = read("a.csv", &states, &named).unwrap();
    assert_eq!(empty_values(&dataset), 3);
    // misprints are no words for a missing value, and neither are words with a comma
    for cells in [["1O", "x"], ["closed", "open"]] {
        let text =
            states.replacen("unavailable", cells[0], 1).replacen("unavailable", cells[1], 1).replace("unknown", "1");
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert!(hint(&error).starts_with("correct these cells"), "{}", hint(&error));
    }
}
