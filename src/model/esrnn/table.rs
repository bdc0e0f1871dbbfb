//! The smoothing parameters of all series, and how they learn.

use super::season::{estimated_on, first_factors, fitting};
use super::smoothing::Law;
use crate::model::global::Pool;

/// Where the rates start: α at .6, γ at .2.
const FIRST_LEVEL: f64 = 0.4;
const FIRST_RATE: f64 = -1.4;
/// Positions that are smoothed before a network begins, beside [`RUN_UP_SEASONS`].
const RUN_UP: usize = 48;
const RUN_UP_SEASONS: usize = 3;
/// Farthest that a logit goes: α between .0025 and .9975.
const FARTHEST: f64 = 6.0;
/// Decays of Adam's moments and what keeps it from dividing by 0 (Kingma, Ba 2015, "Adam: a method for stochastic
/// optimization"); the second is short, since a series is visited once an epoch.
const MOMENTS: (f64, f64) = (0.9, 0.99);
const EPSILON: f64 = 1e-10;

/// Rates that all series share, what sets each apart, and the first factors of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    periods: Vec<usize>,
    /// Logits of α and of γ for each period.
    pub(super) shared: Vec<f64>,
    shared_moments: Vec<(f64, f64)>,
    updates: i32,
    /// Of each series one after the other: what is added to the logits, then the first factors.
    pub(super) own: Vec<f32>,
    moments: Vec<(f32, f32)>,
    pub(super) places: Vec<Place>,
}

/// Where the parameters of a series are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The position in the series that the smoothing begins at.
    pub(super) from: usize,
    /// Its seasons: the first so many periods.
    pub(super) seasons: usize,
    /// Where its own parameters begin.
    at: usize,
    /// Mean absolute step without the season.
    unit: f32,
    visits: i32,
}

/// The parameters of other series, for those that are the same.
pub(super) type Known<'a> = Option<(&'a Table, &'a [Option<usize>])>;

impl Table {
    /// Starts anew with the rates that others share, where there are some.
    pub(super) fn new(pool: &Pool, context: usize, shared: Option<&[f64]>, known: Known<'_>) -> Self {
        let periods = pool.periods().to_vec();
        let start = std::iter::once(FIRST_LEVEL).chain(periods.iter().map(|_| FIRST_RATE));
        let shared = shared.map_or_else(|| start.collect(), <[f64]>::to_vec);
        let mut table = Self { shared_moments: vec![(0.0, 0.0); shared.len()], shared, periods, ..Self::default() };
        for i in 0..pool.count() {
            let old = known.and_then(|(old, same)| same[i].map(|j| (old, j)));
            table.push(pool.numbers(i), context, old);
        }
        table
    }

    /// As saved: `own` with a place for each series from where it begins and its number of seasons. `None` if they do not
    /// fit together.
    pub(super) fn restored(
        periods: &[usize],
        shared: Vec<f64>,
        own: Vec<f32>,
        series: &[(usize, usize)],
    ) -> Option<Self> {
        let mut at = 0;
        let mut places = Vec::with_capacity(series.len());
        for (from, seasons) in series {
            let periods = periods.get(..*seasons)?;
            places.push(Place { from: *from, seasons: *seasons, at, unit: 1.0, visits: 0 });
            at += 1 + seasons + periods.iter().sum::<usize>();
        }
        let finite = shared.iter().all(|x| x.is_finite()) && own.iter().all(|x| x.is_finite());
        let fits = finite && at == own.len() && shared.len() == 1 + periods.len();
        fits.then(|| Self { periods: periods.to_vec(), shared, own, places, ..Self::default() })
    }

    /// Without what only training needs.
    pub(super) fn at_rest(self) -> Self {
        Self { moments: Vec::new(), ..self }
    }

    fn push(&mut self, numbers: &[f32], context: usize, old: Option<(&Self, usize)>) {
        let n = numbers.len();
        let at = self.own.len();
        let seasons = fitting(&self.periods, n);
        let periods = &self.periods[..seasons];
        // the same series, which may be longer by now, but not so that it has another season
        let same =
            old.map(|(old, j)| (old, old.places[j])).filter(|(_, old)| old.seasons == seasons && old.from + 1 < n);
        let from = if let Some((_, place)) = same {
            place.from
        } else {
            n.saturating_sub(context + RUN_UP.max(RUN_UP_SEASONS * periods.last().unwrap_or(&0)))
        };
        let factors = first_factors(&numbers[from..], periods);
        let plain = |t: usize| {
            let season = factors.iter().zip(periods).map(|(factors, m)| factors[(t - from) % m]).sum::<f64>();
            f64::from(numbers[t]) - season
        };
        let steps = (from + 1..n).map(|t| (plain(t) - plain(t - 1)).abs()).sum::<f64>();
        let unit = (steps / (n - from).max(2) as f64).max(1e-4) as f32;
        if let Some((old, place)) = same {
            let size = 1 + seasons + periods.iter().sum::<usize>();
            self.own.extend_from_slice(&old.own[place.at..place.at + size]);
        } else {
            self.own.extend(std::iter::repeat_n(0.0, 1 + seasons));
            self.own.extend(factors.iter().flatten().map(|factor| *factor as f32));
        }
        self.places.push(Place { from, seasons, at, unit, visits: 0 });
    }

