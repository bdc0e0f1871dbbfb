//! Files of statistics offices, central banks and grid operators: properties above the rows, periods in their own writing,
//! and rows without a value.

use forecast::panel::BadRowPolicy;
use forecast::read::ReadOptions;

use crate::files::{date, describe_error, lines, notices, options, read, read_default};

/// The summary of a text as it is read by default.
fn summary(text: &str) -> String {
    read_default("a.csv", text).summary()
}

fn summary_with(text: &str, options: &ReadOptions) -> String {
    read("a.csv", text, options).unwrap().summary()
}

#[test]
fn lines_of_properties_above_the_rows_name_the_columns_by_the_first_of_them() {
    let months = |value: &dyn Fn(u32) -> String| {
        lines("", 60, |at| format!("{}-{:02};{}", 2019 + at / 12, at % 12 + 1, value(at)))[1..].to_owned()
    };
    let bank =
        "\"\";BBDP1.VPI;BBDP1.VPI_FLAGS\n\"\";Consumer prices;\nUnit;2020 = 100;\nDimension;one;\nAs of;03.01.2024;\n";
    let text = bank.to_owned() + &months(&|at| format!("{},5;{}", 100 + at, if at > 57 { "provisional" } else { "" }));
    assert_eq!(summary(&text), "monthly, 1 series, 2019-01-01 to 2023-12-01, target BBDP1.VPI");
    let office = "\"Title\";\"Unemployment: %\"\n\"CDID\";\"MGSX\"\n\"Unit\";\"%\"\n\"Release date\";\"17-11-2023\"\n";
    let text = office.to_owned() + &months(&|at| format!("{}.{}", 4 + at % 3, at % 7));
    assert_eq!(summary(&text), "monthly, 1 series, 2019-01-01 to 2023-12-01, target Unemployment: %");
    // the last line of an office of statistics has no value
    let notes = office.to_owned() + "\"Important notes\";\"\"\n" + &months(&|at| format!("{}.{}", 4 + at % 3, at % 7));
    let dataset = read_default("a.csv", &notes);
    assert_eq!(dataset.summary(), "monthly, 1 series, 2019-01-01 to 2023-12-01, target Unemployment: %");
    assert_eq!(dataset.panel.columns().time.as_deref(), Some("time"));
    // names of two levels are no properties, and neither are lines on the export above a header
    let levels =
        "region;North;South\nproduct;Bread;Milk\nmonth;;\n".to_owned() + &months(&|at| format!("{at};{}", at * 7 % 9));
    let both = ReadOptions { wide: vec!["all".into()], ..options() };
    assert!(summary_with(&levels, &both).contains("2 series"), "{}", summary_with(&levels, &both));
    assert!(notices(&read("a.csv", &levels, &both).unwrap()).iter().all(|notice| !notice.contains("below the header")));
    let export = "Created by;Ann;Monday\nSystem;SAP;BW\nMonth;Store;31.12.2020\n".to_owned()
        + &months(&|at| format!("A;{}", at * 7 % 9));
    assert!(summary(&export).ends_with("31.12.2020"), "{}", summary(&export));
    // a line of names is a header, whatever is above it, and also if one of them is missing
    let unnamed = "Station;Kew;\nCountry;UK;\nMonth;Rain;\n".to_owned() + &months(&|at| format!("{};", at % 9));
    assert!(summary(&unnamed).ends_with("Rain"), "{}", summary(&unnamed));
    let station = "Station;Kew\nCountry;UK\nMonth;Rainfall\n".to_owned() + &months(&|at| (at % 9).to_string());
    assert_eq!(summary(&station), "monthly, 1 series, 2019-01-01 to 2023-12-01, target Rainfall");
}

