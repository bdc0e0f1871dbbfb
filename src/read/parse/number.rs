//! Numbers in cells with their units, and the decimal mark of a file.

use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::read::notice::Notice;
use crate::read::parse::format_search::{are_months_in_digits, are_quarters_after_point};
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat, east_asian};
use crate::read::table::{Cells, Table};

/// The decimal mark, which determines the separator of thousands too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = match text {
            "." => "point",
            "," => "comma",
            name => name,
        };
        Error::named("decimal mark", name, &[("point", Self::Point), ("comma", Self::Comma)])
    }
}

/// The decimal mark of a file as it is inferred.
pub(crate) struct InferredDecimal {
    pub(crate) decimal: Decimal,
    /// Whether a number has a point or a comma.
    pub(crate) has_mark: bool,
    /// Whether a number fits this mark only.
    pub(crate) is_certain: bool,
    /// A notice if it is not certain.
    pub(crate) notice: Option<Notice>,
}

impl InferredDecimal {
    /// Infers the decimal mark of the texts of a file. If the numbers fit both, it is that of an `earlier` file.
    ///
    /// A mark before three digits may separate thousands. Without other evidence, a comma is decimal only if semicolons
    /// separate the columns. A point is decimal, unless the file has dates such as `31.12.2024` or the column has
    /// numbers without one.
    pub(crate) fn new(table: &Table, samples: &[Vec<String>], earlier: Option<Decimal>) -> Self {
        let mut evidence = Evidence::default();
        for (column, sample) in table.columns.iter().zip(samples) {
            let is_text = matches!(column.cells, Cells::Field { .. } | Cells::Text(_));
            if is_text && !column.has_decimal_point() {
                evidence.add_column(sample);
            }
        }
        let (has_mark, is_certain) = (evidence.has_mark(), !evidence.fits_both());
        let earlier = earlier.filter(|_| evidence.fits_both());
        let (decimal, notice) =
            earlier.map_or_else(|| Decimal::of_evidence(evidence, table), |earlier| (earlier, None));
        Self { decimal, has_mark, is_certain, notice }
    }
}

impl Decimal {
    /// Its name, as it is parsed.
    pub(crate) fn name(self) -> &'static str {
        if self == Self::Point { "point" } else { "comma" }
    }

    /// The decimal mark by the numbers of a file, and a notice if it is not certain.
    fn of_evidence(evidence: Evidence, table: &Table) -> (Self, Option<Notice>) {
        let has_other_separator = table.separator.is_some_and(|separator| separator != b',');
        if evidence.has_decimal_comma {
            return (Self::Comma, None);
        }
        if let Some(cell) = evidence.any_comma.clone().filter(|_| table.separator == Some(b';')) {
            return (Self::Comma, Some(Notice::AssumedDecimalComma { cell }));
        }
        match evidence.any_point {
            Some(_) if evidence.has_thousands_points => (Self::Comma, None),
            Some(cell) if !evidence.has_decimal_point && has_other_separator => {
                let notice = Notice::AssumedDecimalPoint { cell };
                if evidence.separates_thousands { (Self::Comma, None) } else { (Self::Point, Some(notice)) }
            }
            _ => {
                let may_be_decimal = has_other_separator || evidence.has_dates_with_points;
                let is_uncertain = may_be_decimal && !evidence.has_decimal_point;
                let cell = evidence.any_comma.filter(|_| is_uncertain);
                (Self::Point, cell.map(|cell| Notice::AssumedThousandsComma { cell }))
            }
        }
    }

    /// The number in a cell, if the whole cell is a number.
    pub(crate) fn parse(self, cell: &str) -> Option<f64> {
        self.parse_with_unit(cell).map(|(number, _)| number)
    }

    pub(crate) fn parse_with_unit(self, cell: &str) -> Option<(f64, Unit)> {
        let cell = cell.trim();
        let last = *cell.as_bytes().last()?;
        // The last byte excludes `inf`, `infinity` and `nan`, which are words here.
        if self == Self::Point
            && (last.is_ascii_digit() || last == b'.')
            && let Ok(number) = cell.parse()
        {
            return is_usable(number).then_some((number, Unit::None));
        }
        let narrow = east_asian::narrow(cell);
        let cell = narrow.as_ref();
        let (text, unit) = split_unit(cell);
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return currency_of_dash(cell).map(|unit| (0.0, unit));
        }
        let (decimal, thousands) = if self == Self::Point { (b'.', b',') } else { (b',', b'.') };
        let number = to_decimal_point(&text, decimal, thousands)?.parse().ok()?;
        is_usable(number).then_some((number, unit))
    }
}

