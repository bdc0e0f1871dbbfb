//! Cells that the reader decodes, splits and parses: encodings, quotes, numbers with units, dates and times.

use forecast::error::{DataProblem, Error, Location, Rejected, Result};
use forecast::panel::Panel;
use forecast::read::{Decimal, Notice, ReadOptions};
use forecast::time::{DateOrder, NamedFrequency};

use crate::files::{date, first_values, lines, options, read, read_default};

#[test]
fn encodings_are_recognised_by_their_bytes() {
    let text = "date,Stück\n2024-01-01,5\n2024-01-02,6\n";
    let utf_16 = |mark: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(order).collect()
    };
    for bytes in [
        utf_16("\u{feff}", u16::to_le_bytes),
        utf_16("\u{feff}", u16::to_be_bytes),
        utf_16("", u16::to_le_bytes),
        utf_16("", u16::to_be_bytes),
        text.into(),
        text.replace('\n', "\r").into(),
        text.chars().map(|c| c as u8).collect(),
    ] {
        assert_eq!(read_default("a.csv", bytes).panel.columns().target, "Stück");
    }
    let euros = read_default("a.csv", b"date,v\n2024-01-01,10 \x80\n2024-01-02,11 \x80\n");
    assert_eq!(
        (first_values(&euros), euros.notices),
        (vec![10.0, 11.0], vec![Notice::AssumedEncoding { encoding: "windows-1252" }])
    );
}

#[test]
fn a_requested_encoding_is_named() {
    let encoding = Some("latin2".parse().unwrap());
    let read =
        read("a.csv", b"date,v\n2024-01-01,10\n2024-01-02,11\n", &ReadOptions { encoding, ..options() }).unwrap();
    assert_eq!(read.notices, [Notice::Encoding { encoding: "ISO-8859-2" }]);
}

#[test]
fn a_dash_beside_a_currency_is_zero() {
    for (zero, other) in [("$ -", "$(1.50)"), ("-   €", "-1.50 €"), ("€–", "-1.50 €"), ("$-", "$-1.50")] {
        let text =
            lines("date;v", 20, |at| format!("2024-01-{:02};{}", at + 1, if at % 5 == 2 { zero } else { other }));
        assert_eq!(first_values(&read_default("a.csv", text)), [-1.5, -1.5, 0.0], "{zero}");
    }
    // A dash alone is a missing value, and one beside a word is no number.
    let error = read("a.csv", "date,v\n2024-01-01,5\n2024-01-02,x -\n2024-01-03,7\n", &options()).unwrap_err();
    assert!(error.to_string().contains("\"x -\" is not a number"), "{error}");
}

fn problem<T: std::fmt::Debug>(read: Result<T>) -> DataProblem {
    match read {
        Err(Error::Data { problem, .. }) => *problem,
        other => panic!("no problem of the data: {other:?}"),
    }
}

#[test]
fn quoted_cells_may_contain_separators_line_breaks_and_quotes() {
    let text = "shop,date,v\n\"1,5\",2024-01-01,1\n\"two\nlines\",2024-01-01,2\n\n# comment\n \
                \"the \"\"x\"\"\" ,2024-01-01,3\n5\" pipe,2024-01-01,4\r\nx,2024-01-01\n";
    let ids = vec!["shop".into()];
    let daily = ReadOptions { ids, frequency: Some(NamedFrequency::Daily), ..options() };
    let shops = read("a.csv", text, &daily).unwrap();
    let names: Vec<String> = shops.panel.iter().map(|series| series.name()).collect();
    assert_eq!(names, ["1,5", "5\" pipe", "the \"x\"", "two\nlines"]);
    let without_values = Notice::SeriesWithoutValues { count: 1, first: vec!["x".into()] };
    let expected = [Notice::CommentsSkipped { lines: 1 }, Notice::ShortLines { lines: 1 }, without_values];
    assert_eq!(shops.notices, expected);
}

