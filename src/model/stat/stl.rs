//! Seasonal and trend decomposition by loess (STL).
//!
//! Cleveland and others (1990), *A Seasonal-Trend Decomposition Procedure Based on Loess*, Journal of Official Statistics
//! 6(1). There are no robustness weights and five inner iterations. The seasonal smoother is locally constant; trend and
//! low pass are locally linear. These settings and the numbers are those of `StatsForecast`'s `MSTL`.

const INNER_ITERATIONS: usize = 5;

/// The season and the trend at every position.
///
/// `season` is at least 2, and `values` contain two cycles of it. `window` is odd: the number of cycles over which the
/// season may change.
pub(crate) fn decompose(values: &[f64], season: usize, window: usize) -> (Vec<f64>, Vec<f64>) {
    let n = values.len();
    let (low_pass, trend_window) = ((season + 1) | 1, trend_window(season, window));
    let (mut seasonal, mut trend) = (vec![0.0; n], vec![0.0; n]);
    for _ in 0..INNER_ITERATIONS {
        let detrended: Vec<f64> = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
        let cycles = smooth_cycle_subseries(&detrended, season, window);
        let rest = moving_average(&moving_average(&moving_average(&cycles, season), season), 3);
        let level = loess(&rest, low_pass, Degree::Line);
        seasonal = (0..n).map(|t| cycles[season + t] - level[t]).collect();
        let adjusted: Vec<f64> = values.iter().zip(&seasonal).map(|(v, s)| v - s).collect();
        trend = loess(&adjusted, trend_window, Degree::Line);
    }
    (seasonal, trend)
}

/// The trend of values without a season, as that of a series with this season.
pub(crate) fn trend(values: &[f64], season: usize, window: usize) -> Vec<f64> {
    loess(values, trend_window(season, window), Degree::Line)
}

/// Local lines through values over `steps`, at least 1.
pub(crate) fn smoothed(values: &[f64], steps: usize) -> Vec<f64> {
    if steps < 3 { values.to_vec() } else { loess(values, steps | 1, Degree::Line) }
}

/// The window of the trend: it leaves the season to its smoother.
fn trend_window(season: usize, window: usize) -> usize {
    (1.5 * season as f64 / (1.0 - 1.5 / window as f64)).ceil() as usize | 1
}

/// Smooths the cycle-subseries, and extends them by one cycle at both ends.
fn smooth_cycle_subseries(values: &[f64], season: usize, window: usize) -> Vec<f64> {
    let mut cycles = vec![0.0; values.len() + 2 * season];
    for position in 0..season {
        let own: Vec<f64> = values[position..].iter().step_by(season).copied().collect();
        let n = own.len();
        let before = local_regression(&own, -1.0, (0, window.min(n)), window, Degree::Constant);
        let after = local_regression(&own, n as f64, (n.saturating_sub(window), n), window, Degree::Constant);
        let within = loess(&own, window, Degree::Constant);
        let all = std::iter::once(before).chain(within).chain(std::iter::once(after));
        for (k, v) in all.enumerate() {
            cycles[position + k * season] = v;
        }
    }
    cycles
}

/// The means of all windows of `width` values.
pub(crate) fn moving_average(values: &[f64], width: usize) -> Vec<f64> {
    let mut sum: f64 = values[..width].iter().sum();
    let mut means = vec![sum / width as f64];
    for (leaving, entering) in values.iter().zip(&values[width..]) {
        sum += entering - leaving;
        means.push(sum / width as f64);
    }
    means
}

/// Of a local regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Degree {
    Constant,
    Line,
}

/// Locally weighted regression at every position. `window` is odd.
fn loess(values: &[f64], window: usize, degree: Degree) -> Vec<f64> {
    let (n, half) = (values.len(), window / 2);
    if n < 2 {
        return values.to_vec();
    }
    if window >= n {
        return (0..n).map(|t| local_regression(values, t as f64, (0, n), window, degree)).collect();
    }
    // inside the series all windows have the same symmetric weights, and a local line equals the weighted mean
    let kernel = tricube_weights(half as f64, (0, window), window, n);
    let total: f64 = kernel.iter().sum();
    (0..n)
        .map(|t| match t {
            t if t < half => local_regression(values, t as f64, (0, window), window, degree),
            t if t + half >= n => local_regression(values, t as f64, (n - window, n), window, degree),
            t => dot(&kernel, &values[t - half..=t + half]) / total,
        })
        .collect()
}

/// The local regression at one position, from the values in the given range.
fn local_regression(values: &[f64], position: f64, (from, to): (usize, usize), window: usize, degree: Degree) -> f64 {
    let weights = tricube_weights(position, (from, to), window, values.len());
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return values[(position.max(0.0) as usize).min(values.len() - 1)];
    }
    let inside = &values[from..to];
    let mean = dot(&weights, inside) / total;
    if degree == Degree::Constant {
        return mean;
    }
    let middle = weights.iter().enumerate().map(|(k, w)| w * (from + k) as f64).sum::<f64>() / total;
    let deviation = |k: usize| (from + k) as f64 - middle;
    let variance = weights.iter().enumerate().map(|(k, w)| w * deviation(k).powi(2)).sum::<f64>() / total;
    if variance.sqrt() <= 0.001 * (values.len() - 1) as f64 {
        return mean;
    }
    let along = weights.iter().zip(inside).enumerate().map(|(k, (w, v))| w * deviation(k) * v).sum::<f64>() / total;
    mean + (position - middle) / variance * along
}

/// Tricube weights of the positions `from..to` by their distance from `position`.
fn tricube_weights(position: f64, (from, to): (usize, usize), window: usize, n: usize) -> Vec<f64> {
    let beyond = window.saturating_sub(n) / 2;
    let bandwidth = (position - from as f64).max((to - 1) as f64 - position) + beyond as f64;
    let weight = |t: usize| match (t as f64 - position).abs() {
        distance if distance > 0.999 * bandwidth => 0.0,
        distance if distance <= 0.001 * bandwidth => 1.0,
        distance => (1.0 - (distance / bandwidth).powi(3)).powi(3),
    };
    (from..to).map(weight).collect()
}

/// The dot product, with four partial sums for vectorisation.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut partial_sums = [0.0; 4];
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for (partial_sum, (x, y)) in partial_sums.iter_mut().zip(x.iter().zip(y)) {
            *partial_sum += x * y;
        }
    }
    partial_sums.iter().sum::<f64>() + rest
}
