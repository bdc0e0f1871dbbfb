//! The hybrid as a model: settings that are fitted to a panel, and what they learned.

use std::path::Path;
use std::time::Instant;

use super::bands::{quantiles, widths};
use super::ensemble::{Common, Trained, ask, train};
use super::saved;
use super::settings::Settings;
use super::table::Table;
use crate::data::{Panel, TimeSeries, Timestamp};
use crate::error::{Error, Result};
use crate::forecast::Forecast;
use crate::model::categories::{self, Category, OneHots};
use crate::model::checkpoints::Checkpoints;
use crate::model::crew::Stage;
use crate::model::global::{Pool, limits};
use crate::model::{Forecaster, Hindcast, Model, Observer, Task};

/// Share of a member's epochs that it trains on once more, with what was held out.
const AGAIN: f64 = 0.25;
/// Learning rate of that, as a share of the first.
const AGAIN_PACE: f64 = 0.3;
/// Share of a budget that the training without the held-out part may take.
const FIRST_SHARE: f64 = 0.65;
/// Share of a budget that all training may take.
const TRAINING_SHARE: f64 = 0.9;
/// The longest season that factors are learned for.
const LONGEST_SEASON: usize = 200;

/// An ensemble that has learned, for any panel of the same frequency.
#[derive(Debug)]
pub struct Fitted {
    pub(super) settings: Settings,
    pub(super) members: Vec<Trained>,
    pub(super) horizon: usize,
    pub(super) levels: Vec<f64>,
    /// Seasons that a series can have, the shortest first.
    pub(super) periods: Vec<usize>,
    /// Steps after which the pattern repeats, of the panel it was fitted to.
    pub(super) season: usize,
    /// Id columns that several series share the values of.
    pub(super) categories: Vec<Category>,
    /// Factors on how far each level is from the median, [horizon * levels].
    pub(super) widths: Vec<f64>,
    /// The series that it was fitted to, by key, and when each begins.
    pub(super) known: Vec<(Vec<String>, Timestamp)>,
    pub(super) hindcasts: Vec<Hindcast>,
}

impl Model for Settings {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        Ok(Box::new(self.fit_ensemble(train, task, observer)?))
    }
}

impl Settings {
    /// The fewest values that at least one series must have.
    pub fn fewest_values(horizon: usize) -> usize {
        horizon + 4
    }

    /// As [`Model::fit`]. Trains without the last horizon, learns how wide the bands are on it, then trains on with
    /// everything.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn fit_ensemble(&self, panel: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fitted> {
        let began = Instant::now();
        let (horizon, levels) = (task.horizon, task.levels.clone());
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let need = Self::fewest_values(horizon);
        if longest < need {
            return Err(Error::TooShort { model: Self::NAME, horizon, need, got: longest });
        }
        let periods = periods(panel, longest - horizon);
        let categories = categories::of(panel);
        let classes = OneHots::new(&categories, panel);
        let common = Common { horizon, levels: &levels, periods: &periods, categories: classes.width, seed: task.seed };
        let deadline = |share: f64| task.budget.map(|budget| began + budget.mul_f64(share));
        let trial = Pool::new(panel, &periods, horizon);
        let kept = Checkpoints::open(task, panel, self)?;
        let kinds = self.kinds(panel, &periods, horizon);
        let member = |(number, kind)| Trained::new(kind, &common, number, Table::new(&trial, kind.context, None, None));
        let members: Vec<Trained> = kinds.iter().enumerate().map(member).collect();
        let last = deadline(TRAINING_SHARE);
        let again = Stage { share: AGAIN, pace: AGAIN_PACE, seed: 500, before: 0, after: 0, deadline: last };
        let after = members.iter().map(|member| again.epochs(member.kind.epochs)).sum();
        let first = Stage { share: 1.0, pace: 1.0, seed: 1, before: 0, after, deadline: deadline(FIRST_SHARE) };
        let (mut members, stopped) = train(members, (&trial, &classes), &common, &first, kept.as_ref(), observer)?;
        let same: Vec<Option<usize>> = (0..panel.count()).map(Some).collect();
        let said = ask(&members, (&trial, &classes), &common, &same);
        let widths = widths(panel, &trial, &said, horizon, &levels);
        let hindcasts = looked_back(panel, &trial, &said, &widths, &common);
        drop((trial, said));
        if !stopped && last.is_none_or(|deadline| Instant::now() < deadline) {
            let before = members.iter().map(|member| first.epochs(member.kind.epochs)).sum();
            let whole = Pool::new(panel, &periods, 0);
            for member in &mut members {
                let table = member.table_for(&whole, &same);
                member.parts.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).1 = table;
            }
            let again = Stage { before, ..again };
            (members, _) = train(members, (&whole, &classes), &common, &again, kept.as_ref(), observer)?;
        }
        Ok(Fitted {
            settings: self.clone(),
            members,
            horizon,
            levels,
            periods,
            season: panel.season(),
            categories,
            widths,
            known: panel.iter().map(|series| (series.key.to_vec(), series.start)).collect(),
            hindcasts,
        })
    }
}

