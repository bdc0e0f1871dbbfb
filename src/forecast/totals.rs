//! Totals of a forecast over periods of the calendar, or over its horizon.

use crate::forecast::{sample_paths::SamplePaths, year_before};
use crate::panel::Panel;
use crate::time::calendar_period::{local_period_start, steps_of_period};
use crate::time::frequency::Frequency;
use crate::time::timestamp::{DAY, Timestamp};

/// The period over which steps are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalPeriod {
    /// Each day.
    Day,
    /// Each week, from Monday.
    Week,
    /// Each month.
    Month,
    /// Each quarter, from January, April, July and October.
    Quarter,
    /// Each year.
    Year,
    /// All steps of the forecast.
    Horizon,
}

/// The sum of a forecast over one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The time of the first step in the sum.
    pub from: Timestamp,
    /// The time of the last step in the sum.
    pub to: Timestamp,
    /// The number of steps in the sum.
    pub steps: usize,
    /// The number of steps in the whole period, more than `steps` if the forecast covers a part of it.
    pub period_steps: usize,
    /// The quantiles of the sum, one per level in ascending order.
    pub quantiles: Vec<f64>,
    /// The sum of the same steps a year before. `None` if not all of them were observed.
    pub year_before: Option<f64>,
    /// The growth of the median against the sum of a year before, in percent. `None` unless that sum is above 0.
    pub growth_percent: Option<f64>,
}

impl TotalPeriod {
    /// `day`, `week`, `month`, `quarter`, `year` or `horizon`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Horizon => "horizon",
        }
    }

    /// Whether several steps of a frequency can be in one period.
    pub fn spans_several(self, frequency: Frequency) -> bool {
        // The length in days, and in whole months.
        let (days, months) = match self {
            Self::Day => (1, 0),
            Self::Week => (7, 0),
            Self::Month => (28, 1),
            Self::Quarter => (90, 3),
            Self::Year => (365, 12),
            Self::Horizon => return true,
        };
        match frequency {
            Frequency::Elapsed { millis } => millis < days * DAY,
            Frequency::Days { every } => every < days,
            Frequency::BusinessDays { .. } => days > 1,
            Frequency::Months { every, .. } => every < months,
            Frequency::Index { .. } => false,
        }
    }

    /// The period as a frequency; `None` for the horizon.
    fn frequency(self) -> Option<Frequency> {
        match self {
            Self::Day => Some(Frequency::DAILY),
            Self::Week => Some(Frequency::WEEKLY),
            Self::Month => Some(Frequency::MONTHLY),
            Self::Quarter => Some(Frequency::QUARTERLY),
            Self::Year => Some(Frequency::YEARLY),
            Self::Horizon => None,
        }
    }
}

/// The totals of sample paths over each period that they reach, in order, with quantiles at `levels`. Periods are those
/// of the time zone of `panel`, which has the history of the paths.
///
/// ```
/// use forecast::forecast::{TotalPeriod, totals};
/// use forecast::{Panel, SamplePaths};
///
/// let panel = Panel::from_values(&[4.0, 5.0, 6.0], 1);
/// let history = panel.iter().next().expect("a panel has a series");
/// // two paths of two steps: their sums are 3 and 7
/// let paths = SamplePaths::after(&history, 2, vec![1.0, 2.0, 3.0, 4.0]);
/// let total = &totals(&paths, TotalPeriod::Horizon, &panel, &[0.5])[0];
/// assert_eq!((total.steps, total.quantiles[0]), (2, 5.0));
/// ```
pub fn totals(paths: &SamplePaths, period: TotalPeriod, panel: &Panel, levels: &[f64]) -> Vec<Total> {
    let (zone, period, series) = (panel.zone(), period.frequency(), panel.position(paths.key()));
    let groups: Vec<&[Timestamp]> = match period {
        Some(period) => {
            let start = |time: &Timestamp| local_period_start(period, zone, *time);
            paths.times().chunk_by(|a, b| start(a) == start(b)).collect()
        }
        None => vec![paths.times()],
    };
    let mut start = 0;
    let total = |times: &[Timestamp]| {
        let steps = start..start + times.len();
        start = steps.end;
        let all_steps = |period| steps_of_period(period, panel.frequency(), zone, times[0]);
        let period_steps = period.map_or(times.len(), all_steps);
        let (from, to) = (times[0], times[times.len() - 1]);
        let year_before = series.and_then(|series| year_before::sum(panel, series, from, to));
        let median = paths.total(steps.clone(), &[0.5])[0];
        let growth = |before: f64| 100.0 * (median / before - 1.0);
        let growth_percent = year_before.filter(|before| *before > 0.0).map(growth);
        let quantiles = paths.total(steps, levels);
        Total { from, to, steps: times.len(), period_steps, quantiles, year_before, growth_percent }
    };
    groups.into_iter().map(total).collect()
}
