//! A dip: a stretch far below the values before it and after it, such as the air travel of 2020 and 2021.
//!
//! Seasonal models would repeat it a season later. A dip is treated as missing once the series has recovered: its
//! values are filled from the years around it. A fall without a recovery is a new level, and nothing is changed.
//! Neither is a series that often falls and recovers.

use std::ops::{Range, RangeInclusive};

use crate::model::auto::median::median;
use crate::panel::TimeSeries;
use crate::panel::fill::fill;
use crate::time::Frequency;

/// The minimum depth of a dip, as a logarithm of a ratio, and as a multiple of the usual change over half a year.
const MIN_DEPTH: f64 = 0.3;
const MIN_DEPTH_IN_CHANGES: f64 = 5.0;
/// The share of the minimum depth at which a dip begins and ends.
const EDGE_SHARE: f64 = 0.5;
/// The minimum logarithm of the ratio of the level after a dip to the level before it.
const MIN_RECOVERY: f64 = -0.25;
/// The length of a dip in years. A shorter one is noise, and a longer one is a level of its own.
const DIP_YEARS: RangeInclusive<f64> = 0.25..=2.5;
/// The distance from a dip within which levels are compared, in years.
const YEARS_AROUND: usize = 3;
/// The minimum length of a series, in years.
const MIN_YEARS: usize = 4;
/// A year of more steps is divided into at most this number of blocks, whose means are searched.
const MAX_BLOCKS_OF_YEAR: usize = 53;
/// Values below this share of the median are raised to it, so that their logarithm is finite.
const MIN_VALUE_SHARE: f64 = 0.02;
/// The median of the absolute value of a standard normal variable.
const MEDIAN_ABSOLUTE_NORMAL: f64 = 0.674;

/// A dip of a series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LevelDip {
    /// Its positions in the series.
    pub(crate) steps: Range<usize>,
    /// The number of values from which it is known, with the recovery.
    pub(crate) known_from: usize,
    /// The values that replace it for the models.
    pub(crate) filled: Vec<f64>,
}

impl LevelDip {
    /// The first dip that can be found in a series with a season of one year. `None` if there is none.
    ///
    /// It is searched for in ever longer parts of the series, and the first part that shows a dip decides. So every
    /// cutoff after this part has the same dip.
    pub(crate) fn find(series: &TimeSeries<'_>) -> Option<Self> {
        let year = steps_per_year(series.frequency)?;
        let length = series.len();
        if length < MIN_YEARS * year || series.values.iter().any(|v| *v < 0.0) {
            return None;
        }
        let block = year.div_ceil(MAX_BLOCKS_OF_YEAR);
        let values: Vec<f64> =
            series.values.chunks_exact(block).map(|part| part.iter().sum::<f64>() / block as f64).collect();
        let season = year / block;
        find_in(&values, season)?;
        let stride = (season / 4).max(1);
        let found = |known: usize| Some((find_in(&values[..known], season)?, known));
        let (blocks, known) =
            (MIN_YEARS * season / 2..values.len()).step_by(stride).chain([values.len()]).find_map(found)?;
        let (steps, known_from) = (blocks.start * block..blocks.end * block, known * block);
        let (mut filled, mut observed) = (series.values[..known_from].to_vec(), series.observed[..known_from].to_vec());
        observed[steps.clone()].fill(false);
        let last = observed.iter().rposition(|observed| *observed)?;
        fill(&mut filled[..=last], &observed[..=last], year);
        Some(Self { filled: filled[steps.clone()].to_vec(), steps, known_from })
    }

    /// Whether the filled values were known at a cutoff, or come after it.
    pub(crate) fn is_known_at(&self, cutoff: usize) -> bool {
        cutoff <= self.steps.start || cutoff >= self.known_from
    }
}

