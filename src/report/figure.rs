//! A figure of the page: a drawing, its legend, and its values for the script.

use serde::Serialize;

use crate::plot::axis::number;
use crate::report::drawing::Drawing;
use crate::write::round_to_digits;

/// A figure as text of the page.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    /// What it shows, above it.
    pub(super) title: String,
    /// The elements `svg`.
    pub(super) svg: String,
    pub(super) legend: Vec<LegendEntry>,
    /// The values at each position.
    #[serde(skip)]
    pub(super) values: FigureValues,
}

/// An entry of a legend: the class of its colour, and its name.
#[derive(Debug, Serialize)]
pub(super) struct LegendEntry {
    pub(super) class: &'static str,
    pub(super) name: String,
}

/// The values of a figure, which the script shows under the pointer and in a table: the names of the positions, then each
/// column. Every list starts with its heading.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct FigureValues(Vec<Vec<String>>);

/// A heading, and the text of one value for each position. It is empty for a value that does not exist.
#[derive(Debug)]
pub(super) struct Column(Vec<String>);

impl Column {
    /// Rounds values to a number of significant digits.
    pub(super) fn new(name: impl Into<String>, values: &[Option<f64>], digits: usize) -> Self {
        let text = |value: &Option<f64>| value.map_or_else(String::new, |value| rounded(value, digits));
        Self(std::iter::once(name.into()).chain(values.iter().map(text)).collect())
    }

    fn is_empty(&self) -> bool {
        self.0[1..].iter().all(String::is_empty)
    }
}

/// A number with so many significant digits, and separated thousands.
fn rounded(value: f64, digits: usize) -> String {
    let text = round_to_digits(value, digits);
    if text.contains('e') {
        return text;
    }
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    number(value, decimals)
}

impl Figure {
    /// A figure whose positions have the heading `name`. Columns without a value are left out.
    pub(super) fn new(
        title: String,
        drawing: &Drawing<'_>,
        legend: Vec<LegendEntry>,
        (name, rows): (&str, Vec<String>),
        columns: Vec<Column>,
    ) -> Self {
        let rows = std::iter::once(name.to_owned()).chain(rows).collect();
        let columns = columns.into_iter().filter(|column| !column.is_empty()).map(|column| column.0);
        let values = std::iter::once(rows).chain(columns).collect();
        Self { title, svg: drawing.svg(), legend, values: FigureValues(values) }
    }
}

/// The values of all figures as JSON that can stand in a page: it has no `<`, which could end the script.
pub(super) fn values_as_json(figures: &[&FigureValues]) -> String {
    serde_json::to_string(figures).expect("texts and finite numbers").replace('<', "\\u003c")
}
