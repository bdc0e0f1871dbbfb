//! How good forecasts from rolling origins were: over all, for each series, for each step of the horizon.

use crate::backtest::scores::{Score, Scores};
use crate::backtest::tally::{BANDS, Outcome, Tally};
use crate::forecast::quantile_forecast::Forecast;
use crate::metric;
use crate::metric::Undefined;
use crate::model::hindcast::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Which steps of the horizon are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// All of them together.
    All,
    /// One, counted from 1.
    One(usize),
}

/// The outcome of a backtest of one model. What was not observed is not judged.
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// For each series of the panel, the sums of each step of the horizon; `None` for a series that was not forecast.
    series: Vec<Option<Vec<Tally>>>,
    folds: usize,
    horizon: usize,
}

impl Scorecard {
    /// Compares what was said with what happened. `panel` is the one whose past was forecast.
    ///
    /// # Panics
    /// If a hindcast is of a series that the panel has not.
    pub fn new(panel: &Panel, hindcasts: &[Hindcast]) -> Self {
        let horizon = hindcasts.iter().map(|hindcast| hindcast.forecast.times().len()).max().unwrap_or(0);
        let wholes: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut series: Vec<Option<Vec<Tally>>> = vec![None; wholes.len()];
        let mut folds = vec![0; wholes.len()];
        for hindcast in hindcasts {
            folds[hindcast.series] += 1;
            let tallies = series[hindcast.series].get_or_insert_with(|| vec![Tally::default(); horizon]);
            add(tallies, panel, &wholes[hindcast.series], hindcast);
        }
        Self { series, folds: folds.into_iter().max().unwrap_or(0), horizon }
    }

    /// The most origins that a series was forecast from.
    pub fn folds(&self) -> usize {
        self.folds
    }

    /// The steps of the longest forecast.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// Series of the panel, whether they were forecast or not.
    pub fn series_count(&self) -> usize {
        self.series.len()
    }

    /// The scores of the series at this position of the panel; `None` if it was not forecast.
    pub fn series(&self, position: usize, steps: Steps) -> Option<Scores> {
        Some(tally(self.series[position].as_ref()?, steps).scores(1))
    }

    /// The scores over all series that were forecast. What is free of scale (MASE, sMAPE, MSIS) is the mean over the
    /// series, so that each counts alike; errors and widths in the values' unit, WAPE and coverage are over all values.
    pub fn overall(&self, steps: Steps) -> Scores {
        let tallies: Vec<Tally> = self.series.iter().flatten().map(|of| tally(of, steps)).collect();
        let mut sum = Tally::default();
        for tally in &tallies {
            sum.merge(tally);
        }
        let mut overall = sum.scores(tallies.len());
        let each: Vec<Scores> = tallies.iter().map(|tally| tally.scores(1)).collect();
        overall.mase = mean_over(&each, |scores| scores.mase);
        overall.smape = mean_over(&each, |scores| scores.smape);
        for at in 0..BANDS.len() {
            overall.intervals[at].msis = mean_over(&each, |scores| scores.intervals[at].msis);
        }
        overall
    }
}

/// The mean over the series that have a score.
fn mean_over(each: &[Scores], score: impl Fn(&Scores) -> Score) -> Score {
    let defined: Vec<f64> = each.iter().filter_map(|scores| score(scores).ok()).collect();
    if defined.is_empty() {
        return Err(each.iter().find_map(|scores| score(scores).err()).unwrap_or(Undefined::NoActual));
    }
    Ok(defined.iter().sum::<f64>() / defined.len() as f64)
}

fn tally(of: &[Tally], steps: Steps) -> Tally {
    match steps {
        Steps::One(step) => of.get(step.wrapping_sub(1)).cloned().unwrap_or_default(),
        Steps::All => {
            let mut sum = Tally::default();
            for tally in of {
                sum.merge(tally);
            }
            sum
        }
    }
}

/// Adds the steps of one forecast that have happened and were observed.
fn add(tallies: &mut [Tally], panel: &Panel, whole: &TimeSeries<'_>, hindcast: &Hindcast) {
    let Hindcast { series, cutoff, forecast } = hindcast;
    let scale = metric::seasonal_scale(&whole.values[..*cutoff], panel.season());
    for (k, tally) in tallies.iter_mut().enumerate().take(forecast.times().len()) {
        let position = cutoff + k;
        if whole.observed.get(position) == Some(&true) {
            tally.add(&outcome(panel.actual(*series, position), forecast, k, scale, &mut Vec::new()));
        }
    }
}

/// Step `k` of a forecast beside what happened; `quantiles` is where its quantiles are kept.
fn outcome<'a>(
    actual: f64,
    forecast: &Forecast,
    k: usize,
    scale: Score,
    quantiles: &'a mut Vec<(f64, f64)>,
) -> Outcome<'a> {
    quantiles.extend(forecast.quantiles().iter().map(|quantile| (quantile.level, quantile.values[k])));
    let bands = BANDS.map(|percent| forecast.interval(percent).map(|(low, high)| (low[k], high[k])));
    Outcome { actual, median: forecast.median()[k], quantiles, bands, scale }
}
