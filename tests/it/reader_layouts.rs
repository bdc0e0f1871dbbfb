//! Layouts of tables: periods in columns, rows and columns that together are the times, and lines around the table.

use std::fmt::Write;

use forecast::panel::RepairKind;
use forecast::read::{Dataset, ReadOptions};
use forecast::time::DateOrder;

use crate::files::{date, describe_error, first_values, lines, notices, options, read, read_default, time_after_end};

/// The times and values of the first series, from the first to the third.
fn start(read: &Dataset) -> Vec<(String, f64)> {
    let series = read.panel.iter().next().unwrap();
    (0..3).map(|at| (read.panel.format(series.time_at(at)), series.values[at])).collect()
}

fn at(times: [&str; 3], values: [f64; 3]) -> Vec<(String, f64)> {
    times.into_iter().map(str::to_owned).zip(values).collect()
}

fn error_of(text: &str) -> String {
    describe_error(&read("a.csv", text, &options()).unwrap_err())
}

/// A row of numbers from `first` on.
fn numbers(first: u32, count: u32) -> String {
    (first..first + count).map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

#[test]
fn years_by_months_are_one_monthly_series() {
    let months = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec";
    let text = lines(&format!("Year,{months},Annual"), 6, |year| {
        format!("{},{},{}", 2015 + year, numbers(100 + year * 12, 12), 5_000)
    });
    let by_name = read_default("a.csv", &text);
    assert_eq!(by_name.summary(), "monthly, 1 series, 2015-01-01 to 2020-12-01, target value");
    assert_eq!(start(&by_name), at(["2015-01-01", "2015-02-01", "2015-03-01"], [100.0, 101.0, 102.0]));
    let expected = [
        "one monthly series, laid out as years by months",
        "columns that are no part of the layout are left out: Annual",
    ];
    assert_eq!(notices(&by_name), expected);
    assert_eq!(by_name.panel.iter().next().unwrap().values[71], 171.0);
    // An unfinished year, months by number, a mean below the table, and an id.
    let numbered = format!("Station,Jahr,{}\n", numbers(1, 12))
        + &lines("", 4, |row| {
            let (station, year) = (["A", "B"][row as usize / 2], 2019 + row % 2);
            let count = if year == 2020 { 7 } else { 12 };
            let empty = ",".repeat(12 - count as usize);
            format!("{station},{year},{}{empty}", numbers(row * 12, count))
        })[1..]
        + "Mittel,,1.5\n";
    let by_number = read_default("a.csv", numbered);
    assert_eq!(
        by_number.summary().split(';').next(),
        Some("monthly, 2 series (Station), 2019-01-01 to 2020-07-01, target value")
    );
    assert_eq!(by_number.panel.iter().nth(1).unwrap().values.last(), Some(&42.0));
    let japanese = lines("年,1月,2月,3月,4月,5月,6月,7月,8月,9月,10月,11月,12月", 3, |year| {
        format!("{}年,{}", 2020 + year, numbers(year * 12, 12))
    });
    assert_eq!(read_default("a.csv", japanese).summary(), "monthly, 1 series, 2020-01-01 to 2022-12-01, target value");
}

#[test]
fn fiscal_years_by_months_begin_in_their_first_month() {
    let months = "Jul,Aug,Sep,Oct,Nov,Dec,Jan,Feb,Mar,Apr,May,Jun";
    let of = |year: &dyn Fn(u32) -> String| {
        lines(&format!("Year,{months}"), 4, |at| format!("{},{}", year(at), numbers(at * 12, 12)))
    };
    let fiscal = read_default("a.csv", of(&|at| format!("{}/{}", 2018 + at, 19 + at)));
    assert_eq!(fiscal.summary(), "monthly, 1 series, 2018-07-01 to 2022-06-01, target value");
    assert_eq!(fiscal.panel.iter().next().unwrap().values[..], (0..48).map(f64::from).collect::<Vec<_>>()[..]);
    let error = error_of(&of(&|at| (2018 + at).to_string()));
    assert!(error.contains("run from month 7 to month 6") && error.contains("2019/20"), "{error}");
}

#[test]
fn months_by_years_and_weeks_by_years_are_one_series() {
    let names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let months = lines("Month,2021,2022,2023", 12, |month| {
        format!("{},{},{},{}", names[month as usize], month, 12 + month, 24 + month)
    });
    for text in [months.clone(), months.clone() + "Total,66,210,354\n"] {
        let read = read_default("a.csv", text);
        assert_eq!(read.summary(), "monthly, 1 series, 2021-01-01 to 2023-12-01, target value");
        assert_eq!(read.panel.iter().next().unwrap().values[..], (0..36).map(f64::from).collect::<Vec<_>>()[..]);
        assert!(notices(&read).contains(&"one monthly series, laid out as months by years".into()));
    }
    let weeks = lines("week,2021,2022,2023", 52, |week| format!("{},{week},{},{}", week + 1, 52 + week, 104 + week));
    let read = read_default("a.csv", weeks);
    assert_eq!(read.summary(), "weekly, 1 series, 2021-01-04 to 2023-12-25, target value");
    assert_eq!(time_after_end(&read, 1), "2024-01-01");
    let quarters = lines("Quarter,2019,2020,2021", 4, |q| format!("Q{},{q},{},{}", q + 1, q + 4, q + 8));
    assert_eq!(
        read_default("a.csv", quarters).summary(),
        "quarterly, 1 series, 2019-01-01 to 2021-10-01, target value"
    );
}

#[test]
fn days_by_hours_are_one_hourly_series() {
    let names = |name: &dyn Fn(u32) -> String| (0..24).map(name).collect::<Vec<_>>().join(",");
    let ending = names(&|hour| format!("HE{}", hour + 1));
    let numbered = names(&|hour| hour.to_string());
    let clock = names(&|hour| format!("{hour:02}:00"));
    let spans = names(&|hour| format!("{hour:02}-{:02}", hour + 1));
    let words = names(&|hour| format!("Hour {}", hour + 1));
    for header in [ending, numbered, clock, spans, words] {
        let text = lines(&format!("Date,{header}"), 20, |day| format!("{},{}", date(day), numbers(day * 24, 24)));
        let read = read_default("a.csv", text);
        assert_eq!(
            read.summary(),
            "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-20T23:00:00, target value",
            "{header}"
        );
        assert_eq!(first_values(&read), [0.0, 1.0, 2.0]);
        assert!(notices(&read)[0] == "one hourly series, laid out as days by hours", "{:?}", notices(&read));
    }
    // Days as columns, hours as rows.
    let days = (0..10).map(|day| date(day).to_string()).collect::<Vec<_>>().join(",");
    let text = lines(&format!("Hour,{days}"), 24, |hour| {
        format!("{hour},{}", (0..10).map(|day| (day * 24 + hour).to_string()).collect::<Vec<_>>().join(","))
    });
    let read = read_default("a.csv", text);
    assert_eq!(read.summary(), "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-10T23:00:00, target value");
    assert_eq!(read.panel.iter().next().unwrap().values[..], (0..240).map(f64::from).collect::<Vec<_>>()[..]);
}

#[test]
fn a_25th_column_of_hours_is_that_of_a_change_of_the_clocks() {
    let header = (1..=25).map(|hour| format!("HE{hour}")).collect::<Vec<_>>().join(",");
    let first = chrono::NaiveDate::from_ymd_opt(2023, 10, 20).unwrap();
    let of = |long: u32| {
        lines(&format!("Date,{header}"), 20, |day| {
            let count = if day == long { 25 } else { 24 };
            format!(
                "{},{}{}",
                first + chrono::Days::new(day.into()),
                numbers(day * 100, count),
                if count == 24 { "," } else { "" }
            )
        })
    };
    // The clocks of Europe are set back on 29 October.
    let read = read_default("a.csv", of(9));
    assert_eq!(
        read.summary(),
        "hourly, 1 series, 2023-10-20T00:00:00+02:00 to 2023-11-08T23:00:00+01:00, target value"
    );
    let series = read.panel.iter().next().unwrap();
    assert_eq!((series.len(), series.values[9 * 24 + 24], series.values[9 * 24 + 25]), (20 * 24 + 1, 924.0, 1_000.0));
    let error = error_of(&of(3));
    assert!(error.contains("2023-10-23, hour 25"), "{error}");
}

#[test]
fn months_by_days_leave_out_the_days_that_a_month_lacks() {
    let text = lines(&format!("month,{}", numbers(1, 31)), 6, |month| {
        let days = [31, 29, 31, 30, 31, 30][month as usize];
        format!("2024-{:02},{}{}", month + 1, numbers(month * 100, days), ",".repeat(31 - days as usize))
    });
    let read = read_default("a.csv", &text);
    assert_eq!(read.summary(), "daily, 1 series, 2024-01-01 to 2024-06-30, target value");
    assert_eq!(read.panel.iter().next().unwrap().values[31..33], [100.0, 101.0]);
    let error = error_of(&text.replace(",128,,\n", ",128,7,\n"));
    assert!(error.contains("line 3") && error.contains("2024-02-01, day 30"), "{error}");
}

#[test]
fn flags_and_dimensions_are_next_to_periods() {
    let years: Vec<String> = (2012..2024).map(|year| year.to_string()).collect();
    let eurostat = format!("freq,unit,geo\\TIME_PERIOD\t{} \n", years.join(" \t"))
        + "A,PC,DE\t1.5 \t2.5 \t: \t4.5 b\t5.5 \t6.5 \t7.5 \t8.5 \t9.5 \t10.5 e\t11.5 p\t12.5 bp\n"
        + "A,PC,FR\t: c\t1.0 \t2.0 \t3.0 \t4.0 \t5.0 \t6.0 \t7.0 \t8.0 \t9.0 \t10.0 p\t11.0 p\n";
    let read = read_default("a.tsv", eurostat);
    assert!(
        read.summary().starts_with("yearly, 2 series (freq,unit,geo\\TIME_PERIOD), 2012 to 2023"),
        "{}",
        read.summary()
    );
    let series: Vec<_> = read.panel.iter().collect();
    assert_eq!((series[0].values[3], series[0].values[11], series[1].values[0]), (4.5, 12.5, 1.0));
    assert!(
        notices(&read)
            .iter()
            .any(|notice| notice == "6 numbers are read without the flag, the first is 4.5 b on line 2"),
        "{:?}",
        notices(&read)
    );
    let with_flags = (2016..2024).map(|year| format!("{year},Flag")).collect::<Vec<_>>().join(",");
    let cells = |first: u32| {
        (0..8).map(|at| format!("{},{}", first + at, if at > 5 { "p" } else { "" })).collect::<Vec<_>>().join(",")
    };
    let oecd = format!("Country,Measure,{with_flags}\nDE,GDP,{}\nFR,GDP,{}\n", cells(10), cells(50));
    let read = read_default("a.csv", oecd);
    assert_eq!(read.summary(), "yearly, 2 series (Country, Measure), 2016 to 2023, target value");
    assert_eq!(first_values(&read), [10.0, 11.0, 12.0]);
    // A letter at every number may be a unit.
    let units = lines("date,v", 10, |day| format!("{},{day} s", date(day)));
    assert!(read_fails(&units, "is not a number"));
}

#[test]
fn months_without_a_year_are_refused() {
    let months = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec";
    let row = |item: &str| format!("{item},{}\n", numbers(5, 12));
    let error = error_of(&format!("item,{months}\n{}{}", row("lamp"), row("desk")));
    assert!(error.contains("the columns Jan to Dec are months, and no column has their year"), "{error}");
    // The hint is followed: the year becomes a column, or a part of the names.
    let with_year = format!("item,year,{months}\n{}{}", row("lamp,2023"), row("desk,2023"));
    let in_names = (1..=12).map(|month| format!("2023-{month:02}")).collect::<Vec<_>>().join(",");
    for text in [with_year, format!("item,{in_names}\n{}{}", row("lamp"), row("desk"))] {
        let read = read_default("a.csv", text);
        assert_eq!(read.summary(), "monthly, 2 series (item), 2023-01-01 to 2023-12-01, target value");
    }
}

#[test]
fn dates_in_the_header_need_an_order_of_day_and_month() {
    let days = (1..=8).map(|day| format!("{day:02}/01/2024")).collect::<Vec<_>>().join(",");
    let text = format!("item,{days}\nlamp,{}\ndesk,{}\n", numbers(1, 8), numbers(9, 8));
    let error = error_of(&text);
    assert!(error.contains("may be 2024-01-02 or 2024-02-01") && error.contains("--dates dmy"), "{error}");
    let order = |order| ReadOptions { dates: Some(order), ..options() };
    let by_day = read("a.csv", &text, &order(DateOrder::DayFirst)).unwrap();
    assert_eq!(by_day.summary(), "daily, 2 series (item), 2024-01-01 to 2024-01-08, target value");
    let by_month = read("a.csv", &text, &order(DateOrder::MonthFirst)).unwrap();
    assert_eq!(by_month.summary(), "monthly, 2 series (item), 2024-01-01 to 2024-08-01, target value");
}

fn read_fails(text: &str, why: &str) -> bool {
    let options = ReadOptions { target: Some("v".into()), ..options() };
    read("a.csv", text, &options)
        .is_err_and(|error| error.to_string().contains(why) || error.to_string().contains("are not numbers"))
}

fn daily(header: &str) -> String {
    lines(header, 30, |day| format!("{},{}", date(day), day * 2))
}

#[test]
fn a_table_below_another_is_read() {
    let expected = "daily, 1 series, 2024-01-01 to 2024-01-30, target temp";
    let weather = "latitude,longitude,elevation,timezone\n52.5,13.4,38.0,Europe/Berlin\n";
    let station = "Station,Berlin\nLatitude,52.52\n";
    let padded = "Report,,\nCreated,2024-02-01,\n,,\n";
    for (before, skipped) in [
        (format!("{weather}\n"), 2),
        (weather.into(), 2),
        (station.into(), 2),
        (format!("{station}\n"), 2),
        ("Temperature of Berlin, daily\nSource: DWD; 2024\n\n".into(), 2),
    ] {
        let read = read_default("a.csv", before.clone() + &daily("date,temp"));
        assert_eq!(read.summary(), expected, "{before}");
        assert_eq!(first_values(&read), [0.0, 2.0, 4.0]);
        assert!(
            notices(&read)[0].starts_with(&format!("{skipped} lines above the header skipped")),
            "{:?}",
            notices(&read)
        );
    }
    let three = lines(",date,temp", 30, |day| format!("{day},{},{}", date(day), day * 2));
    assert_eq!(read_default("a.csv", padded.to_owned() + &three).summary(), expected);
    // Many lines of metadata, each with its own number of cells.
    let mut long = String::new();
    (0..60).for_each(|at| writeln!(long, "key {at};{}", "x;".repeat(at % 5)).unwrap());
    let with_semicolons = daily("date;temp").replace(',', ";");
    assert_eq!(read_default("a.csv", long + &with_semicolons).summary(), expected);
}

#[test]
fn lines_below_the_table_are_left_out_and_named() {
    let table = daily("date,sales");
    for (below, text) in [
        ("Total,870\n", "Total 870"),
        ("\nTotal,,870\nSource: shop, 2024\n", "Total  870"),
        ("\n\nSource: the shop\n", "Source: the shop"),
        ("\"Note: numbers, dates and more, are final\"\n", "Note: numbers, dates and more, are final"),
        ("\nshop,area,since\nmain,120,1990\n", "shop area since"),
        (",,\nAverage,29\n", "Average 29"),
        (",870\n", "870"),
    ] {
        let read = read_default("a.csv", format!("{table}{below}"));
        assert_eq!(read.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target sales", "{below}");
        let notice = notices(&read).concat();
        assert!(notice.contains("below the table skipped, the first is line 3") && notice.contains(text), "{notice}");
    }
    // Rows without a value at the start are rows.
    let late =
        lines("week,note,v", 40, |at| format!("w{at},x,{}", if at < 9 { String::new() } else { at.to_string() }));
    assert!(error_of(&late).contains("column week: 40 values are not dates: line 2 \"w0\""), "{}", error_of(&late));
    // A last row that cannot be used is no remark.
    assert!(error_of(&format!("{table}soon,5\n")).contains("line 32, column date: \"soon\" is not a date"));
    assert!(error_of(&format!("{table}2024-01-31,many\n")).contains("\"many\" is not a number"));
}

#[test]
fn a_header_between_the_rows_is_that_of_a_joined_file() {
    let whole = daily("date,sales");
    let (first, second) = whole.split_at(whole.find("2024-01-16").unwrap());
    let joined = format!("{first}date,sales\n{second}");
    let read = read_default("a.csv", joined);
    assert_eq!(read.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target sales");
    assert_eq!(notices(&read), ["the header is repeated on 1 line"]);
    // A table without a header has no line that is repeated.
    let headless = lines("2024-01-01,0", 29, |day| format!("{},{day}", date(day + 1)));
    assert_eq!(read_default("a.csv", headless).rows, 30);
}

#[test]
fn a_header_of_several_lines_gives_one_name_for_each_column() {
    let units = lines("date,temp,rain\n,°C,mm", 30, |day| format!("{},{},{}", date(day), day, day % 3));
    let target = |name: &str| ReadOptions { target: Some(name.into()), ..options() };
    let temperature = read("a.csv", units, &target("temp")).unwrap();
    assert_eq!(temperature.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target temp");
    assert_eq!(notices(&temperature), ["1 line below the header skipped, the first is: °C mm"]);
    let merged = lines(",North,,South,\ndate,sales,price,sales,price", 30, |day| {
        format!("{},{},{},{},{}", date(day), day, 5, day * 3, 6)
    });
    let south = read("a.csv", &merged, &target("South sales")).unwrap();
    assert_eq!(first_values(&south), [0.0, 3.0, 6.0]);
    let three = format!("Sales report\n\n{merged}");
    assert_eq!(first_values(&read("a.csv", three, &target("North sales")).unwrap()), [0.0, 1.0, 2.0]);
    let prices = lines("Price,Close,High,Low\nTicker,ABC,ABC,ABC\nDate,,,", 30, |day| {
        format!("{},{},{},{}", date(day), 10 + day, 11 + day, 9 + day)
    });
    let close = read("a.csv", prices, &target("Close")).unwrap();
    assert_eq!(
        (close.summary().as_str(), first_values(&close)[2]),
        ("daily, 1 series, 2024-01-01 to 2024-01-30, target Close", 12.0)
    );
    let quarters = "Item,2022,,,,2023,,,\n,Q1,Q2,Q3,Q4,Q1,Q2,Q3,Q4\nlamp,1,2,3,4,5,6,7,8\ndesk,2,3,4,5,6,7,8,9\n";
    let read = read_default("a.csv", quarters);
    assert_eq!(read.summary(), "quarterly, 2 series (Item), 2022-01-01 to 2023-10-01, target value");
    assert_eq!(read.panel.iter().next().unwrap().values[4], 6.0);
}

#[test]
fn rows_of_totals_between_the_others_are_left_out() {
    let months = "year,period,value\n".to_owned()
        + &(0..39)
            .map(|at| {
                let (year, month) = (2018 + at / 13, at % 13 + 1);
                format!("{year},M{month:02},{}\n", if month == 13 { 666 } else { at })
            })
            .collect::<Vec<_>>()
            .concat();
    let read = read_default("a.csv", months);
    assert_eq!(read.summary(), "monthly, 1 series, 2018-01-01 to 2020-12-01, target value");
    assert_eq!(notices(&read), ["3 rows of totals left out, the first is line 14: M13"]);
    assert!(read.repairs.iter().all(|repair| repair.kind != RepairKind::Missing));
    let compact = "month,value\n".to_owned()
        + &(0..39).map(|at| format!("{}{:02},{at}\n", 2018 + at / 13, at % 13 + 1)).collect::<Vec<_>>().concat();
    let read = read_default("a.csv", &compact);
    assert_eq!(read.summary(), "monthly, 1 series, 2018-01-01 to 2020-12-01, target value");
    let error = error_of(&compact.replace("201905", "201917"));
    assert!(error.contains("201917"), "{error}");
    let words = "Year,Month,value\n".to_owned()
        + &(0..39)
            .map(|at| {
                let month =
                    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Annual"]
                        [at % 13];
                format!("{},{month},{at}\n", 2018 + at / 13)
            })
            .collect::<Vec<_>>()
            .concat();
    assert_eq!(read_default("a.csv", words).summary(), "monthly, 1 series, 2018-01-01 to 2020-12-01, target value");
}

#[test]
fn a_date_that_is_the_same_on_every_line_is_not_the_time() {
    let read_rows = |header: &str, row: fn(usize, usize) -> String| {
        let rows = (0..2).flat_map(|area| (0..24).map(move |at| row(area, at) + "\n"));
        read_default("a.csv", format!("{header}\n{}", rows.collect::<String>())).summary()
    };
    let quarters = read_rows("LAST UPDATE,geo,TIME_PERIOD,OBS_VALUE", |area, at| {
        format!("25/04/24 11:00:00,{},{}-Q{},{at}", ["AT", "DE"][area], 2018 + at / 4, at % 4 + 1)
    });
    assert_eq!(quarters, "quarterly, 2 series (geo), 2018-01-01 to 2023-10-01, target OBS_VALUE");
    let years = read_rows("release date,area,year,value", |area, at| {
        format!("2024-03-01,{},{},{at}", ["north", "south"][area], 1990 + at)
    });
    assert_eq!(years, "yearly, 2 series (area), 1990 to 2013, target value");
    // The hours of one day do not take its place.
    let hours =
        read_rows("date,area,hour,load", |area, at| format!("2024-03-01,{},{at},{at}", ["north", "south"][area]));
    assert_eq!(hours, "hourly, 2 series (area), 2024-03-01T00:00:00 to 2024-03-01T23:00:00, target load");
}

#[test]
fn years_in_the_header_are_times_whatever_the_first_cell_is() {
    for first in ["code", "1704067200", "country", "1.5"] {
        for rows in [&["17,6,7,8,9"][..], &["17,6,7,8,9", "23,6,7,8,10"]] {
            let text = format!("{first},1998,1999,2000,2001\n{}\n", rows.join("\n"));
            let read = read_default("a.csv", &text);
            let expected = format!("yearly, {} series ({first}), 1998 to 2001, target value", rows.len());
            assert_eq!(read.summary(), expected, "{text}");
            assert_eq!(first_values(&read), [6.0, 7.0, 8.0], "{text}");
        }
        let error = describe_error(&read("a.csv", format!("{first},1998,1999,2000,2001\n"), &options()).unwrap_err());
        assert!(error.contains("the file has a header, but no rows below it"), "{error}");
    }
    // years that are values
    let text = lines("", 4, |at| format!("{},{},{},{}", 5 + at, 1998 + at, 1999 + at, 2000 + at));
    assert_eq!(read_default("a.csv", text.trim_start()).summary(), "index, 1 series, 1 to 4, target column 1");
}

#[test]
fn a_number_before_years_names_the_series() {
    for (header, rows, ids, keys) in [
        ("code,2019,2020,2021", ["17,6,7,8", "23,6,7,9"], "code", ["17", "23"]),
        ("country,2019,2020", ["FR,6,7", "DE,6,7"], "country", ["DE", "FR"]),
        ("country,2010,2015,2020", ["FR,6,7,8", "DE,6,7,9"], "country", ["DE", "FR"]),
        ("code,2018,2019,2020,2021", ["17,6,7,8,9", "23,6,7,9,9"], "code", ["17", "23"]),
        ("name,code,2019,2020,2021", ["a,17,6,7,8", "b,23,6,7,9"], "name", ["a", "b"]),
        // a number that two rows have is no name
        ("code,2018,2019,2020,2021", ["17,6,7,8,9", "17,6,7,9,9"], "row", ["1", "2"]),
    ] {
        let read = read_default("a.csv", format!("{header}\n{}\n", rows.join("\n")));
        let found: Vec<String> = read.panel.iter().map(|series| series.name()).collect();
        assert_eq!((read.panel.columns().ids.join(","), found), (ids.to_owned(), keys.map(str::to_owned).to_vec()));
    }
    // quantities, times and bins are no names of series
    for (header, rows) in [
        ("price,2019,2020,2021", ["1.5,6,7,8", "1.7,6,7,9"]),
        ("price,2019,2020,2021", ["15,6,7,8", "17,6,7,9"]),
        ("Stunde,2019,2020", ["0,6,7", "1,6,7"]),
        ("Quartal,2019,2020", ["1,6,7", "2,6,7"]),
        ("step,2019,2020", ["0,6,7", "10,6,7"]),
    ] {
        let error = read("a.csv", format!("{header}\n{}\n", rows.join("\n")), &options()).unwrap_err().to_string();
        let several = header.replace(',', ", ");
        let is_refused = error.contains("several columns could be the target") || error.contains("no column");
        assert!(is_refused, "{several}: {error}");
    }
    for first in ["date", "Woche", "mes"] {
        let text = format!("{first},2019,2020\nW1,6,7\nW2,6,8\n");
        let summary = read("a.csv", text, &options()).map(|read| read.summary()).unwrap_or_default();
        assert!(!summary.contains("yearly"), "{first}: {summary}");
    }
    let bins = read("a.csv", "name,1900,2000,2100\na,6,7,8\nb,6,7,9\n", &options());
    assert!(!bins.map(|read| read.summary()).unwrap_or_default().contains("1900 to 2100"));
}
