//! Statistical methods as models. They are estimated on the history that they forecast.
//!
//! Medians and standard errors of the simple methods follow Hyndman & Athanasopoulos, *Forecasting: Principles and
//! Practice* (3rd ed.), sections 5.2 and 5.5. Intervals use Student's t, since the standard error is an estimate.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit::{Fit, Forecaster, Model, ModelOption, Task, UnsupportedOption};
use crate::model::observer::Observer;
use crate::model::persist::{Persist, Weights, levels_are_valid};
use crate::model::stat::method_fit::{self, PointWithStdErr, observed_values};
use crate::model::stat::{arima, climatology, croston, ets, mstl, ridge, student_t, theta};
use crate::panel::{Panel, SeasonSource, TimeSeries};

/// A statistical forecasting method. Each accepts a history of at least one value.
///
/// ```
/// use forecast::model::stat::Baseline;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let history = Panel::from_values(&[10.0, 12.0, 14.0, 16.0], 1);
/// let fit = Baseline::Drift.fit(&history, &Task::new(2), &mut SilentObserver)?;
/// assert_eq!(fit.predict(&history)?[0].median(), [18.0, 20.0]);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// The last value.
    Naive,
    /// The value one season earlier; the last value if the history is no longer than a season.
    SeasonalNaive,
    /// The line through the first and the last value.
    Drift,
    /// The mean of all values.
    Mean,
    /// The mean of simple, Holt's and damped exponential smoothing.
    Comb,
    /// Exponential smoothing, its form selected by `AICc`.
    Ets,
    /// The optimised Theta method.
    Theta,
    /// Seasonal ARIMA with orders found by a stepwise search.
    Arima,
    /// Several seasons removed by loess; the remainder is forecast by exponential smoothing.
    Mstl,
    /// The mean of the same date in earlier years, and the last anomaly, which fades with the step.
    Climatology,
    /// Ridge autoregression on lags and calendar features.
    Ridge,
    /// The mean rate of intermittent counts.
    Croston,
}

impl Baseline {
    /// Every baseline.
    pub const ALL: [Self; 12] = {
        use Baseline::{Arima, Climatology, Comb, Croston, Drift, Ets, Mean, Mstl, Naive, Ridge, SeasonalNaive, Theta};
        [Naive, SeasonalNaive, Drift, Mean, Comb, Ets, Theta, Arima, Mstl, Climatology, Ridge, Croston]
    };

    fn point_with_std_err(
        self,
        history: &TimeSeries<'_>,
        season: usize,
        longer: &[usize],
        horizon: usize,
    ) -> PointWithStdErr {
        let values = history.values;
        let fit = match self {
            Self::Naive => return method_fit::naive(history, horizon),
            Self::SeasonalNaive => return method_fit::seasonal_naive(history, season, horizon),
            Self::Drift => return method_fit::drift(history, horizon),
            Self::Mean => return method_fit::mean(history, horizon),
            Self::Comb => ets::fit_comb(values, season, horizon),
            Self::Ets => ets::fit(values, season, horizon),
            Self::Theta => theta::fit(values, season, horizon),
            Self::Arima => arima::fit(values, season, horizon),
            Self::Mstl => mstl::fit(values, &seasons(history, season, longer), horizon, ets::fit),
            Self::Climatology => {
                return climatology::point_with_std_err(history, &seasons(history, season, longer), horizon);
            }
            Self::Ridge => return ridge::point_with_std_err(history, &seasons(history, season, longer), horizon),
            Self::Croston => {
                let observed = observed_values(history);
                return croston::fit(&observed, horizon).point_with_std_err(&vec![true; observed.len()]);
            }
        };
        fit.point_with_std_err(history.observed)
    }
}

/// The season length and, if it is a season, the longer ones: those given, or else those of the calendar.
fn seasons(history: &TimeSeries<'_>, season: usize, longer: &[usize]) -> Vec<usize> {
    let calendar = history.frequency.seasons();
    let longer = if longer.is_empty() { &calendar } else { longer };
    std::iter::once(season).chain(longer.iter().copied().filter(|m| season > 1 && *m > season)).collect()
}

impl Model for Baseline {
    fn name(&self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal-naive",
            Self::Drift => "drift",
            Self::Mean => "mean",
            Self::Comb => "comb",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::Arima => "arima",
            Self::Mstl => "mstl",
            Self::Climatology => "climatology",
            Self::Ridge => "ridge",
            Self::Croston => "croston",
        }
    }

    fn set_option(&mut self, _: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        Err(UnsupportedOption("it is not trained"))
    }

    fn is_trained(&self) -> bool {
        false
    }

    fn fits_series_separately(&self) -> bool {
        true
    }

    fn fits_in_a_second(&self) -> usize {
        if *self == Self::Arima { 20 } else { 60 }
    }

    fn needed_values(&self, season: usize) -> usize {
        match self {
            Self::Naive | Self::Mean => 1,
            Self::Drift => 2,
            _ => season + 1,
        }
    }

    fn fit(&self, train: &Panel, task: &Task, _: &mut dyn Observer) -> Result<Fit> {
        let (horizon, levels) = (task.horizon, task.levels.clone());
        let longer = match train.seasons().source() {
            SeasonSource::Calendar => Vec::new(),
            _ => train.seasons().lengths().iter().skip(1).copied().collect(),
        };
        Ok(Fit::new(FittedBaseline {
            baseline: *self,
            season: train.season(),
            longer_seasons: longer,
            horizon,
            levels,
        }))
    }
}

/// A fitted baseline. It has settings only; `predict` estimates the method on the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FittedBaseline {
    pub(crate) baseline: Baseline,
    pub(crate) season: usize,
    /// Longer seasons that the calendar does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) longer_seasons: Vec<usize>,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
}

impl Forecaster for FittedBaseline {
    fn seasons(&self) -> Option<Vec<usize>> {
        let all = std::iter::once(self.season).chain(self.longer_seasons.iter().copied());
        Some(all.filter(|length| *length > 1).collect())
    }

    fn levels(&self) -> &[f64] {
        &self.levels
    }

    fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        Ok(history.iter().map(|series| self.forecast(&series, levels)).collect())
    }
}

impl FittedBaseline {
    fn forecast(&self, history: &TimeSeries<'_>, levels: &[f64]) -> Forecast {
        let point = self.baseline.point_with_std_err(history, self.season, &self.longer_seasons, self.horizon);
        let bounds = history.bounds();
        let last = history.values[history.len() - 1];
        let finite = |v: f64| if v.is_nan() { last } else { v.clamp(f64::MIN, f64::MAX) };
        let row = |level: &f64| {
            let t = student_t::quantile(*level, point.degrees_of_freedom);
            // squares of huge errors and sums of huge values overflow; a quantile must not
            let quantile = |(median, error): (&f64, &f64)| finite(finite(*median) + t * error.min(f64::MAX));
            point.median.iter().zip(&point.std_error).map(|pair| bounds.clamp(quantile(pair))).collect()
        };
        Forecast::after(history, levels, levels.iter().map(row).collect())
    }
}

impl Persist for FittedBaseline {
    type State = Self;

    fn name(state: &Self) -> &'static str {
        state.baseline.name()
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn is_valid(state: &Self) -> bool {
        state.season > 0 && state.horizon > 0 && levels_are_valid(&state.levels)
    }

    fn restore(state: Self, _: &mut Weights) -> std::result::Result<Self, String> {
        Ok(state)
    }
}
