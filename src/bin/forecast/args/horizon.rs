//! `--horizon`: a number of steps, or a span of time that is a whole number of steps.

use std::str::FromStr;

use clap::Args;
use forecast::time::Frequency;

use crate::exit_status::CliError;

#[derive(Debug, Args)]
pub(crate) struct HorizonArg {
    /// Steps to forecast, or a span of time such as 2w, 12h or 3m (months)
    #[arg(short = 'n', long = "horizon", value_name = "STEPS", help_heading = "Forecast")]
    #[arg(visible_aliases = ["steps", "periods", "h"])]
    pub(crate) typed: Horizon,
}

/// The longest horizon in steps, so that a typing mistake does not fill the memory.
const MAX_STEPS: usize = 100_000;

/// A horizon as typed: a number of units of time, which have a name and a length, or else of steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Horizon {
    count: usize,
    unit: Option<(&'static str, Length)>,
}

/// The length of a unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Seconds(i64),
    Months(i64),
}

const DAY: i64 = 86_400;
const WEEK: Length = Length::Seconds(7 * DAY);

/// The names of each unit, the first of which is printed, and its length.
const UNITS: [(&[&str], Length); 8] = [
    (&["s", "sec", "second", "seconds"], Length::Seconds(1)),
    (&["min", "minute", "minutes"], Length::Seconds(60)),
    (&["h", "hour", "hours"], Length::Seconds(3_600)),
    (&["d", "day", "days"], Length::Seconds(DAY)),
    (&["w", "week", "weeks"], WEEK),
    (&["m", "mo", "month", "months"], Length::Months(1)),
    (&["q", "quarter", "quarters"], Length::Months(3)),
    (&["y", "year", "years"], Length::Months(12)),
];

impl Horizon {
    /// The number of steps of a series of this frequency.
    pub(crate) fn steps(self, frequency: Frequency) -> anyhow::Result<usize> {
        let count = self.count;
        let Some((unit, length)) = self.unit else { return Ok(count) };
        let steps = match (frequency, length) {
            (Frequency::Seconds { every, .. }, Length::Seconds(seconds)) => whole_steps(count, seconds, every),
            (Frequency::Days { every, .. }, Length::Seconds(seconds)) => whole_steps(count, seconds, every * DAY),
            (Frequency::BusinessDays { open }, WEEK) => Some(count * open.count()),
            (Frequency::Months { every, .. }, Length::Months(months)) => whole_steps(count, months, every),
            _ => None,
        };
        steps.filter(|steps| (1..=MAX_STEPS).contains(steps)).ok_or_else(|| {
            let step = frequency.step_name(1);
            CliError::usage(
                format!("a horizon of {count}{unit} is not a whole number of steps: the step of the data is 1 {step}"),
                format!("give the number of steps, as in `--horizon 12` for 12 {}", frequency.step_name(12)),
            )
        })
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
        let unit = unit.trim().to_lowercase();
        if unit.is_empty() {
            return Ok(Self { count, unit: None });
        }
        let known = UNITS.into_iter().find(|(names, _)| names.contains(&unit.as_str()));
        let unknown = || format!("`{unit}` is not a unit of time: s, min, h, d, w, m (months), q or y");
        known.map(|(names, length)| Self { count, unit: Some((names[0], length)) }).ok_or_else(unknown)
    }
}
