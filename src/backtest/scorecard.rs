//! The scores of a backtest: overall, for each series, and for each step of the horizon.

use crate::backtest::score_sums::{ForecastStep, INTERVALS, ScoreSums};
use crate::backtest::scores::{Score, Scores};
use crate::forecast::quantile_forecast::Forecast;
use crate::metric::{self, Undefined};
use crate::model::fit_report::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// The steps of the horizon that are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// All steps together.
    All,
    /// One step, counted from 1.
    One(usize),
}

/// The scores of the backtest of one model. Values that were not observed are not scored.
///
/// ```
/// use forecast::backtest::{Folds, Scorecard, Steps, run};
/// use forecast::{Baseline, Panel, SilentObserver, Task};
///
/// let panel = Panel::from_values(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1);
/// let folds = Folds { count: 1, step: 2, horizon: 2, min_history: 2 };
/// let hindcasts = run(&Baseline::Naive, &panel, &Task::new(2), &folds, true, &mut SilentObserver)?;
/// // 4 is forecast for 5 and 6
/// let scorecard = Scorecard::new(&panel, &hindcasts);
/// assert_eq!(scorecard.overall(Steps::All).mae, Ok(1.5));
/// assert_eq!(scorecard.overall(Steps::One(2)).mae, Ok(2.0));
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// For each series of the panel, the sums of each step of the horizon; `None` for a series that was not forecast.
    series: Vec<Option<Vec<ScoreSums>>>,
    folds: usize,
    horizon: usize,
}

impl Scorecard {
    /// Scores hindcasts against the actual values of their panel.
    ///
    /// # Panics
    /// If a hindcast is of a series that the panel does not have.
    pub fn new(panel: &Panel, hindcasts: &[Hindcast]) -> Self {
        let horizon = hindcasts.iter().map(|hindcast| hindcast.forecast.times().len()).max().unwrap_or(0);
        let all_series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut series: Vec<Option<Vec<ScoreSums>>> = vec![None; all_series.len()];
        let mut folds = vec![0; all_series.len()];
        for hindcast in hindcasts {
            folds[hindcast.series] += 1;
            let step_sums = series[hindcast.series].get_or_insert_with(|| vec![ScoreSums::default(); horizon]);
            add(step_sums, panel, &all_series[hindcast.series], hindcast);
        }
        Self { series, folds: folds.into_iter().max().unwrap_or(0), horizon }
    }

    /// The largest number of origins of a series.
    pub fn folds(&self) -> usize {
        self.folds
    }

    /// The number of steps of the longest forecast.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// The number of series of the panel, with those that were not forecast.
    pub fn series_count(&self) -> usize {
        self.series.len()
    }

    /// The scores of the series at a position of the panel; `None` if it was not forecast.
    pub fn series(&self, position: usize, steps: Steps) -> Option<Scores> {
        Some(total(self.series[position].as_ref()?, steps).scores(1))
    }

    /// The scores over all series that were forecast. MASE, sMAPE and MSIS have no scale and are means over the series, so all
    /// series count equally. All other scores are over all values.
    pub fn overall(&self, steps: Steps) -> Scores {
        let totals: Vec<ScoreSums> = self.series.iter().flatten().map(|sums| total(sums, steps)).collect();
        let mut sum = ScoreSums::default();
        for total in &totals {
            sum.merge(total);
        }
        let mut overall = sum.scores(totals.len());
        let each: Vec<Scores> = totals.iter().map(|total| total.scores(1)).collect();
        overall.mase = mean_over(&each, |scores| scores.mase);
        overall.smape = mean_over(&each, |scores| scores.smape);
        for at in 0..INTERVALS.len() {
            overall.intervals[at].msis = mean_over(&each, |scores| scores.intervals[at].msis);
        }
        overall
    }
}

/// The mean over the series with a defined score.
fn mean_over(each: &[Scores], score: impl Fn(&Scores) -> Score) -> Score {
    let defined: Vec<f64> = each.iter().filter_map(|scores| score(scores).ok()).collect();
    if defined.is_empty() {
        return Err(each.iter().find_map(|scores| score(scores).err()).unwrap_or(Undefined::NoActual));
    }
    Ok(defined.iter().sum::<f64>() / defined.len() as f64)
}

/// The sums over some steps of the horizon.
fn total(step_sums: &[ScoreSums], steps: Steps) -> ScoreSums {
    match steps {
        Steps::One(step) => step_sums.get(step.wrapping_sub(1)).cloned().unwrap_or_default(),
        Steps::All => {
            let mut sum = ScoreSums::default();
            for sums in step_sums {
                sum.merge(sums);
            }
            sum
        }
    }
}

/// Adds the steps of one forecast with an observed actual value.
fn add(step_sums: &mut [ScoreSums], panel: &Panel, full: &TimeSeries<'_>, hindcast: &Hindcast) {
    let Hindcast { series, cutoff, forecast } = hindcast;
    let scale = metric::seasonal_scale(&full.values[..*cutoff], panel.season());
    for (k, sums) in step_sums.iter_mut().enumerate().take(forecast.times().len()) {
        let position = cutoff + k;
        if full.observed.get(position) == Some(&true) {
            sums.add(&forecast_step(panel.actual(*series, position), forecast, k, scale));
        }
    }
}

/// Step `k` of a forecast with its actual value.
fn forecast_step(actual: f64, forecast: &Forecast, k: usize, scale: Score) -> ForecastStep {
    let quantiles = forecast.quantiles().iter().map(|quantile| (quantile.level, quantile.values[k])).collect();
    let intervals = INTERVALS.map(|percent| forecast.interval(percent).map(|(low, high)| (low[k], high[k])));
    ForecastStep { actual, median: forecast.median()[k], quantiles, intervals, scale }
}
