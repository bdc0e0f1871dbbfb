//! The regular step behind times: the most frequent one, snapped to the calendar.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::time::frequency::Frequency;
use crate::time::timestamp::{SECONDS_PER_DAY, Timestamp, datetime_at, month_day, month_number};
use crate::time::weekdays;

impl Frequency {
    /// The frequency of one series' times in ascending order; `None` if they are fewer than two, or have no regular
    /// step.
    pub fn infer(times: &[Timestamp]) -> Option<Self> {
        let clock = matches!(times.first()?, Timestamp::Time(_));
        let ticks: Vec<i64> = times.iter().map(|time| time.ticks()).collect();
        let found = infer(clock, &[&ticks])?;
        let start = *ticks.first()?;
        ticks.iter().all(|tick| found.position(start, *tick).is_some()).then_some(found)
    }
}

/// The frequency of many series at once, each given by its distinct times in ascending order; `None` if no series has
/// two times.
pub(crate) fn infer(clock: bool, series: &[&[i64]]) -> Option<Frequency> {
    let steps = Steps::of(series)?;
    if !clock {
        return Some(Frequency::Index { step: steps.usual() });
    }
    if steps.common % SECONDS_PER_DAY != 0 {
        return Some(Frequency::Seconds { every: steady(series, &steps) });
    }
    let days = steps.modal / SECONDS_PER_DAY;
    if let (1..7, Some(open)) = (days, weekdays::kept(series)) {
        return Some(Frequency::BusinessDays { open });
    }
    let months = if days >= 28 { months(series, steps.common == steps.modal) } else { None };
    months.or(Some(Frequency::Days { every: steps.usual() / SECONDS_PER_DAY }))
}

/// Steps that instruments keep to, in seconds.
const KEPT: [i64; 20] =
    [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200];

/// The usual step, or for times that stray about a step of the clock, that one.
fn steady(series: &[&[i64]], steps: &Steps) -> i64 {
    let usual = steps.usual();
    if series.iter().all(|times| !regular(times, usual).contains(&false)) {
        return usual;
    }
    let middle = steps.middle;
    let near = KEPT.into_iter().find(|kept| (kept - middle).abs() * 20 <= *kept);
    let near = near.filter(|kept| {
        series.iter().all(|times| {
            let on = regular(times, *kept);
            !on.contains(&false) || steadied(times, &on, *kept).is_some()
        })
    });
    near.unwrap_or(usual)
}

/// Whether times, in any order, are those of one regular series with few gaps.
pub(crate) fn is_regular(mut times: Vec<i64>) -> bool {
    times.sort_unstable();
    times.dedup();
    let Some(found) = infer(true, &[&times]) else { return false };
    let Ok(fitted) = fit(found, &times) else { return false };
    let times = fitted.unwrap_or(times);
    let periods = times.first().zip(times.last()).and_then(|(first, last)| found.position(*first, *last));
    periods.is_some_and(|periods| times.len() * 5 > periods * 4)
}

/// How far neighbouring times lie apart.
struct Steps {
    /// The most frequent distance, the shortest of equals.
    modal: i64,
    /// The distance that as many exceed as fall short of.
    middle: i64,
    /// The greatest distance that divides all of them.
    common: i64,
    count: i64,
    total: i64,
}

impl Steps {
    fn of(series: &[&[i64]]) -> Option<Self> {
        let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
        for pair in series.iter().flat_map(|times| times.windows(2)) {
            *counts.entry(pair[1].saturating_sub(pair[0])).or_default() += 1;
        }
        let modal = counts.iter().rev().max_by_key(|(_, count)| **count).map(|(step, _)| *step)?;
        let half = counts.values().sum::<i64>() / 2;
        let mut below = 0;
        let middle = counts.iter().find(|(_, count)| {
            below += **count;
            below > half
        });
        Some(Self {
            modal,
            middle: middle.map_or(modal, |(step, _)| *step),
            common: counts.keys().copied().fold(0, divisor),
            count: counts.values().sum(),
            total: counts.iter().map(|(step, count)| step.saturating_mul(*count)).fold(0, i64::saturating_add),
        })
    }

    /// The most frequent step, unless a shorter one that fits all times leaves fewer than half of the periods empty.
    fn usual(&self) -> i64 {
        if self.total / self.common <= self.count * 2 { self.common } else { self.modal }
    }
}

fn divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// Months, if no series has two times in one; not for times that lie the same number of days apart, unless they keep
/// to a day of the month.
fn months(series: &[&[i64]], even: bool) -> Option<Frequency> {
    let number = |times: &&[i64]| times.iter().filter_map(|time| datetime_at(*time)).map(month_number).collect();
    let numbers: Vec<Vec<i64>> = series.iter().map(number).collect();
    let numbers: Vec<&[i64]> = numbers.iter().map(Vec::as_slice).collect();
    let steps = Steps::of(&numbers)?;
    let (day, kept_by_all) = anchor(series);
    let distinct = numbers.iter().all(|own| own.windows(2).all(|pair| pair[0] < pair[1]));
    (distinct && (kept_by_all || !even)).then(|| Frequency::Months { every: steps.usual(), day })
}