#[test]
fn lines_of_properties_that_end_in_text_name_the_columns_by_the_series() {
    let rows = lines("", 60, |at| format!("{}-{:02},{at},{}", 2019 + at / 12, at % 12 + 1, at % 7))[1..].to_owned();
    for (above, names, left_out) in [
        (
            "Series ID,A1,A2\nUnit,EUR,USD\nSource,ECB,Fed\n",
            "A1, A2",
            "2 lines below the header skipped, the first is: Unit EUR USD",
        ),
        (
            "Unit,%,EUR\nSeries ID,A1,A2\nSource,ECB,Fed\n",
            "A1, A2",
            "1 line below the header skipped, the first is: Source ECB Fed",
        ),
        (
            "Title,GDP,CPI\nSeries ID,A1,A2\nNotes,Revised,Preliminary\n",
            "GDP, CPI",
            "2 lines below the header skipped, the first is: Series ID A1 A2",
        ),
        (
            "Title,CPI,CPI\nCountry,DE,FR\nUnit,Index,Index\n",
            "DE, FR",
            "1 line below the header skipped, the first is: Unit Index Index",
        ),
        (
            "Title,CPI,CPI\nSource,ECB,Fed\nSeries ID,7,8\nNext release,12-05-2021,To be announced\n",
            "7, 8",
            "1 line below the header skipped, the first is: Next release 12-05-2021 To be announced",
        ),
        (
            "Month,Sales,Cost\nUnit,EUR,kg\n",
            "Sales, Cost",
            "1 line below the header skipped, the first is: Unit EUR kg",
        ),
        (
            "Title,GDP,CPI\nUnit,m,Index\nMonth,,\n",
            "GDP, CPI",
            "2 lines below the header skipped, the first is: Unit m Index",
        ),
    ] {
        let text = above.to_owned() + &rows;
        let dataset = read("a.csv", &text, &ReadOptions { wide: vec!["all".into()], ..options() }).unwrap();
        let of_reader = notices(&dataset);
        assert!(of_reader.contains(&format!("each of 2 columns is a series: {names}")), "{above}{of_reader:?}");
        assert!(of_reader.contains(&left_out.to_owned()), "{above}{of_reader:?}");
    }
    // a column of flags may have no cell in these lines
    let with_flags: Vec<String> =
        rows.lines().map(|row| format!("{};{};A\n", &row[..7], &row[8..].replace(',', ""))).collect();
    let flagged = with_flags.concat();
    let text = "Libellé;Indice des prix\nidBank;001759970\nDernière mise à jour;15/02/2024 08:45\nPériode;\n"
        .to_owned()
        + &flagged;
    assert_eq!(summary(&text), "monthly, 1 series, 2019-01-01 to 2023-12-01, target Indice des prix");
    // a column of words with the name of a property is no line of properties
    let types = lines("Report,Date,Sales\nType,Month,Value", 60, |at| {
        format!("{},{}-{:02},{at}", ["A", "B"][at as usize % 2], 2020 + at / 24, at / 2 % 12 + 1)
    });
    assert_eq!(summary(&types), "monthly, 2 series (Type), 2020-01-01 to 2022-06-01, target Value");
}

#[test]
fn the_name_of_a_group_may_stand_between_the_periods_and_the_rows() {
    let periods = |cell: &dyn Fn(u32) -> String| (0..24).map(|at| ",".to_owned() + &cell(at)).collect::<String>();
    let quarters = periods(&|at| format!("{} {}", ["Jan", "Apr", "Jul", "Oct"][at as usize % 4], 2000 + at / 4));
    let group = format!("Net generation,GWh{}\n", ",".repeat(24));
    let row = |name: &str, from: u32| {
        format!("{name},GWh{}\n", periods(&|at| if at < from { "--".into() } else { at.to_string() }))
    };
    let text = format!("description,units{quarters}\n{group}{}{}", row("all fuels", 0), row("coal", 2));
    let dataset = read_default("a.csv", &text);
    assert!(
        dataset.summary().starts_with("quarterly, 2 series (description, units), 2000-01-01 to 2005-10-01"),
        "{}",
        dataset.summary()
    );
    assert!(
        notices(&dataset)
            .iter()
            .any(|notice| notice.contains("below the header skipped, the first is: Net generation"))
    );
}

