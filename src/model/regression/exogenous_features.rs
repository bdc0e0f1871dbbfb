//! Lags of the covariates in a row of an autoregression: an ARX model (Ljung 1999, *System Identification*, section 4.2).

use std::sync::Arc;

use crate::model::regression::exogenous_columns::ExogenousColumns;

/// The range of the number of lags of a covariate without a known future.
const PAST_LAG_RANGE: (usize, usize) = (3, 14);

/// The columns of the covariates, and their lags in a row.
#[derive(Debug, Clone)]
pub(crate) struct ExogenousFeatures {
    columns: Arc<ExogenousColumns>,
    /// Steps before the target, ascending; 0 is the target's own step.
    lags: Vec<usize>,
    /// Factor on all values, so that the penalty treats them like the lags of the series.
    scale: f64,
    /// Whether a row also has the mean over the reference window, less the mean of the whole past.
    with_window_mean: bool,
}

impl ExogenousFeatures {
    /// Covariates with a known future: at the step of the target, one step before it, and a season before it.
    pub(crate) fn at_target(columns: ExogenousColumns, season_lag: Option<usize>, scale: f64) -> Self {
        let mut lags = vec![0, 1];
        lags.extend(season_lag);
        Self { columns: Arc::new(columns), lags, scale, with_window_mean: false }
    }

    /// Covariates without a known future: at the last steps before the target. A covariate may lead the series by several
    /// steps.
    pub(crate) fn before_target(columns: ExogenousColumns, season: usize, scale: f64) -> Self {
        let lags = (1..=season.clamp(PAST_LAG_RANGE.0, PAST_LAG_RANGE.1)).collect();
        Self { columns: Arc::new(columns), lags, scale, with_window_mean: true }
    }

    pub(crate) fn count(&self) -> usize {
        self.columns.columns().len() * (self.lags.len() + usize::from(self.with_window_mean))
    }

    pub(crate) fn lags(&self) -> &[usize] {
        &self.lags
    }

    pub(crate) fn longest_lag(&self) -> usize {
        self.lags.last().copied().unwrap_or(0)
    }

    /// Whether the covariates are known for a target at position `t`.
    pub(crate) fn is_known_at(&self, t: usize) -> bool {
        t < self.columns.steps() || (!self.lags.contains(&0) && t <= self.columns.steps())
    }

    /// Appends the values for a target at `t`, each relative to the mean of its column over the steps `from..to`.
    pub(crate) fn append_relative_to_window(&self, t: usize, (from, to): (usize, usize), row: &mut Vec<f64>) {
        for (index, column) in self.columns.columns().iter().enumerate() {
            let level = self.columns.mean(index, from, to);
            row.extend(self.lags.iter().map(|lag| self.scale * (column[t - lag] - level)));
            if self.with_window_mean {
                row.push(self.scale * (level - self.columns.mean(index, 0, to)));
            }
        }
    }

    /// Appends the values for a target at `t`, each relative to its own mean one, two … `seasons` times `lag` steps before.
    pub(crate) fn append_differenced(&self, t: usize, (lag, seasons): (usize, usize), row: &mut Vec<f64>) {
        for column in self.columns.columns() {
            let seasonal_mean = |t: usize| (1..=seasons).map(|i| column[t - i * lag]).sum::<f64>() / seasons as f64;
            row.extend(self.lags.iter().map(|lag| self.scale * (column[t - lag] - seasonal_mean(t - lag))));
        }
    }
}
