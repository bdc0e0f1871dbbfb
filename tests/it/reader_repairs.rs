//! Rows that the reader merges, aggregates, moves and leaves out.

use forecast::panel::{BadRowPolicy, DuplicatePolicy, RepairKind, RepairPolicy};
use forecast::read::ReadOptions;
use forecast::time::NamedFrequency;

use crate::files::{
    date, describe_error, first_values, hint, lines, notices, options, read, read_default, time_after_end,
};

#[test]
fn duplicates_are_merged_as_requested() {
    let text = "date,v\n2024-01-01,1\n2024-01-02,2\n2024-01-02,6\n2024-01-03,3\n2024-01-04,4\n";
    let second_value =
        |duplicates| read("a.csv", text, &ReadOptions { duplicates, ..options() }).map(|read| first_values(&read)[1]);
    for (policy, value) in [(DuplicatePolicy::Sum, 8.0), (DuplicatePolicy::Mean, 4.0), (DuplicatePolicy::Last, 6.0)] {
        assert_eq!(second_value(policy).unwrap(), value, "{policy:?}");
    }
    let hint = hint(&second_value(DuplicatePolicy::Equal).unwrap_err());
    assert!(hint.contains("`--duplicates sum`"), "{hint}");
    let equal = "date,v\n2024-01-01,1\n2024-01-02,2\n2024-01-02,2\n2024-01-03,3\n";
    assert!(read("a.csv", equal, &ReadOptions { duplicates: DuplicatePolicy::Error, ..options() }).is_err());
}

#[test]
fn rows_are_aggregated_and_unfinished_periods_at_both_ends_left_out() {
    // from 09:00 of the first day to 17:00 of the last
    let hours = lines("time,visits", 24 * 20 - 16, |hour| {
        let time = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(9, 0, 0).unwrap()
            + chrono::TimeDelta::hours(hour.into());
        format!("{time},1")
    });
    let daily = ReadOptions { frequency: Some(NamedFrequency::Daily), duplicates: DuplicatePolicy::Sum, ..options() };
    let read_daily = read("a.csv", &hours, &daily).unwrap();
    assert_eq!(read_daily.step, "daily");
    let series = read_daily.panel.iter().next().unwrap();
    assert!(series.len() == 18 && series.values.iter().all(|value| *value == 24.0), "{:?}", series.values);
    assert_eq!(read_daily.repairs.iter().filter(|repair| repair.kind == RepairKind::Unfinished).count(), 2);
    let kept = read("a.csv", &hours, &ReadOptions { unfinished: RepairPolicy::Keep, ..daily.clone() }).unwrap();
    assert_eq!((kept.panel.iter().next().unwrap().len(), first_values(&kept)[0]), (20, 15.0));
    // events at irregular times
    let events = lines("when,amount", 400, |at| {
        format!("2024-01-{:02} {:02}:{:02}:11,2", 1 + at / 14, 8 + at % 14, at * 7 % 60)
    });
    let error = read("a.csv", &events, &options()).unwrap_err();
    assert!(hint(&error).contains("`--frequency daily --duplicates sum`"), "{error}");
    let sums = read("a.csv", &events, &daily).unwrap();
    assert_eq!(first_values(&sums), [28.0, 28.0, 28.0]);
}

#[test]
fn a_period_starts_at_a_boundary_of_the_calendar() {
    let minutes = lines("time,v", 3, |minute| format!("2024-05-19 17:{},1", 42 + minute));
    for (name, start) in [
        ("yearly", "2024-01-01"),
        ("quarterly", "2024-04-01"),
        ("monthly", "2024-05-01"),
        ("weekly", "2024-05-13"),
        ("daily", "2024-05-19"),
        ("hourly", "2024-05-19T17:00:00"),
        ("quarter-hourly", "2024-05-19T17:30:00"),
    ] {
        let (duplicates, unfinished) = (DuplicatePolicy::Sum, RepairPolicy::Keep);
        let options = ReadOptions { frequency: Some(name.parse().unwrap()), duplicates, unfinished, ..options() };
        let panel = read("a.csv", &minutes, &options).unwrap().panel;
        assert_eq!(panel.format(panel.iter().next().unwrap().start), start, "{name}");
    }
}

