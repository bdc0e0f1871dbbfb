//! Covariates: which are known in the future, their effect on the error, and the notices about filled values.

use std::fmt::Write;

use forecast::backtest::{Comparison, Folds, Scorecard, run};
use forecast::model::auto::Auto;
use forecast::model::{Model, SilentObserver, Task};
use forecast::panel::{Covariate, CovariateKind, Panel, Series};
use forecast::read::{Dataset, ReadOptions};
use forecast::time::{Frequency, Holidays, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::files::{describe_error, notices, read, read_dataset};
use crate::sandbox::{Sandbox, stderr, stdout};

fn with(covariates: &[&str]) -> ReadOptions {
    let covariates = covariates.iter().map(|name| (*name).to_owned()).collect();
    ReadOptions { covariates, target: Some("demand".into()), ..ReadOptions::default() }
}

/// Days from 1 January 2024 with sales that follow a price and a promotion; the last `future` days have no sales.
fn shop(days: u32, future: u32) -> String {
    let mut text = "date,sales,price,promo,weather\n".to_owned();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    for t in 0..days {
        let (price, promo) = (f64::from(t * 31 % 17), t * 7 % 11 == 0);
        let sales = 200.0 - 4.0 * price
            + if promo { 60.0 } else { 0.0 }
            + [0.0, 5.0, 9.0, 4.0, 8.0, 30.0, 25.0][t as usize % 7];
        let sales = if t + future >= days { String::new() } else { format!("{sales:.1}") };
        let weather = ["sun", "rain", "snow"][t as usize * 13 % 10 % 3];
        let promo = if promo { "yes" } else { "no" };
        writeln!(text, "{},{sales},{price},{promo},{weather}", first + chrono::Days::new(t.into())).unwrap();
    }
    text
}

fn read_sales(name: &str, text: &str, covariates: &[&str]) -> Dataset {
    let options = ReadOptions { target: Some("sales".into()), ..with(covariates) };
    read(name, text, &options).unwrap()
}

#[test]
fn a_column_with_values_after_the_last_target_is_known_in_the_future() {
    let shop = shop(100, 7);
    let text: String = shop
        .lines()
        .enumerate()
        .map(
            |(at, line)| {
                if at > 93 { line.rsplit_once(',').unwrap().0.to_owned() + ",\n" } else { line.to_owned() + "\n" }
            },
        )
        .collect();
    let dataset = read_sales("shop.csv", &text, &["price", "promo", "weather"]);
    let covariates = dataset.panel.covariates();
    assert_eq!(covariates.in_words(), "price, promo known in the future; weather past only");
    let weather = CovariateKind::Category(vec!["sun".into(), "rain".into(), "snow".into()]);
    assert_eq!(covariates.columns()[2].kind, weather);
    assert_eq!(covariates.columns()[1].kind, CovariateKind::Number);
    assert_eq!(covariates.values(0).iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 93]);
    // future rows are not repaired
    assert!(dataset.repairs.is_empty(), "{:?}", dataset.repairs);
    // without covariates these rows are trailing blanks
    let without = read_sales("shop.csv", &text, &[]);
    assert!(without.panel.covariates().is_empty() && without.repairs.len() == 1);
    assert_eq!(read_sales("shop.csv", &text, &["all"]).panel.covariates().in_words(), covariates.in_words());
}

#[test]
fn a_panel_at_a_cutoff_has_only_the_values_known_at_it() {
    let dataset = read_sales("shop.csv", &shop(100, 7), &["price", "weather"]);
    let whole = &dataset.panel;
    assert_eq!(whole.covariates().in_words(), "price, weather known in the future");
    let known = whole.without_last(10, 1).unwrap();
    assert_eq!(known.iter().next().unwrap().len(), 83);
    assert!(known.covariates().values(0).iter().all(|values| values.len() == 90));
    let shorter = known.for_horizon(3).unwrap();
    assert!(shorter.covariates().values(0).iter().all(|values| values.len() == 86));
    assert!(known.for_horizon(8).is_err());
    // past only: cut like the series
    let past = read_sales("shop.csv", &shop(100, 0), &["price"]).panel.without_last(10, 1).unwrap();
    assert_eq!(past.covariates().values(0)[0].len(), 90);
    // assumed known: up to the horizon
    let panel = read_sales("shop.csv", &shop(100, 0), &["price"]).panel;
    let assumed = panel.assuming_known(&["price".into()], 7).unwrap();
    assert_eq!(assumed.without_last(10, 1).unwrap().covariates().values(0)[0].len(), 97);
    assert_eq!(assumed.without_last(7, 1).unwrap().covariates().values(0)[0].len(), 100);
}

