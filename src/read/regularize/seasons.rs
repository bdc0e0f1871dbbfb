//! The seasons of the series: those of the calendar, or those found in the values.

use crate::panel::Seasons;
use crate::read::regularize::rows::SortedRows;
use crate::time::{Frequency, timestamp::SECOND};

impl SortedRows<'_> {
    /// The seasons of the calendar. An index has those of the requested frequency, or else those of its values. An index
    /// of years has none.
    pub(crate) fn seasons(&self, frequency: Frequency, is_year: bool) -> Seasons {
        match (frequency, self.options.frequency) {
            (Frequency::Index { .. }, None) if !is_year => self.seasons_of_values(frequency),
            // The calendar has no season for steps below a second.
            (Frequency::Elapsed { millis: ..SECOND }, _) => self.seasons_of_values(frequency),
            (Frequency::Index { .. }, Some(requested)) => Seasons::first_of_calendar(requested.frequency(1)),
            _ => Seasons::of_calendar(frequency),
        }
    }

    fn seasons_of_values(&self, frequency: Frequency) -> Seasons {
        Seasons::of_series(self.series.len(), |at| {
            let range = self.series[at].1.clone();
            let (times, values) = (&self.times[range.clone()], &self.values[range]);
            let position = |time: i64| frequency.position(times[0], time).expect("every time is on the grid");
            let mut regular = vec![f64::NAN; position(times[times.len() - 1]) + 1];
            for (time, value) in times.iter().zip(values) {
                regular[position(*time)] = *value;
            }
            regular
        })
    }
}
