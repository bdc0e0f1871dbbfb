//! Days without a year, such as `Jan 31` or `31-Jan`, which look like months of a year with two digits.

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::scanner::{MONTH_SEPARATORS, Scanner};

/// Whether most cells have a month and a number one higher than that of the cell before, and the number of another month
/// starts again at 1, as that of a day does.
pub(crate) fn are_days_without_year(sample: &[String]) -> bool {
    const MIN_LAST_DAY: i32 = 28;
    let parts: Vec<(i32, i32)> = sample.iter().map_while(|cell| month_and_number(cell)).collect();
    let steps = || parts.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| (pair[0], pair[1]));
    let is_next_day =
        |((month, day), (next_month, next_day)): &((i32, i32), (i32, i32))| next_month == month && *next_day == day + 1;
    let is_next_month = |((month, day), (next_month, next_day)): ((i32, i32), (i32, i32))| {
        next_month == month % 12 + 1 && next_day == 1 && day >= MIN_LAST_DAY
    };
    steps().any(is_next_month) && steps().filter(is_next_day).count() * 2 > steps().count()
}

/// The month and the number in a cell such as `Jan-24` or `24 Jan`, which has no other part.
fn month_and_number(cell: &str) -> Option<(i32, i32)> {
    let mut scanner = Scanner::new(cell, CenturyWindow::DEFAULT);
    let before = scanner.is_at_digit().then(|| scanner.one_or_two_digits()).flatten();
    scanner.skip(MONTH_SEPARATORS);
    let month = scanner.month_name()?;
    let number = before.or_else(|| {
        scanner.skip(MONTH_SEPARATORS);
        scanner.one_or_two_digits()
    })?;
    scanner.is_done().then_some((month, number))
}
