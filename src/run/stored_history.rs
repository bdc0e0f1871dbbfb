//! Reads the series of a run from history.csv.

use crate::error::Result;
use crate::panel::{Panel, Series};
use crate::run::stored_table::{Row, StoredFolder, StoredTable};
use crate::time::Timestamp;
use crate::write::history_csv::{FILLED, FUTURE, OBSERVED, REPLACED};

/// The cells between the ids and the covariates: the time, `value`, `status` and `in_file`.
const CELLS: usize = 4;

/// The series of a run, and the values that were replaced.
#[derive(Default)]
pub(crate) struct StoredHistory {
    pub(crate) series: Vec<StoredSeries>,
}

pub(crate) struct StoredSeries {
    pub(crate) series: Series,
    /// The positions of replaced values, and the values in the file.
    pub(crate) replaced: Vec<(usize, f64)>,
    /// `[column][step]`
    covariates: Vec<Vec<f64>>,
    /// The times that the first one can be, until a later row tells them apart.
    starts: Vec<Timestamp>,
}

impl StoredHistory {
    pub(crate) fn read(folder: &StoredFolder<'_>) -> Result<Self> {
        let table = folder.table("history")?.ok_or_else(|| folder.missing("history.csv"))?;
        let data = &folder.record.data;
        let mut header = data.columns.ids.clone();
        header.extend([data.columns.time_name(), "value", "status", "in_file"].map(str::to_owned));
        header.extend(data.covariates.iter().map(|covariate| covariate.name.clone()));
        let mut history = Self::default();
        table.for_each(&header, |row| match row {
            Some(row) => history.add(folder, &table, &row),
            None => history.series.last().map_or(Err("it has no series".to_owned()), StoredSeries::check_end),
        })?;
        for own in &mut history.series {
            own.trim_covariates(folder);
        }
        Ok(history)
    }

    fn add(&mut self, folder: &StoredFolder<'_>, table: &StoredTable<'_>, row: &Row<'_>) -> Result<(), String> {
        let (ids, step) = (folder.record.data.columns.ids.len(), folder.grid.step);
        if !self.series.last().is_some_and(|last| row.has_key(&last.series.key)) {
            if let Some(last) = self.series.last() {
                last.check_end()?;
            }
            let key = row.key(ids);
            if self.series.last().is_some_and(|last| last.series.key >= key) {
                return Err("the series are not in ascending order of their ids".to_owned());
            }
            self.series.push(StoredSeries::new(key, table.times(row.text(ids)), folder.record.data.covariates.len()));
        }
        let own = self.series.last_mut().expect("added right above");
        let position = own.length();
        let text = row.text(ids);
        own.starts.retain(|start| table.time_text(step.after(*start, position)) == text);
        let Some(start) = own.starts.first() else {
            return Err(format!("\"{text}\" is not the next time"));
        };
        own.series.start = *start;
        own.push(ids, row)
    }

    /// The panel of the series that `is_included` keeps.
    pub(crate) fn panel(&self, folder: &StoredFolder<'_>, is_included: impl Fn(&[String]) -> bool) -> Result<Panel> {
        let data = &folder.record.data;
        let all: Vec<&StoredSeries> = self.series.iter().filter(|own| is_included(&own.series.key)).collect();
        let mut replacements = Vec::new();
        let in_file = |(which, own): (usize, &&StoredSeries)| {
            let mut series = own.series.clone();
            for (at, value) in &own.replaced {
                replacements.push((which, *at, std::mem::replace(&mut series.values[*at], *value)));
            }
            series
        };
        let series: Vec<Series> = all.iter().enumerate().map(in_file).collect();
        let panel = Panel::new(data.columns.clone(), folder.grid.step, 1, series)
            .map_err(|error| folder.damaged("history.csv", None, error.to_string()))?;
        let panel = panel.with_replaced_values(replacements.into_iter()).with_zone(folder.grid.zone);
        let panel = if data.covariates.is_empty() {
            panel
        } else {
            panel.with_covariates(data.covariates.clone(), all.iter().map(|own| own.covariates.clone()).collect())
        };
        // the season of a short series was checked when the run began
        Ok(panel.with_any_seasons(data.seasons.clone()))
    }
}

impl StoredSeries {
    fn new(key: Vec<String>, starts: Vec<Timestamp>, covariates: usize) -> Self {
        let start = starts.first().copied().unwrap_or(Timestamp::Index(0));
        let series = Series { key, start, values: Vec::new(), observed: Vec::new() };
        Self { series, replaced: Vec::new(), covariates: vec![Vec::new(); covariates], starts }
    }

    /// The number of rows so far, those of the future included.
    fn length(&self) -> usize {
        self.covariates.first().map_or(self.series.values.len(), Vec::len)
    }

    fn push(&mut self, ids: usize, row: &Row<'_>) -> Result<(), String> {
        let (value, status, in_file) =
            (row.optional_number(ids + 1)?, row.text(ids + 2), row.optional_number(ids + 3)?);
        let is_future = self.length() > self.series.values.len();
        match (status, value, in_file) {
            (OBSERVED | FILLED, Some(value), None) if !is_future => {
                self.series.values.push(value);
                self.series.observed.push(status == OBSERVED);
            }
            (REPLACED, Some(value), Some(in_file)) if !is_future => {
                self.replaced.push((self.series.values.len(), in_file));
                self.series.values.push(value);
                self.series.observed.push(true);
            }
            (FUTURE, None, None) if !self.covariates.is_empty() => {}
            _ => return Err(format!("the status \"{status}\" does not suit its values")),
        }
        let is_past = status != FUTURE;
        for (column, values) in self.covariates.iter_mut().enumerate() {
            let value = row.optional_number(ids + CELLS + column)?;
            if is_past && value.is_none() {
                return Err("a covariate is missing".to_owned());
            }
            values.push(value.unwrap_or(f64::NAN));
        }
        Ok(())
    }

    /// Checks that the series can end here.
    fn check_end(&self) -> Result<(), String> {
        if self.series.observed.last() == Some(&true) {
            Ok(())
        } else {
            Err("the series before does not end with a value of the file".to_owned())
        }
    }

    /// Removes the steps of the future at which a covariate is not known.
    fn trim_covariates(&mut self, folder: &StoredFolder<'_>) {
        let length = self.series.values.len();
        for (values, covariate) in self.covariates.iter_mut().zip(&folder.record.data.covariates) {
            let known = values.iter().rposition(|value| !value.is_nan()).map_or(0, |last| last + 1);
            values.truncate(if covariate.known_future { known.max(length) } else { length });
        }
    }
}
