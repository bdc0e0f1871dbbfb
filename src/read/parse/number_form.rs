//! The forms that the numbers of a column may have beyond plain ones: with a magnitude, a unit or a bound, a duration, or a
//! word for yes or no.

use crate::read::parse::flag::without_flag;
use crate::read::parse::number::{Decimal, Unit, is_usable, split_symbol};
use crate::read::parse::yes_or_no::{self, Pair};

/// Triangles before numbers, in place of signs or arrows.
pub(crate) const TRIANGLES: [char; 4] = ['▲', '△', '▼', '▽'];

/// How the cells of a column are numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum NumberForm {
    /// Numbers, with a currency or in percent or without a unit.
    #[default]
    Plain,
    /// Plain numbers, some of which have a magnitude: `950.20K`, `1.23M`.
    Magnitude,
    /// Plain numbers, some of which are bounds: `<1`, `>250`.
    Bound,
    /// Plain numbers of which the negative ones have a triangle in place of a sign, as in accounts of Japan: `▲10`.
    Triangles,
    /// Durations in hours, minutes and seconds, read in seconds: `00:04:35`.
    Duration,
    /// Durations with a unit for each part, read in seconds: `3h 32m`.
    DurationParts,
    /// Words for yes and no, read as 1 and 0.
    YesOrNo(Pair),
    /// Numbers with one unit after them: `12.5 kWh`.
    WithUnit(String),
}

/// Magnitudes after a number. The longer ones are first, because one may end in another.
#[rustfmt::skip]
const MAGNITUDES: [(&str, f64); 22] = [
    ("Tsd.", 1e3), ("Tsd", 1e3), ("Mio.", 1e6), ("Mio", 1e6), ("Mrd.", 1e9), ("Mrd", 1e9), ("mln", 1e6), ("mld", 1e9),
    ("bln", 1e9), ("mn", 1e6), ("bn", 1e9), ("MM", 1e6), ("K", 1e3), ("k", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12),
    ("百万", 1e6), ("万", 1e4), ("萬", 1e4), ("億", 1e8), ("亿", 1e8),
];
/// The maximum number of characters of a unit.
const MAX_UNIT_CHARS: usize = 8;

impl NumberForm {
    /// The form that parses most cells of a sample, and the share of the cells that it parses. Of equal ones it is the
    /// first.
    pub(crate) fn infer(sample: &[String], decimal: Decimal) -> (Self, f64) {
        // Letters such as p may be a flag, which is no unit.
        let first = sample.first().filter(|cell| without_flag(cell).is_none());
        let with_unit = first.and_then(|cell| unit_after(cell)).map(|unit| Self::WithUnit(unit.to_owned()));
        let with_parts = sample.iter().any(|cell| has_duration_parts(cell)).then_some(Self::DurationParts);
        let forms = [Self::Plain, Self::Magnitude, Self::Bound, Self::Duration].into_iter().chain(with_parts);
        let forms = forms.chain(are_triangles(sample, decimal).then_some(Self::Triangles));
        let forms = forms.chain(Pair::of(sample).map(Self::YesOrNo)).chain(with_unit);
        let parsed = |form: &Self| sample.iter().filter(|cell| form.parse(cell, decimal).is_some()).count();
        let counted = forms.map(|form| (parsed(&form), form));
        let most = counted.reduce(|best, other| if other.0 > best.0 { other } else { best });
        most.map_or((Self::Plain, 0.0), |(count, form)| (form, count as f64 / sample.len().max(1) as f64))
    }

    /// The number in a cell and its unit, if the whole cell has this form.
    pub(crate) fn parse(&self, cell: &str, decimal: Decimal) -> Option<(f64, Unit)> {
        let plain = || decimal.parse_with_unit(cell);
        match self {
            Self::Plain => plain(),
            Self::Magnitude => plain().or_else(|| parse_magnitude(cell, decimal)),
            Self::Bound => plain().or_else(|| parse_bound(cell, decimal)),
            Self::Triangles => match after_triangle(cell) {
                Some(number) => decimal.parse_with_unit(number).map(|(number, unit)| (-number, unit)),
                None => plain().filter(|_| !has_sign(cell)),
            },
            Self::Duration => parse_duration(cell).map(|seconds| (seconds, Unit::None)),
            Self::DurationParts => parse_duration_parts(cell).map(|(seconds, _)| (seconds, Unit::None)),
            Self::YesOrNo(pair) => yes_or_no::number(cell.trim(), *pair).map(|number| (number, Unit::None)),
            Self::WithUnit(unit) => decimal.parse_with_unit(cell.trim().strip_suffix(unit.as_str())?),
        }
    }

    /// What the numbers mean, if their form does not tell it.
    pub(crate) fn meaning(&self) -> &'static str {
        match self {
            Self::Triangles => " (a triangle is a minus sign)",
            Self::Bound => " (half of an upper bound, or a lower bound itself)",
            Self::Duration | Self::DurationParts => " seconds",
            Self::YesOrNo(_) => " (the word for no as 0)",
            Self::Plain | Self::Magnitude | Self::WithUnit(_) => "",
        }
    }
}

/// The rest of a cell after a triangle, which starts with the number.
pub(crate) fn after_triangle(cell: &str) -> Option<&str> {
    let rest = cell.trim().strip_prefix(['▲', '△'])?.trim_start();
    (!has_sign(rest)).then_some(rest)
}

/// Whether a cell has a sign, brackets or a triangle that points down.
fn has_sign(cell: &str) -> bool {
    cell.trim().starts_with(['-', '−', '–', '－', '+', '＋', '(', '（', '▼', '▽']) || cell.trim().ends_with(['-', '−'])
}

