//! Splits a history and its forecast into a level, seasons and the rest.
//!
//! The seasons of the history are those of MSTL (Bandara, Hyndman & Bergmeir 2025, *MSTL: a seasonal-trend decomposition
//! algorithm for time series with multiple seasonal patterns*, International Journal of Operational Research 52(1)). A
//! season that a test does not find is 0. Each season goes on as in its last cycle, times the share of it that the
//! forecast repeats. The level is a local line through what is left of the history and of the forecast together. So it has
//! no jump at the cutoff, and a forecast that starts elsewhere shows it in the rest.

use crate::components::log_mean::{Parts, additive_parts};
use crate::model::stat::{mstl, stl};
use crate::panel::season_detection::of_length::seasons_of_lengths;

/// The maximum number of last values that are split, or [`MIN_CYCLES`] of the longest season if these are more.
const MAX_VALUES: usize = 2_000;
const MIN_CYCLES: usize = 3;
/// The longest season that is split, in steps. Longer ones take too long, and remain in the level.
const MAX_SEASON: usize = 2_500;
/// The cycles over which the level is smoothed follow from this window of the seasonal smoother.
const SEASON_WINDOW: usize = 11;
/// A value of a season is the mean of about so many values of the series. If its cycles are fewer, it is smoothed over
/// neighbouring steps, but not over more than this fraction of a cycle.
const VALUES_OF_SEASON: usize = 60;
const MIN_FRACTIONS: usize = 8;
/// The number of steps over which the level of a series without any season length is smoothed.
const STEPS_WITHOUT_SEASON: usize = 4;
/// The minimum number of steps, and of cycles, in which a forecast shows how much of a season it repeats.
const MIN_STEPS_OF_SHARE: usize = 4;
const MIN_CYCLES_OF_SHARE: f64 = 0.5;
/// The minimum correlation of a forecast with a season at which the movement of the forecast counts as that season.
const MIN_CORRELATION: f64 = 0.6;
/// The maximum share of a season in a forecast.
const MAX_SHARE: f64 = 2.0;

/// The parts of the last values of a series and of its forecast. They add up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Split {
    /// The number of first values that are not split.
    pub(crate) skipped: usize,
    pub(crate) level: Vec<f64>,
    /// The lengths of the seasons that were tested, ascending, and what each adds.
    pub(crate) seasons: Vec<(usize, Vec<f64>)>,
    pub(crate) rest: Vec<f64>,
}

impl Split {
    /// Splits `history` continued by `forecast`. Missing values of the history are filled, and marked in `observed`.
    /// `lengths` are the seasons that the series may have.
    pub(crate) fn new(history: &[f64], observed: &[bool], forecast: &[f64], lengths: &[usize]) -> Self {
        let mut lengths: Vec<usize> = lengths.iter().copied().filter(|m| (2..=MAX_SEASON).contains(m)).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let kept = MAX_VALUES.max(MIN_CYCLES * lengths.last().copied().unwrap_or(0));
        let skipped = history.len().saturating_sub(kept);
        let known: Vec<f64> = history.iter().zip(observed).map(|(v, o)| if *o { *v } else { f64::NAN }).collect();
        let found = seasons_of_lengths(&known[skipped..], &lengths);
        let input = Input { history: &history[skipped..], forecast, found: &found, shortest: lengths.first().copied() };
        let additive = input.split(std::convert::identity);
        let is_positive = input.history.iter().chain(forecast).all(|value| *value > 0.0);
        let relative = (is_positive && !found.is_empty()).then(|| input.split(f64::ln)).map(additive_parts);
        let size = |parts: &Parts| parts.rest.iter().map(|rest| rest.abs()).sum::<f64>();
        let parts = match relative {
            Some(relative) if size(&relative) < size(&additive) => relative,
            _ => additive,
        };
        let mut of_found = found.iter().zip(parts.seasons);
        let seasons = lengths.iter().map(|length| {
            let values = if found.contains(length) { of_found.next().map(|(_, values)| values) } else { None };
            (*length, values.unwrap_or_else(|| vec![0.0; parts.level.len()]))
        });
        let seasons = seasons.collect();
        Self { skipped, level: parts.level, seasons, rest: parts.rest }
    }
}

struct Input<'a> {
    history: &'a [f64],
    forecast: &'a [f64],
    /// The lengths of the seasons of the history, ascending.
    found: &'a [usize],
    /// The shortest season length that the series may have.
    shortest: Option<usize>,
}

