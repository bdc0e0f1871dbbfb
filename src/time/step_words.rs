//! A number of steps in words.

use crate::time::frequency::Frequency;

impl Frequency {
    /// A number of steps in words.
    ///
    /// ```
    /// use forecast::time::Frequency;
    ///
    /// assert_eq!(Frequency::DAILY.steps_in_words(7), "7 days");
    /// assert_eq!(Frequency::QUARTERLY.steps_in_words(1), "1 quarter");
    /// assert_eq!(Frequency::QUARTER_HOURLY.steps_in_words(96), "96 steps of 15 minutes");
    /// ```
    pub fn steps_in_words(self, steps: usize) -> String {
        format!("{steps} {}", self.step_name(steps))
    }

    /// The end of a history in words.
    ///
    /// ```
    /// use forecast::time::Frequency;
    ///
    /// assert_eq!(Frequency::DAILY.last_steps_in_words(1), "last day");
    /// assert_eq!(Frequency::QUARTERLY.last_steps_in_words(8), "last 8 quarters");
    /// ```
    pub fn last_steps_in_words(self, steps: usize) -> String {
        if steps == 1 { format!("last {}", self.step_name(1)) } else { format!("last {}", self.steps_in_words(steps)) }
    }

    /// The name of a step, in the singular for one and in the plural otherwise.
    pub fn step_name(self, count: usize) -> String {
        let (name, of) = match self {
            Self::SECONDLY => ("second", None),
            Self::MINUTELY => ("minute", None),
            Self::HOURLY => ("hour", None),
            Self::Seconds { every, .. } if every % 3_600 == 0 => ("step", Some((every / 3_600, "hours"))),
            Self::Seconds { every, .. } if every % 60 == 0 => ("step", Some((every / 60, "minutes"))),
            Self::Seconds { every, .. } => ("step", Some((every, "seconds"))),
            Self::DAILY => ("day", None),
            Self::WEEKLY => ("week", None),
            Self::Days { every, .. } => ("step", Some((every, "days"))),
            Self::BusinessDays { open } => (open.day_name(), None),
            Self::Months { every: 1, .. } => ("month", None),
            Self::Months { every: 3, .. } => ("quarter", None),
            Self::Months { every: 12, .. } => ("year", None),
            Self::Months { every, .. } => ("step", Some((every, "months"))),
            Self::Index { .. } => ("step", None),
        };
        let plural = if count == 1 { "" } else { "s" };
        match of {
            Some((every, unit)) => format!("{name}{plural} of {every} {unit}"),
            None => format!("{name}{plural}"),
        }
    }
}
