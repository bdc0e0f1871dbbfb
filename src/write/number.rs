//! How many digits a number is written with.

use crate::panel::Panel;

/// Enough for any chart or sum; an input that is more precise raises it.
pub(crate) const MIN_SIGNIFICANT_DIGITS: usize = 7;

/// What an `f64` holds without noise in the last places.
pub const MAX_SIGNIFICANT_DIGITS: usize = 15;

/// The values whose digits are counted: so many tell how precise a column is.
const COUNTED_VALUES: usize = 10_000;

/// The significant digits that forecasts of a panel are written with: at least as many as its values have.
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

/// The shortest text that reads back as the value rounded to so many significant digits, at least 1.
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
    fn numbers_are_short_and_as_precise_as_asked() {
        assert_eq!(round_to_digits(222_437.912_345, 7), "222437.9");
        assert_eq!(round_to_digits(0.1 + 0.2, 7), "0.3");
        assert_eq!(round_to_digits(-0.0, 7), "0");
        assert_eq!(round_to_digits(1.0 / 3.0, 7), "0.3333333");
        assert_eq!(round_to_digits(1e300, 7), "1e300");
        assert_eq!(round_to_digits(123_456_789.0, 9), "123456789");
        assert_eq!(round_to_digits(-2.5e-9, 7), "-2.5e-9");
    }

    #[test]
    fn a_precise_input_gives_precise_forecasts() {
        assert_eq!(significant_digits(&Panel::from_values(&[1.0, 2.5], 1)), 7);
        assert_eq!(significant_digits(&Panel::from_values(&[135.077_690_3, 1.0], 1)), 10);
        assert_eq!(significant_digits(&Panel::from_values(&[0.1 + 0.2], 1)), 7);
    }
}
