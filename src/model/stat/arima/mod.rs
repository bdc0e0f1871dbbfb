//! Seasonal ARIMA with orders found by a stepwise search.
//!
//! Hyndman & Khandakar (2008), *Automatic Time Series Forecasting: The forecast Package for R*, Journal of Statistical
//! Software 27(3). The seasonal strength decides on a seasonal difference and the KPSS test on further differences. `AICc`
//! selects the orders. The search starts from five models and moves by steps of one, with and without a constant.
//!
//! Parameters maximise the exact likelihood over partial autocorrelations, so that every model is stationary and
//! invertible. Above [`MAX_VALUES_FOR_EXACT_LIKELIHOOD`] differences, models are compared by the conditional likelihood, and
//! the best is fitted again. At most [`MAX_VALUES`] last values are used, and at most [`MAX_MODELS`] models are
//! evaluated. STL removes seasons longer than [`MAX_SEASON_LENGTH`] first.

mod difference;
mod likelihood;

use crate::model::stat::arima::difference::{difference, difference_lags, is_nearly_constant};
use crate::model::stat::arima::likelihood::{
    Likelihood, LikelihoodMethod, expand_to_season, likelihood, polynomial_from_partial_autocorrelations, product,
    series_quotient,
};
use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::mstl;
use crate::model::stat::nelder_mead::{self, BoundedParameter, StoppingRule};

const MAX_SEASON_LENGTH: usize = 12;
const MAX_VALUES: usize = 400;
const MAX_VALUES_FOR_EXACT_LIKELIHOOD: usize = 150;
const MAX_MODELS: usize = 60;
const MAX_ORDER: usize = 5;
const MAX_SEASONAL_ORDER: usize = 2;
const MAX_PARTIAL_AUTOCORRELATION: f64 = 0.99;
/// A model this close to the bound is treated as not stationary or not invertible.
const BOUNDARY_TOLERANCE: f64 = 1e-3;
/// The stopping rule while orders are compared; the best model is fitted to convergence.
const COARSE_SEARCH: StoppingRule = StoppingRule { tolerance: 0.003, max_iterations: 150 };
/// The first step of a partial autocorrelation in the simplex search.
const INITIAL_STEP: f64 = 0.2;
/// The start of a partial autocorrelation without an estimate from another model.
const DEFAULT_PARTIAL_AUTOCORRELATION: f64 = 0.05;
const MIN_VALUES: usize = 8;

pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    if season > MAX_SEASON_LENGTH {
        return mstl::fit_long_season(values, season, horizon, fit);
    }
    method_fit::fit_scaled(values, (MIN_VALUES, MAX_VALUES), horizon, |values| {
        let season = if values.len() > 2 * season { season.max(1) } else { 1 };
        let mut search = StepwiseSearch::new(values, season);
        search.best().map(|model| search.forecast(&model, values, horizon))
    })
}

/// The orders of a model, without its differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Orders {
    /// Of the autoregression, the moving average, the seasonal autoregression and the seasonal moving average.
    counts: [usize; 4],
    constant: bool,
}

impl Orders {
    /// The parameters of each polynomial.
    fn split(self, mut parameters: &[f64]) -> [&[f64]; 4] {
        self.counts.map(|count| {
            let (group, rest) = parameters.split_at(count);
            parameters = rest;
            group
        })
    }

    fn parameters(self) -> usize {
        self.counts.iter().sum::<usize>() + usize::from(self.constant)
    }
}

/// A partial autocorrelation as a search parameter, whose first step leads away from the nearer bound.
fn bounded_partial_autocorrelation(start: f64) -> BoundedParameter {
    let step = if start > 0.5 { -INITIAL_STEP } else { INITIAL_STEP };
    BoundedParameter { start, step, low: -MAX_PARTIAL_AUTOCORRELATION, high: MAX_PARTIAL_AUTOCORRELATION }
}

