//! `--budget`: the time that a whole command may take, and how it is shared out.

use std::time::{Duration, Instant};

pub(crate) const HELP: &str = "Time for the whole command, as in 10s, 2m or 1h: auto then tries fewer methods and networks \
                               train shorter, so that two runs may differ";

/// What starting, writing files and drawing pictures takes, or a third of a budget that is small.
const AROUND: Duration = Duration::from_millis(900);

/// A time to be done by, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    until: Option<Instant>,
}

impl Budget {
    /// Starts with what was asked for.
    pub(crate) fn of(budget: Option<Duration>) -> Self {
        let usable = budget.map(|budget| budget.saturating_sub(AROUND.min(budget / 3)));
        Self { until: usable.and_then(|usable| Instant::now().checked_add(usable)) }
    }

    /// What is left of it, less what is already bound to be spent; `None` for all the time in the world.
    pub(crate) fn left(&self, bound: Duration) -> Option<Duration> {
        Some(self.until?.saturating_duration_since(Instant::now()).saturating_sub(bound))
    }
}

/// `10s`, `2m`, `1h`, with the longer words too.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let unreadable = || "a number of s, m (minutes) or h is needed".to_owned();
    let number = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(unreadable)?;
    let (number, unit) = text.split_at(number);
    let seconds = match unit.trim().to_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        _ => return Err(unreadable()),
    };
    let time: f64 = number.parse().map_err(|_| unreadable())?;
    let budget = Duration::try_from_secs_f64(time * seconds).map_err(|_| unreadable())?;
    if budget.is_zero() { Err("a budget is more than no time".into()) } else { Ok(budget) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_number_and_a_unit() {
        let seconds = |text: &str| parse(text).map(|budget| budget.as_secs_f64());
        assert_eq!(seconds("10s"), Ok(10.0));
        assert_eq!(seconds("1.5s"), Ok(1.5));
        assert_eq!(seconds("2m"), Ok(120.0));
        assert_eq!(seconds("2 min"), Ok(120.0));
        assert_eq!(seconds("1h"), Ok(3600.0));
        for text in ["10", "0s", "s", "", "-3s", "1e400s", "7 fortnights", "1.2.3s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_budget_is_all_the_time_in_the_world() {
        assert_eq!(Budget::of(None).left(Duration::ZERO), None);
        let left = Budget::of(Some(Duration::from_secs(60))).left(Duration::from_secs(10));
        assert!(left.is_some_and(|left| left > Duration::from_secs(48) && left < Duration::from_secs(50)), "{left:?}");
        assert_eq!(Budget::of(Some(Duration::from_secs(1))).left(Duration::from_secs(10)), Some(Duration::ZERO));
    }
}
