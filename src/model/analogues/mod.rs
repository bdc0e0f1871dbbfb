//! Analogues: a series that has lately moved as another one, or as itself, once did is expected to go on as that did.
//!
//! Of every series the last two horizons are looked for in the whole panel, whatever their level and their size; what
//! followed the stretches most alike, brought to the series' level and size, is its forecast. Files whose series overlap
//! have many such stretches: a total and its largest part, one quantity in two units, one series at two dates. Where
//! nothing is alike the forecast is poor, so that [`Trust`] learns on what was held out how much it is worth, by how
//! closely the stretches agree.
//!
//! Kang, Spiliotis, Petropoulos, Athiniotis, Li, Assimakopoulos 2021, *Déjà vu: a data-centric forecasting approach through
//! time series cross-similarity*, Journal of Business Research 132. That copies lie in the M4 competition's daily
//! series: Ingel, Shahroudi, Kängsepp, Tättar, Komisarenko, Kull 2020, *Correlated daily time series and forecasting in the
//! M4 competition*, International Journal of Forecasting 36(1).

mod library;
mod trust;

use std::num::NonZero;

use self::library::{Library, Place};
use super::parallel;
use crate::data::{Panel, TimeSeries};

pub(super) use trust::{Held, Trust, error};

/// Steps of a stretch that is looked for, in horizons, and its least and most.
const HORIZONS: usize = 2;
const LEAST: usize = 8;
const MOST: usize = 96;
/// Steps that are compared one by one, in stretches, as far back as both series go.
const REACH: usize = 4;
/// Stretches most alike by their outline, of which those of [`FOLLOWED`] series most alike step by step are followed.
const CANDIDATES: NonZero<usize> = NonZero::new(64).expect("not zero");
const FOLLOWED: usize = 20;
/// Fewest steps that make a course, and their least share: one large step among small ones fits any other. Steps count by
/// how many of equal size have the same ratio of sum to root of squares.
const FEWEST: f64 = 3.0;
const TELLING: f64 = 0.2;

/// How a series may go on, as others did.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Analogue {
    /// The next values, at least 1 and at most as many as were asked for: others may be known for less long.
    pub(super) path: Vec<f64>,
    /// How far the stretches are from the series: the root mean square of what their steps differ by, in units of the mean
    /// absolute step. Of two unrelated walks it is about 1.25.
    pub(super) misfit: f64,
}

/// A stretch that is much like the end of a series.
struct Alike {
    place: Place,
    /// What its steps are multiplied by.
    size: f64,
    misfit: f64,
}

/// Of each series, in the panel's order, how it may go on after all but its last `withheld` values; of no series anything
/// is used that comes later than that. `None` where a series is too short or flat, and where nothing is alike.
pub(super) fn of(panel: &Panel, horizon: usize, withheld: usize) -> Vec<Option<Analogue>> {
    let known: Vec<TimeSeries<'_>> = panel.iter().map(|s| s.first(s.len().saturating_sub(withheld).max(1))).collect();
    let length = (HORIZONS * horizon).clamp(LEAST, MOST);
    let Some(library) = Library::new(&known, length, horizon) else { return vec![None; known.len()] };
    parallel::map(&known, |series| library.analogue(series), |_| {})
}

