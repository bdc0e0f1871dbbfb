//! Fan charts of forecasts: the end of each history, the median and the intervals.

use std::path::Path;

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;
use crate::plot::calendar;
use crate::plot::canvas::{Canvas, Point};
use crate::plot::chart::{ChartArea, INTERVALS, MAX_CHARTS, Page, Scale, steps_in_words};
use crate::plot::frame::{self, BLUE, FILLED, HISTORY, RULE, Swatch};
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The largest number of points of history in a chart.
const MAX_HISTORY: usize = 400;

/// Draws forecasts into a PNG: the end of each history, the median and the 80 % and 95 % intervals. At most nine series
/// are drawn. `forecasts` has one forecast for each series of the panel, in its order.
///
/// ```
/// use forecast::model::stat::Baseline;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let panel = Panel::from_values(&[1.0, 5.0, 2.0, 5.5, 3.0, 6.0], 2);
/// let fitted = Baseline::SeasonalNaive.fit(&panel, &Task::new(3), &mut SilentObserver)?;
/// let path = std::env::temp_dir().join(format!("forecast-{}.png", std::process::id()));
/// forecast::plot::forecast(&path, &panel, &fitted.predict(&panel)?)?;
/// # assert!(std::fs::metadata(&path).is_ok_and(|file| file.len() > 1000));
/// # let _ = std::fs::remove_file(path);
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be written.
pub fn forecast(path: &Path, panel: &Panel, forecasts: &[Forecast]) -> Result<()> {
    let charts: Vec<Chart<'_>> =
        panel.iter().zip(forecasts).take(MAX_CHARTS).map(|(s, f)| Chart::new(s, f, panel.season())).collect();
    let mut page = Page::new(charts.len(), panel.count());
    let top = header(&mut page.canvas, panel, forecasts, &charts);
    page.draw(top, |canvas, area, i| charts[i].draw(canvas, area));
    page.canvas.save(path)
}

fn header(canvas: &mut Canvas, panel: &Panel, forecasts: &[Forecast], charts: &[Chart<'_>]) -> f64 {
    let key = match charts {
        [only] if !only.series.key.is_empty() => format!(" · {}", only.series.name()),
        _ => String::new(),
    };
    let title = panel.columns().target.clone() + &key;
    let mut legend = vec![(Swatch::Line(HISTORY), "history")];
    if charts.iter().any(|c| c.observed().contains(&false)) {
        legend.push((Swatch::Dots(FILLED), "filled"));
    }
    legend.push((Swatch::Line(BLUE), "median forecast"));
    for (percent, colour, name) in INTERVALS.into_iter().rev() {
        if charts.iter().any(|c| c.forecast.interval(percent).is_some()) {
            legend.push((Swatch::Box(colour), name));
        }
    }
    frame::header(canvas, &title, &subtitle(panel.frequency(), forecasts), &legend)
}

/// `forecast of 7 days, 1 Jan 2015 – 7 Jan 2015`; without the times if series end at different times.
fn subtitle(frequency: Frequency, forecasts: &[Forecast]) -> String {
    let Some(times) = forecasts.first().map(Forecast::times) else { return String::new() };
    let length = steps_in_words(times.len(), frequency);
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return String::new() };
    let has_same_times = |f: &Forecast| f.times().first() == Some(first) && f.times().last() == Some(last);
    let when = |t: &Timestamp| calendar::time_label(*t, frequency);
    match forecasts.iter().all(has_same_times) {
        false => format!("forecast of {length}"),
        true if first == last => format!("forecast of {length}, {}", when(first)),
        true => format!("forecast of {length}, {} – {}", when(first), when(last)),
    }
}

/// A series and its forecast.
struct Chart<'a> {
    series: TimeSeries<'a>,
    forecast: &'a Forecast,
    /// Points of history in the chart.
    history_length: usize,
}

impl<'a> Chart<'a> {
    fn new(series: TimeSeries<'a>, forecast: &'a Forecast, season: usize) -> Self {
        let horizon = forecast.times().len();
        // four horizons leave a fifth of the width to the forecast, three seasons show the seasonal pattern
        let wanted = (4 * horizon).max(3 * season.min(MAX_HISTORY)).max(16).min(MAX_HISTORY.max(2 * horizon));
        Self { series, forecast, history_length: wanted.min(series.len()) }
    }

    fn history(&self) -> &'a [f64] {
        &self.series.values[self.series.len() - self.history_length..]
    }

    fn observed(&self) -> &'a [bool] {
        &self.series.observed[self.series.len() - self.history_length..]
    }

    /// All values that are drawn.
    fn values(&self) -> impl Iterator<Item = f64> {
        let intervals = INTERVALS.into_iter().filter_map(|(percent, ..)| self.forecast.interval(percent));
        let intervals = intervals.flat_map(|(lower, upper)| lower.iter().chain(upper));
        self.history().iter().chain(self.forecast.median()).chain(intervals).copied()
    }

    fn times(&self) -> Vec<Timestamp> {
        let hidden = self.series.len() - self.history_length;
        let history = (hidden..self.series.len()).map(|i| self.series.time_at(i));
        history.chain(self.forecast.times().iter().copied()).collect()
    }

    fn draw(&self, canvas: &mut Canvas, area: ChartArea) {
        let name = self.series.name();
        let times = self.times();
        let scale = Scale::new(canvas, area, &name, self.values(), (&times, self.series.frequency));
        self.draw_intervals(canvas, &scale);
        scale.axes(canvas);
        canvas.vertical_line(scale.x(self.history_length - 1), scale.area.top, scale.area.bottom, RULE);
        scale.history(canvas, self.history(), self.observed());
        let steps = self.forecast.median().iter().enumerate().map(|(k, v)| scale.point(self.history_length + k, *v));
        scale.median(canvas, self.origin(&scale), steps);
    }

    /// The last point of the history, where the forecast starts.
    fn origin(&self, scale: &Scale) -> Point {
        scale.point(self.history_length - 1, self.series.values[self.series.len() - 1])
    }

    fn draw_intervals(&self, canvas: &mut Canvas, scale: &Scale) {
        for (percent, colour, _) in INTERVALS {
            let Some(interval) = self.forecast.interval(percent) else { continue };
            scale.interval(canvas, self.origin(scale), self.history_length, interval, colour);
        }
    }
}
