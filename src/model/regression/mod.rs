//! Autoregressions: linear models of lags, seasonal lags, Fourier terms and covariates, fitted by ridge regression.
//!
//! Each forecasts at many rolling origins in one pass. Rows are added to one set of [normal
//! equations](ridge::NormalEquations) in the order of time. The equations are solved at each cutoff. The two strategies
//! for several steps are those of Ben Taieb, Bontempi, Atiya & Sorjamaa (2012), *A review and comparison of strategies
//! for multi-step ahead time series forecasting*, Expert Systems with Applications 39(8).

pub(crate) mod exogenous_effect;
pub(crate) mod exogenous_features;
pub(crate) mod features;
pub(crate) mod ridge;
pub(crate) mod series_view;

use crate::model::regression::features::{FeatureLayout, SeasonalDifference};
use crate::model::regression::ridge::{NormalEquations, RidgeCoefficients};
use crate::model::regression::series_view::SeriesView;

/// The minimum number of rows for forecasts of one step, in seasons, and the minimum season length in this product.
const MIN_SEASONS: usize = 2;
const MIN_SEASON: usize = 6;
/// The minimum number of rows for forecasts of a whole horizon, which also needs as many rows as steps.
const MIN_ROWS: usize = 8;
/// Coefficients are estimated again at the last cutoff, and when new rows are at least one in this number of all rows.
/// Estimation takes longer than a forecast, and few new rows change little.
const ROWS_PER_NEW_ROW: usize = 20;
/// The maximum number of outputs of all rows of a direct regression. It leaves out rows of a long history, whose
/// neighbours differ little if the horizon is long.
const MAX_OUTPUTS: usize = 20_000_000;

/// The recursive strategy: each step is forecast from the forecasts of the steps before it.
///
/// There is a forecast for each of `cutoffs`, ascending numbers of known values. It is `None` if too few values are known,
/// or if the view has covariates and none with a known future varies. The features are those for the first `known` values.
/// With a `difference`, the target is the distance from the seasonal mean instead of that from the level.
pub(crate) fn recursive_forecast(
    view: SeriesView<'_>,
    difference: Option<SeasonalDifference>,
    horizon: usize,
    known: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    let Some(layout) = FeatureLayout::one_step(view, known, difference) else { return vec![None; cutoffs.len()] };
    let equations = NormalEquations::new(layout.count(), 1, None);
    let min_rows = MIN_SEASONS * view.season().max(MIN_SEASON);
    let roll_out = |(coefficients, &cutoff): (Option<RidgeCoefficients>, &usize)| {
        let coefficients = coefficients.filter(|_| layout.is_known_at(cutoff + horizon - 1))?;
        let mut path = view.values[..cutoff].to_vec();
        let mut row = Vec::with_capacity(layout.count());
        for t in cutoff..cutoff + horizon {
            row.clear();
            let reference = layout.append_row(&path, t, &mut row);
            path.push(reference + coefficients.predict(&row)[0]);
        }
        Some(path.split_off(cutoff))
    };
    coefficients_at_cutoffs(&view, &layout, equations, min_rows, cutoffs).zip(cutoffs).map(roll_out).collect()
}

/// The direct strategy: one regression with an output for every step of the horizon.
#[derive(Debug, Clone)]
pub(crate) struct DirectRidge {
    layout: FeatureLayout,
    coefficients: RidgeCoefficients,
}

impl DirectRidge {
    /// A fit at each of `cutoffs`, ascending numbers of known values; `None` if too few values are known. The features are
    /// those for the first `known` values. With a `half_life` in rows, older rows have less weight.
    pub(crate) fn fit(
        view: SeriesView<'_>,
        half_life: Option<f64>,
        horizon: usize,
        known: usize,
        cutoffs: &[usize],
    ) -> Vec<Option<Self>> {
        let layout = FeatureLayout::whole_horizon(&view, known, horizon);
        let equations = direct_equations(&layout, &view, half_life, horizon, cutoffs[cutoffs.len() - 1]);
        let all = coefficients_at_cutoffs(&view, &layout, equations, horizon.max(MIN_ROWS), cutoffs);
        all.map(|coefficients| Some(Self { layout: layout.clone(), coefficients: coefficients? })).collect()
    }

    /// As [`Self::fit`] at one cutoff, with each of the `half_lives`. A row is computed once for all of them.
    pub(crate) fn fit_each(
        view: SeriesView<'_>,
        half_lives: &[Option<f64>],
        horizon: usize,
        known: usize,
        cutoff: usize,
    ) -> Vec<Option<Self>> {
        let layout = FeatureLayout::whole_horizon(&view, known, horizon);
        let new = |half_life: &Option<f64>| direct_equations(&layout, &view, *half_life, horizon, cutoff);
        let mut all: Vec<NormalEquations> = half_lives.iter().map(new).collect();
        let first = layout.first_position();
        layout.add_rows(&view, first..end_of_rows(cutoff, horizon).max(first), &mut all);
        let fit = |equations: &NormalEquations| {
            let is_enough = equations.rows * equations.stride >= horizon.max(MIN_ROWS);
            let coefficients = if is_enough { equations.solve() } else { None };
            coefficients.map(|coefficients| Self { layout: layout.clone(), coefficients })
        };
        all.iter().map(fit).collect()
    }

    /// The forecast of the whole horizon after `values[..t]`.
    pub(crate) fn predict(&self, values: &[f64], t: usize) -> Vec<f64> {
        let mut row = Vec::with_capacity(self.layout.count());
        let reference = self.layout.append_row(values, t, &mut row);
        self.coefficients.predict(&row).into_iter().map(|y| reference + y).collect()
    }

    pub(crate) fn first_position(&self) -> usize {
        self.layout.first_position()
    }
}

