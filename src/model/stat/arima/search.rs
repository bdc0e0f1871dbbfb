//! The stepwise search of seasonal ARIMA orders.
//!
//! Hyndman & Khandakar (2008), *Automatic Time Series Forecasting: The forecast Package for R*, Journal of Statistical
//! Software 27(3). The seasonal strength decides on a seasonal difference and the KPSS test on further differences. `AICc`
//! selects the orders. The search starts from five models and moves by steps of one, with and without a constant.
//!
//! Parameters maximise the exact likelihood over partial autocorrelations, so that every model is stationary and
//! invertible. Above [`MAX_VALUES_FOR_EXACT_LIKELIHOOD`] values, models are compared by the conditional likelihood, and
//! the best is fitted again. At most [`MAX_VALUES`] last values are used, and at most [`MAX_MODELS`] models are
//! evaluated. STL removes seasons longer than [`MAX_SEASON_LENGTH`] first.

use crate::model::stat::arima::difference::{difference, differences_to_stationarity, has_strong_season, is_constant};
use crate::model::stat::arima::likelihood::{Likelihood, LikelihoodMethod, likelihood};
use crate::model::stat::arima::polynomial::{
    expand_to_season, polynomial_from_partial_autocorrelations, product, series_quotient,
};
use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::multi_seasonal;
use crate::model::stat::nelder_mead::{self, BoundedParameter, StoppingRule};
use crate::model::stat::seasonal_adjustment;

/// The longest season that is part of the model.
const MAX_SEASON_LENGTH: usize = 12;
/// The number of last values that are used.
const MAX_VALUES: usize = 400;
/// Models of at most this many differenced values are compared by the exact likelihood.
const MAX_VALUES_FOR_EXACT_LIKELIHOOD: usize = 150;
const MAX_MODELS: usize = 60;
/// The highest order of the non-seasonal polynomials.
const MAX_ORDER: usize = 5;
/// The highest order of the seasonal polynomials.
const MAX_SEASONAL_ORDER: usize = 2;
/// The bound of a partial autocorrelation.
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
        return fit_without_long_season(values, season, horizon);
    }
    method_fit::fit_scaled(values, (MIN_VALUES, MAX_VALUES), horizon, |values| {
        let season = if values.len() > 2 * season { season.max(1) } else { 1 };
        StepwiseSearch::of(values, season).best().map(|model| model.fit(values, horizon))
    })
}

fn fit_without_long_season(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    if !seasonal_adjustment::is_seasonal(seasonal_adjustment::recent(values, season), season) {
        return fit(values, 1, horizon);
    }
    multi_seasonal::with_seasons_removed(values, &[season], horizon, |adjusted| fit(adjusted, 1, horizon))
}

/// The orders of a model, without its differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Orders {
    ar: usize,
    ma: usize,
    seasonal_ar: usize,
    seasonal_ma: usize,
    constant: bool,
}

impl Orders {
    /// Initial partial autocorrelations for these orders, from `model` if it has them.
    fn initial_parameters(self, model: Option<&FittedArima>) -> Vec<f64> {
        let groups = |orders: Self| [orders.ar, orders.ma, orders.seasonal_ar, orders.seasonal_ma];
        let mut known = model.map_or(&[][..], |model| &model.parameters[..]);
        let mut start = Vec::new();
        for (count, known_count) in groups(self).into_iter().zip(model.map_or([0; 4], |model| groups(model.orders))) {
            let (group, rest) = known.split_at(known_count);
            start.extend(group.iter().copied().chain(std::iter::repeat(DEFAULT_PARTIAL_AUTOCORRELATION)).take(count));
            known = rest;
        }
        start
    }
}

/// A partial autocorrelation as a search parameter, whose first step leads away from the nearer bound.
fn bounded_partial_autocorrelation(start: f64) -> BoundedParameter {
    BoundedParameter {
        start,
        step: if start > 0.5 { -INITIAL_STEP } else { INITIAL_STEP },
        low: -MAX_PARTIAL_AUTOCORRELATION,
        high: MAX_PARTIAL_AUTOCORRELATION,
    }
}

/// The number of seasonal and plain differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Differences {
    season: usize,
    seasonal: usize,
    plain: usize,
}

impl Differences {
    fn of(values: &[f64], season: usize) -> Self {
        let seasonal = usize::from(season > 1 && values.len() > 2 * season && has_strong_season(values, season));
        let rest = if seasonal == 1 { difference(values, season) } else { values.to_vec() };
        Self { season, seasonal, plain: differences_to_stationarity(&rest) }
    }