/// A model with its estimated parameters.
#[derive(Debug, Clone)]
struct FittedArima {
    orders: Orders,
    /// Partial autocorrelations.
    parameters: Vec<f64>,
    ar: Vec<f64>,
    ma: Vec<f64>,
    likelihood_at_optimum: Likelihood,
    criterion: f64,
}

struct StepwiseSearch {
    season: usize,
    difference_lags: Vec<usize>,
    /// The differenced values.
    changes: Vec<f64>,
    likelihood_method: LikelihoodMethod,
    max_orders: Orders,
    evaluated: Vec<Orders>,
    best: Option<FittedArima>,
}

impl StepwiseSearch {
    fn new(values: &[f64], season: usize) -> Self {
        let difference_lags = difference_lags(values, season);
        let (third, rounds) = (values.len() / 3, values.len() / 3 / season);
        let order = MAX_ORDER.min(third).min(if season > 1 { season - 1 } else { MAX_ORDER });
        let seasonal = if season > 1 { MAX_SEASONAL_ORDER.min(rounds) } else { 0 };
        let max_orders = Orders { counts: [order, order, seasonal, seasonal], constant: difference_lags.len() < 2 };
        let changes = difference_lags.iter().fold(values.to_vec(), |values, lag| difference(&values, *lag));
        let is_short = changes.len() <= MAX_VALUES_FOR_EXACT_LIKELIHOOD;
        let likelihood_method = if is_short { LikelihoodMethod::Exact } else { LikelihoodMethod::Conditional };
        Self { season, difference_lags, changes, likelihood_method, max_orders, evaluated: Vec::new(), best: None }
    }

    fn best(&mut self) -> Option<FittedArima> {
        let final_search = (LikelihoodMethod::Exact, StoppingRule::DEFAULT);
        let Orders { counts: max_counts, constant } = self.max_orders;
        if is_nearly_constant(&self.changes) {
            let constant = self.difference_lags.iter().filter(|lag| **lag == 1).count() < 2;
            return self.fitted(Orders { counts: [0; 4], constant }, None, final_search);
        }
        let starts = [[2, 2, 1, 1], [0; 4], [1, 0, 1, 0], [0, 1, 0, 1]].map(|counts| (counts, constant));
        for (counts, constant) in starts.into_iter().chain([([0; 4], false)]) {
            let counts = std::array::from_fn(|i| max_counts[i].min(counts[i]));
            self.evaluate_orders(Orders { counts, constant });
        }
        while self.evaluated.len() < MAX_MODELS && self.evaluate_neighbours() {}
        let best = self.best.take()?;
        Some(self.fitted(best.orders, Some(&best), final_search).unwrap_or(best))
    }

