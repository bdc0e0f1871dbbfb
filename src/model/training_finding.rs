//! What the course of a training shows, by stated rules.

use crate::model::observer::Epoch;

/// The share of the epochs at the end that decides whether a loss still falls.
const END_SHARE: f64 = 0.2;
/// The minimum number of epochs of a training that is judged.
const MIN_EPOCHS: usize = 5;
/// The validation loss still falls if at least this share of its whole fall is in the end.
const FALL_AT_END: f64 = 0.02;
/// The validation loss rose if it ends above its lowest value by this share of its whole fall.
const RISE_AT_END: f64 = 0.1;
/// The share of clipped updates in the end that is often.
const OFTEN_CLIPPED: f64 = 0.5;

/// What the course of a training shows. The first that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum TrainingFinding {
    /// There is no validation set: the series are too short, or the model trains without one. The last weights are kept.
    NoValidation,
    /// There were fewer than 5 epochs.
    FewEpochs,
    /// No epoch had a lower validation loss than the first.
    NoImprovement,
    /// At least 2 % of the whole fall of the validation loss is in the last fifth of the epochs.
    StillFalling {
        /// That share, in (0, 1].
        share: f64,
    },
    /// The validation loss rose from its lowest value, by at least a tenth of its whole fall, while the training loss fell.
    Overfitting {
        /// The number of the epoch with the lowest validation loss, whose weights are kept.
        best: usize,
    },
    /// At least half of the updates in the last fifth of the epochs were clipped.
    OftenClipped {
        /// That share, in [0, 1].
        share: f64,
    },
    /// The validation loss reached its lowest value, and hardly changed at the end.
    Converged {
        /// The number of the epoch with the lowest validation loss, whose weights are kept.
        best: usize,
    },
}

impl TrainingFinding {
    /// What a training shows; `None` without epochs. Of several networks, the one with the lowest validation loss counts.
    ///
    /// ```
    /// use forecast::model::{Epoch, TrainingFinding};
    ///
    /// let epoch = |number: usize, loss: f64| Epoch {
    ///     number,
    ///     member: 0,
    ///     of: 20,
    ///     training_loss: 0.9 * loss,
    ///     validation_loss: Some(loss),
    ///     gradient_norm: 0.5,
    ///     clipped: 0.0,
    ///     learning_rate: 0.01,
    /// };
    /// let epochs: Vec<Epoch> = (1..=20).map(|number| epoch(number, 1.0 - 0.04 * number as f64)).collect();
    /// assert!(matches!(TrainingFinding::of(&epochs), Some(TrainingFinding::StillFalling { share }) if share > 0.2));
    /// ```
    pub fn of(epochs: &[Epoch]) -> Option<Self> {
        let loss = |epoch: &&Epoch| epoch.validation_loss.filter(|loss| loss.is_finite());
        let validated = epochs.iter().filter(|epoch| loss(epoch).is_some());
        let lowest = |a: &&Epoch, b: &&Epoch| loss(a).unwrap_or(f64::NAN).total_cmp(&loss(b).unwrap_or(f64::NAN));
        let Some(best) = validated.clone().min_by(lowest) else {
            return (!epochs.is_empty()).then_some(Self::NoValidation);
        };
        let own: Vec<&Epoch> = validated.filter(|epoch| epoch.member == best.member).collect();
        if own.len() < MIN_EPOCHS {
            return Some(Self::FewEpochs);
        }
        let losses: Vec<f64> = own.iter().filter_map(loss).collect();
        let minimum = |losses: &[f64]| losses.iter().copied().fold(f64::INFINITY, f64::min);
        let (lowest, last) = (minimum(&losses), losses[losses.len() - 1]);
        let whole_fall = losses[0] - lowest;
        if whole_fall <= 0.0 {
            return Some(Self::NoImprovement);
        }
        let end = own.len() - ((END_SHARE * own.len() as f64).ceil() as usize).min(own.len() - 1);
        let fall_at_end = (minimum(&losses[..end]) - minimum(&losses[end..])) / whole_fall;
        let training_fell = own[own.len() - 1].training_loss < best.training_loss;
        let clipped = own[end..].iter().map(|epoch| epoch.clipped).sum::<f64>() / (own.len() - end) as f64;
        Some(if fall_at_end >= FALL_AT_END {
            Self::StillFalling { share: fall_at_end }
        } else if last - lowest >= RISE_AT_END * whole_fall && training_fell {
            Self::Overfitting { best: best.number }
        } else if clipped >= OFTEN_CLIPPED {
            Self::OftenClipped { share: clipped }
        } else {
            Self::Converged { best: best.number }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn epoch(number: usize, training_loss: f64, validation_loss: Option<f64>, clipped: f64) -> Epoch {
        Epoch {
            number,
            member: 0,
            of: 20,
            training_loss,
            validation_loss,
            gradient_norm: 1.0,
            clipped,
            learning_rate: 0.01,
        }
    }

    fn course(loss: impl Fn(f64) -> f64, clipped: f64) -> Vec<Epoch> {
        (1..=20).map(|k| epoch(k, 1.0 / k as f64, Some(loss(k as f64)), clipped)).collect()
    }

    #[test]
    fn each_course_has_its_finding() {
        let of = |epochs: &[Epoch]| TrainingFinding::of(epochs);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[epoch(1, 1.0, None, 0.0)]), Some(TrainingFinding::NoValidation));
        assert_eq!(of(&course(|k| 1.0 - 0.01 * k, 0.0)[..4]), Some(TrainingFinding::FewEpochs));
        assert_eq!(of(&course(|k| 1.0 + k, 0.0)), Some(TrainingFinding::NoImprovement));
        assert!(matches!(of(&course(|k| -k, 0.9)), Some(TrainingFinding::StillFalling { .. })));
        assert_eq!(of(&course(|k| (k - 8.0).abs(), 0.0)), Some(TrainingFinding::Overfitting { best: 8 }));
        let fallen = |k: f64| 2.0_f64.powf(-k);
        assert_eq!(of(&course(fallen, 0.75)), Some(TrainingFinding::OftenClipped { share: 0.75 }));
        assert_eq!(of(&course(fallen, 0.2)), Some(TrainingFinding::Converged { best: 20 }));
    }

    proptest! {
        #[test]
        fn any_course_has_a_finding_that_does_not_depend_on_the_unit_of_the_loss(
            losses in prop::collection::vec(prop_oneof![-9.0..9.0_f64, Just(f64::NAN)], 1..40), exponent in -9..9_i32,
        ) {
            let course = |unit: f64| -> Vec<Epoch> {
                losses.iter().enumerate().map(|(k, loss)| epoch(k + 1, loss * unit, Some(loss * unit), 0.0)).collect()
            };
            let finding = TrainingFinding::of(&course(1.0));
            prop_assert!(finding.is_some());
            prop_assert_eq!(finding, TrainingFinding::of(&course(2.0_f64.powi(exponent))));
        }
    }
}
