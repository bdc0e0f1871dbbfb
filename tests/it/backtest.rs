//! Backtests: no forecast uses a value after its cutoff, and only observed values are scored.

use forecast::backtest::{Comparison, Folds, Scorecard, Scores, Steps, baseline_at_cutoffs, run};
use forecast::forecast::{Forecast, LEVELS};
use forecast::metric::{Undefined, mase};
use forecast::model::rnn::Rnn;
use forecast::model::stat::Baseline;
use forecast::model::{Control, Hindcast, Model, Observer, SilentObserver, Task};
use forecast::panel::{Columns, Panel, Series};
use forecast::read::ReadOptions;
use forecast::time::{Frequency, Timestamp};
use proptest::prelude::*;

use crate::files::read;

fn panel(series: Vec<(&str, Vec<f64>, Vec<bool>)>, season: usize) -> Panel {
    let columns = Columns { time: None, target: "value".into(), ids: vec!["id".into()] };
    let series = series.into_iter().map(|(key, values, observed)| Series {
        key: vec![key.into()],
        start: Timestamp::Index(1),
        values,
        observed,
    });
    Panel::new(columns, Frequency::INDEX, season, series.collect()).unwrap()
}

fn observed(values: &[f64]) -> (Vec<f64>, Vec<bool>) {
    (values.to_vec(), vec![true; values.len()])
}

/// A wave with noise and a trend.
fn wave(count: usize) -> Vec<f64> {
    (0..count).map(|t| 50.0 + (t as f64 * 0.9).sin() * 10.0 + (t * 7919 % 13) as f64 * 0.3 + t as f64 * 0.1).collect()
}

fn folds(count: usize, step: usize, horizon: usize) -> Folds {
    Folds { count, step, horizon, min_history: 4 }
}

