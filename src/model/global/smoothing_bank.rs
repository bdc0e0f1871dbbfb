//! A bank of exponential smoothings with fixed parameters, run over a series once: at every position the forecast path of
//! each follows in closed form, and so does their mean, weighted by how well each has done so far.
//!
//! Damped trend in error-correction form, ETS(A,Ad,N) on what is left without the season, in whichever scale the series
//! is given (Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with Exponential Smoothing", chapter 2). Nothing is
//! estimated: the rates start at those of a running mean and fall to the fixed ones, so that a position knows nothing of
//! what comes after it.

use crate::model::global::seasonal_state::Seasonal;
use crate::model::smoothing::parameters::damping_sum;

/// The parameters of one member.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Law {
    /// Of the level, in (0, 1].
    alpha: f64,
    /// Of the trend, as a share of `alpha`; 0 for no trend.
    beta: f64,
    /// Damping of the trend a step, in (0, 1].
    phi: f64,
    /// Share of the mean step so far that is added a step.
    drift: f64,
}

/// Levels that are slow, fast and the last value itself; trends that are slow and lasting, and fast and short.
const LAWS: [Law; 9] = [
    Law { alpha: 0.2, beta: 0.0, phi: 1.0, drift: 0.0 },
    Law { alpha: 0.5, beta: 0.0, phi: 1.0, drift: 0.0 },
    Law { alpha: 1.0, beta: 0.0, phi: 1.0, drift: 0.0 },
    Law { alpha: 0.3, beta: 0.05, phi: 0.97, drift: 0.0 },
    Law { alpha: 0.6, beta: 0.15, phi: 0.9, drift: 0.0 },
    Law { alpha: 0.9, beta: 0.3, phi: 0.9, drift: 0.0 },
    Law { alpha: 1.0, beta: 0.08, phi: 0.97, drift: 0.0 },
    Law { alpha: 0.3, beta: 0.0, phi: 1.0, drift: 0.5 },
    Law { alpha: 0.8, beta: 0.0, phi: 1.0, drift: 0.7 },
];

/// The member that is the last value itself.
pub(crate) const LAST_VALUE: usize = 2;
/// Members of the bank.
pub(crate) const MEMBERS: usize = LAWS.len();

/// How fast errors are forgotten, a step.
const MEMORY: f64 = 0.95;
/// A member's weight falls with this power of its discounted error.
const POWER: i32 = 8;
/// Added to every error, so that members that were never wrong can be compared.
const LEAST_WRONG: f64 = 1e-6;
/// How fast the spread of steps is forgotten, a step.
const SPREAD: f64 = 0.08;
/// The least spread, in units of a logarithm or of a series' size: below it nothing is worth telling apart.
const LEAST_SPREAD: f64 = 0.002;

/// A stretch of a series as the bank saw it: what was known at each position.
#[derive(Debug, Default)]
pub(crate) struct SmoothingStates {
    /// [position * members].
    level: Vec<f32>,
    /// [position * members].
    trend: Vec<f32>,
    /// Shares in the base, [position * members].
    weight: Vec<f32>,
    /// The weighted level at each position.
    anchor: Vec<f32>,
    /// Mean absolute step without the season, at each position.
    spread: Vec<f32>,
    /// The error at each position of the base one step before.
    error: Vec<f32>,
    /// What a trend adds up to after so many steps, [step * members], from step 0.
    damping: Vec<f64>,
    season: Seasonal,
}

impl SmoothingStates {
    /// Runs the bank over `values`; `horizon` steps count in the members' weights. Reuses its memory.
    pub(crate) fn run(&mut self, values: &[f32], periods: &[usize], horizon: usize) {
        let n = values.len();
        self.season.start(values, periods);
        if self.damping.len() != (horizon + 1) * MEMBERS {
            self.damping = (0..=horizon).flat_map(|k| LAWS.map(|law| damping_sum(law.phi, k))).collect();
        }
        for list in [&mut self.level, &mut self.trend, &mut self.weight] {
            list.clear();
            list.reserve(n * MEMBERS);
        }
        for list in [&mut self.anchor, &mut self.spread, &mut self.error] {
            list.clear();
            list.reserve(n);
        }
        let first = f64::from(values[0]) - self.season.at(0);
        let (mut level, mut trend) = ([first; MEMBERS], [0.0; MEMBERS]);
        let mut wrong = [0.0; MEMBERS];
        let (mut before, mut spread, mut step) = (first, 0.0, 0.0);
        let reach = (horizon / 2).max(2).min(horizon);
        for (t, value) in values.iter().enumerate() {
            let plain = f64::from(*value) - self.season.at(t);
            let base = if t > 0 { self.plain(t - 1, 1) } else { plain };
            let slow = 1.0 / (t as f64 + 1.0);
            step += 0.03f64.max(1.0 / t.max(1) as f64) * (plain - before - step);
            for (i, law) in LAWS.iter().enumerate() {
                let expected = level[i] + law.phi * trend[i];
                let error = plain - expected;
                let alpha = law.alpha.max(slow);
                level[i] = expected + alpha * error;
                trend[i] = if law.drift > 0.0 {
                    law.drift * step
                } else if law.beta > 0.0 && t > 0 {
                    law.phi * trend[i] + alpha * law.beta.max(slow) * error
                } else {
                    0.0
                };
                let far = if t >= reach { (plain - self.member(t - reach, reach, i)).abs() } else { 0.0 };
                wrong[i] = MEMORY * wrong[i] + error.abs() + far;
            }
            self.season.learn(t, f64::from(*value));
            spread += SPREAD.max(1.0 / t.max(1) as f64) * ((plain - before).abs() - spread);
            before = plain;
            let least = wrong.iter().copied().fold(f64::INFINITY, f64::min) + LEAST_WRONG;
            let credit = wrong.map(|w| (least / (w + LEAST_WRONG)).powi(POWER));
            let all: f64 = credit.iter().sum();
            let mut anchor = 0.0;
            for i in 0..MEMBERS {
                self.level.push(level[i] as f32);
                self.trend.push(trend[i] as f32);
                self.weight.push((credit[i] / all) as f32);
                anchor += credit[i] / all * level[i];
            }
            self.anchor.push(anchor as f32);
            self.spread.push(spread.max(LEAST_SPREAD) as f32);
            self.error.push((plain - base) as f32);
        }
    }

