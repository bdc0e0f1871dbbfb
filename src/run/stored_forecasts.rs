//! Reads the forecasts and the hindcasts of a run from their tables.

use crate::backtest::ModelBacktest;
use crate::error::Result;
use crate::forecast::{Forecast, ForecastColumns};
use crate::model::{self, Hindcast};
use crate::panel::{Panel, TimeSeries};
use crate::run::stored_table::{Row, StoredFolder, StoredTable};

/// Reads forecast.csv, or the sheet of this name; empty if the run has none, as a backtest.
pub(crate) fn forecasts(folder: &StoredFolder<'_>, panel: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
    let Some(table) = folder.table("forecast")? else { return Ok(Vec::new()) };
    let (columns, ids) = (ForecastColumns::of(levels), panel.columns().ids.len());
    let mut header = panel.columns().ids.clone();
    header.push(panel.columns().time_name().to_owned());
    header.extend(columns.names().iter().cloned());
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let mut steps: Vec<Steps> = Vec::with_capacity(all.len());
    table.for_each(&header, |row| {
        let Some(row) = row else {
            return if steps.len() == all.len() { Ok(()) } else { Err("series are missing after it".to_owned()) };
        };
        if !steps.last().is_some_and(|_| row.has_key(all[steps.len() - 1].key)) {
            if !all.get(steps.len()).is_some_and(|series| row.has_key(series.key)) {
                return Err("the row is not of the next series of history.csv".to_owned());
            }
            steps.push(Steps { cutoff: all[steps.len()].len(), values: vec![Vec::new(); levels.len()] });
        }
        let series = all[steps.len() - 1];
        let own = steps.last_mut().expect("added right above");
        own.push(&table, &series, row.text(ids), &columns.by_level(&row.numbers_from(ids + 1)?))
    })?;
    let forecast = |(own, series): (Steps, &TimeSeries<'_>)| Forecast::after(series, levels, own.values);
    Ok(steps.into_iter().zip(&all).map(forecast).collect())
}

/// The steps of a forecast so far.
struct Steps {
    cutoff: usize,
    /// `[level][step]`
    values: Vec<Vec<f64>>,
}

impl Steps {
    /// Adds the next step, whose time is checked.
    fn push(
        &mut self,
        table: &StoredTable<'_>,
        series: &TimeSeries<'_>,
        time: &str,
        values: &[f64],
    ) -> Result<(), String> {
        if table.time_text(series.time_at(self.cutoff + self.values[0].len())) != time {
            return Err(format!("\"{time}\" is not the next time"));
        }
        self.values.iter_mut().zip(values).for_each(|(row, value)| row.push(*value));
        Ok(())
    }
}

/// Reads backtest.csv, or the sheet of this name: the hindcasts of each model; empty if the run has none.
pub(crate) fn backtests(folder: &StoredFolder<'_>, panel: &Panel, levels: &[f64]) -> Result<Vec<ModelBacktest>> {
    let Some(table) = folder.table("backtest")? else { return Ok(Vec::new()) };
    let mut header = panel.columns().ids.clone();
    header.extend(["model", "fold", "cutoff", panel.columns().time_name(), "step", "actual"].map(str::to_owned));
    header.extend(ForecastColumns::of(levels).names().iter().cloned());
    let mut reader = BacktestReader {
        table: &table,
        panel,
        columns: ForecastColumns::of(levels),
        levels,
        all: panel.iter().collect(),
        models: Vec::new(),
        current: None,
    };
    table.for_each(&header, |row| {
        let Some(row) = row else {
            reader.finish_hindcast();
            return Ok(());
        };
        reader.add(&row)
    })?;
    let models = reader.models;
    Ok(models.into_iter().map(|(name, hindcasts)| ModelBacktest::new(name, panel, hindcasts)).collect())
}

struct BacktestReader<'a> {
    table: &'a StoredTable<'a>,
    panel: &'a Panel,
    columns: ForecastColumns,
    levels: &'a [f64],
    all: Vec<TimeSeries<'a>>,
    models: Vec<(&'static str, Vec<Hindcast>)>,
    /// The hindcast that is read: its series and its steps.
    current: Option<(usize, Steps)>,
}

impl BacktestReader<'_> {
    fn add(&mut self, row: &Row<'_>) -> Result<(), String> {
        let ids = self.panel.columns().ids.len();
        let (model, cutoff, time, step) = (row.text(ids), row.text(ids + 2), row.text(ids + 3), row.text(ids + 4));
        if step == "1" {
            self.finish_hindcast();
            self.start_model(model)?;
            let series = self.panel.position(&row.key(ids)).ok_or("the series is not in history.csv")?;
            let cutoff = self.cutoff(series, cutoff, time).ok_or_else(|| {
                format!("\"{cutoff}\" is not the time before \"{time}\" in the history of its series")
            })?;
            self.current = Some((series, Steps { cutoff, values: vec![Vec::new(); self.levels.len()] }));
        }
        let values = self.columns.by_level(&row.numbers_from(ids + 6)?);
        match &mut self.current {
            Some((series, steps)) if steps.values[0].len() + 1 == step.parse().unwrap_or(0) => {
                steps.push(self.table, &self.all[*series], time, &values)
            }
            _ => Err(format!("\"{step}\" is not the next step")),
        }
    }

    fn start_model(&mut self, name: &str) -> Result<(), String> {
        if self.models.last().is_none_or(|(last, _)| *last != name) {
            let known = model::names().find(|known| *known == name);
            let known = known.ok_or_else(|| format!("there is no model \"{name}\""))?;
            self.models.push((known, Vec::new()));
        }
        Ok(())
    }

    /// The number of values up to a time in the history of a series, if `next` is the time after it.
    fn cutoff(&self, series: usize, last_known: &str, next: &str) -> Option<usize> {
        let own = &self.all[series];
        let cutoffs = self.table.positions(own, last_known).into_iter().map(|last| last + 1);
        let is_before = |cutoff: &usize| *cutoff <= own.len() && self.table.time_text(own.time_at(*cutoff)) == next;
        cutoffs.into_iter().find(is_before)
    }

    fn finish_hindcast(&mut self) {
        let Some((series, Steps { cutoff, values })) = self.current.take() else { return };
        let forecast = Forecast::after(&self.all[series].first(cutoff), self.levels, values);
        let (_, hindcasts) = self.models.last_mut().expect("a hindcast is of a model");
        hindcasts.push(Hindcast { series, cutoff, forecast });
    }
}
