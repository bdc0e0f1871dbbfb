//! A chart of a forecast in characters, for a terminal.
//!
//! Lines are dots of braille characters, eight in each. An interval is shaded with block characters, so that it differs
//! from the median without colour, too. No crate for charts in a terminal shades areas between lines: `textplots` and
//! `rasciigraph` draw lines alone, and `ratatui` needs its widgets and its buffer for them.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::forecast::{levels::ForecastColumns, quantile_forecast::Forecast};
use crate::panel::{Panel, TimeSeries};
use crate::plot::axis::Axis;
use crate::plot::chart::Chart;
use crate::plot::forecasts::{largest_first, of_future};

/// The number of rows of the chart, without its title and the labels of its times.
const ROWS: usize = 11;
/// The dots of a braille character, in each direction.
const DOTS: (usize, usize) = (2, 4);
/// The smallest number of columns of the chart.
const MIN_COLUMNS: usize = 10;
/// The number of labels of the vertical axis.
const WANTED_TICKS: usize = 4;
/// The smallest number of columns of the name of a series, if it is as long.
const MIN_NAME_WIDTH: usize = 8;
/// The smallest space between labels of times.
const GAP: usize = 2;

/// The characters that a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CharacterSet {
    /// Braille, blocks and lines.
    Unicode,
    /// The characters of ASCII alone.
    Ascii,
}

/// What a part of a line of the chart shows, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChartPart {
    /// A title, or a space.
    Text,
    /// A label or a line of an axis.
    Axis,
    /// Past values.
    Past,
    /// The median of the forecast.
    Median,
    /// The narrower interval.
    InnerInterval,
    /// The wider interval.
    OuterInterval,
}

/// Characters in a row that show the same part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// What they show.
    pub part: ChartPart,
    /// The characters.
    pub text: String,
}

/// Draws the recent past, the median and at most two intervals of a forecast as lines of at most `width` columns. Of
/// several series, the largest is drawn: by the mean absolute value of its last season, or of its last horizon if that is
/// longer. There are at most 14 lines.
///
/// `forecasts` has one forecast for each series of the panel, in its order. The result is empty without a forecast, and
/// if `width` is too small for a chart.
///
/// ```
/// use forecast::plot::{CharacterSet, text_chart};
/// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
///
/// let panel = Panel::from_values(&[1.0, 5.0, 2.0, 5.5, 3.0, 6.0], 2);
/// let forecasts = Baseline::SeasonalNaive.fit(&panel, &Task::new(3), &mut SilentObserver)?.predict(&panel)?;
/// let lines = text_chart(&panel, &forecasts, 40, CharacterSet::Ascii);
/// assert!(lines.iter().all(|line| line.iter().map(|span| span.text.len()).sum::<usize>() <= 40));
/// # Ok::<(), forecast::Error>(())
/// ```
pub fn text_chart(panel: &Panel, forecasts: &[Forecast], width: usize, characters: CharacterSet) -> Vec<Vec<Span>> {
    let Some(steps) = forecasts.first().map(|forecast| forecast.times().len()) else { return Vec::new() };
    let Some(at) = largest_first(panel, steps).first().copied() else { return Vec::new() };
    let (Some(series), Some(forecast)) = (panel.iter().nth(at), forecasts.get(at)) else { return Vec::new() };
    let chart = of_future(series, forecast, panel.season(), Vec::new());
    let intervals = ForecastColumns::of_forecasts([forecast]).reduced(2, 0).intervals().to_vec();
    Grid::new(&chart, forecast, &intervals, width, characters)
        .map(|grid| grid.lines(panel, series, &intervals))
        .unwrap_or_default()
}

/// The characters of the chart, and what lies behind each.
struct Grid<'a> {
    chart: &'a Chart<'a>,
    forecast: &'a Forecast,
    characters: CharacterSet,
    axis: Axis,
    /// The width of the labels of the vertical axis.
    label_width: usize,
    columns: usize,
    /// The parts and the dots of each character, row by row.
    cells: Vec<Vec<(ChartPart, u8)>>,
}