    /// Positions after its beginning that a series' first factors are estimated on.
    pub(super) fn warm_up(&self, i: usize, length: usize) -> usize {
        let place = &self.places[i];
        estimated_on(&self.periods[..place.seasons], length - place.from)
    }

    /// The parameters of a series.
    pub(super) fn law(&self, i: usize) -> Law {
        let place = &self.places[i];
        let own = &self.own[place.at..];
        let logit = |k: usize| (self.shared[k] + f64::from(own[k])).clamp(-FARTHEST, FARTHEST);
        let mut at = 1 + place.seasons;
        let mut first = Vec::with_capacity(place.seasons);
        for period in &self.periods[..place.seasons] {
            first.push(own[at..at + period].iter().map(|x| f64::from(*x)).collect());
            at += period;
        }
        Law { level: logit(0), rates: (1..=place.seasons).map(logit).collect(), first }
    }

    /// A step down the gradients of some series; those of the shared rates are the sums. `rate` is in logits, and for
    /// factors in units of a series' steps.
    pub(super) fn learn(&mut self, gradients: &[(usize, Law)], rate: f64, shared_rate: f64) {
        if self.moments.len() != self.own.len() {
            self.moments = vec![(0.0, 0.0); self.own.len()];
        }
        let mut sums = vec![0.0; self.shared.len()];
        for (i, law) in gradients {
            let numbers = || std::iter::once(law.level).chain(law.rates.iter().copied());
            if !numbers().chain(law.first.iter().flatten().copied()).all(f64::is_finite) {
                continue;
            }
            sums.iter_mut().zip(numbers()).for_each(|(sum, g)| *sum += g);
            let place = &mut self.places[*i];
            place.visits += 1;
            let logits = 1 + place.seasons;
            for (k, g) in numbers().chain(law.first.iter().flatten().copied()).enumerate() {
                let unit = if k < logits { 1.0 } else { f64::from(place.unit) };
                let moments = &mut self.moments[place.at + k];
                let mut both = (f64::from(moments.0), f64::from(moments.1));
                // the gradient in the unit of what is moved
                let step = adam(&mut both, g * unit, place.visits);
                *moments = (both.0 as f32, both.1 as f32);
                self.own[place.at + k] -= (rate * unit * step) as f32;
            }
        }
        self.updates += 1;
        for ((x, moments), g) in self.shared.iter_mut().zip(&mut self.shared_moments).zip(sums) {
            *x = (*x - shared_rate * adam(moments, g, self.updates)).clamp(-FARTHEST, FARTHEST);
        }
    }
}

fn adam(moments: &mut (f64, f64), gradient: f64, count: i32) -> f64 {
    moments.0 += (1.0 - MOMENTS.0) * (gradient - moments.0);
    moments.1 += (1.0 - MOMENTS.1) * (gradient * gradient - moments.1);
    let mean = moments.0 / (1.0 - MOMENTS.0.powi(count));
    let square = moments.1 / (1.0 - MOMENTS.1.powi(count));
    mean / (square.sqrt() + EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Panel;

    fn pool(values: &[f64], held_out: usize) -> Pool {
        Pool::new(&Panel::from_values(values, 4), &[4], held_out)
    }

    fn seasonal(count: usize) -> Vec<f64> {
        (0..count).map(|t| 10.0 + [1.0, -1.0, 2.0, -2.0][t % 4] + 0.1 * t as f64).collect()
    }

    #[test]
    fn a_series_that_grew_keeps_what_was_learned_of_it() {
        let mut before = Table::new(&pool(&seasonal(150), 8), 32, None, None);
        let from = before.places[0].from;
        assert_eq!(from, 142 - 32 - 48);
        before.own.iter_mut().for_each(|x| *x += 0.25);
        let after = Table::new(&pool(&seasonal(150), 0), 32, Some(&before.shared), Some((&before, &[Some(0)])));
        assert_eq!((after.places[0].from, &after.own), (from, &before.own));
        let unknown = Table::new(&pool(&seasonal(150), 0), 32, Some(&before.shared), Some((&before, &[None])));
        assert_eq!(unknown.places[0].from, from + 8);
        assert!(unknown.own[0].abs() < 1e-9);
    }

    #[test]
    fn a_step_goes_down_and_a_gradient_that_is_no_number_is_none() {
        let mut table = Table::new(&pool(&seasonal(60), 0), 32, None, None);
        let law = table.law(0);
        let mut up = law.clone();
        (up.level, up.rates[0]) = (1.0, -1.0);
        up.first[0].fill(0.0);
        table.learn(&[(0, up.clone())], 0.05, 0.01);
        let moved = table.law(0);
        assert!((moved.level - law.level + 0.06).abs() < 1e-6 && (moved.rates[0] - law.rates[0] - 0.06).abs() < 1e-6);
        assert_eq!(moved.first, law.first);
        up.level = f64::NAN;
        let own = table.own.clone();
        table.learn(&[(0, up)], 0.05, 0.0);
        assert_eq!(table.own, own);
    }

    #[test]
    fn what_does_not_fit_is_not_restored() {
        let restored =
            |own: usize, seasons: usize| Table::restored(&[4], vec![0.0; 2], vec![0.0; own], &[(0, seasons)]).is_some();
        assert!(restored(6, 1) && restored(1, 0));
        assert!(!restored(5, 1) && !restored(6, 2));
    }
}
