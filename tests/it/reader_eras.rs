//! Dates as they are written in East Asia, and times of which a part is written once for the rows below, too.

use crate::files::{date, lines, notices, options, read, read_default};

/// The summary of a text as it is read by default, and its notices.
fn read_text(text: &str) -> (String, Vec<String>) {
    let dataset = read_default("a.csv", text);
    (dataset.summary(), notices(&dataset))
}

fn refused(text: &str) -> String {
    read("a.csv", text, &options()).unwrap_err().to_string()
}

const YEARS: &str = "yearly, 1 series, 1990 to 2023, target v";
const MONTHS: &str = "monthly, 1 series, 2020-01-01 to 2023-12-01, target v";
const QUARTERS: &str = "quarterly, 1 series, 2020-01-01 to 2023-10-01, target v";

/// The era and the number of the year so many years after 1990.
fn era_of(year: u32) -> (&'static str, u32) {
    if year < 29 { ("平成", year + 2) } else { ("令和", year - 28) }
}

#[test]
fn years_of_eras_are_read_in_each_of_their_writings() {
    let number = |number: u32| if number == 1 { "元".to_owned() } else { number.to_string() };
    let with_marks = lines("年,v", 34, |at| {
        let (era, year) = era_of(at);
        format!("{era}{}年,{}", number(year), at % 7)
    });
    let without_marks = with_marks.replace("年,", ",").replacen(",v", "年,v", 1);
    let in_one_column = lines("年,v", 34, |at| {
        let (era, year) = era_of(at);
        let era = if at == 0 || year == 1 { era } else { "" };
        format!("{era}{}年,{}", number(year), at % 7)
    });
    for text in [&with_marks, &without_marks, &in_one_column] {
        assert_eq!(read_text(text).0, YEARS, "{text}");
    }
    let notice =
        "column 年: a part of the times is written once, and read for the cells below it, too: line 3 is 平成3年";
    assert_eq!(read_text(&in_one_column).1, [notice]);
    for era_is_repeated in [true, false] {
        let in_two_columns = lines("元号,年,v", 34, |at| {
            let (era, year) = era_of(at);
            format!("{},{},{}", if era_is_repeated || at == 0 || year == 1 { era } else { "" }, number(year), at % 7)
        });
        let (summary, of_reader) = read_text(&in_two_columns);
        assert_eq!(summary, YEARS);
        let notice =
            "the years in column 年 are of the eras in column 元号, and are read as common years: line 2 is 1990";
        assert_eq!(of_reader, [notice]);
    }
    // the first year of an era is also the last one of the era before
    let both = with_marks.replace("令和元年", "平成31年・令和元年");
    assert_eq!(read_text(&both).0, YEARS);
    // years that go back are no years of one era
    let back = lines("年,v", 20, |at| format!("{}{}年,{at}", if at == 0 { "平成" } else { "" }, 25 - at));
    assert!(read("a.csv", &back, &options()).is_err(), "{back}");
    // a code is no year
    let codes = lines("date,code,v", 60, |at| {
        format!("{}-{:02},{},{at}", 2020 + at / 24, at / 2 % 12 + 1, ["H30", "S5"][at as usize % 2])
    });
    assert_eq!(read_text(&codes).0, "monthly, 2 series (code), 2020-01-01 to 2022-06-01, target v");
}

#[test]
fn months_and_quarters_of_eras_and_of_taiwan_are_read() {
    let quarters: [&dyn Fn(u32, u32) -> String; 5] = [
        &|year, quarter| format!("令和{}年第{quarter}四半期", year - 2018),
        &|year, quarter| format!("令和{}年{}-{}月", year - 2018, quarter * 3 - 2, quarter * 3),
        &|year, quarter| format!("{year}年{}～{}月期", quarter * 3 - 2, quarter * 3),
        &|year, quarter| format!("{year}年第{}季度", ["一", "二", "三", "四"][quarter as usize - 1]),
        &|year, quarter| format!("{year}년 {quarter}분기"),
    ];
    for quarter in quarters {
        let text = lines("期,v", 16, |at| format!("{},{}", quarter(2020 + at / 4, at % 4 + 1), at % 5));
        assert_eq!(read_text(&text).0, QUARTERS, "{text}");
    }
    let in_columns = lines("年,四半期,v", 16, |at| format!("令和{}年,第{}四半期,{at}", at / 4 + 2, at % 4 + 1));
    assert_eq!(read_text(&in_columns).0, QUARTERS);
    let months: [&dyn Fn(u32, u32) -> String; 5] = [
        &|year, month| format!("R{}.{month}.1", year - 2018),
        &|year, month| format!("令和{}.{month}.1", year - 2018),
        &|year, month| format!("民國{}/{month}", year - 1911),
        &|year, month| format!("中華民國{}年{month}月", year - 1911),
        &|year, month| format!("{}年{month}月", year - 1911),
    ];
    for month in months {
        let text = lines("date,v", 48, |at| format!("{},{}", month(2020 + at / 12, at % 12 + 1), at % 5));
        assert_eq!(read_text(&text).0, MONTHS, "{text}");
    }
    let of_taiwan = lines("年度,月份,v", 48, |at| format!("{},{},{}", at / 12 + 109, at % 12 + 1, at % 5));
    assert_eq!(read_text(&of_taiwan).0, MONTHS);
    assert_eq!(read_text(&of_taiwan).1, ["the years in column 年度 are those of Taiwan: line 2 is 2020"]);
}

