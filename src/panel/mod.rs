//! Many regular series in contiguous memory.

pub(crate) mod covariates;
pub(crate) mod fill;
pub(crate) mod repair_log;
pub(crate) mod series;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::panel::fill::fill;
use crate::time::frequency::Frequency;
use crate::time::holidays;
use crate::time::timestamp::Timestamp;
use crate::time::zone_info::ZoneInfo;

pub use crate::panel::covariates::{Covariate, CovariateKind, Covariates, NO_CATEGORY};
pub use crate::panel::repair_log::{BadRowPolicy, DuplicatePolicy, GapFill, Repair, RepairKind, RepairPolicy};
pub use crate::panel::series::{Columns, Series, TimeSeries};

/// How many missing values of a covariate an error names.
const MISSING_LISTED: usize = 10;

/// Many regular series of one frequency.
///
/// What a panel promises, checked when it is made and never again: at least one series; every series has at least one
/// value, starts and ends with an observed one, has one value a step, and every value is finite. What was not
/// observed is filled and marked.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    columns: Columns,
    frequency: Frequency,
    season: usize,
    series: Vec<Series>,
    zone: ZoneInfo,
    /// What the file has where models are given less: the position of the series and of the value.
    actual: BTreeMap<(usize, usize), f64>,
    covariates: Covariates,
}

impl Panel {
    /// Builds a panel from its series, and sorts them by key.
    ///
    /// `season`: steps after which the pattern is expected to repeat, 1 for none.
    ///
    /// # Errors
    /// If a promise of [`Panel`] is broken.
    pub fn new(columns: Columns, frequency: Frequency, season: usize, mut series: Vec<Series>) -> Result<Self> {
        let invalid = |reason: String| Err(Error::InvalidInput { what: "panel", reason });
        if series.is_empty() {
            return invalid("it has no series".into());
        }
        if season == 0 {
            return invalid("a season has at least one step".into());
        }
        if let Some((series, reason)) = series.iter().find_map(|one| Some((one, problem(one, &columns)?))) {
            return invalid(format!("series \"{}\" {reason}", series.key.join(" / ")));
        }
        series.sort_by(|a, b| a.key.cmp(&b.key));
        if let Some(pair) = series.windows(2).find(|pair| pair[0].key == pair[1].key) {
            return invalid(format!("series \"{}\" is there twice", pair[0].key.join(" / ")));
        }
        let (zone, actual, covariates) = (ZoneInfo::default(), BTreeMap::new(), Covariates::default());
        Ok(Self { columns, frequency, season, series, zone, actual, covariates })
    }

    /// The same panel, its times read off a clock.
    #[must_use]
    pub(crate) fn with_zone(self, zone: ZoneInfo) -> Self {
        Self { zone, ..self }
    }

    /// The same panel with other values for its models, by position of the series and of the value; [`Panel::actual`] keeps
    /// those that it had.
    #[must_use]
    pub(crate) fn with_replaced_values(mut self, replacements: impl Iterator<Item = (usize, usize, f64)>) -> Self {
        for (series, at, value) in replacements {
            let had = std::mem::replace(&mut self.series[series].values[at], value);
            self.actual.insert((series, at), had);
        }
        self
    }

    /// The value that the file has, which differs from the one in [`TimeSeries::values`] where a spike was clipped: what
    /// forecasts are judged by. Both are positions: of the series in the panel, and of the value in the series.
    ///
    /// # Panics
    /// If there is no such series or value.
    pub fn actual(&self, series: usize, at: usize) -> f64 {
        self.actual.get(&(series, at)).copied().unwrap_or_else(|| self.series[series].values[at])
    }

    /// The same panel with columns beside the target: their values by series, column and step, finite wherever the series
    /// has a value. What goes on after the end of its series is known ahead, NaN standing for what is not.
    ///
    /// # Panics
    /// If there are not as many series, columns or values: that is a mistake of the caller, not of the data.
    #[must_use]
    pub fn with_covariates(self, columns: Vec<Covariate>, values: Vec<Vec<Vec<f64>>>) -> Self {
        let lengths: Vec<usize> = self.series.iter().map(|series| series.values.len()).collect();
        Self { covariates: Covariates::new(columns, values, &lengths), ..self }
    }