/// The largest absolute value of a number, so that squares of numbers and their sums do not overflow.
const MAX_NUMBER: f64 = 1e150;

pub(crate) fn is_usable(number: f64) -> bool {
    number.abs() <= MAX_NUMBER
}

/// The patterns of cells that are evidence for a decimal mark.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each pattern occurs or not, whatever the others do")]
struct Evidence {
    /// A comma that cannot separate thousands.
    has_decimal_comma: bool,
    /// The first cell whose comma may be decimal or separate thousands.
    any_comma: Option<String>,
    /// A point that cannot separate thousands.
    has_decimal_point: bool,
    /// Points that cannot be decimal.
    has_thousands_points: bool,
    /// The first cell whose points may separate thousands.
    any_point: Option<String>,
    /// A date such as 31.12.2024, or a whole number without a point in a column with numbers such as 1.234. Decimals would
    /// not all have three digits or none.
    separates_thousands: bool,
    /// A date such as 31.12.2024, which is usual where the decimal mark is a comma.
    has_dates_with_points: bool,
}

impl Evidence {
    /// Whether a number has a point or a comma.
    fn has_mark(&self) -> bool {
        self.has_decimal_comma || self.has_decimal_point || self.any_comma.is_some() || self.any_point.is_some()
    }

    /// Whether no number excludes one of both marks.
    fn fits_both(&self) -> bool {
        !self.has_decimal_comma && !self.has_decimal_point && !self.has_thousands_points
    }

    fn add_column(&mut self, cells: &[String]) {
        let narrow: Vec<Cow<'_, str>> = cells.iter().map(|cell| east_asian::narrow(cell)).collect();
        let cells = narrow.as_slice();
        if are_quarters_after_point(cells) {
            return;
        }
        // `01.2020` says nothing of the decimal mark.
        if are_months_in_digits(cells) {
            return;
        }
        let (mut has_whole_number, mut any_point) = (false, None);
        let bare: Option<Vec<&str>> = cells.iter().map(|cell| bare_number(cell)).collect();
        let cells: Vec<_> = match &bare {
            Some(bare) => bare.iter().map(|cell| split_unit(cell).0).collect(),
            None => cells.iter().map(|cell| split_unit(cell).0).collect(),
        };
        for cell in cells.iter().map(AsRef::as_ref) {
            match is_decimal_comma(cell) {
                Some(true) => self.has_decimal_comma = true,
                Some(false) if self.any_comma.is_none() => self.any_comma = Some(cell.to_owned()),
                _ => {}
            }
            let unsigned = cell.trim_start_matches(['+', '-']);
            let points = unsigned.matches('.').count();
            has_whole_number |= points == 0 && unsigned.bytes().all(|byte| byte.is_ascii_digit());
            if points > 0 && !unsigned.starts_with('0') && without_thousands(unsigned, b'.').is_some() {
                self.has_thousands_points |= points > 1;
                any_point.get_or_insert(cell);
            } else if points == 1 && (unsigned.parse::<f64>().is_ok() || has_commas_before_point(unsigned)) {
                self.has_decimal_point = true;
            } else if points == 2 && DateFormat::DayFirst.parse(cell, CenturyWindow::DEFAULT).is_some() {
                self.separates_thousands = true;
                self.has_dates_with_points = true;
            }
        }
        self.separates_thousands |= has_whole_number && any_point.is_some();
        self.any_point = self.any_point.take().or(any_point.map(str::to_owned));
    }
}

/// A cell without a bound or a currency before its number, and without a short word after it. `None` if it does not start
/// with a number.
fn bare_number(cell: &str) -> Option<&str> {
    /// The maximum number of characters of words such as `Mio. €`.
    const MAX_WORD_CHARS: usize = 8;
    let cell = cell.trim();
    let start = cell.trim_start_matches(['<', '>', '≤', '≥', '=', ' ', '$', '€', '£', '¥', '▲', '△']);
    if start.ends_with(|c: char| c.is_ascii_digit() || "-−)".contains(c)) {
        return Some(start);
    }
    let after = start.rfind(|c: char| c.is_ascii_digit())? + 1;
    let is_number = start.starts_with(|c: char| c.is_ascii_digit() || ".,-+".contains(c));
    (is_number && start[after..].trim().chars().count() <= MAX_WORD_CHARS).then_some(&start[..after])
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

/// Whether commas separate the thousands before the point of a number, as in 1,234.5.
fn has_commas_before_point(number: &str) -> bool {
    let is_fraction = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = number.split_once('.').filter(|(whole, fraction)| whole.contains(',') && is_fraction(fraction));
    parts.is_some_and(|(whole, _)| without_thousands(whole, b',').is_some())
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
    let sign = if cell.starts_with('-') { "-" } else { "" };
    let unsigned = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let (mantissa, exponent) = unsigned.find(['e', 'E']).map_or((unsigned, ""), |at| unsigned.split_at(at));
    let (whole, fraction) = mantissa.split_once(char::from(decimal)).unwrap_or((mantissa, ""));
    let whole = without_thousands(whole, thousands)?;
    let fits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| format!("{sign}{whole}.{fraction}{exponent}"))
}

