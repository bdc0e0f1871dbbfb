//! A column as numbers: the decimal mark is decided on the whole file, and what does not fit is named.

use std::collections::BTreeSet;

use super::moment::{Century, Reading};
use super::table::{Bad, Cells, Table, is_missing};

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
        if seen.says(Sign::DecimalComma) || (seen.says(Sign::AnyComma) && table.separator == Some(b';')) {
            return (Self::Comma, None);
        }
        let thousands = seen.says(Sign::BareBesidePoints) || seen.says(Sign::DottedDate);
        match &seen.pointed {
            Some(_) if seen.says(Sign::GroupingPoints) => (Self::Comma, None),
            Some(cell) if !seen.says(Sign::DecimalPoint) && other_separator => {
                let unsure = format!("{cell} is read with a decimal point, not as thousands");
                if thousands { (Self::Comma, None) } else { (Self::Point, Some(unsure)) }
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

/// What a cell or a column says about a file's marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// A comma that cannot mark thousands.
    DecimalComma,
    /// A comma that may be either.
    AnyComma,
    /// A point that cannot mark thousands.
    DecimalPoint,
    /// Points that cannot be decimal.
    GroupingPoints,
    /// Numbers such as 1.234 beside whole ones without a point: decimals would not all have three digits or none.
    BareBesidePoints,
    /// A date as in 31.12.2024.
    DottedDate,
}

#[derive(Debug, Default)]
struct Evidence {
    signs: BTreeSet<Sign>,
    /// The first cell with points that may mark thousands.
    pointed: Option<String>,
}

impl Evidence {
    fn says(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }

    fn look_at(&mut self, cells: &[String]) {
        let (mut bare, mut pointed) = (false, None);
        for cell in cells.iter().map(|cell| cell.trim()) {
            self.signs.extend(comma(cell).map(|sure| if sure { Sign::DecimalComma } else { Sign::AnyComma }));
            let unsigned = cell.trim_start_matches(['+', '-']);
            let points = unsigned.matches('.').count();
            bare |= points == 0 && unsigned.bytes().all(|byte| byte.is_ascii_digit());
            if points > 0 && !unsigned.starts_with('0') && thousands_of(unsigned, b'.').is_some() {
                self.signs.extend((points > 1).then_some(Sign::GroupingPoints));
                pointed.get_or_insert(cell);
            } else if points == 1 && unsigned.parse::<f64>().is_ok() {
                self.signs.insert(Sign::DecimalPoint);
            } else if points == 2 && Reading::DayFirst.read(cell, Century::DEFAULT).is_some() {
                self.signs.insert(Sign::DottedDate);
            }
        }
        self.signs.extend((bare && pointed.is_some()).then_some(Sign::BareBesidePoints));
        self.pointed = self.pointed.take().or(pointed.map(str::to_owned));
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
/// The rows whose cells are no numbers.
pub(super) fn read(cells: &Cells, decimal: Decimal) -> Result<Vec<f64>, Bad> {
    match cells {
        Cells::Numbers(numbers) => {
            // typed numbers may be infinite, which is no value to forecast
            let infinite = numbers.iter().enumerate().filter(|(_, number)| number.is_infinite());
            return infinite.map(|(row, _)| row).collect::<Bad>().unless(numbers.clone());
        }
        Cells::Integers(numbers) => return Ok(numbers.iter().map(|n| n.map_or(f64::NAN, |n| n as f64)).collect()),
        Cells::Text(_) | Cells::Times(_) => {}
    }
    let mut bad = Bad::default();
    let mut numbers = Vec::with_capacity(cells.len());
    cells.for_each(|row, cell| {
        let number = cell.and_then(|cell| decimal.read(cell));
        if number.is_none() && cell.is_some_and(|cell| !is_missing(cell)) {
            bad.note(row);
        }
        numbers.push(number.unwrap_or(f64::NAN));
    });
    bad.unless(numbers)
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