#[test]
fn full_width_characters_are_read_in_numbers_and_dates() {
    let wide = |text: &str| -> String {
        let wide = |c: char| char::from_u32(c as u32 - '!' as u32 + '！' as u32).unwrap_or(c);
        text.chars().map(|c| if c.is_ascii_punctuation() || c.is_ascii_digit() { wide(c) } else { c }).collect()
    };
    for (format, decimal) in [("-", false), ("/", false), ("年", true)] {
        let text = lines("月,v", 48, |at| {
            let time = wide(&format!("{}{format}{}", 2020 + at / 12, at % 12 + 1)) + if decimal { "月" } else { "" };
            format!("{time},{}", wide(&format!("{}{}.5", ["-", "1,00"][at as usize % 2], at % 5)).replace(',', "，"))
        });
        let dataset = read_default("a.csv", &text);
        assert_eq!(dataset.summary(), MONTHS, "{text}");
        let values: Vec<f64> = dataset.panel.iter().next().unwrap().values.to_vec();
        assert_eq!(values[..4], [-0.5, 1001.5, -2.5, 1003.5], "{text}");
    }
    let missing =
        lines("月,v", 48, |at| format!("{}-{:02},{}", 2020 + at / 12, at % 12 + 1, if at == 9 { "－" } else { "５" }));
    assert_eq!(read_text(&missing).0, format!("{MONTHS}; 1 empty value filled"));
}

#[test]
fn a_year_or_date_that_is_written_once_holds_for_the_rows_below() {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month_of = |at: u32| (2020 + at / 12, at % 12 + 1, at.is_multiple_of(12));
    let months: [&dyn Fn(u32) -> String; 5] = [
        &|at| {
            let (year, month, is_first) = month_of(at);
            if is_first { format!("{year}年{month}月") } else { format!("{month}月") }
        },
        &|at| {
            let (year, month, is_first) = month_of(at);
            match (is_first, at) {
                (true, 0) => "令和2年1月".to_owned(),
                (true, _) => format!("{}年{month}月", year - 2018),
                _ => format!("{month}月"),
            }
        },
        &|at| {
            let (year, month, is_first) = month_of(at);
            let name = NAMES[month as usize - 1];
            if is_first { format!("{year} {name}") } else { name.to_owned() }
        },
        // the year changes after December, also without its number
        &|at| {
            let (year, month, _) = month_of(at);
            let name = NAMES[month as usize - 1];
            if at == 0 { format!("{name} {year}") } else { name.to_owned() }
        },
        &|at| {
            let (year, month, is_first) = month_of(at);
            if is_first { format!("{year} M{month:02}") } else { format!("M{month:02}") }
        },
    ];
    for month in months {
        let text = lines("month,v", 48, |at| format!("{},{}", month(at), at % 5));
        let (summary, of_reader) = read_text(&text);
        assert_eq!(summary, MONTHS, "{text}");
        assert!(of_reader[0].ends_with("is written once, and read for the cells below it, too: line 3 is 2020-02"));
    }
    let office = lines("period,v", 16, |at| {
        let (quarter, year) = (at % 4, 2020 + at / 4);
        let months = format!("{}-{:2}.", quarter * 3 + 1, quarter * 3 + 3);
        format!("{},{at}", if quarter == 0 { format!("{year}/ {months}") } else { months })
    });
    assert_eq!(read_text(&office).0, QUARTERS);
    let once = |at: u32, every: u32, text: String| if at.is_multiple_of(every) { text } else { String::new() };
    let pivot = lines("year,month,v", 48, |at| {
        format!("{},{},{}", once(at, 12, (2020 + at / 12).to_string()), NAMES[at as usize % 12], at % 5)
    });
    assert_eq!(read_text(&pivot).0, MONTHS);
    let hours = lines("date,hour,v", 240, |at| {
        format!("{},{}:00,{}", once(at, 24, format!("2024-03-{:02}", at / 24 + 1)), at % 24, at % 5)
    });
    assert_eq!(read_text(&hours).0, "hourly, 1 series, 2024-03-01T00:00:00 to 2024-03-10T23:00:00, target v");
    let shops = lines("date,shop,v", 60, |at| {
        format!("{},{},{}", once(at, 3, format!("2024-03-{:02}", at / 3 + 1)), ["A", "B", "C"][at as usize % 3], at % 5)
    });
    assert_eq!(read_text(&shops).0, "daily, 3 series (shop), 2024-03-01 to 2024-03-20, target v");
    // months that go back within a year, and dates that are missing here and there, are errors as before
    let back =
        lines("month,v", 20, |at| format!("{},{at}", if at == 0 { "2020 Jan" } else { NAMES[11 - at as usize % 12] }));
    assert!(refused(&back).contains("not dates"), "{}", refused(&back));
    let gaps = lines("date,shop,v", 60, |at| {
        format!(
            "{},{},{}",
            if at % 9 == 4 { String::new() } else { format!("2024-03-{:02}", at / 3 + 1) },
            ["A", "B", "C"][at as usize % 3],
            at % 5
        )
    });
    assert!(refused(&gaps).contains("no time in column date"), "{}", refused(&gaps));
}

