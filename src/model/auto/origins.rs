//! Rolling origins inside a history, at which the candidates are compared.

/// The maximum number of origins. Errors at older origins say less about the future.
pub(crate) const MAX_ORIGINS: usize = 8;
/// The shortest history with an origin.
const MIN_VALUES: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
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
        let room = length.checked_sub(steps + min_known).filter(|_| length >= MIN_VALUES);
        let Some(room) = room else {
            return Self { cutoffs: Vec::new(), steps };
        };
        let stride = (room / (MAX_ORIGINS - 1)).clamp(1, steps);
        let count = (room / stride + 1).min(MAX_ORIGINS);
        let last = length - steps;
        Self { cutoffs: (0..count).rev().map(|i| last - i * stride).collect(), steps }
    }

    /// The origins before `origin` whose steps were all known at `origin`.
    pub(crate) fn completed_at(&self, origin: usize) -> Vec<usize> {
        let is_completed = |other: &usize| self.cutoffs[*other] + self.steps <= self.cutoffs[origin];
        (0..origin).filter(is_completed).collect()
    }

    /// The number of horizons that the given origins cover. Overlapping origins carry little more information than a
    /// single one.
    pub(crate) fn horizons_covered(&self, origins: &[usize]) -> f64 {
        let ends = origins.first().zip(origins.last());
        ends.map_or(0.0, |(from, to)| (self.cutoffs[*to] - self.cutoffs[*from]) as f64 / self.steps as f64 + 1.0)
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
            prop_assert!(steps >= 1 && steps <= horizon && cutoffs.len() <= MAX_ORIGINS);
            prop_assert!(cutoffs.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= steps));
            prop_assert_eq!(cutoffs.is_empty(), length < MIN_VALUES);
            if let (Some(first), Some(last)) = (cutoffs.first(), cutoffs.last()) {
                prop_assert_eq!(last + steps, length);
                prop_assert!(*first >= length / 3);
            }
        }
    }

    #[test]
    fn a_long_history_has_eight_origins_one_horizon_apart() {
        let origins = Origins::within(1000, 7, 7);
        assert_eq!(origins.cutoffs, (0..8).rev().map(|i| 993 - 7 * i).collect::<Vec<_>>());
        let covered = |which: &[usize]| origins.horizons_covered(which);
        assert!((covered(&[0, 7]) - 8.0).abs() < 1e-12 && (covered(&[3]) - 1.0).abs() < 1e-12);
        assert_eq!(origins.completed_at(2), [0, 1]);
        // in a short history the origins overlap
        assert_eq!(Origins::within(30, 7, 7).cutoffs.last(), Some(&23));
    }
}
