//! Forecasts of all nodes to forecasts that add up, the future's and those of the past.

use std::fmt;

use crate::error::{Error, ReconcileProblem, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::hierarchy::aggregation::Hierarchy;
use crate::hierarchy::covariance::{Covariance, Errors, by_origin};
use crate::hierarchy::projection::Projection;
use crate::hierarchy::width_scaling::WidthScaling;
use crate::model::hindcast::Hindcast;
use crate::panel::series::TimeSeries;

/// How forecasts are made to add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReconcileMethod {
    /// The single series' forecasts, added up.
    BottomUp,
    /// All forecasts, each moved the more the more it usually errs: minimum trace with a shrunk covariance.
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

/// Forecasts that add up.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// One a series of [`Hierarchy::panel`], in its order. Medians add up; bands do not, as errors partly cancel out.
    pub forecasts: Vec<Forecast>,
    /// The record so reconciled, at each origin by what was over by then, series by series. Origins at which a series or
    /// sum was not forecast are left out.
    pub past: Vec<Hindcast>,
    /// The origins of the record that errors were learned from.
    pub origins: usize,
    /// How far the errors' correlations were shrunk towards none, in [0, 1]; `None` where they were not asked for.
    pub shrinkage: Option<f64>,
}

/// Origins that tell how errors go together, at least.
const FEWEST: usize = 2;

/// How to move medians, and what becomes of the bands.
struct Plan<'a> {
    /// `None`: the sums of the single series.
    projection: Option<Projection<'a>>,
    /// The factor on the width of each level's bands.
    widths: Vec<f64>,
    unit: f64,
    shrinkage: Option<f64>,
}

impl Hierarchy {
    /// Whether a method can do it.
    ///
    /// # Errors
    /// If there are too many sums.
    pub fn check(&self, method: ReconcileMethod) -> Result<()> {
        let (sums, nodes) = (self.structure.sums.len(), self.nodes.len());
        if method == ReconcileMethod::BottomUp || (sums <= Hierarchy::MAX_SUMS && nodes <= Hierarchy::MAX_NODES) {
            return Ok(());
        }
        let problem = ReconcileProblem::TooManyTotals { totals: sums, series: self.structure.bottom };
        Err(Error::NotReconcilable(problem))
    }

    /// Makes forecasts of [`Hierarchy::panel`], one a series and in its order, add up.
    ///
    /// How large errors are and how they go together is learned from `record`, what the same model said of the past. By
    /// fewer than two origins [`ReconcileMethod::Mint`] takes errors to be as large as changes from period to period, and to have
    /// nothing to do with each other.
    ///
    /// A band keeps its shape around the new median, and is as much wider or narrower as the errors of its level became
    /// by adding up at the origins of the record. Theory's own factor, from the covariance that is left (Panagiotelis,
    /// Gamakumara, Athanasopoulos & Hyndman 2023, EJOR 306(2)), made bands that held too little. Where a series never was
    /// negative, its forecast is set to 0 before adding up if it came out negative (Di Fonzo & Girolimetto 2023,
    /// *Spatio-temporal reconciliation of solar forecasts*, Solar Energy 251).
    ///
    /// # Panics
    /// If `base` is not of this panel.
    pub fn reconcile(&self, method: ReconcileMethod, base: &[Forecast], record: &[Hindcast]) -> Reconciled {
        assert_eq!(base.len(), self.panel.count(), "a forecast for each series and sum");
        let (unit, changes) = (self.unit(), self.changes());
        let wholes: Vec<TimeSeries<'_>> = self.panel.iter().collect();
        let origins = by_origin(&self.panel, record);
        let (mut track, mut past) = (WidthScaling::default(), Vec::new());
        let plan = |before_end: usize, track: &WidthScaling| {
            let errors = Errors::of(&self.panel, &origins, (&self.nodes, unit), before_end);
            (
                self.plan(method, &errors, (&changes, unit), track.widths(before_end, self.levels().len())),
                errors.count(),
            )
        };
        for (before_end, said) in origins.iter().rev() {
            let mut base: Vec<Option<&Forecast>> = vec![None; wholes.len()];
            for hindcast in said {
                base[hindcast.series] = Some(&hindcast.forecast);
            }
            let Some(base) = base.into_iter().collect::<Option<Vec<&Forecast>>>() else { continue };
            let histories: Vec<TimeSeries<'_>> = wholes.iter().map(|s| s.first(s.len() - before_end)).collect();
            let agreed = self.agreed(&plan(*before_end, &track).0, &histories, &base);
            track.note(self, (*before_end, &changes), &base, &agreed);
            let placed = agreed.into_iter().enumerate();
            past.extend(placed.map(|(series, forecast)| Hindcast {
                series,
                cutoff: histories[series].len(),
                forecast,
            }));
        }
        past.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
        let (plan, known) = plan(0, &track);
        let base: Vec<&Forecast> = base.iter().collect();
        let forecasts = self.agreed(&plan, &wholes, &base);
        Reconciled { forecasts, past, origins: known, shrinkage: plan.shrinkage }
    }

