//! Days that recur on the same date and are unlike their weekday: the turn of the year.
//!
//! From 24 December to 2 January most series of people's doings leave their week. No list of holidays is needed to see
//! it: where those dates were far off in the years before, they are expected to be off again, and that much is taken out
//! of the history before anything learns a weekly pattern from it. A file that shows nothing there is left as it is.

use chrono::{Datelike, NaiveDate, Timelike};

use crate::model::regression::series_view::ExogenousData;
use crate::panel::covariates::CovariateKind;
use crate::panel::series::TimeSeries;
use crate::time::timestamp::Timestamp;

/// What is special about the steps of a series and of the horizon after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct YearEndEffect {
    /// For each step of the history and the horizon, what the same date in the years before does to the ordinary value;
    /// empty where no day is special.
    effects: Vec<Effect>,
}

/// What a day is like beside an ordinary one: some share more or less, where values are never negative; else an amount.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Effect {
    None,
    /// Factor on an ordinary value.
    Times(f64),
    /// Added to an ordinary value.
    Plus(f64),
}

/// Days from the 24th of December on.
const DATES: usize = 10;

impl YearEndEffect {
    /// Looks for effects in a series of days or parts of days. Each effect is learned from the years before its own, each
    /// ordinary value from the weeks before it, so that what is known at any position does not depend on what follows.
    pub(crate) fn of(series: &TimeSeries<'_>, horizon: usize) -> Self {
        let Some(day) = series.frequency.steps_per_day() else { return Self::default() };
        let total = series.len() + horizon;
        // at least one turn of the year must be over, and its weeks before
        if series.len() < 40 * day || !matches!(series.start, Timestamp::Time(_)) {
            return Self::default();
        }
        let places: Vec<Option<Place>> = (0..total).map(|t| Place::of(series.time_at(t))).collect();
        if !places[..series.len()].iter().any(Option::is_some) {
            return Self::default();
        }
        let known = Known {
            series: *series,
            places: &places,
            day,
            relative: series.values[..40 * day].iter().all(|v| *v >= 0.0),
        };
        let ordinary = known.ordinary_days();
        // for each date, how far off it was in which year
        let mut seen: Vec<Vec<(i32, f64)>> = vec![Vec::new(); DATES];
        let mut found = Self { effects: vec![Effect::None; total] };
        for from in known.starts() {
            let Some(place) = places[from] else { continue };
            let effect = known.effect(&seen[place.date], place.year, || noise(&ordinary, from));
            found.effects[from..(from + day).min(total)].fill(effect);
            seen[place.date].extend(known.deviation(from).map(|far| (place.year, far)));
        }
        if found.effects.iter().any(|effect| *effect != Effect::None) { found } else { Self::default() }
    }

    /// The series as it would have been without its special days.
    pub(crate) fn without(&self, values: &[f64]) -> Vec<f64> {
        let mut plain = values.to_vec();
        for (value, effect) in plain.iter_mut().zip(&self.effects) {
            match effect {
                Effect::Times(factor) => *value /= factor,
                Effect::Plus(amount) => *value -= amount,
                Effect::None => {}
            }
        }
        plain
    }

    /// What stands beside the series, its holidays and marks of yes or no silent on special days: what those do there is
    /// in what the days are off already.
    pub(crate) fn silenced(&self, beside: ExogenousData<'_>) -> Vec<Vec<f64>> {
        let special = |t: usize| self.effects.get(t).is_some_and(|effect| *effect != Effect::None);
        let column = |(column, values): (&crate::panel::covariates::Covariate, &Vec<f64>)| {
            let marks = match &column.kind {
                CovariateKind::Holidays(_) | CovariateKind::Eves(_) => true,
                CovariateKind::Number => values.iter().all(|value| [0.0, 1.0].contains(value)),
                CovariateKind::Category(_) => false,
            };
            let silent = |(t, value): (usize, &f64)| if marks && special(t) { 0.0 } else { *value };
            values.iter().enumerate().map(silent).collect()
        };
        beside.columns.iter().zip(beside.values).map(column).collect()
    }

    /// Makes the special days of a path that begins at `cutoff` special again.
    pub(crate) fn restore(&self, path: &mut [f64], cutoff: usize) {
        for (value, effect) in path.iter_mut().zip(self.effects.get(cutoff..).unwrap_or_default()) {
            match effect {
                Effect::Times(factor) => *value *= factor,
                Effect::Plus(amount) => *value += amount,
                Effect::None => {}
            }
        }
    }
}

