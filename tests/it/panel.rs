//! The promises of panels, and how missing values are filled.

use forecast::panel::{Columns, Panel, Series};
use forecast::time::{Frequency, Timestamp};
use proptest::prelude::*;

fn series(values: &[f64], observed: &[bool]) -> Series {
    let (values, observed) = (values.to_vec(), observed.to_vec());
    Series { key: vec!["a".into()], start: Timestamp::Index(1), values, observed }
}

fn panel(season: usize, series: Vec<Series>) -> forecast::Result<Panel> {
    let columns = Columns { time: None, target: "value".into(), ids: vec!["id".into()] };
    Panel::new(columns, Frequency::INDEX, season, series)
}

#[test]
fn series_that_break_a_promise_of_the_panel_are_refused() {
    let good = series(&[1.0, 2.0], &[true, true]);
    assert!(panel(1, vec![good.clone()]).is_ok());
    let lengths_differ = "has different numbers of values and of marks for observed values";
    for (season, series, reason) in [
        (1, vec![], "it has no series"),
        (0, vec![good.clone()], "a season has at least one step"),
        (1, vec![series(&[], &[])], "has no value"),
        (1, vec![series(&[1.0], &[true, true])], lengths_differ),
        (1, vec![series(&[f64::NAN], &[true])], "has a value that is not finite"),
        (1, vec![series(&[1.0, 2.0], &[true, false])], "does not start and end with an observed value"),
        (1, vec![Series { key: Vec::new(), ..good.clone() }], "does not have an id for each id column"),
        (1, vec![good.clone(), good.clone()], "is there twice"),
    ] {
        let text = panel(season, series).unwrap_err().to_string();
        assert!(text.contains(reason), "{text}: {reason}");
    }
}

/// The values of a series after its gaps are filled again, as for a history before a cutoff.
fn filled(values: &[f64], observed: &[bool], season: usize) -> Vec<f64> {
    let whole = panel(season, vec![series(values, observed)]).unwrap();
    whole.without_last(0, 1).unwrap().iter().next().unwrap().values.to_vec()
}

#[test]
fn a_gap_in_a_seasonal_series_with_a_trend_is_filled_exactly() {
    let truth: Vec<f64> = (0..40).map(|t| f64::from(t) * 0.5 + [0.0, 10.0, -3.0, 5.0][t as usize % 4]).collect();
    let observed: Vec<bool> = (0..40).map(|t| !(17..20).contains(&t)).collect();
    let values: Vec<f64> = truth.iter().zip(&observed).map(|(v, known)| if *known { *v } else { 1e9 }).collect();
    for (value, truth) in filled(&values, &observed, 4).iter().zip(&truth) {
        assert!((value - truth).abs() < 1e-9, "{value} {truth}");
    }
}

#[test]
fn a_gap_without_a_season_is_filled_by_a_line() {
    let values = filled(&[1.0, 0.0, 9.0, 4.0], &[true, false, false, true], 1);
    assert_eq!(values.iter().map(|value| value.round()).collect::<Vec<f64>>(), [1.0, 2.0, 3.0, 4.0]);
}

proptest! {
    #[test]
    fn filled_values_are_within_the_range_of_observed_values(
        mut cells in prop::collection::vec(prop::option::of(-1e6..1e6), 2..80), season in 1_usize..10,
    ) {
        let last = cells.len() - 1;
        cells[0].get_or_insert(1.0);
        cells[last].get_or_insert(2.0);
        let observed: Vec<bool> = cells.iter().map(Option::is_some).collect();
        let values = filled(&cells.iter().map(|cell| cell.unwrap_or(1e9)).collect::<Vec<f64>>(), &observed, season);
        let known: Vec<f64> = cells.iter().flatten().copied().collect();
        let (low, high) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (v.min(l), v.max(h)));
        prop_assert!(values.iter().all(|value| (low..=high).contains(value)));
        for (value, cell) in values.iter().zip(&cells) {
            prop_assert!(cell.is_none_or(|cell| cell == *value));
        }
    }
}