    fn apply(self, values: &[f64]) -> Vec<f64> {
        let mut values = values.to_vec();
        for lag in std::iter::repeat_n(self.season, self.seasonal).chain(std::iter::repeat_n(1, self.plain)) {
            values = difference(&values, lag);
        }
        values
    }

    fn polynomial(self) -> Vec<f64> {
        let seasonal = if self.seasonal == 1 { expand_to_season(&[1.0, -1.0], self.season) } else { vec![1.0] };
        (0..self.plain).fold(seasonal, |all, _| product(&all, &[1.0, -1.0]))
    }
}

/// A model with its estimated parameters.
#[derive(Debug, Clone)]
struct FittedArima {
    differences: Differences,
    orders: Orders,
    /// Partial autocorrelations.
    parameters: Vec<f64>,
    ar: Vec<f64>,
    ma: Vec<f64>,
    likelihood_at_optimum: Likelihood,
    criterion: f64,
}

impl FittedArima {
    fn fit(&self, values: &[f64], horizon: usize) -> MethodFit {
        let differencing = self.differences.polynomial();
        let mut changes: Vec<f64> =
            self.differences.apply(values).iter().map(|w| w - self.likelihood_at_optimum.mean).collect();
        let mut errors = self.likelihood_at_optimum.errors.clone();
        let mut path = values.to_vec();
        for _ in 0..horizon {
            let past = |polynomial: &[f64], series: &[f64]| -> f64 {
                polynomial[1..].iter().zip(series.iter().rev()).map(|(c, v)| c * v).sum()
            };
            let change = past(&self.ma, &errors) - past(&self.ar, &changes);
            changes.push(change);
            errors.push(0.0);
            path.push(change + self.likelihood_at_optimum.mean - past(&differencing, &path));
        }
        let weights = series_quotient(&self.ma, &product(&self.ar, &differencing), horizon);
        let mut sum = 0.0;
        let std_error_growth = weights
            .iter()
            .map(|w| {
                sum += w * w;
                f64::sqrt(sum)
            })
            .collect();
        let Orders { ar, ma, seasonal_ar, seasonal_ma, constant } = self.orders;
        let parameters = ar + ma + seasonal_ar + seasonal_ma + usize::from(constant);
        MethodFit {
            median: path.split_off(values.len()),
            errors: self.likelihood_at_optimum.errors.clone(),
            std_error_growth,
            parameters,
        }
    }
}

struct StepwiseSearch {
    differences: Differences,
    changes: Vec<f64>,
    likelihood_method: LikelihoodMethod,
    max_orders: Orders,
    evaluated: Vec<Orders>,
    best: Option<FittedArima>,
}

impl StepwiseSearch {
    fn of(values: &[f64], season: usize) -> Self {
        let differences = Differences::of(values, season);
        let (third, rounds) = (values.len() / 3, values.len() / 3 / season);
        let order = MAX_ORDER.min(third).min(if season > 1 { season - 1 } else { MAX_ORDER });
        let seasonal = if season > 1 { MAX_SEASONAL_ORDER.min(rounds) } else { 0 };
        let max_orders = Orders {
            ar: order,
            ma: order,
            seasonal_ar: seasonal,
            seasonal_ma: seasonal,
            constant: differences.plain + differences.seasonal < 2,
        };
        let changes = differences.apply(values);
        let likelihood_method = if changes.len() <= MAX_VALUES_FOR_EXACT_LIKELIHOOD {
            LikelihoodMethod::Exact
        } else {
            LikelihoodMethod::Conditional
        };
        Self { differences, changes, likelihood_method, max_orders, evaluated: Vec::new(), best: None }
    }

    fn best(mut self) -> Option<FittedArima> {
        let Orders { ar, ma, seasonal_ar, seasonal_ma, constant } = self.max_orders;
        let orders = |ar: usize, ma: usize, seasonal_ar: usize, seasonal_ma: usize, constant| Orders {
            ar,
            ma,
            seasonal_ar,
            seasonal_ma,
            constant,
        };
        if is_constant(&self.changes) {
            let zero = orders(0, 0, 0, 0, self.differences.plain < 2);
            return FittedArima::search(
                &self.changes,
                self.differences,
                zero,
                None,
                (LikelihoodMethod::Exact, StoppingRule::DEFAULT),
            );
        }
        self.evaluate_orders(orders(2.min(ar), 2.min(ma), 1.min(seasonal_ar), 1.min(seasonal_ma), constant));
        self.evaluate_orders(orders(0, 0, 0, 0, constant));
        self.evaluate_orders(orders(1.min(ar), 0, 1.min(seasonal_ar), 0, constant));
        self.evaluate_orders(orders(0, 1.min(ma), 0, 1.min(seasonal_ma), constant));
        self.evaluate_orders(orders(0, 0, 0, 0, false));
        while self.evaluated.len() < MAX_MODELS && self.evaluate_neighbours() {}
        let best = self.best?;
        let final_search = (LikelihoodMethod::Exact, StoppingRule::DEFAULT);
        let refined = FittedArima::search(&self.changes, self.differences, best.orders, Some(&best), final_search);
        refined.or(Some(best))
    }

