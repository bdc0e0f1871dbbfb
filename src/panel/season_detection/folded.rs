//! Regressions of one series on its past, on a trend and on a season, for every season length in linear time.
//!
//! The rows of a regression are folded: added up by their phase in the season. All sums that a season needs follow from
//! the sums of the phases. So a season of any shape costs one pass over the values.

use std::f64::consts::TAU;
use std::ops::Range;

/// The position of the level among the variables.
pub(crate) const LEVEL_VARIABLE: usize = 1;
/// Residual sums of squares below this share of the total are rounding errors, and count as 0.
const ROUNDING: f64 = 1e-10;

/// How a season is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A value for each phase.
    Free,
    /// A sum of this number of harmonics, which are sine waves of the season length and of its first fractions.
    Waves(usize),
}

/// A season that a series may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The length in steps, at least 2.
    pub(crate) length: usize,
    pub(crate) shape: Shape,
}

impl Candidate {
    /// The number of free parameters, besides a constant.
    pub(crate) fn parameters(self) -> usize {
        match self.shape {
            Shape::Free => self.length - 1,
            Shape::Waves(waves) => 2 * waves,
        }
    }

    /// The number of parameters of the waves that a season shares with `other`.
    pub(crate) fn shared_parameters(self, other: Self) -> usize {
        let highest = |of: Self| if let Shape::Waves(waves) = of.shape { waves } else { of.length / 2 };
        let of_wave = |wave: usize| {
            let same = wave * other.length / self.length;
            let is_shared = (wave * other.length).is_multiple_of(self.length) && same <= highest(other);
            // the fastest wave of an even length has one parameter
            if is_shared { if 2 * wave == self.length { 1 } else { 2 } } else { 0 }
        };
        (1..=highest(self)).map(of_wave).sum()
    }
}

/// The maximum number of variables of a regression: the dependent one, the level, a line, a parabola, past changes, and
/// the changes of one season ago.
const MAX_VARIABLES: usize = 8;

/// A value for each variable of a regression.
type Variables = [f64; MAX_VARIABLES];
/// Sums of products of the variables.
type Products = [Variables; MAX_VARIABLES];

/// A series, prepared for regressions.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    /// The number of variables, of which the first is the dependent one.
    variables: usize,
    observations: Vec<Variables>,
    /// The position of each row in the series.
    positions: Vec<usize>,
    products: Products,
}

/// Sums of the variables over the rows of each phase, and the numbers of rows.
struct PhaseSums {
    sums: Vec<Variables>,
    counts: Vec<f64>,
}

/// The residual sums of squares of two regressions with a season.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SeasonFit {
    /// With the level, to which the series returns.
    pub(crate) with_level: f64,
    /// Without the level: as if the series were a random walk.
    pub(crate) random_walk: f64,
}

/// The result of a regression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RegressionFit {
    /// The residual sum of squares.
    pub(crate) residual: f64,
    /// The coefficients of the regressors, each at the position of its variable.
    coefficients: Variables,
}

impl RegressionFit {
    /// What the regressors do not explain of the dependent variable.
    fn unexplained(&self, row: &Variables) -> f64 {
        row[0] - self.coefficients[1..].iter().zip(&row[1..]).map(|(c, value)| c * value).sum::<f64>()
    }
}

impl Rows {
    /// The rows of a regression of the change of a series on its last value, its last `lags - 1` changes and a
    /// parabola. With `seasons`, the change of one season ago is a regressor, too. Rows that are not observed are left
    /// out.
    ///
    /// It is the regression of Dickey & Fuller (1979), an autoregression in a form that suits random walks as well.
    pub(crate) fn new(values: &[f64], observed: &[bool], lags: usize, seasons: &[usize]) -> Self {
        let reach = seasons.iter().copied().max().unwrap_or(0).max(lags) + 1;
        let positions: Vec<usize> = (reach..values.len()).filter(|at| observed[*at]).collect();
        let middle = values.len() as f64 / 2.0;
        let change = |at: usize| values[at] - values[at - 1];
        let row = |at: &usize| {
            let line = *at as f64 / middle - 1.0;
            let mut row = [0.0; MAX_VARIABLES];
            row[..4].copy_from_slice(&[change(*at), values[at - 1], line, line * line]);
            let past = (1..lags).chain(seasons.iter().copied());
            past.zip(&mut row[4..]).for_each(|(lag, variable)| *variable = change(at - lag));
            row
        };
        let rows: Vec<Variables> = positions.iter().map(row).collect();
        let variables = (3 + lags + seasons.len()).min(MAX_VARIABLES);
        let mut products = [[0.0; MAX_VARIABLES]; MAX_VARIABLES];
        for row in &rows {
            add_products(&mut products, row, 1.0);
        }
        Self { variables, observations: rows, positions, products }
    }

