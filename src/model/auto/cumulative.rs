//! Cumulative series, such as the number of all cases so far. They never fall, and neither do their forecasts.

use crate::panel::TimeSeries;

/// The minimum length of a series that is cumulative because it never falls: of whole numbers that are not negative,
/// and of other values. Fewer values may rise by chance.
const MIN_WHOLE_NUMBERS: usize = 10;
const MIN_VALUES: usize = 20;

/// The last value of a series that never falls, below which its forecasts cannot be; `None` for other series.
pub(crate) fn lower_bound(series: &TimeSeries<'_>) -> Option<f64> {
    let values: Vec<f64> = series.observed_values().collect();
    let are_whole = values.iter().all(|v| *v >= 0.0 && v.fract() == 0.0);
    let minimum = if are_whole { MIN_WHOLE_NUMBERS } else { MIN_VALUES };
    let rises = values.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let last = *values.last()?;
    (values.len() >= minimum && rises > 1 && values.is_sorted()).then_some(last)
}
