//! The Gaussian likelihood of a stationary ARMA process: exact, by the innovations algorithm, and conditional on the
//! first values, which is faster. A process has two lag polynomials: their coefficients begin with lag 0, which has 1.
//!
//! Brockwell & Davis (1991), *Time Series: Theory and Methods* (2nd ed.), sections 3.3, 5.2, 5.3 and 8.7.

use nalgebra::{DMatrix, DVector};

/// The variance of the innovations has converged when it exceeds its limit by less than this.
const VARIANCE_TOLERANCE: f64 = 1e-6;

#[derive(Debug, Clone)]
pub(crate) struct Likelihood {
    /// Minus twice the log-likelihood at the optimal mean and innovation variance.
    pub(crate) deviance: f64,
    /// 0 without a mean.
    pub(crate) mean: f64,
    pub(crate) errors: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LikelihoodMethod {
    /// The likelihood of all values.
    Exact,
    /// The likelihood given the first values, as many as the order of the autoregression.
    Conditional,
}

/// The likelihood of a process. `ar` is `1 - φ₁B - …`, `ma` is `1 + θ₁B + …`, both with their roots outside the unit
/// circle. `None` if the computation fails.
pub(crate) fn likelihood(
    method: LikelihoodMethod,
    values: &[f64],
    (ar, ma): (&[f64], &[f64]),
    with_mean: bool,
) -> Option<Likelihood> {
    let innovations = match method {
        LikelihoodMethod::Exact => Innovations::of(ar, ma, values.len())?,
        LikelihoodMethod::Conditional => Innovations::conditional(ar, ma),
    };
    let mut errors = innovations.filter(values);
    let (n, counted) = (values.len() as f64, values.len().saturating_sub(innovations.first).max(1) as f64);
    let scale = |t: usize| innovations.variances.get(t).copied().unwrap_or(1.0);
    let mut mean = 0.0;
    if with_mean {
        let ones = innovations.filter(&vec![1.0; values.len()]);
        let (mut above, mut below) = (0.0, 0.0);
        for (t, (e, one)) in errors.iter().zip(&ones).enumerate() {
            above += e * one / scale(t);
            below += one * one / scale(t);
        }
        mean = above / below;
        for (e, one) in errors.iter_mut().zip(&ones) {
            *e -= mean * one;
        }
    }
    let squares: f64 = errors.iter().enumerate().map(|(t, e)| e * e / scale(t)).sum();
    let logarithms: f64 = innovations.variances.iter().map(|v| v.ln()).sum();
    let deviance = n * (std::f64::consts::TAU * squares.max(1e-12) / counted).ln() + n + logarithms;
    deviance.is_finite().then_some(Likelihood { deviance, mean, errors })
}

/// The weights of past errors and the error variance at each position, until both converge.
struct Innovations {
    /// Lags and coefficients of the autoregression that are not 0.
    ar: Vec<(usize, f64)>,
    ma: Vec<(usize, f64)>,
    /// Before this position the weights cover all errors, and from it on those of the moving average.
    order: usize,
    /// `weights[t][j - 1]` is the weight of the error `j` steps before position `t`.
    weights: Vec<Vec<f64>>,
    variances: Vec<f64>,
    /// Positions before this one have an error of 0.
    first: usize,
}

impl Innovations {
    fn of(ar: &[f64], ma: &[f64], count: usize) -> Option<Self> {
        let (p, q) = (ar.len() - 1, ma.len() - 1);
        let order = p.max(q);
        let psi = series_quotient(ma, ar, q + 1);
        // the covariance of the process with its moving average, by lag
        let crossed: Vec<f64> = (0..=q).map(|h| (h..=q).map(|r| ma[r] * psi[r - h]).sum()).collect();
        let noise: Vec<f64> = (0..=q).map(|h| (h..=q).map(|r| ma[r] * ma[r - h]).sum()).collect();
        let own = autocovariance(ar, &crossed, order)?;
        // the covariance of positions i >= k: of the process up to `order`, of its moving average after it
        let covariance = |i: usize, k: usize| match (i < order, k < order) {
            (true, _) => own[i - k],
            (false, true) => coefficient(&crossed, i - k),
            (false, false) => coefficient(&noise, i - k),
        };
        let (mut weights, mut variances): (Vec<Vec<f64>>, Vec<f64>) = (Vec::new(), Vec::new());
        for t in 0..count {
            let reach = if t < order { t } else { q.min(t) };
            let mut row = vec![0.0; reach];
            let mut variance = covariance(t, t);
            for k in t - reach..t {
                let before = &weights[k];
                let shared = (t - reach).max(k - before.len());
                let known: f64 = (shared..k).map(|j| before[k - 1 - j] * row[t - 1 - j] * variances[j]).sum();
                let weight = (covariance(t, k) - known) / variances[k];
                row[t - 1 - k] = weight;
                variance -= weight * weight * variances[k];
            }
            if !(variance > 0.0 && variance.is_finite()) {
                return None;
            }
            weights.push(row);
            variances.push(variance);
            if t >= 2 * order && variance - 1.0 < VARIANCE_TOLERANCE {
                break;
            }
        }
        Some(Self { ar: terms(ar, -1.0), ma: terms(ma, 1.0), order, weights, variances, first: 0 })
    }

    fn conditional(ar: &[f64], ma: &[f64]) -> Self {
        let first = ar.len() - 1;
        let (weights, variances) = (Vec::new(), Vec::new());
        Self { ar: terms(ar, -1.0), ma: terms(ma, 1.0), order: first, weights, variances, first }
    }

    fn filter(&self, values: &[f64]) -> Vec<f64> {
        let mut errors: Vec<f64> = Vec::with_capacity(values.len());
        errors.resize(self.first.min(values.len()), 0.0);
        for (t, value) in values.iter().enumerate().skip(self.first) {
            let mut expected = 0.0;
            if t >= self.order {
                expected += self.ar.iter().map(|(lag, c)| c * values[t - lag]).sum::<f64>();
            }
            expected += match self.weights.get(t) {
                Some(row) => row.iter().zip(errors.iter().rev()).map(|(w, e)| w * e).sum::<f64>(),
                None => self.ma.iter().take_while(|(lag, _)| *lag <= t).map(|(lag, c)| c * errors[t - lag]).sum(),
            };
            errors.push(value - expected);
        }
        errors
    }
}

/// Lags above 0 with their coefficients that are not 0.
fn terms(polynomial: &[f64], sign: f64) -> Vec<(usize, f64)> {
    let all = polynomial.iter().enumerate().skip(1).filter(|(_, c)| **c != 0.0);
    all.map(|(lag, c)| (lag, sign * c)).collect()
}

/// The autocovariances of the process at lags 0 to `order`, for an innovation variance of 1.
fn autocovariance(ar: &[f64], crossed: &[f64], order: usize) -> Option<Vec<f64>> {
    let p = ar.len() - 1;
    let mut left = DMatrix::<f64>::zeros(p + 1, p + 1);
    for lag in 0..=p {
        for (j, c) in ar.iter().enumerate() {
            left[(lag, lag.abs_diff(j))] += c;
        }
    }
    let right = DVector::from_fn(p + 1, |lag, _| coefficient(crossed, lag));
    let mut own: Vec<f64> = left.lu().solve(&right)?.iter().copied().collect();
    for lag in own.len()..=order {
        let before: f64 = (1..=p).map(|j| -ar[j] * own[lag - j]).sum();
        own.push(coefficient(crossed, lag) + before);
    }
    Some(own)
}

/// The coefficient of a lag; 0 beyond the order.
fn coefficient(polynomial: &[f64], lag: usize) -> f64 {
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
