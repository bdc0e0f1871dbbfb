//! The honest last line: how the model did on stretches of the past that it had not seen, beside seasonal naive.

use std::fmt;
use std::time::Duration;

use forecast::backtest::{Comparison, Folds, Scorecard, Steps, baseline_at_cutoffs};
use forecast::error::Kind;
use forecast::metric::Undefined;
use forecast::model::auto::Auto;
use forecast::model::stat::Baseline;
use forecast::model::{Hindcast, Model, Task};
use forecast::panel::Panel;

use crate::budget::Budget;
use crate::horizon::last;
use crate::interrupt;
use crate::learn::{self, Fitted};
use crate::report::forecast_table::grouped;
use crate::report::terminal::Terminal;
use crate::settings::Chosen;

/// The baseline that has to be beaten.
pub(crate) const BAR: Baseline = Baseline::SeasonalNaive;

/// Whether it is that baseline.
pub(crate) fn is_bar(name: &str) -> bool {
    name == BAR.name()
}

/// The name of the model that weighs others: where it does not win, nothing did.
const AUTO: &str = Auto::NAME;

/// What can be said of a model's worth.
#[derive(Debug)]
pub(crate) struct Verdict {
    model: &'static str,
    /// How many models it is the best of.
    of: usize,
    outcome: Result<Outcome, Missing>,
}

/// The numbers behind a verdict.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) comparison: Comparison,
    /// The most origins that a series was forecast from.
    pub(crate) folds: usize,
    /// Forecast values that were compared with what happened.
    pub(crate) points: usize,
    /// The share of them that the 80 % band held.
    pub(crate) coverage: Option<f64>,
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Missing {
    TooShort { several: bool, stretch: String },
    Undefined(Undefined),
    Interrupted,
    NoTime,
}

/// What a fitted model said of the past: its own record, where it keeps one, or what it says of the rest when it is fitted
/// again on less.
pub(crate) fn record(
    chosen: &Chosen,
    fitted: &Fitted,
    panel: &Panel,
    task: &Task,
    spare: (Budget, Duration),
    screen: &Terminal,
) -> anyhow::Result<Result<Vec<Hindcast>, Missing>> {
    let own = fitted.forecaster.hindcasts();
    if own.is_empty() { held_out(chosen, panel, task, spare, screen) } else { Ok(Ok(own.to_vec())) }
}

/// The verdict on such a record, beside what seasonal naive says at the same origins.
pub(crate) fn judged(
    model: &'static str,
    panel: &Panel,
    task: &Task,
    said: Result<Vec<Hindcast>, Missing>,
) -> anyhow::Result<Verdict> {
    let hindcasts = match said {
        Ok(hindcasts) => hindcasts,
        Err(why) => return Ok(Verdict { model, of: 1, outcome: Err(why) }),
    };
    let bar = baseline_at_cutoffs(&BAR, panel, task, &hindcasts)?;
    let (card, bar) = (Scorecard::new(panel, &hindcasts), Scorecard::new(panel, &bar));
    Ok(Verdict::of(model, 1, &card, &bar))
}

/// What the model says of the last horizons when it has not seen them: as many of them as its history allows.
fn held_out(
    chosen: &Chosen,
    panel: &Panel,
    task: &Task,
    (budget, predicting): (Budget, Duration),
    screen: &Terminal,
) -> anyhow::Result<Result<Vec<Hindcast>, Missing>> {
    let model = chosen.model();
    let too_short = Missing::TooShort { several: panel.count() > 1, stretch: last(task.horizon, panel.frequency()) };
    let usual = Folds::default_for(panel, task.horizon, task.horizon, !chosen.is_trained());
    for count in (1..=usual.map_or(0, |folds| folds.count)).rev() {
        if chosen.is_trained() && interrupt::requested() {
            return Ok(Err(Missing::Interrupted));
        }
        let folds = Folds { count, ..usual.expect("there are folds to count") };
        let left = budget.left(predicting * count as u32);
        if chosen.is_trained() && left.is_some_and(|left| left < predicting) {
            if count > 1 {
                continue;
            }
            return Ok(Err(Missing::NoTime));
        }
        let task = Task { budget: left, checkpoints: None, ..task.clone() };
        match learn::backtest(chosen, panel, &task, &folds, false, screen, &format!("checking {}", model.name())) {
            Ok(_) if chosen.is_trained() && interrupt::requested() => return Ok(Err(Missing::Interrupted)),
            Ok(hindcasts) => return Ok(Ok(hindcasts)),
            // fewer folds leave more to learn from
            Err(error) if error.kind() == Kind::Data => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Err(too_short))
}

impl Verdict {
    /// Of a model's record beside that of seasonal naive, at the same origins; it is the best `of` so many.
    pub(crate) fn of(model: &'static str, of: usize, card: &Scorecard, bar: &Scorecard) -> Self {
        let outcome = Comparison::of(card, bar).map_err(Missing::Undefined).map(|comparison| {
            let overall = card.overall(Steps::All);
            let coverage = overall.intervals[0].coverage.ok();
            Outcome { comparison, folds: card.folds(), points: overall.points, coverage }
        });
        Self { model, of, outcome }
    }

    /// The numbers behind it, if there are any.
    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref().ok()
    }

    /// Whether the model was better than seasonal naive, by one percent at least.
    pub(crate) fn is_win(&self) -> bool {
        self.outcome().is_some_and(|outcome| percent(&outcome.comparison) >= 1.0)
    }
}

