//! Reconciles forecasts of all nodes of a hierarchy, and hindcasts of them.

use std::fmt;

use crate::error::{Error, ReconcileProblem, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::hierarchy::aggregation::Hierarchy;
use crate::hierarchy::covariance::{ErrorSamples, MIN_ORIGINS, group_by_origin};
use crate::hierarchy::projection::Projection;
use crate::model::fit::Hindcast;
use crate::model::transform::power_of_two_scale;
use crate::panel::series::{Bounds, TimeSeries};

/// How forecasts are reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReconcileMethod {
    /// Sums the forecasts of the bottom series.
    BottomUp,
    /// Minimum trace with a shrunk covariance: adjusts every forecast by the size of its errors.
    Mint,
}

impl fmt::Display for ReconcileMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BottomUp => "bottom-up",
            Self::Mint => "mint",
        })
    }
}

/// Reconciled forecasts, which add up.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// One forecast per series of [`Hierarchy::panel`], in its order. Medians add up. Interval bounds do not, because errors
    /// partly cancel in sums.
    pub forecasts: Vec<Forecast>,
    /// The reconciled hindcasts, sorted by series. Each uses only errors before its origin. Origins without a hindcast of
    /// every series and sum are left out.
    pub hindcasts: Vec<Hindcast>,
    /// The number of origins from which the error covariance was estimated.
    pub origins: usize,
    /// The shrinkage intensity of the correlations, in [0, 1]; `None` if they were not estimated.
    pub shrinkage: Option<f64>,
}

/// The largest factor of interval widths; its inverse is the smallest.
const MAX_WIDTH_FACTOR: f64 = 2.0;

/// The computation of reconciled forecasts.
struct Plan<'a> {
    /// The projection of medians; `None` for bottom-up.
    projection: Option<Projection<'a>>,
    /// The factor of interval widths in each level.
    width_factors: Vec<f64>,
    /// The power of two by which values are divided, so that squares do not overflow.
    unit: f64,
}

/// Squared errors before and after reconciliation at an origin in the past.
struct SquaredErrors {
    /// The number of steps from the end of the forecasts to the end of the panel.
    forecast_end: usize,
    /// The sums before and after for each level, with the errors of each series in units of its mean change.
    levels: Vec<[f64; 2]>,
}

impl Hierarchy {
    /// Checks that a method can reconcile the hierarchy.
    ///
    /// # Errors
    /// If there are too many sums or series for [`ReconcileMethod::Mint`].
    pub fn check(&self, method: ReconcileMethod) -> Result<()> {
        let (sums, nodes) = (self.sums.len(), self.nodes.len());
        if method == ReconcileMethod::BottomUp || (sums <= Self::MAX_SUMS && nodes <= Self::MAX_NODES) {
            return Ok(());
        }
        Err(Error::NotReconcilable(ReconcileProblem::TooManyTotals { totals: sums, series: nodes - sums }))
    }

    /// Reconciles forecasts of [`Hierarchy::panel`], one per series and in its order.
    ///
    /// The error covariance is estimated from `hindcasts` of the same model. With fewer than two origins,
    /// [`ReconcileMethod::Mint`] takes errors as uncorrelated and as large as the mean absolute change of each series.
    ///
    /// An interval keeps its shape around the new median. Its width is scaled by the change of the errors of its level at
    /// the origins. The factor from the remaining covariance (Panagiotelis, Gamakumara, Athanasopoulos & Hyndman 2023, EJOR
    /// 306(2)) gave intervals that covered too little.
    ///
    /// A negative forecast of a bottom series that never was negative is set to 0 before summing (Di Fonzo & Girolimetto
    /// 2023, *Spatio-temporal reconciliation of solar forecasts*, Solar Energy 251).
    ///
    /// # Panics
    /// If `base` does not have one forecast per series of the panel.
    pub fn reconcile(&self, method: ReconcileMethod, base: &[Forecast], hindcasts: &[Hindcast]) -> Reconciled {
        assert_eq!(base.len(), self.panel.count(), "one forecast per series and sum");
        let values: Vec<f64> = self.panel.iter().flat_map(|series| series.values).copied().collect();
        let (unit, changes) = (power_of_two_scale(&values), self.mean_changes());
        let all_series: Vec<TimeSeries<'_>> = self.panel.iter().collect();
        let origins = group_by_origin(&self.panel, hindcasts);
        let (mut errors, mut reconciled_hindcasts) = (Vec::new(), Vec::new());
        let plan = |before_end: usize, errors: &[SquaredErrors]| {
            let samples = ErrorSamples::of(&self.panel, &origins, &self.nodes, unit, before_end);
            let expected_sizes: Vec<f64> = self.nodes.iter().map(|node| changes[*node] / unit).collect();
            let projection = match method {
                ReconcileMethod::BottomUp => None,
                ReconcileMethod::Mint => Some(Projection::new(&self.sums, samples.covariance(&expected_sizes))),
            };
            let width_factors = width_factors(errors, before_end, self.levels().len());
            (Plan { projection, width_factors, unit }, samples.origins.len())
        };
        for (before_end, at_origin) in origins.iter().rev() {
            let mut base: Vec<Option<&Forecast>> = vec![None; all_series.len()];
            for hindcast in at_origin {
                base[hindcast.series] = Some(&hindcast.forecast);
            }
            let Some(base) = base.into_iter().collect::<Option<Vec<&Forecast>>>() else { continue };
            let histories: Vec<TimeSeries<'_>> = all_series.iter().map(|s| s.first(s.len() - before_end)).collect();
            let reconciled = self.apply(&plan(*before_end, &errors).0, &histories, &base);
            errors.push(self.squared_errors(*before_end, &changes, &base, &reconciled));
            reconciled_hindcasts.extend(reconciled.into_iter().enumerate().map(|(series, forecast)| Hindcast {
                series,
                cutoff: histories[series].len(),
                forecast,
            }));
        }
        reconciled_hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
        let (plan, origins) = plan(0, &errors);
        let forecasts = self.apply(&plan, &all_series, &base.iter().collect::<Vec<&Forecast>>());
        let shrinkage = plan.projection.and_then(|projection| projection.covariance.shrinkage);
        Reconciled { forecasts, hindcasts: reconciled_hindcasts, origins, shrinkage }
    }