#[test]
fn an_unfinished_last_period_is_left_out() {
    let months = |last: &str| {
        lines("month,sales", 31, |m| {
            if m == 30 {
                last.to_owned()
            } else {
                format!("{}-{:02}-01,{}", 2021 + m / 12, m % 12 + 1, 1_000 + m * 13 % 200)
            }
        })
    };
    let read_with = |text: &str, unfinished| read("a.csv", text, &ReadOptions { unfinished, ..options() }).unwrap();
    let repaired = read_with(&months("2023-07-01,310"), RepairPolicy::Repair);
    assert_eq!(
        repaired.summary(),
        "monthly, 1 series, 2021-01-01 to 2023-06-01, target sales; 1 unfinished month left out"
    );
    assert_eq!(
        notices(&repaired),
        ["the last period 2023-07-01 seems to be unfinished (310) and is left out (`--unfinished keep` keeps it)"]
    );
    assert!(read_with(&months("2023-07-01,900"), RepairPolicy::Repair).notices.is_empty());
    assert!(read_with(&months("2023-07-01,310"), RepairPolicy::Keep).repairs.is_empty());
    let weeks =
        |last: &str| {
            lines("week,sales", 31, |w| {
                if w == 30 { last.to_owned() } else { format!("{},{}", date(6 + 7 * w), 50 + w % 4) }
            })
        };
    let weekly = read_with(&weeks("2024-07-31,50"), RepairPolicy::Repair);
    assert_eq!(
        (weekly.summary().as_str(), weekly.notices.len()),
        ("weekly, 1 series, 2024-01-07 to 2024-07-28, target sales; 1 unfinished week left out", 1)
    );
}

#[test]
fn most_series_must_end_in_an_unfinished_period() {
    let is_left_out = |frequency: &str, last_values: &[u32]| {
        let row = |at: u32| {
            let (series, at) = (at as usize / 41, at % 41);
            let time = match frequency {
                "monthly" => format!("{}-{:02}-01", 2020 + at / 12, at % 12 + 1),
                _ => format!("{} {:02}:00", date(at / 24), at % 24),
            };
            format!("s{series},{time},{}", if at == 40 { last_values[series] } else { 100 + at % 12 * 5 })
        };
        let read = read_default("a.csv", lines("series,time,v", 41 * last_values.len() as u32, row));
        assert_eq!(read.step, frequency);
        read.repairs.iter().any(|repair| repair.kind == RepairKind::Unfinished)
    };
    assert!(is_left_out("monthly", &[40]) && !is_left_out("monthly", &[70]));
    assert!(is_left_out("monthly", &[40, 30, 90]) && !is_left_out("monthly", &[40, 90]), "half is not most");
    assert!(!is_left_out("hourly", &[40]));
}

/// The times of the clipped spikes of a series, and the values in the file and in the panel.
fn spikes(values: &[f64]) -> Vec<(String, Option<f64>, Option<f64>)> {
    let text = lines("t,v", values.len() as u32, |at| format!("{at},{}", values[at as usize]));
    let repairs = read_default("a.csv", text).repairs;
    let spikes = repairs.into_iter().filter(|repair| repair.kind == RepairKind::Spike);
    spikes.map(|repair| (repair.time.to_string(), repair.from, repair.to)).collect()
}

#[test]
fn only_single_far_values_are_spikes() {
    let regular = |count: usize, at: &[usize], value: f64| -> Vec<f64> {
        (0..count).map(|t| if at.contains(&t) { value } else { 50.0 + (t * 7919 % 23) as f64 }).collect()
    };
    let mut values = regular(100, &[40], 9_999.0);
    values[0] = -999.0;
    let (low, high) = (("0".into(), Some(-999.0), Some(50.0)), ("40".into(), Some(9_999.0), Some(72.0)));
    assert_eq!(spikes(&values), [low.clone(), high]);
    values[40] = 60.0;
    assert_eq!(spikes(&values), [low]);
    assert_eq!(spikes(&regular(100, &[], 0.0)), []);
    let count = |at: &[usize]| spikes(&regular(300, at, 500.0)).len();
    assert_eq!((count(&[100]), count(&[100, 101]), count(&[299])), (1, 0, 0));
    assert_eq!(count(&[50, 100, 150, 200]), 0, "four spikes in 300 values are too many");
    let counts: Vec<f64> = (0..200).map(|t| f64::from(t % 3)).chain([40.0, 0.0]).collect();
    assert_eq!(spikes(&counts), []);
    let growth: Vec<f64> = (0..60).map(|t| 1.3_f64.powi(t)).collect();
    assert_eq!(spikes(&growth), []);
}

