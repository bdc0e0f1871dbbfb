//! How much an analogue is worth by how closely it fits, learned on what was held out.

use serde::{Deserialize, Serialize};

use super::Analogue;
use crate::data::TimeSeries;
use crate::forecast::Forecast;
use crate::model::conformal::{self, median_of};
use crate::model::held::Errors;

/// Series that are judged together, those whose analogues fit best; and by how much the next group is larger. Few are
/// copies, and worth far more than the others.
const TOGETHER: usize = 25;
const LARGER: f64 = 1.3;
/// Steps of the shares that are tried.
const GRID: usize = 20;
/// Series at which half of what was learned is believed.
const DOUBT: f64 = 5.0;
/// A share below this is none.
const WORTH: f64 = 0.1;
/// Least and most that a band is narrowed and widened.
const FACTORS: (f64, f64) = (0.02, 3.0);

/// What was learned of groups of series, those whose analogues fit best first; none where analogues are worth nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::model) struct Trust {
    groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// The misfit of the one in the middle.
    misfit: f64,
    /// The share of an analogue, in [0, 1]; it never grows from one group to the next.
    share: f64,
    /// Factors on how far each level is from the median, [levels].
    widths: Vec<f64>,
}

/// The end of a series that was held out, and what was said of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Held<'a> {
    /// By its analogue.
    pub(in crate::model) analogue: &'a Analogue,
    /// Without it.
    pub(in crate::model) base: &'a Forecast,
    /// What came.
    pub(in crate::model) actual: &'a [f64],
    /// What of it was observed.
    pub(in crate::model) observed: &'a [bool],
    /// Mean absolute seasonal step before it, 0 where there is none.
    pub(in crate::model) step: f64,
}

