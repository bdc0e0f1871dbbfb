//! The smoothing of one series, and its gradient by hand.
//!
//! Holt and Winters' level and seasons without a trend, the network being the trend (Smyl 2020, section 3.1), on the
//! pool's scale: additive on logarithms, which is the multiplicative form. With `r_t` for what neither level nor seasons
//! account for,
//!
//! ```text
//! l_t       = l_{t-1} + α (y_t - Σ s_t - l_{t-1}),   l_0 = y_0 - Σ s_0
//! r_t       = y_t - l_t - Σ s_t
//! s_{t+m}   = s_t + γ r_t                            for each season, of period m
//! ```
//!
//! α and γ are logistic functions of what is learned, and so are in (0, 1); the first m factors are learned too.

/// What is learned of one series; also its gradient.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Law {
    /// Logit of α.
    pub(super) level: f64,
    /// Logit of γ for each season.
    pub(super) rates: Vec<f64>,
    /// The first factors of each season, as many as its period.
    pub(super) first: Vec<Vec<f64>>,
}

/// A series as smoothed: what is known at each position.
#[derive(Debug, Clone, Default)]
pub(super) struct Track {
    /// [positions].
    level: Vec<f64>,
    /// For each season the factor expected at each position, longer than the series by a period.
    seasons: Vec<Vec<f64>>,
    /// Mean absolute step without the season, at each position; no gradient goes through it.
    spread: Vec<f64>,
}

/// The gradient of a loss with respect to all states of a [`Track`].
#[derive(Debug, Clone, Default)]
pub(super) struct Pull {
    /// [positions].
    pub(super) level: Vec<f64>,
    /// For each season, as long as the factors.
    pub(super) seasons: Vec<Vec<f64>>,
}

/// How fast the spread of steps is forgotten, a step.
const SPREAD: f64 = 0.08;
/// The least spread, in units of a logarithm or of a series' size: below it nothing is worth telling apart.
const LEAST_SPREAD: f64 = 0.002;

/// The logistic function.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Track {
    /// Smooths `values`, of which there is at least one. Reuses its memory.
    pub(super) fn run(&mut self, values: &[f32], law: &Law) {
        let n = values.len();
        self.seasons.resize_with(law.first.len(), Vec::new);
        for (factors, first) in self.seasons.iter_mut().zip(&law.first) {
            factors.clear();
            factors.extend_from_slice(first);
            factors.resize(n + first.len(), 0.0);
        }
        self.level.clear();
        self.spread.clear();
        let alpha = logistic(law.level);
        let gammas: Vec<f64> = law.rates.iter().copied().map(logistic).collect();
        let (mut level, mut before, mut spread) = (0.0, 0.0, 0.0);
        for (t, value) in values.iter().enumerate() {
            let plain = f64::from(*value) - self.season(t);
            level = if t == 0 { plain } else { level + alpha * (plain - level) };
            let rest = plain - level;
            for ((factors, first), gamma) in self.seasons.iter_mut().zip(&law.first).zip(&gammas) {
                factors[t + first.len()] = factors[t] + gamma * rest;
            }
            self.level.push(level);
            if t > 0 {
                spread += SPREAD.max(1.0 / t as f64) * ((plain - before).abs() - spread);
            }
            before = plain;
            self.spread.push(spread.max(LEAST_SPREAD));
        }
    }

    /// Takes the spread of another track, to tell what does not come through it.
    #[cfg(test)]
    pub(super) fn keep_spread(&mut self, other: &Self) {
        self.spread.clone_from(&other.spread);
    }

    /// Positions.
    pub(super) fn len(&self) -> usize {
        self.level.len()
    }

    /// The level at position `t`.
    pub(super) fn level(&self, t: usize) -> f64 {
        self.level[t]
    }

    /// What everything said at position `t` is in units of.
    pub(super) fn spread(&self, t: usize) -> f64 {
        self.spread[t]
    }

    /// The seasons' factors of position `t`, as they were expected before it.
    pub(super) fn season(&self, t: usize) -> f64 {
        self.seasons.iter().map(|factors| factors[t]).sum()
    }

    /// The seasons' factors `k` steps after position `t`, as expected at `t`.
    pub(super) fn ahead(&self, t: usize, k: usize) -> f64 {
        let n = self.level.len();
        self.seasons.iter().map(|factors| factors[t + 1 + (k - 1) % (factors.len() - n)]).sum()
    }

    /// The gradient of all that is learned, given that of all states, which is used up.
    pub(super) fn pull_back(&self, values: &[f32], law: &Law, pull: &mut Pull) -> Law {
        let alpha = logistic(law.level);
        let gammas: Vec<f64> = law.rates.iter().copied().map(logistic).collect();
        let (mut to_alpha, mut to_gammas) = (0.0, vec![0.0; gammas.len()]);
        for t in (0..self.level.len()).rev() {
            let plain = f64::from(values[t]) - self.season(t);
            let rest = plain - self.level[t];
            let mut to_rest = 0.0;
            for (i, first) in law.first.iter().enumerate() {
                let later = pull.seasons[i][t + first.len()];
                to_gammas[i] += later * rest;
                to_rest += later * gammas[i];
                pull.seasons[i][t] += later;
            }
            let to_level = pull.level[t] - to_rest;
            // from the season through the value without it, to the rest and to the level
            let to_plain = to_rest + if t == 0 { to_level } else { alpha * to_level };
            if t > 0 {
                to_alpha += to_level * (plain - self.level[t - 1]);
                pull.level[t - 1] += (1.0 - alpha) * to_level;
            }
            pull.seasons.iter_mut().for_each(|factors| factors[t] -= to_plain);
        }
        let to_logit = |(to_gamma, gamma): (f64, &f64)| to_gamma * gamma * (1.0 - gamma);
        Law {
            level: to_alpha * alpha * (1.0 - alpha),
            rates: to_gammas.into_iter().zip(&gammas).map(to_logit).collect(),
            first: law.first.iter().zip(&pull.seasons).map(|(first, to)| to[..first.len()].to_vec()).collect(),
        }
    }
}

