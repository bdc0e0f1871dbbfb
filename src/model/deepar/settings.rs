//! The settings of DeepAR, with all defaults.

use serde::{Deserialize, Serialize};

use crate::panel::Panel;

/// The family of distributions that the network predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Student's t with more than two degrees of freedom. Its parameters are location, scale and degrees of freedom.
    StudentT,
    /// The negative binomial, for counts. Its variance is `mean + dispersion * mean²`.
    NegativeBinomial,
}

impl Distribution {
    /// The mean above which counts are treated as real numbers.
    const MAX_COUNT_MEAN: f64 = 100.0;
    /// The minimum variance of counts, as a share of that of a Poisson distribution with the same mean.
    const MIN_COUNT_VARIANCE: f64 = 0.5;
    /// The minimum number of values of a series whose variance is used.
    const MIN_VARIANCE_VALUES: usize = 12;

    /// The family that suits the values of a panel.
    ///
    /// The values are counts if three conditions hold. All are integers and none is negative. At least half of the
    /// series have a mean below 100. At least half of the series have at least half of the variance of Poisson counts.
    /// The variance is measured from step to step and from season to season.
    pub fn of(panel: &Panel) -> Self {
        let are_counts = panel.iter().all(|s| {
            let mut observed = s.values.iter().zip(s.observed).filter(|(_, observed)| **observed);
            observed.all(|(value, _)| *value >= 0.0 && value.fract() == 0.0)
        });
        let mean = |values: &[f64]| values.iter().map(|v| v / values.len() as f64).sum::<f64>();
        let small_count = || panel.iter().filter(|s| mean(s.values) < Self::MAX_COUNT_MEAN).count();
        let vary_like_counts = || {
            let long = panel.iter().filter(|s| s.len() >= Self::MIN_VARIANCE_VALUES && mean(s.values) > 0.0);
            let ratios: Vec<f64> = long.map(|s| step_variance(s.values, panel.season()) / mean(s.values)).collect();
            2 * ratios.iter().filter(|ratio| **ratio >= Self::MIN_COUNT_VARIANCE).count() >= ratios.len()
        };
        if are_counts && 2 * small_count() >= panel.count() && vary_like_counts() {
            Self::NegativeBinomial
        } else {
            Self::StudentT
        }
    }
}

/// Half the mean squared difference of values one step or one season apart, whichever is smaller. For independent
/// values it is their variance.
fn step_variance(values: &[f64], season: usize) -> f64 {
    let at_lag = |lag: usize| {
        let pairs = values.iter().skip(lag).zip(values);
        pairs.map(|(now, then)| (now - then).powi(2)).sum::<f64>() / (2 * (values.len() - lag)) as f64
    };
    if season < values.len() { at_lag(1).min(at_lag(season)) } else { at_lag(1) }
}

/// The settings of DeepAR. As a [`Model`](crate::model::Model) it has not been fitted yet.
///
/// ```
/// use forecast::model::deepar::DeepAr;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let sales: Vec<f64> = (0..40).map(|t| [0.0, 3.0, 1.0, 2.0][t % 4]).collect();
/// let panel = Panel::from_values(&sales, 4);
/// let settings = DeepAr { hidden: 4, epochs: Some(1), paths: 50, ..DeepAr::default() };
/// let fit = settings.fit(&panel, &Task::new(4), &mut SilentObserver)?;
/// let forecasts = fit.predict(&panel)?;
/// let paths = fit.forecaster.sample_paths(&panel, &forecasts, 50, 1)?;
/// assert_eq!((paths[0].count(), paths[0].horizon()), (50, 4));
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeepAr {
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Number of LSTM layers, at least 1.
    pub layers: usize,
    /// Share of a layer's outputs that is dropped before the next layer in training, in [0, 1).
    pub dropout: f64,
    /// Epochs of [`DeepAr::UPDATES_PER_EPOCH`] updates each; `None` for a number that grows with the panel.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// The family of distributions; `None` for that of [`Distribution::of`].
    pub distribution: Option<Distribution>,
    /// Training windows of a series are drawn in proportion to its mean absolute value to this power. It is 1 in the
    /// paper, and 0 gives all series equal probability.
    pub size_power: f64,
    /// The number of sample paths of a series for its quantiles; fewer for a very large panel.
    pub paths: usize,
}

impl Default for DeepAr {
    fn default() -> Self {
        Self {
            hidden: 40,
            layers: 1,
            dropout: 0.0,
            epochs: None,
            learning_rate: 5e-3,
            distribution: None,
            size_power: 0.25,
            paths: 200,
        }
    }
}

impl DeepAr {
    /// The name of the model.
    pub const NAME: &str = "deepar";
    /// Updates in an epoch.
    pub const UPDATES_PER_EPOCH: usize = 50;
    pub(crate) const WINDOWS_PER_UPDATE: usize = 32;
    /// The maximum number of values that are sampled for all series, unless [`Self::MIN_PATHS`] needs more.
    const MAX_SAMPLED_VALUES: usize = 20_000_000;
    /// The minimum number of sample paths of a series, unless the setting is smaller.
    const MIN_PATHS: usize = 50;

    /// The settings with the distribution that suits the panel, if none is set.
    #[must_use]
    pub fn with_distribution_of(&self, panel: &Panel) -> Self {
        Self { distribution: Some(self.distribution.unwrap_or_else(|| Distribution::of(panel))), ..self.clone() }
    }

    pub(crate) fn path_count(&self, series: usize, horizon: usize) -> usize {
        (Self::MAX_SAMPLED_VALUES / (series * horizon).max(1)).max(Self::MIN_PATHS).min(self.paths)
    }
}