impl<'a> Grid<'a> {
    fn new(
        chart: &'a Chart<'a>,
        forecast: &'a Forecast,
        intervals: &[f64],
        width: usize,
        characters: CharacterSet,
    ) -> Option<Self> {
        let history = chart.history().map(|t| chart.series.values[t]);
        let bounds = intervals.iter().filter_map(|percent| forecast.interval(*percent));
        let bounds = bounds.flat_map(|(lower, upper)| lower.iter().chain(upper)).copied();
        let all: Vec<f64> = history.chain(forecast.median().iter().copied()).chain(bounds).collect();
        let mut axis = Axis::linear(all.into_iter(), WANTED_TICKS);
        if characters == CharacterSet::Ascii {
            axis.ticks.iter_mut().for_each(|(_, label)| *label = label.replace('−', "-"));
        }
        let label_width = axis.ticks.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0);
        // a space and the line of the axis
        let columns = width.checked_sub(label_width + 2).filter(|columns| *columns >= MIN_COLUMNS)?;
        let cells = vec![vec![(ChartPart::Text, 0); columns]; ROWS];
        let mut grid = Self { chart, forecast, characters, axis, label_width, columns, cells };
        for (percent, part) in intervals.iter().rev().zip(if intervals.len() == 1 {
            [ChartPart::InnerInterval, ChartPart::InnerInterval]
        } else {
            [ChartPart::OuterInterval, ChartPart::InnerInterval]
        }) {
            grid.shade(*percent, part);
        }
        let past: Vec<(usize, f64)> = chart.history().map(|t| (t, chart.series.values[t])).collect();
        grid.draw_line(&past, ChartPart::Past);
        let cutoff = chart.series.len();
        let median = forecast.median().iter().enumerate().map(|(k, value)| (cutoff + k, *value));
        grid.draw_line(&past.last().copied().into_iter().chain(median).collect::<Vec<_>>(), ChartPart::Median);
        Some(grid)
    }

    /// The place of a position of the series, from 0 to `places - 1`.
    fn place(&self, position: usize, places: usize) -> f64 {
        let (first, steps) = (self.chart.positions.start, self.chart.positions.len().max(2) - 1);
        (position - first) as f64 * (places - 1) as f64 / steps as f64
    }

    /// The height of a value in dots below the upper edge.
    fn depth(&self, value: f64) -> f64 {
        (1.0 - self.axis.position(value)) * (ROWS * DOTS.1 - 1) as f64
    }

    /// Shades the characters of which an interval covers more than half of the height.
    fn shade(&mut self, percent: f64, part: ChartPart) {
        let Some((lower, upper)) = self.forecast.interval(percent) else { return };
        let cutoff = self.chart.series.len();
        let start = (self.place(cutoff, self.columns) - 0.5).ceil().max(0.0) as usize;
        for column in start..self.columns {
            let at = self.chart.positions.start as f64
                + column as f64 * (self.chart.positions.len().max(2) - 1) as f64 / (self.columns - 1) as f64;
            let at = (at - cutoff as f64).max(0.0);
            let (top, bottom) = (self.depth(between(upper, at)), self.depth(between(lower, at)));
            for (row, cells) in self.cells.iter_mut().enumerate() {
                let (from, to) = ((row * DOTS.1) as f64 - 0.5, ((row + 1) * DOTS.1) as f64 - 0.5);
                if bottom.min(to) - top.max(from) >= DOTS.1 as f64 / 2.0 {
                    cells[column] = (part, 0);
                }
            }
        }
    }

    /// Sets the dots of a line through points. With ASCII, each character counts as one dot.
    fn draw_line(&mut self, points: &[(usize, f64)], part: ChartPart) {
        let (wide, tall) = if self.characters == CharacterSet::Ascii { (1, 1) } else { DOTS };
        let place = |point: &(usize, f64)| {
            let depth = self.depth(point.1) / DOTS.1 as f64 * tall as f64;
            (self.place(point.0, self.columns * wide), depth)
        };
        let places: Vec<(f64, f64)> = points.iter().map(place).collect();
        let mut dots = Vec::new();
        for pair in places.windows(2) {
            let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
            let count = (to_x - x).abs().max((to_y - y).abs()).ceil().max(1.0) as usize;
            let dot = |i: usize| {
                let share = i as f64 / count as f64;
                ((x + share * (to_x - x)).round() as usize, (y + share * (to_y - y)).round() as usize)
            };
            dots.extend((0..=count).map(dot));
        }
        dots.extend(
            places.first().filter(|_| places.len() == 1).map(|(x, y)| (x.round() as usize, y.round() as usize)),
        );
        for (x, y) in dots {
            let cell = &mut self.cells[(y / tall).min(ROWS - 1)][(x / wide).min(self.columns - 1)];
            let is_line = matches!(cell.0, ChartPart::Past | ChartPart::Median);
            *cell = (part, if is_line { cell.1 } else { 0 } | braille_dot(x % wide, y % tall));
        }
    }

    /// The title, the rows with the vertical axis, and the labels of the times.
    fn lines(&self, panel: &Panel, series: TimeSeries<'_>, intervals: &[f64]) -> Vec<Vec<Span>> {
        let mut lines = vec![self.title(panel, series, intervals)];
        let mut labels = vec![String::new(); ROWS];
        for (value, label) in &self.axis.ticks {
            labels[(self.depth(*value).round() as usize / DOTS.1).min(ROWS - 1)].clone_from(label);
        }
        let origin = self.place(self.chart.series.len() - 1, self.columns).round() as usize;
        let [vertical, tick, boundary] = self.of_set(['│', '┤', '┊'], ['|', '+', '|']);
        for (cells, label) in self.cells.iter().zip(labels) {
            let line = if label.is_empty() { vertical } else { tick };
            let mut spans = vec![span(ChartPart::Axis, format!("{label:>width$} {line}", width = self.label_width))];
            for (column, (part, dots)) in cells.iter().enumerate() {
                let (part, character) = match self.character(*part, *dots) {
                    ' ' if column == origin => (ChartPart::Axis, boundary),
                    character => (*part, character),
                };
                push(&mut spans, part, character);
            }
            lines.push(trimmed(spans));
        }
        lines.push(vec![span(ChartPart::Axis, self.times(panel, series))]);
        lines
    }

    /// `demand · north  ⠤⠤ median  ▒▒ 80 %  ░░ 95 %`. Entries of the legend that do not fit are left out, then the name is
    /// shortened.
    fn title(&self, panel: &Panel, series: TimeSeries<'_>, intervals: &[f64]) -> Vec<Span> {
        let width = self.label_width + 2 + self.columns;
        let target = &panel.columns().target;
        let separator = self.of_set([" · "], [": "])[0];
        let name = if series.key.is_empty() { target.clone() } else { format!("{target}{separator}{}", series.name()) };
        let parts = match intervals {
            [] => vec![],
            [only] => vec![(*only, ChartPart::InnerInterval)],
            [inner, outer, ..] => vec![(*inner, ChartPart::InnerInterval), (*outer, ChartPart::OuterInterval)],
        };
        let line = self.of_set(["⠤⠤"], ["oo"])[0];
        let mut legend = vec![(ChartPart::Median, format!("  {line}"), " median".to_owned())];
        legend.extend(parts.into_iter().map(|(percent, part)| {
            (part, format!("  {}", self.character(part, 0).to_string().repeat(2)), format!(" {percent} %"))
        }));
        let is_plain = |c: char| self.characters == CharacterSet::Unicode || c.is_ascii();
        let name: String = name.chars().map(|c| if is_plain(c) && !c.is_control() { c } else { '?' }).collect();
        let least = name.width().min(MIN_NAME_WIDTH);
        let length = |legend: &[(ChartPart, String, String)]| -> usize {
            legend.iter().map(|(_, sample, text)| sample.width() + text.width()).sum()
        };
        while length(&legend) + least > width && legend.pop().is_some() {}
        let name = shortened(&name, width - length(&legend), self.of_set('…', '~'));
        let mut spans = vec![span(ChartPart::Text, name)];
        for (part, sample, text) in legend {
            spans.extend([span(part, sample), span(ChartPart::Text, text)]);
        }
        spans
    }

    /// The last time of the forecast, that of the past, and the first time, as far as there is room.
    fn times(&self, panel: &Panel, series: TimeSeries<'_>) -> String {
        let width = self.label_width + 2 + self.columns;
        let text = |position: usize| panel.format(series.time_at(position));
        let (first, cutoff, last) = (self.chart.positions.start, series.len(), self.chart.positions.end - 1);
        let left = self.label_width + 2;
        let mut taken: Vec<(usize, String)> = Vec::new();
        let origin = left + self.place(cutoff - 1, self.columns).round() as usize;
        let ending_at = |end: usize, text: String| (end.checked_sub(text.chars().count()), text);
        let wanted = [ending_at(width, text(last)), ending_at(origin + 1, text(cutoff - 1)), (Some(left), text(first))];
        for (start, label) in wanted {
            let Some(start) = start else { continue };
            let end = start + label.chars().count();
            let is_free =
                |(other, text): &(usize, String)| end + GAP <= *other || other + text.chars().count() + GAP <= start;
            if end <= width && taken.iter().all(is_free) {
                taken.push((start, label));
            }
        }
        taken.sort();
        let mut line = String::new();
        for (start, label) in taken {
            line += &" ".repeat(start - line.chars().count());
            line += &label;
        }
        line
    }

    fn character(&self, part: ChartPart, dots: u8) -> char {
        match (part, self.characters) {
            (ChartPart::Past, CharacterSet::Ascii) => '*',
            (ChartPart::Median, CharacterSet::Ascii) => 'o',
            (ChartPart::Past | ChartPart::Median, _) => {
                char::from_u32(0x2800 + u32::from(dots)).expect("the block of braille has 256 characters")
            }
            (ChartPart::InnerInterval, set) => {
                if set == CharacterSet::Ascii {
                    ':'
                } else {
                    '▒'
                }
            }
            (ChartPart::OuterInterval, set) => {
                if set == CharacterSet::Ascii {
                    '.'
                } else {
                    '░'
                }
            }
            _ => ' ',
        }
    }

    fn of_set<T>(&self, unicode: T, ascii: T) -> T {
        if self.characters == CharacterSet::Ascii { ascii } else { unicode }
    }
}

