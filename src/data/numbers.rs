//! A column as numbers: the decimal mark is decided on the whole file, and what does not fit is named.

use super::dates::NAMED;
use super::moment::{Century, Reading};
use super::table::{Cells, Table, is_missing};

/// The decimal mark, and with it the mark between thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimal {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

impl Decimal {
    /// The mark that a file's numbers use, and a word on it where nothing tells for sure.
    ///
    /// A mark that three digits follow might stand for thousands. Where nothing else tells, a comma is decimal if
    /// another mark separates the columns, and so is a point, unless the dates are written as in `31.12.2024` or some
    /// numbers of its column do without.
    pub(super) fn of(table: &Table) -> (Self, Option<String>) {
        let mut seen = Evidence::default();
        for column in &table.columns {
            if let Cells::Text(_) = &column.cells {
                seen.look_at(&column.cells.sample());
            }
        }
        let other_separator = table.separator.is_some_and(|separator| separator != b',');
        if seen.decimal_comma || (seen.some_comma && table.separator == Some(b';')) {
            return (Self::Comma, None);
        }
        match &seen.some_point {
            Some(_) if seen.grouping_points => (Self::Comma, None),
            Some(cell) if !seen.decimal_point && other_separator => {
                match seen.bare_beside_points || seen.dotted_dates {
                    true => (Self::Comma, None),
                    false => (Self::Point, Some(format!("{cell} is read with a decimal point, not as thousands"))),
                }
            }
            _ => (Self::Point, None),
        }
    }

    /// Reads a cell, all of it or nothing; only what is finite is a number.
    pub(super) fn read(self, cell: &str) -> Option<f64> {
        let cell = cell.trim();
        let (decimal, thousands) = match self {
            Self::Point => (b'.', b','),
            Self::Comma => (b',', b'.'),
        };
        let plain = self == Self::Point && !cell.as_bytes().contains(&thousands);
        let number: f64 = if plain { cell.parse().ok()? } else { rewritten(cell, decimal, thousands)?.parse().ok()? };
        // `inf`, `infinity` and `nan` are words, not numbers
        (number.is_finite() && cell.bytes().any(|byte| byte.is_ascii_digit())).then_some(number)
    }
}

/// What the cells of a file say about its marks.
#[derive(Debug, Default)]
struct Evidence {
    /// A comma that cannot mark thousands.
    decimal_comma: bool,
    /// A comma that may be either.
    some_comma: bool,
    /// A point that cannot mark thousands.
    decimal_point: bool,
    /// Points that cannot be decimal.
    grouping_points: bool,
    /// The first cell with points that may mark thousands.
    some_point: Option<String>,
    /// Whole numbers without a point beside such cells: decimals would not all have three digits or none.
    bare_beside_points: bool,
    /// Dates as in 31.12.2024.
    dotted_dates: bool,
}

impl Evidence {
    fn look_at(&mut self, cells: &[String]) {
        let (mut bare, mut pointed) = (false, None);
        for cell in cells.iter().map(|cell| cell.trim()) {
            match comma(cell) {
                Some(true) => self.decimal_comma = true,
                Some(false) => self.some_comma = true,
                None => {}
            }
            let unsigned = cell.trim_start_matches(['+', '-']);
            let points = unsigned.matches('.').count();
            bare |= points == 0 && unsigned.bytes().all(|byte| byte.is_ascii_digit());
            if points > 0 && !unsigned.starts_with('0') && thousands_of(unsigned, b'.').is_some() {
                self.grouping_points |= points > 1;
                pointed.get_or_insert(cell);
            } else {
                self.decimal_point |= points == 1 && unsigned.parse::<f64>().is_ok();
                self.dotted_dates |= points == 2 && Reading::DayFirst.read(cell, Century::DEFAULT).is_some();
            }
        }
        self.bare_beside_points |= bare && pointed.is_some();
        if self.some_point.is_none() {
            self.some_point = pointed.map(str::to_owned);
        }
    }
}

/// Whether a cell's comma is surely decimal; `None` where it is no number with a comma, or surely marks thousands.
fn comma(cell: &str) -> Option<bool> {
    let (whole, fraction) = cell.rsplit_once(',')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.trim_start_matches(['+', '-']);
    if !digits(fraction) || whole.contains(',') {
        return None;
    }
    let grouped = whole.contains('.');
    let whole_fits = whole.is_empty() || digits(whole) || (grouped && thousands_of(whole, b'.').is_some());
    whole_fits.then(|| grouped || fraction.len() != 3 || whole.is_empty() || whole.len() > 3 || whole == "0")
}