/// By how many percent the model's error is the smaller one.
fn percent(comparison: &Comparison) -> f64 {
    comparison.skill().map_or(f64::NEG_INFINITY, |skill| (100.0 * skill).round())
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, of, outcome } = self;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(missing) => return write!(f, "not compared with seasonal naive: {missing}"),
        };
        let numbers = numbers(outcome);
        if is_bar(model) {
            return write!(f, "seasonal naive is the bar itself ({})", alone(outcome));
        }
        match percent(&outcome.comparison) {
            percent if percent >= 1.0 && *of > 1 => {
                write!(f, "{model}, the best of {of}, beats seasonal naive by {percent}% ({numbers})")
            }
            percent if percent >= 1.0 => write!(f, "{model} beats seasonal naive by {percent}% ({numbers})"),
            _ if *of > 1 || *model == AUTO => write!(f, "nothing beat seasonal naive ({model}: {numbers})"),
            percent if percent.abs() < 1.0 => write!(f, "{model} is level with seasonal naive ({numbers})"),
            _ => write!(f, "{model} does not beat seasonal naive ({numbers})"),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { several: true, stretch } => {
                write!(f, "every series is too short to hold out the {stretch}")
            }
            Self::TooShort { several: false, stretch } => {
                write!(f, "the series is too short to hold out the {stretch}")
            }
            Self::Undefined(reason) => write!(f, "{reason}"),
            Self::Interrupted => f.write_str("it was interrupted"),
            Self::NoTime => f.write_str("the budget left no time for it"),
        }
    }
}

/// `MASE 0.61 against 0.79, 5 folds; 80% band covered 78% of 35 points`
fn numbers(outcome: &Outcome) -> String {
    let Comparison { model, baseline, series, won } = outcome.comparison;
    let errors = if series == 1 {
        format!("MASE {model:.2} against {baseline:.2}")
    } else {
        format!("mean MASE {model:.2} against {baseline:.2}, better in {won} of {series} series")
    };
    format!("{errors}, {}", evidence(outcome))
}

/// The same of the bar itself.
fn alone(outcome: &Outcome) -> String {
    let Comparison { model, series, .. } = outcome.comparison;
    let over = if series > 1 { format!(" over {series} series") } else { String::new() };
    format!("MASE {model:.2}{over}, {}", evidence(outcome))
}

fn evidence(outcome: &Outcome) -> String {
    let counted = |count: usize, what: &str| {
        format!("{} {what}{}", grouped(&count.to_string()), if count == 1 { "" } else { "s" })
    };
    let folds = counted(outcome.folds, "fold");
    match outcome.coverage {
        Some(share) => {
            format!("{folds}; 80% band covered {:.0}% of {}", 100.0 * share, counted(outcome.points, "point"))
        }
        None => format!("{folds}, {}", counted(outcome.points, "point")),
    }
}

#[cfg(test)]
mod tests {
    use forecast::forecast::{Forecast, LEVELS};
    use forecast::model::rnn::Rnn;
    use forecast::model::{Forecaster, ModelFiles};

    use super::*;
    use crate::settings::Loudness;

    fn verdict(model: f64, baseline: f64, series: usize, won: usize) -> Verdict {
        let comparison = Comparison { model, baseline, series, won };
        let outcome = Outcome { comparison, folds: 5, points: 35 * series, coverage: Some(0.78) };
        Verdict { model: "lstm", of: 1, outcome: Ok(outcome) }
    }

