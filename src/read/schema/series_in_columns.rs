//! Files with one column for each series: the rows are repeated for each of these columns.

use crate::panel::series::Columns;
use crate::read::notice::Notice;
use crate::read::parse::column_offsets::ColumnOffsets;
use crate::read::parse::time_index::TimeIndex;
use crate::read::schema::roles::Schema;
use crate::read::schema::series_groups::Groups;

/// The name of the target if each column or each row of a file is a series.
pub(crate) const VALUE_NAME: &str = "value";
/// The name of the id column for the names of the columns.
const SERIES_NAME: &str = "series";

/// The schema with these values of the columns `names`. The rows are repeated if there are several columns.
pub(crate) fn with_values(mut schema: Schema, mut values: Vec<Vec<f64>>, names: &[String]) -> Schema {
    let width = values.len();
    if width == 1 {
        schema.values = values.pop().unwrap_or_default();
        return schema;
    }
    let rows = schema.times.ticks.len();
    let count = schema.groups.count;
    let mut all_values = Vec::with_capacity(rows * width);
    let mut ticks = Vec::with_capacity(rows * width);
    let mut codes = Vec::with_capacity(rows * width);
    let mut keys = Vec::with_capacity(count * width);
    for (at, (column, name)) in values.into_iter().zip(names).enumerate() {
        all_values.extend(column);
        ticks.extend_from_slice(&schema.times.ticks);
        codes.extend(schema.groups.codes.iter().map(|code| code + (at * count) as u32));
        keys.extend(schema.keys.iter().map(|key| key.iter().cloned().chain([name.clone()]).collect::<Vec<_>>()));
    }
    schema.notices.push(Notice::SeriesInColumns { columns: names.to_vec() });
    schema.columns.ids.push(unused_name(SERIES_NAME, &schema.columns));
    schema.columns.target = VALUE_NAME.into();
    let offsets = match schema.times.offsets {
        ColumnOffsets::PerRow(offsets) => ColumnOffsets::PerRow(offsets.repeat(width)),
        other => other,
    };
    schema.times = TimeIndex { ticks, offsets, ..schema.times };
    schema.groups = Groups { codes, count: count * width };
    Schema { values: all_values, keys, ..schema }
}

/// The name, with underscores before it while another column has it.
fn unused_name(wanted: &str, columns: &Columns) -> String {
    let is_used = |name: &str| columns.time.as_deref() == Some(name) || columns.ids.iter().any(|id| id == name);
    let mut name = wanted.to_owned();
    while is_used(&name) {
        name.insert(0, '_');
    }
    name
}
