//! Days that recur on the same date and are unlike their weekday: the turn of the year.
//!
//! From 24 December to 2 January most series of people's doings leave their week. No list of holidays is needed to see
//! it: where those dates were far off in the years before, they are expected to be off again, and what they were is kept
//! out of the weekly pattern. A file that shows nothing there is left as it is.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::data::{TimeSeries, Timestamp};

/// What is special about the steps of a series and of the horizon after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Anniversaries {
    /// For each step of the history and the horizon: what the same date in the years before adds to the ordinary value, 0
    /// for an ordinary day; empty where no day is special.
    effects: Vec<f64>,
    /// The ordinary value of each special step of the history, by position.
    ordinary: Vec<(usize, f64)>,
}

/// Days before and after the turn of the year that are looked at.
const DATES: usize = 10;

impl Anniversaries {
    /// Looks for effects in a series of days or parts of days. Each effect is learned from the years before its own, each
    /// ordinary value from the weeks before it, so that what is known at any position does not depend on what follows.
    pub(super) fn of(series: &TimeSeries<'_>, horizon: usize) -> Self {
        let Timestamp::Time(start) = series.start else { return Self::default() };
        let Some(day) = series.frequency.steps_a_day() else { return Self::default() };
        let (length, total) = (series.len(), series.len() + horizon);
        let places: Vec<Option<Place>> = (0..total).map(|t| Place::of(series, t, start)).collect();
        let known = Known { values: series.values, places: &places, day };
        let mut found = Self { effects: vec![0.0; total], ordinary: Vec::new() };
        // by date and slot of the day, what was seen so far: deviations and their day's year
        let mut seen: Vec<Vec<(i32, f64)>> = vec![Vec::new(); DATES * day];
        let noise = known.noise();
        let mut any = false;
        for t in 0..total {
            let Some(place) = places[t] else { continue };
            let index = place.date * day + place.slot.min(day - 1);
            let effect = usual(&seen[place.date * day..(place.date + 1) * day], place, noise);
            found.effects[t] = effect;
            any |= effect != 0.0;
            if t < length && series.observed[t] {
                if let Some(ordinary) = known.ordinary(t) {
                    seen[index].push((place.year, series.values[t] - ordinary));
                    if effect != 0.0 {
                        found.ordinary.push((t, ordinary));
                    }
                }
            }
        }
        if any { found } else { Self::default() }
    }

    /// The series without its special days.
    pub(super) fn without(&self, values: &[f64]) -> Vec<f64> {
        let mut plain = values.to_vec();
        for &(t, ordinary) in &self.ordinary {
            if t < plain.len() {
                plain[t] = ordinary;
            }
        }
        plain
    }

    /// Adds to a path that begins at `cutoff` what its special days add.
    pub(super) fn restore(&self, path: &mut [f64], cutoff: usize) {
        for (k, value) in path.iter_mut().enumerate() {
            *value += self.effects.get(cutoff + k).copied().unwrap_or(0.0);
        }
    }
}

/// A step on one of the dates.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// From 0 for 24 December.
    date: usize,
    /// Step within the day.
    slot: usize,
    /// The year of its December.
    year: i32,
}

impl Place {
    fn of(series: &TimeSeries<'_>, t: usize, _start: NaiveDateTime) -> Option<Self> {
        let Timestamp::Time(time) = series.time_at(t) else { return None };
        let year = if time.month() == 1 { time.year() - 1 } else { time.year() };
        let since = (time.date() - NaiveDate::from_ymd_opt(year, 12, 24)?).num_days();
        let date = usize::try_from(since).ok().filter(|date| *date < DATES)?;
        let every = 86_400 / series.frequency.steps_a_day()? as u32;
        Some(Self { date, slot: (time.num_seconds_from_midnight() / every) as usize, year })
    }
}

/// What is needed to say what a value would ordinarily have been.
struct Known<'a> {
    values: &'a [f64],
    places: &'a [Option<Place>],
    /// Steps in a day.
    day: usize,
}

impl Known<'_> {
    /// The mean of the same weekday and time in the last weeks that were no special days; `None` in the first weeks.
    fn ordinary(&self, t: usize) -> Option<f64> {
        let week = 7 * self.day;
        let before: Vec<f64> = (1..=5)
            .filter_map(|i| t.checked_sub(i * week))
            .filter(|s| self.places[*s].is_none())
            .take(3)
            .map(|s| self.values[s])
            .collect();
        (before.len() >= 2).then(|| before.iter().sum::<f64>() / before.len() as f64)
    }

    /// The usual size of an ordinary day's mean deviation from what is ordinary.
    fn noise(&self) -> f64 {
        let mut sizes: Vec<f64> = (0..self.values.len().min(self.places.len()))
            .step_by(self.day)
            .filter(|t| self.places[*t].is_none() && t + self.day <= self.values.len())
            .filter_map(|t| {
                let far: Option<f64> = (t..t + self.day).map(|s| Some(self.values[s] - self.ordinary(s)?)).sum();
                Some(far?.abs() / self.day as f64)
            })
            .collect();
        sizes.sort_by(f64::total_cmp);
        // the median of |N(0, 1)| is 0.674
        sizes.get(sizes.len() / 2).map_or(f64::INFINITY, |median| median / 0.674)
    }
}

/// What a step of a date adds, by the years before: the mean deviation of its time of day, shrunk by how few years there
/// are; 0 where the whole day's mean was not far from ordinary.
fn usual(of_the_date: &[Vec<(i32, f64)>], place: Place, noise: f64) -> f64 {
    /// How many times the noise of a day's mean counts as far; a single year may have been chance, and needs more.
    const FAR: f64 = 2.5;
    const CHANCE: f64 = 2.0;
    let before = |seen: &[(i32, f64)]| -> Vec<f64> {
        seen.iter().filter(|(year, _)| *year < place.year).map(|(_, far)| *far).collect()
    };
    let whole: Vec<f64> = of_the_date.iter().flat_map(|seen| before(seen)).collect();
    let own = of_the_date.get(place.slot).map(|seen| before(seen)).unwrap_or_default();
    if own.is_empty() {
        return 0.0;
    }
    let years = own.len() as f64;
    let mean = whole.iter().sum::<f64>() / whole.len() as f64;
    if mean.abs() * years.sqrt() < (FAR + CHANCE / years) * noise {
        return 0.0;
    }
    own.iter().sum::<f64>() / (years + 0.5)
}
