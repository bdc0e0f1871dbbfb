//! The figure of a series: its past, its forecasts with intervals, and its anomalies.

use crate::forecast::{Forecast, ForecastColumns};
use crate::panel::Panel;
use crate::plot::chart::{Chart, DrawnQuantiles};
use crate::plot::ticks;
use crate::report::drawing::{Drawing, Layer, Point};
use crate::report::figure::{Column, Figure, LegendEntry};
use crate::time::Timestamp;
use crate::write::significant_digits;

/// The classes of intervals from the narrowest to the widest.
const INTERVAL_CLASSES: [&str; 3] = ["inner", "middle", "outer"];

/// Draws the chart of the series at position `number` of the panel. `past` is the name of past values in the legend.
pub(super) fn draw(panel: &Panel, number: usize, chart: &Chart<'_>, past: &str) -> Figure {
    let parts = Parts { panel, number, chart, quantiles: DrawnQuantiles::of(std::slice::from_ref(chart)) };
    let times: Vec<Timestamp> = chart.positions.clone().map(|at| chart.series.time_at(at)).collect();
    let name = chart.series.name();
    let target = &panel.columns().target;
    let title = if name.is_empty() { target.clone() } else { name };
    let drawing = Drawing {
        positions: times.len(),
        layers: parts.layers(),
        ticks: Box::new(|axis| ticks::ticks(&times, panel.frequency(), axis)),
        label: format!("{title}: {past} values, median forecast and intervals"),
    };
    let time = panel.columns().time_name();
    let positions = times.iter().map(|time| panel.format(*time)).collect();
    let legend = parts.legend(past);
    Figure::new(title, &drawing, legend, (time, positions), parts.columns(past))
}

struct Parts<'a> {
    panel: &'a Panel,
    /// The position of the series in the panel.
    number: usize,
    chart: &'a Chart<'a>,
    quantiles: DrawnQuantiles,
}

impl Parts<'_> {
    fn layers(&self) -> Vec<Layer> {
        let mut layers = Vec::new();
        let forecasts: Vec<(usize, &Forecast)> = self.chart.with_intervals().collect();
        for (percent, class) in self.intervals().into_iter().rev() {
            for (cutoff, forecast) in &forecasts {
                let Some((lower, upper)) = forecast.interval(percent) else { continue };
                let (lower, upper) = (self.after_origin(*cutoff, lower), self.after_origin(*cutoff, upper));
                layers.push(Layer::Area { class, lower, upper });
            }
        }
        layers.extend(forecasts.iter().map(|(cutoff, _)| Layer::Cutoff(self.place(cutoff - 1))));
        layers.extend(self.past_lines());
        for (cutoff, forecast) in &forecasts {
            for values in self.quantiles.single().iter().filter_map(|level| forecast.quantile(*level)) {
                layers.push(Layer::Line { class: "quantile", points: self.after_origin(*cutoff, values) });
            }
        }
        for (cutoff, forecast) in &self.chart.forecasts {
            layers.push(Layer::Line { class: "median", points: self.after_origin(*cutoff, forecast.median()) });
        }
        let marks: Vec<Point> = self.chart.drawn_anomalies().map(|at| self.past(at)).collect();
        layers.extend((!marks.is_empty()).then_some(Layer::Discs { class: "anomaly", points: marks }));
        layers
    }

    /// The intervals that are drawn, the narrowest first, and their classes.
    fn intervals(&self) -> Vec<(f64, &'static str)> {
        let percents = self.quantiles.percents();
        let classes: &[&str] = if percents.len() == 2 { &["inner", "outer"] } else { &INTERVAL_CLASSES };
        percents.into_iter().zip(classes.iter().copied()).collect()
    }

    /// The place of a position of the series in the drawing.
    fn place(&self, position: usize) -> f64 {
        position as f64 - self.chart.positions.start as f64
    }

    /// The point of a past value as the models see it: a clipped spike would leave no height to the others.
    fn past(&self, position: usize) -> Point {
        (self.place(position), self.chart.series.values[position])
    }

    /// The points of a forecast after the last value before it.
    fn after_origin(&self, cutoff: usize, values: &[f64]) -> Vec<Point> {
        let steps = self.chart.steps(cutoff, values.len());
        let of_step = |(k, value): (usize, &f64)| (self.place(cutoff + k), *value);
        let origin = (self.place(cutoff - 1), self.chart.series.values[cutoff - 1]);
        std::iter::once(origin).chain(values[..steps].iter().enumerate().map(of_step)).collect()
    }

    /// Lines through the past values, those through filled values with a class of their own.
    fn past_lines(&self) -> Vec<Layer> {
        let (all, observed) = (self.chart.history(), self.chart.series.observed);
        if all.len() == 1 {
            return vec![Layer::Discs { class: "value", points: vec![self.past(all.start)] }];
        }
        let pairs: Vec<usize> = (all.start..all.end - 1).collect();
        let is_observed = |at: usize| observed[at] && observed[at + 1];
        let runs = pairs.chunk_by(|a, b| is_observed(*a) == is_observed(*b));
        let line = |run: &[usize]| {
            let points = (run[0]..run[run.len() - 1] + 2).map(|at| self.past(at)).collect();
            Layer::Line { class: if is_observed(run[0]) { "past" } else { "filled" }, points }
        };
        runs.map(line).collect()
    }

    fn legend(&self, past: &str) -> Vec<LegendEntry> {
        let entry = |class: &'static str, name: String| LegendEntry { class, name };
        let mut legend = vec![entry("past", past.to_owned())];
        if self.chart.series.observed[self.chart.history()].contains(&false) {
            legend.push(entry("filled", "filled".into()));
        }
        legend.push(entry("median", "median forecast".into()));
        legend.extend(self.intervals().into_iter().map(|(percent, class)| entry(class, format!("{percent} %"))));
        let single = self.quantiles.single().iter();
        legend.extend(single.map(|level| entry("quantile", format!("quantile {level}"))));
        let has_anomalies = self.chart.drawn_anomalies().next().is_some();
        legend.extend(has_anomalies.then(|| entry("anomaly", "outside its 95 % interval".into())));
        legend
    }

    /// The values at each position: those of the past as in the file, the filled ones, and the columns of the forecasts.
    fn columns(&self, past: &str) -> Vec<Column> {
        let (all, series) = (self.chart.positions.clone(), &self.chart.series);
        let digits = significant_digits(self.panel);
        let past_if = |observed: bool| -> Vec<Option<f64>> {
            let value = |at| (series.observed.get(at) == Some(&observed)).then(|| self.panel.actual(self.number, at));
            all.clone().map(value).collect()
        };
        let mut columns =
            vec![Column::new(past, &past_if(true), digits), Column::new("filled", &past_if(false), digits)];
        let forecasts: Vec<(usize, &Forecast)> = self.chart.with_intervals().collect();
        let of_forecast = ForecastColumns::of_forecasts(forecasts.iter().map(|(_, forecast)| *forecast));
        let mut values = vec![vec![None; all.len()]; of_forecast.names().len()];
        for (cutoff, forecast) in forecasts {
            for k in 0..self.chart.steps(cutoff, forecast.times().len()) {
                let of_step = of_forecast.step_values(forecast, k);
                values.iter_mut().zip(of_step).for_each(|(column, value)| column[cutoff + k - all.start] = Some(value));
            }
        }
        let named = of_forecast.names().iter().zip(values);
        columns.extend(named.map(|(name, values)| Column::new(name, &values, digits)));
        columns
    }
}