    /// The mean absolute change of each series from one step to the next.
    fn mean_changes(&self) -> Vec<f64> {
        let change = |series: TimeSeries<'_>| {
            let count = (series.len() - 1).max(1) as f64;
            series.values.windows(2).map(|pair| (pair[1] / count - pair[0] / count).abs()).sum::<f64>().min(f64::MAX)
        };
        self.panel.iter().map(change).collect()
    }

    /// The errors of forecasts before and after reconciliation, from an origin `before_end` steps before the end.
    fn squared_errors(
        &self,
        before_end: usize,
        changes: &[f64],
        base: &[&Forecast],
        reconciled: &[Forecast],
    ) -> SquaredErrors {
        let steps = reconciled.iter().map(|forecast| forecast.times().len()).max().unwrap_or(0).min(before_end);
        let mut levels = vec![[0.0; 2]; self.levels().len()];
        for (node, series) in self.panel.iter().enumerate().filter(|(node, _)| changes[*node] > 0.0) {
            let cutoff = series.len() - before_end;
            for k in (0..steps).filter(|k| series.observed[cutoff + k]) {
                let actual = self.panel.actual(node, cutoff + k);
                let error = |forecast: &Forecast| ((actual - forecast.median()[k]) / changes[node]).powi(2);
                let [before, after] = &mut levels[self.level_of(node)];
                *before += error(base[node]);
                *after += error(&reconciled[node]);
            }
        }
        SquaredErrors { forecast_end: before_end - steps, levels }
    }

    fn apply(&self, plan: &Plan<'_>, histories: &[TimeSeries<'_>], base: &[&Forecast]) -> Vec<Forecast> {
        let steps = base.iter().map(|forecast| forecast.times().len()).min().unwrap_or(0);
        let bounds: Vec<Bounds> = self.nodes.iter().map(|node| histories[*node].bounds()).collect();
        let medians = self.reconciled_medians(plan, base, &bounds, steps);
        let reconciled = |(node, history): (usize, &TimeSeries<'_>)| {
            let distinct = self.distinct[node];
            let (base, median) = (base[self.nodes[distinct]], &medians[distinct]);
            let width_factor = plan.width_factors[self.level_of(node)];
            let levels: Vec<f64> = base.quantiles().iter().map(|quantile| quantile.level).collect();
            let row = |values: &[f64]| {
                let value = |k: usize| {
                    let offset = (values[k] - base.median()[k]).clamp(f64::MIN, f64::MAX);
                    bounds[distinct].clamp(median[k] + width_factor * offset)
                };
                (0..steps).map(value).collect()
            };
            let rows = base.quantiles().iter().map(|quantile| row(&quantile.values)).collect();
            Forecast::after(history, &levels, rows)
        };
        histories.iter().enumerate().map(reconciled).collect()
    }

    /// The reconciled medians of the distinct nodes, `[node][step]`.
    fn reconciled_medians(
        &self,
        plan: &Plan<'_>,
        base: &[&Forecast],
        bounds: &[Bounds],
        steps: usize,
    ) -> Vec<Vec<f64>> {
        let unit = plan.unit;
        let mut medians = vec![Vec::with_capacity(steps); self.nodes.len()];
        for k in 0..steps {
            let scaled: Vec<f64> = self.nodes.iter().map(|node| base[*node].median()[k] / unit).collect();
            let mut bottom = match &plan.projection {
                None => scaled[..self.bottom_count()].to_vec(),
                Some(projection) => projection.bottom(&scaled),
            };
            bottom
                .iter_mut()
                .zip(bounds)
                .for_each(|(value, bounds)| *value = value.clamp(bounds.low / unit, bounds.high / unit));
            let sums = self.sums.iter().map(|parts| parts.iter().map(|part| bottom[*part]).sum());
            let all: Vec<f64> = bottom.iter().copied().chain(sums).collect();
            let unscaled = |value: f64| (value * unit).clamp(f64::MIN, f64::MAX);
            medians.iter_mut().zip(all).for_each(|(row, value)| row.push(unscaled(value)));
        }
        medians
    }
}

/// The factor of each level, from forecasts that end at least `before_end` steps before the end of the panel.
fn width_factors(errors: &[SquaredErrors], before_end: usize, levels: usize) -> Vec<f64> {
    let known: Vec<&SquaredErrors> = errors.iter().filter(|errors| errors.forecast_end >= before_end).collect();
    let factor = |level: usize| {
        let sum = |which: usize| known.iter().map(|errors| errors.levels[level][which]).sum::<f64>();
        let ratio = (sum(1) / sum(0)).sqrt();
        // the ratio is undefined if all errors are 0 or overflow
        let is_known = known.len() >= MIN_ORIGINS && ratio.is_finite() && ratio > 0.0;
        if is_known { ratio.clamp(1.0 / MAX_WIDTH_FACTOR, MAX_WIDTH_FACTOR) } else { 1.0 }
    };
    (0..levels).map(factor).collect()
}
