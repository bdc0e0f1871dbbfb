//! Steps at which a series is known to be 0: closed Sundays, or the nights of a solar plant.

use crate::model::regression::series_view::ExogenousData;
use crate::panel::covariates::{Covariate, CovariateKind};
use crate::panel::series::TimeSeries;

/// The minimum number of observed values of a kind of step.
const MIN_VALUES: f64 = 3.0;
/// The maximum probability that all values of some kind are 0 by chance, if zeros are as frequent as at other steps.
const MAX_PROBABILITY: f64 = 0.01;

/// Which of the `horizon` steps after `history` are of a kind whose values were always exactly 0. Kinds are positions
/// of a season, and days with or without a holiday or another indicator.
pub(crate) fn known_zeros(
    history: &TimeSeries<'_>,
    seasons: &[usize],
    exogenous: Option<ExogenousData<'_>>,
    horizon: usize,
) -> Vec<bool> {
    let mut known = vec![false; horizon];
    for &season in seasons {
        mark_zeros(&mut known, history, season, |t| Some(t % season));
    }
    let columns = exogenous.iter().flat_map(|data| data.columns.iter().zip(data.values));
    for (_, values) in columns.filter(|(column, values)| column.known_future && is_indicator(column, values)) {
        mark_zeros(&mut known, history, 2, |t| values.get(t).map(|value| usize::from(*value != 0.0)));
    }
    known
}

/// Marks the steps of those kinds that were always 0. `kind` gives the number of the kind at a position.
fn mark_zeros(known: &mut [bool], history: &TimeSeries<'_>, kinds: usize, kind: impl Fn(usize) -> Option<usize>) {
    let mut zeros_and_values = vec![[0.0; 2]; kinds];
    for (t, value) in history.values.iter().enumerate().filter(|(t, _)| history.observed[*t]) {
        let Some(kind) = kind(t) else { continue };
        zeros_and_values[kind][0] += f64::from(*value == 0.0);
        zeros_and_values[kind][1] += 1.0;
    }
    let is_always_zero = |[zeros, values]: &[f64; 2]| *values >= MIN_VALUES && zeros >= values;
    let others = zeros_and_values.iter().filter(|kind| !is_always_zero(kind));
    let [zeros, values] = others.fold([0.0; 2], |[zeros, values], kind| [zeros + kind[0], values + kind[1]]);
    let share_of_others: f64 = (zeros + 1.0) / (values + 2.0);
    for (k, is_known) in known.iter_mut().enumerate() {
        let Some(kind) = kind(history.len() + k) else { continue };
        let by_chance = kinds as f64 * share_of_others.powf(zeros_and_values[kind][1]);
        *is_known |= is_always_zero(&zeros_and_values[kind]) && by_chance < MAX_PROBABILITY;
    }
}

/// Whether a covariate divides the steps into two kinds: those where it is 0, and the others.
fn is_indicator(column: &Covariate, values: &[f64]) -> bool {
    match &column.kind {
        CovariateKind::Holidays(_) | CovariateKind::Eves(_) => true,
        CovariateKind::Number => values.iter().all(|value| [0.0, 1.0].contains(value)),
        CovariateKind::Category(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Panel;

    fn zeros_of(values: &[f64], seasons: &[usize]) -> Vec<usize> {
        let panel = Panel::from_values(values, 7);
        let known = known_zeros(&panel.iter().next().unwrap(), seasons, None, 7);
        (0..7).filter(|k| known[*k]).collect()
    }

    #[test]
    fn a_weekday_that_was_always_zero_is_known_and_zeros_by_chance_are_not() {
        let closed = |t: usize| if t % 7 == 2 { 0.0 } else { 5.0 + (t % 3) as f64 };
        let values: Vec<f64> = (0..70).map(closed).collect();
        assert_eq!(zeros_of(&values, &[7]), [2]);
        // one open Sunday is enough
        let open_once: Vec<f64> = (0..70).map(|t| if t == 9 { 1.0 } else { closed(t) }).collect();
        // three of four values are 0 on any day
        let rare: Vec<f64> = (0..35).map(|t| if t % 7 == 2 || t * 5 % 16 > 3 { 0.0 } else { 1.0 }).collect();
        for (values, seasons) in [(&open_once, &[7][..]), (&rare, &[7]), (&values, &[])] {
            assert_eq!(zeros_of(values, seasons), [0; 0]);
        }
    }

    #[test]
    fn days_of_an_indicator_that_were_always_zero_are_known() {
        let values: Vec<f64> = (0..60).map(|t| if t % 9 == 4 { 0.0 } else { 3.0 + f64::from(t % 4) }).collect();
        let indicator = vec![(0..67).map(|t| f64::from(t % 9 == 4)).collect::<Vec<f64>>()];
        let column = |kind| [Covariate { name: "closed".into(), kind, known_future: true }];
        let panel = Panel::from_values(&values, 1);
        let known = |columns: &[Covariate]| {
            let data = ExogenousData { columns, values: &indicator };
            known_zeros(&panel.iter().next().unwrap(), &[], Some(data), 7)
        };
        let expected: Vec<bool> = (60..67).map(|t| t % 9 == 4).collect();
        assert_eq!(known(&column(CovariateKind::Number)), expected);
        assert_eq!(known(&column(CovariateKind::Category(vec!["a".into(), "b".into()]))), [false; 7]);
    }
}
