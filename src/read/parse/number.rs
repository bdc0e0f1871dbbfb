//! Numbers in cells, and the decimal mark of a file.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::read::notice::Notice;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::parsed_time::CenturyWindow;
use crate::read::parse::unit::{Unit, split_unit};
use crate::read::table::Table;

/// The decimal mark, which determines the separator of thousands too.
///
/// ```
/// use forecast::read::Decimal;
///
/// let decimal: Decimal = "comma".parse()?;
/// assert_eq!(decimal, Decimal::Comma);
/// assert_eq!(decimal.to_string(), "comma");
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Point { "point" } else { "comma" })
    }
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_lowercase().as_str() {
            "point" | "." => Ok(Self::Point),
            "comma" | "," => Ok(Self::Comma),
            _ => Err(Error::unknown_name("decimal mark", text, ["point", "comma"])),
        }
    }
}

impl Decimal {
    /// The decimal mark of a file, and a notice if it is not certain.
    ///
    /// A mark before three digits may separate thousands. Without other evidence, a comma is decimal only if semicolons
    /// separate the columns. A point is decimal, unless the file has dates such as `31.12.2024`, or the column has whole
    /// numbers without a point.
    pub(crate) fn infer(table: &Table, samples: &[Vec<String>]) -> (Self, Option<Notice>) {
        let mut evidence = Evidence::default();
        for (column, sample) in table.columns.iter().zip(samples) {
            if column.cells.is_text() {
                evidence.add_column(sample);
            }
        }
        let has_other_separator = table.separator.is_some_and(|separator| separator != b',');
        if evidence.has(Pattern::DecimalComma) || (evidence.has(Pattern::AnyComma) && table.separator == Some(b';')) {
            return (Self::Comma, None);
        }
        let separates_thousands = evidence.has(Pattern::WholeNumberAmongPoints) || evidence.has(Pattern::DottedDate);
        match &evidence.cell_with_point {
            Some(_) if evidence.has(Pattern::ThousandsPoints) => (Self::Comma, None),
            Some(cell) if !evidence.has(Pattern::DecimalPoint) && has_other_separator => {
                let notice = Notice::AssumedDecimalPoint { cell: cell.clone() };
                if separates_thousands { (Self::Comma, None) } else { (Self::Point, Some(notice)) }
            }
            _ => (Self::Point, evidence.uncertain_comma(has_other_separator)),
        }
    }

    /// The number in a cell, if the whole cell is a number.
    pub(crate) fn parse(self, cell: &str) -> Option<f64> {
        self.parse_with_unit(cell).map(|(number, _)| number)
    }

    pub(crate) fn parse_with_unit(self, cell: &str) -> Option<(f64, Unit)> {
        let cell = cell.trim();
        let last = *cell.as_bytes().last()?;
        let usable = |number: f64| is_usable(number).then_some(number);
        // The last byte excludes `inf`, `infinity` and `nan`, which are words here.
        if self == Self::Point
            && (last.is_ascii_digit() || last == b'.')
            && let Ok(number) = cell.parse()
        {
            return usable(number).map(|number| (number, Unit::None));
        }
        let (text, unit) = split_unit(cell);
        let (decimal, thousands) = match self {
            Self::Point => (b'.', b','),
            Self::Comma => (b',', b'.'),
        };
        let number = to_decimal_point(&text, decimal, thousands)?.parse().ok()?;
        let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
        usable(number).filter(|_| has_digits).map(|number| (number, unit))
    }
}

/// The largest absolute value of a number, so that squares of numbers and their sums do not overflow.
const MAX_NUMBER: f64 = 1e150;

pub(crate) fn is_usable(number: f64) -> bool {
    number.abs() <= MAX_NUMBER
}

pub(crate) fn share_of_numbers(sample: &[String], decimal: Decimal) -> f64 {
    let numbers = sample.iter().filter(|cell| decimal.parse(cell).is_some()).count();
    if sample.is_empty() { 0.0 } else { numbers as f64 / sample.len() as f64 }
}

/// A pattern of cells that is evidence for a decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pattern {
    /// A comma that cannot separate thousands.
    DecimalComma,
    /// A comma that may be decimal or separate thousands.
    AnyComma,
    /// A point that cannot separate thousands.
    DecimalPoint,
    /// Points that cannot be decimal.
    ThousandsPoints,
    /// A whole number without a point in a column with numbers such as 1.234. Decimals would not all have three digits or
    /// none.
    WholeNumberAmongPoints,
    /// A date such as 31.12.2024.
    DottedDate,
}

#[derive(Debug, Default)]
struct Evidence {
    patterns: BTreeSet<Pattern>,
    /// The first cell whose points may separate thousands.
    cell_with_point: Option<String>,
    /// The first cell whose comma may be decimal or separate thousands.
    cell_with_comma: Option<String>,
}

impl Evidence {
    fn has(&self, pattern: Pattern) -> bool {
        self.patterns.contains(&pattern)
    }

    /// A notice if a comma is read as a separator of thousands only because of its position.
    fn uncertain_comma(&self, has_other_separator: bool) -> Option<Notice> {
        let cell = self.cell_with_comma.as_ref().filter(|_| has_other_separator && !self.has(Pattern::DecimalPoint))?;
        Some(Notice::AssumedThousandsComma { cell: cell.clone() })
    }

