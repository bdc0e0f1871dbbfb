//! Levels and quantiles of one's own: in every model, in the library, in files, in pictures and on the command line.

use forecast::backtest::{ModelBacktest, Scorecard, Steps};
use forecast::forecast::{Forecast, quantile_levels};
use forecast::model::{self, Model, ModelOption, SilentObserver, Task};
use forecast::panel::Panel;
use forecast::plot;
use insta_cmd::assert_cmd_snapshot;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::fixtures::{normal, panel};
use crate::picture::{BLUE, INNER, MIDDLE, OUTER, Picture};
use crate::sandbox::{Sandbox, daily_csv, stdout};

const HORIZON: usize = 4;

/// Quarterly series of eight years around 100, with a season and noise of a standard deviation of 5.
fn quarters(count: usize) -> Panel {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut series = || (0..48).map(|t| 100.0 + [8.0, -3.0, -9.0, 4.0][t % 4] + 5.0 * normal(&mut rng)).collect();
    panel((0..count).map(|_| series()).collect(), 4)
}

/// Every model by its name. Networks are trained for a few epochs.
fn models() -> Vec<Box<dyn Model>> {
    let mut models: Vec<Box<dyn Model>> = model::names().map(|name| model::named(name).unwrap()).collect();
    for model in &mut models {
        // models without epochs are not trained, or set them for their networks
        let _ = model.set_option(ModelOption::Epochs(4));
    }
    models
}

/// Levels of the 1 %, the 50 % and the 99 % interval, and a single quantile.
fn own_levels() -> Vec<f64> {
    quantile_levels(&[99.0, 1.0, 50.0], &[0.9]).unwrap()
}

#[test]
fn every_model_forecasts_any_levels_without_crossing_and_with_the_same_median() {
    let history = quarters(3);
    for model in models() {
        let name = model.name();
        let usual = model.fit(&history, &Task::new(HORIZON), &mut SilentObserver).unwrap();
        let task = Task { levels: own_levels(), ..Task::new(HORIZON) };
        let own = model.fit(&history, &task, &mut SilentObserver).unwrap();
        let (at_usual, at_own) = (usual.predict(&history).unwrap(), own.predict(&history).unwrap());
        assert_eq!(own.forecaster.levels(), own_levels(), "{name}");
        assert_eq!(usual.forecaster.predict_at(&history, &own_levels()).unwrap(), at_own, "{name}");
        let loaded = model::load_files(&own.forecaster.to_files()).unwrap();
        assert_eq!(loaded.predict(&history).unwrap(), at_own, "{name}, saved and loaded");
        assert_eq!(loaded.to_files(), own.forecaster.to_files(), "{name}, saved again");
        for (usual, own) in at_usual.iter().zip(&at_own) {
            assert_eq!(usual.median(), own.median(), "{name}");
            assert_eq!(usual.quantile(0.9), own.quantile(0.9), "{name}");
            check_widths(name, usual, own);
        }
        for hindcast in &own.report.hindcasts {
            assert_eq!(hindcast.forecast.levels(), own_levels(), "{name}");
        }
    }
}

/// The widths of intervals are in a sensible proportion to that of the 80 % interval.
fn check_widths(name: &str, usual: &Forecast, own: &Forecast) {
    let width = |forecast: &Forecast, percent: f64, k: usize| {
        let (low, high) = forecast.interval(percent).unwrap_or_else(|| panic!("{name}: no interval of {percent} %"));
        high[k] - low[k]
    };
    for k in 0..HORIZON {
        let values: Vec<f64> = own.quantiles().iter().map(|quantile| quantile.values[k]).collect();
        assert!(values.is_sorted() && values.iter().all(|value| value.is_finite()), "{name}: {values:?}");
        let [one, half, most] = [1.0, 50.0, 99.0].map(|percent| width(own, percent, k) / width(usual, 80.0, k));
        // of a normal distribution they are .01, .53 and 2.0; few sample paths and few errors are less exact
        assert!((0.0..0.15).contains(&one), "{name}, step {k}: {one:.3}");
        assert!((0.25..0.85).contains(&half), "{name}, step {k}: {half:.3}");
        assert!((1.2..4.5).contains(&most), "{name}, step {k}: {most:.3}");
        assert!(width(own, 99.0, k) >= width(usual, 95.0, k), "{name}, step {k}");
    }
}

