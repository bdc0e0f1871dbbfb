//! Years and few dates in the names of columns, in files with one row for each series.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDateTime};

use crate::error::{DataProblem, Error, Result};
use crate::read::parse::format_search::likely_format;
use crate::read::parse::scanner::plausible_year;
use crate::read::parse::time_index::TimeIndex;
use crate::read::parse::total_words::is_total;
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat};
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::series_in_rows::{HeaderTimes, MIN_DATES};
use crate::time::timestamp::{datetime_at, month_number};

/// With fewer years or dates in the header, the rows are not series.
const MIN_TIMES: usize = 2;
/// The longest step of years. Bins of a scale have longer ones.
const MAX_STEP: i64 = 10;
/// Words for a year before or after its number, in lower case.
#[rustfmt::skip]
const YEAR_WORDS: [&str; 16] = [
    "year", "yr", "y", "cy", "jahr", "année", "annee", "an", "año", "ano", "anno", "jaar", "rok", "år", "年", "年度",
];

/// How the name of a column has a year.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// The year alone, or with a word for it: `2019`, `Year 2019`, `2019 [YR2019]`.
    Year,
    /// `2019/20`, `FY2020`.
    Fiscal,
    /// The year after or before these words, such as `sales`.
    Among(String),
}

/// The year in a name.
fn year_in_name(name: &str) -> Option<(i64, Form)> {
    let name = name.trim();
    let of_format = |format: DateFormat| format.parse_flagged(name, CenturyWindow::DEFAULT).map(|time| time.ticks);
    if let Some(year) = of_format(DateFormat::Year) {
        return Some((year, Form::Year));
    }
    if let Some(year) = of_format(DateFormat::FiscalYear) {
        return Some((year, Form::Fiscal));
    }
    let is_digit = |c: &char| c.is_ascii_digit();
    let before = name.chars().take_while(is_digit).count();
    let after = name.chars().rev().take_while(is_digit).count();
    let (year, words) = match (before, after) {
        (4, _) => name.split_at(4),
        (_, 4) => (&name[name.len() - 4..], &name[..name.len() - 4]),
        _ => return None,
    };
    let number = plausible_year(year.parse().ok()?)?;
    let is_separator = |c: char| c.is_whitespace() || "_-.:,[]()".contains(c);
    let words = words.trim_matches(is_separator).to_lowercase();
    // the World Bank writes `2019 [YR2019]`
    let words = words.strip_suffix(year).unwrap_or(&words);
    let form = if YEAR_WORDS.contains(&words) { Form::Year } else { Form::Among(words.to_owned()) };
    Some((i64::from(number), form))
}

