//! Rolling origins inside a history, at which the candidates are compared.

/// The maximum number of origins. Errors at older origins say less about the future.
const MAX_ORIGINS: usize = 8;
/// The number of errors below which there are more origins. Eight errors of a single step weight candidates by luck, and the
/// width of intervals varies by half.
const MIN_ERRORS: usize = 24;
/// The shortest history with an origin.
const MIN_VALUES: usize = 8;

#[derive(Debug)]
pub(crate) struct Origins {
    /// Number of values known at each origin, ascending.
    pub(crate) cutoffs: Vec<usize>,
    /// Steps that are compared at each origin: the horizon, or less in a short history.
    pub(crate) steps: usize,
}

impl Origins {
    /// Origins that are one horizon apart, or closer in a short history. At least two seasons are known at each, or a
    /// third of a shorter history.
    pub(crate) fn within(length: usize, horizon: usize, season: usize) -> Self {
        let steps = horizon.min((length / 4).max(1));
        let min_known = (2 * season + steps).clamp(length / 3, length / 2).max(2);
        let Some(room) = length.checked_sub(steps + min_known).filter(|_| length >= MIN_VALUES) else {
            return Self { cutoffs: Vec::new(), steps };
        };
        let most = MIN_ERRORS.div_ceil(steps).max(MAX_ORIGINS);
        let stride = (room / (most - 1)).clamp(1, steps);
        let count = (room / stride + 1).min(most);
        let last = length - steps;
        Self { cutoffs: (0..count).rev().map(|i| last - i * stride).collect(), steps }
    }

    /// The origins within the last `steps` of a history.
    pub(crate) fn without_earlier(mut self, length: usize, steps: usize) -> Self {
        self.cutoffs.retain(|cutoff| length - cutoff <= steps);
        self
    }

    /// The number of origins whose steps were all known at `origin`.
    pub(crate) fn completed_at(&self, origin: usize) -> usize {
        self.cutoffs.iter().filter(|cutoff| **cutoff + self.steps <= self.cutoffs[origin]).count()
    }

    /// The number of horizons that the first `count` origins cover. Overlapping origins carry little more information than
    /// a single one.
    pub(crate) fn horizons_covered(&self, count: usize) -> f64 {
        let ends = self.cutoffs.first().zip(self.cutoffs[..count].last());
        ends.map_or(0.0, |(first, last)| (last - first) as f64 / self.steps as f64 + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn origins_ascend_and_begin_after_a_third_of_the_history_and_cover_its_end(
            length in 1..5_000_usize, horizon in 1..600_usize, season in 1..400_usize,
        ) {
            let Origins { cutoffs, steps } = Origins::within(length, horizon, season);
            prop_assert!(steps >= 1 && steps <= horizon);
            prop_assert!(cutoffs.len() <= MAX_ORIGINS || (cutoffs.len() - 1) * steps < MIN_ERRORS);
            prop_assert!(cutoffs.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= steps));
            prop_assert_eq!(cutoffs.is_empty(), length < MIN_VALUES);
            prop_assert!(cutoffs.last().is_none_or(|last| last + steps == length));
            prop_assert!(cutoffs.first().is_none_or(|first| *first >= length / 3));
        }
    }

    #[test]
    fn a_short_horizon_has_more_origins() {
        let count = |horizon: usize| Origins::within(300, horizon, 7).cutoffs.len();
        assert_eq!([1, 2, 3, 4, 12].map(count), [24, 12, 8, 8, 8]);
        assert_eq!(Origins::within(30, 1, 1).cutoffs, (10..30).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_history_has_eight_origins_one_horizon_apart() {
        let origins = Origins::within(1000, 7, 7);
        assert_eq!(origins.cutoffs, (0..8).rev().map(|i| 993 - 7 * i).collect::<Vec<_>>());
        assert!((origins.horizons_covered(8) - 8.0).abs() < 1e-12 && (origins.horizons_covered(1) - 1.0).abs() < 1e-12);
        assert_eq!((origins.completed_at(2), origins.completed_at(0)), (2, 0));
    }
}
