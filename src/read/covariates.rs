//! Columns beside the target: which they are, what their cells say, and where on the grid that belongs.

use crate::read::schema::wide;
use crate::time::calendar_period::period_start;
use crate::time::holidays;
use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, Result};
use crate::panel::Panel;
use crate::panel::covariates::{Covariate, CovariateKind, Covariates, NO_CATEGORY};
use crate::panel::repair_log::{DuplicatePolicy, Repair, RepairKind};
use crate::panel::series::TimeSeries;
use crate::read::ReadOptions;
use crate::read::parse::time_index::NO_TIME;
use crate::read::schema::infer::{ColumnInference, Schema};
use crate::read::table::is_missing;
use crate::time::grid::align;
use crate::time::holidays::Holidays;

/// The most categories of a covariate that are told apart.
const MOST_CATEGORIES: usize = 20;

/// A column beside the target as it was read: a number a row of the file, NaN where its cell is empty.
#[derive(Debug, Clone)]
pub(crate) struct Beside {
    name: String,
    kind: CovariateKind,
    values: Vec<f64>,
}

/// Whether every other column is asked for.
pub(crate) fn everything(chooser: &ColumnInference<'_>) -> bool {
    chooser.options.covariates == ["all"] && !chooser.table.columns.iter().any(|column| column.name == "all")
}

/// The columns that are asked for by name.
pub(crate) fn asked(chooser: &ColumnInference<'_>) -> Result<Vec<usize>> {
    if everything(chooser) {
        return Ok(Vec::new());
    }
    let mut columns = Vec::new();
    for name in &chooser.options.covariates {
        let at = chooser.named(name, "--covariates")?;
        if !columns.contains(&at) {
            columns.push(at);
        }
    }
    Ok(columns)
}

/// Reads the columns asked for, or where that is all of them, those that `taken` leaves over and that say anything.
/// `target`: which rows have a value of the target.
pub(crate) fn read(
    chooser: &ColumnInference<'_>,
    asked: &[usize],
    taken: &[usize],
    target: &[bool],
    notices: &mut Vec<String>,
) -> Result<Vec<Beside>> {
    let all = everything(chooser);
    let wanted: Vec<usize> =
        if all { (0..chooser.table.columns.len()).filter(|at| !taken.contains(at)).collect() } else { asked.to_vec() };
    let is_number = |at: &usize| chooser.looks[*at].is_number() && !chooser.samples[*at].is_empty();
    let (numbers, words): (Vec<usize>, Vec<usize>) = wanted.iter().partition(|at| is_number(at));
    let read = wide::read_columns(chooser, &numbers).map_err(|(at, unread)| chooser.unread(at, unread))?;
    notices.extend(read.notices);
    let mut columns: BTreeMap<usize, Beside> = BTreeMap::new();
    for (at, mut values) in numbers.iter().zip(read.values) {
        mark(&mut values);
        columns.insert(*at, Beside { name: chooser.name(*at), kind: CovariateKind::Number, values });
    }
    let mut left_out = Vec::new();
    for at in words {
        match of_words(chooser, at, target, notices) {
            Ok(column) => {
                columns.insert(at, column);
            }
            Err(reason) if all => left_out.push(format!("{} ({reason})", chooser.name(at))),
            Err(reason) => {
                return Err(Error::NoCovariate { name: chooser.table.name.clone(), column: chooser.name(at), reason });
            }
        }
    }
    if !left_out.is_empty() {
        notices.push(format!("no covariates of {}", left_out.join(", ")));
    }
    Ok(wanted.iter().filter_map(|at| columns.remove(at)).collect())
}

/// In a column that says nothing but one thing where it says anything, an empty cell says that it is not so.
fn mark(values: &mut [f64]) {
    let mut said = values.iter().filter(|value| !value.is_nan());
    let first = said.next().copied().filter(|first| *first != 0.0);
    if first.is_some_and(|first| said.all(|value| value.total_cmp(&first).is_eq())) {
        values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
    }
}

