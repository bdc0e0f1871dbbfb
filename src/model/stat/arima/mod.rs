//! ARIMA with a season, its orders found stepwise.
//!
//! Hyndman & Khandakar (2008), *Automatic Time Series Forecasting: The forecast Package for R*, Journal of Statistical
//! Software 27(3): a seasonal difference by the season's strength, differences by the KPSS test, the orders by `AICc` in
//! steps of one around four starts, with and without a constant. Parameters by the exact likelihood, searched over partial
//! autocorrelations, so that every model is stationary and invertible; above [`SHORT`] values the models are compared by
//! the conditional likelihood, and the best is fitted again.
//!
//! At most [`MOST`] last values are used and [`MODELS`] models tried. Seasons above [`LONGEST`] are no part of the model:
//! they are taken out by [`super::mstl`] before.

pub(crate) mod difference;
pub(crate) mod likelihood;
pub(crate) mod polynomial;

use crate::model::stat::PointWithStdErr;
use crate::model::stat::arima::difference::{difference, is_constant};
use crate::model::stat::arima::likelihood::{Kind, Likelihood, likelihood};
use crate::model::stat::arima::polynomial::{from_partial, product, quotient, spaced};
use crate::model::stat::fit;
use crate::model::stat::fit::Fit;
use crate::model::stat::mstl;
use crate::model::stat::nelder_mead;
use crate::model::stat::nelder_mead::{Bounded, Until};
use crate::model::stat::seasonal_adjustment;
use crate::panel::series::TimeSeries;

/// The longest season that is part of the model.
const LONGEST: usize = 12;
/// Last values that are used.
const MOST: usize = 400;
/// Up to this many changes models are compared by the exact likelihood.
const SHORT: usize = 150;
/// Most models that are tried.
const MODELS: usize = 60;
/// Highest orders, and those of the season.
const ORDER: usize = 5;
const SEASONAL_ORDER: usize = 2;
/// Bound of a partial autocorrelation, and how near to it a model counts as not stationary or not invertible.
const BOUND: f64 = 0.99;
const NEAR: f64 = 1e-3;
/// The search for each model; the best is searched to the end.
const BRIEF: Until = Until { tolerance: 0.003, steps: 150 };
/// First step of a partial autocorrelation, and where one starts that nothing is known of.
const STEP: f64 = 0.2;
const UNKNOWN: f64 = 0.05;
/// Fewest values.
const LEAST: usize = 8;

pub(crate) fn outlook(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    fit(history.values, season, horizon).outlook(history.observed)
}

pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> Fit {
    if season > LONGEST {
        return without_long_season(values, season, horizon);
    }
    fit::fit(values, (LEAST, MOST), horizon, |values| {
        let season = if values.len() > 2 * season { season.max(1) } else { 1 };
        Search::of(values, season).best().map(|model| model.fit(values, horizon))
    })
}

fn without_long_season(values: &[f64], season: usize, horizon: usize) -> Fit {
    if !seasonal_adjustment::is_seasonal(seasonal_adjustment::recent(values, season), season) {
        return fit(values, 1, horizon);
    }
    mstl::around(values, &[season], horizon, |adjusted| fit(adjusted, 1, horizon))
}

/// The orders of a model beside its differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Orders {
    ar: usize,
    ma: usize,
    seasonal_ar: usize,
    seasonal_ma: usize,
    constant: bool,
}

impl Orders {
    /// Partial autocorrelations for these orders, those of `model` as far as it has them.
    fn starting_from(self, model: Option<&Model>) -> Vec<f64> {
        let groups = |orders: Self| [orders.ar, orders.ma, orders.seasonal_ar, orders.seasonal_ma];
        let mut known = model.map_or(&[][..], |model| &model.parameters[..]);
        let mut start = Vec::new();
        for (wanted, had) in groups(self).into_iter().zip(model.map_or([0; 4], |model| groups(model.orders))) {
            let (group, rest) = known.split_at(had);
            start.extend(group.iter().copied().chain(std::iter::repeat(UNKNOWN)).take(wanted));
            known = rest;
        }
        start
    }
}

