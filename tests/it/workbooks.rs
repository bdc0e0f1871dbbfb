//! Workbooks of Excel and `OpenDocument`: read as tables, and written as the sheets of one file.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx};
use forecast::error::DataProblem;
use forecast::panel::BadRowPolicy;
use forecast::read::{Dataset, Notice, ReadOptions, Source, read};
use forecast::{Error, Panel};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use crate::sandbox::{Sandbox, stderr, stdout};

/// Dates from 1 January 2024 in column `column`, and numbers beside them, from row `row` on.
fn fill_days(sheet: &mut Worksheet, (row, column): (u32, u16), days: u32) {
    let format = Format::new().set_num_format("dd.mm.yyyy");
    let first = ExcelDateTime::from_ymd(2024, 1, 1).unwrap().to_excel();
    for day in 0..days {
        sheet.write_number_with_format(row + day, column, first + f64::from(day), &format).unwrap();
        let value = 100.0 + f64::from(day % 7) + f64::from(day) * 0.125;
        sheet.write_number(row + day, column + 1, value).unwrap();
    }
}

/// A sheet with a header in its first row and `days` days below it.
fn plain_sheet(name: &str, days: u32) -> Worksheet {
    let mut sheet = Worksheet::new();
    sheet.set_name(name).unwrap().write_string(0, 0, "day").unwrap().write_string(0, 1, "sales").unwrap();
    fill_days(&mut sheet, (1, 0), days);
    sheet
}

fn workbook(sheets: impl IntoIterator<Item = Worksheet>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for sheet in sheets {
        workbook.push_worksheet(sheet);
    }
    workbook.save_to_buffer().unwrap()
}

fn read_bytes(bytes: Vec<u8>, options: &ReadOptions) -> forecast::Result<Dataset> {
    read(&Source::Bytes(bytes), options)
}

fn problem(result: forecast::Result<Dataset>) -> DataProblem {
    let Err(Error::Data { problem, .. }) = result else { panic!("no problem of the data: {result:?}") };
    *problem
}

fn values(panel: &Panel) -> Vec<f64> {
    panel.iter().next().unwrap().values.to_vec()
}

#[test]
fn dates_are_dates_and_numbers_are_numbers() {
    let dataset = read_bytes(workbook([plain_sheet("Data", 20)]), &ReadOptions::default()).unwrap();
    assert_eq!(dataset.summary(), "daily, 1 series, 2024-01-01 to 2024-01-20, target sales");
    assert_eq!(values(&dataset.panel)[..4], [100.0, 101.125, 102.25, 103.375], "three decimals are no thousands");
    assert_eq!(dataset.notices, []);
}

