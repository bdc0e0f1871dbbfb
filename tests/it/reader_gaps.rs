//! Files with few rows for their periods: what is filled, what is 0, and what is refused.

use forecast::panel::{DuplicatePolicy, GapFill, RepairPolicy};
use forecast::read::ReadOptions;
use forecast::time::NamedFrequency;

use crate::files::{date, hint, hinted_flags, inspect, lines, notices, options, read, values_by_key};

/// Sales on two of ten days.
fn rare_sales() -> String {
    lines("date,sold", 80, |at| format!("{},{}", date(at / 2 * 10 + at % 2), 1 + at % 3))
}

/// Sales at changing distances of about five days.
fn uneven_sales() -> String {
    lines("date,sold", 80, |at| format!("{},{}", date(at * 5 + at * at % 4), 1 + at % 3))
}

/// Two items that are sold on two of twelve days.
fn rare_items() -> String {
    lines("item;day;qty", 120, |at| {
        format!("{};{};{}", ["bolt", "nut"][at as usize % 2], date(at / 4 * 12 + at / 2 % 2), 2 + at % 2)
    })
}

#[test]
fn scattered_rows_are_refused_with_a_hint_that_reads_the_others_as_0() {
    for (text, start) in [(rare_sales(), "daily, 1 series"), (rare_items(), "daily, 2 series (item)")] {
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert!(error.to_string().contains("most are missing, the longest gap is from 20"), "{error}");
        assert_eq!(hinted_flags(&error), "--frequency daily --gaps zero");
        let shown = inspect(&text, &hinted_flags(&error));
        assert!(shown.starts_with(start) && shown.contains("periods without a row are read as 0"), "{shown}");
        let zero = read("a.csv", &text, &ReadOptions { gaps: GapFill::Zero, ..options() }).unwrap();
        assert!(zero.repairs.is_empty(), "{:?}", zero.repairs);
        let rows = text.lines().count() - 1;
        let sold: usize =
            values_by_key(&zero).iter().map(|(_, values)| values.iter().filter(|value| **value > 0.0).count()).sum();
        assert_eq!(sold, rows, "every row keeps its value");
        // The second way of the hint works, too.
        let monthly = inspect(&text, "--frequency monthly --duplicates sum");
        assert!(monthly.starts_with("monthly, "), "{}: {monthly}", hint(&error));
    }
}

/// Rows without a step are not filled up to days, but added up to weeks, or read with zeros between them.
#[test]
fn uneven_dates_are_refused_with_hints_that_keep_their_sum() {
    let text = uneven_sales();
    let error = read("a.csv", &text, &options()).unwrap_err();
    assert!(error.to_string().contains("times are off the regular step"), "{error}");
    assert_eq!(hinted_flags(&error), "--frequency weekly --duplicates sum");
    assert!(hint(&error).ends_with("`--frequency daily --gaps zero`"), "{}", hint(&error));
    let requested =
        |frequency, duplicates, gaps| ReadOptions { frequency: Some(frequency), duplicates, gaps, ..options() };
    let sum =
        |options: &ReadOptions| -> f64 { values_by_key(&read("a.csv", &text, options).unwrap())[0].1.iter().sum() };
    assert_eq!(sum(&requested(NamedFrequency::Daily, DuplicatePolicy::Equal, GapFill::Zero)), 159.0);
    let weekly = requested(NamedFrequency::Weekly, DuplicatePolicy::Sum, GapFill::Seasonal);
    assert_eq!(sum(&ReadOptions { unfinished: RepairPolicy::Keep, ..weekly }), 159.0);
    let filled = read("a.csv", &text, &requested(NamedFrequency::Daily, DuplicatePolicy::Equal, GapFill::Seasonal));
    assert!(filled.unwrap_err().to_string().contains("most are missing"));
}

#[test]
fn a_wrong_date_is_refused_whatever_is_requested() {
    let days = lines("date,v", 60, |day| format!("{},{}", date(day), day % 7));
    for wrong in ["2042-01-01,3\n", "1924-05-01,3\n"] {
        let text = days.clone() + wrong;
        for requested in [
            options(),
            ReadOptions { gaps: GapFill::Zero, ..options() },
            ReadOptions { frequency: Some(NamedFrequency::Daily), ..options() },
        ] {
            let error = read("a.csv", &text, &requested).unwrap_err();
            assert!(error.to_string().ends_with("(line 62)"), "{error}");
            assert!(hint(&error).starts_with("correct the time of line 62, or"), "{}", hint(&error));
        }
    }
}

