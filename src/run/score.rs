//! Scores an earlier forecast against what happened since.

use std::collections::HashMap;

use crate::backtest::{Score, Scorecard, Scores, Steps, VERDICT_BASELINE, baseline_at_cutoffs};
use crate::error::Result;
use crate::forecast::Forecast;
use crate::metric::Undefined;
use crate::model::Hindcast;
use crate::panel::{Panel, Series, TimeSeries, series::ids_in_words};
use crate::run::stored_run::StoredRun;
use crate::time::Timestamp;

/// The factor between the mean absolute actual value and that of the forecast, above which the units may differ.
const MAX_SCALE_RATIO: f64 = 20.0;

/// An earlier forecast, compared with what happened since and with seasonal naive at the same cutoff.
#[derive(Debug, Clone)]
pub struct RunScore {
    /// The history of the run, and what happened since at the times of the forecast.
    panel: Panel,
    forecast: Scorecard,
    baseline: Scorecard,
    /// For each series of the run, the sums of each step; `None` if nothing is known of it.
    sums: Vec<Option<Vec<StepSums>>>,
    /// The series of the run without a new value, and those with new values that the run does not have.
    unscored: usize,
    unknown: usize,
    /// What the user should know about the new values, a sentence each.
    pub notices: Vec<String>,
}

/// The scores of an earlier forecast.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ForecastScores {
    /// The scores of the forecast.
    pub forecast: Scores,
    /// The scores of seasonal naive at the same cutoff and the same values.
    pub seasonal_naive: Scores,
    /// The mean of forecast minus actual value, in the unit of the values: above 0 if the forecast was too high.
    pub bias: Score,
    /// Weighted quantile loss: the sum of the quantile losses, doubled, over the sum of absolute actual values, as the mean
    /// over the levels.
    pub wql: Score,
}

impl ForecastScores {
    /// `1 - mae / mae of seasonal naive`; `None` if seasonal naive has no error.
    pub fn skill(&self) -> Option<f64> {
        let (own, other) = (self.forecast.mae.ok()?, self.seasonal_naive.mae.ok()?);
        (other > 0.0).then(|| 1.0 - own / other)
    }
}

/// Why an earlier forecast cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say what the fields are")]
pub enum ScoreProblem {
    /// The run is a backtest, or trained a model.
    #[error("the run has no forecast")]
    NoForecast,
    /// The new values have another step.
    #[error("the forecast is {forecast}, and the new values are {given}")]
    OtherFrequency { forecast: String, given: String },
    /// The new values are of times between the steps of the forecast.
    #[error("the forecast has no step at {time}, it has one at {step}")]
    OtherTimes { time: String, step: String },
    /// The id columns are others.
    #[error("the series of the run have the ids {forecast}, and the new values have {given}")]
    OtherIds { forecast: String, given: String },
    /// None of the series is in both.
    #[error("none of the series is one of the run: the first is {given}, the first of the run {forecast}")]
    OtherSeries { forecast: String, given: String },
    /// There is no value at a time of the forecast.
    #[error("there is no new value at the times of the forecast, {first} to {last}")]
    NoNewValue { first: String, last: String },
}

/// The sums of one step of one series.
#[derive(Debug, Clone, Copy, Default)]
struct StepSums {
    points: f64,
    error: f64,
    absolute_actual: f64,
}

impl RunScore {
    /// Compares the forecasts of a run with the values of a later panel. Filled values are not scored, and clipped ones
    /// count as in their file. Values before the end of the run's history are not used.
    ///
    /// # Errors
    /// If the panel has no values of the forecast times, or other series. The outer error is that of seasonal naive.
    pub fn new(run: &StoredRun, actual: &Panel) -> Result<Result<Self, ScoreProblem>> {
        let matched = match match_values(run, actual) {
            Ok(matched) => matched,
            Err(problem) => return Ok(Err(problem)),
        };
        let all: Vec<TimeSeries<'_>> = run.panel.iter().collect();
        let extended = all.iter().zip(&matched.values).map(|(series, values)| extended(series, values)).collect();
        let panel = Panel::new(run.panel.columns().clone(), run.panel.frequency(), run.panel.season(), extended)?;
        let panel = panel.with_zone(run.panel.zone());
        let is_scored = |which: &usize| matched.values[*which].iter().any(Option::is_some);
        let hindcast =
            |series: usize| Hindcast { series, cutoff: all[series].len(), forecast: run.forecasts[series].clone() };
        let hindcasts: Vec<Hindcast> = (0..all.len()).filter(is_scored).map(hindcast).collect();
        let baseline = baseline_at_cutoffs(&VERDICT_BASELINE, &panel, &run.task(), &hindcasts)?;
        let sums = run.forecasts.iter().zip(&matched.values).map(|(own, values)| step_sums(own, values));
        Ok(Ok(Self {
            forecast: Scorecard::new(&panel, &hindcasts),
            baseline: Scorecard::new(&panel, &baseline),
            sums: sums.collect(),
            unscored: all.len() - hindcasts.len(),
            unknown: matched.unknown,
            notices: scale_notice(&run.forecasts, &matched.values).into_iter().collect(),
            panel,
        }))
    }

