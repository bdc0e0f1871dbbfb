//! The minimum-trace projection of forecasts onto the coherent ones.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::hierarchy::covariance::Covariance;

/// The minimum-trace projection onto coherent forecasts: `y - W C' (C W C')⁻¹ C y`. A row of `C` is a sum minus its bottom
/// series (Wickramasuriya, Athanasopoulos & Hyndman 2019, *Optimal forecast reconciliation for hierarchical and grouped time
/// series through trace minimization*, JASA 114(526), eq. 10 and 11). `W` is a diagonal plus a matrix of low rank, so the
/// largest dense matrix is `[sums][sums]`.
pub(crate) struct Projection<'a> {
    /// The bottom series of each sum.
    sums: &'a [Vec<usize>],
    pub(crate) covariance: Covariance,
    /// The Cholesky factor of `C W C'`: `[sums][sums]`.
    factor: Cholesky<f64, Dyn>,
    /// `C U`: `[sums][samples]`.
    sum_factors: DMatrix<f64>,
    /// The sums of each bottom series.
    sums_of: Vec<Vec<usize>>,
}

/// The ridge on the diagonal of `C W C'`, as a share of its mean. Nodes without errors would leave rows of 0.
const RIDGE: f64 = 1e-10;

impl<'a> Projection<'a> {
    /// The projection for an error covariance of all nodes, with bottom series first.
    pub(crate) fn new(sums: &'a [Vec<usize>], covariance: Covariance) -> Self {
        let (bottom, count) = (covariance.diagonal.len() - sums.len(), sums.len());
        let samples = covariance.factors.first().map_or(0, Vec::len);
        let mut sums_of = vec![Vec::new(); bottom];
        for (sum, parts) in sums.iter().enumerate() {
            for part in parts {
                sums_of[*part].push(sum);
            }
        }
        let sum_factors = DMatrix::from_fn(count, samples, |sum, sample| {
            let parts = sums[sum].iter().map(|part| covariance.factors[*part][sample]);
            covariance.factors[bottom + sum][sample] - parts.sum::<f64>()
        });
        let mut matrix = &sum_factors * sum_factors.transpose(); // [sums][sums]
        for sum in 0..count {
            matrix[(sum, sum)] += covariance.diagonal[bottom + sum];
        }
        for (part, sums) in sums_of.iter().enumerate() {
            for one in sums {
                for other in sums {
                    matrix[(*one, *other)] += covariance.diagonal[part];
                }
            }
        }
        let factor = cholesky_factor(matrix);
        Self { sums, covariance, factor, sum_factors, sums_of }
    }

    /// The reconciled values of the bottom series. `base` has one value per node, with bottom series first.
    pub(crate) fn bottom(&self, base: &[f64]) -> Vec<f64> {
        let (bottom, total) = base.split_at(self.sums_of.len());
        let gap = |(total, parts): (&f64, &Vec<usize>)| total - parts.iter().map(|part| bottom[*part]).sum::<f64>();
        let gaps = DVector::from_iterator(total.len(), total.iter().zip(self.sums).map(gap));
        let x = self.factor.solve(&gaps); // [sums]
        let shared = self.sum_factors.transpose() * &x; // [samples]
        let moved = |part: usize| {
            let own: f64 = self.sums_of[part].iter().map(|sum| x[*sum]).sum();
            let common = self.covariance.factors[part].iter().zip(shared.iter()).map(|(u, s)| u * s);
            bottom[part] + self.covariance.diagonal[part] * own - common.sum::<f64>()
        };
        (0..bottom.len()).map(moved).collect()
    }
}

/// The Cholesky factor of a matrix, with a ridge that makes it positive definite.
fn cholesky_factor(mut matrix: DMatrix<f64>) -> Cholesky<f64, Dyn> {
    let mean = matrix.diagonal().sum() / matrix.nrows().max(1) as f64;
    let mut ridge = if mean > 0.0 { mean * RIDGE } else { 1.0 };
    loop {
        for sum in 0..matrix.nrows() {
            matrix[(sum, sum)] += ridge;
        }
        if let Some(factor) = Cholesky::new(matrix.clone()) {
            return factor;
        }
        // rounding can make the matrix slightly indefinite
        ridge *= 10.0;
    }
}
