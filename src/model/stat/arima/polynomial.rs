//! Lag polynomials, as coefficients of lags 0, 1 and higher. The coefficient of lag 0 is 1.

/// The coefficient of a lag; 0 beyond the order.
pub(crate) fn coefficient(polynomial: &[f64], lag: usize) -> f64 {
    polynomial.get(lag).copied().unwrap_or(0.0)
}

pub(crate) fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut c = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x != 0.0) {
        for (j, y) in b.iter().enumerate() {
            c[i + j] += x * y;
        }
    }
    c
}

/// The polynomial whose lags are multiples of `season` steps.
pub(crate) fn expand_to_season(a: &[f64], season: usize) -> Vec<f64> {
    let mut c = vec![0.0; (a.len() - 1) * season + 1];
    for (i, x) in a.iter().enumerate() {
        c[i * season] = *x;
    }
    c
}

/// `1 - φ₁B - …` from partial autocorrelations, each in (-1, 1). All roots lie outside the unit circle.
///
/// Durbin-Levinson recursion; Monahan (1984), *A note on enforcing stationarity in autoregressive-moving average models*,
/// Biometrika 71(2).
pub(crate) fn polynomial_from_partial_autocorrelations(partial: &[f64]) -> Vec<f64> {
    let mut phi: Vec<f64> = Vec::with_capacity(partial.len());
    for (k, r) in partial.iter().enumerate() {
        let before = phi.clone();
        for j in 0..k {
            phi[j] -= r * before[k - 1 - j];
        }
        phi.push(*r);
    }
    std::iter::once(1.0).chain(phi.into_iter().map(|x| -x)).collect()
}

/// The first `count` coefficients of the power series `above / below`.
pub(crate) fn series_quotient(above: &[f64], below: &[f64], count: usize) -> Vec<f64> {
    let mut psi: Vec<f64> = Vec::with_capacity(count);
    for k in 0..count {
        let known: f64 = below[1..].iter().take(k).enumerate().map(|(j, b)| b * psi[k - 1 - j]).sum();
        psi.push(coefficient(above, k) - known);
    }
    psi
}