impl ColumnInference<'_> {
    /// The columns whose names are years, if these have one step, and all other columns may name the series. Two or three
    /// years next to numbers have to ascend, as these may be anything.
    pub(crate) fn regular_years(&self, columns: &[usize]) -> Option<HeaderTimes> {
        let (found, form) = self.named_years(columns)?;
        let of_years: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
        let steps: Vec<i64> = found.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        let are_regular = steps.iter().all(|step| *step == steps[0] && (1..=MAX_STEP).contains(&step.abs()));
        let numbers_may_name = steps[0] > 0 || found.len() >= MIN_DATES;
        let is_sure = !matches!(form, Form::Among(_)) && are_regular && self.name_series(&of_years, numbers_may_name);
        is_sure.then(|| times_of(found))
    }

    /// The columns whose names are dates that cannot be numbers, such as `Jan 2024`, if all other columns may name the series.
    pub(crate) fn few_dates(&self, columns: &[usize]) -> Result<Option<HeaderTimes>> {
        let found = self.named_dates(columns)?;
        let is_sure = |(dates, times): &HeaderTimes| {
            are_named_times(&self.names(dates), &times.ticks) && self.name_series(dates, true)
        };
        Ok(found.filter(is_sure))
    }

    /// The columns whose names have times, certain or not.
    pub(crate) fn likely_header_times(&self, columns: &[usize]) -> Result<Option<HeaderTimes>> {
        let dates = self.named_dates(columns)?;
        Ok(dates.or_else(|| self.named_years(columns).map(|(found, _)| times_of(found))))
    }

    /// The columns whose names have times, if each row is a series that the columns `ids` name, and no other column may be the
    /// time or the target.
    pub(crate) fn times_of_named_rows(&self, columns: &[usize], ids: &[usize]) -> Result<Option<HeaderTimes>> {
        if ids.is_empty() {
            return Ok(None);
        }
        let may_be_other = |at: usize| self.may_be_times(at) || self.profiles[at].is_named_target();
        let found = self.likely_header_times(columns)?;
        Ok(found.filter(|(times, _)| {
            let mut others = self.columns().filter(|at| !times.contains(at) && !ids.contains(at));
            !others.any(may_be_other) && self.are_rows_distinct(ids)
        }))
    }

    /// Whether all columns but those of the times and of totals may name the series. Numbers name them only if
    /// `numbers_may_name`.
    fn name_series(&self, time_columns: &[usize], numbers_may_name: bool) -> bool {
        let are_many = time_columns.len() >= MIN_DATES;
        let names_series = |at: usize| {
            let profile = &self.profiles[at];
            let is_code = (profile.is_named_code() || are_many) && self.is_code_of_series(at, time_columns);
            let is_number = profile.is_number() && !profile.is_code;
            let may_name = profile.may_be_id() || profile.is_row_number() || is_code;
            // totals are left out
            is_total(&self.name(at)) || may_name && !self.may_be_times(at) && (numbers_may_name || !is_number)
        };
        self.columns().filter(|at| !time_columns.contains(at)).all(names_series)
    }

    /// The columns whose names are dates that cannot be numbers, and these dates. `None` if there are too few.
    fn named_dates(&self, columns: &[usize]) -> Result<Option<HeaderTimes>> {
        let names = self.names(columns);
        let is_date = |name: &&String| likely_format(&[(*name).clone()]).is_some_and(|(format, _)| is_sure(format));
        let dated: Vec<String> = names.iter().filter(is_date).cloned().collect();
        let Some((format, _)) = likely_format(&dated).filter(|(format, share)| is_sure(*format) && *share >= 1.0)
        else {
            return Ok(None);
        };
        let is_of_format = |(_, name): &(&usize, &String)| format.parse_flagged(name, CenturyWindow::DEFAULT).is_some();
        let found: Vec<usize> = columns.iter().zip(&names).filter(is_of_format).map(|(at, _)| *at).collect();
        let times = if found.len() >= MIN_TIMES { self.times_of_names(&found)? } else { None };
        Ok(times.map(|times| (found, times)))
    }

    /// The columns whose names have years of one form, and the years. `None` if a year is twice, or there are too few.
    fn named_years(&self, columns: &[usize]) -> Option<(Vec<(usize, i64)>, Form)> {
        let named: Vec<(usize, (i64, Form))> =
            columns.iter().filter_map(|at| Some((*at, year_in_name(&self.name(*at))?))).collect();
        let (_, (_, form)) = named.first()?;
        let found: Vec<(usize, i64)> = named.iter().map(|(at, (year, _))| (*at, *year)).collect();
        let mut years: Vec<i64> = found.iter().map(|(_, year)| *year).collect();
        years.sort_unstable();
        let are_distinct = years.windows(2).all(|pair| pair[0] != pair[1]);
        let have_one_form = named.iter().all(|(_, (_, other))| other == form);
        (years.len() >= MIN_TIMES && are_distinct && have_one_form).then(|| (found, form.clone()))
    }

    /// Whether no two rows have the same cells in these columns.
    pub(crate) fn are_rows_distinct(&self, columns: &[usize]) -> bool {
        let cells =
            |row: usize| -> Vec<_> { columns.iter().map(|at| self.cell(*at, row).1.trim().to_owned()).collect() };
        let mut known = HashSet::new();
        (0..self.table.rows).all(|row| known.insert(cells(row)))
    }

    /// Whether a column has times, or the name of a time.
    fn may_be_times(&self, at: usize) -> bool {
        let profile = &self.profiles[at];
        profile.is_named_time_or_step() || profile.date_format().is_some_and(|format| !format.is_number())
    }

    /// The error about columns whose names may be times, if the other columns may name the series of the rows.
    pub(crate) fn times_in_header_error(&self) -> Option<Error> {
        let may_hold_values = |at: &usize| self.profiles[*at].is_number() || self.samples[*at].is_empty();
        let columns: Vec<usize> = self.columns().filter(may_hold_values).collect();
        let quantities = self.quantities_by_year(&columns);
        let of_several = || columns.iter().copied().filter(|at| year_in_name(&self.name(*at)).is_some()).collect();
        let columns: Vec<usize> = match self.likely_header_times(&columns).ok()? {
            Some((columns, _)) => columns,
            None if quantities.len() > 1 => of_several(),
            None => return None,
        };
        self.likely_times_error(&columns, quantities)
    }

    /// The error about columns whose names are likely times, of several quantities or of one.
    pub(crate) fn likely_times_error(&self, columns: &[usize], quantities: Vec<String>) -> Option<Error> {
        let others: Vec<usize> = self.columns().filter(|at| !columns.contains(at)).collect();
        let mut ids: Vec<usize> = others.iter().copied().filter(|at| self.profiles[*at].may_be_id()).collect();
        ids.retain(|at| !self.is_flag_of_times(*at, columns));
        if ids.is_empty() {
            ids.extend(others.first());
        }
        let are_ids =
            !ids.is_empty() && self.are_rows_distinct(&ids) && !others.iter().any(|at| self.may_be_times(*at));
        let (names, ids) = (self.names(columns), self.names(&ids));
        are_ids.then(|| self.table.error(DataProblem::LikelyTimesInHeader { columns: names, ids, quantities }))
    }

    /// The words next to years in the names of columns, if each of several words has the same years.
    fn quantities_by_year(&self, columns: &[usize]) -> Vec<String> {
        let mut found: Vec<(String, Vec<i64>)> = Vec::new();
        for (year, form) in columns.iter().filter_map(|at| year_in_name(&self.name(*at))) {
            let Form::Among(words) = form else { return Vec::new() };
            match found.iter_mut().find(|(known, _)| *known == words) {
                Some((_, years)) => years.push(year),
                None => found.push((words, vec![year])),
            }
        }
        let have_same_years = found.iter().all(|(_, years)| *years == found[0].1 && years.len() >= MIN_TIMES);
        if have_same_years && found.len() > 1 {
            found.into_iter().map(|(words, _)| words).collect()
        } else {
            Vec::new()
        }
    }
}

