//! `--budget`: the time that a whole command may take.

use std::time::Duration;

use forecast::budget::Budget;

pub(crate) const HELP: &str = "Time for the whole command, as in 10s, 2m or 1h: auto then evaluates fewer candidates, and \
                               networks are trained for a shorter time, so that two runs may differ";

/// The time for the start, the files and the pictures. It is at most a third of the budget.
const OVERHEAD: Duration = Duration::from_millis(900);

/// The budget of fits and forecasts, in a command that may take `limit`.
pub(crate) fn start(limit: Option<Duration>) -> Budget {
    Budget::new(limit.map(|limit| limit.saturating_sub(OVERHEAD.min(limit / 3))))
}

/// A span of time, such as `10s`, `2 min` or `1h 30m`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let limit = humantime::parse_duration(&text.to_lowercase())
        .map_err(|_| "a number with the unit s, m (minutes) or h is needed".to_owned())?;
    if limit.is_zero() { Err("a budget must be longer than 0 s".into()) } else { Ok(limit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_numbers_with_units() {
        let seconds = |text: &str| parse(text).map(|budget| budget.as_secs_f64());
        assert_eq!(seconds("10s"), Ok(10.0));
        assert_eq!(seconds("1.5s"), Ok(1.5));
        assert_eq!(seconds("0.01s"), Ok(0.01));
        assert_eq!(seconds("2m"), Ok(120.0));
        assert_eq!(seconds("2 min"), Ok(120.0));
        assert_eq!(seconds("2 Minutes"), Ok(120.0));
        assert_eq!(seconds("1h"), Ok(3600.0));
        assert_eq!(seconds("1h 30m"), Ok(5400.0));
        for text in ["10", "0s", "s", "", "-3s", "1e400s", "7 fortnights", "1.2.3s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_of_the_budget_is_for_files_and_pictures() {
        assert!(!start(None).is_limited());
        assert!(start(Some(Duration::from_secs(60))).left() <= Some(Duration::from_millis(59_100)));
        assert!(start(Some(Duration::from_millis(900))).left() <= Some(Duration::from_millis(600)));
    }
}
