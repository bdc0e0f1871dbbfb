//! Series that ended long before the others of their panel.

use crate::panel::series::TimeSeries;

/// A series whose last value is long before the last value of its panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlyEnd {
    /// The position of the series in its panel.
    pub series: usize,
    /// The number of steps from its end to the end of the panel.
    pub steps: usize,
}

/// The series that ended more than `reach` steps before the last value of all.
pub(crate) fn early_ends<'a>(all: impl Iterator<Item = TimeSeries<'a>>, reach: usize) -> Vec<EarlyEnd> {
    let all: Vec<TimeSeries<'_>> = all.collect();
    let Some(last) = all.iter().map(TimeSeries::end).max() else { return Vec::new() };
    let steps_to_last = |series: &TimeSeries<'_>| {
        let (frequency, end) = (series.frequency, series.end());
        // without a whole number of steps between them, the distance is rounded
        let on_grid = frequency.position(end.ticks(), last.ticks());
        on_grid.unwrap_or_else(|| (frequency.ordinal(last) - frequency.ordinal(end)) as usize)
    };
    let early = all.iter().enumerate().map(|(series, one)| EarlyEnd { series, steps: steps_to_last(one) });
    early.filter(|end| end.steps > reach).collect()
}