/// Whether the texts of a format of dates cannot be numbers.
fn is_sure(format: DateFormat) -> bool {
    !format.is_index() && !format.is_number() && format != DateFormat::Compact
}

/// Whether the names of columns are times with a usual step. Each has a whole year, or they are months with names.
pub(crate) fn are_named_times(names: &[String], ticks: &[i64]) -> bool {
    let step = usual_step(ticks);
    let have_years = names.iter().all(|name| has_whole_year(name));
    // Ranges of years such as 2000-05, versions such as 3.9.18 and days such as `Mar 10` have other steps.
    let are_named_months = || step == Some(1) && names.iter().all(|name| has_letter(name));
    step.is_some() && (have_years || are_named_months())
}

/// The step of times in months, or 0 for one of a day or of a week. `None` for other steps.
pub(crate) fn usual_step(ticks: &[i64]) -> Option<i64> {
    let times: Vec<NaiveDateTime> = ticks.iter().map(|time| datetime_at(*time)).collect::<Option<_>>()?;
    let step_of = |pair: &[NaiveDateTime]| {
        let days = (pair[1].date() - pair[0].date()).num_days().abs();
        let months = (month_number(pair[1]) - month_number(pair[0])).abs();
        (days, if pair[0].day() == pair[1].day() { months } else { 0 })
    };
    let steps: Vec<(i64, i64)> = times.windows(2).map(step_of).collect();
    let (days, months) = *steps.first()?;
    let are_days = matches!(days, 1 | 7) && steps.iter().all(|step| step.0 == days);
    let are_months = matches!(months, 1 | 3 | 6 | 12) && steps.iter().all(|step| step.1 == months);
    if are_months { Some(months) } else { are_days.then_some(0) }
}

/// Whether a name has four digits in a row, as years do.
fn has_whole_year(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 4)
}

fn has_letter(name: &str) -> bool {
    name.contains(char::is_alphabetic)
}

fn times_of(found: Vec<(usize, i64)>) -> HeaderTimes {
    let (columns, years) = found.into_iter().unzip();
    (columns, TimeIndex { is_year: true, ..TimeIndex::of_integers(years) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_year_at_its_start_or_end() {
        let among = |words: &str| Form::Among(words.to_owned());
        for (name, found) in [
            ("2019", Some((2019, Form::Year))),
            ("Year 2019", Some((2019, Form::Year))),
            ("Y2019", Some((2019, Form::Year))),
            ("2019 [YR2019]", Some((2019, Form::Year))),
            ("2019年度", Some((2019, Form::Year))),
            ("2019/20", Some((2019, Form::Fiscal))),
            ("FY2020", Some((2020, Form::Fiscal))),
            ("sales_2019", Some((2019, among("sales")))),
            ("2019 sales", Some((2019, among("sales")))),
            ("20190", None),
            ("9999", None),
            ("x12", None),
        ] {
            assert_eq!(year_in_name(name), found, "{name}");
        }
    }
}
