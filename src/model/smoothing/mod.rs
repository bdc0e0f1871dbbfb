//! Exponential smoothing as a base to refine: a level, a damped trend and a season, known at every position, from which
//! each position's forecast path follows in closed form.
//!
//! Additive error-correction form, ETS(A,Ad,A) (Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with Exponential
//! Smoothing", chapter 2). The parameters come from a grid, by mean absolute error over the horizon asked for.

pub(crate) mod grid_search;

use crate::model::smoothing::grid_search::Trial;

/// Smoothing parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parameters {
    /// Of the level, in (0, 1].
    alpha: f64,
    /// Of the trend, as a share of `alpha`; 0 for no trend.
    beta: f64,
    /// Damping of the trend a step, in (0, 1].
    phi: f64,
    /// Of the season, as a share of `1 - alpha`.
    gamma: f64,
    /// Steps in a season, 1 for none.
    season: usize,
}

impl Parameters {
    /// What the trend adds in `k` steps, in units of one: phi + phi² + … + phiᵏ.
    fn damped(&self, k: usize) -> f64 {
        let phi = self.phi;
        if phi < 1.0 { phi * (1.0 - phi.powi(k as i32)) / (1.0 - phi) } else { k as f64 }
    }

    /// From level and trend at one position and the season expected at the next one to all three at that one.
    fn step(&self, (level, trend): (f64, f64), season: f64, value: Option<f64>) -> (f64, f64, f64) {
        let Self { alpha, beta, phi, gamma, .. } = *self;
        let expected = level + phi * trend;
        let error = value.map_or(0.0, |value| value - expected - season);
        (expected + alpha * error, phi * trend + alpha * beta * error, season + gamma * (1.0 - alpha) * error)
    }
}

/// A series smoothed with one set of parameters: what was known of it at each of its positions.
#[derive(Debug, Clone)]
struct Member {
    parameters: Parameters,
    level: Vec<f64>,
    trend: Vec<f64>,
    /// Longer than the series by one season: the season after position `t` starts at `t + 1`.
    seasonal: Vec<f64>,
    /// Share in the bank's forecast.
    weight: f64,
}

/// A series smoothed: for no season and for each candidate season the parameters that forecast best, averaged with
/// weights by their errors.
#[derive(Debug, Clone)]
pub(crate) struct Smoothed {
    members: Vec<Member>,
    /// First position at which nothing later than itself is used.
    first: usize,
    /// One-step error at each position, 0 where nothing was observed.
    error: Vec<f64>,
}

const ALPHAS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0];
const TRENDS: [(f64, f64); 4] = [(0.0, 1.0), (0.05, 0.98), (0.2, 0.95), (0.2, 1.0)];
const GAMMAS: [f64; 5] = [0.02, 0.05, 0.15, 0.3, 0.6];
/// A member's weight falls with this power of its error; one that is worse than this times the best has none.
const POWER: i32 = 4;
const WORST: f64 = 1.5;

