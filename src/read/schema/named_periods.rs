//! Periods in the names of columns with the same text before or after all of them, such as `Sales 2019-01`.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::Result;
use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::format_search::likely_format;
use crate::read::parse::mixed_steps::rows_by_step;
use crate::read::parse::scanner::plausible_year;
use crate::read::parse::time_index::TimeIndex;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::few_header_times::are_named_times;
use crate::read::schema::series_in_rows::{HeaderTimes, MIN_DATES};
use crate::read::table::Cells;

/// The text before and after the period of a name.
type Affixes = (String, String);

impl ColumnInference<'_> {
    /// The columns whose names differ in nothing but a period, if they are at least half of these columns. `None` if the
    /// periods have no usual step.
    ///
    /// # Errors
    /// If other columns have the same periods with other words, so that the rows have several quantities.
    pub(crate) fn periods_among_words(&self, columns: &[usize]) -> Result<Option<HeaderTimes>> {
        let names = self.names(columns);
        let has_digit = |name: &&String| name.bytes().any(|byte| byte.is_ascii_digit());
        let (first, last) = (names.iter().find(has_digit), names.iter().rfind(has_digit));
        for affixes in first.into_iter().chain(last).flat_map(|name| affixes_of(name)) {
            let of_affixes: Vec<(usize, &str)> =
                columns.iter().zip(&names).filter_map(|(at, name)| Some((*at, period_of(name, &affixes)?))).collect();
            let (found, texts): (Vec<usize>, Vec<&str>) = of_affixes.into_iter().unzip();
            if found.len() < MIN_DATES {
                continue;
            }
            let texts: Vec<String> = texts.into_iter().map(|text| with_hyphens(text).into_owned()).collect();
            let is_sure = |(format, share): &(DateFormat, f64)| *share >= 1.0 && may_be_among_words(*format);
            if !likely_format(&texts).as_ref().is_some_and(is_sure) {
                continue;
            }
            let Some(times) = self.times_of_texts(&texts)?.filter(|times| are_named_times(&texts, &times.ticks)) else {
                continue;
            };
            let quantities = self.quantities_by_period(columns, &texts);
            if quantities.len() > 1
                && let Some(error) = self.likely_times_error(columns, quantities)
            {
                return Err(error);
            }
            return Ok((found.len() * 2 >= columns.len()).then_some((found, times)));
        }
        Ok(None)
    }

    /// If the names of columns are periods of several steps, such as years, quarters and months: those of the requested step,
    /// or else of the shortest that is complete. The others are no part of the layout.
    pub(crate) fn times_of_shortest_step(&self, columns: &[usize]) -> Result<Option<HeaderTimes>> {
        let is_period = |format: DateFormat, name: &str| format.parse(name, CenturyWindow::DEFAULT).is_some();
        let formats = [DateFormat::Year, DateFormat::Period, DateFormat::YearFirst, DateFormat::MonthName];
        let may_be_period = |at: &usize| formats.iter().any(|format| is_period(*format, &self.name(*at)));
        let periods: Vec<usize> = columns.iter().copied().filter(may_be_period).collect();
        if periods.len() < MIN_DATES || periods.len() * 2 < columns.len() {
            return Ok(None);
        }
        let names = Cells::Text(self.names(&periods).into_iter().map(Some).collect());
        for of_step in rows_by_step(&names).unwrap_or_default().into_iter().rev() {
            let found: Vec<usize> = of_step.rows.iter().map(|at| periods[*at]).collect();
            let with_values = found.iter().filter(|at| !self.samples[**at].is_empty()).count();
            let is_wanted = self.options.frequency.is_none_or(|step| step == of_step.step);
            if !is_wanted || found.len() < MIN_DATES || with_values * 2 < found.len() {
                continue;
            }
            let times = self.times_of_names(&found)?;
            let is_complete = |times: &TimeIndex| times.is_year || are_named_times(&self.names(&found), &times.ticks);
            if let Some(times) = times.filter(is_complete) {
                return Ok(Some((found, times)));
            }
        }
        Ok(None)
    }

    /// Whether a column has the date of the last update of each series, next to at least as many dates in the header as there
    /// are in a year of months.
    pub(crate) fn is_date_of_update(&self, at: usize) -> bool {
        const MIN_PERIODS: usize = 12;
        const NAMES: [&str; 7] =
            ["update", "miseàjour", "miseajour", "aktualisier", "actualiza", "aggiornamento", "revised"];
        let sample = &self.samples[at];
        let is_constant = sample.len() > 1 && sample.iter().all(|cell| *cell == sample[0]);
        let is_named = NAMES.iter().any(|name| self.profiles[at].name.contains(name));
        let names: Vec<String> = self.names(&self.columns().filter(|column| *column != at).collect::<Vec<_>>());
        let is_date = |format: DateFormat, name: &&String| format.parse(name, CenturyWindow::DEFAULT).is_some();
        let has_periods = || {
            let (format, _) = likely_format(&names).filter(|(format, share)| !format.is_number() && *share >= 0.5)?;
            Some(names.iter().filter(|name| is_date(format, name)).count() >= MIN_PERIODS)
        };
        (is_named || is_constant) && has_periods() == Some(true)
    }

    /// The words next to these periods in the names of columns, each of which has at least half of the periods.
    fn quantities_by_period(&self, columns: &[usize], periods: &[String]) -> Vec<String> {
        let known: HashSet<&str> = periods.iter().map(String::as_str).collect();
        let mut found: Vec<(Affixes, usize)> = Vec::new();
        for name in self.names(columns) {
            let has_period = |affixes: &Affixes| {
                period_of(&name, affixes).is_some_and(|text| known.contains(with_hyphens(text).as_ref()))
            };
            let Some(affixes) = affixes_of(&name).into_iter().find(has_period) else { continue };
            match found.iter_mut().find(|(other, _)| *other == affixes) {
                Some((_, count)) => *count += 1,
                None => found.push((affixes, 1)),
            }
        }
        found.retain(|(_, count)| count * 2 >= periods.len());
        let words = |((before, after), _): (Affixes, usize)| {
            let is_separator = |c: char| !c.is_alphanumeric();
            let parts = [before.trim_matches(is_separator), after.trim_matches(is_separator)];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        };
        found.into_iter().map(words).collect()
    }
}

