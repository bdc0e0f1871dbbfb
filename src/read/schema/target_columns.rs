//! Infers the column to forecast, or the columns if each is a series.

use std::collections::HashSet;

use crate::error::{DataProblem, Error, Result, Setting};
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::number_form::{TRIANGLES, are_ambiguous_durations};
use crate::read::schema::{column_inference::ColumnInference, profile::TARGET_NAMES, series_groups::Groups};

impl ColumnInference<'_> {
    fn may_be_target(&self, at: usize) -> bool {
        let profile = &self.profiles[at];
        profile.is_number() && !profile.is_sure_id() && !profile.is_row_number()
    }

    /// The columns that are a series each according to the options.
    pub(crate) fn requested_wide(&self, covariates: &[usize]) -> Result<Vec<usize>> {
        if !self.means_all(&self.options.wide) {
            return self.find_all(&self.options.wide, Setting::Wide);
        }
        let named = self.options.time.as_ref().map(|name| self.find(name, Setting::Time)).transpose()?;
        let time = named.or_else(|| self.likely_time(&[]));
        let is_series = |at: &usize| Some(*at) != time && !covariates.contains(at) && self.may_be_target(*at);
        let all: Vec<usize> = self.columns().filter(is_series).collect();
        if all.is_empty() { Err(self.no_numeric_column()) } else { Ok(all) }
    }

    /// The target, or all columns if they are alike and therefore a series each.
    pub(crate) fn infer_targets(&self, taken: &[usize], time: Option<usize>) -> Result<Vec<usize>> {
        let profiles = &self.profiles;
        let free = || self.columns().filter(|at| !taken.contains(at));
        let mut candidates: Vec<usize> = free().filter(|at| self.may_be_target(*at)).collect();
        let is_code = |at: &usize| profiles[*at].is_code && !TARGET_NAMES.contains(&profiles[*at].name.as_str());
        if !candidates.iter().all(is_code) {
            candidates.retain(|at| !is_code(at));
        }
        if candidates.is_empty() {
            // The only column of numbers may have the properties of row numbers.
            candidates = free().filter(|at| profiles[*at].is_row_number()).collect();
        }
        if candidates.is_empty() {
            candidates = free().filter(|at| profiles[*at].is_special_number()).collect();
        }
        let by_name = |name: &str| candidates.iter().copied().find(|at| profiles[*at].name == name);
        let stem = self.table.stem.as_deref().unwrap_or_default().to_lowercase();
        let stem: String = stem.chars().filter(|c| c.is_alphanumeric()).collect();
        let conventional = TARGET_NAMES.into_iter().find_map(by_name).or_else(|| by_name(&stem));
        match (candidates.as_slice(), conventional) {
            ([], _) => Err(self.no_numeric_column()),
            ([only], _) => match self.numbers_among_words(taken) {
                // The number of a station is no quantity next to one that is mostly missing.
                Some(error)
                    if !profiles[*only].is_named_target()
                        && (profiles[*only].is_entity_number() || self.is_constant_number(*only)) =>
                {
                    Err(error)
                }
                _ => Ok(vec![*only]),
            },
            (_, Some(target)) => Ok(vec![target]),
            (several, None) => self.choose_target(several, time),
        }
    }

    fn choose_target(&self, candidates: &[usize], time: Option<usize>) -> Result<Vec<usize>> {
        if time.is_some() && are_alike(&self.names(candidates)) {
            return Ok(candidates.to_vec());
        }
        let is_quantity = |at: &usize| {
            let profile = &self.profiles[*at];
            let is_time = profile.is_time_part() || profile.is_time_in_numbers();
            let is_time = is_time || self.is_date_in_numbers(*at);
            let is_code = profile.is_quality_code() || profile.is_entity_number();
            !is_time && !is_code && !self.is_flag(*at)
        };
        let mut quantities: Vec<usize> = candidates.iter().copied().filter(is_quantity).collect();
        if let (Some(time), 2..) = (time, quantities.len()) {
            let times = Groups::of_columns(self.table, &[time]);
            let entities = self.numbers_of_entities(&times, &quantities);
            quantities.retain(|at| !entities.contains(at));
        }
        if !quantities.iter().all(|at| self.is_constant_number(*at)) {
            quantities.retain(|at| !self.is_constant_number(*at));
        }
        if quantities.len() == 1 {
            return Ok(quantities);
        }
        let left = if quantities.is_empty() { candidates } else { &quantities };
        if let Some(error) = self.times_in_header_error().filter(|_| time.is_none()) {
            return Err(error);
        }
        Err(self.table.error(DataProblem::AmbiguousTarget { candidates: self.names(left) }))
    }

    /// Whether all cells of a column are the same whole number, such as that of a station.
    fn is_constant_number(&self, at: usize) -> bool {
        const MIN_CELLS: usize = 10;
        const MAX_CELLS: usize = 500;
        let sample = &self.samples[at];
        let is_everywhere = sample.len() >= MIN_CELLS.max(self.table.rows.min(MAX_CELLS));
        self.profiles[at].is_whole && is_everywhere && sample.iter().all(|cell| *cell == sample[0])
    }

    /// Whether a column has ascending years with a fraction, next to another column of times.
    fn is_date_in_numbers(&self, at: usize) -> bool {
        let sample = &self.samples[at];
        let years: Option<Vec<f64>> = sample.iter().map(|cell| cell.trim().parse().ok()).collect();
        let is_ascending = |years: Vec<f64>| years.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 1.0);
        !self.profiles[at].is_whole
            && self.profiles[at].date_format() == Some(DateFormat::DecimalYear)
            && years.is_some_and(is_ascending)
    }

    fn no_numeric_column(&self) -> Error {
        let durations = self.columns().find_map(|at| self.ambiguous_duration(at));
        durations
            .or_else(|| self.numbers_among_words(&[]))
            .or_else(|| self.table.unreadable_column(None))
            .unwrap_or_else(|| self.table.error(DataProblem::NoNumericColumn { columns: self.table.column_names() }))
    }

    /// The error about a column of numbers with few words in most cells, which probably stand for missing values.
    fn numbers_among_words(&self, taken: &[usize]) -> Option<Error> {
        const MAX_WORDS: usize = 3;
        // A column of names may have a few numbers, too.
        const MIN_NUMBERS: usize = 5;
        let is_number = |at: usize, cell: &str| {
            let cell = cell.trim().trim_start_matches(TRIANGLES);
            self.is_number_text(at, cell)
        };
        let is_wanted = |at: &usize| {
            let profile = &self.profiles[*at];
            let has_role = taken.contains(at) || profile.is_code || profile.date_format().is_some();
            let (numbers, words): (Vec<&String>, Vec<&String>) =
                self.samples[*at].iter().partition(|cell| is_number(*at, cell));
            let distinct: HashSet<&String> = words.iter().copied().collect();
            let numbers: HashSet<&String> = numbers.into_iter().collect();
            // a column of numbers with triangles has no words
            !has_role
                && numbers.len() >= MIN_NUMBERS
                && distinct.len() <= MAX_WORDS
                && distinct.len() < words.len().max(1)
        };
        let mut found = self.columns().filter(|at| !self.profiles[*at].is_number()).filter(is_wanted);
        found.find_map(|at| self.numbers(&[at]).err().map(|error| self.number_error(error)))
    }

    /// The error about a column of durations in minutes and seconds, or in hours and minutes. `None` if it has others.
    pub(crate) fn ambiguous_duration(&self, at: usize) -> Option<Error> {
        let (sample, profile) = (&self.samples[at], &self.profiles[at]);
        let is_time_of_day = profile.name == "time" || profile.is_time_part();
        if is_time_of_day || !are_ambiguous_durations(sample) {
            return None;
        }
        let row = (0..self.table.rows).find(|row| self.cell(at, *row).1 == sample[0])?;
        let (location, value) = self.cell(at, row);
        Some(self.table.error(DataProblem::AmbiguousDuration { column: self.name(at), location, value }))
    }
}

/// Whether the names of columns differ in nothing but a number at their end.
fn are_alike(names: &[String]) -> bool {
    const MIN_COLUMNS: usize = 3;
    let [first, others @ ..] = names else { return false };
    let shared = |name: &String| first.chars().zip(name.chars()).take_while(|(one, other)| one == other).count();
    let common = others.iter().map(shared).min().unwrap_or(0);
    let prefix: String = first.chars().take(common).collect();
    let stem = prefix.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends_in_number = |name: &String| {
        let rest = name.strip_prefix(stem).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    names.len() >= MIN_COLUMNS && names.iter().all(ends_in_number)
}
