//! The number of digits of written numbers.

use crate::panel::Panel;

/// The smallest number of significant digits. Forecasts of more precise values have more.
pub(crate) const MIN_SIGNIFICANT_DIGITS: usize = 7;

/// The largest number of significant digits that every `f64` represents.
pub const MAX_SIGNIFICANT_DIGITS: usize = 15;

/// The number of values whose digits are counted.
const COUNTED_VALUES: usize = 10_000;

/// The number of significant digits of written forecasts: at least that of the values of the panel.
///
/// ```
/// use forecast::panel::Panel;
/// use forecast::write::significant_digits;
///
/// assert_eq!(significant_digits(&Panel::from_values(&[1.0, 2.5], 1)), 7);
/// assert_eq!(significant_digits(&Panel::from_values(&[135.077_690_3, 1.0], 1)), 10);
/// ```
pub fn significant_digits(panel: &Panel) -> usize {
    let observed =
        panel.iter().flat_map(|s| s.values.iter().zip(s.observed).filter(|(_, seen)| **seen).map(|(v, _)| *v));
    let digits = observed.take(COUNTED_VALUES).map(digits_of);
    digits.filter(|digits| *digits <= MAX_SIGNIFICANT_DIGITS).fold(MIN_SIGNIFICANT_DIGITS, usize::max)
}

fn digits_of(value: f64) -> usize {
    let text = format!("{:e}", value.abs());
    text.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count()
}

/// The shortest text of a value that is rounded to `digits` significant digits, at least 1.
///
/// ```
/// use forecast::write::round_to_digits;
///
/// assert_eq!(round_to_digits(0.1 + 0.2, 7), "0.3");
/// assert_eq!(round_to_digits(1e300, 7), "1e300");
/// ```
pub fn round_to_digits(value: f64, digits: usize) -> String {
    let rounded: f64 =
        format!("{value:.*e}", digits.saturating_sub(1)).parse().expect("a number that was just written");
    let size = rounded.abs();
    if rounded == 0.0 {
        "0".into()
    } else if (1e-7..1e16).contains(&size) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_written_in_the_shortest_form() {
        assert_eq!(round_to_digits(222_437.912_345, 7), "222437.9");
        assert_eq!(round_to_digits(0.1 + 0.2, 7), "0.3");
        assert_eq!(round_to_digits(-0.0, 7), "0");
        assert_eq!(round_to_digits(1.0 / 3.0, 7), "0.3333333");
        assert_eq!(round_to_digits(1e300, 7), "1e300");
        assert_eq!(round_to_digits(123_456_789.0, 9), "123456789");
        assert_eq!(round_to_digits(-2.5e-9, 7), "-2.5e-9");
    }

    #[test]
    fn forecasts_have_the_precision_of_the_values() {
        assert_eq!(significant_digits(&Panel::from_values(&[1.0, 2.5], 1)), 7);
        assert_eq!(significant_digits(&Panel::from_values(&[135.077_690_3, 1.0], 1)), 10);
        assert_eq!(significant_digits(&Panel::from_values(&[0.1 + 0.2], 1)), 7);
    }
}
