//! Quantile levels: those of chosen intervals and quantiles, and the columns that show them.

use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::Forecast;

/// The quantile levels of a median with an 80 % and a 95 % interval.
pub const LEVELS: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];

/// Levels that differ by less are one level.
const MIN_LEVEL_DISTANCE: f64 = 1e-9;
/// The name of the column with the median.
const MEDIAN_COLUMN: &str = "forecast";
const MEDIAN: f64 = 0.5;

/// The quantile levels of central intervals, in percent, and of further quantiles, in (0, 1). They ascend, each occurs
/// once, and the median is among them, as a [`Task`](crate::Task) needs them.
///
/// ```
/// use forecast::forecast::{quantile_levels, LEVELS};
/// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
///
/// assert_eq!(quantile_levels(&[80.0, 95.0], &[])?, LEVELS);
/// // a 90 % interval, and the quantile that 99 % of values do not exceed
/// let task = Task { levels: quantile_levels(&[90.0], &[0.99])?, ..Task::new(2) };
/// assert_eq!(task.levels, [0.05, 0.5, 0.95, 0.99]);
/// let panel = Panel::from_values(&[4.0, 5.0, 7.0, 6.0], 1);
/// let forecast = Baseline::Naive.fit(&panel, &task, &mut SilentObserver)?.predict(&panel)?.remove(0);
/// let (low, high) = forecast.interval(90.0).expect("the bounds are among the levels");
/// assert!(low[0] < high[0] && high[0] < forecast.quantile(0.99).expect("a level of the task")[0]);
/// assert!(quantile_levels(&[100.0], &[]).is_err());
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If a percentage is not between 0 and 100, or a quantile not between 0 and 1.
pub fn quantile_levels(intervals: &[f64], quantiles: &[f64]) -> Result<Vec<f64>> {
    let invalid = |reason: String| Error::InvalidInput { what: "quantile level", reason };
    if let Some(percent) = intervals.iter().find(|percent| !(**percent > 0.0 && **percent < 100.0)) {
        return Err(invalid(format!("an interval of {percent} % is not between 0 and 100 %")));
    }
    let bounds = intervals.iter().flat_map(|percent| [100.0 - percent, 100.0 + percent]).map(|share| share / 200.0);
    let mut levels: Vec<f64> = bounds.chain(quantiles.iter().copied()).map(rounded).collect();
    if let Some(level) = levels.iter().find(|level| !(**level > 0.0 && **level < 1.0)) {
        return Err(invalid(format!("a quantile of {level} is not between 0 and 1")));
    }
    levels.retain(|level| !is_same(*level, MEDIAN));
    levels.push(MEDIAN);
    Ok(distinct(levels))
}

/// All levels of two lists, each once.
pub(crate) fn union(levels: &[f64], others: &[f64]) -> Vec<f64> {
    let further = others.iter().filter(|other| !levels.iter().any(|level| is_same(*level, **other)));
    distinct(levels.iter().chain(further).copied().collect())
}

fn distinct(mut levels: Vec<f64>) -> Vec<f64> {
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|a, b| is_same(*a, *b));
    levels
}

/// Whether two levels are the same up to rounding.
pub(crate) fn is_same(level: f64, other: f64) -> bool {
    (level - other).abs() < MIN_LEVEL_DISTANCE
}

/// A level without the error of a difference such as `100 - 99.9`.
fn rounded(level: f64) -> f64 {
    (level * 1e12).round() / 1e12
}

/// The percentage of the central interval that a level bounds; 0 for the median.
fn percent_of(level: f64) -> f64 {
    // without the error of the difference
    (200.0 * (level - MEDIAN).abs() * 1e7).round() / 1e7
}

