//! Files with one row for each series and few years or dates in the header, and years that span two calendar years.

use forecast::read::{Dataset, ReadOptions};

use crate::files::{describe_error, lines, notices, options, read, read_default};
use crate::sandbox::{Sandbox, stderr};

const COUNTRIES: [&str; 3] = ["Austria", "Belgium", "Chile"];

/// A row for each country, with so many values.
fn countries(header: &str, width: u32) -> String {
    let values = |row: u32| (0..width).map(|at| (row * 3 + at * 2 + 4).to_string()).collect::<Vec<_>>().join(",");
    lines(header, 3, |row| format!("{},{}", COUNTRIES[row as usize], values(row)))
}

#[test]
fn few_years_in_the_header_are_times_in_any_order_and_form() {
    for header in [
        "country,2020,2019",
        "country,2019/20,2020/21",
        "country,2019-20,2020-21",
        "country,FY2019,FY2020",
        "country,year 2019,year 2020",
        "country,Y2019,Y2020",
        "Land,Jahr 2019,Jahr 2020",
        "国,2019年度,2020年度",
        "Country Name,2019 [YR2019],2020 [YR2020]",
    ] {
        let dataset = read_default("a.csv", countries(header, 2));
        let (id, _) = header.split_once(',').unwrap();
        assert_eq!(dataset.summary(), format!("yearly, 3 series ({id}), 2019 to 2020, target value"), "{header}");
        let values = &dataset.panel.iter().next().unwrap().values;
        let expected = if header.contains("2020,2019") { [6.0, 4.0] } else { [4.0, 6.0] };
        assert_eq!(values[..], expected, "{header}");
    }
    let without_ids = read_default("a.csv", "FY2019,FY2020\n5,4\n7,6\n8,9\n");
    assert_eq!(without_ids.summary(), "yearly, 3 series (row), 2019 to 2020, target value");
    // two years may be the values of a row
    let headless = read_default("a.csv", "2000,2001\n2001,1950\n2002,1987\n");
    assert_eq!(headless.summary(), "yearly, 1 series, 2000 to 2002, target column 2");
}

#[test]
fn few_dates_in_the_header_are_times() {
    for (header, summary) in [
        ("product,Jan 2024,Feb 2024,Mar 2024", "monthly, 3 series (product), 2024-01-01 to 2024-03-01, target value"),
        ("product,2024 Q1,2024 Q2", "quarterly, 3 series (product), 2024-01-01 to 2024-04-01, target value"),
        ("product,2024-01-02,2024-01-01", "daily, 3 series (product), 2024-01-01 to 2024-01-02, target value"),
    ] {
        let width = header.matches(',').count() as u32;
        assert_eq!(read_default("a.csv", countries(header, width)).summary(), summary);
    }
    let with_total = read_default("a.csv", countries("product,2024-01,2024-02,total", 3));
    assert!(with_total.summary().starts_with("monthly, 3 series (product)"));
    assert!(notices(&with_total).iter().any(|notice| notice.contains("left out: total")));
}

/// Numbers of years next to other numbers may be codes, bins or quantities.
#[test]
fn years_that_are_not_certain_are_read_where_the_ids_are_named() {
    for (text, id) in [
        ("id,2020,2019\n1,5,4\n2,7,6\n", "id"),
        ("country,2019,2020,change\nFR,5,4,-1\nDE,7,6,-1\n", "country"),
        ("country,2015,2016,2018,note\nFR,5,4,3,a\nDE,7,6,5,b\n", "country"),
        ("country,pop 2019,pop 2020,pop 2021\nFR,5,4,3\nDE,7,6,5\n", "country"),
        ("room,floor_2019,floor_2020\nA,5,4\nB,7,6\n", "room"),
    ] {
        let error = describe_error(&read("a.csv", text, &options()).unwrap_err());
        assert!(error.contains("may be times") && error.contains(&format!("`--id {id}`")), "{error}");
        assert!(!error.contains("--wide") && !error.contains("--target"), "{error}");
        let named = ReadOptions { ids: vec![id.into()], ..options() };
        let found = read("a.csv", text, &named);
        let is_gap = text.contains("2018");
        assert!(
            found.map_or(is_gap, |found| found.summary().starts_with(&format!("yearly, 2 series ({id})"))),
            "{text}"
        );
    }
    let two = "country,pop 2019,pop 2020,gdp 2019,gdp 2020\nFR,5,4,3,2\nDE,7,6,5,4\n";
    let error = describe_error(&read("a.csv", two, &options()).unwrap_err());
    assert!(error.contains("write the columns of pop, gdp to separate files"), "{error}");
    for header in ["Woche", "date", "step"] {
        let error = read("a.csv", format!("{header},2020,2019\nW1,6,7\nW2,6,8\n"), &options()).unwrap_err();
        assert!(!error.to_string().contains("may be times"), "{header}: {error}");
    }
}

#[test]
fn a_forecast_of_two_years_says_how_short_they_are() {
    let sandbox = Sandbox::new();
    sandbox.write("a.csv", &countries("country,2020,2019", 2));
    let output = sandbox.forecast("--csv a.csv --horizon 1 --model ets").output().unwrap();
    let printed = stderr(&output) + &crate::sandbox::stdout(&output);
    assert!(
        printed.contains("3 of 3 series have fewer than 3 values, too few to check a forecast on the past"),
        "{printed}"
    );
}

