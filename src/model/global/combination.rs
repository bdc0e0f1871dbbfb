//! What the networks are mixed with and how wide their bands are, both learned on what was held out.

use crate::model::ensemble::conformal;
use serde::{Deserialize, Serialize};

use crate::model::ensemble::conformal::median_of;
use crate::model::ensemble::holdout::HoldoutErrors;
use crate::model::global::ensemble::{Prediction, add_combs};
use crate::model::global::series_pool::Pool;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// What is mixed.
const PARTS: usize = 4;
/// Steps of the weights that are tried.
const GRID: usize = 10;
/// A mixture has to be better than what is taken without looking by this share to be taken.
const WORTH: f64 = 5e-3;
/// Series at which half of the trust in a mixture is there.
const DOUBT: f64 = 500.0;
/// By how much networks have to be better than the last value to be relied on without it, and their least share else.
const SKILLED: f64 = 0.05;
const LEAST_NETWORK: f64 = 0.4;
/// What the base has of the networks' share before anything was held out.
const BASE: f64 = 0.2;
/// Series with a held-out part from which on each step of the horizon has a width of its own.
const ENOUGH: usize = 400;
/// Fewest series that widths are learned from.
const FEWEST: usize = 8;
/// Least and most that a band is narrowed and widened.
const FACTORS: (f64, f64) = (0.4, 4.0);

/// How what is said of a series becomes its forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blend {
    /// Shares of the networks, of the bank's base, of the last value with the season to come, and of three smoothings
    /// fitted to the series.
    pub(crate) shares: [f64; PARTS],
    /// Factors on how far each level is from the median, [horizon * levels].
    pub(crate) widths: Vec<f64>,
}

/// A series' held-out end.
struct Held<'a> {
    said: &'a Prediction,
    actual: &'a [f64],
    observed: &'a [bool],
    series: usize,
}

impl Blend {
    /// The networks with a share of the base, and bands as they are: where nothing could be held out.
    pub(crate) fn untried(horizon: usize, levels: usize) -> Self {
        Self { shares: [1.0 - BASE, BASE, 0.0, 0.0], widths: vec![1.0; horizon * levels] }
    }

    /// The best by the sum of sMAPE and MASE, each in units of the naive forecast's, over the last `horizon` values of
    /// the series of `panel`, which `pool` ends before. Where the networks have little skill, smoothings are fitted to
    /// each series too, and added to what was said.
    pub(crate) fn learned(panel: &Panel, pool: &Pool, said: &mut [Prediction], horizon: usize, levels: &[f64]) -> Self {
        let skill = skill(&held_out_ends(panel, said, horizon), pool, levels);
        if skill < SKILLED {
            add_combs(said, pool, horizon);
        }
        let held = held_out_ends(panel, said, horizon);
        if held.len() < FEWEST {
            return Self::untried(horizon, levels.len());
        }
        let shares = best_shares(&held, pool, levels, skill);
        let mut blend = Self { shares, widths: vec![1.0; horizon * levels.len()] };
        blend.widths = blend.fitting_widths(&held, pool, horizon, levels);
        blend
    }

    /// Whether smoothings fitted to each series count.
    pub(crate) fn needs_combs(&self) -> bool {
        self.shares[PARTS - 1] > 0.0
    }

    /// Quantiles on the pool's scale, [levels][horizon].
    pub(crate) fn quantiles(&self, said: &Prediction, levels: &[f64]) -> Vec<Vec<f64>> {
        let (count, median) = (levels.len(), median_of(levels));
        let point = |k: usize| mixed(&self.shares, said, k, k * count + median);
        let row = |q: usize| {
            // the average of networks may cross where its bands are narrow; the median stays what was mixed
            let side = (levels[q] - 0.5).signum();
            let apart = |k: usize| {
                let apart = f64::from(said.network[k * count + q] - said.network[k * count + median]);
                if q == median { 0.0 } else { side * (side * apart).max(0.0) }
            };
            (0..said.base.len()).map(|k| point(k) + self.widths[k * count + q] * apart(k)).collect()
        };
        (0..count).map(row).collect()
    }

