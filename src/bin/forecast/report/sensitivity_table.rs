//! A table of the effect of each kind of repair on the forecast.

use comfy_table::Cell;
use forecast::sensitivity::{MedianChange, RepairEffect};
use forecast::write::round_to_digits;

use crate::report::text_table::{count, number_cell, plain_table, render};

/// Smaller percentages are printed as below this one.
const MIN_PERCENT: f64 = 0.1;

/// Draws a line for each kind of repair.
pub(crate) fn draw(effects: &[RepairEffect]) -> String {
    if effects.is_empty() {
        return "sensitivity: no repair has an alternative".into();
    }
    let several = effects.iter().any(|effect| effect.largest.is_some());
    let headings = ["repair", "count", "instead", "forecast changes by"].into_iter();
    let mut table = plain_table(headings.chain(several.then_some("largest change")).map(Cell::new));
    for effect in effects {
        let change = match &effect.change {
            Ok(change) => in_words(*change),
            Err(reason) => format!("unknown: {reason}"),
        };
        let largest = effect.largest.as_ref();
        let largest = largest.map(|series| format!("{}: {}", series.ids.join(" / "), in_words(series.change)));
        let cells = [Cell::new(effect.repair), number_cell(count(effect.count)), Cell::new(effect.instead)];
        let cells = cells.into_iter().chain([Cell::new(change)]);
        table.add_row(cells.chain(several.then(|| Cell::new(largest.unwrap_or_default()))));
    }
    render(&table)
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
