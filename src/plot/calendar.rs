//! Calendar boundaries as candidates for ticks, and the format of times.

use chrono::{Datelike, NaiveDateTime};

use crate::plot::axis::integer;
use crate::time::calendar_period::approximate_step;
use crate::time::frequency::Frequency;
use crate::time::timestamp::{
    SECONDS_PER_DAY as DAY, SECONDS_PER_HOUR as HOUR, Timestamp, datetime_at, month_day, month_number,
};

const MINUTE: i64 = 60;
const WEEK: i64 = 7 * DAY;
/// The first Monday after the Unix epoch.
const MONDAY: i64 = 4 * DAY;
const HALF_MONTH: i64 = 15 * DAY;
const MONTH: i64 = 30 * DAY;

/// The largest number of boundaries. The labels of more never fit.
const MAX_BOUNDARIES: usize = 50;

/// A possible tick, before it is known whether its label fits.
pub(super) struct TickCandidate {
    /// The position in steps from the first time.
    pub(super) position: f64,
    pub(super) label: String,
    pub(super) context: Option<Context>,
}

/// The second line of a label: the year or the day. The short form is enough if the rest has not changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Context {
    short: String,
    rest: String,
}

impl Context {
    fn year(t: NaiveDateTime) -> Self {
        Self { short: t.format("%Y").to_string(), rest: String::new() }
    }

    fn day(t: NaiveDateTime) -> Self {
        Self { short: t.format("%-d %b").to_string(), rest: t.format(" %Y").to_string() }
    }

    pub(super) fn full(&self) -> String {
        self.short.clone() + &self.rest
    }

    pub(super) fn after(&self, before: &Self) -> String {
        if self.rest == before.rest { self.short.clone() } else { self.full() }
    }
}

/// The distance between ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A number of steps of the series.
    Steps(usize),
    /// A number of seconds, up to a day.
    Seconds(i64),
    Mondays,
    /// The first and the fifteenth day of each month.
    HalfMonths,
    Months(i64),
}

/// A time in the precision of its frequency: `2014`, `2014 Q3`, `Mar 2014`, `15 Mar 2014`, `15 Mar 2014 06:00`.
pub(super) fn time_label(time: Timestamp, frequency: Frequency) -> String {
    let t = match time {
        Timestamp::Index(i) => return integer(i128::from(i)),
        Timestamp::Time(t) => t,
    };
    match frequency {
        Frequency::Months { every, .. } if every % 12 == 0 => t.format("%Y").to_string(),
        Frequency::Months { every: 3, .. } if quarterly(t) => format!("{} Q{}", t.year(), t.month0() / 3 + 1),
        Frequency::Months { .. } => t.format("%b %Y").to_string(),
        Frequency::Seconds { every } if every % MINUTE != 0 => t.format("%-d %b %Y %H:%M:%S").to_string(),
        Frequency::Seconds { .. } => t.format("%-d %b %Y %H:%M").to_string(),
        Frequency::Index { .. } | Frequency::Days { .. } | Frequency::BusinessDays { .. } => {
            t.format("%-d %b %Y").to_string()
        }
    }
}

/// Whether a quarter is dated by the first or the last month of a calendar quarter.
fn quarterly(t: NaiveDateTime) -> bool {
    t.month() % 3 != 2
}

/// The units that are at least a step, from fine to coarse.
pub(super) fn units(frequency: Frequency) -> Vec<Unit> {
    const SECONDS: [i64; 15] = [
        1,
        5,
        15,
        30,
        MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
    ];
    const MONTHS: [i64; 13] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000];
    let step = approximate_step(frequency);
    let weeks = step % WEEK == 0 && !matches!(frequency, Frequency::Months { .. });
    let seconds = SECONDS.into_iter().filter(|s| *s >= step).map(Unit::Seconds);
    let mut units: Vec<Unit> = seconds.collect();
    if weeks {
        // a weekly series may have another weekday than Monday
        units.extend([Unit::Steps(1), Unit::Steps(2)]);
    } else if step <= WEEK {
        units.push(Unit::Mondays);
    }
    if step <= HALF_MONTH {
        units.push(Unit::HalfMonths);
    }
    units.extend(MONTHS.into_iter().filter(|m| m * MONTH >= step).map(Unit::Months));
    units
}

