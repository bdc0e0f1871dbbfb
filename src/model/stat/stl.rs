//! Seasonal and trend decomposition by loess.
//!
//! Cleveland and others (1990), *A Seasonal-Trend Decomposition Procedure Based on Loess*, Journal
//! of Official Statistics 6(1); without robustness weights, five inner rounds, the season's level smoothed by a constant,
//! trend and low pass by lines: the settings of `StatsForecast`'s `MSTL`, whose numbers these are.

const ROUNDS: usize = 5;

/// A series taken apart, at every position; what they leave of it is the remainder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    pub(crate) seasonal: Vec<f64>,
    pub(crate) trend: Vec<f64>,
}

/// Takes the season and the trend apart.
///
/// `season`: at least 2, and `values` hold it twice. `window`: odd, the width in seasons over which the season may change.
pub(crate) fn decompose(values: &[f64], season: usize, window: usize) -> Parts {
    let n = values.len();
    let least_trend = (1.5 * season as f64 / (1.0 - 1.5 / window as f64)).ceil() as usize;
    let (low_pass, trend_window) = ((season + 1) | 1, least_trend | 1);
    let (mut trend, mut seasonal) = (vec![0.0; n], vec![0.0; n]);
    for _ in 0..ROUNDS {
        let detrended: Vec<f64> = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
        let cycles = smooth_each_position(&detrended, season, window);
        let rest = moving_average(&moving_average(&moving_average(&cycles, season), season), 3);
        let level = loess(&rest, low_pass, Degree::Line);
        for (t, s) in seasonal.iter_mut().enumerate() {
            *s = cycles[season + t] - level[t];
        }
        let adjusted: Vec<f64> = values.iter().zip(&seasonal).map(|(v, s)| v - s).collect();
        trend = loess(&adjusted, trend_window, Degree::Line);
    }
    Parts { seasonal, trend }
}

/// Smooths the values of each position of the season by themselves, and goes one season beyond both ends.
fn smooth_each_position(values: &[f64], season: usize, window: usize) -> Vec<f64> {
    let mut cycles = vec![0.0; values.len() + 2 * season];
    for position in 0..season {
        let own: Vec<f64> = values[position..].iter().step_by(season).copied().collect();
        let n = own.len();
        let before = at(&own, -1.0, (0, window.min(n)), window, Degree::Constant);
        let after = at(&own, n as f64, (n.saturating_sub(window), n), window, Degree::Constant);
        let within = loess(&own, window, Degree::Constant);
        let all = std::iter::once(before).chain(within).chain(std::iter::once(after));
        for (k, v) in all.enumerate() {
            cycles[position + k * season] = v;
        }
    }
    cycles
}

fn moving_average(values: &[f64], width: usize) -> Vec<f64> {
    let mut sum: f64 = values[..width].iter().sum();
    let mut means = vec![sum / width as f64];
    for (leaves, enters) in values.iter().zip(&values[width..]) {
        sum += enters - leaves;
        means.push(sum / width as f64);
    }
    means
}

/// What is fitted around a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Degree {
    Constant,
    Line,
}

/// Locally weighted regression at every position; `window` is odd.
fn loess(values: &[f64], window: usize, degree: Degree) -> Vec<f64> {
    let (n, half) = (values.len(), window / 2);
    if n < 2 {
        return values.to_vec();
    }
    if window >= n {
        return (0..n).map(|t| at(values, t as f64, (0, n), window, degree)).collect();
    }
    // where the window is whole, its weights are the same everywhere, and a line through it is as high as its mean
    let kernel = weights(half as f64, (0, window), window, n);
    let total: f64 = kernel.iter().sum();
    (0..n)
        .map(|t| match t {
            t if t < half => at(values, t as f64, (0, window), window, degree),
            t if t + half >= n => at(values, t as f64, (n - window, n), window, degree),
            t => dot(&kernel, &values[t - half..=t + half]) / total,
        })
        .collect()
}

/// The regression at one place, from the values in `range`.
fn at(values: &[f64], place: f64, (from, to): (usize, usize), window: usize, degree: Degree) -> f64 {
    let weights = weights(place, (from, to), window, values.len());
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return values[(place.max(0.0) as usize).min(values.len() - 1)];
    }
    let values_there = &values[from..to];
    let mean = dot(&weights, values_there) / total;
    if degree == Degree::Constant {
        return mean;
    }
    let middle = weights.iter().enumerate().map(|(k, w)| w * (from + k) as f64).sum::<f64>() / total;
    let apart = |k: usize| (from + k) as f64 - middle;
    let variance = weights.iter().enumerate().map(|(k, w)| w * apart(k).powi(2)).sum::<f64>() / total;
    if variance.sqrt() <= 0.001 * (values.len() - 1) as f64 {
        return mean;
    }
    let along = weights.iter().zip(values_there).enumerate().map(|(k, (w, v))| w * apart(k) * v).sum::<f64>() / total;
    mean + (place - middle) / variance * along
}

/// Tricube weights of the positions in `range` by their distance from `place`.
fn weights(place: f64, (from, to): (usize, usize), window: usize, n: usize) -> Vec<f64> {
    let beyond = window.saturating_sub(n) / 2;
    let reach = (place - from as f64).max((to - 1) as f64 - place) + beyond as f64;
    let weight = |t: usize| match (t as f64 - place).abs() {
        distance if distance > 0.999 * reach => 0.0,
        distance if distance <= 0.001 * reach => 1.0,
        distance => (1.0 - (distance / reach).powi(3)).powi(3),
    };
    (from..to).map(weight).collect()
}

/// The sum of products, in four strands.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut strands = [0.0; 4];
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for (strand, (x, y)) in strands.iter_mut().zip(x.iter().zip(y)) {
            *strand += x * y;
        }
    }
    strands.iter().sum::<f64>() + rest
}
