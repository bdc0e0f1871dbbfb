//! Spans such as `2024-01-01 - 2024-01-07`, which stand for the time at which they start.

use crate::read::parse::date_format::{DateFormat, parse_time_of_day};
use crate::read::parse::scanner::CenturyWindow;

/// The separators of spans. A slash separates dates with hyphens, a hyphen those without.
const SEPARATORS: [&str; 10] = [" - ", " – ", " — ", "–", " to ", " bis ", " au ", " until ", "~", ".."];

/// The start and the end of a span.
pub(crate) fn split(cell: &str) -> Option<(&str, &str)> {
    let split = SEPARATORS.into_iter().find_map(|separator| cell.split_once(separator));
    let (from, to) = split.or_else(|| {
        let separator = if cell.contains('-') && cell.contains('/') { '/' } else { '-' };
        cell.split_once(separator).filter(|(from, to)| from.len() >= 8 && !to.contains(separator))
    })?;
    let has_digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() >= 2;
    (has_digits(from) && has_digits(to)).then(|| (from.trim(), to.trim()))
}

/// Whether nearly all cells are spans whose start and end have this format. The end may be a time of day alone.
pub(crate) fn are_spans(sample: &[String], format: DateFormat) -> bool {
    let parse = |text: &str| format.parse(text, CenturyWindow::DEFAULT);
    let is_span = |cell: &&String| {
        let Some((from, to)) = split(cell) else { return false };
        let (from, end) = (parse(from), parse(to));
        from.is_some_and(|from| match end {
            Some(end) => end.ticks >= from.ticks,
            None => parse_time_of_day(to).is_some(),
        })
    };
    !format.is_index() && !sample.is_empty() && sample.iter().filter(is_span).count() * 10 >= sample.len() * 9
}

/// The starts of the cells that are spans; the other cells as they are.
pub(crate) fn starts(sample: &[String]) -> Vec<String> {
    sample.iter().map(|cell| start(cell).to_owned()).collect()
}

/// The start of a span, or the cell itself.
pub(crate) fn start(cell: &str) -> &str {
    split(cell).map_or(cell, |(from, _)| from)
}
