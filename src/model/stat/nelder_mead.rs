//! The Nelder-Mead simplex method with bounds.
//!
//! Nelder & Mead (1965), *A Simplex Method for Function Minimization*, The Computer Journal 7(4), with the coefficients
//! of Gao & Han (2012), *Implementing the Nelder-Mead simplex algorithm with adaptive parameters*, Computational
//! Optimization and Applications 51(1). First step, bounds and stopping rule are those of `StatsForecast`, so that
//! results agree on flat functions. Crates such as `argmin` have no such bounds and another stopping rule, which would
//! change every forecast.

use crate::model::transform::mean_and_deviation;

/// A parameter of the search: its start, first step and bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoundedParameter {
    pub(crate) start: f64,
    pub(crate) step: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl BoundedParameter {
    /// A parameter with the first step of `StatsForecast`, a twentieth of its start.
    pub(crate) fn new(start: f64, low: f64, high: f64) -> Self {
        Self { start, step: if start == 0.0 { 1e-4 } else { 0.05 * start }, low, high }
    }

    fn clamp(self, x: f64) -> f64 {
        x.max(self.low).min(self.high)
    }
}

/// The search stops at the standard deviation of the corner values, or after the number of iterations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoppingRule {
    pub(crate) tolerance: f64,
    pub(crate) max_iterations: usize,
}

impl StoppingRule {
    /// The rule of `StatsForecast`.
    pub(crate) const DEFAULT: Self = Self { tolerance: 1e-4, max_iterations: 1000 };
}

/// The best point and its value. NaN is treated as infinite.
pub(crate) fn minimise(
    parameters: &[BoundedParameter],
    stopping_rule: StoppingRule,
    mut function: impl FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let n = parameters.len();
    let mut value = |x: &[f64]| Some(function(x)).filter(|f| !f.is_nan()).unwrap_or(f64::INFINITY);
    let start: Vec<f64> = parameters.iter().map(|p| p.clamp(p.start)).collect();
    if n == 0 {
        let least = value(&start);
        return (start, least);
    }
    let corner = |i: usize| {
        let mut x = start.clone();
        if i < n {
            x[i] = parameters[i].clamp(x[i] + parameters[i].step);
        }
        let f = value(&x);
        (x, f)
    };
    let mut corners: Vec<(Vec<f64>, f64)> = (0..=n).map(corner).collect();
    let size = n as f64;
    let (expansion, contraction, shrinkage) = (1.0 + 2.0 / size, 0.75 - 0.5 / size, 1.0 - 1.0 / size);
    let mut centre = vec![0.0; n];
    for _ in 0..stopping_rule.max_iterations {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        // it is NaN, and so never small, if a value is infinite
        let (_, deviation) = mean_and_deviation(&corners.iter().map(|(_, f)| *f).collect::<Vec<f64>>());
        if deviation < stopping_rule.tolerance {
            break;
        }
        for (i, c) in centre.iter_mut().enumerate() {
            *c = corners[..n].iter().map(|(x, _)| x[i]).sum::<f64>() / size;
        }
        let along = |from: &[f64], to: &[f64], by: f64| -> Vec<f64> {
            let moved = from.iter().zip(to).map(|(a, b)| a + by * (b - a));
            moved.zip(parameters).map(|(x, p)| p.clamp(x)).collect()
        };
        let reflected = along(&centre, &corners[n].0, -1.0);
        let f = value(&reflected);
        let (best, second_worst, worst) = (corners[0].1, corners[n - 1].1, corners[n].1);
        let replacement = if f < best {
            let expanded = along(&centre, &reflected, expansion);
            let further = value(&expanded);
            Some(if further < f { (expanded, further) } else { (reflected, f) })
        } else if f < second_worst {
            Some((reflected, f))
        } else {
            let outside = f < worst;
            let contracted = along(&centre, &reflected, if outside { contraction } else { -contraction });
            let nearer = value(&contracted);
            ((outside && nearer <= f) || (!outside && nearer < worst)).then_some((contracted, nearer))
        };
        if let Some(corner) = replacement {
            corners[n] = corner;
            continue;
        }
        let (first, others) = corners.split_at_mut(1);
        for (x, f) in others {
            *x = along(&first[0].0, x, shrinkage);
            *f = value(x);
        }
    }
    corners.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("a simplex has a corner")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_of_rosenbrocks_function_is_found() {
        let start = [-1.2, 1.0].map(|start| BoundedParameter::new(start, -10.0, 10.0));
        let rosenbrock = |x: &[f64]| 1e4 * ((1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2));
        let (x, f) = minimise(&start, StoppingRule::DEFAULT, rosenbrock);
        assert!((x[0] - 1.0).abs() < 1e-3 && (x[1] - 1.0).abs() < 1e-3 && f < 1e-3, "{x:?} {f}");
    }

    #[test]
    fn bounds_are_respected_and_nan_is_avoided() {
        let line = |x: &[f64]| if x[0] > 1.0 { f64::NAN } else { 1e3 * x[0] };
        let (x, _) = minimise(&[BoundedParameter::new(0.5, 0.2, 2.0)], StoppingRule::DEFAULT, line);
        assert!((x[0] - 0.2).abs() < 1e-6, "{x:?}");
    }
}
