//! Effects of rare days: holidays, dates that recur once a year, days of the month, the turn of the year.
//!
//! Such days deviate from the weekly pattern of a series. They are too rare for the candidates to learn them from a few
//! origins. So their effects are removed from the history before a model is fitted, and added to its forecast. An
//! effect needs evidence, mostly from several occurrences, and is shrunk to none by its standard error. Without
//! evidence a series stays unchanged.

pub(crate) mod day_kinds;
pub(crate) mod evidence;
pub(crate) mod ordinary_values;

use std::collections::VecDeque;
use std::ops::Range;

use crate::model::auto::calendar_effects::day_kinds::{DayKind, DayKinds};
use crate::model::auto::calendar_effects::evidence::{DayEffect, Evidence, KnownDay};
use crate::model::auto::calendar_effects::ordinary_values::{MIN_RATIO, OrdinaryValues, Steps, is_midnight};
use crate::model::auto::median::median;
use crate::model::regression::series_view::ExogenousData;
use crate::panel::TimeSeries;
use crate::time::Timestamp;

/// The shortest history in which effects are estimated, in days.
const MIN_DAYS: usize = 40;
/// The number of ordinary days whose median deviation is that of the level.
const LEVEL_DAYS: usize = 7;
/// The maximum share of zeros in a series with effects. It allows for closed weekends. Counts with more zeros have no
/// ordinary value.
const MAX_ZERO_SHARE: f64 = 0.5;
/// The first estimate of the effects uses the length of the series divided by this number. Hindcasts from earlier
/// cutoffs are left out, because they would depend on later values.
const FIRST_PART_DIVISOR: usize = 3;
/// The maximum number of positions at which effects are estimated, each for the values up to the next position.
const MAX_BLOCKS: usize = 24;

/// A day of a series.
#[derive(Debug, Clone)]
struct Day {
    /// Its steps. Those of a day in the future are after the end of the series.
    steps: Range<usize>,
    /// Its distance from an ordinary day; `None` if it is not known.
    deviation: Option<Deviation>,
}

/// The distance of a day from an ordinary day of its weekday: the logarithm of their ratio, or the mean difference.
#[derive(Debug, Clone, Copy)]
struct Deviation {
    whole: f64,
    /// Without the usual deviation of the days before, which is that of the level of the series.
    from_level: f64,
}

/// The effects of rare days on one series, and what was known of them at each position.
#[derive(Debug, Clone)]
pub(crate) struct CalendarEffects {
    /// Whether effects are factors, for series that are never negative. Otherwise they are amounts that are added.
    is_relative: bool,
    horizon: usize,
    length: usize,
    /// From the first midnight to the end of the horizon.
    days: Vec<Day>,
    kinds: DayKinds,
    /// The number of known values at each of several positions, and the effects as known there.
    blocks: Vec<(usize, Vec<Option<DayEffect>>)>,
}

impl CalendarEffects {
    /// Estimates the effects in a series of days or shorter steps. `None` if there are none.
    ///
    /// The effects at a position are estimated from values before it. Only within the first third of the series they
    /// are estimated from that third. So no forecast made after the first third depends on later values.
    pub(crate) fn estimate(
        series: &TimeSeries<'_>,
        exogenous: Option<ExogenousData<'_>>,
        horizon: usize,
    ) -> Option<Self> {
        let Steps { per_day, per_week } = Steps::of(series.frequency)?;
        let (values, length) = (series.values, series.len());
        let first = length / FIRST_PART_DIVISOR;
        let zeros = values[..first].iter().filter(|v| **v == 0.0).count();
        if first < MIN_DAYS * per_day / FIRST_PART_DIVISOR
            || length < MIN_DAYS * per_day
            || zeros as f64 > MAX_ZERO_SHARE * first as f64
            || values.is_sorted()
        {
            return None;
        }
        let begins_a_day = |t: &usize| per_day == 1 || is_midnight(series.time_at(*t));
        let begins: Vec<usize> = (0..length + horizon).filter(begins_a_day).collect();
        let is_relative = values[..first].iter().all(|v| *v >= 0.0);
        let days: Vec<Day> =
            begins.iter().map(|&begin| Day { steps: begin..begin + per_day, deviation: None }).collect();
        let times: Vec<Timestamp> = begins.iter().map(|begin| series.time_at(*begin)).collect();
        let kinds = DayKinds::new(&times, &begins, exogenous, first);
        let mut effects = Self { is_relative, horizon, length, days, kinds, blocks: Vec::new() };
        effects.set_deviations(series, per_week);
        let stride = (length - first).div_ceil(MAX_BLOCKS).max(per_day);
        let blocks = (first..length).step_by(stride).map(|known| (known, effects.as_known_at(known)));
        let blocks: Vec<_> = blocks.collect();
        effects.blocks = blocks;
        let has_effect = |known: &[Option<DayEffect>]| known.iter().any(Option::is_some);
        let is_used =
            effects.blocks.iter().any(|(_, known)| has_effect(known)) || has_effect(&effects.as_known_at(length));
        is_used.then_some(effects)
    }

