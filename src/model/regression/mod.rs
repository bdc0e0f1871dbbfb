//! Autoregressions: linear models of lags, seasonal lags and the calendar's phases, fitted by ridge regression.
//!
//! Each gives the forecasts of many rolling origins at once: rows are added to one [`Gram`] in the order of time, and
//! solved for at each cutoff with what was known there.

pub(crate) mod exogenous;
pub(crate) mod features;
pub(crate) mod ridge;

use crate::model::regression::exogenous::ExogenousData;

use crate::model::regression::features::Features;
use crate::model::regression::ridge::Gram;

/// A series as the autoregressions see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signal<'a> {
    /// Values on the scale that is modelled, gaps filled.
    pub(crate) values: &'a [f64],
    /// Which of them were observed: only those are learned from.
    pub(crate) observed: &'a [bool],
    /// Steps of its seasons, ascending; empty for none.
    pub(crate) seasons: &'a [usize],
    /// Steps from an absolute origin to the first value: the phase of periods that are no whole number of steps.
    pub(crate) ordinal: i64,
    /// What stands beside the series, if it is to be used.
    pub(crate) beside: Option<ExogenousData<'a>>,
}

/// What a value is compared with: the mean of those one, two … `seasons` times `lag` steps before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) lag: usize,
    pub(crate) seasons: usize,
}

/// The latest coefficients. Solving takes longer than a forecast and few new rows change little: it is done again when
/// the rows have grown by a twentieth, and for the last cutoff.
#[derive(Debug, Default)]
struct Solved {
    beta: Option<ridge::Coefficients>,
    rows: usize,
}

impl Solved {
    fn is_due(&mut self, rows: usize, last: bool) -> bool {
        let due = self.beta.is_none() || last || 20 * (rows - self.rows) >= rows;
        if due {
            self.rows = rows;
        }
        due
    }
}

/// One step at a time, each on the forecast of the one before.
///
/// With a `difference` that is modelled in place of the value's distance from the level. Gives
/// the forecast at each of `cutoffs` (ascending; the number of values known); `None` where too little was known.
pub(crate) fn iterated(
    signal: Signal<'_>,
    difference: Option<Difference>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    step_by_step(&Features::of_a_step(&signal, cutoffs[0], difference), signal, horizon, cutoffs)
}

/// As [`iterated`], each step by what is known ahead of it beside the series, too.
pub(crate) fn iterated_beside(
    signal: Signal<'_>,
    difference: Option<Difference>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    match Features::of_a_step(&signal, cutoffs[0], difference).with_ahead(&signal, cutoffs[0]) {
        Some(features) => step_by_step(&features, signal, horizon, cutoffs),
        None => vec![None; cutoffs.len()],
    }
}

fn step_by_step(features: &Features, signal: Signal<'_>, horizon: usize, cutoffs: &[usize]) -> Vec<Option<Vec<f64>>> {
    let mut gram = Gram::new(features.count(), 1, None);
    let mut next = features.first();
    let mut row = Vec::new();
    let mut forecasts = Vec::with_capacity(cutoffs.len());
    let mut solved = Solved::default();
    for (i, &cutoff) in cutoffs.iter().enumerate() {
        while next < cutoff {
            if signal.observed[next] {
                row.clear();
                let base = features.push(signal.values, next, &mut row);
                row.push(signal.values[next] - base);
                gram.add(&row);
            }
            next += 1;
        }
        let roll = |beta: &ridge::Coefficients| {
            features.reach(cutoff + horizon - 1).then_some(())?;
            let mut path = signal.values[..cutoff].to_vec();
            for t in cutoff..cutoff + horizon {
                row.clear();
                let base = features.push(&path, t, &mut row);
                path.push(base + beta.apply(&row)[0]);
            }
            Some(path.split_off(cutoff))
        };
        if gram.rows() >= 2 * features.season().max(6) && solved.is_due(gram.rows(), i + 1 == cutoffs.len()) {
            solved.beta = gram.solve(1.0);
        }
        forecasts.push(solved.beta.as_ref().and_then(roll));
    }
    forecasts
}

/// A regression with an output for every step of the horizon.
#[derive(Debug, Clone)]
pub(crate) struct Direct {
    features: Features,
    beta: ridge::Coefficients,
}

impl Direct {
    /// A fit at each of `cutoffs` (ascending; the number of values known); `None` where too little was known.
    pub(crate) fn fits(
        signal: Signal<'_>,
        half_life: Option<f64>,
        horizon: usize,
        cutoffs: &[usize],
    ) -> Vec<Option<Self>> {
        let plain = Features::of_a_path(&signal, cutoffs[0], horizon);
        let features = plain.clone().with_past(&signal, cutoffs[0]).unwrap_or(plain);
        let mut gram = Gram::new(features.count(), horizon, half_life);
        let mut next = features.first();
        let mut row = Vec::new();
        let mut fits = Vec::with_capacity(cutoffs.len());
        let mut solved = Solved::default();
        for (i, &cutoff) in cutoffs.iter().enumerate() {
            while next + horizon <= cutoff {
                if signal.observed[next..next + horizon].iter().all(|seen| *seen) {
                    row.clear();
                    let base = features.push(signal.values, next, &mut row);
                    row.extend(signal.values[next..next + horizon].iter().map(|y| y - base));
                    gram.add(&row);
                }
                next += 1;
            }
            if gram.rows() >= horizon.max(8) && solved.is_due(gram.rows(), i + 1 == cutoffs.len()) {
                solved.beta = gram.solve((horizon as f64).sqrt());
            }
            fits.push(solved.beta.clone().map(|beta| Self { features: features.clone(), beta }));
        }
        fits
    }

