//! `--level` and `--quantiles`: the intervals and the quantiles of a forecast.

use clap::Args;
use forecast::forecast::{LEVELS, quantile_levels};

use crate::exit_status::CliError;

#[derive(Debug, Args)]
#[command(next_help_heading = "Forecast")]
pub(crate) struct LevelArgs {
    /// Central intervals in percent, separated by commas [default: 80,95]
    #[arg(long, value_name = "PERCENTS", value_delimiter = ',', visible_alias = "levels", allow_hyphen_values = true)]
    #[arg(long_help = LEVEL_HELP)]
    level: Vec<String>,
    /// Quantiles between 0 and 1, separated by commas, as in 0.05,0.5,0.95
    #[arg(long, value_name = "SHARES", value_delimiter = ',', visible_alias = "quantile", allow_hyphen_values = true)]
    #[arg(long_help = QUANTILES_HELP)]
    quantiles: Vec<String>,
}

const LEVEL_HELP: &str = "\
Central intervals in percent, separated by commas [default: 80,95]. The columns of 90 are lo_90 and hi_90; StatsForecast \
names them MODEL-lo-90 and MODEL-hi-90. The median is always there, as `forecast`. The forecast does not depend on the \
levels";

const QUANTILES_HELP: &str = "\
Quantiles between 0 and 1, separated by commas, as in 0.05,0.5,0.95. Two that are as far from the median are an interval: \
0.05 and 0.95 are lo_90 and hi_90. A single one has its own column, as q_0.99. With --level, the file has both";

/// The most intervals and quantiles of one forecast.
const MAX_COUNT: usize = 100;
/// The smallest distance of a quantile from 0 and from 1.
const MIN_TAIL: f64 = 1e-5;

impl LevelArgs {
    /// Whether one of both flags was typed.
    pub(crate) fn is_typed(&self) -> bool {
        !self.level.is_empty() || !self.quantiles.is_empty()
    }

    /// The quantile levels; `None` if neither flag was typed.
    pub(crate) fn typed(&self) -> anyhow::Result<Option<Vec<f64>>> {
        if !self.is_typed() {
            return Ok(None);
        }
        let count = self.level.len() + self.quantiles.len();
        if count > MAX_COUNT {
            return Err(CliError::usage(
                format!("{count} intervals and quantiles are too many for one forecast"),
                format!("give at most {MAX_COUNT}, as in `--level 50,80,95`"),
            ));
        }
        let intervals: Vec<f64> = self.level.iter().map(|text| percent(text)).collect::<anyhow::Result<_>>()?;
        let quantiles: Vec<f64> = self.quantiles.iter().map(|text| share(text)).collect::<anyhow::Result<_>>()?;
        Ok(Some(quantile_levels(&intervals, &quantiles)?))
    }

    /// The quantile levels as typed, or else those of the 80 % and the 95 % interval.
    pub(crate) fn resolve(&self) -> anyhow::Result<Vec<f64>> {
        Ok(self.typed()?.unwrap_or_else(|| LEVELS.to_vec()))
    }
}

/// An interval in percent, as in `90`, `90%` or `99.9`.
fn percent(text: &str) -> anyhow::Result<f64> {
    let invalid = |reason: &str, hint: String| Err(CliError::usage(format!("`--level {text}`: {reason}"), hint));
    let example = || "give percentages, as in `--level 80,95`".to_owned();
    let number = text.trim().trim_end_matches('%').trim_end().parse().ok().filter(|percent: &f64| percent.is_finite());
    let Some(percent) = number else { return invalid("not a number", example()) };
    if percent > 0.0 && percent < 1.0 {
        let meant = 100.0 * percent;
        let is_possible = meant >= 1.0;
        let hint = if is_possible { format!("did you mean `--level {}`?", number_text(meant)) } else { example() };
        return invalid("an interval is a percentage of at least 1", hint);
    }
    if percent == 0.0 {
        let hint = "leave it out: the median is always there, as the column `forecast`".to_owned();
        return invalid("an interval of 0 % is the median", hint);
    }
    if percent >= 100.0 {
        let hint = "give a percentage below 100, as in `--level 99.9`".to_owned();
        return invalid("no forecast has an interval that surely covers the value", hint);
    }
    if !(1.0..=100.0 - 200.0 * MIN_TAIL).contains(&percent) {
        return invalid("not between 1 and 99.99", example());
    }
    Ok(percent)
}

/// A quantile, as in `0.05`.
fn share(text: &str) -> anyhow::Result<f64> {
    let invalid = |reason: &str, hint: String| Err(CliError::usage(format!("`--quantiles {text}`: {reason}"), hint));
    let example = || "give numbers between 0 and 1, as in `--quantiles 0.05,0.5,0.95`".to_owned();
    let number = text.trim().parse().ok().filter(|share: &f64| share.is_finite());
    let Some(share) = number else { return invalid("not a number", example()) };
    if (1.0..100.0).contains(&share) && share > 1.0 {
        let meant = number_text(share / 100.0);
        return invalid("a quantile is between 0 and 1", format!("did you mean `--quantiles {meant}`?"));
    }
    if !(MIN_TAIL..=1.0 - MIN_TAIL).contains(&share) {
        return invalid("not between 0.00001 and 0.99999", example());
    }
    Ok(share)
}

/// A number without the error of a product, such as `100 * 0.55`.
fn number_text(number: f64) -> String {
    ((number * 1e9).round() / 1e9).to_string()
}
