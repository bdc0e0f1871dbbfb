//! Charts of a backtest: the end of each history, and the forecast of each fold.

use std::path::Path;

use crate::error::Result;
use crate::model::fit_report::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;
use crate::plot::canvas::{Canvas, Point};
use crate::plot::chart::{ChartArea, INTERVALS, MAX_CHARTS, Page, Scale, steps_in_words};
use crate::plot::frame::{self, BLUE, FILLED, HISTORY, RULE, Swatch};
use crate::time::timestamp::Timestamp;

/// The largest number of points in a chart, unless a single fold has more.
const MAX_POINTS: usize = 400;

/// The line width of medians that overlap.
const THIN_LINE: f64 = 2.0;

/// Draws the forecasts of a backtest into a PNG. It shows the actual values at the end of each series, and the median
/// and the intervals of `model` for each fold. At most nine series are drawn, with their last folds. Only folds that
/// do not overlap have intervals. `hindcasts` are in the order of the series of the panel.
///
/// ```
/// use forecast::backtest::{Folds, run};
/// use forecast::model::stat::Baseline;
/// use forecast::model::{SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let values: Vec<f64> = (0..60).map(|t| f64::from(t + 10 * (t % 7))).collect();
/// let (panel, task) = (Panel::from_values(&values, 7), Task::new(7));
/// let folds = Folds::default_for(&panel, 7, 7, true).expect("the series is long enough");
/// let hindcasts = run(&Baseline::Drift, &panel, &task, &folds, true, &mut SilentObserver)?;
/// let path = std::env::temp_dir().join(format!("folds-{}.png", std::process::id()));
/// forecast::plot::folds(&path, &panel, "drift", &hindcasts)?;
/// # assert!(std::fs::metadata(&path).is_ok_and(|file| file.len() > 1000));
/// # let _ = std::fs::remove_file(path);
/// # Ok::<(), forecast::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be written.
pub fn folds(path: &Path, panel: &Panel, model: &str, hindcasts: &[Hindcast]) -> Result<()> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let of_series = hindcasts.chunk_by(|a, b| a.series == b.series);
    let series = of_series.clone().count();
    let charts: Vec<Chart<'_>> =
        of_series.take(MAX_CHARTS).map(|folds| Chart::new(all[folds[0].series], folds, panel.season())).collect();
    let mut page = Page::new(charts.len(), series);
    let top = header(&mut page.canvas, panel, model, &charts);
    page.draw(top, |canvas, area, i| charts[i].draw(canvas, area));
    page.canvas.save(path)
}

fn header(canvas: &mut Canvas, panel: &Panel, model: &str, charts: &[Chart<'_>]) -> f64 {
    let key = match charts {
        [only] if !only.series.key.is_empty() => format!(" · {}", only.series.name()),
        _ => String::new(),
    };
    let title = panel.columns().target.clone() + &key;
    let mut legend = vec![(Swatch::Line(HISTORY), "actual")];
    if charts.iter().any(|chart| chart.series.observed[chart.first..].contains(&false)) {
        legend.push((Swatch::Dots(FILLED), "filled"));
    }
    legend.push((Swatch::Line(BLUE), "median forecast"));
    legend.extend(INTERVALS.into_iter().rev().map(|(_, colour, name)| (Swatch::Box(colour), name)));
    let steps = charts.iter().flat_map(|chart| chart.folds).map(|fold| fold.forecast.times().len()).max().unwrap_or(0);
    let folds = charts.iter().map(|chart| chart.folds.len()).max().unwrap_or(0);
    let plural = if folds == 1 { "" } else { "s" };
    let drawn = charts.iter().map(|chart| chart.with_intervals().count()).max().unwrap_or(0);
    let note = match folds {
        1 => "from earlier values only".to_owned(),
        _ if drawn < folds => format!("{drawn} with intervals"),
        _ => "each from earlier values only".to_owned(),
    };
    let subtitle = format!("{model}: {folds} forecast{plural} of {}, {note}", steps_in_words(steps, panel.frequency()));
    frame::header(canvas, &title, &subtitle, &legend)
}

/// A series and the forecasts of its folds.
struct Chart<'a> {
    series: TimeSeries<'a>,
    folds: &'a [Hindcast],
    /// The position of the first point in the chart.
    first: usize,
}