#[test]
fn gaps_in_the_past_are_filled_with_the_last_value_and_listed() {
    let text = shop(60, 0).replace("2024-01-20,", "2024-01-20,150,,no,sun\n#");
    let dataset = read_sales("shop.csv", &text, &["price"]);
    let price = &dataset.panel.covariates().values(0)[0];
    assert_eq!(price[19], price[18]);
    assert_eq!(dataset.repairs.len(), 1);
    assert_eq!(
        dataset.repairs[0].to_string(),
        format!("2024-01-20: a covariate has no value, filled with {}", price[18])
    );
    assert!(dataset.summary().ends_with("; 1 value of covariates filled"), "{}", dataset.summary());
    let note = "covariate price: 1 missing value filled with the value before, the first at 2024-01-20";
    assert!(notices(&dataset).iter().any(|notice| notice == note), "{:?}", dataset.notices);
}

#[test]
fn cells_before_the_first_value_are_filled_with_it() {
    let mut text = "date,sales,price\n".to_owned();
    for t in 1..=28 {
        let price = if t < 4 || t == 9 { String::new() } else { t.to_string() };
        writeln!(text, "2024-01-{t:02},{},{price}", t % 7).unwrap();
    }
    let dataset = read_sales("shop.csv", &text, &["price"]);
    assert_eq!(dataset.panel.covariates().values(0)[0][..9], [4.0, 4.0, 4.0, 4.0, 5.0, 6.0, 7.0, 8.0, 8.0]);
    let expected = [
        "covariate price: 3 missing values before its first value filled with that value, the first at 2024-01-01",
        "covariate price: 1 missing value filled with the value before, the first at 2024-01-09",
    ];
    assert_eq!(notices(&dataset), expected);
}

#[test]
fn an_empty_cell_is_no_category_if_the_past_has_empty_cells() {
    let days = |t: u32| chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(t.into());
    let mut text = "date,sales,event,mark\n".to_owned();
    for t in 0..50 {
        let sales = if t < 43 { t.to_string() } else { String::new() };
        let event = if t % 10 == 3 { "fair" } else { "" };
        writeln!(text, "{},{sales},{event},{}", days(t), if t % 10 == 3 { "1" } else { "" }).unwrap();
    }
    let dataset = read_sales("shop.csv", &text, &["event", "mark"]);
    assert!(dataset.repairs.is_empty());
    let panel = dataset.panel.for_horizon(7).unwrap();
    let [event, mark] = panel.covariates().values(0) else { panic!("two covariates") };
    assert_eq!((event.len(), event[2], event[3], event[43], event[44]), (50, -1.0, 0.0, 0.0, -1.0));
    assert_eq!((mark[2], mark[3], mark[43], mark[44]), (0.0, 1.0, 1.0, 0.0));
}

