//! Aligns the times of a series with the grid of its frequency.

use std::collections::BTreeMap;

use crate::time::frequency::Frequency;
use crate::time::timestamp::{DAY, datetime_at, month_day, month_number, ticks_of};

/// Aligns the times of one series with the grid of a frequency. The result is `None` if all are on the grid already.
///
/// Times off the grid are moved if each then has a period of its own. A weekly value may thus be a day late because of
/// a holiday. A monthly value may have the date of the last business day.
///
/// # Errors
/// The positions of the times that do not fit.
pub(crate) fn align(frequency: Frequency, times: &[i64]) -> Result<Option<Vec<i64>>, Vec<usize>> {
    let (on_grid, snapped): (Vec<bool>, Option<Vec<i64>>) = match frequency {
        Frequency::Index { step } => (is_on_grid(times, step), None),
        Frequency::Elapsed { millis } => {
            let on_grid = is_on_grid(times, millis);
            let snapped = snap_jittered(times, &on_grid, millis);
            (on_grid, snapped)
        }
        Frequency::Days { every } => {
            let step = every * DAY;
            let on_grid = is_on_grid(times, step);
            // weekly times are moved if at least two thirds are on the grid
            let is_weekly = every % 7 == 0 && on_grid.iter().filter(|on| **on).count() * 3 >= times.len() * 2;
            (on_grid, is_weekly.then(|| snap(times, step, phase(times, step))))
        }
        Frequency::BusinessDays { open } => {
            let same_time_of_day = is_on_grid(times, DAY);
            let days = times.iter().map(|time| open.contains(time.div_euclid(DAY)));
            (days.zip(same_time_of_day).map(|(is_open, same)| same && is_open).collect(), None)
        }
        Frequency::Months { every, day } => {
            let time_of_day = phase(times, DAY);
            let midnight = |time: &i64| time.div_euclid(DAY) * DAY;
            let snapped: Vec<i64> = times.iter().map(|time| anchored(midnight(time) + time_of_day, day)).collect();
            let on_grid: Vec<bool> = times.iter().zip(&snapped).map(|(time, snapped)| time == snapped).collect();
            let months: Vec<i64> = snapped.iter().filter_map(|time| datetime_at(*time).map(month_number)).collect();
            let regular_months = is_on_grid(&months, every);
            if regular_months.contains(&false) { (regular_months, None) } else { (on_grid, Some(snapped)) }
        }
    };
    if !on_grid.contains(&false) {
        return Ok(None);
    }
    let distinct = snapped.filter(|times| times.windows(2).all(|pair| pair[0] < pair[1]));
    distinct.map(Some).ok_or_else(|| (0..times.len()).filter(|at| !on_grid[*at]).collect())
}

/// For each time, whether it is a whole number of steps away from most others.
pub(crate) fn is_on_grid(times: &[i64], step: i64) -> Vec<bool> {
    let phase = phase(times, step);
    times.iter().map(|time| time.rem_euclid(step) == phase).collect()
}

/// Snaps times that jitter around the points of a grid, such as those of an instrument; `None` if one is too far away.
/// If at least a third of the times are off the grid, the limit is a quarter of a step. Otherwise it is a fiftieth.
pub(crate) fn snap_jittered(times: &[i64], on_grid: &[bool], step: i64) -> Option<Vec<i64>> {
    let off_grid = on_grid.iter().filter(|on| !**on).count();
    let limit = if off_grid * 3 >= times.len() { step / 4 } else { step / 50 };
    [0, phase(times, step)]
        .into_iter()
        .map(|phase| snap(times, step, phase))
        .find(|snapped| snapped.iter().zip(times).all(|(point, time)| (point - time).abs() <= limit))
}

/// The nearest point of a grid for each time.
fn snap(times: &[i64], step: i64, phase: i64) -> Vec<i64> {
    times.iter().map(|time| (time - phase + step / 2).div_euclid(step) * step + phase).collect()
}

/// The most frequent remainder of the times divided by `step`.
fn phase(times: &[i64], step: i64) -> i64 {
    let first = times.first().map_or(0, |time| time.rem_euclid(step));
    if times.iter().all(|time| time.rem_euclid(step) == first) {
        return first;
    }
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for time in times {
        *counts.entry(time.rem_euclid(step)).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(first, |(phase, _)| phase)
}

/// The anchored day in the month of a time, at the same time of day.
fn anchored(time: i64, day: u32) -> i64 {
    let moved = datetime_at(time).and_then(|time| Some(month_day(month_number(time), day)?.and_time(time.time())));
    moved.map_or(time, ticks_of)
}
