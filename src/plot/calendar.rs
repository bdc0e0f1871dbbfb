//! Calendar boundaries as candidates for ticks, and the format of times.

use chrono::{Datelike, NaiveDateTime};

use crate::plot::axis::integer;
use crate::time::timestamp::{
    DAY, HOUR, MINUTE, SECOND, datetime_at, decimals, iso_text, month_day, month_number, ticks_of,
};
use crate::time::{Frequency, Timestamp, calendar_period::approximate_step};

const WEEK: i64 = 7 * DAY;
/// The first Monday after the Unix epoch.
const MONDAY: i64 = 4 * DAY;
const HALF_MONTH: i64 = 15 * DAY;
const MONTH: i64 = 30 * DAY;

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
    fn new(t: NaiveDateTime, short: &str, rest: &str) -> Self {
        Self { short: t.format(short).to_string(), rest: t.format(rest).to_string() }
    }

    /// The text after another context, or in full.
    pub(super) fn text(&self, before: Option<&Self>) -> String {
        let rest = if before.is_some_and(|before| before.rest == self.rest) { "" } else { &self.rest };
        self.short.clone() + rest
    }
}

/// The distance between ticks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    /// A number of steps of the series.
    Steps(usize),
    /// A length of time in ticks, up to a week. Weeks begin on Monday.
    Elapsed(i64),
    /// The first and the fifteenth day of each month.
    HalfMonths,
    Months(i64),
}

/// A time in the precision of its frequency: `2014`, `2014 Q3`, `Mar 2014`, `15 Mar 2014`, `15 Mar 2014 06:00`.
pub(super) fn time_label(time: Timestamp, frequency: Frequency) -> String {
    let Timestamp::Time(t) = time else { return integer(time.ticks().into()) };
    let format = match frequency {
        Frequency::Months { every, .. } if every % 12 == 0 => "%Y",
        Frequency::Months { every: 3, .. } if quarterly(t) => "%Y Q%q",
        Frequency::Months { .. } => "%b %Y",
        Frequency::Elapsed { millis } if millis % SECOND != 0 => {
            return format!("{} {}", t.format("%-d %b %Y"), time_of_day(t, frequency.decimals_at(t)));
        }
        Frequency::Elapsed { millis } if millis % MINUTE != 0 => "%-d %b %Y %H:%M:%S",
        Frequency::Elapsed { .. } => "%-d %b %Y %H:%M",
        Frequency::Index { .. } | Frequency::Days { .. } | Frequency::BusinessDays { .. } => "%-d %b %Y",
    };
    t.format(format).to_string()
}

/// Whether a quarter is dated by the first or the last month of a calendar quarter.
fn quarterly(t: NaiveDateTime) -> bool {
    t.month() % 3 != 2
}

/// The units that are at least a step, from fine to coarse.
pub(super) fn units(frequency: Frequency) -> Vec<Unit> {
    const MILLIS: [i64; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 250, 500];
    const SECONDS: [i64; 9] = [1, 5, 15, 30, 60, 300, 600, 900, 1_800];
    const HOURS: [i64; 5] = [1, 2, 3, 6, 12];
    const MONTHS: [i64; 13] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000];
    let step = approximate_step(frequency);
    let mut units = if step % WEEK == 0 && !matches!(frequency, Frequency::Months { .. }) {
        // a weekly series may have another weekday than Monday
        vec![Unit::Steps(1), Unit::Steps(2)]
    } else {
        let short = MILLIS.into_iter().chain(SECONDS.map(|seconds| seconds * SECOND));
        let long = HOURS.map(|hours| hours * HOUR).into_iter().chain([DAY, WEEK]);
        short.chain(long).filter(|length| *length >= step).map(Unit::Elapsed).collect()
    };
    units.extend((step <= HALF_MONTH).then_some(Unit::HalfMonths));
    units.extend(MONTHS.into_iter().filter(|m| m * MONTH >= step).map(Unit::Months));
    units
}

/// The first boundaries of a unit from the first time to the last, at most `limit` of them.
pub(super) fn candidates(
    times: &[NaiveDateTime],
    frequency: Frequency,
    unit: Unit,
    limit: usize,
) -> Vec<TickCandidate> {
    let steps = || times.iter().enumerate().map(|(i, t)| (i as f64, *t));
    let positions: Vec<(f64, NaiveDateTime)> = match (unit, frequency) {
        (Unit::Steps(n), _) => steps().step_by(n).take(limit).collect(),
        // the value of a month belongs to the month, on any of its days
        (Unit::Months(months), Frequency::Months { every, .. }) => {
            steps().filter(|(_, t)| month_number(*t).rem_euclid(months) < every).take(limit).collect()
        }
        _ => boundaries(times[0], times[times.len() - 1], unit).take(limit).map(|t| (position(times, t), t)).collect(),
    };
    let quarters = matches!(frequency, Frequency::Months { every: 3, .. });
    let candidate = |(position, t)| {
        let (label, context) = label(t, unit, quarters);
        TickCandidate { position, label, context }
    };
    positions.into_iter().map(candidate).collect()
}

/// The boundaries of a unit of the calendar from `first` to `last`.
fn boundaries(first: NaiveDateTime, last: NaiveDateTime, unit: Unit) -> impl Iterator<Item = NaiveDateTime> {
    let multiples = |from: i64, to: i64, length: i64| (from.div_euclid(length) * length..=to).step_by(length as usize);
    let elapsed = |length| {
        let [from, to] = [first, last].map(|t| ticks_of(t) - MONDAY);
        multiples(from, to, length).filter_map(|ticks| datetime_at(ticks + MONDAY))
    };
    let months = |length| {
        let starts = multiples(month_number(first), month_number(last), length).filter_map(|month| month_day(month, 1));
        starts.map(NaiveDateTime::from)
    };
    let all: Box<dyn Iterator<Item = NaiveDateTime>> = match unit {
        Unit::Steps(_) => Box::new(std::iter::empty()),
        Unit::Elapsed(length) => Box::new(elapsed(length)),
        Unit::HalfMonths => Box::new(months(1).flat_map(|t| [Some(t), t.with_day(15)]).flatten()),
        Unit::Months(length) => Box::new(months(length)),
    };
    all.filter(move |t| (first..=last).contains(t))
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
    let (year, day) = (|| Some(Context::new(t, "%Y", "")), || Some(Context::new(t, "%-d %b", " %Y")));
    match unit {
        Unit::Months(m) if m % 12 == 0 => (t.format("%Y").to_string(), None),
        Unit::Months(_) if quarters && quarterly(t) => (format!("Q{}", t.month0() / 3 + 1), year()),
        Unit::Months(_) => (t.format("%b").to_string(), year()),
        Unit::Elapsed(length) if length < MINUTE => (time_of_day(t, decimals(length)), day()),
        Unit::Elapsed(length) if length < DAY => (t.format("%H:%M").to_string(), day()),
        _ => (t.format("%-d %b").to_string(), year()),
    }
}

/// A time of day to the second, with so many decimals.
fn time_of_day(t: NaiveDateTime, decimals: usize) -> String {
    iso_text(t, decimals).split_once('T').map_or_else(String::new, |(_, time)| time.to_owned())
}
