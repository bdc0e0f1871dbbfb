//! The verdict in one sentence.

use forecast::backtest::{Claim, Comparison, Coverage, Evidence, NoVerdict, SkillTest, Verdict, is_verdict_baseline};
use forecast::{Auto, Panel, Task};

use crate::report::text_table::counted;

/// Smaller probabilities are not shown as numbers.
const MIN_SHOWN_P_VALUE: f64 = 0.001;

/// `lstm beats seasonal naive by 23% (expected gain 18%, p = 0.003, 95% interval 9% to 37%; MASE 0.61 against 0.79, …)`
pub(crate) fn verdict_line(verdict: &Verdict, panel: &Panel, task: &Task) -> String {
    let reason = match &verdict.outcome {
        Ok(evidence) => return compared(verdict, evidence, panel.count()),
        Err(NoVerdict::TooShort) => too_short(panel, task.horizon),
        Err(NoVerdict::SeenInTraining { series, of }) => seen_in_training(*series, *of, panel, task.horizon),
        Err(NoVerdict::Undefined(undefined)) => undefined.to_string(),
        Err(NoVerdict::Interrupted) => "the run was interrupted".into(),
        Err(NoVerdict::OutOfTime) => "the budget left no time for it".into(),
    };
    format!("not compared with seasonal naive: {reason}")
}

/// A verdict with evidence from some of `of` series.
fn compared(verdict: &Verdict, evidence: &Evidence, of: usize) -> String {
    let Verdict { model, candidates, .. } = verdict;
    if is_verdict_baseline(model) {
        let Comparison { model, series, .. } = evidence.comparison;
        let over = match series {
            _ if series < of => format!(" over {series} of {of} series"),
            1 => String::new(),
            _ => format!(" over {series} series"),
        };
        return format!("seasonal naive is the baseline itself (MASE {model:.2}{over}, {})", extent(evidence));
    }
    let numbers = numbers(evidence, of);
    let gain = verdict.gain_percent().unwrap_or_default();
    let size = error_in_words(gain);
    // an ensemble, or the best of several models, stands for all of them
    let of_several = *candidates > 1 || *model == Auto::NAME;
    let best = if *candidates > 1 { format!(", the best of {candidates},") } else { String::new() };
    match verdict.claim() {
        Some(Claim::Better) => format!("{model}{best} beats seasonal naive by {gain}% ({numbers})"),
        Some(Claim::NotSure) => {
            let folds = counted(evidence.folds, "fold");
            if verdict.is_too_short() {
                format!(
                    "the record is too short to tell whether {model}{best} beats seasonal naive: its error was {size} in \
                     {folds} ({numbers})"
                )
            } else {
                format!(
                    "{model}{best} and seasonal naive are too close to tell which is more accurate: the error of {model} \
                     was {size} in {folds} ({numbers})"
                )
            }
        }
        Some(Claim::Equal) => format!("{model} is as accurate as seasonal naive ({numbers})"),
        _ if of_several => format!("no model beats seasonal naive, the error of {model} was {size} ({numbers})"),
        _ => format!("{model} does not beat seasonal naive, its error was {size} ({numbers})"),
    }
}

/// `13% smaller`, `4% larger`, `33 times as large` or `about the same`
fn error_in_words(gain: f64) -> String {
    match gain {
        f64::NEG_INFINITY => "larger".into(),
        gain if gain.abs() < 1.0 => "about the same".into(),
        gain if gain > 0.0 => format!("{gain}% smaller"),
        gain if gain > -100.0 => format!("{}% larger", -gain),
        gain => format!("{:.1} times as large", 1.0 - gain / 100.0),
    }
}

/// `the series is too short to hold out the last 7 days`, or `the last day`
pub(crate) fn too_short(panel: &Panel, horizon: usize) -> String {
    let subject = if panel.count() > 1 { "every series is" } else { "the series is" };
    format!("{subject} {}", too_short_to_hold_out(panel, horizon))
}

fn too_short_to_hold_out(panel: &Panel, horizon: usize) -> String {
    let steps = panel.frequency().steps_in_words(horizon);
    format!("too short to hold out the last {}", steps.strip_prefix("1 ").unwrap_or(&steps))
}

/// A pooled model that may have been trained on the last values of `series` of `of` series. The others are too short.
fn seen_in_training(series: usize, of: usize, panel: &Panel, horizon: usize) -> String {
    let trained = "the pooled model may have been trained on the last values of";
    match of - series {
        0 if of == 1 => format!("{trained} the series"),
        0 => format!("{trained} every series"),
        others => {
            let are = if others == 1 { "other one is" } else { "others are" };
            format!("{trained} {series} of {of} series, and the {are} {}", too_short_to_hold_out(panel, horizon))
        }
    }
}

/// The test, then the errors and their extent, as in
/// `expected gain 18%, p = 0.003, 95% interval 9% to 37%; MASE 0.61 against 0.79, 5 folds; 80% interval covers 78% of 35 points`
fn numbers(evidence: &Evidence, of: usize) -> String {
    let Comparison { model, baseline, series, wins } = evidence.comparison;
    let test = evidence.test.map(test_in_words).unwrap_or_default();
    let errors = if series < of {
        format!(
            "mean MASE {model:.2} against {baseline:.2}, better in {wins} of {series} compared series, of {of} in all"
        )
    } else if series == 1 {
        format!("MASE {model:.2} against {baseline:.2}")
    } else {
        format!("mean MASE {model:.2} against {baseline:.2}, better in {wins} of {series} series")
    };
    let left_out = match evidence.series_left_out {
        0 => String::new(),
        count => format!(", {count} series that ended early left out"),
    };
    format!("{test}{errors}{left_out}, {}", extent(evidence))
}

