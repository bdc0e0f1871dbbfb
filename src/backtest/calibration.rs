//! Calibration: how often past values were below the quantiles that were forecast for them.

use std::cmp::Ordering;

use crate::backtest::residual_tests::NORMAL_BOUND;
use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};

/// A quantile level, and the share of past values below the quantiles of that level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationPoint {
    /// The level, which is the share that the forecasts promise.
    pub level: f64,
    /// The number of past values that were forecast.
    pub count: usize,
    /// The share of them below the quantile, in [0, 1]. A value at the quantile counts as half below.
    pub share: f64,
    /// The 95 % range of the true share: from that of values below the quantile to that of values below or at it, which
    /// differ for counts. The steps of one hindcast share their errors, so that each hindcast counts once.
    pub range: [f64; 2],
}

impl CalibrationPoint {
    /// Whether the promised share is outside the range of the achieved one.
    pub fn is_off(&self) -> bool {
        !(self.range[0]..=self.range[1]).contains(&self.level)
    }
}

/// The calibration at every level of the hindcasts, ascending. Values that were not observed do not count.
///
/// ```
/// use forecast::backtest::{Folds, calibration, run};
/// use forecast::{Baseline, Panel, SilentObserver, Task};
///
/// let values: Vec<f64> = (0..90).map(|t| f64::from(t * t % 13)).collect();
/// let (panel, task) = (Panel::from_values(&values, 1), Task::new(3));
/// let folds = Folds::default_for(&panel, 3, 3, true).expect("the series is long enough");
/// let hindcasts = run(&Baseline::Mean, &panel, &task, &folds, true, &mut SilentObserver)?;
/// let points = calibration(&panel, &hindcasts);
/// assert_eq!(points.iter().map(|point| point.level).collect::<Vec<_>>(), [0.025, 0.1, 0.5, 0.9, 0.975]);
/// assert!(points.iter().all(|point| point.count == 15 && !point.is_off()));
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Panics
/// If a hindcast is of none of the series.
pub fn calibration(panel: &Panel, hindcasts: &[Hindcast]) -> Vec<CalibrationPoint> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let levels = hindcasts.first().map(|hindcast| hindcast.forecast.levels()).unwrap_or_default();
    let mut below = vec![[0.0; 2]; levels.len()];
    let (mut count, mut independent) = (0, 0.0);
    for Hindcast { series, cutoff, forecast } in hindcasts {
        let counted_before = count;
        for k in 0..forecast.times().len() {
            if all[*series].observed.get(cutoff + k) != Some(&true) {
                continue;
            }
            // a negative zero is equal to zero
            let actual = panel.actual(*series, cutoff + k) + 0.0;
            count += 1;
            for (sum, quantile) in below.iter_mut().zip(forecast.quantiles()) {
                let bound = quantile.values[k];
                let [strictly, or_equal] = sum;
                match actual.total_cmp(&(bound + 0.0)) {
                    Ordering::Less => (*strictly, *or_equal) = (*strictly + 1.0, *or_equal + 1.0),
                    Ordering::Equal => *or_equal += 1.0,
                    Ordering::Greater => {}
                }
            }
        }
        independent += f64::from(u8::from(count > counted_before));
    }
    let point = |(level, below): (&f64, [f64; 2])| {
        let [strictly, or_equal] = below.map(|sum| sum / f64::from(count));
        let range = [wilson(strictly, independent)[0], wilson(or_equal, independent)[1]];
        CalibrationPoint { level: *level, count: count as usize, share: f64::midpoint(strictly, or_equal), range }
    };
    if count == 0 { Vec::new() } else { levels.iter().zip(below).map(point).collect() }
}

/// The 95 % confidence interval of a share of `n` values (Wilson 1927, *Probable inference, the law of succession, and
/// statistical inference*, J. American Statistical Association 22).
pub(crate) fn wilson(share: f64, n: f64) -> [f64; 2] {
    let z2 = NORMAL_BOUND * NORMAL_BOUND;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = NORMAL_BOUND / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::forecast::quantile_forecast::Forecast;

    /// The expected bounds are those of `proportion_confint(count, n, method="wilson")` of statsmodels 0.15.0.
    #[test]
    fn the_range_of_a_share_is_that_of_statsmodels() {
        for (count, n, expected) in [
            (28.0, 35.0, [0.641_083_869_343_343_8, 0.899_575_535_262_013_8]),
            (0.0, 12.0, [0.0, 0.242_494_006_655_240_46]),
            (12.0, 12.0, [0.757_505_993_344_758_8, 1.0]),
        ] {
            let got = wilson(count / n, n);
            assert!((got[0] - expected[0]).abs() < 1e-9 && (got[1] - expected[1]).abs() < 1e-9, "{got:?}");
        }
    }

    proptest! {
        #[test]
        fn shares_rise_with_the_level_and_are_within_their_range(
            values in prop::collection::vec(-5..5_i32, 8..40), width in 0..4_i32,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let panel = Panel::from_values(&values, 1);
            let series = panel.iter().next().unwrap();
            let rows = |z: f64| vec![z * f64::from(width); 3];
            let hindcast = |cutoff: usize| Hindcast {
                series: 0,
                cutoff,
                forecast: Forecast::after(&series.first(cutoff), &[0.1, 0.5, 0.9], [-1.0, 0.0, 1.0].map(rows).to_vec()),
            };
            let points = calibration(&panel, &[4, 5].map(hindcast));
            prop_assert!(points.windows(2).all(|pair| pair[0].share <= pair[1].share), "{:?}", points);
            for point in points {
                prop_assert!(point.range[0] <= point.share && point.share <= point.range[1], "{:?}", point);
                prop_assert_eq!(point.count, 6);
            }
        }
    }
}