    /// The factors at which each level holds its share of the held-out values.
    fn fitting_widths(&self, held: &[Held<'_>], pool: &Pool, horizon: usize, levels: &[f64]) -> Vec<f64> {
        let (count, median) = (levels.len(), median_of(levels));
        let factors = |q: usize, steps: std::ops::Range<usize>| -> f64 {
            let mut needed = Vec::with_capacity(held.len() * steps.len());
            for one in held {
                let scale = pool.series(one.series).scale;
                for k in steps.clone().filter(|k| one.observed[*k]) {
                    let at = k * count;
                    let apart = f64::from(one.said.network[at + q] - one.said.network[at + median]);
                    let (point, actual) = (mixed(&self.shares, one.said, k, at + median), scale.number(one.actual[k]));
                    needed.push(conformal::needed(actual, point, apart, levels[q], 1e-6));
                }
            }
            conformal::factor(needed, levels[q]).map_or(1.0, |factor| factor.clamp(FACTORS.0, FACTORS.1))
        };
        conformal::widths(horizon, levels, held.len() >= ENOUGH, factors)
    }
}

fn held_out_ends<'a>(panel: &'a Panel, said: &'a [Prediction], horizon: usize) -> Vec<Held<'a>> {
    let end = |(series, whole): (usize, TimeSeries<'a>)| {
        let start = whole.len().checked_sub(horizon).filter(|start| *start > 0)?;
        let (actual, observed) = (&whole.values[start..], &whole.observed[start..]);
        Some(Held { said: &said[series], actual, observed, series })
    };
    panel.iter().enumerate().filter_map(end).collect()
}

fn mixed(shares: &[f64; PARTS], said: &Prediction, k: usize, at: usize) -> f64 {
    let parts = [said.network[at], said.base[k], said.naive[k], said.comb.get(k).copied().unwrap_or(said.naive[k])];
    shares.iter().zip(parts).map(|(share, part)| share * f64::from(part)).sum()
}

/// The errors of a mixture over the held-out ends.
fn score(held: &[Held<'_>], pool: &Pool, levels: &[f64], shares: &[f64; PARTS]) -> HoldoutErrors {
    let (count, median) = (levels.len(), median_of(levels));
    let mut errors = HoldoutErrors::default();
    for one in held {
        let series = pool.series(one.series);
        for k in (0..one.said.base.len()).filter(|k| one.observed[*k]) {
            let said = series.scale.value(mixed(shares, one.said, k, k * count + median));
            errors.add(said, one.actual[k], series.step);
        }
    }
    errors
}

/// The two errors of a mixture together, each in units of the last value's: 2 is as good as that.
fn total(held: &[Held<'_>], pool: &Pool, levels: &[f64], bar: HoldoutErrors, shares: &[f64; PARTS]) -> f64 {
    score(held, pool, levels, shares).in_units_of(bar, 1e-12)
}

const NETWORK_ALONE: [f64; PARTS] = [1.0, 0.0, 0.0, 0.0];
const LAST_ALONE: [f64; PARTS] = [0.0, 0.0, 1.0, 0.0];

/// By what share networks are better than the last value.
fn skill(held: &[Held<'_>], pool: &Pool, levels: &[f64]) -> f64 {
    let bar = score(held, pool, levels, &LAST_ALONE);
    let of = |shares| total(held, pool, levels, bar, shares);
    1.0 - of(&NETWORK_ALONE) / of(&LAST_ALONE).max(1e-12)
}

fn best_shares(held: &[Held<'_>], pool: &Pool, levels: &[f64], skill: f64) -> [f64; PARTS] {
    let bar = score(held, pool, levels, &LAST_ALONE);
    let total = |shares: &[f64; PARTS]| total(held, pool, levels, bar, shares);
    // networks that are hardly better than the last value are not to be relied on
    let network = (skill / SKILLED).clamp(LEAST_NETWORK, 1.0);
    let has_comb = held.iter().all(|one| !one.said.comb.is_empty());
    let comb = if has_comb { (1.0 - network) / 2.0 } else { 0.0 };
    let prior = [network * (1.0 - BASE), network * BASE, 1.0 - network - comb, comb];
    let (mut best, mut least) = (prior, total(&prior) * (1.0 - WORTH));
    for shares in grid(if has_comb { PARTS } else { PARTS - 1 }) {
        let score = total(&shares);
        if score < least {
            (best, least) = (shares, score);
        }
    }
    // one held-out horizon tells only so much, and of few series even less
    let trust = 0.5 * held.len() as f64 / (held.len() as f64 + DOUBT);
    std::array::from_fn(|i| prior[i] + trust * (best[i] - prior[i]))
}

/// All shares of the first `parts` in steps of 1 / [`GRID`].
fn grid(parts: usize) -> impl Iterator<Item = [f64; PARTS]> {
    let counts = (0..(GRID + 1).pow(PARTS as u32 - 1)).map(|code| {
        let digit = |place: u32| code / (GRID + 1).pow(place) % (GRID + 1);
        [digit(0), digit(1), digit(2)]
    });
    let within = counts.filter(|counts| counts.iter().sum::<usize>() <= GRID);
    let all = within.map(|[a, b, c]| [a, b, c, GRID - a - b - c]);
    all.filter(move |counts| parts == PARTS || counts[PARTS - 1] == 0)
        .map(|counts| counts.map(|n| n as f64 / GRID as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

    /// Two series on a panel and what was said of the last 2 values of each: the networks `off` the truth, the base on it.
    fn held_out(off: f32) -> (Panel, Pool, Vec<Prediction>) {
        let columns = crate::panel::Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let series = |i: usize| crate::panel::Series {
            key: vec![format!("{i:03}")],
            start: crate::time::timestamp::Timestamp::Index(1),
            values: (0..20).map(|t| (1.0 + 0.1 * f64::from(t % 7) + 0.01 * i as f64).exp()).collect(),
            observed: vec![true; 20],
        };
        let frequency = crate::time::frequency::Frequency::INDEX;
        let panel = Panel::new(columns, frequency, 1, (0..600).map(series).collect()).unwrap();
        let pool = Pool::new(&panel, &[], 2);
        let said = |whole: TimeSeries<'_>| {
            let truth = [18, 19].map(|t: usize| whole.values[t].ln() as f32);
            Prediction {
                network: truth.iter().flat_map(|y| [y + off - 0.1, y + off, y + off + 0.1]).collect(),
                base: truth.to_vec(),
                naive: vec![whole.values[17].ln() as f32; 2],
                comb: Vec::new(),
            }
        };
        let said = panel.iter().map(said).collect();
        (panel, pool, said)
    }

    #[test]
    fn what_was_right_gets_a_share() {
        let (panel, pool, mut said) = held_out(0.15);
        let blend = Blend::learned(&panel, &pool, &mut said, 2, &LEVELS);
        assert!(blend.shares[1] > 0.2, "{:?}", blend.shares);
        assert!((blend.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn bands_grow_until_they_hold_what_happened() {
        let (panel, pool, said) = held_out(0.15);
        let blend = Blend { shares: NETWORK_ALONE, widths: vec![1.0; 6] };
        let widths = blend.fitting_widths(&held_out_ends(&panel, &said, 2), &pool, 2, &LEVELS);
        // .15 too high with bounds .1 to either side: the lower one has to come down by half as much again
        assert!((widths[0] - 1.5).abs() < 0.01 && (widths[3] - 1.5).abs() < 0.01, "{widths:?}");
        assert!((widths[2] - FACTORS.0).abs() < 1e-9, "{widths:?}");
    }

    #[test]
    fn the_median_is_the_mixture_whatever_the_networks_cross() {
        let said = Prediction { network: vec![2.0, 1.0, 0.5], base: vec![3.0], naive: vec![0.0], comb: Vec::new() };
        let blend = Blend { shares: [0.5, 0.5, 0.0, 0.0], widths: vec![1.0; 3] };
        assert_eq!(blend.quantiles(&said, &LEVELS), [[2.0], [2.0], [2.0]]);
    }
}