#[test]
fn sample_paths_have_the_whole_distribution_even_if_the_task_has_the_median_only() {
    let history = quarters(1);
    for name in ["seasonal-naive", "auto", "lstm", "pretrained", "deepar"] {
        let mut model = model::named(name).unwrap();
        let _ = model.set_option(ModelOption::Epochs(4));
        let spread = |levels: Vec<f64>| {
            let task = Task { levels, ..Task::new(HORIZON) };
            let fit = model.fit(&history, &task, &mut SilentObserver).unwrap();
            let forecasts = fit.predict(&history).unwrap();
            let paths = fit.forecaster.sample_paths(&history, &forecasts, 400, 1).unwrap();
            let total = paths[0].total(0..HORIZON, &[0.1, 0.9]);
            total[1] - total[0]
        };
        let (usual, median, narrow) =
            (spread(vec![0.025, 0.1, 0.5, 0.9, 0.975]), spread(vec![0.5]), spread(own_levels()));
        assert!((median / usual - 1.0).abs() < 1e-9, "{name}: {median} and {usual}");
        assert!((0.8..1.25).contains(&(narrow / usual)), "{name}: {narrow} and {usual}");
    }
}

#[test]
fn the_scorecard_has_the_intervals_of_the_forecasts() {
    let history = quarters(2);
    let task = Task { levels: own_levels(), ..Task::new(HORIZON) };
    let fit = model::named("auto").unwrap().fit(&history, &task, &mut SilentObserver).unwrap();
    let scores = Scorecard::new(&history, &fit.report.hindcasts).overall(Steps::All);
    let percents: Vec<f64> = scores.intervals.iter().map(|interval| interval.percent).collect();
    assert_eq!(percents, [1.0, 50.0, 99.0]);
    let coverage: Vec<f64> = scores.intervals.iter().map(|interval| interval.coverage.unwrap()).collect();
    assert!(coverage.is_sorted() && coverage[0] < 0.2 && coverage[2] > 0.9, "{coverage:?}");
    // the interval nearest to 80 % stands for all
    assert_eq!(scores.usual_interval().unwrap().percent, 99.0);
    let backtest = ModelBacktest::new("auto", &history, fit.report.hindcasts);
    let mut csv = Vec::new();
    forecast::write::Table::Metrics(&[backtest]).write_csv(&mut csv, &history).unwrap();
    let head = String::from_utf8(csv).unwrap().lines().next().unwrap().to_owned();
    assert!(
        head.ends_with("crps,coverage_1,width_1,msis_1,coverage_50,width_50,msis_50,coverage_99,width_99,msis_99,why")
    );
}

/// Columns by their names.
fn column(csv: &str, name: &str) -> Vec<f64> {
    let at = csv.lines().next().unwrap().split(',').position(|heading| heading == name);
    let at = at.unwrap_or_else(|| panic!("no column {name}: {csv}"));
    csv.lines().skip(1).map(|row| row.split(',').nth(at).unwrap().parse().unwrap()).collect()
}

#[test]
fn columns_follow_from_the_levels_and_the_forecast_does_not() {
    let sandbox = Sandbox::with_daily();
    for model in ["theta", "gru --epochs 2"] {
        let run =
            |flags: &str| stdout(&sandbox.run(&format!("--csv daily.csv -n 3 --model {model} --out - -q {flags}")));
        let (usual, ninety) = (run(""), run("--level 90"));
        assert_eq!(usual.lines().next(), Some("date,forecast,lo_80,hi_80,lo_95,hi_95"));
        assert_eq!(run("--level 95,80"), usual, "{model}: the default");
        assert_eq!(run("--level 80% --level 95 --quantiles 0.1"), usual, "{model}: repeated levels");
        assert_eq!(ninety.lines().next(), Some("date,forecast,lo_90,hi_90"));
        assert_eq!(run("--quantiles 0.95,0.5,0.05"), ninety, "{model}: quantiles and an interval");
        for (flags, head) in [
            ("--level 1", "lo_1,hi_1"),
            ("--level 50", "lo_50,hi_50"),
            ("--level 99", "lo_99,hi_99"),
            ("--level 99.9", "lo_99.9,hi_99.9"),
            ("--quantiles 0.99", "q_0.99"),
            ("--level 80 --quantiles 0.01,0.975", "lo_80,hi_80,q_0.01,q_0.975"),
        ] {
            let csv = run(flags);
            assert_eq!(csv.lines().next(), Some(&*format!("date,forecast,{head}")), "{model}, {flags}");
            assert_eq!(column(&csv, "forecast"), column(&usual, "forecast"), "{model}, {flags}");
        }
        let median = run("--quantiles 0.5");
        assert_eq!(median.lines().next(), Some("date,forecast"), "{model}");
        let (inner, outer) = (run("--level 50"), run("--level 99"));
        for k in 0..3 {
            let row = [
                column(&outer, "lo_99")[k],
                column(&ninety, "lo_90")[k],
                column(&inner, "lo_50")[k],
                column(&inner, "forecast")[k],
                column(&inner, "hi_50")[k],
                column(&ninety, "hi_90")[k],
                column(&outer, "hi_99")[k],
            ];
            assert!(row.windows(2).all(|pair| pair[0] < pair[1]), "{model}: {row:?}");
        }
    }
}