    /// The regression with a season, and the effect of each of its phases.
    fn fit_season(&self, candidate: Candidate) -> Option<(RegressionFit, Vec<f64>)> {
        let (phase_sums, waves) = (self.by_phase(candidate.length, 0..self.count()), wave_basis(candidate));
        let fitted = self.solve(&products_without_season(&self.products, &phase_sums, waves.as_ref())?, None)?;
        let effects = effects(&phase_sums, &fitted, waves.as_ref())?;
        Some((fitted, effects))
    }

    /// The residuals of the regression with a season.
    pub(crate) fn season_residuals(&self, candidate: Candidate) -> Option<Vec<f64>> {
        let (fitted, effects) = self.fit_season(candidate)?;
        let residual = |(row, at): (&Variables, &usize)| fitted.unexplained(row) - effects[at % candidate.length];
        Some(self.observations.iter().zip(&self.positions).map(residual).collect())
    }

    /// The number of rows.
    pub(crate) fn count(&self) -> usize {
        self.observations.len()
    }

    /// The number of regressors, with the constant.
    pub(crate) fn regressors(&self) -> usize {
        self.variables
    }

    /// The position in the series of each row.
    pub(crate) fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// The regression without a season, and without the variable `without`.
    pub(crate) fn fit(&self, without: Option<usize>) -> Option<RegressionFit> {
        let mut sums = [0.0; MAX_VARIABLES];
        self.observations.iter().for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value));
        let mut rest = self.products;
        add_products(&mut rest, &sums, -1.0 / self.count() as f64);
        self.solve(&rest, without)
    }

    /// The residuals of the regression without a season.
    pub(crate) fn residuals(&self) -> Vec<f64> {
        let Some(fitted) = self.fit(None) else { return vec![0.0; self.count()] };
        let all: Vec<f64> = self.observations.iter().map(|row| fitted.unexplained(row)).collect();
        let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
        all.into_iter().map(|residual| residual - mean).collect()
    }

    /// The sums of some rows by phase.
    fn by_phase(&self, length: usize, range: Range<usize>) -> PhaseSums {
        let (mut sums, mut counts) = (vec![[0.0; MAX_VARIABLES]; length], vec![0.0; length]);
        for (row, at) in self.observations[range.clone()].iter().zip(&self.positions[range]) {
            let phase = at % length;
            counts[phase] += 1.0;
            for (sum, value) in sums[phase].iter_mut().zip(row) {
                *sum += value;
            }
        }
        PhaseSums { sums, counts }
    }

    /// The regressions with a season of `length`, one for each of some shapes. The shapes are `None` or a basis of
    /// waves.
    pub(crate) fn fit_seasons(&self, length: usize, shapes: &[Option<WaveBasis>]) -> Vec<Option<SeasonFit>> {
        let phase_sums = self.by_phase(length, 0..self.count());
        let fit = |waves: &Option<WaveBasis>| {
            let rest = products_without_season(&self.products, &phase_sums, waves.as_ref())?;
            let with_level = self.solve(&rest, None)?;
            let random_walk = self.solve(&rest, Some(LEVEL_VARIABLE))?;
            Some(SeasonFit { with_level: with_level.residual, random_walk: random_walk.residual })
        };
        shapes.iter().map(fit).collect()
    }

    /// The residual sum of squares if both halves of the rows have a season of their own.
    pub(crate) fn residual_of_halves(&self, candidate: Candidate) -> Option<f64> {
        let (middle, waves) = (self.count() / 2, wave_basis(candidate));
        let mut rest = self.products;
        for half in [0..middle, middle..self.count()] {
            rest = products_without_season(&rest, &self.by_phase(candidate.length, half), waves.as_ref())?;
        }
        Some(self.solve(&rest, None)?.residual)
    }

    /// The regression of the first variable on the others, by sums of their products. The coefficient of `without` is
    /// 0.
    fn solve(&self, products: &Products, without: Option<usize>) -> Option<RegressionFit> {
        let total = products[0][0].max(0.0);
        let used: Vec<usize> = (1..self.variables).filter(|variable| Some(*variable) != without).collect();
        let regressors: Vec<Vec<f64>> = used.iter().map(|a| used.iter().map(|b| products[*a][*b]).collect()).collect();
        let factor = cholesky(&regressors)?;
        let projected = forward(&factor, used.iter().map(|variable| products[0][*variable]).collect());
        let explained: f64 = projected.iter().map(|x| x * x).sum();
        let mut coefficients = [0.0; MAX_VARIABLES];
        used.iter().zip(backward(&factor, projected)).for_each(|(variable, c)| coefficients[*variable] = c);
        let residual = if total - explained <= ROUNDING * total { 0.0 } else { total - explained };
        Some(RegressionFit { residual, coefficients })
    }

    /// The season of a series by phase, with mean 0: what its regression with this candidate implies for the values.
    pub(crate) fn pattern(&self, candidate: Candidate, lags: usize) -> Option<Vec<f64>> {
        let length = candidate.length;
        let (fitted, effects) = self.fit_season(candidate)?;
        let waves = if let Shape::Waves(waves) = candidate.shape { waves } else { length / 2 };
        let mut pattern = vec![0.0; length];
        for wave in 1..=waves {
            let angle = |steps: usize| TAU * ((wave * steps) % length) as f64 / length as f64;
            let share = if 2 * wave == length { 1.0 } else { 2.0 } / length as f64;
            let of_effects = sum_complex(
                effects.iter().enumerate().map(|(phase, e)| (e * angle(phase).cos(), -e * angle(phase).sin())),
            );
            // the autoregression as a filter: what it does to this wave
            let one_ago = (angle(1).cos(), -angle(1).sin());
            let change = |lag: usize| {
                let (from, to) = (angle(lag), angle(lag + 1));
                (from.cos() - to.cos(), -from.sin() + to.sin())
            };
            let mut filter = change(0);
            filter = (
                filter.0 - fitted.coefficients[LEVEL_VARIABLE] * one_ago.0,
                filter.1 - fitted.coefficients[LEVEL_VARIABLE] * one_ago.1,
            );
            for lag in 1..lags {
                let (c, at_lag) = (fitted.coefficients[3 + lag], change(lag));
                filter = (filter.0 - c * at_lag.0, filter.1 - c * at_lag.1);
            }
            let size = (filter.0 * filter.0 + filter.1 * filter.1).max(1e-6);
            let wave_of_values = (
                (of_effects.0 * filter.0 + of_effects.1 * filter.1) / size,
                (of_effects.1 * filter.0 - of_effects.0 * filter.1) / size,
            );
            for (phase, value) in pattern.iter_mut().enumerate() {
                *value += share * (wave_of_values.0 * angle(phase).cos() - wave_of_values.1 * angle(phase).sin());
            }
        }
        Some(pattern)
    }
}