    /// The number of values from which the first effects are estimated. Hindcasts with fewer would depend on later
    /// values.
    pub(crate) fn known_from(&self) -> usize {
        self.blocks.first().map_or(0, |(known, _)| *known)
    }

    /// Sets the deviations of the days before the end.
    fn set_deviations(&mut self, series: &TimeSeries<'_>, per_week: usize) {
        let is_special = self.special_steps();
        let ordinary = OrdinaryValues { series, per_week, is_special: &is_special };
        let mut recent = VecDeque::with_capacity(LEVEL_DAYS + 1);
        for (index, day) in self.days.iter_mut().enumerate() {
            let Some(whole) = ordinary.deviation(day.steps.clone(), self.is_relative) else { continue };
            let level = if recent.len() < LEVEL_DAYS { 0.0 } else { median(recent.iter().copied()).unwrap_or(0.0) };
            day.deviation = Some(Deviation { whole, from_level: whole - level });
            if !self.kinds.is_special(index) {
                recent.push_back(whole);
                if recent.len() > LEVEL_DAYS {
                    recent.pop_front();
                }
            }
        }
    }

    /// For each step of the series, whether its day is known to be special.
    fn special_steps(&self) -> Vec<bool> {
        let mut is_special = vec![false; self.length];
        for (_, Day { steps, .. }) in self.days.iter().enumerate().filter(|(day, _)| self.kinds.is_special(*day)) {
            let known = steps.start.min(self.length)..steps.end.min(self.length);
            is_special[known].fill(true);
        }
        is_special
    }

    /// The effect of each kind of day, estimated from the first `known` values.
    fn as_known_at(&self, known: usize) -> Vec<Option<DayEffect>> {
        let count = self.days.partition_point(|day| day.steps.end <= known);
        let known = self.days[..count].iter().map(|day| day.deviation);
        let is_zero = |deviation: Deviation| self.is_relative && deviation.whole <= MIN_RATIO.ln();
        let known = known.map(|deviation| {
            deviation.map(|deviation| KnownDay { deviation: deviation.from_level, is_zero: is_zero(deviation) })
        });
        Evidence::new(&self.kinds, known.collect()).effects()
    }

    /// The effect on a day, by the effects of the kinds.
    fn of_day(&self, day: usize, by_kind: &[Option<DayEffect>]) -> DayEffect {
        let own = self.kinds.of_day(day).iter().filter(|kind| self.kinds.is_removed(**kind));
        own.filter_map(|kind| by_kind[*kind]).fold(DayEffect::default(), |sum, effect| DayEffect {
            amount: sum.amount + effect.amount,
            is_closed: sum.is_closed || effect.is_closed,
        })
    }

    /// The effects of the kinds that were known before position `t`.
    fn block(&self, t: usize) -> &[Option<DayEffect>] {
        let at = self.blocks.partition_point(|(known, _)| *known <= t);
        &self.blocks[at.saturating_sub(1)].1
    }

