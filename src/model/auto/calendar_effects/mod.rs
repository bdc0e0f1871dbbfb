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
use crate::model::auto::calendar_effects::evidence::{DayEffect, Evidence, KnownDay, KnownDays};
use crate::model::auto::calendar_effects::ordinary_values::{MIN_RATIO, OrdinaryValues, Steps, is_midnight};
use crate::model::auto::median::median;
use crate::model::regression::series_view::ExogenousData;
use crate::model::stat::student_t::normal_quantile;
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
    known: KnownDays,
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
        let (known, blocks) = (KnownDays::default(), Vec::new());
        let mut effects = Self { is_relative, horizon, length, days, kinds, known, blocks };
        effects.set_deviations(series, per_week);
        let stride = (length - first).div_ceil(MAX_BLOCKS).max(per_day);
        effects.blocks = (first..length).step_by(stride).map(|known| (known, effects.as_known_at(known))).collect();
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

    /// Sets the deviations of the days before the end, and the known days.
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
        let is_zero = |deviation: Deviation| self.is_relative && deviation.whole <= MIN_RATIO.ln();
        let known = |deviation: Deviation| KnownDay { deviation: deviation.from_level, is_zero: is_zero(deviation) };
        let known = self.days.iter().map(|day| day.deviation.map(known)).collect();
        self.known = KnownDays::new(&self.kinds, known);
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
        Evidence::of_first(&self.kinds, &self.known, count).effects()
    }

    /// The effect on a day, by the effects of the kinds.
    fn of_day(&self, day: usize, by_kind: &[Option<DayEffect>]) -> DayEffect {
        let own = self.kinds.of_day(day).iter().filter(|kind| self.kinds.is_removed(**kind));
        own.filter_map(|kind| by_kind[*kind]).fold(DayEffect::default(), |sum, effect| DayEffect {
            amount: sum.amount + effect.amount,
            variance: sum.variance + effect.variance,
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
            let DayEffect { amount: effect, is_closed, .. } = self.of_day(index, self.block(day.steps.start));
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

    /// The value of a forecast at a level, with an effect on its day. The distance from the median contains the variance
    /// of the effect.
    pub(crate) fn restored(&self, effect: DayEffect, median: f64, level: f64, value: f64) -> f64 {
        let DayEffect { amount, variance, is_closed } = effect;
        if is_closed {
            return 0.0;
        }
        if amount == 0.0 {
            return value;
        }
        let (factor, added) = if self.is_relative { (amount.exp(), 0.0) } else { (1.0, amount) };
        let (center, distance) = (median * factor + added, (value - median) * factor);
        let unit = if self.is_relative { center.abs() } else { 1.0 };
        let of_effect = if variance > 0.0 { normal_quantile(level) * variance.sqrt() * unit } else { 0.0 };
        center + distance.hypot(of_effect).copysign(level - 0.5)
    }

    /// The positions at which a covariate gets its usual value, because the effect of the day includes that of the
    /// covariate, and this value. They are known a horizon before.
    pub(crate) fn replaced_indicators(&self, column: usize, is_holiday_column: bool) -> (Vec<usize>, f64) {
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
        (positions, self.kinds.usual(column))
    }
}

#[cfg(test)]
mod tests;
