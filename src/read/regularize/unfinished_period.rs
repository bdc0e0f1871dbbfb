//! Leaves out the last period of a file if its value is far below all values before it.

use crate::panel::{Repair, RepairKind, Series};
use crate::time::Frequency;

/// The last value is compared with two seasons of values before it, within these limits.
const MIN_WINDOW: usize = 12;
const MAX_WINDOW: usize = 60;
/// The value of an unfinished period is below this share of the lowest value of the window.
const MAX_SHARE_OF_LOWEST: f64 = 0.6;
/// The lowest value of the window must be at least this share of the median. Otherwise low values are usual.
const MIN_SHARE_OF_MEDIAN: f64 = 0.5;

/// Drops the last period if it seems to be unfinished in most of the series that reach it.
pub(crate) fn drop_unfinished_period(
    series: &mut [Series],
    frequency: Frequency,
    season: usize,
    repairs: &mut Vec<Repair>,
) {
    if matches!(frequency, Frequency::Index { .. } | Frequency::Elapsed { .. }) {
        return;
    }
    let end = |series: &Series| frequency.after(series.start, series.values.len() - 1);
    let Some(last_time) = series.iter().map(end).max() else { return };
    let reaching = series.iter().filter(|series| end(series) == last_time);
    let are_low: Vec<bool> = reaching.filter_map(|series| ends_low(series, season)).collect();
    let low = are_low.iter().filter(|is_low| **is_low).count();
    if low * 2 <= are_low.len() {
        return;
    }
    for series in series.iter_mut().filter(|series| end(series) == last_time) {
        let before = &series.observed[..series.values.len() - 1];
        let kept = before.iter().rposition(|observed| *observed).map_or(0, |last| last + 1);
        // A series with one value keeps it.
        if kept == 0 {
            continue;
        }
        let (key, from) = (series.key.clone(), series.values.last().copied());
        repairs.push(Repair { series: key, time: last_time, kind: RepairKind::Unfinished, from, to: None });
        series.values.truncate(kept);
        series.observed.truncate(kept);
    }
}

/// Whether the last value is far below all values of the window before it. `None` if the series is shorter than the
/// window, or if the window has a value of 0 or less.
fn ends_low(series: &Series, season: usize) -> Option<bool> {
    let (last, before) = series.values.split_last()?;
    let window = (2 * season).clamp(MIN_WINDOW, MAX_WINDOW);
    let mut recent = before.get(before.len().checked_sub(window)?..)?.to_vec();
    recent.sort_unstable_by(f64::total_cmp);
    let (lowest, median) = (recent[0], recent[recent.len() / 2]);
    (lowest > 0.0)
        .then_some(lowest >= MIN_SHARE_OF_MEDIAN * median && *last < MAX_SHARE_OF_LOWEST * lowest && *last >= 0.0)
}