/// `None` for steps that do not have a season of a year.
fn steps_per_year(frequency: Frequency) -> Option<usize> {
    match frequency {
        Frequency::Months { .. } | Frequency::Days { .. } | Frequency::BusinessDays { .. } => {
            frequency.seasons().last().copied().filter(|season| *season >= 4)
        }
        Frequency::Index { .. } | Frequency::Elapsed { .. } => None,
    }
}

/// The dip in values with a season of one year, as a range of their positions. `None` if there is none.
fn find_in(values: &[f64], season: usize) -> Option<Range<usize>> {
    let smallest = MIN_VALUE_SHARE * median(values.iter().copied())?;
    if smallest <= 0.0 || values.len() < 2 * season {
        return None;
    }
    let adjusted = seasonally_adjusted(values.iter().map(|v| v.max(smallest).ln()).collect(), season);
    let depth = depths(&adjusted, season);
    let min_gap = season / 2;
    let mut runs: Vec<Range<usize>> = Vec::new();
    for t in (0..depth.len()).filter(|t| depth[*t] > EDGE_SHARE * MIN_DEPTH) {
        match runs.last_mut() {
            Some(run) if t < run.end + min_gap => run.end = t + 1,
            _ => runs.push(t..t + 1),
        }
    }
    let is_deep =
        |run: &Range<usize>| median(depth[run.clone()].iter().copied()).is_some_and(|depth| depth > MIN_DEPTH);
    let runs: Vec<Range<usize>> = runs.into_iter().filter(is_deep).collect();
    // a series with several such stretches often falls and recovers
    let [run] = runs.as_slice() else { return None };
    let is_inside = |t: &usize| run.contains(t);
    let change = |t: usize| (adjusted[t + min_gap] - adjusted[t]).abs();
    let outside = (0..adjusted.len() - min_gap).filter(|t| !is_inside(t) && !is_inside(&(t + min_gap)));
    let usual_change = median(outside.map(change))? / MEDIAN_ABSOLUTE_NORMAL;
    let years = run.len() as f64 / season as f64;
    let is_dip = DIP_YEARS.contains(&years)
        && run.start >= season
        && run.end + season / 2 <= values.len()
        && median(depth[run.clone()].iter().copied())? > MIN_DEPTH_IN_CHANGES * usual_change;
    is_dip.then(|| run.clone())
}

/// The values without the median of each phase of the season, relative to the level of the year around it.
fn seasonally_adjusted(mut values: Vec<f64>, season: usize) -> Vec<f64> {
    let around = |t: usize| t.saturating_sub(season / 2)..(t + season.div_ceil(2)).min(values.len());
    let relative: Vec<f64> =
        (0..values.len()).map(|t| values[t] - median(values[around(t)].iter().copied()).unwrap_or(values[t])).collect();
    let of_phase = |phase: usize| median(relative.iter().copied().skip(phase).step_by(season)).unwrap_or(0.0);
    let profile: Vec<f64> = (0..season).map(of_phase).collect();
    values.iter_mut().enumerate().for_each(|(t, value)| *value -= profile[t % season]);
    values
}

