//! The downhill simplex within bounds.
//!
//! Nelder & Mead (1965), *A Simplex Method for Function Minimization*, The Computer Journal 7(4), with the coefficients of
//! Gao & Han (2012), *Implementing the Nelder-Mead simplex algorithm with adaptive parameters*, Computational Optimization
//! and Applications 51(1). First step, bounds and the rule to stop are those of `StatsForecast`, so that what it finds on a
//! flat function is found here too.

/// First step of each parameter, as a share of it; and what replaces a parameter of 0.
const STEP: f64 = 0.05;
const FROM_ZERO: f64 = 1e-4;
/// It stops where the corners' values spread less than this.
const TOLERANCE: f64 = 1e-4;
const ITERATIONS: usize = 1000;

/// A parameter: where the search starts, and its bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounded {
    pub(super) start: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounded {
    fn hold(self, x: f64) -> f64 {
        x.max(self.low).min(self.high)
    }
}

/// The best point found and its value. A value that is not a number counts as infinite.
pub(super) fn minimise(parameters: &[Bounded], mut function: impl FnMut(&[f64]) -> f64) -> (Vec<f64>, f64) {
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
                x[i] = parameters[i].hold(if x[i] == 0.0 { FROM_ZERO } else { x[i] * (1.0 + STEP) });
            }
            let f = value(&x);
            (x, f)
        })
        .collect();
    let size = n as f64;
    let (expansion, contraction, shrinkage) = (1.0 + 2.0 / size, 0.75 - 0.5 / size, 1.0 - 1.0 / size);
    let mut centre = vec![0.0; n];
    for _ in 0..ITERATIONS {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        if spread(&corners) < TOLERANCE {
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
    use super::{Bounded, minimise};

    #[test]
    fn the_valley_of_rosenbrock_is_walked_to_its_end() {
        let wide = |start| Bounded { start, low: -10.0, high: 10.0 };
        let (x, f) =
            minimise(&[wide(-1.2), wide(1.0)], |x| 1e4 * ((1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)));
        assert!((x[0] - 1.0).abs() < 1e-3 && (x[1] - 1.0).abs() < 1e-3 && f < 1e-3, "{x:?} {f}");
    }

    #[test]
    fn bounds_hold_and_what_is_no_number_is_avoided() {
        let (x, _) =
            minimise(
                &[Bounded { start: 0.5, low: 0.2, high: 2.0 }],
                |x| if x[0] > 1.0 { f64::NAN } else { 1e3 * x[0] },
            );
        assert!((x[0] - 0.2).abs() < 1e-6, "{x:?}");
    }
}