#[test]
fn values_that_recur_every_year_are_events_and_no_spikes() {
    let years = |events: &[u32]| {
        let value = |at: u32| if events.contains(&at) { 0 } else { 50 + at * 7919 % 23 };
        let read = read_default("a.csv", lines("date,v", 365 * 4, |at| format!("{},{}", date(at), value(at))));
        read.repairs.iter().filter(|repair| repair.kind == RepairKind::Spike).count()
    };
    // closed on 25 December of each year, or on a day that moves by up to a week
    assert_eq!(years(&[358, 724, 1089, 1454]), 0);
    assert_eq!(years(&[330, 690, 1061]), 0);
    assert_eq!(years(&[100, 358, 724]), 1, "a day in April is none of them");
    assert_eq!(years(&[100, 300, 700]), 3);
}

#[test]
fn spikes_are_clipped_for_models_and_recorded() {
    let text =
        lines("date,v", 60, |day| format!("{},{}", date(day), if day == 30 { 99_999 } else { 100 + day * 7 % 20 }));
    let clipped = read_default("a.csv", &text);
    assert_eq!(clipped.summary(), "daily, 1 series, 2024-01-01 to 2024-02-29, target v; 1 spike clipped");
    let series = clipped.panel.iter().next().unwrap();
    assert_eq!((series.values[30], series.observed[30], clipped.panel.actual(0, 30)), (119.0, true, 99_999.0));
    assert_eq!(clipped.repairs[0].to_string(), "2024-01-31: 99999 is far from all other values, models get 119");
    let kept = read("a.csv", &text, &ReadOptions { spikes: RepairPolicy::Keep, ..options() }).unwrap();
    assert_eq!((kept.repairs.len(), kept.panel.iter().next().unwrap().values[30]), (0, 99_999.0));
}

#[test]
fn unusable_rows_can_be_skipped() {
    let text = lines("date,v", 30, |day| match day {
        5 => format!("{},five", date(day)),
        9 => format!("{},9,9,9", date(day)),
        _ => format!("{},{day}", date(day)),
    }) + "soon,435\n";
    let error = read("a.csv", &text, &options()).unwrap_err();
    assert!(hint(&error).contains("`--bad-rows skip`"), "{error}");
    let read = read("a.csv", &text, &ReadOptions { bad_rows: BadRowPolicy::Skip, ..options() }).unwrap();
    assert_eq!(
        read.summary(),
        "daily, 1 series, 2024-01-01 to 2024-01-30, target v; 1 missing day filled, 1 empty value filled"
    );
    assert_eq!(
        notices(&read),
        [
            "1 unusable line skipped, the first is line 11",
            "1 cell that is not a number is read as missing, the first is on line 7",
            "1 row without a readable time skipped, the first is line 32",
        ]
    );
}

/// A repair never drops more than a fifth of the rows, also of those without a time.
#[test]
fn rows_without_a_time_are_skipped_if_they_are_few() {
    let skip = ReadOptions { bad_rows: BadRowPolicy::Skip, ..options() };
    for (one_in, is_read) in [(9, true), (6, true), (4, false), (2, false)] {
        let cell = |day: u32| if day % one_in == 2 { String::new() } else { date(day).to_string() };
        let text = lines("date,v", 40, |day| {
            format!("{},{day}", if one_in == 2 && day % 2 == 0 { String::new() } else { cell(day) })
        });
        match read("a.csv", &text, &skip) {
            Ok(read) => assert!(is_read && notices(&read)[0].contains("without a readable time skipped"), "{one_in}"),
            Err(error) => {
                let text = describe_error(&error);
                assert!(!is_read && text.contains("these are too many to skip"), "{one_in}: {text}");
                assert!(!hint(&error).contains("--bad-rows"), "{}", hint(&error));
            }
        }
    }
}

