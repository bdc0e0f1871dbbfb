//! Scaling by a power of two, which rounds nothing.

/// The power of two by which `values` are divided so that the largest lies in [512, 1024); 1 if all are 0.
///
/// The squares of the scaled values neither overflow nor underflow.
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
    fn the_largest_scaled_value_is_below_1024() {
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