#[test]
fn the_sheet_with_the_largest_table_is_read_unless_one_is_named() {
    let bytes = || workbook([plain_sheet("Old", 10), plain_sheet("All days", 30), plain_sheet("New", 12)]);
    let dataset = read_bytes(bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(dataset.rows, 30);
    let [Notice::SheetChosen { sheet, others, apart: Some(apart) }] = dataset.notices.as_slice() else {
        panic!("{:?}", dataset.notices)
    };
    assert_eq!((sheet.as_str(), others.as_slice()), ("All days", &["Old".to_owned(), "New".to_owned()][..]));
    assert!(apart.starts_with("Old also has a row at 2024-01-01"), "{apart}");
    let named = |name: &str| read_bytes(bytes(), &ReadOptions { sheet: Some(name.into()), ..ReadOptions::default() });
    let new = named("New").unwrap();
    assert_eq!((new.rows, new.notices), (12, vec![Notice::SheetNamed { sheet: "New".into() }]));
    let DataProblem::SheetNotFound { similar, .. } = problem(named("All day")) else { panic!("the sheet is missing") };
    assert_eq!(similar.as_deref(), Some("All days"));
    let csv = ReadOptions { sheet: Some("New".into()), ..ReadOptions::default() };
    assert_eq!(problem(read_bytes(b"day,v\n2024-01-01,1\n2024-01-02,2\n".to_vec(), &csv)), DataProblem::NoSheets);
}

/// A sheet of the days from `first` on, in one layout.
fn sheet_from(name: &str, first: u32, days: u32) -> Worksheet {
    let mut sheet = Worksheet::new();
    sheet.set_name(name).unwrap().write_string(0, 0, "day").unwrap().write_string(0, 1, "sales").unwrap();
    let day = |at: u32| chrono::NaiveDate::from_ymd_opt(2023, 1, 1).unwrap() + chrono::Days::new((first + at).into());
    for at in 0..days {
        sheet.write_string(at + 1, 0, day(at).to_string()).unwrap().write_number(at + 1, 1, first + at).unwrap();
    }
    sheet
}

#[test]
fn sheets_with_the_same_columns_and_other_times_are_read_one_after_the_other() {
    let mut notes = Worksheet::new();
    notes.set_name("Notes").unwrap().write_string(0, 0, "Sales of the shop").unwrap();
    let years = [notes, sheet_from("2023", 0, 365), sheet_from("2024", 365, 60)];
    let dataset = read_bytes(workbook(years), &ReadOptions::default()).unwrap();
    assert_eq!(dataset.summary(), "daily, 1 series, 2023-01-01 to 2024-02-29, target sales");
    assert_eq!(values(&dataset.panel), (0..425).map(f64::from).collect::<Vec<_>>());
    let (sheets, others) = (vec!["2023".into(), "2024".into()], vec!["Notes".into()]);
    assert_eq!(dataset.notices, [Notice::SheetsJoined { sheets, others }]);
    // The newest sheet may be first, and a sheet that repeats some of the times is another table.
    let reversed = [sheet_from("b", 30, 30), sheet_from("a", 0, 30), sheet_from("copy", 20, 15)];
    let dataset = read_bytes(workbook(reversed), &ReadOptions::default()).unwrap();
    assert_eq!(values(&dataset.panel), (0..60).map(f64::from).collect::<Vec<_>>());
    // A further column makes it another table, which the notice says.
    let mut with_price = sheet_from("2024", 365, 60);
    with_price.write_string(0, 2, "price").unwrap();
    for row in 1..=60 {
        with_price.write_number(row, 2, 9).unwrap();
    }
    let dataset = read_bytes(workbook([sheet_from("2023", 0, 365), with_price]), &ReadOptions::default()).unwrap();
    assert!(
        dataset.notices[0].to_string().ends_with("; not joined, as 2024 has a column price"),
        "{:?}",
        dataset.notices
    );
    // A cell that cannot be read is located in its own sheet.
    let mut second = sheet_from("2024", 365, 60);
    second.write_string(7, 1, "closed").unwrap();
    let target = ReadOptions { target: Some("sales".into()), ..ReadOptions::default() };
    let error = problem(read_bytes(workbook([sheet_from("2023", 0, 365), second]), &target)).to_string();
    assert!(error.contains("row 8"), "{error}");
}

#[test]
fn totals_beside_and_below_months_are_noticed() {
    let mut sheet = Worksheet::new();
    sheet.write_string(0, 0, "Cost centre").unwrap().write_string(0, 1, "Account").unwrap();
    sheet.write_string(0, 26, "Total").unwrap();
    for month in 0..24_u16 {
        sheet.write_string(0, 2 + month, format!("{}-{:02}", 2022 + month / 12, month % 12 + 1)).unwrap();
    }
    for (row, name) in (1..).zip(["CC1", "CC2", "CC3", "Total"]) {
        sheet.write_string(row, 0, name).unwrap();
        if name != "Total" {
            sheet.write_string(row, 1, "Travel").unwrap();
        }
        let factor = if name == "Total" { 14 } else { row * row };
        for month in 0..24_u16 {
            sheet.write_number(row, 2 + month, factor * u32::from(100 + month)).unwrap();
        }
        sheet.write_number(row, 26, factor * 2_676).unwrap();
    }
    let dataset = read_bytes(workbook([sheet]), &ReadOptions::default()).unwrap();
    let text = dataset.notices.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    assert!(dataset.notices.contains(&Notice::ColumnsLeftOut { columns: vec!["Total".into()] }), "{text}");
    assert!(text.contains("sum of"), "{text}");
}

#[test]
fn titles_empty_columns_and_cells_with_errors_are_noted_with_their_place() {
    let mut sheet = Worksheet::new();
    sheet.merge_range(1, 2, 1, 4, "Sales of the north", &Format::new()).unwrap();
    for (column, heading) in (2..).zip(["Day", "Sales\n(EUR)", "Remark"]) {
        sheet.write_string(3, column, heading).unwrap();
    }
    fill_days(&mut sheet, (4, 2), 25);
    sheet.write_string(5, 4, "=A1 is no formula, \"it\" is a text").unwrap();
    for (row, error) in [(9, "#N/A"), (12, "#DIV/0!"), (13, "#NAME?")] {
        sheet.write_formula(row, 3, Formula::new("=1/0").set_result(error)).unwrap();
    }
    let dataset = read_bytes(workbook([sheet]), &ReadOptions::default()).unwrap();
    assert_eq!(dataset.panel.columns().target, "Sales (EUR)");
    assert_eq!(dataset.repairs.len(), 3, "{:?}", dataset.repairs);
    let errors = [("D10", "#N/A"), ("D13", "#DIV/0!"), ("D14", "#NAME?")];
    let first = errors.map(|(address, error)| (address.to_owned(), error.to_owned())).to_vec();
    assert!(dataset.notices.contains(&Notice::ErrorCells { cells: 3, first }), "{:?}", dataset.notices);
    let is_title = |notice: &Notice| matches!(notice, Notice::TitleSkipped { first, .. } if first.contains("north"));
    assert!(dataset.notices.iter().any(is_title), "{:?}", dataset.notices);
}

#[test]
fn a_cell_that_is_no_number_is_named_with_the_row_of_the_sheet() {
    let mut sheet = plain_sheet("Data", 20);
    sheet.write_string(7, 1, "closed").unwrap();
    let error = read_bytes(workbook([sheet]), &ReadOptions { target: Some("sales".into()), ..ReadOptions::default() });
    assert_eq!(error.unwrap_err().to_string(), "the data: row 8, column sales: \"closed\" is not a number");
}

/// Remarks right of the table are left out, also one so far away that padding all rows to it would take much memory.
#[test]
fn remarks_right_of_a_table_are_left_out() {
    for (column, address) in [(20, "U151"), (16_383, "XFD151"), (3, "D151")] {
        let mut sheet = plain_sheet("Data", 3_000);
        sheet.write_string(150, column, "checked by M.").unwrap();
        let dataset = read_bytes(workbook([sheet]), &ReadOptions::default()).unwrap();
        assert_eq!(
            dataset.summary(),
            read_bytes(workbook([plain_sheet("Data", 3_000)]), &ReadOptions::default()).unwrap().summary()
        );
        let notice = dataset.notices[0].to_string();
        assert_eq!(notice, format!("1 cell right of the table left out, the first is {address}: checked by M."));
    }
    // A name in the first row is that of a column, however few cells it has.
    let mut sheet = plain_sheet("Data", 100);
    sheet.write_string(0, 3, "promotion").unwrap().write_number(7, 3, 1).unwrap();
    let promotion =
        ReadOptions { target: Some("sales".into()), covariates: vec!["promotion".into()], ..ReadOptions::default() };
    assert!(read_bytes(workbook([sheet]), &promotion).is_ok());
}

/// Of several sheets, an error names the one that is read.
#[test]
fn errors_name_the_sheet() {
    let mut large = plain_sheet("All days", 30);
    large.write_string(7, 1, "closed").unwrap();
    let target = ReadOptions { target: Some("sales".into()), ..ReadOptions::default() };
    let error = read_bytes(workbook([plain_sheet("Old", 10), large]), &target).unwrap_err().to_string();
    assert!(error.contains("sheet All days: row 8, column sales: \"closed\""), "{error}");
}

#[test]
fn hours_that_a_spreadsheet_added_up_are_whole_hours() {
    let mut sheet = Worksheet::new();
    sheet.write_string(0, 0, "time").unwrap().write_string(0, 1, "load").unwrap();
    let (format, mut serial) = (Format::new().set_num_format("yyyy-mm-dd hh:mm"), 45_292.0);
    for hour in 0..200 {
        sheet.write_number_with_format(hour + 1, 0, serial, &format).unwrap();
        sheet.write_number(hour + 1, 1, hour % 24).unwrap();
        serial += 1.0 / 24.0;
    }
    let dataset = read_bytes(workbook([sheet]), &ReadOptions::default()).unwrap();
    assert_eq!(dataset.summary(), "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-09T07:00:00, target load");
}

#[test]
fn a_cell_far_away_does_not_fill_the_memory() {
    let mut sheet = plain_sheet("Data", 20);
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let bytes = workbook([sheet]);
    let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..ReadOptions::default() };
    assert_eq!(read_bytes(bytes.clone(), &skip).unwrap().rows, 20);
    if let Err(error) = read_bytes(bytes, &ReadOptions::default()) {
        assert!(error.to_string().contains("row 1048576"), "{error}");
    }
}

