//! A column as numbers: the decimal mark is decided on the whole file, and what does not fit is named.

use crate::read::parse::unit;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::read::parse::datetime::{Century, Reading};
use crate::read::parse::unit::{Unit, bare};
use crate::read::table::{Bad, Cells, Table, is_missing};

/// The decimal mark, and with it the mark between thousands.
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
            _ => {
                let choices = vec!["point".into(), "comma".into()];
                Err(Error::UnknownName { what: "decimal mark", given: text.into(), choices })
            }
        }
    }
}

impl Decimal {
    /// The mark that a file's numbers use, and a word on it where nothing tells for sure.
    ///
    /// A mark that three digits follow might stand for thousands. Where nothing else tells, a comma is decimal if
    /// another mark separates the columns, and so is a point, unless the dates are written as in `31.12.2024` or some
    /// numbers of its column do without.
    pub(crate) fn of(table: &Table, samples: &[Vec<String>]) -> (Self, Option<String>) {
        let mut seen = Evidence::default();
        for (column, sample) in table.columns.iter().zip(samples) {
            if column.cells.is_text() {
                seen.look_at(sample);
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
                let unsure = format!("{cell} is read with a decimal point, not as thousands (`--decimal comma`)");
                if thousands { (Self::Comma, None) } else { (Self::Point, Some(unsure)) }
            }
            _ => (Self::Point, seen.unsure_comma(other_separator)),
        }
    }

    /// Reads a cell, all of it or nothing; only what can be calculated with is a number.
    pub(crate) fn read(self, cell: &str) -> Option<f64> {
        self.read_with_unit(cell).map(|(number, _)| number)
    }

    /// The number, and what it is counted in.
    pub(crate) fn read_with_unit(self, cell: &str) -> Option<(f64, Unit)> {
        let cell = cell.trim();
        let last = *cell.as_bytes().last()?;
        let number = |number: f64| is_usable(number).then_some(number);
        // `inf`, `infinity` and `nan` are words, not numbers
        if self == Self::Point
            && (last.is_ascii_digit() || last == b'.')
            && let Ok(value) = cell.parse()
        {
            return number(value).map(|value| (value, Unit::None));
        }
        let (text, unit) = bare(cell);
        let (decimal, thousands) = match self {
            Self::Point => (b'.', b','),
            Self::Comma => (b',', b'.'),
        };
        let value = rewritten(&text, decimal, thousands)?.parse().ok()?;
        let digits = text.bytes().any(|byte| byte.is_ascii_digit());
        number(value).filter(|_| digits).map(|value| (value, unit))
    }
}

/// Whether a number can be calculated with: finite, and so is its square.
fn is_usable(number: f64) -> bool {
    number.abs() <= 1e150
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
    /// The first cell with a comma that may be either.
    comma: Option<String>,
}

impl Evidence {
    fn says(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }

    /// A word on a comma that is read as one between thousands, where nothing but its place says so.
    fn unsure_comma(&self, other_separator: bool) -> Option<String> {
        let cell = self.comma.as_ref().filter(|_| other_separator && !self.says(Sign::DecimalPoint))?;
        Some(format!("{cell} is read as thousands, not with a decimal comma (`--decimal comma`)"))
    }