/// `expected gain 18%, p = 0.003, 95% interval 9% to 37%; `, without an interval that begins at twice the error
fn test_in_words(test: SkillTest) -> String {
    let SkillTest { p_value, interval: [low, high], expected_skill, .. } = test;
    // a negative zero is shown as 0
    let percent = |skill: f64| (100.0 * skill).round() + 0.0;
    let expected = expected_skill.map(|skill| format!("expected gain {}%, ", percent(skill))).unwrap_or_default();
    let p_value = if p_value < MIN_SHOWN_P_VALUE {
        format!("p < {MIN_SHOWN_P_VALUE}")
    } else if p_value < 0.1 {
        format!("p = {p_value:.3}")
    } else {
        format!("p = {p_value:.2}")
    };
    let interval = format!(", 95% interval {}% to {}%", percent(low), percent(high));
    let interval = if low > -1.0 { interval } else { String::new() };
    format!("{expected}{p_value}{interval}; ")
}

/// `5 folds; 80% interval covers 78% of 35 points`
fn extent(evidence: &Evidence) -> String {
    let (folds, points) = (counted(evidence.folds, "fold"), counted(evidence.points, "point"));
    match evidence.coverage {
        Some(Coverage { percent, share }) => {
            format!("{folds}; {percent}% interval covers {:.0}% of {points}", 100.0 * share)
        }
        None => format!("{folds}, {points}"),
    }
}

#[cfg(test)]
mod tests {
    use forecast::metric::Undefined;

    use super::*;

    #[test]
    fn the_verdict_is_one_plain_sentence() {
        let sure = SkillTest {
            p_value: 0.0127,
            interval: [0.08, 0.38],
            expected_skill: Some(0.18),
            agreement: 1.0,
            periods: 5,
        };
        let open =
            SkillTest { p_value: 0.213, interval: [-0.104, 0.36], expected_skill: None, agreement: 0.6, periods: 5 };
        let evidence = |mase, baseline, series, wins, test| {
            let comparison = Comparison { model: mase, baseline, series, wins };
            let (points, coverage) = (35 * series, Some(Coverage { percent: 80.0, share: 0.78 }));
            Evidence { comparison, folds: 5, points, coverage, test, series_left_out: 0 }
        };
        let tested = |model, candidates, mase, baseline, test| {
            let outcome = Ok(evidence(mase, baseline, 1, usize::from(mase < baseline), test));
            Verdict { model, candidates, outcome }
        };
        let many = SkillTest { periods: 60, ..open };
        let verdict = |model, candidates, mase, baseline| tested(model, candidates, mase, baseline, Some(sure));
        let of_panel = |model, mase, series_left_out| {
            let evidence = evidence(mase, 1.0, 304, 201, Some(SkillTest { p_value: 1e-6, ..sure }));
            Verdict { model, candidates: 1, outcome: Ok(Evidence { series_left_out, ..evidence }) }
        };
        let small = |coverage| Verdict {
            model: "lstm",
            candidates: 1,
            outcome: Ok(Evidence { folds: 1, points: 1, coverage, ..evidence(1.0, 2.0, 1, 1, Some(open)) }),
        };
        let verdicts = [
            verdict("lstm", 1, 0.61, 0.79),
            verdict("lstm", 1, 0.9, 0.79),
            verdict("lstm", 1, 0.79, 0.791),
            tested("lstm", 1, 0.61, 0.79, Some(open)),
            tested("lstm", 1, 0.9, 0.79, Some(open)),
            tested("lstm", 1, 0.77, 0.79, Some(many)),
            tested("lstm", 1, 0.79, 0.791, Some(open)),
            of_panel("lstm", 0.5, 0),
            of_panel("lstm", 0.5, 3),
            tested("lstm", 1, 0.1, 0.0, None),
            tested("lstm", 1, 0.0, 0.0, None),
            verdict(Auto::NAME, 1, 0.61, 0.79),
            verdict(Auto::NAME, 1, 0.80, 0.79),
            verdict(Auto::NAME, 1, 0.79, 0.79),
            verdict("lstm", 4, 0.61, 0.79),
            verdict("lstm", 4, 0.80, 0.79),
            tested("lstm", 4, 0.61, 0.79, Some(open)),
            verdict("seasonal-naive", 1, 0.79, 0.79),
            of_panel("seasonal-naive", 1.0, 0),
            small(Some(Coverage { percent: 99.9, share: 1.0 })),
            small(None),
            Verdict::missing("lstm", NoVerdict::Undefined(Undefined::ZeroScale)),
            Verdict::missing(Auto::NAME, NoVerdict::SeenInTraining { series: 1, of: 1 }),
            Verdict::missing(Auto::NAME, NoVerdict::SeenInTraining { series: 3, of: 3 }),
            Verdict::missing(Auto::NAME, NoVerdict::SeenInTraining { series: 2, of: 3 }),
            Verdict::missing("lstm", NoVerdict::Interrupted),
            Verdict::missing("lstm", NoVerdict::OutOfTime),
        ];
        let panel = Panel::from_values(&[1.0], 1);
        let line = |v: &Verdict| format!("{} win: {}", v.beats_baseline(), verdict_line(v, &panel, &Task::new(7)));
        insta::assert_snapshot!(verdicts.each_ref().map(line).join("\n"));
    }
}
