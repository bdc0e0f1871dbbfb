//! Series of a file: codes and numbers that name them, their steps, and totals among them.

use forecast::hierarchy::Hierarchy;
use forecast::panel::DuplicatePolicy;
use forecast::read::ReadOptions;
use forecast::time::NamedFrequency;

use crate::files::{date, hint, hinted_flags, inspect, lines, notices, options, read, read_default, values_by_key};
use crate::sandbox::{Sandbox, stderr};

fn keys(text: &str, options: &ReadOptions) -> Vec<String> {
    values_by_key(&read("a.csv", text, options).unwrap()).into_iter().map(|(key, _)| key).collect()
}

/// Thirty days of several series, each with its code, and a value that grows with the number of the series.
fn with_codes(header: &str, codes: &[&str]) -> String {
    lines(header, 30 * codes.len() as u32, |at| {
        let (day, series) = (at / codes.len() as u32, at as usize % codes.len());
        format!("{},{},{}", date(day), codes[series], 100 * (series + 1) + at as usize % 7)
    })
}

#[test]
fn the_share_of_rows_that_are_merged_is_noticed() {
    let text = lines("date,qty", 40, |at| format!("{},{}", date(if at < 30 { at } else { at - 20 }), 5 + at % 7));
    for duplicates in [DuplicatePolicy::Sum, DuplicatePolicy::Last] {
        let dataset = read("a.csv", &text, &ReadOptions { duplicates, ..options() }).unwrap();
        assert_eq!(notices(&dataset), ["20 of 40 rows (50 %) share their time with others and are merged"]);
    }
}

#[test]
fn codes_of_digits_are_ids_and_written_as_they_are() {
    for codes in [
        &["00123", "0123", "123"][..],
        &["98765432109876543210", "98765432109876543211"],
        &["0", "00"],
        &["4006381333931", "0400638133393"],
    ] {
        for column in ["ean", "matnr", "x"] {
            let text = with_codes(&format!("date,{column},qty"), codes);
            let mut sorted = codes.to_vec();
            sorted.sort_unstable();
            assert_eq!(keys(&text, &options()), sorted, "{column}");
            // Sums of a day do not add up different codes.
            let sum = ReadOptions { duplicates: DuplicatePolicy::Sum, ..options() };
            assert_eq!(keys(&text, &sum), sorted, "{column}");
        }
    }
}

#[test]
fn values_with_leading_zeros_are_still_a_target_if_no_other_column_is() {
    let text = lines("date,qty", 20, |day| format!("{},{:05}", date(day), 80 + day));
    let values = values_by_key(&read_default("a.csv", text));
    assert_eq!(values[0].1[..3], [80.0, 81.0, 82.0]);
}

#[test]
fn whole_numbers_that_tell_rows_of_a_time_apart_are_ids() {
    let two = lines("day;bezirk;etage;menge", 240, |at| {
        format!("{};{};{};{}", date(at / 6), 101 + at / 2 % 3, at % 2 * 4, at * 37 % 101)
    });
    let one = lines("week,area,sales,price", 160, |at| {
        format!("{},{},{},{}.5", date(at / 4 * 7), at % 4 + 1, 20 + at * 31 % 67, at % 9)
    });
    let read_two = read_default("a.csv", &two);
    assert_eq!(read_two.panel.columns().ids, ["bezirk", "etage"]);
    assert_eq!(read_two.panel.columns().target, "menge");
    assert_eq!(values_by_key(&read_two)[5].0, "103 / 4");
    let note = "the numbers of bezirk, etage tell 6 series apart, and are read as ids, not as quantities (`--id NAMES` names the ids)";
    assert!(notices(&read_two).contains(&note.to_owned()), "{:?}", notices(&read_two));
    // Two quantities remain, and the error does not propose the ids as targets.
    let error = read("a.csv", &one, &options()).unwrap_err();
    assert!(error.to_string().ends_with("several columns could be the target: sales, price"), "{error}");
    let shown = inspect(&one, &hinted_flags(&error));
    assert!(shown.starts_with("weekly, 4 series (area), 2024-01-01 to 2024-09-30, target sales"), "{shown}");
}

#[test]
fn quantities_that_happen_to_differ_are_no_ids() {
    // two rows of each day, with different temperatures
    let text =
        lines("date,temperature,visits", 80, |at| format!("{},{},{}", date(at / 2), 5 + at * 13 % 17, 50 + at % 23));
    let target = ReadOptions { target: Some("visits".into()), ..options() };
    let error = read("a.csv", &text, &target).unwrap_err();
    assert!(error.to_string().contains("has several rows"), "{error}");
    let merged = inspect(&text, "--target visits --duplicates sum");
    assert!(merged.starts_with("daily, 1 series, "), "{merged}");
}

