//! The season of a series as it is known at each position.

/// Additive factors: those of several periods and rates of learning, and none at all, averaged at each position with
/// weights by how well each has done so far (ETS's seasonal equation around a level of its own).
#[derive(Debug, Default)]
pub(crate) struct Seasonal {
    parts: Vec<Part>,
    /// Shares of the parts at each position, [position * parts]; what is missing to 1 is the share of no season.
    shares: Vec<f32>,
    plain: Level,
}

#[derive(Debug)]
struct Part {
    period: usize,
    rate: f64,
    level: Level,
    /// The factor at position `t` as known a period before it; longer than the series by a period.
    factors: Vec<f32>,
}

/// A damped trend, and how wrong it has been.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    value: f64,
    trend: f64,
    wrong: f64,
}

impl Level {
    fn learn(&mut self, t: usize, value: f64, memory: f64) -> f64 {
        if t == 0 {
            self.value = value;
            return 0.0;
        }
        let slow = 1.0 / (t as f64 + 1.0);
        let expected = self.value + PHI * self.trend;
        let error = value - expected;
        self.value = expected + ALPHA.max(slow) * error;
        self.trend = PHI * self.trend + ALPHA * BETA.max(slow) * error;
        self.wrong = memory * self.wrong + error.abs();
        error
    }
}

/// Of the level, and of the trend as a share of it; the trend's damping a step.
const ALPHA: f64 = 0.3;
const BETA: f64 = 0.1;
const PHI: f64 = 0.95;
/// A part's weight falls with this power of its discounted error.
const POWER: i32 = 6;
/// Seasons over which errors are forgotten.
const MEMORY: f64 = 2.0;
/// Added to every error, so that parts that were never wrong can be compared.
const LEAST_WRONG: f64 = 1e-6;

/// The rates at which factors are learned.
const RATES: [f64; 3] = [0.05, 0.15, 0.4];
/// Whole seasons that the first factors are estimated on.
const FIRST: usize = 2;

impl Seasonal {
    /// Positions that the first factors are estimated on: at those something later than themselves is known.
    pub(crate) fn warm_up(periods: &[usize]) -> usize {
        periods.iter().map(|period| FIRST * period).max().unwrap_or(0)
    }

    /// Starts anew for `values`; a period that they do not hold [`FIRST`] times is left out.
    pub(crate) fn start(&mut self, values: &[f32], periods: &[usize]) {
        self.parts.clear();
        self.shares.clear();
        self.plain = Level::default();
        for period in periods.iter().copied().filter(|period| *period > 1 && values.len() > FIRST * period) {
            for rate in RATES {
                let mut factors = first_factors(values, period);
                factors.reserve(values.len());
                self.parts.push(Part { period, rate, level: Level::default(), factors });
            }
        }
    }

    /// The factor expected at the position that is to be learned next.
    pub(crate) fn at(&self, t: usize) -> f64 {
        if t == 0 {
            let n = self.parts.len() as f64;
            return self.parts.iter().map(|part| f64::from(part.factors[t]) / n).sum();
        }
        self.ahead(t - 1, 1)
    }

    /// Learns the value at position `t`; to be called for each in turn.
    pub(crate) fn learn(&mut self, t: usize, value: f64) {
        if self.parts.is_empty() {
            return;
        }
        let longest = self.parts.iter().map(|p| p.period).max().unwrap_or(1);
        let memory = 1.0 - 1.0 / (MEMORY * longest as f64);
        self.plain.learn(t, value, memory);
        for part in &mut self.parts {
            let factor = f64::from(part.factors[t]);
            let error = part.level.learn(t, value - factor, memory);
            let rate = part.rate.max(1.0 / (FIRST as f64 + 1.0 + (t / part.period) as f64));
            part.factors.push((factor + rate * (1.0 - ALPHA) * error) as f32);
        }
        let least = self.parts.iter().map(|p| p.level.wrong).fold(self.plain.wrong, f64::min) + LEAST_WRONG;
        let credit = |wrong: f64| (least / (wrong + LEAST_WRONG)).powi(POWER);
        let total = credit(self.plain.wrong) + self.parts.iter().map(|p| credit(p.level.wrong)).sum::<f64>();
        self.shares.extend(self.parts.iter().map(|p| (credit(p.level.wrong) / total) as f32));
    }

    fn shares(&self, t: usize) -> impl Iterator<Item = (f64, &Part)> {
        let count = self.parts.len();
        self.shares[t * count..(t + 1) * count].iter().map(|s| f64::from(*s)).zip(&self.parts)
    }

    /// The factor `k` steps after `t`, as known at `t`.
    pub(crate) fn ahead(&self, t: usize, k: usize) -> f64 {
        let of = |(share, part): (f64, &Part)| share * f64::from(part.factors[t + 1 + (k - 1) % part.period]);
        self.shares(t).map(of).sum()
    }

    /// As [`Seasonal::ahead`], of the part that learns the slowest and of the one that learns the fastest.
    pub(crate) fn extremes(&self, t: usize, k: usize) -> (f64, f64) {
        let of = |part: Option<&Part>| part.map_or(0.0, |p| f64::from(p.factors[t + 1 + (k - 1) % p.period]));
        (of(self.parts.first()), of(self.parts.last()))
    }

    /// The factor of `back` steps before `t`, as known at `t`.
    pub(crate) fn behind(&self, t: usize, back: usize) -> f64 {
        let of = |(share, part): (f64, &Part)| share * f64::from(part.factors[t + part.period - back % part.period]);
        self.shares(t).map(of).sum()
    }
}

/// Factors of mean 0 around a line, from the first seasons.
fn first_factors(values: &[f32], period: usize) -> Vec<f32> {
    let value = |t: usize| f64::from(values[t]);
    let mean = |from: usize| (from..from + period).map(value).sum::<f64>() / period as f64;
    let slope = (mean(period) - mean(0)) / period as f64;
    let middle = mean(0) - slope * (period as f64 - 1.0) / 2.0; // the line at position 0
    let mut factors = vec![0.0f64; period];
    for t in 0..FIRST * period {
        factors[t % period] += (value(t) - middle - slope * t as f64) / FIRST as f64;
    }
    let centre = factors.iter().sum::<f64>() / period as f64;
    factors.iter().map(|factor| (factor - centre) as f32).collect()
}