/// A file of the corpus: `=A2*2` and so on in the second column, saved by a program that does not compute.
#[test]
fn formulas_without_values_are_refused_or_skipped() {
    let source = Source::Path(corpus("formulas.xlsx"));
    let uncomputed = DataProblem::UncomputedFormulas { cells: 30, first: "B2".into() };
    assert_eq!(problem(read(&source, &ReadOptions::default())), uncomputed);
    let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..ReadOptions::default() };
    assert!(matches!(problem(read(&source, &skip)), DataProblem::NoNumericColumn { .. }), "no value is left");
}

fn corpus(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(file)
}

#[test]
fn the_open_format_is_read_too() {
    let dataset = read(&Source::Path(corpus("days.ods")), &ReadOptions::default()).unwrap();
    assert_eq!(dataset.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target v");
    assert_eq!(values(&dataset.panel)[29], 36.25);
}

#[test]
fn other_archives_and_damaged_workbooks_are_refused() {
    let bytes = workbook([plain_sheet("Data", 20)]);
    let damaged = problem(read_bytes(bytes[..bytes.len() - 60].to_vec(), &ReadOptions::default()));
    assert!(matches!(damaged, DataProblem::Malformed { .. }), "{damaged:?}");
    let archive = problem(read_bytes(b"PK\x03\x04 an archive".to_vec(), &ReadOptions::default()));
    assert!(matches!(archive, DataProblem::UnsupportedFormat(_)), "{archive:?}");
    let password: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let protected = read_bytes([b"\xD0\xCF\x11\xE0".to_vec(), password].concat(), &ReadOptions::default());
    assert!(protected.unwrap_err().to_string().contains("protected by a password"));
}

/// Two shops, one of them with a name that looks like a formula, and a gap.
fn with_shops() -> Sandbox {
    let sandbox = Sandbox::new();
    let row = |month: i32| {
        let date = format!("{}-{:02}-01", 2021 + month / 12, month % 12 + 1);
        let gap = if month == 9 { String::new() } else { format!("{date},=1+1,{}\n", 50 + month) };
        gap + &format!("{date},\"a, b\",{}.5\n", 100 + month % 12)
    };
    sandbox.write("shops.csv", &("month,shop,sales\n".to_owned() + &(0..36).map(row).collect::<String>()));
    sandbox
}

fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let rows = |range: calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
    workbook.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect()
}

