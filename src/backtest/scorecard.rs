//! The scores of a backtest: overall, for each series, and for each step of the horizon.

use crate::backtest::scores::{ScoreSums, Scores, mean_over};
use crate::forecast::levels::ForecastColumns;
use crate::metric;
use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};

/// The steps of the horizon that are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// All steps together.
    All,
    /// One step, counted from 1.
    One(usize),
}

/// The scores of the backtest of one model. Values that were not observed are not scored.
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// For each series of the panel, the sums of each step of the horizon; `None` for a series that was not forecast.
    series: Vec<Option<Vec<ScoreSums>>>,
    /// The central intervals of the forecasts in percent, the narrowest first.
    intervals: Vec<f64>,
    folds: usize,
    horizon: usize,
    /// The errors of the single hindcasts that have one, sorted by series and then by origin.
    origin_errors: Vec<OriginError>,
    /// For each series of the panel, whether it counts in a comparison of two models.
    counts_in_verdict: Vec<bool>,
}

/// The error of one hindcast.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OriginError {
    pub(crate) series: usize,
    /// The time of its first step, in steps from a fixed time that is the same for all series.
    pub(crate) time: i64,
    /// Mean absolute scaled error.
    pub(crate) scaled: f64,
}

impl Scorecard {
    /// Scores hindcasts against the actual values of `panel`, and panics if a hindcast is of none of its series. The
    /// intervals are those of the first hindcast.
    pub fn new(panel: &Panel, hindcasts: &[Hindcast]) -> Self {
        let intervals = ForecastColumns::of_forecasts(hindcasts.iter().map(|hindcast| &hindcast.forecast));
        let intervals = intervals.intervals().to_vec();
        let horizon = hindcasts.iter().map(|hindcast| hindcast.forecast.times().len()).max().unwrap_or(0);
        let all_series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut series: Vec<Option<Vec<ScoreSums>>> = vec![None; all_series.len()];
        let mut folds = vec![0; all_series.len()];
        let mut origin_errors = Vec::with_capacity(hindcasts.len());
        for hindcast in hindcasts {
            let Hindcast { series: position, cutoff, forecast } = hindcast;
            let actual = &all_series[*position];
            let scale = metric::seasonal_scale(&actual.values[..*cutoff], panel.season());
            let step_sums = series[*position].get_or_insert_with(|| vec![ScoreSums::of_intervals(&intervals); horizon]);
            let (mut absolute, mut points) = (0.0, 0.0);
            for (k, value) in hindcast.observed_steps(panel, actual) {
                step_sums[k].add(forecast, k, value, scale);
                absolute += (value - forecast.median()[k]).abs();
                points += 1.0;
            }
            if let Ok(scale) = scale
                && points > 0.0
            {
                let time = panel.frequency().ordinal(actual.start) + *cutoff as i64;
                origin_errors.push(OriginError { series: *position, time, scaled: absolute / points / scale });
            }
            folds[*position] += 1;
        }
        origin_errors.sort_by_key(|error| (error.series, error.time));
        let counts_in_verdict = panel.counts_in_verdict(horizon);
        Self {
            series,
            intervals,
            folds: folds.into_iter().max().unwrap_or(0),
            horizon,
            origin_errors,
            counts_in_verdict,
        }
    }

    /// The errors of the single hindcasts that have one, sorted by series and then by origin.
    pub(crate) fn origin_errors(&self) -> &[OriginError] {
        &self.origin_errors
    }

    /// Whether a series counts in a comparison of two models. One that ended long before the others does not.
    pub(crate) fn counts_in_verdict(&self, position: usize) -> bool {
        self.counts_in_verdict[position]
    }

    /// The largest number of origins of a series.
    pub fn folds(&self) -> usize {
        self.folds
    }

    /// The number of steps of the longest forecast.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// The number of series of the panel, including those that were not forecast.
    pub fn series_count(&self) -> usize {
        self.series.len()
    }

    /// The number of series that were forecast.
    pub(crate) fn forecast_count(&self) -> usize {
        self.series.iter().flatten().count()
    }

    /// The scores of the series at a position of the panel; `None` if it was not forecast.
    pub fn series(&self, position: usize, steps: Steps) -> Option<Scores> {
        Some(self.total(self.series[position].as_ref()?, steps).scores(1))
    }

    /// The scores over all series that were forecast. MASE, sMAPE and MSIS have no scale. They are means over the series, so
    /// that each counts equally. All other scores are over all values.
    pub fn overall(&self, steps: Steps) -> Scores {
        self.overall_of(0..self.series.len(), steps)
    }

    /// As [`Self::overall`], over the series at these positions of the panel.
    pub(crate) fn overall_of(&self, positions: impl Iterator<Item = usize>, steps: Steps) -> Scores {
        let forecast = positions.filter_map(|at| self.series[at].as_ref());
        let totals: Vec<ScoreSums> = forecast.map(|sums| self.total(sums, steps)).collect();
        let mut overall = ScoreSums::merged(&totals, &self.intervals).scores(totals.len());
        let series_scores: Vec<Scores> = totals.iter().map(|total| total.scores(1)).collect();
        overall.mase = mean_over(&series_scores, |scores| scores.mase);
        overall.smape = mean_over(&series_scores, |scores| scores.smape);
        for (number, interval) in overall.intervals.iter_mut().enumerate() {
            interval.msis = mean_over(&series_scores, |scores| scores.intervals[number].msis);
        }
        overall
    }

    /// The sums over some steps of the horizon.
    fn total(&self, step_sums: &[ScoreSums], steps: Steps) -> ScoreSums {
        let parts = match steps {
            Steps::One(step) => step_sums.get(step.wrapping_sub(1)..step).unwrap_or_default(),
            Steps::All => step_sums,
        };
        ScoreSums::merged(parts, &self.intervals)
    }
}

/// The backtest of one model.
#[derive(Debug, Clone)]
pub struct ModelBacktest {
    /// The name of the model.
    pub model: &'static str,
    /// Its hindcasts, sorted by series and then by origin, as [`run`](crate::backtest::run()) returns them.
    pub hindcasts: Vec<Hindcast>,
    /// Their scores.
    pub scorecard: Scorecard,
}

impl ModelBacktest {
    /// Scores the hindcasts of a model on `panel`.
    pub fn new(model: &'static str, panel: &Panel, hindcasts: Vec<Hindcast>) -> Self {
        let scorecard = Scorecard::new(panel, &hindcasts);
        Self { model, hindcasts, scorecard }
    }

    /// The scores over all series and steps.
    pub fn overall(&self) -> Scores {
        self.scorecard.overall(Steps::All)
    }
}

/// Sorts by mean MASE, lowest first. Where it is equal or undefined, the mean absolute error decides.
pub fn sort_by_accuracy(backtests: &mut [ModelBacktest]) {
    let errors = |backtest: &ModelBacktest| {
        let overall = backtest.overall();
        [overall.mase, overall.mae].map(|score| score.unwrap_or(f64::INFINITY))
    };
    backtests.sort_by(|a, b| {
        let ([mase, mae], [other_mase, other_mae]) = (errors(a), errors(b));
        mase.total_cmp(&other_mase).then(mae.total_cmp(&other_mae))
    });
}
