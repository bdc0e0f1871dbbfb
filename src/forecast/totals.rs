//! Sums over the periods of the calendar that a forecast reaches into.

use std::ops::Range;

use crate::forecast::sample_paths::SamplePaths;
use crate::panel::Panel;
use crate::time::calendar_period::CalendarPeriod;
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// What sums are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Calendar days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Calendar months.
    Month,
    /// All steps.
    Horizon,
}

/// The sum over one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The time of the first step that is added up.
    pub from: Timestamp,
    /// The time of the last one.
    pub to: Timestamp,
    /// Steps added up.
    pub steps: usize,
    /// Steps of the whole period; more than `steps` where the forecast covers a part of it.
    pub of: usize,
    /// Quantiles of the sum, one a level.
    pub quantiles: Vec<f64>,
}

impl Period {
    /// The name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Horizon => "horizon",
        }
    }

    /// Whether several steps of this frequency can lie in one.
    pub fn suits(self, frequency: Frequency) -> bool {
        self.span().is_none_or(|span| frequency.divides(span))
    }

    /// The stretches of consecutive times that lie in one period each, with the steps of the whole period.
    fn parts(self, panel: &Panel, times: &[Timestamp]) -> Vec<(Range<usize>, usize)> {
        let Some(span) = self.span() else { return vec![(0..times.len(), times.len())] };
        let (frequency, clock) = (panel.frequency(), panel.zone());
        let mut start = 0;
        let groups = times.chunk_by(|a, b| span.beginning(clock, *a) == span.beginning(clock, *b));
        let part = |group: &[Timestamp]| {
            start += group.len();
            (start - group.len()..start, span.steps(frequency, clock, group[0]))
        };
        groups.map(part).collect()
    }

    /// The stretch of the calendar; `None` for the horizon.
    fn span(self) -> Option<CalendarPeriod> {
        match self {
            Self::Day => Some(CalendarPeriod::Day),
            Self::Week => Some(CalendarPeriod::Week),
            Self::Month => Some(CalendarPeriod::Month),
            Self::Horizon => None,
        }
    }
}

/// The sums of `paths` over each period that they reach into, in order, with quantiles at `levels`; periods are those of
/// the clock of the `panel` that is forecast.
pub fn totals(paths: &SamplePaths, period: Period, panel: &Panel, levels: &[f64]) -> Vec<Total> {
    let total = |(steps, of): (Range<usize>, usize)| Total {
        from: paths.times()[steps.start],
        to: paths.times()[steps.end - 1],
        steps: steps.len(),
        of,
        quantiles: paths.total(steps, levels),
    };
    period.parts(panel, paths.times()).into_iter().map(total).collect()
}