#[test]
fn columns_that_only_look_like_parts_of_times_are_left_as_they_are() {
    let range = |text: &str| {
        let dataset = read_default("a.csv", text);
        let values = dataset.panel.iter().next().unwrap().values.to_vec();
        (values.iter().copied().fold(f64::INFINITY, f64::min), values.iter().copied().fold(0.0, f64::max))
    };
    // the numbers after a name that is also that of an era
    let counts = lines("日付,元号,件数", 60, |at| format!("{},令和,{}", date(at), 5 + at % 9));
    assert_eq!(range(&counts), (5.0, 13.0));
    let brand = lines("date,メーカー,個数", 60, |at| format!("{},明治,{}", date(at), 12 + at % 9));
    assert_eq!(range(&brand), (12.0, 20.0));
    // dates that some rows lack, next to one that each row has
    let tickets = lines("closed,agent,opened,minutes", 60, |at| {
        let closed = if at % 3 == 0 { date(at + 2).to_string() } else { String::new() };
        format!("{closed},{},{},{}", ["Ann", "Bob", "Cy"][at as usize % 3], date(at), 10 + at % 7)
    });
    assert!(
        read_text(&tickets).0.starts_with("daily, 1 series, 2024-01-01 to 2024-02-29"),
        "{}",
        read_text(&tickets).0
    );
    let remarks = lines("date,remark,v", 60, |at| {
        let time = if at % 3 == 0 { date(at).to_string() } else { String::new() };
        format!("{time},remark {at},{at}")
    });
    assert!(refused(&remarks).contains("column date"), "{}", refused(&remarks));
    // codes of parts of a project
    let codes = lines("code,month,hours", 60, |at| {
        format!("R{}.1.1,{}-{:02},{}", at / 30 + 1, 2021 + at % 30 / 12, at % 12 + 1, at % 7)
    });
    assert!(read_text(&codes).0.contains("2 series (code)"), "{}", read_text(&codes).0);
}

#[test]
fn years_written_once_may_begin_with_any_month_and_end_with_a_series() {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let from_march = lines("month,v", 34, |at| {
        let (year, month) = (2019 + (at + 2) / 12, (at + 2) % 12);
        let year = if at == 0 || month == 0 { format!(" {year}") } else { String::new() };
        format!("{}{year},{at}", months[month as usize])
    });
    assert_eq!(read_text(&from_march).0, "monthly, 1 series, 2019-03-01 to 2021-12-01, target v");
    // the second shop begins again in 2020, which is not written
    let shops = lines("shop,month,v", 48, |at| {
        let year = if at % 48 == 0 { " 2020" } else { "" };
        format!("{},{}{year},{at}", if at < 24 { "A" } else { "B" }, months[at as usize % 12])
    });
    assert!(refused(&shops).contains("column month"), "{}", refused(&shops));
    let overflow = lines("month,v", 20, |at| {
        if at == 0 { "2020年9223372036854775807-1月,1".to_owned() } else { format!("{}月,{at}", at % 12 + 1) }
    });
    assert!(read("a.csv", &overflow, &options()).is_err());
}

