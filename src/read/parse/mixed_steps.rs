//! Columns that mix years, quarters, months, weeks or days, as statistics offices list them below one another.

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::format_search::are_quarters;
use crate::read::table::{Cells, is_missing};
use crate::time::NamedFrequency;

/// The rows of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowsOfStep {
    pub(crate) step: NamedFrequency,
    /// The rows in ascending order.
    pub(crate) rows: Vec<usize>,
}

/// The rows of each step, from the longest step to the shortest. `None` unless every cell is a period, and there are several
/// periods of at least two steps. A few months among many quarters are wrong cells, as a shorter step has more rows.
pub(crate) fn rows_by_step(cells: &Cells) -> Option<Vec<RowsOfStep>> {
    /// A shorter step has at least one row for so many rows of the next longer step.
    const MIN_SHARE: usize = 3;
    const STEPS: [NamedFrequency; 5] = [
        NamedFrequency::Yearly,
        NamedFrequency::Quarterly,
        NamedFrequency::Monthly,
        NamedFrequency::Weekly,
        NamedFrequency::Daily,
    ];
    let mut found = STEPS.map(|step| RowsOfStep { step, rows: Vec::new() }).to_vec();
    let (mut are_periods, are_quarters) = (true, are_quarters(cells));
    cells.for_each(|row, cell| {
        let Some(cell) = cell.filter(|cell| are_periods && !is_missing(cell)) else { return };
        let step = step_of(cell.trim(), are_quarters);
        match found.iter_mut().find(|rows| Some(rows.step) == step) {
            Some(rows) => rows.rows.push(row),
            None => are_periods = false,
        }
    });
    found.retain(|rows| !rows.rows.is_empty());
    let are_several = |rows: &RowsOfStep| rows.rows.iter().any(|row| cells.text(*row) != cells.text(rows.rows[0]));
    let are_many = |pair: &[RowsOfStep]| pair[1].rows.len() * MIN_SHARE >= pair[0].rows.len();
    let are_listed = found.len() > 1 && found.iter().all(are_several) && found.windows(2).all(are_many);
    (are_periods && are_listed).then_some(found)
}

/// The step of a period by the way it is written: `2016`, `2016 Q1`, `2016 JAN` or `2016-01`, `2016-W05`, `2016-01-05`.
/// `are_quarters` is whether `2016KW01` is a quarter.
fn step_of(cell: &str, are_quarters: bool) -> Option<NamedFrequency> {
    const MONTHS: [DateFormat; 4] =
        [DateFormat::YearFirst, DateFormat::MonthYear, DateFormat::MonthName, DateFormat::YearMonth];
    let is = |format: DateFormat| format.parse(cell, CenturyWindow::DEFAULT).is_some();
    if is(DateFormat::Year) {
        return Some(NamedFrequency::Yearly);
    }
    if is(DateFormat::Period) {
        let lower = cell.to_lowercase();
        return match () {
            () if are_quarters && is(DateFormat::QuarterKw) => Some(NamedFrequency::Quarterly),
            () if lower.contains('q') || lower.contains("trim") => Some(NamedFrequency::Quarterly),
            () if lower.contains(['w', 's']) => Some(NamedFrequency::Weekly).filter(|_| !lower.contains(['h', 's'])),
            () => Some(NamedFrequency::Monthly).filter(|_| lower.contains('m')),
        };
    }
    // The numbers of a month are its year and perhaps its own, those of a day are one more.
    let has_name = cell.chars().any(char::is_alphabetic);
    let numbers = cell.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count();
    let numbers_of_month = if has_name || is(DateFormat::YearMonth) { 1 } else { 2 };
    match MONTHS.into_iter().any(is) {
        true if numbers == numbers_of_month => Some(NamedFrequency::Monthly),
        true if numbers == numbers_of_month + 1 => Some(NamedFrequency::Daily),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_of_a_period_is_seen_in_its_writing() {
        for (cells, step) in [
            (&["2016", "1999", "2016JJ00"][..], Some(NamedFrequency::Yearly)),
            (&["2016 Q1", "2016-Q4", "Q2 2016", "1st quarter 2024"], Some(NamedFrequency::Quarterly)),
            (&["2016 JAN", "Jan-2016", "2016-01", "01.2016", "2016M01", "201601"], Some(NamedFrequency::Monthly)),
            (&["2016-W05", "KW 5/2024", "2016KW04"], Some(NamedFrequency::Weekly)),
            (&["2016-01-05", "5 Jan 2016"], Some(NamedFrequency::Daily)),
            (&["closed", "2016 H1", "12.5"], None),
        ] {
            cells.iter().for_each(|cell| assert_eq!(step_of(cell, false), step, "{cell}"));
        }
    }
}
