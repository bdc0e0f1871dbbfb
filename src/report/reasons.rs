//! The section on reasons: a sentence for each drawn series, and the components of the first one.

use crate::components::{Component, Components};
use crate::panel::{Panel, TimeSeries};
use crate::plot::components::drawn_past;
use crate::plot::ticks;
use crate::report::content::Report;
use crate::report::drawing::{Drawing, Layer, Point};
use crate::report::figure::{Column, Figure, LegendEntry};
use crate::report::table::{Table, TableColumn};
use crate::time::Timestamp;
use crate::write::significant_digits;

/// The section.
pub(super) struct ReasonSection {
    /// The sentences, each with the name of its series.
    pub(super) sentences: Vec<(String, String)>,
    pub(super) figures: Vec<Figure>,
    pub(super) table: Table,
    /// The name of the series with these components.
    pub(super) of: String,
}

/// The section on the components of a report; `None` without components. `drawn` are the positions of the drawn series.
pub(super) fn section(report: &Report<'_>, drawn: &[usize]) -> Option<ReasonSection> {
    let (panel, first) = (report.panel, *drawn.first()?);
    let own = report.components.get(first)?;
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let sentence = |at: &usize| (all[*at].name(), report.reasons[*at].clone());
    let is_any = |part: &&Component| part.values.iter().any(|value| *value != 0.0);
    let figure = |part: &Component| figure(panel, &all[first], own, part);
    let name = all[first].name();
    Some(ReasonSection {
        sentences: drawn.iter().map(sentence).collect(),
        figures: own.parts.iter().filter(is_any).map(figure).collect(),
        table: table(panel, &all[first], own),
        of: if name.is_empty() { panel.columns().target.clone() } else { name },
    })
}

/// The figure of one component.
fn figure(panel: &Panel, series: &TimeSeries<'_>, own: &Components, part: &Component) -> Figure {
    let (first, cutoff) = (own.past() - drawn_past(own, panel.season()), own.past());
    let times: Vec<Timestamp> = (first..own.totals.len()).map(|at| series.time_at(own.first + at)).collect();
    let name = part.kind.in_words(panel.frequency());
    let point = |at: usize| -> Point { ((at - first) as f64, part.values[at]) };
    let joined = cutoff.saturating_sub(1).max(first);
    let drawing = Drawing {
        positions: times.len(),
        layers: vec![
            Layer::Cutoff((joined - first) as f64),
            Layer::Line { class: "past", points: (first..cutoff).map(point).collect() },
            Layer::Line { class: "median", points: (joined..own.totals.len()).map(point).collect() },
        ],
        ticks: Box::new(|axis| ticks::ticks(&times, panel.frequency(), axis)),
        label: format!("{name}: its part of the history and of the forecast"),
    };
    let legend = vec![
        LegendEntry { class: "past", name: "history".into() },
        LegendEntry { class: "median", name: "forecast".into() },
    ];
    let values: Vec<Option<f64>> = part.values[first..].iter().map(|value| Some(*value)).collect();
    let columns = vec![Column::new(name.clone(), &values, significant_digits(panel))];
    let rows = times.iter().map(|time| panel.format(*time)).collect();
    Figure::new(name, &drawing, legend, (panel.columns().time_name(), rows), columns)
}

/// The components of each step of the forecast.
fn table(panel: &Panel, series: &TimeSeries<'_>, own: &Components) -> Table {
    let steps = own.past()..own.totals.len();
    let times = steps.clone().map(|at| panel.format(series.time_at(own.first + at))).collect();
    let of = |values: &[f64]| values[steps.clone()].iter().map(|value| Some(*value)).collect();
    let mut columns = vec![
        TableColumn::Text(panel.columns().time_name().to_owned(), times),
        TableColumn::Numbers("forecast".into(), of(&own.totals)),
    ];
    let numbers = |part: &Component| TableColumn::Numbers(part.kind.in_words(panel.frequency()), of(&part.values));
    columns.extend(own.parts.iter().map(numbers));
    Table::new("components of the forecast, which add up to it", columns)
}
