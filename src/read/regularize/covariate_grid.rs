//! Puts covariates on the grid of every series.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{CovariateProblem, DataProblem, Result};
use crate::panel::{Covariate, CovariateKind, DuplicatePolicy, Panel, Repair, RepairKind, TimeSeries};
use crate::read::schema::roles::{CovariateColumn, Schema};
use crate::read::{notice::Notice, options::ReadOptions, parse::time_index::NO_TIME, table::Table};
use crate::time::{Holidays, calendar_period::period_start, grid::align, holidays};

/// The rows of each series of a panel, with the step of each row.
fn steps_by_series(schema: &Schema, panel: &Panel, options: &ReadOptions) -> Vec<Vec<(usize, usize)>> {
    let known: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
    let series_of_code: Vec<Option<usize>> =
        schema.keys.iter().map(|key| known.binary_search(&key.as_slice()).ok()).collect();
    let mut rows: Vec<Vec<(usize, i64)>> = vec![Vec::new(); panel.count()];
    for (row, (time, code)) in schema.times.ticks.iter().zip(&schema.groups.codes).enumerate() {
        if let (true, Some(series)) = (*time != NO_TIME, series_of_code[*code as usize]) {
            rows[series].push((row, *time));
        }
    }
    panel.iter().zip(&rows).map(|(series, rows)| steps(&series, rows, options)).collect()
}

/// The step of each row: that of its time, of its time on the grid, or of its aggregated period.
fn steps(series: &TimeSeries<'_>, rows: &[(usize, i64)], options: &ReadOptions) -> Vec<(usize, usize)> {
    let (start, frequency) = (series.start.ticks(), series.frequency);
    let aligned = LazyCell::new(|| -> BTreeMap<i64, i64> {
        let mut times: Vec<i64> = rows.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        times.dedup();
        let aligned = align(frequency, &times).ok().flatten().unwrap_or_default();
        times.into_iter().zip(aligned).collect()
    });
    let is_aggregated = !matches!(options.duplicates, DuplicatePolicy::Equal | DuplicatePolicy::Error);
    let period = options.frequency.filter(|_| is_aggregated).map(|period| period.frequency(1));
    let step = |time: i64| {
        let position = |time: i64| frequency.position(start, time);
        position(time).or_else(|| position(*aligned.get(&time)?)).or_else(|| position(period_start(period?, time)))
    };
    rows.iter().filter_map(|(row, time)| Some((*row, step(*time)?))).collect()
}

