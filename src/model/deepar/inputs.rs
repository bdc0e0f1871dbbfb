//! The inputs of the network before each value: lags, reference values, the calendar, the age and size of a series, and
//! its static features.

use std::collections::BTreeSet;
use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::model::deepar::settings::Distribution;
use crate::model::nn::tensor::StepNumbers;
use crate::model::transform::mean_and_deviation;
use crate::panel::{Panel, TimeSeries};
use crate::time::frequency::exact_period;

/// The number of recent values that are always inputs.
const RECENT_LAGS: usize = 7;
/// The longest season over which the recent mean is taken.
const MAX_MEAN_STEPS: usize = 30;
const MAX_SCALED_VALUE: f64 = 1e5;
/// With fewer differences, the mean absolute step of a window is shrunk to that of all series.
const MIN_DIFFERENCES: f64 = 8.0;
/// Fourier terms of each season.
const HARMONICS: [f64; 3] = [1.0, 2.0, 3.0];
/// The largest number of reference values.
const MAX_REFERENCES: usize = 8;
/// The largest number of static features. A training window has a bit for each.
const MAX_STATIC_FEATURES: usize = 32;
const MAX_CATEGORIES: usize = 64;
/// The smallest mean number of series of a category. A category of a single series has no meaning for new series.
const MIN_SERIES_PER_CATEGORY: usize = 2;

/// The configuration of the inputs of the network, which follows from the training panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InputConfig {
    pub(crate) distribution: Distribution,
    /// Season lengths in steps, the main one first; at most two.
    pub(crate) seasons: Vec<usize>,
    /// Steps of the conditioning range.
    pub(crate) context: usize,
    /// Mean over the series of the logarithm of their mean absolute value.
    pub(crate) log_size_mean: f64,
    /// Standard deviation of the same.
    pub(crate) log_size_deviation: f64,
    /// Median over the series of the mean absolute step, as a share of the mean absolute value.
    pub(crate) typical_step: f64,
}

/// The scale of the values of a series, from its conditioning range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WindowScale {
    /// Subtracted from values.
    pub(crate) level: f64,
    /// Differences from the level are divided by it.
    pub(crate) unit: f64,
    /// Mean absolute value.
    size: f64,
    /// Logarithm of the mean absolute step as a share of the size.
    log_relative_step: f64,
}

/// The values before a step: those of the history, then those that were sampled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PastValues<'a> {
    pub(crate) history: &'a [f64],
    pub(crate) sampled: &'a [f64],
}

impl PastValues<'_> {
    fn len(&self) -> usize {
        self.history.len() + self.sampled.len()
    }

    /// The value `lag` steps earlier, from 1; the latest value if there is none.
    fn lagged(&self, lag: usize) -> f64 {
        let at = self.len().checked_sub(lag).unwrap_or_else(|| self.len() - 1);
        let sampled = at.checked_sub(self.history.len());
        sampled.map_or_else(|| self.history[at], |at| self.sampled[at])
    }
}

/// What is the same at all steps of a window of a series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowInputs<'a> {
    /// Steps from the origin of the calendar to the start of the series.
    ordinal: i64,
    /// The code of the category of each static column.
    pub(crate) codes: &'a [usize],
    pub(crate) scale: WindowScale,
}

impl<'a> WindowInputs<'a> {
    pub(crate) fn new(series: &TimeSeries<'_>, codes: &'a [usize], scale: WindowScale) -> Self {
        Self { ordinal: series.frequency.ordinal(series.start), codes, scale }
    }
}

/// The inputs at the steps of a batch of windows, each known before the value of its step.
#[derive(Debug)]
pub(crate) struct StepInputs<'a> {
    pub(crate) config: &'a InputConfig,
    lags: Vec<usize>,
    /// Features, then the code of each category: [time, batch, features].
    pub(crate) features: StepNumbers,
    /// The unit of the network's correction of the location, then the reference values, whose weighted mean is the
    /// location: [time, batch, 1 + references].
    pub(crate) context: StepNumbers,
}

impl<'a> StepInputs<'a> {
    /// Zeros for windows with this number of categories.
    pub(crate) fn zeros(config: &'a InputConfig, categories: usize, steps: usize, batch: usize) -> Self {
        let zeros = |width: usize| StepNumbers::zeros(steps, batch, width);
        let (features, context) = (zeros(config.inputs() + categories), zeros(1 + config.references()));
        Self { config, lags: config.lags(), features, context }
    }

