//! Anomalies: past values outside the intervals that were forecast for them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::backtest::residual_tests::NORMAL_BOUND;
use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};
use crate::time::Timestamp;

/// The interval that a value must be outside of, in percent.
pub const ANOMALY_INTERVAL: f64 = 95.0;

/// A past value outside the 95 % interval that was forecast for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Anomaly {
    /// The position of the series in the panel.
    pub series: usize,
    /// The position in the series.
    pub position: usize,
    /// The time of the value.
    pub time: Timestamp,
    /// The value in the file.
    pub value: f64,
    /// The median of the forecast.
    pub expected: f64,
    /// The lower bound of the interval.
    pub lower: f64,
    /// The upper bound of the interval.
    pub upper: f64,
    /// The distance from the median in standard deviations, which follow from the bound on that side as in a normal
    /// distribution. It is negative below the median, and `None` if that bound is the median.
    pub deviations: Option<f64>,
}

/// The anomalies of a panel, and how many values were checked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Anomalies {
    /// The anomalies, the newest first. Those of one time are in the order of their series.
    pub found: Vec<Anomaly>,
    /// The number of observed values that were forecast.
    pub checked: usize,
}

impl Anomalies {
    /// Compares the values of a panel with its hindcasts. Of several forecasts of a value, the one with the latest cutoff
    /// counts. Filled values are not checked, and clipped ones have their value in the file. Hindcasts without a 95 %
    /// interval are left out.
    ///
    /// ```
    /// use forecast::backtest::{Anomalies, Folds, run};
    /// use forecast::{Baseline, Panel, SilentObserver, Task};
    ///
    /// let mut values: Vec<f64> = (0..70).map(|t| f64::from(10 * (t % 7) + t * 5 % 3)).collect();
    /// values[60] += 40.0;
    /// let (panel, task) = (Panel::from_values(&values, 7), Task::new(7));
    /// let folds = Folds::default_for(&panel, 7, 7, true).expect("the series is long enough");
    /// let hindcasts = run(&Baseline::Ets, &panel, &task, &folds, true, &mut SilentObserver)?;
    /// let anomalies = Anomalies::find(&panel, &hindcasts);
    /// assert_eq!((anomalies.found[0].position, anomalies.found[0].value), (60, values[60]));
    /// assert!(anomalies.found[0].deviations > Some(3.0) && anomalies.checked == 35);
    /// # Ok::<(), forecast::Error>(())
    /// ```
    ///
    /// # Panics
    /// If a hindcast is of none of the series.
    pub fn find(panel: &Panel, hindcasts: &[Hindcast]) -> Self {
        let all_series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let mut latest: BTreeMap<(usize, usize), &Hindcast> = BTreeMap::new();
        for hindcast in hindcasts.iter().filter(|hindcast| hindcast.forecast.interval(ANOMALY_INTERVAL).is_some()) {
            for (step, _) in hindcast.observed_steps(panel, &all_series[hindcast.series]) {
                let known = latest.entry((hindcast.series, hindcast.cutoff + step)).or_insert(hindcast);
                if hindcast.cutoff > known.cutoff {
                    *known = hindcast;
                }
            }
        }
        let anomaly = |(&(series, position), hindcast): (&(usize, usize), &&Hindcast)| {
            let step = position - hindcast.cutoff;
            let (lower, upper) = hindcast.forecast.interval(ANOMALY_INTERVAL)?;
            let (lower, upper, expected) = (lower[step], upper[step], hindcast.forecast.median()[step]);
            let value = panel.actual(series, position);
            let bound = if value > expected { upper } else { lower };
            let deviation = (bound - expected).abs() / NORMAL_BOUND;
            let deviations = (deviation > 0.0).then(|| (value - expected) / deviation);
            let time = all_series[series].time_at(position);
            let found = Anomaly { series, position, time, value, expected, lower, upper, deviations };
            (value < lower || value > upper).then_some(found)
        };
        let mut found: Vec<Anomaly> = latest.iter().filter_map(anomaly).collect();
        found.sort_by_key(|anomaly| (Reverse(anomaly.time), anomaly.series));
        Self { found, checked: latest.len() }
    }

    /// The positions of the anomalies of one series, ascending.
    #[cfg_attr(not(feature = "plot"), expect(dead_code, reason = "pictures and pages mark the anomalies"))]
    pub(crate) fn positions(&self, series: usize) -> Vec<usize> {
        let of_series = self.found.iter().filter(|anomaly| anomaly.series == series);
        let mut positions: Vec<usize> = of_series.map(|anomaly| anomaly.position).collect();
        positions.sort_unstable();
        positions
    }
}
