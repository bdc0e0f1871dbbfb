//! `components.csv`: the parts that add up to each forecast.

use std::io;

use crate::components::Components;
use crate::panel::Panel;
use crate::write::csv_writer::{MAX_SIGNIFICANT_DIGITS, rounded};
use crate::write::table_writer::TableWriter;

/// Components with the digits of their table. Pictures of them can be drawn again from the table.
#[must_use]
pub fn components_as_written(mut all: Vec<Components>) -> Vec<Components> {
    // the table has no sign of a zero
    let round = |value: &mut f64| *value = rounded(*value, MAX_SIGNIFICANT_DIGITS) + 0.0;
    for own in &mut all {
        own.totals.iter_mut().for_each(round);
        own.parts.iter_mut().flat_map(|part| &mut part.values).for_each(round);
    }
    all
}

pub(crate) fn components_rows(table: &mut impl TableWriter, panel: &Panel, all: &[Components]) -> io::Result<()> {
    table.start(panel, MAX_SIGNIFICANT_DIGITS).time_heading(panel).texts(&["part", "value"]);
    let columns = all.first().map_or(&[][..], |own| &own.parts);
    columns.iter().for_each(|part| {
        table.text(&part.kind.column());
    });
    table.end_row()?;
    for (series, own) in panel.iter().zip(all) {
        for (at, total) in own.totals.iter().enumerate() {
            let position = own.first + at;
            let part = if position < own.cutoff { "history" } else { "forecast" };
            table.texts(series.key).time(panel, series.time_at(position)).text(part).number(Some(*total));
            table.numbers(own.parts.iter().map(|part| part.values[at])).end_row()?;
        }
    }
    Ok(())
}
