//! `--horizon` and `--until`: a number of steps, a span of time that is a whole number of steps, or the last time.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use clap::Args;
use forecast::Panel;
use forecast::time::{Frequency, Timestamp};

use crate::exit_status::CliError;

#[derive(Debug, Args)]
pub(crate) struct HorizonArg {
    /// Steps to forecast, or a span of time such as 2w, 12h or 3m (months)
    #[arg(short = 'n', long = "horizon", value_name = "STEPS", help_heading = "Forecast")]
    #[arg(visible_aliases = ["steps", "periods", "h"], required_unless_present = "until")]
    horizon: Option<Horizon>,
    #[command(flatten)]
    until: UntilArg,
}

#[derive(Debug, Args)]
pub(crate) struct UntilArg {
    /// Forecast up to and with this time instead, as in 2025-12-31, 2025-12 or 2025
    #[arg(long, value_name = "TIME", help_heading = "Forecast", conflicts_with = "horizon")]
    until: Option<Until>,
}

impl UntilArg {
    /// Whether the flag was typed.
    pub(crate) fn is_typed(&self) -> bool {
        self.until.is_some()
    }
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
    Millis(i64),
    Months(i64),
}

/// The last time to forecast.
#[derive(Debug, Clone)]
struct Until {
    text: String,
    /// The last millisecond of a year, a month, a day, a minute or a second.
    last: NaiveDateTime,
}

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
const WEEK: Length = Length::Millis(7 * DAY);

/// The names of each unit, the first of which is printed, and its length.
const UNITS: [(&[&str], Length); 9] = [
    (&["ms", "millisecond", "milliseconds"], Length::Millis(1)),
    (&["s", "sec", "second", "seconds"], Length::Millis(SECOND)),
    (&["min", "minute", "minutes"], Length::Millis(60 * SECOND)),
    (&["h", "hour", "hours"], Length::Millis(3_600 * SECOND)),
    (&["d", "day", "days"], Length::Millis(DAY)),
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
            (Frequency::Elapsed { millis: every, .. }, Length::Millis(millis)) => whole_steps(count, millis, every),
            (Frequency::Days { every, .. }, Length::Millis(millis)) => whole_steps(count, millis, every * DAY),
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

impl HorizonArg {
    /// The last time that was typed.
    pub(crate) fn until(&self) -> &UntilArg {
        &self.until
    }

    /// The number of steps after the latest end of a series.
    pub(crate) fn steps(&self, panel: &Panel) -> anyhow::Result<usize> {
        let steps = steps(self.horizon, &self.until, panel)?;
        Ok(steps.expect("clap asks for one of the two flags"))
    }
}

/// The number of steps that either flag asks for; `None` if none was typed.
pub(crate) fn steps(horizon: Option<Horizon>, until: &UntilArg, panel: &Panel) -> anyhow::Result<Option<usize>> {
    match &until.until {
        Some(until) => until.steps(panel).map(Some),
        None => horizon.map(|horizon| horizon.steps(panel.frequency())).transpose(),
    }
}

impl Until {
    fn steps(&self, panel: &Panel) -> anyhow::Result<usize> {
        let text = &self.text;
        let next = panel.time_after_end(1);
        let next_in_words = panel.format(next);
        let index = if let Frequency::Index { .. } = panel.frequency() { Some(text.parse().ok()) } else { None };
        let last = match index {
            None => Timestamp::Time(self.last),
            Some(Some(index)) => Timestamp::Index(index),
            Some(None) => {
                return Err(CliError::usage(
                    format!("`--until {text}` is a date, but the rows are numbered"),
                    format!("give the last number, as in `--until {next_in_words}`"),
                ));
            }
        };
        match panel.steps_until(last, MAX_STEPS + 1) {
            0 => Err(CliError::usage(
                format!("`--until {text}` is before the first time to forecast, {next_in_words}"),
                format!("give this time or a later one, as in `--until {}`", typed_time(next)),
            )),
            steps if steps > MAX_STEPS => Err(CliError::usage(
                format!("`--until {text}` is more than {MAX_STEPS} steps after the end of the data"),
                format!("give an earlier time, or a number of steps, as in `--horizon {}`", panel.season().max(12)),
            )),
            steps => Ok(steps),
        }
    }
}

/// A time as `--until` reads it.
fn typed_time(time: Timestamp) -> String {
    match time {
        Timestamp::Time(at) if at.time() != NaiveTime::MIN && at.second() == 0 && at.nanosecond() == 0 => {
            at.format("%Y-%m-%dT%H:%M").to_string()
        }
        time => time.to_string(),
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let last = end_of(text).ok_or("not a time such as 2025-12-31, 2025-12, 2025 or 2025-12-31T18:00")?;
        Ok(Self { text: text.to_owned(), last })
    }
}

/// The last millisecond of the year, month, day, minute or second of a text. A number that is no year is the end of the calendar,
/// because it may be an index.
fn end_of(text: &str) -> Option<NaiveDateTime> {
    let end_of_day = |date: NaiveDate| date.and_hms_milli_opt(23, 59, 59, 999);
    let end_of_month = |date: NaiveDate| date.with_day(u32::from(date.num_days_in_month())).and_then(end_of_day);
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    if let Ok(number) = text.parse::<i64>() {
        let year = i32::try_from(number).ok().filter(|year| (1..=9_999).contains(year));
        return Some(
            year.and_then(|year| NaiveDate::from_ymd_opt(year, 12, 31))
                .and_then(end_of_day)
                .unwrap_or(NaiveDateTime::MAX),
        );
    }
    let minute = || {
        let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
        let start = formats.into_iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
        start.with_second(59)?.with_nanosecond(999_000_000)
    };
    let second = || {
        let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
        let start = formats.into_iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
        if text.contains('.') { Some(start) } else { start.with_nanosecond(999_000_000) }
    };
    let month = || date(&format!("{text}-1")).and_then(end_of_month);
    date(text).and_then(end_of_day).or_else(month).or_else(minute).or_else(second)
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
        let unknown = || format!("`{unit}` is not a unit of time: ms, s, min, h, d, w, m (months), q or y");
        known.map(|(names, length)| Self { count, unit: Some((names[0], length)) }).ok_or_else(unknown)
    }
}