/// Daily values of a shop, weekly ones of two depots, and monthly ones of a plant, from 1 January 2024, a Monday.
fn at_steps(daily: u32, weekly: u32, monthly: u32) -> String {
    let mut text = lines("place,date,qty", daily, |day| format!("shop,{},10", date(day)));
    for depot in ["depot A", "depot B"] {
        text += &lines("", weekly, |week| format!("{depot},{},500", date(week * 7)))[1..];
    }
    text += &lines("", monthly, |month| format!("plant,{}-{:02}-01,9000", 2024 + month / 12, month % 12 + 1))[1..];
    text
}

#[test]
fn series_at_different_steps_are_refused_naming_both() {
    for (text, named, flags, value_of_shop) in [
        (
            at_steps(364, 52, 0),
            "series shop is daily, series depot A weekly",
            "--frequency weekly --duplicates sum",
            70.0,
        ),
        (
            at_steps(90, 52, 0),
            "series depot A is weekly, series shop daily",
            "--frequency weekly --duplicates sum",
            70.0,
        ),
        (
            at_steps(366, 0, 12),
            "series shop is daily, series plant monthly",
            "--frequency monthly --duplicates sum",
            310.0,
        ),
    ] {
        let error = read("a.csv", &text, &options()).unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
        assert_eq!(hinted_flags(&error), flags);
        let shown = inspect(&text, flags);
        assert!(shown.contains(" series (place)"), "{shown}");
        let frequency = if flags.contains("weekly") { NamedFrequency::Weekly } else { NamedFrequency::Monthly };
        let sums = ReadOptions { frequency: Some(frequency), duplicates: DuplicatePolicy::Sum, ..options() };
        let dataset = read("a.csv", &text, &sums).unwrap();
        let values = values_by_key(&dataset);
        let (_, shop) = values.iter().find(|(key, _)| key == "shop").unwrap();
        assert_eq!(shop[0], value_of_shop);
        assert!(!dataset.repairs.iter().any(|repair| repair.to.is_some()), "nothing is filled: {:?}", dataset.repairs);
    }
    // A frequency that is too short for one of them is refused likewise.
    let daily = ReadOptions { frequency: Some(NamedFrequency::Daily), ..options() };
    assert_eq!(
        hinted_flags(&read("a.csv", at_steps(364, 52, 0), &daily).unwrap_err()),
        "--frequency weekly --duplicates sum"
    );
}

#[test]
fn series_with_gaps_are_not_at_another_step() {
    // a product that is sold on some days only
    let text = lines("item,date,qty", 200, |day| format!("A,{},5", date(day)))
        + &lines("", 60, |at| format!("B,{},2", date(at * 3 + at * at % 3)))[1..];
    assert_eq!(
        read_default("a.csv", text).summary(),
        "daily, 2 series (item), 2024-01-01 to 2024-07-18, target qty; 119 missing days filled"
    );
}

/// Three regions and their total, which is called `name`. `error` is added to the total.
fn with_total(name: &str, error: u32) -> String {
    lines("month,region,sales", 96, |at| {
        let (month, region) = (at / 4, at as usize % 4);
        let parts = [40 + at / 4 * 13 % 29, 90 + at / 4 * 7 % 31, 11 + at / 4 % 12];
        let value = parts.get(region).copied().unwrap_or(parts.iter().sum::<u32>() + error * (month % 3));
        format!("{}-{:02},{},{value}", 2022 + month / 12, month % 12 + 1, ["east", "north", "west", name][region])
    })
}

#[test]
fn a_total_among_the_series_is_noticed() {
    for name in ["Total", "Gesamt", "Österreich", "ZZ00"] {
        let dataset = read_default("a.csv", with_total(name, 0));
        let note = format!(
            "series {name} is the sum of the 3 others, and is forecast as a series of its own (`--leave-out {name}` leaves it out)"
        );
        assert!(notices(&dataset).contains(&note), "{:?}", notices(&dataset));
        let without = ReadOptions { leave_out: vec![name.into()], ..options() };
        assert_eq!(keys(&with_total(name, 0), &without), ["east", "north", "west"]);
    }
    let named = read_default("a.csv", with_total("All", 50));
    assert!(
        notices(&named)[0].starts_with("series All has the name of a total, but is not the sum"),
        "{:?}",
        notices(&named)
    );
    assert!(notices(&read_default("a.csv", with_total("south", 50))).is_empty());
}

/// Two id columns, with totals over each of them and over both.
#[test]
fn totals_over_each_id_column_are_found() {
    let ids = ["a", "b", "Total"];
    let text = lines("year,shop,item,sales", 12 * 9, |at| {
        let (year, shop, item) = (at / 9, at as usize / 3 % 3, at as usize % 3);
        let value = |shop: usize, item: usize| (10 * (shop + 1) + 3 * item) as u32 + year * (item as u32 + 1);
        let over = |at: usize| if at == 2 { 0..2 } else { at..at + 1 };
        let sum: u32 = over(shop).flat_map(|shop| over(item).map(move |item| value(shop, item))).sum();
        format!("{},{},{},{sum}", 2010 + year, ids[shop], ids[item])
    });
    let dataset = read_default("a.csv", &text);
    let totals = dataset.panel.totals();
    let names: Vec<String> = dataset.panel.iter().map(|series| series.name()).collect();
    assert!(totals.iter().all(|total| total.is_sum && total.id == "Total" && total.parts == 2), "{totals:?}");
    let found: Vec<&str> = totals.iter().map(|total| names[total.series].as_str()).collect();
    assert_eq!(found, ["Total / Total", "Total / a", "Total / b", "a / Total", "b / Total"]);
}