fn add_products(products: &mut Products, row: &Variables, factor: f64) {
    for (to, a) in products.iter_mut().zip(row) {
        to.iter_mut().zip(row).for_each(|(sum, b)| *sum += factor * a * b);
    }
}

/// Sums of products of the variables, after each has been regressed on the season of some rows. By the theorem of
/// Frisch, Waugh & Lovell, a regression on the rest has the coefficients and the residuals of one with the season.
fn products_without_season(products: &Products, phase_sums: &PhaseSums, waves: Option<&WaveBasis>) -> Option<Products> {
    let mut rest = *products;
    let Some(WaveBasis(basis)) = waves else {
        let phases = phase_sums.sums.iter().zip(&phase_sums.counts).filter(|(_, count)| **count > 0.0);
        phases.for_each(|(sums, count)| add_products(&mut rest, sums, -1.0 / count));
        return Some(rest);
    };
    let factor = cholesky(&gram(basis, &phase_sums.counts))?;
    let product = |wave: &Vec<f64>| {
        let mut of_wave = [0.0; MAX_VARIABLES];
        for (share, sums) in wave.iter().zip(&phase_sums.sums) {
            of_wave.iter_mut().zip(sums).for_each(|(to, sum)| *to += share * sum);
        }
        of_wave
    };
    let mut projected: Vec<Variables> = Vec::with_capacity(basis.len());
    for (row, wave) in factor.iter().zip(basis) {
        let mut own = product(wave);
        for (one, share) in projected.iter().zip(row) {
            own.iter_mut().zip(one).for_each(|(to, value)| *to -= share * value);
        }
        own.iter_mut().for_each(|to| *to /= row[projected.len()]);
        add_products(&mut rest, &own, -1.0);
        projected.push(own);
    }
    Some(rest)
}

