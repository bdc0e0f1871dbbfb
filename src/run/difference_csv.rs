//! `diff.csv`: the forecasts of two runs, and the parts of their difference.

use std::io::{self, Write};

use crate::panel::Panel;
use crate::run::difference::StepDifference;
use crate::write::csv_writer::CsvWriter;
use crate::write::json_rows::JsonWriter;
use crate::write::table_writer::TableWriter;

/// The significant digits of medians and of differences, which lose some to rounding.
const DIGITS: usize = 12;

/// Writes the differences of two forecasts, one row for each series and step. `panel` is that of the later run.
///
/// Columns: the id columns and the time column; `before` and `after`, the medians; `change`; then its parts
/// `revised_history`, `new_data` and `model_or_version`, which add up to it. The parts are empty if it is not split.
pub fn difference_csv(to: impl Write, panel: &Panel, steps: &[StepDifference]) -> io::Result<()> {
    CsvWriter::file(to, |csv| rows(csv, panel, steps))
}

/// Writes the same rows as a JSON array of objects.
pub fn difference_json(to: impl Write, panel: &Panel, steps: &[StepDifference]) -> io::Result<()> {
    JsonWriter::array(to, |json| rows(json, panel, steps))
}

fn rows(to: &mut impl TableWriter, panel: &Panel, steps: &[StepDifference]) -> io::Result<()> {
    to.start(panel, DIGITS).time_heading(panel);
    to.texts(&["before", "after", "change", "revised_history", "new_data", "model_or_version"]).end_row()?;
    let keys: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
    for step in steps {
        to.texts(keys[step.series]).time(panel, step.time).numbers([step.before, step.after, step.whole()]);
        let parts = step.parts;
        to.number(parts.map(|parts| parts.revised_history)).number(parts.map(|parts| parts.new_data));
        to.number(parts.map(|parts| parts.model)).end_row()?;
    }
    Ok(())
}
