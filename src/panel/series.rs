//! One series: its values, and a view of it.

use serde::{Deserialize, Serialize};

use crate::time::{Frequency, Timestamp};

/// The names of the columns in the input. Outputs use the same names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The time column; `None` if the input has none.
    pub time: Option<String>,
    /// The column to forecast.
    pub target: String,
    /// The columns that identify a series; empty for a single series.
    pub ids: Vec<String>,
}

/// The name of the time column in files and figures if the input has none.
pub(crate) const TIME_NAME: &str = "time";

impl Columns {
    /// The name of the time column, or the usual one.
    pub fn time_name(&self) -> &str {
        self.time.as_deref().unwrap_or(TIME_NAME)
    }
}

/// The names of id columns in a sentence.
pub(crate) fn ids_in_words(ids: &[String]) -> String {
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

/// One series of a [`Panel`](crate::panel::Panel), with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The values of the id columns, in the order of [`Columns::ids`].
    pub key: Vec<String>,
    /// The time of the first value.
    pub start: Timestamp,
    /// One value per step, all finite; filled if not observed.
    pub values: Vec<f64>,
    /// For each value, whether it was observed.
    pub observed: Vec<bool>,
}

/// A view of one series of a [`Panel`](crate::panel::Panel).
#[derive(Debug, Clone, Copy)]
pub struct TimeSeries<'a> {
    /// The values of the id columns, in the order of [`Columns::ids`].
    pub key: &'a [String],
    /// The time of the first value.
    pub start: Timestamp,
    /// The step between values.
    pub frequency: Frequency,
    /// One value per step, all finite; filled if not observed.
    pub values: &'a [f64],
    /// For each value, whether it was observed.
    pub observed: &'a [bool],
}

/// The range of forecasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Bounds {
    /// A value in the range.
    pub(crate) fn clamp(self, value: f64) -> f64 {
        value.clamp(self.low, self.high)
    }
}

/// The limits of shares and of percentages.
const UPPER_LIMITS: [f64; 2] = [1.0, 100.0];
/// Values are near a limit within this share of it.
const LIMIT_MARGIN: f64 = 0.01;
/// The minimum number of values near a limit that is never crossed.
const MIN_VALUES_NEAR_LIMIT: usize = 5;

impl TimeSeries<'_> {
    /// The range of forecasts: from 0 if no value is negative, and up to the limit of shares or percentages.
    pub(crate) fn bounds(&self) -> Bounds {
        if self.values.iter().any(|v| *v < 0.0) {
            return Bounds { low: f64::MIN, high: f64::MAX };
        }
        Bounds { low: 0.0, high: self.limit().unwrap_or(f64::MAX) }
    }

    /// The limit that values often approach and never cross; `None` if they are no shares and no percentages.
    ///
    /// Values near the limit are in both halves of the history. So an index that starts at 100, or that has grown to
    /// it, has no limit. Nor have counts of 0 and 1.
    fn limit(&self) -> Option<f64> {
        let most = self.values.iter().fold(0.0, |most: f64, v| most.max(*v));
        let is_whole = || self.values.iter().all(|v| v.fract() == 0.0);
        let near = |limit: &f64| (limit * (1.0 - LIMIT_MARGIN)..=*limit).contains(&most);
        let limit = UPPER_LIMITS.into_iter().find(near).filter(|limit| *limit > 1.0 || !is_whole())?;
        let count = |values: &[f64]| values.iter().filter(|v| **v >= limit * (1.0 - LIMIT_MARGIN)).count();
        let (early, late) = self.values.split_at(self.values.len() / 2);
        let counts = [count(early), count(late)];
        (counts.iter().all(|count| *count > 0) && counts.iter().sum::<usize>() >= MIN_VALUES_NEAR_LIMIT)
            .then_some(limit)
    }

    /// The values that were observed.
    pub fn observed_values(&self) -> impl Iterator<Item = f64> {
        self.values.iter().zip(self.observed).filter(|(_, observed)| **observed).map(|(value, _)| *value)
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value, which is never the case.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The first `count` values of the series, which has at least so many.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Self { values: &self.values[..count], observed: &self.observed[..count], ..*self }
    }

    /// The ids joined by ` / `; empty for a series without ids.
    pub fn name(&self) -> String {
        self.key.join(" / ")
    }

    /// The time at `position`, which may be after the end.
    pub fn time_at(&self, position: usize) -> Timestamp {
        self.frequency.after(self.start, position)
    }

    /// The time of the last value.
    pub fn end(&self) -> Timestamp {
        self.time_at(self.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Panel;

    #[test]
    fn percentages_and_shares_have_an_upper_bound_and_values_that_grow_to_it_have_none() {
        let bounds = |values: &[f64]| Panel::from_values(values, 1).iter().next().unwrap().bounds();
        let values = |value: fn(usize) -> f64| (0..60).map(value).collect::<Vec<f64>>();
        let percentages = values(|t| 100.0 - 0.3 * (t * 7 % 11) as f64);
        let shares: Vec<f64> = percentages.iter().map(|v| v / 100.0).collect();
        assert_eq!(bounds(&percentages), Bounds { low: 0.0, high: 100.0 });
        assert_eq!(bounds(&shares), Bounds { low: 0.0, high: 1.0 });
        for unlimited in [
            // an index that grows to 100 or starts there
            values(|t| 40.0 + (t + 1) as f64),
            values(|t| 100.0 - t as f64),
            // values that cross 100, that are far below it, and counts
            values(|t| 99.0 + (t % 3) as f64),
            values(|t| 60.0 + (t % 30) as f64),
            values(|t| (t % 2) as f64),
        ] {
            assert_eq!(bounds(&unlimited), Bounds { low: 0.0, high: f64::MAX }, "{unlimited:?}");
        }
        let below_zero: Vec<f64> = percentages.iter().map(|v| v - 99.0).collect();
        assert_eq!(bounds(&below_zero), Bounds { low: f64::MIN, high: f64::MAX });
    }
}