/// The forecast at each of `cutoffs`; arguments as for [`DirectRidge::fit`].
pub(crate) fn direct_forecast(
    view: SeriesView<'_>,
    half_life: Option<f64>,
    horizon: usize,
    known: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    let fits = DirectRidge::fit(view, half_life, horizon, known, cutoffs);
    fits.into_iter().zip(cutoffs).map(|(fit, &cutoff)| Some(fit?.predict(view.values, cutoff))).collect()
}

/// The equations of a direct regression without rows.
fn direct_equations(
    layout: &FeatureLayout,
    view: &SeriesView<'_>,
    half_life: Option<f64>,
    horizon: usize,
    last_cutoff: usize,
) -> NormalEquations {
    let outputs = horizon.saturating_mul(last_cutoff);
    let stride = stride_for(outputs.div_ceil(MAX_OUTPUTS), view.seasons);
    let half_life = half_life.map(|rows| rows / stride as f64);
    let mut equations = NormalEquations::new(layout.count(), horizon, half_life);
    equations.stride = stride;
    equations
}

/// The position after the last one whose outputs are all known at a cutoff.
fn end_of_rows(cutoff: usize, outputs: usize) -> usize {
    (cutoff + 1).saturating_sub(outputs)
}

/// The smallest stride from `min` on that has no common divisor with a season, so that rows have every season position.
pub(crate) fn stride_for(min: usize, seasons: &[usize]) -> usize {
    let divides_both = |stride: usize, m: usize| (2..=stride).any(|d| stride.is_multiple_of(d) && m.is_multiple_of(d));
    (min.max(1)..=usize::MAX)
        .find(|stride| !seasons.iter().any(|m| divides_both(*stride, *m)))
        .expect("a prime above all seasons")
}

/// The coefficients at each of `cutoffs`; `None` if there are too few rows.
fn coefficients_at_cutoffs<'a>(
    view: &'a SeriesView<'_>,
    layout: &'a FeatureLayout,
    mut equations: NormalEquations,
    min_rows: usize,
    cutoffs: &'a [usize],
) -> impl Iterator<Item = Option<RidgeCoefficients>> + 'a {
    let mut next = layout.first_position();
    let (mut coefficients, mut rows_at_estimate) = (None, 0);
    cutoffs.iter().enumerate().map(move |(i, cutoff)| {
        let end = end_of_rows(*cutoff, equations.outputs).max(next);
        layout.add_rows(view, next..end, std::slice::from_mut(&mut equations));
        next = end;
        let (rows, is_last) = (equations.rows, i + 1 == cutoffs.len());
        let is_due = coefficients.is_none() || is_last || ROWS_PER_NEW_ROW * (rows - rows_at_estimate) >= rows;
        if rows * equations.stride >= min_rows && is_due {
            rows_at_estimate = rows;
            coefficients = equations.solve();
        }
        coefficients.clone()
    })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// They sum to 1, since the model predicts the distance from a moving level.
    const AR: [f64; 2] = [0.4, 0.6];

    fn second_order(count: usize) -> Vec<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut values = vec![55.0, 47.0];
        for n in 2..count {
            values.push(AR[0] * values[n - 1] + AR[1] * values[n - 2] + rng.sample::<f64, _>(StandardNormal));
        }
        values
    }

    fn view<'a>(values: &'a [f64], observed: &'a [bool], seasons: &'a [usize]) -> SeriesView<'a> {
        SeriesView { values, observed, seasons, ordinal: 0, exogenous: None }
    }

    #[test]
    fn forecasts_of_an_autoregression_agree_with_its_equation_and_do_not_depend_on_later_values() {
        let (values, cutoffs) = (second_order(3000), (2900..3000).collect::<Vec<usize>>());
        let forecasts = |values: &[f64]| {
            let view = view(values, &[true; 3000], &[]);
            let recursive = |difference| recursive_forecast(view, difference, 3, cutoffs[0], &cutoffs);
            let direct = |half_life| direct_forecast(view, half_life, 3, cutoffs[0], &cutoffs);
            let difference = Some(SeasonalDifference { lag: 7, seasons: 4 });
            [recursive(None), direct(None), recursive(difference), direct(Some(60.0))]
        };
        let all = forecasts(&values);
        // the last forecast does not depend on those before it
        let (only, last) = (view(&values, &[true; 3000], &[]), [cutoffs[99]]);
        assert_eq!(recursive_forecast(only, None, 3, cutoffs[0], &last)[0], all[0][99]);
        assert_eq!(direct_forecast(only, None, 3, cutoffs[0], &last)[0], all[1][99]);
        for paths in &all[..2] {
            let (mut error, mut spread) = (0.0, 0.0);
            for (path, &t) in paths.iter().zip(&cutoffs) {
                let (mut last, mut before) = (values[t - 1], values[t - 2]);
                for predicted in path.as_ref().expect("enough to learn from") {
                    let truth = AR[0] * last + AR[1] * before;
                    error += (predicted - truth).powi(2);
                    spread += (values[t - 1] - truth).powi(2);
                    (last, before) = (truth, last);
                }
            }
            assert!(error < 0.05 * spread, "{}", error / spread);
        }
        let changed = [&values[..2950], &[1e6; 50]].concat();
        for (before, after) in all.iter().zip(forecasts(&changed)) {
            assert!(before[..=50] == after[..=50] && before[99] != after[99] && before.iter().all(Option::is_some));
        }
    }

    #[test]
    fn a_history_that_is_too_short_has_no_forecast() {
        let values = second_order(10);
        let view = view(&values, &[true; 10], &[]);
        assert_eq!(direct_forecast(view, None, 5, 8, &[8, 10]), [None, None]);
        assert_eq!(recursive_forecast(view, None, 5, 8, &[8, 10]), [None, None]);
    }
}
