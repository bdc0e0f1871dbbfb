//! The predictive distribution of intermittent counts: a hurdle model with discounted moments.
//!
//! A value is 0 with a probability; otherwise it is 1 plus a negative binomial count (Mullahy 1986, *Specification and
//! testing of some modified count data models*, Journal of Econometrics 33(3)). Probability and mean are exponentially
//! discounted means, as in Teunter, Syntetos & Babai (2011), *Intermittent demand: Linking forecasting to inventory
//! obsolescence*, European Journal of Operational Research 214(3). The dispersion is that of all positive values.
//!
//! Its median is often 0, which a mean rate such as that of [`croston`](crate::model::stat::croston) never is.

use crate::metric::pinball;
use crate::model::stat::student_t;

/// The discounts from which that with the smallest loss of one-step forecasts is chosen. The first is kept if no other
/// is better.
const DISCOUNTS: [f64; 4] = [0.9, 0.95, 0.98, 0.995];
/// The levels at which the loss of a discount is computed.
const LOSS_LEVELS: [f64; 3] = [0.25, 0.5, 0.75];
/// The maximum number of last values on which discounts are compared.
const MAX_COMPARED_VALUES: usize = 200;
/// The relative improvement that another discount must have.
const MIN_IMPROVEMENT: f64 = 0.02;
/// The mean above which a negative binomial distribution is replaced by a normal one.
const MAX_EXACT_MEAN: f64 = 400.0;

/// The distribution of the next value of a series of counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CountDistribution {
    zero_probability: f64,
    /// Mean of a positive value less 1.
    excess_mean: f64,
    /// Ratio of the variance of positive values to `excess_mean`, at least 1.
    dispersion: f64,
}

impl CountDistribution {
    /// The distribution after `values`, which are not negative. The discount is the one that suited the last values
    /// best.
    pub(crate) fn fit(values: &[f64]) -> Self {
        let start = (values.len() / 2).max(values.len().saturating_sub(MAX_COMPARED_VALUES)).max(1);
        let loss_and_moments = |discount: f64| {
            let (mut loss, mut moments) = (0.0, Moments::default());
            for (t, value) in values.iter().enumerate() {
                if t >= start {
                    let expected = moments.distribution();
                    let losses = LOSS_LEVELS.map(|level| pinball(&[*value], &[expected.quantile(level)], level));
                    loss += losses.iter().sum::<f64>();
                }
                moments.update(*value, discount);
            }
            (loss, moments)
        };
        let better = |best: (f64, Moments), other: (f64, Moments)| {
            if other.0 < best.0 * (1.0 - MIN_IMPROVEMENT) { other } else { best }
        };
        let (_, moments) = DISCOUNTS.map(loss_and_moments).into_iter().reduce(better).expect("there are discounts");
        moments.distribution()
    }

    /// The smallest count whose cumulative probability is at least `level`, in (0, 1).
    pub(crate) fn quantile(&self, level: f64) -> f64 {
        if level <= self.zero_probability {
            return 0.0;
        }
        1.0 + self.excess_quantile((level - self.zero_probability) / (1.0 - self.zero_probability))
    }

    /// The quantile of the negative binomial distribution; of the Poisson distribution without dispersion.
    fn excess_quantile(&self, level: f64) -> f64 {
        let (mean, dispersion) = (self.excess_mean, self.dispersion);
        if mean <= 0.0 {
            return 0.0;
        }
        if mean > MAX_EXACT_MEAN || dispersion > MAX_EXACT_MEAN {
            let deviation = student_t::normal_quantile(level) * (mean * dispersion).sqrt();
            return (mean + deviation).round().max(0.0);
        }
        let is_poisson = dispersion < 1.0 + 1e-6;
        // P(0), and the ratio P(k + 1) / P(k)
        let mut probability =
            if is_poisson { (-mean).exp() } else { (-dispersion.ln() * mean / (dispersion - 1.0)).exp() };
        let ratio = |k: f64| {
            if is_poisson { mean / (k + 1.0) } else { (mean + k * (dispersion - 1.0)) / (dispersion * (k + 1.0)) }
        };
        let (mut count, mut cumulative) = (0.0, probability);
        let largest = mean + 100.0 * (mean * dispersion).sqrt();
        while cumulative < level && count < largest {
            probability *= ratio(count);
            count += 1.0;
            cumulative += probability;
        }
        count
    }
}

/// Discounted moments of the values so far.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    /// Discounted number of values.
    weight: f64,
    /// Discounted number of zeros.
    zeros: f64,
    /// Discounted number and sum of positive values less 1.
    positive: (f64, f64),
    /// Number, sum and sum of squares of all positive values less 1.
    all: (f64, f64, f64),
}

impl Moments {
    fn update(&mut self, value: f64, discount: f64) {
        self.weight = discount * self.weight + 1.0;
        self.zeros = discount * self.zeros + f64::from(value <= 0.0);
        self.positive = (discount * self.positive.0, discount * self.positive.1);
        if value > 0.0 {
            let excess = (value - 1.0).max(0.0);
            self.positive = (self.positive.0 + 1.0, self.positive.1 + excess);
            self.all = (self.all.0 + 1.0, self.all.1 + excess, self.all.2 + excess * excess);
        }
    }

    /// The distribution. The mean of all positive values counts as one value in the discounted mean.
    fn distribution(&self) -> CountDistribution {
        let (count, sum, squares) = self.all;
        if count == 0.0 {
            return CountDistribution { zero_probability: 1.0, excess_mean: 0.0, dispersion: 1.0 };
        }
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        CountDistribution {
            zero_probability: self.zeros / self.weight,
            excess_mean: (self.positive.1 + mean) / (self.positive.0 + 1.0),
            dispersion: if mean > 0.0 { (variance / mean).max(1.0) } else { 1.0 },
        }
    }
}
