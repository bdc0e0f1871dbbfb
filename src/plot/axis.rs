//! The vertical axis: its limits, its ticks and the format of their labels.

/// Values are clamped to ± this, so that the limits of an axis stay finite.
const MAX_VALUE: f64 = 1e300;

/// A vertical axis with its ticks, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// The value and the label of each tick.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A linear axis around all values, with about `wanted` ticks. It starts at zero if no value is negative and some
    /// are close to zero.
    pub(crate) fn linear(values: impl Iterator<Item = f64>, wanted: usize) -> Self {
        let (low, high) = span(values);
        let margin = (high - low) * 0.05;
        let starts_at_zero = low >= 0.0 && low < 0.25 * high;
        let low = if starts_at_zero { 0.0 } else { low - margin };
        Self::with_limits(low, high + margin, wanted)
    }

    /// A linear axis with these limits and about `wanted` ticks.
    pub(crate) fn with_limits(low: f64, high: f64, wanted: usize) -> Self {
        // the round steps above and below the step that would give the wanted number
        let wanted = wanted.max(2);
        let coarse = round_step((high - low) / wanted as f64);
        let fine = round_step(coarse / 2.6);
        let excess = |step| multiples(low, high, step).len().abs_diff(wanted);
        let step = if excess(fine) <= excess(coarse) { fine } else { coarse };
        let ticks = multiples(low, high, step);
        let labels = numbers(&ticks, step);
        Self { low, high, logarithmic: false, ticks: ticks.into_iter().zip(labels).collect() }
    }

    /// A logarithmic axis around all positive values, with about `wanted` ticks.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>, wanted: usize) -> Self {
        let (low, high) = span(values.filter(|v| *v > 0.0).map(f64::log10));
        let margin = (high - low) * 0.05;
        let (low, high) = (low - margin, high + margin);
        let ticks = powers(low, high, wanted.max(2));
        if ticks.len() < 2 {
            let narrow = Self::with_limits(10_f64.powf(low), 10_f64.powf(high), wanted);
            return Self { low, high, logarithmic: true, ticks: narrow.ticks };
        }
        let plain = ticks.iter().all(|t| (1e-4..=1e6).contains(t));
        // without the tolerance a rounding error could turn 1000 into 10 × 10²
        let exponent = |t: f64| (t.log10() + 1e-9).floor() as i32;
        let label = |t: f64| if plain { number(t, decimals(t)) } else { scientific(t, exponent(t), 0) };
        let ticks = ticks.into_iter().map(|t| (t, label(t))).collect();
        Self { low, high, logarithmic: true, ticks }
    }

    /// A logarithmic axis if all values are positive and span more than a factor of ten, else a linear axis.
    pub(super) fn for_values(values: &[f64], wanted: usize) -> Self {
        let (low, high) = values.iter().fold((f64::MAX, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        let is_wide = low > 0.0 && high / low > 10.0;
        let values = values.iter().copied();
        if is_wide { Self::logarithmic(values, wanted) } else { Self::linear(values, wanted) }
    }

    /// The position of a value from 0 at the lower limit to 1 at the upper. Values outside are clamped to the limits.
    pub(crate) fn position(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.log10() } else { value };
        // the comparison also maps NaN to the lower limit
        let position = (value.clamp(-MAX_VALUE, MAX_VALUE) - self.low) / (self.high - self.low);
        if position > 0.0 { position.min(1.0) } else { 0.0 }
    }
}

/// The least and the greatest finite value, and a range around the value if all are equal.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|v| v.is_finite()).map(|v| v.clamp(-MAX_VALUE, MAX_VALUE));
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 {
        return (low, high);
    }
    match size {
        0.0 => (0.0, 1.0),
        _ if size < 1e-290 => (0.0, 1e-290),
        _ => (low - size * 0.1, high + size * 0.1),
    }
}

/// The least of 1, 2, 5 × 10ᵏ that is at least `step`.
pub(super) fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let mantissa = step / power;
    // without the tolerance a rounding error could turn 0.2 into 0.5
    let round = [1.0, 2.0, 5.0].into_iter().find(|m| mantissa <= m * (1.0 + 1e-9)).unwrap_or(10.0);
    round * power
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = (last - first + 1.0).clamp(0.0, 100.0) as usize;
    // division by the inverse, because 3 × 0.1 is not 0.3
    let inverse = (1.0 / step).round();
    let exact = step < 1.0 && (inverse * step - 1.0).abs() < 1e-9;
    (0..count)
        .map(|i| first + i as f64)
        .map(|k| if exact { k / inverse } else { k * step })
        .map(|v| v.clamp(low, high) + 0.0)
        .collect()
}

fn powers(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let decades: Vec<i32> = (low.ceil() as i32..=high.floor() as i32).collect();
    if decades.len() >= 3 {
        let excess = |every: &i32| decades.iter().filter(|d| *d % every == 0).count().abs_diff(wanted);
        let every = [1, 2, 5, 10, 20, 50, 100].into_iter().min_by_key(excess).unwrap_or(1);
        return decades.into_iter().filter(|d| d.rem_euclid(every) == 0).map(|d| 10_f64.powi(d)).collect();
    }
    (low.floor() as i32..=high.floor() as i32)
        .flat_map(|d| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(d)))
        .filter(|v| (low..=high).contains(&v.log10()))
        .collect()
}