#[test]
fn rows_without_a_value_between_those_of_a_longer_step_are_left_out() {
    let quarters = lines("time,load", 24 * 4 * 20, |at| {
        let value = if at % 4 == 0 { (50 + at % 96).to_string() } else { "n/e".into() };
        format!("2024-01-{:02} {:02}:{:02},{value}", at / 96 + 1, at / 4 % 24, at % 4 * 15)
    });
    let hourly = "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-20T23:00:00, target load";
    let dataset = read_default("a.csv", &quarters);
    assert_eq!(dataset.summary(), hourly);
    let notice = "1440 of 1920 rows have no value and are left out, since the others are hourly";
    assert_eq!(notices(&dataset), [notice]);
    let requested = ReadOptions { frequency: Some("hourly".parse().unwrap()), ..options() };
    assert_eq!(summary_with(&quarters, &requested), hourly);
    let daily = |has_value: fn(u32) -> bool| {
        lines("date,v", 140, |day| {
            format!("{},{}", date(day), if has_value(day) { day.to_string() } else { String::new() })
        })
    };
    // 1 January 2024 was a Monday
    assert_eq!(summary(&daily(|day| day % 7 == 0)), "weekly, 1 series, 2024-01-01 to 2024-05-13, target v");
    assert_eq!(summary(&daily(|day| day % 7 < 5)), "business days, 1 series, 2024-01-01 to 2024-05-17, target v");
    // a series that is too short to show the step, and one without a value, do not change how the others are read
    let several = lines("id,date,v", 330, |row| {
        let (series, day) = (row / 110, row % 110);
        let has_value = day % 7 < 5 && series < 2 && (series == 0 || day < 1);
        format!("{},{},{}", ["long", "short", "empty"][series as usize], date(day), if has_value { "5" } else { "" })
    });
    let read_several = read_default("a.csv", &several);
    assert!(read_several.summary().starts_with("business days, 2 series (id)"), "{}", read_several.summary());
    // a series whose rows are all left out has no value, and is named
    let quarters_of_two = lines("id,time,v", 404, |row| {
        let (at, id) = if row < 400 { (row, "a") } else { ((row - 400) * 2 + 1, "b") };
        let value = if id == "a" && at % 4 == 0 { (at % 96).to_string() } else { String::new() };
        format!("{id},2024-01-{:02} {:02}:{:02},{value}", at / 96 + 1, at / 4 % 24, at % 4 * 15)
    });
    let with_id = ReadOptions { ids: vec!["id".into()], ..options() };
    let of_two = read("a.csv", &quarters_of_two, &with_id).unwrap();
    assert!(of_two.summary().starts_with("hourly, 1 series (id)"), "{}", of_two.summary());
    assert_eq!(of_two.failed.iter().map(|failed| failed.key.join("/")).collect::<Vec<_>>(), ["b"]);
    // a series alone is read at the requested step, however short it is
    let business = ReadOptions { frequency: Some("business".parse().unwrap()), ..options() };
    let alone = lines("date,v", 9, |day| format!("{},{}", date(day), if day % 7 < 5 { "5" } else { "" }));
    assert_eq!(summary_with(&alone, &business), "business days, 1 series, 2024-01-01 to 2024-01-09, target v");
    // a blank at a time of the longer step is filled, as a missing row is
    let blank = summary(&daily(|day| day % 7 < 5 && day != 30));
    assert_eq!(blank, "business days, 1 series, 2024-01-01 to 2024-05-17, target v; 1 empty value filled");
    // covariates may have values in the other rows
    let with_covariate = lines("time,load,temperature", 24 * 4 * 20, |at| {
        let value = if at % 4 == 0 { (50 + at % 96).to_string() } else { String::new() };
        format!("2024-01-{:02} {:02}:{:02},{value},{}", at / 96 + 1, at / 4 % 24, at % 4 * 15, at % 30)
    });
    let covariates = ReadOptions { covariates: vec!["temperature".into()], target: Some("load".into()), ..options() };
    assert!(summary_with(&with_covariate, &covariates).starts_with("quarter-hourly, "));
    let irregular = summary(&daily(|day| day * 7919 % 11 < 4));
    assert!(irregular.starts_with("daily, "), "{irregular}");
    let fine = ReadOptions { frequency: Some("quarter-hourly".parse().unwrap()), ..options() };
    assert!(summary_with(&quarters, &fine).starts_with("quarter-hourly, "));
}