    /// The positions of the values that change without the effects, and their new values.
    pub(crate) fn removed(&self, series: &TimeSeries<'_>) -> Vec<(usize, f64)> {
        let mut replaced = Vec::new();
        let per_week = Steps::of(series.frequency).map_or(7, |steps| steps.per_week);
        let is_special = self.special_steps();
        let ordinary = OrdinaryValues { series, per_week, is_special: &is_special };
        for (index, day) in self.days.iter().enumerate().take_while(|(_, day)| day.steps.end <= self.length) {
            let DayEffect { amount: effect, is_closed } = self.of_day(index, self.block(day.steps.start));
            let Some(deviation) = day.deviation else { continue };
            // an effect that did not occur this time leaves the level of the series as it is
            let present = deviation.from_level;
            let is_clamped = self.is_relative && deviation.whole <= MIN_RATIO.ln();
            let removed = if is_closed && is_clamped {
                present
            } else if effect * present > 0.0 {
                effect.abs().min(present.abs()) * effect.signum()
            } else {
                continue;
            };
            for t in day.steps.clone() {
                let value = match ordinary.at(t).filter(|_| is_clamped) {
                    // a day of zeros has no ratio to an ordinary day
                    Some(ordinary) => ordinary * (deviation.whole - removed).exp(),
                    None if self.is_relative => series.values[t] / removed.exp(),
                    None => series.values[t] - removed,
                };
                replaced.push((t, value));
            }
        }
        replaced
    }

    /// The effects at the steps after the first `cutoff` values, as known there.
    pub(crate) fn after(&self, cutoff: usize) -> Vec<DayEffect> {
        let by_kind = self.as_known_at(cutoff);
        let mut effects = vec![DayEffect::default(); self.horizon];
        let first = self.days.partition_point(|day| day.steps.end <= cutoff);
        for (index, day) in self.days.iter().enumerate().skip(first) {
            let effect = self.of_day(index, &by_kind);
            let steps = day.steps.start.max(cutoff)..day.steps.end.min(cutoff + self.horizon);
            for t in steps {
                effects[t - cutoff] = effect;
            }
        }
        effects
    }

    /// A value of a forecast with an effect.
    pub(crate) fn restored(&self, value: f64, effect: DayEffect) -> f64 {
        match effect {
            DayEffect { is_closed: true, .. } => 0.0,
            DayEffect { amount: 0.0, .. } => value,
            DayEffect { amount, .. } if self.is_relative => value * amount.exp(),
            DayEffect { amount, .. } => value + amount,
        }
    }

    /// The positions at which a covariate is set to 0, because the effect of the day includes that of the covariate.
    /// They are known a horizon before.
    pub(crate) fn replaced_indicators(&self, column: usize, is_holiday_column: bool) -> Vec<usize> {
        let mut positions = Vec::new();
        for (index, day) in self.days.iter().enumerate() {
            let by_kind = self.block(day.steps.start.saturating_sub(self.horizon));
            let includes = |kind: &&usize| match self.kinds.kind(**kind) {
                DayKind::Indicator { column: own, .. } => own == column,
                DayKind::MonthDay { .. }
                | DayKind::MonthEnd { .. }
                | DayKind::QuarterEnd { .. }
                | DayKind::WorkingDay { .. } => false,
                _ => is_holiday_column,
            };
            let mut own = self.kinds.of_day(index).iter().filter(|kind| self.kinds.is_removed(**kind)).filter(includes);
            if own.any(|kind| by_kind[*kind].is_some()) {
                positions.extend(day.steps.clone());
            }
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Days, NaiveDate};
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;
    use crate::panel::covariates::{Covariate, CovariateKind};
    use crate::time::Frequency;

    const WEEK: [f64; 7] = [100.0, 104.0, 98.0, 102.0, 120.0, 150.0, 60.0];

    fn date(t: usize) -> NaiveDate {
        NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + Days::new(t as u64)
    }

    /// Daily values with a weekly pattern, noise of 5 % and a factor on some dates.
    fn daily(count: usize, seed: u64, factor: impl Fn(NaiveDate) -> f64) -> Vec<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let value = |t: usize| WEEK[t % 7] * (0.05 * rng.sample::<f64, _>(StandardNormal)).exp() * factor(date(t));
        (0..count).map(value).collect()
    }

    fn effects(values: &[f64], exogenous: Option<ExogenousData<'_>>, horizon: usize) -> Option<CalendarEffects> {
        let observed = vec![true; values.len()];
        CalendarEffects::estimate(&series(values, &observed), exogenous, horizon)
    }

    fn series<'a>(values: &'a [f64], observed: &'a [bool]) -> TimeSeries<'a> {
        let start = Timestamp::date(2019, 1, 1).unwrap();
        TimeSeries { key: &[], start, frequency: Frequency::DAILY, values, observed }
    }