/// The whole part without the marks between thousands, if they stand where they should.
fn thousands_of(whole: &str, mark: u8) -> Option<String> {
    let mut groups = whole.split(char::from(mark));
    let first = groups.next()?;
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        joined.push_str(group);
    }
    joined.bytes().all(|byte| byte.is_ascii_digit()).then_some(joined)
}

fn rewritten(cell: &str, decimal: u8, thousands: u8) -> Option<String> {
    let (sign, unsigned) = match cell.as_bytes().first()? {
        b'-' => ("-", &cell[1..]),
        b'+' => ("", &cell[1..]),
        _ => ("", cell),
    };
    let (mantissa, exponent) = unsigned.find(['e', 'E']).map_or((unsigned, ""), |at| unsigned.split_at(at));
    let (whole, fraction) = mantissa.split_once(char::from(decimal)).unwrap_or((mantissa, ""));
    let fits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(())?;
    Some(format!("{sign}{}.{fraction}{exponent}", thousands_of(whole, thousands)?))
}

/// A whole column as numbers, NaN where missing.
///
/// # Errors
/// The first rows whose cells are no numbers, and how many there are.
pub(super) fn read(cells: &Cells, decimal: Decimal) -> Result<Vec<f64>, (Vec<usize>, usize)> {
    match cells {
        Cells::Numbers(numbers) => return finite(numbers),
        Cells::Integers(numbers) => return Ok(numbers.iter().map(|n| n.map_or(f64::NAN, |n| n as f64)).collect()),
        Cells::Text(_) | Cells::Times(_) => {}
    }
    let (mut bad, mut count) = (Vec::new(), 0);
    let mut numbers = Vec::with_capacity(cells.len());
    cells.for_each(|row, cell| {
        let number = cell.and_then(|cell| decimal.read(cell));
        if number.is_none() && cell.is_some_and(|cell| !is_missing(cell)) {
            count += 1;
            if bad.len() < NAMED {
                bad.push(row);
            }
        }
        numbers.push(number.unwrap_or(f64::NAN));
    });
    if count > 0 { Err((bad, count)) } else { Ok(numbers) }
}

/// Typed numbers may be infinite, which is no value to forecast.
fn finite(numbers: &[f64]) -> Result<Vec<f64>, (Vec<usize>, usize)> {
    let infinite = || numbers.iter().enumerate().filter(|(_, number)| number.is_infinite()).map(|(row, _)| row);
    match infinite().count() {
        0 => Ok(numbers.to_vec()),
        count => Err((infinite().take(NAMED).collect(), count)),
    }
}

/// The share of a sample that is numbers.
pub(super) fn share(sample: &[String], decimal: Decimal) -> f64 {
    let numbers = sample.iter().filter(|cell| decimal.read(cell).is_some()).count();
    if sample.is_empty() { 0.0 } else { numbers as f64 / sample.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_strictly() {
        let point = [("1", 1.0), (" -1.5e3 ", -1500.0), ("1,234.5", 1234.5), ("+.5", 0.5), ("1,234,567", 1_234_567.0)];
        for (cell, number) in point {
            assert_eq!(Decimal::Point.read(cell), Some(number), "{cell}");
        }
        let comma = [("1", 1.0), ("-1,5", -1.5), ("1.234,5", 1234.5), ("1.234", 1234.0), (",5", 0.5), ("2,5e-1", 0.25)];
        for (cell, number) in comma {
            assert_eq!(Decimal::Comma.read(cell), Some(number), "{cell}");
        }
        for cell in ["", "inf", "NaN", "1,5", "12,34", "1e999", "1 2", "--1", "1.2.3", "1,2345", "abc", "e5", "."] {
            assert_eq!(Decimal::Point.read(cell), None, "{cell}");
        }
        for cell in ["1.5", "1,2,3", "1.23.456", ",", "-"] {
            assert_eq!(Decimal::Comma.read(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_comma_is_decimal_when_it_cannot_mark_thousands() {
        for (cell, sure) in [
            ("1,5", Some(true)),
            ("1,234", Some(false)),
            ("0,234", Some(true)),
            ("1.234,567", Some(true)),
            ("1,234.5", None),
            ("a,b", None),
            ("1,2,3", None),
        ] {
            assert_eq!(comma(cell), sure, "{cell}");
        }
    }
}