/// Whether triangles are minus signs: some numbers have one, and none has another sign. Prices that rise and fall have
/// triangles that point up and down.
fn are_triangles(sample: &[String], decimal: Decimal) -> bool {
    let is_number = |cell: &str| decimal.parse_with_unit(cell).is_some_and(|(number, _)| number > 0.0);
    sample.iter().any(|cell| after_triangle(cell).is_some_and(is_number))
        && !sample.iter().any(|cell| has_sign(cell) && cell.contains(|c: char| c.is_ascii_digit()))
}

/// The letters after the digits of a cell, if they may be a unit.
fn unit_after(cell: &str) -> Option<&str> {
    let last_digit = cell.rfind(|c: char| c.is_ascii_digit())?;
    let unit = cell[last_digit + 1..].trim();
    let is_unit_char = |c: char| c.is_alphabetic() || "°²³/‰%µ.".contains(c);
    let may_be_unit = !unit.is_empty() && unit.chars().count() <= MAX_UNIT_CHARS && unit.chars().all(is_unit_char);
    (may_be_unit && unit.chars().any(|c| c.is_alphabetic() || c == '°' || c == '‰')).then_some(unit)
}

/// A number with a magnitude, and a currency before or after it: `$1.2M`, `1,5 Mio. €`, `(3.1K)`.
fn parse_magnitude(cell: &str, decimal: Decimal) -> Option<(f64, Unit)> {
    let cell = cell.trim();
    if let Some(inner) = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let (number, unit) = parse_magnitude(inner, decimal)?;
        return (number > 0.0).then_some((-number, unit));
    }
    let (text, unit) = split_symbol(cell);
    let split = |(name, factor): (&str, f64)| {
        let number = text.strip_suffix(name)?.trim_end();
        let (number, own) = decimal.parse_with_unit(number)?;
        Some((number, factor, if own == Unit::None { unit } else { own }))
    };
    let (number, factor, unit) = MAGNITUDES.into_iter().find_map(split)?;
    // The product of a decimal fraction and a power of ten is rounded to the digits that the cell has.
    let product = format!("{number}e{}", factor.log10().round()).parse().ok()?;
    is_usable(product).then_some((product, unit))
}

/// Half of a bound from above, or a bound from below.
fn parse_bound(cell: &str, decimal: Decimal) -> Option<(f64, Unit)> {
    let cell = cell.trim();
    let from_above = cell.strip_prefix(['<', '≤']).map(|rest| (rest, 0.5));
    let (rest, factor) = from_above.or_else(|| cell.strip_prefix(['>', '≥']).map(|rest| (rest, 1.0)))?;
    let (number, unit) = decimal.parse_with_unit(rest.trim_start_matches(['=', ' ']))?;
    (number >= 0.0).then_some((number * factor, unit))
}

/// The units of durations as written, the longest first, and their seconds.
#[rustfmt::skip]
const DURATION_UNITS: [(f64, &[&str]); 4] = [
    (86_400.0, &["d", "day", "days"]),
    (3_600.0, &["h", "hr", "hrs", "hour", "hours", "std"]),
    (60.0, &["m", "min", "mins", "minute", "minutes"]),
    (1.0, &["s", "sec", "secs", "second", "seconds"]),
];

/// The seconds and the number of parts of a duration with a unit for each part: `3h 32m`, `1 hour 5 min`, `45m`.
fn parse_duration_parts(cell: &str) -> Option<(f64, usize)> {
    let (mut rest, mut seconds, mut parts, mut next) = (cell.trim(), 0.0, 0, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u32 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].trim_start();
        let letters = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
        let name = unit[..letters].to_lowercase();
        // units go from long to short, each once
        let at = (next..DURATION_UNITS.len()).find(|at| DURATION_UNITS[*at].1.contains(&name.as_str()))?;
        seconds += f64::from(number) * DURATION_UNITS[at].0;
        (parts, next) = (parts + 1, at + 1);
        rest = unit[letters..].trim_start_matches([' ', ',', '.']);
    }
    (parts > 0).then_some((seconds, parts))
}

/// Whether a cell is a duration of several parts. One part alone may be a unit of something else, as in `5 m`.
fn has_duration_parts(cell: &str) -> bool {
    parse_duration_parts(cell).is_some_and(|(_, parts)| parts > 1)
}

/// Whether all cells of a sample are two numbers with a colon between them, such as `3:07`, which may be minutes and seconds
/// or hours and minutes.
pub(crate) fn are_ambiguous_durations(sample: &[String]) -> bool {
    let is_one =
        |cell: &String| cell.matches(':').count() == 1 && parse_duration(&format!("{}:00", cell.trim())).is_some();
    !sample.is_empty() && sample.iter().all(is_one)
}

/// The seconds of a duration: `00:04:35`, `-1:02:03.5`, `2 days 03:04:05`, `2d 03:04:05`.
fn parse_duration(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let (sign, unsigned) = cell.strip_prefix('-').map_or((1.0, cell), |rest| (-1.0, rest));
    let (days, clock) = match unsigned.split_once(['d', ' ']) {
        Some((days, rest)) => (days.parse::<u32>().ok()?, rest.trim_start_matches(['d', 'a', 'y', 's', ',', ' '])),
        None => (0, unsigned),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let below_60 = |text: &str| text.len() == 2 && text < "60";
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let fits = is_digits(hours)
        && hours.len() <= 6
        && [*minutes, whole].into_iter().all(|part| is_digits(part) && below_60(part));
    if !fits || !is_digits(fraction) {
        return None;
    }
    let number = |text: &str| text.parse::<f64>().ok();
    let of_day = number(hours)? * 3_600.0 + number(minutes)? * 60.0 + number(seconds)?;
    Some(sign * (f64::from(days) * 86_400.0 + of_day))
}