/// A unit of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    None,
    Percent,
    Currency(&'static str),
}

/// Signs and codes of currencies, which may be before or after an amount.
const CURRENCIES: [&str; 40] = [
    "US$", "A$", "AU$", "C$", "CA$", "NZ$", "HK$", "S$", "R$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₫", "฿", "zł",
    "kr", "Kč", "Ft", "Fr.", "Rs", "USD", "EUR", "GBP", "JPY", "CNY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK",
    "PLN", "INR", "BRL",
];

/// The number of a cell with its sign, and its unit. Spaces and apostrophes between thousands are removed.
fn split_unit(cell: &str) -> (Cow<'_, str>, Unit) {
    let cell = cell.trim();
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-' | b'+' | b'e' | b'E');
    if cell.bytes().all(is_plain) && !cell.ends_with('-') {
        return (Cow::Borrowed(cell), Unit::None);
    }
    let (is_negative, text) = split_sign(cell);
    let (text, unit) = split_symbol(text);
    // The sign may be after the currency, as in $-5, or after the number, as in 5-.
    let (is_negative_inside, text) = split_sign(text);
    let (is_negative_after, text) = text.strip_suffix(['-', '−']).map_or((false, text), |text| (true, text.trim_end()));
    let text = without_spaces(text);
    // A cell with two signs is not a number, so the text gets two signs.
    let signs = [is_negative, is_negative_inside, is_negative_after].into_iter().filter(|sign| *sign).count();
    (if signs == 0 { text } else { Cow::Owned("-".repeat(signs) + &text) }, unit)
}

/// Whether a cell is negative, and the rest of it.
fn split_sign(cell: &str) -> (bool, &str) {
    const MINUS: [char; 3] = ['-', '−', '–'];
    if let Some(inner) = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner.trim());
    }
    let unsigned = cell.strip_prefix(MINUS).or_else(|| cell.strip_prefix('+')).unwrap_or(cell);
    (cell.starts_with(MINUS), unsigned.trim_start())
}

/// The text without its currency or percent sign, and the unit.
pub(crate) fn split_symbol(text: &str) -> (&str, Unit) {
    if let Some(number) = text.strip_suffix('%') {
        return (number.trim_end(), Unit::Percent);
    }
    let is_number = |rest: &&str| rest.trim().starts_with(|c: char| c.is_ascii_digit() || ".,-+−(".contains(c));
    let split = |currency: &'static str| {
        let before = text.strip_prefix(currency).filter(is_number);
        let rest = before.or_else(|| text.strip_suffix(currency).filter(is_number))?;
        Some((rest.trim(), Unit::Currency(currency)))
    };
    CURRENCIES.into_iter().find_map(split).unwrap_or((text, Unit::None))
}

/// The currency next to a dash, as in `$ -` or `-   €`. The accounting formats of spreadsheets write zero in this way.
fn currency_of_dash(cell: &str) -> Option<Unit> {
    if !cell.contains(['-', '–', '—']) {
        return None;
    }
    let has_dash = |currency: &&str| {
        let rest = cell.strip_prefix(currency).or_else(|| cell.strip_suffix(currency));
        rest.is_some_and(|rest| matches!(rest.trim(), "-" | "–" | "—"))
    };
    CURRENCIES.into_iter().find(has_dash).map(Unit::Currency)
}

/// The number without spaces and apostrophes between thousands, if these separate groups of three digits.
fn without_spaces(text: &str) -> Cow<'_, str> {
    let is_separator = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    if !text.contains(is_separator) {
        return Cow::Borrowed(text);
    }
    let end = text.find(['.', ',']).unwrap_or(text.len());
    let (whole, fraction) = text.split_at(end);
    let groups: Vec<&str> = whole.split(is_separator).collect();
    let is_digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups.iter().all(is_digits);
    if is_grouped { Cow::Owned(groups.concat() + fraction) } else { Cow::Borrowed(text) }
}
