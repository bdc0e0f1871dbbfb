//! The difference of two runs on the terminal.

use std::collections::BTreeMap;

use forecast::Panel;
use forecast::run::{Change, Parts, RunDifference, StepDifference};

use crate::report::text_table::{self, UNDEFINED, counted, decimals_of_smallest, fixed};

/// The largest numbers of series and of periods that are listed.
const MAX_SERIES: usize = 10;
const MAX_PERIODS: usize = 30;
/// The largest numbers of ids that are listed in a line.
const MAX_IDS: usize = 5;

const HEADINGS: [&str; 6] = ["before", "after", "change", "revised history", "new data", "model or version"];

/// The sums of some steps.
#[derive(Default, Clone, Copy)]
struct Sums {
    before: f64,
    after: f64,
    parts: Option<Parts>,
    steps: usize,
}

impl Sums {
    fn of<'a>(steps: impl Iterator<Item = &'a StepDifference>) -> Self {
        let mut sums = Self { parts: Some(Parts::default()), ..Self::default() };
        for step in steps {
            sums.before += step.before;
            sums.after += step.after;
            sums.steps += 1;
            sums.parts = sums.parts.zip(step.parts).map(|(mut sum, own)| {
                sum.revised_history += own.revised_history;
                sum.new_data += own.new_data;
                sum.model += own.model;
                sum
            });
        }
        sums
    }

    fn numbers(&self) -> [Option<f64>; 6] {
        let parts = self.parts;
        [
            Some(self.before),
            Some(self.after),
            Some(self.after - self.before),
            parts.map(|parts| parts.revised_history),
            parts.map(|parts| parts.new_data),
            parts.map(|parts| parts.model),
        ]
    }
}

/// The options of settings whose names in run.json are others.
const OPTIONS: [(&str, &str); 6] = [
    ("levels", "--level, --quantiles"),
    ("drawn_series", "--report-series"),
    ("picture_format", "--format"),
    ("picture_width", "--width"),
    ("picture_height", "--height"),
    ("picture_theme", "--theme"),
];

/// The option that sets a setting of run.json, of the `options` of all commands. `None` if none does.
pub(crate) fn option_of(setting: &str, options: &[String]) -> Option<String> {
    let other = OPTIONS.iter().find(|(name, _)| *name == setting).map(|(_, option)| (*option).to_owned());
    let own = format!("--{}", setting.trim_start_matches("picture_").replace('_', "-"));
    other.or_else(|| options.contains(&own).then_some(own))
}

/// The tables and lines, in their order. Settings that no option sets are left out.
pub(crate) fn draw(panel: &Panel, difference: &RunDifference, options: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = difference.changes.iter().filter_map(|change| change_line(change, options)).collect();
    let values = difference.values;
    lines.push(format!(
        "data: {}, {} revised, {} added or removed",
        counted(values.new, "new value"),
        text_table::count(values.revised),
        text_table::count(values.added_or_removed)
    ));
    lines.extend(ids_line("series that appeared", &difference.appeared));
    lines.extend(ids_line("series that vanished", &difference.vanished));
    lines.push(by_period(panel, &difference.steps));
    if panel.count() > 1 {
        lines.push(by_series(panel, &difference.steps));
    }
    lines
}

/// `--model: auto, now theta`
fn change_line(change: &Change, options: &[String]) -> Option<String> {
    let name = if change.is_setting { option_of(&change.name, options)? } else { change.name.clone() };
    Some(match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{name}: {before}, now {after}"),
        (None, Some(after)) => format!("{name}: now {after}"),
        (Some(before), None) => format!("{name}: no more {before}"),
        (None, None) => name,
    })
}

fn ids_line(what: &str, keys: &[Vec<String>]) -> Option<String> {
    let listed: Vec<String> = keys.iter().take(MAX_IDS).map(|key| key.join(" / ")).collect();
    let more = keys.len().saturating_sub(MAX_IDS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!keys.is_empty()).then(|| format!("{what}: {}{more}", listed.join(", ")))
}

/// The sums over all series for each time.
fn by_period(panel: &Panel, steps: &[StepDifference]) -> String {
    let mut by_time: BTreeMap<_, Vec<&StepDifference>> = BTreeMap::new();
    steps.iter().for_each(|step| by_time.entry(step.time).or_default().push(step));
    let all = by_time.len();
    let mut rows: Vec<(String, Sums)> = by_time
        .into_iter()
        .take(MAX_PERIODS)
        .map(|(time, own)| (panel.format(time), Sums::of(own.into_iter())))
        .collect();
    let more =
        if all > rows.len() { format!("\n… and {} more", counted(all - rows.len(), "step")) } else { String::new() };
    rows.push(("all".to_owned(), Sums::of(steps.iter())));
    let of = if panel.count() > 1 { " (sums of all series)" } else { "" };
    let time = panel.columns().time.clone().unwrap_or_else(|| "time".to_owned());
    table(&format!("{time}{of}"), &rows) + &more
}

/// The sums over all steps of the series with the largest changes.
fn by_series(panel: &Panel, steps: &[StepDifference]) -> String {
    let keys: Vec<String> = panel.iter().map(|series| series.name()).collect();
    let by_series = steps.chunk_by(|a, b| a.series == b.series);
    let mut rows: Vec<(f64, (String, Sums))> = by_series
        .map(|own| {
            let size: f64 = own.iter().map(|step| step.whole().abs()).sum();
            (size, (keys[own[0].series].clone(), Sums::of(own.iter())))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = rows.len();
    let rows: Vec<(String, Sums)> = rows.into_iter().take(MAX_SERIES).map(|(_, row)| row).collect();
    let left_out = all - rows.len();
    let more =
        if left_out > 0 { format!("\n… and {} more series", text_table::count(left_out)) } else { String::new() };
    table("series, the largest changes first", &rows) + &more
}

fn table(first: &str, rows: &[(String, Sums)]) -> String {
    let is_split = rows.iter().any(|(_, sums)| sums.parts.is_some());
    let columns = if is_split { HEADINGS.len() } else { 3 };
    let sizes = rows.iter().flat_map(|(_, sums)| [sums.before.abs() / sums.steps.max(1) as f64]);
    let decimals = decimals_of_smallest(sizes);
    let text = |value: Option<f64>| value.map_or_else(|| UNDEFINED.to_owned(), |value| fixed(value, decimals));
    let rows = rows.iter().map(|(name, sums)| {
        std::iter::once(name.clone())
            .chain(sums.numbers()[..columns].iter().map(|value| text(*value)))
            .collect::<Vec<_>>()
    });
    let headings = std::iter::once(first).chain(HEADINGS[..columns].iter().copied());
    text_table::draw(1, headings, rows)
}