    /// The history of the run, and what happened since.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// The number of steps of the forecast.
    pub fn horizon(&self) -> usize {
        self.forecast.horizon()
    }

    /// The number of series of the run without a new value.
    pub fn unscored_series(&self) -> usize {
        self.unscored
    }

    /// The number of series with new values that the run does not have.
    pub fn unknown_series(&self) -> usize {
        self.unknown
    }

    /// The scores over all series. MASE, sMAPE and MSIS are means over the series.
    pub fn overall(&self, steps: Steps) -> ForecastScores {
        let sums = self.sums.iter().flatten().flat_map(|own| own.iter().enumerate());
        forecast_scores(self.forecast.overall(steps), self.baseline.overall(steps), sums, steps)
    }

    /// The scores of the series at a position of the panel; `None` if it has no new value.
    pub fn series(&self, position: usize, steps: Steps) -> Option<ForecastScores> {
        let (forecast, baseline) = (self.forecast.series(position, steps)?, self.baseline.series(position, steps)?);
        let sums = self.sums[position].iter().flat_map(|own| own.iter().enumerate());
        Some(forecast_scores(forecast, baseline, sums, steps))
    }
}

/// The scores of some steps, with those that follow from the sums of each series and step.
fn forecast_scores<'a>(
    forecast: Scores,
    seasonal_naive: Scores,
    sums: impl Iterator<Item = (usize, &'a StepSums)>,
    steps: Steps,
) -> ForecastScores {
    let mut total = StepSums::default();
    for (_, own) in sums.filter(|(k, _)| steps == Steps::All || steps == Steps::One(k + 1)) {
        total.points += own.points;
        total.error += own.error;
        total.absolute_actual += own.absolute_actual;
    }
    let bias = if total.points > 0.0 { Ok(total.error / total.points) } else { Err(Undefined::NoActual) };
    let wql = forecast.pinball.and_then(|pinball| match total.absolute_actual {
        actual if actual > 0.0 => Ok(2.0 * pinball * total.points / actual),
        _ => Err(Undefined::AllZero),
    });
    ForecastScores { forecast, seasonal_naive, bias, wql }
}

/// The new values at the steps of the forecast of each series.
struct Matched {
    values: Vec<Vec<Option<f64>>>,
    unknown: usize,
}

/// Finds the observed values at the times of the forecasts.
fn match_values(run: &StoredRun, actual: &Panel) -> Result<Matched, ScoreProblem> {
    let (panel, forecasts) = (&run.panel, &run.forecasts);
    if forecasts.is_empty() {
        return Err(ScoreProblem::NoForecast);
    }
    let (own_ids, ids) = (&panel.columns().ids, &actual.columns().ids);
    if own_ids.len() != ids.len() {
        return Err(ScoreProblem::OtherIds { forecast: ids_in_words(own_ids), given: ids_in_words(ids) });
    }
    if !panel.frequency().has_step_of(actual.frequency()) {
        let (forecast, given) = (panel.frequency().name(), actual.frequency().name());
        return Err(ScoreProblem::OtherFrequency { forecast, given });
    }
    let all: Vec<TimeSeries<'_>> = actual.iter().collect();
    let mut values = Vec::with_capacity(forecasts.len());
    let mut known = 0;
    for forecast in forecasts {
        let Some(position) = actual.position(forecast.key()) else {
            values.push(vec![None; forecast.times().len()]);
            continue;
        };
        known += 1;
        values.push(values_at(panel, forecast, actual, (position, &all[position]))?);
    }
    if known == 0 {
        let name = |key: &[String]| key.join(" / ");
        let (forecast, given) = (name(forecasts[0].key()), name(all[0].key));
        return Err(ScoreProblem::OtherSeries { forecast, given });
    }
    if values.iter().flatten().all(Option::is_none) {
        let times = || forecasts.iter().flat_map(|forecast| forecast.times().iter().copied());
        let text = |time: Option<Timestamp>| time.map(|time| panel.format(time)).unwrap_or_default();
        return Err(ScoreProblem::NoNewValue { first: text(times().min()), last: text(times().max()) });
    }
    Ok(Matched { values, unknown: actual.count() - known })
}

