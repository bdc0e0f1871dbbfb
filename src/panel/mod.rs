//! Panels: many regular series of one frequency, with covariates.

pub(crate) mod covariates;
mod covariates_of_panel;
pub(crate) mod fill;
mod names;
pub(crate) mod repair_log;
pub(crate) mod season_detection;
pub(crate) mod seasons;
mod seasons_of_panel;
pub(crate) mod series;
mod subset;
pub(crate) mod total_words;
pub(crate) mod totals;
pub(crate) mod uneven;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::error::{Error, Result};
use crate::panel::fill::fill;
use crate::panel::seasons::KnownSteps;
use crate::time::{Frequency, Timestamp, ZoneInfo};

pub(crate) use crate::panel::covariates::IncompleteFuture;
pub(crate) use crate::panel::covariates::MAX_CATEGORIES;
pub use crate::panel::covariates::{Covariate, CovariateKind, Covariates, NO_CATEGORY};
pub use crate::panel::repair_log::{BadRowPolicy, DuplicatePolicy, GapFill, Repair, RepairKind, RepairPolicy};
pub use crate::panel::seasons::{SeasonSource, Seasons};
pub use crate::panel::series::{Columns, Series, TimeSeries};
pub use crate::panel::totals::TotalSeries;
pub use crate::panel::uneven::EarlyEnd;

/// Many regular series of one frequency.
///
/// A panel keeps these promises, which are checked once, when it is built:
/// - there is at least one series, and no two have the same key;
/// - a series has one value per step, at least one, and all are finite;
/// - its first and its last value are observed; values that are not observed are filled and marked.
///
/// ```
/// use forecast::panel::Columns;
/// use forecast::{Frequency, Panel, Series, Timestamp};
///
/// let columns = Columns { time: Some("month".into()), target: "sales".into(), ids: vec!["shop".into()] };
/// let harbour = Series {
///     key: vec!["harbour".into()],
///     start: Timestamp::date(2024, 1, 31).expect("a date of the calendar"),
///     values: vec![20.0, 22.0, 21.0],
///     observed: vec![true; 3],
/// };
/// let panel = Panel::new(columns, Frequency::MONTH_END, 12, vec![harbour])?;
/// assert_eq!(panel.iter().next().expect("one series").end().to_string(), "2024-03-31");
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    columns: Columns,
    frequency: Frequency,
    seasons: Seasons,
    known_steps: KnownSteps,
    series: Vec<Series>,
    zone: ZoneInfo,
    /// The original values of those that were replaced, by the position of the series and in the series.
    actual: BTreeMap<(usize, usize), f64>,
    covariates: Covariates,
}

impl Panel {
    /// Builds a panel from its series, and sorts them by key.
    ///
    /// `season` is the season length in steps, 1 for no season. If it is a season of the calendar, the others of the
    /// calendar are added. [`Panel::with_seasons`] sets several others.
    ///
    /// # Errors
    /// If the series break a promise of [`Panel`], or `season` is 0.
    pub fn new(columns: Columns, frequency: Frequency, season: usize, mut series: Vec<Series>) -> Result<Self> {
        let invalid = |reason: String| Err(Error::InvalidInput { what: "panel", reason });
        if series.is_empty() {
            return invalid("it has no series".into());
        }
        if season == 0 {
            return invalid("a season has at least one step".into());
        }
        if let Some((series, reason)) = series.iter().find_map(|one| Some((one, broken_promise(one, &columns)?))) {
            return invalid(format!("series \"{}\" {reason}", series.key.join(" / ")));
        }
        series.sort_by(|a, b| a.key.cmp(&b.key));
        if let Some(pair) = series.windows(2).find(|pair| pair[0].key == pair[1].key) {
            return invalid(format!("series \"{}\" is there twice", pair[0].key.join(" / ")));
        }
        let (zone, actual, covariates) = (ZoneInfo::default(), BTreeMap::new(), Covariates::default());
        let seasons = Seasons::with_longer_ones_of_calendar(season, frequency);
        let known_steps = KnownSteps::default();
        Ok(Self { columns, frequency, seasons, known_steps, series, zone, actual, covariates })
    }