impl Trust {
    /// The shares with the least sum of sMAPE and MASE, each in units of what it is without analogues, that never grow
    /// with the misfit; and by how much bounds come nearer with them.
    pub(in crate::model) fn learned(mut held: Vec<Held<'_>>, levels: &[f64]) -> Self {
        if held.len() < TOGETHER {
            return Self::default();
        }
        held.sort_by(|a, b| a.analogue.misfit.total_cmp(&b.analogue.misfit));
        let bar = score(&held, 0.0);
        let groups = groups(&held);
        let shares = falling(groups.iter().map(|group| (best_share(group, bar), group.len() as f64)));
        let untouched = vec![1.0; levels.len()];
        let group = |(held, share): (&&[Held<'_>], f64)| {
            let share = if share < WORTH { 0.0 } else { share };
            Group { misfit: held[held.len() / 2].analogue.misfit, share, widths: untouched.clone() }
        };
        let mut trust = Self { groups: groups.iter().zip(shares).map(group).collect() };
        if !trust.is_any() {
            return Self::default();
        }
        for (number, held) in groups.iter().enumerate() {
            // where nothing is followed the bands stay what they are
            if trust.groups[number].share > 0.0 {
                trust.groups[number].widths = (0..levels.len()).map(|q| trust.fitting_width(held, levels, q)).collect();
            }
        }
        trust
    }

    /// Whether analogues are worth looking for.
    pub(in crate::model) fn is_any(&self) -> bool {
        self.groups.iter().any(|group| group.share > 0.0)
    }

    /// The share of an analogue.
    pub(in crate::model) fn share(&self, analogue: &Analogue) -> f64 {
        self.at(analogue.misfit, |group| group.share)
    }

    /// A forecast with its analogue.
    pub(in crate::model) fn mixed(
        &self,
        history: &TimeSeries<'_>,
        base: &Forecast,
        analogue: &Analogue,
        levels: &[f64],
    ) -> Forecast {
        let share = self.share(analogue);
        if share == 0.0 {
            return base.clone();
        }
        let floor = history.floor();
        let row = |q: usize| {
            let width = self.at(analogue.misfit, |group| group.widths[q]);
            let value = |k: usize| {
                let apart = base.quantiles()[q].values[k] - base.median()[k];
                (mixed(base, analogue, share, k) + width * apart).clamp(floor, f64::MAX)
            };
            (0..base.median().len()).map(value).collect()
        };
        Forecast::after(history, levels, (0..levels.len()).map(row).collect())
    }

    /// Whether the numbers, read from a file, can have been learned.
    pub(in crate::model) fn is_sound(&self, levels: &[f64]) -> bool {
        let falls = self.groups.windows(2).all(|two| two[0].misfit <= two[1].misfit && two[0].share >= two[1].share);
        falls
            && self.groups.iter().all(|group| {
                group.misfit >= 0.0
                    && (0.0..=1.0).contains(&group.share)
                    && group.widths.len() == levels.len()
                    && group.widths.iter().all(|width| width.is_finite() && *width >= 0.0)
            })
    }

    /// A number of the groups, between those whose misfits are on either side.
    fn at(&self, misfit: f64, of: impl Fn(&Group) -> f64) -> f64 {
        let next = self.groups.partition_point(|group| group.misfit <= misfit);
        match (next.checked_sub(1).map(|before| &self.groups[before]), self.groups.get(next)) {
            (Some(before), Some(after)) => {
                let way = (misfit - before.misfit) / (after.misfit - before.misfit);
                of(before) + way * (of(after) - of(before))
            }
            (Some(only), None) | (None, Some(only)) => of(only),
            (None, None) => 0.0,
        }
    }

    /// By how much a bound comes nearer, over all steps: what it takes to hold its share of what came, as a share of what it
    /// takes without analogues. How far that is from what the base promised is the base's affair.
    fn fitting_width(&self, held: &[Held<'_>], levels: &[f64], q: usize) -> f64 {
        let taken = |share_of: &dyn Fn(&Held<'_>) -> f64| {
            let needed = held.iter().flat_map(|one| one.needed(share_of(one), levels[q], q)).collect();
            conformal::factor(needed, levels[q]).unwrap_or(1.0).max(FACTORS.0)
        };
        if q == median_of(levels) {
            return 1.0;
        }
        (taken(&|one| self.share(one.analogue)) / taken(&|_| 0.0)).clamp(FACTORS.0, FACTORS.1)
    }
}

impl Held<'_> {
    /// The steps that were observed, and what came.
    fn steps(&self) -> impl Iterator<Item = (usize, f64)> {
        self.actual.iter().copied().enumerate().filter(|(k, _)| self.observed[*k])
    }

    /// The factor on how far a level of the base is from its median at which it would have held what came, of each step.
    fn needed(&self, share: f64, level: f64, q: usize) -> impl Iterator<Item = f64> {
        self.steps().map(move |(k, actual)| {
            let median = self.base.median()[k];
            let apart = self.base.quantiles()[q].values[k] - median;
            let least = 1e-9 * median.abs().max(1e-9);
            conformal::needed(actual, mixed(self.base, self.analogue, share, k), apart, level, least)
        })
    }
}

/// Cut where groups end.
fn groups<'h, 'a>(held: &'h [Held<'a>]) -> Vec<&'h [Held<'a>]> {
    let (mut groups, mut rest, mut size) = (Vec::new(), held, TOGETHER as f64);
    while !rest.is_empty() {
        size *= LARGER;
        // what is left at the end joins the last
        let count = if rest.len() < 2 * size as usize { rest.len() } else { size as usize };
        let (group, others) = rest.split_at(count);
        groups.push(group);
        rest = others;
    }
    groups
}

/// Where the analogue ends the base goes on from there.
fn mixed(base: &Forecast, analogue: &Analogue, share: f64, k: usize) -> f64 {
    let (median, last) = (base.median(), k.min(analogue.path.len() - 1));
    median[k] + share * (analogue.path[last] - median[last])
}

