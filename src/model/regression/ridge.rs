//! Ridge regression with several outputs by its normal equations; the penalty is chosen by generalised cross-validation.
//!
//! Hoerl & Kennard (1970), *Ridge regression*, Technometrics 12(1); Golub, Heath & Wahba (1979), *Generalized
//! cross-validation as a method for choosing a good ridge parameter*, Technometrics 21(2).

use nalgebra::{Cholesky, DMatrix};

/// The number of rows that are added to the sums together.
const BLOCK_ROWS: usize = 128;
/// The penalties in the grid, as multiples of the features' mean square times √rows.
const PENALTIES: [f64; 8] = [1e-4, 1e-3, 1e-2, 1e-1, 0.5, 2.0, 8.0, 32.0];
const MIN_ROWS: usize = 3;

/// Sums over rows of features x and outputs y, from which the coefficients follow. Rows can be added between solutions,
/// so that one pass over a series is enough for all rolling origins.
#[derive(Debug, Clone)]
pub(crate) struct NormalEquations {
    features: usize,
    pub(crate) outputs: usize,
    /// Rows are taken at positions that are multiples of this.
    pub(crate) stride: usize,
    /// Σ x (x, y)ᵀ over the finished blocks: [features, features + outputs].
    sums: DMatrix<f64>,
    /// Rows that are not in the sums yet: one matrix product is faster than many small ones.
    pending: Vec<f64>,
    pub(crate) rows: usize,
    /// Σ y² over all outputs.
    squares: f64,
    /// Factor on the weight of a row for each [`BLOCK_ROWS`] rows added after it.
    block_decay: f64,
    /// Sum of the weights of all rows.
    effective_rows: f64,
}

/// Coefficients: [outputs, features].
#[derive(Debug, Clone)]
pub(crate) struct RidgeCoefficients(pub(crate) DMatrix<f64>);

impl RidgeCoefficients {
    /// The outputs for a row of features. They are sums over the features, of which many are computed at once.
    pub(crate) fn predict(&self, features: &[f64]) -> Vec<f64> {
        let mut outputs = vec![0.0; self.0.nrows()];
        for (coefficients, x) in self.0.as_slice().chunks(outputs.len()).zip(features) {
            outputs.iter_mut().zip(coefficients).for_each(|(output, b)| *output += b * x);
        }
        outputs
    }
}

impl NormalEquations {
    /// Equations without rows. With a `half_life` in rows, older rows have less weight (discounted least squares).
    pub(crate) fn new(features: usize, outputs: usize, half_life: Option<f64>) -> Self {
        let sums = DMatrix::zeros(features, features + outputs);
        let block_decay = half_life.map_or(1.0, |rows| 0.5f64.powf(BLOCK_ROWS as f64 / rows));
        let (stride, pending) = (1, Vec::new());
        Self { features, outputs, stride, sums, pending, rows: 0, squares: 0.0, block_decay, effective_rows: 0.0 }
    }

    /// Adds a row: its features, then its outputs.
    pub(crate) fn add(&mut self, row: &[f64]) {
        debug_assert_eq!(row.len(), self.features + self.outputs);
        self.pending.extend_from_slice(row);
        self.rows += 1;
        if self.pending.len() >= BLOCK_ROWS * row.len() {
            self.add_pending();
        }
    }

    fn add_pending(&mut self) {
        let size = self.features + self.outputs;
        let count = self.pending.len() / size;
        if count > 0 {
            let block = DMatrix::from_vec(size, count, std::mem::take(&mut self.pending)); // one column for each row
            let (x, y) = (block.rows(0, self.features), block.rows(self.features, self.outputs));
            let decay = self.block_decay.powf(count as f64 / BLOCK_ROWS as f64);
            self.sums.gemm(1.0, &x, &block.transpose(), decay);
            self.squares = self.squares * decay + y.norm_squared();
            self.effective_rows = self.effective_rows * decay + count as f64;
        }
    }