    /// Evaluates the neighbours of the best model until one is better, and returns whether one is.
    fn evaluate_neighbours(&mut self) -> bool {
        let Some(best) = self.best.as_ref().map(|model| model.orders) else { return false };
        let moves = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)];
        let moved =
            |order: usize, by: isize, max_orders: usize| order.checked_add_signed(by).filter(|new| *new <= max_orders);
        let max_orders = self.max_orders;
        let seasonal = moves.iter().filter_map(|(a, b)| {
            let seasonal_ar = moved(best.seasonal_ar, *a, max_orders.seasonal_ar)?;
            Some(Orders { seasonal_ar, seasonal_ma: moved(best.seasonal_ma, *b, max_orders.seasonal_ma)?, ..best })
        });
        let plain = moves.iter().filter_map(|(a, b)| {
            Some(Orders { ar: moved(best.ar, *a, max_orders.ar)?, ma: moved(best.ma, *b, max_orders.ma)?, ..best })
        });
        let other = max_orders.constant.then_some(Orders { constant: !best.constant, ..best });
        let neighbours: Vec<Orders> = seasonal.chain(plain).chain(other).collect();
        neighbours.into_iter().any(|orders| self.evaluated.len() < MAX_MODELS && self.evaluate_orders(orders))
    }

    /// Evaluates orders once, and returns whether they are the best so far.
    fn evaluate_orders(&mut self, orders: Orders) -> bool {
        if self.evaluated.contains(&orders) {
            return false;
        }
        self.evaluated.push(orders);
        let Some(model) = FittedArima::search(
            &self.changes,
            self.differences,
            orders,
            self.best.as_ref(),
            (self.likelihood_method, COARSE_SEARCH),
        ) else {
            return false;
        };
        let better = self.best.as_ref().is_none_or(|best| model.criterion < best.criterion);
        if better {
            self.best = Some(model);
        }
        better
    }
}

impl FittedArima {
    /// The parameters with the greatest likelihood. `None` if there are too few values, or if the process is nearly not
    /// stationary or not invertible.
    ///
    /// `start` is a model of other orders whose parameters initialise the search.
    fn search(
        changes: &[f64],
        differences: Differences,
        orders: Orders,
        start: Option<&Self>,
        (likelihood_method, stopping_rule): (LikelihoodMethod, StoppingRule),
    ) -> Option<Self> {
        let Orders { ar, ma, seasonal_ar, seasonal_ma, constant } = orders;
        let count = ar + ma + seasonal_ar + seasonal_ma;
        let (n, k) = (changes.len() as f64, (count + usize::from(constant) + 1) as f64);
        if n - k - 1.0 <= 0.0 {
            return None;
        }
        let polynomials = |x: &[f64]| {
            let (plain, seasonal) = x.split_at(ar + ma);
            let full = |plain: &[f64], seasonal: &[f64]| {
                product(
                    &polynomial_from_partial_autocorrelations(plain),
                    &expand_to_season(&polynomial_from_partial_autocorrelations(seasonal), differences.season),
                )
            };
            (full(&plain[..ar], &seasonal[..seasonal_ar]), full(&plain[ar..], &seasonal[seasonal_ar..]))
        };
        let evaluate = |x: &[f64]| {
            let (ar, ma) = polynomials(x);
            likelihood(likelihood_method, changes, (&ar, &ma), constant)
        };
        let free: Vec<BoundedParameter> =
            orders.initial_parameters(start).into_iter().map(bounded_partial_autocorrelation).collect();
        let (x, _) = nelder_mead::minimise(&free, stopping_rule, |x| {
            evaluate(x).map_or(f64::INFINITY, |likelihood| likelihood.deviance)
        });
        if x.iter().any(|r| r.abs() > MAX_PARTIAL_AUTOCORRELATION - BOUNDARY_TOLERANCE) {
            return None;
        }
        let (likelihood_at_optimum, (ar, ma)) = (evaluate(&x)?, polynomials(&x));
        let criterion = likelihood_at_optimum.deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        Some(Self { differences, orders, parameters: x, ar, ma, likelihood_at_optimum, criterion })
    }
}
