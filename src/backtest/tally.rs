//! Sums over forecast values and what happened: what every score is made of.

use crate::backtest::scores::{IntervalScores, Score, Scores};
use crate::metric;
use crate::metric::Undefined;

/// The bands that are judged, in percent.
pub(crate) const BANDS: [f64; 2] = [80.0, 95.0];

/// A forecast value beside what happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome<'a> {
    pub(crate) actual: f64,
    pub(crate) median: f64,
    /// Level and value of each quantile, by ascending level.
    pub(crate) quantiles: &'a [(f64, f64)],
    /// Lower and upper end of each of [`BANDS`], if it was asked for.
    pub(crate) bands: [Option<(f64, f64)>; 2],
    /// What errors are divided by.
    pub(crate) scale: Result<f64, Undefined>,
}

/// Sums over some outcomes. Each summand is what the metric gives for that one outcome.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) points: usize,
    absolute: f64,
    square: f64,
    symmetric: f64,
    size: f64,
    pinball: f64,
    crps: f64,
    scaled: Sum,
    bands: [Band; 2],
}

#[derive(Debug, Clone, Default)]
struct Band {
    covered: Sum,
    width: Sum,
    scaled: Sum,
}

/// A sum whose summands may be undefined.
#[derive(Debug, Clone, Default)]
struct Sum {
    total: f64,
    count: usize,
    undefined: Option<Undefined>,
}

impl Tally {
    pub(crate) fn add(&mut self, outcome: &Outcome<'_>) {
        let (y, f) = ([outcome.actual], [outcome.median]);
        self.points += 1;
        self.absolute += metric::mae(&y, &f);
        self.square += metric::rmse(&y, &f).powi(2);
        self.symmetric += metric::smape(&y, &f);
        self.size += outcome.actual.abs();
        let losses = outcome.quantiles.iter().map(|(level, value)| metric::pinball(&y, &[*value], *level));
        self.pinball += losses.sum::<f64>() / outcome.quantiles.len() as f64;
        let columns: Vec<(f64, [f64; 1])> = outcome.quantiles.iter().map(|(level, value)| (*level, [*value])).collect();
        let columns: Vec<(f64, &[f64])> = columns.iter().map(|(level, value)| (*level, value.as_slice())).collect();
        self.crps += metric::crps(&y, &columns);
        self.scaled.add(outcome.scale.map(|scale| metric::mae(&y, &f) / scale));
        for ((band, percent), ends) in self.bands.iter_mut().zip(BANDS).zip(outcome.bands) {
            let ends = ends.map(|(low, high)| ([low], [high])).ok_or(Undefined::NoInterval);
            let over = |measure: fn(&[f64], &[f64], &[f64]) -> f64| ends.map(|(low, high)| measure(&y, &low, &high));
            band.covered.add(over(metric::coverage));
            band.width.add(over(|_, low, high| metric::interval_width(low, high)));
            let score = ends.map(|(low, high)| metric::interval_score(&y, (&low, &high), percent));
            band.scaled.add(score.and_then(|score| Ok(score / outcome.scale?)));
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.points += other.points;
        self.absolute += other.absolute;
        self.square += other.square;
        self.symmetric += other.symmetric;
        self.size += other.size;
        self.pinball += other.pinball;
        self.crps += other.crps;
        self.scaled.merge(&other.scaled);
        for (band, other) in self.bands.iter_mut().zip(&other.bands) {
            band.covered.merge(&other.covered);
            band.width.merge(&other.width);
            band.scaled.merge(&other.scaled);
        }
    }

    /// The scores of a single series, or of all values of many as if they were of one.
    pub(crate) fn scores(&self, series: usize) -> Scores {
        let mean = |total: f64| if self.points > 0 { Ok(total / self.points as f64) } else { Err(Undefined::NoActual) };
        let wape = mean(self.size)
            .and_then(|_| if self.size > 0.0 { Ok(self.absolute / self.size) } else { Err(Undefined::AllZero) });
        let band = |(band, percent): (&Band, f64)| IntervalScores {
            percent,
            coverage: band.covered.mean(),
            width: band.width.mean(),
            msis: band.scaled.mean(),
        };
        let [inner, outer] = [0, 1].map(|at| band((&self.bands[at], BANDS[at])));
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

impl Sum {
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
