//! The downhill simplex within bounds.
//!
//! Nelder & Mead (1965), *A Simplex Method for Function Minimization*, The Computer Journal 7(4), with the coefficients of
//! Gao & Han (2012), *Implementing the Nelder-Mead simplex algorithm with adaptive parameters*, Computational Optimization
//! and Applications 51(1). First step, bounds and the rule to stop are those of `StatsForecast`, so that what it finds on a
//! flat function is found here too.

/// A parameter: where the search starts, its first step, and its bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounded {
    pub(crate) start: f64,
    pub(crate) step: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Bounded {
    /// With the first step of `StatsForecast`: a twentieth of the parameter.
    pub(crate) fn usual(start: f64, low: f64, high: f64) -> Self {
        Self { start, step: if start == 0.0 { 1e-4 } else { 0.05 * start }, low, high }
    }

    fn hold(self, x: f64) -> f64 {
        x.max(self.low).min(self.high)
    }
}

/// When the search ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until {
    /// The corners' values spread less than this.
    pub(crate) tolerance: f64,
    /// So many steps were made.
    pub(crate) steps: usize,
}

impl Until {
    /// As in `StatsForecast`.
    pub(crate) const USUAL: Self = Self { tolerance: 1e-4, steps: 1000 };
}

/// The best point found and its value. A value that is not a number counts as infinite.
pub(crate) fn minimise(
    parameters: &[Bounded],
    until: Until,
    mut function: impl FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let n = parameters.len();
    let mut value = |x: &[f64]| Some(function(x)).filter(|f| !f.is_nan()).unwrap_or(f64::INFINITY);
    let start: Vec<f64> = parameters.iter().map(|p| p.hold(p.start)).collect();
    if n == 0 {
        let least = value(&start);
        return (start, least);
    }
    let mut corners: Vec<(Vec<f64>, f64)> = (0..=n)
        .map(|i| {
            let mut x = start.clone();
            if i < n {
                x[i] = parameters[i].hold(x[i] + parameters[i].step);
            }
            let f = value(&x);
            (x, f)
        })
        .collect();
    let size = n as f64;
    let (expansion, contraction, shrinkage) = (1.0 + 2.0 / size, 0.75 - 0.5 / size, 1.0 - 1.0 / size);
    let mut centre = vec![0.0; n];
    for _ in 0..until.steps {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        if spread(&corners) < until.tolerance {
            break;
        }
        for (i, c) in centre.iter_mut().enumerate() {
            *c = corners[..n].iter().map(|(x, _)| x[i]).sum::<f64>() / size;
        }
        let along = |from: &[f64], to: &[f64], by: f64| -> Vec<f64> {
            let moved = from.iter().zip(to).map(|(a, b)| a + by * (b - a));
            moved.zip(parameters).map(|(x, p)| p.hold(x)).collect()
        };
        let reflected = along(&centre, &corners[n].0, -1.0);
        let f = value(&reflected);
        let (best, second_worst, worst) = (corners[0].1, corners[n - 1].1, corners[n].1);
        if f < best {
            let expanded = along(&centre, &reflected, expansion);
            let further = value(&expanded);
            corners[n] = if further < f { (expanded, further) } else { (reflected, f) };
            continue;
        }
        if f < second_worst {
            corners[n] = (reflected, f);
            continue;
        }
        let outside = f < worst;
        let contracted = along(&centre, &reflected, if outside { contraction } else { -contraction });
        let nearer = value(&contracted);
        if (outside && nearer <= f) || (!outside && nearer < worst) {
            corners[n] = (contracted, nearer);
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

/// The standard deviation of the corners' values; not a number, so never small, where one of them is infinite.
fn spread(corners: &[(Vec<f64>, f64)]) -> f64 {
    let count = corners.len() as f64;
    let mean = corners.iter().map(|(_, f)| f).sum::<f64>() / count;
    (corners.iter().map(|(_, f)| (f - mean).powi(2)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use crate::model::stat::nelder_mead::{Bounded, Until, minimise};

    #[test]
    fn the_valley_of_rosenbrock_is_walked_to_its_end() {
        let wide = |start| Bounded::usual(start, -10.0, 10.0);
        let (x, f) = minimise(&[wide(-1.2), wide(1.0)], Until::USUAL, |x| {
            1e4 * ((1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2))
        });
        assert!((x[0] - 1.0).abs() < 1e-3 && (x[1] - 1.0).abs() < 1e-3 && f < 1e-3, "{x:?} {f}");
    }

    #[test]
    fn bounds_hold_and_what_is_no_number_is_avoided() {
        let (x, _) =
            minimise(
                &[Bounded::usual(0.5, 0.2, 2.0)],
                Until::USUAL,
                |x| {
                    if x[0] > 1.0 { f64::NAN } else { 1e3 * x[0] }
                },
            );
        assert!((x[0] - 0.2).abs() < 1e-6, "{x:?}");
    }
}
