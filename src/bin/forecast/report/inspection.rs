//! What `forecast inspect` shows of a file: columns and their roles, frequency, each series' range, gaps, repairs.

use comfy_table::{Cell, CellAlignment, Table, presets};
use forecast::panel::TimeSeries;
use forecast::read::Dataset;
use forecast::time::ZoneInfo;

/// Series and repairs listed unless all are asked for.
const LISTED: usize = 10;

/// Draws it; `all` lists every series and repair.
pub(crate) fn draw(dataset: &Dataset, all: bool) -> String {
    let panel = &dataset.panel;
    let columns = panel.columns();
    let mut lines = vec![dataset.summary()];
    lines.push(format!("time      {}", columns.time.as_deref().unwrap_or("none, rows are numbered")));
    lines.push(format!("target    {}", columns.target));
    if !columns.ids.is_empty() {
        lines.push(format!("ids       {}", columns.ids.join(", ")));
    }
    let season = match panel.season() {
        1 => "none".into(),
        season => format!("{season} steps"),
    };
    lines.push(format!("frequency {}, season {season}", panel.frequency().name()));
    if panel.zone() != ZoneInfo::default() {
        lines.push(format!("zone      {}", panel.zone()));
    }
    if !panel.covariates().is_empty() {
        lines.push(format!("beside    {}", panel.covariates().in_words()));
    }
    lines.push(format!("rows      {}", dataset.rows));
    lines.push(String::new());
    let listed = if all { usize::MAX } else { LISTED };
    lines.extend(series_table(dataset, listed));
    lines.extend(more(panel.count(), listed, "series"));
    lines.extend(dataset.notices.iter().map(|notice| format!("note: {notice}")));
    lines.extend(dataset.repairs.iter().take(listed).map(|repair| format!("repaired: {repair}")));
    lines.extend(more(dataset.repairs.len(), listed, "repairs"));
    lines.join("\n")
}

fn more(count: usize, listed: usize, of: &str) -> Option<String> {
    (count > listed).then(|| format!("and {} more {of} (--verbose lists all)", count - listed))
}

fn series_table(dataset: &Dataset, listed: usize) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let headings = ["from", "to", "steps", "not observed", "lowest", "highest"];
    table.set_header(dataset.panel.columns().ids.iter().map(String::as_str).chain(headings));
    for column in table.column_iter_mut().skip(dataset.panel.columns().ids.len() + 2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for series in dataset.panel.iter().take(listed) {
        table.add_row(series.key.iter().map(Cell::new).chain(described(dataset, &series).map(Cell::new)));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn described(dataset: &Dataset, series: &TimeSeries<'_>) -> [String; 6] {
    let observed = || series.values.iter().zip(series.observed).filter(|(_, seen)| **seen).map(|(value, _)| *value);
    [
        dataset.panel.format(series.start),
        dataset.panel.format(series.end()),
        series.len().to_string(),
        series.observed.iter().filter(|seen| !**seen).count().to_string(),
        observed().fold(f64::INFINITY, f64::min).to_string(),
        observed().fold(f64::NEG_INFINITY, f64::max).to_string(),
    ]
}