    /// The factors after the end of a series, by date.
    fn factors(values: &[f64], horizon: usize) -> Vec<(NaiveDate, f64)> {
        let after = effects(values, None, horizon).map_or_else(Vec::new, |effects| effects.after(values.len()));
        let factor = |effect: &DayEffect| if effect.is_closed { 0.0 } else { effect.amount.exp() };
        after.iter().enumerate().map(|(k, effect)| (date(values.len() + k), factor(effect))).collect()
    }

    fn assert_factors(values: &[f64], horizon: usize, expected: impl Fn(NaiveDate) -> f64) {
        let factors = factors(values, horizon);
        assert_eq!(factors.len(), horizon);
        for (date, factor) in factors {
            assert!((factor / expected(date) - 1.0).abs() < 0.15, "{date}: {factor} for {}", expected(date));
        }
    }

    #[test]
    fn days_of_the_month_are_found_whatever_the_length_of_the_month() {
        let month_end = |date: NaiveDate| if date.day() == u32::from(date.num_days_in_month()) { 3.0 } else { 1.0 };
        assert_factors(&daily(3 * 365, 1, month_end), 70, month_end);
        let payday = |date: NaiveDate| if date.day() == 15 { 0.5 } else { 1.0 };
        assert_factors(&daily(500, 2, payday), 40, payday);
        let last_working_day = |date: NaiveDate| {
            let later = (1..=3).map(|days| date + Days::new(days)).take_while(|later| later.month() == date.month());
            let is_last = later.clone().all(|later| matches!(later.weekday().num_days_from_monday(), 5 | 6));
            if is_last && date.weekday().num_days_from_monday() < 5 { 2.0 } else { 1.0 }
        };
        assert_factors(&daily(3 * 365, 3, last_working_day), 70, last_working_day);
    }

    #[test]
    fn a_day_that_recurs_once_a_year_is_found_after_two_years() {
        let special = |date: NaiveDate| if (date.month(), date.day()) == (11, 11) { 4.0 } else { 1.0 };
        let known = 3 * 365 - 60;
        let factors = factors(&daily(known, 4, special), 60);
        for (date, factor) in factors {
            let is_special = special(date) > 1.0;
            assert!(if is_special { factor > 2.5 } else { (factor - 1.0).abs() < 0.1 }, "{date}: {factor}");
        }
    }

    #[test]
    fn a_day_that_was_always_closed_is_closed_again_and_its_value_becomes_ordinary() {
        let closed = |date: NaiveDate| if (date.month(), date.day()) == (12, 25) { 0.0 } else { 1.0 };
        let values = daily(4 * 365 - 20, 5, closed);
        let closed_dates: Vec<NaiveDate> =
            factors(&values, 30).into_iter().filter(|(_, factor)| *factor == 0.0).map(|(date, _)| date).collect();
        assert_eq!(closed_dates, [NaiveDate::from_ymd_opt(2022, 12, 25).unwrap()]);
        let observed = vec![true; values.len()];
        let removed = effects(&values, None, 30).unwrap().removed(&series(&values, &observed));
        let last = removed.last().expect("Christmas of the last year is replaced");
        assert_eq!(date(last.0), NaiveDate::from_ymd_opt(2021, 12, 25).unwrap());
        assert!((last.1 / WEEK[last.0 % 7] - 1.0).abs() < 0.3, "{last:?}");
    }

    #[test]
    fn series_without_rare_days_have_no_effects() {
        // an effect on one of the next 30 days
        let has_effect = |values: &[f64]| factors(values, 30).iter().any(|(_, factor)| (factor - 1.0).abs() > 1e-9);
        let count = |generate: &dyn Fn(u64) -> Vec<f64>| (0..40).filter(|seed| has_effect(&generate(*seed))).count();
        let noise = |seed: u64| daily(900, seed, |_| 1.0);
        let walk = |seed: u64| {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let steps = (0..900).scan(5.0, |level, _| {
                *level += 0.03 * rng.sample::<f64, _>(StandardNormal);
                Some(f64::exp(*level))
            });
            steps.collect()
        };
        // every twelfth day is a promotion, at any date
        let promotions = |seed: u64| {
            let rng = &mut ChaCha8Rng::seed_from_u64(100 + seed);
            daily(730, seed, |_| 1.0).into_iter().map(|v| if rng.random_bool(0.08) { 2.6 * v } else { v }).collect()
        };
        let counts = |seed: u64| {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            (0..900).map(|_| if rng.random_bool(0.2) { f64::from(rng.random_range(1..9)) } else { 0.0 }).collect()
        };
        let found = [count(&noise), count(&walk), count(&promotions), count(&counts)];
        assert!(found.iter().all(|found| *found <= 2), "{found:?} of 40");
    }