/// A partial autocorrelation to search, with a first step away from the nearer bound.
fn partial(start: f64) -> Bounded {
    Bounded { start, step: if start > 0.5 { -STEP } else { STEP }, low: -BOUND, high: BOUND }
}

/// How often a series is differenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Differences {
    season: usize,
    seasonal: usize,
    plain: usize,
}

impl Differences {
    fn of(values: &[f64], season: usize) -> Self {
        let seasonal =
            usize::from(season > 1 && values.len() > 2 * season && difference::has_strong_season(values, season));
        let rest = if seasonal == 1 { difference(values, season) } else { values.to_vec() };
        Self { season, seasonal, plain: difference::differences(&rest) }
    }

    fn apply(self, values: &[f64]) -> Vec<f64> {
        let mut values = values.to_vec();
        for lag in std::iter::repeat_n(self.season, self.seasonal).chain(std::iter::repeat_n(1, self.plain)) {
            values = difference(&values, lag);
        }
        values
    }

    fn polynomial(self) -> Vec<f64> {
        let seasonal = if self.seasonal == 1 { spaced(&[1.0, -1.0], self.season) } else { vec![1.0] };
        (0..self.plain).fold(seasonal, |all, _| product(&all, &[1.0, -1.0]))
    }
}

/// A model with its parameters.
#[derive(Debug, Clone)]
struct Model {
    differences: Differences,
    orders: Orders,
    /// Partial autocorrelations.
    parameters: Vec<f64>,
    ar: Vec<f64>,
    ma: Vec<f64>,
    found: Likelihood,
    criterion: f64,
}

impl Model {
    fn fit(&self, values: &[f64], horizon: usize) -> Fit {
        let differencing = self.differences.polynomial();
        let mut changes: Vec<f64> = self.differences.apply(values).iter().map(|w| w - self.found.mean).collect();
        let mut errors = self.found.errors.clone();
        let mut path = values.to_vec();
        for _ in 0..horizon {
            let past = |polynomial: &[f64], series: &[f64]| -> f64 {
                polynomial[1..].iter().zip(series.iter().rev()).map(|(c, v)| c * v).sum()
            };
            let change = past(&self.ma, &errors) - past(&self.ar, &changes);
            changes.push(change);
            errors.push(0.0);
            path.push(change + self.found.mean - past(&differencing, &path));
        }
        let weights = quotient(&self.ma, &product(&self.ar, &differencing), horizon);
        let mut sum = 0.0;
        let growth = weights
            .iter()
            .map(|w| {
                sum += w * w;
                f64::sqrt(sum)
            })
            .collect();
        let Orders { ar, ma, seasonal_ar, seasonal_ma, constant } = self.orders;
        let parameters = ar + ma + seasonal_ar + seasonal_ma + usize::from(constant);
        Fit { median: path.split_off(values.len()), errors: self.found.errors.clone(), growth, parameters }
    }
}

/// The stepwise search.
struct Search {
    differences: Differences,
    changes: Vec<f64>,
    kind: Kind,
    highest: Orders,
    tried: Vec<Orders>,
    best: Option<Model>,
}

impl Search {
    fn of(values: &[f64], season: usize) -> Self {
        let differences = Differences::of(values, season);
        let (third, rounds) = (values.len() / 3, values.len() / 3 / season);
        let order = ORDER.min(third).min(if season > 1 { season - 1 } else { ORDER });
        let seasonal = if season > 1 { SEASONAL_ORDER.min(rounds) } else { 0 };
        let highest = Orders {
            ar: order,
            ma: order,
            seasonal_ar: seasonal,
            seasonal_ma: seasonal,
            constant: differences.plain + differences.seasonal < 2,
        };
        let changes = differences.apply(values);
        let kind = if changes.len() <= SHORT { Kind::Exact } else { Kind::Conditional };
        Self { differences, changes, kind, highest, tried: Vec::new(), best: None }
    }