/// The columns of a forecast in a file or a table. They follow from its levels.
///
/// The first column is the median. Then come the lower and the upper bound of each central interval, the narrowest
/// first. A level without its counterpart on the other side of the median is a single quantile, and comes last.
///
/// ```
/// use forecast::forecast::{ForecastColumns, LEVELS};
///
/// assert_eq!(ForecastColumns::of(&LEVELS).names(), ["forecast", "lo_80", "hi_80", "lo_95", "hi_95"]);
/// let columns = ForecastColumns::of(&[0.05, 0.5, 0.95, 0.99]);
/// assert_eq!(columns.names(), ["forecast", "lo_90", "hi_90", "q_0.99"]);
/// assert_eq!((columns.intervals(), columns.single_quantiles()), (&[90.0][..], &[0.99][..]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastColumns {
    levels: Vec<f64>,
    /// The index of the level of each column.
    order: Vec<usize>,
    names: Vec<String>,
    intervals: Vec<f64>,
    single_quantiles: Vec<f64>,
}

impl ForecastColumns {
    /// The columns of forecasts with these levels, which ascend. The median is among them.
    pub fn of(levels: &[f64]) -> Self {
        let position = |wanted: f64| levels.iter().position(|level| is_same(*level, wanted));
        let median = position(MEDIAN).expect("the median is among the levels");
        let (mut order, mut names) = (vec![median], vec![MEDIAN_COLUMN.to_owned()]);
        let (mut intervals, mut single_quantiles) = (Vec::new(), Vec::new());
        // from the median outwards, so that the narrowest interval is the first
        for low in (0..median).rev() {
            let Some(high) = position(1.0 - levels[low]) else { continue };
            let percent = percent_of(levels[low]);
            intervals.push(percent);
            order.extend([low, high]);
            names.extend([format!("lo_{percent}"), format!("hi_{percent}")]);
        }
        for (at, level) in levels.iter().enumerate() {
            if !order.contains(&at) {
                single_quantiles.push(*level);
                order.push(at);
                names.push(format!("q_{level}"));
            }
        }
        Self { levels: levels.to_vec(), order, names, intervals, single_quantiles }
    }

    /// The columns of forecasts that all have the same levels; those of [`LEVELS`] without a forecast.
    pub fn of_forecasts<'a>(forecasts: impl IntoIterator<Item = &'a Forecast>) -> Self {
        forecasts.into_iter().next().map_or_else(|| Self::of(&LEVELS), |forecast| Self::of(&forecast.levels()))
    }

    /// The columns of the median and of a limited number of intervals and single quantiles, for a picture or a
    /// terminal. Of more, the first, the last and evenly spaced ones between are kept.
    #[must_use]
    pub fn reduced(&self, max_intervals: usize, max_single_quantiles: usize) -> Self {
        let intervals = evenly_spaced(&self.intervals, max_intervals);
        let single_quantiles = evenly_spaced(&self.single_quantiles, max_single_quantiles);
        let first_single = 1 + 2 * self.intervals.len();
        let is_kept = |column: &usize| match *column {
            0 => true,
            bound if bound < first_single => intervals.contains(&self.intervals[(bound - 1) / 2]),
            single => single_quantiles.contains(&self.single_quantiles[single - first_single]),
        };
        let kept: Vec<usize> = (0..self.order.len()).filter(is_kept).collect();
        Self {
            levels: self.levels.clone(),
            order: kept.iter().map(|column| self.order[*column]).collect(),
            names: kept.iter().map(|column| self.names[*column].clone()).collect(),
            intervals,
            single_quantiles,
        }
    }

    /// The names: `forecast`, `lo_80` and `hi_80` for an interval of 80 %, `q_0.99` for a single quantile.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The central intervals in percent, the narrowest first.
    pub fn intervals(&self) -> &[f64] {
        &self.intervals
    }

    /// The levels of the single quantiles, ascending.
    pub fn single_quantiles(&self) -> &[f64] {
        &self.single_quantiles
    }

    /// The values of step `k` of a forecast, counted from 0, in the order of the columns.
    ///
    /// # Panics
    /// If the forecast has other levels.
    pub fn step_values(&self, forecast: &Forecast, k: usize) -> Vec<f64> {
        let quantiles = forecast.quantiles();
        let are_same = quantiles.iter().map(|quantile| &quantile.level).eq(&self.levels);
        assert!(are_same, "all forecasts have the same levels");
        self.order.iter().map(|at| quantiles[*at].values[k]).collect()
    }

    /// Values in the order of the columns, from one value for each level in ascending order of the levels.
    ///
    /// # Panics
    /// If the number of values is not that of the levels.
    pub fn in_order(&self, values: &[f64]) -> Vec<f64> {
        assert_eq!(values.len(), self.levels.len(), "one value for each level");
        self.order.iter().map(|at| values[*at]).collect()
    }
}

