//! Adds the values of a newer file to the history of a run, so that its saved model forecasts from there.

use crate::error::Result;
use crate::panel::fill::{carry, fill};
use crate::panel::series::ids_in_words;
use crate::panel::{Covariate, CovariateKind, GapFill, Panel, Repair, RepairKind, RepairPolicy, Series, TimeSeries};
use crate::read::regularize::spikes;
use crate::time::{Timestamp, holidays};

/// The history of a run with the values of a newer file.
///
/// The result is the panel that a file of all rows gives: gaps are filled and spikes are clipped on the whole history. A
/// model that was fitted before forecasts from it without training.
///
/// ```
/// use forecast::panel::{GapFill, RepairPolicy};
/// use forecast::read::{ReadOptions, Source, read};
/// use forecast::run::HistoryUpdate;
///
/// let panel = |text: &str| read(&Source::Bytes(text.into()), &ReadOptions::default()).map(|dataset| dataset.panel);
/// let history = panel("day,sales\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n")?;
/// let newer = panel("day,sales\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3.5\n2024-01-04,4\n")?;
/// let update = HistoryUpdate::new(&history, &newer, GapFill::Seasonal, RepairPolicy::Repair)?.expect("one new value");
/// assert_eq!(update.panel, newer);
/// assert_eq!((update.new_values, update.revised_values), (1, 1));
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryUpdate {
    /// The history, followed by the new values.
    pub panel: Panel,
    /// The number of values after the earlier ends of the series of the history.
    pub new_values: usize,
    /// The number of values of the series that the history does not have.
    pub values_of_new_series: usize,
    /// The number of values of the file that the history has otherwise, or not at all. Those of the file are used.
    pub revised_values: usize,
    /// The series of the history of which the file has no later value.
    pub series_without_new_values: Vec<String>,
    /// The series of the file that the history does not have.
    pub new_series: Vec<String>,
    /// The repairs of new values.
    pub repairs: Vec<Repair>,
}

/// Why a file cannot be added to a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say what the fields are")]
pub enum UpdateProblem {
    /// The file has another step.
    #[error("the history of the model is {history}, and these values are {given}")]
    OtherFrequency { history: String, given: String },
    /// A time of the file is between two steps of the history.
    #[error("the history of the model has no step at {time}, it has one at {step}")]
    OtherTimes { time: String, step: String },
    /// The id columns are others.
    #[error("the series of the model have the ids {history}, and these values have {given}")]
    OtherIds { history: String, given: String },
    /// The file ends before the history.
    #[error("there is no new value: the history of the model ends at {end}, and these values at {given}")]
    NothingNew { end: String, given: String },
    /// Rows are numbered, so that those of a file cannot be told from those of the history.
    #[error("the rows have no times, so that new ones cannot be told from those of the history")]
    NoTimes,
    /// The values of the file are of a time zone or an offset in which they are other times of the history.
    #[error("{time} of these values is not the time of the history with this text: their zones differ")]
    OtherZone { time: String },
    /// Most values between the history and the file are missing.
    #[error("{steps} steps are missing between {from} and {to}, more than the history has values")]
    LongGap { from: String, to: String, steps: usize },
}

/// A series, and its covariates, `[column][step]`.
type SeriesWithCovariates = (Series, Vec<Vec<f64>>);

