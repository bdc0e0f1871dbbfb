//! One series: owned by a panel, or viewed.

use serde::{Deserialize, Serialize};

use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The columns' names as they stood in the input, so that what is written carries the reader's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The time column; `None` where the file had none.
    pub time: Option<String>,
    /// The column that is forecast.
    pub target: String,
    /// The columns that tell series apart; empty for a single series.
    pub ids: Vec<String>,
}

/// One series that owns its values: what a [`Panel`](crate::panel::Panel) is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The values of the id columns, in the order of [`Columns::ids`].
    pub key: Vec<String>,
    /// The time of the first value.
    pub start: Timestamp,
    /// One value a step, all finite; filled where not observed.
    pub values: Vec<f64>,
    /// What was observed; as long as `values`.
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
    /// One value a step, all finite; filled where not observed.
    pub values: &'a [f64],
    /// What was observed; as long as `values`.
    pub observed: &'a [bool],
}

impl TimeSeries<'_> {
    /// The least that a forecast of it may be: 0 where no value is below.
    pub(crate) fn floor(&self) -> f64 {
        if self.values.iter().all(|v| *v >= 0.0) { 0.0 } else { f64::MIN }
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Never: a series has at least one value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The series as it was when it had so many values.
    ///
    /// # Panics
    /// If it never had so many.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Self { values: &self.values[..count], observed: &self.observed[..count], ..*self }
    }

    /// The key's values in one string, empty for a single series without an id.
    pub fn name(&self) -> String {
        self.key.join(" / ")
    }

    /// The time of the value at `position`, which may lie beyond the end.
    pub fn time_at(&self, position: usize) -> Timestamp {
        self.frequency.after(self.start, position)
    }

    /// The time of the last value.
    pub fn end(&self) -> Timestamp {
        self.time_at(self.len() - 1)
    }
}