    /// What member `i` says at position `t` for `k` steps later, without the season.
    pub(crate) fn member(&self, t: usize, k: usize, i: usize) -> f64 {
        let at = t * MEMBERS + i;
        f64::from(self.level[at]) + self.damping[k * MEMBERS + i] * f64::from(self.trend[at])
    }

    /// What the members say together at position `t` for `k` steps later, without the season.
    pub(crate) fn plain(&self, t: usize, k: usize) -> f64 {
        (0..MEMBERS).map(|i| f64::from(self.weight[t * MEMBERS + i]) * self.member(t, k, i)).sum()
    }

    /// How far the members' paths are from the base, then, with `paths` more than members, the season taken out and the
    /// slowest and fastest season: [horizon * paths], each as `scaled` makes it.
    pub(crate) fn push_paths(
        &self,
        t: usize,
        into: &mut [f32],
        horizon: usize,
        paths: usize,
        scaled: impl Fn(f64) -> f64,
    ) {
        let scaled = |x: f64| scaled(x) as f32;
        for k in 1..=horizon {
            let row = &mut into[(k - 1) * paths..k * paths];
            let base = self.plain(t, k);
            for (i, out) in row.iter_mut().take(MEMBERS).enumerate() {
                *out = scaled(self.member(t, k, i) - base);
            }
            if paths > MEMBERS {
                let season = self.season.ahead(t, k);
                row[MEMBERS] = scaled(-season);
                let (slow, fast) = self.season.extremes(t, k);
                row[MEMBERS + 1] = scaled(slow - season);
                row[MEMBERS + 2] = scaled(fast - season);
            }
        }
    }

    /// The season expected at position `t` for `k` steps later.
    pub(crate) fn ahead(&self, t: usize, k: usize) -> f64 {
        self.season.ahead(t, k)
    }

    /// The season of position `back` steps before `t`, as known at `t`.
    pub(crate) fn behind(&self, t: usize, back: usize) -> f64 {
        self.season.behind(t, back)
    }

    /// The level that everything said at position `t` is relative to.
    pub(crate) fn anchor(&self, t: usize) -> f64 {
        f64::from(self.anchor[t])
    }

    /// What everything said at position `t` is in units of.
    pub(crate) fn spread(&self, t: usize) -> f64 {
        f64::from(self.spread[t])
    }

    /// The error at position `t` of what was said one step before.
    pub(crate) fn error(&self, t: usize) -> f64 {
        f64::from(self.error[t])
    }

    /// The share of member `i` at position `t`.
    pub(crate) fn weight(&self, t: usize, i: usize) -> f64 {
        f64::from(self.weight[t * MEMBERS + i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(values: &[f32], periods: &[usize]) -> SmoothingStates {
        let mut track = SmoothingStates::default();
        track.run(values, periods, 8);
        track
    }

    #[test]
    fn a_position_knows_nothing_of_what_comes_after_it() {
        let values: Vec<f32> = (0..60).map(|t| (t * t % 17) as f32 * 0.1).collect();
        let mut changed = values.clone();
        changed[40..].iter_mut().for_each(|v| *v += 9.0);
        let (a, b) = (track(&values, &[7]), track(&changed, &[7]));
        for k in 1..=8 {
            assert!((a.plain(39, k) + a.ahead(39, k) - b.plain(39, k) - b.ahead(39, k)).abs() < 1e-12);
            assert!((a.plain(40, k) + a.ahead(40, k) - b.plain(40, k) - b.ahead(40, k)).abs() > 0.1);
        }
        assert!((a.anchor(39) - b.anchor(39)).abs() < 1e-12 && (a.spread(39) - b.spread(39)).abs() < 1e-12);
        assert!((a.behind(39, 3) - b.behind(39, 3)).abs() < 1e-12);
    }

    #[test]
    fn most_of_a_lines_growth_is_continued() {
        let line: Vec<f32> = (0..80).map(|t| 1.0 + 0.05 * t as f32).collect();
        let track = track(&line, &[]);
        for k in 1..=8 {
            let wanted = 1.0 + 0.05 * (79 + k) as f64;
            assert!((track.plain(79, k) - wanted).abs() < 0.5 * 0.05 * k as f64, "{} for {wanted}", track.plain(79, k));
        }
    }

    #[test]
    fn a_season_is_repeated() {
        let wave = |t: usize| [0.5, -0.2, -0.4, 0.1][t % 4];
        let track = track(&(0..60).map(|t| wave(t) as f32).collect::<Vec<_>>(), &[4]);
        for k in 1..=8 {
            assert!((track.ahead(59, k) + track.plain(59, k) - wave(59 + k)).abs() < 0.02);
        }
        assert!((track.behind(59, 1) + track.plain(59, 1) - wave(58)).abs() < 0.02);
    }

    #[test]
    fn a_constant_stays_and_one_value_is_enough() {
        for track in [track(&[2.5; 30], &[4]), track(&[2.5], &[4])] {
            let last = track.anchor.len() - 1;
            assert!((track.plain(last, 8) + track.ahead(last, 8) - 2.5).abs() < 1e-6);
        }
    }
}
