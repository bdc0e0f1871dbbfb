//! Times with words and marks, and months and quarters whose point is no decimal mark.

use forecast::read::{Decimal, ReadOptions};
use forecast::time::NamedFrequency;

use crate::files::{date, first_values, lines, notices, options, read, read_default};

/// The summary of a file of 60 rows with these cells as times.
fn summary(header: &str, cell: impl Fn(u32) -> String) -> String {
    let text = lines(&format!("{header};v"), 60, |at| format!("{};{at}", cell(at)));
    read("a.csv", &text, &options()).map_or_else(|error| error.to_string(), |read| read.summary())
}

/// A day of 2024 in chrono's format.
fn day(format: &str) -> impl Fn(u32) -> String + '_ {
    move |at| date(at).format(format).to_string()
}

/// An hour from 12 January 2024 in chrono's format.
fn hour(format: &str) -> impl Fn(u32) -> String + '_ {
    move |at| (date(11 + at / 24).and_hms_opt(at % 24, 0, 0).unwrap()).format(format).to_string()
}

/// A month from January 2020 by its names.
fn month<'a>(names: &'a [&str; 12], cell: impl Fn(&str, u32) -> String + 'a) -> impl Fn(u32) -> String + 'a {
    move |at| cell(names[at as usize % 12], 2020 + at / 12)
}

#[test]
fn points_of_months_and_quarters_are_no_decimal_marks() {
    let values = |at: u32| if at.is_multiple_of(3) { "967".to_owned() } else { format!("1.{:03}", 100 + at) };
    let quarter = |at: u32| format!("{}.{}", 2010 + at / 4, at % 4 + 1);
    let of_months = |count: u32, month: &dyn Fn(u32) -> String| {
        read_default("a.csv", lines("Monat;Anzahl", count, |at| format!("{};{}", month(at), values(at))))
    };
    let two_digits = |at: u32| format!("{:02}.{}", at % 12 + 1, 2020 + at / 12);
    let year_first = |at: u32| format!("{}.{:02}", 2020 + at / 12, at % 12 + 1);
    let one_digit = |at: u32| format!("{}.{}", at % 12 + 1, 2020 + at / 12);
    for (count, month) in [
        (48, &two_digits as &dyn Fn(u32) -> String),
        (5, &two_digits),
        (48, &year_first),
        (9, &year_first),
        (48, &one_digit),
        (40, &quarter),
    ] {
        let read = of_months(count, month);
        assert_eq!(first_values(&read), [967.0, 1101.0, 1102.0], "{}", month(0));
    }
    // the point of a number with other than three digits is decimal, and one alone may be so
    let decimals = lines("Monat;Anzahl", 30, |at| format!("{};{}", year_first(at), f64::from(at) + 0.25));
    assert_eq!(first_values(&read_default("a.csv", decimals)), [0.25, 1.25, 2.25]);
    let uncertain = lines("Monat;Anzahl", 30, |at| format!("{};1.{}", year_first(at), 100 + at));
    let read_uncertain = read_default("a.csv", &uncertain);
    assert_eq!(first_values(&read_uncertain), [1.1, 1.101, 1.102]);
    assert!(notices(&read_uncertain)[0].contains("1.100"), "{:?}", notices(&read_uncertain));
    // prices are no months, so that their points are decimal
    let price = |at: u32| format!("{}.{}", 1990 + at, [95, 10, 45][at as usize % 3]);
    let prices = lines("date;price;count", 30, |at| format!("{};{};{}", date(at), price(at), values(at)));
    let of_count = ReadOptions { target: Some("count".into()), ..options() };
    let read = read("a.csv", &prices, &of_count).unwrap();
    assert_eq!((first_values(&read), read.conventions.decimal), (vec![967.0, 1.101, 1.102], Some(Decimal::Point)));
}

#[test]
fn four_numbers_after_years_are_quarters() {
    let quarter = |at: u32| format!("{}.{}", 2010 + at / 4, at % 4 + 1);
    let quarters = "quarterly, 1 series, 2010-01-01 to 2024-10-01, target v";
    for header in ["Quarter", "Period", "date"] {
        assert_eq!(summary(header, quarter), quarters);
    }
    assert_eq!(summary("Period", |at| quarter(at).replace('.', ",")), quarters);
    // with other numbers they are months
    assert_eq!(
        summary("Period", |at| format!("{}.{}", 2010 + at / 12, at % 12 + 1)),
        "monthly, 1 series, 2010-01-01 to 2014-12-01, target v"
    );
    // one year does not tell, but the name or the frequency does
    let few = |header: &str| lines(&format!("{header},v"), 6, |at| format!("{},{at}", quarter(at)));
    assert!(read_default("a.csv", few("Quarter")).summary().starts_with("quarterly"));
    let quarterly = ReadOptions { frequency: Some(NamedFrequency::Quarterly), ..options() };
    assert!(
        read("a.csv", few("Period"), &quarterly).unwrap().summary().ends_with("2010-01-01 to 2011-04-01, target v")
    );
    let monthly = ReadOptions { frequency: Some(NamedFrequency::Monthly), ..options() };
    let text = lines("Period,v", 12, |at| format!("{},{at}", quarter(at)));
    assert!(read("a.csv", text, &monthly).map_or(true, |read| read.summary().starts_with("monthly")));
}

