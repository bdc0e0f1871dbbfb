//! A file of future rows that is written in another way than that of the history, or has other series.

use std::fmt::Write as _;

use chrono::{Days, Months, NaiveDate};
use forecast::panel::{BadRowPolicy, DuplicatePolicy};
use forecast::read::{Dataset, Notice, ReadOptions, Source};
use forecast::time::DateOrder;

use crate::sandbox::{Sandbox, stderr, stdout};

const DAYS: u32 = 120;
const HORIZON: u32 = 14;

fn day(t: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 10, 1).unwrap() + Days::new(t.into())
}

fn temperature(t: u32) -> f64 {
    1210.0 + 200.0 * (f64::from(t) / 9.0).sin() + f64::from(t * 37 % 11)
}

fn sales(t: u32) -> f64 {
    5000.0 + 40.0 * f64::from(t % 7) + 2.0 * temperature(t)
}

/// A number with a decimal point, and commas between thousands.
fn with_point(number: f64) -> String {
    let cents = (number * 100.0).round() as u64;
    format!("{},{:03}.{:02}", cents / 100_000, cents / 100 % 1000, cents % 100)
}

/// A number with a decimal comma, and points between thousands.
fn with_comma(number: f64) -> String {
    with_point(number).replace(',', " ").replace('.', ",").replace(' ', ".")
}

/// A header, and a row for each number of a range.
fn rows(header: &str, range: std::ops::Range<u32>, row: impl Fn(u32) -> String) -> String {
    std::iter::once(header.to_owned()).chain(range.map(row)).map(|line| line + "\n").collect::<Vec<_>>().concat()
}

/// The history, separated by semicolons.
fn history(time: impl Fn(u32) -> String, number: impl Fn(f64) -> String) -> String {
    let row = |t: u32| format!("{};{};{}", time(t), number(sales(t)), number(temperature(t)));
    rows("date;sales;temperature", 0..DAYS, row)
}

/// The future rows, separated by semicolons.
fn future(time: impl Fn(u32) -> String, number: impl Fn(f64) -> String) -> String {
    rows("date;temperature", DAYS..DAYS + HORIZON, |t| format!("{};{}", time(t), number(temperature(t))))
}

/// The exit code of a command that forecasts with the temperature, and its messages.
fn forecast(sandbox: &Sandbox, files: &str) -> (Option<i32>, String) {
    let line = format!("{files} --target sales -n {HORIZON} --covariates temperature --quiet --out -");
    let output = sandbox.forecast(&line).output().unwrap();
    (output.status.code(), stderr(&output))
}

/// A file and that of its future, read with one covariate.
fn read_both(sandbox: &Sandbox, csv: &str, future: &str, covariate: &str) -> Dataset {
    read_with(sandbox, (csv, future), covariate, ReadOptions::default())
}

fn read_with(sandbox: &Sandbox, (csv, future): (&str, &str), covariate: &str, options: ReadOptions) -> Dataset {
    let options = ReadOptions {
        target: Some("sales".into()),
        covariates: vec![covariate.into()],
        future: Some(Source::Path(sandbox.path(future))),
        ..options
    };
    let read = forecast::read::read(&Source::Path(sandbox.path(csv)), &options);
    read.unwrap_or_else(|error| panic!("{csv} {future}: {error}"))
}

