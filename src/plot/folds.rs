//! A backtest: the end of each history, and over it what was forecast from each origin.

use crate::plot::frame;
use std::path::Path;

use crate::error::Result;
use crate::model::hindcast::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;
use crate::plot::canvas::{Canvas, Point};
use crate::plot::chart::{BANDS, MOST, Page, Place, Scale, WIDTH, length};
use crate::plot::frame::{BLUE, FILLED, HISTORY, RULE, Swatch};
use crate::time::timestamp::Timestamp;

/// Points in one chart, unless a single fold has more.
const LONGEST: usize = 400;

/// Width of medians that overlap.
const THIN: f64 = 2.0;

/// Draws what happened at the end of each series and, over it, the median and the 80 % and 95 % bands that `model` said
/// at each origin, into a PNG; of many series, the first nine that were forecast, and of many folds, the
/// last. Where folds overlap, bands are drawn of those alone that do not.
///
/// `hindcasts` are of the panel's series, in its order.
///
/// # Errors
/// If the file cannot be written.
pub fn folds(path: &Path, panel: &Panel, model: &str, hindcasts: &[Hindcast]) -> Result<()> {
    let wholes: Vec<TimeSeries<'_>> = panel.iter().collect();
    let of_series = hindcasts.chunk_by(|a, b| a.series == b.series);
    let series = of_series.clone().count();
    let charts: Vec<Chart<'_>> =
        of_series.take(MOST).map(|said| Chart::new(wholes[said[0].series], said, panel.season())).collect();
    let mut page = Page::new(charts.len(), series);
    let top = header(&mut page.canvas, panel, model, &charts);
    page.draw(top, |canvas, place, i| charts[i].draw(canvas, place));
    page.canvas.save(path)
}

fn header(canvas: &mut Canvas, panel: &Panel, model: &str, charts: &[Chart<'_>]) -> f64 {
    let key = match charts {
        [only] if !only.series.key.is_empty() => format!(" · {}", only.series.name()),
        _ => String::new(),
    };
    let title = panel.columns().target.clone() + &key;
    let mut legend = vec![(Swatch::Line(HISTORY), "what happened")];
    if charts.iter().any(|chart| chart.series.observed[chart.first..].contains(&false)) {
        legend.push((Swatch::Dots(FILLED), "filled"));
    }
    legend.push((Swatch::Line(BLUE), "median forecast"));
    legend.extend(BANDS.into_iter().rev().map(|(_, colour, name)| (Swatch::Box(colour), name)));
    let steps = charts.iter().flat_map(|chart| chart.said).map(|said| said.forecast.times().len()).max().unwrap_or(0);
    let folds = charts.iter().map(|chart| chart.said.len()).max().unwrap_or(0);
    let plural = if folds == 1 { "" } else { "s" };
    let drawn = charts.iter().map(|chart| chart.banded().count()).max().unwrap_or(0);
    let known = match folds {
        1 => "from what was known then".to_owned(),
        _ if drawn < folds => format!("{drawn} with bands"),
        _ => "each from what was known then".to_owned(),
    };
    let subtitle = format!("{model}: {folds} forecast{plural} of {}, {known}", length(steps, panel.frequency()));
    frame::header(canvas, f64::from(WIDTH), &title, &subtitle, &legend)
}

/// One series and what was said of its end, from the first point that is shown.
struct Chart<'a> {
    series: TimeSeries<'a>,
    said: &'a [Hindcast],
    first: usize,
}

impl<'a> Chart<'a> {
    fn new(series: TimeSeries<'a>, said: &'a [Hindcast], season: usize) -> Self {
        let length = series.len();
        let earliest = length.saturating_sub(LONGEST);
        let shown = said.iter().position(|hindcast| hindcast.cutoff > earliest).unwrap_or(said.len() - 1);
        let said = &said[shown..];
        let horizon = said[0].forecast.times().len();
        // a little of what came before, to see what was known
        let before = (2 * horizon).max(season.min(LONGEST / 4)).max(8);
        let first = said[0].cutoff.saturating_sub(before).max(earliest.min(said[0].cutoff - 1));
        Self { series, said, first }
    }

    /// What is drawn of a hindcast: all its steps but those beyond the end of what happened.
    fn steps(&self, hindcast: &Hindcast) -> usize {
        hindcast.forecast.times().len().min(self.series.len() - hindcast.cutoff)
    }

    /// Those whose bands are drawn: the last, and before it as many as do not overlap.
    fn banded(&self) -> impl Iterator<Item = &'a Hindcast> {
        let mut free = usize::MAX;
        self.said.iter().rev().filter(move |hindcast| {
            let apart = hindcast.cutoff + hindcast.forecast.times().len() <= free;
            if apart {
                free = hindcast.cutoff;
            }
            apart
        })
    }

    /// Everything that is drawn, for the axis to span.
    fn values(&self) -> impl Iterator<Item = f64> {
        let of = |hindcast: &'a Hindcast| {
            let steps = self.steps(hindcast);
            let bands = BANDS.into_iter().filter_map(|(percent, ..)| hindcast.forecast.interval(percent));
            let ends = bands.flat_map(|(lower, upper)| [lower, upper]).chain([hindcast.forecast.median()]);
            ends.flat_map(move |values| values[..steps].iter().copied()).collect::<Vec<f64>>()
        };
        self.series.values[self.first..].iter().copied().chain(self.said.iter().flat_map(of))
    }

    fn draw(&self, canvas: &mut Canvas, place: Place) {
        let name = self.series.name();
        let times: Vec<Timestamp> = (self.first..self.series.len()).map(|t| self.series.time_at(t)).collect();
        let scale = Scale::new(canvas, place, &name, self.values(), (&times, self.series.frequency));
        for (percent, colour, _) in BANDS {
            for hindcast in self.banded() {
                let Some((lower, upper)) = hindcast.forecast.interval(percent) else { continue };
                let (steps, first) = (self.steps(hindcast), hindcast.cutoff - self.first);
                scale.band(canvas, self.origin(&scale, hindcast), first, (&lower[..steps], &upper[..steps]), colour);
            }
        }
        scale.frame(canvas);
        for hindcast in self.banded() {
            canvas.down(scale.x(hindcast.cutoff - 1 - self.first), scale.area.top, scale.area.bottom, RULE);
        }
        scale.history(canvas, &self.series.values[self.first..], &self.series.observed[self.first..]);
        for hindcast in self.said {
            let median = hindcast.forecast.median()[..self.steps(hindcast)].iter().enumerate();
            let points = median.map(|(k, v)| scale.at(hindcast.cutoff + k - self.first, *v));
            let origin = self.origin(&scale, hindcast);
            if self.banded().count() == self.said.len() {
                scale.median(canvas, origin, points);
            } else {
                canvas.path(&std::iter::once(origin).chain(points).collect::<Vec<Point>>(), THIN, BLUE);
            }
        }
    }

    /// The last value that was known, from which a forecast starts.
    fn origin(&self, scale: &Scale, hindcast: &Hindcast) -> Point {
        scale.at(hindcast.cutoff - 1 - self.first, self.series.values[hindcast.cutoff - 1])
    }
}