impl HistoryUpdate {
    /// Adds the values of `newer` to `history`. Seasons, zone and covariates are those of the history. The policies are
    /// those of the reader: how periods without a row are filled, and whether spikes are clipped.
    ///
    /// # Errors
    /// If the covariates are not those of the history. The inner result is an error if the file cannot be added.
    pub fn new(
        history: &Panel,
        newer: &Panel,
        gaps: GapFill,
        spikes: RepairPolicy,
    ) -> Result<std::result::Result<Self, UpdateProblem>> {
        if let Some(problem) = other_layout(history, newer) {
            return Ok(Err(problem));
        }
        let newer = newer.with_matching_covariates(history.covariates().columns())?;
        let mut merge =
            Merge { history, newer: &newer, gaps, new: 0, of_new_series: 0, revised: 0, repairs: Vec::new() };
        let (series, series_without_new_values, new_series) = match merge.all() {
            Ok(all) => all,
            Err(problem) => return Ok(Err(problem)),
        };
        let Merge { new: new_values, of_new_series, revised: revised_values, mut repairs, .. } = merge;
        let (series, covariates) = series.into_iter().unzip();
        let mut panel = Panel::new(history.columns().clone(), history.frequency(), 1, series)?
            .with_any_seasons(history.seasons().clone())
            .with_zone(history.zone());
        if spikes == RepairPolicy::Repair {
            let mut clipped = Vec::new();
            panel = spikes::clip(panel, &mut clipped);
            repairs.extend(clipped.into_iter().filter(|repair| is_new(history, repair)));
        }
        if !history.covariates().is_empty() {
            panel = panel.with_covariates(history.covariates().columns().to_vec(), covariates);
        }
        Ok(Ok(Self {
            panel,
            new_values,
            values_of_new_series: of_new_series,
            revised_values,
            series_without_new_values,
            new_series,
            repairs,
        }))
    }
}

/// Whether a repair is of a value after the end of the history of its series.
fn is_new(history: &Panel, repair: &Repair) -> bool {
    history.position(&repair.series).is_none_or(|at| repair.time > history.series(at).end())
}

/// The problem of a file with other id columns or another step.
fn other_layout(history: &Panel, newer: &Panel) -> Option<UpdateProblem> {
    let (own_ids, ids) = (&history.columns().ids, &newer.columns().ids);
    if own_ids.len() != ids.len() {
        return Some(UpdateProblem::OtherIds { history: ids_in_words(own_ids), given: ids_in_words(ids) });
    }
    if history.columns().time.is_none() || newer.columns().time.is_none() {
        return Some(UpdateProblem::NoTimes);
    }
    let (own, given) = (history.frequency(), newer.frequency());
    (!own.has_step_of(given)).then(|| UpdateProblem::OtherFrequency { history: own.name(), given: given.name() })
}

/// The work on all series, and what it counted.
struct Merge<'a> {
    history: &'a Panel,
    newer: &'a Panel,
    gaps: GapFill,
    new: usize,
    of_new_series: usize,
    revised: usize,
    repairs: Vec<Repair>,
}