/// What a season adds to each phase of the dependent variable.
fn effects(phase_sums: &PhaseSums, fitted: &RegressionFit, waves: Option<&WaveBasis>) -> Option<Vec<f64>> {
    let unexplained: Vec<f64> = phase_sums.sums.iter().map(|sums| fitted.unexplained(sums)).collect();
    let Some(WaveBasis(basis)) = waves else {
        return Some(unexplained.iter().zip(&phase_sums.counts).map(|(sum, count)| sum / count.max(1.0)).collect());
    };
    let factor = cholesky(&gram(basis, &phase_sums.counts))?;
    let sums = basis.iter().map(|wave| wave.iter().zip(&unexplained).map(|(a, b)| a * b).sum()).collect();
    let sizes = backward(&factor, forward(&factor, sums));
    let at_phase = |phase: usize| basis.iter().zip(&sizes).map(|(wave, size)| size * wave[phase]).sum();
    Some((0..unexplained.len()).map(at_phase).collect())
}

/// Sums of products of functions of the phase, over all rows.
fn gram(basis: &[Vec<f64>], counts: &[f64]) -> Vec<Vec<f64>> {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).zip(counts).map(|((a, b), count)| a * b * count).sum();
    basis.iter().map(|a| basis.iter().map(|b| product(a, b)).collect()).collect()
}

fn sum_complex(parts: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    parts.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
}

/// A constant and the first waves of a season, by phase. `[function][phase]`
#[derive(Debug, Clone)]
pub(crate) struct WaveBasis(Vec<Vec<f64>>);

/// The waves of a candidate; `None` for a free shape.
pub(crate) fn wave_basis(Candidate { length, shape }: Candidate) -> Option<WaveBasis> {
    let Shape::Waves(waves) = shape else { return None };
    let angle = |wave: usize, phase: usize| TAU * ((wave * phase) % length) as f64 / length as f64;
    let mut basis = vec![vec![1.0; length]];
    for wave in 1..=waves {
        basis.push((0..length).map(|phase| angle(wave, phase).cos()).collect());
        basis.push((0..length).map(|phase| angle(wave, phase).sin()).collect());
    }
    Some(WaveBasis(basis))
}

/// The lower triangular factor of a positive semidefinite matrix. Columns that depend on others have no effect.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix[i][j] - (0..j).map(|k| factor[i][k] * factor[j][k]).sum::<f64>();
            if !rest.is_finite() {
                return None;
            }
            factor[i][j] = if i == j {
                // a huge pivot makes the coefficient of a dependent column 0
                if rest > 1e-9 * matrix[i][i] && rest > 0.0 { rest.sqrt() } else { 1e150 }
            } else {
                rest / factor[j][j]
            };
        }
    }
    Some(factor)
}

/// Solves the system with this lower triangular matrix.
fn forward(factor: &[Vec<f64>], mut right: Vec<f64>) -> Vec<f64> {
    for i in 0..right.len() {
        let known: f64 = (0..i).map(|j| factor[i][j] * right[j]).sum();
        right[i] = (right[i] - known) / factor[i][i];
    }
    right
}

/// Solves the system with the transposed matrix.
fn backward(factor: &[Vec<f64>], mut right: Vec<f64>) -> Vec<f64> {
    for i in (0..right.len()).rev() {
        let known: f64 = (i + 1..right.len()).map(|j| factor[j][i] * right[j]).sum();
        right[i] = (right[i] - known) / factor[i][i];
    }
    right
}
