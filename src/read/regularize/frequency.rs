//! Determines the frequency of the series, and notes the days and hours at which no series has a row.

use crate::error::{DataProblem, Result};
use crate::read::{notice::Notice, regularize::rows::SortedRows};
use crate::time::frequency_inference::{anchor, infer};
use crate::time::timestamp::{DAY, HOUR};
use crate::time::{Frequency, Weekdays, calendar_period::approximate_step, grid::align, weekdays::count_by_weekday};

/// After fewer weeks a weekday or an hour may be without rows by chance.
const MIN_WEEKS: i64 = 4;

impl SortedRows<'_> {
    /// The requested frequency if the times have it, or else the frequency of the times.
    pub(crate) fn frequency(&self) -> Result<Frequency> {
        let times = self.times_by_series();
        let inferred = infer(self.is_calendar, &times);
        if !self.is_calendar {
            return Ok(inferred.unwrap_or(Frequency::Index { step: 1 }));
        }
        if let Some(common) = inferred {
            self.check_one_step(common)?;
        }
        let Some(requested) = self.options.frequency else {
            return inferred.ok_or_else(|| self.table.error(DataProblem::SingleTime));
        };
        let frequency = requested.frequency(anchor(&times).0);
        // Two times have any step.
        let have_step = times.iter().any(|times| times.len() > 2);
        let is_mismatch = |inferred: Frequency| match (inferred, frequency) {
            _ if !have_step => false,
            // The options may make days without rows a part of the series.
            (Frequency::BusinessDays { .. }, Frequency::Days { every: 1 } | Frequency::BusinessDays { .. }) => false,
            _ => share_of_periods(inferred, &times) > share_of_periods(frequency, &times).max(0.5),
        };
        match inferred.filter(|inferred| *inferred != frequency && is_mismatch(*inferred)) {
            Some(inferred) => Err(self.table.error(DataProblem::FrequencyMismatch {
                requested: requested.to_string(),
                inferred: inferred.name(),
                is_finer: approximate_step(inferred) < approximate_step(frequency),
            })),
            None => Ok(frequency),
        }
    }

    /// Adds a notice about days of the week or hours of the day without rows. Weekends without rows are usual and need none.
    pub(crate) fn note_closed_times(&mut self, frequency: Frequency) {
        let ends = self.times.iter().min().zip(self.times.iter().max());
        let span = ends.map_or(0, |(first, last)| last.saturating_sub(*first));
        let is_long = span >= MIN_WEEKS * 7 * DAY;
        let notice = match frequency {
            Frequency::BusinessDays { open } if self.options.frequency.is_none() && open != Weekdays::BUSINESS => {
                Some(Notice::ClosedDaysLeftOut { days: open.closed_days_in_words() })
            }
            Frequency::Days { every: 1 } if is_long => {
                let open = Weekdays::new(count_by_weekday(&self.times).map(|rows| rows > 0));
                open.map(|open| Notice::ClosedDaysFilled { days: open.closed_days_in_words() })
            }
            Frequency::Elapsed { millis } if is_long && millis <= HOUR => {
                self.closed_hours().map(|hours| Notice::ClosedHoursFilled { hours })
            }
            _ => None,
        };
        self.notices.extend(notice);
    }

    /// The hours of the day without rows: `22:00 to 06:00`.
    fn closed_hours(&self) -> Option<String> {
        let mut is_open = [false; 24];
        for time in &self.times {
            is_open[(time.rem_euclid(DAY) / HOUR) as usize] = true;
        }
        let is_first_closed = |hour: &usize| !is_open[*hour] && is_open[(hour + 23) % 24];
        let ranges = (0..24).filter(is_first_closed).map(|from| {
            let hours = (1..24).find(|hours| is_open[(from + hours) % 24]).unwrap_or(1);
            format!("{from:02}:00 to {:02}:00", (from + hours) % 24)
        });
        let closed: Vec<String> = ranges.collect();
        (!closed.is_empty()).then(|| closed.join(" or "))
    }
}

/// The share of periods with a row; 0 if any time is off the grid.
pub(crate) fn share_of_periods(frequency: Frequency, series: &[&[i64]]) -> f64 {
    let (mut periods, mut rows) = (0, 0);
    for times in series {
        let Ok(aligned) = align(frequency, times) else { return 0.0 };
        let times = aligned.as_deref().unwrap_or(times);
        periods += frequency.position(times[0], times[times.len() - 1]).map_or(0, |steps| steps + 1);
        rows += times.len();
    }
    rows as f64 / periods.max(1) as f64
}