impl Smoothed {
    /// Smooths `values`, by mean absolute error over `horizon` steps.
    ///
    /// `seasons`: candidates; those that the series is too short for are left out. Positions that were not observed
    /// neither move the state nor count.
    pub(crate) fn best(values: &[f64], observed: &[bool], seasons: &[usize], horizon: usize) -> Self {
        let n = values.len();
        let fits = |m: usize, rank: usize| m > 1 && if rank == 0 { n >= 2 * m + 2 } else { n >= 5 * m };
        let candidates = seasons.iter().enumerate().filter(|(rank, m)| fits(**m, *rank)).map(|(_, m)| *m);
        let starts: Vec<Start> = std::iter::once(1).chain(candidates).map(|m| Start::of(values, observed, m)).collect();
        let first = starts.iter().map(|start| start.length).max().unwrap_or(1);
        let best_of = |start: &Start| {
            let tried = Trial { values, observed, horizon, first, start };
            let (error, parameters) = tried.best(&grid(start.seasonal.len()));
            (error, Member::run(values, observed, parameters, start))
        };
        let scored: Vec<(f64, Member)> = starts.iter().map(best_of).collect();
        let least = scored.iter().map(|(error, _)| *error).fold(f64::INFINITY, f64::min);
        let weight = |error: f64| match error {
            e if e <= least => 1.0, // also where it is 0 or nothing could be compared
            e if e > WORST * least => 0.0,
            e => (least / e).powi(POWER),
        };
        let total: f64 = scored.iter().map(|(error, _)| weight(*error)).sum();
        let share = |(error, member): (f64, Member)| Member { weight: weight(error) / total, ..member };
        let members: Vec<Member> = scored.into_iter().map(share).filter(|m| m.weight > 0.0).collect();
        let mut smoothed = Self { members, first, error: vec![0.0; n] };
        for t in (1..n).filter(|t| observed[*t]) {
            smoothed.error[t] = values[t] - smoothed.at(t - 1, 1);
        }
        smoothed
    }

    /// The forecast made at position `t` for `k` steps later, `k` at least 1.
    pub(crate) fn at(&self, t: usize, k: usize) -> f64 {
        self.members.iter().map(|member| member.weight * member.at(t, k)).sum()
    }

    /// The level at position `t`: the series without its season.
    pub(crate) fn level(&self, t: usize) -> f64 {
        self.members.iter().map(|member| member.weight * member.level[t]).sum()
    }

    /// The error at position `t` of the forecast made one step before, 0 where nothing was observed.
    pub(crate) fn error(&self, t: usize) -> f64 {
        self.error[t]
    }

    /// What was known at position `t`.
    pub(crate) fn until(&self, t: usize) -> Self {
        let cut = |member: &Member| Member {
            level: member.level[..=t].to_vec(),
            trend: member.trend[..=t].to_vec(),
            seasonal: member.seasonal[..=t + member.parameters.season].to_vec(),
            ..*member
        };
        Self { members: self.members.iter().map(cut).collect(), first: self.first, error: self.error[..=t].to_vec() }
    }

    /// Goes on by one position with the same parameters.
    pub(crate) fn push(&mut self, value: f64) {
        let t = self.error.len();
        self.error.push(value - self.at(t - 1, 1));
        for member in &mut self.members {
            let state = (member.level[t - 1], member.trend[t - 1]);
            let (level, trend, season) = member.parameters.step(state, member.seasonal[t], Some(value));
            member.level.push(level);
            member.trend.push(trend);
            member.seasonal.push(season);
        }
    }

    /// The first position at which nothing later than itself was used: the start is estimated on what comes before.
    pub(crate) fn first(&self) -> usize {
        self.first
    }
}

impl Member {
    /// Walks over the series once.
    fn run(values: &[f64], observed: &[bool], parameters: Parameters, start: &Start) -> Self {
        let Parameters { beta, season, .. } = parameters;
        let n = values.len();
        let mut seasonal = Vec::with_capacity(n + season);
        seasonal.extend_from_slice(&start.seasonal);
        let (mut levels, mut trends) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut state = (start.level, if beta > 0.0 { start.trend } else { 0.0 });
        for t in 0..n {
            let (level, trend, season) = parameters.step(state, seasonal[t], observed[t].then_some(values[t]));
            state = (level, trend);
            seasonal.push(season);
            levels.push(level);
            trends.push(trend);
        }
        Self { parameters, level: levels, trend: trends, seasonal, weight: 1.0 }
    }

    /// The forecast made at position `t` for `k` steps later, `k` at least 1.
    fn at(&self, t: usize, k: usize) -> f64 {
        let season = self.parameters.season;
        self.level[t] + self.parameters.damped(k) * self.trend[t] + self.seasonal[t + 1 + (k - 1) % season]
    }
}