/// The errors at a share of the analogues.
fn score(held: &[Held<'_>], share: f64) -> Errors {
    let mut errors = Errors::default();
    for one in held {
        for (k, actual) in one.steps() {
            errors.add(mixed(one.base, one.analogue, share, k), actual, one.step);
        }
    }
    errors
}

/// Mean absolute scaled error of the analogues alone; `None` where nothing was held out.
pub(in crate::model) fn error(held: &[Held<'_>]) -> Option<f64> {
    let points: usize = held.iter().map(|one| one.steps().count()).sum();
    (points > 0).then(|| score(held, 1.0).scaled / points as f64)
}

/// The share of the analogues that would have been best, as far as so few can tell.
fn best_share(held: &[Held<'_>], bar: Errors) -> f64 {
    let total = |share: f64| score(held, share).in_units_of(bar, f64::MIN_POSITIVE);
    let shares = (0..=GRID).map(|i| i as f64 / GRID as f64);
    let best = shares.min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(0.0);
    best * held.len() as f64 / (held.len() as f64 + DOUBT)
}

/// The nearest numbers that never grow (isotonic regression by pooling adjacent violators: Ayer et al. 1955), given
/// numbers and their weights.
fn falling(numbers: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (number, weight) in numbers {
        let mut pool = (number, weight, 1);
        while let Some(before) = pools.pop_if(|before| before.0 < pool.0) {
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    pools.into_iter().flat_map(|(number, _, count)| std::iter::repeat_n(number, count)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::data::Panel;

    const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

    /// Series whose base is off by up to 10, and whose analogues are off by as much as their misfit, up to 20.
    fn learned() -> Trust {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let panel = Panel::from_values(&[100.0, 101.0], 1);
        let history = panel.iter().next().expect("one series");
        let all: Vec<(Analogue, Forecast, [f64; 2])> = (0..600)
            .map(|i| {
                let misfit = f64::from(i) / 30.0;
                let actual = [0, 1].map(|_| 100.0 + rng.random_range(-10.0..10.0));
                let path = actual.map(|y: f64| y + misfit * rng.random_range(-1.0..1.0)).to_vec();
                let base = Forecast::after(&history, &LEVELS, vec![vec![92.0; 2], vec![100.0; 2], vec![108.0; 2]]);
                (Analogue { path, misfit }, base, actual)
            })
            .collect();
        let held = all.iter().map(|(analogue, base, actual)| Held {
            analogue,
            base,
            actual,
            observed: &[true, true],
            step: 1.0,
        });
        Trust::learned(held.collect(), &LEVELS)
    }

    #[test]
    fn what_fits_is_followed_and_what_does_not_is_not() {
        let trust = learned();
        let share = |misfit: f64| trust.share(&Analogue { path: Vec::new(), misfit });
        assert!(share(0.0) > 0.5 && share(0.5) > 0.5 && share(19.0) < 0.35, "{trust:?}");
        assert!((0..40).all(|i| share(f64::from(i) / 2.0) >= share(f64::from(i + 1) / 2.0)), "{trust:?}");
        assert!(trust.is_sound(&LEVELS) && !trust.is_sound(&LEVELS[1..]));
    }

    #[test]
    fn bands_are_as_narrow_as_what_is_followed_is_right() {
        let trust = learned();
        let panel = Panel::from_values(&[100.0, 101.0], 1);
        let history = panel.iter().next().expect("one series");
        let base = Forecast::after(&history, &LEVELS, vec![vec![92.0; 2], vec![100.0; 2], vec![108.0; 2]]);
        let width = |misfit: f64| {
            let mixed = trust.mixed(&history, &base, &Analogue { path: vec![105.0; 2], misfit }, &LEVELS);
            assert!(mixed.median().iter().all(|v| (100.0..=105.0).contains(v)));
            mixed.quantiles()[2].values[0] - mixed.quantiles()[0].values[0]
        };
        assert!(width(0.2) < 0.6 * width(19.0), "{} for {}", width(0.2), width(19.0));
    }

    #[test]
    fn of_few_nothing_is_learned_and_the_base_stays() {
        let trust = Trust::learned(Vec::new(), &LEVELS);
        assert!(!trust.is_any());
        let panel = Panel::from_values(&[100.0, 101.0], 1);
        let history = panel.iter().next().expect("one series");
        let base = Forecast::after(&history, &LEVELS, vec![vec![92.0], vec![100.0], vec![108.0]]);
        assert_eq!(trust.mixed(&history, &base, &Analogue { path: vec![0.0], misfit: 0.0 }, &LEVELS), base);
    }

    proptest! {
        #[test]
        fn pooled_numbers_fall_and_keep_their_mean(numbers in prop::collection::vec((0.0..1.0f64, 1.0..9.0f64), 1..30)) {
            let fitted = falling(numbers.iter().copied());
            prop_assert_eq!(fitted.len(), numbers.len());
            prop_assert!(fitted.windows(2).all(|two| two[0] >= two[1]));
            let mean = |of: &dyn Fn(usize) -> f64| (0..numbers.len()).map(|i| of(i) * numbers[i].1).sum::<f64>();
            prop_assert!((mean(&|i| fitted[i]) - mean(&|i| numbers[i].0)).abs() < 1e-9);
            let falls = numbers.windows(2).all(|two| two[0].0 >= two[1].0);
            prop_assert!(!falls || fitted.iter().zip(&numbers).all(|(f, n)| (f - n.0).abs() < 1e-12));
        }
    }
}
