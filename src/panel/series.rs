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

impl TimeSeries<'_> {
    /// The lower bound of forecasts: 0 if no value is negative.
    pub(crate) fn floor(&self) -> f64 {
        if self.values.iter().all(|v| *v >= 0.0) { 0.0 } else { f64::MIN }
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