impl Library<'_> {
    fn analogue(&self, series: &TimeSeries<'_>) -> Option<Analogue> {
        let end = self.end_of(series)?;
        let mut alike: Vec<Alike> = Vec::with_capacity(FOLLOWED);
        let found = self.nearest(end, CANDIDATES)?;
        let mut all: Vec<Alike> = found.into_iter().filter_map(|place| self.compared(series, place)).collect();
        all.sort_by(|a, b| a.misfit.total_cmp(&b.misfit).then(a.place.cmp(&b.place)));
        for one in all {
            if alike.len() < FOLLOWED && alike.iter().all(|other| other.place.series != one.place.series) {
                alike.push(one);
            }
        }
        let best = alike.first()?.misfit.max(f64::MIN_POSITIVE);
        let weight = |one: &Alike| (0.5 - 0.5 * (one.misfit / best).powi(2)).exp();
        let weights: Vec<f64> = alike.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        let misfit = alike.iter().zip(&weights).map(|(one, weight)| weight * one.misfit).sum::<f64>() / total;
        let (mut path, mut value) = (Vec::with_capacity(self.horizon()), end[end.len() - 1]);
        for k in 0..self.horizon() {
            let (mut step, mut total) = (0.0, 0.0);
            for (one, weight) in alike.iter().zip(&weights) {
                if let [before, after] = self.around(one.place, k) {
                    step += weight * one.size * (after - before);
                    total += weight;
                }
            }
            if total == 0.0 {
                break;
            }
            value += step / total;
            path.push(value);
        }
        (!path.is_empty() && path.iter().all(|v| v.is_finite())).then_some(Analogue { path, misfit })
    }

    /// How a stretch fits the end of a series, step by step and as far back as both go, by least squares; `None` where it
    /// does not go the same way.
    fn compared(&self, series: &TimeSeries<'_>, place: Place) -> Option<Alike> {
        let before = self.before(place, REACH);
        let own = &series.values[series.len() - before.len().min(series.len())..];
        let before = &before[before.len() - own.len()..];
        let steps = || own.windows(2).zip(before.windows(2)).map(|(a, b)| (a[1] - a[0], b[1] - b[0]));
        let sum = |of: fn(f64, f64) -> f64| steps().map(|(own, other)| of(own, other)).sum::<f64>();
        let (size, square) = (sum(|own, _| own.abs()), sum(|own, _| own * own));
        let (other_size, other_square) = (sum(|_, other| other.abs()), sum(|_, other| other * other));
        let by = sum(|own, other| own * other) / other_square;
        let count = (own.len() - 1) as f64;
        let apart: f64 = steps().map(|(own, other)| (own - by * other).powi(2)).sum();
        let misfit = (apart / count).sqrt() / (size / count);
        let telling = (size * size / square).min(other_size * other_size / other_square);
        let is_alike = by > 0.0 && misfit.is_finite() && telling >= FEWEST.max(TELLING * count);
        is_alike.then_some(Alike { place, size: by, misfit })
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;
    use crate::data::{Columns, Frequency, Series, Timestamp};

    pub(super) fn panel(series: Vec<Vec<f64>>) -> Panel {
        let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let one = |(i, values): (usize, Vec<f64>)| {
            let observed = vec![true; values.len()];
            Series { key: vec![format!("{i:03}")], start: Timestamp::Index(1), values, observed }
        };
        Panel::new(columns, Frequency::Index { step: 1 }, 1, series.into_iter().enumerate().map(one).collect())
    }

    pub(super) fn walk(count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut value = 100.0;
        let mut step = || {
            value += rng.sample::<f64, _>(StandardNormal);
            value
        };
        (0..count).map(|_| step()).collect()
    }

    #[test]
    fn a_series_goes_on_as_the_one_it_is_a_copy_of() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let whole = walk(120, &mut rng);
        // of another level and size, and cut off 20 values earlier
        let copy: Vec<f64> = whole[..100].iter().map(|v| 3.0 * v - 500.0).collect();
        let others = (0..10).map(|_| walk(90, &mut rng));
        let found = of(&panel([copy, whole.clone()].into_iter().chain(others).collect()), 7, 0);
        let analogue = found[0].as_ref().expect("a copy is there");
        assert!(analogue.misfit < 1e-9, "{}", analogue.misfit);
        for (k, said) in analogue.path.iter().enumerate() {
            assert!((said - (3.0 * whole[100 + k] - 500.0)).abs() < 1e-6, "step {k}: {said}");
        }
        assert!(
            found[5].as_ref().is_some_and(|other| other.misfit > 0.3),
            "nothing is like a walk of its own: {found:?}"
        );
    }

    #[test]
    fn nothing_of_what_is_withheld_is_seen() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let mut series: Vec<Vec<f64>> = (0..6).map(|i| walk(60 + i, &mut rng)).collect();
        let before = of(&panel(series.clone()), 5, 5);
        for values in &mut series {
            let start = values.len() - 5;
            values[start..].fill(-1e6);
        }
        assert_eq!(of(&panel(series), 5, 5), before);
    }

    #[test]
    fn what_is_short_flat_or_not_observed_has_none() {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let series = vec![walk(60, &mut rng), walk(9, &mut rng), vec![4.0; 60], walk(60, &mut rng)];
        let found = of(&panel(series.clone()), 5, 0);
        assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false, true]);
        assert_eq!(of(&panel(series[1..2].to_vec()), 5, 0), [None]);
        let mut gappy = panel(series).iter().map(|s| (s.values.to_vec(), s.observed.to_vec())).collect::<Vec<_>>();
        gappy[0].1[57] = false;
        let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let one = |(i, (values, observed)): (usize, (Vec<f64>, Vec<bool>))| Series {
            key: vec![i.to_string()],
            start: Timestamp::Index(1),
            values,
            observed,
        };
        let gappy = gappy.into_iter().enumerate().map(one).collect();
        let found = of(&Panel::new(columns, Frequency::Index { step: 1 }, 1, gappy), 5, 0);
        assert!(found[0].is_none() && found[3].is_some());
    }
}
