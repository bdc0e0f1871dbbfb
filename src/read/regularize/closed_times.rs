//! Notices about days of the week and hours of the day that have no row in any series.

use crate::read::notice::Notice;
use crate::read::regularize::rows::SortedRows;
use crate::time::frequency::Frequency;
use crate::time::timestamp::{SECONDS_PER_DAY, SECONDS_PER_HOUR};
use crate::time::weekdays::{Weekdays, count_by_weekday};

/// After fewer weeks a weekday or an hour may be without rows by chance.
const MIN_WEEKS: i64 = 4;

impl SortedRows<'_> {
    /// Adds a notice about days of the week or hours of the day without rows. Weekends without rows are usual and need none.
    pub(crate) fn note_closed_times(&mut self, frequency: Frequency) {
        let ends = self.times.iter().min().zip(self.times.iter().max());
        let span = ends.map_or(0, |(first, last)| last.saturating_sub(*first));
        let is_long = span >= MIN_WEEKS * 7 * SECONDS_PER_DAY;
        let notice = match frequency {
            Frequency::BusinessDays { open } if self.options.frequency.is_none() && open != Weekdays::BUSINESS => {
                Some(Notice::ClosedDaysLeftOut { days: open.closed_days_in_words() })
            }
            Frequency::Days { every: 1 } if is_long => {
                let open = Weekdays::new(count_by_weekday(&self.times).map(|rows| rows > 0));
                open.map(|open| Notice::ClosedDaysFilled { days: open.closed_days_in_words() })
            }
            Frequency::Seconds { every } if is_long && every <= SECONDS_PER_HOUR => {
                self.closed_hours().map(|hours| Notice::ClosedHoursFilled { hours })
            }
            _ => None,
        };
        self.notices.extend(notice);
    }

    /// The hours of the day without rows: `22:00 to 06:00`.
    fn closed_hours(&self) -> Option<String> {
        let hour_of = |time: &i64| (time.rem_euclid(SECONDS_PER_DAY) / SECONDS_PER_HOUR) as usize;
        let mut is_open = [false; 24];
        self.times.iter().for_each(|time| is_open[hour_of(time)] = true);
        let is_first_closed = |hour: &usize| !is_open[*hour] && is_open[(hour + 23) % 24];
        let ranges = (0..24).filter(is_first_closed).map(|from| {
            let hours = (1..24).find(|hours| is_open[(from + hours) % 24]).unwrap_or(1);
            format!("{from:02}:00 to {:02}:00", (from + hours) % 24)
        });
        let closed: Vec<String> = ranges.collect();
        (!closed.is_empty()).then(|| closed.join(" or "))
    }
}
