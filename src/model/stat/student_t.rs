//! Quantiles and probabilities of Student's t distribution.
//!
//! The crate `statrs` has them too. Its results differ in the last digits, which would change the forecasts.

use std::f64::consts::FRAC_PI_2;

/// Degrees of freedom at which Student's t distribution is the normal one.
const NORMAL: usize = 1_000_000;

/// The quantile of the normal distribution at `level` in (0, 1).
pub(crate) fn normal_quantile(level: f64) -> f64 {
    quantile(level, NORMAL)
}

/// The quantile at `level` in (0, 1) for the given degrees of freedom.
///
/// Hill (1970), *Algorithm 396: Student's t-quantiles*, Communications of the ACM 13(10); accurate to about six digits.
pub(crate) fn quantile(level: f64, degrees_of_freedom: usize) -> f64 {
    let tails = 2.0 * level.min(1.0 - level);
    let size = if tails >= 1.0 {
        0.0
    } else {
        match degrees_of_freedom {
            1 => 1.0 / (tails * FRAC_PI_2).tan(),
            2 => (2.0 / (tails * (2.0 - tails)) - 2.0).sqrt(),
            _ => expansion(tails, degrees_of_freedom as f64),
        }
    };
    if level < 0.5 { -size } else { size }
}

/// Hill's expansion. `tails` is the probability of both tails, `n` the degrees of freedom.
fn expansion(tails: f64, n: f64) -> f64 {
    let a = 1.0 / (n - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * FRAC_PI_2).sqrt() * n;
    let mut y = (d * tails).powf(2.0 / n);
    if y > 0.05 + a {
        let x = normal_lower(tails / 2.0);
        y = x * x;
        if n < 5.0 {
            c += 0.3 * (n - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        y = (a * y * y).exp_m1();
    } else {
        y = ((1.0 / (((n + 6.0) / (n * y) - 0.089 * d - 0.822) * (n + 2.0) * 3.0) + 0.5 / (n + 4.0)) * y - 1.0)
            * (n + 1.0)
            / (n + 2.0)
            + 1.0 / y;
    }
    (n * y).sqrt()
}

/// The quantile of the standard normal distribution at `level`.
pub(crate) fn normal(level: f64) -> f64 {
    let lower = normal_lower(level.min(1.0 - level));
    if level < 0.5 { lower } else { -lower }
}

/// The normal quantile of a probability of at most one half.
///
/// Wichura (1988), *Algorithm AS 241: The percentage points of the normal distribution*, Applied Statistics 37(3),
/// routine PPND7; accurate to about seven digits.
fn normal_lower(share: f64) -> f64 {
    let q = share - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(r, &[3.387_132_717_9, 50.434_271_938, 159.291_132_02, 59.109_374_720])
            / polynomial(r, &[1.0, 17.895_169_469, 78.757_757_664, 67.187_563_600]);
    }
    let r = (-share.ln()).sqrt();
    let size = if r <= 5.0 {
        polynomial(r - 1.6, &[1.423_437_277_7, 2.756_815_390_0, 1.306_728_481_6, 0.170_238_211_03])
            / polynomial(r - 1.6, &[1.0, 0.737_001_642_50, 0.120_211_329_75])
    } else {
        polynomial(r - 5.0, &[6.657_905_115_0, 3.081_226_386_0, 0.428_682_943_37, 0.017_337_203_997])
            / polynomial(r - 5.0, &[1.0, 0.241_978_942_25, 0.012_258_202_635])
    };
    -size
}

/// The value of a polynomial; the coefficients begin with the constant.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The probability that a value of Student's t distribution is at least as far from 0 as `t`. The degrees of freedom need
/// not be whole.
///
/// Abramowitz & Stegun (1964), *Handbook of Mathematical Functions*, 26.7.1: it is the regularized incomplete beta
/// function of `n / (n + t²)` with the parameters `n / 2` and 1/2. Accurate to about ten digits.
pub(crate) fn two_sided_probability(t: f64, degrees_of_freedom: f64) -> f64 {
    let n = degrees_of_freedom;
    if t.is_infinite() { 0.0 } else { incomplete_beta(n / (n + t * t), n / 2.0, 0.5) }
}

/// The value that Student's t distribution exceeds in size with this probability, the inverse of
/// [`two_sided_probability`].
pub(crate) fn two_sided_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while two_sided_probability(high, degrees_of_freedom) > probability && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if two_sided_probability(middle, degrees_of_freedom) > probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularized incomplete beta function.
///
/// Press, Teukolsky, Vetterling & Flannery (2007), *Numerical Recipes*, section 6.4: a continued fraction, which converges
/// fast on one side of the mean. The other side follows by symmetry.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function, by the method of Lentz.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const MAX_TERMS: usize = 500;
    const PRECISION: f64 = 1e-14;
    let nonzero = |v: f64| if v.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { v };
    let (mut c, mut d) = (1.0, 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in (1..MAX_TERMS).map(|m| m as f64) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / nonzero(1.0 + term * d);
            c = nonzero(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < PRECISION {
            break;
        }
    }
    fraction
}

/// The logarithm of the gamma function of a positive number.
///
/// Lanczos (1964), *A precision approximation of the gamma function*, SIAM J. Numerical Analysis 1, with the coefficients
/// of Godfrey for g = 7.
fn ln_gamma(x: f64) -> f64 {
    const G: f64 = 7.0;
    const COEFFICIENTS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let terms = COEFFICIENTS[1..].iter().zip(1..).map(|(c, i)| c / (x + f64::from(i)));
    let sum = COEFFICIENTS[0] + terms.sum::<f64>();
    let t = x + G + 0.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of `scipy.stats.t.sf` and `scipy.special.gammaln`.
    #[test]
    fn probabilities_are_those_of_scipy_and_quantiles_their_inverse() {
        let probabilities = [
            (0.0, 3.0, 1.0),
            (1.0, 1.0, 0.5),
            (-2.776_445_105_197_793, 4.0, 0.05),
            (0.5, 2.5, 0.657_697_919_869_714_8),
            (3.2, 7.3, 0.014_239_668_038_658_306),
            (12.0, 1.4, 0.022_146_998_090_323_347),
            (40.0, 30.0, 1.372_604_519_440_641_7e-27),
            (2.2, 150.0, 0.029_336_717_806_518_465),
        ];
        for (t, n, expected) in probabilities {
            let found = two_sided_probability(t, n);
            assert!((found / expected - 1.0).abs() < 1e-10, "{t}, {n}: {found} for {expected}");
            if t != 0.0 && expected > 1e-20 {
                assert!((two_sided_quantile(expected, n) / t.abs() - 1.0).abs() < 1e-9, "{t}, {n}");
            }
        }
        let logarithms = [
            (0.5, 0.572_364_942_924_700_1),
            (2.5, 0.284_682_870_472_919_2),
            (7.3, 7.147_892_523_022_249),
            (150.25, 601.261_504_032_499_7),
        ];
        assert!(logarithms.iter().all(|(x, expected)| (ln_gamma(*x) - expected).abs() < 1e-9));
    }
}
