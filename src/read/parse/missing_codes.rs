//! Numbers that stand for a missing value, such as -999.

/// Numbers that often stand for a missing value.
#[rustfmt::skip]
const CODES: [f64; 21] = [
    -99.0, -999.0, -9_999.0, -99_999.0, -999_999.0, -99.9, -999.9, -9_999.9, -99.99, -999.99, -9_999.99,
    99.9, 999.9, 9_999.9, 99.99, 999.99, 999.0, 9_999.0, 99_999.0, 999_999.0, -32_768.0,
];
/// Numbers of instruments and of 16 bits that stand for a missing value, if all other values are far smaller. They may also be
/// prices or counts.
const CODES_FAR_FROM_OTHERS: [f64; 6] = [-6_999.0, -7_999.0, -8_888.0, 8_888.0, 32_767.0, 65_535.0];
/// The least multiple of all other values that such a number is.
const LEAST_MULTIPLE: f64 = 20.0;
/// Fill values of gridded data and of single precision, in several roundings. Their sign does not matter.
const FILL_VALUES: [f64; 7] = [1e20, 9.999e20, 1e30, 1e36, 9.969_21e36, 1.701_41e38, 3.402_823_5e38];
/// The largest relative difference from a fill value.
const MAX_ROUNDING: f64 = 1e-5;
/// Fewer other values do not tell which values are usual.
const MIN_OTHERS: usize = 10;

/// A number that stands for a missing value, how often it occurs, and its first row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MissingCode {
    pub(crate) code: f64,
    pub(crate) cells: usize,
    pub(crate) first: usize,
}

/// Replaces numbers that stand for a missing value by NaN. They repeat exactly, and are far outside of all other values.
pub(crate) fn remove_missing_codes(values: &mut [f64]) -> Vec<MissingCode> {
    let mut found = Vec::new();
    // Only the lowest and the highest value may be such a number, so that most columns need one pass.
    while let Some(code) = lowest_and_highest(values).into_iter().find(|end| is_missing_code(values, *end)) {
        found.extend(remove_code(values, code));
    }
    found
}

/// Replaces a number by NaN wherever it occurs; `None` if it does not.
pub(crate) fn remove_code(values: &mut [f64], code: f64) -> Option<MissingCode> {
    let is_code = |value: f64| value.total_cmp(&code).is_eq();
    let first = values.iter().position(|value| is_code(*value))?;
    let mut cells = 0;
    for value in values.iter_mut().filter(|value| is_code(**value)) {
        *value = f64::NAN;
        cells += 1;
    }
    Some(MissingCode { code, cells, first })
}

/// The lowest and the highest value; infinite without values.
fn lowest_and_highest(values: &[f64]) -> [f64; 2] {
    let ends = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    [ends.0, ends.1]
}

fn is_one_of(codes: &[f64], value: f64) -> bool {
    codes.iter().any(|code| code.total_cmp(&value).is_eq())
}

fn is_fill_value(value: f64) -> bool {
    let is_near = |fill: &f64| (value.abs() - fill).abs() <= fill * MAX_ROUNDING;
    FILL_VALUES.iter().any(is_near)
}

/// The cells with a value, and the values other than the lowest or the highest one. `None` if that is no number for a
/// missing value, or does not repeat.
fn cells_and_others(values: &[f64], end: f64) -> Option<(usize, Vec<f64>)> {
    let may_be_code = is_one_of(&CODES, end) || is_one_of(&CODES_FAR_FROM_OTHERS, end) || is_fill_value(end);
    let cells = if may_be_code { values.iter().filter(|value| value.total_cmp(&end).is_eq()).count() } else { 0 };
    let is_other = |value: &f64| !value.is_nan() && value.total_cmp(&end).is_ne();
    (cells >= 2).then(|| (cells, values.iter().copied().filter(is_other).collect()))
}

/// Whether the lowest or the highest value stands for a missing value. One in more than half of the cells is negative, and
/// not all of its cells follow each other: a usual price or capacity may be 999, and a level may change once.
fn is_missing_code(values: &[f64], end: f64) -> bool {
    let Some((cells, others)) = cells_and_others(values, end) else { return false };
    let is_rare = cells <= others.len();
    others.len() >= MIN_OTHERS && is_far_outside(end, &others) && (is_rare || end < 0.0 && !is_one_block(values, end))
}

/// Whether all cells with a value follow each other.
fn is_one_block(values: &[f64], wanted: f64) -> bool {
    let is_wanted = |value: &f64| value.total_cmp(&wanted).is_eq();
    let (first, last) = (values.iter().position(is_wanted), values.iter().rposition(is_wanted));
    first.zip(last).is_some_and(|(first, last)| values[first..=last].iter().all(is_wanted))
}

fn is_far_outside(end: f64, others: &[f64]) -> bool {
    let [low, high] = lowest_and_highest(others);
    if is_one_of(&CODES_FAR_FROM_OTHERS, end) {
        return end.abs() >= LEAST_MULTIPLE * low.abs().max(high.abs());
    }
    let is_never_negative = low >= 0.0 && end < 0.0;
    let distance = if end < low { low - end } else { end - high };
    let is_large = is_never_negative || end.abs() >= 2.0 * low.abs().max(high.abs());
    (is_large && distance > high - low) || (is_never_negative && end <= -999.0)
}

/// A number in more than half of the cells that may stand for a missing value, but is not far outside of enough other
/// values. A number in all cells must be negative, since all prices may be 99.9.
pub(crate) fn suspected_code(values: &[f64]) -> Option<MissingCode> {
    let suspected = |end: f64| {
        let (cells, others) = cells_and_others(values, end)?;
        let first = values.iter().position(|value| value.total_cmp(&end).is_eq())?;
        let may_be_all = (!others.is_empty() || end < 0.0) && !is_one_of(&CODES_FAR_FROM_OTHERS, end);
        (may_be_all && cells > others.len()).then_some(MissingCode { code: end, cells, first })
    };
    lowest_and_highest(values).into_iter().find_map(suspected)
}
