//! A history and future rows of which one has offsets from UTC and the other has local times, whose zone may be a wrong one.

use std::ops::Range;

use chrono_tz::Tz;

use crate::read::parse::time_index::{ColumnOffsets, NO_TIME, TimeIndex};
use crate::time::timestamp::DAY;
use crate::time::zone_info::{LIKELY_ZONES, local_ticks, offset_at_local_ticks, offset_ticks};

/// Future rows that do not follow the history in a zone.
pub(crate) struct ZoneMismatch {
    /// The last row of the history.
    pub(crate) last: usize,
    /// The first future row.
    pub(crate) next: usize,
    pub(crate) kind: MismatchKind,
}

/// How future rows do not follow the history. They follow it in another zone of the local times, if one is named.
pub(crate) enum MismatchKind {
    /// They are not after its end.
    Overlap { follows_in: Option<Tz> },
    /// They are not at the steps of the history, in local times of its zone. The first of them is given in ticks.
    OffSteps { local: i64, follows_in: Tz },
    /// They leave a number of steps after the history without a row.
    Gap { steps: usize, follows_in: Tz },
}

/// The mismatch of a history and future rows of which only one has offsets from UTC, if the local times of the other are those
/// of a zone. `None` without one. Future rows that are only later are no mismatch, unless they follow the history in another
/// zone. Neither are those that begin with rows of the history, unless they do.
pub(crate) fn zone_mismatch(times: &TimeIndex, first: usize, zone: Tz) -> Option<ZoneMismatch> {
    let both = HistoryAndFuture::of(times, first)?;
    let ends = both.ends(zone)?;
    let mismatch = |kind: MismatchKind| Some(ZoneMismatch { last: ends.last, next: ends.next, kind });
    if ends.utc_of_next <= ends.utc_of_last {
        let follows_in = both.follows_in();
        let is_later = |row: usize| both.utc(row, zone) > ends.utc_of_last;
        let continues = follows_in.is_none() && both.rows(first..both.offsets.len()).any(is_later);
        return if continues { None } else { mismatch(MismatchKind::Overlap { follows_in }) };
    }
    if ends.are_steps() {
        return None;
    }
    let follows_in = both.follows_in()?;
    if !both.have_steps(&ends, zone) {
        return mismatch(MismatchKind::OffSteps { local: local_ticks(zone, ends.utc_of_next), follows_in });
    }
    let gap = (ends.utc_of_next - ends.utc_of_last) / ends.step? - 1;
    // longer steps than those of a day do not fit in the difference of two zones
    let steps = usize::try_from(gap).ok().filter(|steps| *steps > 0)?;
    mismatch(MismatchKind::Gap { steps, follows_in })
}

/// A zone of the local times in which the future rows follow the history, if only one of both has offsets from UTC.
pub(crate) fn zone_in_which_future_follows(times: &TimeIndex, first: usize) -> Option<Tz> {
    HistoryAndFuture::of(times, first)?.follows_in()
}

/// The times of a history and of future rows, of which one has offsets from UTC and the other has none.
struct HistoryAndFuture<'a> {
    times: &'a TimeIndex,
    offsets: &'a [Option<i32>],
    /// The first future row.
    first: usize,
}

/// The last time of a history and the first one after it, in a zone of the local times.
struct Ends {
    last: usize,
    next: usize,
    utc_of_last: i64,
    utc_of_next: i64,
    /// The local times of both.
    local_of_last: i64,
    local_of_next: i64,
    /// The last step of the history in local times.
    step: Option<i64>,
}

impl<'a> HistoryAndFuture<'a> {
    fn of(times: &'a TimeIndex, first: usize) -> Option<Self> {
        let ColumnOffsets::PerRow(offsets) = &times.offsets else { return None };
        let both = Self { times, offsets, first };
        let has_offset = |row: usize| offsets[row].is_some();
        let of_history = both.rows(0..first).next().map(has_offset)?;
        let is_one_kind = both.rows(0..first).all(|row| has_offset(row) == of_history)
            && both.rows(first..offsets.len()).all(|row| has_offset(row) != of_history);
        is_one_kind.then_some(both)
    }

    /// The rows with a time.
    fn rows(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        range.filter(|row| self.times.ticks[*row] != NO_TIME)
    }

    fn utc(&self, row: usize, zone: Tz) -> i64 {
        let time = self.times.ticks[row];
        time - offset_ticks(self.offsets[row].unwrap_or_else(|| offset_at_local_ticks(zone, time)))
    }

    fn ends(&self, zone: Tz) -> Option<Ends> {
        let utc = |row: usize| self.utc(row, zone);
        let last = self.rows(0..self.first).max_by_key(|row| utc(*row))?;
        let next = self.rows(self.first..self.offsets.len()).min_by_key(|row| utc(*row))?;
        let (utc_of_last, utc_of_next) = (utc(last), utc(next));
        let before = self.rows(0..self.first).map(utc).filter(|time| *time < utc_of_last).max();
        let (local_of_last, local_of_next) = (local_ticks(zone, utc_of_last), local_ticks(zone, utc_of_next));
        let step = before.map(|before| match utc_of_last - before {
            // the clocks may change
            step if step < DAY / 2 => step,
            _ => local_of_last - local_ticks(zone, before),
        });
        Some(Ends { last, next, utc_of_last, utc_of_next, local_of_last, local_of_next, step })
    }

    /// Whether a future row is at a step of the history, as far as times of day tell.
    fn have_steps(&self, ends: &Ends, zone: Tz) -> bool {
        let mut rows = self.rows(self.first..self.offsets.len());
        rows.any(|row| ends.is_step(local_ticks(zone, self.utc(row, zone))))
    }

    fn follows_in(&self) -> Option<Tz> {
        let follows = |zone: &Tz| self.ends(*zone).is_some_and(|ends| ends.are_steps());
        [Tz::UTC].into_iter().chain(LIKELY_ZONES).find(follows)
    }
}

impl Ends {
    /// Whether the two times are one step of the history apart. Months have different lengths.
    fn are_steps(&self) -> bool {
        const MAX_DIFFERENCE_OF_MONTHS: i64 = 3 * DAY;
        let Some(step) = self.step else { return false };
        if step < DAY {
            return self.utc_of_next - self.utc_of_last == step;
        }
        let difference = (self.local_of_next - self.local_of_last - step).abs();
        self.is_step(self.local_of_next)
            && (difference == 0 || step >= 28 * DAY && difference <= MAX_DIFFERENCE_OF_MONTHS)
    }

    /// Whether a local time is at a step of the history, as far as times of day tell.
    fn is_step(&self, local: i64) -> bool {
        let period = self.step.unwrap_or(DAY).min(DAY);
        (local - self.local_of_last) % period == 0
    }
}
