//! Periods in the names of columns with the same text before or after all of them, such as `Sales 2019-01`.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::Result;
use crate::read::parse::calendar_names::WEEK_NAMES;
use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::format_search::likely_format;
use crate::read::parse::mixed_steps::rows_by_step;
use crate::read::parse::scanner::plausible_year;
use crate::read::parse::time_index::TimeIndex;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::few_header_times::{are_named_times, usual_step};
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
            // Codes such as 012001 to 012004 are no months, nor are `route 1/2019` and `task_2_2024`.
            let are_numbered = texts.iter().any(|text| is_number_before_year(text));
            if usual_step(&times.ticks) == Some(12) || are_numbered || is_part_of_other_kind(&affixes.0) {
                continue;
            }
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

    /// The columns whose names are periods of one step, where others are those of longer steps, such as years next to months.
    /// The step is the requested one, or else the shortest that is complete.
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

    /// Whether a column has the date of the last update of each series. At least twelve dates are in the header next to it.
    pub(crate) fn is_date_of_update(&self, at: usize) -> bool {
        const MIN_PERIODS: usize = 12;
        const NAMES: [&str; 8] =
            ["updated", "lastupdate", "miseàjour", "miseajour", "aktualisier", "actualiza", "aggiornamento", "revised"];
        let sample = &self.samples[at];
        let is_constant = sample.len() > 1 && sample.iter().all(|cell| *cell == sample[0]);
        let are_distinct = sample.iter().collect::<HashSet<_>>().len() == sample.len();
        let may_be_times = are_distinct && sample.len() >= MIN_PERIODS;
        let is_named = !may_be_times && NAMES.iter().any(|name| self.profiles[at].name.contains(name));
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

/// The texts that may be before and after the period of a name, the shortest first. A period starts and ends with a word, or
/// after a letter with a year or with six digits, and ends before a letter. A long name has none.
fn affixes_of(name: &str) -> Vec<Affixes> {
    const MAX_LENGTH: usize = 100;
    if name.len() > MAX_LENGTH {
        return Vec::new();
    }
    let is_boundary = |at: &usize| {
        let (before, after) = (name[..*at].chars().next_back(), name[*at..].chars().next());
        let (Some(before), Some(after)) = (before, after) else { return true };
        let is_word = |c: char| c.is_alphanumeric();
        is_word(before) != is_word(after) || before.is_ascii_digit() != after.is_ascii_digit()
    };
    let boundaries: Vec<usize> = (0..=name.len()).filter(|at| name.is_char_boundary(*at)).filter(is_boundary).collect();
    // A version such as 3.2019.1 has no month.
    let is_in_version = |at: usize| name[..at].strip_suffix('.').is_some_and(|before| before.ends_with(is_digit));
    // In `store1_2019` and `co2_2019` a number belongs to the word.
    let is_in_word = |at: usize| {
        let digits = name[at..].chars().take_while(|c| is_digit(*c)).count();
        name[..at].ends_with(char::is_alphabetic) && (1..4).contains(&digits)
    };
    let is_start =
        |at: &&usize| name[**at..].starts_with(char::is_alphanumeric) && !is_in_version(**at) && !is_in_word(**at);
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

/// Whether the word before a number is that of weeks, days or quarters, as in `week_01_2019`.
fn is_part_of_other_kind(before: &str) -> bool {
    let word = before.trim_end_matches(|c: char| !c.is_alphabetic());
    let word = word.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    WEEK_NAMES.contains(&word.as_str())
        || ["day", "tag", "quarter", "qtr", "quartal", "wave", "lot"].contains(&word.as_str())
}

/// The text of a name between the words before and after its period.
fn period_of<'a>(name: &'a str, (before, after): &Affixes) -> Option<&'a str> {
    name.strip_prefix(before.as_str())?.strip_suffix(after.as_str()).filter(|text| !text.is_empty())
}

/// A period with the separators of a date: `2019_01`, and `012019` for the first month.
fn with_hyphens(period: &str) -> Cow<'_, str> {
    match month_before_year(period) {
        Some((month, year)) => format!("{year}-{month}").into(),
        None if period.contains('_') => period.replace('_', "-").into(),
        None => period.into(),
    }
}

/// Whether a text is a single digit before a year, as in `1/2019`.
fn is_number_before_year(text: &str) -> bool {
    let digits: Vec<usize> = text.split(|c: char| !is_digit(c)).map(str::len).collect();
    digits == [1, 4]
}

/// The month and the year of six digits such as `012019`.
fn month_before_year(period: &str) -> Option<(&str, &str)> {
    let is_number = period.len() == 6 && period.chars().all(is_digit);
    let (month, year) = period.split_at_checked(2).filter(|_| is_number)?;
    year.parse().ok().and_then(plausible_year)?;
    month.parse().is_ok_and(|month: u32| (1..=12).contains(&month)).then_some((month, year))
}

/// Whether the times of a format may be among other words. Years and numbers there may be anything.
fn may_be_among_words(format: DateFormat) -> bool {
    !format.is_index()
        && !matches!(format, DateFormat::Epoch { .. } | DateFormat::SpreadsheetDay | DateFormat::DecimalYear)
}