    fn add_column(&mut self, cells: &[String]) {
        let (mut has_whole_number, mut cell_with_point) = (false, None);
        let cells: Vec<_> = cells.iter().map(|cell| split_unit(cell).0).collect();
        for cell in cells.iter().map(AsRef::as_ref) {
            let is_decimal = is_decimal_comma(cell);
            self.patterns
                .extend(is_decimal.map(|certain| if certain { Pattern::DecimalComma } else { Pattern::AnyComma }));
            if is_decimal == Some(false) && self.cell_with_comma.is_none() {
                self.cell_with_comma = Some(cell.to_owned());
            }
            let unsigned = cell.trim_start_matches(['+', '-']);
            let points = unsigned.matches('.').count();
            has_whole_number |= points == 0 && unsigned.bytes().all(|byte| byte.is_ascii_digit());
            if points > 0 && !unsigned.starts_with('0') && without_thousands(unsigned, b'.').is_some() {
                self.patterns.extend((points > 1).then_some(Pattern::ThousandsPoints));
                cell_with_point.get_or_insert(cell);
            } else if points == 1 && unsigned.parse::<f64>().is_ok() {
                self.patterns.insert(Pattern::DecimalPoint);
            } else if points == 2 && DateFormat::DayFirst.parse(cell, CenturyWindow::DEFAULT).is_some() {
                self.patterns.insert(Pattern::DottedDate);
            }
        }
        self.patterns
            .extend((has_whole_number && cell_with_point.is_some()).then_some(Pattern::WholeNumberAmongPoints));
        self.cell_with_point = self.cell_with_point.take().or(cell_with_point.map(str::to_owned));
    }
}

/// Whether the comma of a cell is certainly decimal; `None` if the cell is not a number with a comma, or its comma
/// certainly separates thousands.
fn is_decimal_comma(cell: &str) -> Option<bool> {
    let (whole, fraction) = cell.rsplit_once(',')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.trim_start_matches(['+', '-']);
    if !is_digits(fraction) || whole.contains(',') {
        return None;
    }
    let has_points = whole.contains('.');
    let whole_fits = whole.is_empty() || is_digits(whole) || (has_points && without_thousands(whole, b'.').is_some());
    whole_fits.then(|| has_points || fraction.len() != 3 || whole.is_empty() || whole.len() > 3 || whole == "0")
}

/// The whole part of a number without separators of thousands, if these are in the right places. Commas may also be those
/// of India, where the digits before the last three are in pairs: 12,34,567.
fn without_thousands(whole: &str, mark: u8) -> Option<String> {
    let groups: Vec<&str> = whole.split(char::from(mark)).collect();
    let fits = match groups.as_slice() {
        [_] => true,
        [first, pairs @ .., last] => {
            let all_have = |size: usize| pairs.iter().all(|group| group.len() == size);
            let is_indian = mark == b',' && !pairs.is_empty() && all_have(2) && first.len() <= 2;
            !first.is_empty() && last.len() == 3 && (is_indian || (all_have(3) && first.len() <= 3))
        }
        [] => false,
    };
    let joined = groups.concat();
    (fits && joined.bytes().all(|byte| byte.is_ascii_digit())).then_some(joined)
}

/// The number with a decimal point and without separators of thousands.
fn to_decimal_point(cell: &str, decimal: u8, thousands: u8) -> Option<String> {
    let (sign, unsigned) = match cell.as_bytes().first()? {
        b'-' => ("-", &cell[1..]),
        b'+' => ("", &cell[1..]),
        _ => ("", cell),
    };
    let (mantissa, exponent) = unsigned.find(['e', 'E']).map_or((unsigned, ""), |at| unsigned.split_at(at));
    let (whole, fraction) = mantissa.split_once(char::from(decimal)).unwrap_or((mantissa, ""));
    let fits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(())?;
    Some(format!("{sign}{}.{fraction}{exponent}", without_thousands(whole, thousands)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_number_only_if_the_whole_cell_is() {
        let point = [
            ("1", 1.0),
            (" -1.5e3 ", -1500.0),
            ("1,234.5", 1234.5),
            ("+.5", 0.5),
            ("1,234,567", 1_234_567.0),
            ("12,34,567.89", 1_234_567.89),
            ("1,00,00,000", 10_000_000.0),
        ];
        for (cell, number) in point {
            assert_eq!(Decimal::Point.parse(cell), Some(number), "{cell}");
        }
        let comma = [("1", 1.0), ("-1,5", -1.5), ("1.234,5", 1234.5), ("1.234", 1234.0), (",5", 0.5), ("2,5e-1", 0.25)];
        for (cell, number) in comma {
            assert_eq!(Decimal::Comma.parse(cell), Some(number), "{cell}");
        }
        for cell in [
            "",
            "inf",
            "NaN",
            "1,5",
            "12,34",
            "1e999",
            "1 2",
            "--1",
            "1.2.3",
            "1,2345",
            "1,2,345",
            "123,45,678",
            "1,234,56,789",
            "abc",
            "e5",
            ".",
        ] {
            assert_eq!(Decimal::Point.parse(cell), None, "{cell}");
        }
        for cell in ["1.5", "1,2,3", "1.23.456", ",", "-"] {
            assert_eq!(Decimal::Comma.parse(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_comma_that_cannot_separate_thousands_is_decimal() {
        for (cell, certain) in [
            ("1,5", Some(true)),
            ("1,234", Some(false)),
            ("0,234", Some(true)),
            ("1.234,567", Some(true)),
            ("1,234.5", None),
            ("a,b", None),
            ("1,2,3", None),
        ] {
            assert_eq!(is_decimal_comma(cell), certain, "{cell}");
        }
    }
}
