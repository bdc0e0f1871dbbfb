//! Infers the frequency of series from their times.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::time::grid::{align, is_on_grid, snap_jittered};
use crate::time::timestamp::{DAY, SECOND, Timestamp, datetime_at, month_number};
use crate::time::{frequency::Frequency, weekdays};

impl Frequency {
    /// The frequency of the ascending times of one series; `None` for fewer than two times, or without a regular step.
    pub fn infer(times: &[Timestamp]) -> Option<Self> {
        let is_time = matches!(times.first()?, Timestamp::Time(_));
        let ticks: Vec<i64> = times.iter().map(|time| time.ticks()).collect();
        let frequency = infer(is_time, &[&ticks])?;
        let start = *ticks.first()?;
        ticks.iter().all(|tick| frequency.position(start, *tick).is_some()).then_some(frequency)
    }
}

/// The common frequency of many series, each given by its distinct ascending times; `None` if no series has two times.
pub(crate) fn infer(is_time: bool, series: &[&[i64]]) -> Option<Frequency> {
    let steps = StepStatistics::of(series)?;
    if !is_time {
        return Some(Frequency::Index { step: steps.typical() });
    }
    if steps.common_divisor % DAY != 0 {
        return Some(Frequency::Elapsed { millis: sampling_interval(series, &steps) });
    }
    let days = steps.mode / DAY;
    // three times that are six days apart may all be business days
    let are_evenly_spaced = days > 1 && steps.count > 1 && steps.common_divisor == steps.mode;
    if let (1..7, false, Some(open)) = (days, are_evenly_spaced, weekdays::infer(series)) {
        return Some(Frequency::BusinessDays { open });
    }
    let months = if days >= 28 { months(series, steps.common_divisor == steps.mode) } else { None };
    months.or(Some(Frequency::Days { every: steps.typical() / DAY }))
}

/// Sampling intervals that instruments are set to, in milliseconds and in seconds.
const SHORT_INTERVALS: [i64; 13] = [1, 2, 4, 5, 8, 10, 20, 40, 50, 100, 200, 250, 500];
const INTERVALS: [i64; 20] =
    [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200];

/// The typical step; for times that jitter around a sampling interval, that interval.
fn sampling_interval(series: &[&[i64]], steps: &StepStatistics) -> i64 {
    let typical = steps.typical();
    if series.iter().all(|times| !is_on_grid(times, typical).contains(&false)) {
        return typical;
    }
    let median = steps.median;
    let mut intervals = SHORT_INTERVALS.into_iter().chain(INTERVALS.map(|seconds| seconds * SECOND));
    let near = intervals.find(|interval| (interval - median).abs() * 20 <= *interval);
    let near = near.filter(|interval| {
        series.iter().all(|times| {
            let on_grid = is_on_grid(times, *interval);
            !on_grid.contains(&false) || snap_jittered(times, &on_grid, *interval).is_some()
        })
    });
    near.unwrap_or(typical)
}

/// Whether times, in any order, are those of one regular series with few gaps.
pub(crate) fn is_regular(mut times: Vec<i64>) -> bool {
    times.sort_unstable();
    times.dedup();
    let Some(frequency) = infer(true, &[&times]) else { return false };
    let Ok(aligned) = align(frequency, &times) else { return false };
    let times = aligned.unwrap_or(times);
    let periods = times.first().zip(times.last()).and_then(|(first, last)| frequency.position(*first, *last));
    periods.is_some_and(|periods| times.len() * 5 > periods * 4)
}

/// The distances between neighbouring times.
struct StepStatistics {
    /// The most frequent distance; of equally frequent ones the shortest.
    mode: i64,
    /// How often the mode occurs.
    mode_count: i64,
    median: i64,
    /// The greatest common divisor of all distances.
    common_divisor: i64,
    count: i64,
    total: i64,
}

impl StepStatistics {
    fn of(series: &[impl AsRef<[i64]>]) -> Option<Self> {
        let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
        for pair in series.iter().flat_map(|times| times.as_ref().windows(2)) {
            *counts.entry(pair[1].saturating_sub(pair[0])).or_default() += 1;
        }
        let (mode, mode_count) = counts.iter().rev().max_by_key(|(_, count)| **count)?;
        let count = counts.values().sum();
        let mut below = 0;
        let (median, _) = counts.iter().find(|(_, own)| {
            below += **own;
            below > count / 2
        })?;
        Some(Self {
            mode: *mode,
            mode_count: *mode_count,
            median: *median,
            common_divisor: counts.keys().copied().fold(0, greatest_common_divisor),
            count,
            total: counts.iter().map(|(step, count)| step.saturating_mul(*count)).fold(0, i64::saturating_add),
        })
    }

    /// The common divisor if it leaves fewer than half of the periods empty, otherwise the mode.
    fn typical(&self) -> i64 {
        if self.total / self.common_divisor <= self.count * 2 { self.common_divisor } else { self.mode }
    }
}

/// The share of the distances between neighbouring times that are the most frequent one.
pub(crate) fn share_of_mode(series: &[&[i64]]) -> f64 {
    let Some(steps) = StepStatistics::of(series) else { return 0.0 };
    steps.mode_count as f64 / steps.count.max(1) as f64
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// A frequency in months; `None` if a series has two times in one month. Times that are evenly spaced in days are monthly
/// only if all fall on one day of the month.
fn months(series: &[&[i64]], evenly_spaced: bool) -> Option<Frequency> {
    let number = |times: &&[i64]| times.iter().filter_map(|time| datetime_at(*time)).map(month_number).collect();
    let numbers: Vec<Vec<i64>> = series.iter().map(number).collect();
    let steps = StepStatistics::of(&numbers)?;
    let (day, shared_by_all) = anchor(series);
    let distinct = numbers.iter().all(|own| own.windows(2).all(|pair| pair[0] < pair[1]));
    (distinct && (shared_by_all || !evenly_spaced)).then(|| Frequency::Months { every: steps.typical(), day })
}

/// The day of the month that most times fall on, and whether all do.
pub(crate) fn anchor(series: &[&[i64]]) -> (u32, bool) {
    let (mut days, mut times) = ([0; 32], 0);
    for time in series.iter().flat_map(|times| times.iter()).filter_map(|time| datetime_at(*time)) {
        times += 1;
        let last = if time.day() == u32::from(time.num_days_in_month()) { 31 } else { time.day() };
        (time.day()..=last).for_each(|day| days[day as usize] += 1);
    }
    let (day, count) = days.into_iter().enumerate().max_by_key(|(_, count)| *count).unwrap_or((1, 0));
    let day = if count * 3 >= times * 2 { day as u32 } else { loose_anchor(series) };
    (day, count == times)
}

/// The anchor of times that share no day of the month. It is the end of the month if all are near it, such as last
/// business days, otherwise its start.
fn loose_anchor(series: &[&[i64]]) -> u32 {
    let near_end = |time: &i64| datetime_at(*time).is_some_and(|t| t.day() + 7 > u32::from(t.num_days_in_month()));
    if series.iter().all(|times| times.iter().all(near_end)) { 31 } else { 1 }
}