    /// Evaluates the neighbours of the best model until one is better, and returns whether one is.
    fn evaluate_neighbours(&mut self) -> bool {
        let Some(best) = self.best.as_ref().map(|model| model.orders) else { return false };
        let max_orders = self.max_orders;
        let moved =
            |i: usize, by: isize| best.counts[i].checked_add_signed(by).filter(|order| *order <= max_orders.counts[i]);
        let mut neighbours = Vec::new();
        // the seasonal orders, then the others
        for (ar, ma) in [(2, 3), (0, 1)] {
            for (a, b) in [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)] {
                if let (Some(new_ar), Some(new_ma)) = (moved(ar, a), moved(ma, b)) {
                    let mut orders = best;
                    (orders.counts[ar], orders.counts[ma]) = (new_ar, new_ma);
                    neighbours.push(orders);
                }
            }
        }
        neighbours.extend(max_orders.constant.then_some(Orders { constant: !best.constant, ..best }));
        neighbours.into_iter().any(|orders| self.evaluated.len() < MAX_MODELS && self.evaluate_orders(orders))
    }

    /// Evaluates orders once, and returns whether they are the best so far.
    fn evaluate_orders(&mut self, orders: Orders) -> bool {
        if self.evaluated.contains(&orders) {
            return false;
        }
        self.evaluated.push(orders);
        let model = self.fitted(orders, self.best.as_ref(), (self.likelihood_method, COARSE_SEARCH));
        let better = model.filter(|model| self.best.as_ref().is_none_or(|best| model.criterion < best.criterion));
        let is_better = better.is_some();
        self.best = better.or(self.best.take());
        is_better
    }

    /// The parameters with the greatest likelihood. `None` if there are too few values, or if the process is nearly not
    /// stationary or not invertible.
    ///
    /// `start` is a model of other orders whose parameters initialise the search.
    fn fitted(
        &self,
        orders: Orders,
        start: Option<&FittedArima>,
        (likelihood_method, stopping_rule): (LikelihoodMethod, StoppingRule),
    ) -> Option<FittedArima> {
        let (n, k) = (self.changes.len() as f64, (orders.parameters() + 1) as f64);
        if n - k - 1.0 <= 0.0 {
            return None;
        }
        let polynomials = |x: &[f64]| {
            let [ar, ma, seasonal_ar, seasonal_ma] = orders.split(x).map(polynomial_from_partial_autocorrelations);
            let full = |plain: &[f64], seasonal: &[f64]| product(plain, &expand_to_season(seasonal, self.season));
            (full(&ar, &seasonal_ar), full(&ma, &seasonal_ma))
        };
        let evaluate = |x: &[f64]| {
            let (ar, ma) = polynomials(x);
            likelihood(likelihood_method, &self.changes, (&ar, &ma), orders.constant)
        };
        let known = start.map_or([&[][..]; 4], |model| model.orders.split(&model.parameters));
        let initial = known.into_iter().zip(orders.counts).flat_map(|(known, count)| {
            known.iter().copied().chain(std::iter::repeat(DEFAULT_PARTIAL_AUTOCORRELATION)).take(count)
        });
        let free: Vec<BoundedParameter> = initial.map(bounded_partial_autocorrelation).collect();
        let (x, _) = nelder_mead::minimise(&free, stopping_rule, |x| {
            evaluate(x).map_or(f64::INFINITY, |likelihood| likelihood.deviance)
        });
        if x.iter().any(|r| r.abs() > MAX_PARTIAL_AUTOCORRELATION - BOUNDARY_TOLERANCE) {
            return None;
        }
        let (likelihood_at_optimum, (ar, ma)) = (evaluate(&x)?, polynomials(&x));
        let criterion = likelihood_at_optimum.deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        Some(FittedArima { orders, parameters: x, ar, ma, likelihood_at_optimum, criterion })
    }

    fn forecast(&self, model: &FittedArima, values: &[f64], horizon: usize) -> MethodFit {
        let FittedArima { orders, ar, ma, likelihood_at_optimum: Likelihood { mean, errors, .. }, .. } = model;
        let differencing = self
            .difference_lags
            .iter()
            .fold(vec![1.0], |polynomial, lag| product(&polynomial, &expand_to_season(&[1.0, -1.0], *lag)));
        let mut changes: Vec<f64> = self.changes.iter().map(|change| change - mean).collect();
        let (mut path, mut all_errors) = (values.to_vec(), errors.clone());
        for _ in 0..horizon {
            let past = |polynomial: &[f64], series: &[f64]| -> f64 {
                polynomial[1..].iter().zip(series.iter().rev()).map(|(c, v)| c * v).sum()
            };
            let change = past(ma, &all_errors) - past(ar, &changes);
            changes.push(change);
            all_errors.push(0.0);
            path.push(change + mean - past(&differencing, &path));
        }
        let effects = series_quotient(ma, &product(ar, &differencing), horizon);
        MethodFit {
            median: path.split_off(values.len()),
            errors: errors.clone(),
            std_error_growth: method_fit::std_error_growth(&effects),
            parameters: orders.parameters(),
        }
    }
}