/// Months in the order of years from July on, and the texts of these years.
fn by_month(in_rows: bool, year: impl Fn(u32) -> String, first: u32) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = |at: u32| MONTHS[(first - 1 + at) as usize % 12];
    let (wholes, parts): (Vec<String>, Vec<&str>) = ((0..3).map(year).collect(), (0..12).map(month).collect());
    let value = |whole: u32, part: u32| (whole * 12 + part).to_string();
    let join = |values: Vec<String>| values.join(",");
    if in_rows {
        return lines(&format!("month,{}", wholes.join(",")), 12, |part| {
            format!("{},{}", parts[part as usize], join((0..3).map(|whole| value(whole, part)).collect()))
        });
    }
    lines(&format!("year,{}", parts.join(",")), 3, |whole| {
        format!("{},{}", wholes[whole as usize], join((0..12).map(|part| value(whole, part)).collect()))
    })
}

#[test]
fn months_of_years_that_span_two_have_the_year_of_the_calendar() {
    let both = |at: u32| format!("{}/{}", 2019 + at, 20 + at);
    for in_rows in [true, false] {
        let dataset = read_default("a.csv", by_month(in_rows, both, 7));
        assert_eq!(dataset.summary(), "monthly, 1 series, 2019-07-01 to 2022-06-01, target value");
        let series = dataset.panel.iter().next().unwrap();
        assert_eq!(series.values[..], (0..36).map(f64::from).collect::<Vec<_>>()[..]);
        // one number for both years, and months in the order of the calendar
        for (text, problem) in [
            (by_month(in_rows, |at| (2019 + at).to_string(), 7), "run from month 7 to month 6"),
            (by_month(in_rows, |at| format!("FY{}", 2019 + at), 7), "such as FY2019 may be that of either"),
            (by_month(in_rows, both, 1), "the months are those of years such as 2019/20"),
        ] {
            let error = describe_error(&read("a.csv", &text, &options()).unwrap_err());
            assert!(error.contains(problem), "{text}{error}");
        }
    }
    for text in [
        "year,Q1,Q2,Q3,Q4\n2018/19,1,2,3,4\n2019/20,5,6,7,8\n",
        "quarter,2018/19,2019/20\nQ1,1,2\nQ2,1,2\nQ3,4,5\nQ4,6,7\n",
    ] {
        let error = read("a.csv", text, &options()).unwrap_err().to_string();
        assert!(error.contains("the quarters are those of years such as 2018/19"), "{error}");
    }
    // rows that are sorted by name are those of the calendar
    let sorted = ["Apr", "Aug", "Dec", "Feb", "Jan", "Jul", "Jun", "Mar", "May", "Nov", "Oct", "Sep"];
    let text = lines("month,2019,2020", 12, |at| format!("{},{at},{}", sorted[at as usize], at + 12));
    assert!(read_default("a.csv", text).summary().contains("2019-01-01 to 2020-12-01"));
}

#[test]
fn a_single_line_without_a_date_is_a_header_and_no_row() {
    for text in ["41994,41995\n", "41994\n", "41994,foo\n", "date,41994,41995\n", "Jan 2024,Feb 2024\n", "5;6\n"] {
        let error = describe_error(&read("a.csv", text, &options()).unwrap_err());
        assert!(error.contains("no rows below it") && !error.contains("--frequency"), "{text}{error}");
    }
    // a date and a number are a row
    assert!(read("a.csv", "2024-01-01,5\n", &options()).unwrap_err().to_string().contains("one time only"));
}

/// Other columns of such files are the time or the target.
#[test]
fn years_after_a_word_are_no_times_next_to_a_target_or_repeated_ids() {
    let repeated = "shop,t,value,w_2019,w_2020\na,1,5,1,2\na,2,6,1,2\nb,1,7,3,4\nb,2,8,3,4\n";
    let once = "shop,value,w_2019,w_2020\na,5,1,2\nb,6,3,4\nc,7,5,6\n";
    for text in [repeated, once] {
        let read = read("a.csv", text, &ReadOptions { ids: vec!["shop".into()], ..options() });
        let text = read.as_ref().map_or_else(describe_error, Dataset::summary);
        assert!(!text.contains("2019"), "{text}");
    }
}

#[test]
fn months_of_two_years_that_are_sorted_otherwise_are_refused() {
    let newest_first = "Jun,May,Apr,Mar,Feb,Jan,Dec,Nov,Oct,Sep,Aug,Jul";
    let by_name = "Apr,Aug,Dec,Feb,Jan,Jul,Jun,Mar,May,Nov,Oct,Sep";
    for months in [newest_first, by_name] {
        let text = |year: fn(u32) -> String| {
            lines(&format!("year,{months}"), 3, |row| format!("{},1,2,3,4,5,6,7,8,9,10,11,12", year(row)))
        };
        let error = read("a.csv", text(|row| format!("20{}/{}", 19 + row, 20 + row)), &options()).unwrap_err();
        assert!(error.to_string().contains("whose first month is not known"), "{error}");
        let of_calendar = read_default("a.csv", text(|row| (2019 + row).to_string()));
        assert!(of_calendar.summary().starts_with("monthly, 1 series, 2019-01-01 to 2021-12-01"), "{months}");
    }
}

#[test]
fn times_in_the_header_may_have_several_offsets() {
    let read = |first: &str, second: &str| {
        let text = lines(&format!("site,{first},{second}"), 3, |row| format!("{},1,2", ["a", "b", "c"][row as usize]));
        read("a.csv", text, &ReadOptions { ids: vec!["site".into()], ..options() })
    };
    let summer = read("2024-03-30T00:00:00+01:00", "2024-04-01T00:00:00+02:00").unwrap();
    assert!(summer.summary().starts_with("every 2 days, 3 series (site), 2024-03-30"), "{}", summer.summary());
    let error = read("2024-01-01T00:00:00Z", "2024-01-03T00:00:00+05:30").unwrap_err();
    assert!(describe_error(&error).contains("--zone"), "{}", describe_error(&error));
}