    /// The path after `values[..t]`.
    pub(crate) fn path(&self, values: &[f64], t: usize) -> Vec<f64> {
        let mut row = Vec::with_capacity(self.features.count());
        let base = self.features.push(values, t, &mut row);
        self.beta.apply(&row).into_iter().map(|y| base + y).collect()
    }

    /// The first position that has a path.
    pub(crate) fn first(&self) -> usize {
        self.features.first()
    }
}

/// All steps at once: one fit with an output for every step of the horizon. As [`iterated`] otherwise.
pub(crate) fn direct(
    signal: Signal<'_>,
    half_life: Option<f64>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    let fits = Direct::fits(signal, half_life, horizon, cutoffs);
    fits.into_iter().zip(cutoffs).map(|(fit, &cutoff)| Some(fit?.path(signal.values, cutoff))).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// They sum to 1: what is modelled is the distance from a level that moves.
    const AR: [f64; 2] = [0.4, 0.6];

    /// An autoregression of the second order.
    fn second_order(count: usize, noise: f64) -> Vec<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut values = vec![55.0, 47.0];
        while values.len() < count {
            let n = values.len();
            values.push(AR[0] * values[n - 1] + AR[1] * values[n - 2] + noise * rng.sample::<f64, _>(StandardNormal));
        }
        values
    }

    fn signal<'a>(values: &'a [f64], observed: &'a [bool], seasons: &'a [usize]) -> Signal<'a> {
        Signal { values, observed, seasons, ordinal: 0, beside: None }
    }

    #[test]
    fn an_autoregression_is_forecast_as_its_equation_says() {
        let values = second_order(3000, 1.0);
        let observed = vec![true; values.len()];
        let cutoffs: Vec<usize> = (2900..3000).collect();
        let signal = signal(&values, &observed, &[]);
        for paths in [iterated(signal, None, 3, &cutoffs), direct(signal, None, 3, &cutoffs)] {
            let (mut far, mut spread) = (0.0, 0.0);
            for (path, &t) in paths.iter().zip(&cutoffs) {
                let (mut last, mut before) = (values[t - 1], values[t - 2]);
                for said in path.as_ref().expect("enough to learn from") {
                    let truth = AR[0] * last + AR[1] * before;
                    far += (said - truth).powi(2);
                    spread += (values[t - 1] - truth).powi(2);
                    (last, before) = (truth, last);
                }
            }
            assert!(far < 0.05 * spread, "{}", far / spread);
        }
    }

    #[test]
    fn cutoffs_see_nothing_after_them() {
        let values = second_order(400, 1.0);
        let mut changed = values.clone();
        changed[350..].fill(1e6);
        let observed = vec![true; values.len()];
        let cutoffs = [300, 325, 350, 400];
        let difference = Some(Difference { lag: 7, seasons: 4 });
        let said = |values: &[f64]| {
            let signal = signal(values, &observed, &[7]);
            let mut all = vec![iterated(signal, None, 5, &cutoffs), iterated(signal, difference, 5, &cutoffs)];
            all.extend([direct(signal, None, 5, &cutoffs), direct(signal, Some(60.0), 5, &cutoffs)]);
            all
        };
        for (before, after) in said(&values).into_iter().zip(said(&changed)) {
            assert!(before[..3] == after[..3] && before[3] != after[3] && before[..3].iter().all(Option::is_some));
        }
    }

    #[test]
    fn what_was_not_observed_is_not_learned() {
        let values = second_order(300, 1.0);
        let mut observed = vec![true; 300];
        observed[120..125].fill(false);
        let mut filled = values.clone();
        // what stands in a gap is seen as a lag, but no target
        filled[120..125].fill(values[119]);
        let gapless = iterated(signal(&values, &[true; 300], &[]), None, 5, &[300]).remove(0).expect("a path");
        let gap = iterated(signal(&filled, &observed, &[]), None, 5, &[300]).remove(0).expect("a path");
        let far = gapless.iter().zip(&gap).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far > 0.0 && far < 0.5, "{far}");
    }

    #[test]
    fn a_history_too_short_says_nothing() {
        let values = second_order(10, 1.0);
        let observed = [true; 10];
        assert_eq!(direct(signal(&values, &observed, &[]), None, 5, &[8, 10]), [None, None]);
        assert_eq!(iterated(signal(&values, &observed, &[]), None, 5, &[8, 10]), [None, None]);
    }
}