#[test]
fn each_rejected_line_has_its_number_and_fault() {
    let DataProblem::RejectedLines(rejected) =
        problem(read("a.csv", "a,b\n1,2\n1,2,3\n\"x\"y,1\n3,4,,\n5,\"open\n6,7", &options()))
    else {
        panic!("other problem")
    };
    let faults = [
        (Location::Line(3), "3 cells for the 2 columns: \"3\" has no column".into()),
        (Location::Line(4), "a quote is closed before the cell ends".into()),
        (Location::Line(6), "a quote is opened and not closed".into()),
    ];
    assert_eq!((rejected.first.as_slice(), rejected.count), (&faults[..], 3));
    let text = "day,note,v\n2024-01-01,a,1\n\n2024-01-02,\"b\n\",2\n2024-01-03,c,x\n";
    let cells = Rejected { first: vec![(Location::Line(6), "x".into())], count: 1 };
    let invalid = DataProblem::InvalidNumbers { column: "v".into(), cells, present: 3, can_be_skipped: true };
    assert_eq!(problem(read("a.csv", text, &ReadOptions { target: Some("v".into()), ..options() })), invalid);
}

/// Three days with the same cell, in a file separated by tabs.
fn same_on_each_day(cell: &str) -> String {
    lines("day\tv", 3, |day| format!("{}\t{cell}", date(day)))
}

#[test]
fn a_cell_is_a_number_only_if_the_whole_cell_is() {
    let with_point = [
        ("1", 1.0),
        (" -1.5e3 ", -1500.0),
        ("1,234.5", 1234.5),
        ("+.5", 0.5),
        ("1,234,567", 1_234_567.0),
        ("12,34,567.89", 1_234_567.89),
        ("1,00,00,000", 10_000_000.0),
        ("12 %", 12.0),
        ("-3.5%", -3.5),
        ("$1,234.50", 1_234.5),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("($5)", -5.0),
        ("EUR 5", 5.0),
        ("(1,234)", -1_234.0),
        ("−5", -5.0),
        ("5-", -5.0),
        ("1'234.5", 1_234.5),
        ("1\u{a0}234", 1_234.0),
    ];
    let with_comma = [
        ("1", 1.0),
        ("-1,5", -1.5),
        ("1.234,5", 1234.5),
        ("1.234", 1234.0),
        (",5", 0.5),
        ("2,5e-1", 0.25),
        ("1.234,50 €", 1_234.5),
        ("1 234 567,8", 1_234_567.8),
    ];
    let invalid_with_point = [
        "",
        "inf",
        "NaN",
        "1,5",
        "12,34",
        "1e999",
        "1 2",
        "--1",
        "-(5)",
        "1.2.3",
        "1,2,3",
        "1,2345",
        "1,2,345",
        "123,45,678",
        "1,234,56,789",
        "abc",
        "e5",
        ".",
    ];
    let invalid_with_comma = ["1.5", "1,2,3", "1.23.456", ",", "-"];
    let valid = with_point.map(|(cell, number)| (Decimal::Point, cell, Some(number))).into_iter();
    let valid = valid.chain(with_comma.map(|(cell, number)| (Decimal::Comma, cell, Some(number))));
    let invalid = invalid_with_point.map(|cell| (Decimal::Point, cell, None)).into_iter();
    let invalid = invalid.chain(invalid_with_comma.map(|cell| (Decimal::Comma, cell, None)));
    for (decimal, cell, number) in valid.chain(invalid) {
        let options = ReadOptions { target: Some("v".into()), decimal: Some(decimal), ..options() };
        let read = read("a.tsv", same_on_each_day(cell), &options);
        assert_eq!(read.ok().map(|read| first_values(&read)[0]), number, "{cell}, {decimal:?}");
    }
}

#[test]
fn a_comma_that_cannot_separate_thousands_is_decimal() {
    for (cell, number, is_certain) in [
        ("1,5", 1.5, true),
        ("1,234", 1_234.0, false),
        ("0,234", 0.234, true),
        ("1.234,567", 1_234.567, true),
        ("1,234.5", 1_234.5, true),
    ] {
        let read = read_default("a.tsv", same_on_each_day(cell));
        assert_eq!((first_values(&read)[0], read.notices.is_empty()), (number, is_certain), "{cell}");
    }
}