/// A day on one of the dates.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// From 0 for 24 December.
    date: usize,
    /// The year of its December.
    year: i32,
    /// Whether it is midnight, where a day begins.
    begins: bool,
}

impl Place {
    fn of(time: Timestamp) -> Option<Self> {
        let Timestamp::Time(time) = time else { return None };
        let year = if time.month() == 1 { time.year() - 1 } else { time.year() };
        let since = (time.date() - NaiveDate::from_ymd_opt(year, 12, 24)?).num_days();
        let date = usize::try_from(since).ok().filter(|date| *date < DATES)?;
        Some(Self { date, year, begins: time.num_seconds_from_midnight() == 0 })
    }
}

/// What is needed to say what a day would ordinarily have been.
struct Known<'a> {
    series: TimeSeries<'a>,
    places: &'a [Option<Place>],
    /// Steps in a day.
    day: usize,
    /// Whether days are compared by their ratio.
    relative: bool,
}

impl Known<'_> {
    /// The positions at which the special days begin.
    fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        let begins = |t: &usize| self.places[*t].is_some_and(|place| place.begins || self.day == 1);
        (0..self.places.len()).filter(begins)
    }

    /// The mean of the same weekday and time in the last weeks that were no special days; `None` in the first weeks.
    fn ordinary(&self, t: usize) -> Option<f64> {
        let week = 7 * self.day;
        let weeks = (1..=5).filter_map(|i| t.checked_sub(i * week)).filter(|s| self.places[*s].is_none());
        let (sum, count) = weeks.take(3).fold((0.0, 0.0), |(sum, count), s| (sum + self.series.values[s], count + 1.0));
        (count >= 2.0).then(|| sum / count)
    }

    /// How far the day that begins at `from` was off an ordinary one: the logarithm of their ratio, or the mean
    /// difference; `None` if it was not observed to its end.
    fn deviation(&self, from: usize) -> Option<f64> {
        let steps = from..from + self.day;
        if steps.end > self.series.len() || !self.series.observed[steps.clone()].iter().all(|seen| *seen) {
            return None;
        }
        let was = self.series.values[steps.clone()].iter().sum::<f64>();
        let ordinary: f64 = steps.map(|t| self.ordinary(t)).sum::<Option<f64>>()?;
        if self.relative {
            // a day of nothing is not infinitely far off
            (ordinary > 0.0).then(|| (was / ordinary).max(0.05).ln())
        } else {
            Some((was - ordinary) / self.day as f64)
        }
    }

    /// Where the ordinary days end, and the size of each one's deviation.
    fn ordinary_days(&self) -> Vec<(usize, f64)> {
        let ordinary = |from: &usize| self.places[*from].is_none();
        let days = (0..self.series.len()).step_by(self.day).filter(ordinary);
        days.filter_map(|from| Some((from + self.day, self.deviation(from)?.abs()))).collect()
    }

    /// What a date does by the years before: the mean deviation, shrunk the fewer they are; nothing where it was not far
    /// from ordinary.
    fn effect(&self, seen: &[(i32, f64)], year: i32, noise: impl Fn() -> f64) -> Effect {
        /// How many times the noise of a day counts as far; a single year may have been chance, and needs more.
        const FAR: f64 = 2.5;
        const CHANCE: f64 = 1.0;
        let before: Vec<f64> = seen.iter().filter(|(of, _)| *of < year).map(|(_, far)| *far).collect();
        let years = before.len() as f64;
        let mean = before.iter().sum::<f64>() / years.max(1.0);
        if before.is_empty() || mean.abs() * years.sqrt() < (FAR + CHANCE / years) * noise() {
            return Effect::None;
        }
        let shrunk = mean * years / (years + 0.5);
        if self.relative { Effect::Times(shrunk.exp()) } else { Effect::Plus(shrunk) }
    }
}

/// The usual size of an ordinary day's deviation, by those that were over before a position.
fn noise(ordinary: &[(usize, f64)], before: usize) -> f64 {
    let over = ordinary.iter().take_while(|(end, _)| *end <= before);
    let mut sizes: Vec<f64> = over.map(|(_, size)| *size).collect();
    sizes.sort_by(f64::total_cmp);
    // the median of |N(0, 1)| is 0.674
    sizes.get(sizes.len() / 2).map_or(f64::INFINITY, |median| median / 0.674)
}
