//! How a file was read: notices at the start of a run, and the output of `forecast inspect`.

use forecast::panel::{Panel, Repair, SeasonSource, TimeSeries};
use forecast::read::{Dataset, Notice};
use forecast::time::ZoneInfo;

use crate::report::{
    hints::notices::notice_line,
    terminal::{Terminal, labelled},
    text_table,
};

/// The maximum number of series, and of repairs, that are listed without `--verbose`.
const MAX_LISTED: usize = 10;
/// The headings after the id columns. The first two columns have times, the others numbers.
const HEADINGS: [&str; 6] = ["from", "to", "steps", "not observed", "lowest", "highest"];

/// How many of them are shown: fewer on a narrow terminal.
const SHOWN_HEADINGS: [usize; 4] = [6, 4, 3, 2];

/// Prints the summary, the notices, the repairs and the covariates of a dataset. `panel` has the series to forecast.
pub(crate) fn print_notices(terminal: &Terminal, dataset: &Dataset, panel: &Panel) {
    terminal.message(&dataset.summary());
    season_line(panel).iter().for_each(|line| terminal.message(line));
    dataset.notices.iter().for_each(|notice| terminal.notice(notice_line(notice)));
    repair_lines(dataset).for_each(|line| terminal.detail(&line));
    covariates_line(panel).iter().for_each(|line| terminal.message(line));
}

/// Prints the notices about the file of future rows. They may explain why covariates are not known at all steps.
pub(crate) fn print_future_notices(terminal: &Terminal, dataset: &Dataset) {
    let notices = dataset.notices.iter().filter(|notice| matches!(notice, Notice::FutureRows { .. }));
    notices.for_each(|notice| terminal.notice(notice_line(notice)));
}

/// `season: 12 steps, found in the values`, unless the calendar has the season.
fn season_line(panel: &Panel) -> Option<String> {
    (panel.seasons().source() != SeasonSource::Calendar).then(|| format!("season: {}", season_in_words(panel)))
}

/// `24 and 168 steps, found in the values`
pub(crate) fn season_in_words(panel: &Panel) -> String {
    panel.seasons().to_string().replace("as requested", "from --season")
}

/// `covariates: temperature, holiday known in the future; wind past only (no value after the last of the target)`
fn covariates_line(panel: &Panel) -> Option<String> {
    let covariates = panel.covariates();
    let some_past_only = covariates.columns().iter().any(|column| !column.known_future);
    let why = if some_past_only { " (no value after the last of the target)" } else { "" };
    (!covariates.is_empty()).then(|| format!("covariates: {}{why}", covariates.in_words()))
}

/// Draws the output of `forecast inspect`. With `all`, every series and repair is listed.
pub(crate) fn draw(dataset: &Dataset, all: bool) -> String {
    let listed = if all { usize::MAX } else { MAX_LISTED };
    let mut lines = schema_lines(dataset);
    lines.extend([String::new(), series_table(dataset, listed)]);
    lines.extend(unlisted_line(dataset.panel.count(), listed, "series"));
    lines.extend(dataset.notices.iter().map(|notice| labelled(notice_line(notice))));
    lines.extend(repair_lines(dataset).take(listed));
    lines.extend(unlisted_line(dataset.repairs.len(), listed, "repairs"));
    lines.join("\n")
}

fn repair_lines(dataset: &Dataset) -> impl Iterator<Item = String> {
    let line = |repair: &Repair| format!("repaired: {}", repair.in_words(&dataset.panel.format(repair.time)));
    dataset.repairs.iter().map(line)
}

/// The summary, then one line for each role of columns and each property of the panel.
fn schema_lines(dataset: &Dataset) -> Vec<String> {
    let panel = &dataset.panel;
    let (columns, covariates) = (panel.columns(), panel.covariates());
    let roles = [
        ("time", Some(columns.time.clone().unwrap_or("none, rows are numbered".into()))),
        ("target", Some(columns.target.clone())),
        ("ids", (!columns.ids.is_empty()).then(|| columns.ids.join(", "))),
        ("frequency", Some(format!("{}, season {}", panel.frequency().name(), season_in_words(panel)))),
        ("time zone", (panel.zone() != ZoneInfo::default()).then(|| panel.zone().to_string())),
        ("covariates", (!covariates.is_empty()).then(|| covariates.in_words())),
        ("rows", Some(dataset.rows.to_string())),
    ];
    let lines = roles.into_iter().filter_map(|(role, value)| Some(format!("{role:<10} {}", value?)));
    std::iter::once(dataset.summary()).chain(lines).collect()
}

/// `and 12 more series (--verbose lists all)`, if not all are listed.
fn unlisted_line(count: usize, listed: usize, of: &str) -> Option<String> {
    (count > listed).then(|| format!("and {} more {of} (--verbose lists all)", count - listed))
}

fn series_table(dataset: &Dataset, listed: usize) -> String {
    let ids = &dataset.panel.columns().ids;
    let row = |series: TimeSeries<'_>| series.key.iter().cloned().chain(cells(dataset, &series)).collect();
    let rows: Vec<Vec<String>> = dataset.panel.iter().take(listed).map(row).collect();
    let headings: Vec<&str> = ids.iter().map(String::as_str).chain(HEADINGS).collect();
    let texts = ids.len() + 2;
    let table = |shown: usize| {
        let shown = ids.len() + shown;
        text_table::draw(texts, &headings[..shown], rows.iter().map(|row| &row[..shown]))
    };
    let wrapped = text_table::draw_wrapped(texts, &headings[..texts], rows.iter().map(|row| &row[..texts]));
    let tables = SHOWN_HEADINGS.into_iter().map(table).chain([wrapped]);
    text_table::widest_that_fits(tables, Terminal::width())
}

/// The cells under [`HEADINGS`].
fn cells(dataset: &Dataset, series: &TimeSeries<'_>) -> [String; 6] {
    let observed: Vec<f64> = series.observed_values().collect();
    [
        dataset.panel.format(series.start),
        dataset.panel.format(series.end()),
        series.len().to_string(),
        (series.len() - observed.len()).to_string(),
        observed.iter().copied().fold(f64::INFINITY, f64::min).to_string(),
        observed.iter().copied().fold(f64::NEG_INFINITY, f64::max).to_string(),
    ]
}