/// A column of words: yes and no are numbers, all else categories by how often they come. Where the past has empty cells,
/// an empty cell is no category; where it has none, it is a missing value.
fn of_words(
    chooser: &ColumnInference<'_>,
    at: usize,
    target: &[bool],
    notices: &mut Vec<String>,
) -> Result<Beside, String> {
    let name = chooser.name(at);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let (mut said, mut empty) = (0, 0);
    let cells = &chooser.table.columns[at].cells;
    cells.for_each(|row, cell| match cell.map(str::trim).filter(|cell| !is_missing(cell)) {
        _ if !target[row] => {}
        Some(word) => {
            said += 1;
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        None => empty += 1,
    });
    if counts.is_empty() {
        return Err("holds no value".into());
    }
    if said >= 10 && counts.len() * 2 > said {
        return Err("has a word of its own in most rows".into());
    }
    let mut labels: Vec<(String, usize)> = counts.into_iter().collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let sparse = if empty > 0 { NO_CATEGORY } else { f64::NAN };
    if let Some(code) = yes_or_no(&labels) {
        let mut values = vec![f64::NAN; cells.len()];
        cells.for_each(|row, cell| values[row] = cell.and_then(|cell| code(cell.trim())).unwrap_or(f64::NAN));
        mark(&mut values);
        return Ok(Beside { name, kind: CovariateKind::Number, values });
    }
    if labels.len() > MOST_CATEGORIES {
        notices.push(format!(
            "covariate {name} has {} categories: the {MOST_CATEGORIES} most frequent are told apart",
            labels.len()
        ));
    }
    let rare: Vec<String> = labels.iter().skip(MOST_CATEGORIES).map(|(label, _)| label.clone()).collect();
    let labels: Vec<String> = labels.into_iter().take(MOST_CATEGORIES).map(|(label, _)| label).collect();
    let mut values = vec![f64::NAN; cells.len()];
    let mut unseen: Option<(String, usize)> = None;
    cells.for_each(|row, cell| {
        let word = cell.map(str::trim).filter(|cell| !is_missing(cell));
        let place = |word: &str| labels.iter().position(|label| label == word);
        values[row] = word.map_or(sparse, |word| place(word).map_or(NO_CATEGORY, |at| at as f64));
        if let Some(word) = word.filter(|word| place(word).is_none() && !rare.iter().any(|other| other == word)) {
            unseen.get_or_insert_with(|| (word.to_owned(), 0)).1 += 1;
        }
    });
    if let Some((word, count)) = unseen {
        let rows = if count == 1 { "row" } else { "rows" };
        notices.push(format!(
            "covariate {name} has {count} {rows} with a word that no row with a value of the target has, such as \"{word}\": \
             none of its categories"
        ));
    }
    Ok(Beside { name, kind: CovariateKind::Category(labels), values })
}

/// How words that say yes or no are numbers, if they are such words.
fn yes_or_no(labels: &[(String, usize)]) -> Option<impl Fn(&str) -> Option<f64> + use<>> {
    const PAIRS: [(&str, &str); 5] = [("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("ja", "nein")];
    let says = |word: &str, (yes, no): (&str, &str)| {
        if word.eq_ignore_ascii_case(yes) { Some(1.0) } else { word.eq_ignore_ascii_case(no).then_some(0.0) }
    };
    let pair = PAIRS.into_iter().find(|pair| labels.iter().all(|(word, _)| says(word, *pair).is_some()))?;
    Some(move |word: &str| says(word, pair))
}

/// Where the rows of a file belong, kept until the series are made.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    ticks: Vec<i64>,
    codes: Vec<u32>,
}

impl Outline {
    /// Of the rows whose roles are these; of no row where nothing is beside the target.
    pub(crate) fn of(roles: &Schema) -> Self {
        if roles.beside.is_empty() {
            return Self::default();
        }
        Self { ticks: roles.axis.ticks.clone(), codes: roles.groups.codes.clone() }
    }

    /// The rows of each series of a panel, with the step that each belongs to.
    fn places(&self, keys: &[Vec<String>], panel: &Panel, options: &ReadOptions) -> Vec<Vec<(usize, usize)>> {
        let of_code: Vec<Option<usize>> = {
            let known: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
            keys.iter().map(|key| known.binary_search(&key.as_slice()).ok()).collect()
        };
        let mut rows: Vec<Vec<(usize, i64)>> = vec![Vec::new(); panel.count()];
        for (row, (time, code)) in self.ticks.iter().zip(&self.codes).enumerate() {
            if let (true, Some(series)) = (*time != NO_TIME, of_code[*code as usize]) {
                rows[series].push((row, *time));
            }
        }
        let placed = |(series, own): (TimeSeries<'_>, &Vec<(usize, i64)>)| on_grid(&series, own, options);
        panel.iter().zip(&rows).map(placed).collect()
    }
}

/// The step of each row: where its time is, where it was moved to the grid, or of the period that it was added to.
fn on_grid(series: &TimeSeries<'_>, rows: &[(usize, i64)], options: &ReadOptions) -> Vec<(usize, usize)> {
    let (start, frequency) = (series.start.ticks(), series.frequency);
    let mut moved: Option<BTreeMap<i64, i64>> = None;
    let mut snapped = |time: i64| {
        let moved = moved.get_or_insert_with(|| {
            let mut times: Vec<i64> = rows.iter().map(|(_, time)| *time).collect();
            times.sort_unstable();
            times.dedup();
            let to = align(frequency, &times).ok().flatten().unwrap_or_default();
            times.into_iter().zip(to).collect()
        });
        moved.get(&time).copied()
    };
    let added_up = !matches!(options.duplicates, DuplicatePolicy::Equal | DuplicatePolicy::Error);
    let period = options.frequency.filter(|_| added_up);
    let step = |time: i64| {
        frequency
            .position(start, time)
            .or_else(|| frequency.position(start, snapped(time)?))
            .or_else(|| frequency.position(start, period_start(period?, time)))
    };
    let mut step = step;
    rows.iter().filter_map(|(row, time)| Some((*row, step(*time)?))).collect()
}

/// The panel with what stands beside it, and what was done to that.
pub(crate) struct Placed {
    pub(crate) panel: Panel,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) notices: Vec<String>,
}

/// Puts every column on the grid of every series.
///
/// # Errors
/// If a series has no value of a column.
pub(crate) fn placed(
    beside: &[Beside],
    outline: &Outline,
    keys: &[Vec<String>],
    panel: Panel,
    options: &ReadOptions,
    file: &str,
) -> Result<Placed> {
    let (mut repairs, mut notices) = (Vec::new(), Vec::new());
    let rows = beside.first().map_or(1, |column| column.values.len());
    let places = if beside.is_empty() { Vec::new() } else { outline.places(keys, &panel, options) };
    let mut columns = Vec::new();
    let mut values: Vec<Vec<Vec<f64>>> = vec![Vec::new(); panel.count()];
    for column in beside {
        let (mut filled, mut first, mut differing) = (0, None, 0);
        for (which, series) in panel.iter().enumerate() {
            let (mut own, several) = gathered(column, &places[which], rows, series.len());
            differing += several;
            let before = repairs.len();
            if !carry_forward(&mut own, &series, &mut repairs) {
                return Err(empty(file, column, &series));
            }
            filled += repairs.len() - before;
            first = first.or_else(|| repairs.get(before).map(|repair: &Repair| panel.format(repair.time)));
            values[which].push(own);
        }
        let name = &column.name;
        if let Some(time) = first {
            let (values, verb) = if filled == 1 { ("value", "is") } else { ("values", "are") };
            notices.push(format!(
                "covariate {name}: {filled} missing {values} {verb} the one before, the first at {time}"
            ));
        }
        if differing > 0 {
            let times = if differing == 1 { "time has" } else { "times have" };
            notices
                .push(format!("covariate {name}: {differing} {times} several values, their mean or the last is taken"));
        }
        columns.push(Covariate { name: name.clone(), kind: column.kind.clone(), known_future: false });
    }
    if let Some(country) = options.holidays {
        add_holidays(country, &panel, &mut columns, &mut values);
        notices.extend(holidays::notice(country, panel.iter().flat_map(|series| [series.start, series.end()])));
    }
    let panel = panel.with_covariates(columns, values);
    Ok(Placed { panel, repairs, notices })
}

/// Adds the holidays of a country, and the days before them where steps are days or less: the eves of a month are none.
fn add_holidays(country: Holidays, panel: &Panel, columns: &mut Vec<Covariate>, values: &mut [Vec<Vec<f64>>]) {
    let code = country.code();
    let mut add = |kind: CovariateKind, name: String, eves: bool| {
        for (series, own) in panel.iter().zip(&mut *values) {
            let steps = (series.start, 0..series.len());
            own.push(holidays::count_by_step(code, eves, panel.frequency(), panel.zone(), steps));
        }
        columns.push(Covariate { name, kind, known_future: true });
    };
    add(CovariateKind::Holidays(code.into()), format!("holidays {code}"), false);
    if holidays::is_within_a_day(panel.frequency()) {
        add(CovariateKind::Eves(code.into()), format!("days before holidays {code}"), true);
    }
}

/// The values of a column by step, NaN where there is none, as long as there is any and as the series at least; and how
/// many steps have several. Of numbers the mean is taken, of categories the last.
fn gathered(column: &Beside, places: &[(usize, usize)], rows: usize, length: usize) -> (Vec<f64>, usize) {
    let value = |row: usize| column.values[row % rows];
    let known = places.iter().filter(|(row, _)| !value(*row).is_nan());
    let end = known.clone().map(|(_, step)| step + 1).max().unwrap_or(0);
    let (mut sums, mut counts) = (vec![f64::NAN; end.max(length)], vec![0_u32; end.max(length)]);
    let mut differing = std::collections::BTreeSet::new();
    for (row, step) in known {
        let (sum, count, value) = (&mut sums[*step], &mut counts[*step], value(*row));
        if *count > 0 && (value - *sum / f64::from(*count)).abs() > 0.0 {
            differing.insert(*step);
        }
        if matches!(column.kind, CovariateKind::Number) && *count > 0 {
            *sum += value;
            *count += 1;
        } else {
            (*sum, *count) = (value, 1);
        }
    }
    for (sum, count) in sums.iter_mut().zip(&counts).filter(|(_, count)| **count > 1) {
        *sum /= f64::from(*count);
    }
    (sums, differing.len())
}

/// Fills what is missing up to the series' end with the value before, which is what was known then; what is missing before
/// the first with that. False if there is no value at all.
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

fn empty(file: &str, column: &Beside, series: &TimeSeries<'_>) -> Error {
    let of = series.name();
    let reason = if of.is_empty() {
        "has no value where the target has one".into()
    } else {
        format!("has no value in the past of {of}")
    };
    Error::NoCovariate { name: file.into(), column: column.name.clone(), reason }
}

/// Without the rows at an end that are not blank after all: they say what is known ahead.
pub(crate) fn without_future(repairs: &mut Vec<Repair>, panel: &Panel) {
    let covariates: &Covariates = panel.covariates();
    if covariates.is_empty() {
        return;
    }
    let series: Vec<TimeSeries<'_>> = panel.iter().collect();
    repairs.retain(|repair| {
        let found = || series.binary_search_by(|one| one.key.cmp(repair.series.as_slice())).ok();
        let known = |which: usize| {
            let start = series[which].start.ticks();
            let at = panel.frequency().position(start, repair.time.ticks())?;
            let says = |own: &Vec<f64>| own.get(at).is_some_and(|value| !value.is_nan());
            Some(covariates.values(which).iter().any(says))
        };
        repair.kind != RepairKind::TrailingBlank || !found().and_then(known).unwrap_or(false)
    });
}