#[test]
fn a_row_without_a_value_is_filled_even_if_missing_rows_are_0() {
    let text = "date,v\n2024-01-01,5\n2024-01-02,\n2024-01-03,5\n2024-01-05,5\n2024-01-06,5\n";
    let zero = read("a.csv", text, &ReadOptions { gaps: GapFill::Zero, ..options() }).unwrap();
    assert_eq!(values_by_key(&zero)[0].1, [5.0, 5.0, 5.0, 0.0, 5.0, 5.0]);
    assert_eq!((zero.repairs.len(), notices(&zero)), (1, vec!["1 period without a row is read as 0".to_owned()]));
}

/// A time that is far from the others makes no period for them, and a gap longer than all rows is not filled.
#[test]
fn a_hint_never_fills_the_way_to_a_time_far_from_the_others() {
    let days = lines("date,v", 38, |day| format!("{},{}", date(day), day % 7));
    let hours = lines("time,v", 900, |hour| format!("{} {:02}:00,{}", date(hour / 24), hour % 24, hour % 7));
    for (text, line) in [
        (days.clone() + "2020-01-25 04:00,3\n", 40),
        (days + "2031-08-25 17:30,3\n", 40),
        (hours + "2019-12-25 17:30,3\n", 902),
    ] {
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert!(error.to_string().contains(&format!("the first: line {line} ")), "{error}");
        assert_eq!(hint(&error), "correct these times, or remove their lines");
        let monthly = ReadOptions {
            frequency: Some(NamedFrequency::Monthly),
            duplicates: DuplicatePolicy::Sum,
            unfinished: RepairPolicy::Keep,
            ..options()
        };
        let error = read("a.csv", &text, &monthly).unwrap_err();
        assert!(hint(&error).starts_with(&format!("correct the time of line {line}, or")), "{error}");
    }
    // A shorter gap is filled.
    let months = lines("date,v", 10, |at| format!("{},{at}", date(if at < 5 { at } else { at + 14 })));
    assert_eq!(read("a.csv", &months, &options()).unwrap().repairs.len(), 14);
}

/// Rows at changing distances are no wrong times: they are aggregated to periods of which most have rows.
#[test]
fn rare_rows_are_aggregated_to_periods_that_have_rows() {
    for (step, turn, period) in [(10, 9, "weekly"), (20, 9, "monthly"), (62, 21, "quarterly")] {
        let text = lines("date,v", 40, |at| format!("{},{}", date(at * step + at * at * 7 % turn), at % 7));
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert_eq!(hinted_flags(&error), format!("--frequency {period} --duplicates sum"), "{error}");
        let shown = inspect(&text, &hinted_flags(&error));
        assert!(shown.starts_with(&format!("{period}, 1 series")), "{shown}");
    }
}

/// One date on all rows is no time index, whatever merges the rows.
#[test]
fn rows_that_all_have_one_time_are_refused() {
    for text in [lines("day,v", 30, |at| format!("Feb 30,{at}")), lines("month,v", 12, |at| format!("2024-01,{at}"))] {
        for duplicates in [DuplicatePolicy::Equal, DuplicatePolicy::Sum, DuplicatePolicy::Last] {
            let error = read("a.csv", &text, &ReadOptions { duplicates, ..options() }).unwrap_err();
            assert!(error.to_string().contains("rows have the time 20"), "{error}");
            assert!(hint(&error).ends_with("`--time NAME`"), "{}", hint(&error));
        }
    }
}

/// Of a few months among quarters no hint makes a series of months.
#[test]
fn a_few_periods_of_a_shorter_step_are_wrong_cells() {
    let quarter = |at: u32| format!("{} Q{},{at}", 2000 + at / 4, at % 4 + 1);
    for wrong in [&["Jan-60", "Jan-60"][..], &["Jan-60", "2004-11"], &["1998-03-05", "1998-03-06"]] {
        let row = |at: u32| if at % 17 == 9 { format!("{},{at}", wrong[at as usize / 17]) } else { quarter(at) };
        let text = lines("quarter,v", 34, row);
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert!(error.to_string().contains("line 11") && error.to_string().contains(wrong[0]), "{error}");
        assert_eq!(hinted_flags(&error), "--bad-rows skip");
    }
}