#[test]
fn a_workbook_has_the_tables_of_the_csv_files() {
    let sandbox = with_shops();
    let flags = "--csv shops.csv --model seasonal-naive --until 2024-06 --total quarter --threshold 80 -q";
    sandbox.run(&format!("{flags} --out text"));
    sandbox.run(&format!("{flags} --out book --format xlsx"));
    let others = ["model", "report.html", "run.json"];
    let names = [&["backtest.csv", "forecast.png", "forecast.xlsx", "history.csv"][..], &others].concat();
    assert_eq!(sandbox.names("book"), names);
    let written = sheets(sandbox.bytes("book/forecast.xlsx"));
    let names: Vec<&str> = written.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["forecast", "totals", "threshold", "repairs"]);
    for (name, rows) in &written {
        let csv = sandbox.read(&format!("text/{name}.csv"));
        assert_eq!(rows.len(), csv.lines().count(), "{name}");
        let header: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
        assert_eq!(csv.lines().next().unwrap(), header.join(","), "{name}");
    }
    let first = &written[0].1[1];
    assert_eq!(first[0], Data::String("=1+1".into()), "a text that looks like a formula is a text");
    let Data::DateTime(date) = &first[1] else { panic!("{:?} is no date", first[1]) };
    assert_eq!(date.as_datetime().unwrap().to_string(), "2024-01-01 00:00:00");
    let csv = sandbox.read("text/forecast.csv");
    let number: f64 = csv.lines().nth(1).unwrap().split(',').nth(2).unwrap().parse().unwrap();
    assert_eq!(first[2], Data::Float(number));
}

#[test]
fn a_workbook_has_the_same_bytes_each_time_and_can_be_read_again() {
    let sandbox = with_shops();
    for out in ["one", "two"] {
        sandbox.run(&format!("--csv shops.csv -n 3 --model naive --format xlsx -q --out {out}"));
        sandbox.run(&format!("backtest --csv shops.csv -n 3 --model naive --format xlsx -q --out {out}-past"));
        std::thread::sleep(std::time::Duration::from_millis(1100));
    }
    assert_eq!(sandbox.bytes("one/forecast.xlsx"), sandbox.bytes("two/forecast.xlsx"));
    assert_eq!(sandbox.bytes("one-past/backtest.xlsx"), sandbox.bytes("two-past/backtest.xlsx"));
    let names: Vec<String> =
        sheets(sandbox.bytes("one-past/backtest.xlsx")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["backtest", "metrics", "repairs"]);
    let again = stdout(&sandbox.run("inspect --csv one/forecast.xlsx --target forecast"));
    assert!(again.starts_with("monthly, 2 series (shop), 2024-01-01 to 2024-03-01, target forecast"), "{again}");
}

#[test]
fn a_format_or_a_file_name_that_does_not_fit_is_refused_with_a_command_that_works() {
    let sandbox = with_shops();
    let run = "--csv shops.csv -n 3 --model naive -q";
    for (flags, works) in [
        ("--format xlsx --out -", "--format xlsx --out DIR"),
        ("--out sales.xlsx", "--out sales --format xlsx"),
        ("--out sales.csv", "--out sales"),
    ] {
        let output = sandbox.forecast(&format!("{run} {flags}")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags}: {}", stderr(&output));
        assert!(stderr(&output).contains("\nhint: "), "{flags}");
        sandbox.run(&format!("{run} {works}"));
    }
    assert!(sandbox.names("sales").contains(&"forecast.csv".to_owned()));
}
