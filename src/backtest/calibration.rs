//! Calibration: how often past values were below the quantiles that were forecast for them.

use std::collections::BTreeMap;

use crate::backtest::residual_tests::NORMAL_BOUND;
use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};
use crate::time::Timestamp;

/// A quantile level, and the share of past values below the quantiles of that level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationPoint {
    /// The level, which is the nominal share.
    pub level: f64,
    /// The number of past values that were forecast.
    pub count: usize,
    /// The share of them below the quantile, in [0, 1]. A value at the quantile counts as half below.
    pub share: f64,
    /// The 95 % range of the true share: from that of values below the quantile to that of values below or at it, which
    /// differ for counts. The steps of one hindcast share their errors, and so do series at the same time. The range
    /// follows the differences between origins in time.
    pub range: [f64; 2],
}

impl CalibrationPoint {
    /// Whether the nominal share is outside the range of the empirical one.
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
    let levels = hindcasts.first().map(|hindcast| hindcast.forecast.levels()).unwrap_or_default();
    let point = |(at, level): (usize, &f64)| {
        let bound = |hindcast: &Hindcast, k: usize| hindcast.forecast.quantiles()[at].values[k];
        // a negative zero is equal to zero
        let below = EmpiricalShare::of(panel, hindcasts, |own, k, actual| actual + 0.0 < bound(own, k) + 0.0)?;
        let or_equal = EmpiricalShare::of(panel, hindcasts, |own, k, actual| actual + 0.0 <= bound(own, k) + 0.0)?;
        let share = f64::midpoint(below.share, or_equal.share);
        Some(CalibrationPoint { level: *level, count: below.count, share, range: [below.range[0], or_equal.range[1]] })
    };
    levels.iter().enumerate().filter_map(point).collect()
}

/// The share of past values that have a property, such as to be inside an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EmpiricalShare {
    /// The number of past values that were forecast.
    pub(crate) count: usize,
    /// The share, in [0, 1].
    pub(crate) share: f64,
    /// Its 95 % range.
    pub(crate) range: [f64; 2],
}

/// The values of one origin.
#[derive(Debug, Clone, Copy, Default)]
struct Origin {
    count: f64,
    /// How many of them have the property.
    hits: f64,
    /// The number of hindcasts with values.
    hindcasts: f64,
}

impl EmpiricalShare {
    /// The share of values with the property `has`, which gets the hindcast, the position of the step and the actual value.
    /// `None` if no value was observed.
    pub(crate) fn of(
        panel: &Panel,
        hindcasts: &[Hindcast],
        has: impl Fn(&Hindcast, usize, f64) -> bool,
    ) -> Option<Self> {
        let all: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut origins: BTreeMap<Timestamp, Origin> = BTreeMap::new();
        for hindcast in hindcasts {
            let (mut count, mut hits) = (0.0, 0.0);
            for (k, actual) in hindcast.observed_steps(panel, &all[hindcast.series]) {
                count += 1.0;
                hits += f64::from(u8::from(has(hindcast, k, actual)));
            }
            if count > 0.0 {
                let origin = origins.entry(hindcast.forecast.times()[0]).or_default();
                origin.count += count;
                origin.hits += hits;
                origin.hindcasts += 1.0;
            }
        }
        let origins: Vec<Origin> = origins.into_values().collect();
        let count: f64 = origins.iter().map(|origin| origin.count).sum();
        if count == 0.0 {
            return None;
        }
        let share = origins.iter().map(|origin| origin.hits).sum::<f64>() / count;
        let range = wilson(share, independent_forecasts(&origins, share));
        Some(Self { count: count as usize, share, range })
    }
}

/// The number of independent forecasts with which a share varies as it does between origins, at most the number of
/// hindcasts and at least 1. One origin of several series shows nothing of this, and counts as one forecast.
fn independent_forecasts(origins: &[Origin], share: f64) -> f64 {
    let number = origins.len() as f64;
    let hindcasts: f64 = origins.iter().map(|origin| origin.hindcasts).sum();
    let count: f64 = origins.iter().map(|origin| origin.count).sum();
    if origins.len() < 2 {
        return 1.0;
    }
    let deviation = |origin: &Origin| (origin.hits - share * origin.count).powi(2);
    let variance = origins.iter().map(deviation).sum::<f64>() * number / (number - 1.0) / (count * count);
    if variance > 0.0 { (share * (1.0 - share) / variance).clamp(1.0, hindcasts) } else { hindcasts }
}

/// The 95 % confidence interval of a share of `n` values (Wilson 1927, *Probable inference, the law of succession, and
/// statistical inference*, J. American Statistical Association 22).
fn wilson(share: f64, n: f64) -> [f64; 2] {
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

    #[test]
    fn series_that_err_together_count_less_than_series_that_err_alone() {
        let origin = |hits: f64| Origin { count: 100.0, hits, hindcasts: 50.0 };
        // the expected numbers are .8 * .2 divided by the variance of the mean of five origins
        let together = [100.0, 100.0, 100.0, 100.0, 0.0].map(origin);
        assert!((independent_forecasts(&together, 0.8) - 4.0).abs() < 1e-9);
        assert!((independent_forecasts(&[80.0, 81.0, 79.0, 80.0, 80.0].map(origin), 0.8) - 250.0).abs() < 1e-9);
        assert!((independent_forecasts(&[origin(80.0)], 0.8) - 1.0).abs() < 1e-9);
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