impl<'a> Chart<'a> {
    fn new(series: TimeSeries<'a>, folds: &'a [Hindcast], season: usize) -> Self {
        let length = series.len();
        let earliest = length.saturating_sub(MAX_POINTS);
        let first_fold = folds.iter().position(|fold| fold.cutoff > earliest).unwrap_or(folds.len() - 1);
        let folds = &folds[first_fold..];
        let horizon = folds[0].forecast.times().len();
        // some history before the first cutoff
        let before = (2 * horizon).max(season.min(MAX_POINTS / 4)).max(8);
        let first = folds[0].cutoff.saturating_sub(before).max(earliest.min(folds[0].cutoff - 1));
        Self { series, folds, first }
    }

    /// The steps of a fold with an actual value.
    fn steps(&self, fold: &Hindcast) -> usize {
        fold.forecast.times().len().min(self.series.len() - fold.cutoff)
    }

    /// The folds with intervals: the last one, and all before it that do not overlap.
    fn with_intervals(&self) -> impl Iterator<Item = &'a Hindcast> {
        let mut next_cutoff = usize::MAX;
        self.folds.iter().rev().filter(move |fold| {
            let is_separate = fold.cutoff + fold.forecast.times().len() <= next_cutoff;
            if is_separate {
                next_cutoff = fold.cutoff;
            }
            is_separate
        })
    }

    /// All values that are drawn.
    fn values(&self) -> impl Iterator<Item = f64> {
        let of_fold = |fold: &'a Hindcast| {
            let steps = self.steps(fold);
            let intervals = INTERVALS.into_iter().filter_map(|(percent, ..)| fold.forecast.interval(percent));
            let limits = intervals.flat_map(|(lower, upper)| [lower, upper]).chain([fold.forecast.median()]);
            limits.flat_map(move |values| values[..steps].iter().copied()).collect::<Vec<f64>>()
        };
        self.series.values[self.first..].iter().copied().chain(self.folds.iter().flat_map(of_fold))
    }

    fn draw(&self, canvas: &mut Canvas, area: ChartArea) {
        let name = self.series.name();
        let times: Vec<Timestamp> = (self.first..self.series.len()).map(|t| self.series.time_at(t)).collect();
        let scale = Scale::new(canvas, area, &name, self.values(), (&times, self.series.frequency));
        for (percent, colour, _) in INTERVALS {
            for fold in self.with_intervals() {
                let Some((lower, upper)) = fold.forecast.interval(percent) else { continue };
                let (steps, first) = (self.steps(fold), fold.cutoff - self.first);
                scale.interval(canvas, self.origin(&scale, fold), first, (&lower[..steps], &upper[..steps]), colour);
            }
        }
        scale.axes(canvas);
        for fold in self.with_intervals() {
            canvas.vertical_line(scale.x(fold.cutoff - 1 - self.first), scale.area.top, scale.area.bottom, RULE);
        }
        scale.history(canvas, &self.series.values[self.first..], &self.series.observed[self.first..]);
        for fold in self.folds {
            let median = fold.forecast.median()[..self.steps(fold)].iter().enumerate();
            let points = median.map(|(k, v)| scale.point(fold.cutoff + k - self.first, *v));
            let origin = self.origin(&scale, fold);
            if self.with_intervals().count() == self.folds.len() {
                scale.median(canvas, origin, points);
            } else {
                canvas.path(&std::iter::once(origin).chain(points).collect::<Vec<Point>>(), THIN_LINE, BLUE);
            }
        }
    }

    /// The last value before the cutoff, where a forecast starts.
    fn origin(&self, scale: &Scale, fold: &Hindcast) -> Point {
        scale.point(fold.cutoff - 1 - self.first, self.series.values[fold.cutoff - 1])
    }
}
