//! The scores of forecast values, and the sums from which they are computed.

use crate::forecast::quantile_forecast::Forecast;
use crate::metric::{self, Undefined};

/// The value of a metric, or the reason why it has none.
pub type Score = Result<f64, Undefined>;

/// The scores of some forecasts, by the metrics of [`metric`](crate::metric).
///
/// The scores of a series cover its observed values in all folds. Scaled errors are divided by the seasonal scale
/// of the history before each origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The number of series.
    pub series: usize,
    /// The number of forecast values with an observed actual value.
    pub points: usize,
    /// Mean absolute scaled error.
    pub mase: Score,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: Score,
    /// Root mean squared error, in the unit of the values.
    pub rmse: Score,
    /// Mean absolute error, in the unit of the values.
    pub mae: Score,
    /// Weighted absolute percentage error, as a share.
    pub wape: Score,
    /// Pinball loss, the mean over all quantile levels.
    pub pinball: Score,
    /// Continuous ranked probability score of the quantiles, see [`crps`](crate::metric::crps).
    pub crps: Score,
    /// The scores of the central intervals of the forecasts, the narrowest first.
    pub intervals: Vec<IntervalScores>,
}

/// The scores of a prediction interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalScores {
    /// The nominal coverage in percent.
    pub percent: f64,
    /// The share of actual values inside, in [0, 1].
    pub coverage: Score,
    /// The mean width, in the unit of the values.
    pub width: Score,
    /// Mean scaled interval score.
    pub msis: Score,
}

impl Scores {
    /// The interval nearest to 80 %, whose coverage stands for all; `None` if there is no interval.
    pub fn usual_interval(&self) -> Option<&IntervalScores> {
        let distance = |interval: &IntervalScores| (interval.percent - USUAL_INTERVAL).abs();
        self.intervals.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// The interval whose coverage is reported first, in percent.
const USUAL_INTERVAL: f64 = 80.0;

/// Sums of metrics over forecast steps.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScoreSums {
    points: usize,
    absolute_actual: f64,
    /// Of MASE, sMAPE, squares, absolute errors, pinball loss and CRPS.
    of_forecast: [ScoreSum; 6],
    of_intervals: Vec<IntervalSums>,
}

/// The sums of an interval.
#[derive(Debug, Clone, Copy, Default)]
struct IntervalSums {
    percent: f64,
    /// Of coverage, width and MSIS.
    sums: [ScoreSum; 3],
}

/// A sum and the number of its summands, without those that are undefined.
#[derive(Debug, Clone, Copy, Default)]
struct ScoreSum {
    total: f64,
    count: usize,
    /// Why the first undefined summand has no value.
    undefined: Option<Undefined>,
}

impl ScoreSums {
    /// Empty sums of forecasts with these central intervals, in percent.
    pub(crate) fn of_intervals(intervals: &[f64]) -> Self {
        let of_interval = |percent: &f64| IntervalSums { percent: *percent, ..IntervalSums::default() };
        Self { of_intervals: intervals.iter().map(of_interval).collect(), ..Self::default() }
    }

    /// Adds step `k` of a forecast. Scaled errors are divided by `scale`.
    pub(crate) fn add(&mut self, forecast: &Forecast, k: usize, actual: f64, scale: Score) {
        let (y, median) = ([actual], &forecast.median()[k..=k]);
        let quantiles: Vec<(f64, &[f64])> =
            forecast.quantiles().iter().map(|quantile| (quantile.level, &quantile.values[k..=k])).collect();
        let losses = quantiles.iter().map(|(level, value)| metric::pinball(&y, value, *level));
        let pinball = losses.sum::<f64>() / quantiles.len() as f64;
        let absolute = metric::mae(&y, median);
        let of_forecast = [
            scale.map(|scale| absolute / scale),
            Ok(metric::smape(&y, median)),
            Ok(metric::rmse(&y, median).powi(2)),
            Ok(absolute),
            Ok(pinball),
            Ok(metric::crps(&y, &quantiles)),
        ];
        let of_interval = |IntervalSums { percent, .. }: &IntervalSums| {
            let percent = *percent;
            let bounds = forecast.interval(percent).ok_or(Undefined::NoInterval);
            let bounds = bounds.map(|(low, high)| (&low[k..=k], &high[k..=k]));
            [
                bounds.map(|(low, high)| metric::coverage(&y, low, high)),
                bounds.map(|(low, high)| metric::interval_width(low, high)),
                bounds.and_then(|bounds| Ok(metric::interval_score(&y, bounds, percent) / scale?)),
            ]
        };
        let of_intervals: Vec<[Score; 3]> = self.of_intervals.iter().map(of_interval).collect();
        self.points += 1;
        self.absolute_actual += actual.abs();
        let scores = of_forecast.into_iter().chain(of_intervals.into_iter().flatten());
        self.sums_mut().zip(scores).for_each(|(sum, score)| sum.add(score));
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut ScoreSum> {
        self.of_forecast.iter_mut().chain(self.of_intervals.iter_mut().flat_map(|interval| &mut interval.sums))
    }

    /// The sums over the steps of all of `parts`, which have the same intervals.
    pub(crate) fn merged(parts: &[Self], intervals: &[f64]) -> Self {
        let mut merged = Self::of_intervals(intervals);
        for part in parts {
            merged.points += part.points;
            merged.absolute_actual += part.absolute_actual;
            let others = part.of_forecast.iter().chain(part.of_intervals.iter().flat_map(|interval| &interval.sums));
            for (sum, other) in merged.sums_mut().zip(others) {
                sum.total += other.total;
                sum.count += other.count;
                sum.undefined = sum.undefined.or(other.undefined);
            }
        }
        merged
    }

    /// The scores over all steps, as if they were of one series, although they are of `series`.
    pub(crate) fn scores(&self, series: usize) -> Scores {
        let [mase, smape, square, mae, pinball, crps] = self.of_forecast.map(ScoreSum::mean);
        let [_, _, _, absolute, ..] = self.of_forecast;
        let wape = mae.and_then(|_| match self.absolute_actual {
            actual if actual > 0.0 => Ok(absolute.total / actual),
            _ => Err(Undefined::AllZero),
        });
        let of_interval = |IntervalSums { percent, sums }: &IntervalSums| {
            let [coverage, width, msis] = sums.map(ScoreSum::mean);
            IntervalScores { percent: *percent, coverage, width, msis }
        };
        let intervals = self.of_intervals.iter().map(of_interval).collect();
        let rmse = square.map(f64::sqrt);
        Scores { series, points: self.points, mase, smape, rmse, mae, wape, pinball, crps, intervals }
    }
}

impl ScoreSum {
    fn add(&mut self, score: Score) {
        match score {
            Ok(value) => {
                self.total += value;
                self.count += 1;
            }
            Err(reason) => self.undefined = self.undefined.or(Some(reason)),
        }
    }

    fn mean(self) -> Score {
        let undefined = self.undefined.unwrap_or(Undefined::NoActual);
        if self.count > 0 { Ok(self.total / self.count as f64) } else { Err(undefined) }
    }
}

/// The mean over the series with a defined score. If there is none, the reason of the first series.
pub(crate) fn mean_over(all_series: &[Scores], score: impl Fn(&Scores) -> Score) -> Score {
    let defined: Vec<f64> = all_series.iter().filter_map(|scores| score(scores).ok()).collect();
    if defined.is_empty() {
        return Err(all_series.iter().find_map(|scores| score(scores).err()).unwrap_or(Undefined::NoActual));
    }
    Ok(defined.iter().sum::<f64>() / defined.len() as f64)
}
