//! What stands around a number: currencies, percent signs, accountants' brackets, and spaces between thousands.

use std::borrow::Cow;

/// What a cell's number is counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    None,
    Percent,
    Currency(String),
}

/// Signs and codes of currencies as they stand before or behind an amount.
const CURRENCIES: [&str; 40] = [
    "US$", "A$", "AU$", "C$", "CA$", "NZ$", "HK$", "S$", "R$", "$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₫", "฿", "zł",
    "kr", "Kč", "Ft", "Fr.", "Rs", "USD", "EUR", "GBP", "JPY", "CNY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK",
    "PLN", "INR", "BRL",
];

/// The bare number of a cell with its sign, and its unit; spaces and apostrophes between thousands are gone.
pub(crate) fn bare(cell: &str) -> (Cow<'_, str>, Unit) {
    let cell = cell.trim();
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-' | b'+' | b'e' | b'E');
    if cell.bytes().all(plain) && !cell.ends_with('-') {
        return (Cow::Borrowed(cell), Unit::None);
    }
    let (negative, text) = sign(cell);
    let (text, unit) = unit(text);
    // the sign may stand inside the currency, as in $-5, or behind the number, as in 5-
    let (inner, text) = sign(text);
    let (behind, text) = text.strip_suffix(['-', '−']).map_or((false, text), |text| (true, text.trim_end()));
    let text = joined(text);
    // two signs are no number; what is left of them tells so
    let signs = usize::from(negative) + usize::from(inner) + usize::from(behind);
    let text = match signs {
        0 => text,
        1 => Cow::Owned(format!("-{text}")),
        _ => Cow::Owned(format!("--{text}")),
    };
    (text, unit)
}

/// Whether a cell is negative, and the rest of it.
fn sign(cell: &str) -> (bool, &str) {
    if let Some(inner) = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner.trim());
    }
    match cell.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, cell.strip_prefix('+').unwrap_or(cell).trim_start()),
    }
}

fn unit(text: &str) -> (&str, Unit) {
    if let Some(number) = text.strip_suffix('%') {
        return (number.trim_end(), Unit::Percent);
    }
    let number = |rest: &&str| rest.trim().starts_with(|c: char| c.is_ascii_digit() || ".,-+−(".contains(c));
    for sign in CURRENCIES {
        let before = text.strip_prefix(sign).filter(number);
        let behind = || text.strip_suffix(sign).filter(number);
        if let Some(rest) = before.or_else(behind) {
            return (rest.trim(), Unit::Currency(sign.to_owned()));
        }
    }
    (text, Unit::None)
}

/// Without the spaces and apostrophes between thousands, where they stand in the right places.
fn joined(text: &str) -> Cow<'_, str> {
    let mark = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    if !text.contains(mark) {
        return Cow::Borrowed(text);
    }
    let end = text.find(['.', ',']).unwrap_or(text.len());
    let (whole, fraction) = text.split_at(end);
    let groups: Vec<&str> = whole.split(mark).collect();
    let digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    let right = (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups.iter().all(digits);
    if right { Cow::Owned(groups.concat() + fraction) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_number_is_taken_off() {
        let euro = || Unit::Currency("€".into());
        for (cell, number, unit) in [
            ("12", "12", Unit::None),
            ("12 %", "12", Unit::Percent),
            ("-3.5%", "-3.5", Unit::Percent),
            ("$1,234.50", "1,234.50", Unit::Currency("$".into())),
            ("-$5", "-5", Unit::Currency("$".into())),
            ("$-5", "-5", Unit::Currency("$".into())),
            ("($5)", "-5", Unit::Currency("$".into())),
            ("1.234,50 €", "1.234,50", euro()),
            ("EUR 5", "5", Unit::Currency("EUR".into())),
            ("(1,234)", "-1,234", Unit::None),
            ("−5", "-5", Unit::None),
            ("5-", "-5", Unit::None),
            ("1 234 567,8", "1234567,8", Unit::None),
            ("1'234.5", "1234.5", Unit::None),
            ("1\u{a0}234", "1234", Unit::None),
            ("1 2", "1 2", Unit::None),
            ("-(5)", "--5", Unit::None),
            ("hello", "hello", Unit::None),
        ] {
            assert_eq!(bare(cell), (Cow::Borrowed(number), unit), "{cell}");
        }
    }
}
