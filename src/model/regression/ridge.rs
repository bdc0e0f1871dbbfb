//! Ridge regression with several outputs by its normal equations; the penalty is chosen by generalised cross-validation.
//!
//! Hoerl & Kennard (1970), *Ridge regression*, Technometrics 12(1); Golub, Heath & Wahba (1979), *Generalized
//! cross-validation as a method for choosing a good ridge parameter*, Technometrics 21(2).

use nalgebra::{Cholesky, DMatrix};

/// Sums over rows of features x and outputs y: all that the coefficients follow from. Rows can be added between solves,
/// so that one pass over a series serves every rolling origin.
#[derive(Debug, Clone)]
pub(crate) struct Gram {
    features: usize,
    outputs: usize,
    /// Σ x (x, y)ᵀ over the finished blocks: [features, features + outputs].
    sums: DMatrix<f64>,
    /// Rows that wait to be added together: one matrix product is faster than many small ones.
    waiting: Vec<f64>,
    rows: usize,
    /// Σ y² over all outputs.
    squares: f64,
    /// What a row still counts after [`Gram::BLOCK`] more rows.
    memory: f64,
    /// Rows, each by what it still counts.
    weight: f64,
}

/// Coefficients: [features, outputs].
#[derive(Debug, Clone)]
pub(crate) struct Coefficients(DMatrix<f64>);

impl Gram {
    const BLOCK: usize = 128;
    /// Penalties tried, as multiples of the features' mean square times √rows.
    const PENALTIES: [f64; 8] = [1e-4, 1e-3, 1e-2, 1e-1, 0.5, 2.0, 8.0, 32.0];

    /// No rows yet. Each will count half after `half_life` more; `None`: all count alike.
    pub(crate) fn new(features: usize, outputs: usize, half_life: Option<f64>) -> Self {
        let size = features + outputs;
        let memory = half_life.map_or(1.0, |rows| 0.5f64.powf(Self::BLOCK as f64 / rows));
        Self {
            features,
            outputs,
            sums: DMatrix::zeros(features, size),
            waiting: Vec::new(),
            rows: 0,
            squares: 0.0,
            memory,
            weight: 0.0,
        }
    }

    /// Rows added so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row: its features, then its outputs.
    pub(crate) fn add(&mut self, row: &[f64]) {
        debug_assert_eq!(row.len(), self.features + self.outputs);
        self.waiting.extend_from_slice(row);
        self.rows += 1;
        if self.waiting.len() >= Self::BLOCK * row.len() {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let size = self.features + self.outputs;
        let count = self.waiting.len() / size;
        if count > 0 {
            let block = DMatrix::from_vec(size, count, std::mem::take(&mut self.waiting)); // a column a row
            let x = block.rows(0, self.features);
            let memory = self.memory.powf(count as f64 / Self::BLOCK as f64);
            self.sums.gemm(1.0, &x, &block.transpose(), memory);
            let squares = block.rows(self.features, self.outputs).norm_squared();
            self.squares = self.squares * memory + squares;
            self.weight = self.weight * memory + count as f64;
        }
    }

    /// The coefficients with the penalty of the least generalised cross-validation score, the same for every output.
    /// `overlap` is how many neighbouring rows say about the same: rows count as that many times fewer. `None` where there
    /// are too few rows.
    pub(crate) fn solve(&mut self, overlap: f64) -> Option<Coefficients> {
        self.settle();
        let (p, n) = (self.features, self.weight);
        if self.rows < 3 {
            return None;
        }
        let xx = self.sums.columns(0, p).into_owned();
        let xy = self.sums.columns(p, self.outputs).into_owned();
        let unit = (xx.trace() / p as f64 / n.sqrt()).max(1e-12);
        let mut best: Option<(f64, DMatrix<f64>)> = None;
        for penalty in Self::PENALTIES {
            let mut shrunk = xx.clone();
            for i in 0..p {
                shrunk[(i, i)] += penalty * unit;
            }
            let Some(factor) = Cholesky::new(shrunk) else { continue };
            let beta = factor.solve(&xy);
            let explained = 2.0 * beta.dot(&xy) - (&xx * &beta).dot(&beta);
            let freedom = n / overlap - factor.solve(&xx).trace();
            if freedom < 1.0 {
                continue;
            }
            let score = (self.squares - explained).max(0.0) / freedom.powi(2);
            if score.is_finite() && best.as_ref().is_none_or(|(least, _)| score < *least) {
                best = Some((score, beta));
            }
        }
        best.map(|(_, beta)| Coefficients(beta))
    }
}

impl Coefficients {
    /// The outputs for a row of features.
    pub(crate) fn apply(&self, features: &[f64]) -> Vec<f64> {
        self.0.column_iter().map(|column| column.iter().zip(features).map(|(b, x)| b * x).sum()).collect()
    }
}
