//! Reconciles forecasts of all nodes of a hierarchy, and hindcasts of them.

use std::fmt;

use crate::error::{Error, ReconcileProblem, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::hierarchy::aggregation::Hierarchy;
use crate::hierarchy::covariance::{Covariance, ErrorSamples, group_by_origin};
use crate::hierarchy::projection::Projection;
use crate::hierarchy::width_scaling::WidthScaling;
use crate::model::fit_report::Hindcast;
use crate::panel::series::TimeSeries;

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

/// Fewer origins give no error covariance.
const MIN_ORIGINS: usize = 2;

/// The computation of reconciled forecasts: the projection of medians, and the factors of interval widths.
struct Plan<'a> {
    /// `None` for bottom-up.
    projection: Option<Projection<'a>>,
    /// The factor of interval widths in each level.
    width_factors: Vec<f64>,
    /// The power of two by which values are divided, so that squares do not overflow.
    unit: f64,
    shrinkage: Option<f64>,
}

impl Hierarchy {
    /// Checks that a method can reconcile the hierarchy.
    ///
    /// # Errors
    /// If there are too many sums or series for [`ReconcileMethod::Mint`].
    pub fn check(&self, method: ReconcileMethod) -> Result<()> {
        let (sums, nodes) = (self.structure.sums.len(), self.nodes.len());
        if method == ReconcileMethod::BottomUp || (sums <= Self::MAX_SUMS && nodes <= Self::MAX_NODES) {
            return Ok(());
        }
        let problem = ReconcileProblem::TooManyTotals { totals: sums, series: self.structure.bottom };
        Err(Error::NotReconcilable(problem))
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
        let (unit, changes) = (self.unit(), self.mean_changes());
        let all_series: Vec<TimeSeries<'_>> = self.panel.iter().collect();
        let origins = group_by_origin(&self.panel, hindcasts);
        let (mut scaling, mut reconciled_hindcasts) = (WidthScaling::default(), Vec::new());
        let plan = |before_end: usize, scaling: &WidthScaling| {
            let errors = ErrorSamples::of(&self.panel, &origins, (&self.nodes, unit), before_end);
            let width_factors = scaling.factors(before_end, self.levels().len());
            (self.plan(method, &errors, (&changes, unit), width_factors), errors.count())
        };
        for (before_end, at_origin) in origins.iter().rev() {
            let mut base: Vec<Option<&Forecast>> = vec![None; all_series.len()];
            for hindcast in at_origin {
                base[hindcast.series] = Some(&hindcast.forecast);
            }
            let Some(base) = base.into_iter().collect::<Option<Vec<&Forecast>>>() else { continue };
            let histories: Vec<TimeSeries<'_>> = all_series.iter().map(|s| s.first(s.len() - before_end)).collect();
            let reconciled = self.apply(&plan(*before_end, &scaling).0, &histories, &base);
            scaling.add(self, (*before_end, &changes), &base, &reconciled);
            reconciled_hindcasts.extend(reconciled.into_iter().enumerate().map(|(series, forecast)| Hindcast {
                series,
                cutoff: histories[series].len(),
                forecast,
            }));
        }
        reconciled_hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
        let (plan, origins) = plan(0, &scaling);
        let base: Vec<&Forecast> = base.iter().collect();
        let forecasts = self.apply(&plan, &all_series, &base);
        Reconciled { forecasts, hindcasts: reconciled_hindcasts, origins, shrinkage: plan.shrinkage }
    }

    /// The power of two that scales the largest value to [1, 2), so that squares do not overflow.
    fn unit(&self) -> f64 {
        let largest = self.panel.iter().flat_map(|s| s.values).fold(0.0_f64, |most, v| most.max(v.abs()));
        if largest == 0.0 { 1.0 } else { 2.0_f64.powi((largest.log2().floor() as i32).clamp(-1000, 1000)) }
    }

    /// The mean absolute change of each series from one step to the next.
    fn mean_changes(&self) -> Vec<f64> {
        let change = |series: TimeSeries<'_>| {
            let count = (series.len() - 1).max(1) as f64;
            series.values.windows(2).map(|pair| (pair[1] / count - pair[0] / count).abs()).sum::<f64>().min(f64::MAX)
        };
        self.panel.iter().map(change).collect()
    }

    fn plan(
        &self,
        method: ReconcileMethod,
        errors: &ErrorSamples,
        (changes, unit): (&[f64], f64),
        width_factors: Vec<f64>,
    ) -> Plan<'_> {
        let structure = &self.structure;
        let covariance = match method {
            ReconcileMethod::BottomUp => {
                return Plan { projection: None, width_factors, unit, shrinkage: None };
            }
            ReconcileMethod::Mint => {
                let expected_sizes: Vec<f64> = self.nodes.iter().map(|node| changes[*node] / unit).collect();
                if errors.count() < MIN_ORIGINS {
                    Covariance::uncorrelated(&expected_sizes)
                } else {
                    errors.covariance(&expected_sizes)
                }
            }
        };
        let shrinkage = (errors.count() >= MIN_ORIGINS).then_some(covariance.shrinkage);
        Plan { projection: Some(Projection::new(structure, covariance)), width_factors, unit, shrinkage }
    }

    fn apply(&self, plan: &Plan<'_>, histories: &[TimeSeries<'_>], base: &[&Forecast]) -> Vec<Forecast> {
        let steps = base.iter().map(|forecast| forecast.times().len()).min().unwrap_or(0);
        let floors: Vec<f64> = self.nodes.iter().map(|node| histories[*node].floor()).collect();
        let medians = self.reconciled_medians(plan, base, &floors, steps);
        let reconciled = |(node, history): (usize, &TimeSeries<'_>)| {
            let distinct = self.distinct[node];
            let (base, median) = (base[self.nodes[distinct]], &medians[distinct]);
            let width_factor = plan.width_factors[self.level_of(node)];
            let levels: Vec<f64> = base.quantiles().iter().map(|quantile| quantile.level).collect();
            let row = |values: &[f64]| {
                let value = |k: usize| {
                    let offset = (values[k] - base.median()[k]).clamp(f64::MIN, f64::MAX);
                    (median[k] + width_factor * offset).clamp(floors[distinct], f64::MAX)
                };
                (0..steps).map(value).collect()
            };
            let rows = base.quantiles().iter().map(|quantile| row(&quantile.values)).collect();
            Forecast::after(history, &levels, rows)
        };
        histories.iter().enumerate().map(reconciled).collect()
    }

    /// The reconciled medians of the distinct nodes, `[node][step]`.
    fn reconciled_medians(&self, plan: &Plan<'_>, base: &[&Forecast], floors: &[f64], steps: usize) -> Vec<Vec<f64>> {
        let unit = plan.unit;
        let mut medians = vec![Vec::with_capacity(steps); self.nodes.len()];
        for k in 0..steps {
            let scaled: Vec<f64> = self.nodes.iter().map(|node| base[*node].median()[k] / unit).collect();
            let mut bottom = match &plan.projection {
                None => scaled[..self.structure.bottom].to_vec(),
                Some(projection) => projection.bottom(&scaled),
            };
            bottom.iter_mut().zip(floors).for_each(|(value, floor)| *value = value.max(floor / unit));
            let sums = self.structure.sums.iter().map(|parts| parts.iter().map(|part| bottom[*part]).sum());
            let all: Vec<f64> = bottom.iter().copied().chain(sums).collect();
            let unscaled = |value: f64| (value * unit).clamp(f64::MIN, f64::MAX);
            medians.iter_mut().zip(all).for_each(|(row, value)| row.push(unscaled(value)));
        }
        medians
    }
}