fn hindcasts(model: &dyn Model, panel: &Panel, folds: &Folds, refit: bool) -> Vec<Hindcast> {
    run(model, panel, &Task::new(folds.horizon), folds, refit, &mut SilentObserver).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

#[test]
fn folds_are_counted_from_each_series_own_end() {
    let (long, short) = (observed(&wave(20)), observed(&wave(9)));
    let both = panel(vec![("long", long.0, long.1), ("short", short.0, short.1)], 2);
    let hindcasts = hindcasts(&Baseline::Naive, &both, &folds(3, 2, 3), true);
    let origins: Vec<(usize, usize)> = hindcasts.iter().map(|h| (h.series, h.cutoff)).collect();
    assert_eq!(origins, [(0, 13), (0, 15), (0, 17), (1, 4), (1, 6)], "the short series has only the last folds");
}

#[test]
fn a_hindcast_has_the_key_and_the_times_of_its_series() {
    let (a, b) = (observed(&wave(20)), observed(&wave(30)));
    let both = panel(vec![("a", a.0, a.1), ("b", b.0, b.1)], 2);
    let wholes: Vec<_> = both.iter().collect();
    for hindcast in hindcasts(&Baseline::Drift, &both, &folds(4, 3, 5), false) {
        let whole = &wholes[hindcast.series];
        assert_eq!(hindcast.forecast.key(), whole.key);
        let times: Vec<Timestamp> = (hindcast.cutoff..hindcast.cutoff + 5).map(|t| whole.time_at(t)).collect();
        assert_eq!(hindcast.forecast.times(), times);
    }
}

#[test]
fn the_number_of_folds_leaves_the_minimal_history() {
    let history = Panel::from_values(&wave(30), 7);
    assert_eq!(folds(1, 7, 7).max_count(&history), 3);
    assert_eq!(folds(1, 1, 7).max_count(&history), 20);
    assert_eq!(Folds { min_history: 24, ..folds(1, 7, 7) }.max_count(&history), 0);
    assert_eq!(Folds { min_history: 23, ..folds(1, 7, 7) }.max_count(&history), 1);
    assert_eq!(folds(9, 7, 7).limited_to(&history), Some(folds(3, 7, 7)));
    for count in 1..=3 {
        assert!(folds(count, 7, 7).history(&history, 1).is_some());
    }
    assert!(folds(4, 7, 7).history(&history, 1).is_none());
}

#[test]
fn default_folds_take_a_third_of_the_history_of_a_model_that_is_fitted_once() {
    let folds = |values: usize, refit: bool| Folds::default_for(&Panel::from_values(&wave(values), 7), 7, 7, refit);
    let count = |values, refit| folds(values, refit).map(|folds| folds.count);
    assert_eq!((count(200, false), count(200, true)), (Some(5), Some(5)));
    assert_eq!((count(70, false), count(70, true)), (Some(3), Some(5)));
    assert_eq!((count(40, false), count(40, true)), (Some(1), Some(3)));
    assert_eq!((count(21, false), count(15, true)), (Some(1), Some(1)));
    assert_eq!(
        (count(14, false), count(14, true)),
        (None, None),
        "fewer values than a season and one more would be left"
    );
}

#[test]
fn each_series_is_scored_against_its_own_future() {
    let (a, b) = (observed(&[1.0, 2.0, 4.0, 3.0, 5.0, 9.0]), observed(&[10.0, 40.0, 20.0, 20.0, 20.0, 20.0]));
    let whole = panel(vec![("a", a.0, a.1), ("b", b.0, b.1)], 1);
    let card = Scorecard::new(&whole, &hindcasts(&Baseline::Naive, &whole, &folds(1, 2, 2), true));
    let scores = |position| card.series(position, Steps::All).unwrap();
    assert_eq!(scores(0).mase, mase(&[5.0, 9.0], &[3.0, 3.0], &[1.0, 2.0, 4.0, 3.0], 1));
    assert_eq!((scores(1).mase, scores(1).mae, scores(1).points), (Ok(0.0), Ok(0.0), 2));
}

#[test]
fn filled_values_are_never_scored_and_end_no_history() {
    // position 4 is filled and before the cutoff: the history ends at position 3
    let values = vec![1.0, 2.0, 4.0, 5.0, 99.0, 5.0, 77.0, 6.0];
    let observed = vec![true, true, true, true, false, true, false, true];
    let whole = panel(vec![("a", values.clone(), observed.clone())], 1);
    let forecasts = hindcasts(&Baseline::Naive, &whole, &folds(1, 3, 3), true);
    assert_eq!(forecasts[0].cutoff, 4);
    // steps 1, 2 and 3 are positions 4, 5 and 6, of which only 5 was observed
    let card = Scorecard::new(&whole, &forecasts);
    let points: Vec<usize> = (1..=3).map(|step| card.series(0, Steps::One(step)).unwrap().points).collect();
    assert_eq!(points, [0, 1, 0]);
    assert_eq!(card.series(0, Steps::One(1)).unwrap().mae, Err(Undefined::NoActual));
    assert_eq!(card.overall(Steps::All).mae, Ok(0.0));
    // unobserved values do not change any forecast
    let other: Vec<f64> = values.iter().zip(&observed).map(|(v, observed)| if *observed { *v } else { -1e6 }).collect();
    let other = panel(vec![("a", other, observed)], 1);
    assert_eq!(
        hindcasts(&Baseline::Mean, &other, &folds(2, 1, 3), true),
        hindcasts(&Baseline::Mean, &whole, &folds(2, 1, 3), true)
    );
}

/// The reader fills a gap from the seasons before and after it. In a fold it must use only values before the cutoff.
#[test]
fn a_gap_before_a_cutoff_is_filled_without_values_after_it() {
    let csv = |last: f64| {
        let row = |t: i32| match t {
            9 => None,
            16 => Some(format!("{t},{last}\n")),
            t => Some(format!("{t},{}\n", 10 + t % 7)),
        };
        "t,y\n".to_owned() + &(1..=21).filter_map(row).collect::<Vec<_>>().concat()
    };
    let hindcasts = |last: f64| {
        let options = ReadOptions { seasons: Some(vec![7]), ..ReadOptions::default() };
        let panel = read("gap.csv", csv(last), &options).unwrap().panel;
        (panel.clone(), hindcasts(&Baseline::Mean, &panel, &folds(1, 7, 7), true))
    };
    let ((one, before), (other, after)) = (hindcasts(12.0), hindcasts(900.0));
    let filled = |panel: &Panel| panel.iter().next().unwrap().values[8];
    assert_ne!(filled(&one), filled(&other), "the reader uses values after the gap");
    assert_eq!(before, after);
}

#[test]
fn a_baseline_at_cutoffs_equals_its_own_backtest() {
    let (a, b) = (observed(&wave(40)), observed(&wave(33)));
    let mut gap = wave(36);
    gap[25] = 0.0;
    let mut observed = vec![true; 36];
    observed[25] = false;
    let whole = panel(vec![("a", a.0, a.1), ("b", b.0, b.1), ("c", gap, observed)], 7);
    let task = Task::new(7);
    let plan = folds(4, 5, 7);
    let models = hindcasts(&Baseline::Drift, &whole, &plan, false);
    let baseline = baseline_at_cutoffs(&Baseline::SeasonalNaive, &whole, &task, &models).unwrap();
    assert_eq!(baseline, hindcasts(&Baseline::SeasonalNaive, &whole, &plan, true));
}

/// A hindcast of a model may start at a filled value. The baseline must then forecast the same steps.
#[test]
fn a_baseline_forecasts_the_same_steps_after_a_gap() {
    let mut values = wave(30);
    values[20] = 1e9;
    let mut observed = vec![true; 30];
    observed[20] = false;
    let whole = panel(vec![("a", values, observed)], 1);
    let series = whole.iter().next().unwrap();
    let history =
        forecast::panel::TimeSeries { values: &series.values[..21], observed: &series.observed[..21], ..series };
    let own = Hindcast { series: 0, cutoff: 21, forecast: Forecast::after(&history, &LEVELS, vec![vec![1.0; 4]; 5]) };
    let baseline =
        baseline_at_cutoffs(&Baseline::SeasonalNaive, &whole, &Task::new(4), std::slice::from_ref(&own)).unwrap();
    assert_eq!((baseline[0].cutoff, baseline[0].forecast.times()), (21, own.forecast.times()));
    assert_eq!(baseline[0].forecast.median(), [series.values[19]; 4], "the last observed value");
}

/// Hindcasts that equal the actual values.
fn perfect(panel: &Panel, plan: &Folds) -> Vec<Hindcast> {
    let wholes: Vec<_> = panel.iter().collect();
    let hindcasts = hindcasts(&Baseline::Naive, panel, plan, true).into_iter().map(|hindcast| {
        let whole = wholes[hindcast.series];
        let history = forecast::panel::TimeSeries {
            values: &whole.values[..hindcast.cutoff],
            observed: &whole.observed[..hindcast.cutoff],
            ..whole
        };
        let future = whole.values[hindcast.cutoff..hindcast.cutoff + plan.horizon].to_vec();
        Hindcast { forecast: Forecast::after(&history, &LEVELS, vec![future; LEVELS.len()]), ..hindcast }
    });
    hindcasts.collect()
}

#[test]
fn a_perfect_forecast_scores_0() {
    let whole = Panel::from_values(&wave(60), 7);
    let scores = Scorecard::new(&whole, &perfect(&whole, &folds(5, 7, 7))).overall(Steps::All);
    let Scores { mase, smape, rmse, mae, wape, pinball, crps, intervals, points, .. } = scores;
    assert_eq!([mase, smape, rmse, mae, wape, pinball, crps], [Ok(0.0); 7]);
    assert_eq!(points, 35);
    for interval in intervals {
        assert_eq!((interval.coverage, interval.width, interval.msis), (Ok(1.0), Ok(0.0), Ok(0.0)));
    }
}

#[test]
fn an_undefined_score_returns_the_reason() {
    let flat = Panel::from_values(&[0.0; 30], 7);
    let scores = Scorecard::new(&flat, &hindcasts(&Baseline::Naive, &flat, &folds(2, 7, 7), true)).overall(Steps::All);
    assert_eq!((scores.mase, scores.wape), (Err(Undefined::ZeroScale), Err(Undefined::AllZero)));
    assert_eq!((scores.mae, scores.smape, scores.intervals[0].coverage), (Ok(0.0), Ok(0.0), Ok(1.0)));
    assert_eq!(scores.intervals[1].msis, Err(Undefined::ZeroScale));
    let task = Task { levels: vec![0.5], ..Task::new(7) };
    let history = Panel::from_values(&wave(40), 7);
    let medians = run(&Baseline::Naive, &history, &task, &folds(2, 7, 7), true, &mut SilentObserver).unwrap();
    let scores = Scorecard::new(&history, &medians).overall(Steps::All);
    assert!(scores.intervals.is_empty(), "a median alone has no interval");
    assert!(close(scores.crps.unwrap(), scores.mae.unwrap()), "without spread CRPS is the absolute error");
}

#[test]
fn scale_free_scores_weight_all_series_equally() {
    let (small, large) = (observed(&wave(40)), observed(&wave(40).iter().map(|v| v * 1e6).collect::<Vec<_>>()));
    let whole = panel(vec![("large", large.0, large.1), ("small", small.0, small.1)], 7);
    let card = Scorecard::new(&whole, &hindcasts(&Baseline::Mean, &whole, &folds(3, 7, 7), true));
    let (one, all) = (card.series(1, Steps::All).unwrap(), card.overall(Steps::All));
    for (of_one, of_all) in [
        (one.mase, all.mase),
        (one.smape, all.smape),
        (one.wape, all.wape),
        (one.intervals[0].msis, all.intervals[0].msis),
    ] {
        assert!(close(of_one.unwrap(), of_all.unwrap()));
    }
    assert!(all.mae.unwrap() > 1e4 * one.mae.unwrap());
    assert_eq!((all.series, all.points, one.points), (2, 42, 21));
}

#[test]
fn a_comparison_is_over_the_series_with_both_scores() {
    let scores = [(Ok(1.0), Ok(2.0)), (Err(Undefined::ZeroScale), Ok(1.0)), (Ok(0.5), Ok(1.0)), (Ok(3.0), Ok(1.0))];
    let comparison = Comparison::new(&scores).unwrap();
    assert_eq!(comparison, Comparison { model: 1.5, baseline: 4.0 / 3.0, series: 3, wins: 2 });
    assert!((comparison.skill().unwrap() - (1.0 - 1.5 / (4.0 / 3.0))).abs() < 1e-12);
    assert_eq!(Comparison::new(&scores[1..2]), Err(Undefined::ZeroScale));
    let skill = |model, baseline| Comparison { model, baseline, series: 1, wins: 0 }.skill();
    assert_eq!((skill(0.0, 0.0), skill(1.0, 0.0)), (Some(0.0), None));
}

/// Counts folds and epochs, and stops before a given fold.
#[derive(Default)]
struct CountingObserver {
    folds: Vec<(usize, usize)>,
    epochs: usize,
    stop_before: Option<usize>,
}

impl Observer for CountingObserver {
    fn fold(&mut self, number: usize, of: usize) -> Control {
        self.folds.push((number, of));
        if self.stop_before == Some(number) { Control::Stop } else { Control::Continue }
    }

    fn epoch(&mut self, _: &forecast::model::Epoch) -> Control {
        self.epochs += 1;
        Control::Continue
    }
}

#[test]
fn a_network_is_fitted_once_or_at_each_origin() {
    let history = Panel::from_values(&wave(80), 7);
    let network = Rnn { epochs: Some(2), hidden: 4, ..Rnn::default() };
    let fitted = |refit: bool, stop_before: Option<usize>| {
        let mut observer = CountingObserver { stop_before, ..CountingObserver::default() };
        let hindcasts = run(&network, &history, &Task::new(5), &folds(3, 5, 5), refit, &mut observer).unwrap();
        (hindcasts.len(), observer.epochs, observer.folds)
    };
    let each = vec![(1, 3), (2, 3), (3, 3)];
    assert_eq!(fitted(false, None), (3, 2, each.clone()));
    assert_eq!(fitted(true, None), (3, 6, each.clone()));
    assert_eq!(fitted(false, Some(2)), (3, 2, each), "a fitted model continues");
    assert_eq!(fitted(true, Some(2)), (1, 2, vec![(1, 3), (2, 3)]));
}

/// With and without refitting.
#[test]
fn a_value_after_a_cutoff_changes_no_forecast_of_a_network() {
    let network = Rnn { epochs: Some(2), hidden: 4, ..Rnn::default() };
    let mut values = wave(80);
    let before =
        [false, true].map(|refit| hindcasts(&network, &Panel::from_values(&values, 7), &folds(3, 5, 5), refit));
    values[70..].iter_mut().for_each(|value| *value *= 3.0);
    let after = [false, true].map(|refit| hindcasts(&network, &Panel::from_values(&values, 7), &folds(3, 5, 5), refit));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before[..2], after[..2], "origins 65 and 70");
        assert_ne!(before[2], after[2], "origin 75");
    }
}