/// The boundaries of a unit from the first time to the last. `None` if there are far too many.
pub(super) fn candidates(times: &[NaiveDateTime], frequency: Frequency, unit: Unit) -> Option<Vec<TickCandidate>> {
    let positions: Vec<(f64, NaiveDateTime)> = match (unit, frequency) {
        (Unit::Steps(n), _) => times.iter().enumerate().step_by(n).map(|(i, t)| (i as f64, *t)).collect(),
        // the value of a month belongs to the month, on any of its days
        (Unit::Months(months), Frequency::Months { every, .. }) => {
            let is_first = |t: &NaiveDateTime| month_number(*t).rem_euclid(months) < every;
            times.iter().enumerate().filter(|(_, t)| is_first(t)).map(|(i, t)| (i as f64, *t)).collect()
        }
        _ => boundaries(times[0], times[times.len() - 1], unit)?
            .into_iter()
            .map(|boundary| (position(times, boundary), boundary))
            .collect(),
    };
    if positions.len() > MAX_BOUNDARIES {
        return None;
    }
    let quarters = matches!(frequency, Frequency::Months { every: 3, .. });
    let candidate = |(position, t)| {
        let (label, context) = label(t, unit, quarters);
        TickCandidate { position, label, context }
    };
    Some(positions.into_iter().map(candidate).collect())
}

/// The boundaries of a unit from `first` to `last`. `None` if there are far too many.
fn boundaries(first: NaiveDateTime, last: NaiveDateTime, unit: Unit) -> Option<Vec<NaiveDateTime>> {
    let max = MAX_BOUNDARIES as i64;
    let (from, to) = (first.and_utc().timestamp(), last.and_utc().timestamp());
    let every = |length: i64, offset: i64| {
        let start = (from - offset).div_euclid(length) * length + offset;
        ((to - start) / length <= max).then(|| (start..=to).step_by(length as usize).filter_map(datetime_at).collect())
    };
    let all: Vec<NaiveDateTime> = match unit {
        Unit::Steps(_) => return None,
        Unit::Seconds(length) => every(length, 0)?,
        Unit::Mondays => every(WEEK, MONDAY)?,
        Unit::HalfMonths => {
            let months = month_number(last) - month_number(first);
            let months = (months <= max).then(|| month_starts(first, last, 1))?;
            let middle = |t: &NaiveDateTime| t.with_day(15);
            months.into_iter().flat_map(|t| [Some(t), middle(&t)]).flatten().collect()
        }
        Unit::Months(length) => {
            let months = month_number(last) - month_number(first);
            (months / length <= max).then(|| month_starts(first, last, length))?
        }
    };
    Some(all.into_iter().filter(|t| (first..=last).contains(t)).collect())
}

/// The first days of every `length`-th month, from the month of `first` to `last`.
fn month_starts(first: NaiveDateTime, last: NaiveDateTime, length: i64) -> Vec<NaiveDateTime> {
    let begin = month_number(first).div_euclid(length) * length;
    let months = (begin..=month_number(last)).step_by(length as usize);
    months.filter_map(|month| month_day(month, 1).map(NaiveDateTime::from)).collect()
}

/// The position of a time among regular times, in steps and interpolated between two of them.
fn position(times: &[NaiveDateTime], t: NaiveDateTime) -> f64 {
    let after = times.partition_point(|other| *other <= t);
    if after == 0 || after == times.len() {
        return after.saturating_sub(1) as f64;
    }
    let (before, next) = (times[after - 1], times[after]);
    let share = (t - before).as_seconds_f64() / (next - before).as_seconds_f64();
    (after - 1) as f64 + share
}

/// The label of a boundary and its second line.
fn label(t: NaiveDateTime, unit: Unit, quarters: bool) -> (String, Option<Context>) {
    match unit {
        Unit::Months(m) if m % 12 == 0 => (t.format("%Y").to_string(), None),
        Unit::Months(_) if quarters && quarterly(t) => (format!("Q{}", t.month0() / 3 + 1), Some(Context::year(t))),
        Unit::Months(_) => (t.format("%b").to_string(), Some(Context::year(t))),
        Unit::Seconds(s) if s < MINUTE => (t.format("%H:%M:%S").to_string(), Some(Context::day(t))),
        Unit::Seconds(s) if s < DAY => (t.format("%H:%M").to_string(), Some(Context::day(t))),
        _ => (t.format("%-d %b").to_string(), Some(Context::year(t))),
    }
}