impl Input<'_> {
    /// Splits the values on a scale.
    fn split(&self, scale: fn(f64) -> f64) -> Parts {
        let on_scale = |values: &[f64]| values.iter().map(|value| scale(*value)).collect::<Vec<f64>>();
        let (history, forecast) = (on_scale(self.history), on_scale(self.forecast));
        let mut seasons = mstl::decompose(&history, self.found).0;
        for (season, m) in seasons.iter_mut().zip(self.found) {
            let steps = (*m * VALUES_OF_SEASON).div_ceil(history.len()).min(m / MIN_FRACTIONS);
            *season = smoothed(season, *m, steps);
        }
        let of_seasons = |at: usize| seasons.iter().map(|season| season[at]).sum::<f64>();
        let without: Vec<f64> = history.iter().enumerate().map(|(at, value)| value - of_seasons(at)).collect();
        let ahead: Vec<Vec<f64>> =
            self.found.iter().zip(&seasons).map(|(m, s)| continued(s, *m, forecast.len())).collect();
        let last_level = self.smooth(&without).last().copied().unwrap_or(0.0);
        let now: Vec<f64> = seasons.iter().map(|season| season[season.len() - 1]).collect();
        let mut of_forecast = forecast.clone();
        for (season, own) in seasons.iter_mut().zip(self.seasons_of_forecast(&forecast, ahead, &now, last_level)) {
            of_forecast.iter_mut().zip(&own).for_each(|(rest, own)| *rest -= own);
            season.extend(own);
        }
        let all = [without, of_forecast].concat();
        let level = self.smooth(&all);
        let rest = all.iter().zip(&level).map(|(value, level)| value - level).collect();
        Parts { level, seasons, rest }
    }

    /// The level of values without seasons: local lines over about two cycles.
    fn smooth(&self, values: &[f64]) -> Vec<f64> {
        let season = self.found.first().copied().or(self.shortest).unwrap_or(STEPS_WITHOUT_SEASON);
        stl::trend(values, season, SEASON_WINDOW)
    }

    /// The seasons of the forecast. `ahead` are those of the history as they would go on, and `now` their last values.
    ///
    /// A forecast of half a cycle or more shows a season by its movement around its own level. A shorter one keeps the
    /// last value of the season, and moves with a share of its changes.
    fn seasons_of_forecast(
        &self,
        forecast: &[f64],
        mut ahead: Vec<Vec<f64>>,
        now: &[f64],
        last_level: f64,
    ) -> Vec<Vec<f64>> {
        let steps = forecast.len();
        let is_shown = |m: usize| steps >= MIN_STEPS_OF_SHARE && steps as f64 >= MIN_CYCLES_OF_SHARE * m as f64;
        let mut left = forecast.to_vec();
        for (season, m) in ahead.iter_mut().zip(self.found).filter(|(_, m)| is_shown(**m)) {
            *season = self.repeated_season(&left, season, *m);
            left.iter_mut().zip(season).for_each(|(left, season)| *left -= *season);
        }
        let others: Vec<usize> = (0..ahead.len()).filter(|i| !is_shown(self.found[*i])).collect();
        let of_now: f64 = others.iter().map(|i| now[*i]).sum();
        let change: Vec<f64> = (0..steps).map(|k| others.iter().map(|i| ahead[*i][k]).sum::<f64>() - of_now).collect();
        let distance: Vec<f64> = left.iter().map(|value| value - last_level - of_now).collect();
        let share = if steps >= MIN_STEPS_OF_SHARE {
            projection(&centred(&distance), &centred(&change))
        } else {
            projection(&distance, &change)
        };
        for i in others {
            ahead[i].iter_mut().for_each(|value| *value = now[i] + share.min(1.0) * (*value - now[i]));
        }
        ahead
    }

    /// The season of a forecast that shows it: the share of the season of the history in its movement and, in two cycles
    /// or more, what it repeats besides.
    fn repeated_season(&self, forecast: &[f64], season: &[f64], length: usize) -> Vec<f64> {
        let (movement, of_season) = (self.around_level(forecast), self.around_level(season));
        let share = projection(&movement, &of_season);
        let mut own: Vec<f64> = season.iter().map(|value| share * value).collect();
        let size = |of: &[f64]| of.iter().map(|x| x * x).sum::<f64>().sqrt();
        if forecast.len() < 2 * length || share * size(&of_season) < MIN_CORRELATION * size(&movement) {
            return own;
        }
        let left: Vec<f64> = forecast.iter().zip(&own).map(|(value, own)| value - own).collect();
        let left = self.around_level(&left);
        let mean_at = |phase: usize| {
            let same: Vec<f64> = left[phase..].iter().step_by(length).copied().collect();
            same.iter().sum::<f64>() / same.len() as f64
        };
        let besides = centred(&(0..length).map(mean_at).collect::<Vec<f64>>());
        own.iter_mut().zip(besides.into_iter().cycle()).for_each(|(own, besides)| *own += besides);
        own
    }

    /// The distances of values from their level.
    fn around_level(&self, values: &[f64]) -> Vec<f64> {
        values.iter().zip(self.smooth(values)).map(|(value, level)| value - level).collect()
    }
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|value| value - mean).collect()
}

/// A season, smoothed over some steps. Before its first cycle and after its last one, it goes on as in these.
fn smoothed(season: &[f64], length: usize, steps: usize) -> Vec<f64> {
    let last = &season[season.len() - length..];
    let extended = [&season[length - steps..length], season, &last[..steps]].concat();
    stl::smoothed(&extended, steps)[steps..steps + season.len()].to_vec()
}

/// The factor on `of` that is nearest to `values`, from 0 to [`MAX_SHARE`].
fn projection(values: &[f64], of: &[f64]) -> f64 {
    let square: f64 = of.iter().map(|x| x * x).sum();
    let product: f64 = values.iter().zip(of).map(|(a, b)| a * b).sum();
    if square > 0.0 { (product / square).clamp(0.0, MAX_SHARE) } else { 0.0 }
}

/// The last cycle of a season, repeated for some steps.
fn continued(season: &[f64], length: usize, steps: usize) -> Vec<f64> {
    season[season.len() - length..].iter().copied().cycle().take(steps).collect()
}