    /// What is known beside the target; nothing in most panels.
    pub fn covariates(&self) -> &Covariates {
        &self.covariates
    }

    /// The same panel, to be forecast at cutoffs in its past alone: the covariates named count as known for the `horizon`
    /// steps after each, though the file has no values of them after its end.
    ///
    /// # Errors
    /// If there is no such covariate.
    pub fn assuming_known(self, names: &[String], horizon: usize) -> Result<Self> {
        Ok(Self { covariates: self.covariates.assuming(names, horizon)?, ..self })
    }

    /// The same panel, its covariates those that a model learned from.
    ///
    /// # Errors
    /// If one is missing.
    pub(crate) fn like(&self, wanted: &[Covariate]) -> Result<Self> {
        Ok(Self { covariates: self.covariates.like(wanted)?, ..self.clone() })
    }

    /// The same panel with what is known ahead for exactly the `horizon` steps that are to be forecast.
    ///
    /// # Errors
    /// If a covariate has values after the last target, but not for all of these steps of all series.
    pub fn for_horizon(&self, horizon: usize) -> Result<Self> {
        let mut panel = self.clone();
        let (mut missing, mut count) = (Vec::new(), 0);
        let (mut column_of, mut reach) = (None::<String>, horizon);
        let assumed = self.covariates.is_assumed();
        panel.covariates.for_each_mut(|which, column, values| {
            let (series, end) = (&self.series[which], self.series[which].values.len() + horizon);
            let time = |at: usize| self.frequency.after(series.start, at);
            if let CovariateKind::Holidays(country) | CovariateKind::Eves(country) = &column.kind {
                let eves = matches!(column.kind, CovariateKind::Eves(_));
                let steps = (series.start, values.len()..end);
                values.extend(holidays::count_by_step(country, eves, self.frequency, self.zone, steps));
            }
            if column.known_future && !assumed && column_of.as_ref().is_none_or(|name| *name == column.name) {
                let unknown = |at: &usize| values.get(*at).is_none_or(|value| value.is_nan());
                for at in (series.values.len()..end).filter(unknown) {
                    column_of.get_or_insert_with(|| column.name.clone());
                    reach = reach.min(at - series.values.len());
                    count += 1;
                    if missing.len() < MISSING_LISTED {
                        let of = series.key.join(" / ");
                        let time = self.format(time(at));
                        missing.push(if of.is_empty() { time } else { format!("{of} {time}") });
                    }
                }
            }
            values.truncate(if column.known_future { end } else { series.values.len() });
        });
        match column_of {
            Some(column) => Err(Error::CovariateTooShort { column, missing, count, of: horizon * self.count(), reach }),
            None => Ok(panel),
        }
    }

    /// Where models are given less of a series than the file has: the position, and the value in the file.
    pub(crate) fn clipped_values(&self, series: usize) -> impl Iterator<Item = (usize, f64)> {
        self.actual.range((series, 0)..(series + 1, 0)).map(|((_, at), value)| (*at, *value))
    }

    /// The same panel with further series, each with what [`Panel::clipped_values`] is to say of it.
    pub(crate) fn joined(&self, further: Vec<(Series, Vec<(usize, f64)>)>) -> Self {
        let own =
            self.series.iter().enumerate().map(|(at, series)| (series.clone(), self.clipped_values(at).collect()));
        let mut all: Vec<(Series, Vec<(usize, f64)>)> = own.chain(further).collect();
        all.sort_by(|one, other| one.0.key.cmp(&other.0.key));
        let mut actual = BTreeMap::new();
        let mut series = Vec::with_capacity(all.len());
        for (which, (one, clipped)) in all.into_iter().enumerate() {
            actual.extend(clipped.into_iter().map(|(at, value)| ((which, at), value)));
            series.push(one);
        }
        let joined = Self::new(self.columns.clone(), self.frequency, self.season, series);
        Self { actual, ..joined.expect("sums of a panel's series keep its promises").with_zone(self.zone) }
    }