/// Reads times that each belong to another series, so that they need not be regular.
fn read_times(cells: &[&str], dates: Option<DateOrder>) -> Result<Panel> {
    let options = ReadOptions {
        time: Some("time".into()),
        ids: vec!["id".into()],
        frequency: Some(NamedFrequency::Daily),
        dates,
        ..options()
    };
    let text = lines("id\ttime\tvalue", cells.len() as u32, |row| {
        let cell = cells[row as usize];
        format!("{}\t{cell}\t{}", 100 + row, if cell.is_empty() { "" } else { "1" })
    });
    read("a.tsv", text, &options).map(|read| read.panel)
}

fn starts(panel: &Panel) -> Vec<String> {
    panel.iter().map(|series| series.start.to_string()).collect()
}

#[test]
fn every_date_format_is_parsed() {
    let table: [(&[&str], &[&str]); 45] = [
        (&["2012-01-31"], &["2012-01-31"]),
        (&["2012/1/5"], &["2012-01-05"]),
        (&["2012.01.05"], &["2012-01-05"]),
        (&["2012-01", "2012-02"], &["2012-01-01", "2012-02-01"]),
        (&["2012-01-31 13:30"], &["2012-01-31T13:30:00"]),
        (&["2012-01-31T13:30:05"], &["2012-01-31T13:30:05"]),
        (&["2012-01-31T13:30:05.000Z"], &["2012-01-31T13:30:05"]),
        (&["2012-01-31 13:30:05+02:00"], &["2012-01-31T13:30:05"]),
        (&["2012-01-31 24:00"], &["2012-02-01"]),
        (&["1/31/2012 1:05 PM"], &["2012-01-31T13:05:00"]),
        (&["01.02.2012", "02.02.2012"], &["2012-02-01", "2012-02-02"]),
        (&["01.02.2012 23:00"], &["2012-02-01T23:00:00"]),
        (&["13/01/2025", "1/2/25"], &["2025-01-13", "2025-02-01"]),
        (&["1/13/2025", "2/1/25"], &["2025-01-13", "2025-02-01"]),
        (&["1998 Q1", "1998 Q4"], &["1998-01-01", "1998-10-01"]),
        (&["1998Q2"], &["1998-04-01"]),
        (&["Q3-98", "Q1-02"], &["1998-07-01", "2002-01-01"]),
        (&["1991 W06"], &["1991-02-04"]),
        (&["2020-W53-7"], &["2021-01-03"]),
        (&["1960M02"], &["1960-02-01"]),
        (&["1960 Jan", "1960 Feb"], &["1960-01-01", "1960-02-01"]),
        (&["Jan-60", "Dec-75"], &["1960-01-01", "1975-12-01"]),
        (&["Dec-99", "Jan-00"], &["1999-12-01", "2000-01-01"]),
        (&["March 1960", "Sept. 1961"], &["1960-03-01", "1961-09-01"]),
        (&["31 January 2012"], &["2012-01-31"]),
        (&["Jan 05, 2012"], &["2012-01-05"]),
        (&["05Jan2012"], &["2012-01-05"]),
        (&["202401", "202412"], &["2024-01-01", "2024-12-01"]),
        (&["20240131", "20240201"], &["2024-01-31", "2024-02-01"]),
        (&["1960", "1961"], &["1960", "1961"]),
        (&["2009/10", "2010/11", "2011/12"], &["2009", "2010", "2011"]),
        (&["2009/10", "2009/11", "2009/12"], &["2009-10-01", "2009-11-01", "2009-12-01"]),
        (&["FY2019", "FY2020"], &["2019", "2020"]),
        (&["2024-S1", "2024-S2"], &["2024-01-01", "2024-07-01"]),
        (&["Mon, 1 Jan 2024", "Tuesday 2 January 2024"], &["2024-01-01", "2024-01-02"]),
        (&["Mär 2024", "Okt. 2024", "Dez 2024"], &["2024-03-01", "2024-10-01", "2024-12-01"]),
        (&["2 février 2024", "3 août 2024"], &["2024-02-02", "2024-08-03"]),
        (&["2024-01-01 00:00:00.5", "2024-01-01 00:00:01.499"], &["2024-01-01T00:00:00.5", "2024-01-01T00:00:01.499"]),
        (&["1704067200123", "1704067201501"], &["2024-01-01T00:00:00.123", "2024-01-01T00:00:01.501"]),
        (&["2024-01-01 9:30 am", "2024-01-01 12:00 PM"], &["2024-01-01T09:30:00", "2024-01-01T12:00:00"]),
        (&["1", "2", "3"], &["1", "2", "3"]),
        (&["1325376000"], &["2012-01-01"]),
        (&["1325376000000"], &["2012-01-01"]),
        (&["1325376000000000"], &["2012-01-01"]),
        (&["1325376000000000000"], &["2012-01-01"]),
    ];
    for (cells, expected) in table {
        assert_eq!(starts(&read_times(cells, None).unwrap()), expected, "{cells:?}");
    }
}