/// Adds the covariates of a file and the holidays of a country to a panel.
pub(crate) fn add_covariates(
    (table, schema): (&Table, &Schema),
    panel: Panel,
    options: &ReadOptions,
    repairs: &mut Vec<Repair>,
    notices: &mut Vec<Notice>,
) -> Result<Panel> {
    let has_none = schema.covariates.is_empty();
    let steps = if has_none { Vec::new() } else { steps_by_series(schema, &panel, options) };
    let mut columns = Vec::new();
    let mut values: Vec<Vec<Vec<f64>>> = vec![Vec::new(); panel.count()];
    for covariate in &schema.covariates {
        let (mut at_start, mut later, mut merged, mut without_values) = ((0, None), (0, None), 0, Vec::new());
        for (index, series) in panel.iter().enumerate() {
            let (mut on_grid, differing) = values_by_step(covariate, &steps[index], series.len());
            merged += differing;
            let before = repairs.len();
            let first_value = on_grid[..series.len()].iter().position(|value| !value.is_nan());
            if !carry_forward(&mut on_grid, &series, repairs) {
                if options.separate_covariates {
                    without_values.push(index);
                    values[index].push(on_grid);
                    continue;
                }
                let name = (!series.key.is_empty()).then(|| series.name());
                let (column, reason) = (covariate.name.clone(), CovariateProblem::NoValues { series: name });
                return Err(table.error(DataProblem::InvalidCovariate { column, reason }));
            }
            let (start, rest) = repairs[before..].split_at(first_value.unwrap_or(0));
            for (own, (filled, first)) in [(start, &mut at_start), (rest, &mut later)] {
                *filled += own.len();
                *first = first.take().or_else(|| own.first().map(|repair| panel.format(repair.time)));
            }
            values[index].push(on_grid);
        }
        let column = covariate.name.clone();
        if let (values, Some(first)) = at_start {
            notices.push(Notice::CovariateStartsLate { column: column.clone(), values, first });
        }
        if let (values, Some(first)) = later {
            notices.push(Notice::CovariateFilled { column: column.clone(), values, first });
        }
        if !without_values.is_empty() {
            let is_longer = |(series, own): (TimeSeries<'_>, &Vec<Vec<f64>>)| own[columns.len()].len() > series.len();
            // a column without any value is as known as its rows
            let is_empty = covariate.values.iter().all(|value| value.is_nan());
            let is_known = is_empty || covariate.known_future || panel.iter().zip(&values).any(is_longer);
            for index in &without_values {
                let end = steps[*index].iter().map(|(_, step)| step + 1).max().filter(|_| is_known).unwrap_or(0);
                let own = &mut values[*index][columns.len()];
                // a constant has no effect
                *own = vec![0.0; own.len().max(end)];
            }
            let reason = "it has no value in the past there";
            notices.push(Notice::CovariateWithoutEffect {
                column: column.clone(),
                series: without_values.len(),
                reason,
            });
        }
        if merged > 0 {
            notices.push(Notice::CovariateMerged { column: column.clone(), times: merged });
        }
        let known_future = covariate.known_future;
        columns.push(Covariate { name: column, kind: covariate.kind.clone(), known_future });
    }
    if let Some(country) = options.holidays {
        add_holidays(country, &panel, &mut columns, &mut values);
        let ends = panel.iter().flat_map(|series| [series.start, series.end()]);
        notices.extend(holidays::notice(country, ends).map(Notice::Holidays));
    }
    let panel = panel.with_covariates(columns, values);
    remove_future_blanks(repairs, &panel);
    Ok(panel)
}

/// Adds the holidays of a country. If steps are days or shorter, the days before holidays are a covariate too.
fn add_holidays(country: Holidays, panel: &Panel, columns: &mut Vec<Covariate>, values: &mut [Vec<Vec<f64>>]) {
    let code = country.code();
    let mut add = |kind: CovariateKind, name: String, is_day_before: bool| {
        for (series, values) in panel.iter().zip(&mut *values) {
            let steps = (series.start, 0..series.len());
            values.push(holidays::count_by_step(code, is_day_before, panel.frequency(), panel.zone(), steps));
        }
        columns.push(Covariate { name, kind, known_future: true });
    };
    add(CovariateKind::Holidays(code.into()), format!("holidays {code}"), false);
    if holidays::is_within_a_day(panel.frequency()) {
        add(CovariateKind::Eves(code.into()), format!("days before holidays {code}"), true);
    }
}

/// The values of a covariate by step, NaN where one is missing, and the number of steps with different values. The result
/// is at least as long as the series, and longer if future values are known. Several numbers at one step become their
/// mean, and several categories the last of them.
fn values_by_step(covariate: &CovariateColumn, steps: &[(usize, usize)], length: usize) -> (Vec<f64>, usize) {
    // If each of several columns is a series, the rows of the file are repeated for each of them.
    let rows = covariate.values.len();
    let value = |row: usize| covariate.values[row % rows];
    let known = steps.iter().filter(|(row, _)| !value(*row).is_nan());
    let end = known.clone().map(|(_, step)| step + 1).max().unwrap_or(0);
    let (mut sums, mut counts) = (vec![f64::NAN; end.max(length)], vec![0_u32; end.max(length)]);
    let mut differing = BTreeSet::new();
    for (row, step) in known {
        let (sum, count, value) = (&mut sums[*step], &mut counts[*step], value(*row));
        if *count > 0 && (value - *sum / f64::from(*count)).abs() > 0.0 {
            differing.insert(*step);
        }
        if matches!(covariate.kind, CovariateKind::Number) && *count > 0 {
            *sum += value;
            *count += 1;
        } else {
            (*sum, *count) = (value, 1);
        }
    }
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum /= f64::from(count.max(1));
    }
    (sums, differing.len())
}

/// Fills missing values of the past with the value before, because later values are not known at a cutoff.
/// Missing values before the first value become the first. False if there is no value.
fn carry_forward(values: &mut [f64], series: &TimeSeries<'_>, repairs: &mut Vec<Repair>) -> bool {
    let past = &mut values[..series.len()];
    let Some(mut last) = past.iter().copied().find(|value| !value.is_nan()) else { return false };
    for (at, value) in past.iter_mut().enumerate() {
        if value.is_nan() {
            *value = last;
            let (key, time) = (series.key.to_vec(), series.time_at(at));
            repairs.push(Repair { series: key, time, kind: RepairKind::Covariate, from: None, to: Some(last) });
        }
        last = *value;
    }
    true
}

/// Removes the repairs of trailing rows without a value of the target, if a covariate has values in these rows.
fn remove_future_blanks(repairs: &mut Vec<Repair>, panel: &Panel) {
    let covariates = panel.covariates();
    let series: Vec<TimeSeries<'_>> = panel.iter().collect();
    let is_in_future = |repair: &Repair| {
        let index = series.binary_search_by(|series| series.key.cmp(repair.series.as_slice())).ok()?;
        let at = panel.frequency().position(series[index].start.ticks(), repair.time.ticks())?;
        let has_value = |values: &Vec<f64>| values.get(at).is_some_and(|value| !value.is_nan());
        Some(covariates.values(index).iter().any(has_value))
    };
    if !covariates.is_empty() {
        repairs.retain(|repair| repair.kind != RepairKind::TrailingBlank || is_in_future(repair) != Some(true));
    }
}