    /// The clock that the times are read off.
    pub fn zone(&self) -> ZoneInfo {
        self.zone
    }

    /// A time as the input writes it: in the input's own zone, with its offset from UTC where it has one.
    pub fn format(&self, time: Timestamp) -> String {
        self.zone.format(self.frequency, time)
    }

    /// A single, fully observed series on an integer index from 1: the shortest way from numbers to a panel.
    ///
    /// # Panics
    /// If `values` is empty or has a value that is not finite, or `season` is 0; [`Panel::new`] returns an error instead.
    pub fn from_values(values: &[f64], season: usize) -> Self {
        let columns = Columns { time: None, target: "value".into(), ids: Vec::new() };
        let observed = vec![true; values.len()];
        let series = Series { key: Vec::new(), start: Timestamp::Index(1), values: values.to_vec(), observed };
        Self::new(columns, Frequency::INDEX, season, vec![series]).expect("finite values, at least one, and a season")
    }

    /// The input's column names.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The step between values.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Steps after which the pattern is expected to repeat, 1 for none.
    pub fn season(&self) -> usize {
        self.season
    }

    /// The seasons to look for, its own first: those of the calendar too, unless another was set outright.
    pub(crate) fn seasons(&self) -> Vec<usize> {
        let (own, calendar) = (self.season, self.frequency.seasons());
        let others = if calendar.contains(&own) { calendar } else { Vec::new() };
        std::iter::once(own).chain(others.into_iter().filter(|m| *m != own)).filter(|m| *m > 1).collect()
    }

    /// Number of series, at least 1.
    pub fn count(&self) -> usize {
        self.series.len()
    }

    /// The series, in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TimeSeries<'_>> {
        self.series.iter().map(|s| TimeSeries {
            key: &s.key,
            start: s.start,
            frequency: self.frequency,
            values: &s.values,
            observed: &s.observed,
        })
    }

    /// The panel without the last `steps` of each series, and without what is then an unobserved end; what is left of
    /// unobserved values is filled anew, from what is left alone. Series that would be left with fewer than `minimum`
    /// values are left out; `None` if that leaves none.
    #[must_use]
    pub fn without_last(&self, steps: usize, minimum: usize) -> Option<Self> {
        let cut = |s: &Series| {
            let kept = s.observed[..s.values.len().saturating_sub(steps)].iter().rposition(|o| *o)? + 1;
            (kept >= minimum.max(1)).then(|| {
                let (mut values, observed) = (s.values[..kept].to_vec(), s.observed[..kept].to_vec());
                fill(&mut values, &observed, self.season);
                Series { key: s.key.clone(), start: s.start, values, observed }
            })
        };
        let (mut series, mut actual, mut beside) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (which, whole) in self.series.iter().enumerate() {
            let Some(kept) = cut(whole) else { continue };
            let clipped = self.actual.range((which, 0)..(which, kept.values.len()));
            actual.extend(clipped.map(|((_, at), value)| ((series.len(), *at), *value)));
            if !self.covariates.is_empty() {
                beside.push(self.covariates.cut(which, whole.values.len(), steps, kept.values.len()));
            }
            series.push(kept);
        }
        (!series.is_empty()).then(|| Self {
            series,
            actual,
            covariates: self.covariates.with_values(beside),
            columns: self.columns.clone(),
            ..*self
        })
    }
}

/// Why a panel cannot have this series; `None` if it can.
fn problem(series: &Series, columns: &Columns) -> Option<&'static str> {
    let (values, observed) = (&series.values, &series.observed);
    if values.is_empty() {
        Some("has no value")
    } else if values.len() != observed.len() {
        Some("has not as many values as marks of what was observed")
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
