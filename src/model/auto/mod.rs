//! The default model: baselines and networks, weighed by how well each forecast the past.

mod bands;
mod blend;
mod members;
mod origins;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use self::bands::{Bands, Residual};
use self::members::Member;
use self::origins::{Origins, Trial};
use super::regression::Signal;
use super::{Forecaster, Hindcast, Model, Observer, Task};
use crate::data::{Panel, TimeSeries};
use crate::error::Result;
use crate::forecast::Forecast;

/// The settings of the default model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auto {
    /// Rolling origins on which members are weighed.
    pub origins: usize,
}

impl Default for Auto {
    fn default() -> Self {
        Self { origins: 8 }
    }
}

impl Model for Auto {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn fit(&self, train: &Panel, task: &Task, _observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        let seasons = seasons(train);
        let mut fitted = Fitted { forecasts: Vec::new(), hindcasts: Vec::new() };
        for series in train.iter() {
            fitted.forecasts.push(self.learn(&series, &seasons, task));
        }
        Ok(Box::new(fitted))
    }
}

#[derive(Debug)]
struct Fitted {
    forecasts: Vec<Forecast>,
    hindcasts: Vec<Hindcast>,
}

impl Forecaster for Fitted {
    fn predict(&self, _history: &Panel) -> Result<Vec<Forecast>> {
        Ok(self.forecasts.clone())
    }

    fn hindcasts(&self) -> &[Hindcast] {
        &self.hindcasts
    }

    fn save(&self, _folder: &Path) -> Result<()> {
        Ok(())
    }
}

/// The seasons to look for in a panel, its own first.
fn seasons(panel: &Panel) -> Vec<usize> {
    let own = panel.season();
    let calendar = panel.frequency().seasons();
    let others = if calendar.contains(&own) { calendar } else { Vec::new() };
    std::iter::once(own).chain(others.into_iter().filter(|m| *m != own)).filter(|m| *m > 1).collect()
}

impl Auto {
    fn learn(&self, series: &TimeSeries<'_>, seasons: &[usize], task: &Task) -> Forecast {
        let (n, horizon) = (series.len(), task.horizon);
        let seasons: Vec<usize> = seasons.iter().copied().filter(|m| 2 * m + 2 <= n).collect();
        let signal = Signal {
            values: series.values,
            observed: series.observed,
            seasons: &seasons,
            ordinal: series.frequency.ordinal(series.start),
        };
        let season = seasons.first().copied().unwrap_or(1);
        let origins = Origins::within(n, horizon, season, self.origins);
        let trials = tried(&Member::all(series.values, &seasons), signal, horizon, &origins);
        let all: Vec<usize> = (0..origins.cutoffs.len()).collect();
        let scores = blend::scores(&trials, &signal, &origins, &all);
        let weights = blend::weights(&scores);
        if let Ok(dir) = std::env::var("AUTO_DEBUG") {
            let members: Vec<_> = trials
                .iter()
                .map(|t| serde_json::json!({"name": format!("{:?} {:?}", t.member.kind, t.member.transform), "paths": t.paths, "forecast": t.forecast}))
                .collect();
            let json = serde_json::json!({"n": n, "h": horizon, "seasons": seasons, "cutoffs": origins.cutoffs, "steps": origins.steps, "members": members, "y": series.values, "observed": series.observed});
            std::fs::write(format!("{dir}/{}{}-{n}.json", series.name(), std::env::args().nth(3).unwrap_or_default().replace('/', "_")), json.to_string()).ok();
        }
        let blended = |paths: &dyn Fn(&Trial) -> Option<&Vec<f64>>| {
            blend::mean(
                trials.iter().zip(&weights).filter(|(_, w)| **w > 0.0).filter_map(|(t, w)| Some((*w, paths(t)?))),
                horizon,
            )
        };
        let median = blended(&|t| t.forecast.as_ref());
        let mut residuals = Vec::new();
        for (o, &cutoff) in origins.cutoffs.iter().enumerate() {
            let path = blended(&|t| t.paths[o].as_ref());
            for (step, said) in path.iter().enumerate().take(origins.steps) {
                if series.observed.get(cutoff + step) == Some(&true) {
                    let position = (cutoff + step) as i64 - n as i64;
                    residuals.push(Residual { step, position, error: series.values[cutoff + step] - said });
                }
            }
        }
        let bands = Bands::of(&residuals, horizon, season, origins.cutoffs.len());
        let floor = if series.values.iter().all(|v| *v >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let row = |level: &f64| {
            let offset = |k| if (*level - 0.5).abs() < 1e-9 { 0.0 } else { bands.offset(*level, k) };
            median.iter().enumerate().map(|(k, m)| (m + offset(k)).max(floor)).collect::<Vec<f64>>()
        };
        Forecast::after(series, &task.levels, task.levels.iter().map(row).collect())
    }
}

/// Every member tried, side by side in threads; the results are in the members' order, whichever thread was faster.
fn tried(members: &[Member], signal: Signal<'_>, horizon: usize, origins: &Origins) -> Vec<Trial> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(members.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(member) = members.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(Trial::of(*member, signal, horizon, origins));
        }
        done
    };
    let mut trials: Vec<Trial> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a member does not panic")).collect()
    });
    trials.sort_by_key(|trial| members.iter().position(|member| *member == trial.member));
    trials
}
