//! The residuals on the page: over time, their sizes against the intervals, their autocorrelations, and what they say.

use crate::backtest::{Residual, Residuals};
use crate::panel::{Panel, TimeSeries};
use crate::plot::histogram::Histogram;
use crate::plot::residuals::{ExpectedRanges, ResidualsOverTime, compared, largest};
use crate::plot::ticks;
use crate::report::content::Report;
use crate::report::drawing::{Drawing, Layer, Point};
use crate::report::figure::{Column, Figure, LegendEntry};
use crate::time::Timestamp;
use crate::write::significant_digits;

/// The significant digits of autocorrelations.
const DIGITS: usize = 3;
/// The classes of intervals, the widest first.
const INTERVAL_CLASSES: [&str; 2] = ["outer", "inner"];
/// Half the width of a bar, as a share of a bin.
const HALF_BAR: f64 = 0.44;

/// Sentences and figures; `None` without residuals.
pub(super) fn section(report: &Report<'_>) -> Option<(Vec<String>, Vec<Figure>)> {
    let (residuals, panel) = (report.residuals?, report.panel);
    let which = largest(panel, residuals, report.horizon());
    let series = panel.iter().nth(which)?;
    let hindcasts = report.backtests.first().map(|best| best.hindcasts.as_slice()).unwrap_or_default();
    let expected = ExpectedRanges::of(residuals, which, report.forecasts.get(which), hindcasts);
    let sentences = expected.sentences(residuals, panel, which);
    let figures = [
        over_time(panel, &series, residuals, which),
        sizes(residuals, which, &expected),
        autocorrelations(residuals, panel, which),
    ];
    Some((sentences, figures.into_iter().flatten().collect()))
}

fn entry(class: &'static str, name: impl Into<String>) -> LegendEntry {
    LegendEntry { class, name: name.into() }
}

/// One-step residuals, and those of the last step of the hindcasts.
fn over_time(panel: &Panel, series: &TimeSeries<'_>, residuals: &Residuals, which: usize) -> Option<Figure> {
    let drawn = ResidualsOverTime::of(residuals, which);
    let (from, to) = drawn.range()?;
    let (early_name, late_name) = (drawn.early_name(), drawn.late_name());
    let points_below: &[Residual] = if drawn.one_step.is_empty() { &drawn.early } else { drawn.one_step };
    let name = early_name.clone().unwrap_or_else(|| "one step".to_owned());
    let point = |own: &Residual| -> Point { ((own.position() - from) as f64, own.value()) };
    let points = |own: &[Residual]| own.iter().map(point).collect::<Vec<Point>>();
    let zero = Layer::Line { class: "nominal", points: vec![(0.0, 0.0), ((to - from) as f64, 0.0)] };
    let mut layers = vec![zero];
    layers.extend(drawn.runs().map(|run| Layer::Line { class: "thread", points: points(run) }));
    layers.push(Layer::Discs { class: "residual", points: points(points_below) });
    layers.push(Layer::Discs { class: "anomaly", points: points(&drawn.late) });
    let times: Vec<Timestamp> = (from..=to).map(|at| series.time_at(at)).collect();
    let title =
        if panel.count() > 1 { format!("residuals of {}", series.name()) } else { "residuals over time".into() };
    let drawing = Drawing {
        positions: times.len(),
        layers,
        ticks: Box::new(|axis| ticks::ticks(&times, panel.frequency(), axis)),
        label: format!("{title}: actual minus forecast at past cutoffs"),
    };
    let at = |own: &[Residual]| -> Vec<Option<f64>> {
        let mut values = vec![None; times.len()];
        own.iter().for_each(|residual| values[residual.position() - from] = Some(residual.value()));
        values
    };
    let digits = significant_digits(panel);
    // hindcasts may overlap; the residuals are sorted by cutoff, so that the last one of a time stays
    let below_header =
        early_name.as_ref().map_or_else(|| name.clone(), |name| format!("{name} of the latest hindcast"));
    let mut columns = vec![Column::new(below_header, &at(points_below), digits)];
    let mut legend = Vec::new();
    legend.extend((!points_below.is_empty()).then(|| entry("residual", name)));
    if let Some(name) = late_name {
        columns.push(Column::new(name.as_str(), &at(&drawn.late), digits));
        legend.push(entry("anomaly", name));
    }
    let names = times.iter().map(|time| panel.format(*time)).collect();
    Some(Figure::new(title, &drawing, legend, (panel.columns().time_name(), names), columns))
}