/// Months of eras by their initials, from January 2017 on.
fn months_of_eras(count: u32, month: impl Fn(char, u32, u32) -> String) -> String {
    lines("年月,v", count, |at| {
        let (year, of_year) = (2017 + at / 12, at % 12 + 1);
        let (era, number) = if (year, of_year) < (2019, 5) { ('H', year - 1988) } else { ('R', year - 2018) };
        format!("{},{}", month(era, number, of_year), 50 + at * 7 % 11)
    })
}

#[test]
fn months_of_eras_may_have_initials() {
    let with_point = months_of_eras(48, |era, year, month| format!("{era}{year}.{month}"));
    let padded = months_of_eras(48, |era, year, month| format!("{era}{year:02}/{month:02}"));
    for text in [&with_point, &padded] {
        let (summary, of_reader) = read_text(text);
        assert_eq!(summary, "monthly, 1 series, 2017-01-01 to 2020-12-01, target v", "{text}");
        assert_eq!(of_reader, ["the months in column 年月 are those of Japanese eras: line 2 is 2017-01"]);
    }
    // several series, and the newest month first
    let shops = lines("月,shop,v", 48, |at| format!("R{}.{},{},{at}", 3 + at % 24 / 12, at % 12 + 1, at / 24));
    assert_eq!(read_text(&shops).0, "monthly, 2 series (shop), 2021-01-01 to 2022-12-01, target v");
    let newest_first = lines("月,v", 24, |at| format!("R{}.{},{at}", 4 - at / 12, 12 - at % 12));
    assert_eq!(read_text(&newest_first).0, "monthly, 1 series, 2021-01-01 to 2022-12-01, target v");
    // codes of the same form: sections, months that the era lacks, and versions next to a date
    let sections = lines("code,v", 40, |at| format!("R{}.{},{at}", at / 4 + 2, at % 4 + 1));
    let too_early = lines("code,v", 8, |at| format!("R1.{},{at}", at + 1));
    let too_few = lines("code,v", 5, |at| format!("R2.{},{at}", at + 1));
    for text in [sections, too_early, too_few] {
        assert!(refused(&text).contains("no column of dates or times"), "{text}");
    }
    let versions = lines("date,version,v", 24, |at| format!("{},R2.{},{at}", date(at), at % 12 + 1));
    assert!(read_text(&versions).1.iter().all(|notice| !notice.contains("eras")), "{versions}");
}

#[test]
fn the_first_row_may_have_the_era_of_numbered_years() {
    let alone = lines("年,v", 34, |at| {
        format!("{},{}", if at == 0 { "平成2年".into() } else { (at + 2).to_string() }, at % 7)
    });
    let (summary, of_reader) = read_text(&alone);
    assert_eq!(summary, YEARS, "{alone}");
    assert!(of_reader[0].ends_with("line 3 is 平成3"), "{of_reader:?}");
    for is_repeated in [true, false] {
        for word in ["", "月"] {
            let with_months = lines("年次,月,v", 48, |at| {
                let year = if at < 12 { "令和2年".into() } else { (at / 12 + 2).to_string() };
                let year = if is_repeated || at % 12 == 0 { year } else { String::new() };
                format!("{year},{}{word},{}", at % 12 + 1, at * 7 % 11)
            });
            assert_eq!(read_text(&with_months).0, MONTHS, "{with_months}");
        }
    }
}

#[test]
fn a_column_of_years_may_have_its_name_in_chinese_or_korean() {
    for name in ["年份", "年次", "西暦", "년도"] {
        let years = lines(&format!("{name},v"), 34, |at| format!("{},{}", 1990 + at, at % 7));
        assert_eq!(read_text(&years), (YEARS.to_owned(), Vec::new()), "{name}");
    }
    let months = lines("年份,月份,v", 48, |at| format!("{},{},{}", 2020 + at / 12, at % 12 + 1, at * 7 % 11));
    assert_eq!(read_text(&months).0, MONTHS);
    let of_eras = lines("元号,年份,v", 34, |at| {
        let (era, number) = era_of(at);
        format!("{era},{number},{}", at % 7)
    });
    assert_eq!(read_text(&of_eras).0, YEARS);
}
