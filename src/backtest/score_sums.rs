//! Sums over forecast and actual values, from which all scores are computed.

use crate::backtest::scores::{IntervalScores, Score, Scores};
use crate::metric::{self, Undefined};

/// The intervals that are scored, in percent.
pub(crate) const INTERVALS: [f64; 2] = [80.0, 95.0];

/// One step of a forecast with its actual value.
#[derive(Debug)]
pub(crate) struct ForecastStep {
    pub(crate) actual: f64,
    pub(crate) median: f64,
    /// The level and value of each quantile, with ascending levels.
    pub(crate) quantiles: Vec<(f64, f64)>,
    /// The lower and upper bound of each of [`INTERVALS`], if the forecast has it.
    pub(crate) intervals: [Option<(f64, f64)>; 2],
    pub(crate) scale: Result<f64, Undefined>,
}

/// Sums of metrics over forecast steps.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScoreSums {
    pub(crate) points: usize,
    absolute: f64,
    square: f64,
    symmetric: f64,
    absolute_actual: f64,
    pinball: f64,
    crps: f64,
    scaled: ScoreSum,
    intervals: [IntervalSums; 2],
}

#[derive(Debug, Clone, Default)]
struct IntervalSums {
    covered: ScoreSum,
    width: ScoreSum,
    scaled: ScoreSum,
}

/// A sum with summands that may be undefined.
#[derive(Debug, Clone, Default)]
struct ScoreSum {
    total: f64,
    count: usize,
    undefined: Option<Undefined>,
}

impl ScoreSums {
    pub(crate) fn add(&mut self, step: &ForecastStep) {
        let (y, f) = ([step.actual], [step.median]);
        self.points += 1;
        self.absolute += metric::mae(&y, &f);
        self.square += metric::rmse(&y, &f).powi(2);
        self.symmetric += metric::smape(&y, &f);
        self.absolute_actual += step.actual.abs();
        let losses = step.quantiles.iter().map(|(level, value)| metric::pinball(&y, &[*value], *level));
        self.pinball += losses.sum::<f64>() / step.quantiles.len() as f64;
        let columns: Vec<(f64, [f64; 1])> = step.quantiles.iter().map(|(level, value)| (*level, [*value])).collect();
        let columns: Vec<(f64, &[f64])> = columns.iter().map(|(level, value)| (*level, value.as_slice())).collect();
        self.crps += metric::crps(&y, &columns);
        self.scaled.add(step.scale.map(|scale| metric::mae(&y, &f) / scale));
        for ((sums, percent), bounds) in self.intervals.iter_mut().zip(INTERVALS).zip(step.intervals) {
            let bounds = bounds.map(|(low, high)| ([low], [high])).ok_or(Undefined::NoInterval);
            let over = |measure: fn(&[f64], &[f64], &[f64]) -> f64| bounds.map(|(low, high)| measure(&y, &low, &high));
            sums.covered.add(over(metric::coverage));
            sums.width.add(over(|_, low, high| metric::interval_width(low, high)));
            let score = bounds.map(|(low, high)| metric::interval_score(&y, (&low, &high), percent));
            sums.scaled.add(score.and_then(|score| Ok(score / step.scale?)));
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.points += other.points;
        self.absolute += other.absolute;
        self.square += other.square;
        self.symmetric += other.symmetric;
        self.absolute_actual += other.absolute_actual;
        self.pinball += other.pinball;
        self.crps += other.crps;
        self.scaled.merge(&other.scaled);
        for (sums, other) in self.intervals.iter_mut().zip(&other.intervals) {
            sums.covered.merge(&other.covered);
            sums.width.merge(&other.width);
            sums.scaled.merge(&other.scaled);
        }
    }

    /// The scores over all steps, as if they were of one series. `series` is the number of series.
    pub(crate) fn scores(&self, series: usize) -> Scores {
        let mean = |total: f64| if self.points > 0 { Ok(total / self.points as f64) } else { Err(Undefined::NoActual) };
        let wape = mean(self.absolute_actual).and_then(|_| {
            if self.absolute_actual > 0.0 { Ok(self.absolute / self.absolute_actual) } else { Err(Undefined::AllZero) }
        });
        let interval = |(sums, percent): (&IntervalSums, f64)| IntervalScores {
            percent,
            coverage: sums.covered.mean(),
            width: sums.width.mean(),
            msis: sums.scaled.mean(),
        };
        let [inner, outer] = [0, 1].map(|at| interval((&self.intervals[at], INTERVALS[at])));
        Scores {
            series,
            points: self.points,
            mase: self.scaled.mean(),
            smape: mean(self.symmetric),
            rmse: mean(self.square).map(f64::sqrt),
            mae: mean(self.absolute),
            wape,
            pinball: mean(self.pinball),
            crps: mean(self.crps),
            intervals: [inner, outer],
        }
    }
}

impl ScoreSum {
    fn add(&mut self, value: Score) {
        match value {
            Ok(value) => {
                self.total += value;
                self.count += 1;
            }
            Err(reason) => self.undefined = self.undefined.or(Some(reason)),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.count += other.count;
        self.undefined = self.undefined.or(other.undefined);
    }

    fn mean(&self) -> Score {
        if self.count > 0 {
            return Ok(self.total / self.count as f64);
        }
        Err(self.undefined.unwrap_or(Undefined::NoActual))
    }
}