impl Merge<'_> {
    /// All series sorted by key, the names of those without new values, and the names of those that the history lacks.
    #[expect(clippy::type_complexity, reason = "three lists, named above")]
    fn all(&mut self) -> std::result::Result<(Vec<SeriesWithCovariates>, Vec<String>, Vec<String>), UpdateProblem> {
        let (mut all, mut without_new, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for (which, series) in self.history.iter().enumerate() {
            let before = self.new;
            all.push(match self.newer.position(series.key) {
                Some(of_newer) => self.merged(which, &series, of_newer)?,
                None => (original(self.history, which), covariates_of(self.history, which)),
            });
            if self.new == before {
                without_new.push(series.name());
            }
        }
        for (which, series) in self.newer.iter().enumerate() {
            if self.history.position(series.key).is_none() {
                unknown.push(series.name());
                self.of_new_series += series.observed_values().count();
                all.push(self.unknown_series(which, &series)?);
            }
        }
        let time = |panel: &Panel| panel.iter().map(|series| series.end()).max().map(|end| panel.format(end));
        let (end, given) = (time(self.history).unwrap_or_default(), time(self.newer).unwrap_or_default());
        // an update that is repeated has nothing new either, and forecasts again
        if self.new + self.of_new_series + self.revised == 0 && end != given {
            return Err(UpdateProblem::NothingNew { end, given });
        }
        all.sort_by(|one, other| one.0.key.cmp(&other.0.key));
        Ok((all, without_new, unknown))
    }

    /// A series of the history with the values of the file.
    fn merged(
        &mut self,
        which: usize,
        series: &TimeSeries<'_>,
        of_newer: usize,
    ) -> std::result::Result<SeriesWithCovariates, UpdateProblem> {
        let given = self.newer.series(of_newer);
        let Some(offset) = self.offset(series, &given)? else {
            return Ok((original(self.history, which), covariates_of(self.history, which)));
        };
        let Series { key, start, mut values, mut observed } = original(self.history, which);
        let length = values.len();
        self.check_times((series, offset), &given)?;
        let gap = usize::try_from(offset - length as i64).unwrap_or(0);
        if gap > length {
            let (from, to) = (self.history.format(series.end()), self.newer.format(given.start));
            return Err(UpdateProblem::LongGap { from, to, steps: gap });
        }
        // a panel has no series that ends with a missing value
        let end = length.max((offset + given.len() as i64).max(0) as usize);
        values.resize(end, f64::NAN);
        observed.resize(end, false);
        for (at, position) in (offset..).take(given.len()).enumerate() {
            let Ok(position) = usize::try_from(position) else { continue };
            if !given.observed[at] {
                continue;
            }
            let value = self.newer.actual(of_newer, at);
            if position >= length {
                self.new += 1;
            } else if !observed[position] || (values[position] - value).abs() > 0.0 {
                self.revised += 1;
            }
            (values[position], observed[position]) = (value, true);
        }
        if self.gaps == GapFill::Zero {
            // the reader has set the gaps of the file to zero, but not those before it
            let before_file = length..(offset.max(0) as usize).max(length);
            before_file.for_each(|at| (values[at], observed[at]) = (0.0, true));
        }
        match self.gaps {
            GapFill::Seasonal | GapFill::Zero => fill(&mut values, &observed, self.history.season()),
            GapFill::LastValue => carry(&mut values, &observed),
        }
        for at in (length..end).filter(|at| !observed[*at]) {
            let (series, time, to) = (key.clone(), series.time_at(at), Some(values[at]));
            self.repairs.push(Repair { series, time, kind: RepairKind::Missing, from: None, to });
        }
        let (covariates, filled) = self.merged_covariates((which, series), (of_newer, offset), end);
        self.repairs.extend(filled);
        Ok((Series { key, start, values, observed }, covariates))
    }

    /// The position of the first value of the file in a series of the history; it may be negative. `None` if all values of
    /// the file are before the history.
    fn offset(
        &self,
        series: &TimeSeries<'_>,
        given: &TimeSeries<'_>,
    ) -> std::result::Result<Option<i64>, UpdateProblem> {
        let mut earlier = None;
        for at in 0..given.len() {
            let times = self.times_in_history(given.time_at(at));
            let position = |time: &Timestamp| series.frequency.position(series.start.ticks(), time.ticks());
            if let Some(position) = times.iter().find_map(position) {
                return Ok(Some(position as i64 - at as i64));
            }
            if let Some(time) = times.iter().find(|time| **time > series.start) {
                let steps = (0..series.len()).map(|step| series.time_at(step));
                let step = steps.take_while(|step| step < time).last().unwrap_or(series.start);
                let [time, step] = [*time, step].map(|time| self.history.format(time));
                return Err(UpdateProblem::OtherTimes { time, step });
            }
            earlier = times.first().copied().or(earlier);
        }
        if earlier.is_some() {
            return Ok(None);
        }
        let (time, step) = (self.newer.format(given.end()), self.history.format(series.end()));
        Err(UpdateProblem::OtherTimes { time, step })
    }

    /// Checks that each value of the file is at the step of the history that follows from its first one. Zones with other
    /// clock changes differ only later.
    fn check_times(
        &self,
        (series, offset): (&TimeSeries<'_>, i64),
        given: &TimeSeries<'_>,
    ) -> std::result::Result<(), UpdateProblem> {
        for (at, position) in (offset..).take(given.len()).enumerate().filter(|(at, _)| given.observed[*at]) {
            let Ok(position) = usize::try_from(position) else { continue };
            let time = given.time_at(at);
            if !self.times_in_history(time).contains(&series.time_at(position)) {
                return Err(UpdateProblem::OtherZone { time: self.newer.format(time) });
            }
        }
        Ok(())
    }

    /// The times of the history that a time of the file can be. Few rows may show another zone or day of the month, although
    /// the times are the same.
    fn times_in_history(&self, time: Timestamp) -> Vec<Timestamp> {
        if self.history.zone() == self.newer.zone() && self.history.frequency() == self.newer.frequency() {
            return vec![time];
        }
        self.history.zone().times_written_as(self.history.frequency(), &self.newer.format(time))
    }

    /// The covariates of a series of `end` values: those of the history, replaced by those of the file where it has them.
    /// Values that neither has are filled with the value before, and are the repairs.
    fn merged_covariates(
        &self,
        (which, series): (usize, &TimeSeries<'_>),
        (of_newer, offset): (usize, i64),
        end: usize,
    ) -> (Vec<Vec<f64>>, Vec<Repair>) {
        let (covariates, mut filled) = (self.history.covariates(), Vec::new());
        let merged = |(number, column): (usize, &Covariate)| {
            if let CovariateKind::Holidays(code) | CovariateKind::Eves(code) = &column.kind {
                let eves = matches!(column.kind, CovariateKind::Eves(_));
                let steps = (series.start, 0..end);
                return holidays::count_by_step(code, eves, series.frequency, self.history.zone(), steps);
            }
            let mut values = covariates.values(which)[number].clone();
            let given = &self.newer.covariates().values(of_newer)[number];
            values.resize(end.max((offset + given.len() as i64).max(0) as usize).max(values.len()), f64::NAN);
            for (position, value) in (offset..).zip(given).filter(|(_, value)| !value.is_nan()) {
                if let Ok(position) = usize::try_from(position) {
                    values[position] = *value;
                }
            }
            let known: Vec<bool> = values[..end].iter().map(|value| !value.is_nan()).collect();
            carry(&mut values[..end], &known);
            for at in (series.len()..end).filter(|at| !known[*at]) {
                let (key, time, to) = (series.key.to_vec(), series.time_at(at), Some(values[at]));
                filled.push(Repair { series: key, time, kind: RepairKind::Covariate, from: None, to });
            }
            if !column.known_future {
                values.truncate(end);
            }
            values
        };
        let merged = covariates.columns().iter().enumerate().map(merged).collect();
        (merged, filled)
    }

    /// A series that the history lacks, at the times of the history.
    fn unknown_series(
        &self,
        which: usize,
        series: &TimeSeries<'_>,
    ) -> std::result::Result<SeriesWithCovariates, UpdateProblem> {
        let (frequency, last) = (self.history.frequency(), series.len() - 1);
        let end = self.times_in_history(series.end());
        let starts = self.times_in_history(series.start).into_iter();
        let Some(start) = starts.into_iter().find(|start| end.contains(&frequency.after(*start, last))) else {
            let (time, step) = (self.newer.format(series.start), self.history.format(self.history.series(0).end()));
            return Err(UpdateProblem::OtherTimes { time, step });
        };
        Ok((Series { start, ..original(self.newer, which) }, covariates_of(self.newer, which)))
    }
}

/// A series with the values of its file, before spikes were clipped.
fn original(panel: &Panel, which: usize) -> Series {
    let series = panel.series(which);
    Series {
        key: series.key.to_vec(),
        start: series.start,
        values: (0..series.len()).map(|at| panel.actual(which, at)).collect(),
        observed: series.observed.to_vec(),
    }
}

/// The covariates of a series, `[column][step]`; empty if the panel has none.
fn covariates_of(panel: &Panel, which: usize) -> Vec<Vec<f64>> {
    let covariates = panel.covariates();
    if covariates.is_empty() { Vec::new() } else { covariates.values(which).to_vec() }
}
