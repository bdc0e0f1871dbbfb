//! `--horizon`: a number of steps, or a span of time that is a whole number of steps.

use std::fmt;
use std::str::FromStr;

use clap::Args;
use forecast::time::Frequency;

use crate::cli_error::CliError;

/// The horizon, as typed.
#[derive(Debug, Args)]
pub(crate) struct HorizonArg {
    /// Steps to forecast, or a span of time such as 2w, 12h or 3m (months)
    #[arg(
        short = 'n',
        long,
        value_name = "STEPS",
        help_heading = "Forecast",
        visible_aliases = ["steps", "periods", "h"],
        allow_negative_numbers = true
    )]
    horizon: Horizon,
}

impl HorizonArg {
    /// The number of steps of a series of this frequency.
    pub(crate) fn steps(&self, frequency: Frequency) -> anyhow::Result<usize> {
        self.horizon.steps(frequency)
    }
}

/// The longest horizon in steps, so that a typing mistake does not fill the memory.
const MAX_STEPS: usize = 100_000;

/// A horizon as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Horizon {
    Steps(usize),
    Span { count: usize, unit: Unit },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Horizon {
    /// The number of steps of a series of this frequency.
    pub(crate) fn steps(self, frequency: Frequency) -> anyhow::Result<usize> {
        let (count, unit) = match self {
            Self::Steps(steps) => return Ok(steps),
            Self::Span { count, unit } => (count, unit),
        };
        let steps = match (frequency, unit.seconds(), unit.months()) {
            (Frequency::Seconds { every, .. }, Some(seconds), _) => whole_steps(count, seconds, every),
            (Frequency::Days { every, .. }, Some(seconds), _) => whole_steps(count, seconds, every * SECONDS_PER_DAY),
            (Frequency::BusinessDays { open }, ..) if unit == Unit::Week => Some(count * open.count()),
            (Frequency::Months { every, .. }, _, Some(months)) => whole_steps(count, months, every),
            _ => None,
        };
        steps.filter(|steps| (1..=MAX_STEPS).contains(steps)).ok_or_else(|| {
            let step = frequency.step_name(1);
            CliError::usage(
                format!("a horizon of {self} is not a whole number of steps: the step of the data is 1 {step}"),
                format!("give the number of steps, as in `--horizon 12` for 12 {}", frequency.step_name(12)),
            )
        })
    }
}

const SECONDS_PER_DAY: i64 = 86_400;

impl Unit {
    fn seconds(self) -> Option<i64> {
        match self {
            Self::Second => Some(1),
            Self::Minute => Some(60),
            Self::Hour => Some(3_600),
            Self::Day => Some(SECONDS_PER_DAY),
            Self::Week => Some(7 * SECONDS_PER_DAY),
            Self::Month | Self::Quarter | Self::Year => None,
        }
    }

    fn months(self) -> Option<i64> {
        match self {
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
            _ => None,
        }
    }

    fn letter(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "m",
            Self::Quarter => "q",
            Self::Year => "y",
        }
    }
}

/// `count` units of `size` in steps of `every`; `None` if that is not a whole number.
fn whole_steps(count: usize, size: i64, every: i64) -> Option<usize> {
    let total = i64::try_from(count).ok()?.checked_mul(size)?;
    (total % every == 0).then(|| (total / every) as usize)
}

impl FromStr for Horizon {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let count: usize = number.parse().map_err(|_| "not a number of steps or a span of time")?;
        if !(1..=MAX_STEPS).contains(&count) {
            return Err(format!("a horizon is at least 1 step and at most {MAX_STEPS}"));
        }
        let unit = match unit.trim().to_lowercase().as_str() {
            "" => return Ok(Self::Steps(count)),
            "s" | "sec" | "second" | "seconds" => Unit::Second,
            "min" | "minute" | "minutes" => Unit::Minute,
            "h" | "hour" | "hours" => Unit::Hour,
            "d" | "day" | "days" => Unit::Day,
            "w" | "week" | "weeks" => Unit::Week,
            "m" | "mo" | "month" | "months" => Unit::Month,
            "q" | "quarter" | "quarters" => Unit::Quarter,
            "y" | "year" | "years" => Unit::Year,
            other => {
                return Err(format!("`{other}` is not a unit of time: s, min, h, d, w, m (months), q or y"));
            }
        };
        Ok(Self::Span { count, unit })
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps}"),
            Self::Span { count, unit } => write!(f, "{count}{}", unit.letter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str, frequency: Frequency) -> Option<usize> {
        text.parse::<Horizon>().expect("a horizon").steps(frequency).ok()
    }

    #[test]
    fn a_span_of_whole_steps_is_a_horizon() {
        let (daily, weekly, hourly) = (Frequency::DAILY, Frequency::WEEKLY, Frequency::HOURLY);
        let monthly = Frequency::MONTH_END;
        let quarterly = Frequency::QUARTERLY;
        assert_eq!(steps("2w", daily), Some(14));
        assert_eq!(steps("48h", daily), Some(2));
        assert_eq!(steps("36h", daily), None);
        assert_eq!(steps("10 days", weekly), None);
        assert_eq!(steps("2d", hourly), Some(48));
        assert_eq!(steps("1y", monthly), Some(12));
        assert_eq!(steps("2q", monthly), Some(6));
        assert_eq!(steps("6m", quarterly), Some(2));
        assert_eq!(steps("1m", quarterly), None);
        assert_eq!(steps("1m", daily), None);
        let open = |days: &str| Frequency::business_days(days.parse().expect("days of the week"));
        assert_eq!(steps("2w", open("mon-fri")), Some(10));
        assert_eq!(steps("2w", open("tue-sun")), Some(12));
        assert_eq!(steps("2w", Frequency::INDEX), None);
        assert_eq!(steps("12", Frequency::INDEX), Some(12));
    }

    #[test]
    fn other_texts_are_rejected() {
        for text in ["0", "0w", "-3", "2.5", "w", "", "7 fortnights", "99999999999999999999", "100001"] {
            assert!(text.parse::<Horizon>().is_err(), "{text}");
        }
    }
}