#[test]
fn a_run_with_levels_prints_and_writes_them_everywhere() {
    let sandbox = Sandbox::with_daily();
    let line = "--csv daily.csv -n 3 --model seasonal-naive --level 50,99 --quantiles 0.9 --total week --out own";
    assert_cmd_snapshot!(sandbox.forecast(line));
    let head = |name: &str| sandbox.read(&format!("own/{name}")).lines().next().unwrap().to_owned();
    assert_eq!(head("forecast.csv"), "date,forecast,lo_50,hi_50,lo_99,hi_99,q_0.9");
    assert_eq!(head("totals.csv"), "from,to,steps,of,total,lo_50,hi_50,lo_99,hi_99,q_0.9,year_before,growth_percent");
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("own/run.json")).unwrap();
    assert_eq!(run["settings"]["levels"], serde_json::json!([0.005, 0.25, 0.5, 0.75, 0.9, 0.995]));
    assert!(run["verdict"]["coverage_99"].is_number() && run["verdict"]["coverage_80"].is_null());
}

#[test]
fn a_backtest_with_levels_reports_their_coverage() {
    let sandbox = Sandbox::with_daily();
    let line = "backtest --csv daily.csv -n 3 --folds 2 --model drift --level 50,90 --quantiles 0.99";
    assert_cmd_snapshot!(sandbox.forecast(line));
    let head = |name: &str| sandbox.read(&format!("daily-backtest/{name}")).lines().next().unwrap().to_owned();
    assert_eq!(head("backtest.csv"), "model,fold,cutoff,date,step,actual,forecast,lo_50,hi_50,lo_90,hi_90,q_0.99");
    assert!(head("metrics.csv").contains(",crps,coverage_50,width_50,msis_50,coverage_90,width_90,msis_90,why"));
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("daily-backtest/run.json")).unwrap();
    assert!(run["scores"][0]["coverage_90"].is_number() && run["scores"][0]["coverage_80"].is_null());
}

#[test]
fn a_saved_model_forecasts_its_levels_and_others() {
    let sandbox = Sandbox::with_daily();
    for model in ["theta", "auto", "lstm --epochs 2"] {
        sandbox.run(&format!("train --csv daily.csv -n 3 --model {model} --level 60 --out kept -q"));
        let predict =
            |flags: &str| stdout(&sandbox.run(&format!("predict --model kept --csv daily.csv --out - -q {flags}")));
        let fitted =
            |flags: &str| stdout(&sandbox.run(&format!("--csv daily.csv -n 3 --model {model} --out - -q {flags}")));
        assert_eq!(predict(""), fitted("--level 60"), "{model}: its own levels");
        assert_eq!(predict("--level 99 --quantiles 0.01"), fitted("--level 99 --quantiles 0.01"), "{model}: others");
    }
    let output = sandbox.run("predict --model kept --csv daily.csv --level 1 --total horizon --out one");
    assert!(stdout(&output).contains("1% high"));
    let totals = sandbox.read("one/totals.csv");
    assert!(column(&totals, "lo_1")[0] <= column(&totals, "hi_1")[0]);
}