    #[test]
    fn promotions_at_the_turn_of_the_year_are_effects_of_the_covariate() {
        let count = 2 * 365;
        let is_promotion = |t: usize| t % 12 == 5 || (date(t).month() == 12 && date(t).day() >= 27 && t < 400);
        let values: Vec<f64> = daily(count, 6, |_| 1.0)
            .iter()
            .enumerate()
            .map(|(t, v)| if is_promotion(t) { 2.6 * v } else { *v })
            .collect();
        let column: Vec<f64> = (0..count + 14).map(|t| f64::from(is_promotion(t))).collect();
        let columns = [Covariate { name: "promotion".into(), kind: CovariateKind::Number, known_future: true }];
        let exogenous = ExogenousData { columns: &columns, values: std::slice::from_ref(&column) };
        let after = effects(&values, Some(exogenous), 14).expect("an effect of promotions").after(count);
        for (k, effect) in after.iter().enumerate() {
            let expected = if is_promotion(count + k) { 2.6_f64.ln() } else { 0.0 };
            assert!((effect.amount - expected).abs() < 0.1, "{}: {effect:?}", date(count + k));
        }
    }

    #[test]
    fn holidays_and_the_days_after_them_are_found_by_name() {
        let columns =
            [Covariate { name: "holidays".into(), kind: CovariateKind::Holidays("DE".into()), known_future: true }];
        let names = crate::time::holidays::names("DE", date(0), date(4 * 365));
        let factor = |date: NaiveDate| match (names.contains_key(&date), names.contains_key(&(date - Days::new(1)))) {
            (true, _) => 0.0,
            (false, true) => 1.5,
            (false, false) => 1.0,
        };
        let known = usize::try_from((NaiveDate::from_ymd_opt(2022, 4, 1).unwrap() - date(0)).num_days()).unwrap();
        let values = daily(known, 7, factor);
        let column = vec![0.0; known + 30];
        let exogenous = ExogenousData { columns: &columns, values: std::slice::from_ref(&column) };
        let after = effects(&values, Some(exogenous), 30).expect("effects of holidays").after(known);
        for (k, effect) in after.iter().enumerate() {
            let date = date(known + k);
            let found = if effect.is_closed { 0.0 } else { effect.amount.exp() };
            assert!((found - factor(date)).abs() < 0.15, "{date}: {found} for {}", factor(date));
        }
    }

    #[test]
    fn a_noisy_month_end_is_one_effect_and_not_one_of_each_date() {
        for seed in 0..5 {
            let rng = &mut ChaCha8Rng::seed_from_u64(50 + seed);
            let values: Vec<f64> = (0..700)
                .map(|t| {
                    let is_end = date(t).day() == u32::from(date(t).num_days_in_month());
                    let (level, noise) = if is_end { (20.0, 0.2) } else { (100.0, 0.05) };
                    level * f64::exp(noise * rng.sample::<f64, _>(StandardNormal))
                })
                .collect();
            for known in [300, 500, 700] {
                let factors = factors(&values[..known], 40);
                let ends = factors.iter().filter(|(date, _)| date.day() == u32::from(date.num_days_in_month()));
                for (date, factor) in ends {
                    assert!((0.15..0.27).contains(factor), "seed {seed}, {known}, {date}: {factor}");
                }
                assert!(factors.iter().filter(|(_, factor)| (factor - 1.0).abs() > 0.02).count() <= 2, "{factors:?}");
            }
        }
    }

    #[test]
    fn later_values_change_no_effect_known_before() {
        let month_end = |date: NaiveDate| if date.day() == u32::from(date.num_days_in_month()) { 3.0 } else { 1.0 };
        let values = daily(900, 8, month_end);
        let mut changed = values.clone();
        changed[800..].iter_mut().for_each(|value| *value = 7.0);
        let [one, other] = [values, changed].map(|values| {
            let observed = vec![true; values.len()];
            let effects = effects(&values, None, 60).expect("an effect of the month end");
            let mut removed = effects.removed(&series(&values, &observed));
            removed.retain(|(at, _)| *at < 800);
            (effects.after(800), effects.after(400), removed)
        });
        assert_eq!(one, other);
    }
}