#[test]
fn cells_that_are_not_dates_are_rejected_by_line() {
    let rejected = |cells: &[&str]| match problem(read_times(cells, None)) {
        DataProblem::InvalidTimes { cells, .. } => {
            (cells.first.into_iter().map(|(location, _)| location).collect::<Vec<_>>(), cells.count)
        }
        other => panic!("{other}"),
    };
    let at_lines = |numbers: &[usize]| numbers.iter().copied().map(Location::Line).collect::<Vec<_>>();
    assert_eq!(rejected(&["2024-01-01", "2024-13-01", "", "soon"]), (at_lines(&[3, 5]), 2));
    assert_eq!(rejected(&["2024-02-30"]), (at_lines(&[2]), 1));
    assert_eq!(rejected(&["2024-01-01 00:00:00.5x"]), (at_lines(&[2]), 1));
    assert_eq!(rejected(&["x"; 25]), (at_lines(&[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), 25));
}

#[test]
fn the_order_of_day_and_month_needs_evidence() {
    let first_of_months: Vec<String> = (0..18).map(|m| format!("01/{:02}/{}", m % 12 + 1, 2020 + m / 12)).collect();
    let cells: Vec<&str> = first_of_months.iter().map(String::as_str).collect();
    assert_eq!(starts(&read_times(&cells, None).unwrap())[17], "2021-06-01");
    let ambiguous = ["01/02/2024", "02/02/2024", "03/02/2024"];
    let third = |order| starts(&read_times(&ambiguous, Some(order)).unwrap())[2].clone();
    assert_eq!(
        (third(DateOrder::DayFirst).as_str(), third(DateOrder::MonthFirst).as_str()),
        ("2024-02-03", "2024-03-02")
    );
    let problem = problem(read_times(&["03/04/2024", "04/04/2024"], None));
    assert!(matches!(problem, DataProblem::AmbiguousDateOrder { location: Location::Line(2), .. }), "{problem}");
}

#[test]
fn offsets_are_constant_or_those_of_a_zone_or_refused() {
    let zone = |cells: &[&str]| read_times(cells, None).unwrap().zone().to_string();
    assert_eq!(zone(&["2012-01-31T00:00:00+01:00", "", "2012-03-31T00:00:00+02:00"]), "Europe/Berlin");
    assert_eq!(zone(&["2012-01-31T00:00Z", "2012-03-31T00:00Z"]), "UTC");
    for (cells, is_last_offset) in
        [(["2012-01-31T00:00Z", "", "2012-03-31T00:00"], false), (["", "2012-01-31T00:00", "2012-03-31T00:00Z"], true)]
    {
        let problem = problem(read_times(&cells, None));
        let DataProblem::MixedOffsets { location, has_offset, .. } = problem else { panic!("{problem}") };
        assert_eq!((location, has_offset), (Location::Line(4), is_last_offset));
    }
}
