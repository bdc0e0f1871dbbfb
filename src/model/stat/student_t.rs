//! Quantiles of Student's t distribution.
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