#[test]
fn days_with_words_and_marks() {
    for format in [
        "%Y. %-m. %-d.",
        "%Y.%m.%d.",
        "%d.%m.%Y.",
        "Week of %d %B %Y",
        "%-dth %B %Y",
        "%B %-dth, %Y",
        "%b %-d, %Y @ 00:00:00.000",
        "%Y%m%d.0",
    ] {
        assert_eq!(
            summary("When", day(format)),
            "daily, 1 series, 2024-01-01 to 2024-02-29, target v",
            "{}",
            day(format)(0)
        );
    }
    for (format, header) in [("w/c %d/%m/%Y", "Week commencing"), ("Week Ending %m-%d-%y", "Time")] {
        let weeks = summary(header, |at| day(format)(7 * at));
        assert_eq!(weeks, "weekly, 1 series, 2024-01-01 to 2025-02-17, target v", "{format}");
    }
    let spanish = ["enero", "febrero"];
    let of_spain = |at: u32| date(at).format("%-d de {} de %Y").to_string().replace("{}", spanish[at as usize / 31]);
    assert_eq!(summary("When", of_spain), "daily, 1 series, 2024-01-01 to 2024-02-29, target v");
    let russian = ["января", "февраля"];
    let of_russia = |at: u32| date(at).format("%-d {} %Y г.").to_string().replace("{}", russian[at as usize / 31]);
    assert_eq!(summary("When", of_russia), "daily, 1 series, 2024-01-01 to 2024-02-29, target v");
    // a day without a year is none of 2001 or 2002, and amounts in gramme are no years
    for cell in
        [&(|at: u32| format!("{} de enero", at % 28 + 1)) as &dyn Fn(u32) -> String, &|at| format!("{} г", 1500 + at)]
    {
        assert!(!summary("When", cell).contains("monthly") && !summary("When", cell).contains("yearly"), "{}", cell(0));
    }
}

#[test]
fn hours_with_words_and_marks() {
    let local = "hourly, 1 series, 2024-01-12T00:00:00 to 2024-01-14T11:00:00, target v";
    for format in [
        "%d/%m/%Y - %H:%M",
        "%b %-d, %Y @ %H:%M:%S.000",
        "%d/%m/%Y à %H:%M",
        "%b %-d, %Y at %-I:%M %p",
        "%d/%m/%Y %-Hh%M",
        "%d.%m.%Y %H:%M Uhr",
        "%d-%b-%y %I.%M.%S.000000 %p",
        "%Y年%-m月%-d日(金) %H:%M",
        "%Y/%-m/%-d（金曜日） %H:%M",
        "%Y年%-m月%-d日(金) %-H時",
    ] {
        assert_eq!(summary("When", hour(format)), local, "{}", hour(format)(0));
    }
    let utc = "hourly, 1 series, 2024-01-12T00:00:00Z to 2024-01-14T11:00:00Z, target v";
    for format in ["%a %b %d %H:%M:%S UTC %Y", "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"] {
        assert_eq!(summary("When", hour(format)), utc, "{}", hour(format)(0));
    }
    let korean = |at: u32| {
        let half = if at % 24 < 12 { "오전" } else { "오후" };
        hour("%Y. %-m. %-d. {} %-I:%M")(at).replace("{}", half)
    };
    assert_eq!(summary("When", korean), local);
    // spans of hours and days stay spans
    let hours = |at: u32| format!("{} - {:02}:00", hour("%Y-%m-%d %H:%M")(at), (at + 1) % 24);
    assert_eq!(summary("When", hours), local);
    let weeks = |at: u32| format!("{} - {}", date(7 * at), date(7 * at + 6));
    assert!(summary("When", weeks).starts_with("weekly"));
    // a word that is no day of the week is no part of a time
    assert!(summary("When", hour("%Y年%-m月%-d日(予定) %H:%M")).contains("no column of dates"));
}

#[rustfmt::skip]
const NAMES: [[&str; 12]; 6] = [
    ["январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"],
    ["Ocak", "Şubat", "Mart", "Nisan", "MAYIS", "HAZİRAN", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "ARALIK"],
    ["tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu", "heinäkuu", "elokuu", "syyskuu", "lokakuu",
     "marraskuu", "joulukuu"],
    ["január", "február", "március", "április", "május", "június", "július", "augusztus", "szeptember", "október",
     "november", "december"],
    ["ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie", "octombrie",
     "noiembrie", "decembrie"],
    ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
     "Desember"],
];

const SPANISH: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

#[test]
fn months_in_further_languages() {
    let expected = "monthly, 1 series, 2020-01-01 to 2024-12-01, target v";
    for names in &NAMES {
        assert_eq!(summary("Period", month(names, |name, year| format!("{name} {year}"))), expected, "{names:?}");
        assert_eq!(summary("Period", month(names, |name, year| format!("{year}. {name}"))), expected, "{names:?}");
    }
    let months = |at: u32| (at % 12 + 1, 2020 + at / 12);
    for cell in [
        &(|at| format!("Tháng {}/{}", months(at).0, months(at).1)) as &dyn Fn(u32) -> String,
        &|at| format!("Tháng {:02} năm {}", months(at).0, months(at).1),
        &|at| format!("Luna {} {}", NAMES[4][at as usize % 12], months(at).1),
        &|at| format!("{} de {}", SPANISH[at as usize % 12], months(at).1),
        &|at| format!("{}{:02}.0", months(at).1, months(at).0),
    ] {
        let summary = summary("Period", cell);
        assert!(summary.contains("2020-01-01 to 2024-12-01"), "{summary}");
    }
    // names of things are no months, also with numbers
    let names = ["Ara 10", "Kas 11", "Tem 12"];
    let text = lines("date,shop,v", 60, |at| format!("{},{},{at}", date(at / 3), names[at as usize % 3]));
    assert_eq!(read_default("a.csv", text).panel.iter().count(), 3);
}
