//! A table of the effect of each kind of repair on the forecast.

use comfy_table::{Cell, CellAlignment};
use forecast::sensitivity::{MedianChange, RepairEffect};
use forecast::write::round_to_digits;

use crate::report::text_table::{self, count};

/// Smaller percentages are printed as below this one.
const MIN_PERCENT: f64 = 0.1;

pub(crate) fn draw(effects: &[RepairEffect]) -> String {
    if effects.is_empty() {
        return "sensitivity: no repair has an alternative".into();
    }
    let several = effects.iter().any(|effect| effect.largest.is_some());
    let mut headings = vec!["repair", "count", "instead", "forecast changes by"];
    headings.extend(several.then_some("largest change"));
    let rows = effects.iter().map(|effect| {
        let count = Cell::new(count(effect.count)).set_alignment(CellAlignment::Right);
        let change = effect.change.as_ref().map_or_else(|why| format!("unknown: {why}"), |change| in_words(*change));
        let largest = effect.largest.as_ref();
        let largest = largest.map(|series| format!("{}: {}", series.ids.join(" / "), in_words(series.change)));
        let largest = several.then(|| Cell::new(largest.unwrap_or_default()));
        [Cell::new(effect.repair), count, Cell::new(effect.instead), Cell::new(change)].into_iter().chain(largest)
    });
    text_table::draw(headings.len(), &headings, rows)
}

/// `1.234 (0.5%)`
fn in_words(change: MedianChange) -> String {
    let percent = match change.percent {
        Some(percent) if percent > 0.0 && percent < MIN_PERCENT => format!(" (below {MIN_PERCENT}%)"),
        Some(percent) => format!(" ({percent:.1}%)"),
        None => String::new(),
    };
    format!("{}{percent}", round_to_digits(change.mean_absolute, MedianChange::DIGITS))
}