/// The day of the month that most times keep to, and whether all do.
pub(crate) fn anchor(series: &[&[i64]]) -> (u32, bool) {
    let (mut days, mut times) = ([0; 32], 0);
    for time in series.iter().flat_map(|times| times.iter()).filter_map(|time| datetime_at(*time)) {
        times += 1;
        let until = if time.day() == u32::from(time.num_days_in_month()) { 31 } else { time.day() };
        (time.day()..=until).for_each(|day| days[day as usize] += 1);
    }
    let (day, kept) = days.into_iter().enumerate().max_by_key(|(_, count)| *count).unwrap_or((1, 0));
    let day = if kept * 3 >= times * 2 { day as u32 } else { loose_anchor(series) };
    (day, kept == times)
}

/// The anchor of times that keep to no day of the month: its end if they all lie near it, such as last business days,
/// otherwise its start.
fn loose_anchor(series: &[&[i64]]) -> u32 {
    let near_end = |time: &i64| datetime_at(*time).is_some_and(|t| t.day() + 7 > u32::from(t.num_days_in_month()));
    if series.iter().all(|times| times.iter().all(near_end)) { 31 } else { 1 }
}

/// Puts the times of one series on the grid of a frequency: `None` where they all lie on it, and the moved times where
/// each has a period of its own that it surely means (a week whose day shifted with a holiday, a month's last business
/// day).
///
/// # Errors
/// The positions of the times that do not fit.
pub(crate) fn fit(frequency: Frequency, times: &[i64]) -> Result<Option<Vec<i64>>, Vec<usize>> {
    let (on_grid, snapped): (Vec<bool>, Option<Vec<i64>>) = match frequency {
        Frequency::Index { step } => (regular(times, step), None),
        Frequency::Seconds { every } => {
            let on = regular(times, every);
            let snapped = steadied(times, &on, every);
            (on, snapped)
        }
        Frequency::Days { every } => {
            let on = regular(times, every * SECONDS_PER_DAY);
            let snapped = if every % 7 == 0 { weekly(times, &on, every * SECONDS_PER_DAY) } else { None };
            (on, snapped)
        }
        Frequency::BusinessDays { open } => {
            let same_clock = regular(times, SECONDS_PER_DAY);
            (
                times
                    .iter()
                    .zip(same_clock)
                    .map(|(time, same)| same && open.has(time.div_euclid(SECONDS_PER_DAY)))
                    .collect(),
                None,
            )
        }
        Frequency::Months { every, day } => {
            let clock = phase(times, SECONDS_PER_DAY);
            let snapped: Vec<i64> = times
                .iter()
                .map(|time| in_month(time.div_euclid(SECONDS_PER_DAY) * SECONDS_PER_DAY + clock, day))
                .collect();
            let on: Vec<bool> = times.iter().zip(&snapped).map(|(time, snapped)| time == snapped).collect();
            let regular_months =
                regular(&snapped.iter().filter_map(|t| datetime_at(*t).map(month_number)).collect::<Vec<_>>(), every);
            if regular_months.contains(&false) { (regular_months, None) } else { (on, Some(snapped)) }
        }
    };
    if !on_grid.contains(&false) {
        return Ok(None);
    }
    let distinct = snapped.filter(|times| times.windows(2).all(|pair| pair[0] < pair[1]));
    distinct.map(Some).ok_or_else(|| (0..times.len()).filter(|at| !on_grid[*at]).collect())
}

/// Which times lie a whole number of steps from most others.
fn regular(times: &[i64], step: i64) -> Vec<bool> {
    let phase = phase(times, step);
    times.iter().map(|time| time.rem_euclid(step) == phase).collect()
}

/// The most frequent remainder.
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

/// Each time at the nearest point of the weekly grid, if at least two thirds lie on it.
fn weekly(times: &[i64], on_grid: &[bool], step: i64) -> Option<Vec<i64>> {
    let fitting = on_grid.iter().filter(|on| **on).count();
    (fitting * 3 >= times.len() * 2).then(|| nearest(times, step, phase(times, step)))
}

/// Each time at the nearest point of a grid.
fn nearest(times: &[i64], step: i64, phase: i64) -> Vec<i64> {
    times.iter().map(|time| (time - phase + step / 2).div_euclid(step) * step + phase).collect()
}

/// Times that all lie near the points of a grid, as those of an instrument do, at these points: near is within a quarter
/// of a step if most times stray, and within a fiftieth otherwise.
fn steadied(times: &[i64], on_grid: &[bool], step: i64) -> Option<Vec<i64>> {
    let strays = on_grid.iter().filter(|on| !**on).count();
    let within = if strays * 3 >= times.len() { step / 4 } else { step / 50 };
    [0, phase(times, step)]
        .into_iter()
        .map(|phase| nearest(times, step, phase))
        .find(|snapped| snapped.iter().zip(times).all(|(point, time)| (point - time).abs() <= within))
}

/// The anchored day in a time's month, at the same time of day.
fn in_month(time: i64, day: u32) -> i64 {
    let anchored = datetime_at(time).and_then(|time| Some(month_day(month_number(time), day)?.and_time(time.time())));
    anchored.map_or(time, |time| time.and_utc().timestamp())
}