/// How often each size occurs, over the intervals of the forecast.
fn sizes(residuals: &Residuals, which: usize, expected: &ExpectedRanges) -> Option<Figure> {
    let values = compared(residuals, which);
    if values.is_empty() {
        return None;
    }
    let histogram = Histogram::new(&values, expected.0.iter().flat_map(|(_, range)| *range));
    let counts = histogram.counts();
    let highest = counts.iter().copied().max()? as f64;
    // an empty bin on each side leaves room for whole bars
    let position = |value: f64| histogram.bin(value) + 0.5;
    let classes = &INTERVAL_CLASSES[INTERVAL_CLASSES.len() - expected.0.len().min(INTERVAL_CLASSES.len())..];
    let mut layers: Vec<Layer> = expected
        .0
        .iter()
        .zip(classes)
        .map(|((_, range), class)| {
            let [low, high] = range.map(position);
            Layer::Area { class, lower: vec![(low, 0.0), (high, 0.0)], upper: vec![(low, highest), (high, highest)] }
        })
        .collect();
    layers.extend(counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(bin, count)| {
        let (from, to, top) = (bin as f64 + 1.0 - HALF_BAR, bin as f64 + 1.0 + HALF_BAR, *count as f64);
        Layer::Area { class: "column", lower: vec![(from, 0.0), (to, 0.0)], upper: vec![(from, top), (to, top)] }
    }));
    let drawing = Drawing {
        positions: counts.len() + 2,
        layers,
        ticks: Box::new(|axis| histogram.ticks(axis.first, axis.last, axis.font, -0.5)),
        label: "how often each size of residuals occurs, and the intervals of the forecast".into(),
    };
    let mut legend = vec![entry("bar", "residuals")];
    let intervals = expected.0.iter().zip(classes).rev();
    legend.extend(intervals.map(|((percent, _), class)| entry(class, format!("{percent} % interval"))));
    let counts: Vec<Option<f64>> = [0].iter().chain(counts).chain(&[0]).map(|count| Some(*count as f64)).collect();
    let columns = vec![Column::new("residuals", &counts, DIGITS + 3)];
    Some(Figure::new("residuals by size".into(), &drawing, legend, ("from", histogram.edges()), columns))
}

/// The autocorrelations of one-step residuals, and the bounds of white noise.
fn autocorrelations(residuals: &Residuals, panel: &Panel, which: usize) -> Option<Figure> {
    let tests = residuals.tests(panel, which)?;
    let (values, bound) = (tests.autocorrelations, tests.bound);
    let last = values.len().checked_sub(1)? as f64;
    let mut layers = vec![Layer::Area {
        class: "outer",
        lower: vec![(0.0, -bound), (last, -bound)],
        upper: vec![(0.0, bound), (last, bound)],
    }];
    layers.extend(values.iter().enumerate().map(|(at, value)| {
        let class = if value.abs() > bound { "bar beyond" } else { "bar" };
        Layer::Line { class, points: vec![(at as f64, 0.0), (at as f64, *value)] }
    }));
    let drawing = Drawing {
        positions: values.len(),
        layers,
        ticks: Box::new(|axis| ticks::integers(1, values.len() as i64, axis)),
        label: "autocorrelations of one-step residuals by lag, and the bounds of uncorrelated ones".into(),
    };
    let legend = vec![entry("bar", "autocorrelation"), entry("outer", "95 % of uncorrelated residuals")];
    let numbers: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let lags = (1..=values.len()).map(|lag| lag.to_string()).collect();
    let columns = vec![Column::new("autocorrelation", &numbers, DIGITS)];
    Some(Figure::new("autocorrelation of one-step residuals".into(), &drawing, legend, ("lag", lags), columns))
}