    /// The coefficients with the penalty that minimises the generalised cross-validation score over all outputs; `None`
    /// for too few rows.
    pub(crate) fn solve(&self) -> Option<RidgeCoefficients> {
        if self.rows < MIN_ROWS {
            return None;
        }
        // pending rows stay pending in `self`, so that the sums do not depend on the number of solutions
        let mut all = self.clone();
        all.add_pending();
        let (p, n) = (all.features, all.effective_rows);
        let xx = all.sums.columns(0, p).into_owned();
        let xy = all.sums.columns(p, all.outputs).into_owned();
        // neighbouring rows with overlapping outputs are not independent, so they count as fewer rows
        let overlap = ((all.outputs as f64).sqrt() / all.stride as f64).max(1.0);
        let penalty_unit = (xx.trace() / p as f64 / n.sqrt()).max(1e-12);
        let mut best: Option<(f64, DMatrix<f64>)> = None;
        for penalty in PENALTIES {
            let mut shrunk = xx.clone();
            for i in 0..p {
                shrunk[(i, i)] += penalty * penalty_unit;
            }
            let Some(factor) = Cholesky::new(shrunk) else { continue };
            let beta = factor.solve(&xy);
            let explained = 2.0 * beta.dot(&xy) - (&xx * &beta).dot(&beta);
            // tr((A + μI)⁻¹ A) = p − μ tr((A + μI)⁻¹)
            let freedom = n / overlap - (p as f64 - penalty * penalty_unit * trace_of_inverse(factor.l_dirty()));
            let score = (all.squares - explained).max(0.0) / freedom.powi(2);
            if freedom >= 1.0 && score.is_finite() && best.as_ref().is_none_or(|(lowest, _)| score < *lowest) {
                best = Some((score, beta));
            }
        }
        best.map(|(_, beta)| RidgeCoefficients(beta.transpose()))
    }
}

/// The trace of (L Lᵀ)⁻¹, given the lower triangle L: the sum of the squares of L⁻¹.
fn trace_of_inverse(lower: &DMatrix<f64>) -> f64 {
    let p = lower.nrows();
    let mut column = vec![0.0; p];
    let mut sum = 0.0;
    for first in 0..p {
        column[first..].fill(0.0);
        column[first] = 1.0;
        for k in first..p {
            let of_l = &lower.column(k);
            let x = column[k] / of_l[k];
            sum += x * x;
            for (b, l) in column[k + 1..].iter_mut().zip(&of_l.as_slice()[k + 1..]) {
                *b -= x * l;
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn normal(rows: usize, columns: usize, seed: u64) -> DMatrix<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        DMatrix::from_fn(rows, columns, |_, _| rng.sample(StandardNormal))
    }

    fn truth() -> DMatrix<f64> {
        DMatrix::from_row_slice(3, 2, &[1.0, 0.0, 2.0, -1.0, 0.0, 3.0])
    }

    fn fitted(x: &DMatrix<f64>, y: &DMatrix<f64>, half_life: Option<f64>) -> Option<DMatrix<f64>> {
        let mut equations = NormalEquations::new(3, 2, half_life);
        for (x, y) in x.row_iter().zip(y.row_iter()) {
            equations.add(&x.iter().chain(&y).copied().collect::<Vec<f64>>());
        }
        Some(equations.solve()?.0.transpose())
    }

    #[test]
    fn known_coefficients_are_recovered_and_those_on_noise_are_shrunk() {
        // within one block, one block, across blocks, and with noise
        for (count, noise, limit) in [(40, 0.0, 1e-3), (128, 0.0, 1e-3), (300, 0.0, 1e-3), (2000, 0.5, 0.05)] {
            let x = normal(count, 3, 1);
            let error = fitted(&x, &(&x * truth() + noise * normal(count, 2, 2)), None).expect("enough rows") - truth();
            assert!(error.amax() < limit, "{count} rows: {error}");
        }
        assert!(fitted(&normal(MIN_ROWS - 1, 3, 1), &normal(MIN_ROWS - 1, 2, 2), None).is_none());
        let (x, y) = (normal(30, 3, 3), normal(30, 2, 4));
        let least_squares = (x.transpose() * &x).try_inverse().expect("independent features") * x.transpose() * &y;
        let shrunk = fitted(&x, &y, None).expect("enough rows");
        assert!(shrunk.norm() < 0.6 * least_squares.norm(), "{shrunk} {least_squares}");
    }

    #[test]
    fn a_half_life_discounts_old_rows() {
        let x = normal(2100, 3, 5);
        let mut y = &x * truth();
        y.rows_mut(0, 1500).neg_mut();
        let error = |half_life| (fitted(&x, &y, half_life).expect("enough rows") - truth()).amax();
        assert!(error(Some(60.0)) < 0.05 && error(None) > 1.0);
    }

    #[test]
    fn trace_of_inverse_agrees_with_the_explicit_inverse() {
        let x = normal(9, 7, 6);
        let square = x.transpose() * x;
        let factor = Cholesky::new(square.clone()).expect("independent columns");
        let trace = square.try_inverse().expect("independent columns").trace();
        assert!((trace_of_inverse(factor.l_dirty()) / trace - 1.0).abs() < 1e-9);
    }
}
