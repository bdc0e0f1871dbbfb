//! The honest last line: how the model did on the held-out last horizon, beside seasonal naive.

use std::fmt;

use forecast::backtest::{Comparison, Holdout};
use forecast::data::{Frequency, Panel};
use forecast::error::Kind;
use forecast::metric::Undefined;
use forecast::model::baseline::Baseline;
use forecast::model::{Model, Silent, Task};

use crate::horizon::in_words;
use crate::learn::{self, Fitted};
use crate::output::Screen;

/// What can be said of a model's worth.
#[derive(Debug)]
pub(crate) struct Verdict {
    model: &'static str,
    stretch: String,
    outcome: Result<Comparison, Missing>,
}

/// Why nothing can be said.
#[derive(Debug)]
enum Missing {
    TooShort { several: bool },
    Undefined(Undefined),
}

const BAR: Baseline = Baseline::SeasonalNaive;

/// Fits the model on all but the last horizon and scores what it says of that. Also returns what was fitted.
pub(crate) fn reach(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    screen: &Screen,
) -> anyhow::Result<(Verdict, Option<Fitted>)> {
    let stretch = stretch(task.horizon, panel.frequency());
    let verdict = |outcome| Verdict { model: model.name(), stretch: stretch.clone(), outcome };
    let too_short = Missing::TooShort { several: panel.count() > 1 };
    let Some(holdout) = Holdout::last(panel, task.horizon) else {
        return Ok((verdict(Err(too_short)), None));
    };
    let train = holdout.train();
    let fitted = match learn::fit(model, train, task, screen, &format!("checking {}", model.name())) {
        Ok(fitted) => fitted,
        Err(error) if error.kind() == Kind::Data => return Ok((verdict(Err(too_short)), None)),
        Err(error) => return Err(error.into()),
    };
    let scores = holdout.scores(&fitted.forecaster.predict(train)?);
    let bar = holdout.scores(&BAR.fit(train, task, &mut Silent)?.predict(train)?);
    let outcome = Comparison::new(&scores, &bar).map_err(Missing::Undefined);
    Ok((verdict(outcome), Some(fitted)))
}

/// `last 7 days`, `last day`.
fn stretch(horizon: usize, frequency: Frequency) -> String {
    let words = in_words(horizon, frequency);
    format!("last {}", if horizon == 1 { words.trim_start_matches("1 ") } else { &words })
}

impl Verdict {
    /// The numbers behind it, if there are any.
    pub(crate) fn comparison(&self) -> Option<&Comparison> {
        self.outcome.as_ref().ok()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, stretch, outcome } = self;
        match outcome {
            Ok(comparison) if *model == BAR.name() => {
                let Comparison { model: mase, series, .. } = comparison;
                let over = if *series > 1 { format!(", the mean over {series} series") } else { String::new() };
                write!(f, "seasonal naive has a MASE of {mase:.2} on the held-out {stretch}{over}")
            }
            Ok(comparison) => {
                let outcome = outcome_in_words(comparison.skill());
                write!(f, "{model} {outcome} on the held-out {stretch} ({})", numbers(comparison))
            }
            Err(Missing::TooShort { several }) => {
                let who = if *several { "every series is" } else { "the series is" };
                write!(f, "not compared with seasonal naive: {who} too short to hold out the {stretch}")
            }
            Err(Missing::Undefined(reason)) => {
                write!(f, "not compared with seasonal naive on the held-out {stretch}: {reason}")
            }
        }
    }
}

fn outcome_in_words(skill: Option<f64>) -> String {
    let percent = skill.map_or(f64::NEG_INFINITY, |skill| (100.0 * skill).round());
    if percent >= 1.0 {
        format!("beats seasonal naive by {percent}%")
    } else if percent == 0.0 {
        "is level with seasonal naive".into()
    } else {
        "does not beat seasonal naive".into()
    }
}

fn numbers(Comparison { model, baseline, series, won }: &Comparison) -> String {
    if *series == 1 {
        format!("MASE {model:.2} against {baseline:.2}")
    } else {
        format!("mean MASE {model:.2} against {baseline:.2}, better in {won} of {series} series")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(model: f64, baseline: f64, series: usize, won: usize) -> String {
        let outcome = Ok(Comparison { model, baseline, series, won });
        Verdict { model: "lstm", stretch: "last 7 days".into(), outcome }.to_string()
    }

    #[test]
    fn it_says_plainly_who_won() {
        assert_eq!(
            said(0.61, 0.79, 1, 1),
            "lstm beats seasonal naive by 23% on the held-out last 7 days (MASE 0.61 against 0.79)"
        );
        assert_eq!(
            said(0.9, 0.79, 1, 0),
            "lstm does not beat seasonal naive on the held-out last 7 days (MASE 0.90 against 0.79)"
        );
        assert_eq!(
            said(0.79, 0.791, 1, 1),
            "lstm is level with seasonal naive on the held-out last 7 days (MASE 0.79 against 0.79)"
        );
        assert_eq!(
            said(0.5, 1.0, 304, 201),
            "lstm beats seasonal naive by 50% on the held-out last 7 days (mean MASE 0.50 against 1.00, better in 201 of 304 series)"
        );
        assert!(said(0.1, 0.0, 1, 0).starts_with("lstm does not beat seasonal naive"));
    }

    #[test]
    fn a_single_step_is_not_counted() {
        assert_eq!(stretch(1, Frequency::Days { every: 1 }), "last day");
        assert_eq!(stretch(8, Frequency::Months { every: 3, day: 1 }), "last 8 quarters");
    }
}
