//! The output of `forecast inspect`: the roles of the columns, the frequency, and the range and repairs of each series.

use comfy_table::CellAlignment;
use forecast::panel::TimeSeries;
use forecast::read::Dataset;
use forecast::time::ZoneInfo;

use crate::report::hints::notice_line;
use crate::report::text_table::{plain_table, render};

/// The maximum number of series, and of repairs, without `--verbose`.
const MAX_LISTED: usize = 10;

/// The headings after the id columns; all but the first two are of numbers.
const HEADINGS: [&str; 6] = ["from", "to", "steps", "not observed", "lowest", "highest"];

/// Draws the lines and the table. With `all`, every series and repair is listed.
pub(crate) fn draw(dataset: &Dataset, all: bool) -> String {
    let listed = if all { usize::MAX } else { MAX_LISTED };
    let mut lines = roles(dataset);
    lines.push(String::new());
    lines.push(series_table(dataset, listed));
    lines.extend(more(dataset.panel.count(), listed, "series"));
    lines.extend(dataset.notices.iter().map(|notice| format!("note: {}", notice_line(notice))));
    lines.extend(dataset.repairs.iter().take(listed).map(|repair| format!("repaired: {repair}")));
    lines.extend(more(dataset.repairs.len(), listed, "repairs"));
    lines.join("\n")
}

/// A line for each role of a column, and for each property of the file.
fn roles(dataset: &Dataset) -> Vec<String> {
    let panel = &dataset.panel;
    let columns = panel.columns();
    let mut lines = vec![dataset.summary()];
    lines.push(format!("time       {}", columns.time.as_deref().unwrap_or("none, rows are numbered")));
    lines.push(format!("target     {}", columns.target));
    if !columns.ids.is_empty() {
        lines.push(format!("ids        {}", columns.ids.join(", ")));
    }
    let season = match panel.season() {
        1 => "none".into(),
        season => format!("{season} steps"),
    };
    lines.push(format!("frequency  {}, season {season}", panel.frequency().name()));
    if panel.zone() != ZoneInfo::default() {
        lines.push(format!("time zone  {}", panel.zone()));
    }
    if !panel.covariates().is_empty() {
        lines.push(format!("covariates {}", panel.covariates().in_words()));
    }
    lines.push(format!("rows       {}", dataset.rows));
    lines
}

fn more(count: usize, listed: usize, of: &str) -> Option<String> {
    (count > listed).then(|| format!("and {} more {of} (--verbose lists all)", count - listed))
}

fn series_table(dataset: &Dataset, listed: usize) -> String {
    let ids = &dataset.panel.columns().ids;
    let mut table = plain_table(ids.iter().map(String::as_str).chain(HEADINGS).map(Into::into));
    for column in table.column_iter_mut().skip(ids.len() + 2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for series in dataset.panel.iter().take(listed) {
        table.add_row(series.key.iter().cloned().chain(range(dataset, &series)));
    }
    render(&table)
}

/// The cells under [`HEADINGS`].
fn range(dataset: &Dataset, series: &TimeSeries<'_>) -> [String; 6] {
    let observed =
        || series.values.iter().zip(series.observed).filter(|(_, observed)| **observed).map(|(value, _)| *value);
    [
        dataset.panel.format(series.start),
        dataset.panel.format(series.end()),
        series.len().to_string(),
        series.observed.iter().filter(|observed| !**observed).count().to_string(),
        observed().fold(f64::INFINITY, f64::min).to_string(),
        observed().fold(f64::NEG_INFINITY, f64::max).to_string(),
    ]
}
