//! Forecasts that add up, as near to those given as their errors' covariance says.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::hierarchy::aggregation::SummingStructure;
use crate::hierarchy::covariance::Covariance;

/// The minimum-trace projection onto what adds up: `y - W C' (C W C')⁻¹ C y`, where a row of `C` is a sum less its parts
/// (Wickramasuriya, Athanasopoulos & Hyndman 2019, *Optimal forecast reconciliation for hierarchical and grouped time
/// series through trace minimization*, JASA 114(526), eq. 10 and 11). `W` is a diagonal and few columns, so that only a
/// matrix of sums by sums is ever made.
#[derive(Debug)]
pub(crate) struct Projection<'a> {
    structure: &'a SummingStructure,
    covariance: Covariance,
    /// `C W C'`, factored: [sums][sums].
    factor: Cholesky<f64, Dyn>,
    /// `C U`: [sums][samples].
    common: DMatrix<f64>,
    /// The sums that each single series is in.
    within: Vec<Vec<usize>>,
}

/// What is added to the diagonal of `C W C'`, as a share of its mean: nodes that never erred leave rows of 0.
const RIDGE: f64 = 1e-10;

impl<'a> Projection<'a> {
    /// By a covariance of all nodes, the single series first.
    pub(crate) fn new(structure: &'a SummingStructure, covariance: Covariance) -> Self {
        let (bottom, count) = (structure.bottom, structure.sums.len());
        let samples = covariance.common.first().map_or(0, Vec::len);
        let mut within = vec![Vec::new(); bottom];
        for (sum, parts) in structure.sums.iter().enumerate() {
            for part in parts {
                within[*part].push(sum);
            }
        }
        let common = DMatrix::from_fn(count, samples, |sum, sample| {
            let parts = structure.sums[sum].iter().map(|part| covariance.common[*part][sample]);
            covariance.common[bottom + sum][sample] - parts.sum::<f64>()
        });
        let mut matrix = &common * common.transpose(); // [sums][sums]
        for sum in 0..count {
            matrix[(sum, sum)] += covariance.own[bottom + sum];
        }
        for (part, sums) in within.iter().enumerate() {
            for one in sums {
                for other in sums {
                    matrix[(*one, *other)] += covariance.own[part];
                }
            }
        }
        let factor = factored(matrix);
        Self { structure, covariance, factor, common, within }
    }

    /// The single series' values such that they and their sums are as near as can be to `said`: a value a node, the
    /// single series first.
    pub(crate) fn bottom(&self, said: &[f64]) -> Vec<f64> {
        let SummingStructure { bottom, sums } = self.structure;
        let gap =
            |(sum, parts): (usize, &Vec<usize>)| said[bottom + sum] - parts.iter().map(|part| said[*part]).sum::<f64>();
        let gaps = DVector::from_iterator(sums.len(), sums.iter().enumerate().map(gap));
        let x = self.factor.solve(&gaps); // [sums]
        let shared = self.common.transpose() * &x; // [samples]
        let moved = |part: usize| {
            let own: f64 = self.within[part].iter().map(|sum| x[*sum]).sum();
            let common = self.covariance.common[part].iter().zip(shared.iter()).map(|(u, s)| u * s);
            said[part] + self.covariance.own[part] * own - common.sum::<f64>()
        };
        (0..*bottom).map(moved).collect()
    }
}

fn factored(mut matrix: DMatrix<f64>) -> Cholesky<f64, Dyn> {
    let mean = matrix.diagonal().sum() / matrix.nrows().max(1) as f64;
    let mut ridge = if mean > 0.0 { mean * RIDGE } else { 1.0 };
    loop {
        for sum in 0..matrix.nrows() {
            matrix[(sum, sum)] += ridge;
        }
        if let Some(factor) = Cholesky::new(matrix.clone()) {
            return factor;
        }
        // what is rounded away can make it indefinite by a hair
        ridge *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: &[f64], other: &[f64]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-7)
    }

    /// Two series and their total, by hand: with W = I the gap of 3 is shared by three, with W = diag(1, 1, 4) the total
    /// takes four sixths of it.
    #[test]
    fn a_gap_is_shared_by_the_variances() {
        let structure = SummingStructure { bottom: 2, sums: vec![vec![0, 1]] };
        let said = [10.0, 20.0, 33.0];
        let equal = Projection::new(&structure, Covariance::diagonal(&[1.0; 3]));
        assert!(near(&equal.bottom(&said), &[11.0, 21.0]));
        let unsure = Projection::new(&structure, Covariance::diagonal(&[1.0, 1.0, 2.0]));
        assert!(near(&unsure.bottom(&said), &[10.5, 20.5]));
    }

    /// The same as the formula as it is printed, `S (S' W⁻¹ S)⁻¹ S' W⁻¹`, with correlated errors.
    #[test]
    fn it_is_the_formula_with_the_inverse() {
        let structure =
            SummingStructure { bottom: 4, sums: vec![vec![0, 1, 2, 3], vec![0, 1], vec![2, 3], vec![0, 2]] };
        let number = |at: usize| ((at * 7919 % 101) as f64 - 50.0) / 25.0;
        let own: Vec<f64> = (0..8_u8).map(|node| 0.5 + f64::from(node) / 4.0).collect();
        let common: Vec<Vec<f64>> = (0..8).map(|node| (0..3).map(|k| number(3 * node + k + 1)).collect()).collect();
        let covariance = Covariance { own: own.clone(), common: common.clone(), shrinkage: 0.5 };
        let u = DMatrix::from_fn(8, 3, |i, j| common[i][j]);
        let w = DMatrix::from_diagonal(&DVector::from_vec(own)) + &u * u.transpose();
        let s = DMatrix::from_fn(8, 4, |node, part| match node.checked_sub(4) {
            None => f64::from(u8::from(node == part)),
            Some(sum) => f64::from(u8::from(structure.sums[sum].contains(&part))),
        });
        let inverse = w.clone().try_inverse().expect("positive definite");
        let p = (s.transpose() * &inverse * &s).try_inverse().expect("full rank") * s.transpose() * &inverse;
        // unbiased: what adds up is left as it is
        assert!((&s * &p * &s - &s).abs().max() < 1e-9);
        let said: Vec<f64> = (0..8).map(|node| 20.0 + number(node + 40)).collect();
        let expected = &p * DVector::from_column_slice(&said);
        let projection = Projection::new(&structure, covariance);
        assert!(near(&projection.bottom(&said), expected.as_slice()));
        let coherent = &s * DVector::from_vec(vec![3.0, 1.0, 4.0, 1.5]);
        assert!(near(&projection.bottom(coherent.as_slice()), &[3.0, 1.0, 4.0, 1.5]));
    }
}
