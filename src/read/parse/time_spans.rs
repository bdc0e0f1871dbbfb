//! Spans such as `2024-01-01 - 2024-01-07`, which stand for the time at which they start.

use std::borrow::Cow;

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::{DateFormat, parse_month, parse_time_of_day};

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
        if let Some((from, _)) = months(cell) {
            return parse(&from).is_some();
        }
        let Some((from, to)) = split(cell) else { return false };
        let (from, end) = (parse(from), parse(to));
        from.is_some_and(|from| match end {
            Some(end) => end.ticks >= from.ticks,
            // `12/01/2024 - 10:00` is a single time, and the end of `01.01.2024 08:00-09:00` is no offset
            None => parse_time_of_day(to).is_some() && parse(cell).is_none_or(|time| time.offset.is_some()),
        })
    };
    // as soon as one more cell is no span, the others do not matter
    let few = sample.len() / 10;
    !format.is_index() && !sample.is_empty() && sample.iter().filter(|cell| !is_span(cell)).take(few + 1).count() <= few
}

/// The starts of the cells that are spans; the other cells as they are. `None` if no cell is a span.
pub(crate) fn starts(sample: &[String]) -> Option<Vec<String>> {
    let starts: Vec<String> = sample.iter().map(|cell| start(cell).into_owned()).collect();
    (starts != sample).then_some(starts)
}

/// The start of a span, or the cell itself.
pub(crate) fn start(cell: &str) -> Cow<'_, str> {
    match (months(cell), split(cell)) {
        (Some((start, _)), _) => Cow::Owned(start),
        (None, Some((from, _))) => Cow::Borrowed(from),
        (None, None) => Cow::Borrowed(cell),
    }
}

/// The first and the last month of `Nov-Jan 2011`, whose year is that of the last month.
fn months(cell: &str) -> Option<(String, String)> {
    let (first, rest) = cell.trim().split_once(['-', '–', '/'])?;
    let (last, year) = rest.trim().rsplit_once(' ')?;
    let (from, to) = (parse_month_name(first)?, parse_month_name(last)?);
    let year: i32 = year.parse().ok().filter(|_| year.len() == 4)?;
    Some((format!("{:04}-{from:02}", year - i32::from(from > to)), format!("{year:04}-{to:02}")))
}

fn parse_month_name(cell: &str) -> Option<i64> {
    parse_month(cell.trim()).filter(|_| !cell.bytes().any(|byte| byte.is_ascii_digit()))
}
