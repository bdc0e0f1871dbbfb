//! The minimum-trace projection of forecasts onto the coherent ones.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::hierarchy::aggregation::SummingStructure;
use crate::hierarchy::covariance::Covariance;

/// The minimum-trace projection onto coherent forecasts: `y - W C' (C W C')⁻¹ C y`. A row of `C` is a sum minus its bottom
/// series (Wickramasuriya, Athanasopoulos & Hyndman 2019, *Optimal forecast reconciliation for hierarchical and grouped time
/// series through trace minimization*, JASA 114(526), eq. 10 and 11). `W` is a diagonal plus a matrix of low rank, so the
/// largest dense matrix is `[sums][sums]`.
#[derive(Debug)]
pub(crate) struct Projection<'a> {
    structure: &'a SummingStructure,
    covariance: Covariance,
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
    pub(crate) fn new(structure: &'a SummingStructure, covariance: Covariance) -> Self {
        let (bottom, count) = (structure.bottom, structure.sums.len());
        let samples = covariance.factors.first().map_or(0, Vec::len);
        let mut sums_of = vec![Vec::new(); bottom];
        for (sum, parts) in structure.sums.iter().enumerate() {
            for part in parts {
                sums_of[*part].push(sum);
            }
        }
        let sum_factors = DMatrix::from_fn(count, samples, |sum, sample| {
            let parts = structure.sums[sum].iter().map(|part| covariance.factors[*part][sample]);
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
        Self { structure, covariance, factor, sum_factors, sums_of }
    }

    /// The reconciled values of the bottom series. `base` has one value per node, with bottom series first.
    pub(crate) fn bottom(&self, base: &[f64]) -> Vec<f64> {
        let SummingStructure { bottom, sums } = self.structure;
        let gap =
            |(sum, parts): (usize, &Vec<usize>)| base[bottom + sum] - parts.iter().map(|part| base[*part]).sum::<f64>();
        let gaps = DVector::from_iterator(sums.len(), sums.iter().enumerate().map(gap));
        let x = self.factor.solve(&gaps); // [sums]
        let shared = self.sum_factors.transpose() * &x; // [samples]
        let moved = |part: usize| {
            let own: f64 = self.sums_of[part].iter().map(|sum| x[*sum]).sum();
            let common = self.covariance.factors[part].iter().zip(shared.iter()).map(|(u, s)| u * s);
            base[part] + self.covariance.diagonal[part] * own - common.sum::<f64>()
        };
        (0..*bottom).map(moved).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: &[f64], other: &[f64]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-7)
    }

    /// Two series and their total, by hand. With W = I each takes a third of the gap of 3. With W = diag(1, 1, 4) the total
    /// takes four sixths.
    #[test]
    fn an_incoherence_is_split_by_the_variances() {
        let structure = SummingStructure { bottom: 2, sums: vec![vec![0, 1]] };
        let base = [10.0, 20.0, 33.0];
        let equal = Projection::new(&structure, Covariance::uncorrelated(&[1.0; 3]));
        assert!(near(&equal.bottom(&base), &[11.0, 21.0]));
        let uncertain_total = Projection::new(&structure, Covariance::uncorrelated(&[1.0, 1.0, 2.0]));
        assert!(near(&uncertain_total.bottom(&base), &[10.5, 20.5]));
    }

    /// Equals the published formula `S (S' W⁻¹ S)⁻¹ S' W⁻¹`, with correlated errors.
    #[test]
    fn the_projection_equals_the_formula_with_the_inverse() {
        let structure =
            SummingStructure { bottom: 4, sums: vec![vec![0, 1, 2, 3], vec![0, 1], vec![2, 3], vec![0, 2]] };
        let number = |at: usize| ((at * 7919 % 101) as f64 - 50.0) / 25.0;
        let own: Vec<f64> = (0..8_u8).map(|node| 0.5 + f64::from(node) / 4.0).collect();
        let common: Vec<Vec<f64>> = (0..8).map(|node| (0..3).map(|k| number(3 * node + k + 1)).collect()).collect();
        let covariance = Covariance { diagonal: own.clone(), factors: common.clone(), shrinkage: 0.5 };
        let u = DMatrix::from_fn(8, 3, |i, j| common[i][j]);
        let w = DMatrix::from_diagonal(&DVector::from_vec(own)) + &u * u.transpose();
        let s = DMatrix::from_fn(8, 4, |node, part| match node.checked_sub(4) {
            None => f64::from(u8::from(node == part)),
            Some(sum) => f64::from(u8::from(structure.sums[sum].contains(&part))),
        });
        let inverse = w.clone().try_inverse().expect("positive definite");
        let p = (s.transpose() * &inverse * &s).try_inverse().expect("full rank") * s.transpose() * &inverse;
        // unbiased: coherent forecasts do not change
        assert!((&s * &p * &s - &s).abs().max() < 1e-9);
        let base: Vec<f64> = (0..8).map(|node| 20.0 + number(node + 40)).collect();
        let expected = &p * DVector::from_column_slice(&base);
        let projection = Projection::new(&structure, covariance);
        assert!(near(&projection.bottom(&base), expected.as_slice()));
        let coherent = &s * DVector::from_vec(vec![3.0, 1.0, 4.0, 1.5]);
        assert!(near(&projection.bottom(coherent.as_slice()), &[3.0, 1.0, 4.0, 1.5]));
    }
}
