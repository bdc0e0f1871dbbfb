//! Columns of numbers with words, triangles or codes in most cells, and months whose comma is no decimal mark.

use forecast::read::ReadOptions;

use crate::files::{date, describe_error, hinted_flags, inspect, lines, notices, options, read, read_default};

/// Daily values of which every third is a number, and the others are these words.
fn mostly(words: [&'static str; 2], header: &str, rest: &str) -> String {
    lines(header, 30, |day| {
        let value = if day % 3 == 0 { (10 + day % 7).to_string() } else { words[day as usize % 2].to_owned() };
        format!("{},{value}{rest}", date(day))
    })
}

#[test]
fn words_in_most_cells_are_settled_by_one_hint() {
    for (words, header, rest) in [
        (["unavailable", "unavailable"], "date,value", ""),
        (["unavailable", "unknown"], "date,level", ""),
        (["▼", "▼"], "date,value", ""),
        (["△", "▲"], "date,value", ""),
        // the number of a station is no quantity
        (["out of order", "out of order"], "date,level,station", ",501"),
    ] {
        let text = mostly(words, header, rest);
        let error = read("a.csv", &text, &options()).unwrap_err();
        let flags = hinted_flags(&error);
        assert!(flags.starts_with("--missing ") && !flags.contains("--target"), "{}", describe_error(&error));
        let missing = Some(words.map(str::to_owned).to_vec());
        let dataset = read("a.csv", &text, &ReadOptions { missing, ..options() }).unwrap();
        let target = header.split(',').nth(1).unwrap();
        assert!(dataset.summary().starts_with("every 3 days, 1 series") && dataset.summary().contains(target));
    }
    // words without any number are no values
    let words = lines("date,state", 30, |day| format!("{},{}", date(day), ["on", "off", "idle"][day as usize % 3]));
    assert!(read("a.csv", words, &options()).unwrap_err().to_string().contains("no column of numbers"));
}

#[test]
fn a_triangle_without_a_number_may_be_a_missing_value() {
    let with = |cell: &str| {
        lines("date,value", 30, |day| {
            format!("{},{}", date(day), if day % 10 == 3 { cell.to_owned() } else { (10 + day % 7).to_string() })
        })
    };
    for cell in ["▲", "▼", "△"] {
        let error = read("a.csv", with(cell), &options()).unwrap_err();
        assert_eq!(hinted_flags(&error), format!("--missing '{cell}'"));
        assert!(inspect(&with(cell), &format!("--missing {cell}")).starts_with("daily, 1 series"));
    }
    let error = describe_error(&read("a.csv", with("▼5"), &options()).unwrap_err());
    assert!(error.contains("write a minus sign in place of the triangle"), "{error}");
    // also in most cells
    let mostly =
        lines("date,value", 30, |day| format!("{},{}{}", date(day), if day % 3 == 0 { "" } else { "▼" }, 10 + day % 7));
    let error = describe_error(&read("a.csv", mostly, &options()).unwrap_err());
    assert!(error.contains("write a minus sign in place of the triangle"), "{error}");
}

#[test]
fn a_code_in_all_cells_of_a_column_is_named() {
    for code in ["-999", "-9999", "-99.9"] {
        let text = lines("date,a,b", 30, |day| format!("{},{},{code}", date(day), 10 + day % 7));
        let printed = inspect(&text, "--wide all");
        let notice = format!("column b: 30 of 30 numbers are {code}, which often stands for a missing value");
        assert!(printed.contains(&notice) && printed.contains(&format!("--missing {code}")), "{printed}");
        let followed = inspect(&text, &format!("--wide all --missing {code}"));
        assert!(followed.contains("1 series without any value left out: b"), "{followed}");
    }
    // a usual price
    let price = lines("date,price", 30, |day| format!("{},99.9", date(day)));
    assert!(notices(&read_default("a.csv", price)).iter().all(|notice| !notice.contains("often stands")));
}

/// A row for each month from 2015 on.
fn months(header: &str, month: impl Fn(u32, u32) -> String) -> String {
    lines(header, 40, |at| format!("{};{},5", month(2015 + at / 12, at % 12 + 1), 100 + at))
}

#[test]
fn a_comma_between_year_and_month_is_no_decimal_mark() {
    let padded = |year: u32, month: u32| format!("{year},{month:02}");
    for header in ["Monat;Wert", "date;Wert", "x;Wert"] {
        for text in [
            months(header, padded),
            months(header, |year, month| format!("{year},{month}")),
            months(header, |year, month| format!("{year}, {month:02}")),
            // a spreadsheet took the months for numbers
            months(header, |year, month| padded(year, month).replace(",10", ",1")),
        ] {
            let (summary, tabs) = (read_default("a.csv", &text).summary(), text.replace(';', "\t"));
            assert_eq!(summary, "monthly, 1 series, 2015-01-01 to 2018-04-01, target Wert", "{text}");
            assert_eq!(read_default("a.csv", tabs).summary(), summary);
        }
    }
    // months do not tell that a point separates thousands
    let points = months("Monat;Wert", padded).replace(",5\n", ".25\n");
    assert!((read_default("a.csv", points).panel.iter().next().unwrap().values[0] - 100.25).abs() < 1e-9);
    // quantities with a decimal comma are no months
    let levels = lines("Pegel;Nr", 20, |at| format!("16{:02},{};{}", 50 + at * 7 % 11, at % 9 + 1, at * 5 % 13));
    let error = read("a.csv", levels, &options()).unwrap_err().to_string();
    assert!(error.ends_with("several columns could be the target: Pegel, Nr"), "{error}");
}

#[test]
fn periods_are_read_in_further_languages() {
    let year = |at: u32| 2018 + at / 12;
    let polish = "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień";
    let spanish = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre";
    let czech = "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec";
    let names = |list: &'static str, at: u32| list.split(' ').nth(at as usize % 12).unwrap();
    let monthly = "monthly, 1 series, 2018-01-01 to 2021-12-01, target v";
    for list in [polish, spanish, czech] {
        let text = lines("t;v", 48, |at| format!("{} {};{at}", names(list, at), year(at)));
        assert_eq!(read_default("a.csv", text).summary(), monthly, "{list}");
    }
    let parts = lines("měsíc;rok;v", 48, |at| format!("{};{};{at}", names(czech, at), year(at)));
    assert_eq!(read_default("a.csv", parts).summary(), monthly);
    for form in ["{y}-T{q}", "{y}T{q}", "{y} t{q}", "{y}K{q}"] {
        let quarter =
            |at: u32| form.replace("{q}", &(at % 4 + 1).to_string()).replace("{y}", &(2010 + at / 4).to_string());
        let text = lines("Trimestre;v", 40, |at| format!("{};{at}", quarter(at)));
        assert_eq!(read_default("a.csv", text).summary(), "quarterly, 1 series, 2010-01-01 to 2019-10-01, target v");
    }
    let weeks = lines("Jahr;Woche;v", 100, |at| format!("{};{};{}", 2021 + at / 52, at % 52 + 1, at * 7 % 50));
    assert_eq!(read_default("a.csv", weeks).summary(), "weekly, 1 series, 2021-01-04 to 2022-11-28, target v");
    let hours = lines("Data;Godzina;v", 240, |at| format!("{};{};{},5", date(at / 24), at % 24 + 1, at));
    assert!(read_default("a.csv", hours).summary().starts_with("hourly, 1 series, 2024-01-01T00:00:00"));
    let eras = lines("和暦,人口", 18, |at| {
        format!("{}年,{}", if at < 14 { format!("平成{}", 17 + at) } else { format!("令和{}", at - 13) }, 900 - at)
    });
    assert_eq!(read_default("a.csv", eras).summary(), "yearly, 1 series, 2005 to 2022, target 人口");
    let fiscal = lines("決算期,売上高", 12, |at| format!("{}年3月期,{at}", 2010 + at));
    assert!(read_default("a.csv", fiscal).summary().contains("2010-03-01 to 2021-03-01"));
}

#[test]
fn digits_of_arabic_are_read_as_european_ones() {
    let arabic = |text: String| -> String {
        let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32('٠' as u32 + digit));
        text.chars().map(|c| if c == '.' { '٫' } else { digit(c).unwrap_or(c) }).collect()
    };
    let text = lines("التاريخ,القيمة", 30, |day| {
        arabic(format!("{}", date(day))) + "," + &arabic(format!("{day}.5"))
    });
    let dataset = read_default("a.csv", text);
    assert_eq!(dataset.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target القيمة");
    assert!((dataset.panel.iter().next().unwrap().values[1] - 1.5).abs() < 1e-9);
}

#[test]
fn exports_of_banks_and_pivot_tables_keep_their_header_and_no_total() {
    let bank =
        lines("#Data operacji;#Opis;#Kwota;#Saldo", 30, |day| format!("{};zakup;-{day},96 PLN;3000,00 PLN", date(day)));
    let error = read("a.csv", bank, &options()).unwrap_err().to_string();
    assert!(error.ends_with("several columns could be the target: #Kwota, #Saldo"), "{error}");
    let months = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"];
    let pivot =
        lines("Zeilenbeschriftungen,Summe", 24, |at| format!("{} {},{at}", months[at as usize % 12], 2021 + at / 12));
    let summary = read_default("a.csv", pivot + "Gesamtergebnis,276\n").summary();
    assert_eq!(summary, "monthly, 1 series, 2021-01-01 to 2022-12-01, target Summe");
}

#[test]
fn numbers_of_months_are_the_time_in_any_language() {
    for header in ["Monat;Wert", "mois;Wert", "miesiąc;Wert", "x;Wert"] {
        for text in [
            months(header, |year, month| format!("{year}{month:02}")),
            months(header, |year, month| format!("{year}.{month:02}")),
        ] {
            let summary = read_default("a.csv", &text).summary();
            assert_eq!(summary, "monthly, 1 series, 2015-01-01 to 2018-04-01, target Wert", "{text}");
        }
    }
}

/// Columns of quantities that could be months, and a comment above a header.
#[test]
fn decimal_commas_and_comments_keep_their_meaning() {
    // minutes of a day, of which some could be years and months
    let minutes = lines("day;minutes", 30, |day| format!("{};{},{}", date(day), 1530 + day * 7 % 11, 1 + day % 3));
    assert_eq!(read_default("a.csv", &minutes).summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target minutes");
    let commented = "# source: DWD; unit mm, daily\n".to_owned()
        + &lines("date,value", 30, |day| format!("{},{}", date(day), 5 + day % 4));
    assert_eq!(read_default("a.csv", &commented).summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target value");
}

/// Months with a comma in any order of the rows.
#[test]
fn months_with_a_comma_are_read_newest_first_and_for_several_series() {
    let month = |at: u32| format!("{},{:02}", 2015 + at / 12, 1 + at % 12);
    let newest_first = lines("x;value", 36, |row| format!("{};{}", month(35 - row), row));
    assert_eq!(
        read_default("a.csv", &newest_first).summary(),
        "monthly, 1 series, 2015-01-01 to 2017-12-01, target value"
    );
    let shops =
        lines("shop;x;value", 48, |row| format!("{};{};{}.25", ["a", "b"][row as usize / 24], month(row % 24), row));
    assert_eq!(
        read_default("a.csv", &shops).summary(),
        "monthly, 2 series (shop), 2015-01-01 to 2016-12-01, target value"
    );
}

/// Names of products, prices and numbers of articles that could be periods.
#[test]
fn names_and_numbers_of_other_things_are_no_periods() {
    for names in [["T1 2019", "T2 2019"], ["2T 2019", "3T 2019"], ["Lis 85", "Lis 86"], ["K1 2010", "K2 2010"]] {
        let rows = lines("date,product,v", 60, |row| format!("{},{},{row}", date(row / 2), names[row as usize % 2]));
        let summary = read_default("a.csv", rows).summary();
        assert!(summary.starts_with("daily, 2 series (product), 2024-01-01 to 2024-01-30"), "{names:?}: {summary}");
    }
    for (text, summary) in [
        (
            lines("Stand;Laufzeit", 24, |day| format!("{};{},{}", date(day), 1650 + day / 9, day % 9 + 1)),
            "target Laufzeit",
        ),
        (lines("Datum;Zaehler", 12, |day| format!("{};2015,{}", date(day), day + 1)), "target Zaehler"),
        (
            lines("step,revenue", 12, |row| format!("{},{}", row + 1, 201_201 + row)),
            "index, 1 series, 1 to 12, target revenue",
        ),
        (lines("step,hours", 24, |row| format!("{},{}.1", row + 1, 1650 + row)), "target hours"),
    ] {
        let read = read_default("a.csv", &text).summary();
        assert!(read.ends_with(summary) || read.contains(summary), "{read}");
    }
    let rooms =
        lines("date,room,temp", 90, |row| format!("{},{},21", date(row / 3), ["A", "B", "101"][row as usize % 3]));
    assert!(read_default("a.csv", rooms).summary().starts_with("daily, 3 series (room)"));
}

/// Versions, ranges of years and days without a year in the header.
#[test]
fn two_names_with_odd_steps_are_no_dates() {
    for header in
        ["3.9.18,3.10.13", "12.1.20,12.2.20", "Mar 10,Mar 17", "2000-05,2006-10", "2001/2,2002/3", "T1-12,T2-12"]
    {
        let text = lines(&format!("name,{header}"), 3, |row| format!("{},{row},5", ["a", "b", "c"][row as usize]));
        let read = read("a.csv", text, &options());
        assert!(read.is_err(), "{header}: {}", read.unwrap().summary());
    }
}