    /// The power of two that brings the largest value of all to [1, 2), so that squares stay in the range of numbers.
    fn unit(&self) -> f64 {
        let largest = self.panel.iter().flat_map(|s| s.values).fold(0.0_f64, |most, v| most.max(v.abs()));
        if largest == 0.0 { 1.0 } else { 2.0_f64.powi((largest.log2().floor() as i32).clamp(-1000, 1000)) }
    }

    /// The mean absolute change of each series from one period to the next.
    fn changes(&self) -> Vec<f64> {
        let change = |series: TimeSeries<'_>| {
            let count = (series.len() - 1).max(1) as f64;
            series.values.windows(2).map(|pair| (pair[1] / count - pair[0] / count).abs()).sum::<f64>().min(f64::MAX)
        };
        self.panel.iter().map(change).collect()
    }

    fn plan(
        &self,
        method: ReconcileMethod,
        errors: &Errors,
        (changes, unit): (&[f64], f64),
        widths: Vec<f64>,
    ) -> Plan<'_> {
        let structure = &self.structure;
        let covariance = match method {
            ReconcileMethod::BottomUp => return Plan { projection: None, widths, unit, shrinkage: None },
            ReconcileMethod::Mint => {
                let usual: Vec<f64> = self.nodes.iter().map(|node| changes[*node] / unit).collect();
                if errors.count() < FEWEST { Covariance::diagonal(&usual) } else { errors.covariance(&usual) }
            }
        };
        let shrinkage = (errors.count() >= FEWEST).then_some(covariance.shrinkage);
        Plan { projection: Some(Projection::new(structure, covariance)), widths, unit, shrinkage }
    }

    /// Forecasts that add up, after `histories`.
    fn agreed(&self, plan: &Plan<'_>, histories: &[TimeSeries<'_>], base: &[&Forecast]) -> Vec<Forecast> {
        let unit = plan.unit;
        let steps = base.iter().map(|forecast| forecast.times().len()).min().unwrap_or(0);
        let floor = |node: &usize| if histories[*node].values.iter().all(|v| *v >= 0.0) { 0.0 } else { f64::MIN };
        let floors: Vec<f64> = self.nodes.iter().map(floor).collect();
        let mut medians = vec![Vec::with_capacity(steps); self.nodes.len()]; // [nodes][steps]
        for k in 0..steps {
            let said: Vec<f64> = self.nodes.iter().map(|node| base[*node].median()[k] / unit).collect();
            let mut bottom = match &plan.projection {
                None => said[..self.structure.bottom].to_vec(),
                Some(projection) => projection.bottom(&said),
            };
            bottom.iter_mut().zip(&floors).for_each(|(value, floor)| *value = value.max(floor / unit));
            let sums = self.structure.sums.iter().map(|parts| parts.iter().map(|part| bottom[*part]).sum());
            let all: Vec<f64> = bottom.iter().copied().chain(sums).collect();
            let inside = |value: f64| (value * unit).clamp(f64::MIN, f64::MAX);
            medians.iter_mut().zip(all).for_each(|(row, value)| row.push(inside(value)));
        }
        let one = |(node, history): (usize, &TimeSeries<'_>)| {
            let place = self.place[node];
            let (said, median, width) = (base[self.nodes[place]], &medians[place], plan.widths[self.level_of(node)]);
            let levels: Vec<f64> = said.quantiles().iter().map(|quantile| quantile.level).collect();
            let row = |values: &[f64]| {
                let value = |k: usize| {
                    let apart = (values[k] - said.median()[k]).clamp(f64::MIN, f64::MAX);
                    (median[k] + width * apart).clamp(floors[place], f64::MAX)
                };
                (0..steps).map(value).collect()
            };
            let rows = said.quantiles().iter().map(|quantile| row(&quantile.values)).collect();
            Forecast::after(history, &levels, rows)
        };
        histories.iter().enumerate().map(one).collect()
    }
}