    fn best(mut self) -> Option<Model> {
        let Orders { ar, ma, seasonal_ar, seasonal_ma, constant } = self.highest;
        let orders = |ar: usize, ma: usize, seasonal_ar: usize, seasonal_ma: usize, constant| Orders {
            ar,
            ma,
            seasonal_ar,
            seasonal_ma,
            constant,
        };
        if is_constant(&self.changes) {
            let zero = orders(0, 0, 0, 0, self.differences.plain < 2);
            return Model::search(&self.changes, self.differences, zero, None, (Kind::Exact, Until::USUAL));
        }
        self.attempt(orders(2.min(ar), 2.min(ma), 1.min(seasonal_ar), 1.min(seasonal_ma), constant));
        self.attempt(orders(0, 0, 0, 0, constant));
        self.attempt(orders(1.min(ar), 0, 1.min(seasonal_ar), 0, constant));
        self.attempt(orders(0, 1.min(ma), 0, 1.min(seasonal_ma), constant));
        self.attempt(orders(0, 0, 0, 0, false));
        while self.tried.len() < MODELS && self.step() {}
        let best = self.best?;
        let to_the_end = (Kind::Exact, Until::USUAL);
        let again = Model::search(&self.changes, self.differences, best.orders, Some(&best), to_the_end);
        again.or(Some(best))
    }

    /// Tries the neighbours of the best until one is better.
    fn step(&mut self) -> bool {
        let Some(best) = self.best.as_ref().map(|model| model.orders) else { return false };
        let moves = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)];
        let moved =
            |order: usize, by: isize, highest: usize| order.checked_add_signed(by).filter(|new| *new <= highest);
        let highest = self.highest;
        let seasonal = moves.iter().filter_map(|(a, b)| {
            let seasonal_ar = moved(best.seasonal_ar, *a, highest.seasonal_ar)?;
            Some(Orders { seasonal_ar, seasonal_ma: moved(best.seasonal_ma, *b, highest.seasonal_ma)?, ..best })
        });
        let plain = moves.iter().filter_map(|(a, b)| {
            Some(Orders { ar: moved(best.ar, *a, highest.ar)?, ma: moved(best.ma, *b, highest.ma)?, ..best })
        });
        let other = highest.constant.then_some(Orders { constant: !best.constant, ..best });
        let neighbours: Vec<Orders> = seasonal.chain(plain).chain(other).collect();
        neighbours.into_iter().any(|orders| self.tried.len() < MODELS && self.attempt(orders))
    }

    /// Whether a model that was not tried yet is the best so far.
    fn attempt(&mut self, orders: Orders) -> bool {
        if self.tried.contains(&orders) {
            return false;
        }
        self.tried.push(orders);
        let Some(model) =
            Model::search(&self.changes, self.differences, orders, self.best.as_ref(), (self.kind, BRIEF))
        else {
            return false;
        };
        let better = self.best.as_ref().is_none_or(|best| model.criterion < best.criterion);
        if better {
            self.best = Some(model);
        }
        better
    }
}

impl Model {
    /// The parameters of the greatest likelihood; `None` where there are too few values for so many, or where the process
    /// found is next to not being stationary or invertible.
    ///
    /// `start`: a model of other orders to start from.
    fn search(
        changes: &[f64],
        differences: Differences,
        orders: Orders,
        start: Option<&Self>,
        (kind, until): (Kind, Until),
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
                product(&from_partial(plain), &spaced(&from_partial(seasonal), differences.season))
            };
            (full(&plain[..ar], &seasonal[..seasonal_ar]), full(&plain[ar..], &seasonal[seasonal_ar..]))
        };
        let said = |x: &[f64]| {
            let (ar, ma) = polynomials(x);
            likelihood(kind, changes, (&ar, &ma), constant)
        };
        let free: Vec<Bounded> = orders.starting_from(start).into_iter().map(partial).collect();
        let (x, _) = nelder_mead::minimise(&free, until, |x| said(x).map_or(f64::INFINITY, |found| found.deviance));
        if x.iter().any(|r| r.abs() > BOUND - NEAR) {
            return None;
        }
        let (found, (ar, ma)) = (said(&x)?, polynomials(&x));
        let criterion = found.deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        Some(Self { differences, orders, parameters: x, ar, ma, found, criterion })
    }
}