#[test]
fn numbers_and_dates_of_the_future_may_be_written_in_another_way() {
    let sandbox = Sandbox::new();
    let (iso, plain) = (|t: u32| day(t).to_string(), |number: f64| format!("{number:.2}"));
    let with = |form: &'static str| move |t: u32| day(t).format(form).to_string();
    sandbox.write("point.csv", &history(iso, with_point));
    sandbox.write("comma.csv", &history(with("%d.%m.%Y"), with_comma));
    sandbox.write("plain.csv", &future(iso, plain));
    sandbox.write("comma-future.csv", &future(with("%d.%m.%Y"), with_comma));
    sandbox.write("point-future.csv", &future(with("%m/%d/%Y"), with_point));
    sandbox.write("word-future.csv", &future(with("%d %B %Y"), |number| format!("{number:.2}").replace('.', ",")));
    let rows =
        (DAYS..DAYS + HORIZON).map(|t| format!(r#"{{"date":"{}","temperature":{:.2}}}"#, day(t), temperature(t)));
    sandbox.write("future.json", &format!("[{}]", rows.collect::<Vec<_>>().join(",")));
    let whole = read_both(&sandbox, "point.csv", "plain.csv", "temperature").panel;
    assert!(whole.for_horizon(HORIZON as usize).is_ok());
    for csv in ["point.csv", "comma.csv"] {
        for own in ["plain.csv", "comma-future.csv", "point-future.csv", "word-future.csv", "future.json"] {
            assert_eq!(read_both(&sandbox, csv, own, "temperature").panel, whole, "{csv} {own}");
        }
    }
    // what differs is noted, and the history is read as without the other file
    let line = "inspect --csv point.csv --target sales --covariates temperature --future comma-future.csv";
    insta::assert_snapshot!(stdout(&sandbox.run(line)));
}

/// Whether no single format reads both. A year and a month are the start of a date that begins with the year.
fn needs_own_form(past: &str, later: &str) -> bool {
    let kind = |form: &str| match form {
        "%Y-%m" | "%Y-%m-%d" => "year first".to_owned(),
        "%d.%m.%Y" | "%d/%m/%Y" => "day first".to_owned(),
        form => form.to_owned(),
    };
    kind(past) != kind(later)
}

#[test]
fn months_of_the_future_may_be_written_in_another_way() {
    const FORMS: [&str; 8] = ["%Y-%m", "%Y-%m-%d", "%m.%Y", "%d.%m.%Y", "%b-%y", "%YM%m", "%Y%m", "%d/%m/%Y"];
    let month =
        |t: u32, form: &str| (NaiveDate::from_ymd_opt(2018, 1, 1).unwrap() + Months::new(t)).format(form).to_string();
    let sandbox = Sandbox::new();
    for (at, form) in FORMS.into_iter().enumerate() {
        let price = |t: u32| 20 + t * 7 % 11;
        let past = rows("month,sales,price", 0..48, |t| format!("{},{},{}", month(t, form), 100 + t % 12, price(t)));
        sandbox.write(&format!("past{at}.csv"), &past);
        let later = rows("month,price", 48..60, |t| format!("{},{}", month(t, form), price(t)));
        sandbox.write(&format!("later{at}.csv"), &later);
    }
    let whole = read_both(&sandbox, "past0.csv", "later0.csv", "price").panel;
    assert_eq!(whole.for_horizon(12).unwrap().covariates().in_words(), "price known in the future");
    for (at, past) in FORMS.into_iter().enumerate() {
        for (at_later, later) in FORMS.into_iter().enumerate() {
            let both = read_both(&sandbox, &format!("past{at}.csv"), &format!("later{at_later}.csv"), "price");
            assert_eq!(both.panel, whole, "{past} {later}");
            let (file, notice) = (sandbox.path(&format!("later{at_later}.csv")), Box::new(Notice::FutureDates));
            let is_noted = both.notices.contains(&Notice::FutureRows { file: file.display().to_string(), notice });
            assert_eq!(is_noted, needs_own_form(past, later), "{past} {later}");
        }
    }
}

#[test]
fn times_of_the_future_that_stay_unclear_are_refused_with_the_name_of_their_file() {
    let sandbox = Sandbox::new();
    let (iso, plain) = (|t: u32| day(t).to_string(), |number: f64| format!("{number:.2}"));
    sandbox.write("days.csv", &history(iso, plain));
    sandbox.write("numbered.csv", &history(|t| (t + 1).to_string(), plain));
    sandbox.write("numbered-future.csv", &future(|t| (t + 1).to_string(), plain));
    sandbox.write("days-future.csv", &future(iso, plain));
    // each reading is regular and has days before the end of the history
    let either = rows("date;temperature", 93..102, |t| format!("{};{:.2}", day(t).format("%d/%m/%Y"), temperature(t)));
    sandbox.write("either.csv", &either);
    sandbox.write("word.csv", &future(|t| if t == DAYS + 2 { "later".into() } else { iso(t) }, with_comma));
    let mut answers = String::new();
    for files in [
        "--csv days.csv --future either.csv",
        "--csv days.csv --future numbered-future.csv",
        "--csv numbered.csv --future days-future.csv",
        "--csv days.csv --future word.csv",
    ] {
        let (code, printed) = forecast(&sandbox, files);
        writeln!(answers, "{files}: {}\n{printed}", code.unwrap_or_default()).unwrap();
    }
    insta::assert_snapshot!(answers);
    // the hint settles the first of them
    let day_first = ReadOptions { dates: Some(DateOrder::DayFirst), ..ReadOptions::default() };
    let dataset = read_with(&sandbox, ("days.csv", "either.csv"), "temperature", day_first);
    assert_eq!(dataset.panel.count(), 1);
}

/// The rows of stores, of the history if these have sales.
fn of_stores(stores: &[&str], days: std::ops::Range<u32>, has_sales: bool) -> String {
    let mut text = format!("date,store,{}temperature\n", if has_sales { "sales," } else { "" });
    for (store, number) in stores.iter().zip(0_u32..) {
        for t in days.clone() {
            let own = if has_sales { format!("{:.2},", sales(t) + f64::from(number)) } else { String::new() };
            writeln!(text, "{},{store},{own}{:.2}", day(t), temperature(t) + f64::from(number)).unwrap();
        }
    }
    text
}

#[test]
fn the_future_of_several_series_is_not_averaged_for_one() {
    let sandbox = Sandbox::new();
    let (iso, plain) = (|t: u32| day(t).to_string(), |number: f64| format!("{number:.2}"));
    sandbox.write("one.csv", &history(iso, plain));
    sandbox.write("ulm.csv", &of_stores(&["Ulm"], 0..DAYS, true).replace("store", "place"));
    let later = DAYS..DAYS + HORIZON;
    sandbox.write("stores.csv", &of_stores(&["Bonn", "Ulm"], later.clone(), false));
    sandbox.write("places.csv", &of_stores(&["Bonn", "Ulm"], later.clone(), false).replace("store", "place"));
    sandbox.write("store.csv", &of_stores(&["Ulm"], later, false));
    let repeated = future(iso, plain) + &format!("{};{:.2}\n", day(DAYS + 1), 0.0);
    sandbox.write("repeated.csv", &repeated);
    let mut answers = String::new();
    for files in [
        "--csv one.csv --future stores.csv",
        "--csv ulm.csv --future places.csv",
        "--csv one.csv --future repeated.csv",
    ] {
        let (code, printed) = forecast(&sandbox, files);
        writeln!(answers, "{files}: {}\n{printed}", code.unwrap_or_default()).unwrap();
    }
    insta::assert_snapshot!(answers);
    // the future of one series is that of the one series
    let read = |files, options| read_with(&sandbox, files, "temperature", options).panel;
    let one = read(("one.csv", "store.csv"), ReadOptions::default());
    assert_eq!(one.covariates().in_words(), "temperature known in the future");
    // each hint settles it
    let mean = || ReadOptions { duplicates: DuplicatePolicy::Mean, ..ReadOptions::default() };
    for future in ["stores.csv", "repeated.csv"] {
        assert_eq!(read(("one.csv", future), mean()).count(), 1);
    }
    let with_id = read(("ulm.csv", "places.csv"), ReadOptions { ids: vec!["place".into()], ..ReadOptions::default() });
    assert_eq!(with_id.iter().map(|series| series.name()).collect::<Vec<_>>(), ["Ulm"]);
    assert_eq!(with_id.covariates().in_words(), "temperature known in the future");
}

#[test]
fn each_problem_of_future_rows_has_a_hint_that_settles_it() {
    let sandbox = Sandbox::new();
    sandbox.write("past.csv", &of_stores(&["a", "b"], 0..30, true));
    let right = of_stores(&["a", "b"], 30..32, false);
    let with_cell = |row: &str| format!("{row},{}\n", if row.contains("date") { "sales" } else { "7" });
    let with_sales = right.lines().map(with_cell).collect::<Vec<_>>().concat();
    let continued = of_stores(&["a", "b"], 0..30, true)
        + &right
            .lines()
            .skip(1)
            .map(|row| {
                let parts: Vec<&str> = row.split(',').collect();
                format!("{},{},,{}\n", parts[0], parts[1], parts[2])
            })
            .collect::<Vec<_>>()
            .concat();
    for (future, corrected, hint) in [
        (right.replace("date,", "dates,"), right.clone(), "hint: rename the column dates to date, as in past.csv\n"),
        (right.replace("date,", "when,"), right.clone(), "hint: name the column of times date, as in past.csv\n"),
        (
            right.replace(",store", "").replace(",a,", ",").replace(",b,", ","),
            right.clone(),
            "hint: add the column store, which tells the series of past.csv apart\n",
        ),
        (
            right.replacen("2023-10-31", "", 1),
            right.clone(),
            "hint: write the time of line 2, or skip it with `--bad-rows skip`\n",
        ),
        (
            with_sales.clone(),
            right.clone(),
            "hint: remove the column sales from this file; if its rows continue the history, add them to past.csv and leave \
             out `--future`\n",
        ),
        (
            right.replace(",a,", ",A1,").replace(",b,", ",B1,"),
            right.clone(),
            "hint: write the ids as past.csv has them, such as a\n",
        ),
    ] {
        sandbox.write("future.csv", &future);
        let (code, printed) = forecast(&sandbox, "--csv past.csv --future future.csv");
        assert!(code == Some(3) && printed.ends_with(hint), "{printed}");
        assert!(printed.starts_with("error: future.csv: ") && !printed.contains("of the future rows"), "{printed}");
        sandbox.write("future.csv", &corrected);
        assert_eq!(read_both(&sandbox, "past.csv", "future.csv", "temperature").panel.count(), 2);
    }
    // the other way out of values of the target
    sandbox.write("continued.csv", &continued);
    let options = ReadOptions { covariates: vec!["temperature".into()], ..ReadOptions::default() };
    let options = ReadOptions { target: Some("sales".into()), ..options };
    let whole = forecast::read::read(&Source::Path(sandbox.path("continued.csv")), &options).unwrap().panel;
    assert_eq!(whole.covariates().in_words(), "temperature known in the future");
}

#[test]
fn series_of_the_future_without_a_history_are_a_notice() {
    let sandbox = Sandbox::new();
    let later = 30..32;
    sandbox.write("part.csv", &of_stores(&["a", "b"], 0..30, true));
    sandbox.write("all.csv", &of_stores(&["a", "b", "c", "d"], later.clone(), false));
    sandbox.write("own.csv", &of_stores(&["a", "b"], later.clone(), false));
    sandbox.write("others.csv", &of_stores(&["x", "y"], later, false));
    let panel = |future| read_both(&sandbox, "part.csv", future, "temperature").panel;
    assert_eq!(panel("all.csv"), panel("own.csv"));
    let line = "--csv part.csv --future all.csv --target sales -n 2 --covariates temperature --no-report --out all";
    let printed = stderr(&sandbox.run(line));
    assert!(printed.contains("notice: all.csv: 2 series without a history left out: c, d\n"), "{printed}");
    assert!(!sandbox.names("all").contains(&"failed.csv".to_owned()));
    let (code, printed) = forecast(&sandbox, "--csv part.csv --future others.csv");
    assert_eq!(code, Some(3));
    insta::assert_snapshot!(printed);
}

#[test]
fn a_surplus_cell_of_a_future_row_is_named_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write("past.csv", &of_stores(&["a"], 0..30, true));
    let future = of_stores(&["a"], 30..34, false);
    let third = future.lines().nth(2).unwrap();
    for (surplus, cells) in [(",9", 4), (",,oops", 5)] {
        sandbox.write("future.csv", &future.replace(third, &format!("{third}{surplus}")));
        let (code, printed) = forecast(&sandbox, "--csv past.csv --future future.csv");
        let value = surplus.trim_start_matches(',');
        let expected =
            format!("error: future.csv: line 3: {cells} cells for the 3 columns: \"{value}\" has no column\n");
        assert!(code == Some(3) && printed.starts_with(&expected), "{printed}");
        assert!(printed.contains("hint: correct or remove line 3, with quotes around a cell"), "{printed}");
    }
    sandbox.write("future.csv", &future);
    assert_eq!(read_both(&sandbox, "past.csv", "future.csv", "temperature").panel.count(), 1);
}

/// Rows of the future without a readable time are skipped as those of the history are, with a notice and with an error about the
/// step that then has no value.
#[test]
fn future_rows_without_a_time_are_skipped_as_requested() {
    let sandbox = Sandbox::new();
    let (iso, plain) = (|t: u32| day(t).to_string(), |number: f64| format!("{number:.2}"));
    sandbox.write("past.csv", &history(iso, plain));
    let whole = future(iso, plain);
    sandbox.write("whole.csv", &whole);
    let (second, last) = (day(DAYS + 1).to_string(), day(DAYS + HORIZON - 1).to_string());
    sandbox.write("empty.csv", &whole.replace(&second, ""));
    sandbox.write("word.csv", &whole.replace(&second, "soon"));
    sandbox.write("surplus.csv", &whole.replace(&format!("{last};"), &format!(";8\nlater;7\n;\n{last};")));
    sandbox.write("words.csv", &future(|t| if t < DAYS + 4 { format!("d{t}") } else { iso(t) }, plain));
    sandbox.write("blanks.csv", &future(|t| if t < DAYS + 4 { String::new() } else { iso(t) }, plain));
    let mut answers = String::new();
    for file in ["empty", "word", "words", "blanks"] {
        for skip in ["", " --bad-rows skip"] {
            let (code, printed) = forecast(&sandbox, &format!("--csv past.csv --future {file}.csv{skip}"));
            writeln!(answers, "{file}{skip}: {}\n{printed}", code.unwrap_or_default()).unwrap();
        }
    }
    insta::assert_snapshot!(answers);
    let skip = || ReadOptions { bad_rows: BadRowPolicy::Skip, ..ReadOptions::default() };
    let surplus = read_with(&sandbox, ("past.csv", "surplus.csv"), "temperature", skip());
    assert_eq!(surplus.panel, read_both(&sandbox, "past.csv", "whole.csv", "temperature").panel);
    let expected = format!("surplus.csv: 2 rows without a readable time skipped, the first is line {}", HORIZON + 1);
    assert!(surplus.notices[0].to_string().ends_with(&expected), "{:?}", surplus.notices);
    assert_eq!(surplus.notices.len(), 1);
    // the last row is the only one that can be left out without a loss of steps before it
    sandbox.write("end.csv", &whole.replace(&last, "soon"));
    let line = format!("--csv past.csv --future end.csv --target sales -n {} --covariates temperature", HORIZON - 1);
    let printed = stderr(&sandbox.run(&format!("{line} --bad-rows skip --out -")));
    assert!(
        printed.contains("notice: end.csv: 1 row without a readable time skipped, the first is line "),
        "{printed}"
    );
}

#[test]
fn a_misspelt_covariate_of_the_future_is_refused() {
    let sandbox = Sandbox::new();
    let row = |t: u32| format!("{},{},{},{}", day(t), 10 + t % 7, 5 + t % 3, t % 5);
    sandbox.write("past.csv", &rows("date,sales,price,promo", 0..60, row));
    let of = |header: &str| rows(header, 60..67, |t| format!("{},{},{}", day(t), 5 + t % 3, t % 5));
    sandbox.write("prices.csv", &of("date,prices,promo"));
    sandbox.write("other.csv", &of("date,weather,promo"));
    sandbox.write("none.csv", &of("date,weather,wind"));
    let options = || ReadOptions {
        target: Some("sales".into()),
        covariates: vec!["price".into(), "promo".into()],
        ..ReadOptions::default()
    };
    let error = |file: &str| {
        let options = ReadOptions { future: Some(Source::Path(sandbox.path(file))), ..options() };
        forecast::read::read(&Source::Path(sandbox.path("past.csv")), &options).map_err(|error| error.to_string())
    };
    let misspelt = error("prices.csv").unwrap_err();
    assert!(misspelt.ends_with("no column \"price\" (the columns are: date, prices, promo)"), "{misspelt}");
    // a covariate without a similar column is one of the past only
    let known = error("other.csv").unwrap().panel.covariates().in_words();
    assert_eq!(known, "promo known in the future; price past only");
    // a file without any covariate has no use
    let none = error("none.csv").unwrap_err();
    assert!(none.ends_with("no column \"price\" (the columns are: date, weather, wind)"), "{none}");
}

/// Columns that differ in a number are not misspelt.
#[test]
fn a_numbered_covariate_may_be_missing_next_to_another_one() {
    let sandbox = Sandbox::new();
    let row = |t: u32, values: &str| format!("{},{values}{}\n", day(t), t % 5);
    let past: String = (0..DAYS).map(|t| row(t, &format!("{},{},{},", sales(t), t % 3, t % 4))).collect();
    let future: String = (DAYS..DAYS + HORIZON).map(|t| row(t, &format!("{},{},", t % 3, t % 4))).collect();
    sandbox.write("past.csv", &format!("date,sales,x1,x2,x3\n{past}"));
    sandbox.write("future.csv", &format!("date,x1,x2,x4\n{future}"));
    let line = "inspect --csv past.csv --target sales --covariates x1,x2,x3 --future future.csv";
    let printed = stdout(&sandbox.run(line));
    assert!(printed.contains("x3 past only"), "{printed}");
}