#[test]
fn unusable_covariates_are_rejected_with_a_hint() {
    let rejected = |text: &str, names: &[&str]| {
        let options = ReadOptions { target: Some("sales".into()), ..with(names) };
        describe_error(&read("shop.csv", text, &options).unwrap_err())
    };
    let mut notes = "date,sales,note\n".to_owned();
    for t in 1..29 {
        writeln!(notes, "2024-01-{t:02},{t},as of {t}").unwrap();
    }
    let gap = shop(60, 7).replace("2024-02-25,,", "2024-02-25,,NA,no,sun\n#");
    let incomplete = read_sales("shop.csv", &gap, &["price"]).panel.for_horizon(7).unwrap_err();
    let all = [
        rejected(&shop(60, 0), &["prize"]),
        rejected(&shop(60, 0), &["sales"]),
        rejected(&shop(60, 0).replace(",3,", ",cheap,"), &["price"]),
        rejected(&notes, &["note"]),
        describe_error(&incomplete),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn missing_future_values_are_listed_by_series() {
    let mut text = "store,date,sales,price\n".to_owned();
    for store in ["a", "b"] {
        for t in 1..=30 {
            let sales = if t <= 26 { t.to_string() } else { String::new() };
            let price = if store == "b" && t > 28 { String::new() } else { (t % 5).to_string() };
            writeln!(text, "{store},2024-01-{t:02},{sales},{price}").unwrap();
        }
    }
    let panel = read_sales("stores.csv", &text, &["price"]).panel;
    assert_eq!(panel.covariates().in_words(), "price known in the future");
    assert!(panel.for_horizon(2).is_ok());
    insta::assert_snapshot!(describe_error(&panel.for_horizon(4).unwrap_err()));
}

#[test]
fn future_rows_may_come_from_another_file() {
    let sandbox = Sandbox::new();
    let whole = shop(126, 7);
    let lines: Vec<&str> = whole.lines().collect();
    sandbox.write("shop.csv", &whole);
    sandbox.write("past.csv", &lines[..120].join("\n"));
    let later: String = lines[120..].iter().map(|line| line.replacen(",,", ",", 1) + "\n").collect();
    sandbox.write("later.csv", &format!("date,price,promo,weather\n{later}"));
    let flags = "--target sales -n 7 --covariates price,promo --seed 1 --out";
    let one = sandbox.run(&format!("--csv shop.csv {flags} one"));
    let two = sandbox.run(&format!("--csv past.csv --future later.csv {flags} two"));
    assert!(stderr(&one).contains("covariates: price, promo known in the future\n"), "{}", stderr(&one));
    assert_eq!(sandbox.bytes("one/forecast.csv"), sandbox.bytes("two/forecast.csv"));
    assert!(stdout(&two).contains("with covariates"));
    let record = sandbox.read("two/run.json");
    assert!(record.contains("\"name\": \"promo\"") && record.contains("\"known_future\": true"), "{record}");
    // the forecast follows the known price and promotion
    let medians: Vec<f64> = sandbox
        .read("two/forecast.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap().parse().unwrap())
        .collect();
    let promo = (119..126_u32).position(|t| t * 7 % 11 == 0).unwrap();
    let others: f64 = medians.iter().enumerate().filter(|(at, _)| *at != promo).map(|(_, v)| v / 6.0).sum();
    assert!(medians[promo] > others + 30.0, "{medians:?}");
}

#[test]
fn a_saved_model_reads_its_covariates_from_newer_data() {
    let sandbox = Sandbox::new();
    sandbox.write("old.csv", &shop(120, 7));
    sandbox.write("new.csv", &shop(140, 7));
    sandbox.write("bare.csv", &shop(140, 0));
    sandbox.run("train --csv old.csv --target sales -n 7 --covariates price,promo,weather --budget 4s --out kept");
    let output = sandbox.run("predict --model kept --csv new.csv --target sales --out next");
    assert!(stderr(&output).contains("covariates: price, promo, weather known in the future"), "{}", stderr(&output));
    let csv = sandbox.read("next/forecast.csv");
    assert!(csv.lines().nth(1).unwrap().starts_with("2024-05-13"), "{csv}");
    // without future values the error names the covariate
    let output = sandbox.forecast("predict --model kept --csv bare.csv --target sales").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("trained with price known in the future"), "{}", stderr(&output));
    // other covariates are rejected
    let output =
        sandbox.forecast("predict --model kept --csv new.csv --target sales --covariates price").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn flags_without_effect_are_rejected() {
    let sandbox = Sandbox::new();
    sandbox.write("shop.csv", &shop(60, 7));
    let lines = [
        "--csv shop.csv --target sales -n 7 --covariates price --model lstm",
        "--csv shop.csv --target sales -n 7 --holidays US --model drift",
        "--csv shop.csv --target sales -n 7 --future shop.csv",
        "--csv shop.csv --target sales -n 7 --covariates price --future shop.csv",
        "diagnose --csv shop.csv --target sales --holidays US",
        "--csv shop.csv --target sales -n 7 --holidays Narnia",
    ];
    let answers = lines.map(|line| {
        let output = sandbox.forecast(line).output().unwrap();
        format!("{line}\n{}{}", output.status.code().unwrap(), stderr(&output).replace("error:", " error:"))
    });
    assert_eq!(sandbox.names("."), ["shop.csv"]);
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn a_country_by_another_name_is_proposed_by_its_code() {
    let sandbox = Sandbox::new();
    sandbox.write("shop.csv", &shop(60, 7));
    for (typed, code) in [("UK", "GB"), ("USA", "US"), ("germany", "DE"), ("Switz", "CH"), ("en", "GB")] {
        let output =
            sandbox.forecast(&format!("--csv shop.csv --target sales -n 7 --holidays {typed}")).output().unwrap();
        assert!(stderr(&output).contains(&format!("hint: did you mean `--holidays {code}`?")), "{}", stderr(&output));
    }
    // two countries begin like this
    let output = sandbox.forecast("--csv shop.csv --target sales -n 7 --holidays Aus").output().unwrap();
    assert!(stderr(&output).contains("by its two letters"), "{}", stderr(&output));
}

#[test]
fn holidays_are_daily_covariates_known_over_the_horizon() {
    let options = ReadOptions { holidays: "au".parse::<Holidays>().ok(), ..with(&[]) };
    let dataset = read_dataset("demand.csv", &options).unwrap();
    let covariates = dataset.panel.covariates();
    assert_eq!(covariates.in_words(), "holidays AU, days before holidays AU known in the future");
    let panel = dataset.panel.for_horizon(30).unwrap();
    let [holidays, eves] = panel.covariates().values(0) else { panic!("two covariates") };
    assert_eq!((holidays.len(), eves.len()), (1126, 1126));
    // 2012 was a leap year: Christmas is its day 360; the new year after the end of the file is the first step of the horizon
    assert_eq!(
        (&holidays[357..363], &eves[357..363]),
        (&[0.0, 0.0, 1.0, 1.0, 0.0, 0.0][..], &[0.0, 1.0, 1.0, 0.0, 0.0, 0.0][..])
    );
    assert_eq!((holidays[1096], eves[1095]), (1.0, 1.0));
}

#[test]
fn a_month_counts_its_holidays_and_every_hour_of_a_holiday_counts_one() {
    let holidays = |times: &mut dyn Iterator<Item = String>| -> Vec<f64> {
        let rows: Vec<String> = times.enumerate().map(|(row, time)| format!("{time},{row}\n")).collect();
        let rows = rows.concat();
        let options = ReadOptions { holidays: "AU".parse().ok(), ..ReadOptions::default() };
        let dataset = read("times.csv", format!("time,value\n{rows}"), &options).unwrap();
        dataset.panel.covariates().values(0)[0].clone()
    };
    let months = holidays(&mut (0..24).map(|month| format!("{}-{:02}-01", 2012 + month / 12, month % 12 + 1)));
    // Christmas and Boxing Day, New Year and Australia Day, and no holiday in February
    assert_eq!(months[11..14], [2.0, 2.0, 0.0]);
    let hours = holidays(&mut (0..24 * 10).map(|hour| format!("2013-12-{:02}T{:02}:00:00", 16 + hour / 24, hour % 24)));
    assert_eq!((hours[..24 * 9].iter().sum::<f64>(), hours[24 * 9..24 * 10].iter().sum::<f64>()), (0.0, 24.0));
}

/// The MASE over the last folds of a panel, of a model that is fitted once, before the first fold.
fn mase(panel: &Panel, horizon: usize, folds: usize) -> f64 {
    let task = Task::new(horizon);
    let folds = Folds { count: folds, step: horizon, horizon, min_history: 2 * panel.season() + 1 };
    let quick = Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() };
    let card = |model: &dyn Model| {
        Scorecard::new(panel, &run(model, panel, &task, &folds, false, &mut SilentObserver).unwrap())
    };
    let baseline = card(&forecast::model::stat::Baseline::SeasonalNaive);
    Comparison::of(&card(&quick), &baseline).unwrap().model
}

#[test]
fn temperature_and_holidays_known_in_the_future_lower_the_error_on_demand() {
    let plain = mase(&read_dataset("demand.csv", &with(&[])).unwrap().panel, 7, 30);
    let dataset = read_dataset("demand.csv", &with(&["temperature", "holiday"])).unwrap();
    let known = dataset.panel.assuming_known(&["temperature".into(), "holiday".into()], 7).unwrap();
    let known = mase(&known, 7, 30);
    assert!(known < 0.75 * plain, "{known} with, {plain} without");
    // holidays alone help too
    let holiday = read_dataset("demand.csv", &with(&["holiday"])).unwrap();
    let holiday = mase(&holiday.panel.assuming_known(&["holiday".into()], 7).unwrap(), 7, 30);
    assert!(holiday < 0.98 * plain, "{holiday} with holidays, {plain} without");
}

#[test]
fn noise_as_covariates_hardly_raises_the_error() {
    let dataset = read_dataset("demand.csv", &with(&[])).unwrap();
    let plain = mase(&dataset.panel, 7, 30);
    let rng = &mut ChaCha8Rng::seed_from_u64(7);
    let draw = |name: &str| {
        let values: Vec<f64> = (0..1096).map(|_| rng.sample(StandardNormal)).collect();
        (Covariate { name: name.into(), kind: CovariateKind::Number, known_future: false }, values)
    };
    let (columns, values): (Vec<_>, Vec<_>) = ["one", "two", "three"].map(draw).into_iter().unzip();
    let panel = dataset.panel.clone().with_covariates(columns, vec![values]);
    let future = panel.clone().assuming_known(&["one".into(), "two".into()], 7).unwrap();
    for noisy in [mase(&future, 7, 30), mase(&panel, 7, 30)] {
        assert!(noisy < 1.05 * plain, "{noisy} with noise, {plain} without");
    }
}

/// A panel of one series with one covariate.
fn panel_with_covariate(values: Vec<f64>, column: &[f64]) -> Panel {
    let columns = forecast::panel::Columns { time: None, target: "y".into(), ids: Vec::new() };
    let observed = vec![true; values.len()];
    let series = Series { key: Vec::new(), start: Timestamp::Index(1), values, observed };
    let panel = Panel::new(columns, Frequency::INDEX, 7, vec![series]).unwrap();
    let kind = CovariateKind::Number;
    panel.with_covariates(vec![Covariate { name: "x".into(), kind, known_future: false }], vec![vec![column.to_vec()]])
}

#[test]
fn every_file_can_be_read_with_all_its_covariates() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let (mut read, mut numeric) = (0, 0);
    for file in std::fs::read_dir(corpus).unwrap() {
        let input = forecast::read::Source::Path(file.unwrap().path());
        let options = ReadOptions { target: None, holidays: "DE".parse().ok(), ..with(&["all"]) };
        let Ok(dataset) = forecast::read::read(&input, &options) else { continue };
        read += 1;
        let covariates = dataset.panel.covariates();
        numeric += covariates.columns().iter().filter(|column| column.kind == CovariateKind::Number).count();
        assert!(!covariates.is_empty(), "{input}: holidays at least");
        if let Ok(panel) = dataset.panel.for_horizon(3) {
            let finite =
                |series: usize| panel.covariates().values(series).iter().flatten().all(|value| value.is_finite());
            assert!((0..panel.count()).all(finite), "{input}");
            assert!(panel.without_last(2, 1).is_none_or(|cut| cut.for_horizon(3).is_ok()), "{input}");
        }
    }
    assert!(read > 8 && numeric > 0, "{read} files read, {numeric} numeric covariates");
}

#[test]
fn a_leading_indicator_lowers_the_error_without_future_values() {
    let rng = &mut ChaCha8Rng::seed_from_u64(5);
    let mut draw = |count: usize| (0..count).map(|_| rng.sample(StandardNormal)).collect::<Vec<f64>>();
    let (x, noise) = (draw(240), draw(240));
    // the target follows three steps later
    let values: Vec<f64> = (0..240).map(|t| 50.0 + 4.0 * x[usize::max(t, 3) - 3] + noise[t]).collect();
    let with = panel_with_covariate(values, &x);
    let without = with.clone().with_covariates(Vec::new(), vec![Vec::new()]);
    let (with, without) = (mase(&with, 3, 20), mase(&without, 3, 20));
    assert!(with < 0.6 * without, "{with} with the indicator, {without} without");
}

#[test]
fn values_after_a_cutoff_do_not_change_its_forecast() {
    let rng = &mut ChaCha8Rng::seed_from_u64(3);
    let x: Vec<f64> = (0..150).map(|_| rng.sample(StandardNormal)).collect();
    let values: Vec<f64> = (0..150).map(|t| 50.0 + 5.0 * x[t] + (t % 7) as f64).collect();
    let forecast = |column: &[f64], is_known: bool| {
        let panel = panel_with_covariate(values.clone(), column);
        let panel = if is_known { panel.assuming_known(&["x".into()], 5).unwrap() } else { panel };
        let known = panel.without_last(10, 1).unwrap();
        let quick = Auto { max_network_series: 0, min_pooled_series: usize::MAX, ..Auto::default() };
        let forecaster = quick.fit(&known, &Task::new(5), &mut SilentObserver).unwrap();
        forecaster.predict(&known).unwrap().remove(0)
    };
    let mut changed = x.clone();
    changed[145..].fill(1e3);
    assert_eq!(forecast(&x, true), forecast(&changed, true), "the values of five future steps are known, and no more");
    changed = x.clone();
    changed[140..].fill(1e3);
    assert_eq!(
        forecast(&x, false),
        forecast(&changed, false),
        "without future values nothing after the cutoff is known"
    );
    assert_ne!(forecast(&x, true), forecast(&changed, true));
}

#[test]
fn covariates_are_used_by_local_models_beside_the_global_model() {
    let x: Vec<f64> = (0..40).map(|t| f64::from(t % 5)).collect();
    let panel = panel_with_covariate((0..40).map(|t| f64::from(20 + t % 7)).collect(), &x);
    let auto = Auto { max_network_series: 0, min_pooled_series: 1, ..Auto::default() };
    let report = auto.fit(&panel, &Task::new(5), &mut SilentObserver).unwrap().report;
    assert_eq!(report.notices, []);
    assert!(report.ensemble_weights[0].members.iter().any(|member| member.name.contains("with covariates")));
}
