//! Scaling by a power of two, which changes no digit of a value.

/// The power of two that brings the largest of `values` to [512, 1024) when they are divided by it; 1 where all are 0.
///
/// The squares of values so scaled neither overflow nor underflow.
pub(crate) fn power_of_two_scale(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    2.0_f64.powi((largest.log2().floor() as i32 - 9).clamp(-1000, 1014))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_is_brought_below_1024() {
        for (values, scale) in
            [(&[3.0, -600.0][..], 1.0), (&[1024.0], 2.0), (&[-0.5], 2.0_f64.powi(-10)), (&[0.0], 1.0)]
        {
            assert!((power_of_two_scale(values) - scale).abs() < 1e-300, "{values:?}");
        }
        for extreme in [f64::MAX, f64::MIN_POSITIVE] {
            assert!((extreme / power_of_two_scale(&[extreme])).is_finite(), "{extreme}");
        }
    }
}
