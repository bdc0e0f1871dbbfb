//! Refuses rows without a common step: those at irregular times, such as orders, and series at different steps.

use crate::error::{DataProblem, Error, Result, location::MAX_LISTED};
use crate::read::notice::Notice;
use crate::read::regularize::frequency::share_of_periods;
use crate::read::regularize::rows::SortedRows;
use crate::time::calendar_period::{approximate_step, period_start};
use crate::time::frequency_inference::{infer, share_of_mode};
use crate::time::timestamp::{DAY, HOUR};
use crate::time::{Frequency, NamedFrequency};

/// The minimum number of rows of a series whose step is compared with that of the others.
const MIN_ROWS: usize = 6;

impl SortedRows<'_> {
    /// The error about rows at irregular times within days; `None` if most are at a regular step, or too few for any
    /// period.
    pub(crate) fn irregular_times(&self) -> Option<Error> {
        let distinct = self.distinct_times();
        let times: Vec<&[i64]> = distinct.iter().map(Vec::as_slice).collect();
        let frequency = infer(self.is_calendar, &times)?;
        let is_regular = share_of_mode(&times) >= 0.5 || share_of_periods(frequency, &times) >= 0.25;
        if is_regular || !matches!(frequency, Frequency::Elapsed { .. }) {
            return None;
        }
        let period = filled_period(Frequency::SECONDLY, &times)?;
        let last = self.times.len() - 1;
        let example = |at: usize| (self.location(at), self.written(self.times[at]));
        Some(self.table.error(DataProblem::IrregularTimes {
            column: self.columns.time.clone().unwrap_or_default(),
            rows: self.times.len(),
            examples: vec![example(last / 2), example(last / 2 + 1)],
            period: period.to_string(),
            candidates: self.id_candidates.clone(),
        }))
    }

    /// Refuses a series whose rows have a regular step of at least twice, or at most half, the length of `common`.
    pub(crate) fn check_one_step(&self, common: Frequency) -> Result<()> {
        let step = approximate_step(common);
        let mean_step = |times: &[i64]| (times[times.len() - 1] - times[0]) / (times.len() as i64 - 1);
        let mut long = self.series.iter().filter(|(_, range)| range.len() >= MIN_ROWS);
        let other = long.find_map(|(code, range)| {
            let times = &self.times[range.clone()];
            // The mean step is fast to compute, and that of nearly all series is the common step.
            let mean = mean_step(times);
            if mean * 3 > step * 2 && mean * 2 < step * 3 {
                return None;
            }
            let own = infer(true, &[times])?;
            let length = approximate_step(own);
            let differs = length >= 2 * step || length * 2 <= step;
            (differs && share_of_periods(own, &[times]) >= 0.8).then_some((*code, own))
        });
        let Some((code, own)) = other else { return Ok(()) };
        let of_others = self.series.iter().filter(|(other, range)| *other != code && range.len() >= 2);
        let of_others = of_others.map(|(other, range)| (*other, &self.times[range.clone()]));
        let nearest = of_others.min_by_key(|(_, times)| (mean_step(times) - step).abs());
        let Some((nearest, times)) = nearest else { return Ok(()) };
        let of_nearest = infer(true, &[times]).unwrap_or(common);
        let coarsest = if approximate_step(own) > approximate_step(of_nearest) { own } else { of_nearest };
        let named = |code: u32, frequency: Frequency| (self.key(code).join(" / "), frequency.name());
        let (one, other, common) = (named(nearest, of_nearest), named(code, own), period_of(coarsest).to_string());
        Err(self.table.error(DataProblem::DifferentSteps { one, other, common }))
    }

    /// Adds a notice on series that have rows at every step, but values at a regular step of at least twice the length.
    pub(crate) fn note_longer_steps(&mut self, frequency: Frequency) {
        let step = approximate_step(frequency);
        if !self.is_calendar || self.series.len() < 2 || !self.values.iter().any(|value| value.is_nan()) {
            return;
        }
        let with_value = self.times_with_value();
        let longer = |times: &Vec<i64>| {
            let own = infer(self.is_calendar, &[times]).filter(|_| times.len() >= MIN_ROWS)?;
            (approximate_step(own) >= 2 * step && share_of_periods(own, &[times]) >= 0.8).then_some(own)
        };
        let steps = self.series.iter().zip(&with_value).map(|((code, _), times)| (*code, longer(times)));
        let found: Vec<(u32, Frequency)> = steps.filter_map(|(code, own)| Some((code, own?))).collect();
        let longest = found.iter().map(|(_, own)| *own).max_by_key(|own| approximate_step(*own));
        let Some(own) = longest.filter(|_| found.len() < self.series.len()) else { return };
        // each notice is on one step
        let found: Vec<(u32, Frequency)> = found.into_iter().filter(|(_, other)| *other == own).collect();
        let first = found.iter().take(MAX_LISTED).map(|(code, _)| self.key(*code).join(" / ")).collect();
        let (count, common) = (found.len(), period_of(own).to_string());
        self.notices.push(Notice::LongerSteps { count, first, own: own.name(), step: frequency.name(), common });
    }
}