/// The parameters to choose among for a season.
fn grid(season: usize) -> Vec<Parameters> {
    let gammas = if season > 1 { &GAMMAS[..] } else { &[0.0] };
    let all = ALPHAS.into_iter().flat_map(move |alpha| {
        TRENDS.into_iter().flat_map(move |(beta, phi)| {
            gammas.iter().map(move |&gamma| Parameters { alpha, beta, phi, gamma, season })
        })
    });
    all.collect()
}

/// Where smoothing starts, estimated on the series' first seasons.
pub(crate) struct Start {
    /// Positions used for the estimate.
    length: usize,
    level: f64,
    /// Change a step.
    trend: f64,
    /// One value a position of the season, of mean 0.
    seasonal: Vec<f64>,
}

impl Start {
    fn of(values: &[f64], observed: &[bool], season: usize) -> Self {
        if season == 1 {
            let length = values.len().min(6);
            let mut steps: Vec<f64> = values[..length].windows(2).map(|w| w[1] - w[0]).collect();
            steps.sort_by(f64::total_cmp);
            let trend = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
            return Self { length, level: values[0] - trend, trend, seasonal: vec![0.0] };
        }
        // as many of up to three seasons as leave two to learn from
        let seasons = (values.len() / season).saturating_sub(2).clamp(1, 3);
        let length = seasons * season;
        let mean = |from: usize| values[from..from + season].iter().sum::<f64>() / season as f64;
        let trend = if seasons > 1 { (mean(length - season) - mean(0)) / (length - season) as f64 } else { 0.0 };
        let middle = mean(0) - trend * (season as f64 - 1.0) / 2.0; // the line's value at position 0
        let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
        for t in 0..length {
            if observed[t] {
                sums[t % season] += values[t] - middle - trend * t as f64;
                counts[t % season] += 1.0;
            }
        }
        let mut seasonal: Vec<f64> = sums.iter().zip(&counts).map(|(s, c): (&f64, &f64)| s / c.max(1.0)).collect();
        let centre = seasonal.iter().sum::<f64>() / season as f64;
        for s in &mut seasonal {
            *s -= centre;
        }
        Self { length, level: middle + centre - trend, trend, seasonal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smoothed(values: &[f64], seasons: &[usize], horizon: usize) -> Smoothed {
        Smoothed::best(values, &vec![true; values.len()], seasons, horizon)
    }

    #[test]
    fn a_line_is_continued() {
        let line: Vec<f64> = (0..60).map(|t| 3.0 + 2.0 * f64::from(t)).collect();
        let s = smoothed(&line, &[], 5);
        for k in 1..=5 {
            assert!((s.at(59, k) - (3.0 + 2.0 * (59 + k) as f64)).abs() < 1e-6, "{} at step {k}", s.at(59, k));
        }
    }

    #[test]
    fn a_season_is_repeated() {
        let values: Vec<f64> = (0..48).map(|t| [5.0, 1.0, -2.0, 4.0][t % 4]).collect();
        let s = smoothed(&values, &[4], 8);
        for k in 1..=8 {
            assert!((s.at(47, k) - values[(47 + k) % 4]).abs() < 1e-6, "{} at step {k}", s.at(47, k));
        }
    }

    #[test]
    fn a_forecast_knows_nothing_of_what_comes_after_its_position() {
        let values: Vec<f64> = (0..80).map(|t| f64::from(t * t % 17)).collect();
        let parameters = Parameters { alpha: 0.3, beta: 0.2, phi: 0.95, gamma: 0.3, season: 7 };
        let run = |v: &[f64]| Member::run(v, &[true; 80], parameters, &Start::of(v, &[true; 80], 7));
        let mut changed = values.clone();
        changed[50..].iter_mut().for_each(|v| *v += 100.0);
        let (a, b) = (run(&values), run(&changed));
        for k in 1..=10 {
            assert!((a.at(49, k) - b.at(49, k)).abs() < 1e-12);
            assert!((a.at(50, k) - b.at(50, k)).abs() > 1.0);
        }
    }
}
