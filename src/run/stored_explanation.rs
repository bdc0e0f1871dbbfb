//! Reads the explanation of a run: the components of each forecast and the residuals.

use crate::backtest::residuals::{Residual, Residuals};
use crate::components::{Component, ComponentKind, Components};
use crate::error::Result;
use crate::forecast::Forecast;
use crate::panel::{Panel, TimeSeries};
use crate::run::record::{ReasonRecord, RunRecord};
use crate::run::stored_table::{Row, StoredFolder, StoredTable};
use crate::write::csv_writer::digits_by_series;
use crate::write::residuals_csv::{HINDCASTS, one_step_name};
use crate::write::round_to_digits;

/// The components and the residuals of a run.
pub(crate) struct StoredExplanation {
    pub(crate) components: Vec<Components>,
    pub(crate) residuals: Option<Residuals>,
}

impl StoredExplanation {
    /// Reads components.csv and residuals.csv, or the sheets of these names; empty if the run was not explained.
    pub(crate) fn read(folder: &StoredFolder<'_>, panel: &Panel, forecasts: &[Forecast]) -> Result<Self> {
        if !folder.record.settings.contains_key("explain") {
            return Ok(Self { components: Vec::new(), residuals: None });
        }
        let keys = folder.record.reasons.iter().map(|ReasonRecord { key, .. }| key.as_slice());
        if !keys.eq(panel.iter().map(|series| series.key)) {
            let reason = "the reasons are not those of the series in history.csv";
            return Err(folder.damaged(RunRecord::FILE, None, reason));
        }
        // the forecasts of a saved model come without forecasts of the past
        let is_of_saved_model = ["predict", "update"].contains(&folder.record.kind.as_str());
        let residuals = if is_of_saved_model { None } else { Some(residuals(folder, panel)?) };
        Ok(Self { components: components(folder, panel, forecasts)?, residuals })
    }
}

fn components(folder: &StoredFolder<'_>, panel: &Panel, forecasts: &[Forecast]) -> Result<Vec<Components>> {
    let table = folder.table("components")?.ok_or_else(|| folder.missing("components.csv"))?;
    let mut header = panel.columns().ids.clone();
    header.extend([panel.columns().time_name(), "part", "value"].map(str::to_owned));
    // a heading that is no component is left out here, and refused with the line of the header
    let kinds: Vec<ComponentKind> =
        table.header().iter().skip(header.len()).filter_map(|name| ComponentKind::of_column(name)).collect();
    header.extend(kinds.iter().map(ComponentKind::column));
    let all: Vec<(TimeSeries<'_>, &Forecast)> = panel.iter().zip(forecasts).collect();
    let mut reader = ComponentsReader { table: &table, kinds, all, done: Vec::new(), current: None };
    table.for_each(&header, |row| match row {
        Some(row) => reader.add(&row),
        None => reader.finish(),
    })?;
    Ok(reader.done)
}

struct ComponentsReader<'a> {
    table: &'a StoredTable<'a>,
    kinds: Vec<ComponentKind>,
    all: Vec<(TimeSeries<'a>, &'a Forecast)>,
    /// The components of the series before the current one.
    done: Vec<Components>,
    current: Option<SeriesRows>,
}

/// The rows of a series so far.
struct SeriesRows {
    /// The positions that the first row can have, until a later row tells them apart.
    firsts: Vec<usize>,
    totals: Vec<f64>,
    /// `[component][step]`
    parts: Vec<Vec<f64>>,
}

impl ComponentsReader<'_> {
    fn add(&mut self, row: &Row<'_>) -> Result<(), String> {
        if self.current.is_some() && !row.has_key(self.all[self.done.len()].0.key) {
            self.finish_series()?;
        }
        let Some((series, _)) = self.all.get(self.done.len()).filter(|(series, _)| row.has_key(series.key)) else {
            return Err("the row is not of the next series of history.csv".to_owned());
        };
        let ids = series.key.len();
        let (time, part) = (row.text(ids), row.text(ids + 1));
        let table = self.table;
        let start = || SeriesRows {
            firsts: table.positions(series, time),
            totals: Vec::new(),
            parts: vec![Vec::new(); self.kinds.len()],
        };
        let own = self.current.get_or_insert_with(start);
        let at = own.totals.len();
        own.firsts.retain(|first| {
            let position = first + at;
            let expected = if position < series.len() { "history" } else { "forecast" };
            part == expected && table.time_text(series.time_at(position)) == time
        });
        if own.firsts.is_empty() {
            return Err(format!("\"{time}\" with the part \"{part}\" is not the next time"));
        }
        let numbers = row.numbers_from(ids + 2)?;
        own.totals.push(numbers[0]);
        own.parts.iter_mut().zip(&numbers[1..]).for_each(|(values, number)| values.push(*number));
        Ok(())
    }

    /// Ends the current series, whose rows must reach the end of its forecast.
    fn finish_series(&mut self) -> Result<(), String> {
        let Some(SeriesRows { firsts, totals, parts }) = self.current.take() else { return Ok(()) };
        let (series, forecast) = &self.all[self.done.len()];
        let (first, cutoff) = (firsts[0], series.len());
        if first + totals.len() != cutoff + forecast.times().len() {
            return Err("the components of the series before do not end with its forecast".to_owned());
        }
        let parts = self.kinds.iter().zip(parts).map(|(kind, values)| Component { kind: kind.clone(), values });
        self.done.push(Components { cutoff, first, totals, parts: parts.collect() });
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.finish_series()?;
        if self.done.len() == self.all.len() { Ok(()) } else { Err("series are missing after it".to_owned()) }
    }
}