    /// The same panel with its times in a zone.
    pub(crate) fn with_zone(self, zone: ZoneInfo) -> Self {
        Self { zone, ..self }
    }

    /// The same panel with some values replaced for the models. A replacement is the position of the series, the
    /// position in the series and the new value. [`Panel::actual`] still returns the old values.
    pub(crate) fn with_replaced_values(mut self, replacements: impl Iterator<Item = (usize, usize, f64)>) -> Self {
        for (series, at, value) in replacements {
            let replaced = std::mem::replace(&mut self.series[series].values[at], value);
            self.actual.insert((series, at), replaced);
        }
        self
    }

    /// The same panel with the values of some steps of a series treated as missing, and filled with others.
    pub(crate) fn with_missing(self, series: usize, steps: Range<usize>, filled: &[f64]) -> Self {
        let values = steps.clone().zip(filled).map(|(at, value)| (series, at, *value));
        let mut panel = self.with_replaced_values(values);
        panel.series[series].observed[steps].fill(false);
        panel
    }

    /// The value in the file, against which forecasts are scored. It differs from [`TimeSeries::values`] if a spike was
    /// clipped. `series` is a position in the panel, `at` one in the series.
    pub fn actual(&self, series: usize, at: usize) -> f64 {
        self.actual.get(&(series, at)).copied().unwrap_or_else(|| self.series[series].values[at])
    }

    /// The replaced values of a series: their positions, and the values in the file.
    pub(crate) fn replaced_values(&self, series: usize) -> impl Iterator<Item = (usize, f64)> {
        self.actual.range((series, 0)..(series + 1, 0)).map(|((_, at), value)| (*at, *value))
    }

    /// The same panel with more series that keep its promises, each with its [`Panel::replaced_values`].
    pub(crate) fn with_series(&self, more: Vec<(Series, Vec<(usize, f64)>)>) -> Self {
        let own = self.series.iter().enumerate();
        let own = own.map(|(at, series)| (series.clone(), self.replaced_values(at).collect()));
        let mut all: Vec<(Series, Vec<(usize, f64)>)> = own.chain(more).collect();
        all.sort_by(|one, other| one.0.key.cmp(&other.0.key));
        let (series, replaced): (Vec<Series>, Vec<Vec<(usize, f64)>>) = all.into_iter().unzip();
        let actual = replaced.into_iter().enumerate();
        let actual = actual.flat_map(|(which, own)| own.into_iter().map(move |(at, value)| ((which, at), value)));
        let joined = Self::new(self.columns.clone(), self.frequency, self.season(), series);
        let joined = joined.expect("the series keep the promises of a panel");
        Self { actual: actual.collect(), zone: self.zone, seasons: self.seasons.clone(), ..joined }
    }

    /// The time zone.
    pub fn zone(&self) -> ZoneInfo {
        self.zone
    }

    /// Writes a time as the input does: in its time zone, with the offset from UTC if it has one.
    pub fn format(&self, time: Timestamp) -> String {
        self.zone.format(self.frequency, time)
    }

    /// The time `steps` after the latest end of a series.
    pub fn time_after_end(&self, steps: usize) -> Timestamp {
        self.frequency.after(self.latest_end(), steps)
    }

    fn latest_end(&self) -> Timestamp {
        self.iter().map(|series| series.end()).max().expect("a panel has a series")
    }

    /// The number of steps after the latest end of a series that are not after `last`, at most `max`. A time is local.
    pub fn steps_until(&self, last: Timestamp, max: usize) -> usize {
        let end = self.latest_end();
        let is_reached = |step: &usize| match (self.frequency.after(end, *step), last) {
            (Timestamp::Time(time), Timestamp::Time(last)) => self.zone.to_local(time) <= last,
            (time, last) => time <= last,
        };
        (1..=max).take_while(is_reached).count()
    }

