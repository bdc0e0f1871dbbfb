//! One plain sentence for each series, by stated rules: which components the largest change of its forecast consists of.
//!
//! The change is the largest from one step to the next, or from the last value if the forecast has one step. Its parts
//! are the changes of the components. Those of at least a tenth of all movement are named, at most three, and the rest
//! is given as one number. So the numbers add up to the change. `docs/components.md` states the rules.

use chrono::Datelike;

use crate::components::component::{Component, ComponentKind, Components};
use crate::model::EffectKind;
use crate::panel::{Panel, TimeSeries};
use crate::time::timestamp::{DAY, HOUR};
use crate::time::{Frequency, Timestamp};

/// A change below this share of the value before is none.
const MIN_CHANGE: f64 = 0.005;
/// The minimum share of a component in all movement, to be named, and to be called most of it.
const MIN_SHARE: f64 = 0.1;
const MIN_MAIN_SHARE: f64 = 0.6;
/// The maximum number of components that are named.
const MAX_NAMED: usize = 3;

/// The sentences on the forecasts of a panel, one for each series.
pub fn reasons(panel: &Panel, all: &[Components]) -> Vec<String> {
    panel.iter().zip(all).map(|(series, own)| sentence(panel, &series, own)).collect()
}

fn sentence(panel: &Panel, series: &TimeSeries<'_>, own: &Components) -> String {
    let first = own.past() + usize::from(own.totals.len() > own.past() + 1);
    let change_at = |at: usize| own.totals[at] - own.totals[at - 1];
    let steps = first.max(1)..own.totals.len();
    let largest = steps.max_by(|a, b| change_at(*a).abs().total_cmp(&change_at(*b).abs()).then(b.cmp(a)));
    let size = own.totals[own.past()..].iter().map(|value| value.abs()).sum::<f64>() / own.steps().max(1) as f64;
    let Some(at) = largest.filter(|at| change_at(*at).abs() > MIN_CHANGE * size) else {
        return "The forecast hardly changes from one step to the next.".to_owned();
    };
    let (before, change) = (own.totals[at - 1], change_at(at));
    let amount = |value: f64| in_words(value, before, size);
    let time = moment(panel, series.frequency, series.time_at(own.first + at));
    let what = if change > 0.0 { "rise" } else { "fall" };
    let mut parts: Vec<(&Component, f64)> =
        own.parts.iter().map(|part| (part, part.values[at] - part.values[at - 1])).collect();
    let movement: f64 = parts.iter().map(|(_, change)| change.abs()).sum();
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let is_named = |(_, change): &(&Component, f64)| change.abs() >= MIN_SHARE * movement;
    let named = parts.iter().filter(|part| is_named(part)).count().min(MAX_NAMED);
    let name =
        |(part, change): &(&Component, f64)| format!("{} ({})", part.kind.in_words(series.frequency), amount(*change));
    let mut names: Vec<String> = parts[..named].iter().map(name).collect();
    let rest: f64 = parts[named..].iter().map(|(_, change)| change).sum();
    let is_most = parts[0].1 * change > 0.0 && parts[0].1.abs() >= MIN_MAIN_SHARE * movement;
    let rest_in_words = amount(rest);
    if rest_in_words.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        names.push(format!("all else ({rest_in_words})"));
    }
    let listed = list(&names);
    let mostly = if is_most && names.len() > 1 { "is mostly" } else { "is" };
    format!(
        "The largest change of the forecast, the {what} of {} {time}, {mostly} {listed}.",
        unsigned(&amount(change))
    )
}

/// `a, b and c`
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn unsigned(amount: &str) -> String {
    amount.trim_start_matches(['+', '-']).to_owned()
}

/// A change in percent of the value before, or as an amount if that value is near 0.
fn in_words(change: f64, before: f64, size: f64) -> String {
    if before > 0.1 * size {
        let percent = change / before * 100.0;
        let decimals = usize::from(percent.abs() < 9.95);
        return format!("{percent:+.decimals$} %");
    }
    let digits = decimals(size);
    format!("{change:+.digits$}")
}

/// The number of decimals with three significant digits of a number of this size.
fn decimals(size: f64) -> usize {
    if size > 0.0 { (2.0 - size.log10().floor()).clamp(0.0, 9.0) as usize } else { 0 }
}

/// `on Tuesday, 2025-01-07` for days, and `at 2025 Q1` for other steps.
fn moment(panel: &Panel, frequency: Frequency, time: Timestamp) -> String {
    let text = panel.format(time);
    match (frequency, time) {
        (Frequency::Days { every: 1 } | Frequency::BusinessDays { .. }, Timestamp::Time(time)) => {
            format!("on {}, {text}", DAYS[panel.zone().to_local(time).weekday().num_days_from_monday() as usize])
        }
        _ => format!("at {text}"),
    }
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl ComponentKind {
    /// Its name in a sentence and in a picture: `level and trend`, `weekly season`, `holidays and rare days`.
    pub fn in_words(&self, frequency: Frequency) -> String {
        match self {
            Self::Level => "level and trend".to_owned(),
            Self::Season(length) => season_in_words(*length, frequency),
            Self::Effect(EffectKind::Calendar) => "holidays and rare days".to_owned(),
            Self::Effect(EffectKind::Networks) => "networks".to_owned(),
            Self::Effect(EffectKind::Covariate(name)) => name.clone(),
            Self::Other => "other".to_owned(),
        }
    }
}

/// `weekly season` for a season of the calendar, or else `season of 9 steps`.
fn season_in_words(length: usize, frequency: Frequency) -> String {
    let cycle = match (frequency, length) {
        (Frequency::Days { every: 1 }, 7) => "weekly",
        (Frequency::Days { every: 1 }, 365) | (Frequency::Days { every: 7 }, 52) => "yearly",
        (Frequency::Months { every, .. }, m) if every as usize * m == 12 => "yearly",
        (Frequency::Elapsed { millis }, m) if millis * m as i64 == HOUR => "hourly",
        (Frequency::Elapsed { millis }, m) if millis * m as i64 == DAY => "daily",
        (Frequency::Elapsed { millis }, m) if millis * m as i64 == 7 * DAY => "weekly",
        (Frequency::BusinessDays { open }, m) if m == open.count() => "weekly",
        (Frequency::BusinessDays { .. }, m) if m > 200 => "yearly",
        _ => return format!("season of {length} steps"),
    };
    format!("{cycle} season")
}