    /// Writes the inputs at a step of a window, before the value that follows `past`. `past` has at least one value.
    pub(crate) fn write(&mut self, at: (usize, usize), of: &WindowInputs<'_>, past: &PastValues<'_>) {
        let (config, scale) = (self.config, &of.scale);
        let references = config.reference_values(past);
        let references = &references[..config.references()];
        let (last, mean) = (references[0], references[1]);
        // counts are unchanged inputs, other values are differences from the recent mean or the last value
        let (lag_origin, reference_origin) = if config.is_count() { (0.0, 0.0) } else { (mean, last) };
        let ordinal = (of.ordinal + past.len() as i64) as f64;
        let waves = config.seasons.iter().flat_map(|season| {
            let phase = TAU * ordinal / exact_period(*season);
            HARMONICS.map(|harmonic| (harmonic * phase).sin_cos())
        });
        let features = (self.lags.iter())
            .map(|lag| signed_log((past.lagged(*lag) - lag_origin) / scale.unit))
            .chain(references[1..].iter().map(|v| signed_log((v - reference_origin) / scale.unit)))
            .chain([
                signed_log((mean - scale.level) / scale.unit),
                ((scale.size.ln() - config.log_size_mean) / config.log_size_deviation).clamp(-5.0, 5.0) as f32,
                (0.5 * scale.log_relative_step).clamp(-5.0, 5.0) as f32,
                (past.len() as f64).ln_1p() as f32 / 6.0,
            ])
            .chain(waves.flat_map(|(sin, cos)| [sin as f32, cos as f32]))
            .chain(of.codes.iter().map(|code| *code as f32));
        self.features.set(at, features);
        let unit = if config.is_count() { scale.unit as f32 } else { 1.0 };
        let references = references.iter().map(|value| config.scaled(scale, *value));
        self.context.set(at, std::iter::once(unit).chain(references));
    }
}

impl InputConfig {
    /// The configuration that suits a training panel. `seasons` are those that the network models.
    pub(crate) fn of(panel: &Panel, distribution: Distribution, seasons: Vec<usize>, horizon: usize) -> Self {
        let (mut log_sizes, mut relative_steps) = (Vec::new(), Vec::new());
        for series in panel.iter() {
            let n = series.len() as f64;
            let size = series.values.iter().map(|v| v.abs() / n).sum::<f64>().max(1e-300);
            log_sizes.push(size.ln());
            if series.len() > 1 {
                let step = series.values.windows(2).map(|w| (w[1] - w[0]).abs() / (n - 1.0)).sum::<f64>();
                relative_steps.push(step / size);
            }
        }
        let (log_size_mean, log_size_deviation) = mean_and_deviation(&log_sizes);
        relative_steps.sort_unstable_by(f64::total_cmp);
        let median_step = relative_steps.get(relative_steps.len() / 2).copied().unwrap_or(0.1);
        let season = seasons.first().copied().unwrap_or(1);
        Self {
            distribution,
            context: (2 * horizon).max(2 * season).clamp(24, 168),
            seasons,
            log_size_mean,
            log_size_deviation: log_size_deviation.max(0.1),
            typical_step: median_step.clamp(1e-6, 2.0),
        }
    }

    /// Whether values are counts.
    pub(crate) fn is_count(&self) -> bool {
        self.distribution == Distribution::NegativeBinomial
    }

    fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }

    /// The number of steps of the recent mean: a season, so that the mean has no season.
    fn mean_steps(&self) -> usize {
        if (2..=MAX_MEAN_STEPS).contains(&self.season()) { self.season() } else { RECENT_LAGS }
    }

    /// The lags among the inputs: the latest, and those around each season.
    fn lags(&self) -> Vec<usize> {
        let around_seasons = self.seasons.iter().flat_map(|m| [m - 1, *m, m + 1, 2 * m]);
        let mut lags: Vec<usize> = (1..=RECENT_LAGS).chain(around_seasons).collect();
        lags.sort_unstable();
        lags.dedup();
        lags
    }

    /// Number of reference values, whose mixture is the location of the distribution.
    pub(crate) fn references(&self) -> usize {
        [3, 6, MAX_REFERENCES][self.seasons.len().min(2)]
    }

    /// Number of features, without categories.
    pub(crate) fn inputs(&self) -> usize {
        self.lags().len() + self.references() - 1 + 4 + 2 * HARMONICS.len() * self.seasons.len()
    }

    /// The scale of a window, by its conditioning range.
    ///
    /// Counts are divided by their mean, as in the paper. Other values are differences from the mean, divided by the
    /// mean absolute step or seasonal step, whichever is smaller.
    pub(crate) fn scale(&self, range: &[f64]) -> WindowScale {
        let n = range.len() as f64;
        let size = range.iter().map(|v| v.abs() / n).sum::<f64>();
        let step = |lag: usize| {
            let count = range.len().saturating_sub(lag);
            let sum = (lag..range.len()).map(|t| (range[t] - range[t - lag]).abs() / count.max(1) as f64).sum::<f64>();
            (sum, count as f64)
        };
        let (mut own, count) = step(1);
        let (seasonal, seasonal_count) = step(self.season());
        if seasonal_count >= MIN_DIFFERENCES {
            own = own.min(seasonal);
        }
        // with few differences the step is shrunk to that of all series
        let prior_count = 2.0 * (1.0 - count / MIN_DIFFERENCES).max(0.0);
        let step = (own * count + self.typical_step * size * prior_count) / (count + prior_count).max(1.0);
        let step = step.max(1e-6 * size).max(1e-300);
        let log_relative_step = (step / size.max(1e-300)).ln();
        if self.is_count() {
            let size = (size * n + 1.0) / (n + 1.0);
            return WindowScale { level: 0.0, unit: size, size, log_relative_step };
        }
        let level = range.iter().map(|v| v / n).sum();
        WindowScale { level, unit: step, size: size.max(1e-300), log_relative_step }
    }

    /// The scaled value; counts are not scaled.
    pub(crate) fn scaled(&self, scale: &WindowScale, value: f64) -> f32 {
        if self.is_count() {
            value as f32
        } else {
            ((value - scale.level) / scale.unit).clamp(-MAX_SCALED_VALUE, MAX_SCALED_VALUE) as f32
        }
    }

    /// The inverse of [`InputConfig::scaled`].
    pub(crate) fn unscaled(&self, scale: &WindowScale, scaled: f64) -> f64 {
        if self.is_count() { scaled } else { scale.level + scale.unit * scaled }
    }

    /// The reference values. Without a season: the last value, the recent mean, the last value with the recent drift.
    /// Of the first season: the value a season ago, the same with the change since, the mean of three seasons. Of the
    /// second season: the value a season ago, the same with the change since.
    fn reference_values(&self, past: &PastValues<'_>) -> [f64; MAX_REFERENCES] {
        let (last, steps) = (past.lagged(1), self.mean_steps());
        let known = steps.min(past.len());
        let mean = (1..=known).map(|lag| past.lagged(lag) / known as f64).sum();
        let drift = last + (last - past.lagged(1 + steps)) / steps as f64;
        let mut values = [last, mean, drift, 0.0, 0.0, 0.0, 0.0, 0.0];
        let with_change = |m: usize| past.lagged(m) + last - past.lagged(m + 1);
        if let Some(m) = self.seasons.first() {
            let seasons_ago = |count: usize| past.lagged(if count * m <= past.len() { count * m } else { *m });
            let mean = (seasons_ago(1) + seasons_ago(2) + seasons_ago(3)) / 3.0;
            values[3..6].copy_from_slice(&[past.lagged(*m), with_change(*m), mean]);
        }
        if let Some(m) = self.seasons.get(1) {
            values[6..8].copy_from_slice(&[past.lagged(*m), with_change(*m)]);
        }
        if self.is_count() { values.map(|value| value.max(0.0)) } else { values.map(|v| v.clamp(f64::MIN, f64::MAX)) }
    }
}

/// A static feature: an id column whose values are categories. The code of a value is its position plus 1; the code of unknown values is
/// 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaticFeature {
    pub(crate) column: String,
    /// The values, ascending.
    pub(crate) values: Vec<String>,
}

/// The id columns of a panel that have few values, each shared by several series.
pub(crate) fn static_features(panel: &Panel) -> Vec<StaticFeature> {
    let feature = |(at, name): (usize, &String)| {
        let values: BTreeSet<&String> = panel.iter().map(|s| &s.key[at]).collect();
        let is_shared =
            (2..=MAX_CATEGORIES).contains(&values.len()) && values.len() * MIN_SERIES_PER_CATEGORY <= panel.count();
        is_shared.then(|| StaticFeature { column: name.clone(), values: values.into_iter().cloned().collect() })
    };
    panel.columns().ids.iter().enumerate().filter_map(feature).take(MAX_STATIC_FEATURES).collect()
}

/// The codes of the categories of each series, [series][feature].
pub(crate) fn category_codes(features: &[StaticFeature], panel: &Panel) -> Vec<Vec<usize>> {
    let ids = &panel.columns().ids;
    let columns: Vec<Option<usize>> = features.iter().map(|f| ids.iter().position(|id| *id == f.column)).collect();
    let code = |key: &[String], (feature, column): (&StaticFeature, &Option<usize>)| {
        column.and_then(|at| feature.values.binary_search(&key[at]).ok()).map_or(0, |found| found + 1)
    };
    panel.iter().map(|s| features.iter().zip(&columns).map(|pair| code(s.key, pair)).collect()).collect()
}

/// `sign(x) * ln(1 + |x|)`, 0 for NaN.
fn signed_log(x: f64) -> f32 {
    if x.is_nan() { 0.0 } else { (x.abs().min(1e30).ln_1p() * x.signum()) as f32 }
}