proptest! {
    #[test]
    fn a_value_after_a_cutoff_changes_no_forecast_made_at_it(
        mut y in prop::collection::vec(-1e3..1e3_f64, 24..40),
        at in 1..12_usize,
        shock in 1.0..1e6_f64,
        refit in any::<bool>(),
        b in prop::sample::select(Baseline::ALL.to_vec()),
    ) {
        let forecasts = |values: &[f64]| hindcasts(&b, &Panel::from_values(values, 3), &folds(4, 2, 4), refit);
        let before = forecasts(&y);
        let changed = y.len() - at;
        y[changed] += shock;
        for (before, after) in before.iter().zip(forecasts(&y)) {
            if before.cutoff <= changed {
                prop_assert_eq!(before, &after);
            }
        }
    }

    #[test]
    fn scaled_scores_do_not_depend_on_the_unit(y in prop::collection::vec(-1e3..1e3_f64, 30..40), unit in 0.01..100.0_f64) {
        let scores = |factor: f64| {
            let whole = Panel::from_values(&y.iter().map(|v| v * factor).collect::<Vec<f64>>(), 3);
            Scorecard::new(&whole, &hindcasts(&Baseline::Drift, &whole, &folds(3, 4, 4), true)).overall(Steps::All)
        };
        let (one, other) = (scores(1.0), scores(unit));
        prop_assert!(close(one.mase.unwrap(), other.mase.unwrap()));
        prop_assert!(close(one.intervals[1].msis.unwrap(), other.intervals[1].msis.unwrap()));
        prop_assert!(close(one.crps.unwrap() * unit, other.crps.unwrap()));
    }

    #[test]
    fn scores_of_steps_average_to_the_overall_scores(y in prop::collection::vec(1.0..1e3_f64, 30..40), hole in 15..29_usize) {
        let mut observed = vec![true; y.len()];
        observed[hole] = false;
        let whole = panel(vec![("a", y, observed)], 3);
        let card = Scorecard::new(&whole, &hindcasts(&Baseline::Drift, &whole, &folds(3, 4, 4), true));
        let overall = card.overall(Steps::All);
        let steps: Vec<Scores> = (1..=4).map(|step| card.overall(Steps::One(step))).collect();
        let average = |score: &dyn Fn(&Scores) -> f64| {
            let scored = steps.iter().filter(|scores| scores.points > 0);
            scored.map(|scores| score(scores) * scores.points as f64).sum::<f64>() / overall.points as f64
        };
        let measures: [&dyn Fn(&Scores) -> f64; 8] = [
            &|s| s.mase.unwrap(),
            &|s| s.smape.unwrap(),
            &|s| s.mae.unwrap(),
            &|s| s.rmse.unwrap().powi(2),
            &|s| s.pinball.unwrap(),
            &|s| s.crps.unwrap(),
            &|s| s.intervals[0].coverage.unwrap(),
            &|s| s.intervals[1].msis.unwrap(),
        ];
        prop_assert_eq!(steps.iter().map(|scores| scores.points).sum::<usize>(), overall.points);
        for (number, measure) in measures.iter().enumerate() {
            prop_assert!(close(average(measure), measure(&overall)), "measure {}", number);
        }
    }
}
