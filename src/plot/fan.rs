//! Forecasts: the end of each history, the median and its bands.

use crate::plot::calendar;
use crate::plot::frame;
use std::path::Path;

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;
use crate::plot::canvas::{Canvas, Point};
use crate::plot::chart::{BANDS, MOST, Page, Place, Scale, WIDTH, length};
use crate::plot::frame::{BLUE, FILLED, HISTORY, RULE, Swatch};
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// Points of history in one chart.
const LONGEST: usize = 400;
/// Draws the end of each series' history, the median and the 80 % and 95 % bands into a PNG; of many series, the
/// first nine.
///
/// `forecasts` are those of the panel's series, in its order.
///
/// # Errors
/// If the file cannot be written.
pub fn forecast(path: &Path, panel: &Panel, forecasts: &[Forecast]) -> Result<()> {
    let charts: Vec<Chart<'_>> =
        panel.iter().zip(forecasts).take(MOST).map(|(s, f)| Chart::new(s, f, panel.season())).collect();
    let mut page = Page::new(charts.len(), panel.count());
    let top = header(&mut page.canvas, panel, forecasts, &charts);
    page.draw(top, |canvas, place, i| charts[i].draw(canvas, place));
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
    for (percent, colour, name) in BANDS.into_iter().rev() {
        if charts.iter().any(|c| c.forecast.interval(percent).is_some()) {
            legend.push((Swatch::Box(colour), name));
        }
    }
    frame::header(canvas, f64::from(WIDTH), &title, &subtitle(panel.frequency(), forecasts), &legend)
}

/// `forecast of 7 days, 1 Jan 2015 – 7 Jan 2015`; without the times where series end at different ones.
fn subtitle(frequency: Frequency, forecasts: &[Forecast]) -> String {
    let Some(times) = forecasts.first().map(Forecast::times) else { return String::new() };
    let length = length(times.len(), frequency);
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return String::new() };
    let ends = |f: &Forecast| f.times().first() == Some(first) && f.times().last() == Some(last);
    let when = |t: &Timestamp| calendar::moment(*t, frequency);
    match forecasts.iter().all(ends) {
        false => format!("forecast of {length}"),
        true if first == last => format!("forecast of {length}, {}", when(first)),
        true => format!("forecast of {length}, {} – {}", when(first), when(last)),
    }
}

/// One series and its forecast, from the first point that is shown.
struct Chart<'a> {
    series: TimeSeries<'a>,
    forecast: &'a Forecast,
    /// Points of history that are shown.
    shown: usize,
}

impl<'a> Chart<'a> {
    fn new(series: TimeSeries<'a>, forecast: &'a Forecast, season: usize) -> Self {
        let horizon = forecast.times().len();
        // four horizons give the forecast a fifth of the width; three seasons show what it repeats
        let wanted = (4 * horizon).max(3 * season.min(LONGEST)).max(16).min(LONGEST.max(2 * horizon));
        Self { series, forecast, shown: wanted.min(series.len()) }
    }

    fn history(&self) -> &'a [f64] {
        &self.series.values[self.series.len() - self.shown..]
    }

    fn observed(&self) -> &'a [bool] {
        &self.series.observed[self.series.len() - self.shown..]
    }

    /// Everything that is drawn, for the axis to span.
    fn values(&self) -> impl Iterator<Item = f64> {
        let bands = BANDS.into_iter().filter_map(|(percent, ..)| self.forecast.interval(percent));
        let bands = bands.flat_map(|(lower, upper)| lower.iter().chain(upper));
        self.history().iter().chain(self.forecast.median()).chain(bands).copied()
    }

    fn times(&self) -> Vec<Timestamp> {
        let hidden = self.series.len() - self.shown;
        let history = (hidden..self.series.len()).map(|i| self.series.time_at(i));
        history.chain(self.forecast.times().iter().copied()).collect()
    }

    fn draw(&self, canvas: &mut Canvas, place: Place) {
        let name = self.series.name();
        let times = self.times();
        let scale = Scale::new(canvas, place, &name, self.values(), (&times, self.series.frequency));
        self.draw_bands(canvas, &scale);
        scale.frame(canvas);
        canvas.down(scale.x(self.shown - 1), scale.area.top, scale.area.bottom, RULE);
        scale.history(canvas, self.history(), self.observed());
        let steps = self.forecast.median().iter().enumerate().map(|(k, v)| scale.at(self.shown + k, *v));
        scale.median(canvas, self.origin(&scale), steps);
    }

    /// The last point of history, from which the forecast starts.
    fn origin(&self, scale: &Scale) -> Point {
        scale.at(self.shown - 1, self.series.values[self.series.len() - 1])
    }

    fn draw_bands(&self, canvas: &mut Canvas, scale: &Scale) {
        for (percent, colour, _) in BANDS {
            let Some(band) = self.forecast.interval(percent) else { continue };
            scale.band(canvas, self.origin(scale), self.shown, band, colour);
        }
    }
}