/// The texts that may be before and after the period of a name, the shortest first. A period starts and ends with a word,
/// or next to a letter with a digit.
fn affixes_of(name: &str) -> Vec<Affixes> {
    let is_boundary = |at: &usize| {
        let (before, after) = (name[..*at].chars().next_back(), name[*at..].chars().next());
        let (Some(before), Some(after)) = (before, after) else { return true };
        let is_word = |c: char| c.is_alphanumeric();
        is_word(before) != is_word(after) || before.is_ascii_digit() != after.is_ascii_digit()
    };
    let boundaries: Vec<usize> = (0..=name.len()).filter(|at| name.is_char_boundary(*at)).filter(is_boundary).collect();
    // A version such as 3.2019.1 has no month.
    let is_in_version = |at: usize| name[..at].strip_suffix('.').is_some_and(|before| before.ends_with(is_digit));
    let is_start = |at: &&usize| name[**at..].starts_with(char::is_alphanumeric) && !is_in_version(**at);
    let starts = boundaries.iter().filter(is_start);
    let spans = starts.flat_map(|start| boundaries.iter().map(move |end| (*start, *end)));
    let has_digit = |(start, end): &(usize, usize)| {
        start < end && name[*start..*end].ends_with(char::is_alphanumeric) && name[*start..*end].contains(is_digit)
    };
    let mut spans: Vec<(usize, usize)> = spans.filter(has_digit).collect();
    spans.sort_by_key(|(start, end)| start + name.len() - end);
    spans.into_iter().map(|(start, end)| (name[..start].to_owned(), name[end..].to_owned())).collect()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The text of a name between the words before and after its period.
fn period_of<'a>(name: &'a str, (before, after): &Affixes) -> Option<&'a str> {
    name.strip_prefix(before.as_str())?.strip_suffix(after.as_str()).filter(|text| !text.is_empty())
}

/// A period with the separators of a date: `2019_01`, and `012019` for the first month.
fn with_hyphens(period: &str) -> Cow<'_, str> {
    let is_number = period.len() == 6 && period.chars().all(is_digit);
    if let Some((month, year)) = period.split_at_checked(2).filter(|_| is_number)
        && year.parse().ok().and_then(plausible_year).is_some()
        && month.parse().is_ok_and(|month: u32| (1..=12).contains(&month))
    {
        return format!("{year}-{month}").into();
    }
    if period.contains('_') { period.replace('_', "-").into() } else { period.into() }
}

/// Whether the times of a format may be among other words. Years and numbers there may be anything.
fn may_be_among_words(format: DateFormat) -> bool {
    !format.is_index()
        && !matches!(format, DateFormat::Epoch { .. } | DateFormat::SpreadsheetDay | DateFormat::DecimalYear)
}