#[test]
fn weekdays_without_rows_are_left_out_or_filled() {
    let days_without =
        |closed: &[u32]| {
            lines("date,v", 90, |day| {
                if closed.contains(&(day % 7)) { String::new() } else { format!("{},{day}", date(day)) }
            })
        };
    let read_as = |text: &str, frequency| {
        read("a.csv", text, &ReadOptions { frequency, ..ReadOptions::default() })
            .map_err(|error| describe_error(&error))
    };
    let shop = read_default("a.csv", days_without(&[6]));
    assert_eq!(shop.summary(), "Monday to Saturday, 1 series, 2024-01-01 to 2024-03-30, target v");
    assert_eq!(
        notices(&shop),
        ["no row is on Sunday: these days are left out (`--frequency daily` forecasts every day)"]
    );
    assert_eq!((shop.panel.season(), time_after_end(&shop, 1).as_str()), (6, "2024-04-01"));
    let every_day = read_as(&days_without(&[6]), Some(NamedFrequency::Daily)).unwrap();
    assert_eq!(every_day.summary(), "daily, 1 series, 2024-01-01 to 2024-03-30, target v; 12 missing days filled");
    assert_eq!(notices(&every_day), ["no row is on Sunday: these days are filled and forecast"]);
    let requested = read_as(&days_without(&[6]), Some("mon-sat".parse().unwrap())).unwrap();
    assert_eq!((requested.summary(), requested.notices.len()), (shop.summary(), 0));
    let gulf = read_default("a.csv", days_without(&[4, 5]));
    assert_eq!(gulf.summary(), "Sunday to Thursday, 1 series, 2024-01-01 to 2024-03-28, target v");
    assert_eq!(time_after_end(&gulf, 1), "2024-03-31");
    let classes = read_default("a.csv", days_without(&[1, 3, 5, 6]));
    assert_eq!(classes.summary(), "Monday, Wednesday and Friday, 1 series, 2024-01-01 to 2024-03-29, target v");
    for (closed, words) in [
        (&[4, 5][..], "Friday and Saturday"),
        (&[1, 3, 5, 6], "Tuesday, Thursday, Saturday and Sunday"),
        (&[0, 2, 4, 5, 6], "Monday, Wednesday, Friday, Saturday and Sunday"),
        (&[0, 1, 2, 3, 4], "Monday to Friday"),
    ] {
        let notices = notices(&read_default("a.csv", days_without(closed)));
        assert!(notices[0].starts_with(&format!("no row is on {words}: these days are left out")), "{notices:?}");
    }
    assert!(
        read_as(&days_without(&[4]), Some("mon-sat".parse().unwrap()))
            .is_err_and(|error| error.contains("off the regular step"))
    );
}

#[test]
fn hours_without_rows_are_a_notice() {
    let text = |every: u32| {
        lines("time,v", 30 * 8, |at| {
            format!("{} {:02}:{:02}:00,{at}", date(at / 8), 9 + at % 8 * every / 60, at % 8 * every % 60)
        })
    };
    let calls = read_default("a.csv", text(60));
    assert_eq!(
        notices(&calls),
        [
            "no row is from 17:00 to 09:00: these hours are filled and forecast (`--frequency daily --duplicates sum`, or \
             `mean` or `last`, aggregates the rows to days)"
        ]
    );
    let error = read("a.csv", text(5), &ReadOptions::default()).unwrap_err();
    assert!(hint(&error).contains("`--frequency daily --duplicates last`"), "{error}");
    for days in ["mon-sat", "mon-fri"] {
        let options = ReadOptions { frequency: Some(days.parse().unwrap()), ..ReadOptions::default() };
        let error = read("a.csv", text(60), &options).unwrap_err();
        assert!(hint(&error).contains("`--duplicates sum`"), "{error}");
    }
    let options = ReadOptions {
        frequency: Some(NamedFrequency::Daily),
        duplicates: DuplicatePolicy::Last,
        ..ReadOptions::default()
    };
    let last = read("a.csv", text(5), &options).unwrap();
    assert_eq!(last.summary(), "daily, 1 series, 2024-01-01 to 2024-01-30, target v");
}

#[test]
fn times_that_vary_around_the_grid_are_moved_to_it() {
    let text = lines("time,v", 200, |at| {
        let time = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
            + chrono::TimeDelta::seconds(i64::from(at) * 600 + i64::from(at * 7 % 13));
        format!("{time},{at}")
    });
    let read = read_default("a.csv", text);
    assert_eq!((read.step.as_str(), time_after_end(&read, 1).as_str()), ("every 10 minutes", "2024-01-02T09:20:00"));
    assert!(notices(&read)[0].contains("dates moved to the regular step (every 10 minutes)"), "{:?}", read.notices);
}