#[test]
fn reconciliation_refuses_totals_with_a_hint_that_leaves_them_out() {
    let dataset = read_default("a.csv", with_total("Total", 0));
    let error = Hierarchy::new(&dataset.panel).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot be reconciled: the series Total is the sum of 3 others: the sum of all would count these twice"
    );
    assert_eq!(hinted_flags(&error), "--leave-out Total");
    let sandbox = Sandbox::new();
    sandbox.write("a.csv", &with_total("Total", 0));
    let line = "--csv a.csv --horizon 2 --model seasonal-naive --reconcile bottom-up --out out";
    let refused = sandbox.forecast(line).output().unwrap();
    assert_eq!((refused.status.code(), stderr(&refused).contains("`--leave-out Total`")), (Some(3), true));
    sandbox.run(&format!("{line} --leave-out Total"));
    let forecast = sandbox.read("out/forecast.csv");
    let median = |id: &str| -> f64 {
        let line = forecast.lines().find(|line| line.starts_with(id)).unwrap();
        line.split(',').nth(2).unwrap().parse().unwrap()
    };
    assert_eq!(median("(all)"), median("east") + median("north") + median("west"));
}

#[test]
fn ids_to_leave_out_must_exist() {
    let text = with_total("Total", 0);
    let left_out = |ids: &[&str]| {
        let leave_out = ids.iter().map(|id| (*id).to_owned()).collect();
        read("a.csv", &text, &ReadOptions { leave_out, ..options() })
    };
    let error = left_out(&["total"]).unwrap_err();
    assert_eq!(hint(&error), "did you mean `--leave-out Total`?");
    assert!(left_out(&["east", "north", "west", "Total"]).is_err());
    assert_eq!(left_out(&["east", "Total"]).unwrap().panel.count(), 2);
}

#[test]
fn a_label_in_the_first_row_of_each_block_holds_for_the_block() {
    let row = |at: u32| {
        let (series, day) = (at / 30, at % 30);
        let label = if day == 0 { ["North", "South"][series as usize] } else { "" };
        format!("{label},{},{}", date(day), 100 * (series + 1) + at % 7)
    };
    let text = lines("Region,date,sales", 60, row);
    let found = read_default("a.csv", &text);
    assert_eq!(found.summary(), "daily, 2 series (Region), 2024-01-01 to 2024-01-30, target sales");
    assert!(notices(&found).iter().any(|notice| notice.contains("Region has a value in the first row")));
    let named = read("a.csv", &text, &ReadOptions { ids: vec!["Region".into()], ..ReadOptions::default() }).unwrap();
    for panel in [found.panel, named.panel] {
        let firsts: Vec<(String, f64)> = panel.iter().map(|series| (series.key.join(","), series.values[0])).collect();
        assert_eq!(firsts, [("North".to_owned(), 100.0), ("South".to_owned(), 202.0)]);
    }
    // remarks are no labels, since the times go on below them
    let remarks = lines("remark,date,sales", 60, |at| {
        format!("{},{},{}", ["opened", "", "", ""][at as usize % 4], date(at), 100 + at % 7)
    });
    assert_eq!(keys(&remarks, &ReadOptions::default()), [""]);
    // and neither is a remark at the start of each series that an id column names
    let named = lines("id,date,sales,remark", 60, |at| {
        let remark = if at % 30 == 0 { "new shop" } else { "" };
        format!("{},{},{},{remark}", ["A", "B"][(at / 30) as usize], date(at % 30), 100 + at % 7)
    });
    assert_eq!(keys(&named, &ReadOptions::default()), ["A", "B"]);
}

#[test]
fn a_series_with_values_at_a_longer_step_is_pointed_out() {
    let text = |is_empty: fn(u32) -> bool| {
        lines("time,id,v", 480, |at| {
            let value = if is_empty(at) { String::new() } else { (at % 7).to_string() };
            let id = ["A", "B"][at as usize % 2];
            format!("2024-03-{:02} {:02}:{:02},{id},{value}", at / 96 + 1, at / 4 % 24, at / 2 % 2 * 30)
        })
    };
    let of_one = read_default("a.csv", text(|at| at % 4 == 2));
    let notice = "1 series has values at a longer step (hourly) than the others (half-hourly), and the steps between are filled: A";
    assert!(notices(&of_one)[0].starts_with(notice), "{:?}", notices(&of_one));
    // values that are missing here and there have no step of their own
    let scattered = read_default("a.csv", text(|at| at % 10 == 4));
    assert!(notices(&scattered).is_empty(), "{:?}", notices(&scattered));
}