/// A text of at most `width` columns of the terminal; `mark` stands for what was cut.
fn shortened(text: &str, width: usize, mark: char) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if short.width() + character.width().unwrap_or(0) >= width {
            break;
        }
        short.push(character);
    }
    short.push(mark);
    short
}

/// The value at a position between steps, on a straight line.
fn between(values: &[f64], at: f64) -> f64 {
    let (before, share) = ((at.floor() as usize).min(values.len() - 1), at.fract());
    let after = (before + 1).min(values.len() - 1);
    values[before] * (1.0 - share) + values[after] * share
}

/// The bit of a dot in a braille character.
fn braille_dot(x: usize, y: usize) -> u8 {
    const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    BITS[x][y]
}

fn span(part: ChartPart, text: String) -> Span {
    Span { part, text }
}

/// Adds a character to the last span, or to a new one if it shows another part.
fn push(spans: &mut Vec<Span>, part: ChartPart, character: char) {
    match spans.last_mut() {
        Some(last) if last.part == part => last.text.push(character),
        _ => spans.push(span(part, character.into())),
    }
}

/// The spans of a line without spaces at its end.
fn trimmed(mut spans: Vec<Span>) -> Vec<Span> {
    while let Some(last) = spans.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Model, SilentObserver, Task, stat::Baseline};
    use crate::panel::{Columns, Series};
    use crate::time::{Frequency, Timestamp};

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let values = vec![1.0, 5.0, 2.0, 5.5, 3.0, 6.0];
        let named = |target: &str| {
            let columns = Columns { time: None, target: target.into(), ids: Vec::new() };
            let (values, observed) = (values.clone(), vec![true; values.len()]);
            let series = Series { key: Vec::new(), start: Timestamp::Index(1), values, observed };
            Panel::new(columns, Frequency::INDEX, 2, vec![series]).unwrap()
        };
        let panel = named("y");
        let fit = Baseline::SeasonalNaive.fit(&panel, &Task::new(3), &mut SilentObserver).unwrap();
        let forecasts = fit.predict(&panel).unwrap();
        for name in ["y", "a very long name of a target without an end", "東京電力の一日の需要の合計"] {
            let panel = named(name);
            for width in 0..100 {
                for set in [CharacterSet::Ascii, CharacterSet::Unicode] {
                    for line in text_chart(&panel, &forecasts, width, set) {
                        let line: String = line.iter().map(|span| span.text.as_str()).collect();
                        assert!(line.width() <= width, "{width}: {line}");
                    }
                }
            }
        }
        let lines = |width| text_chart(&panel, &forecasts, width, CharacterSet::Unicode);
        assert!(lines(16).len() > 10 && lines(80)[0].len() > lines(16)[0].len());
    }
}