fn residuals(folder: &StoredFolder<'_>, panel: &Panel) -> Result<Residuals> {
    const FILE: &str = "residuals.csv";
    let forecasts = folder.record.residuals.clone();
    let forecasts =
        forecasts.ok_or_else(|| folder.damaged(RunRecord::FILE, None, "it does not say whose the residuals are"))?;
    let table = match folder.table("residuals")? {
        Some(table) => table,
        None if folder.record.files.iter().any(|file| file == FILE) => return Err(folder.missing(FILE)),
        // a run of short series has no residuals
        None => return Ok(Residuals { forecasts, one_step: Vec::new(), hindcasts: Vec::new() }),
    };
    let mut header = panel.columns().ids.clone();
    let columns = ["forecasts", "cutoff", panel.columns().time_name(), "step", "actual", "forecast", "residual"];
    header.extend(columns.map(str::to_owned));
    let (one_step, all, digits) = (one_step_name(&forecasts), panel.iter().collect(), digits_by_series(panel));
    let reader = ResidualsReader { table: &table, panel, all, digits };
    let mut residuals = Residuals { forecasts, one_step: Vec::new(), hindcasts: Vec::new() };
    table.for_each(&header, |row| {
        let Some(row) = row else { return Ok(()) };
        let name = row.text(panel.columns().ids.len());
        let earlier = match name {
            HINDCASTS => &mut residuals.hindcasts,
            name if name == one_step => &mut residuals.one_step,
            name => return Err(format!("\"{name}\" are not the forecasts of this run")),
        };
        earlier.push(reader.residual(&row, earlier.last())?);
        Ok(())
    })?;
    Ok(residuals)
}

struct ResidualsReader<'a> {
    table: &'a StoredTable<'a>,
    panel: &'a Panel,
    all: Vec<TimeSeries<'a>>,
    /// The significant digits of the rows of each series.
    digits: Vec<usize>,
}

impl ResidualsReader<'_> {
    /// The residual of a row, which must be later than the one before.
    fn residual(&self, row: &Row<'_>, before: Option<&Residual>) -> Result<Residual, String> {
        let ids = self.panel.columns().ids.len();
        let (cutoff, time, step) = (row.text(ids + 1), row.text(ids + 2), row.text(ids + 3));
        let series = self.panel.position(&row.key(ids)).ok_or("the series is not in history.csv")?;
        let step: usize = step.parse().ok().filter(|step| *step > 0).ok_or_else(|| format!("\"{step}\" is no step"))?;
        let own = &self.all[series];
        let is_next = |cutoff: &usize| {
            let is_later = before.is_none_or(|last| (last.series, last.cutoff, last.step) < (series, *cutoff, step));
            let position = cutoff + step - 1;
            is_later && position < own.len() && self.table.time_text(own.time_at(position)) == time
        };
        let cutoffs = self.table.positions(own, cutoff).into_iter().map(|last| last + 1);
        let cutoff = cutoffs
            .into_iter()
            .find(is_next)
            .ok_or_else(|| format!("\"{time}\" is not step {step} after \"{cutoff}\", or not after the row before"))?;
        let actual = self.panel.actual(series, cutoff + step - 1);
        let digits = self.digits[series];
        if round_to_digits(actual, digits) != round_to_digits(row.number(ids + 4)?, digits) {
            return Err(format!("the actual value of \"{time}\" is not that of history.csv"));
        }
        Ok(Residual { series, cutoff, step, actual, forecast: row.number(ids + 5)? })
    }
}