    /// One fully observed series on an integer index from 1.
    ///
    /// # Panics
    /// If [`Panel::new`] would return an error.
    pub fn from_values(values: &[f64], season: usize) -> Self {
        let columns = Columns { time: None, target: "value".into(), ids: Vec::new() };
        let observed = vec![true; values.len()];
        let series = Series { key: Vec::new(), start: Timestamp::Index(1), values: values.to_vec(), observed };
        Self::new(columns, Frequency::INDEX, season, vec![series]).expect("finite values, at least one, and a season")
    }

    /// The names of the columns in the input.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The step between values.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The season length in steps, 1 for no season.
    pub fn season(&self) -> usize {
        self.seasons.first()
    }

    /// All seasons, and where they are from.
    pub fn seasons(&self) -> &Seasons {
        &self.seasons
    }

    /// The number of series, at least 1.
    pub fn count(&self) -> usize {
        self.series.len()
    }

    /// The series, in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TimeSeries<'_>> {
        (0..self.count()).map(|position| self.series(position))
    }

    /// The series at a position.
    pub(crate) fn series(&self, position: usize) -> TimeSeries<'_> {
        let Series { key, start, values, observed } = &self.series[position];
        TimeSeries { key, start: *start, frequency: self.frequency, values, observed }
    }

    /// The series that ended more than a season and more than `horizon` steps before the last value of the panel, so
    /// that their forecasts are all in the past.
    ///
    /// ```
    /// use forecast::panel::{Columns, EarlyEnd, Series};
    /// use forecast::{Frequency, Panel, Timestamp};
    ///
    /// let series = |shop: &str, values: usize| Series {
    ///     key: vec![shop.into()],
    ///     start: Timestamp::Index(1),
    ///     values: vec![1.0; values],
    ///     observed: vec![true; values],
    /// };
    /// let columns = Columns { time: None, target: "sales".into(), ids: vec!["shop".into()] };
    /// let panel = Panel::new(columns, Frequency::INDEX, 7, vec![series("closed", 30), series("harbour", 100)])?;
    /// assert_eq!(panel.early_ends(14), [EarlyEnd { series: 0, steps: 70 }]);
    /// assert_eq!(panel.early_ends(70), [], "a forecast of 70 steps reaches the end of the other series");
    /// # Ok::<(), forecast::Error>(())
    /// ```
    pub fn early_ends(&self, horizon: usize) -> Vec<EarlyEnd> {
        uneven::early_ends(self.iter(), horizon.max(self.season()))
    }

    /// The series that are the sum of others, or are named as a total of them. A sum of all series would count these twice.
    pub fn totals(&self) -> Vec<TotalSeries> {
        totals::totals(self.iter())
    }

    /// The series with too few values to hold out `horizon` steps and keep a season and a value, by position.
    pub fn too_short_to_hold_out(&self, horizon: usize) -> Vec<usize> {
        let least = horizon.saturating_add(self.season()).saturating_add(1);
        self.iter().enumerate().filter(|(_, series)| series.len() < least).map(|(position, _)| position).collect()
    }

    /// For each series, whether it counts in statements on the whole panel. Those that ended early do not, unless they
    /// are at least half of the series.
    pub(crate) fn counts_in_verdict(&self, horizon: usize) -> Vec<bool> {
        let early = self.early_ends(horizon);
        let mut counts = vec![true; self.count()];
        if 2 * early.len() < self.count() {
            early.iter().for_each(|end| counts[end.series] = false);
        }
        counts
    }

    /// The position of the series with this key. Series are sorted by key.
    pub(crate) fn position(&self, key: &[String]) -> Option<usize> {
        self.series.binary_search_by(|series| series.key.as_slice().cmp(key)).ok()
    }

    /// The panel with at most `count` last values of each series, the first of them observed. `None` if no series is
    /// longer.
    pub(crate) fn with_last(&self, count: usize) -> Option<Self> {
        let begin = |s: &Series| {
            let from = s.values.len().saturating_sub(count);
            from + s.observed[from..].iter().take_while(|observed| !**observed).count()
        };
        let begins: Vec<usize> = self.series.iter().map(begin).collect();
        if begins.iter().all(|begin| *begin == 0) {
            return None;
        }
        let cut = |(s, &begin): (&Series, &usize)| Series {
            key: s.key.clone(),
            start: self.frequency.after(s.start, begin),
            values: s.values[begin..].to_vec(),
            observed: s.observed[begin..].to_vec(),
        };
        let actual = self
            .actual
            .iter()
            .filter_map(|(&(series, at), value)| Some(((series, at.checked_sub(begins[series])?), *value)));
        let mut covariates = self.covariates.clone();
        covariates.for_each_mut(|series, _, values| *values = values.split_off(begins[series]));
        let series = self.series.iter().zip(&begins).map(cut).collect();
        let (columns, seasons, known_steps) = (self.columns.clone(), self.seasons.clone(), self.known_steps.clone());
        Some(Self { series, actual: actual.collect(), covariates, columns, seasons, known_steps, ..*self })
    }

    /// The panel without the last `steps` of each series, and without unobserved values at its new end. Remaining gaps
    /// are filled again, and seasons that were found in the values are found again, from remaining values only. Series
    /// with fewer than `minimum` values are left out; `None` if all are.
    #[must_use]
    pub fn without_last(&self, steps: usize, minimum: usize) -> Option<Self> {
        self.cut(|_| steps, self.seasons_without_last(steps), minimum)
    }

    /// The panel before these positions, one for each series, as [`Panel::without_last`] cuts it. The seasons are kept.
    pub(crate) fn before(&self, ends: &[usize]) -> Option<Self> {
        self.cut(|which| self.series[which].values.len().saturating_sub(ends[which]), self.seasons.clone(), 1)
    }

    fn cut(&self, steps: impl Fn(usize) -> usize, seasons: Seasons, minimum: usize) -> Option<Self> {
        let cut = |s: &Series, steps: usize| {
            let length = s.observed[..s.values.len().saturating_sub(steps)].iter().rposition(|o| *o)? + 1;
            (length >= minimum.max(1)).then(|| {
                let (mut values, observed) = (s.values[..length].to_vec(), s.observed[..length].to_vec());
                fill(&mut values, &observed, seasons.first());
                Series { key: s.key.clone(), start: s.start, values, observed }
            })
        };
        let (mut series, mut actual, mut covariates) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (which, whole) in self.series.iter().enumerate() {
            let steps = steps(which);
            let Some(kept) = cut(whole, steps) else { continue };
            let replaced = self.actual.range((which, 0)..(which, kept.values.len()));
            actual.extend(replaced.map(|((_, at), value)| ((series.len(), *at), *value)));
            if !self.covariates.is_empty() {
                covariates.push(self.covariates.cut(which, whole.values.len(), steps, kept.values.len()));
            }
            series.push(kept);
        }
        (!series.is_empty()).then(|| Self {
            series,
            actual,
            covariates: self.covariates.with_values(covariates),
            columns: self.columns.clone(),
            seasons,
            known_steps: KnownSteps::default(),
            ..*self
        })
    }
}

/// The promise of [`Panel`] that a series breaks; `None` if it keeps all.
fn broken_promise(series: &Series, columns: &Columns) -> Option<&'static str> {
    let (values, observed) = (&series.values, &series.observed);
    if values.is_empty() {
        Some("has no value")
    } else if values.len() != observed.len() {
        Some("has different numbers of values and of marks for observed values")
    } else if !values.iter().all(|value| value.is_finite()) {
        Some("has a value that is not finite")
    } else if !(observed[0] && observed[observed.len() - 1]) {
        Some("does not start and end with an observed value")
    } else if series.key.len() != columns.ids.len() {
        Some("does not have an id for each id column")
    } else {
        None
    }
}
