//! `--sensitivity`: how far the forecast moves where a kind of repair is left out, or done in another way.

use forecast::read;
use std::io::{self, Write};

use comfy_table::{Cell, Table, presets};
use forecast::forecast::Forecast;
use forecast::model::Task;
use forecast::panel::Panel;
use forecast::read::{Dataset, ReadOptions, Source};
use serde::Serialize;

use crate::interrupt;
use crate::learn;
use crate::report::forecast_csv::{number, quoted};
use crate::report::forecast_table::{grouped, number_cell};
use crate::report::terminal::Terminal;
use crate::settings::Chosen;

/// How far each kind of repair moved the forecast.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Sensitivity {
    repairs: Vec<Moved>,
}

/// One kind of repair.
#[derive(Debug, Serialize)]
struct Moved {
    repair: &'static str,
    count: usize,
    instead: &'static str,
    /// Over all series and steps; `None` where it could not be read or forecast otherwise, for the reason given.
    change: Option<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
    /// The series that moved most.
    most: Option<(String, Change)>,
    #[serde(skip)]
    each: Vec<(Vec<String>, Change)>,
}

/// How far medians moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Change {
    /// The mean absolute change over the horizon, in the target's unit.
    mean_absolute: f64,
    /// The same as a share of the mean absolute median; `None` where all are 0.
    percent: Option<f64>,
}

/// Significant digits of a change.
const DIGITS: usize = 4;

/// Reads, fits and forecasts once more for each kind of repair that there was. Once interrupted, the rest is left out.
pub(crate) fn measure(
    (input, options): (&Source, &ReadOptions),
    dataset: &Dataset,
    chosen: &Chosen,
    (task, forecasts): (&Task, &[Forecast]),
    screen: &Terminal,
) -> Sensitivity {
    let task = &Task { checkpoints: None, ..task.clone() };
    let mut repairs = Vec::new();
    for other in dataset.alternatives(options) {
        if interrupt::requested() {
            break;
        }
        let label = format!("without: {}", other.repair);
        let said = read::read(input, &other.options).and_then(|read| {
            let fitted = learn::fit(chosen.model(), &read.panel, task, screen, &label)?;
            let said = fitted.forecaster.predict(&read.panel)?;
            Ok((read.panel, said))
        });
        let mut moved = Moved {
            repair: other.repair,
            count: other.count,
            instead: other.instead,
            change: None,
            why_not: None,
            most: None,
            each: Vec::new(),
        };
        match said {
            Ok((panel, said)) => moved.compare(forecasts, &panel, &said),
            Err(error) => moved.why_not = Some(error.to_string()),
        }
        repairs.push(moved);
    }
    Sensitivity { repairs }
}

impl Moved {
    fn compare(&mut self, forecasts: &[Forecast], panel: &Panel, said: &[Forecast]) {
        let mut all = Vec::new();
        for forecast in forecasts {
            let Some(at) = said.iter().position(|other| other.key() == forecast.key()) else { continue };
            let pairs = pairs(forecast, panel, at, &said[at]);
            if !pairs.is_empty() {
                self.each.push((forecast.key().to_vec(), Change::of(&pairs)));
                all.extend(pairs);
            }
        }
        if all.is_empty() {
            self.why_not = Some("what is forecast then are other periods".into());
            return;
        }
        self.change = Some(Change::of(&all));
        let most = self.each.iter().max_by(|a, b| a.1.mean_absolute.total_cmp(&b.1.mean_absolute));
        self.most = most.filter(|_| self.each.len() > 1).map(|(key, change)| (key.join(" / "), *change));
    }
}

/// The median of each step beside what it is otherwise, which for a step that then is known is its value.
fn pairs(forecast: &Forecast, panel: &Panel, at: usize, other: &Forecast) -> Vec<(f64, f64)> {
    let series = panel.iter().nth(at).expect("a series for each forecast");
    let known = series.values.iter().enumerate().rev().take(forecast.times().len());
    let known: Vec<_> = known.map(|(position, value)| (series.time_at(position), *value)).collect();
    let later = other.times().iter().copied().zip(other.median().iter().copied());
    let path: Vec<_> = known.into_iter().chain(later).collect();
    let steps = forecast.times().iter().zip(forecast.median());
    steps.filter_map(|(time, median)| Some((*median, path.iter().find(|(when, _)| when == time)?.1))).collect()
}

impl Change {
    fn of(pairs: &[(f64, f64)]) -> Self {
        let count = pairs.len() as f64;
        let change: f64 = pairs.iter().map(|(median, other)| (other - median).abs() / count).sum();
        let size: f64 = pairs.iter().map(|(median, _)| median.abs() / count).sum();
        let finite = |value: f64| value.min(f64::MAX);
        Self { mean_absolute: finite(change), percent: (size > 0.0).then(|| finite(100.0 * (change / size))) }
    }

    /// `1.234 (0.5%)`
    fn words(self) -> String {
        let percent = match self.percent {
            Some(percent) if percent > 0.0 && percent < 0.1 => " (below 0.1%)".into(),
            Some(percent) => format!(" ({percent:.1}%)"),
            None => String::new(),
        };
        format!("{}{percent}", number(self.mean_absolute, DIGITS))
    }
}

impl Sensitivity {
    /// A line for each kind of repair.
    pub(crate) fn draw(&self) -> String {
        if self.repairs.is_empty() {
            return "sensitivity: nothing was repaired that could be done otherwise".into();
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let several = self.repairs.iter().any(|moved| moved.most.is_some());
        let headings = ["repair", "count", "instead", "moves the forecast by"].into_iter();
        table.set_header(headings.chain(several.then_some("most")).map(Cell::new));
        for moved in &self.repairs {
            let change = match (&moved.change, &moved.why_not) {
                (Some(change), _) => change.words(),
                (None, why) => format!("unknown: {}", why.as_deref().unwrap_or_default()),
            };
            let most = moved.most.as_ref().map(|(series, change)| format!("{series}: {}", change.words()));
            let count = number_cell(grouped(&moved.count.to_string()));
            let cells = [Cell::new(moved.repair), count, Cell::new(moved.instead), Cell::new(change)];
            table.add_row(cells.into_iter().chain(several.then(|| Cell::new(most.unwrap_or_default()))));
        }
        let lines = table.lines().map(|line| line.trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Writes sensitivity.csv: a row for each kind of repair and series.
    pub(crate) fn write(&self, mut to: impl Write, ids: &[String]) -> io::Result<()> {
        let ids: String = ids.iter().map(|id| quoted(id) + ",").collect();
        writeln!(to, "{ids}repair,instead,mean_absolute_change,percent")?;
        for moved in &self.repairs {
            for (key, change) in &moved.each {
                let key: String = key.iter().map(|id| quoted(id) + ",").collect();
                let percent = change.percent.map(|percent| number(percent, DIGITS)).unwrap_or_default();
                let change = number(change.mean_absolute, DIGITS);
                writeln!(to, "{key}{},{},{change},{percent}", moved.repair, moved.instead)?;
            }
        }
        to.flush()
    }
}
