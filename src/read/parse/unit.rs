//! The units of numbers: currencies and percent signs, and the brackets and spaces around the digits.

use std::borrow::Cow;

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
pub(crate) fn split_unit(cell: &str) -> (Cow<'_, str>, Unit) {
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
    if let Some(inner) = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner.trim());
    }
    match cell.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, cell.strip_prefix('+').unwrap_or(cell).trim_start()),
    }
}

/// The text without its currency or percent sign, and the unit.
fn split_symbol(text: &str) -> (&str, Unit) {
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
