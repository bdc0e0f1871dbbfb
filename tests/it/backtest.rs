//! The held-out last horizon: nothing of it is seen, and what it scores is what the metric says.

use forecast::backtest::{Comparison, Holdout};
use forecast::data::{Columns, Frequency, Panel, Series, Timestamp};
use forecast::metric::{Undefined, mase};
use forecast::model::baseline::Baseline;
use forecast::model::{Model, Silent, Task};
use proptest::prelude::*;

fn panel(series: Vec<(&str, Vec<f64>, Vec<bool>)>, season: usize) -> Panel {
    let columns = Columns { time: None, target: "value".into(), ids: vec!["id".into()] };
    let series = series.into_iter().map(|(key, values, observed)| Series {
        key: vec![key.into()],
        start: Timestamp::Index(1),
        values,
        observed,
    });
    Panel::new(columns, Frequency::Index { step: 1 }, season, series.collect())
}

fn seen(values: &[f64]) -> (Vec<f64>, Vec<bool>) {
    (values.to_vec(), vec![true; values.len()])
}

fn naive_scores(whole: &Panel, horizon: usize) -> Vec<Result<f64, Undefined>> {
    let holdout = Holdout::last(whole, horizon).unwrap();
    let fitted = Baseline::Naive.fit(holdout.train(), &Task::new(horizon), &mut Silent).unwrap();
    holdout.scores(&fitted.predict(holdout.train()).unwrap())
}

#[test]
fn series_too_short_to_hold_anything_out_are_left_out() {
    let (long, short) = (seen(&[1.0, 2.0, 4.0, 8.0, 9.0, 3.0]), seen(&[1.0, 5.0, 2.0, 7.0]));
    let both = panel(vec![("long", long.0, long.1), ("short", short.0.clone(), short.1.clone())], 2);
    let holdout = Holdout::last(&both, 2).unwrap();
    assert_eq!(holdout.train().iter().map(|s| s.key[0].clone()).collect::<Vec<_>>(), ["long"]);
    assert!(Holdout::last(&panel(vec![("short", short.0, short.1)], 2), 2).is_none());
}

#[test]
fn each_series_is_scored_against_its_own_future() {
    let (a, b) = (seen(&[1.0, 2.0, 4.0, 5.0, 9.0]), seen(&[10.0, 40.0, 20.0, 20.0, 20.0]));
    let whole = panel(vec![("a", a.0, a.1), ("b", b.0, b.1)], 1);
    let expected = [mase(&[5.0, 9.0], &[4.0, 4.0], &[1.0, 2.0, 4.0], 1), Ok(0.0)];
    assert_eq!(naive_scores(&whole, 2), expected);
}

#[test]
fn only_what_was_observed_is_scored_at_the_step_it_was_forecast_for() {
    // position 3 is filled and lies before the cutoff: training ends at position 2, the forecast starts at 3
    let values = vec![1.0, 2.0, 4.0, 99.0, 5.0, 77.0, 6.0];
    let observed = vec![true, true, true, false, true, false, true];
    let whole = panel(vec![("a", values, observed)], 1);
    let holdout = Holdout::last(&whole, 3).unwrap();
    assert_eq!(holdout.train().iter().next().unwrap().values, [1.0, 2.0, 4.0]);
    let drift = Baseline::Drift.fit(holdout.train(), &Task::new(3), &mut Silent).unwrap();
    let forecasts = drift.predict(holdout.train()).unwrap();
    // drift says 5.5, 7, 8.5 for positions 3, 4, 5; of the held-out 4, 5, 6 only 4 was observed and is reached
    assert_eq!(holdout.scores(&forecasts), [mase(&[5.0], &[7.0], &[1.0, 2.0, 4.0], 1)]);
}

#[test]
fn a_comparison_is_over_the_series_that_both_could_be_scored_on() {
    let model = [Ok(1.0), Err(Undefined::Unchanging), Ok(0.5), Ok(3.0)];
    let bar = [Ok(2.0), Ok(1.0), Ok(1.0), Ok(1.0)];
    let comparison = Comparison::new(&model, &bar).unwrap();
    assert_eq!(comparison, Comparison { model: 1.5, baseline: 4.0 / 3.0, series: 3, won: 2 });
    assert!((comparison.skill().unwrap() - (1.0 - 1.5 / (4.0 / 3.0))).abs() < 1e-12);
    assert_eq!(Comparison::new(&model[1..2], &bar[1..2]), Err(Undefined::Unchanging));
}

proptest! {
    #[test]
    fn a_value_after_the_cutoff_changes_no_forecast_made_at_it(
        mut y in prop::collection::vec(-1e3..1e3_f64, 12..30),
        at in 0..4_usize,
        shock in 1.0..1e6_f64,
        b in prop::sample::select(Baseline::ALL.to_vec()),
    ) {
        let forecast = |values: &[f64]| {
            let whole = Panel::from_values(values, 3);
            let holdout = Holdout::last(&whole, 4).unwrap();
            let fitted = b.fit(holdout.train(), &Task::new(4), &mut Silent).unwrap();
            fitted.predict(holdout.train()).unwrap()
        };
        let before = forecast(&y);
        let position = y.len() - 4 + at;
        y[position] += shock;
        prop_assert_eq!(forecast(&y), before);
    }
}
