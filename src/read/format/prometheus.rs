//! Answers of Prometheus and of services with its interface to a range query: a list of values for each set of labels.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{NewChunkedArray, StringChunked};
use serde::Deserialize;

use crate::read::notice::Notice;
use crate::read::row_locations::RowLocations;
use crate::read::table::{Cells, Column, Table};

/// The member that has the series.
const MEMBER: &str = "data.result";
/// The columns of the times and of the values. No label of Prometheus has a dot.
const TIME: &str = "time";
const VALUE: &str = "value";
const MILLISECONDS: f64 = 1000.0;

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<LabelledSeries>,
}

#[derive(Deserialize)]
struct LabelledSeries {
    metric: BTreeMap<String, String>,
    /// Seconds since 1970 and the text of a number.
    values: Vec<(f64, String)>,
}

/// The table of an answer, with a column for each label; `None` if the text is anything else.
pub(super) fn read_answer(file: &str, text: &str) -> Option<Table> {
    let answer: Answer = serde_json::from_str(text).ok()?;
    let series = answer.data.result;
    let (mut ticks, mut values, mut is_rounded) = (Vec::new(), Vec::new(), false);
    for (seconds, value) in series.iter().flat_map(|series| &series.values) {
        let milliseconds = seconds * MILLISECONDS;
        is_rounded |= (milliseconds - milliseconds.round()).abs() > 1e-3;
        ticks.push(Some(milliseconds.round() as i64));
        values.push(value.parse().ok()?);
    }
    let labels: BTreeSet<&String> = series.iter().flat_map(|series| series.metric.keys()).collect();
    let free = |name: &str| labels.iter().all(|label| *label != name);
    if !free(TIME) || !free(VALUE) {
        return None;
    }
    let label = |name: &&String| {
        let of_series = |series: &LabelledSeries| vec![series.metric.get(*name).cloned(); series.values.len()];
        let cells: Vec<Option<String>> = series.iter().flat_map(of_series).collect();
        Column::new(*name, Cells::Text(StringChunked::from_slice_options(name.as_str().into(), &cells)))
    };
    let rows = values.len();
    let mut columns: Vec<Column> = labels.iter().map(label).collect();
    columns.push(Column::new(TIME, Cells::Times { ticks, zone: Some("UTC".to_owned()), is_rounded }));
    columns.push(Column::new(VALUE, Cells::Numbers(values)));
    let notices = vec![Notice::TableOfMember { member: MEMBER.to_owned() }];
    Some(Table { file: file.into(), columns, rows, locations: RowLocations::numbered(), notices, ..Table::default() })
}