impl ForecastColumns {
    /// Values in ascending order of the levels, from one value for each column; the inverse of [`Self::in_order`].
    pub(crate) fn by_level(&self, row: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; row.len()];
        self.order.iter().zip(row).for_each(|(at, value)| values[*at] = *value);
        values
    }
}

/// At most `count` of the values: evenly spaced ones, with the first and the last.
fn evenly_spaced(values: &[f64], count: usize) -> Vec<f64> {
    let count = count.min(values.len());
    (0..count).map(|i| values[i * (values.len() - 1) / (count - 1).max(1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_sorted_distinct_and_exact() {
        let levels = |intervals: &[f64], quantiles: &[f64]| quantile_levels(intervals, quantiles).unwrap();
        assert_eq!(levels(&[95.0, 80.0, 80.0], &[0.5, 0.1]), LEVELS);
        assert_eq!(levels(&[99.9, 1.0], &[]), [0.0005, 0.495, 0.5, 0.505, 0.9995]);
        assert_eq!(levels(&[], &[]), [0.5]);
        for percent in 1..100 {
            let levels = levels(&[f64::from(percent)], &[]);
            assert_eq!(ForecastColumns::of(&levels).intervals(), [f64::from(percent)], "{percent}");
        }
        for invalid in [0.0, 100.0, -1.0, 101.0, f64::NAN, f64::INFINITY] {
            assert!(quantile_levels(&[invalid], &[]).is_err() && quantile_levels(&[], &[invalid]).is_err());
        }
    }

    #[test]
    fn a_quantile_without_its_counterpart_has_its_own_name() {
        let names = |levels: &[f64]| ForecastColumns::of(levels).names().join(",");
        assert_eq!(names(&[0.5]), "forecast");
        assert_eq!(names(&[0.05, 0.5, 0.95]), "forecast,lo_90,hi_90");
        assert_eq!(names(&[0.0005, 0.05, 0.5, 0.9, 0.9995]), "forecast,lo_99.9,hi_99.9,q_0.05,q_0.9");
    }

    #[test]
    fn values_are_in_the_order_of_the_columns() {
        let columns = ForecastColumns::of(&[0.1, 0.25, 0.5, 0.6, 0.75]);
        assert_eq!(columns.names(), ["forecast", "lo_50", "hi_50", "q_0.1", "q_0.6"]);
        assert_eq!(columns.in_order(&[1.0, 2.0, 3.0, 4.0, 5.0]), [3.0, 2.0, 5.0, 1.0, 4.0]);
        assert_eq!(columns.by_level(&[3.0, 2.0, 5.0, 1.0, 4.0]), [1.0, 2.0, 3.0, 4.0, 5.0]);
        let fewer = columns.reduced(1, 1);
        assert_eq!(fewer.names(), ["forecast", "lo_50", "hi_50", "q_0.1"]);
        assert_eq!(fewer.in_order(&[1.0, 2.0, 3.0, 4.0, 5.0]), [3.0, 2.0, 5.0, 1.0]);
    }

    #[test]
    fn of_many_intervals_the_narrowest_the_widest_and_some_between_are_kept() {
        let levels = quantile_levels(&(1..100).map(f64::from).collect::<Vec<_>>(), &[]).unwrap();
        let columns = ForecastColumns::of(&levels);
        assert_eq!(columns.names().len(), 1 + 2 * 99);
        assert_eq!(columns.reduced(3, 2).intervals(), [1.0, 50.0, 99.0]);
        assert_eq!(columns.reduced(3, 2).names()[5..], ["lo_99", "hi_99"]);
        assert_eq!(columns.reduced(500, 2), columns);
    }
}