/// Formats numbers that are `step` apart, all in the same unit and with the same decimals.
pub(super) fn numbers(values: &[f64], step: f64) -> Vec<String> {
    let size = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if size > 0.0 && !(1e-4..1e15).contains(&size) {
        let exponent = size.log10().floor();
        let places = decimals(step / 10_f64.powf(exponent));
        return values.iter().map(|v| scientific(*v, exponent as i32, places)).collect();
    }
    let units = [(1e12, "T"), (1e9, "B"), (1e6, "M")];
    let unit = units.into_iter().find(|(unit, _)| size >= *unit && decimals(step / unit) <= 3).unwrap_or((1.0, ""));
    let format = |v: &f64| match *v {
        0.0 => "0".to_owned(),
        v => number(v / unit.0, decimals(step / unit.0)) + unit.1,
    };
    values.iter().map(format).collect()
}

/// A number with about three significant digits.
pub(super) fn three_digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number(value, 0);
    }
    let digit = 10_f64.powf(value.abs().log10().floor());
    let step = if value.abs() < 1000.0 || value.abs() >= 1e6 { digit / 100.0 } else { 1.0 };
    numbers(&[value], step).remove(0)
}

/// The decimals that distinguish numbers `step` apart.
fn decimals(step: f64) -> usize {
    // without the tolerance a rounding error could give a step of 0.1 two decimals
    (-(step.log10() + 1e-9).floor()).clamp(0.0, 17.0) as usize
}

/// A number with thousands separators and a true minus sign.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let minus = if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "−" } else { "" };
    format!("{minus}{}{fraction}", with_separators(whole))
}

/// A number with a noun in the singular or the plural: `1 step`, `2,000 steps`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", number(count as f64, 0), if count == 1 { "" } else { "s" })
}

/// An integer with thousands separators from five digits on, since four digits may be a year.
pub(super) fn integer(value: i128) -> String {
    let digits = value.unsigned_abs().to_string();
    let digits = if digits.len() < 5 { digits } else { with_separators(&digits) };
    if value < 0 { format!("−{digits}") } else { digits }
}

fn with_separators(digits: &str) -> String {
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b',')).into_owned()
}

fn scientific(value: f64, exponent: i32, decimals: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // in two halves, because powers above 10³⁰⁸ overflow
    let half = exponent / 2;
    let mantissa = number(value / 10_f64.powi(half) / 10_f64.powi(exponent - half), decimals);
    if mantissa == "1" { power(exponent) } else { format!("{mantissa}×{}", power(exponent)) }
}

fn power(exponent: i32) -> String {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |c: char| c.to_digit(10).map_or('⁻', |digit| SUPERSCRIPTS[digit as usize]);
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        e => format!("10{}", e.to_string().chars().map(raised).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(axis: &Axis) -> String {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn linear_ticks_are_round_numbers() {
        let values: [&[f64]; 16] = [
            &[0.0, 1.0],
            &[212_345.0, 345_678.9],
            &[1.2e6, 3.4e6],
            &[1_000_000.0, 1_000_012.0],
            &[-3.1e9, 2.2e9],
            &[1.1e12, 1.9e12],
            &[3e-6, 8.5e-6],
            &[1e17, 4e17],
            &[-0.35, 0.2],
            &[0.1, 9.0],
            &[7.0, 9.0],
            &[5.0, 5.0],
            &[0.0, 0.0],
            &[-12.0],
            &[],
            &[f64::MAX, f64::MIN],
        ];
        insta::assert_snapshot!(values.map(|v| labels(&Axis::linear(v.iter().copied(), 5))).join("\n"));
    }

    #[test]
    fn logarithmic_ticks_are_round_numbers() {
        let values: [&[f64]; 7] =
            [&[0.01, 5.0], &[0.2, 3.0], &[0.31, 0.39], &[1.0, 9e6], &[1e-30, 1e30], &[5.0], &[0.0, -1.0]];
        insta::assert_snapshot!(values.map(|v| labels(&Axis::logarithmic(v.iter().copied(), 6))).join("\n"));
    }

    #[test]
    fn single_numbers_have_three_significant_digits() {
        let written = [0.0, 0.123_456, 1.0, -12.345, 123.4, 1234.5, 250_000.0, 1.234e6, 5.4e9, 3.21e-7, f64::INFINITY];
        insta::assert_snapshot!(written.map(three_digits).join("\n"));
    }

    proptest! {
        #[test]
        fn ticks_ascend_within_the_limits_and_have_different_labels(
            centre in -1e6..1e6_f64, spread in 0.0..1e3_f64, scale in -200..200_i32, wanted in 1..12_usize,
        ) {
            let unit = 10_f64.powi(scale);
            let axis = Axis::linear([(centre - spread) * unit, (centre + spread) * unit].into_iter(), wanted);
            prop_assert!(!axis.ticks.is_empty() && axis.ticks.len() <= 2 * wanted + 2);
            prop_assert!(axis.ticks.iter().all(|(value, _)| (axis.low..=axis.high).contains(value)));
            for pair in axis.ticks.windows(2) {
                prop_assert!(pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1, "{:?}", axis.ticks);
            }
        }

        #[test]
        fn every_value_has_a_position_between_zero_and_one(values in prop::collection::vec(prop::num::f64::ANY, 0..8)) {
            for axis in [Axis::linear(values.iter().copied(), 5), Axis::logarithmic(values.iter().copied(), 5)] {
                prop_assert!(values.iter().all(|value| (0.0..=1.0).contains(&axis.position(*value))));
            }
        }

        #[test]
        fn the_axis_of_non_negative_values_has_no_negative_limit(values in prop::collection::vec(0.0..1e9_f64, 1..8)) {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let axis = Axis::linear(values.iter().copied(), 5);
            prop_assert!(axis.low >= 0.0 && axis.low <= least);
        }
    }
}