    fn look_at(&mut self, cells: &[String]) {
        let (mut bare, mut pointed) = (false, None);
        let cells = cells.iter().map(|cell| unit::bare(cell).0);
        let cells: Vec<_> = cells.collect();
        for cell in cells.iter().map(AsRef::as_ref) {
            let sure = comma(cell);
            self.signs.extend(sure.map(|sure| if sure { Sign::DecimalComma } else { Sign::AnyComma }));
            if sure == Some(false) && self.comma.is_none() {
                self.comma = Some(cell.to_owned());
            }
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

/// The whole part without the marks between thousands, if they stand where they should; commas also as in India, where
/// pairs of digits stand before the last three: 12,34,567.
fn thousands_of(whole: &str, mark: u8) -> Option<String> {
    let groups: Vec<&str> = whole.split(char::from(mark)).collect();
    let fits = match groups.as_slice() {
        [_] => true,
        [first, pairs @ .., last] => {
            let of = |size: usize| pairs.iter().all(|group| group.len() == size);
            let lakhs = mark == b',' && !pairs.is_empty() && of(2) && first.len() <= 2;
            !first.is_empty() && last.len() == 3 && (lakhs || (of(3) && first.len() <= 3))
        }
        [] => false,
    };
    let joined = groups.concat();
    (fits && joined.bytes().all(|byte| byte.is_ascii_digit())).then_some(joined)
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

/// Why a column cannot be read as numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unread {
    /// Cells that are no numbers.
    Cells(Bad),
    /// Two rows that are not counted in the same.
    Units(usize, usize),
}

/// A column as numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbers {
    /// NaN where missing.
    pub(crate) values: Vec<f64>,
    /// Whether they are written with percent signs.
    pub(crate) percent: bool,
}

/// Numbers that are read one after the other.
#[derive(Debug)]
pub(crate) struct Reader {
    decimal: Decimal,
    values: Vec<f64>,
    bad: Bad,
    /// The units that cells are in, each with its rows, in the order of their first ones.
    units: Vec<(Unit, Vec<usize>)>,
    /// The rows of bare numbers: how many, and the first.
    plain: (usize, Option<usize>),
}

impl Reader {
    pub(crate) fn new(decimal: Decimal, rows: usize) -> Self {
        let values = Vec::with_capacity(rows);
        Self { decimal, values, bad: Bad::default(), units: Vec::new(), plain: (0, None) }
    }

    pub(crate) fn push(&mut self, row: usize, cell: Option<&str>) {
        let Some(cell) = cell else { return self.values.push(f64::NAN) };
        let Some((number, unit)) = self.decimal.read_with_unit(cell) else {
            if !is_missing(cell) {
                self.bad.note(row);
            }
            return self.values.push(f64::NAN);
        };
        self.values.push(number);
        match self.units.iter_mut().find(|(known, _)| *known == unit) {
            _ if unit == Unit::None => {
                self.plain.0 += 1;
                self.plain.1.get_or_insert(row);
            }
            Some((_, rows)) => rows.push(row),
            None => self.units.push((unit, vec![row])),
        }
    }

    /// Two rows that are not counted in the same: in two units, or one of them in percent and one not.
    fn mixed(&self) -> Option<(usize, usize)> {
        let [(unit, rows), others @ ..] = self.units.as_slice() else { return None };
        let bare = self.plain.1.filter(|_| *unit == Unit::Percent);
        let other = others.first().map(|(_, rows)| rows[0]);
        Some((rows[0], other.or(bare)?))
    }

    /// Takes the cells that are not in the unit of most as bad: bare numbers go with a currency, not with percent.
    fn skip_others(&mut self) {
        let weight =
            |(unit, rows): &(Unit, Vec<usize>)| rows.len() + if *unit == Unit::Percent { 0 } else { self.plain.0 };
        let most = self.units.iter().map(weight).max().unwrap_or(0).max(self.plain.0);
        let kept = self.units.iter().position(|unit| weight(unit) == most);
        let in_percent = kept.is_some_and(|kept| self.units[kept].0 == Unit::Percent);
        let mut keep = vec![!in_percent; self.values.len()];
        for (at, (_, rows)) in self.units.iter().enumerate() {
            for row in rows {
                keep[*row] = Some(at) == kept;
            }
        }
        for (row, value) in self.values.iter_mut().enumerate().filter(|(row, value)| !keep[*row] && !value.is_nan()) {
            *value = f64::NAN;
            self.bad.note(row);
        }
    }

    /// The whole column.
    ///
    /// # Errors
    /// If cells are no numbers, or not all are counted in the same; with `skip`, such cells are missing.
    pub(crate) fn finish(mut self, skip: bool) -> Result<(Numbers, Bad), Unread> {
        match self.mixed() {
            _ if self.bad.count > 0 && !skip => return Err(Unread::Cells(self.bad)),
            Some((one, other)) if !skip => return Err(Unread::Units(one, other)),
            Some(_) => self.skip_others(),
            None => {}
        }
        let percent = self.units.iter().any(|(unit, rows)| *unit == Unit::Percent && !self.values[rows[0]].is_nan());
        Ok((Numbers { values: self.values, percent }, self.bad))
    }
}

/// A whole column as numbers, and the cells that were skipped.
///
/// # Errors
/// As [`Reader::finish`].
pub(crate) fn read(cells: &Cells, decimal: Decimal, skip: bool) -> Result<(Numbers, Bad), Unread> {
    let plain = |values| Numbers { values, percent: false };
    match cells {
        Cells::Numbers(numbers) => {
            // typed numbers may be infinite, which is no value to forecast
            let infinite = numbers.iter().enumerate().filter(|(_, number)| !number.is_nan() && !is_usable(**number));
            let bad: Bad = infinite.map(|(row, _)| row).collect();
            if bad.count > 0 && !skip {
                return Err(Unread::Cells(bad));
            }
            let finite = numbers.iter().map(|number| if is_usable(*number) { *number } else { f64::NAN }).collect();
            Ok((plain(finite), bad))
        }
        Cells::Integers(numbers) => {
            Ok((plain(numbers.iter().map(|n| n.map_or(f64::NAN, |n| n as f64)).collect()), Bad::default()))
        }
        Cells::Field { .. } | Cells::Text(_) | Cells::Times { .. } => {
            let mut reader = Reader::new(decimal, cells.len());
            cells.for_each(|row, cell| reader.push(row, cell));
            reader.finish(skip)
        }
    }
}

/// The share of a sample that is numbers.
pub(crate) fn share(sample: &[String], decimal: Decimal) -> f64 {
    let numbers = sample.iter().filter(|cell| decimal.read(cell).is_some()).count();
    if sample.is_empty() { 0.0 } else { numbers as f64 / sample.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_strictly() {
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
            assert_eq!(Decimal::Point.read(cell), Some(number), "{cell}");
        }
        let comma = [("1", 1.0), ("-1,5", -1.5), ("1.234,5", 1234.5), ("1.234", 1234.0), (",5", 0.5), ("2,5e-1", 0.25)];
        for (cell, number) in comma {
            assert_eq!(Decimal::Comma.read(cell), Some(number), "{cell}");
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
