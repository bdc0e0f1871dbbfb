//! The seasons of a panel, and where they are from.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::panel::season_detection::find_seasons;
use crate::time::Frequency;

/// The longest season in steps.
pub(crate) const MAX_SEASON: usize = 100_000;
/// The maximum number of series in which seasons are searched for.
const MAX_SEARCHED_SERIES: usize = 30;
/// The maximum number of values in which seasons are searched for, over all series. The last values of each are
/// searched.
const MAX_SEARCHED_VALUES: usize = 6_000;

/// Where the season lengths of a panel are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SeasonSource {
    /// From the calendar: the frequency determines them.
    Calendar,
    /// From the values: they repeat, and not by chance.
    Values,
    /// From the caller.
    Given,
    /// From a fitted model, which was fitted with them.
    Model,
}

/// The season lengths of a panel in steps, and where they are from.
///
/// ```
/// use forecast::Frequency;
/// use forecast::panel::{SeasonSource, Seasons};
///
/// let hourly = Seasons::of_calendar(Frequency::HOURLY);
/// assert_eq!((hourly.lengths(), hourly.source()), ([24, 168].as_slice(), SeasonSource::Calendar));
/// assert_eq!(hourly.to_string(), "24 and 168 steps, from the calendar");
///
/// let weeks_of_hours: Vec<f64> = (0..24 * 60).map(|t| f64::from(t % 24 * (t / 24 % 7))).collect();
/// let found = Seasons::of_values(&[weeks_of_hours]);
/// assert_eq!(found.to_string(), "24 and 168 steps, found in the values");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seasons {
    lengths: Vec<usize>,
    source: SeasonSource,
}

impl Seasons {
    /// The seasons of the calendar for a frequency. An index has none.
    pub fn of_calendar(frequency: Frequency) -> Self {
        Self { lengths: frequency.seasons(), source: SeasonSource::Calendar }
    }

    /// The seasons that most of some series share. Missing values are NaN. Only the last values of long series are
    /// searched, and only some of many series.
    pub fn of_values(all_series: &[Vec<f64>]) -> Self {
        Self::of_series(all_series.len(), |at| all_series[at].clone())
    }

    /// The seasons of `count` series. `values` returns one of them, with NaN for missing values.
    pub(crate) fn of_series(count: usize, values: impl Fn(usize) -> Vec<f64>) -> Self {
        let stride = count.div_ceil(MAX_SEARCHED_SERIES).max(1);
        let max_values = MAX_SEARCHED_VALUES / count.div_ceil(stride).max(1);
        let last_values = |at: usize| {
            let mut all = values(at);
            all.drain(..all.len().saturating_sub(max_values));
            all
        };
        let searched: Vec<Vec<f64>> = (0..count).step_by(stride).map(last_values).collect();
        Self { lengths: find_seasons(&searched), source: SeasonSource::Values }
    }

    /// The seasons of a panel with this season length. The longer seasons of the calendar are added to one of its
    /// seasons.
    pub(crate) fn with_longer_ones_of_calendar(season: usize, frequency: Frequency) -> Self {
        let calendar = frequency.seasons();
        let source = if season == frequency.season() { SeasonSource::Calendar } else { SeasonSource::Given };
        let others = if calendar.contains(&season) { calendar } else { Vec::new() };
        let all = std::iter::once(season).chain(others.into_iter().filter(|length| *length != season));
        Self { lengths: all.filter(|length| *length > 1).collect(), source }
    }

    /// Seasons of these lengths, for data whose seasons are known. A length of 1 alone means no season.
    ///
    /// # Errors
    /// If a length is 0, or 1 with others, or above 100,000.
    pub fn given(lengths: &[usize]) -> Result<Self> {
        let invalid = |reason: String| Err(Error::InvalidSeason { reason, max: MAX_SEASON });
        let mut lengths = lengths.to_vec();
        lengths.sort_unstable();
        lengths.dedup();
        if lengths == [1] {
            lengths.clear();
        }
        match lengths.first() {
            Some(0) => return invalid("a season has at least 2 steps".to_owned()),
            Some(1) => return invalid("no season, which is also a length of 1, excludes other seasons".to_owned()),
            _ => {}
        }
        if let Some(long) = lengths.iter().find(|length| **length > MAX_SEASON) {
            return invalid(format!("{long} steps are more than {MAX_SEASON}"));
        }
        Ok(Self { lengths, source: SeasonSource::Given })
    }

    /// The first season of a frequency, for an index whose steps have this frequency.
    pub(crate) fn first_of_calendar(frequency: Frequency) -> Self {
        Self { lengths: frequency.seasons().into_iter().take(1).collect(), source: SeasonSource::Calendar }
    }

    /// A given season of which the longest of several series does not have two cycles.
    pub(crate) fn too_long(&self, longest: usize) -> Option<usize> {
        let mut given = self.lengths.iter().filter(|_| self.source == SeasonSource::Given);
        given.find(|length| 2 * **length > longest).copied()
    }

    /// The seasons that a model was fitted with.
    pub fn of_model(lengths: Vec<usize>) -> Self {
        Self { lengths, source: SeasonSource::Model }
    }

    /// The lengths in steps, the first of which is that of seasonal naive; empty without a season.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// The first length, 1 for none.
    pub fn first(&self) -> usize {
        self.lengths.first().copied().unwrap_or(1)
    }

    /// Where the lengths are from.
    pub fn source(&self) -> SeasonSource {
        self.source
    }
}

/// `24 and 168 steps, found in the values`, or `none found in the values`.
impl fmt::Display for Seasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths: Vec<String> = self.lengths.iter().map(usize::to_string).collect();
        let of = match (self.lengths.as_slice(), self.source) {
            ([], SeasonSource::Values) => return f.write_str("none found in the values"),
            ([], SeasonSource::Given) => return f.write_str("none, as requested"),
            ([], SeasonSource::Model) => return f.write_str("none, as in the model"),
            ([], SeasonSource::Calendar) => return f.write_str("none"),
            (_, SeasonSource::Values) => "found in the values",
            (_, SeasonSource::Given) => "as requested",
            (_, SeasonSource::Model) => "as in the model",
            (_, SeasonSource::Calendar) => "from the calendar",
        };
        write!(f, "{} steps, {of}", lengths.join(" and "))
    }
}

/// The result of `Panel::steps_with_known_seasons`, which is computed once. It follows from the rest of the panel.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownSteps(pub(crate) OnceLock<usize>);

impl PartialEq for KnownSteps {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