/// The observed values of a series at the steps of its forecast.
fn values_at(
    panel: &Panel,
    forecast: &Forecast,
    actual: &Panel,
    (which, series): (usize, &TimeSeries<'_>),
) -> Result<Vec<Option<f64>>, ScoreProblem> {
    let observed = |at: usize| (series.observed.get(at) == Some(&true)).then(|| actual.actual(which, at));
    if panel.frequency() == actual.frequency() && panel.zone() == actual.zone() {
        let position = |time: &Timestamp| series.frequency.position(series.start.ticks(), time.ticks());
        let is_off_grid = |time: &&Timestamp| **time >= series.start && position(time).is_none();
        if let Some(step) = forecast.times().iter().find(is_off_grid) {
            let next = (0..series.len()).map(|at| series.time_at(at)).find(|time| time > step);
            let time = panel.format(next.unwrap_or(series.start));
            return Err(ScoreProblem::OtherTimes { time, step: panel.format(*step) });
        }
        return Ok(forecast.times().iter().map(|time| position(time).and_then(observed)).collect());
    }
    // few rows may show another zone or day of the month, although their times are the same
    let texts = (0..series.len()).map(|at| (actual.format(series.time_at(at)), at));
    let by_text: HashMap<String, usize> = texts.collect();
    let found: Vec<Option<usize>> =
        forecast.times().iter().map(|time| by_text.get(&panel.format(*time)).copied()).collect();
    let (first, last) = (forecast.times()[0], forecast.times()[forecast.times().len() - 1]);
    let is_within = |at: &usize| (first..=last).contains(&series.time_at(*at)) && series.observed[*at];
    if let Some(at) = (0..series.len()).filter(is_within).find(|at| !found.contains(&Some(*at))) {
        let (time, step) = (actual.format(series.time_at(at)), panel.format(first));
        return Err(ScoreProblem::OtherTimes { time, step });
    }
    Ok(found.into_iter().map(|at| at.and_then(observed)).collect())
}

/// The history of a series, and the new values up to the last that is known.
fn extended(history: &TimeSeries<'_>, values: &[Option<f64>]) -> Series {
    let known = values.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    let (mut all, mut observed) = (history.values.to_vec(), history.observed.to_vec());
    for value in &values[..known] {
        all.push(value.unwrap_or(all[all.len() - 1]));
        observed.push(value.is_some());
    }
    Series { key: history.key.to_vec(), start: history.start, values: all, observed }
}

fn step_sums(forecast: &Forecast, values: &[Option<f64>]) -> Option<Vec<StepSums>> {
    let of_step = |(median, value): (&f64, &Option<f64>)| match value {
        Some(value) => StepSums { points: 1.0, error: median - value, absolute_actual: value.abs() },
        None => StepSums::default(),
    };
    let is_scored = values.iter().any(Option::is_some);
    is_scored.then(|| forecast.median().iter().zip(values).map(of_step).collect())
}

/// A notice if the new values are of another size than their forecasts.
fn scale_notice(forecasts: &[Forecast], values: &[Vec<Option<f64>>]) -> Option<String> {
    let (mut forecast, mut actual) = (0.0, 0.0);
    for (own, values) in forecasts.iter().zip(values) {
        for (median, value) in own.median().iter().zip(values) {
            forecast += value.map_or(0.0, |_| median.abs());
            actual += value.map_or(0.0, f64::abs);
        }
    }
    let ratio = actual / forecast;
    let is_other = forecast > 0.0 && actual > 0.0 && !(1.0 / MAX_SCALE_RATIO..=MAX_SCALE_RATIO).contains(&ratio);
    is_other.then(|| {
        let (times, size) = if ratio > 1.0 { (ratio, "large") } else { (1.0 / ratio, "small") };
        format!("the new values are {times:.0} times as {size} as their forecasts, so their unit may be another")
    })
}