/// The distance of each value below the highest level in the years before it. It is 0 unless the years after it are
/// about as high as those before.
fn depths(adjusted: &[f64], season: usize) -> Vec<f64> {
    let width = (season / 3).max(2);
    let levels: Vec<f64> =
        adjusted.windows(width).map(|part| median(part.iter().copied()).unwrap_or(part[0])).collect();
    let highest = |range: Range<usize>| {
        let inside = range.start.min(levels.len())..range.end.min(levels.len());
        levels[inside].iter().copied().fold(f64::NEG_INFINITY, f64::max)
    };
    let reach = YEARS_AROUND * season;
    let depth = |t: usize| {
        let before = highest(t.saturating_sub(reach)..(t + 1).saturating_sub(width));
        let after = highest(t + 1..t + 1 + reach);
        let is_recovered = before.is_finite() && after >= before + MIN_RECOVERY;
        if is_recovered { before.min(after) - adjusted[t] } else { 0.0 }
    };
    (0..adjusted.len()).map(depth).collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;
    use crate::time::Timestamp;

    fn dip_of(values: &[f64], frequency: Frequency) -> Option<LevelDip> {
        let observed = vec![true; values.len()];
        let start = Timestamp::date(2012, 1, 2).unwrap();
        LevelDip::find(&TimeSeries { key: &[], start, frequency, values, observed: &observed })
    }

    fn normal(rng: &mut ChaCha8Rng) -> f64 {
        rng.sample(StandardNormal)
    }

    /// Growth, a season and noise.
    fn seasonal(count: usize, season: usize, seed: u64) -> Vec<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let value = |t: usize| {
            let angle = TAU * t as f64 / season as f64;
            (5.0 + 0.04 * t as f64 / season as f64 + 0.25 * angle.sin() + 0.03 * normal(rng)).exp()
        };
        (0..count).map(value).collect()
    }

    fn with_dip(mut values: Vec<f64>, steps: Range<usize>, factor: f64) -> Vec<f64> {
        values[steps].iter_mut().for_each(|value| *value *= factor);
        values
    }

    #[test]
    fn a_dip_is_found_once_the_series_has_recovered_and_filled_from_the_years_around_it() {
        let weekly = Frequency::Days { every: 7 };
        let quarterly = Frequency::Months { every: 3, day: 1 };
        let monthly = Frequency::Months { every: 1, day: 1 };
        let cases = [
            (monthly, 12, 98..120, 0.1),
            (monthly, 12, 60..67, 0.5),
            (weekly, 52, 300..380, 0.3),
            (quarterly, 4, 32..37, 0.4),
        ];
        for (frequency, season, steps, factor) in cases {
            let whole = seasonal(12 * season, season, 3);
            let values = with_dip(whole.clone(), steps.clone(), factor);
            let dip = dip_of(&values, frequency).unwrap_or_else(|| panic!("no dip in {steps:?}"));
            let distance = dip.steps.start.abs_diff(steps.start) + dip.steps.end.abs_diff(steps.end);
            assert!(distance <= (season / 6).max(1), "{:?} for {steps:?}", dip.steps);
            assert!(dip.known_from > steps.end && !dip.is_known_at(steps.end) && dip.is_known_at(dip.known_from));
            for (at, filled) in dip.steps.clone().zip(&dip.filled) {
                assert!((filled / whole[at] - 1.0).abs() < 0.3, "{at}: {filled} for {}", whole[at]);
            }
            // what is known later finds the same dip, and before the recovery there is none
            assert_eq!(dip_of(&values[..=dip.known_from], frequency).map(|dip| dip.steps), Some(dip.steps));
            assert_eq!(dip_of(&values[..=steps.end], frequency), None);
        }
    }

    #[test]
    fn new_levels_yearly_lows_cycles_and_walks_are_no_dips() {
        let monthly = Frequency::Months { every: 1, day: 1 };
        let shift = with_dip(seasonal(120, 12, 4), 70..120, 0.4);
        let each_winter: Vec<f64> =
            seasonal(60, 12, 5).iter().enumerate().map(|(t, v)| if t % 12 < 3 { 0.2 * v } else { *v }).collect();
        let cycles: Vec<f64> = seasonal(240, 12, 6)
            .iter()
            .enumerate()
            .map(|(t, v)| v * (1.2 * (TAU * t as f64 / 90.0).sin()).exp())
            .collect();
        assert_eq!([shift, each_winter, cycles].map(|values| dip_of(&values, monthly)), [None, None, None]);
        let walk = |seed: u64| {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let steps = (0..150).scan(5.0, |level, _| {
                *level += 0.07 * normal(rng);
                Some(f64::exp(*level))
            });
            steps.collect::<Vec<f64>>()
        };
        let found = (0..100).filter(|seed| dip_of(&walk(*seed), monthly).is_some()).count();
        assert!(found <= 1, "{found} of 100 random walks");
    }
}