impl Pull {
    /// All zero, for a track.
    pub(super) fn start(&mut self, track: &Track) {
        self.level.clear();
        self.level.resize(track.level.len(), 0.0);
        self.seasons.resize_with(track.seasons.len(), Vec::new);
        for (to, factors) in self.seasons.iter_mut().zip(&track.seasons) {
            to.clear();
            to.resize(factors.len(), 0.0);
        }
    }

    /// Adds to the factors of position `t`.
    pub(super) fn add_season(&mut self, t: usize, to: f64) {
        self.seasons.iter_mut().for_each(|factors| factors[t] += to);
    }

    /// Adds to the factors `k` steps after position `t`.
    pub(super) fn add_ahead(&mut self, t: usize, k: usize, to: f64) {
        let n = self.level.len();
        for factors in &mut self.seasons {
            let period = factors.len() - n;
            factors[t + 1 + (k - 1) % period] += to;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// A loss that depends on every state, not linearly, and its gradient with respect to them.
    fn loss(track: &Track, weights: &[f64]) -> (f64, Pull) {
        let mut pull = Pull::default();
        pull.start(track);
        let (mut sum, mut next) = (0.0, weights.iter().cycle());
        let mut add = |x: f64| {
            let w = next.next().expect("it goes round");
            sum += w * (x + 0.3 * x * x);
            w * (1.0 + 0.6 * x)
        };
        pull.level.iter_mut().zip(&track.level).for_each(|(to, x)| *to = add(*x));
        for (to, factors) in pull.seasons.iter_mut().zip(&track.seasons) {
            to.iter_mut().zip(factors).for_each(|(to, x)| *to = add(*x));
        }
        (sum, pull)
    }

    fn numbers(law: &Law) -> Vec<f64> {
        let first = law.first.iter().flatten();
        std::iter::once(&law.level).chain(&law.rates).chain(first).copied().collect()
    }

    fn nudged(law: &Law, at: usize, by: f64) -> Law {
        let mut law = law.clone();
        let first = law.first.iter_mut().flatten();
        *std::iter::once(&mut law.level).chain(&mut law.rates).chain(first).nth(at).expect("it is there") += by;
        law
    }

    proptest! {
        /// Central differences of every parameter, for none, one and two seasons, from one value on.
        #[test]
        fn the_gradient_is_that_of_finite_differences(seed in any::<u64>(), n in 1usize..60, seasons in 0usize..3) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let values: Vec<f32> = (0..n).map(|_| rng.random_range(-2.0f32..2.0)).collect();
            let mut draw = |from: f64, to: f64| rng.random_range(from..to);
            let law = Law {
                level: draw(-3.0, 3.0),
                rates: (0..seasons).map(|_| draw(-3.0, 1.0)).collect(),
                first: [4, 11][..seasons].iter().map(|m| (0..*m).map(|_| draw(-0.5, 0.5)).collect()).collect(),
            };
            let weights: Vec<f64> = (0..37).map(|_| rng.random_range(-1.0..1.0)).collect();
            let mut track = Track::default();
            track.run(&values, &law);
            let (_, mut pull) = loss(&track, &weights);
            let gradient = numbers(&track.pull_back(&values, &law, &mut pull));
            let size = gradient.iter().fold(1.0f64, |size, g| size.max(g.abs()));
            for (at, gradient) in gradient.iter().enumerate() {
                let step = 1e-5;
                let at_nudged = |by: f64| {
                    let mut track = Track::default();
                    track.run(&values, &nudged(&law, at, by));
                    loss(&track, &weights).0
                };
                let slope = (at_nudged(step) - at_nudged(-step)) / (2.0 * step);
                prop_assert!((slope - gradient).abs() < 1e-5 * size.max(1.0), "parameter {at}: {gradient} for {slope}");
            }
        }
    }

    #[test]
    fn a_season_that_is_known_leaves_a_level_that_does_not_move() {
        let law = Law { level: 0.3, rates: vec![-1.0], first: vec![vec![0.4, -0.1, -0.3]] };
        let values: Vec<f32> = (0..20).map(|t| 5.0 + [0.4, -0.1, -0.3][t % 3]).collect();
        let mut track = Track::default();
        track.run(&values, &law);
        for t in 0..20 {
            assert!(
                (track.level(t) - 5.0).abs() < 1e-6 && (track.ahead(t, 4) - law.first[0][(t + 4) % 3]).abs() < 1e-6
            );
        }
    }

    #[test]
    fn a_position_knows_nothing_of_what_comes_after_it() {
        let law = Law { level: 0.3, rates: vec![-1.0], first: vec![vec![0.1, 0.2, -0.3, 0.0]] };
        let values: Vec<f32> = (0..40).map(|t| (t * t % 17) as f32 * 0.1).collect();
        let mut changed = values.clone();
        changed[30..].iter_mut().for_each(|v| *v += 9.0);
        let (mut a, mut b) = (Track::default(), Track::default());
        a.run(&values, &law);
        b.run(&changed, &law);
        assert!((a.level(29) - b.level(29)).abs() < 1e-12 && (a.spread(29) - b.spread(29)).abs() < 1e-12);
        assert!((1..=9).all(|k| (a.ahead(29, k) - b.ahead(29, k)).abs() < 1e-12));
        assert!((a.level(30) - b.level(30)).abs() > 0.1);
    }
}
