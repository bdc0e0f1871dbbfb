//! How unlikely a variance ratio is by chance.

use std::f64::consts::TAU;

/// The normal score of a variance ratio `f` with `numerator` and `denominator` degrees of freedom. A standard normal
/// variable exceeds it with the same probability as chance exceeds the ratio.
///
/// Paulson (1942), *An approximate normalization of the analysis of variance distribution*, Annals of Mathematical
/// Statistics 13(2). The approximation needs a few degrees of freedom of the denominator.
pub(crate) fn normal_score(f: f64, numerator: f64, denominator: f64) -> f64 {
    if f.is_infinite() {
        return f64::INFINITY;
    }
    let (a, b) = (2.0 / (9.0 * numerator), 2.0 / (9.0 * denominator));
    let root = f.max(0.0).cbrt();
    ((1.0 - b) * root - (1.0 - a)) / (b * root * root + a).sqrt()
}

/// The critical normal score. The probability that chance exceeds it in any of `tests` tests is at most `level`.
///
/// The correction for the number of tests is that of Bonferroni. The score is the first term of the asymptotic
/// expansion of the normal quantile, which is accurate to 0.1 for small probabilities.
pub(crate) fn critical_score(level: f64, tests: usize) -> f64 {
    let size = 2.0 * (tests.max(1) as f64 / level).ln();
    (size - (TAU * size).ln()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_f_distribution() {
        // the upper 1 % of F(4, 20), F(11, 60) and F(1, 10), and the upper 0.1 % of F(11, 60)
        for (f, numerator, denominator, z) in [
            (4.431, 4.0, 20.0, 2.326),
            (2.559, 11.0, 60.0, 2.326),
            (10.04, 1.0, 10.0, 2.326),
            (3.416, 11.0, 60.0, 3.090),
        ] {
            let score = normal_score(f, numerator, denominator);
            assert!((score - z).abs() < 0.06, "{score} for {f}");
        }
        assert!(normal_score(f64::INFINITY, 3.0, 9.0).is_infinite());
        // the upper 0.1 % and 0.001 % of the normal distribution
        assert!((critical_score(0.001, 1) - 3.09).abs() < 0.1 && (critical_score(0.001, 100) - 4.265).abs() < 0.1);
    }
}