/// Forecasts of the steps after the end of each series of a pool.
fn forecasts<'a>(
    histories: impl Iterator<Item = TimeSeries<'a>>,
    pool: &Pool,
    said: &[Vec<f32>],
    widths: &[f64],
    levels: &[f64],
) -> Vec<Forecast> {
    let one = |(i, history): (usize, TimeSeries<'_>)| {
        let scale = pool.series(i).scale;
        let (low, high) = limits(pool.numbers(i));
        let floor = history.floor();
        let value = |x: f64| scale.value(x.clamp(low, high)).clamp(floor, f64::MAX);
        let rows = quantiles(&said[i], widths, levels).into_iter().map(|row| row.into_iter().map(value).collect());
        Forecast::after(&history, levels, rows.collect())
    };
    histories.enumerate().map(one).collect()
}

/// What was said of the held-out end of each series.
fn looked_back(panel: &Panel, trial: &Pool, said: &[Vec<f32>], widths: &[f64], common: &Common<'_>) -> Vec<Hindcast> {
    let known = |whole: &TimeSeries<'_>| whole.len().saturating_sub(common.horizon).max(1);
    let histories = panel.iter().map(|whole| whole.first(known(&whole)));
    let forecasts = forecasts(histories, trial, said, widths, common.levels);
    let all = panel.iter().zip(forecasts).enumerate();
    all.filter(|(_, (whole, _))| whole.len() > common.horizon)
        .map(|(series, (whole, forecast))| Hindcast { series, cutoff: known(&whole), forecast })
        .collect()
}

impl Forecaster for Fitted {
    /// A series that it was fitted to is known by its key and its beginning, and keeps its smoothing parameters; any other
    /// has the rates that all share.
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let pool = Pool::new(history, &self.periods, 0);
        let classes = OneHots::new(&self.categories, history);
        let common = Common {
            horizon: self.horizon,
            levels: &self.levels,
            periods: &self.periods,
            categories: classes.width,
            seed: 0,
        };
        let place = |series: TimeSeries<'_>| {
            let at = self.known.binary_search_by(|(key, _)| key.as_slice().cmp(series.key)).ok()?;
            (self.known[at].1 == series.start).then_some(at)
        };
        let same: Vec<Option<usize>> = history.iter().map(place).collect();
        let said = ask(&self.members, (&pool, &classes), &common, &same);
        Ok(forecasts(history.iter(), &pool, &said, &self.widths, &self.levels))
    }

    fn hindcasts(&self) -> &[Hindcast] {
        &self.hindcasts
    }

    fn save(&self, folder: &Path) -> Result<()> {
        saved::save(self, folder)
    }
}

/// The seasons to look for, the panel's own first, those that the longest series has room for.
fn periods(panel: &Panel, longest: usize) -> Vec<usize> {
    let own = panel.season();
    let mut calendar = panel.frequency().seasons();
    if own == 24 {
        // hours without dates: a day, and the week that the frequency cannot tell of
        calendar.push(168);
    }
    let fits = |m: &usize| *m > 1 && *m <= LONGEST_SEASON && 2 * m < longest;
    let mut periods: Vec<usize> = std::iter::once(own).chain(calendar.into_iter().filter(|m| *m > own)).collect();
    periods.retain(fits);
    periods.dedup();
    periods.truncate(2);
    periods
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::data::{Columns, Frequency, Series};
    use crate::model::Silent;

    /// Where the logit of α that all series share ends up on walks that keep `kept` of every step.
    fn level_learned(kept: f64) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut series = |i: usize| {
            let mut level = 5.0;
            let mut value = || {
                let step = rng.random_range(-0.1..0.1);
                level += kept * step;
                f64::exp(level + (1.0 - kept) * step)
            };
            let values = (0..60).map(|_| value()).collect();
            Series { key: vec![format!("{i:02}")], start: Timestamp::Index(1), values, observed: vec![true; 60] }
        };
        let columns = Columns { time: None, target: "y".into(), ids: vec!["id".into()] };
        let panel = Panel::new(columns, Frequency::Index { step: 1 }, 1, (0..40).map(&mut series).collect());
        let settings = Settings { members: 1, hidden: 4, epochs: Some(20), ..Settings::default() };
        let fitted = settings.fit_ensemble(&panel, &Task::new(4), &mut Silent).expect("it is long enough");
        let parts = fitted.members[0].parts.lock().expect("nobody else has it");
        parts.1.shared[0]
    }

    #[test]
    fn rates_are_learned_from_the_series() {
        let (walks, noise) = (level_learned(1.0), level_learned(0.0));
        // from .4 on, in few updates: a walk's last value is its level, noise is averaged
        assert!(walks > 0.45 && noise < 0.35, "{walks} on walks, {noise} on noise");
    }
}