    #[test]
    fn it_says_plainly_who_won() {
        let all = |verdict: Verdict| Verdict { model: AUTO, ..verdict };
        let best = |verdict: Verdict| Verdict { of: 4, ..verdict };
        let missing = |why| Verdict { outcome: Err(why), ..verdict(0.0, 0.0, 1, 0) };
        let short = |several| missing(Missing::TooShort { several, stretch: "last 7 days".into() });
        let said = [
            verdict(0.61, 0.79, 1, 1),
            verdict(0.9, 0.79, 1, 0),
            verdict(0.79, 0.791, 1, 1),
            verdict(0.5, 1.0, 304, 201),
            verdict(0.1, 0.0, 1, 0),
            verdict(0.0, 0.0, 1, 0),
            all(verdict(0.61, 0.79, 1, 1)),
            all(verdict(0.80, 0.79, 1, 0)),
            all(verdict(0.79, 0.79, 1, 0)),
            best(verdict(0.61, 0.79, 1, 1)),
            best(verdict(0.80, 0.79, 1, 0)),
            Verdict { model: "seasonal-naive", ..verdict(0.79, 0.79, 1, 0) },
            Verdict { model: "seasonal-naive", ..verdict(0.79, 0.79, 304, 0) },
            short(false),
            short(true),
            missing(Missing::Undefined(Undefined::ZeroScale)),
            missing(Missing::Interrupted),
            missing(Missing::NoTime),
        ];
        let lines = said.iter().map(|verdict| format!("{} win: {verdict}", verdict.is_win()));
        insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn a_single_fold_and_point_are_counted_as_one() {
        let comparison = Comparison { model: 1.0, baseline: 2.0, series: 1, won: 1 };
        let outcome = Outcome { comparison, folds: 1, points: 1, coverage: Some(1.0) };
        assert_eq!(evidence(&outcome), "1 fold; 80% band covered 100% of 1 point");
        assert_eq!(evidence(&Outcome { coverage: None, ..outcome }), "1 fold, 1 point");
    }

    /// Keeps a record in which it was always right.
    #[derive(Debug)]
    struct Prophet(Vec<Hindcast>);

    impl Forecaster for Prophet {
        fn predict(&self, _: &Panel) -> forecast::Result<Vec<Forecast>> {
            Ok(Vec::new())
        }

        fn hindcasts(&self) -> &[Hindcast] {
            &self.0
        }

        fn to_files(&self) -> ModelFiles {
            ModelFiles::from_bytes("prophet", Vec::new(), Vec::new())
        }
    }

    #[test]
    fn a_model_that_keeps_a_record_is_judged_by_it_and_not_fitted_again() {
        let values: Vec<f64> = (0..40).map(|t| f64::from(t * t % 11)).collect();
        let panel = Panel::from_values(&values, 7);
        let whole = panel.iter().next().expect("one series");
        let hindcasts = [30, 35].map(|cutoff| {
            let history = forecast::panel::TimeSeries { values: &values[..cutoff], ..whole };
            let rows = vec![values[cutoff..cutoff + 5].to_vec(); LEVELS.len()];
            Hindcast { series: 0, cutoff, forecast: Forecast::after(&history, &LEVELS, rows) }
        });
        let forecaster: Box<dyn Forecaster> = Box::new(Prophet(hindcasts.into()));
        let fitted = Fitted { forecaster, epochs: Vec::new(), events: Vec::new(), took: Duration::ZERO };
        // to fit this again would never end
        let chosen = Chosen::Network(Rnn { epochs: Some(usize::MAX), ..Rnn::default() });
        let screen = Terminal::new(Loudness { quiet: true, verbose: false });
        let spare = (Budget::of(None), Duration::ZERO);
        let task = Task::new(5);
        let said = record(&chosen, &fitted, &panel, &task, spare, &screen).expect("a record");
        let verdict = judged("prophet", &panel, &task, said).expect("a verdict");
        let outcome = verdict.outcome().expect("numbers");
        assert!(verdict.is_win() && outcome.comparison.model == 0.0 && outcome.comparison.baseline > 0.0);
        assert_eq!((outcome.folds, outcome.points, outcome.coverage), (2, 10, Some(1.0)));
    }
}