#[test]
fn years_of_japanese_and_taiwanese_eras_are_common_years() {
    let era = |year: u32, month: u32| match year {
        2019 if month >= 5 => "令和元".to_owned(),
        2020.. => format!("令和{}", year - 2018),
        _ => format!("平成{}", year - 1988),
    };
    let months = lines("年月,v", 60, |at| {
        let (year, month) = (2017 + at / 12, at % 12 + 1);
        format!("{}年{month}月,{at}", era(year, month))
    });
    assert_eq!(summary(&months), "monthly, 1 series, 2017-01-01 to 2021-12-01, target v");
    let wide = |text: String| {
        text.chars()
            .map(|c| {
                c.to_digit(10)
                    .map_or(c, |digit| ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'][digit as usize])
            })
            .collect::<String>()
    };
    let days = lines("日付,v", 40, |day| format!("{},{day}", wide(date(day).format("%Y年%-m月%-d日").to_string())));
    assert_eq!(summary(&days), "daily, 1 series, 2024-01-01 to 2024-02-09, target v");
    let years = lines("年度,v", 30, |at| format!("{}年,{}", era(1990 + at, 1), at * 7));
    assert_eq!(summary(&years), "yearly, 1 series, 1990 to 2019, target v");
    let taiwan = lines("月,v", 36, |at| format!("民國{}年{}月,{at}", 110 + at / 12, at % 12 + 1));
    assert_eq!(summary(&taiwan), "monthly, 1 series, 2021-01-01 to 2023-12-01, target v");
}

#[test]
fn quarters_of_statistics_netherlands_are_no_weeks() {
    let quarters = |at: u32| format!("{}KW{:02},{}", 2012 + at / 4, at % 4 + 1, at * 7 % 31);
    let text = lines("Perioden,v", 48, quarters);
    assert_eq!(summary(&text), "quarterly, 1 series, 2012-01-01 to 2023-10-01, target v");
    let one_year = lines("Perioden,v", 4, quarters);
    let requested = ReadOptions { frequency: Some("quarterly".parse().unwrap()), ..options() };
    assert_eq!(summary_with(&one_year, &requested), "quarterly, 1 series, 2012-01-01 to 2012-10-01, target v");
    let weeks = lines("Woche,v", 40, |at| format!("2024KW{:02},{at}", at + 1));
    assert_eq!(summary(&weeks), "weekly, 1 series, 2024-01-01 to 2024-09-30, target v");
    // the years of the same file are no first quarters
    let mixed = text + &lines("", 12, |at| format!("{}JJ00,{at}", 2012 + at))[1..];
    let error = read("a.csv", &mixed, &options()).unwrap_err();
    let listed = "mixes 12 years (line 50 \"2012JJ00\") and 48 quarters (line 2 \"2012KW01\")";
    assert!(describe_error(&error).contains(listed), "{}", describe_error(&error));
    for (name, expected) in [
        ("quarterly", "quarterly, 1 series, 2012-01-01 to 2023-10-01, target v"),
        ("yearly", "yearly, 1 series, 2012 to 2023, target v"),
    ] {
        let requested = ReadOptions { frequency: Some(name.parse().unwrap()), ..options() };
        assert_eq!(summary_with(&mixed, &requested), expected);
    }
}

/// A file of R, with the times of a series as years with a fraction.
fn of_frequency(start: f64, frequency: f64, count: u32) -> String {
    lines("rownames,time,value", count, |at| {
        format!("{},{},{}", at + 1, start + f64::from(at) / frequency, 1500.0 + f64::from(at * 7 % 90) / 10.0)
    })
}

#[test]
fn years_with_fractions_of_days_and_weeks_are_dates() {
    let summary_of = |start: f64, frequency: f64, count: u32| {
        let dataset = read_default("a.csv", of_frequency(start, frequency, count));
        (dataset.summary(), notices(&dataset).join("; "))
    };
    let (summary, notice) = summary_of(1981.0, 365.0, 800);
    assert_eq!(summary, "daily, 1 series, 1981-01-01 to 1983-03-11, target value");
    assert_eq!(notice, "the times are years with a fraction in steps of a day, and are read as dates");
    let (summary, notice) = summary_of(1982.0, 52.0, 300);
    assert_eq!(summary, "weekly, 1 series, 1982-01-04 to 1987-09-28, target value");
    assert_eq!(
        notice,
        "the times are years with fractions of 52 weeks, and are read as weeks 1 to 52 of ISO 8601: no row is in a week 53"
    );
    let (summary, notice) = summary_of(1991.1, 365.25 / 7.0, 300);
    assert_eq!(summary, "weekly, 1 series, 1991-02-06 to 1996-10-30, target value");
    assert_eq!(notice, "the times are years with a fraction in steps of 7 days, and are read as dates");
}

#[test]
fn values_that_could_be_months_are_no_times() {
    // values such as 1632.9 could be the September of 1632
    let text = of_frequency(2000.0, 12.0, 100);
    assert_eq!(summary(&text), "monthly, 1 series, 2000-01-01 to 2008-04-01, target value");
    // each of these values could be a month, but their steps differ, also where they grow
    let growing = lines("t,y", 8, |at| format!("{},{}.{}", at + 1, 1800 + at * at * 17, 1 + at * 5 % 9));
    assert_eq!(summary(&growing), "index, 1 series, 1 to 8, target y");
    let hours = lines("year,hours", 12, |at| format!("{},{}.{}", 2010 + at, 1600 + at * 17 % 31, 1 + at * 5 % 9));
    assert_eq!(summary(&hours), "yearly, 1 series, 2010 to 2021, target hours");
    // months of several series are, also if some months lack a row
    let months = |at: u32| format!("{}.{}", 2010 + at / 11, 1 + at % 11);
    let of_series =
        lines("shop,Zeitraum,sales", 60, |at| format!("{},{},{at}", ["a", "b"][at as usize / 30], months(at % 30)));
    assert_eq!(
        summary(&of_series),
        "monthly, 2 series (shop), 2010-01-01 to 2012-08-01, target sales; 4 missing months filled"
    );
}

#[test]
fn row_numbers_of_r_are_no_target() {
    let text = lines("rownames,day,closing", 80, |at| format!("{},{},{}", at + 1, date(at), 300 + at * 7 % 31));
    assert_eq!(summary(&text), "daily, 1 series, 2024-01-01 to 2024-03-20, target closing");
    // the only numbers are the target, whatever their name, and so are numbers that skip one
    let only = lines("day,no", 80, |at| format!("{},{}", date(at), at + 1));
    assert!(summary(&only).ends_with("target no"), "{}", summary(&only));
    let from_1000 = lines("date,x,volume", 80, |at| format!("{},{},{}", date(at), 1000 + at, 7 + at % 5));
    let error = describe_error(&read("a.csv", &from_1000, &options()).unwrap_err());
    assert!(error.contains("x, volume"), "{error}");
    let skips = lines("no,day", 80, |at| format!("{},{}", at + 1 + at / 3, date(at)));
    assert!(summary(&skips).ends_with("target no"), "{}", summary(&skips));
}

#[test]
fn lines_of_properties_may_end_in_a_number_also_above_years() {
    let wide = ReadOptions { wide: vec!["all".into()], ..options() };
    let row = |is_year: bool, at: u32| {
        if is_year { (1990 + at).to_string() } else { format!("{}-{:02}", 2019 + at / 12, at % 12 + 1) }
    };
    for is_year in [true, false] {
        for last in ["Decimals,1,2", "Base year,2015,2010", "Release,2021,2022", "Series ID,101,102"] {
            let head = format!("Title,GDP,CPI\nUnit,EUR,Index\n{last}");
            let text = lines(&head, 40, |at| format!("{},{},{}", row(is_year, at), 100 + at, at * 7 % 9));
            let dataset = read("a.csv", &text, &wide).unwrap();
            let of_reader = notices(&dataset);
            assert!(of_reader.contains(&"each of 2 columns is a series: GDP, CPI".to_owned()), "{head}{of_reader:?}");
            let rows = if is_year { "1990 to 2029" } else { "2019-01-01 to 2022-04-01" };
            assert!(dataset.summary().contains(rows), "{}", dataset.summary());
            let one = head.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect::<String>();
            let text = lines(one.trim_end(), 40, |at| format!("{},{}", row(is_year, at), 100 + at));
            assert!(summary(&text).ends_with("target GDP"), "{one}{}", summary(&text));
        }
    }
    // numbers below a title do not name the columns
    let head = "Description,Total sales,Total costs\nID,7,8";
    let text = lines(head, 30, |at| format!("{},{},{}", 1990 + at, 100 + at, 108 + at));
    let all = ReadOptions { wide: vec!["all".into()], ..options() };
    let dataset = read("a.csv", &text, &all).unwrap();
    let names: Vec<String> = dataset.panel.iter().map(|series| series.name()).collect();
    assert_eq!(
        (dataset.summary().split(',').next(), names.join(", ").as_str()),
        (Some("yearly"), "Total costs, Total sales")
    );
    // a header whose first column has the name of a property is one
    let types = lines("code,2019,2020,2021", 20, |at| format!("{},{},{},{}", at + 1, at, at + 2, at * 3));
    assert_eq!(summary(&types), "yearly, 20 series (code), 2019 to 2021, target value");
}

#[test]
fn a_row_of_a_drawn_list_without_a_date_is_skipped_with_a_notice() {
    let rule = "-".repeat(43);
    let row = |at: u32| format!("|1000 |{:02}.01.2024|{:>10},00|101    |\n", at % 28 + 1, 100 + at * 7 % 23);
    let rows: String = (0..28).map(row).collect();
    let list = |without: &str| {
        let (above, below) = rows.split_at(rows.find("|1000 |21.").unwrap());
        format!("{rule}\n|Plant|Pstng Date|    Quantity|MovType|\n{rule}\n{above}{without}{below}{rule}\n")
    };
    let text = list("|1000 |          |     5,00|101    |\n|1000 |          |     6,00|101    |\n");
    let target = ReadOptions { target: Some("Quantity".into()), ..options() };
    let error = read("a.txt", &text, &target).unwrap_err();
    assert!(error.to_string().contains("2 lines have no time in column Pstng Date: line 24, line 25"), "{error}");
    let skipped = read("a.txt", &text, &ReadOptions { bad_rows: BadRowPolicy::Skip, ..target.clone() }).unwrap();
    assert_eq!(skipped.panel, read("a.txt", list(""), &target).unwrap().panel);
    assert!(notices(&skipped).contains(&"2 rows without a readable time skipped, the first is line 24".to_owned()));
}

#[test]
fn files_of_ghcn_daily_have_a_series_for_each_element() {
    let month = |element: &str, month: u32| {
        let day = |day: u32| match (element, day) {
            ("TMAX", 5) => "  999 IW".to_owned(),
            _ if day > 28 => "-9999   ".to_owned(),
            ("TMAX", _) => format!("{:5}  W", i64::from(day) - 10),
            _ => format!("{:5}T W", day % 3),
        };
        format!("USW000947282024{month:02}{element}{}\n", (1..=31).map(day).collect::<String>())
    };
    let text: String = (1..=3).flat_map(|at| [month("TMAX", at), month("PRCP", at)]).collect();
    let dataset = read_default("USW00094728.dly", &text);
    assert_eq!(
        dataset.summary(),
        "daily, 2 series (element), 2024-01-01 to 2024-03-28, target value; 8 missing days filled, 3 empty values filled"
    );
    assert_eq!(
        notices(&dataset)[0],
        "a .dly file of GHCN-Daily: temperatures in tenths of a degree, precipitation in tenths of a millimetre; \
         3 values failed a check of their quality and are missing"
    );
    let highest = dataset.panel.iter().find(|series| series.key.contains(&"TMAX".to_owned())).unwrap();
    assert_eq!(highest.values[..4], [-9.0, -8.0, -7.0, -6.0]);
    assert!(!highest.observed[4] && !highest.observed[29], "a failed check, and January 30");
    assert!(highest.observed[31], "February 1");
    // a line of another width is not read as one of these
    let damaged = text.replacen("USW00094728", "USW0009472", 1);
    assert!(read("a.dly", &damaged, &options()).is_err());
}