#[test]
fn hierarchies_have_any_levels() {
    let sandbox = Sandbox::new();
    let rows = |id: &str| daily_csv(60).lines().skip(1).map(|row| format!("{id},{row}\n")).collect::<Vec<_>>().concat();
    sandbox.write("shops.csv", &format!("shop,date,sales\n{}{}", rows("a"), rows("b")));
    let line = "--csv shops.csv -n 3 --model theta --reconcile --level 1,99.9 --total horizon --out sums";
    let printed = stdout(&sandbox.run(line));
    assert!(printed.contains("99.9% coverage after"), "{printed}");
    for name in ["sums/forecast.csv", "sums/totals.csv"] {
        let csv = sandbox.read(name);
        let bounds = ["lo_99.9", "lo_1", "hi_1", "hi_99.9"].map(|name| column(&csv, name));
        assert!((0..bounds[0].len()).all(|row| bounds.each_ref().map(|bound| bound[row]).is_sorted()), "{csv}");
    }
    let run: serde_json::Value = serde_json::from_str(&sandbox.read("sums/run.json")).unwrap();
    assert!(run["reconciliation"]["levels"][0]["coverage_99.9"].is_number(), "{}", run["reconciliation"]);
}

#[test]
fn levels_that_do_not_exist_are_refused_with_a_hint() {
    let sandbox = Sandbox::with_daily();
    for flags in [
        "--level 0",
        "--level 100",
        "--level 101",
        "--level abc",
        "--level 0.8",
        "--level 0.95",
        "--level -5",
        "--level 80,,95",
        "--level 99.9999",
        "--level nan",
        "--quantiles 0",
        "--quantiles 1",
        "--quantiles 5",
        "--quantiles 95",
        "--quantiles -0.1",
        "--quantiles half",
        "--level 0.0001",
    ] {
        assert_cmd_snapshot!(sandbox.forecast(&format!("--csv daily.csv -n 3 --model drift {flags}")));
    }
    let many = (1..=101).map(|i| format!("{}", f64::from(i) / 200.0)).collect::<Vec<_>>().join(",");
    assert_cmd_snapshot!(sandbox.forecast(&format!("--csv daily.csv -n 3 --model drift --quantiles {many}")));
    assert_eq!(sandbox.names("."), ["daily.csv"]);
}

/// The picture of a forecast of two series at some levels, below the legend.
fn drawn(levels: &[f64]) -> Picture {
    let history = quarters(1);
    let fit = model::named("mean").unwrap().fit(&history, &Task::new(8), &mut SilentObserver).unwrap();
    let forecasts = fit.forecaster.predict_at(&history, levels).unwrap();
    let picture = Picture::of(|path| plot::forecast(path, &history, &forecasts).unwrap());
    let height = picture.height - 130;
    Picture { pixels: picture.pixels[130 * picture.width..].to_vec(), height, ..picture }
}

#[test]
fn a_picture_shows_at_most_three_intervals_and_dashes_for_single_quantiles() {
    let levels = |intervals: &[f64], quantiles: &[f64]| quantile_levels(intervals, quantiles).unwrap();
    let areas = |picture: &Picture| [INNER, MIDDLE, OUTER].map(|colour| picture.count(colour) > 1_000);
    assert_eq!(areas(&drawn(&levels(&[90.0], &[]))), [true, false, false]);
    assert_eq!(areas(&drawn(&levels(&[80.0, 95.0], &[]))), [true, false, true]);
    let three = drawn(&levels(&[50.0, 80.0, 95.0], &[]));
    assert_eq!(areas(&three), [true, true, true]);
    let many: Vec<f64> = (10..99).map(f64::from).collect();
    assert_eq!(areas(&drawn(&levels(&many, &[]))), [true, true, true]);
    let (median, single) = (drawn(&levels(&[], &[])), drawn(&levels(&[], &[0.9])));
    assert_eq!(areas(&median), [false; 3]);
    assert!(single.count(BLUE) > median.count(BLUE) + 100, "{} and {}", single.count(BLUE), median.count(BLUE));
}

#[test]
fn a_table_says_how_many_intervals_it_leaves_out() {
    let sandbox = Sandbox::with_daily();
    let printed = |levels: &str| {
        stdout(&sandbox.run(&format!("--csv daily.csv -n 3 --model naive --total week {levels} --out levels")))
    };
    let many = printed("--level 10,20,30,40,50,60,70,80,90,95,99");
    assert_eq!(many.matches("6 of 11 intervals are shown, the file has all").count(), 2, "{many}");
    assert!(!printed("--level 50,80,95").contains("the file has all"));
    let quantiles = printed("--level 80 --quantiles 0.15,0.2,0.3,0.35,0.4");
    assert!(quantiles.contains(" intervals and quantiles are shown, the file has all"), "{quantiles}");
}