/// The shortest period, at least as long as a step, of which most have rows; `None` if there is none. Hours without rows are
/// usual at night, so nearly all hours need one. Seconds and minutes are periods of short files only.
pub(crate) fn filled_period(step: Frequency, series: &[&[i64]]) -> Option<NamedFrequency> {
    const PERIODS: [(NamedFrequency, f64, i64); 8] = [
        (NamedFrequency::Secondly, 0.9, HOUR),
        (NamedFrequency::Minutely, 0.9, 2 * DAY),
        (NamedFrequency::Hourly, 0.9, i64::MAX),
        (NamedFrequency::Daily, 0.5, i64::MAX),
        (NamedFrequency::Weekly, 0.5, i64::MAX),
        (NamedFrequency::Monthly, 0.5, i64::MAX),
        (NamedFrequency::Quarterly, 0.5, i64::MAX),
        (NamedFrequency::Yearly, 0.5, i64::MAX),
    ];
    let ends = series.iter().filter_map(|times| times.first().zip(times.last()));
    let span = ends.map(|(first, last)| last - first).max().unwrap_or(0);
    let (least_step, mut suitable) = (approximate_step(step), PERIODS.into_iter());
    let found = suitable.find(|(period, least_share, longest_span)| {
        let frequency = period.frequency(1);
        let is_allowed = span <= *longest_span && approximate_step(frequency) >= least_step;
        is_allowed && are_filled(frequency, *least_share, series)
    });
    found.map(|(period, ..)| period)
}

/// Whether at least this share of the periods between the first and the last row of each series have a row. A row far from
/// the others makes few long periods, of which some have rows by chance.
fn are_filled(frequency: Frequency, least_share: f64, series: &[&[i64]]) -> bool {
    const MIN_FILLED: i64 = 4;
    let (mut filled, mut all) = (0, 0);
    for times in series.iter().filter(|times| !times.is_empty()) {
        let mut starts: Vec<i64> = times.iter().map(|time| period_start(frequency, *time)).collect();
        starts.dedup();
        filled += starts.len() as i64;
        all += (starts[starts.len() - 1] - starts[0]) / approximate_step(frequency) + 1;
    }
    filled >= MIN_FILLED && filled as f64 >= least_share * all as f64
}

/// The shortest named period that is at least as long as a step.
pub(crate) fn period_of(frequency: Frequency) -> NamedFrequency {
    const PERIODS: [NamedFrequency; 10] = [
        NamedFrequency::Secondly,
        NamedFrequency::Minutely,
        NamedFrequency::QuarterHourly,
        NamedFrequency::HalfHourly,
        NamedFrequency::Hourly,
        NamedFrequency::Daily,
        NamedFrequency::Weekly,
        NamedFrequency::Monthly,
        NamedFrequency::Quarterly,
        NamedFrequency::Yearly,
    ];
    let is_long_enough = |period: &NamedFrequency| approximate_step(period.frequency(1)) >= approximate_step(frequency);
    PERIODS.into_iter().find(is_long_enough).unwrap_or(NamedFrequency::Yearly)
}
